"""Wait for an answer of AWS no longer than is stated, and tell what is none."""

from __future__ import annotations

from concurrent.futures import Future
from threading import Thread
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

_Answer = TypeVar("_Answer")
#: What botocore's parsers raise over a text of another shape than the one that they expect.
_PARSING_ERRORS: Final = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


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
        Exception: as boto3 raises them.
    """
    try:
        return begun(call).result(seconds)
    except TimeoutError as error:
        raise LateAnswerError(f"no whole answer within {seconds:g} seconds") from error
    except _PARSING_ERRORS as error:
        raise OddAnswerError(f"the answer is none of this API ({type(error).__name__})") from error


def begun(call: Callable[[], _Answer]) -> Future[_Answer]:
    """Make a call in a thread of its own, which ends with the program, whatever it waits for."""
    future: Future[_Answer] = Future()

    def make() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001 - whoever asked gets it
            future.set_exception(error)

    Thread(target=make, daemon=True).start()
    return future
