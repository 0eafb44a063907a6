"""Accounts of an organization, privileged sessions, and which writes of root took root."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from tests.builders import ACCOUNT, event, root_event, write_log
from tests.queries.test_root import NOISE
from tests.stories import part_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    CaseOf = Callable[..., rf.Case]

    from tests.stories import Part

MANAGEMENT, MEMBER = "444455556666", "777788889999"
ORG = "organizations.amazonaws.com"
UNLOCK = "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"


def at(minute: int) -> str:
    return f"2026-08-05T10:{minute:02}:00Z"


def call(name: str, source: str = ORG, account: str = MANAGEMENT, **fields: Any) -> dict[str, Any]:
    """A call of a role in an account."""
    return event(
        eventSource=source, eventName=name, readOnly=False, recipientAccountId=account, identity={"accountId": account}, **fields
    )  # fmt: skip


def roles(case: rf.Case | Part) -> dict[str, str]:
    return {row["account_id"]: row["account_role"] for row in case.query("organization_accounts").rows}


def opening(key: str = "ASIAMEMBER", **fields: Any) -> dict[str, Any]:
    """Somebody of the management account opens a member."""
    return call(
        "AssumeRoot", "sts.amazonaws.com", requestParameters={"targetPrincipal": MEMBER, "taskPolicyArn": {"arn": UNLOCK}},
        **{"responseElements": {"credentials": {"accessKeyId": key}}} | fields,
    )  # fmt: skip


def write(source: str, name: str, request: Any = None, account: str = ACCOUNT, **fields: Any) -> dict[str, Any]:
    """A write of root's."""
    identity = {"accountId": account, "arn": f"arn:aws:iam::{account}:root"} | fields.pop("identity", {})
    return root_event(
        eventSource=f"{source}.amazonaws.com", eventName=name, requestParameters=request, recipientAccountId=account,
        identity=identity, **{"readOnly": False} | fields,
    )  # fmt: skip


ANSWER = {"handshake": {"arn": f"arn:aws:organizations::{MANAGEMENT}:handshake/o-abcdefghij/invite/h-1"}}


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (call("MoveAccount", requestParameters={"accountId": MEMBER}), {MANAGEMENT: "management", MEMBER: "member"}),
        (call("MoveAccount", requestParameters={"accountId": MEMBER}, errorCode="AccessDeniedException"), {}),
        (call("DescribeOrganization"), {}),
        (call("ListAccounts"), {}),  # a delegated administrator can, too
        (call("AcceptHandshake", account=MEMBER, responseElements=ANSWER), {MANAGEMENT: "management"}),
        (call("AcceptHandshake", account=MEMBER, requestParameters=ANSWER), {}),
        (call("LeaveOrganization", account=MEMBER), {MEMBER: "member"}),
        (call("LeaveOrganization", account=MEMBER, errorCode="AccessDenied"), {}),
        (call("LeaveOrganization", errorCode="MasterCannotLeaveOrganizationException"), {MANAGEMENT: "management"}),
        (call("DeleteUser", "iam.amazonaws.com", MEMBER, errorCode="AccessDenied",
              errorMessage="… with an explicit deny in a service control policy"), {MEMBER: "member"}),
        (call("DeleteUser", "iam.amazonaws.com", MEMBER, errorCode="AccessDenied",
              errorMessage="… with an explicit deny in an identity-based policy"), {}),
        (opening(), {MANAGEMENT: "organization", MEMBER: "member"}),
        (opening(errorCode="AccessDenied", responseElements=None), {}),
        (call("CreateTrail", "cloudtrail.amazonaws.com", MEMBER, responseElements={"isOrganizationTrail": True,
              "trailARN": f"arn:aws:cloudtrail:us-east-1:{MANAGEMENT}:trail/t"}), {MANAGEMENT: "management"}),
        (call("CreateTrail", "cloudtrail.amazonaws.com", responseElements={"isOrganizationTrail": False,
              "trailARN": f"arn:aws:cloudtrail:us-east-1:{MANAGEMENT}:trail/t"}), {}),
    ],
)  # fmt: skip
async def test_what_shows_an_accounts_role_and_what_does_not(record: dict[str, Any], said: dict[str, str]) -> None:
    assert roles(await part_of(record)) == said


