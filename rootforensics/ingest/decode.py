"""Tell which records are what the schema says, and bend those that are not, without losing anything.

A record is regular when a strict decoder takes it: every field documented, every value of its type. Regular
records go to DuckDB as they stand. An irregular one is split in two: a record that fits the columns, and
``otherFields`` with all that does not, at its own path. The strict decoder is built from the schema.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, cast

import msgspec
import numpy as np

from rootforensics.ingest.density import LEAST_EVENT_BYTES, is_overfull
from rootforensics.ingest.framing import Values, cut_plain
from rootforensics.ingest.printed import TEXT_OF_OBJECT, is_printed, open_printed
from rootforensics.ingest.root_marks import may_name_root, naming_root
from rootforensics.ingest.scalars import (
    NO_ERROR,
    NOT_TAKEN,
    UNREAD,
    error_text,
    kind_of,
    misfit,
    says_no_error,
    scalar_of,
    why_not_taken,
)
from rootforensics.ingest.scan import holds
from rootforensics.ingest.text import clean, first_of_each, is_clean, is_whole
from rootforensics.schema import AGGREGATED, CORE_FIELDS, EVENT_FIELDS, FLAG, FREE, RESPELLED, TEXT, Field

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


#: So many values that are no events are told with their reasons.
REASONS_KEPT: Final = 3
#: The engine needs many times a record's size to store it. CloudTrail's own records have at most 1 MB.
MAX_RECORD_BYTES: Final = 16 * 1024 * 1024
#: Stands in the reason of a record that is larger.
TOO_LARGE: Final = "more than a record that is stored may have"


#: What the decoder asks of a text beyond being one.
_STRICT_TEXTS: Final = {
    "eventID": msgspec.Meta(min_length=1),
    "errorCode": msgspec.Meta(pattern=rf"\A(?!{NO_ERROR}\Z)"),
}


def _strict_type(name: str, field: Field) -> Any:  # noqa: ANN401 - a type form for msgspec
    if isinstance(field, dict):
        return _strict_struct(name, field)
    if isinstance(field, list):
        return list[_strict_struct(name, dict(field[0]))]  # type: ignore[misc]
    if field == TEXT:
        return Annotated[str, _STRICT_TEXTS[name]] if name in _STRICT_TEXTS else str
    if field == FLAG:
        return bool
    return msgspec.Raw if field == FREE else datetime


def _strict_struct(name: str, fields: dict[str, Field]) -> type[msgspec.Struct]:
    members = []
    for key, shape in fields.items():
        kind = _strict_type(key, shape)
        members.append((key, kind if kind is msgspec.Raw else kind | None, None))
    return msgspec.defstruct(f"Strict_{name}", members, forbid_unknown_fields=True, omit_defaults=True, gc=False)


_strict_event: Final = _strict_struct("event", EVENT_FIELDS)
_strict_list_decoder: Final = msgspec.json.Decoder(list[_strict_event])  # type: ignore[valid-type]
_strict_decoder: Final = msgspec.json.Decoder(_strict_event)
_any_decoder: Final = msgspec.json.Decoder()
_object_decoder: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_encoder: Final = msgspec.json.Encoder()
#: The ends of the names of free-form fields before a text, which CloudTrail never writes.
_PRINTED: Final = (b's":"{', b'additionalEventData":"{', b'Context":"{', b'summary":"{')
_NOT_STRICT: Final = (msgspec.DecodeError, RecursionError, ValueError)


@dataclass(slots=True)
class Decoded:
    """A list of values, sorted out.

    Attributes:
        events: JSON of each event, fitting the columns.
        indexes: position of each in its object.
        other_fields: by place in ``events``, JSON of what did not fit the columns.
        problems: by place in ``events``, what is wrong with the record, in words.
        rejected: position and reason of the first few values that are no events.
        rejected_count: how many there are.
    """

    events: Values
    indexes: Sequence[int]
    other_fields: dict[int, bytes] = field(default_factory=dict)
    problems: dict[int, str] = field(default_factory=dict)
    rejected: list[tuple[int, str]] = field(default_factory=list)
    rejected_count: int = 0

    def reject(self, index: int, reason: str) -> None:
        """Count a value that is no event, and keep the first few reasons."""
        self.rejected_count += 1
        if len(self.rejected) < REASONS_KEPT:
            self.rejected.append((index, reason))


def decode_plain(data: bytes) -> Decoded | None:
    """Decode a whole file at one go if it is a ``Records`` file just as CloudTrail writes it.

    Args:
        data: the file.

    Returns:
        The records, all regular; None if the file is anything else and has to be framed first.
    """
    values = None if any(holds(data, end) for end in _PRINTED) else cut_plain(data)
    if values is None or not is_whole(data):
        return None
    view, take = memoryview(data), cast("Callable[[memoryview], Any]", _strict_decoder.decode)
    lengths = values.lengths()
    if len(lengths) and lengths.max() > MAX_RECORD_BYTES:
        return None
    ends = values.start + np.cumsum(lengths + 1) - 1
    try:
        # A cut in the wrong place leaves pieces that are no JSON; one record at a time stays in the cache.
        for start, end in zip((ends - lengths).tolist(), ends.tolist(), strict=True):
            if take(view[start:end]).eventVersion is None:
                return None
    except _NOT_STRICT:
        return None
    return None if _any_repeats(values) else Decoded(values, range(len(lengths)))


def decode_regular(values: Values, first_index: int) -> Decoded | None:
    """Decode a list of JSON values at one go if every one is an event as the schema says.

    Args:
        values: JSON values, each valid by itself.
        first_index: position of the first in its object.

    Returns:
        The events; None if any value is irregular or no event.
    """
    if not values.texts:
        return Decoded(values, ())
    if values.lengths().max() > MAX_RECORD_BYTES:
        return None
    if values.joined is None:
        values = Values(values.texts, b"[%b]" % b",".join(values.texts), 1)
    if not _are_regular(values) or _any_repeats(values):
        return None
    return Decoded(values, range(first_index, first_index + len(values.texts)))


def decode_each(values: Sequence[bytes], indexes: Sequence[int], *, doubtful: bool = False) -> Decoded:
    """Sort out values one by one.

    Args:
        values: JSON values, each valid by itself.
        indexes: position of each in its object.
        doubtful: bend even records that the strict decoder takes, because the engine refused them.
    """
    texts: list[bytes] = []
    kept: list[int] = []
    out = Decoded(Values(texts), kept)
    for index, value in zip(indexes, values, strict=True):
        if len(memoryview(value)) < LEAST_EVENT_BYTES and len(out.rejected) == REASONS_KEPT:
            out.rejected_count += 1
            continue
        text = _decode_one(bytes(value), index, out, doubtful=doubtful)
        if text is not None:
            texts.append(text)
            kept.append(index)
    return out


def _are_regular(values: Values) -> bool:
    joined = values.joined or b""
    events = _strict_events(values) if is_whole(joined) else []
    if not events or not all(map(_has_core, events)):
        return False
    return not (holds(joined, TEXT_OF_OBJECT) and any(map(is_printed, events)))


def _strict_events(values: Values) -> list[Any]:
    """The records of a joined list, strictly decoded; empty if any is irregular."""
    joined = values.joined or b""
    last = len(joined) - joined.endswith(b"}")
    try:
        events: list[Any] = _strict_list_decoder.decode(memoryview(joined)[values.start - 1 : last])
    except _NOT_STRICT:
        return []
    return events


def is_regular(text: bytes) -> bool:
    """True for an event just as the schema says."""
    try:
        event = _strict_decoder.decode(text)
    except _NOT_STRICT:
        return False
    return _has_core(event) and not is_printed(event)


def _has_core(event: Any) -> bool:  # noqa: ANN401 - the generated struct
    return (
        event.eventName is not None
        or event.eventSource is not None
        or event.eventVersion is not None
        or event.eventID is not None
        or event.userIdentity is not None
    )


def _decode_one(value: bytes, index: int, out: Decoded, *, doubtful: bool) -> bytes | None:
    """The record's text as the columns take it, or None if the value is no event."""
    if len(value) > MAX_RECORD_BYTES:
        out.reject(index, f"{len(value):,} bytes long, {TOO_LARGE}")
        return None
    if not doubtful and is_clean(value):
        try:
            event = _strict_decoder.decode(value)
        except _NOT_STRICT:
            pass
        else:
            if is_printed(event):
                return _bend(value, index, out)
            if _has_core(event):
                return _bend(value, index, out) if _repeats(value, event) else value
            out.reject(index, "no field of a CloudTrail event")
            return None
    return _bend(value, index, out)


