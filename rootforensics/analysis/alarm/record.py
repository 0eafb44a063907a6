"""Rebuild a record from the columns of a case, as far as a pattern needs it.

A case has every field of a record, but a ``null`` field and an absent field look the same.
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

#: Prefix of the columns that the pattern reads.
FIELD: Final = "field_"


def rebuilt(row: Row, absent: Collection[str] = ()) -> object:
    """The record, with undecidable values marked as ``Lost``.

    Args:
        row: an event, with its ``record_problem``, ``otherFields`` and fields.
        absent: names of fields that are known to be absent if they have no value.
    """
    if row["record_problem"] == UNDECODED:
        return UNKNOWN
    record = {
        name: _field(name, value, absent) for name, value in _fields(row) if value is not None or name not in absent
    }
    other = _other(row)
    return _merged(record, other) if isinstance(other, dict) else UNKNOWN


def assumed(row: Row) -> object:
    """The record, as if every field without a value were absent.

    Args:
        row: an event, with its ``record_problem``, ``otherFields`` and fields.
    """
    if row["record_problem"] == UNDECODED:
        return {}
    record = {name: _assumed_field(name, value) for name, value in _fields(row) if value is not None}
    other = _other(row)
    return _merged(record, other) if isinstance(other, dict) else record


def decoded(text: str | bytes) -> object:
    """The value of a JSON text, ``UNKNOWN`` if it is not valid.

    Half a surrogate pair stays as it is, and bytes that are not UTF-8 become U+FFFD, because CloudWatch Logs accepts
    such a record.
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
    """A top-level field of the record, as far as its column shows it."""
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
    """A value of a column, with fields without a value marked, or removed if they are known to be absent."""
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
    """JSON has no NaN and no infinity.

    Raises:
        ValueError: always.
    """
    raise ValueError(name)
