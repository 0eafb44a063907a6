"""Who acted in an event, told by name: users and roles that root made, opened or changed, while they were that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    Row = dict[str, Any]

#: Stands for every user of an account but those of whom more is known; no name has it.
ANYBODY: Final = "*"
_ACTOR: Final = re.compile(
    r"arn:[^:]*:(?:iam|sts)::(?P<account>\d*):(?:user/(?:.*/)?(?P<user>[^/]+)|assumed-role/(?P<role>[^/]+)/.*)"
)


def under_reached(rows: Iterable[Row], things: Iterable[Row]) -> list[Row]:
    """Those of some deeds that were done under the name of a user or role that root had reached by then.

    Args:
        rows: with ``actor`` and ``from_time``, as ``record_tampering`` has them.
        things: rows of the blast radius; ``ANYBODY`` is every user but those under ``but``.
    """
    things = list(things)
    others = [one for one in things if one["thing_name"] == ANYBODY]
    spans: dict[tuple[str | None, str, str], list[tuple[datetime | None, datetime | None]]] = {}
    for thing in things:
        if thing["thing_kind"] in ("user", "role"):
            span = thing["first_time"], thing["ended_time"] if thing["state"] == "removed" else None
            for name in {thing["thing_name"], thing["current_name"] or thing["thing_name"]}:
                spans.setdefault((thing["account_id"], thing["thing_kind"], name), []).append(span)
    return [
        row
        for row in rows
        if (who := _acting(row))
        and (
            any(_within(row["from_time"], *span) for span in spans.get(who, ()))
            or any(_is_among(who, row["from_time"], one) for one in others)
        )
    ]


def _is_among(who: tuple[str | None, str, str], moment: datetime | None, others: Row) -> bool:
    """Whether somebody is one of the users of an account of whom nothing more is known."""
    account, kind, name = who
    return (
        (account, kind) == (others["account_id"], "user")
        and name not in others["but"]
        and _within(moment, others["first_time"], others["ended_time"])
    )


def _within(moment: datetime | None, since: datetime | None, until: datetime | None) -> bool:
    """Whether it was so then; true where a time is not known."""
    if moment is None:
        return True
    return (since is None or moment >= since) and (until is None or moment <= until)


def _acting(row: Row) -> tuple[str | None, str, str] | None:
    """The user or role that acted, as account, kind and name."""
    found = _ACTOR.fullmatch(row["actor"] or "")
    if not found:
        return None
    return found["account"], "user" if found["user"] else "role", found["user"] or found["role"]
