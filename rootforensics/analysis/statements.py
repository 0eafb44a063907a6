"""Sentences of the story, each with the events that prove it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    Row = dict[str, Any]

Level = Literal["bad", "note", "good"]


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of the story.

    Attributes:
        text: the sentence.
        level: ``bad`` asks for action, ``note`` for attention, ``good`` for none.
        event_ids: the events that prove it, the one it tells first, else in order of time.
        places: the same as ``evidence_id:record_index``, which tells events in conflict apart.
        detail: True for what stands behind the answers in brief.
        stands_in: the part of the report that shows it, if no event does.
    """

    text: str
    level: Level = "note"
    event_ids: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    detail: bool = False
    stands_in: Literal["", "approvals", "coverage", "evidence", "identities", "verdict"] = ""


def said(text: str, level: Level, rows: Iterable[Row] = ()) -> Statement:
    """A sentence with the events that prove it."""
    rows = list(rows)
    return Statement(
        text,
        level,
        tuple(row["eventID"] for row in rows if row["eventID"]),
        tuple(f"{row['evidence_id']}:{row['record_index']}" for row in rows),
    )
