"""Broken JSON gives every record that is whole, says what was left out, and hurts no neighbour."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.builders import event, record, records_text, root_event, write_log
from tests.ingest.checks import event_ids, evidence, load
from tests.ingest.shapes import hostile_event, pretty

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _sorted_record(value: Any) -> bytes:
    """A record as jq -S spells it."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


LISTS: dict[str, tuple[bytes, bytes, bytes]] = {
    "records": (b'{"Records":[', b",", b"]}"),
    "records-pretty": (b'{\n "Records": [\n', b",\n", b"\n ]\n}\n"),
    "array": (b"[", b",", b"]"),
    "ndjson": (b"", b"\n", b"\n"),
    "glued": (b"", b"", b""),
}
SPELLINGS: dict[str, Callable[[Any], bytes]] = {"aws": record, "pretty": pretty, "sorted": _sorted_record}


def _without(text: bytes, start: bytes, size: int = 1) -> Callable[[bytes], bytes]:
    def breaks(one: bytes) -> bytes:
        place = one.index(start) + one[one.index(start) :].index(text)
        return one[:place] + one[place + size :]

    return breaks


BREAKS: dict[str, Callable[[bytes], bytes]] = {
    "colon": _without(b":", b'"eventName"'),
    "comma": _without(b",", b'"eventName"'),
    "opening quote of a key": _without(b'"', b'"eventName"'),
    "closing quote of a key": lambda one: one.replace(b'eventName"', b"eventName", 1),
    "opening quote of a value": _without(b'"', b'"us-east-1"'),
    "closing quote of a value": lambda one: one.replace(b'us-east-1"', b"us-east-1", 1),
    "last brace": lambda one: one[:-1],
    "first brace": lambda one: one[1:],
    "brace of userIdentity": lambda one: one.replace(b'"userIdentity":{', b'"userIdentity":', 1).replace(
        b'"userIdentity": {', b'"userIdentity": ', 1
    ),
    "a bracket too many": lambda one: one.replace(b'"us-east-1"', b'"us-east-1"]', 1),
    "a brace too many": lambda one: one[:-1] + b"}}",
    "a bare word": lambda one: one.replace(b'"us-east-1"', b"us-east-1", 1),
    "a raw line end in a string": lambda one: one.replace(b"us-east-1", b"us-\neast-1", 1),
    "a NUL byte in a string": lambda one: one.replace(b"us-east-1", b"us-\0east-1", 1),
    "a bad escape": lambda one: one.replace(b"us-east-1", b"us-\\qeast-1", 1),
    "the second half": lambda one: one[: len(one) // 2],
}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("shape", LISTS)
def test_one_broken_record_in_the_middle_costs_no_neighbour(tmp_path: Path, shape: str, spelling: str) -> None:
    opening, comma, closing = LISTS[shape]
    expected: dict[str, list[str]] = {}
    for name, breaks in BREAKS.items():
        events = [event(), root_event(), event(), hostile_event(), event()]
        spelled = [SPELLINGS[spelling](one) for one in events]
        spelled[2] = breaks(spelled[2])
        (tmp_path / "logs").mkdir(exist_ok=True)
        (tmp_path / "logs" / name).write_bytes(opening + comma.join(spelled) + closing)
        expected[name] = [one["eventID"] for one in events[:2] + events[3:]]
    neighbour = [event(), event()]
    write_log(tmp_path / "logs", "zz", neighbour)
    case = load(tmp_path)
    ledger = evidence(case)
    lost = {
        name: f"{ids} {event_ids(case, name)}"
        for name, ids in expected.items()
        if not set(ids) <= set(event_ids(case, name))
    }
    assert not lost
    assert {ledger[name]["status"] for name in expected} == {"damaged"}
    silent = [name for name in expected if "not valid JSON" not in ledger[name]["problem"]]
    assert not silent
    assert event_ids(case, "zz") == [one["eventID"] for one in neighbour]


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (lambda r: b'{"Records":[' + r[0] + r[1] + b"," + r[2] + b"]}", 3),
        (lambda r: b'{"Records":[' + r[0] + b",," + r[1] + b"," + r[2] + b"]}", 3),
        (lambda r: b'{"Records":[' + b",".join(r) + b",]}", 3),
        (lambda r: b'{"Records":[,' + b",".join(r) + b"]}", 3),
        (lambda r: b"[" + b" ".join(r) + b"]", 3),
        (lambda r: b'{"Records":[' + b",".join(r) + b"]", 3),
        (lambda r: b'{"Records":[' + b",".join(r), 3),
        (lambda r: b'{"Records":[' + b",".join(r) + b"]}}", 3),
        (lambda r: b'{"Records":[' + b",".join(r) + b"]} trailing words", 3),
        (lambda r: b'{"Records":[' + b",".join(r) + b'],"x":', 3),
        (lambda r: b"\n".join(r) + b"\nnot json\n", 3),
        (lambda r: b"\n".join([r[0], b"not json", *r[1:]]), 3),
        (lambda r: b"\n".join([r[0], b'"a string"', *r[1:]]) + b'\n"open', 3),
        (lambda r: b'{"Records":[' + b",".join(r) + b']}{"Records":[', 3),
    ],
)
def test_what_stands_between_records_costs_no_record_and_is_told(
    tmp_path: Path, text: Callable[[list[bytes]], bytes], whole: int
) -> None:
    events = [event(), hostile_event(), event()]
    (tmp_path / "a.json").write_bytes(text([record(one) for one in events]))
    case = load(tmp_path, tmp_path / "a.json")
    row = evidence(case)["a.json"]
    assert event_ids(case) == [one["eventID"] for one in events[:whole]]
    assert row["status"] == "damaged"
    assert row["problem"]


