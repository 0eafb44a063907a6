"""The case on one screen: what a responder needs first, each statement with an event that proves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.analysis import analysis_of
from rootforensics.ingest.filters import parse_time
from rootforensics.telling.section import Command
from rootforensics.telling.triage import triage_sections
from tests.analysis.lineage.test_blast_radius import at, did, made_key, user
from tests.analysis.test_accounts import everywhere, of
from tests.builders import ACCOUNT, event, gz, records_file, root_event, write_log
from tests.conftest import ROOT
from tests.queries.test_root import sign_in
from tests.stories import Story, alone, told_of

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.queries.asking import Asks
    from rootforensics.telling.statement import Statement

    Lines = list[tuple[str, Statement]]


def lines(case: Asks) -> Lines:
    sections = triage_sections(analysis_of(case))
    return [(section.heading, statement) for section in sections for statement in section.statements]


def lines_of(*records: dict[str, Any]) -> Story:
    return told_of(lines, *records)


def under(shown: Lines, heading: str) -> list[Statement]:
    return [statement for name, statement in shown if name.startswith(heading)]


@pytest.fixture(scope="module")
def of_sample(sample_analysis: Analysis) -> Lines:
    return lines(sample_analysis)


def test_the_sample_is_one_screen_with_the_planned_events(
    of_sample: Lines, sample_case: rf.Case, expected: dict[str, Any]
) -> None:
    commands = [one for _, one in of_sample if isinstance(one, Command) and one.command]
    assert len(of_sample) + len(commands) < 50
    cited = {event_id for _, one in of_sample for event_id in one.event_ids}
    planned = {step["event_name"]: step["event_id"] for step in expected["story"]}
    for name in (
        "PasswordRecoveryCompleted",
        "DeactivateMFADevice",
        "StopLogging",
        "PutAlternateContact",
        "CreateUser",
    ):
        assert planned[name] in cited, name
    assert cited <= {row["eventID"] for row in sample_case.sql("SELECT eventID FROM events").rows}


def test_a_failed_check_says_what_was_done_to_what(of_sample: Lines) -> None:
    """The sample's plan: the secrets that were read, and whom the snapshot and the bucket were opened to."""
    (exposed,) = [one.text for one in under(of_sample, "Failed checks") if "snapshot" in one.text]
    for name in ("prod/checkout/db", "acme-invoices-prod", "snap-0fedcba9876543210", "account 999988887777"):
        assert name in exposed
    assert "or with everybody" not in exposed


def test_failed_checks_are_in_order_of_time(of_sample: Lines) -> None:
    texts = [one.text for one in under(of_sample, "Failed checks")]
    assert texts[0].startswith("2026-08-05 01:19:47: Password changed")
    timed = [text for text in texts[1:] if not text.startswith("Persistence not removed")]
    times = [text[:8] for text in timed]  # the day is shown once
    assert times == sorted(times)
    assert (len(times), times[0], times[-1]) == (7, "01:21:53", "04:58:30")


async def test_what_others_did_is_not_attributed_to_root() -> None:
    """An innocent owner, and an IAM user who created another: it is him that a responder must see."""
    intruder = user("mallory", "AKIAMALLORY")
    made = did("iam:CreateUser", 2, {"userName": "eve"}, {"user": {"userName": "eve"}}, who=intruder)
    shown = await lines_of(*everywhere(ACCOUNT), root_event(sourceIPAddress="198.51.100.7"), made)
    (others,) = [one for one in under(shown, "Also found") if "mallory" in one.text]
    assert (others.level, others.event_ids) == ("bad", (made["eventID"],))
    assert others.text == (
        f"IAM user {ACCOUNT}/mallory: 1 critical or high action at 2026-08-05 10:02:00, from 198.51.100.7: CreateUser; "
        f"root of account {ACCOUNT} used one of these addresses"
    )
    assert not [one for _, one in shown if "mallory" in one.text and one is not others]


async def test_of_many_steps_the_first_are_shown_and_the_others_counted() -> None:
    made = [made_key(f"AKIA{number:03}", number % 60, f"user{number}") for number in range(30)]
    shown = await lines_of(*everywhere(ACCOUNT), *made)
    steps = under(shown, "Do first")
    assert len([step for step in steps if isinstance(step, Command)]) == 3
    # Each user's key, root's own that created them, and what is due in every account.
    assert steps[-1].text == "34 more steps, and all commands: rootforensics verdict CASE"


