"""Many loads as one: the case is made, written and opened once for all tests of a package that wait for it.

A test is a coroutine (see ``tests/stories.py``): ``await load_beside(tmp_path)`` in the place of ``load(tmp_path)``.
The files of such tests of one package are loaded into one case, if their options are the same; each test is given its
part of it, in which its files have the numbers that they would have alone. Tests whose files hold the same event, or
the same bytes, get cases that are not one. ``tmp_path`` is the one fixture that it may take.
"""

from __future__ import annotations

import re
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb

from rootforensics.queries.result import Result
from tests import stories
from tests.ingest.checks import Row, load, rows
from tests.stories import Rows

if TYPE_CHECKING:
    from collections.abc import Generator
    from contextlib import ExitStack

    from rootforensics.case import Case

#: Columns that hold numbers of the ledger.
_NUMBERS: Final = ("evidence_id", "archive_id", "kept_evidence_id")
_RELATION: Final = re.compile(r"\b(?:FROM|JOIN) (\w+)\b(?!\()")
_IN_WORDS: Final = re.compile(r"\bevidence (\d+)")


class Loading:
    """What a test waits for.

    Args:
        folder: of the test; ``logs`` in it is loaded if nothing is named.
        sources: files and folders in it.
        options: of ``load``.
    """

    def __init__(self, folder: Path, *sources: Path, **options: Any) -> None:
        self.folder = folder
        self.sources = sources or (folder / "logs",)
        self.options = options

    def __await__(self) -> Generator[Loading, Any, Part]:
        return (yield self)

    @staticmethod
    def answers(loadings: list[Loading], opened: ExitStack) -> list[Part | Exception]:
        """The part of each, from as few cases as may be; the cases stay open."""
        given: dict[int, Part | Exception] = {}
        alike: dict[str, list[int]] = {}
        for number, one in enumerate(loadings):
            alike.setdefault(str(number) if stories.apart() else repr(sorted(one.options.items())), []).append(number)
        waiting = [*alike.values()]
        while waiting:
            numbers = waiting.pop()
            try:
                parts = _loaded([loadings[number] for number in numbers], opened)
            except Exception as error:  # noqa: BLE001 - raised in the test whose load it is
                if len(numbers) == 1:
                    given[numbers[0]] = error
                else:
                    waiting.extend([number] for number in numbers)
                continue
            disturbed = _disturbed(parts)
            given |= {number: parts[place] for place, number in enumerate(numbers) if place not in disturbed}
            waiting.extend([numbers[place] for place in places] for places in _separated(disturbed))
        return [given[number] for number in range(len(loadings))]


load_beside = Loading


