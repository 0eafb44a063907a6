"""What AWS answers three days after the takeover, as `rootforensics posture --save` keeps it."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any, Final

from tools.sample_incident.people import DATA, EAST1, LOG_BUCKET, MAIN_TRAIL, ORGANIZATION, PROD, SANDBOX, SECOND_TRAIL

if TYPE_CHECKING:
    from pathlib import Path

ASKED: Final = "2026-08-08T09:00:00Z"
#: A second key of root, of a time that the logs cover, and of which they hold nothing.
HIDDEN_KEY: Final = "2026-08-04T14:10:00+00:00"
_COLUMNS: Final = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,"
    "mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,"
    "access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,"
    "access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
    "cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
)
_NO_CONTACT: Final = {
    "Error": {"Code": "ResourceNotFoundException", "Message": "No contact of the inputted type found."}
}
_TOPIC: Final = f"arn:aws:sns:{EAST1}:{PROD}:root-usage-alarm"
_CIS: Final = (
    '{ $.userIdentity.type = "Root" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != "AwsServiceEvent" }'
)


def _report(account: str, columns: dict[str, str]) -> dict[str, Any]:
    """A credential report with root's row alone."""
    given = {
        "user": "<root_account>",
        "arn": f"arn:aws:iam::{account}:root",
        "user_creation_time": "2021-03-01T08:00:00+00:00",
        "password_enabled": "true",
        "password_next_rotation": "not_supported",
        "mfa_active": "true",
        **{name: "false" for name in _COLUMNS.split(",") if re.search("(key|cert)_._active", name)},
        **columns,
    }
    row = ",".join(given.get(name, "N/A") for name in _COLUMNS.split(","))
    return {"Content": f"{_COLUMNS}\n{row}\n", "ReportFormat": "text/csv", "GeneratedTime": "2026-08-08T08:58:00+00:00"}


def _summary(keys: int) -> dict[str, Any]:
    held = {"AccountAccessKeysPresent": keys, "AccountMFAEnabled": 1, "AccountPasswordPresent": 1}
    return {"SummaryMap": {**held, "AccountSigningCertificatesPresent": 0}}


def _device(account: str, enabled: str) -> dict[str, Any]:
    root = f"arn:aws:iam::{account}:root"
    serial = f"arn:aws:iam::{account}:mfa/root-account-mfa-device"
    return {"VirtualMFADevices": [{"SerialNumber": serial, "User": {"Arn": root}, "EnableDate": enabled}]}


def _trail(name: str, **settings: Any) -> dict[str, Any]:
    arn = f"arn:aws:cloudtrail:{EAST1}:{PROD}:trail/{name}"
    held = {"Name": name, "TrailARN": arn, "S3BucketName": LOG_BUCKET, "HomeRegion": EAST1, "IsMultiRegionTrail": False}
    return {**held, "LogFileValidationEnabled": True, **settings}


