"""Views and rule tables that this package defines, for each statement that reads them.

A case file has copies of them for other programs. Whoever can write to the file can edit these copies, so no answer
depends on them. Before a statement runs, its connection gets the package's own views and tables as temporary ones, and
DuckDB prefers temporary ones to those of the file, whether or not a statement writes ``main.`` before a name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import duckdb

#: DuckDB need not bind a view before it is read: to bind all of them takes longer than to read many logs.
_DEFERRED: Final = "WITH (DEFER_BINDING)"
_STORED_VIEWS: Final = """
SELECT view_name, sql FROM system.main.duckdb_views() WHERE NOT internal AND NOT temporary
    AND database_name = current_database() AND schema_name = 'main'
"""
# Names are literals: with any other condition the engine binds every view of the case, which takes a second.
_STORED_COLUMNS: Final = """
SELECT table_name, list((column_name, data_type) ORDER BY column_index) FROM system.main.duckdb_columns()
WHERE table_name IN ({names}) AND database_name = current_database() AND schema_name = 'main'
GROUP BY table_name
"""
_STORED_TABLES: Final = """
SELECT table_name FROM system.main.duckdb_tables() WHERE database_name = current_database() AND schema_name = 'main'
"""
#: These functions of DuckDB take the name of a table, or a whole statement, as a text.
_DYNAMIC: Final = frozenset(("query", "query_table"))


@dataclass(frozen=True)
class Definition:
    """A view or a rule table.

    Args:
        name: of the view or table.
        read: gives the SQL of a view, and the rows of a table as JSON.
        columns: name and type of the columns of a table; a view has none here.
    """

    name: str
    read: Callable[[], str]
    columns: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def text(self) -> str:
        """What ``read`` gives."""
        return self.read()

    @cached_property
    def words(self) -> frozenset[str]:
        """Everything in the SQL of a view that may be the name of another view."""
        return frozenset() if self.columns else _words(self.text)

    def create(self, connection: duckdb.DuckDBPyConnection, kind: str = "") -> None:
        """Create it, in place of one that exists.

        Args:
            connection: where.
            kind: ``TEMP``, or nothing for one that is stored.
        """
        if not self.columns:
            connection.execute(f"CREATE OR REPLACE {kind} VIEW {self.name} {_DEFERRED} AS {self.text}")
            return
        columns = ", ".join(f"{name} {type_}" for name, type_ in self.columns.items())
        connection.execute(f"CREATE OR REPLACE {kind} TABLE {self.name} ({columns})")
        connection.execute(
            f"INSERT INTO {self.name} BY NAME"  # noqa: S608 - names of ours
            f" SELECT unnest(row) FROM (SELECT unnest(from_json(?, '{json.dumps([dict(self.columns)])}')) AS row)",
            [self.text],
        )


class Definitions(Mapping[str, Definition]):
    """All views and rule tables, by name."""

    def __init__(self, listed: Iterable[Definition]) -> None:
        self._by_name = {one.name: one for one in listed}
        self._has_installed = False

    def __getitem__(self, name: str) -> Definition:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    def used_by(self, statement: str) -> set[str]:
        """The names of the views and tables that a statement reads, and of those that these read in turn.

        A word that only looks like a name costs some time and changes no answer.
        """
        used: set[str] = set()
        more = {*_words(statement)} & self.keys()
        while more:
            used |= more
            more = {word for name in more for word in self[name].words if word in self} - used
        return used

    def install(self, writer: duckdb.DuckDBPyConnection) -> None:
        """Store all of them in a case, whatever views and tables of these names it has.

        Args:
            writer: in a transaction.
        """
        if self._has_installed and self.stored_in(writer) == self.as_installed:
            return
        for one in self.values():
            one.create(writer)
        self._has_installed = True

    def stored_in(self, connection: duckdb.DuckDBPyConnection) -> dict[str, object]:
        """What a case has under each of these names: the text of a view, the rows of a table; None for nothing such.

        Args:
            connection: a reader or a writer of the case.
        """
        [(database,)] = connection.execute("SELECT current_database()").fetchall()
        stored = dict(connection.execute(_STORED_VIEWS).fetchall())
        tables = {name for (name,) in connection.execute(_STORED_TABLES).fetchall()}
        wanted = {name: [*one.columns.items()] for name, one in self.items() if one.columns and name in tables}
        names = ", ".join(f"'{name}'" for name in wanted) or "''"
        columns = dict(connection.execute(_STORED_COLUMNS.format(names=names)).fetchall())
        for name, listed in wanted.items():
            if columns.get(name) == listed:
                rows = f'FROM "{database.replace(chr(34), chr(34) * 2)}".main.{name} ORDER BY ALL'
                stored[name] = connection.execute(rows).fetchall()
        return {name: stored.get(name) for name in self}

    @cached_property
    def as_installed(self) -> dict[str, object]:
        """What a case has after they were installed: DuckDB words a view otherwise once it was read from a file."""
        from rootforensics.engines.duckdb import open_reader, open_writer, storage_errors

        with TemporaryDirectory() as folder:
            path = Path(folder, "blank.duckdb")
            with storage_errors(path), closing(open_writer(path)) as writer:
                for one in self.values():
                    one.create(writer)
            with closing(open_reader(path)) as reader:
                return self.stored_in(reader)

    def edited_in(self, connection: duckdb.DuckDBPyConnection) -> list[str]:
        """The names of those that are not in a case as this package installs them."""
        stored = self.stored_in(connection)
        return [name for name, content in self.as_installed.items() if stored[name] != content]


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.lower()))


class _Provided:
    """The definitions of a connection, and which of them it has."""

    def __init__(self, definitions: Callable[[], Definitions]) -> None:
        self._read = definitions
        self.names: set[str] = set()

    @cached_property
    def definitions(self) -> Definitions:
        return self._read()


_provided: Final[WeakKeyDictionary[duckdb.DuckDBPyConnection, _Provided]] = WeakKeyDictionary()


def define(connection: duckdb.DuckDBPyConnection, definitions: Callable[[], Definitions]) -> None:
    """Set the views and rule tables that statements of a new connection read.

    Args:
        connection: a reader.
        definitions: gives them when the first statement needs them.
    """
    _provided[connection] = _Provided(definitions)


def define_as(connection: duckdb.DuckDBPyConnection, other: duckdb.DuckDBPyConnection) -> Definitions:
    """Let a new connection read what another one reads."""
    definitions = defined(other)
    define(connection, lambda: definitions)
    return definitions


def defined(connection: duckdb.DuckDBPyConnection) -> Definitions:
    """The views and tables that statements of a connection read."""
    return _provided[connection].definitions


def provide(connection: duckdb.DuckDBPyConnection, statement: str) -> None:
    """Give a connection all views and rule tables of this package that a statement of this package reads."""
    _create(connection, defined(connection).used_by(statement))


def provide_all(connection: duckdb.DuckDBPyConnection) -> None:
    """Give a connection all views and rule tables of this package."""
    _create(connection, set(defined(connection)))


def provide_for_user(connection: duckdb.DuckDBPyConnection, statement: str) -> None:
    """Give a connection all views and rule tables of this package that a statement of the user's reads.

    It may also build a name, or read a view that somebody added to the case.
    """
    stored = {name.lower() for name, _ in connection.execute(_STORED_VIEWS).fetchall()}
    if _words(statement) & ((stored - defined(connection).keys()) | _DYNAMIC):
        provide_all(connection)
    provide(connection, statement)


def _create(connection: duckdb.DuckDBPyConnection, names: set[str]) -> None:
    held = _provided[connection]
    for name in names - held.names:
        held.definitions[name].create(connection, "TEMP")
        held.names.add(name)


def keep(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Work out a view once: its rows become a temporary table of the connection, which takes its place."""
    held = _provided[connection]
    view = held.definitions[name]
    provide(connection, " ".join(view.words - {name}))
    if name in held.names:
        connection.execute(f"DROP VIEW temp.{name}")
    connection.execute(f"CREATE TEMP TABLE {name} AS {view.text}")
    held.names.add(name)
