"""Unwrap JSON values: an event stays as it is, a container gives way to the events in it.

Wrappings are undone one in another, as they come: a queue's message around a notification around an envelope.
What is not understood stays in the list, so that it is counted and told. The order is that of the text.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from rootforensics.ingest.containers.embedded import text_of, values_in
from rootforensics.ingest.containers.shapes import SHAPES, keys_of
from rootforensics.ingest.density import is_overfull
from rootforensics.ingest.framing import Values
from rootforensics.schema import CORE_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.ingest.containers.results import Made
    from rootforensics.ingest.framing import Framing

#: No service wraps deeper; a bomb may.
_MAX_DEPTH: Final = 8
#: A value without a known shape is searched for events this deep.
_MAX_SEARCH_DEPTH: Final = 4
_NULL: Final = b"null"
_OPENING: Final = (b"{", b"[")
_TOO_FULL: Final = (
    "holds more values than events of that size can have, as a compression bomb does; these were not opened"
)
_TELLING_FIELDS: Final = (*CORE_FIELDS, "eventTime", "eventType", "awsRegion", "recipientAccountId")
_TELLING_COUNT: Final = 4
_RESULTS: Final = (("class_uid", "metadata"), ("QueryResultRows",), ("ResultSet",))


def unwrap(values: Values, seen: Framing) -> Values:
    """Replace the containers in a list by what they hold.

    Args:
        values: as the framing found them.
        seen: takes the names of the containers.

    Returns:
        The same list if nothing in it is a container.
    """
    if values.originals is not None:  # put together by this package
        return values
    out: list[bytes] = []
    originals: list[bytes] = []
    changed = False
    for value in values.texts:
        text = bytes(value)
        if is_overfull(text):
            seen.damage = seen.damage or _TOO_FULL
        elif text[:1] in _OPENING and len(text) > len(b"[]") and (opened := _opened(text)):
            changed = True
            out.extend(opened.values)
            originals.extend(opened.originals)
            for name in opened.names:
                seen.containers.setdefault(name)
            for why, paths in opened.lacking:
                seen.note_lacking(why, paths)
            continue
        out.append(value)
        originals.append(value)
    return Values(out, originals=originals) if changed else values


def _opened(text: bytes) -> _Opened | None:
    opened = _Opened()
    return opened if (opened.take_list(text) if text[:1] == b"[" else opened.take(text, ())) else None


class _Opened:
    """What came out of one value."""

    def __init__(self) -> None:
        self.values: list[bytes] = []
        self.originals: list[bytes] = []
        self.names: dict[str, None] = {}
        self.lacking: list[tuple[str, frozenset[str]]] = []

    def take(self, value: bytes, path: tuple[str, ...]) -> bool:
        """Take in a value; False if it is no container and was not taken."""
        keys = keys_of(value)
        if keys is None or is_event(keys) or len(path) >= _MAX_DEPTH:
            return False
        if (made := _made(keys, value)) is not None:
            self._take_made(made, path)
            return True
        for shape in SHAPES:
            pieces = shape.open(keys)
            if pieces is not None:
                for piece in pieces:
                    self._take_piece(piece, (*path, shape.name))
                if not pieces:
                    self.names.setdefault(_spelled((*path, shape.name)))
                return True
        if (made := _made_from_row(keys, value)) is not None:
            self._take_made(made, path)
            return True
        return self._search(keys, path)

    def take_list(self, text: bytes) -> bool:
        """Take in the members of a list in a list."""
        for value in _members(text):
            if not self.take(value, ()):
                self._add(value)
        return bool(self.values)

    def _add(self, value: bytes, original: bytes | None = None) -> None:
        self.values.append(value)
        self.originals.append(value if original is None else original)

    def _take_made(self, made: Made, path: tuple[str, ...]) -> None:
        """Take in what was put together, and open what was carried as text."""
        here = (*path, made.name)
        if made.why:
            self.lacking.append((made.why, made.lacking))
        if not made.events:
            self.names.setdefault(_spelled(here))
        for event, original in zip(made.events, made.originals, strict=True):
            if original is None:
                self._take_piece(event, here)
            else:
                self._add(event, original)
                self.names.setdefault(_spelled(here))

    def _take_piece(self, piece: bytes, path: tuple[str, ...]) -> None:
        """Take in a part of a container: an object, a list, or either as text."""
        for value in _members(piece):
            for inner in self._told(value, path):
                if not self.take(inner, path):
                    self._add(inner)
                    self.names.setdefault(_spelled(path))

    def _told(self, value: bytes, path: tuple[str, ...]) -> Iterator[bytes]:
        """The values that a piece stands for; itself where it is no text, or text that says nothing."""
        text = text_of(value)
        inner = None if text is None else values_in(text)
        if inner is None:
            yield value
            return
        for one in inner:
            if one[:1] == b"[" and len(path) < _MAX_DEPTH:
                yield from _members(one)
            else:
                yield one

    def _search(self, keys: dict[str, bytes], path: tuple[str, ...]) -> bool:
        """Look for events in an object of unknown shape; taken only if there are some."""
        found = list(_events_below(keys, (), _MAX_SEARCH_DEPTH))
        for where, value in found:
            inner = (*path, f"object with {'.'.join(where)}")
            if not self.take(value, inner):
                self._add(value)
                self.names.setdefault(_spelled(inner))
        return bool(found)


def _made(keys: dict[str, bytes], value: bytes) -> Made | None:
    """What can be put together from an object; imported late, for most loads never meet one."""
    from rootforensics.ingest.containers.results import make

    return make(keys, value)


def _made_from_row(keys: dict[str, bytes], value: bytes) -> Made | None:
    from rootforensics.ingest.containers.results import make_from_row

    return make_from_row(keys, value)


def _spelled(path: tuple[str, ...]) -> str:
    """A path of containers for people: layers of the same kind count as one."""
    return " > ".join(name for name, _ in groupby(path))


def _members(piece: bytes) -> Iterator[bytes]:
    """The members of a list; the piece itself if it is none; nothing for null."""
    if piece[:1] == b"[":
        for value in values_in(piece) or ():
            yield from _members(value)
    elif piece != _NULL:
        yield piece


def _events_below(keys: dict[str, bytes], path: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], bytes]]:
    """Events, and containers of a known shape, among the members of an object."""
    for name, raw in keys.items():
        for value in _members(raw) if raw[:1] in (b"{", b"[") else ():
            inner = keys_of(value)
            if inner is None:
                continue
            here = (*path, name)
            if is_surely_event(inner) or _is_result(inner) or any(shape.is_certain(inner) for shape in SHAPES):
                yield here, value
            elif depth > 1 and not is_event(inner):
                yield from _events_below(inner, here, depth - 1)


def holds_events(name: str, raw: bytes) -> bool:
    """True for a member of an object that is an event or holds some."""
    return next(_events_below({name: raw}, (), _MAX_SEARCH_DEPTH), None) is not None


def _is_result(keys: dict[str, bytes]) -> bool:
    """True for an OCSF record or an answer to a query."""
    return any(all(name in keys for name in told_by) for told_by in _RESULTS)


def is_event(keys: dict[str, bytes]) -> bool:
    """True for an object with a field of a CloudTrail event, unless another service's name is its source."""
    return not keys.get("eventSource", b"").startswith(b'"aws:') and any(
        keys.get(name, _NULL) != _NULL for name in CORE_FIELDS
    )


def is_surely_event(keys: dict[str, bytes]) -> bool:
    """True for an object with so many of CloudTrail's fields that it is nothing else."""
    return is_event(keys) and sum(keys.get(name, _NULL) != _NULL for name in _TELLING_FIELDS) >= _TELLING_COUNT
