"""Arguments in the wrong order, and names in the place of commands: the right command is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

import rootforensics as rf
from rootforensics.cli import cli

if TYPE_CHECKING:
    from pathlib import Path


def refused(*arguments: str) -> str:
    """The last line of what a command says that is refused as wrong usage."""
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 2
    return done.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("query root-signins {case}", "query {case} root-signins"),
        ("query root-signins", "query CASE root-signins"),
        ("raw 3a2e6324 {case}", "raw {case} 3a2e6324"),
        ("note 3a2e6324 {case} text --tag a", "note {case} 3a2e6324 text --tag a"),
        ("chart incident {case}", "chart {case} incident"),
        ("load {logs} new.duckdb", "load new.duckdb {logs}"),
        ("root-signins {case}", "query {case} root-signins"),
        ("root_signins", "query CASE root-signins"),
        ("heatmap {case}", "chart {case} heatmap --out heatmap.svg"),
        ("query {case}", "query {case}/case.duckdb root-signins"),
        ("alarm {logs}", "triage and load make one"),
        ("verdict nowhere.duckdb", "triage and load make one"),
        ("query {case} incident", "incident {case}"),
    ],
)
def test_the_command_is_told_in_the_right_order(typed: str, told: str, sample_path: Path, tmp_path: Path) -> None:
    places = {"case": str(sample_path.parent), "logs": str(tmp_path)}
    said = refused(*(word.format(**places) for word in typed.split()))
    assert f"rootforensics {told.format(**places)}" in said


def test_an_absent_case_is_named_as_typed_and_keeps_no_help_from_being_shown() -> None:
    assert "the case file does not exist: nowhere.duckdb. " in refused("verdict", "nowhere.duckdb")
    assert CliRunner().invoke(cli, ["query", "nowhere.duckdb", "root-signins", "--help"]).exit_code == 0


def test_an_option_that_a_query_does_not_have_is_told_with_those_that_it_has(sample_path: Path) -> None:
    said = refused("query", str(sample_path), "root-signins", "--region", "us-east-1")
    assert "It has --account-id, --since, --until, --format" in said
    said = refused("query", str(sample_path), "events-by-service", "--since", "2026-08-05")
    assert "Its rows have no time." in said


def test_a_case_is_no_source_of_itself(sample_path: Path, tmp_path: Path) -> None:
    for command in (("load", str(sample_path)), ("triage", "--out", str(tmp_path / "out"))):
        said = refused(*command, str(sample_path))
        assert f"{sample_path}: a case is not a source of logs; verdict, brief and report read it" in said
    assert not (tmp_path / "out").exists()


def test_columns_are_named_as_in_sql(sample_path: Path) -> None:
    query = ("query", str(sample_path), "root-signins", "--columns")
    told = CliRunner().invoke(cli, [*query, "EVENTTIME,mfa_used", "--format", "csv"]).stdout
    assert told.splitlines()[0] == "eventTime,mfa_used"
    assert "there is no column 'eventtme'. Did you mean eventTime?" in refused(*query, "eventtme")
    assert "There are eventTime, account_id, " in refused(*query, "whatever")


def test_sql_without_quotes_is_told(sample_path: Path) -> None:
    assert "put it in quotes" in refused("sql", str(sample_path), "SELECT", "1")


def test_a_place_in_s3_is_told_in_the_spelling_that_is_read(tmp_path: Path) -> None:
    done = CliRunner().invoke(
        cli, ["load", str(tmp_path / "case.duckdb"), "s3:/bucket/AWSLogs/"], standalone_mode=False
    )
    assert "Write it like s3://bucket/AWSLogs/" in str(done.exception)
    assert not (tmp_path / "case.duckdb").exists()


def test_the_folder_of_a_triage_is_its_case(sample_path: Path) -> None:
    with rf.open_case(sample_path.parent) as case:
        assert case.path == sample_path
        assert len(case.raw("3a2e632")) > 500
    alarm = CliRunner().invoke(cli, ["alarm", str(sample_path.parent)])
    assert (alarm.exit_code, alarm.stdout.startswith("Filter: ")) == (0, True)
