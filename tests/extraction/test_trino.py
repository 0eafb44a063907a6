"""The same on a real Trino over a real S3 server, with the sample; ``make trino`` runs it.

Trino reads what is written for Athena's projection and OpenX JSON, so that what differs here would differ there.
"""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import rootforensics as rf
from rootforensics.extraction.carrying import plain_questions
from rootforensics.extraction.run import table_of
from rootforensics.extraction.statements import Scan, first_condition
from rootforensics.extraction.trail import Trail
from rootforensics.extraction.trino import Trino
from tests.builders import root_event
from tests.conftest import SAMPLE_LOGS
from tests.extraction import documented
from tests.extraction.conftest import NOW, SINCE
from tests.extraction.documented import CALLS, HOURS
from tests.extraction.test_statements import _records, taken
from tests.extraction.trino_server import serve_trino
from tests.ingest.checks import rows
from tests.sources.s3_server import ADMIN, fill_quickly, folder_as_objects, serve

if TYPE_CHECKING:
    from collections.abc import Iterator

FILTERS: Final = rf.Filters(since=SINCE)
#: Of the sample: a log whose gzip is cut off.
_DAMAGED: Final = "777788889999_CloudTrail_us-west-2_20260806T0747Z_RZGblPF6CGWfbhRq.json.gz"
#: Each call gives other IDs.
RECORDS: Final = _records()
_COPIED: Final = root_event(eventTime="2026-08-05T10:00:00Z")
_EVENTS: Final = "SELECT * EXCLUDE (otherFields, evidence_id, record_index, record_problem) FROM events ORDER BY ALL"


@pytest.fixture(scope="module")
def trino(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Trino, rf.EngineOptions, rf.S3Options]]:
    """Trino with the sample in the bucket ``sample``, records in many spellings in ``odd``, one in two in ``twice``."""
    server, java = (Path(os.environ[name]) for name in ("ROOTFORENSICS_TRINO", "ROOTFORENSICS_JAVA"))
    with pytest.MonkeyPatch.context() as patched, serve(tmp_path_factory.mktemp("weed")) as url:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patched.delenv(name)
        patched.setenv("AWS_ACCESS_KEY_ID", ADMIN[0])
        patched.setenv("AWS_SECRET_ACCESS_KEY", ADMIN[1])
        patched.setenv("AWS_EC2_METADATA_DISABLED", "true")
        fill_quickly(url, "sample", folder_as_objects(SAMPLE_LOGS).items())
        key = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/08/05/{:04}.json"
        spelled = ((key.format(place), f'{{"Records":[{text}]}}'.encode()) for place, text in enumerate(RECORDS))
        fill_quickly(url, "odd", spelled)
        copies = (json.dumps({"Records": [_COPIED]}, sort_keys=is_sorted).encode() for is_sorted in (False, True))
        fill_quickly(url, "twice", ((key.format(place), copy) for place, copy in enumerate(copies)))
        with serve_trino(server, java, tmp_path_factory.mktemp("trino"), url) as address:
            yield Trino(address), rf.EngineOptions("trino", server=address), rf.S3Options(endpoint_url=url)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory, trino: tuple[Trino, rf.EngineOptions, rf.S3Options]) -> rf.Case:
    """All of the sample."""
    case = rf.open_case(tmp_path_factory.mktemp("full") / "case.duckdb")
    case.load("s3://sample/AWSLogs/", filters=FILTERS, s3=trino[2])
    return case


def test_the_sample_extracted_is_the_sample_loaded(
    tmp_path: Path, trino: tuple[Trino, rf.EngineOptions, rf.S3Options]
) -> None:
    engine, options, s3 = trino
    case = rf.open_case(tmp_path / "out" / "case.duckdb")
    result = case.extract("s3://sample/AWSLogs/", options, FILTERS, now=NOW, s3=s3, days_at_once=10)
    assert [one.rpartition("/")[2] for one in result.left_out] == [_DAMAGED]
    local = rf.open_case(tmp_path / "local.duckdb")
    local.load(SAMPLE_LOGS / "AWSLogs", filters=replace(FILTERS, root_related=True))
    assert rows(case, _EVENTS) == rows(local, _EVENTS)
    assert len(rows(case, _EVENTS)) > 1000
    assert rows(case, HOURS) == rows(local, HOURS)
    assert rows(case, CALLS) == rows(local, CALLS)
    asked = [
        {(verdict.account_id, a.asked.text): a.answer for verdict in some.analysis().verdicts for a in verdict.answers}
        for some in (case, local)
    ]
    assert asked[0] == asked[1]
    tables = engine._connection.cursor().execute("SHOW TABLES FROM hive.default").fetchall()
    assert tables == []


