"""How they may have come in: what the logs show speaks, and what they could not have shown does not."""

from __future__ import annotations

import re
from typing import Any

import rootforensics as rf
from rootforensics.analysis.places import SIGN_IN_REGIONS
from rootforensics.analysis.response.hypotheses import _rules, hypotheses
from rootforensics.analysis.verdict.questions import QUESTIONS
from rootforensics.queries.catalogue import question
from rootforensics.rules.findings import detections
from tests.builders import ABSENT, event, root_event
from tests.stories import told_of

MAIL, GUESSED, KNOWN, NO_MFA, _, KEY, _, ASSUMED, *_ = (rule["title"] for rule in _rules())


def ways(*records: dict[str, Any]) -> Any:
    return told_of(lambda analysis: {one.title: (one.standing, one.missing) for one in hypotheses(analysis)}, *records)


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


def quiet(*times: str) -> list[dict[str, Any]]:
    """Others' events, by which the logs of each Region in which root signs in begin and end."""
    return [event(eventTime=time, awsRegion=region) for time in times for region in SIGN_IN_REGIONS]


AROUND = ("2026-08-05T02:00:00Z", "2026-08-05T18:00:00Z")


async def test_a_recovery_before_the_sign_in_speaks_for_the_mailbox() -> None:
    told = await ways(*quiet(*AROUND), recovered("2026-08-05T09:50:00Z"), sign_in("2026-08-05T10:00:00Z"))
    assert told[MAIL][0] == "for"
    assert told[KNOWN][0] == "against"  # it was set anew
    assert told[NO_MFA][0] == "for"
    assert told[KEY][0] == "against"


async def test_a_sign_in_at_once_speaks_for_a_known_password_and_excludes_nothing() -> None:
    told = await ways(*quiet(*AROUND), sign_in("2026-08-05T10:00:00Z", "Yes"))
    assert [told[one][0] for one in (KNOWN, GUESSED, MAIL, NO_MFA)] == ["for", "against", "against", "against"]
    assert "what was before the logs begin (2026-08-05 02:00:00)" in told[GUESSED][1]


async def test_what_the_logs_could_not_have_shown_does_not_speak() -> None:
    """They begin with the sign-in: nobody knows of failures in the hour before it."""
    told = await ways(sign_in("2026-08-05T10:00:00Z", "Yes"), *quiet("2026-08-05T18:00:00Z"))
    assert [told[one][0] for one in (KNOWN, GUESSED)] == ["open", "open"]
    assert any(one.startswith("logs before 2026-08-05 10:00:00") for one in told[GUESSED][1])


async def test_a_field_that_is_missing_leaves_it_open() -> None:
    told = await ways(*quiet(*AROUND), sign_in("2026-08-05T10:00:00Z", additionalEventData=ABSENT))
    assert told[NO_MFA][0] == "open"
    unsaid = await ways(
        *quiet(*AROUND), sign_in("2026-08-05T09:00:00Z", responseElements=ABSENT), sign_in("2026-08-05T10:00:00Z")
    )
    assert unsaid[NO_MFA][0] == "open"  # the first may have succeeded, and says nothing of how
    untimed = await ways(*quiet(*AROUND), sign_in("2026-08-05T10:00:00Z"), sign_in(ABSENT, "Yes"))
    assert any(one.startswith("the whole records") for one in untimed[NO_MFA][1])


async def test_a_key_that_was_used_first_speaks_for_a_leak() -> None:
    told = await ways(*quiet(*AROUND), root_event(eventTime="2026-08-05T10:00:00Z"))
    assert (told[KEY][0], told[ASSUMED][0]) == ("for", "against")


def test_the_sample_speaks_for_what_its_plan_has(sample_case: rf.Case) -> None:
    """docs/sample-incident.md: the mailbox, then a sign-in without MFA; the key was made in the session."""
    told = {one.title: one for one in sample_case.hypotheses(account_id="111122223333")}
    assert {told[one].standing for one in (MAIL, NO_MFA)} == {"for"}
    assert {told[one].standing for one in (KEY, ASSUMED)} == {"against"}
    assert all(said.event_ids for one in told.values() for said in one.speaks_for)
    (opened,) = [one for one in sample_case.hypotheses(account_id="777788889999") if one.title == ASSUMED]
    assert opened.standing == "for"


def test_each_rule_asks_for_what_there_is() -> None:
    found, asked = {one.name for one in detections().values()}, {one.name for one in QUESTIONS}
    for rule in _rules():
        assert set(rule["asks"]) <= asked
        for one in (*rule["for"], *rule["against"]):
            assert set(one.get("finding", ())) <= found
            assert one.get("answer", "approved") in asked
            if "reads" in one:
                columns = {column.name for column in question(one["reads"]).columns}
                assert {*one["where"], *one.get("among", ()), *re.findall(r"\{(\w+)\}", one["tells"])} <= columns
