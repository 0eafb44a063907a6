"""What to undo: commands of the AWS CLI, filled in from the evidence."""

from __future__ import annotations

import json
import shlex
import tomllib
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore import xform_name

import rootforensics as rf
from rootforensics.rules import undo
from rootforensics.rules.actions import CATEGORIES
from rootforensics.rules.entities import PERSISTENCE, entity_rules
from rootforensics.rules.undo import measures, usual_undo
from tests.analysis.lineage.test_blast_radius import did, made_key, user
from tests.analysis.lineage.test_ends import asked_for, became
from tests.analysis.verdict.logs import beside_root, tell
from tests.builders import ABSENT, ACCOUNT, root_event, write_log
from tools.docs.aws_models import command_operation, options

if TYPE_CHECKING:
    from pathlib import Path


EVE = user("eve", "AKIAEVE")
STORE = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:eventdatastore/EDS"


@pytest.mark.parametrize(
    ("call", "request_", "command"),
    [
        ("cloudtrail:StopLogging", {"name": "t"}, "cloudtrail start-logging --name t"),
        ("cloudtrail:UpdateTrail", {"name": "t", "isMultiRegionTrail": False}, "cloudtrail get-trail --name t"),
        ("cloudtrail:UpdateTrail", {"name": "t", "s3BucketName": "elsewhere"}, "cloudtrail get-trail --name t"),
        (
            "cloudtrail:PutEventSelectors",
            {"trailName": "t", "eventSelectors": [{"readWriteType": "WriteOnly", "includeManagementEvents": False}]},
            "cloudtrail get-event-selectors --trail-name t",
        ),
        (
            "cloudtrail:DeleteEventDataStore",
            {"eventDataStore": STORE},
            "cloudtrail restore-event-data-store --event-data-store EDS",
        ),
        (
            "config:StopConfigurationRecorder",
            {"configurationRecorderName": "default"},
            "configservice start-configuration-recorder --configuration-recorder-name default",
        ),
        ("guardduty:DeleteDetector", {"detectorId": "d1"}, "guardduty create-detector"),
        (
            "guardduty:UpdateDetector",
            {"detectorId": "d1", "enable": False},
            "guardduty update-detector --detector-id d1",
        ),
        ("securityhub:DisableSecurityHub", None, "securityhub enable-security-hub"),
    ],
)
async def test_what_watched_is_had_to_watch_again(call: str, request_: dict[str, Any] | None, command: str) -> None:
    broken = did(call, 1, request_, awsRegion="eu-west-1")
    _, steps = await tell(broken)
    (step,) = [step for step in beside_root(steps) if step.event_id == broken["eventID"] and step.command]
    flag = " --enable" if command.startswith("guardduty") else ""
    assert step.command == f"aws {command} --region eu-west-1{flag}"


async def test_the_log_group_of_a_trail_is_made_again() -> None:
    group = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:CT:*"
    _, steps = await tell(
        did("cloudtrail:CreateTrail", 1, {"name": "t", "cloudWatchLogsLogGroupArn": group}, who=user("admin")),
        did("logs:DeleteLogGroup", 2, {"logGroupName": "CT"}, awsRegion="us-east-1"),
    )
    assert "aws logs create-log-group --log-group-name CT --region us-east-1" in [step.command for step in steps]


@pytest.mark.parametrize(
    ("region", "place"),
    [("us-east-1", ""), ("eu-west-1", " --create-bucket-configuration LocationConstraint=eu-west-1")],
)
async def test_the_bucket_of_a_trail_is_made_again_where_it_was(region: str, place: str) -> None:
    _, steps = await tell(
        did("cloudtrail:CreateTrail", 1, {"name": "t", "s3BucketName": "b"}, who=user("admin")),
        gone := did("s3:DeleteBucket", 2, {"bucketName": "b"}, awsRegion=region),
        did("s3:DeleteBucket", 3, {"bucketName": "others"}, awsRegion=region),
    )
    assert [(step.command, step.event_id) for step in beside_root(steps) if step.command] == [
        (f"aws s3api create-bucket --bucket b --region {region}{place}", gone["eventID"])
    ]


