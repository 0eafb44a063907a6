"""Records have whole seconds: what is left of an entity must not hang on the order in which a second's records lie.

A world in which users, keys and passwords live by IAM's own rules is played in every order of a second. What is there
at the end of any of them is open in the blast radius, what is there in none is gone, whichever order the records have.
"""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations_with_replacement, permutations, product
from typing import TYPE_CHECKING, Any, Final, cast

import pytest

from rootforensics.analysis.lineage.entity import Action, Actor, Key
from rootforensics.analysis.lineage.lifetimes import Lives, judge_ends
from tests.analysis.lineage.radius_story import radius_of
from tests.analysis.lineage.test_blast_radius import did, made_key, told, user
from tests.builders import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.queries import rows as of

ROOT: Final = Actor(Key(ACCOUNT, "root", "user"), roots=(ACCOUNT,))
ADMIN: Final = user("admin", "AKIAADMIN")
#: Who does something, and what, to user ``u``, its password or a key of its.
Deed = tuple[str, str]
#: What is there: who made the user (or "before" the logs), whether it has a password, its keys.
World = tuple[str, bool, frozenset[str]]

DEEDS: Final[list[Deed]] = [
    ("root", "CreateUser"),
    ("admin", "CreateUser"),
    ("admin", "DeleteUser"),
    ("root", "CreateAccessKey"),
    ("admin", "DeleteAccessKey"),
    ("root", "CreateLoginProfile"),
    ("admin", "DeleteLoginProfile"),
]
HISTORIES: Final[list[list[Deed]]] = [
    [],
    [("root", "CreateUser")],
    [("admin", "CreateUser"), ("root", "CreateLoginProfile")],
    [("root", "CreateUser"), ("admin", "DeleteUser")],
    [("root", "CreateUser"), ("root", "CreateLoginProfile"), ("admin", "DeleteLoginProfile")],
]
#: What is done some seconds later.
LATER: Final[list[list[Deed]]] = [
    [],
    [("admin", "CreateUser")],
    [("admin", "DeleteUser")],
    [("root", "CreateLoginProfile")],
]


def after(world: World, deed: Deed) -> World | None:
    """What is there after a deed; None where IAM refuses it."""
    (maker, call), (made_by, password, keys) = deed, world
    if call == "CreateUser":
        return None if made_by else (maker, False, frozenset())
    if not made_by:
        return None
    if call == "DeleteUser":
        return None if password or keys else ("", False, frozenset())
    if call == "CreateAccessKey":
        return made_by, password, keys | {"K"}
    if call == "DeleteAccessKey":
        return (made_by, password, keys - {"K"}) if "K" in keys else None
    return None if password is (call == "CreateLoginProfile") else (made_by, not password, keys)


def ends(history: list[Deed], second: list[Deed], later: list[Deed]) -> set[World]:
    """What may be there after a history, the deeds of one second in any order, and what was done later."""
    found: set[World] = set()
    starts: list[World] = [("", False, frozenset()), ("before", False, frozenset()), ("before", True, frozenset())]
    for start, order in product(starts, set(permutations(second))):
        world: World | None = start
        for deed in (*history, *order, *later):
            world = after(world, deed) if world else None
        if world:
            found.add(world)
    return found


def action(deed: Deed, second: int, number: int) -> Action:
    maker, call = deed
    kind = {"User": "user", "AccessKey": "access key", "LoginProfile": "console password"}[call[6:]]
    row = {
        "eventTime": datetime(2026, 8, 5, tzinfo=UTC) + timedelta(seconds=second),
        "eventName": call,
        "eventID": f"{number:08}",
        "evidence_id": 1,
        "record_index": 100 * second + number,
        "outcome": "success",
    }
    return Action(
        Key(ACCOUNT, kind, "K" if kind == "access key" else "u"),
        "creates" if call.startswith("Create") else "removes",
        cast("of.Kept", row),
        ROOT if maker == "root" else None,
        owner="u" if kind != "user" and call != "DeleteAccessKey" else "",
        named_by_aws=call == "CreateAccessKey",
    )


class Coverage:
    """A case that is asked for the end of its logs alone."""

    def query(self, _: str) -> Any:
        return type("Rows", (), {"rows": [{"last_time": datetime(2026, 8, 6, tzinfo=UTC)}]})


