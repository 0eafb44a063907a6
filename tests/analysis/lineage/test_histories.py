"""Random histories of an account, played with real users behind the names: who descends from root, and since when.

The world knows each user as an object, whatever it is called; the records say names only. What the world knows is held
against the blast radius and against the views under the findings.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from tests.analysis.lineage.radius_story import radius_in, radius_of
from tests.analysis.lineage.test_blast_radius import did, user
from tests.builders import root_event
from tests.stories import part_of

NAMES: Final = ("ann", "bob", "cyd", "dan", "eve")
RANK: Final = {"": 0, "possible": 1, "certain": 2}


@dataclass(eq=False)
class Person:
    """A user; ``blood`` says how it descends from root."""

    name: str
    number: int
    blood: str = ""
    keys: list[Key] = field(default_factory=list)
    touched: list[str] = field(default_factory=list)
    called: str = ""
    alive: bool = True

    def stain(self, blood: str) -> None:
        self.blood = max(self.blood, blood, key=RANK.__getitem__)


@dataclass(eq=False)
class Key:
    """An access key of a user's."""

    key_id: str
    owner: Person
    blood: str


class World:
    """Plays one history."""

    def __init__(self, seed: int, *, ids: bool) -> None:
        self.random, self.ids = random.Random(seed), ids
        self.people: list[Person] = [Person("admin", 0)]
        self.records: list[dict[str, Any]] = []
        self.blood: dict[str, str] = {}
        for minute in range(70):
            self.step(minute)

    def identity(self, person: Person, key_id: str) -> dict[str, Any]:
        who = user(person.name, key_id)
        return who | {"principalId": f"AIDA{person.number}"} if self.ids else who

    def actor(self) -> tuple[dict[str, Any] | None, str]:
        """Root, a user at the console or one of its keys; and its blood."""
        if self.random.random() < 0.2:
            return None, "certain"
        person = self.random.choice([one for one in self.people if one.alive])
        key = self.random.choice([None, *person.keys])
        blood = max(person.blood, key.blood if key else "", key=RANK.__getitem__)
        return self.identity(person, key.key_id if key else f"ASIA{person.number}"), blood

    def step(self, minute: int) -> None:
        who, blood = self.actor()
        others = [one for one in self.people if one.alive and one.name != "admin"]
        free = [name for name in NAMES if name not in {one.name for one in others}]
        target = self.random.choice(others) if others else None
        actions = [
            "bucket",
            *(["create"] * 2 if free else []),
            *(["policy", "password", "key", "key", "delete"] if target else []),
        ]
        actions += ["rename"] if target and free else []
        action = self.random.choice(actions)
        if action == "bucket":
            record = did("s3:CreateBucket", 0, {"bucketName": f"b{minute}"}, who=who)
        elif action == "create":
            target = Person(self.random.choice(free), len(self.people), blood)
            self.people.append(target)
            answer = {"userName": target.name} | ({"userId": f"AIDA{target.number}"} if self.ids else {})
            record = did("iam:CreateUser", 0, {"userName": target.name}, {"user": answer}, who=who)
        else:
            assert target is not None
            record = self.touch(action, target, who, blood, free, minute)
        record["eventTime"] = f"2026-08-05T{10 + minute // 60}:{minute % 60:02}:00Z"
        self.records.append(record)
        self.blood[record["eventID"]] = "root" if who is None else blood
        if target is not None and blood and action in ("create", "policy", "rename", "delete"):
            target.touched.append(record["eventID"])
            target.called = target.called or record["requestParameters"]["userName"]

    def touch(self, action: str, target: Person, who: Any, blood: str, free: list[str], minute: int) -> dict[str, Any]:
        named = {"userName": target.name}
        if action == "policy":
            target.stain("possible" if blood else "")
            return did("iam:AttachUserPolicy", 0, named | {"policyArn": "arn:p"}, who=who)
        if action == "password":
            target.stain("possible" if blood else "")
            return did("iam:UpdateLoginProfile", 0, named, who=who)
        if action == "key":
            target.keys.append(Key(f"AKIA{minute}", target, blood))
            return did("iam:CreateAccessKey", 0, named, {"accessKey": {"accessKeyId": f"AKIA{minute}"}}, who=who)
        if action == "rename":
            target.name = self.random.choice(free)
            return did("iam:UpdateUser", 0, named | {"newUserName": target.name}, who=who)
        target.alive = False
        return did("iam:DeleteUser", 0, named, who=who)


@pytest.mark.parametrize("ids", [False, True], ids=["names only", "unique IDs"])
@pytest.mark.parametrize("seed", range(4))
async def test_who_comes_from_root_is_who_the_world_knows(seed: int, ids: bool) -> None:
    world = World(seed, ids=ids)
    mixed = list(world.records)
    random.Random(seed).shuffle(mixed)
    case = await part_of(root_event(), *mixed, apart=True)
    rows = radius_in(case).rows
    guilty = {event_id: blood for event_id, blood in world.blood.items() if blood in ("certain", "possible")}
    actions = case.query("descendant_actions").rows
    assert {row["eventID"]: row["certainty"] for row in actions} == guilty
    followed = case.sql("SELECT eventID, certainty FROM descendant_events").rows
    assert {row["eventID"]: row["certainty"] for row in followed} == guilty
    reached = {one for one, blood in world.blood.items() if blood}
    assert {one for row in rows for one in row["eventIDs"]} == reached
    assert {row["eventID"] for row in case.query("root_activity").rows} & set(world.blood) == reached - guilty.keys()


@pytest.mark.parametrize("seed", range(4, 8))
async def test_each_user_that_was_reached_has_its_row(seed: int) -> None:
    world = World(seed, ids=False)
    rows = [row for row in await radius_of(*world.records) if row["entity_kind"] == "user"]
    names = {record["eventID"]: record["eventName"] for record in world.records}
    expected = []
    for person in world.people:
        if person.touched:
            created = names[person.touched[0]] == "CreateUser"
            left = "removed" if not person.alive else "active" if created else "changed"
            renamed = person.name if person.name != person.called else None
            expected.append((person.touched, person.called, renamed, left))
    assert sorted((row["eventIDs"], row["entity_name"], row["current_name"], row["state"]) for row in rows) == sorted(
        expected
    )
