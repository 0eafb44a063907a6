"""``rootforensics chart``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rootforensics.cli.arguments import case_argument
from rootforensics.cli.options import (
    account_option,
    approvals_option,
    format_option,
    make_filters,
    time_options,
    tz_option,
)
from rootforensics.cli.talk import talk, tell_absence

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from rootforensics.charts.files import Form

FORMS = ("svg", "png")


class _ChartCommand(click.Command):
    """A command whose help lists the charts."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the charts below the options."""
        from rootforensics.charts.catalogue import charts

        with formatter.section("Charts"):
            formatter.write_dl([(chart.name, chart.title) for chart in charts().values()])


@click.command("chart", cls=_ChartCommand)
@case_argument
@click.argument("name")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The file to write; for all, the folder.")
@format_option(*FORMS, or_else="by the file extension, else svg")
@account_option
@click.option(
    "--geoip", metavar="FILE", type=click.Path(dir_okay=False), help="sources: a MaxMind file, for countries."
)
@approvals_option
@time_options
@tz_option()
@click.option("--title", default="", help="Replaces the usual title; not with the name all.")
@click.option("--figsize", type=(float, float), metavar="WIDTH HEIGHT", help="Size of the picture in inches.")
@click.option("--dpi", type=float, help="Dots per inch of a PNG; 120 if not given.")
def command(
    case: str,
    name: str,
    out: Path,
    form: Form | None,
    account_id: str,
    geoip: str | None,
    approvals: str | None,
    since: str | None,
    until: str | None,
    tz: str,
    title: str,
    figsize: tuple[float, float] | None,
    dpi: float | None,
) -> None:
    """Draw a chart of CASE by its NAME, or all of them.

    The same case gives the same bytes, and nothing in a picture comes from the network.

    \b
    Examples:
      rootforensics chart case.duckdb incident --out incident.svg
      rootforensics chart case.duckdb all --out charts --format png --account-id 111122223333
      rootforensics chart case.duckdb sources --out sources.png --geoip GeoLite2-Country.mmdb
      rootforensics chart case.duckdb incident --out night.png --since 2026-08-05 --tz Europe/Berlin --figsize 14 9
    """
    from rootforensics import open_case
    from rootforensics.charts.catalogue import charts, named
    from rootforensics.charts.files import form_of
    from rootforensics.cli.targets import check_not_same, check_target, log_written
    from rootforensics.reports.files import make_folder

    wanted = list(charts().values()) if name == "all" else [named(name)]
    given = {"geoip": geoip, "approvals": approvals}
    for option, value in given.items():
        if value and not any(option in chart.options for chart in wanted):
            raise click.UsageError(f"--{option} is not for the chart {name}.")
    if title and name == "all":
        raise click.UsageError("--title is for one chart, not for all.")
    part = make_filters(since, until)
    look: dict[str, Any] = {"since": part.since, "until": part.until, "tz": tz}
    look |= {"title": title, "figsize": figsize, "dpi": dpi}
    targets = {chart.name: out / f"{chart.name}.{form or 'svg'}" if name == "all" else out for chart in wanted}
    for target in targets.values():
        form_of(target, form)
        for source in filter(None, given.values()):
            check_not_same(target, source)
    with open_case(case) as opened:
        if name == "all":
            make_folder(out)
        # What stands on many questions is worth working root's views out for; the other charts ask one.
        asked = opened.analysis() if {"incident", "blast"} & targets.keys() else opened
        for chart in wanted:
            options = {key: value for key, value in given.items() if value and key in chart.options}
            target = targets[chart.name]
            check_target(opened, target)
            rows = chart.data(asked, account_id=account_id, since=part.since, until=part.until, **options)
            figure = chart.draw(rows, account_id=account_id, **look)
            _write(figure, target, form_of(target, form))
        log_written(opened)
        tell_absence(opened, account_id)


def _write(figure: Figure, target: Path, form: Form) -> None:
    from rootforensics.charts.files import chart_bytes
    from rootforensics.reports.files import replacing

    data = chart_bytes(figure, form)
    with replacing(target, "wb") as file:
        file.write(data)
    talk(f"written: {target}")
