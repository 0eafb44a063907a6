"""Names of tables, views and columns, as one types SQL in a notebook."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from rootforensics.errors import RootForensicsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rootforensics.case import Case

_TYPED: Final = re.compile(r"(?P<path>(?:\w+\.)*)(?P<begun>\w*)\Z")
_WORDS: Final = re.compile(r"\w+")
_WANTS_TABLE: Final = re.compile(r"\b(?:from|join|describe|summarize)\s+(?:\w+\s*,\s*)*\w*\Z", re.IGNORECASE)
_NAMES: Final = "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"


class NameMatcher:
    """Completes names in the cells and lines of a magic.

    Args:
        magic: its name.
        case_of: the case that a magic's line names, or that was used last.
    """

    def __init__(self, magic: str, case_of: Callable[[str], Case | None]) -> None:
        self._begins = re.compile(rf"(?:^|=)\s*%{{1,2}}{magic}\b(?P<line>.*)", re.MULTILINE)
        self._case_of = case_of
        self._names: dict[tuple[str, int], dict[str, list[str]]] = {}

    def __call__(self, cell: str, cursor_line: int, cursor_position: int) -> dict[str, Any]:
        """What may stand where somebody types.

        Args:
            cell: the text of the cell, whole.
            cursor_line: the line of the cursor, from 0.
            cursor_position: the place of the cursor in that line, from 0.

        Returns:
            What IPython's matchers return; nothing of a cell that is not of this magic.
        """
        lines = cell.split("\n")
        of_cell = lines[0].lstrip().startswith("%%")
        match = self._begins.search(lines[0] if of_cell else lines[cursor_line])
        case = self._case_of(match["line"]) if match and (cursor_line or not of_cell) else None
        if case is None:
            return {"completions": []}
        before = "\n".join([*lines[:cursor_line], lines[cursor_line][:cursor_position]])
        try:
            return self._offered(case, cell, before)
        except RootForensicsError:  # a case that cannot be read offers nothing; running the SQL will say why
            return {"completions": []}

    def _offered(self, case: Case, cell: str, before: str) -> dict[str, Any]:
        from IPython.core.completer import SimpleCompletion

        typed = _TYPED.search(before)
        path, begun = (typed["path"], typed["begun"]) if typed else ("", "")
        names = self._names_of(case)
        found: Iterable[tuple[str, str]]
        if _WANTS_TABLE.search(before):
            found = [(name, "table") for name in names]
        elif path and (fields := _fields(case, path)):
            found = [(name, "field") for name in fields]
        else:
            named = {word.lower() for word in _WORDS.findall(cell)}
            columns = [column for table, held in names.items() if table.lower() in named for column in held]
            columns = columns or [column for held in names.values() for column in held]
            found = [(name, "column") for name in dict.fromkeys(columns)]
            found += [] if path else [(name, "table") for name in names]
        offered = [
            SimpleCompletion(path + name, type=kind)
            for name, kind in found
            if name.lower().startswith(begun.lower())
        ]
        # Python's own names mean nothing in SQL.
        return {"completions": offered, "suppress": True, "matched_fragment": path + begun, "ordered": True}

    def _names_of(self, case: Case) -> dict[str, list[str]]:
        """Each table and view of a case with its columns; asked once, for the file does not change while it is read."""
        key = (str(case.path), case.path.stat().st_mtime_ns if case.path.is_file() else 0)
        if key not in self._names:
            held: dict[str, list[str]] = {}
            for row in case.sql(_NAMES).rows:
                held.setdefault(row["table_name"], []).append(row["column_name"])
            self._names = {key: held}
        return self._names[key]


def _fields(case: Case, path: str) -> list[str]:
    """The fields of a structure such as ``userIdentity.``; none if the path is something else, such as an alias."""
    try:
        found = case.sql(f"SELECT unnest({path[:-1]}) FROM events LIMIT 0").columns
        return [name for name in found if name.isidentifier()]  # a list would give one column with a bracket in its name
    except RootForensicsError:
        return []
