"""A DuckDB or Parquet file of somebody else's, opened so that it can do no harm.

The engine sees this one file and nothing else: read-only, no other files, no network, no extensions, one thread, a
bounded memory and no disk to spill to. Rows come out as JSON, in batches, in the order of the file.
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
# Views are left alone: they hold nothing, and they run whatever their author wrote.
_TABLES: Final = (
    "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'evidence' AND NOT internal"
    " ORDER BY schema_name <> 'main', schema_name, table_name"
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
    """One table of an opened file.

    Attributes:
        name: as people would write it; empty for a Parquet file, which is one table.
        columns: name and type of each, in order.
        row_count: as the file says.
    """

    name: str
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

    def values(self, column: str) -> list[str]:
        """The different values of a column, as text; empty if there is no such column."""
        if column not in self.columns:
            return []
        text = f"SELECT DISTINCT {_quoted(column)}::VARCHAR FROM {self._source} WHERE {_quoted(column)} IS NOT NULL"  # noqa: S608
        with _errors():
            return sorted(row[0] for row in self._connection.sql(text).fetchall())

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
def opened(path: Path, kind: str) -> Iterator[list[Stored]]:
    """Open a file and list its tables.

    Args:
        path: of the file; a path without quotes or wildcards.
        kind: ``parquet`` or ``duckdb``.

    Raises:
        BrokenError: it is broken, or of a version that this engine does not read.
    """
    connection = duckdb.connect(":memory:", config=_SETTINGS)
    try:
        with _errors():
            tables = _tables(connection, path, kind)
        yield tables
    finally:
        connection.close()


def _tables(connection: duckdb.DuckDBPyConnection, path: Path, kind: str) -> list[Stored]:
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET python_enable_replacements = false")
    if kind == "duckdb":
        connection.execute(f"ATTACH {_literal(path)} AS evidence (TYPE duckdb, READ_ONLY)")
    else:
        connection.execute(f"SET allowed_paths = [{_literal(path)}]")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    if kind == "duckdb":
        names = connection.execute(_TABLES).fetchall()
        sources = [(_spelled(*name), f"evidence.{_quoted(name[0])}.{_quoted(name[1])}") for name in names]
    else:
        read = f"read_parquet({_literal(path)}, hive_partitioning = false)"
        sources = [("", read)]
    return [_stored(connection, name, source) for name, source in sources]


def _stored(connection: duckdb.DuckDBPyConnection, name: str, source: str) -> Stored:
    columns = {row[0]: row[1] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()}  # noqa: S608
    count = connection.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0]  # noqa: S608
    return Stored(name, columns, int(count), source, connection)


def _spelled(schema: str, table: str) -> str:
    return table if schema == "main" else f"{schema}.{table}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
