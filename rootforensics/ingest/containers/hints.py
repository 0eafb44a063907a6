"""Say what looks like no CloudTrail event, or may hold events and is not read, and what to do with it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from rootforensics.ingest.containers.ocsf import origin_of
from rootforensics.ingest.json_parts import NOT_VALID
from rootforensics.ingest.text import FIELDS_OF_EVENT, names_fields
from rootforensics.sources.digests import HASHED_WITH

if TYPE_CHECKING:
    from rootforensics.ingest.json_parts import Keys

#: Said of an object that is not read and may hold CloudTrail events, for the format is one that logs are kept in.
MAY_HOLD_EVENTS: Final = "it may hold events, which were not read"
# (keys that tell it, what it is); the first that fits wins. Source: the services' own documentation.
_SHAPES: Final = (
    (("digestEndTime", "logFiles"), "digest"),
    (("s3Bucket", "s3ObjectKey"), "CloudTrail's SNS message, which names log files but holds no events"),
    (("QueryResultRows",), "CloudTrail Lake query results without the columns of events"),
    (("ResultSet",), "Athena query results without the columns of events"),
    (("configurationItems",), "an AWS Config snapshot"),
    (
        ("event", "aws"),
        f"fields of Elastic without the record: export event.original, or the log files themselves; {MAY_HOLD_EVENTS}",
    ),
    (("about", "masks"), "a key of redaction, which holds no events"),
    (("s3", "eventSource"), "an S3 notification, which names log files but holds no events: load those files"),
    (("Service", "Event", "Bucket", "RequestId"), "the message with which S3 tests a notification"),
)

_NO_NAMES: Final = (
    "a page of Athena query results without the names of its columns: these stand in the first page, so put all pages"
    f" into one file, in order, or fetch them with ResultSetMetadata; {MAY_HOLD_EVENTS}"
)
#: Stands in cells of most rows that are events.
_CELLS_OF_EVENTS: Final = (b"amazonaws.com", b"arn:aws", b"{type=")
#: Sources of the messages that other services hand to functions; CloudTrail's are host names.
_OTHER_SERVICE: Final = re.compile(rb'"(aws:[a-z0-9:-]{1,40})"')

_decoder: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


def hint_at(value: bytes) -> str:
    """Name the container that the value's keys point to; empty if none does.

    Args:
        value: one JSON value.
    """
    try:
        members = _decoder.decode(value)
        keys = members.keys()
        if "class_uid" in keys and "metadata" in keys:
            return f"an OCSF record of {origin_of(msgspec.json.decode(value))}"
    except NOT_VALID:
        return ""
    answer = bytes(members.get("ResultSet", b""))
    if b'"ColumnInfo"' not in answer and any(mark in answer for mark in _CELLS_OF_EVENTS):
        return _NO_NAMES  # rows that may be events, and nothing says what their columns are called
    known = next((name for told_by, name in _SHAPES if all(key in keys for key in told_by)), "")
    other = _OTHER_SERVICE.fullmatch(bytes(members.get("eventSource", b"")))
    return known or (f"a message of {other[1].decode()} to a function" if other else "")


class Listed(NamedTuple):
    """A log that a digest lists: its ``s3://`` URI, its name in S3, and the hash that it must have, if it is told."""

    uri: str
    name: str
    sha256: str | None


def logs_listed(digest: bytes) -> tuple[list[Listed], int]:
    """The log files that a digest file vouches for, be it as CloudTrail writes digests or not.

    Args:
        digest: one JSON value that ``hint_at`` calls a digest.

    Returns:
        the logs in order, each once, and how many entries name none. Source: AWS CloudTrail User Guide, "CloudTrail
        digest file structure".
    """
    try:
        listed = msgspec.json.decode(_decoder.decode(digest)["logFiles"])
    except NOT_VALID:
        return [], 1
    entries = [_listed(one) for one in (listed if isinstance(listed, list) else [listed])]
    return list(dict.fromkeys(filter(None, entries))), entries.count(None)


