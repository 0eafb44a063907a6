"""The answer to one question of a root incident, with its evidence and with what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from rootforensics.analysis.words import sortable
from rootforensics.evidence.cite import place_text, proof_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    Row = dict[str, Any]

Answer = Literal["yes", "no", "unknown"]

#: What would tell how calls went.
WHOLE_RECORDS: Final = "the whole records of these events"
#: Questions to which yes is the good answer.
_GOOD_IF_YES: Final = ("with_mfa", "approved")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one question.

    Attributes:
        name: of the question, for programs.
        question: as an investigator asks it.
        answer: ``yes``, ``no`` or ``unknown``.
        because: what the answer stands on, in words.
        event_ids: the events that show it, in order of time; of one without an ID its place.
        places: where their records lie, ``evidence_id:record_index`` each, in the same order.
        missing: what would be needed to know, of a ``no`` what would prove it; empty where nothing is.
        first_time: of the first of those events, UTC; None where there is none.
    """

    name: str
    question: str
    answer: Answer
    because: str
    event_ids: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    first_time: datetime | None = None

    @property
    def alarming(self) -> bool:
        """True if the answer is the bad one."""
        return self.answer == ("no" if self.name in _GOOD_IF_YES else "yes")

    def as_row(self) -> Row:
        """The verdict as a row of a table."""
        return {
            "name": self.name,
            "question": self.question,
            "answer": self.answer,
            "because": self.because,
            "missing": list(self.missing),
            "eventIDs": list(self.event_ids),
            "places": list(self.places),
        }


def said(
    name: str, question: str, answer: Answer, because: str, rows: Iterable[Row] = (), missing: Iterable[str] = ()
) -> Verdict:
    """An answer that cites the events of some rows, in order of time."""
    rows = sorted(rows, key=lambda row: (sortable(_time(row)), row["eventID"] or ""))
    ids, places = proof_of((row["eventID"], place_text(row)) for row in rows)
    first = next((moment for row in rows if (moment := _time(row))), None)
    return Verdict(name, question, answer, because, ids, places, tuple(missing), first)


def _time(row: Row) -> datetime | None:
    """When: an event's time, the first of a thing or session, the begin of a window."""
    moment: datetime | None = next(
        (row[name] for name in ("eventTime", "first_time", "from_time") if name in row), None
    )
    return moment


def yes_or_absent(
    name: str,
    question: str,
    found: list[Row],
    shown: str,
    absent: str,
    gaps: tuple[str, ...],
    unproved: tuple[str, ...] = (),
    untold: Iterable[Row] = (),
) -> Verdict:
    """Yes with its events; else no, with what would prove it, or unknown where the logs could not have shown it.

    Of ``untold`` the record does not say whether they succeeded; they rule a no out.
    """
    if found:
        return said(name, question, "yes", shown, found)
    if untold := list(untold):
        return said(name, question, "unknown", untold_of(untold), untold, (WHOLE_RECORDS, *gaps))
    return said(name, question, "unknown" if gaps else "no", absent, (), gaps or unproved)


def untold_of(rows: Iterable[Row]) -> str:
    """What to say of events that do not tell how they went."""
    return f"whether it succeeded the record does not say: {', '.join(dict.fromkeys(row['eventName'] for row in rows))}"


def counted(number: int, one: str, many: str) -> str:
    """A number with its word, in the singular or plural."""
    return f"1 {one}" if number == 1 else f"{number:,} {many}"
