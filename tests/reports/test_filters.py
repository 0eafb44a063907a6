"""The report of a case that filters narrowed says so, first of all in its headline."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.ingest.filters import parse_time
from rootforensics.reports.html import render_report
from tests.analysis.test_accounts import OTHER
from tests.builders import ABSENT, ACCOUNT, event, root_event, write_log
from tests.queries.test_root import sign_in

if TYPE_CHECKING:
    from pathlib import Path


def page_of(folder: Path, filters: rf.Filters) -> str:
    """The report of one early root event and one later event of somebody else."""
    write_log(folder, "logs/a.json", [root_event(eventTime="2026-08-02T00:00:00Z"), event()])
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs", filters=filters)
        return render_report(case.analysis())


@pytest.mark.heavy
def test_filters_that_left_root_out_are_in_the_headline(tmp_path: Path) -> None:
    page = page_of(tmp_path, rf.Filters(since=parse_time("2026-08-03")))
    assert "The case shows no use of root by a person, but the load left out parts." in page
    assert "These logs show no use of root" not in page
    assert "from 2026-08-03T00:00:00Z; 1 record filtered" in page


@pytest.mark.heavy
def test_a_filter_that_left_nothing_out_narrows_nothing(tmp_path: Path) -> None:
    page = page_of(tmp_path, rf.Filters(since=parse_time("2020-01-01")))
    assert "the root user of account" in page
    assert "the load left out parts" not in page


def headlines_of(folder: Path, *records: dict[str, Any]) -> list[str]:
    """What the report of these records says first of each account."""
    write_log(folder, "logs/a.json", list(records))
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs")
        page = render_report(case.analysis(), is_brief=True)
    return re.findall(r'<h3 class="verdict[^>]*>(.*?), (?:use by people unknown, )?no check failed.*?</h3>', page)


@pytest.mark.heavy
def test_the_headline_says_that_root_was_used_only_if_somebody_got_in(tmp_path: Path) -> None:
    """Of each account its own; no account is red for attempts."""
    other = sign_in(outcome="Failure", identity={"accountId": OTHER, "accessKeyId": ""}, recipientAccountId=OTHER)
    asked = sign_in(eventName="PasswordRecoveryRequested", responseElements={"PasswordRecoveryRequested": "Success"})
    with_mfa = sign_in(additionalEventData={"MFAUsed": "Yes"})
    assert headlines_of(tmp_path / "tried", sign_in(outcome="Failure"), asked) == [f"Account {ACCOUNT}: attempt"]
    assert headlines_of(tmp_path / "asked", asked) == [f"Account {ACCOUNT}: attempt"]
    unknown = sign_in(responseElements=ABSENT)
    assert headlines_of(tmp_path / "unknown", unknown, other) == [
        f"Account {ACCOUNT}: attempt",
        f"Account {OTHER}: attempt",
    ]
    assert headlines_of(tmp_path / "used", with_mfa, other) == [f"Account {ACCOUNT}: used", f"Account {OTHER}: attempt"]
