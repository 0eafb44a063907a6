"""Connections to a case file: one writer, or any number of readers that can do no harm."""

from __future__ import annotations

import errno
import os
import re
from contextlib import contextmanager
from threading import Lock
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

import duckdb

from rootforensics.engines.running import begin_writing, what_is_kept
from rootforensics.errors import CaseError, CaseLockedError, QueryError, StorageError
from rootforensics.schema import EVENT_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: DuckDB keeps to this while loading; what does not fit goes to a temporary folder beside the case.
WRITER_MEMORY: Final = "200MiB"
#: Rows that each thread gathers before they are written; the engine's own number takes four times the memory.
_ROW_GROUP: Final = 30_720
#: Programs with DuckDB of this version or a later one can open a case.
_STORAGE: Final = "v1.5.0"
#: What a writer calls the database of the case.
WRITTEN: Final = "written_case"
#: DuckDB keeps to this while reading: what it caches of the case, and what an answer needs to be worked out.
READER_MEMORY: Final = "1GiB"
#: Each of the engine's threads takes its share of that: buffers for every column, and what it decodes.
_MOST_THREADS: Final = 4

# Given at the start: a file of another kind makes the engine look for an extension that reads it.
_NO_EXTENSIONS: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
#: A database file without any content is no larger.
_EMPTY_BYTES: Final = 16 * 1024
#: A disk or a quota is full, a file may not become larger, the disk fails.
_DISK_ERRORS: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
_LOCK_HOLDER: Final = re.compile(r"held in (?P<program>.*?) \(PID (?P<pid>\d+)\)")
#: Where a DuckDB file says what it is, and how.
_MAGIC_PLACE: Final = 8
_MAGIC: Final = b"DUCK"
_START_BYTES: Final = 256
#: A file that nobody has read for so long is given up, so that others may write to it.
IDLE_SECONDS: Final = 5.0
#: So long a writer waits for whoever has the file, who may be a reader about to give it up.
_PATIENCE_SECONDS: Final = IDLE_SECONDS + 2
#: So long a reader waits for a writer: what adds one row to the chain of custody is done by then.
_READER_SECONDS: Final = 0.5
_RETRY_SECONDS: Final = 0.1
_TRIES: Final = 10
_PAUSE_SECONDS: Final = 0.05
_BLANK: Final = """
SELECT total_blocks = 0 AND wal_size = '0 bytes' FROM pragma_database_size() WHERE database_name = current_database()
"""
#: Begins what a statement that was carried here says of a value that it cannot take.
NOT_CARRIED: Final = "not carried: "
#: Columns with fields inside: in a database of that name, ``userIdentity.type`` would be a table.
_COLUMNS: Final = frozenset(name.lower() for name, kind in EVENT_FIELDS.items() if isinstance(kind, dict))
_opening: Final = Lock()
#: It walks the whole plan for each projection: a UNION of 120 parts takes half a minute. Nothing gets faster by it.
SLOW_OPTIMIZER: Final = "projection_pullup"
#: A case as small as this is read by one thread: to wake others takes more than they save.
_SMALL_BYTES: Final = 16 << 20
_READER_SETTINGS: Final = (
    "SET GLOBAL TimeZone = 'UTC'",
    f"SET memory_limit = '{READER_MEMORY}'",
    "SET python_enable_replacements = false",
    "SET enable_external_access = false",
    f"SET disabled_optimizers = '{SLOW_OPTIMIZER}'",
    "SET lock_configuration = true",
)
_WRITER_SETTINGS: Final = (
    "SET TimeZone = 'UTC'",
    f"SET memory_limit = '{WRITER_MEMORY}'",
    "SET preserve_insertion_order = false",
    # Merging small row groups at each checkpoint costs more than it saves.
    "SET max_vacuum_tasks = 0",
)


