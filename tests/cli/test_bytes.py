"""Arguments are bytes, and need not be text."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import rootforensics as rf
from tests.builders import root_event, write_log

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rootforensics.case import Case

NO_TEXT = os.fsdecode(b"\xff")


def run(arguments: Sequence[str], folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "rootforensics", *arguments],
        cwd=folder, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    return done.returncode, done.stderr.decode("utf-8", "backslashreplace")


@pytest.mark.heavy
def test_a_case_must_have_a_name_of_text(tmp_path: Path) -> None:
    write_log(tmp_path, "a.json", [root_event()])
    status, told = run(["load", f"{NO_TEXT}.duckdb", "a.json"], tmp_path)
    assert status == 1
    assert told.startswith("rootforensics: ")
    assert told.endswith(".duckdb: the path of a case must be UTF-8. Name another path\n")
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_a_statement_must_be_text(sample_case: Case) -> None:
    for dialect in ("duckdb", "athena", "trino", "spark"):
        with pytest.raises(rf.QueryError, match="contains bytes that are not text"):
            sample_case.sql(f'SELECT 1 AS "{NO_TEXT}"', dialect)


def test_a_value_must_be_text(sample_case: Case) -> None:
    with pytest.raises(rf.QueryError, match="a value contains bytes that are not text"):
        sample_case.sql("SELECT $x", x=NO_TEXT)
    with pytest.raises(
        rf.RootForensicsError, match=r"raw: a value contains bytes that are not text\. Write it as UTF-8"
    ):
        sample_case.raw(NO_TEXT)


def test_results_lie_in_a_folder_of_any_name(empty_case: Case, tmp_path: Path) -> None:
    empty_case.export(tmp_path / NO_TEXT)
    assert {path.stem for path in (tmp_path / NO_TEXT).iterdir()} >= {"evidence", "root_sessions", "findings", "notes"}
    assert (tmp_path / NO_TEXT / "evidence.parquet").read_bytes()[:4] == b"PAR1"


@pytest.mark.quick(1)
@pytest.mark.parametrize("ratio", ["nan", "0.5", "-inf"])
def test_a_ratio_is_a_number_from_one_on(ratio: str, tmp_path: Path) -> None:
    with pytest.raises(rf.FilterError, match="is not a ratio"):
        rf.Limits(max_ratio=float(ratio))
    write_log(tmp_path, "a.json", [root_event()])
    status, told = run(["load", "c.duckdb", "a.json", f"--max-ratio={ratio}"], tmp_path)
    assert status == 2
    assert "Traceback" not in told
    assert not (tmp_path / "c.duckdb").exists()
