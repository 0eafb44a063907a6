"""Rows as text: CSV for spreadsheets, JSON and JSON lines for programs."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from math import inf, isfinite
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from rootforensics.queries.text import ahead_of_utc, interval_text, is_interval

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Text that a spreadsheet reads as a formula: it starts with one of these signs or their full-width forms, also after
#: blanks and invisible characters, or with a tab or line break, which hides what follows.
_FORMULA: Final = re.compile("[\\t\\r\\n]|[\\s\\x00\u00ad\u200b-\u200d\u2060\ufeff]*[-=+@\uff1d\uff0b\uff0d\uff20]")

#: Characters that control a terminal, reorder text or are invisible: controls except tabs and line feeds, format
#: characters (Unicode category Cf), and Unicode's line and paragraph separators.
_STEERING: Final = re.compile(
    "[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f\u00ad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f]|\r(?!\n)"
)
_encoder: Final = msgspec.json.Encoder(decimal_format="number")


class Writes(Protocol):
    """Anything that text can be written to."""

    def write(self, text: str, /) -> Any:  # noqa: ANN401 - the result is not used
        """Write text."""


def as_plain(value: Any) -> Any:  # noqa: ANN401 - any value of a row
    """A value of a row as JSON has it; times are ISO 8601 in UTC, and a decimal with a fraction stays one."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S" + (".%f" if value.microsecond else "")) + (ahead_of_utc(value) or "Z")
    if isinstance(value, Mapping):
        return {key: as_plain(part) for key, part in value.items()}
    if is_interval(value):
        return interval_text(value)
    if isinstance(value, list | tuple):  # a MAP is a list of pairs
        return [as_plain(part) for part in value]
    return value if value is None or isinstance(value, bool | int | str) else _plain_scalar(value)


def _plain_scalar(value: Any) -> Any:  # noqa: ANN401 - any value of a row
    if isinstance(value, float):  # JSON has no numbers for these
        return value if isfinite(value) else {inf: "Infinity", -inf: "-Infinity"}.get(value, "NaN")
    if isinstance(value, Decimal):  # HUGEINT, the type of a sum, comes as one
        return int(value) if value.as_tuple().exponent == 0 else value
    return value.hex() if isinstance(value, bytes) else str(value)


def visible(text: str) -> str:
    """Text with control and invisible characters escaped as in JSON (``\\u001b``); line breaks and tabs stay.

    JSON keeps its meaning, because such characters occur only in its strings.
    """
    return text if text.isprintable() else _STEERING.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\u{code:04x}" if code < 0x10000 else json.dumps(found[0])[1:-1]


def json_text(value: Any, indent: int = 0) -> str:  # noqa: ANN401 - any value of a row
    """A value of a row as JSON, safe for a terminal; numbers have all their digits.

    Args:
        value: any value, or a list or dict of values.
        indent: blanks for each level; 0 for one line.
    """
    return visible(msgspec.json.format(_encoder.encode(as_plain(value)), indent=indent).decode())


def harmless(text: str) -> str:
    """Text that no spreadsheet reads as a formula: an apostrophe is put before a dangerous start."""
    return f"'{text}" if _FORMULA.match(text) else text


def csv_cell(value: Any) -> str:  # noqa: ANN401 - any value of a row
    """A value of a row as a CSV cell, safe for spreadsheets and terminals; NULL is empty."""
    plain = as_plain(value)
    if plain is None:
        return ""
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, int | float):
        return str(plain)
    if isinstance(plain, Decimal):
        return f"{plain:f}"
    return visible(harmless(plain if isinstance(plain, str) else json_text(plain)))


def write_csv(columns: Sequence[str], rows: Iterable[dict[str, Any]], file: Writes) -> None:
    """Write rows as CSV (RFC 4180, a header line, ``\\r\\n``).

    Args:
        columns: the header, in order.
        rows: with these columns.
        file: open for text in UTF-8, with ``newline=""``.
    """
    writer = csv.writer(file)
    writer.writerow([visible(harmless(name)) for name in columns])
    for row in rows:
        writer.writerow([csv_cell(row[name]) for name in columns])


def write_jsonl(rows: Iterable[dict[str, Any]], file: Writes) -> None:
    """Write rows as JSON, one object per line.

    Args:
        rows: any.
        file: open for text in UTF-8.
    """
    for row in rows:
        file.write(json_text(row) + "\n")
