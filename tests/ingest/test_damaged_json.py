"""Broken JSON gives every record that is whole, says what was left out, and hurts no neighbour."""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from tests.builders import event, record, records_text, root_event
from tests.ingest.checks import Files, event_ids, evidence, load
from tests.ingest.shapes import hostile_event, pretty
from tests.ingest.side_by_side import load_beside

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


@pytest.mark.heavy
def test_one_broken_record_in_the_middle_costs_no_neighbour(tmp_path: Path, subtests: pytest.Subtests) -> None:
    expected: dict[tuple[str, str, str], list[str]] = {}
    made = {}
    for key in product(LISTS, SPELLINGS, BREAKS):
        (opening, comma, closing), spell, breaks = LISTS[key[0]], SPELLINGS[key[1]], BREAKS[key[2]]
        events = [event(), root_event(), event(), hostile_event(), event()]
        spelled = [spell(one) for one in events]
        spelled[2] = breaks(spelled[2])
        made[", ".join(key)] = opening + comma.join(spelled) + closing
        expected[key] = [one["eventID"] for one in events[:2] + events[3:]]
    neighbour = [event(), event()]
    files = Files(tmp_path, made | {"neighbour": records_text([record(one) for one in neighbour])})
    for key, ids in expected.items():
        with subtests.test(key=key):
            name = ", ".join(key)
            assert set(ids) <= set(files.ids(name))
            assert files.row(name)["status"] == "damaged"
            assert "not valid JSON" in files.row(name)["problem"]
    assert files.ids("neighbour") == [one["eventID"] for one in neighbour]


BETWEEN: list[tuple[Callable[[list[bytes]], bytes], int]] = [
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
    (lambda r: b'{"Records":[' + r[0] + b',"a":[' + r[1] + b"," + r[2] + b"]}", 3),
    (lambda r: b"[" + r[0] + b',"a":[' + r[1] + b"," + r[2] + b"]]", 3),
]


def test_what_stands_between_records_costs_no_record_and_is_told(tmp_path: Path, subtests: pytest.Subtests) -> None:
    events = [[event(), hostile_event(), event()] for _ in BETWEEN]
    made = {
        str(place): text([record(one) for one in some])
        for place, ((text, _), some) in enumerate(zip(BETWEEN, events, strict=True))
    }
    files = Files(tmp_path, made)
    for place, ((text, whole), some) in enumerate(zip(BETWEEN, events, strict=True)):
        with subtests.test(text([b"0", b"1", b"2"]).decode()):
            assert files.ids(str(place)) == [one["eventID"] for one in some[:whole]]
            assert files.row(str(place))["status"] == "damaged"
            assert files.row(str(place))["problem"]


def test_the_lists_of_a_record_that_lost_its_beginning_hold_no_events(tmp_path: Path) -> None:
    """Who makes a call chooses what is in them; no list of CloudTrail's own holds whole records."""
    fake = {"eventVersion": "1.11", "eventName": "DeleteTrail", "eventID": "fake"}
    inner = record({"resources": [fake], "requestParameters": {"x": [fake]}, "eventType": "AwsApiCall"})[1:]
    whole = [event(), event()]
    files = Files(tmp_path, {"a": b'{"Records":[' + record(whole[0]) + b"," + inner + b"," + record(whole[1]) + b"]}"})
    assert files.ids("a") == [one["eventID"] for one in whole]
    assert files.row("a")["status"] == "damaged"


@pytest.mark.heavy
def test_json_that_is_cut_off_gives_exactly_its_whole_records(tmp_path: Path, subtests: pytest.Subtests) -> None:
    ends, texts, made = {}, {}, {}
    for shape, (opening, comma, closing) in LISTS.items():
        spelled = [record(one) for one in (event(), hostile_event(), root_event(), event())]
        text = texts[shape] = opening + comma.join(spelled) + closing
        ends[shape] = [len(opening) + len(comma.join(spelled[: count + 1])) for count in range(4)]
        borders = {end + near for end in ends[shape] for near in (-1, 0, 1) if end + near < len(text.rstrip())}
        for cut in {*range(len(opening) + 1, len(text.rstrip()), 97), *borders}:
            made[shape, cut] = text[:cut]
    files = Files(tmp_path, {f"{shape}, {cut}": text for (shape, cut), text in made.items()})
    for shape, (_, comma, _) in LISTS.items():
        with subtests.test(shape):
            found = {cut: files.row(f"{shape}, {cut}") for of, cut in made if of == shape}
            counts = {cut: sum(end <= cut for end in ends[shape]) for cut in found}
            assert {cut: row["record_count"] for cut, row in found.items()} == counts
            text = texts[shape]
            sound = {
                cut
                for cut in found
                if comma in (b"", b"\n") and (cut in ends[shape] or text[:cut].strip() != text[:cut])
            }
            assert {cut for cut, row in found.items() if row["status"] != "damaged"} == sound


