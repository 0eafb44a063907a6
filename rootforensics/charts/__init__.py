"""Rows become matplotlib figures; no SQL here.

Each chart is a pair: ``…_data(case)`` asks the case and returns rows, ``…_chart(rows)`` draws them. A figure can be
drawn into axes of your own (``ax=``), a notebook shows it once, and its label is a description in words.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rootforensics.charts.activity import activity_chart, activity_data
    from rootforensics.charts.blast import blast_chart, blast_data
    from rootforensics.charts.catalogue import Chart, charts
    from rootforensics.charts.coverage import coverage_chart, coverage_data
    from rootforensics.charts.drawing.svg import chart_svg
    from rootforensics.charts.files import chart_bytes
    from rootforensics.charts.heatmap import heatmap_chart, heatmap_data
    from rootforensics.charts.incident import incident_chart, incident_data
    from rootforensics.charts.interactive import incident_interactive
    from rootforensics.charts.noise import noise_chart, noise_data
    from rootforensics.charts.posture import posture_chart, posture_data
    from rootforensics.charts.services import services_chart, services_data
    from rootforensics.charts.sessions import sessions_chart, sessions_data
    from rootforensics.charts.signins import signins_chart, signins_data
    from rootforensics.charts.sources import sources_chart, sources_data

__all__ = [
    "Chart",
    "activity_chart",
    "activity_data",
    "blast_chart",
    "blast_data",
    "chart_bytes",
    "chart_svg",
    "charts",
    "coverage_chart",
    "coverage_data",
    "heatmap_chart",
    "heatmap_data",
    "incident_chart",
    "incident_data",
    "incident_interactive",
    "noise_chart",
    "noise_data",
    "posture_chart",
    "posture_data",
    "services_chart",
    "services_data",
    "sessions_chart",
    "sessions_data",
    "signins_chart",
    "signins_data",
    "sources_chart",
    "sources_data",
]

_HOMES = {
    "Chart": "catalogue",
    "charts": "catalogue",
    "chart_svg": "drawing.svg",
    "chart_bytes": "files",
    "incident_interactive": "interactive",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute
    if name in __all__:
        home = _HOMES.get(name) or name.rpartition("_")[0]
        return getattr(import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
