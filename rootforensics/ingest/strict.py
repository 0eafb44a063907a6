"""Tell an event whose every value has its type, and find what it has in fields that the schema does not know.

AWS adds fields every year, and pipelines add theirs. An event with such fields, wherever they stand and whatever their
names, goes to the engine as it is: the engine passes over them.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Final, Literal, NamedTuple, TypeAlias

import msgspec

from rootforensics.ingest.density import is_overfull
from rootforensics.ingest.printed import ALIKE, plain_name
from rootforensics.ingest.scalars import NO_ERROR
from rootforensics.schema import EVENT_FIELDS, FLAG, FREE, TEXT, Field

#: What is raised for a value that is not decoded.
NOT_STRICT: Final = (msgspec.DecodeError, RecursionError, ValueError)
#: What the decoder asks of a text beyond being one.
_STRICT_TEXTS: Final = {
    "eventID": Annotated[str, msgspec.Meta(min_length=1)],
    "errorCode": Annotated[str, msgspec.Meta(pattern=rf"\A(?!{NO_ERROR}\Z)")],
}
#: Where nothing but a text says something: what kind of event it is, and who acted.
_TEXTS_ONLY: Final = frozenset(("eventVersion", "eventSource", "eventName", "invokedBy"))
#: What the engine stores for a text just as it is spelled in JSON, and for true or false.
_AS_SPELLED: Final = bool | Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
_FLAGS: Final = bool | Literal["true", "false"]
#: An event as a struct, and its fields that are not known, each at its path, as they are spelled; of a list in which
#: some are, the list.
Taken: TypeAlias = tuple[Any, dict[str, Any]]
_NOTHING: Final[dict[str, Any]] = {}
_plain: Final = lru_cache(1024)(plain_name)


class Strict:
    """Takes the values of one list, of which each is most likely as the one before."""

    def __init__(self) -> None:
        self._first, self._second = take_known, _take_new

    def take(self, text: bytes | memoryview) -> Taken | None:
        """The event, and what it has in fields that are not known; None for any other value.

        Args:
            text: JSON.
        """
        taken = self._first(text)
        if taken is None and (taken := self._second(text)):
            self._first, self._second = self._second, self._first
        return taken


def take_known(text: bytes | memoryview) -> Taken | None:
    """An event whose fields are all known; None for any other value."""
    try:
        return _decoder.decode(text), _NOTHING
    except NOT_STRICT:
        return None


def _take_new(text: bytes | memoryview) -> Taken | None:
    """An event with fields that are not known; None for any other value."""
    text = bytes(text)
    if is_overfull(text):
        return None
    try:
        event, more = _new_decoder.decode(text), _unknown(text, _KNOWN)
    except NOT_STRICT:
        return None
    return event, more


def has_core(event: Any) -> bool:  # noqa: ANN401 - the generated struct
    """True for what has a field by which an event is told."""
    return (
        event.eventName is not None
        or event.eventSource is not None
        or event.eventVersion is not None
        or event.eventID is not None
        or event.userIdentity is not None
    )


def _type_of(name: str, field: Field, *, new: bool) -> Any:  # noqa: ANN401 - a type form for msgspec
    if isinstance(field, dict):
        return _struct_of(name, field, new=new)
    if isinstance(field, list):
        return list[_struct_of(name, dict(field[0]), new=new, only=str)]  # type: ignore[misc]
    if field == TEXT:
        text = _STRICT_TEXTS.get(name, str)
        return text if name in _TEXTS_ONLY else text | _AS_SPELLED
    if field == FLAG:
        return _FLAGS
    return msgspec.Raw if field == FREE else datetime


def _struct_of(name: str, fields: dict[str, Field], *, new: bool, only: type[str] | None = None) -> Any:  # noqa: ANN401 - a type
    members = []
    for key, shape in fields.items():
        kind = only or _type_of(key, shape, new=new)
        members.append((key, kind if kind is msgspec.Raw else kind | None, None))
    return msgspec.defstruct(f"Strict_{name}", members, forbid_unknown_fields=not new, omit_defaults=True, gc=False)


class _Known(NamedTuple):
    """The names of the fields of an object, and those that are objects, or lists of objects, themselves."""

    names: frozenset[str]
    alike: frozenset[str]
    parts: list[tuple[str, msgspec.json.Decoder[Any], _Known]]


def _known(name: str, fields: dict[str, Field]) -> _Known:
    parts = [
        (
            key,
            msgspec.json.Decoder(_type_of(key, field, new=False) | None),
            _known(key, dict(field[0]) if isinstance(field, list) else field),
        )
        for key, field in fields.items()
        if not isinstance(field, str)
    ]
    return _Known(frozenset(fields), ALIKE.get(name, frozenset()), parts)


_decoder: Final = msgspec.json.Decoder(_struct_of("event", EVENT_FIELDS, new=False))
_new_decoder: Final = msgspec.json.Decoder(_struct_of("event", EVENT_FIELDS, new=True))
_object_decoder: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_objects_decoder: Final = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])
_KNOWN: Final = _known("", EVENT_FIELDS)


def _unknown(text: bytes | msgspec.Raw, known: _Known) -> dict[str, Any]:
    """The fields of an object that are not known, at every depth, where all others have values of their types.

    Raises:
        ValueError: none is, or one may be a known one in another spelling, or an object in a list has no other.
    """
    held = _object_decoder.decode(text)
    more: dict[str, Any] = {name: held[name] for name in held if name not in known.names}
    if not known.alike.isdisjoint(map(_plain, more)):
        raise ValueError
    for name, decoder, inner in known.parts:
        if name not in held:
            continue
        try:
            decoder.decode(raw := held[name])
        except NOT_STRICT:
            is_list = bytes(memoryview(raw)[:1]) == b"["
            more[name] = _with_unknown(raw, inner.names) if is_list else _unknown(raw, inner)
    if not more:  # all are known, or they stand under a key that stands twice
        raise ValueError
    return more


def _with_unknown(objects: msgspec.Raw, names: frozenset[str]) -> msgspec.Raw:
    """A list of objects some of which have fields that are not known.

    Raises:
        ValueError: one has no others.
    """
    if any(one and names.isdisjoint(one) for one in _objects_decoder.decode(objects)):
        raise ValueError
    return objects
