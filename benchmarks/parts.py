"""Measures loads by several processes at once, and the merge of their cases, beside one load of all.

Run ``python benchmarks/parts.py --events 300000 --files 300``. Files are dealt out one by one.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from datasets import prepare
from measure import Usage, run_child

if TYPE_CHECKING:
    from collections.abc import Sequence


def _load(case: Path, files: Sequence[Path], jobs: int) -> Usage:
    return run_child([sys.executable, "-m", "rootforensics", "load", str(case), *map(str, files), "--jobs", str(jobs)])


def measure(files: Sequence[Path], processes: int, scratch: Path) -> tuple[Usage, Usage]:
    """Returns what loading took, all processes together from the first start to the last exit, and what the merge took.

    Args:
        files: All log files.
        processes: How many load at once; 1 loads with the usual number of threads, and nothing is merged.
        scratch: An empty folder.
    """
    parts = [scratch / f"{number}.duckdb" for number in range(processes)]
    jobs = 0 if processes == 1 else 1
    begun = time.perf_counter()
    with ThreadPoolExecutor(processes) as pool:
        load = partial(_load, jobs=jobs)
        loads = [*pool.map(load, parts, [files[number::processes] for number in range(processes)])]
    wall = time.perf_counter() - begun
    loaded = Usage(wall, sum(one.cpu_seconds for one in loads), max(one.peak_bytes for one in loads))
    merge = [sys.executable, "-m", "rootforensics", "merge", str(scratch / "all.duckdb"), *map(str, parts)]
    return loaded, run_child(merge) if processes > 1 else Usage(0.0, 0.0, 0)


def main() -> None:
    """Prints a line for each number of processes: seconds, and peak memory of one process in MiB."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=300_000)
    parser.add_argument("--files", type=int, default=300)
    parser.add_argument("--processes", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir(), "rootforensics-benchmarks"))
    options = parser.parse_args()
    files = sorted(prepare(options.cache, options.events, options.files).paths)
    sys.stdout.write(f"load average {os.getloadavg()[0]:.1f}; processes, wall, CPU, MiB: of loading, of the merge\n")
    for processes in options.processes:
        with tempfile.TemporaryDirectory(dir=options.cache) as scratch:
            both = measure(files, processes, Path(scratch))
        told = (
            "  ".join((f"{one.wall_seconds:6.1f}", f"{one.cpu_seconds:6.1f}", f"{one.peak_bytes / 2**20:5.0f}"))
            for one in both
        )
        sys.stdout.write(f"{processes}  {'  |  '.join(told)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
