"""Logs in S3 verified: signatures out of its metadata, kept by ``--preserve``; the AWS CLI gives the same verdicts."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

import rootforensics as rf
from rootforensics.sources.s3.connection import S3Options
from tests.builders import ACCOUNT
from tests.conftest import ROOT
from tests.integrity.bucket import HOUR, REGION, Chain, Stored, der, edited, fingerprint, key, write_keys
from tests.integrity.chains import follows
from tests.sources.s3_server import make_bucket
from tests.stand_ins.cloudtrail_api import CloudTrailApi
from tests.stand_ins.odd import Odd

AWS: Final = ROOT / ".cache" / "awscli" / "bin" / "aws"
MEMBER = "444455556666"
ORGANIZATION = "o-abcdefghij"


def put(url: str, bucket: str, stored: Iterable[Stored]) -> None:
    s3 = make_bucket(url, bucket)

    def one(item: Stored) -> None:
        told = {"signature": item.signature, "signature-algorithm": "SHA256withRSA"} if item.signature else {}
        s3.put_object(Bucket=bucket, Key=item.key, Body=item.packed, Metadata=told)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, stored))


def test_signatures_are_kept_with_the_objects(tmp_path: Path, s3_url: str, s3: S3Options) -> None:
    put(s3_url, "verified", Chain().stored)
    keys = write_keys(tmp_path / "keys.json", [key()])
    with rf.open_case(tmp_path / "s3.duckdb") as case:
        case.load("s3://verified", s3=replace(s3, preserve=tmp_path / "kept"))
        assert case.verify(keys).is_proven
    shutil.copytree(tmp_path / "kept" / "verified", tmp_path / "copy")
    with rf.open_case(tmp_path / "files.duckdb") as case:
        case.load(tmp_path / "copy")
        found = case.verify(keys)
    assert found.is_proven
    assert found.counts() == {("digest", "verified"): 6, ("log", "verified"): 6}


def _intact() -> list[Stored]:
    return Chain().stored


def _log_changed() -> list[Stored]:
    chain = Chain()
    chain.logs[2] = replace(chain.logs[2], body=b'{"Records":[]}', packed=b"")
    return chain.stored


def _log_deleted() -> list[Stored]:
    chain = Chain()
    del chain.logs[2]
    return chain.stored


def _digest_changed() -> list[Stored]:
    chain = Chain()
    chain.digests[2] = edited(chain.digests[2], lambda fields: fields.update(logFiles=[]))
    return chain.stored


def _digest_deleted() -> list[Stored]:
    chain = Chain()
    del chain.digests[2]
    return chain.stored


def _two_adjacent_digests_deleted() -> list[Stored]:
    chain = Chain()
    del chain.digests[2:4]
    return chain.stored


def _restarted() -> list[Stored]:
    return [*Chain(3).stored, *Chain(3, first=5).stored]


def _key_rotated() -> list[Stored]:
    old = Chain(3)
    return [*old.stored, *Chain(3, first=3, signer=key(1), edit=follows(old.digests[-1])).stored]


def _organization() -> list[Stored]:
    return Chain(account=MEMBER, folder=f"{ORGANIZATION}/").stored


CASES = (
    *(_intact, _log_changed, _log_deleted, _digest_changed, _digest_deleted, _two_adjacent_digests_deleted),
    *(_restarted, _key_rotated, _organization),
)


def _answers(bucket: str, *, organization: bool) -> dict[str, Odd]:
    """What the AWS CLI asks, as the API references have it."""
    trail = {
        "Name": "main",
        "TrailARN": f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/main",
        "S3BucketName": bucket,
        "HomeRegion": REGION,
        "IsOrganizationTrail": organization,
    }
    held = [
        {"Value": base64.b64encode(der(key(number))).decode(), "Fingerprint": fingerprint(key(number))}
        | {"ValidityStartTime": 1_750_000_000, "ValidityEndTime": 1_800_000_000}
        for number in (0, 1)
    ]
    told = {
        "DescribeTrails": {"trailList": [trail]},
        "ListPublicKeys": {"PublicKeyList": held},
        "DescribeOrganization": {"Organization": {"Id": ORGANIZATION}},
    }
    return {name: Odd(200, json.dumps(answer).encode()) for name, answer in told.items()}


def _by_aws(url: str, bucket: str, *, organization: bool) -> dict[str, str]:
    """The verdict of the AWS CLI on each object that it names."""
    with CloudTrailApi({REGION: []}, odd_answers=_answers(bucket, organization=organization)) as api:
        urls = {f"AWS_ENDPOINT_URL_{service}": api.url for service in ("CLOUDTRAIL", "ORGANIZATIONS", "STS")}
        begin = Chain(0).begin(0)
        ran = subprocess.run(
            [
                *(str(AWS), "cloudtrail", "validate-logs", "--verbose", "--region", REGION),
                *("--trail-arn", f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/main"),
                *(
                    "--start-time",
                    f"{begin - HOUR:%Y-%m-%dT%H:%M:%SZ}",
                    "--end-time",
                    f"{begin + 9 * HOUR:%Y-%m-%dT%H:%M:%SZ}",
                ),
                *(("--account-id", MEMBER) if organization else ()),
            ],
            env={**os.environ, "AWS_ENDPOINT_URL_S3": url, "AWS_DEFAULT_REGION": REGION, **urls},
            capture_output=True,
            text=True,
            check=False,
        )
    lines = [line.split("\t") for line in (ran.stdout + ran.stderr).splitlines()]
    found = {parts[1]: parts[2] for parts in lines if len(parts) == 3}
    assert found, ran.stdout + ran.stderr
    return found


#: What the AWS CLI's words are here.
_WORDS = {
    "valid": "verified",
    "INVALID: not found": "missing",
    "INVALID: hash value doesn't match": "modified",
    "INVALID: signature verification failed": "modified",
}


@pytest.mark.deep(AWS)
@pytest.mark.parametrize("made", CASES, ids=lambda one: one.__name__.strip("_"))
def test_the_aws_cli_gives_the_same_verdicts(
    tmp_path: Path,
    s3_url: str,
    s3: S3Options,
    made: Callable[[], list[Stored]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bucket = f"agreed-{made.__name__.strip('_').replace('_', '-')}"
    monkeypatch.setattr("tests.integrity.bucket.BUCKET", bucket)
    put(s3_url, bucket, made())
    theirs = _by_aws(s3_url, bucket, organization=made is _organization)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(f"s3://{bucket}", s3=s3)
        found = case.verify(write_keys(tmp_path / "keys.json", [key(), key(1)]))
    ours = {row["uri"]: row["verdict"] for row in found.objects.rows}
    assert {uri: _WORDS[verdict] for uri, verdict in theirs.items()} == {uri: ours[uri] for uri in theirs}
    # What it does not name lies under a digest that proves nothing.
    assert {ours[uri] for uri in ours.keys() - theirs.keys()} <= {"chain_broken"}
