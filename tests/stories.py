"""Many small cases as one: loading, views and analysis are paid once for all stories of a package.

A test of a story is a coroutine: ``told = await tell(record, another)``. Such tests of one package run side by side:
the stories that they wait for are loaded into one case, each in accounts of its own, and each test gets the answer on
its account, with the names that it gave. A test may wait as often as it likes; it takes parameters and no fixture but
``tmp_path``. Where an answer depends on what else is in the case, ``pytestmark = pytest.mark.keeps_to_itself`` keeps the
stories of a module from those of others. What else can be waited for has a function ``answers``, too: see
``tests/ingest/side_by_side.py``.
"""

from __future__ import annotations

import copy
import dataclasses
import inspect
import json
import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import pytest
import sqlglot

import rootforensics as rf
from rootforensics.analysis.one_account import OneAccount
from tests.builders import write_log

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

#: What must be a story's own: accounts, identifiers of keys, principals, instances and tasks, eventIDs and other UUIDs.
_NAMES: Final = re.compile(
    r"(?<![0-9A-Za-z])(?:(?P<account>\d{12})|(?P<kind>A(?:KIA|SIA|ROA|IDA|GPA))(?P<rest>[0-9A-Z]*)"
    r"|(?P<machine>i-)?[0-9a-f]{6}(?P<end>(?(machine)[0-9a-f]{11}"
    r"|(?:[0-9a-f]{26}|[0-9a-f]{2}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))))(?![0-9A-Za-z])"
)


#: What ``ask`` gives if only a case of its own can answer.
ALONE: Final = object()


@dataclass(eq=False)
class Story:
    """Records, and what is asked of the case that holds them.

    Args:
        records: the events; with ``ABSENT`` fields left out already.
        ask: gets the analysis of the case and the names of this story, and gives the answer.
        load: options of ``Case.load``.
        apart: each record lies in a file of its own, in this order.
        files: what else lies beside them by name: events, text whose rows name their account, or bytes, which name
            nothing of the story's own.
    """

    records: list[dict[str, Any]]
    ask: Callable[[Any, Names], Any]
    load: dict[str, Any] = field(default_factory=dict)
    apart: bool = False
    files: dict[str, list[dict[str, Any]] | str | bytes] = field(default_factory=dict)

    @property
    def events(self) -> list[dict[str, Any]]:
        """All its events."""
        return [*self.records, *(one for held in self.files.values() if isinstance(held, list) for one in held)]

    @property
    def text(self) -> str:
        """All that names something."""
        return json.dumps(
            [self.records, [*self.files], [file for file in self.files.values() if isinstance(file, (list, str))]]
        )

    def __await__(self) -> Generator[Story, Any, Any]:
        return (yield self)

    @staticmethod
    def answers(stories: list[Story], opened: ExitStack) -> list[Any]:
        """The answer to each."""
        return answers(stories, opened)


