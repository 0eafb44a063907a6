"""What a mark of a chart tells of the events that it stands for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: What the drawing library writes as links; ``chart_svg`` makes of them what a page needs.
MARK: Final = "mark:"
LABEL: Final = "label:"


@dataclass(frozen=True, slots=True)
class Tip:
    """What a mark tells of its events.

    Attributes:
        text: time, what it was and eventID, a line an event.
        place: ``evidence_id:record_index`` of the first; empty if it has none.
        account: of the events.
        category: of the row in which it stands.
        severity: the highest of them; empty if they have none.
    """

    text: str
    place: str
    account: str
    category: str
    severity: str = ""
