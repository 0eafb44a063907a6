"""Texts that are no JSON from their first byte and yet hold events: tables, log lines, JSON behind other lines."""

from __future__ import annotations

import csv
import re
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from rootforensics.ingest.containers.hints import MAY_HOLD_EVENTS
from rootforensics.ingest.containers.json_text import frame_json
from rootforensics.ingest.containers.lines import TAIL_BYTES, begins_inside, holds_record, records_of
from rootforensics.ingest.containers.rows import lacking
from rootforensics.ingest.containers.spreadsheets import look_ahead
from rootforensics.ingest.containers.tables import EVENT_HISTORY, Rows, event_of, header_among, is_cut, table_of
from rootforensics.ingest.json_parts import is_json
from rootforensics.ingest.seen import NO_COLUMN
from rootforensics.ingest.text import PACKED_STARTS, as_string, is_json_start
from rootforensics.ingest.values import Values

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.ingest.containers.spreadsheets import Dates
    from rootforensics.ingest.containers.tables import Table
    from rootforensics.ingest.seen import Framing

_LOG_LINE: Final = re.compile(rb"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z? (?=\{)")
_VALUES_AT_ONCE: Final = 4096
#: Of texts in base64, which are long.
_TEXTS_AT_ONCE: Final = 16
_HEADER_BYTES: Final = 64 * 1024
_DELIMITERS: Final = (",", ";", "\t", "|")
#: Excel writes this before a table, and reads it there.
_LINE_ENDS: Final = "\r\n"
_SEPARATOR_LINE: Final = re.compile(r"sep=.\s*")
#: So much text may stand before the first line that tells what follows.
_MAX_HEAD_BYTES: Final = 16 * 1024 * 1024
_LONG_HEAD: Final = f"its first {_MAX_HEAD_BYTES:,} bytes hold no event; the rest was not searched"
#: A longer line is handed on in parts, so that no line fills the memory; one in which no object begins sooner.
_MAX_LINE_BYTES: Final = 192 * 1024 * 1024
_LONGEST_BROKEN_LINE: Final = 76
#: No line in the middle of a text begins like that, but by a chance of one in millions.
_COMPRESSED_STARTS: Final = (b"H4sI", b"KLUv")
#: Stands in every record that CloudTrail wrote.
_MARK: Final = b"eventVersion"
_CUT: Final = "the text begins inside a record, of which the beginning is missing"
_PRINTED: Final = (
    "it looks like a table that psql, MySQL, DuckDB or another program printed for people: export it as CSV or JSON"
    f" (psql --csv, duckdb -csv); {MAY_HOLD_EVENTS}"
)
_BARS: Final = str.maketrans("│┃║", "|||")
#: A line between rows of such a table: nothing but bars, corners and dashes, and some dashes at least.
_RULER: Final = re.compile(
    rb"(?=.*?(?:--|==|\xe2\x94[\x80\x81]|\xe2\x95\x90|:-))(?:[-=+|: \t]|\xe2[\x94\x95][\x80-\xbf])+\r?\n?"
)
#: DuckDB has the types of the columns between their names and the line below.
_LINES_BEFORE_RULER: Final = 2
_LEFT_OUT: Final = "the console leaves out read events from a download unless its filter was cleared before"
_HEADER_AGAIN: Final = "a header stands among the rows too, as where tables were put together"
_ODD_LINES: Final = "before the events stand lines of something else; each counts as a value that is no event"


def frame_text(windows: Iterable[bytes], seen: Framing) -> Iterator[Values]:
    """Yield the events of a text that is no JSON from its beginning on; nothing if there are none.

    Args:
        windows: the object's text.
        seen: takes the kind, the container and the damage.
    """
    yield from _frame_lines(_watched(_lines(windows), seen), seen)


