"""The answer to one question of a root incident, with its evidence and with what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from rootforensics.analysis.phrases import sortable
from rootforensics.evidence.cite import place_text, proof_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from rootforensics.queries.result import Row

Answer = Literal["yes", "no", "unknown"]

#: What would tell how calls went.
WHOLE_RECORDS: Final = "the whole records of these events"
#: Questions to which yes is the good answer.
_GOOD_IF_YES: Final = ("with_mfa", "approved")


@dataclass(frozen=True, slots=True)
class Words:
    """How sentences speak of a question.

    Attributes:
        about: what it is about.
        bad: what its bad answer says of an account; empty where other sentences tell it.
        short: the same in a few words.
    """

    about: str
    bad: str
    short: str


#: The most severe bad answer first: what cannot be called back, then what goes on, then how it came about.
_WORDS: Final = {
    "data_exposed": Words("exposed data", "data of {} was exposed", "data exposed"),
    "way_in": Words("a way in that is left", "whoever used root of {} still has a way in", "a way in is left"),
    "record_tampered": Words("tampering with the record", "the record of {} was tampered with", "record tampered with"),
    "ownership_changed": Words(
        "change of ownership",
        "the ownership of {} was changed (e-mail address, contacts or organization)",
        "ownership changed",
    ),
    "money_spent": Words("money spent", "money was spent in {}", "money spent"),
    "access_keys": Words("access keys of root", "root of {} has or had access keys", "access keys of root"),
    "mfa_removed": Words("removal of MFA", "MFA was taken from root of {}", "MFA removed"),
    "password_changed": Words(
        "change of the password",
        "the password of root of {} was recovered, changed or removed",
        "password recovered, changed or removed",
    ),
    "with_mfa": Words("MFA of each use", "root of {} was used without valid MFA", "no valid MFA"),
    "used_by_person": Words("use by people", "", ""),
    "approved": Words("approval", "", ""),
}


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

    @property
    def words(self) -> Words:
        """How sentences speak of the question; of one that is not listed, in its own words."""
        told = f'the answer to "{self.question}" is {self.answer}'
        return _WORDS.get(self.name) or Words(f'"{self.question}"', f"of {{}} {told}", told)

    @property
    def rank(self) -> int:
        """The more severe its bad answer, the smaller."""
        return [*_WORDS, self.name].index(self.name)

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