def _bend(value: bytes, index: int, out: Decoded) -> bytes | None:
    """The record's text bent to the columns, or None if the value is no event."""
    if is_overfull(value):
        out.reject(index, "holds more values than an event of its size can have, and was not opened")
        return None
    problems: list[str] = []
    try:
        whole = _any_object(clean(value, problems), problems)
    except _NOT_STRICT as error:
        out.reject(index, f"cannot be decoded ({error})")
        return None
    if not isinstance(whole, dict):
        shown = f": {whole!r:.60}" if isinstance(whole, str) else ""
        out.reject(index, f"{kind_of(whole)}, not an object{shown}")
        return None
    if reason := _no_event(whole):
        out.reject(index, reason)
        return None
    whole = _respelled(whole)
    open_printed(whole, problems)
    fit, other = _split(whole, EVENT_FIELDS, "", problems)
    place = len(out.events.texts)
    if other:
        out.other_fields[place] = _encoder.encode(other)
    if problems:
        out.problems[place] = "; ".join(problems)
    return _encoder.encode(fit)


def _no_event(whole: dict[str, Any]) -> str:
    """Why an object is no event; empty if it is one."""
    if "evidence_id" in whole and "record_index" in whole and "userIdentity" not in whole:
        return "a line that this program wrote from a case, no evidence"
    if not any(whole.get(name) is not None for name in CORE_FIELDS) or _is_of_another_service(whole):
        return "no field of a CloudTrail event"
    return ""


