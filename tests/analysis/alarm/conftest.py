"""A case of each test's own records, one file for each list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from tests.builders import write_log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def case_of(tmp_path: Path) -> Iterator[Callable[..., rf.Case]]:
    """Make a case that holds the given records in one file."""
    made: list[rf.Case] = []

    def make(*records: dict[str, Any]) -> rf.Case:
        write_log(tmp_path / f"logs{len(made)}", "log.json.gz", list(records))
        case = rf.open_case(tmp_path / f"case{len(made)}.duckdb")
        case.load(tmp_path / f"logs{len(made)}")
        made.append(case)
        return case

    yield make
    for case in made:
        case.close()
