"""What is left of entities at the end of the logs: hand-made cases in which the names, or the order, mislead."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.analysis.lineage.radius_story import blast_of, radius_of
from tests.analysis.lineage.test_blast_radius import at, did, made_key, role, told, user
from tests.builders import ACCOUNT, event

ADMIN = user("admin", "AKIAADMIN")
A, B = "00000000-0000-4000-8000-00000000000a", "00000000-0000-4000-8000-00000000000b"


async def test_a_stack_is_one_of_its_region_whether_named_by_arn_or_name() -> None:
    def stack(region: str, minute: int) -> Any:
        answer = {"stackId": f"arn:aws:cloudformation:{region}:{ACCOUNT}:stack/s/51af3dc0-da77-11e4-872e-1234567db123"}
        return did("cloudformation:CreateStack", minute, {"stackName": "s"}, answer, awsRegion=region)

    rows = await radius_of(
        stack("us-east-1", 1),
        stack("eu-west-1", 2),
        did("cloudformation:DeleteStack", 3, {"stackName": "s"}, who=ADMIN, awsRegion="us-east-1"),
    )
    assert told(rows, "entity_name", "state") == [("us-east-1/s", "removed"), ("eu-west-1/s", "active")]


@pytest.mark.parametrize(("then", "state"), [([], "disabled"), (["kms:EnableKey"], "back on")])
async def test_a_key_that_was_saved_from_deletion_stays_disabled(then: list[str], state: str) -> None:
    radius = await blast_of(
        did("kms:ScheduleKeyDeletion", 1, {"keyId": "k"}),
        *(did(call, 2 + n, {"keyId": "k"}, who=ADMIN) for n, call in enumerate(["kms:CancelKeyDeletion", *then])),
    )
    assert told(radius.rows, "effect", "state") == [("removes", state)]
    assert radius.still_open == []


@pytest.mark.parametrize("named", [{"keyName": "kp"}, {"keyPairId": "key-0abc"}])
async def test_a_key_pair_is_deleted_by_name_or_id(named: dict[str, str]) -> None:
    rows = await radius_of(
        did("ec2:CreateKeyPair", 1, {"keyName": "kp"}, {"keyName": "kp", "keyPairId": "key-0abc"}),
        did("ec2:DeleteKeyPair", 2, named, who=ADMIN),
    )
    assert told(rows, "entity_name", "state") == [("us-east-1/kp", "removed")]


async def test_an_expiration_is_read_without_its_second_comma() -> None:
    given = {"credentials": {"accessKeyId": "ASIANEW", "expiration": "Aug 5, 2026 10:30:00 AM"}}
    rows = await radius_of(did("sts:GetSessionToken", 1, None, given), event(eventTime=at(50)))
    assert told(rows, "entity_kind", "state") == [("session", "expired")]


@pytest.mark.parametrize(
    ("request_text", "state"),
    [({"functionName": "f", "qualifier": "3"}, "active"), ({"functionName": "f"}, "removed"),
     ({"functionName": f"{ACCOUNT}:function:f"}, "removed")],
)  # fmt: skip
async def test_a_version_of_a_function_is_not_the_function(request_text: Any, state: str) -> None:
    rows = await radius_of(
        did("lambda:CreateFunction20150331", 1, {"functionName": "f"}),
        did("lambda:DeleteFunction20150331", 2, request_text, who=ADMIN),
    )
    assert told(rows, "entity_name", "state") == [("us-east-1/f", state)]


@pytest.mark.parametrize("named", ["0abc12", f"arn:aws:ecs:us-east-1:{ACCOUNT}:task/c/0abc12"])
async def test_a_task_is_stopped_by_id_or_arn(named: str) -> None:
    task = {"tasks": [{"taskArn": f"arn:aws:ecs:us-east-1:{ACCOUNT}:task/c/0abc12"}]}
    rows = await radius_of(
        did("ecs:RunTask", 1, {}, task), did("ecs:StopTask", 2, {"task": named, "cluster": "c"}, who=ADMIN)
    )
    assert told(rows, "entity_name", "state") == [("0abc12", "removed")]


async def test_a_creation_without_a_time_may_come_after_a_deletion() -> None:
    rows = await radius_of(
        did("iam:CreateUser", 1, {"userName": "x"}, eventTime="never"),
        did("s3:CreateBucket", 2, {"bucketName": "b"}, who=user("x")),
        did("iam:DeleteUser", 3, {"userName": "x"}, who=ADMIN),
        did("s3:CreateBucket", 4, {"bucketName": "innocent"}, who=user("x")),
    )
    assert sorted(told(rows, "entity_name", "state")) == [("b", "active"), ("x", "unknown")]


async def test_a_namesake_that_others_give_another_name_is_not_what_root_made_and_lost() -> None:
    """No log in the case shows how the second user of the name was made."""
    rows = await radius_of(
        did("iam:CreateUser", 1, {"userName": "x"}),
        did("iam:DeleteUser", 2, {"userName": "x"}, who=ADMIN),
        did("iam:UpdateUser", 3, {"userName": "x", "newUserName": "y"}, who=ADMIN),
    )
    assert told(rows, "entity_name", "state") == [("x", "removed")]


@pytest.mark.parametrize(("first", "second"), [(A, B), (B, A)])
async def test_of_one_second_the_order_is_not_known(first: str, second: str) -> None:
    radius = await blast_of(
        did("iam:CreateUser", 1, {"userName": "x"}, eventID=first),
        did("iam:DeleteUser", 1, {"userName": "x"}, eventID=second),
        made_key("AKIANEW", 2, "bob"),
        did("iam:DeleteAccessKey", 2, {"accessKeyId": "AKIANEW"}),
    )
    assert told(radius.rows, "entity_name", "state") == [("x", "unknown"), ("AKIANEW", "removed")]
    assert told(radius.still_open, "entity_name") == [("x",)]


@pytest.mark.parametrize(("first", "second"), [(A, B), (B, A)])
async def test_what_is_there_is_deleted_before_it_is_made_anew(first: str, second: str) -> None:
    rows = await radius_of(
        did("iam:CreateUser", 1, {"userName": "x"}),
        did("iam:CreateUser", 2, {"userName": "x"}, eventID=first),
        did("iam:DeleteUser", 2, {"userName": "x"}, eventID=second),
    )
    assert told(rows, "entity_name", "state") == [("x", "removed"), ("x", "active")]


@pytest.mark.parametrize(("first", "second"), [(A, B), (B, A)])
async def test_stopped_and_started_in_one_second_is_not_known(first: str, second: str) -> None:
    rows = await radius_of(
        did("cloudtrail:StopLogging", 1, {"name": "t"}, eventID=first),
        did("cloudtrail:StartLogging", 1, {"name": "t"}, eventID=second, who=ADMIN),
    )
    assert told(rows, "state") == [("unknown",)]


async def test_a_trail_that_was_started_again_is_not_open() -> None:
    radius = await blast_of(
        did("cloudtrail:StopLogging", 1, {"name": "t"}), did("cloudtrail:StartLogging", 2, {"name": "t"}, who=ADMIN)
    )
    assert told(radius.rows, "state") == [("back on",)]
    assert radius.still_open == []


async def test_a_key_that_a_user_made_for_itself_goes_with_the_user() -> None:
    answer = {"accessKey": {"accessKeyId": "AKIAX", "userName": "x"}}
    rows = await radius_of(
        did("iam:CreateUser", 1, {"userName": "x"}),
        did("iam:CreateAccessKey", 2, None, answer, who=user("x")),
        did("iam:DeleteUser", 3, {"userName": "x"}, who=ADMIN),
    )
    assert told(rows, "entity_name", "state", "detail") == [("x", "removed", None), ("AKIAX", "removed", "x")]


async def test_an_entity_that_others_made_anew_is_not_roots() -> None:
    rows = await radius_of(
        did("s3:CreateBucket", 1, {"bucketName": "b"}),
        did("s3:DeleteBucket", 2, {"bucketName": "b"}, who=ADMIN),
        did("s3:CreateBucket", 3, {"bucketName": "b"}, who=ADMIN),
        did("s3:PutBucketPolicy", 4, {"bucketName": "b"}),
    )
    assert told(rows, "entity_name", "effect", "state") == [("b", "creates", "removed"), ("b", "changes", "changed")]


def assignment(call: str, minute: int, account: str, permissions: str, **fields: Any) -> Any:
    request = {
        "instanceArn": "arn:aws:sso:::instance/ssoins-1",
        "permissionSetArn": f"arn:aws:sso:::permissionSet/ssoins-1/{permissions}",
        "principalId": "u-1",
        "principalType": "USER",
        "targetId": account,
        "targetType": "AWS_ACCOUNT",
    }
    return did(f"sso:{call}", minute, request, **fields)


@pytest.mark.parametrize("other", [("444455556666", "ps-1"), (ACCOUNT, "ps-2")])
async def test_an_assignment_is_one_of_a_principal_to_an_account_with_permissions(other: Any) -> None:
    radius = await blast_of(
        assignment("CreateAccountAssignment", 1, ACCOUNT, "ps-1"),
        assignment("CreateAccountAssignment", 2, *other),
        assignment("DeleteAccountAssignment", 3, *other, who=ADMIN),
    )
    assert told(radius.rows, "state") == [("active",), ("removed",)]
    (still,) = radius.still_open
    assert still["entity_name"] == f"u-1, {ACCOUNT}, arn:aws:sso:::permissionSet/ssoins-1/ps-1"


def asked_for(minute: int, number: int) -> Any:
    """An account is asked for: AWS masks its name, and has no ID for it yet."""
    status = {"id": f"car-{number}", "state": "IN_PROGRESS", "accountName": "****"}
    return did("organizations:CreateAccount", minute, {"accountName": "****"}, {"createAccountStatus": status})


def became(minute: int, number: int, **status: Any) -> Any:
    """What became of it, as AWS Organizations tells it."""
    told = {"createAccountStatus": {"id": f"car-{number}", "accountName": "****"} | status}
    record = did("organizations:CreateAccountResult", minute, eventType="AwsServiceEvent", serviceEventDetails=told)
    return record | {"userIdentity": {"accountId": ACCOUNT, "invokedBy": "organizations.amazonaws.com"}}


async def test_accounts_of_a_masked_name_are_told_apart_and_have_the_ids_that_aws_gave_them() -> None:
    rows = await radius_of(
        *(asked_for(number, number) for number in (1, 2, 3, 4)),
        became(5, 2, state="SUCCEEDED", accountId="555566667772"),
        became(5, 1, state="SUCCEEDED", accountId="555566667771"),
        became(6, 3, state="FAILED", failureReason="EMAIL_ALREADY_EXISTS"),
        did("organizations:CloseAccount", 7, {"accountId": "555566667772"}, who=ADMIN),
    )
    assert told(rows, "entity_kind", "entity_name", "current_name", "state") == [
        ("account", "car-1", "555566667771", "active"),
        ("account", "car-2", "555566667772", "removed"),
        ("account", "car-4", None, "active"),
    ]


async def test_an_account_that_could_not_be_made_was_asked_for_and_no_more() -> None:
    """It is in no blast radius, is no action, and nothing of it is to be undone."""
    failed = became(6, 3, state="FAILED", failureReason="EMAIL_ALREADY_EXISTS")
    assert (await blast_of(asked_for(3, 3), failed)).rows == []
    assert [row["state"] for row in (await blast_of(asked_for(3, 3), became(6, 4, state="FAILED"))).rows] == ["active"]


SWITCHED = [
    (
        did("iam:UploadSSHPublicKey", 1, {"userName": "bob"}, {"sSHPublicKey": {"sSHPublicKeyId": "APKA1"}}),
        "iam:UpdateSSHPublicKey",
        {"userName": "bob", "sSHPublicKeyId": "APKA1"},
    ),
    (
        did(
            "iam:CreateServiceSpecificCredential",
            1,
            {"userName": "bob", "serviceName": "codecommit.amazonaws.com"},
            {"serviceSpecificCredential": {"serviceSpecificCredentialId": "ACCA1"}},
        ),
        "iam:UpdateServiceSpecificCredential",
        {"userName": "bob", "serviceSpecificCredentialId": "ACCA1"},
    ),
    (
        did("iam:UploadSigningCertificate", 1, {"userName": "bob"}, {"certificate": {"certificateId": "CERT1"}}),
        "iam:UpdateSigningCertificate",
        {"userName": "bob", "certificateId": "CERT1"},
    ),
]


@pytest.mark.parametrize(("made", "call", "named"), SWITCHED)
async def test_what_a_user_signs_in_with_is_off_while_it_is_inactive(made: Any, call: str, named: Any) -> None:
    off = did(call, 2, named | {"status": "Inactive"}, who=ADMIN)
    radius = await blast_of(made, off)
    assert told(radius.rows, "state", "ended_eventID") == [("disabled", off["eventID"])]
    assert radius.still_open == []
    assert told((await blast_of(made, off, did(call, 3, named | {"status": "Active"}, who=ADMIN))).rows, "state") == [
        ("active",)
    ]
    assert told((await blast_of(made, did("iam:DeleteUser", 2, {"userName": "bob"}, who=ADMIN))).rows, "state") == [
        ("removed",)
    ]


@pytest.mark.parametrize(
    ("call", "answer", "ending", "named", "state"),
    [
        ("rolesanywhere:CreateTrustAnchor", {"trustAnchor": {"trustAnchorId": "t"}}, "rolesanywhere:DisableTrustAnchor",
         {"trustAnchorId": "t"}, "disabled"),
        ("rolesanywhere:CreateProfile", {"profile": {"profileId": "p"}}, "rolesanywhere:DisableProfile",
         {"profileId": "p"}, "disabled"),
        ("rolesanywhere:CreateProfile", {"profile": {"profileId": "p"}}, "rolesanywhere:DeleteProfile",
         {"profileId": "p"}, "removed"),
        ("sso:CreatePermissionSet", {"permissionSet": {"permissionSetArn": "arn:p"}}, "sso:DeletePermissionSet",
         {"permissionSetArn": "arn:p"}, "removed"),
    ],
)  # fmt: skip
async def test_a_way_in_that_was_closed_is_closed(call: str, answer: Any, ending: str, named: Any, state: str) -> None:
    radius = await blast_of(did(call, 1, {"name": "x"}, answer), did(ending, 2, named, who=ADMIN))
    assert told(radius.rows, "state") == [(state,)]
    assert radius.still_open == []


ACTIVATED = {"activationId": "9cb6f23b-1111-4a5c-8f2e-0000000000aa"}
ASSOCIATED = {"associationDescription": {"associationId": "as-1"}}
MACHINE = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:m"

#: What runs by itself or lets somebody in beside IAM: how root makes it, and how others end it.
MADE_AND_ENDED: list[tuple[str, str, Any, list[tuple[str, dict[str, Any], str]]]] = [
    ("schedule", "us-east-1/h", did("scheduler:CreateSchedule", 1, {"name": "h"}),
     [("scheduler:DeleteSchedule", {"name": "h", "groupName": "default"}, "removed"),
      ("scheduler:DeleteSchedule", {"name": "h", "groupName": "night"}, "active"),
      ("scheduler:UpdateSchedule", {"name": "h", "state": "DISABLED"}, "disabled")]),
    ("schedule", "us-east-1/h, night", did("scheduler:CreateSchedule", 1, {"name": "h", "groupName": "night"}),
     [("scheduler:DeleteSchedule", {"name": "h", "groupName": "night"}, "removed"),
      ("scheduler:DeleteSchedule", {"name": "h"}, "active"),
      ("scheduler:DeleteScheduleGroup", {"name": "night"}, "removed"),
      ("scheduler:DeleteScheduleGroup", {"name": "ight"}, "active"),
      ("scheduler:DeleteScheduleGroup", {"name": "h"}, "active")]),
    ("IoT certificate", "c1", did("iot:CreateKeysAndCertificate", 1, {"setAsActive": True}, {"certificateId": "c1"}),
     [("iot:DeleteCertificate", {"certificateId": "c1"}, "removed"),
      ("iot:UpdateCertificate", {"certificateId": "c1", "newStatus": "INACTIVE"}, "disabled"),
      ("iot:UpdateCertificate", {"certificateId": "c1", "newStatus": "REVOKED"}, "disabled"),
      ("iot:UpdateCertificate", {"certificateId": "c1", "newStatus": "PENDING_TRANSFER"}, "active"),
      ("iot:DeleteCertificate", {"certificateId": "c2"}, "active")]),
    ("IoT CA certificate", "ca", did("iot:RegisterCACertificate", 1, {}, {"certificateId": "ca"}),
     [("iot:UpdateCACertificate", {"certificateId": "ca", "newStatus": "INACTIVE"}, "disabled")]),
    ("IoT role alias", "us-east-1/a", did("iot:CreateRoleAlias", 1, {"roleAlias": "a"}, {"roleAlias": "a"}),
     [("iot:DeleteRoleAlias", {"roleAlias": "a"}, "removed")]),
    ("SSM activation", ACTIVATED["activationId"], did("ssm:CreateActivation", 1, {"iamRole": "r"}, ACTIVATED),
     [("ssm:DeleteActivation", ACTIVATED, "removed"), ("ssm:DeleteActivation", {"activationId": "x"}, "active")]),
    ("SSM association", "as-1", did("ssm:CreateAssociation", 1, {"name": "AWS-RunShellScript"}, ASSOCIATED),
     [("ssm:DeleteAssociation", {"associationId": "as-1"}, "removed")]),
    ("SSM association", "as-1", did("ssm:CreateAssociation", 1, {"name": "d", "instanceId": "i-1"}, ASSOCIATED),
     [("ssm:DeleteAssociation", {"associationId": "as-1"}, "removed"),
      ("ssm:DeleteAssociation", {"name": "d", "instanceId": "i-1"}, "removed"),
      ("ssm:DeleteAssociation", {"name": "d", "instanceId": "i-2"}, "active")]),
    ("maintenance window", "mw-1", did("ssm:CreateMaintenanceWindow", 1, {"name": "w"}, {"windowId": "mw-1"}),
     [("ssm:UpdateMaintenanceWindow", {"windowId": "mw-1", "enabled": False}, "disabled"),
      ("ssm:UpdateMaintenanceWindow", {"windowId": "mw-1", "duration": 2}, "active")]),
    ("Transfer user", "eve, s-1", did("transfer:CreateUser", 1, {"serverId": "s-1", "userName": "eve"}),
     [("transfer:DeleteUser", {"serverId": "s-1", "userName": "eve"}, "removed"),
      ("transfer:DeleteUser", {"serverId": "s-2", "userName": "eve"}, "active"),
      ("transfer:DeleteServer", {"serverId": "s-1"}, "removed"),
      ("transfer:DeleteServer", {"serverId": "s-2"}, "active"),
      ("iam:DeleteUser", {"userName": "eve"}, "active")]),
    ("build project", "us-east-1/p", did("codebuild:CreateProject", 1, {"name": "p"}),
     [("codebuild:DeleteProject", {"name": "p"}, "removed")]),
    ("identity pool", "us-east-1:p", did("cognito-identity:CreateIdentityPool", 1, {}, {"identityPoolId": "us-east-1:p"}),
     [("cognito-identity:DeleteIdentityPool", {"identityPoolId": "us-east-1:p"}, "removed")]),
    ("pipe", "us-east-1/p", did("pipes:CreatePipe", 1, {"name": "p"}),
     [("pipes:StopPipe", {"name": "p"}, "disabled"), ("pipes:DeletePipe", {"name": "p"}, "removed")]),
    ("state machine", MACHINE, did("states:CreateStateMachine", 1, {"name": "m"}, {"stateMachineArn": MACHINE}),
     [("states:DeleteStateMachine", {"stateMachineArn": MACHINE}, "removed")]),
    ("Glue endpoint", "us-east-1/e", did("glue:CreateDevEndpoint", 1, {"endpointName": "e"}),
     [("glue:DeleteDevEndpoint", {"endpointName": "e"}, "removed")]),
    ("Glue trigger", "us-east-1/t", did("glue:CreateTrigger", 1, {"name": "t"}),
     [("glue:StopTrigger", {"name": "t"}, "disabled"), ("glue:DeleteTrigger", {"name": "t"}, "removed")]),
    ("user pool user", "eve, p", did("cognito-idp:AdminCreateUser", 1, {"userPoolId": "p", "username": "eve"}),
     [("cognito-idp:AdminDeleteUser", {"userPoolId": "p", "username": "eve"}, "removed"),
      ("cognito-idp:AdminDisableUser", {"userPoolId": "p", "username": "eve"}, "disabled"),
      ("cognito-idp:AdminDeleteUser", {"userPoolId": "q", "username": "eve"}, "active"),
      ("cognito-idp:AdminDeleteUser", {"userPoolId": "p", "username": "HIDDEN_DUE_TO_SECURITY_REASONS"}, "active")]),
    ("directory user", "eve, d-1", did("ds-data:CreateUser", 1, {"directoryId": "d-1", "sAMAccountName": "eve"}),
     [("ds-data:DeleteUser", {"directoryId": "d-1", "sAMAccountName": "eve"}, "removed"),
      ("ds-data:DisableUser", {"directoryId": "d-2", "sAMAccountName": "eve"}, "active")]),
    ("API key", "k1", did("apigateway:CreateApiKey", 1, {}, {"id": "k1", "name": "n"}),
     [("apigateway:DeleteApiKey", {"apiKey": "k1"}, "removed"), ("apigateway:DeleteApiKey", {"apiKey": "n"}, "active")]),
    ("AppSync API key", "da2-1", did("appsync:CreateApiKey", 1, {"apiId": "a"}, {"apiKey": {"id": "da2-1"}}),
     [("appsync:DeleteApiKey", {"apiId": "a", "id": "da2-1"}, "removed")]),
    ("Grafana API key", "k, g-1", did("grafana:CreateWorkspaceApiKey", 1, {"keyName": "k", "workspaceId": "g-1"}),
     [("grafana:DeleteWorkspaceApiKey", {"keyName": "k", "workspaceId": "g-1"}, "removed"),
      ("grafana:DeleteWorkspaceApiKey", {"keyName": "k", "workspaceId": "g-2"}, "active")]),
    ("Grafana token", "1, g-1", did("grafana:CreateWorkspaceServiceAccountToken", 1, {"name": "t", "workspaceId": "g-1"},
                                    {"serviceAccountToken": {"id": "1"}}),
     [("grafana:DeleteWorkspaceServiceAccountToken", {"tokenId": "1", "workspaceId": "g-1"}, "removed")]),
    ("WorkSpace", "ws-1", did("workspaces:CreateWorkspaces", 1, {}, {"pendingRequests": [{"workspaceId": "ws-1"}]}),
     [("workspaces:TerminateWorkspaces", {"terminateWorkspaceRequests": [{"workspaceId": "ws-0"}, {"workspaceId": "ws-1"}]},
       "removed")]),
    ("SSM document", "us-east-1/d", did("ssm:CreateDocument", 1, {"name": "d"}),
     [("ssm:DeleteDocument", {"name": "d"}, "removed"),
      ("ssm:DeleteDocument", {"name": "d", "documentVersion": "2"}, "active"),
      ("ssm:DeleteDocument", {"name": "d", "versionName": "v"}, "active")]),
    ("invitation", "h-1", did("organizations:InviteAccountToOrganization", 1, {}, {"handshake": {"id": "h-1"}}),
     [("organizations:CancelHandshake", {"handshakeId": "h-1"}, "removed"),
      ("organizations:CancelHandshake", {"handshakeId": "h-2"}, "active")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "name", "made", "call", "request_there", "state"),
    [
        (kind, name, made, call, request_there, state)
        for kind, name, made, ends in MADE_AND_ENDED
        for call, request_there, state in [("ssm:GetParameter", {"name": "x"}, "active"), *ends]
    ],
)
async def test_what_runs_by_itself_or_lets_in_beside_iam_is_open_until_it_is_ended(
    kind: str, name: str, made: Any, call: str, request_there: dict[str, Any], state: str
) -> None:
    radius = await blast_of(made, did(call, 2, request_there, who=ADMIN))
    assert told(radius.rows, "entity_kind", "entity_name", "state") == [(kind, name, state)]
    assert bool(radius.still_open) == (state == "active")


async def test_whose_name_is_hidden_is_no_entity() -> None:
    """Of several users whose names are hidden one may be deleted: nobody knows which."""
    rows = await radius_of(did("cognito-idp:AdminCreateUser", 1, {"userPoolId": "p", "username": "***"}))
    assert rows == []


@pytest.mark.parametrize("named", [{}, {"state": "ENABLED"}])
async def test_a_schedule_that_is_updated_without_its_state_is_on(named: dict[str, str]) -> None:
    rows = await radius_of(
        did("scheduler:CreateSchedule", 1, {"name": "h"}),
        did("scheduler:UpdateSchedule", 2, {"name": "h", "state": "DISABLED"}, who=ADMIN),
        did("scheduler:UpdateSchedule", 3, {"name": "h", **named}, who=ADMIN),
    )
    assert told(rows, "entity_kind", "still_open") == [("schedule", True)]


@pytest.mark.parametrize("bus", [{}, {"eventBusName": "default"}, {"eventBusName": "other"}])
async def test_a_rule_that_was_written_is_open_until_the_rule_of_its_bus_is_deleted(bus: dict[str, str]) -> None:
    radius = await blast_of(
        did("events:PutRule", 1, {"name": "r", "scheduleExpression": "rate(1 hour)", "state": "ENABLED"}),
        did("events:DeleteRule", 2, {"name": "r", **bus}, who=ADMIN),
    )
    assert bool(radius.still_open) == (bus == {"eventBusName": "other"})


@pytest.mark.parametrize(
    ("call", "asked", "kind"),
    [
        ("cognito-identity:SetIdentityPoolRoles", {"identityPoolId": "us-east-1:p"}, "identity pool"),
        ("transfer:ImportSshPublicKey", {"serverId": "s-1", "userName": "files"}, "Transfer user"),
        ("ram:AssociateResourceShare", {"resourceShareArn": "arn:share", "principals": ["999999999999"]}, "resource share"),
        ("codebuild:UpdateProject", {"name": "p"}, "build project"),
        ("iot:UpdateRoleAlias", {"roleAlias": "a", "roleArn": "r"}, "IoT role alias"),
        ("events:PutRule", {"name": "r", "state": "DISABLED"}, "event rule"),
    ],
)  # fmt: skip
async def test_what_was_there_before_and_was_changed_is_open(call: str, asked: dict[str, Any], kind: str) -> None:
    radius = await blast_of(did(call, 1, asked))
    assert told(radius.still_open, "entity_kind") == [(kind,)]


IAC, STRANGER = role("Terraform"), "999999999999"
BY_SERVICE = IAC | {"invokedBy": "cloudformation.amazonaws.com"}


def trust(*principals: Any) -> dict[str, Any]:
    allowed = [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"} for principal in principals]
    return {"roleName": "deploy", "policyDocument": json.dumps({"Statement": allowed})}


def permission(way: str) -> dict[str, Any]:
    return {"snapshotId": "snap-1", "createVolumePermission": {way: {"items": [{"userId": STRANGER}]}}}


IN_GROUP = {"userName": "alice", "groupName": "Admins"}
ADMIN_POLICY = {"userName": "alice", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
OPENED, CORRECTED = (trust({"AWS": STRANGER}), trust({"Service": "ec2.amazonaws.com"}))
#: What root does, and what undoes it.
UNDONE = [
    (("iam:AddUserToGroup", IN_GROUP), ("iam:RemoveUserFromGroup", IN_GROUP)),
    (("iam:AttachUserPolicy", ADMIN_POLICY), ("iam:DetachUserPolicy", ADMIN_POLICY)),
    (("iam:UpdateAssumeRolePolicy", OPENED), ("iam:UpdateAssumeRolePolicy", CORRECTED)),
    (("ec2:ModifySnapshotAttribute", permission("add")), ("ec2:ModifySnapshotAttribute", permission("remove"))),
]


@pytest.mark.parametrize(("opens", "closes"), UNDONE)
@pytest.mark.parametrize(
    ("later", "state"),
    [
        ([(12, 1, ADMIN)], "undone"),
        ([(12, 1, ADMIN), (14, 0, IAC)], "changed"),
        ([(12, 1, ADMIN), (14, 0, BY_SERVICE)], "changed"),
        ([(12, 1, ADMIN), (14, 0, IAC), (16, 1, ADMIN)], "undone"),
        ([(12, 0, IAC), (14, 1, ADMIN)], "undone"),
        ([(12, 1, ADMIN), (12, 0, IAC)], "changed"),  # the order within a second is not known
        ([(12, 1, BY_SERVICE)], "changed"),
    ],
)
async def test_what_others_write_again_is_open_again(opens: Any, closes: Any, later: Any, state: str) -> None:
    calls = [((opens, closes)[which], minute, who) for minute, which, who in later]
    rows = await radius_of(
        did(opens[0], 10, opens[1]), *(did(call, minute, request, who=who) for (call, request), minute, who in calls)
    )
    assert told(rows, "state") == [(state,)]


@pytest.mark.parametrize(
    ("made", "ended", "request_"),
    [
        ("ses:CreateEmailIdentity", "ses:DeleteEmailIdentity", {"emailIdentity": "spam.example"}),
        ("bedrock:CreateFoundationModelAgreement", "bedrock:DeleteFoundationModelAgreement", {"modelId": "m"}),
        ("eks:CreateAccessEntry", "eks:DeleteAccessEntry", {"name": "prod", "principalArn": "arn:aws:iam::1:role/x"}),
        ("cloudtrail:StopLogging", "cloudtrail:StartLogging", {"name": "main"}),
        ("secretsmanager:PutResourcePolicy", "secretsmanager:DeleteSecret", {"secretId": "db"}),
        ("kms:DisableKey", "kms:EnableKey", {"keyId": "mrk-1"}),
    ],
)
async def test_what_is_ended_in_one_region_stays_in_the_others(made: str, ended: str, request_: Any) -> None:
    rows = await radius_of(
        did(made, 1, request_, awsRegion="us-east-1"),
        did(made, 2, request_, awsRegion="eu-west-1"),
        did(ended, 3, request_, who=ADMIN, awsRegion="us-east-1"),
    )
    here, there = rows
    assert (here["entity_name"].partition("/")[0], there["entity_name"].partition("/")[0]) == ("us-east-1", "eu-west-1")
    assert here["state"] in ("removed", "back on")
    assert there["state"] in ("active", "changed", "disabled")


def _limited(minute: int, limit: int | None, who: Any = ADMIN) -> Any:
    """Somebody sets how often a function may run at once, or lifts the limit."""
    asked = {"functionName": "f"} | ({} if limit is None else {"reservedConcurrentExecutions": limit})
    verb = "Delete" if limit is None else "Put"
    return did(f"lambda:{verb}FunctionConcurrency20171031", minute, asked, who=who)


@pytest.mark.parametrize(
    ("limits", "state"),
    [([0], "disabled"), ([0, 5], "active"), ([0, None], "active"), ([5, 0], "disabled"), ([5], "active")],
)
async def test_a_function_that_may_not_run_is_off_until_somebody_lifts_that(
    limits: list[int | None], state: str
) -> None:
    made = did("lambda:CreateFunction20150331", 1, {"functionName": "f"})
    rows = await radius_of(made, *(_limited(minute, limit) for minute, limit in enumerate(limits, 2)))
    assert [row["state"] for row in rows if row["entity_kind"] == "Lambda function"] == [state]


async def test_the_policy_of_an_access_point_ends_with_it() -> None:
    policy = did("s3:PutAccessPointPolicy", 1, {"name": "ap", "policy": "{}"})
    ended = did("s3:DeleteAccessPoint", 2, {"name": "ap"}, who=ADMIN)
    [left] = await radius_of(policy)
    [gone] = await radius_of(policy, ended)
    assert (left["state"], gone["state"]) == ("changed", "removed")


def _assumed(minute: int, arn: str) -> Any:
    """Root's user opens a session of a role, which does not end by itself within the logs."""
    credentials = {"accessKeyId": "ASIAOPENED", "expiration": "Aug 5, 2036, 8:20:00 PM"}
    return did("sts:AssumeRole", minute, {"roleArn": arn}, {"credentials": credentials})


