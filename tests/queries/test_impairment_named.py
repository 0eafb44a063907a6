"""What belongs to the record of a trail: its bucket, log group, key and topic, as trails and whoever read them name."""

from __future__ import annotations

from typing import Any

import pytest

from tests.analysis.lineage.test_blast_radius import did
from tests.builders import ACCOUNT
from tests.queries.test_impairment import ADMIN, ARN, rows_of, windows
from tests.stories import part_of

GROUP = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:central:*"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:ct"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k1"
TRAIL = {
    "name": "main", "s3BucketName": "central", "cloudWatchLogsLogGroupArn": GROUP, "kmsKeyId": KEY, "snsTopicARN": TOPIC,
}  # fmt: skip
NAMED = [
    ("s3:PutBucketLogging", {"bucketName": "central"}),
    ("logs:PutRetentionPolicy", {"logGroupName": "central", "retentionInDays": 1}),
    ("logs:PutMetricFilter", {"logGroupName": "central", "filterName": "root"}),
    ("kms:DisableKey", {"keyId": "k1"}),
    ("sns:DeleteTopic", {"topicArn": TOPIC}),
    ("sns:Unsubscribe", {"subscriptionArn": f"{TOPIC}:11111111-1111-4111-8111-111111111111"}),
]
OTHER = [
    ("s3:DeleteBucket", {"bucketName": "aws-waf-logs-x"}),
    ("logs:DeleteLogGroup", {"logGroupName": "shop"}),
    ("kms:DisableKey", {"keyId": "k9"}),
    ("sns:DeleteTopic", {"topicArn": TOPIC + "x"}),
    ("monitoring:PutMetricAlarm", {"alarmName": "root", "threshold": 1000000}),
    ("events:PutRule", {"name": "root", "state": "DISABLED"}),
]


@pytest.mark.parametrize(
    "made",
    [
        did("cloudtrail:CreateTrail", 1, TRAIL, who=ADMIN),
        did("cloudtrail:UpdateTrail", 1, {"name": "main"}, TRAIL, who=ADMIN),
        did("cloudtrail:DescribeTrails", 1, None, {"trailList": [{"name": "x"}, TRAIL]}, who=ADMIN),
        did("cloudtrail:GetTrail", 1, {"name": "main"}, {"trail": TRAIL}, who=ADMIN),
    ],
    ids=lambda record: record["eventName"],
)
async def test_what_a_trail_names_is_of_the_record_and_the_rest_maybe(made: dict[str, Any]) -> None:
    calls = [*NAMED, *OTHER]
    case = await part_of(made, *(did(call, 10 + place, asked) for place, (call, asked) in enumerate(calls)))
    rows = [(row["eventName"], row["certainty"]) for row in rows_of(case) if row["by_root"]]
    wanted = ["certain"] * len(NAMED) + ["maybe"] * len(OTHER)
    assert rows == [(call.split(":")[1], certainty) for (call, _), certainty in zip(calls, wanted, strict=True)]


async def test_a_key_that_a_trail_names_by_its_alias_is_of_the_record() -> None:
    case = await part_of(
        did("kms:CreateAlias", 1, {"aliasName": "alias/ct", "targetKeyId": "k1"}, who=ADMIN),
        did("cloudtrail:CreateTrail", 2, {"name": "main", "kmsKeyId": "alias/ct"}, who=ADMIN),
        did("kms:DisableKey", 3, {"keyId": KEY}),
    )
    assert [row["certainty"] for row in rows_of(case)] == ["certain"]


async def test_the_alarm_on_the_trails_log_group_is_of_the_record() -> None:
    metric = {"metricTransformations": [{"metricName": "RootUsage"}], "logGroupName": "central", "filterName": "root"}
    alarm = {"alarmName": "r", "metricName": "RootUsage", "alarmActions": [TOPIC + "-alert"]}
    case = await part_of(
        did("cloudtrail:CreateTrail", 1, {"name": "main", "cloudWatchLogsLogGroupArn": GROUP}, who=ADMIN),
        did("logs:PutMetricFilter", 2, metric, who=ADMIN),
        did("monitoring:PutMetricAlarm", 3, alarm, who=ADMIN),
        did("monitoring:PutMetricAlarm", 10, {"alarmName": "r", "threshold": 1000000}),
        did("sns:DeleteTopic", 11, {"topicArn": TOPIC + "-alert"}),
        did("monitoring:DeleteAlarms", 12, {"alarmNames": ["r"]}),
        did("monitoring:PutMetricAlarm", 20, alarm, who=ADMIN),
    )
    rows = [(row["eventName"], row["impairment"], row["certainty"]) for row in rows_of(case) if row["by_root"]]
    assert rows == [
        ("PutMetricAlarm", "changed", "certain"),
        ("DeleteTopic", "removed", "certain"),
        ("DeleteAlarms", "removed", "certain"),
    ]
    assert windows(case)[-1] == ("DeleteAlarms", "r", "10:12", "10:20")


