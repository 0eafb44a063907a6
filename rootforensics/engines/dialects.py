"""SQL of other engines, carried to DuckDB, so that queries published for them run on a case as they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlglot import exp

#: Dialects that ad-hoc SQL may be written in.
DIALECTS: Final = ("duckdb", "athena", "trino", "spark")

_BEGINNINGS: Final = ("SELECT", "WITH", "VALUES", "(")


def to_duckdb(text: str, dialect: str, relations: Collection[str] = ()) -> str:
    """Carry a statement to DuckDB's dialect.

    Args:
        text: SQL.
        dialect: one of ``DIALECTS``; ``duckdb`` passes as it is.
        relations: the names of the case's tables and views.

    Raises:
        QueryError: the dialect is unknown, the text does not parse in it, or it has something in it that would mean
            another thing to DuckDB.
    """
    if dialect not in DIALECTS:
        raise QueryError(f"unknown dialect {dialect!r}", where="sql", hint=f"Use one of {', '.join(DIALECTS)}")
    if dialect == "duckdb":
        return text
    import sqlglot

    try:
        carried = [_carried(statement, dialect, relations) for statement in _statements(text, dialect)]
        return ";\n".join(
            one.sql(dialect="duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE, comments=False) for one in carried
        )
    except sqlglot.errors.UnsupportedError as error:
        raise QueryError(f"this cannot be carried to DuckDB: {_first_line(error)}", where="sql") from error
    except sqlglot.errors.SqlglotError as error:
        raise QueryError(f"this is not {dialect} SQL: {_first_line(error)}", where="sql") from error
    except RecursionError as error:
        raise QueryError(f"this is nested too deep to be carried from {dialect}", where="sql") from error


def _statements(text: str, dialect: str) -> list[exp.Expr]:
    """The statements, each of which reads; sqlglot would print a warning about others."""
    import sqlglot
    from sqlglot.tokenizer_core import TokenType

    from rootforensics.engines.trino.carry import Reading

    begins = True
    for token in sqlglot.tokenize(text, read=dialect):
        if begins and token.token_type is not TokenType.SEMICOLON and token.text.upper() not in _BEGINNINGS:
            word = text[token.start :].split(maxsplit=1)[0].upper()[:40]
            raise QueryError(
                f"from {dialect} only a SELECT is carried, and this begins with {word!r}",
                where="sql",
                hint="Leave --dialect out for SHOW TABLES, DESCRIBE cloudtrail_logs and EXPLAIN",
            )
        begins = token.token_type is TokenType.SEMICOLON
    read = "spark" if dialect == "spark" else Reading
    return [one for one in sqlglot.parse(text, read=read) if one is not None]


def _carried(statement: exp.Expr, dialect: str, relations: Collection[str]) -> exp.Expr:
    from rootforensics.engines import spark
    from rootforensics.engines.trino.carry import carry
    from rootforensics.engines.trino.tables import rename_tables

    rename_tables(statement, relations)
    return spark.carry(statement) if dialect == "spark" else carry(statement)


def _first_line(error: Exception) -> str:
    return str(error).split("\n", maxsplit=1)[0]