class Names:
    """The names of one story: those that its test gives, and those that it has in the case.

    Args:
        number: of the story.
        text: all that names something.
        alone: no other story is in its case.
    """

    def __init__(self, number: int, text: str, *, alone: bool = False) -> None:
        self.alone: Final = alone
        self._number = number
        self._original: dict[str, str] = {}
        found = {match["account"] for match in _NAMES.finditer(text) if match["account"]}
        self._accounts = {name: f"{10_000_000 + number}{place:04}" for place, name in enumerate(sorted(found))}
        self.accounts: Final = list(self._accounts.values())

    def _own(self, match: re.Match[str]) -> str:
        if match["account"]:
            name = self._accounts.get(match["account"], match["account"])
        elif match["kind"]:
            name = f"{match['kind']}{self._number:04}{match['rest']}"
        else:
            name = f"{match['machine'] or ''}{self._number:06x}{match['end']}"
        if self._original.setdefault(name, match[0]) != match[0]:
            raise ValueError(f"{match[0]} and {self._original[name]} would get one name in the case")
        return name

    def in_case(self, value: Any) -> Any:
        """A value, with the names that it has in the case."""
        return _changed(value, lambda text: _NAMES.sub(self._own, text))

    def in_test(self, value: Any) -> Any:
        """A value of the case, with the names that the test gave."""
        return _changed(value, lambda text: _NAMES.sub(lambda match: self._original.get(match[0], match[0]), text))


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    """A copy of a value in which each text is changed, at any depth."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {_changed(key, change): _changed(one, change) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        changed = [_changed(one, change) for one in value]
        return type(value)(*changed) if hasattr(value, "_fields") else type(value)(changed)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        made = copy.copy(value)
        for one in dataclasses.fields(value):
            object.__setattr__(made, one.name, _changed(getattr(value, one.name), change))
        return made
    return value


_apart = False


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--stories-apart", action="store_true", help="give each story a case of its own, to find its fault"
    )


def pytest_configure(config: pytest.Config) -> None:
    global _apart  # noqa: PLW0603 - stories know nothing of pytest
    _apart = config.getoption("--stories-apart")
    config.addinivalue_line("markers", "keeps_to_itself: the stories of this module share no case with other modules")


def apart() -> bool:
    """Whether each story gets a case of its own."""
    return _apart


@dataclass(frozen=True)
class Rows:
    """What a question gives of one story."""

    rows: list[dict[str, Any]]

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Part:
    """A story in the case that it shares with others: it is asked as a case is, and speaks of its own accounts alone.

    What cannot be told apart by account is an error: such a test takes a case of its own.
    """

    analysis: Any
    names: Names

    def query(self, name: str, **parameters: Any) -> Rows:
        """The rows of a question, by the names that the test gave."""
        return self._own(lambda **given: self.analysis.query(name, **given), parameters)

    def findings(self, only: str = "", **parameters: Any) -> Rows:
        """The findings, by the names that the test gave."""
        return self._own(lambda **given: self.analysis.findings(only, **given), parameters)

    def sql(self, text: str) -> Rows:
        """The rows of a statement in which each table and view holds what is of the story's accounts."""
        if self.names.alone:
            return self._told(self.analysis._statement(text))
        statement = sqlglot.parse_one(text, read="duckdb")
        for table in [*statement.find_all(sqlglot.exp.Table)]:
            columns = self.analysis._statement(f"SELECT * FROM {table.name} LIMIT 0").columns
            account = "account_id" if "account_id" in columns else "coalesce(recipientAccountId, accountId)"
            own = sqlglot.condition(account, dialect="duckdb").isin(*self.names.accounts)
            table.replace(sqlglot.select("*").from_(table.name).where(own).subquery(table.alias_or_name))
        return self._told(self.analysis._statement(statement.sql("duckdb")))

    def _own(self, ask: Callable[..., Any], parameters: dict[str, Any]) -> Rows:
        given = self.names.in_case(parameters)
        found = ask(**given)
        if self.names.alone:
            return self._told(found)
        if "account_id" not in found.columns:
            if not given.get("account_id"):
                (account,) = self.names.accounts
                found = ask(**given | {"account_id": account})
        elif found.arrow().column("account_id").null_count:
            raise LookupError("rows without an account may be of any story")
        return self._told(found, {*self.names.accounts})

    def _told(self, found: Any, accounts: set[str] | None = None) -> Rows:
        """The rows by the names of the test, of these accounts if rows name theirs."""
        return Rows([
            self.names.in_test(row)
            for row in found.rows
            if accounts is None or "account_id" not in row or row["account_id"] in accounts
        ])  # fmt: skip


def part_of(*records: dict[str, Any], apart: bool = False, **load: Any) -> Story:
    """A story that is asked like a case: ``part = await part_of(record, another)``."""
    return Story(list(records), Part, load, apart)


def told_of(make: Callable[[Any], Any], *records: dict[str, Any], apart: bool = False) -> Story:
    """What a function makes of the analysis: of the account of these records, or of the case if they are alone in it."""

    def ask(analysis: Any, names: Names) -> Any:
        if names.alone:
            return make(analysis)
        return make(OneAccount(analysis, names.accounts[0])) if len(names.accounts) == 1 else ALONE

    return Story(list(records), ask, apart=apart)


def answers(stories: list[Story], opened: ExitStack) -> list[Any]:
    """The answer to each story, from one case for all that can lie side by side; the cases stay open."""
    given: dict[int, Any] = {}
    groups: dict[int, list[int]] = {}
    for number, story in enumerate(stories):
        # What belongs to no account, or is left out of a load, bears on every account of the case.
        owned = [isinstance(event.get("recipientAccountId", event.get("accountId")), str) for event in story.events]
        whole = (owned or story.files) and all(owned) and not story.load
        groups.setdefault(0 if whole and not _apart else number + 1, []).append(number)
    for numbers in groups.values():
        given |= _told_one_by_one(stories, _told_together(stories, numbers, opened), opened)
    return [alone(stories[number]) if given[number] is ALONE else given[number] for number in range(len(stories))]


def _told_together(stories: list[Story], numbers: list[int], opened: ExitStack) -> dict[int, Any]:
    """The answer to each of some stories by its number, from one case for all; what it raised is its answer, too."""
    names = {number: Names(number, stories[number].text, alone=len(numbers) == 1) for number in numbers}
    folder = opened.enter_context(TemporaryDirectory())
    case = opened.enter_context(rf.open_case(Path(folder, "case.duckdb")))
    for number in numbers:
        records = names[number].in_case(stories[number].records)
        files = [[record] for record in records] if stories[number].apart else [records]
        for place, held in enumerate(files):
            write_log(Path(folder, "logs"), f"{number:04}-{place:04}.json", held)
        for name, held in names[number].in_case(stories[number].files).items():
            _write(Path(folder, "logs", f"{number:04}"), name, held)
    given: dict[int, Any] = {}
    try:
        case.load(Path(folder, "logs"), **names[numbers[0]].in_case(stories[numbers[0]].load))
    except Exception as error:  # noqa: BLE001 - raised in the tests of these stories
        return dict.fromkeys(numbers, error)
    analysis = case.analysis()
    for number in numbers:
        try:
            answer = stories[number].ask(analysis, names[number])
            given[number] = answer if isinstance(answer, Part) else names[number].in_test(answer)
        except Exception as error:  # noqa: BLE001 - raised in the test of this story
            given[number] = error
    return given


