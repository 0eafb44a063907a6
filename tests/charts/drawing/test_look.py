"""Colors: each means one entity, and what stands side by side differs in gray, too."""

from __future__ import annotations

from itertools import pairwise

import pytest

from rootforensics.charts import blast, incident, noise, sessions
from rootforensics.charts.drawing.bars import DONE
from rootforensics.charts.drawing.look import COLORS, SIZE, Mark, Sheet
from rootforensics.charts.drawing.view import View


def gray(name: str) -> float:
    red, green, blue = (int(COLORS[name][at : at + 2], 16) for at in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_every_meaning_has_a_color_of_its_own() -> None:
    assert len(set(COLORS.values())) == len(COLORS)


@pytest.mark.parametrize(
    ("names", "apart"),
    [
        (("activity", "noise", "volume"), 40),
        (("change", "read"), 80),
        (("mistaken", "noise"), 60),
        (("critical", "high", "medium", "low", "info"), 35),
        (("no_mfa", "mfa", "mfa_unknown"), 40),
        (("no_mfa", "mfa_beside", "mfa"), 35),
        (("active", "changed", "ended"), 60),
    ],
)
def test_colors_side_by_side_differ_in_grey(names: tuple[str, ...], apart: float) -> None:
    shades = [gray(name) for name in names]
    assert shades == sorted(shades)
    assert all(light - dark > apart for dark, light in pairwise(shades))


KEYS = {
    "incident": incident._key(
        [
            {"kind": kind, "result": "attempted", "standing": "approved_use", "mfa": "with"}
            for kind in ("event", "response", "window", "approval")
        ]
    ),
    "sessions": list(reversed(sessions._MARKS.values())),
    "services": list(DONE.values()),
    "blast": [blast._ROOT, *blast._MARKS.values()],
    "noise": list(noise._MARKS.values()),
}


@pytest.mark.parametrize("name", KEYS)
def test_neighbours_in_a_key_differ_in_grey_or_in_shape(name: str) -> None:
    marks = KEYS[name]
    assert len(marks) > 1
    for one, other in pairwise(marks):
        alike = (one.marker, one.hatch, one.edge) == (other.marker, other.hatch, other.edge)
        assert not alike or abs(gray(one.color) - gray(other.color)) > 30, (one.label, other.label)


def test_a_key_takes_as_many_lines_as_it_needs() -> None:
    sheet = Sheet(View(), "Title")
    assert tuple(sheet.figure.get_size_inches()) == SIZE
    before = sheet.panel().get_ylim()[1]
    assert sheet.start([], [Mark(f"a mark with a long name {number}", "read") for number in range(9)], (0, 0))
    assert before - sheet.panel().get_ylim()[1] == pytest.approx(45)
