"""What summary.json holds of the analysis: the planned counts, in bounded size."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.telling.summary import summarize
from rootforensics.telling.summary_lists import ENTRIES_LISTED, VALUES_LISTED
from tests.analysis.lineage.test_blast_radius import did
from tests.builders import write_log

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.analysis.analysis import Analysis

PARTS = ("sign_ins", "sessions", "findings", "blast_radius", "impairment", "identities", "verdict", "containment")


@pytest.fixture(scope="module")
def summary(sample_analysis: Analysis) -> dict[str, Any]:
    return summarize(sample_analysis)


@pytest.mark.heavy
def test_as_a_table_it_is_read_by_people(sample_case: rf.Case) -> None:
    rows = sample_case.summary().result().rows
    assert rows[0] == {"name": "root.total", "value": "321"}
    assert max(len(row["value"]) for row in rows) < 200


def test_sign_ins_and_sessions_are_those_of_the_plan(summary: dict[str, Any], expected: dict[str, Any]) -> None:
    assert summary["sign_ins"]["by_kind"]["sign_in"] == expected["root"]["console_sign_ins"]
    planned = {
        (account, name.split("/")[0], count)
        for account, sessions in expected["root"]["sessions"].items()
        for name, count in sessions.items()
    }
    told = {
        (row["account_id"], row["session_kind"], row["event_count"])
        for row in summary["sessions"]["listed"]
    }  # fmt: skip
    assert told == planned


def test_the_planned_actions_are_in_the_parts(summary: dict[str, Any]) -> None:
    findings = {row["finding"]: row for row in summary["findings"]["listed"]}
    assert findings["mfa_swap"]["eventIDs"][0] == "d1e2bca6-2c16-4f70-9ec7-ce12a9f16bcc"
    assert summary["blast_radius"]["by_kind"]["instance"] == {"removed": 20}
    assert summary["blast_radius"]["listed"][0]["entity_kind"] == "root password"
    (stopped,) = [row for row in summary["impairment"]["listed"] if row["entity"] == "prod-trail" and row["by_root"]]
    assert (stopped["from_time"], stopped["until_time"]) == ("2026-08-05T04:58:30Z", "2026-08-05T08:05:12Z")
    assert (stopped["part"], stopped["certainty"]) == ("recording", "certain")


def test_the_verdict_is_one_for_each_account(summary: dict[str, Any]) -> None:
    verdict = {one["account_id"]: one["answers"] for one in summary["verdict"]["listed"]}
    assert list(verdict) == ["111122223333", "444455556666", "777788889999"]
    (password,) = [one for one in verdict["111122223333"] if one["name"] == "password_changed"]
    assert (password["answer"], password["eventIDs"]) == ("yes", ["d15d2bf8-a5e7-4d39-b9fa-4984eb51a186"])
    assert password["first_time"] == "2026-08-05T01:19:47Z"
    (keys,) = [one for one in verdict["111122223333"] if one["name"] == "access_keys"]
    assert (keys["event_count"], len(keys["eventIDs"])) == (44, VALUES_LISTED)  # its making, and 43 uses
    steps = [row for row in summary["containment"]["listed"] if row["root_account"] == "111122223333"]
    assert [row["number"] for row in steps] == list(range(1, len(steps) + 1))
    first, block, delete, *_ = (row["command"] for row in steps if row["command"])
    assert "delete-bucket-lifecycle" in first  # the rules run at midnight
    assert "--target-id 111122223333" in block
    assert "AKIA7P5O2MSTTEXAMPLE" in delete


def test_counts_add_up_and_all_of_it_is_json(summary: dict[str, Any]) -> None:
    for name in PARTS:
        assert summary[name]["total"] == len(summary[name]["listed"])
    severities = summary["findings"]["by_severity"]
    assert sum(sum(actions.values()) for actions in severities.values()) == summary["findings"]["total"]
    assert sum(summary["blast_radius"]["by_state"].values()) == summary["blast_radius"]["total"]
    assert json.loads(json.dumps(summary)) == summary


def test_alike_findings_are_one_entry(summary: dict[str, Any]) -> None:
    listed = summary["findings"]["listed"]
    assert len(listed) == summary["findings"]["group_count"]
    assert sum(one["finding_count"] for one in listed) == summary["findings"]["total"]


@pytest.mark.heavy
def test_long_lists_are_cut_and_the_total_stays(tmp_path: Path) -> None:
    many = ENTRIES_LISTED + 50
    write_log(tmp_path / "logs", "a.json", [did("iam:CreateUser", n % 60, {"userName": f"u{n}"}) for n in range(many)])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        summary = summarize(case.analysis())
    # One more than the users: the key of root that made them.
    assert (summary["blast_radius"]["total"], len(summary["blast_radius"]["listed"])) == (many + 1, ENTRIES_LISTED)
    assert summary["containment"]["total"] > len(summary["containment"]["listed"]) == ENTRIES_LISTED
    assert summary["limits"] == {"entries": ENTRIES_LISTED, "values": VALUES_LISTED}
    for part in PARTS:
        for row in summary[part]["listed"]:
            assert all(len(value) <= VALUES_LISTED for value in row.values() if isinstance(value, list)), part


@pytest.mark.heavy
def test_an_empty_case_has_every_part(empty_case: rf.Case) -> None:
    summary = summarize(empty_case.analysis())
    assert {name: summary[name]["total"] for name in PARTS} == dict.fromkeys(PARTS, 0) | {"verdict": 1}
