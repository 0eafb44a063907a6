"""Parquet files that are too large, broken, odd or hostile: each is told, and does no harm."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pytest

from rootforensics.ingest.containers import stored
from rootforensics.ingest.limits import Limits
from tests.builders import event, records_file
from tests.ingest.checks import event_ids, evidence, load, rows
from tests.ingest.containers.stored_files import PACKINGS, lake_rows, parquet, put
from tests.ingest.side_by_side import load_beside


@pytest.mark.heavy
def test_many_row_groups_are_read_in_bounded_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """40,000 rows of 2,000 bytes and more, of which the engine may hold but a part."""
    monkeypatch.setitem(stored._SETTINGS, "memory_limit", "64MB")
    count = 40_000
    path = tmp_path / "logs" / "a.parquet"
    path.parent.mkdir()
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT 'A' AS eventname, 'id-' || i AS eventid, repeat(md5(i::VARCHAR), 64) AS useragent,"
            f" {{'type': if(i % 1000 = 0, 'Root', 'IAMUser')}} AS useridentity FROM range({count}) AS r(i))"
            f" TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 2048)"
        )
    case = load(tmp_path)
    row = evidence(case)["a.parquet"]
    assert (row["status"], row["record_count"], row["event_count"]) == ("loaded", count, count)
    assert rows(case, "SELECT count(DISTINCT eventID) AS n FROM events") == [{"n": count}]
    assert rows(case, "SELECT count(*) AS n FROM root_events") == [{"n": count // 1000}]
    assert json.loads(case.raw("id-39999"))["eventid"] == "id-39999"


@pytest.mark.heavy
async def test_rows_without_end_stop_at_the_bound(tmp_path: Path) -> None:
    """Few bytes may stand for rows without end; the bound on inflated bytes holds for the text of rows."""
    columns = {"eventname": ["A"] * 10_000, "eventid": ["x"] * 10_000, "useragent": ["x" * 1000] * 10_000}
    parquet(tmp_path / "logs" / "a", columns)
    row = evidence(await load_beside(tmp_path, limits=Limits(max_inflated_bytes=5_000_000)))["a"]
    assert row["status"] == "damaged"
    assert "the text of its rows is more than 5,000,000 bytes and was read no further" in row["problem"]
    assert 0 < row["record_count"] < 10_000
    again = await load_beside(tmp_path, limits=Limits())
    assert evidence(again)["a"]["record_count"] == 10_000


@pytest.mark.heavy
def test_a_row_larger_than_the_memory_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(stored._SETTINGS, "memory_limit", "32MB")
    sizes = [10] * 3000 + [200_000_000]
    path = tmp_path / "logs" / "a"
    path.parent.mkdir()
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT 'A' AS eventname, 'id-' || i AS eventid, repeat('x', n) AS useragent"
            f" FROM (SELECT unnest({sizes}) AS n, generate_subscripts({sizes}, 1) AS i)) TO '{path}' (FORMAT parquet)"
        )
    row = evidence(load(tmp_path))["a"]
    assert row["status"] == "damaged"
    assert "need more memory" in row["problem"]


@pytest.mark.parametrize("harm", ["cut", "noise", "head"])
async def test_a_broken_file_is_told(harm: str, tmp_path: Path) -> None:
    made = tmp_path / "made" / "a"
    data = parquet(made, {"eventname": ["A"] * 5000, "eventid": [f"x-{n}" for n in range(5000)]}, row_group_size=1000)
    middle = len(data) // 2
    broken = {
        "cut": data[:middle],
        "noise": data[: middle - 500] + b"\xa5" * 1000 + data[middle + 500 :],
        "head": data[:12],
    }[harm]
    put(tmp_path, "a", broken)
    put(tmp_path, "b.json.gz", records_file([event()]))
    case = await load_beside(tmp_path)
    row = evidence(case)["a"]
    assert row["status"] == "damaged", row["problem"]
    assert harm == "head" or "broken" in row["problem"]
    assert evidence(case)["b.json.gz"]["status"] == "loaded"


async def test_files_of_something_else_are_unsupported(tmp_path: Path) -> None:
    parquet(tmp_path / "logs" / "a", {"price": [1], "name": ["x"]})
    found = evidence(await load_beside(tmp_path))
    assert found["a"]["status"] == "unsupported"
    assert found["a"]["problem"] == "a Parquet file, but its columns are not those of CloudTrail events: price, name"


async def test_an_empty_table_is_empty(tmp_path: Path) -> None:
    parquet(tmp_path / "logs" / "a", lake_rows([]))
    row = evidence(await load_beside(tmp_path))["a"]
    assert (row["status"], row["record_count"]) == ("empty", 0)


def test_the_engine_of_evidence_sees_one_file(tmp_path: Path) -> None:
    parquet(tmp_path / "evidence", {"eventname": ["A"]})
    (tmp_path / "other.csv").write_text("a\n1\n")
    with stored.opened(tmp_path / "evidence") as table:
        for text in (
            f"SELECT * FROM read_csv('{tmp_path / 'other.csv'}')",
            f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'",
            "INSTALL httpfs",
            "SET enable_external_access = true",
        ):
            with pytest.raises(duckdb.Error):
                table._connection.execute(text)
    assert not (tmp_path / "out.csv").exists()


async def test_odd_values_lose_no_row(tmp_path: Path) -> None:
    columns = {
        "eventname": ["A", "B", "C"],
        "eventid": ["x-1", "x-2", "x-3"],
        "score": [float("nan"), float("inf"), 1.0],
        "useridentity": ["{type=Root, arn=a}", "no struct", '{"type":"Root","sessioncontext":{"attributes":{}}}'],
        "requestparameters": ["{", "[1]", "null"],
        "raw": [b"\xff", b"a", None],
    }
    parquet(tmp_path / "logs" / "a", columns)
    case = await load_beside(tmp_path)
    found = rows(
        case,
        "SELECT eventID, userIdentity.type AS kind, requestParameters::VARCHAR AS asked, record_problem FROM events"
        " ORDER BY 1",
    )
    assert [(one["eventID"], one["kind"], one["asked"]) for one in found] == [
        ("x-1", "Root", '{"text":"{"}'),
        ("x-2", None, "[1]"),
        ("x-3", "Root", None),
    ]
    assert found[1]["record_problem"] == "userIdentity is a string, not an object; kept in otherFields"


def test_temporary_copies_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "it's temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    data = parquet(tmp_path / "made" / "a", {"eventname": ["A"], "eventid": ["x-1"]})
    put(tmp_path, "a.gz", PACKINGS["gzip"](data))
    put(tmp_path, "we[i]rd*.parquet", data)
    put(tmp_path, "cut", data[:-20])
    case = load(tmp_path)
    assert event_ids(case) == ["x-1"]
    assert [row["status"] for row in evidence(case).values()] == ["loaded", "damaged", "loaded"]
    assert not list(folder.iterdir())


def test_a_copy_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = parquet(tmp_path / "made" / "a", {"eventname": ["A"], "eventid": ["x-1"]})
    put(tmp_path, "a.gz", PACKINGS["gzip"](data))
    usual = Path.open

    def full(self: Path, mode: str = "r", **options: Any) -> Any:
        if mode == "ab":
            raise OSError(28, "No space left on device")
        return usual(self, mode, **options)

    monkeypatch.setattr(Path, "open", full)
    row = evidence(load(tmp_path))["a.gz"]
    assert row["status"] == "damaged"
    assert "No space left" in row["problem"]
    assert len(row["sha256"]) == 64
