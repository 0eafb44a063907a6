"""The verdict: the questions of a root incident, each answered yes, no or unknown, with its evidence.

Yes is always the problem: all questions but whether root was used are checks, and a yes is a failed one.

*No* is said only where the logs of the account could have shown a yes: nothing left out by filters, no log of it
unread, no trail stopped.
Where they could not, the answer is *unknown*, and what is missing is named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.analysis.remarks import remarks_on
from rootforensics.analysis.verdict import access, impact, ownership
from rootforensics.analysis.verdict.question import Question, Reply
from rootforensics.evidence.cite import place_text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.analysis.verdict.evidence import Evidence
    from rootforensics.analysis.verdict.question import Answer


@Question(
    text="Was root used without approval?",
    about="approval",
    short="not approved",
    shown_by_a_try=True,
    by_approvals=True,
    is_weak=True,
    checks=("password_changed", "mfa_there", "no_access_key"),
)
def used_without_approval(_: Evidence) -> Reply:
    """Was any use of root not approved; without approvals it is not asked."""
    return Reply("not asked", "no file of approvals was given", (), ("approvals (rootforensics approvals --template)",))


#: In the order in which they are declared.
QUESTIONS: Final = (
    *(var for part in (access, impact, ownership) for var in vars(part).values() if isinstance(var, Question)),
    used_without_approval,
)


def answers(evidence: Evidence, held: Reply | None = None) -> list[Answer]:
    """Answer the questions of a root incident, for one account.

    Args:
        evidence: what root did there, and what may be missing.
        held: what a reconciliation with approvals says of the question that is for it.
    """
    return [
        question.answered(held) if held and question.by_approvals else question.answer(evidence)
        for question in QUESTIONS
    ]


def likely_takeover(answers: Iterable[Answer], evidence: Evidence) -> bool:
    """Whether an unauthorized party probably used root, by the failed checks of an account.

    Missing MFA alone does not show it, and neither does a changed contact. Missing MFA does if the session came from a
    new address, or after failed sign-ins or a recovery of the password. If nobody used root, others caused the failed
    checks, and it is no takeover.
    Acts in ``AssumeRoot`` sessions that others opened to delete root's credentials do not show one either.

    Args:
        answers: the verdict on the account.
        evidence: what they stand on.
    """
    by_others = {place_text(row) for row in evidence.timeline if remarks_on(row).get("opened_by")}
    recorded = {row["finding"] for row in evidence.recorded_then}
    every = [
        answer
        for answer in answers
        if not answer.citations
        or not by_others.issuperset(answer.citations)
        or not recorded.isdisjoint(answer.asked.shown_by)
    ]
    if not any(answer.asked.tells_use and answer.answer == "yes" for answer in every):
        return False
    failed = [answer for answer in every if answer.is_failed]
    contacts = {place_text(row) for row in evidence.owned if row["eventName"] in ownership.CONTACTS}
    if len(failed) > 1 or any(
        not answer.asked.is_weak and not contacts.issuperset(answer.citations) for answer in failed
    ):
        return True
    return any(row["mfa_used"] is False and evidence.novelty.is_unusual_session(row) for row in evidence.sessions)
