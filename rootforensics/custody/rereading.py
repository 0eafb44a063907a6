"""Read the evidence of a case again, and compare each stored event with its record."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from rootforensics.custody.check import compare, outermost
from rootforensics.engines.duckdb import attach, storage_errors
from rootforensics.engines.running import stopping
from rootforensics.engines.writing import as_readers_do, opened_writer
from rootforensics.ingest.limits import Limits
from rootforensics.ingest.load import load_objects
from rootforensics.ingest.outcome import LoadOptions
from rootforensics.phrases import plural
from rootforensics.schema import DERIVED_COLUMNS, EVENT_FIELDS
from rootforensics.sources.find import evidence_opener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import duckdb

    from rootforensics.custody.check import Compared
    from rootforensics.custody.manifest import Manifest
    from rootforensics.sources.s3.connection import S3Options

#: What an event says and what was derived of it, but not where its record is.
_COLUMNS: Final = [name for name in (*EVENT_FIELDS, *DERIVED_COLUMNS) if name not in ("evidence_id", "record_index")]
# Objects that lie there by themselves are numbered in the order in which they were read; members go by their names.
_PAIRS: Final = """
CREATE TEMP TABLE pairs AS
WITH RECURSIVE own AS (
    SELECT *, row_number() OVER (PARTITION BY archive_id, uri ORDER BY evidence_id) AS nth FROM evidence
),
stored_own AS (
    SELECT *, row_number() OVER (PARTITION BY archive_id, uri ORDER BY evidence_id) AS nth FROM stored.evidence
),
found AS (
    SELECT s.evidence_id AS stored_id, o.evidence_id AS own_id, s.uri AS stored_uri, o.uri AS own_uri
    FROM (SELECT unnest($numbers) AS evidence_id, generate_subscripts($numbers, 1) AS place) AS n
    JOIN stored_own AS s USING (evidence_id)
    JOIN (
        SELECT *, row_number() OVER (ORDER BY evidence_id) AS place FROM own WHERE archive_id IS NULL
    ) AS o USING (place)
    WHERE s.sha256 = o.sha256
    UNION ALL
    SELECT s.evidence_id, o.evidence_id, s.uri, o.uri
    FROM found AS f
    JOIN stored_own AS s ON s.archive_id = f.stored_id
    JOIN own AS o ON o.archive_id = f.own_id AND o.nth = s.nth
        AND substr(o.uri, length(f.own_uri) + 1) = substr(s.uri, length(f.stored_uri) + 1)
    WHERE s.sha256 IS NOT DISTINCT FROM o.sha256
)
SELECT stored_id, own_id FROM found
"""
_OTHERWISE: Final = """
CREATE TEMP TABLE otherwise AS
SELECT s.evidence_id, s.record_index, o.evidence_id IS NULL AS is_unknown, [{columns}] AS names
FROM stored.events AS s
JOIN pairs AS p ON p.stored_id = s.evidence_id
LEFT JOIN events AS o ON o.evidence_id = p.own_id AND o.record_index = s.record_index
WHERE o.evidence_id IS NULL OR {differs}
""".format(
    columns=", ".join(f"""CASE WHEN s."{name}" IS DISTINCT FROM o."{name}" THEN '{name}' END""" for name in _COLUMNS),
    differs=" OR ".join(f's."{name}" IS DISTINCT FROM o."{name}"' for name in _COLUMNS),
)
# A copy says the same as the event that was kept, however its JSON is spelled.
_NO_COPIES: Final = """
SELECT count(*), min(concat(d.evidence_id, ':', d.record_index))
FROM stored.duplicates AS d
JOIN pairs AS p ON p.stored_id = d.evidence_id
LEFT JOIN events AS o ON o.evidence_id = p.own_id AND o.record_index = d.record_index
LEFT JOIN pairs AS q ON q.stored_id = d.kept_evidence_id
LEFT JOIN events AS k ON k.evidence_id = q.own_id AND k.record_index = d.kept_record_index
WHERE o.evidence_id IS NULL OR o.eventID IS DISTINCT FROM d.eventID
    OR (q.own_id IS NOT NULL AND (k.evidence_id IS NULL OR k.eventID IS DISTINCT FROM o.eventID
        OR k.eventTime IS DISTINCT FROM o.eventTime OR k.eventName IS DISTINCT FROM o.eventName))
