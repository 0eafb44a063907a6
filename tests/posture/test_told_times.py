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
_DELIVERED = "2026-10-31T23:30:00Z"
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


@pytest.mark.parametrize(
    ("time", "answer", "words"),
    [
        ("2026-10-31T12:00:00Z", "pass", "only mean that root has no password"),
        ("2026-10-30T12:00:00Z", "warn", "older than a day"),
        ("", "warn", "The age of these results is unknown"),
    ],
)
def test_old_results_of_security_hub_do_not_pass(time: str, answer: str, words: str, tmp_path: Path) -> None:
    answers = perfect()
    for one in answers[_HUB]["Findings"]:
        one["UpdatedAt"] = time
    told = _timed(tmp_path, answers)["security-hub"]
    assert (told.answer, words in told.why) == (answer, True)


@pytest.mark.parametrize("control", ["security-hub", "config-rules"])
def test_a_service_that_passes_a_root_key_that_exists_is_contradicted(control: str, tmp_path: Path) -> None:
    """Both answers are cited: that of the service, and the one of IAM that has the key."""
    answers = perfect() | {
        "us-east-1/iam/get-account-summary": summary(AccountAccessKeysPresent=1, AccountMFAEnabled=1),
    }
    answer = _timed(tmp_path, answers)[control]
    assert answer.answer == "fail"
    cited = {one.call for one in answer.evidence}
    service = {"security-hub": "securityhub:GetFindings", "config-rules": "config:GetComplianceDetailsByConfigRule"}
    assert {service[control], "iam:GetAccountSummary"} <= cited


@pytest.mark.parametrize(
    ("recorders", "answer"),
    [
        ([{"name": "default", "recording": False}], "fail"),
        ([{"name": "default", "recording": True, "lastStatus": "FAILURE"}], "warn"),
        ([], "fail"),
        (None, "unknown"),
    ],
)
def test_config_without_a_recorder_that_runs_fails(
    recorders: list[dict[str, Any]] | None, answer: str, tmp_path: Path
) -> None:
    answers = perfect()
    name = "us-east-1/config/describe-configuration-recorder-status"
    answers[name] = {"ConfigurationRecordersStatus": recorders}
    if recorders is None:
        del answers[name]
    assert by_id(write(tmp_path, answers))["config-rules"].answer == answer


@pytest.mark.parametrize(
    ("region", "answer"), [("il-central-1", "not_applicable"), ("us-gov-west-1", "pass"), ("cn-north-1", "pass")]
)
def test_config_is_not_blamed_for_rules_that_a_region_does_not_offer(region: str, answer: str, tmp_path: Path) -> None:
    """In GovCloud and China there is only the rule on access keys."""
    answers = {
        name.replace("us-east-1/config", f"{region}/config"): body
        for name, body in perfect().items()
        if "root_account" not in name
    }
    rules = f"{region}/config/describe-config-rules"
    answers[rules] = {"ConfigRules": answers[rules]["ConfigRules"][:1]}
    told = by_id(write(tmp_path, answers))["config-rules"]
    assert told.answer == answer, told.why


def test_a_pass_tells_of_when_it_is(tmp_path: Path) -> None:
    answers = perfect()
    for name in (name for name in answers if "get-compliance-details" in name):
        answers[name]["EvaluationResults"][0]["ResultRecordedTime"] = "2020-01-01T00:00:00Z"
    told = by_id(write(tmp_path, answers))
    assert "with results from 2020-01-01T00:00:00Z" in told["config-rules"].why
    assert "When it was downloaded is unknown" in told["root-access-key"].why


@pytest.mark.parametrize(
    ("time", "answer"), [("2026-10-31T23:30:00Z", "pass"), ("2026-10-20T00:00:00Z", "fail"), (None, "pass")]
)
def test_digest_files_that_no_longer_come_fail(time: str | None, answer: str, tmp_path: Path) -> None:
    answers = perfect()
    answers[_STATUS]["LatestDigestDeliveryTime"] = time or ""
    told = _timed(tmp_path, answers)["log-validation"]
    assert (told.answer, (time or "does not report the last digest file") in told.why) == (answer, True)


@pytest.mark.parametrize(
    ("time", "answers_told"),
    [("2026-10-31T23:30:00Z", ("pass", "pass")), ("2026-10-20T00:00:00Z", ("fail", "fail")), (None, ("pass", "pass"))],
)
def test_a_trail_that_no_longer_delivers_fails(time: str | None, answers_told: tuple[str, str], tmp_path: Path) -> None:
    answers = perfect()
    answers[_STATUS]["LatestDeliveryTime"] = time or ""
    told = _timed(tmp_path, answers)
    assert (told["multi-region-trail"].answer, told["root-alarm"].answer) == answers_told
    assert (time or "AWS does not report the last delivery") in told["multi-region-trail"].why


def test_an_error_of_s3_is_none_of_the_alarm(tmp_path: Path) -> None:
    """CloudTrail delivers to S3 and to CloudWatch Logs separately."""
    answers = perfect()
    answers[_STATUS] |= {"LatestDeliveryError": "AccessDenied", "LatestCloudWatchLogsDeliveryTime": _DELIVERED}
    told = _timed(tmp_path / "s3", answers)
    assert {one: told[one].answer for one in ("root-alarm", "multi-region-trail", "sign-in-regions")} == {
        "root-alarm": "pass",
        "multi-region-trail": "warn",
        "sign-in-regions": "warn",
    }
    assert "AccessDenied" in told["multi-region-trail"].why
    answers[_STATUS] = perfect()[_STATUS] | {"LatestCloudWatchLogsDeliveryTime": "2026-10-20T00:00:00Z"}
    told = _timed(tmp_path / "logs", answers)
    assert (told["root-alarm"].answer, told["multi-region-trail"].answer) == ("fail", "pass")


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
    assert (off.answer, "disabled in us-west-2" in off.why, "1 finding" in off.why) == ("fail", True, True)


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
    answers["us-east-1/iam/list-mfa-devices"] = {"MFADevices": [{"SerialNumber": serial} for serial in serials]}
    assert by_id(write(tmp_path, answers))["root-mfa-device"].answer == answer


def test_another_partition_has_its_own_region_of_sign_ins(tmp_path: Path) -> None:
    moved = {name: body for name, body in perfect().items() if name.startswith("us-east-1/")}
    text = json.dumps({name.replace("us-east-1", "us-gov-west-1"): body for name, body in moved.items()})
    answers = json.loads(text.replace("arn:aws:", "arn:aws-us-gov:").replace("us-east-1", "us-gov-west-1"))
    answers["us-gov-west-1/account/list-regions"] = {"Regions": [{"RegionName": "us-gov-west-1"}]}
    told = rf.check_posture(from_folder=write(tmp_path, answers))
    found = {answer.control.id: answer for answer in told.answers}
    assert [found[one].answer for one in ("root-event-rule", "sign-in-regions")] == ["pass", "pass"]
    no_hub = judge(one for one in told.saved if "hub" not in one.call)
    (product,) = {one["ProductArn"] for one in asff(no_hub)}
    assert product.startswith("arn:aws-us-gov:securityhub:us-gov-west-1:")
