"""The incident timeline holds every step of the planned incident, in one order, each once."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.telling.statement import LINE_COLUMNS as COLUMNS
from rootforensics.telling.statement import LINE_TYPES
from rootforensics.telling.timeline import incident_timeline
from tests.analysis.lineage.test_blast_radius import at, did, made_key, user
from tests.analysis.test_accounts import OTHER, cut, of
from tests.builders import ABSENT, ACCOUNT, event, root_event, write_log
from tests.cli.test_commands import run
from tests.stories import Names, Story

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rootforensics.analysis.analysis import Analysis

    Rows = list[dict[str, Any]]

APPROVALS = "docs/examples/approvals.yaml"


@pytest.fixture(scope="module")
def sample(sample_approved: Analysis) -> Rows:
    """The sample's incident timeline, with approvals."""
    return incident_timeline(sample_approved).rows


@pytest.fixture
def rows_of(tmp_path: Path) -> Callable[..., Rows]:
    def make(*records: dict[str, Any], note: tuple[str, str] | None = None, **asked: Any) -> Rows:
        write_log(tmp_path / "logs", "log.json", list(records))
        with rf.open_case(tmp_path / "case.duckdb") as case:
            case.load(tmp_path / "logs")
            if note:
                case.note(*note, tag="suspicious", author="maria")
            return case.incident_timeline(**asked).rows

    return make


def lines_of(*records: dict[str, Any]) -> Story:
    """The lines of the accounts of these records, beside others."""

    def ask(analysis: Any, names: Names) -> Any:
        return [row for row in incident_timeline(analysis).rows if row["account_id"] in names.accounts]

    return Story(list(records), ask)


def line_type(rows: Rows, name: str) -> Rows:
    return [row for row in rows if row["line_type"] == name]


