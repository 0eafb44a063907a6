"""Root's events in the words of the catalogue of actions: done, tried, or not known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.analysis.lineage.test_blast_radius import did, user
from tests.builders import ABSENT, ACCOUNT, event, root_event
from tests.stories import part_of

if TYPE_CHECKING:
    import rootforensics as rf

SERVICE = "autoscaling.amazonaws.com"
NOISE = {"identity": {"invokedBy": SERVICE}, "sourceIPAddress": SERVICE, "userAgent": SERVICE}
FEDERATED = {
    "type": "FederatedUser",
    "sessionContext": {"sessionIssuer": {"type": "Root", "accountId": ACCOUNT}},
}


def stop_logging(**fields: Any) -> dict[str, Any]:
    """Root stops a trail."""
    usual = {"eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "requestParameters": {"name": "t"}}
    return root_event(**(usual | {"readOnly": False} | fields))


async def test_actions_are_told_apart_from_what_is_not_roots() -> None:
    case = await part_of(
        stop_logging(eventTime="2026-08-05T01:00:00Z"),
        stop_logging(eventTime="2026-08-05T02:00:00Z", identity=FEDERATED),
        stop_logging(eventTime="2026-08-05T03:00:00Z", **NOISE),
        event(eventSource="cloudtrail.amazonaws.com", eventName="StopLogging"),  # not root
        root_event(eventSource="cloudtrail.amazonaws.com", eventName="StopLoggingNow"),  # not in the catalogue
        root_event(eventSource="elsewhere.amazonaws.com", eventName="StopLogging"),  # nor this
    )
    rows = case.query("root_actions").rows
    assert [(row["eventTime"].hour, row["action_id"]) for row in rows] == [
        (1, "cloudtrail-stop-logging"), (2, "cloudtrail-stop-logging"),
    ]  # fmt: skip
    noise = case.sql("SELECT action_id FROM root_actions WHERE origin_group = 'noise'").rows
    assert noise == [{"action_id": "cloudtrail-stop-logging"}]


@pytest.mark.parametrize(
    ("fields", "result", "severity", "words"),
    [
        ({}, "succeeded", "critical", "Stopped a trail."),
        ({"errorCode": "AccessDenied"}, "attempted", "high", "Tried to stop a trail."),
        ({"errorCode": "Client.UnauthorizedOperation"}, "attempted", "high", "Tried to stop a trail."),
        ({"errorCode": ""}, "succeeded", "critical", "Stopped a trail."),
    ],
)  # fmt: skip
async def test_a_call_with_an_error_was_only_tried(
    fields: dict[str, Any], result: str, severity: str, words: str
) -> None:
    (row,) = (await part_of(stop_logging(**fields))).query("root_actions").rows
    assert (row["result"], row["severity"], row["means"]) == (result, severity, words)
    assert row["matters"].startswith("Effect if it succeeds: ") == (result == "attempted")


@pytest.mark.parametrize(
    ("response", "action", "severity"),
    [
        ({"PasswordRecoveryCompleted": "Success"}, "succeeded", "critical"),
        ({"PasswordRecoveryCompleted": "Failure"}, "attempted", "high"),
        (None, "unknown", "critical"),
    ],
)
async def test_a_sign_in_event_says_in_its_response_how_it_went(response: Any, action: str, severity: str) -> None:
    case = await part_of(
        root_event(eventSource="signin.amazonaws.com", eventName="PasswordRecoveryCompleted", responseElements=response)
    )
    (row,) = case.query("root_actions").rows
    assert (row["result"], row["severity"]) == (action, severity)
    assert row["means"].startswith("Reset root's password") == (action == "succeeded")


async def test_a_failed_sign_in_keeps_its_severity() -> None:
    failed = {"responseElements": {"ConsoleLogin": "Failure"}, "additionalEventData": {"MFAUsed": "No"}}
    case = await part_of(root_event(eventSource="signin.amazonaws.com", eventName="ConsoleLogin", **failed))
    (row,) = case.query("root_actions").rows
    assert (row["result"], row["severity"]) == ("attempted", "medium")
    assert row["means"] == "Tried to sign in to the console."


async def test_the_call_that_opens_a_root_session_is_among_the_actions() -> None:
    opening = {"eventSource": "sts.amazonaws.com", "eventName": "AssumeRoot"}
    case = await part_of(
        event(**opening), event(**opening, errorCode="AccessDenied"), event(**(opening | {"eventName": "AssumeRole"}))
    )
    assert sorted((row["result"], row["origin_group"]) for row in case.query("root_actions").rows) == [
        ("attempted", "opening"), ("succeeded", "opening"),
    ]  # fmt: skip


async def test_events_with_one_id_are_each_matched() -> None:
    one = stop_logging(eventID="same")
    case = await part_of(one, stop_logging(eventID="same", errorCode="AccessDenied"))
    assert sorted(row["result"] for row in case.query("root_actions").rows) == ["attempted", "succeeded"]


async def test_the_least_severity_can_be_asked_for() -> None:
    case = await part_of(
        stop_logging(), stop_logging(errorCode="X"), root_event(), root_event(eventName="GetAccountSummary")
    )
    for least, expected in (("info", 4), ("low", 3), ("medium", 2), ("high", 2), ("critical", 1)):
        assert len(case.query("root_actions", severity=least)) == expected
    assert len(case.query("root_actions", account_id="999999999999")) == 0


def test_the_catalogue_can_be_listed(sample_case: rf.Case) -> None:
    rows = sample_case.query("actions", category="credentials", severity="critical").rows
    assert "iam-create-access-key-for-root" in {row["action_id"] for row in rows}
    assert {(row["category"], row["severity"]) for row in rows} == {("credentials", "critical")}


async def test_what_the_catalogue_does_not_list_is_counted() -> None:
    case = await part_of(
        stop_logging(), root_event(eventName="Unheard"), root_event(eventName="Unheard", errorCode="X", readOnly=False),
        root_event(eventName="Unheard", **NOISE), event(eventName="Unheard"), root_event(eventName=ABSENT),
        root_event(eventName="Unheard", readOnly=False),
    )  # fmt: skip
    rows = case.query("root_unlisted").rows
    assert [(row["eventName"], row["event_count"], row["write_count"], row["error_count"]) for row in rows] == [
        ("Unheard", 3, 1, 1), (None, 1, 0, 0),
    ]  # fmt: skip


#: The steps of the sample's plan and the row that speaks for each; the rest of the plan's steps are not root's, or no
#: row lists them.
STORY = {
    "Failed root sign-in the evening of 3 August, from another address": ("signin-console-login-failed", "attempted"),
    "Failed root sign-in: guessed password": ("signin-console-login-failed", "attempted"),
    "Privileged session for 777788889999 opened from 444455556666 (no root event)": ("sts-assume-root", "succeeded"),
    "Privileged session: locked bucket's policy deleted": ("s3-delete-bucket-policy", "succeeded"),
    "Privileged session: refused outside its task policy": ("iam-list-users", "attempted"),
    "Password recovery started": ("signin-password-recovery-requested", "succeeded"),
    "New root password set": ("signin-password-recovery-completed", "succeeded"),
    "Root sign-in without MFA from a new network": ("signin-console-login-without-mfa", "succeeded"),
    "Root made a long-term access key for itself": ("iam-create-access-key-for-root", "succeeded"),
    "Owner's MFA device removed from root": ("iam-deactivate-mfa-device-for-root", "succeeded"),
    "Unauthorized MFA device bound to root": ("iam-enable-mfa-device-for-root", "succeeded"),
    "Administrator rights for that user": ("iam-attach-user-policy-administrator", "succeeded"),
    "Access key for that user": ("iam-create-access-key", "succeeded"),
    "Follow-on session opened the invoice bucket to another account": ("s3-put-bucket-policy", "succeeded"),
    "Snapshot of the order database shared with 999988887777": ("ec2-modify-snapshot-attribute-shared", "succeeded"),
    "Denied try to start GPU instances": ("ec2-run-instances-accelerated", "attempted"),
    "Second root sign-in, with the unauthorized MFA device": ("signin-console-login-with-mfa", "succeeded"),
    "Security contact replaced": ("account-put-alternate-contact-security", "succeeded"),
    "Root e-mail address changed": ("signin-email-updated", "succeeded"),
    "Refused by service control policy": ("organizations-leave-organization", "attempted"),
    "Main trail stopped; only the second trail goes on": ("cloudtrail-stop-logging", "succeeded"),
    "Root's key refused after the owners' policy": ("sts-get-session-token", "attempted"),
}


def test_the_sample_is_told_as_planned(sample_case: rf.Case, expected: dict[str, Any]) -> None:
    told = {row["eventID"]: row for row in sample_case.query("root_actions").rows}
    planned = {step["event_id"]: STORY[step["note"]] for step in expected["story"] if step["note"] in STORY}
    assert set(STORY) <= {step["note"] for step in expected["story"]}
    assert {one: (told[one]["action_id"], told[one]["result"]) for one in planned} == planned
    unlisted = sum(row["event_count"] for row in sample_case.query("root_unlisted").rows)
    listed = sum(row["origin_group"] == "activity" for row in sample_case.query("root_actions").rows)
    assert listed + unlisted == expected["root"]["activity"]
    attempted = sum(row["errorCode"] is not None for row in told.values())
    assert attempted <= expected["query"]["root_errors"]


async def test_what_perhaps_a_descendant_spent_is_told_apart_from_what_is_certain() -> None:
    box = {"instanceType": "m7i.large"}
    bought = did("ec2:RunInstances", 5, box, who=user("old", "AKIAOLD"))
    by_service = did("ec2:RunInstances", 6, box, who=user("made", "AKIAMADE") | {"invokedBy": SERVICE})
    case = await part_of(
        did("iam:UpdateLoginProfile", 1, {"userName": "old"}),
        did("iam:CreateUser", 1, {"userName": "made"}),
        bought,
        by_service,
        did("ec2:RunInstances", 7, box, who=user("made", "AKIAMADE")),  # certain
        did("ec2:RunInstances", 7, box),  # root's own
        did("ec2:RunInstances", 7, box, who=user("another", "AKIAELSE")),
        did("ec2:RunInstances", 7, box, who=user("old", "AKIAOLD"), errorCode="Client.UnauthorizedOperation"),
        did("ec2:DescribeInstances", 7, who=user("old", "AKIAOLD")),
        did("ec2:RunInstances", 0, box, who=user("old", "AKIAOLD")),  # before root opened it
    )
    perhaps = "SELECT eventID FROM followed_actions WHERE certainty = 'possible' AND result = 'succeeded' AND category = 'resources' ORDER BY eventTime"
    assert [row["eventID"] for row in case.sql(perhaps).rows] == [
        bought["eventID"],
        by_service["eventID"],
    ]


async def test_an_account_that_could_not_be_made_is_an_attempt() -> None:
    def asked(number: int, **status: Any) -> dict[str, Any]:
        told = {"id": f"car-{number}", "state": "IN_PROGRESS"} | status
        return did("organizations:CreateAccount", number, {"accountName": "****"}, {"createAccountStatus": told})

    def became(number: int, state: str) -> dict[str, Any]:
        told = {"createAccountStatus": {"id": f"car-{number}", "state": state}}
        record = did("organizations:CreateAccountResult", 30, eventType="AwsServiceEvent", serviceEventDetails=told)
        return record | {"userIdentity": {"accountId": ACCOUNT, "invokedBy": "AWS Internal"}}

    case = await part_of(
        asked(1), asked(2), asked(3), asked(4, state="FAILED"), became(1, "FAILED"), became(2, "SUCCEEDED")
    )  # fmt: skip
    assert [(row["result"], row["severity"]) for row in case.query("root_actions").rows] == [
        ("attempted", "medium"), ("succeeded", "high"), ("succeeded", "high"), ("attempted", "medium"),
    ]  # fmt: skip
