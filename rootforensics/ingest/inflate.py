"""Bytes as they lie in evidence become text: gzip, zstd, xz, bzip2 or plain, one in another, bounded and watched.

A gzip file of CloudTrail is one member with nothing after it. More members are read and reported; bytes after
the end are reported and not read as records. What a damaged stream gives before the damage is kept. What comes out
and begins like gzip or zstd itself is inflated again: no text of events begins so.
"""

from __future__ import annotations

from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final

from rootforensics.ingest.limits import Inflation, broken_limit
from rootforensics.ingest.streams import GZIP, decompressed, format_of
from rootforensics.ingest.text import table_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from rootforensics.ingest.limits import Limits
    from rootforensics.ingest.streams import Format

#: The first window holds at least this many bytes of a text that has them: enough to tell a tar archive.
HEAD_BYTES: Final = 512
#: One compression in another is taken off up to this many times; a file can be made that has no innermost one.
_MAX_LAYERS: Final = 8


def inflate(
    pieces: Iterator[bytes], seen: Inflation, limits: Limits, reopen: Callable[[], Iterator[bytes]]
) -> Generator[bytes, None, None]:
    """Yield the object's text in windows.

    Args:
        pieces: the raw bytes in order.
        seen: filled while windows are drawn; final when the iterator ends or is closed.
        limits: bounds; where one is hit, reading ends and ``seen.damage`` says so.
        reopen: gives the raw bytes from the start again; used only after damage inside a compressed stream.
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
        form = None if table_kind(first) else format_of(first)  # a DuckDB file may begin with any bytes, a checksum
        if form is None:
            return pieces
        if len(layers) == _MAX_LAYERS:
            layers[-1].damage = f"compressed more than {_MAX_LAYERS} times over; read no further"
            return iter(())
        layer = Inflation(form.name)
        layers.append(layer)
        seen.compression = " > ".join(one.compression for one in layers)
        pieces = _bounded(decompressed(form, pieces, layer, reopen), layer, seen, limits)
        reopen = partial(_again, form, reopen)


def _again(form: Format, reopen: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
    """A compression's content from the start again; bounded, because no more is drawn than before."""
    return decompressed(form, reopen(), Inflation(), reopen)


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
        if layer.compression == GZIP.name and layer.member_count > 1:
            remarks.append(f"{where}{layer.member_count} gzip members, where CloudTrail writes one")
    seen.damage, seen.remark = "; ".join(damages), "; ".join(remarks)
    seen.member_count = next((layer.member_count for layer in layers if layer.compression == GZIP.name), 0)


def _counted(pieces: Iterator[bytes], seen: Inflation) -> Iterator[bytes]:
    for piece in pieces:
        if piece:
            seen.raw_bytes += len(piece)
            yield piece
