"""When root was used: people's activity, services' noise and all events, over time."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, cast

from rootforensics.charts.catalogue import Chart
from rootforensics.charts.drawing.labels import cut, width_of, write
from rootforensics.charts.drawing.look import COLORS, SIZE, TALLEST, Sheet, inches_for
from rootforensics.charts.drawing.times import UNCUT_HEIGHT, TimeScale
from rootforensics.charts.drawing.view import View, as_moment, drawn, shown_by_clocks, when_clocks_show, within
from rootforensics.phrases import plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rootforensics.charts.drawing.view import Moment
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
#: The longest span shown in bars of an hour, and of a day; beyond it a bar is a week.
_HOURS_UP_TO: Final = timedelta(days=14)
_DAYS_UP_TO: Final = timedelta(days=400)
_EPOCH: Final = datetime(2001, 1, 1, tzinfo=UTC)  # a Monday, so weeks begin on Mondays


@dataclass(frozen=True, slots=True)
class _Panel:
    """What one panel counts, by the time at which each bar begins."""

    label: str
    color: str
    share: float
    counts: dict[datetime, int]


#: Accounts with activity that get a panel of their own; those with less share one.
_MOST_ACCOUNTS: Final = 6
#: Above each panel for its name, and between them, in points.
_NAME: Final = 18.0
_BETWEEN: Final = 12.0
#: A panel can be this low, and is this high for an account among several, in points; all can be this narrow.
_LOWEST: Final = 10.0
_ACCOUNT: Final = 34.0
_NARROWEST: Final = 190.0
#: Numbers at the left, and from one to the next.
_NUMBER: Final = 8.0
_APART: Final = 13.0


def activity_data(
    case: Asks, account_id: str = "", *, since: Moment = None, until: Moment = None
) -> list[of.EventsByHour]:
    """Events by hour and account, for everybody and for root.

    Args:
        case: the case to ask.
        account_id: only this account; empty for all.
        since: only hours of UTC that end after this time, aware or ISO 8601 text (UTC without offset); events without
            a time stay.
        until: only hours that begin before this time. The first and the last count whole.

    Returns:
        One row an hour and account that has events, in order: ``hour_time`` (aware, UTC; None, last, for events
        without a time), ``account_id``, ``event_count`` (None if it is not known), ``activity_count``, ``noise_count``.
    """
    rows = case.query("events_by_hour", account_id=account_id).rows
    begin = as_moment(since)
    return within(rows, begin and begin.replace(minute=0, second=0, microsecond=0), until, "hour_time")


@drawn
def activity_chart(rows: Sequence[of.EventsByHour], view: View) -> Figure:
    """Draw root's activity and noise over time, above the volume of all events.

    Each account in which people used root has a panel, noise and all events one each, and each panel a scale of its
    own, so that one event of root stays visible beside thousands of others. Up to 14 days a bar is an hour, up to 400
    days a day, beyond that a week. Where there are no rows there is no bar: the hour was quiet, or its logs are
    missing.
    """
    timed = [cast("of.TimedHour", row) for row in rows if row["hour_time"]]
    undrawn, unknown = without_time(rows), not_known(rows)
    width, name = bar_width([row["hour_time"] for row in timed])
    panels = _panels(timed, width, view)
    people = len(panels) - 2
    height = inches_for(_ACCOUNT * people * 2 + _NAME * (people + 2), TALLEST) if people > 1 else SIZE[1]
    sheet = Sheet(view, f"Root activity and noise per {name}", height)
    if not timed:
        return sheet.nothing("No events with a time", f"not drawn: {undrawn}" if undrawn else "")
    times = [row["hour_time"] for row in timed]
    asides = [one for one in (undrawn and f"not drawn: {undrawn}", unknown) if one]
    who = accounts_counted(rows)
    covered = f"{who[:1].upper()}{who[1:]}, hours with events from {view.span(min(times), max(times))}"
    room = _room_for_numbers(panels)
    least = room + _NARROWEST, (_NAME + _LOWEST) * len(panels) + _BETWEEN * (len(panels) - 1) + UNCUT_HEIGHT
    if sheet.start(["; ".join((covered, *asides))], (), least):
        _draw_panels(sheet, panels, width, room)
    more = "".join(f" {aside[:1].upper()}{aside[1:]}." for aside in asides)
    return sheet.finish(f"{_in_words(sheet, timed, panels, name, who)}{more}")


def _all_events(row: of.EventsByHour) -> int:
    """All events of an hour; those of root, if no more is known."""
    return row["activity_count"] + row["noise_count"] if row["event_count"] is None else row["event_count"]


def not_known(rows: Sequence[of.EventsByHour]) -> str:
    """Of how many hours not all events are drawn, for nobody knows how many they are; empty if of none."""
    count = sum(row["event_count"] is None for row in rows)
    return f"for {plural(count, 'hour')} only root's events are drawn, because the total is unknown" if count else ""


def without_time(rows: Sequence[of.EventsByHour]) -> str:
    """The events without a time in words; empty if there are none.

    Args:
        rows: as ``activity_data`` returns them.
    """
    held = [row for row in rows if row["hour_time"] is None]
    count, of_root = sum(map(_all_events, held)), sum(row["activity_count"] for row in held)
    if not count:
        return ""
    said = f"{plural(count, 'event')} without a time"
    return f"{said}, {of_root:,} of root activity" if of_root else said


def bar_width(times: Sequence[datetime]) -> tuple[timedelta, str]:
    """The time that one bar counts, and its name: an hour, a day or a week, by the span of the times."""
    span = max(times) - min(times) if times else timedelta(0)
    if span < _HOURS_UP_TO:
        return _HOUR, "hour"
    return (_DAY, "day") if span <= _DAYS_UP_TO else (_WEEK, "week")


def _panels(rows: Sequence[of.TimedHour], width: timedelta, view: View) -> list[_Panel]:
    """From top to bottom: people's activity of each account that has any, noise, all events."""
    starts = [bar_start(row["hour_time"], width, view) for row in rows]
    quiet = dict.fromkeys(sorted(starts), 0)
    activity: dict[str, dict[datetime, int]] = defaultdict(quiet.copy)
    noise, events = quiet.copy(), quiet.copy()
    for start, row in zip(starts, rows, strict=True):
        if row["activity_count"]:
            activity[row["account_id"] or "account unknown"][start] += row["activity_count"]
        noise[start] += row["noise_count"]
        events[start] += _all_events(row)
    most = sorted(activity, key=lambda account: (-sum(activity[account].values()), account))
    if len(most) > _MOST_ACCOUNTS:
        rest = most[_MOST_ACCOUNTS - 1 :]
        activity[f"{len(rest)} further accounts"] = {
            start: sum(activity[one][start] for one in rest) for start in quiet
        }
        most = [*most[: _MOST_ACCOUNTS - 1], f"{len(rest)} further accounts"]
    said = "Root activity (people)"
    people = {f"{said}, {account}" if len(most) > 1 else said: activity[account] for account in most} or {said: quiet}
    return [
        *(_Panel(label, "activity", 0.58 / len(people), counts) for label, counts in people.items()),
        _Panel("Root noise (AWS services)", "noise", 0.24, noise),
        _Panel(f"All events of all identities{', as far as known' if not_known(rows) else ''}", "volume", 0.18, events),
    ]


