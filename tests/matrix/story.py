"""One story: somebody takes over root, and the owner's people answer. Most questions of the verdict are answered yes."""

from __future__ import annotations

from typing import Any, Final

from tests.analysis.verdict.logs import EVERYWHERE, OPEN
from tests.builders import ABSENT, ACCOUNT, event, root_event

Record = dict[str, Any]

_ADDRESS: Final = "203.0.113.77"
_CONSOLE: Final = {
    "accessKeyId": "ASIAROOTCONSOLE00001",
    "sessionContext": {"attributes": {"creationDate": "2026-08-05T10:00:00Z", "mfaAuthenticated": "false"}},
}
_KEY: Final = {"accessKeyId": "AKIAROOTKEYNEW000001"}
_PRIVILEGED: Final = {
    "accessKeyId": "ASIAPRIVILEGED000001",
    "sessionContext": {
        "assumedRoot": "true", "attributes": {"creationDate": "2026-08-05T10:50:00Z", "mfaAuthenticated": "false"},
    },
}  # fmt: skip
_USER_KEY: Final = "AKIAMADEBYROOT000001"
_TRAIL: Final = {"name": f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/main"}
_POLICY: Final = {
    "userName": "mallory",
    "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess",
}


def _call(minute: int, call: str, asked: Any = None, answered: Any = None, **fields: Any) -> Record:
    """A write of root in the console, so many minutes after ten o'clock."""
    source, _, name = call.partition(":")
    usual: Record = {
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "requestParameters": asked,
        "responseElements": answered,
        "readOnly": False,
        "identity": _CONSOLE,
        "eventTime": f"2026-08-05T{10 + minute // 60}:{minute % 60:02}:00Z",
        "sourceIPAddress": _ADDRESS,
    }
    return root_event(**(usual | fields))


def _account(minute: int, name: str, result: str = "Success", **more: Any) -> Record:
    """An event of root's own sign-in service."""
    return _call(
        minute, f"signin:{name}", None, {name: result}, identity={"accessKeyId": ABSENT}, eventType="AwsConsoleSignIn",
        additionalEventData=more or None,
    )  # fmt: skip


def _of_user(minute: int, user: str, key: str, call: str, asked: Any = None, answered: Any = None) -> Record:
    """A write of an IAM user with a long-term key."""
    identity = {
        "type": "IAMUser",
        "principalId": f"AIDA{user.upper():0<17}",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/{user}",
        "userName": user,
        "accessKeyId": key,
        "sessionContext": ABSENT,
    }
    source, _, name = call.partition(":")
    return event(
        eventSource=f"{source}.amazonaws.com", eventName=name, requestParameters=asked, responseElements=answered,
        readOnly=False, identity=identity, resources=ABSENT, sourceIPAddress="198.51.100.9",
        eventTime=f"2026-08-05T{10 + minute // 60}:{minute % 60:02}:00Z",
    )  # fmt: skip


def _of_role(minute: int, call: str, asked: Any) -> Record:
    """A write in the session of a role that an identity of root's made and assumed."""
    source, _, name = call.partition(":")
    issuer = {"principalId": "AROAHELPER0000000000", "arn": f"arn:aws:iam::{ACCOUNT}:role/helper", "userName": "helper"}
    identity = {
        "principalId": "AROAHELPER0000000000:s",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/helper/s",
        "accessKeyId": "ASIAOFTHEHELPER00001",
        "sessionContext": {"sessionIssuer": issuer},
    }
    return event(
        eventSource=f"{source}.amazonaws.com", eventName=name, requestParameters=asked, readOnly=False,
        identity=identity, resources=ABSENT, sourceIPAddress=_ADDRESS, eventTime=f"2026-08-05T10:{minute}:00Z",
    )  # fmt: skip


def _of_visitor(minute: int, call: str, asked: Any) -> Record:
    """A call of a federated user that root let in."""
    source, _, name = call.partition(":")
    issuer = {"type": "Root", "principalId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT}
    identity = {
        "type": "FederatedUser",
        "principalId": f"{ACCOUNT}:visitor",
        "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/visitor",
        "accessKeyId": "ASIAOFTHEVISITOR0001",
        "sessionContext": {"sessionIssuer": issuer | {"userName": ABSENT}},
    }
    return event(
        eventSource=f"{source}.amazonaws.com", eventName=name, requestParameters=asked, readOnly=True,
        identity=identity, resources=ABSENT, sourceIPAddress=_ADDRESS, eventTime=f"2026-08-05T10:{minute}:00Z",
    )  # fmt: skip


def story() -> list[Record]:
    """The records in order of time; all are of one account."""
    run = {"instanceType": "p5.48xlarge", "instancesSet": {"items": [{"imageId": "ami-1", "minCount": 1}]}}
    ran = {"instancesSet": {"items": [{"instanceId": "i-0123456789abcdef0"}]}}
    made_user = {"user": {"userName": "mallory", "userId": "AIDAMALLORY0000000000"}}
    made_key = {"accessKey": {"accessKeyId": _USER_KEY, "userName": "mallory", "status": "Active"}}
    root_key = {"accessKey": {"accessKeyId": _KEY["accessKeyId"], "userName": "root", "status": "Active"}}
    return [
        *EVERYWHERE,
        _account(0, "ConsoleLogin", "Failure", MFAUsed="No"),
        _account(1, "PasswordRecoveryRequested"),
        _account(2, "PasswordRecoveryCompleted"),
        _account(3, "ConsoleLogin", LoginTo="https://console.aws.amazon.com", MobileVersion="No", MFAUsed="No"),
        _call(4, "iam:ListUsers", readOnly=True),
        _call(5, "iam:CreateAccessKey", None, root_key),
        _call(6, "iam:CreateUser", {"userName": "mallory"}, made_user),
        _call(6, "iam:CreateAccessKey", {"userName": "mallory"}, made_key),
        _call(7, "iam:CreateLoginProfile", {"userName": "mallory"}, {"loginProfile": {"userName": "mallory"}}),
        _call(7, "iam:AttachUserPolicy", _POLICY),
        _call(8, "iam:DeactivateMFADevice", {"serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"}),
        _call(9, "cloudtrail:StopLogging", _TRAIL),
        _call(10, "s3:PutBucketPolicy", {"bucketName": "data", "bucketPolicy": OPEN}),
        _call(11, "rds:ModifyDBSnapshotAttribute", {"dBSnapshotIdentifier": "s", "attributeName": "restore", "valuesToAdd": ["444455556666"]}),
        _call(12, "account:PutAlternateContact", {"alternateContactType": "SECURITY"}),
        _account(13, "EmailUpdated"),
        _call(14, "s3:DeleteBucket", {"bucketName": "backups"}, errorCode="AccessDenied", errorMessage="Access Denied"),
        _call(20, "iam:GetAccountSummary", readOnly=True, identity=_KEY),
        _of_user(30, "mallory", _USER_KEY, "ec2:RunInstances", run, ran),
        _of_user(31, "mallory", _USER_KEY, "iam:CreateRole", {"roleName": "helper", "assumeRolePolicyDocument": "{}"},
            {"role": {"roleName": "helper", "roleId": "AROAHELPER0000000000", "arn": f"arn:aws:iam::{ACCOUNT}:role/helper"}}),
        _of_user(32, "mallory", _USER_KEY, "guardduty:DeleteDetector", {"detectorId": "d1"}),
        _of_user(33, "mallory", _USER_KEY, "events:DisableRule", {"name": "root-alarm"}),
        _of_user(34, "mallory", _USER_KEY, "cloudtrail:DeleteTrail", _TRAIL),
        _of_user(35, "mallory", _USER_KEY, "sts:AssumeRole", {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/helper", "roleSessionName": "s"},
            {"credentials": {"accessKeyId": "ASIAOFTHEHELPER00001"}}),
        _of_role(36, "ec2:AuthorizeSecurityGroupIngress", {"groupId": "sg-1", "cidrIp": "0.0.0.0/0"}),
        _of_role(37, "lambda:CreateFunction20150331", {"functionName": "f", "role": f"arn:aws:iam::{ACCOUNT}:role/helper"}),
        _call(40, "sts:GetFederationToken", {"name": "visitor"}, {"credentials": {"accessKeyId": "ASIAOFTHEVISITOR0001"}}),
        _of_visitor(41, "secretsmanager:GetSecretValue", {"secretId": "database"}),
        event(eventSource="sts.amazonaws.com", eventName="AssumeRoot", readOnly=False, resources=ABSENT,
            eventTime="2026-08-05T10:50:00Z", responseElements={"credentials": {"accessKeyId": "ASIAPRIVILEGED000001"}},
            requestParameters={"targetPrincipal": ACCOUNT, "taskPolicyArn": {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}}),
        _call(51, "iam:GetLoginProfile", readOnly=True, identity=_PRIVILEGED),
        _call(52, "kms:Decrypt", readOnly=True, identity={"accessKeyId": ABSENT, "invokedBy": "config.amazonaws.com"},
            sourceIPAddress="config.amazonaws.com", userAgent="config.amazonaws.com"),
        _of_user(90, "bob", "AKIABOBTHEOWNERSMAN0", "iam:DeleteAccessKey", {"userName": "mallory", "accessKeyId": _USER_KEY}),
        _of_user(91, "bob", "AKIABOBTHEOWNERSMAN0", "cloudtrail:StartLogging", _TRAIL),
        _call(120, "iam:GetUser", readOnly=True, identity=_KEY),
    ]  # fmt: skip
