"""Rows of results: the times that Arrow would give, without what Arrow needs for them."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone

import pyarrow as pa
import pytest

import rootforensics as rf
from rootforensics.errors import QueryError
from rootforensics.queries.formats import csv_cell
from rootforensics.queries.result import rows_of, table_of
from rootforensics.queries.text import as_text
from tests.builders import event, write_log


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> rf.Case:
    folder = tmp_path_factory.mktemp("result")
    write_log(folder / "logs", "a.json", [event()])
    made = rf.open_case(folder / "case.duckdb")
    made.load(folder / "logs")
    return made


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT TIMESTAMPTZ '1969-12-31 23:59:59.000001+00' AS a, TIMESTAMPTZ '9999-12-31 23:59:59.999999+00' AS b",
        "SELECT TIMESTAMP '2026-08-05 01:21:53.123456' AS a, DATE '2026-08-05' AS b, TIMESTAMP_S '2026-08-05 01:21:53' AS c",
        "SELECT [TIMESTAMPTZ '2026-08-05 01:21:53+00', NULL] AS a, {'at': TIMESTAMPTZ '2026-08-05 01:21:53+00'} AS b",
        "SELECT NULL::TIMESTAMPTZ AS a, 'text' AS b UNION ALL SELECT TIMESTAMPTZ '0001-01-01 00:00:00+00', NULL",
        "SELECT now() AS a WHERE false",
    ],
)
def test_rows_are_those_of_arrow(case: rf.Case, sql: str) -> None:
    with case:
        result = case.sql(sql)
        assert result.rows == result.arrow().to_pylist()


def test_a_time_is_aware_in_utc_to_the_microsecond(case: rf.Case) -> None:
    with case:
        (row,) = case.sql("SELECT TIMESTAMPTZ '2026-08-05 03:21:53.123456+02' AS at").rows
    assert row == {"at": datetime(2026, 8, 5, 1, 21, 53, 123456, tzinfo=UTC)}


@pytest.mark.parametrize("time", ["infinity", "12026-01-01 00:00:00+00", "0044-03-15 (BC) 00:00:00+00"])
def test_a_time_beyond_the_years_is_told(case: rf.Case, time: str) -> None:
    with case, pytest.raises(QueryError, match="cannot be shown"):
        case.sql(f"SELECT TIMESTAMPTZ '{time}' AS at").rows  # noqa: B018 - raises


def test_rows_with_times_do_without_pandas(case: rf.Case) -> None:
    case.close()
    told = "import sys, rootforensics as rf; rows = rf.open_case(sys.argv[1]).query('coverage').rows; "
    told += "from rootforensics.queries.result import table_of; assert not table_of([], {'a': 'VARCHAR'}).num_rows; "
    told += "assert rows[0]['first_time']; assert 'pandas' not in sys.modules"
    subprocess.run([sys.executable, "-c", told, str(case.path)], check=True)


def test_rows_made_here_become_a_table_as_they_are() -> None:
    columns = {
        "text": "VARCHAR; a remark", "texts": "VARCHAR[]", "number": "BIGINT", "share": "DOUBLE", "flag": "BOOLEAN",
        "time": "TIMESTAMP WITH TIME ZONE",
    }  # fmt: skip
    full = {
        "text": "2026-08-05T03:21:53Z \x00\u2028\"\n\U0001f600", "texts": ["", "a", None], "number": 2**62, "share": 0.1,
        "flag": True, "time": datetime(2026, 8, 5, 3, 21, 53, 123456, tzinfo=timezone(timedelta(hours=2))),
    }  # fmt: skip
    empty: dict[str, object] = {
        "text": "x" * 2_000_000,
        "texts": [],
        "number": 0,
        "share": 1.0,
        "flag": False,
        "time": None,
    }
    rows = [full, empty, dict.fromkeys(columns)]
    table = table_of(rows, columns)
    assert rows_of(table) == rows
    assert [str(kind) for kind in table.schema.types] == [
        "string", "list<item: string>", "int64", "double", "bool", "timestamp[us, tz=UTC]",
    ]  # fmt: skip
    assert table_of([], columns).schema == table.schema
    with pytest.raises(pa.ArrowInvalid):
        table_of([{"txt": "misspelled"}], columns)


@pytest.mark.parametrize(
    "interval",
    [
        "0 days", "1 day", "-1 day", "14 months", "-14 months 2 days -3.5 seconds", "12 months", "1 month", "100 hours",
        "1 microsecond", "-1 microsecond", "25 months -3 days 1:02:03.04", "-90 minutes",
    ],
)  # fmt: skip
def test_an_interval_is_spelled_as_the_engine_spells_it(case: rf.Case, interval: str) -> None:
    (row,) = case.sql(
        "SELECT CAST($text AS INTERVAL) AS i, CAST(CAST($text AS INTERVAL) AS VARCHAR) AS said", text=interval
    ).rows
    assert as_text(row["i"]) == csv_cell(row["i"]).removeprefix("'") == row["said"]
