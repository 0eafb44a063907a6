"""Text in charts: drawn as it stands, within its place."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from matplotlib.figure import Figure

from rootforensics.charts.drawing.labels import Places, cut, harmless, width_of, write
from rootforensics.charts.drawing.svg import chart_svg

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("aws-cli/2.27", "aws-cli/2.27"),
        (r"$x^2$ \alpha \$", r"$x^2$ \alpha \$"),
        ("a\x1b[31m\r\nb\x00", r"a\x1b[31m\r\nb\x00"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\u4e2d", r"\u4e2d"),
        ("e\u0301", r"e\u0301"),
        ("\ud800", r"\ud800"),
        ("Zürich", "Zürich"),
        (None, "None"),
    ],
)
def test_what_does_not_show_stands_as_its_escape(text: object, shown: str) -> None:
    assert harmless(text) == shown


def test_megabytes_are_cut_in_the_middle() -> None:
    shown = harmless("a" * 5_000_000 + "z")
    assert len(shown) == 240
    assert shown.startswith("aaa")
    assert shown.endswith("az")
    assert harmless("\x00" * 1_000) == harmless(harmless("\x00" * 1_000))


def test_a_long_name_keeps_begin_and_end() -> None:
    name = "arn:aws:iam::111122223333:mfa/root-account-mfa-device"
    short = cut(name, 100)
    assert width_of(short) <= 100
    head, tail = short.split("…")
    assert name.startswith(head)
    assert name.endswith(tail)
    assert len(head) - len(tail) in (0, 1)
    assert cut(name, 1_000) == name
    assert cut("", 10) == ""


@pytest.mark.parametrize("text", [r"$x^2$", r"\\", r"\$5", "a & b < c", r"$\undefined{"])
def test_no_text_is_taken_for_a_formula(text: str) -> None:
    figure = Figure()
    write(figure.subplots(), 0.5, 0.5, text)
    words = [node.text for node in ET.fromstring(chart_svg(figure)).iter(f"{SVG}text")]
    assert text in words


def test_a_place_is_taken_once() -> None:
    places = Places([(0, 0, 10, 10)])
    assert not places.take(5, 5, 15, 15)
    assert places.take(10, 0, 20, 10)
    assert not places.take(19, 9, 30, 30)