async def test_a_trail_of_the_same_name_in_another_region_is_another_trail() -> None:
    _, steps = await tell(
        did("cloudtrail:StopLogging", 1, {"name": "t"}, awsRegion="eu-west-1"),
        did("cloudtrail:StartLogging", 2, {"name": "t"}, awsRegion="us-east-1", who=user("admin")),
    )
    assert "aws cloudtrail start-logging --name t --region eu-west-1" in [step.command for step in steps]


async def test_what_is_deleted_has_no_other_step() -> None:
    _, steps = await tell(
        did("cloudtrail:UpdateTrail", 1, {"name": "t", "isMultiRegionTrail": False}),
        did("cloudtrail:StopLogging", 2, {"name": "t"}),
        did("cloudtrail:DeleteTrail", 3, {"name": "t"}),
    )
    assert [step.what.partition(",")[0] for step in steps if "trail t" in step.what] == [
        "Recreate trail t",
        "Start logging on trail t",
    ]


ASSIGNED = {
    "instanceArn": "arn:aws:sso:::instance/ssoins-1",
    "permissionSetArn": "arn:aws:sso:::permissionSet/ssoins-1/ps-1",
    "principalId": "u-1",
    "principalType": "USER",
    "targetId": ACCOUNT,
    "targetType": "AWS_ACCOUNT",
}

TAKEN_AWAY = (
    f"aws sso-admin delete-account-assignment --instance-arn arn:aws:sso:::instance/ssoins-1 --target-id {ACCOUNT}"
    " --target-type AWS_ACCOUNT --permission-set-arn arn:aws:sso:::permissionSet/ssoins-1/ps-1 --principal-type USER"
    " --principal-id u-1 --region eu-west-1"
)


@pytest.mark.parametrize(
    ("record", "command"),
    [
        (
            did("iam:UploadSigningCertificate", 1, {"certificateBody": "x"}, {"certificate": {"certificateId": "C1"}}),
            "aws iam update-signing-certificate --certificate-id C1 --status Inactive",
        ),
        (
            did(
                "iam:CreateServiceSpecificCredential",
                1,
                {"userName": "svc", "serviceName": "bedrock.amazonaws.com"},
                {"serviceSpecificCredential": {"serviceSpecificCredentialId": "ACCA1"}},
            ),
            "aws iam update-service-specific-credential --user-name svc --service-specific-credential-id ACCA1 --status Inactive",
        ),
        (
            did("sso:CreateAccountAssignment", 1, ASSIGNED, awsRegion="eu-west-1"),
            TAKEN_AWAY,
        ),
        (did("sso:CreateAccountAssignment", 1, {"principalId": "u-1"}), ""),
    ],
)
async def test_each_way_in_that_is_named_has_its_step(record: dict[str, Any], command: str) -> None:
    answers, steps = await tell(record)
    assert answers["persistence"].answer == "yes"
    assert [step.command for step in beside_root(steps) if step.event_id == record["eventID"]] == [command]


@pytest.mark.parametrize("asked", ["bob", None])
async def test_what_a_descendant_made_is_switched_off_for_its_user(asked: str | None) -> None:
    """IAM wants the user's name of a caller who is not that user; a certificate without one is its maker's."""
    given = {"userName": asked} if asked else {}
    answered = {"userName": asked or "eve", "certificateId": "C1"}
    _, steps = await tell(
        did("iam:CreateUser", 1, {"userName": "eve"}),
        did("iam:UploadSSHPublicKey", 2, {"userName": "bob"}, {"sSHPublicKey": {"sSHPublicKeyId": "APKA1"}}, who=EVE),
        did("iam:CreateServiceSpecificCredential", 3, {"userName": "bob", "serviceName": "x"},
            {"serviceSpecificCredential": {"serviceSpecificCredentialId": "ACCA1"}}, who=EVE),
        did("iam:UploadSigningCertificate", 4, given, {"certificate": answered}, who=EVE),
        did("iam:UpdateUser", 5, {"userName": "bob", "newUserName": "rob"}, who=user("admin")),
    )  # fmt: skip
    owner = "rob" if asked else "eve"  # IAM knows users by their present names
    assert {step.command for step in beside_root(steps) if step.command and "Inactive" in step.command} == {
        "aws iam update-ssh-public-key --user-name rob --ssh-public-key-id APKA1 --status Inactive",
        "aws iam update-service-specific-credential --user-name rob --service-specific-credential-id ACCA1 --status Inactive",
        f"aws iam update-signing-certificate --user-name {owner} --certificate-id C1 --status Inactive",
    }


