"""What is known of each hour, account and Region."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.analysis.coverage.hours import STATES, Region, regions_of
from rootforensics.charts.catalogue import Chart
from rootforensics.charts.drawing.labels import cut, width_of, write
from rootforensics.charts.drawing.look import COLORS, TALLEST, Mark, Sheet, accounts_in, inches_for
from rootforensics.charts.drawing.times import AXIS_HEIGHT, TimeScale
from rootforensics.charts.drawing.view import View, drawn, within
from rootforensics.phrases import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rootforensics.charts.drawing.view import Moment
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

_TITLE: Final = "What the logs cover"
#: Logs are missing where it is striped, in part where it is striped in color; nothing proves what is dotted.
_MARKS: Final = {
    "events": Mark("events", "change"),
    "quiet": Mark("proven quiet by digest files or the event history", "approved", edge="response"),
    "empty_log": Mark("a log without events of that hour", "pale", edge="muted"),
    "incomplete": Mark("a log is missing, damaged, modified or partly filtered", "medium", hatch="//"),
    "unproven": Mark("no log, as is common; not proven quiet", "pale", edge="muted", hatch=".."),
    "unknown": Mark("logs are missing", "ended", hatch="////"),
}
#: Of a line, in points.
_LINE: Final = 15.0
_LOWEST: Final = 11.0
_NARROWEST: Final = 160.0
_WIDEST_NAME: Final = 190.0


def coverage_data(
    case: Asks, account_id: str = "", *, since: Moment = None, until: Moment = None
) -> list[of.CoverageSpans]:
    """What is known of which times.

    Args:
        case: the case to ask.
        account_id: only this account; empty for all.
        since: only times that end after this one, aware or ISO 8601 text (UTC without offset).
        until: only times that begin before this one.

    Returns:
        The rows of the question ``coverage_spans``, by account, Region and time.
    """
    rows = case.query("coverage_spans", account_id=account_id).rows
    return within(rows, since, until, "from_time", "until_time")


@drawn
def coverage_chart(rows: Sequence[of.CoverageSpans], view: View) -> Figure:
    """Draw a line for each account and Region, with its hours colored by what is known of them.

    The Regions in which root's sign-ins are recorded come first in each account. Where lines have no room, the accounts
    with the most events are shown, and it says how many lines are not.
    """
    rows = [row for row in rows if row["from_time"] and row["until_time"]]
    found = regions_of(rows)
    lines = [region for regions in found.values() for region in regions]
    sheet = Sheet(view, _TITLE, inches_for(len(lines) * _LINE + AXIS_HEIGHT + 24 if lines else 0.0, TALLEST))
    if not lines:
        return sheet.nothing("No event, log or digest file of any account and Region")
    first, last = min(row["from_time"] for row in rows), max(row["until_time"] for row in rows)
    names = {(line.account_id, line.name): _name(line, several=len(found) > 1) for line in lines}
    room = 10 + max(width_of(cut(name, _WIDEST_NAME)) for name in names.values())
    key = [mark for state, mark in _MARKS.items() if any(row["state"] == state for row in rows)]
    told = [f"{accounts_in(rows)}, {plural(len(lines), 'Region')}, {view.span(first, last)}, whole hours of UTC"]
    high = sheet.below(told, key) - AXIS_HEIGHT - 10
    shown = _with_room(found, max(int(high // _LOWEST), 1))
    if len(shown) < len(lines):
        told[0] += f"; {plural(len(lines) - len(shown), 'Region')} with fewer events not drawn"
    if sheet.start(told, key, (room + _NARROWEST, _LOWEST + AXIS_HEIGHT + 10)):
        panel = sheet.panel(left=room, bottom=AXIS_HEIGHT, top=8)
        wide, high = panel.get_xlim()[1], panel.get_ylim()[1]
        scale = TimeScale((first, last), wide, [(first, last)], even=True, zone=view.zone)
        step = min(high / len(shown), _LINE)
        scale.draw(panel, step * len(shown))
        for place, one in enumerate(shown):
            y = step * (len(shown) - place - 0.5)
            name = cut(names[one.account_id, one.name], room - 10)
            write(panel, -room, y, name, color=COLORS["ink"], clip_on=False)
            _draw_line(panel, scale, one, y, step)
    return sheet.finish(f"{sheet.title}, {view.span(first, last)}. {'. '.join(map(_in_words, lines))}.")


def _with_room(found: dict[str, list[Region]], most: int) -> list[Region]:
    """The lines that are shown, by account: of too many those with the most events."""
    lines = [region for regions in found.values() for region in regions]
    if len(lines) <= most:
        return lines
    counts = [sum(span["event_count"] or 0 for span in line.spans) for line in lines]
    kept = set(sorted(range(len(lines)), key=lambda place: -counts[place])[:most])
    return [one for place, one in enumerate(lines) if place in kept]


def _name(one: Region, *, several: bool) -> str:
    return f"{one.account_id}  {one.name}" if several else one.name


def _in_words(one: Region) -> str:
    hours = one.hours
    told = ", ".join(f"{state.replace('_', ' ')} {hours[state]:,}" for state in reversed(STATES) if hours[state])
    return f"{one.name} of {one.account_id}, {plural(hours.total(), 'hour')}: {told}"


def _draw_line(panel: Axes, scale: TimeScale, one: Region, y: float, step: float) -> None:
    from matplotlib.patches import Rectangle

    high = step * 0.72
    for span in one.spans:
        left, right = scale.at(span["from_time"]), scale.at(span["until_time"])
        face = _MARKS[span["state"]].face | {"linewidth": 0.4}
        panel.add_artist(Rectangle((left, y - high / 2), max(right - left, 0.6), high, clip_on=False, **face))


CHART = Chart(
    "coverage",
    _TITLE,
    "One line per account and Region, one color per hour. The key names the states of an hour. Dotted: no log, as "
    "is common in that Region. Striped: expected logs are missing. The Regions that record root's sign-ins come first.",
    "What a trail does not record: an hour with events may lack those that the trail excludes. Regions without "
    "anything in the case are missing, except those that record root's sign-ins.",
    coverage_data,
    coverage_chart,
)
