"""The result for the root user of an account, in a few words and in a sentence: a takeover, use or failed attempts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from rootforensics.analysis.verdict.attempts import not_failed, was_asked_for
from rootforensics.phrases import addresses, plural, short, some, when
from rootforensics.telling.statement import Statement, said

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
    "use": "used",
    "attempt": "attempt",
    "opened": "opened by AssumeRoot",
    "unseen": "no use in the logs",
}
#: A sentence is no longer than this before its citation.
_WIDTH: Final = 600
#: Accounts that have sentences of their own.
ACCOUNTS: Final = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """The result for one account.

    Attributes:
        kind: ``takeover`` if an unauthorized party probably used root, and ``without_mfa`` if no other check than
            that failed, unless approvals cover the use;
            ``opened`` where another account opened a session and no event of root is in the case; ``unseen`` where
            the logs show no use by a person. A use that AWS recorded and the logs do not contain is one.
        bad: the failed checks.
        unknown: the answers that are unknown.
        clear: what the checks that passed are about.
        heading: the account, its result, and how many checks failed or are inconclusive.
        use: who used root, when and from where.
    """

    kind: Kind
    bad: tuple[Answer, ...]
    unknown: tuple[Answer, ...]
    clear: tuple[str, ...]
    heading: str
    use: Statement

    @property
    def sentence(self) -> Statement:
        """Heading and use in one."""
        text = f"{self.heading}. {self.use.text}" if self.heading else self.use.text
        return replace(self.use, text=short(text, _WIDTH))

    @property
    def inconclusive(self) -> str:
        """What the inconclusive checks are about; empty if there are none."""
        return ", ".join(answer.asked.about for answer in self.unknown if not answer.asked.tells_use)

    @property
    def is_bad(self) -> bool:
        """Whether somebody has to act: a check failed and approvals do not cover the use, or AWS recorded a use."""
        return self.use.level == "bad" or (self.kind in ("opened", "unseen") and bool(self.bad))


def standing(analysis: Analysis, verdict: AccountVerdict) -> Standing:
    """The result for an account by its verdict.

    Args:
        analysis: of the case.
        verdict: on the account; of all accounts, with an empty one, where root was active in none.
    """
    bad = verdict.failed
    unknown = tuple(answer for answer in verdict.answers if answer.answer == "unknown")
    omitted = _omitted_steps(verdict.account_id, analysis)
    clear = tuple(
        answer.asked.about
        for answer in verdict.answers
        if answer.answer == "no" and omitted.isdisjoint(answer.asked.checks)
    )
    use = analysis.use_by_people(verdict.account_id)
    who = f"Account {verdict.account_id}" if verdict.account_id else "An account of the case"
    if use is None or not use.used:
        kind, shown = _unseen(analysis, verdict)
        heading = f"{who}: {WORDS[kind]} {analysis.time}".rstrip() if verdict.account_id else ""
        heading += f", {verdict.counts}" if heading and bad else ""
        return Standing(kind, bad, unknown, clear, heading, shown)
    kind = _kind_of(verdict, use)
    unapproved = verdict.approval.answer == "yes"
    is_bad = bool(bad) and kind != "approved_use"
    counts = f"{verdict.counts}, not approved" if unapproved else verdict.counts
    sources = addresses(row["sourceIPAddress"] for row in use.used)
    denied = len(use.used) - len(not_failed(use))
    count = plural(len(use.used), "event") + (f" ({denied:,} denied or failed)" if 0 < denied < len(use.used) else "")
    used = f"{count} {when(row['eventTime'] for row in use.used)}, from {sources}"
    failed = sum(not was_asked_for(row) for row in use.tried)
    tried = f"; {plural(failed, 'other attempt')} failed" if failed else ""
    shown = said(f"Root {use.words}: {used}{tried}.", "bad" if is_bad else "note", use.used)
    return Standing(kind, bad, unknown, clear, f"{who}: {WORDS[kind]}, {counts}", shown)


def shows_nothing(analysis: Analysis) -> bool:
    """Whether there are no logs of the account or case, and those of others show nothing that was done to it."""
    if analysis.query("coverage").rows or analysis.opened:
        return False
    return not any(answer.event_ids for verdict in analysis.verdicts for answer in verdict.answers)


def account_sentences(standings: Sequence[Standing]) -> Iterator[Statement]:
    """A sentence for each account; of many for the first, and how many more there are with which results."""
    shown = standings if len(standings) <= ACCOUNTS + 1 else standings[:ACCOUNTS]
    yield from (standing.sentence for standing in shown)
    if more := standings[len(shown) :]:
        bad = sum(standing.is_bad for standing in more)
        unclear = sum(bool(standing.unknown) and not standing.is_bad for standing in more)
        parts = [f"problems in {bad:,}"] * bool(bad) + [f"inconclusive in {unclear:,}"] * bool(unclear)
        fine = len(more) - bad - unclear
        parts += [f"no problem found in {fine:,}"] * bool(fine)
        yield Statement(f"and {plural(len(more), 'more account')}: {', '.join(parts)}: rootforensics verdict CASE")


def _omitted_steps(account_id: str, analysis: Analysis) -> set[str]:
    """Steps after an approved use that were not taken; beside one of them a check that passed is no good news."""
    if analysis.reconciliation is None:
        return set()
    return {
        step.name
        for outcome in analysis.reconciliation.outcomes
        if account_id in ("", outcome.approval.account)
        for step in outcome.steps
        if step.answer in ("no", "inactive")
    }


def _kind_of(verdict: AccountVerdict, use: Use) -> Kind:
    """What people's use of root was."""
    if verdict.approval.answer == "no":
        return "approved_use"
    if verdict.is_takeover:
        return "takeover"
    if any(answer.asked.entry for answer in verdict.failed):
        return "without_mfa"
    if not use.gained_access:
        return "attempt"
    return "privileged_session" if all(row["origin"] == "privileged_session" for row in use.used) else "use"


def _unseen(analysis: Analysis, verdict: AccountVerdict) -> tuple[Kind, Statement]:
    """The result for an account for which the case contains no use by a person."""
    use = verdict.use
    if use.answer == "yes" and not use.event_ids:  # AWS recorded it
        text = f"The root user of account {verdict.account_id} was used: {use.told}."
        return "takeover" if verdict.is_takeover else "use", Statement(text, "bad", stands_in="posture")
    if opening := analysis.opened.get(verdict.account_id):
        return "opened", said("The case contains no event of the session.", "note", opening)
    # Its ownership was changed from another account, or services alone acted in its name.
    if not use.event_ids:
        return "unseen", _no_use(analysis, use)
    text = f"Whether a person used root is unknown: {use.told}."
    return "unseen", Statement(short(text, _WIDTH), "note", use.event_ids, citations=use.citations)


def _no_use(analysis: Analysis, use: Answer) -> Statement:
    """That the logs show no use of root; where logs are missing, that is no good news."""
    scope, period = analysis.scope, f" {analysis.time}" if analysis.time else ""
    no_use = f"no use of root by a person{period}"
    missing = () if use.answer == "no" else use.missing
    if scope.is_whole and not missing:
        return Statement(f"These logs show {no_use}.", "good", stands_in="coverage")
    if scope.is_whole:
        return Statement(
            f"These logs show {no_use}, but they are incomplete. Missing: {some(missing, by='; ')}.",
            stands_in="verdict",
        )
    why = "the load left out parts" if scope.lost_something else "it contains only what was asked for"
    return Statement(f"The case shows {no_use}, but {why}.", stands_in="evidence")
