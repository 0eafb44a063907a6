"""The blast radius goes by time: the first action counts, and a name is what root made for as long as that lasts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.analysis.lineage.radius_story import blast_of, radius_of
from tests.analysis.lineage.test_blast_radius import did, made_key, role, told, user

if TYPE_CHECKING:
    Record = dict[str, Any]

ADMIN = user("admin", "AKIAADMIN")


def new_user(name: str, minute: int, who: Any = None, user_id: str = "", **fields: Any) -> Record:
    answer = {"user": {"userName": name} | ({"userId": user_id} if user_id else {})}
    return did("iam:CreateUser", minute, {"userName": name}, answer, who=who, **fields)


def bucket(name: str, minute: int, who: Any) -> Record:
    return did("s3:CreateBucket", minute, {"bucketName": name}, who=who)


CHAIN = [
    made_key("AKIAALICE", 1, "alice"),
    new_user("bob", 10, user("alice", "AKIAALICE")),
    did("iam:CreateLoginProfile", 11, {"userName": "bob"}, who=user("alice", "AKIAALICE")),
    new_user("eve", 30, user("bob", "ASIABOB")),
]
LATER = [
    did("iam:AttachUserPolicy", 40, {"userName": "bob", "policyArn": "arn:p"}),
    did("iam:UpdateLoginProfile", 50, {"userName": "bob"}),
]


@pytest.mark.parametrize("later", [[], LATER[:1], LATER[1:], LATER], ids=["none", "policy", "password", "both"])
@pytest.mark.parametrize("backwards", [False, True])
async def test_a_later_action_of_root_hides_nothing_that_came_before(later: list[Record], backwards: bool) -> None:
    records = [*CHAIN, *later]
    radius = await blast_of(*(reversed(records) if backwards else records), apart=True)
    columns = ("entity_kind", "entity_name", "effect", "depth", "certainty", "state")
    assert told(radius.rows, *columns) == [
        ("access key", "AKIAALICE", "creates", 1, "certain", "active"),
        ("user", "bob", "creates", 2, "certain", "active"),
        ("console password", "bob", "creates", 2, "certain", "active"),
        ("user", "eve", "creates", 3, "certain", "active"),
    ]
    assert sorted(told(radius.still_open, "entity_kind", "entity_name")) == sorted(
        told(radius.rows, "entity_kind", "entity_name")
    )


@pytest.mark.parametrize("anew", [True, False], ids=["made anew", "only deleted"])
async def test_a_name_that_was_deleted_and_made_anew_is_somebody_else(anew: bool) -> None:
    rows = await radius_of(
        new_user("svc", 1),
        bucket("roots", 2, user("svc")),
        did("iam:DeleteUser", 3, {"userName": "svc"}, who=ADMIN),
        *([new_user("svc", 4, ADMIN)] if anew else []),
        bucket("innocent", 5, user("svc")),
    )
    assert told(rows, "entity_name", "state", "use_count") == [("svc", "removed", 1), ("roots", "active", None)]


async def test_what_others_make_anew_is_theirs_though_no_log_shows_how_the_first_one_ended() -> None:
    rows = await radius_of(
        new_user("svc", 1),
        new_user("svc", 2, ADMIN),
        new_user("friend", 3, user("svc")),
        bucket("innocent", 4, user("friend")),
    )
    assert told(rows, "entity_name", "use_count") == [("svc", 0)]


async def test_roles_are_told_apart_too() -> None:
    rows = await radius_of(
        did("iam:CreateRole", 1, {"roleName": "Deploy"}),
        did("iam:DeleteRole", 2, {"roleName": "Deploy"}, who=ADMIN),
        did("iam:CreateRole", 3, {"roleName": "Deploy"}, who=ADMIN),
        bucket("innocent", 4, role("Deploy")),
    )
    assert told(rows, "entity_name", "state") == [("Deploy", "removed")]


async def test_a_session_of_a_role_that_is_gone_goes_on() -> None:
    """By its unique ID it is the role that root made."""
    made = {"role": {"roleName": "Deploy", "roleId": "AROAEXAMPLEROLEID0000"}}
    rows = await radius_of(
        did("iam:CreateRole", 1, {"roleName": "Deploy"}, made),
        did("iam:DeleteRole", 2, {"roleName": "Deploy"}, who=ADMIN),
        new_user("eve", 3, role("Deploy")),
        bucket("guilty", 4, user("eve")),
    )
    assert told(rows, "entity_name") == [("Deploy",), ("eve",), ("guilty",)]


async def test_one_name_that_root_made_twice_is_two_entities() -> None:
    rows = await radius_of(
        new_user("svc", 1),
        did("iam:DeleteUser", 2, {"userName": "svc"}, who=ADMIN),
        new_user("svc", 3, ADMIN),
        bucket("innocent", 4, user("svc")),
        did("iam:DeleteUser", 5, {"userName": "svc"}, who=ADMIN),
        new_user("svc", 6),
        bucket("guilty", 7, user("svc")),
    )
    assert told(rows, "entity_name", "state", "use_count") == [
        ("svc", "removed", 0),
        ("svc", "active", 1),
        ("guilty", "active", None),
    ]


async def test_unique_ids_tell_apart_what_names_do_not() -> None:
    mine, theirs = (user("svc") | {"principalId": one} for one in ("AIDAMINE", "AIDAOTHER"))
    rows = await radius_of(
        new_user("svc", 1, user_id="AIDAMINE"),
        bucket("guilty", 2, mine),
        bucket("innocent", 3, theirs),
        new_user("friend", 3, theirs),
        bucket("of-a-friend", 4, user("friend")),
        did("iam:CreateRole", 4, {"roleName": "door"}, {"role": {"roleName": "door", "roleId": "AROAMINE"}}),
        bucket("other-door", 5, role("door")),  # its ID is AROAEXAMPLEROLEID0000
    )
    assert told(rows, "entity_name") == [("svc",), ("guilty",), ("door",)]


@pytest.mark.parametrize("who", [None, ADMIN], ids=["by root", "by admin"])
async def test_a_renamed_user_is_the_same_user(who: Any) -> None:
    rows = await radius_of(
        new_user("x", 1),
        did("iam:UpdateUser", 2, {"userName": "x", "newUserName": "y"}, who=who),
        new_user("x", 3, ADMIN),
        new_user("eve", 4, user("y")),
        bucket("innocent", 5, user("x")),
        did("iam:DeleteUser", 6, {"userName": "y"}, who=ADMIN),
    )
    assert told(rows, "entity_name", "current_name", "state", "actor", "use_count") == [
        ("x", "y", "removed", "root user (111122223333)", 1),
        ("eve", None, "active", "user x (111122223333)", 0),
    ]


async def test_another_name_that_root_gives_makes_no_descendant() -> None:
    rows = await radius_of(
        did("iam:UpdateUser", 1, {"userName": "admin", "newUserName": "boss"}), bucket("innocent", 2, user("boss"))
    )
    assert told(rows, "entity_name", "current_name", "state") == [("admin", "boss", "changed")]


async def test_a_renamed_group_is_one_entity() -> None:
    rows = await radius_of(
        did("iam:CreateGroup", 1, {"groupName": "a"}),
        did("iam:UpdateGroup", 2, {"groupName": "a", "newGroupName": "b"}, who=ADMIN),
        did("iam:DeleteGroup", 3, {"groupName": "b"}, who=ADMIN),
    )
    assert told(rows, "entity_name", "current_name", "state") == [("a", "b", "removed")]


async def test_an_opened_user_that_root_made_anew_is_certain() -> None:
    rows = await radius_of(
        did("iam:UpdateLoginProfile", 1, {"userName": "bob"}),
        bucket("maybe", 2, user("bob")),
        did("iam:DeleteUser", 3, {"userName": "bob"}),
        new_user("bob", 4),
        bucket("surely", 5, user("bob")),
    )
    assert told(rows, "entity_kind", "entity_name", "state", "certainty") == [
        ("console password", "bob", "removed", "certain"),
        ("bucket", "maybe", "active", "possible"),
        ("user", "bob", "removed", "certain"),
        ("user", "bob", "active", "certain"),
        ("bucket", "surely", "active", "certain"),
    ]


async def test_an_entity_that_root_reached_itself_is_certain_whoever_reached_it_first() -> None:
    rows = await radius_of(
        did("iam:UpdateLoginProfile", 1, {"userName": "bob"}),
        bucket("b", 2, user("bob")),
        did("s3:PutBucketPolicy", 3, {"bucketName": "b"}),
    )
    assert told(rows, "entity_name", "effect", "certainty") == [
        ("bob", "changes", "certain"),
        ("b", "creates", "certain"),
    ]


async def test_what_a_service_does_in_a_descendants_name_is_possible() -> None:
    service = {"invokedBy": "cloudformation.amazonaws.com"}
    rows = await radius_of(
        new_user("x", 1), new_user("by-stack", 2, user("x") | service), bucket("b", 3, user("by-stack"))
    )
    assert told(rows, "entity_name", "certainty") == [("x", "certain"), ("by-stack", "possible"), ("b", "possible")]


@pytest.mark.parametrize("root_id", ["0", "f"], ids=["root first by ID", "root last by ID"])
async def test_cycles_within_one_second_end_and_have_their_depth(root_id: str) -> None:
    radius = await blast_of(
        new_user("one", 1, eventID=root_id),
        *(new_user(name, 1, user(maker)) for name, maker in [("two", "one"), ("three", "two"), ("one", "three")]),
        made_key("AKIATHREE", 1, None, who=user("three")),
    )
    assert sorted(told(radius.rows, "entity_name", "depth", "certainty")) == [
        ("AKIATHREE", 4, "certain"),
        ("one", 1, "certain"),
        ("three", 3, "certain"),
        ("two", 2, "certain"),
    ]
    assert not radius.cut_off
