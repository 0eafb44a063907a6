"""From where root may sign in: the sign-in policy of the account, and resource control policies above it.

The shapes of the statements are those of the examples of the AWS Sign-In User Guide.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest
from click.testing import CliRunner

import rootforensics as rf
from rootforensics.cli import cli
from tests.posture.answers import ACCOUNT, perfect, write
from tests.posture.test_from_above import MEMBER, of_management, of_member

if TYPE_CHECKING:
    from pathlib import Path

ON: Final = "us-east-1/signin/get-console-authorization-configuration--"
POLICY: Final = "us-east-1/signin/get-resource-policy"
OURS: Final = ("192.0.2.0/24",)
ROOT: Final = f"arn:aws:iam::{ACCOUNT}:root"


def _before(network: str = "192.0.2.0/24", **condition: Any) -> dict[str, Any]:
    """A statement of GetResourcePolicy, whose names are in small letters."""
    tests = {"NotIpAddress": {"aws:SourceIp": [network]}, "StringEquals": {"aws:ResourceAccount": [ACCOUNT]}}
    told = {"effect": "Deny", "principal": {"AWS": "*"}, "action": ["signin:Authenticate"], "resource": "*"}
    return told | {"condition": tests | condition}


def _only(network: str) -> dict[str, Any]:
    return {**_before(), "condition": {"IpAddress": {"aws:SourceIp": [network]}}}


def _session(**fields: str) -> dict[str, Any]:
    """A session as ListSessions has it: 2026-08-05 02:31:20, in seconds since 1970."""
    return {"sessionArn": "arn:s", "principalArn": ROOT, "status": "ACTIVE", "issuedAt": 1785897080, **fields}


def _told(folder: Path, *statements: dict[str, Any], ours: tuple[str, ...] = OURS) -> rf.ControlAnswer:
    answers = perfect()
    answers[f"{ON}{ACCOUNT}"] = {"consoleAuthorizationEnabled": True, "targetId": ACCOUNT, "scope": "ACCOUNT"}
    answers[POLICY] = {"signinResourceBasedPolicy": {"version": "2012-10-17", "statement": [*statements]}}
    found = rf.check_posture(from_folder=write(folder, answers), our_networks=ours).answers
    return next(one for one in found if one.control.id == "sign-in-network")


_EXEMPT: Final = {"ArnNotEquals": {"signin:PrincipalArn": [ROOT]}}
_USER: Final = {"ArnNotEquals": {"signin:PrincipalArn": [f"{ROOT.removesuffix('root')}user/b"]}}
_VPC: Final = {"StringNotEquals": {"aws:SourceVpc": ["vpc-0abc"]}}
_ANY: Final = {"effect": "Deny", "principal": {"AWS": "*"}, "action": ["signin:*"], "resource": "*"}


@pytest.mark.parametrize(
    ("statements", "ours", "answer", "words"),
    [
        ([_before()], OURS, "pass", "only from your networks."),
        ([_before(**_USER)], OURS, "pass", "only from your networks."),
        ([_before("192.0.2.128/25")], OURS, "warn", "only from your networks, but not from 192.0.2.0/25"),
        ([_before()], ("192.0.2.0/25", "192.0.2.128/25"), "pass", "only from your networks."),
        # A spared network, less what another statement denies, is not ours yet.
        ([_before("192.0.0.0/16"), _only("192.0.9.9/32")], OURS, "warn", "from your networks and also from"),
        ([_before("0.0.0.0/0"), _only("203.0.113.66/32")], OURS, "warn", "and also from all networks except 203.0.113.66/32, ::/0"),
        # Conditions of one statement all have to hold: it denies 198.51.100.0/24 alone.
        ([_before(IpAddress={"aws:SourceIp": ["198.51.100.0/24"]})], OURS, "warn", "all networks except 198.51.100.0/24"),
        ([_before(Null={"aws:SourceVpc": ["true"]})], OURS, "warn", "and also from any VPC endpoint"),
        ([_before(**_VPC), _before()], OURS, "pass", "only from your networks."),
        ([{**_before(), "resource": "arn:aws:signin:us-east-1:999999999999:console/x"}], OURS, "unknown", "depends on Resource"),
        ([_before("198.51.100.0/24")], OURS, "fail", "only from 198.51.100.0/24. Your networks are locked out"),
        ([_before("0.0.0.0/0")], OURS, "warn", "and also from 0.0.0.0/0"),
        ([_before("192.0.0.0/16"), _before()], OURS, "pass", "only from your networks."),
        ([_before(), _before("198.51.100.0/24")], OURS, "fail", "no one can sign in to remove it"),
        ([_before()], ("192.0.2.0/24", "203.0.113.0/24"), "warn", "but not from 203.0.113.0/24"),
        ([_before()], (), "unknown", "--our-networks"),
        ([_before(**_VPC)], OURS, "warn", "and also from vpc-0abc"),
        ([_before(**_EXEMPT)], OURS, "warn", "exempts root"),
        ([{**_before(), "action": ["signin:CreateOAuth2Token"]}], OURS, "warn", "after the password, but not the sign-in"),
        ([_only("203.0.113.0/24")], OURS, "warn", "all networks except 203.0.113.0/24"),
        ([_only("192.0.0.0/16")], OURS, "fail", "locked out"),
        ([_ANY], OURS, "fail", "no one can sign in to remove it"),
        ([_before(StringLike={"aws:RequestTag/a": ["b"]})], OURS, "unknown", "depends on aws:requesttag/a"),
        ([_before(StringEquals={"aws:ResourceAccount": ["999999999999"]})], OURS, "warn", "does not apply to it"),
        ([], OURS, "warn", "exempts root or does not apply to it"),
        # What nobody can tell: a variable, a condition that is none, no value; and whether the request has a key.
        ([_before(ArnNotEquals={"signin:PrincipalArn": "arn:aws:iam::${aws:ResourceAccount}:root"})], OURS, "unknown", "signin:principalarn"),
        ([{**_before(), "condition": [1]}], OURS, "unknown", "depends on condition"),
        ([_before(NotIpAddress={"aws:SourceIp": []})], OURS, "unknown", "depends on aws:sourceip"),
        ([_before(Bool={"aws:ViaAWSService": "false"})], OURS, "unknown", "depends on aws:viaawsservice"),
        ([_before(StringNotEqualsIgnoreCase={"signin:PrincipalArn": ROOT.upper()})], OURS, "warn", "exempts root"),
        # It denies what comes through this VPC alone.
        ([_before(StringEqualsIfExists={"aws:SourceVpc": ["vpc-0abc"]})], OURS, "warn", "and also from any VPC endpoint"),
    ],
)  # fmt: skip
def test_the_policy_of_the_account(
    statements: list[dict[str, Any]], ours: tuple[str, ...], answer: str, words: str, tmp_path: Path
) -> None:
    told = _told(tmp_path, *statements, ours=ours)
    assert (told.answer, words in told.why) == (answer, True), told.why


@pytest.mark.parametrize(
    ("listed", "answer", "words"),
    [
        ({"items": [_session()]}, "fail", "1 active root session from aws login, started at 2026-08-05 02:31:20."),
        ({"items": [_session(status="REVOKED")]}, "info", "no active root session"),
        ({"items": [_session(principalArn=f"{ROOT.removesuffix('root')}user/root")]}, "info", "no active root session"),
        ({"items": [{**_session(), "status": None}]}, "unknown", ""),
        ({"items": [], "nextToken": "more"}, "unknown", ""),
        ({"Error": {"Code": "AccessDeniedException", "Message": ""}}, "unknown", ""),
    ],
)
def test_a_session_of_root_on_a_command_line_is_open(
    listed: dict[str, Any], answer: str, words: str, tmp_path: Path
) -> None:
    folder = write(tmp_path, perfect() | {"us-east-1/signin/list-sessions": listed})
    (told,) = (one for one in rf.check_posture(from_folder=folder).answers if one.control.id == "root-sessions")
    assert (told.answer, words in told.why) == (answer, True), told.why


def test_a_policy_counts_once_it_is_switched_on(tmp_path: Path) -> None:
    """For the account or its organization; where one could not be read, nobody knows."""
    policy = {"signinResourceBasedPolicy": {"statement": [_before()]}}
    off, organization = {"consoleAuthorizationEnabled": False}, f"{ON}o-aaaaaaaaaa"
    scenes: dict[str, dict[str, Any]] = {
        "info": {},
        "pass": {organization: {"consoleAuthorizationEnabled": True}},
        "unknown": {f"{ON}{ACCOUNT}": off, organization: {"Error": {"Code": "AccessDeniedException", "Message": ""}}},
    }
    for wanted, answers in scenes.items():
        folder = write(tmp_path / wanted, perfect() | {POLICY: policy} | answers)
        found = rf.check_posture(from_folder=folder, our_networks=OURS).answers
        (told,) = (one for one in found if one.control.id == "sign-in-network")
        assert told.answer == wanted, told.why


@pytest.mark.parametrize(
    ("target", "condition", "member", "management"),
    [
        ("ou-a", {"NotIpAddressIfExists": {"aws:SourceIp": "198.51.100.0/24"}}, "fail", "warn"),
        ("ou-a", {"NotIpAddressIfExists": {"aws:SourceIp": "192.0.2.0/24"}, **_VPC}, "warn", "warn"),
        ("ou-a", {"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}, "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}}, "pass", "warn"),
        # As the runbook prints it.
        ("ou-a", {"ArnLike": {"signin:PrincipalArn": "arn:*:iam::*:root"}, "NotIpAddress": {"aws:SourceIp": ["192.0.2.0/24"]}}, "pass", "warn"),
        ("ou-a", {}, "warn", "warn"),
        ("ou-b", {"NotIpAddressIfExists": {"aws:SourceIp": "198.51.100.0/24"}}, "warn", "warn"),
    ],
)  # fmt: skip
def test_a_resource_control_policy_binds_members_below_it(
    target: str, condition: dict[str, Any], member: str, management: str, tmp_path: Path
) -> None:
    """And never the management account, whose list tells of it."""
    statement = {"Effect": "Deny", "Principal": "*", "Action": "signin:Authenticate", "Resource": "*"}
    told = {"Statement": [statement | ({"Condition": condition} if condition else {})]}
    above = of_management() | {
        f"{ON}o-aaaaaaaaaa": {"consoleAuthorizationEnabled": True},
        "us-east-1/organizations/list-policies--RESOURCE_CONTROL_POLICY": {"Policies": [{"Id": "p-rcp"}]},
        "us-east-1/organizations/describe-policy--p-rcp": {"Policy": {"PolicySummary": {"Name": "net"}, "Content": json.dumps(told)}},
        "us-east-1/organizations/list-targets-for-policy--p-rcp": {"Targets": [{"TargetId": target}]},
    }  # fmt: skip
    denied = {"Error": {"Code": "AccessDeniedException", "Message": ""}}
    own = of_member() | {f"{ON}o-aaaaaaaaaa": denied, POLICY: {"signinResourceBasedPolicy": {"statement": []}}}
    folder = write(write(tmp_path, above), own, MEMBER)
    found = rf.check_posture(from_folder=folder, our_networks=OURS).answers
    answers = {one.account_id: one for one in found if one.control.id == "sign-in-network"}
    assert (answers[MEMBER].answer, answers[ACCOUNT].answer) == (member, management), answers[MEMBER].why
    if member == "fail":
        assert "The resource control policy net allows root to sign in only from 198.51.100.0/24" in answers[MEMBER].why


def test_what_is_no_network_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path, perfect())
    with pytest.raises(rf.SourceError, match="'office' is not a network"):
        rf.check_posture(from_folder=folder, our_networks=("192.0.2.0/24", "office"))
    with pytest.raises(rf.SourceError, match=r"Write it as 10\.0\.0\.0/8"):
        rf.check_posture(from_folder=folder, our_networks=("10.0.0.1/8",))
    given = ["posture", "--from", str(folder), "--our-networks", "192.0.2.0/24", "--format", "json"]
    assert '"sign-in-network"' in CliRunner().invoke(cli, given).stdout
