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


def blocking(*flags: bool) -> tuple[str, dict[str, Any]]:
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    block = {"xmlns": "http://s3.amazonaws.com/doc/2006-03-01/", **dict(zip(names, flags, strict=False))}
    return "PutBucketPublicAccessBlock", {"bucketName": "b", "PublicAccessBlockConfiguration": block}


def trusting(*principals: Any, **more: Any) -> tuple[str, dict[str, Any]]:
    statements = [
        {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more} for principal in principals
    ]
    return "UpdateAssumeRolePolicy", {"roleName": "r", "policyDocument": json.dumps({"Statement": statements})}


def letting(*principals: Any, **more: Any) -> tuple[str, dict[str, Any]]:
    statements = [{"Effect": "Allow", "Principal": principal, "Action": "s3:*", **more} for principal in principals]
    return "PutBucketPolicy", {"bucketName": "b", "bucketPolicy": {"Version": "2012-10-17", "Statement": statements}}


def granting(*grantees: dict[str, str]) -> tuple[str, dict[str, Any]]:
    own = {"Grantee": {"ID": "owner", "xsi:type": "CanonicalUser"}, "Permission": "FULL_CONTROL"}
    grants = [own, *({"Grantee": grantee, "Permission": "READ"} for grantee in grantees)]
    policy = {"Owner": {"ID": "owner"}, "AccessControlList": {"Grant": grants}}
    return "PutBucketAcl", {"bucketName": "b", "AccessControlPolicy": policy}


EC2: Final = {"Service": "ec2.amazonaws.com"}
OTHERS: Final = {"AWS": "arn:aws:iam::999999999999:root"}
OWN_ROOT: Final = {"AWS": f"arn:aws:iam::{OWN}:root"}
GITHUB: Final = {"Federated": f"arn:aws:iam::{OWN}:oidc-provider/token.actions.githubusercontent.com"}
#: Each may come in as long as a policy names it, whoever else is named.
LET_IN: Final = (
    OTHERS, GITHUB, {"Federated": "accounts.google.com"}, {"Federated": "cognito-identity.amazonaws.com"},
    {"AWS": f"arn:aws:iam::{OWN}:user/jenkins"}, {"AWS": "AROAEXAMPLEOFOTHERS01"}, {"AWS": "AIDAEXAMPLEOFOTHERS01"},
    {"CanonicalUser": "79a5"}, {"Service": "rolesanywhere.amazonaws.com"}, "*",
)  # fmt: skip
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
        (UNBLOCKED, blocking(True, True, True, True)),
        (blocking(False, False, False, False), blocking(True, True, True, True)),
        (blocking(True, True, False, True), blocking(True, True, True, True)),  # the others were on all the time
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
        # Whoever is named in the place of those that root let in was let in by others.
        *((trusting(one), trusting(EC2)) for one in LET_IN),
        *((letting(one, EC2), letting(OWN_ROOT, EC2)) for one in LET_IN),
        (trusting(OTHERS, OWN_ROOT), trusting(GITHUB)),
        (letting("*"), letting({"AWS": f"arn:aws:iam::{OWN}:role/app"})),
        (letting(OTHERS), letting("*", Condition={"StringEquals": {"aws:SourceAccount": OWN}})),
        (granting({"ID": "79a5"}), granting()),
        (granting({"ID": "79a5"}), ("PutBucketAcl", {"bucketName": "b", "x-amz-acl": "private", "acl": ""})),
        (
            ("SetTopicAttributes", {"topicArn": "t", "attributeName": "Policy", "attributeValue": json.dumps(ANYBODY)}),
            ("SetTopicAttributes", {"topicArn": "t", "attributeName": "Policy", "attributeValue": json.dumps(DENYING)}),
        ),
        (LENT, ("SetQueueAttributes", {"queueUrl": "q", "attributes": {"Policy": ""}})),
        (
            ("ModifyDBInstance", PUBLIC[1] | {"applyImmediately": True}),
            ("ModifyDBInstance", PUBLIC[1] | {"applyImmediately": True, "publiclyAccessible": False}),
        ),
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
        # A block that is partly on leaves open what the others would close; a setting that is omitted is off.
        (UNBLOCKED, blocking(False, False, False, False)),
        (UNBLOCKED, blocking(True)),
        (blocking(False, False, False, False), blocking(True, False, False, False)),
        (blocking(False, True, True, True), blocking(False, True, True, False)),
        (blocking(False, False, False, False), UNBLOCKED),
        # Whom root let in is still let in, whoever is named or dropped with it and whatever else is asked.
        *((trusting(one), trusting(one, EC2)) for one in LET_IN),
        *((trusting(one, {"AWS": "888888888888"}), trusting(one)) for one in LET_IN),
        *((letting(one), letting(one, EC2, Condition={"Bool": {"aws:SecureTransport": "true"}})) for one in LET_IN),
        *((letting(one), letting({"AWS": ["*"]})) for one in LET_IN),
        (letting("*"), letting(OTHERS)),
        (granting({"URI": "http://acs.amazonaws.com/groups/global/AllUsers"}), granting({"ID": "79a5"})),
        (letting(OTHERS), letting({"AWS": "999999999999"})),
        (trusting(OWN_ROOT, OTHERS), trusting(OWN_ROOT)),
        (trusting({"AWS": f"arn:aws:iam::{OWN}:user/jenkins"}), trusting(OWN_ROOT)),
        (letting(EC2), letting(EC2, OTHERS)),
        (("PutBucketPolicy", {"bucketName": "b", "bucketPolicy": DENYING}),
         ("PutBucketPolicy", {"bucketName": "b", "bucketPolicy": DENYING | {"Version": "2012-10-17"}})),
        (granting({"ID": "79a5"}), granting({"ID": "c4c1"}, {"ID": "79a5"})),
        (granting({"URI": "http://acs.amazonaws.com/groups/global/AllUsers"}),
         ("PutBucketAcl", {"bucketName": "b", "x-amz-acl": "public-read"})),
        (("ModifyDBInstance", PUBLIC[1] | {"applyImmediately": True}),
         ("ModifyDBInstance", PUBLIC[1] | {"applyImmediately": False})),
        (("UpdateIdentityPool", {"identityPoolId": "p", "allowUnauthenticatedIdentities": True, "allowClassicFlow": True}),
         ("UpdateIdentityPool", {"identityPoolId": "p", "allowUnauthenticatedIdentities": True, "allowClassicFlow": False})),
        (LENT, ("SetQueueAttributes", {"queueUrl": "q", "attributes": {"VisibilityTimeout": "30"}})),
        (LENT, ("SetQueueAttributes", {"queueUrl": "q", "attributes": {"Policy": "{cut off"}})),
        (PUBLIC, ("ModifyDBInstance", {"dBInstanceIdentifier": "db", "backupRetentionPeriod": 7})),
        (("AddPermission", {"queueUrl": "q", "label": "x"}), ("AddPermission", {"queueUrl": "q", "label": "y"})),
        (("PutTargets", {"rule": "r", "targets": [{"id": "1"}]}), ("PutTargets", {"rule": "r", "targets": [{"id": "2"}]})),
        (("PutRolePolicy", {"roleName": "r", "policyName": "p", "policyDocument": "{}"}),
         ("PutRolePolicy", {"roleName": "r", "policyName": "q", "policyDocument": "{1}"})),
    ],
)  # fmt: skip
def test_what_concerns_something_else_or_adds_to_it_does_not(done: Any, later: Any) -> None:
    assert not answers_for(done, later, OWN)
