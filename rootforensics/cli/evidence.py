"""``rootforensics evidence``."""

from __future__ import annotations

from functools import partial

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import make_filters, output_options, time_options
from rootforensics.cli.talk import talk_wrapped, tell_part


@click.command("evidence")
@case_argument
@click.option("--problems", is_flag=True, help="Only what is damaged, odd or contradictory.")
@time_options
@output_options
def command(case: str, problems: bool, since: str | None, until: str | None, form: str, output: str | None) -> None:
    """Show the ledger of CASE: each object that was loaded, its hash, its counts and its status.

    --since and --until are about the events of an object.

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
        raise click.UsageError("Problems have no time: leave --since and --until out.")
    with answering(case, output) as (opened, later):
        result = opened.query("evidence_problems" if problems else "evidence")
        result = result_within(result, wanted.since, wanted.until)
        later(write_result, result, form, output)
        if problems:
            tell_part(opened, partial(later, talk_wrapped))
        later(count_rows, result)
