"""What AWS services changed as root: at whose word."""

from __future__ import annotations

from typing import Any

import pytest

from tests.builders import event, root_event
from tests.stories import part_of


def did(call: str, clock: str = "10:00:00", day: int = 5, **fields: Any) -> dict[str, Any]:
    """A call of root's, or of a service in its name if ``by`` names one."""
    source, name = call.split(":")
    by = fields.pop("by", None)
    marks = {"identity": {"invokedBy": by}, "sourceIPAddress": by, "userAgent": by} if by else {}
    usual = {"eventSource": f"{source}.amazonaws.com", "eventName": name, "eventTime": f"2026-08-{day:02}T{clock}Z"}
    return root_event(**usual | {"readOnly": False} | marks | fields)


SSM, CFN = "ssm.amazonaws.com", "cloudformation.amazonaws.com"
STARTED = did("ssm:StartAutomationExecution")
ACTION = did("guardduty:DeleteDetector", "10:00:08", by=SSM)


@pytest.mark.parametrize(
    ("before", "action", "hand"),
    [
        ([STARTED], ACTION, "ordered"),
        ([], ACTION, "foreign"),
        ([STARTED | {"errorCode": "AccessDenied"}], ACTION, "foreign"),
        ([STARTED | {"recipientAccountId": "444455556666"}], ACTION, "ordered"),  # root's account is that of its name
        ([did("ssm:StartAutomationExecution", identity={"accountId": "444455556666"})], ACTION, "foreign"),
        ([STARTED | {"readOnly": True, "eventName": "DescribeDocument"}], ACTION, "foreign"),
        ([did("ssm:StartAutomationExecution", "10:00:09")], ACTION, "foreign"),
        ([did("ssm:StartAutomationExecution", "22:00:08", 3)], ACTION, "ordered"),
        ([did("ssm:StartAutomationExecution", "22:00:07", 3)], ACTION, "foreign"),  # one second more than 36 hours
        ([did("ec2:RunInstances")], ACTION, "foreign"),
        ([event(eventSource=SSM, eventName="StartAutomationExecution", readOnly=False)], ACTION, "foreign"),
        ([], did("iam:DeactivateMFADevice", "10:00:08", by=SSM), "foreign"),
        ([], did("organizations:LeaveOrganization", "10:00:08", by="AWS Internal"), "foreign"),
        ([], did("iam:CreateServiceLinkedRole", "10:00:08", by="backup.amazonaws.com"), "unknown"),
        ([], did("events:DeleteRule", "10:00:08", by="backup.amazonaws.com"), "unknown"),
        ([], did("events:DeleteRule", "10:00:08", by="AWS Internal"), "foreign"),
        ([], did("ec2:CreateTags", "10:00:08", by="AWS Internal/7"), "unknown"),
        ([], did("ec2:CreateNetworkInterface", "10:00:08", by="rds.amazonaws.com"), "unknown"),
        ([], did("ec2:CreateNetworkInterface", "10:00:08", by=CFN), "foreign"),
        ([], did("events:DeleteRule", "10:00:08", by="ssm-quicksetup.amazonaws.com"), "foreign"),
        ([], did("kms:RotateKey", "10:00:08", eventType="AwsServiceEvent", sourceIPAddress="AWS Internal"), "unknown"),
        ([], did("iam:DeactivateMFADevice", "10:00:08", eventType="AwsServiceEvent", sourceIPAddress="AWS Internal"), "foreign"),
        ([], did("ec2:RunInstances", "10:00:08", eventType="AwsServiceEvent", sourceIPAddress="AWS Internal"), "foreign"),
        ([], did("ec2:SharedSnapshotVolumeCreated", "10:00:08", eventType="AwsServiceEvent", sourceIPAddress="AWS Internal"), "unknown"),
        *(([], did(call, "10:00:08", eventType="AwsServiceEvent", sourceIPAddress="AWS Internal"), hand) for call, hand in (
            ("autoscaling:InstanceRefreshCompleted", "unknown"), ("ec2:MakeSomethingHappen", "foreign"),
            ("organizations:SomethingChanged", "foreign"),
        )),
        *(([], did(call, "10:00:08", by=f"{by}.amazonaws.com"), hand) for by, call, hand in (
            ("config", "config:PutEvaluations", "unknown"), ("config", "ec2:RunInstances", "foreign"),
            ("config", "organizations:DetachPolicy", "foreign"), ("config", "organizations:DeleteOrganization", "foreign"),
            ("config", "monitoring:DeleteAlarms", "foreign"), ("autoscaling", "ec2:TerminateInstances", "unknown"),
            ("autoscaling", "iam:CreateUser", "foreign"), ("application-autoscaling", "ecs:UpdateService", "unknown"),
            ("application-autoscaling", "ecs:UpdateCluster", "foreign"), ("backup", "rds:CreateDBSnapshot", "unknown"),
            ("backup", "rds:ModifyDBSnapshotAttribute", "foreign"), ("health", "ec2:StopInstances", "foreign"),
        )),
        ([], did("secretsmanager:GetSecretValue", "10:00:08", by=CFN, readOnly=True), "foreign"),
        ([did("cloudformation:CreateStack")], did("secretsmanager:GetSecretValue", "10:00:08", by=CFN, readOnly=True), "ordered"),
        ([did("cloudformation:CreateStack")], did("ec2:RunInstances", "10:01:00", by=CFN), "ordered"),
        ([did("cloudformation:CreateStack", awsRegion="eu-west-1")], did("ec2:RunInstances", "10:01:00", by=CFN), "foreign"),
        ([did("cloudformation:CreateStack", awsRegion="eu-west-1")], did("iam:CreateRole", "10:01:00", by=CFN), "ordered"),
        ([did("cloudformation:CreateStack", awsRegion="eu-west-1")], did("organizations:CreatePolicy", "10:01:00", by=CFN), "ordered"),
        ([did("servicecatalog:ProvisionProduct")], did("iam:CreateRole", "10:01:00", by=CFN), "ordered"),
        ([did("cloudformation:CreateUploadBucket")], did("ec2:RunInstances", "10:01:00", by=CFN), "foreign"),
        ([did("cloudcontrolapi:CreateResource")], did("iam:CreateRole", "10:01:00", by=CFN), "ordered"),
        ([did("cloudcontrolapi:DeleteResource")], did("guardduty:DeleteDetector", "10:01:00", by=CFN), "ordered"),
        ([did("ssm:StartAutomationExecution", awsRegion="eu-west-1")], ACTION, "foreign"),
        *(([did(f"autoscaling:{call}")], did("ec2:RunInstances", "10:01:00", by="autoscaling.amazonaws.com"), hand)
          for call, hand in (("UpdateAutoScalingGroup", "ordered"), ("DeleteAutoScalingGroup", "unknown"),
                             ("CreateOrUpdateTags", "unknown"), ("DeleteScheduledAction", "unknown"))),
    ],
)  # fmt: skip
async def test_a_service_acts_at_roots_word_if_root_called_it_before(
    before: list[dict[str, Any]], action: dict[str, Any], hand: str
) -> None:
    rows = (await part_of(*before, action)).query("service_activity").rows
    assert [(row["eventID"], row["hand"]) for row in rows] == [(action["eventID"], hand)]


