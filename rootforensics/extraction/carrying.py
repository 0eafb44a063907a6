"""Questions of the catalogue in Trino's SQL, which Athena speaks too, by a list of what is known to mean the same.

What is in no list is refused: SQL that another engine takes without an error may mean something else to it.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import sqlglot
from sqlglot import exp

from rootforensics.errors import QueryError
from rootforensics.ingest.derived import IDENTITY, IS_WRITE, OUTCOME
from rootforensics.ingest.spelling import DOMAIN, SHORT, VERSION, sources_by_name
from rootforensics.queries.catalogue import question, questions, sql_texts, views
from rootforensics.rules.actions import action_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rootforensics.queries.catalogue import Query

#: What a question may read: these stand on records that name root alone, the rest of a case on other records, too.
_READABLE: Final = ("root_events", "root_activity", "root_noise", "root_signins")
#: A table of a case that is empty there: no object is a table of another tool.
_EVIDENCE: Final = (
    "evidence AS (SELECT CAST(NULL AS VARCHAR) AS evidence_id, CAST(NULL AS VARCHAR) AS container,"
    " CAST(NULL AS ARRAY(VARCHAR)) AS lacking WHERE false)"
)
#: Services whose events are no calls of an API: of the catalogue of actions a question on an engine reads these alone.
_UNMODELED: Final = ("account.amazonaws.com", "billingconsole.amazonaws.com", "signin.amazonaws.com")
#: What a case derives of each event and an engine has not: where a record spells service or name otherwise than AWS, no
#: question is put, and where none does, both are the same but for versions of APIs, which are cut off.
_DERIVED: Final = ("* REPLACE (service AS eventSource, action AS eventName)", "* EXCLUDE (account_id)")
#: Where an event of root was corrected, no question is put.
_SUPERSEDED: Final = "superseded_events"
#: What means the same in both as sqlglot writes it.
_SAME: Final = (
    *(exp.Select, exp.Union, exp.Subquery, exp.With, exp.CTE, exp.From, exp.Where, exp.Order, exp.Ordered),
    *(exp.Distinct, exp.Table, exp.TableAlias, exp.Identifier, exp.Column, exp.Dot, exp.Alias, exp.Star, exp.Literal),
    *(exp.Null, exp.Boolean, exp.Paren, exp.Not, exp.And, exp.Or, exp.Case, exp.If, exp.Coalesce, exp.Nullif, exp.Is),
    *(exp.In, exp.Like, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ),
    *(exp.Exists, exp.DPipe, exp.Sub, exp.Count, exp.Min, exp.Max, exp.ArgMin, exp.Filter, exp.WindowSpec),
    *(exp.Lower, exp.RegexpLike, exp.StrPosition, exp.Window, exp.Group, exp.ArrayContains, exp.Interval, exp.Var),
    *(exp.DataType, exp.Substring, exp.Pad, exp.Length, exp.JSONPath, exp.JSONPathRoot, exp.JSONPathKey),
)  # fmt: skip
#: What these may have, for the rest of it is DuckDB's own.
_PARTS: Final = {
    exp.Select: {"expressions", "from_", "joins", "where", "group", "order", "with_", "distinct"},
    exp.Union: {"this", "expression", "distinct"},
    exp.Table: {"this", "alias"},
    exp.Star: set(),
    exp.Group: {"expressions"},
    exp.Distinct: {"expressions"},
    exp.Join: {"this", "on", "side", "kind"},
    exp.With: {"expressions"},
    exp.CTE: {"this", "alias"},
    exp.Min: {"this"},
    exp.Max: {"this"},
    exp.ArgMin: {"this", "expression"},
    exp.RegexpLike: {"this", "expression"},
    exp.RegexpFullMatch: {"this", "expression"},
    exp.Trim: {"this"},
}
#: Comments, and the first word behind them.
_BEGIN: Final = re.compile(
    r"(?:\s|--[^\n]*(?:\n|$)|/\*.*?\*/)*WITH\b(?:\s+(?P<recursive>RECURSIVE)\b)?", re.IGNORECASE | re.DOTALL
)
_ZONED: Final = (exp.DataType.Type.TIMESTAMPTZ, exp.DataType.Type.TIMESTAMPLTZ)
_SOURCE: Final = "lower(trim(eventSource))"
_NAMES: Final = sorted(sources_by_name())


def _bare(name: str) -> str:
    return f"regexp_replace({name}, '{VERSION}', '')"


#: Service and action of each record, and whether they are spelled otherwise than AWS spells them.
_SPELLED: Final = f"""spelled_events AS (
SELECT *, service IS DISTINCT FROM eventSource OR action IS DISTINCT FROM {_bare("eventName")}
    OR (lower(action) IN ({", ".join(repr(name.lower()) for name in _NAMES)})
        AND action NOT IN ({", ".join(map(repr, _NAMES))})) AS is_respelled
FROM (SELECT *, CASE WHEN {_SOURCE} LIKE '%{DOMAIN}' THEN {_SOURCE}
        ELSE regexp_replace({_SOURCE}, '{SHORT}', '$1{DOMAIN}') END AS service, {_bare("trim(eventName)")} AS action
    FROM recorded_events))"""  # noqa: S608 - names of ours


class _UnknownError(Exception):
    """Something is in no list."""


def carried(name: str, parameters: Mapping[str, Any], records: str) -> str:
    """A question as one statement.

    Args:
        name: of the question.
        parameters: values for it.
        records: a table with ``object``, ``place``, ``record``, ``account``, ``region`` and ``day``: each record once.

    Raises:
        QueryError: there is no such question or parameter, or it is not known to be the same there.
    """
    asked = question(name, listed=True)
    values = {parameter.name: parameter.default for parameter in asked.parameters}
    if unknown := parameters.keys() - values.keys():
        raise QueryError(f"it has no parameter {min(unknown)!r}", where=asked.command_name)
    try:
        return _statement(asked, {**values, **parameters}, records)
    except _UnknownError as error:
        plain = ", ".join(plain_question.replace("_", "-") for plain_question in plain_questions())
        hint = f"Extract and ask at home: rootforensics extract, then query; on an engine there are {plain}"
        raise QueryError(
            f"not known to be the same on an engine: {error}", where=asked.command_name, hint=hint
        ) from error


def plain_questions() -> list[str]:
    """The questions that are known to be the same there."""
    found = []
    for name, asked in questions().items():
        with suppress(_UnknownError):
            _statement(asked, {parameter.name: parameter.default for parameter in asked.parameters}, "t")
            found.append(name)
    return found


def _statement(asked: Query, values: Mapping[str, Any], records: str) -> str:
    tree = _parsed(asked.sql, values)
    own = {one.alias for one in tree.find_all(exp.CTE)}
    if other := sorted({one.name for one in tree.find_all(exp.Table)} - own - set(_READABLE)):
        raise _UnknownError(f"it reads {other[0]}")
    recorded, *others = events()
    name = "json_extract_scalar(record, '$.eventName')"
    recorded = recorded.replace(f"{name} AS eventName", f"{_bare(name)} AS eventName")
    relations = [f"records AS (SELECT * FROM {records})", recorded, *others, _EVIDENCE, _actions()]  # noqa: S608 - a name of ours
    relations += [f"{view} AS (\n{_carried(_parsed(views()[view].sql, {}))}\n)" for view in ("api_calls", *_READABLE)]
    return with_relations(relations, _carried(tree))


@cache
def _actions() -> str:
    """The catalogue of actions, as far as a question on an engine reads it, as a part of a WITH."""
    calls = sorted({(row["call_source"], row["call_name"]) for row in action_rows()})
    values = ", ".join(f"('{source}', '{name}')" for source, name in calls if source in _UNMODELED)
    return f"actions AS (SELECT * FROM (VALUES {values}) AS listed (call_source, call_name))"  # noqa: S608 - names of ours


def events() -> tuple[str, ...]:
    """``events`` over ``records``, with what a case derives of each, as parts of a WITH."""
    derived = f"SELECT *, {OUTCOME} AS outcome, {IS_WRITE} AS is_write, {IDENTITY} FROM spelled_events"  # noqa: S608
    text = sql_texts("rootforensics.extraction", "sql")["events"]
    return f"recorded_events AS (\n{text})", _SPELLED, f"events AS (\n{_carried(_parsed(derived, {}))}\n)"


def with_relations(relations: Sequence[str], text: str) -> str:
    """A query that may read some relations; the text itself stays as it is.

    Args:
        relations: parts of a WITH.
        text: a query. Nothing else reads behind a WITH, so that nothing can be changed by it.
    """
    text = text.strip().rstrip(";").rstrip()
    before = ",\n".join(relations)
    if begin := _BEGIN.match(text):
        recursive = "RECURSIVE " if begin["recursive"] else ""
        return f"WITH {recursive}{before},\n{text[begin.end() :].lstrip()}"
    return f"WITH {before}\n{text}"


def _parsed(sql: str, values: Mapping[str, Any]) -> exp.Expr:
    tree = sqlglot.parse_one(sql, read="duckdb")
    for mark in list(tree.find_all(exp.Placeholder)):
        mark.replace(exp.Literal.string(str(values[mark.name])))
    return tree


def _carried(tree: exp.Expr) -> str:
    for join in [one for one in tree.find_all(exp.Join) if one.this.name == _SUPERSEDED]:
        join.pop()
    for star in tree.find_all(exp.Star):
        if star.sql("duckdb") in _DERIVED:
            star.args.clear()
    for node in reversed(list(tree.walk(bfs=False))):
        rule = _RULES.get(type(node))
        is_same = type(node) in _SAME or (isinstance(node, exp.Anonymous) and node.name.lower() == "row")
        more = {part for part, value in node.args.items() if value} - _PARTS.get(type(node), node.args.keys())
        if more or (rule is None and not is_same):
            raise _UnknownError(f"{' '.join((node.key, *sorted(more)))} is in no list")
        if rule is not None and (new := rule(node)) is not node:
            node.replace(new)
    return tree.sql(dialect="trino", comments=False)


def _fill(template: str, **parts: exp.Expr | str) -> exp.Expr:
    """An expression of Trino's in which each ``:name`` stands for a part."""
    built = sqlglot.parse_one(template, read="trino")
    for mark in list(built.find_all(exp.Placeholder)):
        part = parts[mark.name]
        mark.replace(exp.Literal.string(part) if isinstance(part, str) else exp.paren(part.copy()))
    return built


