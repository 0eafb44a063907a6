"""Calls that were denied or failed: the answers name them, and none of them is told as done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.analysis.lineage.test_blast_radius import did, made_key, user
from tests.analysis.verdict.stories import moved, stories_in, verdicts_by_account

if TYPE_CHECKING:
    from rootforensics.analysis.analysis import AccountVerdict

    Record = dict[str, Any]

REFUSED: Final = {"errorCode": "AccessDenied", "errorMessage": "not allowed"}
EVE: Final = user("eve", "AKIAEVE")
MADE: Final = [did("iam:CreateUser", 1, {"userName": "eve"}), made_key("AKIAEVE", 2, "eve")]
#: By whom nothing is known that ties him to root.
ADMIN: Final = user("admin")


def refused(call: str, request: Any = None, **fields: Any) -> Record:
    return did(call, 5, request, **REFUSED | fields)


#: The question, what was tried, what else there is, and the answer that names it.
TRIED: Final[list[tuple[str, list[Record], list[Record], str]]] = [
    ("logging_impaired", [refused("cloudtrail:StopLogging", {"name": "main"})], [], "no"),
    ("logging_impaired", [refused("cloudtrail:StopLogging"), refused("cloudtrail:DeleteTrail", {"name": "x"})], [], "no"),
    ("logging_impaired", [refused("guardduty:DeleteDetector", {"detectorId": "d"}, who=EVE)], MADE, "no"),
    ("logging_impaired", [refused("cloudtrail:StopLogging", errorCode=None)], [], "no"),
    ("data_exposed", [refused("ec2:ModifySnapshotAttribute", {"createVolumePermission": {"add": {"items": [{"group": "all"}]}}})], [], "unknown"),
    ("data_exposed", [refused("secretsmanager:GetSecretValue", {"secretId": "s"}, who=EVE)], MADE, "unknown"),
    ("money_spent", [refused("ec2:RunInstances", {"instanceType": "p4d.24xlarge"})], [], "no"),
    ("persistence", [refused("iam:CreateUser", {"userName": "mallory"})], [], "unknown"),
    ("access_keys", [refused("iam:CreateAccessKey")], [], "unknown"),
    ("mfa_removed", [refused("iam:DeactivateMFADevice", {"serialNumber": "arn:aws:iam::111122223333:mfa/root-account-mfa-device"})], [], "no"),
    ("ownership_changed", [refused("account:PutAlternateContact", {"alternateContactType": "SECURITY"})], [], "no"),
    ("ownership_changed", [refused("organizations:LeaveOrganization")], [], "no"),
    ("password_changed", [did("signin:PasswordRecoveryCompleted", 5, None, {"PasswordRecoveryCompleted": "Failure"}, eventType="AwsConsoleSignIn")], [], "no"),
    ("used_by_person", [did("signin:ConsoleLogin", 5, None, {"ConsoleLogin": "Failure"}, eventType="AwsConsoleSignIn")], [], "no"),
]  # fmt: skip
#: Tries that are none of root's, and questions to which yes is the answer: these name no try.
OTHERS: Final[list[tuple[str, list[Record], list[Record], str]]] = [
    ("logging_impaired", [refused("cloudtrail:StopLogging", {"name": "main"}, who=ADMIN)], [did("s3:ListBuckets", 1)], "no"),
    (
        "logging_impaired",
        [refused("cloudtrail:DeleteTrail", {"name": "main"})],
        [did("guardduty:DeleteDetector", 6, {"detectorId": "d"})],
        "yes",
    ),
    ("logging_impaired", [refused("s3:DeleteBucket", {"bucketName": "shop"})], [did("cloudtrail:CreateTrail", 1, {"name": "t", "s3BucketName": "central"})], "no"),
]  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[AccountVerdict]:
    stories = [[*beside, *tried] for _, tried, beside, _ in (*TRIED, *OTHERS)]
    case, accounts = stories_in(tmp_path_factory.mktemp("attempts"), stories)
    by_account = verdicts_by_account(case)
    case.close()
    return [by_account[account] for account in accounts]


def test_an_answer_names_what_was_tried(told: list[AccountVerdict]) -> None:
    for one, (question, tried, _, answer) in zip(told, TRIED, strict=False):
        (found,) = (each for each in one.answers if each.name == question)
        where = (question, tried[0]["eventName"], found)
        assert found.answer == answer, where
        assert set(found.event_ids) >= {moved(record, one.account_id)["eventID"] for record in tried}, where
        assert question == "used_by_person" or all(record["eventName"] in found.because for record in tried), where
        assert "such call is in the logs" not in found.because, where


def test_what_others_tried_and_what_stands_beside_a_yes_is_not_named(told: list[AccountVerdict]) -> None:
    for one, (question, tried, _, answer) in zip(told[len(TRIED) :], OTHERS, strict=True):
        (found,) = (each for each in one.answers if each.name == question)
        assert found.answer == answer, found
        assert not set(found.event_ids) & {moved(record, one.account_id)["eventID"] for record in tried}, found


def test_where_root_tried_nothing_no_attempt_is_named(told: list[AccountVerdict]) -> None:
    assert not [each for each in told[len(TRIED)].answers if "without success" in each.because]
