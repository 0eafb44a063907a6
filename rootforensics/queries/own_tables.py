"""Tables of the user's, for one statement: DataFrames, Arrow tables, and files of CSV and Parquet."""

from __future__ import annotations

import csv
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rootforensics.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    import duckdb
    import pyarrow as pa

_NAME: Final = re.compile("[A-Za-z_][A-Za-z0-9_]*")
_KEYWORDS: Final = "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category = 'reserved'"
#: What pandas calls an index without a name.
_UNNAMED_INDEX: Final = "__index_level_"
_ACCEPTED: Final = "Give a DataFrame, an Arrow table, or the path of a CSV or Parquet file"


def is_table(value: object) -> bool:
    """True for a DataFrame, an Arrow table, a ``Result`` and other objects that give columns to Arrow."""
    return hasattr(value, "__arrow_c_stream__") and (hasattr(value, "columns") or hasattr(value, "schema"))


def register_tables(
    connection: duckdb.DuckDBPyConnection, tables: Mapping[str, object], relations: Collection[str]
) -> dict[str, list[str]]:
    """Let the statements of a connection read tables of the user's, and only read them.

    The files are read here, so the connection needs no access to files.

    Args:
        connection: of one statement.
        tables: by the name that the SQL gives them.
        relations: names of the case's tables and views, which no table can take.

    Returns:
        the columns of each table.

    Raises:
        QueryError: a name is taken or invalid, or a table cannot be read.
    """
    taken = {name.lower() for name in relations}
    columns = {}
    reserved = {word for (word,) in connection.execute(_KEYWORDS).fetchall()}
    for name, source in tables.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name) or name.lower() in reserved:
            hint = "Use letters, digits and _, and no word of SQL, such as known_addresses"
            raise QueryError(f"{name!r} cannot be the name of a table", where="tables", hint=hint)
        if name.lower() in taken:
            hint = f"Choose another name, such as my_{name.lower()}"
            raise QueryError(f"the name {name!r} is already a table or view", where="tables", hint=hint)
        taken.add(name.lower())
        table = _read_file(Path(source)) if isinstance(source, str | os.PathLike) else _as_arrow(name, source)
        _check_columns(f"tables: {name}", table.column_names)
        connection.register(name, table)
        columns[name] = table.column_names
    return columns


def _check_columns(where: str, names: list[str]) -> None:
    if not names:
        raise QueryError("the table has no columns", where=where, hint=_ACCEPTED)
    lowered = [name.lower() for name in names]
    for number, name in enumerate(lowered, 1):
        if not name:
            raise QueryError(f"column {number} has no name", where=where, hint="Give every column a name")
        if name in lowered[: number - 1]:
            hint = "SQL ignores case in names: rename one of them"
            raise QueryError(f"two columns have the name {names[number - 1]!r}", where=where, hint=hint)


def _as_arrow(name: str, source: Any) -> pa.Table:  # noqa: ANN401 - whatever the user has
    import pyarrow as pa

    if not is_table(source):
        problem = f"{name} is a {type(source).__name__}, which is no table"
        raise QueryError(problem, where="tables", hint=_ACCEPTED)
    try:
        table = pa.table(source)
    except (pa.ArrowException, ValueError, TypeError) as error:
        hint = 'Give each column one type, for example df["ip"] = df["ip"].astype("string")'
        first, *_ = str(error).splitlines() or [type(error).__name__]
        raise QueryError(f"{name} cannot be read as a table ({first})", where="tables", hint=hint) from error
    return table.select([column for column in table.column_names if not column.startswith(_UNNAMED_INDEX)])


def _read_file(path: Path) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = path.expanduser()
    try:
        if path.suffix.lower() == ".csv":
            return _read_csv(path)
        if path.suffix.lower() == ".parquet":
            with path.open("rb") as file:
                return pq.ParquetFile(file).read()
    except OSError as error:
        problem = f"the file cannot be read ({error.strerror or error})"
        raise QueryError(problem, where=str(path.absolute()), hint="Name a CSV or Parquet file") from error
    except UnicodeDecodeError as error:
        hint = "Save it as CSV in UTF-8"
        raise QueryError(f"the file is not UTF-8 (byte {error.start:,})", where=str(path), hint=hint) from error
    except (csv.Error, pa.ArrowException) as error:
        problem = f"the file cannot be read ({str(error).splitlines()[0]})"
        raise QueryError(problem, where=str(path), hint="Name a CSV or Parquet file") from error
    raise QueryError("the name ends in neither .csv nor .parquet", where=str(path), hint=_ACCEPTED)


def _read_csv(path: Path) -> pa.Table:
    """The rows of a CSV file, every value as text, so that no account ID loses a leading zero; an empty cell is NULL.

    Commas, semicolons or tabs separate cells, whichever the first line has most of. Spaces around a value are removed:
    with them, no value would equal the one in a log.
    """
    import pyarrow as pa

    with path.open(encoding="utf-8-sig", newline="") as file:
        first = file.readline()
        file.seek(0)
        reader = csv.reader(file, delimiter=max(",;\t", key=first.count), skipinitialspace=True, strict=True)
        head = [name.strip() for name in next(reader, [])]
        if head:
            _check_columns(str(path), head)
        for name in head:
            if not any(map(str.isalpha, name)):  # an address or an account ID
                hint = "Put the names of the columns in the first line"
                raise QueryError(f"{name!r} in the first line is not a column name", where=str(path), hint=hint)
        columns: list[list[str | None]] = [[] for _ in head]
        for row in reader:
            if not row:
                continue
            if len(row) != len(head):
                problem = f"line {reader.line_num} has {len(row)} cells, the first line has {len(head)}"
                raise QueryError(problem, where=str(path), hint="Quote values that contain the separator")
            for column, cell in zip(columns, row, strict=True):
                column.append(cell.strip() or None)
    if not columns or not columns[0]:
        hint = "The first line names the columns, each further line is a row"
        raise QueryError("the CSV file has no rows", where=str(path), hint=hint)
    return pa.table([pa.array(column, pa.string()) for column in columns], names=head)
