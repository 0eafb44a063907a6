"""The incident in one screen: the verdict, the most severe findings, the first steps; each fact once, with its event.

What is cut says where the rest is. All of it stands in the report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.analysis.containment.step import most_urgent
from rootforensics.analysis.places import account_of
from rootforensics.phrases import and_more, dated, plural, short, sortable
from rootforensics.telling.answers import because_of, cited, proof_of
from rootforensics.telling.approvals import approval_statements
from rootforensics.telling.caveats import tell_limits
from rootforensics.telling.finding_groups import grouped
from rootforensics.telling.identities import tell_identities
from rootforensics.telling.section import Command, Section
from rootforensics.telling.standing import bad_answers, standing
from rootforensics.telling.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.analysis.containment.step import Step
    from rootforensics.analysis.verdict.question import Answer
    from rootforensics.telling.finding_groups import FindingGroup
    from rootforensics.telling.standing import Standing

#: Accounts that are told at all, answers that are told of each but the first, findings, sentences of approvals, steps.
_ACCOUNTS: Final = 4
_ANSWERS: Final = 3
_FINDINGS: Final = 3
_BESIDE: Final = 8
_STEPS: Final = 4
#: A line is no longer than this before its citation.
_WIDTH: Final = 200


def overview(analysis: Analysis) -> list[Section]:
    """What a responder needs first, what a reconciliation with approvals adds included."""
    approvals = tuple(
        _cut(
            approval_statements(analysis.reconciliation),
            _BESIDE,
            "sentences on approvals: rootforensics approvals, and the report",
        )
    )
    if not analysis.query("coverage").rows:
        nothing = Statement("The case holds no record of any call, so it proves nothing about root.", "bad")
        return [Section("", (nothing, *approvals)), Section("", tuple(_limits(analysis)))]
    told = [(one.account_id, standing(analysis, one)) for one in analysis.verdicts[:_ACCOUNTS]]
    sections = [
        Section("", (*(one.sentence for _, one in told), *_more_accounts(analysis)), rows=0),
        *(
            Section(f"Answers on account {account}:", tuple(_answers(analysis, one, first=not place)))
            for place, (account, one) in enumerate(told)
            if one.bad
        ),
        Section("Unknown (what is missing: rootforensics verdict), and no sign of a takeover:", tuple(_rest(told))),
        Section("", approvals, rows=0),
        Section(f"First steps{_where(analysis)} (read each before you run it):", tuple(_steps(analysis)), rows=2),
        Section("Most severe of what else was found:", tuple(_findings(analysis)), rows=2),
        Section("By others, not attributed to root:", tuple(tell_identities(analysis))),
        Section("Limits and evidence:", tuple(_limits(analysis)), rows=0),
    ]
    return [one for one in sections if one.statements]


def _limits(analysis: Analysis) -> list[Statement]:
    return tell_limits(analysis, analysis.scope)


def _more_accounts(analysis: Analysis) -> Iterator[Statement]:
    more = analysis.verdicts[_ACCOUNTS:]
    if more:
        bad = sum(bool(bad_answers(one)) for one in more)
        yield Statement(f"and {plural(len(more), 'more account')}, {bad:,} with failed checks: rootforensics verdict")


def _answers(analysis: Analysis, account: Standing, *, first: bool) -> list[Statement]:
    """Each failed check of an account a line, in order of time."""
    bad = sorted(account.bad, key=lambda one: sortable(one.first_time))
    before = [None, *(one.first_time for one in bad)]
    lines = [_answer(analysis, one, moment) for one, moment in zip(bad, before, strict=False)]
    return lines if first else _cut(lines, _ANSWERS, "failed checks: rootforensics verdict")


def _rest(told: Iterable[tuple[str, Standing]]) -> Iterator[Statement]:
    """What is not known of each account that was used, and where the answers hold nothing bad."""
    for account, one in told:
        if one.kind not in ("opened", "unseen"):
            if one.unknown:
                yield Statement(f"{account}: unknown: {', '.join(one.unknown)}")
            if one.clear:
                yield Statement(f"{account}: no sign of a takeover: {', '.join(one.clear)}", "good")


def _answer(analysis: Analysis, one: Answer, before: datetime | None) -> Statement:
    text = dated(one.first_time, f"{one.asked.short}: {because_of(analysis, one)}", before)
    return Statement(short(text, _WIDTH), "bad", **proof_of(analysis, one))


def _findings(analysis: Analysis) -> list[Statement]:
    """The most severe findings of which the answers do not tell the most part."""
    told = {
        place
        for verdict in analysis.verdicts
        for one in verdict.answers
        if one.answer == "yes"
        for place in (one.citations[:1] if one.asked.is_broad else one.citations)
    }
    kept = []
    for group in grouped(row for row in analysis.findings().rows if row["severity"] in ("high", "critical")):
        if 2 * len(told.intersection(group.citations)) >= len(group.citations):
            continue
        told.update(group.citations)
        kept.append(_finding(group))
    return _cut(kept, _FINDINGS, "findings of high or critical severity: rootforensics findings")


def _finding(group: FindingGroup) -> Statement:
    severity = group.first["severity"]
    text = short(f"{account_of(group.first)}: {group.text}", _WIDTH)
    return Statement(
        text, "bad" if severity == "critical" else "note", **cited(zip(group.event_ids, group.citations, strict=True))
    )


def _where(analysis: Analysis) -> str:
    """The account whose steps come first."""
    account = analysis.verdicts[0].account_id
    return f" in account {account}" if account else ""


def _steps(analysis: Analysis) -> list[Statement]:
    """The first steps in the account with the most to answer for, behind those of any that have a deadline."""
    first, *others = analysis.verdicts
    urgent = [step for one in others for step in one.steps if step.deadline == "hours"]
    steps: list[Statement] = [
        Command(
            f"{step.what}{_elsewhere(step, first.account_id)} ({step.why})",
            "note",
            **cited([(step.event_id, step.citation)]),
            command=step.command,
        )
        for step in most_urgent((*first.steps, *urgent))
    ]
    elsewhere = sum(len(one.steps) for one in others) - len(urgent)
    rest = [f"{len(steps) - _STEPS:,} more"] if len(steps) > _STEPS else []
    if steps and elsewhere:
        accounts = plural(sum(any(step not in urgent for step in one.steps) for one in others), "other account")
        rest.append(f"{elsewhere:,} in {accounts}" if rest else f"{plural(elsewhere, 'step')} in {accounts}")
    more = [Statement(f"and {', '.join(rest)}: rootforensics verdict")] if rest else []
    return [*steps[:_STEPS], *more]


def _elsewhere(step: Step, account_id: str) -> str:
    """In which account a step is due, if it is another than that of the others."""
    return "" if step.account_id in ("", account_id) else f" in account {step.account_id}"


def _cut(statements: list[Statement], shown: int, what: str) -> list[Statement]:
    """The first lines, and how many more there are of what and where; one more takes no more room than the word."""
    if len(statements) <= shown + 1:
        return statements
    return [*statements[:shown], Statement(f"{and_more(len(statements) - shown)} {what}")]
