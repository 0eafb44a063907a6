"""What a member of a zip holds: the bytes before it was put there, checked against the sum that the zip tells."""

from __future__ import annotations

import struct
import zlib
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from rootforensics.ingest.inflate import gunzip
from rootforensics.ingest.zstd import unzstd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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

_PIECE_BYTES: Final = 4 * 1024 * 1024
_MAX_DICTIONARY_BYTES: Final = 64 * 1024 * 1024
#: Deflated data become a gzip stream with this before and its checksums after them.
_GZIP_HEADER: Final = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"


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

    def stored() -> Iterator[bytes]:
        end = start + entry.stored_bytes
        for place in range(start, end, _PIECE_BYTES):
            if not (piece := store.read_at(place, min(_PIECE_BYTES, end - place))):
                return
            yield piece

    if entry.method == DEFLATED:
        yield from _deflated(stored, entry, seen)
    else:
        yield from _checked(_unpacked(stored, entry.method, seen), entry, seen)


def _deflated(stored: Callable[[], Iterator[bytes]], entry: Entry, seen: Inflation) -> Iterator[bytes]:
    """As a gzip stream, so that content before damage is kept and the sums are compared."""
    trailer = b"" if entry.crc is None else struct.pack("<2I", entry.crc, (entry.size_bytes or 0) % 2**32)

    def stream() -> Iterator[bytes]:
        return chain((_GZIP_HEADER,), stored(), (trailer,))

    for window in gunzip(stream(), seen, stream):
        seen.inflated_bytes += len(window)
        yield window
    seen.damage = seen.damage.replace("the gzip stream", "the member").replace("gzip", "deflate")


def _checked(windows: Iterator[bytes], entry: Entry, seen: Inflation) -> Iterator[bytes]:
    """Compare the checksum; what does not fit is kept all the same."""
    crc = 0
    for window in windows:
        if window:
            crc = zlib.crc32(window, crc)
            seen.inflated_bytes += len(window)
            yield window
    if seen.damage:
        return
    if entry.size_bytes is not None and seen.inflated_bytes != entry.size_bytes:
        seen.damage = f"the member has {seen.inflated_bytes:,} bytes, the archive says {entry.size_bytes:,}"
    elif entry.crc is not None and crc != entry.crc:
        seen.damage = "the member's checksum does not fit its content"


def _unpacked(stored: Callable[[], Iterator[bytes]], method: int, seen: Inflation) -> Iterator[bytes]:
    if method == STORED:
        return stored()
    if method == _ZSTD:
        return unzstd(stored(), seen)
    return _decompressed(stored(), method, seen)


def _decompressed(pieces: Iterator[bytes], method: int, seen: Inflation) -> Iterator[bytes]:
    """What the standard library's decompressors give, in bounded steps."""
    import lzma

    try:
        stream, data = _decompressor(pieces, method)
        while data or not stream.needs_input:
            window = stream.decompress(data, _PIECE_BYTES)
            yield window
            if stream.eof:
                return
            data = next(pieces, b"") if stream.needs_input else b""
    except (lzma.LZMAError, OSError, ValueError, struct.error) as error:
        seen.damage = f"the member is corrupt ({error})"
        return
    if method == _BZIP2:
        seen.damage = "the member is cut off before its end"


def _decompressor(pieces: Iterator[bytes], method: int) -> tuple[Any, bytes]:
    """The decompressor of a method, and the bytes to begin with."""
    first = next(pieces, b"")
    if method == _BZIP2:
        import bz2

        return bz2.BZ2Decompressor(), first
    import lzma

    # Version, size of the properties, then those of LZMA: one byte of three numbers, and the dictionary's size.
    _, length, numbers, dictionary = struct.unpack("<HHBI", first[:9])
    if length != 5 or numbers >= 9 * 5 * 5 or dictionary > _MAX_DICTIONARY_BYTES:
        raise ValueError("its LZMA properties are none that can be read")
    chain_of_one = {
        "id": lzma.FILTER_LZMA1,
        "dict_size": dictionary,
        "lc": numbers % 9,
        "lp": numbers // 9 % 5,
        "pb": numbers // 45,
    }
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[chain_of_one]), first[9:]
