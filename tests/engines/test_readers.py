"""A case that somebody has open and does not read keeps nobody from writing to it."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.analysis import Analysis
from rootforensics.engines import readers
from tests.builders import event, root_event, write_log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rootforensics.analysis.analysis import AccountVerdict

#: Takes lines of Python, as a kernel does, and prints what each gives, or its error.
_KERNEL = """
import sys
import rootforensics as rf
case = rf.open_case(sys.argv[1])
for line in sys.stdin:
    try:
        told = eval(line)
    except rf.RootForensicsError as error:
        told = f"{type(error).__name__}: {error}"
    print(str(told).replace(chr(10), " "), flush=True)
"""
_NOTES = "len(case.notes())"
#: A statement that takes some seconds.
_LONG = "SELECT count(*) FROM range(40_000) AS a, range(40_000) AS b WHERE hash(a.range, b.range) = 7"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A case of two events."""
    write_log(tmp_path, "logs/a.json.gz", [event(), root_event()])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
    return tmp_path / "case.duckdb"


@contextmanager
def _kernel(path: Path) -> Iterator[Callable[[str], str]]:
    """Another process that keeps the case open and runs what it is given, line by line."""
    with subprocess.Popen(
        [sys.executable, "-c", _KERNEL, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout

        def ask(line: str) -> str:
            assert process.stdin
            assert process.stdout
            process.stdin.write(f"{line}\n")
            process.stdin.flush()
            return process.stdout.readline().strip()

        yield ask
        process.stdin.close()


def _command(*words: Any) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "rootforensics", *map(str, words)], capture_output=True, text=True, check=False
    )
    return f"{done.returncode} {done.stderr}"


@pytest.mark.heavy
def test_note_and_load_need_not_wait_for_an_open_notebook(path: Path, tmp_path: Path) -> None:
    """Right after a query they wait some seconds; afterwards the notebook sees what they wrote."""
    write_log(tmp_path, "more/b.json.gz", [event()])
    with _kernel(path) as ask:
        assert ask(_NOTES) == "0"
        start = time.monotonic()
        assert _command("note", path, "2026-08-05T10:00:00Z", "paged").startswith("0 ")
        assert time.monotonic() - start < readers.IDLE_SECONDS + 5
        assert ask(_NOTES) == "1"
        assert ask("len(case.sql('FROM events'))") == "2"
        assert _command("load", path, tmp_path / "more").startswith("0 ")
        assert ask("len(case.sql('FROM events'))") == "3"


@pytest.mark.heavy
def test_an_analysis_does_not_mix_two_states(path: Path) -> None:
    with _kernel(path) as ask:
        assert ask("globals().update(analysis=case.analysis(), before=case.analysis())") == "None"
        assert ask("len(analysis.query('notes'))") == "0"
        assert _command("note", path, "2026-08-05T10:00:00Z", "paged").startswith("0 ")
        assert ask("len(analysis.query('notes'))") == "0", "what it remembers is of the state that it began with"
        told = ask("len(analysis.query('root_timeline'))")
        assert told.startswith("CaseError: the case has changed since this analysis began")
        assert "case.analysis()" in told
        assert ask("len(case.analysis().query('notes'))") == "1"


@pytest.fixture
def _soon_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "IDLE_SECONDS", 0.2)


def _is_open(case: rf.Case) -> bool:
    return case._readers._first is not None


def _until(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while not (done := true()) and time.monotonic() < end:
        time.sleep(0.02)
    return done


@pytest.mark.usefixtures("_soon_idle")
def test_an_idle_file_is_given_up_and_opened_again(path: Path) -> None:
    case = rf.open_case(path)
    for _ in range(2):
        assert len(case.sql("FROM events")) == 2
        assert _is_open(case)
        assert _until(lambda: not _is_open(case))
    assert case._state() == 0, "nobody wrote to it"
    with rf.open_case(path) as other:
        other.note("2026-08-05T10:00:00Z", "paged")
    assert len(case.notes()) == 1
    assert case._state() == 1
    case.close()


@pytest.mark.usefixtures("_soon_idle")
def test_a_context_manager_keeps_the_file_until_its_end(path: Path) -> None:
    with rf.open_case(path) as case:
        assert len(case.sql("FROM events")) == 2
        time.sleep(0.6)
        assert _is_open(case)


@pytest.mark.heavy
@pytest.mark.usefixtures("_soon_idle")
def test_a_query_in_flight_is_never_cut(path: Path) -> None:
    case, told = rf.open_case(path), []
    asking = Thread(target=lambda: told.append(case.sql(_LONG).rows))
    asking.start()
    assert _until(lambda: _is_open(case))
    time.sleep(0.5)
    assert asking.is_alive(), "the statement was too short to show anything"
    assert _is_open(case)
    asking.join()
    assert len(told) == 1
    assert _until(lambda: not _is_open(case))


@pytest.mark.heavy
@pytest.mark.usefixtures("_soon_idle")
def test_a_call_of_many_queries_keeps_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two of its queries a call may be busy longer than an idle reader is kept."""
    case, kept, verdict_of = rf.open_case(path), [], Analysis.verdict_of

    def slow(analysis: Analysis, account_id: str) -> AccountVerdict:
        time.sleep(0.6)
        kept.append(_is_open(case))
        return verdict_of(analysis, account_id)

    monkeypatch.setattr("rootforensics.analysis.analysis.Analysis.verdict_of", slow)
    case.verdict(account_id="111122223333")
    assert kept == [True]
    case.close()


@pytest.mark.usefixtures("_soon_idle")
def test_a_writer_waits_for_an_idle_reader_of_its_own_process(path: Path) -> None:
    case = rf.open_case(path)
    case.sql("FROM events")
    with rf.open_case(path) as other:
        other.note("2026-08-05T10:00:00Z", "paged")
    assert len(case.notes()) == 1
    case.close()


def test_a_case_that_is_dropped_keeps_no_file_open(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rootforensics.engines.duckdb._PATIENCE_SECONDS", 0.0)
    case = rf.open_case(path)
    case.sql("FROM events")
    with rf.open_case(path) as other:
        with pytest.raises(rf.CaseLockedError):
            other.load(path.parent / "logs")
        del case
        other.load(path.parent / "logs")


_EXIT_WHILE_CLOSING = """
import time
from threading import Event

import duckdb
import rootforensics as rf
from rootforensics.analysis.analysis import Analysis
from rootforensics.engines import readers

readers.IDLE_SECONDS = 0.01
begun, usual = Event(), readers.Readers._close

def close_slowly(self):
    begun.set()
    connection, end = duckdb.connect(), time.monotonic() + 0.5
    while time.monotonic() < end:
        connection.execute("SELECT 1").fetchall()
    usual(self)

case = rf.open_case({path!r})
readers.Readers._close = close_slowly
case.query("evidence_digest").rows
begun.wait()
"""


def test_a_process_that_ends_while_an_idle_file_is_closed_is_not_aborted(sample_path: Path) -> None:
    code = _EXIT_WHILE_CLOSING.format(path=str(sample_path))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
