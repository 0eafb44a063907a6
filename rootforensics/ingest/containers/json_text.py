"""Find the records in an object's text and cut them out, without parsing them.

The shapes of this module: CloudTrail's ``{"Records": [...]}``, a JSON array, one JSON value a line, a single
event, and values one after another. A text that fits in one window is framed at one go; a longer one is cut
at record borders that the JSON decoder itself confirms. What is broken goes to the salvage reader.

A record is the exact bytes of one JSON value. Its index in the object is its position in this order.
"""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING, Final, cast

import msgspec

from rootforensics.ingest.borders import last_comma, last_end
from rootforensics.ingest.containers.search import holds_events
from rootforensics.ingest.density import in_small_pieces, is_overfull
from rootforensics.ingest.heads import RECORDS_HEAD
from rootforensics.ingest.json_parts import NOT_VALID, is_json, keys_of, last_keys_of, members_of, taken_by
from rootforensics.ingest.salvage import Salvage
from rootforensics.ingest.seen import short
from rootforensics.ingest.text import BLANK
from rootforensics.ingest.values import RECORDS_PLAIN, Values
from rootforensics.schema import CORE_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rootforensics.ingest.seen import Framing


#: JSON never has a quote like this where a key or a value begins; Python prints one.
_PYTHON_START: Final = re.compile(rb"[\s\[({]*+[uUbB]?'")
_HEAD_BYTES: Final = 4096
#: A byte order mark between two values.
_MARK_BETWEEN: Final = re.compile(rb"(?<=[}\]\s])\xef\xbb\xbf(?=\s*[{\[])")
#: The key of a list of records, and a further one of an object that names it again.
_RECORDS_NAME: Final = re.compile(r"Records(?: \(\d+\))?")
_TWICE: Final = 2
_ARRAY_HEAD: Final = re.compile(rb"\s*\[")
#: A window without any border between records grows to this size before the salvage reader takes over.
_MAX_HELD_BYTES: Final = 192 * 1024 * 1024
_SALVAGED_AT_ONCE: Final = 16_384


class _RecordsFile(msgspec.Struct, gc=False):
    Records: list[msgspec.Raw]


_records_decoder: Final = msgspec.json.Decoder(_RecordsFile)
_values_decoder: Final = msgspec.json.Decoder(list[msgspec.Raw])
_value_decoder: Final = msgspec.json.Decoder(msgspec.Raw)


def frame_json(windows: Iterator[bytes], seen: Framing) -> Iterator[Values]:
    """Yield the values of a text that begins as JSON, or as Python prints values."""
    first, second = next(windows, b""), next(windows, None)
    if _PYTHON_START.match(first, 0, _HEAD_BYTES):
        from rootforensics.ingest.containers.python_text import CONTAINER, as_json

        seen.outer = CONTAINER
        windows = in_small_pieces(as_json(chain((first,), () if second is None else (second,), windows), seen))
        first, second = next(windows, b""), next(windows, None)
    if second is None:
        yield from _frame_whole(first, seen)
    else:
        texts, windows = [first], chain((second,), windows)
        del first, second
        yield from _frame_long(texts.pop(), windows, seen)


def _frame_whole(data: bytes, seen: Framing) -> Iterator[Values]:
    if data.lstrip(BLANK)[:1] == b"{":
        if (file := taken_by(_records_decoder, data)) is not None:
            seen.kind = "Records"
            yield _records_values(data, file.Records, seen)
            return
        if is_json(data):
            seen.kind = "single"
            yield _records_named_twice(data, seen) or Values([data.strip(BLANK)])
            return
    elif (values := taken_by(_values_decoder, data)) is not None:
        seen.kind = "array"
        yield Values(_as_bytes(values))
        return
    yield from _frame_many(data, seen)


def _as_bytes(values: list[msgspec.Raw]) -> Sequence[bytes]:
    # msgspec.Raw is a view with the buffer protocol: memoryview(), join() and bytes() take it as bytes.
    return cast("Sequence[bytes]", values)


def _records_values(data: bytes, records: list[msgspec.Raw], seen: Framing) -> Values:
    """The list of a ``Records`` file."""
    plain = Values(_as_bytes(records), data, len(RECORDS_PLAIN))
    held = int(plain.lengths().sum()) + len(records) - 1
    if records and data.startswith(RECORDS_PLAIN) and len(data) == plain.start + held + len(b"]}"):
        return plain
    if (repeated := _records_named_twice(data, seen)) is not None:
        return repeated
    beside = {name: raw for name, raw in (last_keys_of(data) or {}).items() if name != "Records"}
    if any(name in beside for name in CORE_FIELDS):
        seen.notes.setdefault("an event has a list of Records among its fields; it and they were read")
        return Values([data.strip(BLANK), *_as_bytes(records)])
    if beside:
        more = {name: raw for name, raw in beside.items() if holds_events(name, raw, seen)}
        if more:
            names = short(", ".join(more))
            seen.notes.setdefault(f"events stand beside the list of Records too, under {names}; they were read")
            return Values([*_as_bytes(records), *more.values()])
    return Values(_as_bytes(records))


