"""Never more than two requests a second for a Region, and an end to trying."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from itertools import cycle
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.sources import history
from rootforensics.sources.history import SPACING_SECONDS
from tests.stand_ins.clock import NOW, spread
from tests.stand_ins.cloudtrail_api import CloudTrailApi, kept_ids

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sources.conftest import Fetch


class Clock(Event):
    """The moments of a client, seconds: waiting for the end of the fetch moves it, and nothing else does by itself."""

    now = 0.0

    def wait(self, timeout: float | None = None) -> bool:
        self.now += timeout or 0.0
        return self.is_set()


@pytest.mark.parametrize("takes", [(0.0,), (0.3,), (0.6, 0.0), (1.4, 0.2, 0.0)])
def test_no_second_sees_more_than_two_requests(
    fetch: Fetch, monkeypatch: pytest.MonkeyPatch, takes: tuple[float, ...]
) -> None:
    """However long the answers take."""
    clock, moments, ask, pauses = Clock(), list[float](), history.ask, cycle(takes)

    def asked(*arguments: Any) -> Any:
        moments.append(clock.now)
        clock.now += next(pauses)
        return ask(*arguments)

    monkeypatch.setattr(history, "SPACING_SECONDS", SPACING_SECONDS)
    monkeypatch.setattr(history, "_Fetch", partial(history._Fetch, stop=clock))
    monkeypatch.setattr(history, "monotonic", lambda: clock.now)
    monkeypatch.setattr(history, "ask", asked)
    with CloudTrailApi({"us-east-1": spread(101)}) as api:  # three answers of today, and one of each day before
        fetch(api, since=NOW - timedelta(days=3))
    assert len(moments) == len(api.asked) == 6
    for moment in moments:
        assert sum(moment <= other < moment + 1 for other in moments) <= 2


@pytest.mark.heavy
def test_throttling_is_waited_out_and_no_answer_is_lost(fetch: Fetch, tmp_path: Path) -> None:
    with CloudTrailApi({"us-east-1": spread(150)}, {"us-east-1": ["", *["ThrottlingException"] * 3, ""]}) as api:
        assert not fetch(api).missing
        assert kept_ids(tmp_path / "pages") == {"us-east-1": api.ids("us-east-1")}
    assert len({one.page for one in api.asked[1:5]}) == 1, "the same page is asked for until it comes"


def test_a_service_that_fails_for_a_moment_is_asked_again(fetch: Fetch, tmp_path: Path) -> None:
    with CloudTrailApi({"us-east-1": spread(60)}, {"us-east-1": ["InternalFailure"]}) as api:
        assert not fetch(api).missing
        assert kept_ids(tmp_path / "pages") == {"us-east-1": api.ids("us-east-1")}


@pytest.mark.parametrize(
    ("error", "words"),
    [
        pytest.param("ThrottlingException!", "throttled", marks=pytest.mark.heavy),
        ("InternalFailure!", "the service failed"),
    ],
)
def test_one_region_waits_for_no_other(
    fetch: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: str, words: str
) -> None:
    monkeypatch.setattr(history, "_ATTEMPTS", 2)
    events = {"us-east-1": spread(100), "eu-west-1": spread(100)}
    with CloudTrailApi(events, {"eu-west-1": [error]}) as api:
        result = fetch(api)
        assert kept_ids(tmp_path / "pages") == {"us-east-1": api.ids("us-east-1")}
    assert [(one.region, words in one.problem) for one in result.missing] == [("eu-west-1", True)]
    assert sum(one.region == "eu-west-1" for one in api.asked) == 2, "its other days are left for the next run"


def test_a_network_that_is_not_there_is_a_missing_region(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "_ATTEMPTS", 2)
    with CloudTrailApi({"us-east-1": spread(1)}) as api:
        with CloudTrailApi({}) as gone:
            pass
        result = fetch(api, endpoint_url=gone.url)
    assert "the endpoint cannot be reached" in result.missing[0].problem
    assert result.slice_count == 0
