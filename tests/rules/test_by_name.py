"""What a call may do, by its name: impair a detective control of which no rule speaks, or cost something."""

from __future__ import annotations

import tomllib
from pathlib import Path

import botocore.loaders
import pytest

from rootforensics.ingest.spelling import spelled_action
from rootforensics.rules import by_name
from rootforensics.rules.actions import control_calls
from rootforensics.rules.by_name import is_free, may_impair
from tools.docs.aws_models import models, operations
from tools.docs.catalogue import actions

LISTS = tomllib.loads((Path(by_name.__file__).parent / "by_name.toml").read_text(encoding="utf-8"))
#: Event sources that no model is named after.
NO_MODEL = {
    "access-analyzer": "accessanalyzer", "aps": "amp", "monitoring": "cloudwatch", "elasticloadbalancing": "elbv2",
    "notifications-contacts": "notificationscontacts",
}  # fmt: skip


def test_each_list_is_in_order_and_says_nothing_twice() -> None:
    assert LISTS["services"] == sorted(set(LISTS["services"]))
    assert LISTS["harmless"] == sorted(set(LISTS["harmless"]))
    assert len(LISTS["calls"]) == len({*LISTS["calls"], *LISTS["harmless"]}) - len(LISTS["harmless"])


def test_each_service_is_one_of_aws() -> None:
    models = set(botocore.loaders.create_loader().list_available_services("service-2"))
    assert {one for one in LISTS["services"] if NO_MODEL.get(one, one) not in models} == set()


@pytest.mark.parametrize("call", [*LISTS["free"]["calls"], *LISTS["owns"]])
def test_each_other_call_is_an_operation(call: str) -> None:
    source, name = call.split(":")
    assert operations(NO_MODEL.get(source, source), name)


@pytest.mark.parametrize("call", [*LISTS["calls"], *LISTS["harmless"]])
def test_each_call_is_an_operation_that_no_rule_has_for_a_control(call: str) -> None:
    source, name = call.split(":")
    assert operations(NO_MODEL.get(source, source), name)
    assert name not in {
        control_call["call_name"]
        for control_call in control_calls()
        if control_call["call_source"] == f"{source}.amazonaws.com"
    }
    told = {(action.eventSource, action.eventName) for action in actions().values() if action.control}
    assert (f"{source}.amazonaws.com", name) not in told


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ("oam:DeleteLink", True),
        ("oam:PutSinkPolicy", True),
        ("oam:CreateLink", False),
        ("oam:TagResource", False),
        ("oam:SomethingNobodyKnows", True),
        ("cloudtrail:PutEventConfiguration", True),
        ("cloudtrail:AddTags", False),
        ("cloudtrail:StopLogging", False),  # the catalogue says what it does
        ("config:StartConfigurationRecorder", False),  # so does the list of calls that restore
        ("securityhub:CreateConfigurationPolicy", True),
        ("network-firewall:CreateFirewallPolicy", False),
        ("network-firewall:AssociateFirewallPolicy", True),
        ("ssm-contacts:SendActivationCode", False),
        ("budgets:DeleteBudget", True),  # in the catalogue, as no control
        ("kinesis:PutRecord", False),
        ("scheduler:CreateSchedule", True),
        ("logs:FilterLogEvents", False),
        ("kms:DisconnectCustomKeyStore", True),
        ("eks:CreateCluster", False),
        ("groundstation:DeleteConfig", False),
        ("rds:StopActivityStream", True),
        ("rds:DeleteEventSubscription", True),
        ("redshift:DisableLogging", True),
        ("iot:SetV2LoggingOptions", True),
        ("s3:PutBucketNotification", True),
        ("rds:CreateEventSubscription", False),
        ("iam:UpdateLoginProfile", False),
    ],
)
def test_what_no_rule_knows_may_impair_what_watches(call: str, answer: bool) -> None:
    source, name = call.split(":")
    assert may_impair(f"{source}.amazonaws.com", name) is answer
    assert may_impair(f"{source}.amazonaws.com", name.lower()) is answer


def test_case_decides_nothing_of_any_call_of_aws() -> None:
    differing = [
        f"{source}:{name}"
        for source, model in models()
        for name in model.operation_names
        for case in (name, spelled_action(name.lower(), source), name.upper())
        if may_impair(source, case) is not may_impair(source, name)
        or is_free(source, case) is not is_free(source, name)
    ]
    assert differing == []


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ("ec2:RunInstances", False),
        ("ec2:runinstances", False),
        ("ec2:TERMINATEINSTANCES", True),
        ("s3:PutBucketTagging", True),
        ("iam:CreateUser", True),
        ("logs:CREATELOGGROUP", True),
        ("logs:CreateDelivery", False),
    ],
)
def test_what_takes_away_or_tags_is_free_as_are_services_that_charge_nothing(call: str, answer: bool) -> None:
    source, name = call.split(":")
    assert is_free(f"{source}.amazonaws.com", name) is answer


def test_a_call_without_source_or_name_impairs_nothing_by_itself() -> None:
    assert not may_impair(None, "DeleteLink")
    assert not may_impair("oam.amazonaws.com", None)
