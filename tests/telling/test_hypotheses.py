"""How root access may have been gained: only what the logs show, or could have shown, is evidence."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

import rootforensics as rf
from rootforensics.analysis.places import SIGN_IN_REGIONS
from rootforensics.analysis.verdict.questions import QUESTIONS
from rootforensics.cli import cli
from rootforensics.queries.catalogue import analysis_questions
from rootforensics.rules.findings import detections
from rootforensics.telling.hypotheses import _rules, hypotheses
from tests.builders import ABSENT, event, root_event, write_log
from tests.stories import told_of

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.analysis.analysis import Analysis

MAIL, GUESSED, KNOWN, NO_MFA, MFA, KEY, HIJACKED, ASSUMED, *_ = (rule["title"] for rule in _rules())


def ways(*records: dict[str, Any]) -> Any:
    return told_of(
        lambda analysis: {
            hypothesis.title: (hypothesis.standing, hypothesis.missing) for hypothesis in hypotheses(analysis)
        },
        *records,
    )


def sign_in(time: str, mfa: str = "No", *, outcome: str = "Success", **fields: Any) -> dict[str, Any]:
    data = fields.pop("additionalEventData", None) or {
        "LoginTo": "https://console.aws.amazon.com/",
        "MobileVersion": "No",
        "MFAUsed": mfa,
    }
    return root_event(
        eventSource="signin.amazonaws.com", eventName="ConsoleLogin", eventType="AwsConsoleSignIn", eventTime=time,
        identity={"accessKeyId": ABSENT}, additionalEventData=data,
        readOnly=False, **{"responseElements": {"ConsoleLogin": outcome}} | fields,
    )  # fmt: skip


def recovered(time: str) -> dict[str, Any]:
    answer = {"PasswordRecoveryCompleted": "Success"}
    return root_event(
        eventSource="signin.amazonaws.com", eventName="PasswordRecoveryCompleted", eventType="AwsConsoleSignIn",
        eventTime=time, identity={"accessKeyId": ABSENT}, responseElements=answer, readOnly=False,
    )  # fmt: skip


def in_console(opened: str) -> dict[str, Any]:
    context = {"attributes": {"creationDate": opened, "mfaAuthenticated": "true"}}
    return {
        "identity": {"accessKeyId": "ASIAROOTCONSOLE00000", "sessionContext": context},
        "sessionCredentialFromConsole": "true",
    }


def key_made(time: str, opened: str, key: str) -> dict[str, Any]:
    return root_event(
        eventSource="iam.amazonaws.com", eventName="CreateAccessKey", eventTime=time, readOnly=False,
        responseElements={"accessKey": {"accessKeyId": key}}, **in_console(opened),
    )  # fmt: skip


def used(time: str, key: str, source: str = "203.0.113.99") -> dict[str, Any]:
    return root_event(eventTime=time, sourceIPAddress=source, identity={"accessKeyId": key})


def quiet(*times: str) -> list[dict[str, Any]]:
    """Others' events, by which the logs of each Region in which root signs in begin and end."""
    return [event(eventTime=time, awsRegion=region) for time in times for region in SIGN_IN_REGIONS]


LONG = ("2026-08-01T02:00:00Z", "2026-08-05T18:00:00Z")
AROUND = ("2026-08-03T02:00:00Z", "2026-08-05T18:00:00Z")


async def test_a_recovery_before_the_sign_in_speaks_for_the_mailbox() -> None:
    told = await ways(*quiet(*AROUND), recovered("2026-08-05T09:50:00Z"), sign_in("2026-08-05T10:00:00Z"))
    assert told[MAIL][0] == "for"
    assert told[KNOWN][0] == "against"  # it was set anew
    assert told[NO_MFA][0] == "for"
    assert told[KEY][0] == "against"


async def test_a_sign_in_at_once_speaks_for_a_known_password_and_excludes_nothing() -> None:
    told = await ways(*quiet(*AROUND), sign_in("2026-08-05T10:00:00Z", "Yes"))
    assert [told[one][0] for one in (KNOWN, GUESSED, MAIL, NO_MFA)] == ["for", "against", "against", "against"]
    assert "events before the first log (2026-08-03 02:00:00)" in told[GUESSED][1]


async def test_what_the_logs_could_not_have_shown_does_not_speak() -> None:
    """They begin with the sign-in: nobody knows of failures in the hour before it."""
    told = await ways(sign_in("2026-08-05T10:00:00Z", "Yes"), *quiet("2026-08-05T18:00:00Z"))
    assert [told[one][0] for one in (KNOWN, GUESSED)] == ["open", "open"]
    assert any(one.startswith("logs before 2026-08-05 10:00:00") for one in told[GUESSED][1])