def _answers() -> dict[str, dict[str, Any]]:
    """By account, service, operation and argument, what AWS answers."""
    organization = {"Organization": {"Id": ORGANIZATION, "FeatureSet": "ALL", "MasterAccountId": DATA}}
    denied = {"Code": "AccessDenied", "Message": "User is not authorized to perform: iam:GetAccountSummary"}
    key = {"access_key_1_active": "true", "access_key_1_last_rotated": "2026-08-05T01:34:26+00:00"}
    used = {"date": "2026-08-05T09:12:00+00:00", "region": EAST1, "service": "iam"}
    selector = {"ReadWriteType": "All", "IncludeManagementEvents": True, "ExcludeManagementEventSources": []}
    group = f"arn:aws:logs:{EAST1}:{PROD}:log-group:cloudtrail:*"
    trails = [_trail(MAIN_TRAIL, IsMultiRegionTrail=True, CloudWatchLogsLogGroupArn=group), _trail(SECOND_TRAIL)]
    metric = {"metricName": "RootUsage", "metricNamespace": "CISBenchmark", "metricValue": "1"}
    alarm = {"AlarmName": "RootUsage", "ActionsEnabled": True, "AlarmActions": [_TOPIC], "MetricName": "RootUsage"}
    fires = {"Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1.0}
    compares = {"Namespace": "CISBenchmark", "ComparisonOperator": "GreaterThanOrEqualToThreshold"}
    return {
        f"{PROD} sts get-caller-identity": _caller(PROD),
        f"{PROD} iam get-account-summary": _summary(2),
        f"{PROD} iam get-credential-report": _report(
            PROD,
            {
                "password_last_used": "2026-08-06T21:14:00+00:00",
                "password_last_changed": "2026-08-05T01:19:47+00:00",
                "access_key_2_active": "true",
                "access_key_2_last_rotated": HIDDEN_KEY,
                **key,
                **{f"access_key_1_last_used_{name}": value for name, value in used.items()},
            },
        ),
        f"{PROD} iam list-virtual-mfa-devices": _device(PROD, "2026-08-05T01:43:31+00:00"),
        f"{PROD} account get-alternate-contact SECURITY": {
            "AlternateContact": {"Name": "Security", "AlternateContactType": "SECURITY"}
        },
        f"{PROD} account get-alternate-contact BILLING": _NO_CONTACT,
        f"{PROD} account get-alternate-contact OPERATIONS": _NO_CONTACT,
        f"{PROD} account get-account-information": {"AccountId": PROD, "AccountState": "ACTIVE"},
        f"{PROD} organizations describe-organization": organization,
        f"{PROD} cloudtrail describe-trails": {"trailList": trails},
        f"{PROD} cloudtrail get-trail-status {MAIN_TRAIL}": {
            "IsLogging": True,
            "StartLoggingTime": "2026-08-05T08:05:12Z",
            "LatestDeliveryTime": "2026-08-08T08:56:40Z",
        },
        f"{PROD} cloudtrail get-trail-status {SECOND_TRAIL}": {"IsLogging": False},
        **{
            f"{PROD} cloudtrail get-event-selectors {trail['Name']}": {
                "TrailARN": trail["TrailARN"],
                "EventSelectors": [selector],
            }
            for trail in trails
        },
        f"{PROD} logs describe-metric-filters": {
            "metricFilters": [
                {
                    "filterName": "RootUsage",
                    "filterPattern": _CIS,
                    "metricTransformations": [metric],
                    "logGroupName": "cloudtrail",
                }
            ]
        },
        f"{PROD} cloudwatch describe-alarms": {"MetricAlarms": [alarm | fires | compares]},
        f"{PROD} cloudwatch list-alarm-mute-rules": {"AlarmMuteRuleSummaries": []},
        f"{PROD} sns list-subscriptions-by-topic root-usage-alarm": {
            "Subscriptions": [{"SubscriptionArn": "PendingConfirmation", "Protocol": "email", "TopicArn": _TOPIC}]
        },
        f"{DATA} sts get-caller-identity": _caller(DATA),
        f"{DATA} iam get-account-summary": _summary(0),
        f"{DATA} iam get-credential-report": _report(DATA, {"password_last_used": "2026-08-06T10:02:17+00:00"}),
        f"{DATA} iam list-virtual-mfa-devices": _device(DATA, "2024-02-12T09:30:00+00:00"),
        f"{DATA} iam list-organizations-features": {"EnabledFeatures": ["RootCredentialsManagement", "RootSessions"]},
        f"{DATA} organizations describe-organization": organization,
        f"{SANDBOX} sts get-caller-identity": _caller(SANDBOX),
        f"{SANDBOX} iam get-account-summary": {"Error": denied},
        f"{SANDBOX} organizations describe-organization": organization,
    }


def _caller(account: str) -> dict[str, Any]:
    arn = f"arn:aws:sts::{account}:assumed-role/Responder/farid.haddad@example.com"
    return {"UserId": "AROAEXAMPLERESPONDER:farid.haddad@example.com", "Account": account, "Arn": arn}


def write_answers(folder: Path) -> int:
    """Replace a folder by the answers, with the list of what was asked when.

    Returns:
        How many there are.
    """
    shutil.rmtree(folder, ignore_errors=True)
    lines = []
    for asked, body in _answers().items():
        account, service, operation, *argument = asked.split(" ")
        name = f"{account}/{EAST1}/{service}/{'--'.join((operation, *argument))}.json"
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(body, indent=1) + "\n", encoding="ascii")
        call = f"{service}:{''.join(part.capitalize() for part in operation.split('-'))}".replace("Mfa", "MFA")
        told = {"file": name, "call": call, "account_id": account, "region": EAST1}
        lines.append(json.dumps({**told, "argument": "".join(argument), "time": ASKED}))
    (folder / "saved.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="ascii")
    return len(lines)
