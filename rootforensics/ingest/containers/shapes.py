"""The shapes in which other services hand on CloudTrail events, each told by its keys.

Source: the documentation of each service (CloudTrail, CloudWatch Logs, EventBridge, SNS, SQS, Kinesis,
Lambda test events); Loki's HTTP API; OpenSearch, Splunk and ECS shapes as their exports write them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from rootforensics.ingest.json_parts import keys_of, members_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rootforensics.ingest.json_parts import Keys


_LOKI_TIME: Final = re.compile(rb'"\d{10,20}"')
#: The container whose entries say something themselves.
LOOKUP: Final = "LookupEvents"
_RECORD: Final = "CloudTrailEvent"


class Part(NamedTuple):
    """A piece of a container that holds events.

    Attributes:
        piece: an object, a list, or either as text.
        holder: the entry of the container that the piece lies in; empty if that is the container itself.
        beside: what else is in that entry.
    """

    piece: bytes
    holder: bytes = b""
    beside: Mapping[str, bytes] = MappingProxyType({})


class Opened(NamedTuple):
    """What a container holds: the parts with events, and its other members."""

    parts: list[Part]
    beside: Keys


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of container.

    Attributes:
        name: what people call it.
        told_by: keys that it always has.
        pick: gives what it holds; None if it is not this kind after all.
        uncertain: the keys alone do not prove it; only a value at the top, or in a known container, is opened.
    """

    name: str
    told_by: set[str]
    pick: Callable[[Keys], Opened | None]
    uncertain: bool = False

    def open(self, keys: Keys) -> Opened | None:
        """What it holds, in order; None if the object has another shape."""
        return self.pick(keys) if self.told_by <= keys.keys() else None

    def is_certain(self, keys: Keys) -> bool:
        """True if the keys prove the shape."""
        return not self.uncertain and self.open(keys) is not None


#: What stands in the text of a record; in that of a container around it the quotes are escaped more than once. Not
#: every record has a version.
_SPELLED: Final = ((b"eventVersion\\",), (b"userIdentity\\", b"eventSource\\", b"eventName\\"))


def is_event_text(value: bytes) -> bool:
    """True for a JSON string in which a record is spelled, or a container of some."""
    return value[:1] == b'"' and any(all(name in value for name in names) for names in _SPELLED)


def _without(keys: Keys, name: str) -> Keys:
    return {other: raw for other, raw in keys.items() if other != name}


def _at(path: str, *, text: bool = False) -> Callable[[Keys], Opened | None]:
    """Picks what lies at a path of keys; behind ``[]`` one member of each object in a list, or what is no such object.

    Args:
        path: keys with slashes between them.
        text: only JSON in a string is picked.
    """
    outer, _, inner = path.partition("[]/")
    names = outer.split("/")

    def pick(keys: Keys) -> Opened | None:
        held, piece = keys, b""
        beside: Keys = {}
        for depth, name in enumerate(names):
            if name not in held:
                return None
            above = "".join(f"{one}." for one in names[:depth])
            beside |= {f"{above}{other}": raw for other, raw in _without(held, name).items()}
            piece = held[name]
            held = keys_of(piece) or {} if depth + 1 < len(names) else {}
        if not inner:
            return None if text and not is_event_text(piece) else Opened([Part(piece)], beside)
        members = members_of(piece)
        found = [keys_of(member) or {} for member in members or ()]
        if members is None or (members and not any(inner in one for one in found)):
            return None
        parts = [
            Part(one.pop(inner), member, one) if inner in one else Part(member)
            for one, member in zip(found, members, strict=True)
        ]
        return Opened(parts, beside)

    return pick


def _entry(keys: Keys) -> Opened:
    """Picks the record of an entry of LookupEvents; null where it has none."""
    return Opened([Part(keys.get(_RECORD, b"null"))], _without(keys, _RECORD))


def _entries(keys: Keys) -> Opened | None:
    """Picks the record of each entry of LookupEvents."""
    opened = _at(f"Events[]/{_RECORD}")(keys)
    if opened is not None:
        return opened
    members = members_of(keys["Events"]) or []
    is_answer = any({"EventId", "EventName"} <= (keys_of(member) or {}).keys() for member in members)
    return Opened(list(map(Part, members)), _without(keys, "Events")) if is_answer else None


