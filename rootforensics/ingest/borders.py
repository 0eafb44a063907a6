"""Find where a long list can be cut between two records; the JSON decoder confirms every cut."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

_BLANK: Final = b" \t\r\n"
_MAX_BORDERS_TRIED: Final = 64
_MAX_BORDER_BYTES: Final = 200
_FIRST_KEY: Final = re.compile(rb'\s*\{\s*("[^"\\]{1,60}"\s*:)')
_BORDER_BEFORE: Final = re.compile(rb"\}\s*,\s*\{\s*$")
_values_decoder: Final = msgspec.json.Decoder(list[msgspec.Raw])
_NOT_VALID: Final = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)


def last_border(held: bytes) -> tuple[list[msgspec.Raw], int] | None:
    """The records before the last comma between two records, and where the next one begins."""
    for brace in _likely_borders(held):
        try:
            records = _values_decoder.decode(b"[" + held[: brace + 1] + b"]")
        except _NOT_VALID:
            continue
        return records, held.index(b",", brace) + 1
    return None


def _likely_borders(held: bytes) -> Iterator[int]:
    """Where a closing brace stands before a comma and an opening one, the likeliest places first.

    A record mostly begins with the same key as the first one; objects nested in it do not.
    """
    first_key = _FIRST_KEY.match(held)
    end = len(held)
    for _ in range(_MAX_BORDERS_TRIED if first_key else 0):
        key = held.rfind(first_key[1] if first_key else b"", 0, end)
        if key <= 0:
            break
        end = key
        border = _BORDER_BEFORE.search(held, max(0, key - _MAX_BORDER_BYTES), key)
        if border:
            yield border.start()
    end = len(held)
    for _ in range(_MAX_BORDERS_TRIED):
        brace = held.rfind(b"}", 0, end)
        if brace < 0:
            return
        end = brace
        after = held[brace + 1 : brace + _MAX_BORDER_BYTES].lstrip(_BLANK)
        if after.startswith(b",") and after[1:].lstrip(_BLANK).startswith(b"{"):
            yield brace
