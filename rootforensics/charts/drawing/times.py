"""Time from left to right: long times without events are cut short, and it shows."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeVar

from rootforensics.charts.drawing.labels import width_of, write
from rootforensics.charts.drawing.look import COLORS
from rootforensics.charts.drawing.view import shown_by_clocks, when_clocks_show, zone_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import tzinfo

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
#: Where time has one scale, a time without events is cut if it is this part of what is left to show.
_LONG: Final = 0.12
#: Elsewhere, if it is so many times as long as this part of all events takes beside it.
_UNUSUAL: Final = 4.0
_PART: Final = 12
#: Of a chart of days, events of one minute count once: a page of the console is read in a burst of calls.
_COARSE: Final = timedelta(days=1)
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
    even: bool = False


class TimeScale:
    """Moments as places in points.

    Args:
        moments: of everything that will be shown; at least one.
        width: in points.
        busy: spans in which nothing is cut short.
        even: True if the same time shall be the same length everywhere; else the pieces between cuts are the wider the
            more happens in them.
        zone: of what stands at the axis.
    """

    def __init__(
        self,
        moments: Iterable[datetime],
        width: float,
        busy: Iterable[tuple[datetime, datetime]] = (),
        *,
        even: bool = False,
        zone: tzinfo = UTC,
    ) -> None:
        times = sorted({moment.astimezone(UTC) for moment in moments})
        most = min(_CUTS, int((width - _PIECE) // (_PIECE + _CUT_WIDTH)))
        cuts = _cuts(times, union(busy), most, even=even)
        bounds = [times[0], *(moment for cut in cuts for moment in cut), times[-1]]
        parts = list(zip(bounds[::2], bounds[1::2], strict=True))
        self.width = width
        self.zone = zone
        self.stretches = list(_laid_out(parts, width, None if even else _coarse(times)))

    def at(self, moment: datetime) -> float:
        """The place of a moment, in points; within a cut somewhere between its ends."""
        for stretch in self.stretches:
            if moment <= stretch.end:
                if moment < stretch.start:
                    return stretch.left - _CUT_WIDTH / 2 if stretch is not self.stretches[0] else stretch.left
                whole = (stretch.end - stretch.start).total_seconds()
                part = (moment - stretch.start).total_seconds() / whole if whole else 0.5
                return stretch.left + stretch.margin + (stretch.right - stretch.left - 2 * stretch.margin) * part
        return self.stretches[-1].right

    def draw(self, panel: Axes, height: float) -> None:
        """Draw the axis below a panel, and its cuts over the whole height."""
        for before, after in pairwise(self.stretches):
            _draw_cut(panel, before, after, height)
        ends = [moment.astimezone(self.zone) for stretch in self.stretches for moment in (stretch.start, stretch.end)]
        years = {moment.year for moment in ends}
        steps = [self._step(one) for one in self.stretches]
        taken = {0: -99.0, 1: -99.0}
        for one, step in zip(self.stretches, steps, strict=True):
            panel.plot([one.left, one.right], [0, 0], color=COLORS["muted"], linewidth=0.8, clip_on=False)
            said = ""
            for moment in _ticks(one, step, self.zone):
                upper, lower = _texts(moment, step, with_year=len(years) > 1)
                self._tick(panel, moment, taken, (upper, lower if lower != said else ""))
                said = lower
        year = f", {min(years)}" if len(years) == 1 else ""
        wordings = [f"Time ({zone_name(self.zone, *ends)}){year}"]
        if len(self.stretches) > 1:
            cuts = [
                "gray: shortened times without events; each part has its own scale",
                "gray: shortened times without events",
                "gray: cut short",
            ]
            if all(one.even for one in self.stretches):
                cuts = cuts[1:]
            wordings = [f"{wordings[0]}; {cut}" for cut in cuts]
        fits = next((wording for wording in wordings if width_of(wording) <= panel.get_xlim()[1]), wordings[-1])
        below = (AXIS_HEIGHT if len(self.stretches) > 1 else UNCUT_HEIGHT) - 8
        write(panel, 0, -below, fits, color=COLORS["ink"], clip_on=False)

    def _step(self, one: Stretch) -> timedelta:
        """The time from tick to tick at which labels have room."""
        if one.start == one.end:
            return timedelta(minutes=1)
        seconds = (one.end - one.start).total_seconds() / max(one.right - one.left - 2 * one.margin, 1)
        room = 36 if 60 <= seconds * 36 < _DAY.total_seconds() else 48
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


def union(spans: Iterable[tuple[Place, Place]]) -> list[tuple[Place, Place]]:
    """Spans that overlap or touch as one, in order."""
    found: list[tuple[Place, Place]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _cuts(
    times: list[datetime], busy: list[tuple[datetime, datetime]], most: int, *, even: bool
) -> list[tuple[datetime, datetime]]:
    """The times without events that are cut short, in order; so many at the most."""
    starts = [start for start, _ in busy]

    def is_busy(moment: datetime) -> bool:
        place = bisect_right(starts, moment) - 1
        return place >= 0 and moment < busy[place][1]

    gaps = sorted((pair for pair in pairwise(times) if not is_busy(pair[0])), key=lambda pair: pair[0] - pair[1])
    coarse = _coarse(times)
    left = times[-1] - times[0]
    found: list[tuple[datetime, datetime]] = []
    for before, after in gaps:
        if len(found) >= most or after - before < _SHORTEST:
            break
        if after - before > (left * _LONG if even else _UNUSUAL * _taken_beside(coarse, before, after)):
            found.append((before, after))
            left -= after - before
    return _worthwhile(times, sorted(found))


def _coarse(times: Sequence[datetime]) -> list[datetime]:
    """The moments of events; of a chart of days each minute once."""
    if times[-1] - times[0] < _COARSE:
        return list(times)
    return list({moment.replace(second=0, microsecond=0): moment for moment in reversed(times)}.values())[::-1]


def _taken_beside(times: list[datetime], before: datetime, after: datetime) -> timedelta:
    """The time that a part of all events takes at the busier side of a gap."""
    number = max(len(times) // _PART, min(len(times) // 3, 3), 1)
    left, right = bisect_right(times, before), bisect_left(times, after)
    spans = []
    if left > number:
        spans.append(before - times[left - 1 - number])
    if right + number < len(times):
        spans.append(times[right + number] - after)
    return min(spans, default=timedelta.max / (2 * _UNUSUAL))


def _worthwhile(times: list[datetime], cuts: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """The cuts without those, the shortest first, that are short beside both pieces that they part."""
    kept = list(cuts)
    for cut in sorted(cuts, key=lambda one: one[1] - one[0]):
        place = kept.index(cut)
        start = kept[place - 1][1] if place else times[0]
        end = kept[place + 1][0] if place + 1 < len(kept) else times[-1]
        if (cut[1] - cut[0]) * _UNUSUAL < min(cut[0] - start, end - cut[1]):
            kept.remove(cut)
    return kept


def _laid_out(
    parts: list[tuple[datetime, datetime]], width: float, times: Sequence[datetime] | None
) -> Iterator[Stretch]:
    """Share the width out: by the number of events, or else by time; but no part is too narrow for its date."""
    room = width - _CUT_WIDTH * (len(parts) - 1)
    narrowest = min(_NARROWEST, room / len(parts))
    lengths = [max((end - start).total_seconds(), 0.0) for start, end in parts]
    shares = (
        lengths
        if times is None
        else [bisect_right(times, end) - bisect_left(times, start) if end > start else 0 for start, end in parts]
    )
    narrow = {place for place, share in enumerate(shares) if not share}
    while True:
        free = room - narrowest * len(narrow)
        total = sum(share for place, share in enumerate(shares) if place not in narrow)
        wide = [place for place in range(len(parts)) if place not in narrow]
        more = {place for place in wide if shares[place] / total * free < narrowest}
        if not more:
            break
        narrow |= more
    left = 0.0
    for place, (start, end) in enumerate(parts):
        share, margin = room / len(parts) if len(narrow) == len(parts) else narrowest, 0.0
        if place not in narrow:
            share = shares[place] / total * free
        elif times is None and total:
            margin = (share - shares[place] / total * free) / 2
        yield Stretch(start, end, left, left + share, margin, times is None)
        left += share + _CUT_WIDTH


def _ticks(one: Stretch, step: timedelta, zone: tzinfo) -> Iterator[datetime]:
    """Moments within a stretch that are round in its zone; its begin if there is none."""
    found = _round(shown_by_clocks(one.start, zone), shown_by_clocks(one.end, zone), step)
    moments = [moment for clock in found if one.start <= (moment := when_clocks_show(clock, zone)) <= one.end]
    yield from (moment.astimezone(zone) for moment in moments or [one.start])


def _round(start: datetime, end: datetime, step: timedelta) -> Iterator[datetime]:
    """Round times of the clock from before a start to an end."""
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
    panel.add_artist(Rectangle((left, 0), wide, height, facecolor=COLORS["pale"], edgecolor="none", zorder=0.3))
    text = long((after.start - before.end).total_seconds())
    middle = left + wide / 2
    write(panel, middle, -32, text, ha="center", fontsize=7, color=COLORS["muted"], clip_on=False)