def _told_one_by_one(stories: list[Story], given: dict[int, Any], opened: ExitStack) -> dict[int, Any]:
    """The answers; where a story raises that does not by itself, each from a case of its own: the culprit raises alone."""
    failed = [number for number, one in given.items() if isinstance(one, Exception)]
    if len(given) == 1 or all(isinstance(_told_alone(stories[number], opened), Exception) for number in failed):
        return given
    told = {number: _told_alone(stories[number], opened) for number in given}
    culprits = [one for one in told.values() if isinstance(one, Exception)]
    for one in culprits or [given[number] for number in failed]:
        why = "by itself, too" if culprits else "only beside others: no story of the case raises by itself"
        one.add_note(f"Raised {why}; {len(failed)} of {len(given)} stories failed in the case that they share.")
    return told if culprits else given


def _write(folder: Path, name: str, held: list[dict[str, Any]] | str | bytes) -> None:
    if isinstance(held, list):
        write_log(folder, name, held)
        return
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(held.encode() if isinstance(held, str) else held)


def alone(story: Story) -> Any:
    """The answer to one story, from a case of its own."""
    with ExitStack() as opened:
        answer = _told_alone(story, opened)
    if isinstance(answer, Exception):
        raise answer
    return answer


def _told_alone(story: Story, opened: ExitStack) -> Any:
    (answer,) = answers([story], opened)
    return answer


def run_together(tests: dict[str, Coroutine[Any, Any, None]]) -> dict[str, BaseException | None]:
    """Run coroutines side by side, and tell how each of them ended."""
    ended: dict[str, BaseException | None] = {}
    waiting: dict[str, Any] = dict.fromkeys(tests)
    with ExitStack() as opened:
        while waiting:
            asked: dict[str, Any] = {}
            for name, answer in waiting.items():
                try:
                    test = tests[name]
                    asked[name] = test.throw(answer) if isinstance(answer, Exception) else test.send(answer)
                except StopIteration:
                    ended[name] = None
                except BaseException as error:  # noqa: BLE001 - raised when it is the test's turn
                    ended[name] = error
            waiting = {}
            for kind in {type(story): None for story in asked.values()}:
                names = [name for name, story in asked.items() if type(story) is kind]
                waiting |= zip(names, kind.answers([asked[name] for name in names], opened), strict=True)
    return ended


_ENDED: Final = pytest.StashKey[dict[str, BaseException | None]]()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Run all stories of a package before the first of them."""
    if not _is_story(item):
        return
    ended = item.session.stash.setdefault(_ENDED, {})
    if item.nodeid not in ended:
        beside = [
            one
            for one in _still_to_run(item)
            if one.nodeid not in ended and _is_story(one) and _lies_in(one) == _lies_in(item)
        ]
        with TemporaryDirectory() as folder:
            tests = {one.nodeid: one.obj(**_given(one, Path(folder, f"{n:05}"))) for n, one in enumerate(beside)}
            ended.update(run_together(tests))


def _still_to_run(item: pytest.Item) -> list[pytest.Item]:
    """A test and those that this process is to run behind it; another process may yet take some of them over."""
    items = item.session.items
    for worker in item.config.pluginmanager.get_plugins():
        if (queue := getattr(worker, "torun", None)) is not None:  # pytest-xdist's
            with queue.lock() as places:
                behind = [worker.nextitem_index, *places]
            return [item, *(items[place] for place in behind if isinstance(place, int))]
    return items[items.index(item) :]


def _lies_in(item: pytest.Item) -> tuple[str, bool]:
    """What tells the case of a story: two processes may have the heavy tests and the others."""
    of_module = item.get_closest_marker("keeps_to_itself") is not None
    name = item.module.__name__ if of_module else item.module.__package__
    return name, item.get_closest_marker("heavy") is not None


def _is_story(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj)


def _given(item: pytest.Function, folder: Path) -> dict[str, Any]:
    """The parameters of a test, and this folder if it wants one."""
    given = dict(item.callspec.params) if hasattr(item, "callspec") else {}
    if "tmp_path" in inspect.signature(item.obj).parameters:
        folder.mkdir()
        given["tmp_path"] = folder
    return given


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """A story has been run: say how it ended."""
    if not _is_story(pyfuncitem):
        return None
    if error := pyfuncitem.session.stash[_ENDED][pyfuncitem.nodeid]:
        raise error
    return True
