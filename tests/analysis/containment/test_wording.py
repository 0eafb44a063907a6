"""Steps are said for the account that they are about, once, and in an order in which none forbids another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.containment.step import Step, worded
from rootforensics.rules.undo import measures
from tests.analysis.containment.test_action_steps import TRUST
from tests.analysis.lineage.test_blast_radius import did, made_key, user
from tests.analysis.verdict.logs import beside_root, tell
from tests.builders import ACCOUNT, event, write_log
from tests.posture.answers import write

if TYPE_CHECKING:
    from pathlib import Path

ADMINISTRATION = "999900003333"
OWNER = user("owner", "AKIAOWNER")
ADMIN = user("admin", "AKIAADMIN", ADMINISTRATION)
TAKEN_OVER = made_key("AKIANEW", 1, None)
OPENED = event(
    identity=ADMIN,
    recipientAccountId=ADMINISTRATION,
    eventSource="sts.amazonaws.com",
    eventName="AssumeRoot",
    requestParameters={"targetPrincipal": ACCOUNT},
    responseElements={"credentials": {"accessKeyId": "ASIAOPENED"}},
)
ASKED = event(
    identity=ADMIN,
    recipientAccountId=ADMINISTRATION,
    eventSource="account.amazonaws.com",
    eventName="GetPrimaryEmail",
    requestParameters={"accountId": ACCOUNT},
)


@pytest.mark.parametrize(
    ("record", "first"),
    [
        (OPENED, "Block root now with an SCP that still allows AssumeRoot"),
        (ASKED, "Block root now with an SCP that still allows AssumeRoot"),
        (ASKED | {"errorCode": "AccessDeniedException"}, "If the account is a member of an organization, block root"),
        (
            did("organizations:AttachPolicy", 2, {"policyId": "p-1"}),
            "If the account is a member of an organization, bl",
        ),
        (did("organizations:LeaveOrganization", 2), "If the account is a member of an organization, block root now"),
    ],
)
async def test_root_of_a_member_is_blocked_without_a_condition(record: dict[str, Any], first: str) -> None:
    _, steps = await tell(TAKEN_OVER, record, account_id=ACCOUNT)
    assert steps[0].what.startswith(first)
    assert steps[0].command.splitlines()[-1].endswith(f"--target-id {ACCOUNT}")
    assert steps[1].what.startswith("While root is blocked, delete")


@pytest.mark.parametrize("call", ["CreateOrganization", "CreateAccount", "EnableAWSServiceAccess"])
async def test_root_of_the_management_account_is_recovered_without_an_scp(call: str) -> None:
    _, steps = await tell(TAKEN_OVER, did(f"organizations:{call}", 2, who=OWNER))
    reset, keys, replace = steps[:3]
    assert [step.what.split(" root")[0] for step in (reset, keys, replace)] == [
        "Reset the password of",
        "Deactivate the access keys of",
        "Replace",
    ]
    assert "No SCP can block root" in reset.why
    assert (reset.command, reset.identity) == ("", "")
    assert [line.split()[1:3] for line in keys.command.splitlines()] == [
        ["iam", "list-access-keys"],
        ["signin", "list-sessions"],
        ["signin", "batch-revoke-sessions"],
    ]
    assert {keys.identity, replace.identity} == {"root, after recovery"}
    assert not [step for step in steps if "SCP" in step.what or "create-policy" in step.command]


async def test_an_scp_that_denied_the_latest_calls_is_looked_at_before_another_is_attached() -> None:
    denied = did("s3:ListBuckets", 3) | {
        "errorCode": "AccessDenied",
        "errorMessage": f"User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: s3:ListAllMyBuckets "
        "with an explicit deny in a service control policy",
    }
    _, steps = await tell(TAKEN_OVER, denied)
    assert steps[0].what.startswith(
        "An SCP denied root's last calls. "
        "Attach a new SCP only if no attached one blocks root completely, except in AssumeRoot sessions"
    )
    assert [line.split()[2] for line in steps[0].command.splitlines()] == [
        "list-parents", "list-policies-for-target", "list-policies-for-target", "describe-policy", "create-policy",
        "attach-policy",
    ]  # fmt: skip
    _, steps = await tell(TAKEN_OVER, denied, did("s3:ListBuckets", 4))
    assert steps[0].what.startswith("Block root now with an SCP")


async def test_root_of_govcloud_has_no_console_to_recover() -> None:
    records = [record | {"awsRegion": "us-gov-west-1"} for record in (TAKEN_OVER, did("s3:ListBuckets", 3))]
    _, steps = await tell(*records)
    assert [step.what.partition(" ")[0] for step in steps] == ["If", "While", "Deactivate"]


async def test_root_is_recovered_in_the_order_in_which_that_works() -> None:
    """A root user that an SCP denies everything cannot register a device or deactivate a key."""
    _, steps = await tell(TAKEN_OVER, OPENED, account_id=ACCOUNT)
    assert [(step.what[:24], step.identity) for step in steps[2:]] == [
        ("Revoke the aws login ses", ""),
        ("Reset the password of ro", "AssumeRoot session"),
        ("If root needs credential", "management account"),
        ("Register an MFA device o", "root, after recovery"),
        ("Deactivate access key AK", "root, after recovery"),
    ]
    reset = steps[3].command.splitlines()
    assert reset[0].endswith("root-task/IAMCreateRootUserPassword")
    assert reset[1:] == ["aws sts get-caller-identity", "aws iam create-login-profile"]


async def test_who_runs_the_commands_of_a_step_is_named() -> None:
    """AWS Account Management: alternate contacts of members are read by their IDs, from the management account."""
    of_member = {"alternateContactType": "SECURITY", "accountId": "999988887777"}
    for asked, identity, option in (
        (of_member, "management account", " --account-id 999988887777"),
        ({"alternateContactType": "SECURITY"}, "administrator of the account", ""),
    ):
        _, steps = await tell(TAKEN_OVER, changed := did("account:PutAlternateContact", 2, asked), account_id=ACCOUNT)
        (row,) = [step.as_row() for step in steps if step.event_id == changed["eventID"] and step.command]
        assert row["identity"] == identity
        of_contact = f"alternate-contact --alternate-contact-type SECURITY{option}"
        own = "--name NAME-OF-CONTACT --title TITLE --email-address ADDRESS --phone-number NUMBER"
        assert row["command"] == f"aws account get-{of_contact}\naws account put-{of_contact} {own}"


SERVICE = {"servicePrincipal": "guardduty.amazonaws.com"}


@pytest.mark.parametrize(
    ("call", "back", "request_", "command"),
    [
        ("DisableAWSServiceAccess", "EnableAWSServiceAccess", SERVICE, "enable-aws-service-access"),
        (
            "DeregisterDelegatedAdministrator",
            "RegisterDelegatedAdministrator",
            SERVICE | {"accountId": "222233334444"},
            "register-delegated-administrator --account-id 222233334444",
        ),
    ],
)
async def test_what_root_took_from_services_of_the_organization_is_given_back(
    call: str, back: str, request_: dict[str, str], command: str
) -> None:
    taken = did(f"organizations:{call}", 2, request_)
    _, steps = await tell(TAKEN_OVER, taken)
    (step,) = [step for step in steps if step.event_id == taken["eventID"]]
    assert step.command == f"aws organizations {command} --service-principal guardduty.amazonaws.com"
    _, steps = await tell(TAKEN_OVER, taken, did(f"organizations:{back}", 3, request_, who=OWNER))
    assert not [step for step in steps if step.event_id == taken["eventID"]]


@pytest.mark.parametrize(
    ("call", "request_", "what"),
    [
        ("macie2:DisableMacie", None, "Review Macie, then restore it"),
        (
            "access-analyzer:DeleteAnalyzer",
            {"analyzerName": "x"},
            "Review access analyzer x in us-east-1, then restore it",
        ),
    ],
)
async def test_a_control_without_a_rule_of_its_own_is_named(
    call: str, request_: dict[str, str] | None, what: str
) -> None:
    _, steps = await tell(TAKEN_OVER, did(call, 2, request_))
    assert what in [step.what for step in steps]


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("manager", "first"),
    [(ACCOUNT, "Reset the password of root"), (ADMINISTRATION, "Block root now")],
)
def test_what_aws_answered_shows_the_role_of_the_account(tmp_path: Path, manager: str, first: str) -> None:
    described = {"us-east-1/organizations/describe-organization": {"Organization": {"MasterAccountId": manager}}}
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(write_log(tmp_path, "log.json", [TAKEN_OVER]))
        before = case.analysis().verdict_of(ACCOUNT).steps
        case.posture(from_folder=write(tmp_path / "answers", described))
        after = case.analysis().verdict_of(ACCOUNT).steps
    assert before[0].what.startswith("If the account is a member")
    assert after[0].what.startswith(first)


SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"
MADE = {"virtualMFADevice": {"serialNumber": SERIAL}}


async def test_a_device_of_roots_has_one_step() -> None:
    created = did("iam:CreateVirtualMFADevice", 3, {"virtualMFADeviceName": "root-account-mfa-device"}, MADE)
    enabled = did("iam:EnableMFADevice", 4, {"userName": "AWS ROOT USER", "serialNumber": SERIAL})
    _, steps = await tell(TAKEN_OVER, created, enabled)
    (step,) = [step for step in steps if SERIAL in step.why]
    assert step.what.startswith("Replace root's MFA")
    assert (step.event_id, SERIAL in step.why) == (enabled["eventID"], True)
    assert step.command == "aws iam list-mfa-devices"
    removed = did("iam:DeactivateMFADevice", 5, {"userName": "AWS ROOT USER", "serialNumber": SERIAL}, who=OWNER)
    _, steps = await tell(TAKEN_OVER, created, enabled, removed)
    (step,) = [step for step in steps if step.what.startswith("Replace root's MFA")]
    assert SERIAL not in step.why + step.command


async def test_a_device_of_a_users_has_one_step_with_all_commands() -> None:
    device = f"arn:aws:iam::{ACCOUNT}:mfa/bob"
    _, steps = await tell(
        did("iam:CreateVirtualMFADevice", 3, {"virtualMFADeviceName": "bob"}, {"virtualMFADevice": {"serialNumber": device}}),
        enabled := did("iam:EnableMFADevice", 4, {"userName": "bob", "serialNumber": device}),
        other := did("iam:EnableMFADevice", 5, {"userName": "eve", "serialNumber": f"{device}2"}),
    )  # fmt: skip
    own = {step.event_id: step.command.splitlines() for step in beside_root(steps) if "MFA device" in step.what}
    assert own == {
        enabled["eventID"]: [
            f"aws iam deactivate-mfa-device --user-name bob --serial-number {device}",
            f"aws iam delete-virtual-mfa-device --serial-number {device}",
        ],
        other["eventID"]: [f"aws iam deactivate-mfa-device --user-name eve --serial-number {device}2"],
    }


def test_what_is_deleted_is_listed_before_and_nothing_forbids_to_delete_it() -> None:
    forbidden = [row["what"] for row in measures("never") if row["what"].startswith("Do not delete")]
    assert forbidden == []
    (delete,) = [
        row for row in measures("step") if row.get("what", "").startswith("While root in ACCOUNT is blocked, delete")
    ]
    calls = [line.split()[1].partition("-")[0] for line in delete["command"].strip().splitlines()]
    assert calls == ["assume", "get", "list", "list", "delete", "delete", "deactivate"]


POLICY = {"Version": "2012-10-17", "Statement": []}


async def test_a_policy_that_was_deleted_is_not_looked_at() -> None:
    written = did("s3:PutBucketPolicy", 1, {"bucketName": "b", "bucketPolicy": POLICY}, who=OWNER)
    deleted = did("s3:DeleteBucketPolicy", 2, {"bucketName": "b"})
    wanted = {
        f"Restore the previous policy (it is in PutBucketPolicy {written['eventID']} of 2026-08-05 10:01:00): bucket b": [
            written,
            deleted,
        ],
        "Restore the previous policy: bucket b. These logs do not contain it": [deleted],
    }
    for what, records in wanted.items():
        _, steps = await tell(*records)
        (step,) = beside_root(steps)
        assert (
            step.what.removeprefix("Ask the owner first: there is no sign that root of this account was taken over. ")
            == what
        )
        assert (
            step.command
            == "aws s3api put-bucket-policy --bucket b --policy file://FORMER-POLICY.json --region us-east-1"
        )


async def test_a_policy_that_its_owner_had_deleted_is_no_previous_one() -> None:
    opened = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}]}
    _, steps = await tell(
        did("s3:PutBucketPolicy", 1, {"bucketName": "b", "bucketPolicy": POLICY}, who=OWNER),
        did("s3:DeleteBucketPolicy", 2, {"bucketName": "b"}, who=OWNER),
        did("s3:PutBucketPolicy", 3, {"bucketName": "b", "bucketPolicy": opened}),
    )
    (step,) = [step for step in beside_root(steps) if "policy" in step.what]
    assert step.what.startswith("Correct the policy: bucket b")


def test_the_account_stands_in_the_sentence_that_it_belongs_to() -> None:
    """A rule names its account itself, or its object is named, which the account follows."""
    for row in measures("step"):
        if "question" in row or "checked" in row:
            for name in ("what", "what_of_member", "what_of_management"):
                if text := row.get(name):
                    assert worded(text, ACCOUNT)["in_account"].count(f"account {ACCOUNT}") == 1, text
    words = worded("Deactivate the key as root. Or delete it", ACCOUNT, "access key", "AKIAX")
    step = Step(**words, why="It works.")
    assert step.text(ACCOUNT) == "Deactivate access key AKIAX as root. Or delete it. It works."
    assert step.text("") == f"Deactivate access key AKIAX in account {ACCOUNT} as root. Or delete it. It works."
    several = worded("Stop the task", ACCOUNT, name="ECS task a, b and 2 more")
    assert several["in_account"] == f"Stop the task: ECS task a, b and 2 more in account {ACCOUNT}"
    assert worded("Restart the trail", ACCOUNT, "trail")["in_account"] == f"Restart the trail in account {ACCOUNT}"
    assert worded("Recover root in ACCOUNT: now", "unknown")["in_account"] == "Recover root in an unknown account: now"


async def test_a_request_about_another_account_names_that_account_once() -> None:
    other = "999988887777"
    begun = did("account:StartPrimaryEmailUpdate", 1, {"accountId": other})
    _, steps = await tell(begun, did("iam:CreateUser", 2, {"userName": "eve"}), account_id=ACCOUNT)
    (step,) = [step for step in steps if step.event_id == begun["eventID"] and "pending" in step.what]
    assert step.text(ACCOUNT).startswith(
        f"Stop the pending change of the root e-mail address of account {other}: secure"
    )
    assert step.text(other).startswith("Stop the pending change of the root e-mail address: secure")
    texts = [one.text("").count(f"account {ACCOUNT}") for one in steps if one is not step]
    assert set(texts) == {1}


async def test_a_step_names_who_can_use_what_root_opened_and_who_read_a_secret() -> None:
    trust = TRUST % '"AWS": "arn:aws:iam::999988887777:root"'
    role = did("iam:CreateRole", 2, {"roleName": "r", "assumeRolePolicyDocument": trust})
    read = did("secretsmanager:GetSecretValue", 3, {"secretId": "s"})
    _, steps = await tell(role, read)
    why = {step.event_id: step.why for step in beside_root(steps)}
    assert why[role["eventID"]] == "Account 999988887777 can assume it."
    assert why[read["eventID"]].startswith("Root read these values.")


async def test_contacts_and_quotas_are_named_in_words() -> None:
    """Service Quotas: L-1216C47A limits On-Demand Standard instances."""
    contact = did("account:PutAlternateContact", 2, {"alternateContactType": "SECURITY"})
    quota = did("servicequotas:RequestServiceQuotaIncrease", 3, {"serviceCode": "ec2", "quotaCode": "L-1216C47A"})
    _, steps = await tell(contact, quota)
    what = {step.event_id: step.what for step in beside_root(steps)}
    assert f"the security contact of account {ACCOUNT}" in what[contact["eventID"]]
    assert "L-1216C47A (Running On-Demand Standard instances) in us-east-1" in what[quota["eventID"]]
