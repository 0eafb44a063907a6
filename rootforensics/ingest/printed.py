"""Fields of a record in CloudTrail's spelling that another tool printed: an identity or parameters as a text.

Pipelines and query engines hand on records with their names kept and nested fields as text (JSON, ``{type=Root, …}``),
or with other spellings of the names inside them, and with times as they keep them. They are read as the cells of a
table are.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any, Final

import msgspec

from rootforensics.ingest.json_parts import NOT_VALID
from rootforensics.ingest.scalars import NOT_TAKEN, UNOPENED, scalar_of
from rootforensics.ingest.text import decode_any
from rootforensics.schema import EVENT_FIELDS, FREE, USER_IDENTITY

#: Free-form fields that are objects in every record that AWS writes, or null; of ``annotation`` AWS does not say it.
OBJECTS: Final = tuple(name for name, field in EVENT_FIELDS.items() if field == FREE and name != "annotation")
_IDENTITY: Final = "userIdentity"
_TIME: Final = "eventTime"
#: How such a text begins.
TEXT_OF_OBJECT: Final = b'"{'
_QUOTE: Final = TEXT_OF_OBJECT[0]
_objects_of: Final = attrgetter(*OBJECTS)
_STRUCT_STARTS: Final = ('"', "{")
#: By their names without capitals; a name of one plain word is a pipeline's as well.
_NESTED: Final = {name.lower(): name for name in (_IDENTITY, *OBJECTS) if name != name.lower()}
_KNOWN: Final = {name.lower() for name in USER_IDENTITY}
#: By the object, names without what tools change in them of fields that are unknown to the schema and yet are read.
ALIKE: Final = {"": frozenset((*_NESTED, NOT_TAKEN.lower())), _IDENTITY: frozenset(_KNOWN)}


def is_printed(event: Any) -> bool:  # noqa: ANN401 - the generated struct
    """True for an event as the schema says in one of whose free-form fields an object seems to be spelled as a text."""
    for raw in _objects_of(event):
        if raw is not None and memoryview(raw)[0] == _QUOTE and _is_text_of_object(raw):
            return True
    return False


def _is_text_of_object(raw: msgspec.Raw) -> bool:
    """True for a JSON string in which an object seems to be spelled."""
    return bytes(memoryview(raw)[: len(TEXT_OF_OBJECT)]) == TEXT_OF_OBJECT


def open_printed(record: dict[str, Any], problems: list[str]) -> None:
    """Put the fields that were printed as texts, and an identity with other names, as CloudTrail nests them.

    Args:
        record: as decoded, free-form fields as they are spelled; changed in place. What cannot be read stays.
        problems: gets a sentence for the fields that were read.
    """
    opened = _respell(record)
    names = [name for name, value in record.items() if _seems_printed(name, value)]
    for name in names:
        from rootforensics.ingest.containers.cells import value_of

        try:
            value = value_of(name, msgspec.json.encode(record[name]), typed=False)
        except NOT_VALID:  # nested too deeply, or a number that is out of range: as it was recorded
            continue
        if _is_opened(value, record[name]):
            record[name] = value
            opened += [name] if name not in opened else []
        elif isinstance(record[name], msgspec.Raw):
            problems.append(f"{name} {UNOPENED}")
    if opened:
        problems.append(f"as another tool spelled it, and read: {', '.join(opened)}")
    _read_time(record, problems)


def _read_time(record: dict[str, Any], problems: list[str]) -> None:
    """Put a time that is spelled as those of tables, or a number since 1970, as CloudTrail writes it."""
    told = record.get(_TIME)
    if told in (None, "") or scalar_of(told, str(EVENT_FIELDS[_TIME]), _TIME) is not None:
        return
    from rootforensics.ingest.containers.times import moment_of

    moment = moment_of(told)
    if moment != told and scalar_of(moment, str(EVENT_FIELDS[_TIME]), _TIME) is not None:
        record[_TIME] = moment
        problems.append(f"{_TIME} is {told!r:.60}, read as {moment}")


def _respell(record: dict[str, Any]) -> list[str]:
    """Give fields that only another tool can have spelled so their names; the names."""
    spelled = {plain_name(name): name for name in record if name not in EVENT_FIELDS}
    found = [name for plain, name in _NESTED.items() if plain in spelled and name not in record]
    for name in found:
        value = record.pop(spelled[plain_name(name)])  # of a field that nobody knows, and so far as it is spelled
        record[name] = value if EVENT_FIELDS[name] == FREE else decode_any(value)
    return found


def _seems_printed(name: str, value: Any) -> bool:  # noqa: ANN401 - any JSON value
    field = EVENT_FIELDS.get(name)
    if field == FREE:
        return name in OBJECTS and isinstance(value, msgspec.Raw) and _is_text_of_object(value)
    if name == _IDENTITY and isinstance(value, dict):
        return any(
            (key not in USER_IDENTITY and plain_name(key) in _KNOWN)
            or (key in USER_IDENTITY and isinstance(part, list) and len(part) == 1)
            or (isinstance(USER_IDENTITY.get(key), dict) and isinstance(part, str) and part[:1] in _STRUCT_STARTS)
            for key, part in value.items()
        )
    return isinstance(field, dict | list) and (
        isinstance(value, str) or (isinstance(value, list) and name == _IDENTITY)
    )


def _is_opened(value: Any, before: Any) -> bool:  # noqa: ANN401 - any JSON value
    if isinstance(before, msgspec.Raw):
        return not isinstance(value, dict) or set(value) != {"text"}
    is_nested = isinstance(value, dict) or (isinstance(before, str) and isinstance(value, list))
    return is_nested and value != before


def plain_name(name: str) -> str:
    """A name without what tools change in it."""
    return name.lower().replace("_", "").replace("-", "").replace(" ", "")