@pytest.mark.heavy
async def test_more_accounts_than_fit_are_counted() -> None:
    shown = await lines_of(*(of(f"{number:012}", root_event()) for number in range(1, 31)))
    others = under(shown, "Other accounts")
    assert len(others) == 21
    assert others[-1].text.startswith("and 9 more accounts: problems in 9")


async def test_who_was_kept_out_did_not_use_root() -> None:
    shown = await lines_of(*everywhere(ACCOUNT), sign_in(outcome="Failure"))
    heading, use = shown[0]
    assert heading.startswith(f"Account {ACCOUNT}: ")
    assert "checks failed" not in heading
    assert "saw only failed sign-ins" in use.text
    assert not [one for _, one in shown if isinstance(one, Command)]


async def test_a_refused_call_is_a_use_of_roots_credentials() -> None:
    shown = await lines_of(*everywhere(ACCOUNT), did("iam:CreateUser", 1, {"userName": "x"}, errorCode="AccessDenied"))
    assert under(shown, "Failed checks")
    assert [one for _, one in shown if isinstance(one, Command)]


@pytest.mark.heavy
def test_no_use_is_said_once() -> None:
    texts = [one.text for _, one in alone(lines_of(*everywhere(ACCOUNT)))]
    assert texts[0] == "These logs show no use of root by a person."
    assert sum("no use of root" in text for text in texts) == 1


@pytest.mark.heavy
def test_a_use_that_no_approval_covers_differs_from_proper_use(sample_case: rf.Case) -> None:
    """Two accounts have no failed check but approval; the use of one of them was approved, that of the other was not."""
    shown = lines(sample_case.analysis(ROOT / "docs" / "examples" / "approvals.yaml"))
    others = {one.text[8:20]: one for one in under(shown, "Other accounts")}
    assert shown[0][0].startswith("Account 111122223333")
    assert others["777788889999"].level == "bad"
    assert "not approved" in others["777788889999"].text
    assert others["444455556666"].level == "note"
    assert "approved use" in others["444455556666"].text


def test_nothing_is_said_of_an_empty_case(empty_case: rf.Case) -> None:
    assert "proves nothing" in lines(empty_case)[0][1].text


@pytest.mark.heavy
async def test_a_member_without_logs_was_opened() -> None:
    opened = event(
        eventSource="sts.amazonaws.com", eventName="AssumeRoot", requestParameters={"targetPrincipal": "444455556666"}
    )
    heading, use = (await lines_of(*everywhere(ACCOUNT), opened))[0]
    assert heading.startswith("Account 444455556666: opened by AssumeRoot")
    assert (use.text, use.event_ids) == ("The case contains no event of the session.", (opened["eventID"],))


@pytest.mark.heavy
async def test_a_member_that_was_taken_from_above_was_not_opened() -> None:
    closed = did("organizations:CloseAccount", 1, {"accountId": "444455556666"})
    shown = await lines_of(*everywhere(ACCOUNT), closed)
    assert [one for heading, one in shown if "These logs show no use of root by a person" in one.text]
    assert not [one for _, one in shown if not isinstance(one, Command) and "AssumeRoot" in one.text]


async def test_where_services_alone_acted_in_roots_name_its_use_is_not_denied() -> None:
    by = {"identity": {"invokedBy": "ssm.amazonaws.com"}, "sourceIPAddress": "ssm.amazonaws.com"}
    heading, use = (await lines_of(*everywhere(ACCOUNT), did("iam:CreateUser", 1, {"userName": "u"}, **by)))[0]
    assert heading.startswith(f"Account {ACCOUNT}: no use in the logs")
    assert use.text.startswith("Whether a person used root is unknown: ")
    assert "CreateUser by ssm.amazonaws.com as root" in use.text


@pytest.mark.heavy
def test_a_filter_and_damaged_logs_are_said(tmp_path: Path) -> None:
    write_log(
        tmp_path / "logs",
        "a.json",
        [root_event(eventTime="2026-08-05T10:00:00Z"), event(eventTime="2026-08-01T10:00:00Z")],
    )
    (tmp_path / "logs" / "cut.json.gz").write_bytes(gz(records_file([root_event()]))[:40])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs", filters=rf.Filters(since=parse_time("2026-08-02")))
        texts = [one.text for one in under(lines(case), "Evidence")]
    assert any("The load filtered out 1 record (" in text for text in texts)
    assert any("1 damaged file" in text for text in texts)


async def test_names_of_any_length_are_cut() -> None:
    shown = await lines_of(did("iam:CreateUser", 1, {"userName": "x" * 5000}, eventTime=at(1)))
    assert max(len(one.text) for _, one in shown if not isinstance(one, Command)) < 600
