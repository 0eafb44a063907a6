"""A small case of each test's own records."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from tests.builders import write_log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rootforensics.queries.result import Result


@pytest.fixture(scope="session")
def sample_answer(sample_case: rf.Case) -> Callable[[str], Result]:
    """What the sample answers to a question, asked once."""
    return cache(sample_case.query)


@pytest.fixture
def case_of(tmp_path: Path) -> Iterator[Callable[..., rf.Case]]:
    """Make a case that holds the given records."""
    made: list[rf.Case] = []

    def make(*records: dict[str, Any]) -> rf.Case:
        folder = tmp_path / f"logs{len(made)}"
        write_log(folder, "log.json.gz", list(records))
        case = rf.open_case(tmp_path / f"case{len(made)}.duckdb")
        case.load(folder)
        made.append(case)
        return case

    yield make
    for case in made:
        case.close()
