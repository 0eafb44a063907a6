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


@pytest.mark.parametrize(
    ("off", "on", "watcher"),
    [
        ("inspector2:Disable", "inspector2:Enable", "Inspector"),
        ("macie2:DisableMacie", "macie2:EnableMacie", "Macie"),
    ],
)
def test_what_scans_is_switched_off_and_on_again(off: str, on: str, watcher: str, case_of: CaseOf) -> None:
    case = case_of(did(off, 10), did(on, 20, who=ADMIN))
    (row,) = case.query("record_tampering").rows
    assert (row["watcher"], row["tampering"], row["certainty"], row["until_time"].minute) == (
        watcher,
        "stopped",
        "certain",
        20,
    )


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


def windows(case: rf.Case) -> list[tuple[Any, ...]]:
    """Name of the call, thing, from, until; in order."""
    return [
        (
            row["eventName"],
            row["thing"],
            f"{row['from_time']:%H:%M}",
            row["until_time"] and f"{row['until_time']:%H:%M}",
        )
        for row in rows_of(case)
    ]


def test_a_trail_made_anew_records_only_when_it_is_started(case_of: CaseOf) -> None:
    case = case_of(
        did("cloudtrail:DeleteTrail", 10, {"name": "main"}),
        did("cloudtrail:CreateTrail", 20, {"name": "main", "s3BucketName": "b"}, who=ADMIN),
        did("cloudtrail:StartLogging", 30, {"name": "main"}, who=ADMIN),
    )
    assert windows(case) == [("DeleteTrail", "main", "10:10", "10:30")]


def test_a_key_is_of_use_only_when_it_is_enabled(case_of: CaseOf) -> None:
    arn = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k2"
    case = case_of(
        did("kms:ScheduleKeyDeletion", 10, {"keyId": "k1"}),
        did("kms:CancelKeyDeletion", 20, {"keyId": "k1"}, who=ADMIN),
        did("kms:EnableKey", 25, {"keyId": arn}, awsRegion="us-east-1", who=ADMIN),
        did("kms:EnableKey", 30, {"keyId": "k1"}, who=ADMIN),
        did("kms:DisableKey", 40, {"keyId": "k2"}),
        did("kms:EnableKey", 45, {"keyId": "k2"}, awsRegion="eu-west-1", who=ADMIN),
        did("kms:EnableKey", 50, {"keyId": arn}, who=ADMIN),
    )
    assert windows(case) == [("ScheduleKeyDeletion", "k1", "10:10", "10:30"), ("DisableKey", "k2", "10:40", "10:50")]


def test_a_trail_of_the_same_name_in_another_region_is_another_one(case_of: CaseOf) -> None:
    case = case_of(
        did("cloudtrail:StopLogging", 10, {"name": "main"}, awsRegion="eu-west-1"),
        did("cloudtrail:StartLogging", 20, {"name": "main"}, who=ADMIN, awsRegion="us-east-1"),
        did("cloudtrail:StopLogging", 30, {"name": ARN}, awsRegion="eu-west-1"),
        did("cloudtrail:StartLogging", 40, {"name": "main"}, who=ADMIN, awsRegion="us-east-1"),
    )
    assert windows(case) == [("StopLogging", "main", "10:10", None), ("StopLogging", "main", "10:30", "10:40")]


def test_the_recorder_of_config_restores_neither_rules_nor_the_delivery_channel(case_of: CaseOf) -> None:
    case = case_of(
        did("config:StopConfigurationRecorder", 1, {"configurationRecorderName": "default"}),
        did("config:DeleteDeliveryChannel", 2, {"deliveryChannelName": "default"}),
        did("config:DeleteConfigRule", 3, {"configRuleName": "mfa"}),
        did("config:DeleteConfigRule", 4, {"configRuleName": "keys"}),
        did("config:PutDeliveryChannel", 5, {"deliveryChannel": {"name": "default"}}, who=ADMIN),
        did("config:StartConfigurationRecorder", 6, {"configurationRecorderName": "default"}, who=ADMIN),
        did("config:PutConfigRule", 7, {"configRule": {"configRuleName": "mfa"}}, who=ADMIN),
    )
    assert windows(case) == [
        ("StopConfigurationRecorder", "default", "10:01", "10:06"),
        ("DeleteDeliveryChannel", "default", "10:02", "10:05"),
        ("DeleteConfigRule", "mfa", "10:03", "10:07"),
        ("DeleteConfigRule", "keys", "10:04", None),
    ]


