"""The case on one screen: how root of each account stands, the failed checks, the first steps, what to open next."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rootforensics.analysis.containment.step import most_urgent
from rootforensics.phrases import plural
from rootforensics.telling.approvals import approval_statements
from rootforensics.telling.caveats import tell_limits
from rootforensics.telling.checks import failed_checks
from rootforensics.telling.finding_groups import grouped
from rootforensics.telling.identities import tell_identities
from rootforensics.telling.section import Section, step_line
from rootforensics.telling.standing import account_sentences, shows_nothing, standing
from rootforensics.telling.statement import Statement, cited
from rootforensics.telling.times import times_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.telling.standing import Standing
    from rootforensics.telling.statement import Level

#: Sentences on approvals, steps.
_APPROVALS: Final = 2
_STEPS: Final = 3


def triage_sections(analysis: Analysis) -> list[Section]:
    """What a responder needs first, for the first of the verdicts and then for other accounts."""
    approvals = _approvals(analysis)
    limits = tuple(tell_limits(analysis, analysis.scope))
    if shows_nothing(analysis):
        nothing = Statement("The case contains no record of any call, so it proves nothing about root.", "bad")
        return [Section("", (nothing, *approvals)), Section("", limits)]
    standings = [(verdict, standing(analysis, verdict)) for verdict in analysis.verdicts]
    (first, main), *others = standings
    sections = [
        Section(main.heading, (main.use, *times_of(analysis, first.account_id)), rows=2),
        Section("Failed checks", tuple(failed_checks(analysis, main.bad, dates_once=True)), rows=2),
        Section("Inconclusive", _inconclusive(main), rows=2),
        Section("Do first (read each command before you run it)", tuple(_steps(analysis)), rows=2),
        Section("Approvals", approvals, rows=2),
        Section("Other accounts", tuple(account_sentences([one for _, one in others])), rows=2),
        Section("Also found", (*_findings(analysis), *tell_identities(analysis)), rows=2),
        Section("Evidence", limits, rows=1),
    ]
    return [section for section in sections if section.statements]


def _approvals(analysis: Analysis) -> tuple[Statement, ...]:
    """The first sentences on approvals, and how many more there are."""
    every = approval_statements(analysis.reconciliation)
    more = len(every) - _APPROVALS
    pointer = Statement(f"and {plural(more, 'more sentence')} on approvals: rootforensics approvals CASE FILE")
    return (*every[:_APPROVALS], pointer) if more > 1 else tuple(every)


def _inconclusive(main: Standing) -> tuple[Statement, ...]:
    text = f"{main.inconclusive} (what is missing: rootforensics verdict CASE)"
    return (Statement(text, stands_in="verdict"),) if main.inconclusive else ()


def _steps(analysis: Analysis) -> Iterator[Statement]:
    """The first steps of all accounts, those with a deadline before others, and how many more there are."""
    verdicts = analysis.verdicts
    first, *others = verdicts
    urgent = [step for verdict in others for step in verdict.steps if step.deadline == "hours"]
    steps = most_urgent((*first.steps, *urgent))
    for step in steps[:_STEPS]:
        yield step_line(step, first.account_id)
    count = sum(len(verdict.steps) for verdict in verdicts) - min(len(steps), _STEPS)
    if count or any(step.command for step in steps):
        more = f"{plural(count, 'more step')}, and all commands" if count else "All commands"
        yield Statement(f"{more}: rootforensics verdict CASE")


def _findings(analysis: Analysis) -> Iterator[Statement]:
    """The first finding that the failed checks do not cite, and how many others there are."""
    shown = {
        place
        for verdict in analysis.verdicts
        for answer in verdict.answers
        if answer.answer == "yes"
        for place in (answer.citations[:1] if answer.asked.is_broad else answer.citations)
    }
    severe = grouped(row for row in analysis.findings().rows if row["severity"] in ("high", "critical"))
    more = [group for group in severe if 2 * len(shown.intersection(group.citations)) < len(group.citations)]
    if more:
        first = more[0]
        others = f"; {plural(len(more) - 1, 'more critical or high finding')} outside these checks" if more[1:] else ""
        text = f"{first.first['title'].rstrip('.')}{others}: rootforensics findings CASE"
        level: Level = "bad" if first.first["severity"] == "critical" else "note"
        yield Statement(text, level, **cited(*zip(first.event_ids, first.citations, strict=True)))
