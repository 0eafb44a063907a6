"""Figures as SVG for a page."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from matplotlib.figure import Figure

from rootforensics.charts.activity import activity_chart
from rootforensics.charts.drawing.svg import chart_svg
from rootforensics.charts.incident import incident_chart
from tests.charts.test_activity import hour
from tests.charts.test_incident import event, finding

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


def test_marks_tell_their_events_and_lead_to_them() -> None:
    ids = {"id-0": 0, "id-1": 0, "id-2": 600}
    rows = [event(n, eventIDs=[one], citations=[f"7:{one}"], text="<b>") for one, n in ids.items()]
    rows.append(event(300, label="", eventIDs=[], citations=[]))
    root = ET.fromstring(chart_svg(incident_chart(rows), anchor=lambda place: f"e-{place}"))
    links = list(root.iter(f"{SVG}a"))
    assert [link.attrib["href"] for link in links] == ["#e-7:id-0", "#e-7:id-2"]
    together = str(links[0].findtext(f"{SVG}title")).split("\n")
    assert together == [
        f"2026-08-05 00:00:00 UTC DeleteBucket: <b> (critical), root of account 111122223333, id-{n}" for n in (0, 1)
    ]
    assert links[0].attrib["data-category"] == "Impact"
    assert {"data-account", "data-severity"} <= set(links[0].attrib)
    # What is an image hides what is in it.
    assert root.attrib["role"] == "group"
    assert len([one for one in root.iter(f"{SVG}g") if one.attrib.get("class") == "mark"]) == 1
    alone = ET.fromstring(chart_svg(incident_chart(rows)))
    assert alone.attrib["role"] == "img"
    assert not list(alone.iter(f"{SVG}a"))
    assert len([one for one in alone.iter(f"{SVG}g") if one.attrib.get("class") == "mark"]) == 3


def test_what_is_drawn_of_a_span_tells_whose_it_is() -> None:
    """A page hides it with the points of its account."""
    found = finding("Rare", "high", 0) | {"until_time": event(7_200)["from_time"], "citations": ["7:0"]}
    window = finding("trail off", "high", 1) | {"kind": "window", "category": "Defense evasion"}
    approval = finding("BG-1", "info", 0) | {"kind": "approval", "until_time": event(3_600)["from_time"]}
    rows = [event(0), event(7_200), found, window, approval]
    root = ET.fromstring(chart_svg(incident_chart(rows), anchor=lambda place: f"e-{place}"))
    held = [one for one in root.iter() if {"mark", "of-mark"} & {one.attrib.get("class")}]
    assert {one.attrib["data-category"] for one in held} == {"Impact", "Defense evasion", "Sequences", "Approvals"}
    own = [one for one in held if one.attrib["data-category"] == "Sequences"]
    assert sorted(one.attrib["class"] for one in own) == ["mark", "of-mark", "of-mark"]
    assert [text.text for one in own for text in one.iter(f"{SVG}text")] == ["Rare"]
    (mark,) = [one for one in own if one.attrib["class"] == "mark"]
    assert mark.attrib["href"] == "#e-7:0"
    said = "2026-08-05 00:00:00 UTC to 2026-08-05 02:00:00 UTC Rare (high), account 111122223333"
    assert mark.findtext(f"{SVG}title") == said
