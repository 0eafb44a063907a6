"""``rootforensics timeline``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import make_filters, output_options_with, scope_options
from rootforensics.cli.redact import redact_option, redacted
from rootforensics.cli.talk import talk, tell_absence
from rootforensics.cli.view import asked_view

if TYPE_CHECKING:
    from rootforensics.analysis.root_timeline import Only
    from rootforensics.queries.result import Result


@click.command("timeline")
@case_argument
@scope_options
@click.option(
    "--only",
    type=click.Choice(("activity", "noise", "findings")),
    help="What people did; service activity attributed to root; what a finding cites.",
)
@click.option("--show-secrets", is_flag=True, help="Show user data and passwords in requests, not only their hash.")
@redact_option
@output_options_with("timesketch", "xlsx", default=None)
def command(
    case: str,
    form: str | None,
    account_id: str,
    output: str | None,
    redact: str | None,
    **part: Any,  # noqa: ANN401
) -> None:
    """List every event attributed to root in order of time, each with its evidence.

    If the case has answers from AWS, the findings of GuardDuty, Access Analyzer and Security Hub are included. The
    column findings names the findings that cite an event. An event without a time is listed whatever --since and
    --until say. In CSV, text that a spreadsheet would run as a formula starts with an apostrophe. User data and
    passwords in requests are replaced by their length and SHA-256, except in the formats timesketch (JSON lines for its
    importer) and xlsx (needs the extra xlsx).

    \b
    Examples:
      rootforensics timeline case.duckdb > timeline.csv
      rootforensics timeline case.duckdb --only activity --since 2026-08-05 --format xlsx -o timeline.xlsx
      rootforensics timeline case.duckdb --columns eventTime,eventName,sourceIPAddress,eventID
      rootforensics timeline case.duckdb --format timesketch -o timesketch.jsonl
    """
    from rootforensics.cli.output import count_rows, write_result
    from rootforensics.cli.targets import answering

    form = form or ("table" if sys.stdout.isatty() and not output else "csv")
    chosen = asked_view().columns
    if form == "timesketch" and (chosen or asked_view().tz):
        raise click.UsageError("Timesketch needs all columns and times in UTC; leave --columns and --tz out.")
    only: Only = part["only"] or ""
    wanted = make_filters(part["since"], part["until"])
    with answering(case, output) as (opened, later):
        result = opened.timeline(
            account_id=account_id, since=wanted.since, until=wanted.until, only=only, columns=chosen,
            show_secrets=part["show_secrets"] or form in ("timesketch", "xlsx"),
        )  # fmt: skip
        result = redacted(opened, result, redact, output)
        if form == "timesketch":
            later(_write_timesketch, result, output)
        elif form == "xlsx":
            later(_write_xlsx, result, output)
        else:
            later(write_result, result, form, output)
        tell_absence(opened, account_id, len(result), wanted, later)
        later(count_rows, result)


def _write_timesketch(result: Result, output: str | None) -> None:
    from rootforensics.cli.output import write_timesketch_file

    if untimed := write_timesketch_file(result, output):
        talk(f"left out: {untimed:,} events without a time, for which Timesketch has no place")


def _write_xlsx(result: Result, output: str | None) -> None:
    from rootforensics.cli.output import write_xlsx_file

    tz = asked_view().tz
    if cut := write_xlsx_file(result.in_zone(tz) if tz else result, "root timeline", output):
        talk(f"cut: {cut:,} cells that are longer than Excel holds")
