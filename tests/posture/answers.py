"""Answers of AWS as the AWS CLI writes them, for accounts that are perfect and neglected.

Fields and their spelling are those of botocore's models; the credential report has the columns of the IAM User Guide.
"""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import rootforensics as rf
from rootforensics.rules.patterns.parse import CIS_ROOT

if TYPE_CHECKING:
    from pathlib import Path

ACCOUNT: Final = "111122223333"
REGIONS: Final = ("us-east-1", "us-east-2", "us-west-2")
TRAIL: Final = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/management"
TOPIC: Final = f"arn:aws:sns:us-east-1:{ACCOUNT}:root-usage-alarm"
DETECTOR: Final = "12abc34d567e8fa901bc2d34e56789f0"
COLUMNS: Final = (
    "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,password_next_rotation,"
    "mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,"
    "access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,"
    "access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,"
    "cert_1_last_rotated,cert_2_active,cert_2_last_rotated"
)
#: As SNS first gives it, and what EventBridge needs beside.
TOPIC_POLICY: Final[dict[str, Any]] = {
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "*"},
            "Action": ["SNS:GetTopicAttributes", "SNS:Publish", "SNS:Subscribe"],
            "Resource": TOPIC,
            "Condition": {"StringEquals": {"AWS:SourceOwner": ACCOUNT}},
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": TOPIC,
        },
    ]
}
_KEY_POLICY: Final = json.dumps(
    {
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*"},
            {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "kms:*"},
            {
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": ["kms:Decrypt", "kms:ReEncryptFrom"],
                "Condition": {"StringEquals": {"kms:CallerAccount": ACCOUNT}},
            },
        ]
    }
)
#: An answer of AWS that refuses.
DENIED: Final = {
    "Error": {"Code": "AccessDenied", "Message": "User: arn:aws:iam::111122223333:user/a is not authorized"}
}


def report(**columns: str) -> str:
    """A credential report with root's row; columns that are not given say that there is nothing."""
    names = COLUMNS.split(",")
    given = {
        "user": "<root_account>",
        "arn": f"arn:aws:iam::{ACCOUNT}:root",
        "user_creation_time": "2020-01-01T00:00:00+00:00",
        "password_next_rotation": "not_supported",
        **{name: "false" for name in names if name.endswith(("_active", "_enabled"))},
        **columns,
    }
    return f"{COLUMNS}\n{','.join(given.get(name, 'N/A') for name in names)}\n"


def summary(**counts: int) -> dict[str, Any]:
    """An account summary; what is not given is 0."""
    names = (
        "AccountAccessKeysPresent",
        "AccountMFAEnabled",
        "AccountPasswordPresent",
        "AccountSigningCertificatesPresent",
    )
    return {"SummaryMap": {**dict.fromkeys(names, 0), "Users": 2, **counts}}


