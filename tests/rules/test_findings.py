"""Findings: for each detection a hit, a near miss, and noise; what was tried is never told as done."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pytest
import sqlglot

import rootforensics as rf
from rootforensics.engines.dialects import DIALECTS
from rootforensics.errors import RuleError
from rootforensics.ingest.filters import Filters, parse_time
from rootforensics.rules.findings import detections, findings_query, parse_detection
from tests.builders import ACCOUNT, event, root_event, write_log
from tests.rules.test_actions import ATTACK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Make = Callable[..., dict[str, Any]]

ROOT_MFA: Final = {"serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"}
FEDERATED: Final = {
    "type": "FederatedUser",
    "accessKeyId": "ASIAFED",
    "sessionContext": {"sessionIssuer": {"type": "Root", "accountId": ACCOUNT}},
}
SERVICE: Final = "autoscaling.amazonaws.com"


def at(clock: str, day: int = 5) -> str:
    """A time in August."""
    return f"2026-08-{day:02}T{clock}:00Z"


def root(clock: str, call: str, request: Any = None, day: int = 5, **fields: Any) -> dict[str, Any]:
    """Root calls ``service:Name``."""
    service, name = call.split(":")
    return root_event(
        eventTime=at(clock, day), eventSource=f"{service}.amazonaws.com", eventName=name, requestParameters=request,
        readOnly=False, **fields,
    )  # fmt: skip


def sign_in(clock: str, outcome: str = "Success", mfa: str = "No", day: int = 5, **fields: Any) -> dict[str, Any]:
    """Root signs in to the console, or tries to."""
    return root(
        clock, "signin:ConsoleLogin", day=day, responseElements={"ConsoleLogin": outcome},
        additionalEventData={"MFAUsed": mfa}, **({"identity": {"accessKeyId": ""}} | fields),
    )  # fmt: skip


def recovery(clock: str, outcome: str = "Success", day: int = 5) -> dict[str, Any]:
    """A password recovery of root."""
    name = "PasswordRecoveryCompleted"
    return root(clock, f"signin:{name}", day=day, responseElements={name: outcome})


def other(clock: str, call: str, request: Any = None, day: int = 5, **fields: Any) -> dict[str, Any]:
    """Somebody else calls ``service:Name``."""
    service, name = call.split(":")
    usual = {"eventTime": at(clock, day), "eventSource": f"{service}.amazonaws.com", "eventName": name}
    return event(**(usual | {"requestParameters": request} | fields))


def privileged(clock: str, call: str, **fields: Any) -> dict[str, Any]:
    """A call of a session that AssumeRoot opened."""
    return root(clock, call, identity={"accessKeyId": "ASIA1", "sessionContext": {"assumedRoot": "true"}}, **fields)


def made_key(clock: str) -> dict[str, Any]:
    """Root makes an access key for itself at 198.51.100.7."""
    return root(clock, "iam:CreateAccessKey", responseElements={"accessKey": {"accessKeyId": "AKIANEW"}})


def with_key(clock: str, address: str, key: str = "AKIANEW") -> dict[str, Any]:
    """A call with root's key."""
    return root(clock, "sts:GetCallerIdentity", identity={"accessKeyId": key}, sourceIPAddress=address)


def issued(**fields: Any) -> dict[str, Any]:
    """Root issues a federated session."""
    return root(
        "01:00", "sts:GetFederationToken", responseElements={"credentials": {"accessKeyId": "ASIAFED"}}, **fields
    )


def opening(clock: str, member: str, **fields: Any) -> dict[str, Any]:
    """Somebody opens a root session in a member account."""
    return other(clock, "sts:AssumeRoot", {"targetPrincipal": member}, **fields)


def region(name: str, **fields: Any) -> dict[str, Any]:
    """Root starts an instance."""
    return root("02:00", "ec2:RunInstances", {"instanceType": "m7i.large"}, awsRegion=name, **fields)


