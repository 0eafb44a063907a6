"""What AWS answers and the logs do not show: told as a contradiction only where the logs cover it."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pytest
from click.testing import CliRunner

import rootforensics as rf
from rootforensics.cli import cli
from tests.builders import event, root_event, write_log
from tests.posture.answers import ACCOUNT, REGIONS, TRAIL, perfect, report, summary, write

if TYPE_CHECKING:
    from pathlib import Path

DAY: Final = "2026-08-05T"
REPORT: Final = "us-east-1/iam/get-credential-report"
DEVICES: Final = "us-east-1/iam/list-virtual-mfa-devices"
STATUS: Final = "us-east-1/cloudtrail/get-trail-status--management"
READERS: Final = "us-east-1/sns/list-subscriptions-by-topic--root-usage-alarm"
SELECTORS: Final = "us-east-1/cloudtrail/get-event-selectors--management"
SUMMARY: Final = "us-east-1/iam/get-account-summary"
CONTACT: Final = "us-east-1/account/get-alternate-contact--SECURITY"
ROOT: Final = f"arn:aws:iam::{ACCOUNT}:root"


def _logs(account: str) -> list[dict[str, Any]]:
    """Three hours in the Regions of sign-ins; in the last of them logging is stopped."""

    def root(time: str, name: str, source: str = "iam.amazonaws.com", **fields: Any) -> dict[str, Any]:
        return root_event(
            eventName=name, eventSource=source, eventTime=f"{DAY}{time}Z", awsRegion="us-east-1", **fields
        )

    records = [
        *(event(eventTime=f"{DAY}{hour}:30:00Z", awsRegion=region) for hour in (10, 11, 12) for region in REGIONS),
        root("10:02:00", "EnableMFADevice", requestParameters={"userName": "AWS ROOT USER", "serialNumber": "a"}),
        root(
            "10:05:00", "ConsoleLogin", "signin.amazonaws.com", eventType="AwsConsoleSignIn",
            additionalEventData={"MFAUsed": "No"}, responseElements={"ConsoleLogin": "Success"}, requestParameters=None,
        ),
        root("10:10:00", "CreateAccessKey", requestParameters=None),
        root("10:20:00", "RunInstances", "ec2.amazonaws.com"),
        root(
            "11:10:00", "PutAlternateContact", "account.amazonaws.com",
            requestParameters={"alternateContactType": "SECURITY"},
        ),
        root("12:30:00", "StopLogging", "cloudtrail.amazonaws.com", requestParameters={"name": "management"}),
    ]  # fmt: skip
    return _of(account, records)


def _of(account: str, told: Any) -> Any:
    return json.loads(json.dumps(told).replace(ACCOUNT, account))


def _answers(made: str, enabled: str = "", **columns: str) -> dict[str, Any]:
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


def _key(number: int, time: str, service: str) -> dict[str, str]:
    used = f"access_key_{number}_last_used"
    return {f"{used}_date": time, f"{used}_region": "us-east-1", f"{used}_service": service}


def _explained() -> dict[str, Any]:
    """Each time that AWS tells has its event."""
    times = {"password_last_used": "10:05:00", "access_key_1_last_rotated": "10:10:00"}
    return _answers("10:04:00", "10:02:00", **times, **_key(1, "10:20:00", "ec2"))


def _contradicting() -> dict[str, Any]:
    """None has, and the logs cover all of them; there is one trail, so that a file need not say of which it is."""
    times = {"password_last_used": "11:50:00", "access_key_2_last_rotated": "11:40:00"}
    answers = _answers("12:05:00", "11:45:00", **times, **_key(2, "11:45:00", "iam"))
    del answers[STATUS]
    status = {"IsLogging": True, "StartLoggingTime": f"{DAY}11:30:00Z"}
    return answers | {STATUS.removesuffix("--management"): status, SUMMARY: summary(AccountAccessKeysPresent=1)}


def _uncovered() -> dict[str, Any]:
    """The logs cover none of them."""
    times = {"password_last_used": "14:00:00", "access_key_2_last_rotated": "12:40:00"}
    status = {"IsLogging": True, "StartLoggingTime": f"{DAY}09:00:00Z", "LatestDeliveryTime": f"{DAY}23:00:00Z"}
    absent = {"Error": {"Code": "ResourceNotFoundException", "Message": ""}}
    return _answers("15:00:00", "14:00:00", **times, **_key(2, "11:45:00", "s3")) | {STATUS: status, CONTACT: absent}


def _beside() -> dict[str, Any]:
    """Times before the logs, the device of a user, and an alarm that nobody reads."""
    answers = _answers("10:04:00", password_last_used="02:00:00", access_key_1_last_rotated="03:00:00")
    device = {"SerialNumber": "b", "User": {"Arn": f"{ROOT}er"}, "EnableDate": f"{DAY}11:45:00Z"}
    return answers | {DEVICES: {"VirtualMFADevices": [device]}, READERS: {"Subscriptions": []}}


SCENES: Final = {
    "100000000001": _explained,
    "100000000002": _contradicting,
    "100000000003": _uncovered,
    "100000000004": _beside,
}


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> rf.Case:
    """A case with an account for each scene, and what AWS answered of each."""
    folder = tmp_path_factory.mktemp("case")
    found = rf.Case(folder / "case.duckdb")
    found.load(write_log(folder, "log.json", [log for account in SCENES for log in _logs(account)]))
    for account, scene in SCENES.items():
        write(folder / "answers", _of(account, scene()), account)
    found.posture(from_folder=folder / "answers")
    return found


@pytest.fixture(scope="module")
def rows(case: rf.Case) -> dict[str, dict[str, Any]]:
    """The findings by the scene of their account, and by name."""
    found: dict[str, dict[str, Any]] = {scene.__name__: {} for scene in SCENES.values()}
    for row in case.query("posture_findings").rows:
        named = found[SCENES[row["account_id"] or ""].__name__]
        assert row["finding"] not in named
        named[row["finding"] or ""] = row
    return found


def _standings(rows: dict[str, Any]) -> dict[str, str]:
    return {name: row["standing"] for name, row in rows.items()}


def test_what_the_logs_hold_is_no_contradiction(case: rf.Case, rows: dict[str, dict[str, Any]]) -> None:
    """Uses are explained by their events; what was made in the logs and is still there is told with its event."""
    own = rows["_explained"]
    assert _standings(own) == dict.fromkeys(("key_changed", "mfa_enabled", "contact_changed"), "confirmed")
    held = {row["eventID"]: row["eventName"] for row in case.sql("SELECT eventID, eventName FROM events").rows}
    assert {name: [held[one] for one in row["eventIDs"]] for name, row in own.items()} == {
        "key_changed": ["CreateAccessKey"],
        "mfa_enabled": ["EnableMFADevice"],
        "contact_changed": ["PutAlternateContact"],
    }
    told = {row["citation"]: row["call"] for row in case.query("aws_answers").rows}
    assert {name: [told[one] for one in row["answers"]] for name, row in own.items()} == {
        "key_changed": ["iam:GetCredentialReport"],
        "mfa_enabled": ["iam:ListVirtualMFADevices"],
        "contact_changed": ["account:GetAlternateContact"],
    }


def test_what_covered_hours_lack_is_a_contradiction(case: rf.Case, rows: dict[str, dict[str, Any]]) -> None:
    own = dict(rows["_contradicting"])
    assert own.pop("contact_changed")["standing"] == "confirmed"
    found = ("password_used", "key_used", "key_changed", "mfa_enabled", "mfa_on", "trail_started")
    assert _standings(own) == dict.fromkeys(found, "contradiction")
    assert {row["severity"] for row in own.values()} == {"high"}
    assert "password_last_used 2026-08-05T11:50:00+00:00; the logs cover this time" in own["password_used"]["why"]
    nearer = case.query("posture_findings", minutes=200, account_id="100000000002").rows
    assert "password_used" not in {row["finding"] for row in nearer}  # the sign-in of 10:05 is near enough then


def test_what_is_not_covered_is_a_gap_with_its_reason(rows: dict[str, dict[str, Any]]) -> None:
    own = dict(rows["_uncovered"])
    assert set(_standings(own).values()) == {"gap"}
    assert own.pop("trail_silent")["why"] == "Trail management was logging until now; the case ends earlier."
    assert {name: row["why"].partition("it may be missing: ")[2] for name, row in own.items()} == {
        "password_used": "the logs do not cover us-east-1, us-east-2, us-west-2 at that time; logging was impaired.",
        "key_used": "calls of s3 may be excluded from trails.",
        "key_changed": "logging was impaired.",
        "mfa_enabled": "the logs do not cover us-east-1 at that time; logging was impaired.",
        "mfa_on": "the logs do not cover us-east-1 at that time; logging was impaired.",
        "contact_changed": "the answer has no time.",
    }
    assert own["contact_changed"]["eventIDs"]


def test_an_alarm_that_would_not_have_told_is_one_and_times_before_the_logs_are_none(
    rows: dict[str, dict[str, Any]],
) -> None:
    own = rows["_beside"]
    assert set(own) == {"contact_changed", "alarm_silent"}
    told = "Filter RootUsage, alarm RootUsage: its topic has no confirmed subscription."
    row = own["alarm_silent"]
    assert (row["severity"], row["why"]) == ("high", f"{told} Security Hub's CloudWatch.1 would report FAILED.")
    assert len(row["eventIDs"]) == 3
    assert {one.partition(":")[0] for one in row["answers"]} == {"answer"}


@pytest.mark.heavy
def test_the_report_has_it_redacted(case: rf.Case, tmp_path: Path) -> None:
    case.report(tmp_path / "report.html", redactor=case.redactor(tmp_path / "key.json"))
    text = (tmp_path / "report.html").read_text()
    assert "Current protection of the root user" in text
    is_open = Counter(re.findall(r"Open risks in account (account-\d+) \(AWS answers without a time, checked ", text))
    assert len(is_open) == len(SCENES)
    assert set(is_open.values()) == {3}  # brief, verdict, its own part
    found = re.search(
        r"contradict each other in account account-\d+: The credential report has access_key_2_last_rot", text
    )
    assert found
    assert not [account for account in SCENES if account in text]


@pytest.mark.heavy
def test_the_verdict_has_it(case: rf.Case) -> None:
    shown = CliRunner().invoke(cli, ["verdict", str(case.path), "--account-id", "100000000002"]).stdout
    assert "Open risks in account 100000000002 (AWS answers" in shown.splitlines()[2]
    assert "the root user has an access key" in shown
    joined = " ".join(shown.split())
    question = joined.index("Do access keys of root exist, or were they used?")
    now = joined.index("AWS's last answer: the account summary reports 1 access key", question)
    mfa = joined.index("Was MFA removed from root?", question)
    assert now < mfa  # it answers the question itself
    assert mfa < joined.index("AWS: root-mfa: ", question) < joined.index("Is persistence still in place?", question)


def _write_only() -> dict[str, Any]:
    selectors = {"TrailARN": TRAIL, "EventSelectors": [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True}]}
    return _answers("12:05:00", **_key(2, "11:45:00", "iam")) | {SELECTORS: selectors}


def _of_organization() -> dict[str, Any]:
    answers = _answers("12:05:00")
    text = json.dumps(answers).replace(f"us-east-1:{ACCOUNT}:trail", "us-east-1:999988887777:trail")
    return json.loads(text) | {STATUS: {"IsLogging": True, "StartLoggingTime": 1785929400.0}}


def _own_trail() -> dict[str, Any]:
    """As version 1 of the AWS CLI writes a time: 11:30."""
    return _answers("12:05:00") | {STATUS: {"IsLogging": True, "StartLoggingTime": 1785929400.0}}


def _alone() -> dict[str, Any]:
    return _answers("12:05:00", access_key_1_last_rotated="10:40:00")


@pytest.mark.heavy
def test_no_contradiction_where_the_logs_may_hold_a_part_only(tmp_path: Path) -> None:
    scenes = {"100000000001": _write_only, "100000000002": _of_organization, "100000000003": _own_trail}
    records = [log for account in scenes for log in _logs(account)]
    alone, made = "100000000009", dict(scenes)
    made[alone] = _alone
    records += _of(alone, [event(eventTime=f"{DAY}10:02:00Z", awsRegion="us-east-1")])
    for account, scene in made.items():
        write(tmp_path / "answers", _of(account, scene()), account)
    case = rf.Case(tmp_path / "case.duckdb")
    case.load(write_log(tmp_path, "log.json", records))
    case.posture(from_folder=tmp_path / "answers")
    rows = case.query("posture_findings").rows
    told = {(row["account_id"], row["finding"]): (row["standing"], row["why"]) for row in rows}
    assert told["100000000001", "key_used"][0] == "gap"
    assert "no trail records all management events" in told["100000000001", "key_used"][1]
    assert ("100000000002", "trail_started") not in told
    assert told["100000000003", "trail_started"][0] == "contradiction"
    assert told[alone, "key_changed"][0] == "gap"
    assert "only one identity" in told[alone, "key_changed"][1]


@pytest.mark.heavy
def test_another_partition_has_its_own_region(tmp_path: Path) -> None:
    """Covered hours of GovCloud that lack a sign-in contradict AWS as those of the commercial Regions do."""
    quiet = [
        event(eventTime=f"{DAY}{hour}:{minute}:00Z", awsRegion="us-gov-west-1", identity={"arn": f"arn:aws-us-gov:sts::{ACCOUNT}:user/{minute}"})
        for hour in (10, 11, 12) for minute in (15, 45)
    ]  # fmt: skip
    case = rf.Case(tmp_path / "case.duckdb")
    case.load(write_log(tmp_path, "log.json", quiet))
    content = report(password_enabled="true", password_last_used=f"{DAY}11:30:00+00:00")
    answers = {
        "us-gov-west-1/iam/get-credential-report": {
            "Content": content.replace("arn:aws:", "arn:aws-us-gov:"), "GeneratedTime": f"{DAY}20:00:00Z",
        }
    }  # fmt: skip
    case.posture(from_folder=write(tmp_path / "answers", answers))
    assert [(row["finding"], row["standing"]) for row in case.query("posture_findings").rows] == [
        ("password_used", "contradiction")
    ]
