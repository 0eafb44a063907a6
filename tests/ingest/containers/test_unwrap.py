"""Events come out of every container as they went in, and whatever is no event is counted."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from rootforensics.ingest.filters import Filters
from tests.builders import event, gz, record, records_file, root_event
from tests.ingest.checks import Files, event_ids, evidence, rows
from tests.ingest.containers.wrappings import CONTROL, WRAPPINGS, envelope, lookup_entry, sns, subscription, text
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def five_events() -> list[dict[str, Any]]:
    """Five events, two of them root's."""
    return [event(), root_event(userAgent='a "quoted" agent \\ {"Records":[{'), event(), root_event(), event()]


def write(folder: Path, data: bytes, name: str = "a.json") -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)


PACKINGS = {"plain": bytes, "gzip": gz}


class Wrapped(NamedTuple):
    """Every wrapping with events of its own, plain and packed, in one case."""

    events: dict[str, list[dict[str, Any]]]
    files: Files


def wrapped(folder: Path, packings: Iterable[str], **options: Any) -> Wrapped:
    """Load every wrapping at once."""
    events = {f"{kind}, {packing}": five_events() for kind in WRAPPINGS for packing in packings}
    files = {}
    for key, held in events.items():
        kind, _, packing = key.rpartition(", ")
        files[key] = PACKINGS[packing](WRAPPINGS[kind][1](held))
    return Wrapped(events, Files(folder, files, **options))


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Wrapped:
    """All wrappings, loaded whole."""
    return wrapped(tmp_path_factory.mktemp("whole"), PACKINGS)


@pytest.fixture(scope="module")
def only_root(tmp_path_factory: pytest.TempPathFactory) -> Wrapped:
    """All wrappings, loaded for root alone."""
    return wrapped(tmp_path_factory.mktemp("root"), ["plain"], filters=Filters(root_related=True))


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("kind", WRAPPINGS)
def test_every_event_comes_out_and_leads_back_to_its_text(kind: str, packing: str, everything: Wrapped) -> None:
    key = f"{kind}, {packing}"
    events, files = everything.events[key], everything.files
    row = files.row(key)
    assert (row["status"], row["problem"]) == ("loaded", None)
    assert row["container"] == WRAPPINGS[kind][0]
    assert files.ids(key) == [one["eventID"] for one in events]
    for one in events:
        assert json.loads(files.case.raw(one["eventID"])) == one
    assert [row["origin_group"] for row in files.root_events(key)] == ["activity"] * 2


@pytest.mark.parametrize("kind", WRAPPINGS)
def test_a_root_related_load_finds_the_same_root_events(kind: str, only_root: Wrapped) -> None:
    key = f"{kind}, plain"
    events, files = only_root.events[key], only_root.files
    assert files.ids(key) == [events[1]["eventID"], events[3]["eventID"]]
    assert json.loads(files.case.raw(events[3]["eventID"])) == events[3]


def test_the_same_events_from_a_log_file_are_copies(tmp_path: Path) -> None:
    events = {kind: five_events() for kind in WRAPPINGS}
    files = {kind: WRAPPINGS[kind][1](held) for kind, held in events.items()}
    files |= {f"log of {kind}": records_file(held) for kind, held in events.items()}
    found = Files(tmp_path, files)
    ids = {kind: found.ids(kind) for kind in events}
    assert ids == {kind: [one["eventID"] for one in held] for kind, held in events.items()}
    assert {kind: found.row(f"log of {kind}")["duplicate_count"] for kind in events} == dict.fromkeys(events, 5)


@pytest.mark.heavy
async def test_wrappings_in_wrappings_are_named_from_the_outside_in(tmp_path: Path) -> None:
    one = event()
    inner = {"Messages": [{"MessageId": "1", "Body": json.dumps(sns(envelope(one)))}]}
    write(tmp_path / "logs", record(inner))
    case = await load_beside(tmp_path)
    assert evidence(case)["a.json"]["container"] == "SQS > SNS > EventBridge"
    assert event_ids(case) == [one["eventID"]]


async def test_containers_and_events_in_one_file_are_all_read(tmp_path: Path) -> None:
    plain, wrapped, looked_up = event(), event(), event()
    lines = [record(plain), record(envelope(wrapped)), record(lookup_entry(looked_up))]
    write(tmp_path / "logs", b"\n".join(lines))
    case = await load_beside(tmp_path)
    assert event_ids(case) == [plain["eventID"], wrapped["eventID"], looked_up["eventID"]]
    assert evidence(case)["a.json"]["container"] == "EventBridge, LookupEvents"


async def test_a_control_message_is_empty_and_no_problem(tmp_path: Path) -> None:
    write(tmp_path / "logs", record(CONTROL))
    row = evidence(await load_beside(tmp_path))["a.json"]
    assert (row["status"], row["record_count"], row["rejected_count"]) == ("empty", 0, 0)
    assert row["container"] == "CloudWatch Logs subscription"


async def test_a_message_that_is_no_event_is_counted_beside_those_that_are(tmp_path: Path) -> None:
    one = event()
    payload = subscription([one])
    payload["logEvents"].insert(0, {"id": "0", "timestamp": 1, "message": "1526951139,host,CONNECT"})
    payload["logEvents"].append({"id": "9", "timestamp": 1, "message": text(event())[:200]})
    write(tmp_path / "logs", record(payload))
    case = await load_beside(tmp_path)
    row = evidence(case)["a.json"]
    assert (row["status"], row["record_count"], row["event_count"], row["rejected_count"]) == ("damaged", 3, 1, 2)
    assert "a record in a text is cut off" in row["problem"]
    assert "value 0: a string, not an object" in row["problem"]
    assert case.raw(one["eventID"]) == record(one)


