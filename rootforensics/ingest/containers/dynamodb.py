"""Items of DynamoDB as JSON, in which each value stands under the name of its type: ``{"eventName": {"S": "…"}}``.

Source: Amazon DynamoDB API reference, AttributeValue; Developer Guide, "DynamoDB table export output format".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from rootforensics.ingest.containers.objects import Keys

CONTAINER: Final = "DynamoDB item"
_NOT_VALID: Final = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
_TYPED: Final = re.compile(rb'\{\s*"(?:S|N|B|BOOL|NULL|M|L|SS|NS|BS)"\s*:')
_NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?")
_decoder: Final = msgspec.json.Decoder(dict[str, dict[str, Any]])
_encoder: Final = msgspec.json.Encoder()


def is_item(keys: Keys) -> bool:
    """True for an object all of whose members stand under the name of a type."""
    return bool(keys) and all(_TYPED.match(raw) for raw in keys.values())


def plain_of(item: bytes) -> bytes | None:
    """An item as JSON without the names of types; None if it is none.

    Args:
        item: a JSON object.
    """
    try:
        return _encoder.encode({name: _plain(value) for name, value in _decoder.decode(item).items()})
    except (*_NOT_VALID, _NoItemError):
        return None


class _NoItemError(Exception):
    """A value that stands under no type, or does not fit its type."""


def _plain(typed: Any) -> Any:  # noqa: ANN401 - any JSON value
    if not isinstance(typed, dict) or len(typed) != 1:
        raise _NoItemError
    ((kind, value),) = typed.items()
    if kind == "M" and isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if kind == "L" and isinstance(value, list):
        return [_plain(part) for part in value]
    if kind == "NULL":
        return None
    if kind == "N" and isinstance(value, str):
        return _number(value)
    if kind in ("SS", "NS", "BS") and isinstance(value, list):
        return [_number(part) if kind == "NS" else part for part in value]
    if (kind in ("S", "B") and isinstance(value, str)) or (kind == "BOOL" and isinstance(value, bool)):
        return value
    raise _NoItemError


def _number(text: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A number with all its digits; a text that is none as it is."""
    return msgspec.Raw(text.encode()) if isinstance(text, str) and _NUMBER.fullmatch(text) else text
