"""How the root user of an account stands, in a word and a sentence: a takeover, proper use or failed tries."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from rootforensics.phrases import plural, short
from rootforensics.telling.answers import no_use, unknown_and_clear, unseen_use, when_and_whence
from rootforensics.telling.statement import Statement, said

if TYPE_CHECKING:
    from rootforensics.analysis.analysis import AccountVerdict, Analysis
    from rootforensics.analysis.verdict.attempts import Use
    from rootforensics.analysis.verdict.question import Answer

Kind = Literal["takeover", "without_mfa", "approved_use", "privileged_session", "use", "attempt", "opened", "unseen"]
#: Kinds of use in words.
WORDS: Final[dict[Kind, str]] = {
    "takeover": "likely takeover",
    "without_mfa": "used without MFA",
    "approved_use": "approved use",
    "privileged_session": "privileged session (AssumeRoot)",
    "use": "use",
    "attempt": "attempt",
    "opened": "opened by AssumeRoot",
    "unseen": "no use seen",
}
#: A sentence is no longer than this before its citation.
_WIDTH: Final = 300


@dataclass(frozen=True, slots=True)
class Standing:
    """One account.

    Attributes:
        kind: ``takeover`` if an unauthorized party probably used root, and ``without_mfa`` if no other check than
            that failed, unless approvals cover the use;
            ``opened`` where another account opened a session and no event of root is in the case; ``unseen`` where
            nobody is seen to have used root. A use that AWS recorded and the logs do not hold is one.
        bad: the failed checks but that on approval, which the sentence tells; none of them is told twice.
        unknown: what the questions are about that nobody can answer.
        clear: those of the checks that passed.
        heading: the account, how it stands and how many checks failed or are inconclusive.
        use: who used root, when and from where.
    """

    kind: Kind
    bad: tuple[Answer, ...]
    unknown: tuple[str, ...]
    clear: tuple[str, ...]
    heading: str
    use: Statement

    @property
    def sentence(self) -> Statement:
        """Heading and use in one."""
        text = f"{self.heading}. {self.use.text}" if self.heading else self.use.text
        return replace(self.use, text=short(text, _WIDTH))

    @property
    def is_bad(self) -> bool:
        """Whether somebody has to act: a takeover is likely, root was used without MFA, or no approval covers a use."""
        return self.use.level == "bad"


def standing(analysis: Analysis, told: AccountVerdict) -> Standing:
    """How an account stands by its verdict.

    Args:
        analysis: of the case.
        told: the verdict on the account; empty account for all, where root was active in none.
    """
    bad = bad_answers(told)
    unknown, clear = map(tuple, unknown_and_clear(told, analysis))
    use = analysis.use_by_people(told.account_id)
    who = f"Account {told.account_id}" if told.account_id else "An account of the case"
    if use is None or not use.used:
        kind, shown = _unseen(analysis, told)
        return Standing(kind, bad, unknown, clear, f"{who}: {WORDS[kind]}" if told.account_id else "", shown)
    kind = _kind_of(told, use, without_mfa=bool(bad))
    unapproved = told.approval.answer == "yes"
    is_bad = kind in ("takeover", "without_mfa") or unapproved
    counts = f"{told.counts}, not approved" if unapproved else told.counts
    used = f"{plural(len(use.used), 'event')} {when_and_whence(use.used)}"
    shown = said(f"Root {use.words}: {used}{further_attempts(use)}.", "bad" if is_bad else "note", use.used)
    return Standing(kind, bad, unknown, clear, f"{who}: {WORDS[kind]}, {counts}", shown)


def further_attempts(use: Use) -> str:
    """What was tried beside a use and did not succeed, as the end of a sentence."""
    return f"; {plural(len(use.tried), 'further attempt')} did not succeed" if use.tried else ""


def bad_answers(told: AccountVerdict) -> tuple[Answer, ...]:
    """The failed checks of an account but that on approval, which its sentence tells."""
    return tuple(one for one in told.answers if one.is_failed and not one.asked.by_approvals)


def _kind_of(told: AccountVerdict, use: Use, *, without_mfa: bool) -> Kind:
    """What people's use of root was."""
    if told.approval.answer == "no":
        return "approved_use"
    if told.is_takeover:
        return "takeover"
    if without_mfa:
        return "without_mfa"
    if not use.gained_access:
        return "attempt"
    return "privileged_session" if all(row["origin"] == "privileged_session" for row in use.used) else "use"


def _unseen(analysis: Analysis, told: AccountVerdict) -> tuple[Kind, Statement]:
    """What to say of root of an account of which the case holds no use by people."""
    if not told.account_id:
        return "unseen", no_use(analysis)
    if shown := unseen_use(told):
        return "takeover" if told.is_takeover else "use", shown
    if opening := analysis.opened.get(told.account_id):
        return "opened", said("No event of the session is in the case.", "note", opening)
    # Its ownership was changed from another account, or services alone acted in its name.
    use = told.use
    if not use.event_ids:
        return "unseen", Statement("No event of its root user is in the case.")
    text = f"Whether a person used root is unknown: {use.because}"
    return "unseen", Statement(short(text, _WIDTH), "note", use.event_ids, citations=use.citations)