async def test_a_service_linked_role_is_no_way_in_and_aws_would_refuse_a_policy_for_it() -> None:
    made = {"role": {"roleName": "AWSServiceRoleForSupport", "path": "/aws-service-role/support.amazonaws.com/"}}
    answers, steps = await tell(
        did("iam:CreateServiceLinkedRole", 1, {"aWSServiceName": "support.amazonaws.com"}, made)
    )
    assert (answers["persistence"].answer, answers["persistence"].event_ids) == ("unknown", ())
    assert [step.command for step in beside_root(steps) if step.command] == []


@pytest.mark.parametrize("request_", [None, {"userName": "AWS ROOT USER"}])
async def test_a_password_that_was_made_for_root_is_a_way_in_until_it_is_deleted(request_: Any) -> None:
    """A session by AssumeRoot makes one in an account whose root had none; its answer may name no user."""
    made = did("iam:CreateLoginProfile", 1, request_, {"loginProfile": {"createDate": "Aug 5, 2026, 10:01:00 AM"}})
    answers, steps = await tell(made)
    assert (answers["persistence"].answer, answers["persistence"].event_ids) == ("yes", (made["eventID"],))
    (step,) = [step for step in beside_root(steps) if step.command]
    policy = "arn=arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials"
    assert step.command.splitlines() == [
        f"aws sts assume-root --target-principal {ACCOUNT} --task-policy-arn {policy} --region us-east-1",
        "aws sts get-caller-identity",
        "aws iam delete-login-profile",
    ]
    assert step.identity == "AssumeRoot session"
    assert step.event_id == made["eventID"]
    answers, steps = await tell(made, did("iam:DeleteLoginProfile", 2, request_))
    assert answers["persistence"].answer == "unknown"
    assert [step.command for step in beside_root(steps) if step.command] == []


@pytest.mark.parametrize(
    ("region", "own", "partition"),
    [
        ("eusc-de-east-1", "aws-eusc", "aws-eusc"),
        (ABSENT, "aws-eusc", "aws-eusc"),
        ("eusc-de-east-1", "", "aws-eusc"),
        ("us-gov-west-1", "", "aws-us-gov"),
        ("us-isob-east-1", "", "aws-iso-b"),
        ("cn-north-1", "", "aws-cn"),
        ("eu-central-1", "", "aws"),
    ],
)
async def test_a_policy_of_aws_is_named_in_the_partition_of_the_event(region: Any, own: str, partition: str) -> None:
    who = root_event()["userIdentity"] | {"arn": f"arn:{own}:iam::{ACCOUNT}:root" if own else None}
    answer = {"loginProfile": {"createDate": "x"}}
    made = did("iam:CreateLoginProfile", 1, None, answer, awsRegion=region, userIdentity=who)
    _, steps = await tell(made)
    (step,) = [step for step in beside_root(steps) if step.command]
    assert f" arn=arn:{partition}:iam::aws:policy/root-task/IAMDeleteRootUserCredentials" in step.command


