"""Who acted in an event, told by name: users and roles of whom no log tells whether they hold what root changed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.remarks import remarked, remarks_on

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

    class Member(of.Held):
        """Somebody who may hold an entity, as one that root reached; all of a kind ``but`` some for ``ANYBODY``."""

        entity_kind: str
        but: frozenset[str]


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


def with_users(case: Asks, rows: list[of.ActedT]) -> list[of.ActedT]:
    """The rows, those of federated sessions with ``users``: for whom they may have acted, as account and name.

    Args:
        case: to ask; not at all where no such session acted.
        rows: of actions.
    """
    if not any(map(_is_federated, rows)):
        return rows
    behind: dict[str, list[tuple[str, str]]] = {}
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
        if any(_is_among(who, row["from_time"], one) for who in _acting(row) for one in members)
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
