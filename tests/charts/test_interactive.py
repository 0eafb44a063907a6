"""The incident in which one zooms, and figures that a notebook shows once."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient

import rootforensics as rf
from rootforensics.charts import incident_data, incident_interactive
from rootforensics.errors import ChartError
from tests.charts.test_incident import START, event

if TYPE_CHECKING:
    from pathlib import Path

#: A row of Vega-Lite's, as JupyterLab draws it.
MIME = "application/vnd.vegalite.v5+json"


@pytest.fixture(scope="module")
def rows(sample_path: Path) -> list[dict[str, Any]]:
    with rf.open_case(sample_path) as case:
        return incident_data(case)


def test_every_row_with_a_time_is_a_mark_that_tells_its_event(rows: list[dict[str, Any]]) -> None:
    chart = incident_interactive(rows)
    values = chart.spec["data"]["values"]
    assert len(values) == sum(row["kind"] != "action" for row in rows)
    (made,) = [value for value in values if value["what"].startswith("CreateUser")]
    (row,) = [row for row in rows if row["label"] == "CreateUser"]
    assert made["at"] == "2026-08-05 01:52:11 UTC"  # docs/sample-incident.md
    assert made["eventID"] == row["eventIDs"][0]
    assert (made["account"], made["group"]) == ("111122223333", "111122223333: likely takeover")
    assert json.loads(json.dumps(chart.spec)) == chart.spec
    shown = [one["field"] for one in chart.spec["spec"]["encoding"]["tooltip"]]
    assert {"at", "what", "account", "eventID"} <= set(shown)
    assert chart._repr_mimebundle_()[MIME] is chart.spec


def test_what_is_shown_first_is_the_incident_and_the_rest_is_counted(rows: list[dict[str, Any]]) -> None:
    spec = incident_interactive(rows).spec
    first, last = (datetime.fromtimestamp(ms / 1000, UTC) for ms in spec["spec"]["encoding"]["x"]["scale"]["domain"])
    # docs/sample-incident.md: root was taken over from 01:03 to 05:12.
    assert datetime(2026, 8, 5, 0, 45, tzinfo=UTC) < first < datetime(2026, 8, 5, 1, 4, tzinfo=UTC)
    assert datetime(2026, 8, 5, 5, 5, tzinfo=UTC) < last < datetime(2026, 8, 5, 5, 30, tzinfo=UTC)
    timed = [row for row in rows if row["from_time"] and row["kind"] != "action"]
    beside = sum(not first <= row["from_time"] <= last for row in timed)
    assert f"without {beside} marks before or after it" in spec["title"]["subtitle"]


def test_times_are_those_of_a_zone() -> None:
    spec = incident_interactive([event(0)], tz="Asia/Tokyo").spec
    (value,) = spec["data"]["values"]
    assert (value["from"], value["at"]) == ("2026-08-05T09:00:00Z", "2026-08-05 09:00:00 Asia/Tokyo")
    assert spec["spec"]["encoding"]["x"]["title"] == "Time (Asia/Tokyo)"
    with pytest.raises(ChartError, match="unknown time zone"):
        incident_interactive([], tz="Nowhere")


def test_what_has_no_time_is_counted() -> None:
    spec = incident_interactive([event(0), event(1, from_time=None), event(2, kind="action")]).spec
    assert "1 without a time not drawn" in spec["title"]["text"]
    assert len(spec["data"]["values"]) == 1
    assert incident_interactive([]).spec["data"]["values"] == []


def test_a_window_that_does_not_end_reaches_to_the_last_mark() -> None:
    spec = incident_interactive([event(0, kind="window", category="Defense evasion"), event(60)]).spec
    window, last = spec["data"]["values"]
    assert window["until"] == last["until"] == f"{START:%Y-%m-%dT%H}:01:00Z"


def test_the_first_and_the_last_mark_are_whole() -> None:
    """Vega-Lite extends the time axis by this many pixels, with a first stretch and without one."""
    for rows in ([event(0), event(120)], [event(0), event(120), event(10**6)]):
        x = incident_interactive(rows).spec["spec"]["encoding"]["x"]
        assert x["scale"]["padding"] >= 8  # half of a mark of Vega-Lite's usual size and its outline


CELLS = [
    "import rootforensics as rf\nfrom rootforensics.charts import noise_chart, noise_data",
    "case = rf.open_case({case!r})\nrows = noise_data(case)",
    "noise_chart(rows)",
    "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots(figsize=(10, 5))\nnoise_chart(rows, axes)",
    "noise_chart(rows)",
    "%matplotlib inline\nnoise_chart(rows)",
]


@pytest.mark.heavy  # a kernel
def test_a_notebook_shows_a_figure_once(sample_path: Path) -> None:
    """In a fresh one, beside those of pyplot, and after ``%matplotlib inline``."""
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(cell.replace("{case!r}", repr(str(sample_path)))) for cell in CELLS]
    NotebookClient(notebook, timeout=120).execute()
    pictures = [sum("image/png" in output.get("data", {}) for output in cell.outputs) for cell in notebook.cells]
    assert pictures == [0, 0, 1, 1, 1, 1]


def test_it_needs_nothing_that_notebooks_need() -> None:
    code = (
        "import sys; from rootforensics.charts import incident_interactive as draw; draw([]); "
        "heavy = {'altair', 'IPython', 'matplotlib.pyplot'} & set(sys.modules); assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_case_draws_it_or_says_that_it_cannot(sample_case: rf.Case) -> None:
    chart = sample_case.chart("incident", interactive=True, since="2026-08-06", tz="Asia/Tokyo", title="After")
    assert chart.spec["title"]["text"] == "After"
    assert chart.spec["title"]["subtitle"].endswith(". Only what is from 2026-08-06 09:00 Asia/Tokyo")
    assert chart.picture.args == (incident_data(sample_case, since="2026-08-06"),)
    assert base64.b64decode(chart._repr_mimebundle_()["image/png"]).startswith(b"\x89PNG")
    with pytest.raises(ChartError, match="noise: in this chart one cannot zoom"):
        sample_case.chart("noise", interactive=True)


def test_a_dark_theme_leaves_its_words_to_be_read() -> None:
    """A theme sets the colors that a chart does not name: those of Vega's dark one are white."""
    config = incident_interactive([event(0)]).spec["config"]
    told = dict.fromkeys(("axis", "legend", "header"), ("labelColor", "titleColor"))
    for part, names in {**told, "title": ("color", "subtitleColor")}.items():
        for name in names:
            assert max(bytes.fromhex(config[part][name][1:])) < 0x70, (part, name)
    assert config["background"] == "#ffffff"
