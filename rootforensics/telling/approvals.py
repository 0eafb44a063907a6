"""Sentences about a reconciliation with approvals, each with the events that prove it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.phrases import plural, session_text, some
from rootforensics.telling.statement import Statement
from rootforensics.telling.statement import said as sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rootforensics.analysis.approvals.match_session import SessionJudgment
    from rootforensics.analysis.approvals.outcome import ApprovalOutcome
    from rootforensics.analysis.approvals.outside_sessions import Apart
    from rootforensics.analysis.approvals.post_use_checks import Step
    from rootforensics.analysis.approvals.reconcile import Reconciliation
    from rootforensics.queries import rows as of
    from rootforensics.telling.statement import Level

#: Up to so many sessions of an account are named.
_NAMED: Final = 4
#: Sentences for a step that was not done, and for one that is unknown.
_STEPS: Final = {
    "password_changed": ("root's password was not changed in time", "whether root's password was changed in time"),
    "mfa_there": ("root has no MFA", "whether root has MFA"),
    "no_access_key": ("root still has access keys", "whether root has an access key"),
    "no_other_change": ("changes were made that no task covers", "whether other changes were made"),
}


def approval_statements(judged: Reconciliation | None) -> list[Statement]:
    """The sentences of a reconciliation, unapproved use first; none without approvals."""
    if judged is None:
        return []
    sessions, outcomes, apart = judged.sessions, judged.outcomes, judged.apart
    first: dict[str, of.RootSessionEvents] = {}
    for row in judged.events:
        if row["session_id"]:
            first.setdefault(row["session_id"], row)
    return [
        *_unapproved(sessions, first),
        *_astray(sessions, first),
        *_apart(apart),
        *_approved(sessions, first),
        *_procedure(outcomes),
        *_unused(outcomes),
    ]


def _unapproved(sessions: Sequence[SessionJudgment], first: dict[str, of.RootSessionEvents]) -> Iterator[Statement]:
    unapproved = [session for session in sessions if session.verdicts == ("unapproved",)]
    for account in sorted({one.session["account_id"] or "unknown" for one in unapproved}):
        own = [one for one in unapproved if (one.session["account_id"] or "unknown") == account]
        kinds = some([_named(one) for one in own], _NAMED)
        yield sentence(
            f"No approval covers {plural(len(own), 'root session')} in account {account}: {kinds}.",
            "bad",
            (row for one in own for row in _opening(one, first)),
        )


def _astray(sessions: Sequence[SessionJudgment], first: dict[str, of.RootSessionEvents]) -> Iterator[Statement]:
    exceeding = [session for session in sessions if session.verdicts not in (("approved",), ("unapproved",))]
    if len(exceeding) > _NAMED:
        rows = [row for one in exceeding for row in one.cited or _opening(one, first)]
        yield sentence(
            f"{plural(len(exceeding), 'root session')} exceeded their approvals: {_some(exceeding)}.", "bad", rows
        )
        return
    for one in exceeding:
        yield sentence(
            f"A root session in account {one.session['account_id']} exceeded its approval {one.ticket}, "
            f"{_named(one)}: {one.detail}.",
            "bad",
            one.cited or _opening(one, first),
        )


def _apart(apart: Sequence[Apart]) -> Iterator[Statement]:
    unapproved = [one for one in apart if not one.is_approved]
    for account in sorted({one.account_id or "unknown" for one in unapproved}):
        own = [one for one in unapproved if (one.account_id or "unknown") == account]
        uses = plural(len(own), "use")
        calls = ", ".join(dict.fromkeys(one.row["eventName"] or "unknown" for one in own[:_NAMED]))
        more = f" and {len(own) - _NAMED:,} more" if len(own) > _NAMED else ""
        yield sentence(
            f"Outside any session and not approved: {uses} of root in account {account} ({calls}{more}).",
            "bad",
            (one.row for one in own),
        )


def _approved(sessions: Sequence[SessionJudgment], first: dict[str, of.RootSessionEvents]) -> Iterator[Statement]:
    approved = [session for session in sessions if session.verdicts == ("approved",)]
    if len(approved) > _NAMED:
        rows = [row for one in approved for row in _opening(one, first)]
        yield sentence(f"{plural(len(approved), 'root session')} were approved: {_some(approved)}.", "good", rows)
        return
    for one in approved:
        yield sentence(
            f"A root session in account {one.session['account_id']} was approved by {one.ticket}, "
            f"{_named(one)}: {one.detail}.",
            "good",
            _opening(one, first),
        )


def _procedure(outcomes: Sequence[ApprovalOutcome]) -> Iterator[Statement]:
    """The steps after approved uses that were not done or are unknown. Of many uses, each step is stated once."""
    groups: dict[tuple[str, bool], list[tuple[str, Step]]] = {}
    for outcome in outcomes:
        for step in outcome.steps:
            # The sentence of the session lists changes beyond the tasks.
            undone = step.answer in ("no", "inactive") and step.name != "no_other_change"
            if undone or step.answer == "unknown":
                groups.setdefault((step.name, undone), []).append((outcome.approval.ticket, step))
    for (name, undone), steps in groups.items():
        words = _STEPS[name][0] if undone else f"{_STEPS[name][1]} is unknown"
        level: Level = "bad" if undone else "note"
        if len(steps) <= _NAMED:
            for ticket, step in steps:
                yield sentence(f"After the use approved by {ticket}, {words}: {step.detail}.", level, step.cited)
            continue
        tickets = some([ticket for ticket, _ in steps], _NAMED)
        yield sentence(
            f"After {len(steps):,} approved uses ({tickets}), {words}. The first: {steps[0][1].detail}.",
            level,
            (row for _, step in steps for row in step.cited),
        )


def _unused(outcomes: Sequence[ApprovalOutcome]) -> Iterator[Statement]:
    for status, one_is, many_are in (
        ("unused", "was not used", "were not used"),
        ("not_in_logs", "may have been used", "may have been used"),
    ):
        matching = [outcome for outcome in outcomes if outcome.status == status]
        if len(matching) > _NAMED:
            text = f"{len(matching):,} approvals {many_are}: {some([one.approval.ticket for one in matching], _NAMED)}."
            yield Statement(text, "note", stands_in="approvals")
            continue
        for one in matching:
            text = f"Approval {one.approval.ticket} {one_is}: {one.detail}."
            yield Statement(text, "note", stands_in="approvals")


def _some(judgments: list[SessionJudgment]) -> str:
    return some([f"{_named(judgment)} by {judgment.ticket}" for judgment in judgments], _NAMED)


def _named(one: SessionJudgment) -> str:
    return session_text(one.session["session_kind"], one.session["first_time"])


def _opening(one: SessionJudgment, first: dict[str, of.RootSessionEvents]) -> tuple[of.RootSessionEvents, ...]:
    row = first.get(one.session["session_id"])
    return (row,) if row else ()
