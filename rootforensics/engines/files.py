"""Parquet files of a size that engines like: few large ones, none too large to be moved."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from types import TracebackType

    import pyarrow as pa
    import pyarrow.parquet as pq

#: A file is ended beyond this; engines read files of 128 to 512 MB best (Amazon Athena User Guide, "Optimize data").
FILE_BYTES: Final = 256 * 1024**2
#: Rows are gathered up to this before they are written, so that groups of rows are not small either.
_GROUP_BYTES: Final = 32 * 1024**2


def write_texts(rows: Iterable[list[Any]], folder: Path, columns: Sequence[str]) -> int:
    """Write rows of texts, some at a time, as files in a folder; the number of them."""
    import pyarrow as pa

    schema = pa.schema([(name, pa.string()) for name in columns])
    count = 0
    with SizedFiles(folder, schema) as files:
        for some in rows:
            values = [pa.array([row[place] for row in some], pa.string()) for place in range(len(schema))]
            files.write(pa.Table.from_arrays(values, schema=schema))
            count += len(some)
    return count


class SizedFiles:
    """Rows as files in a folder, ``00000.parquet`` and so on; a context manager. There is one without rows, too.

    Args:
        folder: for them.
        schema: of the rows.
        name: of a file, with a place for its number.
    """

    def __init__(self, folder: Path, schema: pa.Schema, name: str = "{:05}.parquet") -> None:
        self._folder, self._schema, self._name = folder, schema, name
        self._count = 0
        self._held: list[pa.Table] = []
        self._writer: pq.ParquetWriter | None = None
        self._file: IO[bytes] | None = None

    def write(self, rows: pa.Table) -> None:
        """Take some rows.

        Raises:
            OSError: a file cannot be written.
        """
        self._held.append(rows)
        if sum(one.nbytes for one in self._held) >= _GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        if self._file is None:
            # Arrow takes no path that is not UTF-8.
            self._file = (self._folder / self._name.format(self._count)).open("wb")
            self._writer = pq.ParquetWriter(self._file, self._schema, compression="zstd")
            self._count += 1
        if self._held and self._writer:
            self._writer.write_table(pa.concat_tables(self._held))
            self._held = []
        if self._file.tell() >= FILE_BYTES:
            self._close()

    def _close(self) -> None:
        if self._writer and self._file:
            self._writer.close()
            self._file.close()
        self._writer = self._file = None

    def __enter__(self) -> SizedFiles:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        if kind is None and (self._held or not self._count):
            self._flush()
        self._close()
