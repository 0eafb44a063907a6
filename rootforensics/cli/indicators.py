"""``rootforensics indicators``."""

from __future__ import annotations

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import account_option, output_options_with
from rootforensics.cli.redact import redact_option, redacted
from rootforensics.cli.talk import tell_absence


@click.command("indicators")
@case_argument
@account_option("Only what was recorded in this account.")
@redact_option
@output_options_with("stix")
def command(case: str, account_id: str, form: str, redact: str | None, output: str | None) -> None:
    """List addresses, user agents, access keys and identities behind root and what it made.

    They are what to search for in other logs. Behind them stand the keys, users and roles that root, or what it made,
    made and left open, and that nobody was seen to use: used_by says so. The owner's own use of root is among them:
    look at each before you block or share it. With --format stix they are a STIX 2.1 bundle of indicators.

    \b
    Examples:
      rootforensics indicators case.duckdb
      rootforensics indicators case.duckdb --format csv -o indicators.csv
      rootforensics indicators case.duckdb --format stix -o indicators.json
    """
    from datetime import UTC, datetime

    if form == "stix" and redact:
        raise click.UsageError("Masks are nothing to search for: choose another format, or leave --redact out.")
    from rootforensics import open_case
    from rootforensics.cli.output import count_rows, write_result, write_text
    from rootforensics.cli.targets import writing_to

    with open_case(case) as opened:
        result = opened.indicators(account_id=account_id)
        with writing_to(opened, output):
            result = redacted(opened, result, redact, output)
            if form == "stix":
                from rootforensics.reports.exports.stix import stix_bundle

                write_text(stix_bundle(result.rows, opened.path.name, datetime.now(UTC)), output)
            else:
                write_result(result, form, output)
        tell_absence(opened, account_id, len(result))
        count_rows(result)
