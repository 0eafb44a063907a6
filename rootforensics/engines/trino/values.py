"""Casts and arithmetic, whose meaning hangs on types; the engine knows those, so the template asks it."""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from rootforensics.engines.trino.addresses import address
from rootforensics.engines.trino.build import (
    FLOATING,
    NO_VALUE,
    around,
    failing,
    fill,
    no_value,
    number_of,
    refusal,
    unless,
)

_Type = exp.DataType.Type
_WHOLE_TYPES: Final = (_Type.TINYINT, _Type.SMALLINT, _Type.INT, _Type.BIGINT)
_TEXTS: Final = (_Type.VARCHAR, _Type.TEXT)
_INSIDE: Final = (*_TEXTS, _Type.JSON)

# The quotient of decimals has as many decimal places as the longer of the two, a half rounded away from zero: it is
# worked out in whole numbers, 15 digits at the most. // of whole numbers is whole.
_QUOTIENT: Final = """
CASE WHEN typeof(:a + :b) LIKE 'DECIMAL%' THEN list_transform(
    [TRY_CAST('1e' || regexp_extract(typeof(:a + :b), ',([0-9]+)', 1) AS BIGINT)],
    lambda s: cast_to_type(sign(:a // :b) * CAST(
        CAST(s * (2 * s * abs(:a) + abs(:b)) AS HUGEINT) // CAST(2 * s * abs(:b) AS HUGEINT)
        AS DECIMAL(15, 0)) / s, :a + :b))[1]
    ELSE cast_to_type(:a // :b, :a + :b) END
"""
#: Types whose values Trino spells otherwise, or does not spell.
SPELLED: Final = "regexp_matches(typeof(:x), 'DOUBLE|FLOAT|TIME|INTERVAL|STRUCT|MAP|BLOB|UNION{}')"
_TEXT: Final = f"""
CASE WHEN {SPELLED.format("|[[]")} OR json_type(to_json(:x)) = 'DOUBLE' AND typeof(:x) = 'JSON'
    THEN error('CAST AS VARCHAR of a time or a DOUBLE is spelled otherwise here: use date_format or round')
    WHEN typeof(:x) <> 'JSON' THEN CAST(:x AS VARCHAR)
    WHEN json_type(to_json(:x)) IN ('OBJECT', 'ARRAY') THEN {{none}} ELSE to_json(:x) ->> '$' END
"""
_SHORT: Final = """
CASE WHEN length(:text) <= :n THEN :text WHEN typeof(:x) = 'VARCHAR' THEN substring(:text, 1, :n)
    WHEN :text IS NOT NULL THEN {none} END
"""
_NUMBER: Final = f"""
CASE WHEN typeof(:x) IN {FLOATING} THEN {{cast}}(round(TRY_CAST(:x AS DOUBLE)) AS BIGINT)
    WHEN typeof(:x) NOT IN ('VARCHAR', 'JSON') OR regexp_full_match(to_json(:x) ->> '$', '[+-]?[0-9]+')
    THEN {{cast}}(:x AS BIGINT)
    WHEN json_type(to_json(:x)) IN ('BOOLEAN', 'DOUBLE') THEN {{cast}}(round(CAST(to_json(:x) AS DOUBLE)) AS BIGINT)
    WHEN (to_json(:x) ->> '$') IS NOT NULL THEN {{none}} END
"""
#: What a rule has made NULL already if there is no value: TRY around it has nothing to do.
_TRIED: Final = "tried"
#: What is known to be a whole number before the query runs.
_WHOLE: Final = "whole"
_NONE: Final = r"[^\s\S]"
_NUMERIC: Final = "[+-]?([0-9]{1,200}[.]?[0-9]*|[.][0-9]+)"
_POWER: Final = "([eE][+-]?[0-9]+)?"
_CLOCK: Final = "([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,3})?)?"
_DAY: Final = "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}"
_MOMENT: Final = r"(?s)\s*[+-]?[0-9]+-[0-9]+-[0-9]+(\s.*)?"
_ISO_DAY: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_ISO: Final = "(?s)([+-]?[0-9]|T).*"
#: The texts that Trino and DuckDB read alike, and those that Trino may read otherwise; of all others it makes nothing.
#: A time keeps its zone in Trino: here its zone is UTC.
_READ: Final[dict[object, tuple[str, str]]] = {
    _Type.DOUBLE: (
        f"{_NUMERIC}([eE][+-]?[0-9]{{1,2}})?",
        rf"[\x00- ]*([+-]?(NaN|Infinity|0[xX][0-9A-Fa-f.]+[pP][+-]?[0-9]+)|{_NUMERIC}{_POWER})[dDfF]?[\x00- ]*",
    ),
    _Type.DECIMAL: (_NUMERIC, _NUMERIC + _POWER),
    _Type.BOOLEAN: ("(?i)t|true|1|f|false|0", _NONE),
    _Type.DATE: (_DAY, r"\s*[+-]?[0-9]+-[0-9]+-[0-9]+\s*"),
    _Type.TIMESTAMP: (f"{_DAY}( {_CLOCK})?", _MOMENT),
    _Type.TIMESTAMPTZ: (f"{_DAY}( {_CLOCK}( ?UTC|[+]00:00)?)?", _MOMENT),
    exp.FromISO8601Date: (_ISO_DAY, _ISO),
    exp.FromISO8601Timestamp: (f"{_ISO_DAY}(T{_CLOCK.replace('?', '', 1)}(Z|[+-]00:00)?)?", _ISO),
}
#: What functions cast to.
_GIVEN: Final[dict[type[exp.Expr], str]] = {
    exp.Date: "DATE",
    exp.FromISO8601Date: "DATE",
    exp.FromISO8601Timestamp: "TIMESTAMPTZ",
}
_PERHAPS: Final = "may be another value in Trino: write a plain number, or a time in UTC with at most 3 decimal places"


