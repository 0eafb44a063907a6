"""What AWS answers and the logs do not show: told as a contradiction only where the logs cover it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from click.testing import CliRunner

import rootforensics as rf
from rootforensics.cli import cli
from tests.builders import event, root_event, write_log
from tests.posture.answers import ACCOUNT, REGIONS, perfect, report, summary, write

if TYPE_CHECKING:
    from pathlib import Path

DAY: Final = "2026-08-05T"
REPORT: Final = "us-east-1/iam/get-credential-report"
DEVICES: Final = "us-east-1/iam/list-virtual-mfa-devices"
STATUS: Final = "us-east-1/cloudtrail/get-trail-status--management"
CONTACT: Final = "us-east-1/account/get-alternate-contact--SECURITY"
ROOT: Final = f"arn:aws:iam::{ACCOUNT}:root"


def _root(time: str, name: str, source: str = "iam.amazonaws.com", **fields: Any) -> dict[str, Any]:
    return root_event(eventName=name, eventSource=source, eventTime=f"{DAY}{time}Z", awsRegion="us-east-1", **fields)


#: Of three hours in the Regions of sign-ins there are logs; in the last of them logging is stopped.
LOGS: Final = [
    *(event(eventTime=f"{DAY}{hour}:30:00Z", awsRegion=one) for hour in (10, 11, 12) for one in REGIONS),
    _root("10:02:00", "EnableMFADevice", requestParameters={"userName": "AWS ROOT USER", "serialNumber": "a"}),
    _root(
        "10:05:00", "ConsoleLogin", "signin.amazonaws.com", eventType="AwsConsoleSignIn",
        additionalEventData={"MFAUsed": "No"}, responseElements={"ConsoleLogin": "Success"}, requestParameters=None,
    ),
    _root("10:10:00", "CreateAccessKey", requestParameters=None),
    _root("10:20:00", "RunInstances", "ec2.amazonaws.com", identity={"accessKeyId": "AKIAEXAMPLEROOT00000"}),
    _root(
        "11:10:00", "PutAlternateContact", "account.amazonaws.com",
        requestParameters={"alternateContactType": "SECURITY"},
    ),
    _root("12:30:00", "StopLogging", "cloudtrail.amazonaws.com", requestParameters={"name": "management"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> rf.Case:
    """A case with these logs."""
    folder = tmp_path_factory.mktemp("case")
    found = rf.Case(folder / "case.duckdb")
    found.load(write_log(folder, "log.json", LOGS))
    return found


def _answers(made: str = "11:59:00", enabled: str = "", **columns: str) -> dict[str, Any]:
    """Answers with root's row of a credential report made at a time, and a device enabled at one."""
    told = {
        name: value if name.endswith(("_region", "_service")) else f"{DAY}{value}+00:00"
        for name, value in columns.items()
    }
    devices = [{"SerialNumber": "a", "User": {"Arn": ROOT}, "EnableDate": f"{DAY}{enabled}Z"}] if enabled else []
    content = report(password_enabled="true", mfa_active="true", **told)
    return perfect() | {
        REPORT: {"Content": content, "GeneratedTime": f"{DAY}{made}Z"},
        DEVICES: {"VirtualMFADevices": devices},
    }


def _found(case: rf.Case, folder: Path, answers: dict[str, Any], **given: Any) -> dict[str, dict[str, Any]]:
    case.posture(from_folder=write(folder, answers))
    rows = case.query("posture_findings", **given).rows
    assert len(rows) == len({row["finding"] for row in rows})
    return {row["finding"]: dict(row) for row in rows}


def _standings(rows: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: row["standing"] for name, row in rows.items()}


def test_what_the_logs_hold_is_no_contradiction(case: rf.Case, tmp_path: Path) -> None:
    """Uses are explained by their events; what was made in the logs and is still there is told with its event."""
    used = {"access_key_1_last_used_date": "10:20:00", "access_key_1_last_used_region": "us-east-1"}
    times = {"password_last_used": "10:05:00", "access_key_1_last_rotated": "10:10:00", **used}
    rows = _found(case, tmp_path, _answers("10:04:00", "10:02:00", access_key_1_last_used_service="ec2", **times))
    assert _standings(rows) == dict.fromkeys(("key_changed", "mfa_enabled", "contact_changed"), "confirmed")
    held = {row["eventID"]: row["eventName"] for row in case.sql("SELECT eventID, eventName FROM events").rows}
    assert {name: [held[one] for one in row["eventIDs"]] for name, row in rows.items()} == {
        "key_changed": ["CreateAccessKey"],
        "mfa_enabled": ["EnableMFADevice"],
        "contact_changed": ["PutAlternateContact"],
    }
    told = {row["citation"]: row["call"] for row in case.query("aws_answers").rows}
    assert {name: [told[one] for one in row["answers"]] for name, row in rows.items()} == {
        "key_changed": ["iam:GetCredentialReport"],
        "mfa_enabled": ["iam:ListVirtualMFADevices"],
        "contact_changed": ["account:GetAlternateContact"],
    }


