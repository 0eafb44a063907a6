"""Read ahead: threads begin with the next objects while the engine stores the ones before.

Two windows move over the tasks. The wide one fetches what lies in S3, where most of the time is spent waiting; the
narrow one inflates and decodes, which takes memory. Both are bounded in bytes and in objects.
"""

from __future__ import annotations

from collections import deque
from threading import Condition
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from concurrent.futures import Future, ThreadPoolExecutor

    from rootforensics.ingest.decode import Decoded
    from rootforensics.ingest.plan import Task
    from rootforensics.ingest.read import Reading

#: Objects are read ahead up to this many raw bytes, and this many objects.
_AHEAD_BYTES: Final = 8 * 1024 * 1024
_AHEAD_OBJECTS: Final = 128
#: And no further while this much inflated text waits to be stored.
AHEAD_TEXT_BYTES: Final = 48 * 1024 * 1024
#: Objects of S3 are fetched further ahead than that.
_FETCHED_BYTES: Final = 64 * 1024 * 1024
_FETCHED_OBJECTS: Final = 256


def fetched_ahead(tasks: Iterable[Task]) -> Iterator[Task]:
    """The tasks in order; the fetching of the next ones has begun."""
    waiting: deque[Task] = deque()
    held = 0
    for task in tasks:
        task.found.prefetch()
        waiting.append(task)
        held += task.found.size_bytes or 0
        while waiting and (not task.found.remote or held > _FETCHED_BYTES or len(waiting) >= _FETCHED_OBJECTS):
            first = waiting.popleft()
            held -= first.found.size_bytes or 0
            yield first
    yield from waiting


class Begun(NamedTuple):
    """An object whose first records have been read."""

    task: Task
    reading: Reading
    first: list[Decoded]


class ReadAhead:
    """The tasks in order, while threads already read the next ones; they begin at once. To be closed."""

    def __init__(self, pool: ThreadPoolExecutor, begin: Callable[[Task], Begun], tasks: Iterable[Task]) -> None:
        self._pool = pool
        self._begin = begin
        self._tasks = fetched_ahead(tasks)
        self._next = next(self._tasks, None)
        self._waiting: deque[Future[Begun]] = deque()
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

    def _read(self, task: Task, number: int) -> Begun:
        """Read an object's first records, unless too much text waits to be stored; runs in a reading thread."""
        with self._text:
            self._text.wait_for(lambda: self._text_held < AHEAD_TEXT_BYTES or number <= self._taken)
        begun = self._begin(task)
        with self._text:
            self._text_held += _text_bytes(begun)
        return begun

    def __iter__(self) -> ReadAhead:
        return self

    def __next__(self) -> Begun:
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

    def close(self) -> None:
        """Begin with no further task, and let threads that wait come to their end."""
        for future in self._waiting:
            future.cancel()
        with self._text:
            self._taken = self._submitted
            self._text.notify_all()


def _text_bytes(begun: Begun) -> int:
    return sum(int(decoded.events.lengths().sum()) for decoded in begun.first)
