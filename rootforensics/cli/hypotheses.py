"""``rootforensics hypotheses``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import account_option, approvals_option, output_options
from rootforensics.cli.redact import redact_option, redacted
from rootforensics.cli.view import View, asked_view

if TYPE_CHECKING:
    from collections.abc import Collection

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.telling.hypotheses import Hypothesis

_MISSING: Final = 3


@click.command("hypotheses")
@case_argument
@approvals_option
@account_option
@redact_option
@output_options
@click.pass_context
def command(
    context: click.Context,
    case: str,
    approvals: str | None,
    account_id: str,
    redact: str | None,
    form: str,
    output: str | None,
) -> None:
    """How was root access gained? Each hypothesis with what supports and contradicts it in the logs.

    Stands on the verdict, the findings, sign-ins and sessions, on acts in no session, and on uses that AWS recorded and
    the logs do not hold. Says where to look beside the logs. None is excluded, and none has a percentage: what is
    missing to know more is named. What approvals cover supports none. Accounts without a sign of a takeover are named
    only; --account-id or another format tells of them.

    The exit status is 3 if the case holds no logs of an account that is spoken of.

    \b
    Examples:
      rootforensics hypotheses case.duckdb --account-id 111122223333
      rootforensics hypotheses case.duckdb --approvals approvals.yaml --format json -o hypotheses.json
    """
    from rootforensics.cli.output import write_result
    from rootforensics.cli.talk import talk_wrapped, tell_absence, tell_unlogged
    from rootforensics.cli.targets import answering

    with answering(case, output) as (opened, later):
        analysis = opened.analysis(approvals, account_id=account_id)
        told = opened.hypotheses(approvals, account_id=account_id)
        status = tell_unlogged(analysis)
        if form == "table" and not output and not redact and asked_view() == View():
            _print(told, analysis)
        else:
            later(write_result, redacted(opened, told.result(), redact, output), form, output)
        if not status:
            tell_absence(opened, account_id, len(told), tell=partial(later, talk_wrapped))
    context.exit(status)


def _print(every: Collection[Hypothesis], analysis: Analysis) -> None:
    from rootforensics.cli.paragraphs import explain_places, write_heading, write_sentence
    from rootforensics.evidence.cite import cite
    from rootforensics.phrases import some
    from rootforensics.telling.hypotheses import WORDS
    from rootforensics.telling.standing import standing

    unlogged = analysis.unlogged
    if not every and not unlogged:
        write_sentence("", "No use of root is in the logs: there is nothing to explain.")
    account, shared = None, analysis.shared_ids
    bad = {one.account_id for one in analysis.verdicts if standing(analysis, one).is_bad}
    used = dict.fromkeys(one.account_id for one in every)
    told = [one for one in every if one.account_id in bad or len(used) == 1]
    for one in told:
        if one.account_id != account:
            write_heading(f"How access to the root user may have been gained: account {one.account_id}")
            account = one.account_id
        write_sentence("", f"{one.title}: {WORDS[one.standing]}")
        for mark, statements in (
            ("  + ", one.speaks_for), ("  - ", one.speaks_against), ("  approved: ", one.approved),
        ):  # fmt: skip
            for said in statements:
                cited = cite(said.event_ids, said.citations, shared)
                write_sentence(mark, said.text, f"[{some(cited)}]" if cited else "")
        if one.missing:
            write_sentence("  missing: ", some(one.missing, _MISSING, "; "))
        write_sentence("  look at: ", one.outside)
    if others := [one for one in used if one not in {*unlogged, *(shown.account_id for shown in told)}]:
        write_heading("Other accounts in which root was used, or perhaps was")
        write_sentence("", f"No problem found in {some(others)}: --account-id tells of one of them.")
    every_said = (said for one in told for said in (*one.speaks_for, *one.speaks_against, *one.approved))
    explain_places(found for said in every_said for found in cite(said.event_ids, said.citations, shared))
