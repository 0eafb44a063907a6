"""``rootforensics incident``."""

from __future__ import annotations

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import account_option, output_options
from rootforensics.cli.talk import tell_absence
from rootforensics.phrases import plural


@click.command("incident")
@case_argument
@click.option("--approvals", type=click.Path(dir_okay=False), help="Approvals of root's use (CSV or YAML).")
@account_option("Only this account, and what its root reached elsewhere.")
@output_options
def command(case: str, approvals: str | None, account_id: str, form: str, output: str | None) -> None:
    """Tell the incident in CASE as one timeline, from all that the case knows.

    In one order: root's events with page views folded and with what they mean, findings, what the entities that root
    made did and who ended them, where logs may be incomplete, approvals, and your notes. Each line cites its
    events. For every single event of root's, see the command timeline.

    \b
    Examples:
      rootforensics incident case.duckdb
      rootforensics incident case.duckdb --account-id 111122223333 --format csv -o incident.csv
      rootforensics incident case.duckdb --approvals approvals.yaml --format jsonl
    """
    from rootforensics import open_case
    from rootforensics.cli.output import tell_rows, write_result
    from rootforensics.cli.targets import check_not_same, writing_to
    from rootforensics.telling.timeline import MISSES

    if approvals:
        check_not_same(output, approvals)
    with open_case(case) as opened:
        result = opened.incident_timeline(approvals, account_id=account_id)
        with writing_to(opened, output):
            write_result(result, form, output)
        tell_absence(opened, account_id, len(result))
    tell_rows(plural(len(result), "line"), MISSES)
