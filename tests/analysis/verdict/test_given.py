"""Whom root gave rights to: what such an identity did from then on may be root's doing, in every answer alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.analysis.lineage.test_blast_radius import did, made_key, role, user
from tests.analysis.verdict.logs import tell
from tests.builders import ACCOUNT

if TYPE_CHECKING:
    pass

ADMIN: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
#: An action and the question that it answers.
ACTIONS: Final = {
    "logging_impaired": ("securityhub:DisableSecurityHub", None),
    "money_spent": ("ec2:RunInstances", {"instanceType": "p4d.24xlarge"}),
    "ownership_changed": ("account:PutAlternateContact", {"alternateContactType": "SECURITY"}),
}
GIVEN: Final = did("iam:AttachUserPolicy", 10, {"userName": "bob", "policyArn": ADMIN})
TO_GROUP: Final = did("iam:AttachGroupPolicy", 10, {"groupName": "Devs", "policyArn": ADMIN})
TO_ROLE: Final = did("iam:AttachRolePolicy", 10, {"roleName": "Web", "policyArn": ADMIN})


def action(question: str, minute: int, who: dict[str, Any], **fields: Any) -> dict[str, Any]:
    call, asked = ACTIONS[question]
    return did(call, minute, asked, who=who, **fields)


def grouped(call: str, minute: int, name: str = "bob") -> dict[str, Any]:
    return did(f"iam:{call}", minute, {"groupName": "Devs", "userName": name}, who=user("admin", "AKIAADMIN"))


async def test_who_was_given_rights_may_have_done_it_for_root() -> None:
    done = {question: action(question, 40, user("bob")) for question in ACTIONS}
    answers, _ = await tell(GIVEN, *done.values())
    for question, one in done.items():
        told = answers[question]
        assert (told.answer, told.event_ids) == ("unknown", (one["eventID"],)), question
        assert told.missing[0] == "who used the identities that root changed or opened to others", question
    answers, _ = await tell(TO_ROLE, *(action(question, 40, role("Web")) for question in ACTIONS))
    assert {question: answers[question].answer for question in ACTIONS} == dict.fromkeys(ACTIONS, "unknown")


async def test_a_paid_call_that_no_list_has_may_have_been_made_for_root_too() -> None:
    done = did("comprehend:CreateDocumentClassifier", 40, {}, who=user("bob"))
    told = (await tell(GIVEN, done))[0]["money_spent"]
    assert (told.answer, told.event_ids) == ("unknown", (done["eventID"],))


async def test_who_was_not_given_rights_or_not_yet_did_not() -> None:
    harmless = [
        one
        for question in ACTIONS
        for one in (
            action(question, 5, user("bob")),  # before
            action(question, 40, user("bob"), errorCode="AccessDenied"),
            action(question, 40, user("carl")),
            action(question, 40, role("Web")),
        )
    ]
    answers, _ = await tell(GIVEN, *harmless)
    assert {question: answers[question].answer for question in ACTIONS} == dict.fromkeys(ACTIONS, "no")


@pytest.mark.parametrize("question", ACTIONS)
@pytest.mark.parametrize(
    ("memberships", "answer"),
    [
        pytest.param([grouped("AddUserToGroup", 2)], "unknown", id="a member"),
        pytest.param([grouped("AddUserToGroup", 20)], "unknown", id="since"),
        pytest.param([], "unknown", id="perhaps a member: no log says who is"),
        pytest.param([grouped("AddUserToGroup", 2, "carl")], "unknown", id="another is a member"),
        pytest.param([grouped("RemoveUserFromGroup", 50)], "unknown", id="a member until later"),
        pytest.param([grouped("AddUserToGroup", 50)], "no", id="a member only after it"),
        pytest.param([grouped("RemoveUserFromGroup", 2)], "no", id="none any more"),
        pytest.param([grouped("AddUserToGroup", 2), grouped("RemoveUserFromGroup", 30)], "no", id="until then"),
    ],
)
async def test_who_is_in_a_group_that_was_given_rights_may_have_done_it_for_root(
    question: str, memberships: list[dict[str, Any]], answer: str
) -> None:
    done = action(question, 40, user("bob"))
    told = (await tell(*memberships, TO_GROUP, done))[0][question]
    assert (told.answer, told.event_ids) == (answer, (done["eventID"],) if answer == "unknown" else ())
    assert (await tell(*memberships, TO_GROUP, action(question, 40, role("Web"))))[0][question].answer == "no"


@pytest.mark.parametrize("question", ACTIONS)
async def test_nobody_is_in_a_group_that_root_made_but_who_was_put_there(question: str) -> None:
    made = did("iam:CreateGroup", 9, {"groupName": "Devs"})
    done = action(question, 40, user("bob"))
    assert (await tell(made, TO_GROUP, done))[0][question].answer == "no"
    assert (await tell(made, TO_GROUP, grouped("AddUserToGroup", 20), done))[0][question].answer == "unknown"


async def test_a_group_of_another_name_is_the_same_group() -> None:
    renamed = did("iam:UpdateGroup", 20, {"groupName": "Devs", "newGroupName": "Ops"}, who=BY_ADMIN)
    late = grouped("AddUserToGroup", 50)
    late["requestParameters"] |= {"groupName": "Ops"}
    told = (await tell(TO_GROUP, renamed, late, action("logging_impaired", 40, user("bob"))))[0]["logging_impaired"]
    assert told.answer == "no"


async def test_what_root_made_itself_stays_certain() -> None:
    made = [did("iam:CreateUser", 1, {"userName": "bob"}), made_key("AKIAUSER", 2, "bob"), GIVEN]
    done = [action(question, 40, user("bob")) for question in ACTIONS]
    answers, _ = await tell(*made, *done)
    assert {name: answers[name].answer for name in ACTIONS} == dict.fromkeys(ACTIONS, "yes")


POLICY: Final = f"arn:aws:iam::{ACCOUNT}:policy/dev"
VERSION: Final = did("iam:CreatePolicyVersion", 10, {"policyArn": POLICY, "policyDocument": "{}", "setAsDefault": True})
DEFAULT: Final = did("iam:SetDefaultPolicyVersion", 10, {"policyArn": POLICY, "versionId": "v1"})
BY_ADMIN: Final = user("admin", "AKIAADMIN")
NEW: Final = did("iam:CreatePolicy", 1, {"policyName": "dev"}, {"policy": {"arn": POLICY}}, who=BY_ADMIN)


def held(call: str, minute: int, **asked: str) -> dict[str, Any]:
    return did(f"iam:{call}", minute, {"policyArn": POLICY} | asked, who=BY_ADMIN)


@pytest.mark.parametrize(
    ("records", "who", "answer"),
    [
        pytest.param([VERSION], user("bob"), "unknown", id="no log says who has it"),
        pytest.param([DEFAULT], role("Web"), "unknown", id="another version is the default, a role"),
        pytest.param([VERSION], role("AWSServiceRoleForConfig"), "no", id="a role to which AWS alone gives rights"),
        pytest.param([did("iam:CreatePolicyVersion", 10, {"policyArn": POLICY, "setAsDefault": False})], user("bob"), "no", id="a version that does not hold"),
        pytest.param([VERSION | {"errorCode": "AccessDenied"}], user("bob"), "no", id="refused"),
        pytest.param([held("DetachRolePolicy", 5, roleName="Web"), VERSION], role("Web"), "no", id="a role has it no more"),
        pytest.param([NEW, held("AttachUserPolicy", 2, userName="bob"), VERSION], user("bob"), "unknown", id="attached"),
        pytest.param([NEW, held("AttachUserPolicy", 2, userName="carl"), VERSION], user("bob"), "no", id="attached to another alone"),
        pytest.param([NEW, held("AttachUserPolicy", 2, userName="bob"), held("DetachUserPolicy", 5, userName="bob"), VERSION], user("bob"), "no", id="until then"),
        pytest.param([NEW, held("AttachRolePolicy", 20, roleName="Web"), VERSION], role("Web"), "unknown", id="attached since"),
        pytest.param([NEW, held("AttachGroupPolicy", 2, groupName="Devs"), VERSION, grouped("AddUserToGroup", 3)], user("bob"), "unknown", id="by a group"),
        pytest.param([NEW, held("DetachGroupPolicy", 50, groupName="Devs"), VERSION], user("bob"), "unknown", id="by a group that had it until later"),
        pytest.param([NEW, held("DetachGroupPolicy", 5, groupName="Devs"), VERSION], user("bob"), "no", id="by a group that has it no more"),
        pytest.param([NEW, held("AttachGroupPolicy", 2, groupName="Devs"), VERSION], role("Web"), "no", id="a group has no roles"),
    ],
)  # fmt: skip
async def test_who_has_a_policy_that_root_changed_may_have_done_it_for_root(
    records: list[dict[str, Any]], who: dict[str, Any], answer: str
) -> None:
    done = {question: action(question, 40, who) for question in ACTIONS}
    answers, _ = await tell(*records, *done.values())
    by_group = any("GroupPolicy" in record["eventName"] for record in records)
    for question, one in done.items():
        told = answers[question]
        assert (told.answer, told.event_ids) == (answer, (one["eventID"],) if answer == "unknown" else ())
        named = any(f"who has policy {POLICY}" in one for one in told.missing)
        assert named == (answer == "unknown" and (NEW not in records or by_group))


async def test_who_had_it_before_root_changed_it_did_not() -> None:
    answers, _ = await tell(VERSION, *(action(question, 5, user("bob")) for question in ACTIONS))
    assert {name: answers[name].answer for name in ACTIONS} == dict.fromkeys(ACTIONS, "no")


INSTANCE: Final = "i-0abc0abc0abc0abc0"
IN_PROFILE: Final = did("iam:AddRoleToInstanceProfile", 10, {"instanceProfileName": "web", "roleName": "Admin"})


async def test_an_instance_that_got_another_role_may_have_done_it_for_root() -> None:
    done = {question: action(question, 40, role("Admin", INSTANCE)) for question in ACTIONS}
    answers, _ = await tell(IN_PROFILE, *done.values())
    for question, one in done.items():
        assert (answers[question].answer, answers[question].event_ids) == ("unknown", (one["eventID"],))
        assert any("which instances have instance profile web" in one for one in answers[question].missing)


async def test_others_than_instances_that_got_the_role_did_not() -> None:
    admins = IN_PROFILE | {"userIdentity": IN_PROFILE["userIdentity"] | BY_ADMIN}
    made = did("iam:CreateInstanceProfile", 1, {"instanceProfileName": "web"})
    answers, _ = await tell(
        IN_PROFILE,
        action("logging_impaired", 5, role("Admin", INSTANCE)),  # before
        action("money_spent", 40, role("Admin", "ann")),  # no instance
        action("ownership_changed", 40, role("Web", INSTANCE)),
    )
    assert {name: answers[name].answer for name in ACTIONS} == dict.fromkeys(ACTIONS, "no")
    answers, _ = await tell(made, admins, *(action(question, 40, role("Admin", INSTANCE)) for question in ACTIONS))
    assert {name: answers[name].answer for name in ACTIONS} == dict.fromkeys(ACTIONS, "no")


async def test_a_deny_that_was_taken_from_a_group_gives_its_members_rights() -> None:
    taken = did("iam:DetachGroupPolicy", 10, {"groupName": "Devs", "policyArn": POLICY})
    done = action("logging_impaired", 40, user("bob"))
    assert (await tell(grouped("AddUserToGroup", 2), taken, done))[0]["logging_impaired"].answer == "unknown"
