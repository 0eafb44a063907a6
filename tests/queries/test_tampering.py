"""Tampering with the record: what was stopped, removed or changed, until when, by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.analysis.blast.test_radius import did, user
from tests.builders import ACCOUNT, event

if TYPE_CHECKING:
    from collections.abc import Callable

    import rootforensics as rf

    CaseOf = Callable[..., rf.Case]

ARN = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/main"
ADMIN = user("admin")


def rows_of(case: rf.Case) -> list[dict[str, Any]]:
    return case.query("record_tampering").rows


def test_the_sample_tells_what_its_plan_did(sample_case: rf.Case) -> None:
    rows = [row for row in rows_of(sample_case) if row["by_root"]]
    assert [(row["watcher"], row["tampering"], row["deed"]) for row in rows] == [
        ("GuardDuty", "removed", "attempted"),
        ("Config", "stopped", "attempted"),
        ("trail", "stopped", "done"),
        ("trail bucket", "changed", "done"),
        ("flow log", "removed", "done"),
    ]
    stopped = rows[2]
    assert f"{stopped['from_time']:%H:%M:%S} {stopped['until_time']:%H:%M:%S}" == "04:58:30 08:05:12"
    assert stopped["restored_by"].endswith("farid.haddad@example.com")


def test_a_window_ends_where_the_same_thing_is_switched_on_again(case_of: CaseOf) -> None:
    restored = did("cloudtrail:StartLogging", 30, {"name": "main"}, who=ADMIN)
    case = case_of(
        did("cloudtrail:StopLogging", 10, {"name": ARN}),
        did("cloudtrail:StartLogging", 20, {"name": "other"}, who=ADMIN),
        did("cloudtrail:StartLogging", 21, {"name": "main"}, who=ADMIN, errorCode="AccessDenied"),
        did("cloudtrail:StartLogging", 22, {"name": "main"}, who=ADMIN, recipientAccountId="444455556666"),
        restored,
        did("cloudtrail:StopLogging", 40, {"name": "main"}, who=ADMIN),
        did("guardduty:DeleteDetector", 41, {"detectorId": "d1"}, awsRegion="eu-west-1"),
        did("guardduty:CreateDetector", 42, None, awsRegion="us-east-1"),
        did("guardduty:CreateDetector", 43, None, awsRegion="eu-west-1"),
    )
    rows = rows_of(case)
    assert [(row["watcher"], row["by_root"], row["until_time"] and f"{row['until_time']:%H:%M}") for row in rows] == [
        ("trail", True, "10:30"), ("trail", False, None), ("GuardDuty", True, "10:43"),
    ]  # fmt: skip
    assert rows[0]["restored_eventID"] == restored["eventID"]


def test_an_attempt_opens_no_window(case_of: CaseOf) -> None:
    case = case_of(
        did("cloudtrail:DeleteTrail", 10, {"name": "main"}, errorCode="AccessDenied"),
        did("cloudtrail:CreateTrail", 20, {"name": "main"}, who=ADMIN),
    )
    (row,) = rows_of(case)
    assert (row["deed"], row["errorCode"], row["until_time"]) == ("attempted", "AccessDenied", None)


@pytest.mark.parametrize(
    ("bucket", "counts"),
    [
        ("org-cloudtrail-1", True),
        ("acme-logs", True),
        ("audit.acme", True),
        ("blogs", False),
        ("catalog", False),
        ("named", True),
        (None, False),
    ],
)
def test_only_buckets_of_trails_count(bucket: str | None, counts: bool, case_of: CaseOf) -> None:
    case = case_of(
        did("cloudtrail:CreateTrail", 1, {"name": "main", "s3BucketName": "named"}, who=ADMIN),
        did("s3:PutBucketLifecycle", 2, {"bucketName": bucket}),
    )
    assert len(rows_of(case)) == counts


def test_reads_and_ordinary_retention_are_no_tampering(case_of: CaseOf) -> None:
    case = case_of(
        did("cloudtrail:GetTrailStatus", 1, {"name": "main"}),
        did("logs:PutRetentionPolicy", 2, {"logGroupName": "/ecs/shop"}),
        did("logs:PutRetentionPolicy", 3, {"logGroupName": "aws-cloudtrail-logs"}),
        event(eventSource="ec2.amazonaws.com", eventName="StopLogging"),
    )
    assert [row["thing"] for row in rows_of(case)] == ["aws-cloudtrail-logs"]
