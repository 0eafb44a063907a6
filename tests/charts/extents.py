"""Where the texts of a figure stand, as the renderer measures them."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.transforms import Bbox

    Boxes = list[tuple[str, Bbox]]


def all_axes(axes: Axes) -> list[Axes]:
    """Axes and all that lie in them."""
    return [axes, *(inner for child in axes.child_axes for inner in all_axes(child))]


def texts_in(axes: Axes) -> Boxes:
    """Every text of a chart and its box in pixels; the figure has to be drawn."""
    found: Boxes = []
    for one in all_axes(axes):
        titles = [one.title, one._left_title, one._right_title]
        ticks = [*one.get_xticklabels(), *one.get_yticklabels(), one.xaxis.label, one.yaxis.label] if one.axison else []
        for text in (*one.texts, *titles, *ticks):
            if text.get_text() and text.get_visible():
                found.append((text.get_text(), text.get_window_extent()))
    return found


def check_within(box: Bbox, outer: Bbox, said: str, slack: float = 1.0) -> None:
    """A box lies within another, but for so many pixels."""
    inner = outer.padded(slack)
    assert inner.x0 <= box.x0 <= box.x1 <= inner.x1, (said, box, outer)
    assert inner.y0 <= box.y0 <= box.y1 <= inner.y1, (said, box, outer)


def check_apart(boxes: Boxes) -> None:
    """No text lies on another. Letters leave room within their boxes: what overlaps by less does not touch."""
    for (text, box), (other, its) in combinations(boxes, 2):
        wide = min(box.x1, its.x1) - max(box.x0, its.x0)
        high = min(box.y1, its.y1) - max(box.y0, its.y0)
        assert wide < 2 or high < 4, (text, other)


def check_readable(figure: Figure) -> None:
    """Of each chart in a figure every text and mark lies within its axes, and no text on another."""
    figure.canvas.draw()
    whole: Boxes = []
    for axes in figure.axes:
        outer = axes.get_window_extent()
        boxes = texts_in(axes)
        for text, box in boxes:
            check_within(box, outer, text)
        for one in all_axes(axes):
            for artist in (*one.lines, *one.patches, *one.collections):
                if (drawn := artist.get_tightbbox()) and drawn.width + drawn.height > 0:
                    check_within(drawn, outer, repr(artist), slack=2.0)
        whole += boxes
    check_apart(whole)
