"""Rows of a time: a moment lies in it, a span overlaps it, and what a row does not say may lie in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from rootforensics.errors import QueryError
from rootforensics.queries.result import result_of
from rootforensics.queries.within import has_time, result_within, rows_within, time_text

DAY = datetime(2026, 8, 5, tzinfo=UTC)
TIME = "TIMESTAMP WITH TIME ZONE"


def at(hour: float | None) -> datetime | None:
    return None if hour is None else DAY + timedelta(hours=hour)


@pytest.mark.parametrize(
    ("names", "rows", "kept"),
    [
        (("eventTime",), [(9,), (10,), (11.99,), (12,), (None,)], [1, 2, 4]),
        (("from_time", "until_time"), [(8, 9), (8, 10), (9, 13), (11, None), (None, 9), (12, 13), (8, None)], [1, 2, 3, 6]),
        (("first_time", "ended_time"), [(8, 9), (8, None), (11, 11), (13, None)], [1, 2]),
        (("opened_time", "first_time", "last_time"), [(9, 9, 9.5), (11, 13, 14), (None, 13, 14), (None, 11, 14)], [1, 3]),
        (("hour_time",), [(9,), (10,), (11,), (12,)], [1, 2]),
    ],
)  # fmt: skip
def test_the_rows_of_a_time(names: tuple[str, ...], rows: list[tuple[float | None, ...]], kept: list[int]) -> None:
    """From 10 to 12 o'clock; a table and rows by themselves go by the same rule."""
    given: list[dict[str, Any]] = [
        {"number": number, **dict(zip(names, map(at, row), strict=True))} for number, row in enumerate(rows)
    ]
    result = result_of("some", given, {"number": "BIGINT"} | dict.fromkeys(names, TIME))
    assert result_within(result, at(10), at(12))["number"] == kept
    assert [row["number"] for row in rows_within(given, at(10), at(12))] == kept
    assert result_within(result, None, None) is not None
    assert len(result_within(result, None, None)) == len(rows)


def test_an_hour_is_of_each_time_within_it() -> None:
    result = result_of("some", [{"hour_time": at(10)}], {"hour_time": TIME})
    assert [len(result_within(result, at(since), at(until))) for since, until in ((10.5, 11), (11, 12), (9, 10))] == [
        1,
        0,
        0,
    ]


def test_rows_without_a_time_are_refused_and_sums_are_told_from_moments() -> None:
    with pytest.raises(QueryError, match="have no time"):
        result_within(result_of("some", [{"a": 1}], {"a": "BIGINT"}), DAY, None)
    assert has_time(["eventTime", "first_time"])
    assert not has_time(["first_time", "last_time", "event_count"])
    assert not has_time(["event_count"])


def test_a_time_in_words() -> None:
    told = [time_text(since, until) for since, until in product((None, DAY), (None, at(1.5)))]
    assert told == [
        "",
        "before 2026-08-05 01:30:00 UTC",
        "from 2026-08-05 00:00:00 UTC on",
        "from 2026-08-05 00:00:00 to 2026-08-05 01:30:00 UTC",
    ]


def test_times_are_shown_in_a_zone_with_what_it_is_ahead_of_utc() -> None:
    """Berlin: two hours in summer, one in winter; the moments stay the same."""
    from rootforensics.queries.formats import json_text
    from rootforensics.queries.text import as_text

    winter = datetime(2026, 12, 5, 12, tzinfo=UTC)
    result = result_of("some", [{"t": DAY}, {"t": winter}, {"t": None}], {"t": TIME}).in_zone("Europe/Berlin")
    assert [as_text(row["t"]) for row in result] == ["2026-08-05 02:00:00+02:00", "2026-12-05 13:00:00+01:00", ""]
    assert [row["t"] for row in result] == [DAY, winter, None]
    assert json_text(result.rows[0]) == '{"t": "2026-08-05T02:00:00+02:00"}'
