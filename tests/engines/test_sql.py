"""SQL of the user's own: other dialects run as they stand, and nothing but the case can be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf

if TYPE_CHECKING:
    from pathlib import Path


def test_athena_strings_compare_as_in_athena(sample_case: rf.Case, expected: dict[str, Any]) -> None:
    found = sample_case.sql(
        """
        SELECT useridentity.username, sourceipaddress, eventtime
        FROM default.cloudtrail_logs
        WHERE eventname = 'ConsoleLogin' AND useridentity.type = 'Root' AND eventtime >= '2026-08-03T00:00:00Z'
            AND eventtime < '2026-08-08T00:00:00Z';
        """,
        dialect="athena",
    )
    wanted = expected["root"]["console_sign_ins"]
    assert len(found) == wanted["success"] + wanted["failure"]
    assert all(isinstance(row["eventtime"], str) for row in found.rows)


def test_athena_reads_inside_json_text(sample_case: rf.Case, expected: dict[str, Any]) -> None:
    found = sample_case.sql(
        """
        SELECT json_extract_scalar(responseelements, '$.ConsoleLogin') AS outcome, count(*) AS n
        FROM cloudtrail_logs
        WHERE eventname = 'ConsoleLogin' AND useridentity.type = 'Root'
        GROUP BY json_extract_scalar(responseelements, '$.ConsoleLogin')
        """,
        dialect="athena",
    )
    wanted = expected["root"]["console_sign_ins"]
    assert {row["outcome"]: row["n"] for row in found.rows} == {
        "Success": wanted["success"],
        "Failure": wanted["failure"],
    }


def test_athena_unnests_resources_and_names_partitions(sample_case: rf.Case) -> None:
    found = sample_case.sql(
        """
        SELECT replace(entry.res.arn, 'arn:aws:s3:::') AS bucket, "timestamp", year, month, day, region
        FROM logs_db.cloudtrail_my_bucket AS t CROSS JOIN UNNEST(t.resources) AS entry (res)
        WHERE entry.res.arn LIKE 'arn:aws:s3:::%' AND readonly = 'false'
        """,
        dialect="athena",
    )
    plain = sample_case.sql(
        "SELECT count(*) AS n FROM (SELECT unnest(resources) AS r, readOnly FROM events)"
        " WHERE r.ARN LIKE 'arn:aws:s3:::%' AND readOnly = false"
    )
    assert len(found) == plain.rows[0]["n"] > 0
    assert all(not row["bucket"].startswith("arn:") for row in found.rows)
    assert {(row["year"], row["month"]) for row in found.rows} == {("2026", "08")}


@pytest.mark.parametrize("dialect", ["duckdb", "athena", "trino", "spark"])
def test_every_dialect_counts_the_same(dialect: str, sample_case: rf.Case, expected: dict[str, Any]) -> None:
    found = sample_case.sql("SELECT count(*) AS n FROM root_activity WHERE origin <> 'none'", dialect=dialect)
    assert found.rows == [{"n": expected["root"]["activity"]}]


def test_a_common_table_named_like_the_log_table_stays_itself(sample_case: rf.Case) -> None:
    found = sample_case.sql(
        "WITH cloudtrail_few AS (SELECT eventname FROM cloudtrail_logs LIMIT 3) SELECT count(*) AS n FROM cloudtrail_few",
        dialect="athena",
    )
    assert found.rows == [{"n": 3}]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT count(*) AS n FROM cloudtrail_logs WHERE from_iso8601_timestamp(eventtime) > timestamp '2026-08-01 00:00:00'",
        "SELECT json_extract_scalar(requestparameters, '$.bucketName') AS n FROM cloudtrail_logs LIMIT 1",
    ],
)
def test_sql_that_runs_as_athena_s_alone_says_so(statement: str, sample_case: rf.Case) -> None:
    with pytest.raises(rf.QueryError, match=r"does not exist\. This is SQL of Athena: run it with --dialect athena"):
        sample_case.sql(statement)
    assert len(sample_case.sql(statement, dialect="athena")) == 1


@pytest.mark.parametrize(
    "statement",
    ["SELEC 1", "SELECT nope FROM events", "SELECT from_iso8601_timestamp(eventtime), nope FROM cloudtrail_logs",
     "DROP TABLE events", "SELECT from_iso8601_timestamp('x'); DROP TABLE events", "SELECT error('no')"],
)  # fmt: skip
def test_what_runs_in_no_dialect_does_not(statement: str, sample_case: rf.Case) -> None:
    with pytest.raises(rf.QueryError) as told:
        sample_case.sql(statement)
    assert "Athena" not in str(told.value)


def test_an_unknown_dialect_and_broken_sql_are_refused_in_words(sample_case: rf.Case) -> None:
    with pytest.raises(rf.QueryError, match="duckdb, athena, trino, spark"):
        sample_case.sql("SELECT 1", dialect="oracle")
    with pytest.raises(rf.QueryError, match="this is not athena SQL"):
        sample_case.sql("SELECT FROM WHERE (", dialect="athena")
    with pytest.raises(rf.QueryError, match="syntax error"):
        sample_case.sql("SELEC 1")
    with pytest.raises(rf.QueryError, match="nothere"):
        sample_case.sql("SELECT nothere FROM events")
    with pytest.raises(rf.QueryError, match="nested too deep"):
        sample_case.sql(f"SELECT {'(' * 900}1{')' * 900}", dialect="athena")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('{path}')",
        "SELECT * FROM '{path}'",
        "SELECT * FROM read_text('{path}')",
        "COPY events TO '{path}.out'",
        "ATTACH '{path}.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET TimeZone = 'Asia/Tokyo'",
        "RESET lock_configuration",
        "PRAGMA enable_profiling",
        "DROP TABLE events",
        "DELETE FROM events",
        "CREATE TABLE mine AS SELECT 1",
        "EXPORT DATABASE '{path}.d'",
        "SELECT 1; SELECT 2",
        "",
        "SELECT getenv('HOME')",
        "SELECT * FROM secret",
    ],
)
def test_a_query_can_reach_nothing_but_the_case(statement: str, sample_case: rf.Case, tmp_path: Path) -> None:
    secret = [{"word": "hidden"}]  # a variable of the caller's must not become a table
    path = tmp_path / "secret.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(rf.QueryError):
        sample_case.sql(statement.format(path=path))
    assert [entry.name for entry in tmp_path.iterdir()] == ["secret.csv"]
    assert secret == [{"word": "hidden"}]
    assert len(sample_case.sql("SELECT 1 FROM events LIMIT 1")) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TEMP TABLE events AS SELECT 1 AS x",
        "CREATE TEMP VIEW root_activity AS SELECT 1 AS x",
        "CREATE TEMP MACRO lower(x) AS 'gone'",
        "SET VARIABLE a = 1",
        "BEGIN",
        "CHECKPOINT",
        "LOAD json",
        "CALL pragma_version()",
    ],
)
def test_a_statement_leaves_nothing_behind_for_the_next(
    statement: str, sample_case: rf.Case, expected: dict[str, Any]
) -> None:
    with pytest.raises(rf.QueryError, match="only reads"):
        sample_case.sql(statement)
    with pytest.raises(rf.QueryError):
        sample_case.sql("SELECT nothere FROM events")
    assert len(sample_case.query("root_activity")) == expected["root"]["activity"]


@pytest.mark.parametrize(
    "statement",
    [
        "FROM events LIMIT 1",
        "DESCRIBE events",
        "SHOW TABLES",
        "EXPLAIN SELECT 1",
        "SUMMARIZE SELECT 1 AS a",
        "WITH a AS (SELECT 1) SELECT * FROM a",
    ],
)
def test_every_way_to_read_is_open(statement: str, sample_case: rf.Case) -> None:
    assert len(sample_case.sql(statement)) >= 1


def test_values_enter_as_parameters(sample_case: rf.Case) -> None:
    found = sample_case.sql("SELECT count(*) AS n FROM events WHERE eventName = $name", name="ConsoleLogin' OR 1=1 --")
    assert found.rows == [{"n": 0}]


def test_times_are_utc_whatever_the_machine_says(sample_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    with rf.open_case(sample_path) as case:
        (row,) = case.sql("SELECT min(eventTime)::VARCHAR AS first FROM events").rows
    assert row["first"].endswith("+00")


def test_a_large_sort_needs_no_access_to_files(sample_case: rf.Case) -> None:
    found = sample_case.sql("SELECT a.eventID FROM events a, range(40) ORDER BY a.eventID, a.userAgent LIMIT 1")
    assert len(found) == 1
