"""The rows of any result over time: one bar chart, each bar split by the values of a column."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from rootforensics.charts.activity import bar_start, bar_width, draw_numbers, draw_time_axis
from rootforensics.charts.drawing.labels import width_of
from rootforensics.charts.drawing.look import COLORS, Mark, Sheet
from rootforensics.charts.drawing.times import UNCUT_HEIGHT
from rootforensics.charts.drawing.view import drawn
from rootforensics.errors import ChartError
from rootforensics.phrases import plural
from rootforensics.queries.text import as_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from matplotlib.figure import Figure

    from rootforensics.charts.drawing.view import View
    from rootforensics.queries.result import Result

#: Of values that have no color of their own, the most frequent first.
_PALETTE: Final = ("change", "medium", "mfa", "no_mfa", "mfa_beside")
_NAMED: Final = ("critical", "high", "medium", "low", "info", "activity", "noise")
_OTHERS: Final = "volume"
_LEAST: Final = (190.0, 60.0)
_OPTIONS: Final = ("tz", "title", "figsize", "dpi", "ax")


@dataclass(frozen=True, slots=True)
class _Rows:
    """What the chart draws: the time of each row, and the value that colors it."""

    name: str
    time: str
    color: str
    times: list[datetime | None]
    values: list[str]


def plot_rows(result: Result, time: str, color: str, options: Mapping[str, Any]) -> Figure:
    """Draw the rows of a result over time.

    Args:
        result: with a column of times.
        time: the column of times; the first one if empty.
        color: the column that splits the bars; none if empty.
        options: as every chart takes them.

    Raises:
        ChartError: no column contains times, one of these columns does not exist, or an option is unknown.
    """
    known = ", ".join(result.time_columns)
    if not known:
        hint = "Select a column such as eventTime, or cast a text: CAST(text AS TIMESTAMPTZ)"
        raise ChartError("no column contains times", where=result.name, hint=hint)
    if time and time not in result.time_columns:
        raise ChartError(f"{time!r} is no column of times", where=result.name, hint=f"There are {known}")
    if color and color not in result.columns:
        hint = f"There are {', '.join(result.columns)}"
        raise ChartError(f"there is no column {color!r}", where=result.name, hint=hint)
    if unknown := sorted(options.keys() - {*_OPTIONS}):
        hint = f"There are time, color, {', '.join(_OPTIONS)}"
        raise ChartError(f"there is no option {unknown[0]!r}", where="plot", hint=hint)
    column = time or result.time_columns[0]
    values = [as_text(value) or "not recorded" for value in result[color]] if color else [""] * len(result)
    figure: Figure = _over_time(_Rows(result.name, column, color, result[column], values), **options)
    return figure


@drawn
def _over_time(rows: _Rows, view: View) -> Figure:
    """Draw how many rows there are per hour, day or week."""
    pairs = [(moment, value) for moment, value in zip(rows.times, rows.values, strict=True) if moment]
    times = [moment for moment, _ in pairs]
    width, unit = bar_width(times)
    sheet = Sheet(view, f"{rows.name}: rows per {unit} of {rows.time}{f', by {rows.color}' if rows.color else ''}")
    left_out = plural(len(rows.times) - len(pairs), "row") if len(pairs) < len(rows.times) else ""
    if not pairs:
        return sheet.nothing(
            f"No row of {rows.name} has a time", f"not drawn: {left_out} without a time" if left_out else ""
        )
    ranked = Counter(value for _, value in pairs).most_common()
    shown = [value for value, _ in ranked[: len(_PALETTE)]]
    others = plural(len(ranked) - len(shown), "other value")
    free = iter([name for name in _PALETTE if name not in shown])
    colors = {value: value if value in _NAMED else next(free) for value in shown}
    if len(ranked) > len(shown):
        colors[others] = _OTHERS
    counts = Counter((bar_start(moment, width, view), value if value in colors else others) for moment, value in pairs)
    starts = sorted({start for start, _ in counts})
    totals = {start: sum(counts[start, value] for value in colors) for start in starts}
    marks = [Mark(value, name) for value, name in colors.items() if rows.color]
    summary = f"{plural(len(pairs), 'row')} from {view.span(min(times), max(times))}"
    summary += f"; not drawn: {left_out} without a time" if left_out else ""
    room = width_of(f"{max(totals.values()):,}") + 8
    if sheet.start([summary], marks, (room + _LEAST[0], UNCUT_HEIGHT + _LEAST[1])):
        from matplotlib.patches import Rectangle

        places, thick, _ = draw_time_axis(sheet, starts, width, room)
        panel = sheet.panel(left=room, bottom=UNCUT_HEIGHT)
        draw_numbers(panel, max(totals.values()))
        for start, left in zip(starts, places, strict=True):
            bottom = 0
            for value, name in colors.items():
                if not counts[start, value]:
                    continue
                bar = Rectangle((left, bottom), thick, counts[start, value], color=COLORS[name], linewidth=0.5)
                panel.add_artist(bar)
                bottom += counts[start, value]
    peak = max(starts, key=lambda start: totals[start])
    by_value = "; ".join(f"{value} {sum(counts[start, value] for start in starts):,}" for value in colors if value)
    split = f" {rows.color}: {by_value}." if rows.color else ""
    most = f"Most in one {unit}: {totals[peak]:,}, from {view.local(peak):%Y-%m-%d %H:%M}."
    return sheet.finish(f"{sheet.title}: {summary}.{split} {most}")
