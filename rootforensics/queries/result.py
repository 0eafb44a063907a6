"""What a query gave: rows, and all that is needed to say where they came from."""

from __future__ import annotations

import hashlib
import io
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, cast, overload
from zoneinfo import ZoneInfo

from rootforensics.errors import QueryError, StorageError
from rootforensics.queries.text import as_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from os import PathLike

    import pandas as pd
    import polars as pl
    import pyarrow as pa
    from matplotlib.figure import Figure
    from typing_extensions import TypeVar

    from rootforensics.queries.catalogue import Query
    from rootforensics.queries.table import Shown

    #: The type of a row; of those that are not of the catalogue, any.
    R = TypeVar("R", default=Any)
    #: A row of any question by the names of its columns.
    Row = Mapping[str, Any]
else:
    from typing import TypeVar

    R = TypeVar("R")


#: Rows that the text of a table shows, and characters of each.
_ROWS_TOLD: Final = 5
_LETTERS_TOLD: Final = 120


class Tabular:
    """What is a table, whatever else it is: notebooks show it; pandas, Polars, DuckDB and Arrow take it as it is."""

    def result(self) -> Result:
        """The table."""
        raise NotImplementedError

    def arrow(self) -> pa.Table:
        """The rows as an Arrow table."""
        return self.result().arrow()

    def df(self) -> pd.DataFrame:
        """The rows as a pandas DataFrame; times are aware, in UTC, and what is true or false is a ``boolean``."""
        import pandas as pd
        import pyarrow as pa

        frame: pd.DataFrame = self.arrow().to_pandas(types_mapper={pa.bool_(): pd.BooleanDtype()}.get)
        return frame

    def pl(self) -> pl.DataFrame:
        """The rows as a Polars DataFrame; Polars has to be installed."""
        import polars as pl

        return cast("pl.DataFrame", pl.from_arrow(self.arrow()))

    def show(self, *columns: str, local: str = "", rows: int = 0) -> Shown:
        """The rows as a table for notebooks, with local time, with more rows than usual, or with some columns only.

        Args:
            columns: names of columns, in the order in which they are shown; all if none is named.
            local: a time zone such as ``Europe/Berlin``; its time stands beside UTC.
            rows: how many rows are shown; as usual if 0.

        Raises:
            QueryError: there is no such time zone or column.
        """
        from rootforensics.queries.table import Shown

        result = self.result()
        if unknown := [name for name in columns if name not in result.columns]:
            hint = f"There are {', '.join(result.columns)}"
            raise QueryError(f"there is no column {unknown[0]!r}", where=result.name, hint=hint)
        return Shown(result.of_table(result.arrow().select(list(columns or result.columns))), local, rows)

    def to_csv(self, path: str | PathLike[str]) -> Path:
        """Write the rows to a CSV file, as ``--format csv`` of the command line writes them.

        A text that a spreadsheet would take for a formula gets an apostrophe in front.

        Args:
            path: a new file.

        Returns:
            The file.

        Raises:
            StorageError: the file exists, or cannot be written.
            QueryError: a date or time is beyond the years 1 to 9999.
        """
        from rootforensics.queries.formats import write_csv

        target, text = Path(path), io.StringIO(newline="")
        write_csv(self.result().columns, self.result().rows, text)
        try:
            with target.open("x", encoding="utf-8", newline="") as file:
                file.write(text.getvalue())
        except FileExistsError:
            hint = "Name another file"
            raise StorageError("this file exists and is not overwritten", where=str(path), hint=hint) from None
        except OSError as error:
            raise StorageError(f"cannot write ({error.strerror or error})", where=str(path)) from error
        return target

    def plot(self, time: str = "", *, color: str = "", **options: Any) -> Figure:  # noqa: ANN401 - as charts have them
        """Draw how many rows there are per hour, as one bar chart; per day or week if the times are far apart.

        Args:
            time: a column of times; the first one if empty.
            color: a column whose values split each bar: the five most frequent, and all others together.
            options: ``tz``, ``title``, ``figsize``, ``dpi`` and ``ax``, as for ``Case.chart``.

        Returns:
            A matplotlib figure.

        Raises:
            ChartError: no column contains times, one of these columns does not exist, or an option is unknown.
        """
        # Charts draw results, so they are above this layer. Users of pandas expect ``plot`` at the result. A test keeps
        # this the only import by name that goes up.
        figure: Figure = import_module("rootforensics.charts.over_time").plot_rows(self.result(), time, color, options)
        return figure

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The rows for whatever takes Arrow's streams."""
        return self.arrow().__arrow_c_stream__(requested_schema)

    def _repr_html_(self) -> str:
        """A table for notebooks; everything in it is escaped."""
        return self.show()._repr_html_()

    def __repr__(self) -> str:
        result = self.result()
        told = [_told(row, result.first or result.columns) for row in result.head(_ROWS_TOLD)]
        more = [f"… {len(result) - len(told):,} more"] if len(result) > len(told) else []
        head = f"<{type(self).__name__} {result.name}: {len(result):,} rows, {len(result.columns)} columns>"
        return "\n".join([head, *told, *more])


