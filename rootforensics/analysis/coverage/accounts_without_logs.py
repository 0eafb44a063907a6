"""Accounts that what descends from root entered by a role, and of which the case holds no log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rootforensics.analysis.phrases import at

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from rootforensics.queries import rows as of


def unseen_beyond(rows: list[of.CrossAccountSessions], held: Collection[str | None]) -> Iterator[str]:
    """What may be missing of where actions went on, in words; each account once.

    Args:
        rows: of one account.
        held: accounts of which the case holds events.
    """
    first: dict[str, of.CrossAccountSessions] = {}
    for row in rows:
        if row["entered"] not in held:
            first.setdefault(row["entered"], row)
    for account, row in first.items():
        when = f" at {at(row['eventTime'])}" if row["eventTime"] else ""
        yield (
            f"logs of account {account}, which what descends from root entered by {row['eventName']}{when}: the case "
            "holds"
            " none"
        )