OTHERWISE = {"recordingGroup": {"allSupported": False, "resourceTypes": ["AWS::EC2::EIP"]}}
SILENT = [
    ("config:PutConfigurationRecorder", {"configurationRecorder": OTHERWISE}, "narrowed"),
    ("config:PutDeliveryChannel", {"deliveryChannel": {"name": "default"}}, "changed"),
    ("guardduty:DeletePublishingDestination", {"detectorId": "d"}, "removed"),
    ("guardduty:DisassociateFromAdministratorAccount", {"detectorId": "d"}, "stopped"),
    ("guardduty:DisassociateFromMasterAccount", {"detectorId": "d"}, "stopped"),
    ("guardduty:CreateThreatIntelSet", {"detectorId": "d"}, "changed"),
    ("securityhub:DisassociateFromMasterAccount", None, "stopped"),
    ("securityhub:UpdateStandardsControl", {"standardsControlArn": "c", "controlStatus": "DISABLED"}, "stopped"),
    ("cloudtrail:DeregisterOrganizationDelegatedAdmin", {"delegatedAdminAccountId": "444455556666"}, "removed"),
    ("s3:DeleteBucketEncryption", {"bucketName": "acme-logs"}, "changed"),
    ("s3:PutObjectLockConfiguration", {"bucketName": "acme-logs"}, "changed"),
    ("s3:PutBucketReplication", {"bucketName": "acme-logs"}, "changed"),
    ("events:PutRule", {"name": "root", "state": "DISABLED"}, "stopped"),
]


@pytest.mark.parametrize(("call", "asked", "impairment"), SILENT, ids=[f"{call}" for call, _, _ in SILENT])
async def test_what_was_silent_is_told(call: str, asked: dict[str, Any] | None, impairment: str) -> None:
    (row,) = rows_of(await part_of(did(call, 1, asked)))
    assert (row["eventName"], row["impairment"], row["result"]) == (call.split(":")[1], impairment, "succeeded")


async def test_what_scaling_does_to_its_alarms_is_no_impairment() -> None:
    who = {**ADMIN, "invokedBy": "application-autoscaling.amazonaws.com"}
    assert (
        rows_of(await part_of(did("monitoring:DeleteAlarms", 1, {"alarmNames": ["TargetTracking-x"]}, who=who))) == []
    )


async def test_the_settings_of_a_trail_are_told_by_whoever_wrote_or_read_them() -> None:
    case = await part_of(
        did("cloudtrail:CreateTrail", 1, {"name": "main", "s3BucketName": "a", "isMultiRegionTrail": True}, who=ADMIN),
        did("cloudtrail:UpdateTrail", 2, {"name": ARN, "s3BucketName": "b"}, {"name": "main", "trailARN": ARN, "s3BucketName": "b",
            "logFileValidationEnabled": True}),
        did("cloudtrail:GetTrail", 3, {"name": "main"}, {"trail": {"name": "main", "homeRegion": "eu-west-1", "kmsKeyId": "k"}}),
        did("cloudtrail:DescribeTrails", 4, None, {"trailList": [
            {"name": "main", "trailARN": ARN.replace(ACCOUNT, "444455556666"), "s3BucketName": "org"}, {"name": "z"}]}),
        did("cloudtrail:DescribeTrails", 5, None, None),  # most reads are recorded without their answer
        did("cloudtrail:UpdateTrail", 6, {"name": "main", "s3BucketName": "c"}, errorCode="AccessDenied"),
        did("cloudtrail:StopLogging", 7, {"name": "main"}),
    )  # fmt: skip
    names = ("account_id", "home", "trail", "s3BucketName", "isMultiRegionTrail", "enableLogFileValidation", "kmsKeyId")
    assert [tuple(row[name] for name in names) for row in case.query("trail_settings").rows] == [
        (ACCOUNT, "us-east-1", "main", "a", True, None, None),
        (ACCOUNT, "us-east-1", "main", "b", None, True, None),
        (ACCOUNT, "eu-west-1", "main", None, None, None, "k"),
        (ACCOUNT, "us-east-1", "z", None, None, None, None),
        ("444455556666", "us-east-1", "main", "org", None, None, None),
    ]
    assert len(case.query("trail_settings", account_id="444455556666")) == 1
