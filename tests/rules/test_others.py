"""What other tools find in root's events, found here, too: their rules as the reference lists of this field have them.

Each line names a rule of another tool, records that it matches, and what of ours tells them: a detection, a row of the
catalogue of actions (``action:``), a threshold that is set, or a question that shows every such event.
"""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any, Final

import pytest

import rootforensics as rf
from rootforensics.queries.catalogue import questions
from rootforensics.rules.findings import detections
from tests.builders import write_log
from tests.rules.finding_cases import ROOT_MFA, other, root, sign_in, with_key
from tools.docs.catalogue import actions

if TYPE_CHECKING:
    from collections.abc import Iterator

    Records = list[dict[str, Any]]

FAILED: Final = {"outcome": "Failure"}
ROOT_USER: Final = {"userName": "AWS ROOT USER"}


def failures(number: int, step: int = 1) -> Records:
    return [sign_in(f"01:{minute:02}", **FAILED) for minute in range(0, number * step, step)]


def one(call: str, request: Any = None, **fields: Any) -> Records:
    return [root("01:00", call, request, **fields)]


def told(name: str) -> Records:
    return one(f"signin:{name}", responseElements={name: "Success"})


#: Rules on events, by tool.
RULES: Final[list[tuple[str, Records, str]]] = [
    ("Sigma, Suzaku, matano: AWS Root Credentials", one("ec2:DescribeVpcs"), "root_activity"),
    ("Invictus: aws_root_account_usage", one("ec2:DescribeVpcs"), "root_activity"),
    ("Panther: AWS.Root.Activity", one("example:Change"), "root_tasks"),
    ("Panther: AWS.Console.RootLogin", [sign_in("01:00", mfa="Yes")], "action:signin-console-login-with-mfa"),
    ("Panther: AWS.Console.RootLoginFailed", failures(5, 3), "failed_sign_ins"),
    ("Panther: RootAccessKeyCreated", one("iam:CreateAccessKey"), "action:iam-create-access-key-for-root"),
    ("Panther: RootPasswordChanged", told("PasswordUpdated"), "action:signin-password-updated"),
    ("Panther: Console.LoginWithoutMFA", [sign_in("01:00")], "action:signin-console-login-without-mfa"),
    ("Panther: AttemptToLeaveOrg", one("organizations:LeaveOrganization"), "action:organizations-leave-organization"),
    ("Elastic: Root Login", [sign_in("01:00", mfa="Yes")], "action:signin-console-login-with-mfa"),
    ("Elastic: Root Brute Force", failures(10), "failed_sign_ins"),
    ("Elastic: Root Password Recovery Requested", told("PasswordRecoveryRequested"),
     "action:signin-password-recovery-requested"),
    ("Elastic: Login Profile Added for Root", one("iam:CreateLoginProfile"), "action:iam-create-login-profile-for-root"),
    ("Elastic: AssumeRoot by Rare User", [other("01:00", "sts:AssumeRoot", {"targetPrincipal": "1"})],
     "action:sts-assume-root"),
    ("Elastic: Root Login Without MFA", [sign_in("01:00")], "action:signin-console-login-without-mfa"),
    ("Elastic: Bedrock Agent Created by IAM User or Root", one("bedrock:CreateAgent"), "action:bedrock-create-agent"),
    ("Elastic: CloseAccount", one("account:CloseAccount"), "action:account-close-account"),
    ("Elastic: LeaveOrganization", one("organizations:LeaveOrganization"), "action:organizations-leave-organization"),
    ("Elastic: virtual MFA device registered with a session key", one("iam:CreateVirtualMFADevice"),
     "action:iam-create-virtual-mfa-device"),
    ("Elastic: first GetFederationToken", one("sts:GetFederationToken"), "action:sts-get-federation-token"),
    ("Elastic: long-term key from an address seen first",
     [with_key("01:00", "198.51.100.7", "AKIAOLD"), with_key("02:00", "203.0.113.9", "AKIAOLD")], "root_key_new_network"),
    ("Tailpipe: iam_root_user_console_login", [sign_in("01:00")], "action:signin-console-login-without-mfa"),
    ("Tailpipe: iam_root_user_email_address_updated", told("EmailUpdated"), "action:signin-email-updated"),
    ("Falco: Root Login Without MFA", [sign_in("01:00")], "action:signin-console-login-without-mfa"),
    ("Falco: Deactivate Root MFA", one("iam:DeactivateMFADevice", ROOT_USER),
     "action:iam-deactivate-mfa-device-for-root"),
    ("Datadog: Root Activity", one("ec2:DescribeVpcs"), "root_activity"),
    ("Datadog: Root Login Without MFA", [sign_in("01:00")], "action:signin-console-login-without-mfa"),
    ("GuardDuty: Policy:IAMUser/RootCredentialUsage", one("ec2:DescribeVpcs"), "root_activity"),
    ("CIS filter, Security Hub CloudWatch.1, streamalert", one("ec2:DescribeVpcs"), "root_activity"),
    ("easttimor, reflex: any event of root", one("ec2:DescribeVpcs"), "root_activity"),
    ("Suzaku: PasswordRecoveryRequested", told("PasswordRecoveryRequested"),
     "action:signin-password-recovery-requested"),
    ("Suzaku: three failures in five minutes", failures(3), "failed_sign_ins__threshold"),
    ("Suzaku: DeactivateMFADevice", one("iam:DeactivateMFADevice", {"userName": "u"}),
     "action:iam-deactivate-mfa-device"),
    ("Sigma: failed login", failures(1), "action:signin-console-login-failed"),
    ("Sigma: EnableRegion", one("account:EnableRegion", {"regionName": "me-south-1"}), "action:account-enable-region"),
    ("Sigma: GetSigninToken", told("GetSigninToken"), "action:signin-get-signin-token"),
    ("Sigma: trail change", one("cloudtrail:StopLogging"), "action:cloudtrail-stop-logging"),
]  # fmt: skip

