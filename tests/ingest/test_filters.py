"""Filters leave out what is known to lie outside, count it, and never cost an event in a later load."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from rootforensics.errors import FilterError
from rootforensics.ingest.filters import Filters, parse_time
from tests.builders import ABSENT, event, gz, record, records_file, records_text, root_event, write_log
from tests.ingest.checks import Files, Row, event_ids, evidence, load, rows, tables
from tests.ingest.side_by_side import load_beside

SAMPLE_LOGS = Path(__file__).parents[2] / "sample_logs"


def at(text: str) -> datetime:
    """A time in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-08-05", at("2026-08-05T00:00:00")),
        ("2026-08-05T14:30:00Z", at("2026-08-05T14:30:00")),
        ("2026-08-05T14:30:00", at("2026-08-05T14:30:00")),
        ("2026-08-05 14:30", at("2026-08-05T14:30:00")),
        ("2026-08-05T14:30:00+02:00", at("2026-08-05T12:30:00")),
        (" 20260805T143000Z ", at("2026-08-05T14:30:00")),
    ],
)
def test_a_time_is_read_as_utc(text: str, moment: datetime) -> None:
    assert parse_time(text) == moment
    assert parse_time(text).utcoffset() == at("2026-08-05").utcoffset()


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-13-01", "05/08/2026", "1754388000.5s", "0001-01-01T00:00:00+05:00"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(FilterError, match="is not a time"):
        parse_time(text)


@pytest.mark.parametrize(
    "fields",
    [
        {"accounts": ("123",)},
        {"accounts": ("1111222233334",)},
        {"accounts": ("11112222333x",)},
        {"accounts": ("111122223333\n",)},
        {"regions": ("US-EAST-1",)},
        {"regions": ("useast1",)},
        {"regions": ("us-east-1'; --",)},
        {"since": at("2026-08-05"), "until": at("2026-08-05")},
        {"since": at("2026-08-06"), "until": at("2026-08-05")},
    ],
    ids=str,
)
def test_a_filter_that_cannot_be_meant_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(FilterError):
        Filters(**fields)


@pytest.mark.parametrize(
    "region", ["us-east-1", "us-gov-west-1", "cn-north-1", "ap-southeast-5", "us-iso-east-1", "eusc-de-east-1"]
)
def test_every_kind_of_region_is_accepted(region: str) -> None:
    assert Filters(regions=(region,)).regions == (region,)


HOURS = [9, 10, 11, 12]
ACCOUNTS = ["111122223333", "444455556666"]
REGIONS = ["us-east-1", "eu-west-3", None]


def _grid() -> list[dict[str, Any]]:
    """Events at each hour, in each account and Region, by root and by others, and some without a time."""
    times: list[Any] = [f"2026-08-05T{hour:02}:00:00Z" for hour in HOURS] + [ABSENT, "never"]
    events = []
    for time, account, region, maker in product(times, ACCOUNTS, REGIONS, (event, root_event)):
        place = {"awsRegion": ABSENT if region is None else region}
        events.append(maker(eventTime=time, recipientAccountId=account, **place))
    events.append(event(eventName="AssumeRoot", eventSource="sts.amazonaws.com"))
    events.append(event(eventName="TerminateInstances"))
    events.append(event(recipientAccountId=ABSENT, identity={"accountId": "444455556666"}))
    events.append(event(recipientAccountId=ABSENT, identity={"accountId": ABSENT}))
    # What is blank is as absent.
    events.append(event(recipientAccountId="", identity={"accountId": "444455556666"}))
    events.append(event(recipientAccountId="", identity={"accountId": ""}, awsRegion=""))
    events.append(event(userIdentity="Root"))
    events.append(event(userIdentity="AIDAEXAMPLE"))
    federated = {"type": "FederatedUser", "sessionContext": {"sessionIssuer": {"type": "Root"}}}
    events.append(event(identity=federated))
    events.append(event(identity={"userName": "FinanceRoot"}))
    return events


def passes(one: dict[str, Any], filters: Filters) -> bool:
    """Whether a record passes, told from the record itself."""
    try:
        time = at(one["eventTime"].removesuffix("Z"))
    except (KeyError, ValueError):
        time = None
    if time and ((filters.since and time < filters.since) or (filters.until and time >= filters.until)):
        return False
    identity = one["userIdentity"] if isinstance(one["userIdentity"], dict) else {}
    account = one.get("recipientAccountId") or identity.get("accountId")
    if filters.accounts and account and account not in filters.accounts:
        return False
    region = one.get("awsRegion")
    if filters.regions and region and region not in filters.regions:
        return False
    issuer = identity.get("sessionContext", {}).get("sessionIssuer", {}).get("type")
    is_root = (
        identity.get("type") == "Root"
        or (identity.get("type") == "FederatedUser" and issuer == "Root")
        or (one["eventName"] == "AssumeRoot" and one["eventSource"] == "sts.amazonaws.com")
        or one["eventName"] == "TerminateInstances"  # read whoever made the call
        or isinstance(one.get("userIdentity"), str)  # nobody knows whose it is, so it is not known to lie outside
    )
    return is_root or not filters.root_related


