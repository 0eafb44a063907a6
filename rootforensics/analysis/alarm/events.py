"""The events that an alarm's filter may match, and root's acts: each decided, on its original record if need be.

A case holds every field of a record, but no longer whether a field without a value was ``null`` or was not there.
A pattern is therefore matched against the columns first; only if the answer hangs on that difference (or on the
spelling of a time, or on the size of a large record) is the record itself read again, each object once.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec

from rootforensics.errors import OriginalError
from rootforensics.ingest.containers.tables import EVENT_HISTORY
from rootforensics.ingest.original import read_texts
from rootforensics.ingest.store import UNDECODED
from rootforensics.rules.patterns.candidates import candidates
from rootforensics.rules.patterns.match import NULL_OR_ABSENT, UNKNOWN, Respelled, failing, matches
from rootforensics.schema import EVENT_FIELDS, FREE
from rootforensics.sources.s3.address import is_address

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.analysis.alarm.settings import AlarmSettings
    from rootforensics.queries.result import Asks
    from rootforensics.rules.patterns.candidates import Candidates

    Row = dict[str, Any]

#: CloudTrail sends no larger event to CloudWatch Logs (AWS CloudTrail User Guide, quotas).
MAX_EVENT_BYTES: Final = 256 * 1024
#: A record is measured if its columns hold more than this; the rest of a record is small.
_DOUBTFUL_BYTES: Final = 192 * 1024
_PAGE_ROWS: Final = 20_000
_PAGE_BYTES: Final = 32 * 1024 * 1024
_CHUNK: Final = 500
#: Originals are read, hashed and inflated side by side; there is no use in more.
_READING_THREADS: Final = 2
#: Columns that the pattern looks at stand in a page under their name with this before it.
_FIELD: Final = "field_"
#: About how much a record holds beside its large columns.
_SMALL_BYTES: Final = 1024

_LARGE: Final = " + ".join(
    f'coalesce(strlen("{name}"::VARCHAR), 0)'
    for name, kind in (*EVENT_FIELDS.items(), ("otherFields", FREE))
    if kind == FREE or name in ("userAgent", "errorMessage", "resources")
)
#: Objects whose records were put together from columns that do not hold all of a record.
_OF_TABLES: Final = f"lacking IS NOT NULL OR container LIKE '%{EVENT_HISTORY}%'"
#: Of these, those whose table has no column for the type; the rest says what the record said.
_WITHOUT_TYPE: Final = f"list_contains(lacking, 'eventType') OR container LIKE '%{EVENT_HISTORY}%'"
#: The events, with the type that all calls have where a table has no column for it.
_TYPED: Final = f"""
    SELECT rowid AS place, * REPLACE (
        CASE WHEN eventType IS NULL AND evidence_id IN (SELECT evidence_id FROM evidence WHERE {_WITHOUT_TYPE})
            THEN 'AwsApiCall' ELSE eventType END AS eventType
    )
    FROM events"""  # noqa: S608 - a constant
#: The engine finds these rows first and reads the rest of them only.
_CHOSEN: Final = f"""
    WITH chosen AS MATERIALIZED (
        SELECT e.place, e.may_match, r.origin, r.side
        FROM (
            SELECT place, evidence_id, record_index,
                coalesce({{condition}}, false) OR coalesce(record_problem = $undecoded, false) AS may_match
            FROM ({_TYPED}) WHERE {{where}}
        ) e
        LEFT JOIN root_events r USING (evidence_id, record_index)
        WHERE e.may_match OR coalesce(r.side = 'activity', false)
    )
    SELECT {{columns}}
    FROM ({_TYPED} WHERE rowid IN (SELECT place FROM chosen)) e
    INNER JOIN chosen USING (place)
    LEFT JOIN evidence v USING (evidence_id)"""  # noqa: S608 - a constant


@dataclass(slots=True)
class Decided:
    """An event that a pattern matches, or an act of root's.

    Attributes:
        time: when it happened; None if its record does not say.
        account_id: the account whose trail has it.
        region: where it was recorded.
        origin: of a root event; None for others.
        side: ``activity`` or ``noise`` of a root event; None for others.
        matched: whether the pattern matches it.
        too_large: whether it is too large for CloudWatch Logs.
        condition: the first condition that it does not meet; empty if it matches.
    """

    time: datetime | None
    account_id: str | None
    region: str | None
    event_name: str | None
    event_id: str | None
    evidence_id: int
    record_index: int
    origin: str | None
    side: str | None
    matched: bool
    too_large: bool
    condition: str


@dataclass(slots=True)
class Doubts:
    """How it was told what the case cannot tell.

    Attributes:
        read_count: events whose original record was read.
        unread_count: events whose original could not or should not be read; a field without a value counts as absent.
        unread_match_count: of these, matched under that assumption.
    """

    read_count: int = 0
    unread_count: int = 0
    unread_match_count: int = 0


@dataclass(slots=True)
class Deciding:
    """Decides the events of a case, page by page.

    Attributes:
        case: answers SQL.
        settings: the pattern, and whether originals may be read.
        doubts: filled while the events are drawn.
    """

    case: Asks
    settings: AlarmSettings
    doubts: Doubts = field(default_factory=Doubts)

    def events(self) -> Iterator[Decided]:
        """Every event that the pattern matches, and every act of root's; in the order of the evidence."""
        chosen = candidates(self.settings.pattern)
        parameters: Row = {**chosen.parameters, "undecoded": UNDECODED}
        for low, high in self._pages(chosen, parameters):
            rows = self.case.statement(_page_sql(chosen), **(parameters | _limits(low, high))).rows
            records = [_rebuilt(row) for row in rows]
            originals = self._originals(rows, records)
            for row, record in zip(rows, records, strict=True):
                original = originals.get((row["evidence_id"], row["record_index"]))
                decided = self._decide(row, record, original)
                if decided.matched or decided.side == "activity":
                    yield decided

    def _pages(self, chosen: Candidates, parameters: Row) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        """From where to where each page reaches, as places in the evidence; the end is not in it."""
        chunks = self.case.statement(
            _CHOSEN.format(
                condition=chosen.condition,
                where="true",
                columns=f"evidence_id, record_index // {_CHUNK} AS chunk, count(*) AS event_count,"
                f" sum({_LARGE} + {_SMALL_BYTES})::BIGINT AS held_bytes",
            )
            + " GROUP BY ALL ORDER BY ALL",
            **parameters,
        ).rows
        pages: list[tuple[tuple[int, int], tuple[int, int]]] = []
        count = held = 0
        for row in chunks:
            start = (row["evidence_id"], row["chunk"] * _CHUNK)
            end = (row["evidence_id"], (row["chunk"] + 1) * _CHUNK)
            count, held = count + row["event_count"], held + row["held_bytes"]
            if not pages or count > _PAGE_ROWS or held > _PAGE_BYTES:
                pages.append((start, end))
                count, held = row["event_count"], row["held_bytes"]
            else:
                pages[-1] = (pages[-1][0], end)
        return pages

    def _decide(self, row: Row, record: object, original: bytes | None) -> Decided:
        if original is not None:
            record = _json(original)
        matched = matches(self.settings.pattern, record) if row["may_match"] else False
        if matched is None:
            record = _rebuilt(row, unknown=False)
            matched = bool(matches(self.settings.pattern, record))
            self.doubts.unread_count += 1
            self.doubts.unread_match_count += matched
        size = row["large_bytes"] + _SMALL_BYTES if original is None else len(original)
        return Decided(
            row["eventTime"],
            row["account_id"],
            row["awsRegion"],
            row["eventName"],
            row["eventID"],
            row["evidence_id"],
            row["record_index"],
            row["origin"],
            row["side"],
            matched,
            size > MAX_EVENT_BYTES,
            "" if matched else failing(self.settings.pattern, record),
        )

    def _originals(self, rows: list[Row], records: list[object]) -> dict[tuple[int, int], bytes]:
        """The records of a page that have to be read again, as far as they can be."""
        found: dict[tuple[int, int], bytes] = {}
        if self.settings.originals == "none":
            return found
        doubtful = [row for row, record in zip(rows, records, strict=True) if self._is_doubtful(row, record)]
        copies = self._copies({row["evidence_id"] for row in doubtful})
        wanted: dict[int, list[int]] = {}
        for row in doubtful:
            wanted.setdefault(row["evidence_id"], []).append(row["record_index"])
        with ThreadPoolExecutor(_READING_THREADS) as pool:
            read = pool.map(_read, (copies.get(evidence_id, []) for evidence_id in wanted), wanted.values())
            for evidence_id, texts in zip(wanted, read, strict=True):
                found |= {(evidence_id, index): text for index, text in texts.items() if _json(text) is not UNKNOWN}
        self.doubts.read_count += len(found)
        return found

    def _is_doubtful(self, row: Row, record: object) -> bool:
        if not row["may_match"] or row["of_table"]:
            return False
        return row["large_bytes"] > _DOUBTFUL_BYTES or matches(self.settings.pattern, record) is None

    def _copies(self, evidence_ids: set[int]) -> dict[int, list[tuple[list[str], str]]]:
        """Where each object lies and its SHA-256, itself before others with the same bytes, as far as they may be read.

        A member of an archive lies where its archives do, the outermost first.
        """
        if not evidence_ids:
            return {}
        found: dict[int, list[tuple[list[str], str]]] = {}
        for row in self.case.statement(_COPIES, ids=sorted(evidence_ids)).rows:
            if self.settings.originals == "all" or not is_address(row["uris"][0]):
                found.setdefault(row["evidence_id"], []).append((row["uris"], row["sha256"]))
        return found


