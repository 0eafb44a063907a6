"""Find where a long list can be cut between two records; the JSON decoder confirms every cut."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import msgspec

from rootforensics.ingest.json_parts import NOT_VALID
from rootforensics.ingest.text import BLANK

if TYPE_CHECKING:
    from collections.abc import Iterator

_MAX_KEYS_TRIED: Final = 64
_MAX_BORDER_BYTES: Final = 200
_MAX_COMMAS_TRIED: Final = 8
_FIRST_KEY: Final = re.compile(rb'\s*\{\s*("[^"\\]{1,60}"\s*:)')
_BORDER_BEFORE: Final = re.compile(rb"\}\s*,\s*\{\s*$")
_value_decoder: Final = msgspec.json.Decoder(msgspec.Raw)
_values_decoder: Final = msgspec.json.Decoder(list[msgspec.Raw])


def last_comma(held: bytes) -> tuple[list[msgspec.Raw], int]:
    """The values of a list before one of the last commas between two, and where the next one begins; none and 0."""
    for comma in _likely_commas(held):
        try:
            return _values_decoder.decode(b"[" + held[:comma] + b"]"), comma + 1
        except NOT_VALID:
            continue
    return [], 0


def last_end(held: bytes) -> tuple[list[msgspec.Raw], int]:
    """The values up to the last end of a line, or else blank or closing brace, and where they end; none and 0.

    Raises:
        msgspec.DecodeError: what stands in lines is not whole.
    """
    if end := held.rfind(b"\n") + 1:
        return _value_decoder.decode_lines(held[:end]), end
    for mark in (b" ", b"}"):
        end = held.rfind(mark) + 1
        try:
            values = _value_decoder.decode_lines(held[:end])
        except NOT_VALID:
            continue
        if values:
            return values, end
    return [], 0


def _likely_commas(held: bytes) -> Iterator[int]:
    """Where a comma may stand between two values, the likeliest places first.

    A record mostly begins with the same key as the first one; objects nested in it do not.
    """
    if first_key := _FIRST_KEY.match(held):
        end = len(held)
        for _ in range(_MAX_KEYS_TRIED):
            end = held.rfind(first_key[1], 0, end)
            if end <= 0:
                break
            if border := _BORDER_BEFORE.search(held, max(0, end - _MAX_BORDER_BYTES), end):
                yield held.index(b",", border.start())
    comma = len(held)
    for _ in range(_MAX_COMMAS_TRIED):
        comma = held.rfind(b",", 0, comma)
        if comma <= 0:
            break
        if held[comma + 1 : comma + _MAX_BORDER_BYTES].lstrip(BLANK)[:1] not in (b"", b",", b"]"):
            yield comma
