"""JSON functions: paths as Trino reads them, and values that are scalars or nothing."""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from rootforensics.engines.trino.build import around, fill, refusal, text_of

# A key in a path: behind a dot, or in brackets and quotes; or the number of an element.
_STEP: Final = re.compile(
    r"""\.(?P<key>[\w:$\-/@|#]+)|\["(?P<double>(?:[^"\\]|\\["\\])*)"\]|\[(?P<at>\d+)\]|\[(?P<bare>[A-Za-z_][\w\-]*)\]"""
)
# Of JSON that is cut, Trino reads as far as the value that is looked for.
_CUT: Final = r"WHEN regexp_matches(:x, '^\s*[[{\"]') THEN error('JSON that is cut or not well-formed')"
_SCALAR: Final = f"CASE WHEN json_valid(:x) THEN json_value(:x, :path) ->> '$' {_CUT} END"
_EXTRACT: Final = f"CASE WHEN json_valid(:x) THEN json_extract(:x, :path) {_CUT} END"
_LENGTH: Final = "CASE WHEN json_valid(:x) AND json_type(:x) = 'ARRAY' THEN CAST(json_array_length(:x) AS BIGINT) END"


def path_of(text: str) -> str:
    """A path of Trino's in DuckDB's spelling, with every key in quotes.

    Raises:
        QueryError: it is none, or asks for many values at once, which Trino does not take either.
    """
    steps, at = [], 1
    if not text.startswith("$"):
        raise refusal(f"the JSON path {text!r}", "A path begins with $, as in '$.userName' or '$[\"a b\"][0]'")
    while at < len(text):
        step = _STEP.match(text, at)
        if step is None:
            raise refusal(f"the JSON path {text!r}", "Use keys and numbers only, as in '$.items[0].name'")
        at = step.end()
        if step["at"] is not None:
            steps.append(f"[{int(step['at'])}]")
            continue
        key = step["key"] or step["bare"] or re.sub(r"\\(.)", r"\1", step["double"] or "")
        if '"' in key or "\\" in key or key.isdigit():
            raise refusal(
                f"the JSON path {text!r}", "A key with quotes or backslashes, or of digits, cannot be asked for"
            )
        steps.append(f'."{key}"')
    return "$" + "".join(steps)


def scalar(node: exp.Expr) -> exp.Expr:
    """``json_extract_scalar``: text of a scalar; NULL for objects, arrays, null and what is no JSON."""
    return fill(_SCALAR, x=node.this, path=path_of(text_of(node.expression, "a JSON path")))


def extract(node: exp.Expr) -> exp.Expr:
    """``json_extract``; what is no JSON gives NULL.

    Raises:
        QueryError: the JSON is compared with text, which Trino refuses and DuckDB answers with no row.
    """
    over = around(node)
    compared = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Like, exp.In, exp.Between)
    if isinstance(over, compared) and any(
        isinstance(other, exp.Literal) for other in over.find_all(exp.Literal) if other.parent is over
    ):
        raise refusal("a comparison of json_extract with a literal", "Use json_extract_scalar, which gives text")
    return fill(_EXTRACT, x=node.this, path=path_of(text_of(node.expression, "a JSON path")))


def array_length(node: exp.Expr) -> exp.Expr:
    """``json_array_length``; NULL for what is no array."""
    return fill(_LENGTH, x=node.expressions[0])


def to_text(node: exp.Expr) -> exp.Expr:
    """``json_format``, of what ``json_extract`` gave: ``json_parse`` sorts keys, which is not done here."""
    if node.find(exp.ParseJSON):
        raise refusal("json_format of json_parse", "Leave both out, or use json_extract_scalar")
    return fill(
        "CASE WHEN typeof(:x) = 'JSON' THEN CAST(:x AS VARCHAR) ELSE error('json_format takes JSON') END", x=node.this
    )
