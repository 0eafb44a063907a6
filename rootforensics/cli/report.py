"""``rootforensics report``."""

from __future__ import annotations

import click

from rootforensics.cli.options import approvals_options, case_argument
from rootforensics.cli.output import talk
from rootforensics.cli.targets import check_not_same, check_target


@click.command("report")
@case_argument
@click.option("--out", "out", required=True, type=click.Path(dir_okay=False), help="The HTML file to write.")
@click.option("--title", default="", help="A name for the case, for the report's head.")
@click.option("--investigator", default="", help="Who answers for the report, for its head.")
@approvals_options
def command(case: str, out: str, title: str, investigator: str, approvals: str | None, password_hours: float) -> None:
    """Write the report of CASE: one HTML file that needs no network, for screen and paper.

    \b
    Examples:
      rootforensics report case.duckdb --out report.html --title "Incident 2026-08" --investigator "M. Rossi"
      rootforensics report case.duckdb --out report.html --approvals approvals.yaml
    """
    from rootforensics import __version__, open_case
    from rootforensics.analysis.story import tell
    from rootforensics.analysis.summary import summarize
    from rootforensics.reports.html import write_report

    if approvals:
        check_not_same(out, approvals)
    with open_case(case) as opened:
        check_target(opened, out)
        analysis = opened.analysis(approvals or None, password_hours=password_hours)
        found = analysis.reconciliation
        summary, story = summarize(analysis), tell(analysis, found.said() if found else ())
        write_report(
            analysis,
            out,
            summary,
            story,
            title=title,
            version=__version__,
            investigator=investigator,
            reconciliation=found,
        )
    talk(f"written: {out}")