def _path(node: exp.Expr) -> str:
    keys = node.expression.expressions if isinstance(node.expression, exp.JSONPath) else ()
    if not keys or not all(isinstance(key, (exp.JSONPathRoot, exp.JSONPathKey)) for key in keys):
        raise _UnknownError("such a path of JSON is in no list")
    return "$" + "".join(f'["{one.this}"]' for one in keys if isinstance(one, exp.JSONPathKey))


def _scalar(node: exp.Expr) -> exp.Expr:
    """Of an object or a list DuckDB gives the text, too."""
    text = "coalesce(json_extract_scalar(:x, :p), nullif(json_format(json_extract(:x, :p)), 'null'))"
    return _fill(text, x=node.this, p=_path(node))


def _cast(node: exp.Expr) -> exp.Expr:
    to, value = node.args["to"].this, node.this
    if to in _ZONED and isinstance(value, exp.Literal):
        return _fill(f"TIMESTAMP '{value.name.removesuffix('+00:00')} UTC'")
    if to in _ZONED and isinstance(node, exp.TryCast):
        return _fill("TRY(from_iso8601_timestamp(replace(:x, ' ', 'T')))", x=value)
    if to in (exp.DataType.Type.TEXT, exp.DataType.Type.VARCHAR) and isinstance(value, exp.Column):
        return node
    raise _UnknownError(f"such a cast as {node.sql('duckdb')} is in no list")