def divide(node: exp.Expr) -> exp.Expr:
    """``a / b``: whole for whole numbers, a rounded decimal for decimals."""
    whole = all(number_of(one) is not None or one.unnest().meta.get(_WHOLE) for one in (node.this, node.expression))
    built = fill(":a // :b" if whole else _QUOTIENT, a=node.this, b=node.expression)
    built.meta[_WHOLE] = whole
    return built


def cast(node: exp.Expr) -> exp.Expr:
    """``CAST`` and ``TRY_CAST``, and functions that read a text.

    Raises:
        QueryError: the type is one whose casts DuckDB makes otherwise, or Trino reads the literal otherwise.
    """
    to = node.args.get("to") or exp.DataType.build(_GIVEN[type(node)], dialect="duckdb")
    value = node.this
    tries = isinstance(node, exp.TryCast) or isinstance(around(node), exp.Try)
    cast, otherwise = ("TRY_CAST", "NULL") if tries else ("CAST", no_value(f"CAST AS {to.sql('trino')}"))
    if to.this in _WHOLE_TYPES:
        number = _NUMBER.format(cast=cast, none=otherwise)
        built = fill(number if to.this is _Type.BIGINT else f"{cast}({number} AS {to.sql('duckdb')})", x=value)
    elif to.this in _TEXTS:
        built = fill(_TEXT.format(none=otherwise), x=value)
        if to.expressions:
            built = fill(_SHORT.format(none=otherwise), x=value, text=built, n=to.expressions[0].this)
    elif to.this is _Type.IPADDRESS:
        return address(node, otherwise)
    elif to.this is _Type.JSON:
        why = "CAST of a ROW, a DECIMAL, a DOUBLE or a time to JSON is spelled differently here"
        unless(value, SPELLED.format("|DECIMAL"), why)
        built = fill("to_json(:x)", x=node.this)
    elif to.this in (_Type.ARRAY, _Type.MAP):
        built = _contents(node, to, tries=tries)
    elif to.this in _READ:
        built = _read(node, to, cast, otherwise)
    else:
        hint = "Cast to VARCHAR, BIGINT, DOUBLE, DATE, TIMESTAMP or ARRAY(VARCHAR)"
        raise refusal(f"CAST AS {to.sql('trino')}", hint)
    built.meta.update({_TRIED: tries, _WHOLE: to.this in _WHOLE_TYPES})
    return built


