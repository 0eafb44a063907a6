"""Building blocks: a template filled with parts of the statement, and the refusal."""

from __future__ import annotations

from typing import Final

import sqlglot
from sqlglot import exp

from rootforensics.engines.duckdb import NOT_CARRIED
from rootforensics.errors import QueryError

#: The names of DuckDB's whole numbers.
WHOLE: Final = "('TINYINT', 'SMALLINT', 'INTEGER', 'BIGINT', 'HUGEINT', 'UBIGINT')"
#: The names of DuckDB's floating-point numbers.
FLOATING: Final = "('DOUBLE', 'FLOAT')"


#: Ends what is said of a value that cannot be cast; other errors are about types.
NO_VALUE: Final = "TRY_CAST gives NULL"
#: Parts that are as short as a name for them.
_PLAIN: Final = (exp.Column, exp.Literal, exp.Null, exp.Boolean, exp.Identifier, exp.Placeholder, exp.Parameter)
#: What holds the values of which a template speaks several times; no column is called so.
_BOUND: Final = "?"


def fill(template: str, **parts: exp.Expr | str) -> exp.Expr:
    """An expression of DuckDB's, in which each ``:name`` stands for a part; a text stands for itself, as a literal.

    A part of which the template speaks several times is worked out once and has a name from then on: written out each
    time, parts of parts would grow without end.
    """
    built = sqlglot.parse_one(template, read="duckdb")
    marks = list(built.find_all(exp.Placeholder))
    names = [mark.name for mark in marks]
    given = {name: exp.Literal.string(part) if isinstance(part, str) else part for name, part in parts.items()}
    long = {name for name in names if not isinstance(given[name], _PLAIN)}
    # What is inside may be an aggregate, which the body of a lambda is not: one bound, all bound.
    bound = [name for name in given if name in long] if any(names.count(name) > 1 for name in long) else []
    for mark in marks:
        part = given[mark.name]
        new = _bound(mark.name, bound) if mark.name in bound else _closed(part.copy())
        if mark is built:
            return new
        mark.replace(new)
    return _once(built, {name: given[name] for name in bound}) if bound else built


def unless(part: exp.Expr, test: str, why: str, **parts: exp.Expr | str) -> None:
    """Put an error in the place of a part where a test of ``:x`` holds, which stands for the part."""
    part.replace(fill(f"CASE WHEN {test} THEN error('{why}') ELSE :x END", x=part, **parts))


def _bound(name: str, bound: list[str]) -> exp.Expr:
    value = exp.to_identifier(_BOUND, quoted=True)
    return exp.column(value) if len(bound) == 1 else exp.column(name, table=value)


def _once(body: exp.Expr, parts: dict[str, exp.Expr]) -> exp.Expr:
    """A body in which ``_BOUND`` stands for a part, or its fields for several, with these."""
    fields = [exp.PropertyEQ(this=exp.to_identifier(name), expression=part.copy()) for name, part in parts.items()]
    value = fields[0].expression if len(fields) == 1 else exp.Struct(expressions=fields)
    named = exp.Lambda(this=body, expressions=[exp.to_identifier(_BOUND, quoted=True)])
    listed = exp.Transform(this=exp.Array(expressions=[value]), expression=named)
    return exp.Bracket(this=listed, expressions=[exp.Literal.number(0)])


def _closed(part: exp.Expr) -> exp.Expr:
    loose = (exp.Binary, exp.Unary, exp.Between, exp.In, exp.Interval)
    return exp.Paren(this=part) if isinstance(part, loose) and not isinstance(part, (exp.Paren, exp.Dot)) else part


def refusal(what: str, instead: str) -> QueryError:
    """The error for a construct that would mean something else here."""
    return QueryError(f"{what} cannot be carried to the case's engine with the same meaning", where="sql", hint=instead)


def no_value(cast: str) -> str:
    """The error for a value that cannot be cast, in DuckDB's SQL."""
    return f"error('{cast} fails; {NO_VALUE}')"


def failing(call: exp.Expr) -> exp.Expr:
    """What ``error`` in a template becomes; the engine takes that itself neither in TRY nor in the order of windows."""
    return fill(f"CASE WHEN CAST('{NOT_CARRIED}' || :why AS BOOLEAN) THEN NULL END", why=call.expressions[0])


def around(part: exp.Expr) -> exp.Expr | None:
    """What a part stands in, parentheses aside."""
    over = part.parent
    while isinstance(over, exp.Paren):
        over = over.parent
    return over


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