def bucket(clock: str, call: str, name: str = "b", **request: Any) -> dict[str, Any]:
    """Root acts on a bucket."""
    return root(clock, f"s3:{call}", {"bucketName": name} | request)


def called(
    clock: str, address: str, begun: str, agent: str = "aws-cli/2.27.1 md/x", key: str = "ASIA1"
) -> dict[str, Any]:
    """A call in a session of root that began at a time."""
    context = {"attributes": {"creationDate": at(begun)}}
    return root(
        clock, "iam:ListUsers", identity={"accessKeyId": key, "sessionContext": context}, sourceIPAddress=address, userAgent=agent
    )  # fmt: skip


def regions(clock: str, *names: str, day: int = 5) -> list[dict[str, Any]]:
    """Somebody else's calls in some Regions, which show that their logs are there."""
    return [other(clock, "ec2:DescribeVpcs", day=day, awsRegion=name) for name in names]


SIGN_IN_REGIONS: Final = ("us-east-1", "us-east-2", "us-west-2")
WINDOWS: Final = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0"
NEWER: Final = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0"
LINUX: Final = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/138.0.0.0 Safari/537.36"
SERVER: Final = "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.750 Linux/5.10.223 OpenJDK]"
DENIED: Final = {"errorCode": "AccessDenied"}
FAILED: Final = {"outcome": "Failure"}
OFF: Final = {"VersioningConfiguration": {"Status": "Suspended"}}
LOCKED: Final = "arn:aws:kms:us-east-1:111122223333:key/k-1"
TRAIL: Final = other("00:01", "cloudtrail:CreateTrail", {"name": "t"}, responseElements={"kmsKeyId": LOCKED})
MX: Final = {"changeBatch": {"changes": [{"action": "UPSERT", "resourceRecordSet": {"type": "MX"}}]}}
TXT: Final = {"changeBatch": {"changes": [{"action": "UPSERT", "resourceRecordSet": {"type": "TXT"}}]}}

