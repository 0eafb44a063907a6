"""The parts of a load that are committed by themselves."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from rootforensics.ingest.ledger import Facts
from rootforensics.sources.objects import Unlisted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rootforensics.ingest.filters import Filters
    from rootforensics.ingest.ledger import Ledger
    from rootforensics.ingest.outcome import LoadOptions
    from rootforensics.ingest.plan import Task

    #: What is committed together: tasks by the filters with which they are read.
    Step = dict[tuple[Filters, ...], list[Task]]

#: A load with objects of S3 is committed in steps of this many raw bytes or objects, so that a kill loses one step.
_STEP_BYTES: Final = 256 * 1024 * 1024
_STEP_OBJECTS: Final = 2000
_UNFINISHED: Final = "a load of this place was not finished, and not all of it is in the case: run it again"


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


class Unfinished:
    """Rows of the places in S3 that are being loaded, as of places that could not be listed: a part is committed.

    The next load that lists such a place takes its row away, as it does with any of these.

    Args:
        ledger: of the case.
        options: of the load.
    """

    def __init__(self, ledger: Ledger, options: LoadOptions) -> None:
        self._ledger = ledger
        self._options = options
        self._rows: list[int] = []

    def mark(self) -> None:
        """Add the rows, for a step that is not the last is to be committed."""
        places: list[str] = []
        for uri in () if self._rows else sorted(self._options.listed):
            if uri.startswith("s3://") and not (places and uri.startswith(places[-1])):
                places.append(uri)
                facts = Facts(Unlisted(uri, _UNFINISHED), status="unreadable", problems=[_UNFINISHED])
                self._rows.append(-len(self._rows))  # the numbers of objects are as if there were no steps
                self._ledger.write([(self._rows[-1], facts, (self._options.filters,))])
        self._ledger.count_none(self._rows)

    def clear(self) -> None:
        """Take them away: all of it is in the case."""
        self._ledger.forget_rows(self._rows)
