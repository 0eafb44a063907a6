"""Parquet files that hold events: what their rows say.

Such a file is read at random, so it has to lie on a disk: a local file where it is, any other as a temporary copy. It
is opened so that it can do no harm: the engine sees this one file and nothing else, no other files, no network, no
extensions, one thread, a bounded memory and no disk to spill to. Rows come out as JSON, in batches, in their order.
"""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb
import msgspec

from rootforensics.ingest.containers.rows import RECORDS, columns_of, event_of_row, lacking, with_events, with_place
from rootforensics.ingest.containers.shapes import SHAPES
from rootforensics.ingest.containers.tables import EVENT_HISTORY, is_event_history
from rootforensics.ingest.limits import RAISE_LIMIT
from rootforensics.ingest.seen import NO_COLUMN
from rootforensics.ingest.text import TABLE_HEAD_BYTES
from rootforensics.ingest.values import Values
from rootforensics.phrases import some

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.ingest.containers.rows import Columns
    from rootforensics.ingest.seen import Framing

#: What the engine may use to read one file. A page of the Parquet that it writes has up to 100 MB, and takes five times
#: as much.
MEMORY: Final = "1GB"
_ROWS_AT_ONCE: Final = 2048
_SETTINGS: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": MEMORY,
    "threads": 1,
    "temp_directory": "",
}
#: JSON keeps its spelling as text; bytes are text where they can be, else they are spelled in hexadecimal.
_AS_TEXT: Final = {"JSON": "{0}::VARCHAR", "BLOB": "coalesce(TRY(decode({0})), {0}::VARCHAR)"}
_TEXTS: Final = frozenset(("VARCHAR", *_AS_TEXT))
#: A JSON object or list with the key that each record of CloudTrail has, be it in a string in it; or one in base64.
_RECORD: Final = """'^\\s*([{[](?s:.)*eventVersion["\\\\]+\\s*:|H4sI|eyJ|W3s)'"""
#: Where the file lies for the engine is nobody's business.
_PLACE: Final = re.compile(r' (?:file )?[\'"][^\'"]*/evidence[\'"]')
_OCSF: Final = frozenset(("class_uid", "metadata"))
#: Stands in the first rows of a table that wraps events.
_MARK: Final = "eventVersion"
#: And in those of a table with a column that is a record.
_NESTED_MARK: Final = '"eventVersion":'
_BEYOND: Final = "is more than {:,} bytes and was read no further " + f"({RAISE_LIMIT}inflated-bytes if it is genuine)"
_COLUMNS_SHOWN: Final = 8
#: What an engine could not put into the records of its rows, as it has no column of it.
_LACKING: Final = "lacking"
_NO_LEDGER: Final = "it does not say which of its rows came from an event history, where a user name root tells root"


def frame_stored(windows: Iterator[bytes], seen: Framing) -> Iterator[Values]:
    """Yield the events of a Parquet file, row by row.

    Args:
        windows: the file's bytes, at least ``TABLE_HEAD_BYTES`` in the first.
        seen: takes the kind, the container, the damage and the remarks.
    """
    first = next(windows, b"")
    seen.kind, seen.outer = "parquet", "Parquet"
    done = 0
    try:
        with _on_disk(first, windows, seen) as path, opened(path) as table:
            for values in _events(table, seen):
                yield values
                done += len(values.texts)
    except (BrokenError, _NoCopyError) as error:
        told = _why(error, done)
        seen.damage = f"{seen.damage}; {told}" if seen.damage else told
    for _ in windows:
        pass


