"""Impairment of logging: what was stopped, removed or changed, until when, by whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.analysis.lineage.test_blast_radius import did, user
from tests.analysis.verdict.stories import stories_in
from tests.builders import ACCOUNT, event
from tests.stories import part_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import rootforensics as rf
    from tests.stories import Part

    CaseOf = Callable[..., rf.Case]

ARN = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/main"
ADMIN = user("admin")


def rows_of(case: rf.Case | Part) -> list[dict[str, Any]]:
    return case.query("logging_impairment").rows


def test_the_sample_tells_what_its_plan_did(sample_case: rf.Case) -> None:
    rows = [row for row in rows_of(sample_case) if row["by_root"]]
    assert [(row["control"], row["impairment"], row["result"]) for row in rows] == [
        ("GuardDuty", "removed", "attempted"),
        ("organization", "removed", "attempted"),
        ("Config", "stopped", "attempted"),
        ("trail", "stopped", "succeeded"),
        ("trail bucket", "changed", "succeeded"),
        ("flow log", "removed", "succeeded"),
    ]
    stopped = rows[3]
    assert f"{stopped['from_time']:%H:%M:%S} {stopped['until_time']:%H:%M:%S}" == "04:58:30 08:05:12"
    assert stopped["restored_by"].endswith("farid.haddad@example.com")


@pytest.mark.parametrize(
    ("off", "on", "control"),
    [
        ("inspector2:Disable", "inspector2:Enable", "Inspector"),
        ("macie2:DisableMacie", "macie2:EnableMacie", "Macie"),
    ],
)
async def test_what_scans_is_switched_off_and_on_again(off: str, on: str, control: str) -> None:
    case = await part_of(did(off, 10), did(on, 20, who=ADMIN))
    (row,) = case.query("logging_impairment").rows
    assert (row["control"], row["impairment"], row["certainty"], row["until_time"].minute) == (
        control,
        "stopped",
        "certain",
        20,
    )


async def test_a_window_ends_where_the_same_entity_is_switched_on_again() -> None:
    restored = did("cloudtrail:StartLogging", 30, {"name": "main"}, who=ADMIN)
    case = await part_of(
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
    assert [(row["control"], row["by_root"], row["until_time"] and f"{row['until_time']:%H:%M}") for row in rows] == [
        ("trail", True, "10:30"), ("trail", False, None), ("GuardDuty", True, "10:43"),
    ]  # fmt: skip
    assert rows[0]["restored_eventID"] == restored["eventID"]


@pytest.mark.parametrize(("first", "second"), ["12", "21"])
async def test_a_repair_in_the_second_of_the_action_may_have_come_before_it(first: str, second: str) -> None:
    """Whatever their eventIDs are."""
    ids = [f"0000000{place}-0000-4000-8000-000000000000" for place in (first, second)]
    stop = did("cloudtrail:StopLogging", 10, {"name": ARN}, eventID=ids[0])
    start = did("cloudtrail:StartLogging", 10, {"name": ARN}, eventID=ids[1], who=ADMIN)
    (row,) = rows_of(await part_of(stop, start))
    assert (row["impairment"], row["until_time"]) == ("stopped", None)
    (row,) = rows_of(await part_of(stop, start | {"eventTime": "never"}))
    assert (row["impairment"], row["until_time"]) == ("stopped", None)
    (row,) = rows_of(await part_of(stop, start, did("cloudtrail:StartLogging", 11, {"name": ARN}, who=ADMIN)))
    assert row["until_time"].minute == 11


async def test_an_attempt_opens_no_window() -> None:
    case = await part_of(
        did("cloudtrail:DeleteTrail", 10, {"name": "main"}, errorCode="AccessDenied"),
        did("cloudtrail:CreateTrail", 20, {"name": "main"}, who=ADMIN),
    )
    (row,) = rows_of(case)
    assert (row["result"], row["errorCode"], row["until_time"]) == ("attempted", "AccessDenied", None)


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
async def test_only_buckets_of_trails_count(bucket: str | None, counts: bool) -> None:
    case = await part_of(
        did("cloudtrail:CreateTrail", 1, {"name": "main", "s3BucketName": "named"}, who=ADMIN),
        did("s3:PutBucketLifecycle", 2, {"bucketName": bucket}),
    )
    assert len(rows_of(case)) == counts


async def test_reads_and_ordinary_retention_are_no_impairment() -> None:
    case = await part_of(
        did("cloudtrail:GetTrailStatus", 1, {"name": "main"}),
        did("logs:PutRetentionPolicy", 2, {"logGroupName": "/ecs/shop"}),
        did("logs:PutRetentionPolicy", 3, {"logGroupName": "aws-cloudtrail-logs"}),
        event(eventSource="ec2.amazonaws.com", eventName="StopLogging"),
    )
    assert [row["entity"] for row in rows_of(case)] == ["aws-cloudtrail-logs"]


def windows(case: rf.Case | Part) -> list[tuple[Any, ...]]:
    """Name of the call, entity, from, until; in order."""
    return [
        (
            row["eventName"],
            row["entity"],
            f"{row['from_time']:%H:%M}",
            row["until_time"] and f"{row['until_time']:%H:%M}",
        )
        for row in rows_of(case)
    ]


async def test_a_trail_made_anew_records_only_when_it_is_started() -> None:
    case = await part_of(
        did("cloudtrail:DeleteTrail", 10, {"name": "main"}),
        did("cloudtrail:CreateTrail", 20, {"name": "main", "s3BucketName": "b"}, who=ADMIN),
        did("cloudtrail:StartLogging", 30, {"name": "main"}, who=ADMIN),
    )
    assert windows(case) == [("DeleteTrail", "main", "10:10", "10:30")]


async def test_a_key_is_of_use_only_when_it_is_enabled() -> None:
    arn = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k2"
    case = await part_of(
        did("kms:ScheduleKeyDeletion", 10, {"keyId": "k1"}),
        did("kms:CancelKeyDeletion", 20, {"keyId": "k1"}, who=ADMIN),
        did("kms:EnableKey", 25, {"keyId": arn}, awsRegion="us-east-1", who=ADMIN),
        did("kms:EnableKey", 30, {"keyId": "k1"}, who=ADMIN),
        did("kms:DisableKey", 40, {"keyId": "k2"}),
        did("kms:EnableKey", 45, {"keyId": "k2"}, awsRegion="eu-west-1", who=ADMIN),
        did("kms:EnableKey", 50, {"keyId": arn}, who=ADMIN),
    )
    assert windows(case) == [("ScheduleKeyDeletion", "k1", "10:10", "10:30"), ("DisableKey", "k2", "10:40", "10:50")]


async def test_a_trail_of_the_same_name_in_another_region_is_another_one() -> None:
    case = await part_of(
        did("cloudtrail:StopLogging", 10, {"name": "main"}, awsRegion="eu-west-1"),
        did("cloudtrail:StartLogging", 20, {"name": "main"}, who=ADMIN, awsRegion="us-east-1"),
        did("cloudtrail:StopLogging", 30, {"name": ARN}, awsRegion="eu-west-1"),
        did("cloudtrail:StartLogging", 40, {"name": "main"}, who=ADMIN, awsRegion="us-east-1"),
    )
    assert windows(case) == [("StopLogging", "main", "10:10", None), ("StopLogging", "main", "10:30", "10:40")]


async def test_the_recorder_of_config_restores_neither_rules_nor_the_delivery_channel() -> None:
    case = await part_of(
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
    ({"eventSelectors": [{}]}, "changed"),  # the record does not say what is kept
    ({"eventSelectors": [{"readWriteType": "ReadOnly"}, {"readWriteType": "WriteOnly"}]}, "changed"),
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


@pytest.mark.heavy
def test_selectors_are_read(tmp_path: Path) -> None:
    stories = [
        [
            did("cloudtrail:PutEventSelectors", 10, {"trailName": "main", **selectors}),
            did("cloudtrail:PutEventSelectors", 20, {"trailName": ARN, "eventSelectors": ALL}, who=ADMIN),
        ]
        for selectors, _ in SELECTORS
    ]
    case, accounts = stories_in(tmp_path, stories)
    every = rows_of(case)
    case.close()
    for account, (selectors, effect) in zip(accounts, SELECTORS, strict=True):
        rows = [row for row in every if row["account_id"] == account]
        assert rows[0]["impairment"] == {"full": "changed"}.get(effect, effect), selectors
        assert rows[0]["certainty"] == "maybe", selectors  # nothing tells what the trail recorded before
        assert (rows[0]["until_time"] is not None) == (effect == "narrowed"), selectors
        # All of them written again after all, or less, is no impairment; after nobody knows what, it is a change.
        assert len(rows) == (2 if effect == "changed" else 1), selectors


async def test_a_detector_switched_off_is_stopped_until_it_is_switched_on() -> None:
    def features(status: str) -> dict[str, Any]:
        return {"detectorId": "d", "features": [{"name": "S3_DATA_EVENTS", "status": status}]}

    case = await part_of(
        did("guardduty:UpdateDetector", 10, {"detectorId": "d", "enable": False}),
        did("guardduty:UpdateDetector", 15, features("DISABLED")),
        did("guardduty:UpdateDetector", 20, {"detectorId": "d", "enable": True}, who=ADMIN),
        did("guardduty:UpdateDetector", 25, features("ENABLED"), who=ADMIN),
    )
    assert [(row["impairment"], row["part"]) for row in rows_of(case)] == [
        ("stopped", "detector"), ("narrowed", "features"),
    ]  # fmt: skip
    assert windows(case) == [("UpdateDetector", "d", "10:10", "10:20"), ("UpdateDetector", "d", "10:15", "10:25")]


async def test_a_trail_narrowed_to_one_region_is_narrowed_until_it_has_all_again() -> None:
    case = await part_of(
        did("cloudtrail:UpdateTrail", 10, {"name": "main", "isMultiRegionTrail": False}),
        did("cloudtrail:UpdateTrail", 20, {"name": "main", "includeGlobalServiceEvents": True}, who=ADMIN),
        did("cloudtrail:UpdateTrail", 30, {"name": "main", "isMultiRegionTrail": True}, who=ADMIN),
        did("cloudtrail:UpdateTrail", 40, {"name": "main", "s3BucketName": "elsewhere"}),
    )
    assert windows(case) == [("UpdateTrail", "main", "10:10", "10:30"), ("UpdateTrail", "main", "10:40", None)]
    assert [row["impairment"] for row in rows_of(case)] == ["narrowed", "changed"]


async def test_an_event_data_store_is_the_same_by_id_and_by_arn() -> None:
    arn = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:eventdatastore/e1"
    case = await part_of(
        did("cloudtrail:StopEventDataStoreIngestion", 10, {"eventDataStore": "e1"}),
        did("cloudtrail:StartEventDataStoreIngestion", 20, {"eventDataStore": arn}, who=ADMIN),
    )
    assert windows(case) == [("StopEventDataStoreIngestion", "e1", "10:10", "10:20")]


async def test_each_entity_that_a_call_names_has_its_own_row() -> None:
    logs = [{"tag": 1, "content": "fl-1"}, {"tag": 2, "content": "fl-2"}]
    case = await part_of(
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


@pytest.mark.heavy
def test_a_service_that_acted_by_itself_is_named(case_of: CaseOf) -> None:
    """Such records have no ARN: AWS's example of an AWSService identity holds invokedBy alone."""
    service = {"userIdentity": {"type": "AWSService", "invokedBy": "lambda.amazonaws.com"}}
    case = case_of(
        did("cloudtrail:StopLogging", 10, {"name": "main"}, **service),
        did("cloudtrail:StartLogging", 20, {"name": "main"}, **service),
    )
    (row,) = rows_of(case)
    assert (row["actor"], row["restored_by"]) == ("lambda.amazonaws.com", "lambda.amazonaws.com")
    told = [line["text"] for line in case.incident_timeline().rows]
    assert "lambda.amazonaws.com stopped trail main, from 198.51.100.7; restored at 10:20:00" in told
