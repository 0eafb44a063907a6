"""What a test may cost, and what may be missing: the rules that keep the suite fast and honest.

A test that is not marked ``heavy`` may take five seconds of CPU by itself, its processes included; what fixtures of a
session or module take is not counted. A test fails that took more than twice that, for the same work takes so much
more from hour to hour where memory is shared; and still more where a piece of work whose seconds are known does, too.
``make test`` leaves out what is heavy and holds the others to that; of a test that is marked ``quick(n)`` the first
``n`` rows of parameters run there, and the rest are heavy. ``make test-all`` and CI run all, what is heavy first, so
that no long test runs alone at the end. In CI a test that is skipped has failed: what it needs is missing.

With ``--cpu FILE`` each test's seconds of CPU and of the clock, with its fixtures, are added to a file as lines of JSON.
"""

from __future__ import annotations

import gc
import json
import os
import time
from collections import Counter
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Of CPU, for a test that is not heavy, where a million rounds of the yardstick take ``YARDSTICK_SECONDS``.
MOST_SECONDS: Final = 5.0
#: How much more the same work takes on one machine, by how much of its memory others want.
NOISE: Final = 2.0
YARDSTICK_SECONDS: Final = 0.05


def cpu_seconds() -> float:
    """The CPU time of this process and of those of its children that have ended."""
    return sum(used.ru_utime + used.ru_stime for used in map(getrusage, (RUSAGE_SELF, RUSAGE_CHILDREN)))


def slowness() -> float:
    """How many times longer work takes now than where the limit was set; at least 1."""
    begun, total = time.process_time(), 0
    for number in range(1_000_000):
        total += number * number
    return max(1.0, (time.process_time() - begun) / YARDSTICK_SECONDS)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cpu", metavar="FILE", help="add each test's seconds of CPU and of the clock to this file")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    seen = Counter[str]()
    for item in items:
        if quick := item.get_closest_marker("quick"):
            test = item.nodeid.partition("[")[0]
            seen[test] += 1
            if seen[test] > quick.args[0]:
                item.add_marker("heavy")
    items.sort(key=lambda item: item.get_closest_marker("heavy") is None)


def pytest_collection_finish() -> None:
    """Thousands of collected tests live to the end: no collection of garbage looks at them again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    cpu, clock = cpu_seconds(), time.monotonic()
    result = yield
    if path := item.config.getoption("--cpu"):
        line = json.dumps([item.nodeid, round(cpu_seconds() - cpu, 3), round(time.monotonic() - clock, 3)])
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    begun = cpu_seconds()
    result = yield
    taken = cpu_seconds() - begun
    # Where the heavy tests run, too, nobody waits for the others, and a busy machine must not fail a sound change.
    counts = item.config.option.markexpr and item.get_closest_marker("heavy") is None
    if counts and taken > MOST_SECONDS * NOISE and taken > (most := MOST_SECONDS * NOISE * slowness()):
        message = f"took {taken:.1f} s of CPU, {most:.1f} here at the most: make it cheaper, or mark it heavy"
        pytest.fail(message, pytrace=False)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.skipped and os.environ.get("CI"):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} was skipped, and nothing may be missing in CI: {report.longrepr}"
    return report
