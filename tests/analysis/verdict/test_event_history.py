"""The console's event history names resources, and has neither requests nor answers."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEADER = (
    "Event ID", "Event time", "User name", "Event name", "Event source", "AWS access key", "AWS region", "Error code",
    "Source IP address", "Read-only", "Resources",
)  # fmt: skip
KEY, ROOTS, NOBODYS = "AKIAHELPER0000000001", "AKIAROOTSOWN00000001", "AKIANOBODYS000000001"
ARN = "arn:aws:iam::111122223333:user/helper"


def line(
    minute: int, who: str, name: str, source: str, *entities: tuple[str, str], key: str = "ASIAROOT", error: str = ""
) -> list[str]:
    named = [{"resourceType": f"AWS::{kind}", "resourceName": entity} for kind, entity in entities]
    when = f"2026-08-05T10:{minute:02}:00Z"
    told = [f"id-{minute:02}", when, who, name, f"{source}.amazonaws.com", key, "us-east-1", error, "203.0.113.9"]
    return [*told, "false", json.dumps(named) if named else ""]


HELPER = (("IAM::User", "helper"), ("IAM::User", "AIDAHELPER0000000001"), ("IAM::User", ARN))
LINES = [
    line(1, "root", "CreateUser", "iam", *HELPER),
    line(2, "root", "CreateAccessKey", "iam", ("IAM::AccessKey", KEY), ("IAM::User", "helper")),
    line(3, "root", "CreateLoginProfile", "iam", ("IAM::User", "helper")),
    line(4, "root", "CreateAccessKey", "iam", ("IAM::AccessKey", NOBODYS)),
    line(5, "root", "StopLogging", "cloudtrail", ("CloudTrail::Trail", "arn:aws:cloudtrail:us-east-1:111122223333:trail/audit")),
    line(6, "root", "RunInstances", "ec2", ("EC2::Instance", "i-0aaaaaaaaaaaaaaa1"), ("EC2::Instance", "i-0aaaaaaaaaaaaaaa2")),
    line(7, "root", "DeleteTrail", "cloudtrail", ("CloudTrail::Trail", "refused"), error="AccessDenied"),
    line(8, "root", "AttachUserPolicy", "iam", ("IAM::User", "old"), ("IAM::User", "new")),
    line(9, "helper", "DeleteTrail", "cloudtrail", ("CloudTrail::Trail", "audit"), key=KEY),
    line(10, "root", "DeactivateMFADevice", "iam", ("IAM::MfaDevice", "arn:aws:iam::111122223333:mfa/phone")),
    line(11, "root", "DeleteLoginProfile", "iam"),
    line(12, "root", "ListUsers", "iam", key=ROOTS),
    line(13, "root", "UpdateAccessKey", "iam", ("IAM::AccessKey", ROOTS)),
]  # fmt: skip


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[rf.Case]:
    folder: Path = tmp_path_factory.mktemp("history")
    with (folder / "event_history.csv").open("w", newline="") as file:
        csv.writer(file).writerows([HEADER, *LINES])
    with rf.open_case(folder / "case.duckdb") as opened:
        opened.load(folder / "event_history.csv")
        yield opened


def entities(case: rf.Case) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for row in case.blast_radius().rows:
        found.setdefault(f"{row['entity_kind']} {row['entity_name']}", []).append(row)
    return found


@pytest.mark.heavy
def test_what_root_reached_is_named_by_the_resources(case: rf.Case) -> None:
    found = entities(case)
    assert {"user helper", f"access key {KEY}", "console password helper"} <= found.keys()
    assert sum("audit" in name for name in found) == 1, found.keys()
    assert {"instance i-0aaaaaaaaaaaaaaa1", "instance i-0aaaaaaaaaaaaaaa2"} <= found.keys()
    assert {"user old", "user new"} <= found.keys(), "all of several are named"
    assert not any("refused" in name for name in found), "a call that failed made nothing"
    assert found[f"access key {KEY}"][0]["detail"] == "helper"


def test_what_the_key_did_is_in_the_blast_radius(case: rf.Case) -> None:
    (key,) = entities(case)[f"access key {KEY}"]
    assert (key["use_count"], key["use_write_count"]) == (1, 1)
    (row,) = case.query("descendant_actions").rows
    assert (row["eventName"], row["identity_name"]) == ("DeleteTrail", KEY)


def test_whose_a_credential_is_comes_from_the_resources_or_is_unknown(case: rf.Case) -> None:
    rows = case.query("root_credential_changes").rows
    told = {row["eventID"]: (row["credential_kind"], row["change"], row["credential"]) for row in rows}
    assert told == {
        "id-04": ("access_key", "perhaps_added", NOBODYS),
        "id-10": ("mfa_device", "perhaps_removed", "arn:aws:iam::111122223333:mfa/phone"),
        "id-11": ("password", "perhaps_removed", None),
        "id-13": ("access_key", "perhaps_changed", ROOTS),
    }


def test_the_answers_call_no_users_credential_roots_own(case: rf.Case) -> None:
    (told,) = case.verdict()
    answers = {answer.name: answer for answer in told.answers}
    assert "id-02" not in answers["access_keys"].event_ids
    assert KEY not in answers["access_keys"].because
    for name, cited in (("password_changed", "id-11"), ("mfa_removed", "id-10")):
        assert answers[name].answer == "unknown", name
        assert cited in answers[name].event_ids, name
    assert answers["persistence"].answer == "yes"
    assert NOBODYS in answers["persistence"].because


def test_the_steps_are_about_the_user(case: rf.Case) -> None:
    (told,) = case.verdict()
    steps = {step.event_id: step for step in told.steps if step.event_id in ("id-02", "id-03", "id-04")}
    assert steps["id-02"].command == (
        f"aws iam update-access-key --user-name helper --access-key-id {KEY} --status Inactive"
    )
    assert steps["id-03"].command == "aws iam delete-login-profile --user-name helper"
    assert "assume-root" not in "".join(step.command for step in told.steps)
    assert steps["id-04"].command == f"aws iam get-access-key-last-used --access-key-id {NOBODYS}"
    assert "as root" not in steps["id-04"].what


def test_the_trail_that_was_stopped_is_named(case: rf.Case) -> None:
    rows = case.query("logging_impairment").rows
    assert {(row["eventID"], row["entity"], row["result"]) for row in rows if row["control"] == "trail"} == {
        ("id-05", "audit", "succeeded"),
        ("id-07", "refused", "attempted"),
        ("id-09", "audit", "succeeded"),
    }


def test_where_the_names_come_from_is_said(case: rf.Case) -> None:
    (row,) = case.sql(
        "SELECT requestParameters AS asked, otherFields->>'$.namedByResources' AS places FROM events"
        " WHERE eventID = 'id-03'"
    ).rows
    assert json.loads(row["asked"]) == {"userName": "helper"}
    assert json.loads(row["places"]) == ["requestParameters.userName"]


@pytest.mark.heavy
def test_setting_up_a_trail_in_the_console_impairs_no_record(tmp_path: Path) -> None:
    """The history has no requests and of root no ARN: that the same one made the bucket, names and keys tell."""
    bucket = ("S3::Bucket", "aws-cloudtrail-logs-111122223333-abcd")
    arn = "arn:aws:cloudtrail:us-east-1:111122223333:trail/new"
    made = [line(1, who, "CreateBucket", "s3", bucket) for who in ("root", "helper")]
    set_up = [
        line(2, "root", "PutBucketEncryption", "s3", bucket),
        line(3, "root", "PutBucketPolicy", "s3", bucket),
        line(4, "root", "CreateTrail", "cloudtrail", ("CloudTrail::Trail", arn)),
        line(5, "root", "StartLogging", "cloudtrail", ("CloudTrail::Trail", arn)),
    ]
    told = {}
    for name, first in zip(("root's own", "another's"), made, strict=True):
        path = tmp_path / f"{name}.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([HEADER, first, *set_up])
        with rf.open_case(tmp_path / f"{name}.duckdb") as opened:
            opened.load(path)
            told[name] = {row["eventName"] for row in opened.query("logging_impairment", unknown=1).rows}
    assert told == {"root's own": set(), "another's": {"PutBucketEncryption", "PutBucketPolicy"}}
