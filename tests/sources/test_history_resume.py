"""A fetch that was stopped goes on: no page twice, none lost; and a complete one fetches what is new."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from datetime import timedelta
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import msgspec
import pytest

from rootforensics.errors import StorageError
from rootforensics.sources.history import HistoryError
from rootforensics.sources.history_pages import PageStore, no_evidence
from rootforensics.sources.history_state import Query
from tests.builders import ACCOUNT, event
from tests.stand_ins.clock import NOW, FakeClock, iso, spread
from tests.stand_ins.cloudtrail_api import CloudTrailApi, kept_ids

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.sources.history_region import Reached
    from tests.sources.conftest import Fetch

REGIONS = ["us-east-1"]
UNTIL = NOW - timedelta(hours=2)


@pytest.fixture
def fetch(fetch: Fetch) -> Fetch:
    """``fetch`` of one named Region, which spares each test the list of Regions."""
    return partial(fetch, regions=REGIONS)


def query_folder(tmp_path: Path) -> Path:
    (folder,) = (tmp_path / "pages" / ACCOUNT / "us-east-1").iterdir()
    return folder


def pages(tmp_path: Path) -> list[Path]:
    return sorted(query_folder(tmp_path).glob("page-*.json"))


def stop_after(pages: int) -> object:
    """A follower that stops the fetch as Ctrl-C would, once so many pages are kept."""

    def follow(reached: Reached) -> None:
        if reached.page_count == pages:
            raise KeyboardInterrupt

    return follow


def test_it_goes_on_where_it_stopped(fetch: Fetch, tmp_path: Path) -> None:
    with CloudTrailApi({"us-east-1": spread(250)}) as api:
        with pytest.raises(KeyboardInterrupt):
            fetch(api, until=UNTIL, follow=stop_after(2))
        assert len(kept_ids(tmp_path / "pages")["us-east-1"]) == 100
        result = fetch(api, until=UNTIL)
        assert kept_ids(tmp_path / "pages") == {"us-east-1": api.ids("us-east-1")}
    assert set(api.answered_pages().values()) == {1}
    assert len(api.asked) == 5
    assert (result.regions[0].page_count, result.regions[0].new_page_count) == (5, 3)


def test_a_page_kept_just_before_a_kill_is_not_asked_for_again(fetch: Fetch, tmp_path: Path) -> None:
    with CloudTrailApi({"us-east-1": spread(150)}) as api:
        with pytest.raises(KeyboardInterrupt):
            fetch(api, until=UNTIL, follow=stop_after(1))
        state = query_folder(tmp_path) / "state.json"
        earlier = state.read_bytes()
        with pytest.raises(KeyboardInterrupt):
            fetch(api, until=UNTIL, follow=stop_after(2))
        state.write_bytes(earlier)  # as if the kill had come between the page and the state
        fetch(api, until=UNTIL)
        assert kept_ids(tmp_path / "pages") == {"us-east-1": api.ids("us-east-1")}
    assert set(api.answered_pages().values()) == {1}


def test_a_half_written_page_is_asked_for_again(fetch: Fetch, tmp_path: Path) -> None:
    with CloudTrailApi({"us-east-1": spread(150)}) as api:
        with pytest.raises(KeyboardInterrupt):
            fetch(api, until=UNTIL, follow=stop_after(1))
        folder = query_folder(tmp_path)
        (folder / "page-000002.json").write_text('{"Events": [{"EventId"')
        (folder / "page-000002.json.part").write_text('{"Ev')
        fetch(api, until=UNTIL)
        assert kept_ids(tmp_path / "pages") == {"us-east-1": api.ids("us-east-1")}


def test_a_token_that_expired_begins_the_rest_anew(fetch: Fetch, tmp_path: Path) -> None:
    with CloudTrailApi({"us-east-1": spread(250)}) as api:
        with pytest.raises(KeyboardInterrupt):
            fetch(api, until=UNTIL, follow=stop_after(2))
        api.expire_tokens()
        result = fetch(api, until=UNTIL)
        ids = api.ids("us-east-1")
    kept = kept_ids(tmp_path / "pages")["us-east-1"]
    assert kept == [*ids[:100], ids[99], *ids[100:]], "the oldest event kept comes twice, and none is missing"
    restart = api.asked[3].body
    assert restart["EndTime"] == (NOW - timedelta(hours=3, minutes=99)).timestamp()
    assert "NextToken" not in restart
    assert not result.missing


def test_events_of_one_second_survive_a_token_that_expired(fetch: Fetch, tmp_path: Path) -> None:
    moment = iso(NOW - timedelta(hours=5))
    crowd = [event(eventTime=moment) for _ in range(80)]
    with CloudTrailApi({"us-east-1": [*spread(10), *crowd, *spread(30, NOW - timedelta(days=1))]}) as api:
        with pytest.raises(KeyboardInterrupt):
            fetch(api, until=UNTIL, follow=stop_after(1))
        api.expire_tokens()
        fetch(api, until=UNTIL)
        assert set(kept_ids(tmp_path / "pages")["us-east-1"]) == set(api.ids("us-east-1"))


def test_tokens_that_are_never_taken_end_the_region_and_not_the_world(fetch: Fetch) -> None:
    crowd = [event(eventTime=iso(NOW - timedelta(hours=5))) for _ in range(80)]
    refusals = {"us-east-1": ["", "InvalidNextTokenException"] * 50}
    with CloudTrailApi({"us-east-1": crowd}, refusals) as api:
        result = fetch(api, until=UNTIL)
    assert "token" in result.missing[0].problem
    assert len(api.asked) < 12


def test_a_complete_query_that_is_over_is_not_asked_again(fetch: Fetch) -> None:
    with CloudTrailApi({"us-east-1": spread(60)}) as api:
        first = fetch(api, until=UNTIL)
        again = fetch(api, until=UNTIL, clock=FakeClock(NOW + timedelta(days=3)))
    assert len(api.asked) == 2
    assert first.regions[0].page_count == again.regions[0].page_count == 2
    assert again.regions[0].new_page_count == 0


def test_a_query_whose_end_was_recent_is_asked_for_late_events(fetch: Fetch, tmp_path: Path) -> None:
    until = NOW - timedelta(minutes=10)
    with CloudTrailApi({"us-east-1": spread(5)}) as api:
        fetch(api, until=until)
        late = event(eventTime=iso(NOW - timedelta(minutes=11)))
        api.events["us-east-1"].append(late)
        for days in (1, 2):
            fetch(api, until=until, clock=FakeClock(NOW + timedelta(days=days)))
    assert kept_ids(tmp_path / "pages")["us-east-1"].count(late["eventID"]) == 1
    assert len(api.asked) == 2, "the third run knows that nothing can be missing any more"


def test_without_an_end_the_next_run_fetches_what_is_new(fetch: Fetch, tmp_path: Path) -> None:
    with CloudTrailApi({"us-east-1": spread(60)}) as api:
        fetch(api)
        new, late = (event(eventTime=iso(NOW + delta)) for delta in (timedelta(hours=20), timedelta(minutes=-50)))
        api.events["us-east-1"] += [new, late]
        fetch(api, clock=FakeClock(NOW + timedelta(days=1)))
    kept = kept_ids(tmp_path / "pages")["us-east-1"]
    assert sorted(kept) == sorted(api.ids("us-east-1"))
    assert api.asked[-1].body["StartTime"] == (NOW - timedelta(hours=1)).timestamp()


def test_a_fetch_that_goes_on_a_day_later_comes_up_to_date(fetch: Fetch, tmp_path: Path) -> None:
    with CloudTrailApi({"us-east-1": spread(120)}) as api:
        with pytest.raises(KeyboardInterrupt):
            fetch(api, follow=stop_after(1))
        api.events["us-east-1"].append(event(eventTime=iso(NOW + timedelta(hours=20))))
        fetch(api, clock=FakeClock(NOW + timedelta(days=1)))
        assert sorted(kept_ids(tmp_path / "pages")["us-east-1"]) == sorted(api.ids("us-east-1"))


def test_credentials_that_expire_on_the_way_end_it_and_the_pages_stay(fetch: Fetch, tmp_path: Path) -> None:
    with CloudTrailApi({"us-east-1": spread(150)}, {"us-east-1": ["", "ExpiredTokenException"]}) as api:
        with pytest.raises(HistoryError, match="the same command goes on from here"):
            fetch(api, until=UNTIL)
        assert len(kept_ids(tmp_path / "pages")["us-east-1"]) == 50
        fetch(api, until=UNTIL)
        assert kept_ids(tmp_path / "pages") == {"us-east-1": api.ids("us-east-1")}
    assert set(api.answered_pages().values()) == {1}


def test_a_page_that_is_gone_is_told(fetch: Fetch, tmp_path: Path) -> None:
    with CloudTrailApi({"us-east-1": spread(60)}) as api:
        fetch(api)
        (query_folder(tmp_path) / "page-000001.json").unlink()
        (told,) = fetch(api).missing
        assert "page-000001.json: a page that was kept is gone" in told.problem


WINDOW = {"since": "2026-08-01", "until": "2026-08-02", "pages": "1", "events": None, "oldest": 1, "next_token": 2}
STATE = {"format": 1, "windows": [], "covered_until": iso(NOW), "begun": iso(NOW), "complete": True}
STATE["query"] = msgspec.to_builtins(Query(ACCOUNT, "us-east-1"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "\0" * 4096,
        "[" * 100_000,
        '{"format": 1}',
        '{"format": 2, "query": {}, "windows": []}',
        json.dumps(STATE),
        json.dumps(STATE | {"complete": False}),
        json.dumps(STATE | {"windows": [WINDOW]}),
        json.dumps(STATE | {"windows": [{"end": "open"} | dict.fromkeys(WINDOW, iso(NOW))]}),
    ],
)
def test_a_damaged_state_is_told(fetch: Fetch, tmp_path: Path, text: str) -> None:
    with CloudTrailApi({"us-east-1": spread(60)}) as api:
        fetch(api)
        (query_folder(tmp_path) / "state.json").write_text(text)
        (told,) = fetch(api).missing
    assert (told.page_count, told.problem.endswith("Move its folder away to fetch all of it anew")) == (2, True)
    assert len(api.asked) == 2


def test_a_state_that_cannot_be_read_is_told(fetch: Fetch, tmp_path: Path) -> None:
    with CloudTrailApi({"us-east-1": spread(60)}) as api:
        fetch(api)
        state = query_folder(tmp_path) / "state.json"
        state.unlink()
        state.mkdir()
        (told,) = fetch(api).missing
    assert "the state of the query cannot be read" in told.problem


def test_one_query_is_fetched_by_one_process(fetch: Fetch, tmp_path: Path) -> None:
    with CloudTrailApi({"us-east-1": spread(1)}) as api:
        fetch(api)
        store = PageStore(query_folder(tmp_path), Query(ACCOUNT, "us-east-1"))
        with store.opened(NOW), pytest.raises(StorageError, match="another process is fetching the same history"):
            fetch(api)


def test_a_file_system_that_cannot_lock_is_good_enough(
    fetch: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(handle: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, f"no locks: {handle} {operation}")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with CloudTrailApi({"us-east-1": spread(1)}) as api:
        fetch(api)
        assert kept_ids(tmp_path / "pages") == {"us-east-1": api.ids("us-east-1")}


@pytest.mark.parametrize("place", range(1, 13))  # two syncs a file: the state, then a page and the state, three times
def test_a_disk_that_is_full_leaves_whole_pages_and_goes_on(
    fetch: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    real, calls = os.fsync, count(1)

    def full(handle: int) -> None:
        if next(calls) == place:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    with CloudTrailApi({"us-east-1": spread(150)}) as api:
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(StorageError, match="No space left on device"):
            fetch(api, until=UNTIL)
        assert kept_ids(tmp_path / "pages").get("us-east-1", []) == api.ids("us-east-1")[: 50 * len(pages(tmp_path))]
        fetch(api, until=UNTIL)
        assert kept_ids(tmp_path / "pages") == {"us-east-1": api.ids("us-east-1")}


def test_a_folder_that_cannot_be_written_is_told(fetch: Fetch, tmp_path: Path) -> None:
    (tmp_path / "pages").write_text("a file")
    with CloudTrailApi({"us-east-1": spread(1)}) as api, pytest.raises(StorageError, match="cannot be kept"):
        fetch(api)


def test_what_is_no_evidence_is_known(fetch: Fetch, tmp_path: Path) -> None:
    with CloudTrailApi({"us-east-1": spread(60)}) as api:
        fetch(api)
    folder = query_folder(tmp_path)
    (folder / "page-000003.json.part").write_text("{")
    assert {path.name for path in no_evidence(tmp_path / "pages")} == {"state.json", "page-000003.json.part"}
    assert json.loads((folder / "state.json").read_text())["complete"] is True
