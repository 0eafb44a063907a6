"""Root's story: the results for each account and their limits, then every step in order of time, then the evidence."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rootforensics.analysis.analysis import analysis_of
from rootforensics.phrases import sortable
from rootforensics.telling.approvals import approval_statements
from rootforensics.telling.caveats import tell_activity, tell_coverage, tell_evidence
from rootforensics.telling.checks import failed_checks
from rootforensics.telling.marks import Marks
from rootforensics.telling.standing import ACCOUNTS, account_sentences, shows_nothing, standing
from rootforensics.telling.statement import Statement, as_table
from rootforensics.telling.timeline import incident_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.queries import rows as of
    from rootforensics.queries.asking import Asks
    from rootforensics.queries.result import Result


def story(analysis: Analysis) -> Result[of.Story]:
    """The story as a table, in order of time, with its marks; statements without a time come last."""
    marks = Marks(analysis)
    statements = sorted(tell(analysis), key=lambda statement: sortable(statement.from_time))
    return as_table((replace(statement, mark=marks.of(statement)) for statement in statements), "story")


def tell(case: Asks) -> list[Statement]:
    """Root's story: the results for each account, their limits, what approvals add; then the steps, as details."""
    analysis = analysis_of(case)
    approvals = approval_statements(analysis.reconciliation)
    if shows_nothing(analysis):
        whose = f" of account {analysis.account_id}" if analysis.account_id else ""
        text = f"The case contains no record of any call{whose}, so it proves nothing about root."
        nothing = Statement(text, "bad", stands_in="evidence")
        return [nothing, *approvals, *tell_coverage(analysis, analysis.scope), *tell_evidence(analysis)]
    steps = [
        line for line in incident_lines(analysis) if line.line_type in ("root", "follow-on") or line.kind == "window"
    ]
    sentences = (replace(line, text=line.sentence) for line in steps)
    details = [*sentences, *tell_activity(analysis), *tell_evidence(analysis)]
    return [
        *_results(analysis),
        *tell_coverage(analysis, analysis.scope),
        *approvals,
        *(replace(statement, detail=True) for statement in details),
    ]


def _results(analysis: Analysis) -> Iterator[Statement]:
    """The result for each account, then the failed checks, then what the other checks are about."""
    standings = [standing(analysis, verdict) for verdict in analysis.verdicts]
    yield from account_sentences(standings)
    accounts = [(result, verdict.account_id) for result, verdict in zip(standings, analysis.verdicts, strict=True)]
    for result, account in accounts[:ACCOUNTS]:
        for check in failed_checks(analysis, result.bad, f"in account {account}" if account else ""):
            yield replace(check, text=f"{check.text}.")
    for result, account in accounts[:ACCOUNTS]:
        if account and result.inconclusive:
            text = f"Inconclusive in account {account}: {result.inconclusive}. See rootforensics verdict CASE."
            yield Statement(text, stands_in="verdict")
        if account and result.clear:
            yield Statement(
                f"Checks that passed in account {account}: {', '.join(result.clear)}.", "good", stands_in="verdict"
            )
