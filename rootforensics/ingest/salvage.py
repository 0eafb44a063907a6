"""Read what is whole in JSON that as a whole is not: cut off, glued together, or broken in the middle.

Where a value may stand (at the top, in a top-level array, in a ``Records`` list) the JSON decoder reads one, whatever
follows it. What it does not read is left out and remembered, and reading goes on where the next record seems to begin.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rootforensics.ingest.cut_text import whole_in_cut_text
from rootforensics.ingest.gaps import SEPARATORS, OddLines
from rootforensics.ingest.heads import RECORDS_HEAD, Starts, behind, list_head
from rootforensics.ingest.whole import TooDeepError, end_of_value, is_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.ingest.heads import ListHead

#: Between two values no string belongs; what looks like one after a lost quote would hide the next record.
_BRACKET: Final = re.compile(rb"[\[\]{}]")
_BLANK_GAP: Final = re.compile(rb"\s*+%b?\s*+" % SEPARATORS)
#: Stands in every record that CloudTrail wrote.
_MARK: Final = b"eventVersion"
#: Once more than this and one byte in ``_REREAD_SHARE`` had to be walked anew, no value is followed past the place
#: where the next record seems to begin: so the work stays in proportion to the text, however broken it is.
_MIN_REREAD_BYTES: Final = 1024 * 1024
_REREAD_SHARE: Final = 4
#: Nor is any value that is longer than this, and one without such a place is left out at ``_MAX_VALUE_BYTES``.
_LOOK_AHEAD_BYTES: Final = 64 * 1024 * 1024
_MAX_VALUE_BYTES: Final = 256 * 1024 * 1024
#: A value at the top that begins so shortly before a window ends may turn out to be the head of a log file.
_MAX_HEAD_BYTES: Final = 64 * 1024
#: Containers are entered so deep, one in another: each level walks the text once more.
_MAX_ENTERED: Final = 2
#: What stands before the list of entries in a container is walked so far at any rate.
_MIN_LOOKED: Final = 1024
#: Before a value inside a record stands one of these.
_INSIDE: Final = (b":", b",", b'"')

_TOP, _IN_LIST = 0, 1


class Salvage:
    """Feed windows to ``items``, then draw ``finish``.

    Args:
        offset: where the first window begins in the whole text, for the places that ``damage`` names.
        enters: False to leave out a container that is broken, in place of its whole entries.

    Attributes:
        kind: the framing that was found.
        damage: what was broken, in words; empty if every value was whole. Final after ``finish``.
    """

    def __init__(self, offset: int = 0, *, enters: bool = True) -> None:
        self.kind = ""
        self.damage = ""
        self._held = b""
        self._before = b"\n"  # what stands before ``_held``
        self._offset = self._base = offset
        self._container = _TOP
        self._wrapper_depth = 0
        self._under_other_key = False
        self._position = 0
        self._start = -1
        self._is_fragment = self._begins_again = self._is_final = False
        self._starts = Starts()
        self._broken_count = 0
        self._deep_count = 0
        self._first_broken = 0
        self._reread_bytes = 0
        self._sought = 0  # the open value was read up to here
        self._due = 0  # it is read anew when so much is held
        # No place to start again lies from the first place up to the second.
        self._none_from, self._none_to = 0, -1
        # What stands between two values, shortened; None where that says nothing.
        self._gap: bytes | None = b""
        self._gap_from = 0
        self._gap_end = b""
        self._odd_lines = OddLines()
        self._first_in_list = True
        self._odd_gaps = 0
        # Of the container that is read entry by entry.
        self._enters = enters
        self._entered_count = self._depth = 0
        self._long_count = 0  # of these, entered for their length alone: nothing shows that they are broken
        self._list: ListHead | None = None
        self._first_entry = b""

    def items(self, window: bytes) -> Iterator[bytes]:
        """Yield the values that are complete with this window, and odd lines between values as JSON strings."""
        self._held += window
        if len(self._held) < self._due:
            return
        self._none_to = -1
        yield from self._scan()
        keep = self._start if self._start >= 0 else len(self._held)
        self._take_gap(keep)
        yield from self._odd_lines.values(self._held, ended=False)
        self._base += keep
        self._before = self._held[keep - 1 : keep] or self._before
        self._held = self._held[keep:]
        self._none_to, self._gap_from = -1, 0
        if self._start < 0 or (self._container == _TOP and len(self._held) < _MAX_HEAD_BYTES):
            self._begins_again = self._start >= 0
            self._start, self._position = -1, 0
        else:
            self._start = self._position = 0
        self._due = 2 * len(self._held) if self._start >= 0 else 0

    def finish(self) -> Iterator[bytes]:
        """Yield what can still be saved after the end of the text, and set ``damage``."""
        self._is_final, self._none_to = True, -1
        while True:
            yield from self._scan()
            if self._start < 0:
                break
            begun = self._start
            if self._enter(begun):
                continue
            if not self._restart_after(begun):
                self.damage = f"the text ends inside a record that begins at byte {self._base + begun:,}"
                yield from whole_in_cut_text(self._held, begun)
                break
            self._leave_out(begun)
        self._take_gap(len(self._held))
        yield from self._odd_lines.values(self._held, ended=True)
        if not self.damage and self._container == _IN_LIST:
            self.damage = "the text ends inside the list of records"
        elif not self.damage and self._wrapper_depth:
            self.damage = "the text ends after the list of records, before the brace that closes the file"
        elif self._container == _TOP and self._gap:
            self._odd_gaps += 1
        self._tell_damage()
        self.kind = self.kind or "concatenated"

    def _tell_damage(self) -> None:
        parts = [self.damage]
        if self._broken_count:
            count, place = self._broken_count, self._first_broken
            parts.insert(0, f"not valid JSON: {count:,} broken record(s) left out, the first at byte {place:,}")
        if self._deep_count:
            parts.append(f"{self._deep_count:,} record(s) nested too deeply to be read, left out")
        if self._odd_gaps:
            parts.append(
                f"not valid JSON: at {self._odd_gaps:,} place(s) between records a comma is missing or text stands"
                " that is no record"
            )
        broken = self._entered_count - self._long_count
        if broken and not any(parts):
            parts.append(f"not valid JSON: {broken:,} broken container(s), read entry by entry")
        self.damage = "; ".join(part for part in parts if part)

    def _scan(self) -> Iterator[bytes]:
        """Read on from ``_position`` until the text ends, be it inside a value."""
        while True:
            if self._start >= 0:
                end, is_open, is_all = self._end_of(self._start)
                if end and (item := self._complete(end)) is not None:
                    yield item
                if not end and ((is_open and is_all) or not self._break_off(is_long=is_open)):
                    return
            elif match := _BRACKET.search(self._held, self._position):
                self._position = match.end()
                self._between(match.group(), match.start())
                yield from self._odd_lines.values(self._held, ended=True)
            else:
                return

    def _end_of(self, begun: int) -> tuple[int | None, bool, bool]:
        """Where the open value ends, or None; whether it is not broken so far; whether all that is held was read."""
        rest = len(self._held) - begun
        bounds = [min(rest, _LOOK_AHEAD_BYTES), min(rest, _MAX_VALUE_BYTES)]
        if self._reread_bytes > self._allowed() and (found := self._next_start(begun + 1)) is not None:
            bounds = [min(bounds[0], found - begun)]
        end, is_open, most = None, True, 0
        for most in bounds:
            try:
                end, walked, is_open = end_of_value(self._held, begun, most)
            except TooDeepError:
                end, is_whole = behind(self._held, begun, len(self._held))
                self._sought = end
                return (end, False, True) if is_whole else (None, True, rest <= _LOOK_AHEAD_BYTES)
            self._sought = begun + walked
            if end or not is_open or most == rest or self._next_start(begun + 1) is not None:
                break
        return end, is_open, most == rest

    def _break_off(self, *, is_long: bool) -> bool:
        """Go on inside or behind a value that is broken or too long; False if a place for that may follow."""
        begun, end = self._start, 0
        if self._next_start(begun + 1) is None:
            end, is_whole = behind(self._held, begun, len(self._held))
            size = len(self._held) - begun
            if size <= _LOOK_AHEAD_BYTES and not (self._is_final and is_whole):
                return False
        if self._enter(begun):
            self._long_count += is_long
            return True
        self._leave_out(begun)
        if not self._restart_after(begun):
            self._position = end or len(self._held)
        return True

    def _allowed(self) -> int:
        """How many bytes may be walked anew."""
        return _MIN_REREAD_BYTES + (self._base - self._offset + len(self._held)) // _REREAD_SHARE

    def _between(self, token: bytes, place: int) -> None:
        """A bracket between two values."""
        if self._list and self._container == _TOP and self._wrapper_depth and token in (b"{", b"["):
            self._take_gap(place)
            if self._gap == b",":  # no key stands before it: the list that seemed to end goes on
                self._container, self._odd_gaps = _IN_LIST, self._odd_gaps + 1
        if self._container == _TOP and token == b"[":
            self._check_gap(place)
            self._under_other_key, self._list = self._wrapper_depth > 0, None
            self._open_list(self.kind or "array")
        elif self._container == _TOP and (head := RECORDS_HEAD.match(self._held, place)):
            self._check_gap(place)
            self._position, self._wrapper_depth, self._list = head.end(), 1, None
            self._open_list("concatenated" if self.kind else "Records")
        elif token in (b"{", b"["):
            self._check_gap(place)
            self._start = place
        else:
            self._close(token, place)

    def _open_list(self, kind: str) -> None:
        self._container, self._first_in_list, self.kind = _IN_LIST, True, kind
        self._gap, self._gap_from = b"", self._position

    def _close(self, token: bytes, place: int) -> None:
        """A closing bracket between two values: of a list, of a wrapper, or one too many."""
        self._take_gap(place)
        if self._container == _IN_LIST and token == b"]":
            self._odd_gaps += bool(self._gap)
            self._container, self._under_other_key, self._depth = _TOP, False, 0
        elif self._container == _TOP and self._wrapper_depth:
            self._wrapper_depth -= token == b"}"
        else:
            self._odd_gaps += 1
        self._gap, self._gap_from = b"", self._position

    def _take_gap(self, place: int) -> None:
        if self._gap is not None:
            is_blank = _BLANK_GAP.fullmatch(self._held, self._gap_from, place) is not None
            text = b"" if is_blank else self._held[self._gap_from : place].strip()
            self._gap, self._gap_end = (self._gap + text)[:2], text[-1:] or self._gap_end
            if self._container == _TOP and not self._wrapper_depth:
                self._odd_lines.take(self._gap_from, place)
            self._gap_from = place

    def _check_gap(self, place: int) -> None:
        """Between two records of a list stands one comma, elsewhere nothing."""
        if self._begins_again:  # it was looked at when the window before ended
            self._begins_again = False
            return
        self._take_gap(place)
        in_list = self._container == _IN_LIST
        expected = b"," if in_list and not self._first_in_list else b""
        is_odd = self._gap not in (None, expected) and (in_list or not self._wrapper_depth)
        self._odd_gaps += is_odd
        # A value after a key: of the wrapper, or of a record whose beginning was lost.
        is_of_wrapper = self._under_other_key or (self._wrapper_depth > 0 and not in_list)
        is_inside = (self._gap or b"").strip(b",") != b"" and (in_list or self._gap_end in _INSIDE)
        before = self._held[place - 1 : place] if place else self._before
        self._is_fragment = is_of_wrapper or (is_odd and is_inside and before != b"\n")
        self._gap, self._gap_end, self._first_in_list = None, b"", False

    def _complete(self, end: int) -> bytes | None:
        """The value that ends here, if it is one to hand on."""
        start, self._start = self._start, -1
        self._position, self._gap, self._gap_from = end, b"", end
        item = self._held[start:end]
        if not self._accepts(item, start):
            return None
        if self._is_fragment and not self._starts.record.match(self._held, start):
            return None if not self._entered_count or _MARK not in item else item
        self._odd_lines.end_line()
        if self._starts.learn(item):
            self._none_to = -1
        return self._in_container(item)

    def _accepts(self, item: bytes, place: int) -> bool:
        """True for a valid value; reading goes on inside or behind one that is not."""
        try:
            if is_value(item):
                return True
            if self._enter(place):
                return False
            self._leave_out(place)
        except TooDeepError:
            self._deep_count += 1
        self._restart_after(place)
        return False

    def _enter(self, place: int) -> bool:
        """Go on at the first entry of the container at a place, which is not whole, if it has a list of entries."""
        if not self._enters or self._depth >= _MAX_ENTERED:
            return False
        limit = place + max(self._allowed() - self._reread_bytes, _MIN_LOOKED)
        head, walked_to = list_head(self._held, place, min(self._next_start(place + 1) or limit, limit))
        self._reread_bytes += walked_to - place
        if head is None:
            return False
        self._reread_bytes += max(max(self._position, self._sought) - head.end, 0)
        self._start, self._position = -1, head.end
        self._wrapper_depth, self._list, self._first_entry = len(head.path), head, b""
        self._entered_count += 1
        self._depth += 1
        self._under_other_key = False
        self._open_list(self.kind)
        if self._starts.learn_entry(self._held, head.end):
            self._none_to = -1
        return True

    def _in_container(self, item: bytes) -> bytes:
        """A value as its container needs it, if it is an entry of one that is read entry by entry."""
        if self._list is None or self._container == _TOP:
            return item
        whole = self._list.wrapped(item, self._first_entry)
        self._first_entry = self._first_entry or item
        return whole

    def _leave_out(self, place: int) -> None:
        if not self._broken_count:
            self._first_broken = self._base + place
        self._broken_count += 1

    def _restart_after(self, place: int) -> bool:
        """Go on at the next place where that is possible, if there is one."""
        self._start, self._gap = -1, None
        if self._starts.learn_entry(self._held, place):  # what stands beside it mostly begins alike
            self._none_to = -1
        found = self._next_start(place + 1)
        if found is None:
            return False
        self._reread_bytes += max(max(self._position, self._sought) - found, 0)
        self._position = found
        return True

    def _next_start(self, place: int) -> int | None:
        """The first place from here on where reading can start again; none is sought for twice."""
        if not self._none_from <= place <= self._none_to:
            found = self._starts.again.search(self._held, place)
            self._none_from, self._none_to = place, found.start() if found else len(self._held)
        return self._none_to if self._none_to < len(self._held) else None
