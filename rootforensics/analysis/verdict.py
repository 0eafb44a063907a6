"""The verdict: the questions of a root incident, each answered yes, no or unknown, with its evidence.

*No* is said only where the logs of the account could have shown a yes: nothing left out by filters, no log of it
unread, no trail stopped.
Where they could not, the answer is *unknown*, and what is missing is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.analysis import entered, harmed, owned
from rootforensics.analysis.answer import Verdict, counted, said

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootforensics.analysis.ground import Ground
    from rootforensics.analysis.judge import SessionJudgement


def verdicts(ground: Ground, approved: Verdict | None = None) -> list[Verdict]:
    """Answer the questions of a root incident, for one account.

    Args:
        ground: what root did there, and what may be missing.
        approved: the answer of a reconciliation with approvals; without it that question is unknown.
    """
    return [*(ask(ground) for ask in _QUESTIONS), approved or _NOT_RECONCILED]


_QUESTIONS: Final[tuple[Callable[[Ground], Verdict], ...]] = (
    entered.used_by_person,
    entered.with_mfa,
    entered.password_changed,
    entered.access_keys,
    entered.mfa_removed,
    entered.way_in,
    harmed.record_tampered,
    harmed.data_exposed,
    harmed.money_spent,
    owned.ownership_changed,
)
_APPROVED: Final = ("approved", "Was the use of root approved?")
_NOT_RECONCILED: Final = Verdict(
    *_APPROVED,
    "unknown",
    "no approvals were given",
    missing=("a file of approvals (rootforensics approvals --template)",),
)


def approved_verdict(judged: dict[str, SessionJudgement]) -> Verdict:
    """The last question, from a reconciliation.

    Args:
        judged: what the approvals say of each session, by its ID: ``approved`` alone, or what is wrong.
    """
    name, question = _APPROVED
    if not judged:
        return said(name, question, "unknown", "no session of root is in the case", (), ("a session to judge",))
    wrong = {session: one for session, one in sorted(judged.items()) if one.verdicts != ("approved",)}
    if not wrong:
        told = "the one session is" if len(judged) == 1 else f"each of {len(judged):,} sessions is"
        return said(
            name, question, "yes", f"{told} as approved", [entered.opener_of(one.session) for one in judged.values()]
        )
    named = [f"{session} ({', '.join(one.verdicts)})" for session, one in wrong.items()]
    more = f" and {len(named) - 3:,} more" if len(named) > 3 else ""
    because = f"{len(wrong):,} of {counted(len(judged), 'session', 'sessions')}: {', '.join(named[:3])}{more}"
    return said(name, question, "no", because, [entered.opener_of(one.session) for one in wrong.values()])
