"""``rootforensics notes``."""

from __future__ import annotations

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import not_empty, output_options


@click.command("notes")
@case_argument
@click.option("--tag", type=not_empty, metavar="TAG", help="Only notes with this tag.")
@output_options
def command(case: str, tag: str | None, form: str, output: str | None) -> None:
    """List the notes of CASE, in the order of the times that they are about.

    \b
    Examples:
      rootforensics notes case.duckdb
      rootforensics notes case.duckdb --tag suspicious --format csv
    """
    from rootforensics import open_case
    from rootforensics.cli.output import count_rows, write_result
    from rootforensics.cli.targets import writing_to

    with open_case(case) as opened:
        result = opened.notes(tag or "")
        with writing_to(opened, output):
            write_result(result, form, output)
        count_rows(result)
