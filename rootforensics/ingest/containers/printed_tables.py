"""Tables as programs print them for people, with bars between the cells: told, not read.

What a cell holds cannot be told from what the program made of it: cells are cut short, broken over lines, and a bar in
one is no border. Rows that hold whole records are read as lines of a log.
"""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from rootforensics.ingest.hints import MAY_HOLD_EVENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rootforensics.ingest.containers.tables import Table

REFUSAL: Final = (
    "it looks like a table that psql, MySQL, DuckDB or another program printed for people: export it as CSV or JSON"
    f" (psql --csv, duckdb -csv); {MAY_HOLD_EVENTS}"
)
_BARS: Final = str.maketrans("│┃║", "|||")
#: A line between rows: nothing but bars, corners and dashes.
_RULER: Final = re.compile(rb"(?:[-=+|: \t]|\xe2[\x94\x95][\x80-\xbf])+\r?\n?")
_DASHES: Final = re.compile(rb"--|==|\xe2\x94[\x80\x81]|\xe2\x95\x90|:-")
#: DuckDB has the types of the columns between their names and the line below.
_LINES_BEFORE_RULER: Final = 2


def bare_header(text: str) -> str:
    """A line without the bars around it; empty if none stand in it."""
    bars = text.translate(_BARS)
    return bars.strip().strip("|") if "|" in bars else ""


def printed(
    text: str, before: bytes, lines: Iterator[bytes], table_in: Callable[[str], Table | None]
) -> tuple[Table | None, Iterator[bytes]]:
    """What the header of a printed table says; None if the line is none.

    Args:
        text: the line.
        before: the line before it.
        lines: behind it.
        table_in: reads a header.

    Returns:
        The table, and the same lines.
    """
    header = bare_header(text)
    table = table_in(header if "|" in header else f"{header}|") if header else None
    if table is None:
        return None, lines
    ahead = list(islice(lines, _LINES_BEFORE_RULER))
    lines = chain(ahead, lines)
    return (table if any(map(_is_ruler, (before, *ahead))) else None), lines


def _is_ruler(line: bytes) -> bool:
    return _RULER.fullmatch(line) is not None and _DASHES.search(line) is not None
