"""The sample incident's report, written once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

import rootforensics as rf
from rootforensics.reports.html import render_report
from tests.builders import write_log
from tests.reports.page import Page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

PRODUCED = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)


def report(case: rf.Case, title: str = "A case") -> str:
    """A case's report, of a fixed time."""
    return render_report(case, title=title, version="1.2.3", produced_time=PRODUCED)


@pytest.fixture(scope="session")
def sample_source(sample_path: Path) -> str:
    """The sample's report as text."""
    with rf.open_case(sample_path) as case:
        return report(case, "Sample incident")


@pytest.fixture(scope="session")
def sample_page(sample_source: str) -> Page:
    """The sample's report, parsed."""
    return Page(sample_source)


@pytest.fixture
def page_of(tmp_path: Path) -> Callable[[list[dict[str, Any]]], Page]:
    """Makes the report of a case that holds these records."""

    def make(records: list[dict[str, Any]]) -> Page:
        write_log(tmp_path / "logs", "one.json.gz", records)
        with rf.open_case(tmp_path / "case.duckdb") as case:
            case.load(tmp_path / "logs")
            return Page(report(case))

    return make