async def test_an_account_that_root_made_is_closed_by_the_id_that_aws_gave_it() -> None:
    _, steps = await tell(
        asked_for(1, 1), asked_for(2, 2), became(3, 1, state="SUCCEEDED", accountId="555566667771"), whole=False
    )
    assert [(step.what.rpartition(". ")[2], step.command) for step in steps if "account car" in step.what] == [
        (
            "Investigate account car-1 (now 555566667771), then close it",
            "aws organizations close-account --account-id 555566667771",
        ),
        (
            "Check whether account car-2 was created, then investigate and close it",
            "aws organizations describe-create-account-status --create-account-request-id car-2",
        ),
    ]


async def test_of_two_assignments_the_one_that_was_not_taken_away_is_a_way_in() -> None:
    elsewhere = ASSIGNED | {"targetId": "444455556666"}
    answers, steps = await tell(
        left := did("sso:CreateAccountAssignment", 1, ASSIGNED, awsRegion="eu-west-1"),
        did("sso:CreateAccountAssignment", 2, elsewhere, awsRegion="eu-west-1"),
        did("sso:DeleteAccountAssignment", 3, elsewhere, awsRegion="eu-west-1"),
    )
    assert (answers["persistence"].answer, answers["persistence"].event_ids) == ("yes", (left["eventID"],))
    assert [step.command for step in beside_root(steps) if step.command] == [TAKEN_AWAY]


@pytest.mark.parametrize(
    ("call", "step"),
    [
        ("organizations:AcceptHandshake", "Leave the organization that the account joined"),
        ("organizations:LeaveOrganization", "Invite the account to its organization again"),
        ("organizations:RemoveAccountFromOrganization", "Invite the account to its organization again"),
        ("billingconsole:CloseAccount", "Before 2026-11-03 10:01 UTC, ask AWS Support to reopen the account"),
        ("account:CloseAccount", "Before 2026-11-03 10:01 UTC, ask AWS Support to reopen the account"),
        ("billingconsole:SetSecurityQuestions", "Open a case with AWS Support about the changed ownership"),
    ],
)
async def test_a_change_of_ownership_is_undone_as_what_it_was(call: str, step: str) -> None:
    done = did(call, 1)
    answers, steps = await tell(done)
    assert (answers["ownership_changed"].answer, answers["ownership_changed"].event_ids) == ("yes", (done["eventID"],))
    starts = (
        "If the account is a member of an organization, block root now",
        "While root is blocked, delete",
        step,
        "Revoke the aws login sessions of root",
    )
    assert [one.what.startswith(start) for one, start in zip(steps, starts, strict=False)] == [True] * 4


async def test_what_was_removed_needs_no_undoing() -> None:
    answers, steps = await tell(
        made_key("AKIANEW", 1, "bob"),
        did("iam:DeleteAccessKey", 2, {"accessKeyId": "AKIANEW"}, who=user("admin")),
        did("cloudtrail:StopLogging", 3, {"name": "main"}),
        did("cloudtrail:StartLogging", 4, {"name": "main"}, who=user("admin")),
    )
    assert answers["persistence"].answer == "unknown"
    assert not [step for step in beside_root(steps) if step.command]


@pytest.mark.parametrize(
    ("calls", "commands"),
    [
        (["DisableKey"], ["enable-key"]),
        (["ScheduleKeyDeletion"], ["cancel-key-deletion", "enable-key"]),
        (["ScheduleKeyDeletion", "CancelKeyDeletion"], ["enable-key"]),
        (["DisableKey", "EnableKey"], []),
    ],
)
async def test_a_key_is_switched_on_again(calls: list[str], commands: list[str]) -> None:
    _, steps = await tell(*(did(f"kms:{call}", minute, {"keyId": "k"}) for minute, call in enumerate(calls)))
    assert [words[2] for step in beside_root(steps) if (words := step.command.split())[1:2] == ["kms"]] == commands


HOSTILE = "x'; rm -rf / #$(id)`id`"