def open_writer(path: Path, blank: bytes = b"", *, is_patient: bool = True) -> duckdb.DuckDBPyConnection:
    """Open the case for writing; create the file if there is none.

    Args:
        path: the case file.
        blank: what a new file begins as; the engine makes an empty one if not given.
        is_patient: wait for whoever has the case open.

    Raises:
        CaseLockedError: somebody else has the case open, and keeps it if there was patience.
        CaseError: the file is no DuckDB file, or its folder does not exist.
    """
    if not path.parent.is_dir():
        raise CaseError("the folder for the case does not exist", where=str(path), hint="Create it first")
    _check_name(path)
    existed = path.exists()
    if blank and not existed:
        _place(path, blank)
    try:
        connection = _connect_patiently(path, _PATIENCE_SECONDS if is_patient else 0, read_only=False)
    except StorageError:
        if not existed and path.exists() and path.stat().st_size <= _EMPTY_BYTES:
            path.unlink()  # begun and not finished; it would not even open
        raise
    for setting in _WRITER_SETTINGS:
        connection.execute(setting)
    if connection.execute("SELECT current_setting('threads')").fetchall()[0][0] > _MOST_THREADS:
        connection.execute(f"SET threads = {_MOST_THREADS}")
    return connection


def _place(path: Path, blank: bytes) -> None:
    try:
        with path.open("xb") as file:
            file.write(blank)
    except FileExistsError:  # another process was faster
        return
    except OSError:
        path.unlink(missing_ok=True)  # the engine meets the same obstacle, and its error is told as ever


def open_reader(path: Path) -> duckdb.DuckDBPyConnection:
    """Open the case for reading only: no files, no network, no extensions, settings locked, time in UTC.

    Raises:
        CaseError: there is no such file, or it is no DuckDB file.
        CaseLockedError: a writer has the case open.
    """
    if not path.is_file():
        raise CaseError("the case file does not exist", where=str(path), hint="rootforensics load creates one")
    with _opening:
        connection = _connect_patiently(path, _READER_SECONDS, read_only=True)
        # A second reader of this process shares the first one's engine, which is set and locked already.
        locked = connection.execute("SELECT current_setting('lock_configuration')").fetchall()[0][0]
        few = ("SET threads = 1",) if path.stat().st_size < _SMALL_BYTES else ()
        for setting in () if locked else (*few, *_READER_SETTINGS):
            connection.execute(setting)
    return connection


def attach(writer: duckdb.DuckDBPyConnection, path: Path, name: str) -> None:
    """Let a writer read another case, too.

    Args:
        writer: of a case.
        path: the other case file.
        name: what its tables are called by.

    Raises:
        CaseLockedError: somebody writes to it.
        CaseError: it cannot be read.
    """
    try:
        writer.execute(f"ATTACH '{_quoted(path)}' AS {name} (TYPE duckdb, READ_ONLY)")
    except duckdb.IOException as error:
        raise _as_case_error(path, error) from error


