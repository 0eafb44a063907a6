"""``rootforensics approvals``."""

from __future__ import annotations

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import make_filters, output_options, password_hours_option, scope_options
from rootforensics.cli.talk import tell_absence


def _print_template(context: click.Context, _: click.Parameter, form: str | None) -> None:
    if form is None or context.resilient_parsing:
        return
    from rootforensics.analysis.approvals.read import template

    click.echo(template(form), nl=False)
    context.exit()


@click.command("approvals")
@case_argument
@click.argument("file", type=click.Path(dir_okay=False))
@password_hours_option
@scope_options
@output_options
@click.option(
    "--template",
    type=click.Choice(("csv", "yaml")),
    expose_value=False,
    is_eager=True,
    callback=_print_template,
    help="Print a file to fill in, with comments, and exit.",
)
def command(
    case: str,
    file: str,
    password_hours: float,
    account_id: str,
    since: str | None,
    until: str | None,
    form: str,
    output: str | None,
) -> None:
    """Compare root sessions in CASE with FILE, the approvals of root use (CSV or YAML).

    Each session is approved, outside_window, unexpected_network, unexpected_tasks or unapproved. Each approval is used,
    unused or not_in_logs. After a use, four steps are checked: the password was changed, MFA is registered, no access
    key remains, and nothing else was changed. The exit status is 0 for every result.

    \b
    Examples:
      rootforensics approvals --template yaml > approvals.yaml
      rootforensics approvals case.duckdb approvals.yaml
      rootforensics approvals case.duckdb approvals.csv --format json -o reconciled.json
    """
    from rootforensics.cli.output import count_rows, write_result
    from rootforensics.cli.targets import answering, check_not_same
    from rootforensics.queries.within import result_within

    check_not_same(output, file)
    wanted = make_filters(since, until)
    with answering(case, output) as (opened, later):
        result = opened.reconcile(file, password_hours=password_hours, account_id=account_id).result()
        result = result_within(result, wanted.since, wanted.until)
        tell_absence(opened, account_id, len(result), wanted, later)
        later(write_result, result, form, output)
        later(count_rows, result)
