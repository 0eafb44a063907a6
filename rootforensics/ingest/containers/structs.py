"""A struct in a cell of text, as Python prints it, or as Athena and CloudTrail Lake do: ``{type=Root, …={…}}``.

In the latter nothing is escaped, so a value that holds ``, name=`` of a known field (with the blank) or a brace cannot
be told from structure: this is the best guess, and it says no more than the text does.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from rootforensics.ingest.containers.python_text import literal_in

if TYPE_CHECKING:
    from rootforensics.schema import Field

#: Some print ``{type = Root, arn = …}``.
_NAME: Final = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)(?: = |=)")
#: After a comma stands a blank. Names of sessions and users may hold ``,type=``, but no blank.
_NEXT: Final = re.compile(r"\s+([A-Za-z_][A-Za-z0-9_]*)(?: = |=)")
#: The first name in a dict as Python prints it.
_PYTHON: Final = re.compile(r"\{\s*[uU]?['\"]")
_json_decoder: Final = json.JSONDecoder()
_GAP: Final = re.compile(r"[ ,]*")
_MAX_DEPTH: Final = 8


def struct_in(text: str, fields: dict[str, Field]) -> dict[str, Any] | None:
    """A struct that stands in a text, the values of one that Athena printed as text.

    Args:
        text: of a cell.
        fields: those that it may have, none for any; names are matched without regard to case and spelled as here.

    Returns:
        The struct; None if the text is none, or has none of the fields.
    """
    text = text.strip()
    parsed, end = _struct(text, 0, fields, 0)
    printed = parsed if end == len(text) else literal_in(text) if _PYTHON.match(text) else None
    names = {name.lower() for name in fields}
    return None if printed and names and names.isdisjoint(map(str.lower, printed)) else printed


def parse_list(text: str, fields: dict[str, Field]) -> list[dict[str, Any]] | None:
    """Parse a printed list of structs: ``[{arn=…, type=…}, {…}]``; None if the text is none."""
    text = text.strip()
    out: list[dict[str, Any]] = []
    place = 1
    while text[:1] == "[" and place < len(text) and text[place] != "]":
        parsed, place = _struct(text, place, fields, 0)
        if parsed is None:
            return None
        out.append(parsed)
        if gap := _GAP.match(text, place):
            place = gap.end()
    return out if text[:1] == "[" and text[place:] == "]" else None


def _struct(text: str, start: int, fields: dict[str, Field], depth: int) -> tuple[dict[str, Any] | None, int]:
    if text[start : start + 1] != "{" or depth > _MAX_DEPTH:
        return None, start
    names = {name.lower(): name for name in fields}
    out: dict[str, Any] = {}
    place = start + 1
    while place < len(text) and text[place] != "}":
        found = _NAME.match(text, place)
        if not found:
            return None, start
        name = names.get(found[1].lower(), found[1])
        inner = fields.get(name)
        value, place = _value(text, found.end(), names, inner if isinstance(inner, dict) else {}, depth)
        if value is not None:
            out.setdefault(name, value)  # what stands later may be part of a value that says so of itself
        if text[place : place + 1] == ",":
            place += 1
    return (out, place + 1) if place < len(text) else (None, start)


def _end_of_json(text: str, start: int) -> int | None:
    """Where a JSON object or list in a map ends; None if there is none, or something stands behind it."""
    if text[start : start + 1] not in ("{", "["):
        return None
    try:
        _, end = _json_decoder.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    return end if text[end : end + 1] in (",", "}") else None


def _value(text: str, start: int, names: dict[str, str], fields: dict[str, Field], depth: int) -> tuple[Any, int]:
    """A nested struct, the text of JSON, or text up to the next name of a known field or the end of the struct."""
    if text[start : start + 1] == "{":
        nested, end = _struct(text, start, fields, depth + 1)
        if nested is not None:
            return nested, end
    if (behind := _end_of_json(text, start)) is not None:
        return text[start:behind], behind
    place = start
    while place < len(text) and text[place] != "}":
        if text[place] == "," and (found := _NEXT.match(text, place + 1)) and (not names or found[1].lower() in names):
            break
        place += 1
    value = text[start:place].strip()
    return (None if value in ("null", "") else value), place
