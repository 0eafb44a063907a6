"""A case is set up by a thread; what fails meanwhile leaves nothing behind and never waits without end."""

from __future__ import annotations

import os
import signal
from functools import partial
from threading import Event
from typing import TYPE_CHECKING

import pytest

from rootforensics.engines import writing
from rootforensics.engines.duckdb import storage_errors
from rootforensics.engines.running import commit, what_is_kept
from rootforensics.engines.writing import opened_writer as writer_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import duckdb


opened_writer = partial(writer_of, record=lambda _: None)


def _set_up(writer: duckdb.DuckDBPyConnection) -> None:
    writer.execute("BEGIN")
    writer.execute("CREATE TABLE t (a INTEGER)")


def _wait(let_go: Event) -> None:
    let_go.wait()


def _fails(path: Path, set_up: Callable[[duckdb.DuckDBPyConnection], None], error: BaseException) -> None:
    """What a load does that ends while the case is set up."""
    with opened_writer(path) as opening:
        opening.begin(set_up)
        opening.opened()
        raise error


def test_an_error_while_the_case_is_set_up_undoes_it(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="elsewhere"):
        _fails(tmp_path / "case.duckdb", _set_up, RuntimeError("elsewhere"))
    assert not list(tmp_path.iterdir())


def test_an_error_undoes_what_was_set_up_in_a_case_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "case.duckdb"
    with opened_writer(path) as opening:
        opening.opened().execute("CREATE TABLE before (a INTEGER)")
    with pytest.raises(RuntimeError, match="elsewhere"):
        _fails(path, _set_up, RuntimeError("elsewhere"))
    with opened_writer(path) as opening:
        assert opening.opened().execute("SELECT table_name FROM duckdb_tables()").fetchall() == [("before",)]


def test_a_thread_that_never_ends_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_PATIENCE_SECONDS", 0.05)
    let_go = Event()
    path = tmp_path / "case.duckdb"
    with pytest.raises(KeyboardInterrupt):
        _fails(path, lambda _: _wait(let_go), KeyboardInterrupt())
    assert not let_go.is_set()
    assert path.exists()  # left to the thread that still has it
    let_go.set()


@pytest.mark.parametrize("is_new", [True, False])
def test_ctrl_c_during_a_commit_or_behind_it_leaves_it_whole_and_told(
    is_new: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def while_committing(writer: duckdb.DuckDBPyConnection, what: str) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        commit(writer, what)

    path = tmp_path / "case.duckdb"
    if not is_new:
        with opened_writer(path) as opening:
            opening.opened().execute("CREATE TABLE before (a INTEGER)")
    monkeypatch.setattr(writing, "commit", while_committing)

    def load() -> None:
        with storage_errors(path), opened_writer(path) as opening:
            opening.begin(_set_up)
            opening.ready()
            opening.commit("a table")

    with pytest.raises(KeyboardInterrupt):
        load()
    assert what_is_kept() == "the case keeps what was committed (a table)"
    with storage_errors(path), opened_writer(path) as opening:
        assert what_is_kept() == "the case is as it was"
        found = opening.opened().execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
    assert found == [("before",)] * (not is_new) + [("t",)]
