"""Decoded records as Arrow batches, the texts as views into one buffer: nothing is copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from rootforensics.ingest.decode import Decoded

SCHEMA: Final = pa.schema(
    [
        ("record", pa.string_view()),
        ("other_fields", pa.string()),
        ("record_problem", pa.string()),
        ("evidence_id", pa.int32()),
        ("record_index", pa.int32()),
    ]
)
#: Records in one batch: small enough to be shared out among the engine's threads.
_BATCH_RECORDS: Final = 2048
_STEP_RECORDS: Final = 16_384
_STEP_BYTES: Final = 16 * 1024 * 1024
#: Arrow keeps texts up to this length inside the view; no event is that short.
_INLINE_BYTES: Final = 12
#: A view counts positions in 32 bits.
_BUFFER_BYTES: Final = 2**31 - 1

_VIEW: Final = np.dtype([("length", "<i4"), ("prefix", "V4"), ("buffer", "<i4"), ("offset", "<i4")])


def record_batches(evidence_id: int, decoded: Decoded) -> Iterator[pa.RecordBatch]:
    """Yield an object's records as batches of ``SCHEMA``."""
    events = decoded.events
    lengths = events.lengths()
    if events.joined is not None and len(events.joined) < _BUFFER_BYTES:
        joined, start = events.joined, events.start
        starts = start + np.cumsum(lengths + 1) - lengths - 1
        for first in range(0, len(lengths), _BATCH_RECORDS):
            chosen = slice(first, first + _BATCH_RECORDS)
            yield _batch(evidence_id, decoded, chosen, joined, starts[chosen], lengths[chosen])
        return
    for first in range(0, len(lengths), _BATCH_RECORDS):
        chosen = slice(first, first + _BATCH_RECORDS)
        sizes = lengths[chosen]
        joined = b"".join(events.texts[chosen])
        yield _batch(evidence_id, decoded, chosen, joined, np.cumsum(sizes) - sizes, sizes)


def in_larger_steps(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Put small batches together: each step of the stream costs the engine a wait for the interpreter.

    The first steps are small, so that the engine has work at once.
    """
    held: list[pa.RecordBatch] = []
    rows, step = 0, _BATCH_RECORDS
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        if rows >= step or batch.nbytes >= _STEP_BYTES:
            yield pa.concat_batches(held)
            held, rows, step = [], 0, min(2 * step, _STEP_RECORDS)
    if held:
        yield pa.concat_batches(held)


def _batch(
    evidence_id: int,
    decoded: Decoded,
    chosen: slice,
    joined: bytes,
    starts: npt.NDArray[np.int64],
    lengths: npt.NDArray[np.int64],
) -> pa.RecordBatch:
    size = len(lengths)
    places = range(chosen.start, chosen.start + size)
    return pa.RecordBatch.from_arrays(
        [
            _views(joined, starts, lengths),
            _sparse(decoded.other_fields, places),
            _sparse(decoded.problems, places),
            integers(np.full(size, evidence_id)),
            integers(decoded.indexes[chosen]),
        ],
        schema=SCHEMA,
    )


def _views(joined: bytes, starts: npt.NDArray[np.int64], lengths: npt.NDArray[np.int64]) -> pa.Array:
    if lengths.min() <= _INLINE_BYTES:
        texts = [joined[start : start + length].decode() for start, length in zip(starts, lengths, strict=True)]
        return pa.array(texts, pa.string_view())
    content = np.frombuffer(joined, np.uint8)
    views = np.empty(len(lengths), _VIEW)
    views["length"] = lengths
    views["prefix"] = content[starts[:, None] + np.arange(4)].view("V4")[:, 0]
    views["buffer"] = 0
    views["offset"] = starts
    return pa.Array.from_buffers(pa.string_view(), len(lengths), [None, pa.py_buffer(views), pa.py_buffer(joined)])


def integers(values: npt.ArrayLike) -> pa.Array:
    """Numbers as an Arrow column of INTEGER, without ``pa.array``, which would first import pandas."""
    content = np.ascontiguousarray(values, np.int32)
    return pa.Array.from_buffers(pa.int32(), len(content), [None, pa.py_buffer(content)])


def _sparse(values: dict[int, bytes] | dict[int, str], places: range) -> pa.Array:
    if not values:
        return pa.nulls(len(places), pa.string())
    return pa.array([values.get(place) for place in places]).cast(pa.string())