def bar_start(hour: datetime, width: timedelta, view: View) -> datetime:
    """The start of the hour, day or week of a moment, in the zone of the chart."""
    moment = hour.astimezone(UTC)
    if width > _HOUR:
        clock = shown_by_clocks(moment, view.zone)
        return when_clocks_show(clock - (clock - _EPOCH) % width, view.zone)
    return moment.replace(minute=0, second=0, microsecond=0)


def accounts_counted(rows: Sequence[of.EventsByHour]) -> str:
    """Whose events were counted, in words: the account, if there is one alone."""
    found = {row["account_id"] for row in rows}
    return f"account {found.pop()}" if len(found) == 1 and None not in found else "all accounts"


def _in_words(sheet: Sheet, rows: Sequence[of.EventsByHour], panels: Sequence[_Panel], name: str, who: str) -> str:
    activity, noise = (sum(row[key] for row in rows) for key in ("activity_count", "noise_count"))
    events = sum(map(_all_events, rows))
    starts = list(panels[-1].counts)
    text = (
        f"{sheet.title}, {who}, from {sheet.view.span(starts[0], starts[-1])}: "
        f"{activity:,} events of root activity, {noise:,} of root noise, "
        f"{events:,} events of all identities."
    )
    if activity:
        people = panels[:-2]
        if len(people) > 1:
            said = "; ".join(f"{panel.label.partition(', ')[2]} {sum(panel.counts.values()):,}" for panel in people)
            text += f" Root activity by account: {said}."
        counts = {start: sum(panel.counts[start] for panel in people) for start in starts}
        peak = max(counts, key=lambda start: counts[start])
        text += f" Most root activity: {counts[peak]:,} in the {name} from {sheet.view.local(peak):%Y-%m-%d %H:%M}."
    return text


def _room_for_numbers(panels: Sequence[_Panel]) -> float:
    """At the left of the panels, in points: as wide as the widest number that can stand there."""
    return max(width_of(f"{count:,}", _NUMBER) for panel in panels for count in panel.counts.values()) + 8


