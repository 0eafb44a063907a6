"""What descends from root of one account, and acted in another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.analysis.lineage.test_blast_radius import did, made_key, role, user
from tests.analysis.verdict.logs import EVERYWHERE, tell
from tests.builders import ACCOUNT

if TYPE_CHECKING:
    pass

OTHER = "444455556666"
#: Root makes a user with a key, and that user opens a session in the other account.
CHAIN = [
    did("iam:CreateUser", 1, {"userName": "eve"}),
    made_key("AKIAEVE", 2, "eve"),
    did(
        "sts:AssumeRole",
        3,
        {"roleArn": f"arn:aws:iam::{OTHER}:role/Org"},
        {"credentials": {"accessKeyId": "ASIAOTHER"}},
        who=user("eve", "AKIAEVE"),
    ),
]
SESSION = role("Org", "eve", "ASIAOTHER") | {"arn": f"arn:aws:sts::{OTHER}:assumed-role/Org/eve", "accountId": OTHER}
OTHERS_LOGS = [one | {"recipientAccountId": OTHER} for one in EVERYWHERE]


def there(call: str, minute: int, request: Any, **fields: Any) -> dict[str, Any]:
    """A call in the other account, by the session that the user of root's opened there."""
    return did(call, minute, request, recipientAccountId=OTHER, **{"who": SESSION} | fields)


@pytest.mark.parametrize(
    ("name", "call", "request_"),
    [
        ("logging_impaired", "cloudtrail:StopLogging", {"name": "theirs"}),
        ("data_exposed", "secretsmanager:GetSecretValue", {"secretId": "s"}),
        ("money_spent", "ec2:RunInstances", {"instanceType": "p4d.24xlarge"}),
    ],
)
async def test_what_came_from_root_is_told_though_it_acted_in_another_account(
    name: str, call: str, request_: Any
) -> None:
    action = there(call, 4, request_)
    told = (await tell(*CHAIN, action))[0][name]
    assert (told.answer, told.event_ids) == ("yes", (action["eventID"],))
    assert f"in account {OTHER}" in told.because
    # Asked of the account in which it was done: it says whose root it came from.
    told = (await tell(*CHAIN, action, *OTHERS_LOGS, account_id=OTHER))[0][name]
    assert (told.answer, told.event_ids) == ("yes", (action["eventID"],))
    assert f"by the root user of account {ACCOUNT} or its follow-on activity" in told.because


@pytest.mark.parametrize(
    ("name", "call", "request_", "answer"),
    [
        ("logging_impaired", "cloudtrail:StopLogging", {"name": "theirs"}, "no"),
        ("data_exposed", "secretsmanager:GetSecretValue", {"secretId": "s"}, "unknown"),
        ("money_spent", "ec2:RunInstances", {"instanceType": "p4d.24xlarge"}, "no"),
    ],
)
async def test_what_others_do_in_another_account_is_none_of_roots(
    name: str, call: str, request_: Any, answer: str
) -> None:
    nobodys = there(call, 4, request_, who=SESSION | {"accessKeyId": "ASIAANOTHER"})
    told = (await tell(*CHAIN, nobodys))[0][name]
    assert (told.answer, told.event_ids) == (answer, ())


async def test_a_call_in_another_account_that_the_catalogue_does_not_know_may_have_cost() -> None:
    booked = there("groundstation:ReserveContact", 4, {"x": "y"})
    told = (await tell(*CHAIN, booked))[0]["money_spent"]
    assert (told.answer, told.event_ids) == ("unknown", (booked["eventID"],))
    assert f"groundstation:ReserveContact in account {OTHER}" in told.because


async def test_a_trail_stopped_in_another_account_hides_what_is_recorded_there_alone() -> None:
    answers, _ = await tell(*CHAIN, there("cloudtrail:StopLogging", 4, {"name": "theirs"}))
    assert answers["money_spent"].answer == "unknown"
    assert f"trail theirs of account {OTHER}" in answers["money_spent"].missing[0]
    assert [answers[name].answer for name in ("mfa_removed", "password_changed", "ownership_changed")] == ["no"] * 3


