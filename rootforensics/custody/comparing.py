"""Compare a case with its chain of custody, and its views and rule tables with those of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.custody.acts import ROW_COUNTS, EvidenceList
from rootforensics.custody.chain import (
    case_problems,
    chain_problems,
    info_problems,
    note_problems,
    posture_problems,
    verdict_problems,
    written_by,
)
from rootforensics.ingest.derived import IDENTITY, IS_WRITE, NAMED_ROOT, OUTCOME, UNSAID
from rootforensics.ingest.spelling import SPELLED
from rootforensics.ingest.store import NOTE_HASHES, checks_of, table_names
from rootforensics.integrity.verdicts import verdicts_hash
from rootforensics.queries.definitions import defined

if TYPE_CHECKING:
    from collections.abc import Sequence

    import duckdb

    from rootforensics.custody.acts import Entry

# Everything else that a file can have and this package never creates; it takes the place of nothing, and yet no act of
# the chain created it.
_OTHERS: Final = """
SELECT concat(kind, ' ', name) FROM (
    SELECT 'table' AS kind, table_name AS name FROM system.main.duckdb_tables()
    WHERE database_name = current_database() AND NOT list_contains($known, table_name)
    UNION ALL SELECT 'view', view_name FROM system.main.duckdb_views()
    WHERE database_name = current_database() AND NOT internal AND NOT list_contains($known, view_name)
    UNION ALL SELECT 'index', index_name FROM system.main.duckdb_indexes() WHERE database_name = current_database()
    UNION ALL SELECT 'sequence', sequence_name FROM system.main.duckdb_sequences()
    WHERE database_name = current_database()
)
ORDER BY ALL
"""
# How many events and duplicates each object has is part of its row, and its row is part of the hash of the list.
_COUNTED_OTHERWISE: Final = """
SELECT count(*), any_value(uri) FROM (
    SELECT e.uri, (SELECT count(*) FROM events AS v WHERE v.evidence_id = e.evidence_id) AS events,
        (SELECT count(*) FROM duplicates AS d WHERE d.evidence_id = e.evidence_id) AS duplicates,
        coalesce(e.event_count, 0) AS event_count, coalesce(e.duplicate_count, 0) AS duplicate_count
    FROM evidence AS e
)
WHERE events <> event_count OR duplicates <> duplicate_count
"""
# What a load derives, from the columns of an event and of its object ``t``: ``e`` is an event as it is, with what
# follows from its service and action, and ``r`` what follows from the record alone. A load spells actions as AWS does,
# which changes only the case of letters, and infers the service of a record without a source.
_AS_DERIVED: Final = {
    "service": "e.service IS NOT DISTINCT FROM r.service OR (r.service IS NULL AND e.inferred IS NOT NULL)",
    "action": "lower(e.action) IS NOT DISTINCT FROM lower(r.action)",
    "account_id": "e.account_id IS NOT DISTINCT FROM r.account_id",
    "outcome": f"e.outcome IS NOT DISTINCT FROM nullif(e.own_outcome, CASE WHEN {UNSAID} THEN 'success' END)",
    "is_write": "e.is_write IS NOT DISTINCT FROM e.own_is_write OR e.is_write IS NOT DISTINCT FROM r.is_write",
    "root_basis": f"""e.root_basis IS NOT DISTINCT FROM
        coalesce(r.root_basis, CASE WHEN {NAMED_ROOT} THEN 'userName' END)""",
    "identity_type": "e.identity_type IS NOT DISTINCT FROM r.identity_type",
    "invoker": "e.invoker IS NOT DISTINCT FROM r.invoker",
}
_DERIVED_OTHERWISE: Final = f"""
WITH e AS (SELECT *, rowid AS number, {OUTCOME} AS own_outcome, {IS_WRITE} AS own_is_write FROM events),
r AS (
    SELECT number, service, action, account_id, {IS_WRITE} AS is_write, {IDENTITY}
    FROM (SELECT * EXCLUDE ({", ".join(_AS_DERIVED)}), rowid AS number, {SPELLED} FROM events)
)
SELECT count(*), count(*) FILTER (loaded_by = $tool), min(eventID), list_sort(list_distinct(flatten(list(names))))
FROM (
    SELECT e.eventID, t.loaded_by, list_filter([{
    ", ".join(f"CASE WHEN ({text}) IS NOT TRUE THEN '{name}' END" for name, text in _AS_DERIVED.items())
}], lambda name: name IS NOT NULL) AS names
    FROM e JOIN r USING (number) LEFT JOIN evidence AS t ON t.evidence_id = e.evidence_id
)
WHERE names <> []
"""  # noqa: S608 - the expressions are those of the load
# Their hashes leave numbers out, as a merged case numbers anew.
_NUMBERED_OTHERWISE: Final = """
SELECT 'notes' FROM (SELECT note_id, row_number() OVER (ORDER BY note_id) AS number FROM notes)
WHERE note_id IS DISTINCT FROM number
UNION SELECT 'posture' FROM (SELECT check_id, dense_rank() OVER (ORDER BY check_id) AS number FROM posture)
WHERE check_id IS DISTINCT FROM number
UNION SELECT 'aws_answers' FROM (SELECT answer_id, row_number() OVER (ORDER BY answer_id) AS number FROM aws_answers)
WHERE answer_id IS DISTINCT FROM number
ORDER BY ALL
"""


def compare_case(
    connection: duckdb.DuckDBPyConnection, entries: Sequence[Entry], tool: str, head: str
) -> tuple[list[str], list[str]]:
    """What is wrong with a case, and what should have been compared and could not be, a sentence each.

    No hash in the case is trusted but those of the chain, each of which the next row holds.

    Args:
        connection: a reader of a case whose tables have the columns of this version.
        entries: its chain.
        tool: name and version of this package.
        head: hash of a row, as it was kept elsewhere.
    """

    def column(text: str) -> list[str]:
        return [row[0] for row in connection.execute(text).fetchall()]

    problems = chain_problems(entries, head)
    if entries:
        counts = dict(sorted(connection.execute(ROW_COUNTS).fetchall()))
        problems += case_problems(entries[-1], EvidenceList().hash(connection), counts)
        [(count, uri)] = connection.execute(_COUNTED_OTHERWISE).fetchall()
        if count and not problems:
            problems.append(
                f"{count:,} files do not have as many events or duplicates as the evidence list counts: {uri}"
            )
    if not problems:
        problems += info_problems(entries, connection.execute("SELECT name, content FROM case_info").fetchall())
        problems += verdict_problems(entries, verdicts_hash(connection))
        problems += note_problems(entries, column(NOTE_HASHES))
        checks = connection.execute(checks_of()).fetchall()
        problems += posture_problems(entries, [sha256 for _, sha256, *_ in checks])
        problems += [f"the rows of {name} were renumbered" for name in column(_NUMBERED_OTHERWISE)]
    definitions = defined(connection)
    known = [*table_names(), *definitions]
    if others := [name for (name,) in connection.execute(_OTHERS, {"known": known}).fetchall()]:
        problems.append(f"not created by rootforensics: {', '.join(others)}")
    by = written_by(entries) or tool
    if by != tool:
        return problems, [f"not compared: views and rule tables, because {by} wrote them and {tool} uses its own"]
    problems += [
        f"the {'rule table' if definitions[name].columns else 'view'} {name} was edited or removed"
        for name in definitions.edited_in(connection)
    ]
    [(count, own_count, event_id, names)] = connection.execute(_DERIVED_OTHERWISE, {"tool": tool}).fetchall()
    subject = "1 event has" if count == 1 else f"{count:,} events have"
    text = f"{subject} a different {' and '.join(names or ())} than the record, such as event {event_id}"
    if own_count:
        problems.append(text)
    elif count:
        return problems, [f"not compared: {text}; another version loaded each of them"]
    return problems, []
