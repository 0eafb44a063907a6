"""Answers that are none of S3's: each is a line, none is taken for empty, none stops the rest, nothing hangs."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.case import Case
from rootforensics.errors import SourceError
from rootforensics.sources.find import find
from rootforensics.sources.s3 import connection, fetch, listing
from rootforensics.sources.s3.connection import S3Options
from tests.builders import event, records_file, root_event
from tests.ingest.checks import check_counts, evidence, tables
from tests.stand_ins.odd import Odd
from tests.stand_ins.s3_api import S3Api, md5, sound

if TYPE_CHECKING:
    from pathlib import Path

LOGIN = b"<!DOCTYPE html><html><body>Sign in to the guest network</body></html>"
LOG = records_file([root_event(eventID="11111111-1111-4111-8111-111111111111")])
OTHER = LOG.replace(b"11111111-1111-4111-8111-111111111111", b"22222222-2222-4222-8222-222222222222")
XML = b'<?xml version="1.0"?><ListAllMyBucketsResult><IsTruncated>false</IsTruncated></ListAllMyBucketsResult>'
HTML = "text/html"
ELSEWHERE = (("Location", "http://127.0.0.1:9/bucket/a.json"),)
#: What is answered in place of an object, and words of what is told of it.
OBJECTS: dict[str, tuple[Odd, str]] = {
    "a page of a captive portal": (Odd(body=LOGIN, kind=HTML), "is not the object that was listed"),
    "a page of the same size": (Odd(body=LOGIN.ljust(len(LOG)), kind=HTML), "its bytes are not those of the ETag"),
    "nothing": (Odd(), "0 bytes, not"),
    "no content": (Odd(204), "S3 answers 204"),
    "a part": (Odd(206, LOG[:10]), "S3 answers 206"),
    "other bytes under its ETag": (Odd(body=OTHER, headers=(("ETag", f'"{md5(LOG)}"'),)), "not those of the ETag"),
    "another ETag": (sound(OTHER), "ETag"),
    "more bytes": (sound(LOG + b" " * 9_000_000, ETag=f'"{md5(LOG)}"'), "more than"),
    "a body that is cut": (Odd(body=LOG, cut=9), "the connection broke, through all retries"),
    "a reset": (Odd(resets=True), "the connection broke, through all retries"),
    "a redirect": (Odd(307, headers=ELSEWHERE), "a redirect (to 127.0.0.1:9), which is not followed"),
    "a redirect that leads nowhere": (Odd(302), "a redirect (to nowhere), which is not followed"),
    "a redirect with a code": (
        Odd(301, b"<Error><Code>PermanentRedirect</Code></Error>", headers=ELSEWHERE),
        "which is not followed",
    ),
    "a body that drips": (Odd(body=LOG, drips=True), "S3 did not give all of it in time"),
    "a head that drips": (Odd(body=LOG, head_drips=True), "S3 did not give all of it in time"),
    "a refusal that is HTML": (Odd(403, LOGIN, HTML), "access denied"),
    "a refusal that drips": (Odd(403, LOGIN * 99, HTML, drips=True), "S3 did not give all of it in time"),
    "a failure that is nothing": (Odd(500), "S3 answers 500"),
    "a failure in other XML": (Odd(503, XML, "application/xml"), "throttled"),
    "a status that is none": (Odd(299, LOG), "S3 answers 299"),
    "a refusal of a proxy": (Odd(407, LOGIN, HTML), "S3 answers 407"),
    "a switch of protocols": (Odd(226, LOG), "S3 answers 226"),
}
#: What is answered in place of the listing of a folder.
LISTINGS: dict[str, Odd] = {
    "a page of a captive portal": Odd(body=LOGIN, kind=HTML),
    "well-formed HTML": Odd(body=b"<html><body/></html>", kind=HTML),
    "nothing": Odd(),
    "no content": Odd(204),
    "other XML": Odd(body=XML, kind="application/xml"),
    "XML that is cut": Odd(
        body=b"<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a", kind="application/xml"
    ),
    "a listing that says no end": Odd(body=b"<ListBucketResult/>", kind="application/xml"),
    "a key without a size": Odd(
        body=b"<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key></Contents></ListBucketResult>"
    ),
    "a size that is none": Odd(
        body=b"<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key><Size>x</Size></Contents>"
        b"</ListBucketResult>"
    ),
    "an end in another word": Odd(body=b"<ListBucketResult><IsTruncated>True</IsTruncated></ListBucketResult>"),
    "an end without a word": Odd(body=b"<ListBucketResult><IsTruncated/></ListBucketResult>"),
    "more without a token": Odd(body=b"<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"),
    "a token that comes again": Odd(
        body=b"<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>"
        b"</ListBucketResult>"
    ),
    "a key that was not asked for": Odd(
        body=b"<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>AWSLogs/a.json</Key><Size>1</Size>"
        b"</Contents></ListBucketResult>"
    ),
    "a folder that was not asked for": Odd(
        body=b"<ListBucketResult><IsTruncated>false</IsTruncated><CommonPrefixes><Prefix>AWSLogs/</Prefix>"
        b"</CommonPrefixes></ListBucketResult>"
    ),
    "JSON": Odd(body=b'{"Contents": []}'),
    "a reset": Odd(resets=True),
    "a cut": Odd(body=XML, cut=9),
    "a redirect": Odd(302, headers=ELSEWHERE),
    "a refusal that is HTML": Odd(403, LOGIN, HTML),
    "a body that drips": Odd(body=b" " * 9999, drips=True),
    "a head that drips": Odd(head_drips=True),
}


@pytest.fixture(autouse=True)
def token(monkeypatch: pytest.MonkeyPatch) -> None:
    """The credentials are of a session, and what takes long is given up soon."""
    monkeypatch.setenv("AWS_SESSION_TOKEN", "a-session-token")
    monkeypatch.setattr(fetch, "ANSWER_SECONDS", 3.0)
    monkeypatch.setattr(connection, "_ANSWER_SECONDS", 3.0)


def options(api: S3Api, max_retries: int = 0) -> S3Options:
    return S3Options(endpoint_url=api.url, max_retries=max_retries)


@pytest.mark.heavy
@pytest.mark.parametrize("whole_bytes", [1 << 24, 10], ids=["held", "streamed"])
def test_each_odd_answer_is_a_line_and_the_next_load_asks_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole_bytes: int
) -> None:
    monkeypatch.setattr("rootforensics.sources.s3.objects.WHOLE_BYTES", whole_bytes)
    told: list[tuple[str, str, str]] = []
    keys = {f"{number:02}-odd.json": words for number, (_, words) in enumerate(OBJECTS.values())}
    sound_ones = {f"{number:02}-sound.json": records_file([event()]) for number in range(len(keys))}
    with S3Api(dict.fromkeys(keys, LOG) | sound_ones) as api, Case(tmp_path / "case.duckdb") as case:
        again = options(api, 1)  # a sound answer may come on a connection that an odd one has closed
        api.odd = {key: odd for key, (odd, _) in zip(keys, OBJECTS.values(), strict=True)}
        result = case.load("s3://odd", s3=again, problems=lambda *one: told.append(one))
        check_counts(case)
        ledger = evidence(case)
        assert (result.missing_count, result.new_count) == (len(keys), len(sound_ones))
        problems = {key: ledger[key]["problem"] for key in keys}
        assert {key: problems[key] for key, words in keys.items() if words not in problems[key]} == {}
        assert all(ledger[key]["sha256"] is None for key in keys)
        assert len(told) == len(keys)
        api.odd.clear()
        api.fetched.clear()
        assert case.load("s3://odd", s3=options(api)).new_count == 1
        assert set(api.fetched) == set(keys)


def test_an_object_is_read_whatever_time_a_listing_says_of_it(tmp_path: Path) -> None:
    times = ["1" * 30, "1e400", "inf", "yesterday", "", "2026-02-30T00:00:00Z", "2026-08-05T10:00:00.000Z"]
    objects = {f"AWSLogs/{number}.json": records_file([event()]) for number in range(len(times))}
    contents = "".join(
        f"<Contents><Key>{key}</Key><Size>{len(body)}</Size><LastModified>{moment}</LastModified></Contents>"
        for (key, body), moment in zip(objects.items(), times, strict=True)
    )
    page = f"<ListBucketResult><IsTruncated>false</IsTruncated>{contents}</ListBucketResult>".encode()
    with S3Api(objects) as api, Case(tmp_path / "case.duckdb") as case:
        api.odd["?AWSLogs/"] = Odd(body=page, kind="application/xml")
        assert case.load("s3://odd/AWSLogs/", s3=options(api)).new_count == len(times)
        check_counts(case)
        known = [row["modified_time"] is not None for _, row in sorted(evidence(case).items())]
    assert known == [False] * (len(times) - 1) + [True]


@pytest.mark.heavy
def test_each_odd_listing_is_a_folder_missing_and_the_next_load_asks_again(tmp_path: Path) -> None:
    folders = [f"{number:02}/" for number in range(len(LISTINGS))]
    objects = {
        f"AWSLogs/{folder}{name}": records_file([event()]) for folder in folders for name in ("a.json", "b.json")
    }
    objects["AWSLogs/sound/a.json"] = records_file([event()])
    with S3Api(objects) as api, Case(tmp_path / "case.duckdb") as case:
        api.odd = {f"?AWSLogs/{folder}": odd for folder, odd in zip(folders, LISTINGS.values(), strict=True)}
        result = case.load("s3://odd", s3=options(api))
        rows = {row["uri"]: row["problem"] for row in case.sql("SELECT uri, problem FROM evidence").rows}
        assert (result.new_count, result.missing_count) == (1, len(folders))
        missing = {uri for uri, problem in rows.items() if problem}
        assert missing == {f"s3://odd/AWSLogs/{folder}" for folder in folders}
        api.odd.clear()
        assert case.load("s3://odd", s3=options(api)).new_count == 2 * len(folders)


@pytest.mark.parametrize("kind", ["a page of a captive portal", "nothing", "no content", "other XML"])
def test_a_first_listing_that_is_none_is_an_error(kind: str) -> None:
    with (
        S3Api({"a.json": LOG}, {"?": LISTINGS[kind]}) as api,
        pytest.raises(SourceError, match="what came is no listing of S3"),
        find(["s3://odd"], s3=options(api)),
    ):
        pass


def test_a_second_page_that_is_none_loses_no_first_one() -> None:
    objects = {f"AWSLogs/x/{number}.json": LOG for number in range(3)} | {"AWSLogs/y/a.json": LOG}
    with S3Api(objects, page_size=2) as api:
        listing = api.listing

        def first_page_only(query: dict[str, str]) -> Odd:
            return Odd(body=LOGIN) if query.get("continuation-token") and "x" in query["prefix"] else listing(query)

        api.listing = first_page_only  # type: ignore[method-assign]
        with find(["s3://odd"], s3=options(api)) as plan:
            assert [(found.uri.removeprefix("s3://odd/AWSLogs/"), found.readable) for found in plan.objects] == [
                ("x/", False), ("x/0.json", True), ("x/1.json", True), ("y/a.json", True),
            ]  # fmt: skip


def _empty_pages(api: S3Api, prefix: str, pages: int) -> None:
    """Have the listing of a prefix begin with so many pages without keys."""
    listing = api.listing

    def after_empty_ones(query: dict[str, str]) -> Odd:
        place = int(query.get("continuation-token", "0"))
        if query["prefix"] != prefix or place >= pages:
            return listing(query | {"continuation-token": str(place - pages if query["prefix"] == prefix else place)})
        told = f"<IsTruncated>true</IsTruncated><NextContinuationToken>{place + 1}</NextContinuationToken>"
        return Odd(body=f"<ListBucketResult>{told}</ListBucketResult>".encode(), kind="application/xml")

    api.listing = after_empty_ones  # type: ignore[method-assign]


@pytest.mark.parametrize("pages", [5, 99, 10**9])
def test_a_listing_of_pages_without_keys_ends(monkeypatch: pytest.MonkeyPatch, pages: int) -> None:
    monkeypatch.setattr(listing, "_MOST_ALIKE", 100)
    with S3Api({"AWSLogs/x/a.json": LOG, "AWSLogs/y/a.json": LOG}) as api:
        _empty_pages(api, "AWSLogs/x/", pages)
        with find(["s3://odd"], s3=options(api)) as plan:
            problems = {found.uri.removeprefix("s3://odd/AWSLogs/"): found.problem for found in plan.objects}
    assert problems.pop("y/a.json") == ""
    if pages < 100:
        assert problems == {"x/a.json": ""}
    else:
        assert "the same page 100 times, and it goes on" in problems["x/"]


def test_a_listing_that_gives_the_same_page_for_ever_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "_MOST_ALIKE", 100)
    with S3Api({"AWSLogs/x/a.json": LOG, "AWSLogs/y/a.json": LOG}) as api:
        listed = api.listing

        def again(query: dict[str, str]) -> Odd:
            answer = listed(query | {"continuation-token": "0"})
            more = f"<IsTruncated>true</IsTruncated><NextContinuationToken>{len(api.asked)}</NextContinuationToken>"
            body = answer.body.replace(b"<IsTruncated>false</IsTruncated>", more.encode())
            return Odd(body=body, kind=answer.kind) if query["prefix"] == "AWSLogs/x/" else answer

        api.listing = again  # type: ignore[method-assign]
        with find(["s3://odd"], s3=options(api)) as plan:
            readable = {found.uri: found.readable for found in plan.objects}
    assert readable == {
        "s3://odd/AWSLogs/x/": False,
        "s3://odd/AWSLogs/x/a.json": True,
        "s3://odd/AWSLogs/y/a.json": True,
    }


def test_a_folder_that_holds_itself_is_no_answer() -> None:
    itself = b"<CommonPrefixes><Prefix>CloudTrail/</Prefix></CommonPrefixes>"
    odd = Odd(body=b"<ListBucketResult><IsTruncated>false</IsTruncated>" + itself + b"</ListBucketResult>")
    with (
        S3Api({"a.json": LOG, "CloudTrail/a.json": LOG}, {"?CloudTrail/": odd}) as api,
        find(["s3://odd"], s3=options(api)) as plan,
    ):
        found = {one.uri: one.readable for one in plan.objects}
    assert found == {"s3://odd/CloudTrail/": False, "s3://odd/a.json": True}


@pytest.mark.parametrize("odd", [Odd(), Odd(body=LOGIN, kind=HTML)], ids=["nothing", "HTML"])
def test_what_is_no_answer_does_not_say_that_a_bucket_keeps_no_versions(odd: Odd) -> None:
    with S3Api({"a.json": LOG}, {"?versioning": odd}) as api, find(["s3://odd"], s3=options(api)) as plan:
        assert any("whether the bucket keeps older versions is not known" in remark for remark in plan.remarks)


@pytest.mark.parametrize(
    "odd",
    [
        Odd(headers=(("x-amz-bucket-region", "example.com/#"),)),
        Odd(resets=True),
        Odd(500),
        Odd(302, headers=ELSEWHERE),
        pytest.param(Odd(head_drips=True), marks=pytest.mark.heavy),
    ],
    ids=["no Region", "reset", "failure", "redirect", "drip"],
)
def test_an_odd_answer_of_the_bucket_itself_is_a_line_or_nothing(odd: Odd) -> None:
    with S3Api({"a.json": LOG}, {"": odd}) as api:
        try:
            with find(["s3://odd"], s3=options(api)) as plan:
                assert [found.uri for found in plan.objects] == ["s3://odd/a.json"]
        except SourceError as error:
            assert str(error).startswith("s3://odd: ")  # noqa: PT017 - it need not be one


@pytest.mark.quick(2)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed_and_no_other_host_gets_the_token(tmp_path: Path, status: int) -> None:
    objects = {"a.json": LOG, "b.json": records_file([event()])}
    with S3Api(objects) as other, S3Api(objects) as api, Case(tmp_path / "case.duckdb") as case:
        api.odd["a.json"] = Odd(status, headers=(("Location", f"{other.url}/odd/a.json"),))
        result = case.load("s3://odd", s3=options(api))
        assert (result.new_count, result.missing_count) == (1, 1)
        assert all("a-session-token" in headers["X-Amz-Security-Token"] for headers in api.asked)
    assert not other.asked


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    "headers",
    [
        {"x_amz_server_side_encryption": "aws:kms"},
        {"x_amz_server_side_encryption": "aws:kms:dsse"},
        {"x_amz_server_side_encryption_customer_algorithm": "AES256"},
    ],
)
def test_an_etag_that_is_no_md5_is_not_held_against_the_bytes(tmp_path: Path, headers: dict[str, str]) -> None:
    with S3Api({"a.json": LOG}) as api, Case(tmp_path / "case.duckdb") as case:
        api.odd["a.json"] = sound(OTHER, ETag=f'"{md5(LOG)}"', **headers)
        assert case.load("s3://odd", s3=options(api)).new_count == 1


def test_an_etag_of_several_parts_is_not_held_against_the_bytes(tmp_path: Path) -> None:
    with S3Api({"a.json": LOG}) as api, Case(tmp_path / "case.duckdb") as case:
        api._listed = lambda name: (
            f"<Contents><Key>{name}</Key><Size>{len(LOG)}</Size><ETag>{md5(b'')}-2</ETag></Contents>"
        )  # type: ignore[method-assign]
        api.odd["a.json"] = Odd(body=LOG, headers=(("ETag", f'"{md5(b"")}-2"'),))
        assert case.load("s3://odd", s3=options(api)).new_count == 1


_STUCK = [
    pytest.param({"a.json": Odd(body=LOG, drips=True)}, id="body"),
    pytest.param({"a.json": Odd(body=LOG, head_drips=True)}, id="head"),
    pytest.param({"?": Odd(body=b" " * 9999, drips=True)}, id="listing"),
    pytest.param({"large.json": Odd(body=LOG * 99, drips=True)}, id="stream"),
]


@pytest.mark.heavy
@pytest.mark.parametrize("odd", _STUCK)
@pytest.mark.quick(2)
def test_ctrl_c_once_ends_a_load_that_waits(tmp_path: Path, odd: dict[str, Odd]) -> None:
    """It ends while the server still drips, which it does for minutes."""
    start = "import signal; from rootforensics.__main__ import end_at_once, main; signal.signal(signal.SIGINT, end_at_once); main()"
    with S3Api({"a.json": LOG, "large.json": LOG * 99, "z.json": LOG}, odd) as api:
        small = "from rootforensics.sources.s3 import objects; objects.WHOLE_BYTES = 40_000; "
        command: list[Any] = [sys.executable, "-c", small + start, "load", tmp_path / "case.duckdb", "s3://odd"]
        command += ["--endpoint-url", api.url]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            while process.poll() is None and not {*odd} & {*api.fetched, *("?" * ("?" in odd and len(api.asked) > 1))}:
                time.sleep(0.01)
            time.sleep(0.5)
            process.send_signal(signal.SIGINT)
            told = process.communicate()[1]
    assert process.returncode == 130, told
    assert told.splitlines()[-1].startswith("rootforensics: stopped")
    assert "Traceback" not in told


@pytest.mark.heavy
def test_ctrl_c_once_ends_a_listing_whose_pages_come_fast(tmp_path: Path) -> None:
    start = "import signal; from rootforensics.__main__ import end_at_once, main; signal.signal(signal.SIGINT, end_at_once); main()"
    pages = 20_000
    with S3Api(dict.fromkeys((f"{number:05}.json" for number in range(pages)), LOG)) as api:
        api.page_size = 1
        command: list[Any] = [sys.executable, "-c", start, "load", tmp_path / "case.duckdb", "s3://odd"]
        with subprocess.Popen([*command, "--endpoint-url", api.url], stderr=subprocess.PIPE, text=True) as process:
            while process.poll() is None and len(api.asked) < 20:
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            told = process.communicate()[1]
        assert process.returncode == 130, told
        assert len(api.asked) < pages // 2


@pytest.mark.heavy
def test_objects_that_are_listed_without_an_etag_are_compared_byte_for_byte(tmp_path: Path) -> None:
    remarks: list[str] = []
    with S3Api({"a.json": LOG, "b.json": LOG}) as api, Case(tmp_path / "case.duckdb") as case:
        listed = api._listed
        api._listed = lambda name: re.sub("<ETag>.*</ETag>", "", listed(name))  # type: ignore[method-assign]
        case.load("s3://odd", s3=options(api), remarks=remarks.append)
        before = tables(case)
        assert case.load("s3://odd", s3=options(api)).unchanged_count == 2
        assert tables(case) == before
        api.objects["b.json"] = OTHER
        assert case.load("s3://odd", s3=options(api)).new_count == 1
        assert evidence(case)["b.json"]["problem"] == "changed since it was loaded as evidence 2"
    told = "s3://odd/: objects that are listed without an ETag (2) are fetched by each load, to compare their bytes"
    assert told in remarks
