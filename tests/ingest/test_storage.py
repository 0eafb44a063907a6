"""A full disk ends a load with one clear error, and the case is as it was."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
import sys
from secrets import token_hex
from typing import TYPE_CHECKING

import duckdb
import pytest

import rootforensics as rf
from rootforensics.case import Case
from rootforensics.engines.duckdb import storage_errors
from rootforensics.errors import StorageError
from tests.builders import event, write_log
from tests.ingest.checks import check_counts, event_ids, load, tables

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def small_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A file system of eight megabytes, or as many as a parameter says."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={getattr(request, 'param', 8)}m", "tmpfs", str(disk)]
    try:
        mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount command")
    if mounted.returncode:
        pytest.skip(f"a small file system cannot be mounted here: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.heavy
def test_a_full_disk_is_a_storage_error_and_the_case_is_as_it_was(tmp_path: Path, small_disk: Path) -> None:
    (small_disk / "filler").write_bytes(b"x" * 1024 * 1024)
    write_log(tmp_path / "logs", "a.json.gz", [event(), event()])
    case = load(small_disk, tmp_path / "logs")
    before = tables(case)
    for number in range(6):
        events = [event(userAgent=f"{number}{index}" * 40) for index in range(4000)]
        write_log(tmp_path / "more", f"{number}.json.gz", events)
    with pytest.raises(StorageError, match=r"Free some space .*; the case is as it was") as raised:
        case.load(tmp_path / "more")
    assert str(case.path) in str(raised.value)
    check_counts(case)
    assert tables(case) == before
    case.close()
    (small_disk / "filler").unlink()
    write_log(tmp_path / "logs", "b.json.gz", [event()])
    load(case, tmp_path / "logs")
    assert len(event_ids(case)) == 3
    case.close()


@pytest.mark.heavy
@pytest.mark.parametrize("small_disk", [3], indirect=True)
def test_a_merge_onto_a_full_disk_leaves_nothing(tmp_path: Path, small_disk: Path) -> None:
    events = [event(requestParameters={"text": token_hex(400)}) for _ in range(4000)]
    write_log(tmp_path / "logs", "large.json.gz", events)
    part = load(tmp_path)
    part.close()
    with pytest.raises(StorageError, match=r"Free some space .*; the case is as it was"):
        rf.merge(small_disk / "all.duckdb", [part.path])
    assert not [*small_disk.iterdir()]


@pytest.mark.parametrize("small_disk", [12], indirect=True)
@pytest.mark.heavy
def test_a_load_that_is_done_is_in_the_file_alone_or_says_so(tmp_path: Path, small_disk: Path) -> None:
    """The engine writes what is committed beside the file first, and is silent where it cannot bring it in."""
    write_log(tmp_path / "first", "a.json.gz", [event()])
    write_log(tmp_path / "more", "b.json.gz", [event(requestParameters={"text": token_hex(200)}) for _ in range(1400)])
    path, told = small_disk / "case.duckdb", []
    for free in range(1200, 3600, 400):
        for one in small_disk.iterdir():
            one.unlink()
        load(small_disk, tmp_path / "first").close()
        (small_disk / "filler").write_bytes(b"x" * max(shutil.disk_usage(small_disk).free - free * 1024, 0))
        with Case(path) as case:
            try:
                case.load(tmp_path / "more")
            except StorageError as error:
                told.append(str(error))
                shutil.copy(path, tmp_path / "copy.duckdb")
                with Case(tmp_path / "copy.duckdb") as alone:
                    assert len(event_ids(alone)) == 1
                if "part of it is in case.duckdb.wal" in told[-1]:
                    assert len(event_ids(case)) == 1401
                (small_disk / "filler").unlink()
                case.load(tmp_path / "more")
        shutil.copy(path, tmp_path / "copy.duckdb")
        with Case(tmp_path / "copy.duckdb") as alone:
            assert len(event_ids(alone)) == 1401, free
    assert any("part of it is in case.duckdb.wal" in one for one in told)


@pytest.mark.heavy
@pytest.mark.parametrize("small_disk", [12], indirect=True)
def test_a_note_is_in_the_file_alone_or_says_so(tmp_path: Path, small_disk: Path) -> None:
    write_log(tmp_path / "logs", "a.json.gz", [event()])
    load(small_disk, tmp_path / "logs").close()
    told = []
    for free in range(0, 1200, 200):
        (small_disk / "filler").write_bytes(b"x" * max(shutil.disk_usage(small_disk).free - free * 1024, 0))
        with Case(small_disk / "case.duckdb") as case:
            try:
                case.note("1:0", token_hex(9_999))
            except StorageError as error:
                told.append(str(error))
            count = len(case.notes())
        shutil.copy(small_disk / "case.duckdb", tmp_path / "copy.duckdb")
        with Case(tmp_path / "copy.duckdb") as alone:
            assert len(alone.notes()) == count or "part of it is in case.duckdb.wal" in told[-1]
        (small_disk / "filler").unlink()
    assert count
    assert any("part of it is in case.duckdb.wal" in one for one in told)


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


_LIMITED = (
    "import resource, signal, sys; sys.dont_write_bytecode = True; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2); del sys.argv[1]; "
    "from rootforensics.cli import main; main()"
)


@pytest.mark.heavy
@pytest.mark.parametrize("held", [pytest.param(0, marks=pytest.mark.heavy), 2])
@pytest.mark.quick(1)
def test_a_file_that_may_not_become_larger_is_told_in_one_line(tmp_path: Path, held: int) -> None:
    """The engine says so at the commit, and not as an error of a file."""
    path, folder = tmp_path / "cases" / "case.duckdb", tmp_path / "logs"
    path.parent.mkdir()
    write_log(folder, "a.json.gz", [event() for _ in range(held or 1)])
    before = None
    if held:
        with Case(path) as case:
            case.load(folder)
            before = tables(case)
    write_log(folder, "b.json.gz", [event(requestParameters={"text": token_hex(2000)}) for _ in range(1000)])
    limit = (path.stat().st_size if held else 0) + 100_000
    command = [sys.executable, "-c", _LIMITED, str(limit), "load", str(path), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    (told,) = [line for line in done.stderr.splitlines() if line.startswith("rootforensics:")]
    assert told.startswith(f"rootforensics: {path}: cannot write (")
    assert "File too large" in told
    assert "Traceback" not in done.stderr
    if held:
        with Case(path) as case:
            assert tables(case) == before
    else:
        assert list(path.parent.iterdir()) == []
    with Case(path) as case:
        case.load(folder)
        assert len(case.sql("SELECT 1 FROM events")) == (held or 1) + 1000


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO])
def test_a_commit_that_fails_for_the_disk_is_a_storage_error(tmp_path: Path, number: int) -> None:
    said = f'TransactionContext Error: Failed to commit: Could not write file "x.wal": {os.strerror(number)}'
    with pytest.raises(StorageError, match=re.escape(os.strerror(number))), storage_errors(tmp_path / "case.duckdb"):
        raise duckdb.TransactionException(said)
    with pytest.raises(duckdb.TransactionException), storage_errors(tmp_path / "case.duckdb"):
        raise duckdb.TransactionException("TransactionContext Error: Conflict on update!")
