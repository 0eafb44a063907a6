"""The command that rebuilds a case of another format from its evidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pytest

from rootforensics.ingest.rebuild import hint_for_other_format

if TYPE_CHECKING:
    from pathlib import Path

_SINCE = '[{"since": "2026-08-01T00:00:00Z", "accounts": ["111122223333", "444455556666"], "root_related": true}]'
CASES = {
    "files of one folder": (
        {"file:///e/x%20y/a/1.json": "[{}]", "file:///e/x%20y/b/2.json": "[{}]"},
        ["'/e/x y'"],
    ),
    "one file": ({"file:///e/logs/a.zip": "[{}]"}, ["/e/logs/a.zip"]),
    "two buckets and a folder": (
        {"s3://one/AWSLogs/1/a": "[{}]", "s3://one/AWSLogs/2/b": "[{}]", "s3://two/c": "[{}]", "file:///e/f/d": "[{}]"},
        ["/e/f/d", "s3://one/AWSLogs/", "s3://two/c"],
    ),
    "the same filters": (
        {"s3://one/a/1": _SINCE, "s3://one/a/2": _SINCE},
        [
            *("s3://one/a/", "--since", "2026-08-01T00:00:00Z"),
            *("--account-id", "111122223333", "--account-id", "444455556666", "--root-related"),
        ],
    ),
    "other filters": ({"s3://one/a/1": _SINCE, "s3://one/a/2": "[{}]"}, ["s3://one/a/"]),
    "files that have no folder in common": ({"file:///a/1.json": "[{}]", "file:///b/2.json": "[{}]"}, ["EVIDENCE"]),
    "nothing": ({}, ["EVIDENCE"]),
}


@pytest.mark.parametrize("name", CASES)
def test_the_command_names_the_evidence_and_the_filters_of_the_case(name: str, tmp_path: Path) -> None:
    evidence, told = CASES[name]
    with duckdb.connect(str(tmp_path / "old.duckdb")) as connection:
        connection.execute("CREATE TABLE evidence (uri VARCHAR, archive_id INTEGER, filters JSON)")
        for uri, filters in evidence.items():
            connection.execute("INSERT INTO evidence VALUES (?, NULL, ?)", [uri, filters])
        hint = hint_for_other_format(connection, "17", 18)
    command = " ".join(["rootforensics load", str(tmp_path / "old-new.duckdb"), *told])
    assert hint.startswith(f"Rebuild it from its evidence: {command}. Notes, ")
    assert hint.endswith(
        "keep this file, which versions of format 17 can read, write the notes anew and ask posture again"
    )


def test_a_case_whose_ledger_cannot_be_read_is_told_the_command_without_its_evidence() -> None:
    with duckdb.connect() as connection:
        hint = hint_for_other_format(connection, "17", 18)
    assert hint.startswith("Rebuild it from its evidence: rootforensics load NEW.duckdb EVIDENCE. Notes, ")


def test_a_case_of_a_later_format_is_not_rebuilt_with_an_earlier_version() -> None:
    with duckdb.connect() as connection:
        hint = hint_for_other_format(connection, "19", 18)
    assert hint == "A later version wrote it. Open it with a version of rootforensics that reads format 19"
