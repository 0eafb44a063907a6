"""The timeline as a file: CSV for spreadsheets, JSON lines for programs."""

from __future__ import annotations

import csv
import json
import re
from datetime import datetime
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: What a spreadsheet takes for a formula: these signs at the start, after what is blank or not shown too, and their
#: full-width forms, which some take alike; a tab or line break at the start, which hides what follows.
_FORMULA: Final = re.compile("[\\t\\r\\n]|[\\s\\x00\u00ad\u200b-\u200d\u2060\ufeff]*[-=+@\uff1d\uff0b\uff0d\uff20]")


class Writes(Protocol):
    """Anything that text can be written to."""

    def write(self, text: str, /) -> Any:  # noqa: ANN401 - nobody looks at it
        """Write text."""


def as_plain(value: Any) -> Any:  # noqa: ANN401 - any value of a row
    """A value of a row as JSON has it; times are ISO 8601 in UTC."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S" + (".%f" if value.microsecond else "") + "Z")
    if isinstance(value, dict):
        return {key: as_plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [as_plain(part) for part in value]
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float) and not isfinite(value):  # JSON has no numbers for these
        return {inf: "Infinity", -inf: "-Infinity"}.get(value, "NaN")
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe is put before a dangerous start."""
    return f"'{text}" if _FORMULA.match(text) else text


def csv_cell(value: Any) -> str:  # noqa: ANN401 - any value of a row
    """A value of a row as a CSV cell; NULL is empty, text cannot become a formula."""
    plain = as_plain(value)
    if plain is None:
        return ""
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, int | float):
        return str(plain)
    return harmless(plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False))


def write_csv(columns: Sequence[str], rows: Iterable[dict[str, Any]], file: Writes) -> None:
    """Write rows as CSV (RFC 4180, a header line, ``\\r\\n``).

    Args:
        columns: the header, in order.
        rows: with these columns.
        file: open for text in UTF-8, with ``newline=""``.
    """
    writer = csv.writer(file)
    writer.writerow([harmless(name) for name in columns])
    for row in rows:
        writer.writerow([csv_cell(row[name]) for name in columns])


def write_jsonl(rows: Iterable[dict[str, Any]], file: Writes) -> None:
    """Write rows as JSON, one object a line.

    Args:
        rows: any.
        file: open for text in UTF-8.
    """
    for row in rows:
        file.write(json.dumps({key: as_plain(value) for key, value in row.items()}, ensure_ascii=False) + "\n")
