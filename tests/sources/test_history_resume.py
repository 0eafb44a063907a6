"""A fetch that was stopped goes on: no day twice, none lost; what is no answer is missing and asked for again."""

from __future__ import annotations

import errno
import json
import os
import tracemalloc
from collections import Counter
from datetime import timedelta
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import pytest

from rootforensics.errors import StorageError
from rootforensics.sources import history
from rootforensics.sources.history import HistoryError
from tests.builders import ACCOUNT, event
from tests.stand_ins.clock import NOW, iso, spread
from tests.stand_ins.cloudtrail_api import CloudTrailApi, kept_ids
from tests.stand_ins.odd import Odd

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rootforensics.sources.history import Reached
    from tests.sources.conftest import Fetch

REGION = "us-east-1"
MIDNIGHT = NOW.replace(hour=0)
DAY = timedelta(days=1)
# Sixty events a day on the three days before today: two answers each.
THREE_DAYS = [one for days in (1, 2, 3) for one in spread(60, NOW - days * DAY)]
LOGIN = b"<!DOCTYPE html><html><body>Sign in to the guest network</body></html>"


@pytest.fixture
def fetch(fetch: Fetch) -> Fetch:
    """``fetch`` of one Region and three days that are over."""
    return partial(fetch, regions=[REGION], since=MIDNIGHT - 3 * DAY, until=MIDNIGHT)


def days_asked(api: CloudTrailApi) -> list[int]:
    """How many days before today each request lies."""
    return [round((MIDNIGHT.timestamp() - one.body["StartTime"]) / DAY.total_seconds()) for one in api.asked]


def stop_after(events: int) -> Callable[[Reached], None]:
    """A follower that stops the fetch as Ctrl-C would, once so many events came."""

    def follow(reached: Reached) -> None:
        if reached.event_count >= events:
            raise KeyboardInterrupt

    return follow


def test_it_goes_on_where_it_stopped(fetch: Fetch, tmp_path: Path) -> None:
    with CloudTrailApi({REGION: THREE_DAYS}) as api:
        with pytest.raises(KeyboardInterrupt):
            fetch(api, follow=stop_after(110))
        assert len(kept_ids(tmp_path / "pages")[REGION]) == 60, "the day that was not whole is not there"
        result = fetch(api)
        assert kept_ids(tmp_path / "pages") == {REGION: api.ids(REGION)}
        assert days_asked(api) == [1, 1, 2, 2, 2, 3, 3]
    assert (result.regions[0].slice_count, result.regions[0].new_slice_count) == (3, 2)


def test_days_that_are_over_are_not_asked_for_again(fetch: Fetch, tmp_path: Path) -> None:
    with CloudTrailApi({REGION: THREE_DAYS}) as api:
        fetch(api)
        again = fetch(api, moment=NOW + 3 * DAY)
        part = fetch(api, since=MIDNIGHT - 2 * DAY + timedelta(hours=5), until=MIDNIGHT - timedelta(hours=5))
        assert days_asked(api) == [1, 1, 2, 2, 3, 3]
        assert kept_ids(tmp_path / "pages") == {REGION: api.ids(REGION)}
    assert (again.slice_count, again.regions[0].new_slice_count) == (3, 0)
    assert (part.slice_count, part.regions[0].new_slice_count) == (2, 0), "parts of what is there"


def test_a_whole_day_after_a_part_of_it_is_asked_for(fetch: Fetch) -> None:
    with CloudTrailApi({REGION: THREE_DAYS}) as api:
        fetch(api, since=MIDNIGHT - timedelta(hours=5))
        fetch(api)
    assert [one.body["EndTime"] - one.body["StartTime"] + 1 for one in api.asked][:2] == [5 * 3600, 24 * 3600]


