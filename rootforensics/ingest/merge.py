"""One case out of several parts: their rows under new numbers, and copies across parts set aside as a load does.

Objects get their numbers in the order of their paths, as in one load of all of them, whichever part holds which. What
several parts hold of one object is one object, with the records that any of them took in; readings of other bytes, or
by other versions of this package, all stay. Rows go from file to file inside the engine.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from rootforensics.engines.duckdb import attach
from rootforensics.errors import CaseError
from rootforensics.facts import Facts
from rootforensics.ingest.counted import TABLES as COUNTS
from rootforensics.ingest.dedupe import remove_duplicates
from rootforensics.ingest.descent import unsearched
from rootforensics.ingest.filters import Filters
from rootforensics.ingest.ledger import COPY_OF, Ledger
from rootforensics.ingest.store import VERDICTS, checks_of, table_problems

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import duckdb


@dataclass(slots=True)
class MergeResult(Facts):
    """What a merge did.

    Attributes:
        case_count: parts.
        object_count: objects of evidence, members of archives among them.
        shared_count: readings of objects that another part holds, too.
        event_count: events of the merged case.
        duplicate_count: duplicates: another part has the event, too.
        scopes: what of the objects was taken in, in words, with the number of objects; empty if all of each was.
        unsearched_count: objects that were not searched for all names of what descends from root, for these stand in
            other parts; a load of all sources with ``root_related`` searches them.
        lost_verdict_count: verdicts of ``verify`` that the parts held. They hold for the evidence of one part, and are
            not carried: run ``verify`` again.
    """

    case_count: int = 0
    object_count: int = 0
    shared_count: int = 0
    event_count: int = 0
    duplicate_count: int = 0
    scopes: dict[str, int] = field(default_factory=dict)
    unsearched_count: int = 0
    lost_verdict_count: int = 0


def merge_parts(writer: duckdb.DuckDBPyConnection, heads: Sequence[tuple[Path, str]], version: str) -> MergeResult:
    """Fill a new case, in the writer's transaction.

    Args:
        writer: of a case that is set up and holds nothing.
        heads: the file of each part, and the hash of the last row of its chain of custody.
        version: name and version of this package.

    Raises:
        CaseLockedError: another process writes to a part.
        CaseError: a part has changed since its head was read.
    """
    parts = [f"part_{number}" for number in range(len(heads))]
    for part, (path, head) in zip(parts, heads, strict=True):
        attach(writer, path, part)
        [(now,)] = writer.execute(f"SELECT arg_max(sha256, custody_id) FROM {part}.custody").fetchall()  # noqa: S608
        if now != head:
            raise CaseError("the case has just changed", where=str(path), hint="Run it again when no one writes to it")
    _number_objects(writer, parts)
    for number, part in enumerate(parts):
        for statement in (
            _EVIDENCE,
            _EVENTS,
            _SHARED_EVENTS,
            _DUPLICATES,
            _DIGESTS,
            _LISTED_LOGS,
            *_COUNTED,
            *_EXTRACTED,
            _HEADS,
        ):
            writer.execute(statement.format(part=part, number=number, copy_of=COPY_OF))
    writer.execute(_KEPT_ELSEWHERE)
    writer.execute(_CHANGED)
    _carry_notes(writer, parts)
    _carry_posture(writer, parts)
    moved = remove_duplicates(writer, all_new=True)
    writer.execute("CREATE TEMP TABLE just_read AS SELECT evidence_id FROM evidence")
    Ledger(writer, version).count_events(moved=False)  # all of them are counted
    return MergeResult(
        case_count=len(parts),
        object_count=_count(writer, "evidence"),
        shared_count=_count(writer, "numbers WHERE NOT is_chosen"),
        event_count=_count(writer, "events"),
        duplicate_count=moved,
        scopes=_scopes(writer),
        unsearched_count=unsearched(writer),
        lost_verdict_count=sum(_count(writer, f"{part}.{table}") for part in parts for table in VERDICTS),
    )


def check_tables(reader: duckdb.DuckDBPyConnection, path: Path) -> None:
    """See that a part has the tables of a case: a view in the place of one would run what whoever made it wrote.

    Args:
        reader: of the part.
        path: its file.

    Raises:
        CaseError: it has others.
    """
    if table_problems(reader):
        hint = "Load its evidence into a new case"
        raise CaseError("its tables differ from those of this version", where=str(path), hint=hint)


def _count(writer: duckdb.DuckDBPyConnection, rows: str) -> int:
    return int(writer.execute(f"SELECT count(*) FROM {rows}").fetchall()[0][0])  # noqa: S608 - names of ours


def _of_all(parts: Sequence[str], statement: str) -> str:
    return " UNION ALL ".join(statement.format(part=part, number=number) for number, part in enumerate(parts))


def _number_objects(writer: duckdb.DuckDBPyConnection, parts: Sequence[str]) -> None:
    """Make ``numbers``: of each object of a part its number in the merged case."""
    writer.execute(_PLACED.format(objects=_of_all(parts, _OBJECTS)))
    writer.execute(_READ_ELSEWHERE)
    writer.execute(_NUMBERS)
    writer.execute(_WIDENED)


def _carry_notes(writer: duckdb.DuckDBPyConnection, parts: Sequence[str]) -> None:
    writer.execute(_NOTES.format(notes=_of_all(parts, _OF_PART)))


def _carry_posture(writer: duckdb.DuckDBPyConnection, parts: Sequence[str]) -> None:
    told = (f"SELECT {number} AS part, * FROM ({checks_of(part)})" for number, part in enumerate(parts))  # noqa: S608
    writer.execute(_CHECKS.format(checks=" UNION ALL ".join(told)))
    for number, part in enumerate(parts):
        writer.execute(_ANSWERS.format(part=part, number=number))
        writer.execute(_CONTROLS.format(part=part, number=number))


def _scopes(writer: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """What was taken in, in words, if it is not all of each object."""
    found: dict[str, int] = {}
    for filters, count in writer.execute(_FILTERS).fetchall():
        words = {Filters.from_dict(one).describe() for one in json.loads(filters)}
        told = "all" if "" in words else ", or ".join(sorted(words))
        found[told] = found.get(told, 0) + count
    return {} if set(found) <= {"all"} else found


_FILTERS: Final = "SELECT filters::VARCHAR AS filters, count(*) FROM evidence GROUP BY filters ORDER BY filters"
# The n-th row with the same name, bytes, ETag and version of this package is the n-th of another part.
_OBJECTS: Final = """
SELECT {number} AS part, evidence_id, archive_id, uri, sha256, record_count, filters::VARCHAR AS filters,
    coalesce(event_count, 0) + coalesce(duplicate_count, 0) AS held,
    status = 'damaged' OR (content_sha256 IS NULL AND compression <> 'plain') AS is_cut,
    evidence_id IN (SELECT evidence_id FROM {part}.digests WHERE s3_metadata IS NULL) AS is_unsigned,
    concat_ws(chr(10), uri, coalesce(sha256, '-'), coalesce(etag, '-'), loaded_by,
        row_number() OVER (PARTITION BY archive_id, uri, sha256, etag, loaded_by ORDER BY evidence_id)) AS reading
