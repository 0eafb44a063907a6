"""``%load_ext rootforensics``: SQL on a case as cells of a notebook."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rootforensics.case import Case, definitions, open_case
from rootforensics.errors import CaseError, QueryError, RootForensicsError
from rootforensics.notebooks.completion import CallMatcher, NameMatcher
from rootforensics.notebooks.tables import sort_tables
from rootforensics.notebooks.words import DEFAULT, USAGE, Asked, read_words
from rootforensics.queries.own_tables import is_table
from rootforensics.queries.runner import parameters_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootforensics.queries.result import Result

NAME: Final = "rootsql"
_RELATIONS: Final = """
SELECT lower(table_name) AS name FROM duckdb_tables() UNION SELECT lower(view_name) FROM duckdb_views()
"""
#: Names that may be those of tables in a statement. After a comma most names are columns.
_READ_FROM: Final = re.compile(r"\b(?:from|join)\s+([^\W\d]\w*)", re.IGNORECASE)


def load(shell: Any) -> None:  # noqa: ANN401 - IPython is an extra, so its types are not at hand
    """Give a shell the magics ``%rootsql`` and ``%%rootsql`` and the completion of names in them and in calls of a case, and
    tables that sort.

    Args:
        shell: of IPython. Loaded twice, it has one of each.
    """
    from IPython.core.magic import no_var_expand

    magic = RootSql(shell)

    # IPython would paste variables into the text of a line; here they are values.
    @no_var_expand
    def rootsql(line: str, cell: str | None = None) -> Case | Result | None:
        return magic.run(line, cell)

    rootsql.__doc__ = (
        f"Run SQL on a case. It can read the case, and tables in variables that it names.\n\nUsage: {USAGE}\n\n{DEFAULT}\n"
    )
    shell.register_magic_function(rootsql, magic_kind="line_cell", magic_name=NAME)
    _complete(shell, NAME, NameMatcher(NAME, magic.case_of))
    calls = CallMatcher(lambda: shell.user_ns, tells=not hasattr(shell, "kernel"))
    _complete(shell, "rootforensics", calls)
    _document(shell, calls)
    sort_tables(shell)


def _complete(shell: Any, name: str, matcher: Callable[[str, int, int], dict[str, Any]]) -> None:  # noqa: ANN401 - as above
    """Have a shell ask a matcher, in the place of an earlier one of the same name."""
    from IPython.core.completer import context_matcher

    def match(context: Any) -> dict[str, Any]:  # noqa: ANN401 - IPython's, as above
        return matcher(context.full_text, context.cursor_line, context.cursor_position)

    matchers = shell.Completer.custom_matchers
    matchers[:] = [one for one in matchers if getattr(one, "matcher_identifier", "") != name]
    matchers.append(context_matcher(identifier=name)(match))


def _document(shell: Any, calls: CallMatcher) -> None:  # noqa: ANN401 - as above
    """Have a notebook's kernel, where it is asked for help on a name in a call, say what that stands for."""
    if not hasattr(shell, "kernel"):
        return
    kernel = shell.kernel

    def do_inspect(code: str, cursor_pos: int, *more: Any, **options: Any) -> Any:  # noqa: ANN401 - Jupyter's
        if told := calls.told(code, cursor_pos):
            return {"status": "ok", "found": True, "data": {"text/plain": told}, "metadata": {}}
        return type(kernel).do_inspect(kernel, code, cursor_pos, *more, **options)

    kernel.do_inspect = do_inspect


class MagicError(QueryError):
    """What a cell asked for cannot be done."""

    def _render_traceback_(self) -> list[str]:
        """The message alone: the line of Python that IPython made of the magic says nothing to the user."""
        return [_plain(str(self))]


