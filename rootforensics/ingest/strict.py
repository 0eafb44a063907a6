"""Tell an event whose every value has its type, and find what it has in fields that the schema does not know.

AWS adds fields every year, and pipelines add theirs. An event with such fields, wherever they stand and whatever their
names, goes to the engine as it is: the engine passes over them.
"""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import msgspec

from rootforensics.ingest.density import is_overfull
from rootforensics.ingest.printed import ALIKE, plain_name
from rootforensics.ingest.scalars import NO_ERROR
from rootforensics.schema import CORE_FIELDS, EVENT_FIELDS, FLAG, FREE, TEXT, Field

if TYPE_CHECKING:
    from collections.abc import Iterator

    #: An event as a struct, and its fields that are not known, each at its path, as they are spelled; of a list in
    #: which some are, the list.
    Taken = tuple[Any, dict[str, Any]]
    #: Where a field is in a record.
    Path = tuple[str, ...]
    #: The path of an object, the names of its new fields, and what gives their values.
    Group = tuple[Path, list[str], attrgetter[tuple[Any, ...]]]

#: What is raised for a value that is not decoded.
NOT_STRICT: Final = (msgspec.DecodeError, RecursionError, ValueError)
#: What the decoder asks of a text beyond being one.
_STRICT_TEXTS: Final = {
    "eventID": Annotated[str, msgspec.Meta(min_length=1)],
    **dict.fromkeys(("errorCode", "errorMessage"), Annotated[str, msgspec.Meta(pattern=rf"\A(?!{NO_ERROR}\Z)")]),
}
#: Where nothing but a text says something: what kind of event it is, who acted, and an error.
_TEXTS_ONLY: Final = frozenset(("eventVersion", "eventSource", "eventName", "invokedBy", "errorCode", "errorMessage"))
#: What the engine stores for a text just as it is spelled in JSON, and for true or false.
_AS_SPELLED: Final = bool | Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
_FLAGS: Final = bool | Literal["true", "false"]
_NOTHING: Final[dict[str, Any]] = {}
_core_of: Final = attrgetter(*CORE_FIELDS)
_NO_CORE: Final = (None,) * len(CORE_FIELDS)
#: New fields that are learnt; an event with others is taken as well, at the cost of a closer look.
_MOST_NEW: Final = 16
#: The decoder takes no other signs in a name.
_LEARNABLE: Final = re.compile(r'[^"\\\x00-\x1f]{1,100}')


class Strict:
    """Takes the values of one list, and learns its new fields, so that these cost little more than others."""

    def __init__(self) -> None:
        self._new: frozenset[Path] = frozenset()
        self._decoder, self._groups = _reader_of(self._new)

    def take(self, text: bytes | memoryview) -> Taken | None:
        """The event, and what it has in fields that are not known; None for any other value.

        Args:
            text: JSON.
        """
        try:
            event = self._decoder.decode(text)
            return event, _more_of(event, self._groups) if self._groups else _NOTHING
        except NOT_STRICT:
            taken = _take_new(bytes(text))
        if taken and len(self._new) < _MOST_NEW:
            self._new = self._new.union(_paths_in(taken[1]))
            self._decoder, self._groups = _reader_of(self._new)
        return taken


def _take_new(text: bytes) -> Taken | None:
    """An event with fields that are not known; None for any other value."""
    if is_overfull(text):
        return None
    try:
        event, more = _loose_decoder.decode(text), _unknown(text, "", EVENT_FIELDS)
    except NOT_STRICT:
        return None
    return (event, more) if more else None  # none: a key stands twice, and they stand under the first


def has_core(event: Any) -> bool:  # noqa: ANN401 - the generated struct
    """True for what has a field by which an event is told."""
    return _core_of(event) != _NO_CORE


@lru_cache(64)
def _reader_of(new: frozenset[Path]) -> tuple[msgspec.json.Decoder[Any], list[Group]]:
    """What decodes an event with these new fields or without, and where they are in it."""
    fields = deepcopy(EVENT_FIELDS)
    names: dict[Path, list[str]] = {}
    for *objects, name in sorted(new):
        place: Any = fields
        for one in objects:
            place = place[one]
        place[name] = FREE
        names.setdefault(tuple(objects), []).append(name)
    groups = [(path, some, attrgetter(*map(_attribute, (*some, some[0])))) for path, some in names.items()]
    return msgspec.json.Decoder(_struct_of("event", fields)), groups


