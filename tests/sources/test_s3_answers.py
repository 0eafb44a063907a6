"""An answer with status 200 that is not the object: it is not taken for the object, and the next load asks again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rootforensics.case import Case
from rootforensics.sources.s3.connection import S3Options
from tests.builders import event, gz, records_file, root_event
from tests.ingest.checks import check_counts, evidence
from tests.sources.s3_proxy import Proxy
from tests.sources.s3_server import client, fill

XML = b"<?xml version='1.0'?><Error><Code>InternalError</Code></Error>"
#: The same length as what is stored, so that only the content tells.
STORED = records_file([root_event(eventID="11111111-1111-4111-8111-111111111111")])
OTHER = STORED.replace(b"11111111-1111-4111-8111-111111111111", b"22222222-2222-4222-8222-222222222222")
#: By the name of an answer: its body, and headers in place of the server's; one of None is left out.
FORGED: dict[str, tuple[bytes, dict[str, str | None]]] = {
    "error": (XML, {}),
    "error-without-etag": (XML, {"etag": None}),
    "nothing": (b"", {}),
    "part": (STORED[:-30], {}),
    "more": (STORED + b"\n", {}),
    "other-etag": (STORED, {"etag": '"0123456789abcdef0123456789abcdef"'}),
    "other-bytes": (OTHER, {"etag": None}),
}
#: Under the second kind of keys lies what boto3 has to fetch.
KEYS = [f"{name}{mark}.json" for mark in ("", "\x01") for name in FORGED]
WHOLE = "whole.json.gz"


@pytest.fixture(scope="session")
def answered(s3_url: str) -> str:
    """A bucket with a log file for each forged answer, and one more."""
    fill(s3_url, "answered", dict.fromkeys(KEYS, STORED) | {WHOLE: gz(records_file([event()]))})
    return "s3://answered"


def forge(key: str, answered: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
    """The forged answer for a key, or the real one."""
    name = key.partition(".")[0].rstrip("\x01")
    if name not in FORGED:
        return answered, body
    body, headers = FORGED[name]
    kept = {name: value for name, value in answered.items() if name.lower() not in headers}
    return kept | {name: value for name, value in headers.items() if value is not None}, body


@pytest.mark.heavy
@pytest.mark.parametrize("whole_bytes", [1 << 24, 10], ids=["held", "streamed"])
def test_what_is_not_the_object_is_a_failure_of_the_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxy: Proxy, answered: str, whole_bytes: int
) -> None:
    monkeypatch.setattr("rootforensics.sources.s3.objects.WHOLE_BYTES", whole_bytes)
    proxy.forge = forge
    s3 = S3Options(endpoint_url=proxy.url, max_retries=1, preserve=tmp_path / "kept")
    with Case(tmp_path / "case.duckdb") as case:
        assert case.load(answered, s3=s3).missing_count == len(KEYS)
        proxy.fetched.clear()
        assert case.load(answered, s3=s3).missing_count == len(KEYS)
        assert set(proxy.fetched) == set(KEYS)
        check_counts(case)
        ledger = evidence(case)
        for key in KEYS:
            row = ledger[key]
            assert row["status"] in ("unreadable", "damaged"), key
            assert (row["sha256"], row["etag"]) == (None, None), key
            assert "the answer is not the object that was listed" in row["problem"], key
        kept = [path.name for path in (tmp_path / "kept").rglob("*") if path.is_file()]
        assert sorted(kept) == [WHOLE, f"{WHOLE}.s3.json"]
        proxy.forge = lambda _, headers, body: (headers, body)
        again = case.load(answered, s3=replace(s3, preserve=None))
        check_counts(case)
        assert again.missing_count == 0
        assert [row["n"] for row in case.sql("SELECT count(*) AS n FROM evidence").rows] == [len(KEYS) + 1]
        # The same event in all the files, and the one beside them.
        assert [row["n"] for row in case.sql("SELECT count(*) AS n FROM events").rows] == [2]


@pytest.mark.parametrize("etag", [None, "weak"])
def test_an_answer_whose_etag_is_weak_or_missing_is_the_object_if_its_bytes_are(
    tmp_path: Path, proxy: Proxy, answered: str, etag: str | None
) -> None:
    def weaken(_: str, headers: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
        (name,) = [name for name in headers if name.lower() == "etag"]
        told = headers.pop(name)
        return (headers if etag is None else headers | {name: f"W/{told}"}), body

    proxy.forge = weaken
    with Case(tmp_path / "case.duckdb") as case:
        assert case.load(answered, s3=S3Options(endpoint_url=proxy.url)).missing_count == 0
        proxy.fetched.clear()
        assert case.load(answered, s3=S3Options(endpoint_url=proxy.url)).unchanged_count == len(KEYS) + 1
        assert not proxy.fetched


def test_an_object_that_is_replaced_after_the_listing_is_taken_by_the_next_load(
    tmp_path: Path, s3_url: str, proxy: Proxy
) -> None:
    fill(s3_url, "replacing", {"a.json": records_file([event()]), "b.json": records_file([event()])})

    def put(key: str) -> None:
        if key == "b.json":
            client(s3_url).put_object(Bucket="replacing", Key=key, Body=records_file([root_event(), event()]))

    proxy.rule = put
    with Case(tmp_path / "case.duckdb") as case:
        assert case.load("s3://replacing", s3=S3Options(endpoint_url=proxy.url)).missing_count == 1
        assert "it was replaced meanwhile" in evidence(case)["b.json"]["problem"]
        proxy.rule = lambda _: None
        assert case.load("s3://replacing", s3=S3Options(endpoint_url=proxy.url)).new_count == 2
        check_counts(case)
