"""What a reconciliation adds to root's story: sentences, each with the events that prove it."""

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
#: What is said of a step that was left out, and of one of which nobody knows.
_STEPS: Final = {
    "password_changed": ("root's password was not changed in time", "whether root's password was changed in time"),
    "mfa_there": ("root has no MFA", "whether root has MFA"),
    "no_access_key": ("root's access keys are not all gone", "whether root has an access key"),
    "no_other_change": ("changes were made that no task names", "whether anything else was changed"),
}


def approval_statements(judged: Reconciliation | None) -> list[Statement]:
    """The sentences of a reconciliation: what nobody approved first; none where there are no approvals."""
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
    found = [one for one in sessions if one.verdicts == ("unapproved",)]
    for account in sorted({one.session["account_id"] or "unknown" for one in found}):
        own = [one for one in found if (one.session["account_id"] or "unknown") == account]
        kinds = some([_named(one) for one in own], _NAMED)
        yield sentence(
            f"No approval covers {plural(len(own), 'session')} of the root user of {account}: {kinds}.",
            "bad",
            (row for one in own for row in _opening(one, first)),
        )


def _astray(sessions: Sequence[SessionJudgment], first: dict[str, of.RootSessionEvents]) -> Iterator[Statement]:
    found = [one for one in sessions if one.verdicts not in (("approved",), ("unapproved",))]
    if len(found) > _NAMED:
        rows = [row for one in found for row in one.cited or _opening(one, first)]
        yield sentence(
            f"{plural(len(found), 'session')} of root went beyond their approvals: {_some(found)}.", "bad", rows
        )
        return
    for one in found:
        yield sentence(
            f"A session of the root user of {one.session['account_id']} went beyond its approval {one.ticket}, "
            f"{_named(one)}: {one.detail}.",
            "bad",
            one.cited or _opening(one, first),
        )


def _apart(apart: Sequence[Apart]) -> Iterator[Statement]:
    found = [one for one in apart if not one.is_approved]
    for account in sorted({one.account_id or "unknown" for one in found}):
        own = [one for one in found if (one.account_id or "unknown") == account]
        uses = plural(len(own), "use")
        calls = ", ".join(dict.fromkeys(one.row["eventName"] or "unknown" for one in own[:_NAMED]))
        more = f" and {len(own) - _NAMED:,} more" if len(own) > _NAMED else ""
        yield sentence(
            f"In no session, and not as approved: {uses} of the root user of {account} ({calls}{more}).",
            "bad",
            (one.row for one in own),
        )


def _approved(sessions: Sequence[SessionJudgment], first: dict[str, of.RootSessionEvents]) -> Iterator[Statement]:
    found = [one for one in sessions if one.verdicts == ("approved",)]
    if len(found) > _NAMED:
        rows = [row for one in found for row in _opening(one, first)]
        yield sentence(f"{plural(len(found), 'session')} of root were approved: {_some(found)}.", "good", rows)
        return
    for one in found:
        yield sentence(
            f"A session of the root user of {one.session['account_id']} was approved by {one.ticket}, "
            f"{_named(one)}: {one.detail}.",
            "good",
            _opening(one, first),
        )


def _procedure(outcomes: Sequence[ApprovalOutcome]) -> Iterator[Statement]:
    """The steps after the uses that were left out or that nobody knows; of many uses each is told once."""
    found: dict[tuple[str, bool], list[tuple[str, Step]]] = {}
    for outcome in outcomes:
        for step in outcome.steps:
            # What was changed beyond the tasks stands with the session.
            undone = step.answer in ("no", "inactive") and step.name != "no_other_change"
            if undone or step.answer == "unknown":
                found.setdefault((step.name, undone), []).append((outcome.approval.ticket, step))
    for (name, undone), held in found.items():
        words = _STEPS[name][0] if undone else f"{_STEPS[name][1]} is unknown"
        level: Level = "bad" if undone else "note"
        if len(held) <= _NAMED:
            for ticket, step in held:
                yield sentence(f"After the use approved by {ticket}, {words}: {step.detail}.", level, step.cited)
            continue
        tickets = some([ticket for ticket, _ in held], _NAMED)
        yield sentence(
            f"After {len(held):,} approved uses ({tickets}), {words}; after the first: {held[0][1].detail}.",
            level,
            (row for _, step in held for row in step.cited),
        )


def _unused(outcomes: Sequence[ApprovalOutcome]) -> Iterator[Statement]:
    for status, one_is, many_are in (
        ("unused", "was not used", "were not used"),
        ("not_in_logs", "cannot be told used or unused", "cannot be told used or unused"),
    ):
        found = [one for one in outcomes if one.status == status]
        if len(found) > _NAMED:
            text = f"{len(found):,} approvals {many_are}: {some([one.approval.ticket for one in found], _NAMED)}."
            yield Statement(text, "note", stands_in="approvals")
            continue
        for one in found:
            text = f"Approval {one.approval.ticket} {one_is}: {one.detail}."
            yield Statement(text, "note", stands_in="approvals")


def _some(found: list[SessionJudgment]) -> str:
    return some([f"{_named(one)} by {one.ticket}" for one in found], _NAMED)


def _named(one: SessionJudgment) -> str:
    return session_text(one.session["session_kind"], one.session["first_time"])


def _opening(one: SessionJudgment, first: dict[str, of.RootSessionEvents]) -> tuple[of.RootSessionEvents, ...]:
    row = first.get(one.session["session_id"])
    return (row,) if row else ()
