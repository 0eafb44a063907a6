"""What the parts of a report draw on: the case's answers, each asked once, and the anchors of the timeline."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from rootforensics.evidence.cite import place_of
from rootforensics.reports.parts.citations import Citations, place_from
from rootforensics.reports.parts.kept import kept_lines
from rootforensics.rules.actions import SEVERITIES
from rootforensics.telling.checks import worded

if TYPE_CHECKING:
    from datetime import datetime

    from rootforensics.analysis.analysis import AccountVerdict, Analysis
    from rootforensics.analysis.approvals.reconcile import Reconciliation
    from rootforensics.queries import rows as of
    from rootforensics.queries.overloads import Overloads
    from rootforensics.queries.result import Result
    from rootforensics.reports.forms import Paper

    Place = tuple[int, int]

#: The most rows of each group that the timeline shows; beyond it a page helps nobody, and the page says so, day by day.
ROWS_SHOWN: Final = {"activity": 3_000, "opening": 1_000, "noise": 1_000}

#: The most rows that any other table shows; the page says where the rest is.
ROWS_LISTED: Final = 300
#: The most accounts whose verdict and steps are shown.
ACCOUNTS_LISTED: Final = 50


@dataclass(frozen=True, slots=True)
class Made:
    """A table that no single question gives: what it is made from.

    Attributes:
        title: a heading.
        question: that it answers.
        misses: what it cannot see.
        command: that gives all of it.
        uses: what ran to make it, as it was noted when it ran.
        row_count: rows of the whole table.
    """

    title: str
    question: str
    misses: str
    command: str
    uses: list[Result]
    row_count: int


@dataclass
class Material:
    """One report's material.

    Attributes:
        case: answers the questions, each once, and holds what stands on them.
        summary: as ``summarize`` counts it.
        title: the case's name.
        version: of this package.
        produced_time: when the report was made, UTC.
        investigator: who answers for it; empty if not said.
        reconciliation: root's sessions held against a file of approvals; None if there is none.
        paper: on which it is printed.
        made: the tables that no single question gives, by name, in order.
    """

    case: Analysis
    summary: dict[str, Any]
    title: str
    version: str
    produced_time: datetime
    reconciliation: Reconciliation | None = None
    investigator: str = ""
    paper: Paper = "A4"
    made: dict[str, Made] = field(default_factory=dict)

    @property
    def query(self) -> Overloads:
        """A question of the catalogue."""
        return self.case.query

    @cached_property
    def verdicts(self) -> list[AccountVerdict]:
        """The verdicts, as far as the page shows them."""
        return [worded(self.case, verdict) for verdict in self.case.verdicts[:ACCOUNTS_LISTED]]

    @cached_property
    def timeline(self) -> list[of.RootTimeline]:
        """Root's timeline, as far as the page shows it."""
        rows = self.query("root_timeline").rows
        if len(rows) <= min(ROWS_SHOWN.values()):
            return rows
        severity_rank = {
            place_of(row): SEVERITIES.index(row["severity"]) for row in self.case.query("root_actions").rows
        }
        found = {place_from(text) for row in self.case.findings().rows for text in row["citations"]}
        kept = kept_lines(rows, ROWS_SHOWN, severity_rank, found)
        return [row for row in rows if place_of(row) in kept]

    @cached_property
    def lines(self) -> dict[Place, of.RootTimeline]:
        """The timeline's rows by place; a place that is a key has an anchor in the page."""
        return {place_of(row): row for row in self.timeline}

    @cached_property
    def citations(self) -> Citations:
        """The anchors of the events that the parts cite."""
        return Citations(self.lines)

    @cached_property
    def objects(self) -> dict[int, of.Evidence]:
        """The evidence's objects by evidence_id."""
        return {row["evidence_id"]: row for row in self.query("evidence").rows}
