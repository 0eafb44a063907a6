"""Decompress gzip, zstd, xz and bzip2, one stream after another, as far as they are whole.

No library gives anything of a step in which it fails. So after a failure the same bytes go through fresh
decompressors: in steps as far as these went well, then byte by byte. Nothing is lost that decodes before the damage.
"""

from __future__ import annotations

import bz2
import lzma
import re
import zlib
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from isal import igzip_lib

from rootforensics.ingest.limits import Inflation
from rootforensics.phrases import plural

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# The stubs type the first as an instance of itself.
_NOT_VALID: Final = (
    cast("type[Exception]", igzip_lib.error),
    lzma.LZMAError,
    OSError,
    EOFError,
    ValueError,
    zlib.error,
)
#: Content is handed on in windows of at most this many bytes.
WINDOW_BYTES: Final = 48 * 1024 * 1024
#: A step gives windows of at most this many bytes.
_PART_BYTES: Final = 4 * 1024 * 1024
_STEP_BYTES: Final = 64 * 1024
#: Near the damage a byte goes in at a time, and so few come out: what a failing call would have given is lost.
_FINE_BYTES: Final = 256
#: A further stream is told by so many bytes at the most.
_MAGIC_BYTES: Final = 10
#: A gzip member ends in the size of its content.
_SIZE_BYTES: Final = 4
#: xz -9 takes 65 MiB; a header may ask for gigabytes.
_XZ_MEMORY_BYTES: Final = 128 * 1024 * 1024
#: ``zstd --ultra`` needs this much at the most, as does a reader by default; a header may ask for gigabytes.
_ZSTD_WINDOW_BYTES: Final = 128 * 1024 * 1024
_HUGE: Final = (
    f"a zstd frame asks for a window of more than {_ZSTD_WINDOW_BYTES:,} bytes and was not read (compress it again"
    " without --long)"
)
#: 4 bytes of zstd may hold 128 KiB.
_FEED_BYTES: Final = 1024
_SKIPPABLE_HEAD_BYTES: Final = 8
_ZSTD_MAGIC: Final = b"\x28\xb5\x2f\xfd"


class Format(NamedTuple):
    """A way to compress.

    Attributes:
        name: as the ledger has it.
        title: of a stream, in the words of damage.
        start: makes a decompressor, with what those of the standard library have in common.
        begins: how one stream behind another begins.
        padding: bytes that may stand between streams.
        again: makes a decompressor for what lies before damage, if that is another.
    """

    name: str
    title: str
    start: Callable[[], Any]
    begins: re.Pattern[bytes]
    padding: bytes = b""
    again: Callable[[], Any] | None = None


class _DamageError(Exception):
    """Why a decompressor goes no further."""


class _Stepped:
    """A decompressor that gives no more than is asked for, out of one that gives all that it has.

    Args:
        stream: as ``zlib`` and ``backports.zstd`` make them.
        error: what it raises.
    """

    def __init__(self, stream: Any, error: type[Exception]) -> None:  # noqa: ANN401 - two libraries, no common type
        self._stream = stream
        self._error = error
        self._data = b""
        self._out = bytearray()

    @property
    def eof(self) -> bool:
        return self._stream.eof and not self._out

    @property
    def needs_input(self) -> bool:
        return not self._data and not self._out

    @property
    def unused_data(self) -> bytes:
        return bytes(self._stream.unused_data + self._data)

    def decompress(self, data: bytes, max_length: int) -> bytes:
        self._data += data
        while self._data and not self._stream.eof and len(self._out) < max_length:
            step, self._data = self._data[:_FEED_BYTES], self._data[_FEED_BYTES:]
            try:
                self._out += self._stream.decompress(step)
            except self._error as error:
                if "too much memory" in str(error):
                    raise _DamageError(_HUGE) from error
                raise ValueError(str(error)) from error
        part = bytes(self._out[:max_length])
        del self._out[:max_length]
        return part


def _zstd() -> _Stepped:
    from backports.zstd import DecompressionParameter, ZstdDecompressor, ZstdError

    window = {int(DecompressionParameter.window_log_max): _ZSTD_WINDOW_BYTES.bit_length() - 1}
    return _Stepped(ZstdDecompressor(options=window), ZstdError)


def _zlib(bits: int) -> _Stepped:
    """A byte at a time it gives one or two more before damage than ISA-L, which is faster."""
    return _Stepped(zlib.decompressobj(bits), zlib.error)


_deflate: Final = partial(igzip_lib.IgzipDecompressor, igzip_lib.DECOMP_DEFLATE)
_gzip: Final = partial(igzip_lib.IgzipDecompressor, igzip_lib.DECOMP_GZIP)
_xz: Final = partial(lzma.LZMADecompressor, lzma.FORMAT_XZ, _XZ_MEMORY_BYTES)
GZIP: Final = Format("gzip", "the gzip stream", _gzip, re.compile(rb"\x1f\x8b"), again=partial(_zlib, 31))
DEFLATE: Final = Format("deflate", "the deflate stream", _deflate, re.compile(rb"(?!)"), again=partial(_zlib, -15))
# A frame that holds no content begins with any byte from 0x50 to 0x5F; pzstd begins files so.
ZSTD: Final = Format("zstd", "the zstd stream", _zstd, re.compile(rb"\x28\xb5\x2f\xfd|[\x50-\x5f]\x2a\x4d\x18"))
XZ: Final = Format("xz", "the xz stream", _xz, re.compile(rb"\xfd7zXZ\0"), padding=b"\0")
BZIP2: Final = Format(
    "bzip2", "the bzip2 stream", bz2.BZ2Decompressor, re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), padding=b"\0"
)


