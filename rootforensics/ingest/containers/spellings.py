"""An identity in a cell of text: as JSON, as Hive or Python print it, and as far as it goes if it is cut.

What can be read in one way is read. Where something of it is left, the whole text is kept beside that, and the record
has a problem that names the field.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from rootforensics.ingest.containers.amend import IDENTITY_TYPES
from rootforensics.ingest.containers.python_text import as_json
from rootforensics.ingest.containers.structs import parse_struct, whole_members
from rootforensics.ingest.scalars import UNREAD

if TYPE_CHECKING:
    from rootforensics.schema import Field

_NOT_VALID: Final = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
_any_decoder: Final = msgspec.json.Decoder()
_json_decoder: Final = json.JSONDecoder()
_JSON_KEY: Final = re.compile(r'\s*"([A-Za-z_]+)"\s*:\s*')
_COMMA: Final = re.compile(r"\s*,")
#: ``{type = Root, arn = …}``.
_APART: Final = re.compile(r"(?<=[{]|\s)([A-Za-z_]+) = ")
#: The first name in a dict as Python prints it.
_PYTHON: Final = re.compile(r"\{\s*[uU]?['\"]")
_ARN: Final = re.compile(r"arn:aws[a-z-]*:(?:iam|sts)::(?P<account>\d{12}):.+")


def struct_in(text: str, fields: dict[str, Field]) -> dict[str, Any] | None:
    """A struct that stands in a text; None if it cannot be read.

    Args:
        text: of a cell.
        fields: those that it may have.
    """
    text = text.strip()
    printed = parse_struct(text, fields)
    if printed is None and _APART.search(text):
        printed = parse_struct(_together(text, fields), fields)
    return _python(text) if printed is None and _PYTHON.match(text) else printed


def identity_in(text: str, fields: dict[str, Field]) -> dict[str, Any] | None:
    """An identity that stands in a text; None if not even its type can be read.

    Args:
        text: of a cell.
        fields: those of an identity.
    """
    whole = struct_in(text, fields)
    if whole is not None and any(name.lower() in ("type", "arn", "principalid", "invokedby") for name in whole):
        return whole
    read = _begun(text.strip(), fields)
    return {**read, UNREAD: text} if any(name.lower() == "type" for name in read) else None


def _python(text: str) -> dict[str, Any] | None:
    try:
        value = _any_decoder.decode(b"".join(as_json([text.encode(errors="replace")])))
    except _NOT_VALID:
        return None
    return value if isinstance(value, dict) else None


def _together(text: str, fields: dict[str, Field]) -> str:
    """The text without blanks around the signs behind known names."""
    names = set(_names(fields))
    return _APART.sub(lambda found: f"{found[1]}=" if found[1].lower() in names else found[0], text)


def _names(fields: dict[str, Field]) -> list[str]:
    inner = [name for field in fields.values() if isinstance(field, dict) for name in _names(field)]
    return [name.lower() for name in fields] + inner


def identity_in_order(values: list[Any]) -> dict[str, Any]:
    """Type, ARN and account of the values of an identity without their names; nothing if they cannot be told.

    Args:
        values: in the order of their fields, as Trino writes a row in JSON.
    """
    if not values or not isinstance(values[0], str) or values[0] not in IDENTITY_TYPES:
        return {}
    arns = [match for value in values[1:] if isinstance(value, str) and (match := _ARN.fullmatch(value))]
    read = {"type": values[0], UNREAD: values}
    if arns and ":role/" not in arns[0][0]:  # the issuer of a session has an ARN, too; the identity's is the first
        read |= {"arn": arns[0][0], "accountId": arns[0]["account"]}
    return read


def _begun(text: str, fields: dict[str, Field]) -> dict[str, Any]:
    """The members that are whole in a struct that is not."""
    if not _JSON_KEY.match(text, 1) or text[:1] != "{":
        return whole_members(_together(text, fields), fields)
    out: dict[str, Any] = {}
    place = 1
    while key := _JSON_KEY.match(text, place):
        try:
            value, end = _json_decoder.raw_decode(text, key.end())
        except (ValueError, RecursionError):
            break
        comma = _COMMA.match(text, end)
        if comma is None:
            break
        out.setdefault(key[1], value)
        place = comma.end()
    return out
