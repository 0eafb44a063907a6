"""Charts in the page: inline SVGs, each with a note on how to read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rootforensics.charts.catalogue import named
from rootforensics.charts.drawing.svg import chart_svg

if TYPE_CHECKING:
    from collections.abc import Callable

    from markupsafe import Markup

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.charts.catalogue import Chart
    from rootforensics.reports.parts.material import Material
    from rootforensics.reports.redaction.redactor import Redactor


def chart_figure(
    material: Material, shown: Callable[[Any], Any], name: str, *, is_alone: bool = False, tallest: float = 0
) -> Markup | str:
    """A chart of the catalogue as a ``<figure>``; empty if the case has no rows for it.

    Args:
        material: of the report.
        shown: returns the text to draw for a value, masked if the report is redacted.
        name: of the chart.
        is_alone: True if the page has no rows that the marks could link to.
        tallest: inches; a higher chart is drawn again for paper, with fewer lines. 0 for no limit.
    """
    from markupsafe import Markup

    chart = named(name)
    rows = shown(_rows(chart, material.case))
    if not rows:
        return ""
    # The drawing library escapes text from the logs.
    anchor = None if is_alone else material.citations.to_text
    figure = chart.draw(rows)
    svg = Markup(chart_svg(figure, prefix=f"{name}-", anchor=anchor))  # noqa: S704
    content = Markup(
        '<figure class="chart" data-chart="{}" tabindex="0" aria-label="{}">\n{}\n'
        "<figcaption><details><summary>How to read it</summary>{} Not shown: {}</details></figcaption>\n</figure>"
    ).format(name, chart.title, svg, chart.tells, chart.misses[:1].lower() + chart.misses[1:])
    if not 0 < tallest < figure.get_figheight():
        return content
    small = chart.draw(rows, figsize=(figure.get_figwidth(), tallest))
    svg = Markup(chart_svg(small, prefix=f"{name}-paper-"))  # noqa: S704
    return content + Markup('\n<figure class="on-paper">\n{}\n</figure>').format(svg)


def _rows(chart: Chart, analysis: Analysis) -> list[Any]:
    return chart.data(analysis.all_time, since=analysis.since, until=analysis.until)


def chart_picture(analysis: Analysis, redactor: Redactor | None, name: str) -> bytes:
    """A chart of the catalogue as PNG; empty if the case has no rows for it."""
    from rootforensics.charts.files import chart_bytes

    chart = named(name)
    rows = _rows(chart, analysis)
    return chart_bytes(chart.draw(redactor.value(rows) if redactor else rows), "png") if rows else b""
