"""For each detection of findings: a hit, how many events its finding has, and a near miss."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tests.builders import ACCOUNT, event, root_event

if TYPE_CHECKING:
    from collections.abc import Callable

    Make = Callable[..., dict[str, Any]]

ROOT_MFA: Final = {"serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"}
FEDERATED: Final = {
    "type": "FederatedUser",
    "accessKeyId": "ASIAFED",
    "sessionContext": {"sessionIssuer": {"type": "Root", "accountId": ACCOUNT}},
}
SERVICE: Final = "autoscaling.amazonaws.com"


def at(clock: str, day: int = 5) -> str:
    """A time in August."""
    return f"2026-08-{day:02}T{clock}:00Z"


def root(clock: str, call: str, request: Any = None, day: int = 5, **fields: Any) -> dict[str, Any]:
    """Root calls ``service:Name``."""
    service, name = call.split(":")
    return root_event(
        eventTime=at(clock, day), eventSource=f"{service}.amazonaws.com", eventName=name, requestParameters=request,
        readOnly=False, **fields,
    )  # fmt: skip


def sign_in(clock: str, outcome: str = "Success", mfa: str = "No", day: int = 5, **fields: Any) -> dict[str, Any]:
    """Root signs in to the console, or tries to."""
    return root(
        clock, "signin:ConsoleLogin", day=day, responseElements={"ConsoleLogin": outcome},
        additionalEventData={"MFAUsed": mfa}, **({"identity": {"accessKeyId": ""}} | fields),
    )  # fmt: skip


def recovery(
    clock: str, outcome: str = "Success", day: int = 5, name: str = "PasswordRecoveryCompleted"
) -> dict[str, Any]:
    """A password recovery of root."""
    return root(clock, f"signin:{name}", day=day, responseElements={name: outcome})


def other(clock: str, call: str, request: Any = None, day: int = 5, **fields: Any) -> dict[str, Any]:
    """Somebody else calls ``service:Name``."""
    service, name = call.split(":")
    usual = {"eventTime": at(clock, day), "eventSource": f"{service}.amazonaws.com", "eventName": name}
    return event(**(usual | {"requestParameters": request} | fields))


def login(clock: str, name: str, source: str, success: str = "true") -> dict[str, Any]:
    """A step of ``aws login``."""
    return root(
        clock, f"signin:{name}", identity={"accessKeyId": ""}, sourceIPAddress=source,
        additionalEventData={"success": success},
    )  # fmt: skip


def privileged(clock: str, call: str, **fields: Any) -> dict[str, Any]:
    """A call of a session that AssumeRoot opened."""
    return root(clock, call, identity={"accessKeyId": "ASIA1", "sessionContext": {"assumedRoot": "true"}}, **fields)


def made_key(clock: str) -> dict[str, Any]:
    """Root makes an access key for itself at 198.51.100.7."""
    return root(clock, "iam:CreateAccessKey", responseElements={"accessKey": {"accessKeyId": "AKIANEW"}})


def with_key(clock: str, address: str, key: str = "AKIANEW") -> dict[str, Any]:
    """A call with root's key."""
    return root(clock, "sts:GetCallerIdentity", identity={"accessKeyId": key}, sourceIPAddress=address)


def named_service(clock: str, address: str, **fields: Any) -> dict[str, Any]:
    """A change as root by which a service is told."""
    by = {"invokedBy": "AWS Internal"}
    return root(clock, "s3:PutBucketPolicy", identity=by, sourceIPAddress=address, **fields)


def issued(**fields: Any) -> dict[str, Any]:
    """Root issues a federated session."""
    return root(
        "01:00", "sts:GetFederationToken", responseElements={"credentials": {"accessKeyId": "ASIAFED"}}, **fields
    )


def opening(clock: str, member: str, **fields: Any) -> dict[str, Any]:
    """Somebody opens a root session in a member account."""
    return other(clock, "sts:AssumeRoot", {"targetPrincipal": member}, **fields)


def region(name: str, **fields: Any) -> dict[str, Any]:
    """Root starts an instance."""
    return root("02:00", "ec2:RunInstances", {"instanceType": "m7i.large"}, awsRegion=name, **fields)


def bucket(clock: str, call: str, name: str = "b", **request: Any) -> dict[str, Any]:
    """Root acts on a bucket."""
    return root(clock, f"s3:{call}", {"bucketName": name} | request)


