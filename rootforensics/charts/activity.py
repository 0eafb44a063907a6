"""When root was used: people's activity, services' noise and all events, over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.phrases import plural
from rootforensics.charts.catalogue import Chart
from rootforensics.charts.drawing.labels import cut, width_of, write
from rootforensics.charts.drawing.look import COLORS, Sheet, asked_account
from rootforensics.charts.drawing.times import UNCUT_HEIGHT, TimeScale
from rootforensics.charts.drawing.view import View, as_moment, drawn, shown_by_clocks, when_clocks_show, within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rootforensics.charts.drawing.view import Moment
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks
    from rootforensics.queries.result import Row

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
#: The longest span shown in bars of an hour, and of a day; beyond it a bar is a week.
_HOURS_UP_TO: Final = timedelta(days=14)
_DAYS_UP_TO: Final = timedelta(days=400)
_EPOCH: Final = datetime(2001, 1, 1, tzinfo=UTC)  # a Monday, so weeks begin on Mondays


@dataclass(frozen=True, slots=True)
class _Panel:
    key: str
    color: str
    label: str
    share: float


#: From top to bottom, with the share of the height that each has.
_PANELS: Final = (
    _Panel("activity_count", "activity", "Root activity (people)", 0.58),
    _Panel("noise_count", "noise", "Root noise (AWS services)", 0.24),
    _Panel("event_count", "volume", "All events of all identities", 0.18),
)
#: Above each panel for its name, and between them, in points.
_NAME: Final = 18.0
_BETWEEN: Final = 12.0
#: A panel can be this low, and all three this narrow, in points.
_LOWEST: Final = 10.0
_NARROWEST: Final = 190.0
#: Numbers at the left, and from one to the next.
_NUMBER: Final = 8.0
_APART: Final = 13.0


def activity_data(
    case: Asks, account_id: str = "", *, since: Moment = None, until: Moment = None
) -> list[of.HourCounts]:
    """Events by hour, for everybody and for root.

    Args:
        case: the case to ask.
        account_id: only this account; empty for all.
        since: only hours of UTC that end after this time, aware or ISO 8601 text (UTC without offset); events without
            a time stay.
        until: only hours that begin before this time. The first and the last count whole.

    Returns:
        One row an hour that has events, in order: ``hour_time`` (aware, UTC; None, last, for events without a time),
        ``event_count``, ``activity_count``, ``noise_count``, ``account_id`` (that was asked for; None for all).
    """
    found = case.query("events_by_hour", account_id=account_id)
    rows: list[of.HourCounts] = [{**row, "account_id": found.parameters["account_id"] or None} for row in found.rows]
    begin = as_moment(since)
    return within(rows, begin and begin.replace(minute=0, second=0, microsecond=0), until, "hour_time")


@drawn
def activity_chart(rows: Sequence[of.HourCounts], view: View) -> Figure:
    """Draw root's activity and noise over time, above the volume of all events.

    Each of the three has a panel and a scale of its own, so that one event of root stays visible beside thousands of
    others. Up to 14 days a bar is an hour, up to 400 days a day, beyond that a week. Where there are no rows
    there is no bar: the hour was quiet, or its logs are missing.
    """
    timed = [row for row in rows if row["hour_time"]]
    undrawn = without_time(rows)
    width, name = _bar_width(timed)
    bars = _rebin(timed, width, view)
    sheet = Sheet(view, f"Root activity and noise per {name}")
    if not bars:
        return sheet.nothing("No events with a time", f"not drawn: {undrawn}" if undrawn else "")
    times = [row["hour_time"] for row in timed]
    aside = f"; not drawn: {undrawn}" if undrawn else ""
    who = asked_account(rows)
    told = f"{who[:1].upper()}{who[1:]}, hours with events from {view.span(min(times), max(times))}{aside}"
    room = _room_for_numbers(bars)
    least = room + _NARROWEST, (_NAME + _LOWEST) * len(_PANELS) + _BETWEEN * (len(_PANELS) - 1) + UNCUT_HEIGHT
    if sheet.start([told], (), least):
        _draw_panels(sheet, bars, width, room)
    return sheet.finish(f"{_in_words(sheet, timed, bars, name, who)}{f' Not drawn: {undrawn}.' if undrawn else ''}")


def without_time(rows: Sequence[of.HourCounts]) -> str:
    """The events without a time in words; empty if there are none.

    Args:
        rows: as ``activity_data`` returns them.
    """
    held = [row for row in rows if row["hour_time"] is None]
    count, of_root = (sum(row[name] for row in held) for name in ("event_count", "activity_count"))
    if not count:
        return ""
    said = f"{plural(count, 'event')} without a time"
    return f"{said}, {of_root:,} of root activity" if of_root else said


def _bar_width(rows: Sequence[of.HourCounts]) -> tuple[timedelta, str]:
    if not rows:
        return _HOUR, "hour"
    times = [row["hour_time"] for row in rows]
    span = max(times) - min(times)
    if span < _HOURS_UP_TO:
        return _HOUR, "hour"
    return (_DAY, "day") if span <= _DAYS_UP_TO else (_WEEK, "week")


def _rebin(rows: Sequence[Row], width: timedelta, view: View) -> list[dict[str, Any]]:
    """Add hours up to bars, which are days and weeks of the zone; a bar without rows is left out."""
    bars: dict[datetime, dict[str, Any]] = {}
    for row in rows:
        moment = row["hour_time"].astimezone(UTC)
        if width > _HOUR:
            clock = shown_by_clocks(moment, view.zone)
            moment = when_clocks_show(clock - (clock - _EPOCH) % width, view.zone)
        start = moment.replace(minute=0, second=0, microsecond=0) if width == _HOUR else moment
        bar = bars.setdefault(start, {"start_time": start, **{panel.key: 0 for panel in _PANELS}})
        for panel in _PANELS:
            bar[panel.key] += row[panel.key]
    return [bars[start] for start in sorted(bars)]


def _in_words(sheet: Sheet, rows: Sequence[Row], bars: Sequence[dict[str, Any]], name: str, who: str) -> str:
    activity, noise, events = (sum(row[panel.key] for row in rows) for panel in _PANELS)
    text = (
        f"{sheet.title}, {who}, from {sheet.view.span(bars[0]['start_time'], bars[-1]['start_time'])}: "
        f"{activity:,} events of root activity, {noise:,} of root noise, "
        f"{events:,} events of all identities."
    )
    if activity:
        peak = max(bars, key=lambda bar: bar["activity_count"])
        start = sheet.view.local(peak["start_time"])
        text += f" Most root activity: {peak['activity_count']:,} in the {name} from {start:%Y-%m-%d %H:%M}."
    return text


def _room_for_numbers(bars: Sequence[dict[str, Any]]) -> float:
    """At the left of the panels, in points: as wide as the widest number that can stand there."""
    return max(width_of(f"{bar[panel.key]:,}", _NUMBER) for bar in bars for panel in _PANELS) + 8


def _steps(top: int, most: int) -> list[int]:
    """0 and round numbers above it, the same apart, up to the highest bar: so many at the most, and at least one."""
    powers = (10**digits for digits in range(max(len(str(top)) - 2, 0), len(str(top)) + 1))
    step = next(factor * power for power in powers for factor in (1, 2, 4, 5) if top // (factor * power) <= most)
    return list(range(0, max(top, step) + 1, step))


def _draw_panels(sheet: Sheet, bars: Sequence[dict[str, Any]], width: timedelta, room: float) -> None:
    axis = sheet.panel(left=room, bottom=UNCUT_HEIGHT, top=0)
    wide, high = axis.get_xlim()[1], axis.get_ylim()[1]
    first, last = bars[0]["start_time"], bars[-1]["start_time"]
    edge = max((last - first + width) * 0.01, width * (12 if len(bars) == 1 else 0.5))
    ends = (_moved(first, -edge), _moved(last, width + edge))
    scale = TimeScale(ends, wide, [ends], zone=sheet.view.zone)
    scale.draw(axis, high)
    places = [scale.at(bar["start_time"]) for bar in bars]
    thick = width / (ends[1] - ends[0]) * wide
    free = high - _NAME * len(_PANELS) - _BETWEEN * (len(_PANELS) - 1)
    bottom = high
    for panel in _PANELS:
        tall = free * panel.share
        bottom -= _NAME + tall
        inset = sheet.panel(left=room, bottom=UNCUT_HEIGHT + bottom, top=high - bottom - tall)
        _draw_panel(inset, panel, [bar[panel.key] for bar in bars], places, thick)
        bottom -= _BETWEEN


def _moved(moment: datetime, by: timedelta) -> datetime:
    """A moment some time before or after another; the first or last that there is, if it lies beyond."""
    if by > timedelta(0):
        return moment + min(by, datetime.max.replace(tzinfo=UTC) - moment)
    return moment + max(by, datetime.min.replace(tzinfo=UTC) - moment)


def _draw_panel(inset: Axes, panel: _Panel, counts: list[int], places: list[float], thick: float) -> None:
    """Draw one panel: from left to right in points, upwards in events."""
    wide, tall = inset.get_xlim()[1], inset.get_ylim()[1]
    color = COLORS[panel.color]
    top = max(1, *counts) * 1.06
    inset.set_ylim(0, top)
    steps = _steps(max(counts), max(min(3, int(tall // _APART)), 1))
    for number in steps:
        color_of, thickness, order = (COLORS["rule"], 0.6, 0.5) if number else (COLORS["muted"], 0.8, 3)
        inset.plot([0, wide], [number, number], color=color_of, linewidth=thickness, zorder=order, clip_on=False)
        if number == steps[-1] or number / top * tall + _APART <= steps[-1] / top * tall:
            text = f"{number:,}"
            write(inset, -5, number, text, fontsize=_NUMBER, ha="right", color=COLORS["muted"], clip_on=False)
    inset.bar(places, counts, width=thick, align="edge", color=color, edgecolor=color, linewidth=0.5)
    total = sum(counts)
    name = f"{panel.label}: {total:,}" if total else f"{panel.label}: none"
    above = top * (1 + 8 / tall)
    write(inset, 0, above, cut(name, wide, 9), fontsize=9, color=COLORS["ink"], clip_on=False)
    if panel.key == "activity_count" and total:
        _mark(inset, [left + thick / 2 for left, count in zip(places, counts, strict=True) if count], -top * 5 / tall)


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
    "Three panels, each with a scale of its own: people's activity as root, service activity as "
    "root (noise), all events. A tick below the axis marks each bar of activity. Up to 14 days a bar is an hour, up to "
    "400 days a day, beyond that a week.",
    "Whether a time without bars was quiet or its logs are missing. Heights cannot be compared between panels.",
    activity_data,
    activity_chart,
)
