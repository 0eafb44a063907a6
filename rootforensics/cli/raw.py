"""``rootforensics raw``."""

from __future__ import annotations

import sys
from typing import Any

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import make_s3, s3_options


@click.command("raw")
@case_argument
@click.argument("event_id")
@s3_options
def command(case: str, event_id: str, **options: Any) -> None:  # noqa: ANN401
    """Print the original record of an event, read again from its evidence after a check of the hash.

    EVENT_ID is an eventID, its first four or more characters, evidence_id:record_index, or both, as results cite an
    event that shares its ID.

    \b
    Examples:
      rootforensics raw case.duckdb 3a2e6324-2b14-460a-9801-9b63f0ffdb7d
      rootforensics raw case.duckdb 791:0
    """
    from rootforensics import open_case

    with open_case(case) as opened:
        record = opened.raw(event_id, s3=make_s3(options))
    if sys.stdout.isatty():  # the exact bytes go to files and pipes; a terminal would obey some of them
        from rootforensics.cli.talk import write_out

        write_out(record.decode(errors="backslashreplace"))
    else:
        sys.stdout.buffer.write(record + b"\n")