def called(
    clock: str, address: str, begun: str, agent: str = "aws-cli/2.27.1 md/x", key: str = "ASIA1"
) -> dict[str, Any]:
    """A call in a session of root that began at a time."""
    context = {"attributes": {"creationDate": at(begun)}}
    return root(
        clock, "iam:ListUsers", identity={"accessKeyId": key, "sessionContext": context}, sourceIPAddress=address, userAgent=agent
    )  # fmt: skip


def regions(clock: str, *names: str, day: int = 5) -> list[dict[str, Any]]:
    """Somebody else's calls in some Regions, which show that their logs are there."""
    return [other(clock, "ec2:DescribeVpcs", day=day, awsRegion=name) for name in names]


SIGN_IN_REGIONS: Final = ("us-east-1", "us-east-2", "us-west-2")
WINDOWS: Final = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:141.0) Gecko/20100101 Firefox/141.0"
NEWER: Final = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0"
LINUX: Final = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/138.0.0.0 Safari/537.36"
SERVER: Final = "[S3Console/0.4, aws-internal/3 aws-sdk-java/1.12.750 Linux/5.10.223 OpenJDK]"
DENIED: Final = {"errorCode": "AccessDenied"}
FAILED: Final = {"outcome": "Failure"}
OFF: Final = {"VersioningConfiguration": {"Status": "Suspended"}}
LOCKED: Final = "arn:aws:kms:us-east-1:111122223333:key/k-1"
FILTER: Final = {"logGroupName": "trail", "filterName": "root"}
TRAIL: Final = other("00:01", "cloudtrail:CreateTrail", {"name": "t"}, responseElements={"kmsKeyId": LOCKED})
MX: Final = {"changeBatch": {"changes": [{"action": "UPSERT", "resourceRecordSet": {"type": "MX"}}]}}
TXT: Final = {"changeBatch": {"changes": [{"action": "UPSERT", "resourceRecordSet": {"type": "TXT"}}]}}