"""
_TWICE: Final = """
SELECT count(*), min(concat(evidence_id, ':', record_index)) FROM (
    SELECT evidence_id, record_index
    FROM (
        SELECT evidence_id, record_index FROM stored.events
        UNION ALL SELECT evidence_id, record_index FROM stored.duplicates
    )
    GROUP BY ALL HAVING count(*) > 1
)
"""
_UNPAIRED: Final = """
SELECT count(*) FROM (
    SELECT evidence_id FROM stored.events UNION ALL SELECT evidence_id FROM stored.duplicates
) WHERE evidence_id NOT IN (SELECT stored_id FROM pairs)
"""
_LOADED_BY_OTHERS: Final = """
CREATE TEMP TABLE others AS
SELECT evidence_id, loaded_by FROM stored.evidence WHERE loaded_by IS DISTINCT FROM ?
"""
_BOUNDS: Final = """
SELECT coalesce(max(inflated_bytes), 0), coalesce(max(inflated_bytes / greatest(size_bytes, 1)), 1) FROM stored.evidence
"""


@dataclass(frozen=True, slots=True)
class EventsCheck:
    """What was found of the events of a case and the records of its evidence, a sentence each.

    Attributes:
        problems: what is wrong.
        skipped: evidence that could not be read, or was loaded by another version.
        not_compared: what cannot be compared in this way.
    """

    problems: tuple[str, ...]
    skipped: tuple[str, ...]
    not_compared: tuple[str, ...]


def compare_events(
    case: Path, manifest: Manifest, set_up: Callable[[duckdb.DuckDBPyConnection], None], s3: S3Options | None
) -> EventsCheck:
    """Load the evidence of a case into a second one, among the temporary files, and compare the events of both.

    Args:
        case: the case file, which this process does not have open.
        manifest: of the case.
        set_up: begins a transaction and makes what a case holds.
        s3: how to connect to S3.

    Raises:
        StorageError: there is no room for the second case.
        CaseLockedError: somebody writes to the case.
    """
    objects = compare(manifest, None, s3)
    at_place = [
        (item, one)
        for item, one in zip(outermost(manifest), objects, strict=True)
        if one.state in ("same", "unsigned") and one.place == item.uri
    ]
    with TemporaryDirectory(prefix="rootforensics-") as folder:
        path = Path(folder, "again.duckdb")
        with storage_errors(path), opened_writer(path, lambda _: None) as opening, evidence_opener(s3) as opened:
            attach(opening.opened(), case, "stored")
            [(bytes_, ratio)] = opening.opened().execute(_BOUNDS).fetchall()
            limits = Limits(max(Limits().max_inflated_bytes, bytes_), max(Limits().max_ratio, ratio))
            opening.begin(set_up)
            sources = [opened(item.uri, item.version_id) for item, _ in at_place]
            options = LoadOptions(limits=limits, version=manifest.tool, keeps_copies=True)
            load_objects(opening, sources, options, set_up)
            with stopping(opening.ready()) as writer, as_readers_do(writer):
                writer.execute(_PAIRS, {"numbers": [item.evidence_id for item, _ in at_place]})
                return _compared(writer, manifest.tool, objects)


def _compared(writer: duckdb.DuckDBPyConnection, tool: str, objects: Sequence[Compared]) -> EventsCheck:
    def first(text: str, *values: object) -> tuple[int, ...]:
        return tuple(writer.execute(text, list(values)).fetchall()[0])

    skipped = [
        f"{one.uri} ({one.state}{f': {one.reason}' if one.reason else ''})" for one in objects if one.state != "same"
    ]
    writer.execute(_LOADED_BY_OTHERS, [tool])
    others = writer.execute("SELECT DISTINCT loaded_by FROM others ORDER BY ALL").fetchall()
    writer.execute("DELETE FROM pairs WHERE stored_id IN (SELECT evidence_id FROM others)")
    texts = [f"evidence that was moved, changed or cannot be read: {_listed(skipped)}"] * bool(skipped)
    texts += [f"evidence loaded by {_listed([str(name) for (name,) in others])}"] * bool(others)
    (unpaired,) = first(_UNPAIRED)
    unread = plural(unpaired, "event or duplicate", "events and duplicates")
    texts += [f"{unread}: the evidence could not be read again"] * bool(unpaired)
    has_filters = first("SELECT count(*) FROM stored.evidence WHERE CAST(filters AS VARCHAR) NOT IN ('[]', '[{}]')")[0]
    return EventsCheck(
        tuple(_problems(writer)),
        tuple(f"not compared: {text}" for text in texts),
        ("whether the filters of the load excluded the right events",) if has_filters else (),
    )


def _problems(writer: duckdb.DuckDBPyConnection) -> Iterator[str]:
    writer.execute(_OTHERWISE)
    count, example = writer.execute(
        "SELECT count(*), min(concat(evidence_id, ':', record_index)) FROM otherwise WHERE is_unknown"
    ).fetchall()[0]
    if count:
        yield f"{plural(count, 'event is', 'events are')} not in the evidence, such as {example}"
    count, example, names = writer.execute(
        "SELECT count(*), min(concat(evidence_id, ':', record_index)),"
        " list_sort(list_distinct(flatten(list(names)))) FROM otherwise WHERE NOT is_unknown"
    ).fetchall()[0]
    if count:
        columns = _listed([name for name in names if name])
        events = plural(count, "event differs from its record", "events differ from their records")
        yield f"{events}, such as {example}; columns: {columns}"
    for text, one, many in (
        (_NO_COPIES, "duplicate differs from the event it repeats", "duplicates differ from the events they repeat"),
        (_TWICE, "record is in the case twice", "records are in the case twice"),
    ):
        count, example = writer.execute(text).fetchall()[0]
        if count:
            yield f"{plural(count, one, many)}, such as {example}"


_MOST: Final = 5


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST
    return ", ".join(names[:_MOST]) + (f" and {more:,} more" if more > 0 else "")