async def test_hostile_names_stay_words_of_the_command() -> None:
    _, steps = await tell(
        did("iam:CreateUser", 1, {"userName": HOSTILE}),
        did("ec2:CreateKeyPair", 2, {"keyName": HOSTILE}, awsRegion="eu-west-1"),
        did("s3:PutBucketPolicy", 3, {"bucketName": HOSTILE}),
    )
    commands = [shlex.split(step.command) for step in beside_root(steps) if step.command]
    assert len(commands) == 3
    assert all(HOSTILE in words for words in commands)


async def test_a_name_that_begins_as_an_option_does_is_no_option() -> None:
    _, steps = await tell(
        did("iam:CreateUser", 1, {"userName": "--profile"}),
        did("iam:CreateLoginProfile", 2, {"userName": "-x"}),
        did("ec2:CreateKeyPair", 3, {"keyName": "--debug"}, awsRegion="eu-west-1"),
    )
    words = [shlex.split(step.command) for step in beside_root(steps) if step.command]
    assert ["aws", "iam", "delete-login-profile", "--user-name=-x"] in words
    assert ["aws", "ec2", "delete-key-pair", "--key-name=--debug", "--region", "eu-west-1"] in words
    (quarantine,) = [word for word in words if "put-user-policy" in word]
    assert quarantine[3:6] == ["--user-name=--profile", "--policy-name", "Quarantine"]


NO_COMMAND = "(no command: the AWS CLI cannot take this name as it is)"


async def test_a_name_that_the_aws_cli_would_take_for_a_file_stands_in_no_command() -> None:
    _, steps = await tell(did("ec2:CreateKeyPair", 3, {"keyName": "file:///etc/passwd"}, awsRegion="eu-west-1"))
    (step,) = [step for step in steps if "file:///etc/passwd" in step.what]
    assert step.command == ""
    assert step.what.endswith(NO_COMMAND)


@pytest.mark.parametrize("name", ["bob\nrm x", "bob\x1b[2J", "bo\u202eb", "bob\0"])
async def test_a_name_that_no_line_can_hold_has_its_step_and_no_command(name: str) -> None:
    """A command that is printed with an escape in it would name somebody else."""
    _, steps = await tell(did("iam:CreateUser", 3, {"userName": name}))
    (step,) = [step for step in steps if name in step.what]
    assert f"Quarantine user {name} with a deny-all policy" in step.what
    assert step.command == ""
    assert step.what.endswith(NO_COMMAND)


async def test_an_entity_without_a_region_has_a_command_without_one() -> None:
    _, steps = await tell(did("ec2:CreateKeyPair", 3, {"keyName": "k"}, awsRegion=ABSENT))
    (step,) = [step for step in steps if "EC2 key pair" in step.what]
    assert step.command == "aws ec2 delete-key-pair --key-name k"


WITH_ALL = {"add": {"items": [{"group": "all"}]}}


def shared(minute: int, snapshot: str, change: Any) -> dict[str, Any]:
    return did("ec2:ModifySnapshotAttribute", minute, {"snapshotId": snapshot, "createVolumePermission": change})


async def test_only_what_was_shared_is_shared_no_more() -> None:
    """A step cites the call that shared it and withdraws it from whoever that names."""
    accounts = [{"userId": "444455556666"}, {"userId": "555566667777"}]
    _, steps = await tell(
        did("ec2:CreateSnapshot", 1, {"volumeId": "vol-1"}, {"snapshotId": "snap-1"}),
        did("ec2:CreateImage", 2, {"instanceId": "i-0"}, {"imageId": "ami-1"}),
        did("ec2:ModifyImageAttribute", 3, {"imageId": "ami-1", "description": {"value": "x"}}),
        did("ec2:CreateSnapshot", 4, {"volumeId": "vol-1"}, {"snapshotId": "snap-2"}),
        public := shared(5, "snap-2", WITH_ALL),
        shared(6, "snap-1", {"remove": WITH_ALL["add"]}),
        first := shared(7, "snap-3", {"add": {"items": accounts[:1]}}),
        shared(8, "snap-3", {"add": {"items": accounts[1:]}}),
        unnamed := did("ec2:ModifySnapshotAttribute", 9, {"snapshotId": "snap-4"}),
    )
    command = "aws ec2 modify-snapshot-attribute --snapshot-id {} --attribute createVolumePermission --operation-type remove {} --region us-east-1"
    assert {step.event_id: (step.what, step.command) for step in beside_root(steps)} == {
        public["eventID"]: (
            "Stop sharing snapshot snap-2 with everyone",
            command.format("snap-2", "--group-names all"),
        ),
        first["eventID"]: (
            "Stop sharing snapshot snap-3 with account 444455556666 and account 555566667777",
            command.format("snap-3", """--user-ids '["444455556666", "555566667777"]'"""),
        ),
        unnamed["eventID"]: (
            "Stop sharing snapshot snap-4 with others",
            "aws ec2 reset-snapshot-attribute --snapshot-id snap-4 --attribute createVolumePermission --region us-east-1",
        ),
    }


