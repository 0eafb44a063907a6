"""The ledger: one row for each object of evidence, whatever became of it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from rootforensics.engines.writing import insert_as_json, insert_rows
from rootforensics.ingest.counted import TABLES, write_counts
from rootforensics.ingest.descent import descent, digest_of
from rootforensics.ingest.filters import Filters
from rootforensics.ingest.limits import RAISE_LIMIT, RAISE_OTHERS, Inflation, broken_limit, broken_others
from rootforensics.phrases import some
from rootforensics.schema import EVIDENCE_COLUMNS, FIRST_YEAR
from rootforensics.sources.digests import DigestError, Trail, parse_digest
from rootforensics.sources.names import LOG_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

    from rootforensics.ingest.archives.store import Store
    from rootforensics.ingest.containers.hints import Listed
    from rootforensics.ingest.counted import Counts
    from rootforensics.ingest.limits import Limits
    from rootforensics.sources.objects import SourceObject

#: Every status an object can have, in the order of reports.
STATUSES: Final = ("loaded", "empty", "duplicate", "archive", "digest", "damaged", "unsupported", "unreadable")

#: Said of a copy of a whole object, before the number of the first one.
COPY_OF: Final = "the same bytes as evidence "

_ROWS_AT_ONCE: Final = 10_000
_PROBLEMS_TOLD: Final = 10
#: So much later than its load no log was delivered, whatever the clock here says of hours.
_WRONG_CLOCK: Final = timedelta(days=1)
_LISTED_AT_ONCE: Final = 50_000
#: Characters of digests that are written at once: one may list any number of logs.
_TEXT_AT_ONCE: Final = 8_000_000


@dataclass(slots=True)
class Bent:
    """Records of one object that were bent to the columns for the same reason.

    Attributes:
        count: how many there are.
        first_index: position of the first of them in the object.
    """

    count: int
    first_index: int


@dataclass(slots=True)
class Facts:
    """What reading one object showed; the columns of ``evidence`` that do not come from counting events."""

    found: SourceObject
    size_bytes: int | None = None
    sha256: str | None = None
    compression: str | None = None
    gzip_member_count: int | None = None
    inflated_bytes: int | None = None
    #: Of what was compressed, if it could be read to its end and nothing stands behind that.
    content_sha256: str | None = None
    framing: str | None = None
    container: str | None = None
    status: str = "loaded"
    problems: list[str] = field(default_factory=list)
    record_count: int | None = 0
    rejected_count: int = 0
    #: Of these, how many have the fields of an event and could not be read.
    lost_count: int = 0
    bent: dict[str, Bent] = field(default_factory=dict)
    holds_no_text: bool = False
    lacking: list[str] = field(default_factory=list)
    #: Of a digest file, the logs that it lists.
    listed_logs: list[Listed] = field(default_factory=list)
    #: Of a digest file, its text, and what S3 keeps with it, the signature above all.
    digest: str | None = None
    s3_metadata: dict[str, str] | None = None
    #: Of an object of which only what is related to root is taken in, how much else is in it.
    counts: Counts | None = None
    archive: Store | None = None
    archive_id: int | None = None
    member_count: int | None = None

    def __post_init__(self) -> None:
        told = _time_in_name(self.uri)
        if told and not delivery_time(self.uri):
            self.problems.append(f"the time in its name, {told:%Y-%m-%dT%H:%MZ}, cannot be that of its delivery")

    @property
    def uri(self) -> str:
        """Where the object is."""
        return self.found.uri

    @property
    def reading_stopped(self) -> bool:
        """True if an error ended the reading before the object's end."""
        return any(text.startswith("reading stopped") for text in self.problems)

    def may_hold(self, since: datetime | None) -> bool:
        """Whether records of a time from then on may lie in the object itself."""
        delivered = delivery_time(self.uri)
        is_before = since is not None and delivered is not None and delivered < since
        return self.sha256 is not None and not self.archive and not is_before

    @property
    def problem(self) -> str | None:
        """What is wrong, in words, or None; of an archive that is broken at every byte, how much more there is."""
        return some(self.problems, _PROBLEMS_TOLD, "; ") or None


