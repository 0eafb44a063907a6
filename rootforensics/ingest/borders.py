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
_MAX_COMMAS_TRIED: Final = 8
_FIRST_KEY: Final = re.compile(rb'\s*\{\s*("[^"\\]{1,60}"\s*:)')
_BORDER_BEFORE: Final = re.compile(rb"\}\s*,\s*\{\s*$")
_value_decoder: Final = msgspec.json.Decoder(msgspec.Raw)
_values_decoder: Final = msgspec.json.Decoder(list[msgspec.Raw])
_NOT_VALID: Final = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)


class Held:
    """Text that waits for a place where it can be cut: sought at once, and then each time the text has doubled."""

    def __init__(self, text: bytes) -> None:
        self._parts = [text]
        self._size, self._due = len(text), 0

    @property
    def is_due(self) -> bool:
        """True if a place is to be sought now."""
        return self._size >= self._due

    def text(self) -> bytes:
        """All of it."""
        self._parts = [b"".join(self._parts)]
        return self._parts[0]

    def take(self, before: bytes = b"") -> bytes:
        """All of it behind something else; it is held here no longer."""
        text = b"".join((before, *self._parts))
        self._parts = []
        return text

    def wait(self, bound: int) -> None:
        """There is no place yet; seek again when the text has doubled, or is past a bound."""
        self._due = min(2 * self._size, bound + 1) if self._size <= bound else 2 * self._size

    def add(self, window: bytes) -> None:
        """Take in what follows."""
        self._parts.append(window)
        self._size += len(window)


def last_border(held: bytes) -> tuple[list[msgspec.Raw], int] | None:
    """The records before the last comma between two records, and where the next one begins."""
    for brace in _likely_borders(held):
        try:
            records = _values_decoder.decode(b"[" + held[: brace + 1] + b"]")
        except _NOT_VALID:
            continue
        return records, held.index(b",", brace) + 1
    return None


def last_comma(held: bytes) -> tuple[list[msgspec.Raw], int] | None:
    """The values before one of the last commas, whatever they are, and where the next one begins."""
    comma = len(held)
    for _ in range(_MAX_COMMAS_TRIED):
        comma = held.rfind(b",", 0, comma)
        if comma <= 0:
            return None
        if held[comma + 1 : comma + _MAX_BORDER_BYTES].lstrip(_BLANK)[:1] in (b"", b",", b"]"):
            continue
        try:
            values = _values_decoder.decode(b"[" + held[:comma] + b"]")
        except _NOT_VALID:
            continue
        return (values, comma + 1) if values else None
    return None


def last_end(held: bytes) -> tuple[list[msgspec.Raw], int]:
    """The values up to the last blank or closing brace, and where they end; none and 0 if they are not whole."""
    for mark in (b" ", b"}"):
        end = held.rfind(mark) + 1
        try:
            values = _value_decoder.decode_lines(held[:end])
        except _NOT_VALID:
            continue
        if values:
            return values, end
    return [], 0


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
