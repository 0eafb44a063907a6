"""Connections: what does not fit into memory goes to a folder beside the case."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from rootforensics.engines.duckdb import open_reader, open_writer
from rootforensics.errors import CaseError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import duckdb

#: Some 300 MB, sorted by what has no order yet.
ROWS = 500_000
TEXTS = f"SELECT range AS number, repeat(md5(range::VARCHAR), 10) AS text FROM range({ROWS})"


def sort_in_little_memory(connection: duckdb.DuckDBPyConnection, texts: str) -> int:
    reader = connection.sql(f"SELECT text FROM ({texts}) ORDER BY text").to_arrow_reader(10_000)
    return sum(batch.num_rows for batch in reader)


@pytest.mark.heavy
@pytest.mark.parametrize("name", ["case.duckdb", "a case.db", "md:case"])
def test_a_writer_spills_beside_the_case(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with open_writer(tmp_path / name) as writer:
        writer.execute("SET threads = 1")
        writer.execute("SET memory_limit = '60MiB'")
        assert sort_in_little_memory(writer, TEXTS) == ROWS
        assert list((tmp_path / f"{name}.tmp").iterdir())
    assert [found.name for found in tmp_path.iterdir()] == [name]


@pytest.mark.heavy
def test_a_reader_spills_beside_the_case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rootforensics.engines.duckdb._READER_SETTINGS", ("SET memory_limit = '60MiB'",))
    with open_writer(tmp_path / "case.duckdb") as writer:
        writer.execute(f"CREATE TABLE texts AS {TEXTS}")
    with open_reader(tmp_path / "case.duckdb") as reader:
        reader.execute("SET threads = 1")
        assert sort_in_little_memory(reader, "FROM texts") == ROWS
    assert [found.name for found in tmp_path.iterdir()] == ["case.duckdb"]


@pytest.mark.skipif(os.sep != "/", reason="a backslash parts folders")
@pytest.mark.parametrize("opened", [open_reader, open_writer])
def test_a_path_with_a_backslash_opens_no_other_file(
    tmp_path: Path, opened: Callable[[Path], duckdb.DuckDBPyConnection]
) -> None:
    (tmp_path / "a").mkdir()
    open_writer(tmp_path / "a" / "b.duckdb").close()
    (tmp_path / "a\\b.duckdb").write_bytes((tmp_path / "a" / "b.duckdb").read_bytes())
    with pytest.raises(CaseError, match="backslash"):
        opened(tmp_path / "a\\b.duckdb")


@pytest.mark.heavy
def test_planning_takes_as_long_as_the_statement(sample_path: Path) -> None:
    """Four times the parts may take eight times the CPU of the thread that plans; it took 16 times and more."""
    with open_reader(sample_path) as reader:

        def seconds(parts: int) -> float:
            begun = time.thread_time()
            reader.execute("EXPLAIN " + " UNION ALL ".join(["SELECT eventname FROM cloudtrail_logs"] * parts))
            return time.thread_time() - begun

        seconds(1)
        few = min(seconds(20) for _ in range(3))
        assert seconds(80) <= 8 * few
