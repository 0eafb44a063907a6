"""``rootforensics indicators``."""

from __future__ import annotations

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import make_filters, output_options_with, scope_options
from rootforensics.cli.redact import redact_option, redacted
from rootforensics.cli.talk import tell_absence
from rootforensics.cli.view import asked_view


@click.command("indicators")
@case_argument
@scope_options
@redact_option
@output_options_with("stix")
def command(
    case: str,
    account_id: str,
    since: str | None,
    until: str | None,
    form: str,
    redact: str | None,
    output: str | None,
) -> None:
    """List addresses, user agents, access keys and identities that used root or descend from it.

    Search for them in other logs. Keys, users and roles that root or its descendants created, left open and did not use
    come last: used_by marks them. The list includes the owner's own use of root, so review each indicator before you
    block or share it. --since and --until select indicators whose first and last use overlap that time; counts cover
    all logs. --format stix writes a STIX 2.1 bundle.

    \b
    Examples:
      rootforensics indicators case.duckdb
      rootforensics indicators case.duckdb --format csv -o indicators.csv
      rootforensics indicators case.duckdb --format stix -o indicators.json
    """
    from datetime import UTC, datetime

    if form == "stix" and redact:
        raise click.UsageError(
            "A redacted STIX bundle cannot be searched for: choose another format, or omit --redact."
        )
    if form == "stix" and asked_view().tz:
        raise click.UsageError("STIX times are in UTC: choose another format, or omit --tz.")
    from rootforensics.cli.output import count_rows, write_result, write_text
    from rootforensics.cli.targets import answering
    from rootforensics.queries.within import result_within

    wanted = make_filters(since, until)
    with answering(case, output) as (opened, later):
        result = result_within(opened.indicators(account_id=account_id), wanted.since, wanted.until)
        result = redacted(opened, result, redact, output)
        if form == "stix":
            from rootforensics.reports.exports.stix import stix_bundle

            later(write_text, stix_bundle(result.rows, opened.path.name, datetime.now(UTC)), output)
        else:
            later(write_result, result, form, output)
        tell_absence(opened, account_id, len(result), wanted, later)
        later(count_rows, result)
