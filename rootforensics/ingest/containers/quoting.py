r"""How a CSV text spells quotes inside its cells: doubled, as RFC 4180 has it, or behind a backslash, as Spark does.

Spark's writer puts a backslash before each quote and backslash of a quoted cell; in an unquoted one it changes nothing.
Which of the two a text has is told by the first place that only one of them can have.

Source: Apache Spark, CSV data source, options ``quote``, ``escape`` and ``charToEscapeQuoteEscaping``.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: So much text is looked at before the first row is read.
_HEAD_LINES: Final = 256
_HEAD_CHARS: Final = 1024 * 1024
#: Such a line is no row.
_JSON: Final = ('{"', '[{"')
_SIGN: Final = re.compile(r'\\["\\]|"')


class Quoting:
    """Turns the lines of a table, in order, into lines with doubled quotes."""

    def __init__(self, delimiter: str) -> None:
        behind = rf"(?!{re.escape(delimiter)}|\r?\n|\r|$)"
        # A quote behind a backslash, more of the cell after it; a doubled quote where one alone would end the cell.
        self._telling = re.compile(rf'(?<!\\)(?:\\\\)*(?:(?P<escaped>\\"(?!"){behind})|(?P<doubled>\\""{behind}))')
        self._is_escaped: bool | None = None
        self._is_inside = False

    def doubled(self, lines: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Yield each line as it is, and with doubled quotes."""
        lines = iter(lines)
        head: list[str] = []
        size = 0
        for line in lines:
            head.append(line)
            size += len(line)
            if self._decide(line) or len(head) == _HEAD_LINES or size > _HEAD_CHARS:
                break
        for line in chain(head, lines):
            yield line, self._turned(line)

    def _decide(self, line: str) -> bool:
        if (
            self._is_escaped is None
            and '\\"' in line
            and not line.startswith(_JSON)
            and (found := self._telling.search(line))
        ):
            self._is_escaped = found["escaped"] is not None
        return self._is_escaped is not None

    def _turned(self, line: str) -> str:
        self._decide(line)
        if self._is_escaped:
            return _SIGN.sub(self._sign, line)
        self._is_inside ^= line.count('"') % 2 == 1
        return line

    def _sign(self, found: re.Match[str]) -> str:
        if found[0] == '"':
            self._is_inside = not self._is_inside
            return '"'
        if not self._is_inside:
            return found[0]
        return '""' if found[0] == '\\"' else "\\"
