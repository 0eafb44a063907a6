"""The ways by which what root made acts in turn: providers, functions, switched roles, keys that were switched on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.analysis.lineage.radius_story import blast_of, radius_of
from tests.analysis.lineage.test_blast_radius import did, made_key, role, told, user
from tests.builders import ACCOUNT, event

ADMIN = user("admin", "AKIAADMIN")
SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/evil"
OIDC = f"arn:aws:iam::{ACCOUNT}:oidc-provider/evil.example"
SESSION = {"credentials": {"accessKeyId": "ASIAIDP"}}
STRANGER = {"type": "SAMLUser", "accountId": ACCOUNT, "arn": None, "accessKeyId": None, "sessionContext": None}


def bucket(name: str, minute: int, who: Any, **fields: Any) -> Any:
    return did("s3:CreateBucket", minute, {"bucketName": name}, who=who, **fields)


MADE = did("iam:CreateSAMLProvider", 1, {"name": "evil"}, {"sAMLProviderArn": SAML})
CHANGED = did("iam:UpdateSAMLProvider", 1, {"sAMLProviderArn": SAML})
MADE_OIDC = did("iam:CreateOpenIDConnectProvider", 1, {"url": "x"}, {"openIDConnectProviderArn": OIDC})
BY_SAML = did("sts:AssumeRoleWithSAML", 2, {"roleArn": "r", "principalArn": SAML}, SESSION, who=STRANGER)
BY_WEB = did("sts:AssumeRoleWithWebIdentity", 2, {"roleArn": "r"}, SESSION | {"provider": OIDC}, who=STRANGER)


@pytest.mark.parametrize(
    ("provider", "sign_in", "certainty"),
    [(MADE, BY_SAML, "certain"), (CHANGED, BY_SAML, "possible"), (MADE_OIDC, BY_WEB, "certain")],
)
async def test_who_signs_in_by_a_provider_of_roots_is_followed(provider: Any, sign_in: Any, certainty: str) -> None:
    rows = await radius_of(
        provider,
        sign_in,
        bucket("loot", 3, role("Admin", key="ASIAIDP")),
        bucket("fine", 4, role("Admin", key="ASIAX")),
    )
    assert told(rows, "entity_kind", "depth")[1:] == [("session", 2), ("bucket", 3)]
    assert told(rows, "entity_name", "certainty")[1:] == [("ASIAIDP", certainty), ("loot", certainty)]
    assert rows[0]["use_count"] == 1


async def test_a_sign_in_by_another_provider_is_not() -> None:
    rows = await radius_of(MADE_OIDC, BY_SAML, bucket("fine", 3, role("Admin", key="ASIAIDP")))
    assert told(rows, "entity_name") == [(OIDC,)]


@pytest.mark.parametrize(
    ("call", "certainty"),
    [
        ("lambda:CreateFunction20150331", "certain"),
        ("lambda:UpdateFunctionCode20150331v2", "possible"),
        ("lambda:UpdateFunctionConfiguration20150331v2", "possible"),
    ],
)
@pytest.mark.parametrize("told_role", [True, False])
async def test_a_functions_session_is_followed(call: str, certainty: str, told_role: bool) -> None:
    answer = {"functionName": "f"} | ({"role": f"arn:aws:iam::{ACCOUNT}:role/path/Runs"} if told_role else {})
    rows = await radius_of(
        bucket("before", 0, role("Runs", "f")),
        did(call, 1, {"functionName": "f"}, answer),
        bucket("loot", 2, role("Runs", "f")),
        bucket("fine", 3, role("Runs", "g")),
        did("lambda:DeleteFunction20150331", 4, {"functionName": "f"}, who=ADMIN),
        bucket("later", 5, role("Runs", "f")),
    )
    assert told(rows, "entity_name", "certainty", "use_count") == [
        ("us-east-1/f", "certain", 1),
        ("loot", certainty, None),
    ]


async def test_a_function_acts_in_its_own_role_only() -> None:
    answer = {"role": f"arn:aws:iam::{ACCOUNT}:role/Runs"}
    rows = await radius_of(
        did("lambda:CreateFunction20150331", 1, {"functionName": "f"}, answer), bucket("fine", 2, role("Admin", "f"))
    )
    assert told(rows, "entity_name") == [("us-east-1/f",)]


def switch(into: Any, minute: int, came_from: str, outcome: str = "Success", **fields: Any) -> Any:
    return event(
        identity=into,
        eventSource="signin.amazonaws.com",
        eventName="SwitchRole",
        eventType="AwsConsoleSignIn",
        eventTime=f"2026-08-05T10:{minute:02}:00Z",
        requestParameters=None,
        responseElements={"SwitchRole": outcome},
        additionalEventData={"SwitchFrom": came_from, "RedirectTo": "https://console.aws.amazon.com"},
        **fields,
    )


@pytest.mark.parametrize("account", [ACCOUNT, "444455556666"])
async def test_a_switch_of_roles_is_followed(account: str) -> None:
    there = role("OrgAccess", "u")
    there = there | {
        "accountId": account,
        "arn": f"arn:aws:sts::{account}:assumed-role/OrgAccess/u",
        "sessionContext": {"sessionIssuer": there["sessionContext"]["sessionIssuer"] | {"accountId": account}},
    }
    other = there | {"arn": f"arn:aws:sts::{account}:assumed-role/OrgAccess/boss"}
    rows = await radius_of(
        did("iam:CreateUser", 1, {"userName": "u"}),
        switch(there, 2, f"arn:aws:iam::{ACCOUNT}:user/team/u", recipientAccountId=account),
        switch(other, 2, f"arn:aws:iam::{ACCOUNT}:user/boss", recipientAccountId=account),
        bucket("loot", 3, there, recipientAccountId=account),
        bucket("fine", 4, other, recipientAccountId=account),
        bucket("next-day", 5, there, recipientAccountId=account, eventTime="2026-08-06T10:03:00Z"),
    )
    assert told(rows, "account_id", "entity_kind", "entity_name", "depth", "state") == [
        (ACCOUNT, "user", "u", 1, "active"),
        (account, "session", f"arn:aws:sts::{account}:assumed-role/OrgAccess/u", 2, "expired"),
        (account, "bucket", "loot", 3, "active"),
    ]


async def test_a_switch_that_failed_opens_nothing() -> None:
    rows = await radius_of(
        did("iam:CreateUser", 1, {"userName": "u"}),
        switch(role("Admin", "u"), 2, f"arn:aws:iam::{ACCOUNT}:user/u", "Failure"),
        bucket("fine", 3, role("Admin", "u")),
    )
    assert told(rows, "entity_name") == [("u",)]


TASK = "2d84243e241b45a5a0b4dbee09e50d97"


@pytest.mark.parametrize("call", ["ecs:RunTask", "ecs:StartTask"])
@pytest.mark.parametrize("arn", [f"task/c/{TASK}", f"task/{TASK}"])
async def test_a_tasks_sessions_are_followed(call: str, arn: str) -> None:
    """In its task role and its execution role a task acts under its ID."""
    rows = await radius_of(
        did(call, 1, {"cluster": "c"}, {"tasks": [{"taskArn": f"arn:aws:ecs:us-east-1:{ACCOUNT}:{arn}"}]}),
        made_key("AKIALOOT", 2, "bob", who=role("TaskRole", TASK, "ASIATASK")),
        bucket("next", 3, user("bob", "AKIALOOT")),
        bucket("before", 0, role("TaskRole", TASK, "ASIATASK")),
        bucket("fine", 4, role("TaskRole", TASK.replace("2", "3"), "ASIAOTHER")),
        bucket("named", 5, role("TaskRole", "someone", "ASIAOTHER")),
    )
    assert told(rows, "entity_kind", "entity_name", "depth", "certainty", "use_count") == [
        ("ECS task", TASK, 1, "certain", 1),
        ("access key", "AKIALOOT", 2, "certain", 1),
        ("bucket", "next", 3, "certain", None),
    ]


async def test_a_task_that_a_descendant_started_is_followed() -> None:
    started = {"tasks": [{"taskArn": f"arn:aws:ecs:us-east-1:{ACCOUNT}:task/c/{TASK}"}]}
    rows = await radius_of(
        did("iam:CreateUser", 1, {"userName": "u"}),
        did("ecs:RunTask", 2, {}, started, who=user("u")),
        bucket("loot", 3, role("TaskRole", TASK, "ASIATASK")),
    )
    assert told(rows, "entity_name", "depth") == [("u", 1), (TASK, 2), ("loot", 3)]


async def test_an_old_key_that_root_switched_on_is_possible() -> None:
    rows = await radius_of(
        bucket("before", 0, user("bob", "AKIAOLD")),
        did("iam:UpdateAccessKey", 1, {"userName": "bob", "accessKeyId": "AKIAOLD", "status": "Active"}),
        bucket("loot", 2, user("bob", "AKIAOLD")),
        bucket("fine", 3, user("bob", "AKIAOTHER")),
    )
    assert told(rows, "entity_name", "certainty", "state", "use_count") == [
        ("AKIAOLD", "certain", "active", 1),
        ("loot", "possible", "active", None),
    ]


@pytest.mark.parametrize(
    ("call", "request_text", "answer", "entity"),
    [
        ("rds:CreateDBInstance", {"dBInstanceIdentifier": "d"}, None, ("database", "us-east-1/d")),
        ("rds:CreateDBCluster", {"dBClusterIdentifier": "d"}, None, ("database cluster", "us-east-1/d")),
        ("ec2:CopySnapshot", {"sourceSnapshotId": "snap-0"}, {"snapshotId": "snap-9"}, ("snapshot", "snap-9")),
        ("ec2:CreateSnapshots", {}, {"snapshotSet": {"items": [{"snapshotId": "snap-1"}]}}, ("snapshot", "snap-1")),
        ("ec2:CreateSnapshots", {}, {"CreateSnapshotsResponse": {"snapshotSet": {"item": {"snapshotId": "snap-1"}}}},
         ("snapshot", "snap-1")),
        ("identitystore:CreateUser", {"userName": "u"}, {"userId": "906"}, ("Identity Center user", "906")),
        ("iam:CreateServiceLinkedRole", {"aWSServiceName": "x"}, {"role": {"roleName": "AWSServiceRoleForX"}},
         ("service-linked role", "AWSServiceRoleForX")),
        ("ec2:CreateLaunchTemplate", {"launchTemplateName": "l"}, None, ("launch template", "us-east-1/l")),
        ("ec2:CreateLaunchTemplate", {"CreateLaunchTemplateRequest": {"LaunchTemplateName": "l"}}, None,
         ("launch template", "us-east-1/l")),
    ],
)  # fmt: skip
async def test_what_root_made_has_its_row(call: str, request_text: Any, answer: Any, entity: Any) -> None:
    rows = await radius_of(did(call, 1, request_text, answer))
    assert told(rows, "entity_kind", "entity_name", "effect", "state") == [(*entity, "creates", "active")]


async def test_of_two_ways_to_what_was_made_the_surest_counts_though_it_is_longer() -> None:
    """Root opened a key that belongs to somebody whom root's own user made."""
    radius = await blast_of(
        did("iam:CreateUser", 1, {"userName": "x"}),
        did("iam:CreateUser", 2, {"userName": "a"}, who=user("x", "ASIAX")),
        made_key("AKIAA", 3, "a", who=user("admin", "AKIAADMIN")),
        did("iam:UpdateAccessKey", 4, {"userName": "a", "accessKeyId": "AKIAA", "status": "Active"}),
        did("iam:CreateUser", 5, {"userName": "b"}, who=user("a", "AKIAA")),
        did("s3:CreateBucket", 6, {"bucketName": "guilty"}, who=user("b", "ASIAB")),
    )
    assert {row["entity_name"]: row["certainty"] for row in radius.rows}["guilty"] == "certain"