class RootSql:
    """The magic, and the case that it remembers.

    Args:
        shell: of IPython.
    """

    def __init__(self, shell: Any) -> None:  # noqa: ANN401 - as above
        self._shell = shell
        self._case: Case | None = None
        #: What the variable ``case`` had when a case was used last.
        self._variable: object = None

    def run(self, line: str, cell: str | None) -> Case | Result | None:
        """Do what a line, or a cell below it, asks for; IPython shows what is returned.

        Raises:
            MagicError: it cannot be done.
        """
        try:
            return self._run(read_words(line, cell))
        except RootForensicsError as error:
            raise MagicError(_plain(error.problem), where=_plain(error.where), hint=_plain(error.hint)) from None

    def case_of(self, line: str) -> Case | None:
        """The case that a line names or, if it names none that is there, the one of the last use."""
        try:
            return self._named(read_words(line, "").case)
        except RootForensicsError:  # half a word is typed
            return self._case

    def _run(self, asked: Asked) -> Case | Result | None:
        case = self._named(asked.case)
        if not asked.sql:
            if asked.out or not asked.case:
                raise QueryError("there is no SQL to run", where="%%rootsql", hint=f"Usage: {USAGE}")
            case.sql("FROM case_info LIMIT 0")  # says at once what is wrong with the file
            self._keep(case)
            return case
        result = case.sql(asked.sql, asked.dialect, self._values(asked), self._tables(asked, case))
        self._keep(case)
        if asked.out:
            self._shell.user_ns[asked.out] = result.df()
        return result

    def _keep(self, case: Case) -> None:
        self._case, self._variable = case, self._shell.user_ns.get("case")

    def _named(self, name: str) -> Case:
        """A case by the name of a variable or by its path.

        Without a name it is the case of the last use, or that of the variable ``case`` if it was assigned since.
        """
        if not name:
            variable = self._shell.user_ns.get("case")
            if isinstance(variable, Case) and (self._case is None or variable is not self._variable):
                return variable
            if self._case is None:
                hint = f"Open one: case = rf.open_case(PATH). Usage: {USAGE}"
                raise CaseError("no case was named, and the variable case has none", where="%%rootsql", hint=hint)
            return self._case
        held = self._shell.user_ns.get(name, name)
        if isinstance(held, Case):
            return held
        if not isinstance(held, str | Path):
            raise CaseError(
                f"the variable {name} holds no case and no path, but a {type(held).__name__}", where="%%rootsql"
            )
        path = Path(held).expanduser()
        if self._case is not None and self._case.path == path.absolute():
            return self._case
        if not path.exists():
            hint = "Name a case file, or a variable that holds a Case"
            raise CaseError("the case file does not exist, and no variable of this name", where=str(held), hint=hint)
        return open_case(path)

    def _tables(self, asked: Asked, case: Case) -> dict[str, Any]:
        """The variables with a table that the statement reads by their name; a table or view of the case comes first."""
        variables = {name: self._shell.user_ns.get(name) for name in _READ_FROM.findall(asked.sql)}
        tables = {name: value for name, value in variables.items() if is_table(value)}
        if not tables:
            return {}
        taken = {*definitions(), *case.sql(_RELATIONS)["name"]}
        return {name: value for name, value in tables.items() if name.lower() not in taken}

    def _values(self, asked: Asked) -> dict[str, Any]:
        """The variables that the statement names as ``$name``."""
        names = sorted(parameters_of(asked.sql, asked.dialect))
        for name in names:
            if name not in self._shell.user_ns:
                raise QueryError(
                    f"the SQL names ${name}, and the notebook has no variable {name}", where="%%rootsql"
                )
        return {name: _as_value(name, self._shell.user_ns[name]) for name in names}


def _as_value(name: str, held: Any) -> Any:  # noqa: ANN401 - whatever a notebook holds
    """A variable as a value for the engine: what NumPy and pandas hold as Python holds it."""
    to_list: Callable[[], Any] | None = getattr(held, "tolist", None)
    value = held if to_list is None else to_list()
    if isinstance(value, list) and hasattr(held, "isna"):  # a Series has NaN in the place of a text that is not there
        value = [None if missing else one for one, missing in zip(value, held.isna().tolist(), strict=True)]
    if isinstance(value, set | frozenset | tuple | list):
        value = [None if _is_missing(one) else one for one in value]
    if _is_missing(value):
        return None
    if hasattr(value, "columns"):
        hint = f"Name a column: ids = {name}[\"eventID\"], and $ids in the SQL"
        raise QueryError(f"the variable {name} holds a table, which is no value", where="%%rootsql", hint=hint)
    if callable(value) or type(value).__module__ not in _VALUES:
        raise QueryError(f"the variable {name} holds a {type(held).__name__}, which is no value", where="%%rootsql")
    return value


def _is_missing(value: Any) -> bool:  # noqa: ANN401 - as above
    """What pandas has in the place of a time or value that is not there."""
    return type(value).__name__ in ("NaTType", "NAType") and type(value).__module__.startswith("pandas.")


#: Where the types of what the engine takes come from.
_VALUES: Final = ("builtins", "datetime", "decimal", "uuid", "pandas", "pandas._libs.tslibs.timestamps")


def _plain(text: str) -> str:
    """A message without what would steer a terminal: text of logs may be in it."""
    return "".join(char for char in text if char.isprintable() or char == "\n")