DENIAL = {"roleName": "r", "policyName": "deny", "policyArn": "arn:aws:iam::aws:policy/AWSDenyAll"}


@pytest.mark.parametrize(
    ("account", "last", "state"),
    [
        (ACCOUNT, [did("iam:DeleteRole", 5, {"roleName": "r"}, who=ADMIN)], "removed"),
        (ACCOUNT, [did("iam:DeleteRole", 5, {"roleName": "r"}, who=ADMIN, errorCode="DeleteConflict")], "active"),
        (ACCOUNT, [did("iam:DeleteRole", 5, {"roleName": "other"}, who=ADMIN)], "active"),
        (ACCOUNT, [did("iam:AttachRolePolicy", 5, DENIAL, who=ADMIN)], "disabled"),
        (
            ACCOUNT,
            [did("iam:AttachRolePolicy", 5, DENIAL, who=ADMIN), did("iam:DetachRolePolicy", 6, DENIAL)],
            "active",
        ),
        (ACCOUNT, [did("iam:DeleteRole", 3, {"roleName": "r"}, who=ADMIN)], "active"),  # in the same second
        ("999900001111", [did("iam:DeleteRole", 5, {"roleName": "r"}, who=ADMIN)], "active"),
    ],
)
async def test_a_session_has_no_rights_without_its_role(account: str, last: list[Any], state: str) -> None:
    made = did("iam:CreateRole", 1, {"roleName": "r"}, {"role": {"roleName": "r"}})
    rows = await radius_of(made, _assumed(3, f"arn:aws:iam::{account}:role/path/r"), *last)
    assert [row["state"] for row in rows if row["entity_kind"] == "session"] == [state]
