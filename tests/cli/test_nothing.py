"""Sources that hold nothing: no case is left that answers every question with nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.builders import event, write_log
from tests.cli.test_commands import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("source", ["logz", "empty", "*.json.gz"])
def test_a_load_that_finds_nothing_fails_and_what_is_asked_of_its_case_says_so(tmp_path: Path, source: str) -> None:
    (tmp_path / "empty").mkdir()
    loaded = run("load", tmp_path / "case.duckdb", tmp_path / source)
    assert loaded.returncode == 1
    assert loaded.stderr.endswith("nothing could be read from these sources\n")
    asked = run("query", tmp_path / "case.duckdb", "root-signins")
    assert "the case holds no events" in asked.stderr


def test_a_mistyped_path_beside_evidence_is_a_row(tmp_path: Path) -> None:
    write_log(tmp_path, "logs/a.json", [event()])
    assert run("load", tmp_path / "case.duckdb", tmp_path / "logs", tmp_path / "lags").returncode == 0
    again = run("load", tmp_path / "case.duckdb", tmp_path / "lags")
    assert (again.returncode, again.stderr.splitlines()[-1]) == (
        1,
        "rootforensics: nothing could be read from these sources",
    )
    told = run("query", tmp_path / "case.duckdb", "evidence", "--format", "csv").stdout
    assert (told.count("unreadable"), told.count("loaded")) == (1, 1)


@pytest.mark.heavy
def test_an_empty_answer_of_a_case_without_events_is_told_as_such(empty_path: Path, tmp_path: Path) -> None:
    write_log(tmp_path, "logs/a.json", [])
    assert run("load", tmp_path / "case.duckdb", tmp_path / "logs").returncode == 0
    for command in (["query", "root-signins"], ["findings"], ["timeline"]):
        done = run(command[0], empty_path, *command[1:])
        assert (done.returncode, done.stderr.count("the case holds no events")) == (0, 1), command
