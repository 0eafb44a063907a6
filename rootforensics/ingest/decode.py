"""Tell which records are what the schema says, and bend those that are not, without losing anything.

A record is regular when a strict decoder takes it: every field documented, every value of its type. Regular
records go to DuckDB as they stand. An irregular one is split in two: a record that fits the columns, and
``otherFields`` with all that does not, at its own path.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np

from rootforensics.errors import cause_of
from rootforensics.ingest.containers.hints import looks_like_event
from rootforensics.ingest.containers.unwrap import NAMES, holds_others
from rootforensics.ingest.density import LEAST_EVENT_BYTES, is_overfull
from rootforensics.ingest.printed import TEXT_OF_OBJECT, is_printed, open_printed
from rootforensics.ingest.root_marks import may_name_root, naming_root
from rootforensics.ingest.scalars import (
    NOT_TAKEN,
    error_text,
    kind_of,
    misfit,
    says_no_error,
    scalar_of,
    why_not_taken,
)
from rootforensics.ingest.scan import holds
from rootforensics.ingest.strict import NOT_STRICT, Strict, has_core
from rootforensics.ingest.text import clean, decode_any, first_of_each, is_clean, is_whole
from rootforensics.ingest.values import Values, cut_plain
from rootforensics.schema import AGGREGATED, CORE_FIELDS, EVENT_FIELDS, FREE, RESPELLED, Field

if TYPE_CHECKING:
    from collections.abc import Sequence


#: So many values that are no events are told with their reasons.
REASONS_KEPT: Final = 3
#: The engine needs many times a record's size to store it. CloudTrail's own records have at most 1 MB.
MAX_RECORD_BYTES: Final = 16 * 1024 * 1024
#: Stands in the reason of a record that is larger.
TOO_LARGE: Final = "more than a record that is stored may have"


_any_decoder: Final = msgspec.json.Decoder()
_object_decoder: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_encoder: Final = msgspec.json.Encoder()
#: Copies of a record give the same text, in whatever list each lies.
_other_encoder: Final = msgspec.json.Encoder(order="deterministic")
#: How free-form fields end in a name and begin as a text, which CloudTrail never writes; and in any spelling of JSON.
_PRINTED: Final = (b's":"{', b'additionalEventData":"{', b'Context":"{', b'summary":"{')
_PRINTED_ANYHOW: Final = (TEXT_OF_OBJECT,)
#: Said of an object without any of these; what wraps events deeper than is searched has none either.
_NO_FIELD: Final = "no field of a CloudTrail event"
#: How the sources of S3 notifications and of records of queues and streams begin; CloudTrail's are host names.
_NO_SOURCE: Final = "aws:"
_naming: Final = attrgetter(*NAMES, "userIdentity")


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
        lost_count: of these, how many have the fields of an event and could not be read.
    """

    events: Values
    indexes: Sequence[int]
    other_fields: dict[int, bytes] = field(default_factory=dict)
    problems: dict[int, str] = field(default_factory=dict)
    rejected: list[tuple[int, str]] = field(default_factory=list)
    rejected_count: int = 0
    lost_count: int = 0

    def reject(self, index: int, reason: str, unread: bytes = b"") -> None:
        """Count a value that is no event, and keep the first few reasons.

        Args:
            index: its position.
            reason: why it is none.
            unread: the value, if it could not be read and may be an event for all that is known.
        """
        self.rejected_count += 1
        self.lost_count += looks_like_event(unread)
        if len(self.rejected) < REASONS_KEPT:
            self.rejected.append((index, reason))


def decode_plain(data: bytes) -> Decoded | None:
    """Decode a whole file at one go if it is a ``Records`` file just as CloudTrail writes it.

    Args:
        data: the file.

    Returns:
        The records; None if the file is anything else and has to be framed first.
    """
    values = cut_plain(data)
    # A cut in the wrong place leaves pieces that are no JSON.
    return None if values is None else _decode_list(values, 0, _PRINTED)


