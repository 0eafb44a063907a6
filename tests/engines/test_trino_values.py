"""Values that Trino reads, rounds or spells otherwise than DuckDB: the same here, or a refusal that says why.

What Trino does stands in its documentation, and in the tests and the source of its operators and functions.
"""

from __future__ import annotations

import random
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

import rootforensics as rf


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        # Casts to text: what is too long is cut if it was a text, and is an error if it was none.
        ("TRY_CAST(12345 AS varchar(2))", None),
        ("TRY(CAST(12345 AS varchar(2)))", None),
        ("CAST('abcé' AS varchar(4))", "abcé"),
        ("CAST(1.50 AS varchar)", "1.50"),
        ("TRY_CAST(json_parse('{\"a\": 1}') AS varchar)", None),
        ("CAST(json_parse('[\"a\", 1, null, true]') AS array(varchar))", ["a", "1", None, "true"]),
        # Casts of text: what Trino makes nothing of is NULL.
        ("TRY_CAST('yes' AS boolean)", None),
        ("TRY_CAST('' AS boolean)", None),
        ("TRY_CAST('10.0.0.1' AS double)", None),
        ("TRY_CAST('2026-08-05 10:00:00' AS date)", None),
        ("CAST(2.5 AS decimal)", Decimal(3)),
        ("CAST('2.345' AS decimal(5, 2))", Decimal("2.35")),
        ("TRY(from_iso8601_timestamp('soon'))", None),
        ("TRY(date_parse(' 2026-08-05', '%Y-%m-%d'))", None),
        ("TRY(date_parse('2026-08-05  10', '%Y-%m-%d %H'))", None),
        ("hour(from_iso8601_timestamp('2026-08-05T01:34:26.123+00:00'))", 1),
        ("hour(TIMESTAMP '2026-08-05 10:00:00 UTC')", 10),
        ("extract(hour FROM TIMESTAMP '2026-08-05 10:00:00 UTC')", 10),
        ("to_unixtime(from_unixtime(1.2345e0))", 1.235),
        # Decimals keep their places, and a half is rounded away from zero.
        ("0.29 / 2.00", Decimal("0.15")),
        ("-0.29 / 2.00", Decimal("-0.15")),
        ("1 / 3.0 * 3", Decimal("0.9")),
        ("round(2.55, 1) / 3", Decimal("0.87")),
        ("9007199254740993 / 1", 9007199254740993),
        ("sum(7) FILTER (WHERE true)", 7),
        ("sum(DISTINCT 1.5)", Decimal("1.5")),
        ("sum(count(*)) OVER ()", 1),
        # Text
        ("split('a,b', CAST(NULL AS varchar))", None),
        ("split_part('a,b', CAST(NULL AS varchar), 1)", None),
        ("upper('straße')", "STRAßE"),
        ("regexp_extract('arn:aws:iam::1:user/x', '[^/]+$')", "x"),
        ("regexp_like('é', '^.\\z')", True),
        ("regexp_replace('a/B/', '/(?i)b/\\z', '-')", "a-"),
        ("regexp_like('Ärger mit IAM', '(?i)iam')", True),
        ("length(trim(U&'\\3000\\2028a\\0009'))", 1),
    ],
)
def test_a_value_is_the_one_that_trino_gives(expression: str, value: Any, sample_case: rf.Case) -> None:
    assert sample_case.sql(f"SELECT {expression} AS answer", dialect="trino").rows == [{"answer": value}]


