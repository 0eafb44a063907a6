"""What is preserved: exact bytes and metadata, loadable again without S3."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from rootforensics.case import Case
from rootforensics.sources.s3.connection import S3Options
from rootforensics.sources.s3.preserve import place_of
from tests.builders import event, gz, records_file
from tests.conftest import SAMPLE_LOGS
from tests.ingest.checks import evidence, rows, tables
from tests.sources.s3_server import client, fill, folder_as_objects


def test_the_preserved_bytes_load_like_the_bucket(tmp_path: Path, s3: S3Options) -> None:
    kept = tmp_path / "kept"
    without = ("uri", "etag", "version_id", "modified_time")
    with Case(tmp_path / "s3.duckdb") as online, Case(tmp_path / "files.duckdb") as offline:
        online.load("s3://sample/logs/", s3=replace(s3, preserve=kept))
        offline.load(kept)
        for table in ("evidence", "events", "duplicates"):
            assert tables(offline, without=without)[table] == tables(online, without=without)[table]
    for name, body in folder_as_objects(SAMPLE_LOGS).items():
        assert (kept / "sample" / "logs" / name).read_bytes() == body


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


@pytest.mark.parametrize("key", ["../../up.json", "/rooted.json", "a//b.json", "x" * 300, "a\0b", "a/./b", "a.s3.json"])
def test_odd_keys_stay_inside_the_folder(tmp_path: Path, key: str) -> None:
    path = place_of(tmp_path, "bucket", key)
    assert path.parent == tmp_path / "bucket" / "odd-keys"
    assert path.name == hashlib.sha256(key.encode()).hexdigest()


def test_what_was_kept_is_not_written_over_when_the_object_changes(tmp_path: Path, s3_url: str, s3: S3Options) -> None:
    bodies = [gz(records_file([event()])) for _ in range(2)]
    kept = tmp_path / "kept"
    fill(s3_url, "changing", {"other.json": records_file([])})
    with Case(tmp_path / "case.duckdb") as case:
        for body in (*bodies, bodies[1]):
            client(s3_url).put_object(Bucket="changing", Key="logs/a.json.gz", Body=body)
            case.load("s3://changing", s3=replace(s3, preserve=kept))
    shas = [hashlib.sha256(body).hexdigest() for body in bodies]
    assert (kept / "changing" / "logs" / "a.json.gz").read_bytes() == bodies[0]
    beside = kept / "changed-objects" / shas[1][:16] / "changing" / "logs"
    assert (beside / "a.json.gz").read_bytes() == bodies[1]
    assert json.loads((beside / "a.json.gz.s3.json").read_text())["sha256"] == shas[1]
    assert json.loads((kept / "changing" / "logs" / "a.json.gz.s3.json").read_text())["sha256"] == shas[0]
    with Case(tmp_path / "offline.duckdb") as offline:
        offline.load(kept)
        assert {row["sha256"] for row in rows(offline, "FROM evidence WHERE status = 'loaded'")} == set(shas)
