"""The incident in one screen: what a responder needs first, each fact once, each with an event that proves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.analysis import analysis_of
from rootforensics.telling.overview import overview
from rootforensics.telling.section import Command
from rootforensics.telling.statement import Statement
from tests.analysis.lineage.test_blast_radius import at, did, made_key, user
from tests.analysis.test_accounts import everywhere, of
from tests.builders import ACCOUNT, event, root_event
from tests.conftest import ROOT
from tests.queries.test_root import sign_in
from tests.stories import Story, alone, told_of

if TYPE_CHECKING:
    from rootforensics.analysis.analysis import Analysis
    from rootforensics.queries.asking import Asks

    Told = list[tuple[str, Statement]]


def lines(case: Asks) -> Told:
    return [(one.heading, said) for one in overview(analysis_of(case)) for said in one.statements]


def told(*records: dict[str, Any]) -> Story:
    return told_of(lines, *records)


@pytest.fixture(scope="module")
def of_sample(sample_analysis: Analysis) -> Told:
    return lines(sample_analysis)


def test_the_sample_is_one_screen_with_the_planned_events(
    of_sample: Told, sample_case: rf.Case, expected: dict[str, Any]
) -> None:
    said = of_sample
    assert len(said) + sum(bool(one.command) for _, one in said if isinstance(one, Command)) < 50
    cited = {one.event_ids[0] for _, one in said if one.event_ids}
    planned = {step["event_name"]: step["event_id"] for step in expected["story"]}
    for name in (
        "PasswordRecoveryCompleted",
        "DeactivateMFADevice",
        "StopLogging",
        "PutAlternateContact",
        "CreateUser",
    ):
        assert planned[name] in cited, name
    known = {row["eventID"] for row in sample_case.sql("SELECT eventID FROM events").rows}
    assert {event_id for _, one in said for event_id in one.event_ids} <= known
    first = said[0][1].text
    assert first.startswith(
        "Account 111122223333: likely takeover, 9 of 10 checks failed, 1 not asked. Root was used by people: 154 events from 2026-08-05 01:19:47"
    )
    assert first.endswith("; 6 further attempts did not succeed.")
    assert said[1][1].text.startswith(
        "Account 444455556666: use, no problem found, 4 checks inconclusive, 1 not asked. Root was used by people: 11 "
    )
    assert said[2][1].text.startswith(
        "Account 777788889999: privileged session (AssumeRoot), no problem found, 8 checks inconclusive, 1 not asked. "
    )


async def test_what_others_did_is_told_apart_from_root() -> None:
    """An innocent owner, and an IAM user who made himself another: it is him that a responder must see."""
    intruder = user("mallory", "AKIAMALLORY")
    made = did("iam:CreateUser", 2, {"userName": "eve"}, {"user": {"userName": "eve"}}, who=intruder)
    said = await told(*everywhere(ACCOUNT), root_event(sourceIPAddress="198.51.100.7"), made)
    apart = [one for heading, one in said if heading == "By others, not attributed to root:"]
    assert [(one.level, one.event_ids) for one in apart][:1] == [("bad", (made["eventID"],))]
    assert apart[0].text == (
        f"IAM user {ACCOUNT}/mallory: 1 critical or high action (from root's address) "
        "at 2026-08-05 10:02:00, from 198.51.100.7: CreateUser"
    )
    assert not [one for heading, one in said if "mallory" in one.text and one not in apart]


def test_no_event_is_the_proof_of_two_lines(of_sample: Told) -> None:
    """The answers on keys and on persistence stand on the same action, which made the key."""
    shared = {"access keys of root", "persistence is still in place"}
    proofs = [
        one.event_ids[0]
        for heading, one in of_sample
        if one.event_ids and not one.citations and not isinstance(one, Command) and heading[:7] in ("Answers", "Most se")
        and not any(word in one.text for word in shared)
    ]  # fmt: skip
    assert len(proofs) == len(set(proofs)) == 9 - 2 + 3  # answers but those two, and findings


def test_bad_answers_stand_in_order_of_time(of_sample: Told) -> None:
    texts = [one.text for heading, one in of_sample if heading.startswith("Answers on account")]
    assert texts[0].startswith("2026-08-05 01:19:47: password recovered")
    times = [text[:8] for text in texts[1:]]  # the day is told once
    assert times == sorted(times)
    assert (len(times), times[0], times[-1]) == (8, "01:21:53", "04:58:30")


def test_who_else_acted_is_named_by_the_end_of_the_session(of_sample: Told) -> None:
    (apart, *_) = [one.text for heading, one in of_sample if heading.startswith("By others")]
    assert apart.startswith("role farid.haddad@example.com in 111122223333: 9 critical or high actions")


async def test_long_lists_are_cut_with_a_word() -> None:
    made = [made_key(f"AKIA{number:03}", number % 60, f"user{number}") for number in range(30)]
    said = await told(*everywhere(ACCOUNT), *made)
    steps = [one for heading, one in said if heading.startswith(f"First steps in account {ACCOUNT} (read")]
    assert len([one for one in steps if isinstance(one, Command)]) == 4
    # Each user's key, root's own that made them, and what is said of every account.
    assert steps[-1].text == "and 31 more: rootforensics verdict"
    assert all(len(one.text) < 300 for _, one in said)


@pytest.mark.heavy
async def test_more_accounts_than_fit_are_counted() -> None:
    records = [of(f"{number:012}", root_event()) for number in range(1, 8)]
    said = await told(*records)
    assert sum(one.text.startswith("Account 0") for _, one in said) == 4
    assert [one.text for _, one in said if "more accounts" in one.text] == [
        "and 3 more accounts, 3 with failed checks: rootforensics verdict"
    ]


async def test_who_was_kept_out_is_not_told_to_have_used_root() -> None:
    said = await told(*everywhere(ACCOUNT), sign_in(outcome="Failure"))
    assert said[0][1].text.startswith(
        f"Account {ACCOUNT}: attempt, no problem found, 4 checks inconclusive, 1 not asked. Root was tried by people, without success: 1 event"
    )
    assert not [one for _, one in said if isinstance(one, Command)]


async def test_a_refused_call_is_a_use_of_roots_credentials() -> None:
    said = await told(*everywhere(ACCOUNT), did("iam:CreateUser", 1, {"userName": "x"}, errorCode="AccessDenied"))
    assert said[0][1].text.startswith(
        f"Account {ACCOUNT}: likely takeover, 3 of 10 checks failed, 1 inconclusive, 1 not asked. Root was used by people, all that they did "
        "was denied or failed: 1 event"
    )
    assert [one for _, one in said if isinstance(one, Command)]


@pytest.mark.heavy
def test_no_use_is_said_once() -> None:
    said = [one.text for _, one in alone(told(*everywhere(ACCOUNT)))]
    assert said[0] == "These logs show no use of root by a person."
    assert sum("no use of root" in text for text in said) == 1


@pytest.mark.heavy
def test_a_use_that_no_approval_covers_is_told_apart_from_proper_use(sample_case: rf.Case) -> None:
    """Two accounts have no failed check but that on approval; the use of one of them was approved, that of the other was not."""
    analysis = sample_case.analysis(ROOT / "docs" / "examples" / "approvals.yaml")
    accounts = {one.text[8:20]: one for heading, one in lines(analysis) if one.text.startswith("Account ")}
    assert [one.level for one in accounts.values()] == ["bad", "bad", "note"]
    assert ": likely takeover, 10 of 10 checks failed, not approved. " in accounts["111122223333"].text
    assert (
        ": privileged session (AssumeRoot), 1 of 10 checks failed, 8 inconclusive, not approved. "
        in accounts["777788889999"].text
    )
    assert ": approved use, no problem found, 4 checks inconclusive. " in accounts["444455556666"].text


def test_nothing_is_said_of_an_empty_case(empty_case: rf.Case) -> None:
    assert "proves nothing" in lines(empty_case)[0][1].text


@pytest.mark.heavy
async def test_a_member_without_logs_is_told_as_opened() -> None:
    opened = event(
        eventSource="sts.amazonaws.com", eventName="AssumeRoot", requestParameters={"targetPrincipal": "444455556666"}
    )
    said = await told(*everywhere(ACCOUNT), opened)
    assert said[0][1].text == ("Account 444455556666: opened by AssumeRoot. No event of the session is in the case.")
    assert said[0][1].event_ids == (opened["eventID"],)


@pytest.mark.heavy
async def test_a_member_that_was_taken_from_above_was_not_opened() -> None:
    closed = did("organizations:CloseAccount", 1, {"accountId": "444455556666"})
    said = [one.text for _, one in await told(*everywhere(ACCOUNT), closed) if not isinstance(one, Command)]
    assert "Account 444455556666: no use seen. No event of its root user is in the case." in said
    assert not [text for text in said if "AssumeRoot" in text]


async def test_where_services_alone_acted_in_roots_name_its_use_is_not_denied() -> None:
    by = {"identity": {"invokedBy": "ssm.amazonaws.com"}, "sourceIPAddress": "ssm.amazonaws.com"}
    said = [
        one.text for _, one in (await told(*everywhere(ACCOUNT), did("iam:CreateUser", 1, {"userName": "u"}, **by)))[:1]
    ]
    assert said[0].startswith(
        f"Account {ACCOUNT}: no use seen. Whether a person used root is unknown: no event of root's is a"
    )
    assert "CreateUser by ssm.amazonaws.com as root" in said[0]


async def test_hostile_names_make_no_line_longer() -> None:
    said = await told(did("iam:CreateUser", 1, {"userName": "x" * 5000}, eventTime=at(1)))
    texts = [one.text for heading, one in said if not isinstance(one, Command)]
    assert max(map(len, texts)) < 400