def decode_regular(values: Values, first_index: int) -> Decoded | None:
    """Decode a list of JSON values at one go if every one is an event.

    Args:
        values: JSON values, each valid by itself.
        first_index: position of the first in its object.

    Returns:
        The events; None if any value may be something else.
    """
    if not values.texts:
        return Decoded(values, ())
    if values.joined is None and values.lengths().max() <= MAX_RECORD_BYTES:
        values = Values(values.texts, b"[%b]" % b",".join(values.texts), 1)
    return _decode_list(values, first_index, _PRINTED_ANYHOW)


def _decode_list(values: Values, first_index: int, printed: Sequence[bytes]) -> Decoded | None:
    """Decode the values of a joined list one at a time, which stays in the cache; those that are irregular are bent."""
    joined, lengths = values.joined, values.lengths()
    if joined is None or (len(lengths) and lengths.max() > MAX_RECORD_BYTES):
        return None
    may_be_printed = any(holds(joined, one) for one in printed)
    view, strict = memoryview(joined), Strict()
    ends = values.start + np.cumsum(lengths + 1) - 1
    edges = list(zip((ends - lengths).tolist(), ends.tolist(), strict=True))
    out = Decoded(values, range(first_index, first_index + len(edges)))
    bent: set[int] = set()
    for place, (start, end) in enumerate(edges):
        taken = strict.take(view[start:end])
        if taken and not has_core(taken[0]):
            return None
        if not taken or (may_be_printed and is_printed(taken[0])) or not _keep_more(*taken, place, out):
            if not bent and holds_others(bytes(view[start:end])):  # most likely all of them do
                return None
            bent.add(place)
    rooted = [place for place in naming_root(values) if place not in bent]
    bent.update(place for place in rooted if _repeats(joined[slice(*edges[place])]))
    if not is_whole(joined):
        bent.update(place for place, edge in enumerate(edges) if not is_whole(joined[slice(*edge)]))
    return _bend_some(out, sorted(bent), edges) if bent else out


def _bend_some(out: Decoded, places: list[int], edges: list[tuple[int, int]]) -> Decoded | None:
    """Bend the records at some places of a list; None if any may be no event."""
    view = memoryview(out.events.joined or b"")
    changed: dict[int, bytes] = {}
    for place in places:
        text = bytes(view[slice(*edges[place])])
        out.other_fields.pop(place, None)
        fit = None if holds_others(text) else _bend(text, out.indexes[place], place, out)
        if fit is None:
            return None
        changed[place] = fit
    out.events = Values([changed.get(place) or bytes(view[slice(*edge)]) for place, edge in enumerate(edges)])
    return out


def _keep_more(event: Any, more: dict[str, Any], place: int, out: Decoded) -> bool:  # noqa: ANN401 - the struct
    """Keep what an event has in fields that are not known. False if it may be no event for all that."""
    if more:
        if not all(_naming(event)) or event.eventType == AGGREGATED or event.eventSource.startswith(_NO_SOURCE):
            return False
        out.other_fields[place] = _other_encoder.encode(more)
    return True


def decode_each(values: Sequence[bytes], indexes: Sequence[int], *, doubtful: bool = False) -> Decoded:
    """Sort out values one by one.

    Args:
        values: JSON values, each valid by itself.
        indexes: position of each in its object.
        doubtful: bend even records that the strict decoder takes, because the engine refused them.
    """
    texts: list[bytes] = []
    kept: list[int] = []
    out, strict = Decoded(Values(texts), kept), Strict()
    for index, value in zip(indexes, values, strict=True):
        if len(memoryview(value)) < LEAST_EVENT_BYTES and len(out.rejected) == REASONS_KEPT:
            out.rejected_count += 1
            continue
        text = _decode_one(bytes(value), index, out, None if doubtful else strict)
        if text is not None:
            texts.append(text)
            kept.append(index)
    return out