def _events(table: Stored, seen: Framing) -> Iterator[Values]:
    """The rows of a table that holds events."""
    columns = columns_of(list(table.columns), typed=True)
    if columns is None and not _wraps_events(table):
        seen.refusal = _refusal(list(table.columns))
        return
    if columns and not columns.whole:
        _tell_columns(table, columns, seen)
    left = seen.limits.max_inflated_bytes if seen.limits else 0
    for batch in table.rows():
        rows = [text.encode() for text in batch]
        if seen.limits and (left := left - sum(map(len, rows))) < 0:
            seen.damage = f"the text of its rows {_BEYOND.format(seen.limits.max_inflated_bytes)}"
            return
        if columns is None:
            kind = table.columns.get(RECORDS, "")
            is_nested = kind.startswith("STRUCT(") and kind.endswith(")[]")
            yield Values(list(map(with_events, rows)) if is_nested else rows)
        else:
            yield _mapped(rows, columns, seen)


def _mapped(rows: list[bytes], columns: Columns, seen: Framing) -> Values:
    events = [event_of_row(columns, row) for row in rows]
    if columns.place and _LACKING in columns.paths and rows:
        told = msgspec.json.decode(rows[0], type=dict[str, Any]).get(_LACKING) or ""
        seen.note_lacking(NO_COLUMN, frozenset(told.split()))
    if not all(whole for _, whole in events):
        _tell_lacking(columns, seen)
    originals = [event if whole else row for (event, whole), row in zip(events, rows, strict=True)]
    if columns.place:
        placed = zip(rows, events, strict=True)
        return Values([with_place(columns, row, event) for row, (event, _) in placed], originals=originals)
    return Values([event for event, _ in events], originals=originals)


@contextmanager
def _on_disk(first: bytes, windows: Iterator[bytes], seen: Framing) -> Iterator[Path]:
    """The file under a plain name; all of its bytes have been drawn by then, so that its hash is known."""
    with tempfile.TemporaryDirectory(prefix="rootforensics-", ignore_cleanup_errors=True) as folder:
        place = Path(folder) / "evidence"
        before = _stamp(seen.path, first)
        if before:
            for _ in windows:
                pass
            place.symlink_to(seen.path)
            yield place
            if _stamp(seen.path, first) != before:
                seen.damage = seen.damage or "the file was changed while it was read"
            return
        for piece in chain((first,), windows):
            _append(place, piece)
        yield place


class _NoCopyError(Exception):
    """The temporary copy cannot be written."""


def _append(place: Path, piece: bytes) -> None:
    try:
        with place.open("ab") as file:
            file.write(piece)
    except OSError as error:
        raise _NoCopyError(error.strerror) from error


def _stamp(path: str, first: bytes) -> tuple[int, int, int] | None:
    """What tells a local file from another; None if it is not the one whose bytes are read."""
    if not path:
        return None
    try:
        with Path(path).open("rb") as file:
            held = os.fstat(file.fileno())
            same = file.read(TABLE_HEAD_BYTES) == first[:TABLE_HEAD_BYTES]
    except OSError:
        return None
    return (held.st_ino, held.st_size, held.st_mtime_ns) if same else None


def _wraps_events(table: Stored) -> bool:
    """True for a table whose rows are passed on as they are: OCSF, or what other services wrap around events."""
    names = list(table.columns)
    if _OCSF.issubset(names):
        return True
    mark = _MARK if any(set(shape.told_by).issubset(names) for shape in SHAPES) else _NESTED_MARK
    return any(mark in text for text in next(table.rows(), [])) or table.holds_records()


def _tell_columns(table: Stored, columns: Columns, seen: Framing) -> None:
    """Say what the columns are, and of a table without rows what no column tells."""
    if columns.own:
        seen.outer = "rootforensics case"
        seen.notes.setdefault(_NO_LEDGER)
    elif is_event_history(list(table.columns), columns.paths.values()):
        seen.containers.setdefault(EVENT_HISTORY)
    elif not table.row_count:
        _tell_lacking(columns, seen)


def _tell_lacking(columns: Columns, seen: Framing) -> None:
    """Say what no column tells of rows that do not carry their records."""
    if not (columns.whole or columns.own or is_event_history(list(columns.paths), columns.paths.values())):
        seen.note_lacking(NO_COLUMN, lacking(columns.paths.values()))


def _refusal(columns: list[str]) -> str:
    return f"a Parquet file, but its columns are not those of CloudTrail events: {some(columns, _COLUMNS_SHOWN)}"


