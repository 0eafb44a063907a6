"""``Result.plot``: the rows of any result over time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from matplotlib.patches import Rectangle

from rootforensics.errors import ChartError
from rootforensics.queries.result import Result, result_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    import rootforensics as rf

TIMED = {"eventTime": "TIMESTAMP WITH TIME ZONE", "kind": "VARCHAR"}
FIRST = datetime(2026, 8, 5, 1, 10, tzinfo=UTC)


def _result(*rows: tuple[datetime | None, str | None]) -> Result:
    return result_of("mine", [{"eventTime": time, "kind": kind} for time, kind in rows], TIMED)


def _heights(figure: Figure) -> list[int]:
    """The heights of all bars; what is drawn beside them lies in other axes or ends in points."""
    panel = figure.axes[0].child_axes[-1]
    return [int(one.get_height()) for one in panel.artists + panel.patches if isinstance(one, Rectangle)]


def test_a_bar_counts_the_rows_of_an_hour() -> None:
    rows = _result((FIRST, "a"), (FIRST + timedelta(minutes=40), "b"), (FIRST + timedelta(hours=3), "a"))
    figure = rows.plot()
    assert _heights(figure) == [2, 1]
    assert "rows per hour of eventTime: 3 rows" in str(figure.get_label())


def test_a_column_splits_each_bar() -> None:
    rows = _result((FIRST, "a"), (FIRST, "b"), (FIRST, "a"), (FIRST, None))
    figure = rows.plot(color="kind")
    assert sorted(_heights(figure)) == [1, 1, 2]
    assert "kind: a 2; b 1; not recorded 1." in str(figure.get_label())


def test_rare_values_share_a_color() -> None:
    rows = _result(*((FIRST, name) for name in "aabbccddeefgh"))
    figure = rows.plot(color="kind")
    assert "e 2; 3 other values 3." in str(figure.get_label())
    assert sum(_heights(figure)) == len(rows)


@pytest.mark.parametrize(("days", "unit"), [(2, "hour"), (30, "day"), (500, "week")])
def test_the_unit_follows_the_span(days: int, unit: str) -> None:
    label = str(_result((FIRST, "a"), (FIRST + timedelta(days=days), "a")).plot().get_label())
    assert f"rows per {unit} of eventTime" in label


def test_rows_without_a_time_are_counted() -> None:
    assert "not drawn: 2 rows without a time" in str(_result((FIRST, "a"), (None, "a"), (None, "b")).plot().get_label())
    assert "no row of mine has a time" in str(_result((None, "a")).plot().get_label())
    assert "no row of mine has a time" in str(_result().plot().get_label())


def test_all_events_of_the_sample_are_counted(sample_case: rf.Case, expected: dict[str, Any]) -> None:
    figure = sample_case.query("root_events").plot(color="origin", tz="Europe/Berlin")
    assert sum(_heights(figure)) == expected["root"]["total"]
    assert "Europe/Berlin" in str(figure.get_label())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"time": "kind"}, "'kind' is no column of times"),
        ({"color": "absent"}, "there is no column 'absent'"),
        ({"since": "2026-08-01"}, "there is no option 'since'"),
        ({"figsize": (1, 1)}, "too small"),
    ],
)
def test_what_is_wrong_is_named(options: dict[str, Any], said: str) -> None:
    with pytest.raises(ChartError, match=said):
        _result((FIRST, "a")).plot(**options)


def test_without_a_column_of_times_nothing_is_drawn(empty_case: rf.Case) -> None:
    with pytest.raises(ChartError, match="no column contains times") as raised:
        empty_case.sql("SELECT 1 AS n").plot()
    assert "CAST" in raised.value.hint