#: For each detection: records that are a finding, how many events it cites, and records that just are none.
CASES: Final[dict[str, tuple[list[dict[str, Any]], int, list[dict[str, Any]]]]] = {
    "recovery_then_sign_in": (
        [recovery("01:00"), sign_in("02:00")], 2,
        [recovery("01:00"), sign_in("02:01"), sign_in("00:59"), sign_in("01:10", **FAILED)]),
    "failed_sign_ins": (
        [sign_in(f"01:{minute:02}", **FAILED) for minute in range(0, 15, 3)], 5,
        [sign_in(f"01:{minute:02}", **FAILED) for minute in range(0, 20, 4)]),
    "failed_second_factors": (
        [sign_in(f"01:0{minute}", mfa="Yes", **FAILED) for minute in range(3)], 3,
        [sign_in("01:00", mfa="Yes", **FAILED), sign_in("01:01", mfa="Yes", **FAILED), sign_in("01:02", **FAILED)]),
    "failures_then_sign_in": (
        [*(sign_in(f"01:0{minute}", **FAILED) for minute in range(3)), sign_in("01:09")], 4,
        [sign_in("01:00", **FAILED), sign_in("01:01", **FAILED), sign_in("01:09"), sign_in("01:10", **FAILED),
         sign_in("01:08", **FAILED, sourceIPAddress="203.0.113.9")]),
    "guessed_from_elsewhere": (
        [*(sign_in(f"01:0{last}", **FAILED, sourceIPAddress=f"203.0.113.{last}") for last in range(5)), sign_in("01:09")],
        6,
        [sign_in("00:01"), *(sign_in(f"01:0{last}", **FAILED, sourceIPAddress=f"203.0.113.{last}") for last in range(5)),
         sign_in("01:09")]),
    "root_key_moved": (
        [made_key("01:00"), with_key("01:10", "203.0.113.9"), with_key("01:11", "203.0.113.9")], 2,
        [made_key("01:00"), with_key("01:10", "198.51.100.7"), with_key("01:10", "203.0.113.9", "AKIAOLD")]),
    "mfa_swap": (
        [root("01:00", "iam:DeactivateMFADevice", ROOT_MFA), root("01:05", "iam:EnableMFADevice", ROOT_MFA)], 2,
        [root("01:05", "iam:DeactivateMFADevice", ROOT_MFA), root("01:00", "iam:EnableMFADevice", ROOT_MFA),
         root("01:06", "iam:EnableMFADevice", {"userName": "sync"})]),
    "email_then_recovery": (
        [root("01:00", "signin:EmailUpdated", responseElements={"EmailUpdated": "Success"}), recovery("02:00", day=6)], 2,
        [root("01:00", "signin:EmailUpdated", responseElements={"EmailUpdated": "Failure"}), recovery("02:00", day=6)]),
    "contact_then_recovery": (
        [root("01:00", "account:PutContactInformation"), root("02:00", "iam:DeactivateMFADevice", ROOT_MFA)], 2,
        [root("03:00", "account:PutContactInformation"), root("02:00", "iam:DeactivateMFADevice", ROOT_MFA)]),
    "federated_session_used": (
        [issued(), root("01:10", "s3:ListBuckets", identity=FEDERATED),
         root("01:11", "s3:ListBuckets", identity=FEDERATED), root("01:12", "s3:ListBuckets", identity=FEDERATED)], 3,
        [issued(), root("01:10", "s3:ListBuckets", identity=FEDERATED | {"accessKeyId": "ASIAOTHER"})]),
    "root_of_many_members": (
        [opening("01:00", "1"), opening("02:00", "2"), opening("03:00", "3")], 3,
        [opening("01:00", "1"), opening("02:00", "2"), opening("03:00", "2"), opening("04:00", "3", **DENIED)]),
    "logging_cut_then_silence": (
        [root("01:00", "cloudtrail:StopLogging"), other("02:00", "ec2:X", recipientAccountId="999988887777")], 1,
        [root("01:00", "cloudtrail:StopLogging"), other("01:59", "ec2:X")]),
    "alarm_removed_first": (
        [other("01:00", "monitoring:DeleteAlarms"), sign_in("02:00")], 2,
        [other("03:00", "monitoring:DeleteAlarms"), other("01:00", "monitoring:DeleteAlarms", **DENIED), sign_in("02:00")]),
    "region_enabled_and_used": (
        [root("01:00", "account:EnableRegion", {"regionName": "af-south-1"}), region("af-south-1")], 2,
        [root("01:00", "account:EnableRegion", {"regionName": "af-south-1"}), region("eu-west-1")]),
    "unused_region_used": (
        [other("01:00", "ec2:DescribeVpcs"), region("eu-central-1")], 1,
        [other("01:00", "ec2:DescribeVpcs", awsRegion="eu-central-1"), region("eu-central-1")]),
    "guards_dropped": (
        [root("01:00", "organizations:LeaveOrganization"), root("00:30", "guardduty:DeleteDetector")], 2,
        [root("01:00", "organizations:LeaveOrganization"), root("02:00", "guardduty:DeleteDetector", day=6)]),
    "data_destruction": (
        [bucket("01:00", "PutBucketVersioning", **OFF), bucket("02:00", "PutBucketLifecycle")], 2,
        [bucket("01:00", "PutBucketVersioning", **OFF), bucket("02:00", "PutBucketLifecycle", "another")]),
    "trail_key_locked": (
        [TRAIL, root("01:00", "kms:DisableKey", {"keyId": "k-1"})], 1,
        [TRAIL, root("01:00", "kms:DisableKey", {"keyId": "k-2"})]),
    "mail_redirected_then_recovery": (
        [other("01:00", "route53:ChangeResourceRecordSets", MX), recovery("02:00")], 2,
        [other("01:00", "route53:ChangeResourceRecordSets", TXT), recovery("02:00")]),
    "beyond_task_policy": (
        [privileged("01:00", "iam:CreateUser")], 1, [privileged("01:00", "iam:DeleteLoginProfile")]),
    "back_door_user": (
        [root("01:00", "iam:CreateUser", {"userName": "u"}), root("01:01", "iam:CreateAccessKey", {"userName": "u"})], 2,
        [root("01:00", "iam:CreateUser", {"userName": "u"}), root("01:01", "iam:CreateAccessKey", {"userName": "v"})]),
    "root_key_new_network": (
        [with_key("01:00", "198.51.100.7"), with_key("02:00", "203.0.113.9"), with_key("02:01", "203.0.113.9")], 2,
        [with_key("01:00", "198.51.100.7"), with_key("02:00", "198.51.100.99"), with_key("02:01", "AWS Internal"),
         with_key("02:02", "10.0.0.7"), with_key("02:03", "203.0.113.9", "AKIAOTHER")]),
    "session_moved": (
        [sign_in("01:00"), called("01:05", "198.51.100.9", "01:00"), called("01:10", "203.0.113.5", "01:00"),
         called("01:11", "203.0.113.5", "01:00")], 2,
        [sign_in("01:00"), called("01:05", "198.51.100.200", "01:00"), called("01:06", "cloudtrail.amazonaws.com", "01:00"),
         called("01:07", "AWS Internal", "01:00"), called("01:08", "100.127.8.67", "01:00"),
         called("01:09", "203.0.113.5", "01:01", key="ASIA2")]),
    "session_agent_changed": (
        [sign_in("01:00", userAgent=WINDOWS), called("01:05", "198.51.100.7", "01:00", LINUX)], 2,
        [sign_in("01:00", userAgent=WINDOWS), called("01:05", "198.51.100.7", "01:00", NEWER),
         called("01:06", "198.51.100.7", "01:00", SERVER), called("01:07", "198.51.100.7", "01:00", "aws-cli/2.27.1")]),
    "sessions_at_once": (
        [called("01:05", "198.51.100.7", "01:00"), called("01:20", "198.51.100.7", "01:00"),
         called("01:20", "203.0.113.5", "01:01", key="ASIA2")], 2,
        [called("01:05", "198.51.100.7", "01:00"), called("01:20", "198.51.100.7", "01:00"),
         called("01:10", "198.51.100.77", "01:01", key="ASIA2"), called("01:21", "203.0.113.5", "01:02", key="ASIA3"),
         called("01:12", "AWS Internal", "01:03", key="ASIA4")]),
    "session_without_sign_in": (
        [*regions("00:00", *SIGN_IN_REGIONS), called("02:00", "198.51.100.7", "01:00"), *regions("03:00", *SIGN_IN_REGIONS)], 1,
        [*regions("00:00", *SIGN_IN_REGIONS), called("02:00", "198.51.100.7", "01:00"), *regions("03:00", *SIGN_IN_REGIONS),
         sign_in("00:59"), with_key("02:01", "198.51.100.7")]),
}  # fmt: skip