def states(history: list[Deed], second: tuple[Deed, ...], later: list[Deed]) -> dict[str, list[str]]:
    """The states of what root made, by kind."""
    lives = Lives()
    lives.take(
        [
            *(action(deed, number, 0) for number, deed in enumerate(history)),
            *(action(deed, 50, number) for number, deed in enumerate(second)),
            *(action(deed, 60 + number, 0) for number, deed in enumerate(later)),
        ]
    )
    judge_ends(cast("Any", Coverage()), lives)
    rows: dict[str, list[str]] = {}
    for entity in lives.all:
        if entity.first.effect == "creates":
            rows.setdefault(entity.key.kind, []).append(entity.state)
    return {kind: sorted(own) for kind, own in rows.items()}


def stories() -> Iterator[tuple[list[Deed], list[Deed], list[Deed]]]:
    """Each set of deeds that one second may have, with what came before and after it."""
    for history, later, size in product(HISTORIES, LATER, (1, 2, 3, 4, 5)):
        for second in combinations_with_replacement(DEEDS, size):
            if second.count(("root", "CreateAccessKey")) < 2 and ends(history, list(second), later):
                yield history, list(second), later


def test_what_is_open_does_not_hang_on_the_order_of_the_records() -> None:
    tried = 0
    for story in stories():
        history, second, later = story
        tried += 1
        worlds = ends(*story)
        shuffled = list(permutations(second))
        orders = random.Random(tried).sample(shuffled, min(len(shuffled), 4))
        answers = [states(history, order, later) for order in orders]
        assert all(answer == answers[0] for answer in answers), (story, answers)
        for kind, rows in answers[0].items():
            left = {
                "user": {made_by == "root" for made_by, _, _ in worlds},
                "console password": {password for _, password, _ in worlds},
                "access key": {"K" in keys for _, _, keys in worlds},
            }[kind]
            is_open = any(state in ("active", "unknown") for state in rows)
            assert is_open is (True in left), (story, kind, rows, worlds)
            assert left == {True} or "active" not in rows, (story, kind, rows, worlds)
    assert tried > 600


def test_an_end_of_which_no_outcome_is_recorded_may_have_failed() -> None:
    """As in a table without columns for errors."""
    deeds = [
        ("root", "CreateUser"),
        ("root", "CreateAccessKey"),
        ("root", "CreateLoginProfile"),
        ("admin", "DeleteUser"),
    ]
    actions = [action(deed, number, 0) for number, deed in enumerate(deeds)]
    for outcome, state in (("success", "removed"), (None, "unknown")):
        lives = Lives()
        lives.take([*actions[:3], replace(actions[3], row=cast("of.Kept", {**actions[3].row, "outcome": outcome}))])
        judge_ends(cast("Any", Coverage()), lives)
        assert [entity.state for entity in lives.all] == [state] * 3


REUSED: Final[dict[str, tuple[tuple[str, Any, Any], tuple[str, Any]]]] = {
    "user": (("iam:CreateUser", {"userName": "x"}, None), ("iam:DeleteUser", {"userName": "x"})),
    "role": (("iam:CreateRole", {"roleName": "x"}, None), ("iam:DeleteRole", {"roleName": "x"})),
    "group": (("iam:CreateGroup", {"groupName": "x"}, None), ("iam:DeleteGroup", {"groupName": "x"})),
    "policy": (
        ("iam:CreatePolicy", {"policyName": "x"}, {"policy": {"arn": f"arn:aws:iam::{ACCOUNT}:policy/x"}}),
        ("iam:DeletePolicy", {"policyArn": f"arn:aws:iam::{ACCOUNT}:policy/x"}),
    ),
    "identity provider": (
        ("iam:CreateSAMLProvider", {"name": "x"}, {"sAMLProviderArn": f"arn:aws:iam::{ACCOUNT}:saml-provider/x"}),
        ("iam:DeleteSAMLProvider", {"sAMLProviderArn": f"arn:aws:iam::{ACCOUNT}:saml-provider/x"}),
    ),
    "Lambda function": (
        ("lambda:CreateFunction20150331", {"functionName": "x"}, None),
        ("lambda:DeleteFunction20150331", {"functionName": "x"}),
    ),
    "EC2 key pair": (
        ("ec2:CreateKeyPair", {"keyName": "x"}, {"keyName": "x", "keyPairId": "key-0new"}),
        ("ec2:DeleteKeyPair", {"keyName": "x"}),
    ),
}


