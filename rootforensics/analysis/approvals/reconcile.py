"""Reconcile root sessions with the approvals: which use was approved, and was the procedure followed?

The rules are in ``docs/reference/approvals.md``. The evidence is what the catalogue's questions give;
what they cannot see is not judged.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.approval import Approvals
from rootforensics.analysis.approvals.match_session import VERDICTS, SessionJudgment, judge
from rootforensics.analysis.approvals.outcome import STATUSES, ApprovalOutcome
from rootforensics.analysis.approvals.outside_sessions import Apart, Procedure, acts_apart, openings_apart
from rootforensics.analysis.approvals.post_use_checks import Step, Use, procedure
from rootforensics.analysis.approvals.read import read_approvals
from rootforensics.analysis.approved_tasks import is_change
from rootforensics.analysis.coverage.gap import Span
from rootforensics.analysis.places import SIGN_IN_REGIONS
from rootforensics.evidence.cite import place_of, place_text, proof_of
from rootforensics.phrases import iso, plural, sortable
from rootforensics.queries.result import Result, Tabular, result_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.analysis.approval import Approval, Granted
    from rootforensics.analysis.coverage.coverage import Coverage, Covered
    from rootforensics.evidence.cite import Cited, Proof
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks

#: The columns that a person reads first.
FIRST: Final = ("about", "verdict", "ticket", "account_id", "subject", "first_time", "detail")
#: By default, the password must be changed within this time after the last event of a use.
PASSWORD_HOURS: Final = 24.0
COLUMNS: Final = {
    **dict.fromkeys(("about", "ticket", "account_id", "subject", "verdict"), "VARCHAR"),
    **dict.fromkeys(("first_time", "last_time"), "TIMESTAMP WITH TIME ZONE"),
    "detail": "VARCHAR",
    **dict.fromkeys(("event_ids", "citations"), "VARCHAR[]"),
}
#: Of these, the columns that no row leaves empty.
NEVER_NULL: Final = frozenset({"about", "verdict", "detail", "event_ids", "citations"})
#: How far outside a window a session may be and still be compared with it.
NEAR: Final = timedelta(hours=24)

#: Why an approval counts as unused although the logs of its window are not proven complete.
_NOT_PROVEN: Final = "some hours in the window have neither events nor digest files (rootforensics coverage)"


@dataclass(frozen=True, slots=True, repr=False)
class Reconciliation(Tabular):
    """Sessions compared with approvals.

    Attributes:
        source: the file of approvals.
        password_hours: how long after a use the password may be changed.
        sessions: a judgment of each session of ``root_sessions``, in its order.
        outcomes: the outcome of each approval, in the order of the file.
        events: rows of ``root_session_events`` that are activity.
        apart: a judgment of each use of root outside any session: actions, and openings without events in the case.
        procedural: citations of password changes outside any session that the procedure requires after a use.
    """

    source: Approvals
    password_hours: float
    sessions: tuple[SessionJudgment, ...]
    outcomes: tuple[ApprovalOutcome, ...]
    events: tuple[of.RootSessionEvents, ...]
    apart: tuple[Apart, ...]
    procedural: frozenset[str] = frozenset()

    @property
    def loose(self) -> tuple[of.RootSessionEvents, ...]:
        """Root activity outside any session, including failed sign-ins: sign-in pages, records without a credential."""
        return tuple(row for row in self.events if row["session_id"] is None)

    def of_account(self, account_id: str) -> Reconciliation:
        """The part for one account (12 digits), with records that name no account; empty for all."""
        if not account_id:
            return self
        named = (account_id, "", None)
        return replace(
            self,
            sessions=tuple(session for session in self.sessions if session.session["account_id"] in named),
            outcomes=tuple(outcome for outcome in self.outcomes if outcome.approval.account in named),
            events=tuple(row for row in self.events if row["account_id"] in named),
            apart=tuple(one for one in self.apart if one.account_id in named),
        )

    def result(self) -> Result[of.Approvals]:
        """The rows as a ``Result``, for DataFrames and files."""
        parameters = {"file": self.source.path, "password_hours": self.password_hours}
        return result_of("approvals", self.rows, COLUMNS, parameters, FIRST)

    @property
    def loose_changes(self) -> tuple[of.RootSessionEvents, ...]:
        """Changes, successful or attempted, outside any session."""
        return tuple(row for row in self.loose if is_change(row))

    @property
    def approved_sessions(self) -> frozenset[str]:
        """IDs of the sessions that match their approval."""
        return frozenset(
            session.session["session_id"] for session in self.sessions if session.verdicts == ("approved",)
        )

    @property
    def approved_by(self) -> dict[str, tuple[Approval, ...]]:
        """The approvals of each approved event, in or outside a session, by its citation.

        Events of the procedure after an approved use have no approval of their own.
        """
        tickets = {approval.ticket: approval for approval in self.source.approvals}
        judged = {
            session.session["session_id"]: session for session in self.sessions if session.verdicts == ("approved",)
        }
        told = {place_text(row): judged[row["session_id"]] for row in self.events if row["session_id"] in judged}
        told |= {place_text(one.row): one.judgment for one in self.apart if one.is_approved}
        granted = {
            place: tuple(tickets[name] for name in (one.ticket, *one.joined) if name) for place, one in told.items()
        }
        return granted | dict.fromkeys(self.procedural, ())

    @property
    def approved_places(self) -> frozenset[str]:
        """The citations of approved events, in or outside a session."""
        return frozenset(self.approved_by) - self.procedural

    @property
    def rows(self) -> list[of.Approvals]:
        """Everything as rows of one table: a session, an approval or a step of a procedure each.

        Columns: ``about`` (session, act, opening, approval, procedure), ``ticket``, ``account_id``, ``subject``
        (session_id, eventName, who, or the step), ``verdict`` (several after commas), ``first_time`` and ``last_time``
        (of the session, or the window), ``detail``, ``event_ids``, ``citations``.
        """
        rows = [*map(_session_row, self.sessions), *map(_apart_row, self.apart)]
        for outcome in self.outcomes:
            rows += [_approval_row(outcome), *(_step_row(outcome, step) for step in outcome.steps)]
        return rows

    def as_dict(self) -> dict[str, Any]:
        """The reconciliation as values for JSON; times are ISO 8601 in UTC."""
        verdicts = [verdict for session in self.sessions for verdict in session.verdicts]
        return {
            "file": self.source.path,
            "sha256": self.source.sha256,
            "password_hours": self.password_hours,
            "sessions": {"total": len(self.sessions), **{name: verdicts.count(name) for name in VERDICTS}},
            "approvals": {
                "total": len(self.outcomes),
                **{name: sum(outcome.status == name for outcome in self.outcomes) for name in STATUSES},
            },
            "in_no_session": {
                "events": len(self.loose),
                "changes": len(self.loose_changes),
                "not_approved": sum(one.about == "act" and not one.is_approved for one in self.apart),
                "openings_not_approved": sum(one.about == "opening" and not one.is_approved for one in self.apart),
            },
            "rows": [row | {name: iso(row[name]) for name in ("first_time", "last_time")} for row in self.rows],
        }


def reconcile(
    case: Asks, coverage: Coverage, approvals: Granted, password_hours: float = PASSWORD_HOURS
) -> Reconciliation:
    """Compare the sessions of a case with a file of approvals.

    Args:
        case: answers the questions.
        coverage: of the case.
        approvals: approvals of root's use, or a file of them.
        password_hours: how long after the last event of a use root's password may be changed.

    Raises:
        ApprovalsError: the file cannot be read or has errors; all of them are reported, by line.
    """
    source = approvals if isinstance(approvals, Approvals) else read_approvals(approvals)
    events = [row for row in case.query("root_session_events").rows if row["origin_group"] == "activity"]
    by_session: dict[str, list[of.RootSessionEvents]] = {}
    for row in events:
        by_session.setdefault(row["session_id"] or "", []).append(row)
    sessions = tuple(
        judge(row, by_session.get(row["session_id"], []), source.approvals, NEAR)
        for row in case.query("root_sessions").rows
    )
    evidence = _Evidence(case, coverage, events, by_session, timedelta(hours=password_hours))
    outcomes = tuple(evidence.outcome(approval, sessions) for approval in source.approvals)
    after = evidence.after(outcomes)
    procedural = frozenset(place_text(row) for row in events if row["session_id"] is None and after.covers(row))
    apart = tuple(evidence.apart(source, after))
    return Reconciliation(source, password_hours, sessions, outcomes, tuple(events), apart, procedural)


class _Evidence:
    """The evidence for the comparison, read once."""

    def __init__(
        self,
        case: Asks,
        coverage: Coverage,
        events: list[of.RootSessionEvents],
        by_session: dict[str, list[of.RootSessionEvents]],
        password_within: timedelta,
    ) -> None:
        self._by_session = by_session
        self._within = password_within
        self._events = events
        self._openings = case.query("privileged_sessions").rows
        self._coverage = coverage
        self._changes = [row for row in case.query("root_credential_changes").rows if row["outcome"] != "failure"]
        self._sign_ins = case.query("root_signins").rows
        self._key_uses = [row for row in events if row["accessKeyId"].startswith("AKIA")]

    def outcome(self, approval: Approval, judged: Iterable[SessionJudgment]) -> ApprovalOutcome:
        sessions = tuple(one for one in judged if approval.ticket in (one.ticket, *one.joined))
        covered = self._coverage.of(approval.account)
        if not sessions:
            return _unused(approval, covered, judged)
        use = Use(
            approval,
            sessions,
            [row for session in sessions for row in self._by_session.get(session.session["session_id"], [])],
            _of(approval, self._changes),
            _of(approval, self._sign_ins),
            _of(approval, self._key_uses),
            covered,
        )
        detail = plural(len(sessions), "session")
        return ApprovalOutcome(approval, "used", detail, sessions, procedure(use, self._within))

    def after(self, outcomes: Iterable[ApprovalOutcome]) -> Procedure:
        """The password changes that the procedure requires after approved uses."""
        ends = (
            (
                outcome.approval,
                max((use.session["last_time"] for use in outcome.sessions if use.session["last_time"]), default=None),
            )
            for outcome in outcomes
        )
        passwords = frozenset(place_of(row) for row in self._changes if row["credential_kind"] == "password")
        return Procedure(passwords, [(one, end) for one, end in ends if end], self._within)

    def apart(self, source: Approvals, after: Procedure) -> list[Apart]:
        """Uses outside any session, in order of time."""
        found = [
            *acts_apart(self._events, source.approvals, after, NEAR),
            *openings_apart(self._openings, source.approvals, self._coverage, NEAR),
        ]
        return sorted(found, key=lambda one: (sortable(one.row["eventTime"]), one.row["eventID"] or ""))


def _of(approval: Approval, rows: list[of.OfAccountT]) -> list[of.OfAccountT]:
    return [row for row in rows if row["account_id"] == approval.account]


def _unused(approval: Approval, covered: Covered, judged: Iterable[SessionJudgment]) -> ApprovalOutcome:
    """An approval that fits no session: unused only if the logs of its window could have shown one."""
    span = Span(approval.from_time, approval.until_time)
    gaps = covered.gaps(span=span, sign_ins=True, without_effect=True)
    is_whole = not gaps and not covered.unproved(SIGN_IN_REGIONS, span=span)
    meeting = [one.ticket or "no approval" for one in judged if _meets(one.session, approval)]
    if meeting:
        detail = f"{plural(len(meeting), 'root session')} in the window, assigned to {', '.join(sorted(set(meeting)))}"
        detail = f"the logs cover the window; {detail}" if is_whole else detail
    elif is_whole:
        detail = "the logs cover the window and show no root session"
    else:
        detail = "the logs show no root session in the window"
    if gaps:
        return ApprovalOutcome(approval, "not_in_logs", f"{detail}; missing: {'; '.join(gaps)}")
    return ApprovalOutcome(approval, "unused", detail if is_whole else f"{detail}; {_NOT_PROVEN}")


def _meets(session: of.RootSessions, approval: Approval) -> bool:
    """True for a session of the account that overlaps the window."""
    first, last = session["first_time"], session["last_time"]
    if session["account_id"] != approval.account or first is None or last is None:
        return False
    return first <= approval.until_time and last >= approval.from_time


def _proof(rows: Iterable[Proof]) -> of.Proved:
    """The proof of a judgment: the eventIDs (or the citation of an event without one), and the citations."""
    ids, places = proof_of((row["eventID"], place_text(row)) for row in rows)
    return {"event_ids": list(ids), "citations": list(places)}


def _first(session: of.RootSessions) -> Cited:
    return {"eventID": session["first_eventID"], "citation": session["first_citation"]}


def _session_row(one: SessionJudgment) -> of.Approvals:
    session = one.session
    return {
        "about": "session",
        "ticket": one.ticket,
        "account_id": session["account_id"],
        "subject": session["session_id"],
        "verdict": ", ".join(one.verdicts),
        "first_time": session["first_time"],
        "last_time": session["last_time"],
        "detail": one.detail,
        **_proof(one.cited or [_first(session)]),
    }


def _apart_row(one: Apart) -> of.Approvals:
    found = one.judgment
    return {
        "about": one.about,
        "ticket": found.ticket,
        "account_id": found.session["account_id"],
        "subject": one.row["eventName"],
        "verdict": ", ".join(found.verdicts),
        "first_time": one.row["eventTime"],
        "last_time": one.row["eventTime"],
        "detail": "; ".join(filter(None, (found.detail, one.unsure))),
        **_proof([one.row]),
    }


def _approval_row(outcome: ApprovalOutcome) -> of.Approvals:
    approval = outcome.approval
    return {
        "about": "approval",
        "ticket": approval.ticket,
        "account_id": approval.account,
        "subject": approval.who,
        "verdict": outcome.status,
        "first_time": approval.from_time,
        "last_time": approval.until_time.replace(microsecond=0),
        "detail": outcome.detail,
        **_proof(_first(session.session) for session in outcome.sessions),
    }


def _step_row(outcome: ApprovalOutcome, step: Step) -> of.Approvals:
    needed = f". Needed: {step.needed}" if step.needed else ""
    return {
        "about": "procedure",
        "ticket": outcome.approval.ticket,
        "account_id": outcome.approval.account,
        "subject": step.name,
        "verdict": step.answer,
        "first_time": None,
        "last_time": None,
        "detail": step.detail + needed,
        **_proof(step.cited),
    }
