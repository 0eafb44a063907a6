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
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any, Final

import msgspec

from rootforensics.ingest.containers.amend import amend, says_nothing, without_quotes
from rootforensics.ingest.containers.carried import is_record_of
from rootforensics.ingest.containers.cells import cell_value, field_at, plain_name
from rootforensics.ingest.containers.named import name_by_resources
from rootforensics.ingest.containers.times import zone_of
from rootforensics.ingest.json_parts import is_json
from rootforensics.ingest.scalars import NOT_TAKEN
from rootforensics.schema import EVENT_FIELDS, FREE, SESSION_ISSUER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rootforensics.schema import Field

#: The container of rows without an identity's type, in which the user name ``root`` tells root.
EVENT_HISTORY: Final = "event history CSV"

_LAKE: Final = "CloudTrail Lake CSV"
#: Columns that hold the whole record.
_WHOLE: Final = ("eventjson", "message", "@message", "raw", "cloudtrailevent")
#: Those that hold it only beside columns of events; other tables have such columns, too.
_WHOLE_BESIDE: Final = ("detail", "eventoriginal", "body", "log")
_OTHER_NAMES: Final = {
    "region": "awsRegion",
    "username": "userIdentity.userName",
    "accesskeyid": "userIdentity.accessKeyId",
    "awsaccesskey": "userIdentity.accessKeyId",
    "awsaccesskeyid": "userIdentity.accessKeyId",
    "sourceip": "sourceIPAddress",
    # Microsoft Sentinel, table AWSCloudTrail.
    "awseventid": "eventID",
    "awsrequestid": "requestID",
    "eventtypename": "eventType",
    "timegenerated": "eventTime",
    "timegenerated[utc]": "eventTime",
    "sessionmfaauthenticated": "userIdentity.sessionContext.attributes.mfaAuthenticated",
    "sessioncreationdate": "userIdentity.sessionContext.attributes.creationDate",
    **{f"sessionissuer{name.lower()}": f"userIdentity.sessionContext.sessionIssuer.{name}" for name in SESSION_ISSUER},
}
#: How Athena names the columns of a query that picks fields out of ``useridentity``.
_PICKED: Final = {
    "type": "userIdentity.type",
    "arn": "userIdentity.arn",
    "accountid": "userIdentity.accountId",
    "principalid": "userIdentity.principalId",
    "invokedby": "userIdentity.invokedBy",
    "mfaauthenticated": "userIdentity.sessionContext.attributes.mfaAuthenticated",
    "creationdate": "userIdentity.sessionContext.attributes.creationDate",
}
#: Columns that only the console has, and those that say without a name whether it is root.
_CONSOLE_ONLY: Final = frozenset(("awsaccesskey", "resourcename", "resourcetype"))
_DECIDING: Final = frozenset(("userIdentity.type", "userIdentity.arn"))
#: Says nothing in any column, whatever it is called.
_NO_CELL: Final = ("", "-", "null")
_APART: Final = re.compile(r"\w[ -]\w")
_TELLING: Final = frozenset(("eventName", "eventTime", "eventID", "eventSource", "userIdentity"))
_TELLING_COUNT: Final = 2
#: What a row says of its event beside the record.
_SAID: Final = ("eventID", "eventName", "eventSource")
#: How a record begins in a cell: as JSON, or as JSON in a string.
_RECORD_STARTS: Final = ("{", "[", '"')
_JSON_STARTS: Final = ("{", "[")
#: How a record or a file of them begins, be it cut off.
_RECORD_HEADS: Final = ('{"eventVersion":', '{"Records":')
_encoder: Final = msgspec.json.Encoder()
_LARGEST_CELL: Final = 2**31 - 1
_JSON_BEHIND: Final = "JSON stands behind it: write that into a file of its own, and load it, too"
_ESCAPED: Final = (
    "quotes in its cells stand behind a backslash, as Spark writes them: write it with"
    """ .option("escape", '"'), or as Parquet or JSON"""
)


def _known(fields: dict[str, Field], path: str = "") -> dict[str, str]:
    """The spellings of every field in lower case without marks, with its path."""
    found: dict[str, str] = {}
    for name, field in fields.items():
        found[plain_name(f"{path}{name}")] = f"{path}{name}"
        if isinstance(field, dict):
            found |= _known(field, f"{path}{name}.")
    return found


_COLUMNS: Final = _known(EVENT_FIELDS)


