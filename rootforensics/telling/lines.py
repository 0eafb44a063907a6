"""The lines of the incident timeline: their columns, and the order in which they stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from rootforensics.evidence.cite import proof_of

if TYPE_CHECKING:
    from datetime import datetime

    from rootforensics.queries import rows as of


#: What a line is about. Of the same second they stand in this order.
LineType = Literal["approval", "coverage", "root", "finding", "follow-on", "note"]
LINE_TYPES: Final[tuple[LineType, ...]] = ("approval", "coverage", "root", "finding", "follow-on", "note")

#: The columns that a person reads first.
FIRST: Final = ("from_time", "severity", "text", "actor", "source_ips", "eventIDs", "account_id")
#: Columns of the table and what they hold.
COLUMNS: Final = {
    "from_time": "TIMESTAMP WITH TIME ZONE; UTC, NULL last",
    "until_time": "TIMESTAMP WITH TIME ZONE; UTC; NULL: a moment, or a window that does not end in these logs",
    "account_id": "VARCHAR; NULL: of no account alone",
    "line_type": "VARCHAR; approval (a window, or what it says of a session), coverage (what may be missing), root "
    "(its events, page views folded), finding (a sequence of them), follow-on (what root made, what that did, who "
    "ended it), note",
    "kind": "VARCHAR; of its line_type: the kind of event or sign-in, the finding's name, window, gap, cover, …",
    "severity": "VARCHAR; info, low, medium, high, critical; NULL for a note",
    "text": "VARCHAR; what happened",
    "actor": "VARCHAR; who did it: root, or the end of an ARN; NULL: nobody in particular, several, or not recorded",
    "session_id": "VARCHAR; of root-sessions; NULL: in none, or in several",
    "source_ips": "VARCHAR[]; addresses from which it was done",
    "eventIDs": "VARCHAR[]; in order of time, cite these; of an event without an ID its place",
    "citations": "VARCHAR[]; evidence_id:record_index of the same events",
    "source": "VARCHAR; the question or command that tells more of it",
}
#: Of these, the columns that no row leaves empty.
NEVER_NULL: Final = frozenset(COLUMNS) - {
    "from_time", "until_time", "account_id", "severity", "actor", "session_id"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line; the attributes are the columns."""

    from_time: datetime | None
    line_type: LineType
    kind: str
    text: str
    source: str
    until_time: datetime | None = None
    account_id: str | None = None
    severity: str | None = "info"
    actor: str | None = None
    session_id: str | None = None
    source_ips: tuple[str, ...] = ()
    eventIDs: tuple[str, ...] = ()
    citations: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[float, int, str, str]:
        """Place among the lines; ties by text and event, so that the order is always the same."""
        moment = self.from_time.timestamp() if self.from_time else float("inf")
        return moment, LINE_TYPES.index(self.line_type), next(iter(self.eventIDs), ""), self.text

    def is_within(self, since: datetime | None, until: datetime | None) -> bool:
        """Whether it is of a time: a moment lies in it; a window, which may have no end, reaches into it."""
        end = self.until_time or (None if self.kind == "window" else self.from_time)
        begins = until is None or self.from_time is None or self.from_time < until
        return begins and (since is None or end is None or end >= since)

    def as_row(self) -> of.IncidentTimeline:
        """The line as a row of the table."""
        return cast("of.IncidentTimeline", {name: getattr(self, name) for name in COLUMNS})


def cited(*events: tuple[str | None, str | None]) -> dict[str, Any]:
    """Events, by ID and place, as a line cites them."""
    return dict(zip(("eventIDs", "citations"), proof_of(events), strict=True))


def moment_or_span(first: datetime | None, last: datetime | None) -> datetime | None:
    """The end of a span; None for a moment."""
    return None if first == last else last
