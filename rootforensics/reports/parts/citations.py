"""Where each cited event stands in the page: in its line of the timeline, or else among the cited events."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from rootforensics.reports.parts.kept import place_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rootforensics.reports.parts.kept import Place, Row


@dataclass
class Citations:
    """The anchors of what the parts cite, given while they are written.

    Attributes:
        lines: the timeline's rows in the page, by place; each has an anchor of its own.
        numbers: of the anchors of all else that was cited so far, by eventID or by place.
        events: these, as the part that lists them found them.
    """

    lines: Mapping[Place, Row]
    numbers: dict[str | Place, int] = field(default_factory=dict)
    events: list[Row] = field(default_factory=list)

    @cached_property
    def _places(self) -> dict[str, Place]:
        """Place of the first line with each eventID."""
        found: dict[str, Place] = {}
        for place, row in self.lines.items():
            if row["eventID"]:
                found.setdefault(row["eventID"], place)
        return found

    def place_of_id(self, event_id: str | None) -> Place | None:
        """Where the record of an event lies, if the event has a line in the timeline."""
        return self._places.get(event_id or "")

    def to_id(self, event_id: str) -> str:
        """The anchor of an event with this eventID."""
        place = self._places.get(event_id)
        return f"c-{self._number(event_id)}" if place is None else self.to_place(place)

    def to_place(self, place: Place) -> str:
        """The anchor of the event whose record lies here."""
        return f"e-{place[0]}-{place[1]}" if place in self.lines else f"c-{self._number(place)}"

    def to_row(self, row: Row) -> str:
        """The anchor of a row's event."""
        return self.to_place(place_of(row))

    def to_text(self, place: str) -> str:
        """The anchor of the event whose record lies here: ``object:record``."""
        return self.to_place(place_from(place))

    def objects(self) -> set[int]:
        """The evidence_id of every object that holds a line or a cited event."""
        places = (key for key in self.numbers if isinstance(key, tuple))
        return {place[0] for place in (*self.lines, *places)} | {row["evidence_id"] for row in self.events}

    def _number(self, key: str | Place) -> int:
        return self.numbers.setdefault(key, len(self.numbers) + 1)


def place_from(text: str) -> Place:
    """The place of a record out of ``object:record``."""
    evidence_id, _, record_index = text.partition(":")
    return int(evidence_id), int(record_index)
