"""Parquet files that hold events: what their rows say.

Such a file is read at random, so it has to lie on a disk: a local file where it is, any other as a temporary copy.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rootforensics.ingest.containers.rows import RECORDS, columns_of, event_of_row, lacking, with_events
from rootforensics.ingest.containers.sandbox import MEMORY, BrokenError, opened
from rootforensics.ingest.containers.shapes import SHAPES
from rootforensics.ingest.containers.tables import EVENT_HISTORY, is_event_history
from rootforensics.ingest.framing import Values
from rootforensics.ingest.limits import RAISE_LIMIT
from rootforensics.ingest.seen import NO_COLUMN
from rootforensics.ingest.text import TABLE_HEAD_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.ingest.containers.rows import Columns
    from rootforensics.ingest.containers.sandbox import Stored
    from rootforensics.ingest.seen import Framing

_OCSF: Final = frozenset(("class_uid", "metadata"))
#: Stands in the first rows of a table that wraps events.
_MARK: Final = "eventVersion"
#: And in those of a table with a column that is a record.
_NESTED_MARK: Final = '"eventVersion":'
_BEYOND: Final = "is more than {:,} bytes and was read no further " + f"({RAISE_LIMIT}inflated-bytes if it is genuine)"
_COLUMNS_SHOWN: Final = 8
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
    columns = _use_of(table)
    if columns is None:
        seen.refusal = _refusal(list(table.columns))
        return
    if not (isinstance(columns, _AsItIs) or columns.whole):
        _tell_columns(table, columns, seen)
    left = seen.limits.max_inflated_bytes if seen.limits else 0
    for batch in table.rows():
        rows = [text.encode() for text in batch]
        if seen.limits and (left := left - sum(map(len, rows))) < 0:
            seen.damage = f"the text of its rows {_BEYOND.format(seen.limits.max_inflated_bytes)}"
            return
        if isinstance(columns, _AsItIs):
            kind = table.columns.get(RECORDS, "")
            is_nested = kind.startswith("STRUCT(") and kind.endswith(")[]")
            yield Values(list(map(with_events, rows)) if is_nested else rows)
        else:
            yield _mapped(rows, columns, seen)


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


class _AsItIs:
    """The rows of a table are passed on for what other services wrap around events, and for OCSF."""


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
    more = f" and {len(columns) - _COLUMNS_SHOWN:,} more" if len(columns) > _COLUMNS_SHOWN else ""
    shown = ", ".join(columns[:_COLUMNS_SHOWN])
    return f"a Parquet file, but its columns are not those of CloudTrail events: {shown}{more}"


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