def _any_object(text: bytes, problems: list[str]) -> Any:  # noqa: ANN401 - any JSON value
    """Decode a value; free-form and unknown fields of an object stay as they are spelled.

    Of a key that stands twice in an object the first value is taken, as the engine takes it, and that is said.
    """
    if text.lstrip()[:1] != b"{":
        return _any_decoder.decode(text)
    whole = {
        name: raw if EVENT_FIELDS.get(name, FREE) == FREE else _any_decoder.decode(raw)
        for name, raw in _object_decoder.decode(text).items()
    }
    repeated: list[str] = []
    first = first_of_each(text, repeated)
    if repeated:
        problems.append(f"a key stands twice: {', '.join(sorted(set(repeated)))}; the first value is taken")
    return first if repeated else whole


def _any_repeats(values: Values) -> bool:
    """True if a key stands twice in a record of the list that may name root: the other value might be root's."""
    joined, lengths = values.joined or b"", values.lengths()
    starts = values.start + np.cumsum(lengths + 1) - lengths - 1
    for place in naming_root(values):
        text = joined[starts[place] : starts[place] + lengths[place]]
        if _repeats(text, _strict_decoder.decode(text)):
            return True
    return False


def _repeats(text: bytes, event: Any) -> bool:  # noqa: ANN401 - the generated struct
    """True if a key stands twice in a regular record that may name root; the decoder keeps one of the two."""
    if len(_encoder.encode(event)) == len(text) or not may_name_root(text):
        return False
    repeated: list[str] = []
    first_of_each(text, repeated)
    return bool(repeated)


def _respelled(record: dict[str, Any]) -> dict[str, Any]:
    """The record with the names that aggregated events spell in their own way as all others spell them."""
    if record.get("eventType") != AGGREGATED or any(usual in record for usual in RESPELLED.values()):
        return record
    respelled = {RESPELLED.get(name, name): value for name, value in record.items()}
    for usual in RESPELLED.values():
        if isinstance(raw := respelled.get(usual), msgspec.Raw):  # so far of no known field, and left as it is spelled
            respelled[usual] = _any_decoder.decode(raw)
    return respelled


def _is_of_another_service(record: dict[str, Any]) -> bool:
    """True for the records of S3 notifications and of queues and streams: CloudTrail's sources are host names."""
    return isinstance(source := record.get("eventSource"), str) and source.startswith("aws:")


def _split(
    record: dict[str, Any], fields: dict[str, Field], path: str, problems: list[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Part a record into what fits the columns and all the rest, at the same path."""
    fit: dict[str, Any] = {}
    other: dict[str, Any] = {}
    for name, value in record.items():
        field = fields.get(name)
        if field is None:
            other[name] = value
            if name == UNREAD:
                problems.append(f"{path.rstrip('.')} could be read in part only; its text is kept in otherFields")
            elif name == NOT_TAKEN and isinstance(value, msgspec.Raw):
                problems += why_not_taken(_any_decoder.decode(value))
        elif value is not None:
            _place(name, value, field, f"{path}{name}", (fit, other), problems)
    return fit, other


def _place(
    name: str,
    value: Any,  # noqa: ANN401 - any JSON value
    field: Field,
    path: str,
    sides: tuple[dict[str, Any], dict[str, Any]],
    problems: list[str],
) -> None:
    fit, other = sides
    if field == FREE:
        fit[name] = value
    elif says_no_error(path, value):
        other[name] = value
        problems.append(f"{path} is {value!r}, with which a tool says that there was no error; kept in otherFields")
    elif isinstance(field, dict) and isinstance(value, dict):
        fit[name], rest = _split(value, field, f"{path}.", problems)
        if rest:
            other[name] = rest
    elif isinstance(field, list) and _is_list_of(value, field[0]):
        known = [{key: part for key, part in item.items() if key in field[0]} for item in value]
        fit[name] = [one for one, item in zip(known, value, strict=True) if one or not item]
        if fit[name] != value:
            other[name] = value  # whole, so that its parts stay together
    elif isinstance(field, str) and (scalar := scalar_of(value, field, name)) is not None:
        fit[name] = scalar
    else:
        other[name] = value
        problems.append(f"{path} {misfit(value, field)}; kept in otherFields")
        if text := error_text(path, value):
            fit[name] = text


def _is_list_of(value: object, fields: dict[str, str]) -> bool:
    """True for a list of objects whose known parts are text."""
    return isinstance(value, list) and all(
        isinstance(item, dict)
        and all(part is None or isinstance(part, str) or key not in fields for key, part in item.items())
        for item in value
    )
