"""The questions about all events and about the evidence."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import duckdb

import rootforensics as rf
from tests.builders import ABSENT, event, hash_of_list, root_event, write_log
from tests.stories import part_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    CaseOf = Callable[..., rf.Case]


async def test_hours_count_everybody_and_root() -> None:
    case = await part_of(
        event(eventTime="2026-08-05T10:00:00Z"),
        root_event(eventTime="2026-08-05T10:59:59Z"),
        root_event(eventTime="2026-08-05T11:00:00Z", sourceIPAddress="AWS Internal"),
        event(eventTime=ABSENT),
    )
    rows = [tuple(row.values()) for row in case.query("events_by_hour").rows]
    assert rows == [
        (datetime(2026, 8, 5, 10, tzinfo=UTC), "111122223333", 2, 1, 0),
        (datetime(2026, 8, 5, 11, tzinfo=UTC), "111122223333", 1, 0, 1),
        (None, "111122223333", 1, 0, 0),
    ]


async def test_services_count_everybody_and_root() -> None:
    case = await part_of(
        event(errorCode="AccessDenied"),
        event(),
        event(eventSource=ABSENT),
        root_event(),
        root_event(sourceIPAddress="AWS Internal"),
    )
    rows = {
        row["eventSource"]: (row["event_count"], row["error_count"], row["activity_count"], row["noise_count"])
        for row in case.query("events_by_service").rows
    }
    assert rows == {"ec2.amazonaws.com": (2, 1, 0, 0), "iam.amazonaws.com": (2, 0, 1, 1), None: (1, 0, 0, 0)}


def test_sums_over_hours_and_services_are_the_events(sample_case: rf.Case, expected: dict[str, Any]) -> None:
    for name in ("events_by_hour", "events_by_service"):
        rows = sample_case.query(name).rows
        assert sum(row["event_count"] for row in rows) == expected["events"]["total"]
        assert sum(row["activity_count"] for row in rows) == expected["root"]["activity"]
        assert sum(row["noise_count"] for row in rows) == expected["root"]["noise"]


def test_every_problem_of_the_evidence_is_named(tmp_path: Path) -> None:
    import rootforensics as rf

    twice = event()
    write_log(tmp_path, "logs/a.json", [twice, event(eventTime="never"), event(eventID="")])
    write_log(tmp_path, "logs/b.json", [twice | {"eventName": "Other"}, event(userIdentity="text")])
    (tmp_path / "logs/c.json").write_bytes(b'{"Records":[{"eventVersion":"1.08"')
    (tmp_path / "logs/d.txt").write_bytes(b"hello")
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        rows = case.query("evidence_problems").rows
        ledger = case.query("evidence").rows
    kinds = sorted((row["kind"], row["uri"].rsplit("/", 1)[1]) for row in rows)
    assert kinds == [
        ("event_id_conflict", "a.json"), ("event_id_conflict", "b.json"), ("no_event_id", "a.json"),
        ("no_event_time", "a.json"), ("object_damaged", "c.json"), ("object_loaded", "a.json"), ("object_loaded", "b.json"),
        ("object_unsupported", "d.txt"),
        ("record_problem", "a.json"), ("record_problem", "a.json"), ("record_problem", "b.json"),
    ]  # fmt: skip
    assert [row["status"] for row in ledger] == ["loaded", "loaded", "damaged", "unsupported"]


def test_a_sound_case_has_no_problems(case_of: CaseOf) -> None:
    case = case_of(event(), root_event())
    assert len(case.query("evidence_problems")) == 0
    (row,) = case.query("evidence").rows
    assert (row["status"], row["record_count"], row["event_count"], row["problem"]) == ("loaded", 2, 2, None)


async def test_coverage_tells_accounts_regions_and_times() -> None:
    case = await part_of(
        event(eventTime="2026-08-05T10:00:00Z"),
        root_event(eventTime="2026-08-05T12:00:00Z"),
        event(awsRegion="eu-central-1", recipientAccountId="444455556666"),
        event(
            awsRegion=ABSENT, recipientAccountId=ABSENT, identity={"accountId": ABSENT, "arn": ABSENT}, eventTime=ABSENT
        ),
    )
    rows = [
        (row["account_id"], row["awsRegion"], row["event_count"], row["root_count"])
        for row in case.query("coverage").rows
    ]
    assert rows == [
        ("111122223333", "us-east-1", 2, 1), ("444455556666", "eu-central-1", 1, 0), (None, None, 1, 0),
    ]  # fmt: skip
    assert case.query("coverage").rows[0]["first_time"] == datetime(2026, 8, 5, 10, tzinfo=UTC)


def test_times_of_the_athena_view_are_utc_in_every_client(tmp_path: Path) -> None:
    write_log(tmp_path / "logs", "a.json", [event(eventTime="2026-08-05T23:30:00Z")])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
    with duckdb.connect(tmp_path / "case.duckdb", read_only=True) as client:
        client.execute("SET TimeZone = 'Asia/Kolkata'")
        told = client.execute('SELECT eventtime, year, month, day, "timestamp" FROM cloudtrail_logs').fetchall()
    assert told == [("2026-08-05T23:30:00Z", "2026", "08", "05", "2026/08/05")]


def test_the_digest_of_the_evidence_is_of_its_hashes_and_names(tmp_path: Path) -> None:
    import rootforensics as rf

    names = [
        write_log(tmp_path, "logs/a.json", [event(), event()]),
        write_log(tmp_path, "logs/b.json", [event()]),
    ]
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(names[1])
        case.load(names[0])
        (row,) = case.query("evidence_digest").rows
    assert row == {
        "object_count": 2,
        "unread_count": 0,
        "size_bytes": sum(name.stat().st_size for name in names),
        "sha256": hash_of_list(names),
    }
