"""Whom root gave rights to: what such an identity did from then on may be root's doing, in every answer alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.analysis.blast.test_radius import did, made_key, role, user

if TYPE_CHECKING:
    from tests.analysis.verdict.logs import Tell

ADMIN: Final = "arn:aws:iam::aws:policy/AdministratorAccess"
#: A deed and the question that it answers.
DEEDS: Final = {
    "record_tampered": ("securityhub:DisableSecurityHub", None),
    "money_spent": ("ec2:RunInstances", {"instanceType": "p4d.24xlarge"}),
    "ownership_changed": ("account:PutAlternateContact", {"alternateContactType": "SECURITY"}),
}
GIVEN: Final = did("iam:AttachUserPolicy", 10, {"userName": "bob", "policyArn": ADMIN})
TO_GROUP: Final = did("iam:AttachGroupPolicy", 10, {"groupName": "Devs", "policyArn": ADMIN})
TO_ROLE: Final = did("iam:AttachRolePolicy", 10, {"roleName": "Web", "policyArn": ADMIN})


def deed(question: str, minute: int, who: dict[str, Any], **fields: Any) -> dict[str, Any]:
    call, asked = DEEDS[question]
    return did(call, minute, asked, who=who, **fields)


def grouped(call: str, minute: int, name: str = "bob") -> dict[str, Any]:
    return did(f"iam:{call}", minute, {"groupName": "Devs", "userName": name}, who=user("admin", "AKIAADMIN"))


@pytest.mark.parametrize("question", DEEDS)
def test_who_was_given_rights_may_have_done_it_for_root(question: str, tell: Tell) -> None:
    done = deed(question, 40, user("bob"))
    told = tell(GIVEN, done)[0][question]
    assert (told.answer, told.event_ids) == ("unknown", (done["eventID"],))
    assert told.missing[0] == "who acted under identities that root only opened or changed"
    of_a_role = deed(question, 40, role("Web"))
    assert tell(TO_ROLE, of_a_role)[0][question].answer == "unknown"
    for harmless in (
        deed(question, 5, user("bob")),  # before
        deed(question, 40, user("bob"), errorCode="AccessDenied"),
        deed(question, 40, user("carl")),
        deed(question, 40, role("Web")),
    ):
        assert tell(GIVEN, harmless)[0][question].answer == "no"


@pytest.mark.parametrize("question", DEEDS)
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
def test_who_is_in_a_group_that_was_given_rights_may_have_done_it_for_root(
    question: str, memberships: list[dict[str, Any]], answer: str, tell: Tell
) -> None:
    done = deed(question, 40, user("bob"))
    told = tell(*memberships, TO_GROUP, done)[0][question]
    assert (told.answer, told.event_ids) == (answer, (done["eventID"],) if answer == "unknown" else ())
    assert tell(*memberships, TO_GROUP, deed(question, 40, role("Web")))[0][question].answer == "no"


@pytest.mark.parametrize("question", DEEDS)
def test_nobody_is_in_a_group_that_root_made_but_who_was_put_there(question: str, tell: Tell) -> None:
    made = did("iam:CreateGroup", 9, {"groupName": "Devs"})
    done = deed(question, 40, user("bob"))
    assert tell(made, TO_GROUP, done)[0][question].answer == "no"
    assert tell(made, TO_GROUP, grouped("AddUserToGroup", 20), done)[0][question].answer == "unknown"


def test_what_root_made_itself_stays_certain(tell: Tell) -> None:
    made = [did("iam:CreateUser", 1, {"userName": "bob"}), made_key("AKIAUSER", 2, "bob"), GIVEN]
    done = [deed(question, 40, user("bob")) for question in DEEDS]
    answers, _ = tell(*made, *done)
    assert {name: answers[name].answer for name in DEEDS} == dict.fromkeys(DEEDS, "yes")