_EVENT_PATTERN: Final = json.dumps({"detail": {"userIdentity": {"type": ["Root"]}}})
_EVERYWHERE: Final[dict[str, Any]] = {
    "events/list-rules": {
        "Rules": [
            {"Name": "root", "State": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS", "EventPattern": _EVENT_PATTERN}
        ]
    },
    "events/list-targets-by-rule--root": {"Targets": [{"Id": "1", "Arn": TOPIC}]},
    "sesv2/list-email-identities": {"EmailIdentities": []},
    "guardduty/list-detectors": {"DetectorIds": [DETECTOR]},
    f"guardduty/get-detector--{DETECTOR}": {"Status": "ENABLED", "ServiceRole": "role"},
    f"guardduty/list-findings--{DETECTOR}": {"FindingIds": []},
}
_RULES: Final = ("IAM_ROOT_ACCESS_KEY_CHECK", "ROOT_ACCOUNT_MFA_ENABLED", "ROOT_ACCOUNT_HARDWARE_MFA_ENABLED")
_HUB: Final = [
    {
        "ProductArn": "arn:aws:securityhub:us-east-1::product/aws/securityhub",
        "AwsAccountId": ACCOUNT,
        "RecordState": "ACTIVE",
        "Compliance": {"Status": "PASSED", "SecurityControlId": one},
        "Workflow": {"Status": "RESOLVED"},
        "UpdatedAt": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
    for one in ("IAM.4", "IAM.6", "IAM.9", "CloudWatch.1")
]
_SCP: Final = {
    "Statement": {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {
            "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"},
            "Null": {"aws:AssumedRoot": "true"},
        },
    }
}
_PERFECT: Final[dict[str, Any]] = {
    "us-east-1/iam/get-account-summary": summary(AccountMFAEnabled=1, AccountPasswordPresent=1),
    "us-east-1/iam/get-credential-report": {
        "Content": report(password_enabled="true", mfa_active="true"),
        "GeneratedTime": "2026-11-01T00:00:00+00:00",
    },
    "us-east-1/iam/list-virtual-mfa-devices": {"VirtualMFADevices": []},
    "us-east-1/iam/list-organizations-features": {
        "OrganizationId": "o-aaaaaaaaaa",
        "EnabledFeatures": ["RootCredentialsManagement", "RootSessions"],
    },
    **{
        f"us-east-1/account/get-alternate-contact--{kind}": {
            "AlternateContact": {"Name": "Security", "AlternateContactType": kind}
        }
        for kind in ("SECURITY", "BILLING", "OPERATIONS")
    },
    "us-east-1/account/get-account-information": {"AccountId": ACCOUNT, "AccountState": "ACTIVE"},
    "us-east-1/account/get-contact-information": {
        "ContactInformation": {"FullName": "Example", "PhoneNumber": "+15550100"},
        "VerificationStatus": "VERIFIED",
    },
    "us-east-1/account/list-regions": {
        "Regions": [{"RegionName": one, "RegionOptStatus": "ENABLED"} for one in REGIONS]
    },
    "us-east-1/organizations/describe-organization": {
        "Organization": {"Id": "o-aaaaaaaaaa", "FeatureSet": "ALL", "MasterAccountId": ACCOUNT}
    },
    "us-east-1/organizations/list-policies": {
        "Policies": [{"Id": "p-root", "Name": "deny-root"}, {"Id": "p-FullAWSAccess", "Name": "FullAWSAccess"}]
    },
    "us-east-1/organizations/list-policies--RESOURCE_CONTROL_POLICY": {"Policies": []},
    "us-east-1/organizations/describe-policy--p-FullAWSAccess": {
        "Policy": {
            "PolicySummary": {"Id": "p-FullAWSAccess", "Name": "FullAWSAccess"},
            "Content": json.dumps({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}),
        }
    },
    "us-east-1/organizations/list-targets-for-policy--p-FullAWSAccess": {
        "Targets": [{"TargetId": one} for one in ("r-a", "ou-a", "ou-b", ACCOUNT, "444455556666")]
    },
    f"us-east-1/signin/get-console-authorization-configuration--{ACCOUNT}": {"consoleAuthorizationEnabled": False},
    "us-east-1/signin/get-console-authorization-configuration--o-aaaaaaaaaa": {
        "Error": {"Code": "ResourceNotFoundException", "Message": ""}
    },
    "us-east-1/signin/list-sessions": {"items": []},
    "us-east-1/signin/get-resource-policy": {"Error": {"Code": "ResourceNotFoundException", "Message": ""}},
    "us-east-1/organizations/describe-policy--p-root": {
        "Policy": {"PolicySummary": {"Id": "p-root", "Name": "deny-root"}, "Content": json.dumps(_SCP)}
    },
    "us-east-1/organizations/list-targets-for-policy--p-root": {"Targets": [{"TargetId": "ou-a"}]},
    "us-east-1/organizations/list-delegated-administrators": {"DelegatedAdministrators": [{"Id": "444455556666"}]},
    "us-east-1/organizations/list-aws-service-access-for-organization": {
        "EnabledServicePrincipals": [{"ServicePrincipal": "iam.amazonaws.com"}]
    },
    **{
        f"us-east-1/organizations/list-{kind}-responsibility-transfers": {"ResponsibilityTransfers": []}
        for kind in ("inbound", "outbound")
    },
    "us-east-1/ce/get-anomaly-subscriptions": {"AnomalySubscriptions": []},
    "us-east-1/budgets/describe-budget-notifications-for-account": {
        "BudgetNotificationsForAccount": [{"BudgetName": "month", "Notifications": [{"Threshold": 80}]}]
    },
    "us-east-1/security-ir/list-memberships": {"items": [{"membershipId": "m-1", "membershipStatus": "Active"}]},
    "us-east-1/cloudtrail/describe-trails": {
        "trailList": [
            {
                "Name": "management",
                "TrailARN": TRAIL,
                "S3BucketName": "trail-logs",
                "HomeRegion": "us-east-1",
                "IsMultiRegionTrail": True,
                "IsOrganizationTrail": False,
                "LogFileValidationEnabled": True,
                "CloudWatchLogsLogGroupArn": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:trail:*",
                "KmsKeyId": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1",
            }
        ]
    },
    "us-east-1/cloudtrail/get-trail-status--management": {
        "IsLogging": True,
        "LatestDeliveryTime": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
    },
    "us-east-1/cloudtrail/get-event-selectors--management": {
        "TrailARN": TRAIL,
        "EventSelectors": [
            {"ReadWriteType": "All", "IncludeManagementEvents": True, "ExcludeManagementEventSources": []}
        ],
    },
    "us-east-1/kms/describe-key--1": {"KeyMetadata": {"KeyId": "1", "KeyState": "Enabled"}},
    "us-east-1/kms/get-key-policy--1": {"Policy": _KEY_POLICY},
    "us-east-1/route53/list-hosted-zones": {"HostedZones": []},
    "us-east-1/s3/get-bucket-policy-status--trail-logs": {"PolicyStatus": {"IsPublic": False}},
    "us-east-1/s3/get-bucket-policy--trail-logs": {
        "Policy": json.dumps(
            {
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "cloudtrail.amazonaws.com"},
                        "Action": "s3:PutObject",
                        "Resource": "*",
                    }
                ]
            }
        )
    },
    "us-east-1/s3/get-bucket-acl--trail-logs": {
        "Owner": {"ID": "owner"},
        "Grants": [{"Grantee": {"ID": "owner", "Type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}],
    },
    "us-east-1/s3/get-public-access-block--trail-logs": {
        "PublicAccessBlockConfiguration": {"IgnorePublicAcls": True, "RestrictPublicBuckets": True}
    },
    "us-east-1/s3control/get-public-access-block": {
        "PublicAccessBlockConfiguration": {"IgnorePublicAcls": False, "RestrictPublicBuckets": False}
    },
    "us-east-1/s3/get-bucket-lifecycle-configuration--trail-logs": {
        "Error": {"Code": "NoSuchLifecycleConfiguration", "Message": ""}
    },
    "us-east-1/s3/get-bucket-versioning--trail-logs": {"Status": "Enabled"},
    "us-east-1/s3/get-object-lock-configuration--trail-logs": {
        "ObjectLockConfiguration": {
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 400}},
        }
    },
    "us-east-1/logs/describe-metric-filters": {
        "metricFilters": [
            {
                "filterName": "RootUsage",
                "filterPattern": CIS_ROOT,
                "metricTransformations": [
                    {"metricName": "RootUsage", "metricNamespace": "CISBenchmark", "metricValue": "1"}
                ],
                "logGroupName": "trail",
            }
        ]
    },
    "us-east-1/cloudwatch/describe-alarms": {
        "MetricAlarms": [
            {
                "AlarmName": "RootUsage",
                "AlarmArn": f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:RootUsage",
                "ActionsEnabled": True,
                "AlarmActions": [TOPIC],
                "MetricName": "RootUsage",
                "Namespace": "CISBenchmark",
                "Statistic": "Sum",
                "Dimensions": [],
                "Period": 60,
                "EvaluationPeriods": 1,
                "Threshold": 1.0,
                "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            }
        ]
    },
    "us-east-1/cloudwatch/list-alarm-mute-rules": {"AlarmMuteRuleSummaries": []},
    "us-east-1/sns/list-subscriptions-by-topic--root-usage-alarm": {
        "Subscriptions": [{"SubscriptionArn": f"{TOPIC}:1", "Protocol": "email", "TopicArn": TOPIC, "Owner": ACCOUNT}]
    },
    "us-east-1/sns/get-subscription-attributes--1": {"Attributes": {"SubscriptionArn": f"{TOPIC}:1", "Owner": ACCOUNT}},
    "us-east-1/sns/get-data-protection-policy--root-usage-alarm": {},
    "us-east-1/sns/get-topic-attributes--root-usage-alarm": {
        "Attributes": {"TopicArn": TOPIC, "Owner": ACCOUNT, "Policy": json.dumps(TOPIC_POLICY)}
    },
    "us-east-1/config/describe-config-rules": {
        "ConfigRules": [
            {"ConfigRuleName": rule.lower(), "Source": {"Owner": "AWS", "SourceIdentifier": rule}} for rule in _RULES
        ]
    },
    "us-east-1/config/describe-configuration-recorder-status": {
        "ConfigurationRecordersStatus": [{"name": "default", "recording": True, "lastStatus": "SUCCESS"}]
    },
    **{
        f"us-east-1/config/get-compliance-details-by-config-rule--{rule.lower()}": {
            "EvaluationResults": [{"ComplianceType": "COMPLIANT"}]
        }
        for rule in _RULES
    },
    "us-east-1/securityhub/describe-hub": {"HubArn": f"arn:aws:securityhub:us-east-1:{ACCOUNT}:hub/default"},
    "us-east-1/securityhub/describe-security-hub-v2": {"Error": {"Code": "ResourceNotFoundException", "Message": ""}},
    "us-east-1/securityhub/get-findings": {"Findings": _HUB},
    "us-east-1/accessanalyzer/list-analyzers": {"analyzers": [{"arn": "arn", "status": "ACTIVE", "type": "ACCOUNT"}]},
    "us-east-1/accessanalyzer/list-findings--arn": {"findings": []},
    **{f"{region}/{name}": body for region in REGIONS for name, body in _EVERYWHERE.items()},
}


def perfect() -> dict[str, Any]:
    """By folder and name, what the AWS CLI prints for an account that has all in order."""
    found = deepcopy(_PERFECT)
    for region in REGIONS:  # a multi-Region trail is listed in each
        found[f"{region}/cloudtrail/describe-trails"] = found["us-east-1/cloudtrail/describe-trails"]
    return found


def neglected() -> dict[str, Any]:
    """The same of an account in which nothing is."""
    found = perfect()
    found |= {
        "us-east-1/iam/get-account-summary": summary(AccountAccessKeysPresent=1, AccountPasswordPresent=1),
        "us-east-1/iam/get-credential-report": {
            "Content": report(
                password_enabled="true",
                password_last_used="2026-10-01T00:00:00+00:00",
                access_key_1_active="true",
                access_key_1_last_rotated="2020-01-01T00:00:00+00:00",
                cert_1_last_rotated="2020-01-01T00:00:00+00:00",
            )
        },
        "us-east-1/iam/list-virtual-mfa-devices": {"VirtualMFADevices": []},
        "us-east-1/account/get-contact-information": {"ContactInformation": {"FullName": "Example"}},
        "us-east-1/account/get-alternate-contact--SECURITY": {
            "Error": {"Code": "ResourceNotFoundException", "Message": ""}
        },
        "us-east-1/account/get-alternate-contact--BILLING": {
            "Error": {"Code": "ResourceNotFoundException", "Message": ""}
        },
        "us-east-1/organizations/describe-organization": {
            "Error": {"Code": "AWSOrganizationsNotInUseException", "Message": ""}
        },
        "us-east-1/cloudtrail/get-trail-status--management": {"IsLogging": False},
        "us-east-1/kms/describe-key--1": {"KeyMetadata": {"KeyId": "1", "KeyState": "Enabled"}},
        "us-east-1/kms/get-key-policy--1": {"Policy": _KEY_POLICY},
        "us-east-1/route53/list-hosted-zones": {"HostedZones": []},
        "us-east-1/s3/get-bucket-policy-status--trail-logs": {"PolicyStatus": {"IsPublic": True}},
        "us-east-1/s3/get-public-access-block--trail-logs": {
            "Error": {"Code": "NoSuchPublicAccessBlockConfiguration", "Message": ""}
        },
        "us-east-1/s3/get-bucket-versioning--trail-logs": {},
        "us-east-1/logs/describe-metric-filters": {"metricFilters": []},
        "us-east-1/budgets/describe-budget-notifications-for-account": {"BudgetNotificationsForAccount": []},
        "us-east-1/security-ir/list-memberships": {"items": []},
        "us-east-1/config/describe-config-rules": {"ConfigRules": []},
        "us-east-1/securityhub/describe-hub": {
            "Error": {"Code": "InvalidAccessException", "Message": "not subscribed"}
        },
        "us-east-1/accessanalyzer/list-analyzers": {"analyzers": []},
    }
    trail = found["us-east-1/cloudtrail/describe-trails"]["trailList"][0]
    trail |= {"LogFileValidationEnabled": False, "KmsKeyId": ""}
    for region in REGIONS:
        found[f"{region}/events/list-rules"] = {"Rules": []}
    found["us-west-2/guardduty/list-detectors"] = {"DetectorIds": []}
    return found


def write(folder: Path, answers: dict[str, Any], account: str = ACCOUNT) -> Path:
    """Write answers as a person would keep them: a folder by account and Region, no index."""
    paths = {name: folder / account / f"{name}.json" for name in answers}
    for parent in {path.parent for path in paths.values()}:
        parent.mkdir(parents=True, exist_ok=True)
    for name, path in paths.items():
        path.write_text(json.dumps(answers[name]))
    return folder


def by_id(folder: Path, case: rf.Case | None = None) -> dict[str, rf.ControlAnswer]:
    """The answers to the controls from a folder, by the id of the control."""
    return {answer.control.id: answer for answer in rf.check_posture(case, from_folder=folder).answers}
