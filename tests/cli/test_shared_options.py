"""Options that several commands have: one definition each, and the same rows of a time on every command."""

from __future__ import annotations

import csv
import io
import json
import stat
import sys
from typing import TYPE_CHECKING

import click
import pytest

import rootforensics as rf
from rootforensics.cli import cli
from rootforensics.queries.catalogue import questions
from rootforensics.queries.within import has_time
from tests.builders import root_event, write_log
from tests.cli.test_commands import run
from tests.cli.test_terminal import on_terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TAKEN = "111122223333"


def _commands() -> Iterator[tuple[str, click.Command]]:
    """All commands, and those of ``query``."""
    context = cli.make_context("rootforensics", [], resilient_parsing=True)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            for one in command.list_commands(context):
                query = command.get_command(context, one)
                assert query is not None
                yield f"{name} {one}", query


def _helps(option: str) -> dict[str, set[str | None]]:
    """The help texts of an option, and the commands that have each."""
    found: dict[str, set[str | None]] = {}
    for name, command in _commands():
        for parameter in command.params:
            if isinstance(parameter, click.Option) and option in parameter.opts:
                found.setdefault(parameter.help or "", set()).add(name)
    return found


def test_each_shared_option_is_defined_once() -> None:
    assert [len(_helps(option)) for option in ("--since", "--tz", "--approvals", "--title")] == [1, 1, 1, 2]
    (since,) = _helps("--since").values()
    assert since >= {
        *("triage", "load", "history", "extract", "verify", "verdict", "incident", "timeline", "findings", "coverage"),
        *("blast-radius", "indicators", "approvals", "note", "evidence", "custody", "chart", "query root-signins"),
        *("brief", "report", "hypotheses", "handover"),
    }
    assert "contained" not in since
    (zoned,) = _helps("--tz").values()
    assert zoned >= since - {"triage", "load", "history", "extract", "verify", "verdict", "brief", "report", "handover"}
    # Of loads it may be repeated; the parameter of a query has its own words.
    told = {text for text, names in _helps("--account-id").items() if any(" " not in str(name) for name in names)}
    assert told == {"Only this account.", "Only this account; repeatable."}


def test_a_query_has_a_time_unless_its_rows_are_sums() -> None:
    named = {
        question.command_name
        for question in questions().values()
        if has_time([column.name for column in question.columns])
    }
    (since,) = _helps("--since").values()
    assert {str(name).removeprefix("query ") for name in since if str(name).startswith("query ")} == named
    assert {"root-signins", "root-sessions", "logging-impairment"} <= named
    assert not {"events-by-service", "identities"} & named


def _rows(*arguments: object) -> list[dict[str, str]]:
    done = run(*arguments, "--format", "csv")
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout)))


@pytest.mark.quick(3)
@pytest.mark.heavy
@pytest.mark.parametrize(
    ("command", "begin", "end"),
    [
        (("query", "{case}", "root-signins"), "eventTime", "eventTime"),
        (("timeline", "{case}"), "eventTime", "eventTime"),
        (("findings", "{case}"), "first_time", "last_time"),
        (("indicators", "{case}"), "first_time", "last_time"),
        (("blast-radius", "{case}"), "first_time", "ended_time"),
        (("query", "{case}", "logging-impairment"), "from_time", "until_time"),
        (("evidence", "{case}"), "first_time", "last_time"),
    ],
    ids=lambda one: one[0] if isinstance(one, tuple) else "",
)
def test_a_time_means_the_same_on_each_command(
    command: tuple[str, ...], begin: str, end: str, sample_path: Path
) -> None:
    asked = [one.format(case=sample_path) for one in command]
    since, until = "2026-08-05T01:30:00Z", "2026-08-05T05:00:00Z"
    wanted = [
        row for row in _rows(*asked)
        if (not row[end] or row[end] >= since) and (not row[begin] or row[begin] < until)
    ]  # fmt: skip
    assert _rows(*asked, "--since", since, "--until", until) == wanted
    assert 0 < len(wanted) < len(_rows(*asked))