FROM {part}.evidence
"""
# Members are told by their archive, too. Whether the bytes of what was not read to its end were the same nobody knows,
# unless they came out of an archive that is the same.
_PLACED: Final = """
CREATE TEMP TABLE placed AS
WITH RECURSIVE objects AS MATERIALIZED ({objects}),
placed AS (
    SELECT o.*, '' AS parent,
        if(starts_with(uri, 'file://'), coalesce(TRY(url_decode(uri)), uri), uri) AS path,
        sha256 IS NOT NULL AS is_told,
        sha256(concat(reading, if(sha256 IS NULL AND held > 0, concat(' of part ', part), ''))) AS identity
    FROM objects AS o
    WHERE archive_id IS NULL
    UNION ALL
    SELECT o.*, p.identity, p.path, p.is_told OR o.sha256 IS NOT NULL,
        sha256(concat(p.identity, o.reading,
            if(o.sha256 IS NULL AND o.held > 0 AND NOT p.is_told, concat(' of part ', o.part), '')))
    FROM objects AS o INNER JOIN placed AS p ON o.part = p.part AND o.archive_id = p.evidence_id
)
SELECT * EXCLUDE (reading, is_told) FROM placed
"""
# What could not be read in one part and was read in another leaves nothing to be said.
_READ_ELSEWHERE: Final = """
DELETE FROM placed WHERE (part, evidence_id) IN (
    SELECT failed.part, failed.evidence_id
    FROM placed AS failed INNER JOIN placed AS other
        ON failed.parent = other.parent AND failed.uri = other.uri AND failed.part <> other.part
    WHERE failed.sha256 IS NULL AND failed.held = 0 AND other.sha256 IS NOT NULL
        AND failed.identity NOT IN (SELECT parent FROM placed)
)
"""
# In the order of paths, but never against that of a part: there the lowest number has the copy that stays. Of several
# readings the row is that of the one that took in most; of these, of one that came to the end and had the signature.
_NUMBERS: Final = """
CREATE TEMP TABLE numbers AS
WITH reached AS (
    SELECT *, max(path) OVER (PARTITION BY part ORDER BY evidence_id) AS reached,
        contains(filters, 'root_related')
            AND [f FOR f IN CAST(filters AS JSON[]) IF (f->'$.root_related') IS NULL] = [] AS is_partial
    FROM placed
),
merged AS (
    SELECT identity, min({'reached': reached, 'part': part, 'evidence_id': evidence_id}) AS first,
        arg_min({'part': part, 'evidence_id': evidence_id},
            {'is_partial': is_partial, 'unread': -coalesce(record_count, 0), 'is_cut': coalesce(is_cut, false),
                'is_unsigned': is_unsigned, 'part': part}) AS chosen,
        min(part) AS first_part
    FROM reached GROUP BY identity
),
numbered AS (SELECT *, CAST(row_number() OVER (ORDER BY first) AS INTEGER) AS new_id FROM merged)
SELECT p.part, p.evidence_id AS old_id, new_id,
    p.part = chosen.part AND p.evidence_id = chosen.evidence_id AS is_chosen,
    p.part > first_part AS is_later, p.uri, p.sha256, p.parent = '' AS is_outermost, p.filters