@pytest.fixture
def case_of(tmp_path: Path) -> Iterator[Callable[..., rf.Case]]:
    made: list[rf.Case] = []

    def make(records: list[dict[str, Any]]) -> rf.Case:
        folder = tmp_path / f"logs{len(made)}"
        write_log(folder, "log.json", records)
        case = rf.open_case(tmp_path / f"case{len(made)}.duckdb")
        case.load(folder)
        made.append(case)
        return case

    yield make
    for case in made:
        case.close()


def found(case: rf.Case, name: str, **settings: Any) -> list[dict[str, Any]]:
    """The findings of one detection."""
    rows = case.findings(name, severity="info", **settings).rows
    assert {row["finding"] for row in rows} <= {name}
    return rows


def as_service(record: dict[str, Any]) -> dict[str, Any]:
    """The same deed by an AWS service in root's name, or by somebody who is not root."""
    if record["userIdentity"]["type"] == "Root":
        noisy = record["userIdentity"] | {"invokedBy": SERVICE, "accessKeyId": ""}
        return record | {"userIdentity": noisy, "sourceIPAddress": SERVICE}
    return record | {"userIdentity": event()["userIdentity"]}


def test_every_detection_has_a_case_and_says_what_it_must() -> None:
    assert detections().keys() == CASES.keys()
    for one in detections().values():
        for text in (one.explanation, one.benign, one.misses):
            assert text.endswith("."), one.name
        assert {*one.attack} <= {*ATTACK["v18"], *ATTACK["new"]} - ATTACK["renamed"].keys(), one.name
        assert all(parameter.help for parameter in one.parameters), one.name


