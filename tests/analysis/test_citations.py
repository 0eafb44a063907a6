"""Events that share one eventID, or have none, are told apart everywhere: the answers are those of unique IDs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import pytest

import rootforensics as rf
from rootforensics.charts.incident_rows import incident_data
from rootforensics.evidence.cite import cite
from rootforensics.reports.html import render_report
from rootforensics.telling.story import tell
from rootforensics.telling.summary_lists import summary_lists
from rootforensics.telling.timeline import incident_lines
from rootforensics.telling.triage import triage_sections
from tests.builders import ACCOUNT, event, root_event, write_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rootforensics.analysis.analysis import Analysis

SHARED: Final = "0aaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"
SESSION: Final = {"accessKeyId": "ASIAROOT", "sessionContext": {"attributes": {"creationDate": "2026-08-05T10:00:00Z"}}}
KEY: Final = "AKIAEXAMPLEUSER00001"
OPEN: Final = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}
HELPER: Final = {
    "type": "IAMUser", "arn": f"arn:aws:iam::{ACCOUNT}:user/helper", "userName": "helper", "accessKeyId": KEY,
    "sessionContext": None,
}  # fmt: skip


def at(minute: int) -> str:
    return f"2026-08-05T1{minute // 60}:{minute % 60:02}:00Z"


def root(minute: int, call: str, request: Any = None, answer: Any = None, **fields: Any) -> dict[str, Any]:
    source, name = call.split(":")
    told = {"eventSource": f"{source}.amazonaws.com", "eventName": name, "readOnly": False, "eventTime": at(minute)}
    asked = {"requestParameters": request, "responseElements": answer, "sourceIPAddress": f"203.0.113.{minute}"}
    return root_event(identity=SESSION, **(told | asked | fields))


def other(minute: int, call: str, request: Any = None, **fields: Any) -> dict[str, Any]:
    source, name = call.split(":")
    told = {"eventSource": f"{source}.amazonaws.com", "eventName": name, "readOnly": False, "eventTime": at(minute)}
    return event(**(told | {"requestParameters": request} | fields))


FAILED: Final = {"responseElements": {"ConsoleLogin": "Failure"}, "errorMessage": "Failed authentication"}
RECORDS: Final = [
    root(0, "signin:ConsoleLogin", None, {"ConsoleLogin": "Success"}, additionalEventData={"MFAUsed": "No"}),
    root(1, "iam:CreateUser", {"userName": "helper"}, {"user": {"userName": "helper"}}),
    root(2, "iam:CreateAccessKey", {"userName": "helper"}, {"accessKey": {"accessKeyId": KEY, "userName": "helper"}}),
    root(3, "iam:CreateUser", {"userName": "second"}, {"user": {"userName": "second"}}),
    root(4, "iam:DeactivateMFADevice", {"serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"}),
    root(5, "cloudtrail:StopLogging", {"name": "audit"}),
    root(6, "s3:PutBucketPolicy", {"bucketName": "books", "bucketPolicy": OPEN}),
    root(7, "guardduty:DeleteDetector", {"detectorId": "d-1"}),
    root(8, "ec2:RunInstances", {"instanceType": "m7i.large"}, {"instancesSet": {"items": [{"instanceId": "i-0a1"}]}}),
    root(9, "iam:ListUsers", readOnly=True),
    root(10, "iam:ListRoles", readOnly=True),
    root(11, "iam:CreateRole", {"roleName": "r"}, errorCode="AccessDenied"),
    other(12, "s3:DeleteBucket", {"bucketName": "backups"}, identity=HELPER),
    other(13, "iam:CreateUser", {"userName": "third"}, identity=HELPER, responseElements={"user": {"userName": "third"}}),
    other(14, "iam:DeleteUser", {"userName": "second"}),
    other(15, "cloudtrail:StartLogging", {"name": "audit"}),
    other(16, "iam:UpdateAccessKey", {"userName": "helper", "accessKeyId": KEY, "status": "Inactive"}),
    root(17, "signin:PasswordRecoveryRequested", None, {"PasswordRecoveryRequested": "Success"}),
    root(18, "signin:PasswordRecoveryCompleted", None, {"PasswordRecoveryCompleted": "Success"}),
    root(19, "signin:ConsoleLogin", **FAILED),
]  # fmt: skip
#: These have no eventID where the others share one.
NAMELESS: Final = (3, 8, 13)


def cited_as(kind: str, number: int) -> str:
    """How an event is cited: by its ID, with its place where others share it, by its place where it has none."""
    if kind == "unique":
        return f"id-{number:02}"
    return f"1:{number}" if number in NAMELESS else f"{SHARED} (1:{number})"


def given(kind: str, number: int) -> dict[str, Any]:
    record = RECORDS[number] | {"eventID": f"id-{number:02}" if kind == "unique" else SHARED}
    return {name: value for name, value in record.items() if name != "eventID" or cited_as(kind, number)[:2] != "1:"}


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, rf.Case]]:
    made: dict[str, rf.Case] = {}
    for kind in ("unique", "shared"):
        folder: Path = tmp_path_factory.mktemp(kind)
        write_log(folder, "log.json", [given(kind, number) for number in range(len(RECORDS))])
        made[kind] = rf.open_case(folder / "case.duckdb")
        made[kind].load(folder / "log.json")
    yield made
    for case in made.values():
        case.close()


@pytest.fixture(scope="module")
def analyzes(cases: dict[str, rf.Case]) -> dict[str, Analysis]:
    return {kind: case.analysis() for kind, case in cases.items()}


#: What says which event is meant beside its place; the place takes its part.
IDS: Final = frozenset(("eventID", "eventIDs", "event_id", "event_ids"))


def by_place(value: Any) -> Any:
    """A value without the eventIDs in it: what is left names events by their places alone."""
    if isinstance(value, Mapping):
        kept = {name: by_place(one) for name, one in value.items()}
        return {name: one for name, one in kept.items() if name not in IDS and not name.endswith("_eventID")}
    return [by_place(one) for one in value] if isinstance(value, list) else str(value)


def same(analyzes: dict[str, Analysis], make: Any) -> None:
    unique, shared = (by_place(make(analyzes[kind])) for kind in ("unique", "shared"))
    assert unique
    assert shared == unique


@pytest.mark.heavy
def test_the_verdict_and_its_steps(analyzes: dict[str, Analysis]) -> None:
    (verdict,) = analyzes["unique"].verdicts
    assert {answer.name for answer in verdict.answers if answer.answer == "yes"} >= {
        "mfa_removed",
        "logging_impaired",
        "persistence",
    }
    assert len(verdict.steps) > 5
    same(analyzes, lambda analysis: [one.as_dict() for one in analysis.verdicts])


@pytest.mark.heavy
def test_findings_sessions_and_what_root_reached(analyzes: dict[str, Analysis]) -> None:
    assert len(analyzes["unique"].findings().rows) > 5
    names = ("root_sessions", "logging_impairment", "root_signins", "root_by_ip", "root_first_last", "indicators")
    for name in (*names, "session_findings", "root_timeline_folded"):
        same(analyzes, lambda analysis, name=name: analysis.query(name).rows)
    same(analyzes, lambda analysis: analysis.findings().rows)
    same(analyzes, lambda analysis: analysis.radius.rows)


@pytest.mark.heavy
def test_each_line_of_the_incident_names_its_own_resource(analyzes: dict[str, Analysis]) -> None:
    def lines(analysis: Analysis) -> list[list[object]]:
        return [
            [
                incident_line.from_time,
                incident_line.line_type,
                incident_line.text,
                incident_line.severity,
                list(incident_line.citations),
            ]
            for incident_line in incident_lines(analysis)
        ]

    texts = [text for _, line_type, text, *_ in lines(analyzes["shared"]) if line_type == "root"]
    for name in ("user helper", "user second", "trail audit", "bucket books", "instance i-0a1"):
        assert sum(name in text for text in texts), name
    same(analyzes, lines)
    same(analyzes, incident_data)


@pytest.mark.heavy
def test_the_brief_the_story_and_the_summary(analyzes: dict[str, Analysis]) -> None:
    def sections(analysis: Analysis) -> list[list[object]]:
        kept = [statement for section in triage_sections(analysis)[:-1] for statement in section.statements]
        return [[one.text, one.level, list(one.citations)] for one in kept]

    same(analyzes, sections)
    same(
        analyzes,
        lambda analysis: [[one.text, list(one.citations)] for one in tell(analysis) if "event" not in one.text],
    )
    same(analyzes, summary_lists)


@pytest.mark.heavy
def test_what_is_printed_finds_its_event(cases: dict[str, rf.Case], analyzes: dict[str, Analysis]) -> None:
    for kind, case in cases.items():
        (verdict,) = analyzes[kind].verdicts
        (used,) = (answer for answer in verdict.answers if answer.name == "used_by_person")
        printed = cite(used.event_ids, used.citations, analyzes[kind].shared_ids)
        assert len(printed) == len(set(printed)) > 10
        for place, text in zip(used.citations, printed, strict=True):
            number = int(place.partition(":")[2])
            assert text == cited_as(kind, number)
            assert json.loads(case.raw(text))["eventTime"] == RECORDS[number]["eventTime"]
    with pytest.raises(rf.OriginalError, match="17 different events"):
        cases["shared"].raw(SHARED)


@pytest.mark.heavy
def test_each_citation_of_the_page_leads_to_its_event(analyzes: dict[str, Analysis]) -> None:
    anchors = []
    for analysis in analyzes.values():
        page = render_report(analysis)
        cited = page[page.index('id="verdict"') : page.index('<section id="evidence"')]
        anchors.append(re.findall(r'href="#(e-[0-9-]+|c-[0-9]+)"', cited))
    assert len(anchors[0]) > 50
    assert anchors[0] == anchors[1]
