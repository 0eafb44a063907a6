"""How long it took: from the first access as root to what the usual alarm sees, and to containment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.lineage.cross_account import certainties
from rootforensics.analysis.verdict.attempts import not_failed
from rootforensics.evidence.cite import place_of, place_text, proof_of
from rootforensics.phrases import at, sortable
from rootforensics.telling.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, timedelta

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.queries import rows as of

_MINUTE: Final = 60
_HOUR: Final = 3_600
_DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Passed:
    """A point in time, and how long after the first access it was.

    Attributes:
        what: it is.
        moment: UTC; None where the logs show none.
        after: since the first access, in words; empty for the first access itself and where there is no moment.
        event_ids: of the event that shows it.
        citations: where its record lies.
        instead: of a moment, what is known; that the logs show none if empty.
    """

    what: str
    moment: datetime | None
    after: str = ""
    event_ids: tuple[str, ...] = ()
    citations: tuple[str, ...] = ()
    instead: str = ""

    @property
    def absent(self) -> str:
        """What is said where there is no moment."""
        return self.instead or "none in these logs"

    @property
    def said(self) -> Statement:
        """The same as a sentence."""
        after = f", {self.after} after the first access" if self.after else ""
        text = f"{self.what}: {at(self.moment)}{after}" if self.moment else f"{self.what}: {self.absent}"
        return Statement(text, "note", self.event_ids, self.citations, self.citations)


def lasting(span: timedelta) -> str:
    """A length of time in its two largest units."""
    seconds = int(span.total_seconds())
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min {seconds % _MINUTE} s"
    if seconds < _DAY:
        return f"{seconds // _HOUR} h {seconds % _HOUR // _MINUTE} min"
    return f"{seconds // _DAY} d {seconds % _DAY // _HOUR} h"


def times_of(analysis: Analysis, account_id: str) -> Iterator[Passed]:
    """First and last access, the first event that the usual alarm matches, and the first act that ended something.

    Args:
        analysis: of the case.
        account_id: whose root.
    """
    use = analysis.use_by_people(account_id)
    used = [row for row in use.used if row["eventTime"]] if use and use.gained_access else []
    first = used[0]["eventTime"] if used else None
    if use is None or first is None:
        return

    def passed(what: str, moment: datetime | None, *proofs: tuple[str | None, str | None]) -> Passed:
        return Passed(what, moment, lasting(moment - first) if moment and moment != first else "", *proof_of(proofs))

    yield passed("First access", first, _proof(used[0]))
    # A record that lacks a field of the filter cannot say whether the alarm saw it.
    missed = analysis.query("cis_filter_misses")
    unseen = analysis.ran.part(("unseen", analysis.account_id), lambda: {place_of(row) for row in missed.rows})
    after = sorted((row for row in (*used, *use.tried) if row["eventTime"] and row["eventTime"] >= first), key=_time)
    seen = next((row for row in after if place_of(row) not in unseen), None)
    alarm = "First event since then that the usual root alarm (CIS filter) would match"
    yield passed(alarm, seen["eventTime"], _proof(seen)) if seen else passed(alarm, None)
    yield from _detection(analysis, account_id)
    last = next((row for row in reversed(not_failed(use)) if row["eventTime"]), None)
    worked = "Last event not recorded as failed"
    yield passed(worked, last["eventTime"], _proof(last)) if last else passed(worked, None)
    ended = _ended_by_others(analysis, account_id)
    contained = "Containment: first time that others ended what root had made or changed"
    proof = [(ended["ended_eventID"], ended["ended_citation"])] if ended else []
    yield passed(contained, ended["ended_time"] if ended else None, *proof)


def _detection(analysis: Analysis, account_id: str) -> Iterator[Passed]:
    """What the alarm that is deployed would have told, if the last check found that it does not tell everything."""
    for row in analysis.query("posture").rows:
        is_own = row["control_id"] == "root-alarm" and account_id in ("", row["account_id"])
        if is_own and row["answer"] in ("fail", "warn"):
            known = "none known" if row["answer"] == "fail" else "in doubt"
            because = f"{known}: {row['why'].rstrip('.')} ({', '.join(row['answers'][:1])})"
            yield Passed("Detection by the alarm that is deployed", None, instead=because)


def _ended_by_others(analysis: Analysis, account_id: str) -> of.BlastRadius | None:
    """The entity of root's of an account that others ended first; None if they ended none."""
    own = analysis.ran.part(("from_root", analysis.account_id), lambda: _from_root(analysis))
    ended = (row for row in analysis.radius.rows if row["ended_time"] and row["state"] != "undone")
    ends = (row for row in ended if row["ended_citation"] not in own)
    of_account = [row for row in ends if account_id in ("", *row["root_accounts"])]
    return min(of_account, key=lambda row: sortable(row["ended_time"]), default=None)


def _from_root(analysis: Analysis) -> set[str]:
    """Where the records of root's events are, and of those that descend from root."""
    followed = {f"{evidence_id}:{index}" for evidence_id, index in certainties(analysis)}
    return followed | {place_text(row) for row in analysis.query("root_timeline").rows}


def _time(row: of.RootTimeline) -> float:
    return sortable(row["eventTime"])


def _proof(row: of.RootTimeline) -> tuple[str | None, str]:
    return row["eventID"], place_text(row)
