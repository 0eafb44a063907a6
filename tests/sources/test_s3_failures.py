"""What goes wrong with S3 is said in words, in one line, and without a traceback."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from botocore.exceptions import ConnectTimeoutError
from click.testing import CliRunner

from rootforensics.case import Case
from rootforensics.cli import cli
from rootforensics.errors import RootForensicsError, SourceError
from rootforensics.ingest.filters import Filters
from rootforensics.sources.s3.connection import S3Options
from rootforensics.sources.s3.fetch import Fetcher
from rootforensics.sources.s3.words import from_status
from tests.builders import event, gz, records_file, root_event
from tests.ingest.checks import check_counts, evidence
from tests.sources.s3_proxy import Proxy
from tests.sources.s3_server import LISTER, client, fill

ORDINARY = (
    "AWSLogs/111122223333/CloudTrail/us-east-1/2026/08/05/"
    "111122223333_CloudTrail_us-east-1_20260805T1005Z_0123456789abcdef.json.gz"
)
THREE = {f"{number}.json.gz": gz(records_file([event()])) for number in range(3)}


@pytest.fixture(scope="session")
def three(s3_url: str) -> str:
    """A bucket with three log files."""
    fill(s3_url, "three", THREE)
    return "s3://three"


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command in this process, and say what it would have said and how it would have ended."""
    done = CliRunner().invoke(cli, arguments, env=environment, standalone_mode=False)
    if isinstance(done.exception, RootForensicsError):
        return subprocess.CompletedProcess(arguments, 1, done.stdout, f"{done.stderr}rootforensics: {done.exception}\n")
    if done.exception:
        raise done.exception
    return subprocess.CompletedProcess(arguments, done.return_value or 0, done.stdout, done.stderr)


