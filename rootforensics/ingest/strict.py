"""The strict decoder: it takes an event whose every field is in the schema, or is new, and every value of its type.

It is built from the schema. AWS adds fields every year: it learns those of the values that it is given, so that a new
field in each record costs little more than none.
"""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Final, NamedTuple

import msgspec

from rootforensics.ingest.density import is_overfull
from rootforensics.ingest.printed import plain_name
from rootforensics.ingest.scalars import NO_ERROR, NOT_TAKEN
from rootforensics.schema import EVENT_FIELDS, FLAG, FREE, TEXT, Field

if TYPE_CHECKING:
    from collections.abc import Iterator

    #: Where a field is in a record.
    Path = tuple[str, ...]

#: What is raised for a value that is not decoded.
NOT_STRICT: Final = (msgspec.DecodeError, RecursionError, ValueError)
#: What the decoder asks of a text beyond being one.
_STRICT_TEXTS: Final = {
    "eventID": msgspec.Meta(min_length=1),
    "errorCode": msgspec.Meta(pattern=rf"\A(?!{NO_ERROR}\Z)"),
}
#: New fields that are learnt; what has more of them is not taken.
_MOST_NEW: Final = 16
_PLAIN_NAME: Final = re.compile("[A-Za-z][A-Za-z0-9]*")
_BRACE: Final = ord("{")
_object_decoder: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Strict:
    """Decodes the values of one list."""

    def __init__(self) -> None:
        self._new: frozenset[Path] = frozenset()
        self._decoder = _decoder_of(self._new)

    def take(self, text: bytes | memoryview, *, learn: bool = True) -> Any:  # noqa: ANN401 - the generated struct
        """The event as a struct; None for any other value.

        Args:
            text: JSON.
            learn: take what has new fields as well.
        """
        try:
            return self._decoder.decode(text)
        except NOT_STRICT:
            return self.take(text, learn=False) if learn and self._learn(bytes(text)) else None

    def more_of(self, event: Any) -> dict[str, Any]:  # noqa: ANN401 - the generated struct
        """What an event has in new fields, each at its path, as it is spelled."""
        more: dict[str, Any] = {}
        for *objects, name in self._new:
            held, place = event, more
            for one in objects:
                held = held and getattr(held, one)
            if held is not None and (raw := getattr(held, name)) is not None:
                for one in objects:
                    place = place.setdefault(one, {})
                place[name] = raw
        return more

    def _learn(self, text: bytes) -> bool:
        """Learn the fields of a value that are new; False if there are none, or one may be known by another name."""
        if len(self._new) >= _MOST_NEW or is_overfull(text):
            return False
        try:
            found = self._new.union(_paths_in(_unknown(text, _KNOWN)))
        except NOT_STRICT:
            return False
        if found == self._new:
            return False
        self._new, self._decoder = found, _decoder_of(found)
        return True


def has_core(event: Any) -> bool:  # noqa: ANN401 - the generated struct
    """True for what has a field by which an event is told."""
    return (
        event.eventName is not None
        or event.eventSource is not None
        or event.eventVersion is not None
        or event.eventID is not None
        or event.userIdentity is not None
    )


@lru_cache(64)
def _decoder_of(new: frozenset[Path]) -> msgspec.json.Decoder[Any]:
    fields = deepcopy(EVENT_FIELDS)
    for *objects, name in new:
        place: Any = fields
        for one in objects:
            place = place[one]
        place[name] = FREE
    return msgspec.json.Decoder(_struct_of("event", fields))


def _type_of(name: str, field: Field) -> Any:  # noqa: ANN401 - a type form for msgspec
    if isinstance(field, dict):
        return _struct_of(name, field)
    if isinstance(field, list):
        return list[_struct_of(name, dict(field[0]))]  # type: ignore[misc]
    if field == TEXT:
        return Annotated[str, _STRICT_TEXTS[name]] if name in _STRICT_TEXTS else str
    if field == FLAG:
        return bool
    return msgspec.Raw if field == FREE else datetime


def _struct_of(name: str, fields: dict[str, Field]) -> type[msgspec.Struct]:
    members = []
    for key, shape in fields.items():
        kind = _type_of(key, shape)
        members.append((key, kind if kind is msgspec.Raw else kind | None, None))
    return msgspec.defstruct(f"Strict_{name}", members, forbid_unknown_fields=True, omit_defaults=True, gc=False)


def _names(field: Field) -> Iterator[str]:
    """All names in a field's shape."""
    parts = field if isinstance(field, dict) else dict(field[0]) if isinstance(field, list) else {}
    for name, part in parts.items():
        yield name
        yield from _names(part)


class _Known(NamedTuple):
    """The names of the fields of an object, and those that are objects themselves."""

    names: frozenset[str]
    objects: list[tuple[str, _Known]]


def _known(fields: dict[str, Field]) -> _Known:
    objects = [(name, _known(field)) for name, field in fields.items() if isinstance(field, dict)]
    return _Known(frozenset(fields), objects)


_KNOWN: Final = _known(EVENT_FIELDS)
#: Names of known fields at all depths, and of what says something of its own, as they are compared.
_SPOKEN_FOR: Final = frozenset(map(plain_name, (*_names(EVENT_FIELDS), NOT_TAKEN, "evidence_id", "record_index")))


def _unknown(text: bytes, known: _Known) -> dict[str, Any]:
    """The fields of an object that are not known, at every depth.

    Raises:
        ValueError: one of them may be a known one in another spelling.
    """
    held = _object_decoder.decode(text)
    more: dict[str, Any] = {name: held[name] for name in held if name not in known.names}
    if more and not all(map(_is_new, more)):
        raise ValueError
    for name, inner in known.objects:
        if (raw := held.get(name)) is not None and memoryview(raw)[0] == _BRACE and (rest := _unknown(raw, inner)):
            more[name] = rest
    return more


@lru_cache(1024)
def _is_new(name: str) -> bool:
    """True for the name of an unknown field that is no known one's as another tool spells it."""
    return _PLAIN_NAME.fullmatch(name) is not None and plain_name(name) not in _SPOKEN_FOR


def _paths_in(more: dict[str, Any], *above: str) -> Iterator[Path]:
    for name, value in more.items():
        if isinstance(value, dict):
            yield from _paths_in(value, *above, name)
        else:
            yield (*above, name)
