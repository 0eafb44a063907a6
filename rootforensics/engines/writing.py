"""The case file while something is written to it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from rootforensics.engines.duckdb import (
    READER_MEMORY,
    SLOW_OPTIMIZER,
    WRITER_MEMORY,
    first_line,
    open_writer,
    storage_errors,
)
from rootforensics.engines.running import commit
from rootforensics.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Future

    import duckdb

    #: Adds to a case what is known of the work that is about to be committed.
    Record = Callable[[duckdb.DuckDBPyConnection], None]

#: Setting a case up takes a tenth of a second; on a very slow disk it may take longer.
_PATIENCE_SECONDS: Final = 20.0


class Opening:
    """A case that a thread opens for writing, and sets up, while other work goes on.

    Args:
        path: the case file.
        record: run before each commit, in its transaction.
        blank: what ``blank_case`` gives, if at hand.
        is_patient: wait some seconds for whoever has the case.
    """

    def __init__(self, path: Path, record: Record, blank: bytes = b"", *, is_patient: bool = True) -> None:
        self._path = path
        self._record = record
        self._blank = blank
        self._is_patient = is_patient
        self.is_new = not path.exists()
        self._thread = ThreadPoolExecutor(1)
        self._opened = self._thread.submit(self._open)
        self._set_up: Future[None] | None = None
        self._is_stuck = self._has_committed = False

    def _open(self) -> duckdb.DuckDBPyConnection:
        writer = open_writer(self._path, self._blank, is_patient=self._is_patient)
        # Somebody else may have loaded into it in the meantime.
        self.is_new = self.is_new and not holds_a_load(writer)
        return writer

    def begin(self, set_up: Callable[[duckdb.DuckDBPyConnection], None]) -> None:
        """Set the case up as soon as it is open, in a transaction that ``set_up`` begins."""
        self._set_up = self._thread.submit(lambda: set_up(self._opened.result()))

    def opened(self) -> duckdb.DuckDBPyConnection:
        """The writer as soon as the case is open; it may still be set up.

        Raises:
            CaseLockedError: another process has the case open.
            CaseError: the file is no case.
        """
        return self._opened.result()

    def ready(self) -> duckdb.DuckDBPyConnection:
        """The writer when it is set up.

        Raises:
            CaseError: the case cannot be written by this version; and as for ``opened``.
        """
        if self._set_up:
            self._set_up.result()
        return self._opened.result()

    def commit(self, what: str) -> None:
        """Commit, in the thread: Ctrl-C comes before it or after it, and ``what_is_kept`` tells which.

        Args:
            what: the case has gained since it was opened.

        Raises:
            duckdb.Error: it cannot be committed.
        """
        self._thread.submit(self._commit, what).result()

    def _commit(self, what: str) -> None:
        self._record(self._opened.result())
        commit(self._opened.result(), what)
        self._has_committed = True

    def undo(self) -> bool:
        """Give up what was not committed; True if that leaves nothing of a case that was begun anew.

        Ctrl-C inside an import may leave a lock behind for which the thread waits without end; the file is left to it.
        """
        undone = self._thread.submit(self._roll_back)
        self._is_stuck = bool(wait([undone], _PATIENCE_SECONDS).not_done)
        return not self._is_stuck and self.is_new and not self._has_committed

    def _roll_back(self) -> None:
        import duckdb

        with suppress(duckdb.Error):  # there is no transaction any more, or the engine has given up
            self._opened.result().execute("ROLLBACK")

    @property
    def is_open(self) -> bool:
        """True if the case could be opened."""
        return self._opened.exception() is None

    def close(self) -> None:
        """Close the case, if it is open, and end the thread."""
        self._thread.shutdown(wait=not self._is_stuck)
        if self.is_open and not self._is_stuck:
            self._opened.result().close()


def blank_case(set_up: Callable[[duckdb.DuckDBPyConnection], None]) -> bytes:
    """A case file into which nothing was loaded: to copy it takes a third of the time of setting another one up.

    Args:
        set_up: as for ``Opening.begin``.

    Raises:
        StorageError: the folder for temporary files cannot be written.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder, "blank.duckdb")
        with storage_errors(path), closing(open_writer(path)) as writer:
            set_up(writer)
            writer.execute("DELETE FROM case_info WHERE name IN ('format', 'created_by')")
            writer.execute("COMMIT")
        return path.read_bytes()


