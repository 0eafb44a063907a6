"""Lying bars with a name at the left and figures at the right; what has no room is told in a last line."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rootforensics.charts.drawing.labels import cut, width_of, write
from rootforensics.charts.drawing.look import COLORS, Mark, Sheet, inches_for
from rootforensics.phrases import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from matplotlib.axes import Axes

_ROW: Final = 17.0
_HIGHEST_ROW: Final = 34.0
#: Above the bars stand a line and the key.
_ABOVE: Final = 42.0
_NAME: Final = 8.5
#: Between the sum and what is noted of it.
_NOTE_GAP: Final = 9.0
#: Part of the width that bars have at least, if the numbers leave it; notes give way.
_BARS: Final = 0.25
#: Widths below which bars cannot be read, in points: without anything beside their names and numbers, and with.
_LEAST_NEED: Final = 230.0
_WIDEST_NEED: Final = 330.0
#: A note that was cut to less than this tells nothing.
_SHORTEST_NOTE: Final = 40.0
#: Marks of what was done: the same in every chart of events.
DONE: Final = {
    "change_count": Mark("changes", "change"),
    "read_count": Mark("reads", "read"),
    "failed_count": Mark("denied or failed", "ended", hatch="/////"),
    "unknown_count": Mark("not recorded", "unknown", edge="muted"),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar.

    Attributes:
        name: at its left.
        counts: lengths of its parts, by the key of their marks.
        note: at its right, after the sum.
        short: in the place of a note that has no room.
        aside: behind the name, paler.
    """

    name: str
    counts: Mapping[str, int] = field(default_factory=dict)
    note: str = ""
    short: str = ""
    aside: str = ""

    @property
    def total(self) -> int:
        """The sum of its parts."""
        return sum(self.counts.values())


def inches_of(bars: Sequence[Bar]) -> float:
    """The height of a figure for these bars: few of them need less than that of other charts."""
    return inches_for(len(bars) * _HIGHEST_ROW + _ABOVE if bars else 0.0)


def draw_bars(
    sheet: Sheet, told: str, bars: Sequence[Bar], marks: Mapping[str, Mark], rest: Callable[[Sequence[Bar]], str]
) -> None:
    """Draw the bars in their order, if the sheet has room for them.

    Args:
        sheet: where.
        told: what stands above them.
        bars: at least one.
        marks: of the parts of a bar, by key, in their order.
        rest: what the bars that have no room are called together.
    """
    least = _WIDEST_NEED if any(bar.note or bar.aside for bar in bars) else _LEAST_NEED
    if not sheet.start([told], marks.values(), (least, _ROW * min(len(bars), 2) + 12)):
        return
    panel = sheet.panel(top=8, bottom=4)
    wide, high = panel.get_xlim()[1], panel.get_ylim()[1]
    shown, more = _with_room(bars, marks, max(int(high // _ROW), 2), rest)
    row = min(high / (len(shown) + bool(more)), _HIGHEST_ROW)
    names = min(max(width_of(cut(bar.name, 400, _NAME), _NAME) for bar in shown), wide * 0.3)
    asides = min(max(width_of(cut(bar.aside, 400)) for bar in shown), wide * 0.2)
    left = names + (asides + 12 if asides else 0) + 10
    noted = min(max(_figures_width(bar) for bar in shown) + 8, wide * 0.4, wide * (1 - _BARS) - left)
    right = max(noted, *(width_of(f"{bar.total:,}") + 8 for bar in shown))
    scale = (wide - left - right) / max(1, *(bar.total for bar in shown))
    for place, bar in enumerate(shown):
        y = high - row * (place + 0.5)
        _draw_name(panel, bar, (names, asides), y)
        end = left + max(bar.total * scale, 1.0)
        _draw_parts(panel, bar, marks, (left, y, row * 0.62, scale))
        _draw_figures(panel, bar, end + 5, y)
    panel.plot([left, left], [high - row * len(shown), high], color=COLORS["muted"], linewidth=0.8)
    if more:
        fits = next((text for text in more if width_of(text, _NAME) <= wide), more[-1])
        write(panel, 0, high - row * (len(shown) + 0.5), cut(fits, wide, _NAME), fontsize=_NAME, color=COLORS["muted"])


def _with_room(
    bars: Sequence[Bar], marks: Mapping[str, Mark], room: int, rest: Callable[[Sequence[Bar]], str]
) -> tuple[list[Bar], list[str]]:
    """The bars that have room, and in words, long and short, what the others are: their bar would dwarf all others."""
    if len(bars) <= room:
        return list(bars), []
    more = bars[room - 1 :]
    sums = {key: sum(bar.counts.get(key, 0) for bar in more) for key in marks}
    told = ", ".join(f"{marks[key].label}: {count:,}" for key, count in sums.items() if count)
    short = f"{rest(more)}: {plural(sum(sums.values()), 'event')}"
    return list(bars[: room - 1]), [f"{short} ({told})", short]


def _figures_width(bar: Bar) -> float:
    return width_of(f"{bar.total:,}") + (_NOTE_GAP + width_of(bar.note) if bar.note else 0.0)


def _draw_figures(panel: Axes, bar: Bar, left: float, y: float) -> None:
    number = f"{bar.total:,}"
    aside = left + width_of(number) + _NOTE_GAP
    write(panel, left, y, number, color=COLORS["ink"])
    room = panel.get_xlim()[1] - aside
    note = bar.note if width_of(bar.note) <= room or not bar.short else bar.short
    if width_of(note) <= room or room >= _SHORTEST_NOTE:
        write(panel, aside, y, cut(note, room), color=COLORS["muted"])


def _draw_name(panel: Axes, bar: Bar, room: tuple[float, float], y: float) -> None:
    names, asides = room
    write(panel, 0, y, cut(bar.name, names, _NAME), fontsize=_NAME, color=COLORS["ink"])
    write(panel, names + 12, y, cut(bar.aside, asides), color=COLORS["muted"])


def _draw_parts(panel: Axes, bar: Bar, marks: Mapping[str, Mark], place: tuple[float, float, float, float]) -> None:
    from matplotlib.patches import Rectangle

    left, y, thick, scale = place
    for key, mark in marks.items():
        long = bar.counts.get(key, 0) * scale
        if long:
            panel.add_artist(Rectangle((left, y - thick / 2), long, thick, gid=key, **mark.face))
            left += long