def is_regular(text: bytes) -> bool:
    """True for an event just as the schema says."""
    taken = Strict().take(text)
    return taken is not None and not taken[1] and has_core(taken[0]) and not is_printed(taken[0])


def _decode_one(value: bytes, index: int, out: Decoded, strict: Strict | None) -> bytes | None:
    """The record's text as the columns take it, or None if the value is no event; bent at once without a decoder."""
    if len(value) > MAX_RECORD_BYTES:
        out.reject(index, f"{len(value):,} bytes long, {TOO_LARGE}", value)
        return None
    place = len(out.events.texts)
    if strict and is_clean(value) and (taken := strict.take(value)):
        if not has_core(taken[0]):
            out.reject(index, _NO_FIELD, value)
            return None
        if not (is_printed(taken[0]) or _repeats(value)) and _keep_more(*taken, place, out):
            return value
    return _bend(value, index, place, out)


def _bend(value: bytes, index: int, place: int, out: Decoded) -> bytes | None:
    """The record's text bent to the columns, or None if the value is no event."""
    if is_overfull(value):
        out.reject(index, "holds more values than an event of its size can have, and was not opened", value)
        return None
    try:
        return _bent(value, index, place, out)
    except Exception as error:  # noqa: BLE001 - whatever is odd in one record, the others of its object are read
        out.reject(index, f"cannot be decoded ({cause_of(error)})", value)
        return None


def _bent(value: bytes, index: int, place: int, out: Decoded) -> bytes | None:
    """As ``_bend``; raises whatever a record makes of the steps."""
    problems: list[str] = []
    whole = _any_object(clean(value, problems), problems)
    if not isinstance(whole, dict):
        shown = f": {whole!r:.60}" if isinstance(whole, str) else ""
        out.reject(index, f"{kind_of(whole)}, not an object{shown}", value if isinstance(whole, list) else b"")
        return None
    if reason := _no_event(whole):
        out.reject(index, reason, value if reason == _NO_FIELD else b"")
        return None
    whole = _respelled(whole)
    open_printed(whole, problems)
    fit, other = _split(whole, EVENT_FIELDS, "", problems)
    if other:
        out.other_fields[place] = _other_encoder.encode(other)
    if problems:
        out.problems[place] = "; ".join(problems)
    return _encoder.encode(fit)


def _no_event(whole: dict[str, Any]) -> str:
    """Why an object is no event; empty if it is one."""
    if "evidence_id" in whole and "record_index" in whole and "userIdentity" not in whole:
        return "a line that this program wrote from a case, no evidence"
    if not any(whole.get(name) is not None for name in CORE_FIELDS) or str(whole.get("eventSource")).startswith(
        _NO_SOURCE
    ):
        return _NO_FIELD
    return ""


def _any_object(text: bytes, problems: list[str]) -> Any:  # noqa: ANN401 - any JSON value
    """Decode a value; free-form and unknown fields of an object stay as they are spelled.

    Of a key that stands twice in an object the first value is taken, as the engine takes it, and that is said.
    """
    if text.lstrip()[:1] != b"{":
        return decode_any(text)
    whole = {
        name: raw if EVENT_FIELDS.get(name, FREE) == FREE else decode_any(raw)
        for name, raw in _object_decoder.decode(text).items()
    }
    repeated: list[str] = []
    first = first_of_each(text, repeated)
    if repeated:
        problems.append(f"a key stands twice: {', '.join(sorted(set(repeated)))}; the first value is taken")
    return first if repeated else whole


def _repeats(text: bytes) -> bool:
    """True if a key stands twice, at whatever depth, in a record that may name root; a decoder keeps one of the two."""
    if not may_name_root(text):
        return False
    with suppress(*NOT_STRICT):  # too deep, or a number too large: the slower decoder below may read it
        if _encoder.encode(_any_decoder.decode(text)) == text:
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
            respelled[usual] = decode_any(raw)
    return respelled


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
            if name == NOT_TAKEN and isinstance(value, msgspec.Raw):
                problems += why_not_taken(decode_any(value))
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
