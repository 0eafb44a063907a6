"""A case as Parquet files holds every row, and other engines read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rootforensics.case import open_case
from rootforensics.engines import files
from rootforensics.errors import StorageError
from rootforensics.reports.exports import parquet
from tests.builders import root_event, write_log

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.case import Case


@pytest.mark.heavy
def test_every_event_is_in_its_account_and_day(case: Case, events: list[dict[str, Any]], tmp_path: Path) -> None:
    counts = case.export(tmp_path / "out")
    assert counts["events"] == len(events)
    assert (counts["root_activity"], counts["root_noise"]) == (5, 1)
    files = sorted(
        path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out" / "events").rglob("*.parquet")
    )
    assert files == [
        "events/account=012345678901/day=2026-08-07/part-0.parquet",
        "events/account=111122223333/day=2026-08-05/part-0.parquet",
        "events/account=111122223333/day=2026-08-06/part-0.parquet",
        "events/account=111122223333/day=unknown/part-0.parquet",
    ]
    read = "SELECT eventID FROM read_parquet($path, hive_types = {account: VARCHAR, day: VARCHAR}) ORDER BY eventID"
    found = duckdb.execute(read, {"path": f"{tmp_path}/out/events/**/*.parquet"}).fetchall()
    assert [row[0] for row in found] == sorted(event["eventID"] for event in events)
    whole = {path.stem for path in (tmp_path / "out").glob("*.parquet")}
    assert whole == {"evidence", "duplicates", "root_sessions", "root_signins", "findings", "indicators", "notes"}


@pytest.mark.heavy
def test_an_account_that_no_folder_can_be_called_loses_no_event(tmp_path: Path) -> None:
    made_up = ["A" * 1000, "\u00e9" * 60, "\u6587" * 300, "../..", "a/b", ".", "~" * 400]
    accounts = ["111122223333", *made_up, *(f"{one}B" for one in made_up)]
    write_log(tmp_path, "logs/a.json", [root_event(recipientAccountId=account) for account in accounts])
    with open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        assert case.export(tmp_path / "out")["events"] == len(accounts)
    folders = [path.name for path in (tmp_path / "out" / "events").iterdir()]
    assert folders == ["account=111122223333"]  # the ARN of the caller names it where the record has no account ID
    read = "SELECT recipientAccountId FROM read_parquet($path, hive_partitioning = false) ORDER BY ALL"
    found = duckdb.execute(read, {"path": f"{tmp_path}/out/events/*/*/*.parquet"}).fetchall()
    assert [row[0] for row in found] == sorted(accounts)


@pytest.mark.heavy
def test_a_row_is_the_one_of_the_case(case: Case, events: list[dict[str, Any]], tmp_path: Path) -> None:
    case.export(tmp_path / "out")
    path = f"{tmp_path}/out/events/*/day=2026-08-06/*.parquet"
    found = duckdb.execute("SELECT * FROM read_parquet($path, hive_partitioning = false)", {"path": path}).fetchall()
    wanted = case.sql("FROM events WHERE eventID = $id", id=events[2]["eventID"]).rows
    assert [list(row) for row in found] == [list(row.values()) for row in wanted]


@pytest.mark.heavy
def test_many_parts_are_few_files_in_the_order_of_account_and_day(
    case: Case, events: list[dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "MOST_PARTS", 3)
    case.export(tmp_path / "out")
    held = tmp_path / "out" / "events"
    assert [path.name for path in held.iterdir()] == ["part-0.parquet"]
    read = "SELECT account, day, eventID FROM read_parquet($path)"
    found = duckdb.execute(read, {"path": f"{held}/*.parquet"}).fetchall()
    assert sorted(row[2] for row in found) == sorted(event["eventID"] for event in events)
    assert [row[:2] for row in found] == sorted(row[:2] for row in found)
    assert {("012345678901", "2026-08-07"), ("111122223333", "unknown")} < {row[:2] for row in found}


def test_a_file_is_ended_where_it_is_large_and_groups_of_rows_are_not_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "FILE_BYTES", 4000)
    monkeypatch.setattr(files, "_GROUP_BYTES", 2000)
    rows = pa.table({"text": [f"{number:0500}" for number in range(20)]})
    with files.SizedFiles(tmp_path, rows.schema) as sized:
        for place in range(20):
            sized.write(rows.slice(place, 1))
    held = [pq.ParquetFile(path) for path in sorted(tmp_path.iterdir())]
    assert 1 < len(held) < 10
    assert sum(one.metadata.num_rows for one in held) == 20
    assert all(one.metadata.row_group(0).num_rows >= 4 for one in held[:-1])
    assert [value for one in held for value in one.read()["text"].to_pylist()] == rows["text"].to_pylist()
    (tmp_path / "none").mkdir()
    with files.SizedFiles(tmp_path / "none", rows.schema):
        pass
    assert pq.read_table(tmp_path / "none").num_rows == 0


@pytest.mark.heavy
def test_what_is_there_is_never_written_over(case: Case, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert case.export(tmp_path / "out")["events"] == 7
    with pytest.raises(StorageError, match="there is something already"):
        case.export(tmp_path / "out")
    (tmp_path / "a.json").write_bytes(b"{}")
    with pytest.raises(StorageError, match="there is something already"):
        case.export(tmp_path / "a.json")
    assert not list(tmp_path.glob(".*partial"))
