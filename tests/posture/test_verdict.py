"""What AWS answered and the logs do not hold: the verdict says no beside none of it, and the brief tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

import rootforensics as rf
from rootforensics.telling.brief import brief
from tests.builders import event, root_event, write_log
from tests.posture.answers import ACCOUNT, DETECTOR, REGIONS, perfect, report, summary, write
from tests.telling.test_hypotheses import sign_in

if TYPE_CHECKING:
    from pathlib import Path

DAY: Final = "2026-08-05T"
REPORT: Final = "us-east-1/iam/get-credential-report"
SUMMARY: Final = "us-east-1/iam/get-account-summary"
DEVICES: Final = "us-east-1/iam/list-virtual-mfa-devices"
GUARD: Final = "us-east-1/guardduty/get-findings--"
#: Answers on questions of which logs without root say no.
DENIED: Final = ("used_by_person", "password_changed", "mfa_removed", "logging_impaired", "money_spent")


def _judged(
    folder: Path, answers: dict[str, Any] | None, *records: dict[str, Any]
) -> tuple[rf.Case, rf.Analysis, dict[str, Any]]:
    """A case of three whole hours without root, its analysis, and the answers of its first verdict by name."""
    quiet = [
        event(eventTime=f"{DAY}{hour}:{minute}:00Z", awsRegion=region, identity={"arn": f"arn:aws:sts::{ACCOUNT}:user/{minute}"})
        for hour in (10, 11, 12) for minute in (15, 45) for region in REGIONS
    ]  # fmt: skip
    case = rf.Case(folder / "case.duckdb")
    case.load(write_log(folder, "log.json", [*quiet, *records]))
    if answers is not None:
        case.posture(from_folder=write(folder / "answers", perfect() | answers))
    analysis = case.analysis()
    return case, analysis, {answer.name: answer for answer in analysis.verdicts[0].answers}


def _told(folder: Path, answers: dict[str, Any] | None, *records: dict[str, Any]) -> tuple[rf.Case, dict[str, Any]]:
    """The case and the answers."""
    case, _, verdict = _judged(folder, answers, *records)
    return case, verdict


def _report(**times: str) -> dict[str, Any]:
    told = {
        name: value if "_service" in name or "_region" in name else f"{DAY}{value}+00:00"
        for name, value in times.items()
    }
    columns = {"access_key_1_active": "true"} if any("key_1" in name for name in times) else {}
    return {
        REPORT: {"Content": report(**columns, **told), "GeneratedTime": "2026-08-06T00:00:00Z"},
        SUMMARY: summary(AccountAccessKeysPresent=len(columns)),
    }


def _found(time: str, title: str = "root") -> dict[str, Any]:
    seen = {"EventFirstSeen": f"{DAY}10:00:00Z", "EventLastSeen": f"{DAY}{time}Z", "Archived": False}
    found = {"Id": "x", "Type": "Policy:IAMUser/RootCredentialUsage", "Severity": 2, "AccountId": ACCOUNT, "Title": title,
             "Region": "us-east-1", "Service": seen}  # fmt: skip
    listed = {GUARD.replace("get", "list") + DETECTOR: {"FindingIds": ["x"]}}
    return listed | {GUARD + DETECTOR: {"Findings": [found]}}


KEY: Final = {
    "access_key_1_last_rotated": "11:10:00", "access_key_1_last_used_date": "11:20:00",
    "access_key_1_last_used_region": "us-east-1", "access_key_1_last_used_service": "iam",
}  # fmt: skip


@pytest.mark.heavy
def test_without_answers_the_logs_say_no(tmp_path: Path) -> None:
    _, told = _told(tmp_path, None)
    assert {told[name].answer for name in DENIED} == {"no"}
    assert "credential report" in told["access_keys"].missing[0]


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("answers", "shown"),
    [
        (_report(password_last_used="11:30:00"), {"used_by_person"}),
        (_report(**KEY), {"used_by_person", "access_keys", "persistence"}),
        (_report(password_last_changed="11:30:00"), {"used_by_person", "password_changed"}),
        (_found("11:30:00"), {"used_by_person"}),
    ],
)
def test_what_aws_recorded_and_covered_logs_lack_is_a_yes(
    tmp_path: Path, answers: dict[str, Any], shown: set[str]
) -> None:
    """Nothing is denied beside it: logs that lack one event of a time that they cover may lack any."""
    case, analysis, told = _judged(tmp_path, answers)
    assert {name for name, one in told.items() if one.answer == "yes"} == shown
    assert {one.answer for one in told.values()} == {"yes", "unknown"}
    citations = {row["citation"]: row["call"] for row in case.query("aws_answers").rows}
    for name in shown:
        assert "recorded what the logs do not contain" in told[name].told
        assert any(f"({citation})" in told[name].told or f"{citation})" in told[name].told for citation in citations)
    words = " ".join(statement.text for part in brief(analysis).sections() for statement in part.statements)
    assert "These logs show no use of root by a person" not in words
    assert "The root user of account 111122223333 was used: AWS recorded what the logs do not contain" in words


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("answers", "unknown"),
    [
        (_report(password_last_used="20:00:00"), {"used_by_person"}),
        (_report(password_last_changed="20:00:00"), {"used_by_person", "password_changed"}),
        (_found("20:00:00"), {"used_by_person"}),
    ],
)
def test_what_the_logs_do_not_cover_is_not_known(tmp_path: Path, answers: dict[str, Any], unknown: set[str]) -> None:
    _, analysis, told = _judged(tmp_path, answers)
    assert {name for name in DENIED if told[name].answer == "unknown"} == unknown
    assert {told[name].answer for name in DENIED} == {"unknown", "no"}
    words = " ".join(statement.text for part in brief(analysis).sections() for statement in part.statements)
    assert "These logs show no use of root by a person." not in words


@pytest.mark.heavy
def test_a_key_that_the_account_has_exists(tmp_path: Path) -> None:
    """It is older than the logs, so that no event could be in them."""
    old = {"access_key_1_last_rotated": "02:00:00"}
    _, told = _told(tmp_path / "has", _report(**old))
    assert (told["access_keys"].answer, told["used_by_person"].answer) == ("yes", "no")
    _, told = _told(tmp_path / "none", {})
    assert told["access_keys"].answer == "unknown"
    assert "credential report" not in " ".join(told["access_keys"].missing)


@pytest.mark.heavy
def test_a_finding_of_guardduty_that_an_event_explains_is_none(tmp_path: Path) -> None:
    used = root_event(
        eventTime=f"{DAY}11:25:00Z", eventName="ListUsers", eventSource="iam.amazonaws.com", awsRegion="us-east-1"
    )
    case, _ = _told(tmp_path / "used", _found("11:30:00"), used)
    assert case.query("posture_findings").rows == []


@pytest.mark.heavy
def test_a_sample_is_no_finding_and_what_services_did_may_be_what_it_found(tmp_path: Path) -> None:
    _, told = _told(tmp_path / "sample", _found("11:30:00", "[SAMPLE] root"))
    assert told["used_by_person"].answer == "no"
    service = root_event(eventTime=f"{DAY}11:25:00Z", eventName="CreateBucket", eventSource="s3.amazonaws.com", awsRegion="us-east-1",
                         identity={"invokedBy": "cloudformation.amazonaws.com"}, eventType="AwsServiceEvent")  # fmt: skip
    case, _ = _told(tmp_path / "service", _found("11:30:00"), service)
    assert [row["standing"] for row in case.query("posture_findings").rows] == ["gap"]


@pytest.mark.heavy
def test_a_use_that_aws_recorded_is_one_wherever_uses_are_told(tmp_path: Path) -> None:
    """The logs end before it: the verdict names it, nothing contradicts what nobody knows of it, and it is handed on."""
    begin = [event(eventTime="2026-08-03T02:00:00Z", awsRegion=region) for region in REGIONS]
    answers = _report(password_last_used="20:00:00")
    case, _ = _told(tmp_path, None, *begin, sign_in(f"{DAY}11:30:00Z", "Yes"))
    assert "against" in {hypothesis.standing for hypothesis in case.hypotheses()}
    case.posture(from_folder=write(tmp_path / "answers", perfect() | answers))
    used = case.analysis().verdict_of(ACCOUNT).use
    assert (used.answer, "password_last_used 2026-08-05T20:00:00" in used.told) == ("yes", True)
    ways = [one for one in case.hypotheses() if any("events before the first log" in gap for gap in one.missing)]
    assert "against" not in {way.standing for way in ways}
    assert any(
        "records of how access was gained: the credential report has password_last" in gap for gap in ways[-1].missing
    )
    for path in case.handover(tmp_path / "out")[1:]:
        assert "2026-08-05T20:00:00" in path.read_text(encoding="utf-8"), path.name
    (root,) = [row for row in case.contained(used.first_time).rows if row["entity_kind"] == "root user"]
    assert "2026-08-05T20:00:00" in root["because"]
    sentences = [statement.text for statement in brief(case.analysis()).accounts[0].sentences]
    (further,) = [text for text in sentences if text.startswith("AWS recorded further use of root")]
    assert "password_last_used 2026-08-05T20:00:00" in further
