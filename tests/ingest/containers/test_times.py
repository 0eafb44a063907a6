"""Times of tables are read in one way or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rootforensics.ingest.containers import spreadsheets
from rootforensics.ingest.containers.times import moment_of, time_of
from tests.ingest.checks import evidence, load, rows
from tests.ingest.side_by_side import Part, load_beside

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.case import Case

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
        "Wed Aug 05 2026 10:00:00 GMT+0000 (Coordinated Universal Time)",
        "Wed Aug 05 2026 03:00:00 GMT-0700 (Pacific Daylight Time)",
        "Wed Aug 05 2026 12:00:00 GMT+0200 (Mitteleuropäische Sommerzeit)",
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
    "cell",
    [
        *("8/25/2026 10:00:00 AM", "25/08/2026 10:00", "25.08.2026 10:00:00", "25-8-2026 10:00"),
        "8/25/26 10:00",  # 2008 has no month 25, and 2026 none either
    ],
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
        "14/8/26 10:00",
        "25/8/26 10:00",
        "8/13/09 10:00",
        "99/13/32 10:00",
        "Wed Aug 05 2026 10:00:00 (Pacific Standard Time)",
        "Wed Aug 05 2026 10:00:00 GMT+0000 ()",
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
        "2026081310",  # 13 August, 10 o'clock, or 2034-03-16T00:21:50Z (date -u -d @2026081310)
        "46239.4166",
        "",
        "yesterday",
    ],
)
def test_any_other_stays_as_it_is(cell: str) -> None:
    assert time_of(cell) == cell


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (2026081310, 2026081310),
        (1999123123, "2033-05-07T23:58:43Z"),  # date -u -d @1999123123; CloudTrail is of 2013
        (2026133110, "2034-03-16T14:45:10Z"),  # there is no month 13
    ],
)
def test_a_number_that_may_be_a_date_and_an_hour_is_no_time(number: int, told: object) -> None:
    assert moment_of(number) == told
    assert time_of(str(number)) == str(told)


def history(path: Path, *times: str, delimiter: str = ",", heading: str = "Event time") -> None:
    """A table of the event history with sign-ins of root at these times."""
    header = delimiter.join(("Event name", heading, "User name", "Event source"))
    lines = [delimiter.join(("ConsoleLogin", time, "root", "signin.amazonaws.com")) for time in times]
    path.write_text("\n".join((header, *lines)))


async def loaded(tmp_path: Path) -> tuple[list[str | None], list[str | None], str]:
    """The times of the events of ``a.csv`` in a case of many, their problems, and the problem of the file."""
    return as_told(await load_beside(tmp_path, tmp_path / "a.csv"))


def as_told(case: Case | Part) -> tuple[list[str | None], list[str | None], str]:
    """The times of the events of a case, their problems, and the problem of the file ``a.csv``."""
    text = (
        "SELECT strftime(eventTime, '%Y-%m-%d %H:%M:%S') AS at, record_problem FROM root_events ORDER BY record_index"
    )
    found = rows(case, text)
    return [row["at"] for row in found], [row["record_problem"] for row in found], evidence(case)["a.csv"]["problem"]


TWO_WAYS = "which may be a date with an hour or a number of seconds"
TEN_OF = "2026-08-{:02} 10:00:00".format


@pytest.mark.quick(2)
@pytest.mark.parametrize(
    ("times", "days", "order"),
    [
        (("05/08/2026 10:00:00", "25/08/2026 10:00:00"), (5, 25), "day/month/year"),
        (("8/5/2026 10:00", "8/25/2026 10:00", "8/8/2026 10:00"), (5, 25, 8), "month/day/year"),
        (("05.08.2026 10:00", "25.08.2026 10:00"), (5, 25), "day/month/year"),
        (("8/5/26 10:00", "8/25/26 10:00"), (5, 25), "month/day/year"),
        (("5/8/26 10:00", "14/8/26 10:00"), (5, 14), "day/month/year"),  # 2005 is before CloudTrail, month 14 is none
        (("26/8/14 10:00", "26/8/05 10:00", "26/8/30 10:00"), (14, 5, 30), "year/month/day"),
    ],
)
async def test_dates_of_a_table_that_fit_one_order_only_are_read_in_it(
    times: tuple[str, ...], days: tuple[int, ...], order: str, tmp_path: Path
) -> None:
    history(tmp_path / "a.csv", *times)
    at, told, problem = await loaded(tmp_path)
    assert at == [TEN_OF(day) for day in days]
    assert set(told) == {None}
    assert f"were read as {order}: no other order fits all of its table" in problem


@pytest.mark.parametrize(
    ("times", "at", "words"),
    [
        # Both orders fit; none does; they are not spelled alike: each is read by itself.
        (("05/08/2026 10:00", "06/08/2026 10:00"), (None, None), "day and month cannot be told apart"),
        (("05/08/2026 10:00", "25/08/2026 10:00", "08/26/2026 10:00"), (None, TEN_OF(25), TEN_OF(26)), "day and month"),
        (("05/08/2026 10:00", "8-25-2026 10:00"), (None, TEN_OF(25)), "day and month cannot be told apart"),
        (("05/08/26 10:00", "8/25/2026 10:00"), (None, TEN_OF(25)), "day and month cannot be told apart"),
        (("14/8/26 10:00", "26/8/14 10:00"), (None, None), "day, month and year cannot be told apart"),
    ],
)
async def test_dates_that_fit_more_than_one_order_are_null_and_told(
    times: tuple[str, ...], at: tuple[str | None, ...], words: str, tmp_path: Path
) -> None:
    history(tmp_path / "a.csv", *times)
    found, told, problem = await loaded(tmp_path)
    assert found == list(at)
    assert words in (told[0] or "")
    assert "were read as" not in problem


async def test_a_date_and_an_hour_in_digits_are_null_and_told(tmp_path: Path) -> None:
    history(tmp_path / "a.csv", "2026081310")
    at, told, _ = await loaded(tmp_path)
    assert (at, told) == ([None], [f"eventTime is 2026081310, {TWO_WAYS}; kept in otherFields"])


async def test_one_table_says_nothing_of_the_order_in_another(tmp_path: Path) -> None:
    history(tmp_path / "a.csv", "05/08/2026 10:00")
    history(tmp_path / "b.csv", "08/25/2026 10:00", "08/06/2026 10:00")
    glued = (tmp_path / "a.csv").read_text() + "\n" + (tmp_path / "b.csv").read_text()
    (tmp_path / "a.csv").write_text(glued)
    assert (await loaded(tmp_path))[0] == [None, TEN_OF(25), TEN_OF(6)]


def test_a_long_table_is_read_date_by_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "_MOST_HELD_BYTES", 100)
    history(tmp_path / "a.csv", *["05/08/2026 10:00"] * 3, "25/08/2026 10:00")
    assert as_told(load(tmp_path, tmp_path / "a.csv"))[0] == [None, None, None, TEN_OF(25)]


async def test_what_is_beside_the_time_decides_nothing(tmp_path: Path) -> None:
    header = "Event name,Event time,User name,Event source,User agent"
    lines = [f"ConsoleLogin,05/08/2026 10:00,root,signin.amazonaws.com,{agent}" for agent in ("x", "25/08/2026 10:00")]
    (tmp_path / "a.csv").write_text("\n".join((header, *lines)))
    assert (await loaded(tmp_path))[0] == [None, None]


@pytest.mark.parametrize("delimiter", [",", ";"])
async def test_days_of_a_spreadsheet_are_read(delimiter: str, tmp_path: Path) -> None:
    # 46239 is 2026-08-05: date -u -d "1899-12-30 + 46239 days" +%F
    point = "," if delimiter == ";" else "."
    days = ("46239.41667", "46239.5", "46239.4167", "41578.5", "73051.5", "46239", "4623.41667")
    history(tmp_path / "a.csv", *(day.replace(".", point) for day in days), delimiter=delimiter)
    at, told, problem = await loaded(tmp_path)
    assert at == [TEN_OF(5), "2026-08-05 12:00:00", "2026-08-05 10:00:03", None, None, None, None]
    assert [one is None for one in told] == [True, True, True, False, False, False, False]
    assert "times are numbers of days, as spreadsheets keep them" in problem


async def test_a_date_beside_one_of_another_spelling_is_null_and_told(tmp_path: Path) -> None:
    history(tmp_path / "a.csv", "05/08/2026 10:00:00", "1785924000000")
    at, told, _ = await loaded(tmp_path)
    assert at == [None, TEN_OF(5)]
    assert "'05/08/2026 10:00:00', in which day and month cannot be told apart" in (told[0] or "")
    assert told[1] is None


@pytest.mark.parametrize("heading", ["Event time (UTC+02:00)", "event_time (UTC+2)", "Event time(GMT+0200)"])
async def test_the_zone_of_a_heading_is_that_of_the_times_below_it(heading: str, tmp_path: Path) -> None:
    local = ("2026-08-05T12:00:00", "2026-08-05 12:00", "20260805120000", "5 Aug 2026 12:00:00", "46239.5")
    of_their_own = ("2026-08-05T10:00:00Z", "2026-08-05 10:00 UTC", "5 Aug 2026 10:00:00 GMT", "1785924000")
    history(tmp_path / "a.csv", *local, *of_their_own, "2026-08-05T13:00:00+03:00", "5/8/2026 12:00", heading=heading)
    with (tmp_path / "a.csv").open("a") as file:
        file.write("\nConsoleLogin,25/8/2026 12:00,root,signin.amazonaws.com")
    assert (await loaded(tmp_path))[0] == [TEN_OF(5)] * 11 + [TEN_OF(25)]


@pytest.mark.parametrize(
    ("heading", "at"),
    [
        ("Event time (UTC)", "2026-08-05 12:00:00"),
        ("Event time (UTC-07:30)", "2026-08-05 19:30:00"),
        ("Event time (UTC+99:00)", None),
        ("Event time (CEST)", None),
    ],
)
async def test_only_a_zone_that_can_be_told_is_taken_from_a_heading(
    heading: str, at: str | None, tmp_path: Path
) -> None:
    history(tmp_path / "a.csv", "2026-08-05 12:00", heading=heading)
    assert (await loaded(tmp_path))[0] == [at]
