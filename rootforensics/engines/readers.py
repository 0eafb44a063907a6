"""The case file while it is read, by any number of threads; given up while nobody reads."""

from __future__ import annotations

import atexit
from contextlib import contextmanager
from threading import Lock, Timer, current_thread, local
from time import monotonic
from typing import TYPE_CHECKING, Final
from weakref import WeakSet, ref

import duckdb

from rootforensics.engines.duckdb import IDLE_SECONDS, no_case, open_reader
from rootforensics.engines.running import stoppable
from rootforensics.errors import CaseError, CaseLockedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


#: Timers that wait or close a file.
_timers: Final[WeakSet[Timer]] = WeakSet()


@atexit.register
def _end_timers() -> None:
    """End the timers before the interpreter kills their threads: one that is in DuckDB would abort the process."""
    while alive := [timer for timer in _timers if timer.is_alive()]:
        for timer in alive:
            timer.cancel()
            timer.join()


class Readers:
    """Connections to one file, a connection for each thread: one connection answers one question at a time.

    Args:
        path: the file; it is opened when the first connection is wanted.
        prepare: run on each new connection; what it raises is raised, and the connection is given up.

    Attributes:
        stays_open: True for a file that is kept until ``close``, however long nobody reads it.
        changes: how often the file was found changed when it was opened again.
    """

    def __init__(self, path: Path, prepare: Callable[[Path, duckdb.DuckDBPyConnection], None]) -> None:
        self._path = path
        self._prepare = prepare
        self._lock = Lock()
        self._first: duckdb.DuckDBPyConnection | None = None
        self._own = local()
        self._busy = 0
        self._last_used = 0.0
        self._timer: Timer | None = None
        self._seen: object = None
        self.stays_open = False
        self.changes = 0

    @contextmanager
    def reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The connection of this thread, whose temporary tables no other sees; the file is kept until the end of it."""
        with self._lock:
            held = self._connection()
            self._busy += 1
        try:
            yield held
        finally:
            with self._lock:
                self._busy -= 1
                self._last_used = monotonic()

    def _connection(self) -> duckdb.DuckDBPyConnection:
        held: duckdb.DuckDBPyConnection | None = getattr(self._own, "connection", None)
        if held is not None:
            return held
        held = stoppable(open_reader(self._path) if self._first is None else self._first.cursor())
        try:
            self._prepare(self._path, held)
        except duckdb.Error as error:
            held.close()
            raise no_case(self._path, error) from error
        except BaseException:
            held.close()
            raise
        if self._first is None:
            self._first = held
            self._look()
            self._watch(IDLE_SECONDS)
        self._own.connection = held
        return held

    def _look(self) -> None:
        """See whether the file is the one that was given up; nobody can write to it now."""
        seen = self._stat()
        self.changes += self._seen not in (None, seen)
        self._seen = seen

    def _stat(self) -> object:
        files = (self._path, self._path.with_name(f"{self._path.name}.wal"))
        return [(one.st_ino, one.st_size, one.st_mtime_ns) for one in (path.stat() for path in files if path.exists())]

    @contextmanager
    def given_up(self) -> Iterator[Callable[[], None]]:
        """Let go of the file for what changes nothing that is read; whoever wants to read waits until the end of it.

        Yields:
            What is to be called once nobody else can write to the file: it sees whether others did before.

        Raises:
            CaseLockedError: another thread reads.
            CaseError: the file is gone.
        """
        with self._lock:
            if self._busy:
                raise CaseLockedError("another thread is reading the case", where=str(self._path))
            if not self._path.is_file():  # opened for writing, it would be made
                raise CaseError("the case file is gone", where=str(self._path))
            self._close()
            is_same = []
            try:
                yield lambda: is_same.append(self._seen == self._stat())
            finally:
                if is_same == [True]:
                    self._seen = self._stat()

    def _watch(self, seconds: float) -> None:
        # It knows this object by a weak reference: a case that is dropped without being closed keeps no file open.
        self._timer = Timer(seconds, _look_after, (ref(self),))
        self._timer.daemon = True
        self._timer.start()
        _timers.add(self._timer)

    def give_up_if_idle(self) -> None:
        """Let go of the file if nobody reads it and the last who did ended some seconds ago; else look again later."""
        with self._lock:
            if self._timer is not current_thread():  # closed meanwhile, and perhaps opened again
                return
            rest = IDLE_SECONDS - (monotonic() - self._last_used)
            if self._busy or self.stays_open:
                rest = IDLE_SECONDS
            if rest > 0:
                self._watch(rest)
            else:
                self._close()

    def close(self) -> None:
        """Let go of the file; it is opened again when a connection is wanted."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._first is not None:
            self._first.close()
            self._first = None
        self._own = local()


def _look_after(readers: ref[Readers]) -> None:
    if (held := readers()) is not None:
        held.give_up_if_idle()
