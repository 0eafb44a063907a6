"""Tables with one event a row: the console's event history, Athena and CloudTrail Lake results, log downloads.

A row with the whole record in a column is that record. Otherwise an event is put together from the columns:
what a table does not say stays absent. Columns are matched by name, never by position.

Source: AWS CloudTrail User Guide, "Working with CloudTrail event history" and "CloudTrail Lake schemas"; Athena
User Guide, "Query AWS CloudTrail logs". The console's header is told by its column names in any spelling.
"""

from __future__ import annotations

import csv
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from rootforensics.ingest.containers.structs import parse_struct
from rootforensics.schema import EVENT_FIELDS, FLAG, FREE, TEXT, USER_IDENTITY

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.schema import Field

#: The container of rows without an identity's type, in which the user name ``root`` tells root.
EVENT_HISTORY: Final = "event history CSV"

#: Columns that hold the whole record.
_WHOLE: Final = ("eventjson", "message", "@message", "_raw", "cloudtrailevent")
_OTHER_NAMES: Final = {
    "region": "awsRegion",
    "username": "userIdentity.userName",
    "accesskeyid": "userIdentity.accessKeyId",
    "awsaccesskey": "userIdentity.accessKeyId",
    "awsaccesskeyid": "userIdentity.accessKeyId",
    "sourceip": "sourceIPAddress",
}
_TELLING: Final = frozenset(("eventName", "eventTime", "eventID", "eventSource"))
_TELLING_COUNT: Final = 2
_MARKS: Final = re.compile(r"[\s_.-]+")
_CONSOLE_TIME: Final = re.compile(
    r"(?P<month>[A-Z][a-z]+) (?P<day>\d{1,2}), (?P<year>\d{4}),? (?:at )?(?P<clock>\d{1,2}:\d{2}:\d{2})"
    r"(?: ?(?P<half>[AP]M))? \(?UTC(?P<offset>[+-]\d{2}:?\d{2})?\)?"
)
_LARGEST_CELL: Final = 2**31 - 1


def _known(fields: dict[str, Field], path: str = "") -> dict[str, str]:
    """The spellings of every field in lower case without marks, with its path."""
    found: dict[str, str] = {}
    for name, field in fields.items():
        found[_plain(f"{path}{name}")] = f"{path}{name}"
        if isinstance(field, dict):
            found |= _known(field, f"{path}{name}.")
    return found


def _plain(name: str) -> str:
    return _MARKS.sub("", name.strip().strip("\ufeff").lower())


_COLUMNS: Final = {**_OTHER_NAMES, **_known(EVENT_FIELDS)}


@dataclass(frozen=True, slots=True)
class Table:
    """What a header says of the rows below it.

    Attributes:
        name: what people call such a table.
        whole: the place of the column with the whole record, or None.
        paths: for each column its field, or its own name for a column that no field has.
    """

    name: str
    whole: int | None
    paths: tuple[str, ...]


def table_of(header: list[str]) -> Table | None:
    """Tell by its header what a table holds; None if it holds no events."""
    plain = [_plain(name) for name in header]
    paths = tuple(_COLUMNS.get(name, spelled.strip()) for name, spelled in zip(plain, header, strict=True))
    whole = next((plain.index(name) for name in _WHOLE if name in plain), None)
    if whole is not None:
        named = "CloudTrail Lake CSV" if plain[whole] == "eventjson" else "CloudWatch Logs CSV"
        return Table(named, whole, paths)
    if len(_TELLING.intersection(paths)) < _TELLING_COUNT:
        return None
    has_identity = not {"userIdentity", "userIdentity.type"}.isdisjoint(paths)
    return Table("Athena CSV" if has_identity else EVENT_HISTORY, None, paths)


def rows_of(lines: Iterable[str]) -> Iterator[tuple[list[str], str]]:
    """The rows of a CSV text, each with its lines as they are.

    Raises:
        csv.Error: the text is no CSV.
    """
    drawn: list[str] = []

    def draw() -> Iterator[str]:
        for line in lines:
            drawn.append(line)
            yield line

    csv.field_size_limit(_LARGEST_CELL)
    for row in csv.reader(draw(), strict=True):
        text = "".join(drawn)
        drawn.clear()
        if row:
            yield row, text


def event_of(table: Table, row: list[str]) -> bytes:
    """The event of a row, as JSON: the record in it, or one put together from its columns."""
    if table.whole is not None and table.whole < len(row):
        return row[table.whole].encode(errors="replace")
    event: dict[str, Any] = {}
    for path, cell in zip(table.paths, row, strict=False):
        if cell not in ("", "-", "null"):
            _put(event, path, _value(path, cell))
    extra = row[len(table.paths) :]
    if extra:
        event["cellsBeyondTheHeader"] = extra
    return json.dumps(event, ensure_ascii=False).encode(errors="replace")


def _put(event: dict[str, Any], path: str, value: Any) -> None:  # noqa: ANN401 - any JSON value
    *outer, name = path.split(".") if path.split(".", maxsplit=1)[0] in EVENT_FIELDS else [path]
    for key in outer:
        inner = event.setdefault(key, {})
        if not isinstance(inner, dict):
            return
        event = inner
    if isinstance(value, dict) and isinstance(event.get(name), dict):
        event[name] = {**value, **event[name]}
    else:
        event.setdefault(name, value)


def _field(path: str) -> Field | None:
    fields: Field | None = EVENT_FIELDS
    for key in path.split("."):
        fields = fields.get(key) if isinstance(fields, dict) else None
    return fields


def _value(path: str, cell: str) -> Any:  # noqa: ANN401 - any JSON value
    field = _field(path)
    if path == "eventTime":
        return time_of(cell)
    if field in (TEXT, FLAG, None):
        return cell
    if cell[:1] in ("{", "["):
        try:
            return json.loads(cell)
        except (ValueError, RecursionError):
            pass
        shape = USER_IDENTITY if path == "userIdentity" else field
        parsed = parse_struct(cell, shape if isinstance(shape, dict) else {})
        if parsed is not None:
            return parsed
    return cell if field != FREE else {"text": cell}


def time_of(cell: str) -> str:
    """A time of a table in ISO 8601, UTC; as it stands if it is none that is known.

    Athena and CloudTrail Lake write UTC without saying so; the console writes local time with its offset.
    """
    text = cell.strip()
    try:
        moment = datetime.fromisoformat(text.removesuffix(" UTC"))
    except ValueError:
        found = _CONSOLE_TIME.fullmatch(text)
        if not found:
            return text
        clock = f"{found['clock']} {found['half']}" if found["half"] else found["clock"]
        offset = (found["offset"] or "+0000").replace(":", "")
        spelled = f"{found['month']} {found['day']} {found['year']} {clock} {offset}"
        try:
            moment = datetime.strptime(spelled, f"%B %d %Y {'%I:%M:%S %p' if found['half'] else '%H:%M:%S'} %z")
        except ValueError:
            return text
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.isoformat().replace("+00:00", "Z")