_COPIES: Final = """
WITH RECURSIVE way AS (
    SELECT e.evidence_id, c.evidence_id AS copy_id, c.sha256, c.archive_id, [c.uri] AS uris
    FROM evidence e JOIN evidence c USING (sha256) WHERE list_contains($ids, e.evidence_id)
    UNION ALL
    SELECT way.evidence_id, way.copy_id, way.sha256, a.archive_id, list_prepend(a.uri, way.uris)
    FROM way JOIN evidence a ON a.evidence_id = way.archive_id
)
SELECT evidence_id, sha256, uris FROM way WHERE archive_id IS NULL
ORDER BY evidence_id, copy_id <> evidence_id, copy_id
"""


def _read(copies: list[tuple[list[str], str]], indexes: list[int]) -> dict[int, bytes]:
    """Records of one object, from the first copy that is still as it was loaded."""
    for uris, sha256 in copies:
        with suppress(OriginalError):
            return read_texts(uris, sha256, indexes)
    return {}


def _page_sql(chosen: Candidates) -> str:
    fields = "".join(f', e."{name}" AS "{_FIELD}{name}"' for name in chosen.columns)
    columns = f"""e.evidence_id, e.record_index, e.eventTime, e.eventID, e.eventName, e.awsRegion, origin, side,
        may_match,
        coalesce(nullif(e.recipientAccountId, ''), nullif(e.userIdentity.accountId, ''), v.account_id) AS account_id,
        {_LARGE} AS large_bytes, coalesce({_OF_TABLES}, false) AS of_table, e.record_problem, e.otherFields{fields}"""
    where = """evidence_id BETWEEN $low_id AND $high_id
        AND (evidence_id > $low_id OR record_index >= $low_index)
        AND (evidence_id < $high_id OR record_index < $high_index)"""
    return f"""{_CHOSEN.format(condition=chosen.condition, where=where, columns=columns)}
    ORDER BY evidence_id, record_index
    """


