"""Tables as JSON: names of columns beside lists of cells, as query APIs answer, and columns that pandas wrote.

Each row is handed on as an object of its cells. Source: Azure Monitor Logs API, query response; Elasticsearch and
OpenSearch SQL, response formats; Trino client protocol; pandas, ``DataFrame.to_json``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from rootforensics.ingest.containers.objects import keys_of, members_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rootforensics.ingest.containers.objects import Keys

CONTAINER: Final = "table of columns and rows"
#: What the names of the columns and the rows stand under.
NAMED: Final = (("columns", "rows"), ("columns", "data"), ("schema", "datarows"))
_NAME_KEYS: Final = ("name", "Name", "ColumnName")
#: Two of these among the names, or a record in a cell, make a table of events.
_TELLING: Final = frozenset(("eventname", "eventtime", "eventid", "eventsource", "eventversion", "useridentity"))
_TELLING_COUNT: Final = 2
_MARK: Final = b"eventVersion"
_FIRST_ROW: Final = b'{"0":'
_string_decoder: Final = msgspec.json.Decoder(str)
_encoder: Final = msgspec.json.Encoder()


def rows_of_table(keys: Keys, columns: str, rows: str) -> list[bytes] | None:
    """The rows of a table of events, each as an object; None if it is none.

    Args:
        keys: of an object.
        columns: under which the names of the columns stand, as texts or in objects.
        rows: under which the rows stand, as lists of cells.
    """
    names = [_name(one) for one in members_of(keys[columns]) or ()]
    cells = [members_of(row) for row in members_of(keys[rows]) or ()]
    telling = {name.replace("_", "").lower() for name in names if name} & _TELLING
    if not names or not all(names) or not (len(telling) >= _TELLING_COUNT or _MARK in keys[rows]):
        return None
    if not all(row is not None and len(row) == len(names) for row in cells):
        return None
    return [_object(names, row or ()) for row in cells]


def rows_of_columns(keys: Keys) -> list[bytes] | None:
    """The rows of a table of events that stands column by column, each as an object; None if it is none."""
    if not all(raw.startswith(_FIRST_ROW) for raw in keys.values()):
        return None
    columns = [keys_of(raw) or {} for raw in keys.values()]
    numbers = list(columns[0])
    telling = {name.replace("_", "").lower() for name in keys} & _TELLING
    if len(telling) < _TELLING_COUNT or not all(number.isdecimal() for number in numbers):
        return None
    if not all(list(column) == numbers for column in columns):
        return None
    return [_object(list(keys), [column[number] for column in columns]) for number in numbers]


def _name(raw: bytes) -> str:
    if raw[:1] == b"{":
        held = keys_of(raw) or {}
        raw = next((held[key] for key in _NAME_KEYS if key in held), b"")
    return _string_decoder.decode(raw) if raw[:1] == b'"' else ""


def _object(names: Sequence[str], cells: Sequence[bytes]) -> bytes:
    return b"{%b}" % b",".join(_members(names, cells))


def _members(names: Sequence[str], cells: Sequence[bytes]) -> Iterator[bytes]:
    for name, cell in zip(names, cells, strict=True):
        yield b"%b:%b" % (_encoder.encode(name), cell)
