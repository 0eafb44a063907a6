"""What a case file answered is kept while tests of words, pictures and options run: nothing is worked out twice.

The same statement, asked of a file that has not changed, gives the same rows. Everything else is done anew for each test:
the command is parsed, the case is opened, questions are made, answers are judged, told and written. Working out the
views on root's events is put off until a question is asked that was not answered yet. The report's templates are
compiled once, too.

The ``conftest`` of a package imports ``pytest_runtest_setup`` and ``pytest_runtest_call`` for its tests.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakSet

import pytest
from jinja2 import BytecodeCache

import rootforensics.case as asked
from rootforensics.engines.readers import Readers
from rootforensics.queries.runner import keep_views, run_question, run_statement, stream_rows
from rootforensics.reports import html

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator
    from pathlib import Path

    from jinja2 import Environment
    from jinja2.bccache import Bucket

    from rootforensics.queries.result import Result

#: Answers that are kept, the newest ones; a report stands on some hundred.
_MOST = 4_000
_answers: dict[Hashable, Result] = {}
#: The file of each connection; and those whose views are still to be worked out.
_files: WeakKeyDictionary[Any, Path] = WeakKeyDictionary()
_deferred: WeakSet[Any] = WeakSet()
_within: list[bool] = []
_connect, _make_environment = Readers._connection, html._environment


def _connection(readers: Readers) -> Any:
    held = _connect(readers)
    _files[held] = readers._path
    return held


def _put_off(held: Any) -> None:
    if _within:
        _deferred.add(held)
    else:
        keep_views(held)


def _prepare(held: Any) -> None:
    if held in _deferred:
        _deferred.discard(held)
        keep_views(held)


def _kept(held: Any, question: tuple[str, ...], ask: Callable[[], Result]) -> Result:
    if not _within:
        _prepare(held)
        return ask()
    now = _files[held].stat()
    key = (_files[held], now.st_ino, now.st_mtime_ns, now.st_size, *question)
    if key not in _answers:
        _prepare(held)
        if len(_answers) >= _MOST:
            del _answers[next(iter(_answers))]
        _answers[key] = ask()
    return _answers[key]


def _question(held: Any, query: Any, given: dict[str, Any]) -> Result:
    key = (query.name, query.sql, repr(sorted(given.items())))
    return _kept(held, key, lambda: run_question(held, query, given))


def _statement(held: Any, text: str, values: dict[str, Any]) -> Result:
    return _kept(held, (text, repr(sorted(values.items()))), lambda: run_statement(held, text, values))


def _stream(held: Any, *arguments: Any) -> Any:
    _prepare(held)
    return stream_rows(held, *arguments)


class _Compiled(BytecodeCache):
    """Templates in memory, by their names and texts."""

    def __init__(self) -> None:
        self._held: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._held:
            bucket.bytecode_from_string(self._held[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._held[bucket.key] = bucket.bytecode_to_string()


_compiled = _Compiled()


def _environment() -> Environment:
    made = _make_environment()
    made.bytecode_cache = _compiled if _within else None
    return made


@contextmanager
def keeping() -> Iterator[None]:
    """Keep what cases answer; what was kept before holds, too."""
    _within.append(True)
    try:
        yield
    finally:
        _within.pop()


# Once and for all: what fixtures put in these places stands before it.
Readers._connection = _connection  # type: ignore[method-assign]
asked.keep_views, asked.stream_rows = _put_off, _stream
asked.run_question, asked.run_statement = _question, _statement
html._environment = _environment


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:  # noqa: ARG001 - pytest's
    with keeping():
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:  # noqa: ARG001 - pytest's
    with keeping():
        return (yield)
