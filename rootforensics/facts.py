"""What was counted, as a table of two columns for notebooks: dataclasses of numbers, and a case at one glance."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sized
from dataclasses import fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd


def facts_html(facts: Iterable[tuple[str, object]]) -> str:
    """Names and what stands under them as an HTML table; everything in it is escaped."""
    cell = '<{0} style="text-align:left">{1}</{0}>'
    rows = (
        f"{cell.format('th', html.escape(name))}{cell.format('td', html.escape(str(told)))}" for name, told in facts
    )
    return f"<table><tbody>{''.join(f'<tr>{row}</tr>' for row in rows)}</tbody></table>"


class Facts:
    """A dataclass of numbers, which notebooks show; of what it holds several of, how many."""

    __slots__ = ()

    def _facts(self) -> dict[str, Any]:
        values: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]
        return {name: _counted(value) for name, value in values.items()}

    def df(self) -> pd.DataFrame:
        """The numbers as a pandas DataFrame of one row."""
        import pandas as pd

        return pd.DataFrame([self._facts()])

    def _repr_html_(self) -> str:
        return facts_html(self._facts().items())


def _counted(value: Any) -> Any:  # noqa: ANN401 - of any field
    if isinstance(value, Mapping):
        return ", ".join(f"{count:,} {name}" for name, count in value.items())
    return len(value) if isinstance(value, Sized) and not isinstance(value, str) else value
