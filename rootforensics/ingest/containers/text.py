"""Texts that are no JSON and yet hold events: tables, and lines of a log export."""

from __future__ import annotations

import csv
import json
import re
from itertools import chain
from typing import TYPE_CHECKING, Final

import msgspec

from rootforensics.ingest.containers.tables import EVENT_HISTORY, event_of, rows_of, table_of
from rootforensics.ingest.framing import Values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.ingest.containers.tables import Table
    from rootforensics.ingest.framing import Framing

_LOG_LINE: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z? (?=\{)")
_VALUES_AT_ONCE: Final = 4096
_HEADER_BYTES: Final = 64 * 1024
_JSON: Final = msgspec.json.Decoder(msgspec.Raw)
_LEFT_OUT: Final = "the console leaves out read events from a download unless its filter was cleared before"


def frame_text(windows: Iterable[bytes], seen: Framing) -> Iterator[Values]:
    """Yield the events of a text that is no JSON, if it is a table or a log export; nothing if it is neither.

    Args:
        windows: the object's text.
        seen: takes the kind, the container and the damage.
    """
    lines = _lines(windows)
    first = next(lines, "")
    if _LOG_LINE.match(first):
        yield from _log_lines(chain((first,), lines), seen)
    elif "," in first and (table := _table(first)):
        yield from _table_rows(table, lines, seen)
    for _ in lines:
        pass


def _lines(windows: Iterable[bytes]) -> Iterator[str]:
    """The lines with their ends; bytes that are no UTF-8 stay as they are when a line is encoded again."""
    held = b""
    for window in windows:
        *whole, held = (held + window).split(b"\n")
        for line in whole:
            yield (line + b"\n").decode(errors="surrogateescape")
    if held:
        yield held.decode(errors="surrogateescape")


def _table(first: str) -> Table | None:
    if len(first) > _HEADER_BYTES:
        return None
    try:
        header = next(csv.reader([first], strict=True), [])
    except csv.Error:
        return None
    return table_of(header)


def _table_rows(table: Table, lines: Iterator[str], seen: Framing) -> Iterator[Values]:
    seen.kind = "csv"
    seen.containers.setdefault(table.name)
    if table.name == EVENT_HISTORY:
        seen.remark = _LEFT_OUT
    elif table.whole is None:
        from rootforensics.ingest.containers.rows import NO_COLUMN, lacking

        seen.note_lacking(NO_COLUMN, lacking(table.paths))
    texts: list[bytes] = []
    originals: list[bytes] = []
    count = 1
    try:
        for row, text in rows_of(lines):
            count += 1
            if len(row) < len(table.paths):
                seen.damage = seen.damage or f"row {count} of the table has fewer cells than its header"
            texts.append(_as_json(event_of(table, row)))
            originals.append(text.encode(errors="surrogateescape"))
            if len(texts) == _VALUES_AT_ONCE:
                yield Values(texts, originals=None if table.whole is not None else originals)
                texts, originals = [], []
    except csv.Error as error:
        seen.damage = f"the table is broken after row {count} ({error}); what follows was not read"
    yield Values(texts, originals=None if table.whole is not None else originals)


def _log_lines(lines: Iterator[str], seen: Framing) -> Iterator[Values]:
    seen.kind = "lines"
    seen.containers.setdefault("CloudWatch Logs export")
    texts: list[bytes] = []
    for line in lines:
        if not line.strip():
            continue
        start = _LOG_LINE.match(line)
        message = line[start.end() :] if start else line
        texts.append(_as_json(message.strip().encode(errors="surrogateescape")))
        if len(texts) == _VALUES_AT_ONCE:
            yield Values(texts)
            texts = []
    yield Values(texts)


def _as_json(text: bytes) -> bytes:
    """The text if it is JSON; else the text as a JSON string, which is no event and is counted as such."""
    try:
        _JSON.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return json.dumps(text.decode(errors="replace")).encode()
    return text
