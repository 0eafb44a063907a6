"""``rootforensics brief``."""

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


@click.command("brief")
@case_argument
@click.option("-o", "--out", "--output", "out", type=click.Path(dir_okay=False), help="Write to this file.")
@format_option(
    *("html", "md", "pdf", "docx"),
    text="Without --out html and md go to stdout. pdf needs the extra pdf and a Chromium, docx the extra docx.",
)
@scope_options
@head_options
@approvals_options
@redact_option
def command(
    case: str,
    out: str | None,
    form: Form | None,
    account_id: str,
    since: str | None,
    until: str | None,
    approvals: str | None,
    password_hours: float,
    redact: str | None,
    **head: Any,  # noqa: ANN401 - title, investigator and paper
) -> None:
    """Summarize CASE on one or two pages, for counsel or for the next investigator.

    It says for each account what happened, how long it took, and what is unknown. Then come the timeline, what is still
    open, the first steps, and what the logs cannot show. Without --out it is printed, without the chart. --since and
    --until limit the summary and the timeline. Open items, first steps and limits are always about all logs.

    \b
    Examples:
      rootforensics brief case.duckdb
      rootforensics brief case.duckdb --since 2026-08-05 --until 2026-08-06
      rootforensics brief case.duckdb --out brief.pdf --title "Incident 2026-08" --approvals approvals.yaml
      rootforensics brief case.duckdb --out brief.docx --redact ~/keys/incident.json
    """
    from rootforensics import open_case
    from rootforensics.cli.output import write_text
    from rootforensics.cli.paragraphs import explain_places, write_sections
    from rootforensics.reports.forms import form_of
    from rootforensics.telling.brief import brief

    check_not_same(out, approvals)
    if not out and (form in ("pdf", "docx") or (redact and not form)):
        raise click.UsageError("Name the file to write with --out.")
    wanted = make_filters(since, until)
    with open_case(case) as opened:
        redactor = open_redactor(opened, redact, out)
        scope: dict[str, Any] = {"password_hours": password_hours, "account_id": account_id}
        scope |= {"since": wanted.since, "until": wanted.until}
        page: dict[str, Any] = {"redactor": redactor, **head}
        if out:
            check_target(opened, out)
            opened.report(out, form_of(out, form, is_brief=True), approvals=approvals, only_brief=True, **scope, **page)
            talk(f"written: {out}")
        elif form:
            write_text(opened.brief_text(form, approvals, **scope, **page), None)
        else:
            analysis = opened.analysis(approvals, **scope)
            explain_places(write_sections(brief(analysis).sections(), analysis.shared_ids))
        tell_absence(opened, account_id)
