"""Where each cited event is on the page: in the timeline, or else in the list of cited events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rootforensics.evidence.cite import place_of, place_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rootforensics.evidence.cite import Located
    from rootforensics.queries import rows as of
    from rootforensics.reports.parts.kept import Place


@dataclass
class Citations:
    """The anchors of cited events, assigned while the parts are written.

    Attributes:
        lines: rows of the page's timeline by place; each has its own anchor.
        numbers: of the anchors of all other events cited so far, by place.
        events: rows of these events.
    """

    lines: Mapping[Place, of.RootTimeline]
    numbers: dict[Place, int] = field(default_factory=dict)
    events: list[of.CitedLine] = field(default_factory=list)

    def has_line(self, place: str) -> bool:
        """Whether the timeline has a line for the event at a place."""
        return place_from(place) in self.lines

    def to_place(self, place: Place) -> str:
        """The anchor of the event at a place."""
        if place in self.lines:
            return f"e-{place[0]}-{place[1]}"
        return f"c-{self.numbers.setdefault(place, len(self.numbers) + 1)}"

    #: The place of a row's event, as text.
    text_of = staticmethod(place_text)

    def to_row(self, row: Located) -> str:
        """The anchor of a row's event."""
        return self.to_place(place_of(row))

    def to_text(self, place: str) -> str:
        """The anchor of the event at a place, written ``file:record``."""
        return self.to_place(place_from(place))

    def objects(self) -> set[int]:
        """The evidence_id of every file with a line of the timeline or a cited event."""
        return {place[0] for place in (*self.lines, *self.numbers)} | {row["evidence_id"] for row in self.events}


def place_from(text: str) -> Place:
    """The place in a text ``file:record``."""
    evidence_id, _, record_index = text.partition(":")
    return int(evidence_id), int(record_index)