def _frame_lines(lines: Iterator[bytes], seen: Framing) -> Iterator[Values]:
    head: list[bytes] = []
    size = 0
    while line := next(lines, b""):
        text = line[: 4 * _HEADER_BYTES].decode(errors="surrogateescape")
        shown, lines = _is_printed(text, head[-1] if head else b"", lines)
        if shown:
            seen.refusal = _PRINTED
        elif line.startswith(PACKED_STARTS):
            yield from _base64_lines(chain(head, (line,), lines), seen)
        elif table := table_in(text):
            yield from _odd(head, seen)
            yield from _table(table, lines, seen)
        elif is_json_start(line) or holds_record(line):
            ahead = list(_first_of(lines))
            is_tail = begins_inside(b"".join((line, *ahead)))
            if is_tail or (head and begins_inside(b"".join((*head, line, *ahead)))):
                seen.damage = _CUT
            if is_tail or is_json_start(line):
                yield from _odd(head, seen)
                yield from frame_json(_windows(chain((line,), ahead, lines)), seen)
            else:
                yield from _log_lines(chain(head, (line,), ahead, lines), line, seen)
        elif not _SEPARATOR_LINE.fullmatch(text):
            head.append(line)
            size += len(line)
            seen.inflation.other_count += 1
        if size > _MAX_HEAD_BYTES:
            seen.notes.setdefault(_LONG_HEAD)
            break
    for _ in lines:
        pass


def _first_of(lines: Iterator[bytes]) -> Iterator[bytes]:
    """The next lines, so many that a record ends in them."""
    size = 0
    while size < TAIL_BYTES and (line := next(lines, b"")):
        size += len(line)
        yield line


def _is_printed(text: str, before: bytes, lines: Iterator[bytes]) -> tuple[bool, Iterator[bytes]]:
    """Whether a line is the header of a table of events that was printed for people; and the same lines."""
    bars = text.translate(_BARS)
    header = bars.strip().strip("|") if "|" in bars else ""
    if not header or not table_in(header if "|" in header else f"{header}|"):
        return False, lines
    ahead = list(islice(lines, _LINES_BEFORE_RULER))
    return any(map(_RULER.fullmatch, (before, *ahead))), chain(ahead, lines)


def _odd(head: list[bytes], seen: Framing) -> Iterator[Values]:
    """Lines before a table or JSON; they are counted."""
    odd = [as_string(line) for line in head if line.strip()]
    if odd:
        seen.notes.setdefault(_ODD_LINES)
        seen.is_guess = True
        yield Values(odd)


def _lines(windows: Iterable[bytes]) -> Iterator[bytes]:
    """The lines with their ends, a line without bounds in parts; they end in CR alone where no LF is."""
    windows = iter(windows)
    first = next(windows, b"")
    newline = b"\r" if b"\r" in first and b"\n" not in first else b"\n"
    windows = chain((first,), windows)
    del first
    held: list[bytes] = []
    size, bound = 0, _MAX_HEAD_BYTES
    for window in windows:
        start = 0
        while end := window.find(newline, start) + 1:
            yield b"".join((*held, window[start:end]))
            held, size, start, bound = [], 0, end, _MAX_HEAD_BYTES
        if rest := window[start:]:
            held.append(rest)
            size += len(rest)
            beginning = b"".join(part[:8] for part in held[:2])
            if b"{" in rest or beginning.startswith(PACKED_STARTS):
                bound = _MAX_LINE_BYTES
        if size > bound:
            yield b"".join(held)
            held, size, bound = [], 0, _MAX_HEAD_BYTES
    if held:
        yield b"".join(held)


def _watched(lines: Iterator[bytes], seen: Framing) -> Iterator[bytes]:
    for line in lines:
        if seen.is_spent():
            return
        seen.is_marked = seen.is_marked or _MARK in line
        yield line


def _windows(lines: Iterator[bytes]) -> Iterator[bytes]:
    held: list[bytes] = []
    size = 0
    for line in lines:
        held.append(line)
        size += len(line)
        if size > _MAX_HEAD_BYTES:
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)


def table_in(first: str) -> Table | None:
    """What a line says as the header of a table; None if it is none."""
    if len(first) > _HEADER_BYTES:
        return None
    for delimiter in _DELIMITERS:
        if delimiter not in first:
            continue
        try:
            header = next(csv.reader([first], strict=True, delimiter=delimiter), [])
        except csv.Error:
            continue
        if table := table_of(header, delimiter):
            return table
    return None


def _table(table: Table, lines: Iterator[bytes], seen: Framing) -> Iterator[Values]:
    """A table, and tables with other headers below it."""
    lines, dates = look_ahead(lines, table, seen)
    # Bytes that are no UTF-8 stay as they are when a line is encoded again.
    rows = Rows((line.decode(errors="surrogateescape") for line in lines), table.delimiter)
    yield from _TableReader(table, dates, seen).values(rows)


