"""``rootforensics brief``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import account_option, approvals_options, head_options, tell_absence
from rootforensics.cli.redact import open_redactor, redact_option
from rootforensics.cli.talk import talk
from rootforensics.cli.targets import check_not_same, check_target

if TYPE_CHECKING:
    from rootforensics.reports.forms import Form, Paper


@click.command("brief")
@case_argument
@click.option("-o", "--out", "--output", "out", type=click.Path(dir_okay=False), help="Write to this file.")
@click.option(
    "--format",
    "form",
    type=click.Choice(("html", "md", "pdf", "docx")),
    help="By the file's ending if not given. pdf needs the extra pdf and a Chromium, docx the extra docx.",
)
@account_option("Only this account; without --out.")
@head_options
@approvals_options
@redact_option
def command(
    case: str,
    out: str | None,
    form: Form | None,
    account_id: str,
    approvals: str | None,
    password_hours: float,
    redact: str | None,
    **head: str,
) -> None:
    """Tell CASE on one or two pages: for counsel, or for whoever takes over.

    For each account what happened, how long it took, and what is not known; then the key moments, what is still open,
    the first steps, and what the logs cannot show. Without --out it is written to the terminal, without the chart.

    \b
    Examples:
      rootforensics brief case.duckdb
      rootforensics brief case.duckdb --out brief.pdf --title "Incident 2026-08" --approvals approvals.yaml
      rootforensics brief case.duckdb --out brief.docx --redact ~/keys/incident.json
    """
    from rootforensics import open_case
    from rootforensics.analysis.brief.brief import brief
    from rootforensics.cli.paragraphs import write_sections
    from rootforensics.reports.forms import form_of

    if approvals:
        check_not_same(out, approvals)
    if out and account_id:
        raise click.UsageError("--account-id is for the terminal: a file tells of all accounts.")
    if not out and (form or redact):
        raise click.UsageError("Name the file to write with --out.")
    with open_case(case) as opened:
        if not out:
            analysis = opened.analysis(approvals or None, password_hours=password_hours, account_id=account_id)
            write_sections(brief(analysis).sections(), analysis.shared_ids)
            tell_absence(opened, account_id)
            return
        check_target(opened, out)
        paper: Paper = "letter" if head["paper"] == "letter" else "A4"
        opened.report(
            out,
            form_of(out, form, is_brief=True),
            title=head["title"],
            investigator=head["investigator"],
            approvals=approvals or None,
            password_hours=password_hours,
            paper=paper,
            redactor=open_redactor(opened, redact, out),
            only_brief=True,
        )
    talk(f"written: {out}")
