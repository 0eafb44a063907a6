"""Findings: for each detection a hit, a near miss, and noise; what was tried is never told as done."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pytest
import sqlglot

import rootforensics as rf
from rootforensics.engines import duckdb as engine
from rootforensics.engines.dialects import DIALECTS
from rootforensics.errors import RuleError
from rootforensics.ingest.filters import Filters, parse_time
from rootforensics.rules.findings import detections, findings_query, parse_detection
from tests.analysis.approvals.uses import housed
from tests.builders import event, write_log
from tests.rules.finding_cases import (
    CASES,
    DENIED,
    FAILED,
    SERVICE,
    called,
    other,
    region,
    root,
    sign_in,
)
from tests.rules.test_actions import ATTACK
from tests.stories import part_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.stories import Part


def found(case: rf.Case | Part, name: str, **settings: Any) -> list[dict[str, Any]]:
    """The findings of one detection."""
    rows = case.findings(name, severity="info", **settings).rows
    assert {row["finding"] for row in rows} <= {name}
    return rows


def as_service(record: dict[str, Any]) -> dict[str, Any]:
    """The same action by an AWS service as root, or by somebody who is not root."""
    if record["userIdentity"]["type"] == "Root":
        noisy = record["userIdentity"] | {"invokedBy": SERVICE, "accessKeyId": ""}
        return record | {"userIdentity": noisy, "sourceIPAddress": SERVICE}
    return record | {"userIdentity": event()["userIdentity"]}


def test_every_detection_has_a_case_and_says_what_it_must() -> None:
    assert detections().keys() == CASES.keys()
    for detection in detections().values():
        for text in (detection.explanation, detection.benign, detection.misses):
            assert text.endswith("."), detection.name
        assert {*detection.attack} <= {*ATTACK["v18"], *ATTACK["new"]} - ATTACK["renamed"].keys(), detection.name
        assert all(parameter.help for parameter in detection.parameters), detection.name


@pytest.mark.parametrize("name", CASES)
async def test_a_hit_is_found_with_its_events(name: str) -> None:
    hit, count, _ = CASES[name]
    (row,) = found(await part_of(*hit), name)
    ids = {record["eventID"]: record["eventTime"] for record in hit}
    assert (row["result"], row["severity"], row["event_count"]) == ("succeeded", detections()[name].severity, count)
    assert len(row["eventIDs"]) == len({*row["eventIDs"]}) == len(row["citations"]) == count
    assert {*row["eventIDs"]} <= ids.keys()
    times = [ids[one] for one in row["eventIDs"]]
    assert times == sorted(times)
    assert (f"{row['first_time']:%Y-%m-%dT%H:%M:%SZ}", f"{row['last_time']:%Y-%m-%dT%H:%M:%SZ}") == (
        times[0],
        times[-1],
    )


@pytest.mark.parametrize("name", CASES)
async def test_a_near_miss_is_not_found(name: str) -> None:
    assert found(await part_of(*CASES[name][2]), name) == []


@pytest.mark.heavy
@pytest.mark.parametrize("filters", [Filters(root_related=True), Filters(since=parse_time("2026-08-01"))])
@pytest.mark.quick(1)
def test_what_was_left_out_is_no_absence(filters: Filters, tmp_path: Path) -> None:
    names = ("logging_stopped_then_gap", "unused_region_used")
    for number, name in enumerate(names):
        write_log(tmp_path / "logs", f"{name}.json", housed(CASES[name][0], number)[1])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs", filters=filters)
        assert [found(case, name) for name in names] == [[], []]
        case.load(tmp_path / "logs")
        assert [len(found(case, name)) for name in names] == [1, 1]  # all that was left out is there


async def test_each_cut_is_held_against_the_next_event_of_its_account() -> None:
    cuts = [root(clock, "cloudtrail:StopLogging") for clock in ("01:00", "01:59", "03:00", "05:00")]
    case = await part_of(*cuts, other("07:00", "ec2:X", recipientAccountId="999988887777"))
    # After the first comes the second within the hour; the last is the last of its account, but not of the case.
    assert [row["eventIDs"] for row in found(case, "logging_stopped_then_gap")] == [
        [cut["eventID"]] for cut in cuts[1:]
    ]


async def test_what_root_did_before_in_a_region_is_use_of_it_and_starts_in_an_empty_one_are_one_finding() -> None:
    """Root's preparations just before the first start do not make a Region a used one; root's use of it before does."""
    prepared = root("01:50", "ec2:CreateSecurityGroup", awsRegion="eu-west-3")
    starts = [
        region("eu-west-3") | {"eventTime": f"2026-08-0{day}T{clock}:00Z"}
        for day, clock in ((5, "02:00"), (5, "05:00"), (7, "02:00"))
    ]
    used = [root("01:00", "ec2:DescribeVpcs", awsRegion="sa-east-1"), region("sa-east-1")]
    case = await part_of(prepared, *starts, other("03:00", "ec2:DescribeVpcs", awsRegion="eu-west-3"), *used)
    (row,) = found(case, "unused_region_used")
    assert row["eventIDs"] == [start["eventID"] for start in starts]


@pytest.mark.parametrize("call", ["RunInstances", "RequestSpotInstances", "RequestSpotFleet", "CreateFleet"])
@pytest.mark.parametrize("name", ["region_enabled_and_used", "unused_region_used"])
async def test_instances_are_started_one_by_one_and_as_fleets(name: str, call: str) -> None:
    started = root("02:00", f"ec2:{call}", awsRegion="af-south-1")
    before = [other("01:00", "ec2:DescribeVpcs"), root("01:00", "account:EnableRegion", {"regionName": "af-south-1"})]
    (row,) = found(await part_of(*before, started), name)
    assert started["eventID"] in row["eventIDs"]


async def test_a_region_that_was_switched_on_is_named_in_either_spelling() -> None:
    case = await part_of(root("01:00", "account:EnableRegion", {"RegionName": "af-south-1"}), region("af-south-1"))
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
async def test_only_a_call_that_leaves_something_unrecorded_cuts(
    call: str, request_: dict[str, Any], cut: bool
) -> None:
    done = root("01:00", f"cloudtrail:{call}", request_)
    case = await part_of(done, other("03:00", "ec2:X", recipientAccountId="999988887777"))
    assert [row["eventIDs"] for row in found(case, "logging_stopped_then_gap")] == ([[done["eventID"]]] if cut else [])


async def test_sign_ins_that_the_same_failures_precede_are_one_finding_that_cites_each_event_once() -> None:
    """Otherwise each success would cite what all others cite: the square of what an attacker can send."""
    burst = [sign_in(f"01:{minute:02}", **(FAILED if minute % 2 else {})) for minute in range(20)]
    later = [*(sign_in(f"03:0{minute}", **FAILED) for minute in range(3)), sign_in("03:30")]
    there = {"sourceIPAddress": "203.0.113.9"}
    elsewhere = [*(sign_in(f"01:1{minute}", **FAILED, **there) for minute in range(3)), sign_in("01:50", **there)]
    # Three failures come before the success of 01:06; no success comes after the last failure.
    first = [one for minute, one in enumerate(burst[:-1]) if minute % 2 or minute >= 6]
    cited = [row["eventIDs"] for row in found(await part_of(*burst, *later, *elsewhere), "failures_then_sign_in")]
    assert cited == [[one["eventID"] for one in events] for events in (first, elsewhere, later)]


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["failures_then_sign_in", "sessions_at_once"])
@pytest.mark.quick(1)
def test_a_storm_of_sign_ins_fits_into_memory(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each session is one second; pairs of all would be tens of millions."""
    settings = [reader_setting.replace(engine.READER_MEMORY, "400MiB") for reader_setting in engine._READER_SETTINGS]
    monkeypatch.setattr(engine, "_READER_SETTINGS", settings)
    hours = [f"2026-08-05T{2 + second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}Z" for second in range(14_000)]
    storm = [
        sign_in("01:00", **(FAILED if place % 2 else {})) | {"eventTime": time} for place, time in enumerate(hours)
    ]
    beside = [called(clock, "192.0.2.9", "01:00", key="ASIA2") for clock in ("03:05", "03:06")]
    write_log(tmp_path, "storm.json", [*storm, *beside])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "storm.json")
        (row,) = found(case, name)
    # Three failures come before the fourth success; of sessions the first events are cited.
    burst, at_once = [storm[1], storm[3], *storm[5:-1]], [beside[0], *storm[3900:3961:2]]
    cited = burst if name == "failures_then_sign_in" else at_once
    assert sorted(row["eventIDs"]) == sorted(one["eventID"] for one in cited)


