"""Rows over time in groups, one an account; many points at one place are one larger point, and labels keep clear."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from rootforensics.charts.drawing.labels import Places, cut, width_of, write
from rootforensics.charts.drawing.look import COLORS
from rootforensics.charts.drawing.times import AXIS_HEIGHT
from rootforensics.phrases import and_more, plural, some

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from matplotlib.axes import Axes

    from rootforensics.charts.drawing.look import Mark
    from rootforensics.charts.drawing.times import TimeScale
    from rootforensics.charts.drawing.tip import Tip

#: Left, lower, right and upper edge, in points.
Box = tuple[float, float, float, float]
#: An account and a row of it.
Key = tuple[str, str]
#: Room for the counts at the right, in points.
COUNTS: Final = 40.0
#: Height of a line of spans and of the title of a group, in points.
LINE: Final = 13.0
TITLE: Final = 20.0
#: A row can be this low, in points, is this high if there is room, and can be this narrow.
_LOWEST: Final = 14.0
_HIGHEST: Final = 26.0
_NARROWEST: Final = 170.0
#: The only row of a group that has no room for more, and the lowest that it can be: its title is its name.
ALL: Final = "all kinds"
_LOWEST_ALL: Final = 24.0
#: Points nearer to each other than this, in points of type, are drawn as one.
_NEAR: Final = 4.0
_LABEL: Final = 7.5
#: Labels that are tried for in one row, so that no row takes the tries of another; the most severe come first.
_TRIED_FOR: Final = 100
#: Events that a mark tells of, one a line.
_TOLD: Final = 4


@dataclass(frozen=True, slots=True)
class Point:
    """One event.

    Attributes:
        moment: when.
        key: its account and row.
        mark: how it looks.
        tip: makes what a page tells of it; of many at one place only the first are told.
        label: what it is.
        weight: points at one place look like the heaviest of them, and labels of the heaviest are placed first.
        is_named: whether the label stands beside it, if there is room.
    """

    moment: datetime
    key: Key
    mark: Mark
    tip: Callable[[], Tip]
    label: str = ""
    weight: int = 0
    is_named: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    """An account: its title, lines of spans below it, then its rows.

    Attributes:
        account: whose it is.
        title: above it.
        word: paler behind the account where it stands in one row.
        aside: paler behind the title.
        categories: of its rows from top to bottom; one alone takes in all.
        lines: of spans, above the rows.
    """

    account: str
    title: str
    word: str
    aside: str
    categories: tuple[str, ...]
    lines: int = 0

    @property
    def is_folded(self) -> bool:
        """Whether one row takes in all."""
        return self.categories == (ALL,)

    @property
    def fixed(self) -> float:
        """Height of what is not rows, in points."""
        return (0.0 if self.is_folded else TITLE) + LINE * self.lines + 4

    def high(self, category: float) -> float:
        """Height of its rows, if a row has this one, in points."""
        return max(category, _LOWEST_ALL) if self.is_folded else category * len(self.categories)

    def folded(self) -> Group:
        """The group in one row."""
        return replace(self, categories=(ALL,))


@dataclass(slots=True)
class Layout:
    """Which groups have room, and where their rows are.

    Attributes:
        groups: that have room.
        left_out: those that have none.
        height: of a row, in points.
        tops: of each group, in points from the bottom, by account.
        middles: of each row.
        bands: from where to where the rows of each group reach, by account.
    """

    groups: list[Group]
    left_out: list[Group]
    height: float
    tops: dict[str, float] = field(default_factory=dict)
    middles: dict[Key, float] = field(default_factory=dict)
    bands: dict[str, tuple[float, float]] = field(default_factory=dict)

    def key(self, account: str, category: str) -> Key:
        """The row in which something of an account stands."""
        return (account, category) if (account, category) in self.middles else (account, ALL)


def points_for(groups: Sequence[Group]) -> float:
    """The height that groups have if there is room, without the axis, in points."""
    return sum(group.fixed + group.high(_HIGHEST) for group in groups)


def least_for(names: Iterable[str]) -> tuple[float, float]:
    """Width and height that the lowest chart needs, in points: one row, its title, a line and the axis."""
    return names_room(names) + _NARROWEST + COUNTS, _LOWEST_ALL + 2 * LINE + AXIS_HEIGHT + 12


def names_room(names: Iterable[str]) -> float:
    """Room for the names of rows, in points."""
    return max(width_of("000000000000", 8.5, bold=True), *(width_of(name, 8.5) for name in names)) + 14


def lay_out(groups: Sequence[Group], room: float) -> Layout:
    """Give groups their room: where there is too little, lines of spans give way first, then rows, then groups.

    Args:
        groups: the most important first.
        room: height without the axis, in points.
    """
    shown = list(groups)
    for most in (99, 6, 3):
        if _fits(shown, room):
            break
        shown = [replace(one, lines=min(one.lines, most)) for one in shown]
    for place in range(len(shown) - 1, 0, -1):
        if not _fits(shown, room):
            shown[place] = shown[place].folded()
    first, *others = shown
    for one in (first, first.folded(), replace(first.folded(), lines=0)):
        shown = [one, *others]
        while len(shown) > 1 and not _fits(shown, room - (LINE if len(shown) < len(groups) else 0)):
            shown.pop()
        left_out = list(groups[len(shown) :])
        if _fits(shown, room - (LINE if left_out else 0)):
            break
    top = room
    free = room - (LINE if left_out else 0) - sum(one.fixed for one in shown)
    low = [one for one in shown if one.is_folded and free < _LOWEST_ALL * sum(len(one.categories) for one in shown)]
    categories = sum(len(one.categories) for one in shown) - len(low)
    found = Layout(shown, left_out, (free - _LOWEST_ALL * len(low)) / categories if categories else _LOWEST_ALL)
    for one in shown:
        found.tops[one.account] = top
        top -= one.fixed
        found.bands[one.account] = (top - one.high(found.height), top)
        for category in one.categories:
            high = one.high(found.height) / len(one.categories)
            found.middles[one.account, category] = top - high / 2
            top -= high
    return found


def _fits(groups: Sequence[Group], room: float) -> bool:
    return sum(group.fixed + group.high(_LOWEST) for group in groups) <= room + 0.1


def draw_rows(panel: Axes, layout: Layout, counts: Counter[Key], room: float, width: float) -> None:
    """Draw the rows without what is in them: titles above, names at the left, counts at the right.

    Args:
        panel: in points; what is left of 0 and right of ``width`` belongs to names and counts.
        layout: where they are.
        counts: by account and row.
        room: for the names, in points.
        width: of the rows, in points.
    """
    right = width + COUNTS - 4
    for place, group in enumerate(layout.groups):
        top = layout.tops[group.account]
        if place or not group.is_folded:
            panel.plot([-room, right], [top, top], color=COLORS["muted"], linewidth=0.8, clip_on=False)
        if not group.is_folded:
            _draw_title(panel, group, (-room, top - TITLE / 2), right)
        for number, category in enumerate(group.categories):
            y = layout.middles[group.account, category]
            edge = y + group.high(layout.height) / len(group.categories) / 2
            if number or group.lines:
                rule = panel.plot([-room, right], [edge, edge], color=COLORS["rule"], linewidth=0.6, zorder=0.5)
                rule[0].set_clip_on(False)
            if group.is_folded:
                name = cut(group.account or "No account", room - 8, 8.5, bold=True)
                write(panel, -room, y + 5, name, fontsize=8.5, weight="bold", color=COLORS["ink"], clip_on=False)
                word = cut(group.word or ALL, room - 8, 7)
                write(panel, -room, y - 6, word, fontsize=7, color=COLORS["muted"], clip_on=False)
            else:
                write(panel, -room, y, category, fontsize=8.5, color=COLORS["ink"], clip_on=False)
            write(
                panel, right, y, f"{counts[group.account, category]:,}", ha="right", color=COLORS["ink"], clip_on=False
            )
    if layout.left_out:
        left_out = {one.account for one in layout.left_out}
        number = sum(count for (account, _), count in counts.items() if account in left_out)
        told = f"{plural(len(layout.left_out), 'more account')}, {plural(number, 'event')}"
        names = [one.account or "no account" for one in layout.left_out]
        lines = [f"{told}: {some(names, shown)}" for shown in range(len(names), 0, -1)]
        line = next((one for one in lines if width_of(one, 8) <= room + right), told)
        write(panel, -room, LINE / 2, line, color=COLORS["muted"], clip_on=False)


def _draw_title(panel: Axes, group: Group, place: tuple[float, float], right: float) -> None:
    title = cut(group.title, right - place[0], 9, bold=True)
    write(panel, *place, title, fontsize=9, weight="bold", color=COLORS["ink"], clip_on=False)
    left = place[0] + width_of(title, 9, bold=True) + 10
    if width_of(group.aside) <= right - left:
        write(panel, left, place[1], group.aside, color=COLORS["muted"], clip_on=False)


def draw_points(
    panel: Axes,
    scale: TimeScale,
    layout: Layout,
    points: Iterable[Point],
    link: Callable[[Tip], tuple[str, str]],
    striped: Sequence[Box] = (),
) -> None:
    """Draw the points and as many of their labels as have room.

    Args:
        panel: in points.
        scale: of time.
        layout: where the rows are.
        points: in any order; those of groups without room are left out.
        link: of a mark and its label, by what it tells.
        striped: what labels keep off if they can: letters on stripes are hard to read.
    """
    folded: dict[tuple[Key, int], list[Point]] = {}
    for point in points:
        if point.key in layout.middles:
            folded.setdefault((point.key, round(scale.at(point.moment) / _NEAR)), []).append(point)
    spots: dict[Mark, list[tuple[float, float, float, str]]] = {}
    boxes, named = [], []
    for (key, _), together in sorted(folded.items()):
        x = sum(scale.at(one.moment) for one in together) / len(together)
        y, size = layout.middles[key], _size(len(together))
        together.sort(key=lambda one: (-one.weight, one.moment, one.label))
        url, of_label = link(_tip(together))
        spots.setdefault(together[0].mark, []).append((x, y, size, url))
        boxes.append((x - size / 2, y - size / 2, x + size / 2, y + size / 2))
        alike = Counter(one.label for one in together)
        for one in together:
            if one.is_named and one.label:
                number = alike[one.label]
                named.append((one, f"{one.label} ×{number}" if number > 1 else one.label, of_label))  # noqa: RUF001
    for order, (mark, places) in enumerate(sorted(spots.items(), key=lambda one: -len(one[1]))):
        _draw_spots(panel, mark, places, 3 + order / 100)
    _draw_labels(panel, scale, layout, named, (Places(boxes), striped))


def _tip(points: Sequence[Point]) -> Tip:
    """What one mark tells of its events, the most severe first."""
    tips = [point.tip() for point in points[:_TOLD]]
    lines = [tip.text for tip in tips]
    lines += filter(None, [and_more(len(points) - _TOLD)])
    return replace(tips[0], text="\n".join(lines))


def _draw_spots(panel: Axes, mark: Mark, places: Sequence[tuple[float, float, float, str]], order: float) -> None:
    spots = panel.scatter(
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
    spots.set_urls([place[3] or None for place in places])


def _size(count: int) -> float:
    """Diameter of a point, in points: it grows with the magnitude of what it stands for."""
    return min(5.5 + 2.2 * math.log10(count), 13.0)


def _draw_labels(
    panel: Axes,
    scale: TimeScale,
    layout: Layout,
    named: list[tuple[Point, str, str]],
    taken: tuple[Places, Sequence[Box]],
) -> None:
    named.sort(key=lambda one: (-one[0].weight, one[0].moment, one[1]))
    tried: Counter[Key] = Counter()
    for point, label, url in named:
        tried[point.key] += 1
        if tried[point.key] > _TRIED_FOR:
            continue
        text = cut(label, scale.width, _LABEL)
        middle = (scale.at(point.moment), layout.middles[point.key], layout.height)
        if spot := _place(text, middle, scale, *taken):
            solid = _on(taken[1], _box(*spot, width_of(text, _LABEL)))
            look = {"alpha": 1.0, "pad": 1.5} if solid else {"alpha": 0.75, "pad": 0.4}
            back = {"facecolor": "#ffffff", "edgecolor": "none", **look}
            shown = write(panel, *spot, text, fontsize=_LABEL, color=COLORS["ink"], zorder=4, bbox=back)
            for part in filter(None, (shown, shown.get_bbox_patch())):
                part.set_url(url or None)


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
    """Places for a label, the best first: beside its point, then above and below if the row is high enough."""
    beside = [(x + 7, y), (x - 7 - wide, y)]
    if height < 22:
        return beside
    away = min(height / 2 - 4, 10)
    # At the left edge it begins at the edge: it still stands above or below its point.
    starts = [max(left, 0.0) for left in (x - 3, x - wide + 3, x - wide / 2)]
    rows = [(left, y + side) for left in starts for side in (away, -away)]
    return [*beside, *rows]
