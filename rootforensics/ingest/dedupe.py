"""One event, one row: copies are taken out and counted, and never on the word of the eventID alone.

CloudTrail delivers at least once, and two trails deliver everything twice. Rows with the same eventID and the
same content are one event; the copy with the lowest evidence_id and record_index stays, the others move to
``duplicates``. Rows with the same eventID and other content are different events and all stay. Events without
an eventID (before version 1.01, or damaged) are copies if their whole content is the same and has a requestID.

With neither ID, nothing tells a copy from a second call in the same second. Equal events of one object are then
observations of their own, and all stay; the n-th in one object and the n-th in another are taken for copies. So the
same table in two files counts once, a burst in a table counts in full, and the objects concerned say so.
"""

from __future__ import annotations

import json
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from rootforensics.engines.writing import without_optimizers
from rootforensics.schema import EVENT_FIELDS, FREE

if TYPE_CHECKING:
    import duckdb

#: Without the object out of which an engine took a record: of two deliveries of an event each has its own.
_OTHER: Final = """CASE WHEN e.otherFields->>'$.object' LIKE '%://%'
    THEN CAST(nullif(CAST(json_merge_patch(e.otherFields, '{"object":null}') AS VARCHAR), '{}') AS JSON)
    ELSE e.otherFields END"""
_SAYING: Final = {**{name: f'e."{name}"' for name in EVENT_FIELDS}, "otherFields": _OTHER}
_FREE: Final = tuple(f'e."{name}"' for name, field in EVENT_FIELDS.items() if field == FREE)
#: Stands for all that an event of the table ``events AS e`` says. Where callers write what they like, it is exact; a
#: JSON text of all columns takes six times as long.
DIGEST: Final = "sha256(concat_ws(chr(1), hash({}), {}))".format(
    ", ".join(_SAYING.values()), ", ".join((*_FREE, _OTHER, "e.userAgent", "e.errorMessage"))
)
#: Gives what such an event says as a hash that is the same however its JSON is spelled.
_CANONICAL: Final = "canonical_hash"
#: The same as one text.
_CONTENT: Final = "CAST(to_json(struct_pack({})) AS VARCHAR)".format(
    ", ".join(f'"{name}" := {value}' for name, value in _SAYING.items())
)

