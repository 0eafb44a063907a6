"""Ways to impair detective controls without switching it off: what hides and what does not, for root's call alone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.analysis.lineage.test_blast_radius import did
from tests.builders import ACCOUNT
from tests.queries.test_impairment import ADMIN, rows_of
from tests.stories import part_of

FEATURE = {"name": "S3_DATA_EVENTS"}
SUPPRESSED = [{"type": "FINDING_FIELDS_UPDATE", "findingFieldsUpdate": {"workflow": {"status": "SUPPRESSED"}}}]
NOTED = [{"type": "FINDING_FIELDS_UPDATE", "findingFieldsUpdate": {"note": {"text": "seen", "updatedBy": "x"}}}]
LAMBDA_OFF = {"ec2": True, "ecr": True, "lambda": False}
#: The call; what impairs and what it makes; what does not and what it makes, None for nothing.
CASES: list[tuple[str, dict[str, Any] | None, str, dict[str, Any] | None, str | None]] = [
    (
        "guardduty:UpdateMemberDetectors",
        {"detectorId": "d", "accountIds": ["444455556666"], "features": [FEATURE | {"status": "DISABLED"}]},
        "narrowed certain",
        {"detectorId": "d", "accountIds": ["444455556666"], "features": [FEATURE | {"status": "ENABLED"}]},
        None,
    ),
    (
        "guardduty:UpdateOrganizationConfiguration",
        {"detectorId": "d", "autoEnable": False},
        "narrowed certain",
        {"detectorId": "d", "autoEnable": True},
        None,
    ),
    (
        "guardduty:UpdateOrganizationConfiguration",
        {"detectorId": "d", "autoEnableOrganizationMembers": "NONE"},
        "narrowed certain",
        {"detectorId": "d", "autoEnableOrganizationMembers": "ALL"},
        None,
    ),
    (
        "securityhub:UpdateOrganizationConfiguration",
        {"autoEnable": False},
        "narrowed certain",
        {"autoEnable": True, "autoEnableStandards": "NONE"},
        "changed maybe",
    ),
    ("macie2:UpdateOrganizationConfiguration", {"autoEnable": False}, "narrowed certain", {"autoEnable": True}, None),
    (
        "inspector2:UpdateOrganizationConfiguration",
        {"autoEnable": {"ec2": False, "ecr": False}},
        "narrowed certain",
        {"autoEnable": LAMBDA_OFF},
        "changed maybe",
    ),
    (
        "detective:UpdateOrganizationConfiguration",
        {"graphArn": "g", "autoEnable": False},
        "narrowed certain",
        {"graphArn": "g", "autoEnable": True},
        None,
    ),
    (
        "securityhub:BatchUpdateStandardsControlAssociations",
        {"standardsControlAssociationUpdates": [{"securityControlId": "IAM.6", "associationStatus": "DISABLED"}]},
        "stopped certain",
        {"standardsControlAssociationUpdates": [{"securityControlId": "IAM.6", "associationStatus": "ENABLED"}]},
        None,
    ),
    (
        "securityhub:CreateAutomationRule",
        {"ruleName": "x", "actions": SUPPRESSED},
        "narrowed certain",
        {"ruleName": "x", "actions": NOTED},
        "changed maybe",
    ),
    (
        "securityhub:CreateAutomationRuleV2",
        {"ruleName": "x", "actions": [{"findingFieldsUpdate": {"statusId": 3}}]},
        "narrowed certain",
        {"ruleName": "x", "actions": [{"findingFieldsUpdate": {"severityId": 3}}]},
        "changed maybe",
    ),
    (
        "securityhub:BatchUpdateFindings",
        {"workflow": {"status": "SUPPRESSED"}},
        "changed certain",
        {"workflow": {"status": "NOTIFIED"}},
        None,
    ),
    ("securityhub:BatchUpdateFindingsV2", {"statusId": 5}, "changed certain", {"statusId": 2}, None),
    ("securityhub:UpdateFindings", {"recordState": "ARCHIVED"}, "changed certain", {"recordState": "ACTIVE"}, None),
    ("access-analyzer:UpdateFindings", {"status": "ARCHIVED"}, "changed certain", {"status": "ACTIVE"}, None),
    ("guardduty:CreateFilter", {"name": "f", "action": "ARCHIVE"}, "changed certain", {"action": "NOOP"}, None),
    ("guardduty:UpdateFilter", {"filterName": "f", "action": "ARCHIVE"}, "changed certain", {"action": "NOOP"}, None),
    ("macie2:CreateFindingsFilter", {"action": "ARCHIVE"}, "changed certain", {"action": "NOOP"}, None),
    ("macie2:UpdateFindingsFilter", {"id": "f", "name": "g"}, "changed certain", {"id": "f", "action": "NOOP"}, None),
    ("inspector2:CreateFilter", {"action": "SUPPRESS"}, "changed certain", {"action": "NONE"}, None),
    ("macie2:UpdateMacieSession", {"status": "PAUSED"}, "stopped certain", {"status": "ENABLED"}, None),
    ("macie2:UpdateMemberSession", {"id": "4", "status": "PAUSED"}, "stopped certain", {"status": "ENABLED"}, None),
    (
        "macie2:UpdateAutomatedDiscoveryConfiguration",
        {"status": "DISABLED"},
        "stopped certain",
        {"status": "ENABLED"},
        None,
    ),
    (
        "sns:SetTopicAttributes",
        {"topicArn": "t", "attributeName": "Policy", "attributeValue": "{}"},
        "changed maybe",
        {"topicArn": "t", "attributeName": "DisplayName", "attributeValue": "x"},
        None,
    ),
    (
        "sns:SetSubscriptionAttributes",
        {"subscriptionArn": "t", "attributeName": "FilterPolicy", "attributeValue": "{}"},
        "changed maybe",
        {"subscriptionArn": "t", "attributeName": "RawMessageDelivery", "attributeValue": "true"},
        None,
    ),
    (
        "logs:DeleteAccountPolicy",
        {"policyName": "p", "policyType": "SUBSCRIPTION_FILTER_POLICY"},
        "removed maybe",
        {"policyName": "p", "policyType": "FIELD_INDEX_POLICY"},
        None,
    ),
]


def made(rows: list[dict[str, Any]]) -> str | None:
    """What the one row tells; None if there is none."""
    if not rows:
        return None
    (row,) = rows
    assert row["by_root"]
    return f"{row['impairment']} {row['certainty']}"


@pytest.mark.parametrize(
    ("call", "asked", "makes"),
    [one for call, hit, makes, miss, otherwise in CASES for one in ((call, hit, makes), (call, miss, otherwise))],
)
async def test_what_impairs_is_told_and_what_does_not_is_not(
    call: str, asked: dict[str, Any] | None, makes: str | None
) -> None:
    assert made(rows_of(await part_of(did(call, 10, asked)))) == makes


@pytest.mark.parametrize(
    ("call", "impairment"),
    [
        ("guardduty:UpdateIPSet", "changed"),
        ("guardduty:DisableOrganizationAdminAccount", "removed"),
        ("detective:DeleteGraph", "removed"),
        ("securitylake:DeleteDataLake", "removed"),
        ("config:DeleteRemediationConfiguration", "removed"),
        ("access-analyzer:CreateArchiveRule", "changed"),
        ("cloudtrail:DeleteChannel", "removed"),
        ("securityhub:DisableImportFindingsForProduct", "stopped"),
        ("inspector2:DisableDelegatedAdminAccount", "removed"),
    ],
)
async def test_what_always_impairs_is_told(call: str, impairment: str) -> None:
    assert made(rows_of(await part_of(did(call, 10, {})))) == f"{impairment} certain"
    assert rows_of(await part_of(did(call, 10, {}, errorCode="AccessDenied")))[0]["result"] == "attempted"


TRAIL = {"name": "main", "cloudWatchLogsLogGroupArn": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:ctlogs:*"}
NAMING = did("cloudtrail:DescribeTrails", 1, None, {"trailList": [TRAIL]}, who=ADMIN)
SENT_ON = {"filterName": "siem", "filterPattern": '{ $.eventName = "nothing" }', "destinationArn": "arn:aws:kinesis"}


async def test_a_subscription_that_root_writes_anew_may_send_on_nothing() -> None:
    case = await part_of(NAMING, did("logs:PutSubscriptionFilter", 10, SENT_ON | {"logGroupName": "ctlogs"}))
    assert made(rows_of(case)) == "changed certain"
    case = await part_of(NAMING, did("logs:PutSubscriptionFilter", 10, SENT_ON | {"logGroupName": "shop"}))
    assert rows_of(case) == []


async def test_a_subscription_that_another_puts_back_ends_the_window() -> None:
    gone = did("logs:DeleteSubscriptionFilter", 10, {"logGroupName": "ctlogs", "filterName": "siem"})
    back = did("logs:PutSubscriptionFilter", 20, SENT_ON | {"logGroupName": "ctlogs"}, who=ADMIN)
    (row,) = rows_of(await part_of(NAMING, gone, back))
    assert (row["impairment"], row["until_time"].minute) == ("removed", 20)


async def test_members_that_are_watched_again_end_the_window() -> None:
    asked = {"detectorId": "d", "accountIds": ["444455556666"]}
    off = did("guardduty:UpdateMemberDetectors", 10, asked | {"features": [FEATURE | {"status": "DISABLED"}]})
    on = asked | {"features": [FEATURE | {"status": "ENABLED"}]}
    (row,) = rows_of(await part_of(off, did("guardduty:UpdateMemberDetectors", 20, on, who=ADMIN)))
    assert row["until_time"].minute == 20
    elsewhere = on | {"accountIds": ["777788889999"]}
    (row,) = rows_of(await part_of(off, did("guardduty:UpdateMemberDetectors", 20, elsewhere, who=ADMIN)))
    assert row["until_time"] is None
