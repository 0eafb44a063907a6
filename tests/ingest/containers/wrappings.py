"""Wrap events as other services do, from their documentation; each gives the text of a file."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING, Any, Final

from tests.builders import record

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Events = list[dict[str, Any]]


def text(event: dict[str, Any]) -> str:
    """An event as a string inside JSON."""
    return record(event).decode()


def packed(value: Any) -> str:
    """A value as gzip in base64."""
    return base64.b64encode(gzip.compress(json.dumps(value).encode())).decode()


def lookup_entry(event: dict[str, Any]) -> dict[str, Any]:
    """One entry of LookupEvents."""
    return {
        "EventId": event["eventID"],
        "EventName": event["eventName"],
        "ReadOnly": "false",
        "EventTime": 1786000000.0,
        "Username": "somebody",
        "Resources": [{"ResourceType": "AWS::S3::Bucket", "ResourceName": "logs"}],
        "CloudTrailEvent": text(event),
    }


def envelope(event: dict[str, Any]) -> dict[str, Any]:
    """An EventBridge envelope."""
    return {
        "version": "0",
        "id": "6f6c5e0f-0000-4000-8000-000000000000",
        "detail-type": "AWS API Call via CloudTrail",
        "source": "aws.iam",
        "account": "111122223333",
        "time": "2026-08-05T10:00:09Z",
        "region": "us-east-1",
        "resources": [],
        "detail": event,
    }


def subscription(events: Events) -> dict[str, Any]:
    """A CloudWatch Logs subscription payload."""
    logged = [{"id": str(place), "timestamp": 1786000000000, "message": text(one)} for place, one in enumerate(events)]
    return {
        "messageType": "DATA_MESSAGE",
        "owner": "111122223333",
        "logGroup": "trail",
        "logStream": "111122223333_CloudTrail_us-east-1",
        "subscriptionFilters": ["all"],
        "logEvents": logged,
    }


CONTROL: Final = {
    "messageType": "CONTROL_MESSAGE",
    "owner": "CloudwatchLogs",
    "logGroup": "",
    "logStream": "",
    "subscriptionFilters": [],
    "logEvents": [{"id": "", "timestamp": 1786000000000, "message": "CWL CONTROL MESSAGE: Checking health"}],
}


def sns(message: Any) -> dict[str, Any]:
    """An SNS notification."""
    return {
        "Type": "Notification",
        "MessageId": "95df01b4-0000-4000-8000-000000000000",
        "TopicArn": "arn:aws:sns:us-east-1:111122223333:trail",
        "Message": json.dumps(message),
        "Timestamp": "2026-08-05T10:00:09.000Z",
    }


def _lines(values: Sequence[Any]) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def _whole(value: Any) -> bytes:
    return json.dumps(value, indent=2).encode()


def _sqs(events: Events) -> bytes:
    return _whole({"Messages": [{"MessageId": "1", "Body": json.dumps(sns(envelope(event)))} for event in events]})


def _sqs_in_lambda(events: Events) -> bytes:
    body = [
        {"messageId": "1", "eventSource": "aws:sqs", "awsRegion": "us-east-1", "body": text(event)} for event in events
    ]
    return _whole({"Records": body})


def _kinesis(events: Events) -> bytes:
    data = [packed(subscription([event])) for event in events]
    return _whole({"Records": [{"eventSource": "aws:kinesis", "kinesis": {"data": one}} for one in data]})


def _insights(events: Events) -> bytes:
    rows = [[{"field": "@timestamp", "value": "x"}, {"field": "@message", "value": text(event)}] for event in events]
    return _whole({"results": rows, "statistics": {"recordsMatched": 3.0}, "status": "Complete"})


def _elastic(one: dict[str, Any]) -> dict[str, Any]:
    return {"@timestamp": one["eventTime"], "event": {"original": text(one), "provider": one["eventSource"]}}


#: Name of the container, and what makes a file of it.
WRAPPINGS: Final[dict[str, tuple[str, Callable[[Events], bytes]]]] = {
    "lookup": ("LookupEvents", lambda events: _whole({"Events": [lookup_entry(event) for event in events]})),
    "lookup lines": ("LookupEvents", lambda events: _lines([lookup_entry(event) for event in events])),
    "lookup pages": (
        "LookupEvents",
        lambda events: _lines([{"Events": [lookup_entry(event)], "NextToken": "x"} for event in events]),
    ),
    "subscription": ("CloudWatch Logs subscription", lambda events: _whole(subscription(events))),
    "subscription in lambda": (
        "CloudWatch Logs subscription",
        lambda events: _whole({"awslogs": {"data": packed(subscription(events))}}),
    ),
    "filter-log-events": (
        "CloudWatch Logs events",
        lambda events: _whole(
            {
                "events": [{"message": text(event), "ingestionTime": 1, "eventId": "3"} for event in events],
                "nextToken": "x",
            }
        ),
    ),
    "insights": ("CloudWatch Logs Insights", _insights),
    "eventbridge": ("EventBridge", lambda events: _lines([envelope(event) for event in events])),
    "firehose of eventbridge": (
        "EventBridge",
        lambda events: b"".join(json.dumps(envelope(event)).encode() for event in events),
    ),
    "sns": ("SNS", lambda events: _lines([sns(event) for event in events])),
    "sns in lambda": (
        "SNS",
        lambda events: _whole({"Records": [{"Sns": {"Message": text(event)}} for event in events]}),
    ),
    "sqs": ("SQS > SNS > EventBridge", _sqs),
    "sqs in lambda": ("SQS", _sqs_in_lambda),
    "kinesis in lambda": ("Kinesis > CloudWatch Logs subscription", _kinesis),
    "firehose to an endpoint": (
        "Firehose",
        lambda events: _whole(
            {"requestId": "r", "timestamp": 1, "records": [{"data": packed(event)} for event in events]}
        ),
    ),
    "opensearch": (
        "OpenSearch",
        lambda events: _whole({"hits": {"hits": [{"_source": event} for event in events]}}),
    ),
    "splunk": (
        "Splunk",
        lambda events: _lines([{"preview": False, "result": {"_raw": text(event)}} for event in events]),
    ),
    "splunk's alert": (
        "Splunk",
        lambda events: _lines([{"sid": "s", "search_name": "n", "result": {"_raw": text(event)}} for event in events]),
    ),
    "a call's answer": (
        "object with result.content.text",
        lambda events: _lines(
            [
                {"jsonrpc": "2.0", "id": 1, "result": {"content": [{"type": "text", "text": text(event)}]}}
                for event in events
            ]
        ),
    ),
    "elastic": ("Elastic", lambda events: _lines([_elastic(event) for event in events])),
    "elastic, flat": ("Elastic", lambda events: _lines([{"event.original": text(event)} for event in events])),
    "pipeline": (
        "log pipeline",
        lambda events: _lines([{"message": text(event), "host": {"name": "x"}} for event in events]),
    ),
    "test case": (
        "object with data",
        lambda events: _whole([{"data": event, "log": "cloudtrail"} for event in events]),
    ),
}
