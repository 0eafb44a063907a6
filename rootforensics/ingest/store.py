"""The tables of a case file, and how records get into ``events``."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import duckdb

from rootforensics.engines.duckdb import is_blank
from rootforensics.engines.writing import without_optimizers
from rootforensics.errors import CaseEditedError, CaseError, CaseFormatError
from rootforensics.ingest.counted import EXTRACTIONS
from rootforensics.ingest.counted import TABLES as COUNTS
from rootforensics.ingest.derived import IDENTITY, IS_WRITE, OUTCOME
from rootforensics.ingest.rebuild import hint_for_other_format
from rootforensics.ingest.spelling import SPELLED
from rootforensics.schema import DERIVED_COLUMNS, EVENT_FIELDS, EVIDENCE_COLUMNS, FLAG, FREE, TEXT, Field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from rootforensics.ingest.filters import Filters

#: Raised when the tables, or the hashes in them, change so that older files can no longer be written to.
CASE_FORMAT: Final = 18

_DUPLICATES: Final = """
CREATE TABLE IF NOT EXISTS duplicates (
    eventID VARCHAR,
    evidence_id INTEGER,
    record_index INTEGER,
    kept_evidence_id INTEGER,
    kept_record_index INTEGER
)"""
#: Of each note, but its number; rows are added and never changed: a note is put right by another note.
NOTES: Final = {
    "noted_time": "TIMESTAMP WITH TIME ZONE",
    **dict.fromkeys(("tag", "text", "author"), TEXT),
    "written_time": "TIMESTAMP WITH TIME ZONE",
    "eventID": TEXT,
    **dict.fromkeys(("evidence_id", "record_index"), "INTEGER"),
}
#: Rows are added and never changed; each holds the hash of the one before.
_CUSTODY: Final = """
CREATE TABLE IF NOT EXISTS custody (
    custody_id INTEGER,
    acted_time TIMESTAMP WITH TIME ZONE,
    user_name VARCHAR,
    host_name VARCHAR,
    command VARCHAR,
    tool VARCHAR,
    parameters JSON,
    row_counts JSON,
    evidence_sha256_before VARCHAR,
    evidence_sha256 VARCHAR,
    previous_sha256 VARCHAR,
    sha256 VARCHAR
)"""
#: Of each digest file its text, and what S3 keeps with it: apart from ``evidence``, for they may be large.
DIGESTS: Final = {
    "content": TEXT,
    "s3_metadata": FREE,
    **dict.fromkeys(("account_id", "region", "trail", "home_region"), TEXT),
    "is_backfill": FLAG,
    **dict.fromkeys(("from_time", "until_time"), "TIMESTAMP WITH TIME ZONE"),
}
#: The logs that digests list.
LISTED_LOGS: Final = {
    **dict.fromkeys(("uri", "log_name", "sha256", "account_id", "region"), TEXT),
    "delivery_time": "TIMESTAMP WITH TIME ZONE",
}
#: The results of ``verify``. A load that changes the evidence removes them, because they apply only to what was read.
VERDICTS: Final = {
    "integrity": {
        "kind": TEXT,
        "verdict": TEXT,
        "uri": TEXT,
        "reason": TEXT,
        "account_id": TEXT,
        "region": TEXT,
        **dict.fromkeys(("from_time", "until_time"), "TIMESTAMP WITH TIME ZONE"),
        **dict.fromkeys(("evidence_id", "digest_evidence_id"), "INTEGER"),
    },
    "chain_breaks": {
        "cause": TEXT,
        "account_id": TEXT,
        "region": TEXT,
        "trail": TEXT,
        "is_backfill": FLAG,
        **dict.fromkeys(("from_time", "until_time"), "TIMESTAMP WITH TIME ZONE"),
        "reason": TEXT,
        "has_stop": FLAG,
    },
    "digest_chains": {
        "account_id": TEXT,
        "region": TEXT,
        "trail": TEXT,
        "home_region": TEXT,
        "is_backfill": FLAG,
        **dict.fromkeys(("from_time", "until_time"), "TIMESTAMP WITH TIME ZONE"),
        **dict.fromkeys(("digest_count", "verified_count"), "BIGINT"),
    },
}
#: What ``posture`` found, and the answers of AWS on which that stands; rows are added and never changed. ``judged_by``
#: is the hash of the evidence list of the case that it was found with.
POSTURE: Final = {
    "posture": {
        "check_id": "INTEGER",
        "checked_time": "TIMESTAMP WITH TIME ZONE",
        **dict.fromkeys(
            ("checked_by", "caller", "account_id", "control_id", "title", "severity", "answer", "why"), TEXT
        ),
        **dict.fromkeys(("exposure", "remedy"), TEXT),
        **dict.fromkeys(("missing", "answers"), "VARCHAR[]"),
        "unread": FLAG,
        "judged_by": TEXT,
    },
    "aws_answers": {
        "check_id": "INTEGER",
        "answer_id": "INTEGER",
        **dict.fromkeys(("call", "account_id", "region", "argument"), TEXT),
        "asked_time": "TIMESTAMP WITH TIME ZONE",
        **dict.fromkeys(("file", "code", "message"), TEXT),
        **dict.fromkeys(("body", "root_row"), FREE),
    },
}
_CASE_INFO: Final = "CREATE TABLE IF NOT EXISTS case_info (name VARCHAR, content VARCHAR)"


def _sql_type(field: Field) -> str:
    if isinstance(field, str):
        return field
    if isinstance(field, list):
        return f"{_sql_type(dict(field[0]))}[]"
    return "STRUCT(" + ", ".join(f'"{name}" {_sql_type(part)}' for name, part in field.items()) + ")"


def _compression(name: str, kind: str) -> str:
    """Spare the engine a search where the best way is known; measured to load faster and to store less."""
    if name in ("eventID", "requestID", "sharedEventID"):
        return " USING COMPRESSION uncompressed"
    return " USING COMPRESSION zstd" if kind == FREE else ""


# Whatever a database can hold without being a case.
_HELD: Final = """
SELECT table_name FROM duckdb_tables() WHERE NOT internal
UNION ALL SELECT view_name FROM duckdb_views() WHERE NOT internal
UNION ALL SELECT function_name FROM duckdb_functions() WHERE NOT internal
UNION ALL SELECT type_name FROM duckdb_types() WHERE NOT internal
UNION ALL SELECT sequence_name FROM duckdb_sequences()
UNION ALL SELECT schema_name FROM duckdb_schemas() WHERE NOT internal AND schema_name <> 'main'
"""


# What a file can have that takes the place of something in a statement of ours, such as a macro called like a function
# of the engine. A name of a table or view takes none: that of a temporary one comes before it.
_FOREIGN: Final = """
SELECT function_name FROM system.main.duckdb_functions() WHERE database_name = current_database()
UNION ALL SELECT type_name FROM system.main.duckdb_types() WHERE database_name = current_database() AND NOT internal
UNION ALL SELECT schema_name FROM system.main.duckdb_schemas()
    WHERE database_name = current_database() AND NOT internal AND schema_name <> 'main'
