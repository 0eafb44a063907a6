"""The command ``alarm``: replays and writes, and refuses what would have no effect."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path

import pytest

from tests.builders import event, root_event, write_log
from tests.cli.test_commands import run


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two acts of root's, one of which the filter does not match, and a name that a terminal would obey."""
    folder = tmp_path_factory.mktemp("alarm")
    records = [
        root_event(eventTime="2026-08-05T01:00:00Z", eventID="first", eventName="List\x1b[31mUsers"),
        root_event(eventTime="2026-08-05T01:10:00Z", eventID="second", identity={"invokedBy": "signin.amazonaws.com"}),
        event(eventTime="2026-08-05T01:20:00Z", eventID="third", eventName="StopLogging"),
    ]
    write_log(folder, "logs/a.json.gz", records)
    assert run("load", folder / "case.duckdb", folder / "logs").returncode == 0
    return folder / "case.duckdb"


def _refused(*arguments: object) -> str:
    done = run("alarm", *arguments)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    return " ".join(done.stderr.split())


def test_the_summary_is_told_without_control_characters(case: Path) -> None:
    done = run("alarm", case)
    assert done.returncode == 0
    assert (
        "root activity began with List\\x1b[31mUsers at 2026-08-05 01:00:00 [first]. The alarm fired at 2026-08-05 01:06:00"
        in done.stdout
    )
    assert "The alarm never shows 1 of 2 events" in done.stdout
    assert "\x1b" not in done.stdout
    assert done.stderr == ""


def test_delay_and_period_take_units(case: Path) -> None:
    done = run("alarm", case, "--delay", "15m", "--period", "5m", "--rows", "alarms", "--format", "json")
    (row,) = json.loads(done.stdout)
    assert row["alarm_time"] == "2026-08-05T01:20:00Z"
    assert (
        run("alarm", case, "--delay", "900", "--period", "300s", "--rows", "alarms", "--format", "json").stdout
        == done.stdout
    )


def test_rows_come_in_the_usual_formats(case: Path, tmp_path: Path) -> None:
    done = run("alarm", case, "--rows", "acts", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [(row["eventID"], row["fate"]) for row in rows] == [("first", "shown"), ("second", "not matched")]
    assert run("alarm", case, "--rows", "delays", "--format", "parquet", "-o", tmp_path / "x.parquet").returncode == 0
    assert (tmp_path / "x.parquet").read_bytes()[:4] == b"PAR1"
    assert "minutes_to_alarm" in run("alarm", case, "--rows", "delays").stdout


def test_a_pattern_comes_from_the_line_or_from_a_file(case: Path, tmp_path: Path) -> None:
    pattern = '{ $.eventName = "StopLogging" }'
    (tmp_path / "pattern.txt").write_text(f"{pattern}\n", encoding="utf-8")
    for given in (pattern, f"@{tmp_path / 'pattern.txt'}"):
        done = run("alarm", case, "--pattern", given, "--rows", "alarms", "--format", "json")
        assert [row["first_eventID"] for row in json.loads(done.stdout)] == ["third"]


def test_what_cannot_be_is_refused_in_words(case: Path, tmp_path: Path) -> None:
    assert "column 7: EXISTS is not supported" in _refused(case, "--pattern", "{ $.a EXISTS }")
    assert "cannot be read" in _refused(case, "--pattern", f"@{tmp_path / 'none'}")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe{")
    assert "cannot be read" in _refused(case, "--pattern", f"@{tmp_path / 'bytes'}")
    assert "a multiple of 60" in _refused(case, "--period", "90")
    assert "is not a time" in _refused(case, "--delay", "soon")
    assert "between 0 seconds and 7 days" in _refused(case, "--delay", "999h")
    assert "--rows" in _refused(case, "--format", "csv")
    assert "--spare-sessions" in _refused(case, "--spare-sessions", "--pattern", "{ $.a = 1 }")
    assert "Name a CASE" in _refused()


def test_options_without_effect_are_refused(case: Path) -> None:
    assert "leave CASE out" in _refused(case, "--emit", "terraform")
    assert "--delay has no effect" in _refused("--emit", "terraform", "--delay", "5m")
    assert "--rows has no effect" in _refused("--emit", "terraform", "--rows", "acts")
    assert "--format" in _refused("--emit", "terraform", "--format", "json")
    assert "--email has no effect" in _refused(case, "--email", "a@example.com")
    assert "no name that AWS takes" in _refused("--emit", "aws-cli", "--log-group", "a b")


def test_emitting_reads_no_case_and_runs_nothing(tmp_path: Path) -> None:
    done = run("alarm", "--emit", "cloudformation", "--spare-sessions", "--period", "5m")
    template = json.loads(done.stdout)
    assert template["Resources"]["RootUsageAlarm"]["Properties"]["Period"] == 300
    pattern = template["Resources"]["RootUsageFilter"]["Properties"]["FilterPattern"]
    assert pattern.endswith("&& $.userIdentity.sessionContext.assumedRoot NOT EXISTS }")
    target = tmp_path / "setup.sh"
    assert run("alarm", "--emit", "aws-cli", "--email", "ir@example.com", "-o", target).returncode == 0
    assert subprocess.run(["bash", "-n", target], check=False).returncode == 0
    assert 'resource "aws_sns_topic"' in run("alarm", "--emit", "terraform").stdout


def test_what_is_emitted_writes_over_nothing(case: Path) -> None:
    held = case.read_bytes()
    done = run("alarm", "--emit", "terraform", "-o", case)
    assert done.returncode == 1
    assert "not overwritten" in done.stderr
    assert case.read_bytes() == held


def test_neither_the_case_nor_evidence_is_written_over(case: Path) -> None:
    held = case.read_bytes()
    for target in (case, case.parent / "logs" / "a.json.gz"):
        done = run("alarm", case, "-o", target)
        assert done.returncode == 1
        assert "not written over" in done.stderr
    assert case.read_bytes() == held


def test_a_target_that_cannot_be_written_is_told(case: Path, tmp_path: Path) -> None:
    for arguments in ((case,), ("--emit", "terraform")):
        done = run("alarm", *arguments, "-o", tmp_path / "none" / "x")
        assert done.returncode == 1
        assert "cannot write" in done.stderr
        assert "Traceback" not in done.stderr


def test_a_case_that_is_none_is_refused(tmp_path: Path) -> None:
    done = run("alarm", tmp_path / "none.duckdb")
    assert (done.returncode, done.stdout) == (2, "")
    assert "the case file does not exist" in done.stderr
