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
    assert "No root activity in what was taken into the case: filters left parts of the logs out" in page
    assert "No root activity in these logs" not in page
    assert "from 2026-08-03T00:00:00Z; left out: 1 record" in page


@pytest.mark.heavy
def test_a_filter_that_left_nothing_out_narrows_nothing(tmp_path: Path) -> None:
    page = page_of(tmp_path, rf.Filters(since=parse_time("2020-01-01")))
    assert "Root was used by people" in page
    assert "left parts of the logs out" not in page


def headline_of(folder: Path, *records: dict[str, Any]) -> str:
    """What the report of these records says first."""
    write_log(folder, "logs/a.json", list(records))
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs")
        page = render_report(case.analysis())
    (said,) = re.findall(r'<p class="verdict[^>]*>(.*?)</p>', page)
    return str(said)


@pytest.mark.heavy
def test_the_headline_says_that_root_was_used_only_if_somebody_got_in(tmp_path: Path) -> None:
    """The accounts in which root was only tried are not those in which it was used."""
    other = sign_in(outcome="Failure", identity={"accountId": OTHER}, recipientAccountId=OTHER)
    asked = sign_in(eventName="PasswordRecoveryRequested", responseElements={"PasswordRecoveryRequested": "Success"})
    assert headline_of(tmp_path / "tried", sign_in(outcome="Failure"), asked) == (
        f"Root was tried by people in 1 account: {ACCOUNT}; no sign-in is seen to have succeeded."
    )
    assert headline_of(tmp_path / "asked", asked) == (
        f"A recovery of root’s password was asked for in 1 account: {ACCOUNT}; no sign-in is seen to have succeeded."  # noqa: RUF001
    )
    unknown = sign_in(responseElements=ABSENT)
    assert headline_of(tmp_path / "unknown", unknown, other) == (
        f"Root was tried by people in 1 account: {ACCOUNT}; no record says whether a sign-in succeeded."
    )
    assert headline_of(tmp_path / "used", sign_in(), other) == f"Root was used by people in 1 account: {ACCOUNT}."
