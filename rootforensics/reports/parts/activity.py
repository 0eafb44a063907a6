"""The chart of root's activity over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rootforensics.charts.activity import COLOURS, activity_chart
from rootforensics.charts.svg import chart_svg
from rootforensics.reports.parts import Part

if TYPE_CHECKING:
    from rootforensics.reports.parts.material import Material


def build(material: Material) -> dict[str, Any]:
    """The chart as SVG, and the hours behind it that hold root activity."""
    from markupsafe import Markup

    rows = material.rows("events_by_hour")
    svg = chart_svg(activity_chart(rows))
    for name, colour in COLOURS.items():
        svg = svg.replace(colour, f"var(--chart-{name}, {colour})")
    # The SVG is drawn from times and counts alone; no text of the logs is in it.
    return {"svg": Markup(svg), "any_rows": bool(rows), "hours": [row for row in rows if row["activity_count"]]}  # noqa: S704


PART = Part("activity", "When root was used", 30, build)
