"""Carry a statement of Trino's or Athena's to DuckDB, by a list of what is known to mean the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from sqlglot import exp
from sqlglot.dialects.trino import Trino

from rootforensics.engines.trino import addresses, json, tables, text, times, values
from rootforensics.engines.trino.build import WHOLE, failing, fill, refusal, unless

if TYPE_CHECKING:
    from collections.abc import Callable

_Rule: TypeAlias = "Callable[[exp.Expr], exp.Expr]"


class Reading(Trino):
    """Trino's grammar; JSON paths stay the text that they are, for Trino's own paths are others than sqlglot's."""

    def to_json_path(self, path: exp.Expr | None) -> exp.Expr | None:
        """The path as it stands."""
        return path


def _one_argument(node: exp.Expr) -> exp.Expr:
    if node.expressions:
        raise refusal(f"{node.key} of several values", "Use ORDER BY and LIMIT")
    return node


def _by(template: str) -> _Rule:
    return lambda node: fill(template, x=_one_argument(node).this, y=node.expression or exp.Null())


def _unless(test: str, why: str, then: _Rule = lambda node: node) -> _Rule:
    def rule(node: exp.Expr) -> exp.Expr:
        part = node.expression if isinstance(node, exp.Extract) else node.this
        unless(part.expressions[0] if isinstance(part, exp.Distinct) else part, test, why)
        return then(node)

    return rule


def _any_match(node: exp.Expr) -> exp.Expr:
    array, test = node.expressions
    return fill(
        "CASE WHEN list_contains(:met, TRUE) THEN TRUE"
        " WHEN :met IS NULL OR list_count(:met) < len(:met) THEN NULL ELSE FALSE END",
        met=exp.Transform(this=array.copy(), expression=test.copy()),
    )


_CONTAINS: Final = (
    "CASE WHEN list_contains(:x, :y) THEN TRUE WHEN list_count(:x) < len(:x) THEN NULL ELSE list_contains(:x, :y) END"
)


def _fetched(node: exp.Expr) -> exp.Expr:
    options = node.args.get("limit_options")
    if options is not None and (options.args.get("with_ties") or options.args.get("percent")):
        raise refusal("FETCH … WITH TIES", "Number the rows with rank() and take those up to the one wanted")
    return node


def _ordered(node: exp.Expr) -> exp.Expr:
    select = node.parent.parent if node.parent else None
    if isinstance(select, exp.Select) and not isinstance(node.this, exp.Column):
        new = [
            expression
            for expression in select.expressions
            if isinstance(expression, exp.Alias) and expression.this != exp.column(expression.alias)
        ]
        renamed = {one.alias.lower() for one in new}
        if any(not one.table and one.name.lower() in renamed for one in node.this.find_all(exp.Column)):
            raise refusal("ORDER BY of an expression with a column's new name", "Order by the name or number itself")
    return node


