"""Building blocks: a template filled with parts of the statement, and the refusal."""

from __future__ import annotations

from typing import Final

import sqlglot
from sqlglot import exp

from rootforensics.errors import QueryError

#: The names of DuckDB's whole numbers.
WHOLE: Final = "('TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT', 'UBIGINT')"
#: The names of DuckDB's floating-point numbers.
FLOATING: Final = "('DOUBLE', 'FLOAT')"


def fill(template: str, **parts: exp.Expr | str) -> exp.Expr:
    """An expression of DuckDB's, in which each ``:name`` stands for a part; a text stands for itself, as a literal."""
    built = sqlglot.parse_one(template, read="duckdb")
    for mark in list(built.find_all(exp.Placeholder)):
        part = parts[mark.name]
        new = exp.Literal.string(part) if isinstance(part, str) else _closed(part.copy())
        if mark is built:
            return new
        mark.replace(new)
    return built


def _closed(part: exp.Expr) -> exp.Expr:
    loose = (exp.Binary, exp.Unary, exp.Between, exp.In, exp.Interval)
    return exp.Paren(this=part) if isinstance(part, loose) and not isinstance(part, (exp.Paren, exp.Dot)) else part


def refusal(what: str, instead: str) -> QueryError:
    """The error for a construct that would mean something else here."""
    return QueryError(f"{what} cannot be carried to the case's engine with the same meaning", where="sql", hint=instead)


def text_of(part: exp.Expr | None, what: str) -> str:
    """The text of a literal.

    Raises:
        QueryError: it is worked out, so that its meaning is not known before the query runs.
    """
    if isinstance(part, exp.Literal) and part.is_string:
        return str(part.this)
    raise refusal(f"{what} that is no literal text", "Write it between apostrophes")


def number_of(part: exp.Expr | None) -> int | None:
    """The value of a whole number that is written out, else None."""
    sign = 1
    if isinstance(part, exp.Neg):
        sign, part = -1, part.this
    if isinstance(part, exp.Literal) and not part.is_string and str(part.this).isdigit():
        return sign * int(str(part.this))
    return None
