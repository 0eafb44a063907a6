"""Unwrap JSON values: an event stays as it is, a container gives way to the events in it.

Wrappings are undone one in another, as they come: a queue's message around a notification around an envelope.
What is not understood stays in the list, so that it is counted and told. The order is that of the text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from rootforensics.ingest.containers.carried import record_in
from rootforensics.ingest.containers.embedded import BombError, is_cut_record, is_line_of_record, values_of
from rootforensics.ingest.containers.hints import refusal_of
from rootforensics.ingest.containers.lines import holds_more, holds_record, records_in
from rootforensics.ingest.containers.search import events_below, is_flat
from rootforensics.ingest.containers.shapes import LOOKUP, SHAPES, Opened, is_event_text
from rootforensics.ingest.density import OVERFULL, is_overfull
from rootforensics.ingest.json_parts import is_event, is_surely_event, keys_of, members_of, string_of, taken_by
from rootforensics.ingest.seen import Framing
from rootforensics.ingest.text import as_string, clean, constants_as_text, is_clean
from rootforensics.ingest.values import Values

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from rootforensics.ingest.containers.results import Made
    from rootforensics.ingest.containers.shapes import Part
    from rootforensics.ingest.json_parts import Keys

#: No service wraps deeper; a bomb may.
_MAX_DEPTH: Final = 8
_OPENING: Final = (b"{", b"[")
#: So much of what containers hold is handed on at once.
_HELD_BYTES: Final = 64 * 1024 * 1024
_CONSTANTS: Final = "in containers stand NaN or Infinity, which are no JSON; they were read as text"
#: With these a value is an event, whatever else is in it.
NAMES: Final = ("eventVersion", "eventTime", "eventSource", "eventName")
_named_decoder: Final = msgspec.json.Decoder(
    msgspec.defstruct("Named", [*((name, str) for name in NAMES), ("userIdentity", msgspec.Raw)], gc=False)
)
_CUT: Final = (
    "a record in a text is cut off, broken or not to be told from the text around it; each such text is counted as no"
    " event, the others were read"
)


def unwrap(values: Values, seen: Framing) -> Iterator[Values]:
    """Replace the containers in a list by what they hold; in several lists where that is much.

    Args:
        values: as the framing found them.
        seen: takes the names of the containers, and what is wrong with them.

    Yields:
        The same list if nothing in it is a container.
    """
    out: list[bytes] = []
    originals: list[bytes] = []
    changed, held_bytes = False, 0
    for value in values.texts if values.originals is None else ():  # else put together by this package
        inside = _inside(bytes(value), seen)
        if inside is None:
            _check(bytes(value), seen, logged=seen.kind == "lines")
            out.append(value)
            originals.append(value)
            continue
        changed = True
        out += inside.values
        originals += inside.originals
        held_bytes += sum(map(len, inside.values))
        if seen.stopped:
            break
        if held_bytes > _HELD_BYTES:
            yield Values(out, originals=originals)
            out, originals, held_bytes = [], [], 0
    yield Values(out, originals=originals) if changed else values


def is_container(value: bytes) -> bool:
    """True for a value that ``unwrap`` would replace by what it holds."""
    return _inside(value, Framing()) is not None


def holds_others(value: bytes) -> bool:
    """As ``is_container``, at a fraction of its work for a record that names its event."""
    return taken_by(_named_decoder, value) is None and is_container(bytes(value))


def _check(value: bytes, seen: Framing, *, logged: bool) -> None:
    """Tell a record that begins in a text that could not be opened: one event is lost."""
    if is_cut_record(value, logged=logged) or (seen.kind == "lines" and is_line_of_record(value)):
        seen.damage = seen.damage or _CUT


def _inside(text: bytes, seen: Framing) -> _Inside | None:
    """What is in a container; None for a value that is none."""
    if is_overfull(text):
        seen.damage = seen.damage or OVERFULL
    elif (text[:1] in _OPENING and len(text) > len(b"[]")) or is_event_text(text):
        spelled = constants_as_text(text)
        inside = _Inside(seen)
        if inside.is_container(spelled):
            if spelled != text:
                seen.notes.setdefault(_CONSTANTS)
            return inside
    return None


class _Inside:
    """What comes out of one value."""

    def __init__(self, seen: Framing) -> None:
        self.values: list[bytes] = []
        self.originals: list[bytes] = []
        self._seen = seen
        seen.unpacked_bytes = 0

    def is_container(self, text: bytes) -> bool:
        """Take in a value if it is a container; where a limit ends that, what came before is kept."""
        try:
            return self._take_list(text) if text[:1] == b"[" else self._take(text, ())
        except BombError as error:
            self._seen.damage = f"what lies compressed in its texts {error}"
            self._seen.stopped = True
            return True

    def _take(self, value: bytes, path: tuple[str, ...]) -> bool:
        """Take in a value; False if it is no container and was not taken."""
        if len(path) >= _MAX_DEPTH:
            return False
        if is_event_text(value):
            self._take_piece(value, (*path, "text"))
            return True
        problems: list[str] = []
        spelled = value if is_clean(value) else clean(value, problems)
        keys = keys_of(spelled)
        if keys is None or not self._take_object(keys, spelled, path):
            return False
        for problem in problems:
            self._seen.notes.setdefault(f"in containers {problem}")
        return True

    def _take_object(self, keys: Keys, value: bytes, path: tuple[str, ...]) -> bool:
        if refusal := refusal_of(keys):
            self._seen.refusal = refusal
            self._add(as_string(refusal.partition(":")[0].encode()), value)
            return True
        is_row = is_flat(keys) or (is_surely_event(keys) and record_in(keys) is not None)
        made = _results().make_from_row(keys, value) if is_row else None
        if "eventData" in keys:
            made = made or _results().make(keys, value, self._seen)
        if made is None and is_surely_event(keys):
            return False
        made = made or _results().make(keys, value, self._seen)
        is_weak = is_event(keys)  # too few fields to be sure: a wrapper may have such names, too
        for shape in SHAPES if made is None and not is_weak else ():
            opened = shape.open(keys)
            if opened is not None:
                self._take_opened(opened, value, (*path, shape.name), path)
                return True
        if not is_weak:
            made = made or _results().make_from_row(keys, value)
        if made is not None:
            self._take_made(made, path)
            return True
        return self._search(keys, path)

    def _take_list(self, text: bytes) -> bool:
        """Take in the members of a list in a list."""
        for value in _flat(text):
            if not self._take(value, ()):
                self._add(value)
        return bool(self.values)

    def _add(self, value: bytes, original: bytes | None = None) -> None:
        _check(value, self._seen, logged=original is None)
        self.values.append(value)
        self.originals.append(value if original is None else original)

    def _name(self, path: tuple[str, ...]) -> None:
        self._seen.name_container(path)

    def _take_opened(self, opened: Opened, value: bytes, here: tuple[str, ...], path: tuple[str, ...]) -> None:
        """Take in what a container holds, and events that stand beside that."""
        if not opened.parts:
            self._name(here)
        for part in opened.parts:
            if here[-1] != LOOKUP or not self._take_entry(part, part.holder or value, here):
                self._take_piece(part.piece, here)
            self._search({name: raw for name, raw in part.beside.items() if raw != part.piece}, here)
        known = {part.piece for part in opened.parts}
        self._search({name: raw for name, raw in opened.beside.items() if raw not in known}, path)

    def _take_entry(self, part: Part, entry: bytes, path: tuple[str, ...]) -> bool:
        """Take an entry of LookupEvents by what it says itself if the event that it should hold is not there."""
        if any(value[:1] == b"{" for value in self._told(part.piece, path)):
            return False
        made = _results().make_from_entry(keys_of(entry) or {}, entry)
        if made is None:
            return False
        self._seen.notes.setdefault(
            "entries of LookupEvents without a readable CloudTrailEvent were taken by what else they say: no identity"
            " but the user name, no address, no parameters"
        )
        self._take_made(made, path)
        return True

    def _take_made(self, made: Made, path: tuple[str, ...]) -> None:
        """Take in what was put together, and open what was carried as text."""
        here = (*path, made.name)
        if made.why:
            self._seen.note_lacking(made.why, made.lacking)
        if not made.events:
            self._name(here)
        for event, original in zip(made.events, made.originals, strict=True):
            if original is None:
                self._take_piece(event, here)
            else:
                self._add(event, original)
                self._name(here)

    def _take_piece(self, piece: bytes, path: tuple[str, ...]) -> None:
        """Take in a part of a container: an object, a list, or either as text."""
        for inner in self._told(piece, path):
            is_unopened = inner == piece and is_event_text(piece)
            if is_unopened or not self._take(inner, path):
                self._add(inner)
                self._name(path)

    def _told(self, piece: bytes, path: tuple[str, ...]) -> Iterator[bytes]:
        """The values that a piece stands for; a text that says nothing stands for itself, so that it is counted."""
        for value in _flat(piece):
            is_line = self._seen.kind == "lines" and path == ("text",)  # the records in it stand before it
            inner = values_of(value, self._seen) or ([] if is_line else self._logged(value))
            for one in inner or [value]:
                if one[:1] == b"[" and len(path) < _MAX_DEPTH:
                    yield from _flat(one)
                else:
                    yield one

    def _logged(self, value: bytes) -> list[bytes]:
        """The records in a text that is as a line of a log."""
        text = (string_of(value) or "").encode("utf-8", errors="surrogatepass") if b"eventVersion" in value else b""
        found = records_in(text, self._seen) if holds_record(text) else []
        if found and holds_more(text, found):
            self._seen.damage = self._seen.damage or _CUT
        return found

    def _search(self, keys: Keys, path: tuple[str, ...]) -> bool:
        """Look for events in an object of unknown shape; taken only if there are some."""
        found = list(events_below(keys, self._seen))
        for where, value in found:
            self._take_piece(value, (*path, self._seen.name_of_keys(where)))
        return bool(found)


def _results() -> ModuleType:
    """What puts records together; imported late, for most loads never meet any."""
    from rootforensics.ingest.containers import results

    return results


def _flat(piece: bytes) -> Iterator[bytes]:
    """The members of a list and of lists in it; the piece itself if it is none."""
    waiting = [piece]
    while waiting:
        value = waiting.pop()
        members = members_of(value) if value[:1] == b"[" and not is_overfull(value) else None
        if members is None:
            yield value
        waiting += (members or [])[::-1]
