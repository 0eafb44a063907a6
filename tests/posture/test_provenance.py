"""Who set what a control stands on: nothing passes by what root, or whoever it let in, set in the incident."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

import rootforensics as rf
from rootforensics.posture.posture import controls
from rootforensics.posture.provenance import setters
from tests.builders import event, root_event, write_log
from tests.posture.answers import ACCOUNT, REGIONS, TOPIC, perfect, write

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootforensics.posture.posture import ControlAnswer

DAY: Final = "2026-08-05T"
DEVICES: Final = "us-east-1/iam/list-virtual-mfa-devices"
ROOT: Final = f"arn:aws:iam::{ACCOUNT}:root"


def _root(time: str, name: str, source: str = "iam", **fields: Any) -> dict[str, Any]:
    given = {"eventSource": f"{source}.amazonaws.com", "awsRegion": "us-east-1", "requestParameters": None}
    return root_event(eventName=name, **{**given, "eventTime": f"{DAY}{time}Z", **fields})


def _made(user: str, name: str, **fields: Any) -> dict[str, Any]:
    arn = {"type": "IAMUser", "userName": user, "arn": f"arn:aws:iam::{ACCOUNT}:user/{user}", "accountId": ACCOUNT}
    return event(eventName=name, eventTime=f"{DAY}11:20:00Z", awsRegion="us-east-1", identity=arn, **fields)


def _contact(kind: str) -> dict[str, Any]:
    return {"eventSource": "account.amazonaws.com", "requestParameters": {"alternateContactType": kind}}


ACT: Final = (_root("10:20:00", "ListUsers"), _root("12:20:00", "ListUsers"))
MAKES: Final = _root(
    "10:30:00", "CreateUser", requestParameters={"userName": "eve"}, responseElements={"user": {"userName": "eve"}}
)
OF_ROOT: Final = {"userName": "AWS ROOT USER", "serialNumber": "a"}
#: By account: its records, when AWS says that a device of root's was enabled, and the answers of controls that passed.
SCENES: Final[dict[str, tuple[tuple[dict[str, Any], ...], str, dict[str, str]]]] = {
    # Root acted, the logs cover all of it, and it set nothing of this.
    "200000000001": (ACT, "02:00:00", {"root-mfa": "pass", "security-contact": "pass", "multi-region-trail": "pass"}),
    "200000000002": (
        (*ACT, _root("11:00:00", "EnableMFADevice", requestParameters=OF_ROOT),
         _root("11:01:00", "PutAlternateContact", **_contact("SECURITY")), _root("11:02:00", "PutContactInformation", "account")),
        "",
        {"primary-phone": "PutContactInformation by root", "root-mfa": "EnableMFADevice by root at 2026-08-05 11:00:00",
         "security-contact": "PutAlternateContact by root", "other-contacts": "pass"},
    ),
    # The device of a user; and a call that failed.
    "200000000003": (
        (*ACT, _root("11:00:00", "EnableMFADevice", requestParameters={**OF_ROOT, "userName": "bob"}),
         _root("11:01:00", "PutAlternateContact", errorCode="AccessDenied", **_contact("SECURITY"))),
        "",
        {"root-mfa": "pass", "security-contact": "pass"},
    ),
    # No record of a device, and AWS says that it was enabled then.
    "200000000004": (ACT, "11:30:00", {"root-mfa": "device a at 2026-08-05T11:30:00Z"}),
    # Logging was stopped in the incident.
    "200000000005": (
        (*ACT, _root("11:00:00", "StopLogging", "cloudtrail", requestParameters={"name": "management"})),
        "",
        {"root-mfa": "may have been set during the incident", "security-contact": "The logs have gaps", "root-certificate": "pass"},
    ),
    "200000000006": (
        (*ACT, MAKES, _made("eve", "PutAlternateContact", **_contact("BILLING")), _made("ann", "PutMetricAlarm", eventSource="monitoring.amazonaws.com")),
        "",
        {"other-contacts": "by an identity that root created", "security-contact": "pass", "root-alarm": "pass"},
    ),
    # Nobody knows who set it, or when.
    "200000000007": (
        (event(eventName="PutAlternateContact", eventTime=f"{DAY}11:20:00Z", awsRegion="us-east-1", userIdentity={}, **_contact("SECURITY")),
         _root("11:00:00", "RegisterDelegatedAdministrator", "organizations", eventTime=None)),
        "",
        {"security-contact": "by an unknown identity", "delegated-administrators": "at an unknown time"},
    ),
    # What the alarm, the logs and the services stand on.
    "200000000008": (
        (*ACT, *(_root(f"11:00:0{at}", name, source, requestParameters=told) for at, (source, name, told) in enumerate((
            ("s3", "PutBucketPolicy", {"bucketName": "trail-logs"}), ("kms", "PutKeyPolicy", {"keyId": "1"}),
            ("s3", "PutBucketLifecycle", {"bucketName": "trail-logs"}), ("guardduty", "CreateFilter", {"action": "ARCHIVE"}),
            ("securityhub", "EnableSecurityHub", None), ("config", "PutConfigRule", {}), ("organizations", "AttachPolicy", {}),
            ("monitoring", "EnableAlarmActions", {}), ("events", "EnableRule", {"name": "root"}), ("cloudtrail", "StartLogging", {}),
        )))),
        "",
        {"log-bucket-access": "PutBucketPolicy by root", "log-encryption": "PutKeyPolicy by root", "log-bucket-retention": "PutBucketLifecycle by root",
         "guardduty": "CreateFilter by root", "security-hub": "EnableSecurityHub by root", "config-rules": "PutConfigRule by root",
         "recovery-from-above": "AttachPolicy by root", "root-alarm": "EnableAlarmActions by root", "root-event-rule": "EnableRule by root",
         "multi-region-trail": "StartLogging by root", "log-validation": "StartLogging by root"},
    ),
    # Of this subscription, and of another bucket, topic and key.
    "200000000009": (
        (*ACT, _root("11:00:00", "SetSubscriptionAttributes", "sns", requestParameters={"subscriptionArn": f"{TOPIC}:1", "attributeName": "FilterPolicy"}),
         _root("11:00:01", "PutBucketAcl", "s3", requestParameters={"bucketName": "other"}),
         _root("11:00:02", "PutKeyPolicy", "kms", requestParameters={"keyId": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/2"})),
        "",
        {"root-alarm": "SetSubscriptionAttributes by root", "root-event-rule": "SetSubscriptionAttributes by root",
         "log-bucket-access": "pass", "log-encryption": "pass"},
    ),
    # What narrows what GuardDuty finds, and what may withhold messages.
    "200000000010": (
        (*ACT, _root("11:00:00", "CreateTrustedEntitySet", "guardduty", requestParameters={"detectorId": "1"}),
         _root("11:00:01", "PutDataProtectionPolicy", "sns", requestParameters={"resourceArn": TOPIC})),
        "",
        {"guardduty": "CreateTrustedEntitySet by root", "root-alarm": "PutDataProtectionPolicy by root"},
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, ControlAnswer]]:
    """By account, its controls; each has three covered hours and answers of AWS that are all good."""
    folder, records = tmp_path_factory.mktemp("case"), []
    for account, (own, enabled, _) in SCENES.items():
        quiet = [
            event(eventTime=f"{DAY}{hour}:{minute}:00Z", awsRegion=region, identity={"arn": f"arn:aws:sts::{ACCOUNT}:user/{minute}"})
            for hour in (10, 11, 12) for minute in (15, 45) for region in REGIONS
        ]  # fmt: skip
        records += json.loads(json.dumps([*quiet, *own]).replace(ACCOUNT, account))
        devices = [{"SerialNumber": "a", "User": {"Arn": ROOT}, "EnableDate": f"{DAY}{enabled}Z"}] if enabled else []
        told = perfect() | {DEVICES: {"VirtualMFADevices": devices}}
        write(folder / "answers", json.loads(json.dumps(told).replace(ACCOUNT, account)), account)
    case = rf.Case(folder / "case.duckdb")
    case.load(write_log(folder, "log.json", records))
    found = case.posture(from_folder=folder / "answers").answers
    return lambda account: {one.control.id: one for one in found if one.account_id == account}


@pytest.mark.quick(2)
@pytest.mark.parametrize("account", SCENES)
def test_nothing_passes_by_what_was_set_in_the_incident(
    answers: Callable[[str], dict[str, ControlAnswer]], account: str
) -> None:
    own = answers(account)
    for name, wanted in SCENES[account][2].items():
        if wanted == "pass":
            assert own[name].answer == "pass", (name, own[name].why)
        else:
            assert own[name].answer == "warn", (name, own[name].why)
            assert wanted in own[name].why
            assert bool(own[name].missing) == ("may have been set" in own[name].why)


def test_of_each_call_that_is_read_it_is_told_what_sets_it() -> None:
    reads, names = setters()["reads"], setters()["names"]
    assert {call for control in controls().values() for call in control.calls} == set(reads)
    assert names.keys() <= {call for told in reads.values() for call in told}