@contextmanager
def opened_writer(path: Path, record: Record, blank: bytes = b"", *, is_patient: bool = True) -> Iterator[Opening]:
    """The case being opened for writing; closed at the end, and removed if a first load into it leaves nothing.

    The arguments are those of ``Opening``.
    """
    opening = Opening(path, record, blank, is_patient=is_patient)
    with closing(opening):
        try:
            yield opening
        except BaseException:
            # What is left of a first load that committed nothing is no case; removed while the lock is ours.
            if opening.is_open and opening.undo():
                path.unlink(missing_ok=True)
                path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
            raise
        bring_in(opening.opened(), path)


def bring_in(writer: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Bring into the file what was committed: closing would do it, too, and say nothing where the disk is full.

    Raises:
        StorageError: it stays beside the file.
    """
    import duckdb

    try:
        writer.execute("CHECKPOINT")
    except duckdb.Error as error:
        raise StorageError(
            f"everything is stored, but part of it is in {path.name}.wal, because the file cannot be written"
            f" ({first_line(error)})",
            where=str(path),
            hint="Free disk space and load the same evidence again. Until then, keep both files together",
        ) from error


def holds_a_load(writer: duckdb.DuckDBPyConnection) -> bool:
    """Whether anything was committed into a database, be it a case or not; a blank case has no format yet."""
    tables = writer.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    if ("case_info",) not in tables:
        return bool(tables)
    return bool(writer.execute("SELECT 1 FROM case_info WHERE name = 'format'").fetchall())


def insert_rows(writer: duckdb.DuckDBPyConnection, table: str, rows: Sequence[dict[str, Any]]) -> None:
    """Add rows to a table; all have the same columns."""
    import pyarrow as pa

    if rows:
        columns = {name: pa.array([row[name] for row in rows]) for name in rows[0]}
        given = pa.table(columns)  # noqa: F841 - the statement reads it by this name
        writer.execute(f"INSERT INTO {table} BY NAME SELECT * FROM given")  # noqa: S608 - a name of ours


def insert_as_json(
    writer: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str], rows: Sequence[dict[str, Any]]
) -> None:
    """Add rows to a table, without Arrow's way from Python, which imports pandas.

    Args:
        writer: of a case.
        table: its name.
        columns: name and type.
        rows: values as JSON has them; a column that is missing is NULL.
    """
    row = f"SELECT unnest(from_json(?, '{json.dumps([dict(columns)])}')) AS row"
    text = f"INSERT INTO {table} BY NAME SELECT unnest(row) FROM ({row})"  # noqa: S608 - names of ours
    writer.execute(text, [json.dumps(rows)])


@contextmanager
def without_optimizers(connection: duckdb.DuckDBPyConnection, *names: str) -> Iterator[None]:
    """Have the engine leave statements as they are written, where its rewriting would cost memory.

    Args:
        connection: the writer.
        names: optimizers as the engine names them.
    """
    connection.execute(f"SET disabled_optimizers = '{','.join(names)}'")
    yield
    # After an error the transaction takes no statement any more, and the connection is given up.
    connection.execute("RESET disabled_optimizers")


@contextmanager
def as_readers_do(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Give questions of a load the memory and plans that they have when readers ask them: views were made for that.

    Args:
        connection: the writer.
    """
    connection.execute(f"SET memory_limit = '{READER_MEMORY}'")
    with without_optimizers(connection, SLOW_OPTIMIZER):
        yield
    connection.execute(f"SET memory_limit = '{WRITER_MEMORY}'")  # as above
