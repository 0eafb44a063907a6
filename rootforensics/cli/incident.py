"""``rootforensics incident``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import approvals_option, make_filters, output_options, scope_options
from rootforensics.cli.style import styled
from rootforensics.cli.talk import tell_absence
from rootforensics.cli.view import View, asked_view
from rootforensics.phrases import plural, some

if TYPE_CHECKING:
    from collections.abc import Collection

    from rootforensics.queries import rows as of

#: Letters of a time and of a severity.
_TIME: Final = 19
_SEVERITY: Final = 9
#: Rows of the terminal that a line may take.
_ROWS: Final = 3


@click.command("incident")
@case_argument
@approvals_option
@scope_options
@output_options
def command(
    case: str,
    approvals: str | None,
    account_id: str,
    since: str | None,
    until: str | None,
    form: str,
    output: str | None,
) -> None:
    """Show the whole incident in CASE as one timeline.

    It lists root's events with page views folded, findings, what the users, keys and resources that root created did
    and who ended them, times with incomplete logs, approvals, and your notes. Each line cites its events. For every
    single event of root, use the command timeline.

    \b
    Examples:
      rootforensics incident case.duckdb
      rootforensics incident case.duckdb --account-id 111122223333 --since 2026-08-05 --until 2026-08-06
      rootforensics incident case.duckdb --format csv -o incident.csv
      rootforensics incident case.duckdb --approvals approvals.yaml --format jsonl
    """
    from rootforensics.cli.output import tell_rows, write_result
    from rootforensics.cli.targets import answering, check_not_same
    from rootforensics.telling.timeline import MISSES

    check_not_same(output, approvals)
    wanted = make_filters(since, until)
    with answering(case, output) as (opened, later):
        result = opened.incident_timeline(approvals, account_id=account_id, since=wanted.since, until=wanted.until)
        if sys.stdout.isatty() and form == "table" and not output and asked_view() == View():
            later(_write_lines, result.rows, opened.analysis().shared_ids)
        else:
            later(write_result, result, form, output)
        tell_absence(opened, account_id, len(result), wanted, later)
        later(tell_rows, plural(len(result), "line"), MISSES)


def _write_lines(rows: list[of.IncidentTimeline], shared: Collection[str]) -> None:
    """Write each line with who did it, from where, and what it cites; the account if there are several."""
    from rootforensics.cli.paragraphs import cited_in_brackets, explain_places, sentence_lines
    from rootforensics.cli.terminal import write_lines
    from rootforensics.evidence.cite import cite
    from rootforensics.phrases import clock
    from rootforensics.queries.text import as_text

    is_one = len({row["account_id"] for row in rows} - {None}) <= 1
    lines: list[str] = []
    for row in rows:
        severity = row["severity"] or ""
        lead = f"{as_text(row['from_time']):<{_TIME}} {styled(severity, severity)}{' ' * (_SEVERITY - len(severity))}"
        # A sentence that begins with the actor names it already.
        actor = row["actor"] or ""
        parts = (
            f"until {clock(row['until_time'], row['from_time'])}"
            if row["line_type"] == "finding" and row["until_time"]
            else "",
            "" if row["text"].lower().startswith(actor.lower()) else actor,
            f"from {some(row['source_ips'], 1)}" if row["source_ips"] else "",
            f"in {row['account_id']}" if row["account_id"] and not is_one else "",
        )
        who = " ".join(filter(None, parts))
        cited = cited_in_brackets(cite(row["eventIDs"], row["citations"], shared))
        behind = " ".join(filter(None, (who and f"({who})", cited)))
        lines += sentence_lines(lead, row["text"], behind, rows=_ROWS)
    write_lines(lines)
    explain_places(lines)
