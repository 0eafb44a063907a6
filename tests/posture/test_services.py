"""Findings of other services of AWS, in the case and between the events of the timeline."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

import rootforensics as rf
from rootforensics.reports.exports.timesketch import write_timesketch
from tests.builders import root_event, write_log
from tests.posture.answers import ACCOUNT, DETECTOR, perfect, write

if TYPE_CHECKING:
    pass

_BUCKET = "arn:aws:s3:::open-bucket"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> rf.Case:
    """Two events, and a finding of each service: between them, after them, and of a control that passed."""
    folder = tmp_path_factory.mktemp("services")
    times = ("2026-08-05T01:00:00Z", "2026-08-05T03:00:00Z")
    events = [root_event(eventTime=time, eventID=f"e{number}") for number, time in enumerate(times)]
    found = rf.Case(folder / "case.duckdb")
    found.load(write_log(folder, "log.json", events))
    answers = perfect()
    seen = {"EventFirstSeen": "2026-08-05T01:00:00Z", "EventLastSeen": "2026-08-05T02:00:00Z", "Archived": False}
    row = {"Type": "Policy:IAMUser/RootCredentialUsage", "Severity": 2, "Title": "Root was used", "Service": seen}
    answers[f"us-east-1/guardduty/list-findings--{DETECTOR}"] = {"FindingIds": ["f1"]}
    answers[f"us-east-1/guardduty/get-findings--{DETECTOR}"] = {"Findings": [row]}
    hub = answers["us-east-1/securityhub/get-findings"]["Findings"]
    hub[0] |= {"Compliance": {"Status": "FAILED", "SecurityControlId": "IAM.4"}, "UpdatedAt": "2026-08-06T00:00:00Z"}
    open_one = {"id": "a", "resource": _BUCKET, "resourceType": "AWS::S3::Bucket", "status": "ACTIVE"}
    answers["us-east-1/accessanalyzer/list-findings--arn"] = {"findings": [open_one]}
    found.posture(from_folder=write(folder / "answers", answers))
    return found


@pytest.mark.heavy
def test_each_finding_stands_in_the_case_with_its_answer(case: rf.Case) -> None:
    rows = case.query("service_findings").rows
    assert [(row["service"], row["kind"], row["status"]) for row in rows][:2] == [
        ("guardduty", "Policy:IAMUser/RootCredentialUsage", "ACTIVE"),
        ("securityhub", "IAM.4", "FAILED"),
    ]
    assert rows[0]["first_time"] == datetime(2026, 8, 5, 1, tzinfo=UTC)
    assert {row["service"]: row["resource"] for row in rows}["access-analyzer"] == _BUCKET
    calls = {one["citation"]: one["call"] for one in case.query("aws_answers").rows}
    assert calls[rows[0]["citation"]] == "guardduty:GetFindings"
    assert not case.query("service_findings", account_id="444455556666").rows


@pytest.mark.heavy
def test_the_timeline_has_them_where_they_were_last_seen(case: rf.Case) -> None:
    rows = case.timeline().rows
    assert [(row["eventID"] or row["eventName"]) for row in rows] == [
        *("e0", "Policy:IAMUser/RootCredentialUsage", "e1", "IAM.4", f"AWS::S3::Bucket {_BUCKET}"),
    ]
    assert (rows[1]["origin_group"], rows[1]["eventSource"]) == ("finding", "guardduty.amazonaws.com")
    assert rows[1]["uri"] == case.query("service_findings").rows[0]["citation"]
    assert [row["eventID"] for row in case.timeline(only="activity").rows] == ["e0", "e1"]
    until = datetime(2026, 8, 5, 2, 30, tzinfo=UTC)
    assert [row["eventID"] for row in case.timeline(until=until).rows] == ["e0", None, None]  # the last has no time


@pytest.mark.heavy
def test_timesketch_gets_them_as_what_they_are(case: rf.Case) -> None:
    file = io.StringIO()
    write_timesketch(case.timeline().rows, file)
    told = [json.loads(line) for line in file.getvalue().splitlines()]
    assert [one["data_type"] for one in told] == [
        *("aws:cloudtrail:entry", "aws:finding", "aws:cloudtrail:entry", "aws:finding")
    ]
    assert told[1]["message"] == (f"Policy:IAMUser/RootCredentialUsage by guardduty.amazonaws.com in account {ACCOUNT}")
