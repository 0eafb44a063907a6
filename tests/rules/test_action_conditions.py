"""Each condition of the catalogue: a record that meets it, and one that just does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

import rootforensics as rf
from tests.builders import ABSENT, ACCOUNT, root_event, write_log
from tests.stories import part_of
from tools.docs.catalogue import actions

if TYPE_CHECKING:
    from pathlib import Path

ROOT_MFA: Final = f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"
ADMINISTRATOR: Final = "arn:aws:iam::aws:policy/AdministratorAccess"

#: The four parts of a public-access block.
BLOCKS: Final = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


def asked(**parameters: Any) -> dict[str, Any]:
    """A request with these parameters."""
    return {"requestParameters": parameters}


def signed_in(outcome: str, mfa: str | None) -> dict[str, Any]:
    """The fields by which a sign-in tells how it went."""
    return {"responseElements": {"ConsoleLogin": outcome}, "additionalEventData": {"MFAUsed": mfa}}


#: What a session of GetFederationToken is called.
FEDERATED: Final[dict[str, Any]] = {
    "identity": {"type": "FederatedUser", "sessionContext": {"sessionIssuer": {"type": "Root"}}}
}

#: A user whom root made.
USER: Final[dict[str, Any]] = {
    "identity": {
        "type": "IAMUser", "userName": "made", "arn": f"arn:aws:iam::{ACCOUNT}:user/made", "accessKeyId": "AKIAMADE",
    }
}  # fmt: skip


def opened(*cidrs: str) -> dict[str, Any]:
    """A rule of a security group for these ranges, IPv4 or IPv6."""
    four = [{"cidrIp": cidr} for cidr in cidrs if ":" not in cidr]
    six = [{"cidrIpv6": cidr} for cidr in cidrs if ":" in cidr]
    ranges = {"ipRanges": {"items": four}, "ipv6Ranges": {"items": six}}
    return asked(groupId="sg-1", ipPermissions={"items": [{"ipRanges": {}}, ranges]})


#: For each row with a condition: the fields of a record that meets it, and of one near by with the row that then fits.
CASES: Final[dict[str, tuple[dict[str, Any], dict[str, Any], str]]] = {
    "guardduty-update-member-detectors-disabled": (
        asked(features=[{"name": "S3_DATA_EVENTS", "status": "DISABLED"}]),
        asked(features=[{"name": "S3_DATA_EVENTS", "status": "ENABLED"}]), "guardduty-update-member-detectors"),
    "guardduty-update-organization-configuration-off": (
        asked(autoEnableOrganizationMembers="NONE"), asked(autoEnableOrganizationMembers="ALL"),
        "guardduty-update-organization-configuration"),
    "securityhub-update-organization-configuration-off": (
        asked(AutoEnable=False), asked(AutoEnable=True, AutoEnableStandards="DEFAULT"),
        "securityhub-update-organization-configuration"),
    "macie2-update-organization-configuration-off": (
        asked(autoEnable=False), asked(autoEnable=True), "macie2-update-organization-configuration"),
    "detective-update-organization-configuration-off": (
        asked(autoEnable=False), asked(autoEnable=True), "detective-update-organization-configuration"),
    "inspector2-update-organization-configuration-off": (
        asked(autoEnable={"ec2": True, "ecr": False}), asked(autoEnable={"ec2": True, "ecr": True}),
        "inspector2-update-organization-configuration"),
    "guardduty-update-filter-archive": (
        asked(action="ARCHIVE"), asked(action="NOOP"), "guardduty-update-filter"),
    "securityhub-batch-update-standards-control-associations-disabled": (
        asked(standardsControlAssociationUpdates=[{"associationStatus": "DISABLED"}]),
        asked(standardsControlAssociationUpdates=[{"associationStatus": "ENABLED"}]),
        "securityhub-batch-update-standards-control-associations"),
    "securityhub-create-automation-rule-hides": (
        asked(actions=[{"findingFieldsUpdate": {"workflow": {"status": "SUPPRESSED"}}}]),
        asked(actions=[{"findingFieldsUpdate": {"note": {"text": "SUPPRESSED?"}}}]), "securityhub-create-automation-rule"),
    "securityhub-create-automation-rule-v2-hides": (
        asked(actions=[{"findingFieldsUpdate": {"statusId": 3}}]), asked(actions=[{"findingFieldsUpdate": {"statusId": 1}}]),
        "securityhub-create-automation-rule-v2"),
    "securityhub-batch-update-findings-hidden": (
        asked(workflow={"status": "SUPPRESSED"}), asked(workflow={"status": "NOTIFIED"}),
        "securityhub-batch-update-findings"),
    "macie2-update-macie-session-paused": (
        asked(status="PAUSED"), asked(status="ENABLED"), "macie2-update-macie-session"),
    "macie2-create-findings-filter-hides": (
        asked(action="ARCHIVE"), asked(action="NOOP"), "macie2-create-findings-filter"),
    "macie2-update-findings-filter-hides": (
        asked(action="ARCHIVE"), asked(name="f"), "macie2-update-findings-filter"),
    "inspector2-create-filter-hides": (
        asked(action="SUPPRESS"), asked(action="NONE"), "inspector2-create-filter"),
    "inspector2-update-filter-hides": (
        asked(action="SUPPRESS"), asked(name="f"), "inspector2-update-filter"),
    "signin-console-login-with-mfa": (
        signed_in("Success", "YES"), signed_in("Success", None), "signin-console-login"),
    "signin-console-login-without-mfa": (
        signed_in("Success", "No"), signed_in("Failure", "No"), "signin-console-login-failed"),
    "signin-console-login-federated": (
        signed_in("Success", "No") | FEDERATED, signed_in("Success", "No"), "signin-console-login-without-mfa"),
    "signin-console-login-failed": (
        signed_in("Failure", "No"), {"responseElements": None}, "signin-console-login"),
    "signin-console-login-failed-with-mfa": (
        signed_in("Failure", "Yes"), signed_in("failure", None), "signin-console-login-failed"),
    "rds-modify-db-instance-unprotected": (
        asked(deletionProtection=False), asked(deletionProtection=True), "rds-modify-db-instance"),
    "rds-modify-db-cluster-unprotected": (
        asked(deletionProtection=False), asked(deletionProtection=True), "rds-modify-db-cluster"),
    "rds-modify-db-cluster-access": (
        asked(masterUserPassword="****"), asked(masterUserPassword=None, vpcSecurityGroupIds=[]), "rds-modify-db-cluster"),
    "ecs-run-task-fargate": (
        asked(launchType="FARGATE"), asked(launchType="EC2"), "ecs-run-task"),
    "ecs-create-service-fargate": (
        asked(capacityProviderStrategy=[{"capacityProvider": "FARGATE_SPOT", "weight": 1}]),
        asked(capacityProviderStrategy=[{"capacityProvider": "own", "weight": 1}]), "ecs-create-service"),
    "iam-create-access-key-for-root": (
        {"requestParameters": None}, asked(userName="sync"), "iam-create-access-key"),
    "iam-create-login-profile-for-root": (
        asked(passwordResetRequired=False), asked(userName="sync"), "iam-create-login-profile"),
    "iam-delete-login-profile-for-root": (
        {"requestParameters": None}, asked(userName="sync"), "iam-delete-login-profile"),
    "iam-update-access-key-for-root-deactivate": (
        asked(accessKeyId="AKIA1", status="Inactive"), asked(accessKeyId="AKIA1", status="Inactive", userName="sync"),
        "iam-update-access-key-deactivate"),
    "iam-update-access-key-for-root-activate": (
        asked(accessKeyId="AKIA1", status="Active"), asked(accessKeyId="AKIA1", status="Inactive"),
        "iam-update-access-key-for-root-deactivate"),
    "iam-update-access-key-deactivate": (
        asked(accessKeyId="AKIA1", status="Inactive", userName="sync"), asked(accessKeyId="AKIA1", userName="sync"),
        "iam-update-access-key"),
    "iam-update-access-key-activate": (
        asked(accessKeyId="AKIA1", status="Active", userName="sync"), asked(accessKeyId="AKIA1", userName="sync"),
        "iam-update-access-key"),
    "iam-delete-access-key-for-root": (
        asked(accessKeyId="AKIA1"), asked(accessKeyId="AKIA1") | {"eventVersion": ABSENT}, "iam-delete-access-key"),
    "iam-change-password-for-root": (
        {}, {"identity": {"type": ABSENT, "sessionContext": {"sessionIssuer": {"type": "Root"}}} | {
            "type": "FederatedUser"}}, "iam-change-password"),
    "iam-enable-mfa-device-for-root": (
        asked(userName="AWS ROOT USER", serialNumber=ROOT_MFA), asked(userName="sync", serialNumber="arn:…:mfa/sync"),
        "iam-enable-mfa-device"),
    "iam-deactivate-mfa-device-for-root": (
        asked(userName=None, serialNumber="GAHT12345678"), asked(userName="sync", serialNumber="GAHT12345678"),
        "iam-deactivate-mfa-device"),
    **{
        f"iam-attach-{kind}-policy-administrator": (
            asked(policyArn=ADMINISTRATOR), asked(policyArn=f"{ADMINISTRATOR}-Amplify"), f"iam-attach-{kind}-policy")
        for kind in ("user", "role", "group")
    },
    "cloudtrail-update-trail-narrowed": (
        asked(name="t", isMultiRegionTrail=False), asked(name="t", isMultiRegionTrail=True), "cloudtrail-update-trail"),
    "cloudtrail-update-event-data-store-unprotected": (
        asked(terminationProtectionEnabled=False), asked(terminationProtectionEnabled=True),
        "cloudtrail-update-event-data-store"),
    "guardduty-update-detector-disabled": (
        asked(detectorId="d", enable=False), asked(detectorId="d"), "guardduty-update-detector"),
    "events-put-rule-disabled": (
        asked(name="root", state="DISABLED"), asked(name="root", state="ENABLED"), "events-put-rule"),
    "guardduty-create-filter-archive": (
        asked(action="ARCHIVE"), asked(action="NOOP"), "guardduty-create-filter"),
    "sqs-set-queue-attributes-policy": (
        asked(attributes={"Policy": ""}), asked(attributes={"DelaySeconds": "1"}), "sqs-set-queue-attributes"),
    "s3-put-bucket-versioning-mfa-delete-off": (
        asked(VersioningConfiguration={"MfaDelete": "Disabled"}), asked(VersioningConfiguration={"Status": "x"}),
        "s3-put-bucket-versioning"),
    "s3-put-bucket-versioning-mfa-delete-on": (
        asked(VersioningConfiguration={"MfaDelete": "Enabled"}),
        asked(VersioningConfiguration={"MfaDelete": "Disabled", "Status": "Enabled"}),
        "s3-put-bucket-versioning-mfa-delete-off"),
    "s3-copy-object-customer-key": (
        asked(**{"x-amz-server-side-encryption-customer-algorithm": "AES256"}),
        asked(**{"x-amz-server-side-encryption": "AES256"}), "s3-copy-object"),
    "s3-put-bucket-versioning-suspended": (
        asked(VersioningConfiguration={"Status": "Suspended"}), asked(VersioningConfiguration={"Status": "Enabled"}),
        "s3-put-bucket-versioning-enabled"),
    "s3-put-bucket-versioning-enabled": (
        asked(VersioningConfiguration={"Status": "Enabled"}),
        asked(VersioningConfiguration={"Status": "Suspended", "MfaDelete": "Enabled"}),
        "s3-put-bucket-versioning-suspended"),
    "ec2-run-instances-accelerated": (
        asked(instanceType="p4d.24xlarge"), asked(instanceType="c6g.large"), "ec2-run-instances"),
    "ec2-authorize-security-group-ingress-world": (
        opened("10.0.0.0/8", "0.0.0.0/0"), opened("10.0.0.0/8", "10.0.0.0/0", "2001:db8::/32"), "ec2-authorize-security-group-ingress"),
    "ec2-modify-snapshot-attribute-shared": (
        asked(createVolumePermission={"add": {"items": [{"group": "all"}]}}),
        asked(createVolumePermission={"remove": {"items": [{"group": "all"}]}}),
        "ec2-modify-snapshot-attribute-withdrawn"),
    "ec2-modify-snapshot-attribute-withdrawn": (
        asked(createVolumePermission={"remove": {"items": [{"group": "all"}]}}),
        asked(snapshotId="snap-1"), "ec2-modify-snapshot-attribute"),
    "ec2-modify-image-attribute-withdrawn": (
        asked(launchPermission={"remove": {"items": [{"group": "all"}]}}),
        asked(launchPermission={"remove": {"items": [{"group": "all"}]}, "add": {"items": [{"userId": "1"}]}}),
        "ec2-modify-image-attribute"),
    **{
        f"rds-modify-db-{kind}-attribute-withdrawn": (
            asked(attributeName="restore", valuesToRemove=["all"]),
            asked(attributeName="restore", valuesToRemove=["all"], valuesToAdd=["444455556666"]),
            f"rds-modify-db-{kind}-attribute")
        for kind in ("snapshot", "cluster-snapshot")
    },
    "rds-modify-db-instance-access": (
        asked(publiclyAccessible=True), asked(publiclyAccessible=False, allocatedStorage=100), "rds-modify-db-instance"),
    "s3-put-bucket-acl-private": (
        asked(**{"x-amz-acl": "private"}), asked(**{"x-amz-acl": "public-read"}), "s3-put-bucket-acl"),
    **{
        f"s3-put-{of}-public-access-block-all": (
            asked(PublicAccessBlockConfiguration=dict.fromkeys(BLOCKS, True)),
            asked(PublicAccessBlockConfiguration=dict.fromkeys(BLOCKS[:3], True) | {BLOCKS[3]: False}),
            f"s3-put-{of}-public-access-block")
        for of in ("bucket", "account")
    },
    "rds-delete-db-instance-no-snapshot": (
        asked(skipFinalSnapshot=True), asked(skipFinalSnapshot=False), "rds-delete-db-instance"),
    "secretsmanager-delete-secret-at-once": (
        asked(forceDeleteWithoutRecovery=True), asked(recoveryWindowInDays=7), "secretsmanager-delete-secret"),
    "lambda-add-permission-public": (
        asked(principal="*"), asked(principal="s3.amazonaws.com"), "lambda-add-permission"),
    "lambda-create-function-url-config-public": (
        asked(authType="NONE"), asked(authType="AWS_IAM"), "lambda-create-function-url-config"),
    "lambda-update-function-configuration-code": (
        asked(functionName="f", environment={}), asked(functionName="f", timeout=60), "lambda-update-function-configuration"),
    "ec2-describe-instance-attribute-user-data": (
        asked(instanceId="i-1", attribute="userData"), asked(instanceId="i-1", attribute="groupSet"),
        "ec2-describe-instance-attribute"),
    **{
        f"ssm-get-{name}-decrypted": (asked(withDecryption=True), asked(withDecryption=False), f"ssm-get-{name}")
        for name in ("parameter", "parameters", "parameters-by-path")
    },
    "sts-get-federation-token-by-user": (asked(name="f") | USER, asked(name="f"), "sts-get-federation-token"),
    "signin-console-login-of-user-without-mfa": (
        signed_in("Success", "No") | USER, signed_in("Success", "Yes") | USER, "signin-console-login-of-user"),
    "signin-console-login-of-user": (
        signed_in("Success", None) | USER, signed_in("Success", None), "signin-console-login"),
    "account-put-alternate-contact-security": (
        asked(alternateContactType="SECURITY"), asked(alternateContactType="BILLING"), "account-put-alternate-contact"),
}  # fmt: skip


def _record(row_id: str, fields: dict[str, Any]) -> dict[str, Any]:
    row = actions()[row_id]
    return root_event(**({"eventSource": row.eventSource, "eventName": row.eventName, "readOnly": False} | fields))


def _told(folder: Path, records: list[dict[str, Any]]) -> dict[str, str]:
    """For each event, by its eventID, the row that speaks for it."""
    write_log(folder, "log.json", records)
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "log.json")
        rows = case.sql("SELECT eventID, action_id FROM followed_actions WHERE origin_group <> 'noise'").rows
    assert len(rows) == len({row["eventID"] for row in rows})
    return {row["eventID"]: row["action_id"] for row in rows}


@pytest.mark.parametrize("cidrs", [("0.0.0.0/0",), ("::/0",), ("10.0.0.0/8", "2001:db8::/32", "::/0")])
async def test_any_range_that_is_the_world_opens_to_the_world(cidrs: tuple[str, ...]) -> None:
    case = await part_of(_record("ec2-authorize-security-group-ingress-world", opened(*cidrs)))
    rows = case.sql("SELECT action_id FROM followed_actions WHERE origin_group <> 'noise'").rows
    assert rows == [{"action_id": "ec2-authorize-security-group-ingress-world"}]


def test_every_condition_has_a_case() -> None:
    assert CASES.keys() == {row.id for row in actions().values() if row.condition}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The row that speaks for the hit and the near miss of each condition."""
    records = [
        _record("iam-create-user", asked(userName="made")) | {"eventTime": "2026-08-01T00:00:00Z", "eventID": "made"},
        *(
            _record(row_id, fields) | {"eventID": f"{kind} {row_id}"}
            for row_id, (hit, miss, _) in CASES.items()
            for kind, fields in (("hit", hit), ("miss", miss))
        ),
    ]
    return _told(tmp_path_factory.mktemp("conditions"), records)


@pytest.mark.parametrize("row_id", CASES)
def test_a_condition_is_met_and_just_not_met(row_id: str, told: dict[str, str]) -> None:
    assert told[f"hit {row_id}"] == row_id
    assert told[f"miss {row_id}"] == CASES[row_id][2]


@pytest.mark.heavy
def test_without_parameters_the_row_without_a_condition_speaks(tmp_path: Path) -> None:
    plain = [row for row in actions().values() if not row.condition]
    records = [_record(row.id, {"requestParameters": {"userName": "x"}}) | {"eventID": row.id} for row in plain]
    told = _told(tmp_path, records)
    assert told == {row.id: row.id for row in plain} | {"iam-change-password": "iam-change-password-for-root"}
