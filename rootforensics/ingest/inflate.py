"""Bytes as they lie in evidence become text: gzip, zstd, xz, bzip2 or plain, one in another, bounded and watched.

A gzip file of CloudTrail is one member with nothing after it. More members are read and reported; bytes after
the end are reported and not read as records. What a damaged stream gives before the damage is kept. What comes out
and begins like gzip or zstd itself is inflated again: no text of events begins so.
"""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from itertools import chain
from typing import TYPE_CHECKING, Final, cast

import deflate
from isal import isal_zlib

from rootforensics.ingest.limits import Inflation, broken_limit
from rootforensics.ingest.scan import find_all
from rootforensics.ingest.text import table_kind
from rootforensics.ingest.zstd import is_zstd, unzstd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rootforensics.ingest.limits import Limits

# The stubs type this class as an instance of itself.
_GZIP_ERROR: Final = cast("type[Exception]", isal_zlib.error)
_GZIP_MAGIC: Final = b"\x1f\x8b"
#: A member ends in the size of its content.
_SIZE_BYTES: Final = 4
_XZ_MAGIC: Final = b"\xfd7zXZ\0"
_BZIP2_MAGIC: Final = re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)")

#: Inflated text is handed on in windows of at most this many bytes.
WINDOW_BYTES: Final = 48 * 1024 * 1024
#: After damage a gzip stream is inflated again in steps of this size, to keep all that comes before it.
_STEP_BYTES: Final = 1024
_PACKED_STEP_BYTES: Final = 16 * 1024
_STREAM_BYTES: Final = 4 * 1024 * 1024
#: xz -9 takes 65 MiB; a header may ask for gigabytes.
_XZ_MEMORY_BYTES: Final = 128 * 1024 * 1024
#: The first window holds at least this many bytes of a text that has them: enough to tell a tar archive.
HEAD_BYTES: Final = 512
#: One compression in another is taken off up to this many times; a file can be made that has no innermost one.
_MAX_LAYERS: Final = 8


def inflate(
    pieces: Iterator[bytes], seen: Inflation, limits: Limits, reopen: Callable[[], Iterator[bytes]]
) -> Iterator[bytes]:
    """Yield the object's text in windows.

    Args:
        pieces: the raw bytes in order.
        seen: filled while windows are drawn; final when the iterator ends.
        limits: bounds; where one is hit, reading ends and ``seen.damage`` says so.
        reopen: gives the raw bytes from the start again; used only after damage inside a gzip stream.
    """
    raw = _counted(pieces, seen)
    layers: list[Inflation] = []
    try:
        for window in _unpack(raw, seen, layers, limits, reopen):
            seen.inflated_bytes += len(window)
            yield window
        for _ in raw:  # what was not read still belongs to the object's hash
            pass
    finally:
        _sum_up(seen, layers)


def _unpack(
    pieces: Iterator[bytes],
    seen: Inflation,
    layers: list[Inflation],
    limits: Limits,
    reopen: Callable[[], Iterator[bytes]],
) -> Iterator[bytes]:
    """Take off one compression after another, as the first bytes tell."""
    while True:
        first = next(pieces, b"")
        while 0 < len(first) < HEAD_BYTES and (more := next(pieces, b"")):
            first += more
        pieces = chain((first,), pieces) if first else pieces
        kind = _kind(first)
        if kind and len(layers) == _MAX_LAYERS:
            layers[-1].damage = f"compressed more than {_MAX_LAYERS} times over; read no further"
            return iter(())
        if not kind:
            return pieces
        layer = Inflation(kind)
        layers.append(layer)
        seen.compression = " > ".join(one.compression for one in layers)
        pieces = _bounded(_inflated(pieces, layer, reopen), layer, seen, limits)
        reopen = _again(reopen)


def _again(reopen: Callable[[], Iterator[bytes]]) -> Callable[[], Iterator[bytes]]:
    """What gives a compression's content from the start again; bounded, because no more is drawn than before."""

    def content() -> Iterator[bytes]:
        pieces = reopen()
        first = next(pieces, b"")
        while 0 < len(first) < HEAD_BYTES and (more := next(pieces, b"")):
            first += more
        layer = Inflation(_kind(first))
        for window in _inflated(chain((first,), pieces), layer, reopen):
            layer.inflated_bytes += len(window)
            yield window

    return content


def _kind(first: bytes) -> str:
    """The compression that begins so; a DuckDB file may begin with any bytes, a checksum."""
    if table_kind(first):
        return ""
    if first.startswith(_GZIP_MAGIC):
        return "gzip"
    if is_zstd(first):
        return "zstd"
    if first.startswith(_XZ_MAGIC):
        return "xz"
    return "bzip2" if _BZIP2_MAGIC.match(first) else ""


