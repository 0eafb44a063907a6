"""Know events by where their records lie, and cite them by eventID, with the place where that does not name one event.

Whoever copies IDs, or a damaged log, may give one ID to many events.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, cast

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from typing import TypedDict

    from typing_extensions import ReadOnly

    class Located(TypedDict):
        """A row of an event that says where its record lies."""

        evidence_id: ReadOnly[int]
        record_index: ReadOnly[int]

    class Event(Located):
        """One that says which event it is, too."""

        eventID: ReadOnly[str | None]

    class Cited(TypedDict):
        """A row of what an event made."""

        eventID: ReadOnly[str | None]
        citation: ReadOnly[str]

    #: A row that cites an event.
    Proof = Event | Cited

_PLACE: Final = re.compile(r"(?:.* \()?([0-9]{1,9}):([0-9]{1,9})\)?", re.DOTALL)
#: The beginning of a UUID is taken if no other of the case begins so. Of IDs that are none, one may be the beginning of
#: the next, so they are taken whole.
_BEGINNING: Final = re.compile(r"([0-9a-f]{4}[0-9a-f-]{0,31})…?")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: Of more events an error names the first.
_PLACES_TOLD: Final = 8
#: A condition on the event whose ID begins so.
BEGINS: Final = "starts_with(eventID, ?) AND length(eventID) = 36"


def place_of(row: Located) -> tuple[int, int]:
    """Where the record of a row's event lies, which is the key of the event: evidence_id and record_index."""
    return row["evidence_id"], row["record_index"]


def place_text(row: Located | Cited) -> str:
    """The same as a text, as results have it in lists of places."""
    return cast("Cited", row)["citation"] if "citation" in row else f"{row['evidence_id']}:{row['record_index']}"


def place_in(citation: str) -> tuple[int, int] | None:
    """The place in what ``cite`` wrote; None where it is an eventID alone."""
    found = _PLACE.fullmatch(citation)
    return (int(found[1]), int(found[2])) if found else None


def beginning_in(citation: str) -> str:
    """The beginning of a UUID, as a table that was cut shows it; empty if it is none, too short, or all of it."""
    found = _BEGINNING.fullmatch(citation)
    return found[1] if found else ""


def several(wanted: str, places: Sequence[tuple[int | None, int | None]]) -> tuple[str, str]:
    """What is wrong and what to do where an ID or its beginning is that of several events, at these places."""
    named = ", ".join(f"{evidence_id}:{record_index}" for evidence_id, record_index in places[:_PLACES_TOLD])
    more = f" and {len(places) - _PLACES_TOLD:,} more" if len(places) > _PLACES_TOLD else ""
    has = "begin with" if beginning_in(wanted) and not _UUID.fullmatch(wanted) else "have the ID"
    return f"{len(places):,} different events {has} {wanted!r}", f"Name one by its place: {named}{more}"


def beginning_of(event_id: str | None) -> str:
    """So much of a UUID as tells it from all others of a case; empty where an eventID is none."""
    return event_id[:8] if event_id and _UUID.fullmatch(event_id) else ""


def proof_of(events: Iterable[tuple[str | None, str | None]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What cites events, each once: the eventIDs, of one without an ID its place; and the places, in the same order.

    Args:
        events: eventID and place of each; what has no place is none.
    """
    found = {place: event_id for event_id, place in events if place}
    return tuple(event_id or place for place, event_id in found.items()), tuple(found)


def cite(event_ids: Iterable[str], places: Iterable[str], shared: Collection[str]) -> list[str]:
    """What to print of events, so that each is found: ``raw`` and ``note`` take it.

    Args:
        event_ids: of the events; the place itself for one without an ID.
        places: of the same, ``evidence_id:record_index`` each.
        shared: the IDs that several events of the case have.
    """
    pairs = zip(event_ids, places, strict=True)
    return [f"{event_id} ({place})" if event_id in shared else event_id for event_id, place in pairs]