@pytest.mark.parametrize("name", CASES)
def test_a_hit_is_found_with_its_events_and_a_near_miss_is_not(name: str, case_of: Callable[..., rf.Case]) -> None:
    hit, count, miss = CASES[name]
    (row,) = found(case_of(hit), name)
    ids = {record["eventID"]: record["eventTime"] for record in hit}
    assert (row["deed"], row["severity"], row["event_count"]) == ("done", detections()[name].severity, count)
    assert len(row["eventIDs"]) == len({*row["eventIDs"]}) == len(row["places"]) == count
    assert {*row["eventIDs"]} <= ids.keys()
    times = [ids[one] for one in row["eventIDs"]]
    assert times == sorted(times)
    assert (f"{row['first_time']:%Y-%m-%dT%H:%M:%SZ}", f"{row['last_time']:%Y-%m-%dT%H:%M:%SZ}") == (
        times[0],
        times[-1],
    )
    assert found(case_of(miss), name) == []


@pytest.mark.parametrize("name", ["logging_cut_then_silence", "unused_region_used"])
@pytest.mark.parametrize("filters", [Filters(root_only=True), Filters(since=parse_time("2026-08-01"))])
def test_what_was_left_out_is_no_absence(name: str, filters: Filters, tmp_path: Path) -> None:
    write_log(tmp_path / "logs", "log.json", CASES[name][0])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs", filters=filters)
        assert found(case, name) == []


def test_each_cut_is_held_against_the_next_event_of_its_account(case_of: Callable[..., rf.Case]) -> None:
    cuts = [root(clock, "cloudtrail:StopLogging") for clock in ("01:00", "01:59", "03:00", "05:00")]
    case = case_of([*cuts, other("07:00", "ec2:X", recipientAccountId="999988887777")])
    # After the first comes the second within the hour; the last is the last of its account, but not of the case.
    assert [row["eventIDs"] for row in found(case, "logging_cut_then_silence")] == [
        [one["eventID"]] for one in cuts[1:]
    ]


@pytest.mark.parametrize("call", ["RunInstances", "RequestSpotInstances", "RequestSpotFleet", "CreateFleet"])
@pytest.mark.parametrize("name", ["region_enabled_and_used", "unused_region_used"])
def test_instances_are_started_one_by_one_and_as_fleets(name: str, call: str, case_of: Callable[..., rf.Case]) -> None:
    started = root("02:00", f"ec2:{call}", awsRegion="af-south-1")
    before = [other("01:00", "ec2:DescribeVpcs"), root("01:00", "account:EnableRegion", {"regionName": "af-south-1"})]
    (row,) = found(case_of([*before, started]), name)
    assert started["eventID"] in row["eventIDs"]


def test_a_region_that_was_switched_on_is_named_in_either_spelling(case_of: Callable[..., rf.Case]) -> None:
    case = case_of([root("01:00", "account:EnableRegion", {"RegionName": "af-south-1"}), region("af-south-1")])
    assert [row["event_count"] for row in found(case, "region_enabled_and_used")] == [2]


ALL_EVENTS: Final = {"readWriteType": "All", "includeManagementEvents": True}


