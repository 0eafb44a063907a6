"""Lines of a log with a record somewhere in them: behind a time, a file's name or a syslog head, in quotes or bare.

A line without a record is handed on as a JSON string, which is no event and is counted as such.
"""

from __future__ import annotations

import csv
import json
import re
from itertools import islice
from typing import TYPE_CHECKING, Final

from rootforensics.ingest.containers.embedded import values_in
from rootforensics.ingest.containers.python_text import json_of
from rootforensics.ingest.density import is_overfull
from rootforensics.ingest.limits import OPENED_COUNT
from rootforensics.ingest.text import as_string

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.ingest.seen import Framing

_decoder: Final = json.JSONDecoder(parse_int=len, parse_float=len)  # finds where a value ends
_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*"|[\[\]{}]')
#: How a record begins in a line: in a cell of CSV, as JSON, in a JSON string, as Python prints it; or behind the line.
_START: Final = re.compile(
    rb"""\{\s*(?:(?P<cell>""[^":])|(?P<json>")|(?P<string>\\")|(?P<python>[uUbB]?')|(?P<behind>$))"""
)
#: A line that goes on with what the one before began.
_CONTINUED: Final = (b" ", b"\t", b"}", b"]", b"{")
#: Each record has its version once, as a key of JSON, in a text, or in a cell.
_VERSION: Final = re.compile(rb"""event[Vv]ersion[\\"']+\s*[:,]""")
_NAMES: Final = (b"eventName", b"eventname", b"EventName")
#: A bracket that closes what nothing opened, as at the end of a record, and a further member of an object.
_END_OF_RECORD: Final = re.compile(rb"[^\[\]{}]*[}\]]\s*(?:[,{}\]\r\n]|$)")
_MEMBER: Final = re.compile(r'(?<!\\)"\s*:\s*')
#: So many members and brackets are looked at, in so much text.
_MOST_PLACES: Final = 32
TAIL_BYTES: Final = 1024 * 1024
#: A record over several lines ends within so many bytes.
_MAX_OPEN_BYTES: Final = 1024 * 1024


def holds_record(line: bytes) -> bool:
    """True for a line in which a record, or a container of some, seems to stand or to begin."""
    start = _START.search(line)
    return start is not None and (start.lastgroup == "behind" or any(name in line for name in _NAMES))


def begins_inside(text: bytes) -> bool:
    """True for the beginning of a text that is the tail of a JSON object: members and a bracket that nothing opened."""
    if _END_OF_RECORD.match(text):
        return True
    shown = text[:TAIL_BYTES].decode(errors="replace")
    for member in islice(_MEMBER.finditer(shown), _MOST_PLACES):
        end = _end_of('{"":' + shown[member.end() :]) + member.end() - len('{"":')
        opened = islice(re.finditer("{", shown[: member.start()]), _MOST_PLACES)
        if end >= member.end() and not any(_end_of(shown[one.start() :]) + one.start() >= end for one in opened):
            return True
    return False


def _end_of(text: str) -> int:
    """Where the JSON object ends with which a text begins; 0 if it has no end."""
    try:
        return _decoder.raw_decode(text)[1]
    except (ValueError, RecursionError):
        return 0


def records_of(lines: Iterator[bytes], seen: Framing) -> Iterator[bytes]:
    """The records in lines, and each line without one as a JSON string, in order.

    Args:
        lines: with their ends.
        seen: counts the lines that were searched in vain.
    """
    held: list[bytes] = []  # lines of a record that is not at its end
    depth, size = 0, 0
    for line in lines:
        if held and line.startswith(_CONTINUED) and size < _MAX_OPEN_BYTES:
            held.append(line)
            size += len(line)
            depth += _nesting(line)
            if depth <= 0:
                yield from _in_line(b"".join(held), seen) or map(as_string, held)
                held = []
            continue
        yield from map(as_string, held)
        held = []
        if not line.strip():
            continue
        if found := _in_line(line, seen):
            yield from found
        elif (start := _START.search(line)) and (depth := _nesting(line[start.start() :])) > 0:
            held, size = [line], len(line)
        else:
            yield as_string(line)
    yield from map(as_string, held)


def _nesting(text: bytes) -> int:
    return sum((token in (b"{", b"[")) - (token in (b"}", b"]")) for token in _TOKEN.findall(text))


def _in_line(line: bytes, seen: Framing) -> list[bytes]:
    """The records in a line, and behind them the line as a JSON string if it holds more; none if none is whole."""
    found = records_in(line, seen)
    return [*found, as_string(line)] if found and holds_more(line, found) else found


def holds_more(line: bytes, found: list[bytes]) -> bool:
    """True for a line in which more records stand, or begin, than were found."""
    return len(_VERSION.findall(line)) > len(_VERSION.findall(b"\n".join(found)))


def records_in(line: bytes, seen: Framing) -> list[bytes]:
    """The records in a line that can be read.

    Args:
        line: a line, or several.
        seen: counts one that was searched in vain.
    """
    start = _START.search(line)
    if start is None or b"}" not in line or is_overfull(line):
        return []
    if start.lastgroup == "cell":
        found = _in_cells(line)
    elif start.lastgroup == "string":
        found = _in_string(line, start.start(), seen)
    else:
        rest = line[start.start() :].strip()
        rest = json_of(rest) or b"" if start.lastgroup == "python" else rest
        found = [value for value in values_in(rest, is_broken=True) or () if value[:1] in (b"{", b"[")]
    if not found:
        seen.inflation.other_count += OPENED_COUNT
    return found


def _in_string(line: bytes, start: int, seen: Framing) -> list[bytes]:
    """The record in a JSON string that stands in a line, and what stands behind it."""
    quote = line.rfind(b'"', 0, start)
    if quote < 0:
        return []
    from_here = line[quote:].decode(errors="replace")
    try:
        text, end = _decoder.raw_decode(from_here)
    except ValueError:
        return []
    found = values_in(text.encode(errors="replace")) or [] if isinstance(text, str) else []
    return [*found, *records_in(from_here[end:].encode(), seen)]


def _in_cells(line: bytes) -> list[bytes]:
    """The records in the cells of a row without a header."""
    try:
        row = next(csv.reader([line.decode(errors="replace")], strict=True), [])
    except csv.Error:
        return []
    return [value for cell in row if cell.lstrip()[:1] in ("{", "[") for value in values_in(cell.encode()) or ()]