FROM placed AS p INNER JOIN numbered USING (identity)
"""
_WIDENED: Final = """
CREATE TEMP TABLE widened AS
SELECT new_id, to_json(list(filter ORDER BY place)) AS filters
FROM (
    SELECT new_id, filter, min({'part': part, 'place': place}) AS place
    FROM (
        SELECT new_id, part, unnest(CAST(filters AS JSON[])) AS filter,
            generate_subscripts(CAST(filters AS JSON[]), 1) AS place
        FROM numbers
        WHERE new_id IN (SELECT new_id FROM numbers GROUP BY new_id HAVING count(DISTINCT filters) > 1)
    )
    GROUP BY new_id, filter
)
GROUP BY new_id
"""
# That an object is a copy is said anew of all; who was loaded before has another number now.
_EVIDENCE: Final = r"""
INSERT INTO evidence BY NAME
WITH told AS (
    SELECT * REPLACE (
        if(status = 'duplicate',
            nullif(regexp_replace(regexp_replace(problem, '(^|; ){copy_of}[0-9]+', ''), '^; ', ''), ''),
            problem) AS problem,
        if(status = 'duplicate', if(member_count IS NULL, 'loaded', 'archive'), status) AS status
    )
    FROM {part}.evidence
)
SELECT e.* REPLACE (
    n.new_id AS evidence_id,
    a.new_id AS archive_id,
    coalesce(w.filters, e.filters) AS filters,
    if(b.new_id IS NULL, e.problem,
        regexp_replace(e.problem, '(it was loaded|it was loaded before,) as evidence [0-9]+',
            concat('\1 as evidence ', b.new_id))) AS problem
)
FROM told AS e
INNER JOIN numbers AS n ON n.part = {number} AND n.old_id = e.evidence_id AND n.is_chosen
LEFT JOIN numbers AS a ON a.part = {number} AND a.old_id = e.archive_id
LEFT JOIN numbers AS b ON b.part = {number}
    AND b.old_id = TRY_CAST(regexp_extract(e.problem, 'it was loaded(?: before,)? as evidence ([0-9]+)', 1) AS INTEGER)
