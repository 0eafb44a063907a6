"""How values look in the report."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rootforensics.phrases import plural, service_of
from rootforensics.reports.parts.shapes import arguments, harmless, tail, unbroken, when


def test_times() -> None:
    assert when(datetime(2026, 8, 5, 1, 21, 53, tzinfo=UTC)) == "2026-08-05 01:21:53"
    assert when("2026-08-05T01:21:53Z") == "2026-08-05 01:21:53"
    assert when(None) == "no time"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("plain ünïcode 日本 🙂\n\ttwo lines", "plain ünïcode 日本 🙂\n\ttwo lines"),
        ("a\x00b\x1b[31m\r", "a[U+0000]b[U+001B][31m[U+000D]"),
        ("\ud800", "[U+D800]"),
        ("\U000e0041", "[U+E0041]"),
        (None, ""),
        (7, 7),
    ],
)
def test_unseen_characters(value: object, text: object) -> None:
    assert harmless(value) == text


def test_sentences_keep_times_whole_and_markup_text() -> None:
    assert str(unbroken("<b> at 2026-08-05 01:21:53.")) == "&lt;b&gt; at <time>2026-08-05 01:21:53</time>."


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('{"userName":"x","n":{"a":[1]}}', 'userName: x, n: {"a": [1]}'),
        ('"text"', '"text"'),
        ("not json", "not json"),
        (None, ""),
    ],
)
def test_arguments(value: str | None, text: str) -> None:
    called = {"eventSource": "ssm.amazonaws.com", "eventName": "GetParameter"}
    assert arguments(called | {"requestParameters": value}) == text
    assert arguments({"eventSource": None, "eventName": None, "requestParameters": value}) == text


def test_arguments_without_what_is_a_secret_in_that_call() -> None:
    row = {"eventSource": "ssm.amazonaws.com", "eventName": "PutParameter"}
    told = arguments(row | {"requestParameters": '{"name":"/db","value":"hunter2"}'})
    assert told.startswith("name: /db, value: [not shown: 7 bytes, SHA-256 ")


def test_names() -> None:
    uri = "s3://b/AWSLogs/1/CloudTrail/us-east-1/2026/08/05/1_CloudTrail_us-east-1_20260805T0141Z_AOBC9Jka0sFdweBY.json.gz"
    assert tail(uri) == "20260805T0141Z_AOBC9Jka0sFdweBY"
    assert tail("file:///a/odd%20name.json") == "odd name.json"
    assert service_of("iam.amazonaws.com") == "iam"
    assert (plural(1, "event"), plural(1_200, "event")) == ("1 event", "1,200 events")
