"""Stop what is being asked, which may take hours; what is committed is, and whoever is stopped can say so."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from threading import Lock
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import duckdb

_lock: Final = Lock()
_reading: Final[WeakSet[duckdb.DuckDBPyConnection]] = WeakSet()
_committing: Final = Lock()
#: What was committed to the case that was written last, and in the whole process, by the words before a colon.
_committed: list[str] = []
_all_committed: dict[str, str] = {}


def stoppable(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A connection that only reads, noted so that ``interrupt`` reaches it for as long as it is held."""
    with _lock:
        _reading.add(connection)
    return connection


@contextmanager
def stopping(writer: duckdb.DuckDBPyConnection) -> Iterator[duckdb.DuckDBPyConnection]:
    """A writer whose statements take long: ``interrupt`` ends them, until the end of the context."""
    try:
        yield stoppable(writer)
    finally:
        with _lock:
            _reading.discard(writer)


def interrupt() -> None:
    """End the statements that these connections run; each raises ``duckdb.InterruptException``. For any thread."""
    with _lock:
        held = list(_reading)
    if held:
        from duckdb import ConnectionException
    for connection in held:
        with suppress(ConnectionException):  # closed meanwhile, it runs nothing
            connection.interrupt()


def begin_writing() -> None:
    """Note that a case is to be written, and nothing is committed to it yet."""
    with _committing:
        _committed.clear()


def commit(connection: duckdb.DuckDBPyConnection, what: str) -> None:
    """Commit and note it, in a thread that Ctrl-C does not reach.

    Args:
        connection: a writer, in a transaction.
        what: the case has gained since it was opened.

    Raises:
        duckdb.Error: it cannot be committed.
    """
    with _committing:
        connection.execute("COMMIT")
        _committed[:] = [what]
        _all_committed[what.partition(":")[0]] = what


def what_is_kept() -> str:
    """What the case that was written last keeps of that, in words; it waits for a commit to end."""
    with _committing:
        return _kept(_committed)


def what_a_command_kept(way_on: str) -> str:
    """What a case keeps of everything that this process committed, in words; it waits for a commit to end.

    Args:
        way_on: what to do next; said only if something was committed.
    """
    with _committing:
        return _kept(_all_committed.values()) + (way_on if _all_committed else "")


def _kept(committed: Iterable[str]) -> str:
    what = "; ".join(committed)
    return f"the case keeps what was committed ({what})" if what else "the case is as it was"