@pytest.mark.parametrize(
    ("call", "request_", "cut"),
    [
        ("UpdateTrail", {"name": "t", "isMultiRegionTrail": False}, True),
        ("UpdateTrail", {"name": "t", "includeGlobalServiceEvents": False}, True),
        ("UpdateTrail", {"name": "t", "isMultiRegionTrail": True}, False),
        ("UpdateTrail", {"name": "t", "snsTopicName": "s"}, False),
        ("UpdateTrail", {"name": "t", "enableLogFileValidation": False}, False),  # events are recorded as before
        ("PutEventSelectors", {"trailName": "t", "eventSelectors": [ALL_EVENTS]}, False),
        ("PutEventSelectors", {"trailName": "t", "eventSelectors": [ALL_EVENTS | {"readWriteType": "WriteOnly"}]}, True),
        ("PutEventSelectors", {"trailName": "t", "eventSelectors": [ALL_EVENTS | {"includeManagementEvents": False}]}, True),
        ("UpdateEventDataStore", {"eventDataStore": "e", "multiRegionEnabled": False}, True),
        ("UpdateEventDataStore", {"eventDataStore": "e", "retentionPeriod": 7}, False),
    ],
)  # fmt: skip
def test_only_a_call_that_leaves_something_unrecorded_cuts(
    call: str, request_: dict[str, Any], cut: bool, case_of: Callable[..., rf.Case]
) -> None:
    done = root("01:00", f"cloudtrail:{call}", request_)
    case = case_of([done, other("03:00", "ec2:X", recipientAccountId="999988887777")])
    assert [row["eventIDs"] for row in found(case, "logging_cut_then_silence")] == ([[done["eventID"]]] if cut else [])


def test_failures_count_up_to_the_very_end_of_the_window(case_of: Callable[..., rf.Case]) -> None:
    clocks = ["00:30", "01:00", "01:00", "01:05", "01:15", "01:16", "01:45"]
    failures = [sign_in(clock, "Failure") for clock in clocks]
    (row,) = found(case_of(failures), "failed_sign_ins", failed_sign_ins__threshold=4)
    # 01:00 to 01:15 holds four, 01:05 to 01:20 three: 01:16 is in no window with enough.
    assert {*row["eventIDs"]} == {one["eventID"] for one in failures[1:5]}
    assert found(case_of(failures), "failed_sign_ins", failed_sign_ins__threshold=5) == []


@pytest.mark.parametrize("name", sorted(CASES.keys() - {"root_of_many_members"}))  # its caller is never root
def test_services_and_others_are_no_finding(name: str, case_of: Callable[..., rf.Case]) -> None:
    assert found(case_of([as_service(record) for record in CASES[name][0]]), name) == []


@pytest.mark.parametrize(
    "name",
    ["mfa_swap", "guards_dropped", "data_destruction", "back_door_user", "region_enabled_and_used", "unused_region_used",
     "trail_key_locked", "beyond_task_policy", "root_of_many_members"],
)  # fmt: skip
def test_a_step_that_failed_makes_it_an_attempt_of_lower_severity(name: str, case_of: Callable[..., rf.Case]) -> None:
    hit = CASES[name][0]
    failed = hit if name == "root_of_many_members" else hit[-1:]
    (row,) = found(case_of([record | DENIED if record in failed else record for record in hit]), name)
    assert (row["deed"], row["severity"]) == ("attempted", detections()[name].attempt_severity)
    assert row["explanation"].startswith("Tried")


def test_an_attempt_beside_a_deed_stays_apart(case_of: Callable[..., rf.Case]) -> None:
    denied = root("01:02", "iam:AttachUserPolicy", {"userName": "u"}, **DENIED)
    rows = found(case_of([*CASES["back_door_user"][0], denied]), "back_door_user")
    assert [(row["deed"], denied["eventID"] in row["eventIDs"]) for row in rows] == [
        ("done", False),
        ("attempted", True),
    ]


def test_thresholds_and_windows_can_be_set(case_of: Callable[..., rf.Case]) -> None:
    case = case_of(CASES["failed_sign_ins"][0])
    assert len(found(case, "failed_sign_ins", failed_sign_ins__threshold=6)) == 0
    assert len(found(case, "failed_sign_ins", failed_sign_ins__threshold="4", failed_sign_ins__window_minutes=9)) == 1
    with pytest.raises(rf.QueryError, match="no parameter"):
        case.findings(threshold=6)
    with pytest.raises(rf.QueryError, match="Did you mean mfa_swap"):
        case.findings("mfa-swp")


