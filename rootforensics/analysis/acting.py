"""Who acted in an event, told by name: users and roles that root made, opened or changed, while they were that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from rootforensics.analysis.blast.model import Thing
    from rootforensics.queries.result import Asks

    Row = dict[str, Any]

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
#: Whom sessions of GetFederationToken were for: their name is chosen, and several users may have chosen the same.
_FEDERATED: Final = """
    SELECT DISTINCT
        userIdentity.arn AS actor, userIdentity.sessionContext.sessionIssuer.accountId AS account_id,
        userIdentity.sessionContext.sessionIssuer.userName AS user_name
    FROM api_calls
    WHERE
        userIdentity.type = 'FederatedUser' AND userIdentity.sessionContext.sessionIssuer.type = 'IAMUser'
        AND userIdentity.sessionContext.sessionIssuer.userName <> ''
    ORDER BY ALL
"""


def with_users(case: Asks, rows: list[Row]) -> list[Row]:
    """The rows, those of federated sessions with ``users``: for whom they may have acted, as account and name.

    Args:
        case: to ask; not at all where no such session acted.
        rows: with ``actor``, an ARN.
    """
    if not any(map(_is_federated, rows)):
        return rows
    behind: dict[str, list[tuple[str, str]]] = {}
    for one in case.statement(_FEDERATED).rows:
        behind.setdefault(one["actor"], []).append((one["account_id"], one["user_name"]))
    return [row | {"users": behind.get(row["actor"], [])} if _is_federated(row) else row for row in rows]


def _is_federated(row: Row) -> bool:
    return ":federated-user/" in (row["actor"] or "")


def under_reached(rows: Iterable[Row], reached: Iterable[tuple[Row, Thing]], members: Iterable[Row] = ()) -> list[Row]:
    """Those of some deeds that were done under the name of a user or role that root had reached by then.

    Args:
        rows: with ``actor`` and ``from_time``, as ``record_tampering`` has them; those of federated sessions as
            ``with_users`` gives them.
        reached: rows of the blast radius, each with its thing.
        members: those who hold or may hold what root reached, as ``Holders`` gives them; ``ANYBODY`` is every user, or
            every role, but those under ``but``.
    """
    members = list(members)
    others = [one for one in members if one["thing_name"] == ANYBODY]
    spans: dict[tuple[str | None, str, str], list[tuple[datetime | None, datetime | None]]] = {}
    for row, thing in reached:
        if row["thing_kind"] in ("user", "role"):
            for name, since, until in _names(row, thing):
                spans.setdefault((row["account_id"], row["thing_kind"], name), []).append((since, until))
    for one in members:
        span = one["first_time"], one["ended_time"]
        spans.setdefault((one["account_id"], one["thing_kind"], one["thing_name"]), []).append(span)
    return [
        row
        for row in rows
        if any(
            any(_within(row["from_time"], *span) for span in spans.get(who, ()))
            or any(_is_among(who, row["from_time"], one) for one in others)
            for who in _acting(row)
        )
    ]


def _is_among(who: tuple[str | None, str, str], moment: datetime | None, others: Row) -> bool:
    """Whether somebody is one of the users, or roles, of an account of whom nothing more is known."""
    account, kind, name = who
    return (
        (account, kind) == (others["account_id"], others["thing_kind"])
        and name not in others["but"]
        and not (kind == "role" and name.startswith(_SERVICE_LINKED))
        and _within(moment, others["first_time"], others["ended_time"])
    )


def _names(row: Row, thing: Thing) -> Iterator[tuple[str, datetime | None, datetime | None]]:
    """The names that a thing had since it was reached, each from when to when; whoever gave it another one."""
    name, since = row["thing_name"], row["first_time"]
    for deed in thing.deeds:
        if deed.new_name and deed.thing.name == name:
            yield name, since, deed.time
            name, since = deed.new_name, deed.time
    yield name, since, row["ended_time"] if row["state"] == "removed" else None


def _within(moment: datetime | None, since: datetime | None, until: datetime | None) -> bool:
    """Whether it was so then; true where a time is not known."""
    if moment is None:
        return True
    return (since is None or moment >= since) and (until is None or moment <= until)


def _acting(row: Row) -> list[tuple[str | None, str, str]]:
    """The user or role that acted, as account, kind and name; of a federated session whoever may be behind it.

    An instance acts as its role and as a machine of that role.
    """
    if users := row.get("users"):
        return [(account, "user", name) for account, name in users]
    found = _ACTOR.fullmatch(row["actor"] or "")
    if not found:
        return []
    if found["user"]:
        return [(found["account"], "user", found["user"])]
    kinds = ("role", MACHINE) if _INSTANCE.fullmatch(found["session"]) else ("role",)
    return [(found["account"], kind, found["role"]) for kind in kinds]