def _limits(low: tuple[int, int], high: tuple[int, int]) -> dict[str, int]:
    return {"low_id": low[0], "low_index": low[1], "high_id": high[0], "high_index": high[1]}


def _rebuilt(row: Row, *, unknown: bool = True) -> object:
    """The record as far as the pattern looks at it, from its columns.

    Args:
        row: of a page.
        unknown: mark what the case cannot tell; else fields without a value are left out.
    """
    if row["record_problem"] == UNDECODED:
        return UNKNOWN if unknown else {}
    record = {
        column.removeprefix(_FIELD): _field(column.removeprefix(_FIELD), value, unknown=unknown)
        for column, value in row.items()
        if column.startswith(_FIELD) and (unknown or value is not None)
    }
    other = {} if row["otherFields"] is None else _json(row["otherFields"])
    if isinstance(other, dict):
        return _merged(record, other)
    return UNKNOWN if unknown else record


def _field(name: str, value: object, *, unknown: bool) -> object:
    """A top-level field as the record had it, as far as its column tells."""
    if isinstance(value, datetime):
        text = value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return Respelled(text) if unknown else text
    if EVENT_FIELDS[name] == FREE and isinstance(value, str):
        decoded = _json(value)
        return None if decoded is UNKNOWN and not unknown else decoded
    return _known(value, unknown=unknown)


def _known(value: object, *, unknown: bool) -> object:
    """A value of a column with the fields that have no value marked or left out."""
    if isinstance(value, dict):
        kept = {name: _known(part, unknown=unknown) for name, part in value.items()}
        return kept if unknown else {name: part for name, part in kept.items() if part is not None}
    if isinstance(value, list):
        return [_known(one, unknown=unknown) for one in value]
    return NULL_OR_ABSENT if value is None and unknown else value


def _merged(record: Row, other: Row) -> Row:
    for name, value in other.items():
        held = record.get(name)
        record[name] = _merged(held, value) if isinstance(held, dict) and isinstance(value, dict) else value
    return record


def _json(text: str | bytes) -> object:
    """A JSON text's value, ``UNKNOWN`` if it is none.

    Half a surrogate pair stays as it is spelled and bytes that are no UTF-8 become U+FFFD, for CloudWatch Logs takes
    such a record all the same.
    """
    with suppress(ValueError, RecursionError):
        return msgspec.json.decode(text)
    with suppress(ValueError, RecursionError):
        return json.loads(text if isinstance(text, str) else text.decode(errors="replace"), parse_constant=_refused)
    return UNKNOWN


def _refused(name: str) -> object:
    """JSON knows no NaN and no infinity.

    Raises:
        ValueError: always.
    """
    raise ValueError(name)
