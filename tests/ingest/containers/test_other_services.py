"""Messages of other services that look like records: each is told as what it is, once, and is no event."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from rootforensics.ingest.filters import Filters
from tests.builders import record, root_event
from tests.ingest.checks import event_ids, evidence
from tests.ingest.containers.wrappings import sns
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from pathlib import Path

#: As the Amazon S3 User Guide shows it, with the fields that a record of CloudTrail has, too.
NOTICE: Final[dict[str, Any]] = {
    "eventVersion": "2.1",
    "eventSource": "aws:s3",
    "awsRegion": "us-west-2",
    "eventTime": "2026-08-05T10:00:00.000Z",
    "eventName": "ObjectCreated:Put",
    "userIdentity": {"principalId": "AWS:AROAEXAMPLE:x"},
    "requestParameters": {"sourceIPAddress": "198.51.100.7"},
    "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810"},
    "s3": {"bucket": {"name": "trail"}, "object": {"key": "AWSLogs/x.json.gz", "size": 1024}},
}
TOLD: Final = "an S3 notification, which names log files but holds no events: load those files"
NOTICES: Final[dict[str, bytes]] = {
    "records": record({"Records": [NOTICE]}),
    "alone": record(NOTICE),
    "lines": record({"Records": [NOTICE]}) + b"\n" + record({"Records": [NOTICE]}),
    "sqs": record({"Messages": [{"MessageId": "1", "Body": json.dumps({"Records": [NOTICE]})}]}),
    "sns": record(sns({"Records": [NOTICE]})),
}


@pytest.mark.parametrize("name", NOTICES)
async def test_a_notification_of_s3_is_told_in_one_sentence(name: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(NOTICES[name])
    row = evidence(await load_beside(tmp_path, tmp_path / "a"))["a"]
    assert (row["status"], row["event_count"]) == ("unsupported", 0)
    assert row["problem"] == f"JSON, but without CloudTrail events: {TOLD}"
    assert "row of a table" not in (row["container"] or "")


@pytest.mark.parametrize("root_related", [False, True])
async def test_a_notification_beside_an_event_changes_nothing_of_it(root_related: bool, tmp_path: Path) -> None:
    one = root_event()
    (tmp_path / "a").write_bytes(record({"Records": [NOTICE, one]}))
    case = await load_beside(tmp_path, tmp_path / "a", filters=Filters(root_related=root_related))
    row = evidence(case)["a"]
    assert event_ids(case) == [one["eventID"]]
    assert (row["status"], row["container"]) == ("loaded", None)
    told = (
        None if root_related else f"value 0: no field of a CloudTrail event ({TOLD})"
    )  # left out before it is decoded
    assert row["problem"] == told


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"Records": [{"eventSource": "aws:dynamodb", "eventName": "INSERT", "eventID": "1", "dynamodb": {}}]},
         "a message of aws:dynamodb to a function"),
        ({"Records": [{"eventSource": "aws:sqs", "messageId": "1", "receiptHandle": "x"}]},
         "a message of aws:sqs to a function"),
        ({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "b", "RequestId": "x", "HostId": "y"},
         "the message with which S3 tests a notification"),
    ],
)  # fmt: skip
async def test_messages_to_functions_are_named(value: Any, words: str, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(record(value))
    row = evidence(await load_beside(tmp_path, tmp_path / "a"))["a"]
    assert row["status"] == "unsupported"
    assert row["problem"] == f"JSON, but without CloudTrail events: {words}"
