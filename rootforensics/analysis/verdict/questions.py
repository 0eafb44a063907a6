"""The verdict: the questions of a root incident, each answered yes, no or unknown, with its evidence.

*No* is said only where the logs of the account could have shown a yes: nothing left out by filters, no log of it
unread, no trail stopped.
Where they could not, the answer is *unknown*, and what is missing is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.analysis.verdict import access, impact, ownership
from rootforensics.analysis.verdict.question import Question, Reply

if TYPE_CHECKING:
    from rootforensics.analysis.verdict.evidence import Evidence
    from rootforensics.analysis.verdict.question import Answer


@Question(text="Was the use of root approved?", about="approval", severity=11, good="yes", shown_by_a_try=True)
def approved(_: Evidence) -> Reply:
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


def answers(evidence: Evidence, held: Reply | None = None) -> list[Answer]:
    """Answer the questions of a root incident, for one account.

    Args:
        evidence: what root did there, and what may be missing.
        held: what a reconciliation with approvals says of the last question.
    """
    return [
        *(one.answer(evidence) for one in _QUESTIONS),
        approved.answered(held) if held else approved.answer(evidence),
    ]