def _listed(entry: Any) -> Listed | None:  # noqa: ANN401 - of any text
    if not isinstance(entry, dict) or not isinstance(key := entry.get("s3Object"), str):
        return None
    sha256, algorithm = entry.get("hashValue"), entry.get("hashAlgorithm")
    told = sha256.lower() if isinstance(sha256, str) and algorithm == HASHED_WITH else None
    return Listed(f"s3://{entry.get('s3Bucket')}/{key}", key.rsplit("/", 1)[-1], told)


DUCKDB: Final = (
    "a DuckDB file, which is not opened, for it can hold code: write its tables of events as Parquet (COPY events TO"
    f" 'events.parquet') and load that; {MAY_HOLD_EVENTS}"
)
_UNPACK: Final = "unpack it and load what was in it"
_AS_TEXT: Final = "export the records as JSON or CSV and load that"
# (how a file begins, what it is, what to do). Source: the formats' own descriptions.
_HOLDERS: Final = (
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (b"\x04\x22\x4d\x18", "data compressed with lz4", _UNPACK),
    (b"\xff\x06\x00\x00sNaPpY", "data compressed with snappy", _UNPACK),
    (b"\x1f\x9d", "data compressed with compress (.Z)", _UNPACK),
    (b"SQLite format 3\0", "an SQLite database", _AS_TEXT),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel or other Office file", "save it as CSV and load that"),
    (b"ORC", "an ORC file", _AS_TEXT),
    (b"Obj\x01", "an Avro file", _AS_TEXT),
    (b"ARROW1", "an Arrow file", "write it as Parquet and load that"),
    (b"-[ RECORD 1 ]", "a table that psql printed row by row", "export it as CSV (psql --csv)"),
    (b"*************************** 1. row", "a table that MySQL printed row by row", "export it as CSV"),
    (b"-----BEGIN PGP", "a message encrypted with PGP", "decrypt it first"),
    (b"age-encryption.org/", "data encrypted with age", "decrypt it first"),
)
_OTHERS: Final = (
    (b"\xd4\xc3\xb2\xa1", "a network capture (pcap), which holds no CloudTrail events", ""),
    (b"\xa1\xb2\xc3\xd4", "a network capture (pcap), which holds no CloudTrail events", ""),
    (b"\x4d\x3c\xb2\xa1", "a network capture (pcap), which holds no CloudTrail events", ""),
    (b"\x0a\x0d\x0d\x0a", "a network capture (pcapng), which holds no CloudTrail events", ""),
    (b"ElfFile\0", "a Windows event log (evtx), which holds no CloudTrail events", ""),
    (b"%PDF-", "a PDF", _AS_TEXT),
    (b"<!DOCTYPE", "a web page", _AS_TEXT),
    (b"<html", "a web page", _AS_TEXT),
    (b"<?xml", "XML", _AS_TEXT),
)


#: Quotes as HTML spells them, around a field that only CloudTrail has.
_ESCAPED: Final = re.compile(rb"&(?:quot|#34|#x22);(?:eventVersion|eventSource)&(?:quot|#34|#x22);")
_PRINTED_BY_CLI: Final = re.compile(rb"-{20,}\r?\n\|")


def escaped_in(head: bytes) -> str:
    """What a text is that holds events as the source of a web page does; empty for any other.

    Anybody can put such signs into a field of an event: it counts only where no event is found.

    Args:
        head: its first window.
    """
    if b'"eventVersion"' in head or not _ESCAPED.search(head):
        return ""
    return (
        "events whose quotes are escaped as in the source of a web page (&quot;): save what the page shows as text, or"
        f" export the records; {MAY_HOLD_EVENTS}"
    )


#: The first line of a table of OCSF.
_OCSF_HEADER: Final = re.compile(rb"(?=[^\n{]*\bclass_uid\b)(?=[^\n{]*\bmetadata\b)[^\n{]*[,;\t|]")
#: Records in YAML, and one field that only CloudTrail has.
_YAML_RECORDS: Final = re.compile(rb"\s*(?:- +)?\w+:(?:\s|$)")
#: How the AWS command line begins its output in YAML.
YAML_OF_CLI: Final = re.compile(
    rb"(?:---\s+)?(?:- )?(?:Events|NextToken|AccessKeyId|CloudTrailEvent|EventId|EventName):"
)
_YAML_FIELD: Final = re.compile(rb"^[ -]*(?:eventSource|eventVersion): ", re.MULTILINE)


