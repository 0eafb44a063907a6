"""Insights events and aggregated events: kept, counted and shown, and never taken for calls.

Shapes as the AWS CloudTrail User Guide gives them: "Record contents for Insights events" (for trails and for event data
stores) and "Record contents for aggregated events".
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.coverage.scope import scope
from rootforensics.ingest.filters import Filters, parse_time
from rootforensics.telling.story import tell
from rootforensics.telling.summary import summarize
from tests.builders import ABSENT, ACCOUNT, REGION, event, event_id, root_event, write_log
from tests.stories import part_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    CaseOf = Callable[..., rf.Case]

ROOT_ARN = f"arn:aws:iam::{ACCOUNT}:root"
SHARED = "26acc406-e3d7-4f74-90bd-aca9d06c5127"
STATISTICS = {"statistics": {"baseline": {"average": 0.000088}, "insight": {"average": 0.6}, "insightDuration": 5}}
CONTEXT = STATISTICS | {
    "attributions": [
        {"attribute": "userIdentityArn", "insight": [{"value": ROOT_ARN, "average": 0.6}], "baseline": []},
        {"attribute": "errorCode", "insight": [{"value": "null", "average": 0.6}], "baseline": []},
    ]
}


def insight(state: str = "Start", **fields: Any) -> dict[str, Any]:
    """An Insights event of a trail, with root among what it attributes the calls to."""
    return {
        "eventVersion": "1.08",
        "eventTime": "2026-08-05T10:05:00Z",
        "awsRegion": REGION,
        "eventID": event_id(),
        "eventType": "AwsCloudTrailInsight",
        "recipientAccountId": ACCOUNT,
        "sharedEventID": SHARED,
        "insightDetails": {
            "state": state,
            "eventSource": "iam.amazonaws.com",
            "eventName": "CreateAccessKey",
            "insightType": "ApiErrorRateInsight",
            "errorCode": "AccessDenied",
            "insightContext": CONTEXT,
        },
        "eventCategory": "Insight",
    } | fields


def lake_insight() -> dict[str, Any]:
    """An Insights event of an event data store: the same facts in fields of its own."""
    return {
        "eventVersion": "1.09",
        "eventCategory": "Insight",
        "eventType": "AwsCloudTrailInsight",
        "eventID": event_id(),
        "eventTime": "2026-08-05T10:20:00Z",
        "awsRegion": REGION,
        "recipientAccountId": ACCOUNT,
        "sharedEventID": event_id(),
        "insightSource": f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:eventdatastore/EXAMPLE-f852-4e8f-8bd1-bcf6cEXAMPLE",
        "insightState": "End",
        "insightEventSource": "ec2.amazonaws.com",
        "insightEventName": "RunInstances",
        "insightErrorCode": "Client.UnauthorizedOperation",
        "insightType": "ApiErrorRateInsight",
        "insightContext": {"baselineAverage": 0.1, "insightAverage": 7, "insightDuration": 2},
    }


def aggregated(start: str = "19:20", end: str = "19:25", **fields: Any) -> dict[str, Any]:
    """An aggregated event by the template USER_ACTIONS, with root among its users."""
    count = {"name": ROOT_ARN, "value": 800}
    return {
        "eventVersion": "1.0",
        "accountId": ACCOUNT,
        "eventId": event_id(),
        "eventCategory": "Aggregated",
        "eventType": "AwsAggregatedEvent",
        "awsRegion": "us-west-2",
        "eventSource": "s3.amazonaws.com",
        "timeWindow": {
            "windowStart": f"2026-08-05T{start}:00Z",
            "windowEnd": f"2026-08-05T{end}:00Z",
            "windowSize": "PT5M",
        },
        "summary": {
            "primaryDimension": {"dimension": "userIdentity", "statistics": [count], "aggregationType": "Count"},
            "details": [
                {
                    "dimension": "eventName",
                    "statistics": [{"name": "PutObject", "value": 800}],
                    "aggregationType": "Count",
                }
            ],
        },
    } | fields


def test_every_documented_field_has_its_column(case_of: CaseOf) -> None:
    records = [insight(), lake_insight(), aggregated()]
    rows = case_of(*records).sql("SELECT * FROM events ORDER BY record_index").rows
    for record, row in zip(records, rows, strict=True):
        assert (row["otherFields"], row["record_problem"]) == (None, None)
        for name, value in record.items():
            held = row["eventID" if name == "eventId" else name]
            if isinstance(value, dict) and isinstance(held, str):
                held = json.loads(held)
            assert held == (datetime.fromisoformat(value) if name == "eventTime" else value), name


@pytest.mark.quick(2)
@pytest.mark.parametrize(
    ("since", "until", "is_in"),
    [
        ("19:24", None, True),
        ("19:25", None, False),  # the window ends as the filter begins
        ("19:26", None, False),
        (None, "19:19", False),
        (None, "19:20", False),  # it begins as the filter ends
        (None, "19:21", True),
    ],
)
def test_a_window_passes_a_filter_that_it_overlaps(
    since: str | None, until: str | None, is_in: bool, tmp_path: Path
) -> None:
    write_log(tmp_path / "logs", "a.json.gz", [aggregated()])
    ends = {
        name: datetime.fromisoformat(f"2026-08-05T{clock}:00Z")
        for name, clock in (("since", since), ("until", until))
        if clock
    }
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs", filters=Filters(**ends))
        assert len(case.sql("FROM events")) == is_in


def test_an_aggregated_event_is_cited_by_its_id(tmp_path: Path) -> None:
    record = aggregated()
    write_log(tmp_path / "logs", "a.json.gz", [event(), record])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        assert json.loads(case.raw(record["eventId"])) == record
        assert len(case.query("evidence_problems")) == 0


async def test_the_other_spelling_of_the_id_belongs_to_aggregated_events_alone() -> None:
    row = (await part_of(event(eventID=ABSENT, eventId="x"))).sql("SELECT eventID, otherFields FROM events").rows[0]
    assert (row["eventID"], json.loads(row["otherFields"])) == (None, {"eventId": "x"})


@pytest.mark.heavy
def test_calls_and_summaries_together_are_all_events(case_of: CaseOf) -> None:
    case = case_of(event(), root_event(), event(eventCategory=ABSENT), insight(), insight("End"), aggregated())
    rows = case.query("events_by_category").rows
    found = [(row["eventCategory"], row["eventType"], row["event_count"], row["call_count"]) for row in rows]
    assert found == [
        ("Insight", "AwsCloudTrailInsight", 2, 0),
        ("Management", "AwsApiCall", 2, 2),
        ("Aggregated", "AwsAggregatedEvent", 1, 0),
        (None, "AwsApiCall", 1, 1),
    ]
    assert case.query("events_by_category", account_id="444455556666").rows == []
    analysis = case.analysis()
    events = summarize(analysis)["events"]
    assert (events["total"], events["calls"], events["insights"], events["aggregated"]) == (6, 3, 2, 1)
    told = [statement.text for statement in tell(analysis)]
    assert [text for text in told if "2 Insights events and 1 aggregated event that CloudTrail itself wrote" in text]


@pytest.mark.heavy  # eighteen questions and two summaries
@pytest.mark.heavy
def test_no_count_of_calls_or_of_root_takes_a_summary_for_a_call(case_of: CaseOf) -> None:
    calls = [
        event(eventTime="2026-08-05T11:00:00Z"),
        root_event(eventTime="2026-08-05T12:00:00Z"),
        root_event(eventTime="2026-08-05T13:00:00Z", identity={"invokedBy": "backup.amazonaws.com"}),
    ]
    early = "2026-08-01T00:00:00Z"
    summaries = [insight(eventTime=early), insight("End"), lake_insight(), aggregated()]
    alone, both = case_of(*calls), case_of(*calls, *summaries)
    for name in (
        "coverage root_events root_activity root_noise root_summary root_signins root_api_calls root_by_ip root_errors"
        " root_by_user_agent root_first_last root_writes noise_by_service events_by_hour events_by_service"
        " root_timeline evidence_problems"
    ).split():
        actual, wanted = both.query(name).rows, alone.query(name).rows
        assert len(actual) == len(wanted), name
        assert actual == [
            row | ({"uri": same["uri"]} if "uri" in row else {}) for row, same in zip(wanted, actual, strict=True)
        ], name
    before, after = summarize(alone), summarize(both)
    assert after["root"] == before["root"]
    for figure in ("calls", "without_time", "first_time", "last_time", "id_conflicts"):
        assert after["events"][figure] == before["events"][figure]
    assert after["events"]["total"] == before["events"]["total"] + len(summaries)
    assert not [statement for statement in tell(alone) if "CloudTrail itself" in statement.text]


async def test_an_event_that_names_root_is_an_action_whatever_it_calls_itself() -> None:
    case = await part_of(
        root_event(eventCategory="Insight"),
        root_event(eventType="AwsAggregatedEvent", eventID=ABSENT),
        root_event(eventCategory="Aggregated", identity={"type": ABSENT}),
    )
    assert len(case.query("root_activity")) == 3
    assert len(case.query("cloudtrail_summaries")) == 0


async def test_summaries_are_listed_with_what_they_say() -> None:
    case = await part_of(event(), aggregated(), lake_insight(), insight())
    rows = case.query("cloudtrail_summaries").rows
    assert [
        (row["kind"], row["state"], row["insight_type"], row["service"], row["name"], row["error_code"]) for row in rows
    ] == [
        ("insight", "Start", "ApiErrorRateInsight", "iam.amazonaws.com", "CreateAccessKey", "AccessDenied"),
        ("insight", "End", "ApiErrorRateInsight", "ec2.amazonaws.com", "RunInstances", "Client.UnauthorizedOperation"),
        ("aggregated", None, None, "s3.amazonaws.com", "userIdentity", None),
    ]
    assert [json.loads(row["details"]) for row in rows] == [
        CONTEXT, lake_insight()["insightContext"], aggregated()["summary"],
    ]  # fmt: skip
    window = datetime(2026, 8, 5, 19, 20, tzinfo=UTC), datetime(2026, 8, 5, 19, 25, tzinfo=UTC)
    assert (rows[2]["from_time"], rows[2]["until_time"]) == window
    assert {row["account_id"] for row in rows} == {ACCOUNT}
    assert case.query("cloudtrail_summaries", account_id="444455556666").rows == []


@pytest.mark.heavy
def test_a_case_of_summaries_alone_proves_nothing(case_of: CaseOf) -> None:
    analysis = case_of(insight(), aggregated()).analysis()
    told = [statement.text for statement in tell(analysis)]
    assert told[0] == "The case contains no record of any call, so it proves nothing about root."
    assert summarize(analysis)["events"]["first_time"] is None


def test_a_summary_is_no_log_of_its_region(tmp_path: Path) -> None:
    named = "{account}_{folder}_{region}_20260805T0105Z_0123456789abcdef.json.gz"
    for folder, region, records in (
        ("CloudTrail", "us-east-1", [event()]),
        ("CloudTrail-Insight", "us-east-2", [insight(awsRegion="us-east-2")]),
        ("CloudTrail-Aggregated", "us-west-2", [aggregated()]),
        ("CloudTrail-NetworkActivity", "eu-west-1", [event(awsRegion="eu-west-1", eventCategory="NetworkActivity")]),
    ):
        name = named.format(account=ACCOUNT, folder=folder, region=region)
        write_log(tmp_path / "logs", f"AWSLogs/{ACCOUNT}/{folder}/{region}/2026/08/05/{name}", records)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        assert scope(case).regions == ("eu-west-1", "us-east-1")
        assert [row["status"] for row in case.query("evidence").rows] == ["loaded"] * 4


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("since", "until", "kept"),
    [
        ("2026-08-05T19:25", "2026-08-06", [False, True]),
        ("2026-08-05", "2026-08-05T19:25", [True, False]),
        ("2026-08-05T19:24", "2026-08-05T19:26", [True, True]),
    ],
)
def test_a_window_that_lies_outside_the_time_is_left_out(
    tmp_path: Path, since: str, until: str, kept: list[bool]
) -> None:
    records = [aggregated(), aggregated("19:25", "19:30"), aggregated(timeWindow={"windowStart": "?"})]
    write_log(tmp_path / "logs", "a.json", records)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs", filters=rf.Filters(since=parse_time(since), until=parse_time(until)))
        held = {row["eventID"] for row in case.sql("SELECT eventID FROM events").rows}
        assert [record["eventId"] in held for record in records] == [*kept, True]
        assert case.query("evidence").rows[0]["filtered_count"] == kept.count(False)


def test_the_account_of_an_aggregated_event_is_filtered(tmp_path: Path) -> None:
    records = [aggregated(), aggregated(accountId="444455556666")]
    write_log(tmp_path / "logs", "a.json", records)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs", filters=rf.Filters(accounts=("444455556666",)))
        assert [row["eventID"] for row in case.sql("SELECT eventID FROM events").rows] == [records[1]["eventId"]]
