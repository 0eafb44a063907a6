"""What the times of answers, and who reads what a rule sends, let a control say."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.posture.forms import asff
from rootforensics.posture.posture import judge
from rootforensics.posture.saved import Saved
from tests.posture.answers import ACCOUNT, DETECTOR, REGIONS, TOPIC, by_id, perfect, summary, write

if TYPE_CHECKING:
    from pathlib import Path

_HUB = "us-east-1/securityhub/get-findings"
_STATUS = "us-east-1/cloudtrail/get-trail-status--management"


def _timed(folder: Path, answers: dict[str, Any], asked: str = "2026-11-01T00:10:00Z") -> dict[str, rf.ControlAnswer]:
    """The answers to the controls, from files of which an index tells the time."""
    from rootforensics.posture.folder import read_folder, write_folder

    saved, _ = read_folder(write(folder / "plain", answers))
    timed = [
        Saved(one.call, one.account_id, one.region, one.argument, asked, "", one.body, one.code, one.message)
        for one in saved
    ]
    write_folder(folder / "timed", timed)
    return by_id(folder / "timed")


@pytest.mark.parametrize(("time", "answer"), [("2026-10-31T12:00:00Z", "pass"), ("2020-01-01T00:00:00Z", "unknown")])
def test_old_results_of_security_hub_prove_nothing_of_now(time: str, answer: str, tmp_path: Path) -> None:
    answers = perfect()
    for one in answers[_HUB]["Findings"]:
        one["UpdatedAt"] = time
    told = _timed(tmp_path, answers)["security-hub"]
    assert told.answer == answer
    assert (f"by results of {time}" in told.why) == (answer == "pass")


def test_a_pass_tells_of_when_it_is(tmp_path: Path) -> None:
    answers = perfect()
    for name in (name for name in answers if "get-compliance-details" in name):
        answers[name]["EvaluationResults"][0]["ResultRecordedTime"] = "2020-01-01T00:00:00Z"
    told = by_id(write(tmp_path, answers))
    assert "by results of 2020-01-01T00:00:00Z" in told["config-rules"].why
    assert "results that do not tell their time" in told["security-hub"].why
    assert "how long after that AWS was asked is not known" in told["root-access-key"].why


@pytest.mark.parametrize(
    ("time", "answer"), [("2026-10-31T23:30:00Z", "pass"), ("2026-10-20T00:00:00Z", "fail"), (None, "pass")]
)
def test_digest_files_that_no_longer_come_fail(time: str | None, answer: str, tmp_path: Path) -> None:
    answers = perfect()
    answers[_STATUS]["LatestDigestDeliveryTime"] = time or ""
    told = _timed(tmp_path, answers)["log-validation"]
    assert (told.answer, (time or "is not told") in told.why) == (answer, True)


@pytest.mark.parametrize(
    ("time", "answers_told"),
    [("2026-10-31T23:30:00Z", ("pass", "pass")), ("2026-10-20T00:00:00Z", ("fail", "fail")), (None, ("pass", "pass"))],
)
def test_a_trail_that_no_longer_delivers_fails(time: str | None, answers_told: tuple[str, str], tmp_path: Path) -> None:
    answers = perfect()
    answers[_STATUS]["LatestDeliveryTime"] = time or ""
    told = _timed(tmp_path, answers)
    assert (told["multi-region-trail"].answer, told["root-alarm"].answer) == answers_told
    assert (time or "when it last delivered is not told") in told["multi-region-trail"].why


@pytest.mark.parametrize(("result", "answer"), [("COMPLIANT", "unknown"), ("NON_COMPLIANT", "fail")])
def test_old_results_of_config_prove_nothing_good(result: str, answer: str, tmp_path: Path) -> None:
    answers = perfect()
    row = {"ComplianceType": result, "ResultRecordedTime": "2020-01-01T00:00:00Z"}
    for name in (name for name in answers if "get-compliance-details" in name):
        answers[name]["EvaluationResults"] = [row]
    assert _timed(tmp_path, answers)["config-rules"].answer == answer


@pytest.mark.parametrize(
    ("targets", "subscription", "answer"),
    [
        ([TOPIC], "PendingConfirmation", "info"),
        ([f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:page"], "PendingConfirmation", "warn"),
        ([TOPIC], f"{TOPIC}:1", "pass"),
    ],
)
def test_a_rule_whose_topic_nobody_reads_tells_nobody(
    targets: list[str], subscription: str, answer: str, tmp_path: Path
) -> None:
    answers = perfect()
    answers["us-east-1/sns/list-subscriptions-by-topic--root-usage-alarm"]["Subscriptions"][0]["SubscriptionArn"] = (
        subscription
    )
    for region in REGIONS:
        rows = [{"Id": str(number), "Arn": arn} for number, arn in enumerate(targets)]
        answers[f"{region}/events/list-targets-by-rule--root"] = {"Targets": rows}
    assert by_id(write(tmp_path, answers))["root-event-rule"].answer == answer


def test_findings_of_guardduty_are_told_though_it_is_off_elsewhere(tmp_path: Path) -> None:
    answers = perfect()
    answers[f"us-east-1/guardduty/list-findings--{DETECTOR}"] = {"FindingIds": ["f1"]}
    row = {"Type": "Policy:IAMUser/RootCredentialUsage", "Service": {"EventLastSeen": "2026-08-05T01:00:00Z"}}
    answers[f"us-east-1/guardduty/get-findings--{DETECTOR}"] = {"Findings": [row]}
    on = by_id(write(tmp_path / "on", answers))["guardduty"]
    assert on.answer == "warn"
    assert "RootCredentialUsage, last seen 2026-08-05T01:00:00Z" in on.why
    answers["us-west-2/guardduty/list-detectors"] = {"DetectorIds": []}
    off = by_id(write(tmp_path / "off", answers))["guardduty"]
    assert (off.answer, "off in us-west-2" in off.why, "1 finding" in off.why) == ("fail", True, True)


@pytest.mark.parametrize(
    ("serials", "caller", "answer"),
    [
        (["GAHT12345678"], f"arn:aws:iam::{ACCOUNT}:root", "warn"),
        (["GAHT12345678"], f"arn:aws:iam::{ACCOUNT}:user/a", "pass"),
        (["GAHT12345678", f"arn:aws:iam::{ACCOUNT}:u2f/root/a-B"], f"arn:aws:iam::{ACCOUNT}:user/a", "pass"),
    ],
)
def test_a_single_device_of_root_warns(serials: list[str], caller: str, answer: str, tmp_path: Path) -> None:
    answers = perfect()
    answers["us-east-1/iam/get-account-summary"] = summary(AccountMFAEnabled=1, AccountPasswordPresent=1)
    answers["us-east-1/sts/get-caller-identity"] = {"Account": ACCOUNT, "Arn": caller}
    answers["us-east-1/iam/list-mfa-devices"] = {"MFADevices": [{"SerialNumber": one} for one in serials]}
    assert by_id(write(tmp_path, answers))["root-mfa-device"].answer == answer


def test_another_partition_has_its_own_region_of_sign_ins(tmp_path: Path) -> None:
    moved = {name: body for name, body in perfect().items() if name.startswith("us-east-1/")}
    text = json.dumps({name.replace("us-east-1", "us-gov-west-1"): body for name, body in moved.items()})
    answers = json.loads(text.replace("arn:aws:", "arn:aws-us-gov:").replace("us-east-1", "us-gov-west-1"))
    answers["us-gov-west-1/account/list-regions"] = {"Regions": [{"RegionName": "us-gov-west-1"}]}
    told = rf.check_posture(from_folder=write(tmp_path, answers))
    found = {one.control.id: one for one in told.answers}
    assert [found[one].answer for one in ("root-event-rule", "sign-in-regions")] == ["pass", "pass"]
    no_hub = judge(one for one in told.saved if "hub" not in one.call)
    (product,) = {one["ProductArn"] for one in asff(no_hub)}
    assert product.startswith("arn:aws-us-gov:securityhub:us-gov-west-1:")