@pytest.mark.parametrize("kind", REUSED)
async def test_what_is_deleted_and_made_anew_in_one_second_is_there(kind: str) -> None:
    """Whatever the eventIDs are: what was there before is gone, what has its name is open."""
    (create, request, answer), (delete, named) = REUSED[kind]
    for order in ("12", "21"):
        new = did(create, 2, request, answer, eventID=f"0000000{order[0]}-0000-4000-8000-000000000000")
        end = did(delete, 2, named, who=ADMIN, eventID=f"0000000{order[1]}-0000-4000-8000-000000000000")
        rows = await radius_of(did(create, 1, request, answer), end, new)
        assert told(rows, "entity_kind", "state") == [(kind, "removed"), (kind, "active")]
        rows = await radius_of(end, new)
        assert told(rows, "entity_kind", "state", "still_open") == [(kind, "unknown", True)]


async def test_an_instance_is_started_before_it_is_ended() -> None:
    """AWS gives an ID once."""
    started = {"instancesSet": {"items": [{"instanceId": "i-0a1b2c3d4e5f60718"}]}}
    named = {"instancesSet": {"items": [{"instanceId": "i-0a1b2c3d4e5f60718"}]}}
    for first, last in ("12", "21"):
        rows = await radius_of(
            did("ec2:RunInstances", 1, {}, started, eventID=f"0000000{first}-0000-4000-8000-000000000000"),
            did("ec2:TerminateInstances", 1, named, eventID=f"0000000{last}-0000-4000-8000-000000000000", who=ADMIN),
        )
        assert told(rows, "entity_kind", "state") == [("instance", "removed")]


@pytest.mark.parametrize("order", list(permutations("123"))[::2])
async def test_a_user_that_is_made_anew_has_its_key_and_password_in_any_order(order: tuple[str, ...]) -> None:
    """The predecessor was deleted some time before: nothing of the new user's is bound to it."""
    ids = [f"0000000{place}-0000-4000-8000-000000000000" for place in order]
    rows = await radius_of(
        did("iam:CreateUser", 1, {"userName": "x"}),
        did("iam:DeleteUser", 2, {"userName": "x"}, who=ADMIN),
        did("iam:CreateUser", 3, {"userName": "x"}, eventID=ids[0]),
        made_key("AKIANEW", 3, "x", eventID=ids[1]),
        did("iam:CreateLoginProfile", 3, {"userName": "x"}, eventID=ids[2]),
    )
    assert sorted(told(rows, "entity_kind", "state")) == [
        ("access key", "active"), ("console password", "active"), ("user", "active"), ("user", "removed")
    ]  # fmt: skip


async def test_a_key_shows_that_its_user_is_there_again() -> None:
    """No log of the case has how the second user of the name was made."""
    rows = await radius_of(
        did("iam:CreateUser", 1, {"userName": "x"}),
        did("iam:DeleteUser", 2, {"userName": "x"}, who=ADMIN),
        made_key("AKIANEW", 3, "x"),
        did("iam:CreateLoginProfile", 4, {"userName": "x"}),
    )
    assert told(rows, "entity_kind", "state") == [
        ("user", "removed"), ("access key", "active"), ("console password", "active")
    ]  # fmt: skip


async def test_a_password_of_the_next_user_of_the_name_is_another() -> None:
    rows = await radius_of(
        did("iam:CreateUser", 1, {"userName": "x"}),
        did("iam:CreateLoginProfile", 2, {"userName": "x"}),
        did("iam:DeleteUser", 3, {"userName": "x"}, who=ADMIN),
        did("iam:CreateUser", 4, {"userName": "x"}, who=ADMIN),
        did("iam:CreateLoginProfile", 5, {"userName": "x"}, who=ADMIN),
    )
    assert told(rows, "entity_kind", "state") == [("user", "removed"), ("console password", "removed")]


async def test_a_password_goes_with_the_name_of_its_user() -> None:
    """Deleting the password of the next user of the old name does not take away that of the renamed one."""
    renamed = [
        did("iam:CreateLoginProfile", 1, {"userName": "x"}),
        did("iam:UpdateUser", 2, {"userName": "x", "newUserName": "y"}, who=ADMIN),
    ]
    other = did("iam:DeleteLoginProfile", 3, {"userName": "x"}, who=ADMIN)
    own = did("iam:DeleteLoginProfile", 3, {"userName": "y"}, who=ADMIN)
    assert told(await radius_of(*renamed, other), "entity_kind", "state") == [("console password", "active")]
    assert told(await radius_of(*renamed, own), "entity_kind", "state") == [("console password", "removed")]


