"""The activity chart: what it shows, in bars and in words."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from matplotlib.figure import Figure

from rootforensics.charts.activity import _steps, activity_chart, activity_data

if TYPE_CHECKING:
    import rootforensics as rf

START = datetime(2026, 8, 3, tzinfo=UTC)


def hour(
    number: int, activity: int = 0, noise: int = 0, events: int = 10, account: str | None = "111122223333"
) -> dict[str, Any]:
    """One row of ``events_by_hour``, so many hours after the start."""
    counts = {"event_count": events, "activity_count": activity, "noise_count": noise}
    return {"hour_time": START + timedelta(hours=number), "account_id": account, **counts}


def panels(figure: Figure) -> list[Any]:
    """The panels: activity, noise, all events; below them lies the axis of time."""
    (outer,) = figure.axes
    return list(outer.child_axes)[1:]


def heights(figure: Figure) -> list[list[float]]:
    """Heights of the bars in each panel, where the last one, of all events, has bars."""
    bars = [{bar.get_x(): bar.get_height() for bar in panel.patches} for panel in panels(figure)]
    assert all(own.keys() <= bars[-1].keys() for own in bars)
    return [[own.get(place, 0) for place in bars[-1]] for own in bars]


def titles(figure: Figure) -> list[str]:
    """What stands above each panel, left of which stand its numbers."""
    return [text.get_text() for panel in panels(figure) for text in panel.texts if text.get_ha() == "left"]


def axis_texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.axes[0].child_axes[0].texts]


def test_sample(sample_case: rf.Case, expected: dict[str, Any]) -> None:
    rows = activity_data(sample_case)
    figure = activity_chart(rows)
    root = expected["root"]
    *people, noise, events = [sum(bars) for bars in heights(figure)]
    assert (sum(people), noise, events) == (root["activity"], root["noise"], expected["events"]["total"])
    by_account = Counter(row["account_id"] for row in sample_case.query("root_activity").rows)
    assert people == sorted(by_account.values(), reverse=True)
    assert titles(figure) == [
        *(f"Root activity (people), {account}: {count}" for account, count in by_account.most_common()),
        f"Root noise (AWS services): {root['noise']}",
        "All events of all identities: 7,295",
    ]
    assert figure.axes[0].get_title(loc="left") == "Root activity and noise per hour"
    assert axis_texts(figure)[-1] == "Time (UTC), 2026"
    # docs/sample-incident.md is of five days of August.
    assert {"3 Aug", "4 Aug", "5 Aug", "6 Aug", "7 Aug"} <= set(axis_texts(figure))
    assert figure.axes[0].texts[0].get_text().startswith("All accounts, hours with events from 2026-08-03 00:00 to ")


def test_description_in_words() -> None:
    figure = activity_chart([hour(0, activity=1), hour(3, activity=5, noise=2), hour(4)])
    assert figure.get_label() == (
        "Root activity and noise per hour, account 111122223333, from 2026-08-03 00:00 to 2026-08-03 04:00 UTC: 6 events of root activity, "
        "2 of root noise, 30 events of all identities. Most root activity: 5 in the hour from 2026-08-03 03:00."
    )


def test_what_has_no_time_is_told_beside_the_bars() -> None:
    untimed = hour(0, activity=2, events=3) | {"hour_time": None}
    figure = activity_chart([hour(0, activity=1), untimed])
    assert heights(figure) == [[1], [0], [10]]
    assert figure.axes[0].texts[0].get_text().endswith("; not drawn: 3 events without a time, 2 of root activity")
    assert "Not drawn: 3 events without a time, 2 of root activity." in str(figure.get_label())
    (outer,) = activity_chart([untimed]).axes
    (said,) = [text.get_text() for text in outer.texts]
    assert said == "No events with a time in this case; not drawn: 3 events without a time, 2 of root activity"


def test_no_rows() -> None:
    figure = activity_chart([])
    (outer,) = figure.axes
    assert [text.get_text() for text in outer.texts] == ["No events with a time in this case"]
    assert outer.child_axes == []


def test_one_row_without_root() -> None:
    figure = activity_chart([hour(0)])
    assert heights(figure) == [[0], [0], [10]]
    assert titles(figure)[0] == "Root activity (people): none"


def test_gaps_stay_gaps() -> None:
    figure = activity_chart([hour(0, activity=1), hour(5, activity=1)])
    assert heights(figure)[2] == [10, 10]


@pytest.mark.parametrize(
    ("last_hour", "name", "bars"),
    [(14 * 24 - 1, "hour", 336), (14 * 24, "day", 15), (5_000, "day", 209), (400 * 24 + 1, "week", 58)],
)
def test_bars_grow_with_the_span(last_hour: int, name: str, bars: int) -> None:
    figure = activity_chart([hour(number, activity=number % 7) for number in range(last_hour + 1)])
    assert figure.axes[0].get_title(loc="left") == f"Root activity and noise per {name}"
    counts = heights(figure)
    assert len(counts[0]) == bars
    assert sum(counts[0]) == sum(number % 7 for number in range(last_hour + 1))


def test_each_bar_of_activity_is_marked() -> None:
    figure = activity_chart([hour(0, activity=1), hour(1), hour(2, activity=900)])
    (marks,) = [line for line in panels(figure)[0].lines if line.get_marker() == "|"]
    assert len(marks.get_xdata()) == 2


def test_it_draws_on_axes_of_another() -> None:
    mine = Figure(figsize=(9, 4))
    left, right = mine.subplots(1, 2)
    assert activity_chart([hour(0, activity=1)], ax=right) is right
    assert left.child_axes == []
    assert len(right.child_axes) == 4


def test_the_year_stands_below_the_axis() -> None:
    """The first row is of August 2026; 215 days before it lies 31 December 2025, and the bars reach into January."""
    said = axis_texts(activity_chart([hour(0, activity=1), hour(60, activity=1)]))
    assert said[-1] == "Time (UTC), 2026"
    said = axis_texts(activity_chart([hour(-24 * 215, activity=1), hour(-24 * 215 + 60, activity=1)]))
    assert said[-1] == "Time (UTC)"
    assert {"31 Dec 2025", "1 Jan 2026"} <= set(said)


@pytest.mark.parametrize("moment", [datetime(9999, 12, 31, 23, tzinfo=UTC), datetime(1, 1, 1, tzinfo=UTC)])
def test_the_ends_of_all_time(moment: datetime) -> None:
    figure = activity_chart([hour(0) | {"hour_time": moment}])
    assert heights(figure) == [[0], [0], [10]]


def test_the_account_is_named() -> None:
    figure = activity_chart([hour(0)])
    assert figure.axes[0].texts[0].get_text().startswith("Account 111122223333, ")
    assert "per hour, account 111122223333, from" in str(figure.get_label())


def test_each_account_in_which_people_used_root_has_a_panel() -> None:
    """The account with most activity comes first; one in which nobody used root has none."""
    rows = [hour(0, activity=1, account="1" * 12), hour(0, activity=3, account="2" * 12), hour(1, account="3" * 12)]
    figure = activity_chart([*rows, hour(5, activity=1, account="1" * 12)])
    assert heights(figure) == [[3, 0, 0], [1, 0, 1], [0, 0, 0], [20, 10, 10]]
    assert titles(figure)[:2] == ["Root activity (people), 222222222222: 3", "Root activity (people), 111111111111: 2"]
    assert "Root activity by account: 222222222222 3; 111111111111 2." in str(figure.get_label())


def test_many_accounts_with_little_activity_share_a_panel() -> None:
    rows = [hour(0, activity=20 - number, account=f"{number:012}") for number in range(9)]
    rows.append(hour(0, activity=1, account=None))
    figure = activity_chart(rows)
    assert len(panels(figure)) == 6 + 2
    assert titles(figure)[4:6] == [
        "Root activity (people), 000000000004: 16",
        "Root activity (people), 5 further accounts: 55",
    ]
    assert sum(map(sum, heights(figure)[:-2])) == sum(20 - number for number in range(9)) + 1


@pytest.mark.parametrize(
    ("top", "most", "numbers"),
    [(1, 3, [0, 1]), (97, 3, [0, 40, 80]), (97, 1, [0, 50]), (5, 3, [0, 2, 4]), (26_000_000, 2, [0, 10**7, 2 * 10**7])],
)
def test_round_numbers(top: int, most: int, numbers: list[int]) -> None:
    assert _steps(top, most) == numbers
