"""What a member of a zip holds: the bytes before it was put there, checked against the sum that the zip tells."""

from __future__ import annotations

import struct
from functools import partial
from typing import TYPE_CHECKING, Final

from isal import isal_zlib

from rootforensics.ingest.archives.entry import LOCAL_MAGIC
from rootforensics.ingest.streams import BZIP2, DEFLATE, ZSTD, decompressed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.ingest.archives.entry import Entry
    from rootforensics.ingest.archives.store import Store
    from rootforensics.ingest.limits import Inflation

STORED: Final = 0
DEFLATED: Final = 8
_BZIP2: Final = 12
_ZSTD: Final = 93
READABLE_METHODS: Final = (STORED, DEFLATED, _BZIP2, _ZSTD)
#: What cannot be read, by the numbers of the format's description (APPNOTE 4.4.5).
OTHER_METHODS: Final = {
    1: "shrunk",
    6: "imploded",
    9: "deflate64",
    14: "LZMA",
    95: "xz",
    98: "PPMd",
    99: "AES encryption",
}

LOCAL_HEADER: Final = struct.Struct("<4s5H3I2H")

_TITLE: Final = "the member"


def zip_content(store: Store, entry: Entry, seen: Inflation) -> Iterator[bytes]:
    """Yield a member's content in order, as far as it is whole.

    Args:
        store: the zip.
        entry: the member.
        seen: its ``inflated_bytes`` grow with each piece; its ``damage`` says what is wrong, in words.

    Raises:
        OSError: the archive cannot be read.
    """
    header = store.read_at(entry.offset, LOCAL_HEADER.size)
    if len(header) < LOCAL_HEADER.size or not header.startswith(LOCAL_MAGIC):
        seen.damage = "the archive holds no such member where its directory says"
        return
    *_, name_length, extra_length = LOCAL_HEADER.unpack(header)
    start = entry.offset + LOCAL_HEADER.size + name_length + extra_length
    yield from _checked(_unpacked(store, entry, start, seen), entry, seen)


def _unpacked(store: Store, entry: Entry, start: int, seen: Inflation) -> Iterator[bytes]:
    end = start + entry.stored_bytes
    if entry.method == STORED:
        return store.pieces(start, end)
    stored = partial(store.pieces, start, end)
    return decompressed(_FORMATS[entry.method], stored(), seen, stored)


def _checked(windows: Iterator[bytes], entry: Entry, seen: Inflation) -> Iterator[bytes]:
    """Compare the checksum; what does not fit is kept all the same."""
    crc = 0
    for window in windows:
        if window:
            crc = isal_zlib.crc32(window, crc)
            seen.inflated_bytes += len(window)
            yield window
    if "corrupt" in seen.damage or "cut off" in seen.damage:
        return
    wrong = ""
    if entry.size_bytes is not None and seen.inflated_bytes != entry.size_bytes:
        wrong = f"the member is corrupt: it has {seen.inflated_bytes:,} bytes, the archive says {entry.size_bytes:,}"
    elif entry.crc is not None and crc != entry.crc:
        wrong = "the member is corrupt, or its checksum does not fit its content"
    seen.damage = "; ".join(filter(None, (wrong, seen.damage)))


_FORMATS: Final = {
    DEFLATED: DEFLATE._replace(title=_TITLE),
    _BZIP2: BZIP2._replace(title=_TITLE),
    _ZSTD: ZSTD._replace(title=_TITLE),
}
