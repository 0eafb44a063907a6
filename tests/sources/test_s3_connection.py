"""Connecting: Regions, addresses, and nothing imported that is not used."""

from __future__ import annotations

import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar

import pytest

from rootforensics.errors import SourceError
from rootforensics.sources.find import find
from rootforensics.sources.s3.address import Address, parse_address
from rootforensics.sources.s3.connection import Connection, S3Options


def test_the_endpoint_of_the_environment_is_honoured(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_url)
    with Connection(S3Options()) as connection:
        assert connection.bucket("sample").client.meta.endpoint_url == s3_url


class _OneRegion(BaseHTTPRequestHandler):
    """Answers as S3 does in another Region than that of the bucket: it names the right one."""

    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[str]] = []

    def do_HEAD(self) -> None:
        region = self.headers["Authorization"].split("/")[2]
        self.seen.append(region)
        self.send_response(200 if region == "eu-west-1" else 301)
        self.send_header("x-amz-bucket-region", "eu-west-1")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_the_region_of_the_bucket_is_taken_from_the_answer() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _OneRegion) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        with Connection(S3Options(endpoint_url=f"http://127.0.0.1:{server.server_address[1]}")) as connection:
            assert connection.bucket("elsewhere").client.meta.region_name == "eu-west-1"
        server.shutdown()
    assert _OneRegion.seen == ["us-east-1"]


def test_an_address_is_taken_apart() -> None:
    assert parse_address("s3://bucket/a b/c") == Address("bucket", "a b/c")
    assert parse_address("S3://bucket") == Address("bucket", "")
    assert parse_address("s3://bucket/a//b").uri == "s3://bucket/a//b"


_HOST = "amazonaws.com"
_CONSOLE = "https://eu-west-1.console.aws.amazon.com/s3/buckets/trail"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("arn:aws:s3:::trail", "s3://trail/"),
        ("arn:aws-us-gov:s3:::trail/AWSLogs/111122223333/", "s3://trail/AWSLogs/111122223333/"),
        ("s3a://trail/AWSLogs/", "s3://trail/AWSLogs/"),
        (f"https://trail.s3.{_HOST}/AWSLogs/a%20b/?list-type=2", "s3://trail/AWSLogs/a b/"),
        (f"https://my.trail.s3.eu-west-1.{_HOST}/AWSLogs/", "s3://my.trail/AWSLogs/"),
        (f"http://trail.s3-eu-west-1.{_HOST}", "s3://trail/"),
        (f"https://trail.s3.dualstack.eu-west-1.{_HOST}/x", "s3://trail/x"),
        (f"https://s3.{_HOST}/trail/AWSLogs/", "s3://trail/AWSLogs/"),
        (f"https://s3.cn-north-1.{_HOST}.cn/trail/AWSLogs/", "s3://trail/AWSLogs/"),
        (f"https://s3-trail.s3.us-east-1.{_HOST}/AWSLogs/", "s3://s3-trail/AWSLogs/"),
        (
            f"{_CONSOLE}?region=eu-west-1&prefix=AWSLogs/111122223333/&showversions=false",
            "s3://trail/AWSLogs/111122223333/",
        ),
        (_CONSOLE, "s3://trail/"),
    ],
)
def test_other_spellings_of_a_place_in_s3_are_told_the_right_one(text: str, address: str) -> None:
    with pytest.raises(SourceError) as refused, find([text]):
        pass
    assert refused.value.hint == f"Write it like {address}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("https://example.com/logs.zip", "web addresses are no sources"),
        ("arn:aws:s3:us-east-1:111122223333:accesspoint/a", "no source can be named by this ARN"),
    ],
)
def test_what_is_no_source_is_told(text: str, words: str) -> None:
    with pytest.raises(SourceError, match=words), find([text]):
        pass


def test_a_file_may_be_called_like_an_arn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "arn:aws:s3:::trail").write_bytes(b"{}")
    with find(["arn:aws:s3:::trail"]) as found:
        assert [item.readable for item in found.objects] == [True]


@pytest.mark.parametrize("text", ["s3://", "s3:///key", "s3://-bucket/", "s3://a b/"])
def test_an_address_without_a_bucket_is_refused(text: str) -> None:
    with pytest.raises(SourceError, match="names no bucket"):
        parse_address(text)


@pytest.mark.heavy
def test_a_load_of_files_imports_nothing_for_s3(tmp_path: Path) -> None:
    (tmp_path / "log.json").write_bytes(b'{"Records":[]}')
    code = (
        "import sys; from rootforensics.case import Case; Case(sys.argv[1]).load(sys.argv[2]);"
        "print(sorted({'boto3', 'botocore', 'urllib3'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "case.duckdb"), str(tmp_path / "log.json")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"
