"""A Parquet file of somebody else's, opened so that it can do no harm.

The engine sees this one file and nothing else: no other files, no network, no extensions, one thread, a bounded memory
and no disk to spill to. Rows come out as JSON, in batches, in the order of the file.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import duckdb

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

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
