"""Each query of the gallery finds what its heading says: events written by hand, with the answer written beside them."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import nbformat
import pytest

import rootforensics as rf
from tests.analysis.test_accounts import of
from tests.builders import ABSENT, ACCOUNT, event, root_event, write_log
from tests.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    Answers = Callable[..., list[dict[str, Any]]]

OTHER: Final = "444455556666"
HOME, AWAY = "203.0.113.7", "198.51.100.9"
ROOT_KEY, USER_KEY = "AKIAOWNROOTKEY000000", "AKIABOBSKEY000000000"
USER = {"type": "IAMUser", "userName": "bob", "arn": f"arn:aws:iam::{ACCOUNT}:user/bob", "accessKeyId": USER_KEY}


def _root(name: str, call: str, clock: str = "11:00", asked: Any = None, **fields: Any) -> dict[str, Any]:
    """A call of root's, with its eventID; it came from one address and with one key unless fields say otherwise."""
    service, called = call.split(":")
    usual = {"sourceIPAddress": HOME, "readOnly": False, "requestParameters": asked}
    return root_event(
        eventID=name,
        eventSource=f"{service}.amazonaws.com",
        eventName=called,
        eventTime=f"2026-08-05T{clock}:00Z",
        **(usual | fields),
    )


def _sign_in(name: str, call: str, clock: str, outcome: str = "Success", **fields: Any) -> dict[str, Any]:
    """What the sign-in page records: no access key, no errorCode."""
    failed = {"errorMessage": "Failed authentication"} if outcome == "Failure" else {}
    usual = {"identity": {"accessKeyId": ""}, "responseElements": {call: outcome}, "eventType": "AwsConsoleSignIn"}
    return _root(name, f"signin:{call}", clock, **(usual | failed | fields))


def _mfa(used: str) -> dict[str, Any]:
    return {"additionalEventData": {"MFAUsed": used}}


def _other(name: str, call: str, **fields: Any) -> dict[str, Any]:
    service, called = call.split(":")
    usual = {"sourceIPAddress": "192.0.2.99", "eventTime": "2026-08-05T11:30:00Z", "readOnly": True}
    return event(eventID=name, eventSource=f"{service}.amazonaws.com", eventName=called, **(usual | fields))


