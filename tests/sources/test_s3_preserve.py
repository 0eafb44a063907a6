"""What is preserved: exact bytes and metadata, loadable again without S3."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest

from rootforensics.case import Case
from rootforensics.errors import StorageError
from rootforensics.sources.names import UNFINISHED_SUFFIX
from rootforensics.sources.s3 import preserve
from rootforensics.sources.s3.connection import S3Options
from rootforensics.sources.s3.objects import S3Object
from rootforensics.sources.s3.preserve import place_of
from rootforensics.sources.unfinished import open_unfinished
from tests.builders import event, gz, records_file
from tests.conftest import SAMPLE_LOGS
from tests.ingest.checks import check_counts, evidence, rows, tables
from tests.sources.s3_proxy import Proxy
from tests.sources.s3_server import client, fill, folder_as_objects, make_bucket


@pytest.mark.parametrize(
    "below", ["AWSLogs/111122223333/CloudTrail/us-east-2/", pytest.param("", marks=pytest.mark.heavy)]
)
@pytest.mark.quick(1)
def test_the_preserved_bytes_load_like_the_bucket(tmp_path: Path, s3: S3Options, below: str) -> None:
    kept = tmp_path / "kept"
    without = ("uri", "etag", "version_id", "modified_time")
    with Case(tmp_path / "s3.duckdb") as online, Case(tmp_path / "files.duckdb") as offline:
        online.load(f"s3://sample/logs/{below}", s3=replace(s3, preserve=kept))
        offline.load(kept)
        for table in ("evidence", "events", "duplicates"):
            assert tables(offline, without=without)[table] == tables(online, without=without)[table]
    bodies = folder_as_objects(SAMPLE_LOGS / below)
    assert bodies
    for name, body in bodies.items():
        assert (kept / "sample" / "logs" / below / name).read_bytes() == body


def test_the_sidecar_says_what_s3_says(tmp_path: Path, s3_url: str, s3: S3Options) -> None:
    body = gz(records_file([event()]))
    fill(s3_url, "signed", {"a.json.gz": b""})
    metadata = {"signature": "abcdef", "signature-algorithm": "SHA256withRSA"}
    client(s3_url).put_object(Bucket="signed", Key="a.json.gz", Body=body, Metadata=metadata)
    with Case(tmp_path / "case.duckdb") as case:
        case.load("s3://signed", s3=replace(s3, preserve=tmp_path / "kept"))
        etag = evidence(case)["a.json.gz"]["etag"]
    told = json.loads((tmp_path / "kept" / "signed" / "a.json.gz.s3.json").read_text())
    assert told["metadata"] == metadata
    assert told["sha256"] == hashlib.sha256(body).hexdigest()
    assert (told["etag"], told["key"], told["size_bytes"]) == (etag, "a.json.gz", len(body))
    assert etag == hashlib.md5(body, usedforsecurity=False).hexdigest()  # that of an object put at one go
    assert sorted(path.name for path in (tmp_path / "kept" / "signed").iterdir()) == ["a.json.gz", "a.json.gz.s3.json"]


def test_only_what_says_so_is_a_sidecar(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for name in ("a.json", "a.json.s3.json"):
        (logs / name).write_bytes(records_file([event()]))
    with Case(tmp_path / "case.duckdb") as case:
        case.load(logs)
        assert len(rows(case, "FROM evidence")) == 2


@pytest.mark.parametrize(
    "key",
    [
        "../../up.json",
        "/rooted.json",
        "a//b.json",
        "x" * 300,
        "a\0b",
        "a/./b",
        "a.s3.json",
        "a.s3.json/b",
        "a/",
        "odd-keys/b",
    ],
)
def test_odd_keys_stay_inside_the_folder(tmp_path: Path, key: str) -> None:
    path = place_of(tmp_path, "bucket", key)
    assert path.parent == tmp_path / "bucket" / "odd-keys"
    assert path.name == hashlib.sha256(key.encode()).hexdigest()


def test_what_was_kept_is_not_written_over_when_the_object_changes(tmp_path: Path, s3_url: str, s3: S3Options) -> None:
    bodies = [gz(records_file([event()])) for _ in range(2)]
    kept = tmp_path / "kept"
    fill(s3_url, "changing-kept", {"other.json": records_file([])})
    with Case(tmp_path / "case.duckdb") as case:
        for body in (*bodies, bodies[1]):
            client(s3_url).put_object(Bucket="changing-kept", Key="logs/a.json.gz", Body=body)
            case.load("s3://changing-kept", s3=replace(s3, preserve=kept))
    shas = [hashlib.sha256(body).hexdigest() for body in bodies]
    assert (kept / "changing-kept" / "logs" / "a.json.gz").read_bytes() == bodies[0]
    beside = kept / "changed-objects" / shas[1][:16] / "changing-kept" / "logs"
    assert (beside / "a.json.gz").read_bytes() == bodies[1]
    assert json.loads((beside / "a.json.gz.s3.json").read_text())["sha256"] == shas[1]
    assert json.loads((kept / "changing-kept" / "logs" / "a.json.gz.s3.json").read_text())["sha256"] == shas[0]
    with Case(tmp_path / "offline.duckdb") as offline:
        offline.load(kept)
        assert {row["sha256"] for row in rows(offline, "FROM evidence WHERE status = 'loaded'")} == set(shas)


#: Keys of which no folder holds all: one is a folder of others, and some are no names of files.
CLASHING = (
    "logs", "logs/a", "logs/a/b.json", "logs.s3.json/c.json", "d//e.json", "n" * 250 + "/g.json",
    "odd-keys/h.json", "i\\j:k*?.json", "l\x01m.json", "o" * 247,
)  # fmt: skip


@pytest.mark.parametrize("order", [1, pytest.param(-1, marks=pytest.mark.heavy)])
@pytest.mark.quick(1)
def test_keys_that_no_folder_can_hold_are_kept_all_the_same(
    tmp_path: Path, s3_url: str, s3: S3Options, order: int
) -> None:
    bucket, kept = f"clashing{order}", tmp_path / "kept"
    admin = make_bucket(s3_url, bucket)
    for key in CLASHING:  # one after another: what the server takes hangs on what it holds
        admin.put_object(Bucket=bucket, Key=key, Body=gz(records_file([event()])))
    listed = [found["Key"] for found in admin.list_objects_v2(Bucket=bucket)["Contents"]]
    # To the server "//" and a backslash are "/".
    assert sorted(listed) == sorted(key.replace("//", "/").replace("\\", "/") for key in CLASHING)
    bodies = {key: admin.get_object(Bucket=bucket, Key=key)["Body"].read() for key in listed}
    with Case(tmp_path / "case.duckdb") as case:
        for key in listed[::order]:
            case.load(f"s3://{bucket}/{key}", s3=replace(s3, preserve=kept))
    with Case(tmp_path / "offline.duckdb") as offline:
        offline.load(kept)
        check_counts(offline)
        shas = {row["sha256"] for row in rows(offline, "FROM evidence")}
    assert shas == {hashlib.sha256(body).hexdigest() for body in bodies.values()}
    told = [json.loads(path.read_text()) for path in kept.rglob("*.s3.json") if path.is_file()]
    assert sorted(one["key"] for one in told) == sorted(listed)
    assert not (kept / "unfinished").exists()


def test_objects_that_are_streamed_at_the_same_time_are_kept_each_by_itself(
    tmp_path: Path, s3_url: str, s3: S3Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rootforensics.sources.s3.objects.WHOLE_BYTES", 4 * 1024)
    bodies = {f"{number}.json": records_file([event() for _ in range(600)]) for number in range(6)}
    fill(s3_url, "streamed", bodies)
    with Case(tmp_path / "case.duckdb") as case:
        result = case.load("s3://streamed", s3=replace(s3, preserve=tmp_path / "kept"), jobs=1)
        assert (result.new_count, result.missing_count) == (3_600, 0)
    assert {name: (tmp_path / "kept" / "streamed" / name).read_bytes() for name in bodies} == bodies


def test_a_full_disk_ends_the_load_and_says_so(
    tmp_path: Path, s3_url: str, s3: S3Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(s3_url, "full", {"a.json.gz": gz(records_file([event()]))})
    opened = Path.open
    monkeypatch.setattr(
        Path,
        "open",
        lambda path, *rest, **named: opened(
            Path("/dev/full") if path.name.endswith(UNFINISHED_SUFFIX) else path, *rest, **named
        ),
    )
    with (
        Case(tmp_path / "case.duckdb") as case,
        pytest.raises(StorageError, match=r"cannot preserve the object \(No space left on device\)"),
    ):
        case.load("s3://full", s3=replace(s3, preserve=tmp_path / "kept"))


_PRESERVED = """
import sys
from pathlib import Path
from rootforensics.case import Case
from rootforensics.sources.s3 import preserve
from rootforensics.sources.s3.connection import S3Options
from rootforensics.sources.s3 import objects
objects.WHOLE_BYTES = 2 * 1024 * 1024
Case(sys.argv[1]).load(sys.argv[2], s3=S3Options(endpoint_url=sys.argv[3], preserve=Path(sys.argv[4])))
"""


@pytest.mark.heavy
def test_what_a_kill_leaves_half_fetched_is_no_evidence(tmp_path: Path, s3_url: str, proxy: Proxy) -> None:
    body = records_file([event(otherField="x" * 1000) for _ in range(3_000)])
    assert len(body) > 4 * 1024 * 1024, "large enough to be streamed"
    fill(s3_url, "killed", {"a.json": body})
    kept = tmp_path / "kept"
    proxy.hold_body_after = 2 * 1024 * 1024
    command = [sys.executable, "-c", _PRESERVED, str(tmp_path / "case.duckdb"), "s3://killed", proxy.url, str(kept)]
    with subprocess.Popen(command) as child:
        assert proxy.holding.wait(600)
        while not any(path.stat().st_size for path in kept.rglob(f"*{UNFINISHED_SUFFIX}")):
            assert child.poll() is None
        os.kill(child.pid, signal.SIGKILL)
    proxy.release.set()
    proxy.hold_body_after = 0
    with Case(tmp_path / "offline.duckdb") as offline:
        offline.load(kept)
        (row,) = rows(offline, "FROM evidence")
        assert (row["status"], row["record_count"]) == ("unreadable", 0)
        assert "a download that was stopped before its end" in row["problem"]
    with Case(tmp_path / "case.duckdb") as case:
        case.load("s3://killed", s3=S3Options(endpoint_url=proxy.url, preserve=kept))
    assert sorted(path.name for path in kept.rglob("*") if path.is_file()) == ["a.json", "a.json.s3.json"]
    assert (kept / "killed" / "a.json").read_bytes() == body


@pytest.mark.heavy
def test_two_loads_that_preserve_at_once_write_nothing_over(tmp_path: Path, s3_url: str) -> None:
    bodies = {f"{number}.json": records_file([event()]) for number in range(12)}
    fill(s3_url, "at-once", bodies)
    kept = tmp_path / "kept"
    both = [tmp_path / "one.duckdb", tmp_path / "two.duckdb"]
    commands = [[sys.executable, "-c", _PRESERVED, str(case), "s3://at-once", s3_url, str(kept)] for case in both]
    children = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for command in commands]
    for child in children:
        _, said = child.communicate()
        assert child.returncode == 0, said
    files = {path.relative_to(kept / "at-once").as_posix(): path.read_bytes() for path in (kept / "at-once").iterdir()}
    assert {name: body for name, body in files.items() if not name.endswith(".s3.json")} == bodies
    assert {name for name in files if name.endswith(".s3.json")} == {f"{name}.s3.json" for name in bodies}
    assert [path.name for path in kept.iterdir()] == ["at-once"]


@pytest.mark.parametrize("first", [b"first", b"second"])
def test_objects_of_one_key_that_are_placed_at_once_are_both_kept(tmp_path: Path, first: bytes) -> None:
    """Two processes place other bytes under one key: the lock of the folder makes one of them wait."""
    held = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    bucket = SimpleNamespace(name="logs")
    threads = []
    for body in (first, b"other"):
        found: Any = S3Object(bucket, "a.json", len(body))  # type: ignore[arg-type]
        threads.append(Thread(target=lambda found=found, body=body: list(preserve.kept(found, [body], tmp_path))))
        threads[-1].start()
    while len(list((tmp_path / "unfinished").glob("*"))) < 2:
        assert all(thread.is_alive() for thread in threads)
    assert not (tmp_path / "logs").exists()
    os.close(held)
    for thread in threads:
        thread.join()
    kept = {path.read_bytes() for path in tmp_path.rglob("a.json")}
    assert kept == {first, b"other"}


def test_a_load_that_ends_takes_no_folder_from_one_that_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = tmp_path / "unfinished" / f"1-1{UNFINISHED_SUFFIX}"
    opened, gone = Path.open, []

    def open_late(path: Path, *rest: Any, **named: Any) -> Any:
        if not gone:
            gone.append(path.parent)
            path.parent.rmdir()  # what another load does as it ends
        return opened(path, *rest, **named)

    monkeypatch.setattr(Path, "open", open_late)
    with open_unfinished(part) as file:
        file.write(b"x")
    assert part.read_bytes() == b"x"
