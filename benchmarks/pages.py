"""Measures what a person looks at: the report of a large case, and each chart."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from contestants import rootforensics_load
from measure import Usage, run_child
from tables import Target, markdown

if TYPE_CHECKING:
    from datasets import Dataset

#: Of the files of the set; 1 in 50 of its events is then root's.
ROOT_FILES = 0.6667
_CHILD = Path(__file__).with_name("child_charts.py")
_REPORT_SECONDS, _REPORT_BYTES, _CHART_SECONDS = 15, 10e6, 2


class Pages(NamedTuple):
    """What the report and the charts of one case used.

    Attributes:
        data: The set.
        report: Of the process that writes the report, from start to exit.
        report_bytes: Size of the report.
        analysis: Seconds of the analysis that the charts share.
        charts: Seconds of each chart after that, its rows asked and drawn as SVG.
    """

    data: Dataset
    report: Usage
    report_bytes: int
    analysis: float
    charts: dict[str, float]


def measure_pages(data: Dataset, scratch: Path) -> Pages:
    """Loads a set into a case, and makes its report and every chart, once.

    Raises:
        ChildFailedError: A step failed.
    """
    case, page, output = scratch / "pages.duckdb", scratch / "report.html", scratch / "charts.json"
    run_child(rootforensics_load(data, root_related=False).command(case))
    report = run_child([sys.executable, "-m", "rootforensics", "report", str(case), "--out", str(page)])
    run_child([sys.executable, str(_CHILD), str(case)], output)
    seconds: dict[str, float] = json.loads(output.read_text())
    analysis = seconds.pop("the analysis that charts share")
    size = page.stat().st_size
    case.unlink()
    return Pages(data, report, size, analysis, seconds)


def pages_targets(found: Pages) -> list[Target]:
    """Returns the targets of the report's time and size, and of the slowest chart."""
    report, size = found.report, found.report_bytes
    what = f"report of {found.data.events:,} events, {found.data.root_events:,} of them root's,"
    name, slowest = max(found.charts.items(), key=lambda item: item[1])
    return [
        Target(
            f"{what} takes less than {_REPORT_SECONDS} s",
            f"{report.wall_seconds:.1f} s ({report.cpu_seconds:.1f} s CPU)",
            report.wall_seconds < _REPORT_SECONDS,
        ),
        Target(f"{what} is smaller than {_REPORT_BYTES / 1e6:.0f} MB", f"{size / 1e6:.1f} MB", size < _REPORT_BYTES),
        Target(
            f"every chart of that case, the analysis done, takes less than {_CHART_SECONDS} s",
            f"{slowest:.2f} s ({name})",
            slowest < _CHART_SECONDS,
        ),
    ]


def pages_table(found: Pages) -> str:
    """Returns the seconds of each chart as Markdown."""
    rows = [["the analysis that charts share, done once", f"{found.analysis:.2f}"]]
    rows += [[name, f"{seconds:.2f}"] for name, seconds in found.charts.items()]
    return markdown([f"chart, rows and SVG, {found.data.events:,} events", "wall s"], rows)
