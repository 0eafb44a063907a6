"""The shapes in which files hold events, each with the exact bytes of its records."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.builders import event, gz, record, records_text, root_event

if TYPE_CHECKING:
    from collections.abc import Callable

Records = list[bytes]

#: What breaks a text wherever it is put.
JUNK = [
    *(b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b"\n", b"\0", b"\xff"),
    *(b'{"Records":[', b'"a":[', b'"}', b"},{", b"null", b"words"),
]


@dataclass(frozen=True)
class Shape:
    """How to write a file: its name, the framing the ledger must tell, the spelling of a record and the text."""

    name: str
    kind: str
    text: Callable[[Records], bytes]
    spell: Callable[[Any], bytes] = record
    count: int = 3

    def build(self) -> tuple[bytes, Records, list[dict[str, Any]]]:
        """A text with fresh events: the text, the bytes of its records, the events."""
        events = [event(), root_event(userAgent="ünï \U0001f511"), *(hostile_event() for _ in range(self.count - 2))]
        events = events[: self.count]
        spelled = [self.spell(one) for one in events]
        return self.text(spelled), spelled, events


def hostile_event() -> dict[str, Any]:
    """An event whose strings and structure look like borders between records."""
    return event(
        userAgent='x"},{"eventVersion":"1.11"},{',
        errorMessage='{"Records":[{"eventVersion": "1.08"}]} \\" \\\\',
        requestParameters={
            "list": [{"a": [{"b": 1}, {"c": "}]},"}]}, {"d": {}}, []],
            "text": "ends in a backslash \\",
            "quote": '"',
            "brackets": "]}{[",
            "Records": [{"n": 1}, {"n": 2}],
            "lines": "one\ntwo\r\n",
        },
    )


def pretty(value: Any) -> bytes:
    """A value over several lines."""
    return json.dumps(value, indent=2).encode()


def _halves(records: Records) -> tuple[Records, Records]:
    return records[: len(records) // 2], records[len(records) // 2 :]


def _two_records_files(records: Records, between: bytes = b"") -> bytes:
    first, second = _halves(records)
    return records_text(first) + between + records_text(second)


SHAPES = [
    Shape("records", "Records", records_text),
    Shape("records-newline-at-end", "Records", lambda r: records_text(r) + b"\n"),
    Shape("records-blanks", "Records", lambda r: b' {\t"Records" : [ ' + b" ,\r\n ".join(r) + b" ] }\r\n"),
    Shape("records-pretty", "Records", lambda r: b'{\n  "Records": [\n' + b",\n".join(r) + b"\n]\n}\n", pretty),
    Shape("records-other-key-first", "Records", lambda r: b'{"a":{"b":[1]},"Records":[' + b",".join(r) + b"]}"),
    Shape(
        "records-plain-keys-first",
        "Records",
        lambda r: b'{"a": 1, "b":"}],\\"{[" ,"c":null,"Records":[' + b",".join(r) + b"]}",
    ),
    Shape("records-other-key-last", "Records", lambda r: b'{"Records":[' + b",".join(r) + b'],"z":[{}]}'),
    Shape("records-one", "Records", records_text, count=1),
    Shape("leading-blanks", "Records", lambda r: b"\n\t \r\n" + records_text(r)),
    Shape("bom", "Records", lambda r: b"\xef\xbb\xbf" + records_text(r)),
    Shape("utf16-little", "Records", lambda r: b"\xff\xfe" + records_text(r).decode().encode("utf-16-le")),
    Shape("utf16-mark-alone", "Records", lambda r: b"\xff\xfe" + records_text(r)),
    Shape("utf16-big", "Records", lambda r: b"\xfe\xff" + records_text(r).decode().encode("utf-16-be")),
    Shape("ndjson", "ndjson", lambda r: b"\n".join(r) + b"\n"),
    Shape("ndjson-no-last-newline", "ndjson", b"\n".join),
    Shape("ndjson-crlf", "ndjson", lambda r: b"\r\n".join(r) + b"\r\n"),
    Shape("ndjson-blank-lines", "ndjson", lambda r: b"\n\n" + b"\n \n\n".join(r) + b"\n\n"),
    Shape("ndjson-bom", "ndjson", lambda r: b"\xef\xbb\xbf" + b"\n".join(r)),
    Shape("array", "array", lambda r: b"[" + b",".join(r) + b"]"),
    Shape("array-one", "array", lambda r: b"[" + b",".join(r) + b"]", count=1),
    Shape("array-pretty", "array", lambda r: b"[\n" + b",\n".join(r) + b"\n]\n", pretty),
    Shape("array-line-by-line", "array", lambda r: b"[\n" + b",\n".join(r) + b"\n]\n"),
    Shape("single", "single", lambda r: r[0], count=1),
    Shape("single-pretty", "single", lambda r: b"\n" + r[0] + b"\n", pretty, count=1),
    Shape("glued", "concatenated", b"".join),
    Shape("glued-pretty", "concatenated", b"\n".join, pretty),
    Shape("records-files-glued", "concatenated", _two_records_files),
    Shape("records-files-line-by-line", "concatenated", lambda r: _two_records_files(r, b"\n") + b"\n"),
    Shape("records-files-crlf", "concatenated", lambda r: _two_records_files(r, b"\r\n")),
    Shape("gzip", "Records", lambda r: gz(records_text(r))),
    Shape("gzip-ndjson", "ndjson", lambda r: gz(b"\n".join(r))),
]


def by_name(shape: Shape) -> str:
    """The name of a test's case."""
    return shape.name