@dataclass(frozen=True, slots=True)
class Table:
    """What a header says of the rows below it.

    Attributes:
        name: what people call such a table.
        whole: the place of the column with the whole record, or None.
        zone: in which its times stand that name none.
        beside: where there is one, what the other columns are called as a table; empty if they tell no event.
        paths: for each column its field, or its own name for a column that no field has.
        header: the names of the columns as they stand; where files were put together they stand again among the rows.
        delimiter: what stands between two cells.
    """

    name: str
    whole: int | None
    paths: tuple[str, ...]
    header: tuple[str, ...] = ()
    delimiter: str = ","
    beside: str = ""
    zone: tzinfo = UTC

    def is_whole(self, row: Sequence[str]) -> bool:
        """True if the event of a row is the record in it: it has one, or the other columns tell none."""
        if self.whole is None or self.whole >= len(row):
            return False
        if not self.beside or not (cell := row[self.whole].lstrip()).startswith(_RECORD_STARTS):
            return not self.beside
        if not cell.startswith("{") or self.name == _LAKE or not is_json(cell.encode(errors="replace")):
            return True  # a record in a string, a list, or what is left of one; CloudTrail Lake's column holds no other
        told = {
            path: json.dumps(said).encode() if (said := _clean(row[place])) not in _NO_CELL else b"null"
            for place, path in enumerate(self.paths[: len(row)])
            if path in _SAID
        }
        return is_record_of(told, cell.encode(errors="replace"))


def paths_of(names: Sequence[str]) -> list[str]:
    """For each column the field that it holds, or its own name; no field is held by two columns."""
    found = [_COLUMNS.get(plain_name(name)) for name in names]
    picked = {} if "userIdentity" in found else _PICKED
    for place, name in enumerate(names):
        other = {**picked, **_OTHER_NAMES}.get(plain_name(name))
        if found[place] is None and other not in found:
            found[place] = other
    taken: set[str] = set()
    out = []
    for name, path in zip(names, found, strict=True):
        out.append(path if path and path not in taken else name.strip())
        taken.add(out[-1])
    return out


def without_table(names: Sequence[str]) -> list[str]:
    """The names of columns without the name of their table, which Hive writes before each of them."""
    heads = {name.strip().strip("\ufeff").partition(".")[0] if "." in name else "" for name in names}
    head = heads.pop() if len(heads) == 1 and len(names) > 1 else ""
    is_table_name = head and head not in EVENT_FIELDS
    return [name.strip().partition(".")[2] if is_table_name else name for name in names]


def is_table(paths: Iterable[str]) -> bool:
    """True if the columns are so many of CloudTrail's that a row is an event."""
    return len(_TELLING.intersection(paths)) >= _TELLING_COUNT


def is_event_history(names: Sequence[str], paths: Iterable[str]) -> bool:
    """True for a table as the console gives it, or the entries of LookupEvents: their user name ``root`` is root.

    In other tables a user name is CloudTrail's ``userName``, which root does not have. The console's headings are words
    apart (``Event name``), or columns that no other layout has. What the type or the ARN of the identity says goes
    before its name; where there is neither column, further columns change nothing.
    """
    held = set(paths)
    plain = [plain_name(name) for name in names]
    words = any(_APART.search(name.strip()) and plain_name(name) in _COLUMNS for name in names)
    by_layout = words or not _CONSOLE_ONLY.isdisjoint(plain) or {"EventId", "Username"} <= set(names) or is_entry(names)
    return "username" in plain and by_layout and _DECIDING.isdisjoint(held)


#: The members of an entry of LookupEvents. Source: AWS CloudTrail API Reference, Event.
_ENTRY: Final = frozenset(
    (
        *("AccessKeyId", "CloudTrailEvent", "EventId", "EventName", "EventSource"),
        *("EventTime", "ReadOnly", "Resources", "Username"),
    )
)


def is_entry(names: Iterable[str]) -> bool:
    """True for some members of an entry of LookupEvents, as ``--query`` picks them, and no others."""
    held = set(names)
    return {"EventName", "EventTime", "Username"} <= held <= _ENTRY


#: Columns of the tables that this package writes: they cite evidence, and are none.
_OWN_COLUMNS: Final = frozenset({"eventID", "evidence_id", "record_index"})


def table_of(header: list[str], delimiter: str = ",") -> Table | None:
    """Tell by its header what a table holds; None if it holds no events."""
    names, zone = _without_zone(without_table(list(map(_clean, header))))
    plain = [plain_name(name) for name in names]
    if {name.strip() for name in header} >= _OWN_COLUMNS and not any(name.startswith("useridentity") for name in plain):
        return None  # written by this package from a case: no evidence
    paths = tuple(paths_of(names))
    spelled = [name.strip().strip("\ufeff") for name in names]
    name = EVENT_HISTORY if is_event_history(spelled, paths) else "Athena CSV"
    name = name if is_table(paths) else ""
    held = (*_WHOLE, *(_WHOLE_BESIDE if name else ()))
    whole = next((plain.index(name) for name in held if name in plain), None)
    if whole is not None:
        named = _LAKE if plain[whole] == "eventjson" else "CloudWatch Logs CSV"
        return Table(named, whole, paths, tuple(header), delimiter, name, zone)
    return Table(name, None, paths, tuple(header), delimiter, zone=zone) if name else None


