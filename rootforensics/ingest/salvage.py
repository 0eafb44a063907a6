"""Read what is whole in JSON that as a whole is not: cut off, glued together, or broken in the middle.

Where a value may stand (at the top, in a list at the top, in a ``Records`` list, in the list of a container that is
broken) the JSON decoder reads one, whatever follows it. What it does not read is left out and remembered, and reading
goes on where the next value seems to begin.
"""

from __future__ import annotations

import re
from itertools import chain
from typing import TYPE_CHECKING, Final

from rootforensics.ingest.density import OVERFULL, is_overfull
from rootforensics.ingest.heads import (
    EVENT_FIELD,
    RECORDS_HEAD,
    End,
    Starts,
    end_of_value,
    entries_of,
    is_moved,
    place_behind,
)
from rootforensics.ingest.text import as_string

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Between two values no string belongs; what looks like one after a lost quote would hide the next record.
_BRACKET: Final = re.compile(rb"[\[\]{}]")
_BLANK: Final = b" \t\r\n\v\f"
#: Programs send one of these behind each value (GELF and others; RFC 7464), DOS ended files with the third, and the
#: last, a byte order mark, stays where files were put together. More of them in a row are a gap in the file.
_SEPARATORS: Final = (b"\0", b"\x1e", b"\x1a", b"\xef\xbb\xbf")
#: Commas and blanks say nothing by themselves.
_SAYS_NOTHING: Final = b", \t\r\n"
#: Stands in every record that CloudTrail wrote.
_MARK: Final = b"eventVersion"
_OPENING: Final = (b"[", b"{")
#: What stands between two objects of a list.
_BORDER: Final = re.compile(rb"\}\s*+,\s*+(?=\{)")
#: Once more than this and one byte in ``_REREAD_SHARE`` had to be walked anew, no value is followed past the place
#: where the next record seems to begin: so the work stays in proportion to the text, however broken it is.
_MIN_REREAD_BYTES: Final = 1024 * 1024
_REREAD_SHARE: Final = 4
#: Nor is any value that is longer than this; CloudTrail's are shorter by far, and a container is read entry by entry.
_MAX_VALUE_BYTES: Final = 64 * 1024 * 1024
#: Of what stands between two values so much is held, and of a line in it so much is told.
_MAX_GAP_BYTES: Final = 64 * 1024
_KEPT_BYTES: Final = 1024
#: In so many brackets containers are entered.
_MAX_OPEN: Final = 16


class _Gap:
    """What stands before a bracket, since the value or the bracket before.

    Args:
        text: of the gap.
        around: the innermost bracket that is open there, or nothing at the top.
        expected: what stands there if nothing is broken.
    """

    def __init__(self, text: bytes, around: bytes, expected: bytes) -> None:
        said = text.strip(_BLANK)
        self.text, self.around = text, around
        self.said = b"" if said in _SEPARATORS else said
        self.ends_line = text.endswith(b"\n")
        self.is_key = said.endswith(b":") and not self.ends_line
        self.is_odd = self.said != expected and not (around == b"{" and (self.is_key or said == b","))


def whole_values(text: bytes) -> tuple[list[bytes], str]:
    """The values that are whole in a text, odd lines between them as JSON strings; and the damage in words."""
    if is_overfull(text):
        return [], OVERFULL
    reader = Salvage()
    return list(filter(None, chain(reader.items(text), reader.finish()))), reader.damage


