"""The events that an alarm's filter may match, and root activity: each decided, if necessary on its original record.

In a case, a ``null`` field and an absent field look the same. A pattern is therefore matched against the columns first.
If the answer depends on that difference, on the spelling of a time, or on the size of a large record, the evidence is
read again. Each object is read once: in one pass if it has no such ``null``, else record by record.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.alarm.record import FIELD, assumed, decoded, rebuilt
from rootforensics.errors import OriginalError
from rootforensics.ingest.containers.tables import EVENT_HISTORY
from rootforensics.ingest.original import Reread, read_texts
from rootforensics.ingest.store import UNDECODED
from rootforensics.rules.patterns.candidates import candidates
from rootforensics.rules.patterns.match import UNKNOWN, failing, matches, nullable
from rootforensics.schema import EVENT_FIELDS, FREE
from rootforensics.sources.s3.address import is_address

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from rootforensics.analysis.alarm.settings import AlarmSettings
    from rootforensics.queries.asking import Asks
    from rootforensics.queries.result import Row
    from rootforensics.rules.patterns.candidates import Candidates

#: CloudTrail sends no larger event to CloudWatch Logs (AWS CloudTrail User Guide, quotas).
MAX_EVENT_BYTES: Final = 256 * 1024
#: A record is measured if its large columns exceed this size; its other columns are small.
_DOUBTFUL_BYTES: Final = 192 * 1024
_PAGE_ROWS: Final = 20_000
_PAGE_BYTES: Final = 32 * 1024 * 1024
_CHUNK: Final = 500
#: How many answers are cached, and the maximum length of their key.
_MOST_KNOWN: Final = 10_000
_KNOWN_LENGTH: Final = 2_000
#: Originals are read, hashed and decompressed in parallel; more threads do not help.
_READING_THREADS: Final = 2
#: Approximate size of a record without its large columns.
_SMALL_BYTES: Final = 1024

_LARGE: Final = " + ".join(
    f'coalesce(strlen("{name}"::VARCHAR), 0)'
    for name, kind in (*EVENT_FIELDS.items(), ("otherFields", FREE))
    if kind == FREE or name in ("userAgent", "errorMessage", "resources")
)
#: Objects whose records were built from columns that lack parts of a record.
_OF_TABLES: Final = f"lacking IS NOT NULL OR container LIKE '%{EVENT_HISTORY}%'"
#: Of these, those whose table has no column for the type.
_WITHOUT_TYPE: Final = f"list_contains(lacking, 'eventType') OR container LIKE '%{EVENT_HISTORY}%'"
#: The events, with the type of API calls if a table has no column for it.
_TYPED: Final = f"""
    SELECT rowid AS row_number, * REPLACE (
        CASE WHEN eventType IS NULL AND evidence_id IN (SELECT evidence_id FROM evidence WHERE {_WITHOUT_TYPE})
            THEN 'AwsApiCall' ELSE eventType END AS eventType
    )
    FROM events"""  # noqa: S608 - a constant
#: The engine selects these rows first, and then reads only their other columns.
_CHOSEN: Final = f"""
    WITH chosen AS MATERIALIZED (
        SELECT e.row_number, e.may_match, r.origin, r.origin_group
        FROM (
            SELECT row_number, evidence_id, record_index,
                coalesce({{condition}}, false) OR coalesce(record_problem = $undecoded, false) AS may_match
            FROM ({_TYPED}) WHERE {{where}}
        ) e
        LEFT JOIN root_events r USING (evidence_id, record_index)
        WHERE e.may_match OR coalesce(r.origin_group = 'activity', false)
    )
    SELECT {{columns}}
    FROM ({_TYPED} WHERE rowid IN (SELECT row_number FROM chosen)) e
    INNER JOIN chosen USING (row_number)
    LEFT JOIN evidence v USING (evidence_id)"""  # noqa: S608 - a constant


@dataclass(slots=True)
class Decided:
    """An event that a pattern matches, or an event of root activity.

    Attributes:
        time: when it happened; None if its record has no time.
        account_id: the account of the trail.
        region: where it was recorded.
        origin: of a root event; None for others.
        origin_group: ``activity`` or ``noise`` of a root event; None for others.
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
    origin_group: str | None
    matched: bool
    too_large: bool
    condition: str

    @property
    def citation(self) -> str:
        """The citation of its record."""
        return f"{self.evidence_id}:{self.record_index}"


