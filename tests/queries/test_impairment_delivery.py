"""Where the record goes and by which role: what the logs name, and what they leave open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from tests.analysis.lineage.test_blast_radius import did, made_key, user
from tests.builders import ACCOUNT, event, write_log
from tests.queries.test_impairment import ADMIN, rows_of
from tests.queries.test_impairment_named import GROUP
from tests.stories import part_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.stories import Part

CWL = f"arn:aws:iam::{ACCOUNT}:role/service/CT_CWL"
TRAIL = {"name": "main", "s3BucketName": "central", "cloudWatchLogsLogGroupArn": GROUP, "cloudWatchLogsRoleArn": CWL}
MADE = did("cloudtrail:CreateTrail", 1, TRAIL, who=ADMIN)
STREAM = f"arn:aws:firehose:us-east-1:{ACCOUNT}:deliverystream/siem"
NAMING = {
    "trail": [MADE],
    "recorder": [
        did("config:PutConfigurationRecorder", 2, {"configurationRecorder": {"name": "d", "roleARN": CWL}}, who=ADMIN)
    ],
    "flow logs": [
        did("ec2:CreateFlowLogs", 2, {"CreateFlowLogsRequest": {"DeliverLogsPermissionArn": CWL}}, who=ADMIN)
    ],
    "subscription": [
        did("cloudtrail:CreateTrail", 1, {**TRAIL, "cloudWatchLogsRoleArn": None}, who=ADMIN),
        did("logs:PutSubscriptionFilter", 2, {"logGroupName": "central", "filterName": "s", "roleArn": CWL}, who=ADMIN),
    ],
}
ROLE = {"roleName": "CT_CWL"}
TRUST = (
    '{"Statement":[{"Effect":"Allow","Principal":{"Service":"cloudtrail.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
)


def roots(case: rf.Case | Part) -> list[tuple[Any, ...]]:
    return [
        (row["part"], row["impairment"], row["certainty"], row["until_time"] and row["until_time"].minute)
        for row in rows_of(case)
        if row["by_root"]
    ]


@pytest.mark.parametrize("naming", NAMING)
@pytest.mark.parametrize(
    ("call", "asked", "part", "impairment"),
    [
        ("iam:DeleteRole", ROLE, "role", "removed"),
        ("iam:DeleteRolePolicy", {**ROLE, "policyName": "p"}, "permissions", "removed"),
        ("iam:DetachRolePolicy", {**ROLE, "policyArn": "p"}, "permissions", "removed"),
        ("iam:UpdateAssumeRolePolicy", {**ROLE, "policyDocument": "{}"}, "trust", "narrowed"),
    ],
)
async def test_the_role_that_delivers_the_record_is_part_of_it(
    naming: str, call: str, asked: dict[str, Any], part: str, impairment: str
) -> None:
    assert roots(await part_of(*NAMING[naming], did(call, 10, asked))) == [(part, impairment, "certain", None)]
    assert roots(await part_of(*NAMING[naming], did(call, 10, {**asked, "roleName": "another"}))) == []


async def test_the_role_is_mended_by_others_than_root() -> None:
    taken = did("iam:DeleteRolePolicy", 10, {**ROLE, "policyName": "p"})
    given = {**ROLE, "policyName": "p", "policyDocument": "{}"}
    assert roots(await part_of(MADE, taken, did("iam:PutRolePolicy", 20, given, who=ADMIN)))[0][3] == 20
    assert roots(await part_of(MADE, taken, did("iam:PutRolePolicy", 20, given))) == [
        ("permissions", "removed", "certain", None), ("permissions", "changed", "maybe", None),
    ]  # fmt: skip
    distrusted = did("iam:UpdateAssumeRolePolicy", 10, {**ROLE, "policyDocument": "{}"})
    back = did("iam:UpdateAssumeRolePolicy", 20, {**ROLE, "policyDocument": TRUST}, who=ADMIN)
    assert roots(await part_of(MADE, distrusted, back)) == [("trust", "narrowed", "certain", 20)]


async def test_the_stream_that_a_subscription_writes_to_is_part_of_the_record() -> None:
    put = {"logGroupName": "central", "filterName": "s", "destinationArn": STREAM}
    subscribed = did("logs:PutSubscriptionFilter", 2, put, who=ADMIN)
    gone = did("firehose:DeleteDeliveryStream", 10, {"deliveryStreamName": "siem"})
    assert roots(await part_of(MADE, subscribed, gone)) == [("stream", "removed", "certain", None)]
    assert roots(await part_of(MADE, gone)) == []


def touched_in(case: rf.Case | Part) -> list[dict[str, Any]]:
    return case.query("logging_impairment", unknown=1).rows


TOUCHED = [
    ("s3:DeleteBucket", {"bucketName": "acmearchive"}),
    ("s3:PutBucketPolicy", {"bucketName": "acmearchive", "bucketPolicy": {}}),
    ("s3:PutBucketLifecycle", {"bucketName": "acmearchive"}),
    ("logs:PutRetentionPolicy", {"logGroupName": "CT", "retentionInDays": 1}),
    ("logs:DeleteSubscriptionFilter", {"logGroupName": "CT", "filterName": "siem"}),
]


#: What names where the record goes.
NAMED = [
    MADE,
    did("cloudtrail:GetTrail", 1, {"name": "main"}, {"trail": TRAIL}),
    did("cloudtrail:DescribeTrails", 1, None, {"trailList": [TRAIL]}, who=ADMIN),
]


@pytest.mark.parametrize(("call", "asked"), TOUCHED)
async def test_where_nothing_names_the_records_place_any_may_be_it(call: str, asked: dict[str, Any]) -> None:
    part = await part_of(did(call, 10, asked))
    assert [row["certainty"] for row in touched_in(part)] == ["unknown"]
    assert rows_of(part) == []  # only if asked for


@pytest.mark.parametrize(("call", "asked"), TOUCHED)
async def test_of_any_place_what_others_do_all_day_is_not_told(call: str, asked: dict[str, Any]) -> None:
    assert touched_in(await part_of(did(call, 10, asked, who=ADMIN))) == []


@pytest.mark.parametrize(("call", "asked"), TOUCHED)
async def test_of_any_place_what_came_from_root_is_told(call: str, asked: dict[str, Any]) -> None:
    made = [did("iam:CreateUser", 2, {"userName": "eve"}), made_key("AKIAEVE", 3, "eve")]
    rows = touched_in(await part_of(*made, did(call, 10, asked, who=user("eve", "AKIAEVE"))))
    assert [(row["certainty"], row["by_descendant"]) for row in rows] == [("unknown", "certain")]


@pytest.mark.parametrize(("call", "asked"), TOUCHED)
async def test_a_trail_that_root_made_itself_names_nothing_of_the_accounts_own_record(
    call: str, asked: dict[str, Any]
) -> None:
    rows = touched_in(await part_of(did("cloudtrail:CreateTrail", 1, TRAIL), did(call, 10, asked)))
    assert [row["certainty"] for row in rows if row["entity"] != "main"] == ["unknown"]


@pytest.mark.parametrize("naming", NAMED, ids=lambda record: record["eventName"])
@pytest.mark.parametrize(("call", "asked"), TOUCHED)
async def test_where_the_place_is_named_another_is_not_it(
    call: str, asked: dict[str, Any], naming: dict[str, Any]
) -> None:
    assert touched_in(await part_of(naming, did(call, 10, asked))) == []


async def test_what_cloudtrail_was_seen_to_write_names_its_bucket() -> None:
    service = {"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"}
    written = event(
        eventSource="s3.amazonaws.com", eventName="PutObject", requestParameters={"bucketName": "seenwritten", "key": "k"},
    )  # fmt: skip
    written["userIdentity"] = service
    (row,) = touched_in(await part_of(written, did("s3:DeleteBucket", 10, {"bucketName": "seenwritten"})))
    assert row["certainty"] == "certain"
    assert touched_in(await part_of(written, did("s3:DeleteBucket", 10, {"bucketName": "another"}))) == []


async def test_a_log_file_is_of_the_record_whatever_its_bucket_is_called() -> None:
    key = f"x/AWSLogs/o-abc1234567/{ACCOUNT}/CloudTrail/us-east-1/2026/08/05/f.json.gz"
    (row,) = rows_of(await part_of(MADE, did("s3:DeleteObject", 10, {"bucketName": "acme", "key": key})))
    assert (row["part"], row["certainty"]) == ("files", "certain")
    assert rows_of(await part_of(did("s3:DeleteObject", 10, {"bucketName": "acme", "key": "AWSLogs/x"}))) == []


async def test_the_log_of_model_calls_may_be_missed() -> None:
    off = did("bedrock:DeleteModelInvocationLoggingConfiguration", 1)
    on = did("bedrock:PutModelInvocationLoggingConfiguration", 9, {"loggingConfig": {"textDataDeliveryEnabled": True}})
    assert roots(await part_of(off, on)) == [("log", "removed", "maybe", 9)]


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("layout", "certainty"), [(f"AWSLogs/o-abc1234567/{ACCOUNT}", "certain"), (f"AWSLogs/{ACCOUNT}", "maybe")]
)
def test_an_organizations_trail_ends_with_the_membership_and_the_trust(
    layout: str, certainty: str, tmp_path: Path
) -> None:
    calls = [
        did("organizations:DisableAWSServiceAccess", 1, {"servicePrincipal": "cloudtrail.amazonaws.com"}),
        did("organizations:DisableAWSServiceAccess", 2, {"servicePrincipal": "ram.amazonaws.com"}),
        did("organizations:DisableAWSServiceAccess", 3, {"servicePrincipal": "guardduty.amazonaws.com"}),
        did("organizations:EnableAWSServiceAccess", 4, {"servicePrincipal": "cloudtrail.amazonaws.com"}, who=ADMIN),
        did("organizations:LeaveOrganization", 5),
        did("organizations:AcceptHandshake", 6, {"handshakeId": "h"}),
    ]
    write_log(tmp_path / "logs" / layout / "CloudTrail", "log.json.gz", calls)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        rows = [
            (row["entity"], row["part"], row["certainty"], row["until_time"] and row["until_time"].minute)
            for row in rows_of(case)
        ]
    assert rows == [
        ("cloudtrail.amazonaws.com", "trust", certainty, 4),
        ("guardduty.amazonaws.com", "trust", "maybe", None),
        (ACCOUNT, "membership", certainty, None),  # root's own return is none
    ]
