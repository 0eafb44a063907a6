"""What the analysis says of one account: what its plan says, and nothing of root of another."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.analysis import Analysis
from rootforensics.analysis.one_account import OneAccount
from rootforensics.telling.story import tell
from rootforensics.telling.summary import summarize
from tests.analysis.lineage.test_blast_radius import at, did, made_key
from tests.analysis.test_accounts import everywhere, of
from tests.builders import event, root_event
from tests.conftest import ROOT
from tests.queries.test_root import sign_in
from tests.stories import Names, Story, alone

if TYPE_CHECKING:
    pass

APPROVALS = str(ROOT / "docs" / "examples" / "approvals.yaml")
ATTACKED, MANAGEMENT, MEMBER = "111122223333", "444455556666", "777788889999"
KEY = "AKIA7P5O2MSTTEXAMPLE"


def _story(analysis: Analysis) -> str:
    return "\n".join(one.text for one in tell(analysis))


@pytest.fixture(scope="module")
def analyzes(sample_analysis: Analysis) -> dict[str, Analysis]:
    """Of each account of the sample; what they stand on is worked out once."""
    return {account: OneAccount(sample_analysis, account) for account in (ATTACKED, MANAGEMENT, MEMBER)}


@pytest.mark.quick(1)
@pytest.mark.parametrize("account", [MANAGEMENT, MEMBER])
def test_the_story_of_one_account_is_silent_on_the_attacked_one(account: str, sample_approved: Analysis) -> None:
    story = _story(OneAccount(sample_approved, account))
    assert "Root was used by a person: " in story
    assert ATTACKED not in story
    assert KEY not in story


def test_the_story_of_the_attacked_account_is_whole(analyzes: dict[str, Analysis]) -> None:
    story = _story(analyzes[ATTACKED])
    assert KEY in story
    assert MANAGEMENT not in story
    assert MEMBER not in story
    assert "of 160 events of root activity" in story, "as the plan counts them"


def test_who_opened_root_of_a_member_is_told_of_both(analyzes: dict[str, Analysis]) -> None:
    """The call stands in the log of the management account; of that one's root it says nothing."""
    for account in (MANAGEMENT, MEMBER):
        assert re.search(
            r"2026-08-04 13:12:06: farid\.haddad@example\.com opened a privileged root session",
            _story(analyzes[account]),
        )
    assert "opened by AssumeRoot" not in _story(analyzes[MANAGEMENT])


@pytest.mark.quick(1)
@pytest.mark.parametrize("account", [ATTACKED, MANAGEMENT, MEMBER])
def test_the_numbers_are_those_of_the_account(
    account: str, analyzes: dict[str, Analysis], expected: dict[str, Any]
) -> None:
    summary = summarize(analyzes[account])
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
    assert {session.session["account_id"] for session in found.sessions} == {MANAGEMENT}
    assert {outcome.approval.account for outcome in found.outcomes} == {MANAGEMENT}
    assert all(row["account_id"] == MANAGEMENT for row in found.rows)
    assert found.of_account("") is found


def _stories(*records: dict[str, Any]) -> Story:
    """The story of the account of the records' builder, and of the management account."""

    def ask(analysis: Any, names: Names) -> Any:
        return [_story(OneAccount(analysis, names.in_case(account))) for account in (ATTACKED, MANAGEMENT)]

    return Story(list(records), ask)


async def test_what_services_did_for_people_is_told_of_its_account_alone() -> None:
    like_people = {"identity": {"invokedBy": "support.amazonaws.com"}, "sourceIPAddress": "198.51.100.7"}
    own, other = await _stories(root_event(**like_people), of(MANAGEMENT, root_event()))
    assert "1 event of root names an AWS service" in own
    assert "names an AWS service" not in other


@pytest.mark.heavy
@pytest.mark.keeps_to_itself
async def test_of_an_account_without_calls_nothing_is_said() -> None:
    _, story = await _stories(event(), root_event())
    assert story.splitlines() == [
        f"The case contains no record of any call of account {MANAGEMENT}, so it proves nothing about root.",
        "There are no logs from us-east-1, us-east-2, us-west-2, so root sign-ins there may be missing.",
    ]


@pytest.mark.heavy
def test_the_story_of_the_only_account_of_a_case_is_that_of_the_case() -> None:
    records = [
        *everywhere(ATTACKED),
        sign_in(outcome="Failure", eventTime=at(1)),
        sign_in(eventTime=at(2)),
        made_key("AKIANEW", 3, "bob"),
        did("iam:CreateUser", 4, {"userName": "x"}, errorCode="AccessDenied"),
        did("cloudtrail:StopLogging", 5, {"name": "main"}),
        root_event(sourceIPAddress="AWS Internal"),
    ]

    def ask(analysis: Any, names: Names) -> Any:
        asked = (analysis, OneAccount(analysis, *names.accounts))
        return [tell(one) for one in asked], [summarize(one) for one in asked]

    (whole, own), (numbers, own_numbers) = alone(Story(records, ask))
    assert len(whole) > 12
    assert own == whole
    assert own_numbers == numbers
