"""The data of a report's parts: results of queries, each run once, and the anchors of events."""

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

#: The most rows of each group that the timeline shows. The page states how many are missing, day by day.
ROWS_SHOWN: Final = {"activity": 3_000, "opening": 1_000, "noise": 1_000}

#: The most rows that any other table shows. The page names the command that lists all.
ROWS_LISTED: Final = 300
#: The most accounts whose verdict and steps are shown.
ACCOUNTS_LISTED: Final = 50


@dataclass(frozen=True, slots=True)
class Made:
    """A table made from several queries.

    Attributes:
        title: a heading.
        question: the question that it answers.
        misses: what it does not cover.
        command: the command that prints all of it.
        uses: the results from which it was made.
        row_count: rows of the complete table.
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
        case: runs the queries, each once, and the analysis.
        summary: from ``summarize``.
        title: the case's name.
        version: of this package.
        produced_time: when the report was made, UTC.
        investigator: the report's owner; empty if unknown.
        reconciliation: root sessions compared with a file of approvals; None without one.
        paper: the size for printing.
        made: the tables made from several queries, by name, in order.
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
        """Runs a query of the catalogue."""
        return self.case.query

    @cached_property
    def verdicts(self) -> list[AccountVerdict]:
        """The verdicts that the page shows."""
        return [worded(self.case, verdict) for verdict in self.case.verdicts[:ACCOUNTS_LISTED]]

    @cached_property
    def timeline(self) -> list[of.RootTimeline]:
        """The rows of root's timeline that the page shows."""
        rows = self.query("root_timeline").rows
        if len(rows) <= min(ROWS_SHOWN.values()):
            return rows
        severity_rank = {
            place_of(row): SEVERITIES.index(row["severity"]) for row in self.case.query("root_actions").rows
        }
        cited = {place_from(text) for row in self.case.findings().rows for text in row["citations"]}
        kept = kept_lines(rows, ROWS_SHOWN, severity_rank, cited)
        return [row for row in rows if place_of(row) in kept]

    @cached_property
    def lines(self) -> dict[Place, of.RootTimeline]:
        """The rows of the page's timeline by place."""
        return {place_of(row): row for row in self.timeline}

    @cached_property
    def citations(self) -> Citations:
        """The anchors of the events that the parts cite."""
        return Citations(self.lines)

    @cached_property
    def objects(self) -> dict[int, of.Evidence]:
        """The evidence files by evidence_id."""
        return {row["evidence_id"]: row for row in self.query("evidence").rows}
