"""Loads from a real S3 server: the same case as from files, whatever happens on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

import pytest

from rootforensics.case import Case
from rootforensics.errors import SourceError
from rootforensics.ingest import steps
from rootforensics.ingest.filters import Filters
from rootforensics.sources.s3.connection import S3Options
from tests.builders import event, gz, records_file, root_event
from tests.conftest import SAMPLE_LOGS
from tests.ingest.checks import check_counts, evidence, rows, tables
from tests.sources.s3_proxy import Proxy
from tests.sources.s3_server import client, fill, folder_as_objects


class Held(NamedTuple):
    """A bucket with logs: its address, its keys, and what a load of the same files holds."""

    address: str
    keys: set[str]
    tables: dict[str, list[dict[str, Any]]]


def comparable(case: Case) -> dict[str, list[dict[str, Any]]]:
    """All of a case but where its objects lie and when they were written."""
    held = tables(case, without=("uri", "etag", "version_id", "modified_time"))
    for row in held["problems"]:
        row.pop("uri", None)
    return held


@pytest.fixture(scope="session")
def sample(s3_url: str, sample_path: Path) -> Held:
    """The whole sample."""
    assert s3_url
    with Case(sample_path) as case:
        return Held("s3://sample/logs/", set(folder_as_objects(SAMPLE_LOGS, "logs/")), comparable(case))


_TELLING = """
SELECT uri FROM evidence WHERE status NOT IN ('loaded', 'digest') OR evidence_id IN (
    SELECT unnest([evidence_id, kept_evidence_id]) FROM duplicates UNION ALL SELECT evidence_id FROM descendant_events
)
"""


@pytest.fixture(scope="session")
def part(s3_url: str, sample_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Held:
    """A quarter of the sample: what is damaged, came twice or descends from root, and every sixteenth file."""
    objects = folder_as_objects(SAMPLE_LOGS, "logs/")
    with Case(sample_path) as whole:
        telling = [row["uri"].replace(SAMPLE_LOGS.as_uri(), "logs") for row in rows(whole, _TELLING)]
    objects = {name: objects[name] for name in sorted({*telling, *sorted(objects)[::16]})}
    folder = tmp_path_factory.mktemp("part")
    for name, content in objects.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    fill(s3_url, "part", objects)
    with Case(folder / "case.duckdb") as case:
        result = case.load(folder / "logs")
        assert len(result.statuses) == 6
        assert min(result.duplicate_count, len(rows(case, "FROM descendant_events"))) > 0
        return Held("s3://part/logs/", set(objects), comparable(case))


@pytest.mark.parametrize("of", [pytest.param(one, marks=pytest.mark.heavy) for one in ("part", "sample")])
@pytest.mark.quick(1)
def test_a_load_from_s3_is_that_of_the_files(
    tmp_path: Path, s3: S3Options, of: str, request: pytest.FixtureRequest
) -> None:
    held: Held = request.getfixturevalue(of)
    with Case(tmp_path / "case.duckdb") as case:
        result = case.load(held.address, s3=s3)
        check_counts(case)
        assert comparable(case) == held.tables
        assert result.missing_count == 0
        etags = rows(case, "SELECT count(*) AS n FROM evidence WHERE length(etag) = 32 AND starts_with(uri, 's3://')")
        assert etags == [{"n": len(held.keys)}]


@pytest.mark.heavy
def test_steps_give_the_same_as_one_transaction(
    tmp_path: Path, s3: S3Options, monkeypatch: pytest.MonkeyPatch, part: Held
) -> None:
    monkeypatch.setattr(steps, "_STEP_OBJECTS", 20)
    with Case(tmp_path / "case.duckdb") as case:
        result = case.load(part.address, s3=s3)
        check_counts(case)
        assert comparable(case) == part.tables
        assert result.new_count == len(part.tables["events"])
        assert result.duplicate_count == len(part.tables["duplicates"])
        assert sum(result.statuses.values()) == len(part.keys)


def test_a_second_load_fetches_nothing(tmp_path: Path, proxy: Proxy, through: S3Options, part: Held) -> None:
    with Case(tmp_path / "case.duckdb") as case:
        case.load(part.address, s3=through)
        assert set(proxy.fetched) == part.keys
        assert len(proxy.fetched) == len(part.keys)
        proxy.fetched.clear()
        result = case.load(part.address, s3=through)
        assert (proxy.fetched, result.unchanged_count, result.new_count) == ([], len(part.keys), 0)


@pytest.mark.heavy
def test_a_changed_object_is_fetched_and_both_stay(tmp_path: Path, s3_url: str, s3: S3Options) -> None:
    fill(s3_url, "changing", {"a.json.gz": gz(records_file([event()])), "b.json.gz": gz(records_file([event()]))})
    with Case(tmp_path / "case.duckdb") as case:
        case.load("s3://changing", s3=s3)
        client(s3_url).put_object(Bucket="changing", Key="a.json.gz", Body=gz(records_file([root_event()])))
        result = case.load("s3://changing", s3=s3)
        check_counts(case)
        assert (result.unchanged_count, result.new_count) == (1, 1)
        assert evidence(case)["a.json.gz"]["problem"] == "changed since it was loaded as evidence 1"
        assert len(rows(case, "FROM events")) == 3


_KILLED = """
import sys
from rootforensics.case import Case
from rootforensics.ingest import steps
from rootforensics.sources.s3.connection import S3Options
steps._STEP_OBJECTS = 100
Case(sys.argv[1]).load(sys.argv[2], s3=S3Options(endpoint_url=sys.argv[3]))
"""


@pytest.mark.heavy
def test_kill_in_the_middle_loses_one_step_at_most(
    tmp_path: Path, proxy: Proxy, through: S3Options, sample: Held
) -> None:
    path = tmp_path / "case.duckdb"
    total, done = len(sample.keys), 0
    # The first is far enough on for a step to be stored: two windows of 128 and 256 objects and a step lie in between.
    for stop_after in (600, 300, 300):
        seen = len(proxy.fetched) + stop_after
        child: list[subprocess.Popen[bytes]] = []

        def kill(_: str, seen: int = seen, child: list[subprocess.Popen[bytes]] = child) -> None:
            if len(proxy.fetched) >= seen:
                os.kill(child[0].pid, signal.SIGKILL)

        with proxy.lock:
            child.append(subprocess.Popen([sys.executable, "-c", _KILLED, str(path), sample.address, proxy.url]))
            proxy.rule = kill
        assert child[0].wait() == -signal.SIGKILL
        proxy.rule = lambda _: None
        with Case(path) as case:
            check_counts(case)
            (stored,) = rows(case, f"SELECT count(*) AS n FROM evidence WHERE uri <> '{sample.address}'")
            said = " ".join(case.verdict().df()["missing"].astype(str))
        assert "1 file that could not be read completely (file 0)" in said
        # The reading is up to 256 fetches ahead of what is stored, and the step that was under way is lost.
        assert stored["n"] % 100 == 0
        assert done <= stored["n"] <= total
        done = stored["n"]
    assert done >= 100
    proxy.fetched.clear()
    with Case(path) as case:
        case.load(sample.address, s3=through)
        check_counts(case)
        assert comparable(case) == sample.tables
        assert case.verify_custody().is_whole  # each step that was committed has its row
    assert len(proxy.fetched) == total - done


@pytest.mark.heavy
def test_steps_widen_a_case_as_one_transaction_does(
    tmp_path: Path, s3: S3Options, monkeypatch: pytest.MonkeyPatch, part: Held
) -> None:
    monkeypatch.setattr(steps, "_STEP_OBJECTS", 50)
    with Case(tmp_path / "case.duckdb") as case:
        narrow = case.load(part.address, s3=s3, filters=Filters(root_related=True))
        wide = case.load(part.address, s3=s3)
        check_counts(case)
        assert narrow.new_count + wide.new_count == len(part.tables["events"])
        ids = {row["uri"].rpartition("/")[2]: row["evidence_id"] for row in rows(case, "FROM evidence")}
        assert len(ids) == len(part.keys)


def test_files_beside_objects_of_s3_are_one_step(tmp_path: Path, s3_url: str, proxy: Proxy) -> None:
    fill(s3_url, "beside-files", {"a.json.gz": gz(records_file([event()]))})
    logs = tmp_path / "logs"
    logs.mkdir()
    for number in range(3):
        (logs / f"{number}.json").write_bytes(records_file([event()]))
    proxy.rule = lambda key: (400, "ExpiredToken") if key == "a.json.gz" or proxy.refused else None
    with Case(tmp_path / "case.duckdb") as case:
        with pytest.raises(SourceError, match="expired"):
            case.load(logs, "s3://beside-files", s3=S3Options(endpoint_url=proxy.url, max_retries=1))
        check_counts(case)
        assert len(rows(case, "FROM events")) == 3


@pytest.mark.heavy
def test_credentials_that_expire_lose_nothing_that_was_read(
    tmp_path: Path, proxy: Proxy, through: S3Options, monkeypatch: pytest.MonkeyPatch, sample: Held
) -> None:
    step, enough = len(sample.keys) // 10, len(sample.keys) - 50
    monkeypatch.setattr(steps, "_STEP_OBJECTS", step)
    first = min(sample.keys)  # of a load that has read nothing there is no case; requests are made side by side
    proxy.rule = lambda key: (400, "ExpiredToken") if key != first and len(proxy.fetched) >= enough else None
    with Case(tmp_path / "case.duckdb") as case:
        with pytest.raises(SourceError, match=r"the credentials have expired.*Run the same command again"):
            case.load(sample.address, s3=through)
        check_counts(case)
        (stored,) = rows(case, f"SELECT count(*) AS n FROM evidence WHERE uri <> '{sample.address}'")
        assert stored["n"] >= enough - 256  # fetched ahead of what is stored
        (unread,) = rows(
            case, "FROM evidence WHERE status = 'unreadable'"
        )  # not all of it is here, and the case says so
        assert unread["uri"] == sample.address
        proxy.rule = lambda _: None
        proxy.fetched.clear()
        case.load(sample.address, s3=through)
        assert len(proxy.fetched) == len(sample.keys) - stored["n"]
        assert comparable(case) == sample.tables


@pytest.mark.heavy
def test_throttling_is_waited_out(tmp_path: Path, proxy: Proxy, through: S3Options, part: Held) -> None:
    throttled: set[str] = set()

    def once(key: str) -> tuple[int, str] | None:
        if key in throttled or crc32(key.encode()) % 10:
            return None
        throttled.add(key)
        return 503, "SlowDown"

    proxy.rule = once
    with Case(tmp_path / "case.duckdb") as case:
        assert case.load(part.address, s3=through).missing_count == 0
        assert comparable(case) == part.tables
    assert len(proxy.refused) == len(throttled) > 0


@pytest.mark.heavy
def test_objects_that_fail_are_rows_and_the_next_load_takes_just_those(
    tmp_path: Path, proxy: Proxy, through: S3Options, part: Held
) -> None:
    failing = set(sorted(part.keys)[5::90])
    proxy.rule = lambda key: (403, "AccessDenied") if key in failing else None
    with Case(tmp_path / "case.duckdb") as case:
        first = case.load(part.address, s3=through)
        check_counts(case)
        assert first.missing_count == len(failing)
        assert first.statuses["unreadable"] == len(failing)
        missing = rows(case, "SELECT uri, sha256, etag, problem FROM evidence WHERE status = 'unreadable'")
        assert {row["uri"].removeprefix(part.address.removesuffix("logs/")) for row in missing} == failing
        assert {(row["sha256"], row["etag"]) for row in missing} == {(None, None)}
        assert {row["problem"] for row in missing} == {
            "reading stopped: access denied to get it: s3:GetObject is needed on it"
        }
        proxy.rule = lambda _: None
        proxy.fetched.clear()
        second = case.load(part.address, s3=through)
        assert second.missing_count == 0
        assert set(proxy.fetched) == failing
        check_counts(case)
        assert comparable(case) == part.tables


def test_raw_fetches_again_and_checks_the_hash(tmp_path: Path, s3_url: str, s3: S3Options) -> None:
    one = root_event()
    fill(s3_url, "raw", {"a//b.json.gz": gz(records_file([event(), one]))})
    with Case(tmp_path / "case.duckdb") as case:
        case.load("s3://raw", s3=s3)
        (row,) = rows(case, "FROM evidence")
        assert case.raw(one["eventID"], s3=s3) == case.raw("1:1", s3=s3)
        assert one["eventID"].encode() in case.raw("1:1", s3=s3)
        client(s3_url).put_object(Bucket="raw", Key=row["uri"].removeprefix("s3://raw/"), Body=b"{}")
        with pytest.raises(Exception, match="the evidence has changed since it was loaded"):
            case.raw("1:1", s3=s3)


def test_raw_finds_the_version_that_was_loaded(tmp_path: Path, s3_url: str, s3: S3Options) -> None:
    one, admin = root_event(), client(s3_url)
    admin.create_bucket(Bucket="versions")
    admin.put_bucket_versioning(Bucket="versions", VersioningConfiguration={"Status": "Enabled"})
    put = admin.put_object(Bucket="versions", Key="a.json", Body=records_file([one]))
    with Case(tmp_path / "case.duckdb") as case:
        case.load("s3://versions", s3=s3)
        assert evidence(case)["a.json"]["version_id"] == put["VersionId"]
        admin.put_object(Bucket="versions", Key="a.json", Body=b"{}")
        assert one["eventID"].encode() in case.raw(one["eventID"], s3=s3)


def test_large_objects_are_streamed(
    tmp_path: Path, s3_url: str, s3: S3Options, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rootforensics.sources.s3.objects.WHOLE_BYTES", 400)
    events = [event() for _ in range(50)]
    fill(s3_url, "large", {"a.json.gz": gz(records_file(events)), "b.json": records_file([root_event()])})
    with Case(tmp_path / "case.duckdb") as case:
        case.load("s3://large", s3=s3)
        check_counts(case)
        assert len(rows(case, "FROM events")) == 51