def test_records_in_any_spelling_are_taken_as_duckdb_takes_them_or_more(
    tmp_path: Path, trino: tuple[Trino, rf.EngineOptions, rf.S3Options]
) -> None:
    """What the engine spells anew it searches as it spells it; nothing may be lost by that."""

    engine, _, _ = trino
    trail = Trail("s3://odd/AWSLogs/", ("111122223333",), ("us-east-1",), "2026/08/01", "2026/08/31")
    with table_of(engine, trail, print, keep=False) as table:
        (tmp_path / "found").mkdir()
        scan = Scan(table, first_condition(), "2026/08/05", "2026/08/05")
        engine.unload(scan.sql(), tmp_path / "found", scan.columns)
    found = rf.open_case(tmp_path / "found.duckdb")
    found.load(tmp_path / "found")
    places = {int(row["place"][-9:-5]) for row in rows(found, "SELECT otherFields->>'$.object' AS place FROM events")}
    (tmp_path / "logs").mkdir()
    for place, text in enumerate(RECORDS):
        (tmp_path / "logs" / f"{place:04}.json").write_text(f'{{"Records": [{text}]}}')
    local = rf.open_case(tmp_path / "local.duckdb")
    local.load(tmp_path / "logs", filters=rf.Filters(root_related=True))
    kept = rows(local, "SELECT uri FROM evidence SEMI JOIN events USING (evidence_id)")
    assert {int(row["uri"][-9:-5]) for row in kept} <= places
    assert len(places) < len(RECORDS)
    assert places <= set(taken(RECORDS, first_condition()))


@pytest.mark.parametrize(
    ("name", "values"),
    [
        *((name, {}) for name in plain_questions()),
        ("root_signins", {"account_id": "444455556666"}),
        ("root_activity", {"calls": "signin.amazonaws.com:ConsoleLogin iam.amazonaws.com:CreateAccessKey"}),
    ],
)
def test_a_plain_question_gives_the_rows_of_a_full_load(
    full: rf.Case, trino: tuple[Trino, rf.EngineOptions, rf.S3Options], name: str, values: dict[str, str]
) -> None:
    _, options, s3 = trino
    asked = rf.OnEngine("s3://sample/AWSLogs/", options, FILTERS, s3=s3, now=NOW)
    found, wanted = asked.query(name, **values), full.query(name, **values)
    places = {"evidence_id", "record_index", "object", "first_citation"}
    kept = [column for column in wanted.columns if column not in places]
    assert [one for one in found.columns if one not in places] == kept
    assert [[row[one] for one in kept] for row in found] == [[row[one] for one in kept] for row in wanted]
    assert len(wanted) > (0 if values else 3)
    assert not asked.is_whole  # one log cannot be read
    if "object" in found.columns:
        uri = {row["evidence_id"]: row["uri"] for row in rows(full, "SELECT evidence_id, uri FROM evidence")}
        assert [(row["object"], row["record_index"]) for row in found] == [
            (uri[row["evidence_id"]], row["record_index"]) for row in wanted
        ]


def test_no_question_is_put_where_records_are_spelled_otherwise(
    trino: tuple[Trino, rf.EngineOptions, rf.S3Options],
) -> None:
    engine, options, s3 = trino
    with pytest.raises(rf.QueryError, match=r"\d+ records are spelled otherwise than by CloudTrail"):
        rf.OnEngine("s3://odd/AWSLogs/", options, FILTERS, s3=s3, now=NOW).query("root_events")
    with pytest.raises(rf.QueryError, match=r"0 records are .* others, 1 are copies in another spelling"):
        rf.OnEngine("s3://twice/AWSLogs/", options, FILTERS, s3=s3, now=NOW).query("root_events")
    assert engine._connection.cursor().execute("SHOW TABLES FROM hive.default").fetchall() == []


