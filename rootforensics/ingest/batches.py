"""Decoded records as Arrow batches, the texts as views into one buffer: nothing is copied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

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
#: A batch is what one of the engine's threads takes at once: of so many records and so much text, or one record.
_BATCH_RECORDS: Final = 2048
_BATCH_BYTES: Final = 4 * 1024 * 1024
#: Records larger than this on average go in steps of one batch.
_LARGE_BYTES: Final = _BATCH_BYTES // _BATCH_RECORDS
_STEP_RECORDS: Final = 16_384
_STEP_BYTES: Final = 12 * 1024 * 1024
#: Arrow keeps texts up to this length inside the view; no event is that short.
_INLINE_BYTES: Final = 12
#: A view counts positions in 32 bits.
_BUFFER_BYTES: Final = 2**31 - 1

_VIEW: Final = np.dtype([("length", "<i4"), ("prefix", "V4"), ("buffer", "<i4"), ("offset", "<i4")])


class Batch(NamedTuple):
    """A batch of ``SCHEMA`` and the size of its records."""

    rows: pa.RecordBatch
    text_bytes: int


def record_batches(evidence_id: int, decoded: Decoded) -> Iterator[Batch]:
    """Yield an object's records as batches."""
    events = decoded.events
    lengths = events.lengths()
    joined, start = events.joined, events.start
    whole = joined is not None and len(joined) < _BUFFER_BYTES
    starts = start + np.cumsum(lengths + 1) - lengths - 1
    for chosen in _slices(lengths):
        sizes = lengths[chosen]
        if whole and joined is not None:
            rows = _batch(evidence_id, decoded, chosen, joined, starts[chosen], sizes)
        else:
            text = b"".join(events.texts[chosen])
            rows = _batch(evidence_id, decoded, chosen, text, np.cumsum(sizes) - sizes, sizes)
        yield Batch(rows, int(sizes.sum()))


def _slices(lengths: npt.NDArray[np.int64]) -> Iterator[slice]:
    """Cut a list into batches that keep to the bounds, or hold one record."""
    ends = np.cumsum(lengths)
    first, done = 0, 0
    while first < len(lengths):
        last = min(first + _BATCH_RECORDS, int(np.searchsorted(ends, done + _BATCH_BYTES, side="right")))
        last = max(last, first + 1)
        yield slice(first, last)
        first, done = last, int(ends[last - 1])


def in_larger_steps(batches: Iterator[Batch]) -> Iterator[pa.RecordBatch]:
    """Put small batches together: each step of the stream costs the engine a wait for the interpreter.

    The first steps are small, so that the engine has work at once. Large records go in small steps: the engine
    holds several copies of what it works on.
    """
    held: list[pa.RecordBatch] = []
    records, text_bytes, step = 0, 0, _BATCH_RECORDS
    for batch in batches:
        large = text_bytes + batch.text_bytes > _LARGE_BYTES * (records + batch.rows.num_rows)
        if held and text_bytes + batch.text_bytes > (_BATCH_BYTES if large else _STEP_BYTES):
            yield pa.concat_batches(held)
            held, records, text_bytes = [], 0, 0
        held.append(batch.rows)
        records += batch.rows.num_rows
        text_bytes += batch.text_bytes
        if records >= step:
            yield pa.concat_batches(held)
            held, records, text_bytes, step = [], 0, 0, min(2 * step, _STEP_RECORDS)
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
    """Some texts as an Arrow column, without ``pa.array`` as well; null where there is none."""
    if not values:
        return pa.nulls(len(places), pa.string())
    held = [values.get(place) for place in places]
    texts = [one.encode() if isinstance(one, str) else one or b"" for one in held]
    ends = np.cumsum([0, *map(len, texts)], dtype=np.int32)
    known = np.packbits([one is not None for one in held], bitorder="little")
    return pa.Array.from_buffers(pa.string(), len(held), list(map(pa.py_buffer, (known, ends, b"".join(texts)))))
