"""The rows of a time: one rule for all tables, whatever their columns are called.

A row that names a moment is of a time if the moment lies in it, one that names a begin and an end if the two overlap.
What a row does not say may lie in it: a row without a time, or without an end, stays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

from rootforensics.errors import QueryError
from rootforensics.queries.text import as_text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    import pyarrow as pa

    from rootforensics.queries.result import Result, Row

    RowT = TypeVar("RowT", bound=Row)
else:
    RowT = TypeVar("RowT")

#: Columns of begin and end; a table goes by the first of which it has all. A begin is in the first column that has one.
_TIMES: Final = (
    (("eventTime",), "eventTime"),
    (("first_time",), "ended_time"),
    (("opened_time", "first_time"), "last_time"),
    (("first_time",), "last_time"),
    (("from_time",), "until_time"),
    (("hour_time",), "hour_time"),
    (("noted_time",), "noted_time"),
    (("acted_time",), "acted_time"),
)
#: Of these a row sums up all that was between: with fewer of its events it would be another row.
_SUMS: Final = (("first_time",), "last_time")
#: The column of moments that stand for the hour from then on.
_HOURS: Final = "hour_time"


def _times_of(columns: Collection[str]) -> tuple[tuple[str, ...], str] | None:
    """The columns of begin and end that tell when a row was; None if there are none."""
    return next((time for time in _TIMES if {*time[0], time[1]} <= set(columns)), None)


def has_time(columns: Collection[str]) -> bool:
    """Whether each row of a table with these columns is of one moment or span, and sums up no more than that."""
    return _times_of(columns) not in (None, _SUMS)


def table_within(table: pa.Table, since: datetime | None, until: datetime | None) -> pa.Table:
    """The rows of a time.

    Args:
        table: with any columns.
        since: the first moment of the time; None if it has no begin.
        until: the first moment after it; None if it has no end.

    Raises:
        QueryError: no column of the table tells a time.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    if since is None and until is None:
        return table
    times = _times_of(table.column_names)
    if times is None:
        raise QueryError("the rows have no time", where="--since and --until", hint="Omit both")
    begins, end = times
    if since is not None and end == _HOURS:
        since = since.replace(minute=0, second=0, microsecond=0)
    for edge, names, compare in ((since, (end,), pc.greater_equal), (until, begins, pc.less)):
        if edge is not None:
            column = pc.coalesce(*(table[name] for name in names))
            inside = compare(column, pa.scalar(edge, column.type))
            table = table.filter(pc.fill_null(inside, fill_value=True))
    return table


def result_within(result: Result[RowT], since: datetime | None, until: datetime | None) -> Result[RowT]:
    """The rows of a result that are of a time; arguments and errors as for ``table_within``."""
    return result.of_table(table_within(result.arrow(), since, until))


def rows_within(rows: Iterable[RowT], since: datetime | None, until: datetime | None) -> list[RowT]:
    """The rows that are of a time, and those that tell none; arguments as for ``table_within``."""

    def is_within(row: Row) -> bool:
        begins, last = _times_of(row.keys()) or ((), "")
        begin: datetime | None = next((moment for name in begins if (moment := row[name])), None)
        end: datetime | None = row[last] if last else None
        return (since is None or end is None or end >= since) and (until is None or begin is None or begin < until)

    return [row for row in rows if is_within(row)]


def time_text(since: datetime | None, until: datetime | None) -> str:
    """A time in words; empty if it is all time."""
    if since is not None and until is not None:
        return f"from {as_text(since)} to {as_text(until)} UTC"
    if since is not None:
        return f"from {as_text(since)} UTC on"
    return f"before {as_text(until)} UTC" if until is not None else ""