def run_alone(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own."""
    command = [sys.executable, "-m", "rootforensics", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


FAILING = [
    (403, "InvalidObjectState", "archive"),
    (403, "AccessDenied", "s3:GetObject is needed"),
    (400, "KMS.DisabledException", "aws kms enable-key"),
    (400, "KMS.KMSInvalidStateException", "aws kms cancel-key-deletion"),
    (400, "KMS.NotFoundException", "KMS denies the key"),
    (503, "SlowDown", "throttled"),
    (404, "NoSuchKey", "vanished between listing and fetching"),
    (500, "InternalError", "InternalError"),
]


def test_a_failing_object_does_not_stop_the_others(
    tmp_path: Path, s3_url: str, proxy: Proxy, subtests: pytest.Subtests
) -> None:
    answers = {f"{place}-fails.json.gz": (status, code) for place, (status, code, _) in enumerate(FAILING)}
    sound = [f"{place}-sound.json.gz" for place in range(len(FAILING))]
    fill(s3_url, "failing", {key: gz(records_file([event()])) for key in (*answers, *sound)})
    proxy.rule = answers.get
    with Case(tmp_path / "case.duckdb") as case:
        result = case.load("s3://failing", s3=S3Options(endpoint_url=proxy.url, max_retries=1))
        check_counts(case)
        ledger = evidence(case)
    assert result.missing_count == len(FAILING)
    assert {ledger[key]["status"] for key in sound} == {"loaded"}
    for key, (_, code, words) in zip(answers, FAILING, strict=True):
        with subtests.test(code):
            assert ledger[key]["status"] == "unreadable"
            assert words in ledger[key]["problem"]


@pytest.mark.heavy
def test_an_object_that_is_denied_while_a_load_is_widened_keeps_its_events(
    tmp_path: Path, proxy: Proxy, s3_url: str
) -> None:
    logs = {f"{number}.json.gz": gz(records_file([root_event(), event()])) for number in range(3)}
    fill(s3_url, "widened", logs)
    s3 = S3Options(endpoint_url=proxy.url, max_retries=1)
    with Case(tmp_path / "case.duckdb") as case:
        case.load("s3://widened", s3=s3, filters=Filters(root_related=True))
        proxy.rule = lambda key: (403, "AccessDenied") if key == "1.json.gz" else None
        for gained in (2, 0):
            result = case.load("s3://widened", s3=s3)
            check_counts(case, filtered=True)
            assert (result.new_count, result.missing_count, result.statuses["unreadable"]) == (gained, 1, 1)
            ledger = case.sql("SELECT status, event_count AS n FROM evidence ORDER BY evidence_id").rows
            assert [(row["status"], row["n"]) for row in ledger] == [
                ("loaded", 2),
                ("loaded", 1),
                ("loaded", 2),
                ("unreadable", 0),
            ]
        proxy.rule = lambda _: None
        assert case.load("s3://widened", s3=s3).new_count == 1
        check_counts(case)
        assert [row["n"] for row in case.sql("SELECT event_count AS n FROM evidence").rows] == [2, 2, 2]


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (400, "ExpiredToken", "the credentials have expired"),
        (403, "RequestTimeTooSkewed", "clock"),
        (403, "InvalidAccessKeyId", "does not know the access key"),
    ],
)
def test_what_stops_a_listing_as_well_ends_the_load_and_what_was_read_is_kept(
    tmp_path: Path, proxy: Proxy, three: str, status: int, code: str, words: str
) -> None:
    def fail(key: str) -> tuple[int, str] | None:
        return (status, code) if key == "1.json.gz" or (key == "?list" and proxy.refused) else None

    proxy.rule = fail
    path = tmp_path / "case.duckdb"
    with Case(path) as case, pytest.raises(SourceError, match=words):
        case.load(three, s3=S3Options(endpoint_url=proxy.url, max_retries=1))
    with Case(path) as case:
        check_counts(case)
        assert [row["n"] for row in case.sql("SELECT count(*) AS n FROM events").rows] == [1]
        proxy.rule = lambda _: None
        assert case.load(three, s3=S3Options(endpoint_url=proxy.url)).new_count == 2


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, "NoSuchBucket"),
        (400, "InvalidBucketName"),
        (400, "AuthorizationHeaderMalformed"),
        (400, "ExpiredToken"),
        (403, "RequestTimeTooSkewed"),
        (403, "InvalidAccessKeyId"),
        (403, "SignatureDoesNotMatch"),
    ],
)
def test_what_a_listing_disproves_is_a_failure_of_one_object(
    tmp_path: Path, proxy: Proxy, three: str, status: int, code: str
) -> None:
    proxy.rule = lambda key: (status, code) if key == "1.json.gz" else None
    with Case(tmp_path / "case.duckdb") as case:
        result = case.load(three, s3=S3Options(endpoint_url=proxy.url, max_retries=1))
        check_counts(case)
        assert (result.new_count, result.statuses["unreadable"]) == (2, 1)
        proxy.rule = lambda _: None
        assert case.load(three, s3=S3Options(endpoint_url=proxy.url)).new_count == 1


def test_a_connection_that_is_not_made_for_one_object_does_not_stop_the_rest(
    tmp_path: Path, proxy: Proxy, three: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = Fetcher._ask

    def ask_others(self: Fetcher, key: str, version: str | None) -> object:
        if key == "1.json.gz":
            raise ConnectTimeoutError(endpoint_url=proxy.url)
        return ask(self, key, version)

    monkeypatch.setattr(Fetcher, "_ask", ask_others)
    with Case(tmp_path / "case.duckdb") as case:
        result = case.load(three, s3=S3Options(endpoint_url=proxy.url, max_retries=1))
        assert (result.new_count, result.statuses["unreadable"]) == (2, 1)
        assert "the endpoint cannot be reached" in evidence(case)["1.json.gz"]["problem"]


def test_a_denial_by_kms_is_told_from_one_by_s3() -> None:
    shape = (
        "<Error><Code>AccessDenied</Code><Message>User: arn:aws:iam::111122223333:user/a is not authorized to perform: "
        "{} because no identity-based policy allows the action</Message></Error>"
    )
    for right, words in (
        ("kms:Decrypt on resource: arn:aws:kms:…", "kms:Decrypt is needed"),
        ('s3:GetObject on resource: "arn:…:kms-logs/a"', "s3:GetObject is needed"),
    ):
        assert words in from_status(403, shape.format(right).encode(), "").words


def test_an_object_that_vanishes_after_the_listing(tmp_path: Path, s3_url: str, proxy: Proxy) -> None:
    fill(s3_url, "vanishing", THREE)

    def vanish(key: str) -> None:
        if key == "0.json.gz" or not proxy.fetched:
            client(s3_url).delete_object(Bucket="vanishing", Key="2.json.gz")

    case = Case(tmp_path / "case.duckdb")
    proxy.rule = lambda key: vanish(key) if key not in ("", "?list") else None
    case.load("s3://vanishing", s3=S3Options(endpoint_url=proxy.url))
    check_counts(case)
    assert "vanished between listing and fetching (NoSuchKey)" in evidence(case)["2.json.gz"]["problem"]
    case.close()


@pytest.mark.heavy
def test_the_command_line_says_what_is_missing(tmp_path: Path, proxy: Proxy, three: str) -> None:
    proxy.rule = lambda key: (403, "InvalidObjectState") if key == "1.json.gz" else None
    arguments = ["load", str(tmp_path / "case.duckdb"), three, "--endpoint-url", proxy.url]
    done = run_alone(*arguments)
    assert done.returncode == 3
    last = done.stderr.splitlines()[-1]
    assert last == "missing: 1 object could not be fetched; run the same command again to retry only those"
    proxy.rule = lambda _: None
    again = run(*arguments)
    assert again.returncode == 0, again.stderr
    assert "new events: 1;" in again.stderr


@pytest.mark.quick(2)
@pytest.mark.parametrize(
    ("source", "environment", "words"),
    [
        ("s3://no-such-bucket", {}, "there is no such bucket"),
        ("s3://three", {"AWS_SECRET_ACCESS_KEY": "wrong"}, "the secret does not belong to the access key"),
        ("s3://three", {"AWS_ACCESS_KEY_ID": "wrong"}, "does not know the access key"),
        ("s3://three", {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "there are no AWS credentials"),
        ("s3://three", {"AWS_PROFILE": "nobody"}, "The config profile (nobody) could not be found"),
        ("s3://", {}, "this names no bucket"),
        ("s3://logs--usw2-az1--x-s3/a", {}, "directory buckets (S3 Express One Zone) are not supported"),
    ],
)
def test_a_refused_connection_is_one_line(
    tmp_path: Path, s3_url: str, three: str, source: str, environment: dict[str, str], words: str
) -> None:
    assert three
    done = run("load", str(tmp_path / "case.duckdb"), source, AWS_ENDPOINT_URL=s3_url, **environment)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("rootforensics: s3://")
    assert words in line
    assert not (tmp_path / "case.duckdb").exists()


@pytest.mark.parametrize("code", ["PermanentRedirect", "TemporaryRedirect"])
def test_a_redirect_that_names_no_region_is_one_line(tmp_path: Path, proxy: Proxy, three: str, code: str) -> None:
    proxy.rule = lambda _: (301, code)
    done = run("load", str(tmp_path / "case.duckdb"), three, AWS_ENDPOINT_URL=proxy.url)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "the bucket lies in another Region than the request went to. Check --endpoint-url and AWS_REGION" in line


def test_an_endpoint_that_is_not_there(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        with Case(tmp_path / "case.duckdb") as case, pytest.raises(SourceError, match="cannot be reached"):
            case.load("s3://three", s3=S3Options(endpoint_url=url, max_retries=0))


def test_keys_that_may_only_list(tmp_path: Path, s3_url: str, three: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", LISTER[0])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", LISTER[1])
    with Case(tmp_path / "case.duckdb") as case:
        result = case.load(three, s3=S3Options(endpoint_url=s3_url))
        assert result.missing_count == 3
        assert {row["problem"] for row in evidence(case).values()} == {
            "reading stopped: access denied to get it: s3:GetObject is needed on it"
        }


def test_a_dry_run_loads_nothing(tmp_path: Path, proxy: Proxy, three: str) -> None:
    done = run("load", str(tmp_path / "case.duckdb"), three, "--endpoint-url", proxy.url, "--dry-run")
    assert done.returncode == 0
    size = sum(map(len, THREE.values()))
    assert done.stdout.splitlines()[:2] == ["files: 3", f"bytes: {size:,}"]
    assert done.stdout.splitlines()[-1] == "list requests: 1"
    assert not (tmp_path / "case.duckdb").exists()
    assert not proxy.fetched


@pytest.mark.heavy
def test_triage_takes_an_address(tmp_path: Path, s3_url: str, three: str) -> None:
    done = run("triage", three, "--out", str(tmp_path / "out"), "--endpoint-url", s3_url)
    assert done.returncode == 0, done.stderr
    assert "of 3 events were made as root" in done.stdout


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    "filters",
    [["--since", "2031-01-01"], ["--account", "999988887777"], ["--region", "eu-west-9"]],
    ids=["time", "account", "region"],
)
def test_filters_that_leave_nothing_are_no_failure(tmp_path: Path, s3_url: str, filters: list[str]) -> None:
    fill(s3_url, f"filtered-{filters[0][2:]}", {ORDINARY: gz(records_file([event()]))})
    source = f"s3://filtered-{filters[0][2:]}"
    done = run("load", str(tmp_path / "case.duckdb"), source, "--endpoint-url", s3_url, *filters)
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "nothing was loaded: the filters exclude every record in the sources"
    assert "outside the filters" in done.stderr


@pytest.mark.heavy
def test_an_address_without_anything_is_a_failure_with_filters_too(tmp_path: Path, s3_url: str) -> None:
    options = ["--endpoint-url", s3_url, "--since", "2026-08-01"]
    done = run_alone("load", str(tmp_path / "case.duckdb"), "s3://sample/logz/", *options)
    assert done.returncode == 1
    assert "no object below this address" in done.stderr


def test_whether_a_bucket_keeps_versions_is_asked_once(tmp_path: Path, proxy: Proxy, three: str) -> None:
    asked: list[str] = []
    proxy.rule = lambda key: asked.append(key) if key == "" else None
    with Case(tmp_path / "case.duckdb") as case:
        case.load(*(f"{three}/{name}" for name in THREE), s3=S3Options(endpoint_url=proxy.url))
    assert len(asked) == 2  # HEAD of the bucket, and its versioning
