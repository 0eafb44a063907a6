"""Versioned buckets: what was deleted or written over is told, and loaded if that is asked for."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from rootforensics.case import Case
from rootforensics.sources.s3.connection import S3Options
from tests.builders import event, gz, records_file, root_event
from tests.ingest.checks import check_counts, event_ids, rows
from tests.sources.s3_proxy import Proxy
from tests.sources.s3_server import client
from tests.sources.test_s3_failures import run
from tests.sources.test_s3_listing import ACCOUNT, REGION, log_key, plan

DELETED, REPLACED, STAYS, EARLIER, LOST = (
    log_key("AWSLogs/", ACCOUNT, REGION, day, 0)
    for day in ("2026/08/02", "2026/08/03", "2026/08/04", "2026/07/01", "2026/08/05")
)
EVENTS = {name: root_event() for name in ("deleted", "replaced", "replacement", "stays", "earlier")}
IDS = {name: one["eventID"] for name, one in EVENTS.items()}


@pytest.fixture(scope="session")
def versions(s3_url: str) -> dict[str, str]:
    """A bucket with versions: one log file deleted, one written over, one deleted for good; version IDs by event."""
    admin = client(s3_url)
    admin.create_bucket(Bucket="versioned")
    admin.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})

    def put(key: str, body: bytes) -> str:
        return str(admin.put_object(Bucket="versioned", Key=key, Body=body)["VersionId"])

    order = ((DELETED, "deleted"), (REPLACED, "replaced"), (REPLACED, "replacement"), (STAYS, "stays"))
    ids = {name: put(key, gz(records_file([EVENTS[name]]))) for key, name in (*order, (EARLIER, "earlier"))}
    lost = put(LOST, gz(records_file([event()])))
    for key in (DELETED, EARLIER, LOST):
        admin.delete_object(Bucket="versioned", Key=key)
    admin.delete_object(Bucket="versioned", Key=LOST, VersionId=lost)
    return ids


def test_a_load_of_what_is_current_says_what_is_not(s3: S3Options, versions: dict[str, str]) -> None:
    assert versions
    found = plan(s3, "s3://versioned")
    assert [item.uri for item in found.objects] == [f"s3://versioned/{key}" for key in (REPLACED, STAYS)]
    (remark,) = found.remarks
    assert remark.startswith("s3://versioned/: the bucket keeps versions, and only current objects were listed; ")
    assert remark.endswith("; deleted keys: 3, older versions: 3; --versions loads these too")
    (remark,) = plan(s3, f"s3://versioned/{STAYS}").remarks
    assert remark.endswith("only current objects were listed; there are no others")


@pytest.mark.heavy
def test_events_are_compared_with_the_versions_that_they_were_read_from(
    tmp_path: Path, s3: S3Options, versions: dict[str, str]
) -> None:
    assert versions
    s3 = replace(s3, versions=True)
    with Case(tmp_path / "case.duckdb") as case:
        case.load("s3://versioned", s3=s3)
        assert case.verify_custody(with_evidence=True, s3=s3).is_proven
    with duckdb.connect(str(tmp_path / "case.duckdb")) as writer:
        writer.execute("UPDATE events SET sourceIPAddress = '192.0.2.99' WHERE eventID = ?", [IDS["deleted"]])
    with Case(tmp_path / "case.duckdb") as case:
        [problem] = case.verify_custody(with_evidence=True, s3=s3).problems
    assert problem.startswith("1 event differs from its record, such as ")
    assert problem.endswith("; columns: sourceIPAddress")


@pytest.mark.heavy
def test_what_was_deleted_and_written_over_is_evidence_of_its_own(
    tmp_path: Path, s3: S3Options, versions: dict[str, str]
) -> None:
    s3, said = replace(s3, versions=True, preserve=tmp_path / "kept"), list[str]()
    with Case(tmp_path / "case.duckdb") as case:
        case.load("s3://versioned", s3=replace(s3, versions=False))
        assert sorted(event_ids(case)) == sorted([IDS["replacement"], IDS["stays"]])
        result = case.load("s3://versioned", s3=s3, remarks=said.append)
        check_counts(case)
        assert (result.unchanged_count, result.new_count, result.missing_count) == (2, 3, 0)
        assert sorted(event_ids(case)) == sorted(IDS.values())
        older = rows(case, "FROM evidence WHERE contains(uri, '?versionId=') ORDER BY uri")
        expected = {"earlier": EARLIER, "deleted": DELETED, "replaced": REPLACED}
        assert [(row["uri"], row["version_id"]) for row in older] == [
            (f"s3://versioned/{key}?versionId={versions[name]}", versions[name]) for name, key in expected.items()
        ]
        words = [row["problem"] for row in older]
        assert all(text.startswith("an older version: its key was deleted at 20") for text in words[:2])
        assert words[2] == "an older version: it was written over"
        assert {row["status"] for row in older} == {"loaded"}
        assert IDS["deleted"].encode() in case.raw(IDS["deleted"], s3=s3)
        assert case.load("s3://versioned", s3=s3).unchanged_count == 5
    assert said == ["s3://versioned/: older versions: 3; deleted keys: 3, of which 1 have no version left"]
    check_kept(tmp_path, versions)


def check_kept(tmp_path: Path, versions: dict[str, str]) -> None:
    kept = tmp_path / "kept" / "older-versions"
    told = {path.relative_to(kept).parts[0]: json.loads(path.read_text()) for path in kept.rglob("*.s3.json")}
    assert {version: one["key"] for version, one in told.items()} == {
        versions["earlier"]: EARLIER, versions["deleted"]: DELETED, versions["replaced"]: REPLACED,
    }  # fmt: skip
    for version, one in told.items():
        body = (kept / version / "versioned" / one["key"]).read_bytes()
        assert (one["version_id"], one["sha256"]) == (version, hashlib.sha256(body).hexdigest())
    with Case(tmp_path / "offline.duckdb") as offline:
        offline.load(tmp_path / "kept")
        assert sorted(event_ids(offline)) == sorted(IDS.values())


def test_days_and_addresses_narrow_versions_too(s3: S3Options, versions: dict[str, str]) -> None:
    s3, wanted = replace(s3, versions=True), {"since": datetime(2026, 8, 1, tzinfo=UTC)}
    found = plan(s3, "s3://versioned/AWSLogs/", **wanted)
    assert [item.version_id for item in found.objects] == [versions["deleted"], None, versions["replaced"], None]
    assert any("deleted keys: 2, of which 1 have" in remark for remark in found.remarks)
    assert [item.version_id for item in plan(s3, f"s3://versioned/{REPLACED}").objects] == [None, versions["replaced"]]
    assert [item.version_id for item in plan(s3, f"s3://versioned/{DELETED}").objects] == [versions["deleted"]]


def test_a_listing_of_versions_goes_on_page_after_page(
    s3: S3Options, versions: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from rootforensics.sources.s3.listing import Lister

    whole = Lister._version_pages

    def small(self: Lister, asked: dict[str, Any], start_after: str) -> Any:
        return whole(self, {**asked, "MaxKeys": 1}, start_after)

    expected = [item.uri for item in plan(replace(s3, versions=True), "s3://versioned").objects]
    monkeypatch.setattr(Lister, "_version_pages", small)
    found = plan(replace(s3, versions=True), "s3://versioned")
    assert [item.uri for item in found.objects] == expected
    assert len(expected) == len(versions)


def test_what_may_not_be_asked_is_not_known(tmp_path: Path, proxy: Proxy, versions: dict[str, str]) -> None:
    assert versions
    through = S3Options(endpoint_url=proxy.url, max_retries=1)
    proxy.rule = lambda key: (403, "AccessDenied") if key == "" else None
    (remark,) = plan(through, "s3://versioned").remarks
    assert "whether the bucket keeps older versions is not known (s3:GetBucketVersioning is needed)" in remark
    proxy.rule = lambda _: None
    proxy.version_rule = lambda _: (403, "AccessDenied")
    (remark,) = plan(through, "s3://versioned").remarks
    assert "others may not be listed (s3:ListBucketVersions is needed on the bucket)" in remark
    done = run("load", str(tmp_path / "case.duckdb"), "s3://versioned", "--versions", "--endpoint-url", proxy.url)
    assert done.returncode == 1
    assert "access denied to list versions. s3:ListBucketVersions is needed" in done.stderr
