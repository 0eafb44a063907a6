"""Roles that root made: a way back, perhaps one, or none, by whom their trust policy lets take them on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.analysis.lineage.test_blast_radius import did, user
from tests.analysis.verdict.stories import moved, stories_in, verdicts_by_account
from tests.builders import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterator

    import rootforensics as rf
    from rootforensics.analysis.analysis import AccountVerdict

    Record = dict[str, Any]
    Told = dict[str, tuple[AccountVerdict, list[Record], str]]

OTHER: Final = {"AWS": "arn:aws:iam::999988887777:root"}
CLOUDTRAIL: Final = {"Service": "cloudtrail.amazonaws.com"}
DENY: Final = "put-role-policy --role-name r --policy-name Quarantine"
LOOK: Final = "aws iam get-role --role-name r"
UNDONE: Final = ("aws iam detach-role-policy --role-name r ", "aws iam update-assume-role-policy --role-name r ")


def trust(principal: Any, **more: Any) -> str:
    """A trust policy of one statement."""
    return json.dumps({"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"} | more]})


def made(policy: str | None, minute: int = 1) -> Record:
    request = {"roleName": "r"} | ({"assumeRolePolicyDocument": policy} if policy is not None else {})
    return did("iam:CreateRole", minute, request, {"role": {"roleName": "r", "roleId": "AROA"}})


def trusted(policy: str | None, minute: int = 2, **more: Any) -> Record:
    request = {"roleName": "r"} | ({"policyDocument": policy} if policy is not None else {})
    return did("iam:UpdateAssumeRolePolicy", minute, request, **more)


ATTACHED: Final = did("iam:AttachRolePolicy", 3, {"roleName": "r", "policyArn": "arn:aws:iam::aws:policy/Admin"})
GONE: Final = did("iam:DeleteRole", 9, {"roleName": "r"}, who=user("admin"))
BOTH: Final = json.dumps({"Statement": [json.loads(trust(one))["Statement"][0] for one in (CLOUDTRAIL, OTHER)]})
#: A story; persistence by the role: yes, perhaps (it is cited), or none; whom the row says that it trusts.
STORIES: Final[dict[str, tuple[list[Record], str, str | None]]] = {
    "a service alone": ([made(trust(CLOUDTRAIL))], "", "services"),
    "several services": ([made(trust({"Service": ["config.amazonaws.com", "ec2.amazonaws.com"]}))], "", "services"),
    "a service, and rights": ([made(trust(CLOUDTRAIL)), ATTACHED], "", "services"),
    "a service under a condition": (
        [made(trust(CLOUDTRAIL, Condition={"StringEquals": {"aws:SourceAccount": "999988887777"}}))],
        "",
        "services",
    ),
    "nobody": ([made(trust(OTHER, Effect="Deny"))], "", "services"),
    "another account": ([made(trust(OTHER))], "yes", "others"),
    "a service and another account": ([made(BOTH)], "yes", "others"),
    "anybody": ([made(trust("*"))], "yes", "others"),
    "a directory": ([made(trust({"Federated": "accounts.example.com"}))], "yes", "others"),
    "all but one": ([made(json.dumps({"Statement": {"effect": "Allow", "NotPrincipal": CLOUDTRAIL}}))], "yes", "others"),
    "this account": ([made(trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}))], "yes", "account"),
    "services that hand it on": ([made(trust({"Service": "rolesanywhere.amazonaws.com"}))], "perhaps", "unknown"),
    "an ID of which nobody knows whose it is": ([made(trust({"AWS": "AIDAEXAMPLEEXAMPLE000"}))], "perhaps", "unknown"),
    "no policy in the record": ([made(None)], "perhaps", "unknown"),
    "a policy that is cut off": ([made(trust(CLOUDTRAIL)[:-30])], "perhaps", "unknown"),
    "no policy, then a service": ([made(None), trusted(trust(CLOUDTRAIL))], "", "services"),
    "a service, then another account": ([made(trust(CLOUDTRAIL)), trusted(trust(OTHER))], "yes", "others"),
    "a service, then a policy not in the record": ([made(trust(CLOUDTRAIL)), trusted(None)], "perhaps", "unknown"),
    "another account, then a service": ([made(trust(OTHER)), trusted(trust(CLOUDTRAIL))], "", "services"),
    "made, and trusted by a service, in one second": (
        [made(trust(OTHER)), trusted(trust(CLOUDTRAIL), minute=1)],
        "",
        "services",
    ),
    "both in one second": (
        [made(trust(CLOUDTRAIL)), trusted(trust(OTHER)), trusted(trust(CLOUDTRAIL))],
        "perhaps",
        "unknown",
    ),
    "another account, then a service by another": ([made(trust(OTHER)), trusted(trust(CLOUDTRAIL), who=user("admin"))], "", "services"),
    "a service, then another account by another": ([made(trust(CLOUDTRAIL)), trusted(trust(OTHER), who=user("admin"))], "yes", "others"),
    "there before, rights alone": ([ATTACHED], "perhaps", None),
    "there before, a service": ([trusted(trust(CLOUDTRAIL))], "perhaps", "services"),
    "there before, another account": ([trusted(trust(OTHER))], "yes", "others"),
    "there before, a policy that is cut off": ([trusted(trust(OTHER)[:-30])], "perhaps", "unknown"),
    "there before, mended by another": (
        [trusted(trust(OTHER)), trusted(trust(CLOUDTRAIL), 3, who=user("admin"))],
        "",
        "services",
    ),
    "there before, perhaps mended": (
        [trusted(trust(OTHER)), trusted(trust(CLOUDTRAIL), who=user("admin"))],
        "perhaps",
        "unknown",
    ),
    "there before, mended by what is not in the record": (
        [trusted(trust(OTHER)), trusted(None, 3, who=user("admin"))],
        "perhaps",
        "unknown",
    ),
    "there before, not mended": (
        [trusted(trust(OTHER)), trusted(trust(CLOUDTRAIL), 3, who=user("admin"), errorCode="AccessDenied")],
        "yes",
        "others",
    ),
    "there before, mended by root": ([trusted(trust(OTHER)), trusted(trust(CLOUDTRAIL), 3)], "perhaps", "services"),
    "made and gone": ([made(trust(OTHER)), GONE], "", "others"),
}  # fmt: skip


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[rf.Case, list[str]]]:
    found, accounts = stories_in(tmp_path_factory.mktemp("roles"), [story for story, *_ in STORIES.values()])
    yield found, accounts
    found.close()


@pytest.fixture(scope="module")
def told(case: tuple[rf.Case, list[str]]) -> Told:
    by_account = verdicts_by_account(case[0])
    return {
        name: (by_account[account], story, answer)
        for account, (name, (story, answer, _)) in zip(case[1], STORIES.items(), strict=True)
    }


def test_a_role_is_a_way_back_only_for_whom_its_trust_policy_lets_take_it_on(told: Told) -> None:
    for name, (one, story, answer) in told.items():
        persistence = next(each for each in one.answers if each.name == "persistence")
        cited = {moved(record, one.account_id)["eventID"] for record in story}
        assert persistence.answer == ("yes" if answer == "yes" else "unknown"), name
        assert bool(cited.intersection(persistence.event_ids)) == bool(answer), name
        assert ("role r" in persistence.because.partition("; also not reversed")[0]) == bool(answer), name


def test_a_role_is_denied_everything_only_where_it_lets_somebody_in(told: Told) -> None:
    for name, (one, _, answer) in told.items():
        commands = [step.command for step in one.steps if "role" in step.what]
        was_there = name.startswith("there before")  # its change is undone
        denied = [True] if answer == "yes" and not was_there else [False] * len(commands)
        assert [DENY in command for command in commands] == denied, name
        # One step, for the policy before root's first is the former one; none where others put it back.
        changed = name != "there before, mended by another"
        assert not was_there or [one.startswith(UNDONE) for one in commands] == [True] * changed, name
        assert not [command for command in commands if "delete-role" in command], name
        assert answer == "yes" or was_there or name == "made and gone" or LOOK in commands, name


def test_the_blast_radius_says_whom_a_role_trusts(case: tuple[rf.Case, list[str]]) -> None:
    rows = {row["account_id"]: row for row in case[0].blast_radius().rows if row["entity_kind"] == "role"}
    wanted = {account: trusts for account, (*_, trusts) in zip(case[1], STORIES.values(), strict=True)}
    assert {account: row["trusts"] for account, row in rows.items()} == wanted