def _texts(node: exp.Expr) -> exp.Expr:
    """NULL is an empty text in DuckDB's concat."""
    parts = [
        expression if isinstance(expression, exp.Literal) else _fill("coalesce(CAST(:x AS VARCHAR), '')", x=expression)
        for expression in node.expressions
    ]
    return exp.Anonymous(this="concat", expressions=parts)


def _join(node: exp.Expr) -> exp.Expr:
    if node.args.get("kind") not in (None, "INNER") or node.args.get("side") not in (None, "LEFT"):
        raise _UnknownError("such a join is in no list")
    return node


_RULES: Final[dict[type[exp.Expr], Callable[[exp.Expr], exp.Expr]]] = {
    exp.JSONExtractScalar: _scalar,
    exp.Cast: _cast,
    exp.TryCast: _cast,
    exp.Concat: _texts,
    exp.Join: _join,
    exp.Trim: lambda node: _fill("trim(BOTH ' ' FROM :x)", x=node.this),
    exp.SplitPart: lambda node: _fill(
        "CASE WHEN :x IS NOT NULL THEN coalesce(split_part(:x, :d, :n), '') END",
        x=node.this, d=node.args["delimiter"], n=node.args["part_index"],
    ),
    exp.RegexpFullMatch: lambda node: _fill(
        "regexp_like(:x, concat('^(', :p, ')$'))", x=node.this, p=node.expression
    ),
    exp.RegexpExtract: lambda node: _fill(
        "CASE WHEN :x IS NOT NULL THEN coalesce(regexp_extract(:x, :p, :g), '') END",
        x=node.this, p=node.expression, g=node.args.get("group") or exp.Literal.number(0),
    ),
}  # fmt: skip
