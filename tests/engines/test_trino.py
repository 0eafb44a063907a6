"""What Trino's documentation says an expression gives, asked in its dialect."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

import rootforensics as rf
from rootforensics.engines.dialects import to_duckdb

_JSON = """'{"a": {"b": 1}, "l": [10, 20], "s": "x", "n": null, "t": true, "b c": 5, "a-b": 6, "a:b/c": 7, "f": 2.5}'"""


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        # Arithmetic: whole numbers stay whole, decimals keep the longer scale.
        ("7 / 2", 3),
        ("-7 / 2", -3),
        ("7 / 2 / 2", 1),
        ("(7 + 2) / 2", 4),
        ("7e0 / 2", 3.5),
        ("7 / 2.0", 3.5),
        ("1 / 3.0", Decimal("0.3")),
        ("CAST(7 AS double) / 2", 3.5),
        ("count(*) * 100 / 3", 33),
        ("sum(7) / 2", 3),
        ("7 % 4", 3),
        ("round(2.5e0)", 3.0),
        ("round(-2.5e0)", -3.0),
        # Casts: rounding away from zero; only what Trino reads.
        ("CAST(2.5e0 AS integer)", 3),
        ("CAST(-2.5e0 AS bigint)", -3),
        ("CAST(2.5 AS integer)", 3),
        ("CAST('12' AS bigint)", 12),
        ("TRY_CAST('2.5' AS integer)", None),
        ("TRY_CAST(' 5' AS integer)", None),
        ("TRY_CAST('1_000' AS bigint)", None),
        ("TRY_CAST('300' AS tinyint)", None),
        ("TRY_CAST('yes' AS boolean)", None),
        ("CAST('T' AS boolean)", True),
        ("TRY_CAST('2026-08-05T01:34:26Z' AS timestamp)", None),
        ("TRY_CAST('2026-08-05' AS date)", dt.date(2026, 8, 5)),
        ("CAST(12 AS varchar)", "12"),
        ("CAST('abcdef' AS varchar(3))", "abc"),
        ("TRY(7 / 0)", None),
        # TRY is of all that stands in it; a cast that has failed is no NULL in there.
        ("TRY(CAST('12' AS bigint) + 1)", 13),
        ("TRY(coalesce(CAST('x' AS bigint), 5))", None),
        ("TRY(CAST(lower('x') AS IPADDRESS) IS NULL)", None),
        ("TRY(CAST('2026-08-05T01:34:26Z' AS timestamp))", None),
        ("TRY(CAST('5 August' AS date))", None),
        ("TRY((CAST(lower('300') AS tinyint)))", None),
        ("TRY_CAST(CAST('12' AS varchar) AS bigint)", 12),
        ("TRY_CAST(max('12') AS integer)", 12),
        # NULL
        ("concat('a', NULL)", None),
        ("'a' || NULL", None),
        ("greatest(1, NULL)", None),
        ("least(1, NULL)", None),
        ("greatest(1, 3, 2)", 3),
        ("concat_ws(',', 'a', NULL, 'b')", "a,b"),
        # Time: units that have passed, not borders crossed.
        ("date_diff('hour', timestamp '2026-01-01 00:59:00', timestamp '2026-01-01 02:01:00')", 1),
        ("date_diff('day', timestamp '2020-03-01 23:59:00', timestamp '2020-03-02 00:01:00')", 0),
        ("date_diff('day', date '2020-03-01', date '2020-03-02')", 1),
        ("date_diff('hour', timestamp '2026-01-01 02:00:00', timestamp '2026-01-01 00:30:00')", -1),
        ("date_diff('month', date '2026-01-31', date '2026-02-28')", 1),
        ("date_diff('hour', from_iso8601_timestamp('2026-08-05T01:59:59Z'), from_iso8601_timestamp('2026-08-05T02:00:00Z'))", 0),
        ("date_diff('hour', timestamp '2026-01-01 00:00:00', timestamp '2026-01-02 01:00:00') / 24", 1),
        ("date_format(date_trunc('hour', from_iso8601_timestamp('2026-08-05T01:59:59Z')), '%Y-%m-%d %H:%i')", "2026-08-05 01:00"),
        ("date_format(timestamp '2022-10-20 05:10:00', '%m-%d-%Y %H')", "10-20-2022 05"),
        ("date_parse('2022/10/20/05', '%Y/%m/%d/%H')", dt.datetime(2022, 10, 20, 5)),  # noqa: DTZ001
        ("date_format(parse_datetime('2026-08-05T01:34:26Z', 'yyyy-MM-dd''T''HH:mm:ss''Z'''), '%s')", "26"),
        ("to_unixtime(parse_datetime('1970-01-01T00:01:00Z', 'yyyy-MM-dd''T''HH:mm:ss''Z'))", 60.0),
        ("format_datetime(timestamp '2026-08-05 01:34:26', 'yyyy-MM-dd''T''HH:mm')", "2026-08-05T01:34"),
        ("from_iso8601_timestamp('2026-08-05T01:34:26Z') > timestamp '2026-08-05 01:00:00 UTC'", True),
        ("date_format(at_timezone(timestamp '2012-10-31 01:00:00 UTC', 'UTC'), '%H')", "01"),
        ("date_format(timestamp '2012-10-31 01:00:00 UTC' AT TIME ZONE 'UTC', '%H')", "01"),
        ("to_unixtime(from_iso8601_timestamp('1970-01-01T00:01:00Z'))", 60.0),
        ("year(from_iso8601_timestamp('2026-08-05T01:34:26Z'))", 2026),
        ("day_of_week(date '2026-08-05')", 3),
        ("date_add('day', -1, timestamp '2026-08-05 00:00:00')", dt.datetime(2026, 8, 4)),  # noqa: DTZ001
        # Text
        ("substr('abc', 0)", ""),
        ("substr('abc', -2)", "bc"),
        ("substr('abc', -5)", ""),
        ("substr('abc', 2, 1)", "b"),
        ("substr('abc', 2, -1)", ""),
        ("split_part('a,b', ',', 2)", "b"),
        ("split_part('a,b', ',', 3)", None),
        ("split('a,b', ',')[1]", "a"),
        ("strpos('abc', 'c')", 3),
        ("strpos('abc', 'x')", 0),
        ("length('é')", 1),
        ("'A' = 'a'", False),
        ("length(trim('  a  '))", 1),
        ("length(trim(concat(chr_free, ' a')))", 1),
        ("regexp_like('1a 2b 14m', '\\d+b')", True),
        ("regexp_extract('1a 2b 14m', '\\d+')", "1"),
        ("regexp_extract('1a 2b 14m', '(\\d+)([a-z]+)', 2)", "a"),
        ("regexp_extract('abc', 'x')", None),
        ("regexp_replace('1a 2b 14m', '\\d+[ab] ')", "14m"),
        ("regexp_replace('1a 2b 14m', '(\\d+)([ab]) ', '3c$2 ')", "3ca 3cb 14m"),
        ("replace('abcb', 'b')", "ac"),
        # JSON
        (f"json_extract_scalar({_JSON}, '$.a')", None),
        (f"json_extract_scalar({_JSON}, '$.l')", None),
        (f"json_extract_scalar({_JSON}, '$.n')", None),
        (f"json_extract_scalar({_JSON}, '$.s')", "x"),
        (f"json_extract_scalar({_JSON}, '$.t')", "true"),
        (f"json_extract_scalar({_JSON}, '$.a.b')", "1"),
        (f"json_extract_scalar({_JSON}, '$.l[1]')", "20"),
        (f"""json_extract_scalar({_JSON}, '$["b c"]')""", "5"),
        (f"json_extract_scalar({_JSON}, '$.a-b')", "6"),
        (f"json_extract_scalar({_JSON}, '$.a:b/c')", "7"),
        (f"json_extract_scalar({_JSON}, '$.S')", None),
        ("json_extract_scalar('no json', '$.a')", None),
        (f"CAST(json_extract({_JSON}, '$.s') AS varchar)", "x"),
        (f"CAST(json_extract({_JSON}, '$.f') AS bigint)", 3),
        (f"cardinality(CAST(json_extract({_JSON}, '$.l') AS array(varchar)))", 2),
        (f"CAST(json_extract({_JSON}, '$.l') AS ARRAY<VARCHAR>)[2]", "20"),
        (f"json_array_length(json_extract({_JSON}, '$.l'))", 2),
        (f"json_array_length(json_extract({_JSON}, '$.a'))", None),
        ("CAST(CAST('a' AS json) AS varchar)", "a"),
        # Arrays
        ("contains(ARRAY[1, 2], 2)", True),
        ("contains(ARRAY[1, 2], 3)", False),
        ("contains(ARRAY[1, NULL], 2)", None),
        ("element_at(ARRAY[1, 2], 3)", None),
        ("element_at(ARRAY[1, 2], -1)", 2),
        ("array_join(ARRAY['a', NULL, 'b'], '-')", "a-b"),
        ("cardinality(filter(ARRAY[5, -6, NULL, 7], x -> x > 0))", 2),
        ("any_match(ARRAY[1, NULL, 7], x -> x > 5)", True),
        ("any_match(ARRAY[1, NULL], x -> x > 5)", None),
        ("any_match(ARRAY[1, 2], x -> x > 5)", False),
        ("any_match(ARRAY[], x -> x > 5)", False),
        # Aggregates
        ("count_if(false)", 0),
        ("count(*)", 1),
        ("every(true)", True),
        ("approx_distinct(5)", 1),
        ("if(false, 1)", None),
    ],
)  # fmt: skip
def test_an_expression_gives_what_trino_documents(expression: str, value: Any, sample_case: rf.Case) -> None:
    text = expression.replace("chr_free", "'\t\n'")
    (row,) = sample_case.sql(f"SELECT {text} AS answer", dialect="trino").rows
    assert row["answer"] == (pytest.approx(value) if isinstance(value, float) else value)
    if isinstance(value, int):
        assert not isinstance(row["answer"], float)


@pytest.mark.parametrize(
    ("statement", "rows"),
    [
        ("SELECT max_by(x, y) FROM (VALUES (NULL, 2), (5, 1)) AS t (x, y)", [(None,)]),
        ("SELECT count_if(x > 1) FROM (VALUES 1) AS t (x) WHERE x > 5", [(0,)]),
        ("SELECT x FROM (VALUES 1, NULL, 2) AS t (x) ORDER BY x DESC", [(2,), (1,), (None,)]),
        ("SELECT x FROM (VALUES 1, NULL, 2) AS t (x) ORDER BY x", [(1,), (2,), (None,)]),
        ("SELECT approx_distinct(x) FROM (VALUES 1, NULL, 2) AS t (x)", [(2,)]),
        ("SELECT x, n FROM UNNEST(ARRAY['a', 'b']) WITH ORDINALITY AS t (x, n) ORDER BY n", [("a", 1), ("b", 2)]),
        ("SELECT extract(dow FROM d), extract(doy FROM d), extract(hour FROM d) FROM (SELECT date_parse('2026-08-02 13', '%Y-%m-%d %H') AS d)",
         [(7, 214, 13)]),
        ("SELECT x FROM (VALUES 2, 1) AS t (x) ORDER BY x FETCH FIRST 1 ROWS ONLY", [(1,)]),
        ("SELECT a, b FROM UNNEST(ARRAY[2, 5], ARRAY['dog', 'cat', 'bird']) AS t (a, b) ORDER BY b",
         [(None, "bird"), (5, "cat"), (2, "dog")]),
        ("SELECT k, v FROM UNNEST(CAST(json_parse('{\"a\": \"1\"}') AS map(varchar, varchar))) AS t (k, v)", [("a", "1")]),
        ("SELECT i, x FROM (VALUES (1, ARRAY[7]), (2, ARRAY[])) AS t (i, l) LEFT JOIN UNNEST(l) AS u (x) ON TRUE ORDER BY i",
         [(1, 7), (2, None)]),
        ("SELECT i FROM (VALUES (1, ARRAY[7, 8]), (2, NULL)) AS t (i, l), UNNEST(l) AS u (x)", [(1,), (1,)]),
    ],
)  # fmt: skip
def test_a_statement_gives_what_trino_documents(
    statement: str, rows: list[tuple[Any, ...]], sample_case: rf.Case
) -> None:
    assert [tuple(row.values()) for row in sample_case.sql(statement, dialect="athena").rows] == rows


def test_rows_that_tie_are_not_left_out(sample_case: rf.Case) -> None:
    with pytest.raises(rf.QueryError, match="WITH TIES"):
        sample_case.sql(
            "SELECT eventname FROM cloudtrail_logs ORDER BY 1 FETCH FIRST 1 ROWS WITH TIES", dialect="athena"
        )


@pytest.mark.parametrize(
    ("expression", "named"),
    [
        ("map_agg(eventname, eventid)", "map_agg"),
        ("approx_percentile(1, 0.5)", "approx_"),
        ("eventtime_free AT TIME ZONE 'Asia/Tokyo'", "Asia/Tokyo"),
        ("json_extract_scalar(requestparameters, '$.a[*].b')", "JSON path"),
        ("json_extract_scalar(requestparameters, '$..b')", "JSON path"),
        ("json_extract_scalar(requestparameters, eventname)", "JSON path"),
        ("json_extract(requestparameters, '$.userName') = 'x'", "json_extract_scalar"),
        ("CAST(from_iso8601_timestamp(eventtime) AS varchar)", "date_format"),
        ("CAST(2.5e0 AS varchar)", "DOUBLE"),
        ("CAST('2.5' AS integer)", "TRY_CAST"),
        ("CAST(json_extract(requestparameters, '$.a') AS array(row(x bigint)))", "json_extract|ARRAY"),
        ("regexp_extract(eventname, '(a)?b', 1)", "group"),
        ("max(eventname, 3)", "several values"),
        ("date_format(from_iso8601_timestamp(eventtime), '%X')", "format"),
        ("array_distinct(ARRAY[1])", "array_distinct"),
        ("avg(1.5)", "avg"),
        ("extract(timezone_hour FROM eventtime_free)", "timezone_hour"),
    ],
)
def test_what_would_mean_another_thing_is_refused_by_name(expression: str, named: str, sample_case: rf.Case) -> None:
    text = expression.replace("eventtime_free", "from_iso8601_timestamp(eventtime)")
    with pytest.raises(rf.QueryError, match=named):
        sample_case.sql(f"SELECT {text} FROM cloudtrail_logs", dialect="athena")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("7 / 2", 3.5),
        ("concat('a', NULL)", None),
        ("count_if(false)", 0),
        ("get_json_object('{\"a\": 1}', '$.a')", "1"),
    ],
)
def test_spark_gives_what_spark_documents(expression: str, value: Any, sample_case: rf.Case) -> None:
    assert sample_case.sql(f"SELECT {expression} AS answer", dialect="spark").rows == [{"answer": value}]


@pytest.mark.parametrize(
    "expression", ["CAST(2.5D AS INT)", "regexp_extract('a', 'b')", "explode(resources)", "datediff(now(), now())"]
)
def test_spark_is_refused_what_would_mean_another_thing(expression: str, sample_case: rf.Case) -> None:
    with pytest.raises(rf.QueryError, match="cannot be carried"):
        sample_case.sql(f"SELECT {expression} FROM cloudtrail_logs", dialect="spark")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT CAST(evidence_id AS varchar) AS a, count(*) FROM cloudtrail_logs GROUP BY CAST(evidence_id AS varchar)",
        "SELECT CAST(json_extract_scalar(requestparameters, '$.x') AS bigint) / 2, count(*) FROM cloudtrail_logs GROUP BY 1",
        "SELECT count(*) FROM cloudtrail_logs WHERE from_iso8601_timestamp(eventtime) > current_timestamp - interval '7' day",
        "SELECT useridentity.sessioncontext.sessionissuer.username, resources[1].arn FROM cloudtrail_logs LIMIT 1",
        "SELECT date(from_iso8601_timestamp(eventtime)) AS d, approx_distinct(sourceipaddress) FROM cloudtrail_logs GROUP BY 1",
        "SELECT row_number() OVER (PARTITION BY eventname ORDER BY eventtime) AS n FROM cloudtrail_logs ORDER BY n LIMIT 5",
        "SELECT eventname AS eventname, eventtime AS t FROM cloudtrail_logs ORDER BY lower(eventname) LIMIT 1",
        "SELECT lag(eventtime) OVER (ORDER BY from_iso8601_timestamp(eventtime)) FROM cloudtrail_logs LIMIT 5",
        "SELECT array_agg(eventname ORDER BY hour(from_iso8601_timestamp(eventtime))) FROM cloudtrail_logs",
    ],
)
def test_statements_of_the_usual_kind_run(statement: str, sample_case: rf.Case) -> None:
    assert len(sample_case.sql(statement, dialect="athena")) >= 1


def test_resources_come_as_columns_with_their_place(sample_case: rf.Case) -> None:
    plain = sample_case.sql(
        "SELECT eventID, r.ARN, r.accountId, r.type FROM"
        " (SELECT eventID, unnest(resources) AS r FROM api_calls) ORDER BY ALL"
    )
    found = sample_case.sql(
        "SELECT eventid, arn, owner, kind, place FROM cloudtrail_logs"
        " CROSS JOIN UNNEST(resources) WITH ORDINALITY AS t (arn, owner, kind, place)",
        dialect="athena",
    )
    assert sorted((row["eventid"], row["arn"], row["owner"], row["kind"]) for row in found.rows) == sorted(
        tuple(row.values()) for row in plain.rows
    )
    assert min(row["place"] for row in found.rows) == 1
    three = sample_case.sql(
        "SELECT r.arn FROM cloudtrail_logs CROSS JOIN UNNEST(resources) AS r (arn, accountid, type)", dialect="athena"
    )
    assert len(three) == len(plain)


@pytest.mark.parametrize(
    "table",
    [
        '"cloudtrail-logs"',
        '"default"."cloudtrail_logs_my-bucket"',
        "aws_cloudtrail",
        "cloudtrail_db.logs",
        "cloudtrail.events",
    ],
)
def test_the_log_table_has_many_names(table: str, sample_case: rf.Case) -> None:
    found = sample_case.sql(f"SELECT count(*) AS n FROM {table} WHERE eventtime > '2026'", dialect="athena")
    assert found.rows == sample_case.sql("SELECT count(*) AS n FROM api_calls WHERE eventTime IS NOT NULL").rows


def test_a_view_of_the_case_keeps_its_name(sample_case: rf.Case) -> None:
    for name in ("cloudtrail_summaries", "root_activity", "default.root_activity"):
        found = sample_case.sql(f"SELECT count(*) AS n FROM {name}", dialect="athena")
        assert found.rows == sample_case.sql(f"SELECT count(*) AS n FROM {name.removeprefix('default.')}").rows
    with pytest.raises(rf.QueryError, match="no table 'vpc_flow_logs'"):
        sample_case.sql("SELECT 1 FROM vpc_flow_logs", dialect="athena")


@pytest.mark.parametrize(
    "statement", ["SHOW TABLES", "DESCRIBE cloudtrail_logs", "MSCK REPAIR TABLE x", "SELECT 1; SHOW TABLES"]
)
@pytest.mark.parametrize("dialect", ["athena", "trino", "spark"])
def test_what_is_no_select_is_answered_in_our_words(
    statement: str, dialect: str, sample_case: rf.Case, capfd: pytest.CaptureFixture[str]
) -> None:
    word = statement.removeprefix("SELECT 1; ").split()[0]
    with pytest.raises(rf.QueryError, match=f"only a SELECT is carried, and this begins with '{word}'"):
        sample_case.sql(statement, dialect=dialect)
    assert capfd.readouterr().err == ""


@pytest.mark.quick(2)
@pytest.mark.parametrize("whole", ["CAST({} AS double)", "floor(CAST({} AS double))", "CAST({} AS varchar)", "trim({})",
    "CAST(any_match(ARRAY[{}], x -> x IS NULL) AS varchar)"])  # fmt: skip
def test_no_part_is_written_out_twice_and_twice_again(whole: str) -> None:
    lengths, value = [], "useragent"
    for _ in range(8):
        value = whole.format(value)
        lengths.append(len(to_duckdb(f"SELECT {value} FROM cloudtrail_logs", "athena")))
    growth = [later - earlier for earlier, later in pairwise(lengths[2:])]
    assert max(growth) <= min(growth) + 8


@pytest.mark.quick(2)
@pytest.mark.parametrize("depth", [1, 2, 3, 4, 12])
def test_parts_of_parts_stay_short_and_keep_their_meaning(depth: int, sample_case: rf.Case) -> None:
    """Each rule speaks of its value several times: written out each time, three casts took longer than anybody waits."""
    value = "json_extract_scalar('{\"a\": \"97200000000\"}', '$.a')"
    for _ in range(depth):
        value = f"CAST({value} AS bigint) / 5"
    statement = f"SELECT {value} AS n, {value} AS again FROM cloudtrail_logs"
    assert len(to_duckdb(statement, "athena")) <= 30 * len(statement)
    found = sample_case.sql(f"{statement} LIMIT 1", dialect="athena").rows
    assert found == [{"n": 97200000000 // 5**depth, "again": 97200000000 // 5**depth}]


def test_the_partitions_of_aws_s_bootstrap_are_columns(sample_case: rf.Case) -> None:
    found = sample_case.sql(
        "SELECT region_partition, count(*) AS n FROM cloudtrail WHERE date_partition >= '2026/08/01'"
        " AND account_partition = '111122223333' GROUP BY region_partition ORDER BY n DESC, region_partition",
        dialect="athena",
    ).rows
    assert (
        found
        == sample_case.sql(
            "SELECT awsRegion AS region_partition, count(*) AS n FROM api_calls WHERE eventTime >= '2026-08-01'"
            " AND coalesce(recipientAccountId, userIdentity.accountId) = '111122223333' GROUP BY ALL ORDER BY n DESC, 1"
        ).rows
    )
    assert found
