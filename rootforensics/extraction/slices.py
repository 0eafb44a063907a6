"""The slices of an extraction: some days of one scan each; a file beside the Parquet says that it is whole."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import chain, count
from typing import TYPE_CHECKING, Final

import msgspec

from rootforensics.errors import StorageError
from rootforensics.sources.names import SLICE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DAY: Final = "%Y/%m/%d"
#: So much later a log may still be delivered.
_DELIVERY: Final = timedelta(days=1)


class Finished(msgspec.Struct, frozen=True):
    """A slice that is whole.

    Attributes:
        sql_sha256: of the statement, without the objects that the engine could not read.
        asked_time: when it was asked, UTC.
        row_count: records in its files.
        scanned_bytes: that the engine read.
        left_out: objects that it could not read.
    """

    sql_sha256: str
    asked_time: datetime
    row_count: int
    scanned_bytes: int
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Slice:
    """Some days of a scan.

    Attributes:
        folder: for its files.
        sql: the statement, without the objects that the engine cannot read.
        last_day: ``YYYY/MM/DD``.
    """

    folder: Path
    sql: str
    last_day: str

    @classmethod
    def at(cls, folder: Path, sql: str, last_day: str) -> Slice:
        """The slice in a folder, or in the next of its name: what is whole may be loaded, and is not written again."""
        made = (cls(folder.with_name(f"{folder.name}-{number}"), sql, last_day) for number in count(2))
        return next(one for one in chain([cls(folder, sql, last_day)], made) if one.held() is None or one.finished())

    @property
    def _sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()

    def finished(self) -> Finished | None:
        """What is there of it if it is whole; one that was asked before all logs of its days came is asked again."""
        held = self.held()
        over = datetime.strptime(self.last_day, _DAY).replace(tzinfo=UTC) + timedelta(days=1) + _DELIVERY
        if held is None or held.sql_sha256 != self._sha256 or held.asked_time <= over:
            return None
        return held if _row_count(self.folder) == held.row_count else None

    def held(self) -> Finished | None:
        """What is there of it, or of another statement, if it was whole once."""
        try:
            return msgspec.json.decode((self.folder / SLICE).read_bytes(), type=Finished)
        except (OSError, msgspec.MsgspecError):
            return None

    def begin(self) -> None:
        """Make the folder anew, and empty.

        Raises:
            StorageError: it cannot be made.
        """
        try:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
        except OSError as error:
            raise StorageError(f"the folder cannot be made ({error.strerror})", where=str(self.folder)) from error

    def finish(self, asked: datetime, row_count: int, scanned_bytes: int, left_out: tuple[str, ...]) -> Finished:
        """Say that it is whole.

        Raises:
            StorageError: the file cannot be written.
        """
        held = Finished(self._sha256, asked, row_count, scanned_bytes, left_out)
        write_whole(self.folder / SLICE, msgspec.json.encode(held))
        return held


def _row_count(folder: Path) -> int:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return sum(pq.ParquetFile(path).metadata.num_rows for path in folder.glob("*.parquet"))
    except (OSError, pa.ArrowException):
        return -1


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there as a whole or as it was.

    Raises:
        StorageError: it cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise StorageError(f"it cannot be written ({error.strerror})", where=str(path)) from error


def spans(first_day: str, last_day: str, days: int) -> Iterator[tuple[str, str]]:
    """The days of a time in spans of so many, from the first one on."""
    begin, end = (datetime.strptime(day, _DAY).replace(tzinfo=UTC).date() for day in (first_day, last_day))
    while begin <= end:
        until = min(begin + timedelta(days=days - 1), end)
        yield _text(begin), _text(until)
        begin = until + timedelta(days=1)


def _text(day: date) -> str:
    return f"{day:%Y/%m/%d}"