class _TableReader:
    """Makes events of rows; those that hold their records and those that do not go in lists of their own."""

    def __init__(self, table: Table, dates: Dates, seen: Framing) -> None:
        self._seen = seen
        self._dates = dates
        self._begin(table)
        self._texts: list[bytes] = []
        self._originals: list[bytes] = []
        self._held = False  # whether the rows that wait hold their records

    def _begin(self, table: Table) -> None:
        self._table = table
        self._seen.kind = "csv"
        self._seen.containers.setdefault(table.name)
        if table.whole is None:
            _tell_columns(table.name, table, self._seen)

    def values(self, rows: Rows) -> Iterator[Values]:
        """Yield the events in lists; a header among the rows is no value, but is told."""
        count = 1
        try:
            for row, text in rows:
                count += 1
                if (other := header_among(row, self._table)) is not None:
                    self._dates.next_part()
                    self._seen.notes.setdefault(_HEADER_AGAIN)
                    if other is not self._table:
                        self._begin(other)
                    continue
                self._check(row, text, count)
                is_whole = self._table.is_whole(row)
                if self._texts and (is_whole != self._held or len(self._texts) == _VALUES_AT_ONCE):
                    yield self._taken()
                self._held = is_whole
                self._add(row, text)
        except csv.Error as error:
            lines = rows.pending_count
            its = "the line that follows was" if lines == 1 else f"the {lines:,} lines that follow were"
            why = "cut off inside a quoted cell, or a quote is missing" if rows.is_at_end else f"broken, {error}"
            self._seen.damage = f"the table is broken after row {count} ({why}); {its} not read"
        yield self._taken()

    def _check(self, row: list[str], text: str, count: int) -> None:
        if len(row) != len(self._table.paths) and (
            len(row) < len(self._table.paths) or any(row[len(self._table.paths) :])
        ):
            fewer = "fewer" if len(row) < len(self._table.paths) else "more"
            self._seen.damage = self._seen.damage or f"row {count} of the table has {fewer} cells than its header"
        if text[-1] not in _LINE_ENDS and is_cut(self._table, row):
            self._seen.damage = self._seen.damage or f"row {count}, the last of the table, is cut off"

    def _add(self, row: list[str], text: str) -> None:
        table = self._table
        if table.beside and not self._held:
            self._seen.containers.setdefault(table.beside)
            _tell_columns(table.beside, table, self._seen)
        row = row if self._held else self._dates.row(table, row)
        event = event_of(table, row)
        self._texts.append(event if is_json(event) else as_string(event))  # a text is no event and is counted as such
        self._originals.append(text.encode(errors="surrogateescape"))

    def _taken(self) -> Values:
        taken = Values(self._texts, originals=None if self._held else self._originals)
        self._texts, self._originals = [], []
        return taken


def _tell_columns(name: str, table: Table, seen: Framing) -> None:
    """Say what the columns of a table cannot tell."""
    if name == EVENT_HISTORY:
        seen.notes.setdefault(_LEFT_OUT)
    else:
        seen.note_lacking(NO_COLUMN, lacking(table.paths))


def _log_lines(lines: Iterator[bytes], told_by: bytes, seen: Framing) -> Iterator[Values]:
    seen.kind = "lines"
    seen.containers.setdefault("CloudWatch Logs export" if _LOG_LINE.match(told_by) else "log lines")
    records = records_of(lines, seen)
    while texts := list(islice(records, _VALUES_AT_ONCE)):
        yield Values(texts)


def _base64_lines(lines: Iterator[bytes], seen: Framing) -> Iterator[Values]:
    """Texts in base64, each as an object, in which the search for events looks into it."""
    seen.kind = "lines"
    texts = _joined_base64(lines)
    while some := list(islice(texts, _TEXTS_AT_ONCE)):
        yield Values([b'{"base64":%b}' % as_string(text) for text in some])


def _joined_base64(lines: Iterator[bytes]) -> Iterator[bytes]:
    """Lines of base64; lines as MIME and PEM break them are one text, up to the first that is shorter."""
    held: list[bytes] = []
    size = 0
    for line in lines:
        bare = line.strip()
        is_more = len(held) > 0 and len(bare) <= len(held[0]) and not bare.startswith(_COMPRESSED_STARTS)
        if held and not is_more:
            yield b"".join(held)
            held, size = [], 0
        held += [bare] if bare else []
        size += len(bare)
        if held and (len(bare) < len(held[0]) or len(held[0]) > _LONGEST_BROKEN_LINE or size > _MAX_LINE_BYTES):
            yield b"".join(held)
            held, size = [], 0
    if held:
        yield b"".join(held)