"""


def create_tables(connection: duckdb.DuckDBPyConnection, version: str) -> None:
    """Make the tables of a case where they are missing.

    Raises:
        CaseError: the file is a database of something else, or a case of a format that this version cannot write.
    """
    tables = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    if ("case_info",) not in tables and not is_blank(connection) and connection.execute(_HELD).fetchall():
        raise CaseError("this DuckDB file is not a case and has other content", hint="Name another path")
    connection.execute(_CASE_INFO)
    known = dict(connection.execute("SELECT name, content FROM case_info").fetchall())
    if "format" not in known:
        connection.executemany(
            "INSERT INTO case_info VALUES (?, ?)",
            [["format", str(CASE_FORMAT)], ["created_by", version]],
        )
    refuse_other_format(connection)
    types = {name: _sql_type(field) for name, field in EVENT_FIELDS.items()} | DERIVED_COLUMNS
    columns = ", ".join(f'"{name}" {kind}{_compression(name, kind)}' for name, kind in types.items())
    connection.execute(f"CREATE TABLE IF NOT EXISTS events ({columns})")
    columns = ", ".join(f"{name} {kind}" for name, kind in EVIDENCE_COLUMNS.items())
    connection.execute(f"CREATE TABLE IF NOT EXISTS evidence ({columns})")
    connection.execute(_DUPLICATES)
    connection.execute(_CUSTODY)
    of_objects = {"digests": DIGESTS, "listed_logs": LISTED_LOGS, **COUNTS}
    beside = {name: {"evidence_id": "INTEGER", **kinds} for name, kinds in of_objects.items()}
    beside |= {"notes": {"note_id": "INTEGER", **NOTES}, "extractions": EXTRACTIONS}
    for name, kinds in (beside | VERDICTS | POSTURE).items():
        listed = ", ".join(f"{column} {kind}" for column, kind in kinds.items())
        connection.execute(f"CREATE TABLE IF NOT EXISTS {name} ({listed})")


_TABLES: Final = """
SELECT table_name, sql FROM system.main.duckdb_tables() WHERE database_name = current_database()
"""


def table_problems(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Which tables for evidence and acts a case lacks or has otherwise; one whose place a view has is lacking.

    Args:
        connection: a reader or a writer of the case.
    """
    stored = dict(connection.execute(_TABLES).fetchall())
    return [
        f"the table {name} is {'not as rootforensics creates it' if name in stored else 'missing'}"
        for name, text in _created_tables().items()
        if stored.get(name) != text
    ]


