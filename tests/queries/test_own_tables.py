"""The user's own tables in SQL: what is read, what is refused, and that nothing else can be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import rootforensics as rf
from rootforensics.errors import QueryError

if TYPE_CHECKING:
    from pathlib import Path

ROWS = [{"ip": "203.0.113.10", "owner": "office"}, {"ip": "198.51.100.23", "owner": None}]
READ = "SELECT ip, owner FROM known ORDER BY ip DESC"


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.Table.from_pylist], ids=["pandas", "polars", "arrow"])
def test_tables_of_other_libraries_are_read(make: Any, empty_case: rf.Case) -> None:
    assert empty_case.sql(READ, tables={"known": make(ROWS)}).rows == ROWS


def test_a_result_is_read(empty_case: rf.Case) -> None:
    first = empty_case.sql("SELECT 'a' AS ip, 'b' AS owner")
    assert empty_case.sql(READ, tables={"known": first}).rows == first.rows


def test_an_index_of_pandas_is_a_column_if_it_has_a_name(empty_case: rf.Case) -> None:
    table = pd.DataFrame({"ip": ["a"], "owner": ["b"]}, index=[7])
    assert empty_case.sql("FROM known", tables={"known": table}).columns == ["ip", "owner"]
    assert empty_case.sql(READ, tables={"known": table.set_index("ip")}).rows == [{"ip": "a", "owner": "b"}]


def test_a_parquet_file_is_read(empty_case: rf.Case, tmp_path: Path) -> None:
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "known.parquet")
    assert empty_case.sql(READ, tables={"known": tmp_path / "known.parquet"}).rows == ROWS


@pytest.mark.parametrize(
    "content",
    [
        "ip,account,owner\n203.0.113.10,012345678901,office\n",
        "\ufeffip;account;owner\r\n203.0.113.10;012345678901;office\r\n\r\n",
        'ip , account, owner\n 203.0.113.10,  "012345678901",office \n',
    ],
    ids=["plain", "Excel with semicolons", "spaces"],
)
def test_values_of_a_csv_file_are_text(content: str, empty_case: rf.Case, tmp_path: Path) -> None:
    (tmp_path / "known.csv").write_text(content, encoding="utf-8", newline="")
    found = empty_case.sql("FROM known", tables={"known": str(tmp_path / "known.csv")})
    assert found.rows == [{"ip": "203.0.113.10", "account": "012345678901", "owner": "office"}]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the CSV file has no rows"),
        (b"ip,owner\n", "the CSV file has no rows"),
        (b"192.0.2.10,office\n192.0.2.44,guests\n", "'192.0.2.10' in the first line is not a column name"),
        (b"ip,owner\n1\n", "line 2 has 1 cells, the first line has 2"),
        (b"ip,IP\n1,2\n", "two columns have the name 'IP'"),
        (b"ip,\n1,2\n", "column 2 has no name"),
        (b'ip,owner\n"1,2\n', "cannot be read"),
        ("ip,owner\n1,2\n".encode("utf-16"), "the file is not UTF-8"),
    ],
)
def test_a_csv_file_that_cannot_be_read_is_named(
    content: bytes, said: str, empty_case: rf.Case, tmp_path: Path
) -> None:
    (tmp_path / "known.csv").write_bytes(content)
    with pytest.raises(QueryError, match=said) as raised:
        empty_case.sql("FROM known", tables={"known": tmp_path / "known.csv"})
    assert raised.value.where == str(tmp_path / "known.csv")
    assert raised.value.hint


def test_a_file_that_is_not_there_is_named_with_its_folder(
    empty_case: rf.Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(QueryError, match="No such file") as raised:
        empty_case.sql("FROM known", tables={"known": "known.csv"})
    assert raised.value.where == str(tmp_path / "known.csv")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT address FROM known",
        "FROM root_events AS e JOIN known AS k ON e.sourceIPAddress = k.address",
        "FROM root_events AS e JOIN known USING (address)",
    ],
)
def test_a_column_that_a_table_lacks_is_said_in_one_line_with_its_columns(
    text: str, empty_case: rf.Case, tmp_path: Path
) -> None:
    (tmp_path / "known.csv").write_text("ip,owner\n203.0.113.77,us\n")
    with pytest.raises(QueryError, match='"address"') as raised:
        empty_case.sql(text, tables={"known": tmp_path / "known.csv"})
    assert "Table known has the columns ip, owner. The first line of a CSV file" in raised.value.hint
    assert "\n" not in str(raised.value)
    assert "Binder" not in str(raised.value)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("nowhere.csv", "No such file"),
        ("known.txt", "ends in neither .csv nor .parquet"),
        ([1], "known is a list, which is no table"),
        (pd.Series([1]), "known is a Series, which is no table"),
        (pd.DataFrame(), "has no columns"),
        (pd.DataFrame({"a": [1, "x"]}), "known cannot be read as a table"),
    ],
    ids=str,
)
def test_what_is_no_table_is_refused(table: object, said: str, empty_case: rf.Case) -> None:
    with pytest.raises(QueryError, match=said) as raised:
        empty_case.sql("FROM known", tables={"known": table})
    assert raised.value.hint


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("events", "already a table or view"),
        ("Root_Activity", "already a table or view"),
        ("actions", "already a table or view"),
        ("select", "cannot be the name"),
        ("my table", "cannot be the name"),
        ("1st", "cannot be the name"),
        ("", "cannot be the name"),
    ],
)
def test_a_name_that_is_taken_or_invalid_is_refused(name: str, said: str, sample_case: rf.Case) -> None:
    with pytest.raises(QueryError, match=said) as raised:
        sample_case.sql("SELECT 1", tables={name: pa.table({"a": [1]})})
    assert raised.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM read_csv('{path}')",
        "FROM '{path}'",
        "COPY known TO '{path}2'",
        "DELETE FROM known",
        "INSERT INTO known VALUES ('x', 'y')",
        "ATTACH '{path}' AS other",
    ],
)
def test_own_tables_open_nothing_else(text: str, empty_case: rf.Case, tmp_path: Path) -> None:
    path = tmp_path / "known.csv"
    path.write_text("ip,owner\n1,2\n", encoding="utf-8")
    with pytest.raises(QueryError):
        empty_case.sql(text.format(path=path), tables={"known": path})
    assert [one.name for one in tmp_path.iterdir()] == ["known.csv"]
    assert path.read_text(encoding="utf-8") == "ip,owner\n1,2\n"


def test_a_table_is_there_for_one_statement(empty_case: rf.Case) -> None:
    assert len(empty_case.sql("FROM known", tables={"known": pd.DataFrame(ROWS)})) == 2
    with pytest.raises(QueryError, match="known does not exist"):
        empty_case.sql("FROM known")


def test_other_dialects_keep_the_name(empty_case: rf.Case) -> None:
    table = pa.Table.from_pylist(ROWS[:1])
    assert empty_case.sql("SELECT ip FROM my_cloudtrail", "athena", tables={"my_cloudtrail": table})["ip"] == [
        ROWS[0]["ip"]
    ]