MANAGEMENT = {"field": "eventCategory", "equals": ["Management"]}
ALL = [{"readWriteType": "All", "includeManagementEvents": True, "excludeManagementEventSources": []}]
#: Selectors, and whether they keep every management event (CloudTrail API reference, PutEventSelectors).
SELECTORS: list[tuple[dict[str, Any], str]] = [
    ({"eventSelectors": ALL}, "full"),
    ({"eventSelectors": [{}]}, "full"),
    ({"eventSelectors": [{"readWriteType": "ReadOnly"}, {"readWriteType": "WriteOnly"}]}, "full"),
    ({"eventSelectors": [{"readWriteType": "WriteOnly"}]}, "narrowed"),
    ({"eventSelectors": [{"readWriteType": "All", "includeManagementEvents": False}]}, "narrowed"),
    ({"eventSelectors": [{"excludeManagementEventSources": ["kms.amazonaws.com"]}]}, "narrowed"),
    ({"advancedEventSelectors": [{"fieldSelectors": [MANAGEMENT]}]}, "full"),
    (
        {
            "advancedEventSelectors": [
                {"fieldSelectors": [MANAGEMENT, {"field": "readOnly", "equals": ["true"]}]},
                {"fieldSelectors": [MANAGEMENT, {"field": "readOnly", "equals": ["false"]}]},
            ]
        },
        "full",
    ),
    (
        {"advancedEventSelectors": [{"fieldSelectors": [MANAGEMENT, {"field": "readOnly", "equals": ["true"]}]}]},
        "narrowed",
    ),
    (
        {"advancedEventSelectors": [{"fieldSelectors": [MANAGEMENT, {"field": "eventSource", "notEquals": ["x"]}]}]},
        "narrowed",
    ),
    ({"advancedEventSelectors": [{"fieldSelectors": [{"field": "eventCategory", "equals": ["Data"]}]}]}, "narrowed"),
    ({}, "changed"),
]


@pytest.mark.parametrize(("selectors", "effect"), SELECTORS)
def test_selectors_are_read(selectors: dict[str, Any], effect: str, case_of: CaseOf) -> None:
    case = case_of(
        did("cloudtrail:PutEventSelectors", 10, {"trailName": "main", **selectors}),
        did("cloudtrail:PutEventSelectors", 20, {"trailName": ARN, "eventSelectors": ALL}, who=ADMIN),
    )
    first = rows_of(case)[0]
    assert first["tampering"] == {"full": "changed"}.get(effect, effect)
    assert first["certainty"] == ("maybe" if effect == "full" else "certain")
    assert (first["until_time"] is not None) == (effect == "narrowed")
    # A repair is no tampering; writing all selectors anew without need is a change.
    assert len(rows_of(case)) == (1 if effect == "narrowed" else 2)


def test_a_detector_switched_off_is_stopped_until_it_is_switched_on(case_of: CaseOf) -> None:
    def features(status: str) -> dict[str, Any]:
        return {"detectorId": "d", "features": [{"name": "S3_DATA_EVENTS", "status": status}]}

    case = case_of(
        did("guardduty:UpdateDetector", 10, {"detectorId": "d", "enable": False}),
        did("guardduty:UpdateDetector", 15, features("DISABLED")),
        did("guardduty:UpdateDetector", 20, {"detectorId": "d", "enable": True}, who=ADMIN),
        did("guardduty:UpdateDetector", 25, features("ENABLED"), who=ADMIN),
    )
    assert [(row["tampering"], row["part"]) for row in rows_of(case)] == [
        ("stopped", "detector"), ("narrowed", "features"),
    ]  # fmt: skip
    assert windows(case) == [("UpdateDetector", "d", "10:10", "10:20"), ("UpdateDetector", "d", "10:15", "10:25")]


def test_a_trail_narrowed_to_one_region_is_narrowed_until_it_has_all_again(case_of: CaseOf) -> None:
    case = case_of(
        did("cloudtrail:UpdateTrail", 10, {"name": "main", "isMultiRegionTrail": False}),
        did("cloudtrail:UpdateTrail", 20, {"name": "main", "includeGlobalServiceEvents": True}, who=ADMIN),
        did("cloudtrail:UpdateTrail", 30, {"name": "main", "isMultiRegionTrail": True}, who=ADMIN),
        did("cloudtrail:UpdateTrail", 40, {"name": "main", "s3BucketName": "elsewhere"}),
    )
    assert windows(case) == [("UpdateTrail", "main", "10:10", "10:30"), ("UpdateTrail", "main", "10:40", None)]
    assert [row["tampering"] for row in rows_of(case)] == ["narrowed", "changed"]


def test_an_event_data_store_is_the_same_by_id_and_by_arn(case_of: CaseOf) -> None:
    arn = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:eventdatastore/e1"
    case = case_of(
        did("cloudtrail:StopEventDataStoreIngestion", 10, {"eventDataStore": "e1"}),
        did("cloudtrail:StartEventDataStoreIngestion", 20, {"eventDataStore": arn}, who=ADMIN),
    )
    assert windows(case) == [("StopEventDataStoreIngestion", "e1", "10:10", "10:20")]


