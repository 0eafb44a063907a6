"""``rootforensics export``."""

from __future__ import annotations

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.redact import open_redactor, redact_option


@click.command("export")
@case_argument
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False))
@redact_option
def command(case: str, folder: str, redact: str | None) -> None:
    """Write CASE to DIR as Parquet, for engines that read folders.

    events, root_activity, root_noise and descendant_events are partitioned by account and day (account=…/day=…/).
    evidence, duplicates, root_sessions, root_signins, findings, indicators and notes are one file each. Rows without an
    account or a time are in the partition unknown. DIR must be new or empty. It appears when everything is written.

    \b
    Examples:
      rootforensics export case.duckdb parquet/
      duckdb -c "FROM read_parquet('parquet/events/**/*.parquet', hive_types = {account: VARCHAR}) LIMIT 5"
    """
    from pathlib import Path

    from rootforensics import open_case
    from rootforensics.cli.talk import talk

    with open_case(case) as opened:
        counts = opened.export(Path(folder), open_redactor(opened, redact, folder=folder))
    for table, count in counts.items():
        talk(f"{table}: {count:,} rows")
    talk(f"written to {folder}")
