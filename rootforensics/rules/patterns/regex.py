"""The regular expressions that a filter pattern takes, which are fewer than Python's.

Source: Amazon CloudWatch Logs User Guide, "Supported regular expressions (regex) syntax".
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

_SUPPORTED: Final = frozenset(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789" + ":_#=@/;,- " + "^$?[]{}|\\*+."
)
_ESCAPED: Final = frozenset("dDsSwW" + ":_#=@/;,- " + "^$?[]{}|\\*+.")
_HEX: Final = re.compile(r"x[0-9A-Fa-f]{2}")


def check_regex(text: str) -> str:
    """What is wrong with a regular expression for CloudWatch Logs, in words; empty if nothing is."""
    if not text:
        return "the regular expression is empty"
    place = 0
    while place < len(text):
        char = text[place]
        if char not in _SUPPORTED:
            kind = "parentheses are" if char in "()" else f"{char!r} is"
            return f"{kind} not supported in a regular expression of CloudWatch Logs; \\xhh names an ASCII character"
        if char == "\\":
            place += 1
            if _HEX.match(text, place):
                place += 2
            elif text[place : place + 1] not in _ESCAPED:
                return f"\\{text[place : place + 1]} is not supported in a regular expression of CloudWatch Logs"
        place += 1
    try:
        compiled(text)
    except (re.error, OverflowError) as error:
        return f"the regular expression does not parse ({error})"
    return ""


@cache
def compiled(text: str) -> re.Pattern[str]:
    """The same as a regular expression of Python; search with it.

    Raises:
        re.error: it does not parse.
    """
    out: list[str] = []
    place, in_class = 0, False
    while place < len(text):
        char = text[place]
        if char == "\\":
            out.append(text[place : place + 2])
            place += 2
            continue
        if char == "[" and in_class:
            char = "\\["  # Python warns of sets in sets to come
        elif char == "$" and not in_class:
            char = "\\Z"  # Python's $ also matches before a last line break
        elif char in "&~|-" and in_class and text[place : place + 2] == char * 2:
            char = f"\\{char}"
        in_class = (in_class or text[place] == "[") and text[place] != "]"
        out.append(char)
        place += 1
    return re.compile("".join(out), re.ASCII)