class Result(Tabular, Generic[R]):
    """The rows of one query: ``result[0]`` is a row, ``result["eventID"]`` a column, ``result[:10]`` fewer rows.

    Attributes:
        name: of the question, or ``sql`` for the user's own.
        sql: the statement as it was run.
        parameters: the values that entered it.
        query: the question, with its columns and what it misses; None for the user's own SQL.
        first: the columns that a person reads first, in reading order; none where all are alike.
    """

    def __init__(
        self,
        table: pa.Table,
        *,
        name: str,
        sql: str,
        parameters: dict[str, Any],
        query: Query | None = None,
        first: Sequence[str] = (),
    ) -> None:
        self._table = table
        self.name = name
        self.sql = sql
        self.parameters = parameters
        self.query = query
        wanted = first or (query.first if query else ())
        self.first = tuple(name for name in wanted if name in table.column_names)

    @property
    def digest(self) -> str:
        """The SHA-256 of the statement as it was run, in hexadecimal."""
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def columns(self) -> list[str]:
        """Names of the columns, in order."""
        return list(self._table.column_names)

    @property
    def rows(self) -> list[R]:
        """The rows as dicts; times are aware datetimes in UTC, JSON is text.

        Raises:
            QueryError: a date or time is beyond the years 1 to 9999.
        """
        return cast("list[R]", _listed(self._table))

    def result(self) -> Result[R]:
        """This."""
        return self

    def arrow(self) -> pa.Table:
        """The rows as an Arrow table."""
        return self._table

    def of_table(self, table: pa.Table) -> Result[R]:
        """Some of the rows or columns, as what came of the same statement."""
        return Result(
            table, name=self.name, sql=self.sql, parameters=self.parameters, query=self.query, first=self.first
        )

    def in_zone(self, tz: str) -> Result[R]:
        """The same rows with their times in a zone such as ``Europe/Berlin``; the moments are the same."""
        import pyarrow as pa

        kinds = {name: pa.timestamp("us", tz) for name in self.time_columns}
        fields = [field.with_type(kinds.get(field.name, field.type)) for field in self._table.schema]
        return self.of_table(self._table.cast(pa.schema(fields)))

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def __iter__(self) -> Iterator[R]:
        return iter(self.rows)

    @overload
    def __getitem__(self, at: int) -> R: ...
    @overload
    def __getitem__(self, at: str) -> list[Any]: ...
    @overload
    def __getitem__(self, at: slice) -> Result[R]: ...
    def __getitem__(self, at: int | str | slice) -> R | list[Any] | Result[R]:
        """A row by its place, a column by its name, or some of the rows.

        Raises:
            IndexError: there is no such row.
            KeyError: there is no such column.
        """
        if isinstance(at, slice):
            return self._picked(range(len(self))[at])
        if isinstance(at, str):
            if at not in self.columns:
                raise KeyError(f"there is no column {at!r}, there are {', '.join(self.columns)}")
            return [row[at] for row in _listed(self._table.select([at]))]
        return cast("R", _listed(self._table.slice(range(len(self))[at], 1))[0])

    def _picked(self, places: Sequence[int]) -> Result[R]:
        # Arrow finds no type for the places of no row.
        return self.of_table(self._table.take(list(places)) if places else self._table.slice(0, 0))

    def where(self, **wanted: object) -> Result[R]:
        """The rows that have this value, or one of these, in each column named: ``where(severity=["high", "low"])``.

        Raises:
            KeyError: there is no such column.
        """
        kept = set(range(len(self)))
        for name, value in wanted.items():
            values = list(value) if isinstance(value, list | tuple | set | frozenset) else [value]
            kept &= {place for place, held in enumerate(self[name]) if held in values}
        return self._picked(sorted(kept))

    def _ipython_key_completions_(self) -> list[str]:
        """What IPython offers behind ``result[``."""
        return self.columns

    def head(self, count: int) -> list[R]:
        """The first rows, as ``rows`` gives them."""
        return cast("list[R]", _listed(self._table.slice(0, count)))

    @property
    def time_columns(self) -> list[str]:
        """Names of the columns that hold points of time, in UTC."""
        return [field.name for field in self._table.schema if "tz=" in str(field.type)[:20]]