MADE = [
    made_key("AKIANEW", 1, None),
    made_key("AKIAUSER", 1, "bob"),
    did("iam:CreateLoginProfile", 2, {"userName": "bob"}),
    did("iam:CreateUser", 3, {"userName": "mallory"}),
    did("iam:CreateRole", 4, {"roleName": "door"}),
    did("iam:CreateSAMLProvider", 5, None, {"sAMLProviderArn": f"arn:aws:iam::{ACCOUNT}:saml-provider/x"}),
    did("iam:CreateOpenIDConnectProvider", 5, None, {"openIDConnectProviderArn": f"arn:aws:iam::{ACCOUNT}:oidc-provider/x.org"}),
    did("rolesanywhere:CreateTrustAnchor", 6, {"name": "x"}),
    did("cloudtrail:StopLogging", 7, {"name": "main"}),
    did("ec2:ModifySnapshotAttribute", 8, {"snapshotId": "snap-1", "createVolumePermission": WITH_ALL}),
    did("ec2:ModifyImageAttribute", 8, {"imageId": "ami-1", "launchPermission": WITH_ALL}),
    did("s3:PutBucketPolicy", 9, {"bucketName": "b"}),
    did("ram:CreateResourceShare", 10, None, {"resourceShare": {"resourceShareArn": "arn:aws:ram:us-east-1:1:resource-share/1"}}),
    did("ec2:RunInstances", 11, None, {"instancesSet": {"items": [{"instanceId": "i-0a"}]}}),
    did("lambda:CreateFunction20150331", 12, {"functionName": "f"}),
    did("ec2:CreateKeyPair", 13, {"keyName": "k"}),
    did("ec2:CreateSecurityGroup", 14, None, {"groupId": "sg-1"}),
    did("kms:ScheduleKeyDeletion", 15, {"keyId": "k"}),
    did("account:PutAlternateContact", 16, {"alternateContactType": "SECURITY"}),
]  # fmt: skip


async def test_the_commands_are_commands_of_aws_with_known_options() -> None:
    """Checked against the service models that the AWS CLI is made from."""
    _, steps = await tell(*MADE)
    commands = [shlex.split(line) for step in beside_root(steps) for line in step.command.splitlines()]
    assert len(commands) == len(MADE) + 3  # a key, a security group and a contact have two
    session = botocore.session.get_session()
    for program, service, operation, *rest in commands:
        assert program == "aws"
        model = session.get_service_model({"s3api": "s3"}.get(service, service))
        names = {xform_name(name, "-"): name for name in model.operation_names}
        shape = model.operation_model(names[operation.replace("saml-provider", "saml-provider")]).input_shape
        known = {f"--{xform_name(member, '-')}" for member in shape.members}
        options = {word for word in rest if word.startswith("--")}
        assert options - {"--region"} <= {one.replace("--open-id-connect", "--open-id-connect") for one in known}, (
            operation
        )
        required = {f"--{xform_name(member, '-')}" for member in shape.required_members}
        assert required <= options, operation


