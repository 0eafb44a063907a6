"""Never more than two requests a second for a Region, fewer when AWS is busy, and an end to trying."""

from __future__ import annotations

import threading
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from rootforensics.sources.history_pace import Pace, WallClock
from tests.stand_ins.clock import FakeClock, spread
from tests.stand_ins.cloudtrail_api import CloudTrailApi, kept_ids

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sources.conftest import Fetch


def gaps(moments: list[float]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(moments)]


def test_no_second_sees_more_than_two_requests(fetch: Fetch) -> None:
    clock = FakeClock()
    with CloudTrailApi({"us-east-1": spread(500)}, now=clock.now) as api:
        fetch(api, clock=clock)
    moments = [one.at for one in api.asked]
    assert len(moments) == 10
    for moment in moments:
        assert sum(moment <= other < moment + 1 for other in moments) <= 2


def test_it_is_no_slower_than_it_has_to_be(fetch: Fetch) -> None:
    clock = FakeClock()
    with CloudTrailApi({"us-east-1": spread(500)}, now=clock.now) as api:
        fetch(api, clock=clock)
    assert max(gaps([one.at for one in api.asked])) < 0.6


def test_throttling_is_waited_out_and_no_page_is_lost(fetch: Fetch, tmp_path: Path) -> None:
    clock = FakeClock()
    refusals = {"us-east-1": ["", "ThrottlingException", "ThrottlingException", "ThrottlingException", ""]}
    with CloudTrailApi({"us-east-1": spread(200)}, refusals, now=clock.now) as api:
        result = fetch(api, clock=clock)
        assert kept_ids(tmp_path / "pages") == {"us-east-1": api.ids("us-east-1")}
    assert not result.missing
    answers = [one.answer for one in api.asked]
    assert answers == ["ok", *["ThrottlingException"] * 3, "ok", "ok", "ok"], "botocore's own retries add none"
    assert len({one.page for one in api.asked[1:5]}) == 1, "the same page is asked for until it comes"
    waits = gaps([one.at for one in api.asked])[1:4]
    assert waits == pytest.approx([1, 2, 4], abs=0.6)


def test_after_throttling_the_pace_is_slower_and_recovers() -> None:
    clock = FakeClock()
    pace = Pace(clock)
    pace.wait()
    for _ in range(3):
        pace.refused()
        pace.wait()
    sent = []
    for _ in range(60):
        pace.answered()
        pace.wait()
        sent.append(clock.now())
    spaces = gaps(sent)
    assert spaces[0] > 1
    assert spaces == sorted(spaces, reverse=True)
    assert spaces[-1] == pytest.approx(0.51)


def test_a_wait_never_passes_a_minute() -> None:
    clock = FakeClock()
    pace = Pace(clock)
    for _ in range(20):
        pace.refused()
        pace.wait()
    assert max(clock.slept) == 60


def test_one_region_waits_for_no_other(fetch: Fetch, tmp_path: Path) -> None:
    events = {"us-east-1": spread(100), "eu-west-1": spread(100)}
    with CloudTrailApi(events, {"eu-west-1": ["ThrottlingException!"]}) as api:
        result = fetch(api)
        assert kept_ids(tmp_path / "pages") == {"us-east-1": api.ids("us-east-1")}
    assert [(one.region, "throttled" in one.problem) for one in result.missing] == [("eu-west-1", True)]
    assert sum(one.region == "eu-west-1" for one in api.asked) == 10


def test_a_service_that_fails_for_a_moment_is_asked_again(fetch: Fetch, tmp_path: Path) -> None:
    with CloudTrailApi({"us-east-1": spread(60)}, {"us-east-1": ["InternalFailure", "", "InternalFailure"]}) as api:
        assert not fetch(api).missing
        assert kept_ids(tmp_path / "pages") == {"us-east-1": api.ids("us-east-1")}


def test_a_network_that_is_not_there_is_a_missing_region(fetch: Fetch) -> None:
    with CloudTrailApi({"us-east-1": spread(1)}) as api:
        with CloudTrailApi({}) as gone:
            pass
        result = fetch(api, endpoint_url=gone.url)
    assert "no usable answer from the network" in result.missing[0].problem
    assert result.page_count == 0


def test_a_stopped_clock_does_not_wait() -> None:
    stop = threading.Event()
    stop.set()
    clock = WallClock(stop)
    before = clock.now()
    clock.sleep(3600)
    assert clock.now() - before < 3600
