"""One value of a table: text, JSON, a printed struct or a typed value, fitted to the field that it belongs to.

CloudTrail Lake and many tables keep what a record has in ``requestParameters`` and the like as a map of texts. A JSON
object or list in it is opened, for the credentials of a session and the name of a new user lie in one. Numbers and
flags stay text: an account ID looks like a number.

Athena and CloudTrail Lake print a struct as ``{type=Root, …={…}}``, in which nothing is escaped: a value that holds
``, name=`` of a known field (with the blank) or a brace cannot be told from structure. This is the best guess, and it
says no more than the text does.

Source: AWS CloudTrail User Guide, "CloudTrail Lake schemas": ``requestParameters map<string,string>``.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

from rootforensics.ingest.containers.amend import IDENTITY_TYPES, says_nothing
from rootforensics.ingest.containers.python_text import literal_in
from rootforensics.ingest.containers.times import moment_of, time_of
from rootforensics.ingest.json_parts import NOT_VALID, is_json, taken_by
from rootforensics.ingest.text import is_utf8
from rootforensics.schema import EVENT_FIELDS, FLAG, FREE, TEXT, USER_IDENTITY

if TYPE_CHECKING:
    from datetime import tzinfo

    from rootforensics.schema import Field

_any_decoder: Final = msgspec.json.Decoder()
_encoder: Final = msgspec.json.Encoder()
#: JSON that was put into a text twice.
_TEXT_IN_TEXT: Final = ('"{', '"[')
_STRUCT_STARTS: Final = ("{", "[")
_MARKS: Final = re.compile(r"[\s_.-]+")
#: Characters of a name that is not remembered.
_LONG: Final = 200
_map_decoder: Final = msgspec.json.Decoder(dict[str, str | None])
#: Texts that are JSON in CloudTrail's own records, too.
_DOCUMENTS: Final = frozenset(
    (
        *("policyDocument", "assumeRolePolicyDocument", "policy", "policyText", "resourcePolicy", "trustPolicy"),
        *("content", "document", "definition", "templateBody", "userData", "secretString", "sessionPolicy"),
    )
)


class _Pair(msgspec.Struct, forbid_unknown_fields=True):
    key: str
    value: str | None = None


_pairs_decoder: Final = msgspec.json.Decoder(list[_Pair])
#: Some print ``{type = Root, arn = …}``.
_NAME: Final = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)(?: = |=)")
#: After a comma stands a blank. Names of sessions and users may hold ``,type=``, but no blank.
_NEXT: Final = re.compile(r"\s+([A-Za-z_][A-Za-z0-9_]*)(?: = |=)")
#: The first name in a dict as Python prints it.
_PYTHON: Final = re.compile(r"\{\s*[uU]?['\"]")
_json_decoder: Final = json.JSONDecoder(parse_int=len, parse_float=len)  # finds where a value ends
_GAP: Final = re.compile(r"[ ,]*")
_MAX_DEPTH: Final = 8


def plain_name(name: str) -> str:
    """A name in lower case and without marks, to be compared."""
    return _plain(name) if len(name) < _LONG else _plain.__wrapped__(name)


@lru_cache(4096)
def _plain(name: str) -> str:
    return _MARKS.sub("", name.strip().strip("\ufeff").lower())


def field_at(path: str) -> Field | None:
    """What the schema says of a field; None if it does not know it."""
    fields: Field | None = EVENT_FIELDS
    for key in path.split("."):
        fields = fields.get(key) if isinstance(fields, dict) else None
    return fields


def cell_value(path: str, cell: str, zone: tzinfo) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a text cell as its field takes it; a time without a zone is of the one that is given."""
    field = field_at(path)
    if path == "eventTime":
        return time_of(cell, zone=zone)
    if field in (TEXT, FLAG, None):
        return cell
    if field == FREE:
        return _free_text(cell)
    return _fitted(_parsed(cell, field), field, path.rpartition(".")[2])


def value_of(path: str, raw: bytes, *, typed: bool) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a column as its field takes it; None where it says nothing.

    Args:
        path: of the field.
        raw: JSON of the value.
        typed: True if a null inside a value stands for what was never there, as in the columns of a table.
    """
    field = field_at(path)
    if field is None:
        return msgspec.Raw(raw)
    if not is_utf8(raw):
        return msgspec.Raw(raw)  # kept as it is spelled: the decoder shows and tells it
    if field == FREE:
        return _free(raw, typed=typed)
    value = _any_decoder.decode(raw)
    if isinstance(value, str) and not isinstance(field, str):
        value = _parsed(value, field)
    elif isinstance(value, list) and field == USER_IDENTITY:
        value = texts_of_map(raw) or _only_identity(value)
    return _fitted(value, field, path.rpartition(".")[2])


def _free(raw: bytes, *, typed: bool) -> Any:  # noqa: ANN401 - any JSON value
    """A free-form field: JSON as it is spelled, a map of texts opened, a printed map as far as it can be read."""
    if raw[:1] == b'"':
        return _free_text(_any_decoder.decode(raw))
    if (texts := texts_of_map(raw)) is not None:
        return opened_map(texts, nulls=not typed)
    return _without_nulls(_any_decoder.decode(raw)) if typed and b"null" in raw else msgspec.Raw(raw)


def _free_text(text: str) -> Any:  # noqa: ANN401 - any JSON value
    if says_nothing(text):
        return None
    if text.strip()[:1] in ("{", "[") and is_json(text.encode()):
        return msgspec.Raw(text.encode())
    printed = struct_in(text, {}) if text.strip()[:1] == "{" else None
    return {"text": text} if printed is None else opened_map(printed)


def _only(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The value in a list of one, as OpenSearch gives the fields of a document; any other as it is."""
    return value[0] if isinstance(value, list) and len(value) == 1 and not isinstance(value[0], list) else value