#: For each detection: records that are a finding, how many events it cites, and records that just are none.
CASES: Final[dict[str, tuple[list[dict[str, Any]], int, list[dict[str, Any]]]]] = {
    "recovery_then_sign_in": (
        [recovery("01:00"), sign_in("02:00")], 2,
        [recovery("01:00"), sign_in("02:01"), sign_in("00:59"), sign_in("01:10", **FAILED),
         recovery("01:30", name="PasswordRecoveryRequested")]),
    "failed_sign_ins": (
        [sign_in(f"01:{minute:02}", **FAILED) for minute in range(0, 15, 3)], 5,
        [sign_in(f"01:{minute:02}", **FAILED) for minute in range(0, 20, 4)]),
    "failed_second_factors": (
        [sign_in(f"01:0{minute}", mfa="Yes", **FAILED) for minute in range(3)], 3,
        [sign_in("01:00", mfa="Yes", **FAILED), sign_in("01:01", mfa="Yes", **FAILED), sign_in("01:02", **FAILED)]),
    "failures_then_sign_in": (
        [*(sign_in(f"01:0{minute}", **FAILED) for minute in range(3)), sign_in("01:09")], 4,
        [sign_in("01:00", **FAILED), sign_in("01:01", **FAILED), sign_in("01:09"), sign_in("01:10", **FAILED),
         sign_in("01:08", **FAILED, sourceIPAddress="203.0.113.9")]),
    "guessed_from_elsewhere": (
        [*(sign_in(f"01:0{last}", **FAILED, sourceIPAddress=f"203.0.113.{last}") for last in range(5)), sign_in("01:09")],
        6,
        [sign_in("00:01"), *(sign_in(f"01:0{last}", **FAILED, sourceIPAddress=f"203.0.113.{last}") for last in range(5)),
         sign_in("01:09")]),
    "root_key_moved": (
        [made_key("01:00"), with_key("01:10", "203.0.113.9"), with_key("01:11", "203.0.113.9")], 2,
        [made_key("01:00"), with_key("01:10", "198.51.100.7"), with_key("01:10", "203.0.113.9", "AKIAOLD")]),
    "mfa_swap": (
        [root("01:00", "iam:DeactivateMFADevice", ROOT_MFA), root("01:05", "iam:EnableMFADevice", ROOT_MFA)], 2,
        [root("01:05", "iam:DeactivateMFADevice", ROOT_MFA), root("01:00", "iam:EnableMFADevice", ROOT_MFA),
         root("01:06", "iam:EnableMFADevice", {"userName": "sync"})]),
    "email_then_recovery": (
        [root("01:00", "signin:EmailUpdated", responseElements={"EmailUpdated": "Success"}), recovery("02:00", day=6)], 2,
        [root("01:00", "signin:EmailUpdated", responseElements={"EmailUpdated": "Failure"}), recovery("02:00", day=6)]),
    "contact_then_recovery": (
        [root("01:00", "account:PutContactInformation"), root("02:00", "iam:DeactivateMFADevice", ROOT_MFA)], 2,
        [root("03:00", "account:PutContactInformation"), root("02:00", "iam:DeactivateMFADevice", ROOT_MFA)]),
    "federated_session_used": (
        [issued(), root("01:10", "s3:ListBuckets", identity=FEDERATED),
         root("01:11", "s3:ListBuckets", identity=FEDERATED), root("01:12", "s3:ListBuckets", identity=FEDERATED)], 3,
        [issued(), root("01:10", "s3:ListBuckets", identity=FEDERATED | {"accessKeyId": "ASIAOTHER"})]),
    "root_of_many_members": (
        [opening("01:00", "1"), opening("02:00", "2"), opening("03:00", "3")], 3,
        [opening("01:00", "1"), opening("02:00", "2"), opening("03:00", "2"), opening("04:00", "3", **DENIED),
         # One member, named by its number and by its root, and a second one: two days later.
         *(opening("05:00", one, day=8) for one in ("444455556666", "arn:aws:iam::444455556666:root", "2"))]),
    "logging_stopped_then_gap": (
        [root("01:00", "cloudtrail:StopLogging"), other("02:00", "ec2:X", recipientAccountId="999988887777")], 1,
        [root("01:00", "cloudtrail:StopLogging"), other("01:59", "ec2:X")]),
    "alarm_removed_first": (
        [other("01:00", "monitoring:DeleteAlarms"), other("01:01", "monitoring:PutAlarmMuteRule"),
         other("01:02", "sns:Unsubscribe"), other("01:03", "sns:DeleteTopic"), other("00:01", "logs:PutMetricFilter", FILTER),
         other("01:04", "logs:PutMetricFilter", FILTER), other("00:02", "monitoring:PutMetricAlarm", {"alarmName": "root"}),
         other("01:05", "monitoring:PutMetricAlarm", {"alarmName": "root", "threshold": 1000000}), sign_in("02:00")], 7,
        [other("03:00", "monitoring:DeleteAlarms"), other("01:00", "monitoring:DeleteAlarms", **DENIED),
         other("01:01", "logs:PutMetricFilter", FILTER), other("01:02", "monitoring:PutMetricAlarm", {"alarmName": "root"}),
         other("01:03", "logs:PutMetricFilter", FILTER | {"filterName": "new"}), sign_in("02:00")]),
    "region_enabled_and_used": (
        [root("01:00", "account:EnableRegion", {"regionName": "af-south-1"}), region("af-south-1")], 2,
        [root("01:00", "account:EnableRegion", {"regionName": "af-south-1"}), region("eu-west-1")]),
    "unused_region_used": (
        [other("01:00", "ec2:DescribeVpcs"), region("eu-central-1")], 1,
        [other("01:00", "ec2:DescribeVpcs", awsRegion="eu-central-1"), region("eu-central-1")]),
    "guards_dropped": (
        [root("01:00", "organizations:LeaveOrganization"), root("00:30", "guardduty:DeleteDetector")], 2,
        [root("01:00", "organizations:LeaveOrganization"), root("02:00", "guardduty:DeleteDetector", day=6)]),
    "data_destruction": (
        [bucket("01:00", "PutBucketVersioning", **OFF), bucket("02:00", "PutBucketLifecycle")], 2,
        [bucket("01:00", "PutBucketVersioning", **OFF), bucket("02:00", "PutBucketLifecycle", "another")]),
    "trail_key_locked": (
        [TRAIL, root("01:00", "kms:DisableKey", {"keyId": "k-1"})], 1,
        [TRAIL, root("01:00", "kms:DisableKey", {"keyId": "k-2"})]),
    "mail_redirected_then_recovery": (
        [other("01:00", "route53:ChangeResourceRecordSets", MX), recovery("02:00")], 2,
        [other("01:00", "route53:ChangeResourceRecordSets", TXT), recovery("02:00")]),
    "beyond_task_policy": (
        [privileged("01:00", "iam:CreateUser")], 1,
        [privileged("01:00", "iam:DeleteLoginProfile"), privileged("01:01", "sts:GetCallerIdentity")]),
    "back_door_user": (
        [root("01:00", "iam:CreateUser", {"userName": "u"}), root("01:01", "iam:CreateAccessKey", {"userName": "u"})], 2,
        [root("01:00", "iam:CreateUser", {"userName": "u"}), root("01:01", "iam:CreateAccessKey", {"userName": "v"})]),
    "root_key_new_network": (
        [with_key("01:00", "198.51.100.7"), with_key("02:00", "203.0.113.9"), with_key("02:01", "203.0.113.9")], 2,
        [with_key("01:00", "198.51.100.7"), with_key("02:00", "198.51.100.99"), with_key("02:01", "AWS Internal"),
         with_key("02:02", "10.0.0.7"), with_key("02:03", "203.0.113.9", "AKIAOTHER")]),
    "session_moved": (
        [sign_in("01:00"), called("01:05", "198.51.100.9", "01:00"), called("01:10", "203.0.113.5", "01:00"),
         called("01:11", "203.0.113.5", "01:00")], 2,
        [sign_in("01:00"), called("01:05", "198.51.100.200", "01:00"), called("01:06", "cloudtrail.amazonaws.com", "01:00"),
         called("01:07", "AWS Internal", "01:00"), called("01:08", "100.127.8.67", "01:00"),
         called("01:09", "203.0.113.5", "01:01", key="ASIA2")]),
    "session_agent_changed": (
        [sign_in("01:00", userAgent=WINDOWS), called("01:05", "198.51.100.7", "01:00", LINUX)], 2,
        [sign_in("01:00", userAgent=WINDOWS), called("01:05", "198.51.100.7", "01:00", NEWER),
         called("01:06", "198.51.100.7", "01:00", SERVER), called("01:07", "198.51.100.7", "01:00", "aws-cli/2.27.1")]),
    "login_redeemed_elsewhere": (
        [login("01:00", "AuthorizeOAuth2Access", "198.51.100.9"), login("01:01", "CreateOAuth2Token", "203.0.113.5"),
         login("01:10", "CreateOAuth2Token", "203.0.113.5")], 2,
        [login("01:00", "AuthorizeOAuth2Access", "198.51.100.9"), login("01:01", "CreateOAuth2Token", "198.51.100.77"),
         login("01:10", "CreateOAuth2Token", "203.0.113.5"),
         login("02:00", "AuthorizeOAuth2Access", "198.51.100.9", "false"), login("02:01", "CreateOAuth2Token", "203.0.113.5"),
         login("03:00", "AuthorizeOAuth2Access", "198.51.100.9"), login("03:16", "CreateOAuth2Token", "203.0.113.5"),
         login("04:00", "AuthorizeOAuth2Access", "198.51.100.9"), login("04:01", "CreateOAuth2Token", "AWS Internal")]),
    "sessions_at_once": (
        [called("01:05", "198.51.100.7", "01:00"), called("01:20", "198.51.100.7", "01:00"),
         called("01:20", "203.0.113.5", "01:01", key="ASIA2")], 2,
        [called("01:05", "198.51.100.7", "01:00"), called("01:20", "198.51.100.7", "01:00"),
         called("01:10", "198.51.100.77", "01:01", key="ASIA2"), called("01:21", "203.0.113.5", "01:02", key="ASIA3"),
         called("01:12", "AWS Internal", "01:03", key="ASIA4")]),
    "session_without_sign_in": (
        [*regions("00:00", *SIGN_IN_REGIONS), called("02:00", "198.51.100.7", "01:00"), *regions("03:00", *SIGN_IN_REGIONS)], 1,
        [*regions("00:00", *SIGN_IN_REGIONS), called("02:00", "198.51.100.7", "01:00"), *regions("03:00", *SIGN_IN_REGIONS),
         sign_in("00:59"), with_key("02:01", "198.51.100.7"),
         *(called(f"{hour:02}:05", "198.51.100.7", f"{hour:02}:00", key=f"ASIA{hour}") for hour in range(3, 7)),
         root("03:00", "signin:CreateOAuth2TokenWithIAM"), root("04:00", "sts:GetSessionToken"),
         other("05:00", "sts:AssumeRoot", {"targetPrincipal": ACCOUNT}),
         root("06:00", "signin:CreateOAuth2TokenWithTokenExchange"), *regions("09:00", *SIGN_IN_REGIONS)]),
    "person_behind_service": (
        [named_service("01:00", "203.0.113.9"), named_service("01:01", "2001:db8::9"),
         named_service("01:02", "AWS Internal", sessionCredentialFromConsole="true")], 3,
        [named_service("01:00", SERVICE), named_service("01:01", "AWS Internal"), with_key("01:02", "203.0.113.9")]),
}  # fmt: skip