def test_each_thing_that_a_call_names_has_its_own_row(case_of: CaseOf) -> None:
    logs = [{"tag": 1, "content": "fl-1"}, {"tag": 2, "content": "fl-2"}]
    case = case_of(
        did("monitoring:DisableAlarmActions", 10, {"alarmNames": ["a", "root"]}),
        did("ec2:DeleteFlowLogs", 11, {"DeleteFlowLogsRequest": {"FlowLogId": logs}}),
        did("ec2:DeleteFlowLogs", 12, {"DeleteFlowLogsRequest": {"FlowLogId": logs[0]}}),
        did("monitoring:DeleteAlarms", 13, None),
        did("monitoring:EnableAlarmActions", 20, {"alarmNames": ["root"]}, who=ADMIN),
    )
    assert windows(case) == [
        ("DisableAlarmActions", "a", "10:10", None),
        ("DisableAlarmActions", "root", "10:10", "10:20"),
        ("DeleteFlowLogs", "fl-1", "10:11", None),
        ("DeleteFlowLogs", "fl-2", "10:11", None),
        ("DeleteFlowLogs", "fl-1", "10:12", None),
        ("DeleteAlarms", None, "10:13", None),
    ]


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
def test_what_a_trail_names_is_of_the_record_and_the_rest_maybe(made: dict[str, Any], case_of: CaseOf) -> None:
    calls = [*NAMED, *OTHER]
    case = case_of(made, *(did(call, 10 + place, asked) for place, (call, asked) in enumerate(calls)))
    rows = [(row["eventName"], row["certainty"]) for row in rows_of(case) if row["by_root"]]
    wanted = ["certain"] * len(NAMED) + ["maybe"] * len(OTHER)
    assert rows == [(call.split(":")[1], certainty) for (call, _), certainty in zip(calls, wanted, strict=True)]


def test_a_key_that_a_trail_names_by_its_alias_is_of_the_record(case_of: CaseOf) -> None:
    case = case_of(
        did("kms:CreateAlias", 1, {"aliasName": "alias/ct", "targetKeyId": "k1"}, who=ADMIN),
        did("cloudtrail:CreateTrail", 2, {"name": "main", "kmsKeyId": "alias/ct"}, who=ADMIN),
        did("kms:DisableKey", 3, {"keyId": KEY}),
    )
    assert [row["certainty"] for row in rows_of(case)] == ["certain"]


def test_the_alarm_on_the_trails_log_group_is_of_the_record(case_of: CaseOf) -> None:
    metric = {"metricTransformations": [{"metricName": "RootUsage"}], "logGroupName": "central", "filterName": "root"}
    alarm = {"alarmName": "r", "metricName": "RootUsage", "alarmActions": [TOPIC + "-alert"]}
    case = case_of(
        did("cloudtrail:CreateTrail", 1, {"name": "main", "cloudWatchLogsLogGroupArn": GROUP}, who=ADMIN),
        did("logs:PutMetricFilter", 2, metric, who=ADMIN),
        did("monitoring:PutMetricAlarm", 3, alarm, who=ADMIN),
        did("monitoring:PutMetricAlarm", 10, {"alarmName": "r", "threshold": 1000000}),
        did("sns:DeleteTopic", 11, {"topicArn": TOPIC + "-alert"}),
        did("monitoring:DeleteAlarms", 12, {"alarmNames": ["r"]}),
        did("monitoring:PutMetricAlarm", 20, alarm, who=ADMIN),
    )
    rows = [(row["eventName"], row["tampering"], row["certainty"]) for row in rows_of(case) if row["by_root"]]
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


@pytest.mark.parametrize(("call", "asked", "tampering"), SILENT, ids=[f"{call}" for call, _, _ in SILENT])
def test_what_was_silent_is_told(call: str, asked: dict[str, Any] | None, tampering: str, case_of: CaseOf) -> None:
    (row,) = rows_of(case_of(did(call, 1, asked)))
    assert (row["eventName"], row["tampering"], row["deed"]) == (call.split(":")[1], tampering, "done")


def test_what_scaling_does_to_its_alarms_is_no_tampering(case_of: CaseOf) -> None:
    who = {**ADMIN, "invokedBy": "application-autoscaling.amazonaws.com"}
    assert rows_of(case_of(did("monitoring:DeleteAlarms", 1, {"alarmNames": ["TargetTracking-x"]}, who=who))) == []


def test_the_settings_of_a_trail_are_told_by_whoever_wrote_or_read_them(case_of: CaseOf) -> None:
    case = case_of(
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