def _without_zone(header: list[str]) -> tuple[list[str], tzinfo]:
    """The names of the columns, that of the times without the zone behind it, and the zone; UTC if there is none."""
    names = list(header)
    for place, heading in enumerate(header):
        name, zone = zone_of(heading)
        if name != heading and _COLUMNS.get(plain_name(name)) == "eventTime":
            names[place] = name
            return names, zone
    return names, UTC


def header_among(row: list[str], table: Table) -> Table | None:
    """What a row says of those below it if it is a header: the same again, or that of another table; else None."""
    if tuple(row) == table.header:
        return table
    first = plain_name(without_table(row)[0])
    return table_of(row, table.delimiter) if first in _COLUMNS or first in _OTHER_NAMES else None


class Rows:
    """The rows of a CSV text, each with its lines as they are.

    Args:
        lines: behind the header.
        delimiter: what stands between two cells.

    Attributes:
        is_at_end: True once all lines are drawn.
    """

    def __init__(self, lines: Iterable[str], delimiter: str = ",") -> None:
        self._lines = iter(lines)
        self._delimiter = delimiter
        behind = rf"(?!{re.escape(delimiter)}|\r?\n|\r|$)"
        # A quote behind a backslash, more of the cell after it; a doubled quote where one alone would end the cell.
        self._telling = re.compile(rf'(?<!\\)(?:\\\\)*(?:(?P<escaped>\\"(?!"){behind})|\\""{behind})')
        self._are_doubled = False
        self._drawn: list[str] = []
        self.is_at_end = False

    @property
    def pending_count(self) -> int:
        """Lines that belong to no row that was yielded, those that were not drawn so far included."""
        return len(self._drawn) + sum(1 for _ in self._lines)

    def __iter__(self) -> Iterator[tuple[list[str], str]]:
        """Yield the cells of each row and its text.

        Raises:
            csv.Error: the text is no CSV or spells quotes otherwise, or JSON stands behind it.
        """
        csv.field_size_limit(_LARGEST_CELL)
        for row in csv.reader(self._draw(), strict=True, delimiter=self._delimiter):
            text = "".join(self._drawn)
            self._drawn.clear()
            if row:
                yield row, text

    def _draw(self) -> Iterator[str]:
        for line in self._lines:
            self._drawn.append(line)
            if len(self._drawn) == 1 and _is_json(line):
                raise csv.Error(_JSON_BEHIND)
            if not self._are_doubled and '\\"' in line and (told := self._telling.search(line)):
                self._are_doubled = not told["escaped"]
                if told["escaped"]:
                    raise csv.Error(_ESCAPED)
            yield line
        self.is_at_end = True


def _is_json(line: str) -> bool:
    """True for a line that is JSON, or with which JSON over several lines begins; a cell may hold JSON, too."""
    if line[:1] not in _JSON_STARTS:
        return False
    return line.strip() in _JSON_STARTS or line.startswith(_RECORD_HEADS) or is_json(line.encode(errors="replace"))


def event_of(table: Table, row: list[str]) -> bytes:
    """The event of a row, as JSON: the record in it, or one put together from its columns."""
    if table.whole is not None and table.is_whole(row):
        return row[table.whole].encode(errors="replace")
    event: dict[str, Any] = {}
    identity = None  # what is in the column of the whole identity, which may be no identity
    for path, cell in zip(table.paths, row, strict=False):
        field = field_at(path)
        said = without_quotes(path, cell) if isinstance(field, str) and field != FREE else cell
        if said not in _NO_CELL and not (field and says_nothing(said)):
            value = cell_value(path, said if said.isascii() else _clean(said), table.zone)
            if path == "userIdentity" and not isinstance(value, dict):
                identity = value
            else:
                put(event, path, value)
    amend(event)
    name_by_resources(event, table.paths)
    if identity is not None and event.setdefault("userIdentity", identity) is not identity:
        event.setdefault(NOT_TAKEN, {})["userIdentity"] = identity
    extra = row[len(table.paths) :]
    if extra:
        event["cellsBeyondTheHeader"] = [_clean(cell) for cell in extra]
    return _encoder.encode(event)


def is_cut(table: Table, row: Sequence[str]) -> bool:
    """True for a row that ends where no row does: before its record, or inside an object or a list.

    Args:
        table: whose row it is.
        row: the last of a text that ends without a line end.
    """
    last = row[-1].strip()
    of_record = table.whole is not None and len(row) == table.whole + 1
    if of_record and not table.beside and not last:
        return True
    if last[:1] not in (_RECORD_STARTS if of_record else _JSON_STARTS) or is_json(last.encode(errors="replace")):
        return False
    opened, closed = (sum(map(last.count, signs)) for signs in ("{[", "}]"))
    return opened > closed or last[-1] not in "}]"


def _clean(cell: str) -> str:
    """A cell in which bytes that are no text are question marks; the row keeps them."""
    return cell.encode(errors="replace").decode()


def put(event: dict[str, Any], path: str, value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Put a value at a path into an event; at a path with a value, what is there stays."""
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
