"""All accounts of an organization, over HTTP: thirty of them, two of which cannot be entered and one of which is closed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import pytest
from click.testing import CliRunner

import rootforensics as rf
from rootforensics.cli import cli
from rootforensics.posture import live
from rootforensics.posture.calls import CALLS, MEMBERS
from rootforensics.posture.forms import least_policy
from tests.posture.answers import summary
from tests.stand_ins.aws_api import AwsApi, Request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MANAGEMENT: Final = "100000000000"
ACCOUNTS: Final = [f"{100_000_000_000 + number}" for number in range(30)]
SHUT: Final = {ACCOUNTS[7], ACCOUNTS[19]}
CLOSED: Final = ACCOUNTS[23]
WITH_KEY: Final = {ACCOUNTS[3], ACCOUNTS[11]}
#: What is asked of each account here; a whole run asks all calls, which other tests do of one account.
ASKED: Final = ("sts:GetCallerIdentity", "iam:GetAccountSummary", MEMBERS)


def _answer(request: Request) -> dict[str, Any]:
    """What AWS answers to the account whose keys are used."""
    account = next((one for one in ACCOUNTS if request.access_key == f"ASIA{one}"), MANAGEMENT)
    if request.operation == "AssumeRole":
        found = re.search(r"iam::(\d{12}):role/Audit", request.parameters)
        assert found is not None
        if found[1] in SHUT:
            return {"Error": {"Code": "AccessDenied", "Message": "not authorized to perform: sts:AssumeRole"}}
        keys = {"AccessKeyId": f"ASIA{found[1]}", "SecretAccessKey": "s", "SessionToken": "t"}
        return {"Credentials": keys | {"Expiration": "2030-01-01T00:00:00Z"}}
    if request.operation == "GetCallerIdentity":
        return {"UserId": "A", "Account": account, "Arn": f"arn:aws:sts::{account}:assumed-role/Audit/rootforensics"}
    if request.operation == "ListAccounts":
        assert account == MANAGEMENT
        rows = [{"Id": one, "Status": "SUSPENDED" if one == CLOSED else "ACTIVE"} for one in ACCOUNTS]
        is_second = "NextToken" in request.parameters
        return {"Accounts": rows[20:]} if is_second else {"Accounts": rows[:20], "NextToken": "20"}
    return summary(AccountMFAEnabled=1, AccountPasswordPresent=1, AccountAccessKeysPresent=int(account in WITH_KEY))


@pytest.fixture
def organization(monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsApi]:
    """AWS, and few calls."""
    monkeypatch.setattr(live, "CALLS", {name: CALLS[name] for name in ASKED})
    with AwsApi(_answer) as api:
        for name, value in api.environment().items():
            monkeypatch.setenv(name, value)
        yield api


@pytest.mark.heavy
def test_each_account_is_answered_or_says_why_not(organization: AwsApi, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    told = rf.check_posture(member_role="Audit", save=tmp_path / "saved", progress=lambda *one: steps.append(one))
    assert steps == [(number, 29) for number in range(1, 30)]
    keys = {answer.account_id: answer for answer in told.answers if answer.control.id == "root-access-key"}
    assert list(keys) == ACCOUNTS
    assert {account for account, one in keys.items() if one.answer == "fail"} == WITH_KEY
    mfa = {one.account_id: one for one in told.answers if one.control.id == "root-mfa"}
    assert {account for account, one in mfa.items() if one.answer != "pass"} == SHUT | {CLOSED}
    for account in SHUT:
        reason = "access to the account (AccessDenied)"
        own = [one for one in told.answers if one.account_id == account]
        assert {(one.answer, reason in one.missing) for one in own} == {("unknown", True)}
    assert mfa[CLOSED].missing[0] == "access to the account (SUSPENDED)"
    made = {f"{one.service}:{one.operation}" for one in organization.asked}
    allowed = {action for one in least_policy("Audit")["Statement"] for action in one["Action"]}
    assert made == {*ASKED, "sts:AssumeRole"} <= allowed
    read = rf.check_posture(from_folder=tmp_path / "saved")
    assert [(one.account_id, one.control.id, one.answer) for one in read.answers] == [
        (one.account_id, one.control.id, one.answer) for one in told.answers
    ]


@pytest.mark.heavy
def test_the_matrix_fits_a_narrow_terminal(organization: AwsApi) -> None:
    done = CliRunner().invoke(cli, ["posture", "--org", "--member-role", "Audit"], standalone_mode=False)
    assert done.return_value == 3
    assert organization.asked
    lines = done.stdout.splitlines()
    assert lines[1].startswith("- the root user has an access key (2 accounts: 100000000003, 100000000011")
    rows = {line[:12]: line[14:].replace(" ", "") for line in lines if line[:12] in ACCOUNTS}
    place = next(int(line[:2]) for line in lines if line[4:].startswith("root-access-key:")) - 1
    assert list(rows) == ACCOUNTS
    assert {account for account, letters in rows.items() if letters[place] == "F"} == WITH_KEY
    assert {account for account, letters in rows.items() if set(letters) == {"?"}} == SHUT | {CLOSED}
    assert max(len(line) for line in lines if line[:12] in ACCOUNTS) < 80
    assert "3 accounts could not be accessed, so nothing is known about them:" in lines
    assert "Account 100000000000" not in lines


def test_the_options_need_each_other_and_a_member_cannot_list(organization: AwsApi) -> None:
    assert "need each other" in CliRunner().invoke(cli, ["posture", "--org"]).stderr
    denied = {"Error": {"Code": "AccessDeniedException", "Message": "no"}}
    organization.answer = lambda request: denied if request.operation == "ListAccounts" else _answer(request)
    with pytest.raises(rf.SourceError, match=r"the accounts of the organization cannot be listed \(AccessDenied"):
        rf.check_posture(member_role="Audit")
