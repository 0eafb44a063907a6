"""A Region that is steady otherwise and falls silent in the time of the incident: its logs are missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.places import SIGN_IN_REGIONS
from tests.analysis.verdict.logs import tell
from tests.builders import ACCOUNT, event, root_event, write_log
from tests.stories import alone

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path


MONDAY = datetime(2026, 8, 3, tzinfo=UTC)
NO = ("password_changed", "mfa_removed", "money_spent", "ownership_changed", "logging_impaired")
UNUSUAL = "which is unusual there"
OTHER = {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Ops/another"}


def at(hour: float) -> str:
    """So many hours after Monday, 3 August 2026, 00:00 UTC."""
    return f"{MONDAY + timedelta(hours=hour):%Y-%m-%dT%H:%M:%SZ}"


def steady(region: str, hours: Iterable[float]) -> list[dict[str, Any]]:
    """An event of a role a quarter past each of these hours."""
    return [
        event(identity=OTHER if number % 2 else {}, awsRegion=region, eventTime=at(hour + 0.25))
        for number, hour in enumerate(hours)
    ]


def never(region: str, hour: int) -> bool:
    """No Region is quiet in any hour."""
    return not region or hour < 0


def logs(quiet: Callable[[str, int], bool] = never, days: int = 5) -> list[dict[str, Any]]:
    """Five days of the Regions of sign-ins, hour by hour, but for those that were quiet."""
    return [
        one
        for region in SIGN_IN_REGIONS
        for one in steady(region, [hour for hour in range(24 * days) if not quiet(region, hour)])
    ]


#: On Wednesday at ten, seen by another Region.
USED = root_event(eventTime=at(58), awsRegion="us-east-2", eventSource="ec2.amazonaws.com", eventName="DescribeVpcs")


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ((48, 72), "us-east-1 in 24 of 120 hours (2026-08-05 00:00 to 2026-08-06 00:00)"),  # the very day
        ((48, 999), "us-east-1 in 72 of 120 hours (2026-08-05 00:00 to 2026-08-08 00:00)"),  # the end
        ((0, 70), "us-east-1 in 70 of 120 hours (2026-08-03 00:00 to 2026-08-05 22:00)"),  # the beginning
        (
            (10, 13),
            "us-east-1 in 3 of 120 hours (2026-08-03 10:00 to 2026-08-03 13:00)",
        ),  # three, long before root's act
    ],
)
async def test_what_a_steady_region_does_not_hold_is_not_denied(missing: tuple[int, int], said: str) -> None:
    records = logs(lambda region, hour: region == "us-east-1" and missing[0] <= hour < missing[1])
    answers, _ = await tell(*records, USED, whole=False)
    assert {answers[name].answer for name in NO} == {"unknown"}
    for name in NO:
        assert answers[name].missing == (
            f"logs from {said}: the case has no log or digest file of this time, {UNUSUAL}",
        )


async def test_two_holes_are_told_both() -> None:
    records = logs(lambda region, hour: region == "us-east-1" and (48 <= hour < 72 or 96 <= hour < 110))
    answers, _ = await tell(*records, USED, whole=False)
    told = "in 38 of 120 hours (2026-08-05 00:00 to 2026-08-06 00:00, 2026-08-07 00:00 to 2026-08-07 14:00)"
    assert answers["mfa_removed"].missing == (
        f"logs from us-east-1 {told}: the case has no log or digest file of this time, {UNUSUAL}",
    )


@pytest.mark.parametrize(
    ("missing", "since"),
    [((50, 75), "2026-08-05 02:00"), ((111, 200), "2026-08-07 15:00")],  # a day, and a weekend with the Monday after it
)
async def test_a_hole_in_another_region_leaves_what_is_not_recorded_there(missing: tuple[int, int], since: str) -> None:
    records = [
        *logs(days=12),
        *steady("eu-west-1", [hour for hour in range(288) if not missing[0] <= hour < missing[1]]),
    ]
    answers, _ = await tell(*records, USED, whole=False)
    assert {answers[name].answer for name in ("money_spent", "logging_impaired")} == {"unknown"}
    hours = missing[1] - missing[0]
    assert f"logs from eu-west-1 in {hours} of 288 hours ({since}" in answers["money_spent"].missing[0]
    assert {answers[name].answer for name in ("password_changed", "mfa_removed", "ownership_changed")} == {"no"}


WEEKDAYS = [hour for hour in range(24 * 12) if hour // 24 % 7 < 5]


@pytest.mark.parametrize(
    ("region", "hours"),
    [
        ("eu-west-1", (3, 70, 100)),  # two or three events a week
        ("eu-west-1", range(0, 24 * 12, 30)),  # too few to say what is usual
        ("eu-west-1", [hour for hour in range(24 * 12) if 8 <= hour % 24 < 17 and hour // 24 % 7 < 5]),  # office hours
        ("eu-west-1", WEEKDAYS),  # day and night, on weekdays only
        ("ap-south-1", range(60, 100)),  # what root started there ended
        ("eu-west-1", [hour for hour in range(24 * 12) if not 10 <= hour < 30]),  # before it is known to be busy
        ("eu-west-1", [hour for hour in range(24 * 12) if not 60 <= hour < 62]),  # two hours
    ],
)
async def test_a_region_that_is_quiet_by_itself_is_no_hole(region: str, hours: Iterable[float]) -> None:
    answers, _ = await tell(*logs(days=12), *steady(region, hours), USED, whole=False)
    assert {answers[name].answer for name in NO} == {"no"}
    assert f"digest files of {region} in " in answers["money_spent"].missing[0]


@pytest.mark.parametrize(("end", "answer"), [(106, "no"), (100, "unknown")])
async def test_a_region_that_has_events_in_every_fourth_hour_may_end_earlier_than_others(end: int, answer: str) -> None:
    """By less than 18 hours: its usual pauses are of three."""
    answers, _ = await tell(
        *logs(lambda region, hour: region == "us-east-1" and hour % 4 + hour // end > 0), USED, whole=False
    )
    assert {answers[name].answer for name in NO} == {answer}


async def test_a_few_events_of_one_file_are_no_ground_to_miss_others() -> None:
    few = [one for region in SIGN_IN_REGIONS for one in steady(region, (1, 2, 3, 110))]
    answers, _ = await tell(*few, USED, whole=False)
    assert {answers[name].answer for name in NO} == {"no"}


@pytest.mark.heavy
def test_where_root_was_never_seen_any_hole_may_hide_it() -> None:
    answers, _ = alone(tell(*logs(lambda region, hour: region == "us-west-2" and 40 <= hour < 60), whole=False))
    assert answers["used_by_person"].answer == "unknown"
    told = f"logs from us-west-2 of account {ACCOUNT} in 20 of 120 hours (2026-08-04 16:00"
    assert told in answers["used_by_person"].missing[0]
    answers, _ = alone(tell(*logs(), whole=False))
    assert answers["used_by_person"].answer == "no"


@pytest.mark.heavy
async def test_what_filters_left_out_is_missing_once() -> None:
    from rootforensics.ingest.filters import Filters, parse_time

    records = logs(lambda region, hour: region == "us-east-1" and 48 <= hour < 72)
    answers, _ = await tell(*records, USED, whole=False, load={"filters": Filters(until=parse_time("2026-08-06"))})
    assert answers["mfa_removed"].answer == "unknown"
    assert [one[:35] for one in answers["mfa_removed"].missing] == ["the events that the load filtered out"[:35]]


@pytest.mark.heavy
def test_logs_without_events_show_that_a_region_was_quiet(tmp_path: Path) -> None:
    name = "AWSLogs/{0}/CloudTrail/{1}/2026/08/05/{0}_CloudTrail_{1}_202608{2:02d}T{3:02d}05Z_0123456789abcdef.json.gz"
    for region in SIGN_IN_REGIONS:
        for hour in range(120):
            quiet = region == "us-east-1" and 48 <= hour < 72
            records = [] if quiet else steady(region, (hour - 0.25,))
            if hour == 58 and region == "us-east-2":
                records.append(USED)
            write_log(tmp_path, name.format(ACCOUNT, region, 3 + hour // 24, hour % 24), records)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "AWSLogs")
        (told,) = case.verdict(account_id=ACCOUNT)
    assert {answer.answer for answer in told.answers if answer.name in NO} == {"no"}
