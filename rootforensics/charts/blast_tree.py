"""The things of a blast radius as nodes in layers: what is alike stands in one node, so that any number fits."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Row = dict[str, Any]

#: Things of one kind and state that one actor reached stand in one node from this number on.
_ALIKE: Final = 4


@dataclass(slots=True)
class Node:
    """One node: root of an account, a thing, or several things.

    Attributes:
        name: unlike any other node's.
        layer: steps from root.
        rows: of the blast radius; none for root.
        label: what it is.
        is_one: true for a single thing; its rows are its lives, the last of which tells its state.
        state: of all its things; ``mixed`` if they differ.
        parents: names of the nodes that reached it first, and whether that is certain.
    """

    name: str
    layer: int
    label: str
    rows: list[Row] = field(default_factory=list)
    is_one: bool = False
    state: str = ""
    parents: dict[str, bool] = field(default_factory=dict)


def name_of(row: Row) -> str:
    """A thing as ``actor`` names it."""
    return f"{row['thing_kind']} {row['thing_name']} ({row['account_id']})"


def tree(rows: Sequence[Row], room: int) -> list[Node]:
    """The nodes, layer by layer, each layer in the order of the one before it.

    Args:
        rows: of the blast radius.
        room: nodes in one layer at the most.
    """
    children: dict[str, list[Row]] = {}
    for row in rows:
        children.setdefault(row["actor"] or "not known", []).append(row)
    own = {name_of(row) for row in rows}
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


def _roots(tops: list[str], children: dict[str, list[Row]], room: int) -> list[Node]:
    """One node for each root; if they are too many, those that reached the least are one, which takes over theirs."""
    ranked = sorted(tops, key=lambda name: -len(children[name]))
    kept = set(ranked if len(tops) <= room else ranked[: room - 1])
    nodes = [
        Node(name, 0, name.removeprefix("root ").replace("root (", "root of ").removesuffix(")"))
        for name in tops
        if name in kept
    ]
    if rest := [name for name in tops if name not in kept]:
        label = f"root of {len(rest):,} more accounts"
        children[label] = [row for name in rest for row in children[name]]
        nodes.append(Node(label, 0, label))
    return nodes


def _next(parent: Node, children: dict[str, list[Row]], seen: set[str]) -> list[Node]:
    """What one node reached: what can go on by itself, the rest alike together."""
    lives: dict[str, list[Row]] = {}
    for row in children.get(parent.name, ()):
        if name_of(row) not in seen:
            lives.setdefault(name_of(row), []).append(row)
    groups: list[list[Row]] = []
    alike: dict[tuple[Any, ...], list[list[Row]]] = {}
    for name, rows in lives.items():
        if name in children:
            groups.append(rows)
        else:
            alike.setdefault((rows[0]["thing_kind"], rows[0]["state"], rows[0]["certainty"]), []).append(rows)
    for things in alike.values():
        groups += [[row for rows in things for row in rows]] if len(things) >= _ALIKE else things
    groups.sort(key=lambda rows: _order(rows[0]))
    return [_node(rows, parent.layer + 1, {parent.name: rows[0]["certainty"] == "certain"}) for rows in groups]


def _merged(nodes: Iterable[Node]) -> list[Node]:
    """One node of those that are called alike: a thing that several actors made, one after another."""
    made: dict[str, Node] = {}
    for node in nodes:
        if node.name in made:
            held = made[node.name]
            made[node.name] = _node([*held.rows, *node.rows], held.layer, node.parents | held.parents)
        else:
            made[node.name] = node
    return list(made.values())


def _order(row: Row) -> tuple[float, str]:
    moment = row["first_time"]
    return moment.timestamp() if moment else float("inf"), name_of(row)


def _node(rows: list[Row], layer: int, parents: dict[str, bool]) -> Node:
    rows = sorted(rows, key=_order)
    kinds = {row["thing_kind"] for row in rows}
    first = rows[0]
    kind = first["thing_kind"] if len(kinds) == 1 else "thing"
    is_one = len({name_of(row) for row in rows}) == 1
    states = {row["state"] for row in (rows[-1:] if is_one else rows)}
    label = f"{kind} {first['thing_name']}" if is_one else several(len(rows), kind)
    name = name_of(first) if is_one else f"{label}, {name_of(first)}, layer {layer} of {min(parents)}"
    return Node(name, layer, label, rows, is_one, states.pop() if len(states) == 1 else "mixed", parents)


def several(count: int, kind: str) -> str:
    """How many things of a kind; the kind alone for one."""
    return f"{count:,} {_plural(kind)}" if count > 1 else kind


def _plural(kind: str) -> str:
    if kind.endswith("y") and kind[-2:-1] not in "aeiou":
        return f"{kind[:-1]}ies"
    return f"{kind}es" if kind.endswith("s") else f"{kind}s"


def _closer(nodes: list[Node], children: dict[str, list[Row]]) -> list[Node]:
    """Put all of one kind that one actor reached into one node, whatever their state."""
    together: dict[tuple[Any, ...], list[Node]] = {}
    for node in nodes:
        place = (node.name,) if node.name in children else (*node.parents, node.rows[0]["thing_kind"])
        together.setdefault(place, []).append(node)
    made = []
    for same in together.values():
        rows = [row for node in same for row in node.rows]
        keep = len(rows) < 2
        made.append(same[0] if keep else _node(rows, same[0].layer, same[0].parents))
    return made


def _cut_off(nodes: list[Node], room: int, children: dict[str, list[Row]]) -> list[Node]:
    """Keep what has the most behind it; the rest is one node."""
    ranked = sorted(
        nodes, key=lambda node: (node.name not in children, node.state != "active", -len(node.rows), node.name)
    )
    kept = {node.name for node in ranked[: room - 1]}
    rest = [node for node in nodes if node.name not in kept]
    parents = {name: certain for node in rest for name, certain in node.parents.items()}
    more = _node([row for node in rest for row in node.rows], nodes[0].layer, parents)
    more.label = f"{len(more.rows):,} more things"
    return [node for node in nodes if node.name in kept] + [more]


def hidden(rows: Sequence[Row], nodes: Iterable[Node]) -> int:
    """How many things are in no node: those that folded things reached."""
    return len(rows) - sum(len(node.rows) for node in nodes)