#: What means the same in both, as sqlglot writes it: statements, operators, functions. What is in no list is refused.
_SAME: Final = (
    *(exp.Select, exp.Union, exp.Intersect, exp.Except, exp.Subquery, exp.With, exp.CTE, exp.From, exp.Join),
    *(exp.Where, exp.Group, exp.Having, exp.Cube, exp.Rollup, exp.GroupingSets, exp.Order, exp.Limit, exp.Offset),
    *(exp.LimitOptions, exp.Distinct, exp.Values, exp.Table, exp.TableAlias, exp.Lateral, exp.Identifier, exp.Column),
    *(exp.Alias, exp.Star, exp.Dot, exp.Bracket, exp.Literal, exp.UnicodeString, exp.Null, exp.Boolean, exp.Interval),
    *(exp.Placeholder, exp.Parameter, exp.Var, exp.DataType, exp.DataTypeParam, exp.ColumnDef, exp.Paren, exp.Tuple),
    *(exp.Lambda, exp.WindowSpec, exp.IgnoreNulls, exp.RespectNulls, exp.WithinGroup, exp.Add, exp.Mul, exp.Neg),
    *(exp.Not, exp.DPipe, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ),
    *(exp.In, exp.Between, exp.Like, exp.Escape, exp.Any, exp.All, exp.And, exp.Or, exp.Xor, exp.Case, exp.If),
    *(exp.Coalesce, exp.Nullif, exp.Exists, exp.Greatest, exp.Least, exp.Count, exp.AnyValue),
    *(exp.LogicalOr, exp.LogicalAnd, exp.ArrayAgg, exp.GroupConcat, exp.Concat, exp.ConcatWs, exp.Length, exp.Lower),
    *(
        exp.StartsWith,
        exp.StrPosition,
        exp.Pad,
        exp.Array,
        exp.Abs,
        exp.Sqrt,
        exp.Pow,
        exp.Mod,
        exp.Stddev,
        exp.ParseJSON,
    ),
    *(exp.ArraySize, exp.WeekOfYear, exp.Quarter, exp.DayOfWeekIso, exp.DayOfMonth, exp.DayOfYear),
    *(exp.CurrentTimestamp, exp.CurrentDate, exp.Localtimestamp, exp.TimeToUnix, exp.ArrayFilter, exp.Transform),
    *(exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Lag, exp.Lead, exp.FirstValue),
    *(exp.LastValue, exp.NthValue, exp.Ntile, exp.Grouping, exp.MapKeys),
)
#: Arguments with which a function means more than it is carried for.
_MORE: Final = ("occurrence", "limit", "null", "count", "zone", "hours", "minutes")
_PERIOD: Final = ("typeof(:x) = 'INTERVAL'", "a part of an INTERVAL is counted otherwise: use date_diff")
#: What is said in other words.
_RULES: Final[dict[type[exp.Expr], _Rule]] = {
    exp.Div: values.divide,
    **dict.fromkeys((exp.Cast, exp.TryCast, exp.Date, exp.FromISO8601Date, exp.FromISO8601Timestamp), values.cast),
    exp.Try: values.tried,
    **dict.fromkeys((exp.Floor, exp.Ceil), _unless(f"typeof(:x) IN {WHOLE}", "floor of a whole number: leave it out")),
    exp.Avg: _unless("typeof(:x) LIKE 'DECIMAL%'", "avg of a DECIMAL: CAST it AS DOUBLE"),
    exp.Sum: values.total,
    exp.Filter: values.total,
    exp.Window: values.total,
    exp.JSONExtractScalar: json.scalar,
    exp.JSONExtract: json.extract,
    exp.JSONFormat: json.to_text,
    exp.Substring: text.substring,
    exp.SplitPart: text.split_part,
    exp.Split: _by(text.SPLIT),
    exp.Trim: text.trim,
    exp.RegexpExtract: text.regexp_extract,
    exp.RegexpReplace: text.regexp_replace,
    exp.Replace: text.replaced,
    exp.DateDiff: times.difference,
    exp.DateAdd: times.added,
    exp.TimestampTrunc: times.truncated,
    exp.DateTrunc: times.truncated,
    exp.AtTimeZone: times.at_zone,
    exp.Extract: _unless(*_PERIOD, times.extracted),
    exp.Fetch: _fetched,
    exp.StrToTime: times.mysql_format,
    exp.TimeToStr: times.mysql_format,
    exp.ParseDatetime: times.joda_parse,
    exp.Min: _one_argument,
    exp.Max: _one_argument,
    exp.ArgMax: _by("arg_max_null(:x, :y)"),
    exp.ArgMin: _by("arg_min_null(:x, :y)"),
    exp.CountIf: lambda node: fill("count(CASE WHEN :x THEN 1 END)", x=node.this),
    exp.ApproxDistinct: lambda node: fill("count(DISTINCT :x)", x=node.this),
    exp.ArrayContains: lambda node: addresses.contains(node) or fill(_CONTAINS, x=node.this, y=node.expression),
    exp.ArrayToString: _unless(values.SPELLED.format("|JSON"), "array_join takes texts"),
    exp.Upper: _by("array_to_string(list_transform(string_split(:x, 'ß'), lambda one: upper(one)), 'ß')"),
    exp.RegexpLike: text.pattern,
    exp.Round: lambda node: (
        # A decimal keeps its decimal places, which a quotient of it would have, too.
        fill("cast_to_type(round(:x, :n), :x + 0)", x=node.this, n=node.args["decimals"])
        if node.args.get("decimals")
        else node
    ),
    exp.Sub: values.subtracted,
    exp.Ordered: _ordered,
    exp.UnixToTime: _by("to_timestamp(floor(CAST(:x AS DOUBLE) * 1000 + 0.5) / 1000)"),
    **dict.fromkeys((exp.Year, exp.Month, exp.Day, exp.Hour, exp.Minute, exp.Second), _unless(*_PERIOD)),
}
#: The same for functions that sqlglot does not know.
_NAMED: Final[dict[str, _Rule]] = {
    "json_array_length": json.array_length,
    "any_match": _any_match,
    "at_timezone": times.at_zone,
    "format_datetime": times.joda_format,
    "every": lambda node: fill("bool_and(:x)", x=node.expressions[0]),
}


def carry(statement: exp.Expr) -> exp.Expr:
    """The statement in DuckDB's words.

    Raises:
        QueryError: something in it would mean another thing there.
    """
    # Parts before the whole: a template takes its arguments as they are by then.
    for node in reversed(list(statement.walk(bfs=False))):
        new = tables.unnest(node) if isinstance(node, exp.Unnest) else _carried(node)
        if new is not node:
            node.replace(new)
    for one in list(statement.find_all(exp.Anonymous)):
        if one.name == "error":
            one.replace(failing(one))
    return statement


def _carried(node: exp.Expr) -> exp.Expr:
    is_named = isinstance(node, exp.Anonymous)
    rule = _NAMED.get(node.name.lower()) if is_named else _RULES.get(type(node))
    more = [key for key in _MORE if isinstance(node, exp.Func) and node.args.get(key)]
    if more or (rule is None and type(node) not in _SAME):
        called = f"{node.sql('trino').partition('(')[0].lower()}()" if isinstance(node, exp.Func) else node.key
        hint = "Write this part in DuckDB's SQL and leave --dialect out; docs/reference/sql.md lists what is carried"
        raise refusal(" with ".join((called, *more)), hint)
    return rule(node) if rule else node