def _inflated(pieces: Iterator[bytes], layer: Inflation, reopen: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
    if layer.compression == "gzip":
        return gunzip(pieces, layer, reopen)
    return unzstd(pieces, layer) if layer.compression == "zstd" else unpack_streams(pieces, layer)


def _bounded(windows: Iterator[bytes], layer: Inflation, seen: Inflation, limits: Limits) -> Iterator[bytes]:
    """What a compression holds, as far as the limits allow: they compare it with the object as it lies there."""
    for window in windows:
        layer.inflated_bytes += len(window)
        yield window
        if broken := broken_limit(Inflation(raw_bytes=seen.raw_bytes, inflated_bytes=layer.inflated_bytes), limits):
            layer.damage = broken
            return


def _sum_up(seen: Inflation, layers: list[Inflation]) -> None:
    """Put together what was seen of each compression; of one in another it is said which."""
    damages, remarks = [], []
    for number, layer in enumerate(layers, 1):
        where = f"compression {number} of {len(layers)} ({layer.compression}): " if len(layers) > 1 else ""
        damages += [where + layer.damage] if layer.damage else []
        remarks += [where + layer.remark] if layer.remark else []
    seen.damage, seen.remark = "; ".join(damages), "; ".join(remarks)
    seen.member_count = next((layer.member_count for layer in layers if layer.compression == "gzip"), 0)


def _counted(pieces: Iterator[bytes], seen: Inflation) -> Iterator[bytes]:
    for piece in pieces:
        if piece:
            seen.raw_bytes += len(piece)
            yield piece


def gunzip(pieces: Iterator[bytes], seen: Inflation, reopen: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
    """Inflate gzip member after member; windows are bounded however strongly the input is compressed.

    Args:
        pieces: the gzip stream.
        seen: gets damage and remarks. Its ``inflated_bytes`` must grow with every window that is drawn.
        reopen: gives the stream from the start again, after damage.
    """
    stream = isal_zlib.decompressobj(31)
    seen.member_count = 1
    first, second = next(pieces, b""), next(pieces, None)
    if second is None and (whole := _at_one_go(first)):
        yield whole
        return
    pieces = chain((first,), () if second is None else (second,), pieces)
    del first, second
    for piece in pieces:
        data = piece
        while data:
            if stream.eof:
                while len(data) < len(_GZIP_MAGIC) and (more := next(pieces, b"")):
                    data += more
                if not data.startswith(_GZIP_MAGIC):
                    rest = len(data) + sum(map(len, pieces))
                    seen.damage = f"{rest:,} bytes after the end of the gzip stream, not read"
                    return
                stream = isal_zlib.decompressobj(31)
                seen.member_count += 1
                seen.remark = f"{seen.member_count} gzip members, where CloudTrail writes one"
            try:
                window = stream.decompress(data, WINDOW_BYTES)
            except _GZIP_ERROR:
                yield from _before_damage(reopen(), seen)
                return
            data = stream.unused_data if stream.eof else stream.unconsumed_tail
            if window:
                yield window
    if not stream.eof:
        seen.damage = "the gzip stream is cut off before its end"


def _at_one_go(data: bytes) -> bytes | None:
    """The content of a gzip file as CloudTrail writes it; None for any other, which is left to the slower way.

    That is one member whose content fits a window, with nothing behind it: the file ends in the size of what its first
    member holds, and that size stands nowhere else in the file, where that member might end.
    """
    end = data[-_SIZE_BYTES:]
    size = int.from_bytes(end, "little")
    if not 0 < size <= WINDOW_BYTES or next(find_all(data, end)) != len(data) - _SIZE_BYTES:
        return None
    try:
        text = deflate.gzip_decompress(data, size)
    except deflate.DeflateError:
        return None
    return cast("bytes", text) if len(text) == size else None  # nobody changes it: a copy would cost as much again


def _before_damage(pieces: Iterator[bytes], seen: Inflation) -> Iterator[bytes]:
    """Inflate from the start once more, in small steps, and hand on what lies before the damage."""
    seen.damage = "the gzip stream is corrupt, or its checksum does not fit its content"
    skip = seen.inflated_bytes
    out = bytearray()
    for step in _small_steps(pieces):
        known = min(skip, len(step))
        skip -= known
        out += step[known:]
        if len(out) >= WINDOW_BYTES:
            yield bytes(out)
            out.clear()
    if out:
        yield bytes(out)


def _small_steps(pieces: Iterator[bytes]) -> Iterator[bytes]:
    stream = zlib.decompressobj(31)
    for piece in pieces:
        for start in range(0, len(piece), _STEP_BYTES):
            data = piece[start : start + _STEP_BYTES]
            while data:
                if stream.eof:
                    stream = zlib.decompressobj(31)
                before = stream.copy()
                try:
                    yield stream.decompress(data, _STEP_BYTES)
                except zlib.error:
                    yield from _single_bytes(before, data)
                    return
                data = stream.unused_data if stream.eof else stream.unconsumed_tail


def _single_bytes(stream: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """A step that fails gives nothing at all; byte by byte, all that comes before the damage."""
    for place in range(len(data)):
        try:
            yield stream.decompress(data[place : place + 1])
        except zlib.error:
            return


def unpack_streams(pieces: Iterator[bytes], seen: Inflation) -> Iterator[bytes]:
    """Inflate xz or bzip2, one stream after another; ``seen`` gets the damage.

    What a step gives before the damage is kept; a step is small, so that little is lost with it.
    """
    stream: lzma.LZMADecompressor | bz2.BZ2Decompressor = _stream(seen.compression)
    begun = False
    try:
        for data in _in_steps(pieces, _PACKED_STEP_BYTES):
            rest = data
            while rest or not (stream.eof or stream.needs_input):
                if stream.eof:
                    stream, begun = _stream(seen.compression), False
                    rest = rest.lstrip(b"\0")  # xz streams may be padded
                    continue
                begun = True
                if window := stream.decompress(rest, _STREAM_BYTES):
                    yield window
                rest = stream.unused_data if stream.eof else b""
    except (lzma.LZMAError, OSError, EOFError) as error:
        seen.damage = f"the {seen.compression} stream is damaged ({error})"
        return
    if begun and not stream.eof:
        seen.damage = f"the {seen.compression} stream is cut off before its end"


def _in_steps(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    for piece in pieces:
        for start in range(0, len(piece), size):
            yield piece[start : start + size]


def _stream(kind: str) -> lzma.LZMADecompressor | bz2.BZ2Decompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, _XZ_MEMORY_BYTES) if kind == "xz" else bz2.BZ2Decompressor()
