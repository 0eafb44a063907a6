"""A full disk ends a load with one clear error, and the case is as it was."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from rootforensics.case import Case
from rootforensics.errors import StorageError
from tests.builders import event, write_log
from tests.ingest.checks import check_counts, event_ids, load, tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of six megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk)]
    try:
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount command")
    if mounted.returncode:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_a_storage_error_and_the_case_is_as_it_was(tmp_path: Path, small_disk: Path) -> None:
    first = [event(), event()]
    write_log(tmp_path / "logs", "a.json.gz", first)
    case = load(small_disk, tmp_path / "logs")
    before = tables(case)
    for number in range(6):
        events = [event(userAgent=f"{number}{index}" * 40) for index in range(4000)]
        write_log(tmp_path / "more", f"{number}.json.gz", events)
    with pytest.raises(StorageError, match="Free some space") as raised:
        case.load(tmp_path / "more")
    assert str(case.path) in str(raised.value)
    check_counts(case)
    assert tables(case) == before
    case.close()
    write_log(tmp_path / "logs", "b.json.gz", [event()])
    load(case, tmp_path / "logs")
    assert len(event_ids(case)) == 3
    case.close()


def test_a_disk_that_is_full_from_the_start_is_a_storage_error(tmp_path: Path, small_disk: Path) -> None:
    write_log(tmp_path / "logs", "a.json.gz", [event()])
    (small_disk / "filler").write_bytes(b"x" * 6 * 1024 * 1024)
    case = Case(small_disk / "case.duckdb")
    with pytest.raises(StorageError):
        case.load(tmp_path / "logs")
    (small_disk / "filler").unlink()
    load(case, tmp_path / "logs")
    assert len(event_ids(case)) == 1
    case.close()
