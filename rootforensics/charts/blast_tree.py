"""The entities of a blast radius as nodes in layers: what is alike stands in one node, so that any number fits."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

from rootforensics.analysis.lineage.blast_radius import lets_in
from rootforensics.phrases import plural_of
from rootforensics.rules.entities import KINDS, PERSISTENCE

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rootforensics.queries import rows as of


#: Entities of one kind and state that one actor reached stand in one node from this number on.
_ALIKE: Final = 4
#: State of what was there before and only used: root acted through it.
USED: Final = "used"
_ROOT: Final = "root user ("
#: Kinds whose names are of several words, the longest first.
_LONG_KINDS: Final = sorted((kind.name for kind in KINDS if " " in kind.name), key=len, reverse=True)


@dataclass(slots=True)
class Node:
    """One node: root of an account, an entity, several entities, or what root acted through.

    Attributes:
        name: unlike any other node's.
        layer: steps from root.
        rows: of the blast radius; none for root; for what root acted through one that stands for it.
        label: what it is.
        is_one: true for a single entity; its rows are its lives, the last of which tells its state.
        state: of all its entities; ``mixed`` if they differ; ``used`` for what root acted through.
        parents: names of the nodes that reached it first, and whether that is certain.
    """

    name: str
    layer: int
    label: str
    rows: list[of.Reached] = field(default_factory=list)
    is_one: bool = False
    state: str = ""
    parents: dict[str, bool] = field(default_factory=dict)

    @property
    def is_root(self) -> bool:
        """Whether it is root of one account or several."""
        return self.layer == 0

    @property
    def is_way_in(self) -> bool:
        """Whether any of its entities is one by which one comes back, and is still there."""
        return any(row["entity_kind"] in PERSISTENCE and row["state"] == "active" and lets_in(row) for row in self.rows)


def name_of(row: of.BlastRadius | of.Reached) -> str:
    """An entity as ``actor`` names it."""
    return f"{row['entity_kind']} {row['entity_name']} ({row['account_id']})"


def tree(rows: Sequence[of.BlastRadius], room: int) -> list[Node]:
    """The nodes, layer by layer, each layer in the order of the one before it.

    Args:
        rows: of the blast radius.
        room: nodes in one layer at the most.
    """
    children: dict[str, list[of.Reached]] = {}
    for row in rows:
        children.setdefault(row["actor"] or "not known", []).append(cast("of.Reached", row))
    _put_between(rows, children, max(room // 2, 1))
    own = {name_of(row) for held in children.values() for row in held}
    tops = [name for name in children if name not in own]
    layer = _roots(tops, children, room)
    found = list(layer)
    seen = {*tops, *(node.name for node in layer)}
    while layer:
        made = _merged(node for parent in layer if parent.name in seen for node in _next(parent, children, seen))
        made = made if len(made) <= room else _closer(made, children)
        layer = made if len(made) <= room else _cut_off(made, room, children)
        seen |= {node.name for node in layer}
        found += layer
    return found


def _put_between(rows: Sequence[of.BlastRadius], children: dict[str, list[of.Reached]], room: int) -> None:
    """Put what root acted through, and neither made nor changed, between root and what was reached by it.

    Those that reached the least stand together if they are too many.
    """
    own = {name_of(row) for row in rows}
    used = [name for name in children if not name.startswith(_ROOT) and name not in own and name != "not known"]
    ranked = sorted(used, key=lambda name: (-len(children[name]), used.index(name)))
    alone = ranked if len(used) <= room else ranked[: room - 1]
    for name in alone:
        _put_one(_used(name, children[name]), children)
    together: defaultdict[tuple[Any, ...], list[str]] = defaultdict(list)
    for name in (name for name in used if name not in set(alone)):
        row = _used(name, children[name])
        together[row["entity_kind"], row["account_id"], tuple(_roots_of(row))].append(name)
    for names in together.values():
        held = [row for name in names for row in children.pop(name)]
        row = _used(names[0], held)
        several_names = f"{row['entity_name']} and others" if len(names) > 1 else row["entity_name"]
        row = {**row, "used_count": len(names), "entity_name": several_names}
        children[name_of(row)] = held
        _put_one(row, children)


def _put_one(row: of.Reached, children: dict[str, list[of.Reached]]) -> None:
    for account in _roots_of(row):
        children.setdefault(f"{_ROOT}{account})", []).append(row)


def _roots_of(row: of.Reached) -> list[str]:
    return list(row["root_accounts"] or (row["account_id"],))


def _used(name: str, reached: Sequence[of.Reached]) -> of.Reached:
    """A row for what root acted through, by its name as ``actor`` has it and what it reached."""
    entity, _, account = name.removesuffix(")").rpartition(" (")
    kind = next((kind for kind in _LONG_KINDS if entity.startswith(f"{kind} ")), entity.partition(" ")[0])
    return {
        "first_time": min((row["first_time"] for row in reached if row["first_time"]), default=None),
        "account_id": account,
        "entity_kind": kind,
        "entity_name": entity[len(kind) + 1 :],
        "certainty": "certain",
        "state": USED,
        "trusts": None,
        "ended_by": None,
        "ended_time": None,
        "use_count": None,
        "root_accounts": sorted({one for row in reached for one in row["root_accounts"] or ()}),
        "used_count": 1,
    }


def _roots(tops: list[str], children: dict[str, list[of.Reached]], room: int) -> list[Node]:
    """One node for each root; if they are too many, those that reached the least are one, which takes over theirs."""
    ranked = sorted(tops, key=lambda name: -len(children[name]))
    kept = set(ranked if len(tops) <= room else ranked[: room - 1])
    nodes = [Node(name, 0, name.replace(_ROOT, "root of ").removesuffix(")")) for name in tops if name in kept]
    if rest := [name for name in tops if name not in kept]:
        label = f"root users of {len(rest):,} more accounts"
        children[label] = [row for name in rest for row in children[name]]
        nodes.append(Node(label, 0, label))
    return nodes


def _next(parent: Node, children: dict[str, list[of.Reached]], seen: set[str]) -> list[Node]:
    """What one node reached: what can go on by itself, the rest alike together."""
    lives: dict[str, list[of.Reached]] = {}
    for row in children.get(parent.name, ()):
        if name_of(row) not in seen:
            lives.setdefault(name_of(row), []).append(row)
    groups: list[list[of.Reached]] = []
    alike: dict[tuple[Any, ...], list[list[of.Reached]]] = {}
    for name, rows in lives.items():
        if name in children:
            groups.append(rows)
        else:
            alike.setdefault((rows[0]["entity_kind"], rows[0]["state"], rows[0]["certainty"]), []).append(rows)
    for entities in alike.values():
        groups += [[row for rows in entities for row in rows]] if len(entities) >= _ALIKE else entities
    groups.sort(key=lambda rows: _order(rows[0]))
    return [_node(rows, parent.layer + 1, {parent.name: rows[0]["certainty"] == "certain"}) for rows in groups]


def _merged(nodes: Iterable[Node]) -> list[Node]:
    """One node of those that are called alike: an entity that several actors made, one after another."""
    made: dict[str, Node] = {}
    for node in nodes:
        if node.name in made:
            held = made[node.name]
            made[node.name] = _node([*held.rows, *node.rows], held.layer, node.parents | held.parents)
        else:
            made[node.name] = node
    return list(made.values())


def _order(row: of.Reached) -> tuple[float, str]:
    moment = row["first_time"]
    return moment.timestamp() if moment else float("inf"), name_of(row)


def _named(row: of.Reached) -> str:
    """The name of an entity; of an ARN in the account of its root, which stands at the left, what follows that."""
    name = str(row["entity_name"])
    service, account, rest = name.rpartition(f":{row['account_id']}:")
    return rest if account and service.startswith("arn:") else name


def _node(rows: list[of.Reached], layer: int, parents: dict[str, bool]) -> Node:
    rows = sorted(rows, key=_order)
    kinds = {row["entity_kind"] for row in rows}
    first = rows[0]
    kind = first["entity_kind"] if len(kinds) == 1 else "entity"
    is_one = len({name_of(row) for row in rows}) == 1
    states = {row["state"] for row in (rows[-1:] if is_one else rows)}
    count = sum(row.get("used_count", 1) for row in (rows[:1] if is_one else rows))
    label = f"{kind} {_named(first)}" if is_one and count == 1 else several(count, kind)
    name = name_of(first) if is_one else f"{label}, {name_of(first)}, layer {layer} of {min(parents)}"
    return Node(name, layer, label, rows, is_one, states.pop() if len(states) == 1 else "mixed", parents)


def several(count: int, kind: str) -> str:
    """How many entities of a kind; the kind alone for one."""
    return f"{count:,} {plural_of(kind)}" if count > 1 else kind


def _closer(nodes: list[Node], children: dict[str, list[of.Reached]]) -> list[Node]:
    """Put all of one kind that one actor reached into one node, whatever their state."""
    together: dict[tuple[Any, ...], list[Node]] = {}
    for node in nodes:
        place = (node.name,) if node.name in children else (*node.parents, node.rows[0]["entity_kind"])
        together.setdefault(place, []).append(node)
    made = []
    for same in together.values():
        rows = [row for node in same for row in node.rows]
        keep = len(rows) < 2
        made.append(same[0] if keep else _node(rows, same[0].layer, same[0].parents))
    return made


def _cut_off(nodes: list[Node], room: int, children: dict[str, list[of.Reached]]) -> list[Node]:
    """Keep what goes on, then persistence that is still there; of the rest, these are one node, all else another."""

    def rank(node: Node) -> tuple[Any, ...]:
        return node.name not in children, not node.is_way_in, node.state != "active", -len(node.rows), node.name

    ranked = sorted(nodes, key=rank)
    one = len({node.is_way_in for node in ranked[room - 1 :]}) == 1
    kept = {node.name for node in ranked[: room - (1 if one else 2)]}
    rest = [node for node in nodes if node.name not in kept]
    ways, others = ([node for node in rest if node.is_way_in is wanted] for wanted in (True, False))
    more = [_rest(some, "persistence" if some is ways else "entity") for some in (ways, others) if some]
    return [node for node in nodes if node.name in kept] + more


def _rest(nodes: list[Node], called: str) -> Node:
    """One node of several; what is of one kind is called so."""
    parents = {name: certain for node in nodes for name, certain in node.parents.items()}
    found = _node([row for node in nodes for row in node.rows], nodes[0].layer, parents)
    kinds = {row["entity_kind"] for row in found.rows}
    count = sum(row.get("used_count", 1) for row in found.rows)
    kind = kinds.pop() if len(kinds) == 1 else called
    many = kind if kind == "persistence" else plural_of(kind)
    found.label = f"{count:,} more {kind if count == 1 else many}"
    return found


def hidden(rows: Sequence[of.BlastRadius], nodes: Iterable[Node]) -> int:
    """How many entities are in no node: those that folded entities reached."""
    return len(rows) - len([row for node in nodes for row in node.rows if row["state"] != USED])
