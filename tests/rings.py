"""The three rings of the suite: what runs with every change, what CI runs, and what is run before a release.

A test without a mark is in the first ring: a fact that a change of the package can break. ``heavy`` marks what needs a
real engine, browser, JupyterLab or S3 server, or many seconds. ``deep`` marks one of many cases of the same kind; if it
needs an environment of its own, the mark names a file of it: ``deep(TOOLS)``. Of a test that is marked ``quick(n)`` the
first ``n`` rows of parameters belong to the ring of the test, and the rest are deep.

``--tenth SEED`` keeps a random tenth of the deep tests whose environment is here, and names the seed. What is heavy runs
first, so that no long test runs alone at the end. In CI a test that is skipped has failed: what it needs is missing.

With ``--cpu FILE`` each test's seconds of CPU and of the clock, with its fixtures, are added to a file as lines of JSON.
"""

from __future__ import annotations

import gc
import json
import os
import random
import time
from collections import Counter
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


def _cpu_seconds() -> float:
    """The CPU time of this process and of those of its children that have ended."""
    return sum(used.ru_utime + used.ru_stime for used in map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN)))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cpu", metavar="FILE", help="add each test's seconds of CPU and of the clock to this file")
    parser.addoption(
        "--tenth", metavar="SEED", type=int, help="of the deep tests, run the tenth that this number draws"
    )


def pytest_report_header(config: pytest.Config) -> str | None:
    seed = config.getoption("--tenth")
    return None if seed is None else f"the tenth of the deep tests: --tenth {seed} draws the same ones"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    seen = Counter[str]()
    for item in items:
        if quick := item.get_closest_marker("quick"):
            test = item.nodeid.partition("[")[0]
            seen[test] += 1
            if seen[test] > quick.args[0]:
                item.add_marker("deep")
    if (seed := config.getoption("--tenth")) is not None:
        deep = [item for item in items if item.get_closest_marker("deep")]
        here = [item for item in deep if all(path.exists() for path in item.get_closest_marker("deep").args)]
        left_out = {*deep} - {*random.Random(seed).sample(here, -(-len(here) // 10))}
        config.hook.pytest_deselected(items=[item for item in items if item in left_out])
        items[:] = [item for item in items if item not in left_out]
    items.sort(key=lambda item: item.get_closest_marker("heavy") is None)


def pytest_collection_finish() -> None:
    """Thousands of collected tests live to the end: no collection of garbage looks at them again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    cpu, clock = _cpu_seconds(), time.monotonic()
    result = yield
    if path := item.config.getoption("--cpu"):
        line = json.dumps([item.nodeid, round(_cpu_seconds() - cpu, 3), round(time.monotonic() - clock, 3)])
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.skipped and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and nothing may be missing in CI: {report.longrepr}"
    return report
