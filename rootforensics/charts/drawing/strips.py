"""Lines of spans of time above the rows: what is of one kind stands in one line, and its name once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rootforensics.charts.drawing.labels import Places, cut, width_of, write
from rootforensics.charts.drawing.look import COLORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

_SIZE: Final = 8.0
#: So far a name stands from its span, and others from it.
_APART: Final = 8.0


@dataclass(frozen=True, slots=True)
class Span:
    """A span.

    Attributes:
        left: begin, in points.
        right: end, in points.
        color: a name of ``COLORS``.
        hollow: True for what was only tried.
        bar: True for a bar, False for a line between two marks.
        name: of this span alone; drawn if there is room.
        links: of its marks, and of its line and name, as ``Sheet.link`` gives them.
    """

    left: float
    right: float
    color: str
    hollow: bool = False
    bar: bool = False
    name: str = ""
    links: tuple[str, str] = ("", "")


def draw_line(panel: Axes, spans: Sequence[Span], y: float, reach: tuple[float, float], name: str = "") -> None:
    """Draw spans in one line.

    Args:
        panel: in points.
        spans: at least one, the most severe first.
        y: the middle of the line.
        reach: from where to where names can stand.
        name: of all of them, which stands beside one of them, or across them where no side has room.
    """
    taken = Places((span.left - 5, y - 1, span.right + 5, y + 1) for span in spans), Places()
    for span in spans:
        (_draw_bar if span.bar else _draw_marks)(panel, span, y)
        if span.name and (spot := _spot(span.name, [span], reach, taken, y)):
            _write(panel, *spot, y, span.links[1])
    if name:
        _write(panel, *(_spot(name, spans, reach, taken, y) or _squeezed(name, spans, reach)), y, spans[0].links[1])


def _spot(
    name: str, spans: Sequence[Span], reach: tuple[float, float], taken: tuple[Places, Places], y: float
) -> tuple[float, str, bool] | None:
    """Where a name has room: beside a span, the last first, or else across them; None if nowhere."""
    low, high = reach
    text = cut(name, high - low, _SIZE)
    wide = width_of(text, _SIZE)
    for span in reversed(spans):
        for left in (span.right + _APART, span.left - _APART - wide):
            box = (left - 2, y - 1, left + wide + 2, y + 1)
            if left >= low and left + wide <= high and taken[0].take(*box) and taken[1].take(*box):
                return left, text, False
    first, last = min(span.left for span in spans), max(span.right for span in spans)
    left = (first + last - wide) / 2
    if last - first > wide + 2 * _APART and taken[1].take(left - 2, y - 1, left + wide + 2, y + 1):
        return left, text, not spans[0].bar
    return None


def _squeezed(name: str, spans: Sequence[Span], reach: tuple[float, float]) -> tuple[float, str, bool]:
    """The name, cut, at the side of the spans that has more room."""
    left, right = min(span.left for span in spans) - _APART, max(span.right for span in spans) + _APART
    low, high = reach
    if high - right >= left - low:
        return right, cut(name, high - right, _SIZE), True
    text = cut(name, left - low, _SIZE)
    return left - width_of(text, _SIZE), text, True


def _write(panel: Axes, left: float, text: str, is_backed: bool, y: float, link: str) -> None:
    back = {"facecolor": "#ffffff", "edgecolor": "none", "pad": 1.0} if is_backed else None
    shown = write(panel, left, y, text, fontsize=_SIZE, color=COLORS["ink"], clip_on=False, zorder=5, bbox=back)
    for part in filter(None, (shown, shown.get_bbox_patch())):
        part.set_url(link or None)


def _draw_bar(panel: Axes, span: Span, y: float) -> None:
    from matplotlib.patches import Rectangle

    wide = max(span.right - span.left, 3.0)
    face, edge = COLORS[span.color], COLORS["response"]
    bar = Rectangle((span.left, y - 4), wide, 8, facecolor=face, edgecolor=edge, linewidth=0.6, zorder=3)
    bar.set_url(span.links[0] or None)
    panel.add_artist(bar)


def _draw_marks(panel: Axes, span: Span, y: float) -> None:
    color = COLORS[span.color]
    ends = [span.left, span.right] if span.right - span.left > 1 else [span.left]
    if len(ends) > 1:
        (line,) = panel.plot(ends, [y, y], color=color, linewidth=2.4, solid_capstyle="butt", clip_on=False, zorder=3)
        line.set_url(span.links[1] or None)
    (marks,) = panel.plot(
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
    marks.set_url(span.links[0] or None)
