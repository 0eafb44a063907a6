"""The incident in one screen: the verdict, the most severe findings, the first steps; each fact once, with its event.

What is cut says where the rest is. All of it stands in the report.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rootforensics.analysis.narrative.answers import because_of, cited, proof_of, tell_use, unknown_and_clear
from rootforensics.analysis.narrative.caveats import tell_limits
from rootforensics.analysis.narrative.identities import tell_identities
from rootforensics.analysis.phrases import dated, plural, short, sortable
from rootforensics.analysis.places import account_of
from rootforensics.analysis.statement import Statement, said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.analysis.analysis import AccountVerdict, Analysis
    from rootforensics.analysis.statement import Level
    from rootforensics.analysis.verdict.question import Answer
    from rootforensics.queries import rows as of

#: Accounts that are told at all, answers that are told of each but the first, findings, sentences of approvals, steps.
_ACCOUNTS: Final = 4
_ANSWERS: Final = 3
_FINDINGS: Final = 5
_BESIDE: Final = 8
_STEPS: Final = 5
#: A line is no longer than this before its citation.
_WIDTH: Final = 200

#: Answers whose events are many and of every kind: they do not tell what each of them is.
_BROAD: Final = ("used_by_person", "access_keys")


@dataclass(frozen=True, slots=True)
class Section:
    """Some lines under a heading.

    Attributes:
        heading: above them; empty for none.
        statements: the lines.
    """

    heading: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Command(Statement):
    """A step of containment.

    Attributes:
        command: for the AWS CLI; empty where there is none.
    """

    command: str = ""


def brief(analysis: Analysis, beside: Iterable[Statement] = ()) -> list[Section]:
    """What a responder needs first.

    Args:
        analysis: of the case.
        beside: sentences that others add, such as those of a reconciliation.
    """
    approvals = tuple(_cut(list(beside), _BESIDE, "sentences on approvals: rootforensics approvals, and the report"))
    if not analysis.query("coverage").rows:
        nothing = Statement("The case holds no record of any call, so it proves nothing about root.", "bad")
        return [Section("", (nothing, *approvals)), Section("", tuple(_limits(analysis)))]
    sections = [
        Section("", tuple(_account(analysis, one, first=not place)))
        for place, one in enumerate(analysis.verdicts[:_ACCOUNTS])
    ]
    sections[-1] = Section("", (*sections[-1].statements, *_more_accounts(analysis)))
    found = [
        Section("", approvals),
        Section("Most severe of what else was found:", tuple(_findings(analysis))),
        Section("First steps (read each before you run it):", tuple(_steps(analysis))),
        Section("By others, not attributed to root:", tuple(tell_identities(analysis))),
        Section("Beside this:", tuple(_limits(analysis))),
    ]
    return [*sections, *(one for one in found if one.statements)]


def _limits(analysis: Analysis) -> list[Statement]:
    return tell_limits(analysis, analysis.scope)


def _more_accounts(analysis: Analysis) -> Iterator[Statement]:
    more = analysis.verdicts[_ACCOUNTS:]
    if more:
        bad = sum(one.alarming_count > 0 for one in more)
        yield Statement(f"and {plural(len(more), 'more account')}, {bad:,} with bad answers: rootforensics verdict")


def _account(analysis: Analysis, told: AccountVerdict, *, first: bool) -> Iterator[Statement]:
    """The answers on one account: each bad one a line, the rest by name."""
    own = [
        row
        for row in analysis.query("root_timeline").rows
        if row["origin_group"] == "activity" and told.account_id in ("", account_of(row))
    ]
    if own or not told.account_id:
        yield from (Statement(one.text, one.level) for one in tell_use(own, analysis))
    elif opening := analysis.opened.get(told.account_id):
        text = f"The root user of account {told.account_id} was opened by AssumeRoot; no event of it is in the case."
        yield said(text, "note", opening)
    else:  # its ownership was changed from another account, or services alone acted in its name
        yield _nobodys(told)
    bad = [one for one in told.answers if one.alarming and one.asked.short]
    lines = [_answer(analysis, one) for one in sorted(bad, key=lambda one: sortable(one.first_time))]
    yield from lines if first else _cut(lines, _ANSWERS, "bad answers: rootforensics verdict")
    unknown, clear = unknown_and_clear(told, analysis)
    if unknown and own:
        yield Statement(f"Unknown: {', '.join(unknown)}. Run rootforensics verdict to see what is missing.")
    if clear and own:
        yield Statement(f"Nothing bad in the answers on: {', '.join(clear)}.", "good")


def _nobodys(told: AccountVerdict) -> Statement:
    """What to say of root of an account that no person is seen to have used."""
    (use,) = (one for one in told.answers if one.name == "used_by_person")
    if not use.event_ids:
        return Statement(f"No event of the root user of account {told.account_id} is in the case.")
    text = f"Whether a person used the root user of account {told.account_id} is unknown: {use.because}"
    return Statement(short(text, _WIDTH), "note", use.event_ids, proofs=use.citations)


def _answer(analysis: Analysis, one: Answer) -> Statement:
    text = dated(one.first_time, f"{one.asked.short}: {because_of(analysis, one)}")
    return Statement(short(text, _WIDTH), "bad", **proof_of(analysis, one))


def _findings(analysis: Analysis) -> list[Statement]:
    """The most severe findings of which the answers do not tell the most part."""
    told = {
        place
        for verdict in analysis.verdicts
        for one in verdict.answers
        if one.alarming
        for place in (one.citations[:1] if one.name in _BROAD else one.citations)
    }
    kept = []
    for row in analysis.findings().rows:
        if row["severity"] not in ("high", "critical"):
            continue
        if 2 * len(told.intersection(row["citations"])) >= len(row["citations"]):
            continue
        told.update(row["citations"])
        kept.append(_finding(row))
    return _cut(kept, _FINDINGS, "findings of high or critical severity: rootforensics findings")


def _finding(row: of.Findings) -> Statement:
    tried = " (attempted)" if row["result"] == "attempted" else ""
    title = f"{row['title'].rstrip('.')}{tried} ({row['severity']}, {account_of(row)})"
    text = dated(row["first_time"], title)
    level: Level = "bad" if row["severity"] == "critical" else "note"
    return Statement(short(text, _WIDTH), level, **cited(zip(row["eventIDs"], row["citations"], strict=True)))


def _steps(analysis: Analysis) -> list[Statement]:
    """The first steps in the account with the most to answer for."""
    first, *others = analysis.verdicts
    steps: list[Statement] = [
        Command(f"{step.what} ({step.why})", "note", **cited([(step.event_id, step.citation)]), command=step.command)
        for step in first.steps
    ]
    shown = _cut(steps, _STEPS, f"steps in account {first.account_id}: rootforensics verdict, and the report")
    elsewhere = sum(len(one.steps) for one in others)
    if steps and elsewhere:
        accounts = plural(sum(bool(one.steps) for one in others), "other account")
        shown.append(Statement(f"and {plural(elsewhere, 'step')} in {accounts}: rootforensics verdict, and the report"))
    return shown


def _cut(statements: list[Statement], shown: int, what: str) -> list[Statement]:
    """The first lines, and how many more there are of what and where; one more takes no more room than the word."""
    if len(statements) <= shown + 1:
        return statements
    return [*statements[:shown], Statement(f"and {len(statements) - shown:,} more {what}")]
