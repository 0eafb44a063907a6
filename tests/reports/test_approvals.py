"""The parts of the report on approvals and notes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

import rootforensics as rf
from rootforensics.analysis.approval import Approvals
from rootforensics.reports.html import render_report
from tests.analysis.approvals.uses import approval, called, covered, signed_in
from tests.builders import write_log
from tests.reports.page import Page, words
from tests.reports.test_html import check_links

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.analysis.analysis import Analysis

HOSTILE = "<script>alert(1)</script>\u202e{{ 7 * 7 }}"


@pytest.mark.heavy
def test_the_sample_is_reported_with_its_approvals(sample_approved: Analysis, approved_page: Page) -> None:
    found = sample_approved.reconciliation
    assert found is not None
    page = approved_page
    check_links(page)
    rows = page.table("Root sessions, each")
    assert [row[2] for row in rows].count("unapproved") == len(rows) - 1
    assert [row[3] for row in rows if row[2] == "approved"] == ["BG-2026-031"]
    assert [(row[0], row[1], row[2].split(":")[0]) for row in page.table("Approvals, and")][1:5] == [
        ("", "password changed", "no"),
        ("", "mfa there", "yes"),
        ("", "no access key", "yes"),
        ("", "no other change", "yes"),
    ]
    assert "1 of 9 root sessions is approved; 1 of 2 approvals was used" in words(page.part("approvals"))
    assert found.source.sha256 in words(page.part("approvals"))
    chart, _ = page.part("brief").all("svg")
    assert "Approvals" in [one.text for one in chart.all("text")]
    assert any("BG-2026-031" in one.text for one in chart.all("text"))
    assert "No approval covers 6 root sessions in account 111122223333" in words(page.part("brief"))


@pytest.mark.heavy
def test_what_an_approval_or_a_note_says_is_text(tmp_path: Path) -> None:
    write_log(tmp_path, "logs/a.json", [signed_in(eventID="sign-in"), called("10:10:00"), *covered()])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        case.note("sign-in", HOSTILE, tag=HOSTILE, author=HOSTILE)
        case.note("2026-08-05", "a time")
        granted = approval(ticket=HOSTILE, who=HOSTILE, reason=HOSTILE)
        page = Page(render_report(case.analysis(Approvals(HOSTILE, "0" * 64, (granted,)))))
    check_links(page)
    assert len(page.root.all("script")) == 1
    shown = "<script>alert(1)</script>[U+202E]{{ 7 * 7 }}"
    assert words(page.part("approvals")).count(shown) >= 4
    rows = page.table("Notes, in the order")
    assert [row[0] for row in rows] == ["2", "1"]
    assert rows[1][2] == f"{shown}{shown}"
    assert rows[1][4].endswith("sign-in")
    assert rows[0][4] == "a time"


def test_parts_without_anything_are_left_out(sample_page: Page) -> None:
    assert not {"approvals", "notes"} & set(sample_page.ids)
    # The incident's timeline asked for them all the same, and the page names what ran.
    (asked,) = [one for one in sample_page.part("method").all("article") if one.attributes.get("id") == "q-notes"]
    assert re.search(r"Rows *0\b", words(asked))