def when(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def test_every_step_of_the_planned_incident_stands_at_its_time(sample: Rows, expected: dict[str, Any]) -> None:
    assert len(expected["story"]) > 40
    for step in expected["story"]:
        moment = when(step["time"])
        cited = [row for row in sample if step["event_id"] in row["eventIDs"]]
        assert cited, step
        assert any(row["from_time"] <= moment <= (row["until_time"] or row["from_time"]) for row in cited), step


def test_each_event_of_root_stands_on_one_line_of_its_kind(sample: Rows, expected: dict[str, Any]) -> None:
    places = [place for row in line_type(sample, "root") for place in row["citations"]]
    assert len(places) == len(set(places)) == expected["root"]["activity"] + 1  # and the AssumeRoot call
    assert all(row["severity"] and row["account_id"] for row in line_type(sample, "root"))


def test_lines_are_in_order_and_cite_what_is_there(sample: Rows, sample_case: rf.Case) -> None:
    times = [row["from_time"] for row in sample]
    assert times == sorted(times)
    known = {row["eventID"] for row in sample_case.sql("SELECT eventID FROM events").rows}
    assert all(set(row["eventIDs"]) <= known for row in sample)
    assert {row["line_type"] for row in sample} == set(LINE_TYPES) - {"note"}
    assert list(sample[0]) == list(COLUMNS)


def test_the_window_without_the_main_trail_is_told_with_its_end(sample: Rows) -> None:
    (window,) = [row for row in sample if row["kind"] == "window" and "prod-trail" in row["text"]]
    assert (window["from_time"], window["until_time"]) == (when("2026-08-05T04:58:30Z"), when("2026-08-05T08:05:12Z"))
    (gap,) = [row for row in sample if row["kind"] == "gap"]
    assert (gap["account_id"], gap["from_time"]) == ("777788889999", when("2026-08-06T07:47:00Z"))


def test_what_root_made_is_followed_and_who_ended_it(sample: Rows) -> None:
    told = [row["text"] for row in line_type(sample, "follow-on")]
    assert any("created role OrgAuditAccess" in text for text in told)
    assert any(text.startswith("User support-sync made 9 calls") for text in told)
    (ended,) = [text for text in told if "20 instances" in text]
    assert "farid.haddad@example.com terminated" in ended


def test_a_secret_among_page_views_is_not_hidden(sample: Rows) -> None:
    (line,) = [row for row in sample if row["kind"] == "reads" and row["from_time"] == when("2026-08-05T01:36:02Z")]
    assert (line["severity"], "1 of these calls read secret prod/checkout/db" in line["text"]) == ("high", True)


@pytest.mark.heavy
def test_approvals_stand_beside_the_sessions(sample: Rows, sample_analysis: Analysis) -> None:
    told = {(row["kind"], row["account_id"]) for row in line_type(sample, "approval")}
    assert {("used", "444455556666"), ("approved", "444455556666"), ("unapproved", ACCOUNT)} <= told
    assert not line_type(incident_timeline(sample_analysis).rows, "approval")


@pytest.mark.heavy
def test_a_note_is_a_line(rows_of: Callable[..., Rows]) -> None:
    record = root_event(eventTime=at(5))
    (line,) = line_type(rows_of(record, note=(record["eventID"], "not ours")), "note")
    assert (line["text"], line["kind"], line["severity"]) == ("maria: not ours", "suspicious", None)
    assert (line["from_time"], line["eventIDs"], line["account_id"]) == (when(at(5)), [record["eventID"]], ACCOUNT)


@pytest.mark.heavy
def test_one_account_alone(rows_of: Callable[..., Rows]) -> None:
    far = of(OTHER, did("iam:CreateUser", 5, {"userName": "far"}, who=user("bob", account=OTHER)))
    records = [made_key("AKIAUSER", 1, "bob"), far, of(OTHER, root_event(eventTime=at(9), eventName="GetUser"))]
    own = rows_of(*records, note=("2026-08-05T10:00:00Z", "paged"), account_id=ACCOUNT)
    assert not [row for row in line_type(own, "root") if row["account_id"] != ACCOUNT]
    assert [row["text"] for row in line_type(own, "note")] == ["maria: paged"]
    assert any("created IAM user far" in row["text"] for row in line_type(own, "follow-on"))
    assert {row["account_id"] for row in own if row["kind"] == "cover"} == {ACCOUNT}


async def test_failed_and_done_are_told_apart() -> None:
    rows = await lines_of(
        did("iam:CreateUser", 1, {"userName": "x"}, errorCode="AccessDenied"),
        did("iam:CreateUser", 2, {"userName": "x"}),
        did("odd:Something", 3, errorCode="Odd"),
    )
    assert [row["text"] for row in line_type(rows, "root")] == [
        "Root tried to create IAM user x; denied (AccessDenied)",
        "Root created IAM user x",
        "Root tried to call Something (odd); failed (Odd)",
    ]


@pytest.mark.heavy
def test_events_without_time_id_or_name_are_not_lost(rows_of: Callable[..., Rows]) -> None:
    rows = rows_of(root_event(eventTime=ABSENT, eventID=ABSENT, eventName=ABSENT, eventSource=ABSENT), root_event())
    told = line_type(rows, "root")
    assert [row["from_time"] for row in told][-1] is None
    assert told[-1]["citations"] == ["1:0"]
    assert rows[-1] == told[-1]


def test_many_broken_logs_of_a_day_are_one_line(tmp_path: Path, rows_of: Callable[..., Rows]) -> None:
    for day in ("20260804", "20260805"):
        cut(tmp_path / "logs", ACCOUNT, "us-east-1", day)
    cut(tmp_path / "logs", OTHER, "us-east-1")
    gaps = [row for row in rows_of(root_event()) if row["kind"] == "gap"]
    assert [(row["account_id"], row["from_time"].day) for row in gaps] == [(ACCOUNT, 4), (ACCOUNT, 5), (OTHER, 5)]


async def test_a_guard_that_others_touched_is_told_too() -> None:
    rows = await lines_of(
        did("cloudtrail:UpdateTrail", 1, {"name": "main"}, who=user("admin")),
        did("cloudtrail:StopLogging", 2, {"name": "main"}, who=user("admin"), errorCode="AccessDenied"),
        did("cloudtrail:StopLogging", 3, {"name": "main"}),
        event(),
    )
    told = [(row["kind"], row["text"]) for row in line_type(rows, "coverage") if row["kind"] != "cover"]
    assert told == [
        ("changed", "user/admin changed the settings of trail main"),
        ("stopped", "user/admin tried to stop trail main; denied (AccessDenied)"),
        (
            "window",
            "Root stopped trail main, from 198.51.100.7; not restored in these logs",
        ),
    ]


@pytest.mark.heavy
def test_the_command_writes_every_format(sample_path: Path, tmp_path: Path) -> None:
    done = run("incident", sample_path, "--account-id", ACCOUNT, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert list(rows[0]) == list(COLUMNS)
    assert rows[0]["from_time"] == "2026-08-03T00:00:06Z"
    target = tmp_path / "incident.jsonl"
    done = run("incident", sample_path, "--approvals", APPROVALS, "--format", "jsonl", "-o", target)
    assert (done.returncode, done.stdout) == (0, "")
    assert "Not seen: Events that are in no log of the case" in done.stderr
    lines = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert {line["line_type"] for line in lines} == set(LINE_TYPES) - {"note"}
    assert run("incident", sample_path, "--format", "parquet", "-o", tmp_path / "i.parquet").returncode == 0


@pytest.mark.parametrize(
    ("stopped", "started", "said"),
    [
        ("2026-08-05T10:03:00Z", "2026-08-05T11:03:00Z", "; restored at 11:03:00"),
        ("2026-08-05T10:03:00Z", None, "; restored by a call without a time"),
        (None, "2026-08-05T11:03:00Z", "; the event has no time, so whether it was restored is unknown"),
        (None, None, "; the event has no time, so whether it was restored is unknown"),
    ],
)
async def test_what_nobody_can_put_in_order_is_not_told_as_never_mended(
    stopped: str | None, started: str | None, said: str
) -> None:
    rows = await lines_of(
        did("cloudtrail:StopLogging", 3, {"name": "main"}, eventTime=stopped or "garbage"),
        did("cloudtrail:StartLogging", 4, {"name": "main"}, who=user("admin"), eventTime=started or "garbage"),
    )
    told = [row["text"] for row in line_type(rows, "coverage") if row["kind"] == "window"]
    assert told == [f"Root stopped trail main, from 198.51.100.7{said}"]


ADMIN = user("admin", "AKIAADMIN")
MEMBER, STRANGER = "444455556666", "999988887777"
DENY_ALL = {"Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}
TRUST = {"Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": STRANGER}}}


@pytest.mark.parametrize(
    ("made", "ended", "sentence"),
    [
        (
            [did("kms:ScheduleKeyDeletion", 1, {"keyId": "k-1"})],
            did("kms:CancelKeyDeletion", 2, {"keyId": "k-1"}, who=ADMIN),
            "user/admin canceled the deletion of KMS key k-1",
        ),
        (
            [made_key("AKIABOB", 1, "bob")],
            did(
                "iam:UpdateAccessKey", 2, {"userName": "bob", "accessKeyId": "AKIABOB", "status": "Inactive"}, who=ADMIN
            ),
            "user/admin deactivated access key AKIABOB",
        ),
        (
            [made_key("AKIABOB", 1, "bob")],
            did("iam:DeleteUser", 2, {"userName": "bob"}, who=ADMIN),
            "user/admin deleted IAM user bob, and with it access key AKIABOB",
        ),
        (
            [did("iam:CreateUser", 1, {"userName": "eve"})],
            did("iam:PutUserPolicy", 2, {"userName": "eve", "policyDocument": json.dumps(DENY_ALL)}, who=ADMIN),
            "user/admin put an inline policy on IAM user eve, which denies everything",
        ),
        (
            [did("iam:UploadSSHPublicKey", 1, {"userName": "eve"}, {"sSHPublicKey": {"sSHPublicKeyId": "APKA1"}})],
            did("iam:DeleteSSHPublicKey", 2, {"userName": "eve", "sSHPublicKeyId": "APKA1"}, who=ADMIN),
            "user/admin removed SSH key APKA1 (DeleteSSHPublicKey)",
        ),
    ],
)
async def test_who_ended_something_is_told_by_the_call(
    made: list[dict[str, Any]], ended: dict[str, Any], sentence: str
) -> None:
    rows = await lines_of(*made, ended)
    assert [row["text"] for row in rows if row["kind"] == "ended"] == [sentence]


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            did("rds:ModifyDBSnapshotAttribute", 1, {"dBSnapshotIdentifier": "db", "valuesToAdd": [STRANGER]}),
            f"changed the sharing of database snapshot db to include account {STRANGER}",
        ),
        (
            did(
                "ec2:ModifyImageAttribute",
                1,
                {"imageId": "ami-1", "launchPermission": {"add": {"items": [{"userId": STRANGER}]}}},
            ),
            f"changed the sharing of machine image ami-1 to include account {STRANGER}",
        ),
        (
            did("s3:PutBucketAcl", 1, {"bucketName": "b", "x-amz-acl": ["public-read"]}),
            "put an ACL on bucket b that gives everyone access",
        ),
        (
            did("ec2:AuthorizeSecurityGroupIngress", 1, {"groupId": "sg-1", "cidrIp": "198.51.100.0/24"}),
            "added an inbound rule to security group sg-1 for 198.51.100.0/24",
        ),
        (
            did("iam:UpdateAssumeRolePolicy", 1, {"roleName": "r", "policyDocument": json.dumps(TRUST)}),
            f"changed the trust policy of role r to trust account {STRANGER}",
        ),
        (
            did("account:StartPrimaryEmailUpdate", 1, {"accountId": MEMBER}),
            f"started a change of root's e-mail address of account {MEMBER}",
        ),
        (
            did("organizations:InviteAccountToOrganization", 1, {"target": {"type": "ACCOUNT", "id": MEMBER}}),
            f"invited account {MEMBER} into the organization",
        ),
        (
            did("organizations:RemoveAccountFromOrganization", 1, {"accountId": MEMBER}),
            f"removed account {MEMBER} from the organization",
        ),
        (
            did("s3:GetObject", 1, {"bucketName": "b", "key": "data.csv"}, readOnly=True),
            "read S3 object b/data.csv",
        ),
        (
            did("ec2:RunInstances", 1, {"instanceType": "t3.micro"}, errorCode="Client.DryRunOperation"),
            "tested the permission to launch instances; dry run, nothing changed (Client.DryRunOperation)",
        ),
    ],
)
async def test_an_act_names_its_object_and_who_gains(call: dict[str, Any], sentence: str) -> None:
    assert [row["text"] for row in line_type(await lines_of(call), "root")] == [f"Root {sentence}"]