def test_each_kind_of_persistence_has_a_step_or_the_calls_that_make_it_are_undone() -> None:
    told = {measure["kind"] for measure in measures("step") if "kind" in measure and "states" not in measure}
    without = {
        rule.kind
        for rule in entity_rules()
        if rule.kind in PERSISTENCE and rule.effect == "creates" and rule.kind not in told
        if not (usual_undo(*rule.event) or {"undo": ""})["undo"]
    }
    assert without == set()


#: What root made beside IAM, and the command that ends it; none for what has a name of two parts.
BESIDE_IAM = [
    (did("scheduler:CreateSchedule", 1, {"name": "x"}), ""),
    (did("transfer:CreateUser", 1, {"serverId": "s-1", "userName": "x"}), ""),
    (did("iot:CreateKeysAndCertificate", 1, None, {"certificateId": "x"}),
     "iot update-certificate --certificate-id x --new-status INACTIVE HERE"),
    (did("iot:RegisterCACertificate", 1, None, {"certificateId": "x"}),
     "iot update-ca-certificate --certificate-id x --new-status INACTIVE HERE"),
    (did("iot:CreateRoleAlias", 1, {"roleAlias": "x"}), "iot delete-role-alias --role-alias x HERE"),
    (did("ssm:CreateActivation", 1, None, {"activationId": "x"}), "ssm delete-activation --activation-id x HERE"),
    (did("ssm:CreateAssociation", 1, None, {"associationDescription": {"associationId": "x"}}),
     "ssm delete-association --association-id x HERE"),
    (did("ssm:CreateMaintenanceWindow", 1, None, {"windowId": "x"}),
     "ssm update-maintenance-window --window-id x HERE --no-enabled"),
    (did("pipes:CreatePipe", 1, {"name": "x"}), "pipes stop-pipe --name x HERE"),
    (did("codebuild:CreateProject", 1, {"name": "x"}), "codebuild delete-project --name x HERE"),
    (did("cognito-identity:CreateIdentityPool", 1, None, {"identityPoolId": "x"}),
     "cognito-identity delete-identity-pool --identity-pool-id x HERE"),
    (did("glue:CreateDevEndpoint", 1, {"endpointName": "x"}), "glue delete-dev-endpoint --endpoint-name x HERE"),
    (did("glue:CreateTrigger", 1, {"name": "x"}), "glue stop-trigger --name x HERE"),
]  # fmt: skip


@pytest.mark.parametrize(("made", "command"), BESIDE_IAM)
async def test_what_lets_in_or_runs_beside_iam_is_persistence_and_has_a_step(made: Any, command: str) -> None:
    answers, steps = await tell(made)
    assert answers["persistence"].answer == "yes"
    (step,) = [step for step in beside_root(steps) if step.event_id == made["eventID"]]
    assert step.command == (f"aws {command.replace('HERE', '--region us-east-1')}" if command else "")


@pytest.mark.parametrize(
    ("call", "asked", "command"),
    [
        ("codebuild:UpdateProject", {"name": "x"}, "codebuild batch-get-projects --names x"),
        ("cognito-identity:SetIdentityPoolRoles", {"identityPoolId": "x"},
         "cognito-identity get-identity-pool-roles --identity-pool-id x"),
        ("iot:UpdateRoleAlias", {"roleAlias": "x"}, "iot describe-role-alias --role-alias x"),
        ("ssm:RegisterTaskWithMaintenanceWindow", {"windowId": "x"},
         "ssm describe-maintenance-window-tasks --window-id x"),
        ("pipes:UpdatePipe", {"name": "x"}, "pipes describe-pipe --name x"),
        ("pipes:StartPipe", {"name": "x"}, "pipes describe-pipe --name x"),
        ("glue:StartTrigger", {"name": "x"}, "glue get-trigger --name x"),
    ],
)  # fmt: skip
async def test_what_was_there_before_beside_iam_is_looked_at(call: str, asked: dict[str, str], command: str) -> None:
    _, steps = await tell(did(call, 1, asked))
    assert [step.command for step in beside_root(steps)] == [f"aws {command} --region us-east-1"]


