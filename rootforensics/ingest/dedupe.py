"""One event, one row: copies are taken out and counted, and never on the word of the eventID alone.

CloudTrail delivers at least once, and two trails deliver everything twice. Rows with the same eventID and the
same content are one event; the copy with the lowest evidence_id and record_index stays, the others move to
``duplicates``. Rows with the same eventID and other content are different events and all stay. Events without
an eventID (before version 1.01, or damaged) are copies if their whole content is the same.
"""

from __future__ import annotations

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from rootforensics.schema import EVENT_FIELDS

if TYPE_CHECKING:
    import duckdb

#: All that an event of the table ``events AS e`` says, as one text.
CONTENT: Final = "CAST(to_json(struct_pack({})) AS VARCHAR)".format(
    ", ".join(f'"{name}" := e."{name}"' for name in (*EVENT_FIELDS, "otherFields"))
)

# Hashes first: eight bytes an event are grouped, not the IDs and not the content.
_REPEATED: Final = """
CREATE OR REPLACE TEMP TABLE repeated AS
SELECT id_hash FROM (SELECT hash(coalesce(eventID, requestID || eventName, eventName)) AS id_hash FROM events)
GROUP BY id_hash HAVING count(*) > 1
"""
# After the first load only what was just read can bring new copies; what was there has been compared before.
_REPEATED_ANEW: Final = """
CREATE OR REPLACE TEMP TABLE repeated AS
WITH hashed AS (SELECT evidence_id, hash(coalesce(eventID, requestID || eventName, eventName)) AS id_hash FROM events),
    fresh AS (SELECT DISTINCT id_hash FROM hashed SEMI JOIN just_read USING (evidence_id))
SELECT id_hash FROM hashed SEMI JOIN fresh USING (id_hash) GROUP BY id_hash HAVING count(*) > 1
"""
_CANDIDATES: Final = f"""
CREATE OR REPLACE TEMP TABLE candidates AS
SELECT coalesce(eventID, '') AS id, evidence_id, record_index, sha256({CONTENT}) AS content
FROM events AS e
WHERE hash(coalesce(eventID, requestID || eventName, eventName)) IN (FROM repeated)
"""  # noqa: S608 - names come from the schema
_SAME: Final = """
CREATE OR REPLACE TEMP TABLE surplus AS
SELECT id, content, evidence_id, record_index, kept.evidence_id AS kept_evidence_id,
    kept.record_index AS kept_record_index
FROM (
    SELECT *, min({'evidence_id': evidence_id, 'record_index': record_index})
        OVER (PARTITION BY id, content) AS kept
    FROM candidates
)
WHERE evidence_id <> kept.evidence_id OR record_index <> kept.record_index
"""
# A copy of a copy names the one that stays.
_FOLLOW: Final = """
UPDATE surplus SET kept_evidence_id = onward.kept_evidence_id, kept_record_index = onward.kept_record_index
FROM surplus AS onward
WHERE surplus.kept_evidence_id = onward.evidence_id AND surplus.kept_record_index = onward.record_index
"""
# So does a copy of an earlier load whose original has now given way to one in an older object.
_REPOINT: Final = """
UPDATE duplicates SET kept_evidence_id = onward.kept_evidence_id, kept_record_index = onward.kept_record_index
FROM surplus AS onward
WHERE duplicates.kept_evidence_id = onward.evidence_id AND duplicates.kept_record_index = onward.record_index
"""


def remove_duplicates(connection: duckdb.DuckDBPyConnection, *, all_new: bool) -> int:
    """Move the surplus copies of events to ``duplicates``.

    Args:
        connection: the writer; the relation ``just_read`` holds the evidence_ids that were just read.
        all_new: True if the case held no events before them.

    Returns:
        How many copies were moved.
    """
    connection.execute(_REPEATED if all_new else _REPEATED_ANEW)
    if connection.execute("SELECT count(*) FROM repeated").fetchall()[0][0] == 0:
        return 0
    connection.execute(_CANDIDATES)
    connection.execute(_SAME)
    _add_respelled(connection)
    connection.execute(
        "INSERT INTO duplicates SELECT nullif(id, ''), evidence_id, record_index, kept_evidence_id,"
        " kept_record_index FROM surplus"
    )
    connection.execute(_REPOINT)
    connection.execute(
        "DELETE FROM events USING surplus"
        " WHERE events.evidence_id = surplus.evidence_id AND events.record_index = surplus.record_index"
    )
    return int(connection.execute("SELECT count(*) FROM surplus").fetchall()[0][0])


def _add_respelled(connection: duckdb.DuckDBPyConnection) -> None:
    """Find copies whose JSON is spelled differently (order of keys, escapes) but says the same."""
    rows = connection.execute(
        f"""
        SELECT c.id, c.evidence_id, c.record_index, {CONTENT}
        FROM candidates c JOIN events e USING (evidence_id, record_index)
        WHERE c.id <> '' AND c.id IN (SELECT id FROM candidates GROUP BY id HAVING count(DISTINCT content) > 1)
            AND NOT EXISTS (FROM surplus s WHERE s.evidence_id = c.evidence_id AND s.record_index = c.record_index)
        ORDER BY c.id, c.evidence_id, c.record_index
        """  # noqa: S608 - names come from the schema
    )
    found: list[list[Any]] = []
    for event_id, group in groupby(_drawn(rows), key=lambda row: row[0]):
        seen: dict[str, tuple[int, int]] = {}
        for _, evidence_id, record_index, text in group:
            content = _canonical(text)
            kept = seen.setdefault(content, (evidence_id, record_index))
            if kept != (evidence_id, record_index):
                found.append([event_id, "", evidence_id, record_index, *kept])
    if found:
        connection.executemany("INSERT INTO surplus VALUES (?, ?, ?, ?, ?, ?)", found)
        connection.execute(_FOLLOW)


def _drawn(rows: duckdb.DuckDBPyConnection) -> Any:  # noqa: ANN401 - rows as the engine gives them
    while batch := rows.fetchmany(1000):
        yield from batch


def _canonical(text: str) -> str:
    """The content in one spelling; as it is spelled where it is nested too deeply to be taken apart.

    Numbers are compared as they are spelled, and a key that stands twice counts twice.
    """
    try:
        return json.dumps(
            json.loads(text, object_pairs_hook=_object, parse_int=_number, parse_float=_number), sort_keys=True
        )
    except RecursionError:
        return text


def _number(spelled: str) -> dict[str, str]:
    """A number as it is spelled, and not to be taken for text."""
    return {"\0number": spelled}


def _object(pairs: list[tuple[str, Any]]) -> Any:  # noqa: ANN401 - any JSON value
    """A field that is null says no more than one that is absent."""
    found = {key: value for key, value in pairs if value is not None}
    return found if len(found) == sum(value is not None for _, value in pairs) else ["a key stands twice", pairs]
