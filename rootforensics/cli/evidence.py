"""``rootforensics evidence``."""

from __future__ import annotations

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import output_options
from rootforensics.cli.talk import tell_part


@click.command("evidence")
@case_argument
@click.option("--problems", is_flag=True, help="Only what is damaged, odd or contradictory.")
@output_options
def command(case: str, problems: bool, form: str, output: str | None) -> None:
    """Show the ledger of CASE: each object that was loaded, its hash, its counts and its status.

    \b
    Examples:
      rootforensics evidence case.duckdb
      rootforensics evidence case.duckdb --problems --format jsonl
    """
    from rootforensics import open_case
    from rootforensics.cli.output import count_rows, write_result
    from rootforensics.cli.targets import writing_to

    with open_case(case) as opened:
        result = opened.query("evidence_problems" if problems else "evidence")
        with writing_to(opened, output):
            write_result(result, form, output)
        if problems:
            tell_part(opened)
        count_rows(result)
