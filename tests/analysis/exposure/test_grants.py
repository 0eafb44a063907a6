"""Whom calls let in that name accounts, groups or a canned list; the answers follow from AWS's own documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.analysis.exposure.test_policies import OTHER, STRANGER, allow, called, judged
from tests.builders import ACCOUNT

if TYPE_CHECKING:
    from pathlib import Path

GROUPS: Final = "http://acs.amazonaws.com/groups"
ORGANIZED: Final = f"arn:aws:organizations::{ACCOUNT}:ou/o-abcdefghij/ou-abcd-12345678"
SUBNET: Final = f"arn:aws:ec2:us-east-1:{ACCOUNT}:subnet/subnet-1"


def granted(*grants: tuple[dict[str, str], str], owner: str = "OWNER") -> dict[str, Any]:
    """An access list as S3 records it: one grant alone is no list."""
    held = [{"Grantee": grantee, "Permission": right} for grantee, right in grants]
    policy = {"AccessControlList": {"Grant": held[0] if len(held) == 1 else held}} | (
        {"Owner": {"ID": owner}} if owner else {}
    )
    return {"bucketName": "b", "AccessControlPolicy": policy}


def canned(name: Any) -> dict[str, Any]:
    return {"bucketName": "b", "acl": [""], "x-amz-acl": name}


def copied(*destinations: dict[str, str], status: str = "Enabled") -> dict[str, Any]:
    rules = [
        {"Status": status, "Destination": {"Bucket": "arn:aws:s3:::c"} | destination} for destination in destinations
    ]
    return {"bucketName": "b", "ReplicationConfiguration": {"Rule": rules[0] if len(rules) == 1 else rules}}


def shared(name: str, *added: dict[str, str]) -> dict[str, Any]:
    return {name: {"add": {"items": [*added]}}}


OWN: Final = ({"ID": "OWNER", "xsi:type": "CanonicalUser"}, "FULL_CONTROL")
LOGS: Final = ({"URI": f"{GROUPS}/s3/LogDelivery"}, "WRITE")

#: Calls, and whether they give data away.
GIVEN: Final[list[tuple[str, Any, str]]] = [
    ("s3:PutBucketAcl", canned(["log-delivery-write"]), ""),
    ("s3:PutBucketAcl", canned("bucket-owner-full-control"), ""),
    ("s3:PutBucketAcl", canned(["public-read"]), "yes"),
    ("s3:PutBucketAcl", canned("authenticated-read"), "yes"),
    ("s3:PutBucketAcl", canned("of-tomorrow"), "perhaps"),
    ("s3:PutBucketAcl", {"bucketName": "b", "acl": ""}, "perhaps"),
    ("s3:PutBucketAcl", None, "perhaps"),
    ("s3:PutBucketAcl", granted(OWN), ""),
    ("s3:PutBucketAcl", granted(OWN, LOGS), ""),
    ("s3:PutBucketAcl", granted(OWN, ({"URI": f"{GROUPS}/global/AllUsers"}, "READ")), "yes"),
    ("s3:PutBucketAcl", granted(OWN, ({"URI": f"{GROUPS}/global/AuthenticatedUsers"}, "WRITE_ACP")), "yes"),
    ("s3:PutBucketAcl", granted(OWN, ({"URI": f"{GROUPS}/global/AllUsers"}, "WRITE")), "perhaps"),
    ("s3:PutBucketAcl", granted(({"ID": "OTHER"}, "READ")), "yes"),
    ("s3:PutBucketAcl", granted(({"ID": "OTHER"}, "READ"), owner=""), "perhaps"),
    ("s3:PutBucketAcl", granted(OWN, ({"EmailAddress": "a@example.com"}, "READ")), "perhaps"),
    ("s3:PutBucketAcl", {"x-amz-grant-read": [f'uri="{GROUPS}/global/AllUsers"']}, "yes"),
    ("s3:PutBucketAcl", {"x-amz-grant-write": f"uri={GROUPS}/s3/LogDelivery"}, ""),
    ("s3:PutBucketAcl", {"x-amz-grant-read": "id=1234"}, "perhaps"),
    ("s3:PutObjectAcl", {"acl": "", "AccessControlList": {"x_amz_grant_read": f"uri={GROUPS}/global/AllUsers"}}, "yes"),
    ("s3:PutObjectAcl", canned("private"), ""),
    # The bucket may be a stranger's.
    ("s3:PutObjectAcl", canned("bucket-owner-full-control"), "perhaps"),
    ("s3:PutBucketReplication", copied({"Account": ACCOUNT}), ""),
    ("s3:PutBucketReplication", copied({}), "perhaps"),
    ("s3:PutBucketReplication", copied({"Account": ACCOUNT}, {"Account": OTHER}), "yes"),
    ("s3:PutBucketReplication", copied({"Account": OTHER}, status="Disabled"), ""),
    ("s3:PutBucketReplication", {"bucketName": "b"}, "perhaps"),
    ("ram:CreateResourceShare", {"name": "empty"}, ""),
    ("ram:CreateResourceShare", {"principals": [OTHER]}, "perhaps"),
    ("ram:CreateResourceShare", {"resourceArns": [SUBNET]}, ""),
    ("ram:CreateResourceShare", {"principals": [OTHER], "resourceArns": [SUBNET]}, "yes"),
    (
        "ram:CreateResourceShare",
        {"principals": [OTHER], "resourceArns": [SUBNET], "allowExternalPrincipals": False},
        "perhaps",
    ),
    ("ram:CreateResourceShare", {"principals": [ORGANIZED], "resourceArns": [SUBNET]}, "perhaps"),
    ("ram:AssociateResourceShare", {"resourceShareArn": "a", "principals": [OTHER]}, "yes"),
    ("ram:AssociateResourceShare", {"resourceShareArn": "a", "resourceArns": [SUBNET]}, "perhaps"),
    ("ec2:ModifySnapshotAttribute", shared("createVolumePermission", {"group": "all"}), "yes"),
    ("ec2:ModifySnapshotAttribute", shared("createVolumePermission", {"userId": ACCOUNT}), ""),
    ("ec2:ModifySnapshotAttribute", shared("createVolumePermission", {"userId": ACCOUNT}, {"userId": OTHER}), "yes"),
    ("ec2:ModifySnapshotAttribute", {"snapshotId": "snap-1"}, "perhaps"),
    ("ec2:ModifyImageAttribute", shared("launchPermission", {"organizationalUnitArn": ORGANIZED}), "perhaps"),
    ("ec2:ModifyImageAttribute", {"imageId": "ami-1", "description": {"value": "x"}}, ""),
    ("rds:ModifyDBSnapshotAttribute", {"attributeName": "restore", "valuesToAdd": ["all"]}, "yes"),
    ("rds:ModifyDBSnapshotAttribute", {"attributeName": "restore", "valuesToAdd": [ACCOUNT]}, ""),
    ("rds:ModifyDBClusterSnapshotAttribute", {"attributeName": "restore", "valuesToAdd": [OTHER]}, "yes"),
    ("rds:ModifyDBInstance", {"publiclyAccessible": True}, "yes"),
    ("rds:ModifyDBInstance", {"masterUserPassword": "****"}, "perhaps"),
    ("ssm:ModifyDocumentPermission", {"accountIdsToAdd": [OTHER]}, "yes"),
    ("ssm:ModifyDocumentPermission", {"accountIdsToRemove": ["all"]}, ""),
    ("lambda:AddPermission", {"principal": "s3.amazonaws.com", "action": "lambda:InvokeFunction"}, ""),
    ("lambda:AddPermission", {"principal": ACCOUNT, "action": "lambda:*"}, ""),
    ("lambda:AddPermission", {"principal": OTHER, "action": "lambda:InvokeFunction"}, "perhaps"),
    ("lambda:AddPermission", {"principal": OTHER, "action": "lambda:GetFunction"}, "yes"),
    ("lambda:AddPermission", {"principal": "*", "action": "lambda:*", "sourceAccount": ACCOUNT}, ""),
    ("lambda:AddPermission", {"principal": "*", "action": "lambda:*", "principalOrgID": "o-1"}, "perhaps"),
    ("kms:CreateGrant", {"granteePrincipal": f"arn:aws:iam::{ACCOUNT}:role/app"}, ""),
    ("kms:CreateGrant", {"granteePrincipal": "rds.us-east-1.amazonaws.com"}, ""),
    ("kms:CreateGrant", {"granteePrincipal": f"arn:aws:iam::{OTHER}:root", "operations": ["Decrypt"]}, "perhaps"),
    ("kms:PutKeyPolicy", {"policyName": "default", "policy": allow({"AWS": ACCOUNT})}, ""),
    # The key alone reads nothing.
    ("kms:PutKeyPolicy", {"policyName": "default", "policy": allow(STRANGER)}, "perhaps"),
    ("sqs:AddPermission", {"aWSAccountIds": [OTHER], "actions": ["ReceiveMessage"]}, "yes"),
    ("sqs:AddPermission", {"aWSAccountIds": [OTHER], "actions": ["SendMessage"]}, ""),
    ("sns:AddPermission", {"aWSAccountId": [ACCOUNT], "actionName": ["Subscribe"]}, ""),
    ("sns:SetTopicAttributes", {"attributeName": "DisplayName", "attributeValue": "*"}, ""),
]


def test_a_call_exposes_what_it_lets_strangers_have(tmp_path: Path) -> None:
    records = [called(call, request, str(place)) for place, (call, request, _) in enumerate(GIVEN)]
    told = judged(tmp_path, records)
    assert [(call, request, told[str(place)]) for place, (call, request, _) in enumerate(GIVEN)] == GIVEN


@pytest.mark.quick(3)
@pytest.mark.parametrize("hostile", ["text", 1, ["x", 1, None, {}], {"Grant": 1}, {"add": {"items": "x"}}, [[]]])
def test_a_request_that_is_odd_gives_no_certainty(hostile: Any, tmp_path: Path) -> None:
    names = {"x-amz-acl", "AccessControlPolicy", "ReplicationConfiguration", "createVolumePermission", "valuesToAdd"}
    names |= {"launchPermission", "principal", "granteePrincipal", "aWSAccountIds", "accountIdsToAdd"}
    calls = dict.fromkeys(call for call, *_ in GIVEN if not call.startswith(("ram:", "sns:Set")))
    told = judged(tmp_path, [called(call, dict.fromkeys(names, hostile), call) for call in calls])
    assert told == dict.fromkeys(calls, "perhaps")
