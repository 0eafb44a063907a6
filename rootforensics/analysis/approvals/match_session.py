"""Compare one root session with the approvals: which approval fits best, and which events it does not cover."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Literal

from rootforensics.analysis.approved_tasks import is_change, is_procedure, is_task
from rootforensics.evidence.cite import place_of
from rootforensics.phrases import addresses, plural, service_of, some

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from rootforensics.analysis.approval import Approval
    from rootforensics.queries import rows as of

Verdict = Literal["approved", "outside_window", "unexpected_network", "unexpected_tasks", "unapproved"]
VERDICTS: Final[tuple[Verdict, ...]] = (
    "approved",
    "outside_window",
    "unexpected_network",
    "unexpected_tasks",
    "unapproved",
)
#: A host of AWS as source: the service that passed the call on, whose caller's address is not recorded.
_AWS_SOURCE: Final = re.compile(r"AWS Internal|([a-z0-9-]+\.)+amazonaws\.com(\.cn)?", re.IGNORECASE)
_NAMES_SHOWN: Final = 6
#: Windows that follow each other so closely are one.
_BACK_TO_BACK: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class SessionJudgment:
    """The judgment of one session.

    Attributes:
        session: its row of ``root_sessions``.
        verdicts: only ``approved`` or ``unapproved``, or each reason why it is neither.
        ticket: ticket of the approval that fits best; None if none fits.
        tied: tickets of approvals that fit equally well.
        joined: tickets of approvals whose consecutive windows cover it together with that one.
        before_seconds: how long before the window it began; 0 if it did not.
        after_seconds: how long after the window it ended; 0 if it did not.
        apart_seconds: how long after the window it began, or before it ended, if they do not meet at all; else 0.
        outside: its events outside the window.
        away: its events from networks that were not expected.
        surprises: its changes, successful or attempted, that no task names.
        remarks: further remarks, as clauses.
    """

    session: of.RootSessions
    verdicts: tuple[Verdict, ...]
    ticket: str | None = None
    tied: tuple[str, ...] = ()
    joined: tuple[str, ...] = ()
    before_seconds: int = 0
    after_seconds: int = 0
    apart_seconds: int = 0
    outside: tuple[of.Done, ...] = ()
    away: tuple[of.Done, ...] = ()
    surprises: tuple[of.Done, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def detail(self) -> str:
        """The reasons for the judgment, in words."""
        parts = ["time, networks and changes match the approval"] if self.verdicts == ("approved",) else []
        apart = _long(self.apart_seconds) if self.apart_seconds else ""
        if self.before_seconds:
            ended = f" and ended {apart} before it" if apart else ""
            parts.append(f"began {_long(self.before_seconds)} before the window{ended}")
        if self.after_seconds:
            began = f"began {apart} after the window and " if apart else ""
            parts.append(f"{began}ended {_long(self.after_seconds)} after {'it' if apart else 'the window'}")
        if self.away:
            sources = addresses(row["sourceIPAddress"] for row in self.away)
            parts.append(f"{plural(len(self.away), 'event')} from {sources}")
        if self.surprises:
            calls = [f"{service_of(row['eventSource']) or 'unknown'}:{row['eventName']}" for row in self.surprises]
            parts.append(f"changes that no task covers: {some(list(dict.fromkeys(calls)), _NAMES_SHOWN)}")
        if self.tied:
            parts.append(f"{', '.join(self.tied)} would also fit")
        if self.joined:
            parts.append(f"{self.ticket} covers it together with {', '.join(self.joined)}")
        return "; ".join([*parts, *self.remarks])

    @property
    def cited(self) -> tuple[of.Done, ...]:
        """The events that contradict the approval, in order of time."""
        rows = {place_of(row): row for row in (*self.outside, *self.away, *self.surprises)}
        return tuple(
            sorted(rows.values(), key=lambda row: (row["eventTime"] is None, row["eventTime"], row["eventID"] or ""))
        )


def judge(
    session: of.RootSessions, events: Sequence[of.Done], approvals: Iterable[Approval], near: timedelta
) -> SessionJudgment:
    """Judge a session.

    An approval qualifies if it is for the account (and, for an ``AssumeRoot`` session, for its opener), and its window
    overlaps the session, or misses it by at most ``near`` without other reasons against it. The best one has, in this
    order: an overlapping window, the fewest reasons against it, the least time outside, the fewest events from other
    networks, the fewest uncovered changes, the earliest window, the first ticket. If none fits completely, approvals
    with consecutive windows may cover the session together.

    Args:
        session: its row of ``root_sessions``.
        events: its rows of ``root_session_events``.
        approvals: of any account.
        near: how far outside a window a session may be and still be compared with it.
    """
    span = _span(session)
    remarks = _remarks(events)
    if span is None:
        return SessionJudgment(session, ("unapproved",), remarks=("none of its events has a time", *remarks))
    own = [approval for approval in approvals if approval.account == session["account_id"]]
    meant = [one for one in own if _may_open(one, session)]
    close = [_held(events, one, span) for one in meant if _gap(one, span) <= near]
    comparisons = [one for one in close if not one.apart_seconds or len(one.reasons) == 1]
    if not comparisons:
        return SessionJudgment(
            session, ("unapproved",), remarks=(*_why_none(own, meant, session, span), *_other_reasons(close), *remarks)
        )
    remarks = (*_opener_remark(session), *remarks)
    comparisons.sort(key=lambda one: (one.fit, one.approval.from_time, one.approval.ticket))
    best = comparisons[0]
    if best.reasons and (chain := _chain(events, [comparison.approval for comparison in comparisons], span)):
        first, *more = (one.ticket for one in chain)
        return SessionJudgment(session, ("approved",), first, joined=tuple(more), remarks=remarks)
    tied = tuple(one.approval.ticket for one in comparisons[1:] if one.fit == best.fit)
    return best.judgment(session, tied, remarks)


def _chain(events: Sequence[of.Done], approvals: list[Approval], span: tuple[datetime, datetime]) -> list[Approval]:
    """Approvals whose windows follow each other without a gap and cover the session together; none if there are none.

    Each event has to be as one of those approvals expects that are open at its time.
    """
    chain: list[Approval] = []
    for one in sorted(approvals, key=lambda one: (one.from_time, one.ticket)):
        reached = chain[-1].until_time + _BACK_TO_BACK if chain else span[0]
        if one.from_time <= reached and one.until_time > (chain[-1].until_time if chain else span[0]):
            chain.append(one)
    if len(chain) < 2 or chain[-1].until_time < span[1]:
        return []
    fits = all(
        any(one.from_time <= row["eventTime"] <= one.until_time and _expects(one, row) for one in chain)
        for row in events
        if row["eventTime"]
    )
    return chain if fits else []


@dataclass(frozen=True, slots=True)
class _Held:
    """A session compared with one approval."""

    approval: Approval
    before_seconds: int
    after_seconds: int
    apart_seconds: int
    outside: tuple[of.Done, ...]
    away: tuple[of.Done, ...]
    surprises: tuple[of.Done, ...]

    @property
    def reasons(self) -> tuple[Verdict, ...]:
        found: list[Verdict] = []
        if self.before_seconds or self.after_seconds:
            found.append("outside_window")
        if self.away:
            found.append("unexpected_network")
        if self.surprises:
            found.append("unexpected_tasks")
        return tuple(found)

    @property
    def fit(self) -> tuple[bool, int, int, int, int]:
        """The smaller, the better the approval fits."""
        outside = self.before_seconds + self.after_seconds
        return self.apart_seconds > 0, len(self.reasons), outside, len(self.away), len(self.surprises)

    def judgment(self, session: of.RootSessions, tied: tuple[str, ...], remarks: tuple[str, ...]) -> SessionJudgment:
        return SessionJudgment(
            session,
            self.reasons or ("approved",),
            self.approval.ticket,
            tied,
            (),
            self.before_seconds,
            self.after_seconds,
            self.apart_seconds,
            self.outside,
            self.away,
            self.surprises,
            remarks,
        )


def _held(events: Sequence[of.Done], approval: Approval, span: tuple[datetime, datetime]) -> _Held:
    first, last = span
    start, end = approval.from_time, approval.until_time
    return _Held(
        approval,
        _seconds(start - first),
        _seconds(last - end),
        _seconds(max(start - last, first - end)),
        tuple(row for row in events if row["eventTime"] and not start <= row["eventTime"] <= end),
        tuple(row for row in events if _is_away(row, approval)),
        tuple(row for row in events if _is_surprise(row, approval)),
    )


def _span(session: of.RootSessions) -> tuple[datetime, datetime] | None:
    """From when to when it was used; a session begins when it was opened, a long-term key with its first call."""
    first, last, opened = session["first_time"], session["last_time"], session["opened_time"]
    if first is None or last is None:
        return None
    if opened is None or session["session_kind"] == "long_term_key":
        return first, last
    return min(first, opened), last


def _seconds(lapse: timedelta) -> int:
    """Whole seconds of a lapse, begun ones counted; none if it is negative."""
    return max(0, -(-lapse // timedelta(seconds=1)))


def _gap(approval: Approval, span: tuple[datetime, datetime]) -> timedelta:
    """The distance of a session from the window; zero or negative if they overlap."""
    return max(approval.from_time - span[1], span[0] - approval.until_time)


def _is_away(row: of.Done, approval: Approval) -> bool:
    source = row["sourceIPAddress"]
    inside = approval.has_source(source or "")
    if inside is None:  # no address: nothing recorded, or an AWS service in between
        return source is not None and source != "" and not _AWS_SOURCE.fullmatch(source)
    return not inside


def _is_surprise(row: of.Done, approval: Approval) -> bool:
    return is_change(row) and not is_procedure(row) and not is_task(row, approval.tasks)


def _expects(approval: Approval, row: of.Done) -> bool:
    return not _is_away(row, approval) and not _is_surprise(row, approval)


def _may_open(approval: Approval, session: of.RootSessions) -> bool:
    """Whether an approval may be meant for a session: that of ``AssumeRoot`` names who opened it."""
    opener = session["opener"]
    if session["session_kind"] != "assume_root" or not opener:
        return True
    names = (opener, opener.rsplit("/", 1)[-1], opener.rsplit(":", 1)[-1])
    return approval.who.casefold() in {name.casefold() for name in names}


def _opener_remark(session: of.RootSessions) -> tuple[str, ...]:
    if session["session_kind"] == "assume_root" and not session["opener"]:
        return ("the case does not show who opened it, so that was not compared with the approval",)
    return ()


def _remarks(events: Sequence[of.Done]) -> tuple[str, ...]:
    untimed = sum(row["eventTime"] is None for row in events)
    unplaced = sum(not row["sourceIPAddress"] or bool(_AWS_SOURCE.fullmatch(row["sourceIPAddress"])) for row in events)
    remarks = []
    changes = [row["outcome"] for row in events if is_procedure(row)]
    if "success" in changes:
        remarks.append("root's password was changed in it, as the procedure requires")
    elif "failure" in changes:
        remarks.append("an attempt to change root's password in it failed")
    if untimed:
        remarks.append(f"{plural(untimed, 'event')} without a time could not be compared with the window")
    if unplaced:
        remarks.append(f"{plural(unplaced, 'event')} without a recorded network")
    return tuple(remarks)


def _why_none(
    own: list[Approval], meant: list[Approval], session: of.RootSessions, span: tuple[datetime, datetime]
) -> tuple[str, ...]:
    if not own:
        return (f"no approval for account {session['account_id'] or 'unknown'}",)
    if not meant:
        tickets = ", ".join(one.ticket for one in own[:_NAMES_SHOWN])
        return (f"opened by {session['opener']}, who is in no approval for the account ({tickets})",)
    nearest = min(meant, key=lambda one: (_gap(one, span), one.ticket))
    side = "after" if span[0] > nearest.until_time else "before"
    distance = _long(_seconds(_gap(nearest, span)))
    return (f"{distance} {side} the window of the nearest approval, {nearest.ticket}",)


def _other_reasons(close: list[_Held]) -> tuple[str, ...]:
    """What else keeps a session from the nearest approval whose window it does not meet."""
    if not close:
        return ()
    nearest = min(close, key=lambda one: (one.apart_seconds, one.approval.ticket))
    sources = [f"{plural(len(nearest.away), 'event')} from {addresses(row['sourceIPAddress'] for row in nearest.away)}"]
    reasons = [
        *(sources if nearest.away else []),
        *(["changes that none of its tasks covers"] if nearest.surprises else []),
    ]
    return (f"also {' and '.join(reasons)}",)


def _long(seconds: int) -> str:
    """A lapse in words: seconds, minutes, or hours and days where minutes say nothing."""
    for unit, name in ((86_400, "day"), (3_600, "hour")):
        if seconds >= 2 * unit:
            return f"{seconds / 60:,.0f} minutes ({seconds / unit:.1f} {name}s)"
    if seconds < 60:
        return plural(seconds, "second")
    minutes = f"{seconds / 60:.1f}".removesuffix(".0")
    return "1 minute" if minutes == "1" else f"{minutes} minutes"
