"""Carry a statement of Trino's or Athena's to DuckDB, by a list of what is known to mean the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from sqlglot import exp
from sqlglot.dialects.trino import Trino

from rootforensics.engines.trino import addresses, json, tables, text, times, values
from rootforensics.engines.trino.build import fill, refusal

if TYPE_CHECKING:
    from collections.abc import Callable

_Rule: TypeAlias = "Callable[[exp.Expr], exp.Expr]"


class Reading(Trino):
    """Trino's grammar; JSON paths stay the text that they are, for Trino's own paths are others than sqlglot's."""

    def to_json_path(self, path: exp.Expr | None) -> exp.Expr | None:
        """The path as it stands."""
        return path


def _one_argument(node: exp.Expr) -> exp.Expr:
    if node.expressions or node.args.get("count"):
        raise refusal(f"{node.key} of several values", "Use ORDER BY and LIMIT")
    return node


def _by(template: str) -> _Rule:
    return lambda node: fill(template, x=_one_argument(node).this, y=node.expression or exp.Null())


def _joined(node: exp.Expr) -> exp.Expr:
    if node.args.get("null"):
        raise refusal("array_join with a word for NULL", "Leave it out, or use coalesce on the elements")
    return node


def _replaced_all(node: exp.Expr) -> exp.Expr:
    return fill("replace(:x, :y, :z)", x=node.this, y=node.expression, z=node.args.get("replacement") or "")


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


#: What means the same in both, as sqlglot writes it.
_SAME: Final = (
    *(exp.And, exp.Or, exp.Xor, exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Exists, exp.Anonymous, exp.Greatest),
    *(exp.Least, exp.Count, exp.Sum, exp.AnyValue, exp.LogicalOr, exp.LogicalAnd, exp.ArrayAgg, exp.GroupConcat),
    *(exp.Concat, exp.ConcatWs, exp.Length, exp.Lower, exp.Upper, exp.StartsWith, exp.Pad, exp.RegexpLike, exp.Array),
    *(exp.Abs, exp.Round, exp.Sqrt, exp.Pow, exp.Mod, exp.Stddev, exp.ParseJSON, exp.ArraySize),
    *(exp.Year, exp.Month, exp.Day, exp.Hour, exp.Minute, exp.Second, exp.WeekOfYear, exp.Quarter, exp.DayOfWeekIso),
    *(exp.DayOfMonth, exp.DayOfYear, exp.CurrentTimestamp, exp.CurrentDate, exp.Localtimestamp),
    *(exp.TimeToUnix, exp.UnixToTime, exp.Date, exp.FromISO8601Timestamp, exp.FromISO8601Date, exp.ArrayFilter),
    *(exp.Transform, exp.RowNumber, exp.Rank, exp.DenseRank, exp.PercentRank, exp.CumeDist, exp.Lag, exp.Lead),
    *(exp.FirstValue, exp.LastValue, exp.NthValue, exp.Ntile, exp.Grouping, exp.MapKeys),
)
#: What is said in other words.
_RULES: Final[dict[type[exp.Expr], _Rule]] = {
    exp.Div: values.divide,
    exp.Cast: values.cast,
    exp.TryCast: values.cast,
    exp.Try: values.tried,
    exp.Floor: values.rounded_whole,
    exp.Ceil: values.rounded_whole,
    exp.Avg: values.average,
    exp.JSONExtractScalar: json.scalar,
    exp.JSONExtract: json.extract,
    exp.JSONFormat: json.to_text,
    exp.Substring: text.substring,
    exp.SplitPart: text.split_part,
    exp.Split: text.split,
    exp.Trim: text.trim,
    exp.StrPosition: text.position,
    exp.RegexpExtract: text.regexp_extract,
    exp.RegexpReplace: text.regexp_replace,
    exp.Replace: _replaced_all,
    exp.DateDiff: times.difference,
    exp.DateAdd: times.added,
    exp.TimestampTrunc: times.truncated,
    exp.DateTrunc: times.truncated,
    exp.AtTimeZone: times.at_zone,
    exp.Extract: times.extracted,
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
    exp.ArrayToString: _joined,
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
    return statement


def _carried(node: exp.Expr) -> exp.Expr:
    if isinstance(node, exp.Anonymous):
        rule = _NAMED.get(node.name.lower())
        if rule is None:
            raise _unknown(node.name.lower())
        return rule(node)
    rule = _RULES.get(type(node))
    if rule is not None:
        return rule(node)
    if isinstance(node, exp.Func) and type(node) not in _SAME:
        raise _unknown(str(type(node).sql_names()[0]).lower())
    if isinstance(node, (exp.MatchRecognize, exp.Struct)):
        raise _unknown(node.key)
    return node


def _unknown(name: str) -> Exception:
    hint = "Write this part in DuckDB's SQL and leave --dialect out; docs/sql.md lists what is carried"
    return refusal(f"{name}()", hint)