def format_of(first: bytes) -> Format | None:
    """The format that begins so.

    Args:
        first: the first bytes; of zstd frames that hold no content and end within them, those behind them, too: lz4
            knows the same frames.
    """
    place = 0
    while ZSTD.begins.match(first, place) and first[place] >> 4 == 5:
        place += _SKIPPABLE_HEAD_BYTES + int.from_bytes(first[place + 4 : place + _SKIPPABLE_HEAD_BYTES], "little")
    if place:
        return ZSTD if _ZSTD_MAGIC.startswith(first[place : place + len(_ZSTD_MAGIC)]) else None
    return next((form for form in (GZIP, ZSTD, XZ, BZIP2) if form.begins.match(first)), None)


def decompressed(
    form: Format, pieces: Iterator[bytes], seen: Inflation, reopen: Callable[[], Iterator[bytes]]
) -> Iterator[bytes]:
    """Yield the content of one stream after another in windows, bounded however strongly it is compressed.

    Args:
        form: the format of the first stream and of those behind it.
        pieces: the streams.
        seen: gets the number of streams, and the damage.
        reopen: gives the streams from the start again, after damage.
    """
    first, second = next(pieces, b""), next(pieces, None)
    if form is GZIP and second is None and (whole := _at_one_go(first)):
        seen.member_count = 1
        yield whole
        return
    steps = _Steps(chain((first,), () if second is None else (second,), pieces))
    del first, second
    given = 0
    try:
        for window in _streams(form, steps, seen):
            given += len(window)
            yield window
    except _DamageError as error:
        seen.damage = str(error)
        yield from _rest(form, _Steps(reopen(), steps.place), given)


def _at_one_go(data: bytes) -> bytes:
    """The content of a gzip file as CloudTrail writes it; nothing for any other, which is left to the slower way.

    That is one member whose content fits a window, with nothing behind it.
    """
    stream = GZIP.start()
    try:
        content = stream.decompress(data, min(int.from_bytes(data[-_SIZE_BYTES:], "little"), WINDOW_BYTES))
    except _NOT_VALID:
        return b""
    return content if stream.eof and not stream.unused_data else b""


class _Steps:
    """Cuts pieces into steps; those of a place and behind it are single bytes."""

    def __init__(self, pieces: Iterator[bytes], fine_from: int = 2**62) -> None:
        self.place = 0
        self._steps = self._cut(pieces, fine_from)

    def __iter__(self) -> Iterator[bytes]:
        return self._steps

    def _cut(self, pieces: Iterator[bytes], fine_from: int) -> Iterator[bytes]:
        for piece in pieces:
            start = 0
            while start < len(piece):
                size = max(1, min(_STEP_BYTES, fine_from - self.place))
                step = piece[start : start + size]
                yield step
                start += len(step)
                self.place += len(step)


def _streams(form: Format, pieces: _Steps, seen: Inflation) -> Iterator[bytes]:
    """The parts of one stream after another."""
    stream, steps = form.start(), iter(pieces)
    seen.member_count = 1
    for step in steps:
        data, most = step, _PART_BYTES if len(step) > 1 else _FINE_BYTES
        while data or not (stream.eof or stream.needs_input):
            if stream.eof:
                data = data.lstrip(form.padding)
                while 0 < len(data) < _MAGIC_BYTES and (more := next(steps, b"")):
                    data += more
                if not data:
                    break
                if not form.begins.match(data):
                    rest = len(data) + sum(map(len, steps))
                    seen.damage = f"{plural(rest, 'byte')} after the end of {form.title}, not read"
                    return
                stream = form.start()
                seen.member_count += 1
            try:
                part = stream.decompress(data, most)
            except _NOT_VALID as error:
                words = f"{form.title} is corrupt, or its checksum does not fit its content ({error})"
                raise _DamageError(words) from error
            if part:
                yield part
            data = stream.unused_data if stream.eof else b""
    if not stream.eof:
        raise _DamageError(f"{form.title} is cut off before its end")


def _rest(form: Format, steps: _Steps, given: int) -> Iterator[bytes]:
    """What lies before the damage, without what was given before."""
    out = bytearray()
    try:
        for part in _streams(form._replace(start=form.again or form.start), steps, Inflation()):
            known = min(given, len(part))
            given -= known
            out += part[known:]
            if len(out) >= WINDOW_BYTES:
                yield bytes(out)
                out.clear()
    except _DamageError:
        pass
    if out:
        yield bytes(out)