def is_database(path: Path) -> bool:
    """True for a file that begins as DuckDB's do.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return file.read(_MAGIC_PLACE + len(_MAGIC))[_MAGIC_PLACE:] == _MAGIC


def is_blank(connection: duckdb.DuckDBPyConnection) -> bool:
    """True for a database that nothing was ever written to; answered many times faster than what it holds."""
    return bool(connection.execute(_BLANK).fetchall()[0][0])


def _stays_empty(path: Path) -> bool:
    """True for an empty file, unless another process has just begun to make a case of it."""
    for _ in range(_TRIES):
        if not path.is_file() or path.stat().st_size:
            return False
        sleep(_PAUSE_SECONDS)
    return True


def _no_database(path: Path) -> CaseError:
    try:
        with path.open("rb") as file:
            start = file.read(_START_BYTES)
    except OSError as error:
        return CaseError(f"cannot be read ({error.strerror})", where=str(path))
    if start[_MAGIC_PLACE:].startswith(_MAGIC):
        return CaseError(
            "this file is not a case, or another version wrote it", where=str(path), hint="Name another path"
        )
    looks = _looks_like(start)
    return CaseError(f"this is not a case file ({looks})", where=str(path), hint="Are the arguments swapped?")


def _looks_like(start: bytes) -> str:
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:1] in (b"{", b"["):
        return "it looks like JSON"
    if start.startswith(b"\x1f\x8b"):
        return "it looks like a gzip file"
    if start.startswith(b"SQLite format 3"):
        return "it looks like an SQLite database"
    if start.startswith(b"PAR1"):
        return "it looks like Parquet"
    is_text = not any(byte < ord(" ") and byte not in b"\t\r\n" for byte in start)
    return "it looks like text, such as CSV" if is_text else "it is not a DuckDB file"


def _check_name(path: Path) -> None:
    if os.sep == "/" and "\\" in str(path.absolute()):  # the engine would open another file, with "/" in its place
        raise CaseError("the path of a case cannot have a backslash in it", where=str(path), hint="Name another path")
    try:
        str(path.absolute()).encode()
    except UnicodeEncodeError as error:  # the engine takes texts alone
        raise CaseError("the path of a case must be UTF-8", where=str(path), hint="Name another path") from error
    if path.name.partition(".")[0].lower() in _COLUMNS:  # the engine calls a database by its file's name
        raise CaseError("a case cannot have the name of a column of events", where=str(path), hint="Name another path")


def _connect(path: Path, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    _check_name(path)
    if path.exists() and not path.is_file():
        raise CaseError("a pipe, a device or a folder cannot be a case", where=str(path), hint="Name another path")
    if _stays_empty(path):
        raise CaseError("this file is empty and not a case", where=str(path), hint="Remove it or name another path")
    try:
        # An absolute path names a file, whatever it looks like: ":memory:" alone would be none, "md:x" a service. The
        # type is said, for DuckDB takes JSON and CSV for a database in memory; it would spill to a folder of that name.
        config = {**_NO_EXTENSIONS, "temp_directory": f"{path.absolute()}.tmp"}
        if not read_only:
            return _attached(path, duckdb.connect(config=config))
        return duckdb.connect(f"duckdb:{path.absolute()}", read_only=True, config=config)
    except (duckdb.ConnectionException, duckdb.ResourceInUseException) as error:
        raise CaseLockedError(
            "this process already has the case open in another way",
            where=str(path),
            hint="Close the other Case object first",
        ) from error
    except duckdb.Error as error:
        if _is_of_disk(error):
            raise _full_disk(first_line(error), path) from error
        if isinstance(error, duckdb.IOException):
            raise _as_case_error(path, error) from error
        raise no_case(path, error) from error


def _connect_patiently(path: Path, seconds: float, *, read_only: bool) -> duckdb.DuckDBPyConnection:
    end = monotonic() + seconds
    while True:
        try:
            return _connect(path, read_only=read_only)
        except CaseLockedError:
            if monotonic() > end:
                raise
        sleep(_RETRY_SECONDS)


def _attached(path: Path, connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """A connection whose database is a file; only such a file takes another size of row groups."""
    # A file keeps the storage version with which it was made; DuckDB refuses to lower it.
    storage = "" if path.exists() else f", STORAGE_VERSION '{_STORAGE}'"
    connection.execute(f"ATTACH '{_quoted(path)}' AS {WRITTEN} (TYPE duckdb, ROW_GROUP_SIZE {_ROW_GROUP}{storage})")
    connection.execute(f"USE {WRITTEN}")
    return connection


def _quoted(path: Path) -> str:
    return str(path.absolute()).replace("'", "''")


def no_case(path: Path, error: duckdb.Error) -> CaseError:
    """The error for a file that is a database and cannot be read as a case."""
    hint = "The file was changed or damaged: take a copy of it, or load the evidence into a new case"
    other = "Is it a case file of this version?"
    return CaseError(first_line(error), where=str(path), hint=hint if _is_damage(error) else other)


def _is_damage(error: duckdb.Error) -> bool:
    return any(mark in str(error) for mark in ("Corrupt database file", "Could not read enough bytes"))


def _as_case_error(path: Path, error: duckdb.Error) -> CaseError:
    text = str(error)
    if "lock" in text.lower():
        holder = _LOCK_HOLDER.search(text)
        who = f"process {holder['pid']} ({holder['program']})" if holder else "another process"
        return CaseLockedError(
            f"the case is in use by {who}",
            where=str(path),
            hint="Wait until it finishes or end it, then run the same command again. Nothing was changed",
        )
    if "permission denied" in text.lower():
        return CaseError("permission denied", where=str(path), hint="Copy the case to a folder that you can write to")
    if "not a valid DuckDB" in text or "version number" in text:
        return _no_database(path)
    return no_case(path, error) if _is_damage(error) else CaseError(first_line(error), where=str(path))


def _is_of_disk(error: duckdb.Error) -> bool:
    """True if the engine could not write; at a commit that is no ``IOException``, but an error of the transaction."""
    text = str(error)
    return any(mark in text for mark in ("Could not write", "Failed to commit")) or any(
        os.strerror(number) in text for number in _DISK_ERRORS
    )


def first_line(error: Exception) -> str:
    """What an error of the engine says first."""
    return str(error).strip().split("\n")[0]


@contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn a full or failing disk, or a file that may not become larger, into one clear error that says what is kept.

    Raises:
        StorageError: the case cannot be written.
        CaseError: it is damaged.
    """
    begin_writing()
    try:
        yield
    except OSError as error:
        if error.errno not in (*_DISK_ERRORS, errno.EROFS, errno.EACCES):
            raise
        raise _full_disk(str(error.strerror), path) from error
    except (duckdb.InterruptException, RuntimeError) as error:
        if "interrupted" not in str(error).lower():  # the engine says so in two ways
            raise
        raise KeyboardInterrupt from error
    except duckdb.OutOfMemoryException as error:
        raise StorageError(
            f"the engine's memory ({WRITER_MEMORY}) is not enough for these records",
            where=str(path),
            hint=f"Load fewer files at a time, and the largest one on its own; {what_is_kept()}",
        ) from error
    except duckdb.Error as error:
        if _is_damage(error):
            raise no_case(path, error) from error
        if isinstance(error, duckdb.IOException) or _is_of_disk(error) or "max_temp_directory" in str(error):
            raise _full_disk(first_line(error), path) from error
        raise


