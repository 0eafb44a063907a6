"""Time from left to right: long times without events are cut short, and it shows."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeVar

from rootforensics.charts.drawing.labels import width_of, write
from rootforensics.charts.drawing.look import COLORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from matplotlib.axes import Axes

Place = TypeVar("Place", datetime, float)

#: Space that an axis of time needs below a panel, in points.
AXIS_HEIGHT: Final = 54.0
#: And one without cuts, whose lengths have a line.
UNCUT_HEIGHT: Final = 42.0
#: As many cuts at the most; a chart in more pieces is no longer read as one time.
_CUTS: Final = 6
#: Nor is one whose pieces are narrower than this, in points.
_PIECE: Final = 30.0
#: A time without events is cut if it is this part of what is left to show, and so many times the usual gap.
_LONG: Final = 0.12
_UNUSUAL: Final = 4.0
#: What is shorter is no time without events: most of CloudTrail's times are of whole seconds.
_SHORTEST: Final = timedelta(seconds=1)
_CUT_WIDTH: Final = 18.0
_NARROWEST: Final = 46.0
#: Steps of whole months, by their days.
_MONTHS_OF: Final = {31: 1, 61: 2, 92: 3, 183: 6, 366: 12, 731: 24, 1_827: 60, 3_653: 120, 18_263: 600}
_STEPS: Final = (
    *(timedelta(seconds=number) for number in (1, 5, 15, 30)),
    *(timedelta(minutes=number) for number in (1, 5, 10, 20, 30)),
    *(timedelta(hours=number) for number in (1, 2, 3, 6, 12)),
    *(timedelta(days=number) for number in (1, 2, 7, 14, *_MONTHS_OF)),
)
_DAY: Final = timedelta(days=1)
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EPOCH: Final = datetime(2001, 1, 1, tzinfo=UTC)  # a Monday, so weeks begin on Mondays


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time shown without a cut, and where it lies in points; within a margin at both sides nothing happens."""

    start: datetime
    end: datetime
    left: float
    right: float
    margin: float = 0.0


