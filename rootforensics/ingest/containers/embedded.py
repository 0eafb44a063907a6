"""JSON inside JSON strings: as text, in base64, and compressed in base64."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

import msgspec

from rootforensics.ingest.density import is_overfull
from rootforensics.ingest.inflate import inflate
from rootforensics.ingest.json_parts import NOT_VALID, members_of, string_of
from rootforensics.ingest.limits import OPENED_COUNT, UNLIMITED, Inflation, broken_limit
from rootforensics.ingest.salvage import whole_values
from rootforensics.ingest.text import BLANK, PACKED_STARTS, constants_as_text

if TYPE_CHECKING:
    from rootforensics.ingest.seen import Framing

_value_decoder: Final = msgspec.json.Decoder(msgspec.Raw)
#: The texts in one value are in memory together; all of an object are bounded as the object is.
_MAX_VALUE_BYTES: Final = 256 * 1024 * 1024
_MOST_STRINGS: Final = 4
_NOT_WHOLE: Final = "a text that is packed in base64 is cut off or broken; the whole events in it were read"


class BombError(Exception):
    """What lies compressed in the strings of an object inflates to more than its limits allow."""


def text_of(value: bytes, seen: Framing, depth: int = 0) -> bytes | None:
    """The text of a JSON string, taken out of base64 and compression where it is in them; None for another value.

    Args:
        value: JSON; a JSON string in a JSON string is opened, too.
        seen: of the object, whose limits bound all that is inflated out of it.
        depth: of such strings.

    Raises:
        BombError: the limits are passed.
    """
    string = string_of(value)
    if string is None:
        return None
    text = string.encode("utf-8", errors="surrogatepass")
    start = text.lstrip(BLANK)[:1]
    if start == b'"' and depth < _MOST_STRINGS:
        return text_of(text.strip(BLANK), seen, depth + 1)
    return text if start in (b"{", b"[") else _decoded(text, seen)


def values_of(value: bytes, seen: Framing) -> list[bytes] | None:
    """The JSON values that a JSON string holds; of one that is packed and broken, those that are whole. None if none.

    Args:
        value: JSON.
        seen: of the object; takes the damage.

    Raises:
        BombError: as ``text_of``.
    """
    text = text_of(value, seen)
    values = None if text is None else values_in(text)
    if values is not None or not value.startswith(PACKED_STARTS, 1):
        return values
    seen.damage = seen.damage or _NOT_WHOLE
    return whole_values(text)[0] if text else None


def _decoded(text: bytes, seen: Framing) -> bytes | None:
    """What a text in base64 holds, in lines or not; as far as it goes if it is packed and cut off."""
    bare = text.translate(None, BLANK)
    is_packed = bare.startswith(PACKED_STARTS)
    seen.inflation.other_count += OPENED_COUNT * is_packed
    whole = len(bare) - len(bare) % 4 if is_packed else len(bare)
    try:
        data = base64.b64decode(bare[:whole], validate=True)
    except (binascii.Error, ValueError):
        return None
    inflation = Inflation()
    parts: list[bytes] = []
    for window in inflate(iter((data,)), inflation, UNLIMITED, lambda: iter((data,))):
        if inflation.compression != "plain":
            seen.inflation.inflated_bytes += len(window)
            seen.unpacked_bytes += len(window)
            if seen.unpacked_bytes > _MAX_VALUE_BYTES:
                raise BombError(f"inflates to more than {_MAX_VALUE_BYTES:,} bytes in one value; read no further")
            if seen.limits and (broken := broken_limit(seen.inflation, seen.limits)):
                raise BombError(broken)
        parts.append(window)
    return b"".join(parts) if is_packed or not inflation.damage else None


#: A record begins in a text: it has a version, or stands where a log has its event.
_RECORD_IN_TEXT: Final = re.compile(rb"""\"[^{]*\{.*event[Vv]ersion[\\"']+\s*:""", re.DOTALL)
#: A line of one that is printed over several, be it quoted in a mail or part of a patch.
_LINE_OF_RECORD: Final = re.compile(rb"""\"[>+\s-]*\\"eventVersion\\"\s*:""")
_VERSIONS: Final = (b"eventVersion", b"eventversion")
_LOGGED: Final = re.compile(rb'"\s*(?:\d{4}-\d\d-\d\dT[\d:.]+Z )?\{(?:\s*\\"|\s*"$)')


def is_cut_record(value: bytes, *, logged: bool) -> bool:
    """True for a text that could not be opened although a record begins in it.

    Args:
        value: JSON.
        logged: True where only events are to be expected, as in the message of a log.
    """
    if value[:1] != b'"':
        return False
    if any(version in value for version in _VERSIONS) and _RECORD_IN_TEXT.match(value):
        return True
    return logged and bool(_LOGGED.match(value))


def is_line_of_record(value: bytes) -> bool:
    """True for a line, as a JSON string, of a record that is printed over several."""
    return bool(_LINE_OF_RECORD.match(value))


def values_in(text: bytes, *, is_broken: bool = False) -> list[bytes] | None:
    """The JSON values of a text, the members of a list in their place; None if it is no JSON, or overfull.

    Args:
        text: values may follow one another with blanks between them or with nothing.
        is_broken: of objects that are not all whole, or stand before something else, the whole ones count.
    """
    if is_overfull(text):
        return None
    text = constants_as_text(text)
    start = text.lstrip(BLANK)[:1]
    if start == b"[":
        return members_of(text)
    try:
        return list(map(bytes, _value_decoder.decode_lines(text)))
    except NOT_VALID:
        if start != b"{":
            return None
        found, damage = whole_values(text)
        return found if found and (is_broken or not damage) else None