@dataclass(frozen=True, slots=True)
class Entry:
    """An object that is in the ledger already; of an archive with its members."""

    evidence_id: int
    sha256: str | None
    filters: tuple[Filters, ...]
    complete: bool
    inflation: Inflation
    is_followed: bool = True
    uri: str = ""
    status: str = ""
    problem: str = ""
    etag: str | None = None
    event_count: int = 0
    members: list[Entry] = field(default_factory=list, compare=False)

    def covers(self, filters: Filters, limits: Limits) -> bool:
        """True if loading the object with these filters and bounds would bring nothing new."""
        broken = broken_others if RAISE_OTHERS in self.problem else broken_limit
        if RAISE_LIMIT in self.problem and not broken(self.inflation, limits):
            return False
        known = self.complete or (filters in self.filters and (self.is_followed or not filters.root_related))
        return known and all(member.covers(filters, limits) for member in self.members)

    @property
    def holds_events(self) -> bool:
        """True if events of the object or of its members are in the case."""
        return any(one.event_count for one in self.everything())

    def everything(self) -> Iterator[Entry]:
        """The object, its members, and theirs."""
        yield self
        for member in self.members:
            yield from member.everything()


class Ledger:
    """The ledger of an open case, inside the load's transaction. It knows the rows of the load's objects alone.

    Args:
        connection: the writer.
        version: of this package.
        follows: whether the load looks for names of what descends from root.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, version: str, *, follows: bool = False) -> None:
        self._connection = connection
        self._version = version
        self._follows = follows
        self._entries: dict[str, list[Entry]] = {}
        self._met: list[int] = []
        self._next_id = int(connection.execute("SELECT coalesce(max(evidence_id), 0) FROM evidence").fetchall()[0][0])

    def look_up(self, uris: list[str]) -> None:
        """Read the rows of the objects at some places; of archives with all that lies in them."""
        rows = self._connection.execute(_KNOWN, [uris, RAISE_OTHERS]).fetchall() if self._next_id else []
        digest = digest_of(descent(self._connection)) if self._follows and rows else ""
        by_id: dict[int, Entry] = {}
        for archive_id, uri, evidence_id, sha256, filters, complete, *rest in rows:
            read_with = json.loads(filters)
            known = tuple(map(Filters.from_dict, read_with))
            followed = {one.get("root_related") for one in read_with} <= {None, digest}
            inflation = Inflation(raw_bytes=rest[0], inflated_bytes=rest[1], other_count=rest[2], event_count=rest[3])
            entry = Entry(evidence_id, sha256, known, complete, inflation, followed, uri, *rest[4:])
            by_id[evidence_id] = entry
            known_by_place = self._entries.setdefault(uri, []) if archive_id is None else by_id[archive_id].members
            known_by_place.append(entry)

    def entries(self, uri: str) -> list[Entry]:
        """What the ledger holds of a URI that was looked up, oldest first; several rows: the object changed."""
        return self._entries.get(uri, [])

    def next_id(self) -> int:
        """A fresh evidence_id."""
        self._next_id += 1
        return self._next_id

    def forget(self, evidence_id: int) -> None:
        """Take an object's rows out, because another row says all that they say."""
        self._connection.execute("DELETE FROM events WHERE evidence_id = ?", [evidence_id])
        self.forget_rows([evidence_id])

    def forget_rows(self, evidence_ids: list[int]) -> None:
        """Take objects out of the ledger, but not their events."""
        for table in ("duplicates", "listed_logs", "digests", *TABLES, "evidence"):
            self._connection.execute(
                f"DELETE FROM {table} WHERE evidence_id IN (SELECT unnest(?))",  # noqa: S608
                [evidence_ids],
            )

    def write(self, rows: list[tuple[int, Facts, tuple[Filters, ...]]]) -> None:
        """Write the rows of objects that were read; the counts of events follow with ``count_events``."""
        stamp = {"loaded_time": datetime.now(UTC).isoformat(), "loaded_by": self._version}
        spelled = {filters: [one.as_dict() for one in filters] for filters in {filters for *_, filters in rows}}
        for first in range(0, len(rows), _ROWS_AT_ONCE):
            listed = [
                {**_row(evidence_id, facts), "filters": spelled[filters], **stamp}
                for evidence_id, facts, filters in rows[first : first + _ROWS_AT_ONCE]
            ]
            insert_as_json(self._connection, "evidence", EVIDENCE_COLUMNS, listed)
        write_counts(self._connection, ((number, one.counts, filters) for number, one, filters in rows if one.counts))
        digests: list[tuple[int, Facts]] = []
        for evidence_id, facts, _ in rows:
            if facts.digest is not None:
                digests.append((evidence_id, facts))
                if sum(len(one.digest or "") for _, one in digests) > _TEXT_AT_ONCE:
                    self._write_digests(digests)
                    digests = []
        self._write_digests(digests)

    def _write_digests(self, rows: list[tuple[int, Facts]]) -> None:
        insert_rows(self._connection, "digests", [_digest_row(*row) for row in rows])
        listed = [
            _listed_row(evidence_id, listed_log) for evidence_id, facts in rows for listed_log in facts.listed_logs
        ]
        for first in range(0, len(listed), _LISTED_AT_ONCE):
            insert_rows(self._connection, "listed_logs", listed[first : first + _LISTED_AT_ONCE])

    def note_descent(self, digest: str, evidence_ids: list[int]) -> None:
        """Write down by which names of what descends from root objects were searched."""
        self._connection.execute(_FOLLOWED, [digest, evidence_ids])

    def meet(self, entry: Entry, filters: Filters) -> None:
        """A load with these filters met an object that has nothing new for it; ``note_met`` writes it down.

        Without a filter it takes in what any filter did: of an object that lost nothing to one nothing is left out.
        """
        if filters == Filters():
            self._met += [one.evidence_id for one in entry.everything() if one.filters and filters not in one.filters]

    def note_met(self) -> bool:
        """Write down which objects a load without a filter has met that loads with one had read; True if any."""
        has_met = bool(self._met)
        if has_met:
            self._connection.execute(
                "UPDATE evidence SET filters = concat(rtrim(filters::VARCHAR, ']'), ',{}]')"
                " WHERE evidence_id IN (SELECT unnest(?))",
                [self._met],
            )
            self._met = []
        return has_met

    def count_none(self, evidence_ids: list[int]) -> None:
        """Say of objects that they hold no event."""
        self._connection.execute(
            "UPDATE evidence SET event_count = 0, duplicate_count = 0, filtered_count = 0"
            " WHERE evidence_id IN (SELECT unnest(?))",
            [evidence_ids],
        )

    def count_events(self, *, moved: bool) -> None:
        """Bring counts up to date, and tell copies of whole objects.

        Args:
            moved: True if copies were set aside: objects of earlier loads may have lost some, too.
        """
        also = "UNION SELECT evidence_id FROM surplus" if moved else ""
        touched = f"SELECT evidence_id FROM just_read {also}"  # noqa: S608 - no value of anybody's
        self._connection.execute(f"CREATE OR REPLACE TEMP TABLE touched AS {touched}")
        self._connection.execute(_COUNT)
        self._connection.execute(_TELL_COPIES)


