"""Standard output that cannot be written: one line and exit status 1, whatever the command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import rootforensics as rf
from tests.builders import root_event, write_log

FULL = Path("/dev/full")
COMMANDS = [
    ["--help"],
    ["--version"],
    ["query", "--list"],
    ["query", "--list", "root-signins"],
    ["completion", "bash"],
    ["approvals", "--template", "yaml"],
    ["alarm", "--emit", "terraform"],
    ["alarm", "{case}"],
    ["raw", "{case}", "shown"],
    ["query", "{case}", "root-events"],
    ["query", "{case}", "root-events", "--format", "parquet"],
    ["query", "{case}", "root-events", "--help"],
    ["load", "{out}.duckdb", "{logs}", "--dry-run"],
    ["verdict", "{case}"],
]
#: They write as others do, and work a second for it.
SLOW = [
    pytest.param(command, marks=pytest.mark.heavy)
    for command in (
        ["verdict", "{case}", "--format", "json"],
        ["timeline", "{case}"],
        ["incident", "{case}"],
        ["triage", "{logs}", "--out", "{out}"],
    )
]


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A small case, its logs, and a place for results."""
    folder = tmp_path_factory.mktemp("stdout")
    write_log(folder, "logs/a.json", [root_event(eventID="shown")])
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs")
    return {"case": folder / "case.duckdb", "logs": folder / "logs", "out": folder / "out"}


def run_into(stdout: Any, arguments: list[str], **more: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", "-m", "rootforensics", *arguments]
    return subprocess.run(command, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=120, check=False, **more)


@pytest.mark.quick(4)
@pytest.mark.parametrize("command", [*COMMANDS, *SLOW], ids=" ".join)
def test_a_full_device_is_told_in_one_line(command: list[str], names: dict[str, Path]) -> None:
    with FULL.open("wb") as full:
        done = run_into(full, [part.format(**names) for part in command])
    assert done.returncode == 1
    told = [line for line in done.stderr.splitlines() if line.startswith("rootforensics: ")]
    assert told == ["rootforensics: stdout: cannot write (No space left on device)"]
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.quick(3)
@pytest.mark.parametrize(
    "command", [*COMMANDS[:8], pytest.param(COMMANDS[-1], marks=pytest.mark.heavy), SLOW[0]], ids=" ".join
)
def test_a_closed_stdout_is_told_in_one_line(command: list[str], names: dict[str, Path]) -> None:
    done = run_into(None, [part.format(**names) for part in command], preexec_fn=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (1, "rootforensics: stdout: cannot write (it is closed)\n")


def test_what_writes_nothing_needs_no_stdout(names: dict[str, Path], tmp_path: Path) -> None:
    arguments = ["query", str(names["case"]), "root-events", "--format", "csv", "-o", str(tmp_path / "a.csv")]
    done = run_into(None, arguments, preexec_fn=lambda: os.close(1))
    assert (done.returncode, done.stderr) == (0, "")
    assert "shown" in (tmp_path / "a.csv").read_text(encoding="utf-8")


def test_a_reader_that_has_had_enough_is_no_error(names: dict[str, Path]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = run_into(writer, ["query", str(names["case"]), "root-events", "--format", "csv"])
    os.close(writer)
    assert "Traceback" not in done.stderr
    assert "cannot write" not in done.stderr


@pytest.mark.quick(1)
@pytest.mark.parametrize("closed", [[2], [0], [0, 1, 2]], ids=str)
def test_a_load_is_whole_without_anybody_to_talk_to(closed: list[int], names: dict[str, Path], tmp_path: Path) -> None:
    """A program that starts with a closed stream would give the number of it to the next file that it opens."""
    command = [sys.executable, "-m", "rootforensics", "load", str(tmp_path / "case.duckdb"), str(names["logs"])]
    done = subprocess.run(command, timeout=120, check=False, preexec_fn=lambda: [os.close(one) for one in closed])
    assert done.returncode == 0
    with rf.open_case(tmp_path / "case.duckdb") as case:
        assert [row["eventID"] for row in case.query("root_events").rows] == ["shown"]


@pytest.mark.heavy
def test_what_cannot_be_said_changes_nothing(names: dict[str, Path], tmp_path: Path) -> None:
    """As it is with ls and git: the exit status tells of the work."""
    path = tmp_path / "case.duckdb"
    with FULL.open("wb") as full:
        for status, arguments in (
            (0, ["load", path, names["logs"]]),
            (0, ["note", path, "shown", "seen"]),
            (1, ["note", path, "none", "not seen"]),
        ):
            command = [sys.executable, "-W", "error", "-m", "rootforensics", *map(str, arguments)]
            assert subprocess.run(command, stderr=full, timeout=120, check=False).returncode == status
    with rf.open_case(path) as case:
        assert [row["text"] for row in case.notes().rows] == ["seen"]


@pytest.mark.heavy
def test_triage_writes_all_whether_or_not_its_reader_hangs_up(names: dict[str, Path], tmp_path: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    run_into(writer, ["triage", str(names["logs"]), "--out", str(tmp_path / "out")])
    os.close(writer)
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert written == {"case.duckdb", "report.html", "summary.json", "timeline.csv"}