def _more_of(event: Any, groups: list[Group]) -> dict[str, Any]:  # noqa: ANN401 - the generated struct
    """What an event has in new fields.

    Raises:
        ValueError: as ``_unknown``.
    """
    more: dict[str, Any] = {}
    for objects, names, values_of in groups:
        held, place = event, more
        for one in objects:
            held = held and getattr(held, one)
        # One value more is drawn than there are names, so that there always are several.
        values = () if held is None else zip(names, values_of(held), strict=False)
        found = {name: raw for name, raw in values if raw is not None}
        for one in objects if found else ():
            place = place.setdefault(one, {})
        place.update(found)
    for name in _LISTS.keys() & more.keys():
        if not _is_new(name, more[name]):
            del more[name]
    return more


def _paths_in(more: dict[str, Any], *above: str) -> Iterator[Path]:
    """Where new fields are that can be learnt."""
    for name, value in more.items():
        if isinstance(value, dict):
            yield from _paths_in(value, *above, name)
        elif _LEARNABLE.fullmatch(name):
            yield (*above, name)


def _attribute(name: str) -> str:
    """The attribute that holds a field."""
    return name if name.isascii() and name.isalpha() else f"n{name.encode().hex()}"


def _type_of(name: str, field: Field, *, loose: bool = False) -> Any:  # noqa: ANN401 - a type form for msgspec
    if isinstance(field, dict):
        return _struct_of(name, field, loose=loose)
    if isinstance(field, list):
        return list[_struct_of(name, dict(field[0]), loose=loose, only=str)]  # type: ignore[misc]
    if field == TEXT:
        text = _STRICT_TEXTS.get(name, str)
        return text if name in _TEXTS_ONLY else text | _AS_SPELLED
    if field == FLAG:
        return _FLAGS
    return msgspec.Raw if field == FREE else datetime


def _struct_of(name: str, fields: dict[str, Field], *, loose: bool = False, only: type[str] | None = None) -> Any:  # noqa: ANN401 - a type
    """A struct of these fields; a loose one passes over all others."""
    members = []
    for key, shape in fields.items():
        kind = only or _type_of(key, shape, loose=loose)
        members.append((_attribute(key), kind if kind is msgspec.Raw else kind | None, None))
    spelled = {_attribute(key): key for key in fields}
    return msgspec.defstruct(f"Strict_{name}", members, forbid_unknown_fields=not loose, rename=spelled, gc=False)


_loose_decoder: Final = msgspec.json.Decoder(_struct_of("event", EVENT_FIELDS, loose=True))
_object_decoder: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_objects_decoder: Final = msgspec.json.Decoder(list[dict[str, msgspec.Raw]] | None)
#: For each list of objects what decodes it whatever other fields these have, and the names of those that are known.
_LISTS: Final = {
    name: (msgspec.json.Decoder(_type_of(name, field, loose=True) | None), frozenset(field[0]))
    for name, field in EVENT_FIELDS.items()
    if isinstance(field, list)
}


def _unknown(text: bytes | msgspec.Raw, name: str, fields: dict[str, Field]) -> dict[str, Any]:
    """The fields of an object that are not known, at every depth, where all others have values of their types.

    Raises:
        ValueError: one of them may be a known one in another spelling, or an object in a list has no other.
    """
    held = _object_decoder.decode(text)
    more: dict[str, Any] = {key: raw for key, raw in held.items() if key not in fields}
    if any(plain_name(key) in ALIKE.get(name, ()) for key in more):
        raise ValueError
    for key in held.keys() & fields.keys():
        field, raw = fields[key], held[key]
        if isinstance(field, dict) and bytes(raw) != b"null" and (rest := _unknown(raw, key, field)):
            more[key] = rest
        elif isinstance(field, list) and _is_new(key, raw):
            more[key] = raw
    return more


def _is_new(name: str, objects: msgspec.Raw) -> bool:
    """True for a list in which an object has fields that are not known.

    Raises:
        ValueError: it is no such list, or one has no others.
    """
    decoder, known = _LISTS[name]
    decoder.decode(objects)
    held = [one for one in _objects_decoder.decode(objects) or () if one]
    if any(map(known.isdisjoint, held)):
        raise ValueError
    return not all(map(known.issuperset, held))
