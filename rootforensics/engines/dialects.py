"""SQL of other engines, carried to DuckDB, so that queries published for them run on a case as they stand."""

from __future__ import annotations

from typing import Final

from rootforensics.errors import QueryError

#: Dialects that ad-hoc SQL may be written in.
DIALECTS: Final = ("duckdb", "athena", "trino", "spark")


def to_duckdb(text: str, dialect: str) -> str:
    """Carry a statement to DuckDB's dialect.

    Args:
        text: SQL.
        dialect: one of ``DIALECTS``; ``duckdb`` passes as it is.

    Raises:
        QueryError: the dialect is unknown, or the text does not parse in it.
    """
    if dialect not in DIALECTS:
        raise QueryError(f"unknown dialect {dialect!r}", where="sql", hint=f"Use one of {', '.join(DIALECTS)}")
    if dialect == "duckdb":
        return text
    import sqlglot

    try:
        statements = [one for one in sqlglot.parse(text, read=dialect) if one is not None]
    except sqlglot.errors.SqlglotError as error:
        first = str(error).split("\n", maxsplit=1)[0]
        raise QueryError(f"this is no {dialect} SQL: {first}", where="sql") from error
    for statement in statements:
        named = {cte.alias.lower() for cte in statement.find_all(sqlglot.exp.CTE)}
        for table in statement.find_all(sqlglot.exp.Table):
            # Published queries call the table by many names, and Athena puts a database before it.
            name = table.name.lower()
            if name.startswith("cloudtrail") and name not in named:
                table.replace(
                    sqlglot.exp.to_table("cloudtrail_logs", alias=table.alias or table.name, dialect="duckdb")
                )
    return ";\n".join(statement.sql(dialect="duckdb") for statement in statements)
