"""Names, as one types: of tables, views and columns in SQL; of questions, charts and columns in calls of a case."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from rootforensics.case import Case
from rootforensics.errors import RootForensicsError
from rootforensics.queries.catalogue import questions
from rootforensics.queries.result import Tabular

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from rootforensics.queries.catalogue import Query
    from rootforensics.queries.result import Result

_TYPED: Final = re.compile(r"(?P<path>(?:\w+\.)*)(?P<begun>\w*)\Z")
#: Its first argument; of ``show`` any.
_CALL: Final = re.compile(
    r"(?P<object>[^\W\d]\w*)\.(?P<method>\w+)\((?:\s*(?:name|only)\s*=|(?<=show\()[^()]*,)?\s*[\"'](?P<begun>[\w-]*)\Z"
)
_REST: Final = re.compile(r"[\w-]*")
_WORDS: Final = re.compile(r"\w+")
_WANTS_TABLE: Final = re.compile(r"\b(?:from|join|describe|summarize)\s+(?:\w+\s*,\s*)*\w*\Z", re.IGNORECASE)
_NAMES: Final = "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"


#: What the first argument of each method of a case names; and of ``show`` any argument.
_KINDS: Final = {"query": "question", "chart": "chart", "findings": "detection", "describe": "table", "show": "column"}


class CallMatcher:
    """Completes the names that calls such as ``case.query("`` take, and tells what each stands for.

    Args:
        variables: gives those of the notebook.
        tells: True to say beside each name what it stands for, False where a list of names has no room for sentences.
    """

    def __init__(self, variables: Callable[[], Mapping[str, Any]], *, tells: bool) -> None:
        self._variables = variables
        self._tells = tells

    def __call__(self, cell: str, cursor_line: int, cursor_position: int) -> dict[str, Any]:
        """As ``NameMatcher`` does."""
        from IPython.core.completer import SimpleCompletion

        lines = cell.split("\n")
        call = _CALL.search("\n".join([*lines[:cursor_line], lines[cursor_line][:cursor_position]]))
        names = self._names(call) if call else {}
        if not call or not names:
            return {"completions": []}
        kind = _KINDS[call["method"]]
        offered = [
            SimpleCompletion(name, type=(told if self._tells else "").partition("\n")[0] or kind)
            for name, told in names.items()
            if name.startswith(call["begun"])
        ]
        # A file's name is no answer here.
        return {"completions": offered, "suppress": True, "matched_fragment": call["begun"], "ordered": True}

    def told(self, code: str, place: int) -> str:
        """What the name at a place of some code stands for; empty if it is none that this completes."""
        call, rest = _CALL.search(code[:place]), _REST.match(code, place)
        return self._names(call).get(f"{call['begun']}{rest[0]}", "") if call and rest else ""

    def _names(self, call: re.Match[str]) -> dict[str, str]:
        held = self._variables().get(call["object"])
        if isinstance(held, Tabular) and call["method"] == "show":
            return _columns_of(held.result())
        return _names_for(held, call["method"]) if isinstance(held, Case) else {}


def _columns_of(result: Result) -> dict[str, str]:
    notes = {column.name: column.note for column in result.query.columns} if result.query else {}
    return {name: notes.get(name, "") for name in result.columns}


def _names_for(case: Case, method: str) -> dict[str, str]:
    """The names that a method of a case takes, and what each stands for."""
    if method == "query":
        return {question.name: _asked(question) for question in questions().values()}
    if method == "describe":
        return {one.name: one.title for one in questions().values()} | {row["name"]: row["holds"] for row in case.tables()}
    if method == "chart":
        from rootforensics.charts.catalogue import charts

        return {chart.name: f"{chart.title}\n\n{chart.tells}\n\nDoes not show: {chart.misses}" for chart in charts().values()}
    if method == "findings":
        from rootforensics.rules.findings import detections

        return {name: one.title for name, one in detections().items()}
    return {}


def _asked(one: Query) -> str:
    parameters = ", ".join(parameter.name for parameter in one.parameters) or "none"
    columns = ", ".join(column.name for column in one.columns)
    return f"{one.question}\n\nNot seen: {one.misses}\n\nParameters: {parameters}\nColumns: {columns}"


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
