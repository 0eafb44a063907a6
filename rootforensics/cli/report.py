"""``rootforensics report``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import approvals_options, format_option, head_options, make_filters, scope_options
from rootforensics.cli.redact import open_redactor, redact_option
from rootforensics.cli.talk import talk, tell_absence
from rootforensics.cli.targets import check_not_same, check_target

if TYPE_CHECKING:
    from rootforensics.reports.forms import Form


@click.command("report")
@case_argument
@click.option(
    "-o", "--out", "--output", "out", required=True, type=click.Path(dir_okay=False), help="The file to write."
)
@format_option("html", "md", "pdf", text="pdf needs the extra pdf and a Chromium.")
@click.option("--annex", is_flag=True, help="Print the annex, too: every event, session and object of evidence.")
@scope_options
@head_options
@approvals_options
@redact_option
def command(
    case: str,
    out: str,
    form: Form | None,
    annex: bool,
    account_id: str,
    since: str | None,
    until: str | None,
    approvals: str | None,
    password_hours: float,
    redact: str | None,
    **head: Any,  # noqa: ANN401 - title, investigator and paper
) -> None:
    """Write the report of CASE: one HTML file that needs no network, for screen and paper, Markdown, or PDF.

    All three have the same parts in the same order: brief, verdict, incident timeline, blast radius, containment and
    findings. An annex has the details. The HTML page folds it; PDF and Markdown have it only with --annex. Markdown
    describes the charts in words. With --since or --until, a part that is about all logs says so.

    \b
    Examples:
      rootforensics report case.duckdb --out report.html --title "Incident 2026-08" --investigator "M. Rossi"
      rootforensics report case.duckdb --out report.md
      rootforensics report case.duckdb --out report.pdf --paper letter
      rootforensics report case.duckdb --out report.html --approvals approvals.yaml
      rootforensics report case.duckdb --out report.html --account-id 111122223333
      rootforensics report case.duckdb --out handout.pdf --redact ~/keys/incident.json
    """
    from rootforensics import open_case
    from rootforensics.reports.forms import form_of

    check_not_same(out, approvals)
    wanted = make_filters(since, until)
    with open_case(case) as opened:
        check_target(opened, out)
        form = form_of(out, form)
        opened.report(
            out,
            form,
            approvals=approvals,
            password_hours=password_hours,
            redactor=open_redactor(opened, redact, out),
            annex=annex,
            account_id=account_id,
            since=wanted.since,
            until=wanted.until,
            **head,
        )
        tell_absence(opened, account_id)
    talk(f"written: {out}")
