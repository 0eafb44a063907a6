"""Rows with typed columns become events: Athena's, Glue's, Tailpipe's and this package's own tables.

Columns and the fields inside them are matched by name, in any case and with any marks between the words. A column
that is NULL is a field that is absent. Free-form fields keep the text that they have.

Source: Athena User Guide, "Query AWS CloudTrail logs"; AWS CloudTrail User Guide, "CloudTrail Lake schemas".
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from rootforensics.ingest.containers.amend import amend
from rootforensics.ingest.containers.carried import record_in
from rootforensics.ingest.containers.cells import plain_name, value_of
from rootforensics.ingest.containers.named import name_by_resources
from rootforensics.ingest.containers.tables import is_table, paths_of, put, without_table
from rootforensics.ingest.json_parts import NOT_VALID, is_json, keys_of, members_of, string_of
from rootforensics.schema import DERIVED_COLUMNS, TELLING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NO_KEY: Final = ("accessKeyId", "")
_row_decoder: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_any_decoder: Final = msgspec.json.Decoder()
_encoder: Final = msgspec.json.Encoder()

#: What this package adds to each event of a case; it is told anew when such an event is loaded again.
_OWN: Final = frozenset(("evidence_id", "record_index", "record_problem"))
_OTHER_FIELDS: Final = "otherFields"
#: The column in which the records of a log file lie as a list.
RECORDS: Final = "Records"
#: Columns in which engines tell out of which object a row is, and the field that becomes of it.
_PLACES: Final = ("object", "$path")
PLACE: Final = "object"
#: The column of CloudTrail Lake in which the fields of an event lie together.
_DATA: Final = "eventdata"


@dataclass(frozen=True, slots=True)
class Columns:
    """What the names of a table's columns say.

    Attributes:
        whole: the column with the whole record, or None.
        paths: of each other column: the field that it holds, or its own name.
        own: True for the events of a case of this package.
        typed: True if NULL can stand in a column; in JSON a null is what was written.
        place: the column with the object out of which an engine took the whole record, or None.
    """

    whole: str | None
    paths: dict[str, str]
    own: bool
    typed: bool
    place: str | None = None


def columns_of(names: Sequence[str], *, typed: bool) -> Columns | None:
    """Tell by its columns whether a table holds events; None if it does not.

    Args:
        names: of the columns.
        typed: see ``Columns``.
    """
    whole = next((name for name in names if plain_name(name) == "eventjson"), None)
    paths = dict(zip(names, paths_of(without_table(names)), strict=True))
    if whole is None and not any(path.startswith("userIdentity") for path in paths.values()):
        whole = next((name for name in names if plain_name(name) == _DATA), None)
    own = _OWN.issubset(names) and _OTHER_FIELDS in names and "eventID" in names
    place = next((name for name in names if whole and name in _PLACES), None)
    return Columns(whole, paths, own, typed, place) if whole or is_table(paths.values()) else None


def with_place(columns: Columns, text: bytes, record: bytes) -> bytes:
    """A whole record with the object that an engine took it out of, as a field of its own.

    Args:
        columns: of its table.
        text: its row as a JSON object.
        record: a JSON object.
    """
    place = _decoded(text).get(columns.place or "", b"null")
    if bytes(place) == b"null" or PLACE in (keys_of(record) or {PLACE}):
        return record
    return b'%s,"%s":%s}' % (record.rstrip()[:-1].rstrip(), PLACE.encode(), bytes(place))


def event_of_row(columns: Columns, text: bytes) -> tuple[bytes, bool]:
    """The event of a row.

    Args:
        columns: of its table.
        text: the row as a JSON object.

    Returns:
        JSON of the event, and True if the row itself holds the record as a text.
    """
    row = _decoded(text)
    if columns.whole and plain_name(columns.whole) == _DATA:
        return _event_with_data(columns, row), False
    if columns.whole and (record := _record(row.get(columns.whole))) is not None:
        return record, True
    by_field = {} if columns.own else {columns.paths.get(name, name): bytes(raw) for name, raw in row.items()}
    if (record := record_in(by_field)) is not None:
        return record, True
    event: dict[str, Any] = {}
    for name, raw in row.items():
        if bytes(raw) == b"null" or name == columns.whole or (columns.own and name in DERIVED_COLUMNS):
            continue
        path = columns.paths.get(name, name)
        value = value_of(path, bytes(raw), typed=columns.typed)
        value = value if columns.own else _without_empty(path, value)  # a case holds what the record said
        if value is not None:
            put(event, path, value)
    if columns.own:
        event.pop(_text(row.get("inferred")), None)  # not of the record
    if columns.own and (other := _text(row.get(_OTHER_FIELDS))):
        _merge(event, _any_decoder.decode(other))
    if not columns.own:
        amend(event)
        name_by_resources(event, columns.paths.values())
    return _encoder.encode(event), False


def with_events(text: bytes) -> bytes:
    """A row in whose column ``Records`` a list of nested types lies, with the event of each in its place.

    What is no row of an event stays as it is.

    Args:
        text: the row as a JSON object.
    """
    row = _decoded(text)
    if bytes(row[RECORDS]) == b"null":
        return text
    return _encoder.encode({**row, RECORDS: list(map(_event_of_struct, members_of(bytes(row[RECORDS])) or ()))})


def _event_of_struct(record: bytes) -> msgspec.Raw:
    columns = None if record == b"null" else columns_of(tuple(_decoded(record)), typed=True)
    return msgspec.Raw(record if columns is None else event_of_row(columns, record)[0])


def _event_with_data(columns: Columns, row: dict[str, msgspec.Raw]) -> bytes:
    """The event of a row whose fields lie in ``eventData``, nested or as text; what stands beside them fills gaps."""
    data = _record(row.get(columns.whole or ""))
    beside = {name: raw for name, raw in row.items() if data is None or name != columns.whole}
    paths = {**columns.paths, columns.whole or "": columns.whole or ""}
    outer, _ = event_of_row(Columns(None, paths, columns.own, columns.typed), _encoder.encode(beside))
    if data is None:
        return outer
    names = tuple(_decoded(data))
    inner_paths = dict(zip(names, paths_of(names), strict=True))
    inner, _ = event_of_row(Columns(None, inner_paths, own=False, typed=columns.typed), data)
    held: dict[str, msgspec.Raw] = _row_decoder.decode(inner)
    return _encoder.encode({**_row_decoder.decode(outer), **held})


def _without_empty(path: str, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """An identity without empty texts: in tables they stand for nothing, and CloudTrail writes one only.

    That is the key of a sign-in at the console; in an object of nested types it is as it was recorded.
    """
    if not path.startswith("userIdentity"):
        return value
    if isinstance(value, dict):
        parts = {name: "" if (name, inner) == _NO_KEY else _without_empty(path, inner) for name, inner in value.items()}
        return {name: part for name, part in parts.items() if part is not None}
    return None if value == "" else value


def _decoded(text: bytes) -> dict[str, msgspec.Raw]:
    try:
        return _row_decoder.decode(text)
    except NOT_VALID:  # the engine writes NaN and Infinity, which are no JSON; a name may be no UTF-8
        return _row_decoder.decode(json.dumps(json.loads(text.decode(errors="replace"), parse_constant=str)))


def _text(raw: msgspec.Raw | None) -> str:
    """The text of a JSON string; empty for any other value."""
    return string_of(bytes(raw or b"")) or ""


def _record(raw: msgspec.Raw | None) -> bytes | None:
    """A whole record in a column: as text, or as the object itself."""
    if raw is not None and bytes(raw)[:1] == b"{":
        return bytes(raw)
    text = _text(raw).encode()
    return text if text.lstrip()[:1] == b"{" and is_json(text) else None


def _merge(event: dict[str, Any], other: Any) -> None:  # noqa: ANN401 - any JSON value
    """Put what did not fit the columns back to where it was."""
    for name, value in other.items() if isinstance(other, dict) else ():
        held = event.get(name)
        if isinstance(held, dict) and isinstance(value, dict):
            _merge(held, value)
        else:
            event[name] = value


def lacking(paths: Iterable[str]) -> frozenset[str]:
    """The telling fields that no column of a table holds."""
    held = set(paths)
    return frozenset(
        path for path in TELLING if path not in held and (path.partition(".")[0] not in held or "." not in path)
    )
