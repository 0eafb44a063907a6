"""The takeover, second part: a second user and hidden sessions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tools.sample_incident import identities, people, rooted
from tools.sample_incident.ids import at, later, stamp
from tools.sample_incident.people import EAST1, PROD, STRANGER
from tools.sample_incident.plan import Actor
from tools.sample_incident.story import NIGHT, Takeover

if TYPE_CHECKING:
    from tools.sample_incident.identities import Record

USER = "support-sync"
_NAME = "backup-agent"
_ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
_CLIENT = "arn:aws:signin:::devtools/cross-device"
_FEDERATED_READS = (
    "s3:ListBuckets",
    "s3:GetBucketPolicy",
    "s3:GetBucketLocation",
    "ec2:DescribeInstances",
    "ec2:DescribeVolumes",
    "ec2:DescribeSnapshots",
    "rds:DescribeDBSnapshots",
    "dynamodb:ListTables",
    "lambda:ListFunctions20150331",
    "kms:ListKeys",
    "logs:DescribeLogGroups",
)
_OPEN_POLICY = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": STRANGER},
            "Action": "s3:*",
            "Resource": "arn:aws:s3:::acme-invoices-prod/*",
        }
    ],
}


def spread(story: Takeover) -> None:
    """Plan the ways back in that the intruder lays."""
    _make_user(story)
    _use_user(story)
    _federate(story)
    _session_token(story)
    _cli_login(story)


def _make_user(story: Takeover) -> None:
    user = {"userName": USER}
    profile = user | {"passwordResetRequired": False}
    made = {"user": {"path": "/", **user, "arn": f"arn:aws:iam::{PROD}:user/{USER}"}}
    key = {"accessKey": user | {"accessKeyId": story.user_key, "status": "Active"}}
    steps: tuple[tuple[str, str, Record, Record | None, str], ...] = (
        ("01:52:11", "CreateUser", user, made, "Root made an IAM user"),
        ("01:52:40", "CreateLoginProfile", profile, {"loginProfile": user}, "Console password for that user"),
        ("01:53:48", "CreateAccessKey", user, key, "Access key for that user"),
    )
    for clock, name, request, response, note in steps:
        fields = {"request": request, "response": response, "note": note}
        story.console(clock, EAST1, f"iam:{name}", read_only=False, **fields)
    story.marks["admin"] = story.console(
        "01:53:05",
        EAST1,
        "iam:AttachUserPolicy",
        read_only=False,
        request=user | {"policyArn": _ADMINISTRATOR},
        note="Administrator rights for that user",
    )


def _use_user(story: Takeover) -> None:
    """Plan what the new user does: administrator work that is no root event."""
    identity = identities.iam_user(PROD, USER, story.user_key)
    actor = Actor(PROD, identity, people.INTRUDER_SERVER, people.INTRUDER_CLI)
    story.plan.act(
        actor,
        at(NIGHT, "01:58:02"),
        EAST1,
        "sts:GetCallerIdentity",
        note="First use of the new user's key (no root event)",
    )
    for number, call in enumerate(("s3:ListBuckets", "ec2:DescribeInstances", "kms:ListKeys", "iam:ListRoles")):
        story.plan.act(actor, at(NIGHT, f"01:58:{10 + 5 * number}"), EAST1, call)
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{STRANGER}:root"},
        "Action": "sts:AssumeRole",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    story.plan.act(
        actor,
        at(NIGHT, "02:01:33"),
        EAST1,
        "iam:CreateRole",
        read_only=False,
        request={"roleName": "OrgAuditAccess", "assumeRolePolicyDocument": policy},
        note="Role that trusts an account outside (no root event)",
    )
    for clock in ("06:10:20", "06:10:26", "06:11:02"):
        story.plan.act(actor, at(NIGHT, clock), EAST1, "s3:ListBuckets")


def _federate(story: Takeover) -> None:
    plan, key, started = story.plan, story.plan.ids.access_key(), at(NIGHT, "02:06:18")
    arn = f"arn:aws:sts::{PROD}:federated-user/{_NAME}"
    story.key(
        "02:06:18",
        EAST1,
        "sts:GetFederationToken",
        read_only=False,
        request={"name": _NAME, "durationSeconds": 3600, "policyArns": [{"arn": _ADMINISTRATOR}]},
        response={
            "credentials": {"accessKeyId": key, "expiration": "Aug 5, 2026, 3:06:18 AM"},
            "federatedUser": {"federatedUserId": f"{PROD}:{_NAME}", "arn": arn},
        },
        note="Follow-on session from root's key",
    )
    actor = rooted.federated(PROD, _NAME, key, started, (people.INTRUDER_V6, people.BOTO))
    for number, call in enumerate(_FEDERATED_READS):
        note = "First use of the follow-on session (no Root type)" if number == 0 else ""
        plan.act(actor, later(started, 110 + 37 * number), EAST1, call, note=note)
    refused = ("AccessDenied", f"User: {arn} is not authorized to perform: iam:ListUsers")
    plan.act(actor, at(NIGHT, "02:24:09"), EAST1, "iam:ListUsers", error=refused)
    request = {"bucketName": "acme-invoices-prod", "policy": "", "bucketPolicy": _OPEN_POLICY}
    note = "Follow-on session opened the invoice bucket to another account"
    opened = at(NIGHT, "02:26:40")
    plan.act(actor, opened, EAST1, "s3:PutBucketPolicy", read_only=False, request=request, note=note)


def _session_token(story: Takeover) -> None:
    plan, key, started = story.plan, story.plan.ids.access_key(), at(NIGHT, "02:15:07")
    story.key(
        "02:15:07",
        EAST1,
        "sts:GetSessionToken",
        read_only=False,
        request={"durationSeconds": 3600},
        response={"credentials": {"accessKeyId": key, "expiration": "Aug 5, 2026, 3:15:07 AM"}},
        note="Temporary credentials for root from its key",
    )
    actor = rooted.temporary(PROD, key, started, (people.INTRUDER_SERVER, people.INTRUDER_CLI))
    calls = (
        "sts:GetCallerIdentity",
        "iam:ListRoles",
        "ec2:DescribeImages",
        "ecr:DescribeRepositories",
        "secretsmanager:GetSecretValue",
        "secretsmanager:GetSecretValue",
    )
    for number, call in enumerate(calls):
        request = {"secretId": f"prod/secret-{number}"} if "Secret" in call else None
        plan.act(actor, later(started, 33 + 12 * number), EAST1, call, request=request)


def _cli_login(story: Takeover) -> None:
    """Plan `aws login`: two read-only events of type AwsApiCall, then calls with the new credentials."""
    plan, asked, started = story.plan, at(NIGHT, "02:31:20"), at(NIGHT, "02:31:44")
    plan.act(
        story.session.at(asked),
        asked,
        EAST1,
        "signin:AuthorizeOAuth2Access",
        request={"client_id": _CLIENT, "response_type": "code", "scope": "openid"},
        extra={"success": "true"},
        note="aws login: console session authorises a command line",
    )
    who = (people.INTRUDER_SERVER, people.CLI)
    plan.act(
        rooted.visitor(PROD, *who, session=f"aws_login/{stamp(started)}"),
        started,
        EAST1,
        "signin:CreateOAuth2Token",
        request={"client_id": _CLIENT, "grant_type": "authorization_code"},
        extra={"success": "true"},
        note="aws login: command line gets root credentials",
    )
    session = f"arn:aws:signin:{EAST1}:{PROD}:session/{plan.ids.uuid()}"
    actor = rooted.temporary(PROD, plan.ids.access_key(), started, who, sign_in_session=session)
    calls = ("sts:GetCallerIdentity", "ec2:DescribeSnapshots", "ec2:DescribeKeyPairs", "ecr:DescribeRegistry")
    for number, call in enumerate(calls):
        plan.act(actor, later(started, 60 + 15 * number), EAST1, call)
