"""Functions of time. The time zone is UTC here, as it is in Athena."""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from rootforensics.engines.trino.build import fill, refusal, text_of

#: Parts of a time that ``extract`` gives, as DuckDB names them.
_PARTS: Final = {
    **{name: name for name in ("YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND", "DOY")},
    "DAY_OF_MONTH": "DAY",
    "DAY_OF_YEAR": "DOY",
    "DAY_OF_WEEK": "ISODOW",
    "DOW": "ISODOW",
}
_UNITS: Final = frozenset(
    ("MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"),
)
# strftime's letters that mean here what MySQL's mean in Trino, after sqlglot has carried those over.
_MYSQL: Final = re.compile(r"(?:[^%]|%(?:[YmdHMSBbAajpI%]|-[mdHI]))*")
# Joda-Time takes a text in apostrophes that has no end, which many published queries have.
_JODA_PART: Final = re.compile(
    r"(?s)(?P<letters>([A-Za-z])\2*)|'(?P<quoted>(?:[^']|'')*)'|'(?P<open>[^']+)\Z|(?P<other>.)"
)
_JODA: Final = {
    "yyyy": "%Y",
    "MM": "%m",
    "dd": "%d",
    "HH": "%H",
    "mm": "%M",
    "ss": "%S",
    "SSS": "%g",
    "MMM": "%b",
    "MMMM": "%B",
    "EEE": "%a",
    "EEEE": "%A",
}


def difference(node: exp.Expr) -> exp.Expr:
    """``date_diff``: whole units that have passed, not borders crossed."""
    # sqlglot keeps the later time first
    return fill(f"date_sub('{_unit(node)}', :a, :b)", a=node.expression, b=node.this)


def truncated(node: exp.Expr) -> exp.Expr:
    """``date_trunc``."""
    return fill(f"date_trunc('{_unit(node)}', :x)", x=node.this)


def added(node: exp.Expr) -> exp.Expr:
    """``date_add``: a number of units to a time."""
    _unit(node)
    return node


def _unit(node: exp.Expr) -> str:
    unit = str(node.args["unit"].name).upper()
    if unit not in _UNITS:
        raise refusal(f"the unit {unit.lower()!r}", f"Use one of {', '.join(sorted(_UNITS)).lower()}")
    return unit.lower()


def extracted(node: exp.Expr) -> exp.Expr:
    """``extract``: Sunday is day 7 of the week."""
    name = node.this.name.upper()
    if name not in _PARTS:
        raise refusal(f"extract({name.lower()} FROM …)", f"Use one of {', '.join(sorted(_PARTS)).lower()}")
    node.set("this", exp.var(_PARTS[name]))
    return node


def at_zone(node: exp.Expr) -> exp.Expr:
    """``AT TIME ZONE`` and ``at_timezone``: the same instant, so nothing changes for UTC."""
    value, zone = (node.this, node.args["zone"]) if isinstance(node, exp.AtTimeZone) else node.expressions
    name = text_of(zone, "a time zone")
    if name.upper() not in ("UTC", "Z", "GMT", "ETC/UTC", "+00:00"):
        hint = "Times are in UTC here; --dialect duckdb has AT TIME ZONE, which gives the local time"
        raise refusal(f"the time zone {name!r}", hint)
    return fill("CAST(:x AS TIMESTAMPTZ)", x=value)


def mysql_format(node: exp.Expr) -> exp.Expr:
    """``date_parse`` and ``date_format``."""
    if not _MYSQL.fullmatch(text_of(node.args["format"], "a format")):
        raise refusal("a letter in this format", "Use %Y %m %d %H %i %s and plain text")
    if isinstance(node, exp.StrToTime):
        return _parsed(node.this, node.args["format"].name)
    return fill("strftime(:x, :f)", x=node.this, f=node.args["format"])


def joda_parse(node: exp.Expr) -> exp.Expr:
    """``parse_datetime``: a time with a zone."""
    return fill("CAST(:x AS TIMESTAMPTZ)", x=_parsed(node.this, joda(text_of(node.args["format"], "a format"))))


def _parsed(value: exp.Expr, form: str) -> exp.Expr:
    """A time by strptime, which knows another year where there is none, no day of a week, and takes more spaces."""
    if "%Y" not in form or re.search("%[aA]", form):
        raise refusal("a format without a year, or with the day of a week, to read a time", "Use %Y or yyyy")
    return fill(r"strptime(regexp_replace(:x, '^\s|\s$|\s\s', 'no time'), :f)", x=value, f=form)


def joda_format(node: exp.Expr) -> exp.Expr:
    """``format_datetime``."""
    value, form = node.expressions
    return fill("strftime(:x, :f)", x=value, f=joda(text_of(form, "a format")))


def joda(text: str) -> str:
    """A format of Joda-Time in strftime's letters.

    Raises:
        QueryError: it has letters without an equal.
    """
    carried = []
    for letters, quoted, other in _parts(text):
        if letters and letters not in _JODA:
            raise refusal(f"the letters {letters!r} in a format", f"Use {' '.join(_JODA)} and text in apostrophes")
        plain = (quoted.replace("''", "'") or ("'" if not other else "")) + other
        carried.append(_JODA[letters] if letters else plain.replace("%", "%%"))
    return "".join(carried)


def _parts(text: str) -> list[tuple[str, str, str]]:
    return [
        (match["letters"] or "", match["quoted"] or match["open"] or "", match["other"] or "")
        for match in re.finditer(_JODA_PART, text)
    ]
