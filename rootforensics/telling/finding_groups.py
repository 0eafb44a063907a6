"""Findings of one kind on one identity as one group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rootforensics.evidence.cite import proof_of
from rootforensics.phrases import at, plural

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from rootforensics.queries import rows as of


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """Findings of the same kind on the same identity in the same account.

    Attributes:
        first: the first finding; the others have its account, finding, title, severity, result and actors.
        count: the number of findings.
        last_time: of the last event, UTC; None if no time is known.
        event_ids: of all findings; those of the first come first.
        citations: of the same events, in the same order.
    """

    first: of.Findings
    count: int
    last_time: datetime | None
    event_ids: tuple[str, ...]
    citations: tuple[str, ...]

    @property
    def text(self) -> str:
        """When it was first, what it is and, of several, how many there are and until when."""
        moment = at(self.first["first_time"]) if self.first["first_time"] else "an unknown time"
        more = f" ({plural(self.count, 'finding')}, the last until {at(self.last_time)})" if self.count > 1 else ""
        return f"{moment}: {self.first['title'].rstrip('.')}{more}"


def grouped(rows: Iterable[of.Findings]) -> list[FindingGroup]:
    """The groups, in the order of their first findings.

    Args:
        rows: of ``findings``, the most severe first.
    """
    groups: dict[tuple[object, ...], list[of.Findings]] = {}
    for row in rows:
        key = (row["account_id"], row["finding"], row["title"], row["severity"], row["result"], *(row["actors"] or ()))
        groups.setdefault(key, []).append(row)
    return [_group(members) for members in groups.values()]


def _group(rows: list[of.Findings]) -> FindingGroup:
    events = [pair for row in rows for pair in zip(row["eventIDs"], row["citations"], strict=True)]
    ids, places = proof_of(dict.fromkeys(events))
    times = [row["last_time"] for row in rows if row["last_time"]]
    return FindingGroup(rows[0], len(rows), max(times, default=None), ids, places)
