"""Load objects into the case: threads read ahead, one statement stores, transactions hold what belongs together.

Files are one transaction: a load that is interrupted leaves the case as it was. A load from S3 may take hours, so it
is committed in steps, each of them complete for the objects that it names; a load that is interrupted loses one step.
Run again, the same command gives what an uninterrupted load gives. Paths give the order: no evidence ID is by chance.
"""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

import duckdb
import pyarrow as pa

from rootforensics.errors import SourceError
from rootforensics.ingest.ahead import Begun, ReadAhead
from rootforensics.ingest.batches import SCHEMA, in_larger_steps, integers, record_batches
from rootforensics.ingest.counted import Counts
from rootforensics.ingest.dedupe import remove_duplicates
from rootforensics.ingest.derived import infer_sources, judge_by_tables, spell_actions
from rootforensics.ingest.descent import descent, digest_of, unsearched
from rootforensics.ingest.ledger import Entry, Facts, Ledger
from rootforensics.ingest.outcome import Done, LoadOptions, LoadResult, once
from rootforensics.ingest.plan import Task, plan_object
from rootforensics.ingest.read import read_object
from rootforensics.ingest.related import Related
from rootforensics.ingest.replace import Settlement, set_aside, tell_change
from rootforensics.ingest.steps import Unfinished, by_filters, no_collecting, steps
from rootforensics.ingest.store import UNDECODED, empty_verdicts, insert_records, passing
from rootforensics.schema import FIRST_YEAR, LAST_YEAR

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from rootforensics.engines.writing import Opening
    from rootforensics.ingest.archives.store import Store
    from rootforensics.ingest.batches import Batch
    from rootforensics.ingest.decode import Decoded
    from rootforensics.ingest.steps import Step
    from rootforensics.ingest.store import Condition
    from rootforensics.sources.objects import SourceObject

# Records that the engine could not decode, times that are none, and times that it may have dropped.
_REFUSED: Final = """
SELECT DISTINCT evidence_id FROM events SEMI JOIN just_read USING (evidence_id)
WHERE record_problem = ? OR eventTime < ? OR eventTime >= ?
    OR (eventTime IS NULL AND record_problem IS NULL AND (otherFields->'$.eventTime') IS NULL)
"""


def load_objects(
    opening: Opening,
    objects: Sequence[SourceObject],
    options: LoadOptions,
    set_up: Callable[[duckdb.DuckDBPyConnection], None],
) -> LoadResult:
    """Load objects into an open case and commit.

    Args:
        opening: the case; ``set_up`` was begun.
        objects: in the order in which they get their IDs.
        options: see there.
        set_up: begins the transaction of the writer and makes what a case holds; called again if all is undone.
    """
    its = replace(options, problems=options.problems and once(options.problems))

    @no_collecting()
    def run(*, spares_refused: bool) -> LoadResult:
        return _Load(opening, its, spares_refused=spares_refused).run(objects)

    if any(found.remote for found in objects):  # what is committed in steps cannot be begun again
        return run(spares_refused=True)
    try:
        return run(spares_refused=False)
    except (duckdb.InvalidInputException, duckdb.ConversionException):
        opening.ready().execute("ROLLBACK; RESET disabled_optimizers")
        set_up(opening.ready())
        return run(spares_refused=True)