RECORDS: Final = [
    _sign_in("guess", "ConsoleLogin", "08:00", "Failure"),
    _sign_in("guess-away", "ConsoleLogin", "08:01", "Failure", sourceIPAddress=AWAY),
    _sign_in("asked", "PasswordRecoveryRequested", "09:40"),
    _sign_in("recovered", "PasswordRecoveryCompleted", "09:50"),
    _sign_in("in", "ConsoleLogin", "10:00", **_mfa("No")),
    _sign_in("in-with-mfa", "ConsoleLogin", "12:00", **_mfa("Yes")),
    _sign_in("email", "EmailUpdated", "10:05"),
    # Pages of the console: one that does not say whether it read, and one that called through AWS.
    _root("bills", "billingconsole:GetBillsForBillingPeriod", readOnly=ABSENT),
    _root(
        "page",
        "s3:ListBuckets",
        readOnly=True,
        sourceIPAddress="AWS Internal",
        identity={"accessKeyId": "ASIACONSOLE000000000", "invokedBy": "signin.amazonaws.com"},
    ),
    _root("contact", "account:PutAlternateContact"),
    _root("leave", "organizations:LeaveOrganization", errorCode="AccessDenied", errorMessage="no"),
    _root("own-key", "iam:CreateAccessKey", responseElements={"accessKey": {"accessKeyId": ROOT_KEY}}),
    _root("used", "iam:ListUsers", "11:10", identity={"accessKeyId": ROOT_KEY}, readOnly=True),
    _root("used-away", "iam:ListRoles", "11:11", identity={"accessKeyId": ROOT_KEY}, sourceIPAddress=AWAY, readOnly=True),
    _root("user", "iam:CreateUser", asked={"userName": "bob"}),
    _root(
        "user-key",
        "iam:CreateAccessKey",
        asked={"userName": "bob"},
        responseElements={"accessKey": {"accessKeyId": USER_KEY, "userName": "bob"}},
    ),
    _other("bob-read", "iam:ListUsers", identity=USER),
    _root("member", "iam:AddUserToGroup", asked={"userName": "bob", "groupName": "admins"}),
    _root("group", "iam:AttachGroupPolicy", asked={"groupName": "admins", "policyArn": "arn:aws:iam::aws:policy/A"}),
    _root("assigned", "sso:CreateAccountAssignment"),
    _root("names", "ssm:GetParameters", asked={"names": ["/db/password"]}, readOnly=True),
    _root("history", "ssm:GetParameterHistory", asked={"name": "/db/old"}, readOnly=True),
    _root("batch", "secretsmanager:BatchGetSecretValue", asked={"secretIdList": ["one", "two"]}, readOnly=True),
    _root("listed", "secretsmanager:ListSecrets", readOnly=True),
    _root("function", "lambda:AddPermission20150331v2", asked={"functionName": "f", "principal": OTHER}),
    _root("snapshot", "ec2:ModifySnapshotAttribute", asked={"snapshotId": "snap-1"}),
    _root("reserved", "ec2:PurchaseReservedInstancesOffering"),
    _root("savings", "savingsplans:CreateSavingsPlan"),
    _root("database", "rds:CreateDBInstance"),
    _root("started", "ec2:StartInstances", awsRegion="eu-north-1"),
    _root("domain", "route53domains:RegisterDomain"),
    _root("stopped", "ec2:RunInstances", errorCode="Client.InstanceLimitExceeded", errorMessage="too many"),
    _root("looked", "ec2:DescribeInstances", readOnly=True),
    _root("trail", "cloudtrail:StopLogging", asked={"name": "main"}),
    _root("no-trail", "cloudtrail:DeleteTrail", asked={"name": "main"}, errorMessage="refused", errorCode=""),
    _root("old-write", "kms:ScheduleKeyDeletion", asked={"keyId": "k"}, readOnly=ABSENT),
    _root("old-read", "kms:ListKeys", readOnly=ABSENT),
    _root("bucket", "s3:PutBucketPolicy", asked={"bucketName": "b"}, readOnly=ABSENT),
    _root("old-list", "s3:ListBuckets", readOnly=ABSENT),
    # Beside root: somebody at root's address, a service in a Region that is root's alone, a role by whom it is opened.
    _other("office", "ec2:DescribeInstances", sourceIPAddress=HOME),
    _other("service", "ec2:DescribeVolumes", sourceIPAddress="AWS Internal", awsRegion="eu-north-1",
           identity={"invokedBy": "config.amazonaws.com"}),
    _other("trusted", "iam:CreateRole", readOnly=False, requestParameters={"roleName": "r", "assumeRolePolicyDocument": "{}"}),
    _other("not-iam", "datazone:CreateRole", readOnly=False),
    of(OTHER, _root("others", "iam:CreateUser", sourceIPAddress="192.0.2.50", identity={"accessKeyId": "AKIAOTHER00000000000"})),
]  # fmt: skip

#: The events that each query lists, by the plan above.
LISTED: Final = {
    4: "in",
    6: "asked recovered",
    7: "in",
    14: "member own-key user user-key",
    15: "used used-away bob-read",
    16: "trusted",
    17: "user member group assigned function others",
    18: "names history batch",
    19: "bucket",
    20: "function snapshot bucket",
    21: "reserved savings database started domain stopped",
    22: "trail no-trail leave old-write",  # nothing says that the key is not the trail's: maybe
    23: "old-write",
    24: "asked recovered email contact leave reserved savings",
    30: "own-key user user-key others",
}