def test_the_sample_gives_the_findings_of_its_plan(sample_case: rf.Case, expected: dict[str, Any]) -> None:
    rows = sample_case.findings().rows
    told = {(row["finding"], row["deed"], row["account_id"]) for row in rows if ":" not in row["finding"]}
    thief, sandbox = "111122223333", "777788889999"
    assert told == {
        ("recovery_then_sign_in", "done", thief), ("failures_then_sign_in", "done", thief),
        ("root_key_moved", "done", thief), ("mfa_swap", "done", thief), ("back_door_user", "done", thief),
        ("federated_session_used", "done", thief), ("unused_region_used", "done", thief),
        ("unused_region_used", "attempted", thief), ("guards_dropped", "attempted", thief),
        ("beyond_task_policy", "attempted", sandbox), ("sessions_at_once", "done", thief),
    }  # fmt: skip
    steps = {step["note"]: step["event_id"] for step in expected["story"]}
    by_name = {row["finding"]: row["eventIDs"] for row in rows}
    assert by_name["mfa_swap"] == [
        steps["Owner's MFA device removed from root"],
        steps["Thief's MFA device bound to root"],
    ]
    assert by_name["root_key_moved"] == [
        steps["Root made a long-term access key for itself"], steps["Root's new key used from another address"],
    ]  # fmt: skip
    assert by_name["recovery_then_sign_in"][-1] == steps["Root sign-in without MFA from a new network"]
    assert sample_case.findings(account_id="444455556666", severity="critical").rows == []


def test_the_grave_actions_are_findings_too(sample_case: rf.Case, expected: dict[str, Any]) -> None:
    grave = [row for row in sample_case.query("root_actions").rows if row["severity"] in ("high", "critical")]
    rows = [row for row in sample_case.findings().rows if row["finding"].startswith("action:")]
    own = [row for row in rows if "descends from root" not in row["explanation"]]
    assert sum(row["event_count"] for row in own) == len(grave)
    assert {one for row in own for one in row["eventIDs"]} == {row["eventID"] for row in grave}
    (made,) = [row for row in rows if row not in own]
    steps = {step["note"]: step["event_id"] for step in expected["story"]}
    assert made["eventIDs"] == [steps["Role that trusts an account outside (no root event)"]]
    assert made["actors"] == ["arn:aws:iam::111122223333:user/support-sync"]


@pytest.mark.parametrize("filled", [True, False], ids=["sample", "empty"])
def test_the_columns_are_those_that_are_declared(filled: bool, sample_case: rf.Case, empty_case: rf.Case) -> None:
    query = findings_query()
    values = {parameter.name: parameter.default for parameter in query.parameters}
    case = sample_case if filled else empty_case
    described = case.sql(f"DESCRIBE {query.sql}", **values).rows
    assert [(row["column_name"], row["column_type"]) for row in described] == [
        (column.name, column.type) for column in query.columns
    ]
    assert bool(len(case.findings())) == filled


@pytest.mark.parametrize("dialect", [name for name in DIALECTS if name != "duckdb"])
def test_each_detection_is_carried_to_other_engines(dialect: str) -> None:
    for one in detections().values():
        sql = re.sub(r"\$(\w+)", "1", one.sql)
        carried = sqlglot.transpile(sql, read="duckdb", write=dialect, unsupported_level=sqlglot.ErrorLevel.RAISE)
        assert sqlglot.parse_one(carried[0], read=dialect) is not None


@pytest.mark.parametrize(
    ("text", "message"),
    [("SELECT 1", "header"), ("/*\ntitle = 1\n*/\nSELECT 1", "lacks severity"), ("/*\ntitle\n*/\nSELECT 1", "no TOML")],
)
def test_a_wrong_file_is_refused(text: str, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        parse_detection("bad", text)
