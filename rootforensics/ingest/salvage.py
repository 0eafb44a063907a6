"""Read what is whole in JSON that as a whole is not: cut off, glued together, or broken in the middle.

The reader walks the text's brackets and strings, which is slower than decoding but needs no valid document. It
hands on each complete value that stands where a record may stand (at the top, in a top-level array, in a
``Records`` list) and that the JSON decoder accepts, and remembers what it had to leave.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rootforensics.ingest.cut_text import whole_in_cut_text
from rootforensics.ingest.gaps import SEPARATORS, OddLines
from rootforensics.ingest.heads import RECORDS_HEAD, Starts, list_head
from rootforensics.ingest.whole import TooDeepError, end_of_value, is_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.ingest.heads import ListHead

_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{}]|"', re.DOTALL)
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
        self._nesting = 0
        self._is_fragment = self._begins_again = False
        # The open value is not broken so far: it is followed, whatever begins in it; and no window is to come.
        self._waits = self._is_final = False
        self._starts = Starts()
        self._broken_count = 0
        self._deep_count = 0
        self._first_broken = 0
        self._reread_bytes = 0
        # An open value is followed to here, and the last token was sought up to here.
        self._reach = self._sought = 0
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
        self._none_to = -1
        if self._start >= 0:
            self._set_reach()
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
            self._start, self._nesting, self._position = -1, 0, 0
        else:
            self._start, self._position = 0, self._position - keep

    def finish(self) -> Iterator[bytes]:
        """Yield what can still be saved after the end of the text, and set ``damage``."""
        self._is_final = True
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
        """Walk on from ``_position`` until the text or its last complete token ends."""
        while True:
            match = self._next_token()
            if match is None and (self._start < 0 or self._reach >= len(self._held)):
                return
            if match is None:
                self._stretch_or_break_off()
                continue
            token, self._position = match.group(), match.end()
            if token[:1] == b'"':
                continue
            if self._start < 0:
                self._between(token, match.start())
                yield from self._odd_lines.values(self._held, ended=True)
            elif (item := self._inside(token, match)) is not None:
                yield item

    def _next_token(self) -> re.Match[bytes] | None:
        """The next complete token in reach; a string that does not end is none (more is to come, or a quote lacks)."""
        if self._start < 0:
            return _BRACKET.search(self._held, self._position)
        match = _TOKEN.search(self._held, self._position, self._reach)
        if match is None or match.group() == b'"':
            self._sought = min(self._reach, len(self._held))
            return None
        return match

    def _set_reach(self) -> None:
        """How far the open value is followed, to begin with."""
        self._reach = self._start + _LOOK_AHEAD_BYTES
        if self._reread_bytes > self._allowed():
            found = self._next_start(self._start + 1)
            self._reach = len(self._held) if found is None else found

    def _allowed(self) -> int:
        """How many bytes may be walked anew."""
        return _MIN_REREAD_BYTES + (self._base - self._offset + len(self._held)) // _REREAD_SHARE

    def _stretch_or_break_off(self) -> None:
        """A value that does not end in reach goes on if no record seems to begin in it, and not for ever."""
        begun, end = self._start, len(self._held)
        found = self._next_start(begun + 1)
        if found is None and end - begun <= _MAX_VALUE_BYTES:
            self._reach = end
            return
        if self._enter(begun):
            self._long_count += 1
            return
        self._leave_out(begun)
        if not self._restart_after(begun):
            self._position = end

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
            self._begin(place)
        else:
            self._close(token, place)

    def _begin(self, place: int) -> None:
        self._start, self._nesting, self._sought, self._waits = place, 1, place, False
        self._set_reach()

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

    def _inside(self, token: bytes, match: re.Match[bytes]) -> bytes | None:
        """A bracket inside a value; the value, if this one ends it."""
        if token in (b"{", b"["):
            self._nesting += 1
            if self._is_next_record(match.start()):  # a record in a record
                begun = self._start
                if end := self._end_of(begun):
                    return self._complete(end)
                if self._waits:  # it may end in the next window, or behind what may be walked twice
                    return None
                # The outer one never ended.
                self._leave_out(begun)
                if not self._restart_after(begun):
                    self._begin(match.start())
                    self._is_fragment = False
            return None
        self._nesting -= 1
        return None if self._nesting else self._complete(match.end())

    def _end_of(self, place: int) -> int | None:
        """Where the value ends that begins at a place, if it is whole and that can be told within bounds."""
        end, walked, is_open = end_of_value(self._held, place, max(self._allowed() - self._reread_bytes, 0))
        self._waits = is_open and not end and not self._is_final
        self._reread_bytes += 0 if end else walked  # what is whole is walked no more
        return end

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

    def _is_next_record(self, place: int) -> bool:
        """True at a record that begins after a comma, although the one before has not ended and is not followed."""
        return (
            not self._waits
            and self._container == _IN_LIST
            and self._starts.record.match(self._held, place) is not None
            and self._held[max(place - 64, 0) : place].rstrip().endswith(b",")
        )

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
        self._start, self._nesting, self._position = -1, 0, head.end
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
        self._start, self._nesting, self._gap = -1, 0, None
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
