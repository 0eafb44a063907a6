"""Stop what is being asked: the engine may work for hours before Python gets its turn again."""

from __future__ import annotations

from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, Final
from weakref import WeakSet

if TYPE_CHECKING:
    import duckdb

_lock: Final = Lock()
_reading: Final[WeakSet[duckdb.DuckDBPyConnection]] = WeakSet()


def stoppable(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A connection that only reads, noted so that ``interrupt`` reaches it for as long as it is held."""
    with _lock:
        _reading.add(connection)
    return connection


def interrupt() -> None:
    """End the statements that these connections run; each raises ``duckdb.InterruptException``. For any thread."""
    with _lock:
        held = list(_reading)
    if held:
        from duckdb import ConnectionException
    for connection in held:
        with suppress(ConnectionException):  # closed meanwhile, it runs nothing
            connection.interrupt()