def _full_disk(what: str, path: Path) -> StorageError:
    hint = f"Free some space or choose another disk, then run the same command again; {what_is_kept()}"
    return StorageError(f"cannot write ({what})", where=str(path), hint=hint)


@contextmanager
def query_errors(where: str) -> Iterator[None]:
    """Turn an error of the engine into one that names the query.

    Raises:
        QueryError: the SQL does not parse, bind or run.
        KeyboardInterrupt: it was stopped.
    """
    try:
        yield
    except (duckdb.InterruptException, RuntimeError) as error:
        if "interrupted" not in str(error).lower():  # the engine says so in two ways
            raise
        raise KeyboardInterrupt from error
    except duckdb.PermissionException as error:
        hint = "A query reads the case and nothing else: no files, no network, no settings"
        raise QueryError(first_line(error), where=where, hint=hint) from error
    except duckdb.InvalidInputException as error:
        text = first_line(error).removeprefix("Invalid Input Error: ")
        if "cannot encode str as UTF-8" in text:
            raise QueryError(
                "a value contains bytes that are not text", where=where, hint="Write it as UTF-8"
            ) from error
        hint = "A query only reads; use load to add evidence" if "read-only" in text else ""
        raise QueryError(text, where=where, hint=hint) from error
    except duckdb.Error as error:
        why = re.search(f"string '{NOT_CARRIED}(.*)' to BOOL", str(error), re.DOTALL)
        raise QueryError(why[1] if why else str(error).strip(), where=where) from error