@pytest.mark.heavy
def test_accounts_under_an_organizations_trail_are_members_beside_its_management_account(tmp_path: Path) -> None:
    for account in (MANAGEMENT, MEMBER):
        log = f"AWSLogs/o-abcdefghij/{account}/CloudTrail/us-east-1/2026/08/05/x.json.gz"
        write_log(tmp_path / "logs", log, [event(recipientAccountId=account)])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        assert roles(case) == {MANAGEMENT: "organization", MEMBER: "organization"}
        write_log(tmp_path / "more", "m.json", [call("MoveAccount", requestParameters={"accountId": ACCOUNT})])
        case.load(tmp_path / "more")
        assert roles(case) == {MANAGEMENT: "management", MEMBER: "member", ACCOUNT: "member"}
        rows = {row["account_id"]: row for row in case.query("organization_accounts").rows}
        assert (rows[MEMBER]["because"], rows[MEMBER]["eventIDs"]) == (["has its logs under o-abcdefghij"], None)


async def test_contradictions_are_said() -> None:
    case = await part_of(call("LeaveOrganization"), call("CreateOrganization"))
    assert roles(case) == {MANAGEMENT: "contradictory"}


@pytest.mark.heavy
def test_privileged_sessions_show_tries_and_those_without_a_call(case_of: CaseOf) -> None:
    member = {"accountId": MEMBER, "arn": f"arn:aws:iam::{MEMBER}:root", "accessKeyId": "ASIAMEMBER"}
    used, denied = opening(eventTime=at(1)), opening(eventTime=at(2), errorCode="AccessDenied", responseElements=None)
    unused = opening("ASIAUNUSED", eventTime=at(3))
    marked = write("sqs", "GetQueueUrl", account=MEMBER, eventTime=at(9), readOnly=True,
                   identity={"accessKeyId": "ASIAMARKED", "sessionContext": {"assumedRoot": "true"}})  # fmt: skip
    case = case_of(
        used, denied, unused, marked,
        write("s3", "DeleteBucketPolicy", {"bucketName": "b"}, MEMBER, identity=member, eventTime=at(4)),
        write("iam", "CreateUser", None, MEMBER, identity=member, eventTime=at(5), errorCode="AccessDenied"),
        call("AssumeRole", "sts.amazonaws.com", eventTime=at(6)),
    )  # fmt: skip
    rows = case.query("privileged_sessions").rows
    told = [(row["result"], row["eventID"], row["call_count"], row["write_count"], row["denied_count"]) for row in rows]
    assert told == [
        ("succeeded", used["eventID"], 2, 1, 1),
        ("attempted", denied["eventID"], 0, 0, 0),
        ("succeeded", unused["eventID"], 0, 0, 0),
        ("unknown", marked["eventID"], 1, 0, 0),
    ]
    assert [row["session_id"] is None for row in rows] == [False, True, True, False]
    assert {row["member_account"] for row in rows} == {MEMBER}
    assert [(row["opener"], row["task_policy"]) for row in rows[:1]] == [(used["userIdentity"]["arn"], UNLOCK)]
    assert (rows[-1]["opener"], rows[1]["errorCode"]) == (None, "AccessDenied")
    assert len(case.query("privileged_sessions", account_id=MANAGEMENT).rows) == 3
    assert case.query("privileged_sessions", account_id=ACCOUNT).rows == []


