"""Whatever the size of the axes and the numbers: a chart stays within them and can be read, or says what it needs."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from matplotlib.figure import Figure

import rootforensics as rf
from rootforensics.charts.activity import activity_chart
from rootforensics.charts.catalogue import charts
from tests.charts.extents import check_readable, texts_in
from tests.charts.test_lacking import ANY

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

    Rows = list[dict[str, Any]]

START = datetime(2026, 8, 3, tzinfo=UTC)
NAMES = list(charts())
#: Rows and columns of axes in a figure, and its size in inches, as people make them.
GRIDS = [
    ((1, 1), (6.4, 4.8)),
    ((3, 1), (10, 12)),
    ((3, 3), (15, 10)),
    ((4, 4), (8, 6)),
]


def others(*values: Any) -> list[Any]:
    """Parameters between or beside those that every run takes, by which the same code draws."""
    return [
        pytest.param(*(value if isinstance(value, tuple) else (value,)), marks=pytest.mark.heavy) for value in values
    ]


NEEDS = re.compile(r"at least ([\d.]+) × ([\d.]+) inches")  # noqa: RUF001 - typography


@pytest.fixture(scope="module")
def rows(sample_path: Path) -> dict[str, Rows]:
    """The rows of every chart of the sample."""
    with rf.open_case(sample_path) as case:
        return {name: charts()[name].data(case) for name in NAMES}


def batched(names: list[str], size: int) -> list[list[str]]:
    """Names in groups of one size, the last perhaps smaller."""
    return [names[place : place + size] for place in range(0, len(names), size)]


def many(name: str) -> Rows:
    """Rows of which much is missing, and more of them than have room."""
    dice = random.Random(f"many {name}")
    return [ANY[name](dice) for _ in range(300)]


def needed(axes: Axes) -> tuple[float, float] | None:
    """The size in inches that a chart says it needs; None if it is drawn."""
    said = " ".join(text.get_text() for text in axes.texts)
    found = NEEDS.search(said)
    assert bool(axes.child_axes) == (found is None and "in this case" not in said), said
    return (float(found[1]), float(found[2])) if found else None


@pytest.mark.heavy
@pytest.mark.parametrize(("shape", "size"), GRIDS)
@pytest.mark.quick(2)
def test_in_axes_of_a_figure_of_several(
    shape: tuple[int, int], size: tuple[float, float], rows: dict[str, Rows]
) -> None:
    cells = shape[0] * shape[1]
    for taken in (rows, {name: many(name) for name in NAMES}):
        for group in batched(NAMES, cells):
            figure = Figure(figsize=size)
            places = list(figure.subplots(*shape, squeeze=False).flat)
            for axes, name in zip(places, group, strict=False):
                charts()[name].draw(taken[name], ax=axes)
                needed(axes)
            for unused in places[len(group) :]:
                unused.remove()
            check_readable(figure)


@pytest.mark.heavy
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.quick(2)
def test_the_size_that_is_named_is_enough(name: str, rows: dict[str, Rows]) -> None:
    for drawn in (rows[name], many(name), many(name)[:1]):
        small = Figure(figsize=(3, 1))
        charts()[name].draw(drawn, ax=small.add_axes((0, 0, 1, 1)))
        size = needed(small.axes[0])
        if size is None:
            assert "in this case" in " ".join(text for text, _ in texts_in(small.axes[0]))  # nothing to draw
            continue
        assert size[0] <= 10
        assert size[1] <= 7
        large = Figure(figsize=size)
        charts()[name].draw(drawn, ax=large.add_axes((0, 0, 1, 1)))
        assert needed(large.axes[0]) is None
        check_readable(large)


@pytest.mark.quick(1)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("count", [300, 3, *others(1, 0)])
def test_a_figure_of_its_own_is_never_too_small(name: str, count: int, rows: dict[str, Rows]) -> None:
    figure = charts()[name].draw(many(name)[:count] if count else rows[name])
    needed(figure.axes[0])
    assert "Too small" not in " ".join(text for text, _ in texts_in(figure.axes[0]))
    check_readable(figure)


@pytest.mark.parametrize("power", [0, 1, *others(2, 3, 4, 5), 6, *others(7, 8, 9), 10])
@pytest.mark.quick(2)
def test_counts_of_any_size_stand_whole_at_the_activity_chart(power: int) -> None:
    count = 10**power
    days = [
        {
            "hour_time": START + timedelta(days=day),
            "account_id": None,
            "event_count": count,
            "activity_count": 1,
            "noise_count": 2,
        }
        for day in range(40)
    ]
    figure = activity_chart(days)
    check_readable(figure)
    (*_, panel) = figure.axes[0].child_axes
    name, *numbers = sorted(panel.texts, key=lambda text: text.get_ha())
    assert name.get_text() == f"All events of all identities: {40 * count:,}"
    heights = {float(number.get_text().replace(",", "")): number.get_position()[1] for number in numbers}
    assert len(heights) > 1
    assert all(said == height for said, height in heights.items())


@pytest.mark.quick(4)
@pytest.mark.parametrize("name", ["heatmap", "services", "sources", "noise", "sessions", "blast"])
@pytest.mark.parametrize("power", [*others(0), 3, *others(6), 10])
def test_counts_of_any_size_stand_whole(name: str, power: int, rows: dict[str, Rows]) -> None:
    """Counts that are summed up stay in proportion; what only a number can hold is not drawn as many rows."""
    raised = [
        {key: value * 10**power if key.endswith("_count") and value else value for key, value in row.items()}
        for row in rows[name]
    ]
    check_readable(charts()[name].draw(raised))


def test_several_charts_of_one_figure_are_all_described(rows: dict[str, Rows]) -> None:
    figure = Figure(figsize=(14, 9))
    first, second, third, _ = figure.subplots(2, 2).flat
    for axes, name in ((first, "services"), (second, "noise"), (third, "noise")):
        charts()[name].draw(rows[name], ax=axes)
    told = str(figure.get_label())
    alone = [str(charts()[name].draw(rows[name]).get_label()) for name in ("services", "noise")]
    assert told == " ".join(alone)


@pytest.mark.quick(4)
@pytest.mark.parametrize(
    ("name", "layout"),
    [
        *((name, "constrained") for name in NAMES),
        (NAMES[0], "tight"),
        *others(*((name, "tight") for name in NAMES[1:])),
    ],
)
def test_a_figure_that_lays_itself_out_gives_its_room(name: str, layout: Any, rows: dict[str, Rows]) -> None:
    """Its axes get their size when it is drawn, and with them most of a figure that is large enough."""
    figure = Figure(figsize=(10, 5.5), layout=layout)
    axes = figure.subplots()
    charts()[name].draw(rows[name], ax=axes)
    assert needed(axes) is None
    check_readable(figure)