def test_what_covered_hours_lack_is_a_contradiction(case: rf.Case, tmp_path: Path) -> None:
    used = {"access_key_2_last_used_date": "11:45:00", "access_key_2_last_used_region": "us-east-1"}
    times = {"password_last_used": "11:50:00", "access_key_2_last_rotated": "11:40:00", **used}
    answers = _answers("12:05:00", "11:45:00", access_key_2_last_used_service="iam", **times)
    answers[STATUS] = {"IsLogging": True, "StartLoggingTime": f"{DAY}11:30:00Z"}
    rows = _found(case, tmp_path, answers)
    assert rows.pop("contact_changed")["standing"] == "confirmed"
    found = ("password_used", "key_used", "key_changed", "mfa_enabled", "mfa_on", "trail_started")
    assert _standings(rows) == dict.fromkeys(found, "contradiction")
    assert {row["severity"] for row in rows.values()} == {"high"}
    assert "password_last_used 2026-08-05T11:50:00+00:00; the logs cover the time" in rows["password_used"]["why"]
    nearer = _found(case, tmp_path / "near", answers, minutes=200)
    assert "password_used" not in nearer  # the sign-in of 10:05 is near enough then


def test_what_is_not_covered_is_a_gap_with_its_reason(case: rf.Case, tmp_path: Path) -> None:
    used = {"access_key_2_last_used_date": "11:45:00", "access_key_2_last_used_region": "us-east-1"}
    times = {"password_last_used": "14:00:00", "access_key_2_last_rotated": "12:40:00", **used}
    answers = _answers("15:00:00", "14:00:00", access_key_2_last_used_service="s3", **times)
    answers[CONTACT] = {"Error": {"Code": "ResourceNotFoundException", "Message": ""}}
    answers[STATUS] = {
        "IsLogging": True, "StartLoggingTime": f"{DAY}09:00:00Z", "LatestDeliveryTime": f"{DAY}23:00:00Z",
    }  # fmt: skip
    rows = _found(case, tmp_path, answers)
    assert set(_standings(rows).values()) == {"gap"}
    assert {
        name: row["why"].partition("nobody knows: ")[2] for name, row in rows.items() if name != "trail_silent"
    } == {
        "password_used": "the logs do not cover us-east-1, us-east-2, us-west-2 at the time; logging was impaired.",
        "key_used": "calls of s3 may be of a kind that trails leave out.",
        "key_changed": "logging was impaired.",
        "mfa_enabled": "the logs do not cover us-east-1 at the time; logging was impaired.",
        "mfa_on": "the logs do not cover us-east-1 at the time; logging was impaired.",
        "contact_changed": "the answer does not tell its time.",
    }
    assert rows["trail_silent"]["why"] == "Trail management logged then and until now; the case ends."
    assert rows["contact_changed"]["eventIDs"]


def test_times_before_the_logs_and_other_peoples_devices_are_no_findings(case: rf.Case, tmp_path: Path) -> None:
    answers = _answers("10:04:00", password_last_used="02:00:00", access_key_1_last_rotated="03:00:00")
    answers[DEVICES]["VirtualMFADevices"] = [
        {"SerialNumber": "b", "User": {"Arn": f"{ROOT}er"}, "EnableDate": f"{DAY}11:45:00Z"}
    ]
    assert set(_found(case, tmp_path, answers)) == {"contact_changed"}


def test_an_alarm_that_would_not_have_told_is_a_finding(case: rf.Case, tmp_path: Path) -> None:
    answers = _answers("10:04:00") | {
        "us-east-1/sns/list-subscriptions-by-topic--root-usage-alarm": {"Subscriptions": []}
    }
    row = _found(case, tmp_path, answers)["alarm_silent"]
    told = "Filter RootUsage, alarm RootUsage: no subscription of its topic is confirmed."
    assert (row["severity"], row["why"]) == ("high", f"{told} Security Hub's CloudWatch.1 would report FAILED.")
    assert len(row["eventIDs"]) == 3
    assert {one.partition(":")[0] for one in row["answers"]} == {"answer"}


def test_brief_verdict_and_report_have_it(case: rf.Case, tmp_path: Path) -> None:
    answers = _answers("10:04:00", access_key_2_last_rotated="11:40:00")
    answers["us-east-1/iam/get-account-summary"] = summary(AccountAccessKeysPresent=1, AccountMFAEnabled=1)
    case.posture(from_folder=write(tmp_path / "answers", answers))
    case.report(tmp_path / "report.md", title="T")
    text = (tmp_path / "report.md").read_text()
    is_open = f"Open in account {ACCOUNT}, as checked "
    assert "What guards the root user now" in text
    assert text.count(is_open) == 3  # brief, verdict, its own part
    told = (
        f"AWS and the logs contradict each other in account {ACCOUNT}: The credential report has access_key_2_last_rot"
    )
    assert told in text.replace("\\", "")
    shown = CliRunner().invoke(cli, ["verdict", str(case.path)]).stdout
    assert f"{is_open}" in shown.splitlines()[1]
    assert "the root user has an access key" in shown
