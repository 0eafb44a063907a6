"""Cases from a few records, and what the blast radius tells of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.blast.radius import blast_radius
from tests.builders import write_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def blast_of(tmp_path: Path) -> Iterator[Any]:
    """Make a case of records; each in a file of its own with ``apart``, so that their order is that of the list."""
    made: list[rf.Case] = []

    def make(*records: dict[str, Any], apart: bool = False) -> Any:
        folder = tmp_path / f"logs{len(made)}"
        for place, one in enumerate(records if apart else ()):
            write_log(folder, f"{place:04}.json", [one])
        if not apart:
            write_log(folder, "log.json", list(records))
        case = rf.open_case(tmp_path / f"case{len(made)}.duckdb")
        case.load(folder)
        made.append(case)
        return blast_radius(case)

    make.made = made  # type: ignore[attr-defined]
    yield make
    for case in made:
        case.close()


@pytest.fixture
def radius_of(blast_of: Any) -> Any:
    """The rows of the blast radius of some records."""
    return lambda *records, **how: blast_of(*records, **how).rows