@dataclass(slots=True)
class Doubts:
    """How events were decided that the columns could not decide.

    Attributes:
        read_count: events whose original record was read.
        unread_count: events whose original could not or should not be read; a field without a value counts as absent.
        unread_match_count: of these, matched under that assumption.
    """

    read_count: int = 0
    unread_count: int = 0
    unread_match_count: int = 0


#: What must be read from the evidence: whether it has a relevant null, or the record.
_NULL: Final = "null"
_RECORD: Final = "record"


@dataclass(slots=True)
class _Answer:
    """What the columns of an event show.

    Attributes:
        row: the event.
        record: the record built from it.
        matched: whether the pattern matches; None if the columns cannot decide.
        doubt: what must be read to decide; empty for nothing.
    """

    row: Row
    record: object
    matched: bool | None
    doubt: str = ""


@dataclass(slots=True)
class Deciding:
    """Decides the events of a case, page by page.

    Attributes:
        case: answers SQL.
        settings: the pattern, and whether originals may be read.
        doubts: filled while the events are drawn.
        nullable: names of the fields whose existence the pattern checks.
    """

    case: Asks
    settings: AlarmSettings
    doubts: Doubts = field(default_factory=Doubts)
    nullable: frozenset[str] = field(init=False)
    _known: dict[str, tuple[object, bool | None, str]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.nullable = nullable(self.settings.pattern)

    def events(self) -> Iterator[Decided]:
        """Every event that the pattern matches, and all root activity, in the order of the evidence."""
        chosen = candidates(self.settings.pattern)
        parameters = {**chosen.parameters, "undecoded": UNDECODED}
        for low, high in self._pages(chosen, parameters):
            rows = self._rows(_page_sql(chosen), **parameters, **_limits(low, high))
            answers = [self._answer(row) for row in rows]
            reread = self._reread([answer for answer in answers if answer.doubt])
            for answer in answers:
                decided = self._decide(answer, reread.get(answer.row["evidence_id"]))
                if decided.matched or decided.origin_group == "activity":
                    yield decided

    def _rows(self, text: str, **parameters: str | int) -> list[Row]:
        return self.case._statement(text, **parameters).rows  # noqa: SLF001 - only this class runs statements

    def _answer(self, row: Row) -> _Answer:
        """What the columns answer. Events with equal values in the relevant columns are answered once."""
        large = row["large_bytes"] > _DOUBTFUL_BYTES
        looks = repr(
            [row["may_match"], row["of_table"], large, row["container"] is None, row["record_problem"] == UNDECODED]
            + [value for name, value in row.items() if name == "otherFields" or name.startswith(FIELD)]
        )
        if looks not in self._known:
            known = self._answered(row, large=large)
            if len(looks) > _KNOWN_LENGTH:
                return _Answer(row, *known)
            if len(self._known) == _MOST_KNOWN:
                self._known.clear()
            self._known[looks] = known
        return _Answer(row, *self._known[looks])

    def _answered(self, row: Row, *, large: bool) -> tuple[object, bool | None, str]:
        """The rebuilt record, whether the pattern matches it, and what is in doubt."""
        record = rebuilt(row)
        if not row["may_match"]:
            return record, False, ""
        matched = matches(self.settings.pattern, record)
        if row["of_table"]:
            return record, matched, ""
        if large:
            return record, matched, _RECORD
        if matched is not None:
            return record, matched, ""
        if self.nullable and row["container"] is None:
            without = rebuilt(row, self.nullable)
            if (matched := matches(self.settings.pattern, without)) is not None:
                return without, matched, _NULL
        return record, None, _RECORD

    def _pages(self, chosen: Candidates, parameters: dict[str, str]) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        """Start and end of each page, as positions in the evidence; the end is exclusive."""
        chunks = self._rows(
            _CHOSEN.format(
                condition=chosen.condition,
                where="true",
                columns=f"evidence_id, record_index // {_CHUNK} AS chunk, count(*) AS event_count,"
                f" sum({_LARGE} + {_SMALL_BYTES})::BIGINT AS held_bytes",
            )
            + " GROUP BY ALL ORDER BY ALL",
            **parameters,
        )
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

    def _decide(self, answer: _Answer, reread: Reread | None) -> Decided:
        row, record, matched = answer.row, answer.record, answer.matched
        text = None if reread is None else reread.texts.get(row["record_index"])
        read = UNKNOWN if text is None else decoded(text)
        is_told = read is not UNKNOWN
        if is_told:
            record = read
            matched = bool(matches(self.settings.pattern, record))
        elif answer.doubt == _NULL:
            is_told = reread is not None and reread.is_free_of_null
            matched = matched if is_told else None
        self.doubts.read_count += is_told
        if matched is None:
            record = assumed(row)
            matched = bool(matches(self.settings.pattern, record))
            self.doubts.unread_count += 1
            self.doubts.unread_match_count += matched
        size = row["large_bytes"] + _SMALL_BYTES if text is None or read is UNKNOWN else len(text)
        return Decided(
            row["eventTime"],
            row["account_id"],
            row["awsRegion"],
            row["eventName"],
            row["eventID"],
            row["evidence_id"],
            row["record_index"],
            row["origin"],
            row["origin_group"],
            matched,
            size > MAX_EVENT_BYTES,
            "" if matched else failing(self.settings.pattern, record),
        )

    def _reread(self, doubtful: list[_Answer]) -> dict[int, Reread]:
        """The objects of a page that must be read again, as far as possible."""
        if self.settings.originals == "none":
            return {}
        copies = self._copies({answer.row["evidence_id"] for answer in doubtful})
        wanted: dict[int, list[_Answer]] = {}
        for answer in doubtful:
            wanted.setdefault(answer.row["evidence_id"], []).append(answer)
        with ThreadPoolExecutor(_READING_THREADS) as pool:
            read = pool.map(self._read, (copies.get(evidence_id, []) for evidence_id in wanted), wanted.values())
            return dict(zip(wanted, read, strict=True))

    def _read(self, copies: list[tuple[list[str], str]], doubtful: list[_Answer]) -> Reread:
        """Records of one object, from the first copy that is unchanged since it was loaded."""
        indexes = [answer.row["record_index"] for answer in doubtful]
        nullable = self.nullable if all(answer.doubt == _NULL for answer in doubtful) else ()
        for uris, sha256 in copies:
            with suppress(OriginalError):
                return read_texts(uris, sha256, indexes, nullable)
        return Reread({})

    def _copies(self, evidence_ids: set[int]) -> dict[int, list[tuple[list[str], str]]]:
        """Location and SHA-256 of each object, before copies with the same bytes, if they may be read.

        The location of an archive member is that of its archives, the outermost first.
        """
        if not evidence_ids:
            return {}
        found: dict[int, list[tuple[list[str], str]]] = {}
        for row in self.case.query("evidence_copies", ids=sorted(evidence_ids)).rows:
            if self.settings.originals == "all" or not is_address(row["uris"][0]):
                found.setdefault(row["evidence_id"], []).append((row["uris"], row["sha256"]))
        return found


def _page_sql(chosen: Candidates) -> str:
    fields = "".join(f', {part} AS "{FIELD}{name}"' for name, part in chosen.columns.items())
    columns = f"""e.evidence_id, e.record_index, e.eventTime, e.eventID, e.eventName, e.awsRegion, origin, origin_group,
        may_match,
        coalesce(e.account_id, v.account_id) AS account_id,
        {_LARGE} AS large_bytes, coalesce({_OF_TABLES}, false) AS of_table, v.container,
        e.record_problem, e.otherFields{fields}"""
    where = """evidence_id BETWEEN $low_id AND $high_id
        AND (evidence_id > $low_id OR record_index >= $low_index)
        AND (evidence_id < $high_id OR record_index < $high_index)"""
    return f"""{_CHOSEN.format(condition=chosen.condition, where=where, columns=columns)}
    ORDER BY evidence_id, record_index
    """


def _limits(low: tuple[int, int], high: tuple[int, int]) -> dict[str, int]:
    return {"low_id": low[0], "low_index": low[1], "high_id": high[0], "high_index": high[1]}