@pytest.mark.parametrize(
    ("expression", "named"),
    [
        # A time has the zone that its text has, or its function: hour() would be another one in UTC.
        ("hour(from_iso8601_timestamp('2026-08-05T01:34:26+02:00'))", "time in UTC"),
        ("TRY(from_iso8601_timestamp('2026-08-05T01:34:26+02:00'))", "time in UTC"),
        ("date(TIMESTAMP '2026-08-05 10:00:00 Europe/Berlin')", "time in UTC"),
        ("TIMESTAMP '2026-08-05 10:00:00 +02:00'", "time in UTC"),
        ("TRY_CAST('2026-08-05 10:00:00 Asia/Tokyo' AS timestamp with time zone)", "time in UTC"),
        ("TRY_CAST('2026-08-05 10:00:00 UTC' AS timestamp)", "time in UTC"),
        ("from_unixtime(1, 'Europe/Berlin')", "from_unixtime.* with zone"),
        ("from_unixtime(1, 2, 30)", "from_unixtime.* with hours"),
        ("TRY(hour(from_iso8601_timestamp('2026-08-05T01:34:26+02:00')))", "within TRY"),
        # Digits that are rounded, or read by one of the two only
        ("CAST('2026-08-05 10:00:00.6' AS timestamp(0))", "decimal places"),
        ("CAST(TIMESTAMP '2026-08-05 10:00:00.6' AS timestamp(0))", "date_trunc"),
        ("CAST('2026-08-05 10:00:00.123456' AS timestamp)", "decimal places"),
        ("TRY_CAST('2026-08-05 24:00:00' AS timestamp)", "may be another value"),
        ("TRY_CAST(' 2026-08-05' AS date)", "may be another value"),
        ("date_parse('10', '%H')", "without a year"),
        ("parse_datetime('Wed 2026-08-04', 'EEE yyyy-MM-dd')", "day of a week"),
        ("from_iso8601_date('2026-W10')", "may be another value"),
        ("TRY_CAST(' 1.5' AS double)", "may be another value"),
        ("TRY_CAST('NaN' AS double)", "may be another value"),
        ("TRY_CAST('1e999' AS double)", "may be another value"),
        ("TRY_CAST('1e3' AS decimal(5, 0))", "may be another value"),
        ("CAST('yes' AS boolean)", "CAST AS BOOLEAN fails"),
        ("CAST(2.675e0 AS decimal(5, 2))", "DOUBLE AS DECIMAL"),
        ("CAST(1 AS real)", "CAST AS REAL"),
        ("DECIMAL '1.50'", "may be another value"),
        ("CAST(12345 AS varchar(2))", "fails"),
        ("CAST(interval '2' day AS varchar)", "spelled otherwise"),
        ("CAST(json_parse('1.5') AS varchar)", "spelled otherwise"),
        ("CAST(json_parse('[{\"a\": 1}]') AS array(varchar))", "ARRAY.JSON"),
        ("CAST(json_parse('{\"a\": 1.5}') AS map(varchar, varchar))", "MAP.VARCHAR, JSON"),
        ("CAST(1.50 AS json)", "to JSON"),
        ("array_join(ARRAY[1.5e0], ',')", "array_join"),
        # Numbers and periods
        ("sum(x) FROM (VALUES 9223372036854775807, 1) AS t (x)", "out of range"),
        ("sum(x) OVER () FROM (VALUES 9223372036854775807, 1) AS t (x)", "out of range"),
        ("avg(x) FROM (VALUES 1.00, 2.01) AS t (x)", "avg of a DECIMAL"),
        ("avg(DISTINCT x) FROM (VALUES 1.00, 2.01) AS t (x)", "avg of a DECIMAL"),
        ("date '2026-08-05' - date '2026-08-01'", "date_diff"),
        ("hour(interval '29' hour)", "date_diff"),
        ("extract(hour FROM interval '29' hour)", "date_diff"),
        # Text
        ("replace('abc', '', 'X')", "empty text"),
        ("regexp_like('ab', '[a-z&&[^b]]b')", "the pattern"),
        ("regexp_like('ab', concat('a', 'b'))", "a pattern that is no literal"),
        ("regexp_like('é', '\\w')", "in this text"),
        ("regexp_like('É', '(?i)é')", "in this text"),
        ("regexp_like('straße', '(?i)SS')", "in this text"),
        ("regexp_like(U&'b\\000A', 'b$')", "in this text"),
        ("regexp_replace('baaac', 'a*', 'x')", "empty text"),
        # JSON
        ("json_extract_scalar('{\"a\": \"x\"', '$.a')", "JSON that is cut"),
        ("json_extract('{\"a\": 1} more', '$.a')", "JSON that is cut"),
        ("json_extract_scalar('[1, 2]', '$.1')", "JSON path"),
        # What no list names
        ("bitwise_and(5, 3)", "bitwiseand"),
        ("x FROM (VALUES 1) AS t (x) TABLESAMPLE BERNOULLI (50)", "tablesample"),
        ("'a' ILIKE 'A'", "ilike"),
        ("split('a,b', ',', 1)", "split.* with limit"),
        ("strpos('aba', 'a', 2)", "strpos.* with occurrence"),
        ("array_join(ARRAY['a'], ',', '-')", "array_join.* with null"),
        ("-x AS x FROM (VALUES 1, 2) AS t (x) ORDER BY x + 0", "ORDER BY of an expression"),
    ],
)
def test_a_value_that_would_be_another_one_is_refused(expression: str, named: str, sample_case: rf.Case) -> None:
    with pytest.raises(rf.QueryError, match=named):
        sample_case.sql(f"SELECT {expression}", dialect="athena")


@pytest.mark.quick(1)
@pytest.mark.parametrize(("places", "others"), [(1, 0), (2, 3), (0, 2)])
def test_decimals_are_divided_as_on_paper(places: int, others: int, sample_case: rf.Case) -> None:
    """Of many, among them halves: ``decimal`` knows the quotient, too."""
    chance = random.Random(20)
    pairs = [
        (Decimal(chance.randint(-99999, 99999)).scaleb(-places), Decimal(chance.randint(1, 400)).scaleb(-others))
        for _ in range(80)
    ]
    values = ", ".join(
        f"(CAST('{a}' AS decimal(12, {places})), CAST('{b}' AS decimal(12, {others})))" for a, b in pairs
    )
    found = sample_case.sql(f"SELECT a / b AS q FROM (VALUES {values}) AS t (a, b)", dialect="trino").rows
    scale = Decimal(1).scaleb(-max(places, others))
    assert [row["q"] for row in found] == [(a / b).quantize(scale, ROUND_HALF_UP) for a, b in pairs]