def _log_events(keys: Keys) -> Opened | None:
    if keys["messageType"] == b'"CONTROL_MESSAGE"':
        return Opened([], {})
    return _at("logEvents[]/message")(keys)


def _insights_rows(keys: Keys) -> Opened | None:
    """The @message of each row of a CloudWatch Logs Insights result; a row without one as an object of its fields."""
    rows = members_of(keys["results"])
    if rows is None:
        return None
    parts = []
    for row in rows:
        cells = [keys_of(cell) for cell in members_of(row) or ()]
        if not cells or not all(cell and {"field", "value"} <= cell.keys() for cell in cells):
            return None
        fields = {cell["field"]: cell["value"] for cell in cells if cell}
        whole = b"{%b}" % b",".join(b"%b:%b" % pair for pair in fields.items())
        parts.append(Part(fields.get(b'"@message"', whole)))
    return Opened(parts, _without(keys, "results"))


def _loki_lines(keys: Keys) -> Opened | None:
    """The line of each entry of a stream: a list of its time in nanoseconds, the line, and perhaps labels."""
    listed = members_of(keys["values"])
    if listed is None or keys["stream"][:1] != b"{":
        return None
    entries = [members_of(entry) or [] for entry in listed]
    if not all(len(entry) > 1 and _LOKI_TIME.fullmatch(entry[0]) and entry[1][:1] == b'"' for entry in entries):
        return None
    return Opened([Part(entry[1]) for entry in entries], _without(keys, "values"))


#: In order; the first that fits wins.
SHAPES: Final = (
    Shape(LOOKUP, {_RECORD}, _entry),
    Shape(LOOKUP, {"EventId", "EventName"}, _entry),
    Shape(LOOKUP, {"Events"}, _entries),
    Shape("CloudWatch Logs subscription", {"messageType", "logEvents"}, _log_events),
    Shape("CloudWatch Logs subscription", {"awslogs"}, _at("awslogs/data")),
    Shape("CloudWatch Logs events", {"events"}, _at("events[]/message")),
    Shape("CloudWatch Logs event", {"message", "ingestionTime"}, _at("message")),
    Shape("CloudWatch Logs Insights", {"results"}, _insights_rows),
    Shape("EventBridge", {"detail-type", "detail"}, _at("detail")),
    Shape("SNS", {"Message", "TopicArn"}, _at("Message")),
    Shape("SNS", {"Sns"}, _at("Sns/Message")),
    Shape("SQS", {"Messages"}, _at("Messages[]/Body")),
    Shape("SQS", {"Body", "MessageId"}, _at("Body")),
    Shape("SQS", {"body", "messageId"}, _at("body")),
    Shape("Kinesis", {"kinesis"}, _at("kinesis/data")),
    Shape("Kinesis", {"Data", "SequenceNumber"}, _at("Data")),
    Shape("Firehose", {"deliveryStreamArn", "records"}, _at("records[]/data")),
    Shape("Firehose", {"requestId", "timestamp", "records"}, _at("records[]/data")),
    Shape("Loki", {"streams"}, _at("streams"), uncertain=True),
    Shape("Loki", {"stream", "values"}, _loki_lines),
    Shape("OpenSearch", {"hits"}, _at("hits/hits")),
    Shape("OpenSearch", {"_source"}, _at("_source")),
    Shape("Splunk", {"_raw"}, _at("_raw")),
    Shape("Splunk", {"preview", "result"}, _at("result"), uncertain=True),
    Shape("Splunk", {"sid", "result"}, _at("result"), uncertain=True),
    Shape("Elastic", {"event"}, _at("event/original", text=True)),
    Shape("Elastic", {"event.original"}, _at("event.original", text=True)),
    Shape("log pipeline", {"message"}, _at("message", text=True)),
    Shape("log pipeline", {"@message"}, _at("@message", text=True)),
    Shape("log pipeline", {"log"}, _at("log", text=True)),
    Shape("Records", {"Records"}, _at("Records"), uncertain=True),
)
