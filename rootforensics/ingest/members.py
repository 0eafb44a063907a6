"""What a file of records has beside its list of records, and how often it has one."""

from __future__ import annotations

import json
from typing import Final

import msgspec

_object_decoder: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_NOT_VALID: Final = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)


def beside_records(text: bytes) -> dict[str, bytes]:
    """What an object has beside its ``Records``; nothing if that cannot be told."""
    try:
        members = _object_decoder.decode(text)
    except _NOT_VALID:
        return {}
    return {name: bytes(raw) for name, raw in members.items() if name != "Records"}


def lists_of_records(data: bytes) -> list[int]:
    """How many records each top-level ``Records`` holds: a JSON object may name a key twice."""
    try:
        pairs = json.loads(data.decode(errors="replace"), object_pairs_hook=list)
    except (ValueError, RecursionError):
        return []
    if not isinstance(pairs, list):
        return []
    return [len(value) if isinstance(value, list) else 0 for name, value in pairs if name == "Records"]