@pytest.mark.parametrize("shape", LISTS)
def test_json_that_is_cut_off_gives_exactly_its_whole_records(tmp_path: Path, shape: str) -> None:
    opening, comma, closing = LISTS[shape]
    events = [event(), hostile_event(), root_event(), event()]
    spelled = [record(one) for one in events]
    text = opening + comma.join(spelled) + closing
    ends = [len(opening) + len(comma.join(spelled[: count + 1])) for count in range(4)]
    borders = {end + near for end in ends for near in (-1, 0, 1) if end + near < len(text.rstrip())}
    (tmp_path / "logs").mkdir()
    cuts = sorted({*range(len(opening) + 1, len(text.rstrip()), 97), *borders})
    for cut in cuts:
        (tmp_path / "logs" / f"{cut:06}").write_bytes(text[:cut])
    case = load(tmp_path)
    ledger = evidence(case)
    found = {cut: ledger[f"{cut:06}"]["record_count"] for cut in cuts}
    assert found == {cut: sum(end <= cut for end in ends) for cut in cuts}
    sound = {cut for cut in cuts if comma in (b"", b"\n") and (cut in ends or text[:cut].strip() != text[:cut])}
    assert {cut for cut in cuts if ledger[f"{cut:06}"]["status"] != "damaged"} == sound


@pytest.mark.parametrize("cut", range(0, 60, 7))
def test_a_map_that_holds_eventversion_is_not_taken_for_a_record(tmp_path: Path, cut: int) -> None:
    tagged = event(requestParameters={"tags": {"eventVersion": "1.08", "eventName": "planted"}, "list": [{"a": 1}]})
    last = event(requestParameters={"tags": {"eventVersion": "1.08", "eventName": "planted"}, "z": "z" * 100})
    text = records_text([record(tagged), record(last)])
    end = text.rindex(b"zzz") - cut
    (tmp_path / "a.json").write_bytes(text[:end])
    case = load(tmp_path, tmp_path / "a.json")
    assert event_ids(case) == [tagged["eventID"]]
    assert evidence(case)["a.json"]["status"] == "damaged"


@pytest.mark.parametrize(
    "head", [b'{"a":{"b":[1]},"Records":[', b'{"a":"x","b":2,"Records":['], ids=["object", "plain"]
)
def test_a_wrapper_with_other_keys_beside_broken_text_gives_its_records(tmp_path: Path, head: bytes) -> None:
    events = [event() for _ in range(4)]
    spelled = [record(one) for one in events]
    wrapped = head + spelled[0] + b"," + spelled[1] + b"]}"
    (tmp_path / "a.json").write_bytes(b"\n".join([wrapped, spelled[2], b'{"broken', spelled[3]]))
    case = load(tmp_path, tmp_path / "a.json")
    assert event_ids(case) == [one["eventID"] for one in events]
    assert evidence(case)["a.json"]["status"] == "damaged"


def test_two_broken_records_apart_cost_only_themselves(tmp_path: Path) -> None:
    events = [event() for _ in range(9)]
    spelled = [record(one) for one in events]
    spelled[2] = BREAKS["closing quote of a value"](spelled[2])
    spelled[5] = BREAKS["opening quote of a key"](spelled[5])
    (tmp_path / "a.json").write_bytes(records_text(spelled))
    case = load(tmp_path, tmp_path / "a.json")
    assert event_ids(case) == [one["eventID"] for index, one in enumerate(events) if index not in (2, 5)]
    assert "2 broken record(s) left out" in evidence(case)["a.json"]["problem"]


def test_a_file_full_of_broken_records_ends_in_good_time(tmp_path: Path) -> None:
    events = [event() for _ in range(4500)]
    breaks = BREAKS["closing quote of a value"]
    spelled = [record(one) if index % 3 else breaks(record(one)) for index, one in enumerate(events)]
    (tmp_path / "a.json").write_bytes(records_text(spelled))
    case = load(tmp_path, tmp_path / "a.json")
    assert event_ids(case) == [one["eventID"] for index, one in enumerate(events) if index % 3]
    assert "1,500 broken record(s) left out" in evidence(case)["a.json"]["problem"]
