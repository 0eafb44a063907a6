"""Sentences of the story, each with the events that prove it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from rootforensics.evidence.cite import place_text
from rootforensics.queries.result import Result, result_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.evidence.cite import Event
    from rootforensics.queries import rows as of

Level = Literal["bad", "note", "good"]
#: Columns of the story as a table, and what they hold.
COLUMNS: Final = {
    "level": "VARCHAR; bad asks for action, note for attention, good for none",
    "text": "VARCHAR; the sentence",
    "eventIDs": "VARCHAR[]; of the events that prove it",
    "citations": "VARCHAR[]; evidence_id:record_index of these",
    "detail": "BOOLEAN; true for what stands behind the answers in brief",
}
#: Of these, the columns that no row leaves empty.
NEVER_NULL: Final = frozenset(COLUMNS)


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of the story.

    Attributes:
        text: the sentence.
        level: ``bad`` asks for action, ``note`` for attention, ``good`` for none.
        event_ids: the events that prove it, the one it tells first, else in order of time.
        citations: the same as ``evidence_id:record_index``, which tells events in conflict apart.
        proofs: the place of each event of ``event_ids``, in the same order.
        detail: True for what stands behind the answers in brief.
        stands_in: the part of the report that shows it, if no event does.
    """

    text: str
    level: Level = "note"
    event_ids: tuple[str, ...] = ()
    citations: tuple[str, ...] = ()
    proofs: tuple[str, ...] = ()
    detail: bool = False
    stands_in: Literal["", "approvals", "coverage", "evidence", "identities", "posture", "verdict"] = ""

    def as_row(self) -> dict[str, Any]:
        """The sentence as a row of a table."""
        return {
            "level": self.level,
            "text": self.text,
            "eventIDs": list(self.event_ids),
            "citations": list(self.proofs),
            "detail": self.detail,
        }


def as_table(statements: Iterable[Statement], name: str) -> Result[of.Story]:
    """Sentences as a table, a row each."""
    return result_of(name, (one.as_row() for one in statements), COLUMNS)


def said(text: str, level: Level, rows: Iterable[Event] = ()) -> Statement:
    """A sentence with the events that prove it."""
    rows = list(rows)
    places = tuple(map(place_text, rows))
    ids = tuple(row["eventID"] or place for row, place in zip(rows, places, strict=True))
    return Statement(text, level, ids, places, places)