LEFT JOIN widened AS w ON w.new_id = n.new_id
"""
_EVENTS: Final = """
INSERT INTO events BY NAME
SELECT e.* REPLACE (n.new_id AS evidence_id)
FROM {part}.events AS e
INNER JOIN numbers AS n ON n.part = {number} AND n.old_id = e.evidence_id AND NOT n.is_later
"""
_SHARED_EVENTS: Final = """
INSERT INTO events BY NAME
SELECT e.* REPLACE (n.new_id AS evidence_id)
FROM {part}.events AS e
INNER JOIN numbers AS n ON n.part = {number} AND n.old_id = e.evidence_id AND n.is_later
ANTI JOIN (
    SELECT evidence_id, record_index FROM events
    WHERE evidence_id IN (SELECT new_id FROM numbers WHERE part = {number} AND is_later)
) AS held ON held.evidence_id = n.new_id AND held.record_index = e.record_index
"""
_DUPLICATES: Final = """
INSERT INTO duplicates BY NAME
SELECT d.eventID, n.new_id AS evidence_id, d.record_index, k.new_id AS kept_evidence_id, d.kept_record_index
FROM {part}.duplicates AS d
INNER JOIN numbers AS n ON n.part = {number} AND n.old_id = d.evidence_id
INNER JOIN numbers AS k ON k.part = {number} AND k.old_id = d.kept_evidence_id
ANTI JOIN duplicates AS held ON held.evidence_id = n.new_id AND held.record_index = d.record_index
"""
# A record that one part set aside and another kept is an event until all copies are set aside.
_KEPT_ELSEWHERE: Final = """
DELETE FROM duplicates USING events AS e
WHERE e.evidence_id IN (SELECT new_id FROM numbers WHERE is_later)
    AND duplicates.evidence_id = e.evidence_id AND duplicates.record_index = e.record_index
"""
_OF_OBJECTS: Final = """
INSERT INTO {table} BY NAME
SELECT t.* REPLACE (n.new_id AS evidence_id)
FROM {{part}}.{table} AS t
INNER JOIN numbers AS n ON n.part = {{number}} AND n.old_id = t.evidence_id AND n.is_chosen
"""
_DIGESTS: Final = _OF_OBJECTS.format(table="digests")
_LISTED_LOGS: Final = _OF_OBJECTS.format(table="listed_logs")
_COUNTED: Final = tuple(_OF_OBJECTS.format(table=table) for table in COUNTS)
# What two parts have of one extraction is one; if they do not have the same, it is not known to be counted or done.
_EXTRACTED: Final = (
    """
