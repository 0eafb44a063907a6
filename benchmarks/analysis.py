"""Measures all of the analysis on one large case: time, memory, and the CPU seconds of each step."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from contestants import expect, rootforensics_load
from measure import ChildFailedError, Usage, run_child
from tables import Target, markdown

if TYPE_CHECKING:
    from datasets import Dataset

#: Of the files of the set; 1 in 100 of its events is then root's.
ROOT_FILES = 0.3333
_CHILD = Path(__file__).with_name("child_analysis.py")
_SECONDS = 20
_PEAK_BYTES = 2e9


class Analyzed(NamedTuple):
    """What the analysis of one case used.

    Attributes:
        data: The set.
        usage: Of the process, from start to exit.
        cpu_seconds: Of each step.
        counts: What it found.
    """

    data: Dataset
    usage: Usage
    cpu_seconds: dict[str, float]
    counts: dict[str, int]


def measure_analysis(data: Dataset, scratch: Path) -> Analyzed:
    """Loads a set into a case and runs all of the analysis on it, once.

    Raises:
        ChildFailedError: The load or the analysis failed, or did not see all events.
    """
    case, output = scratch / "analysis.duckdb", scratch / "analysis.json"
    run_child(rootforensics_load(data, root_related=False).command(case))
    usage = run_child([sys.executable, str(_CHILD), str(case)], output)
    told = json.loads(output.read_text())
    for name in ("events", "root_events"):
        if problem := expect(name, told["counts"][name], getattr(data, name)):
            raise ChildFailedError(f"analysis: {problem}")
    case.unlink()
    return Analyzed(data, usage, told["cpu_seconds"], told["counts"])


def analysis_targets(found: Analyzed) -> list[Target]:
    """Returns the targets of time and memory."""
    usage, what = found.usage, f"analysis of {found.data.events:,} events, {found.data.root_events:,} of them root's"
    measured = f"{usage.wall_seconds:.1f} s ({usage.cpu_seconds:.1f} s CPU)"
    return [
        Target(f"{what}, takes less than {_SECONDS} s", measured, usage.wall_seconds < _SECONDS),
        Target(
            f"{what}, takes less than {_PEAK_BYTES / 1e9:.0f} GB",
            f"{usage.peak_bytes / 1e9:.2f} GB",
            usage.peak_bytes < _PEAK_BYTES,
        ),
    ]


def analysis_table(found: Analyzed) -> str:
    """Returns the CPU seconds of each step as Markdown, and what was found."""
    rows = [[name, f"{seconds:.2f}"] for name, seconds in found.cpu_seconds.items()]
    counts = ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in found.counts.items())
    return markdown(["step of the analysis", "CPU s"], rows) + f"\n\nThe case and what was found: {counts}."
