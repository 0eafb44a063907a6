"""``rootforensics timeline``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import account_option, make_filters, output_options_with, time_options
from rootforensics.cli.redact import redact_option, redacted
from rootforensics.cli.talk import talk, tell_absence
from rootforensics.cli.view import asked_view

if TYPE_CHECKING:
    from rootforensics.analysis.root_timeline import Only


@click.command("timeline")
@case_argument
@account_option()
@time_options
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
    """Write root's timeline: every event attributed to root, each line with its evidence.

    Between the events stands what GuardDuty, Access Analyzer and Security Hub found, if the case holds a posture. Times
    are ISO 8601 in UTC. In CSV, text that a spreadsheet would take for a formula gets an apostrophe before it. An event
    without a time passes --since and --until. The column findings names the findings that cite an event. Of user data
    and passwords in requests it has the length and the SHA-256; raw prints the record. The format timesketch is JSON
    lines for its importer; xlsx needs the extra xlsx; both have requests as they were recorded.

    \b
    Examples:
      rootforensics timeline case.duckdb > timeline.csv
      rootforensics timeline case.duckdb --only activity --since 2026-08-05 --format xlsx -o timeline.xlsx
      rootforensics timeline case.duckdb --columns eventTime,eventName,sourceIPAddress,eventID
      rootforensics timeline case.duckdb --format timesketch -o timesketch.jsonl
    """
    from rootforensics import open_case
    from rootforensics.cli.output import count_rows, write_result, write_timesketch_file, write_xlsx_file
    from rootforensics.cli.targets import writing_to

    form = form or ("table" if sys.stdout.isatty() and not output else "csv")
    chosen = asked_view().columns
    if chosen and form == "timesketch":
        raise click.UsageError("Timesketch needs all columns; leave --columns out.")
    only: Only = part["only"] or ""
    wanted = make_filters(part["since"], part["until"], (), ())
    with open_case(case) as opened:
        result = opened.timeline(
            account_id=account_id, since=wanted.since, until=wanted.until, only=only, columns=chosen,
            show_secrets=part["show_secrets"] or form in ("timesketch", "xlsx"),
        )  # fmt: skip
        with writing_to(opened, output):
            result = redacted(opened, result, redact, output)
            if form == "timesketch":
                if untimed := write_timesketch_file(result, output):
                    talk(f"left out: {untimed:,} events without a time, for which Timesketch has no place")
            elif form == "xlsx":
                if cut := write_xlsx_file(result, "root timeline", output):
                    talk(f"cut: {cut:,} cells that are longer than Excel holds")
            else:
                write_result(result, form, output)
        tell_absence(opened, account_id, len(result), wanted)
        count_rows(result)
