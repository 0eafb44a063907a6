"""Who descends from root by ways beyond IAM: Identity Center, Roles Anywhere, instances that were reached, Auto Scaling."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.analysis.lineage.radius_story import radius_of
from tests.analysis.lineage.test_blast_radius import did, made_key, role, told, user
from tests.builders import ACCOUNT

STORE: Final = f"arn:aws:identitystore::{ACCOUNT}:identitystore/d-1234567890"
ANCHOR: Final = f"arn:aws:rolesanywhere:us-east-1:{ACCOUNT}:trust-anchor/0f3c"
PROFILE: Final = f"arn:aws:rolesanywhere:us-east-1:{ACCOUNT}:profile/910042eb"
EVE, BOB = "94482488-3041-7000-aaaa-000000000001", "94482488-3041-7000-aaaa-000000000009"
INSTANCE, OTHER = "i-0aaaabbbbccccdddd", "i-0123412341234aaaa"
TASK: Final = "2d84243e241b45a5a0b4dbee09e50d97"


def bucket(name: str, minute: int, who: Any) -> Any:
    return did("s3:CreateBucket", minute, {"bucketName": name}, who=who)


def center(user_id: str) -> dict[str, Any]:
    """A session of a user of IAM Identity Center."""
    by = role("AWSReservedSSO_Admin_0123456789abcdef", "eve@example.com", "ASIASSO")
    return by | {"onBehalfOf": {"userId": user_id, "identityStoreArn": STORE}}


@pytest.mark.parametrize(
    ("reached", "certainty"),
    [
        (did("identitystore:CreateUser", 1, {"userName": "****"}, {"userId": EVE}), "certain"),
        (did("sso:CreateAccountAssignment", 1, {"principalType": "USER", "principalId": EVE}), "possible"),
        (did("identitystore:CreateGroupMembership", 1, {"groupId": "g", "memberId": {"userId": EVE}}), "possible"),
    ],
)
async def test_a_user_of_identity_center_is_known_by_its_id(reached: Any, certainty: str) -> None:
    rows = await radius_of(
        reached,
        bucket("before", 0, center(EVE)),
        bucket("loot", 2, center(EVE)),
        bucket("fine", 3, center(BOB)),
        made_key("AKIALOOT", 4, "bob", who=center(EVE)),
        bucket("next", 5, user("bob", "AKIALOOT")),
    )
    later = [row for row in rows if row["depth"] > 1]
    assert told(later, "entity_name", "depth", "certainty") == [
        ("loot", 2, certainty),
        ("AKIALOOT", 2, certainty),
        ("next", 3, certainty),
    ]
    assert later[0]["actor"].startswith("Identity Center user ")


@pytest.mark.parametrize(
    ("reached", "certainty"),
    [
        (did("rolesanywhere:CreateTrustAnchor", 1, {"name": "a"}, {"trustAnchor": {"trustAnchorId": "0f3c", "trustAnchorArn": ANCHOR}}), "certain"),
        (did("rolesanywhere:EnableTrustAnchor", 1, {"trustAnchorId": "0f3c"}, {"trustAnchor": {"trustAnchorId": "0f3c", "trustAnchorArn": ANCHOR}}), "possible"),
        (did("rolesanywhere:CreateProfile", 1, {"name": "p"}, {"profile": {"profileId": "910042eb", "profileArn": PROFILE}}), "possible"),
    ],
)  # fmt: skip
async def test_a_session_of_roles_anywhere_comes_from_its_anchor_and_profile(reached: Any, certainty: str) -> None:
    def session(minute: int, key: str, anchor: str, profile: str) -> Any:
        asked = {"trustAnchorArn": anchor, "profileArn": profile, "roleArn": f"arn:aws:iam::{ACCOUNT}:role/Admin"}
        given = {"credentialSet": [{"credentials": {"accessKeyId": key, "expiration": "2026-08-05T11:02:00Z"}}]}
        stranger = {"type": "Unknown", "accountId": ACCOUNT, "arn": None, "accessKeyId": None, "sessionContext": None}
        return did("rolesanywhere:CreateSession", minute, asked, given, who=stranger)

    rows = await radius_of(
        reached,
        session(2, "ASIARA", ANCHOR, PROFILE),
        session(3, "ASIAFINE", f"{ANCHOR}9", f"{PROFILE}9"),
        bucket("loot", 4, role("Admin", "5f3c1a2b", "ASIARA")),
        bucket("fine", 5, role("Admin", "5f3c1a2b", "ASIAFINE")),
        did("s3:ListBuckets", 0, who=user("admin"), eventTime="2026-08-06T10:00:00Z"),
    )
    (opened,) = (row for row in rows if row["entity_kind"] == "session")
    assert (opened["entity_name"], opened["depth"], opened["state"], opened["use_count"]) == ("ASIARA", 2, "expired", 1)
    assert [row["entity_name"] for row in rows if row["entity_kind"] == "bucket"] == ["loot"]
    assert rows[-1]["certainty"] == certainty
    assert "ASIARA" in rows[-1]["actor"]


REACHED: Final = {
    "ssm:SendCommand": {"documentName": "AWS-RunShellScript", "instanceIds": [INSTANCE]},
    "ssm:StartSession": {"target": INSTANCE},
    "ec2:ModifyInstanceAttribute": {"instanceId": INSTANCE, "userData": "<sensitiveDataRemoved>"},
    "ec2:AssociateIamInstanceProfile": {"AssociateIamInstanceProfileRequest": {"InstanceId": INSTANCE}},
    "ec2-instance-connect:SendSSHPublicKey": {"instanceId": INSTANCE},
    "ec2-instance-connect:SendSerialConsoleSSHPublicKey": {"instanceId": INSTANCE},
}


@pytest.mark.parametrize("call", REACHED)
async def test_an_instance_that_was_reached_from_inside_is_possible(call: str) -> None:
    rows = await radius_of(
        bucket("before", 0, role("Web", INSTANCE)),
        did(call, 1, REACHED[call]),
        bucket("loot", 2, role("Web", INSTANCE)),
        bucket("fine", 3, role("Web", OTHER)),
    )
    assert [(row["entity_name"], row["certainty"]) for row in rows if row["entity_kind"] == "bucket"] == [
        ("loot", "possible")
    ]


@pytest.mark.parametrize(
    ("call", "request_"),
    [
        ("ec2:ModifyInstanceAttribute", {"instanceId": INSTANCE, "disableApiTermination": {"value": True}}),
        ("ec2:StopInstances", {"instancesSet": {"items": [{"instanceId": INSTANCE}]}}),
    ],
)
async def test_an_instance_that_was_only_handled_from_outside_is_not(call: str, request_: Any) -> None:
    rows = await radius_of(did(call, 1, request_), bucket("fine", 2, role("Web", INSTANCE)))
    assert "bucket" not in {row["entity_kind"] for row in rows}


async def test_a_task_in_which_root_ran_a_command_is_possible() -> None:
    ran = did("ecs:ExecuteCommand", 1, {"cluster": "c", "task": f"arn:aws:ecs:us-east-1:{ACCOUNT}:task/c/{TASK}"})
    rows = await radius_of(ran, bucket("loot", 2, role("TaskRole", TASK)), bucket("fine", 3, role("TaskRole", "x")))
    assert told(rows, "entity_name", "certainty")[-1:] == [("loot", "possible")]


def scaled_out(minute: int, instance: str, group: str, **fields: Any) -> Any:
    """Auto Scaling starts an instance for a group, as its tag says."""
    by = role("AWSServiceRoleForAutoScaling", "AutoScaling") | {"invokedBy": "autoscaling.amazonaws.com"}
    tags = [{"key": "Name", "value": "web"}, {"key": "aws:autoscaling:groupName", "value": group}]
    asked = {"tagSpecificationSet": {"items": [{"resourceType": "instance", "tags": tags}]}}
    return did(
        "ec2:RunInstances", minute, asked, {"instancesSet": {"items": [{"instanceId": instance}]}}, who=by, **fields
    )


@pytest.mark.parametrize("call", ["autoscaling:CreateAutoScalingGroup", "autoscaling:UpdateAutoScalingGroup"])
async def test_instances_of_a_group_of_roots_are_possible(call: str) -> None:
    rows = await radius_of(
        scaled_out(0, "i-00000000000000001", "g"),
        did(call, 1, {"autoScalingGroupName": "g", "desiredCapacity": 1}),
        scaled_out(2, INSTANCE, "g"),
        scaled_out(2, OTHER, "another"),
        scaled_out(2, "i-00000000000000002", "g", awsRegion="eu-west-1"),
        *(bucket("fine", 3, role("Web", one)) for one in ("i-00000000000000001", OTHER, "i-00000000000000002")),
        bucket("loot", 4, role("Web", INSTANCE)),
    )
    reached = [row for row in rows if row["entity_kind"] in ("instance", "bucket")]
    assert told(reached, "entity_name", "certainty") == [(INSTANCE, "possible"), ("loot", "possible")]
    assert reached[0]["actor"].startswith("auto scaling group")
