"""Ctrl-C at any moment, the first fraction of a second among them: exit status 130 and one line."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from tests.builders import root_event, write_log

if TYPE_CHECKING:
    from collections.abc import Iterator

# It says when it is past what no program can answer for: the interpreter's own start.
_START = (
    "import _signal; from rootforensics.__main__ import end_at_once, main; _signal.signal(_signal.SIGINT, end_at_once); "
    "print('up', flush=True); main()"
)
# Seconds for an end that takes a fraction of one, on a machine that is far slower.
_PATIENCE = 300
_PROGRAM_FILE = re.compile(r"/rootforensics/([^\"]+)\.py\"")


def _more(*moments: float) -> list[Any]:
    """Moments between those that every run looks at."""
    return [pytest.param(moment, marks=pytest.mark.heavy) for moment in moments]


@contextmanager
def started(*command: str | Path) -> Iterator[subprocess.Popen[str]]:
    """A process that says when it is up; it is gone afterwards, whatever it was doing."""
    pipe = subprocess.PIPE
    with subprocess.Popen(list(map(str, command)), stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "up\n"
            yield process
        finally:
            process.kill()


@contextmanager
def stopped_after(seconds: float, *arguments: str | Path) -> Iterator[subprocess.Popen[str]]:
    """The command, sent SIGINT so long after its start."""
    with started(sys.executable, "-c", _START, *arguments) as process:
        time.sleep(seconds)
        process.send_signal(signal.SIGINT)
        yield process


@pytest.mark.parametrize("seconds", [0.002, 0.01, 0.03, 0.06, 0.1, *_more(0.15, 0.2), 0.3, *_more(0.4, 0.6, 1.0)])
@pytest.mark.quick(2)
def test_a_command_that_waits_is_stopped_at_any_moment(seconds: float, sample_path: Path) -> None:
    with stopped_after(seconds, "sql", sample_path, "-") as process:  # it waits for SQL on standard input
        process.wait(timeout=_PATIENCE)
        assert process.stderr is not None
        told = process.stderr.read()
    assert process.returncode == 130, told
    assert told.startswith("rootforensics: stopped")
    assert told.count("\n") == 1


@pytest.mark.quick(4)
@pytest.mark.parametrize("seconds", [0.02, *_more(0.15), 0.3, *_more(0.5), 0.8, *_more(1.2)])
@pytest.mark.parametrize(
    "arguments", [("load", "{new}", "sample_logs"), ("report", "{case}", "--out", "{page}"), ("--help",)]
)
def test_a_command_that_works_is_stopped_or_done(
    seconds: float, arguments: tuple[str, ...], sample_path: Path, tmp_path: Path, expected: dict[str, Any]
) -> None:
    values = {"new": tmp_path / "new.duckdb", "case": sample_path, "page": tmp_path / "page.html"}
    with stopped_after(seconds, *(part.format(**values) for part in arguments)) as process:
        told = process.communicate(timeout=_PATIENCE)[1]
    assert "Traceback" not in told
    assert process.returncode in (0, 130)
    if process.returncode == 130:
        assert [line for line in told.splitlines() if line.startswith("rootforensics: stopped")]
        for left in tmp_path.iterdir():  # it was stopped after its work was done, and before it had said so
            assert left in values.values()
            if left == values["new"]:
                with rf.open_case(left) as case:
                    assert len(case.sql("SELECT 1 FROM events")) == expected["events"]["total"]
            else:
                assert left.read_text().rstrip().endswith("</html>")


def test_nothing_is_imported_before_ctrl_c_is_answered() -> None:
    code = "import sys; before = set(sys.modules); import rootforensics.__main__; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"__future__", "_signal", "gc", "rootforensics", "rootforensics.__main__"}


def test_the_start_is_stopped_without_a_word_of_python_s_as_soon_as_the_program_runs(sample_path: Path) -> None:
    """Before its first line Python answers for itself: it dies of the signal, or tells where its own start was."""
    begun = time.monotonic()
    subprocess.run([sys.executable, "-c", "import rootforensics.__main__"], check=True)
    start = (
        time.monotonic() - begun
    )  # as this machine is now; the moments go on until the program was up in ten of them
    stopped = step = 0
    while stopped < 10:
        ignored = False
        assert step < 400, f"in {step} starts, up to {step / 20:g} times as long as one takes, {stopped} were stopped"
        with subprocess.Popen(
            [sys.executable, "-m", "rootforensics", "sql", str(sample_path), "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            time.sleep(start * step / 20)
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=max(1, 20 * start))
            except subprocess.TimeoutExpired:  # it came where Python's own start ignores every error, and says so
                ignored = True
                process.send_signal(signal.SIGINT)
                process.wait(timeout=_PATIENCE)
            assert process.stderr is not None
            told = process.stderr.read()
        step += 1
        if process.returncode == 130 and not ignored:
            assert told.startswith("rootforensics: stopped"), told
            assert told.count("\n") == 1, told
            stopped += 1
        else:
            assert process.returncode in (-signal.SIGINT, 1, *([130] if ignored else [])), told
            assert set(_PROGRAM_FILE.findall(told)) <= {"__init__", "__main__"}, told


# Ctrl-C comes when this function is called.
_STOPPED_AT = (
    "import os, signal; from importlib import import_module; from rootforensics.__main__ import end_at_once, main\n"
    "signal.signal(signal.SIGINT, end_at_once)\n"
    "module = import_module({0!r})\n"
    "usual = module.{1}\n"
    "def stopped(*arguments, **named):\n"
    "    os.kill(os.getpid(), signal.SIGINT)\n"
    "    return usual(*arguments, **named)\n"
    "module.{1} = stopped\n"
    "main()\n"
)


def _told(at: tuple[str, str], *command: str | Path) -> str:
    code = _STOPPED_AT.format(*at)
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, command)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 130, done.stderr
    return done.stderr.splitlines()[-1]


@pytest.mark.quick(1)
@pytest.mark.parametrize("is_new", [True, False])
def test_a_load_that_is_stopped_says_what_it_committed(is_new: bool, tmp_path: Path) -> None:
    path = tmp_path / "case.duckdb"
    write_log(tmp_path, "a.json", [root_event(), root_event()])
    if not is_new:
        with rf.open_case(path) as case:
            case.load(write_log(tmp_path, "before.json", [root_event()]))

    before = _told(("rootforensics.ingest.load", "remove_duplicates"), "load", path, tmp_path / "a.json")
    assert before == "rootforensics: stopped; the case is as it was"
    assert path.exists() is not is_new

    after = _told(("rootforensics.engines.writing", "bring_in"), "load", path, tmp_path / "a.json")
    assert after == (
        "rootforensics: stopped; the case keeps what was committed (new events: 2). "
        "Run the same command again to continue."
    )
    with rf.open_case(path) as case:
        assert len(case.sql("SELECT 1 FROM events")) == (2 if is_new else 3)


@pytest.mark.heavy
def test_a_triage_that_is_stopped_at_its_results_says_that_the_load_is_kept(tmp_path: Path) -> None:
    write_log(tmp_path, "a.json", [root_event()])
    told = _told(
        ("rootforensics.telling.triage", "triage_sections"),
        "triage",
        tmp_path / "a.json",
        "--out",
        tmp_path / "out",
    )
    assert told == (
        "rootforensics: stopped; the case keeps what was committed (new events: 1; title and investigator). "
        "Run the same command again to continue."
    )


@pytest.mark.heavy
def test_a_note_that_is_stopped_says_whether_it_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "case.duckdb"
    with rf.open_case(path) as case:
        case.load(write_log(tmp_path, "a.json", [root_event(eventID="noted")]))
    told = _told(("rootforensics.evidence.notes", "_write"), "note", path, "noted", "lost")
    assert told == "rootforensics: stopped; the case is as it was"
    told = _told(("rootforensics.engines.writing", "bring_in"), "note", path, "noted", "kept")
    assert told == "rootforensics: stopped; the case keeps what was committed (note 1)"
    with rf.open_case(path) as case:
        assert [row["text"] for row in case.notes().rows] == ["kept"]


def test_a_command_that_only_reads_says_nothing_of_the_case(sample_path: Path) -> None:
    told = _told(("rootforensics.case", "run_sql"), "sql", sample_path, "SELECT 1")
    assert told == "rootforensics: stopped"


_ENDLESS = "WITH RECURSIVE t AS (SELECT 1::HUGEINT a UNION ALL SELECT a + 1 FROM t) SELECT count(*) FROM t"
_PRODUCT = "SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b"


@pytest.mark.heavy
@pytest.mark.parametrize("statement", [_ENDLESS, _PRODUCT])
def test_one_ctrl_c_ends_a_query_that_would_never_end(statement: str, sample_path: Path) -> None:
    with stopped_after(1.2, "sql", sample_path, statement) as process:
        told = process.communicate(timeout=_PATIENCE)[1]
    assert process.returncode == 130, told
    assert told.startswith("rootforensics: stopped")
    assert told.count("\n") == 1


# The first Ctrl-C comes where compiled code forgets the error that it raises; the query begins after it.
_SWALLOWED = (
    "import signal, sys, time; from rootforensics.__main__ import end_at_once; signal.signal(signal.SIGINT, end_at_once)\n"
    "import rootforensics.cli as cli\n"
    "cli._stop.take_over(writes=False, continues=False)\n"
    "print('up', flush=True)\n"
    "try:\n    time.sleep(60)\nexcept KeyboardInterrupt:\n    pass\n"
    "cli.main()"
)


def test_ctrl_c_that_was_swallowed_ends_the_query_that_begins_after_it(sample_path: Path) -> None:
    with started(sys.executable, "-c", _SWALLOWED, "sql", sample_path, _ENDLESS) as process:
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=_PATIENCE)[1]
    assert process.returncode == 130, told
    assert told.startswith("rootforensics: stopped")
    assert told.count("\n") == 1


# One step of Python's own that takes minutes and does not look for signals.
_DEAF = (
    "import hashlib, signal; from rootforensics.__main__ import end_at_once; signal.signal(signal.SIGINT, end_at_once); "
    "from rootforensics.cli import _stop; _stop.take_over(writes={}, continues=False); print('up', flush=True); "
    "hashlib.pbkdf2_hmac('sha256', b'', b'', 1_000_000_000)"
)


@pytest.mark.parametrize("may_end", [True, False])
def test_the_second_ctrl_c_ends_what_does_not_listen_unless_it_writes_a_case(may_end: bool) -> None:
    command = [sys.executable, "-c", _DEAF.format(not may_end)]
    with started(*command) as process:
        for _ in range(2):
            time.sleep(0.2)
            assert process.poll() is None
            process.send_signal(signal.SIGINT)
        if not may_end:
            time.sleep(0.2)
            assert process.poll() is None
            process.kill()
        told = process.communicate(timeout=_PATIENCE)[1]
    assert process.returncode == (130 if may_end else -signal.SIGKILL)
    assert told.count("rootforensics: stopped") == told.count("\n") == may_end
