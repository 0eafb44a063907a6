"""``rootforensics hypotheses``."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import approvals_option, make_filters, output_options, scope_options
from rootforensics.cli.redact import redact_option, redacted
from rootforensics.cli.view import View, asked_view

if TYPE_CHECKING:
    from collections.abc import Collection

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.telling.hypotheses import Hypothesis


@click.command("hypotheses")
@case_argument
@approvals_option
@scope_options
@redact_option
@output_options
@click.pass_context
def command(
    context: click.Context,
    case: str,
    approvals: str | None,
    account_id: str,
    since: str | None,
    until: str | None,
    redact: str | None,
    form: str,
    output: str | None,
) -> None:
    """How was root access gained? Show the evidence for and against each hypothesis.

    It uses the verdict, the findings, sign-ins, sessions, actions outside any session, and uses that AWS recorded but
    the logs lack. It lists what is missing for an answer, and what to check outside the logs. No hypothesis is excluded
    or has a probability. Approved use supports no hypothesis. With --since or --until only the entries of that time
    count. Accounts without a failed check are only listed; use --account-id or another format to show them.

    The exit status is 3 if the case has no logs from an account in scope.

    \b
    Examples:
      rootforensics hypotheses case.duckdb --account-id 111122223333
      rootforensics hypotheses case.duckdb --approvals approvals.yaml --format json -o hypotheses.json
    """
    from rootforensics.cli.output import write_result
    from rootforensics.cli.talk import tell_absence, tell_unlogged
    from rootforensics.cli.targets import answering
    from rootforensics.telling.hypotheses import hypotheses

    wanted = make_filters(since, until)
    with answering(case, output) as (opened, later):
        analysis = opened.analysis(approvals, account_id=account_id, since=wanted.since, until=wanted.until)
        weighed = hypotheses(analysis)
        status = tell_unlogged(opened, analysis)
        if form == "table" and not output and not redact and asked_view() == View():
            _print(weighed, analysis)
        else:
            later(write_result, redacted(opened, weighed.result(), redact, output), form, output)
        if not status:
            tell_absence(opened, account_id, len(weighed), later=later)
    context.exit(status)


def _print(hypotheses: Collection[Hypothesis], analysis: Analysis) -> None:
    from rootforensics.analysis.one_window import WINDOW_NOTE
    from rootforensics.cli.paragraphs import explain_places, write_heading, write_sentence
    from rootforensics.evidence.cite import cite
    from rootforensics.phrases import some
    from rootforensics.telling.hypotheses import WORDS
    from rootforensics.telling.standing import standing

    if analysis.time:
        write_heading(f"Only {analysis.time}")
        write_sentence("", WINDOW_NOTE)
    unlogged = analysis.unlogged
    if not hypotheses and not unlogged:
        write_sentence("", f"The logs show no use of root {analysis.time}".rstrip() + ".")
    account, numbers, citations = None, dict[str, int](), list[str]()
    bad = {verdict.account_id for verdict in analysis.verdicts if standing(analysis, verdict).is_bad}
    used = dict.fromkeys(one.account_id for one in hypotheses)
    shown = [one for one in hypotheses if one.account_id in bad or len(used) == 1]
    lacks = Counter((one.account_id, gap) for one in shown for gap in one.missing)
    for place, hypothesis in enumerate(shown):
        if hypothesis.account_id != account:
            account, numbers = hypothesis.account_id, dict[str, int]()
            write_heading(f"How root access may have been gained in account {account} (+ for, - against)")
        write_sentence("", f"{hypothesis.title}: {WORDS[hypothesis.standing]}")
        for mark, statements in (
            ("  + ", hypothesis.speaks_for), ("  - ", hypothesis.speaks_against), ("  approved: ", hypothesis.approved),
        ):  # fmt: skip
            for statement in statements:
                cited = cite(statement.event_ids, statement.citations, analysis.shared_ids)
                citations += cited
                write_sentence(mark, statement.text, f"[{some(cited)}]" if cited else "")
        # What several hypotheses lack is printed once, below them.
        shared = (gap for gap in hypothesis.missing if lacks[account, gap] > 1)
        for gap in (gap for gap in hypothesis.missing if lacks[account, gap] == 1):
            write_sentence("  missing: ", f"{gap}.")
        if numbered := sorted(numbers.setdefault(gap, len(numbers) + 1) for gap in shared):
            write_sentence("  missing: ", f"{', '.join(f'gap {number}' for number in numbered)}.")
        write_sentence("  also check: ", f"{hypothesis.outside}.")
        is_last = hypothesis is shown[-1] or shown[place + 1].account_id != account
        for gap, number in numbers.items() if is_last else ():
            write_sentence(f"  gap {number}: ", f"{gap}.")
    if others := [one for one in used if one not in {*unlogged, *(one.account_id for one in shown)}]:
        write_sentence(
            "",
            f"Root was or may have been used in {some(others)}, too. Use --account-id to show one of these accounts.",
        )
    explain_places(citations)
