"""Texts in UTF-8, UTF-16 and UTF-32, and files in which one of these stands behind another, become UTF-8.

Shells and editors of Windows write UTF-16; ``type a >> b`` puts two files together whatever each is written in.
"""

from __future__ import annotations

import codecs
import re
from itertools import chain
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.ingest.seen import Framing

_UTF8: Final = "utf-8"
_WIDE_BOMS: Final = (b"\xff\xfe", b"\xfe\xff")
#: How a text begins in an encoding: with a byte order mark, or as JSON without one. Logs and tables of them begin with
#: a character of ASCII; before any other the mark says nothing.
_BEGINS: Final = {
    "utf-32-le": re.compile(rb"\xff\xfe\0\0[\x01-\x7f]\0{3}|[{\[]\0{3}[\x09-\x7e]\0{3}"),
    "utf-32-be": re.compile(rb"\0\0\xfe\xff\0{3}[\x01-\x7f]|\0{3}[{\[]\0{3}[\x09-\x7e]"),
    "utf-16-le": re.compile(rb"\xff\xfe[\x01-\x7f]\0|[{\[]\0[\x09-\x7e]\0"),
    "utf-16-be": re.compile(rb"\xfe\xff\0[\x01-\x7f]|\0[{\[]\0[\x09-\x7e]"),
}
_LONGEST_START: Final = 8
_ASCII: Final = rb"[\t\r\n -~]"
#: What stands before text in UTF-16 that stands behind a line or a value in UTF-8, which have no NUL, or nothing.
_ENDS: Final = b"\n}]"
#: Such text. It does not begin with what may stand before it.
_WIDE_BEHIND: Final = re.compile(
    rb"(?:\A|(?<=[\n}\]]))(?:(?P<le>(?:\xff\xfe)?[!-\\^-|]\0(?:%b\0){15})|(?P<be>(?:\xfe\xff)?\0[!-\\^-|](?:\0%b){15}))"
    % (_ASCII, _ASCII)
)
#: A part of such a text, which is sought many times as fast.
_WIDE_PART: Final = re.compile(rb"\0%b\0%b\0" % (_ASCII, _ASCII))
_PART_AT: Final = 4
#: The beginning of such a text at the end of a window.
_BEGUN: Final = re.compile(
    rb"(?:\A|[\n}\]])(?=[\0\xfe\xff!-\\^-|])[\xfe\xff]{0,2}(?:(?:%b\0)*+%b?|(?:\0%b)*+\0?)\Z" % ((_ASCII,) * 3)
)
#: Text in UTF-8 behind a line in another encoding: in a string, where anybody can write such characters, no line ends.
_NARROW_BEHIND: Final = {
    encoding: re.compile(re.escape("\n".encode(encoding)) + rb"(?P<text>(?:\xef\xbb\xbf)?%b{32})" % _ASCII)
    for encoding in _BEGINS
}
#: No such place takes more bytes; what may be the beginning of one is held.
_HELD_BYTES: Final = 48


def as_utf8(windows: Iterator[bytes], seen: Framing) -> Iterator[bytes]:
    """Drop a byte order mark; turn UTF-16 and UTF-32 (as some shells write them) into UTF-8.

    Args:
        windows: the text.
        seen: takes the remark that it was one of these.
    """
    first = next(windows, b"")
    while 0 < len(first) < _LONGEST_START and (more := next(windows, b"")):
        first += more
    encoding = next((name for name, begin in _BEGINS.items() if begin.match(first)), _UTF8)
    if encoding != _UTF8:
        seen.notes.setdefault(f"written in {_name(encoding)}; read as such")
    elif first.startswith(_WIDE_BOMS):
        seen.notes.setdefault(
            "begins with the byte order mark of UTF-16, but is not written in it; read without the mark"
        )
        first = first[2:]
    windows = filter(None, chain((first.removeprefix("\ufeff".encode(encoding)),), windows))
    del first  # a window that is kept here could not be let go while the rest is read
    return _from_each(windows, encoding, seen)


def _from_each(windows: Iterator[bytes], encoding: str, seen: Framing) -> Iterator[bytes]:
    """The text in UTF-8, whatever encoding each part of it has; bytes that are no UTF-8 stay as they are."""
    decoder, held, last = codecs.getincrementaldecoder(encoding)("replace"), b"", b""
    window = next(windows, b"")
    while window or held:
        is_plain = encoding == _UTF8 and not held and not _BEGUN.search(window[-_HELD_BYTES:])
        if is_plain and not _other_behind(window, encoding, last):
            yield window
            last, window = window[-1:], next(windows, b"")
            continue
        text, window = held + window, next(windows, b"")
        while found := _other_behind(text, encoding, last):
            place, other = found
            yield text[:place] if encoding == _UTF8 else decoder.decode(text[:place], final=True).encode()
            seen.notes.setdefault(f"a part of it is written in {_name(other)}; read as such")
            encoding, decoder, last = other, codecs.getincrementaldecoder(other)("replace"), b""
            text = text[place:].removeprefix("\ufeff".encode(other))
        done = max(len(text) - _HELD_BYTES, 0) // 4 * 4 if window else len(text)
        part, held = text[:done], text[done:]
        last = part[-1:] or last
        part = part if encoding == _UTF8 else decoder.decode(part, final=not window).encode()
        yield from filter(None, (part,))


def _other_behind(text: bytes, encoding: str, last: bytes) -> tuple[int, str] | None:
    """Where text in another encoding begins in a text that stands behind a byte or nothing; None for nowhere."""
    if encoding == _UTF8:
        part = _WIDE_PART.search(text) if b"\0" in text else None
        wide = _WIDE_BEHIND.search(text, max(part.start() - _PART_AT, last not in _ENDS)) if part else None
        return wide and (wide.start(), "utf-16-le" if wide["le"] else "utf-16-be")
    width = len("\n".encode(encoding))
    narrow = (found.start("text") for found in _NARROW_BEHIND[encoding].finditer(text))
    return next(((place, _UTF8) for place in narrow if place % width == 0), None)


def _name(encoding: str) -> str:
    """An encoding as people call it, without the order of its bytes."""
    return encoding.removesuffix("-le").removesuffix("-be").upper()
