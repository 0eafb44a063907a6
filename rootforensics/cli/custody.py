"""``rootforensics custody``."""

from __future__ import annotations

from typing import Any

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import make_filters, make_s3, output_options, s3_options, time_options


@click.command("custody")
@case_argument
@click.option("--verify", is_flag=True, help="Check the chain, and that the case is as its last row says.")
@click.option("--head", default="", metavar="SHA256", help="With --verify: a row must have this hash, kept elsewhere.")
@click.option(
    "--with-evidence",
    is_flag=True,
    help="With --verify: read the evidence again where it was loaded from, and compare each event with its record.",
)
@s3_options
@time_options
@output_options
def command(
    case: str,
    verify: bool,
    head: str,
    with_evidence: bool,
    since: str | None,
    until: str | None,
    form: str,
    output: str | None,
    **options: Any,  # noqa: ANN401
) -> int:
    """Show the chain of custody of CASE: each act on it, with time, user, host, version, and hash of the evidence list.

    Each row holds the hash of the one before it. --verify also compares the case with the last row, and its views and
    rule tables with those of this version. The exit status is 0 if all is the same, and 3 if anything is wrong or could
    not be compared. Rows cut off at the end of the chain, or a chain written anew, show only with --head: a report or a
    manifest has that hash. --verify compares service, action and account_id of events with their other columns; any
    other edit of an event shows only with --with-evidence.

    \b
    Examples:
      rootforensics custody case.duckdb
      rootforensics custody case.duckdb --verify
      rootforensics custody case.duckdb --verify --with-evidence
    """
    from rootforensics import open_case
    from rootforensics.cli.output import count_rows, write_result
    from rootforensics.cli.paragraphs import write_sentence
    from rootforensics.cli.targets import answering
    from rootforensics.queries.within import result_within

    if (head or with_evidence) and not verify:
        raise click.UsageError(f"--{'head' if head else 'with-evidence'} belongs to --verify.")
    wanted = make_filters(since, until)
    if not verify:
        with answering(case, output) as (opened, later):
            result = result_within(opened.custody(), wanted.since, wanted.until)
            later(write_result, result, form, output)
            later(count_rows, result)
        return 0
    if not wanted.is_empty:
        raise click.UsageError("--verify checks the whole chain: leave --since and --until out.")
    with open_case(case) as opened:
        found = opened.verify_custody(
            head.strip().lower(), with_evidence=with_evidence, s3=make_s3(options) if with_evidence else None
        )
    acts = "1 act" if found.entry_count == 1 else f"{found.entry_count:,} acts"
    for problem in (*found.problems, *found.skipped):
        write_sentence("- ", problem)
    if found.is_proven and with_evidence:
        state = "is whole"
    elif found.is_proven:
        state = "is whole, and events were not compared with the evidence; --with-evidence compares them"
    elif found.problems:
        state = "is not whole"
    else:
        state = "is whole as far as it could be compared" if found.head else "could not be compared"
    write_sentence("", f"{acts}; the chain of custody {state}")
    for text in found.not_compared:
        write_sentence("", f"not compared: {text}")
    write_sentence("", f"head: {found.head or 'none'}")
    return 0 if found.is_proven else 3
