"""A part of the timeline holds what was asked for, and nothing that belongs to it is missing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.errors import QueryError

if TYPE_CHECKING:
    from rootforensics.case import Case


def ids(case: Case, **part: Any) -> list[str]:
    """The eventIDs of a part of the timeline."""
    return [row["eventID"] for row in case.timeline(**part).rows]


def test_all_of_it_is_in_order_and_names_findings(case: Case, events: list[dict[str, Any]]) -> None:
    stop, nasty, long, noise, untimed, other, _ = (event["eventID"] for event in events)
    assert ids(case) == [stop, noise, nasty, long, other, untimed]
    named = {row["eventID"]: row["findings"] for row in case.timeline().rows}
    assert any("StopLogging" in name or "stop" in name for name in named[stop] or ())
    assert named[noise] is None


def test_only_narrows_to_people_services_or_findings(case: Case, events: list[dict[str, Any]]) -> None:
    stop, nasty, long, noise, untimed, other, _ = (event["eventID"] for event in events)
    assert ids(case, only="noise") == [noise]
    assert ids(case, only="activity") == [stop, nasty, long, other, untimed]
    cited = {one for row in case.findings().rows for one in row["eventIDs"]}
    assert stop in cited
    assert set(ids(case, only="findings")) == cited & {stop, nasty, long, noise, untimed, other}


def test_times_are_half_open_and_an_event_without_one_stays(case: Case, events: list[dict[str, Any]]) -> None:
    _, nasty, long, noise, untimed, _, _ = (event["eventID"] for event in events)
    since, until = datetime(2026, 8, 5, 11, tzinfo=UTC), datetime(2026, 8, 6, tzinfo=UTC)
    assert ids(case, since=since, until=until) == [noise, nasty, untimed]
    assert ids(case, since=until, until=until.replace(second=1)) == [long, untimed]
    assert ids(case, account_id="012345678901", until=until) == []


def test_columns_come_as_asked(case: Case) -> None:
    assert case.timeline(columns=("eventid", "FINDINGS", "awsRegion")).columns == ["eventID", "findings", "awsRegion"]
    with pytest.raises(QueryError, match="no column 'evntID'"):
        case.timeline(columns=("evntID",))
    with pytest.raises(QueryError, match="named twice"):
        case.timeline(columns=("eventID", "EVENTID"))
