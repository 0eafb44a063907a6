"""A file that is cut off inside a text with events in it: the object is damaged, and nothing else is lost."""

from __future__ import annotations

import base64
import gzip
import json
from itertools import product
from typing import TYPE_CHECKING, Any, Final

import pytest

from rootforensics.ingest.filters import Filters
from tests.builders import event, event_id, record, records_text, root_event
from tests.ingest.checks import Files, event_ids, evidence, load
from tests.ingest.containers.wrappings import Events, sns, subscription

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest

EVENTS: Final = [root_event() if place % 2 else event() for place in range(12)]
IDS: Final = [one["eventID"] for one in EVENTS]


def stored(value: Any) -> str:
    """A value as gzip in base64, not made smaller, so that what is before a cut can be known."""
    return base64.b64encode(gzip.compress(json.dumps(value).encode(), 0)).decode()


def coded(value: Any) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def _file(events: Events) -> dict[str, Any]:
    return {"Records": events}


def _body(text: str) -> dict[str, Any]:
    return {"Messages": [{"MessageId": "1", "ReceiptHandle": "x", "Body": text}]}


#: A container with all events in one text.
HELD: Final[dict[str, Callable[[Events], Any]]] = {
    "subscription": lambda events: {"awslogs": {"data": stored(subscription(events))}},
    "kinesis": lambda events: {"Records": [{"Data": stored(subscription(events)), "SequenceNumber": "1"}]},
    "kinesis in lambda": lambda events: {"Records": [{"kinesis": {"data": stored(subscription(events))}}]},
    "firehose": lambda events: {
        "deliveryStreamArn": "a",
        "records": [{"recordId": "1", "data": stored(_file(events))}],
    },
    "body": lambda events: _body(json.dumps(_file(events))),
    "body in base64": lambda events: _body(coded(_file(events))),
    "body of list in base64": lambda events: _body(coded(events)),
    "notification in a body": lambda events: _body(json.dumps(sns(_file(events)))),
    "notification": lambda events: sns(_file(events)),
}


def cut(tmp_path: Path, data: bytes, *, root_related: bool = False) -> tuple[list[str | None], dict[str, Any]]:
    """The events of a file with these bytes, and its row in the ledger."""
    tmp_path.mkdir(exist_ok=True)
    (tmp_path / "a").write_bytes(data)
    case = load(tmp_path, tmp_path / "a", name=f"{root_related}.duckdb", filters=Filters(root_related=root_related))
    return event_ids(case), evidence(case)["a"]


def fresh(count: int = 12) -> list[dict[str, Any]]:
    """Events with eventIDs of their own, every second one root's."""
    return [one | {"eventID": event_id()} for one in EVENTS[:count]]


def ids_of(events: list[dict[str, Any]]) -> list[str]:
    return [one["eventID"] for one in events]