class TimeScale:
    """Moments as places in points.

    Args:
        moments: of everything that will be shown; at least one.
        width: in points.
        busy: spans in which nothing is cut short.
        even: True if the same time shall be the same length everywhere; else short times between cuts are drawn out.
    """

    def __init__(
        self,
        moments: Iterable[datetime],
        width: float,
        busy: Iterable[tuple[datetime, datetime]] = (),
        *,
        even: bool = False,
    ) -> None:
        times = sorted({moment.astimezone(UTC) for moment in moments})
        cuts = _cuts(times, union(busy), min(_CUTS, int((width - _PIECE) // (_PIECE + _CUT_WIDTH))))
        bounds = [times[0], *(moment for cut in cuts for moment in cut), times[-1]]
        parts = list(zip(bounds[::2], bounds[1::2], strict=True))
        self.width = width
        self.stretches = list(_laid_out(parts, width, even=even))

    def at(self, moment: datetime) -> float:
        """The place of a moment, in points; within a cut somewhere between its ends."""
        for one in self.stretches:
            if moment <= one.end:
                if moment < one.start:
                    return one.left - _CUT_WIDTH / 2 if one is not self.stretches[0] else one.left
                whole = (one.end - one.start).total_seconds()
                part = (moment - one.start).total_seconds() / whole if whole else 0.5
                return one.left + one.margin + (one.right - one.left - 2 * one.margin) * part
        return self.stretches[-1].right

    def draw(self, panel: Axes, height: float) -> None:
        """Draw the axis below a panel, and its cuts over the whole height."""
        for before, after in pairwise(self.stretches):
            _draw_cut(panel, before, after, height)
        years = {moment.year for one in self.stretches for moment in (one.start, one.end)}
        step = self._step()
        taken = {0: -99.0, 1: -99.0}
        for one in self.stretches:
            panel.plot([one.left, one.right], [0, 0], color=COLORS["muted"], linewidth=0.8, clip_on=False)
            said = ""
            for moment in _ticks(one, step):
                upper, lower = _texts(moment, step, with_year=len(years) > 1)
                self._tick(panel, moment, taken, (upper, lower if lower != said else ""))
                said = lower
        year = f", {min(years)}" if len(years) == 1 else ""
        wordings = [f"Time (UTC){year}"]
        if len(self.stretches) > 1:
            cuts = ("gray: times without any of these, cut short", "gray: cut short")
            wordings = [f"{wordings[0]}; {cut}" for cut in cuts]
        fits = next((one for one in wordings if width_of(one) <= panel.get_xlim()[1]), wordings[-1])
        below = (AXIS_HEIGHT if len(self.stretches) > 1 else UNCUT_HEIGHT) - 8
        write(panel, 0, -below, fits, color=COLORS["ink"], clip_on=False)

    def _step(self) -> timedelta:
        """The time from tick to tick at which labels have room."""
        longest = max(self.stretches, key=lambda one: one.right - one.left - 2 * one.margin)
        seconds = (longest.end - longest.start).total_seconds() / max(longest.right - longest.left, 1)
        room = 36 if seconds * 36 < _DAY.total_seconds() else 48
        return next((step for step in _STEPS if step.total_seconds() >= seconds * room), _STEPS[-1])

    def _tick(self, panel: Axes, moment: datetime, taken: dict[int, float], texts: tuple[str, str]) -> None:
        x = self.at(moment)
        panel.plot([x, x], [0, -3], color=COLORS["muted"], linewidth=0.8, clip_on=False)
        for line, text in enumerate(texts):
            wide = width_of(text, 7.5)
            left = min(max(x - wide / 2, 0), self.width - wide)
            if text and left >= taken[line] + 5:
                taken[line] = left + wide
                write(panel, left, -9 - 11 * line, text, fontsize=7.5, color=COLORS["muted"], clip_on=False)


def _texts(moment: datetime, step: timedelta, *, with_year: bool) -> tuple[str, str]:
    """What stands at a tick: the finer part above, below it what is said only where it changes."""
    date, year = f"{moment.day} {_MONTHS[moment.month - 1]}", str(moment.year)
    if step < _DAY:
        return clock(moment, step), f"{date} {year}" if with_year else date
    if step.days not in _MONTHS_OF:
        return date, year if with_year else ""
    return (year, "") if _MONTHS_OF[step.days] >= 12 else (_MONTHS[moment.month - 1], year if with_year else "")


def clock(moment: datetime, step: timedelta = timedelta(minutes=1)) -> str:
    """The time of day, as fine as the step is."""
    return f"{moment:%H:%M:%S}" if step < timedelta(minutes=1) else f"{moment:%H:%M}"


def long(seconds: float) -> str:
    """A length of time in one or two words."""
    for name, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size or (name == "min" and seconds >= 60):
            return f"{round(seconds / size):,} {name}"
    return f"{round(seconds)} s"


def span(first: datetime, last: datetime) -> str:
    """From when to when, in UTC."""
    return f"{first.astimezone(UTC):%Y-%m-%d %H:%M} to {last.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def union(spans: Iterable[tuple[Place, Place]]) -> list[tuple[Place, Place]]:
    """Spans that overlap or touch as one, in order."""
    found: list[tuple[Place, Place]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _cuts(times: list[datetime], busy: list[tuple[datetime, datetime]], most: int) -> list[tuple[datetime, datetime]]:
    """The times without events that are cut short, in order; so many at the most."""
    starts = [start for start, _ in busy]

    def is_busy(moment: datetime) -> bool:
        place = bisect_right(starts, moment) - 1
        return place >= 0 and moment < busy[place][1]

    gaps = sorted((pair for pair in pairwise(times) if not is_busy(pair[0])), key=lambda pair: pair[0] - pair[1])
    count = len(times) - 1
    left = times[-1] - times[0]
    found: list[tuple[datetime, datetime]] = []
    for place, (before, after) in enumerate(gaps[: max(most, 0)]):
        usual = (left - (after - before)) / max(count - place - 1, 1)
        if after - before < _SHORTEST or after - before <= left * _LONG or after - before < usual * _UNUSUAL:
            break
        found.append((before, after))
        left -= after - before
    return sorted(found)


def _laid_out(parts: list[tuple[datetime, datetime]], width: float, *, even: bool) -> Iterator[Stretch]:
    """Share the width out: the same time is the same length, but no part is too narrow for its date."""
    room = width - _CUT_WIDTH * (len(parts) - 1)
    narrowest = min(_NARROWEST, room / len(parts))
    lengths = [max((end - start).total_seconds(), 0.0) for start, end in parts]
    narrow = {place for place, length in enumerate(lengths) if not length}
    while True:
        free = room - narrowest * len(narrow)
        total = sum(length for place, length in enumerate(lengths) if place not in narrow)
        wide = [place for place in range(len(parts)) if place not in narrow]
        more = {place for place in wide if lengths[place] / total * free < narrowest}
        if not more:
            break
        narrow |= more
    left = 0.0
    for place, (start, end) in enumerate(parts):
        share, margin = room / len(parts) if len(narrow) == len(parts) else narrowest, 0.0
        if place not in narrow:
            share = lengths[place] / total * free
        elif even and total:
            margin = (share - lengths[place] / total * free) / 2
        yield Stretch(start, end, left, left + share, margin)
        left += share + _CUT_WIDTH


def _ticks(one: Stretch, step: timedelta) -> Iterator[datetime]:
    """Round moments within a stretch; its begin if there is none."""
    found = [moment for moment in _round(one.start, one.end, step) if one.start <= moment <= one.end]
    yield from found or [one.start]


def _round(start: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    """Round moments from before a start to an end."""
    months = _MONTHS_OF.get(step.days) if step >= _DAY else None
    if months is None:
        before = min((start - _EPOCH) % step, start - datetime.min.replace(tzinfo=UTC))
        for number in range((end - start + before) // step + 1):
            yield start - before + step * number
        return
    number = (start.year * 12 + start.month - 1) // months * months
    while number <= end.year * 12 + end.month - 1:
        if number >= 12:  # there is no year 0
            yield datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)
        number += months


def _draw_cut(panel: Axes, before: Stretch, after: Stretch, height: float) -> None:
    from matplotlib.patches import Rectangle

    left, wide = before.right + 4, after.left - before.right - 8
    panel.add_patch(Rectangle((left, 0), wide, height, facecolor=COLORS["pale"], edgecolor="none", zorder=0.3))
    text = long((after.start - before.end).total_seconds())
    middle = left + wide / 2
    write(panel, middle, -32, text, ha="center", fontsize=7, color=COLORS["muted"], clip_on=False)