def _time_in_name(uri: str) -> datetime | None:
    name = LOG_NAME.search(uri.rsplit("/", 1)[-1])
    try:
        return datetime.fromisoformat(name["time"]) if name else None
    except ValueError:
        return None


def delivery_time(uri: str) -> datetime | None:
    """The time in the name of a log, UTC; None if the name is another or its digits are no time of a delivery."""
    told = _time_in_name(uri)
    return told if told and told.year >= FIRST_YEAR and told <= datetime.now(UTC) + _WRONG_CLOCK else None


def is_log(uri: str) -> bool:
    """Whether a name is that of a log as CloudTrail writes it, compressed or not."""
    return LOG_NAME.fullmatch(uri.rsplit("/", 1)[-1].removesuffix(".gz")) is not None


#: The columns that ``Facts`` tells under the same names.
_TOLD: Final = tuple(name for name in EVIDENCE_COLUMNS if hasattr(Facts, name))


def _row(evidence_id: int, facts: Facts) -> dict[str, Any]:
    found, name = facts.found, LOG_NAME.search(facts.uri.rsplit("/", 1)[-1])
    delivered = delivery_time(facts.uri)
    return {column: getattr(facts, column) for column in _TOLD} | {
        "evidence_id": evidence_id,
        "lacking": facts.lacking or None,
        "etag": found.etag if facts.sha256 else None,
        "version_id": found.version_id if facts.sha256 else None,
        "modified_time": found.modified_time.isoformat() if found.modified_time else None,
        "account_id": name["account"] if name else None,
        "region": name["region"] if name else None,
        "delivery_time": delivered.isoformat() if delivered else None,
    }