def _only_identity(value: list[Any]) -> Any:  # noqa: ANN401 - any JSON value
    """The identity in a list of one, told by its type; any other list as it is."""
    only = _only(value)
    types = [part for key, part in only.items() if plain_name(key) == "type"] if isinstance(only, dict) else []
    return only if any(part in IDENTITY_TYPES for part in types if isinstance(part, str)) else value


def _parsed(text: str, field: Field) -> Any:  # noqa: ANN401 - any JSON value
    """A struct or a list in a text: JSON, or printed by Hive or Python."""
    if text.startswith(_TEXT_IN_TEXT) and is_json(text.encode(errors="replace")):
        text = _any_decoder.decode(text)
    if not text.strip().startswith(_STRUCT_STARTS):
        return text or None
    try:
        return _any_decoder.decode(text)
    except NOT_VALID:
        if isinstance(field, list):
            read: Any = _listed(text, field)
        else:
            read = struct_in(text, field) if isinstance(field, dict) else None
        return text if read is None else read


def _listed(text: str, field: Field) -> Any:  # noqa: ANN401 - any JSON value
    return parse_list(text, dict(field[0])) if isinstance(field, list) else None


def _fitted(value: Any, field: Field | None, name: str) -> Any:  # noqa: ANN401 - any JSON value
    """A value with CloudTrail's spelling of the names inside it, times in ISO 8601, and without nulls."""
    if isinstance(value, str) and isinstance(field, dict):
        value = _parsed(value, field)
    if isinstance(value, dict) and isinstance(field, dict):
        return _named(value, field)
    if isinstance(value, list) and isinstance(field, list):
        inner: dict[str, Field] = dict(field[0].items())
        return [_fitted(_as_resource(item), inner, name) for item in value if item is not None]
    # The engine writes a blank into what was a time in the table; a creation date without one is as it was recorded.
    if name == "eventTime" or (name == "creationDate" and not (isinstance(value, str) and " " not in value.strip())):
        return moment_of(value)
    if field == FREE:
        return _free(_encoder.encode(value), typed=True)
    if isinstance(field, str) and field in (TEXT, FLAG):
        return value if isinstance(_only(value), dict) else _only(value)
    return _without_nulls(value)


def _as_resource(item: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A resource as the console and LookupEvents tell it, in the fields of a record; a name that is no ARN stays."""
    if not isinstance(item, dict):
        return item
    plain = {plain_name(key): key for key in item}
    out = dict(item)
    if "resourcetype" in plain and "type" not in plain:
        out["type"] = out.pop(plain["resourcetype"])
    named = item.get(plain.get("resourcename", ""))
    if isinstance(named, str) and named.startswith("arn:") and "arn" not in plain:
        out["ARN"] = out.pop(plain["resourcename"])
    return out


def _named(value: dict[str, Any], fields: dict[str, Field]) -> dict[str, Any]:
    spelled = {plain_name(name): name for name in fields}
    out: dict[str, Any] = {}
    # A name that is spelled as CloudTrail spells it goes before others that mean the same.
    for key, part in sorted(value.items(), key=lambda member: member[0] not in fields):
        name = spelled.get(plain_name(key), key)
        fitted = None if part is None else _fitted(part, fields.get(name), name)
        if fitted is not None:
            out[key if name in out else name] = fitted
    return out


def _without_nulls(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A value of a nested type: what is NULL in it was never there. One that is nested too deeply stays as it is."""

    def pruned(value: Any) -> Any:  # noqa: ANN401 - as above
        if isinstance(value, dict):
            return {key: pruned(part) for key, part in value.items() if part is not None}
        return [pruned(part) for part in value] if isinstance(value, list) else value

    try:
        return pruned(value)
    except RecursionError:
        return value


def texts_of_map(raw: bytes) -> dict[str, str | None] | None:
    """The texts of a map: an object of texts, or a list of keys and values; None for JSON of another shape.

    Args:
        raw: JSON of a field that is an object in a record.
    """
    if raw[:1] == b"[":
        pairs = taken_by(_pairs_decoder, raw)
        return None if pairs is None else {pair.key: pair.value for pair in pairs}
    return taken_by(_map_decoder, raw)


def opened_map(values: dict[str, Any], *, nulls: bool = False) -> dict[str, Any]:
    """The map with its objects and lists opened.

    Args:
        values: texts, or values that are known already.
        nulls: True to keep a null, which a JSON row can have; in the column of a table it stands for what was
            never there.
    """
    return {name: _opened(name, value) for name, value in values.items() if nulls or value is not None}


def _opened(name: str, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if not isinstance(value, str) or name in _DOCUMENTS or value.strip()[:1] not in ("{", "["):
        return value
    text = value.encode(errors="replace")
    return msgspec.Raw(text) if is_json(text) else value


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