async def test_a_payload_of_firehose_that_is_no_event_is_counted_beside_one_that_is(tmp_path: Path) -> None:
    one = event()
    payloads = [b"hello", b'{"a":1}', record(one)]
    data = [{"data": base64.b64encode(payload).decode()} for payload in payloads]
    write(tmp_path / "logs", record({"requestId": "r", "timestamp": 1, "records": data}))
    case = await load_beside(tmp_path)
    row = evidence(case)["a.json"]
    assert (row["status"], row["record_count"], row["rejected_count"]) == ("loaded", 3, 2)
    assert event_ids(case) == [one["eventID"]]


async def test_a_message_cut_off_says_nothing_of_root_and_raises_nothing(tmp_path: Path) -> None:
    payload = sns({})
    payload["Message"] = text(root_event())[:-1]
    write(tmp_path / "logs", record(payload))
    row = evidence(await load_beside(tmp_path))["a.json"]
    assert (row["status"], row["rejected_count"]) == ("damaged", 1)


@pytest.mark.heavy
async def test_a_bomb_in_a_message_is_not_inflated(tmp_path: Path) -> None:
    bomb = base64.b64encode(gz(b" " * 300_000_000)).decode()
    write(tmp_path / "logs", record({"awslogs": {"data": bomb}}))
    row = evidence(await load_beside(tmp_path))["a.json"]
    assert (row["status"], row["record_count"], row["rejected_count"]) == ("damaged", 0, 0)
    assert "200 times its size" in row["problem"]


async def test_wrappings_without_end_are_given_up_and_counted(tmp_path: Path) -> None:
    value: Any = event()
    for _ in range(30):
        value = {"detail-type": "x", "detail": value}
    write(tmp_path / "logs", record(value))
    row = evidence(await load_beside(tmp_path))["a.json"]
    assert (row["status"], row["record_count"], row["rejected_count"]) == ("damaged", 1, 1)
    assert "1 value with fields of an event could not be read" in row["problem"]


async def test_what_an_event_carries_in_its_fields_is_not_taken_for_an_event(tmp_path: Path) -> None:
    outer = event(
        requestParameters={"Records": [event()], "detail-type": "x", "detail": event()}, message=text(event())
    )
    write(tmp_path / "logs", record(outer))
    case = await load_beside(tmp_path)
    assert event_ids(case) == [outer["eventID"]]
    assert evidence(case)["a.json"]["container"] is None


async def test_keys_that_a_pipeline_added_are_kept(tmp_path: Path) -> None:
    one = event()
    one["ingest"] = {"pipeline": "x"}
    write(tmp_path / "logs", record(envelope(one)))
    case = await load_beside(tmp_path)
    assert rows(case, "SELECT otherFields->>'$.ingest.pipeline' AS added FROM events") == [{"added": "x"}]


NOTHING_RIGHT: list[dict[str, Any]] = [
    {"Events": []},
    {"Events": None},
    {"Events": "x"},
    {"Events": [None, 1, {}]},
    {"CloudTrailEvent": None},
    {"CloudTrailEvent": ""},
    {"CloudTrailEvent": {"a": 1}},
    {"detail-type": 1, "detail": None},
    {"results": [[]]},
    {"hits": {"hits": {}}},
    {"hits": 3},
    {"messageType": None, "logEvents": {}},
    {"awslogs": {"data": "!!!"}},
    {"kinesis": []},
    {"Message": 1, "TopicArn": 2},
]


def test_a_container_with_nothing_right_in_it_is_told_and_costs_no_neighbour(tmp_path: Path) -> None:
    spelled = {str(value): record(event()) for value in NOTHING_RIGHT}
    files = Files(tmp_path, {str(value): record(value) + b"\n" + spelled[str(value)] for value in NOTHING_RIGHT})
    for value, one in spelled.items():
        assert files.ids(value) == [json.loads(one)["eventID"]], value
        assert files.case.raw(json.loads(one)["eventID"]) == one, value


async def test_names_of_keys_do_not_fill_the_ledger(tmp_path: Path) -> None:
    deep: Any = event()
    for depth in range(7):
        deep = {f"{depth}-{'k' * 5000}": {"page": [deep]}}
    many = [{f"key-{number}": {"page": [event()]}} for number in range(300)]
    history = {"EventId": "x-1", "EventName": "CreateUser", "EventTime": 1786000000.0, "Username": "root"}
    many.append({"last": {"Events": [history, history | {"EventId": "x-2"}]}})
    write(tmp_path / "logs", json.dumps(deep).encode(), "deep.json")
    write(tmp_path / "logs", json.dumps(many).encode(), "many.json")
    beside = {"Records": [event()], "b" * 5000: [event()]}
    write(tmp_path / "logs", json.dumps(beside).encode(), "beside.json")
    case = await load_beside(tmp_path)
    ledger = evidence(case)
    assert ledger["many.json"]["event_count"] == 302
    assert ledger["beside.json"]["event_count"] == 2
    for row in ledger.values():
        assert len(row["container"] or "") < 2000
        assert len(row["problem"] or "") < 2000
    # Root is told by the name of this container, however many others there are.
    assert rows(case, "SELECT count(*) AS n FROM root_events WHERE root_basis = 'userName'") == [{"n": 2}]
