"""``rootforensics custody``."""

from __future__ import annotations

from typing import Any

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import make_filters, make_s3, output_options, s3_options, time_options
from rootforensics.phrases import plural


@click.command("custody")
@case_argument
@click.option("--verify", is_flag=True, help="Check the chain, and that the case matches its last entry.")
@click.option(
    "--head",
    default="",
    metavar="SHA256",
    help="With --verify: require an entry with this hash, which you kept elsewhere.",
)
@click.option(
    "--with-evidence",
    is_flag=True,
    help="With --verify: read the evidence again from its original location, and compare each event with its record.",
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
    """Show the chain of custody of CASE: every action on it, with time, user, host, version and evidence hash.

    Each entry contains the hash of the previous one. --verify also compares the case with the last entry, and its views
    and rule tables with those of this version. The exit status is 0 if everything matches, and 3 if anything is wrong
    or could not be compared. Only --head reveals entries removed from the end of the chain, or a rewritten chain: take
    the hash from a report or a manifest. --verify compares service, action and account_id of events with their other
    columns. Only --with-evidence reveals other edits of events.

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
        raise click.UsageError("--verify checks the whole chain: omit --since and --until.")
    with open_case(case) as opened:
        check = opened.verify_custody(
            head.strip().lower(), with_evidence=with_evidence, s3=make_s3(options) if with_evidence else None
        )
    for problem in (*check.problems, *check.skipped):
        write_sentence("- ", problem)
    if check.is_proven:
        state = "is intact"
    elif check.problems:
        state = "is broken"
    else:
        state = "is intact as far as it could be compared" if check.head else "could not be compared"
    entries = plural(check.entry_count, "entry")
    write_sentence("", f"The chain of custody {state} ({entries}).")
    for text in check.not_compared:
        write_sentence("", f"Not compared: {text}.")
    write_sentence("", f"Final hash: {check.head or 'none'}")
    return 0 if check.is_proven else 3
