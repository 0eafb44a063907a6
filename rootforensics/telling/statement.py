"""A statement: one fact that people read, with who, when, from where and on what, and the events that prove it.

Triage, brief, story, report, incident timeline and handover choose and order statements; none of them words an event
itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from rootforensics.evidence.cite import place_text, proof_of
from rootforensics.phrases import addresses, at, clock
from rootforensics.queries.result import Result, result_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from rootforensics.evidence.cite import Event
    from rootforensics.queries import rows as of

Level = Literal["bad", "note", "good"]
#: What a line of the incident timeline is about. Lines of the same second stand in this order.
LineType = Literal["approval", "coverage", "root", "finding", "follow-on", "note"]
LINE_TYPES: Final[tuple[LineType, ...]] = ("approval", "coverage", "root", "finding", "follow-on", "note")

#: Columns of statements as a table.
COLUMNS: Final = {
    "level": "VARCHAR; bad asks for action, note for attention, good for none",
    "text": "VARCHAR; the sentence",
    "eventIDs": "VARCHAR[]; of the events that prove it",
    "citations": "VARCHAR[]; evidence_id:record_index of these",
    "detail": "BOOLEAN; true for a single step, false for an answer or a limit",
    "mark": "VARCHAR; confirmed, doubted or refuted, by whom and when (Case.mark); NULL for none",
}
#: Of these, the columns that no row leaves empty.
NEVER_NULL: Final = frozenset(COLUMNS) - {"mark"}
#: The columns of the incident timeline that a person reads first.
LINE_FIRST: Final = ("from_time", "severity", "text", "actor", "source_ips", "eventIDs", "account_id")
#: Columns of the incident timeline.
LINE_COLUMNS: Final = {
    "from_time": "TIMESTAMP WITH TIME ZONE; UTC, NULL last",
    "until_time": "TIMESTAMP WITH TIME ZONE; UTC; NULL: a moment, or a window that does not end in these logs",
    "account_id": "VARCHAR; NULL: of no account alone",
    "line_type": "VARCHAR; approval (a window, or the judgment of a session), coverage (what may be missing), root "
    "(its events, page views folded), finding (a sequence of them), follow-on (what root's creations did, and who "
    "ended them), note",
    "kind": "VARCHAR; of its line_type: the kind of event or sign-in, the finding's name, window, gap, cover, …",
    "severity": "VARCHAR; info, low, medium, high, critical; NULL for a note",
    "text": "VARCHAR; what happened",
    "actor": "VARCHAR; who did it: root, or the end of an ARN; NULL: nobody in particular, several, or not recorded",
    "session_id": "VARCHAR; of root-sessions; NULL: in none, or in several",
    "source_ips": "VARCHAR[]; addresses from which it was done",
    "eventIDs": "VARCHAR[]; in order of time, cite these; of an event without an ID its place",
    "citations": "VARCHAR[]; evidence_id:record_index of the same events",
    "source": "VARCHAR; the question or command that has more of it",
}
#: Of these, the columns that no row leaves empty.
LINE_NEVER_NULL: Final = frozenset(LINE_COLUMNS) - {
    "from_time", "until_time", "account_id", "severity", "actor", "session_id"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Statement:
    """One fact.

    Attributes:
        text: the sentence, without its time, addresses and citations.
        level: ``bad`` asks for action, ``note`` for attention, ``good`` for none.
        event_ids: the events that prove it, in order of time; of an event without an ID its place.
        citations: ``evidence_id:record_index`` of the same events, in the same order.
        detail: True for a single step, False for an answer or a limit.
        stands_in: the part of the report that shows it, if no event does.
        from_time: when it happened or began, UTC.
        until_time: when it ended; None for a moment, and for what does not end in these logs.
        account_id: 12 digits; None where it is of no account alone.
        line_type: what a line of the incident timeline is about; empty for what is no line of it.
        kind: of its ``line_type``, such as ``sign_in`` or ``window``.
        severity: of the catalogue of actions; None where it has none.
        actor: who did it: ``root``, or the end of an ARN; None for nobody in particular, or not recorded.
        session_id: of root's session; None for none or several.
        source_ips: every address from which it was done.
        objects: kind and name of what was touched.
        source: the question that has more of it.
        phrase: the act of the catalogue; empty where it has none.
        mark: what investigators think of it, in words; empty for none.
    """

    text: str
    level: Level = "note"
    event_ids: tuple[str, ...] = ()
    citations: tuple[str, ...] = ()
    detail: bool = False
    stands_in: Literal["", "approvals", "coverage", "evidence", "identities", "posture", "verdict"] = ""
    from_time: datetime | None = None
    until_time: datetime | None = None
    account_id: str | None = None
    line_type: LineType | Literal[""] = ""
    kind: str = ""
    severity: str | None = "info"
    actor: str | None = None
    session_id: str | None = None
    source_ips: tuple[str, ...] = ()
    objects: tuple[tuple[str, str], ...] = ()
    source: str = ""
    phrase: str = ""
    mark: str = ""

    @property
    def order(self) -> tuple[float, int, str, str]:
        """Place among the lines of a timeline; ties by type, event and text, so that the order is always the same."""
        moment = self.from_time.timestamp() if self.from_time else float("inf")
        number = LINE_TYPES.index(self.line_type) if self.line_type else len(LINE_TYPES)
        return moment, number, next(iter(self.event_ids), ""), self.text

    def is_within(self, since: datetime | None, until: datetime | None) -> bool:
        """Whether it is of a time: a moment lies in it; a window, which may have no end, reaches into it."""
        end = self.until_time or (None if self.kind == "window" else self.from_time)
        begins = until is None or self.from_time is None or self.from_time < until
        return begins and (since is None or end is None or end >= since)

    @property
    def sentence(self) -> str:
        """The whole sentence: when, what, and from where. The text of a window already says when it ended."""
        sources = f", from {addresses(self.source_ips)}" if self.source_ips else ""
        until = f" to {clock(self.until_time, self.from_time)}" if self.until_time and self.kind != "window" else ""
        return f"{at(self.from_time)}{until}: {self.text.rstrip('.')}{sources}."

    @property
    def marked_text(self) -> str:
        """The text with its mark in brackets."""
        return f"{self.text} ({self.mark})" if self.mark else self.text

    def as_row(self) -> dict[str, Any]:
        """The statement as a row of a table of statements."""
        return {
            "level": self.level,
            "text": self.text,
            "eventIDs": list(self.event_ids),
            "citations": list(self.citations),
            "detail": self.detail,
            "mark": self.mark or None,
        }

    def as_line(self) -> of.IncidentTimeline:
        """The statement as a row of the incident timeline."""
        values = {name: getattr(self, "event_ids" if name == "eventIDs" else name) for name in LINE_COLUMNS}
        return cast("of.IncidentTimeline", values)


def as_table(statements: Iterable[Statement], name: str) -> Result[of.Story]:
    """Statements as a table, a row each."""
    return result_of(name, (statement.as_row() for statement in statements), COLUMNS)


def cited(*events: tuple[str | None, str | None]) -> dict[str, Any]:
    """Events, by ID and place, as the arguments of a statement that cites them."""
    return dict(zip(("event_ids", "citations"), proof_of(events), strict=True))


def said(text: str, level: Level, rows: Iterable[Event] = ()) -> Statement:
    """A sentence with the events that prove it."""
    return Statement(text, level, **cited(*((row["eventID"], place_text(row)) for row in rows)))
