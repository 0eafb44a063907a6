"""The verdict on the command line: one for each account, as text and as JSON, with commands that stay words."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_commands import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.heavy
def test_each_account_is_told_the_most_severe_first(sample_path: Path) -> None:
    done = run("verdict", sample_path)
    assert done.returncode == 0
    accounts = [line for line in done.stdout.splitlines() if line.startswith("The root user of")]
    logs = {
        "111122223333": "eu-central-1, us-east-1, us-east-2, us-west-2",
        "444455556666": "us-east-1, us-east-2, us-west-2",
    }
    logs["777788889999"] = "us-east-1, us-west-2"
    begins = {"777788889999": "2026-08-03 02:00"}
    assert accounts == [
        f"The root user of account {one}, hours examined: {begins.get(one, '2026-08-03 00:00')} to 2026-08-08 00:00 UTC, {regions}"
        for one, regions in logs.items()
    ]
    assert "     aws iam update-access-key --access-key-id AKIA7P5O2MSTTEXAMPLE --status Inactive" in done.stdout


def test_json_holds_the_same(sample_path: Path) -> None:
    told = json.loads(run("verdict", sample_path, "--format", "json", "--account-id", "444455556666").stdout)
    (one,) = told["accounts"]
    assert one["account_id"] == "444455556666"
    assert {answer["name"]: answer["answer"] for answer in one["verdict"]}["used_without_mfa"] == "no"
    assert [step["account_id"] for step in one["containment"]] == ["444455556666"] * len(one["containment"])


def test_a_file_has_a_row_for_each_check(sample_path: Path, tmp_path: Path) -> None:
    asked = ("verdict", sample_path, "--account-id", "444455556666")
    assert run(*asked, "--format", "csv", "-o", tmp_path / "v.csv").returncode == 0
    rows = list(csv.DictReader(io.StringIO((tmp_path / "v.csv").read_text(encoding="utf-8"))))
    (one,) = json.loads(run(*asked, "--format", "json").stdout)["accounts"]
    assert [(row["name"], row["answer"]) for row in rows] == [(row["name"], row["answer"]) for row in one["verdict"]]
    assert run(*asked, "-o", tmp_path / "v.txt").returncode == 2


@pytest.mark.heavy
def test_an_empty_case_is_told_of_all_accounts(empty_path: Path) -> None:
    done = run("verdict", empty_path)
    assert done.stdout.startswith(
        "All accounts: no root activity in any, no logs in the case\n"
        "Use by people unknown, no check failed, 9 checks inconclusive.\nUNKNOWN    Was root used by a person?\n"
    )
    assert "gap 1: logs: the case has no events" in done.stdout