def table_names() -> list[str]:
    """The tables for evidence and acts that each case has."""
    return [*_created_tables()]


@cache
def _created_tables() -> dict[str, str]:
    with duckdb.connect() as blank:
        create_tables(blank, "")
        return dict(blank.execute(_TABLES).fetchall())


def line_of(table: str, columns: Mapping[str, str]) -> str:
    """SQL of the hash of a row: of the name of its table and its values, each behind its length.

    Args:
        table: its name.
        columns: name and type of those that are hashed.
    """
    spelled = {"TIMESTAMP WITH TIME ZONE": "epoch_us({})", "VARCHAR[]": "array_to_string({}, chr(10))"}
    texts = [f"CAST({spelled.get(kind, '{}').format(name)} AS VARCHAR)" for name, kind in columns.items()]
    return f"sha256(concat('{table}', {', '.join(f'length({text}), chr(58), {text}' for text in texts)}))"


#: The hash of each note with its author, its time and what it is about, by number.
NOTE_HASHES: Final = f"SELECT {line_of('notes', NOTES)} AS sha256 FROM notes ORDER BY note_id, text"  # noqa: S608 - ours


def checks_of(part: str = "") -> str:
    """SQL of the checks of the posture, by number: the hash of all their rows, their time, and their answers of AWS.

    Answers count from the first of their check, so that the hash is the same in a merged case.

    Args:
        part: the attached case that holds them; empty for the case itself.
    """
    held = f"{part}." if part else ""
    lines = {
        name: line_of(name, {one: kind for one, kind in columns.items() if one != "check_id"})
        for name, columns in POSTURE.items()
    }
    return f"""
WITH firsts AS (
    SELECT check_id, count(*) AS answer_count, min(answer_id) AS first_id FROM {held}aws_answers GROUP BY check_id
),
lines AS (
    SELECT check_id, checked_time, {lines["posture"]} AS line
    FROM (
        SELECT p.* REPLACE ([
            coalesce(CAST(TRY_CAST(substr(one, length('answer:') + 1) AS INTEGER) - first_id AS VARCHAR), one)
            FOR one IN p.answers
        ] AS answers)
        FROM {held}posture AS p LEFT JOIN firsts USING (check_id)
    )
    UNION ALL
    SELECT check_id, NULL, {lines["aws_answers"]}
    FROM (
        SELECT a.* REPLACE (answer_id - first_id AS answer_id) FROM {held}aws_answers AS a JOIN firsts USING (check_id)
    )
)
SELECT check_id, sha256(string_agg(line, '' ORDER BY line)) AS sha256, min(checked_time) AS moment,
    any_value(answer_count) AS answer_count, any_value(first_id) AS first_id
FROM lines LEFT JOIN firsts USING (check_id)
GROUP BY check_id
ORDER BY check_id
"""  # noqa: S608 - names of ours


def empty_verdicts(connection: duckdb.DuckDBPyConnection) -> None:
    """Remove the results of ``verify``; they apply only to the evidence that it read."""
    for name in VERDICTS:
        connection.execute(f"DELETE FROM {name}")  # noqa: S608 - names of our own tables


