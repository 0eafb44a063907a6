"""An event whose time or ID is odd is kept, with what it says of them, and can be cited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.ingest.filters import Filters, parse_time
from tests.builders import ABSENT, event, record
from tests.ingest.checks import problems, rows
from tests.ingest.odd_record import load_files, load_one, other
from tests.ingest.side_by_side import load_beside

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


NEVER = [
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+10:00",
    "1999-12-31T23:59:59Z",
    "2100-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-10:00",
]


def test_a_time_that_no_trail_can_have_recorded_is_kept_aside(tmp_path: Path, subtests: pytest.Subtests) -> None:
    files = load_files(tmp_path, {text: [record(event(eventTime=text)), record(event())] for text in NEVER})
    told = files.case.query("evidence_problems").rows
    for text in NEVER:
        with subtests.test(text):
            row = files.events(text)[0]
            assert (row["eventTime"], other(row)) == (None, {"eventTime": text})
            assert "eventTime" in row["record_problem"]
            kinds = sorted(one["kind"] for one in told if one["evidence_id"] == row["evidence_id"])
            assert kinds == ["no_event_time", "object_loaded", "record_problem"]
    assert [row["hour_time"] is None for row in files.case.query("events_by_hour").rows] == [False, True]


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


def test_an_event_without_a_usable_time_is_kept_with_null_and_a_finding(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    odd = {repr(value): event(eventTime=value) for value in NO_TIMES}
    files = load_files(tmp_path, {key: [record(one), record(event())] for key, one in odd.items()})
    told = [problem["eventID"] for problem in problems(files.case, "no_event_time")]
    assert sorted(told) == sorted(one["eventID"] for one in odd.values())
    for key, one in odd.items():
        with subtests.test(key):
            row, beside = files.events(key)
            assert row["eventTime"] is None
            assert other(row) == {"eventTime": one["eventTime"]}
            assert beside["eventTime"] is not None
            assert (files.row(key)["event_count"], files.row(key)["status"]) == (2, "loaded")


#: date -u -d 2026-08-05T10:00:00Z +%s gives 1785924000.
OF_TOOLS: list[Any] = [
    *(1785924000, 1785924000.0, 1785924000000, 1785924000000000),
    *("1785924000000", "2026-08-05 10:00:00.000 UTC", "Aug 5, 2026 10:00:00 AM", "05/Aug/2026:12:00:00 +0200"),
]


def test_a_time_that_a_tool_spelled_is_read_as_in_a_table(tmp_path: Path, subtests: pytest.Subtests) -> None:
    made = {repr(value): [record(event(eventTime=value)), record(event())] for value in OF_TOOLS}
    files = load_files(tmp_path, made)
    assert problems(files.case, "no_event_time") == []
    for value in OF_TOOLS:
        with subtests.test(repr(value)):
            row, beside = files.events(repr(value))
            assert str(row["eventTime"]) == "2026-08-05 10:00:00+00:00"
            assert row["record_problem"] == f"eventTime is {value!r}, read as 2026-08-05T10:00:00Z"
            assert row["otherFields"] is None
            assert beside["record_problem"] is None


@pytest.mark.parametrize("told", [1785924000000, "2026-08-05 10:00:00.000 UTC"])
async def test_a_time_that_a_tool_spelled_is_filtered(told: Any, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(record(event(eventTime=told)))
    for since, count in (("2026-08-05T10:00:00Z", 1), ("2026-08-05T10:00:01Z", 0)):
        filters = Filters(since=parse_time(since))
        case = await load_beside(tmp_path, tmp_path / "a.json", filters=filters)
        assert [row["n"] for row in rows(case, "SELECT count(*) AS n FROM events")] == [count]


@pytest.mark.quick(1)
@pytest.mark.parametrize("value", [ABSENT, None])
def test_a_missing_time_is_a_finding(tmp_path: Path, value: Any) -> None:
    odd = event(eventTime=value)
    case, (row,) = load_one(tmp_path, record(odd))
    assert (row["eventTime"], row["otherFields"]) == (None, None)
    assert [problem["eventID"] for problem in problems(case, "no_event_time")] == [odd["eventID"]]


def test_an_event_without_a_usable_id_is_kept_and_can_be_cited_by_its_place(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    values = {"absent": ABSENT, "null": None, "empty": "", "object": {"id": 1}, "list": ["x"]}
    events = {key: (event(), event(eventID=value)) for key, value in values.items()}
    files = load_files(tmp_path, {key: list(map(record, pair)) for key, pair in events.items()})
    told = [(problem["evidence_id"], problem["record_index"]) for problem in problems(files.case, "no_event_id")]
    assert sorted(told) == sorted((files.row(key)["evidence_id"], 1) for key in values)
    for key, (neighbour, odd) in events.items():
        with subtests.test(key):
            assert files.ids(key) == [neighbour["eventID"], None]
            assert files.case.raw(f"{files.row(key)['evidence_id']}:1") == record(odd)


def test_an_id_that_is_no_uuid_is_an_id(tmp_path: Path) -> None:
    values = ["not-a-uuid", "7", "ümläut \U0001f511", "'; DROP TABLE events; --", "1:0", " ", "x" * 5000]
    _, found = load_one(tmp_path, *(record(event(eventID=value)) for value in values))
    assert [row["eventID"] for row in found] == values
