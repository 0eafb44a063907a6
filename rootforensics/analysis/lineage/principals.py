"""Who may have the rights that root changed for all who hold them: groups, customers' policies, instance profiles.

No log tells of some users and roles whether they hold them; who acted in an event is told by name.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.exposure.requests import GIVES_NO_RIGHTS
from rootforensics.analysis.remarks import remarked, remarks_on
from rootforensics.evidence.cite import place_of, place_text
from rootforensics.phrases import sortable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from rootforensics.analysis.lineage.entity import Entity
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

    class Member(of.Held):
        """Somebody who may hold an entity, as one that root reached; all of a kind ``but`` some for ``ANYBODY``."""

        entity_kind: str
        but: frozenset[str]


#: Kinds of entities whose holders have what root gave to it.
_HELD: Final = ("group", "policy", "instance profile")
#: How calls begin by which somebody does not hold a policy any more.
_PARTING: Final = "Detach"


#: Stands for every user of an account but those of whom more is known; no name has it.
ANYBODY: Final = "*"
#: Stands before a role in which instances act: their sessions of it, not those of others.
MACHINE: Final = "machine"
_ACTOR: Final = re.compile(
    r"arn:[^:]*:(?:iam|sts)::(?P<account>\d*):(?:user/(?:.*/)?(?P<user>[^/]+)|assumed-role/(?P<role>[^/]+)/(?P<session>.*))"
)
_INSTANCE: Final = re.compile(r"m?i-[0-9a-f]+")
#: Roles that AWS alone gives rights.
_SERVICE_LINKED: Final = "AWSServiceRoleFor"


class Holders:
    """Those who may hold groups, policies and instance profiles that root reached, and what they did that costs.

    Args:
        case: to ask; not at all where root reached none.
        reached: rows of the blast radius of all accounts, each with its entity.
    """

    def __init__(self, case: Asks, reached: list[tuple[of.BlastRadius, Entity]]) -> None:
        held = any(row["entity_kind"] in _HELD for row, _ in reached)
        self._changes = case.query("permission_changes").rows if held else []
        self._harmless = {place_text(row) for row in self._changes if row["policy_effect"] in GIVES_NO_RIGHTS}
        members = self.members(reached)
        asked = {
            "roles": tuple(f"{row['account_id']}/{row['entity_name']}" for row in _of_kind(members, MACHINE)),
            "accounts": tuple(row["account_id"] for row in _of_kind(members, "user")),
            "role_accounts": tuple(row["account_id"] for row in _of_kind(members, "role")),
        }
        self._costly = with_users(case, case.query("costly_calls", **asked).rows) if members else []

    def members(self, reached: Iterable[tuple[of.BlastRadius, Entity]]) -> list[Member]:
        """Those who may hold them, as entities that root reached; whom the logs name, ``root_descendants`` follows.

        Args:
            reached: rows of the blast radius, each with its entity.

        Returns:
            ``ANYBODY`` for users or roles of whom no log tells it, with the others under ``but``; and ``MACHINE``, the
            instances that act in a role. Of what was made in the logs they tell all who hold it.
        """
        found: list[Member] = []
        for row, entity in reached:
            if row["entity_kind"] == "group" and not self._harmless.issuperset(row["citations"]):
                found += self._of_group(row)
            elif row["entity_kind"] == "policy":
                found += self._of_policy(row, entity)
            elif row["entity_kind"] == "instance profile":
                found += self._of_profile(row, entity)
        return found

    def costly(self, members: Iterable[Member]) -> list[of.CostlyCalls]:
        """Calls that cost, by those who may hold by then what root had reached, as ``members`` gives them."""
        return under_members(self._costly, members)

    def owned(self, rows: Iterable[of.OwnershipChanges], members: Iterable[Member]) -> list[of.OwnershipChanges]:
        """Changes of the ownership; what nothing else ties to root is possible where a member may have done it."""
        rows = list(rows)
        perhaps = {id(row) for row in under_members((row for row in rows if not remarks_on(row)["came_by"]), members)}
        return [remarked(row, came_by="possible") if id(row) in perhaps else row for row in rows]

    def unknown(self, reached: Iterable[tuple[of.BlastRadius, Entity]]) -> tuple[str, ...]:
        """Of which policies and instance profiles no log tells who holds them, in words."""
        found: dict[str, None] = {}
        for row, entity in reached:
            name = row["entity_name"]
            if row["entity_kind"] == "policy" and any(
                one["entity_name"] == ANYBODY for one in self._of_policy(row, entity)
            ):
                found[f"who has policy {name} (aws iam list-entities-for-policy shows who has it now)"] = None
            if row["entity_kind"] == "instance profile" and any(self._of_profile(row, entity)):
                found[
                    f"which instances have instance profile {name}"
                    " (aws ec2 describe-iam-instance-profile-associations shows the current ones)"
                ] = None
        return tuple(found)

    def _of_group(self, group: of.Held) -> Iterator[Member]:
        names = {group["entity_name"], group["current_name"] or group["entity_name"]}
        told = frozenset(
            row["user_name"] or ""
            for row in self._changes
            if row["eventName"] in ("AddUserToGroup", "RemoveUserFromGroup")
            and row["account_id"] == group["account_id"]
            and row["group_name"] in names
        )
        if group["effect"] != "creates":
            yield _member(group, "user", ANYBODY, None, None, told)

    def _of_policy(self, policy: of.BlastRadius, entity: Entity) -> Iterator[Member]:
        """Those with a policy, from when root made another version of it the one that holds, or made it."""
        places = {action.place for action in entity.reached}
        own = [
            row
            for row in self._changes
            if row["account_id"] == policy["account_id"] and row["policy_arn"] == policy["entity_name"]
        ]
        widened = [
            row
            for row in own
            if place_of(row) in places and (row["eventName"] != "CreatePolicyVersion" or row["is_default"])
        ]
        if not widened:
            return
        since: of.BlastRadius = {**policy, "first_time": widened[0]["eventTime"]}
        told: dict[tuple[str, str], list[of.PermissionChanges]] = {}
        for row in own:
            for kind, name in (("user", row["user_name"]), ("role", row["role_name"]), ("group", row["group_name"])):
                if name:
                    told.setdefault((kind, name), []).append(row)
        for (kind, name), rows in told.items():
            for one in _spans(since, name, rows) if kind == "group" else ():
                yield from self._of_group(one)
        if not any(row["eventName"] == "CreatePolicy" for row in own):
            # A user from whom it was taken may have it by a group; a role has no other way to it.
            yield _member(since, "user", ANYBODY, None, None)
            roles = frozenset(name for kind, name in told if kind == "role")
            yield _member(since, "role", ANYBODY, None, None, roles)

    def _of_profile(self, profile: of.BlastRadius, entity: Entity) -> Iterator[Member]:
        """The instances that act in a role that root put into a profile; credentials outlast the profile."""
        places = {action.place for action in entity.reached}
        for row in self._changes:
            is_put = row["eventName"] == "AddRoleToInstanceProfile" and place_of(row) in places
            if is_put and (role := row["role_name"]):
                since: of.BlastRadius = {**profile, "first_time": row["eventTime"], "state": "changed"}
                yield _member(since, MACHINE, role, None, None)


def _of_kind(members: list[Member], kind: str) -> list[Member]:
    return [row for row in members if row["entity_kind"] == kind]


def _spans(held: of.Held, name: str, changes: list[of.PermissionChanges]) -> Iterator[Member]:
    """The times in which a group held something; what the first word takes it from held it before.

    Nothing orders the records of one second: what is taken away in it was held before, what is given lasts.
    """
    changes = sorted(changes, key=lambda row: (sortable(row["eventTime"]), not row["eventName"].startswith(_PARTING)))
    inside, since = changes[0]["eventName"].startswith(_PARTING), None
    for row in changes:
        if not row["eventName"].startswith(_PARTING):
            inside, since = True, since if inside else row["eventTime"]
        elif inside:
            yield _member(held, "group", name, since, row["eventTime"])
            inside = False
    if inside:
        yield _member(held, "group", name, since, None)


def _member(
    held: of.Held,
    kind: str,
    name: str,
    since: datetime | None,
    until: datetime | None,
    but: frozenset[str] = frozenset(),
) -> Member:
    """Somebody, reached through what he held while he held it."""
    gone = held["ended_time"] if held["state"] == "removed" else None
    began = max((one for one in (held["first_time"], since) if one), default=None)
    ended = min((one for one in (gone, until) if one), default=None)
    return {
        "account_id": held["account_id"],
        "entity_kind": kind,
        "entity_name": name,
        "current_name": None,
        "effect": "changes",
        "first_time": began,
        "ended_time": ended,
        "state": "removed" if ended else "changed",
        "but": but,
    }


def with_users(case: Asks, rows: list[of.ActedT]) -> list[of.ActedT]:
    """The rows, those of federated sessions with ``users``: for whom they may have acted, as account and name.

    Args:
        case: to ask; not at all where no such session acted.
        rows: of actions.
    """
    if not any(map(_is_federated, rows)):
        return rows
    behind: dict[str | None, list[tuple[str | None, str]]] = {}
    for one in case.query("federated_users").rows:
        behind.setdefault(one["actor"], []).append((one["account_id"], one["user_name"]))
    return [remarked(row, users=behind.get(row["actor"], [])) if _is_federated(row) else row for row in rows]


def _is_federated(row: of.Acted) -> bool:
    return ":federated-user/" in (row["actor"] or "")


def under_members(rows: Iterable[of.ActedT], members: Iterable[Member]) -> list[of.ActedT]:
    """Those of some actions that were done under the name of somebody who may hold by then what root reached.

    Args:
        rows: of actions; those of federated sessions as ``with_users`` gives them.
        members: as ``Holders`` gives them; ``ANYBODY`` is every user, or every role, but those under ``but``.
    """
    members = list(members)  # mostly none: of hundreds of accounts each would read the actions of all
    return [
        row
        for row in (rows if members else ())
        if any(_is_among(who, row["from_time"], member) for who in _acting(row) for member in members)
    ]


def _is_among(who: tuple[str | None, str, str], moment: datetime | None, member: Member) -> bool:
    """Whether somebody is a member, or one of the users or roles of an account of whom nothing more is known."""
    account, kind, name = who
    if (account, kind) != (member["account_id"], member["entity_kind"]):
        return False
    anybody = name not in member["but"] and not (kind == "role" and name.startswith(_SERVICE_LINKED))
    named = anybody if member["entity_name"] == ANYBODY else name == member["entity_name"]
    return named and _within(moment, member["first_time"], member["ended_time"])


def _within(moment: datetime | None, since: datetime | None, until: datetime | None) -> bool:
    """Whether it was so then; true where a time is not known."""
    if moment is None:
        return True
    return (since is None or moment >= since) and (until is None or moment <= until)


def _acting(row: of.Acted) -> list[tuple[str | None, str, str]]:
    """The user or role that acted, as account, kind and name; of a federated session whoever may be behind it.

    An instance acts as its role and as a machine of that role.
    """
    if users := remarks_on(row).get("users"):
        return [(account, "user", name) for account, name in users]
    found = _ACTOR.fullmatch(row["actor"] or "")
    if not found:
        return []
    if found["user"]:
        return [(found["account"], "user", found["user"])]
    kinds = ("role", MACHINE) if _INSTANCE.fullmatch(found["session"]) else ("role",)
    return [(found["account"], kind, found["role"]) for kind in kinds]
