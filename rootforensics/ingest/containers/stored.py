"""Parquet and DuckDB files that hold events: which of their tables do, and what their rows say.

Such a file is read at random, so it has to lie on a disk: a local file where it is, any other as a temporary copy.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rootforensics.ingest.containers.rows import columns_of, event_of_row, lacking
from rootforensics.ingest.containers.sandbox import MEMORY, BrokenError, opened
from rootforensics.ingest.containers.shapes import SHAPES
from rootforensics.ingest.containers.tables import EVENT_HISTORY, is_event_history
from rootforensics.ingest.framing import Values
from rootforensics.ingest.hints import MAY_HOLD_EVENTS
from rootforensics.ingest.limits import RAISE_LIMIT
from rootforensics.ingest.seen import NO_COLUMN
from rootforensics.ingest.text import TABLE_HEAD_BYTES, table_kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.ingest.containers.rows import Columns
    from rootforensics.ingest.containers.sandbox import Stored
    from rootforensics.ingest.seen import Framing

_NAMES: Final = {"parquet": "Parquet", "duckdb": "DuckDB"}
_OCSF: Final = frozenset(("class_uid", "metadata"))
#: Stands in the first rows of a table that wraps events.
_MARK: Final = "eventVersion"
#: And in those of a table with a column that is a record.
_NESTED_MARK: Final = '"eventVersion":'
_BEYOND: Final = "is more than {:,} bytes and was read no further " + f"({RAISE_LIMIT}inflated-bytes if it is genuine)"
_COLUMNS_SHOWN: Final = 8


def frame_stored(windows: Iterator[bytes], seen: Framing) -> Iterator[Values]:
    """Yield the events of a Parquet or DuckDB file, row by row; the rows of several tables follow one another.

    Args:
        windows: the file's bytes, at least ``TABLE_HEAD_BYTES`` in the first.
        seen: takes the kind, the container, the damage and the remarks.
    """
    first = next(windows, b"")
    kind = table_kind(first)
    seen.kind = kind
    seen.outer = _NAMES[kind]
    try:
        with _on_disk(first, windows, seen) as path, opened(path, kind) as tables:
            yield from _events(tables, seen)
    except (BrokenError, _NoCopyError) as error:
        _tell_error(error, 0, seen)
    for _ in windows:
        pass


def _events(tables: list[Stored], seen: Framing) -> Iterator[Values]:
    """The rows of the tables that hold events; a broken table does not stop the others."""
    chosen = [(table, _told_use_of(table, seen)) for table in tables]
    _tell_tables(seen.kind, chosen, seen)
    left = seen.limits.max_inflated_bytes if seen.limits else 0
    for table, columns in chosen:
        if columns is None:
            continue
        done = 0
        try:
            for batch in table.rows():
                rows = [text.encode() for text in batch]
                if seen.limits and (left := left - sum(map(len, rows))) < 0:
                    seen.damage = f"the text of its rows {_BEYOND.format(seen.limits.max_inflated_bytes)}"
                    return
                yield Values(rows) if isinstance(columns, _AsItIs) else _mapped(rows, columns, seen)
                done += len(rows)
        except BrokenError as error:
            _tell_error(error, done, seen)


def _mapped(rows: list[bytes], columns: Columns, seen: Framing) -> Values:
    events = [event_of_row(columns, row) for row in rows]
    if not all(whole for _, whole in events):
        _tell_lacking(columns, seen)
    originals = [event if whole else row for (event, whole), row in zip(events, rows, strict=True)]
    return Values([event for event, _ in events], originals=originals)


@contextmanager
def _on_disk(first: bytes, windows: Iterator[bytes], seen: Framing) -> Iterator[Path]:
    """The file under a plain name; all of its bytes have been drawn by then, so that its hash is known."""
    with tempfile.TemporaryDirectory(prefix="rootforensics-", ignore_cleanup_errors=True) as folder:
        place = Path(folder) / "evidence"
        before = _stamp(seen.path, first)
        if before and not os.path.lexists(f"{seen.path}.wal"):
            for _ in windows:
                pass
            place.symlink_to(seen.path)
            yield place
            if _stamp(seen.path, first) != before:
                seen.damage = seen.damage or "the file was changed while it was read"
            return
        if before:
            seen.notes.setdefault("what is only in the .wal file beside it was not read")
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


class _AsItIs:
    """The rows of a table are passed on for what other services wrap around events, and for OCSF."""


def _told_use_of(table: Stored, seen: Framing) -> Columns | _AsItIs | None:
    """What the rows of a table are; None, too, if that cannot be told because the table is broken, which is said."""
    try:
        return _use_of(table)
    except BrokenError as error:
        _tell_error(error, 0, seen)
        return None


def _use_of(table: Stored) -> Columns | _AsItIs | None:
    """What the rows of a table are; None if they are no events."""
    names = list(table.columns)
    columns = columns_of(names, typed=True)
    if columns is not None:
        return columns
    if _OCSF.issubset(names):
        return _AsItIs()
    wrapped = any(set(shape.told_by).issubset(names) for shape in SHAPES)
    mark = _MARK if wrapped else _NESTED_MARK
    if any(mark in text for text in next(table.rows(), [])):
        return _AsItIs()
    return _AsItIs() if table.holds_records() else None


def _tell_tables(kind: str, chosen: list[tuple[Stored, Columns | _AsItIs | None]], seen: Framing) -> None:
    """Say which tables are read, which are not, and what no column tells."""
    for table, columns in chosen:
        if isinstance(columns, _AsItIs) or columns is None or columns.whole:
            continue
        if columns.own:
            seen.outer = "rootforensics case"
            if any(EVENT_HISTORY in name for name in _containers(chosen)):
                seen.containers.setdefault(EVENT_HISTORY)
        elif is_event_history(list(table.columns), columns.paths.values()):
            seen.containers.setdefault(EVENT_HISTORY)
        elif not table.row_count:
            _tell_lacking(columns, seen)
    read = [f"{table.name} ({table.row_count:,} rows)" for table, columns in chosen if columns is not None]
    left = [table.name for table, columns in chosen if columns is None]
    if not read:
        seen.refusal = _refusal(kind, [table for table, _ in chosen])
    elif kind == "duckdb":
        also = f"; not read: {', '.join(left)}" if left else ""
        seen.notes.setdefault(f"read from its tables: {', '.join(read)}{also}")


def _tell_lacking(columns: Columns, seen: Framing) -> None:
    """Say what no column tells of rows that do not carry their records."""
    if not (columns.whole or columns.own or is_event_history(list(columns.paths), columns.paths.values())):
        seen.note_lacking(NO_COLUMN, lacking(columns.paths.values()))


def _containers(chosen: Iterable[tuple[Stored, Columns | _AsItIs | None]]) -> list[str]:
    """What the ledger of a case says of the containers of its evidence."""
    return [name for table, _ in chosen if table.name == "evidence" for name in table.values("container")]


def _refusal(kind: str, tables: list[Stored]) -> str:
    if kind == "parquet":
        columns = list(tables[0].columns)
        more = f" and {len(columns) - _COLUMNS_SHOWN:,} more" if len(columns) > _COLUMNS_SHOWN else ""
        shown = ", ".join(columns[:_COLUMNS_SHOWN])
        return f"a Parquet file, but its columns are not those of CloudTrail events: {shown}{more}"
    names = ", ".join(table.name for table in tables)
    return f"a DuckDB file, but no table in it has the columns of CloudTrail events: {names or 'it has no table'}"


def _tell_error(error: BrokenError | _NoCopyError, done: int, seen: Framing) -> None:
    """Say why reading ended; a file of another version is no damaged one."""
    if isinstance(error, _NoCopyError):
        told = f"a temporary copy, without which it cannot be read, cannot be written ({error})"
    elif error.memory:
        told = f"row {done + 1:,} and what follows need more memory than the {MEMORY} there are; not read"
    elif done:
        told = f"broken after {done:,} rows ({error}); what follows was not read"
    elif "version" in str(error) and seen.kind == "duckdb":
        seen.refusal = f"a DuckDB file of a version that cannot be read here ({error}); {MAY_HOLD_EVENTS}"
        return
    else:
        told = f"a broken {seen.outer} file ({error})"
    seen.damage = f"{seen.damage}; {told}" if seen.damage else told
