"""Connecting: roles, Regions, addresses, and nothing imported that is not used."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs

import pytest

from rootforensics.errors import SourceError
from rootforensics.sources.s3.address import Address, parse_address
from rootforensics.sources.s3.connection import Connection, S3Options

ROLE = "arn:aws:iam::111122223333:role/audit"


@contextmanager
def token_service(asked: list[dict[str, str]]) -> Iterator[str]:
    """A stand-in for STS that hands out one set of credentials and notes what it is asked."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            asked.append({name: values[0] for name, values in form.items()})
            body = (
                b'<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>'
                b"<AccessKeyId>ASIATAKENON</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>"
                b"<SessionToken>token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
                b"</AssumeRoleResult></AssumeRoleResponse>"
            )
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_a_role_is_taken_on_with_its_external_id(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, str]] = []
    with token_service(asked) as url, Connection(S3Options(role_arn=ROLE, external_id="case-7")) as connection:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", url)
        found = connection.session.get_credentials().get_frozen_credentials()  # type: ignore[union-attr]
    assert found.access_key == "ASIATAKENON"
    assert {asked[0][name] for name in ("Action", "RoleArn", "ExternalId")} == {"AssumeRole", ROLE, "case-7"}


def test_the_endpoint_of_the_environment_is_honoured(s3_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_url)
    with Connection(S3Options()) as connection:
        assert connection.bucket("sample").client.meta.endpoint_url == s3_url


def test_an_address_is_taken_apart() -> None:
    assert parse_address("s3://bucket/a b/c") == Address("bucket", "a b/c")
    assert parse_address("S3://bucket") == Address("bucket", "")
    assert parse_address("s3://bucket/a//b").uri == "s3://bucket/a//b"


@pytest.mark.parametrize("text", ["s3://", "s3:///key", "s3://-bucket/", "s3://a b/"])
def test_an_address_without_a_bucket_is_refused(text: str) -> None:
    with pytest.raises(SourceError, match="names no bucket"):
        parse_address(text)


def test_a_load_of_files_imports_nothing_for_s3(tmp_path: Path) -> None:
    (tmp_path / "log.json").write_bytes(b'{"Records":[]}')
    code = (
        "import sys; from rootforensics.case import Case; Case(sys.argv[1]).load(sys.argv[2]);"
        "print(sorted({'boto3', 'botocore', 'obstore'} & set(sys.modules)))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "case.duckdb"), str(tmp_path / "log.json")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "[]\n"
