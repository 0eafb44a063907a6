"""Console sessions of what descends from root: their keys change, and what stays is the user or the name of the session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.analysis.lineage.test_blast_radius import did, made_key, role, user
from tests.analysis.verdict.logs import tell
from tests.builders import ACCOUNT

if TYPE_CHECKING:
    pass

ID, OTHER_ID = "AIDAEVEEVEEVEEVEEVE00", "AIDABOBBOBBOBBOBBOB00"
KEY: Final = "AKIAEVE"
ASKED: Final = ("logging_impaired", "money_spent", "ownership_changed")


def federated(of: str, name: str = "f", user_id: str | None = ID, key: str = "ASIAROTATED") -> dict[str, Any]:
    """A session of GetFederationToken, or of the console that was opened with it."""
    arn = f"arn:aws:iam::{ACCOUNT}:user/{of}"
    issuer = {"type": "IAMUser", "principalId": user_id, "arn": arn, "accountId": ACCOUNT, "userName": of}
    return {
        "type": "FederatedUser", "principalId": f"{ACCOUNT}:{name}", "accountId": ACCOUNT, "accessKeyId": key,
        "arn": f"arn:aws:sts::{ACCOUNT}:federated-user/{name}", "sessionContext": {"sessionIssuer": issuer},
    }  # fmt: skip


def actions(who: dict[str, Any], minute: int = 40) -> list[dict[str, Any]]:
    """One action for each question that is asked."""
    return [
        did("securityhub:DisableSecurityHub", minute, who=who),
        did("ec2:RunInstances", minute, {"instanceType": "p4d.24xlarge"}, who=who),
        did("account:PutAlternateContact", minute, {"alternateContactType": "SECURITY"}, who=who),
    ]


def token(minute: int, who: dict[str, Any], name: str = "f", *, named: bool = True) -> dict[str, Any]:
    """Somebody asks for a federated session; of old the answer may be left out."""
    arn = f"arn:aws:sts::{ACCOUNT}:federated-user/{name}"
    answer = {"credentials": {"accessKeyId": "ASIAFEDERATED"}}
    given = answer | ({"federatedUser": {"federatedUserId": f"{ACCOUNT}:{name}", "arn": arn}} if named else {})
    return did("sts:GetFederationToken", minute, {"name": name}, given, who=who)


def user_made(user_id: str | None = ID) -> list[dict[str, Any]]:
    answer = {"user": {"userName": "eve", "userId": user_id}} if user_id else None
    return [did("iam:CreateUser", 1, {"userName": "eve"}, answer), made_key(KEY, 2, "eve")]


GONE: Final = did("iam:DeleteUser", 20, {"userName": "eve"}, who=user("eve", KEY))
AGAIN: Final = did("iam:CreateUser", 30, {"userName": "eve"}, {"user": {"userName": "eve", "userId": OTHER_ID}}, who=user("admin", "AKIAADMIN"))  # fmt: skip
EVES: Final = token(10, user("eve", KEY))
#: A key that root made for a user who was there.
BOBS: Final = [made_key("AKIABOB", 2, "bob"), token(10, user("bob", "AKIABOB"))]


@pytest.mark.parametrize(
    ("records", "answer"),
    [
        pytest.param([*user_made(), EVES, *actions(federated("eve"))], "yes", id="console of a user of root's"),
        pytest.param([*user_made(), EVES, GONE, *actions(federated("eve"))], "yes", id="who deleted itself"),
        pytest.param(
            [*user_made(None), EVES, GONE, *actions(federated("eve"))], "unknown", id="its ID is not recorded"
        ),
        pytest.param(
            [*user_made(None), token(10, user("eve", KEY), named=False), GONE, *actions(federated("eve"))],
            "unknown",
            id="nor the session's name in the answer",
        ),
        pytest.param(
            [*user_made(), GONE, AGAIN, *actions(federated("eve", "g", OTHER_ID))], "no", id="another of its name"
        ),
        pytest.param([*BOBS, *actions(federated("bob", user_id=OTHER_ID))], "unknown", id="a key of root's of a user"),
        pytest.param([*BOBS, *actions(federated("bob", "another", OTHER_ID))], "no", id="another session of the user"),
        pytest.param([*BOBS, *actions(federated("bob", user_id=OTHER_ID), 5)], "no", id="before"),
    ],
)
async def test_a_federated_session_is_its_users(records: list[dict[str, Any]], answer: str) -> None:
    answers, _ = await tell(*records)
    assert {name: answers[name].answer for name in ASKED} == dict.fromkeys(ASKED, answer)


@pytest.mark.parametrize(
    ("session", "answer"), [("s", "unknown"), ("another", "no")], ids=["the session", "another of the role"]
)
async def test_a_console_that_a_roles_session_opened_keeps_the_sessions_name(session: str, answer: str) -> None:
    taken = did("sts:AssumeRole", 10, {}, {"credentials": {"accessKeyId": "ASIATAKEN"}}, who=user("bob", "AKIABOB"))
    opened = did(
        "signin:GetSigninToken", 11, None, {"GetSigninToken": "Success"}, who=role("Admin", "s", "ASIATAKEN"),
        eventType="AwsConsoleSignIn",
    )  # fmt: skip
    answers, _ = await tell(
        made_key("AKIABOB", 2, "bob"), taken, opened, *actions(role("Admin", session, "ASIAROTATED"))
    )
    assert {name: answers[name].answer for name in ASKED} == dict.fromkeys(ASKED, answer)


async def test_a_federated_session_of_a_user_whom_root_gave_rights_may_be_roots() -> None:
    given = did(
        "iam:AttachUserPolicy", 1, {"userName": "bob", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    )
    for who, answer in ((federated("bob"), "unknown"), (federated("carl"), "no")):
        answers, _ = await tell(given, *actions(who))
        assert {name: answers[name].answer for name in ASKED} == dict.fromkeys(ASKED, answer)


async def test_a_role_to_which_a_federated_session_switched_may_be_roots() -> None:
    arn = f"arn:aws:sts::{ACCOUNT}:federated-user/f"
    switched = did(
        "signin:SwitchRole", 11, None, {"SwitchRole": "Success"}, who=role("Admin", "f"), eventType="AwsConsoleSignIn",
        additionalEventData={"SwitchFrom": arn, "RedirectTo": "https://console.aws.amazon.com/"},
    )  # fmt: skip
    answers, _ = await tell(*BOBS, switched, *actions(role("Admin", "f", "ASIAROTATED")))
    assert {name: answers[name].answer for name in ASKED} == dict.fromkeys(ASKED, "unknown")
