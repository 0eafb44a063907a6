"""``rootforensics custody``."""

from __future__ import annotations

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import output_options


@click.command("custody")
@case_argument
@click.option("--verify", is_flag=True, help="Check the chain, and that the case is as its last row says.")
@click.option("--head", default="", metavar="SHA256", help="With --verify: a row must have this hash, kept elsewhere.")
@output_options
def command(case: str, verify: bool, head: str, form: str, output: str | None) -> int:
    """Show the chain of custody of CASE: each act on it, with time, user, host, version, and hash of the evidence list.

    Each row holds the hash of the one before it. With --verify the exit status is 0 if the chain is whole, and 3 if
    not. Rows cut off at its end, or a chain written anew, show only with --head: a report or a manifest has that hash.

    \b
    Examples:
      rootforensics custody case.duckdb
      rootforensics custody case.duckdb --verify
    """
    from rootforensics import open_case
    from rootforensics.cli.output import count_rows, write_result
    from rootforensics.cli.paragraphs import write_sentence
    from rootforensics.cli.targets import writing_to

    if head and not verify:
        raise click.UsageError("--head belongs to --verify.")
    with open_case(case) as opened:
        if not verify:
            result = opened.custody()
            with writing_to(opened, output):
                write_result(result, form, output)
            count_rows(result)
            return 0
        found = opened.verify_custody(head.strip().lower())
    acts = "1 act" if found.entry_count == 1 else f"{found.entry_count:,} acts"
    for problem in found.problems:
        write_sentence("- ", problem)
    write_sentence("", f"{acts}; the chain of custody is {'whole' if found.is_whole else 'not whole'}")
    write_sentence("", f"head: {found.head or 'none'}")
    return 0 if found.is_whole else 3