def test_the_running_day_is_asked_for_again_and_what_was_kept_stays(fetch: Fetch, tmp_path: Path) -> None:
    with CloudTrailApi({REGION: spread(60)}) as api:
        fetch(api, until=None)
        before = {path: path.read_bytes() for path in (tmp_path / "pages").rglob("*.jsonl")}
        api.events[REGION] = [event(eventTime=iso(NOW + timedelta(hours=8))), *api.events[REGION]]
        result = fetch(api, until=None, moment=NOW + DAY)
        assert days_asked(api) == [0, 0, 1, 2, 3, -1, 0, 0]
        assert set(kept_ids(tmp_path / "pages")[REGION]) == set(api.ids(REGION))
    assert (result.slice_count, result.regions[0].new_slice_count) == (5, 2)
    assert {path: path.read_bytes() for path in before} == before


def test_a_day_that_ended_just_now_is_asked_for_late_events(fetch: Fetch, tmp_path: Path) -> None:
    with CloudTrailApi({REGION: []}) as api:
        fetch(api, since=MIDNIGHT - DAY, moment=MIDNIGHT + timedelta(minutes=10))
        late = event(eventTime=iso(MIDNIGHT - timedelta(minutes=11)))
        api.events[REGION].append(late)
        for days in (1, 2):
            fetch(api, since=MIDNIGHT - DAY, moment=MIDNIGHT + days * DAY)
    assert kept_ids(tmp_path / "pages")[REGION] == [late["eventID"]]
    assert len(api.asked) == 2, "the third run knows that nothing can be missing any more"


def test_what_a_kill_left_is_taken_away(fetch: Fetch, tmp_path: Path) -> None:
    part = tmp_path / "pages" / "unfinished" / "4194305-0.rootforensics-unfinished"  # no process has this number
    part.parent.mkdir(parents=True)
    part.write_text('{"Events": [')
    with CloudTrailApi({REGION: THREE_DAYS}) as api:
        fetch(api)
        assert kept_ids(tmp_path / "pages") == {REGION: api.ids(REGION)}
    assert {path.name for path in (tmp_path / "pages").iterdir()} == {ACCOUNT}


def test_credentials_that_expire_on_the_way_end_it_and_whole_days_stay(fetch: Fetch, tmp_path: Path) -> None:
    with CloudTrailApi({REGION: THREE_DAYS}, {REGION: ["", "", "ExpiredTokenException"]}) as api:
        with pytest.raises(HistoryError, match="the same command again; what is kept"):
            fetch(api)
        assert len(kept_ids(tmp_path / "pages")[REGION]) == 60
        fetch(api)
        assert kept_ids(tmp_path / "pages") == {REGION: api.ids(REGION)}
        assert days_asked(api) == [1, 1, 2, 2, 2, 3, 3]


def answer(**fields: object) -> bytes:
    """A page with one event, some of its fields changed or, with None, left out."""
    told = {"EventId": "e", "EventTime": NOW.timestamp(), "CloudTrailEvent": "{}"} | fields
    return json.dumps({"Events": [{name: value for name, value in told.items() if value is not None}]}).encode()


ODD = {
    "a page of a captive portal": Odd(body=LOGIN, kind="text/html"),
    "nothing": Odd(),
    "no content": Odd(204),
    "a body that is cut": Odd(body=answer()[:-30]),
    "a connection that is cut": Odd(body=answer(), cut=30),
    "no list": Odd(body=b"{}"),
    "no object": Odd(body=b"[]"),
    "null": Odd(body=b'{"Events": null}'),
    "a list of something else": Odd(body=b'{"Events": ["x", 1]}'),
    "an object for a list": Odd(body=b'{"Events": {}}'),
    "another API": Odd(body=b'{"Records": []}'),
    "XML": Odd(body=b'<?xml version="1.0"?><ListBucketResult/>', kind="application/xml"),
    "an event without its record": Odd(body=answer(CloudTrailEvent=None)),
    "an event without its ID": Odd(body=answer(EventId=None)),
    "an event without its time": Odd(body=answer(EventTime=None)),
    "a time that is none": Odd(body=answer(EventTime="yesterday")),
    "a time beyond all calendars": Odd(body=answer(EventTime=1e300)),
    "the answer to another request": Odd(body=answer(EventTime=(MIDNIGHT - 9 * DAY).timestamp())),
    "a token that is none": Odd(body=b'{"Events": [], "NextToken": 7}'),
    "resources that are none": Odd(body=answer(Resources="none")),
    "UTF-16": Odd(body=answer().decode().encode("utf-16")),
    "brackets in brackets": Odd(body=b"[" * 100_000),
    "a redirect": Odd(302, headers=(("Location", "http://127.0.0.1:9/"),)),
    "a refusal that is HTML": Odd(403, LOGIN, "text/html"),
    "a refusal that is a list": Odd(400, b"[1]"),
    "a status that is none": Odd(299, LOGIN),
}


