"""``verify`` on the command line, and the public keys that it fetches."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import rootforensics as rf
from rootforensics.cli import cli
from rootforensics.integrity.keys import read_keys
from tests.integrity.bucket import Chain, der, fingerprint, key, write, write_keys
from tests.stand_ins.cloudtrail_api import CloudTrailApi
from tests.stand_ins.odd import Odd


@pytest.fixture
def loaded(tmp_path: Path) -> Path:
    """A case with a chain of two digests, the second of which lists a log that is not here; its keys beside it."""
    chain = Chain(2)
    write(tmp_path / "logs", [chain.logs[0], *chain.digests])
    write_keys(tmp_path / "keys.json", [key()])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
    return tmp_path


def run(*arguments: object):
    return CliRunner().invoke(cli, [str(argument) for argument in arguments], standalone_mode=False)


@pytest.mark.heavy
def test_json(loaded: Path) -> None:
    done = run("verify", loaded / "case.duckdb", "--public-keys", loaded / "keys.json", "--format", "json")
    assert done.return_value == 3
    told = json.loads(done.stdout)
    assert told["is_proven"] is False
    assert [(row["kind"], row["verdict"]) for row in told["objects"]] == [
        ("digest", "verified"), ("digest", "verified"), ("log", "verified"), ("log", "missing"),
    ]  # fmt: skip
    assert [(row["from_time"], row["until_time"]) for row in told["chains"]] == [
        ("2026-08-04T08:41:21+00:00", "2026-08-04T10:41:21+00:00")
    ]
    assert told["breaks"] == []


def test_text(loaded: Path) -> None:
    done = run("verify", loaded / "case.duckdb", "--public-keys", loaded / "keys.json")
    lines = done.stdout.splitlines()
    assert lines[0] == "verified: 2 digest files and 1 log; missing: 1 log"
    assert lines[1] == "missing: a digest file lists it, but the case does not have it"
    assert lines[3].strip().startswith("s3://trail-bucket/AWSLogs/")


@pytest.mark.heavy
def test_what_is_odd_about_verified_files_is_told(tmp_path: Path) -> None:
    write(tmp_path / "logs", Chain(2).stored)
    keys = write_keys(tmp_path / "keys.json", [key()], ValidityEndTime="2026-01-01T00:00:00+00:00")
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
    lines = run("verify", tmp_path / "case.duckdb", "--public-keys", keys).stdout.splitlines()
    assert lines[:3] == [
        "verified: 2 digest files and 2 logs",
        "verified, with an anomaly",
        "- 111122223333 us-east-1: 2 digest files: it ends outside the validity period of the public key",
    ]


@pytest.mark.heavy
def test_a_time_without_logs_is_not_told_as_a_case_without_any(loaded: Path) -> None:
    done = run("verify", loaded / "case.duckdb", "--public-keys", loaded / "keys.json", "--since", "2030-01-01")
    assert done.stdout.splitlines()[0] == "There is nothing to verify: no digest files and no logs from this period."


@pytest.mark.heavy
def test_a_time_beyond_the_chains_is_not_covered(loaded: Path) -> None:
    write(loaded / "other", Chain(2).stored)
    case = loaded / "whole.duckdb"
    with rf.open_case(case) as opened:
        opened.load(loaded / "other")
    within = ("--since", "2026-08-04T08:41:21Z", "--until", "2026-08-04T10:41:21Z")
    beyond = ("--since", "2026-08-01", "--until", "2026-08-10")
    done = run("verify", case, "--public-keys", loaded / "keys.json", *within)
    assert (done.return_value, "Not covered" in done.stdout) == (0, False)
    done = run("verify", case, "--public-keys", loaded / "keys.json", *beyond)
    lines = done.stdout.splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("Not covered: "))
    assert lines[place + 1 : place + 3] == [
        "- 111122223333 us-east-1, trail main: 2026-08-01T00:00:00Z to 2026-08-04T08:41:21Z",
        "- 111122223333 us-east-1, trail main: 2026-08-04T10:41:21Z to 2026-08-10T00:00:00Z",
    ]
    assert done.return_value == 3
    told = json.loads(run("verify", case, "--public-keys", loaded / "keys.json", *beyond, "--format", "json").stdout)
    assert (told["is_proven"], len(told["not_covered"])) == (False, 2)


@pytest.mark.heavy
def test_breaks_within_a_chain_are_told_beside_its_time_and_for_programs(tmp_path: Path) -> None:
    """Of eight digests the fourth and the seventh are missing, each with its log; its first names none before it."""
    chain = Chain(8)
    gone = (chain.digests[3], chain.logs[3], chain.digests[6], chain.logs[6])
    write(tmp_path / "logs", [one for one in chain.stored if one not in gone])
    keys = write_keys(tmp_path / "keys.json", [key()])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
    told = run("verify", tmp_path / "case.duckdb", "--public-keys", keys).stdout
    assert (
        "- 111122223333 us-east-1, trail main: 6 of 6 digest files verified, from 2026-08-04T08:41:21Z to"
        " 2026-08-04T16:41:21Z, with 2 breaks. "
    ) in " ".join(told.split())
    with rf.open_case(tmp_path / "case.duckdb") as case:
        found = case.summary()["integrity"]
    assert found["by_verdict"] == {"digest": {"verified": 6, "missing": 2}, "log": {"verified": 6}}
    assert [(one["cause"], one["from_time"], one["until_time"]) for one in found["breaks"]["listed"]] == [
        ("digest_missing", "2026-08-04T11:41:21Z", "2026-08-04T12:41:21Z"),
        ("digest_missing", "2026-08-04T14:41:21Z", "2026-08-04T15:41:21Z"),
    ]
    assert [(one["finding"], one["object_count"]) for one in found["findings"]["listed"]] == [("digest_missing", 2)]


@pytest.mark.heavy
def test_without_verdicts_an_empty_answer_says_so(loaded: Path) -> None:
    said = "The case has no results of verify since the last load."
    asked = ("query", loaded / "case.duckdb", "integrity-findings")
    assert said in run(*asked).stderr
    run("verify", loaded / "case.duckdb", "--public-keys", loaded / "keys.json")
    assert said not in run(*asked).stderr
    load = ("load", loaded / "case.duckdb", loaded / "logs")
    removed = "earlier results of verify were removed, because the evidence changed: run verify again"
    assert removed not in " ".join(run(*load).stderr.split())  # nothing is new
    assert said not in run(*asked).stderr
    (loaded / "logs" / "more.json").write_text('{"Records":[]}')
    assert [removed in " ".join(run(*load).stderr.split()) for _ in range(2)] == [True, False]
    assert said in run(*asked).stderr


@pytest.mark.heavy
def test_a_file_is_named_as_typed(loaded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (modified,) = [path for path in (loaded / "logs").rglob("*.json.gz") if "Digest" not in path.name]
    modified.write_bytes(gzip.compress(b'{"Records":[]}'))
    monkeypatch.chdir(loaded)
    with rf.open_case(loaded / "other.duckdb") as case:
        case.load(loaded / "logs")
    told = run("verify", "other.duckdb", "--public-keys", "keys.json").stdout
    assert f"\n    {modified.relative_to(loaded)}\n" in told
    assert "file://" not in told


def test_all_proven(loaded: Path) -> None:
    write(loaded / "other", Chain(2).stored)
    with rf.open_case(loaded / "whole.duckdb") as case:
        case.load(loaded / "other")
    assert run("verify", loaded / "whole.duckdb", "--public-keys", loaded / "keys.json").return_value == 0


def test_one_origin_of_keys(loaded: Path) -> None:
    done = run("verify", loaded / "case.duckdb", "--public-keys", loaded / "keys.json", "--profile", "victim")
    assert "cannot be used together" in str(done.exception)


def _answer() -> Odd:
    """ListPublicKeys, as the API reference has it."""
    told = {"Value": base64.b64encode(der(key())).decode(), "Fingerprint": fingerprint(key())}
    times = {"ValidityStartTime": 1_750_000_000, "ValidityEndTime": 1_800_000_000}
    return Odd(200, json.dumps({"PublicKeyList": [told | times]}).encode())


@pytest.mark.heavy
def test_fetched_keys_are_those_of_the_file(loaded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = loaded / "fetched.json"
    with CloudTrailApi({"us-east-1": [], "eu-west-1": []}, odd_answers={"ListPublicKeys": _answer()}) as api:
        for name, value in api.environment().items():
            monkeypatch.setenv(name, value)
        assert run("verify", "--fetch-keys", out).return_value == 0
    assert api.calls["ListPublicKeys"] == 2
    told = json.loads(out.read_bytes())
    assert [one["region"] for one in told["keys"]] == ["eu-west-1", "us-east-1"]
    assert len(read_keys(out)) == 2
    assert run("verify", loaded / "case.duckdb", "--public-keys", out, "--format", "json").return_value == 3
    assert (
        json.loads(run("verify", loaded / "case.duckdb", "--public-keys", out, "--format", "json").stdout)["objects"][
            0
        ]["verdict"]
        == "verified"
    )


@pytest.mark.heavy
def test_keys_by_profile(loaded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keys = "aws_access_key_id = AKIAEXAMPLESTANDIN00\naws_secret_access_key = not-a-secret\n"
    (loaded / "config").write_text(f"[profile victim]\nregion = eu-west-1\n{keys}")
    with CloudTrailApi({"us-east-1": []}, odd_answers={"ListPublicKeys": _answer()}) as api:
        for name, value in api.environment().items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("AWS_CONFIG_FILE", str(loaded / "config"))
        done = run("verify", loaded / "case.duckdb", "--profile", "victim", "--format", "json")
        kept = run("verify", loaded / "case.duckdb", "--profile", "victim", "--fetch-keys", loaded / "kept.json")
    assert done.exception is kept.exception is None
    assert api.calls["ListPublicKeys"] == 2
    assert [one["region"] for one in json.loads((loaded / "kept.json").read_bytes())["keys"]] == ["us-east-1"]
    assert json.loads(done.stdout)["objects"][0]["verdict"] == "verified"


def test_refused_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = Odd(400, b'{"__type":"AccessDeniedException","message":"no"}')
    with CloudTrailApi({"us-east-1": []}, odd_answers={"ListPublicKeys": refusal}) as api:
        for name, value in api.environment().items():
            monkeypatch.setenv(name, value)
        done = run("verify", "--fetch-keys", tmp_path / "keys.json", "--region", "us-east-1")
    assert isinstance(done.exception, rf.errors.IntegrityError)
    assert "us-east-1" in str(done.exception)
    assert not (tmp_path / "keys.json").exists()


@pytest.mark.heavy
def test_triage_verifies(loaded: Path) -> None:
    folder = loaded / "incident"
    keys = (loaded / "keys.json").rename(loaded / "logs" / "keys.json")
    done = run("triage", loaded / "logs", "--out", folder, "--public-keys", keys)
    assert done.exception is None
    assert "verified: 2 digest files and 1 log; missing: 1 log (named by rootforensics verify CASE)" in done.stderr
    with rf.open_case(folder / "case.duckdb") as case:
        assert case.sql("SELECT count(*) AS count FROM integrity").rows == [{"count": 4}]
        assert case.sql("SELECT uri FROM evidence WHERE uri LIKE '%keys.json'").rows == []


def test_triage_reads_the_keys_before_it_loads(loaded: Path) -> None:
    done = run("triage", loaded / "logs", "--out", loaded / "incident", "--public-keys", loaded / "logs" / "none.json")
    assert isinstance(done.exception, rf.errors.IntegrityError)
    assert not (loaded / "incident").exists()
