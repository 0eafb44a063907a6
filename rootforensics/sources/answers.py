"""Wait for an answer of AWS no longer than is stated, and tell what is none."""

from __future__ import annotations

from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Final, TypeVar

from rootforensics.sources.stopping import stopped

if TYPE_CHECKING:
    from collections.abc import Callable

_Answer = TypeVar("_Answer")
#: What botocore's parsers raise over a text of another shape than the one that they expect.
_PARSING_ERRORS: Final = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
#: Whoever waits looks that often whether it is to stop.
_LOOK_SECONDS: Final = 0.25
_END_SECONDS: Final = 1.0


class OddAnswerError(Exception):
    """What came is no well-formed answer of the API that was asked."""


class LateAnswerError(Exception):
    """No whole answer came in time."""


def ask(call: Callable[[], _Answer], seconds: float) -> _Answer:
    """Make a call of boto3 in a thread that nobody waits for longer than this.

    boto3's own limits hold for each piece of an answer, and it parses whatever comes: an answer may drip, and may be
    anything.

    Args:
        call: makes the request, with its repetitions.
        seconds: until the whole answer must be there.

    Raises:
        LateAnswerError: it is not.
        OddAnswerError: boto3 can make nothing of it.
        KeyboardInterrupt: the program is to stop.
        Exception: as boto3 raises them.
    """
    try:
        return wait(begun(call), seconds)
    except TimeoutError as error:
        raise LateAnswerError(f"no whole answer within {seconds:g} seconds") from error
    except _PARSING_ERRORS as error:
        raise OddAnswerError(f"the answer is none of this API ({type(error).__name__})") from error


def wait(future: Future[_Answer], seconds: float = float("inf")) -> _Answer:
    """The result of a call, whoever waits for it.

    Raises:
        TimeoutError: it is not there after so many seconds.
        KeyboardInterrupt: the program is to stop.
        Exception: as the call raised it.
    """
    end = monotonic() + seconds
    while True:
        if stopped():  # before the result: answers that come fast are as many to wait for as slow ones
            raise KeyboardInterrupt
        with suppress(TimeoutError):
            return future.result(min(_LOOK_SECONDS, end - monotonic()))
        if future.done():  # the call itself raised it
            return future.result()
        if monotonic() >= end:
            raise TimeoutError


def begun(call: Callable[[], _Answer]) -> Future[_Answer]:
    """Make a call in a thread of its own, which ends with the program, whatever it waits for."""
    workers = Workers(1)
    future = workers.submit(call)
    workers.close(drop=False)
    return future


class Workers:
    """Threads that make calls, as many at a time as stated, and end with the program, whatever they wait for."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._threads: list[Thread] = []
        self._calls: SimpleQueue[tuple[Future[object], Callable[[], object]] | None] = SimpleQueue()

    def submit(self, call: Callable[[], _Answer]) -> Future[_Answer]:
        """Make a call as soon as a thread is free."""
        future: Future[_Answer] = Future()
        self._calls.put((future, call))  # type: ignore[arg-type]  # the pair is of one type
        if self._left:
            self._left -= 1
            self._threads.append(Thread(target=self._work, daemon=True))
            self._threads[-1].start()
        return future

    def replace_one(self) -> None:
        """Have a further thread in place of one that hangs."""
        self._left += 1

    def close(self, *, drop: bool = True) -> None:
        """Let the threads end, once what was not begun is done, or is dropped; then they have a second to end in."""
        with suppress(Empty):
            while drop and (one := self._calls.get_nowait()):
                one[0].cancel()
        self._calls.put(None)
        end = monotonic() + (_END_SECONDS if drop and not stopped() else 0)
        for thread in self._threads:
            thread.join(max(0, end - monotonic()))

    def _work(self) -> None:
        while one := self._calls.get():
            future, call = one
            with suppress(InvalidStateError):  # nobody waits for it any more
                try:
                    future.set_result(call())
                except BaseException as error:  # noqa: BLE001 - whoever waits gets it
                    future.set_exception(error)
        self._calls.put(None)
