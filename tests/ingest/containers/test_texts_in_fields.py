"""Records and containers that lie as text in a field: opened however deep, and told where the text is cut off."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.builders import event, root_event
from tests.ingest.checks import event_ids, evidence
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from pathlib import Path

RECORD = root_event(requestParameters={"name": 'a "quoted" {name}'})
TEXT = json.dumps(RECORD)


def write(tmp_path: Path, data: str) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.log").write_text(data)


def without_version(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "eventVersion"}


ENVELOPE = {"detail-type": "AWS API Call via CloudTrail", "source": "aws.iam", "detail": RECORD}
SNS = {"Type": "Notification", "TopicArn": "arn:aws:sns:us-east-1:1:t", "Message": json.dumps(ENVELOPE)}
SUBSCRIPTION = {"messageType": "DATA_MESSAGE", "logEvents": [{"id": "1", "timestamp": 1, "message": TEXT}]}
ENTRY = {"EventId": RECORD["eventID"], "EventName": RECORD["eventName"], "CloudTrailEvent": TEXT}
CARRIED = {
    "event.original with SNS": {"event": {"original": json.dumps(SNS)}},
    "message with a subscription": {"message": json.dumps(SUBSCRIPTION)},
    "message with an entry of LookupEvents": {"message": json.dumps(ENTRY)},
    "message with SQS": {"message": json.dumps({"MessageId": "1", "Body": json.dumps(ENVELOPE)})},
    "message in a message": {"message": json.dumps({"message": TEXT})},
    "message with a list": {"message": json.dumps([RECORD])},
    "message with Records": {"message": json.dumps({"Records": [RECORD]})},
    "message with a record without a version": {"message": json.dumps(without_version(RECORD))},
    "a Lambda function's answer": {"Payload": json.dumps({"statusCode": 200, "body": json.dumps(TEXT)})},
    "message in base64": {"message": base64.b64encode(TEXT.encode()).decode()},
}


@pytest.mark.parametrize("carrier", CARRIED.values(), ids=CARRIED)
async def test_a_container_in_a_field_is_opened(carrier: dict[str, Any], tmp_path: Path) -> None:
    write(tmp_path, json.dumps(carrier))
    case = await load_beside(tmp_path)
    assert event_ids(case) == [RECORD["eventID"]]
    row = evidence(case)["a.log"]
    assert (row["status"], row["rejected_count"], row["problem"]) == ("loaded", 0, None)


async def test_records_in_the_parameters_of_an_event_are_no_events_of_their_own(tmp_path: Path) -> None:
    outer = event(eventName="PutEvents", requestParameters={"entries": [{"detail": json.dumps(SNS)}]})
    write(tmp_path, json.dumps({"message": json.dumps(outer)}))
    assert event_ids(await load_beside(tmp_path)) == [outer["eventID"]]


OTHER = event()
WHOLE = json.dumps(OTHER)
STAMP = "2026-08-05T10:00:00.000Z"
CUT = {
    "message of CloudWatch Logs": {"events": [{"ingestionTime": 1, "message": WHOLE}, {"message": TEXT[:-90]}]},
    "first letters of a message": {"events": [{"ingestionTime": 1, "message": WHOLE}, {"message": TEXT[:9]}]},
    "message of a subscription": {
        "messageType": "DATA_MESSAGE",
        "logEvents": [{"message": WHOLE}, {"message": TEXT[:200]}],
    },
}
LINES = {
    "field of a log pipeline": f"{json.dumps({'message': WHOLE})}\n{json.dumps({'message': TEXT[:300]})}\n",
    "line at the end": f"{STAMP} {WHOLE}\n{STAMP} {TEXT[:200]}",
    "line after its first sign": f"{STAMP} {WHOLE}\n{STAMP} {{",
    "line without its last sign": f"{STAMP} {WHOLE}\n{STAMP} {TEXT[:-1]}",
    "line in the middle": f"{STAMP} {TEXT[:200]}\n{STAMP} {WHOLE}\n",
} | {name: json.dumps(value) for name, value in CUT.items()}  # fmt: skip


@pytest.mark.parametrize("data", LINES.values(), ids=LINES)
async def test_a_record_that_is_cut_off_in_a_text_is_damage(data: str, tmp_path: Path) -> None:
    write(tmp_path, data)
    case = await load_beside(tmp_path)
    assert event_ids(case) == [OTHER["eventID"]]
    row = evidence(case)["a.log"]
    assert (row["status"], row["event_count"], row["rejected_count"]) == ("damaged", 1, 1)
    assert "a record in a text is cut off" in row["problem"]


@pytest.mark.parametrize("line", ["started", f"{STAMP} {{draining}} connections", f"{STAMP} got eventVersion 1.08"])
async def test_a_line_of_something_else_is_no_damage(line: str, tmp_path: Path) -> None:
    write(tmp_path, f"{STAMP} {WHOLE}\n{line}\n{STAMP} {TEXT}\n")
    row = evidence(await load_beside(tmp_path))["a.log"]
    assert (row["status"], row["event_count"], row["rejected_count"]) == ("loaded", 2, 1)
