"""Functions of text and patterns."""

from __future__ import annotations

import re
from typing import Final

from sqlglot import exp

from rootforensics.engines.trino.build import fill, number_of, refusal, text_of, unless

#: What Trino's trim takes away, as Java's isWhitespace; DuckDB's takes spaces only.
_BLANKS: Final = " || ".join(
    f"chr({one})"
    for one in (*range(9, 14), *range(28, 33), 5760, *range(8192, 8199), *range(8200, 8203), 8232, 8233, 8287, 12288)
)
SPLIT: Final = "CASE WHEN :y IS NOT NULL THEN string_split(:x, :y) END"
#: A pattern in what Trino's regular expressions and DuckDB's have in common.
_ALIKE: Final = re.compile(
    r"(?s)(?:[^\\\[{(]|\{\d+(?:,\d*)?\}|\((?!\?)|\(\?:|\(\?i\)|\\[^A-Za-z0-9]|\\[wWdDsSbBtnrfAz]"
    r"|\[\^?(?:[^\\\[\]&]|&(?!&)|\\[^A-Za-z0-9]|\\[wWdDsStnrf])+\])*"
)
#: What is in a pattern, and in the texts in which it may match otherwise: (?i) knows that two letters are one, as in ß.
_MAY_DIFFER: Final = {
    r"(?s)\\[wWdDsSbB]|\(\?i\).*[^\x00-\x7F]": r"[^\x00-\x7F]|\x0B",
    r"\(\?i\)": r"[ßİıŉſǰ\x{1E96}-\x{1E9E}\x{212A}\x{FB00}-\x{FB06}]",
    r"\$": r"\n\z",
}


def pattern(node: exp.Expr) -> exp.Expr:
    """A function of a text and a regular expression, which must mean the same in both engines."""
    text = text_of(node.expression, "a pattern")
    if not _ALIKE.fullmatch(text):
        raise refusal(f"the pattern {text!r}", "Use characters, classes, groups, * + ? {n} and |")
    if met := [where for what, where in _MAY_DIFFER.items() if re.search(what, text)]:
        why = r"\w \d \s \b (?i) and $ may match otherwise in this text: name the characters, and write \z for $"
        unless(node.this, "regexp_matches(:x, :met)", why, met="|".join(met))
    return node


def replaced(node: exp.Expr) -> exp.Expr:
    """``replace`` of all that is found; where nothing is looked for, Trino puts the new text between all characters."""
    unless(node.expression, ":x = ''", "replace of an empty text")
    return fill("replace(:x, :y, :z)", x=node.this, y=node.expression, z=node.args.get("replacement") or "")


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
    return fill(f"array_extract({SPLIT}, :n)", x=node.this, y=node.args["delimiter"], n=index)


def trim(node: exp.Expr) -> exp.Expr:
    """``trim``, ``ltrim``, ``rtrim``: all white space."""
    if node.expression is not None:
        raise refusal("trim with characters of one's own", "Use regexp_replace")
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get(node.args.get("position") or "", "trim")
    return fill(f"{name}(:x, {_BLANKS})", x=node.this)


def regexp_extract(node: exp.Expr) -> exp.Expr:
    """``regexp_extract``: NULL, not the empty text, if nothing matches."""
    group = number_of(node.args.get("group") or exp.Literal.number(0))
    if group is None:
        raise refusal("regexp_extract with a worked-out group", "Write the number of the group")
    pattern(node)
    if group:
        text = node.expression.name
        groups = len(re.findall(r"(?<!\\)\((?!\?)", text))
        if re.search(r"\)[?*{]", text) or ("|" in text and (groups > 1 or not re.search(r"\([^()]*\|", text))):
            raise refusal(
                "regexp_extract of a group that need not take part in a match",
                "DuckDB gives '' where Trino gives NULL: write a pattern in which the group always matches",
            )
    return fill(
        "CASE WHEN regexp_matches(:x, :p) THEN regexp_extract(:x, :p, :g) END",
        x=node.this,
        p=node.expression,
        g=exp.Literal.number(group),
    )


def regexp_replace(node: exp.Expr) -> exp.Expr:
    """``regexp_replace``: of all matches; ``$1`` is the first group."""
    pattern(node)
    unless(
        node.this,
        "regexp_matches('', :p)",
        "regexp_replace by a pattern that matches the empty text",
        p=node.expression,
    )
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
