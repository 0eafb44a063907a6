"""Root's credentials of members, seen in sessions of AssumeRoot, over HTTP: opt-in, and no call beside the task policy's."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import pytest
from click.testing import CliRunner

import rootforensics as rf
from rootforensics.cli import cli
from rootforensics.posture import live
from rootforensics.posture.calls import AUDIT, CALLS, MEMBERS, ORGANIZATION
from rootforensics.posture.forms import least_policy
from tests.posture.answers import DENIED, perfect, summary, write
from tests.stand_ins.aws_api import AwsApi, Request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MANAGEMENT, CLEAN, BARE, OPEN, SHUT, CLOSED = (f"{100_000_000_000 + number}" for number in range(6))
ALL: Final = (MANAGEMENT, CLEAN, BARE, OPEN, SHUT, CLOSED)
#: A role can be taken on in no other member.
ENTERED: Final = CLEAN
TASK: Final = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"
#: What the task policy allows, by the IAM User Guide.
ALLOWED: Final = {
    *("ListAccessKeys", "ListSigningCertificates", "GetLoginProfile", "ListMFADevices"),
    *("GetAccountSummary", "GetUser", "GetAccessKeyLastUsed"),
}
ASKED: Final = ("sts:GetCallerIdentity", "iam:GetAccountSummary", ORGANIZATION, MEMBERS, *AUDIT)
CREDENTIALS: Final = ("root-access-key", "root-mfa", "root-mfa-device", "root-password", "root-certificate")
_NONE: Final = {"Error": {"Code": "NoSuchEntity", "Message": "Login Profile for User cannot be found."}}
_TIME: Final = "2026-08-01T00:00:00Z"


def _root(account: str, request: Request) -> dict[str, Any]:
    """What AWS answers to a session of root in a member."""
    assert request.operation in ALLOWED
    is_open = account == OPEN
    key = {"AccessKeyId": "AKIAROOTKEY000000001", "Status": "Active", "CreateDate": _TIME, "UserName": "root"}
    own = {
        "ListAccessKeys": {"AccessKeyMetadata": [key] if is_open else [], "IsTruncated": False},
        "GetAccessKeyLastUsed": {
            "AccessKeyLastUsed": {"LastUsedDate": _TIME, "ServiceName": "s3", "Region": "us-east-1"}
        },
        "ListSigningCertificates": {"Certificates": [], "IsTruncated": False},
        "GetLoginProfile": {"LoginProfile": {"UserName": "root", "CreateDate": _TIME}} if is_open else _NONE,
        "ListMFADevices": {"MFADevices": [], "IsTruncated": False},
    }
    return own[request.operation]


def _keys(name: str) -> dict[str, Any]:
    keys = {"AccessKeyId": name, "SecretAccessKey": "never-kept-1", "SessionToken": "never-kept-2"}
    return {"Credentials": keys | {"Expiration": "2030-01-01T00:00:00Z"}}


def _answer(request: Request) -> dict[str, Any]:
    """What AWS answers to the keys that are used."""
    account = request.access_key[-12:] if request.access_key.startswith("ASIA") else MANAGEMENT
    if request.access_key.startswith("ASIAROOT"):
        return _root(account, request)
    if request.operation == "AssumeRole":
        return _keys(f"ASIA{ENTERED}") if f"::{ENTERED}:" in request.parameters else DENIED
    if request.operation == "AssumeRoot":
        found = re.search(r"TargetPrincipal=(\d{12})(&|$)", request.parameters)
        assert found is not None
        return DENIED if found[1] == SHUT else _keys(f"ASIAROOT{found[1]}")
    told: dict[str, Any] = {
        "GetCallerIdentity": {
            "UserId": "A",
            "Account": account,
            "Arn": f"arn:aws:sts::{account}:assumed-role/Audit/rootforensics",
        },
        "DescribeOrganization": {"Organization": {"Id": "o-1", "FeatureSet": "ALL", "MasterAccountId": MANAGEMENT}},
        "ListAccounts": {
            "Accounts": [{"Id": one, "Status": "SUSPENDED" if one == CLOSED else "ACTIVE"} for one in ALL]
        },
        "GetAccountSummary": summary(AccountMFAEnabled=0, AccountPasswordPresent=0, AccountAccessKeysPresent=0),
    }
    return told[request.operation]


@pytest.fixture
def organization(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsApi]:
    """AWS, and few calls."""
    monkeypatch.setattr(live, "CALLS", {name: CALLS[name] for name in CALLS if name in ASKED})
    with AwsApi(_answer) as api:
        for name, value in api.environment().items():
            monkeypatch.setenv(name, value)
        yield api


def _by_control(told: rf.Posture, account: str) -> dict[str, str]:
    found = {answer.control.id: answer.answer for answer in told.answers if answer.account_id == account}
    return {name: found[name] for name in CREDENTIALS}


def test_an_audit_sees_what_each_member_has(organization: AwsApi, tmp_path: Path) -> None:
    told = rf.check_posture(member_role="Audit", assume_root_audit=True, save=tmp_path / "saved")
    nothing = dict(zip(CREDENTIALS, ("pass", "not_applicable", "not_applicable", "pass", "pass"), strict=True))
    assert _by_control(told, CLEAN) == nothing
    assert _by_control(told, BARE) == nothing  # no role could be taken on
    assert _by_control(told, OPEN) == nothing | {
        **dict.fromkeys(("root-access-key", "root-mfa", "root-mfa-device"), "fail"),
        "root-password": "info",
    }
    (key,) = [answer for answer in told.answers if (answer.account_id, answer.control.id) == (OPEN, "root-access-key")]
    assert "1 active access key" in key.why
    assert "AKIAROOTKEY000000001 2026-08-01T00:00:00" in key.why
    for account in (SHUT, CLOSED):
        assert _by_control(told, account) == dict.fromkeys(CREDENTIALS, "unknown")
    lacking = {one.control.id: one.missing for one in told.answers if one.account_id == SHUT}
    assert all("permission sts:AssumeRoot" in lacking[name] for name in CREDENTIALS)
    assert "ListMFADevices" in {one.operation for one in organization.asked}
    read = rf.check_posture(from_folder=tmp_path / "saved")
    assert [(one.account_id, one.control.id, one.answer, one.why) for one in read.answers] == [
        (one.account_id, one.control.id, one.answer, one.why) for one in told.answers
    ]
    files = [path.read_text() for path in (tmp_path / "saved").rglob("*") if path.is_file()]
    assert not [text for text in files if "never-kept" in text]
    assert [text for text in files if f"ASIAROOT{OPEN}" in text]  # by which the events are found
    assert all(one.time for one in told.saved)


def test_only_the_audit_opens_sessions_and_these_only_read(organization: AwsApi) -> None:
    told = rf.check_posture(member_role="Audit")
    assert _by_control(told, BARE) == dict.fromkeys(CREDENTIALS, "unknown")
    assert {one.operation for one in organization.asked} == {
        *("GetCallerIdentity", "GetAccountSummary", "DescribeOrganization", "ListAccounts", "AssumeRole")
    }
    organization.asked.clear()
    rf.check_posture(member_role="Audit", assume_root_audit=True)
    opened = [one.parameters for one in organization.asked if one.operation == "AssumeRoot"]
    assert sorted(re.findall(r"TargetPrincipal=(\d+)", " ".join(opened))) == [CLEAN, BARE, OPEN, SHUT]
    assert all(f"TaskPolicyArn.arn={TASK}&" in f"{one}&" for one in opened)
    assert all(1 <= int(one) <= 900 for one in re.findall(r"DurationSeconds=(\d+)", " ".join(opened)))
    as_root = {one.operation for one in organization.asked if one.access_key.startswith("ASIAROOT")}
    assert as_root == ALLOWED - {"GetAccountSummary", "GetUser"}
    others = {f"{one.service}:{one.operation}" for one in organization.asked if "ROOT" not in one.access_key}
    allowed = {name for one in least_policy("Audit", assume_root_audit=True)["Statement"] for name in one["Action"]}
    assert others <= allowed


def test_the_regional_endpoint_is_asked_whatever_is_configured(
    organization: AwsApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, sessions = live.open_history_session, list[Any]()
    monkeypatch.setattr(live, "open_history_session", lambda *given: sessions.append(opened(*given)) or sessions[-1])
    monkeypatch.setenv("AWS_STS_REGIONAL_ENDPOINTS", "legacy")
    rf.check_posture(member_role="Audit", assume_root_audit=True)
    assert "AssumeRoot" in {one.operation for one in organization.asked}
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    asked = sessions[0].client("sts", region_name="us-east-1")
    assert asked.meta.endpoint_url == "https://sts.us-east-1.amazonaws.com"
    with pytest.raises(rf.SourceError, match="does not make the call iam:ListAccessKeys"):
        sessions[0].client("iam").list_access_keys()


@pytest.mark.heavy
def test_the_command_says_that_it_is_a_write_and_prints_a_policy_for_it(organization: AwsApi) -> None:
    walk = ["posture", "--org", "--member-role", "Audit"]
    done = CliRunner().invoke(cli, [*walk, "--assume-root-audit"], standalone_mode=False)
    assert done.return_value == 3
    assert "This is a write" in " ".join(done.stderr.split())
    assert "4 accounts could not be accessed:" in done.stdout
    assert "This is a write" not in CliRunner().invoke(cli, walk).stderr
    organization.asked.clear()
    printed = CliRunner().invoke(cli, [*walk, "--assume-root-audit", "--print-policy"]).stdout
    (audit,) = [one for one in json.loads(printed)["Statement"] if "sts:AssumeRoot" in one["Action"]]
    assert audit == {
        "Sid": "RootAudit",
        "Effect": "Allow",
        "Action": ["sts:AssumeRoot"],
        "Resource": "arn:*:iam::*:root",
        "Condition": {"StringLike": {"sts:TaskPolicyArn": TASK.replace("arn:aws:", "arn:*:")}},
    }
    assert "sts:AssumeRoot" not in json.dumps(least_policy("Audit")).replace("sts:AssumeRole", "")
    assert "needs --org" in CliRunner().invoke(cli, ["posture", "--assume-root-audit"]).stderr
    with pytest.raises(rf.SourceError, match="needs an organization"):
        rf.check_posture(assume_root_audit=True)
    assert organization.asked == []


_IN: Final = "us-east-1/iam/"
_ASKED_AS_ROOT: Final = {
    f"{_IN}list-access-keys--root": {"AccessKeyMetadata": []},
    f"{_IN}list-signing-certificates--root": {"Certificates": []},
    f"{_IN}get-login-profile--root": _NONE,
    f"{_IN}list-mfa-devices--root": {"MFADevices": []},
}
_KEY: Final = {"AccessKeyId": "AKIA1", "Status": "Inactive"}
_FIDO: Final = [{"SerialNumber": f"arn:aws:iam::111122223333:u2f/root/{name}-A", "EnableDate": _TIME} for name in "ab"]


@pytest.mark.parametrize(
    ("control", "changes", "answer"),
    [
        ("root-access-key", {}, "pass"),
        ("root-access-key", {"list-access-keys--root": {"AccessKeyMetadata": [_KEY]}}, "warn"),
        ("root-access-key", {"list-access-keys--root": {"AccessKeyMetadata": [], "IsTruncated": True, "Marker": "m"}}, "unknown"),
        ("root-access-key", {"list-access-keys--root": DENIED}, "unknown"),
        # The keys of whoever asked, who need not be root.
        ("root-access-key", {"list-access-keys--root": None, "list-access-keys": {"AccessKeyMetadata": []}}, "unknown"),
        ("root-access-key", {"get-account-summary": summary(AccountAccessKeysPresent=1)}, "fail"),
        ("root-certificate", {"list-signing-certificates--root": {"Certificates": [{"CertificateId": "C", "Status": "Active"}]}}, "fail"),
        ("root-password", {"get-login-profile--root": DENIED}, "unknown"),
        ("root-password", {"get-account-summary": summary(AccountPasswordPresent=1)}, "info"),
        ("root-mfa", {"list-mfa-devices--root": {"MFADevices": _FIDO}}, "pass"),
        ("root-mfa", {"list-access-keys--root": DENIED}, "unknown"),
        ("root-mfa", {"get-account-summary": summary(AccountMFAEnabled=1, AccountPasswordPresent=1)}, "fail"),
        ("root-mfa-device", {"list-mfa-devices--root": {"MFADevices": _FIDO}}, "pass"),
        ("root-mfa-device", {"list-mfa-devices--root": {"MFADevices": [*_FIDO, {"SerialNumber": "arn:aws:iam::111122223333:mfa/one"}]}}, "warn"),
        ("root-mfa-device", {"list-mfa-devices--root": {"MFADevices": [{"SerialNumber": "arn:aws:iam::111122223333:mfa/one"}]}}, "fail"),
    ],
)  # fmt: skip
def test_what_a_session_of_root_saw_decides_and_nothing_good_is_said_against_another_answer(
    control: str, changes: dict[str, Any], answer: str, tmp_path: Path
) -> None:
    alone = {name: body for name, body in perfect().items() if not name.startswith(_IN)}
    answers = alone | _ASKED_AS_ROOT | {f"{_IN}{name}": body for name, body in changes.items()}
    told = rf.check_posture(from_folder=write(tmp_path, {name: body for name, body in answers.items() if body}))
    assert {one.control.id: one.answer for one in told.answers}[control] == answer
