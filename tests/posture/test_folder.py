"""Folders of saved answers: what is read of them, what is refused, and what is written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

import rootforensics as rf
from rootforensics.posture.folder import read_folder, write_folder
from tests.posture.answers import ACCOUNT, by_id, neglected, perfect, report, summary, write

if TYPE_CHECKING:
    from pathlib import Path

_SUMMARY = "us-east-1/iam/get-account-summary"
_SELECTORS = "us-east-1/cloudtrail/get-event-selectors--management"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ('{"SummaryMap": {', "not complete JSON"),
        ("[]", "not a JSON object"),
        ('{"SummaryMap": []}', "Expected `object`, got `array`"),
        ('{"Other": 1}', "SummaryMap is missing"),
        ("\ud800", "not UTF-8"),
    ],
)
def test_a_wrong_file_is_one_line_and_makes_unknown(text: str, words: str, tmp_path: Path) -> None:
    folder = write(tmp_path, perfect())
    path = folder / ACCOUNT / f"{_SUMMARY}.json"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    told = rf.check_posture(from_folder=folder)
    (problem,) = told.problems
    assert problem.startswith(str(path))
    assert words in problem
    assert {answer.answer for answer in told.answers if answer.control.id == "root-access-key"} == {"unknown"}


def test_a_folder_without_answers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(rf.SourceError, match="no file here has an answer"):
        rf.check_posture(from_folder=tmp_path)
    with pytest.raises(rf.SourceError, match="no such folder"):
        rf.check_posture(from_folder=tmp_path / "none")


def test_files_in_one_folder_are_known_by_name_or_content(tmp_path: Path) -> None:
    """As they come: one folder for a Region, no index, the report as CSV, one trail."""
    given = {
        "summary.json": perfect()[_SUMMARY],
        "regions.json": {"Regions": [{"RegionName": "us-east-1", "RegionOptStatus": "ENABLED_BY_DEFAULT"}]},
        "us-east-1/trails.json": perfect()["us-east-1/cloudtrail/describe-trails"],
        "get-trail-status.json": {"IsLogging": True},
        "selectors.json": perfect()[_SELECTORS],
    }
    (tmp_path / "us-east-1").mkdir()
    for name, body in given.items():
        (tmp_path / name).write_text(json.dumps(body))
    (tmp_path / "credentials.csv").write_text(report(mfa_active="true"))
    told = rf.check_posture(from_folder=tmp_path)
    answers = {answer.control.id: answer for answer in told.answers}
    assert {one.account_id for one in told.answers} == {ACCOUNT}
    assert [answers[one].answer for one in ("root-access-key", "multi-region-trail", "log-validation")] == ["pass"] * 3
    assert answers["security-contact"].answer == "unknown"
    assert not told.is_good


def test_a_file_that_does_not_say_of_which_trail_it_is_answers_for_one_only(tmp_path: Path) -> None:
    answers = perfect()
    trails = answers["us-east-1/cloudtrail/describe-trails"]["trailList"]
    trails.append({**trails[0], "Name": "second", "TrailARN": trails[0]["TrailARN"].replace("management", "second")})
    answers["us-east-1/cloudtrail/get-trail-status"] = answers.pop("us-east-1/cloudtrail/get-trail-status--management")
    assert by_id(write(tmp_path, answers))["multi-region-trail"].answer == "unknown"


def test_one_contact_does_not_stand_for_another(tmp_path: Path) -> None:
    answers = perfect()
    for kind in ("BILLING", "OPERATIONS"):
        del answers[f"us-east-1/account/get-alternate-contact--{kind}"]
    told = by_id(write(tmp_path, answers))
    assert (told["security-contact"].answer, told["other-contacts"].answer) == ("pass", "unknown")


def test_two_accounts_are_told_apart_or_refused(tmp_path: Path) -> None:
    folder = write(write(tmp_path, perfect()), neglected(), "444455556666")
    told = rf.check_posture(from_folder=folder)
    found = {(answer.account_id, answer.control.id): answer.answer for answer in told.answers}
    assert (found[ACCOUNT, "root-access-key"], found["444455556666", "root-access-key"]) == ("pass", "fail")
    (folder / "get-account-summary.json").write_text(json.dumps(summary()))
    with pytest.raises(rf.SourceError, match="from 2 accounts, and 1 files do not name"):
        rf.check_posture(from_folder=folder)


def test_two_answers_that_differ_are_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, perfect())
    (folder / ACCOUNT / "us-east-1" / "get-account-summary.json").write_text(json.dumps(summary()))
    with pytest.raises(rf.SourceError, match="two different answers to iam:GetAccountSummary"):
        rf.check_posture(from_folder=folder)


def test_what_is_written_is_read_again_without_seeds(tmp_path: Path) -> None:
    answers = perfect()
    device = {
        "SerialNumber": "arn:aws:iam::111122223333:mfa/a",
        "Base32StringSeed": "SECRETSEED",
        "QRCodePNG": "SECRETCODE",
    }
    answers["us-east-1/iam/list-virtual-mfa-devices"] = {"VirtualMFADevices": [device]}
    saved, problems = read_folder(write(tmp_path / "first", answers))
    assert problems == []
    written = write_folder(tmp_path / "second", saved)
    again, problems = read_folder(tmp_path / "second")
    assert problems == []
    assert {one.file: (one.call, one.account_id, one.region, one.argument) for one in again} == {
        one.file: (one.call, one.account_id, one.region, one.argument) for one in written
    }
    assert len(again) == len(saved)
    text = "".join(path.read_text() for path in (tmp_path / "second").rglob("*.json*"))
    assert "SECRET" not in text
    first, second = (rf.check_posture(from_folder=tmp_path / name) for name in ("first", "second"))
    assert [answer.why for answer in first.answers] == [one.why for one in second.answers]
    with pytest.raises(rf.StorageError, match="not empty"):
        write_folder(tmp_path / "second", saved)


def test_what_could_not_be_read_is_not_left_out(tmp_path: Path) -> None:
    """A file of a Region is cut off, is gone, or is not there: what stands on all Regions does not pass."""
    answers = perfect()
    regions = answers["us-east-1/account/list-regions"]["Regions"]
    regions.append({"RegionName": "eu-west-1", "RegionOptStatus": "ENABLED"})
    regions.append({"RegionName": "me-south-1", "RegionOptStatus": "DISABLED"})
    folder = write(tmp_path / "never", answers)
    told = by_id(folder)
    names = ("log-validation", "log-encryption", "log-bucket-access", "log-bucket-retention", "guardduty")
    assert [told[name].answer for name in names] == ["unknown"] * 5
    assert told["log-validation"].missing == ("cloudtrail:DescribeTrails in eu-west-1 (not saved)",)
    assert told["multi-region-trail"].answer == "pass"  # any Region lists it
    path = folder / ACCOUNT / "eu-west-1" / "cloudtrail" / "describe-trails.json"
    path.parent.mkdir(parents=True)
    path.write_text('{"trailList": [')
    told = by_id(folder)
    assert [told[one].answer for one in names] == ["unknown"] * 5
    assert "not complete JSON" in told["log-validation"].missing[0]
    path.write_text('{"trailList": []}')
    assert [by_id(folder)[one].answer for one in names] == ["pass"] * 4 + ["unknown"]
    saved, _ = read_folder(folder)
    write_folder(tmp_path / "gone", saved)
    (tmp_path / "gone" / ACCOUNT / "eu-west-1" / "cloudtrail" / "describe-trails.json").unlink()
    assert "it does not exist" in by_id(tmp_path / "gone")["log-validation"].missing[0]


def test_a_file_without_region_hides_no_other(tmp_path: Path) -> None:
    answers = perfect()
    name = "us-east-1/cloudtrail/describe-trails"
    answers["cloudtrail/describe-trails"] = answers[name]
    bad = {**answers[name]["trailList"][0], "Name": "bad", "TrailARN": "bad", "LogFileValidationEnabled": False}
    answers["us-west-2/cloudtrail/describe-trails"] = {"trailList": [bad]}
    assert by_id(write(tmp_path, answers))["log-validation"].answer == "fail"


def test_an_answer_of_another_account_or_region_is_not_taken(tmp_path: Path) -> None:
    answers = perfect()
    other = report(password_enabled="true", mfa_active="true").replace(ACCOUNT, "999988887777")
    answers["us-east-1/iam/get-credential-report"] = {"Content": other}
    alarm = answers["us-east-1/cloudwatch/describe-alarms"]["MetricAlarms"][0]
    alarm["AlarmArn"] = alarm["AlarmArn"].replace("us-east-1", "eu-west-1")
    folder = write(tmp_path, answers)
    told = by_id(folder)
    assert "it names 999988887777" in told["root-access-key"].missing[0]
    assert (told["root-access-key"].answer, told["root-alarm"].answer) == ("unknown", "unknown")
    assert len(rf.check_posture(from_folder=folder).problems) == 2


@pytest.mark.parametrize(
    ("name", "body", "control"),
    [
        ("organizations/list-policies-for-target--ou-1", {"Policies": []}, "recovery-from-above"),
        ("organizations/describe-organizational-unit--ou-1", {"OrganizationalUnit": {"Id": "ou"}}, "organization"),
    ],
)
def test_another_call_whose_name_begins_alike_is_no_answer(
    name: str, body: dict[str, object], control: str, tmp_path: Path
) -> None:
    folder = write(tmp_path, {**perfect(), f"us-east-1/{name}": body})
    told = rf.check_posture(from_folder=folder)
    assert {answer.answer for answer in told.answers if answer.control.id == control} == {"pass"}
    assert "its name is that of a call that no control reads" in told.problems[0]
