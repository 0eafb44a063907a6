"""The report of a case that filters narrowed says so, first of all in its headline."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rootforensics as rf
from rootforensics.ingest.filters import parse_time
from rootforensics.reports.html import render_report
from tests.builders import event, root_event, write_log

if TYPE_CHECKING:
    from pathlib import Path


def page_of(folder: Path, filters: rf.Filters) -> str:
    """The report of one early root event and one later event of somebody else."""
    write_log(folder, "logs/a.json", [root_event(eventTime="2026-08-02T00:00:00Z"), event()])
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs", filters=filters)
        return render_report(case)


def test_filters_that_left_root_out_are_in_the_headline(tmp_path: Path) -> None:
    page = page_of(tmp_path, rf.Filters(since=parse_time("2026-08-03")))
    assert "No root activity in what was taken into the case: filters left parts of the logs out" in page
    assert "No root activity in these logs" not in page
    assert "from 2026-08-03T00:00:00Z; left out: 1 record" in page


def test_a_filter_that_left_nothing_out_narrows_nothing(tmp_path: Path) -> None:
    page = page_of(tmp_path, rf.Filters(since=parse_time("2020-01-01")))
    assert "Root was used by people" in page
    assert "left parts of the logs out" not in page