FILTERS = [
    Filters(since=at("2026-08-05T10:00:00")),
    Filters(until=at("2026-08-05T11:00:00")),
    Filters(since=at("2026-08-05T10:00:00"), until=at("2026-08-05T12:00:00")),
    Filters(since=at("2026-08-05T10:00:00.000001")),
    Filters(since=parse_time("2026-08-05T13:00:00+03:00"), until=parse_time("2026-08-06")),
    Filters(accounts=("444455556666",)),
    Filters(accounts=("444455556666", "111122223333")),
    Filters(accounts=("999999999999",)),
    Filters(regions=("eu-west-3",)),
    Filters(root_related=True),
    Filters(since=at("2026-08-05T10:00:00"), accounts=("111122223333",), regions=("us-east-1",)),
    Filters(until=at("2026-08-05T12:00:00"), accounts=("444455556666",), regions=("us-east-1",), root_related=True),
]


@pytest.mark.parametrize(
    "filters",
    [pytest.param(one, marks=pytest.mark.heavy if place in (0, 2, 6, 7) else ()) for place, one in enumerate(FILTERS)],
    ids=lambda one: one.describe(),
)
@pytest.mark.quick(2)
async def test_exactly_what_lies_outside_is_left_out_and_counted(tmp_path: Path, filters: Filters) -> None:
    events = _grid()
    write_log(tmp_path / "logs", "a.json.gz", events)
    case = await load_beside(tmp_path, filters=filters)
    expected = [one["eventID"] for one in events if passes(one, filters)]
    assert event_ids(case) == expected
    row = evidence(case)["a.json.gz"]
    assert (row["status"], row["record_count"]) == ("loaded", len(events))
    assert row["filtered_count"] == len(events) - len(expected)


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(first, second, marks=() if second == Filters() else pytest.mark.heavy)
        for first, second in [
            *product([FILTERS[4]], [Filters(), *FILTERS[::4]]),
            *product([FILTERS[9]], [Filters(), FILTERS[2], *FILTERS[7::3]]),
        ]
    ],
    ids=lambda one: one.describe() or "everything",
)
def test_loading_again_with_another_filter_adds_exactly_what_is_missing(
    tmp_path: Path, first: Filters, second: Filters
) -> None:
    events = _grid()
    write_log(tmp_path / "logs", "a.json.gz", [*events, events[0], events[1]])
    case = load(tmp_path, filters=first)
    expected = [one["eventID"] for one in events if passes(one, first) or passes(one, second)]
    for again in (second, first):
        load(case, filters=again)
        assert event_ids(case) == expected
    assert len(rows(case, "SELECT * FROM evidence")) == 1


def _delivered_twice(folder: Path) -> None:
    """Every event in three files, one of them damaged, in an order in which the first file is not the fullest."""
    events = _grid()
    write_log(folder, "a.json.gz", events[:40])
    write_log(folder, "b.json.gz", events[20:])
    (folder / "c.json.gz").write_bytes(gz(records_file([*events, events[3]]))[:-40])
    write_log(folder, "d.json", [])
    (folder / "e.txt").write_bytes(b"words about Root")
    write_log(folder, "f.json", [one for one in events if not passes(one, Filters(root_related=True))])


@pytest.fixture(scope="module")
def delivered_twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[Row]]]:
    """A folder of logs, and what a full load of it gives."""
    folder = tmp_path_factory.mktemp("twice")
    _delivered_twice(folder / "logs")
    return folder / "logs", tables(load(folder), without=("filters",))


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    "first",
    [pytest.param(one, marks=pytest.mark.heavy if place % 6 else ()) for place, one in enumerate(FILTERS)],
    ids=lambda one: one.describe(),
)
def test_a_filtered_load_and_then_a_full_one_give_what_the_full_one_gives(
    tmp_path: Path, first: Filters, delivered_twice: tuple[Path, dict[str, list[Row]]]
) -> None:
    logs, whole = delivered_twice
    case = load(tmp_path, logs, filters=first)
    load(case, logs, filtered=True)
    assert tables(case, without=("filters",)) == whole


@pytest.mark.heavy
def test_files_loaded_with_different_filters_and_then_in_full_point_to_the_right_originals(tmp_path: Path) -> None:
    _delivered_twice(tmp_path / "logs")
    logs = tmp_path / "logs"
    whole = load(tmp_path, name="whole.duckdb")
    case = load(tmp_path, logs / "a.json.gz", name="steps.duckdb", filters=Filters(root_related=True))
    load(case, logs / "b.json.gz", filtered=True)
    load(case, logs / "c.json.gz", filtered=True)
    load(case, filtered=True)
    assert tables(case, without=("filters",)) == tables(whole, without=("filters",))