UPDATE extractions SET is_counted = false, names_digest = NULL
FROM {part}.extractions AS other
WHERE other.extraction_id = extractions.extraction_id AND (
    other.is_counted <> extractions.is_counted OR other.names_digest IS DISTINCT FROM extractions.names_digest
    OR (SELECT sum(record_count) FROM {part}.counted_hours WHERE extraction_id = other.extraction_id)
        IS DISTINCT FROM (SELECT sum(record_count) FROM counted_hours WHERE extraction_id = other.extraction_id)
)
""",
    *(
        f"INSERT INTO {table} BY NAME FROM {{part}}.{table}"  # noqa: S608 - names of ours
        " WHERE extraction_id IS NOT NULL AND extraction_id NOT IN (SELECT extraction_id FROM extractions)"
        for table in (*COUNTS, "extractions")
    ),
    *(
        f"DELETE FROM {table} WHERE extraction_id IN (SELECT extraction_id FROM extractions WHERE NOT is_counted)"  # noqa: S608
        for table in COUNTS
    ),
)
_HEADS: Final = """
INSERT INTO case_info
SELECT name, content FROM {part}.case_info
WHERE name IN ('title', 'investigator') AND name NOT IN (SELECT name FROM case_info)
"""
# What a part says of two readings of one place it has said; nobody knows which part's came first, or on which machine.
_CHANGED: Final = """
UPDATE evidence SET problem = concat_ws('; ', problem, concat('evidence ', before_id, ' lay at the same place and has ',
    if(evidence.sha256 = before_sha256, 'the same bytes under another ETag', 'other bytes')))
FROM (
    SELECT new_id, etag, lag(new_id) OVER place AS before_id, lag(n.sha256) OVER place AS before_sha256,
        lag(etag) OVER place AS before_etag
    FROM numbers AS n INNER JOIN evidence AS e ON n.new_id = e.evidence_id
    WHERE is_chosen AND is_outermost AND n.sha256 IS NOT NULL
    WINDOW place AS (PARTITION BY n.uri ORDER BY new_id)
) AS told
WHERE evidence.evidence_id = new_id AND before_id IS NOT NULL
    AND (evidence.sha256 <> before_sha256 OR told.etag IS DISTINCT FROM before_etag)
    AND NOT EXISTS (
        FROM numbers AS one INNER JOIN numbers AS other USING (part)
        WHERE one.new_id = told.new_id AND other.new_id = before_id
    )
"""
_OF_PART: Final = """
SELECT {number} AS part, n.* REPLACE (m.new_id AS evidence_id),
    row_number() OVER (
        PARTITION BY noted_time, tag, text, author, written_time, n.evidence_id, record_index ORDER BY note_id
    ) AS nth
FROM {part}.notes AS n LEFT JOIN numbers AS m ON m.part = {number} AND m.old_id = n.evidence_id
"""
# A part that goes on where another ends has its notes, too.
_NOTES: Final = """
INSERT INTO notes BY NAME
SELECT * EXCLUDE (first, nth) REPLACE (CAST(row_number() OVER (ORDER BY written_time, first) AS INTEGER) AS note_id)
FROM (
    SELECT min({{'part': part, 'note_id': note_id}}) AS first, 0 AS note_id, * EXCLUDE (part, note_id) FROM ({notes})
    GROUP BY ALL
)
"""
_CHECKS: Final = """
CREATE TEMP TABLE checks AS
WITH told AS ({checks}),
once AS (SELECT unnest(min({{'part': part, 'check_id': check_id}})) FROM told GROUP BY sha256)
SELECT part, check_id, CAST(row_number() OVER in_time AS INTEGER) AS new_id,
    CAST(coalesce(sum(answer_count) OVER (in_time ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) + 1 - first_id
        AS INTEGER) AS shift
FROM told SEMI JOIN once USING (part, check_id)
WINDOW in_time AS (ORDER BY moment NULLS FIRST, part, check_id)
"""
_ANSWERS: Final = """
INSERT INTO aws_answers BY NAME
SELECT a.* REPLACE (c.new_id AS check_id, a.answer_id + c.shift AS answer_id)
FROM {part}.aws_answers AS a INNER JOIN checks AS c ON c.part = {number} AND c.check_id = a.check_id
"""
_CONTROLS: Final = """
INSERT INTO posture BY NAME
SELECT p.* REPLACE (
    c.new_id AS check_id,
    [concat('answer:', CAST(substr(one, length('answer:') + 1) AS INTEGER) + c.shift) FOR one IN p.answers] AS answers
)
FROM {part}.posture AS p INNER JOIN checks AS c ON c.part = {number} AND c.check_id = p.check_id
"""
