"""The verdict: the questions of a root incident, each answered yes, no or unknown, with its evidence.

*No* is said only where the logs of the account could have shown a yes: nothing left out by filters, no log of it
unread, no trail stopped.
Where they could not, the answer is *unknown*, and what is missing is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.analysis.phrases import plural, some
from rootforensics.analysis.verdict import access, impact, ownership
from rootforensics.analysis.verdict.question import Question, Reply

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rootforensics.analysis.approvals.match_session import SessionJudgment
    from rootforensics.analysis.approvals.outside_sessions import Apart
    from rootforensics.analysis.verdict.evidence import Ground
    from rootforensics.analysis.verdict.question import Answer
    from rootforensics.evidence.cite import Proof


@Question(text="Was the use of root approved?", about="approval", severity=11, good="yes", shown_by_a_try=True)
def approved(_: Ground) -> Reply:
    """Was each use of root approved; without approvals nobody knows."""
    return Reply(
        "unknown", "no approvals were given", (), ("a file of approvals (rootforensics approvals --template)",)
    )


_QUESTIONS: Final = (
    access.used_by_person,
    access.with_mfa,
    access.password_changed,
    access.access_keys,
    access.mfa_removed,
    access.persistence,
    impact.logging_impaired,
    impact.data_exposed,
    impact.money_spent,
    ownership.ownership_changed,
)


def answers(ground: Ground, held: Reply | None = None) -> list[Answer]:
    """Answer the questions of a root incident, for one account.

    Args:
        ground: what root did there, and what may be missing.
        held: what a reconciliation with approvals says of the last question.
    """
    return [*(one.answer(ground) for one in _QUESTIONS), approved.answered(held) if held else approved.answer(ground)]


def approved_by(judged: dict[str, SessionJudgment], apart: Sequence[Apart] = ()) -> Reply:
    """What a reconciliation says of the last question.

    Args:
        judged: what the approvals say of each session, by its ID: ``approved`` alone, or what is wrong.
        apart: what they say of each use of root in no session.
    """
    wrong = {session: one for session, one in sorted(judged.items()) if one.verdicts != ("approved",)}
    beside = [one for one in apart if one.is_wrong]
    if wrong or beside:
        named = [f"{session} ({', '.join(one.verdicts)})" for session, one in wrong.items()]
        sessions = f"{len(wrong):,} of {plural(len(judged), 'session')}: {some(named)}"
        because = "; ".join(filter(None, (sessions if wrong else "", _apart_told(beside))))
        cited: list[Proof] = [*(access.opener_of(one.session) for one in wrong.values()), *(one.row for one in beside)]
        return Reply("no", because, cited)
    if unsure := [one for one in apart if one.unsure]:
        missing = tuple(dict.fromkeys(f"{one.row['eventName']}: {one.unsure}" for one in unsure))
        return Reply("unknown", _apart_told(unsure), [one.row for one in unsure], missing)
    if not judged:
        return Reply("unknown", "no session of root is in the case", (), ("a session to judge",))
    told = "the one session is" if len(judged) == 1 else f"each of {len(judged):,} sessions is"
    return Reply("yes", f"{told} as approved", [access.opener_of(one.session) for one in judged.values()])


def _apart_told(apart: Sequence[Apart]) -> str:
    """Uses in no session, the first three of them."""
    return some(list(dict.fromkeys(one.told for one in apart)))
