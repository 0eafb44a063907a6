"""The axis of time: long quiet times are cut short, and the rest is in proportion."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from matplotlib.figure import Figure

from rootforensics.charts.drawing.times import TimeScale, long

START = datetime(2026, 8, 5, 1, 0, tzinfo=UTC)


def after(**length: float) -> datetime:
    return START + timedelta(**length)


def texts(scale: TimeScale) -> list[str]:
    axes = Figure().subplots()
    scale.draw(axes, 100)
    return [text.get_text() for text in axes.texts]


def test_one_moment_has_a_place_and_a_date() -> None:
    scale = TimeScale([START], 600)
    assert 0 < scale.at(START) < 600
    assert texts(scale) == ["01:00", "5 Aug", "Time (UTC), 2026"]


def test_without_long_gaps_time_is_in_proportion() -> None:
    scale = TimeScale([after(minutes=10 * number) for number in range(7)], 600)
    assert len(scale.stretches) == 1
    assert [scale.at(after(minutes=minutes)) for minutes in (0, 15, 60)] == pytest.approx([0, 150, 600])


def test_a_long_quiet_time_is_cut_and_told() -> None:
    moments = [after(minutes=number) for number in range(60)] + [after(days=3, minutes=number) for number in range(60)]
    scale = TimeScale(moments, 600)
    first, second = scale.stretches
    assert (first.end, second.start) == (after(minutes=59), after(days=3))
    assert first.right < second.left
    assert first.right - first.left == pytest.approx(second.right - second.left)
    assert "3 d" in texts(scale)
    assert "shortened times without events" in texts(scale)[-1]


def test_what_is_shorter_than_a_second_is_not_cut() -> None:
    assert len(TimeScale([START, after(milliseconds=123)], 600).stretches) == 1
    assert len(TimeScale([START, after(milliseconds=123), after(hours=3)], 600).stretches) == 2


def test_places_keep_the_order_of_time() -> None:
    moments = [after(minutes=number**3) for number in range(40)]
    places = [TimeScale(moments, 500).at(moment) for moment in moments]
    assert all(one <= two for one, two in pairwise(places))
    assert 0 <= places[0] < places[-1] <= 500


def test_nothing_is_cut_while_something_is_going_on() -> None:
    moments = [START, after(minutes=1), after(days=2), after(days=2, minutes=1)]
    assert len(TimeScale(moments, 500).stretches) == 2
    assert len(TimeScale(moments, 500, [(START, after(days=2))]).stretches) == 1


def test_even_lengths_stay_comparable() -> None:
    moments = [START, after(hours=8), after(days=9), after(days=9, minutes=30)]
    busy = [(START, after(hours=8)), (after(days=9), after(days=9, minutes=30))]
    scale = TimeScale(moments, 500, busy, even=True)
    hours = scale.at(after(hours=8)) - scale.at(START)
    half = scale.at(after(days=9, minutes=30)) - scale.at(after(days=9))
    assert hours / half == pytest.approx(16)


@pytest.mark.parametrize(
    ("length", "labels"),
    [
        ({"seconds": 30}, ["01:00:00", "5 Aug"]),
        ({"hours": 30}, ["02:00", "5 Aug", "04:00"]),
        ({"days": 20}, ["6 Aug", "8 Aug"]),
        ({"days": 300}, ["Sep", "2026", "Oct"]),
        ({"days": 4_000}, ["2027", "2028"]),
    ],
)
def test_ticks_are_round_moments(length: dict[str, float], labels: list[str]) -> None:
    whole = timedelta(**length)
    found = texts(TimeScale([START + whole * part / 50 for part in range(51)], 640))
    assert found[: len(labels)] == labels


def test_labels_of_ticks_do_not_overlap() -> None:
    from rootforensics.charts.drawing.labels import width_of

    axes = Figure().subplots()
    TimeScale([after(hours=3 * number) for number in range(100)], 640).draw(axes, 100)
    for line in (-9, -20):
        boxes = [(one.get_position()[0], one.get_text()) for one in axes.texts if one.get_position()[1] == line]
        for (left, text), (right, _) in pairwise(boxes):
            assert left + width_of(text, 7.5) < right


@pytest.mark.parametrize(
    ("seconds", "said"), [(5, "5 s"), (90, "2 min"), (7_199, "120 min"), (7_200, "2 h"), (172_800, "2 d")]
)
def test_lengths_in_words(seconds: float, said: str) -> None:
    assert long(seconds) == said
