"""What is whole in a text in a JSON string that the end of the file cuts off: JSON with its escapes, or base64."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from rootforensics.ingest.heads import EVENT_KEYS

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]|"', re.DOTALL)
_COLON: Final = re.compile(rb"\s*:")
#: How base64 of gzip, of zstd, of a JSON object and of a list of them begins.
_PACKED: Final = (b"H4sI", b"KLUv", b"eyJ", b"W3s")
_BASE64: Final = re.compile(rb"[A-Za-z0-9+/=]++")
_JSON_STARTS: Final = (b"{", b"[")
#: How the object begins in which base64 is handed on; one in which no event is whole is no value.
CUT_OFF: Final = b'{"textCutOff":'
#: The longest escape of a character has so many bytes.
_ESCAPE_BYTES: Final = len("\\u0000")


def whole_in_cut_text(text: bytes, place: int) -> Iterator[bytes]:
    """Yield the values that are whole in the string in which a text ends, and base64 as an object with that text.

    Args:
        text: JSON that is cut off.
        place: where the value begins that has no end. A string in an event is a part of it and holds no events.
    """
    start = _open_string(text, place)
    if start is None:
        return
    if text.startswith(_PACKED, start):
        if found := _BASE64.match(text, start):
            yield b'%b"%b"}' % (CUT_OFF, found[0])
    elif (inner := _unescaped(text[start:])).lstrip()[:1] in _JSON_STARTS:
        from rootforensics.ingest.salvage import Salvage

        reader = Salvage()
        yield from reader.items(inner)
        yield from reader.finish()


def _open_string(text: bytes, place: int) -> int | None:
    """Where the string begins that has no end; None if there is none, or it lies in an event."""
    in_event = [False]
    for token in _TOKEN.finditer(text, place):
        mark = token[0]
        if mark == b'"':
            return None if any(in_event) else token.end()
        if mark in (b"{", b"["):
            in_event.append(False)
        elif mark in (b"}", b"]"):
            in_event.pop()
            if not in_event:
                return None
        elif mark[1:-1].lower() in EVENT_KEYS and _COLON.match(text, token.end()):
            in_event[-1] = True
    return None


def _unescaped(string: bytes) -> bytes:
    """The text of a JSON string without its end; an escape that is cut off is left out."""
    for short in range(_ESCAPE_BYTES):
        spelled = string[: len(string) - short].decode(errors="replace")
        try:
            return str(json.loads(f'"{spelled}"', strict=False)).encode(errors="replace")
        except ValueError:
            continue
    return b""
