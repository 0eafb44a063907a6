"""Archives in S3 are taken apart as those of this machine, step by step, and fetched once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rootforensics.case import Case
from rootforensics.engines.running import what_is_kept
from rootforensics.errors import OriginalError
from rootforensics.ingest import steps
from rootforensics.ingest.filters import Filters
from rootforensics.sources.s3.connection import S3Options
from tests.builders import event, gz, record, records_file, root_event
from tests.ingest.checks import check_counts, event_ids, rows, tables
from tests.ingest.packing import files_in, tar_of, zip_of
from tests.sources.s3_server import client, fill

EVENTS = [event() for _ in range(4)] + [root_event()]
OBJECTS = {
    "a.json.gz": gz(records_file(EVENTS[:1])),
    "b.zip": zip_of({"x.json": record(EVENTS[1]), "in.tar": tar_of({"y.json": record(EVENTS[2])})}),
    "c.tar.gz": tar_of({"z.json": record(EVENTS[3])}, compression="gz"),
    "d.json": record(EVENTS[4]),
}
IDS = [one["eventID"] for one in EVENTS]


@pytest.mark.heavy
@pytest.mark.parametrize("step_objects", [1, 5000])
def test_archives_in_s3(
    tmp_path: Path, s3_url: str, s3: S3Options, monkeypatch: pytest.MonkeyPatch, step_objects: int
) -> None:
    monkeypatch.setattr(steps, "_STEP_OBJECTS", step_objects)
    bucket = f"packed{step_objects}"
    fill(s3_url, bucket, OBJECTS)
    with Case(tmp_path / "case.duckdb") as case:
        result = case.load(f"s3://{bucket}", s3=s3)
        check_counts(case)
        assert (result.object_count, result.member_count, result.missing_count) == (4, 4, 0)
        found = rows(case, "SELECT evidence_id, archive_id, uri, status FROM evidence ORDER BY evidence_id")
        top = f"s3://{bucket}/"
        assert [(row["evidence_id"], row["archive_id"], row["uri"].removeprefix(top)) for row in found] == [
            (1, None, "a.json.gz"), (2, None, "b.zip"), (3, 2, "b.zip!/x.json"), (4, 2, "b.zip!/in.tar"),
            (5, 4, "b.zip!/in.tar!/y.json"), (6, None, "c.tar.gz"), (7, 6, "c.tar.gz!/z.json"), (8, None, "d.json"),
        ]  # fmt: skip
        assert event_ids(case) == IDS
        assert case.raw(IDS[2], s3=s3) == record(EVENTS[2])
        before = tables(case)
        result = case.load(f"s3://{bucket}", s3=s3)
        assert (result.unchanged_count, tables(case)) == (8, before)
        client(s3_url).put_object(Bucket=bucket, Key="b.zip", Body=zip_of({"x.json": b"{}"}))
        with pytest.raises(OriginalError):
            case.raw(IDS[1], s3=s3)


@pytest.mark.heavy
def test_an_interrupted_load_gets_the_ids_of_one_that_was_not(
    tmp_path: Path, s3_url: str, s3: S3Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "_STEP_OBJECTS", 1)
    fill(s3_url, "stopped", OBJECTS)
    with Case(tmp_path / "whole.duckdb") as whole, Case(tmp_path / "case.duckdb") as case:
        whole.load("s3://stopped", s3=s3)

        def stop(done: object) -> None:
            if done.objects == 6:  # type: ignore[attr-defined]
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            case.load("s3://stopped", s3=s3, progress=stop, jobs=1)
        held = rows(case, "SELECT count(*) AS n, (SELECT count(*) FROM events) AS events FROM evidence")[0]
        assert held["n"] == 5 + 1  # the place, which is not read to its end
        assert what_is_kept() == f"the case keeps what was committed (new events: {held['events']})"
        case.load("s3://stopped", s3=s3)
        check_counts(case)
        assert tables(case) == tables(whole)


@pytest.mark.heavy
def test_wider_filters_fetch_an_archive_again(tmp_path: Path, s3_url: str, s3: S3Options) -> None:
    fill(s3_url, "wider", OBJECTS)
    with Case(tmp_path / "case.duckdb") as case:
        case.load("s3://wider", s3=s3, filters=Filters(root_related=True))
        assert event_ids(case) == IDS[4:]
        case.load("s3://wider", s3=s3)
        check_counts(case, filtered=True)
        assert event_ids(case) == IDS


def test_a_preserved_folder_can_be_packed(tmp_path: Path, s3_url: str, s3: S3Options) -> None:
    fill(s3_url, "kept", OBJECTS)
    folder = tmp_path / "kept"
    with Case(tmp_path / "s3.duckdb") as online:
        online.load("s3://kept", s3=replace(s3, preserve=folder))
    files = files_in(folder)
    assert files["kept/b.zip"] == OBJECTS["b.zip"]
    assert "kept/b.zip.s3.json" in files
    (tmp_path / "a.zip").write_bytes(zip_of(files))
    with Case(tmp_path / "case.duckdb") as case:
        result = case.load(tmp_path / "a.zip")
        check_counts(case)
        assert event_ids(case) == IDS
        assert (result.member_count, result.statuses) == (8, {"archive": 4, "loaded": 5})