@pytest.mark.heavy
def test_root_related_gives_the_same_root_events_as_a_full_load_of_the_sample(tmp_path: Path) -> None:
    full = load(tmp_path, SAMPLE_LOGS, name="full.duckdb")
    root = load(tmp_path, SAMPLE_LOGS, name="root.duckdb", filters=Filters(root_related=True))
    assert len(tables(full)["root_events"]) > 300
    assert tables(root)["root_events"] == tables(full)["root_events"]
    known = rows(full, "SELECT record_count, uri FROM evidence ORDER BY 2")
    for whole, row in zip(known, rows(root, "SELECT record_count, uri FROM evidence ORDER BY 2"), strict=True):
        assert row["record_count"] in (None, whole["record_count"]), row["uri"]
    load(root, SAMPLE_LOGS, filtered=True)
    assert tables(root, without=("filters",)) == tables(full, without=("filters",))


@pytest.mark.parametrize(
    "write",
    [
        lambda text: b"\xef\xbb\xbf" + text,
        lambda text: b"\xff\xfe" + text.decode().encode("utf-16-le"),
        lambda text: b"\xfe\xff" + text.decode().encode("utf-16-be"),
        lambda text: gz(b"\xff\xfe" + text.decode().encode("utf-16-le")),
        lambda text: gz(text[:300]) + gz(text[300:]),
        lambda text: text[:-2],
    ],
    ids=["bom", "utf-16-le", "utf-16-be", "gzip-utf-16", "two-members", "cut-off"],
)
async def test_root_related_finds_root_in_every_shape_of_file(tmp_path: Path, write: Any) -> None:
    root, other = root_event(), event()
    (tmp_path / "a.json").write_bytes(write(records_file([other, root])))
    case = await load_beside(tmp_path, tmp_path / "a.json", filters=Filters(root_related=True))
    assert event_ids(case) == [root["eventID"]]
    assert case.raw(root["eventID"]) == record(root)


@pytest.mark.heavy
def test_root_related_finds_root_where_the_mark_lies_across_two_windows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from rootforensics.sources.local import FoundObject

    window, told, texts = 4096, {}, {}
    for near in range(-1, 5):
        events = [event(), root_event(), event()]
        text = records_file(events)
        blanks = window - text.index(b'"Root"') - near
        told[str(near)], texts[str(near)] = events[1]["eventID"], b" " * blanks + text
        assert texts[str(near)].index(b'"Root"') + near == window
    monkeypatch.setattr(FoundObject.pieces, "__defaults__", (window,))
    files = Files(tmp_path, texts, filters=Filters(root_related=True))
    assert {near: files.ids(near) for near in told} == {near: [one] for near, one in told.items()}


async def test_root_related_keeps_odd_root_records_as_a_full_load_does(tmp_path: Path) -> None:
    events = [
        root_event(newField=1),
        root_event(eventTime="never"),
        root_event(eventID=ABSENT),
        root_event(identity={"sessionContext": "odd"}),
        event(userAgent="Root"),
        event(identity={"type": "Root", "new": 1}),
    ]
    spelled = [record(one) for one in events]
    spelled.append(record(root_event(userAgent="caf\u00e9")).replace("\u00e9".encode(), b"\xe9"))
    spelled.append(b'{"type":"Root"}')
    (tmp_path / "a.json").write_bytes(records_text(spelled))
    full = await load_beside(tmp_path, tmp_path / "a.json")
    root = await load_beside(tmp_path, tmp_path / "a.json", filters=Filters(root_related=True))
    assert len(tables(full)["root_events"]) == 6
    assert tables(root)["root_events"] == tables(full)["root_events"]
    assert evidence(root)["a.json"]["rejected_count"] == evidence(full)["a.json"]["rejected_count"] == 1


@pytest.mark.heavy
def test_a_file_without_root_is_counted_and_left_out_until_it_is_loaded_in_full(tmp_path: Path) -> None:
    events = [event(), event()]
    write_log(tmp_path / "logs", "a.json.gz", events)
    case = load(tmp_path, filters=Filters(root_related=True))
    row = evidence(case)["a.json.gz"]
    assert (row["status"], row["record_count"], row["event_count"], row["filtered_count"]) == ("loaded", 2, 0, 2)
    load(case)
    row = evidence(case)["a.json.gz"]
    assert (row["record_count"], row["event_count"], row["filtered_count"]) == (2, 2, 0)


async def test_the_ledger_tells_with_which_filters_a_file_was_loaded(tmp_path: Path) -> None:
    write_log(tmp_path / "logs", "a.json", [event(), root_event()])
    case = await load_beside(tmp_path, filters=FILTERS[-1])
    text = evidence(case)["a.json"]["filters"]
    import json

    assert [Filters.from_dict(one) for one in json.loads(text)] == [FILTERS[-1]]
