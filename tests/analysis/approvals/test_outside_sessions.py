"""What root did in no session, and openings of which the case holds no event: approvals are held against them, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.analysis.approvals.answer import unapproved_use
from rootforensics.analysis.verdict.questions import used_without_approval
from rootforensics.telling.approvals import approval_statements
from tests.analysis.approvals.uses import NOISE, OFFICE, USE, approval, covered, reconciled, signed_in, spelled
from tests.builders import ABSENT, ACCOUNT, event, root_event

if TYPE_CHECKING:
    from rootforensics.analysis.approval import Approval
    from rootforensics.analysis.verdict.question import Answer

AWAY = "198.51.100.66"
ADMINS = "444455556666"
EVERY = [*USE, *NOISE, *covered()]


def page(clock: str, name: str, **fields: Any) -> dict[str, Any]:
    """An event of the sign-in page that belongs to no session."""
    usual = {"eventName": name, "responseElements": {name: "Success"}, "additionalEventData": None}
    return signed_in(clock, **(usual | fields))


def opened(clock: str, by: str = "mallory", **fields: Any) -> dict[str, Any]:
    """Somebody of another account opens a session as root by ``AssumeRoot``."""
    policy = {"arn": "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"}
    usual = {
        "eventTime": spelled(clock),
        "eventSource": "sts.amazonaws.com",
        "eventName": "AssumeRoot",
        "readOnly": False,
        "recipientAccountId": ADMINS,
        "sourceIPAddress": OFFICE,
        "identity": {"arn": f"arn:aws:sts::{ADMINS}:assumed-role/Admin/{by}", "accountId": ADMINS},
        "requestParameters": {"targetPrincipal": ACCOUNT, "taskPolicyArn": policy},
        "responseElements": {"credentials": {"accessKeyId": "ASIAEXAMPLEASSUMEROO"}},
    }
    return event(**(usual | fields))


async def judged(records: list[dict[str, Any]], *approvals: Approval) -> Answer:
    """The last answer of the verdict on root of the usual account."""
    found = await reconciled([*EVERY, *records], *approvals)
    return used_without_approval.answered(
        unapproved_use({session.session["session_id"]: session for session in found.sessions}, found.apart)
    )


@pytest.mark.parametrize(
    ("records", "answer"),
    [
        pytest.param([], "no", id="the session alone"),
        pytest.param([page("14:05:00", "EmailUpdated", sourceIPAddress=AWAY)], "yes", id="a stranger's change"),
        pytest.param([page("14:00:00", "PasswordRecoveryCompleted", sourceIPAddress=AWAY)], "yes", id="his recovery"),
        pytest.param([page("10:20:00", "EmailUpdated")], "yes", id="in the window, but no task"),
        pytest.param(
            [page("10:20:00", "EmailUpdated", sourceIPAddress=AWAY)], "yes", id="in the window from elsewhere"
        ),
        pytest.param([root_event(eventTime=spelled("12:00:00"), identity={"accessKeyId": ABSENT})], "yes", id="a read"),
        pytest.param(
            [page("14:05:00", "EmailUpdated", sourceIPAddress=AWAY, responseElements=None)], "unknown", id="unknown"
        ),
        # What is ordinary beside an approved use.
        pytest.param(
            [signed_in("14:00:00", responseElements={"ConsoleLogin": "Failure"}, sourceIPAddress=AWAY)],
            "no",
            id="a sign-in that failed",
        ),
        pytest.param(
            [page("14:00:00", "PasswordRecoveryRequested", sourceIPAddress=AWAY)], "no", id="recovery asked for"
        ),
        pytest.param(
            [page("14:00:00", "EmailUpdated", responseElements={"EmailUpdated": "Failure"})], "no", id="a failure"
        ),
        pytest.param([page("09:59:58", "CheckMfa")], "no", id="the second factor of the sign-in"),
        pytest.param([page("10:00:01", "PasswordRecoveryCompleted")], "no", id="a recovery to get in"),
        pytest.param([page("15:00:00", "PasswordUpdated")], "no", id="the procedure after use"),
        pytest.param([page("15:00:00", "PasswordRecoveryCompleted")], "no", id="the same by recovery"),
        pytest.param([page("06 11:00:00", "PasswordUpdated")], "yes", id="after the time for it"),
    ],
)
async def test_an_act_in_no_session_has_to_be_approved_too(records: list[dict[str, Any]], answer: str) -> None:
    told = await judged(records, approval())
    assert told.answer == answer
    if answer != "no":
        assert set(told.event_ids) == {row["eventID"] for row in records}
    assert bool(told.missing) is (answer == "unknown")


async def test_a_change_that_is_a_task_is_approved() -> None:
    tasks = ("s3:DeleteBucketPolicy", "signin:EmailUpdated")
    assert (await judged([page("10:20:00", "EmailUpdated")], approval(tasks=tasks))).answer == "no"


@pytest.mark.parametrize(
    ("record", "answer"),
    [
        (opened("15:00:00"), "yes"),
        (opened("10:30:00"), "yes"),  # not whom the approval names
        (opened("10:30:00", by="maria"), "no"),
        (opened("10:30:00", by="maria", sourceIPAddress=AWAY), "yes"),
        (opened("15:00:00", errorCode="AccessDenied", responseElements=None), "no"),
        (opened("15:00:00", requestParameters={"targetPrincipal": "777788889999"}), "no"),
    ],
)
async def test_an_opening_without_any_event_of_its_session_has_to_be_approved(
    record: dict[str, Any], answer: str
) -> None:
    found = await reconciled([*EVERY, record], approval())
    apart = [one for one in found.apart if one.account_id == ACCOUNT]
    told = used_without_approval.answered(
        unapproved_use({session.session["session_id"]: session for session in found.sessions}, apart)
    )
    assert told.answer == answer
    if answer == "yes":
        assert told.event_ids == (record["eventID"],)
        assert "AssumeRoot" in told.because


async def test_what_was_done_in_an_approved_opening_is_not_known_without_the_members_logs() -> None:
    """Of the Regions beyond the first the case holds no log after the opening."""
    record = opened("08 10:30:00", by="maria")
    granted = approval(), approval(ticket="T-2", from_time="08 10:00:00", until_time="08 11:00:00")
    told = await judged([record], *granted)
    assert (told.answer, told.event_ids) == ("unknown", (record["eventID"],))
    assert any("logs after 2026-08-07 12:00:00" in one for one in told.missing)


async def test_an_act_that_is_not_as_approved_stands_in_rows_and_story() -> None:
    record = page("14:05:00", "EmailUpdated", sourceIPAddress=AWAY)
    found = await reconciled([*EVERY, record], approval())
    (row,) = (row for row in found.rows if row["about"] == "act")
    assert (row["subject"], row["verdict"], row["event_ids"]) == ("EmailUpdated", "unapproved", [record["eventID"]])
    (told,) = (
        approval_statement
        for approval_statement in approval_statements(found)
        if "EmailUpdated" in approval_statement.text
    )
    assert (told.level, told.event_ids) == ("bad", (record["eventID"],))
    assert found.as_dict()["in_no_session"] == {
        "events": 1,
        "changes": 1,
        "not_approved": 1,
        "openings_not_approved": 0,
    }
