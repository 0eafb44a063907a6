"""The same on a real Spark over the files of the sample; ``make spark`` runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

import rootforensics as rf
from rootforensics.extraction.run import table_of
from rootforensics.extraction.spark import Spark, carried
from rootforensics.extraction.statements import Scan, first_condition
from rootforensics.extraction.trail import Trail
from tests.conftest import SAMPLE_LOGS
from tests.extraction import documented
from tests.extraction.conftest import NOW, SINCE
from tests.extraction.documented import CALLS, HOURS
from tests.extraction.test_statements import _records, taken
from tests.ingest.checks import rows
from tests.sources.s3_server import _free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: What PySpark leaves open.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
SPARK: Final = rf.EngineOptions("spark", server="local[2]")
FILTERS: Final = rf.Filters(
    since=SINCE,
    accounts=("111122223333", "444455556666", "777788889999"),
    regions=tuple(sorted({path.name for path in (SAMPLE_LOGS / "AWSLogs").glob("*/CloudTrail/*")})),
)
#: Of the sample: a log whose gzip is cut off.
_DAMAGED: Final = "777788889999_CloudTrail_us-west-2_20260806T0747Z_RZGblPF6CGWfbhRq.json.gz"
_EVENTS: Final = "SELECT * EXCLUDE (otherFields, evidence_id, record_index, record_problem) FROM events ORDER BY ALL"


@pytest.fixture(scope="module", autouse=True)
def java(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Spark 4 runs on Java 17 and 21; what is usual is meant for large data."""
    settings = tmp_path_factory.mktemp("conf")
    (settings / "spark-defaults.conf").write_text("spark.sql.shuffle.partitions 2\nspark.ui.enabled false\n")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SPARK_CONF_DIR", str(settings))
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
    for counted in (HOURS, CALLS):
        assert rows(case, counted) == rows(local, counted)