def _why(error: BrokenError | _NoCopyError, done: int) -> str:
    """Why reading ended after so many rows."""
    if isinstance(error, _NoCopyError):
        return f"a temporary copy, without which it cannot be read, cannot be written ({error})"
    if error.memory:
        return f"row {done + 1:,} and what follows need more memory than the {MEMORY} there are; not read"
    return (
        f"broken after {done:,} rows ({error}); what follows was not read"
        if done
        else f"a broken Parquet file ({error})"
    )


class BrokenError(Exception):
    """The engine cannot read a file; the text says why.

    Attributes:
        memory: True if it would take more memory than there is.
    """

    def __init__(self, text: str) -> None:
        super().__init__(_PLACE.sub(" the file", text.strip().split("\n")[0]))
        self.memory = text.startswith("Out of Memory")


@contextmanager
def _errors() -> Iterator[None]:
    """What the engine says, and what Arrow says in its stead while rows are drawn, in one error."""
    import pyarrow as pa

    try:
        yield
    except (duckdb.Error, OSError, pa.ArrowException) as error:
        raise BrokenError(str(error)) from error


@dataclass(frozen=True, slots=True)
class Stored:
    """The table in an opened file.

    Attributes:
        columns: name and type of each, in order.
        row_count: as the file says.
    """

    columns: dict[str, str]
    row_count: int
    _source: str
    _connection: duckdb.DuckDBPyConnection

    def rows(self) -> Iterator[list[str]]:
        """The rows as JSON objects, in batches; what is JSON in the table is text in it, spelled as it was.

        Raises:
            BrokenError: the file is broken, or a row needs more memory than there is.
        """
        spelled = ", ".join(
            f"{_AS_TEXT[kind].format(_quoted(name))} AS {_quoted(name)}"
            for name, kind in self.columns.items()
            if kind in _AS_TEXT
        )
        chosen = f"* REPLACE ({spelled})" if spelled else "*"
        alias = "r"
        while alias in map(str.lower, self.columns):
            alias += "r"
        text = f"SELECT to_json({alias})::VARCHAR FROM (SELECT {chosen} FROM {self._source}) AS {alias}"  # noqa: S608
        with _errors():
            reader = self._connection.sql(text).to_arrow_reader(_ROWS_AT_ONCE)
        while True:
            with _errors():
                try:
                    rows = reader.read_next_batch().column(0).to_pylist()
                except StopIteration:
                    return
            yield rows

    def holds_records(self) -> bool:
        """True if some text in a column is JSON, plain or in base64, in which a record of CloudTrail seems to stand.

        Raises:
            BrokenError: the file is broken.
        """
        texts = [
            _AS_TEXT.get(kind, "{0}").format(_quoted(name)) for name, kind in self.columns.items() if kind in _TEXTS
        ]
        tests = " OR ".join(f"regexp_matches({text}, {_RECORD})" for text in texts)
        with _errors():
            return bool(tests) and bool(
                self._connection.sql(f"SELECT 1 FROM {self._source} WHERE {tests} LIMIT 1").fetchall()  # noqa: S608
            )


@contextmanager
def opened(path: Path) -> Iterator[Stored]:
    """Open a Parquet file.

    Args:
        path: of the file; a path without quotes or wildcards.

    Raises:
        BrokenError: it is broken.
    """
    connection = duckdb.connect(":memory:", config=_SETTINGS)
    try:
        with _errors():
            table = _table(connection, "'" + str(path).replace("'", "''") + "'")
        yield table
    finally:
        connection.close()


def _table(connection: duckdb.DuckDBPyConnection, place: str) -> Stored:
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET python_enable_replacements = false")
    connection.execute(f"SET allowed_paths = [{place}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    source = f"read_parquet({place}, hive_partitioning = false)"
    columns = {row[0]: row[1] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}  # noqa: S608
    count = connection.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0]  # noqa: S608
    return Stored(columns, int(count), source, connection)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