def test_a_map_that_holds_eventversion_is_not_taken_for_a_record(tmp_path: Path) -> None:
    made, wanted = {}, {}
    for cut in range(0, 60, 7):
        tagged = event(requestParameters={"tags": {"eventVersion": "1.08", "eventName": "planted"}, "list": [{"a": 1}]})
        last = event(requestParameters={"tags": {"eventVersion": "1.08", "eventName": "planted"}, "z": "z" * 100})
        text = records_text([record(tagged), record(last)])
        made[str(cut)] = text[: text.rindex(b"zzz") - cut]
        wanted[str(cut)] = ([tagged["eventID"]], "damaged")
    files = Files(tmp_path, made)
    assert {cut: (files.ids(cut), files.row(cut)["status"]) for cut in made} == wanted


@pytest.mark.parametrize(
    "head", [b'{"a":{"b":[1]},"Records":[', b'{"a":"x","b":2,"Records":['], ids=["object", "plain"]
)
async def test_a_wrapper_with_other_keys_beside_broken_text_gives_its_records(tmp_path: Path, head: bytes) -> None:
    events = [event() for _ in range(4)]
    spelled = [record(one) for one in events]
    wrapped = head + spelled[0] + b"," + spelled[1] + b"]}"
    (tmp_path / "a.json").write_bytes(b"\n".join([wrapped, spelled[2], b'{"broken', spelled[3]]))
    case = await load_beside(tmp_path, tmp_path / "a.json")
    assert event_ids(case) == [one["eventID"] for one in events]
    assert evidence(case)["a.json"]["status"] == "damaged"


@pytest.mark.heavy
def test_a_cut_in_a_list_of_a_record_swallows_no_record_behind_it(tmp_path: Path, subtests: pytest.Subtests) -> None:
    """The list that the cut left open would go on with the records behind it, and end with the file's own brackets."""
    cut = record(event(resources=[{"ARN": f"arn:aws:s3:::bucket-{number}"} for number in range(3)]))
    neighbours = [event() for _ in range(7)]
    before, *behind = map(record, neighbours)
    for number in range(3):
        with subtests.test(number=number):
            begun = cut[: cut.index(b"}", cut.index(b"bucket-%d" % number)) + 1]
            begun = begun.replace(
                b'"ARN"', b'"\xff":' + b"7" * 5000 + b',"ARN"', 1
            )  # what Python's own decoder refuses
            folder = tmp_path / str(number)
            folder.mkdir()
            (folder / "a.json").write_bytes(b'{"Records":[' + b",".join([before, begun, *behind]) + b"]}")
            case = load(folder, folder / "a.json")
            assert set(event_ids(case)) == {neighbour["eventID"] for neighbour in neighbours}
            assert evidence(case)["a.json"]["status"] == "damaged"


async def test_two_broken_records_apart_cost_only_themselves(tmp_path: Path) -> None:
    events = [event() for _ in range(9)]
    spelled = [record(one) for one in events]
    spelled[2] = BREAKS["closing quote of a value"](spelled[2])
    spelled[5] = BREAKS["opening quote of a key"](spelled[5])
    (tmp_path / "a.json").write_bytes(records_text(spelled))
    case = await load_beside(tmp_path, tmp_path / "a.json")
    assert event_ids(case) == [one["eventID"] for index, one in enumerate(events) if index not in (2, 5)]
    assert "2 broken record(s) left out" in evidence(case)["a.json"]["problem"]


async def test_a_file_full_of_broken_records_ends_in_good_time(tmp_path: Path) -> None:
    events = [event() for _ in range(4500)]
    breaks = BREAKS["closing quote of a value"]
    spelled = [record(one) if index % 3 else breaks(record(one)) for index, one in enumerate(events)]
    (tmp_path / "a.json").write_bytes(records_text(spelled))
    case = await load_beside(tmp_path, tmp_path / "a.json")
    assert event_ids(case) == [one["eventID"] for index, one in enumerate(events) if index % 3]
    assert "1,500 broken record(s) left out" in evidence(case)["a.json"]["problem"]