@pytest.mark.parametrize(
    ("fields", "hand"),
    [
        ({"sourceIPAddress": "203.0.113.9"}, "person"),
        ({"sourceIPAddress": "2001:db8:77::5"}, "person"),
        ({"sessionCredentialFromConsole": "true"}, "person"),
        ({"sourceIPAddress": "AWS Internal"}, "unknown"),
        ({"sourceIPAddress": None}, "unknown"),
        ({"sourceIPAddress": "backup.amazonaws.com", "sessionCredentialFromConsole": "false"}, "unknown"),
    ],
)
async def test_an_action_from_a_network_address_is_probably_a_persons(fields: dict[str, Any], hand: str) -> None:
    case = await part_of(did("ec2:CreateSnapshot", by="backup.amazonaws.com", **fields))
    assert [row["hand"] for row in case.query("service_activity").rows] == [hand]
    # Whatever it probably is, its origin is as it was.
    assert [row["origin"] for row in case.query("root_events").rows] == ["service"]


@pytest.mark.parametrize(
    "fields", [{"readOnly": True, "eventName": "ListBuckets"}, {"errorCode": "AccessDenied"}, {"identity": {}}]
)
async def test_reads_failures_and_roots_own_calls_are_no_actions_of_services(fields: dict[str, Any]) -> None:
    # An identity without invokedBy is root's own.
    marks = {} if "identity" in fields else {"by": SSM}
    assert (await part_of(did("s3:PutBucketPolicy", **marks, **fields))).query("service_activity").rows == []
