"""Times of tables are read in one way or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rootforensics.ingest.containers.times import time_of
from tests.ingest.checks import load, rows

if TYPE_CHECKING:
    from pathlib import Path

#: 2026-08-05T10:00:00Z is 1,785,924,000 seconds after 1970 (date -u -d 2026-08-05T10:00:00Z +%s).
TEN: str = "2026-08-05T10:00:00Z"


@pytest.mark.parametrize(
    "cell",
    [
        TEN,
        "2026-08-05 10:00:00.000",
        "2026-08-05 10:00:00.000 UTC",
        "2026-08-05T12:00:00+02:00",
        "2026-08-05 12:00:00 (UTC+02:00)",
        "2026-08-05 10:00:00 +0000 UTC",
        "2026/08/05 10:00:00",
        "2026/8/5 10:00",
        "2026.08.05 10:00:00",
        "August 05, 2026, 12:00:00 (UTC+02:00)",
        "2026-08-05 12:00:00 UTC+2",
        "2026-08-05 12:00:00 UTC+02",
        "2026-08-05 12:00:00 UTC+02:00",
        "2026-08-05 12:00:00 UTC+2:00",
        "2026-08-05T12:00:00 (UTC+2)",
        "2026-08-05 15:45:00 GMT+5:45",
        "2026-08-05 03:00:00 GMT-7",
        "2026-08-05 03:00:00 UTC\u22127",
        "August 05, 2026, 12:00:00 (UTC+2)",
        "August 5, 2026 at 12:30:00 PM (UTC+0230)",
        "August 5, 2026, 10:00:00 AM UTC",
        "August 5, 2026, 10:00:00\u202fAM UTC",
        "Aug 5, 2026 10:00:00 AM",
        "5 Aug 2026 10:00:00",
        "05-Aug-2026 10:00:00 GMT",
        "05/Aug/2026:12:00:00 +0200",
        "Wed, 05 Aug 2026 10:00:00 +0000",
        "Wed Aug  5 10:00:00 UTC 2026",
        "Wed Aug  5 10:00:00 2026",
        "1785924000",
        "1785924000.000",
        "1785924000000",
        "1785924000000000",
        "1785924000000000000",
        "20260805100000",
    ],
)
def test_a_time_that_can_be_read_in_one_way_is_read(cell: str) -> None:
    assert time_of(cell) == TEN


@pytest.mark.parametrize(
    "cell", ["8/25/2026 10:00:00 AM", "25/08/2026 10:00", "25.08.2026 10:00:00", "25-8-2026 10:00"]
)
def test_a_day_past_the_twelfth_is_no_month(cell: str) -> None:
    assert time_of(cell) == "2026-08-25T10:00:00Z"


@pytest.mark.parametrize(
    "cell",
    [
        "05/08/2026 10:00:00",
        "8/5/2026 10:00:00 AM",
        "05.08.2026 10:00",
        "25/13/2026 10:00",
        "8/25/26 10:00",
        "Augustus 40, 2026, 10:00:00 UTC",
        "August 40, 2026, 10:00:00 UTC",
        "Aug 5, 2026 10:00:00 PST",
        "Aug 5, 2026 13:00:00 PM",
        "Aug 5, 2026 10:00:00 2026",
        "Aug 5 10:00:00",
        "2026-08-05 10:00:00 UTC+99",
        "2026-08-05 10:00:00 UTC+2:5",
        "1.78592E+12",
        "178592400",
        "46239.4166",
        "",
        "yesterday",
    ],
)
def test_any_other_stays_as_it_is(cell: str) -> None:
    assert time_of(cell) == cell


def test_a_time_in_two_ways_is_null_and_told(tmp_path: Path) -> None:
    lines = ["Event name,Event time,User name,Event source", *(f"ConsoleLogin,{time},root,signin.amazonaws.com" for time in
             ("05/08/2026 10:00:00", "8/25/2026 10:00:00", "1785924000000"))]  # fmt: skip
    (tmp_path / "a.csv").write_text("\n".join(lines))
    case = load(tmp_path, tmp_path / "a.csv")
    found = rows(
        case, "SELECT strftime(eventTime, '%m-%d %H') AS at, record_problem FROM root_events ORDER BY record_index"
    )
    assert [row["at"] for row in found] == [None, "08-25 10", "08-05 10"]
    assert "'05/08/2026 10:00:00', in which day and month cannot be told apart" in found[0]["record_problem"]
    assert found[1]["record_problem"] is None
