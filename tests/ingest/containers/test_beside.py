"""No event is lost to what stands beside it: siblings, second lists, deep places, entries without their record."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.ingest.limits import Limits
from tests.builders import event, record, root_event
from tests.ingest.checks import event_ids, evidence, load, rows
from tests.ingest.containers.wrappings import envelope, lookup_entry, packed, sns, subscription, text

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


BESIDE: dict[str, bytes] = {
    "two in an object": record({"x": FIRST, "n": 1, "y": {"z": SECOND}}),
    "beside a list": record({"x": [FIRST], "y": SECOND}),
    "beside an envelope": record({**envelope(FIRST), "cause": SECOND}),
    "beside a notification": record({**sns(FIRST), "other": [SECOND]}),
    "in an entry": record({"Events": [{**lookup_entry(FIRST), "extra": SECOND}]}),
    "in a hit": record({"hits": {"hits": [{"_source": FIRST, "fields": {"raw": text(SECOND)}}]}}),
    "another list": record({"Events": [lookup_entry(FIRST)], "events": [{"message": text(SECOND), "ingestionTime": 1}]}),
    "Records beside Events": record({"Records": [FIRST], "Events": [lookup_entry(SECOND)]}),
    "Records beside Events, wrapped": record({"Body": text({"Records": [FIRST], "Events": [SECOND]}), "MessageId": "1"}),
    "Events twice": twice("Events", [lookup_entry(FIRST)], [lookup_entry(SECOND)]),
    "events twice": twice("events", [{"message": text(FIRST)}], [{"message": text(SECOND)}]),
    "an unknown key twice": twice("data", FIRST, SECOND),
    "text under an unknown key": record({"payload": text(FIRST), "context": {"raw": [text(SECOND)]}}),
    "base64 under an unknown key": record({"blob": packed({"Records": [FIRST]}), "plain": SECOND}),
    "deep beside shallow": record({"x": FIRST, "deep": nested(20, SECOND)}),
    "a list of texts": record([text(FIRST), text(SECOND)]),
    "a wrapper that names an event": record({"eventName": "alert", "id": 7, "cause": FIRST, "also": [SECOND]}),
}  # fmt: skip


@pytest.mark.parametrize("kind", BESIDE)
def test_both_events_come_out_and_lead_back_to_their_text(kind: str, tmp_path: Path) -> None:
    write(tmp_path, BESIDE[kind])
    case = load(tmp_path)
    assert event_ids(case) == [FIRST["eventID"], SECOND["eventID"]]
    row = evidence(case)["a.json"]
    assert (row["status"], row["record_count"], row["rejected_count"]) == ("loaded", 2, 0)
    for one in (FIRST, SECOND):
        assert json.loads(case.raw(one["eventID"])) == one


def test_what_stands_among_events_in_a_list_is_counted(tmp_path: Path) -> None:
    write(tmp_path, record({"found": [FIRST, {"a": 1}, "no event", None]}))
    row = evidence(load(tmp_path))["a.json"]
    assert (row["record_count"], row["event_count"], row["rejected_count"]) == (4, 1, 3)


def test_an_event_too_deep_to_be_sought_is_counted(tmp_path: Path) -> None:
    write(tmp_path, record({"x": FIRST, "deep": nested(100, SECOND)}))
    row = evidence(load(tmp_path))["a.json"]
    assert (row["record_count"], row["event_count"], row["rejected_count"]) == (2, 1, 1)


def test_a_token_in_base64_is_no_event(tmp_path: Path) -> None:
    token = base64.b64encode(b'{"v": 2, "c": "next"}').decode()
    write(tmp_path, record({"data": FIRST, "NextToken": token}))
    row = evidence(load(tmp_path))["a.json"]
    assert (row["record_count"], row["rejected_count"]) == (1, 0)


ROOT_ENTRY = lookup_entry(SECOND) | {"Username": "root", "EventSource": "iam.amazonaws.com"}


@pytest.mark.parametrize("carried", [None, "", "[]", "{cut off", 7], ids=str)
@pytest.mark.parametrize("lines", [False, True], ids=["page", "lines"])
def test_an_entry_without_its_record_says_what_it_knows(carried: Any, lines: bool, tmp_path: Path) -> None:
    entries = [lookup_entry(FIRST), ROOT_ENTRY | {"CloudTrailEvent": carried}]
    write(tmp_path, b"\n".join(map(record, entries)) if lines else record({"Events": entries}))
    case = load(tmp_path)
    assert event_ids(case) == [FIRST["eventID"], SECOND["eventID"]]
    found = rows(
        case, "SELECT eventName, root_basis, eventSource, strftime(eventTime, '%H:%M:%S') AS at FROM root_events"
    )
    # 1786000000 seconds after 1970 are 07:06:40 on 2026-08-06
    assert found == [{"eventName": "ListUsers", "root_basis": "userName", "eventSource": "iam.amazonaws.com", "at": "07:06:40"}]  # fmt: skip
    assert json.loads(case.raw(SECOND["eventID"])) == entries[1]
    assert "without a readable CloudTrailEvent" in evidence(case)["a.json"]["problem"]


def test_entries_of_which_none_has_its_record(tmp_path: Path) -> None:
    bare = {name: value for name, value in ROOT_ENTRY.items() if name != "CloudTrailEvent"}
    write(tmp_path, record({"Events": [bare, bare | {"EventId": "x-2"}, {"EventId": "x-3"}]}))
    case = load(tmp_path)
    assert event_ids(case) == [SECOND["eventID"], "x-2"]
    row = evidence(case)["a.json"]
    assert (row["record_count"], row["rejected_count"]) == (3, 1)


@pytest.mark.parametrize("message", ["", " ", "[]", None], ids=repr)
def test_an_empty_message_is_counted(message: str | None, tmp_path: Path) -> None:
    payload = subscription([FIRST, SECOND])
    payload["logEvents"].insert(1, {"id": "9", "timestamp": 1, "message": message})
    write(tmp_path, record(payload))
    case = load(tmp_path)
    row = evidence(case)["a.json"]
    assert (row["record_count"], row["rejected_count"]) == (3, 1)
    assert "value 1: " in row["problem"]
    assert case.raw(SECOND["eventID"]) == record(SECOND)


def test_fields_spread_over_keys_of_their_own_become_the_identity(tmp_path: Path) -> None:
    flat = {"eventName": "DeleteTrail", "eventTime": "2026-08-05T10:00:00Z", "eventSource": "cloudtrail.amazonaws.com"}
    flat |= {"userIdentity.type": "Root", "userIdentity.accountId": "111122223333", "eventID": "x-1"}
    cells = [{"field": name, "value": value} for name, value in flat.items()]
    write(tmp_path, b"\n".join([record({"result": flat}), record({"results": [cells]})]))
    case = load(tmp_path)
    assert rows(case, "SELECT DISTINCT account_id, root_basis FROM root_events") == [
        {"account_id": "111122223333", "root_basis": "userIdentity.type"}
    ]
    assert evidence(case)["a.json"]["container"] == "Splunk > row of a table, CloudWatch Logs Insights > row of a table"


def bombs(count: int) -> bytes:
    """An event, messages that inflate to 40 MB each, and another event, one a line."""
    bomb = base64.b64encode(gzip.compress(record({"a": " " * 40_000_000}))).decode()
    return b"\n".join([record(FIRST), *[record({"awslogs": {"data": bomb}})] * count, record(SECOND)])


def test_many_texts_that_inflate_are_bounded_together(tmp_path: Path) -> None:
    write(tmp_path, bombs(12))
    case = load(tmp_path, limits=Limits(max_inflated_bytes=200_000_000, max_ratio=1e6))
    row = evidence(case)["a.json"]
    assert row["status"] == "damaged"
    assert "inflates to more than 200,000,000 bytes" in row["problem"]
    assert event_ids(case) == [FIRST["eventID"]]
    assert case.raw(FIRST["eventID"]) == record(FIRST)
    case.load(tmp_path / "logs", limits=Limits(max_inflated_bytes=600_000_000, max_ratio=1e6))
    assert event_ids(case) == [FIRST["eventID"], SECOND["eventID"]]
    assert "inflates" not in evidence(case)["a.json"]["problem"]


def test_the_ratio_bounds_them_too(tmp_path: Path) -> None:
    write(tmp_path, bombs(3))
    row = evidence(load(tmp_path))["a.json"]
    assert (row["status"], row["event_count"]) == ("damaged", 1)
    assert "200 times its size" in row["problem"]
