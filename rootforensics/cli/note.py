"""``rootforensics note``."""

from __future__ import annotations

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.talk import talk


@click.command("note")
@case_argument
@click.argument("at", metavar="EVENT_ID|TIME")
@click.argument("text")
@click.option("--tag", metavar="TAG", help="A word to find the note by.")
@click.option("--author", metavar="NAME", help="Who writes it. Default: the login name.")
def command(case: str, at: str, text: str, tag: str | None, author: str | None) -> None:
    """Keep a note in CASE about an event or a time, with its author and the time of writing.

    EVENT_ID is an eventID, evidence_id:record_index, or both as results cite them; TIME is ISO 8601, UTC if without
    offset. Notes are added and never changed or deleted: put a wrong one right with another.

    \b
    Examples:
      rootforensics note case.duckdb 3a2e6324-2b14-460a-9801-9b63f0ffdb7d "Not our address" --tag suspicious
      rootforensics note case.duckdb 2026-08-05T07:40:00Z "On-call engineer was paged" --author maria
    """
    from rootforensics import open_case

    with open_case(case) as opened:
        number = opened.note(at, text, tag=tag, author=author)
    talk(f"note {number} written")