_ID_HASH: Final = "hash(coalesce(eventID, requestID || eventName, eventName))"
# Hashes first: eight bytes an event are grouped, not the IDs and not the content.
_REPEATED: Final = f"""
CREATE OR REPLACE TEMP TABLE repeated AS
WITH hashed AS (SELECT evidence_id, {_ID_HASH} AS id_hash FROM events)
SELECT id_hash FROM hashed {{among}} GROUP BY id_hash HAVING count(*) > 1
"""  # noqa: S608 - no value of anybody's
# After the first load only what was just read can bring new copies; what was there has been compared before.
_JUST_READ: Final = (
    "SEMI JOIN (SELECT DISTINCT id_hash FROM hashed SEMI JOIN just_read USING (evidence_id)) USING (id_hash)"
)
_CANDIDATES: Final = f"""
CREATE OR REPLACE TEMP TABLE candidates AS
SELECT coalesce(eventID, '') AS id, evidence_id, record_index, {DIGEST} AS content,
    coalesce(eventID, nullif(requestID, '')) IS NULL AS nameless, 1 AS nth
FROM events AS e
WHERE {_ID_HASH} IN (FROM repeated)
"""  # noqa: S608 - names come from the schema
# Which of several equal events without any ID in one object an event is; copies that were moved before count, too.
_NUMBER: Final = """
CREATE OR REPLACE TEMP TABLE candidates AS
WITH placed AS (
    SELECT content, evidence_id, record_index FROM candidates WHERE nameless
    UNION ALL
    SELECT kept.content, moved.evidence_id, moved.record_index
    FROM duplicates AS moved
    INNER JOIN candidates AS kept
        ON kept.evidence_id = moved.kept_evidence_id AND kept.record_index = moved.kept_record_index
    WHERE kept.nameless
),
numbered AS (
    SELECT evidence_id, record_index,
        row_number() OVER (PARTITION BY content, evidence_id ORDER BY record_index) AS place
    FROM placed
)
SELECT candidates.* REPLACE (coalesce(place, 1) AS nth)
FROM candidates LEFT JOIN numbered USING (evidence_id, record_index)
"""
# What is said of the objects in which copies cannot be told from calls: of all of the case, moved copies included, so
# that it is the same whatever was loaded together and in which order.
_TELL_NAMELESS: Final = rf"""
UPDATE evidence SET problem = CASE
    WHEN regexp_matches(problem, told.pattern) THEN regexp_replace(problem, told.pattern, told.text)
    ELSE concat_ws('; ', problem, told.text) END
FROM (
    WITH kept AS (
        SELECT evidence_id, record_index, {DIGEST} AS content
        FROM events AS e WHERE coalesce(e.eventID, nullif(e.requestID, '')) IS NULL
    ),
    placed AS (
        SELECT evidence_id, content FROM kept
        UNION ALL
        SELECT moved.evidence_id, kept.content FROM duplicates AS moved INNER JOIN kept
            ON kept.evidence_id = moved.kept_evidence_id AND kept.record_index = moved.kept_record_index
    )
    SELECT evidence_id, '[0-9,]+ of its events have neither eventID .* as copies' AS pattern,
        format('{{:,}} of its events have neither eventID nor requestID and the same content as another one: in one'
            ' object such rows count as events of their own, in another object as copies', count(*)) AS text
    FROM (SELECT evidence_id, count(*) OVER (PARTITION BY content) AS times FROM placed)
    WHERE times > 1
    GROUP BY evidence_id
) AS told
WHERE evidence.evidence_id = told.evidence_id
"""  # noqa: S608 - names come from the schema
_SAME: Final = """
CREATE OR REPLACE TEMP TABLE surplus AS
SELECT id, content, evidence_id, record_index, kept.evidence_id AS kept_evidence_id,
    kept.record_index AS kept_record_index
FROM (
    SELECT *, min({'evidence_id': evidence_id, 'record_index': record_index})
        OVER (PARTITION BY id, content, nth) AS kept
    FROM candidates
)
WHERE evidence_id <> kept.evidence_id OR record_index <> kept.record_index
"""
# Each of several contents under one ID once: these can be the same in another spelling.
_DOUBTFUL: Final = """
CREATE OR REPLACE TEMP TABLE doubtful AS
SELECT id, content, unnest(min({'evidence_id': evidence_id, 'record_index': record_index})) FROM candidates
WHERE id <> '' AND id IN (SELECT id FROM candidates GROUP BY id HAVING min(content) <> max(content))
GROUP BY id, content
"""
# The join keeps the places in memory and lets the events pass, if the engine leaves it as it is written.
_RESPELLED: Final = f"""
UPDATE candidates SET content = respelled.content
FROM (
    SELECT d.id, d.content AS spelled, {_CANONICAL}({_CONTENT}) AS content
    FROM events AS e INNER JOIN doubtful AS d USING (evidence_id, record_index)
) AS respelled
WHERE candidates.id = respelled.id AND candidates.content = respelled.spelled
"""  # noqa: S608 - names come from the schema
# A copy of an earlier load whose original has now given way names the one that stays.
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
    connection.execute(_REPEATED.format(among="" if all_new else _JUST_READ))
    if _count(connection, "repeated") == 0:
        return 0
    connection.execute(_CANDIDATES)
    if _count(connection, "candidates WHERE nameless"):
        connection.execute(_NUMBER)
        connection.execute(_TELL_NAMELESS)
    connection.execute(_DOUBTFUL)
    if _count(connection, "doubtful"):
        connection.create_function(_CANONICAL, _canonical_hash, ["VARCHAR"], "VARCHAR")
        with without_optimizers(connection, "join_order", "build_side_probe_side"):
            connection.execute(_RESPELLED)
        connection.remove_function(_CANONICAL)
    connection.execute(_SAME)
    connection.execute(
        "INSERT INTO duplicates SELECT nullif(id, ''), evidence_id, record_index, kept_evidence_id,"
        " kept_record_index FROM surplus"
    )
    connection.execute(_REPOINT)
    connection.execute(
        "DELETE FROM events USING surplus"
        " WHERE events.evidence_id = surplus.evidence_id AND events.record_index = surplus.record_index"
    )
    return _count(connection, "surplus")


def _count(connection: duckdb.DuckDBPyConnection, rows: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {rows}").fetchall()[0][0])  # noqa: S608 - no value of anybody's


def _canonical_hash(text: str) -> str:
    """SHA-256 of a JSON text in one spelling (order of keys, escapes, nulls that are absent).

    Numbers are compared as they are spelled, and a key that stands twice counts twice. A text that is nested too deeply
    to be taken apart stays as it is spelled.
    """
    with suppress(RecursionError):
        held = json.loads(text, object_pairs_hook=_object, parse_int=_number, parse_float=_number)
        text = json.dumps(held, sort_keys=True)
    return sha256(text.encode(errors="surrogatepass")).hexdigest()


def _number(spelled: str) -> dict[str, str]:
    """A number as it is spelled, and not to be taken for text."""
    return {"\0number": spelled}


def _object(pairs: list[tuple[str, Any]]) -> Any:  # noqa: ANN401 - any JSON value
    """A field that is null says no more than one that is absent."""
    found = {key: value for key, value in pairs if value is not None}
    return found if len(found) == sum(value is not None for _, value in pairs) else ["a key stands twice", pairs]
