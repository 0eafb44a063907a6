"""``rootforensics verdict``."""

from __future__ import annotations

import json

import click

from rootforensics.cli.options import case_argument


@click.command("verdict")
@case_argument
@click.option("--approvals", type=click.Path(dir_okay=False), help="Approvals of root's use (CSV or YAML).")
@click.option("--account-id", metavar="ID", default="", help="Only root of this account.")
@click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
def command(case: str, approvals: str | None, account_id: str, form: str) -> None:
    """Answer the questions of a root incident from CASE, and list what to undo, in the order in which to act.

    Each answer is yes, no or unknown, with the eventIDs that show it; where it is unknown, with what is missing. The
    commands of the list are printed and never run: read each of them first.

    \b
    Examples:
      rootforensics verdict case.duckdb
      rootforensics verdict case.duckdb --account-id 111122223333 --approvals approvals.yaml --format json
    """
    from rootforensics import open_case
    from rootforensics.cli.output import escaped, printable

    with open_case(case) as opened:
        answers, steps = opened.verdict(approvals, account_id=account_id)
    if form == "json":
        told = {"verdict": [one.as_row() for one in answers], "containment": [step.as_row() for step in steps]}
        click.echo(escaped(json.dumps(told, ensure_ascii=False, indent=2)))
        return
    for one in answers:
        click.echo(printable(f"{one.answer.upper():8} {one.question}"))
        click.echo(printable(f"         {one.because}"))
        for gap in one.missing:
            click.echo(printable(f"         missing: {gap}"))
        if one.event_ids:
            more = f" and {len(one.event_ids) - 3:,} more" if len(one.event_ids) > 3 else ""
            click.echo(printable(f"         [{', '.join(one.event_ids[:3])}{more}]"))
    if steps:
        click.echo("\nWhat to undo, in this order:")
    for number, step in enumerate(steps, 1):
        click.echo(printable(f"{number:3}. {step.what} ({step.why})"))
        if step.command:
            click.echo(printable(f"     {step.command}"))
