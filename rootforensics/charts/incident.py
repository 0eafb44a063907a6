"""The incident in lanes: what was done with root, what it amounts to, what was approved, and how it was answered."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.phrases import plural
from rootforensics.charts.catalogue import Chart
from rootforensics.charts.drawing.labels import write
from rootforensics.charts.drawing.lanes import (
    COUNTS,
    LOWEST,
    Box,
    Lanes,
    Point,
    draw_lanes,
    draw_points,
    least_for,
    names_room,
)
from rootforensics.charts.drawing.look import COLORS, Mark, Sheet, accounts_in, undrawn
from rootforensics.charts.drawing.plain import plainly
from rootforensics.charts.drawing.strips import LINE, Span, draw_strip, pack, span_name
from rootforensics.charts.drawing.times import AXIS_HEIGHT, TimeScale, span, union
from rootforensics.charts.incident_rows import FOLLOWED, LANES, OTHER, RESPONSE, incident_data
from rootforensics.rules.actions import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rootforensics.queries import rows as of


__all__ = ["CHART", "incident_chart", "incident_data"]

_TITLE = "The incident: what was done with root, and what it amounts to"
#: Taller than other charts: nine lanes and what stands above them.
_INCHES: Final = 7.0
#: What stands above the lanes needs a line and a rule each, in points.
_BELOW_HEAD: Final = 5.0
_LEAST_HEAD: Final = LINE + _BELOW_HEAD
_IN_HEAD: Final = {"finding", "approval"}
#: Half the height of a time without a watch, in points: names have room above and below it.
_HALF_WINDOW: Final = 5.0
_SEVERE: Final = ("medium", "high", "critical")
#: What was done with root, and the calls that opened sessions of it.
_OF_ROOT: Final = ("event", "opening")
#: As what a row is counted that has no time; findings of single actions are drawn by the points of their events.
_COUNTED_AS: Final = {
    **dict.fromkeys((*_OF_ROOT, "follow-on", "response"), "event"),
    "finding": "sequence",
    "window": "unwatched span",
    "approval": "approval",
}
#: What stands above the lanes: findings of sequences; what an action means by itself is a point.
_HEAD: Final = "Sequences"
#: Points in the order in which they are drawn: the most severe on top.
_MARKS: Final[dict[str, Mark]] = {severity: Mark(severity, severity, marker="o") for severity in SEVERITIES}
#: What was tried only; a pale outline on white would not show.
_TRIED: Final[dict[str, Mark]] = {
    severity: Mark(f"{severity}, tried", "ended", marker="o", edge=severity if severity in _SEVERE else "noise")
    for severity in SEVERITIES
}
_RESPONSE: Final = Mark("response of others", "response", marker="s")
_WINDOW: Final = Mark("logging impaired", "pale", hatch="/////", edge="noise")
_BAND: Final = Mark("approved window", "approved")


@plainly
def incident_chart(rows: Sequence[of.IncidentMark], ax: Axes | None = None, account_id: str = "") -> Figure:
    """Draw root's actions in lanes, findings above them, approved windows behind them.

    Args:
        rows: as ``incident_data`` returns them.
        ax: where to draw; a figure of its own if not given.
        account_id: the account that the rows were asked for, to name it where there are none.

    Returns:
        The figure; its label is a description in words.
    """
    sheet = Sheet(ax, _TITLE, _INCHES)
    events = [row for row in rows if row["kind"] in (*_OF_ROOT, "follow-on", "response")]
    timed = [row for row in events if row["from_time"]]
    untimed = _untimed(rows)
    if not timed:
        return sheet.nothing("No root activity with a time", account_id, untimed)
    found = [row for row in rows if row["kind"] == "finding" and row["from_time"]]
    times = [row["from_time"] for row in timed]
    said = f"{_counted(rows)}, {accounts_in(events)}"
    counts: dict[str, int] = {}
    for row in events:
        counts[row["lane"]] = counts.get(row["lane"], 0) + 1
    wide, high = least_for((*LANES, _told(found)))
    told = filter(None, (f"{said}, {span(min(times), max(times))}", untimed))
    if sheet.start(told, _key(rows), (wide, high + _LEAST_HEAD * len({row["kind"] for row in rows} & _IN_HEAD))):
        _draw(sheet, rows, timed, found, counts)
    lanes = "; ".join(f"{name}: {counts.get(name, 0):,}" for name in LANES)
    most_severe = "; ".join(f"{row['severity']}: {row['text']}" for row in found[:10])
    return sheet.finish(f"{_TITLE}, {span(min(times), max(times))}. {said}. {lanes}. {most_severe}")


def _counted(rows: Sequence[of.IncidentMark]) -> str:
    """Events and findings in the numbers that are told elsewhere, and which of them stand where."""
    number = Counter(row["kind"] for row in rows)
    said = f"{plural(number['event'], 'event')} of root"
    if number["opening"]:
        said += f" and {plural(number['opening'], 'call')} of AssumeRoot"
    said += f", {plural(number['finding'] + number['action'], 'finding')}"
    places = (("finding", "above"), ("action", "in the lanes"))
    parts = [f"{number[kind]:,} {where}" for kind, where in places if number[kind]]
    return f"{said} ({', '.join(parts)})" if parts else said


def _untimed(rows: Sequence[of.IncidentMark]) -> str:
    """What is not drawn for want of a time; empty if all is."""
    number = Counter(_COUNTED_AS.get(row["kind"]) for row in rows if not row["from_time"])
    return undrawn(*((number[one], one) for one in dict.fromkeys(_COUNTED_AS.values())))


def _key(rows: Sequence[of.IncidentMark]) -> list[Mark]:
    """What the colors mean, as far as they occur."""
    kinds = {row["kind"] for row in rows}
    marks = [*(_MARKS[severity] for severity in reversed(SEVERITIES))]
    if any(row["kind"] in _OF_ROOT and row["result"] == "attempted" for row in rows):
        marks.append(Mark("tried without success", "ended", marker="o", edge="high"))
    extra = {"response": _RESPONSE, "window": _WINDOW, "approval": _BAND}
    return marks + [mark for kind, mark in extra.items() if kind in kinds]


def _draw(
    sheet: Sheet,
    rows: Sequence[of.IncidentMark],
    timed: Sequence[of.IncidentMark],
    found: Sequence[of.IncidentMark],
    counts: dict[str, int],
) -> None:
    names = list(LANES)
    room = names_room((*names, _told(found)))
    panel = sheet.panel(left=room, right=COUNTS, bottom=AXIS_HEIGHT, top=8)
    wide, high = panel.get_xlim()[1], panel.get_ylim()[1]
    scale = TimeScale((row["from_time"] for row in timed), wide)
    approvals = [row for row in rows if row["kind"] == "approval"]
    low = high
    for name, spans, most in (("Approvals", _approved(approvals, scale), 2), (_HEAD, _spans(found, scale), 8)):
        spare = low - LOWEST * len(names) - (_LEAST_HEAD if found and name != _HEAD else 0) - _BELOW_HEAD
        lines = min(most, max(int(min(high * 0.35, spare) // LINE), 1))
        low = _draw_head(panel, (name, spans, lines), (low, room, wide + COUNTS))
    lanes = Lanes(names, low / len(names))
    if len({row["account_id"] for row in timed}) == 1:
        _draw_bands(panel, approvals, scale, low)
    scale.draw(panel, low)
    draw_lanes(panel, lanes, counts, room, wide)
    striped = _draw_windows(panel, [row for row in rows if row["kind"] == "window"], scale, lanes)
    draw_points(panel, scale, lanes, _points(timed), striped)


def _told(found: Sequence[of.IncidentMark]) -> str:
    """The longest that stands beside the findings: how many of them are shown."""
    return f"{_HEAD} ({len(found):,} of {len(found):,})"


def _draw_head(panel: Axes, what: tuple[str, Sequence[Span], int], place: tuple[float, float, float]) -> float:
    """Draw spans above the lanes, in so many lines at the most; where the next entity can begin."""
    (name, spans, most), (top, room, wide) = what, place
    if not spans:
        return top
    lines, hidden = pack(spans, wide, most)
    draw_strip(panel, lines, top)
    told = f"{name} ({len(spans) - hidden} of {len(spans):,})" if hidden else name
    write(panel, -room, top - LINE / 2, told, fontsize=8.5, color=COLORS["ink"], clip_on=False)
    bottom = top - LINE * len(lines) - _BELOW_HEAD
    panel.plot([-room, wide], [bottom, bottom], color=COLORS["muted"], linewidth=0.8, clip_on=False)
    return bottom


def _spans(found: Sequence[of.IncidentMark], scale: TimeScale) -> list[Span]:
    """Findings: one of each kind first, the most severe before others, then a second of each, and so on."""
    ordered = sorted(found, key=lambda row: (-SEVERITIES.index(row["severity"]), row["from_time"], row["text"]))
    seen: Counter[str] = Counter()
    times: list[int] = []
    for row in ordered:
        times.append(seen[row["text"]])
        seen[row["text"]] += 1
    ranked = [row for _, row in sorted(zip(times, ordered, strict=True), key=lambda pair: pair[0])]
    return [
        Span(
            scale.at(row["from_time"]),
            scale.at(row["until_time"] or row["from_time"]),
            span_name(row["text"]),
            row["severity"],
            hollow=row["result"] == "attempted",
        )
        for row in ranked
    ]


def _approved(rows: Sequence[of.IncidentMark], scale: TimeScale) -> list[Span]:
    """Approved windows, as far as they lie within what is drawn."""
    return [
        Span(*ends, span_name(f"{row['text']} ({row['account_id'] or 'no account'})"), "approved", bar=True)
        for row in rows
        if (ends := _within(row, scale))
    ]


def _within(row: of.IncidentMark, scale: TimeScale) -> tuple[float, float] | None:
    """The ends of a window in points, the last event if it has none; None if it lies outside or has no begin."""
    first, last = scale.stretches[0].start, scale.stretches[-1].end
    until = row["until_time"] or last
    if not row["from_time"] or row["from_time"] > last or until < first:
        return None
    return scale.at(max(row["from_time"], first)), scale.at(min(until, last))


def _points(rows: Sequence[of.IncidentMark]) -> list[Point]:
    points, named = [], set()
    for row in sorted(rows, key=lambda row: (-SEVERITIES.index(row["severity"]), row["from_time"])):
        severe = SEVERITIES.index(row["severity"])
        mark = (_TRIED if row["result"] == "attempted" else _MARKS)[row["severity"]]
        mark = _RESPONSE if row["kind"] == "response" else mark
        label = row["label"] or ""
        place = (row["lane"], label, row["result"])
        if place in named or (row["severity"] not in _SEVERE and row["kind"] in _OF_ROOT):
            label = ""
        named.add(place)
        weight = 2 * severe + (row["result"] != "attempted") if row["kind"] in _OF_ROOT else 2 * len(SEVERITIES)
        points.append(Point(row["from_time"], row["lane"], mark, label, weight))
    return points


def _draw_bands(panel: Axes, rows: Sequence[of.IncidentMark], scale: TimeScale, high: float) -> None:
    from matplotlib.patches import Rectangle

    for row in rows:
        if ends := _within(row, scale):
            wide = max(ends[1] - ends[0], 3.0)
            color = COLORS["approved"]
            panel.add_patch(Rectangle((ends[0], 0), wide, high, color=color, linewidth=0, gid="approval", zorder=0.1))


def _draw_windows(panel: Axes, rows: Sequence[of.IncidentMark], scale: TimeScale, lanes: Lanes) -> list[Box]:
    """Draw the times without a watch, and tell where they are."""
    from matplotlib.patches import Rectangle

    half = min(lanes.height * 0.2, _HALF_WINDOW)
    spans: dict[str, list[tuple[float, float]]] = {}
    for row in rows:
        if ends := _within(row, scale):
            wide = max(ends[1] - ends[0], 3.0)
            corner = (ends[0], lanes.middle(row["lane"]) - half)
            panel.add_patch(Rectangle(corner, wide, 2 * half, gid="window", zorder=1, **_WINDOW.face))
            spans.setdefault(row["lane"], []).append((ends[0], ends[0] + wide))
    return [
        (left, lanes.middle(lane) - half, right, lanes.middle(lane) + half)
        for lane, held in spans.items()
        for left, right in union(held)
    ]


CHART = Chart(
    "incident",
    _TITLE,
    "One lane for each kind of action, one point an event of root's, colored by how severe the catalogue of actions "
    "calls it; white: tried without success. Above stand the findings of sequences with their length; other findings "
    "are of single actions, which the points show; striped: a trail or "
    "guard did not watch; green bands: approved windows (with a file of approvals; behind the lanes only if there "
    f"is one account). “{FOLLOWED}” is what the entities that root made did in turn, “{RESPONSE}” what others ended "
    f"or switched on again; “{OTHER}” also holds what the catalogue does not know. Names stand where they have "
    "room, one of each kind first, the most severe before others.",
    "What no log in the case holds. A lane says what kind of call it was, not who acted or why. Within one second "
    "CloudTrail gives no order. Length of time is true between two gray cuts, not across them.",
    incident_data,
    incident_chart,
    ("approvals",),
)
