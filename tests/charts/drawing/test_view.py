"""What every chart takes: time, zone, title, size."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from matplotlib.figure import Figure

import rootforensics as rf
from rootforensics.charts.catalogue import charts
from rootforensics.charts.files import chart_bytes
from rootforensics.errors import ChartError, FilterError
from tests.charts.extents import check_readable

if TYPE_CHECKING:
    from pathlib import Path

NAMES = list(charts())
#: The sample case has rows for each but one, which draws what AWS answered.
FILLED = [name for name in NAMES if name != "posture"]
SINCE, UNTIL = datetime(2026, 8, 6, tzinfo=UTC), datetime(2026, 8, 7, tzinfo=UTC)
#: docs/sample-incident.md: on 6 August people used root of one account, by 11 events, one of them a sign-in.
OF_THE_DAY = {"activity": 24, "heatmap": 24, "signins": 1, "sessions": 1}


@pytest.fixture(scope="module")
def rows(sample_path: Path) -> dict[str, list[dict[str, Any]]]:
    with rf.open_case(sample_path) as case:
        return {name: charts()[name].data(case) for name in NAMES}


@pytest.fixture(scope="module")
def of_the_day(sample_path: Path) -> dict[str, list[dict[str, Any]]]:
    with rf.open_case(sample_path) as case:
        return {name: charts()[name].data(case, since=SINCE, until=UNTIL) for name in NAMES}


def said(figure: Figure) -> str:
    """Every text of a chart that stands in it."""
    return " ".join(text.get_text() for axes in figure.axes for one in (axes, *axes.child_axes) for text in one.texts)


@pytest.mark.quick(4)
@pytest.mark.parametrize("name", FILLED)
def test_only_the_time_that_is_wanted_and_the_chart_says_so(
    name: str, of_the_day: dict[str, list[dict[str, Any]]]
) -> None:
    found = of_the_day[name]
    if name in OF_THE_DAY:
        hours = {row.get("hour_time") for row in found}  # one row an hour and account
        assert (len(hours) if hours != {None} else len(found)) == OF_THE_DAY[name]
    if name in ("sources", "services"):
        assert sum(row["event_count"] for row in found) == 11
    if name == "incident":
        assert sum(row["kind"] == "event" for row in found) == 11
    figure = charts()[name].draw(found, since=SINCE, until=UNTIL)
    told = "Only what is from 2026-08-06 00:00 and before 2026-08-07 00:00 UTC"
    assert told.lower() in said(figure).lower()
    assert told in str(figure.get_label())
    check_readable(figure)


@pytest.mark.parametrize("name", NAMES)
def test_times_as_text_are_those_of_utc(
    name: str, sample_case: rf.Case, of_the_day: dict[str, list[dict[str, Any]]]
) -> None:
    assert charts()[name].data(sample_case, since="2026-08-06", until="2026-08-07T00:00:00Z") == of_the_day[name]


def test_a_time_that_ends_before_it_begins_is_refused(sample_case: rf.Case) -> None:
    with pytest.raises(FilterError, match="is not before"):
        charts()["signins"].data(sample_case, since=UNTIL, until=SINCE)


@pytest.mark.quick(1)
@pytest.mark.parametrize("name", ["incident", "activity", "heatmap", "signins", "sessions"])
@pytest.mark.parametrize("zone", ["Asia/Kolkata", timezone(timedelta(hours=5, minutes=30), "Asia/Kolkata")])
def test_times_are_those_of_a_zone_which_is_named(name: str, zone: Any, rows: dict[str, list[dict[str, Any]]]) -> None:
    figure = charts()[name].draw(rows[name], tz=zone)
    text = said(figure)
    assert "Asia/Kolkata" in text
    assert "UTC)" not in text
    first = {"incident": "2026-08-04 04:11", "activity": "2026-08-03 05:30", "heatmap": "2026-08-03 05:30"}
    assert first.get(name, "2026-08-04") in text
    check_readable(figure)


def test_hours_of_the_heatmap_are_those_of_its_zone(rows: dict[str, list[dict[str, Any]]]) -> None:
    """Most was done from 01:00 to 02:00 UTC on Wednesday, 5 August: 18:00 of Tuesday in Los Angeles, in summer time."""
    label = str(charts()["heatmap"].draw(rows["heatmap"], tz="America/Los_Angeles").get_label())
    assert "Most: Tuesday 18:00 97" in label
    assert "Most: Wednesday 06:30 97" in str(charts()["heatmap"].draw(rows["heatmap"], tz="Asia/Kolkata").get_label())


def test_days_of_the_activity_chart_are_those_of_its_zone() -> None:
    """23:30 UTC is the next day in Berlin."""
    hours = [datetime(2026, 8, 1, 23, tzinfo=UTC) + timedelta(days=20 * n) for n in range(2)]
    counts = {"event_count": 1, "activity_count": 1, "noise_count": 0}
    found = [{"hour_time": hour, "account_id": None, **counts} for hour in hours]
    label = str(charts()["activity"].draw(found, tz="Europe/Berlin").get_label())
    assert "from 2026-08-02 00:00 to 2026-08-22 00:00 Europe/Berlin" in label


@pytest.mark.quick(1)
@pytest.mark.parametrize("name", NAMES)
def test_title_size_and_dots(name: str, rows: dict[str, list[dict[str, Any]]]) -> None:
    figure = charts()[name].draw(rows[name], title="What we found", figsize=(12, 9), dpi=100)
    assert figure.axes[0].get_title(loc="left") == "What we found"
    assert str(figure.get_label()).startswith("What we found")
    assert chart_bytes(figure, "png")[16:24] == (1200).to_bytes(4, "big") + (900).to_bytes(4, "big")
    check_readable(figure)


@pytest.mark.quick(4)
@pytest.mark.parametrize("name", FILLED)
def test_a_size_that_is_too_small_is_refused_with_one_that_is_not(
    name: str, rows: dict[str, list[dict[str, Any]]]
) -> None:
    with pytest.raises(ChartError, match=r"at least [\d.]+ × [\d.]+ inches") as refused:  # noqa: RUF001 - typography
        charts()[name].draw(rows[name], figsize=(2.5, 1))
    found = re.search(r"([\d.]+) × ([\d.]+)", str(refused.value))  # noqa: RUF001 - typography
    assert found
    check_readable(charts()[name].draw(rows[name], figsize=(float(found[1]), float(found[2]))))


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"tz": "Asia/Nowhere"}, "unknown time zone"),
        ({"tz": "../../etc/passwd"}, "unknown time zone"),
        ({"figsize": (0, 5)}, "no size of a chart"),
        ({"figsize": (float("nan"), 5)}, "no size of a chart"),
        ({"dpi": -1}, "no size of a chart"),
        ({"figsize": (500, 500)}, "dots at a side"),
        ({"figsize": (0.2, 0.2)}, "too small"),
        ({"ax": Figure().subplots(), "figsize": (9, 9)}, "of its own"),
    ],
)
def test_options_that_cannot_be_are_refused(
    options: dict[str, Any], what: str, rows: dict[str, list[dict[str, Any]]]
) -> None:
    with pytest.raises(ChartError, match=what):
        charts()["noise"].draw(rows["noise"], **options)


def test_a_figure_shows_itself_as_a_picture(rows: dict[str, list[dict[str, Any]]]) -> None:
    figure: Any = charts()["noise"].draw(rows["noise"])
    assert figure._repr_png_().startswith(b"\x89PNG")
