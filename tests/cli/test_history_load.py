"""From the API into the case: the events of the history, told apart from copies of them in log files."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

import rootforensics as rf
from rootforensics.analysis.coverage.scope import scope
from rootforensics.reports.html import render_report
from rootforensics.telling.story import tell
from rootforensics.telling.summary import summarize
from tests.builders import event, root_event, write_log
from tests.cli.test_history import NEWEST, UNTIL, run
from tests.stand_ins.clock import iso, spread
from tests.stand_ins.cloudtrail_api import CloudTrailApi

if TYPE_CHECKING:
    from pathlib import Path

EVENTS = {
    "us-east-1": [
        *spread(55, NEWEST),
        root_event(eventTime=iso(NEWEST - timedelta(days=2)), eventName="CreateAccessKey"),
        event(eventTime=iso(NEWEST), userAgent='ü "quoted" \U0001f600', readOnly=False),
    ],
    "eu-west-1": spread(3, NEWEST, awsRegion="eu-west-1"),
}
IDS = sorted(one["eventID"] for events in EVENTS.values() for one in events)


@pytest.fixture(scope="module")
def case_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case into which the history of two Regions was fetched."""
    path = tmp_path_factory.mktemp("history") / "case.duckdb"
    with CloudTrailApi(EVENTS) as api:
        status, lines = run(api.environment(), path, "--until", UNTIL)
    assert status == 0, lines
    return path


def test_every_event_of_the_history_is_in_the_case(case_path: Path) -> None:
    with rf.open_case(case_path) as case:
        rows = case.sql("SELECT CAST(eventID AS VARCHAR) AS id FROM events ORDER BY id").rows
        assert [row["id"] for row in rows] == IDS


def test_root_is_known_by_its_identity_not_by_the_outer_user_name(case_path: Path) -> None:
    with rf.open_case(case_path) as case:
        rows = case.query("root_activity").rows
    assert [row["eventName"] for row in rows] == ["CreateAccessKey"]


def test_the_same_events_from_a_trail_are_copies_not_new(case_path: Path, tmp_path: Path) -> None:
    copy = shutil.copy(case_path, tmp_path / "case.duckdb")
    log = write_log(tmp_path, "log.json.gz", [one for events in EVENTS.values() for one in events])
    with rf.open_case(copy) as case:
        result = case.load(log)
        total = case.sql("SELECT count(*) AS n FROM events").rows[0]["n"]
    assert (result.new_count, result.duplicate_count, total) == (0, len(IDS), len(IDS))


@pytest.mark.heavy
def test_a_case_of_root_alone_says_so(tmp_path: Path) -> None:
    path = tmp_path / "case.duckdb"
    with CloudTrailApi(EVENTS) as api:
        status, lines = run(api.environment(), path, "--until", UNTIL, "--root-named")
    assert status == 0, lines
    with rf.open_case(path) as case:
        assert [row["eventName"] for row in case.query("root_activity").rows] == ["CreateAccessKey"]
        told = case.sql("SELECT DISTINCT filters::VARCHAR AS filters FROM evidence").rows
    assert [json.loads(row["filters"]) for row in told] == [[{"until": UNTIL, "root_named": True}]]


@pytest.mark.heavy
def test_a_case_of_a_part_of_the_time_claims_no_more(tmp_path: Path) -> None:
    since, path = iso(NEWEST - timedelta(days=1)), tmp_path / "case.duckdb"
    with CloudTrailApi(EVENTS) as api:
        status, lines = run(api.environment(), path, "--since", since, "--until", UNTIL)
    assert status == 0, lines
    words = f"from {since}; before {UNTIL}"
    with rf.open_case(path) as case:  # root's one event is older than what was asked for
        assert len(case.query("root_activity")) == 0
        rows = case.query("evidence").rows
        assert {row["filters"] for row in rows} == {
            json.dumps([{"since": since, "until": UNTIL}], separators=(",", ":"))
        }
        assert sum(row["filtered_count"] for row in rows) == 0
        analysis = case.analysis()
        told, summary = tell(analysis), summarize(analysis)
        assert not scope(case).is_whole
        page = render_report(analysis, summary)
    assert told[0].text.endswith("The case shows no use of root by a person, but it contains only what was asked for.")
    assert any(f"only the events that a filter selected (filter: {words})" in one.text for one in told)
    assert summary["filters"] == [words]
    assert f"only the events that a filter selected (filter: {words})" in page
    assert "No root activity in these logs" not in page


@pytest.mark.heavy
def test_a_whole_history_after_a_part_brings_the_rest(tmp_path: Path) -> None:
    since, path = iso(NEWEST - timedelta(days=1)), tmp_path / "case.duckdb"
    with CloudTrailApi(EVENTS) as api:
        assert run(api.environment(), path, "--since", since, "--until", UNTIL)[0] == 0
        assert run(api.environment(), path, "--until", UNTIL)[0] == 0
    with rf.open_case(path) as case:
        assert sorted(row["eventID"] for row in case.sql("SELECT eventID FROM events").rows) == IDS
        assert [row["eventName"] for row in case.query("root_activity").rows] == ["CreateAccessKey"]