async def test_whoever_opens_a_session_in_a_member_is_told_with_the_member() -> None:
    rows = await lines_of(did("sts:AssumeRoot", 1, {"targetPrincipal": MEMBER}, who=ADMIN), root_event())
    (opening,) = [row for row in rows if row["kind"] == "opening"]
    assert opening["text"] == f"user/admin opened a privileged root session in member account {MEMBER}"


async def test_the_calls_of_a_user_who_was_renamed_are_told_once() -> None:
    rows = await lines_of(
        did("iam:CreateUser", 1, {"userName": "eve"}),
        made_key("AKIAEVE", 2, "eve"),
        did("iam:UpdateUser", 3, {"userName": "eve", "newUserName": "eva"}),
        event(identity=user("eva", "AKIAEVE"), eventTime=at(4)),
    )
    assert [row["text"] for row in rows if row["kind"] == "used"] == ["User eve made 1 call"]


async def test_a_finding_of_failed_steps_says_that_they_were_tried() -> None:
    rows = await lines_of(
        did("guardduty:DeleteDetector", 1, {"detectorId": "d-1"}, errorCode="AccessDenied"),
        did("organizations:LeaveOrganization", 2, errorCode="AccessDenied"),
    )
    assert [row["text"] for row in line_type(rows, "finding")] == [
        "Tried to leave the organization and disable detection"
    ]
    assert "Root tried to delete GuardDuty detector d-1; denied (AccessDenied)" in [row["text"] for row in rows]
