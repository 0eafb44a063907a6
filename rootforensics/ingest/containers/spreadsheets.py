"""Times as spreadsheets save them again: dates in the order of some country, and numbers of days.

A date such as ``05/08/2026`` says by itself not which number is the day. One program wrote the whole column in one
order: if only one order fits all dates of a table that are spelled alike, it is theirs.

Source: Microsoft, "Date systems in Excel": day 1 is 1 January 1900, and 1900 counts as a leap year.
"""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Final

from rootforensics.ingest.containers.tables import Rows, header_among
from rootforensics.ingest.containers.times import numeric_date, time_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from rootforensics.ingest.containers.tables import Table
    from rootforensics.ingest.seen import Framing

    Spelling = tuple[str, int]

#: Where so much of a table has no date of three numbers, nobody looks further.
_LOOKED_BYTES: Final = 64 * 1024
#: A longer table is not held in memory: its dates are read one by one.
_MOST_HELD_BYTES: Final = 32 * 1024 * 1024
_SHORT_DATE: Final = re.compile(rb"(?<!\d)\d{1,2}([-/.])\d{1,2}\1\d{2}(?:\d{2})?(?:,? |T)\d{1,2}:")
_TIME: Final = "eventTime"
_DAYS: Final = re.compile(r"\d{5}[.,]\d{1,15}")
#: What spreadsheets count from, so that days from March 1900 on are right.
_DAY_ZERO: Final = datetime(1899, 12, 30, tzinfo=UTC)
#: 1 November 2013 and 1 January 2100 as such numbers; CloudTrail is not older.
_FIRST_DAY, _LAST_DAY = 41579, 73051
_SERIAL: Final = (
    "times are numbers of days, as spreadsheets keep them (counted from 1900), and were read as UTC; they are as exact"
    " as their decimals: four are 9 seconds. A workbook that counts from 1904 (of an old Mac) would make each 4 years"
    " and a day later"
)


class Dates:
    """The orders of the dates of a table, part by part: a header among the rows begins the next part.

    Args:
        parts: for each part the order of each spelling, where only one fits.
        seen: takes the remarks.
    """

    def __init__(self, parts: list[dict[Spelling, str]], seen: Framing) -> None:
        self._parts = parts
        self._seen = seen
        self._part = 0

    def next_part(self) -> None:
        """A header stands here."""
        self._part += 1

    def row(self, table: Table, row: list[str]) -> list[str]:
        """The row with a time that can be read in one way in its place."""
        place = _place(table)
        if place is None or place >= len(row):
            return row
        told = _serial(row[place], table.zone)
        if told:
            self._seen.notes.setdefault(_SERIAL)
        else:
            told = self._ordered(row[place], table.zone)
        return [*row[:place], told, *row[place + 1 :]] if told else row

    def _ordered(self, cell: str, zone: tzinfo) -> str:
        orders = self._parts[self._part] if self._part < len(self._parts) else {}
        found = numeric_date(cell) if orders else None
        order = orders.get(found.spelling, "") if found else ""
        if found is None or not order or len(set(found.readings.values())) == 1:
            return ""
        self._seen.notes.setdefault(
            f"dates such as {cell!r:.40} were read as {order}: no other order fits all of its table"
        )
        return time_of(cell, order, zone)


def look_ahead(lines: Iterator[bytes], table: Table, seen: Framing) -> tuple[Iterator[bytes], Dates]:
    """Find the order of the dates in a table.

    Args:
        lines: below its header.
        table: what the header says.
        seen: takes the remarks.

    Returns:
        The same lines, and the dates.
    """
    held: list[bytes] = []
    if _place(table) is not None:
        size, has_dates = 0, False
        for line in lines:
            held.append(line)
            size += len(line)
            has_dates = has_dates or _SHORT_DATE.search(line) is not None
            if size > (_MOST_HELD_BYTES if has_dates else _LOOKED_BYTES):
                return chain(held, lines), Dates([], seen)
    return iter(held) if held else lines, Dates(_orders(held, table) if held else [], seen)


def _place(table: Table) -> int | None:
    return table.paths.index(_TIME) if _TIME in table.paths else None


def _orders(lines: list[bytes], table: Table) -> list[dict[Spelling, str]]:
    """For each part of a text the order of each spelling, where only one fits all its dates."""
    parts: list[dict[Spelling, set[str]]] = [{}]
    try:
        for row, _ in Rows((line.decode(errors="surrogateescape") for line in lines), table.delimiter):
            if (other := header_among(row, table)) is not None:
                table = other
                parts.append({})
            elif (place := _place(table)) is not None and place < len(row) and (found := numeric_date(row[place])):
                parts[-1].setdefault(found.spelling, set(found.readings)).intersection_update(found.readings)
    except csv.Error:
        pass  # the reader of the events meets it, too, and tells
    return [{spelling: next(iter(orders)) for spelling, orders in part.items() if len(orders) == 1} for part in parts]


def _serial(cell: str, zone: tzinfo) -> str:
    """The time that a number of days stands for, to the second, in UTC; empty if it is none."""
    text = cell.strip()
    if not _DAYS.fullmatch(text):
        return ""
    days = float(text.replace(",", "."))
    if not _FIRST_DAY <= days < _LAST_DAY:
        return ""
    moment = _DAY_ZERO.replace(tzinfo=zone) + timedelta(seconds=round(days * 86400))
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