#: Serves what PySpark has of Spark Connect on a port.
_CONNECT: Final = """
import sys
from pyspark.sql import SparkSession
builder = SparkSession.builder.master("local[2]").config("spark.plugins", "org.apache.spark.sql.connect.SparkConnectPlugin")
builder.config("spark.connect.grpc.binding.port", sys.argv[1]).getOrCreate()
print("serves", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def connect(tmp_path: Path) -> Iterator[str]:
    """The address of a server of Spark Connect."""
    (port,) = _free_ports(1)
    command = [sys.executable, "-c", _CONNECT, str(port)]
    with (
        (tmp_path / "log").open("wb") as log,
        subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log) as running,
    ):
        try:
            assert running.stdout
            assert running.stdout.readline() == b"serves\n", (tmp_path / "log").read_text()
            yield f"sc://127.0.0.1:{port}"
        finally:
            running.terminate()


def test_spark_connect_gives_the_same(tmp_path: Path, connect: str) -> None:
    """In a process of its own: one that has a session with a master makes none with a server."""
    filters = ["--since=2026-08-05", "--until=2026-08-06", "--account-id=777788889999"]
    regions = ["--region=us-east-1", "--region=us-west-2"]
    source = f"file://{SAMPLE_LOGS}/AWSLogs/"
    how = ["--engine=spark", f"--server={connect}", *filters, *regions]
    run = [sys.executable, "-m", "rootforensics", "extract", tmp_path / "out", source, *how]
    ended = subprocess.run(run, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "the engine does not report how much it read" in ended.stderr
    local = rf.open_case(tmp_path / "local.duckdb")
    place = SAMPLE_LOGS / "AWSLogs" / "777788889999" / "CloudTrail"
    day = rf.Filters(since=SINCE.replace(day=5), until=SINCE.replace(day=6), root_related=True)
    local.load(place / "us-east-1", place / "us-west-2", filters=day)
    case = rf.open_case(tmp_path / "out" / "case.duckdb")
    assert rows(case, _EVENTS) == rows(local, _EVENTS)
    assert len(rows(case, _EVENTS)) > 10


def test_records_in_any_spelling_are_taken_as_duckdb_takes_them_or_more(tmp_path: Path) -> None:
    """What Spark spells anew it searches as it spells it; nothing may be lost by that."""

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

    for text in ("it's", "a\\d", "\\'", '"$path"', " AS VARCHAR)"):
        quoted = text.replace("'", "''")
        (row,) = Spark("local[2]")._session.sql(carried(f"SELECT '{quoted}' AS found")).collect()
        assert row["found"] == text


def test_tables_of_ours_and_of_aws_give_the_events_of_the_logs(tmp_path: Path) -> None:
    engine, asked = Spark("local[2]"), {"is_table": True, "now": NOW}
    trail = Trail(f"file://{SAMPLE_LOGS}/AWSLogs/", FILTERS.accounts[:1], documented.REGIONS, *documented.DELIVERED)
    days = "day BETWEEN '{}' AND '{}'".format(*documented.DELIVERED)
    parted = "CREATE TABLE {0} USING parquet PARTITIONED BY ({1}) LOCATION '" + str(tmp_path) + "/{0}' AS SELECT "
    with table_of(engine, trail, print, keep=False) as table:
        engine.run(f"{parted.format('large', 'day')} records, account, region, day FROM {table} WHERE {days}")
        engine.run(
            f"{parted.format('cloudtrail_logs', '`timestamp`')} {documented.columns('spark')}, day AS `timestamp`"
            f" FROM {table} LATERAL VIEW explode(records) u AS r WHERE {days}"
        )
    engine.run("CREATE VIEW seen AS SELECT * FROM cloudtrail_logs")
    engine.run(f"{parted.format('less', 'eventid')} eventname, eventid FROM cloudtrail_logs LIMIT 1")
    engine.run(
        f"CREATE TABLE projected (records ARRAY<STRING>) USING parquet LOCATION '{tmp_path}/projected' TBLPROPERTIES ('projection.enabled' = 'true')"
    )
    case = rf.open_case(tmp_path / "documented" / "case.duckdb")
    result = case.extract("default.cloudtrail_logs", SPARK, documented.FILTERS, **asked)
    documented.check(case, tmp_path)
    assert result.scanned_bytes > sum(path.stat().st_size for path in tmp_path.glob("cloudtrail_logs/*/*.parquet"))
    for table, said in (
        ("less", r"do not tell userIdentity\.type"),
        ("seen", "does not tell in which files"),
        ("projected", "finds nothing in a table with partition projection"),
    ):
        with pytest.raises(rf.SourceError, match=said):
            case.extract(f"default.{table}", SPARK, documented.FILTERS, **asked)
    large = rf.open_case(tmp_path / "large-case" / "case.duckdb")
    large.extract("default.large", SPARK, documented.FILTERS, **asked)
    whole = "SELECT * EXCLUDE (otherFields, evidence_id, record_index) FROM events ORDER BY ALL"
    assert rows(large, whole) == rows(rf.open_case(tmp_path / "local.duckdb"), whole)


def test_what_spark_does_not_do_is_one_clear_line(tmp_path: Path) -> None:
    case = rf.open_case(tmp_path / "case.duckdb")
    with pytest.raises(rf.SourceError, match=r"table or view `a`\.`b` cannot be found"):
        case.extract("a.b", SPARK, FILTERS, is_table=True, now=NOW)
    with pytest.raises(rf.SourceError, match="Spark takes no questions"):
        Spark("local[2]").ask("SELECT 1", 1)
    with pytest.raises(rf.SourceError, match="no server of Spark was named"):
        case.extract("s3://a/AWSLogs/", rf.EngineOptions("spark"), FILTERS, now=NOW)
    with pytest.raises(rf.SourceError, match=r"Spark ended the query: .*(PATH_NOT_FOUND|not exist)"):
        case.extract(f"file://{tmp_path}/nowhere/", SPARK, FILTERS, now=NOW)
