"""Addresses that name too little, too much, or nothing: all that can be loaded is, and the rest is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from rootforensics.case import Case
from rootforensics.errors import SourceError
from rootforensics.ingest.filters import Filters, parse_time
from rootforensics.sources.s3.connection import S3Options
from tests.builders import event, gz, records_file
from tests.ingest.checks import check_counts, rows
from tests.sources.s3_proxy import Proxy
from tests.sources.s3_server import fill, fill_with_names
from tests.sources.test_s3_failures import run
from tests.sources.test_s3_listing import ACCOUNT, OTHER, REGION, keys_of, log_key, plan

KEYS = [log_key("AWSLogs/", account, REGION, "2026/08/01", 0) for account in (ACCOUNT, OTHER)]


def log() -> bytes:
    return gz(records_file([event()]))


@pytest.fixture(scope="session", autouse=True)
def named(s3_url: str) -> str:
    """A bucket with an object that is called like a folder, and a log file of two accounts each."""
    fill(s3_url, "named", {"logs": log()})  # first: where a folder is, the server of the tests keeps no object
    fill(s3_url, "named", {"logs/a.json.gz": log(), "logs-old/b.json.gz": log()})
    fill(s3_url, "accounts", {key: log() for key in KEYS})
    return s3_url


def test_an_object_does_not_hide_the_folder_of_its_name(s3: S3Options) -> None:
    found = plan(s3, "s3://named/logs")
    assert keys_of(found, "named") == {"logs", "logs/a.json.gz"}
    assert "an object and a folder have this name; both are loaded" in " ".join(found.remarks)
    assert keys_of(plan(s3, "s3://named/logs/"), "named") == {"logs/a.json.gz"}


@pytest.mark.parametrize("filters", [{}, {"since": parse_time("2026-08-01")}])
def test_the_beginning_of_a_name_is_told_from_a_folder(s3: S3Options, filters: dict[str, object]) -> None:
    (only,) = plan(s3, f"s3://accounts/AWSLogs/{ACCOUNT[:5]}", **filters).objects
    assert not only.readable
    assert only.problem.endswith(f"name a whole folder or object, such as s3://accounts/AWSLogs/{ACCOUNT}/")


def test_patterns_in_an_address_are_told(s3: S3Options) -> None:
    (only,) = plan(s3, "s3://accounts/AWSLogs/*/CloudTrail/").objects
    assert only.problem.endswith("patterns are not expanded in S3: name the folder above, s3://accounts/AWSLogs")
    (only,) = plan(s3, "s3://accounts/*").objects
    assert only.problem.endswith("name the folder above, s3://accounts/")


def test_a_missing_bucket_does_not_keep_the_others_out(tmp_path: Path, named: str) -> None:
    case = tmp_path / "case.duckdb"
    arguments = ("load", str(case), "s3://no-such-bucket/a", "s3://accounts", "--endpoint-url", named)
    for gained in (2, 0):
        done = run(*arguments)
        assert done.returncode == 3
        assert f"new events: {gained};" in done.stderr
        assert "unreadable: s3://no-such-bucket/a: there is no such bucket; check its name" in done.stderr
        assert done.stderr.splitlines()[-1].startswith("missing: 1 object")
    dry = run(*arguments, "--dry-run")
    assert (dry.returncode, dry.stdout.splitlines()[0]) == (3, "files: 2")
    assert "unreadable: s3://no-such-bucket/a: there is no such bucket" in dry.stderr


def test_a_missing_bucket_does_not_keep_files_out(tmp_path: Path, named: str) -> None:
    (tmp_path / "a.json.gz").write_bytes(log())
    case, file = tmp_path / "case.duckdb", str(tmp_path / "a.json.gz")
    done = run("load", str(case), file, "s3://no-such-bucket", "--endpoint-url", named)
    assert (done.returncode, "new events: 1;" in done.stderr) == (3, True)


def test_a_folder_that_may_not_be_listed_is_missing_and_the_others_are_loaded(tmp_path: Path, proxy: Proxy) -> None:
    s3 = S3Options(endpoint_url=proxy.url, max_retries=1)
    proxy.list_rule = lambda prefix: (403, "AccessDenied") if OTHER in prefix else None
    with Case(tmp_path / "case.duckdb") as case:
        result = case.load("s3://accounts", s3=s3)
        check_counts(case)
        assert (result.new_count, result.missing_count) == (1, 1)
        (row,) = rows(case, "FROM evidence WHERE status = 'unreadable'")
        assert row["uri"] == f"s3://accounts/AWSLogs/{OTHER}/"
        assert row["problem"] == "access denied to list; s3:ListBucket is needed on the bucket"
        proxy.list_rule = lambda _: None
        result = case.load("s3://accounts", s3=s3)
        assert (result.new_count, result.missing_count) == (1, 0)
        assert not rows(case, "FROM evidence WHERE status = 'unreadable'")


def test_what_was_listed_before_a_refusal_is_loaded(s3_url: str, proxy: Proxy) -> None:
    keys = [log_key("AWSLogs/", ACCOUNT, REGION, "2026/08/01", number) for number in range(1500)]
    fill_with_names(s3_url, "refused-later", keys)
    seen: list[str] = []

    def second_page(prefix: str) -> tuple[int, str] | None:
        seen.append(prefix)
        return (403, "AccessDenied") if seen.count(prefix) > 1 and prefix.endswith(f"{REGION}/") else None

    proxy.list_rule = second_page
    found = plan(S3Options(endpoint_url=proxy.url, max_retries=0), "s3://refused-later")
    assert [item.uri for item in found.objects if not item.readable] == [
        f"s3://refused-later/AWSLogs/{ACCOUNT}/CloudTrail/{REGION}/"
    ]
    assert sum(item.readable for item in found.objects) == 1000


def test_a_listing_that_is_denied_as_a_whole_ends_the_load(tmp_path: Path, proxy: Proxy) -> None:
    proxy.list_rule = lambda _: (403, "AccessDenied")
    with (
        Case(tmp_path / "case.duckdb") as case,
        pytest.raises(SourceError, match=r"access denied to list.*s3:ListBucket"),
    ):
        case.load("s3://accounts", s3=S3Options(endpoint_url=proxy.url), filters=Filters())
