"""Where each cited event stands in the page: in its line of the timeline, or else among the cited events."""

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
    """The anchors of what the parts cite, given while they are written.

    Attributes:
        lines: the timeline's rows in the page, by place; each has an anchor of its own.
        numbers: of the anchors of all else that was cited so far, by place.
        events: these, as the part that lists them found them.
    """

    lines: Mapping[Place, of.RootTimeline]
    numbers: dict[Place, int] = field(default_factory=dict)
    events: list[of.CitedLine] = field(default_factory=list)

    def has_line(self, place: str) -> bool:
        """Whether the event whose record lies here has a line in the timeline."""
        return place_from(place) in self.lines

    def to_place(self, place: Place) -> str:
        """The anchor of the event whose record lies here."""
        if place in self.lines:
            return f"e-{place[0]}-{place[1]}"
        return f"c-{self.numbers.setdefault(place, len(self.numbers) + 1)}"

    #: Where a row's event lies, as text.
    text_of = staticmethod(place_text)

    def to_row(self, row: Located) -> str:
        """The anchor of a row's event."""
        return self.to_place(place_of(row))

    def to_text(self, place: str) -> str:
        """The anchor of the event whose record lies here: ``object:record``."""
        return self.to_place(place_from(place))

    def objects(self) -> set[int]:
        """The evidence_id of every object that holds a line or a cited event."""
        return {place[0] for place in (*self.lines, *self.numbers)} | {row["evidence_id"] for row in self.events}


def place_from(text: str) -> Place:
    """The place of a record out of ``object:record``."""
    evidence_id, _, record_index = text.partition(":")
    return int(evidence_id), int(record_index)
