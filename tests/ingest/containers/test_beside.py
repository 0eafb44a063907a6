"""No event is lost to what stands beside it: siblings, second lists, deep places, entries without their record."""

from __future__ import annotations

import base64
import gzip
import json
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.ingest.limits import Limits
from rootforensics.ingest.original import read_original
from tests.builders import event, event_id, record, root_event
from tests.ingest.checks import Files, event_ids, evidence, load, rows
from tests.ingest.containers.wrappings import envelope, lookup_entry, packed, sns, subscription, text
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from pathlib import Path

FIRST, SECOND, THIRD = event(), root_event(), event()


def write(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "logs").mkdir(exist_ok=True)
    (tmp_path / "logs" / "a.json").write_bytes(data)


def nested(depth: int, value: Any) -> Any:
    """A value below so many keys."""
    for number in range(depth):
        value = {f"level{number}": value}
    return value


def twice(name: str, first: Any, second: Any) -> bytes:
    """An object that names a key twice."""
    return b'{"%b": %b,"%b" : %b}' % (name.encode(), record(first), name.encode(), record(second))


def beside(first: dict[str, Any], second: dict[str, Any]) -> dict[str, bytes]:
    """Two events beside each other, in every way."""
    return {
        "two in an object": record({"x": first, "n": 1, "y": {"z": second}}),
        "beside a list": record({"x": [first], "y": second}),
        "beside an envelope": record({**envelope(first), "cause": second}),
        "beside a notification": record({**sns(first), "other": [second]}),
        "in an entry": record({"Events": [{**lookup_entry(first), "extra": second}]}),
        "in a hit": record({"hits": {"hits": [{"_source": first, "fields": {"raw": text(second)}}]}}),
        "another list": record({"Events": [lookup_entry(first)], "events": [{"message": text(second), "ingestionTime": 1}]}),
        "Records beside Events": record({"Records": [first], "Events": [lookup_entry(second)]}),
        "Records beside Events, wrapped": record({"Body": text({"Records": [first], "Events": [second]}), "MessageId": "1"}),
        "Events twice": twice("Events", [lookup_entry(first)], [lookup_entry(second)]),
        "events twice": twice("events", [{"message": text(first)}], [{"message": text(second)}]),
        "an unknown key twice": twice("data", first, second),
        "text under an unknown key": record({"payload": text(first), "context": {"raw": [text(second)]}}),
        "base64 under an unknown key": record({"blob": packed({"Records": [first]}), "plain": second}),
        "deep beside shallow": record({"x": first, "deep": nested(20, second)}),
        "a list of texts": record([text(first), text(second)]),
        "a wrapper that names an event": record({"eventName": "alert", "id": 7, "cause": first, "also": [second]}),
    }  # fmt: skip


BESIDE = list(beside(FIRST, SECOND))


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, tuple[dict[str, Any], dict[str, Any]]], Files]:
    """Each way with two events of its own, all in one case."""
    pairs = {kind: (event(), root_event()) for kind in BESIDE}
    return pairs, Files(tmp_path_factory.mktemp("beside"), {kind: beside(*pairs[kind])[kind] for kind in pairs})


@pytest.mark.parametrize("kind", BESIDE)
def test_both_events_come_out_and_lead_back_to_their_text(kind: str, both: Any) -> None:
    events, files = both[0][kind], both[1]
    assert files.ids(kind) == [one["eventID"] for one in events]
    row = files.row(kind)
    assert (row["status"], row["record_count"], row["rejected_count"]) == ("loaded", 2, 0)
    for one in events:
        assert json.loads(files.case.raw(one["eventID"])) == one


async def test_what_stands_among_events_in_a_list_is_counted(tmp_path: Path) -> None:
    write(tmp_path, record({"found": [FIRST, {"a": 1}, "no event", None]}))
    row = evidence(await load_beside(tmp_path))["a.json"]
    assert (row["record_count"], row["event_count"], row["rejected_count"]) == (4, 1, 3)


async def test_an_event_too_deep_to_be_sought_is_counted(tmp_path: Path) -> None:
    write(tmp_path, record({"x": FIRST, "deep": nested(100, SECOND)}))
    row = evidence(await load_beside(tmp_path))["a.json"]
    assert (row["record_count"], row["event_count"], row["rejected_count"]) == (2, 1, 1)


async def test_a_token_in_base64_is_no_event(tmp_path: Path) -> None:
    token = base64.b64encode(b'{"v": 2, "c": "next"}').decode()
    write(tmp_path, record({"data": FIRST, "NextToken": token}))
    row = evidence(await load_beside(tmp_path))["a.json"]
    assert (row["record_count"], row["rejected_count"]) == (1, 0)


ROOT_ENTRY = lookup_entry(SECOND) | {"Username": "root", "EventSource": "iam.amazonaws.com"}


def test_an_entry_without_its_record_says_what_it_knows(tmp_path: Path, subtests: pytest.Subtests) -> None:
    carried: dict[str, Any] = {str(value): value for value in (None, "", "[]", "{cut off", 7)}
    made, entries = {}, {}
    for key, form in product(carried, ("page", "lines")):
        bare = ROOT_ENTRY | {"CloudTrailEvent": carried[key], "EventId": event_id()}
        entries[key, form] = [lookup_entry(event()), bare]
        lines = b"\n".join(map(record, entries[key, form]))
        made[f"{key}, {form}"] = lines if form == "lines" else record({"Events": entries[key, form]})
    files = Files(tmp_path, made)
    for (kind, form), (first, bare) in entries.items():
        key = f"{kind}, {form}"
        with subtests.test(key):
            assert files.ids(key) == [first["EventId"], bare["EventId"]]
            (row,) = files.root_events(key)
            told = {"eventName": "ListUsers", "root_basis": "userName", "eventSource": "iam.amazonaws.com"}
            assert {name: row[name] for name in told} == told
            # 1786000000 seconds after 1970 are 07:06:40 on 2026-08-06
            assert f"{row['eventTime']:%H:%M:%S}" == "07:06:40"
            assert json.loads(files.case.raw(bare["EventId"])) == bare
            assert "without a readable CloudTrailEvent" in files.row(key)["problem"]


