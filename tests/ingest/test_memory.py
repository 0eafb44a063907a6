"""A load keeps to the engine's memory, whatever is asked of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rootforensics.ingest.filters import Filters
from tests.builders import ACCOUNT, REGION, event, root_event, write_log
from tests.ingest.checks import check_counts, load, rows

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("filters", "kept"),
    [(Filters(accounts=(ACCOUNT,)), 12_000), (Filters(regions=(REGION,), root_only=True), 6_000)],
    ids=["accounts", "regions and root only"],
)
def test_a_filter_takes_no_more_memory_than_none(tmp_path: Path, filters: Filters, kept: int) -> None:
    one, root = event(), root_event()
    words = {"text": "lorem ipsum dolor " * 130}
    events = [
        {**one, "eventID": f"a{number}", "requestParameters": words}
        if number % 2
        else {**root, "eventID": f"b{number}", "requestParameters": words}
        for number in range(12_000)
    ]
    write_log(tmp_path / "logs", "a.json", events)
    case = load(tmp_path, filters=filters)
    check_counts(case, filtered=True)
    assert rows(case, "SELECT count(*) AS n FROM events") == [{"n": kept}]