async def test_failures_count_up_to_the_very_end_of_the_window() -> None:
    clocks = ["00:30", "01:00", "01:00", "01:05", "01:15", "01:16", "01:45"]
    failures = [sign_in(clock, "Failure") for clock in clocks]
    case = await part_of(*failures)
    (row,) = found(case, "failed_sign_ins", failed_sign_ins__threshold=4)
    # 01:00 to 01:15 holds four, 01:05 to 01:20 three: 01:16 is in no window with enough.
    assert {*row["eventIDs"]} == {failure["eventID"] for failure in failures[1:5]}
    assert found(case, "failed_sign_ins", failed_sign_ins__threshold=5) == []


def _but_sign_ins(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the sign-in service records is a person's, whatever it calls its source."""
    return [record for record in records if record["eventSource"] != "signin.amazonaws.com"]


# Of one the caller is never root, and one is about what names a service.
@pytest.mark.parametrize(
    "name",
    sorted(
        {name for name, (hit, *_) in CASES.items() if _but_sign_ins(hit)}
        - {"root_of_many_members", "person_behind_service"}
    ),
)
async def test_services_and_others_are_no_finding(name: str) -> None:
    assert found(await part_of(*map(as_service, _but_sign_ins(CASES[name][0]))), name) == []


@pytest.mark.parametrize(
    "name",
    ["mfa_swap", "guards_dropped", "data_destruction", "back_door_user", "region_enabled_and_used", "unused_region_used",
     "trail_key_locked", "beyond_task_policy", "root_of_many_members"],
)  # fmt: skip
async def test_a_step_that_failed_makes_it_an_attempt_of_lower_severity(name: str) -> None:
    hit = CASES[name][0]
    failed = hit if name == "root_of_many_members" else hit[-1:]
    (row,) = found(await part_of(*[record | DENIED if record in failed else record for record in hit]), name)
    assert (row["result"], row["severity"]) == ("attempted", detections()[name].attempt_severity)
    assert row["explanation"].startswith("At least one of these calls was denied or failed.")


async def test_an_attempt_beside_an_action_stays_apart() -> None:
    denied = root("01:02", "iam:AttachUserPolicy", {"userName": "u"}, **DENIED)
    rows = found(await part_of(*CASES["back_door_user"][0], denied), "back_door_user")
    assert [(row["result"], denied["eventID"] in row["eventIDs"]) for row in rows] == [
        ("succeeded", False),
        ("attempted", True),
    ]


@pytest.mark.parametrize(
    ("service", "call", "called", "counts"),
    [
        ("ssm", "cloudtrail:StopLogging", True, True),
        ("ssm", "cloudtrail:StopLogging", False, True),
        ("backup", "cloudtrail:StopLogging", False, True),
        ("autoscaling", "ec2:TerminateInstances", False, False),
    ],
)
async def test_a_grave_action_of_a_service_is_a_finding_unless_the_service_acts_of_itself(
    service: str, call: str, called: bool, counts: bool
) -> None:
    by = {"identity": {"invokedBy": f"{service}.amazonaws.com"}, "sourceIPAddress": f"{service}.amazonaws.com"}
    action = root("01:01", call, {"name": "t"}, **by)
    before = [root("01:00", "ssm:StartAutomationExecution")] if called else []
    rows = [row for row in (await part_of(*before, action)).findings().rows if action["eventID"] in row["eventIDs"]]
    assert [row["eventIDs"] for row in rows] == ([[action["eventID"]]] if counts else [])
    assert all(row["explanation"].startswith("Made by an AWS service as root") for row in rows)


async def test_thresholds_and_windows_can_be_set() -> None:
    case = await part_of(*CASES["failed_sign_ins"][0])
    assert len(found(case, "failed_sign_ins", failed_sign_ins__threshold=6)) == 0
    assert len(found(case, "failed_sign_ins", failed_sign_ins__threshold="4", failed_sign_ins__window_minutes=9)) == 1
    with pytest.raises(rf.QueryError, match="no parameter"):
        case.findings(threshold=6)
    with pytest.raises(rf.QueryError, match="Did you mean mfa_swap"):
        case.findings("mfa-swp")


def test_the_sample_gives_the_findings_of_its_plan(sample_case: rf.Case, expected: dict[str, Any]) -> None:
    rows = sample_case.findings().rows
    told = {(row["finding"], row["result"], row["account_id"]) for row in rows if ":" not in row["finding"]}
    intruder, sandbox = "111122223333", "777788889999"
    assert told == {
        ("recovery_then_sign_in", "succeeded", intruder), ("failures_then_sign_in", "succeeded", intruder),
        ("root_key_moved", "succeeded", intruder), ("mfa_swap", "succeeded", intruder), ("back_door_user", "succeeded", intruder),
        ("federated_session_used", "succeeded", intruder), ("unused_region_used", "succeeded", intruder),
        ("unused_region_used", "attempted", intruder), ("guards_dropped", "attempted", intruder),
        ("beyond_task_policy", "attempted", sandbox), ("sessions_at_once", "succeeded", intruder),
        ("login_redeemed_elsewhere", "succeeded", intruder),
    }  # fmt: skip
    steps = {step["note"]: step["event_id"] for step in expected["story"]}
    by_name = {row["finding"]: row["eventIDs"] for row in rows}
    assert by_name["mfa_swap"] == [
        steps["Owner's MFA device removed from root"],
        steps["Unauthorized MFA device bound to root"],
    ]
    assert by_name["root_key_moved"] == [
        steps["Root made a long-term access key for itself"], steps["Root's new key used from another address"],
    ]  # fmt: skip
    assert by_name["recovery_then_sign_in"][-1] == steps["Root sign-in without MFA from a new network"]
    assert sample_case.findings(account_id="444455556666", severity="critical").rows == []


@pytest.mark.heavy
def test_the_grave_actions_are_findings_too(sample_case: rf.Case, expected: dict[str, Any]) -> None:
    severe = [row for row in sample_case.query("root_actions").rows if row["severity"] in ("high", "critical")]
    rows = [row for row in sample_case.findings().rows if row["finding"].startswith("action:")]
    own = [row for row in rows if "descends from root" not in row["explanation"]]
    assert sum(row["event_count"] for row in own) == len(severe)
    assert {one for row in own for one in row["eventIDs"]} == {row["eventID"] for row in severe}
    (made,) = [row for row in rows if row not in own]
    steps = {step["note"]: step["event_id"] for step in expected["story"]}
    assert made["eventIDs"] == [steps["Role that trusts an account outside (no root event)"]]
    assert made["actors"] == ["arn:aws:iam::111122223333:user/support-sync"]


@pytest.mark.quick(1)
@pytest.mark.parametrize("filled", [True, False], ids=["sample", "empty"])
def test_the_columns_are_those_that_are_declared(filled: bool, sample_case: rf.Case, empty_case: rf.Case) -> None:
    query = findings_query()
    values = {parameter.name: parameter.default for parameter in query.parameters}
    case = sample_case if filled else empty_case
    assert bool(len(case.findings())) == filled
    described = case._statement(f"DESCRIBE {query.sql}", **values).rows  # it reads the views that were worked out
    assert [(row["column_name"], row["column_type"]) for row in described] == [
        (column.name, column.type) for column in query.columns
    ]


@pytest.mark.parametrize("dialect", [name for name in DIALECTS if name != "duckdb"])
def test_each_detection_is_carried_to_other_engines(dialect: str) -> None:
    for detection in detections().values():
        sql = re.sub(r"\$(\w+)", "1", detection.sql)
        carried = sqlglot.transpile(sql, read="duckdb", write=dialect, unsupported_level=sqlglot.ErrorLevel.RAISE)
        assert sqlglot.parse_one(carried[0], read=dialect) is not None


@pytest.mark.parametrize(
    ("text", "message"),
    [("SELECT 1", "header"), ("/*\ntitle = 1\n*/\nSELECT 1", "lacks severity"), ("/*\ntitle\n*/\nSELECT 1", "no TOML")],
)
def test_a_wrong_file_is_refused(text: str, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        parse_detection("bad", text)
