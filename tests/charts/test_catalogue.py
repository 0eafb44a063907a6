"""What holds for every chart."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from matplotlib.figure import Figure

import rootforensics as rf
import rootforensics.charts as public
from rootforensics.charts.catalogue import charts, named
from rootforensics.charts.files import chart_bytes
from rootforensics.errors import ChartError

SVG = "{http://www.w3.org/2000/svg}"
NAMES = list(charts())


def words(figure: Figure) -> list[str]:
    """Every text of a chart."""
    root = ET.fromstring(chart_bytes(figure, "svg"))
    return [node.text or "" for node in root.iter(f"{SVG}text")]


@pytest.fixture(scope="module")
def rows(sample_path: Path) -> dict[str, list[dict[str, Any]]]:
    """The rows of every chart of the sample."""
    with rf.open_case(sample_path) as case:
        found = {name: charts()[name].data(case) for name in NAMES}
    told = {"account_id": "111122223333", "severity": "high", "checked_time": None}
    answered = [{**told, "control_id": one, "title": one, "answer": one} for one in ("pass", "fail", "unknown")]
    return found | {"posture": answered}  # the sample holds no answers of AWS


@pytest.mark.parametrize("name", NAMES)
def test_each_chart_is_a_public_pair_with_words_about_it(name: str) -> None:
    chart = charts()[name]
    assert chart.data is getattr(public, f"{name}_data")
    assert chart.draw is getattr(public, f"{name}_chart")
    assert chart.title
    assert chart.tells.endswith(".")
    assert chart.misses.endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_of_the_sample(name: str, rows: dict[str, list[dict[str, Any]]]) -> None:
    figure = charts()[name].draw(rows[name])
    assert figure.axes[0].get_title(loc="left")
    assert len(str(figure.get_label())) > 60
    assert figure.get_figwidth() <= 10


@pytest.mark.quick(1)
@pytest.mark.parametrize("name", NAMES)
def test_of_a_case_without_events(name: str, empty_case: rf.Case) -> None:
    figure = charts()[name].draw(charts()[name].data(empty_case))
    (text,) = figure.axes[0].texts
    assert "in this case" in text.get_text()
    assert str(figure.get_label())


@pytest.mark.quick(4)
@pytest.mark.parametrize("name", NAMES)
def test_into_axes_of_another(name: str, rows: dict[str, list[dict[str, Any]]]) -> None:
    mine = Figure(figsize=(20, 7))
    left, right = mine.subplots(1, 2)
    assert charts()[name].draw(rows[name], ax=right) is right
    assert left.child_axes == []
    assert right.child_axes
    mine.savefig("/dev/null", format="png", dpi=30)
    small = Figure(figsize=(3, 2))
    charts()[name].draw(rows[name], ax=small.subplots())
    assert small.axes[0].child_axes == []
    assert "Too small: at least" in " ".join(text.get_text() for text in small.axes[0].texts)


@pytest.mark.quick(1)
@pytest.mark.parametrize("name", [one for one in NAMES if one != "posture"])
def test_only_the_account_that_is_wanted(name: str, sample_case: rf.Case) -> None:
    rows = charts()[name].data(sample_case, account_id="444455556666")
    assert {row.get("account_id", "444455556666") for row in rows} == {"444455556666"}
    assert charts()[name].data(sample_case.analysis(account_id="444455556666")) == rows


DRAW = """
import sys, hashlib, rootforensics as rf
from rootforensics.charts import charts
from rootforensics.charts.files import chart_bytes
with rf.open_case(sys.argv[1]) as case:
    for chart in charts().values():
        rows = chart.data(case)
        for form in ("svg", "png")[: 1 + (chart.name == "incident")]:
            print(chart.name, form, hashlib.sha256(chart_bytes(chart.draw(rows), form)).hexdigest())
assert not {"matplotlib.pyplot", "pandas"} & set(sys.modules)
"""


@pytest.mark.heavy  # a process draws every chart of the sample
def test_the_same_case_gives_the_same_bytes_and_no_window(
    sample_path: Path, rows: dict[str, list[dict[str, Any]]]
) -> None:
    """Whatever the seed of its hashes, here and there."""
    there = subprocess.run(
        [sys.executable, "-W", "error", "-c", DRAW, str(sample_path)],
        env={"PYTHONHASHSEED": "1", "PATH": "/usr/bin", "HOME": str(sample_path.parent)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    for line in there:
        name, form, digest = line.split()
        held = [] if name == "posture" else rows[name]  # the sample holds no answers of AWS
        assert hashlib.sha256(chart_bytes(charts()[name].draw(held), form)).hexdigest() == digest, (name, form)
    assert len(there) == len(NAMES) + 1


@pytest.mark.quick(4)
@pytest.mark.parametrize("name", NAMES)
def test_a_picture_needs_nothing_from_elsewhere(name: str, rows: dict[str, list[dict[str, Any]]]) -> None:
    text = chart_bytes(charts()[name].draw(rows[name]), "svg").decode()
    found = set(re.findall(r"[a-z]+://[^\s\"<>]+", text))
    assert found <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert not re.search(r"href=\"(?!#)", text)
    assert "<script" not in text


def test_importing_is_light() -> None:
    code = (
        "import sys, rootforensics.charts as c; c.charts(); c.incident_chart; "
        "heavy = {'matplotlib', 'pandas', 'numpy', 'pyarrow'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_an_unknown_chart_is_named() -> None:
    with pytest.raises(ChartError, match="Did you mean sessions"):
        named("session")


def test_hostile_text_is_drawn_as_it_stands() -> None:
    agents: list[dict[str, Any]] = [
        {
            "account_id": "111122223333",
            "eventSource": text,
            "event_count": 1,
            "change_count": 1,
            "read_count": 0,
            "failed_count": 0,
            "unknown_count": 0,
        }
        for text in (r"$x^2$", r"\\", "<script>alert(1)</script>", "a\x1b]0;b")
    ]
    found = words(charts()["services"].draw(agents))
    assert {r"$x^2$", r"\\", "<script>alert(1)</script>", r"a\x1b]0;b"} <= set(found)
