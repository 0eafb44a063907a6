"""Figures as SVG for a page."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from matplotlib.figure import Figure

from rootforensics.charts.activity import activity_chart
from rootforensics.charts.drawing.svg import chart_svg
from tests.charts.test_activity import hour

SVG = "{http://www.w3.org/2000/svg}"


def test_svg_is_one_element_that_tells_what_it_shows() -> None:
    figure = activity_chart([hour(0, activity=3), hour(1)])
    text = chart_svg(figure)
    assert text.startswith("<svg ")
    assert text.endswith("</svg>")
    root = ET.fromstring(text)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == root.findtext(f"{SVG}title") == figure.get_label()
    assert root.find(f".//{SVG}style") is None
    assert root.find(f".//{SVG}metadata") is None
    words = [node.text for node in root.iter(f"{SVG}text")]
    assert "Time (UTC), 2026" in words
    assert "Root activity (people): 3" in words


def test_same_rows_same_text() -> None:
    rows = [hour(number, activity=number % 3) for number in range(50)]
    assert chart_svg(activity_chart(rows)) == chart_svg(activity_chart(rows))


def test_places_are_exact_to_a_hundredth_and_no_finer() -> None:
    figure = Figure(figsize=(1, 1))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    axes.set(xlim=(0, 72), ylim=(0, 72))
    axes.plot([10 / 3, 20, 61.5], [72 - 2 / 3, 72 - 5, 72 - 7.1251], clip_on=False)
    text = chart_svg(figure)
    assert ' d="M 3.33 0.67 L 20 5 L 61.5 7.13"' in text
    assert "\n " not in text


def test_label_is_escaped() -> None:
    figure = Figure()
    figure.set_label('"><script>alert(1)</script>')
    text = chart_svg(figure)
    assert "<script>" not in text
    assert ET.fromstring(text).attrib["aria-label"] == '"><script>alert(1)</script>'
