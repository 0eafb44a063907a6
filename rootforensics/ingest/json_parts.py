"""Tell JSON and events, and take objects and lists apart without decoding them or losing a key that stands twice."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Final, TypeVar, cast

import msgspec

from rootforensics.ingest.text import BLANK, clean, is_clean
from rootforensics.schema import CORE_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Keys of CloudTrail's records, by which an event is told.
_TELLING_FIELDS: Final = (*CORE_FIELDS, "eventTime", "eventType", "awsRegion", "recipientAccountId")
_TELLING_COUNT: Final = 4
_NULL: Final = b"null"
#: What the decoder raises for bytes that are no value of its type.
NOT_VALID: Final = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
_value_decoder: Final = msgspec.json.Decoder(msgspec.Raw)
_string_decoder: Final = msgspec.json.Decoder(str)
_object_decoder: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_list_decoder: Final = msgspec.json.Decoder(list[msgspec.Raw])
_json_decoder: Final = json.JSONDecoder(parse_int=len, parse_float=len)  # finds where a value ends
_BLANKS: Final = re.compile(r"[ \t\r\n]*")
_COLON: Final = re.compile(r"[ \t\r\n]*:[ \t\r\n]*")
_COMMA: Final = re.compile(r"[ \t\r\n]*(?:,[ \t\r\n]*)?")

Keys = dict[str, bytes]
Made = TypeVar("Made")


def taken_by(decoder: msgspec.json.Decoder[Made], value: bytes) -> Made | None:
    """What a decoder takes a value for; None for what it does not take."""
    try:
        return decoder.decode(value)
    except NOT_VALID:
        return None


def is_json(text: bytes) -> bool:
    """True for one whole JSON value."""
    return taken_by(_value_decoder, text) is not None


def _decoded(decoder: msgspec.json.Decoder[Made], value: bytes) -> Made | None:
    """What a decoder takes a value for, with U+FFFD for what is no text in it; None for what it does not take."""
    taken = taken_by(decoder, value)
    return taken_by(decoder, clean(value, [])) if taken is None and not is_clean(value) else taken


def string_of(value: bytes) -> str | None:
    """What a JSON string says; None for another value."""
    return _decoded(_string_decoder, value)


def last_keys_of(value: bytes) -> Keys | None:
    """The members of a JSON object as they are spelled, of a key that stands twice the last; None for another value."""
    members = _decoded(_object_decoder, value)
    return None if members is None else {name: bytes(cast("bytes", raw)) for name, raw in members.items()}


def keys_of(value: bytes) -> Keys | None:
    """The members of a JSON object as they are spelled; None for another value.

    JSON may name a key twice. The first keeps the name, each further one has its number in brackets behind it.
    """
    keys = last_keys_of(value) if value[:1] == b"{" else None
    if keys is None or _holds_all(value, keys):
        return keys
    return _named_apart(value if is_clean(value) else clean(value, []), keys)


def _holds_all(value: bytes, keys: Keys) -> bool:
    """True if an object has these members and no more: nothing but its own marks and blanks is left of it."""
    marks = len("{}") + len(",") * max(len(keys) - 1, 0) + sum(len(name.encode()) + len('"":') for name in keys)
    if len(value) == marks + sum(map(len, keys.values())):
        return True
    held = sum(len(raw.translate(None, BLANK)) for raw in keys.values())
    return len(value.translate(None, BLANK)) == marks + held


def _named_apart(value: bytes, keys: Keys) -> Keys:
    """The members of an object in which keys may stand twice."""
    try:
        pairs = _pairs(value.decode())
    except (ValueError, RecursionError):  # spelled so that only the fast decoder reads it
        return keys
    out: Keys = {}
    seen: Counter[str] = Counter()
    for name, raw in pairs:
        seen[name] += 1
        out[name if seen[name] == 1 else f"{name} ({seen[name]})"] = raw
    return out


def _pairs(text: str) -> Iterator[tuple[str, bytes]]:
    """The members of an object, which is valid JSON, one after another."""
    place = _after(_BLANKS, text, 1)
    while text[place] != "}":
        name, place = _json_decoder.raw_decode(text, place)
        start = _after(_COLON, text, place)
        _, place = _json_decoder.raw_decode(text, start)
        yield name, text[start:place].encode()
        place = _after(_COMMA, text, place)


def _after(gap: re.Pattern[str], text: str, place: int) -> int:
    found = gap.match(text, place)
    return found.end() if found else place


def members_of(raw: bytes) -> list[bytes] | None:
    """The members of a JSON list; None for another value."""
    members = _decoded(_list_decoder, raw)
    return None if members is None else [bytes(cast("bytes", member)) for member in members]


def is_of_another_service(keys: Keys) -> bool:
    """True for the records of S3 notifications and of queues and streams: CloudTrail's sources are host names."""
    return keys.get("eventSource", b"").startswith(b'"aws:')


def is_event(keys: Keys) -> bool:
    """True for an object with a field of a CloudTrail event, unless another service's name is its source."""
    return not is_of_another_service(keys) and any(keys.get(name, _NULL) != _NULL for name in CORE_FIELDS)


def is_surely_event(keys: Keys) -> bool:
    """True for an object with so many of CloudTrail's fields that it is nothing else."""
    return is_event(keys) and sum(keys.get(name, _NULL) != _NULL for name in _TELLING_FIELDS) >= _TELLING_COUNT
