"""Run questions and ad-hoc SQL on a case that is open for reading."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from rootforensics.engines.dialects import to_duckdb
from rootforensics.engines.duckdb import query_errors
from rootforensics.engines.running import stoppable
from rootforensics.errors import QueryError
from rootforensics.phrases import some
from rootforensics.queries.definitions import define_as, defined, keep, provide, provide_for_user
from rootforensics.queries.own_tables import register_tables
from rootforensics.queries.result import Result

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    import duckdb
    import pyarrow as pa

    from rootforensics.queries.catalogue import Parameter, Query


#: Rows of a batch that is streamed: of wide events some 30 MB.
_STREAMED_ROWS: Final = 16_384
#: Columns of a user's table that an error names.
_COLUMNS_NAMED: Final = 20
#: Views on which most of the analysis stands, each after those that it stands on.
_KEPT: Final = (
    "superseded_events",
    "api_calls",
    "recorded_hours",
    "root_events",
    "service_activity",
    "root_signins",
    "root_session_events",
    "root_sessions",
    "provider_names",
    "root_descendants",
    "descendant_acts",
    "descendant_events",
    "followed_actions",
    "root_actions",
    "organization_accounts",
    "control_changes",
)
#: A question that says it uses one of these takes longer by itself than all of the views take.
COSTLY: Final = frozenset((*_KEPT[_KEPT.index("root_descendants") :], "findings"))
#: Kept only where there are few: a copy of more takes longer than planning the view for each question. Whoever root
#: changed may have done most of what the case holds.
_FEW: Final = {
    "api_calls": ("SELECT count(*) FROM events", 20_000),
    "descendant_events": ("SELECT count(*) FROM descendant_acts", 200_000),
}


def keep_views(connection: duckdb.DuckDBPyConnection, wanted: Collection[str] = _KEPT) -> None:
    """Work the views on root's events out once, for all questions that this reader will be asked.

    They become temporary tables of this connection, which take the place of the views of the same names; the case
    cannot change while a reader has it open.

    Args:
        connection: a reader.
        wanted: of these views; others are passed over.

    Raises:
        QueryError: the case lacks a table or column that a view reads.
    """
    kept = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables() WHERE temporary").fetchall()}
    with own_errors("analysis"):
        for name in _KEPT:
            rows, most = _FEW.get(name, ("", 0))
            if name in kept or name not in wanted or (rows and connection.execute(rows).fetchall()[0][0] > most):
                continue
            keep(connection, name)


def run_question(connection: duckdb.DuckDBPyConnection, query: Query, given: dict[str, Any]) -> Result:
    """Run a question of the catalogue.

    Args:
        connection: a reader.
        query: the question.
        given: values for its parameters; those not given take their defaults.

    Raises:
        QueryError: a parameter is unknown, its value does not fit its type, or the case was made by another version
            and lacks what the question asks for.
    """
    known = {parameter.name: parameter for parameter in query.parameters}
    if unknown := sorted(given.keys() - known.keys()):
        names = ", ".join(known) or "none"
        raise QueryError(f"no parameter {unknown[0]!r}", where=query.name, hint=f"Its parameters: {names}")
    values = {name: _value(query, parameter, given.get(name)) for name, parameter in known.items()}
    if not COSTLY.isdisjoint(query.uses):
        keep_views(connection, defined(connection).used_by(query.sql))
    with own_errors(query.name):
        provide(connection, query.sql)
        table = _rows(connection, query.sql, values)
    return Result(table, name=query.name, sql=query.sql, parameters=values, query=query)


@contextmanager
def own_errors(where: str) -> Iterator[None]:
    """Turn an error of the engine in a statement of this package's own into one that names it.

    Such a statement binds in every case of this version: one that lacks a column or a table is of another.

    Raises:
        QueryError: the statement does not bind or run.
    """
    try:
        with query_errors(where):
            yield
    except QueryError as error:
        if _lacks_something(error):
            raise _other_version(where) from error
        raise


def _lacks_something(error: QueryError) -> bool:
    """Whether a statement names a column or table that is not there."""
    import duckdb

    return isinstance(error.__cause__, (duckdb.BinderException, duckdb.CatalogException))


def _other_version(where: str) -> QueryError:
    return QueryError(
        "the case lacks a table or column that this query reads: another version created it, or it was changed",
        where=where,
        hint="Load the evidence into a new case",
    )


def run_statement(connection: duckdb.DuckDBPyConnection, text: str, values: dict[str, Any]) -> Result:
    """Run a statement that this package made just now, which sees the views that ``keep_views`` worked out.

    Args:
        connection: a reader.
        text: a SELECT in DuckDB's SQL.
        values: for ``$names`` in it.

    Raises:
        QueryError: the statement does not run, or the case lacks what it names.
    """
    with own_errors("analysis"):
        provide(connection, text)
        return Result(_rows(connection, text, values), name="sql", sql=text, parameters=values)


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, values: dict[str, Any]) -> pa.Table:
    relation = connection.sql(sql, params=values)
    if relation is None:
        raise QueryError("the statement returns no rows", where="sql", hint="A query is a SELECT")
    table = relation.to_arrow_table()
    return table.rename_columns(_distinct(table.column_names))


def stream_rows(connection: duckdb.DuckDBPyConnection, sql: str, values: dict[str, Any]) -> pa.RecordBatchReader:
    """The rows of a SELECT batch by batch, so that any number of them takes the memory of one batch.

    Args:
        connection: a reader; it serves nothing else until the last batch is drawn.
        sql: a statement of ours.
        values: for ``$names`` in it.

    Raises:
        QueryError: the statement does not bind or run.
    """
    with query_errors("export"):
        provide(connection, sql)
        return connection.sql(sql, params=values).to_arrow_reader(_STREAMED_ROWS)


def _distinct(names: list[str]) -> list[str]:
    """The names of columns, each once: what a join names twice gets a number."""
    given: list[str] = []
    for name in names:
        one, number = name, 0
        while one in given or (number and one in names):
            number += 1
            one = f"{name}_{number}"
        given.append(one)
    return given


#: Kinds of statement that leave the case, the session and the machine as they are.
_READING: Final = ("SELECT", "EXPLAIN")
#: DuckDB turns a PIVOT without values into several statements, the first of which creates a type.
_HINTS: Final = {
    "MULTI": "Give a PIVOT its values: PIVOT events ON awsRegion IN ('us-east-1', 'eu-west-1') USING count(*)"
}
_READERS: Final = {"VARCHAR": str, "INTEGER": int, "BIGINT": int, "DOUBLE": float}


def check_account(account_id: object) -> None:
    """See that this is an account ID, or empty; anything else would find nothing, and that would pass for an answer.

    Raises:
        QueryError: it is none, such as a number that lost its noughts.
    """
    if account_id and not (isinstance(account_id, str) and re.fullmatch("[0-9]{12}", account_id)):
        hint = "An account ID has 12 digits, written as text"
        if isinstance(account_id, int):
            hint += f', such as account_id="{account_id:012d}"'
        raise QueryError(f"{account_id!r} is not an account ID", hint=hint)


def _items(given: Any) -> list[Any]:  # noqa: ANN401 - values of any SQL type
    if isinstance(given, (list, tuple)):
        return list(given)
    raise ValueError(given)  # the characters of a text are no items


def _value(query: Query, parameter: Parameter, given: Any) -> Any:  # noqa: ANN401 - values of any SQL type
    if given is None:
        return parameter.default
    if parameter.is_account:
        check_account(str(given))
    reader = _items if parameter.type.endswith("[]") else _READERS.get(parameter.type, str)
    try:
        return reader(given)
    except ValueError:
        raise QueryError(
            f"{parameter.name} = {given!r} is not a valid {parameter.type}", where=query.name, hint=parameter.help
        ) from None


def _relations(connection: duckdb.DuckDBPyConnection) -> list[str]:
    found = connection.execute("SELECT table_name FROM duckdb_tables() UNION SELECT view_name FROM duckdb_views()")
    return [name for (name,) in found.fetchall()]


def _kind(statement: duckdb.Statement) -> str:
    """The kind of a statement; the binding does not know the names of all."""
    try:
        return statement.type.name
    except ValueError:
        return "different"


def parameters_of(text: str, dialect: str = "duckdb") -> set[str]:
    """The names of the values that a statement wants, written ``$name`` in it.

    Args:
        text: SQL of the user's.
        dialect: as for ``run_sql``.

    Raises:
        QueryError: the text does not parse.
    """
    import duckdb

    with query_errors("sql"):
        statements = duckdb.extract_statements(to_duckdb(text, dialect))
        return {name for statement in statements for name in statement.named_parameters}


def run_sql(
    connection: duckdb.DuckDBPyConnection,
    text: str,
    dialect: str = "duckdb",
    values: dict[str, Any] | None = None,
    tables: Mapping[str, object] | None = None,
) -> Result:
    """Run SQL of the user's.

    Args:
        connection: a reader; it can reach nothing but the case.
        text: one statement that returns rows.
        dialect: ``duckdb``, ``athena``, ``trino`` or ``spark``.
        values: for ``$names`` in the statement.
        tables: the user's own tables, by name, as ``register_tables`` takes them.

    Raises:
        QueryError: the text does not parse, bind or run, is not one statement, or returns no rows; or a table of the
            user's has a name that is taken, or cannot be read.
    """
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise QueryError(
            "the statement contains bytes that are not text", where="sql", hint="Write it as UTF-8"
        ) from error
    relations = _relations(connection)
    statement = to_duckdb(text, dialect, [*relations, *(tables or ())])
    with _told_of_athena(connection, text, dialect, values or {}, relations), query_errors("sql"):
        statements = connection.extract_statements(statement)
        if len(statements) != 1:
            problem = f"one statement is wanted, {len(statements) or 'none'} was given"
            if len(statements) > 1:
                problem = f"one statement is wanted, {len(statements)} were given"
            hint = "Run them one after another" if statements else "Write a SELECT"
            raise QueryError(problem, where="sql", hint=hint)
        kind = _kind(statements[0])
        if kind not in _READING:
            problem = f"a query only reads the case, and this is a {kind} statement"
            raise QueryError(problem, where="sql", hint=_HINTS.get(kind, "Write a SELECT; load adds evidence"))
        # A connection of its own: whatever the statement leaves behind does not reach the next one.
        with stoppable(connection.cursor()) as own:
            definitions = define_as(own, connection)
            _refuse_edited_copies(own, statement)
            if not COSTLY.isdisjoint(definitions.used_by(statement)):
                keep_views(own)  # planned as one, they take far longer
            provide_for_user(own, statement)
            columns = register_tables(own, tables or {}, {*relations, *definitions})
            with _naming_columns(columns):
                table = _rows(own, statement, values or {})
    return Result(table, name="sql", sql=statement, parameters=values or {})


@contextmanager
def _naming_columns(columns: Mapping[str, list[str]]) -> Iterator[None]:
    """If a statement on the user's tables does not bind, name the columns that these have."""
    import duckdb

    try:
        yield
    except duckdb.BinderException as error:
        if not columns:
            raise
        problem = " ".join(str(error).removeprefix("Binder Error: ").rstrip("!").split())
        named = "; ".join(f"{name} has the columns {some(names, _COLUMNS_NAMED)}" for name, names in columns.items())
        hint = f"Table {named}. The first line of a CSV file names its columns"
        raise QueryError(problem, where="sql", hint=hint) from error


