"""A proper use of root: a bucket policy locked everyone out, and the owners follow their procedure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tools.sample_incident import identities, people, rooted
from tools.sample_incident.ids import at, later, stamp
from tools.sample_incident.people import DATA, EAST1, EAST2
from tools.sample_incident.plan import Actor, Plan
from tools.sample_incident.story import login

DAY = 6
SIGN_IN = at(DAY, "10:02:17")
ALIAS = "acme-data"
BUCKET = "acme-ledger-archive"
MFA_DEVICE = f"arn:aws:iam::{DATA}:mfa/root-account-mfa-device"


def add_breakglass(plan: Plan) -> None:
    """Plan the mistake, the failed repair and the root session that ends within 25 minutes."""
    _lock_bucket(plan)
    who = (people.OFFICE, people.SAFARI)
    visitor = rooted.visitor(DATA, *who)
    state = "hashArgsFromTB_us-east-1_be5f00d1c2a39481"
    login(
        plan,
        visitor,
        SIGN_IN,
        EAST1,
        state,
        result="Success",
        mfa=MFA_DEVICE,
        note="Break-glass: root sign-in with MFA from the office",
    )
    session = rooted.ConsoleSession.open(plan.ids, DATA, SIGN_IN, who, mfa=True, key_count=3)
    _work(plan, session)
    _old_style(plan, session)


def _lock_bucket(plan: Plan) -> None:
    name, role, _ = people.STAFF[2]
    identity = identities.assumed_role(DATA, role, name, plan.ids.access_key(), stamp(at(DAY, "08:40:02")), True)
    actor = Actor(DATA, identity, people.OFFICE, people.CLI)
    deny = {
        "Sid": "VpcOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-0123"}},
    }
    plan.act(
        actor,
        at(DAY, "08:47:31"),
        EAST2,
        "s3:PutBucketPolicy",
        read_only=False,
        request={
            "bucketName": BUCKET,
            "policy": "",
            "bucketPolicy": {"Version": "2012-10-17", "Statement": [deny]},
        },
    )
    for clock, call in (
        ("08:49:10", "GetBucketPolicy"),
        ("08:49:40", "DeleteBucketPolicy"),
        ("08:55:03", "DeleteBucketPolicy"),
    ):
        plan.act(
            actor,
            at(DAY, clock),
            EAST2,
            f"s3:{call}",
            read_only=call.startswith("Get"),
            request={"bucketName": BUCKET, "policy": ""},
            error=("AccessDenied", "Access Denied with an explicit deny in a resource-based policy"),
        )


def _work(plan: Plan, session: rooted.ConsoleSession) -> None:
    def do(clock: str, region: str, call: str, user_name: str | None = None, **fields: Any) -> None:
        when = at(DAY, clock)
        plan.act(session.at(when, user_name=user_name), when, region, call, **fields)

    bucket = {"bucketName": BUCKET, "policy": ""}
    do("10:02:24", EAST1, "iam:GetAccountSummary", ALIAS)
    do("10:02:25", EAST1, "iam:ListAccountAliases", ALIAS)
    do("10:02:31", EAST1, "health:DescribeEventAggregates", request={"aggregateField": "eventTypeCategory"})
    do("10:03:50", EAST1, "s3:ListBuckets", ALIAS, request={"Host": "s3.amazonaws.com"})
    do(
        "10:04:12",
        EAST2,
        "s3:GetBucketPolicy",
        request=bucket,
        resources=[{"accountId": DATA, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{BUCKET}"}],
    )
    do(
        "10:09:47",
        EAST2,
        "s3:DeleteBucketPolicy",
        read_only=False,
        request=bucket,
        resources=[{"accountId": DATA, "type": "AWS::S3::Bucket", "ARN": f"arn:aws:s3:::{BUCKET}"}],
        note="Break-glass: locking bucket policy deleted, the one task that needs root",
    )
    do(
        "10:10:20",
        EAST2,
        "s3:GetBucketPolicy",
        request=bucket,
        error=("NoSuchBucketPolicy", "The bucket policy does not exist"),
    )
    do("10:14:02", EAST1, "iam:ListMFADevices", ALIAS)
    do("10:22:38", EAST1, "iam:GenerateCredentialReport", response={"state": "STARTED"})


def _old_style(plan: Plan, session: rooted.ConsoleSession) -> None:
    """Plan a console call in the form of 2018: `invokedBy` is the sign-in service, yet a person acts."""
    when = at(DAY, "10:12:55")
    actor = session.at(when, agent="signin.amazonaws.com")
    actor = replace(
        actor,
        identity=actor.identity | {"invokedBy": "signin.amazonaws.com"},
        origin="console",
        cis_match=False,
    )
    plan.act(
        actor,
        later(when, 0),
        EAST2,
        "glue:GetTags",
        version="1.05",
        request={"resourceArn": f"arn:aws:glue:{EAST2}:{DATA}:database/curated"},
        note="Console call in an older form, marked invokedBy signin.amazonaws.com",
    )
