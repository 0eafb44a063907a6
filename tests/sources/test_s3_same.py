"""The same bytes with the same filters give the same events, from S3 and from disk."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

import rootforensics as rf
from rootforensics.sources.s3.connection import S3Options
from tests.builders import event
from tests.sources.s3_server import fill
from tests.sources.test_s3_listing import ORGANIZATION, log_key

FIRST, SECOND = "111122223333", "444455556666"
_TIMES = ("2026-08-01T23:59:59Z", "2026-08-02T00:00:00Z", "2026-08-02T23:59:59Z", "2026-08-03T00:00:00Z")


def _records(account: str, region: str) -> list[dict[str, Any]]:
    """Events of one folder: its own Region's, and global services', which say us-east-1 in every trail's folder."""
    own = [
        event(eventID=f"{account}-{region}-{time}", eventTime=time, awsRegion=region, recipientAccountId=account)
        for time in _TIMES
    ]
    world = [
        event(
            eventID=f"{account}-{region}-iam-{time}",
            eventTime=time,
            awsRegion="us-east-1",
            eventSource="iam.amazonaws.com",
            recipientAccountId=account,
        )
        for time in _TIMES
    ]
    return own + world


@pytest.fixture(scope="module")
def disk(s3_url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An organization's trail, in a bucket and in this folder: each event in the folder of the day of its delivery."""
    objects: dict[str, bytes] = {}
    for account in (FIRST, SECOND):
        for region in ("us-east-1", "eu-west-1"):
            for number, record in enumerate(_records(account, region)):
                day = record["eventTime"][:10].replace("-", "/")
                key = log_key(f"AWSLogs/{ORGANIZATION}/", account, region, day, number)
                objects[key] = gzip.compress(json.dumps({"Records": [record]}).encode())
    fill(s3_url, "same", objects)
    folder = tmp_path_factory.mktemp("disk")
    for key, content in objects.items():
        path = folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"regions": ("us-east-1",)},
        pytest.param({"regions": ("eu-west-1",)}, marks=pytest.mark.heavy),
        pytest.param({"accounts": (FIRST,)}, marks=pytest.mark.heavy),
        {"accounts": (SECOND,), "regions": ("us-east-1", "eu-west-1")},
        {"since": rf.Filters.from_dict({"since": "2026-08-02"}).since},
        {"until": rf.Filters.from_dict({"until": "2026-08-02"}).until, "regions": ("us-east-1",)},
    ],
)
@pytest.mark.quick(2)
def test_s3_and_disk_give_the_same_rows(filters: dict[str, Any], s3: S3Options, disk: Path, tmp_path: Path) -> None:
    rows = []
    for number, source in enumerate(("s3://same/", disk)):
        with rf.open_case(tmp_path / f"{number}.duckdb") as case:
            case.load(source, filters=rf.Filters(**filters), s3=s3)
            rows.append(case.sql("SELECT * EXCLUDE (evidence_id) FROM events ORDER BY eventID, record_index").rows)
    assert rows[0] == rows[1]
    assert rows[0]
