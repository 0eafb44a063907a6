"""``rootforensics verdict``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import approvals_option, format_option, make_filters, output_option, scope_options
from rootforensics.cli.talk import escaped, tell_absence, write_out
from rootforensics.phrases import some

if TYPE_CHECKING:
    from collections.abc import Collection

    from rootforensics.analysis.analysis import AccountVerdict
    from rootforensics.telling.statement import Statement

#: Letters for the longest answer and two blanks.
_ANSWER: Final = 11


@click.command("verdict")
@case_argument
@approvals_option
@scope_options
@format_option("text", "json", "csv", "jsonl", "parquet", default="text")
@output_option
def command(
    case: str,
    approvals: str | None,
    account_id: str,
    since: str | None,
    until: str | None,
    form: str,
    output: str | None,
) -> None:
    """Check root of each account for takeover, and list the steps of containment and recovery in order.

    The account with the most failed checks comes first. The first question is whether a person used root. Each of the
    others asks about a problem: yes means that the check failed, and cites its events; unknown means that it is
    inconclusive, and says what is missing. Approval is checked only with --approvals. Commands are printed and never
    run: read each before you run it. With --since or --until the answers cover that time and what already existed
    then. A "no" then says nothing about other times. csv, jsonl and parquet have a row for each check, without the
    steps.

    \b
    Examples:
      rootforensics verdict case.duckdb
      rootforensics verdict case.duckdb --since 2026-08-05 --until 2026-08-06
      rootforensics verdict case.duckdb --account-id 111122223333 --approvals approvals.yaml --format json
      rootforensics verdict case.duckdb --format csv -o verdict.csv
    """
    from rootforensics.analysis.analysis import Verdicts
    from rootforensics.cli.output import write_result, write_text
    from rootforensics.cli.paragraphs import explain_places
    from rootforensics.cli.targets import answering, check_not_same
    from rootforensics.evidence.cite import cite
    from rootforensics.telling.checks import worded
    from rootforensics.telling.posture_now import now_beside, open_now
    from rootforensics.telling.standing import WORDS, standing

    if output and form == "text":
        raise click.UsageError("For --output choose a --format: json, csv, jsonl or parquet.")
    check_not_same(output, approvals)
    wanted = make_filters(since, until)
    with answering(case, output) as (opened, later):
        analysis = opened.analysis(approvals, account_id=account_id, since=wanted.since, until=wanted.until)
        verdicts = Verdicts(worded(analysis, verdict) for verdict in analysis.verdicts)
        kinds = [standing(analysis, verdict).kind for verdict in verdicts]
        results = [f"{WORDS[kind]}, " if kind != "unseen" else "" for kind in kinds]
        shared, now, beside = analysis.shared_ids, open_now(analysis), now_beside(analysis)
        tell_absence(opened, account_id)
        if form == "json":
            accounts = {"accounts": [verdict.as_dict() for verdict in verdicts]}
            later(write_text, f"{escaped(json.dumps(accounts, ensure_ascii=False, indent=2))}\n", output)
        elif form != "text":
            later(write_result, verdicts.result(), form, output)
    if form != "text":
        return
    for number, (verdict, result) in enumerate(zip(verdicts, results, strict=True)):
        if number:
            write_out()
        _print(verdict, result, shared, now.get(verdict.account_id), beside)
    answers = (answer for verdict in verdicts for answer in verdict.answers)
    explain_places(place for row in answers for place in cite(row.event_ids, row.citations, shared))


def _print(
    verdict: AccountVerdict,
    result: str,
    shared: Collection[str],
    now: Statement | None,
    beside: dict[tuple[str, str], str],
) -> None:
    from rootforensics.analysis.containment.step import RUN_AS
    from rootforensics.analysis.one_window import WINDOW_NOTE
    from rootforensics.analysis.places import UNKNOWN
    from rootforensics.cli.paragraphs import write_heading, write_sentence
    from rootforensics.cli.style import styled_answer
    from rootforensics.evidence.cite import cite

    named = {UNKNOWN: "The root user of an unknown account", "": "All accounts: no root activity in any"}
    name = named.get(verdict.account_id, f"The root user of account {verdict.account_id}")
    covers = f"hours examined: {verdict.covers}" if verdict.covers else "no logs in the case"
    write_heading(f"{name}, {verdict.time} only; {covers}" if verdict.time else f"{name}, {covers}")
    result += verdict.counts
    write_sentence("", f"{result[:1].upper()}{result[1:]}.")
    if verdict.time:
        write_sentence("", WINDOW_NOTE)
    if now:
        write_sentence("", now.text)
    if verdict.hours_text:
        write_sentence("", f"{verdict.hours_text} See rootforensics coverage CASE.")
    below = " " * _ANSWER
    for answer in verdict.answers:
        write_sentence(styled_answer(answer.answer, _ANSWER), answer.question)
        cited = f"[{some(cite(answer.event_ids, answer.citations, shared))}]" if answer.event_ids else ""
        write_sentence(below, answer.told, cited)
        for gap in verdict.missing(answer):
            write_sentence(f"{below}{answer.lacking}: ", gap)
        if (verdict.account_id, answer.name) in beside:
            write_sentence(f"{below}AWS: ", beside[verdict.account_id, answer.name])
    if verdict.gaps:
        write_heading("Gaps that several answers share:")
    for number, gap in enumerate(verdict.gaps, 1):
        write_sentence(f"  gap {number}: ", gap)
    if verdict.steps:
        of_all = " (from all logs, not from this time alone)" if verdict.time else ""
        write_heading(f"Containment and recovery, in this order{of_all}:")
        write_sentence("", RUN_AS)
    for number, step in enumerate(verdict.steps, 1):
        cited = f"[{some(cite(*step.proof, shared))}]" if step.citation else ""
        write_sentence(f"{number:3}. ", step.text(verdict.account_id), cited)
        for command in step.command.splitlines():
            write_out(f"     {command}")
    if verdict.steps and verdict.is_takeover:
        write_sentence("Then: ", "load the newest logs and check that containment holds (rootforensics contained CASE)")
