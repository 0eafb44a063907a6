"""Load objects into the case: threads read ahead, one statement stores, one transaction holds it all.

The transaction makes a load atomic: a load that is interrupted leaves the case as it was, and the same command
run again gives what an uninterrupted one gives. Objects are taken in the order of their paths whatever the
threads do, so evidence IDs do not depend on chance. What an object yields goes to the engine as a stream: only
what is being read or stored is in memory.
"""

from __future__ import annotations

import gc
import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, islice
from threading import Condition
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import pyarrow as pa

from rootforensics.ingest.batches import SCHEMA, in_larger_steps, integers, record_batches
from rootforensics.ingest.dedupe import remove_duplicates
from rootforensics.ingest.filters import FIRST_YEAR, LAST_YEAR, Filters
from rootforensics.ingest.inflate import Limits
from rootforensics.ingest.ledger import Entry, Facts, Ledger
from rootforensics.ingest.plan import Task, plan_object
from rootforensics.ingest.read import Reading, read_object
from rootforensics.ingest.store import UNDECODED, create_tables, insert_records

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future

    import duckdb

    from rootforensics.ingest.batches import Batch
    from rootforensics.ingest.decode import Decoded
    from rootforensics.sources.local import FoundObject

#: Objects are read ahead up to this many raw bytes, and this many objects.
_AHEAD_BYTES: Final = 8 * 1024 * 1024
_AHEAD_OBJECTS: Final = 128
#: And no further while this much inflated text waits to be stored.
_AHEAD_TEXT_BYTES: Final = 96 * 1024 * 1024


# Records that the engine could not decode, times that are none, and times that it may have dropped.
_REFUSED: Final = """
SELECT DISTINCT evidence_id FROM events SEMI JOIN just_stored USING (evidence_id)
WHERE record_problem = ? OR eventTime < ? OR eventTime >= ?
    OR (eventTime IS NULL AND record_problem IS NULL AND (otherFields->'$.eventTime') IS NULL)
"""


@dataclass(frozen=True, slots=True)
class Done:
    """How far a load is.

    Attributes:
        objects: objects read so far.
        of_objects: objects that have to be read, as far as is known.
        raw_bytes: bytes of the objects read so far, as they are stored.
        of_bytes: bytes of all that have to be read, as far as is known.
        records: records read so far.
    """

    objects: int
    of_objects: int
    raw_bytes: int
    of_bytes: int
    records: int


class Progress(Protocol):
    """Told of a load's progress; may be called from any thread."""

    def __call__(self, done: Done, /) -> None:
        """Take in what is done so far."""


class Problems(Protocol):
    """Told of each object that is not as it should be, while the load runs; may be called from any thread."""

    def __call__(self, uri: str, status: str, problem: str) -> None:
        """Take in one problem."""


@dataclass(frozen=True, slots=True)
class LoadOptions:
    """How to load.

    Attributes:
        filters: what to take in.
        limits: bounds on what one object may inflate to.
        jobs: reading threads; 0 for as many as suit the processors.
        progress: called after each object.
        problems: called for each object with a problem.
        version: of this package, for the ledger.
    """

    filters: Filters = field(default_factory=Filters)
    limits: Limits = field(default_factory=Limits)
    jobs: int = 0
    progress: Progress | None = None
    problems: Problems | None = None
    version: str = ""


@dataclass(slots=True)
class LoadResult:
    """What a load did.

    Attributes:
        object_count: objects that the sources named.
        unchanged_count: of these, already in the case with the same bytes.
        unchanged_statuses: of the unchanged ones, how many are damaged or unreadable.
        statuses: how many of the others got each status.
        not_decoded_count: of these, without any mention of root, so that a root-only load did not look inside.
        record_count: events read, before filters and before copies were taken out.
        filtered_count: of these, left out by the filters.
        duplicate_count: copies taken out.
        new_count: events that the case has gained.
    """

    object_count: int = 0
    unchanged_count: int = 0
    unchanged_statuses: dict[str, int] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    not_decoded_count: int = 0
    record_count: int = 0
    filtered_count: int = 0
    duplicate_count: int = 0
    new_count: int = 0

    def count_of(self, status: str) -> int:
        """Objects of this status among all that the sources named (``damaged`` and ``unreadable`` only)."""
        return self.statuses.get(status, 0) + self.unchanged_statuses.get(status, 0)


def load_objects(
    connection: duckdb.DuckDBPyConnection,
    objects: Sequence[FoundObject],
    options: LoadOptions,
    prepare: Callable[[duckdb.DuckDBPyConnection], None],
) -> LoadResult:
    """Load objects into an open case and commit.

    Args:
        connection: a writer; a transaction is begun and ended here.
        objects: in the order in which they get their IDs.
        options: see there.
        prepare: called when the tables are there, to add what belongs to the case but not to loading.
    """
    connection.execute("BEGIN")
    collecting = gc.isenabled()
    gc.disable()  # a load makes many objects and no cycles; looking for them costs time
    try:
        create_tables(connection, options.version)
        result = _Load(connection, options).run(objects, prepare)
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    finally:
        if collecting:
            gc.enable()
    connection.execute("COMMIT")
    return result


