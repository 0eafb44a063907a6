"""Find events that lie somewhere in an object of unknown shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.ingest.containers.embedded import text_of, values_of
from rootforensics.ingest.containers.hints import refusal_of
from rootforensics.ingest.containers.results import is_row
from rootforensics.ingest.containers.shapes import SHAPES, is_event_text
from rootforensics.ingest.json_parts import is_surely_event, keys_of, members_of
from rootforensics.ingest.text import PACKED_STARTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.ingest.json_parts import Keys
    from rootforensics.ingest.seen import Framing

    Found = tuple[tuple[str, ...], bytes]

#: A value without a known shape is searched for events this deep at one go.
_MAX_SEARCH_DEPTH: Final = 4
#: Stands in every record that CloudTrail wrote.
_MARK: Final = b"eventVersion"
_RESULTS: Final = (("class_uid", "metadata"), ("QueryResultRows",), ("ResultSet",))


def is_flat(keys: Keys) -> bool:
    """True for an event whose nested fields were spread: ``userIdentity.type`` is a key of its own."""
    return "userIdentity" not in keys and any(name.startswith("userIdentity.") for name in keys)


def events_below(
    keys: Keys, seen: Framing, path: tuple[str, ...] = (), depth: int = _MAX_SEARCH_DEPTH
) -> Iterator[Found]:
    """Events, and containers of a known shape, among the members of an object; each with its path.

    Where one member of a list is an event, all are handed on: what is none must be counted. What lies deeper than is
    searched, and may be an event, is handed on as it is.
    """
    for name, raw in keys.items():
        here = (*path, name)
        if raw[:1] == b'"':
            if is_event_text(raw):
                yield here, raw
            elif raw.startswith(PACKED_STARTS, 1) and (unpacked := _unpacked(raw, seen)):
                yield here, unpacked
        elif raw[:1] in (b"{", b"["):
            yield from _in_value(here, raw, seen, depth)


def holds_events(name: str, raw: bytes, seen: Framing) -> bool:
    """True for a member of an object that is an event or holds some."""
    return next(events_below({name: raw}, seen), None) is not None


def _in_value(here: tuple[str, ...], raw: bytes, seen: Framing, depth: int) -> Iterator[Found]:
    members = (members_of(raw) or []) if raw[:1] == b"[" else [raw]
    if any(map(_is_certain, members)):
        for member in members:
            yield here, member
    elif depth > 1:
        for member in members:
            if member[:1] == b"[":
                yield from _in_value(here, member, seen, depth - 1)
            elif inner := keys_of(member):
                yield from events_below(inner, seen, here, depth - 1)
    elif _MARK in raw:
        yield here, raw


def _is_certain(value: bytes) -> bool:
    """True for an event, a container of a known shape, or either as text."""
    keys = keys_of(value)
    if keys is None:
        return is_event_text(value)
    if is_surely_event(keys) or any(all(name in keys for name in told_by) for told_by in _RESULTS):
        return True
    if any(shape.is_certain(keys) for shape in SHAPES) or refusal_of(keys):
        return True
    return is_row(keys, value)


def _unpacked(raw: bytes, seen: Framing) -> bytes | None:
    """The list of values in a text in base64, if there are events among them."""
    damage = seen.damage
    values = values_of(raw, seen)
    if not values or not any(_is_certain(value) or _holds(value, seen) for value in values):
        is_broken_record = seen.damage != damage and _MARK in (text_of(raw, seen) or b"")
        seen.damage = seen.damage if is_broken_record else damage  # anything else may be spelled so
        return None
    return b"[%b]" % b",".join(values)


def _holds(value: bytes, seen: Framing) -> bool:
    keys = keys_of(value)
    return keys is not None and next(events_below(keys, seen), None) is not None
