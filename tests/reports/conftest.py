"""The sample incident's report, written once."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import pytest

import rootforensics as rf
from rootforensics.reports.html import render_report
from tests.builders import write_log
from tests.kept_answers import pytest_runtest_call, pytest_runtest_setup
from tests.reports.page import Page, annexed
from tests.reports.tab import CHROMIUM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

    from playwright.sync_api import Browser

    from rootforensics.analysis.analysis import Analysis

__all__ = ["PRODUCED", "pytest_runtest_call", "pytest_runtest_setup", "report"]

PRODUCED = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)


def report(case: rf.Case | Analysis, title: str = "A case") -> str:
    """A case's report, of a fixed time; views on the case are worked out once, as ``Case.report`` does."""
    told = case.analysis() if isinstance(case, rf.Case) else case
    return render_report(told, title=title, version="1.2.3", produced_time=PRODUCED)


@pytest.fixture(scope="session")
def sample_source(sample_path: Path) -> str:
    """The sample's report as text."""
    with rf.open_case(sample_path) as case:
        return report(case, "Sample incident")


@pytest.fixture(scope="session")
def empty_page(empty_case: rf.Case) -> Page:
    """The report of a case without events, parsed."""
    return Page(report(empty_case))


@pytest.fixture(scope="session")
def approved_page(sample_approved: Analysis) -> Page:
    """The sample's report with approvals, parsed."""
    return Page(report(sample_approved, "Sample incident"))


@pytest.fixture(scope="session")
def sample_page(sample_source: str) -> Page:
    """The sample's report, parsed."""
    return Page(sample_source)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """The same, whose tabs are closed after each test: a page of this length keeps a processor busy."""
    yield chromium
    for context in chromium.contexts:
        context.close()


@pytest.fixture(scope="module")
def path(sample_source: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's report as a file, its annex unfolded."""
    target = tmp_path_factory.mktemp("report") / "report.html"
    target.write_text(annexed(sample_source), encoding="utf-8")
    return target


def _page_of(folder: Path, records: list[dict[str, Any]]) -> Page:
    write_log(folder / "logs", "one.json.gz", records)
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs")
        return Page(report(case))


@pytest.fixture
def page_of(tmp_path: Path) -> Callable[[list[dict[str, Any]]], Page]:
    """Makes the report of a case that holds these records."""
    return partial(_page_of, tmp_path)


@pytest.fixture(scope="module")
def page_made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[list[dict[str, Any]]], Page]:
    """The same, for a report that several tests of a module read."""
    return partial(_page_of, tmp_path_factory.mktemp("page"))
