"""Text that stands between two JSON values and is none: each line of it counts as a value that is no event."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rootforensics.ingest.text import as_string

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Programs send one of these behind each value (GELF and others; RFC 7464), and DOS ended files with the last. More of
#: them in a row are a hole in the file.
SEPARATORS: Final = rb"[\0\x1e\x1a]"
#: Commas and the marks of lists and blanks say nothing by themselves.
_SAYS_NOTHING: Final = b", \t\r\n"
_SEPARATOR: Final = re.compile(SEPARATORS)
#: Of a longer line so much is kept.
_MAX_LINE_BYTES: Final = 64 * 1024


class OddLines:
    """Collects the stretches between values, and gives their lines as JSON strings.

    A line on which values stand among other text counts once.
    """

    def __init__(self) -> None:
        self._stretches: list[tuple[int, int]] = []
        self._line = b""
        self._is_told = False

    def take(self, start: int, end: int) -> None:
        """Take in a stretch of the text that is held."""
        if start < end:
            self._stretches.append((start, end))

    def end_line(self) -> None:
        """A whole value has ended: what follows is told anew."""
        self._is_told = False

    def values(self, held: bytes, *, ended: bool) -> Iterator[bytes]:
        """The lines that were taken in.

        Args:
            held: the text in which the stretches lie.
            ended: True if a value begins behind them, or the text ends; else the last line may go on.
        """
        stretches, self._stretches = self._stretches, []
        for start, end in stretches:
            place = start
            while (stop := held.find(b"\n", place, end)) >= 0:
                yield from self._end(held[place : min(stop, place + _MAX_LINE_BYTES)])
                self._is_told = False
                place = stop + 1
            self._line = (self._line + held[place : min(end, place + _MAX_LINE_BYTES)])[:_MAX_LINE_BYTES]
        if ended and self._line:
            yield from self._end(b"")

    def _end(self, rest: bytes) -> Iterator[bytes]:
        line, self._line = (self._line + rest)[:_MAX_LINE_BYTES], b""
        if (said := line.strip(_SAYS_NOTHING)) and not self._is_told and not _SEPARATOR.fullmatch(said):
            self._is_told = True
            yield as_string(line)
