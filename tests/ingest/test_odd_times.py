"""An event whose time or ID is odd is kept, with what it says of them, and can be cited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.ingest.filters import Filters, parse_time
from tests.builders import ABSENT, event, record
from tests.ingest.checks import evidence, load, problems, rows
from tests.ingest.odd_record import load_one, other

if TYPE_CHECKING:
    from pathlib import Path

TIMES = [
    ("2026-08-05T10:00:00Z", "2026-08-05 10:00:00+00:00"),
    ("20260805T100000Z", "2026-08-05 10:00:00+00:00"),
    ("2026-08-05T10:00:00", "2026-08-05 10:00:00+00:00"),
    ("2026-08-05 10:00:00", "2026-08-05 10:00:00+00:00"),
    ("2026-08-05T12:30:00+02:30", "2026-08-05 10:00:00+00:00"),
    ("2026-08-05T00:00:00-10:00", "2026-08-05 10:00:00+00:00"),
    ("2026-08-05T10:00:00.123Z", "2026-08-05 10:00:00.123000+00:00"),
    ("2026-08-05T10:00:00.123456+00:00", "2026-08-05 10:00:00.123456+00:00"),
    ("2026-08-05", "2026-08-05 00:00:00+00:00"),
    ("2026-08-05t10:00:00z", "2026-08-05 10:00:00+00:00"),
    ("2000-01-01T00:00:00Z", "2000-01-01 00:00:00+00:00"),
    ("2099-12-31T23:59:59Z", "2099-12-31 23:59:59+00:00"),
]


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+10:00", "1999-12-31T23:59:59Z", "2100-01-01T00:00:00Z",
             "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-10:00"],
)  # fmt: skip
def test_a_time_that_no_trail_can_have_recorded_is_kept_aside(text: str, tmp_path: Path) -> None:
    case, rows_found = load_one(tmp_path, record(event(eventTime=text)), record(event()))
    assert (rows_found[0]["eventTime"], other(rows_found[0])) == (None, {"eventTime": text})
    assert "eventTime" in rows_found[0]["record_problem"]
    assert sorted(row["kind"] for row in case.query("evidence_problems").rows) == [
        "no_event_time",
        "object_loaded",
        "record_problem",
    ]
    assert [row["hour_time"] is None for row in case.query("events_by_hour").rows] == [False, True]


def test_a_time_in_any_usual_spelling_is_read_as_utc(tmp_path: Path) -> None:
    _, (*found, beside) = load_one(tmp_path, *(record(event(eventTime=text)) for text, _ in TIMES), record(event()))
    assert [str(row["eventTime"]) for row in found] == [moment for _, moment in TIMES]
    assert {row["otherFields"] for row in found} == {row["record_problem"] for row in found} == {None}
    assert str(beside["eventTime"]) == "2026-08-05 10:00:00+00:00"


NO_TIMES = [
    "",
    "yesterday",
    "2026-13-45T99:00:00Z",
    "2026-02-30T00:00:00Z",
    12345,
    2026081310,
    {"t": 1},
    [],
    True,
    "infinity",
]


@pytest.mark.parametrize("value", NO_TIMES, ids=str)
def test_an_event_without_a_usable_time_is_kept_with_null_and_a_finding(tmp_path: Path, value: Any) -> None:
    odd, neighbour = event(eventTime=value), event()
    case, (row, beside) = load_one(tmp_path, record(odd), record(neighbour))
    assert row["eventTime"] is None
    assert other(row) == {"eventTime": value}
    assert [one["eventID"] for one in problems(case, "no_event_time")] == [odd["eventID"]]
    assert beside["eventTime"] is not None
    assert (evidence(case)["a.json"]["event_count"], evidence(case)["a.json"]["status"]) == (2, "loaded")


@pytest.mark.parametrize(
    "value",
    [
        *(1785924000, 1785924000.0, 1785924000000, 1785924000000000),  # date -u -d 2026-08-05T10:00:00Z +%s
        *("1785924000000", "2026-08-05 10:00:00.000 UTC", "Aug 5, 2026 10:00:00 AM", "05/Aug/2026:12:00:00 +0200"),
    ],
    ids=str,
)
def test_a_time_that_a_tool_spelled_is_read_as_in_a_table(value: Any, tmp_path: Path) -> None:
    case, (row, beside) = load_one(tmp_path, record(event(eventTime=value)), record(event()))
    assert str(row["eventTime"]) == "2026-08-05 10:00:00+00:00"
    assert (row["record_problem"], row["otherFields"]) == (
        f"eventTime is {value!r}, read as 2026-08-05T10:00:00Z",
        None,
    )
    assert beside["record_problem"] is None
    assert problems(case, "no_event_time") == []


@pytest.mark.parametrize("told", [1785924000000, "2026-08-05 10:00:00.000 UTC"])
def test_a_time_that_a_tool_spelled_is_filtered(told: Any, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(record(event(eventTime=told)))
    for since, count in (("2026-08-05T10:00:00Z", 1), ("2026-08-05T10:00:01Z", 0)):
        filters = Filters(since=parse_time(since))
        case = load(tmp_path, tmp_path / "a.json", name=f"{count}.duckdb", filters=filters)
        assert [row["n"] for row in rows(case, "SELECT count(*) AS n FROM events")] == [count]


@pytest.mark.parametrize("value", [ABSENT, None])
def test_a_missing_time_is_a_finding(tmp_path: Path, value: Any) -> None:
    odd = event(eventTime=value)
    case, (row,) = load_one(tmp_path, record(odd))
    assert (row["eventTime"], row["otherFields"]) == (None, None)
    assert [one["eventID"] for one in problems(case, "no_event_time")] == [odd["eventID"]]


@pytest.mark.parametrize(
    "value", [ABSENT, None, "", {"id": 1}, ["x"]], ids=["absent", "null", "empty", "object", "list"]
)
def test_an_event_without_a_usable_id_is_kept_and_can_be_cited_by_its_place(tmp_path: Path, value: Any) -> None:
    odd, neighbour = event(eventID=value), event()
    case, (beside, row) = load_one(tmp_path, record(neighbour), record(odd))
    assert row["eventID"] is None
    assert beside["eventID"] == neighbour["eventID"]
    assert [(one["evidence_id"], one["record_index"]) for one in problems(case, "no_event_id")] == [(1, 1)]
    assert case.raw("1:1") == record(odd)


@pytest.mark.parametrize(
    "value", ["not-a-uuid", "7", "ümläut \U0001f511", "'; DROP TABLE events; --", "1:0", " ", "x" * 5000]
)
def test_an_id_that_is_no_uuid_is_an_id(tmp_path: Path, value: str) -> None:
    odd = event(eventID=value)
    _, (row,) = load_one(tmp_path, record(odd))
    assert row["eventID"] == value
