"""``rootforensics note``."""

from __future__ import annotations

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import make_filters, not_empty, output_options, time_options
from rootforensics.cli.talk import talk


@click.command("note")
@case_argument
@click.argument("at", metavar="EVENT_ID|TIME", required=False)
@click.argument("text", required=False)
@click.option("--list", "is_list", is_flag=True, help="List the notes, ordered by the time that each is about.")
@click.option("--tag", type=not_empty, metavar="TAG", help="Tag of the note; with --list, only notes with this tag.")
@click.option("--author", metavar="NAME", help="Author of the note. Default: the login name.")
@time_options
@output_options
def command(
    case: str,
    at: str | None,
    text: str | None,
    is_list: bool,
    tag: str | None,
    author: str | None,
    since: str | None,
    until: str | None,
    form: str,
    output: str | None,
) -> None:
    """Add a note about an event or a time to CASE, with its author and the time of writing, or list the notes.

    EVENT_ID is an eventID, evidence_id:record_index, or both, as results cite them. TIME is ISO 8601, UTC if without
    offset. Notes cannot be changed or deleted: correct a wrong note with another one.

    \b
    Examples:
      rootforensics note case.duckdb 3a2e6324-2b14-460a-9801-9b63f0ffdb7d "Not our address" --tag suspicious
      rootforensics note case.duckdb 2026-08-05T07:40:00Z "On-call engineer was paged" --author maria
      rootforensics note case.duckdb --list --tag suspicious --format csv
    """
    from rootforensics import open_case
    from rootforensics.cli.output import count_rows, write_result
    from rootforensics.cli.targets import answering
    from rootforensics.queries.within import result_within

    if is_list and (at or author):
        raise click.UsageError("--list adds no note: omit the event, the text and --author.")
    if not is_list and (not at or not text):
        raise click.UsageError("Name the event or the time, then the text of the note, or list the notes with --list.")
    wanted = make_filters(since, until)
    if at and text:
        if output or not wanted.is_empty:
            raise click.UsageError("--since, --until and --output belong to --list.")
        with open_case(case) as opened:
            number = opened.note(at, text, tag=tag, author=author)
        talk(f"note {number} written")
        return
    with answering(case, output) as (opened, later):
        result = result_within(opened.notes(tag or ""), wanted.since, wanted.until)
        later(write_result, result, form, output)
        later(count_rows, result)
