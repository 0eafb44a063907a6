"""An organization: what its management account answers for a member, and members of which there is no answer."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any, Final

import pytest

import rootforensics as rf
from rootforensics.reports.runbook import Known, runbook
from tests.posture.answers import ACCOUNT, DENIED, perfect, write
from tests.posture.test_live import Account
from tests.stand_ins.aws_api import AwsApi, Request

if TYPE_CHECKING:
    from pathlib import Path

MEMBER: Final = "444455556666"
_SCP: Final = "us-east-1/organizations/describe-policy--p-root"
_TARGETS: Final = "us-east-1/organizations/list-targets-for-policy--p-root"
_ACCOUNTS: Final = "us-east-1/organizations/list-accounts"
_UPDATE: Final = "us-east-1/account/get-primary-email-update-status--"
#: What a member is not let: the organization, and what belongs to the trail of its management account.
_NOT_LET: Final = ("organizations/", "iam/list-org", "s3/", "get-event-selectors", "get-trail-status")
_PATHS: Final = {ACCOUNT: "o-a/r-a", MEMBER: "o-a/r-a/ou-a"}


def of_management() -> dict[str, Any]:
    """What the management account answers."""
    found = perfect()
    for name in (name for name in found if name.endswith("describe-trails")):
        found[name]["trailList"][0]["IsOrganizationTrail"] = True
    rows = [{"Id": one, "Status": "ACTIVE", "Paths": [f"{path}/{one}/"]} for one, path in _PATHS.items()]
    found[_ACCOUNTS] = {"Accounts": rows}
    found[f"{_UPDATE}{ACCOUNT}"] = {"Error": {"Code": "ValidationException", "Message": "the management account"}}
    found[f"{_UPDATE}{MEMBER}"] = {"Error": {"Code": "ResourceNotFoundException", "Message": "no update"}}
    return found


def of_member() -> dict[str, Any]:
    """What a member answers."""
    found = of_management()
    found = {name: body for name, body in found.items() if name != _ACCOUNTS and not name.startswith(_UPDATE)}
    sign_in = "us-east-1/signin/get-console-authorization-configuration--"
    found[f"{sign_in}{MEMBER}"] = found.pop(f"{sign_in}{ACCOUNT}")
    for name in found:
        if any(one in name for one in _NOT_LET) and "describe-organization" not in name:
            found[name] = DENIED
        elif name.split("/")[1] in ("logs", "cloudwatch"):
            found[name] = {key: [] for key in found[name]}
        else:  # what is the member's own; trail, log group and topic stay the management account's
            found[name] = json.loads(
                json.dumps(found[name]).replace(f'"AwsAccountId": "{ACCOUNT}', f'"AwsAccountId": "{MEMBER}')
            )
    organization = {"Id": "o-aaaaaaaaaa", "FeatureSet": "ALL", "MasterAccountId": ACCOUNT}
    found["us-east-1/organizations/describe-organization"] = {"Organization": organization}
    for name in ("us-east-1/iam/get-credential-report", "us-east-1/account/get-account-information"):
        found[name] = json.loads(json.dumps(found[name]).replace(ACCOUNT, MEMBER))
    hub = found["us-east-1/securityhub/describe-hub"]
    hub["HubArn"] = hub["HubArn"].replace(ACCOUNT, MEMBER)
    return found


def _told(folder: Path, management: dict[str, Any], member: dict[str, Any]) -> dict[tuple[str, str], rf.ControlAnswer]:
    write(write(folder, management), member, MEMBER)
    return {(answer.account_id, answer.control.id): answer for answer in rf.check_posture(from_folder=folder).answers}


def test_a_perfect_organization_is_good(tmp_path: Path) -> None:
    told = _told(tmp_path, of_management(), of_member())
    assert [
        (one.account_id, one.control.id, one.missing) for one in told.values() if one.answer in ("fail", "unknown")
    ] == []
    alarm = told[MEMBER, "root-alarm"]
    assert (alarm.answer, f"alarm RootUsage in account {ACCOUNT}" in alarm.why) == ("pass", True)
    assert {one.account_id for one in told[MEMBER, "log-bucket-access"].evidence} == {ACCOUNT, MEMBER}
    assert told[MEMBER, "root-denied"].answer == "pass"
    assert (told[ACCOUNT, "root-denied"].answer, told[ACCOUNT, "root-denied"].remedy) == ("not_applicable", "")


def test_a_member_alone_says_who_can_answer(tmp_path: Path) -> None:
    told = rf.check_posture(from_folder=write(tmp_path, of_member(), MEMBER))
    answers = {answer.control.id: answer for answer in told.answers}
    central = answers["central-root-access"]
    assert central.answer == "unknown"
    assert central.missing == (f"iam:ListOrganizationsFeatures in account {ACCOUNT}, the only one that can answer",)
    assert answers["multi-region-trail"].missing[0].endswith(f"in account {ACCOUNT}, the only one that can answer")


def test_a_fault_above_is_one_of_each_member(tmp_path: Path) -> None:
    management = of_management()
    management["us-east-1/iam/list-organizations-features"]["EnabledFeatures"] = []
    management["us-east-1/s3/get-bucket-policy-status--trail-logs"] = {"PolicyStatus": {"IsPublic": True}}
    management["us-east-1/s3/get-public-access-block--trail-logs"] = {"PublicAccessBlockConfiguration": {}}
    management["us-east-1/cloudwatch/describe-alarms"] = {"MetricAlarms": []}
    told = _told(tmp_path, management, of_member())
    for control in ("central-root-access", "log-bucket-access", "root-alarm"):
        assert told[MEMBER, control].answer == "fail"


@pytest.mark.parametrize(
    ("target", "paths", "recovery", "denied"),
    [
        ("ou-a", None, "fail", "pass"),
        (MEMBER, [], "fail", "pass"),
        ("r-a", [], "fail", "pass"),
        ("ou-b", None, "not_applicable", "warn"),
        ("", [], "not_applicable", "warn"),
        ("ou-b", [], "unknown", "unknown"),
    ],
)
def test_a_policy_binds_an_account_by_its_own_path(
    target: str, paths: list[str] | None, recovery: str, denied: str, tmp_path: Path
) -> None:
    management = of_management()
    policy = json.loads(management[_SCP]["Policy"]["Content"])
    del policy["Statement"]["Condition"]["Null"]
    management[_SCP]["Policy"]["Content"] = json.dumps(policy)
    management[_TARGETS] = {"Targets": [{"TargetId": target}] if target else []}
    if paths is not None:  # as an older AWS CLI prints it
        management[_ACCOUNTS]["Accounts"][1]["Paths"] = paths
    told = _told(tmp_path, management, of_member())
    assert (told[MEMBER, "recovery-from-above"].answer, told[MEMBER, "root-denied"].answer) == (recovery, denied)
    above = told[ACCOUNT, "recovery-from-above"].answer
    assert above == ("fail" if target else "not_applicable")


_ROOT: Final = {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:root"}, "Null": {"aws:AssumedRoot": "true"}}
_OTHER: Final = {**_ROOT, "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::999988887777:root"}}
_NO_ROLE: Final = {"ArnNotLike": {"aws:PrincipalArn": ["arn:aws:iam::*:role/*"]}}
_BY_VARIABLE: Final = {"aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalAccount}:root"}
_LITERAL: Final = {"StringEquals": {"aws:PrincipalArn": "arn:aws:iam::*:root"}}


@pytest.mark.parametrize(
    ("denials", "recovery", "denied"),
    [
        ([{}], "fail", "pass"),
        ([{"Condition": _ROOT}], "pass", "pass"),
        ([{"Condition": {**_ROOT, "StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}}], "pass", "warn"),
        ([{"Condition": {**_ROOT, "BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}], "pass", "warn"),
        ([{"Condition": _ROOT, "Resource": "arn:aws:s3:::secret/*"}], "pass", "warn"),
        ([{"Condition": _OTHER}], "not_applicable", "warn"),
        ([{"Condition": _LITERAL}], "not_applicable", "warn"),
        ([{"Condition": _NO_ROLE}], "fail", "pass"),
        ([{"Condition": {**_NO_ROLE, "Null": {"aws:AssumedRoot": "true"}}}], "pass", "pass"),
        ([{"Condition": {**_NO_ROLE, "BoolIfExists": {"aws:AssumedRoot": "false"}}}], "pass", "pass"),
        ([{"Condition": _ROOT}, {"Action": "iam:*", "Condition": _NO_ROLE}], "fail", "pass"),
        ([{"Condition": _ROOT}, {"Action": "iam:CreateUser", "Condition": _NO_ROLE}], "pass", "pass"),
        ([{"Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}}], "warn", "warn"),
        ([{"Condition": {"Null": {"aws:PrincipalArn": "true"}}}], "not_applicable", "warn"),
        ([{"Condition": {"ArnNotEquals": _BY_VARIABLE}}], "warn", "warn"),
        ([{"Condition": {"ArnEquals": _BY_VARIABLE}}], "warn", "warn"),
        (
            [{"Condition": {"StringEquals": {"aws:PrincipalArn": f"arn:aws:iam::{MEMBER}:ROOT"}}}],
            "not_applicable",
            "warn",
        ),
        ([{"Condition": {"StringNotEquals": {"aws:PrincipalAccount": MEMBER}}}], "not_applicable", "warn"),
        ([{"Condition": "none"}], "warn", "warn"),
    ],
)
def test_a_denial_counts_for_the_root_user_of_the_account_and_whatever_it_asks(
    denials: list[dict[str, Any]], recovery: str, denied: str, tmp_path: Path
) -> None:
    management = of_management()
    told = [{"Effect": "Deny", "Action": "*", "Resource": "*", **denial} for denial in denials]
    management[_SCP]["Policy"]["Content"] = json.dumps({"Statement": told})
    found = _told(tmp_path, management, of_member())
    assert (found[MEMBER, "recovery-from-above"].answer, found[MEMBER, "root-denied"].answer) == (recovery, denied)


def test_an_account_that_was_not_read_is_unknown_and_a_suspended_one_is_told(tmp_path: Path) -> None:
    management = of_management()
    rows = management[_ACCOUNTS]["Accounts"]
    rows[1]["Status"] = "SUSPENDED"
    rows += [{"Id": "777788889999", "Status": "ACTIVE"}, {"Id": "888899990000", "Status": "SUSPENDED"}]
    told = _told(tmp_path, management, of_member())
    unread = [one for (account, _), one in told.items() if account == "777788889999"]
    assert {(one.answer, one.missing[0]) for one in unread} == {("unknown", "access to the account (not saved)")}
    assert told[MEMBER, "account-state"].why == "The account is SUSPENDED."
    shut = told["888899990000", "account-state"]  # of which nothing else is known
    assert (shut.answer, shut.why) == ("fail", "The account is SUSPENDED.")


@pytest.mark.parametrize(
    ("email", "zones", "mail", "answer"),
    [
        ("root@Mail.example.com", ["example.com."], "", "warn"),
        ("root@example.com", ["example.com."], "", "warn"),
        ("root@notexample.com", ["example.com."], "", "pass"),
        ("root@Mail.example.com", [], "example.com", "warn"),
        ("Root@example.com", [], "root@example.com", "warn"),
        ("root@example.com", [], "other@example.com", "pass"),
        ("", ["example.com."], "", "info"),
    ],
)
def test_recovery_must_not_hang_on_the_account_itself(
    email: str, zones: list[str], mail: str, answer: str, tmp_path: Path
) -> None:
    management, member = of_management(), of_member()
    management[_ACCOUNTS]["Accounts"][1]["Email"] = email
    member["us-east-1/route53/list-hosted-zones"] = {"HostedZones": [{"Name": zone} for zone in zones]}
    member["us-east-2/sesv2/list-email-identities"] = {"EmailIdentities": [{"IdentityName": mail}] if mail else []}
    told = _told(tmp_path, management, member)[MEMBER, "primary-email"]
    assert (told.answer, "example" in told.why) == (answer, False)


@pytest.mark.parametrize(
    ("update", "answer"),
    [
        ({"Status": "PENDING", "UpdatedAt": "2026-11-01T00:00:00Z"}, "fail"),
        ({"Status": "ACCEPTED"}, "fail"),
        ({"Status": "COMPLETED", "UpdatedAt": "2026-11-01T00:00:00Z"}, "pass"),
        ({"Status": "FAILED"}, "pass"),
        (DENIED, "unknown"),
        (None, "unknown"),
    ],
)
def test_an_open_change_of_the_primary_address_is_what_root_is_lost_by(
    update: dict[str, Any] | None, answer: str, tmp_path: Path
) -> None:
    management = of_management()
    management[_ACCOUNTS]["Accounts"][1]["Email"] = "root@example.com"
    if update is None:
        del management[f"{_UPDATE}{MEMBER}"]
    else:
        management[f"{_UPDATE}{MEMBER}"] = update
    told = _told(tmp_path, management, of_member())
    assert told[MEMBER, "primary-email"].answer == answer
    assert told[ACCOUNT, "primary-email"].answer == "info"  # nobody can ask of the management account


def test_the_policy_that_containment_prints_denies_root_and_spares_recovery(tmp_path: Path) -> None:
    """What the controls say of it once it is attached."""
    (command,) = (line for line in runbook(Known()).splitlines() if "--type SERVICE_CONTROL_POLICY" in line)
    management = of_management()
    management[_SCP]["Policy"]["Content"] = shlex.split(command)[-1]
    told = _told(tmp_path, management, of_member())
    assert [told[MEMBER, one].answer for one in ("root-denied", "recovery-from-above")] == ["pass", "pass"]


@pytest.mark.heavy
def test_a_live_run_of_a_perfect_organization_is_good(monkeypatch: pytest.MonkeyPatch) -> None:
    """All calls over HTTP, with the keys of each account."""
    accounts = {ACCOUNT: Account(of_management(), earlier="made"), MEMBER: Account(of_member(), earlier="made")}

    def answer(request: Request) -> dict[str, Any]:
        account = next((one for one in accounts if request.access_key == f"ASIA{one}"), ACCOUNT)
        if request.operation == "AssumeRole":
            keys = {"AccessKeyId": f"ASIA{MEMBER}", "SecretAccessKey": "s", "SessionToken": "t"}
            return {"Credentials": keys | {"Expiration": "2030-01-01T00:00:00Z"}}
        if request.operation == "GetCallerIdentity":
            return {"UserId": "A", "Account": account, "Arn": f"arn:aws:iam::{account}:user/responder"}
        return accounts[account].answer(request)

    with AwsApi(answer) as api:
        for name, value in api.environment().items():
            monkeypatch.setenv(name, value)
        told = rf.check_posture(member_role="Audit")
    assert [one.message for one in told.saved if one.code == "Unheard"] == []
    assert [(one.account_id, one.control.id) for one in told.answers if one.answer in ("fail", "unknown")] == []
    assert {one.account_id for one in told.answers} == {ACCOUNT, MEMBER}
    assert told.is_good


def test_what_a_denial_depends_on_is_named(tmp_path: Path) -> None:
    """Also where an operator is not understood."""
    management = of_management()
    told = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"ForAllValues:ArnLike": _ROOT["ArnLike"]}}
    management[_SCP]["Policy"]["Content"] = json.dumps({"Statement": [told]})
    found = _told(tmp_path, management, of_member())[MEMBER, "root-denied"]
    assert (found.answer, "depends on aws:principalarn." in found.why) == ("warn", True), found.why


_DENY: Final = {"Effect": "Deny", "Resource": "*", "Condition": _ROOT}
_READS: Final = {"Effect": "Allow", "Action": ["s3:Get*", "ec2:*"], "Resource": "*"}
_ASSUMED_ONLY: Final = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:AssumedRoot": "true"}}}  # fmt: skip
_HERE: Final = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}  # fmt: skip


@pytest.mark.parametrize(
    ("statements", "at", "recovery", "denied", "words"),
    [
        # An allow list instead of FullAWSAccess: what it does not name is denied, to sessions of AssumeRoot too.
        ([_READS], ["ou-a"], "fail", "warn", "policies at ou-a allow root only s3:Get*, ec2:*"),
        ([_READS], ["ou-b"], "not_applicable", "warn", "No SCP that denies root all"),
        ([{**_DENY, "Action": "s3:*"}], ["ou-a"], "fail", "pass", "No policy at ou-a allows root any action"),
        ([_ASSUMED_ONLY], ["r-a"], "not_applicable", "pass", "No policy at r-a allows root any action"),
        ([_HERE], [MEMBER], "warn", "warn", f"policies at {MEMBER} allow root only *"),
        # All but some actions are denied.
        (
            [{**_DENY, "NotAction": ["iam:*", "sts:*"]}],
            [],
            "pass",
            "warn",
            "denies root everything except iam:*, sts:*",
        ),
    ],
)
def test_what_no_policy_allows_is_denied(
    statements: list[dict[str, Any]], at: list[str], recovery: str, denied: str, words: str, tmp_path: Path
) -> None:
    management = of_management()
    management[_SCP]["Policy"]["Content"] = json.dumps({"Statement": statements})
    everywhere = ["r-a", "ou-a", "ou-b", ACCOUNT, MEMBER]
    full = [{"TargetId": one} for one in everywhere if one not in at]
    management[_TARGETS.replace("p-root", "p-FullAWSAccess")] = {"Targets": full}
    management[_TARGETS] = {"Targets": [{"TargetId": one} for one in at or ["ou-a"]]}
    told = _told(tmp_path, management, of_member())
    found = told[MEMBER, "recovery-from-above"], told[MEMBER, "root-denied"]
    assert (found[0].answer, found[1].answer) == (recovery, denied), (found[0].why, found[1].why)
    assert words in found[1].why


@pytest.mark.parametrize("unread", ["p-root", "p-FullAWSAccess"])
def test_where_a_policy_is_attached_that_could_not_be_read_nothing_is_known_of_what_is_allowed(
    unread: str, tmp_path: Path
) -> None:
    """An allow list stands in the one or the other."""
    management = of_management()
    management[_SCP]["Policy"]["Content"] = json.dumps({"Statement": [_READS]})
    management[_TARGETS] = {"Targets": [{"TargetId": MEMBER}]}
    management[_TARGETS.replace("p-root", unread)] = DENIED
    found = _told(tmp_path, management, of_member())
    for control in ("recovery-from-above", "root-denied"):
        told = found[MEMBER, control]
        assert (told.answer, told.missing) == ("unknown", ("permission organizations:ListTargetsForPolicy",))


def test_where_the_path_of_an_account_is_not_known_an_allow_list_may_bind_it(tmp_path: Path) -> None:
    management = of_management()
    management[_SCP]["Policy"]["Content"] = json.dumps({"Statement": [_READS]})
    management[_TARGETS.replace("p-root", "p-FullAWSAccess")] = {"Targets": [{"TargetId": "r-a"}]}
    management[_ACCOUNTS]["Accounts"][1]["Paths"] = []
    told = _told(tmp_path, management, of_member())
    assert told[MEMBER, "recovery-from-above"].answer == "unknown"