def _digest_row(evidence_id: int, facts: Facts) -> dict[str, Any]:
    """Whose digest it is and of which time, as it says itself; nothing of a text that is none of CloudTrail's."""
    text = facts.digest or ""
    try:
        digest = parse_digest(text, "")
        told = {**digest.trail._asdict(), "from_time": digest.begin, "until_time": digest.end}
    except DigestError:
        told = dict.fromkeys((*Trail._fields, "from_time", "until_time"))
    metadata = json.dumps(facts.s3_metadata) if facts.s3_metadata else None
    return {"evidence_id": evidence_id, "content": text, "s3_metadata": metadata, **told}


def _listed_row(evidence_id: int, log: Listed) -> dict[str, Any]:
    found = LOG_NAME.search(log.name)
    return {
        "evidence_id": evidence_id,
        "uri": log.uri,
        "log_name": found[0] if found else log.name.removesuffix(".gz"),
        "sha256": log.sha256,
        "account_id": found["account"] if found else None,
        "region": found["region"] if found else None,
        "delivery_time": delivery_time(log.name),
    }


_KNOWN: Final = """
WITH RECURSIVE known AS (
    SELECT evidence_id FROM evidence SEMI JOIN (SELECT unnest(?) AS uri) USING (uri) WHERE archive_id IS NULL
    UNION ALL
    SELECT evidence.evidence_id FROM evidence JOIN known ON evidence.archive_id = known.evidence_id
)
SELECT archive_id, uri, evidence_id, sha256, filters, record_count IS NOT NULL AND filtered_count = 0,
    coalesce(size_bytes, 0), coalesce(inflated_bytes, 0),
    coalesce(if(record_count > rejected_count AND NOT contains(problem, ?), inflated_bytes, rejected_count), 0),
    coalesce(record_count - rejected_count, 0), status, coalesce(problem, ''),
    etag, coalesce(event_count, 0)
FROM evidence SEMI JOIN known USING (evidence_id)
ORDER BY evidence_id
"""
# The filter that takes names from the case has their digest in the ledger.
_FOLLOWED: Final = """
UPDATE evidence
SET filters = regexp_replace(
    filters::VARCHAR, '"root_related": ?(true|"[0-9a-f]*")', concat('"root_related":"', ?, '"'), 'g'
)
WHERE evidence_id IN (SELECT unnest(?))
"""
_COUNT: Final = """
UPDATE evidence SET
    event_count = counted.event_count,
    duplicate_count = counted.duplicate_count,
    filtered_count = record_count - rejected_count - counted.event_count - counted.duplicate_count,
    first_time = counted.first_time,
    last_time = counted.last_time
FROM (
    SELECT evidence_id, coalesce(event_count, 0) AS event_count, coalesce(duplicate_count, 0) AS duplicate_count,
        first_time, last_time
    FROM touched
    LEFT JOIN (
        SELECT evidence_id, count(*) AS event_count, min(eventTime) AS first_time, max(eventTime) AS last_time
        FROM events SEMI JOIN touched USING (evidence_id) GROUP BY evidence_id
    ) AS kept USING (evidence_id)
    LEFT JOIN (
        SELECT evidence_id, count(*) AS duplicate_count FROM duplicates SEMI JOIN touched USING (evidence_id)
        GROUP BY evidence_id
    ) AS surplus USING (evidence_id)
) AS counted
WHERE evidence.evidence_id = counted.evidence_id
"""
_TELL_COPIES: Final = f"""
UPDATE evidence SET
    status = 'duplicate',
    problem = concat_ws('; ', problem, '{COPY_OF}' || original.evidence_id)
FROM (
    SELECT sha256, min(evidence_id) AS evidence_id FROM evidence
    WHERE sha256 IN (SELECT sha256 FROM evidence SEMI JOIN touched USING (evidence_id) WHERE sha256 IS NOT NULL)
    GROUP BY sha256
) AS original
WHERE evidence.sha256 = original.sha256 AND evidence.evidence_id > original.evidence_id
    AND evidence.status IN ('loaded', 'archive')
"""  # noqa: S608 - words of ours
