"""Read the catalogue: ``sql/*.sql`` are questions, ``views/*.sql`` the views that a case file holds.

A file is one statement after a comment that holds TOML: title, question, attack, source, misses, and for a
question its parameters, its columns in order, those that are never NULL, and notes: the SQL type of a column and, after
a semicolon, what it contains. ``columns.toml`` describes a column without a note. Nothing about a question is written
anywhere else.

``analysis/*.sql`` are questions that only the analysis runs: they have no title, attack and source, and no list of
questions has them.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass, field
from functools import cache
from graphlib import TopologicalSorter
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from rootforensics.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.errors import RootForensicsError

_HEADER: Final = re.compile(r"\A/\*\n(?P<header>.*?)\n\*/\n(?P<sql>.*)\Z", re.DOTALL)
_REQUIRED: Final = ("title", "question", "attack", "source", "misses")
_REQUIRED_OF_ANALYSIS: Final = ("question", "misses", "columns")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a question: its SQL type, its default and what it means."""

    name: str
    type: str
    default: Any
    help: str

    @property
    def is_account(self) -> bool:
        """True if its value is an account ID."""
        return self.name in ("account_id", "management_account")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a question's result.

    Attributes:
        name: of the column.
        type: its SQL type.
        note: what it contains, where the name does not say it.
        never_null: True if no row has NULL here, whatever the records lack.
    """

    name: str
    type: str
    note: str
    never_null: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """One question.

    Attributes:
        name: as the library calls it; commands swap ``_`` for ``-``.
        title: a heading; empty if only the analysis runs it.
        question: what it answers, as the analyst asks it.
        attack: ATT&CK techniques that it bears on.
        source: where the facts in it come from.
        misses: what it cannot see.
        parameters: in the order of the file.
        columns: in the order of the result.
        first: the columns that a person reads first, in reading order; what a terminal shows.
        uses: views that a view stands on.
        sql: the statement, for DuckDB.
    """

    name: str
    title: str
    question: str
    attack: tuple[str, ...]
    source: str
    misses: str
    sql: str
    parameters: tuple[Parameter, ...] = ()
    columns: tuple[Column, ...] = ()
    uses: tuple[str, ...] = field(default=())
    first: tuple[str, ...] = field(default=())

    @property
    def command_name(self) -> str:
        """The name as commands spell it."""
        return self.name.replace("_", "-")


def parse(name: str, text: str, required: Iterable[str] = _REQUIRED) -> Query:
    """Read one file of the catalogue, whose header must have the required keys.

    Raises:
        QueryError: the header is missing, is no TOML, lacks a key, or does not tell a column.
    """
    header, sql = header_and_sql(name, text, required, QueryError)
    return Query(
        name=name,
        attack=tuple(header.get("attack", ())),
        sql=sql,
        uses=tuple(header.get("uses", ())),
        parameters=tuple(Parameter(key, **spec) for key, spec in header.get("params", {}).items()),
        columns=_columns(
            name, header.get("columns", "").split(), header.get("notes", {}), header.get("never_null", "").split()
        ),
        first=tuple(header.get("first", "").split()),
        **{key: header.get(key, "") for key in ("title", "question", "source", "misses")},
    )


def header_and_sql(
    name: str, text: str, required: Iterable[str], wrong: type[RootForensicsError]
) -> tuple[dict[str, Any], str]:
    """The header of a file, and the statement after it.

    Args:
        name: of the file, for errors.
        text: its text.
        required: keys that the header must have.
        wrong: what is raised if the header is missing, is no TOML or lacks a key.
    """
    match = _HEADER.match(text)
    if match is None:
        raise wrong("the file does not begin with a /* header */", where=name)
    try:
        header = tomllib.loads(match["header"])
    except tomllib.TOMLDecodeError as error:
        raise wrong(f"the header is no TOML: {error}", where=name) from error
    if missing := [key for key in required if key not in header]:
        raise wrong(f"the header lacks {', '.join(missing)}", where=name)
    return header, match["sql"].strip()


def sql_texts(package: str, folder: str) -> dict[str, str]:
    """The texts of the SQL files in a folder of a package, by name and in the order of the names."""
    held = sorted(files(package).joinpath(folder).iterdir(), key=lambda entry: entry.name)
    named = ((one.name.removesuffix(".sql"), one) for one in held if one.name.endswith(".sql"))
    return {name: one.read_text(encoding="utf-8") for name, one in named}


def _columns(query: str, names: list[str], notes: dict[str, str], never_null: list[str]) -> tuple[Column, ...]:
    told = _shared_notes() | notes
    if odd := [*(name for name in names if name not in told), *(name for name in notes if name not in names)]:
        raise QueryError(f"the header lists a column without a note, or notes what is no column: {odd[0]}", where=query)
    if unknown := [name for name in never_null if name not in names]:
        raise QueryError(f"the header says of what is no column that it is never NULL: {unknown[0]}", where=query)
    parts = [(name, *told[name].partition(";")) for name in names]
    return tuple(Column(name, kind.strip(), note.strip(), name in never_null) for name, kind, _, note in parts)


@cache
def _shared_notes() -> dict[str, str]:
    """The notes on columns that several questions have."""
    return tomllib.loads(files(__package__).joinpath("columns.toml").read_text(encoding="utf-8"))


def note_of(column: str) -> str:
    """What a column that several questions have holds; empty where nothing is told."""
    return _shared_notes().get(column, "").partition(";")[2].strip()


def _read(folder: str, required: Iterable[str] = _REQUIRED) -> dict[str, Query]:
    return {name: parse(name, text, required) for name, text in sql_texts(__package__, folder).items()}


@cache
def questions() -> dict[str, Query]:
    """Every question that anybody may ask, by name."""
    return _read("sql")


@cache
def analysis_questions() -> dict[str, Query]:
    """Every question that only the analysis runs, by name."""
    return _read("analysis", _REQUIRED_OF_ANALYSIS)


@cache
def views() -> dict[str, Query]:
    """Every view, by name, each after the views that it stands on."""
    found = _read("views")
    order = TopologicalSorter({name: view.uses for name, view in found.items()}).static_order()
    return {name: found[name] for name in order}


def question(name: str, *, listed: bool = False) -> Query:
    """The question of this name, spelled with ``_`` or ``-``; if ``listed``, none that only the analysis runs.

    Raises:
        QueryError: there is none.
    """
    known = questions() if listed else questions() | analysis_questions()
    wanted = name.replace("-", "_")
    if wanted not in known:
        near = difflib.get_close_matches(wanted, questions(), n=1)
        list_all = "rootforensics query --list lists them all (in Python: case.queries())"
        hint = f"Did you mean {near[0].replace('_', '-')}?" if near else list_all
        raise QueryError(f"unknown query {name!r}", hint=hint)
    return known[wanted]
