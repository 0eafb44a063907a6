"""Steps that the catalogue of actions has for what is in force: persistence, guards that fell, data, and what costs."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.analysis.lineage.test_blast_radius import did, user
from tests.analysis.verdict.logs import beside_root, tell
from tests.builders import ACCOUNT
from tools.docs.aws_models import command_operation, options, spelled_option

if TYPE_CHECKING:
    from rootforensics.analysis.containment.step import Step

ADMIN = user("admin", "AKIAADMIN")
DENY_ALL: Final = "arn:aws:iam::aws:policy/AWSDenyAll"
SET = "arn:aws:sso:::permissionSet/ssoins-1/ps-1"
TASKS = [f"arn:aws:ecs:eu-west-1:{ACCOUNT}:task/c/0abc{number}" for number in (1, 2)]
CLUSTER = f"arn:aws:ecs:eu-west-1:{ACCOUNT}:cluster/c"
SPOT = {"spotInstanceRequestSet": {"items": [{"spotInstanceRequestId": "sir-1"}, {"spotInstanceRequestId": "sir-2"}]}}

#: What root did, and the command that undoes it.
UNDONE: Final = [
    ("lightsail:CreateInstances", {"instanceNames": ["m"]}, None, "lightsail delete-instance --instance-name m"),
    ("sagemaker:CreateTrainingJob", {"trainingJobName": "j"}, None, "sagemaker stop-training-job --training-job-name j"),
    ("ec2:RequestSpotInstances", None, SPOT,
     "ec2 cancel-spot-instance-requests --spot-instance-request-ids sir-1 sir-2"),
    ("autoscaling:CreateAutoScalingGroup", {"autoScalingGroupName": "g"}, None,
     "autoscaling delete-auto-scaling-group --auto-scaling-group-name g --force-delete"),
    ("eks:CreateCluster", {"name": "e"}, None, "eks delete-cluster --name e"),
    ("rds:CreateDBInstance", {"dBInstanceIdentifier": "d"}, None, "rds stop-db-instance --db-instance-identifier d"),
    ("rds:CreateDBCluster", {"dBClusterIdentifier": "d"}, None, "rds stop-db-cluster --db-cluster-identifier d"),
    ("ecs:RunTask", {"launchType": "FARGATE"}, {"tasks": [{"taskArn": TASKS[0], "clusterArn": CLUSTER}]},
     f"ecs stop-task --cluster {CLUSTER} --task {TASKS[0]}"),
    ("ecs:StartTask", {"cluster": "c"}, {"tasks": [{"taskArn": TASKS[1]}]}, f"ecs stop-task --cluster c --task {TASKS[1]}"),
    ("rds:StartDBInstance", {"dBInstanceIdentifier": "s"}, None, "rds stop-db-instance --db-instance-identifier s"),
    ("rds:StartDBCluster", {"dBClusterIdentifier": "s"}, None, "rds stop-db-cluster --db-cluster-identifier s"),
    ("elasticmapreduce:RunJobFlow", {"name": "x"}, {"jobFlowId": "j-1"}, "emr terminate-clusters --cluster-ids j-1"),
    ("sagemaker:CreateNotebookInstance", {"notebookInstanceName": "n"}, None,
     "sagemaker stop-notebook-instance --notebook-instance-name n"),
    ("bedrock:CreateProvisionedModelThroughput", None, {"provisionedModelArn": "arn:pm"},
     "bedrock delete-provisioned-model-throughput --provisioned-model-id arn:pm"),
    ("sso:CreatePermissionSet", {"name": "p", "instanceArn": "arn:i"}, {"permissionSet": {"permissionSetArn": SET}},
     f"sso-admin delete-permission-set --instance-arn arn:i --permission-set-arn {SET}"),
    ("rolesanywhere:CreateProfile", {"name": "p"}, {"profile": {"profileId": "p-1"}},
     "rolesanywhere disable-profile --profile-id p-1"),
    ("identitystore:CreateUser", {"identityStoreId": "d-1"}, {"userId": "u-1"},
     "identitystore delete-user --identity-store-id d-1 --user-id u-1"),
    ("kms:CreateGrant", {"keyId": "k", "granteePrincipal": "arn:aws:iam::999999999999:root"}, {"grantId": "g"},
     "kms revoke-grant --key-id k --grant-id g"),
    ("route53domains:UpdateDomainNameservers", {"domainName": "a.example"}, None,
     "route53domains update-domain-nameservers --domain-name a.example --nameservers Name=FORMER-NAME-SERVER"),
    ("rds:ModifyDBSnapshotAttribute", {"dBSnapshotIdentifier": "s", "attributeName": "restore", "valuesToAdd": ["all"]},
     None, "rds modify-db-snapshot-attribute --db-snapshot-identifier s --attribute-name restore --values-to-remove all"),
]  # fmt: skip
#: The same of services whose commands need no Region.
GLOBAL: Final = [
    ("iam:AttachGroupPolicy", {"groupName": "g", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
     "iam detach-group-policy --group-name g --policy-arn arn:aws:iam::aws:policy/AdministratorAccess"),
    ("organizations:DetachPolicy", {"policyId": "p-1", "targetId": ACCOUNT},
     f"organizations attach-policy --policy-id p-1 --target-id {ACCOUNT}"),
    ("iam:EnableMFADevice", {"userName": "bob", "serialNumber": "arn:x"},
     "iam deactivate-mfa-device --user-name bob --serial-number arn:x"),
    ("account:EnableRegion", {"regionName": "af-south-1"}, "account disable-region --region-name af-south-1"),
]  # fmt: skip


TRUST: Final = '{"Statement": [{"Effect": "Allow", "Principal": {%s}, "Action": "sts:AssumeRole"}]}'


def commands(steps: list[Step]) -> list[str]:
    return [step.command for step in beside_root(steps) if step.command]


@pytest.mark.parametrize("by", [None, user("eve", "AKIAEVE")])
async def test_what_costs_or_is_dangerous_has_its_command_whoever_made_it(by: Any) -> None:
    eve = [did("iam:CreateUser", 1, {"userName": "eve"})] if by else []
    done = [did(call, 2, asked, answer, awsRegion="eu-west-1", who=by) for call, asked, answer, _ in UNDONE]
    done += [did(call, 2, asked, who=by) for call, asked, _ in GLOBAL]
    told_before = [(call, asked) for call, asked, *_, told in (*UNDONE, *GLOBAL) if "FORMER" in told]
    before = [did(call, 0, asked, who=user("owner", "AKIAOWNER")) for call, asked in told_before]
    _, steps = await tell(*eve, *before, *done)
    wanted = [f"aws {told} --region eu-west-1" for *_, told in UNDONE] + [f"aws {told}" for *_, told in GLOBAL]
    found = {step.event_id: step.command for step in beside_root(steps)}
    assert [found.get(one["eventID"]) for one in done] == wanted
    for words in map(shlex.split, wanted):
        operation = command_operation(*words[1:3])
        given = {word for word in words if word.startswith("--")}
        assert operation is not None, words
        assert given <= options(operation), words
        required = {f"--{spelled_option(name)}" for name in _required(operation)}
        assert required <= given, words


def _required(operation: Any) -> list[str]:
    from botocore import xform_name

    return [xform_name(name, "-") for name in operation.input_shape.required_members]


async def test_what_keeps_strangers_out_comes_first_and_the_bill_last() -> None:
    calls = ["kms:CreateGrant", "organizations:DetachPolicy", "rds:ModifyDBSnapshotAttribute", "eks:CreateCluster"]
    known = {call: (asked, answer) for call, asked, answer, _ in UNDONE} | {
        call: (asked, None) for call, asked, _ in GLOBAL
    }
    done = [did(call, minute, *known[call]) for minute, call in enumerate(reversed(calls))]
    stopped = did("cloudtrail:StopLogging", 9, {"name": "t"})
    _, steps = await tell(*done, stopped)
    placed = [step.event_id for step in beside_root(steps) if step.command]
    order = sorted([*done, stopped], key=lambda one: placed.index(one["eventID"]))
    assert [one["eventName"] for one in order] == [
        "CreateGrant", "ModifyDBSnapshotAttribute", "StopLogging", "DetachPolicy", "CreateCluster",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("made", "ended"),
    [
        (("sagemaker:CreateTrainingJob", {"trainingJobName": "j"}, None), ("StopTrainingJob", {"trainingJobName": "j"})),
        (("kms:CreateGrant", {"keyId": "k"}, {"grantId": "g"}), ("RevokeGrant", {"keyId": "k", "grantId": "g"})),
        (("elasticmapreduce:RunJobFlow", {}, {"jobFlowId": "j-1"}), ("TerminateJobFlows", {"jobFlowIds": ["j-1"]})),
        (("rds:CreateDBInstance", {"dBInstanceIdentifier": "d"}, None), ("StopDBInstance", {"dBInstanceIdentifier": "d"})),
    ],
)  # fmt: skip
async def test_what_somebody_ended_has_no_step(made: Any, ended: Any) -> None:
    call, *told = made
    service = call.partition(":")[0]
    _, steps = await tell(did(call, 1, *told), did(f"{service}:{ended[0]}", 2, ended[1], who=ADMIN))
    assert commands(steps) == []


async def test_of_several_entities_those_are_undone_that_are_there() -> None:
    request = {"CancelSpotInstanceRequestsRequest": {"SpotInstanceRequestId": {"tag": 1, "content": "sir-1"}}}
    _, steps = await tell(
        did("ec2:RequestSpotInstances", 1, None, SPOT), did("ec2:CancelSpotInstanceRequests", 2, request, who=ADMIN)
    )
    assert commands(steps) == [
        "aws ec2 cancel-spot-instance-requests --spot-instance-request-ids sir-2 --region us-east-1"
    ]
    running = {"tasks": [{"taskArn": arn, "clusterArn": CLUSTER} for arn in TASKS]}
    _, steps = await tell(did("ecs:RunTask", 1, {"launchType": "FARGATE", "cluster": "c"}, running))
    assert commands(steps) == [f"aws ecs stop-task --cluster c --task {arn} --region us-east-1" for arn in TASKS]


async def test_what_is_harmless_has_no_step() -> None:
    _, steps = await tell(
        did("iam:CreateGroup", 1, {"groupName": "g"}),
        did("ec2:ModifySnapshotAttribute", 2, {"snapshotId": "s", "createVolumePermission": {"remove": {"items": [{"userId": "1"}]}}}),
        did("eks:CreateCluster", 3, {"name": "e"}, errorCode="AccessDenied"),
    )  # fmt: skip
    assert commands(steps) == []


@pytest.mark.parametrize(
    ("call", "asked", "reason"),
    [
        ("iam:UpdateAssumeRolePolicy", {"roleName": "r", "policyDocument": TRUST % '"Service": "ec2.amazonaws.com"'}, "it trusts only AWS services, or nobody"),
        ("iam:UpdateAssumeRolePolicy", {"roleName": "r", "policyDocument": TRUST % '"AWS": "999988887777"'}, ""),
        ("organizations:AttachPolicy", {"policyId": "p-deny", "targetId": ACCOUNT}, "the content of the policy is not known"),
        ("iam:DeleteUserPolicy", {"userName": "bob", "policyName": "p"}, "the content of the policy is not known"),
        ("iam:AttachUserPolicy", {"userName": "bob", "policyArn": f"arn:aws:iam::{ACCOUNT}:policy/p"}, "the content of the policy is not known"),
        ("iam:PutUserPermissionsBoundary", {"userName": "bob", "permissionsBoundary": f"arn:aws:iam::{ACCOUNT}:policy/p"}, "the content of the policy is not known"),
        ("iam:AttachUserPolicy", {"userName": "bob", "policyArn": "arn:aws:iam::aws:policy/job-function/Billing"}, "there is no sign that root of this account was taken over"),
    ],
)  # fmt: skip
async def test_what_may_be_the_owners_own_containment_is_asked_for_first(call: str, asked: Any, reason: str) -> None:
    done = did(call, 1, asked)
    _, steps = await tell(done)
    (step,) = beside_root(steps)
    assert (
        step.what.startswith(f"Ask the owner first: {reason}. ") if reason else "Ask the owner first" not in step.what
    )


async def test_what_would_hurt_if_it_were_undone_has_no_command() -> None:
    revoked = """{"Statement": [{"Effect": "Deny", "Action": ["*"], "Resource": ["*"],
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": "2026-08-05T10:00:00Z"}}}]}"""
    request = {"roleName": "r", "policyName": "AWSRevokeOlderSessions", "policyDocument": revoked}
    _, steps = await tell(did("iam:PutRolePolicy", 1, request))
    assert [
        (one.command, "Ask the owner first: the policy contains only deny statements. " in one.what)
        for one in beside_root(steps)
    ] == [("", True)]
    for name in ("p-FullAWSAccess", "p-RCPFullAWSAccess"):
        _, steps = await tell(did("organizations:AttachPolicy", 1, {"policyId": name, "targetId": ACCOUNT}))
        assert beside_root(steps) == []


async def test_a_policy_that_only_denies_is_left_where_it_is() -> None:
    denies = {
        "policyName": "Quarantine",
        "policyDocument": '{"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}',
    }
    aws = {"policyArn": "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"}
    done = [
        did("iam:PutUserPolicy", 1, {"userName": "bob"} | denies),
        did("iam:PutRolePolicy", 2, {"roleName": "r"} | denies),
        did("iam:AttachRolePolicy", 3, {"roleName": "r"} | aws),
        did("iam:AttachUserPolicy", 4, {"userName": "bob"} | aws),
        did("iam:CreatePolicy", 5, denies, {"policy": {"arn": f"arn:aws:iam::{ACCOUNT}:policy/Quarantine"}}),
        did("iam:PutUserPermissionsBoundary", 6, {"userName": "bob", "permissionsBoundary": DENY_ALL}),
        did("iam:PutRolePermissionsBoundary", 7, {"roleName": "r", "permissionsBoundary": DENY_ALL}),
    ]
    answers, steps = await tell(*done)
    assert beside_root(steps) == []
    assert answers["persistence"].event_ids == ()


async def test_what_watches_is_judged_by_what_was_asked_of_it() -> None:
    _, steps = await tell(
        did("cloudtrail:UpdateTrail", 1, {"name": "t", "enableLogFileValidation": True}),
        did("cloudtrail:UpdateTrail", 2, {"name": "u", "isMultiRegionTrail": False}),
        did("cloudtrail:UpdateTrail", 3, {"name": "u", "isMultiRegionTrail": True}, who=ADMIN),
        asked := did("guardduty:CreateFilter", 4, {"detectorId": "d", "name": "f", "action": "ARCHIVE"}),
    )
    assert [(step.command, step.event_id) for step in beside_root(steps)] == [
        ("aws guardduty delete-filter --detector-id d --filter-name f --region us-east-1", asked["eventID"])
    ]


async def test_who_opened_a_session_as_root_is_none_of_its_doings() -> None:
    asked = {"targetPrincipal": "444455556666", "taskPolicyArn": {"arn": "arn:aws:iam::aws:policy/root-task/X"}}
    given = {"credentials": {"accessKeyId": "ASIAROOT", "expiration": "Aug 5, 2026, 10:15:00 AM"}}
    _, steps = await tell(did("sts:AssumeRoot", 1, asked, given, who=ADMIN), account_id=ACCOUNT)
    assert steps == []


async def test_a_bucket_is_looked_at_where_nothing_better_is_known() -> None:
    """A lifecycle that deletes runs at the next midnight: its rules go first."""
    _, steps = await tell(
        did("s3:PutBucketLifecycle", 1, {"bucketName": "b", "LifecycleConfiguration": {"Rule": {"Status": "Enabled"}}}),
        did("s3:DeleteBucketPublicAccessBlock", 2, {"bucketName": "b"}),
        did("s3:CreateBucket", 3, {"bucketName": "new"}),
    )
    block = "BlockPublicAcls=true,IgnorePublicAcls=true,BlockPublicPolicy=true,RestrictPublicBuckets=true"
    assert commands(steps) == [
        "aws s3api get-bucket-lifecycle-configuration --bucket b --region us-east-1\naws s3api delete-bucket-lifecycle --bucket b --region us-east-1",
        f"aws s3api put-public-access-block --bucket b --public-access-block-configuration {block} --region us-east-1",
        "aws s3api get-bucket-policy --bucket new",
    ]


@pytest.mark.parametrize(
    ("last", "begin", "end"),
    [
        ("2026-08-05T23:59:00Z", "Before 2026-08-06 00:00 UTC", ""),
        ("2026-08-06T00:01:00Z", "At once", ". S3 may have applied them since 2026-08-06 00:00 UTC"),
    ],
)
async def test_a_lifecycle_rule_has_the_time_until_which_it_can_be_deleted(last: str, begin: str, end: str) -> None:
    _, steps = await tell(
        did("s3:PutBucketLifecycle", 1, {"bucketName": "b", "LifecycleConfiguration": {"Rule": {"Status": "Enabled"}}}),
        did("s3:ListBuckets", 2) | {"eventTime": last},
        whole=False,
    )
    assert steps[0].what.endswith(f". {begin}, save the lifecycle rules of bucket b as evidence, then delete them{end}")


async def test_a_call_that_made_nothing_with_a_name_is_told_once() -> None:
    calls = [did("bedrock:InvokeModel", minute, {"modelId": "m"}) for minute in (1, 2, 3)]
    _, steps = await tell(*calls)
    assert [(step.what, step.event_id) for step in beside_root(steps)] == [
        ("Deny Bedrock with an SCP: InvokeModel (3 calls)", calls[0]["eventID"])
    ]


HOSTILE: Final = "x'; rm -rf / #$(id)`id`"


async def test_hostile_names_stay_words_of_the_command() -> None:
    _, steps = await tell(
        did("sagemaker:CreateTrainingJob", 1, {"trainingJobName": HOSTILE}),
        did("eks:CreateCluster", 2, {"name": "--debug"}),
        did("rds:CreateDBInstance", 3, {"dBInstanceIdentifier": "file:///etc/passwd"}),
    )
    words = [shlex.split(command) for command in commands(steps)]
    assert ["aws", "sagemaker", "stop-training-job", "--training-job-name", HOSTILE, "--region", "us-east-1"] in words
    assert ["aws", "eks", "delete-cluster", "--name=--debug", "--region", "us-east-1"] in words
    assert len(words) == 2


BUCKET = f"logs-{ACCOUNT}"  # named after the account, so that each story has its own
TRAIL = {"name": "t", "s3BucketName": BUCKET, "isMultiRegionTrail": True}
#: As AWS documents the policy that CloudTrail needs.
DELIVERS = [
    {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:GetBucketAcl",
     "Resource": f"arn:aws:s3:::{BUCKET}"},
    {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}, "Action": "s3:PutObject",
     "Resource": f"arn:aws:s3:::{BUCKET}/AWSLogs/{ACCOUNT}/*",
     "Condition": {"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}},
]  # fmt: skip
OPENED = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
OWNER = user("owner", "AKIAOWNER")


def written(minute: int, *statements: dict[str, Any], **fields: Any) -> dict[str, Any]:
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    return did("s3:PutBucketPolicy", minute, {"bucketName": BUCKET, "bucketPolicy": policy}, **fields)


def trail(minute: int, **fields: Any) -> dict[str, Any]:
    return did("cloudtrail:CreateTrail", minute, TRAIL, TRAIL, **fields)


async def test_a_policy_that_cloudtrail_needs_and_that_lets_in_no_stranger_stays() -> None:
    for statements in (DELIVERS, DELIVERS[1:]):
        _, steps = await tell(trail(1, who=OWNER), written(2, *statements))
        assert not [step for step in steps if BUCKET in step.what]


@pytest.mark.parametrize(
    "record",
    [
        written(
            2,
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/a"},
                "Action": "s3:*",
                "Resource": "*",
            },
        ),
        written(2, *DELIVERS, {**OPENED, "Effect": "Deny"}),  # whom it shuts out, somebody has to look at
        written(2, *DELIVERS, OPENED),
        did("s3:PutBucketPolicy", 2, {"bucketName": BUCKET}),
    ],
    ids=["it keeps CloudTrail out", "it denies", "it is open", "it is not recorded"],
)
async def test_any_other_policy_is_to_be_corrected_and_never_deleted(record: dict[str, Any]) -> None:
    _, steps = await tell(trail(1, who=OWNER), record)
    (step,) = [step for step in steps if "Correct the policy: bucket" in step.what]
    assert "file://CORRECTED-POLICY.json" in step.command
    assert not [step for step in steps if "delete-bucket-policy" in step.command or "previous" in step.what]


async def test_a_former_policy_is_put_back_if_the_logs_have_it() -> None:
    former = written(2, *DELIVERS, who=OWNER)
    by_root = written(3, OPENED)  # what root wrote before is none
    opened = written(4, *DELIVERS, OPENED)
    _, steps = await tell(trail(1, who=OWNER), former, by_root, opened)
    told = [step for step in steps if step.what.startswith("Restore the previous policy (it is in ")]
    assert {step.event_id for step in told} == {by_root["eventID"], opened["eventID"]}
    assert all(f"PutBucketPolicy {former['eventID']} of 2026-08-05 10:02:00" in step.what for step in told)
    assert all("file://FORMER-POLICY.json" in step.command for step in told)


EXPIRES = {
    "bucketName": BUCKET,
    "LifecycleConfiguration": {"Rule": {"Expiration": {"Days": 1}, "Status": "Enabled", "Prefix": ""}},
}


async def test_what_is_lost_by_midnight_comes_before_everything() -> None:
    expiring = did("s3:PutBucketLifecycle", 9, EXPIRES)
    key = did(
        "iam:CreateAccessKey", 2, {"userName": "eve"}, {"accessKey": {"accessKeyId": "AKIAEVE", "userName": "eve"}}
    )
    deleted = did("kms:ScheduleKeyDeletion", 8, {"keyId": "k"})
    _, steps = await tell(trail(1, who=OWNER), key, did("iam:CreateUser", 1, {"userName": "eve"}), deleted, expiring)
    assert steps[0].event_id == expiring["eventID"]
    placed = [step.event_id for step in beside_root(steps) if step.command]
    assert placed.index(deleted["eventID"]) < placed.index(key["eventID"])  # that one waits for a week
    assert len([step for step in steps if step.event_id == expiring["eventID"]]) == 1


def read(minute: int, name: str, **fields: Any) -> dict[str, Any]:
    return did("secretsmanager:GetSecretValue", minute, {"secretId": name}, **fields)


async def test_values_that_were_read_are_rotated_in_one_step_of_the_account() -> None:
    first, second = read(1, "db"), read(2, "api")
    parameters = [
        did("ssm:GetParameters", 3, {"names": ["/a", "/b"], "withDecryption": True}),
        did("ssm:GetParameters", 4, {"names": ["/plain"], "withDecryption": False}),
    ]
    created = did("secretsmanager:CreateSecret", 5, {"name": "own"})
    _, steps = await tell(first, second, read(6, "db"), *parameters, created, read(7, "kept", errorCode="AccessDenied"))
    secrets, others = [step for step in beside_root(steps) if "update what uses them" in step.what]
    assert secrets.what == "Rotate secrets api, db, and update what uses them"
    assert secrets.command.splitlines() == [
        f"aws secretsmanager rotate-secret --secret-id {name} --region us-east-1" for name in ("api", "db")
    ]
    assert {first["eventID"], second["eventID"]} < {*secrets.proof[0]}
    assert len(secrets.proof[0]) == 3
    assert others.what == "Change the secrets in parameters /a, /b, and update what uses them"
    assert others.command.splitlines() == [
        f"aws ssm put-parameter --name {name} --value NEW-VALUE --region us-east-1 --overwrite" for name in ("/a", "/b")
    ]
    assert others.proof[0] == (parameters[0]["eventID"],)


async def test_of_many_secrets_the_first_are_named_and_all_have_a_command() -> None:
    _, steps = await tell(*(read(number, f"s{number}") for number in range(8)))
    (step,) = [step for step in steps if step.what.startswith("Rotate ")]
    assert step.what.startswith("Rotate secrets s0, s1, s2, s3, s4 and 3 more, and update")
    assert len(step.command.splitlines()) == 8


@pytest.mark.parametrize(
    ("before", "after", "is_reviewed"),
    [("Allow", "Allow", False), ("Deny", "Allow", True), ("Allow", "Deny", True)],
)
async def test_a_previous_policy_is_reviewed_where_one_of_the_two_denies(
    before: str, after: str, is_reviewed: bool
) -> None:
    def put(minute: int, effect: str, **fields: Any) -> dict[str, Any]:
        statement = {"Effect": effect, "Principal": "*", "Action": "s3:*", "Resource": "*"}
        return did(
            "s3:PutBucketPolicy", minute, {"bucketName": "b", "bucketPolicy": {"Statement": [statement]}}, **fields
        )

    _, steps = await tell(put(1, before, who=OWNER), changed := put(2, after))
    (step,) = [step for step in beside_root(steps) if step.event_id == changed["eventID"]]
    assert "Restore the previous policy (it is in " in step.what
    assert step.why.startswith("Before you restore the previous policy, review it.") == is_reviewed
