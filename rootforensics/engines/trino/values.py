"""Casts and arithmetic, whose meaning hangs on types; the engine knows those, so the template asks it."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from rootforensics.engines.trino.addresses import address
from rootforensics.engines.trino.build import FLOATING, NO_VALUE, WHOLE, fill, number_of, refusal

_Type = exp.DataType.Type
_WHOLE_TYPES: Final = (_Type.TINYINT, _Type.SMALLINT, _Type.INT, _Type.BIGINT)
_INSIDE: Final = (_Type.VARCHAR, _Type.TEXT, _Type.JSON, _Type.BOOLEAN, _Type.DOUBLE, _Type.ARRAY, _Type.MAP)

# The quotient of decimals has as many decimal places as the longer of the two; // of whole numbers is whole.
_PLACES: Final = "TRY_CAST(regexp_extract(typeof({}), ',([0-9]+)', 1) AS INT)"
_QUOTIENT: Final = f"""
CASE WHEN concat(typeof(:a), typeof(:b)) LIKE '%DECIMAL%'
        AND typeof(:a) NOT IN {FLOATING} AND typeof(:b) NOT IN {FLOATING}
    THEN round(:a // :b, greatest({_PLACES.format(":a")}, {_PLACES.format(":b")}, 0))
    ELSE :a // :b END
"""
_QUOTIENT_BY_WHOLE: Final = f"""
CASE WHEN typeof(:a) LIKE 'DECIMAL%' THEN round(:a // :b, {_PLACES.format(":a")}) ELSE :a // :b END
"""
_TEXT: Final = f"""
CASE WHEN typeof(:x) = 'JSON' THEN to_json(:x) ->> '$'
    WHEN typeof(:x) IN {FLOATING} OR typeof(:x) LIKE 'TIMESTAMP%'
    THEN error('CAST AS VARCHAR of a time or a DOUBLE is spelled otherwise here: use date_format, or a DECIMAL')
    ELSE CAST(:x AS VARCHAR) END
"""
_NUMBER: Final = f"""
CASE WHEN typeof(:x) IN {FLOATING} THEN CAST(round(TRY_CAST(:x AS DOUBLE)) AS BIGINT)
    WHEN typeof(:x) NOT IN ('VARCHAR', 'JSON') THEN CAST(:x AS BIGINT)
    WHEN regexp_full_match(to_json(:x) ->> '$', '[+-]?[0-9]+') THEN CAST(to_json(:x) ->> '$' AS BIGINT)
    WHEN json_type(to_json(:x)) = 'BOOLEAN' THEN CAST(to_json(:x) = 'true' AS BIGINT)
    WHEN json_type(to_json(:x)) = 'DOUBLE' THEN CAST(round(CAST(to_json(:x) AS DOUBLE)) AS BIGINT)
    WHEN (to_json(:x) ->> '$') IS NOT NULL THEN error('CAST: no whole number; {NO_VALUE}') END
"""
_JSON: Final = """
CASE WHEN typeof(:x) LIKE '%STRUCT%' OR typeof(:x) LIKE '%TIMESTAMP%'
    THEN error('CAST of a ROW or a time to JSON is spelled differently here: cast its fields')
    ELSE to_json(:x) END
"""
_MOMENT: Final = "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}( [0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?)?"
#: What a text must look like to be cast, as a pattern, for types that DuckDB reads more freely.
_NUMERIC: Final = "[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]+)?"
_SPELLED: Final = {
    _Type.DOUBLE: _NUMERIC,
    _Type.FLOAT: _NUMERIC,
    _Type.DECIMAL: _NUMERIC,
    _Type.BOOLEAN: "(?i)t|true|1|f|false|0",
    _Type.DATE: "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}",
    _Type.TIMESTAMP: _MOMENT,
    _Type.TIMESTAMPTZ: _MOMENT + "( ?[A-Za-z/_+:0-9-]+)?",
}


def divide(node: exp.Expr) -> exp.Expr:
    """``a / b``: whole for whole numbers."""
    is_whole = number_of(node.expression) is not None
    return fill(_QUOTIENT_BY_WHOLE if is_whole else _QUOTIENT, a=node.this, b=node.expression)


def cast(node: exp.Expr) -> exp.Expr:
    """``CAST`` and ``TRY_CAST``.

    Raises:
        QueryError: the type is one whose casts DuckDB makes otherwise.
    """
    value, to, tries = node.this, node.args["to"], isinstance(node, exp.TryCast)
    if to.this in _WHOLE_TYPES:
        built: exp.Expr = fill(_NUMBER, x=value)
        if to.this is not _Type.BIGINT:
            built = exp.Cast(this=built, to=to.copy())
        return tried(exp.Try(this=built)) if tries else built
    if to.this in (_Type.VARCHAR, _Type.TEXT):
        built = fill(_TEXT, x=value)
        return fill("substring(:x, 1, :n)", x=built, n=to.expressions[0].this) if to.expressions else built
    if to.this is _Type.IPADDRESS:
        built = address(node)
        return tried(exp.Try(this=built)) if tries else built
    if to.this is _Type.JSON:
        return fill(_JSON, x=value)
    if to.this in (_Type.ARRAY, _Type.MAP):
        return type(node)(this=value.copy(), to=_contents(to.copy()))
    if to.this in _SPELLED:
        return _spelled(value, to, tries=tries)
    raise refusal(f"CAST AS {to.sql('trino')}", "Cast to VARCHAR, BIGINT, DOUBLE, DATE, TIMESTAMP or ARRAY(VARCHAR)")


def tried(node: exp.Expr) -> exp.Expr:
    """``TRY``: NULL for a value that cannot be cast; the engine takes no ``error`` in it.

    Raises:
        QueryError: an error in it tells of a construct that is not carried, and must not become NULL.
    """
    for one in list(node.find_all(exp.Anonymous)):
        if one.name == "error":
            message = one.expressions[0].name
            if not message.endswith(NO_VALUE):
                raise refusal("CAST AS VARCHAR, or floor, within TRY", "Leave the TRY out, or put it around less")
            one.replace(exp.Null())
    return node


def _contents(to: exp.DataType) -> exp.DataType:
    for inner in to.expressions:
        if inner.this not in _INSIDE or (inner.this in (_Type.VARCHAR, _Type.TEXT) and inner.expressions):
            hint = "Cast to ARRAY(VARCHAR), ARRAY(JSON) or MAP(VARCHAR, JSON) and read the values from there"
            raise refusal(f"CAST AS {to.sql('trino')}", hint)
        _contents(inner)
    return to


def _spelled(value: exp.Expr, to: exp.DataType, *, tries: bool) -> exp.Expr:
    kind = to.copy()
    if to.this in (_Type.TIMESTAMP, _Type.TIMESTAMPTZ):
        literal = isinstance(value, exp.Literal)
        if to.expressions and int(to.expressions[0].name) < 3 and not literal:
            raise refusal(f"CAST AS {to.sql('trino')}", "Use date_trunc('second', …)")
        kind.set("expressions", [])
    plain = (exp.TryCast if tries else exp.Cast)(this=value.copy(), to=kind)
    if isinstance(value, exp.Literal) and not tries:
        return plain
    # CAST of a text that Trino refuses may be read here: it gives an answer where there was none, never another one.
    strict = tries or to.this in (_Type.DOUBLE, _Type.FLOAT, _Type.DECIMAL, _Type.BOOLEAN)
    if not strict:
        return plain
    otherwise = "NULL" if tries else f"error('CAST: a value does not have the spelling of its type; {NO_VALUE}')"
    cast = f"{'TRY_CAST' if tries else 'CAST'}(:x AS {kind.sql('duckdb')})"
    return fill(
        f"CASE WHEN typeof(:x) = 'VARCHAR' AND NOT regexp_full_match(to_json(:x) ->> '$', :pattern)"
        f" THEN {otherwise} ELSE {cast} END",
        x=value,
        pattern=_SPELLED[to.this],
    )


def rounded_whole(node: exp.Expr) -> exp.Expr:
    """``floor`` and ``ceiling``: of whole numbers they are whole in Trino and floating here."""
    name = "floor" if isinstance(node, exp.Floor) else "ceil"
    return fill(
        f"CASE WHEN typeof(:x) IN {WHOLE} THEN error('floor of a whole number: leave it out') ELSE {name}(:x) END",
        x=node.this,
    )


def average(node: exp.Expr) -> exp.Expr:
    """``avg``: of decimals it is a rounded decimal in Trino."""
    for literal in node.find_all(exp.Literal):
        if not literal.is_string and "." in literal.name and "e" not in literal.name.lower():
            raise refusal("avg of a DECIMAL", f"Write {literal.name}e0, which is a DOUBLE, or CAST(… AS DOUBLE)")
    return node
