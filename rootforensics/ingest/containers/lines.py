"""Lines of a log with a record somewhere in them: behind a time, a file's name or a syslog head, in quotes or bare.

A line without a record is handed on as a JSON string, which is no event and is counted as such.
"""

from __future__ import annotations

import csv
import json
import re
from typing import TYPE_CHECKING, Final

from rootforensics.ingest.containers.embedded import values_in
from rootforensics.ingest.containers.python_text import as_json
from rootforensics.ingest.density import is_overfull
from rootforensics.ingest.text import as_string

if TYPE_CHECKING:
    from collections.abc import Iterator

_string_decoder: Final = json.JSONDecoder()
_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*"|[\[\]{}]')
#: How a record begins in a line: as JSON, in a JSON string, in a cell of CSV, as Python prints it.
_START: Final = re.compile(rb"""\{\s*(?:"|\\"|[uUbB]?'|$)""")
_DOUBLED: Final = re.compile(rb'\{\s*""[^"]')
#: A line that goes on with what the one before began.
_CONTINUED: Final = (b" ", b"\t", b"}", b"]", b"{")
#: Each record has its version once, as a key of JSON, in a text, or in a cell.
_VERSION: Final = re.compile(rb"""event[Vv]ersion[\\"']+\s*[:,]""")
_NAMES: Final = (b"eventName", b"eventname", b"EventName")
#: A record over several lines ends within so many bytes.
_MAX_OPEN_BYTES: Final = 1024 * 1024


def holds_record(line: bytes) -> bool:
    """True for a line in which a record, or a container of some, seems to stand or to begin."""
    found = _START.search(line)
    return found is not None and (line[found.start() :].strip() == b"{" or any(name in line for name in _NAMES))


def records_of(lines: Iterator[bytes]) -> Iterator[bytes]:
    """The records in lines, and each line without one as a JSON string, in order.

    Args:
        lines: with their ends.
    """
    held: list[bytes] = []  # lines of a record that is not at its end
    depth, size = 0, 0
    for line in lines:
        if held:
            if line.startswith(_CONTINUED) and size < _MAX_OPEN_BYTES:
                held.append(line)
                size += len(line)
                depth += _nesting(line)
                if depth <= 0:
                    yield from _joined(held)
                    held = []
                continue
            yield from map(as_string, held)
            held = []
        if not line.strip():
            continue
        found = _in_line(line)
        if found:
            yield from found
        elif (opened := _START.search(line)) and (depth := _nesting(line[opened.start() :])) > 0:
            held, size = [line], len(line)
        else:
            yield as_string(line)
    yield from map(as_string, held)


def _nesting(text: bytes) -> int:
    return sum((token in (b"{", b"[")) - (token in (b"}", b"]")) for token in _TOKEN.findall(text))


def _joined(held: list[bytes]) -> Iterator[bytes]:
    """The record in several lines; what stands before it in the first is no part of it."""
    found = _in_line(b"".join(held))
    yield from found or map(as_string, held)


def _in_line(line: bytes) -> list[bytes]:
    """The records in a line, and behind them the line as a JSON string if it holds more; none if none is whole."""
    found = records_in(line)
    return [*found, as_string(line)] if found and holds_more(line, found) else found


def holds_more(line: bytes, found: list[bytes]) -> bool:
    """True for a line in which more records stand, or begin, than were found."""
    return _versions(line) > sum(map(_versions, found))


def _versions(text: bytes) -> int:
    return len(_VERSION.findall(text))


def records_in(line: bytes) -> list[bytes]:
    """The records in a line that can be read."""
    if is_overfull(line):
        return []
    if _DOUBLED.search(line):
        return _in_cells(line)
    found = _START.search(line)
    if found is None:
        return []
    start = found.start()
    rest = line[start:].strip()
    if found[0].endswith(b'\\"'):
        return _in_string(line, start)
    if found[0].endswith(b"'"):
        rest = b"".join(as_json([rest]))
    return [value for value in values_in(rest, is_broken=True) or () if value[:1] in (b"{", b"[")]


def _in_string(line: bytes, start: int) -> list[bytes]:
    """The record in a JSON string that stands in a line, and what stands behind it."""
    quote = line.rfind(b'"', 0, start)
    if quote < 0:
        return []
    from_here = line[quote:].decode(errors="replace")
    try:
        text, end = _string_decoder.raw_decode(from_here)
    except ValueError:
        return []
    found = values_in(text.encode(errors="replace")) or [] if isinstance(text, str) else []
    return [*found, *records_in(from_here[end:].encode())]


def _in_cells(line: bytes) -> list[bytes]:
    """The records in the cells of a row without a header."""
    try:
        row = next(csv.reader([line.decode(errors="replace")], strict=True), [])
    except csv.Error:
        return []
    return [value for cell in row if cell.lstrip()[:1] in ("{", "[") for value in values_in(cell.encode()) or ()]
