"""``rootforensics findings``."""

from __future__ import annotations

import click

from rootforensics.cli.options import account_option, case_argument, not_empty, output_options, tell_absence


@click.command("findings")
@case_argument
@click.option("--only", type=not_empty, metavar="NAME", help="One detection; docs/findings.md lists them.")
@account_option()
@click.option(
    "--severity",
    type=click.Choice(("info", "low", "medium", "high", "critical")),
    default="low",
    show_default=True,
    help="At least this.",
)
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="A threshold or window, such as failed_sign_ins__threshold=10; repeatable.",
)
@output_options
def command(
    case: str,
    only: str | None,
    account_id: str,
    severity: str,
    settings: tuple[str, ...],
    form: str,
    output: str | None,
) -> None:
    """Show what in CASE calls for an answer: sequences of root's events, and actions that are high or critical.

    A finding of which a step failed is marked attempted and is one step less severe.

    \b
    Examples:
      rootforensics findings case.duckdb
      rootforensics findings case.duckdb --severity critical --format json
      rootforensics findings case.duckdb --set failed_sign_ins__threshold=10
    """
    from rootforensics import open_case
    from rootforensics.cli.output import count_rows, write_result
    from rootforensics.cli.targets import check_target

    given = dict(_setting(one) for one in settings)
    with open_case(case) as opened:
        result = opened.findings(only or "", account_id=account_id, severity=severity, **given)
        check_target(opened, output)
        write_result(result, form, output)
        tell_absence(opened, account_id)
        count_rows(result)


def _setting(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or name in ("account_id", "severity"):
        raise click.BadParameter(f"{text!r} is no NAME=VALUE", param_hint="--set")
    return name.strip(), value.strip()
