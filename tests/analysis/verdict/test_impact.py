"""What was impaired, exposed, bought and changed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.analysis.lineage.test_blast_radius import at, did, user
from tests.analysis.verdict.logs import OPEN, tell
from tests.builders import ACCOUNT, event

if TYPE_CHECKING:
    pass


STOPPED = {"eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "requestParameters": {"name": "main"}}


async def test_a_namesake_of_what_root_made_is_not_what_root_made() -> None:
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/audit"
    namesake = event(identity={"arn": arn, "principalId": "AROAEXAMPLEROLEID0000:audit"}, **STOPPED)
    answers, _ = await tell(did("iam:CreateUser", 1, {"userName": "audit"}), namesake)
    assert answers["logging_impaired"].answer == "unknown"
    assert answers["logging_impaired"].event_ids == ()  # the trail did not record meanwhile


async def test_what_a_user_of_roots_did_is_shown_and_what_a_changed_one_did_is_perhaps() -> None:
    stopped = did("cloudtrail:StopLogging", 9, {"name": "main"}, who=user("mallory"))
    answers, _ = await tell(did("iam:CreateUser", 1, {"userName": "mallory"}), stopped)
    assert (answers["logging_impaired"].answer, answers["logging_impaired"].event_ids) == ("yes", (stopped["eventID"],))
    changed = did(
        "iam:AttachUserPolicy", 1, {"userName": "mallory", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    )
    answers, _ = await tell(changed, stopped)
    assert (answers["logging_impaired"].answer, answers["logging_impaired"].event_ids) == (
        "unknown",
        (stopped["eventID"],),
    )


DELETED = did("guardduty:DeleteDetector", 9, {"detectorId": "d"}, who=user("mallory"))


@pytest.mark.parametrize(
    ("reached", "answer"),
    [
        ([did("iam:PutUserPolicy", 1, {"userName": "mallory"})], "unknown"),
        ([did("iam:PutUserPolicy", 20, {"userName": "mallory"})], "no"),
        ([did("iam:DeleteUser", 20, {"userName": "mallory"})], "no"),
        (  # gone, and made again by somebody who has nothing to do with root
            [
                did("iam:PutUserPolicy", 1, {"userName": "mallory"}),
                did("iam:DeleteUser", 2, {"userName": "mallory"}, who=user("admin")),
                did("iam:CreateUser", 3, {"userName": "mallory"}, who=user("admin")),
            ],
            "no",
        ),
        (  # the same user by another name
            [
                did("iam:PutUserPolicy", 1, {"userName": "old"}),
                did("iam:UpdateUser", 2, {"userName": "old", "newUserName": "mallory"}, who=user("admin")),
            ],
            "unknown",
        ),
    ],
)
async def test_a_name_is_what_root_reached_from_then_on_and_until_it_is_gone(
    reached: list[dict[str, Any]], answer: str
) -> None:
    told = (await tell(*reached, DELETED))[0]["logging_impaired"]
    assert (told.answer, told.event_ids) == (answer, (DELETED["eventID"],) if answer == "unknown" else ())


async def test_what_a_user_of_roots_bought_and_read_is_spent_and_exposed() -> None:
    bought = did("ec2:RunInstances", 5, {"instanceType": "p4d.24xlarge"}, who=user("mallory"))
    read = did("secretsmanager:GetSecretValue", 6, {"secretId": "s"}, who=user("mallory"))
    answers, _ = await tell(did("iam:CreateUser", 1, {"userName": "mallory"}), bought, read)
    assert (answers["money_spent"].answer, answers["money_spent"].event_ids) == ("yes", (bought["eventID"],))
    assert (answers["data_exposed"].answer, answers["data_exposed"].event_ids) == ("yes", (read["eventID"],))
    answers, _ = await tell(did("iam:CreateUser", 1, {"userName": "another"}), bought, read)
    assert (answers["money_spent"].answer, answers["data_exposed"].answer) == ("no", "unknown")


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ("sagemaker:CreateNotebookInstance", "yes"),
        ("sagemaker:CreateTrainingJob", "yes"),
        ("batch:SubmitJob", "yes"),
        ("ec2:RequestSpotInstances", "yes"),
        ("ec2:RequestSpotFleet", "yes"),
        ("ec2:CreateFleet", "yes"),
        ("eks:CreateCluster", "yes"),
        ("eks:CreateNodegroup", "yes"),
        ("elasticmapreduce:RunJobFlow", "yes"),
        ("bedrock:ConverseStream", "yes"),
        ("ecs:RunTask", "unknown"),  # on instances that are there already it costs nothing of its own
        ("ecs:CreateService", "unknown"),
        ("cloudformation:CreateStack", "unknown"),
        ("groundstation:ReserveContact", "unknown"),  # the catalogue does not know it
        ("groundstation:DeleteConfig", "no"),  # nor this, but what is taken away costs nothing
        ("iam:RemoveClientIDFromOpenIDConnectProvider", "no"),
        ("budgets:DeleteBudget", "no"),
        ("cloudtrail:StartLogging", "no"),
        ("cloudtrail:CreateTrail", "no"),
        ("cloudtrail:AddTags", "no"),
        ("cloudtrail:StartImport", "unknown"),  # it fills a store that is paid for
        ("monitoring:SetAlarmState", "no"),
        ("monitoring:PutDashboard", "unknown"),
        ("dynamodb:TagResource", "no"),
        ("s3:PutBucketTagging", "no"),
        ("s3:TagliatelleObject", "unknown"),  # no tag
        ("iam:UpdateGroup", "no"),
        ("ec2:CreateNetworkAclEntry", "no"),
    ],
)
async def test_money_was_spent_by_what_costs_and_perhaps_by_what_nobody_knows(call: str, answer: str) -> None:
    made = did(call, 5, {"groupName": "x"})
    answers, _ = await tell(made, did("groundstation:ListContacts", 6, readOnly=True))
    assert (answers["money_spent"].answer, answers["money_spent"].event_ids) == (
        answer,
        () if answer == "no" else (made["eventID"],),
    )
    assert (call in answers["money_spent"].because) is (answer == "unknown")


async def test_a_day_of_reading_bills_costs_nothing() -> None:
    """Their records do not say that they read."""
    calls = ("payments:Instruments_List", "billingconsole:GetTotalAmountForForecast", "taxconsole:DownloadTaxInvoice")
    pages = [did(call, 1) for call in calls]
    for page in pages:
        del page["readOnly"]
    answers, _ = await tell(*pages)
    assert answers["money_spent"].answer == "no"
    made = did("payments:Instruments_Charge", 2)
    del made["readOnly"]
    answers, _ = await tell(*pages, made)
    assert (answers["money_spent"].answer, answers["money_spent"].event_ids) == ("unknown", (made["eventID"],))


@pytest.mark.parametrize("call", ["ecs:RunTask", "ecs:CreateService"])
async def test_a_container_on_fargate_is_paid_for_by_itself(call: str) -> None:
    made = did(call, 5, {"launchType": "FARGATE"})
    answers, _ = await tell(made)
    assert (answers["money_spent"].answer, answers["money_spent"].event_ids) == ("yes", (made["eventID"],))


@pytest.mark.heavy
async def test_what_an_identity_bought_that_root_only_opened_is_perhaps_spent() -> None:
    opened = did("iam:UpdateLoginProfile", 1, {"userName": "old"})
    bought = did("ec2:RunInstances", 5, {"instanceType": "p4d.24xlarge"}, who=user("old"))
    told = ((await tell(opened, bought))[0])["money_spent"]
    assert (told.answer, told.event_ids) == ("unknown", (bought["eventID"],))
    assert "ec2:RunInstances by identities that root changed or opened" in told.because
    assert told.missing[0] == "who used the identities that root changed or opened to others"
    refused = bought | {"errorCode": "AccessDenied"}
    listed = did("ec2:DescribeInstances", 6, who=user("old"), readOnly=True)
    before = bought | {"eventTime": at(0)}
    for harmless in (refused, listed, before):
        answers, _ = await tell(opened, harmless)
        assert answers["money_spent"].answer == "no"
    answers, _ = await tell(opened, bought, did("ec2:RunInstances", 7, {"instanceType": "m7i.large"}))
    assert answers["money_spent"].answer == "yes"


ALL_BLOCKED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


@pytest.mark.parametrize(
    ("call", "closing", "opening"),
    [
        ("s3:PutBucketAcl", {"x-amz-acl": "private"}, {"x-amz-acl": "public-read"}),
        ("rds:ModifyDBInstance", {"allocatedStorage": 100}, {"publiclyAccessible": True}),
        (
            "ec2:ModifySnapshotAttribute",
            {"createVolumePermission": {"remove": {"items": [{"group": "all"}]}}},
            {"createVolumePermission": {"add": {"items": [{"group": "all"}]}}},
        ),
    ],
)
async def test_what_closes_access_exposes_nothing(call: str, closing: dict[str, Any], opening: dict[str, Any]) -> None:
    answers, _ = await tell(did(call, 1, {"bucketName": "b"} | closing))
    assert answers["data_exposed"].answer == "unknown"
    answers, _ = await tell(did(call, 1, {"bucketName": "b"} | opening))
    assert answers["data_exposed"].answer == "yes"


@pytest.mark.parametrize(
    ("call", "request_"),
    [
        ("s3:PutBucketPolicy", {"bucketName": "b"}),
        ("s3:DeleteBucketPublicAccessBlock", {"bucketName": "b"}),
        ("s3:PutBucketPublicAccessBlock", {"bucketName": "b"}),
        ("ec2:DisableSnapshotBlockPublicAccess", None),
        ("ssm:GetParameter", {"name": "p"}),  # a password, or the name of an image
    ],
)
async def test_what_a_record_does_not_show_is_perhaps_exposed(call: str, request_: dict[str, Any] | None) -> None:
    """A policy that the record lacks may let somebody in; a block guards only what something opens."""
    removed = did(call, 1, request_)
    answers, _ = await tell(removed)
    exposed = answers["data_exposed"]
    assert (exposed.answer, exposed.event_ids) == ("unknown", (removed["eventID"],))
    assert exposed.missing[0].startswith("what the records do not show")
    opened = did("s3:PutBucketPolicy", 2, {"bucketName": "c", "bucketPolicy": OPEN})
    answers, _ = await tell(removed, opened)
    assert (answers["data_exposed"].answer, answers["data_exposed"].event_ids) == ("yes", (opened["eventID"],))


@pytest.mark.parametrize(
    "shut",
    [
        did("s3:DeleteBucketPolicy", 1, {"bucketName": "b"}),
        did(
            "s3:PutBucketPolicy",
            1,
            {"bucketName": "b", "bucketPolicy": {"Statement": OPEN["Statement"][0] | {"Effect": "Deny"}}},
        ),
    ],
)
async def test_a_policy_that_lets_nobody_in_exposes_nothing(shut: dict[str, Any]) -> None:
    exposed = (await tell(shut))[0]["data_exposed"]
    assert (exposed.answer, exposed.event_ids) == ("unknown", ())
    assert exposed.because == "the logs show no call by root or its follow-on activity that is known to expose data"


async def test_a_bucket_that_was_only_closed_needs_no_look() -> None:
    closed = did("s3:PutBucketPublicAccessBlock", 1, {"bucketName": "b", "PublicAccessBlockConfiguration": ALL_BLOCKED})
    _, steps = await tell(closed)
    assert not [step for step in steps if "bucket b" in step.what]
    _, steps = await tell(closed, did("s3:PutBucketPolicy", 2, {"bucketName": "b"}))
    assert [step for step in steps if "bucket b" in step.what]


async def test_a_list_that_lets_nobody_in_is_not_taken_back() -> None:
    """Made private again, the bucket would get no more logs."""
    logs = did("s3:PutBucketAcl", 1, {"bucketName": "logs", "x-amz-acl": ["log-delivery-write"]})
    answers, steps = await tell(logs)
    assert (answers["data_exposed"].answer, answers["data_exposed"].event_ids) == ("unknown", ())
    assert not [step for step in steps if "bucket logs" in step.what]
    opened = did("s3:PutBucketAcl", 2, {"bucketName": "logs", "x-amz-acl": ["public-read"]})
    answers, steps = await tell(logs, opened)
    assert answers["data_exposed"].event_ids == (opened["eventID"],)
    commands = [step.command for step in steps if step.event_id == opened["eventID"]]
    assert commands == ["aws s3api put-bucket-acl --bucket logs --acl private --region us-east-1"]


async def test_selectors_that_keep_every_management_event_are_no_certain_impairment() -> None:
    data = [{"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}]
    selectors = [{"readWriteType": "All", "includeManagementEvents": True, "dataResources": data}]
    answers, steps = await tell(did("cloudtrail:PutEventSelectors", 1, {"trailName": "t", "eventSelectors": selectors}))
    assert answers["logging_impaired"].answer == "unknown"
    assert not [step for step in steps if "trail t" in step.what]


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ("inspector2:Disable", "yes"),
        ("macie2:DisableMacie", "yes"),
        ("guardduty:ArchiveFindings", "yes"),
        ("detective:DeleteGraph", "yes"),
        ("securitylake:DeleteDataLake", "yes"),
        # The catalogue knows none of these.
        ("auditmanager:DeregisterAccount", "unknown"),
        ("observabilityadmin:DeleteTelemetryRule", "unknown"),
        ("cloudtrail:PutEventConfiguration", "unknown"),
        ("network-firewall:UpdateLoggingConfiguration", "unknown"),
        ("ce:DeleteAnomalyMonitor", "unknown"),
        ("organizations:CreatePolicy", "unknown"),
        ("budgets:CreateBudget", "no"),
        ("kinesis:CreateStream", "no"),
        ("detective:CreateGraph", "no"),
        ("groundstation:DeleteConfig", "no"),
    ],
)
async def test_what_switches_off_what_watches_is_impairment_or_may_be(call: str, answer: str) -> None:
    action = did(call, 5, {"x": "y"})
    told = (await tell(action))[0]["logging_impaired"]
    assert (told.answer, told.event_ids) == (answer, () if answer == "no" else (action["eventID"],))
    assert (call in told.because) is (answer == "unknown")


@pytest.mark.parametrize(
    ("call", "asked", "answer"),
    [
        ("rds:ModifyDBInstance", {"cloudwatchLogsExportConfiguration": {"disableLogTypes": ["audit"]}}, "unknown"),
        ("rds:ModifyDBInstance", {"dBInstanceIdentifier": "db", "allocatedStorage": 100}, "no"),
        ("rds:ModifyDBInstance", None, "unknown"),  # the record does not say what was set
        ("cloudfront:UpdateDistribution", {"distributionConfig": {"logging": {"enabled": False}}}, "unknown"),
        ("apigateway:UpdateStage", {"patchOperations": [{"op": "remove", "path": "/accessLogSettings"}]}, "unknown"),
        ("apigateway:UpdateStage", {"patchOperations": [{"op": "replace", "path": "/description"}]}, "no"),
        (
            "redshift:ModifyClusterParameterGroup",
            {"parameters": [{"parameterName": "enable_user_activity_logging", "parameterValue": "false"}]},
            "unknown",
        ),
        ("elasticloadbalancing:ModifyLoadBalancerAttributes", {"attributes": [{"key": "access_logs.s3.enabled"}]}, "unknown"),
        ("eks:UpdateClusterConfig", {"logging": {"clusterLogging": []}}, "unknown"),
        ("eks:UpdateClusterConfig", {"resourcesVpcConfig": {"endpointPublicAccess": True}}, "no"),
        ("ssm:UpdateDocument", {"name": "SSM-SessionManagerRunShell", "content": "{}"}, "unknown"),
        ("ssm:UpdateDocument", {"name": "audit-log", "content": "{}"}, "no"),
        ("glue:UpdateTable", {"catalogId": "x", "tableInput": {"name": "blog", "login": "dialog"}}, "no"),
        ("kms:DeleteImportedKeyMaterial", {"keyId": "k"}, "unknown"),
        ("kms:DisconnectCustomKeyStore", {"customKeyStoreId": "c"}, "unknown"),
        ("organizations:MoveAccount", {"sourceParentId": "ou-1", "destinationParentId": "r-1"}, "unknown"),
        (
            "bedrock:PutModelInvocationLoggingConfiguration",
            {"loggingConfig": {"textDataDeliveryEnabled": False, "imageDataDeliveryEnabled": False}},
            "unknown",
        ),
        ("bedrock:PutModelInvocationLoggingConfiguration", {"loggingConfig": {"textDataDeliveryEnabled": True}}, "no"),
        ("bedrock:PutModelInvocationLoggingConfiguration", {"loggingConfig": {"s3Config": {}}}, "unknown"),
        ("bedrock:PutModelInvocationLoggingConfiguration", None, "unknown"),
        ("wafv2:PutLoggingConfiguration", {"loggingConfiguration": {"loggingFilter": {"defaultBehavior": "DROP"}}}, "unknown"),
        ("wafv2:PutLoggingConfiguration", {"loggingConfiguration": {"resourceArn": "a"}}, "no"),
    ],
)  # fmt: skip
async def test_settings_of_a_log_are_known_by_the_request(call: str, asked: Any, answer: str) -> None:
    action = did(call, 5, asked)
    told = (await tell(action))[0]["logging_impaired"]
    assert (told.answer, told.event_ids) == (answer, () if answer == "no" else (action["eventID"],))


async def test_digests_switched_on_are_no_impairment() -> None:
    answers, _ = await tell(did("cloudtrail:UpdateTrail", 1, {"name": "t", "enableLogFileValidation": True}))
    assert answers["logging_impaired"].answer == "no"


async def test_what_a_management_account_does_to_another_changes_the_ownership_of_that_one() -> None:
    admin = user("admin", account="444455556666")
    removed = did(
        "organizations:RemoveAccountFromOrganization",
        1,
        {"accountId": ACCOUNT},
        who=admin,
        recipientAccountId="444455556666",
    )
    refused = removed | {"errorCode": "AccessDenied", "eventID": "11111111-2222-4333-8444-555555555555"}
    answers, _ = await tell(did("s3:ListBuckets", 2), removed, refused, account_id=ACCOUNT)
    assert (answers["ownership_changed"].answer, answers["ownership_changed"].event_ids) == (
        "yes",
        (removed["eventID"],),
    )


LOG = f"AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/2026/08/05/{ACCOUNT}_CloudTrail_us-east-1_20260805T1000Z_x.json.gz"
CUSTOMER_KEY = {"x-amz-server-side-encryption-customer-algorithm": "AES256"}


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ({"bucketName": "t", "key": LOG, "x-amz-copy-source": f"/t/{LOG}"} | CUSTOMER_KEY, "yes"),
        ({"bucketName": "t", "key": LOG} | CUSTOMER_KEY, "yes"),  # from where, the record does not say
        ({"bucketName": "t", "key": LOG, "x-amz-copy-source": "mine/x"}, "unknown"),
        ({"bucketName": "backup", "key": "x", "x-amz-copy-source": f"t/{LOG}"} | CUSTOMER_KEY, "no"),
        ({"bucketName": "photos", "key": "a", "x-amz-copy-source": "photos/a"}, "no"),
        (None, "unknown"),
    ],
)
async def test_a_log_that_is_copied_over_itself_with_another_key_is_gone(
    request_: dict[str, Any] | None, answer: str
) -> None:
    copied = did("s3:CopyObject", 1, request_)
    told = (await tell(copied))[0]["logging_impaired"]
    assert (told.answer, told.event_ids) == (answer, () if answer == "no" else (copied["eventID"],))


@pytest.mark.parametrize(
    "call", ["SendEmail", "SendRawEmail", "SendTemplatedEmail", "SendBulkEmail", "SendBulkTemplatedEmail"]
)
async def test_a_mail_costs_however_it_is_sent(call: str) -> None:
    sent = did(f"ses:{call}", 1, {"source": "root@example.com"})
    told = (await tell(sent))[0]["money_spent"]
    assert (told.answer, told.event_ids) == ("yes", (sent["eventID"],))


@pytest.mark.parametrize(
    ("call", "asked", "is_cited"),
    [
        ("s3tables:PutTableBucketPolicy", {"resourcePolicy": json.dumps(OPEN)}, True),
        ("s3vectors:PutVectorBucketPolicy", {"policy": {"Statement": [{"Principal": {"AWS": "999988887777"}}]}}, True),
        ("s3vectors:PutVectorBucketPolicy", {"policy": {"Statement": [{"Principal": {"AWS": ACCOUNT}}]}}, False),
        ("s3vectors:putvectorbucketpolicy", None, True),  # the record does not say to whom
        ("s3vectors:DeleteVectorBucketPolicy", {"vectorBucketName": "v"}, False),
        ("dynamodb:ExportTableToPointInTime", {"tableArn": f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/t"}, True),
        ("groundstation:GrantAccess", {"principal": {"id": "arn:aws:iam::999988887777:root"}}, True),
        ("groundstation:GrantAccess", {"principal": "me"}, False),
        ("groundstation:CreateConfig", {"account": "999988887777"}, False),
    ],
)
async def test_what_gives_data_to_others_by_its_name_is_cited(call: str, asked: Any, is_cited: bool) -> None:
    given = did(call, 5, asked)
    told = (await tell(given))[0]["data_exposed"]
    assert (told.answer, told.event_ids) == ("unknown", (given["eventID"],) if is_cited else ())
    assert (f"possibly: {call.split(':')[1]}" in told.because) is is_cited