def _steps(top: int, most: int) -> list[int]:
    """0 and round numbers above it, the same apart, up to the highest bar: so many at the most, and at least one."""
    powers = (10**digits for digits in range(max(len(str(top)) - 2, 0), len(str(top)) + 1))
    step = next(factor * power for power in powers for factor in (1, 2, 4, 5) if top // (factor * power) <= most)
    return list(range(0, max(top, step) + 1, step))


def _draw_panels(sheet: Sheet, panels: Sequence[_Panel], width: timedelta, room: float) -> None:
    places, thick, high = draw_time_axis(sheet, list(panels[-1].counts), width, room)
    free = high - _NAME * len(panels) - _BETWEEN * (len(panels) - 1)
    bottom = high
    for panel in panels:
        tall = free * panel.share
        bottom -= _NAME + tall
        inset = sheet.panel(left=room, bottom=UNCUT_HEIGHT + bottom, top=high - bottom - tall)
        _draw_panel(inset, panel, places, thick)
        bottom -= _BETWEEN


def draw_time_axis(
    sheet: Sheet, starts: Sequence[datetime], width: timedelta, room: float
) -> tuple[list[float], float, float]:
    """Draw the axis of time below bars that begin at these times.

    Returns:
        The left end of each bar and the thickness of all, in points; and the height above the axis.
    """
    axis = sheet.panel(left=room, bottom=UNCUT_HEIGHT, top=0)
    wide, high = axis.get_xlim()[1], axis.get_ylim()[1]
    first, last = starts[0], starts[-1]
    edge = max((last - first + width) * 0.01, width * (12 if len(starts) == 1 else 0.5))
    ends = (_moved(first, -edge), _moved(last, width + edge))
    scale = TimeScale(ends, wide, [ends], zone=sheet.view.zone)
    scale.draw(axis, high)
    return [scale.at(start) for start in starts], width / (ends[1] - ends[0]) * wide, high


def _moved(moment: datetime, by: timedelta) -> datetime:
    """A moment some time before or after another; the first or last that there is, if it lies beyond."""
    if by > timedelta(0):
        return moment + min(by, datetime.max.replace(tzinfo=UTC) - moment)
    return moment + max(by, datetime.min.replace(tzinfo=UTC) - moment)


def draw_numbers(inset: Axes, most: int) -> None:
    """Draw lines and numbers up to the highest bar, and scale the panel so that it has room."""
    wide, tall = inset.get_xlim()[1], inset.get_ylim()[1]
    top = max(1, most) * 1.06
    inset.set_ylim(0, top)
    steps = _steps(most, max(min(3, int(tall // _APART)), 1))
    for number in steps:
        color, thickness, order = (COLORS["rule"], 0.6, 0.5) if number else (COLORS["muted"], 0.8, 3)
        inset.plot([0, wide], [number, number], color=color, linewidth=thickness, zorder=order, clip_on=False)
        if number == steps[-1] or number / top * tall + _APART <= steps[-1] / top * tall:
            text = f"{number:,}"
            write(inset, -5, number, text, fontsize=_NUMBER, ha="right", color=COLORS["muted"], clip_on=False)


def _draw_panel(inset: Axes, panel: _Panel, places: list[float], thick: float) -> None:
    """Draw one panel: from left to right in points, upwards in events."""
    from matplotlib.patches import Rectangle

    wide, tall = inset.get_xlim()[1], inset.get_ylim()[1]
    color, counts = COLORS[panel.color], list(panel.counts.values())
    draw_numbers(inset, max(counts))
    top = inset.get_ylim()[1]
    standing = [(left, count) for left, count in zip(places, counts, strict=True) if count]
    for left, count in standing:
        inset.add_artist(Rectangle((left, 0), thick, count, facecolor=color, edgecolor=color, linewidth=0.5))
    total = sum(counts)
    name = f"{panel.label}: {total:,}" if total else f"{panel.label}: none"
    above = top * (1 + 8 / tall)
    write(inset, 0, above, cut(name, wide, 9), fontsize=9, color=COLORS["ink"], clip_on=False)
    if panel.color == "activity" and total:
        _mark(inset, [left + thick / 2 for left, _ in standing], -top * 5 / tall)


def _mark(inset: Axes, middles: list[float], below: float) -> None:
    """A tick below the axis for each bar of activity: one event beside a hundred is too low to see."""
    inset.plot(
        middles,
        [below] * len(middles),
        clip_on=False,
        linestyle="none",
        marker="|",
        markersize=5,
        markeredgewidth=1.4,
        color=COLORS["activity"],
    )


CHART = Chart(
    "activity",
    "Root activity and noise over time",
    "Each panel has its own scale: people's activity as root, with one panel per account; service activity as "
    "root (noise); and all events. A tick below the axis marks each bar of activity. A bar is an hour for up to "
    "14 days, a day for up to 400 days, and otherwise a week.",
    "Whether a time without bars was quiet or its logs are missing. Heights cannot be compared between panels.",
    activity_data,
    activity_chart,
)
