"""Progress: what a load says of itself on a terminal of 80 columns, and in a log file."""

from __future__ import annotations

import re
import shutil
import sys
from itertools import count
from typing import TYPE_CHECKING

import pytest

import rootforensics as rf
from rootforensics.cli.progress import in_words, load_progress, progress, share_of, time_left
from rootforensics.cli.talk import set_aside, shown_displays
from rootforensics.ingest.outcome import Done
from tests.builders import event, root_event, write_log
from tests.cli.test_terminal import sent_to_terminal

if TYPE_CHECKING:
    from pathlib import Path

LARGE = Done(123_456, 200_000, 7_650_000_000, 8_900_000_000, 12_345_678)


def make_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make stderr a terminal of 80 columns."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.parametrize(
    ("done", "seconds", "words"),
    [
        (Done(0, 12, 0, 4_000, 0), 0.0, "0/12 objects, 0.0/4.0 kB, 0 events"),
        (
            Done(1_200, 5_000, 1_000_000, 4_000_000, 30_000),
            10.0,
            "1,200/5,000 objects, 1.0/4.0 MB, 30,000 events, 3,000/s, 0:30 left",
        ),
        (LARGE, 600.0, "123,456/200,000 objects, 7.7/8.9 GB, 12.3M events, 20,576/s, 1:38 left"),
        (Done(1, 4, 0, 0, 150_000), 3_600.0, "1/4 objects, 0 B, 150k events, 42/s, 3:00:00 left"),
        (Done(4, 4, 500, 500, 7), 2.0, "4/4 objects, 500/500 B, 7 events, 4/s, 0:00 left"),
    ],
)
def test_objects_bytes_events_rate_and_time_left(done: Done, seconds: float, words: str) -> None:
    assert in_words(done, seconds) == words


def test_the_share_goes_by_bytes_or_by_objects_where_sizes_are_not_known() -> None:
    assert share_of(Done(1, 2, 30, 120, 5)) == 0.25
    assert share_of(Done(1, 2, 0, 0, 5)) == 0.5
    assert share_of(Done(3, 2, 130, 120, 5)) == 1.0
    assert share_of(Done(0, 0, 0, 0, 0)) == 0.0
    assert time_left(0.0, 5.0) == ""


def test_a_large_load_fits_80_columns(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    make_terminal(monkeypatch)
    ticks = count(0, 600)
    with load_progress(lambda: float(next(ticks))) as follow:
        follow(LARGE)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", capsys.readouterr().err)
    lines = [line for line in re.split(r"[\r\n]+", plain) if line.strip()]
    assert any(
        line.endswith("123,456/200,000 objects, 7.7/8.9 GB, 12.3M events, 20,576/s, 1:38 left") for line in lines
    )
    assert max(map(len, lines)) <= 80


def test_the_bar_goes_away_for_a_question(monkeypatch: pytest.MonkeyPatch) -> None:
    make_terminal(monkeypatch)
    with progress("loading") as follow:
        follow(0.5, "half")
        (bar,) = shown_displays
        with set_aside():
            assert not bar.live.is_started
        assert bar.live.is_started
    assert shown_displays == []
    with set_aside():  # nothing to take away
        pass


def test_a_log_file_gets_a_plain_line_from_time_to_time(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    with load_progress(lambda: now[0]) as follow:
        for objects in range(1, 101):
            now[0] += 1.0
            follow(Done(objects, 100, objects * 10_000, 1_000_000, objects * 50))
    assert capsys.readouterr().err.splitlines() == [
        "loading: 30/100 objects, 0.3/1.0 MB, 1,500 events, 50/s, 1:10 left",
        "loading: 60/100 objects, 0.6/1.0 MB, 3,000 events, 50/s, 0:40 left",
        "loading: 90/100 objects, 0.9/1.0 MB, 4,500 events, 50/s, 0:10 left",
    ]


def test_a_load_tells_after_each_object(tmp_path: Path) -> None:
    files = [write_log(tmp_path / "logs", f"{name}.json", [event(), event()]) for name in "abc"]
    sizes = [path.stat().st_size for path in files]
    told: list[Done] = []
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs", progress=told.append)
    assert told == [
        Done(place, 3, sum(sizes[:place]), sum(sizes), 2 * place) for place in range(1, 4)
    ]  # fmt: skip


#: A command to the terminal, or one character.
_SENT = re.compile(r"\x1b\[([?0-9;]*)([A-Za-z])|.", re.DOTALL)


def _screen(sent: str, width: int) -> list[str]:
    """The lines that a terminal shows in the end."""
    cells: dict[tuple[int, int], str] = {}
    row = column = 0
    for part in _SENT.finditer(sent):
        match part[2] or part[0]:
            case "A":
                row -= int(part[1] or 1)
            case "K":  # erases the line, or the rest of it
                cells = {at: cell for at, cell in cells.items() if at[0] != row or (at[1] < column and part[1] != "2")}
            case "\r":
                column = 0
            case "\n":
                row += 1
            case _ if not part[2]:
                if column == width:
                    row, column = row + 1, 0
                cells[row, column] = part[0]
                column += 1
    rows = range(max(row for row, _ in cells) + 1)
    return ["".join(cells.get((row, column), " ") for column in range(width)).rstrip() for row in rows]


@pytest.mark.parametrize(("command", "width"), [("load", 80), pytest.param("triage", 100, marks=pytest.mark.heavy)])
def test_no_line_of_the_progress_stays_on_the_terminal(command: str, width: int, tmp_path: Path) -> None:
    logs, out = tmp_path / "logs", tmp_path / "out"
    write_log(logs, "whole.json", [root_event()])
    (logs / "damaged.json").write_text('{"Records": [{')  # told while the bar is shown
    words = [str(logs), "--out", str(out)] if command == "triage" else [str(tmp_path / "case.duckdb"), str(logs)]
    sent = sent_to_terminal(width, command, *words)
    shown = "\n".join(_screen(sent, width))
    assert "━" in sent
    assert "damaged: " in shown
    assert re.findall("━|/2 objects|finding root and what followed from it …", shown) == []


@pytest.mark.heavy
def test_a_stage_of_verify_goes_away(sample_path: Path, tmp_path: Path) -> None:
    shutil.copy(sample_path, tmp_path / "case.duckdb")
    sent = sent_to_terminal(
        80, "verify", str(tmp_path / "case.duckdb"), "--public-keys", "docs/examples/public-keys.json"
    )
    assert "━" not in "".join(_screen(sent, 80))