class Salvage:
    """Feed windows to ``items``, then draw ``finish``.

    Args:
        offset: where the first window begins in the whole text, for the places that ``damage`` names.

    Attributes:
        kind: the framing that was found.
        damage: what was broken, in words; empty if every value was whole. Final after ``finish``.
    """

    def __init__(self, offset: int = 0) -> None:
        self.kind = ""
        self.damage = ""
        self._held = b""
        self._offset = self._base = offset
        self._at = 0  # up to here all was read
        self._due = 0  # reading goes on when so much is held
        self._starts = Starts()
        self._next = (0, -1)  # no place to start again lies from the first place up to the second
        self._open = b""  # the brackets around the next value: of lists, and of objects that hold them
        self._is_first = True  # no value of the list was met
        self._is_doubtful = False  # the list stands under another key than it should
        self._is_after_loss = False  # what stands before the next value says nothing
        self._is_line_told = False
        self._list = b""  # the key of the list in the container that is read entry by entry
        self._first_entry = b""
        self._reread_bytes = 0
        self._broken_count = self._first_broken = self._deep_count = self._odd_count = 0
        self._entered_count = self._long_count = 0  # of containers; nothing but its length shows that one is broken

    def items(self, window: bytes) -> Iterator[bytes]:
        """Yield the values that are complete with this window, and odd lines between values as JSON strings.

        Nothing is yielded for each bracket, so that who draws knows how far the reading is.
        """
        self._held += window
        if len(self._held) >= self._due:
            yield from self._read(is_last=False)

    def finish(self) -> Iterator[bytes]:
        """Yield what can still be saved after the end of the text, and set ``damage``."""
        yield from self._read(is_last=True)
        if self._open and not self.damage:
            in_list = "inside the list of records"
            behind = "after the list of records, before the brace that closes the file"
            self.damage = f"the text ends {in_list if self._open.endswith(b'[') else behind}"
        broken = f"{self._broken_count:,} broken record(s) left out, the first at byte {self._first_broken:,}"
        odd = f"at {self._odd_count:,} place(s) between records a comma is missing or text stands that is no record"
        told = [
            f"not valid JSON: {broken}" * bool(self._broken_count),
            self.damage,
            f"{self._deep_count:,} record(s) nested too deeply to be read, left out" * bool(self._deep_count),
            f"not valid JSON: {odd}" * bool(self._odd_count),
        ]
        if self._entered_count > self._long_count and not any(told):
            entered = self._entered_count - self._long_count
            told.append(f"not valid JSON: {entered:,} broken container(s), read entry by entry")
        self.damage = "; ".join(filter(None, told))
        self.kind = self.kind or "concatenated"

    def _read(self, *, is_last: bool) -> Iterator[bytes]:
        """Read on until the text that is held ends, be it inside a value."""
        self._next = (0, -1)
        while found := _BRACKET.search(self._held, self._at):
            token, place = found[0], found.start()
            yield b""
            gap, end = self._gap(place, token), None
            if token in _OPENING and not self._is_list(token, place, gap):
                end = self._end_of(place)
                if not end.place and not is_last and self._waits(place, end):
                    break
            yield from self._odd_lines(gap.text)
            self._at, is_part = place + 1, self._judge(gap, token)
            if token not in _OPENING:
                self._close(token)
            elif end is None:
                self._begin_list(token, place, gap)
            elif end.place and (within := self._starts.record_within(self._held[place : end.place])):
                self._begin_again(place, place + within)
            elif end.place:
                self._at = end.place
                item = self._held[place : end.place]
                if not gap.is_key:  # else it is a part of what stands around it
                    yield from self._taken(item, is_part=is_part)
                elif gap.around == b"[" and self._starts.is_list_of_records(item):
                    # No list has keys, so something was written into this one: the list of a key goes on with records.
                    yield from self._taken(item, is_part=False)
            else:
                self._leave(place, end, is_last=is_last)
        else:
            yield from self._rest(is_last=is_last)
        self._base += self._at
        self._held, self._at = self._held[self._at :], 0
        self._due = 2 * len(self._held) if found else 0

    def _gap(self, place: int, token: bytes) -> _Gap:
        around = self._open[-1:]
        has_comma = around == b"[" and not self._is_first and token in _OPENING
        return _Gap(self._held[self._at : place], around, b"," if has_comma else b"")

    def _is_list(self, token: bytes, place: int, gap: _Gap) -> bool:
        """True where no value begins, but a list of them or a log file.

        The head of a log file that stands where no value of a list can stand begins one, whatever is open before it.
        """
        if token == b"[":
            return not self._open or (gap.around == b"{" and gap.said != b",")
        may_be_entry = gap.around == b"[" and (gap.is_key or not (self._is_after_loss or gap.is_odd or gap.ends_line))
        return not may_be_entry and RECORDS_HEAD.match(self._held, place) is not None

    def _begin_list(self, token: bytes, place: int, gap: _Gap) -> None:
        if token == b"[":
            self.kind = self.kind or "array"
            self._is_doubtful = self._open != b"" and gap.said != b""
            self._open = self._open + b"[" if gap.said else b"["  # without a key it belongs to nothing that is open
        elif head := RECORDS_HEAD.match(self._held, place):
            self.kind = "concatenated" if self.kind else "Records"
            self._open, self._is_doubtful, self._at = b"{[", False, head.end()
        self._is_first, self._list = True, b""

    def _judge(self, gap: _Gap, token: bytes) -> bool:
        """Count what is odd before a bracket; True if the value that it opens may be part of a broken one."""
        is_odd = gap.is_odd and not self._is_after_loss
        self._is_doubtful = self._is_doubtful and not (self._is_after_loss or gap.ends_line)
        self._is_first = self._is_after_loss = False
        if gap.around != b"{":
            self._odd_count += is_odd
        elif token in _OPENING and gap.said == b",":  # no key stands before it: the list that seemed to end goes on
            self._odd_count += 1
            self._open += b"["
        return self._is_doubtful or self._open.endswith(b"{")

    def _close(self, token: bytes) -> None:
        """A closing bracket between two values: of a list, of an object that holds one, or one too many."""
        if self._open[-1:] + token in (b"[]", b"{}"):
            self._open, self._is_doubtful = self._open[:-1], False
        else:
            self._odd_count += 1

    def _rest(self, *, is_last: bool) -> Iterator[bytes]:
        """What stands behind the last bracket that is held; more of it than says anything is let go."""
        gap = self._gap(len(self._held), b"")
        if is_last:
            yield from self._odd_lines(gap.text)
            self._odd_count += not self._open and gap.is_odd and not self.damage
            self._at = len(self._held)
        elif len(gap.text) > _MAX_GAP_BYTES:
            text = gap.text.strip(_BLANK) + b"\n" * gap.ends_line
            if len(text) > _MAX_GAP_BYTES:
                yield from self._odd_lines(text[:-_KEPT_BYTES])
                text = text[-_KEPT_BYTES:]
            self._base += len(gap.text) - len(text)
            self._held = self._held[: self._at] + text

    def _odd_lines(self, gap: bytes) -> Iterator[bytes]:
        """The lines of a text between two values; a line on which other brackets stand among the text counts once."""
        for number, line in enumerate(() if self._open or self._is_after_loss else gap.split(b"\n")):
            self._is_line_told = self._is_line_told and not number
            said = line.strip(_SAYS_NOTHING)
            if said and said not in _SEPARATORS and not self._is_line_told:
                self._is_line_told = True
                yield as_string(line[:_MAX_GAP_BYTES])

    def _taken(self, item: bytes, *, is_part: bool) -> Iterator[bytes]:
        """Yield a whole value, as its container needs it, if it is one to hand on."""
        if is_part and not (_MARK in item if self._entered_count else self._starts.is_record(item)):
            return
        self._is_line_told = False
        self._learn(item, 0, is_whole=True)
        if not self._list or self._open[-1:] != b"[":
            yield item
        elif self._list == b"Rows":  # in answers of Athena the first row holds the names of columns
            yield b'{"ResultSet":{"Rows":[%b]}}' % b",".join(filter(None, (self._first_entry, item)))
            self._first_entry = self._first_entry or item
        else:
            yield b'{"%b":[%b]}' % (self._list, item) if item[:1] == b"[" else item

    def _end_of(self, place: int) -> End:
        """Seek the end of the value at a place; where it is not found, so far it was followed."""
        limit = min(len(self._held), place + _MAX_VALUE_BYTES)
        if self._reread_bytes > self._allowed():
            limit = min(limit, self._next_start(place + 1) or limit)
        return end_of_value(self._held, place, limit)

    def _waits(self, place: int, end: End) -> bool:
        """True if a value may end in the next window, or a place to go on behind it may follow there."""
        if end.is_open and end.walked_to == len(self._held):
            return True
        return len(self._held) - place < _MAX_VALUE_BYTES and self._next_start(place + 1) is None

    def _allowed(self) -> int:
        """How many bytes may be walked anew."""
        return _MIN_REREAD_BYTES + (self._base - self._offset + len(self._held)) // _REREAD_SHARE

    def _leave(self, place: int, end: End, *, is_last: bool) -> None:
        """Go on inside or behind a value that is broken or too long."""
        if self._enters(place, end):
            return
        self._is_after_loss = True
        self._learn(self._held, place)  # what stands beside it mostly begins alike
        again = self._next_start(place + 1) or self._next_entry(place + 1) or place_behind(self._held, place)
        again = self._moved(place + 1, again or len(self._held)) or again
        self._at = again or len(self._held)
        if is_last and not again:
            self.damage = f"the text ends inside a record that begins at byte {self._base + place:,}"
            return
        self._reread_bytes += max(end.walked_to - self._at, 0)
        if end.is_deep:
            self._deep_count += 1
        else:
            self._count_broken(place)

    def _next_entry(self, place: int) -> int | None:
        """Where a whole entry of a container begins, told by the text of a record in it; a record itself has none."""
        field = EVENT_FIELD.search(self._held, place)
        stop = field.start() if field else len(self._held)
        self._reread_bytes += stop - place
        for found in _BORDER.finditer(self._held, place, stop):
            if self._reread_bytes > self._allowed():
                return None
            end = end_of_value(self._held, found.end(), stop)
            self._reread_bytes += end.walked_to - found.end()
            if end.place and _MARK in self._held[found.end() : end.place]:
                self._learn(self._held, found.end())
                return found.end()
        return None

    def _moved(self, place: int, stop: int) -> int | None:
        """Where a whole record stands behind a colon of a broken value and is no member of it; None for nowhere."""
        for found in self._starts.behind_colon.finditer(self._held, place, stop):
            if self._reread_bytes > self._allowed():
                return None
            end = end_of_value(self._held, found.end(), len(self._held))
            self._reread_bytes += end.walked_to - found.end()
            if end.place and is_moved(self._held, found.end(), end.place):
                return found.end()
        return None

    def _begin_again(self, place: int, again: int) -> None:
        """Go on at a record inside of a value: it was cut, and what stood behind it read as if it belonged to it."""
        self._is_after_loss, self._at = True, again
        self._reread_bytes += again - place
        self._count_broken(place)

    def _count_broken(self, place: int) -> None:
        self._first_broken = self._first_broken if self._broken_count else self._base + place
        self._broken_count += 1

    def _enters(self, place: int, end: End) -> bool:
        """Go on at the first entry of the container at a place, which is not whole, if it has a list of entries."""
        limit = self._next_start(place + 1) or len(self._held)
        found = entries_of(self._held, place, limit) if len(self._open) < _MAX_OPEN else None
        if found:
            self._reread_bytes += max(end.walked_to - place, 0)
            self._entered_count += 1
            self._long_count += end.is_open and end.walked_to < len(self._held)
            self._open += b"{" * found.depth + b"["
            self._at, self._list, self._first_entry = found.first, found.key, b""
            self._is_first, self._is_doubtful = True, False
            self._learn(self._held, found.first)
        return found is not None

    def _learn(self, text: bytes, place: int, *, is_whole: bool = False) -> None:
        if self._starts.learn(text, place, is_whole=is_whole):
            self._next = (0, -1)

    def _next_start(self, place: int) -> int | None:
        """The first place from here on where reading can start again; none is sought for twice."""
        if not self._next[0] <= place <= self._next[1]:
            found = self._starts.again.search(self._held, place)
            self._next = place, found.start() if found else len(self._held)
        return self._next[1] if self._next[1] < len(self._held) else None