def tried(node: exp.Expr) -> exp.Expr:
    """``TRY``: NULL if a value in it cannot be cast.

    Raises:
        QueryError: an error in it tells of what is not carried, and must not become NULL.
    """
    tried: exp.Expr = node.this
    if tried.unnest().meta.get(_TRIED):
        return tried
    for one in list(node.find_all(exp.Anonymous)):
        if one.name == "error":
            if not one.expressions[0].name.endswith(NO_VALUE):
                raise refusal("a value that may be another one in Trino, within TRY", "Put the TRY around less")
            one.replace(failing(one))
    return node


def _contents(node: exp.Expr, to: exp.DataType, *, tries: bool) -> exp.Expr:
    """A cast of JSON to a list or a map; Trino casts no object in it to text, and spells a DOUBLE otherwise."""
    is_map = to.this is _Type.MAP
    if any(expression.this not in _INSIDE or expression.expressions for expression in to.expressions) or (
        is_map and to.expressions[0].this not in _TEXTS
    ):
        hint = "Cast to ARRAY(VARCHAR), ARRAY(JSON) or MAP(VARCHAR, JSON) and read the values from there"
        raise refusal(f"CAST AS {to.sql('trino')}", hint)
    if to.expressions[-1].this in _TEXTS:
        held = f"json_type(to_json(:x), '{'$.*' if is_map else '$[*]'}')"
        why = "an object, an array or a DOUBLE as VARCHAR: use ARRAY(JSON) or MAP(VARCHAR, JSON)"
        unless(node.this, f"list_has_any({held}, ['OBJECT', 'ARRAY', 'DOUBLE'])", why)
    return (exp.TryCast if tries else exp.Cast)(this=node.this.copy(), to=to.copy())


def _read(node: exp.Expr, to: exp.DataType, cast: str, otherwise: str) -> exp.Expr:
    """A cast to a number with a fraction, a truth value or a time, by what a text must look like."""
    same, perhaps = _READ.get(type(node)) or _READ[to.this]
    kind = to.this.value
    if to.this is _Type.DECIMAL:
        # DECIMAL '1.50' is a DECIMAL(3, 2), and looks like a CAST AS DECIMAL, which is whole.
        kind, same = (to.sql("duckdb"), same) if to.expressions else ("DECIMAL(38, 0)", "[+-]?[0-9]+")
        unless(node.this, f"typeof(:x) IN {FLOATING}", "CAST of a DOUBLE AS DECIMAL: use round")
    literal = isinstance(node.this, exp.Literal)
    if to.expressions and to.this is not _Type.DECIMAL:
        places = min(int(to.expressions[0].name), 6)
        same = same.replace("{1,3}", f"{{1,{places}}}" if places else "{99}")
        if places < 3 and not literal:
            raise refusal(f"CAST AS {to.sql('trino')}", "Use date_trunc('second', …)")
    plain = f"{cast}(:x AS {kind})"
    if literal and re.fullmatch(same, node.this.name):
        return fill(plain, x=node.this)
    template = f"""
CASE WHEN typeof(:x) IN ('VARCHAR', 'JSON') AND NOT regexp_full_match(to_json(:x) ->> '$', :same)
    THEN CASE WHEN typeof(:x) = 'JSON' OR regexp_full_match(to_json(:x) ->> '$', :perhaps)
        THEN error(concat('the text ', to_json(:x) ->> '$', ' {_PERHAPS}')) ELSE {otherwise} END
    ELSE {plain} END
"""
    return fill(template, x=node.this, same=same, perhaps=perhaps)


def total(node: exp.Expr) -> exp.Expr:
    """``sum``, with all that belongs to it: of whole numbers it is a BIGINT, or an error."""
    inner = node
    while isinstance(inner, (exp.Window, exp.Filter)):
        inner = inner.this
    if not isinstance(inner, exp.Sum) or (node.arg_key == "this" and isinstance(node.parent, (exp.Window, exp.Filter))):
        return node
    return fill("CASE WHEN typeof(:x) = 'HUGEINT' THEN CAST(:x AS BIGINT) ELSE :x END", x=node)


def subtracted(node: exp.Expr) -> exp.Expr:
    """``a - b``: of dates it is an INTERVAL in Trino."""
    if not isinstance(node.expression, (exp.Interval, exp.Literal)):
        dates = "typeof(:x) = 'DATE' AND typeof(:y) = 'DATE'"
        unless(node.this, dates, "a date less a date: use date_diff", y=node.expression)
    return node
