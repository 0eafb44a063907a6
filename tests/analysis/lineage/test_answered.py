"""Who answers for a call: what undoes it or writes it anew, and what only looks like it."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from rootforensics.analysis.lineage.answered import answers_for

OWN: Final = "111122223333"
ANYBODY: Final = {"Statement": [{"Effect": "Allow", "Principal": "*"}]}
RULE: Final = {"ipProtocol": "tcp", "fromPort": 22, "ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}


def opened(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"groupId": "sg-1", "ipPermissions": {"items": list(rules)}}


def shared(way: str, account: str) -> dict[str, Any]:
    return {"snapshotId": "snap-1", "createVolumePermission": {way: {"items": [{"userId": account}]}}}


def lent(*accounts: str) -> dict[str, Any]:
    others = [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{one}:root"}} for one in (OWN, *accounts)]
    return {"Statement": others}


LENT: Final = ("SetQueueAttributes", {"queueUrl": "q", "attributes": {"Policy": json.dumps(lent("999999999999"))}})
POLICY: Final = ("PutBucketPolicy", {"bucketName": "b", "Host": "b.s3.amazonaws.com", "bucketPolicy": ANYBODY})
PUBLIC_READ: Final = ("PutBucketAcl", {"bucketName": "b", "x-amz-acl": ["public-read"]})
DENYING: Final = {"Statement": [{"Effect": "Deny", "Principal": {"AWS": ["*"]}, "Condition": {"Bool": {"x": "false"}}}]}
RIGHTS: Final = {"Effect": "Allow", "Action": "*", "Resource": "*"}
ADMIN: Final = (
    "PutRolePolicy",
    {"roleName": "r", "policyName": "p", "policyDocument": json.dumps({"Statement": RIGHTS})},
)
INGRESS: Final = ("AuthorizeSecurityGroupIngress", opened(RULE))
SHARE: Final = ("ModifySnapshotAttribute", shared("add", "999999999999"))
UNBLOCKED: Final = ("DeleteBucketPublicAccessBlock", {"bucketName": "b"})
PUBLIC: Final = ("ModifyDBInstance", {"dBInstanceIdentifier": "db", "publiclyAccessible": True})


@pytest.mark.parametrize(
    ("done", "later"),
    [
        (POLICY, ("DeleteBucketPolicy", {"bucketName": "b", "Host": "b.s3.eu-west-1.amazonaws.com", "policy": ""})),
        (POLICY, ("PutBucketPolicy", {"bucketName": "b", "bucketPolicy": {"Statement": []}})),
        (LENT, ("SetQueueAttributes", {"queueUrl": "q", "attributes": {"Policy": json.dumps(lent())}})),
        (INGRESS, ("RevokeSecurityGroupIngress", opened(RULE, RULE | {"fromPort": 443}))),
        (SHARE, ("ModifySnapshotAttribute", shared("remove", "999999999999"))),
        (UNBLOCKED, ("PutBucketPublicAccessBlock", {"bucketName": "b", "Configuration": {"BlockPublicAcls": True}})),
        (PUBLIC, ("ModifyDBInstance", PUBLIC[1] | {"publiclyAccessible": False})),
        (("PutAlternateContact", {"alternateContactType": "SECURITY"}),) * 2,  # the rest is not recorded
        (("UpdateFunctionCode", {"functionName": "f", "dryRun": False}),) * 2,
        (("UpdateLoginProfile", {"userName": "u"}),) * 2,
        (
            ADMIN,
            ("PutRolePolicy", ADMIN[1] | {"policyDocument": json.dumps({"Statement": [RIGHTS | {"Effect": "Deny"}]})}),
        ),
        (ADMIN, ("DeleteRolePolicy", {"roleName": "r", "policyName": "p"})),
        # The usual policy against calls without TLS denies everybody, and lets nobody in.
        (POLICY, ("PutBucketPolicy", POLICY[1] | {"bucketPolicy": DENYING})),
        (LENT, ("SetQueueAttributes", {"queueUrl": "q", "attributes": {"Policy": json.dumps(DENYING)}})),
        (
            ("AddUserToGroup", {"userName": "u", "groupName": "g"}),
            ("RemoveUserFromGroup", {"userName": "u", "groupName": "g"}),
        ),
        (PUBLIC_READ, ("PutBucketAcl", {"bucketName": "b", "x-amz-acl": ["private"]})),
    ],
)
def test_what_undoes_a_call_or_writes_it_anew_answers_for_it(done: Any, later: Any) -> None:
    assert answers_for(done, later, OWN)


@pytest.mark.parametrize(
    ("done", "later"),
    [
        (POLICY, ("DeleteBucketPolicy", {"bucketName": "c"})),
        (POLICY, ("PutBucketPolicy", {"bucketName": "c", "bucketPolicy": {"Statement": []}})),
        (POLICY, POLICY),  # the same policy again
        # The same request by somebody else writes the same again.
        (("UpdateFunctionConfiguration", {"functionName": "f", "layers": ["evil"]}),) * 2,
        (("UpdateFunctionCode", {"functionName": "f", "s3Bucket": "evil", "s3Key": "code.zip"}),) * 2,
        (("PutBucketLifecycle", {"bucketName": "b", "LifecycleConfiguration": {"Rule": {"Expiration": {"Days": 1}}}}),) * 2,
        (("PutTargets", {"rule": "r", "targets": [{"id": "1", "arn": "evil"}]}),) * 2,
        (("UpdateTrail", {"name": "t", "s3BucketName": "evil"}),) * 2,
        (POLICY, ("PutBucketPolicy", POLICY[1] | {"bucketPolicy": {"Statement": [*ANYBODY["Statement"], {"Sid": "more"}]}})),
        (LENT, ("SetQueueAttributes", {"queueUrl": "q", "attributes": {"Policy": json.dumps(lent("999999999999"), indent=1)}})),
        (POLICY, ("PutBucketPolicy", None)),
        # Which rights are the fewer no rule compares.
        (ADMIN, ("PutRolePolicy", ADMIN[1] | {"policyDocument": json.dumps({"Statement": [RIGHTS | {"Sid": "x"}]})})),
        # Who lets anybody in lets in the stranger of before.
        (LENT, ("SetQueueAttributes", {"queueUrl": "q", "attributes": {"Policy": json.dumps(ANYBODY)}})),
        (POLICY, ("PutBucketPolicy", POLICY[1] | {"bucketPolicy": lent("999999999999")})),
        (PUBLIC_READ, ("PutBucketAcl", {"bucketName": "b", "x-amz-acl": ["authenticated-read"]})),
        (("AddUserToGroup", {"userName": "u", "groupName": "g"}), ("RemoveUserFromGroup", {"userName": "u", "groupName": "h"})),
        (INGRESS, INGRESS),
        (INGRESS, ("RevokeSecurityGroupIngress", opened(RULE | {"fromPort": 443}))),
        (INGRESS, ("RevokeSecurityGroupIngress", {"groupId": "sg-1", "securityGroupRuleIds": {"items": ["sgr-1"]}})),
        (SHARE, SHARE),
        (SHARE, ("ModifySnapshotAttribute", shared("remove", "888888888888"))),
        (UNBLOCKED, ("PutBucketPublicAccessBlock", {"bucketName": "c"})),
        (PUBLIC, ("ModifyDBInstance", {"dBInstanceIdentifier": "db", "backupRetentionPeriod": 7})),
        (("AddPermission", {"queueUrl": "q", "label": "x"}), ("AddPermission", {"queueUrl": "q", "label": "y"})),
        (("PutTargets", {"rule": "r", "targets": [{"id": "1"}]}), ("PutTargets", {"rule": "r", "targets": [{"id": "2"}]})),
        (("PutRolePolicy", {"roleName": "r", "policyName": "p", "policyDocument": "{}"}),
         ("PutRolePolicy", {"roleName": "r", "policyName": "q", "policyDocument": "{1}"})),
    ],
)  # fmt: skip
def test_what_concerns_something_else_or_adds_to_it_does_not(done: Any, later: Any) -> None:
    assert not answers_for(done, later, OWN)