class _Load:
    def __init__(self, connection: duckdb.DuckDBPyConnection, options: LoadOptions) -> None:
        self._connection = connection
        self._options = options
        self._ledger = Ledger(connection, options.version)
        self._result = LoadResult()
        self._rows: list[tuple[Task, Facts]] = []
        self._raw_bytes = 0
        self._wanted_objects = 0
        self._wanted_bytes = 0
        self._error: BaseException | None = None

    def run(self, objects: Sequence[FoundObject], prepare: Callable[[duckdb.DuckDBPyConnection], None]) -> LoadResult:
        self._result.object_count = len(objects)
        before = self._events()
        jobs = self._options.jobs or self._default_jobs()
        with ThreadPoolExecutor(jobs, thread_name_prefix="read") as pool:
            plan = self._plan(pool, objects)
            ahead = _ReadAhead(pool, self._begin, chain.from_iterable(plan.values()))
            try:
                prepare(self._connection)  # while threads already read
                for filters, tasks in plan.items():
                    self._store(filters, islice(ahead, len(tasks)))
            finally:
                ahead.stop()
        self._redo_undecoded()
        self._ledger.write([(task.evidence_id, facts, task.filters) for task, facts in self._rows])
        if self._rows:
            self._count()
            self._result.new_count = self._events() - before
        return self._result

    def _default_jobs(self) -> int:
        """A reading thread a processor, but leave the engine one if it has as much to do as the readers."""
        processors = os.cpu_count() or 1
        return processors if self._options.filters.root_only else max(1, processors - 1)

    def _events(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM events").fetchall()[0][0])

    def _count(self) -> None:
        """Take copies out and bring every count up to date."""
        read = pa.Table.from_arrays([integers([task.evidence_id for task, _ in self._rows])], ["evidence_id"])
        self._connection.register("just_read", read)
        stored = self._connection.execute("SELECT count(*) FROM events SEMI JOIN just_read USING (evidence_id)")
        self._result.filtered_count = self._result.record_count - int(stored.fetchall()[0][0])
        self._result.duplicate_count = remove_duplicates(self._connection)
        self._ledger.count_events()
        counted = self._connection.execute(
            "SELECT status, count(*) FROM evidence SEMI JOIN just_read USING (evidence_id) GROUP BY status"
        )
        self._result.statuses = dict(counted.fetchall())
        self._connection.unregister("just_read")

    def _plan(self, pool: ThreadPoolExecutor, objects: Sequence[FoundObject]) -> dict[tuple[Filters, ...], list[Task]]:
        """Decide what has to be read, and give it its IDs."""
        asked, limits = self._options.filters, self._options.limits
        plan: dict[tuple[Filters, ...], list[Task]] = {}
        for step in pool.map(lambda found: plan_object(found, self._ledger, asked, limits), objects):
            if isinstance(step, Entry):
                self._note_unchanged(step)
                if step.sha256 is not None:  # it could not be read once; now that it can, that is no problem
                    for gone in self._ledger.entries(step.uri):
                        if gone.sha256 is None:
                            self._ledger.forget(gone.evidence_id)
                continue
            if step.replaces:
                step.evidence_id = step.replaces.evidence_id
                self._ledger.forget(step.evidence_id)
            else:
                step.evidence_id = self._ledger.next_id()
            plan.setdefault(step.filters, []).append(step)
            self._wanted_objects += 1
            self._wanted_bytes += step.found.size_bytes or 0
        return plan

    def _note_unchanged(self, entry: Entry) -> None:
        """What was damaged when it was loaded is still damaged, and said again."""
        self._result.unchanged_count += 1
        if entry.status in ("damaged", "unreadable"):
            self._result.unchanged_statuses[entry.status] = self._result.unchanged_statuses.get(entry.status, 0) + 1
            if self._options.problems:
                self._options.problems(entry.uri, entry.status, entry.problem)

    def _store(self, filters: tuple[Filters, ...], begun: Iterator[_Begun]) -> None:
        """Store what passes of the objects that are read; an error inside the stream comes out as it was."""
        stream = pa.RecordBatchReader.from_batches(SCHEMA, self._stream(begun))
        try:
            insert_records(self._connection, stream, filters)
        finally:
            if self._error is not None:
                raise self._error

    def _stream(self, begun: Iterator[_Begun]) -> Iterator[pa.RecordBatch]:
        try:
            yield from in_larger_steps(self._batches(begun))
        except GeneratorExit:
            raise
        except BaseException as error:  # noqa: BLE001 - carried past the engine and raised again by _store
            self._error = error

    def _batches(self, begun: Iterator[_Begun]) -> Iterator[Batch]:
        for task, reading, first in begun:
            for decoded in chain(first, reading.lists):
                yield from record_batches(task.evidence_id, decoded)
            self._note(task, reading.facts)

    def _begin(self, task: Task) -> _Begun:
        """Read an object's first records; runs in a reading thread."""
        root_only = all(one.root_only for one in task.filters)
        reading = read_object(task.found, task.limits, "root" if root_only else "all")
        first = next(reading.lists, None)
        return _Begun(task, reading, [] if first is None else [first])

    def _note(self, task: Task, facts: Facts) -> None:
        """Remember an object's row and tell of it."""
        _tell_change(task, facts)
        self._rows.append((task, facts))
        self._result.not_decoded_count += facts.record_count is None and facts.status == "loaded"
        self._result.record_count += (facts.record_count or 0) - facts.rejected_count
        self._raw_bytes += facts.size_bytes or 0
        if facts.problem and self._options.problems:
            self._options.problems(facts.uri, facts.status, facts.problem)
        if self._options.progress:
            wanted = self._wanted_objects, self._raw_bytes, self._wanted_bytes
            self._options.progress(Done(len(self._rows), *wanted, self._result.record_count))

    def _redo_undecoded(self) -> None:
        """Read objects again in which the engine refused a record or a time, and bend each record first."""
        stored = pa.Table.from_arrays([integers([task.evidence_id for task, _ in self._rows])], ["evidence_id"])
        self._connection.register("just_stored", stored)
        refused = {
            row[0]
            for row in self._connection.execute(
                _REFUSED, [UNDECODED, datetime(FIRST_YEAR, 1, 1, tzinfo=UTC), datetime(LAST_YEAR, 1, 1, tzinfo=UTC)]
            ).fetchall()
        }
        self._connection.unregister("just_stored")
        for task, facts in self._rows:
            if task.evidence_id in refused:
                self._redo(task, facts)

    def _redo(self, task: Task, facts: Facts) -> None:
        self._connection.execute("DELETE FROM events WHERE evidence_id = ?", [task.evidence_id])
        before = (facts.record_count or 0) - facts.rejected_count
        reading = read_object(task.found, task.limits, "bend")
        batches = (batch for decoded in reading.lists for batch in record_batches(task.evidence_id, decoded))
        stream = pa.RecordBatchReader.from_batches(SCHEMA, in_larger_steps(batches))
        insert_records(self._connection, stream, task.filters)
        again = reading.facts
        facts.record_count, facts.rejected_count = again.record_count, again.rejected_count
        facts.problems[:] = again.problems
        _tell_change(task, facts)
        self._result.record_count += (again.record_count or 0) - again.rejected_count - before


def _tell_change(task: Task, facts: Facts) -> None:
    """Say in an object's problems that other bytes lay there before."""
    if task.changed_from:
        change = "changed since it was loaded" if facts.sha256 else "it was loaded before,"
        facts.problems.append(f"{change} as evidence {task.changed_from.evidence_id}")


class _Begun(NamedTuple):
    """An object whose first records have been read."""

    task: Task
    reading: Reading
    first: list[Decoded]


class _ReadAhead:
    """The tasks in order, while threads already read the next ones; they begin at once."""

    def __init__(self, pool: ThreadPoolExecutor, begin: Callable[[Task], _Begun], tasks: Iterable[Task]) -> None:
        self._pool = pool
        self._begin = begin
        self._tasks = iter(tasks)
        self._next = next(self._tasks, None)
        self._waiting: deque[Future[_Begun]] = deque()
        self._held = 0
        self._submitted = self._taken = 0
        self._text = Condition()
        self._text_held = 0
        self._fill()

    def _fill(self) -> None:
        """Hand tasks to the threads; one at least, however large, and then as many as the bounds allow."""
        while self._next is not None:
            size = self._next.found.size_bytes or 0
            if self._waiting and (self._held + size > _AHEAD_BYTES or len(self._waiting) >= _AHEAD_OBJECTS):
                return
            self._waiting.append(self._pool.submit(self._read, self._next, self._submitted))
            self._submitted += 1
            self._held += size
            self._next = next(self._tasks, None)

    def _read(self, task: Task, number: int) -> _Begun:
        """Read an object's first records, unless too much text waits to be stored; runs in a reading thread."""
        with self._text:
            self._text.wait_for(lambda: self._text_held < _AHEAD_TEXT_BYTES or number <= self._taken)
        begun = self._begin(task)
        with self._text:
            self._text_held += _text_bytes(begun)
        return begun

    def __iter__(self) -> _ReadAhead:
        return self

    def __next__(self) -> _Begun:
        if not self._waiting:
            raise StopIteration
        begun = self._waiting.popleft().result()
        self._held -= begun.task.found.size_bytes or 0
        with self._text:
            self._text_held -= _text_bytes(begun)
            self._taken += 1
            self._text.notify_all()
        self._fill()
        return begun

    def stop(self) -> None:
        """Let threads that wait go on to their end."""
        for future in self._waiting:
            future.cancel()
        with self._text:
            self._taken = self._submitted
            self._text.notify_all()


def _text_bytes(begun: _Begun) -> int:
    return sum(int(decoded.events.lengths().sum()) for decoded in begun.first)
