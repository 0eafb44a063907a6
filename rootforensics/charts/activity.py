"""When root was used: people's activity, services' noise and all events, over time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from rootforensics.charts.catalogue import Chart
from rootforensics.charts.look import COLOURS, plural

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rootforensics.queries.result import Asks

    Row = dict[str, Any]

__all__ = ["CHART", "COLOURS", "activity_chart", "activity_data"]

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
    colour: str
    label: str
    bounds: tuple[float, float, float, float]


_PANELS: Final = (
    _Panel("activity_count", "activity", "Root activity (people)", (0, 0.53, 1, 0.40)),
    _Panel("noise_count", "noise", "Root noise (AWS services)", (0, 0.25, 1, 0.16)),
    _Panel("event_count", "volume", "All events of all identities", (0, 0.0, 1, 0.12)),
)


def activity_data(case: Asks, account_id: str = "") -> list[dict[str, Any]]:
    """Events by hour, for everybody and for root.

    Args:
        case: the case to ask.
        account_id: only this account; empty for all.

    Returns:
        One row an hour that has events, in order: ``hour_time`` (aware, UTC; None, last, for events without a time),
        ``event_count``, ``activity_count``, ``noise_count``.
    """
    return case.query("events_by_hour", account_id=account_id).rows


def activity_chart(rows: Sequence[dict[str, Any]], ax: Axes | None = None) -> Figure:
    """Draw root's activity and noise over time, above the volume of all events.

    Each of the three has a panel and a scale of its own, so that one event of root stays visible beside thousands of
    others. Up to 14 days a bar is an hour, up to 400 days a day, beyond that a week. Where there are no rows
    there is no bar: the hour was quiet, or its logs are missing.

    Args:
        rows: as ``activity_data`` returns them.
        ax: where to draw; a figure of its own if not given.

    Returns:
        The figure; its label is a description in words.
    """
    from matplotlib.figure import Figure

    if ax is None:
        figure = Figure(figsize=(9.6, 4.6))
        ax = figure.add_axes((0.06, 0.11, 0.90, 0.80))
    else:
        found = ax.get_figure(root=True)
        if not isinstance(found, Figure):
            raise TypeError("ax belongs to no figure")
        figure = found
    timed = [row for row in rows if row["hour_time"]]
    undrawn = without_time(rows)
    width, name = _bar_width(timed)
    bars = _rebin(timed, width)
    ax.set_axis_off()
    ax.set_title(f"Root activity and noise per {name}", loc="left", fontsize=12, color=COLOURS["ink"], weight="bold")
    if undrawn:
        ax.set_title(f"Not drawn: {undrawn}", loc="right", fontsize=8.5, color=COLOURS["muted"])
    figure.set_label(" ".join((_in_words(timed, bars, name), *([f"Not drawn: {undrawn}."] if undrawn else []))))
    if bars:
        _draw_panels(ax, bars, width)
    else:
        ax.text(0.5, 0.5, "No events with a time in this case", ha="center", va="center", color=COLOURS["muted"])
    return figure


def without_time(rows: Sequence[Row]) -> str:
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


def _bar_width(rows: Sequence[Row]) -> tuple[timedelta, str]:
    if not rows:
        return _HOUR, "hour"
    times = [row["hour_time"] for row in rows]
    span = max(times) - min(times)
    if span < _HOURS_UP_TO:
        return _HOUR, "hour"
    return (_DAY, "day") if span <= _DAYS_UP_TO else (_WEEK, "week")


def _rebin(rows: Sequence[Row], width: timedelta) -> list[Row]:
    """Add hours up to bars; a bar without rows is left out."""
    bars: dict[datetime, Row] = {}
    for row in rows:
        moment = row["hour_time"].astimezone(UTC)
        start = moment - (moment - _EPOCH) % width
        bar = bars.setdefault(start, {"start_time": start, **{panel.key: 0 for panel in _PANELS}})
        for panel in _PANELS:
            bar[panel.key] += row[panel.key]
    return [bars[start] for start in sorted(bars)]


def _in_words(rows: Sequence[Row], bars: Sequence[Row], name: str) -> str:
    if not bars:
        return "Root activity over time: no events with a time in this case."
    activity, noise, events = (sum(row[panel.key] for row in rows) for panel in _PANELS)
    text = (
        f"Root activity and noise per {name}, UTC, from {bars[0]['start_time']:%Y-%m-%d %H:%M} "
        f"to {bars[-1]['start_time']:%Y-%m-%d %H:%M}: {activity:,} events of root activity, {noise:,} of root noise, "
        f"{events:,} events of all identities."
    )
    if activity:
        peak = max(bars, key=lambda bar: bar["activity_count"])
        text += (
            f" Most root activity: {peak['activity_count']:,} in the {name} from {peak['start_time']:%Y-%m-%d %H:%M}."
        )
    return text


def _draw_panels(ax: Axes, bars: Sequence[Row], width: timedelta) -> None:
    from matplotlib.dates import date2num

    days = width / _DAY
    starts = [float(date2num(bar["start_time"])) for bar in bars]  # type: ignore[no-untyped-call]
    margin = max((starts[-1] + days - starts[0]) * 0.01, days * (12 if len(bars) == 1 else 0.5))
    first: Axes | None = None
    for panel in _PANELS:
        inset = ax.inset_axes(panel.bounds, sharex=first)
        first = first or inset
        counts = [bar[panel.key] for bar in bars]
        colour = COLOURS[panel.colour]
        inset.bar(starts, counts, width=days, align="edge", color=colour, edgecolor=colour, linewidth=0.5)
        inset.set_xlim(starts[0] - margin, starts[-1] + days + margin)
        inset.set_ylim(0, max(1, *counts) * 1.06)
        total = sum(counts)
        text = f"{panel.label}: {total:,}" if total else f"{panel.label}: none"
        inset.set_title(text, loc="left", fontsize=9, color=COLOURS["ink"], pad=4)
        _plain(inset, last=panel is _PANELS[-1])
        if panel.key == "activity_count" and total:
            _mark(inset, [start + days / 2 for start, count in zip(starts, counts, strict=True) if count])


def _mark(inset: Axes, middles: list[float]) -> None:
    """A tick below the axis for each bar of activity: one event beside a hundred is too low to see."""
    inset.plot(
        middles,
        [-0.05] * len(middles),
        transform=inset.get_xaxis_transform(),
        clip_on=False,
        linestyle="none",
        marker="|",
        markersize=5,
        markeredgewidth=1.4,
        color=COLOURS["activity"],
    )


def _plain(inset: Axes, *, last: bool) -> None:
    """Leave of an axis what is read: few counts at the left, time at the bottom of the last."""
    from matplotlib.dates import AutoDateLocator, DateFormatter, num2date
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    for side in ("top", "right", "left"):
        inset.spines[side].set_visible(False)
    inset.spines["bottom"].set_color(COLOURS["muted"])
    inset.set_axisbelow(True)
    inset.grid(axis="y", color=COLOURS["rule"], linewidth=0.6)
    inset.yaxis.set_major_locator(MaxNLocator(nbins=2 if last else 3, integer=True, min_n_ticks=2))
    inset.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    inset.tick_params(axis="both", labelsize=8, labelcolor=COLOURS["muted"], color=COLOURS["rule"], length=3)
    low, high = inset.get_xlim()
    look = "%Y-%m-%d" if high - low > 4 else "%m-%d %H:%M"
    inset.xaxis.set_major_locator(AutoDateLocator(tz=UTC, minticks=3, maxticks=9))  # type: ignore[no-untyped-call]
    inset.xaxis.set_major_formatter(DateFormatter(look, tz=UTC))  # type: ignore[no-untyped-call]
    inset.tick_params(axis="x", labelbottom=last, length=3 if last else 0)
    if last:
        years = sorted({num2date(edge, tz=UTC).year for edge in (low, high)})  # type: ignore[no-untyped-call]
        inset.set_xlabel(f"Time (UTC), {' to '.join(map(str, years))}", fontsize=9, color=COLOURS["ink"])


CHART = Chart(
    "activity",
    "Root activity and noise over time",
    "Three panels, each with a scale of its own: people's activity as root, the noise of AWS services in root's "
    "name, all events. A tick below the axis marks each bar of activity. Up to 14 days a bar is an hour, up to "
    "400 days a day, beyond that a week.",
    "Whether a time without bars was quiet or its logs are missing. Heights cannot be compared between panels.",
    activity_data,
    activity_chart,
)
