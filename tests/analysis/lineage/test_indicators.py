"""Indicators: what was seen, and what was made and left open without being seen used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import stix2

import rootforensics as rf
from rootforensics.analysis.lineage.indicators import indicators
from rootforensics.reports.exports.stix import stix_bundle
from tests.analysis.lineage.test_blast_radius import at, did, made_key, user
from tests.builders import ACCOUNT, write_log

if TYPE_CHECKING:
    from pathlib import Path

ARN = f"arn:aws:iam::{ACCOUNT}"
UNUSED = "made, not seen used"


def made_user(name: str, minute: int, path: str = "/") -> dict[str, Any]:
    answer = {"user": {"userName": name, "arn": f"{ARN}:user{path}{name}", "path": path}}
    return did("iam:CreateUser", minute, {"userName": name}, answer)


RECORDS = (
    made_user("asleep", 0, "/ops/"),
    made_key("AKIAASLEEPASLEEP0001", 1, "asleep"),
    did("iam:CreateRole", 2, {"roleName": "Door"}, {"role": {"roleName": "Door", "arn": f"{ARN}:role/Door"}}),
    made_user("awake", 3),
    made_key("AKIAAWAKEAWAKE000001", 4, "awake"),
    did("s3:ListBuckets", 5, who=user("awake", "AKIAAWAKEAWAKE000001"), readOnly=True),
    made_user("gone", 6),
    did("iam:DeleteUser", 7, {"userName": "gone"}),
    made_user("old", 8),
    did("iam:UpdateUser", 9, {"userName": "old", "newUserName": "new"}),
    did("iam:CreateUser", 10, {"userName": "silent"}),
    did("iam:CreateUser", 11, {"userName": "refused"}, errorCode="AccessDenied"),
)


def case_of(tmp_path: Path) -> rf.Case:
    write_log(tmp_path / "logs", "a.json", list(RECORDS))
    case = rf.open_case(tmp_path / "case.duckdb")
    case.load(tmp_path / "logs")
    return case


@pytest.mark.heavy
def test_what_was_made_and_left_open_is_an_indicator(tmp_path: Path) -> None:
    with case_of(tmp_path) as case:
        rows = case.indicators().rows
        asked = case.query("indicators").rows
        elsewhere = case.indicators(account_id="999988887777").rows
        assert len(case.indicators(account_id=ACCOUNT).rows) == len(rows)
        assert indicators(case.analysis()).rows == rows
    made = {row["value"]: row for row in rows if row["used_by"] == UNUSED}
    assert list(made) == [
        "AKIAASLEEPASLEEP0001",
        f"{ARN}:user/ops/asleep",
        f"{ARN}:role/Door",
        f"{ARN}:user/new",
        f"{ARN}:user/silent",
    ]
    key = made["AKIAASLEEPASLEEP0001"]
    assert (key["kind"], key["event_count"], key["account_ids"]) == ("access_key", 0, [ACCOUNT])
    assert (key["first_eventID"], key["last_time"]) == (RECORDS[1]["eventID"], None)
    assert key["first_time"].strftime("%Y-%m-%dT%H:%M:%SZ") == at(1)
    used = {row["value"]: row["used_by"] for row in asked}
    assert (used["AKIAAWAKEAWAKE000001"], used[f"{ARN}:user/awake"]) == ("descendant", "descendant")
    assert [row for row in rows if row["used_by"] != UNUSED] == asked
    assert elsewhere == []


@pytest.mark.heavy
def test_the_bundle_says_what_was_not_seen_used(tmp_path: Path) -> None:
    with case_of(tmp_path) as case:
        bundle = stix2.parse(stix_bundle(case.indicators().rows, "case.duckdb", case.timeline().rows[0]["eventTime"]))
    (key,) = [one for one in bundle.objects if one.type == "indicator" and "AKIAASLEEP" in one.name]
    assert key.pattern == "[user-account:credential = 'AKIAASLEEPASLEEP0001']"
    assert key.description.startswith(
        f"Made by root, or by what it made, and not seen used in the case case.duckdb, account {ACCOUNT}; made "
        f"2026-08-05T10:01:00Z, eventID {RECORDS[1]['eventID']}."
    )
    assert key.valid_from.isoformat() == "2026-08-05T10:01:00+00:00"