async def test_a_field_that_is_missing_leaves_it_open() -> None:
    told = await ways(*quiet(*AROUND), sign_in("2026-08-05T10:00:00Z", additionalEventData=ABSENT))
    assert told[NO_MFA][0] == "open"
    unsaid = await ways(
        *quiet(*AROUND),
        sign_in("2026-08-05T09:00:00Z", responseElements=ABSENT),
        sign_in("2026-08-05T10:00:00Z", "Yes"),
    )
    assert unsaid[NO_MFA][0] == "open"  # the first may have succeeded, and says nothing of how
    untimed = await ways(*quiet(*AROUND), sign_in("2026-08-05T10:00:00Z", "Yes"), sign_in(ABSENT, "Yes"))
    assert (untimed[NO_MFA][0], untimed[KNOWN][0]) == ("open", "open")
    assert "the time of each sign-in and session" in untimed[NO_MFA][1]


async def test_the_owners_sign_in_does_not_clear_another_and_supports_nothing() -> None:
    """Each entry is judged: with MFA from a known address on one day, without it from elsewhere on another."""
    owner, other = sign_in("2026-08-02T10:00:00Z", "Yes"), {"sourceIPAddress": "203.0.113.99"}
    told = await ways(*quiet(*LONG), owner, sign_in("2026-08-05T10:00:00Z", **other))
    assert (told[NO_MFA][0], told[MFA][0]) == ("for", "open")
    alone = await ways(*quiet(*LONG), owner, sign_in("2026-08-05T10:00:00Z", "Yes", **other))
    assert alone[NO_MFA][0] == "against"


@pytest.mark.heavy
async def test_a_key_that_was_not_made_in_the_logs_speaks_for_a_leak_whatever_came_first() -> None:
    told = await ways(*quiet(*AROUND), root_event(eventTime="2026-08-05T10:00:00Z"))
    assert (told[KEY][0], told[ASSUMED][0], told[NO_MFA][0]) == ("for", "against", "against")
    owner = sign_in("2026-08-02T10:00:00Z", "Yes")
    made = key_made("2026-08-02T10:05:00Z", "2026-08-02T10:00:00Z", "AKIANEW0000000000000")
    old = used("2026-08-05T10:00:00Z", "AKIAOLD0000000000000")
    told = await ways(*quiet(*LONG), owner, made, old)
    assert told[KEY][0] == "for"
    same, moved = (used("2026-08-05T10:00:00Z", "AKIANEW0000000000000", at) for at in ("198.51.100.7", "203.0.113.99"))
    assert (await ways(*quiet(*LONG), owner, made, same))[KEY][0] == "against"
    assert (await ways(*quiet(*LONG), owner, made, moved))[KEY][0] == "open"  # it may have leaked since


async def test_what_was_hours_before_is_no_absence() -> None:
    elsewhere: Any = {"sourceIPAddress": "203.0.113.99"}
    failed = [sign_in(f"2026-08-05T05:{minute}:00Z", outcome="Failure", **elsewhere) for minute in (10, 20, 30)]
    entered = sign_in("2026-08-05T10:00:00Z", **elsewhere)
    told = await ways(*quiet(*AROUND), *failed, entered)
    assert (told[GUESSED][0], told[KNOWN][0]) == ("for", "open")
    told = await ways(*quiet(*AROUND), *failed[:1], entered)
    assert (told[GUESSED][0], told[KNOWN][0]) == ("open", "open")
    told = await ways(*quiet(*AROUND), recovered("2026-08-05T07:50:00Z"), entered)
    assert (told[MAIL][0], told[KNOWN][0]) == ("for", "open")


async def test_a_session_that_was_opened_before_the_logs_leaves_open_how() -> None:
    call = root_event(eventTime="2026-08-05T10:00:00Z", **in_console("2026-08-04T10:00:00Z"))
    told = await ways(*quiet(*AROUND), call)
    assert [told[one][0] for one in (MAIL, GUESSED, KNOWN, NO_MFA, KEY)] == [
        "open",
        "open",
        "open",
        "against",
        "against",
    ]


async def test_an_act_in_no_session_keeps_from_contradicting() -> None:
    """Its record names no credential, or a service that nobody but root can have had it do: nothing is known of how."""
    elsewhere = {"eventTime": "2026-08-05T10:00:00Z", "eventSource": "iam.amazonaws.com", "eventName": "DeleteUser",
                 "readOnly": False, "requestParameters": {"userName": "x"}, "responseElements": None}  # fmt: skip
    service = "cloudformation.amazonaws.com"
    for fields in (
        {"identity": {"accessKeyId": ABSENT}, "sourceIPAddress": "203.0.113.99"},
        {
            "identity": {"accessKeyId": ABSENT, "invokedBy": service},
            "sourceIPAddress": service,
            "eventName": "CreateUser",
        },
    ):
        act = root_event(**elsewhere | fields)  # type: ignore[arg-type]
        told = await ways(*quiet(*LONG), sign_in("2026-08-02T10:00:00Z", "Yes"), act)
        assert {told[one][0] for one in (MAIL, GUESSED, NO_MFA, KEY, ASSUMED)} == {"open"}
        assert told[MFA][0] == "open"  # the sign-in is the owner's, from an address that is known
        new = "" if fields["sourceIPAddress"] == service else " (new address)"
        assert (
            f"records of how access was gained: 2026-08-05 10:00:00 from {fields['sourceIPAddress']}{new}"
            in told[NO_MFA][1]
        )


