"""Named spans of time in lines, packed so that neither spans nor names overlap."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from rootforensics.charts.drawing.labels import cut, width_of, write
from rootforensics.charts.drawing.look import COLORS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes

#: Height of a line, in points.
LINE: Final = 13.0
_SIZE: Final = 8.0
_LONGEST: Final = 300.0
#: A name that was cut to less than this tells nothing.
_SHORTEST: Final = 60.0


@dataclass(frozen=True, slots=True)
class Span:
    """A span and its name.

    Attributes:
        left: begin, in points.
        right: end, in points.
        text: its name, as it is drawn.
        color: a name of ``COLORS``.
        hollow: True for what was only tried.
        bar: True for a bar, False for a line between two marks.
    """

    left: float
    right: float
    text: str
    color: str
    hollow: bool = False
    bar: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """A span and where its name begins, in points; ``across`` if it stands on the span, which has a gap there then."""

    span: Span
    text_left: float
    across: bool = False

    @property
    def box(self) -> tuple[float, float]:
        """From where to where it takes its line."""
        end = self.text_left + width_of(self.span.text, _SIZE)
        return min(self.span.left - 5, self.text_left) - 4, max(self.span.right + 5, end) + 4


def span_name(text: object) -> str:
    """A name that fits beside a span."""
    return cut(text, _LONGEST, _SIZE)


def pack(spans: Iterable[Span], width: float, most: int) -> tuple[list[list[Placed]], int]:
    """Put spans into lines, those that come first before others.

    Args:
        spans: the most important first.
        width: of the lines, in points.
        most: lines at the most.

    Returns:
        The lines, and how many spans have no room.
    """
    lines: list[list[tuple[Placed, tuple[float, float]]]] = []
    hidden = 0
    for span in spans:
        choices = [(placed, placed.box) for placed in _choices(span, width)]
        line = next(((one, choice) for one in lines for choice in choices if _is_free(one, choice[1])), None)
        if line is not None:
            line[0].append(line[1])
        elif len(lines) < most:
            lines.append([choices[0]])
        else:
            hidden += 1
    return [[placed for placed, _ in line] for line in lines], hidden


def _choices(span: Span, width: float) -> list[Placed]:
    """The name right of its span, or left of it; cut if it fits neither; on the span if that leaves no room."""
    wide = width_of(span.text, _SIZE)
    right, left = span.right + 8, span.left - 8 - wide
    found = [Placed(span, right)] if right + wide <= width else []
    if left >= 0:
        found.append(Placed(span, left))
    if found:
        return found
    sides = {"right": width - right, "left": span.left - 8}
    side = max(sides, key=sides.__getitem__)
    if sides[side] < _SHORTEST:
        short = replace(span, text=cut(span.text, width, _SIZE))
        middle = (span.left + span.right - width_of(short.text, _SIZE)) / 2
        return [Placed(short, min(max(middle, 0.0), width - width_of(short.text, _SIZE)), across=True)]
    short = replace(span, text=cut(span.text, sides[side], _SIZE))
    return [Placed(short, right if side == "right" else left + wide - width_of(short.text, _SIZE))]


def _is_free(line: Sequence[tuple[Placed, tuple[float, float]]], wanted: tuple[float, float]) -> bool:
    left, right = wanted
    return all(right <= box[0] or box[1] <= left for _, box in line)


def draw_strip(panel: Axes, lines: Sequence[Sequence[Placed]], top: float) -> None:
    """Draw the lines, downwards from ``top``."""
    for number, line in enumerate(lines):
        y = top - LINE * (number + 0.5)
        for one in line:
            (_draw_bar if one.span.bar else _draw_marks)(panel, one.span, y)
            back = {"facecolor": "#ffffff", "edgecolor": "none", "pad": 1.0} if one.across else None
            look = {"fontsize": _SIZE, "color": COLORS["ink"], "clip_on": False, "zorder": 5, "bbox": back}
            write(panel, one.text_left, y, one.span.text, **look)


def _draw_bar(panel: Axes, span: Span, y: float) -> None:
    from matplotlib.patches import Rectangle

    wide = max(span.right - span.left, 3.0)
    face, edge = COLORS[span.color], COLORS["response"]
    panel.add_patch(Rectangle((span.left, y - 4), wide, 8, facecolor=face, edgecolor=edge, linewidth=0.6, zorder=3))


def _draw_marks(panel: Axes, span: Span, y: float) -> None:
    color = COLORS[span.color]
    ends = [span.left, span.right] if span.right - span.left > 1 else [span.left]
    if len(ends) > 1:
        panel.plot(ends, [y, y], color=color, linewidth=2.4, solid_capstyle="butt", clip_on=False, zorder=3)
    panel.plot(
        ends,
        [y] * len(ends),
        linestyle="none",
        marker="D",
        markersize=4.2,
        markerfacecolor=COLORS["ended"] if span.hollow else color,
        markeredgecolor=color,
        clip_on=False,
        zorder=4,
    )
