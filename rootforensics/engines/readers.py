"""The case file while it is read, by any number of threads."""

from __future__ import annotations

from threading import Lock, local
from typing import TYPE_CHECKING

import duckdb

from rootforensics.engines.duckdb import no_case, open_reader
from rootforensics.engines.running import stoppable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Readers:
    """Connections to one file, a connection for each thread: one connection answers one question at a time.

    Args:
        path: the file; it is opened when the first connection is wanted.
        prepare: run on each new connection; what it raises is raised, and the connection is given up.
    """

    def __init__(self, path: Path, prepare: Callable[[Path, duckdb.DuckDBPyConnection], None]) -> None:
        self._path = path
        self._prepare = prepare
        self._lock = Lock()
        self._first: duckdb.DuckDBPyConnection | None = None
        self._own = local()

    def connection(self) -> duckdb.DuckDBPyConnection:
        """The connection of this thread; temporary tables on it are seen by no other."""
        with self._lock:
            held: duckdb.DuckDBPyConnection | None = getattr(self._own, "connection", None)
            if held is None:
                held = stoppable(open_reader(self._path) if self._first is None else self._first.cursor())
                try:
                    self._prepare(self._path, held)
                except duckdb.Error as error:
                    held.close()
                    raise no_case(self._path, error) from error
                except BaseException:
                    held.close()
                    raise
                self._first = self._first or held
                self._own.connection = held
            return held

    def close(self) -> None:
        """Let go of the file; it is opened again when a connection is wanted."""
        with self._lock:
            if self._first is not None:
                self._first.close()
                self._first = None
            self._own = local()
