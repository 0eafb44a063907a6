"""The blast radius as a graph: what root made and changed, what that did in turn, and what of it is left."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rootforensics.charts.blast_tree import USED, Node, hidden, tree
from rootforensics.charts.catalogue import Chart
from rootforensics.charts.drawing.labels import cut, width_of, write
from rootforensics.charts.drawing.look import COLORS, Mark, Sheet, accounts_in, inches_for, room_below_title
from rootforensics.charts.drawing.view import View, drawn, within
from rootforensics.phrases import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rootforensics.charts.drawing.view import Moment
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

_TITLE = "What root created and changed, and what is left"
_ROOT: Final = Mark("root", "activity", marker="o")
_MARKS: Final = {
    "active": Mark("still active", "active", marker="o"),
    "changed": Mark("changed, possibly reverted", "changed", marker="o"),
    "back on": Mark("back on", "response", marker="o"),
    "ended": Mark("removed or undone", "ended", marker="o", edge="active"),
    "unknown": Mark("unknown, or several", "unknown", marker="o", edge="active"),
    USED: Mark("used, not created", "pale", marker="D", edge="ink"),
}
_ENDED: Final = ("removed", "disabled", "expired", "undone")
#: What stands above the nodes: a line, the key and a gap.
_ABOVE: Final = 50.0
#: Of this, the gap.
_GAP: Final = 20.0
_ROW: Final = 14.0
#: Of a column of labels.
_NARROWEST: Final = 95.0
_APART: Final = 24.0
_GUTTER: Final = 22.0
_SMALL: Final = 7.0


def blast_data(case: Asks, account_id: str = "", *, since: Moment = None, until: Moment = None) -> list[of.BlastRadius]:
    """What root reached, and what that reached in turn.

    Args:
        case: the case to ask.
        account_id: only root of this account; empty for all.
        since: only what is at or after this time, aware or ISO 8601 text (UTC without offset); what has no time stays.
        until: only what is before this time.

    Returns:
        The rows of the blast radius, one for each entity, in order of time.
    """
    from rootforensics.analysis.analysis import analysis_of
    from rootforensics.analysis.lineage.blast_radius import blast_radius

    rows = (blast_radius(case, account_id) if account_id else analysis_of(case).radius).rows
    return within(rows, since, until, "first_time")


@drawn
def blast_chart(rows: Sequence[of.BlastRadius], view: View) -> Figure:
    """Draw root at the left and each entity right of what reached it first; what is alike stands in one node.

    A figure of its own is as high as its nodes need.
    """
    sheet = Sheet(view, _TITLE, _inches(rows))
    if not rows:
        return sheet.nothing("Nothing created or changed by root")
    left = sum(bool(row["still_open"]) for row in rows)
    said = f"{plural(len(rows), 'entity')} reached, {left:,} still open, {accounts_in(rows)}{_span(rows, view)}"
    nodes = _nodes(rows, sheet.below([said + _not_drawn(len(rows))], (_ROOT, *_MARKS.values())))
    missing = hidden(rows, nodes)
    through = any(node.state == USED for node in nodes)
    key = [_ROOT, *(mark for state, mark in _MARKS.items() if through or state != USED)]
    least = (0.0, 0.0) if sheet.is_own else _least(rows, nodes)
    if sheet.start([said + (_not_drawn(missing) if missing else "")], key, least):
        _draw(sheet, nodes)
    labels: dict[str, list[str]] = {}
    for node in nodes:
        if node.layer == 1:
            labels.setdefault("used, not created" if node.state == USED else node.state, []).append(node.label)
    reached = "".join(f". {state.capitalize()}: {', '.join(own)}" for state, own in labels.items())
    return sheet.finish(f"{sheet.title}: {said}. Reached by root itself{reached or ': nothing'}")


def _span(rows: Sequence[of.BlastRadius], view: View) -> str:
    """From when to when, or nothing if no record tells."""
    times = [moment for row in rows for moment in (row["first_time"], row["ended_time"]) if moment]
    return f", {view.span(min(times), max(times))}" if times else ""


def _not_drawn(missing: int) -> str:
    return f"; {plural(missing, 'entity')} further on not drawn"


def _nodes(rows: Sequence[of.BlastRadius], high: float) -> list[Node]:
    """The nodes that have room in what is left below title, line and key."""
    return tree(rows, max(int((high - _GAP) // _ROW), 2))


def _least(rows: Sequence[of.BlastRadius], nodes: Sequence[Node]) -> tuple[float, float]:
    """Width and height that nodes and labels need, in points; as many columns as a figure of its own would have."""
    layers = Counter(node.layer for node in nodes)
    columns = max(len(layers), len({node.layer for node in _most_nodes(rows)}))
    return (_GUTTER + 8 + _NARROWEST) * columns - _GUTTER + 8, _ROW * max(layers.values()) + 6


def _most_nodes(rows: Sequence[of.BlastRadius]) -> list[Node]:
    """The nodes of the highest figure of its own."""
    return _nodes(rows, room_below_title() - _ABOVE + _GAP)


def _inches(rows: Sequence[of.BlastRadius]) -> float:
    """The height of a figure for all nodes that the highest one would hold."""
    layers = Counter(node.layer for node in _most_nodes(rows)) if rows else Counter[int]()
    return inches_for(_ABOVE + _APART * max(layers.values(), default=0))


def _draw(sheet: Sheet, nodes: Sequence[Node]) -> None:
    panel = sheet.panel(top=6)
    wide, high = panel.get_xlim()[1], panel.get_ylim()[1]
    labels, columns = _labels(nodes, wide)
    heights = _heights(nodes, high)
    places = {node.name: (columns[node.layer], heights[node.name]) for node in nodes}
    for node in nodes:
        x, y = places[node.name]
        for parent, certain in node.parents.items():
            if parent in places:
                _draw_edge(panel, (*places[parent], labels[parent].wide), (x, y), certain=certain)
        _draw_node(panel, node, (x, y))
        label = labels[node.name]
        write(panel, x + 8, y, label.name, color=COLORS["ink"], weight="bold" if node.is_root else "normal", zorder=3)
        write(panel, x + 8 + label.after, y, label.aside, fontsize=_SMALL, color=COLORS["muted"], zorder=3)


@dataclass(frozen=True, slots=True)
class _Label:
    """What stands beside a node: its name, what stands paler behind it and where, and the width of both, in points."""

    name: str
    aside: str
    after: float
    wide: float


def _labels(nodes: Sequence[Node], wide: float) -> tuple[dict[str, _Label], dict[int, float]]:
    """The labels, and where the columns of nodes are: as wide as what stands in them, if there is room."""
    layers = sorted({node.layer for node in nodes})
    asides = _asides(nodes)
    wanted = {layer: max(_wanted(node, asides[node.name]) for node in nodes if node.layer == layer) for layer in layers}
    room = max(wide - 8 - (_GUTTER + 8) * len(layers) + _GUTTER, 10.0 * len(layers))
    while sum(wanted.values()) > room + 0.1:  # the widest columns give way
        widest = max(wanted.values())
        most = [layer for layer in layers if wanted[layer] > widest - 0.05]
        second = max((value for value in wanted.values() if value < widest - 0.05), default=0.0)
        shorter = max(second, widest - (sum(wanted.values()) - room) / len(most))
        wanted |= dict.fromkeys(most, shorter)
    columns, x = {}, 8.0
    for layer in layers:
        columns[layer] = x
        x += wanted[layer] + _GUTTER + 8
    return {node.name: _label(node, asides[node.name], wanted[node.layer]) for node in nodes}, columns


def _wanted(node: Node, aside: str) -> float:
    return (
        width_of(cut(node.label, 420), bold=node.is_root) + (width_of(cut(aside, 420), _SMALL) + 6 if aside else 0) + 1
    )


def _label(node: Node, aside: str, room: float) -> _Label:
    whole = cut(aside, 420, _SMALL)
    kept = max(room - width_of(whole, _SMALL) - 6, min(room, 60.0)) if whole else room
    name = cut(node.label, max(kept, room * 0.45), bold=node.is_root)
    after = width_of(name, bold=node.is_root) + 6
    shown = cut(whole, room - after, _SMALL) if whole and room - after > 20 else ""
    return _Label(name, shown, after, after + width_of(shown, _SMALL) if shown else after - 6)


def _heights(nodes: Sequence[Node], high: float) -> dict[str, float]:
    """Where each node stands: each layer around the middle, then each node moves beside what it belongs to."""
    layers: dict[int, list[str]] = {}
    for node in nodes:
        layers.setdefault(node.layer, []).append(node.name)
    fullest = max(layers, key=lambda layer: len(layers[layer]))
    step = min(high / len(layers[fullest]), _APART)
    found = {
        name: high / 2 + ((len(names) - 1) / 2 - place) * step
        for names in layers.values()
        for place, name in enumerate(names)
    }
    parents = {node.name: [name for name in dict.fromkeys(node.parents) if name in found] for node in nodes}
    children: dict[str, list[str]] = {name: [] for name in found}
    for child, above in parents.items():
        for name in above:
            children[name].append(child)
    for layer in [*range(fullest - 1, -1, -1), *range(fullest + 1, max(layers) + 1)]:
        beside = children if layer < fullest else parents
        wanted = {}
        for name in layers[layer]:
            others = [found[other] for other in beside[name]]
            wanted[name] = sum(others) / len(others) if others else found[name]
        found |= _apart(wanted, min(step, _ROW), high)
    return found


def _apart(wanted: dict[str, float], step: float, high: float) -> dict[str, float]:
    """Heights as near to the wanted as they can be without overlap, in the order of the wanted ones."""
    order = sorted(wanted, key=lambda name: -wanted[name])
    found, ceiling = {}, high - step / 2
    for name in order:
        found[name] = min(wanted[name], ceiling)
        ceiling = found[name] - step
    floor = step / 2
    for name in reversed(order):
        found[name] = max(found[name], floor)
        floor = found[name] + step
    return found


def _draw_node(panel: Axes, node: Node, place: tuple[float, float]) -> None:
    mark = _mark(node)
    panel.plot(
        [place[0]],
        [place[1]],
        marker=mark.marker if node.is_one or node.is_root or node.state == USED else "s",
        markersize=9 if node.is_root else 6.5,
        markerfacecolor=COLORS[mark.color],
        markeredgecolor=COLORS[mark.edge or mark.color],
        markeredgewidth=1,
        clip_on=False,
        zorder=3,
    )


def _asides(nodes: Sequence[Node]) -> dict[str, str]:
    """What stands paler behind each node; the year is above all, and beside a date only if there are several."""
    rows = [row for node in nodes for row in node.rows]
    times = [moment for row in rows for moment in (row["first_time"], row["ended_time"]) if moment]
    look = "%m-%d %H:%M" if len({moment.year for moment in times}) == 1 else "%Y-%m-%d %H:%M"
    return {node.name: _aside(node, look) for node in nodes}


def _aside(node: Node, look: str) -> str:
    if node.is_root:
        return ""
    if node.state == USED:
        return "used, not created"
    said = [node.state if node.state != "mixed" else "in several states"]
    last = node.rows[-1]
    if node.is_one and last["ended_time"]:
        who = (last["ended_by"] or "").rpartition("/")[2].rpartition(":")[2]
        said = [f"{last['state']} {last['ended_time']:{look}}" + (f" by {who}" if who else "")]
    if node.is_one and len(node.rows) > 1:
        said.append(f"the last of {len(node.rows)} of that name")
    uses = sum(row["use_count"] or 0 for row in node.rows)
    if uses:
        said.append(plural(uses, "call"))
    return ", ".join(said)


def _mark(node: Node) -> Mark:
    if node.is_root:
        return _ROOT
    return _MARKS["ended" if node.state in _ENDED else node.state if node.state in _MARKS else "unknown"]


def _draw_edge(panel: Axes, start: tuple[float, float, float], end: tuple[float, float], *, certain: bool) -> None:
    """From the end of a label to a node; the bend lies between the columns, where no label stands."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    left, y, wide = start
    turn = end[0] - _GUTTER + 4
    begin = min(left + 8 + wide + 4, turn)
    middle = (turn + end[0] - 5) / 2
    points = [(begin, y), (turn, y), (middle, y), (middle, end[1]), (end[0] - 5, end[1])]
    codes = [Path.MOVETO, Path.LINETO, Path.CURVE4, Path.CURVE4, Path.CURVE4]
    style = "-" if certain else (0, (3, 2))
    look = PathPatch(Path(points, codes), facecolor="none", edgecolor=COLORS["noise"], linewidth=0.8, linestyle=style)
    look.set_clip_on(False)
    panel.add_artist(look)


CHART = Chart(
    "blast",
    _TITLE,
    "Root is on the left, and each entity is to the right of what reached it first. Filled: still active at the "
    "end of the logs. White: removed, disabled or expired, with time and actor. Green: existed before, was "
    "disabled, and is enabled again. A square is several entities of one kind. A diamond existed before, and root"
    " or a descendant acted through it. A dashed line is only possible: the actor existed before and was opened "
    "to others.",
    "Who else reached an entity later, and actions inside an instance, a database "
    "or a function. Entities outside the catalogue are missing. If there are too many, entities are grouped; "
    "ongoing activity and open persistence are shown separately first.",
    blast_data,
    blast_chart,
)
