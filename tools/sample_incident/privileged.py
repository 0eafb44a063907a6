"""Central root access: sessions that `sts:AssumeRoot` opens in a member account."""

from __future__ import annotations

from tools.sample_incident import identities, people, rooted
from tools.sample_incident.ids import at, later, stamp
from tools.sample_incident.people import DATA, EAST1, SANDBOX, WEST2
from tools.sample_incident.plan import Actor, Plan

OPENED = at(4, "13:12:06")
UNSEEN = at(7, "15:40:30")
BUCKET = "sbx-locked-bucket"
_TASK = "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"


def add_privileged(plan: Plan) -> None:
    """Plan set-up, one session whose opening is recorded, and one call of a session whose opening is not."""
    name, role, _ = people.SECURITY_ENGINEER
    identity = identities.assumed_role(DATA, role, name, plan.ids.access_key(), stamp(at(4, "13:05:00")), True)
    identity["sessionContext"]["assumedRoot"] = "true"
    engineer = Actor(DATA, identity, people.OFFICE, people.CLI)
    _set_up(plan, role, name)
    key = plan.ids.access_key()
    plan.act(
        engineer,
        OPENED,
        WEST2,
        "sts:AssumeRoot",
        read_only=False,
        request={"targetPrincipal": SANDBOX, "taskPolicyArn": {"arn": _TASK}, "durationSeconds": 900},
        response={
            "credentials": {
                "accessKeyId": key,
                "sessionToken": plan.ids.hexes(120),
                "expiration": "Aug 4, 2026, 1:27:06 PM",
            }
        },
        note=f"Privileged session for {SANDBOX} opened from {DATA} (no root event)",
    )
    _use(plan, key)
    _unseen(plan)


def _set_up(plan: Plan, role: str, name: str) -> None:
    identity = identities.assumed_role(DATA, role, name, plan.ids.access_key(), stamp(at(3, "09:20:00")), True)
    actor = Actor(DATA, identity, people.OFFICE, people.CLI)
    for clock, call in (
        ("09:30:11", "organizations:EnableAWSServiceAccess"),
        ("09:30:40", "iam:EnableOrganizationsRootCredentialsManagement"),
        ("09:31:02", "iam:EnableOrganizationsRootSessions"),
    ):
        request = {"servicePrincipal": "iam.amazonaws.com"} if "Service" in call else None
        plan.act(actor, at(3, clock), EAST1, call, read_only=False, request=request)


def _use(plan: Plan, key: str) -> None:
    who = (people.OFFICE, people.CLI)
    actor = rooted.privileged(SANDBOX, key, OPENED, who, flagged=False)
    bucket = {"bucketName": BUCKET, "policy": ""}
    plan.act(
        actor,
        later(OPENED, 31),
        WEST2,
        "s3:GetBucketPolicy",
        request=bucket,
        note="Privileged session: locked bucket's policy read",
    )
    plan.act(
        actor,
        later(OPENED, 74),
        WEST2,
        "s3:DeleteBucketPolicy",
        read_only=False,
        request=bucket,
        note="Privileged session: locked bucket's policy deleted",
    )
    plan.act(
        actor,
        later(OPENED, 130),
        EAST1,
        "iam:ListUsers",
        error=(
            "AccessDenied",
            (
                f"User: arn:aws:iam::{SANDBOX}:root is not authorized to perform: iam:ListUsers with an "
                "explicit deny in a session policy"
            ),
        ),
        note="Privileged session: refused outside its task policy",
    )


def _unseen(plan: Plan) -> None:
    actor = rooted.privileged(SANDBOX, plan.ids.access_key(), UNSEEN, (people.OFFICE, people.CLI), flagged=True)
    plan.act(
        actor,
        later(UNSEEN, 42),
        EAST1,
        "iam:ListAccessKeys",
        note="Privileged session known only by assumedRoot: its opening is not in the logs",
    )
