"""Points in lanes over time: many at one place become one larger point, and labels keep clear of each other."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rootforensics.charts.drawing.labels import Places, cut, width_of, write
from rootforensics.charts.drawing.look import COLORS
from rootforensics.charts.drawing.times import AXIS_HEIGHT

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from matplotlib.axes import Axes

    from rootforensics.charts.drawing.look import Mark
    from rootforensics.charts.drawing.times import TimeScale

#: Left, lower, right and upper edge, in points.
Box = tuple[float, float, float, float]
#: Room for the counts at the right, in points.
COUNTS: Final = 40.0
#: A lane can be this low, in points, and this narrow.
LOWEST: Final = 13.0
_NARROWEST: Final = 170.0
#: Points nearer to each other than this, in points of type, are drawn as one.
_NEAR: Final = 4.0
_LABEL: Final = 7.5
#: In points: a label is whole up to the first where that has room, else cut to the second.
_LABEL_WIDTHS: Final = (400.0, 130.0)
#: Labels that are tried for in one lane, so that no lane takes the tries of another; the most severe come first.
_TRIED_FOR: Final = 100


@dataclass(frozen=True, slots=True)
class Point:
    """One event.

    Attributes:
        moment: when.
        lane: where.
        mark: how it looks.
        label: beside it if there is room.
        weight: points at one place look like the heaviest of them, and labels of the heaviest are placed first.
    """

    moment: datetime
    lane: str
    mark: Mark
    label: str = ""
    weight: int = 0


@dataclass(frozen=True, slots=True)
class Lanes:
    """Where the lanes are: names from top to bottom, and the height of each in points."""

    names: Sequence[str]
    height: float

    def middle(self, name: str) -> float:
        """The middle of a lane, in points from the bottom."""
        return self.height * (len(self.names) - 0.5 - self.names.index(name))


def names_room(names: Iterable[str]) -> float:
    """Room for the names of lanes, in points."""
    return max(width_of(name, 8.5) for name in names) + 14


def least_for(names: Sequence[str]) -> tuple[float, float]:
    """Width and height that lanes need with their names, counts and axis, in points."""
    return names_room(names) + _NARROWEST + COUNTS, LOWEST * len(names) + AXIS_HEIGHT + 8


def draw_lanes(panel: Axes, lanes: Lanes, counts: dict[str, int], room: float, width: float) -> None:
    """Draw the lanes without what is in them: names at the left, counts at the right.

    Args:
        panel: in points; what is left of 0 and right of ``width`` belongs to names and counts.
        lanes: where they are.
        counts: by name of the lane.
        room: for the names, in points.
        width: of the lanes, in points.
    """
    for place, name in enumerate(lanes.names):
        y = lanes.middle(name)
        if place:
            edge = y + lanes.height / 2
            panel.plot(
                [-room, width + COUNTS - 4],
                [edge, edge],
                color=COLORS["rule"],
                linewidth=0.6,
                clip_on=False,
                zorder=0.5,
            )
        label = cut(name, room - 8, 8.5)
        write(panel, -room, y, label, fontsize=8.5, color=COLORS["ink"], clip_on=False)
        shade = COLORS["ink" if counts.get(name) else "noise"]
        write(panel, width + COUNTS - 4, y, f"{counts.get(name, 0):,}", ha="right", color=shade, clip_on=False)


def draw_points(
    panel: Axes, scale: TimeScale, lanes: Lanes, points: Iterable[Point], striped: Sequence[Box] = ()
) -> None:
    """Draw the points and as many of their labels as have room.

    Args:
        panel: in points.
        scale: of time.
        lanes: where the lanes are.
        points: in any order.
        striped: what labels keep off if they can: letters on stripes are hard to read.
    """
    folded: dict[tuple[str, int], list[Point]] = {}
    for point in points:
        folded.setdefault((point.lane, round(scale.at(point.moment) / _NEAR)), []).append(point)
    spots: dict[Mark, list[tuple[float, float, float]]] = {}
    for (lane, _), together in sorted(folded.items()):
        x = sum(scale.at(one.moment) for one in together) / len(together)
        top = max(together, key=lambda one: one.weight)
        spots.setdefault(top.mark, []).append((x, lanes.middle(lane), _size(len(together))))
    for order, (mark, places) in enumerate(sorted(spots.items(), key=lambda one: -len(one[1]))):
        _draw_spots(panel, mark, places, 3 + order / 100)
    boxes = [(x - size / 2, y - size / 2, x + size / 2, y + size / 2) for one in spots.values() for x, y, size in one]
    held = [one for together in folded.values() for one in together]
    _draw_labels(panel, scale, lanes, held, Places(boxes), striped)


def _draw_spots(panel: Axes, mark: Mark, places: Sequence[tuple[float, float, float]], order: float) -> None:
    panel.scatter(
        [place[0] for place in places],
        [place[1] for place in places],
        s=[place[2] ** 2 for place in places],
        marker=mark.marker or "o",
        color=COLORS[mark.color],
        edgecolors=COLORS[mark.edge or "ink"],
        linewidths=0.6,
        zorder=order,
        clip_on=False,
    )


def _size(count: int) -> float:
    """Diameter of a point, in points: it grows with the magnitude of what it stands for."""
    return min(5.5 + 2.2 * math.log10(count), 13.0)


def _draw_labels(
    panel: Axes, scale: TimeScale, lanes: Lanes, points: list[Point], places: Places, striped: Sequence[Box]
) -> None:
    named = [point for point in points if point.label]
    named.sort(key=lambda point: (-point.weight, point.moment, point.label))
    tried: Counter[str] = Counter()
    for point in named:
        tried[point.lane] += 1
        if tried[point.lane] > _TRIED_FOR:
            continue
        for text in _spellings(point.label):
            middle = (scale.at(point.moment), lanes.middle(point.lane))
            if spot := _place(text, (*middle, lanes.height), scale, places, striped):
                solid = _on(striped, _box(*spot, width_of(text, _LABEL)))
                look = {"alpha": 1.0, "pad": 1.5} if solid else {"alpha": 0.75, "pad": 0.4}
                back = {"facecolor": "#ffffff", "edgecolor": "none", **look}
                write(panel, *spot, text, fontsize=_LABEL, color=COLORS["ink"], zorder=4, bbox=back)
                break


def _spellings(label: str) -> Iterator[str]:
    """A label as it is tried: whole where it is not too long, then cut to what a lane has room for more often."""
    most, usual = _LABEL_WIDTHS
    yield cut(label, most, _LABEL)
    if width_of(label, _LABEL) > usual:
        yield cut(label, usual, _LABEL)


def _place(
    text: str, spot: tuple[float, float, float], scale: TimeScale, places: Places, striped: Sequence[Box]
) -> tuple[float, float] | None:
    """Where a label by this spot has room, which it takes; None if nowhere. On stripes only if nowhere else."""
    x, y, height = spot
    wide = width_of(text, _LABEL)
    choices = _around(x, y, wide, height)
    for left, bottom in sorted(choices, key=lambda choice: _on(striped, _box(choice[0], choice[1], wide))):
        inside = left >= 0 and left + wide <= scale.width + 4
        if inside and places.take(*_box(left, bottom, wide)):
            return left, bottom
    return None


def _box(left: float, bottom: float, wide: float) -> Box:
    """What a label takes."""
    return left - 2, bottom - 4, left + wide + 2, bottom + 4


def _on(boxes: Sequence[Box], one: Box) -> bool:
    return any(one[0] < box[2] and box[0] < one[2] and one[1] < box[3] and box[1] < one[3] for box in boxes)


def _around(x: float, y: float, wide: float, height: float) -> list[tuple[float, float]]:
    """Places for a label, the best first: beside its point, then above and below if the lane is high enough."""
    beside = [(x + 7, y), (x - 7 - wide, y)]
    if height < 22:
        return beside
    away = min(height / 2 - 4, 10)
    # At the left edge it begins at the edge: it still stands above or below its point.
    starts = [max(left, 0.0) for left in (x - 3, x - wide + 3, x - wide / 2)]
    rows = [(left, y + side) for left in starts for side in (away, -away)]
    return [*beside, *rows]
