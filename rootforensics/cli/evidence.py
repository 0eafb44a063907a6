"""``rootforensics evidence``."""

from __future__ import annotations

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import make_filters, output_options, time_options
from rootforensics.cli.talk import tell_part


@click.command("evidence")
@case_argument
@click.option("--problems", is_flag=True, help="Show only damaged, unusual or contradictory evidence.")
@time_options
@output_options
def command(case: str, problems: bool, since: str | None, until: str | None, form: str, output: str | None) -> None:
    """List the files of CASE with their hash, counts and status.

    --since and --until select files by the times of their events.

    \b
    Examples:
      rootforensics evidence case.duckdb
      rootforensics evidence case.duckdb --since 2026-08-05 --until 2026-08-06
      rootforensics evidence case.duckdb --problems --format jsonl
    """
    from rootforensics.cli.output import count_rows, write_result
    from rootforensics.cli.targets import answering
    from rootforensics.queries.within import result_within

    wanted = make_filters(since, until)
    if problems and not wanted.is_empty:
        raise click.UsageError("Problems have no time: omit --since and --until.")
    with answering(case, output) as (opened, later):
        result = opened.query("evidence_problems" if problems else "evidence")
        result = result_within(result, wanted.since, wanted.until)
        later(write_result, result, form, output)
        if problems:
            tell_part(opened, later)
        later(count_rows, result)
