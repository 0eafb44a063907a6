"""Casts and arithmetic, whose meaning hangs on types; the engine knows those, so the template asks it."""

from __future__ import annotations

from typing import Final

from sqlglot import exp

from rootforensics.engines.trino.addresses import address
from rootforensics.engines.trino.build import FLOATING, NO_VALUE, WHOLE, around, fill, no_value, number_of, refusal

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
CASE WHEN typeof(:x) IN {FLOATING} THEN {{cast}}(round(TRY_CAST(:x AS DOUBLE)) AS BIGINT)
    WHEN typeof(:x) NOT IN ('VARCHAR', 'JSON') THEN {{cast}}(:x AS BIGINT)
    WHEN regexp_full_match(to_json(:x) ->> '$', '[+-]?[0-9]+') THEN {{cast}}(to_json(:x) ->> '$' AS BIGINT)
    WHEN json_type(to_json(:x)) = 'BOOLEAN' THEN CAST(to_json(:x) = 'true' AS BIGINT)
    WHEN json_type(to_json(:x)) = 'DOUBLE' THEN {{cast}}(round(CAST(to_json(:x) AS DOUBLE)) AS BIGINT)
    WHEN (to_json(:x) ->> '$') IS NOT NULL THEN {{none}} END
"""
_JSON: Final = """
CASE WHEN typeof(:x) LIKE '%STRUCT%' OR typeof(:x) LIKE '%TIMESTAMP%'
    THEN error('CAST of a ROW or a time to JSON is spelled differently here: cast its fields')
    ELSE to_json(:x) END
"""
_MOMENT: Final = "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}( [0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?)?"
#: Of no type, and an error; unlike ``error``, the engine takes it in TRY.
_FAILS: Final = "CASE WHEN CAST('no value' AS BOOLEAN) THEN NULL END"
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
    value, to = node.this, node.args["to"]
    tries = isinstance(node, exp.TryCast) or isinstance(around(node), exp.Try)
    cast, otherwise = ("TRY_CAST", "NULL") if tries else ("CAST", no_value(f"CAST AS {to.sql('trino')}"))
    if to.this in _WHOLE_TYPES:
        number = _NUMBER.format(cast=cast, none=otherwise)
        return fill(number if to.this is _Type.BIGINT else f"{cast}({number} AS {to.sql('duckdb')})", x=value)
    if to.this in (_Type.VARCHAR, _Type.TEXT):
        built = fill(_TEXT, x=value)
        return fill("substring(:x, 1, :n)", x=built, n=to.expressions[0].this) if to.expressions else built
    if to.this is _Type.IPADDRESS:
        return address(node, otherwise)
    if to.this is _Type.JSON:
        return fill(_JSON, x=value)
    if to.this in (_Type.ARRAY, _Type.MAP):
        return (exp.TryCast if tries else exp.Cast)(this=value.copy(), to=_contents(to.copy()))
    if to.this in _SPELLED:
        return _spelled(value, to, cast, otherwise, strict=tries or node.find_ancestor(exp.Try) is not None)
    raise refusal(f"CAST AS {to.sql('trino')}", "Cast to VARCHAR, BIGINT, DOUBLE, DATE, TIMESTAMP or ARRAY(VARCHAR)")


def tried(node: exp.Expr) -> exp.Expr:
    """``TRY``: NULL if a value in it cannot be cast; the engine takes no ``error`` in it.

    Raises:
        QueryError: an error in it tells of a construct that is not carried, and must not become NULL.
    """
    for one in list(node.find_all(exp.Anonymous)):
        if one.name == "error":
            if not one.expressions[0].name.endswith(NO_VALUE):
                raise refusal("CAST AS VARCHAR or JSON, json_format or floor within TRY", "Put the TRY around less")
            one.replace(fill(_FAILS))
    return node


def _contents(to: exp.DataType) -> exp.DataType:
    for inner in to.expressions:
        if inner.this not in _INSIDE or (inner.this in (_Type.VARCHAR, _Type.TEXT) and inner.expressions):
            hint = "Cast to ARRAY(VARCHAR), ARRAY(JSON) or MAP(VARCHAR, JSON) and read the values from there"
            raise refusal(f"CAST AS {to.sql('trino')}", hint)
        _contents(inner)
    return to


def _spelled(value: exp.Expr, to: exp.DataType, cast: str, otherwise: str, *, strict: bool) -> exp.Expr:
    kind = to.copy()
    if to.this in (_Type.TIMESTAMP, _Type.TIMESTAMPTZ):
        literal = isinstance(value, exp.Literal)
        if to.expressions and int(to.expressions[0].name) < 3 and not literal:
            raise refusal(f"CAST AS {to.sql('trino')}", "Use date_trunc('second', …)")
        kind.set("expressions", [])
    plain = f"{cast}(:x AS {kind.sql('duckdb')})"
    # CAST of a text that Trino refuses may be read here: it gives an answer where there was none, never another one.
    if not strict and (isinstance(value, exp.Literal) or to.this in (_Type.DATE, _Type.TIMESTAMP, _Type.TIMESTAMPTZ)):
        return fill(plain, x=value)
    return fill(
        f"CASE WHEN typeof(:x) = 'VARCHAR' AND NOT regexp_full_match(to_json(:x) ->> '$', :pattern)"
        f" THEN {otherwise} ELSE {plain} END",
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