def _told(row: Row, names: Sequence[str]) -> str:
    """A row as one line of text, lists aside, without what would steer a terminal."""
    text = "  ".join(as_text(row[name]) for name in names if not isinstance(row[name], list))
    plain = "".join(char if char.isprintable() else " " for char in text)
    return plain if len(plain) <= _LETTERS_TOLD else f"{plain[: _LETTERS_TOLD - 1]}…"


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    """The rows of an Arrow table as dicts; times are aware datetimes in UTC.

    Raises:
        OverflowError: a time is beyond the years 1 to 9999.
        ValueError: as is a date.
    """
    names = table.column_names
    columns = [values_of(column) for column in table.columns]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


#: The least that is parsed at a time; a row is never longer than what is.
_BLOCK_BYTES: Final = 1 << 20


def result_of(
    name: str,
    rows: Iterable[Row],
    columns: Mapping[str, str],
    parameters: dict[str, Any] | None = None,
    first: Sequence[str] = (),
) -> Result[Any]:
    """A result of rows that no one statement gives, but Python made; arguments as for ``table_of`` and ``Result``."""
    return Result(table_of(rows, columns), name=name, sql="", parameters=parameters or {}, first=first)


def table_of(rows: Iterable[Row], columns: Mapping[str, str]) -> pa.Table:
    """An Arrow table of rows that were made here. ``pa.array`` would import pandas, which takes a second.

    Args:
        rows: with these columns, and no others; text is text, times are aware.
        columns: the type of each column, as SQL names it; what stands behind a ``;`` is a remark.
    """
    import msgspec
    import pyarrow as pa
    from pyarrow import json

    types = {
        "VARCHAR": pa.string(),
        "VARCHAR[]": pa.list_(pa.string()),
        "BIGINT": pa.int64(),
        "DOUBLE": pa.float64(),
        "BOOLEAN": pa.bool_(),
        "TIMESTAMP WITH TIME ZONE": pa.timestamp("us", "UTC"),
    }
    schema = pa.schema([(name, types[told.partition(";")[0]]) for name, told in columns.items()])
    lines = [msgspec.json.encode(row) for row in rows]
    if not lines:
        return pa.Table.from_batches([], schema)  # ``empty_table`` would import pandas
    return json.read_json(
        pa.BufferReader(b"\n".join(lines)),
        json.ReadOptions(block_size=max(_BLOCK_BYTES, *(len(line) + 1 for line in lines))),
        json.ParseOptions(explicit_schema=schema, unexpected_field_behavior="error"),
    )


def values_of(column: pa.ChunkedArray) -> list[Any]:
    """The values of a column. Arrow would import pandas, which takes a second, to make a time of a number."""
    kind = str(column.type)
    if not kind.startswith("timestamp[us"):
        values: list[Any] = column.to_pylist()
        return values
    zone = column.type.tz
    zero = datetime(1970, 1, 1, tzinfo=UTC if zone else None)
    numbers = column.cast("int64").to_pylist()
    moments = [None if number is None else zero + timedelta(microseconds=number) for number in numbers]
    if zone in (None, "UTC"):
        return moments
    local = ZoneInfo(zone)
    return [moment and moment.astimezone(local) for moment in moments]


def _listed(table: pa.Table) -> list[dict[str, Any]]:
    try:
        return rows_of(table)
    except (OverflowError, ValueError) as error:
        raise QueryError(
            f"a date or time in the result cannot be shown ({error})", where="sql", hint="Cast it to VARCHAR"
        ) from error