def test_times_are_shown_in_a_zone(sample_path: Path) -> None:
    asked = ("query", sample_path, "root-signins", "--columns", "eventTime")
    plain, berlin = _rows(*asked), _rows(*asked, "--tz", "Europe/Berlin")
    assert plain[1] == {"eventTime": "2026-08-05T01:03:41Z"}
    assert berlin[1] == {"eventTime": "2026-08-05T03:03:41+02:00"}
    assert len(plain) == len(berlin)
    assert _rows(*asked, "--tz", "UTC") == plain
    refused = run(*asked, "--tz", "Mars/Olympus")
    assert (refused.returncode, "unknown time zone" in refused.stderr) == (2, True)


@pytest.mark.heavy
def test_a_pager_keeps_no_case_open(tmp_path: Path) -> None:
    """While the rows are read, another program writes to the case."""
    write_log(tmp_path, "logs/a.json", [root_event(eventTime=f"2026-08-05T01:{n:02}:00Z") for n in range(40)])
    case = tmp_path / "case.duckdb"
    assert run("load", case, tmp_path / "logs").returncode == 0
    pager = tmp_path / "pager.sh"
    pager.write_text(
        f"#!/bin/sh\ncat > /dev/null\n{sys.executable} -m rootforensics note {case} 2026-08-05 read"
        f" > {tmp_path}/said 2>&1\n"
    )
    pager.chmod(pager.stat().st_mode | stat.S_IXUSR)
    for number, command in enumerate(
        (("query", case, "root-events"), ("timeline", case), ("sql", case, "FROM events"))
    ):
        on_terminal(80, *map(str, command), height=12, pager=str(pager))
        assert (tmp_path / "said").read_text() == f"note {number + 1} written\n", command


@pytest.mark.heavy
def test_logs_from_standard_input_are_kept_and_read_again(tmp_path: Path) -> None:
    out, log = tmp_path / "incident", '{"Records": [%s]}'
    record = json.dumps(root_event(eventID="0a1b2c3d-0000-0000-0000-000000000000"))
    done = run("triage", "-", "--out", out, stdin=log % record)
    assert done.returncode == 0, done.stderr
    (kept,) = out.glob("stdin-*")
    assert kept.read_text() == log % record
    assert run("raw", out, "0a1b2c3d").stdout.strip() == record
    with rf.open_case(out) as case:
        assert case.analysis().head["title"] == "incident"
    again = run("triage", "-", "--out", out, "--title", "Incident 7", stdin=log % record)
    assert "1 already in the case" in again.stderr
    with rf.open_case(out) as case:
        assert case.analysis().head["title"] == "Incident 7"
    assert run("triage", "-", "--out", out, stdin=log % record).returncode == 0
    with rf.open_case(out) as case:
        assert case.analysis().head["title"] == "Incident 7"


def test_standard_input_that_holds_no_log_leaves_nothing(tmp_path: Path) -> None:
    empty = run("triage", "-", "--out", tmp_path / "empty", stdin="")
    assert (empty.returncode, "Standard input is empty." in empty.stderr) == (2, True)
    assert not list((tmp_path / "empty").iterdir())
    assert run("triage", "-", "--out", tmp_path / "none", stdin="no log\n").returncode != 0
    assert not (tmp_path / "none").exists()
    loaded = run("load", tmp_path / "case.duckdb", "-", stdin='{"Records": []}')
    assert loaded.returncode in (0, 1)


@pytest.mark.heavy
def test_the_incident_on_a_terminal_tells_who_and_from_where(sample_path: Path) -> None:
    asked = ("incident", str(sample_path), "--since", "2026-08-05T01:21:53Z", "--until", "2026-08-05T01:21:54Z")
    lines = on_terminal(80, *asked, "--account-id", TAKEN)
    of_one = " ".join(" ".join(lines).split())
    assert "(from 203.0.113.77) [3a2e6324]" in of_one
    assert TAKEN not in of_one
    assert all(len(click.unstyle(line)) <= 80 for line in lines)
    lines = on_terminal(100, "incident", str(sample_path))
    assert all(len(click.unstyle(line)) <= 100 for line in lines)
    of_all = " ".join(" ".join(lines).split())
    assert f"(from 203.0.113.77 in {TAKEN}) [3a2e6324]" in of_all
    assert f"Someone requested recovery of root's password (root from 203.0.113.77 in {TAKEN}) [da632ef1]" in of_all