#: Events of root in lists of EventBridge rules and in AWS's playbook.
LISTED: Final[list[tuple[str, str]]] = [
    ("signin:PasswordRecoveryCompleted", "action:signin-password-recovery-completed"),
    ("signin:EmailUpdated", "action:signin-email-updated"),
    ("iam:UpdateAccountEmailAddress", "action:iam-update-account-email-address"),
    ("billingconsole:SetAdditionalContacts", "action:billingconsole-set-additional-contacts"),
    ("billingconsole:SetSecurityQuestions", "action:billingconsole-set-security-questions"),
    ("account:PutContactInformation", "action:account-put-contact-information"),
    # The lists do not say which service records these two, and AWS documents neither.
    ("account:UpdateContactInformation", "root_tasks"),
    ("account:ModifyAccount", "root_tasks"),
    ("billingconsole:CloseAccount", "action:billingconsole-close-account"),
    ("iam:CreateVirtualMFADevice", "action:iam-create-virtual-mfa-device"),
    ("iam:EnableMFADevice", "action:iam-enable-mfa-device-for-root"),
    ("iam:DeactivateMFADevice", "action:iam-deactivate-mfa-device-for-root"),
    ("iam:DeleteVirtualMFADevice", "action:iam-delete-virtual-mfa-device"),
    ("iam:ResyncMFADevice", "action:iam-resync-mfa-device"),
    ("iam:UpdateAccessKey", "action:iam-update-access-key"),
    ("iam:DeleteAccessKey", "action:iam-delete-access-key-for-root"),
    ("iam:UploadSigningCertificate", "action:iam-upload-signing-certificate"),
    ("iam:UpdateSigningCertificate", "action:iam-update-signing-certificate"),
    ("iam:DeleteSigningCertificate", "action:iam-delete-signing-certificate"),
    ("iam:UploadCloudFrontPublicKey", "action:iam-upload-cloudfront-public-key"),
    ("iam:UpdateCloudFrontPublicKey", "action:iam-update-cloudfront-public-key"),
    ("iam:DeleteCloudFrontPublicKey", "action:iam-delete-cloudfront-public-key"),
    ("sts:GetFederationToken", "action:sts-get-federation-token"),
    ("sts:GetSessionToken", "action:sts-get-session-token"),
    ("signin:GetSigninToken", "action:signin-get-signin-token"),
    ("cloudtrail:StopLogging", "action:cloudtrail-stop-logging"),
    ("cloudtrail:DeleteTrail", "action:cloudtrail-delete-trail"),
    ("cloudtrail:UpdateTrail", "action:cloudtrail-update-trail"),
    ("iam:CreateUser", "action:iam-create-user"),
    ("iam:CreateRole", "action:iam-create-role"),
    ("iam:AttachUserPolicy", "action:iam-attach-user-policy"),
    ("s3:PutBucketPolicy", "action:s3-put-bucket-policy"),
    ("s3:DeleteBucket", "action:s3-delete-bucket"),
]
EVERY: Final = [
    *RULES,
    *((f"lists: {call}", one(call, ROOT_MFA if call.endswith("MFADevice") else None), ours) for call, ours in LISTED),
]


