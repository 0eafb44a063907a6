"""``rootforensics findings``."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import make_filters, not_empty, output_options, scope_options
from rootforensics.cli.paragraphs import cited_in_brackets, explain_places, sentence_lines
from rootforensics.cli.style import styled
from rootforensics.cli.talk import printable, talk_wrapped, tell_absence
from rootforensics.cli.view import View, asked_view
from rootforensics.rules.actions import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Collection

    from rootforensics.queries import rows as of
    from rootforensics.queries.result import Result
    from rootforensics.telling.finding_groups import FindingGroup


@click.command("findings")
@case_argument
@click.option(
    "--only", type=not_empty, metavar="NAME", help="Only this detection; docs/reference/findings.md lists them."
)
@scope_options
@click.option(
    "--severity",
    type=click.Choice(("info", "low", "medium", "high", "critical")),
    default="low",
    show_default=True,
    help="Minimum severity.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="A threshold or window, such as failed_sign_ins__threshold=10; repeatable.",
)
@output_options
def command(
    case: str,
    only: str | None,
    account_id: str,
    since: str | None,
    until: str | None,
    severity: str,
    settings: tuple[str, ...],
    form: str,
    output: str | None,
) -> None:
    """List findings, most severe first: sequences of root's events, and high or critical actions.

    A finding with a failed step is marked attempted and rated one severity level lower. --since and --until select
    findings that overlap that time, with all their events.

    \b
    Examples:
      rootforensics findings case.duckdb
      rootforensics findings case.duckdb --severity critical --format json
      rootforensics findings case.duckdb --set failed_sign_ins__threshold=10
    """
    from rootforensics.cli.output import count_rows, write_result
    from rootforensics.cli.targets import answering
    from rootforensics.queries.within import result_within

    given = dict(_setting(setting) for setting in settings)
    wanted = make_filters(since, until)
    with answering(case, output) as (opened, later):
        result = opened.findings(only or "", account_id=account_id, severity=severity, **given)
        result = result_within(result, wanted.since, wanted.until)
        if sys.stdout.isatty() and form == "table" and not output and asked_view() == View():
            later(_write_groups, result, opened.analysis().shared_ids)
        else:
            later(write_result, result, form, output)
        tell_absence(opened, account_id, len(result), wanted, later)
        later(count_rows, result)


def _write_groups(result: Result[of.Findings], shared: Collection[str]) -> None:
    """A line for each kind of finding on an identity, by account; the account of the most severe first."""
    from rootforensics.cli.terminal import write_lines
    from rootforensics.evidence.cite import cite
    from rootforensics.telling.finding_groups import grouped

    by_account: dict[str, list[FindingGroup]] = {}
    for group in grouped(result.rows):
        by_account.setdefault(group.first["account_id"] or "an unknown account", []).append(group)
    lines = []
    for account, groups in by_account.items():
        counts = Counter(group.first["severity"] for group in groups for _ in range(group.count))
        told = ", ".join(f"{counts[one]:,} {one}" for one in reversed(SEVERITIES) if counts[one])
        lines.append(click.style(f"Account {printable(account)}: {told}", bold=True))
        for group in groups:
            severity = group.first["severity"]
            lead = styled(f"{severity:<9}", severity)
            cited = cited_in_brackets(cite(group.event_ids, group.citations, shared))
            lines += sentence_lines(lead, group.text, cited, rows=1)
    write_lines(lines)
    talk_wrapped("--expanded explains each finding, its harmless causes and how to undo it; --wide prints a table")
    explain_places(lines)


def _setting(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or name in ("account_id", "severity"):
        raise click.BadParameter(f"{text!r} is not NAME=VALUE", param_hint="--set")
    return name.strip(), value.strip()