def hint_of_file(head: bytes) -> str:
    """What a file looks like that is no text of events, and what to do; empty if that is not known.

    Args:
        head: its first bytes.
    """
    for start, name, advice in _HOLDERS:
        if head.startswith(start):
            return f"it looks like {name}: {advice}; {MAY_HOLD_EVENTS}"
    if _PRINTED_BY_CLI.match(head):
        return f"it looks like a table of the AWS command line: fetch it again with --output json; {MAY_HOLD_EVENTS}"
    if _OCSF_HEADER.match(head):
        return f"it looks like a table of OCSF (Security Lake): export it as Parquet or JSON; {MAY_HOLD_EVENTS}"
    if YAML_OF_CLI.match(head) or (_YAML_RECORDS.match(head) and _YAML_FIELD.search(head)):
        return (
            f"it looks like records in YAML: convert them to JSON, or fetch them with --output json; {MAY_HOLD_EVENTS}"
        )
    for start, name, advice in _OTHERS:
        if head.startswith(start):
            return f"it looks like {name}{f': {advice}' if advice else ''}"
    return ""


# Source: Amazon DynamoDB API reference, AttributeValue; Azure Monitor Logs API, query response; SQL of Elasticsearch
# and OpenSearch, response formats; Trino client protocol; pandas, ``DataFrame.to_json``; OpenTelemetry, ``AnyValue``.
_DYNAMODB: Final = (
    f"DynamoDB JSON (each value under the name of its type): export the items as plain JSON; {MAY_HOLD_EVENTS}"
)
_TELEMETRY: Final = (
    f"OpenTelemetry logs whose bodies are maps (kvlistValue): export the bodies as text; {MAY_HOLD_EVENTS}"
)
_TABLE: Final = (
    "a table as JSON (names of columns beside lists of cells, or columns of numbered cells): export it as CSV or as one"
    f" JSON object a row; {MAY_HOLD_EVENTS}"
)
#: How every member of such an object begins, and what the object is.
_MEMBERS: Final = (
    (re.compile(rb'\{\s*"(?:S|N|B|BOOL|NULL|M|L|SS|NS|BS)"\s*:'), _DYNAMODB),
    (re.compile(rb'\{\s*"0"\s*:'), _TABLE),
)
#: Under one of these stands a map of OpenTelemetry.
_MAPS: Final = ("kvlistValue", "kvlist_value")
#: What the names of the columns and the rows stand under.
_NAMED: Final = (("columns", "rows"), ("columns", "data"), ("schema", "datarows"))


#: Keys of an event, also inside a text, and the source of what another service hands to functions.
_EVENT_KEY: Final = re.compile(rb'"(event(?:Version|Time|Source|Name|ID)|userIdentity)\\*"\s*:(?:\s*\\*"(aws:))?')


def looks_like_event(value: bytes) -> bool:
    """True for a text with keys of a CloudTrail event, however deep in it they are.

    Args:
        value: what could not be read as an event.
    """
    keys: set[bytes] = set()
    for found in _EVENT_KEY.finditer(value):
        if found[2]:
            return False
        keys.add(found[1])
    return len(keys) >= FIELDS_OF_EVENT


#: How a summary of ours begins, which lists sign-ins by the names of their fields.
_OWN: Final = b'"rootforensics '
_SUMMARY: Final = "a summary that rootforensics wrote: it lists events of a case and is no evidence of them"


def refusal_of(keys: Keys) -> str:
    """Why an object is not read although it may hold events, and what to do; empty for any other.

    Args:
        keys: its members.
    """
    if keys.get("tool", b"").startswith(_OWN) and "verdict" in keys:
        return _SUMMARY
    if any(name in keys and names_fields(keys[name]) for name in _MAPS):
        return _TELEMETRY
    for columns, rows in _NAMED:
        if columns in keys and rows in keys and names_fields(keys[columns]):
            return _TABLE
    if not next(iter(keys.values()), b"").startswith(b"{") or not names_fields(" ".join(keys).encode(errors="replace")):
        return ""
    return next((what for start, what in _MEMBERS if all(map(start.match, keys.values()))), "")