def check_case(path: Path, reader: duckdb.DuckDBPyConnection) -> None:
    """See that a reader has a case before it that this version reads.

    Raises:
        CaseError: it has none.
    """
    tables = {row[0] for row in reader.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    if tables and not {"events", "evidence", "case_info"} <= tables:
        raise CaseError("this DuckDB file is not a case", where=str(path), hint="rootforensics load creates one")
    refuse_other_format(reader, str(path))


def refuse_other_format(connection: duckdb.DuckDBPyConnection, where: str = "") -> None:
    """See that a case has this version's format, and nothing that could change what a statement of this version means.

    Args:
        connection: a reader or writer of the case.
        where: the case's path, for the error.

    Raises:
        CaseEditedError: it has functions of its own.
        CaseFormatError: it has another format.
        CaseError: nothing was ever loaded into it.
    """
    tables = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    known = dict(connection.execute("SELECT name, content FROM case_info").fetchall()) if tables else {}
    if "format" not in known:
        raise CaseError("no load into this case has finished", where=where, hint="Run it again")
    if known.get("format") != str(CASE_FORMAT):
        written_by = known.get("created_by") or "the version that wrote it"
        error = CaseFormatError(
            f"the case has format {known.get('format')}, this version reads and writes format {CASE_FORMAT}",
            where=where,
            hint=hint_for_other_format(connection, str(known.get("format")), CASE_FORMAT),
        )
        error.written_by = written_by
        raise error
    if names := [name for (name,) in connection.execute(_FOREIGN).fetchall()]:
        raise CaseEditedError(
            f"the case file was changed: rootforensics did not create the function, type or schema {names[0]}",
            where=where,
            hint="It can change every answer. Load the evidence into a new case",
        )


#: What a row says whose record the engine refused although the decoder took it.
UNDECODED: Final = "the record could not be decoded; read the original"


def insert_records(
    connection: duckdb.DuckDBPyConnection,
    records: pa.RecordBatchReader,
    condition: Condition,
    *,
    spares_refused: bool,
) -> None:
    """Store the records that meet a condition, in one statement.

    Args:
        connection: the writer.
        records: columns ``record`` (JSON that fits the schema), ``other_fields``, ``record_problem``,
            ``evidence_id``, ``record_index``; drawn while the engine works.
        condition: see ``passing``.
        spares_refused: False to raise the engine's error at a record that it cannot decode. That spares a copy of all
            others, and no record is known that the decoder takes and the engine does not.

    Raises:
        duckdb.InvalidInputException: such a record, and ``spares_refused`` is False.
    """
    decoding = f"from_json(record, '{json.dumps(EVENT_FIELDS)}')"
    if spares_refused:
        decoding = f"TRY({decoding})"
    fields = ", ".join(f'event."{name}"' for name in EVENT_FIELDS)
    connection.register("incoming", records)
    # A condition that is moved below the decoding decodes the record once more for each column that it names.
    with without_optimizers(connection, "filter_pushdown"):
        connection.execute(
            f"""
        INSERT INTO events
        SELECT *, {OUTCOME}, {IS_WRITE}, NULL, {IDENTITY} FROM (SELECT *, {SPELLED} FROM (
            SELECT {fields}, CAST(other_fields AS JSON) AS otherFields,
                CASE WHEN event IS NULL THEN '{UNDECODED}' ELSE record_problem END AS record_problem,
                evidence_id, record_index
            FROM (
                SELECT {decoding} AS event, other_fields, record_problem,
                    evidence_id, record_index
                FROM incoming
            )
        )) WHERE {condition.sql}
        """,  # noqa: S608 - names and shape come from the schema, conditions from Filters
            condition.values,
        )
    connection.unregister("incoming")


class Condition(NamedTuple):
    """A condition on the columns of ``events``, and its values in order."""

    sql: str
    values: list[Any]


def passing(filters: Sequence[Filters], names: Sequence[str] = (), more: Sequence[str] = ()) -> Condition:
    """What passes at least one of some filters; a record that the engine cannot decode always does.

    Args:
        filters: of a load.
        names: of what descends from root; what was done under them passes what asks for what is related to root, too.
        more: further such names; if given, only what passes by them and not without them.
    """
    if any(one.is_empty for one in filters):
        return Condition("false" if more else "true", [])
    partial = [one for one in filters if one.root_related]
    parts = [*(one.condition() for one in filters), *(one.condition(names) for one in partial if names)]
    first = " OR ".join([f"record_problem = '{UNDECODED}'", *(f"({text})" for text, _ in parts)])
    if not more:
        return Condition(first, [value for _, values in parts for value in values])
    added = [one.condition(more) for one in partial]
    second = " OR ".join(f"({text})" for text, _ in added) or "false"
    sql = f"NOT coalesce({first}, false) AND ({second})"
    return Condition(sql, [value for _, values in (*parts, *added) for value in values])
