"""Hours of the day by days of the week: when root was used."""

from __future__ import annotations

import math
from datetime import UTC
from typing import TYPE_CHECKING, Final, cast

from rootforensics.charts.activity import accounts_counted, activity_data
from rootforensics.charts.catalogue import Chart
from rootforensics.charts.drawing.labels import width_of, write
from rootforensics.charts.drawing.look import COLORS, Sheet, undrawn
from rootforensics.charts.drawing.view import View, drawn, zone_name
from rootforensics.errors import ChartError
from rootforensics.phrases import plural

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from rootforensics.queries import rows as of


_TITLE = "Hours in which people used root, by day of the week"
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SIDE: Final = 66.0
_SUMS: Final = 46.0
_ABOVE: Final = 8.0
_BELOW: Final = 34.0
#: Of one field.
_NARROWEST: Final = 8.0
_LOWEST: Final = 12.0
#: Events by hour: the rows of the activity chart.
heatmap_data: Final = activity_data


@drawn
def heatmap_chart(rows: Sequence[of.EventsByHour], view: View) -> Figure:
    """Draw seven days by 24 hours; a field is the darker the more root activity fell into it."""
    sheet = Sheet(view, _TITLE)
    untimed = undrawn((sum(row["activity_count"] for row in rows if row["hour_time"] is None), "event"))
    timed = [cast("of.TimedHour", row) for row in rows if row["hour_time"]]
    minutes = {view.local(_hour(row)).minute for row in timed}
    if len(minutes) > 1:
        raise ChartError(
            "this zone moved by a part of an hour, and rows are hours", hint="Give since and until, or no tz"
        )
    fields, covered = _fields(timed, view)
    total = sum(fields.values())
    if not total:
        return sheet.nothing("No root activity with a time", untimed)
    times = [row["hour_time"] for row in timed]
    aside = f"; {untimed}" if untimed else ""
    hours = f"hours with events from {view.span(min(times), max(times))}"
    told = [
        f"{plural(total, 'event')} of root activity, {accounts_counted(timed)}; {hours}{aside}",
        "A dot: events of others, but no root activity; an empty field: no events at all",
    ]
    sums = max(_SUMS, *(width_of(f"{count:,}") + 12 for count in _by_day(fields)))
    if sheet.start(told, (), (_SIDE + _NARROWEST * 24 + sums, _LOWEST * 7 + _ABOVE + _BELOW)):
        _draw(sheet, fields, covered, sums, min(minutes))
    top = sorted(fields, key=lambda field: (-fields[field], field))[:3]
    named = "; ".join(f"{_DAYS[day]} {hour:02}:{min(minutes):02} {fields[day, hour]:,}" for day, hour in top)
    return sheet.finish(
        f"{sheet.title}, {zone_name(view.zone)}: {plural(total, 'event')} of root activity{aside}. Most: {named}."
    )


def _hour(row: of.TimedHour) -> datetime:
    """The hour of UTC that a row counts."""
    return row["hour_time"].astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _fields(rows: Sequence[of.TimedHour], view: View) -> tuple[dict[tuple[int, int], int], set[tuple[int, int]]]:
    """Root activity by day and hour, and the fields in which anybody did anything."""
    found: dict[tuple[int, int], int] = {}
    covered = set()
    for row in rows:
        moment = view.local(_hour(row))
        place = (moment.weekday(), moment.hour)
        covered.add(place)
        if row["activity_count"]:
            found[place] = found.get(place, 0) + row["activity_count"]
    return found, covered


def _by_day(fields: dict[tuple[int, int], int]) -> list[int]:
    return [sum(fields.get((day, hour), 0) for hour in range(24)) for day in range(7)]


def _draw(
    sheet: Sheet, fields: dict[tuple[int, int], int], covered: set[tuple[int, int]], sums: float, minute: int
) -> None:
    panel = sheet.panel(left=_SIDE, right=sums, bottom=_BELOW, top=_ABOVE)
    wide, high = panel.get_xlim()[1] / 24, panel.get_ylim()[1] / 7
    most = max(fields.values())
    for day, row in enumerate(_by_day(fields)):
        middle = high * (6.5 - day)
        write(panel, -8, middle, _DAYS[day], ha="right", fontsize=8.5, color=COLORS["ink"], clip_on=False)
        write(panel, wide * 24 + 8, middle, f"{row:,}", color=COLORS["muted"], clip_on=False)
        for hour in range(24):
            _draw_field(panel, (wide * hour, high * (6 - day), wide, high), fields.get((day, hour), 0), most)
    dots = sorted(covered - fields.keys())
    across, up = [wide * (hour + 0.5) for _, hour in dots], [high * (6.5 - day) for day, _ in dots]
    panel.plot(across, up, linestyle="none", marker=".", markersize=2.2, color=COLORS["noise"])
    step = next(hours for hours in (3, 6, 12) if hours * wide > width_of("00:00", 7.5) + 4 or hours == 12)
    for hour in range(0, 25, step):
        clock = f"{hour % 24 if minute else hour:02}:{minute:02}"
        write(panel, wide * hour, -8, clock, ha="center", fontsize=7.5, color=COLORS["muted"], clip_on=False)
    write(panel, 0, -26, f"Hour of the day ({zone_name(sheet.view.zone)})", color=COLORS["ink"], clip_on=False)
    write(panel, wide * 24 + 8, high * 7 + 5, "sum", fontsize=7.5, color=COLORS["muted"], clip_on=False)


def _draw_field(panel: Axes, place: tuple[float, float, float, float], count: int, most: int) -> None:
    from matplotlib.patches import Rectangle

    left, bottom, wide, high = place
    shade = _shade(count, most) if count else 0.0
    color = _mixed(shade) if count else "#ffffff"
    panel.add_artist(
        Rectangle((left, bottom), wide, high, facecolor=color, edgecolor=COLORS["rule"], linewidth=0.6, clip_on=False)
    )
    text = _short(count)
    if count and width_of(text, 7.5) < wide - 2:
        ink = "#ffffff" if shade > 0.68 else COLORS["ink"]
        write(panel, left + wide / 2, bottom + high / 2, text, ha="center", fontsize=7.5, color=ink)


def _short(count: int) -> str:
    """A number that fits a field; from a thousand on not exact."""
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if count >= size:
            return f"{count / size:.1f}{unit}" if count < 9.95 * size else f"{count / size:,.0f}{unit}"
    return str(count)


def _shade(count: int, most: int) -> float:
    """From pale to full by magnitude: one event stays visible beside thousands."""
    return 0.18 + 0.82 * (math.log1p(count) / math.log1p(most))


def _mixed(shade: float) -> str:
    full = [int(COLORS["activity"][at : at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(255 + (part - 255) * shade):02x}" for part in full)


CHART = Chart(
    "heatmap",
    _TITLE,
    "One cell per hour and day of the week, darker with more events. The scale is logarithmic, so that one event"
    " remains visible next to thousands. Use outside working hours stands out.",
    "The user's local time: hours are in UTC or in the zone you chose. All weeks are added up, so a single night "
    "and a habit look alike; the activity chart distinguishes them.",
    heatmap_data,
    heatmap_chart,
)
