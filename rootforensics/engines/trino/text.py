"""Functions of text and patterns."""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from rootforensics.engines.trino.build import fill, number_of, refusal, text_of

# What Trino's trim takes away; DuckDB's takes spaces only.
_BLANKS: Final = "chr(9) || chr(10) || chr(11) || chr(12) || chr(13) || chr(28) || chr(29) || chr(30) || chr(31) || ' '"


def substring(node: exp.Expr) -> exp.Expr:
    """``substr``: a start at 0 or before the text gives the empty text, and so does a length below 1."""
    start, length = node.args["start"], node.args.get("length")
    if (number_of(start) or 0) > 0 and (length is None or (number_of(length) or -1) >= 0):
        return node
    beyond = ":s = 0 OR :s < -length(:x)" + ("" if length is None else " OR :n < 1")
    cut = "substring(:x, :s)" if length is None else "substring(:x, :s, :n)"
    template = f"CASE WHEN :x IS NULL THEN NULL WHEN {beyond} THEN '' ELSE {cut} END"
    return fill(template, x=node.this, s=start, n=length or exp.Null())


def split_part(node: exp.Expr) -> exp.Expr:
    """``split_part``: NULL behind the last part."""
    index = node.args["part_index"]
    if (number_of(index) or 1) < 1:
        raise refusal("split_part with an index below 1", "Parts are counted from 1")
    return fill("array_extract(string_split(:x, :by), :n)", x=node.this, by=node.args["delimiter"], n=index)


def trim(node: exp.Expr) -> exp.Expr:
    """``trim``, ``ltrim``, ``rtrim``: all white space."""
    if node.expression is not None:
        raise refusal("trim with characters of one's own", "Use regexp_replace")
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(node.args.get("position") or "", "trim")
    return fill(f"{name}(:x, {_BLANKS})", x=node.this)


def position(node: exp.Expr) -> exp.Expr:
    """``strpos`` of the first occurrence."""
    if node.args.get("occurrence"):
        raise refusal("strpos with a number of the occurrence", "Use split_part or regexp_extract")
    return node


def regexp_extract(node: exp.Expr) -> exp.Expr:
    """``regexp_extract``: NULL, not the empty text, if nothing matches."""
    group = number_of(node.args.get("group") or exp.Literal.number(0))
    if group is None:
        raise refusal("regexp_extract with a worked-out group", "Write the number of the group")
    pattern = node.expression
    if group:
        text = text_of(pattern, "a pattern with groups")
        groups = len(re.findall(r"(?<!\\)\((?!\?)", text))
        if re.search(r"\)[?*{]", text) or ("|" in text and (groups > 1 or not re.search(r"\([^()]*\|", text))):
            raise refusal(
                "regexp_extract of a group that need not take part in a match",
                "DuckDB gives '' where Trino gives NULL: write a pattern in which the group always matches",
            )
    return fill(
        "CASE WHEN regexp_matches(:x, :p) THEN regexp_extract(:x, :p, :g) END",
        x=node.this,
        p=pattern,
        g=exp.Literal.number(group),
    )


def regexp_replace(node: exp.Expr) -> exp.Expr:
    """``regexp_replace``: of all matches; ``$1`` is the first group."""
    new = node.args.get("replacement")
    text = "" if new is None else text_of(new, "a replacement")
    if re.search(r"\\|\$[^0-9]|\$$|\$[0-9]{2}", text):
        raise refusal(f"the replacement {text!r} of regexp_replace", "Use plain text and $1 to $9")
    return fill(
        "regexp_replace(:x, :p, :r, 'g')",
        x=node.this,
        p=node.expression,
        r=re.sub(r"\$([0-9])", r"\\\1", text),
    )


def split(node: exp.Expr) -> exp.Expr:
    """``split`` at every delimiter."""
    if node.args.get("limit"):
        raise refusal("split with a limit", "Use split_part or regexp_extract")
    return fill("string_split(:x, :by)", x=node.this, by=node.expression)
