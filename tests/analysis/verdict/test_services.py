"""What root had AWS services do for it, and what they did in its name at nobody knows whose word."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.analysis.lineage.test_blast_radius import did, role, user
from tests.analysis.verdict.logs import OPEN, tell
from tests.builders import ACCOUNT

if TYPE_CHECKING:
    pass

DELETED = did("cloudformation:DeleteStack", 1, {"stackName": "security"})
CHANGED = did("cloudformation:UpdateStack", 1, {"stackName": "app"})


def by_stack(call: str, minute: int, request: Any = None, **fields: Any) -> dict[str, Any]:
    """A call of CloudFormation as root."""
    service = "cloudformation.amazonaws.com"
    called = {"identity": {"invokedBy": service}, "sourceIPAddress": service, "userAgent": service}
    return did(call, minute, request, **called | fields)


async def test_what_the_deletion_of_a_stack_took_away_root_took_away() -> None:
    removed = by_stack("guardduty:DeleteDetector", 2, {"detectorId": "d"})
    answers, steps = await tell(DELETED, removed)
    told = answers["logging_impaired"]
    assert (told.answer, told.event_ids) == ("yes", (removed["eventID"],))
    assert "by cloudformation.amazonaws.com, on an order of root's" in told.because
    assert [step.event_id for step in steps if "create-detector" in step.command] == [removed["eventID"]]


@pytest.mark.parametrize(
    ("call", "request_", "name", "answer"),
    [
        ("ec2:RunInstances", {"instanceType": "p4d.24xlarge"}, "money_spent", "yes"),
        ("s3:PutBucketPolicy", {"bucketName": "b", "bucketPolicy": OPEN}, "data_exposed", "yes"),
    ],
)
async def test_what_a_stack_bought_or_opened_root_bought_or_opened(
    call: str, request_: Any, name: str, answer: str
) -> None:
    made = by_stack(call, 2, request_)
    told = (await tell(CHANGED, made))[0][name]
    assert (told.answer, told.event_ids) == (answer, (made["eventID"],))
    assert "by cloudformation.amazonaws.com" in told.because


async def test_what_the_catalogue_does_not_know_is_perhaps_bought() -> None:
    booked = by_stack("groundstation:CreateConfig", 2, {"x": "y"})
    told = (await tell(DELETED, booked))[0]["money_spent"]
    assert told.answer == "unknown"
    assert booked["eventID"] in told.event_ids


async def test_the_users_that_a_stack_made_are_perhaps_roots() -> None:
    made = by_stack("iam:CreateUser", 2, {"userName": "eve"})
    stopped = did("cloudtrail:StopLogging", 3, {"name": "main"}, who=user("eve"))
    bought = did("ec2:RunInstances", 4, {"instanceType": "p4d.24xlarge"}, who=user("eve"))
    answers, _ = await tell(DELETED, made, stopped, bought)
    assert (answers["persistence"].answer, answers["persistence"].event_ids) == ("unknown", (made["eventID"],))
    for name, action in (("logging_impaired", stopped), ("money_spent", bought)):
        assert answers[name].answer == "unknown"
        assert action["eventID"] in answers[name].event_ids


AUTOMATED = did("ssm:StartAutomationExecution", 1, {"documentName": "Mend"})
ROOT_MFA = {"serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"}
OWN = {"accessKey": {"accessKeyId": "AKIANEW"}}


def by_service(call: str, minute: int, request: Any = None, response: Any = None, **fields: Any) -> dict[str, Any]:
    """A call of Systems Manager as root."""
    service = "ssm.amazonaws.com"
    called = {"identity": {"invokedBy": service}, "sourceIPAddress": service, "userAgent": service}
    return did(call, minute, request, response, **called | fields)


@pytest.mark.parametrize("before", [[AUTOMATED], []])
@pytest.mark.parametrize(
    ("action", "name"),
    [
        (by_service("iam:DeactivateMFADevice", 2, ROOT_MFA), "mfa_removed"),
        (by_service("iam:CreateAccessKey", 3, None, OWN), "access_keys"),
        (by_service("iam:CreateLoginProfile", 4), "password_changed"),
        (by_service("organizations:LeaveOrganization", 5), "ownership_changed"),
    ],
)
async def test_what_no_service_does_of_itself_is_done_to_root(
    before: list[dict[str, Any]], action: dict[str, Any], name: str
) -> None:
    answers, _ = await tell(*before, action, account_id=ACCOUNT)
    assert (answers[name].answer, answers[name].event_ids) == ("yes", (action["eventID"],))
    told = "on an order of root's" if before else "whether root ordered it the record does not say"
    assert f"by ssm.amazonaws.com{',' if before else ' as root'}" in answers[name].because
    assert told in answers[name].because
    used = answers["used_by_person"]
    assert used.answer == ("yes" if before else "unknown")
    assert before or used.event_ids == (action["eventID"],)


@pytest.mark.parametrize("before", [[AUTOMATED], []])
async def test_what_watched_and_was_taken_away_in_roots_name_is_never_denied(before: list[Any]) -> None:
    removed = by_service("guardduty:DeleteDetector", 2, {"detectorId": "d"})
    answers, steps = await tell(*before, removed, account_id=ACCOUNT)
    told = answers["logging_impaired"]
    assert (told.answer, told.event_ids) == ("yes" if before else "unknown", (removed["eventID"],))
    assert [step.event_id for step in steps if "create-detector" in step.command] == [removed["eventID"]]


#: What services of AWS do all day.
ORDINARY = [
    ("ec2:CreateNetworkInterface", "elasticloadbalancing.amazonaws.com"),
    ("ec2:RunInstances", "autoscaling.amazonaws.com"),
    ("ec2:TerminateInstances", "autoscaling.amazonaws.com"),
    ("monitoring:DeleteAlarms", "application-autoscaling.amazonaws.com"),
    ("events:DisableRule", "backup.amazonaws.com"),
    ("iam:CreateServiceLinkedRole", "resource-explorer-2.amazonaws.com"),
    ("kms:CreateGrant", "AWS Internal"),
    ("cloudtrail:DescribeTrails", "trustedadvisor.amazonaws.com"),
    ("s3:GetBucketVersioning", "config.amazonaws.com"),
]


@pytest.mark.parametrize(("call", "service"), ORDINARY)
async def test_what_services_do_all_day_turns_no_answer(call: str, service: str) -> None:
    reads = call.split(":")[1].startswith(("Describe", "Get"))
    answers, _ = await tell(
        by_service(call, 2, {"name": "n"}, identity={"invokedBy": service}, sourceIPAddress=service, readOnly=reads),
        account_id=ACCOUNT,
    )
    found = (
        "used_by_person",
        "logging_impaired",
        "money_spent",
        "mfa_removed",
        "password_changed",
        "ownership_changed",
    )
    assert {name: answers[name].answer for name in found} == dict.fromkeys(found, "no")
    assert not answers["persistence"].event_ids


async def test_what_a_stack_of_roots_made_and_no_answer_names_denies_nothing() -> None:
    scaled = {"identity": {"invokedBy": "autoscaling.amazonaws.com"}, "sourceIPAddress": "autoscaling.amazonaws.com"}
    for before, fields, answer in (([CHANGED], {}, "unknown"), ([], {}, "unknown"), ([], scaled, "no")):
        started = by_stack("ec2:RunInstances", 2, {"instanceType": "p4d.24xlarge"}, **fields)
        told = (await tell(*before, started, account_id=ACCOUNT))[0]["mfa_removed"]
        assert told.answer == answer, before
        assert any(started["eventID"] in one for one in told.missing) == (answer == "unknown"), before


async def test_what_acts_on_orders_alone_may_have_spent_roots_money() -> None:
    started = by_service("ec2:RunInstances", 2, {"instanceType": "p4d.24xlarge"})
    told = (await tell(started, account_id=ACCOUNT))[0]["money_spent"]
    assert (told.answer, told.event_ids) == ("unknown", (started["eventID"],))


async def test_instances_of_a_group_that_root_made_cost_root_money() -> None:
    group = did("autoscaling:UpdateAutoScalingGroup", 1, {"desiredCapacity": 500})
    service = "autoscaling.amazonaws.com"
    started = by_service("ec2:RunInstances", 2, identity={"invokedBy": service}, sourceIPAddress=service)
    assert (await tell(group, started))[0]["money_spent"].answer == "yes"


@pytest.mark.parametrize(
    ("call", "region"),
    [
        ("UpdateAutoScalingGroup", "eu-west-1"),
        ("DeleteAutoScalingGroup", "us-east-1"),
        ("CreateOrUpdateTags", "us-east-1"),
    ],
)
async def test_instances_that_auto_scaling_started_elsewhere_or_of_itself_cost_root_none(
    call: str, region: str
) -> None:
    group = did(f"autoscaling:{call}", 1, {"autoScalingGroupName": "x"}, awsRegion=region)
    service = "autoscaling.amazonaws.com"
    instance = {"instancesSet": {"items": [{"instanceId": "i-0123456789abcdef0"}]}}
    started = by_service(
        "ec2:RunInstances", 2, None, instance, identity={"invokedBy": service}, sourceIPAddress=service
    )
    answers, steps = await tell(group, started)
    assert answers["money_spent"].answer != "yes"
    assert not [step for step in steps if "i-0123456789abcdef0" in step.command]


@pytest.mark.parametrize("mark", [{}, {"sourceIPAddress": "AWS Internal", "sessionCredentialFromConsole": "true"}])
@pytest.mark.parametrize(
    ("call", "name", "answer"),
    [
        ("organizations:LeaveOrganization", "ownership_changed", "yes"),
        ("guardduty:DeleteDetector", "logging_impaired", "unknown"),
        ("events:DisableRule", "logging_impaired", "unknown"),
        ("ec2:RunInstances", "money_spent", "unknown"),
        ("billingconsole:SetAccountPreferences", "password_changed", "unknown"),
        ("billingconsole:SetAccountPreferences", "ownership_changed", "unknown"),
    ],
)
async def test_a_call_from_a_network_address_is_probably_a_persons(
    mark: dict[str, Any], call: str, name: str, answer: str
) -> None:
    from_there = {"identity": {"invokedBy": "AWS Internal"}, "sourceIPAddress": "203.0.113.9"} | mark
    action = did(call, 2, {"name": "n"}, **from_there)
    answers, _ = await tell(action, account_id=ACCOUNT)
    assert (answers[name].answer, answers[name].event_ids) == (answer, (action["eventID"],))
    assert (answers["used_by_person"].answer, answers["used_by_person"].event_ids) == ("unknown", (action["eventID"],))
    assert "probably by a person" in answers["used_by_person"].because
    refused = action | {"errorCode": "AccessDenied"}
    assert (await tell(refused, account_id=ACCOUNT))[0][name].answer == "no"


def in_stack(call: str, minute: int, session: str = "AWSCloudFormation", **request: Any) -> dict[str, Any]:
    """A call of CloudFormation with the role of a stack."""
    return did(call, minute, request, who=role("CfnAdmin", session) | {"invokedBy": "cloudformation.amazonaws.com"})


async def test_what_the_role_of_a_stack_did_is_perhaps_roots() -> None:
    ordered = did("cloudformation:CreateStack", 1, {"roleARN": f"arn:aws:iam::{ACCOUNT}:role/path/CfnAdmin"})
    removed = in_stack("guardduty:DeleteDetector", 2, detectorId="d")
    made = in_stack("iam:CreateUser", 3, userName="eve")
    started = in_stack("ec2:RunInstances", 4, instanceType="p4d.24xlarge")
    answers, _ = await tell(ordered, removed, made, started)
    for name, action in (("logging_impaired", removed), ("money_spent", started)):
        assert answers[name].answer == "unknown"
        assert action["eventID"] in answers[name].event_ids
    assert (answers["persistence"].answer, made["eventID"] in answers["persistence"].event_ids) == ("unknown", True)
    # Another's session with that role.
    assert (await tell(ordered, in_stack("guardduty:DeleteDetector", 2, "admin")))[0]["logging_impaired"].answer == "no"
    # Once given a role, a stack keeps it: an update need not name it.
    begun = {"sessionContext": {"attributes": {"creationDate": "2026-08-05T10:01:30Z"}}}
    again = removed | {"userIdentity": removed["userIdentity"] | begun}
    told = (await tell(CHANGED, again))[0]["logging_impaired"]
    assert (told.answer, told.event_ids) == ("unknown", ())
    assert any("role CfnAdmin acted for root: cloudformation:UpdateStack" in one for one in told.missing)


@pytest.mark.parametrize(
    ("before", "fields", "answer"),
    [
        ([], {}, "unknown"),
        ([DELETED | {"errorCode": "AccessDenied"}], {}, "unknown"),
        ([DELETED | {"awsRegion": "eu-west-1"}], {}, "unknown"),
        ([DELETED | {"eventTime": "2026-08-03T22:01:59Z"}], {}, "unknown"),  # one second more than 36 hours
        ([DELETED | {"eventTime": "2026-08-05T10:03:00Z"}], {}, "unknown"),
        ([DELETED], {"errorCode": "AccessDenied"}, "no"),
        ([DELETED], {"identity": {"invokedBy": "config.amazonaws.com"}}, "unknown"),
        ([did("cloudformation:DeleteStack", 1, {"stackName": "s"}, who=user("admin"))], {}, "unknown"),
        ([did("cloudformation:DescribeStacks", 1, readOnly=True)], {}, "unknown"),
    ],
)
async def test_without_an_order_of_roots_nobody_knows_at_whose_word_a_service_acted(
    before: list[dict[str, Any]], fields: dict[str, Any], answer: str
) -> None:
    removed = by_stack("guardduty:DeleteDetector", 2, {"detectorId": "d"}, **fields)
    told = (await tell(*before, removed, account_id=ACCOUNT))[0]["logging_impaired"]
    assert (told.answer, told.event_ids) == (answer, (removed["eventID"],) if answer == "unknown" else ())
    assert answer == "no" or "whether root ordered it the record does not say" in told.because


BY_AWS = {"identity": {"invokedBy": "AWS Internal"}, "sourceIPAddress": "AWS Internal", "userAgent": "AWS Internal"}
NOBODY = {"userIdentity": {"accountId": ACCOUNT, "invokedBy": "AWS Internal"}}


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("EmailUpdated", "ownership_changed"),
        ("PasswordRecoveryCompleted", "password_changed"),
        ("PasswordUpdated", "password_changed"),
    ],
)
async def test_the_sign_in_service_changes_nothing_of_itself(call: str, name: str) -> None:
    """Whatever its event calls its source or its type, and if it names nobody: these are about root alone."""
    answer = {call: "Success"}
    for fields in (BY_AWS, BY_AWS | {"eventType": "AwsServiceEvent"}, {"sourceIPAddress": "AWS Internal"}):
        action = did(f"signin:{call}", 2, None, answer, **fields)
        for record in (action, action | NOBODY, action | {"userIdentity": {"type": "AWSService"}}):
            told = (await tell(record, account_id=ACCOUNT))[0]
            assert (told[name].answer, told[name].event_ids) == ("yes", (record["eventID"],)), record
            assert told["used_by_person"].answer == "yes", record
        untold = action | NOBODY | {"responseElements": None}
        assert (await tell(untold, account_id=ACCOUNT))[0][name].answer == "unknown"
    # A user whose password is changed has a name.
    of_user = did(f"signin:{call}", 2, None, answer, who=user("bob"))
    assert (await tell(of_user, account_id=ACCOUNT))[0][name].answer == "no"


@pytest.mark.parametrize("call", ["iam:UpdateAccountEmailAddress", "account:StartPrimaryEmailUpdate"])
async def test_no_service_changes_the_address_of_itself(call: str) -> None:
    told = (await tell(did(call, 2, {}, **BY_AWS), account_id=ACCOUNT))[0]["ownership_changed"]
    assert told.answer == ("unknown" if "Start" in call else "yes")


@pytest.mark.parametrize("service", ["cloudformation.amazonaws.com", "ssm-quicksetup.amazonaws.com", "AWS Internal"])
@pytest.mark.parametrize(
    ("call", "request_"),
    [
        ("monitoring:DeleteAlarms", {"alarmNames": ["root-use"]}),
        ("events:PutTargets", {"rule": "root-use"}),
        ("events:PutRule", {"name": "root-use"}),
        ("sns:SetTopicAttributes", {"topicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:t", "attributeName": "Policy"}),
        ("logs:PutRetentionPolicy", {"logGroupName": "audit", "retentionInDays": 1}),
        ("logs:PutSubscriptionFilter", {"logGroupName": "audit", "filterName": "f"}),
        ("kms:PutKeyPolicy", {"keyId": "k"}),
        ("s3:PutBucketPolicy", {"bucketName": "logs"}),
    ],
)
async def test_a_service_with_the_callers_credentials_denies_no_more_than_the_caller(
    service: str, call: str, request_: dict[str, Any]
) -> None:
    """Without an order in the logs it is unknown whether root ordered it, and so it is what root would have answered."""
    by_root = (await tell(did(call, 2, request_), account_id=ACCOUNT))[0]["logging_impaired"]
    source = {"identity": {"invokedBy": service}, "sourceIPAddress": service, "userAgent": service}
    by_it = (await tell(did(call, 2, request_, **source), account_id=ACCOUNT))[0]
    assert (by_root.answer, by_it["logging_impaired"].answer) == ("unknown", "unknown")
    assert by_it["logging_impaired"].event_ids
    assert by_it["used_by_person"].answer == "unknown"


async def test_a_role_that_a_service_made_as_root_is_perhaps_roots() -> None:
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "sts:AssumeRole"}]}
    made = by_stack("iam:CreateRole", 2, {"roleName": "deploy", "assumeRolePolicyDocument": json.dumps(trust)})
    bought = did("ec2:RunInstances", 4, {"instanceType": "p4d.24xlarge"}, who=role("deploy", "somebody"))
    answers, _ = await tell(made, bought, account_id=ACCOUNT)
    assert (answers["persistence"].answer, made["eventID"] in answers["persistence"].event_ids) == ("unknown", True)
    assert (answers["money_spent"].answer, bought["eventID"] in answers["money_spent"].event_ids) == ("unknown", True)


@pytest.mark.parametrize(
    ("call", "name", "answer"),
    [
        ("ec2:RunInstances", "money_spent", "unknown"),
        ("groundstation:ReserveContact", "money_spent", "unknown"),
        ("organizations:DetachPolicy", "logging_impaired", "unknown"),
        ("organizations:DisablePolicyType", "logging_impaired", "unknown"),
        ("monitoring:DeleteAlarms", "logging_impaired", "unknown"),
        ("organizations:DeleteOrganization", "ownership_changed", "yes"),
        ("config:PutEvaluations", "used_by_person", "no"),
    ],
)
async def test_a_service_does_of_itself_only_what_is_known_of_it(call: str, name: str, answer: str) -> None:
    service = "config.amazonaws.com"
    done = by_service(call, 2, {"alarmNames": ["a"]}, identity={"invokedBy": service}, sourceIPAddress=service)
    answers, _ = await tell(done, account_id=ACCOUNT)
    assert (answers[name].answer, answers[name].event_ids) == (answer, () if answer == "no" else (done["eventID"],))
    assert answers["used_by_person"].answer == ("no" if answer == "no" else "unknown")


async def test_an_event_of_aws_that_nobody_documents_denies_nothing() -> None:
    happened = did("ec2:MakeSomethingHappen", 2, None, **BY_AWS | {"eventType": "AwsServiceEvent"})
    answers, _ = await tell(happened, account_id=ACCOUNT)
    assert (answers["used_by_person"].answer, answers["money_spent"].answer) == ("unknown", "unknown")