class _Whole:
    """A case of many tests."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._tables = duckdb.connect(config={"threads": 1})
        self._tables.execute("SET TimeZone = 'UTC'")
        self._tables.execute("CREATE SCHEMA held")
        self._held: set[str] = set()
        self._questions: dict[str, list[Row]] = {}

    def question(self, name: str) -> list[Row]:
        """The answer to a question of the catalogue."""
        if name not in self._questions:
            self._questions[name] = self.case.query(name).rows
        return self._questions[name]

    def ask(self, text: str, values: dict[str, Any], first: int, last: int) -> list[Row]:
        """The rows of a statement in which tables and views hold what is of these numbers, counted from one."""
        names = {*_RELATION.findall(text)}
        for name in names:
            if name not in self._held:
                found = self.case.sql(f"SELECT * FROM {name}").arrow()
                self._tables.register("found", found)
                self._tables.execute(f"CREATE TABLE held.{name} AS FROM found")
                self._held.add(name)
            columns = self._tables.table(f"held.{name}").columns
            moved = ", ".join(f"{column} - {first - 1} AS {column}" for column in _NUMBERS if column in columns)
            own = f"SELECT * REPLACE ({moved}) FROM held.{name} WHERE evidence_id BETWEEN {first} AND {last}"
            self._tables.execute(f"CREATE TEMP VIEW {name} AS {own}")
        try:
            table = self._tables.sql(text, params=values).to_arrow_table()
        finally:  # what the next statement names must not be another test's
            for name in names:
                self._tables.execute(f"DROP VIEW {name}")
        return Result(table, name="sql", sql=text, parameters=values).rows


class Part:
    """What a case holds of the files of one test: it is asked as a case is.

    Args:
        whole: the case of all.
        first: its first number in the ledger.
        last: its last one; one less than the first if there is none.
    """

    def __init__(self, whole: _Whole, first: int, last: int) -> None:
        self.whole = whole
        self.first, self.last = first, last

    def sql(self, text: str, **values: Any) -> Rows:
        """The rows of a statement."""
        return self._told(self.whole.ask(text, values, self.first, self.last))

    def query(self, name: str) -> Rows:
        """The rows of ``evidence_problems``; other questions are not of one test's files."""
        if name != "evidence_problems":
            raise LookupError(name)
        held = [row for row in self.whole.question(name) if self.first <= row["evidence_id"] <= self.last]
        # Another test may give one of its events the same ID.
        told = {row["eventID"] for row in held if row["kind"] == "event_id_conflict"}
        alone = {event_id for event_id in told if len(self._places(event_id)) == 1}
        held = [row for row in held if row["kind"] != "event_id_conflict" or row["eventID"] not in alone]
        return self._told([
            {key: value - self.first + 1 if key in _NUMBERS else value for key, value in row.items()} for row in held
        ])  # fmt: skip

    def raw(self, event_id: str) -> bytes:
        """The original record of an event."""
        places = self._places(event_id) or [tuple(event_id.split(":"))]
        if len(places) > 1:
            return self.whole.case.raw(event_id)
        number, index = places[0]
        return self.whole.case.raw(f"{int(number) + self.first - 1}:{index}")

    def _places(self, event_id: str | None) -> list[tuple[Any, ...]]:
        text = "SELECT evidence_id, record_index FROM events WHERE eventID = $event_id"
        return [tuple(row.values()) for row in self.sql(text, event_id=event_id).rows]

    def _told(self, found: list[Row]) -> Rows:
        def own(match: re.Match[str]) -> str:
            return f"evidence {int(match[1]) - self.first + 1}"

        return Rows([
            {key: _IN_WORDS.sub(own, value) if key == "problem" and value else value for key, value in row.items()}
            for row in found
        ])  # fmt: skip


def _loaded(loadings: list[Loading], opened: ExitStack) -> list[Part]:
    """One case of all, in the folder of the first."""
    folder = loadings[0].folder
    name = next(name for name in map("of-all-{}.duckdb".format, count()) if not (folder / name).exists())
    sources = [source for loading in loadings for source in loading.sources]
    case = opened.enter_context(load(folder, *sources, name=name, **loadings[0].options))
    whole = _Whole(case)
    numbers: dict[str, list[int]] = {one.folder.name: [] for one in loadings}
    before = f"/{folder.parent.name}/"
    for row in rows(case, "SELECT evidence_id, uri FROM evidence"):
        numbers[row["uri"].partition(before)[2].partition("/")[0]].append(row["evidence_id"])
    parts = []
    for one in loadings:
        own = numbers[one.folder.name]
        first, last = (min(own), max(own)) if own else (1, 0)
        assert len(own) == last - first + 1, f"the evidence of a test is no stretch of the ledger: {sorted(own)}"
        parts.append(Part(whole, first, last))
    return parts


def _disturbed(parts: list[Part]) -> dict[int, set[int]]:
    """Of the parts that know of each other, the others of each."""
    case = parts[0].whole.case
    place_of = {number: place for place, part in enumerate(parts) for number in range(part.first, part.last + 1)}
    alike: dict[Any, set[int]] = {}
    kept = "kept_evidence_id, kept_record_index"
    for row in rows(case, f"SELECT DISTINCT evidence_id, {kept} FROM duplicates"):
        number, *event = row.values()
        alike.setdefault(tuple(event), {place_of[event[0]]}).add(place_of[number])
    for row in rows(case, "SELECT evidence_id, problem FROM evidence WHERE contains(problem, 'evidence ')"):
        for number in map(int, _IN_WORDS.findall(row["problem"])):
            alike.setdefault(number, {place_of[number]}).add(place_of[row["evidence_id"]])
    found: dict[int, set[int]] = {}
    for places in alike.values():
        for place in places if len(places) > 1 else ():
            found.setdefault(place, set()).update(places - {place})
    return found


def _separated(disturbed: dict[int, set[int]]) -> list[list[int]]:
    """Groups in which no two know of each other."""
    groups: list[list[int]] = []
    for place in sorted(disturbed):
        for group in groups:
            if not disturbed[place].intersection(group):
                group.append(place)
                break
        else:
            groups.append([place])
    return groups
