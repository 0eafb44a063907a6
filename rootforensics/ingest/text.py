"""What is text and what is not: bytes that are no UTF-8, escapes that name half a character."""

from __future__ import annotations

import codecs
import json
import math
import re
from typing import Any, Final

import msgspec

from rootforensics.ingest.scan import holds

#: What may stand between the parts of JSON.
BLANK: Final = b" \t\r\n"
#: Stands in the problem of a record that holds such bytes.
NOT_UTF8: Final = "bytes that are not UTF-8 are shown as U+FFFD"
#: Python and others write these for numbers that are none; JSON has no such words. Strings are passed over.
_CONSTANT: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*"|-?\b(?:NaN|Infinity)\b', re.DOTALL)
#: An escaped backslash, a pair of surrogates (one whole character), or a surrogate alone.
_SURROGATES: Final = re.compile(
    r"\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
#: How base64 of gzip, of zstd, of a JSON object and of a list of them begins.
PACKED_STARTS: Final = (b"H4sI", b"KLUv", b"eyJ", b"W3s")
#: So many bytes tell a file of tables.
TABLE_HEAD_BYTES: Final = 20
_HEAD_BYTES: Final = 4096
#: An object, and a record in a JSON string; a quote alone may begin a table.
_JSON_STARTS: Final = (b"{", b'"{\\"', b'"[{\\"')
_LOG_HEAD: Final = re.compile(rb"\[(?!\s*(?:true|false|null|None)\b)[^\[\]{}\"'\n]*[A-Za-z:][^\[\]{}\"'\n]*\]")
#: A text is checked in parts, which stay in the processor's cache.
_PART_BYTES: Final = 16 * 1024
_LONE_LENGTH: Final = len("\\ud800")
_any_decoder: Final = msgspec.json.Decoder()


def table_kind(head: bytes) -> str:
    """``parquet`` or ``duckdb`` for the first bytes of such a file; empty for any other.

    A DuckDB file begins with a checksum, which may look like anything; its mark and a small version number follow.
    """
    if head.startswith(b"PAR1"):
        return "parquet"
    is_duckdb = head[8:12] == b"DUCK" and head[14:TABLE_HEAD_BYTES] == bytes(TABLE_HEAD_BYTES - 14)
    return "duckdb" if is_duckdb else ""


def is_utf8(text: bytes) -> bool:
    """True for valid UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in () if text.isascii() else range(0, len(text), _PART_BYTES):
            decoder.decode(text[start : start + _PART_BYTES], final=start + _PART_BYTES >= len(text))
    except UnicodeDecodeError:
        return False
    return True


def is_clean(json_text: bytes) -> bool:
    """True for valid UTF-8 without any surrogate among its escapes."""
    return is_utf8(json_text) and b"\\ud" not in json_text and b"\\uD" not in json_text


def is_whole(json_text: bytes) -> bool:
    """True for valid UTF-8 without half a character among its escapes: JSON that the engine takes."""
    if not is_utf8(json_text):
        return False
    if not holds(json_text, b"\\u") or not (holds(json_text, b"\\ud") or holds(json_text, b"\\uD")):
        return True
    return all(len(found[0]) != _LONE_LENGTH for found in _SURROGATES.finditer(json_text.decode()))


def clean(json_text: bytes, problems: list[str]) -> bytes:
    """Replace what is no text by U+FFFD, and say so.

    Args:
        json_text: JSON.
        problems: gets a sentence for each kind of replacement.
    """
    try:
        text = json_text.decode()
    except UnicodeDecodeError:
        problems.append(NOT_UTF8)
        text = json_text.decode(errors="replace")
    if "NaN" in text or "Infinity" in text:
        spelled = constants_as_text(text.encode()).decode()
        if spelled != text:
            problems.append("NaN and Infinity, which are no JSON, are shown as text")
            text = spelled
    cleaned = _SURROGATES.sub(lambda found: "\\ufffd" if len(found[0]) == _LONE_LENGTH else found[0], text)
    if cleaned != text:
        problems.append("half characters (lone surrogates) are shown as U+FFFD")
    return cleaned.encode()


def constants_as_text(json_text: bytes) -> bytes:
    """Turn the bare words NaN, Infinity and -Infinity into strings."""
    if b"NaN" not in json_text and b"Infinity" not in json_text:
        return json_text
    return _CONSTANT.sub(lambda found: found[0] if found[0][:1] == b'"' else b'"%b"' % found[0], json_text)


def is_json_start(text: bytes) -> bool:
    """True for a text that begins as JSON, or as Python prints such values; not for ``[INFO] …`` of a log."""
    head = text.lstrip(BLANK)[:_HEAD_BYTES]
    return head.startswith(_JSON_STARTS) or (head.startswith(b"[") and not _LOG_HEAD.match(head))


def as_string(line: bytes) -> bytes:
    """A line as a JSON string."""
    return json.dumps(line.strip().decode(errors="replace")).encode()


def beginning_of(text: bytes) -> str:
    """How a text begins, for people."""
    head = text.lstrip(b" \t\r\n")[:40].decode("utf-8", errors="replace").split("\n")[0]
    return head.encode("unicode_escape").decode("ascii") if not head.isprintable() else head


def number_of(spelled: str) -> int | float | msgspec.Raw:
    """A JSON number; one that neither a double nor an integer of Python holds stays as it is spelled."""
    try:
        number = float(spelled) if set(spelled) & set(".eE") else int(spelled)
    except ValueError:  # more digits than Python turns into an integer
        return msgspec.Raw(spelled.encode())
    is_beyond = isinstance(number, float) and math.isinf(number)
    return msgspec.Raw(spelled.encode()) if is_beyond else number


def decode_any(json_text: bytes | msgspec.Raw) -> Any:  # noqa: ANN401 - any JSON value
    """Decode any JSON value; numbers are those of ``number_of``.

    Raises:
        msgspec.DecodeError: it is none.
        RecursionError: it is nested too deeply.
        ValueError: it is none.
    """
    try:
        return _any_decoder.decode(json_text)
    except msgspec.ValidationError:  # of a value of any type only a number can be out of range
        return json.loads(bytes(json_text), parse_int=number_of, parse_float=number_of)


def first_of_each(text: bytes, repeated: list[str]) -> Any:  # noqa: ANN401 - any JSON value
    """Decode a value in which keys may stand twice; the first value of each is taken.

    Args:
        text: a JSON value.
        repeated: gets the keys that stand twice.

    Returns:
        The value; None, and no key, for nesting beyond what this decoder reads.
    """

    def take(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        taken: dict[str, Any] = {}
        for key, value in pairs:
            if key in taken:
                repeated.append(key)
            taken.setdefault(key, value)
        return taken

    try:
        return json.loads(text, object_pairs_hook=take, parse_int=number_of, parse_float=number_of)
    except (ValueError, RecursionError):
        repeated.clear()
        return None


#: So many names of fields of an event tell that a text holds events.
FIELDS_OF_EVENT: Final = 2
_FIELD_NAMES: Final = (b"eventname", b"eventtime", b"eventid", b"eventsource", b"eventversion", b"useridentity")


def names_fields(text: bytes) -> bool:
    """True for a text with names of fields of events, as columns or keys, in any tool's spelling."""
    plain = text.replace(b" ", b"").replace(b"_", b"").lower()
    return sum(name in plain for name in _FIELD_NAMES) >= FIELDS_OF_EVENT
