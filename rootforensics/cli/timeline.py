"""``rootforensics timeline``."""

from __future__ import annotations

import click

from rootforensics.cli.options import account_option, case_argument, tell_absent_account


@click.command("timeline")
@case_argument
@click.option("--format", "form", type=click.Choice(("csv", "jsonl")), default="csv", show_default=True)
@account_option()
@click.option("-o", "--output", type=click.Path(dir_okay=False), help="Write to this file, not to stdout.")
def command(case: str, form: str, account_id: str, output: str | None) -> None:
    """Write root's timeline: every event in root's name, each line with its evidence.

    Times are ISO 8601 in UTC. In CSV, text that a spreadsheet would take for a formula gets an apostrophe before it.

    \b
    Examples:
      rootforensics timeline case.duckdb > timeline.csv
      rootforensics timeline case.duckdb --format jsonl -o timeline.jsonl
    """
    from rootforensics import open_case
    from rootforensics.cli.output import count_rows, write_result
    from rootforensics.cli.targets import check_target

    with open_case(case) as opened:
        result = opened.query("root_timeline", account_id=account_id)
        check_target(opened, output)
        write_result(result, form, output)
        tell_absent_account(opened, account_id)
        count_rows(result)
