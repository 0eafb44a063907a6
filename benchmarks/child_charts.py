"""Draws every chart of a case and prints the seconds of each as JSON. Run by `run.py`."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

from rootforensics import open_case
from rootforensics.charts.catalogue import charts
from rootforensics.charts.files import chart_bytes

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.charts.catalogue import Chart


def main() -> None:
    """Draws the charts of the case ``argv[1]`` as SVG, after the analysis that they share."""
    seconds: dict[str, float] = {}

    def timed(name: str, step: Callable[[], object]) -> None:
        started = time.perf_counter()
        step()
        seconds[name] = round(time.perf_counter() - started, 2)

    def drawn(chart: Chart, analysis: Analysis) -> Callable[[], object]:
        return lambda: chart_bytes(chart.draw(chart.data(analysis)), "svg")

    with open_case(sys.argv[1]) as case:
        analysis = case.analysis()
        timed("the analysis that charts share", lambda: (analysis.findings(), analysis.radius))
        for chart in charts().values():
            timed(chart.name, drawn(chart, analysis))
    print(json.dumps(seconds))


main()