@pytest.mark.parametrize("kind", ["a page of a captive portal", "no content", "a body that is cut"])
def test_what_is_no_answer_is_missing_and_asked_for_again(fetch: Fetch, tmp_path: Path, kind: str) -> None:
    with CloudTrailApi({REGION: THREE_DAYS}, {REGION: ["", "", "", ODD[kind]]}) as api:
        (missing,) = fetch(api).missing
        assert missing.problem.startswith("1 of 3 days (2026-08-08: the answer is no list of events (HTTP 20")
        assert kept_ids(tmp_path / "pages")[REGION] == api.ids(REGION)[:60] + api.ids(REGION)[120:]
        api.asked.clear()
        assert not fetch(api).missing
        assert days_asked(api) == [2, 2]
        assert kept_ids(tmp_path / "pages")[REGION] == api.ids(REGION)


def test_three_days_in_a_row_without_an_answer_end_the_region_and_no_other(fetch: Fetch, tmp_path: Path) -> None:
    garbage, again = ODD["a page of a captive portal"], Odd(body=b'{"Events": [], "NextToken": "a"}')
    events = dict.fromkeys((REGION, "us-garbage-1", "us-token-1", "us-moody-1"), THREE_DAYS)
    odd: dict[str, list[str | Odd]] = {
        "us-garbage-1": [garbage] * 99,
        "us-token-1": [again] * 99,
        "us-moody-1": [garbage, garbage, "", "", garbage, garbage],  # a day of two answers stands between
    }
    with CloudTrailApi(events, odd) as api:
        result = fetch(api, regions=events, since=MIDNIGHT - 10 * DAY)
        asked = Counter(one.region for one in api.asked)
    problems = {one.region: one.problem for one in result.missing}
    assert (asked["us-garbage-1"], asked["us-token-1"]) == (3, 6)  # a token is known to come again at the second page
    for region in ("us-garbage-1", "us-token-1"):
        assert problems[region].startswith("10 of 10 days (2026-08-09, 2026-08-08, 2026-08-07: ")
        assert "; stopped after 3 days in a row without an answer" in problems[region]
    assert problems["us-moody-1"].startswith("4 of 10 days (")
    assert "in a row" not in problems["us-moody-1"]
    assert REGION not in problems
    assert kept_ids(tmp_path / "pages")[REGION] == api.ids(REGION)


@pytest.mark.heavy
def test_each_kind_of_what_is_no_answer_is_missing_and_ends_no_other_region(
    fetch: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "_ATTEMPTS", 1)
    regions = {f"us-odd-{number}": odd for number, odd in enumerate(ODD.values())}
    events = {region: spread(60, NOW - DAY) for region in (REGION, *regions)}
    with CloudTrailApi(events, {region: ["", odd] for region, odd in regions.items()}) as api:
        result = fetch(api, regions=events, since=MIDNIGHT - DAY)
        assert {one.region for one in result.missing} == {*regions}, [one.problem for one in result.regions]
        assert kept_ids(tmp_path / "pages") == {REGION: api.ids(REGION)}
        assert all(one.problem.startswith("1 of 1 day (2026-08-09: ") for one in result.missing)
        assert not fetch(api, regions=events, since=MIDNIGHT - DAY).missing
        assert kept_ids(tmp_path / "pages") == {region: api.ids(region) for region in events}


