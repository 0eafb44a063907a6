"""What the analysis says of one account: what its plan says, and nothing of root of another."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.story import tell
from rootforensics.analysis.summary import summarize
from tests.analysis.test_accounts import of
from tests.builders import event, root_event, write_log
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

APPROVALS = str(ROOT / "docs" / "examples" / "approvals.yaml")
ATTACKED, MANAGEMENT, MEMBER = "111122223333", "444455556666", "777788889999"
KEY = "AKIA7P5O2MSTTEXAMPLE"


def _story(case: rf.Case, account_id: str, approvals: str | None = None) -> str:
    return "\n".join(one.text for one in tell(case.analysis(approvals, account_id=account_id)))


@pytest.mark.parametrize("account", [MANAGEMENT, MEMBER])
def test_the_story_of_one_account_is_silent_on_the_attacked_one(account: str, sample_case: rf.Case) -> None:
    story = _story(sample_case, account, APPROVALS)
    assert f"Root of account {account} was used by people" in story
    assert ATTACKED not in story
    assert KEY not in story


def test_the_story_of_the_attacked_account_is_whole(sample_case: rf.Case) -> None:
    story = _story(sample_case, ATTACKED)
    assert f"A long-term access key of root of {ATTACKED} was used: {KEY}" in story
    assert MANAGEMENT not in story
    assert MEMBER not in story
    assert "of 160 events of root activity" in story, "as the plan counts them"


def test_who_opened_root_of_a_member_is_told_of_both(sample_case: rf.Case) -> None:
    """The call stands in the log of the management account; of that one's root it says nothing."""
    for account in (MANAGEMENT, MEMBER):
        assert "2026-08-04 13:12:06: arn:aws:sts::444455556666:assumed-role/" in _story(sample_case, account)
    assert "was opened by AssumeRoot; no event of it" not in _story(sample_case, MANAGEMENT)


@pytest.mark.parametrize("account", [ATTACKED, MANAGEMENT, MEMBER])
def test_the_numbers_are_those_of_the_account(account: str, sample_case: rf.Case, expected: dict[str, Any]) -> None:
    summary = summarize(sample_case.analysis(account_id=account))
    planned = expected["root"]["by_account"][account]
    assert {name: summary["root"][name] for name in planned} == planned
    assert summary["root"]["accounts"] == [account]
    assert summary["sessions"]["total"] == len(expected["root"]["sessions"][account])
    assert summary["events"]["total"] == expected["events"]["total"], "of the whole case"
    assert [one["account_id"] for one in summary["verdict"]["listed"]] == [account]
    assert (KEY in json.dumps(summary)) == (account == ATTACKED)


def test_approvals_are_those_of_the_account(sample_case: rf.Case) -> None:
    found = sample_case.analysis(APPROVALS, account_id=MANAGEMENT).reconciliation
    assert found is not None
    assert {one.session["account_id"] for one in found.sessions} == {MANAGEMENT}
    assert {one.approval.account for one in found.outcomes} == {MANAGEMENT}
    assert all(row["account_id"] == MANAGEMENT for row in found.rows)
    assert found.of_account("") is found


def _stories(folder: Path, *records: dict[str, Any]) -> tuple[str, str]:
    """The story of the account of the records' builder, and of the management account."""
    write_log(folder / "logs", "log.json", list(records))
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs")
        return _story(case, ATTACKED), _story(case, MANAGEMENT)


def test_what_services_did_for_people_is_told_of_its_account_alone(tmp_path: Path) -> None:
    like_people = {"identity": {"invokedBy": "support.amazonaws.com"}, "sourceIPAddress": "198.51.100.7"}
    own, other = _stories(tmp_path, root_event(**like_people), of(MANAGEMENT, root_event()))
    assert "1 event of root names an AWS service" in own
    assert "names an AWS service" not in other


def test_of_an_account_without_calls_nothing_is_said(tmp_path: Path) -> None:
    _, story = _stories(tmp_path, event(), root_event())
    assert story == f"The case holds no record of any call of account {MANAGEMENT}, so it proves nothing about root."