def _queries() -> dict[int, str]:
    """The SQL of each number."""
    found, number = {}, 0
    for cell in nbformat.read(ROOT / "notebooks" / "06_ad_hoc_sql.ipynb", as_version=4).cells:
        if heading := re.match(r"## (\d+)\. ", cell.source):
            number = int(heading[1])
        elif cell.source.startswith("%%rootsql") and number:
            found.setdefault(number, cell.source)
    return found


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answers]:
    folder = tmp_path_factory.mktemp("gallery")
    write_log(folder / "logs", "log.json", RECORDS)
    queries = _queries()
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs")

        @cache
        def ask(number: int, account_id: str = "", **values: datetime) -> list[dict[str, Any]]:
            line, _, sql = queries[number].partition("\n")
            wanted = values | ({"ACCOUNT_ID": account_id} if "$ACCOUNT_ID" in sql else {})
            if "athena" in line:
                return case.sql(sql, "athena", wanted).rows
            # Of one account the views are asked that the analysis keeps: nothing is planned anew for each.
            return (case.analysis()._statement(sql, **wanted) if account_id else case.sql(sql, values=wanted)).rows

        yield ask


@pytest.mark.quick(1)
@pytest.mark.parametrize("number", sorted(LISTED))
def test_it_lists_what_it_promises_and_nothing_else(number: int, answers: Answers) -> None:
    found = [row.get("eventID", row.get("eventid")) for row in answers(number)]
    assert sorted(found) == sorted(LISTED[number].split())


@pytest.mark.parametrize("number", sorted({2, 3, 5, 9, 10, 12, 13, 25, *LISTED} - {16}))
def test_it_keeps_to_an_account(number: int, answers: Answers) -> None:
    others = answers(number, OTHER)
    assert {row["account_id"] for row in others if "account_id" in row} <= {OTHER}
    assert str(others).count(HOME) == 0
    assert [row for row in answers(number, ACCOUNT) if "others" in row.values()] == []


def test_guesses_are_counted_by_address(answers: Answers) -> None:
    assert [(row["sourceIPAddress"], row["failures"]) for row in answers(5)] == [(AWAY, 1), (HOME, 1)]


def test_who_shares_an_address_with_root_is_no_service(answers: Answers) -> None:
    assert [(row["sourceIPAddress"], row["who"], row["events"]) for row in answers(8)] == [
        (HOME, f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/deploy", 1)
    ]


def test_no_key_is_no_key(answers: Answers) -> None:
    """Sign-ins from two addresses bear an empty key; one key was used from both."""
    assert [(row["access_key"], row["source_ips"]) for row in answers(11)] == [(ROOT_KEY, [AWAY, HOME])]
    assert {row["access_key"] for row in answers(10)} == {"AKIAEXAMPLEROOTKEY00", ROOT_KEY, "AKIAOTHER00000000000"}


def test_a_service_makes_no_region_somebody_elses(answers: Answers) -> None:
    assert [(row["awsRegion"], row["account_id"], row["changes"]) for row in answers(12)] == [
        ("eu-north-1", ACCOUNT, 1), ("us-east-1", OTHER, 1)
    ]  # fmt: skip


def test_what_was_read_is_named(answers: Answers) -> None:
    named = {row["eventID"]: row["what"] for row in answers(18)}
    assert named == {"names": '["/db/password"]', "history": "/db/old", "batch": '["one","two"]'}


@pytest.mark.heavy
def test_tries_are_told_from_actions(answers: Answers) -> None:
    assert {row["eventID"]: row["result"] for row in answers(22)} == {
        "trail": "succeeded", "no-trail": "attempted", "leave": "attempted", "old-write": "succeeded"
    }  # fmt: skip
    assert {row["eventID"]: row["result"] for row in answers(21)}["stopped"] == "attempted"


def test_refused_and_failed_are_all_counted(answers: Answers) -> None:
    found = {(row["eventName"], row["error"]): row["events"] for row in answers(25)}
    assert found == {
        ("ConsoleLogin", "Failed authentication"): 2,
        ("LeaveOrganization", "AccessDenied"): 1,
        ("RunInstances", "Client.InstanceLimitExceeded"): 1,
        ("DeleteTrail", "refused"): 1,
    }


def test_what_the_alarm_does_not_see(answers: Answers) -> None:
    assert [row["eventID"] for row in answers(3)] == ["page"]