@pytest.mark.parametrize("tokens", ["aa", "aba", "abcb"])
def test_a_token_that_comes_again_is_an_error(fetch: Fetch, tokens: str) -> None:
    pages: list[str | Odd] = [Odd(body=json.dumps({"Events": [], "NextToken": one}).encode()) for one in tokens * 9]
    with CloudTrailApi({REGION: []}, {REGION: pages}) as api:
        (missing,) = fetch(api, since=MIDNIGHT - DAY).missing
    assert "a page token came a second time" in missing.problem
    assert len(api.asked) == len(tokens)


def test_an_answer_that_drips_ends_its_region_alone(
    fetch: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "ANSWER_SECONDS", 0.3)
    events = {REGION: THREE_DAYS, "eu-west-1": spread(5, NOW - DAY)}
    with CloudTrailApi(events, {REGION: [Odd(body=answer() * 99, drips=True)]}) as api:
        (missing,) = fetch(api, regions=list(events)).missing
        assert kept_ids(tmp_path / "pages") == {"eu-west-1": api.ids("eu-west-1")}
    assert "no whole answer within 0.3 seconds" in missing.problem
    assert missing.problem.startswith("3 of 3 days (2026-08-09: ")


@pytest.mark.heavy
def test_a_day_with_very_many_events_is_written_as_it_comes(fetch: Fetch, tmp_path: Path) -> None:
    crowd = [event(eventTime=iso(NOW - DAY), requestParameters={"filler": "x" * 10_000}) for _ in range(3000)]
    with CloudTrailApi({REGION: crowd}) as api:
        tracemalloc.start()
        fetch(api, since=MIDNIGHT - DAY)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    (kept,) = (tmp_path / "pages").rglob("*.jsonl")
    assert kept.stat().st_size > 30_000_000
    assert peak < 12_000_000, "the stand-in's part, which makes an answer of half a megabyte, included"


@pytest.mark.parametrize("place", range(1, 4))
def test_a_disk_that_is_full_leaves_whole_days_and_goes_on(
    fetch: Fetch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    real, calls = os.fsync, count(1)

    def full(handle: int) -> None:
        if next(calls) == place:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(handle)

    with CloudTrailApi({REGION: THREE_DAYS}) as api:
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(StorageError, match="No space left on device"):
            fetch(api)
        assert kept_ids(tmp_path / "pages").get(REGION, []) == api.ids(REGION)[: 60 * (place - 1)]
        fetch(api)
        assert kept_ids(tmp_path / "pages") == {REGION: api.ids(REGION)}


def test_a_folder_that_cannot_be_written_is_told(fetch: Fetch, tmp_path: Path) -> None:
    (tmp_path / "pages").write_text("a file")
    with CloudTrailApi({REGION: spread(1)}) as api, pytest.raises(StorageError, match="cannot be kept"):
        fetch(api)


ODD_STARTS = {
    "caller": ("GetCallerIdentity", Odd(body=LOGIN, kind="text/html")),
    "caller, other XML": ("GetCallerIdentity", Odd(body=b"<a><b/></a>", kind="text/xml")),
    "caller, nothing": ("GetCallerIdentity", Odd(204)),
    "Regions": ("DescribeRegions", Odd(body=LOGIN, kind="text/html")),
    "Regions, other XML": ("DescribeRegions", Odd(body=b"<a><b/></a>", kind="text/xml")),
    "Regions, nothing": ("DescribeRegions", Odd(204)),
}


@pytest.mark.quick(2)
@pytest.mark.parametrize(("operation", "odd"), ODD_STARTS.values(), ids=ODD_STARTS)
def test_what_is_no_answer_of_sts_or_ec2_is_told(
    fetch: Fetch, tmp_path: Path, said: list[str], operation: str, odd: Odd
) -> None:
    with CloudTrailApi({REGION: THREE_DAYS[:1]}, odd_answers={operation: odd}) as api:
        fetch(api, regions=() if operation == "DescribeRegions" else (REGION,), since=MIDNIGHT - DAY)
        assert kept_ids(tmp_path / "pages")[REGION] == api.ids(REGION)
    words = "did not say which account" if operation == "GetCallerIdentity" else "Regions cannot be listed ("
    assert any(words in line for line in said), said
