"""What a member of a zip holds: the bytes before it was put there, checked against the sum that the zip tells."""

from __future__ import annotations

import lzma
import struct
from functools import partial
from typing import TYPE_CHECKING, Final

from isal import isal_zlib

from rootforensics.ingest.streams import BZIP2, DEFLATE, NOTHING, ZSTD, Format, decompressed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.ingest.archives.entry import Entry
    from rootforensics.ingest.archives.store import Store
    from rootforensics.ingest.limits import Inflation

STORED: Final = 0
DEFLATED: Final = 8
_BZIP2: Final = 12
_LZMA: Final = 14
_ZSTD: Final = 93
READABLE_METHODS: Final = (STORED, DEFLATED, _BZIP2, _LZMA, _ZSTD)
#: What cannot be read, by the numbers of the format's description (APPNOTE 4.4.5).
OTHER_METHODS: Final = {1: "shrunk", 6: "imploded", 9: "deflate64", 95: "xz", 98: "PPMd", 99: "AES encryption"}

LOCAL_HEADER: Final = struct.Struct("<4s5H3I2H")
LOCAL_MAGIC: Final = b"PK\x03\x04"

_LZMA_VERSION_BYTES: Final = 4
_LZMA_PROPERTIES_BYTES: Final = 5
_NO_SIZE: Final = b"\xff" * 8
#: A header may ask for gigabytes.
_LZMA_MEMORY_BYTES: Final = 128 * 1024 * 1024
_lzma: Final = partial(lzma.LZMADecompressor, lzma.FORMAT_ALONE, _LZMA_MEMORY_BYTES)
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
    is_lzma = entry.method == _LZMA
    stored = partial(_stored_lzma, store, start, end) if is_lzma else partial(store.pieces, start, end)
    return decompressed(_FORMATS[entry.method], stored(), seen, stored)


def _stored_lzma(store: Store, start: int, end: int) -> Iterator[bytes]:
    """A member as a file of LZMA has it: properties, a size that is not known, and the data.

    In a zip a version and the length of the properties stand before these (APPNOTE 5.8.8).
    """
    start += _LZMA_VERSION_BYTES
    behind = min(start + _LZMA_PROPERTIES_BYTES, end)
    yield store.read_at(start, behind - start) + _NO_SIZE
    yield from store.pieces(behind, end)


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
    _LZMA: Format("lzma", _TITLE, _lzma, NOTHING, has_end=False),
    _ZSTD: ZSTD._replace(title=_TITLE),
}