async def test_a_recovery_of_unknown_outcome_is_not_denied() -> None:
    """The key was used in any case; whether the password was recovered before, the record does not say."""
    asked = recovered("2026-08-05T09:50:00Z") | {"responseElements": None}
    told = await ways(*quiet(*AROUND), asked, used("2026-08-05T10:00:00Z", "AKIAOLD0000000000000"))
    assert (told[MAIL][0], told[KEY][0]) == ("open", "for")


def test_what_approvals_cover_supports_nothing(sample_approved: Analysis) -> None:
    """docs/examples/approvals.yaml: the one session of 444455556666, begun with MFA, is as approved."""
    told = {
        hypothesis.title: hypothesis
        for hypothesis in hypotheses(sample_approved)
        if hypothesis.account_id == "444455556666"
    }
    assert told[MFA].standing == "open"
    (said,) = told[MFA].approved
    assert said.text.startswith("Access with MFA at 2026-08-06 10:02:17 from ")
    assert said.event_ids == tuple(told[MFA].row["eventIDs"])
    assert {one.standing for one in told.values()} <= {"open", "against"}


def test_the_sample_speaks_for_what_its_plan_has(sample_case: rf.Case) -> None:
    """docs/sample-incident.md: the mailbox, then a sign-in without MFA; the key was made in the session."""
    told = {hypothesis.title: hypothesis for hypothesis in sample_case.hypotheses(account_id="111122223333")}
    assert told[MAIL].standing == "for"
    # Root removed an MFA device twenty minutes after the sign-in without one.
    assert told[NO_MFA].standing == "for and against"
    assert [said.event_ids[0][:8] for said in told[NO_MFA].speaks_against] == ["d1e2bca6"]
    # The reset and the sign-in came from one address of the plan.
    assert told[MAIL].speaks_for[0].text.endswith(", from 2026-08-05 01:19:47 to 01:21:53 (203.0.113.77)")
    # The finding on the reset and the sign-in cites the reset, so the reset has no line of its own.
    assert len(told[MAIL].speaks_for) == 1
    # The key was used from another address than that where it was made. Of the trail whose log is missing in us-east-1,
    # the second trail has the events.
    assert {told[one].standing for one in (KEY, ASSUMED)} == {"open"}
    assert any("logs from us-west-2" in gap for gap in told[ASSUMED].missing)
    assert not any("listed in digest files" in gap for gap in told[ASSUMED].missing)
    # All addresses of the concurrent sessions are the actor's, so no session of the owner is seen.
    assert told[HIJACKED].standing == "open"
    (lacking,) = told[HIJACKED].missing
    assert "every address is new: Concurrent root sessions" in lacking
    assert all(said.event_ids for one in told.values() for said in one.speaks_for)
    (opened,) = [one for one in sample_case.hypotheses(account_id="777788889999") if one.title == ASSUMED]
    assert opened.standing == "for"


@pytest.mark.heavy
def test_accounts_without_a_sign_of_a_takeover_are_named_only(sample_path: Path) -> None:
    told = CliRunner().invoke(cli, ["hypotheses", str(sample_path)]).output
    assert told.count("The actor guessed the password") == 1
    assert re.search(r"^Root was or may have been used in 444455556666, 777788889999, too", told, re.MULTILINE)


@pytest.mark.heavy
def test_that_root_was_not_used_is_said(tmp_path: Path) -> None:
    write_log(tmp_path / "logs", "one.json", [event()])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
    told = CliRunner().invoke(cli, ["hypotheses", str(tmp_path / "case.duckdb")])
    assert (told.exit_code, "The logs show no use of root" in told.output) == (0, True)
    told = CliRunner().invoke(cli, ["hypotheses", str(tmp_path / "case.duckdb"), "--account-id", "999999999999"])
    assert (told.exit_code, "no events of account 999999999999" in told.output) == (3, True)


def test_each_rule_asks_for_what_there_is() -> None:
    found, asked = {detection.name for detection in detections().values()}, {question.name for question in QUESTIONS}
    columns = {column.name for column in analysis_questions()["entries"].columns if column.type == "BOOLEAN"}
    assert {rule["entry"] for rule in _rules() if "entry" in rule} == columns
    for rule in _rules():
        assert {*rule["asks"], rule.get("answer", "used_without_approval")} <= asked
        assert set(rule.get("findings", ())) <= found
