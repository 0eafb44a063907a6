"""What two extractions counted, or one that stands beside a load of the same logs, is counted once, or not told."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

import rootforensics as rf
from tests.extraction.conftest import SINCE
from tests.extraction.logs import story
from tests.extraction.test_extract import FILTERS, extract, loaded, rows_of
from tests.ingest.checks import rows

if TYPE_CHECKING:
    from pathlib import Path

    from tests.extraction.conftest import Serve

_BY_HOUR: Final = ("coverage", "coverage_by_hour", "events_by_hour", "region_silences", "account_actors")
_BY_CALL: Final = ("events_by_service", "events_by_category")


def _whole(folder: Path, objects: dict[str, bytes]) -> rf.Case:
    loaded(folder, objects).close()
    case = rf.open_case(folder / "whole.duckdb")
    case.load(folder / "local")
    return case


@pytest.mark.parametrize("days", [(1, 12, 12, 31), (1, 12, 1, 31)], ids=["side by side", "overlapping"])
def test_two_extractions_tell_the_hours_of_a_load_of_all(tmp_path: Path, serve: Serve, days: tuple[int, ...]) -> None:
    objects = story()
    serve(dict(objects))
    parts = []
    for number, (first, last) in enumerate((days[:2], days[2:])):
        filters = replace(FILTERS, since=SINCE.replace(day=first), until=SINCE.replace(day=last))
        parts.append(extract(tmp_path / str(number), filters=filters)[0])
        parts[-1].close()
    rf.merge(tmp_path / "both.duckdb", [one.path for one in parts])
    case = rf.open_case(tmp_path / "both.duckdb")
    whole = _whole(tmp_path, objects)
    is_told = days[1] == days[2]
    # The second of the parts side by side was not searched for the user that root made before it.
    assert len(rows(case, "SELECT * FROM unsearched_evidence")) == is_told
    for name in _BY_HOUR:
        differs = [one for one, other in zip(rows_of(case, name), rows_of(whole, name), strict=True) if one != other]
        assert [row["state"] for row in differs] == ["incomplete"] * (2 * is_told * (name == "coverage_by_hour")), name
    for name in _BY_CALL:
        told, wanted = rows_of(case, name), rows_of(whole, name)
        assert len(told) == len(wanted)
        assert [row["event_count"] for row in told] == [row["event_count"] if is_told else None for row in wanted]


def test_a_load_of_all_beside_an_extraction_adds_no_hours(tmp_path: Path, serve: Serve) -> None:
    objects = story()
    serve(dict(objects))
    case, _ = extract(tmp_path)
    whole = _whole(tmp_path, objects)
    case.load(tmp_path / "local")
    for name in ("coverage", "events_by_hour", "account_actors"):
        assert rows_of(case, name) == rows_of(whole, name), name
    assert {row["event_count"] for name in _BY_CALL for row in rows_of(case, name)} == {None}
    assert rows(case, "SELECT DISTINCT event_count FROM left_out_calls") == [{"event_count": None}]
