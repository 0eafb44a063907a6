"""Inflate zstd block by block, so that nothing is lost of what lies before a cut or a damage.

The library gives nothing of a step in which it fails. So it is fed along the borders of frames and blocks, which
lie open in the format (RFC 8878, section 3): each step holds one block, and a block that fails loses only itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zstandard import ZstdDecompressionObj

    from rootforensics.ingest.limits import Inflation

_MAGIC: Final = b"\x28\xb5\x2f\xfd"
_MAGIC_BYTES: Final = len(_MAGIC)
#: A frame of this kind holds no content; its magic begins with any byte from 0x50 to 0x5F. pzstd begins files so.
_SKIPPABLE_TAIL: Final = b"\x2a\x4d\x18"
_SKIPPABLE_HEAD_BYTES: Final = 8
#: ``zstd --ultra`` needs this much at the most, as does a reader by default; a header may ask for gigabytes.
_MAX_WINDOW_BYTES: Final = 128 * 1024 * 1024
_OUT_BYTES: Final = 4 * 1024 * 1024
#: The bytes of a dictionary's ID and of the content's size, by their flags.
_ID_BYTES: Final = (0, 1, 2, 4)
_SIZE_BYTES: Final = (0, 2, 4, 8)
_REPEATED: Final = 1
_CHECKSUM_BYTES: Final = 4
_CUT: Final = "the zstd stream is cut off before its end"


class _DamageError(Exception):
    """Why no more can be inflated, in words."""


def _is_skippable(head: bytes) -> bool:
    return head[1:_MAGIC_BYTES] == _SKIPPABLE_TAIL and head[0] >> 4 == 5


def is_zstd(first: bytes) -> bool:
    """True for what begins with a frame, or with skippable ones and no frame of something else behind them.

    Args:
        first: the first bytes; lz4 knows the same skippable frames.
    """
    place = 0
    while _is_skippable(first[place : place + _MAGIC_BYTES]):
        size = int.from_bytes(first[place + _MAGIC_BYTES : place + _SKIPPABLE_HEAD_BYTES], "little")
        place += _SKIPPABLE_HEAD_BYTES + size
    seen = first[place : place + _MAGIC_BYTES]
    return seen == _MAGIC if place == 0 else _MAGIC.startswith(seen)


class _Bytes:
    """Takes bytes from an iterator of pieces in the lengths that are asked for."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._piece = b""
        self._place = 0

    def take(self, size: int) -> bytes:
        """So many bytes, fewer only at the end."""
        out = self._piece[self._place : self._place + size]
        self._place += len(out)
        while len(out) < size and (piece := next(self._pieces, b"")):
            self._piece, self._place = piece, min(size - len(out), len(piece))
            out += piece[: self._place]
        return out

    def skip(self, size: int) -> int:
        """Pass over so many bytes, or over fewer at the end; how many there were."""
        passed = 0
        while passed < size and (some := self.take(min(size - passed, _OUT_BYTES))):
            passed += len(some)
        return passed

    def rest(self) -> int:
        """Pass over all that is left; how many bytes there were."""
        return len(self._piece) - self._place + sum(map(len, self._pieces))


def unzstd(pieces: Iterator[bytes], seen: Inflation) -> Iterator[bytes]:
    """Inflate one frame after another, in windows of at most 4 MiB; ``seen`` gets the damage.

    Every block before a cut or a damage is handed on. A frame that asks for a window of more than 128 MiB is damage.
    """
    out = bytearray()
    blocks = _blocks(_Bytes(pieces))
    while True:
        try:
            block = next(blocks, None)
        except _DamageError as error:
            seen.damage = str(error)
            block = None
        if block is None:
            break
        out += block
        while len(out) >= _OUT_BYTES:
            yield bytes(out[:_OUT_BYTES])
            del out[:_OUT_BYTES]
    if out:
        yield bytes(out)


def _blocks(source: _Bytes) -> Iterator[bytes]:
    from zstandard import ZstdDecompressor

    decompressor = ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES)
    while magic := source.take(_MAGIC_BYTES):
        if _is_skippable(magic):
            size = source.take(_SKIPPABLE_HEAD_BYTES - _MAGIC_BYTES)
            length = int.from_bytes(size, "little")
            if len(size) < _SKIPPABLE_HEAD_BYTES - _MAGIC_BYTES or source.skip(length) < length:
                raise _DamageError(_CUT)
        elif magic == _MAGIC:
            yield from _frame(source, decompressor.decompressobj())
        elif len(magic) < _MAGIC_BYTES and _MAGIC.startswith(magic):
            raise _DamageError(_CUT)
        else:
            rest = len(magic) + source.rest()
            raise _DamageError(f"{rest:,} bytes after the end of the zstd stream, not read")


def _frame(source: _Bytes, stream: ZstdDecompressionObj) -> Iterator[bytes]:
    head, has_checksum = _header(source)
    yield _inflated(stream, _MAGIC + head)
    is_last = False
    while not is_last:
        head = _whole(source, 3)
        told = int.from_bytes(head, "little")
        is_last, kind, size = bool(told & 1), told >> 1 & 3, told >> 3
        length = 1 if kind == _REPEATED else size
        content = source.take(length)
        yield _inflated(stream, head + content)
        if len(content) < length:
            raise _DamageError(_CUT)
    if has_checksum:
        yield _inflated(stream, _whole(source, _CHECKSUM_BYTES))


def _header(source: _Bytes) -> tuple[bytes, bool]:
    """A frame's header behind its magic, and whether a checksum ends the frame."""
    flags = _whole(source, 1)[0]
    is_single = flags >> 5 & 1
    window = b"" if is_single else _whole(source, 1)
    identity = _whole(source, _ID_BYTES[flags & 3])
    size = _whole(source, _SIZE_BYTES[flags >> 6] or is_single)
    if window:
        base = 1 << (10 + (window[0] >> 3))
        needed = base + base // 8 * (window[0] & 7)
    else:
        needed = int.from_bytes(size, "little")
    if needed > _MAX_WINDOW_BYTES:
        raise _DamageError(
            f"a zstd frame asks for a window of {needed:,} bytes and was not read; {_MAX_WINDOW_BYTES:,} are allowed"
            " (compress it again without --long)"
        )
    return bytes([flags]) + window + identity + size, bool(flags >> 2 & 1)


def _whole(source: _Bytes, size: int) -> bytes:
    found = source.take(size)
    if len(found) < size:
        raise _DamageError(_CUT)
    return found


def _inflated(stream: ZstdDecompressionObj, step: bytes) -> bytes:
    from zstandard import ZstdError

    try:
        return stream.decompress(step)
    except ZstdError as error:
        raise _DamageError(f"the zstd stream is corrupt, or its checksum does not fit its content ({error})") from error
