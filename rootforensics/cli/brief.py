"""``rootforensics brief``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import account_option, approvals_options, format_option, head_options
from rootforensics.cli.redact import open_redactor, redact_option
from rootforensics.cli.talk import talk, tell_absence
from rootforensics.cli.targets import check_not_same, check_target

if TYPE_CHECKING:
    from rootforensics.reports.forms import Form, Paper


@click.command("brief")
@case_argument
@click.option("-o", "--out", "--output", "out", type=click.Path(dir_okay=False), help="Write to this file.")
@format_option(
    *("html", "md", "pdf", "docx"),
    text="Without --out html and md go to stdout. pdf needs the extra pdf and a Chromium, docx the extra docx.",
)
@account_option
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
    """Summarize CASE on one or two pages, for counsel or for the next investigator.

    For each account what happened, how long it took, and what is not known; then the timeline, what is still open,
    the first steps, and what the logs cannot show. Without --out it is written to the terminal, without the chart.

    \b
    Examples:
      rootforensics brief case.duckdb
      rootforensics brief case.duckdb --out brief.pdf --title "Incident 2026-08" --approvals approvals.yaml
      rootforensics brief case.duckdb --out brief.docx --redact ~/keys/incident.json
    """
    from rootforensics import open_case
    from rootforensics.cli.output import write_text
    from rootforensics.cli.paragraphs import write_sections
    from rootforensics.reports.forms import form_of
    from rootforensics.telling.brief import brief

    if approvals:
        check_not_same(out, approvals)
    if not out and (form in ("pdf", "docx") or (redact and not form)):
        raise click.UsageError("Name the file to write with --out.")
    with open_case(case) as opened:
        paper: Paper = "letter" if head["paper"] == "letter" else "A4"
        redactor = open_redactor(opened, redact, out)
        told: dict[str, Any] = {"password_hours": password_hours, "account_id": account_id, "redactor": redactor}
        told |= {"title": head["title"], "investigator": head["investigator"], "paper": paper}
        if not out and form:
            write_text(opened.brief_text(form, approvals or None, **told), None)
            tell_absence(opened, account_id)
            return
        if not out:
            analysis = opened.analysis(approvals or None, password_hours=password_hours, account_id=account_id)
            write_sections(brief(analysis).sections(), analysis.shared_ids)
            tell_absence(opened, account_id)
            return
        check_target(opened, out)
        opened.report(out, form_of(out, form, is_brief=True), approvals=approvals or None, only_brief=True, **told)
        tell_absence(opened, account_id)
    talk(f"written: {out}")
