"""What is whole in a text in a JSON string that the end of the file cuts off: JSON with its escapes, or base64."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

from rootforensics.ingest.heads import EVENT_KEYS, STRING

if TYPE_CHECKING:
    from collections.abc import Iterator

_STRING: Final = re.compile(STRING, re.DOTALL)
_KEY: Final = re.compile(rb'"(\w+)"\s*:')
#: How base64 of gzip, of zstd, of a JSON object and of a list of them begins.
PACKED_STARTS: Final = (b"H4sI", b"KLUv", b"eyJ", b"W3s")
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
    quote = text.find(b'"', place)
    while quote >= 0 and (whole := _STRING.match(text, quote)):
        quote = text.find(b'"', whole.end())
    if quote < 0 or any(key.lower() in EVENT_KEYS for key in _KEY.findall(text[place:quote])):
        return
    if text.startswith(PACKED_STARTS, quote + 1):
        if found := _BASE64.match(text, quote + 1):
            yield b'%b"%b"}' % (CUT_OFF, found[0])
    elif (inner := _unescaped(text[quote + 1 :])).lstrip()[:1] in _JSON_STARTS:
        from rootforensics.ingest.salvage import whole_values

        yield from whole_values(inner)[0]


def _unescaped(string: bytes) -> bytes:
    """The text of a JSON string without its end; an escape that is cut off is left out."""
    for short in range(_ESCAPE_BYTES):
        spelled = string[: len(string) - short].decode(errors="replace")
        try:
            return str(json.loads(f'"{spelled}"', strict=False)).encode(errors="replace")
        except ValueError:
            continue
    return b""
