"""The parts of a load that are committed by themselves."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.ingest.filters import Filters
    from rootforensics.ingest.plan import Task

    #: What is committed together: tasks by the filters with which they are read.
    Step = dict[tuple[Filters, ...], list[Task]]

#: A load with objects of S3 is committed in steps of this many raw bytes or objects, so that a kill loses one step.
_STEP_BYTES: Final = 256 * 1024 * 1024
_STEP_OBJECTS: Final = 2000


@contextmanager
def no_collecting() -> Iterator[None]:
    """A load makes many objects and few cycles; looking for them costs time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def steps(tasks: list[Task]) -> Iterator[list[Task]]:
    """Parts of a load that are committed by themselves, in order; at least one. All files are one, and come first."""
    step: list[Task] = []
    held = 0
    for task in tasks:
        is_full = held >= _STEP_BYTES or len(step) >= _STEP_OBJECTS
        if step and task.found.remote and (is_full or not step[-1].found.remote):
            yield step
            step, held = [], 0
        step.append(task)
        held += task.found.size_bytes or 0
    yield step


def by_filters(step: list[Task]) -> Step:
    """The tasks of a step by the filters with which they are read; each group is one statement."""
    groups: Step = {}
    for task in step:
        groups.setdefault(task.filters, []).append(task)
    return groups
