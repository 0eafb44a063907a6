"""Answers that decide where another one is not good, and those that only some accounts have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

import rootforensics as rf
from rootforensics.posture.forms import asff
from tests.posture.answers import ACCOUNT, DENIED, perfect, write
from tests.posture.answers import by_id as answers_of

if TYPE_CHECKING:
    from pathlib import Path

IN: Final = "us-east-1/"
STATUS: Final = f"{IN}s3/get-bucket-policy-status--trail-logs"
BLOCK: Final = f"{IN}s3/get-public-access-block--trail-logs"
WHOLE: Final = f"{IN}s3control/get-public-access-block"
LOCK: Final = f"{IN}s3/get-object-lock-configuration--trail-logs"
LIFECYCLE: Final = f"{IN}s3/get-bucket-lifecycle-configuration--trail-logs"
DEVICES: Final = f"{IN}iam/list-virtual-mfa-devices"
OWN: Final = f"{IN}iam/list-mfa-devices"
HUB: Final = f"{IN}securityhub/describe-hub"
HUB_V2: Final = f"{IN}securityhub/describe-security-hub-v2"
BUDGETS: Final = f"{IN}budgets/describe-budget-notifications-for-account"
COST: Final = f"{IN}ce/get-anomaly-subscriptions"
FOUND: Final = f"{IN}accessanalyzer/list-findings--arn"
OUTBOUND: Final = f"{IN}organizations/list-outbound-responsibility-transfers"

PUBLIC: Final = {STATUS: {"PolicyStatus": {"IsPublic": True}}, BLOCK: {"PublicAccessBlockConfiguration": {}}}
NO_LOCK: Final = {LOCK: {"Error": {"Code": "ObjectLockConfigurationNotFoundError", "Message": ""}}}
OFF: Final = {HUB: {"Error": {"Code": "InvalidAccessException", "Message": ""}}}
NO_BUDGET: Final = {BUDGETS: {"BudgetNotificationsForAccount": []}}


UNREAD_BUDGET: Final = {"BudgetNotificationsForAccount": [{"BudgetName": "month", "Notifications": []}]}
#: The rules of another Region, of which no result could be read.
ELSEWHERE: Final = {
    name.replace("us-east-1", "eu-central-1", 1): body if name.endswith("describe-config-rules") else DENIED
    for name, body in perfect().items()
    if "/config/" in name
}


def _block(*, is_on: bool) -> dict[str, Any]:
    return {WHOLE: {"PublicAccessBlockConfiguration": {"RestrictPublicBuckets": is_on}}}


def _devices(*serials: str, virtual: bool = False) -> dict[str, Any]:
    root = {"Arn": f"arn:aws:iam::{ACCOUNT}:root"}
    own = [{"SerialNumber": f"arn:aws:iam::{ACCOUNT}:{serial}"} for serial in serials]
    listed = [{"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device", "User": root}] if virtual else []
    return {DEVICES: {"VirtualMFADevices": listed}, OWN: {"MFADevices": own}}


def _rules(status: str, days: int) -> dict[str, Any]:
    return {LIFECYCLE: {"Rules": [{"Status": status, "Expiration": {"Days": days}}, {"Status": "Enabled"}]}}


def _readers(status: str) -> dict[str, Any]:
    subscribers = [{"Address": "a@example.com", "Type": "EMAIL", "Status": status}]
    return {COST: {"AnomalySubscriptions": [{"Subscribers": subscribers}]}}


def _transfer(status: str) -> dict[str, Any]:
    return {OUTBOUND: {"ResponsibilityTransfers": [{"Id": "t-1", "Name": "to the partner", "Status": status}]}}


VIRTUAL: Final = "mfa/root-account-mfa-device"
FIDO: Final = ("u2f/root/one-AAAA", "u2f/root/two-BBBB")


@pytest.mark.parametrize(
    ("control", "changes", "answer", "words"),
    [
        ("log-bucket-access", PUBLIC | _block(is_on=False), "fail", "is public"),
        ("log-bucket-access", PUBLIC | _block(is_on=True), "pass", "No log bucket"),
        ("log-bucket-access", PUBLIC | {WHOLE: DENIED}, "unknown", "could not be read"),
        ("log-bucket-retention", NO_LOCK, "warn", "no Object Lock. Anyone who may delete versions can delete logs."),
        ("log-bucket-retention", NO_LOCK | _rules("Enabled", 30), "warn", "delete objects after 30 days"),
        ("log-bucket-retention", NO_LOCK | _rules("Disabled", 30), "warn", "can delete logs."),
        ("log-bucket-retention", NO_LOCK | {LIFECYCLE: DENIED}, "unknown", "could not be read"),
        ("root-mfa-device", _devices(VIRTUAL, FIDO[0], virtual=True), "warn", "including a virtual one"),
        ("root-mfa-device", _devices(VIRTUAL, virtual=True), "fail", "1 virtual MFA device"),
        ("root-mfa-device", _devices(FIDO[0]), "warn", "one MFA device"),
        ("root-mfa-device", _devices(*FIDO), "pass", "no virtual one"),
        ("root-mfa-device", _devices("mfa/maria"), "pass", "no virtual device"),  # not those of root
        ("security-hub", OFF, "fail", "and the unified Security Hub are disabled"),
        ("security-hub", OFF | {HUB_V2: {"HubV2Arn": "arn"}}, "warn", "unified Security Hub is enabled"),
        ("billing-alert", NO_BUDGET, "warn", "notifies anyone"),
        ("billing-alert", NO_BUDGET | _readers("CONFIRMED"), "pass", "1 subscriber"),
        ("billing-alert", NO_BUDGET | _readers("DECLINED"), "warn", "notifies anyone"),
        ("billing-alert", NO_BUDGET | {COST: DENIED}, "unknown", ""),
        (
            "access-analyzer",
            {FOUND: {"findings": [{"resource": "b", "status": "ACTIVE"}]}},
            "warn",
            "external access to b.",
        ),
        (
            "access-analyzer",
            {FOUND: {"findings": [{"resource": "b", "status": "ARCHIVED"}]}},
            "pass",
            "no external access",
        ),
        ("billing-alert", {BUDGETS: UNREAD_BUDGET}, "warn", "notifies anyone"),
        ("config-rules", ELSEWHERE, "unknown", "answers from AWS are missing"),
        ("billing-transfer", _transfer("ACCEPTED"), "warn", "to the partner (ACCEPTED)"),
        ("billing-transfer", _transfer("REQUESTED"), "warn", "to the partner (REQUESTED)"),
        ("billing-transfer", _transfer("DECLINED"), "pass", "not transferred"),
        ("trusted-access", {}, "info", "iam.amazonaws.com"),
    ],
)
def test_what_decides(control: str, changes: dict[str, Any], answer: str, words: str, tmp_path: Path) -> None:
    told = answers_of(write(tmp_path, perfect() | changes))[control]
    assert told.answer == answer
    assert words in told.why


@pytest.mark.parametrize(
    ("statistic", "default", "answer"),
    [("Average", None, "pass"), ("Average", 0, "fail"), ("Minimum", None, "pass"), ("Sum", 0, "pass")],
)
def test_the_mean_of_events_alone_is_that_of_one(
    statistic: str, default: int | None, answer: str, tmp_path: Path
) -> None:
    answers = perfect()
    answers[f"{IN}cloudwatch/describe-alarms"]["MetricAlarms"][0]["Statistic"] = statistic
    (made,) = answers[f"{IN}logs/describe-metric-filters"]["metricFilters"][0]["metricTransformations"]
    made |= {} if default is None else {"defaultValue": default}
    assert answers_of(write(tmp_path, answers))["root-alarm"].answer == answer


def test_findings_go_to_the_region_of_security_hub(tmp_path: Path) -> None:
    answers = perfect()
    answers["eu-central-1/securityhub/describe-hub"] = answers.pop(HUB)
    found = asff(rf.check_posture(from_folder=write(tmp_path, answers)))
    assert {one["ProductArn"].split(":")[3] for one in found} == {"eu-central-1"}
    del answers["eu-central-1/securityhub/describe-hub"]
    found = asff(rf.check_posture(from_folder=write(tmp_path / "without", answers)))
    assert {one["ProductArn"].split(":")[3] for one in found} == {"us-east-1"}
