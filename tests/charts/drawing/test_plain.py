"""Charts look the same whatever style the user of matplotlib has set, and the user's settings stay."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import matplotlib.style
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

import rootforensics as rf
from rootforensics.charts.catalogue import charts
from rootforensics.charts.files import chart_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rootforensics.charts.files import Form

NAMES = list(charts())
#: What people set, and what would show.
THEIRS: dict[str, Any] = {
    "font.family": "serif",
    "font.size": 22,
    "text.color": "yellow",
    "axes.facecolor": "black",
    "axes.grid": True,
    "axes.titlecolor": "yellow",
    "figure.facecolor": "black",
    "savefig.facecolor": "black",
    "lines.linewidth": 9,
    "lines.markeredgewidth": 5,
    "patch.linewidth": 9,
    "patch.force_edgecolor": True,
    "hatch.linewidth": 5,
    "hatch.color": "red",
    "path.sketch": (5, 50, 2),
    "svg.fonttype": "path",
    "savefig.bbox": "tight",
    "figure.dpi": 40,
    "figure.constrained_layout.use": True,
}


@pytest.fixture(scope="module")
def rows(sample_path: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of every chart of the sample."""
    with rf.open_case(sample_path) as case:
        return {name: charts()[name].data(case) for name in NAMES}


@pytest.fixture
def theirs() -> Iterator[None]:
    """Settings of the user's for a while."""
    with matplotlib.style.context(["dark_background", THEIRS]):
        yield


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("name", "form"),
    [*((name, "svg") for name in NAMES), ("signins", "png")],
)
def test_no_setting_of_the_user_changes_a_chart(name: str, form: Form, rows: dict[str, list[dict[str, Any]]]) -> None:
    plain = chart_bytes(charts()[name].draw(rows[name]), form)
    with matplotlib.style.context(["dark_background", THEIRS]):
        assert chart_bytes(charts()[name].draw(rows[name]), form) == plain
        assert mpl.rcParams["font.size"] == 22
        assert mpl.rcParams["text.color"] == "yellow"


@pytest.mark.quick(3)
@pytest.mark.usefixtures("theirs")
@pytest.mark.parametrize("name", NAMES)
def test_below_a_chart_in_a_dark_figure_it_is_white(name: str, rows: dict[str, list[dict[str, Any]]]) -> None:
    figure = Figure(figsize=(12, 9), layout="none")
    axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
    charts()[name].draw(rows[name], ax=axes)
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=50, bbox_inches=figure.bbox_inches)
    picture = imread(BytesIO(buffer.getvalue()))
    high, wide = picture.shape[:2]
    assert picture[2, 2, :3].tolist() == [0, 0, 0]
    for y, x in ((0.103, 0.897), (0.897, 0.103), (0.897, 0.897)):
        assert picture[int(high * y), int(wide * x), :3].tolist() == [1, 1, 1]