def test_the_commands_of_each_kind_are_commands_of_aws() -> None:
    for measure in measures("step"):
        for line in f"{measure.get('check_of_blocked', '')}{measure.get('command', '')}".strip().splitlines():
            service, command, *words = line.split(" --policy-document ")[0].split()
            operation = command_operation(service, command)
            assert operation, line
            given = {word for word in words if word.startswith("--")}
            assert given <= options(operation), line
            if "question" in measure:
                required = operation.input_shape.required_members if operation.input_shape else []
                assert {f"--{xform_name(name, '-')}" for name in required} <= given, line


async def test_the_first_steps_have_their_commands_with_account_and_keys_filled_in() -> None:
    _, steps = await tell(
        made_key("AKIANEW", 1, None), did("account:StartPrimaryEmailUpdate", 2, {"accountId": ACCOUNT})
    )
    block, delete, revoke = (
        [*step.command.splitlines()] for step in steps if step.what.startswith(("If the", "While", "Revoke"))
    )
    policy = json.loads(shlex.split(block[0])[-1])
    assert policy["Statement"][0]["Condition"]["Null"] == {"aws:AssumedRoot": "true"}
    assert block[1] == f"aws organizations attach-policy --policy-id NEW-POLICY-ID --target-id {ACCOUNT}"
    assert delete[0] == (
        f"aws sts assume-root --target-principal {ACCOUNT}"
        " --task-policy-arn arn=arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials"
    )
    assert "aws iam delete-access-key --access-key-id AKIANEW" in delete
    assert f"aws signin list-sessions --principal-arn arn:aws:iam::{ACCOUNT}:root --status ACTIVE" in revoke


#: A row of each sort that nobody has heard of.
ADDED = """
[[step]]
group = "costs"
question = "money_spent"
what = "Call the bank"
why = "It pays the bill."

[[step]]
group = "contacts"
question = "ownership_changed"
calls = ["PutContactInformation"]
what = "Write the old contact back"
why = "It is another's."

[[step]]
group = "costs"
kind = "stack"
what = "Drop the stack"
why = "It makes more of them."
command = "cloudformation delete-stack --stack-name SHORT THERE"

[[control]]
control = "Config"
part = "recorder"
what = "Wake the recorder"
command = "configservice describe-configuration-recorders --configuration-recorder-names NAME HERE"
"""


@pytest.mark.heavy
def test_a_step_that_is_added_as_data_alone_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = [
        did("ec2:RunInstances", 1, None, {"instancesSet": {"items": [{"instanceId": "i-1"}]}}),
        did("account:PutContactInformation", 2, {}),
        made := did("cloudformation:CreateStack", 3, {"stackName": "s"}, awsRegion="eu-west-1"),
        did("config:StopConfigurationRecorder", 4, {"configurationRecorderName": "default"}, awsRegion="eu-west-1"),
    ]
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(write_log(tmp_path, "log.json", records))
        before = case.containment().rows
        read = tomllib.loads
        monkeypatch.setattr(undo, "tomllib", SimpleNamespace(loads=lambda text: read(ADDED + text)))
        undo._measures.cache_clear()
        told = {row["what"]: (row["command"], row["eventID"]) for row in case.containment().rows}
    undo._measures.cache_clear()
    added = {
        "Call the bank",
        "Write the old contact back",
        "Drop stack s in eu-west-1",
        "Wake the recorder: Config default",
    }
    assert added <= told.keys()
    assert added.isdisjoint(row["what"] for row in before)
    command = "aws cloudformation delete-stack --stack-name s --region eu-west-1"
    assert told["Drop stack s in eu-west-1"] == (command, made["eventID"])


def test_each_category_of_actions_has_its_place_among_the_steps() -> None:
    placed = [category for measure in measures("step") for category in measure.get("categories", ())]
    assert sorted(placed) == sorted(CATEGORIES)
    assert all({*one.get("without_entity", ())} <= {*one.get("categories", ())} for one in measures("step"))
