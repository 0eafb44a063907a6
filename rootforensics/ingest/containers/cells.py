"""One value of a table: text, JSON, a printed struct or a typed value, fitted to the field that it belongs to."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import msgspec

from rootforensics.ingest.containers.amend import IDENTITY_TYPES, says_nothing
from rootforensics.ingest.containers.maps import opened_map, texts_of_map
from rootforensics.ingest.containers.structs import parse_list, struct_in
from rootforensics.ingest.containers.times import moment_of, time_of
from rootforensics.ingest.json_parts import NOT_VALID, is_json
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
    if name == "eventTime" or (name == "creationDate" and not _is_as_recorded(value)):
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
    """A value of a nested type: what is NULL in it was never there."""
    if isinstance(value, dict):
        return {key: _without_nulls(part) for key, part in value.items() if part is not None}
    return [_without_nulls(part) for part in value] if isinstance(value, list) else value


def _is_as_recorded(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    """True for a time in a text without a blank; the engine writes one into what was a time in the table."""
    return isinstance(value, str) and " " not in value.strip()