def test_sql_of_ones_own_is_run_as_it_is_and_can_change_nothing(
    full: rf.Case, trino: tuple[Trino, rf.EngineOptions, rf.S3Options]
) -> None:
    engine, options, s3 = trino
    asked = rf.OnEngine("s3://sample/AWSLogs/", options, FILTERS, s3=s3, now=NOW)
    own = "SELECT eventSource, count(DISTINCT eventID) AS n FROM events WHERE day < '2026/08/06' GROUP BY 1 ORDER BY 1"
    kept = "SELECT eventSource, count(DISTINCT eventID) AS n FROM events SEMI JOIN (SELECT evidence_id FROM evidence WHERE {}) USING (evidence_id) GROUP BY 1 ORDER BY 1"
    early = "regexp_extract(uri, '/(2026/../..)/', 1) < '2026/08/06'"
    assert [tuple(row.values()) for row in asked.sql(own)] == [
        tuple(row.values()) for row in rows(full, kept.format(early))
    ]
    few = rf.OnEngine("s3://sample/AWSLogs/", options, FILTERS, s3=s3, now=NOW, most_rows=7000)
    assert len(few.sql("SELECT object FROM records")) == 7000
    for text in ("DROP TABLE records", "SELECT 1 FROM records; SELECT 2", "INSERT INTO records SELECT 1"):
        with pytest.raises(rf.SourceError, match="Trino ended the query"):
            asked.sql(text)
    assert engine._connection.cursor().execute("SHOW TABLES FROM hive.default").fetchall() == []


def test_what_trino_refuses_is_one_clear_line(
    tmp_path: Path, trino: tuple[Trino, rf.EngineOptions, rf.S3Options]
) -> None:
    _, options, s3 = trino
    case = rf.open_case(tmp_path / "case.duckdb")
    with pytest.raises(rf.SourceError, match=r"Trino ended the query: .*Schema nowhere not found"):
        case.extract("s3://sample/AWSLogs/", replace(options, database="nowhere"), FILTERS, now=NOW, s3=s3)
    with pytest.raises(rf.SourceError, match=r"Trino ended the query: .*Table 'hive\.default\.nothing' does not exist"):
        case.extract("default.nothing", options, FILTERS, is_table=True, now=NOW, s3=s3)
    with pytest.raises(rf.SourceError, match=r"Trino cannot be reached \(.*--server is right"):
        case.extract("a.b", replace(options, server="http://127.0.0.1:9"), FILTERS, is_table=True, now=NOW, s3=s3)


def test_a_table_as_aws_documents_it_gives_the_events_of_the_logs(
    tmp_path: Path, trino: tuple[Trino, rf.EngineOptions, rf.S3Options]
) -> None:
    engine, options, s3 = trino
    asked = {"is_table": True, "now": NOW, "s3": s3}
    trail = Trail("s3://sample/AWSLogs/", documented.FILTERS.accounts, documented.REGIONS, *documented.DELIVERED)
    with table_of(engine, trail, print, keep=False) as table:
        engine.run(
            "CREATE TABLE hive.default.cloudtrail_logs WITH (format = 'PARQUET', partitioned_by = ARRAY['timestamp']) AS"
            f""" SELECT {documented.columns("trino")}, day AS "timestamp" FROM {table} CROSS JOIN UNNEST(records) AS u (r)"""
        )
    try:
        case = rf.open_case(tmp_path / "out" / "case.duckdb")
        case.extract("default.cloudtrail_logs", options, documented.FILTERS, days_at_once=1, **asked)
        engine.run("CREATE VIEW hive.default.less AS SELECT eventname, eventid FROM hive.default.cloudtrail_logs")
        with pytest.raises(rf.SourceError, match=r"do not tell userIdentity\.type"):
            case.extract("default.less", options, documented.FILTERS, **asked)
    finally:
        engine.run("DROP VIEW IF EXISTS hive.default.less")
        engine.run("DROP TABLE IF EXISTS hive.default.cloudtrail_logs")
    documented.check(case, tmp_path)
