"""The shapes in which other services hand on CloudTrail events, each told by its keys.

Source: the documentation of each service (CloudTrail, CloudWatch Logs, EventBridge, SNS, SQS, Kinesis,
Lambda test events); OpenSearch, Splunk and ECS shapes as their exports write them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NOT_VALID: Final = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)
_object_decoder: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_list_decoder: Final = msgspec.json.Decoder(list[msgspec.Raw])

Keys = dict[str, bytes]
Pieces = list[bytes]


def keys_of(value: bytes) -> Keys | None:
    """The members of a JSON object as they are spelled; None for another value."""
    if value[:1] != b"{":
        return None
    try:
        decoded = _object_decoder.decode(value)
    except _NOT_VALID:
        return None
    return {name: bytes(cast("bytes", raw)) for name, raw in decoded.items()}


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of container.

    Attributes:
        name: what people call it.
        told_by: keys that it always has.
        pick: gives the pieces that hold events; None if it is not this kind after all.
        uncertain: the keys alone do not prove it; only a value at the top, or in a known container, is opened.
    """

    name: str
    told_by: tuple[str, ...]
    pick: Callable[[Keys], Pieces | None]
    uncertain: bool = False

    def open(self, keys: Keys) -> Pieces | None:
        """The pieces that hold events, in order; None if the object has another shape."""
        return self.pick(keys) if all(name in keys for name in self.told_by) else None

    def is_certain(self, keys: Keys) -> bool:
        """True if the keys prove the shape."""
        return not self.uncertain and self.open(keys) is not None


def _member(*names: str) -> Callable[[Keys], Pieces | None]:
    """Picks what lies at a path of keys."""

    def pick(keys: Keys) -> Pieces | None:
        inner: Keys | None = keys
        for name in names[:-1]:
            inner = keys_of(inner.get(name, b"")) if inner is not None else None
        return None if inner is None or names[-1] not in inner else [inner[names[-1]]]

    return pick


def _text_member(*names: str) -> Callable[[Keys], Pieces | None]:
    """Picks what lies at a path of keys, if it is JSON in a string."""
    pick = _member(*names)

    def pick_text(keys: Keys) -> Pieces | None:
        pieces = pick(keys)
        return pieces if pieces and pieces[0][:1] == b'"' and b'eventVersion\\"' in pieces[0] else None

    return pick_text


def _objects(raw: bytes) -> Iterator[Keys]:
    try:
        members = _list_decoder.decode(raw)
    except _NOT_VALID:
        return
    for member in members:
        keys = keys_of(bytes(cast("bytes", member)))
        if keys is not None:
            yield keys


def _each(outer: str, inner: str) -> Callable[[Keys], Pieces | None]:
    """Picks one member of each object in a list; members that are no such object stay as they are."""

    def pick(keys: Keys) -> Pieces | None:
        try:
            members = [bytes(cast("bytes", member)) for member in _list_decoder.decode(keys[outer])]
        except _NOT_VALID:
            return None
        found = [keys_of(member) or {} for member in members]
        if members and not any(inner in one for one in found):
            return None
        return [one.get(inner, member) for one, member in zip(found, members, strict=True)]

    return pick


def _log_events(keys: Keys) -> Pieces | None:
    return [] if keys["messageType"] == b'"CONTROL_MESSAGE"' else _each("logEvents", "message")(keys)


def _insights_rows(keys: Keys) -> Pieces | None:
    """The @message of each row of a CloudWatch Logs Insights result."""
    pieces = []
    try:
        rows = [bytes(cast("bytes", row)) for row in _list_decoder.decode(keys["results"])]
    except _NOT_VALID:
        return None
    for row in rows:
        messages = [cell["value"] for cell in _objects(row) if cell.get("field") == b'"@message"' and "value" in cell]
        if not messages:
            return None
        pieces += messages
    return pieces


#: In order; the first that fits wins.
SHAPES: Final = (
    Shape("LookupEvents", ("CloudTrailEvent",), _member("CloudTrailEvent")),
    Shape("LookupEvents", ("Events",), _each("Events", "CloudTrailEvent")),
    Shape("CloudWatch Logs subscription", ("messageType", "logEvents"), _log_events),
    Shape("CloudWatch Logs subscription", ("awslogs",), _member("awslogs", "data")),
    Shape("CloudWatch Logs events", ("events",), _each("events", "message")),
    Shape("CloudWatch Logs event", ("message", "ingestionTime"), _member("message")),
    Shape("CloudWatch Logs Insights", ("results",), _insights_rows),
    Shape("EventBridge", ("detail-type", "detail"), _member("detail")),
    Shape("SNS", ("Message", "TopicArn"), _member("Message")),
    Shape("SNS", ("Sns",), _member("Sns", "Message")),
    Shape("SQS", ("Messages",), _each("Messages", "Body")),
    Shape("SQS", ("Body", "MessageId"), _member("Body")),
    Shape("SQS", ("body", "messageId"), _member("body")),
    Shape("Kinesis", ("kinesis",), _member("kinesis", "data")),
    Shape("Kinesis", ("Data", "SequenceNumber"), _member("Data")),
    Shape("Firehose", ("deliveryStreamArn", "records"), _each("records", "data")),
    Shape("OpenSearch", ("hits",), _member("hits", "hits")),
    Shape("OpenSearch", ("_source",), _member("_source")),
    Shape("Splunk", ("_raw",), _member("_raw")),
    Shape("Splunk", ("result",), _member("result"), uncertain=True),
    Shape("Elastic", ("event",), _text_member("event", "original")),
    Shape("Elastic", ("event.original",), _text_member("event.original")),
    Shape("log pipeline", ("message",), _text_member("message")),
    Shape("log pipeline", ("@message",), _text_member("@message")),
    Shape("log pipeline", ("log",), _text_member("log")),
    Shape("Records", ("Records",), _member("Records"), uncertain=True),
)
