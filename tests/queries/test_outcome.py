"""One outcome for all questions: what failed is never done, what is not said is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.builders import ABSENT, event, root_event
from tests.stories import part_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import rootforensics as rf

    CaseOf = Callable[..., rf.Case]


def sign_in(name: str, response: Any = None, extra: Any = None, **fields: Any) -> dict[str, Any]:
    """An event of the sign-in service."""
    return root_event(
        eventSource="signin.amazonaws.com", eventName=name, responseElements=response, additionalEventData=extra,
        readOnly=False, **fields,
    )  # fmt: skip


def written(**fields: Any) -> dict[str, Any]:
    return root_event(eventName="CreateUser", readOnly=False, **fields)


#: As services of AWS spell them.
CODES = [
    *("Client.UnauthorizedOperation", "NoSuchEntityException", "Blocked", "404", "AWS.SimpleQueueService.NonExistentQueue"),
    *("com.amazonaws.kms#NotFoundException", "VpceAccessDenied", "THROTTLED_BY_QUOTA", "IAMError"),
]  # fmt: skip
#: What programs write where AWS writes a code, and of which nobody knows what it says.
NO_CODES = ["true", "Infinity", "1", "?", "unset", "Unknown", "{}}"]


@pytest.mark.parametrize(
    ("record", "outcome"),
    [
        (sign_in("ConsoleLogin", {"ConsoleLogin": "Success"}), "success"),
        (sign_in("ConsoleLogin", {"ConsoleLogin": "Failure"}), "failure"),
        (sign_in("ConsoleLogin", {"ConsoleLogin": "failure"}, errorMessage="Failed authentication"), "failure"),
        (sign_in("ConsoleLogin"), None),
        (sign_in("ConsoleLogin", errorMessage="Failed authentication"), "failure"),
        (sign_in("CheckMfa", {"CheckMfa": "Success"}), "success"),
        (sign_in("CreateOAuth2Token", extra={"success": False}), "failure"),
        (sign_in("CreateOAuth2Token", extra={"success": "false"}), "failure"),
        (sign_in("CreateOAuth2Token", extra={"success": "true"}), "success"),
        (sign_in("PasswordRecoveryCompleted", errorMessage="expired"), "failure"),
        (root_event(eventName="CreateUser", readOnly=False), "success"),
        (root_event(eventName="CreateUser", readOnly=False, errorCode=""), "success"),
        (root_event(eventName="CreateUser", readOnly=False, errorCode="AccessDenied"), "failure"),
        (root_event(eventName="CreateUser", readOnly=False, errorMessage="User is not authorized to …"), "failure"),
        (root_event(eventName="CreateUser", readOnly=False, errorCode="", errorMessage="denied"), "failure"),
        (root_event(eventName="CreateUser", readOnly=False, errorMessage=""), "success"),
        (sign_in("ConsoleLogin", {"ConsoleLogin": "Success"}, errorMessage="?"), "success"),
        (sign_in("ConsoleLogin", errorCode="Infinity"), None),
        *((written(errorCode=code), "failure") for code in CODES),
        *((written(errorCode=code), None) for code in NO_CODES),
        *((written(errorCode=code, errorMessage="User is not authorized"), "failure") for code in NO_CODES),
        (written(errorMessage="unknown"), None),
        (written(errorMessage="?"), None),
        (written(errorCode=float("nan")), "success"),
        (written(errorCode=False), "success"),
    ],
)
async def test_the_outcome_is_the_same_wherever_it_stands(record: dict[str, Any], outcome: str | None) -> None:
    case = await part_of(record)
    (row,) = case.query("root_timeline").rows
    (total,) = case.query("root_summary").rows
    assert row["outcome"] == outcome
    assert total["write_count"] == (outcome == "success")
    for signed_in in case.query("root_signins").rows:
        assert signed_in["outcome"] == outcome
    is_refused = outcome == "failure" and record["eventSource"] != "signin.amazonaws.com"
    assert len(case.query("root_errors")) == is_refused


@pytest.mark.heavy
async def test_an_error_message_alone_means_that_nothing_was_done() -> None:
    """AWS writes it "if the request returns an error"; the same calls without it are a key, a session and a stop."""
    refused = {"errorMessage": "User is not authorized to perform this", "readOnly": False}
    key = {"accessKey": {"accessKeyId": "AKIAEXAMPLEMADE00000", "userName": "mallory", "status": "Active"}}
    steps = [
        {"eventSource": "iam.amazonaws.com", "eventName": "CreateAccessKey", "responseElements": key},
        {"eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "requestParameters": {"name": "t"}},
    ]
    opening = event(eventSource="sts.amazonaws.com", eventName="AssumeRoot", **refused)
    for errors, action in ((refused, "attempted"), ({"readOnly": False}, "succeeded")):
        records = [root_event(**step, **errors) for step in steps]
        case = await part_of(*records, opening | {"errorMessage": errors.get("errorMessage")})
        actions = case.query("root_actions").rows
        assert {(row["eventName"], row["result"]) for row in actions} == {
            (name, action) for name in ("CreateAccessKey", "StopLogging", "AssumeRoot")
        }
        assert [row["result"] for row in case.query("logging_impairment").rows] == [action]
        assert len(case.sql("SELECT 1 FROM root_descendants")) == (action == "succeeded")
        assert len(case.query("root_errors")) == (2 if action == "attempted" else 0)


async def test_what_may_have_written_counts_beside_the_writes() -> None:
    records = [
        root_event(eventSource="iam.amazonaws.com", eventName="CreateUser", readOnly=False),
        root_event(eventSource="iam.amazonaws.com", eventName="ListUsers", readOnly=True),
        root_event(eventSource="new.amazonaws.com", eventName="Frobnicate", readOnly=ABSENT),
        root_event(eventSource="new.amazonaws.com", eventName="Frobnicate", readOnly=ABSENT, errorCode="AccessDenied"),
    ]
    case = await part_of(*records)
    for name in ("root_summary", "root_api_calls", "root_by_ip", "root_by_user_agent"):
        (row,) = case.query(name).rows
        assert (row["event_count"], row["write_count"], row["write_unknown_count"]) == (4, 1, 1), name
    unlisted = {row["eventName"]: row for row in case.query("root_unlisted").rows}["Frobnicate"]
    assert (unlisted["event_count"], unlisted["write_count"], unlisted["write_unknown_count"]) == (2, 0, 1)


@pytest.mark.heavy
def test_what_a_key_may_have_changed_is_told_with_its_use(case_of: CaseOf) -> None:
    key = {"accessKey": {"userName": "x", "accessKeyId": "AKIAEXAMPLEMADE00001"}}
    user = {"type": "IAMUser", "userName": "x", "accessKeyId": "AKIAEXAMPLEMADE00001", "arn": "arn:aws:iam::111122223333:user/x"}  # fmt: skip
    made = root_event(
        eventSource="iam.amazonaws.com",
        eventName="CreateAccessKey",
        readOnly=False,
        requestParameters={"userName": "x"},
        responseElements=key,
    )
    used = event(eventSource="new.amazonaws.com", eventName="Frobnicate", readOnly=ABSENT, identity=user)
    case = case_of(made, used)
    (use,) = [row for row in case.query("descendant_use").rows if row["identity_kind"] == "access_key"]
    assert (use["event_count"], use["write_count"], use["write_unknown_count"]) == (1, 0, 1)
    (reached,) = [row for row in case.blast_radius().rows if row["entity_kind"] == "access key"]
    assert (reached["use_write_count"], reached["use_write_unknown_count"]) == (0, 1)
    (line,) = [row for row in case.incident_timeline().rows if "made 1 call" in row["text"]]
    assert (line["severity"], "1 possible write" in line["text"]) == ("high", True)
