"""``rootforensics report``."""

from __future__ import annotations

import click

from rootforensics.cli.options import case_argument
from rootforensics.cli.output import talk
from rootforensics.cli.targets import check_target


@click.command("report")
@case_argument
@click.option("--out", "out", required=True, type=click.Path(dir_okay=False), help="The HTML file to write.")
@click.option("--title", default="", help="A name for the case, for the report's head.")
def command(case: str, out: str, title: str) -> None:
    """Write the report of CASE: one HTML file that needs no network, for screen and paper.

    \b
    Example:
      rootforensics report case.duckdb --out report.html --title "Incident 2026-08"
    """
    from rootforensics import __version__, open_case
    from rootforensics.analysis.story import tell
    from rootforensics.analysis.summary import summarize
    from rootforensics.reports.html import write_report

    with open_case(case) as opened:
        check_target(opened, out)
        summary, story = summarize(opened), tell(opened)
        write_report(opened, out, summary, story, title=title, version=__version__)
    talk(f"written: {out}")