def _records_named_twice(data: bytes, seen: Framing) -> Values | None:
    """All records of a file that has several lists of them; None for any other."""
    keys = keys_of(data.strip(BLANK)) or {}
    lists = [raw for name, raw in keys.items() if _RECORDS_NAME.fullmatch(name)]
    if len(lists) < _TWICE:
        return None
    texts = [text for raw in lists for text in members_of(raw) or ()]
    seen.kind = "Records"
    seen.damage = f'"Records" stands more than once in the file; the {len(texts):,} records of all were read'
    return Values(texts)


def _frame_many(data: bytes, seen: Framing, offset: int = 0) -> Iterator[Values]:
    """More than one value, or a broken one; the data begin ``offset`` bytes into the text."""
    try:
        values = _as_bytes(_value_decoder.decode_lines(data))
    except NOT_VALID:
        if _MARK_BETWEEN.search(data):
            seen.notes.setdefault("byte order marks stand between values, as where files were put together")
            yield from _frame_many(_MARK_BETWEEN.sub(b"\n", data), seen, offset)
        else:
            yield from _salvage([data], seen, offset)
    else:
        seen.kind = seen.kind or ("ndjson" if _is_one_a_line(data, values) else "concatenated")
        yield _unwrap(values, seen)


def _is_one_a_line(data: bytes, values: Sequence[bytes]) -> bool:
    return data.count(b"\n") >= len(values) - 1 and not any(b"\n" in bytes(value) for value in values)


def _unwrap(values: Sequence[bytes], seen: Framing, *, arrays: bool = True) -> Values:
    """Take the wrappers off values that stand beside others; off arrays only where they are no values of a list."""
    out: list[bytes] = []
    for value in values:
        text = bytes(value)
        inner: Sequence[bytes] | None = None
        if is_overfull(text):
            pass
        elif arrays and text[:1] == b"[":
            inner = _as_bytes(_values_decoder.decode(text))
        elif b'"Records"' in text and (file := taken_by(_records_decoder, text)) is not None:
            inner = _records_values(text, file.Records, seen).texts
        if inner is None:
            out.append(value)
        else:
            seen.kind = "concatenated"
            out.extend(inner)
    return Values(out)


def _salvage(windows: Iterable[bytes], seen: Framing, offset: int) -> Iterator[Values]:
    reader = Salvage(offset)
    found = chain(chain.from_iterable(map(reader.items, windows)), reader.finish())
    while some := list(islice(found, _SALVAGED_AT_ONCE)):
        values = list(filter(None, some))
        seen.inflation.other_count += len(some) - len(values)
        yield _unwrap(values, seen, arrays=False)
    if seen.kind in ("", "Records"):
        seen.kind = reader.kind
    seen.damage = seen.damage or reader.damage


def _frame_long(first: bytes, windows: Iterator[bytes], seen: Framing) -> Iterator[Values]:
    """Cut a long text between values, as the decoder confirms; one without such places goes to the salvage reader."""
    opening, offset = b"", 0
    if head := RECORDS_HEAD.match(first, len(first) - len(first.lstrip(BLANK))):
        seen.kind, opening, offset = "Records", RECORDS_PLAIN, head.end()
    elif head := _ARRAY_HEAD.match(first):
        seen.kind, opening, offset = "array", b"[", head.end()
    held, due = first[offset:], 0
    del first
    for window in windows:
        if len(held) >= due:
            try:
                values, end = last_comma(held) if opening else last_end(held)
            except NOT_VALID:
                values, end = [], -1
            if end > 0:
                if not opening:
                    seen.kind = seen.kind or ("ndjson" if held[end - 1 : end] == b"\n" else "concatenated")
                yield Values(_as_bytes(values)) if opening else _unwrap(_as_bytes(values), seen)
                held, due, offset = held[end:], 0, offset + end
            elif end < 0 or (
                len(held) > _MAX_HELD_BYTES and (opening or any(islice(Salvage().items(held), _SALVAGED_AT_ONCE)))
            ):
                rest = [opening + held, window]
                del held, window  # copies of what is handed over
                yield from _salvage(chain(_handed_over(rest), windows), seen, offset - len(opening))
                return
            else:  # sought again when the text has doubled, or is past the bound
                due = 2 * len(held) if len(held) > _MAX_HELD_BYTES else min(2 * len(held), _MAX_HELD_BYTES + 1)
            del values
        held += window
    window = b""
    text = opening + held
    del held  # a copy of what is handed over
    yield from _frame_rest(text, opening, seen, offset - len(opening))


def _frame_rest(text: bytes, opening: bytes, seen: Framing, offset: int) -> Iterator[Values]:
    """The end of a long text, behind what opened it."""
    try:
        if opening == b"[":
            yield Values(_as_bytes(_values_decoder.decode(text)))
        elif opening:
            yield _records_values(text, _records_decoder.decode(text).Records, seen)
        else:
            yield from _frame_many(text, seen, offset)
    except NOT_VALID:
        yield from _salvage([text], seen, offset)


def _handed_over(texts: list[bytes]) -> Iterator[bytes]:
    """The texts, none of which is kept here."""
    while texts:
        yield texts.pop(0)