async def test_a_name_that_is_freed_and_given_in_one_second() -> None:
    """The user y is deleted and x gets its name: the deletion is not that of x."""
    for first, last in ("12", "21"):
        rows = await radius_of(
            did("iam:CreateUser", 1, {"userName": "x"}),
            did("iam:CreateUser", 1, {"userName": "y"}, who=ADMIN),
            did(
                "iam:UpdateUser",
                2,
                {"userName": "x", "newUserName": "y"},
                eventID=f"0000000{first}-0000-4000-8000-000000000000",
            ),
            did(
                "iam:DeleteUser", 2, {"userName": "y"}, eventID=f"0000000{last}-0000-4000-8000-000000000000", who=ADMIN
            ),
        )
        assert ("x", "y", "active") in told(rows, "entity_name", "current_name", "state")


async def test_what_was_switched_off_in_the_second_of_its_making_may_have_been_its_predecessor() -> None:
    deny = {"userName": "x", "policyArn": "arn:aws:iam::aws:policy/AWSDenyAll"}
    rows = await radius_of(
        did("iam:CreateUser", 1, {"userName": "x"}),
        did("iam:AttachUserPolicy", 2, deny, who=ADMIN),
        did("iam:DeleteUser", 2, {"userName": "x"}, who=ADMIN),
        did("iam:CreateUser", 2, {"userName": "x"}),
    )
    assert told(rows, "state", "still_open") == [("removed", False), ("active", True)]


@pytest.mark.parametrize(("first", "second"), ["12", "21"])
async def test_who_leaves_and_joins_a_group_in_one_second_may_be_in_it(first: str, second: str) -> None:
    """So what the group gets later is the user's too, and what it got before."""
    ids = [f"0000000{place}-0000-4000-8000-000000000000" for place in (first, second)]
    member = {"groupName": "g", "userName": "eve"}
    rows = await radius_of(
        did("iam:AddUserToGroup", 1, member, who=ADMIN, eventID=ids[0]),
        did("iam:RemoveUserFromGroup", 1, member, who=ADMIN, eventID=ids[1]),
        did("iam:AttachGroupPolicy", 2, {"groupName": "g", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
        did("s3:CreateBucket", 3, {"bucketName": "b"}, who=user("eve")),
    )
    assert told(rows, "entity_kind", "certainty") == [("group", "certain"), ("bucket", "possible")]


async def test_what_acts_in_the_second_in_which_its_name_ends_may_be_another() -> None:
    rows = await radius_of(
        did("iam:CreateUser", 1, {"userName": "x"}),
        did("s3:CreateBucket", 2, {"bucketName": "surely"}, who=user("x")),
        did("iam:DeleteUser", 3, {"userName": "x"}, who=ADMIN),
        did("iam:CreateUser", 3, {"userName": "x"}, who=ADMIN),
        did("s3:CreateBucket", 3, {"bucketName": "perhaps"}, who=user("x")),
        did("s3:CreateBucket", 4, {"bucketName": "innocent"}, who=user("x")),
    )
    assert told(rows, "entity_name", "certainty") == [("x", "certain"), ("surely", "certain"), ("perhaps", "possible")]


async def test_of_two_of_a_name_in_one_second_either_may_be_left() -> None:
    rows = await radius_of(
        did("iam:CreateUser", 1, {"userName": "x"}),
        did("iam:DeleteUser", 1, {"userName": "x"}, who=ADMIN),
        did("iam:CreateUser", 1, {"userName": "x"}, who=ADMIN),
        did("s3:CreateBucket", 2, {"bucketName": "b"}, who=user("x")),
    )
    assert told(rows, "entity_name", "state", "certainty") == [("x", "unknown", "certain"), ("b", "active", "possible")]


async def test_a_user_is_listed_before_what_belongs_to_it() -> None:
    rows = await radius_of(
        made_key("AKIANEW", 1, "x", eventID="00000001-0000-4000-8000-000000000000"),
        did("iam:CreateUser", 1, {"userName": "x"}, eventID="00000002-0000-4000-8000-000000000000"),
    )
    assert told(rows, "entity_kind") == [("user",), ("access key",)]
