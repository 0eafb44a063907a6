"""JSON inside JSON strings: as text, in base64, and compressed in base64."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final, cast

import msgspec

from rootforensics.ingest.density import is_overfull
from rootforensics.ingest.inflate import Inflation, Limits, inflate

if TYPE_CHECKING:
    from collections.abc import Sequence

_NOT_VALID: Final = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
_string_decoder: Final = msgspec.json.Decoder(str)
_value_decoder: Final = msgspec.json.Decoder(msgspec.Raw)
_list_decoder: Final = msgspec.json.Decoder(list[msgspec.Raw])
_MAX_BYTES: Final = 256 * 1024 * 1024
_MAX_RATIO: Final = 200.0
_GZIP_MAGIC: Final = b"\x1f\x8b"
_BLANK: Final = b" \t\r\n"


def text_of(value: bytes) -> bytes | None:
    """The text of a JSON string, taken out of base64 and gzip where it is in them; None for another value."""
    if value[:1] != b'"':
        return None
    try:
        text = _string_decoder.decode(value).encode("utf-8", errors="surrogatepass")
    except _NOT_VALID:
        return None
    return text if text.lstrip(_BLANK)[:1] in (b"{", b"[") else _decoded(text)


def _decoded(text: bytes) -> bytes | None:
    try:
        data = base64.b64decode(text.strip(_BLANK), validate=True)
    except (binascii.Error, ValueError):
        return None
    if not data.startswith(_GZIP_MAGIC):
        return data
    inflation = Inflation()
    windows = inflate(iter((data,)), inflation, Limits(_MAX_BYTES, _MAX_RATIO), lambda: iter((data,)))
    whole = b"".join(windows)
    return None if inflation.damage else whole


def values_in(text: bytes) -> list[bytes] | None:
    """The JSON values of a text, the members of a list in their place; None if it is no JSON, or overfull.

    Values may follow one another with blanks between them or with nothing.
    """
    if is_overfull(text):
        return None
    try:
        if text.lstrip(_BLANK)[:1] == b"[":
            return list(map(bytes, _list_decoder.decode(text)))
        return list(map(bytes, _value_decoder.decode_lines(text)))
    except _NOT_VALID:
        return _one_after_another(text)


def _one_after_another(text: bytes) -> list[bytes] | None:
    """Values that follow one another without a line between them."""
    from rootforensics.ingest.salvage import Salvage

    if text.lstrip(_BLANK)[:1] != b"{":
        return None
    reader = Salvage()
    found = cast("Sequence[bytes]", [*reader.items(text), *reader.finish()])
    return None if reader.damage or not found else list(map(bytes, found))
