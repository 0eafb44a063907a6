"""Put a record together from the columns of a case, as far as a pattern looks at it.

A case holds every field of a record, but no longer whether a field without a value was ``null`` or was not there.
"""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from rootforensics.ingest.store import UNDECODED
from rootforensics.rules.patterns.match import NULL_OR_ABSENT, UNKNOWN, Respelled
from rootforensics.schema import EVENT_FIELDS, FREE

if TYPE_CHECKING:
    from collections.abc import Collection

    from rootforensics.queries.result import Row

#: Columns that the pattern looks at stand in a row under their name with this before it.
FIELD: Final = "field_"


def rebuilt(row: Row, absent: Collection[str] = ()) -> object:
    """The record, with what the case cannot tell marked as ``Lost``.

    Args:
        row: an event, with its ``record_problem``, ``otherFields`` and fields.
        absent: names of fields that are known not to be there where they have no value.
    """
    if row["record_problem"] == UNDECODED:
        return UNKNOWN
    record = {
        name: _field(name, value, absent) for name, value in _fields(row) if value is not None or name not in absent
    }
    other = _other(row)
    return _merged(record, other) if isinstance(other, dict) else UNKNOWN


def assumed(row: Row) -> object:
    """The record, as if nothing that has no value were there.

    Args:
        row: an event, with its ``record_problem``, ``otherFields`` and fields.
    """
    if row["record_problem"] == UNDECODED:
        return {}
    record = {name: _assumed_field(name, value) for name, value in _fields(row) if value is not None}
    other = _other(row)
    return _merged(record, other) if isinstance(other, dict) else record


def decoded(text: str | bytes) -> object:
    """A JSON text's value, ``UNKNOWN`` if it is none.

    Half a surrogate pair stays as it is spelled and bytes that are no UTF-8 become U+FFFD, for CloudWatch Logs takes
    such a record all the same.
    """
    with suppress(ValueError, RecursionError):
        return msgspec.json.decode(text)
    with suppress(ValueError, RecursionError):
        return json.loads(text if isinstance(text, str) else text.decode(errors="replace"), parse_constant=_refused)
    return UNKNOWN


def _fields(row: Row) -> list[tuple[str, Any]]:
    return [(name.removeprefix(FIELD), value) for name, value in row.items() if name.startswith(FIELD)]


def _other(row: Row) -> object:
    return {} if row["otherFields"] is None else decoded(row["otherFields"])


def _field(name: str, value: object, absent: Collection[str]) -> object:
    """A top-level field as the record had it, as far as its column tells."""
    if isinstance(value, datetime):
        return Respelled(_iso(value))
    if EVENT_FIELDS[name] == FREE and isinstance(value, str):
        return decoded(value)
    return _marked(value, absent)


def _assumed_field(name: str, value: object) -> object:
    if isinstance(value, datetime):
        return _iso(value)
    if EVENT_FIELDS[name] == FREE and isinstance(value, str):
        known = decoded(value)
        return None if known is UNKNOWN else known
    return _filled(value)


def _iso(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _marked(value: object, absent: Collection[str]) -> object:
    """A value of a column with the fields that have no value marked, or left out where that is known of them."""
    if isinstance(value, dict):
        return {name: _marked(part, absent) for name, part in value.items() if part is not None or name not in absent}
    if isinstance(value, list):
        return [_marked(one, absent) for one in value]
    return NULL_OR_ABSENT if value is None else value


def _filled(value: object) -> object:
    """A value of a column without the fields that have no value."""
    if isinstance(value, dict):
        return {name: _filled(part) for name, part in value.items() if part is not None}
    return [_filled(one) for one in value] if isinstance(value, list) else value


def _merged(record: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    for name, value in other.items():
        held = record.get(name)
        record[name] = _merged(held, value) if isinstance(held, dict) and isinstance(value, dict) else value
    return record


def _refused(name: str) -> object:
    """JSON knows no NaN and no infinity.

    Raises:
        ValueError: always.
    """
    raise ValueError(name)
