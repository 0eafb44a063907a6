"""What ran on a case, each statement once, and what each part of an analysis stands on: kept as it happens."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

from rootforensics.queries.result import Result, Row

if TYPE_CHECKING:
    from collections.abc import Callable

    Key = tuple[Any, ...]

Made = TypeVar("Made")


class _Kept(Result):
    """A result whose rows are made once; those who share it do not change them."""

    def __init__(self, result: Result) -> None:
        super().__init__(
            result.arrow(), name=result.name, sql=result.sql, parameters=result.parameters, query=result.query
        )

    @cached_property
    def rows(self) -> list[Row]:
        """The rows as dicts."""
        return super().rows


class Ran:
    """Results and parts by key. Whoever draws on one that is there already stands on it as well."""

    def __init__(self) -> None:
        self._results: dict[Key, Result] = {}
        self._parts: dict[Key, tuple[Any, dict[Key, None]]] = {}
        self._open: list[dict[Key, None]] = []

    @property
    def results(self) -> list[Result]:
        """Each result, in the order in which it was first wanted."""
        return list(self._results.values())

    def result(self, key: Key, ask: Callable[[], Result]) -> Result:
        """The result of this key; asked for if it is not there."""
        if key not in self._results:
            asked = ask()  # one that draws on this, too, may have put it there
            self._results.setdefault(key, asked if isinstance(asked, _Kept) else _Kept(asked))
        self._note({key: None})
        return self._results[key]

    def part(self, key: Key, make: Callable[[], Made]) -> Made:
        """A part of the analysis that is worked out once."""
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
