"""The CSV form of approvals: ``#`` comments, a header that names the columns in any order; commas, semicolons, tabs."""

from __future__ import annotations

import csv
import io
import re
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.approval import FIELDS, Cell, Entry, Text
from rootforensics.analysis.approvals.fields import unknown_column

if TYPE_CHECKING:
    from collections.abc import Iterator


#: A line before the header in which spreadsheets name the separator.
_SEPARATOR: Final = re.compile(r"^sep=([^\w\s\"]|\t)[ \r\n]*", re.IGNORECASE | re.MULTILINE)


class _Lines:
    """The lines of a file. Lines before the header that begin with ``#`` are comments.

    Later lines are not: a ticket may begin with ``#``.
    """

    def __init__(self, text: str) -> None:
        self._lines = iter(io.StringIO(text, newline=""))
        self._at_start = True
        self._before_header = True
        self.number = 0
        self.first = 1

    def begin(self) -> None:
        """A new record begins with the next line."""
        self._at_start = True

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        for line in self._lines:
            self.number += 1
            if self._before_header and (line.startswith("#") or _SEPARATOR.fullmatch(line)):
                continue
            if self._at_start and not line.strip(" \r\n"):
                continue
            self._before_header = False
            if self._at_start:
                self._at_start, self.first = False, self.number
            return line
        raise StopIteration


def read_csv(text: str) -> Text:
    """Read the form, without checking the values."""
    parsed = Text()
    records = _records(text, parsed)
    line, header = next(records, (1, []))
    names = [name.strip().casefold() for name in header]
    if names:
        _check_header(names, line, parsed)
    for line, values in records:
        if not any(value.strip() for value in values):  # a line of separators, as spreadsheets leave them
            continue
        if len(values) != len(names):
            problem = (
                f"{len(values)} fields; the header names {len(names)}. A field with a separator in it needs quotes"
                if not values[0].startswith("#")
                else f"{len(values)} fields; the header names {len(names)}. Comments (#) must come before the header"
            )
            parsed.wrong(line, 0, problem)
            continue
        cells = {
            name: Cell(value.strip(), line, place)
            for place, (name, value) in enumerate(zip(names, values, strict=True), 1)
        }
        parsed.entries.append(Entry(line, {name: cell for name, cell in cells.items() if name in FIELDS}))
    return parsed


def _records(text: str, parsed: Text) -> Iterator[tuple[int, list[str]]]:
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=_separator(text), strict=True)
    while True:
        lines.begin()
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            parsed.wrong(lines.first, 0, f"this is not valid CSV ({error}); is a quotation mark missing?")
            return
        yield lines.first, values


def _separator(text: str) -> str:
    said = _SEPARATOR.search(text)
    if said and all(line.startswith("#") or not line.strip() for line in text[: said.start()].splitlines()):
        return said[1]
    header = next(_Lines(text), "")
    return max(",;\t", key=header.count)


def _check_header(names: list[str], line: int, parsed: Text) -> None:
    for place, name in enumerate(names, 1):
        if name not in FIELDS:
            parsed.wrong(line, place, unknown_column(name))
        elif name in names[: place - 1]:
            parsed.wrong(line, place, f"the column {name} appears twice")
    if missing := [name for name in FIELDS if name not in names]:
        parsed.wrong(line, 0, f"missing columns: {', '.join(missing)}; expected a header with {', '.join(FIELDS)}")