def test_a_cut_inside_a_text_costs_what_is_in_it_and_is_told(tmp_path: Path, subtests: pytest.Subtests) -> None:
    data = {name: record(held(fresh())) for name, held in HELD.items()}
    files = Files(tmp_path, {name: whole[: len(whole) // 2] for name, whole in data.items()})
    for name in data:
        with subtests.test(name):
            row = files.row(name)
            assert (files.ids(name), row["status"], row["rejected_count"]) == ([], "damaged", 0)
            assert "the text ends inside a record that begins at byte" in row["problem"]


def test_a_cut_at_any_place_raises_nothing_and_is_damage(tmp_path: Path, subtests: pytest.Subtests) -> None:
    made, ids = {}, {}
    for name in ("subscription", "notification in a body"):
        size = len(record(HELD[name](fresh(3))))
        for end in range(size // 2, size - 1, 701):
            events = fresh(3)
            made[f"{name}, {end}"] = record(HELD[name](events))[:end]
            ids[f"{name}, {end}"] = ids_of(events)
    files = Files(tmp_path, made)
    for key, some in ids.items():
        with subtests.test(key):
            assert files.ids(key) == some[: len(files.ids(key))]
            assert files.row(key)["status"] == "damaged"


def test_a_line_that_is_cut_off_costs_only_itself(tmp_path: Path) -> None:
    first, second = (record(HELD["subscription"](some)) for some in (EVENTS[:4], EVENTS[4:]))
    found, row = cut(tmp_path, first + b"\n" + second[: len(second) // 2])
    assert (found, row["status"]) == (IDS[:4], "damaged")


def test_what_an_event_that_is_cut_off_carries_is_no_event(tmp_path: Path) -> None:
    texts = {"stored": stored(_file(EVENTS)), "coded": coded(_file(EVENTS)), "text": json.dumps(_file(EVENTS))}
    made, wanted = {}, {}
    for field, kind in product(("requestParameters", "errorMessage", "additionalEventData"), texts):
        text = texts[kind]
        whole, broken = event(), event(**{field: text if field == "errorMessage" else {"policy": text}})
        data = records_text([record(whole), record(broken)])
        start = data.index(json.dumps(text)[1:60].encode())
        made[f"{field}, {kind}"] = data[: start + len(text) // 2]
        wanted[f"{field}, {kind}"] = ([whole["eventID"]], "damaged")
    files = Files(tmp_path, made)
    assert {key: (files.ids(key), files.row(key)["status"]) for key in made} == wanted


def test_a_cut_inside_a_text_without_events_gives_none(tmp_path: Path) -> None:
    whole = {text: event() for text in ("SGVsbG8gd29ybGQ", "{not json", "H4sIAAAA", "eyJhIjoiYiI")}
    files = Files(tmp_path, {text: record(one) + b'\n{"note": "%b' % text.encode() for text, one in whole.items()})
    found = {text: (files.ids(text), files.row(text)["status"], files.row(text)["record_count"]) for text in whole}
    assert found == {text: ([one["eventID"]], "damaged", 1) for text, one in whole.items()}


def test_a_file_in_base64_without_a_whole_event_is_damaged(tmp_path: Path) -> None:
    files = Files(tmp_path, {pack.__name__: pack(_file(EVENTS)).encode()[:700] for pack in (stored, coded)})
    for name in ("stored", "coded"):
        assert (files.ids(name), files.row(name)["status"]) == ([], "damaged"), name
        assert "is cut off or broken" in files.row(name)["problem"], name


#: How the records of a text may follow one another, and what ends it.
SHAPES: Final[dict[str, Callable[[Events], str]]] = {
    "records": lambda events: json.dumps({"Records": events}),
    "compact": lambda events: json.dumps({"Records": events}, separators=(",", ":")),
    "indented": lambda events: json.dumps({"Records": events}, indent=1),
    "lines": lambda events: "\n".join(map(json.dumps, events)),
    "log": lambda events: "\n".join(f"2026-08-04T08:00:00.000Z {json.dumps(one)}" for one in events),
}


def test_a_text_that_begins_inside_a_record_is_damaged_and_keeps_the_others(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    """As the second part of a file that was split by size, or its end."""
    asked = {
        "name": "o",
        "policy": json.dumps({"Statement": [{"Action": ["a", "b"]}]}),
        "tags": [{"k": "v"}, {"k": "w"}],
    }
    texts: dict[str, bytes] = {}
    kept: dict[str, list[str]] = {}
    for name, spell in SHAPES.items():
        length = len(spell([root_event(requestParameters=asked), event()])) - len(spell([event()]))
        for cut in range(30, length - 60, 43):
            events = [root_event(requestParameters=asked), event(), root_event()]
            text = spell(events)
            begin = text.index('"eventVersion"')
            texts[f"{name}, {cut}"] = text[begin + cut - 15 :].encode()
            kept[f"{name}, {cut}"] = [one["eventID"] for one in events[1:]]
    files = Files(tmp_path, texts)
    for key, ids in kept.items():
        with subtests.test(key):
            assert files.row(key)["status"] == "damaged"
            assert files.ids(key) == ids
