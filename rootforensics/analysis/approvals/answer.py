"""The answer of a reconciliation to the question whether root was used without approval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rootforensics.analysis.places import opener_of
from rootforensics.analysis.verdict.question import Reply
from rootforensics.phrases import plural, some

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rootforensics.analysis.approvals.match_session import SessionJudgment
    from rootforensics.analysis.approvals.outside_sessions import Apart
    from rootforensics.evidence.cite import Proof


def unapproved_use(judged: dict[str, SessionJudgment], apart: Sequence[Apart] = ()) -> Reply:
    """Whether root was used without approval.

    Args:
        judged: the judgment of each session, by its ID.
        apart: the judgment of each use of root outside any session.
    """
    wrong = {session: one for session, one in sorted(judged.items()) if one.verdicts != ("approved",)}
    outside = [one for one in apart if one.is_wrong]
    if wrong or outside:
        names = [f"{session} ({', '.join(one.verdicts)})" for session, one in wrong.items()]
        sessions = f"{len(wrong):,} of {plural(len(judged), 'session')}: {some(names)}"
        because = "; ".join(filter(None, (sessions if wrong else "", _apart_told(outside))))
        cited: list[Proof] = [*(opener_of(one.session) for one in wrong.values()), *(one.row for one in outside)]
        return Reply("yes", because, cited)
    if unsure := [one for one in apart if one.unsure]:
        missing = tuple(dict.fromkeys(f"{one.row['eventName']}: {one.unsure}" for one in unsure))
        return Reply("unknown", _apart_told(unsure), [one.row for one in unsure], missing)
    if not judged:
        return Reply("unknown", "the case has no root session", (), ("a root session",))
    sessions = "the only root session" if len(judged) == 1 else f"each of {len(judged):,} root sessions"
    return Reply("no", f"{sessions} matches its approval", [opener_of(one.session) for one in judged.values()])


def _apart_told(apart: Sequence[Apart]) -> str:
    """Uses outside any session, the first three of them."""
    return some(list(dict.fromkeys(one.told for one in apart)))
