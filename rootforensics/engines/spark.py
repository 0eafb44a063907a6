"""Spark's SQL, as far as it means the same to DuckDB; the rest is refused by name."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from rootforensics.engines.trino.build import FLOATING, fill, refusal

_SAME: Final = (
    *(exp.And, exp.Or, exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Exists, exp.Count, exp.Sum, exp.Avg, exp.Min),
    *(exp.Max, exp.Lower, exp.Upper, exp.Length, exp.StartsWith, exp.RegexpLike, exp.Year, exp.Month, exp.Day),
    *(exp.Hour, exp.Minute, exp.Second, exp.Quarter, exp.CurrentTimestamp, exp.CurrentDate, exp.RowNumber, exp.Rank),
    *(exp.DenseRank, exp.Lag, exp.Lead, exp.Abs, exp.JSONExtractScalar, exp.Concat),
)
_TYPES: Final = (
    exp.DataType.Type.DOUBLE,
    exp.DataType.Type.DATE,
    exp.DataType.Type.TIMESTAMP,
    exp.DataType.Type.TIMESTAMPTZ,
)
_TEXT: Final = f"""
CASE WHEN typeof(:x) IN {FLOATING} OR typeof(:x) LIKE 'TIMESTAMP%' OR typeof(:x) = 'JSON'
    THEN error('CAST AS STRING is spelled differently here for times, JSON and DOUBLE: leave it out')
    ELSE CAST(:x AS VARCHAR) END
"""


def carry(statement: exp.Expr) -> exp.Expr:
    """The statement with what DuckDB would answer otherwise in other words.

    Raises:
        QueryError: a function or a cast is not known to mean the same.
    """
    for node in reversed(list(statement.walk(bfs=False))):
        new = _carried(node)
        if new is not node:
            node.replace(new)
    return statement


def _carried(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.CountIf):
        return fill("count(CASE WHEN :x THEN 1 END)", x=node.this)
    if isinstance(node, exp.ApproxDistinct):
        return fill("count(DISTINCT :x)", x=node.this)
    if isinstance(node, exp.Cast):
        to = node.args["to"]
        if to.this in (exp.DataType.Type.TEXT, exp.DataType.Type.VARCHAR):
            return fill(_TEXT, x=node.this)
        if to.this in _TYPES:
            return node
        raise refusal(f"CAST AS {to.sql('spark')}", "Write this part in DuckDB's SQL and leave --dialect out")
    if isinstance(node, exp.Lateral) or (isinstance(node, exp.Func) and type(node) not in _SAME):
        name = node.name if isinstance(node, exp.Anonymous) else node.key
        raise refusal(f"{name.lower()} of Spark", "Write this part in DuckDB's SQL and leave --dialect out")
    return node
