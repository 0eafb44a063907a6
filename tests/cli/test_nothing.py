"""Sources that hold nothing: no case is left that answers every question with nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.builders import event, write_log
from tests.cli.test_commands import run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("source", ["logz", "empty", "*.json.gz", "empty/empty"])
def test_a_first_load_or_triage_that_finds_nothing_leaves_nothing(tmp_path: Path, source: str) -> None:
    (tmp_path / "empty" / "empty").mkdir(parents=True)
    loaded = run("load", tmp_path / "case.duckdb", tmp_path / source)
    triaged = run("triage", tmp_path / source, "--out", tmp_path / "new" / "out")
    for done in (loaded, triaged):
        assert done.returncode == 1
        assert done.stdout == ""
        assert done.stderr.startswith(f"rootforensics: {tmp_path / source}: ")
        assert done.stderr.endswith("No case was made; check the path\n")
    assert [path.name for path in tmp_path.iterdir()] == ["empty"]


def test_each_of_several_sources_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    done = run("load", tmp_path / "case.duckdb", tmp_path / "logz", tmp_path / "lags")
    assert done.returncode == 1
    assert f"unreadable: {tmp_path / 'logz'}: no such file or folder" in done.stderr
    assert f"unreadable: {tmp_path / 'lags'}: no such file or folder" in done.stderr
    assert done.stderr.endswith("nothing could be read from these sources. No case was made; check the paths\n")
    assert not list(tmp_path.iterdir())


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


def test_an_empty_answer_of_a_case_without_events_is_told_as_such(tmp_path: Path) -> None:
    write_log(tmp_path, "logs/a.json", [])
    assert run("load", tmp_path / "case.duckdb", tmp_path / "logs").returncode == 0
    for command in (["query", "root-signins"], ["findings"], ["timeline"]):
        done = run(command[0], tmp_path / "case.duckdb", *command[1:])
        assert (done.returncode, done.stderr.count("the case holds no events")) == (0, 1), command
