"""Uses of root outside any session: actions on the sign-in page, records without a credential, openings without calls.

Each is compared with the approvals as if it were a session.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from rootforensics.analysis.approvals.match_session import judge
from rootforensics.analysis.coverage.gap import Span
from rootforensics.analysis.verdict.attempts import parted, was_asked_for
from rootforensics.evidence.cite import place_of
from rootforensics.queries.catalogue import question

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rootforensics.analysis.approval import Approval
    from rootforensics.analysis.approvals.match_session import SessionJudgment
    from rootforensics.analysis.coverage.coverage import Coverage
    from rootforensics.queries import rows as of

    Place = tuple[int, int]

#: A session of ``AssumeRoot`` lasts no longer.
_OPEN_FOR: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Apart:
    """A use of root outside any session, with its judgment.

    Attributes:
        about: ``act`` by root, or ``opening`` by ``AssumeRoot`` of a session without events in the case.
        row: the event.
        judgment: as if the event were a session.
        unsure: why the judgment may be wrong, or what may have followed, in words; empty if there is no doubt.
    """

    about: str
    row: of.Done
    judgment: SessionJudgment
    unsure: str = ""

    @property
    def account_id(self) -> str:
        """The account of the root user; empty if the record does not show it."""
        return self.judgment.session["account_id"] or ""

    @property
    def told(self) -> str:
        """The use, in words."""
        by = f" by {self.judgment.session['opener']}" if self.about == "opening" else ""
        return f"{self.row['eventName']}{by} outside any session ({', '.join(self.judgment.verdicts)})"

    @property
    def is_approved(self) -> bool:
        """Whether it matches its approval."""
        return self.judgment.verdicts == ("approved",)

    @property
    def is_wrong(self) -> bool:
        """Whether it certainly happened and was not approved."""
        return not self.is_approved and not self.unsure


@dataclass(frozen=True, slots=True)
class Procedure:
    """The change of root's password that the procedure requires after a use.

    Attributes:
        passwords: evidence positions of changes of root's password.
        uses: each approval that was used, with the end of its last session, UTC.
        within: how long after the end the password may be changed.
    """

    passwords: frozenset[Place]
    uses: Sequence[tuple[Approval, Any]]
    within: timedelta

    def covers(self, row: of.Done) -> bool:
        """Whether an event is such a change, in time and from an approved network."""
        moment = row["eventTime"]
        return (
            place_of(row) in self.passwords
            and moment is not None
            and any(
                use.account == row["account_id"]
                and end <= moment <= end + self.within
                and use.has_source(row["sourceIPAddress"] or "") is not False
                for use, end in self.uses
            )
        )


def acts_apart(
    events: Sequence[of.RootSessionEvents], approvals: Sequence[Approval], procedure: Procedure, near: timedelta
) -> Iterator[Apart]:
    """Judge root actions outside any session; failed sign-ins and recovery requests do not count.

    Args:
        events: rows of ``root_session_events`` that are activity, those in sessions too.
        approvals: of any account.
        procedure: the required change after a use.
        near: how far outside a window an action may be and still be compared with it.
    """
    done, _, unknown = parted(events)
    doubtful = {place_of(row) for row in unknown}
    for row in sorted(
        (*done, *unknown), key=lambda row: (row["eventTime"] is None, row["eventTime"], row["eventID"] or "")
    ):
        # A second factor is a step of a sign-in, which is judged itself.
        if row["session_id"] is not None or row["eventName"] == "CheckMfa" or was_asked_for(row):
            continue
        if procedure.covers(row):
            continue
        judgment = judge(_as_session(row, row["account_id"], "unknown", None), [row], approvals, near)
        if judgment.verdicts == ("unexpected_tasks",) and place_of(row) in procedure.passwords:
            judgment = replace(judgment, verdicts=("approved",), surprises=())  # as the procedure asks, only sooner
        unknown_here = place_of(row) in doubtful and judgment.verdicts != ("approved",)
        yield Apart("act", row, judgment, "the record does not show whether it succeeded" if unknown_here else "")


def openings_apart(
    openings: Iterable[of.PrivilegedSessions], approvals: Sequence[Approval], coverage: Coverage, near: timedelta
) -> Iterator[Apart]:
    """Judge openings by ``AssumeRoot`` of sessions without events in the case.

    Args:
        openings: rows of ``privileged_sessions``.
        approvals: of any account.
        coverage: what the logs can show.
        near: how far outside a window an opening may be and still be compared with it.
    """
    for row in openings:
        if row["result"] == "attempted" or row["session_id"] is not None:
            continue
        act: of.Done = {
            "eventTime": row["eventTime"],
            "account_id": row["caller_account"],
            "eventSource": "sts.amazonaws.com",
            "eventName": "AssumeRoot",
            "outcome": "success",
            "is_write": False,
            "sourceIPAddress": row["sourceIPAddress"],
            "eventID": row["eventID"],
            "evidence_id": row["evidence_id"],
            "record_index": row["record_index"],
        }
        judgment = judge(_as_session(act, row["member_account"], "assume_root", row["opener"]), [act], approvals, near)
        unsure = ""
        account, moment = row["member_account"], row["eventTime"]
        # An approved opening has the account and is in the window of an approval.
        if judgment.verdicts == ("approved",) and account is not None and moment is not None:
            gaps = coverage.of(account).gaps(span=Span(moment, moment + _OPEN_FOR))
            unsure = f"activity in the session is unknown; missing: {'; '.join(gaps)}" if gaps else ""
        yield Apart("opening", act, judgment, unsure)


def _as_session(row: of.Done, account: str | None, kind: str, opener: str | None) -> of.RootSessions:
    """An event as a session."""
    nothing = dict.fromkeys(column.name for column in question("root_sessions").columns)
    own = dict.fromkeys(("first_time", "last_time", "opened_time"), row["eventTime"])
    told = {"account_id": account, "session_kind": kind, "opener": opener}
    return cast("of.RootSessions", {**nothing, **told, **own})
