"""What ran on a case, each statement once, and what each part of an analysis stands on: kept as it happens."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from rootforensics.errors import CaseError
from rootforensics.queries.result import R, Result, values_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    import pyarrow as pa

    Key = tuple[Any, ...]

Made = TypeVar("Made")


#: Values that are converted at a time, and how many that differ are held to find equal ones.
_TOGETHER: Final = 65_536
#: Texts that are longer on average, and all that holds values, stay in Arrow's memory until one is asked for.
_LONG_BYTES: Final = 100


class _Columns(dict[str, Any]):
    """The columns of a table as lists, each made when it is first asked for; equal values are one object."""

    def __init__(self, table: pa.Table) -> None:
        super().__init__()
        self.table = table
        self.names: Final = frozenset(table.column_names)

    def __missing__(self, name: str) -> Any:  # noqa: ANN401 - a list, or what one takes the values of one by one
        column = self.table[name]
        kind = str(column.type)
        if kind.startswith(("list", "struct", "map")) or (
            kind == "string" and column.nbytes > _LONG_BYTES * len(column)
        ):
            return self.setdefault(name, _InArrow(column))
        made: list[Any] = []
        shared: dict[Any, Any] = {}
        for start in range(0, len(column), _TOGETHER):
            if len(shared) > _TOGETHER:
                shared.clear()
            made += [shared.setdefault(value, value) for value in values_of(column.slice(start, _TOGETHER))]
        return self.setdefault(name, made)


class _InArrow:
    """A column of values that take many times the room as objects: each is made when it is asked for."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        self._column = column.combine_chunks()

    def __getitem__(self, place: int) -> Any:  # noqa: ANN401 - a text, or what holds values
        return self._column[place].as_py()


class _Row(Mapping[str, Any]):
    """A row that takes its values from the columns: of many rows a fraction of what dicts would take."""

    __slots__ = ("_columns", "_place")

    def __init__(self, columns: _Columns, place: int) -> None:
        self._columns = columns
        self._place = place

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - any value of a row
        return self._columns[name][self._place]

    def __contains__(self, name: object) -> bool:
        return name in self._columns.names

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns.table.column_names)

    def __len__(self) -> int:
        return int(self._columns.table.num_columns)

    def __or__(self, other: Mapping[str, Any]) -> dict[str, Any]:
        return {**self, **other}

    def __repr__(self) -> str:
        return repr(dict(self))


class _Kept(Result[R]):
    """A result whose rows are made once; those who share it do not change them."""

    def __init__(self, result: Result[R]) -> None:
        super().__init__(
            result.arrow(), name=result.name, sql=result.sql, parameters=result.parameters, query=result.query
        )

    @cached_property
    def rows(self) -> list[R]:
        """The rows, of which each reads as a dict does."""
        columns = _Columns(self.arrow())
        return cast("list[R]", [_Row(columns, place) for place in range(len(self))])


class Ran:
    """Results and parts by key. Whoever draws on one that is there already stands on it as well.

    Args:
        state: tells in which state the case was that answered last, as a number.
    """

    def __init__(self, state: Callable[[], int]) -> None:
        self._state = state
        self._begun: int | None = None
        self._results: dict[Key, Result] = {}
        self._parts: dict[Key, tuple[Any, dict[Key, None]]] = {}
        self._open: list[dict[Key, None]] = []
        self.window: Key = ()

    def of_window(self, since: datetime | None, until: datetime | None) -> Ran:
        """The same results, with parts that are worked out for one window."""
        same = copy(self)
        same.window = since, until
        return same

    def kept(self, result: Result[R]) -> Result[R]:
        """A result whose rows are made once."""
        return _Kept(result)

    @property
    def results(self) -> list[Result]:
        """Each result, in the order in which it was first wanted."""
        return list(self._results.values())

    def result(self, key: Key, ask: Callable[[], Result]) -> Result:
        """The result of this key; asked for if it is not there.

        Raises:
            CaseError: the case is another than when the first result was asked for.
        """
        if key not in self._results:
            asked = ask()  # one that draws on this, too, may have put it there
            state = self._state()
            if state != (self._begun if self._begun is not None else state):
                raise CaseError(
                    "the case has changed since this analysis began, so its answers would mix two states",
                    hint="Begin another: case.analysis()",
                )
            self._begun = state
            self._results.setdefault(key, asked if isinstance(asked, _Kept) else _Kept(asked))
        self._note({key: None})
        return self._results[key]

    def part(self, key: Key, make: Callable[[], Made]) -> Made:
        """A part of the analysis that is worked out once."""
        key = (*key, *self.window)
        if key not in self._parts:
            self._parts[key] = self._watched(make)
        made, stands_on = self._parts[key]
        self._note(stands_on)
        return cast("Made", made)

    def noted(self, make: Callable[[], Made]) -> tuple[Made, list[Result]]:
        """What is made, and the results that it stands on."""
        made, stands_on = self._watched(make)
        return made, [self._results[key] for key in stands_on]

    def _watched(self, make: Callable[[], Made]) -> tuple[Made, dict[Key, None]]:
        self._open.append({})
        try:
            made = make()
        finally:
            stands_on = self._open.pop()
        self._note(stands_on)
        return made, stands_on

    def _note(self, keys: dict[Key, None]) -> None:
        for one in self._open[-1:]:
            one.update(keys)