async def test_each_write_is_marked_with_its_task() -> None:
    records = [
        write("iam", "CreateAccessKey", eventTime=at(1)),
        write("iam", "CreateAccessKey", {"userName": "u"}, eventTime=at(2)),
        write("s3", "DeleteBucketPolicy", {"bucketName": "b"}, eventTime=at(3)),
        write("account", "CloseAccount", eventTime=at(4)),
        write("example", "MakeSomething", eventTime=at(5), errorCode="AccessDenied"),
        write("signin", "ConsoleLogin", eventTime=at(6), responseElements={"ConsoleLogin": "Success"}),
        write("example", "SetThing", eventTime=at(7), readOnly=None),
        write("example", "GetThing", eventTime=at(8), readOnly=None),
        write("iam", "ListUsers", eventTime=at(9), readOnly=True),
        write("iam", "CreateUser", {"userName": "u"}, eventTime=at(10), **NOISE | {"identity": {"invokedBy": "x.amazonaws.com"}}),
    ]  # fmt: skip
    case = await part_of(*records)
    rows = case.query("root_tasks").rows
    assert [(row["mark"], row["task"], row["result"]) for row in rows] == [
        ("root_only", "Create, update or delete root access keys", "succeeded"),
        ("identity", None, "succeeded"),
        ("root_or_identity", "Edit or delete a bucket policy that denies everyone", "succeeded"),
        ("unknown", "Close a standalone or management account", "succeeded"),
        ("unknown", None, "attempted"),
        ("sign_in", None, "succeeded"),
        ("unknown", None, "succeeded"),
    ]
    assert [row["eventID"] for row in rows] == [record["eventID"] for record in records[:7]]
    assert rows[0]["source"].startswith("https://docs.aws.amazon.com/")
    assert [row["means"] is None for row in rows] == [False, False, False, False, True, False, True]
    assert [row["eventName"] for row in case.query("root_tasks", mark="root_only").rows] == ["CreateAccessKey"]
    assert {row["account_role"] for row in rows} == {None}


async def test_root_of_a_member_had_another_way() -> None:
    session = {"accessKeyId": "ASIAMEMBER"}
    case = await part_of(
        opening(eventTime=at(0)),
        write("s3", "DeleteBucketPolicy", {"bucketName": "b"}, MEMBER, eventTime=at(1)),
        write("s3", "DeleteBucketPolicy", {"bucketName": "b"}, MEMBER, eventTime=at(2), identity=session),
        write("s3", "DeleteBucketPolicy", {"bucketName": "b"}, MANAGEMENT, eventTime=at(3)),
    )
    told = [
        (row["account_role"], row["other_way"], row["task_policy"], row["opener"] is None)
        for row in case.query("root_tasks").rows
    ]
    assert told == [
        ("member", "AssumeRoot with S3UnlockBucketPolicy", None, True),
        ("member", None, UNLOCK, False),
        ("organization", None, None, True),
    ]
    given = [row["account_role"] for row in case.query("root_tasks", management_account=MANAGEMENT).rows]
    assert given == ["member", "member", "management"]
    given = [row["account_role"] for row in case.query("root_tasks", management_account=ACCOUNT).rows]
    assert given == ["member", "member", "member"]


def test_the_sample_shows_every_write_of_root_once(sample_case: rf.Case, expected: dict[str, Any]) -> None:
    rows = sample_case.query("root_tasks").rows
    assert len(rows) == len({(row["evidence_id"], row["record_index"]) for row in rows})
    told = {row["eventID"] for row in rows}
    assert told >= {row["eventID"] for row in sample_case.query("root_writes").rows}
    assert roles(sample_case) == {
        "111122223333": "member",  # a service control policy refused what the intruder tried
        "444455556666": "management",
        "777788889999": "member",
    }
    sessions = sample_case.query("privileged_sessions").rows
    steps = {step["note"]: step["event_id"] for step in expected["story"]}
    assert [(row["result"], row["eventID"]) for row in sessions] == [
        ("succeeded", steps["Privileged session for 777788889999 opened from 444455556666 (no root event)"]),
        ("unknown", steps["Privileged session known only by assumedRoot: its opening is not in the logs"]),
    ]
