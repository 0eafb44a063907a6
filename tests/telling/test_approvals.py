"""What a reconciliation tells: approvals that were not used, sentences of the story, tables, the sample."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.approvals.reconcile import Reconciliation
from rootforensics.telling.approvals import approval_statements
from rootforensics.telling.story import tell
from tests.analysis.approvals.uses import (
    NOISE,
    OFFICE,
    USE,
    approval,
    called,
    covered,
    only,
    quiet,
    reconciled,
    signed_in,
    spelled,
    verdicts,
)
from tests.builders import ABSENT, ACCOUNT, root_event
from tests.conftest import ROOT
from tools.sample_incident import breakglass

if TYPE_CHECKING:
    from rootforensics.analysis.analysis import Analysis
    from rootforensics.telling.statement import Statement


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ([], "missing: logs: the case has no events"),
        ([quiet("10:30:00"), quiet("12:00:00")], "missing: logs before 2026-08-05 10:30:00"),
        ([quiet("09:00:00"), quiet("10:30:00")], "missing: logs after 2026-08-05 10:30:00"),
        ([quiet("09:00:00", recipientAccountId="999988887777"), quiet("12:00:00", recipientAccountId="999988887777")], f"missing: logs from account {ACCOUNT}: the case has none"),
    ],
)  # fmt: skip
async def test_an_approval_that_the_logs_do_not_cover_is_not_called_unused(
    records: list[dict[str, Any]], words: str
) -> None:
    (outcome,) = (await reconciled(records, approval())).outcomes
    assert (outcome.status, outcome.steps) == ("not_in_logs", ())
    assert words in outcome.detail


async def test_root_activity_in_no_session_is_counted() -> None:
    failed = signed_in("09:00:00", responseElements={"ConsoleLogin": "Failure"})
    update = root_event(
        eventTime=spelled("09:10:00"), identity={"accessKeyId": ABSENT}, eventName="CreateUser", readOnly=False
    )
    found = await reconciled([*USE, *NOISE, failed, update], approval())
    assert [row["eventName"] for row in found.loose] == ["ConsoleLogin", "CreateUser"]
    assert [row["eventName"] for row in found.loose_changes] == ["CreateUser"]
    assert found.as_dict()["in_no_session"] == {
        "events": 2,
        "changes": 1,
        "not_approved": 1,
        "openings_not_approved": 0,
    }
    loose = f"Outside any session and not approved: 1 use of root in account {ACCOUNT} (CreateUser)."
    assert [
        len(approval_statement.citations)
        for approval_statement in approval_statements(found)
        if approval_statement.text == loose
    ] == [1]


async def test_the_story_names_what_nobody_approved_and_what_went_beyond() -> None:
    records = [*USE, called("10:12:00", "iam:CreateUser"), root_event(eventTime=spelled("20 10:00:00"))]
    told = [
        (approval_statement.level, approval_statement.text, len(approval_statement.citations))
        for approval_statement in approval_statements(await reconciled(records, approval()))
    ]
    assert told[0] == (
        "bad",
        f"No approval covers 1 root session in account {ACCOUNT}: a long-term access key (2026-08-20 10:00:00).",
        1,
    )
    detail = "changes that no task covers: iam:CreateUser"
    assert told[1] == (
        "bad",
        f"A root session in account {ACCOUNT} exceeded its approval T-1, a console sign-in (2026-08-05 10:00:00): {detail}.",
        1,
    )


@pytest.fixture(scope="module")
def sample_found(sample_approved: Analysis) -> Reconciliation:
    """The sample, held against the approvals of its plan."""
    found = sample_approved.reconciliation
    assert found
    return found


@pytest.fixture(scope="module")
def sample_told(sample_approved: Analysis) -> list[Statement]:
    """The story of the sample with its approvals."""
    return tell(sample_approved)


@pytest.mark.heavy
def test_a_procedure_that_was_not_followed_is_no_good_news_beside_it(sample_told: list[Statement]) -> None:
    """In the plan nobody changes the password after the approved use of root of 444455556666."""
    told = sample_told
    (late,) = [one for one in told if "root's password was not changed in time" in one.text]
    assert late.event_ids
    (clear,) = [one.text for one in told if one.text.startswith("Checks that passed in account 444455556666")]
    assert "password" not in clear
    assert "approval" not in clear
    assert "MFA of each use, removal of MFA" in clear


async def test_many_sessions_and_approvals_of_one_kind_are_one_sentence() -> None:
    days = [f"{day:02}" for day in range(10, 16)]
    records: list[dict[str, Any]] = []
    for day in days:
        begun = spelled(f"{day} 10:00:00")
        records += [signed_in(f"{day} 10:00:00"), called(f"{day} 10:10:00", begun=begun)]
    windows = [*days, *(f"{day:02}" for day in range(20, 26))]
    approvals = [
        approval(ticket=f"T-{day}", from_time=f"{day} 10:00:00", until_time=f"{day} 11:00:00") for day in windows
    ]
    found = await reconciled([*records, *covered("28 12:00:00")], *approvals)
    assert [session.verdicts for session in found.sessions] == [("approved",)] * 6
    names = ", ".join(f"a console sign-in (2026-08-{day} 10:00:00) by T-{day}" for day in days[:4])
    told = [
        (approval_statement.level, approval_statement.text, len(approval_statement.citations))
        for approval_statement in approval_statements(found)
        if not approval_statement.text.startswith("After ")
    ]
    assert told == [
        ("good", f"6 root sessions were approved: {names} and 2 more.", 6),
        ("note", "6 approvals were not used: T-20, T-21, T-22, T-23 and 2 more.", 0),
    ]


async def test_steps_after_many_uses_are_told_once_for_all() -> None:
    days = [f"{day:02}" for day in range(10, 16)]
    records: list[dict[str, Any]] = []
    for day in days:
        records += [signed_in(f"{day} 10:00:00"), called(f"{day} 10:10:00", begun=spelled(f"{day} 10:00:00"))]
    approvals = [approval(ticket=f"T-{day}", from_time=f"{day} 10:00:00", until_time=f"{day} 11:00:00") for day in days]
    found = await reconciled([*records, *covered("28 12:00:00")], *approvals)
    (late,) = [
        approval_statement
        for approval_statement in approval_statements(found)
        if "password was not changed" in approval_statement.text
    ]
    assert late.text.startswith(
        "After 6 approved uses (T-10, T-11, T-12, T-13 and 2 more), root's password was not changed in time. The first: "
    )
    assert (late.level, len(late.event_ids)) == ("bad", 6)


async def test_a_step_that_nobody_knows_is_told_as_such() -> None:
    """The logs end with the use, so that they cannot say what came after it."""
    told = [
        approval_statement.text
        for approval_statement in approval_statements(await reconciled([quiet("09:00:00"), *USE], approval()))
    ]
    after = [text for text in told if text.startswith("After the use approved by T-1, ")]
    assert [text.partition(": ")[0].removeprefix("After the use approved by T-1, ") for text in after] == [
        "whether root's password was changed in time is unknown",
        "whether root has MFA is unknown",
        "whether root has an access key is unknown",
        "whether other changes were made is unknown",
    ]


async def test_a_stranger_hours_after_the_window_does_not_use_up_an_approval() -> None:
    away = "203.0.113.66"
    begun = spelled("06 07:00:00")
    records = [
        signed_in("06 07:00:00", sourceIPAddress=away),
        called("06 07:10:00", "ec2:RunInstances", begun, sourceIPAddress=away),
        *covered(),
    ]
    found = await reconciled(records, approval())
    assert (only(found).verdicts, only(found).ticket) == (("unapproved",), None)
    assert only(found).detail == (
        "1,200 minutes (20.0 hours) after the window of the nearest approval, T-1; "
        "also 2 events from 203.0.113.66 and changes that none of its tasks covers"
    )
    assert [outcome.status for outcome in found.outcomes] == ["unused"]


@pytest.mark.parametrize(
    ("from_time", "until_time", "detail"),
    [
        ("08:00:00", "09:00:00", "began 60 minutes after the window and ended 70 minutes after it"),
        ("10:30:00", "11:00:00", "began 30 minutes before the window and ended 20 minutes before it"),
    ],
)
async def test_a_session_that_misses_the_window_is_said_to_begin_and_end_outside_it(
    from_time: str, until_time: str, detail: str
) -> None:
    found = only(await reconciled(USE, approval(from_time=from_time, until_time=until_time)))
    assert found.detail == detail


@pytest.mark.parametrize(
    ("second", "verdict", "joined"),
    [
        ({"from_time": "10:05:00"}, ("approved",), ("T-2",)),
        ({"from_time": "10:05:01"}, ("approved",), ("T-2",)),
        ({"from_time": "10:05:02"}, ("outside_window",), ()),
        ({"from_time": "10:05:00", "until_time": "10:09:59"}, ("outside_window",), ()),
        ({"from_time": "10:05:00", "tasks": ()}, ("outside_window",), ()),
        ({"from_time": "10:05:00", "account": "999988887777"}, ("outside_window",), ()),
    ],
)
async def test_windows_that_follow_each_other_cover_a_session_together(
    second: dict[str, Any], verdict: tuple[str, ...], joined: tuple[str, ...]
) -> None:
    approvals = approval(until_time="10:05:00"), approval(**{"ticket": "T-2", "until_time": "10:30:00", **second})
    found = await reconciled(USE, *approvals)
    assert (only(found).verdicts, only(found).joined) == (verdict, joined)
    if joined:
        assert [outcome.status for outcome in found.outcomes] == ["used", "used"]
        assert "T-1 covers it together with T-2" in only(found).detail


async def test_a_change_of_the_password_that_failed_is_not_told_as_done() -> None:
    failed = called("10:12:00", "iam:ChangePassword", errorCode="PasswordPolicyViolation")
    found = only(await reconciled([*USE, failed], approval()))
    assert found.detail.endswith("an attempt to change root's password in it failed")
    assert "was changed" not in found.detail


async def test_a_token_for_a_key_is_a_step_of_signing_in() -> None:
    key = {"accessKeyId": "AKIAEXAMPLEROOTKEY00"}
    token = root_event(
        eventTime=spelled("10:10:00"),
        eventSource="sts.amazonaws.com",
        eventName="GetSessionToken",
        readOnly=False,
        sourceIPAddress=OFFICE,
        identity=key,
    )
    assert verdicts(await reconciled([token], approval(tasks=()))) == ("approved",)


async def test_an_ipv4_address_written_as_ipv6_is_the_same() -> None:
    records = [signed_in(sourceIPAddress="::ffff:192.0.2.10"), called("10:10:00")]
    assert verdicts(await reconciled(records, approval())) == ("approved",)


async def test_rows_are_a_table_and_json() -> None:
    found = await reconciled([*USE, *covered()], approval(), approval(ticket="T-2", account="999988887777"))
    table = found.result()
    assert table.rows == [{**row, "event_ids": list(row["event_ids"])} for row in found.rows]
    assert [(row["about"], row["subject"]) for row in table.rows][1:] == [
        ("approval", "maria"),
        ("procedure", "password_changed"),
        ("procedure", "mfa_there"),
        ("procedure", "no_access_key"),
        ("procedure", "no_other_change"),
        ("approval", "maria"),
    ]
    summary = json.loads(json.dumps(found.as_dict()))
    assert summary["sessions"] == {
        "total": 1,
        "approved": 1,
        "outside_window": 0,
        "unexpected_network": 0,
        "unexpected_tasks": 0,
        "unapproved": 0,
    }
    assert summary["approvals"] == {"total": 2, "used": 1, "unused": 0, "not_in_logs": 1}
    assert summary["rows"][0]["first_time"] == "2026-08-05T10:00:00Z"


def test_the_sample_is_reconciled_as_its_plan_has_it(sample_found: Reconciliation, expected: dict[str, Any]) -> None:
    """The plan: one use of root in the data account by its owners, who delete one bucket policy; all else is theft."""
    found = sample_found
    begun = f"{breakglass.SIGN_IN:%Y-%m-%dT%H:%M:%SZ}"
    approved = [session.session["session_id"] for session in found.sessions if session.verdicts == ("approved",)]
    assert approved == [f"{breakglass.DATA}/console_sign_in/{begun}"]
    others = [one for one in found.sessions if one.session["session_id"] not in approved]
    assert all(one.verdicts == ("unapproved",) for one in others)
    assert len(others) == sum(map(len, expected["root"]["sessions"].values())) - 1
    assert [(outcome.approval.ticket, outcome.status) for outcome in found.outcomes] == [
        ("BG-2026-031", "used"),
        ("BG-2026-029", "unused"),
    ]
    # The plan has no change of the password in this account, and no change of its keys and devices.
    assert [(step.name, step.answer) for step in found.outcomes[0].steps] == [
        ("password_changed", "no"),
        ("mfa_there", "yes"),
        ("no_access_key", "yes"),
        ("no_other_change", "yes"),
    ]
    assert breakglass.MFA_DEVICE in found.outcomes[0].steps[1].detail


@pytest.mark.heavy
def test_the_library_reads_the_file_and_reconciles(sample_case: rf.Case) -> None:
    found = sample_case.reconcile(ROOT / "docs" / "examples" / "approvals.yaml", password_hours=1)
    assert found.password_hours == 1
    assert found.outcomes[0].steps[0].detail.startswith("not within 1 hour after")
    with pytest.raises(rf.ApprovalsError, match="cannot be read"):
        sample_case.reconcile("nowhere.csv")
