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
    ],
)
def test_the_command_is_told_in_the_right_order(typed: str, told: str, sample_path: Path, tmp_path: Path) -> None:
    places = {"case": str(sample_path.parent), "logs": str(tmp_path)}
    said = refused(*(word.format(**places) for word in typed.split()))
    assert f"rootforensics {told.format(**places)}" in said


def test_an_absent_case_is_named_as_typed_and_keeps_no_help_from_being_shown() -> None:
    assert "there is no such case file: nowhere.duckdb. " in refused("verdict", "nowhere.duckdb")
    assert CliRunner().invoke(cli, ["query", "nowhere.duckdb", "root-signins", "--help"]).exit_code == 0


def test_an_option_that_a_query_does_not_have_is_told_with_those_that_it_has(sample_path: Path) -> None:
    said = refused("query", str(sample_path), "root-signins", "--since", "2026-08-05")
    assert "It has --account-id, --format" in said
    assert "timeline has --since" in said


def test_the_folder_of_a_triage_is_its_case(sample_path: Path) -> None:
    with rf.open_case(sample_path.parent) as case:
        assert case.path == sample_path
        assert len(case.raw("3a2e632")) > 500
    alarm = CliRunner().invoke(cli, ["alarm", str(sample_path.parent)])
    assert (alarm.exit_code, alarm.stdout.startswith("Filter: ")) == (0, True)
