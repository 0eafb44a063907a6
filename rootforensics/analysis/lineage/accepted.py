"""Who accepted that something stays, or that root was used: an approval that covers it, or a note that closes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.analysis.approval import granted_by
from rootforensics.analysis.approved_tasks import is_task
from rootforensics.evidence.cite import place_text
from rootforensics.phrases import at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rootforensics.analysis.approval import Approval
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

    Proof = tuple[str | None, str]

#: The tag of a note that closes something; it is about the last of the events that wrote it.
TAG: Final = "contained"


class Accepted:
    """What approvals and notes accept; the logs show nothing of it.

    Args:
        case: to ask for notes.
        approved: by which approvals an event was done as approved, by its place.
    """

    def __init__(self, case: Asks, approved: Mapping[str, tuple[Approval, ...]]) -> None:
        self._approved = approved
        self._noted: dict[str, str] = {}
        for row in case.query("notes", tag=TAG).rows:
            told = f"noted by {row['author']} at {at(row['written_time'])} as dealt with (note {row['note_id']})"
            self._noted.update(dict.fromkeys(_about(row), told))

    def event(self, event_id: str | None, place: str) -> str:
        """Who accepted one event, in words; empty if nobody did."""
        return self.approval(place) or self.note(event_id, place)

    @property
    def places(self) -> tuple[str, ...]:
        """Events that were accepted one by one, by place or eventID."""
        return (*self._approved, *self._noted)

    @property
    def noted(self) -> frozenset[str]:
        """Events whose effect a note says was dealt with, by place or eventID."""
        return frozenset(self._noted)

    def approval(self, place: str) -> str:
        """Which approval covers an event, in words; empty if none does."""
        return granted_by(self._approved[place]) if place in self._approved else ""

    def approvals(self, row: of.Kept, actors: Iterable[Approval]) -> tuple[Approval, ...] | None:
        """By which approvals an action was done as approved; None if it was not.

        Args:
            row: the action.
            actors: the approvals by which its actor was created or changed. They cover what it did in their windows, of
                their tasks; they accept that it stays, and not what it does later.
        """
        own, time = self._approved.get(place_text(row)), row["eventTime"]
        if own is not None or time is None:
            return own
        inside = (
            actor for actor in actors if actor.from_time <= time <= actor.until_time and is_task(row, actor.tasks)
        )
        return tuple(inside) or None

    def all_of(self, events: Sequence[Proof]) -> str:
        """A sentence on who accepted what these events left; empty if nobody did.

        Args:
            events: eventID and place of each, in order of time. A note on the last answers for all of them.
        """
        by = [self.approval(place) for _, place in events]
        return "; ".join(dict.fromkeys(by)) if all(by) else self.note(*events[-1])

    def note(self, event_id: str | None, place: str) -> str:
        """Which note closes what an event left, in words; empty if none does."""
        return self._noted.get(place) or self._noted.get(event_id or "", "")


def _about(row: of.Notes) -> list[str]:
    """The event that a note is about, by place and by ID."""
    place = [] if row["evidence_id"] is None else [f"{row['evidence_id']}:{row['record_index']}"]
    return [*place, *([row["eventID"]] if row["eventID"] else [])]
