"""Tables that sort, in a real kernel and a real browser: run once, run again, and without what sorts them."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient

from rootforensics.notebooks.page import as_page
from rootforensics.notebooks.tables import interactive_html
from tests.reports.conftest import browser, chromium
from tests.reports.tab import CHROMIUM, opened

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    import rootforensics as rf

__all__ = ["browser", "chromium"]  # fixtures

# A kernel, which plans the analysis of the sample, and a browser.
pytestmark = [pytest.mark.heavy, pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here")]

START = "%load_ext rootforensics\nfrom rootforensics.notebooks import start\ncase = start(r'{path}')"
ASK = "case.query('root_signins')"
FIRST = "2026-08-03 22:41:09"


@pytest.fixture(scope="module")
def cells(sample_path: Path) -> list[list[str]]:
    """What each cell shows as HTML: the start, a table, and the same two run again in the same kernel."""
    start = START.format(path=sample_path)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(one) for one in (start, ASK, start, ASK)])
    ran: Any = NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    return [
        [output["data"]["text/html"] for output in cell["outputs"] if "text/html" in output.get("data", {})]
        for cell in ran["cells"]
    ]


def _page(folder: Path, *shown: list[str]) -> Path:
    target = folder / "page.html"
    body = "".join(f"<div>{one}</div>" for part in shown for one in part)
    target.write_text(f"<!doctype html><meta charset=utf-8><body>{body}</body>", encoding="utf-8")
    return target


@pytest.mark.parametrize("run", [0, 2])
@pytest.mark.quick(1)
def test_a_table_sorts_after_each_run_of_the_first_cell(
    run: int, cells: list[list[str]], browser: Browser, tmp_path: Path
) -> None:
    page, said, asked = opened(browser, _page(tmp_path, cells[run], cells[run + 1]))
    page.wait_for_selector(".dt-container table")
    head = page.locator(".dt-container th", has_text="eventTime")
    first = page.locator(".dt-container tbody tr").first
    assert FIRST in first.inner_text()
    for order in ("ascending", "descending"):
        head.click()
        page.wait_for_selector(f'.dt-container th[aria-sort="{order}"]')
    assert "2026-08-06 10:02:17" in first.inner_text()
    assert sum(one.is_visible() for one in page.get_by_text(FIRST).all()) == 1
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "blob:", "data:"))] == []


@pytest.mark.heavy
def test_a_high_chart_and_text_scroll_in_a_saved_page_and_are_whole_on_paper(browser: Browser, tmp_path: Path) -> None:
    code = """
        %load_ext rootforensics
        from IPython.display import HTML, display
        from rootforensics.charts.drawing.figure import ChartFigure
        display(ChartFigure(figsize=(4, 20), dpi=100), HTML('<div style="max-height:9em;overflow:auto">' + "line<br>" * 99 + "</div>"))
        print("line\\n" * 200)
    """
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(textwrap.dedent(code))])
    ran: Any = NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    target = tmp_path / "page.html"
    target.write_text(as_page(json.loads(nbformat.writes(ran)), "00_start", "Start"), encoding="utf-8")
    page, _, _ = opened(browser, target, viewport={"width": 1200, "height": 900})
    heights = "boxes => boxes.map(box => [box.clientHeight, box.scrollHeight])"
    boxes = page.locator(".jp-RenderedImage, .jp-RenderedText, .jp-RenderedHTML div[style^=max-height]")
    shown = boxes.evaluate_all(heights)
    assert len(shown) == 3
    assert all(height < whole and height <= 720 for height, whole in shown), "80 % of the window"
    page.emulate_media(media="print")
    assert [height for height, _ in boxes.evaluate_all(heights)] == [whole for _, whole in shown]


def test_without_what_sorts_them_the_rows_stay_in_sight(
    cells: list[list[str]], browser: Browser, tmp_path: Path
) -> None:
    page, _, _ = opened(browser, _page(tmp_path, cells[3]))
    assert page.get_by_text(FIRST).is_visible()
    assert page.locator("text=Loading").count() == 0 or not page.locator("text=Loading").first.is_visible()


def test_a_dark_theme_goes_through(cells: list[list[str]], browser: Browser, tmp_path: Path) -> None:
    target = _page(tmp_path, ["<style>body{background:#111;color:#eee}</style>"], cells[0], cells[1])
    page, _, _ = opened(browser, target, color_scheme="light")
    page.wait_for_selector(".dt-container table")
    look = page.locator(".dt-container").first.evaluate(
        "one => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color]"
    )
    assert look == ["rgba(0, 0, 0, 0)", "rgb(238, 238, 238)"]


def test_the_header_stays_and_a_command_keeps_its_lines(sample_case: rf.Case, browser: Browser, tmp_path: Path) -> None:
    steps = sample_case.containment().show("account_id", "what", "why", "command", "eventID")
    library = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("%load_ext rootforensics")])
    ran: Any = NotebookClient(library, timeout=120, kernel_name="python3").execute()
    scripts = [output["data"]["text/html"] for output in ran["cells"][0]["outputs"] if "text/html" in output["data"]]
    table = f"<div style='width:60em'>{interactive_html(steps)}</div>"
    page, _, _ = opened(browser, _page(tmp_path, scripts, [table]))
    page.wait_for_selector(".dt-container table")
    box, head = page.locator(".rf-box"), page.locator(".dt-container th").last
    box.evaluate("one => one.scrollTo(one.scrollWidth, one.scrollHeight / 2)")
    around, seen = box.bounding_box(), head.bounding_box()
    assert around is not None
    assert seen is not None
    assert seen["y"] == pytest.approx(around["y"], abs=1)
    assert seen["x"] + seen["width"] <= around["x"] + around["width"] + 1
    written = [
        row["command"] for row in sample_case.containment() if "\n" in row["command"] and len(row["command"]) <= 300
    ]
    shown = [one.split("\n") for one in page.locator(".dt-container td:nth-child(4) > span").all_inner_texts()]
    assert written
    for command in written:
        assert command.split("\n") in shown
