"""Results of queries as JSON: CloudTrail Lake's and Athena's answers, and rows in Athena's spelling.

Source: CloudTrail API reference, GetQueryResults; Athena API reference, GetQueryResults.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from rootforensics.ingest.containers import ocsf
from rootforensics.ingest.containers.rows import columns_of, event_of_row, lacking
from rootforensics.ingest.containers.tables import EVENT_HISTORY, is_entry, is_event_history
from rootforensics.ingest.json_parts import NOT_VALID, is_of_another_service
from rootforensics.ingest.seen import NO_COLUMN

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rootforensics.ingest.containers.rows import Columns
    from rootforensics.ingest.seen import Framing

_encoder: Final = msgspec.json.Encoder()
#: A row alone must show that it is an event; among the rows of a query the columns of all tell.
_ROW_FIELDS: Final = frozenset(("eventSource", "eventTime", "eventID", "eventVersion", "userIdentity"))
_ROW_COUNT: Final = 2
_DATA_MARKS: Final = (b"eventName", b"eventSource", b"userIdentity")
_MOST_COLUMNS: Final = 512
_LAKE_ROWS: Final = "QueryResultRows"
#: What is raised for an answer that is none as the API references describe them.
_NO_ANSWER: Final = (*NOT_VALID, AttributeError, KeyError, TypeError, ValueError)
#: The container of events that only the entries of LookupEvents tell of; root is told as in the event history.
ENTRY: Final = f"entry without its record, read as {EVENT_HISTORY}"


class Made(NamedTuple):
    """Events that were put together from a value.

    Attributes:
        name: of the container.
        events: JSON of each, or the record that the value carries.
        originals: of each, what it was put together from; None for a record that was carried.
        why: why fields are lacking.
        lacking: the fields.
    """

    name: str
    events: list[bytes]
    originals: list[bytes | None]
    why: str = ""
    lacking: frozenset[str] = frozenset()


def make(keys: dict[str, bytes], value: bytes, seen: Framing) -> Made | None:
    """Put events together from a value that is a result of a query or an OCSF record; None if it is none.

    Args:
        keys: the members of the value.
        value: a JSON object.
        seen: of the object; keeps the columns of one page for the next, which may not repeat them.
    """
    if "class_uid" in keys and "metadata" in keys:
        return _from_ocsf(value)
    if _LAKE_ROWS in keys:
        return _from_lake(value)
    if "eventData" in keys and "userIdentity" not in keys:
        return _from_data(keys, value)
    if "ResultSet" in keys or {"Rows", "ResultSetMetadata"} <= keys.keys():
        return _from_athena(value, seen)
    return None


def _from_ocsf(value: bytes) -> Made | None:
    record = ocsf.record_of(value)
    if record is None:
        return None
    if (raw := ocsf.raw_event(record)) is not None:
        return Made(f"{ocsf.CONTAINER} raw_data", [raw], [None])
    event = ocsf.event_of(record)
    return Made(ocsf.CONTAINER, [_encoder.encode(event)], [value], ocsf.LACKING, ocsf.missing_in(event))


def _from_lake(value: bytes) -> Made | None:
    try:
        rows = [dict(cell for part in row for cell in part.items()) for row in msgspec.json.decode(value)[_LAKE_ROWS]]
    except _NO_ANSWER:
        return None
    names = list(dict.fromkeys(name for row in rows for name in row))
    return _from_cells("CloudTrail Lake results", names, [[row.get(name) for name in names] for row in rows])


def _from_data(keys: dict[str, bytes], value: bytes) -> Made | None:
    """An event of CloudTrail Lake, most of whose fields lie in ``eventData``."""
    columns = columns_of(tuple(keys), typed=False)
    if columns is None or columns.whole is None or not any(name in keys["eventData"] for name in _DATA_MARKS):
        return None
    event, whole = event_of_row(columns, value)
    return Made("CloudTrail Lake export", [event], [None if whole else value])


def _from_athena(value: bytes, seen: Framing) -> Made | None:
    """The first page repeats the names of the columns as a row; later pages do not."""
    try:
        answer = msgspec.json.decode(value)
        held = answer.get("ResultSet", answer)
        rows = [[cell.get("VarCharValue") for cell in row.get("Data", ())] for row in held["Rows"]]
        described = [column["Name"] for column in (held.get("ResultSetMetadata") or {}).get("ColumnInfo", ())]
    except _NO_ANSWER:
        return None
    first = [cell or "" for cell in (rows[0] if rows else [])]
    names = described or (first if columns_of(first, typed=False) else list(seen.header))
    seen.header = tuple(names)
    if rows and first == names:
        rows = rows[1:]
    return _from_cells("Athena results", names, rows)


def _from_cells(name: str, names: Sequence[str], rows: Iterable[Sequence[str | None]]) -> Made | None:
    columns = columns_of(names, typed=False)
    if columns is None:
        return None
    events: list[bytes] = []
    originals: list[bytes | None] = []
    for row in rows:
        beyond = {"cellsBeyondTheHeader": list(row[len(names) :])} if len(row) > len(names) else {}
        text = _encoder.encode(dict(zip(names, row, strict=False)) | beyond)
        event, whole = event_of_row(columns, text)
        events.append(event)
        originals.append(None if whole else text)
    return _told(name, events, originals, names, columns)


def make_from_row(keys: dict[str, bytes], value: bytes) -> Made | None:
    """Put an event together from a row in the spelling of Athena or of another table; None if it is none.

    Args:
        keys: the members of the value.
        value: a JSON object that is neither an event as CloudTrail spells it nor a container.
    """
    columns = _columns_of_row(keys, value)
    if columns is None:
        return None
    event, whole = event_of_row(columns, value)
    return _told("row of a table", [event], [None if whole else value], tuple(keys), columns)


def make_from_entry(keys: dict[str, bytes], value: bytes) -> Made | None:
    """Put an event together from what an entry of LookupEvents says beside the record; None if that is too little."""
    columns = _known_columns(tuple(keys)) if len(keys) <= _MOST_COLUMNS else None
    if columns is None or keys.get("EventName", b"null") == b"null":
        return None
    return Made(ENTRY, [event_of_row(columns, value)[0]], [value])


def is_row(keys: dict[str, bytes], value: bytes) -> bool:
    """True for a row from which ``make_from_row`` makes an event."""
    return _columns_of_row(keys, value) is not None


def _columns_of_row(keys: dict[str, bytes], value: bytes) -> Columns | None:
    if is_of_another_service(keys):
        return None
    names = tuple(keys)
    columns = _known_columns(names) if len(names) <= _MOST_COLUMNS else None
    if columns is None or columns.whole or is_entry(names):
        return columns
    held = set(columns.paths.values())
    is_aws = b"amazonaws.com" in value or "userIdentity" in held
    return columns if is_aws and "eventName" in held and len(held & _ROW_FIELDS) >= _ROW_COUNT else None


@lru_cache(64)
def _known_columns(names: tuple[str, ...]) -> Columns | None:
    return columns_of(names, typed=False)


def _told(
    name: str, events: list[bytes], originals: list[bytes | None], names: Sequence[str], columns: Columns
) -> Made:
    paths = columns.paths.values()
    if columns.whole:
        return Made(f"{name} with eventJson", events, originals)
    if events and not any(originals):
        return Made(f"{name} with its record", events, originals)
    if is_event_history(names, paths):
        return Made(EVENT_HISTORY, events, originals)
    return Made(name, events, originals, NO_COLUMN, lacking(paths))
