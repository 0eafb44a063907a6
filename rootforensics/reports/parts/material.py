"""What the parts of a report draw on: the case's answers, each asked once, and the anchors of the timeline."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from rootforensics.analysis.reconcile import Reconciliation
    from rootforensics.analysis.story import Statement
    from rootforensics.queries.result import Asks, Result

    Row = dict[str, Any]
    Place = tuple[int, int]

#: The most rows of each side that the timeline shows; beyond it a page helps nobody, and the page says so.
ROWS_SHOWN: Final = {"activity": 50_000, "opening": 50_000, "noise": 20_000}

#: The most rows that any other table shows; the page says where the rest is.
ROWS_LISTED: Final = 1_000


@dataclass
class Material:
    """One report's material.

    Attributes:
        case: answers the questions.
        summary: as ``summarize`` counts it.
        story: as ``tell`` tells it.
        title: the case's name.
        version: of this package.
        produced_time: when the report was made, UTC.
        reconciliation: root's sessions held against a file of approvals; None if there is none.
        asked: the results used so far, by name, in the order they were first asked for.
    """

    case: Asks
    summary: dict[str, Any]
    story: Sequence[Statement]
    title: str
    version: str
    produced_time: datetime
    reconciliation: Reconciliation | None = None
    asked: dict[str, Result] = field(default_factory=dict)
    _rows: dict[str, list[Row]] = field(default_factory=dict)

    def rows(self, name: str) -> list[Row]:
        """Rows of a question of the catalogue."""
        if name not in self._rows:
            self.asked[name] = self.case.query(name)
            self._rows[name] = self.asked[name].rows
        return self._rows[name]

    @cached_property
    def timeline(self) -> list[Row]:
        """Root's timeline, as far as the page shows it."""
        left = dict(ROWS_SHOWN)
        shown = []
        for row in self.rows("root_timeline"):
            left[row["side"]] -= 1
            if left[row["side"]] >= 0:
                shown.append(row)
        return shown

    @cached_property
    def lines(self) -> dict[Place, Row]:
        """The timeline's rows by place; a place that is a key has an anchor in the page."""
        return {(row["evidence_id"], row["record_index"]): row for row in self.timeline}

    @cached_property
    def places(self) -> dict[str, Place]:
        """Place of the first row with each eventID of the timeline."""
        found: dict[str, Place] = {}
        for place, row in self.lines.items():
            if row["eventID"]:
                found.setdefault(row["eventID"], place)
        return found

    @cached_property
    def objects(self) -> dict[int, Row]:
        """The evidence's objects by evidence_id."""
        return {row["evidence_id"]: row for row in self.rows("evidence")}