async def test_the_trail_of_another_account_is_made_again_as_it_was() -> None:
    admin = user("admin", "AKIAADMIN", OTHER)
    made = there("cloudtrail:CreateTrail", 0, {"name": "theirs", "s3BucketName": "their-logs"}, who=admin)
    _, steps = await tell(*CHAIN, made, there("cloudtrail:DeleteTrail", 4, {"name": "theirs"}))
    (step,) = [step for step in steps if step.command.startswith("aws cloudtrail create-trail")]
    assert step.account_id == OTHER
    assert "--s3-bucket-name their-logs" in step.command


async def test_a_way_in_says_in_which_account_it_is() -> None:
    answers, _ = await tell(*CHAIN, there("iam:CreateUser", 4, {"userName": "eve"}))
    assert f"user eve in account {OTHER}" in answers["persistence"].because


async def test_what_a_user_did_there_that_was_only_given_rights_from_here_is_perhaps_roots() -> None:
    changed = there("iam:PutUserPolicy", 4, {"userName": "theirs"})
    stopped = there("guardduty:DeleteDetector", 5, {"detectorId": "d"}, who=user("theirs", "AKIATHEIRS", OTHER))
    told = (await tell(*CHAIN, changed, stopped))[0]["logging_impaired"]
    assert (told.answer, told.event_ids) == ("unknown", (stopped["eventID"],))
    assert f"in account {OTHER}" in told.because


@pytest.mark.parametrize("name", ["money_spent", "logging_impaired"])
async def test_nothing_is_denied_where_the_way_leads_into_an_account_without_logs(name: str) -> None:
    answer = (await tell(*CHAIN))[0][name]
    assert answer.answer == "unknown"
    assert [
        one
        for one in answer.missing
        if one.startswith(f"logs from account {OTHER}, which an identity that descends from root entered")
    ]
    assert (await tell(*CHAIN, *OTHERS_LOGS))[0][name].answer == "no"
    # Root signs in, and its own devices and password lie, in its own account.
    assert (await tell(*CHAIN))[0]["mfa_removed"].answer == "no"
    refused = [*CHAIN[:2], CHAIN[2] | {"errorCode": "AccessDenied", "responseElements": None}]
    assert (await tell(*refused))[0][name].answer == "no"


def opened(name: str, minute: int) -> dict[str, Any]:
    """The user of root's opens a session as root of the other account."""
    request = {"targetPrincipal": OTHER, "taskPolicyArn": {"arn": f"arn:aws:iam::aws:policy/root-task/{name}"}}
    given = {"credentials": {"accessKeyId": f"ASIA{minute}"}}
    return did("sts:AssumeRoot", minute, request, given, who=user("eve", "AKIAEVE"))


def as_other_root(call: str, minute: int, request: Any = None) -> dict[str, Any]:
    """A call of that session."""
    arn = f"arn:aws:iam::{OTHER}:root"
    identity = {"accountId": OTHER, "arn": arn, "principalId": OTHER, "accessKeyId": f"ASIA{minute - 1}"}
    return did(call, minute, request, identity=identity, recipientAccountId=OTHER)


@pytest.mark.parametrize(
    ("name", "call", "task", "request_"),
    [
        (
            "mfa_removed",
            "iam:DeactivateMFADevice",
            "IAMDeleteRootUserCredentials",
            {"serialNumber": f"arn:aws:iam::{OTHER}:mfa/root-account-mfa-device"},
        ),
        ("password_changed", "iam:CreateLoginProfile", "IAMCreateRootUserPassword", None),
    ],
)
async def test_what_was_done_to_root_of_another_account_was_not_done_to_this_one(
    name: str, call: str, task: str, request_: Any
) -> None:
    action = as_other_root(call, 5, request_)
    records = (*CHAIN[:2], opened(task, 4), action, *OTHERS_LOGS)
    told = (await tell(*records, account_id=ACCOUNT))[0]
    assert (told[name].answer, told[name].event_ids) == ("no", (action["eventID"],))
    assert f"for the root user of another account: {call.split(':')[1]} in account {OTHER}" in told[name].because
    assert action["eventID"] not in told["used_by_person"].event_ids
    told = (await tell(*records, account_id=OTHER))[0]
    assert (told[name].answer, told[name].event_ids) == ("yes", (action["eventID"],))
    assert f"by the root user of account {ACCOUNT} or its follow-on activity" in told[name].because
    assert told["used_by_person"].answer == "yes"
