"""The same on a real Spark over the files of the sample; ``make spark`` runs it."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

import rootforensics as rf
from rootforensics.extraction.spark import carried
from rootforensics.extraction.statements import Scan, first_condition
from tests.conftest import SAMPLE_LOGS
from tests.extraction.conftest import NOW, SINCE
from tests.extraction.test_statements import _records, taken
from tests.ingest.checks import rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: What PySpark leaves open.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
SPARK: Final = rf.EngineOptions("spark", server="local[2]")
FILTERS: Final = rf.Filters(
    since=SINCE,
    accounts=("111122223333", "444455556666", "777788889999"),
    regions=tuple(sorted({one.name for one in (SAMPLE_LOGS / "AWSLogs").glob("*/CloudTrail/*")})),
)
#: Of the sample: a log whose gzip is cut off.
_DAMAGED: Final = "777788889999_CloudTrail_us-west-2_20260806T0747Z_RZGblPF6CGWfbhRq.json.gz"
_EVENTS: Final = "SELECT * EXCLUDE (otherFields, evidence_id, record_index, record_problem) FROM events ORDER BY ALL"
_HOURS: Final = """
SELECT account_id, region, hour_time, is_management, min(first_time), max(last_time), min(low_actor), max(high_actor),
    sum(unjudged_count)
FROM counted_hours GROUP BY ALL ORDER BY ALL
"""
_CALLS: Final = """
SELECT account_id, event_source, event_category, event_type, event_name, min(first_time), max(last_time)
FROM counted_calls GROUP BY ALL ORDER BY ALL
"""


@pytest.fixture(scope="module", autouse=True)
def java() -> Iterator[None]:
    """Spark 4 runs on Java 17 and 21."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("JAVA_HOME", os.environ["ROOTFORENSICS_SPARK_JAVA"])
        patched.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        yield


def test_the_sample_extracted_is_the_sample_loaded(tmp_path: Path) -> None:
    shutil.copytree(SAMPLE_LOGS / "AWSLogs", tmp_path / "AWSLogs")
    case = rf.open_case(tmp_path / "out" / "case.duckdb")
    result = case.extract(f"file://{tmp_path}/AWSLogs/", SPARK, FILTERS, now=NOW)
    assert [one.rpartition("/")[2] for one in result.left_out] == [_DAMAGED]
    assert result.not_loaded == []
    local = rf.open_case(tmp_path / "local.duckdb")
    local.load(tmp_path / "AWSLogs", filters=replace(FILTERS, root_related=True))
    assert rows(case, _EVENTS) == rows(local, _EVENTS)
    assert len(rows(case, _EVENTS)) > 1000
    for counted in (_HOURS, _CALLS):
        assert rows(case, counted) == rows(local, counted)


def test_records_in_any_spelling_are_taken_as_duckdb_takes_them_or_more(tmp_path: Path) -> None:
    """What Spark spells anew it searches as it spells it; nothing may be lost by that."""
    from rootforensics.extraction.run import table_of
    from rootforensics.extraction.spark import Spark
    from rootforensics.extraction.trail import Trail

    records = _records()
    day = tmp_path / "AWSLogs" / "111122223333" / "CloudTrail" / "us-east-1" / "2026" / "08" / "05"
    day.mkdir(parents=True)
    for place, text in enumerate(records):
        (day / f"{place:04}.json").write_text(f'{{"Records": [{text}]}}')
    engine = Spark("local[2]")
    trail = Trail(f"file://{tmp_path}/AWSLogs/", ("111122223333",), ("us-east-1",), "2026/07/30", "2026/08/31")
    with table_of(engine, trail, print, keep=False) as table:
        (tmp_path / "found").mkdir()
        scan = Scan(table, first_condition(), "2026/08/05", "2026/08/05", ("111122223333",))
        engine.unload(scan.sql(), tmp_path / "found", scan.columns)
    found = rf.open_case(tmp_path / "found.duckdb")
    found.load(tmp_path / "found")
    places = {int(row["place"][-9:-5]) for row in rows(found, "SELECT otherFields->>'$.object' AS place FROM events")}
    local = rf.open_case(tmp_path / "local.duckdb")
    local.load(day, filters=rf.Filters(root_related=True))
    kept = rows(local, "SELECT uri FROM evidence SEMI JOIN events USING (evidence_id)")
    assert {int(row["uri"][-9:-5]) for row in kept} <= places <= set(taken(records, first_condition()))
    assert len(places) < len(records)


def test_a_text_of_trino_is_the_same_text_in_spark() -> None:
    from rootforensics.extraction.spark import Spark

    for text in ("it's", "a\\d", "\\'", '"$path"', " AS VARCHAR)"):
        quoted = text.replace("'", "''")
        (row,) = Spark("local[2]")._session.sql(carried(f"SELECT '{quoted}' AS found")).collect()
        assert row["found"] == text


def test_what_spark_does_not_do_is_one_clear_line(tmp_path: Path) -> None:
    case = rf.open_case(tmp_path / "case.duckdb")
    with pytest.raises(rf.SourceError, match="neither tables nor questions"):
        case.extract("a.b", SPARK, FILTERS, is_table=True, now=NOW)
    with pytest.raises(rf.SourceError, match="no server of Spark was named"):
        case.extract("s3://a/AWSLogs/", rf.EngineOptions("spark"), FILTERS, now=NOW)
    with pytest.raises(rf.SourceError, match=r"Spark ended the query: .*(PATH_NOT_FOUND|not exist)"):
        case.extract(f"file://{tmp_path}/nowhere/", SPARK, FILTERS, now=NOW)
