"""Sources that hold nothing: no case is left that answers every question with nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

import rootforensics as rf
from rootforensics.analysis.coverage.hours import covered
from rootforensics.cli import cli
from rootforensics.cli.options import make_filters
from tests.builders import event, root_event, write_log
from tests.cli.test_commands import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("sources", [["logz"], ["*.json.gz"], ["logz", "lags"]])
def test_where_no_source_is_there_nothing_is_written(tmp_path: Path, sources: list[str]) -> None:
    named = [tmp_path / source for source in sources]
    for command in (["load", tmp_path / "case.duckdb", *named], ["triage", *named, "--out", tmp_path / "out"]):
        done = run(*command)
        assert done.returncode == 2, command
        assert all(str(one) in done.stderr.splitlines()[-1] for one in named), command
    assert not list(tmp_path.iterdir())


def test_a_load_that_finds_nothing_fails_and_what_is_asked_of_its_case_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    loaded = run("load", tmp_path / "case.duckdb", tmp_path / "empty")
    assert loaded.returncode == 1
    assert loaded.stderr.endswith("nothing could be read from these sources\n")
    asked = run("query", tmp_path / "case.duckdb", "root-signins")
    assert "the case has no events" in asked.stderr


def test_a_mistyped_path_beside_evidence_is_a_row(tmp_path: Path) -> None:
    write_log(tmp_path, "logs/a.json", [event()])
    assert run("load", tmp_path / "case.duckdb", tmp_path / "logs", tmp_path / "lags").returncode == 0
    told = run("query", tmp_path / "case.duckdb", "evidence", "--format", "csv").stdout
    assert (told.count("unreadable"), told.count("loaded")) == (1, 1)


@pytest.mark.heavy
def test_an_empty_answer_of_a_case_without_events_is_told_as_such(empty_path: Path, tmp_path: Path) -> None:
    write_log(tmp_path, "logs/a.json", [])
    assert run("load", tmp_path / "case.duckdb", tmp_path / "logs").returncode == 0
    for command in (["query", "root-signins"], ["findings"], ["timeline"]):
        done = run(command[0], empty_path, *command[1:])
        assert (done.returncode, done.stderr.count("the case has no events")) == (0, 1), command


def test_the_folder_of_a_triage_is_its_case_and_another_is_told(sample_path: Path, tmp_path: Path) -> None:
    assert sample_path.name == "case.duckdb"
    by_folder = run("query", sample_path.parent, "root-first-last", "--format", "csv")
    assert by_folder.returncode == 0
    assert by_folder.stdout == run("query", sample_path, "root-first-last", "--format", "csv").stdout
    swapped = run("load", tmp_path, sample_path)
    assert swapped.returncode == 2
    assert (
        f"is a folder without a case.duckdb in it. CASE comes first: rootforensics load {sample_path} "
        in swapped.stderr
    )


def _triaged(*arguments: object) -> tuple[int, str]:
    done = run("triage", *arguments)
    return done.returncode, " ".join(done.stderr.split())


def test_the_folder_of_a_case_is_no_source_and_a_folder_of_logs_takes_no_results(
    sample_path: Path, tmp_path: Path
) -> None:
    write_log(tmp_path, "logs/a.json", [event()])
    status, told = _triaged(sample_path.parent, "--out", tmp_path / "logs")
    assert (status, f"{sample_path.parent} is the folder of a case and its report" in told) == (2, True)
    write_log(tmp_path, "other/b.json", [event()])
    status, told = _triaged(tmp_path / "other", "--out", tmp_path / "logs")
    assert (status, f"{tmp_path / 'logs'} contains a.json but no case" in told) == (2, True)
    assert [path.name for path in (tmp_path / "logs").iterdir()] == ["a.json"]


@pytest.mark.parametrize("text", [None, b"no log at all"], ids=["empty", "other"])
def test_a_first_triage_without_a_single_log_writes_nothing(text: bytes | None, tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    if text:
        (tmp_path / "source" / "notes.txt").write_bytes(text)
    status, told = _triaged(tmp_path / "source", "--out", tmp_path / "out")
    assert (status, told.endswith("nothing could be read from these sources nothing was written")) == (1, True)
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    "filters", [("--since", "2030-01-01"), ("--account-id", "999988887777"), ("--region", "us-eest-1")]
)
def test_a_first_triage_of_which_the_filters_leave_nothing_says_what_there_is(
    filters: tuple[str, str], tmp_path: Path
) -> None:
    name = "111122223333_CloudTrail_us-east-1_20260805T0105Z_0123456789abcdef.json"
    write_log(tmp_path, f"logs/{name}", [event()])
    status, told = _triaged(tmp_path / "logs", "--out", tmp_path / "out", *filters)
    assert status == 2
    assert "the filters exclude every record" in told
    assert told.endswith("from accounts 111122223333; Regions us-east-1; 2026-08-05 to 2026-08-05; nothing was written")
    assert (re.search(r"did you mean [^?]*us-east-1", told) is not None) == ("us-eest-1" in filters)
    assert [path.name for path in tmp_path.iterdir()] == ["logs"]


def test_a_misspelled_command_gets_the_likely_one() -> None:
    done = run("qurey", "case.duckdb", "root-signins")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, "Error: No such command 'qurey'. Did you mean query?")


@pytest.mark.heavy
def test_an_empty_answer_says_what_the_logs_cover(tmp_path: Path) -> None:
    """Two hours of one Region, and nothing of the two others in which root signs in."""
    write_log(tmp_path, "logs/a.json", [event(), event(eventTime="2026-08-05T11:10:00Z")])
    assert run("load", tmp_path / "case.duckdb", tmp_path / "logs").returncode == 0
    told = "missing or not proven, at least in part, for 4 of 6 hours, counted per Region (rootforensics coverage CASE)"
    for command in (["query", "root-signins"], ["findings"], ["timeline"], ["incident"], ["blast-radius"]):
        done = run(command[0], tmp_path / "case.duckdb", *command[1:])
        said = " ".join(done.stderr.split())
        assert told in said, (command, said)
    assert "2026-08-05 10:00:00 to 2026-08-05 12:00:00" in said
    assert told not in run("query", tmp_path / "case.duckdb", "coverage").stderr


@pytest.mark.heavy
def test_an_empty_answer_says_what_the_logs_cover_of_its_own_time_and_account_once(tmp_path: Path) -> None:
    """Three Regions each; hours that an answer's time only touches count."""
    others = event(recipientAccountId="444455556666", eventTime="2026-08-05T15:10:00Z")
    write_log(tmp_path, "logs/a.json", [event(), event(eventTime="2026-08-05T11:10:00Z"), others])
    mine, path = "111122223333", tmp_path / "case.duckdb"
    with rf.open_case(path) as case:
        case.load(tmp_path / "logs")
        times = [("2026-09-01", None), ("2026-08-05T11:30:00", "2026-08-05T13:30:00"), (None, "2026-08-05T11:00:00")]
        wanted = [make_filters(since, until, (), ()) for since, until in times]
        said = [covered(case, mine, one.since, one.until) for one in wanted]
    assert [one.split("Coverage ")[1].split(", counted")[0] for one in said] == [
        "from 2026-09-01 00:00:00 is missing or not proven, at least in part, for 3 of 3 hours",
        "from 2026-08-05 11:30:00 until 2026-08-05 13:30:00 is missing or not proven, at least in part, for 8 of 9 hours",
        "until 2026-08-05 11:00:00 is missing or not proven, at least in part, for 2 of 3 hours",
    ]

    day = ("--since", "2026-09-01", "--until", "2026-09-02")
    for command, hours in ((["timeline", *day], "72 of 72"), (["query", "root-tasks"], "4 of 6")):
        done = CliRunner().invoke(cli, [command[0], str(path), *command[1:], "--account-id", mine])
        told = " ".join(done.stderr.split())
        assert (told.count("The logs cover"), f"for {hours} hours" in told) == (1, True)


@pytest.mark.heavy
def test_rows_of_a_part_of_the_logs_say_so(tmp_path: Path) -> None:
    """A question about everybody is empty where only what is related to root was taken in, or a time."""
    write_log(tmp_path, "logs/a.json", [root_event(), event(), event(eventName="DescribeVpcs")])
    path, told = tmp_path / "case.duckdb", "The case contains only part of the logs: "
    with rf.open_case(path) as case:
        case.load(tmp_path / "logs", filters=rf.Filters(root_related=True))
    for command in (("query", "rotate"), ("query", "cloudtrail-summaries"), ("findings",), ("sql", "SELECT 1")):
        done = CliRunner().invoke(cli, [command[0], str(path), *command[1:]])
        assert f"{told}only what is related to root\n" in done.stderr, command
    case.handover(tmp_path / "out")
    assert "only a part of the logs: only what is related to root." in (tmp_path / "out" / "steps.md").read_text(
        encoding="utf-8"
    )
    with rf.open_case(tmp_path / "whole.duckdb") as case:
        case.load(tmp_path / "logs")
    assert told not in CliRunner().invoke(cli, ["sql", str(case.path), "SELECT 1"]).stderr