def _refuse_edited_copies(connection: duckdb.DuckDBPyConnection, statement: str) -> None:
    """See that a statement that names the database reads no view or rule table of the case that somebody edited.

    Raises:
        QueryError: it may.
    """
    [(database,)] = connection.execute("SELECT current_database()").fetchall()
    before = rf'(?<!\w){re.escape(database.lower())}"?\s*\.\s*(?:"?main"?\s*\.\s*)?"?(\w+)'
    named = set(re.findall(before, statement.lower())) & defined(connection).keys()
    if names := [name for name in defined(connection).edited_in(connection) if name in named] if named else []:
        raise QueryError(
            f"{names[0]} in the case file differs from the definition in this version of rootforensics",
            where="sql",
            hint=f"Remove {database!r} before the name: the statement then reads the definition of this version",
        )


@contextmanager
def _told_of_athena(
    connection: duckdb.DuckDBPyConnection, text: str, dialect: str, values: dict[str, Any], relations: Collection[str]
) -> Iterator[None]:
    """Of SQL that does not run as DuckDB's and would as Athena's, say so; published queries are Athena's."""
    try:
        yield
    except QueryError as error:
        if dialect != "duckdb" or error.hint or _binds(connection, text, values):
            raise
        try:
            carried = to_duckdb(text, "athena", relations)
        except QueryError:
            carried = ""
        if not _binds(connection, carried, values):
            raise
        hint = "This is SQL of Athena: run it with --dialect athena (in Python: dialect='athena')"
        problem = error.problem.split("\n", maxsplit=1)[0].rstrip("!")  # without the engine's guess at a name
        raise QueryError(problem, where=error.where, hint=hint) from error


def _binds(connection: duckdb.DuckDBPyConnection, statement: str, values: dict[str, Any]) -> bool:
    """Whether a text is one statement that would run; it is not run."""
    import duckdb

    try:
        if len(connection.extract_statements(statement)) == 1:
            connection.cursor().execute(f"EXPLAIN {statement}", values)
            return True
    except duckdb.Error:
        pass
    return False