class _Load:
    """One load.

    Args:
        opening: the case, in a transaction.
        options: see there.
        spares_refused: keep a record that the engine cannot decode, as one; that slows the decoding of all others.
            Otherwise the engine's error is raised.
    """

    def __init__(self, opening: Opening, options: LoadOptions, *, spares_refused: bool) -> None:
        self._opening = opening
        self._connection = opening.ready()
        self._options = options
        self._spares_refused = spares_refused
        self._ledger = Ledger(self._connection, options.version, follows=options.filters.root_related)
        self._result = LoadResult()
        self._rows: list[tuple[Task, Facts]] = []
        self._statuses: Counter[str] = Counter()
        self._read_objects = 0
        self._raw_bytes = 0
        self._wanted_objects = 0
        self._wanted_bytes = 0
        self._error: BaseException | None = None
        self._ended: SourceError | None = None
        self._at_end = ExitStack()
        self._pools: list[ThreadPoolExecutor] = []
        self._related = Related()
        self._names: list[str] = []
        self._unread: set[int] = set()
        self._unfinished = Unfinished(self._ledger, options)
        self._partial: list[tuple[Task, Facts]] = []

    def run(self, objects: Sequence[SourceObject]) -> LoadResult:
        self._result.object_count = len(objects)
        with self._at_end:
            parts = [by_filters(step) for step in steps(self._plan(self._pool(0), objects))]
            in_order = (task for step in parts for tasks in step.values() for task in tasks)
            with closing(ReadAhead(self._pool(0), self._begin, in_order)) as ahead:
                for step in parts:
                    self._run_step(step, ahead)
                    if self._ended or step is not parts[-1]:
                        self._unfinished.mark()
                        self._commit()
                        self._connection.execute("BEGIN")
                    if self._ended:
                        raise self._ended
            self._follow()
        self._result.unsearched_count = unsearched(self._connection)
        self._unfinished.clear()
        self._commit()
        return replace(self._result, statuses=dict(self._statuses))

    def _commit(self) -> None:
        self._opening.commit(f"new events: {self._result.new_count:,}")

    def _run_step(self, step: Step, ahead: ReadAhead) -> None:
        """Read and store some objects, and bring the case up to date for them."""
        before = self._events()
        aside = set_aside(self._connection, list(chain.from_iterable(step.values())))
        self._rows = []
        for filters, tasks in step.items():
            if not self._ended:
                self._store(passing(filters), self._batches(self._had(islice(ahead, len(tasks)))))
        self._redo_undecoded()
        self._result.respelled_count += spell_actions(self._connection)
        infer_sources(self._connection)
        Settlement(self._connection, self._ledger).settle(self._rows, aside=aside)
        self._ledger.write([(task.evidence_id, facts, task.filters) for task, facts in self._rows])
        judge_by_tables(self._connection)
        if self._rows:
            empty_verdicts(self._connection)
            self._count(all_new=not before)
            self._result.new_count += self._events() - before

    def _forget(self, entry: Entry) -> None:
        empty_verdicts(self._connection)
        for one in entry.everything():
            self._ledger.forget(one.evidence_id)

    def _pool(self, depth: int) -> ThreadPoolExecutor:
        """The threads that read objects this deep in archives; each depth has its own, or they wait for each other."""
        processors = os.cpu_count() or 1  # the engine needs one if it has as much to do as the readers
        jobs = self._options.jobs or (processors if self._options.filters.root_related else max(1, processors - 1))
        while len(self._pools) <= depth:
            self._pools.append(self._at_end.enter_context(ThreadPoolExecutor(jobs, thread_name_prefix="read")))
        return self._pools[depth]

    def _events(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM events").fetchall()[0][0])

    def _count(self, *, all_new: bool, again: bool = False) -> None:
        """Take copies out and bring the counts up to date; those of objects only the first time that they are read."""
        self._list_read()
        if not again:
            stored = self._connection.execute("SELECT count(*) FROM events SEMI JOIN just_read USING (evidence_id)")
            records = sum((facts.record_count or 0) - facts.rejected_count for _, facts in self._rows)
            self._result.filtered_count += records - int(stored.fetchall()[0][0])
        moved = 0 if self._options.keeps_copies else remove_duplicates(self._connection, all_new=all_new)
        self._result.duplicate_count += moved
        self._ledger.count_events(moved=bool(moved))
        if not again:
            counted = self._connection.execute(
                "SELECT status, count(*) FROM evidence SEMI JOIN just_read USING (evidence_id) GROUP BY status"
            )
            self._statuses.update(dict(counted.fetchall()))

    def _list_read(self) -> None:
        """Give the engine the numbers of the objects that were just read."""
        read = pa.Table.from_arrays([integers([task.evidence_id for task, _ in self._rows])], ["evidence_id"])
        self._connection.register("just_read", read)

    def _plan(self, pool: ThreadPoolExecutor, objects: Sequence[SourceObject]) -> list[Task]:
        """Decide what has to be read."""
        asked, limits = self._options.filters, self._options.limits
        self._ledger.look_up([*(found.uri for found in objects), *self._options.listed])
        for entry in chain.from_iterable(map(self._ledger.entries, self._options.listed)):
            if entry.sha256 is None and not entry.holds_events:  # it could not be listed once
                self._forget(entry)
        tasks: list[Task] = []
        for step in pool.map(lambda found: plan_object(found, self._ledger, asked, limits), objects):
            if isinstance(step, Entry):
                self._note_unchanged(step)
                self._ledger.meet(step, asked)
                if step.sha256 is not None:  # it could not be read once; now that it can, that is no problem
                    for gone in self._ledger.entries(step.uri):
                        if gone.sha256 is None and not gone.holds_events:
                            self._forget(gone)
                continue
            tasks.append(step)
            self._wanted_objects += 1
            self._wanted_bytes += step.found.size_bytes or 0
        if self._ledger.note_met():
            empty_verdicts(self._connection)
        return tasks

    def _note_unchanged(self, entry: Entry) -> None:
        """What was damaged when it was loaded is still damaged, and said again."""
        for one in entry.everything():
            self._result.unchanged_count += 1
            self._result.member_count += one is not entry
            if one.status in ("damaged", "unreadable"):
                self._result.unchanged_statuses[one.status] = self._result.unchanged_statuses.get(one.status, 0) + 1
                if self._options.problems:
                    self._options.problems(one.uri, one.status, one.problem)

    def _store(self, condition: Condition, batches: Iterator[Batch]) -> None:
        """Store what passes of the objects that are read; an error inside the stream comes out as it was."""
        stream = pa.RecordBatchReader.from_batches(SCHEMA, self._stream(batches))
        try:
            insert_records(self._connection, stream, condition, spares_refused=self._spares_refused)
        finally:
            if self._error is not None:
                raise self._error

    def _stream(self, batches: Iterator[Batch]) -> Iterator[pa.RecordBatch]:
        try:
            yield from in_larger_steps(batches)
        except GeneratorExit:
            raise
        except BaseException as error:  # noqa: BLE001 - carried past the engine and raised again by _store
            self._error = error

    def _batches(self, begun: Iterator[Begun]) -> Iterator[Batch]:
        for one in begun:
            yield from self._object_batches(one)
            self._note(one.task, one.reading.facts)

    def _had(self, begun: Iterator[Begun]) -> Iterator[Begun]:
        """Readings as far as they can be had: if no further object can, the step is committed as far as it has come."""
        try:
            yield from begun
        except SourceError as error:
            if not self._rows:
                raise
            self._ended = error

    def _object_batches(self, begun: Begun) -> Iterator[Batch]:
        """The records of an object, and of all members if it is an archive."""
        task, reading, first = begun
        task.evidence_id = task.replaces.evidence_id if task.replaces else self._ledger.next_id()
        yield from _batches_of(task, chain(first, reading.lists))
        if reading.facts.archive:
            yield from self._member_batches(task, reading.facts, reading.facts.archive)

    def _member_batches(self, task: Task, facts: Facts, archive: Store) -> Iterator[Batch]:
        from rootforensics.ingest.expand import Expansion

        expansion = Expansion(task, facts, archive)
        tasks = expansion.tasks()
        with closing(archive), closing(ReadAhead(self._pool(archive.depth + 1), self._begin, tasks)) as ahead:
            for member in ahead:
                member.reading.facts.archive_id = task.evidence_id
                yield from self._object_batches(member)
                expansion.note(member.reading.facts)
                self._wanted_objects += 1
                self._wanted_bytes += member.reading.facts.size_bytes or 0
                self._result.member_count += 1
                self._note(member.task, member.reading.facts)
        expansion.finish()

    def _begin(self, task: Task) -> Begun:
        """Read an object's first records; runs in a reading thread."""
        is_partial = all(one.root_related for one in task.filters)
        reading = read_object(task.found, task.limits, self._related if is_partial else "all")
        reading.facts.counts = Counts(task.filters) if is_partial and self._related.is_first else None
        first = next(reading.lists, None)
        return Begun(task, reading, [] if first is None else [first])

    def _follow(self) -> None:
        """Take in what was done under names of what descends from root.

        Whatever makes a descendant was taken in already, whoever made the call: so all names are known at once.
        """
        if not self._partial:
            return
        before = self._events()
        if names := descent(self._connection):
            self._read_again(names)
        if (more := self._events() - before) > 0:
            self._redo_undecoded()
            spell_actions(self._connection)
            infer_sources(self._connection)
            judge_by_tables(self._connection)
            self._result.filtered_count -= more
            self._count(all_new=False, again=True)
        self._result.new_count += self._events() - before
        read = [task.evidence_id for task, _ in self._partial if task.evidence_id not in self._unread]
        self._ledger.note_descent(digest_of(names), read)

    def _read_again(self, found: dict[str, datetime | None]) -> None:
        """Read the objects again in which somebody of a name may have acted since, wherever a record names them."""
        names = self._names = sorted(found)
        times = [time for time in found.values() if time]
        since = min(times).replace(second=0, microsecond=0) if len(times) == len(found) else None
        self._related = Related(names)
        self._rows = [(task, facts) for task, facts in self._partial if facts.may_hold(since)]
        groups = by_filters([task for task, _ in self._rows])
        with closing(ReadAhead(self._pool(0), self._begin, chain(*groups.values()))) as ahead:
            for filters, tasks in groups.items():
                self._store(passing(filters, more=names), self._more_of(islice(ahead, len(tasks))))

    def _more_of(self, begun: Iterator[Begun]) -> Iterator[Batch]:
        """The records of objects that are read again."""
        for task, reading, first in begun:
            yield from _batches_of(task, chain(first, reading.lists))
            task.found.release()
            if reading.facts.status == "unreadable" or reading.facts.reading_stopped:  # it could be read once
                self._unread.add(task.evidence_id)

    def _note(self, task: Task, facts: Facts) -> None:
        """Remember an object's row and tell of it."""
        task.found.release()
        self._judge(task, facts)
        self._rows.append((task, facts))
        if any(one.root_related for one in task.filters) and not any(one.is_empty for one in task.filters):
            self._partial.append((task, facts))
        self._read_objects += 1
        self._result.record_count += (facts.record_count or 0) - facts.rejected_count
        self._raw_bytes += facts.size_bytes or 0
        if facts.problem and self._options.problems:
            self._options.problems(facts.uri, facts.status, facts.problem)
        if self._options.progress:
            wanted = self._wanted_objects, self._raw_bytes, self._wanted_bytes
            self._options.progress(Done(self._read_objects, *wanted, self._result.record_count))

    def _judge(self, task: Task, facts: Facts) -> None:
        """What reading alone cannot say: whether the object is all there, and what it was before."""
        if task.found.remark:
            facts.problems.append(task.found.remark)
        if facts.status == "unreadable" or facts.reading_stopped:
            facts.sha256 = None  # the hash of a part would pass for that of the object
            self._result.missing_count += task.found.remote
        tell_change(task, facts)

    def _redo_undecoded(self) -> None:
        """Read objects again in which the engine refused a record or a time, and bend each record first."""
        self._list_read()
        years = (datetime(year, 1, 1, tzinfo=UTC) for year in (FIRST_YEAR, LAST_YEAR))
        refused = {row[0] for row in self._connection.execute(_REFUSED, [UNDECODED, *years]).fetchall()}
        last: Store | None = None
        for task, facts in self._rows:
            if task.evidence_id in refused:
                if last and task.archive_store is not last:
                    last.close_all()
                last = task.archive_store
                self._redo(task, facts)
        if last:
            last.close_all()

    def _redo(self, task: Task, facts: Facts) -> None:
        for table in ("events", "duplicates"):
            self._connection.execute(f"DELETE FROM {table} WHERE evidence_id = ?", [task.evidence_id])  # noqa: S608
        before = (facts.record_count or 0) - facts.rejected_count
        reading = read_object(task.found, task.limits, "bend")
        stream = pa.RecordBatchReader.from_batches(SCHEMA, in_larger_steps(_batches_of(task, reading.lists)))
        insert_records(self._connection, stream, passing(task.filters, self._names), spares_refused=True)
        again = reading.facts
        facts.record_count, facts.rejected_count = again.record_count, again.rejected_count
        facts.problems[:] = [*again.problems, *([task.found.remark] if task.found.remark else ())]
        if again.status == "damaged":
            facts.status = "damaged"
        if again.reading_stopped:  # it could be read once, but not again: the next load must try
            facts.status, facts.sha256 = "unreadable", None
            self._result.missing_count += task.found.remote
        tell_change(task, facts)
        self._result.record_count += (again.record_count or 0) - again.rejected_count - before


def _batches_of(task: Task, lists: Iterable[Decoded]) -> Iterator[Batch]:
    """The records of an object, or some lists of them."""
    return chain.from_iterable(record_batches(task.evidence_id, decoded) for decoded in lists)