async def test_entries_of_which_none_has_its_record(tmp_path: Path) -> None:
    bare = {name: value for name, value in ROOT_ENTRY.items() if name != "CloudTrailEvent"}
    write(tmp_path, record({"Events": [bare, bare | {"EventId": "x-2"}, {"EventId": "x-3"}]}))
    case = await load_beside(tmp_path)
    assert event_ids(case) == [SECOND["eventID"], "x-2"]
    row = evidence(case)["a.json"]
    assert (row["record_count"], row["rejected_count"]) == (3, 1)


def test_an_empty_message_is_counted(tmp_path: Path, subtests: pytest.Subtests) -> None:
    messages: dict[str, str | None] = {repr(message): message for message in ("", " ", "[]", None)}
    pairs = {key: [event(), root_event()] for key in messages}
    made = {}
    for key, message in messages.items():
        payload = subscription(pairs[key])
        payload["logEvents"].insert(1, {"id": "9", "timestamp": 1, "message": message})
        made[key] = record(payload)
    files = Files(tmp_path, made)
    for key, (_, second) in pairs.items():
        with subtests.test(key):
            row = files.row(key)
            assert (row["record_count"], row["rejected_count"]) == (3, 1)
            assert "value 1: " in row["problem"]
            assert files.case.raw(second["eventID"]) == record(second)


async def test_fields_spread_over_keys_of_their_own_become_the_identity(tmp_path: Path) -> None:
    flat = {"eventName": "DeleteTrail", "eventTime": "2026-08-05T10:00:00Z", "eventSource": "cloudtrail.amazonaws.com"}
    flat |= {"userIdentity.type": "Root", "userIdentity.accountId": "111122223333", "eventID": "x-1"}
    cells = [{"field": name, "value": value} for name, value in flat.items()]
    write(tmp_path, b"\n".join([record({"preview": False, "result": flat}), record({"results": [cells]})]))
    case = await load_beside(tmp_path)
    assert rows(case, "SELECT DISTINCT account_id, root_basis FROM root_events") == [
        {"account_id": "111122223333", "root_basis": "userIdentity.type"}
    ]
    assert evidence(case)["a.json"]["container"] == "Splunk > row of a table, CloudWatch Logs Insights > row of a table"


def bombs(count: int, size: int) -> bytes:
    """An event, messages that inflate to more than this size each, and another event, one a line."""
    bomb = base64.b64encode(gzip.compress(record({"a": " " * size}))).decode()
    return b"\n".join([record(FIRST), *[record({"awslogs": {"data": bomb}})] * count, record(SECOND)])


@pytest.mark.heavy
def test_many_texts_that_inflate_are_bounded_together(tmp_path: Path) -> None:
    write(tmp_path, bombs(12, 4_000_000))
    case = load(tmp_path, limits=Limits(max_inflated_bytes=20_000_000, max_ratio=1e6))
    row = evidence(case)["a.json"]
    assert row["status"] == "damaged"
    assert "inflates to more than 20,000,000 bytes" in row["problem"]
    assert event_ids(case) == [FIRST["eventID"]]
    assert case.raw(FIRST["eventID"]) == record(FIRST)
    case.load(tmp_path / "logs", limits=Limits(max_inflated_bytes=60_000_000, max_ratio=1e6))
    assert event_ids(case) == [FIRST["eventID"], SECOND["eventID"]]
    assert "inflates" not in evidence(case)["a.json"]["problem"]


async def test_the_ratio_bounds_them_too(tmp_path: Path) -> None:
    write(tmp_path, bombs(3, 40_000_000))
    row = evidence(await load_beside(tmp_path))["a.json"]
    assert (row["status"], row["event_count"]) == ("damaged", 1)
    assert "200 times its size" in row["problem"]


@pytest.mark.heavy
def test_the_original_of_each_event_is_its_own_however_long_the_list(tmp_path: Path) -> None:
    """Lists are looked at in parts: an event that holds others stands in the first, what is no event in the last."""
    inner = [root_event(), root_event()]
    holding = {"eventTime": "2026-08-05T01:00:00Z", "eventName": "X", "eventID": event_id(), "requestParameters": inner}
    others = [root_event() for _ in range(16_400)]
    lines = [holding, *others, {"hello": "world"}]
    write(tmp_path, "\n".join(map(json.dumps, lines)).encode())
    with load(tmp_path) as case:
        held = case.sql("SELECT eventID, evidence_id || ':' || record_index AS place FROM events ORDER BY record_index")
        for row in (*held.rows[:3], *held.rows[-2:]):
            assert json.loads(case.raw(row["place"]))["eventID"] == row["eventID"]


def test_a_record_of_another_event_is_no_original(tmp_path: Path) -> None:
    """Whatever reads a list otherwise than when it was loaded, the answer is none rather than a wrong one."""
    one, other = event(), event()
    write(tmp_path, record(one) + b"\n" + record(other))
    with load(tmp_path) as case:
        (row,) = case.sql("SELECT sha256, uri FROM evidence").rows
        args = ([row["uri"]], None, row["sha256"])
        assert read_original(*args, 1, other["eventID"]) == record(other)
        with pytest.raises(rf.OriginalError, match=r"record 0 does not belong to event"):
            read_original(*args, 0, other["eventID"])