def in_account(record: dict[str, Any], account: str) -> dict[str, Any]:
    return record | {"recipientAccountId": account, "userIdentity": record["userIdentity"] | {"accountId": account}}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[set[str]]]:
    """What of ours tells the records of each rule; each rule's records are those of an account of its own."""
    folder = tmp_path_factory.mktemp("others")
    numbers = count(100000000000)
    accounts = [str(next(numbers)) for _ in EVERY]
    records = [
        in_account(held, account) for account, (_, rule, _) in zip(accounts, EVERY, strict=True) for held in rule
    ]
    for index, record in enumerate(records):  # a key of its own for each account, or one would be used in many
        record["userIdentity"]["accessKeyId"] += record["userIdentity"]["accountId"][-3:]
        record["eventID"] = f"{index:08}"
    write_log(folder / "logs", "log.json", records)
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs")
        shown: dict[str, set[str]] = {account: set() for account in accounts}
        for row in case.findings(severity="info").rows:
            shown[row["account_id"]].add(row["finding"])
        for row in case.findings(
            "failed_sign_ins", failed_sign_ins__threshold=3, failed_sign_ins__window_minutes=5
        ).rows:
            shown[row["account_id"]].add("failed_sign_ins__threshold")
        for row in case.query("root_actions").rows:
            shown[row["account_id"]].add(f"action:{row['action_id']}")
        for name in ("root_activity", "root_tasks"):
            for row in case.query(name).rows:
                shown[row["account_id"]].add(name)
        yield [shown[account] for account in accounts]


@pytest.mark.parametrize("index", range(len(EVERY)), ids=[name for name, _, _ in EVERY])
def test_what_another_tool_finds_is_told(index: int, found: list[set[str]]) -> None:
    assert EVERY[index][2] in found[index]


def test_ours_exist() -> None:
    ours = {name.partition("__")[0] for _, _, name in EVERY}
    known = {*detections(), *questions(), *(f"action:{name}" for name in actions())}
    assert ours <= known


#: Checks of how an account is set up: what the logs say of it, and the answer that holds it.
POSTURE: Final = {
    "Panther RootAccount.AccessKeys, Prowler iam_no_root_access_key": "access_keys",
    "Panther RootAccount.MFA, Prowler iam_root_mfa_enabled, iam_root_hardware_mfa_enabled": "used_without_mfa",
    "Prowler iam_avoid_root_usage": "used_by_person",
}


@pytest.mark.heavy
def test_checks_of_the_set_up_have_an_answer_in_the_verdict(sample_case: rf.Case) -> None:
    for account in sample_case.verdict():
        assert set(POSTURE.values()) <= {answer.name for answer in account.answers}
