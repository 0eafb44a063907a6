"""A container that is cut or broken, or that odd lines stand beside, gives every entry that is whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tests.builders import event, event_id, record, records_text, root_event
from tests.ingest.checks import Files, event_ids, evidence
from tests.ingest.containers.wrappings import WRAPPINGS, lookup_entry, text
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    import pytest

EVENTS: Final = [event(), root_event(), event(userAgent='a "quoted" {"Events":[{'), event()]
IDS: Final = [one["eventID"] for one in EVENTS]
#: What the AWS command line writes between two pages when it is throttled.
THROTTLED: Final = (
    b"\nAn error occurred (ThrottlingException) when calling the LookupEvents operation "
    b"(reached max retries: 2): Rate exceeded\n"
)
_COLUMNS: Final = ("eventID", "eventTime", "eventName", "eventSource", "awsRegion", "sourceIPAddress")


def lake(events: list[dict[str, Any]]) -> bytes:
    """An answer of CloudTrail Lake."""
    found = [[{name: one[name]} for name in _COLUMNS] for one in events]
    return json.dumps({"QueryStatus": "FINISHED", "QueryResultRows": found, "NextToken": "x" * 60}).encode()


def athena(events: list[dict[str, Any]]) -> bytes:
    """An answer of Athena."""
    cells = [[name.lower() for name in _COLUMNS], *[[one[name] for name in _COLUMNS] for one in events]]
    found = [{"Data": [{"VarCharValue": cell} for cell in row]} for row in cells]
    return json.dumps({"ResultSet": {"Rows": found}, "NextToken": "x" * 60}, indent=1).encode()


#: Those that hold many events in one object; the payload of Lambda is one text, of which nothing is whole when cut.
LISTS: Final[dict[str, Callable[[list[dict[str, Any]]], bytes]]] = {
    name: WRAPPINGS[name][1]
    for name in ("lookup", "subscription", "filter-log-events", "insights", "sqs", "sqs in lambda", "opensearch")
} | {"lake": lake, "athena": athena}


def write(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "logs").mkdir(parents=True, exist_ok=True)
    (tmp_path / "logs" / "a.json").write_bytes(data)


def fresh(keys: Iterable[Any]) -> dict[str, list[dict[str, Any]]]:
    """The events for each file, each time with eventIDs of their own."""
    return {str(key): [one | {"eventID": event_id()} for one in EVENTS] for key in keys}


def ids_of(events: list[dict[str, Any]]) -> list[str]:
    return [one["eventID"] for one in events]


def test_an_odd_line_between_containers_costs_nothing_and_is_counted(tmp_path: Path, subtests: pytest.Subtests) -> None:
    events = fresh(WRAPPINGS)
    wraps = {kind: wrap for kind, (_, wrap) in WRAPPINGS.items()}
    files = Files(
        tmp_path,
        {kind: wraps[kind](held[:2]).rstrip() + THROTTLED + wraps[kind](held[2:]) for kind, held in events.items()},
    )
    for kind, held in events.items():
        with subtests.test(kind=kind):
            row = files.row(kind)
            assert files.ids(kind) == ids_of(held)
            assert (row["status"], row["record_count"], row["rejected_count"]) == ("damaged", 5, 1)
            assert "value 2: a string" in row["problem"]
            assert json.loads(files.case.raw(held[3]["eventID"])) == held[3]


LINES: Final[dict[str, Callable[[dict[str, Any]], Any]]] = {
    "message": lambda one: {"message": text(one)},
    "lower case": lambda one: {name.lower(): value for name, value in one.items()},
    "lookup": lookup_entry,
    "envelope": lambda one: {"detail-type": "AWS API Call via CloudTrail", "detail": one},
}


def test_a_cut_line_costs_only_itself(tmp_path: Path, subtests: pytest.Subtests) -> None:
    places = {f"{kind}, {place}": (kind, place) for kind in LINES for place in (0, 1, 3)}
    events = fresh(places)
    made = {}
    for key, (kind, place) in places.items():
        lines = [json.dumps(LINES[kind](one)).encode() for one in events[key]]
        lines[place] = lines[place][:300]
        made[key] = b"\n".join(lines) + b"\n"
    files = Files(tmp_path, made)
    for key, (_, place) in places.items():
        with subtests.test(key):
            assert files.ids(key) == [one for index, one in enumerate(ids_of(events[key])) if index != place]
            row = files.row(key)
            assert row["status"] == "damaged"
            assert "left out" in row["problem"] or "ends inside" in row["problem"]


def test_a_container_that_is_cut_off_gives_its_whole_entries(tmp_path: Path, subtests: pytest.Subtests) -> None:
    cuts = {f"{kind}, {cut}": (kind, cut) for kind in LISTS for cut in (2, 40, 400)}
    events = fresh(cuts)
    files = Files(tmp_path, {key: LISTS[kind](events[key])[:-cut] for key, (kind, cut) in cuts.items()})
    for key, (kind, cut) in cuts.items():
        with subtests.test(key):
            ids, size = ids_of(events[key]), len(LISTS[kind](events[key]))
            ends = [LISTS[kind](events[key][:count]).rindex(one.encode()) for count, one in enumerate(ids, 1)]
            found = files.ids(key)
            assert found == ids[: len(found)]
            assert len(found) >= sum(end + 2000 < size - cut for end in ends)
            assert len(found) == len(ids) or cut > 2
            row = files.row(key)
            assert row["status"] == "damaged"
            assert "the text ends" in row["problem"]


def test_what_is_broken_in_a_container_costs_one_entry_at_most(tmp_path: Path, subtests: pytest.Subtests) -> None:
    breaks = {"quote": b'"', "escape": b"\\q", "line end": b"\n"}
    asked = {f"{kind}, {name}": (kind, after) for kind in LISTS for name, after in breaks.items()}
    events = fresh(asked)
    made = {}
    for key, (kind, after) in asked.items():
        half = events[key][1]["eventID"][:8].encode()
        made[key] = LISTS[kind](events[key]).replace(half, half + after, 1)
    files = Files(tmp_path, made)
    for key in asked:
        with subtests.test(key):
            ids = ids_of(events[key])
            assert files.ids(key) == [ids[0], *ids[2:]]
            assert files.row(key)["status"] == "damaged"
            assert "1 broken record(s) left out" in files.row(key)["problem"]


def test_a_container_whose_head_is_lost_gives_its_whole_entries(tmp_path: Path, subtests: pytest.Subtests) -> None:
    """Of such a text nothing tells where an entry begins but what stands between two."""
    starts = {"lookup": (b'"Events"', b'"EventId"'), "subscription": (b'"logStream"', b'"id"')}
    asked = {f"{kind}, {start}": (kind, start) for kind, held in starts.items() for start in held}
    events = fresh(asked)
    made = {}
    for key, (kind, start) in asked.items():
        data = LISTS[kind](events[key])
        made[key] = data.replace(start, start[1:], 1)
    files = Files(tmp_path, made)
    for key in asked:
        with subtests.test(key):
            assert files.ids(key)[-3:] == ids_of(events[key])[1:]
            assert files.row(key)["status"] == "damaged"


def test_what_a_call_names_in_a_record_that_was_cut_is_no_entry(tmp_path: Path) -> None:
    planted = [
        {"a": 1},
        {"message": text(EVENTS[1])},
        {"Message": "x", "EventId": "1", "CloudTrailEvent": text(EVENTS[1])},
    ]
    cut = record(EVENTS[0] | {"requestParameters": {"items": planted, "z": "z" * 100}})
    (kept,) = fresh(["a"])["a"][:1]
    files = Files(tmp_path, {"a": records_text([record(kept), cut])[:-90]})
    assert files.ids("a") == [kept["eventID"]]
    assert files.row("a")["status"] == "damaged"


async def test_a_missing_comma_between_entries_costs_none(tmp_path: Path) -> None:
    page = WRAPPINGS["lookup"][1](EVENTS)
    write(tmp_path, page.replace(b"    },\n    {\n", b"    }\n    {\n", 1))
    case = await load_beside(tmp_path)
    assert event_ids(case) == IDS
    assert "a comma is missing" in evidence(case)["a.json"]["problem"]


def test_a_record_that_was_cut_is_not_told_by_its_remains(tmp_path: Path) -> None:
    planted = {"n": 1} | {name: EVENTS[1][name] for name in ("eventVersion", "eventName", "eventSource", "eventTime")}
    items = {"filterSet": {"items": [planted, planted]}, "z": "z" * 100}
    events, made = fresh(["bare", "sorted"]), {}
    for name, one in {"bare": EVENTS[0], "sorted": dict(sorted(EVENTS[0].items()))}.items():
        broken = json.dumps({"detail-type": "x", "detail": one | {"requestParameters": items}}).encode()
        made[name] = record(events[name][2]) + b"\n" + broken[: broken.index(b"zzz")]
    files = Files(tmp_path, made)
    assert {name: files.ids(name) for name in made} == {name: [held[2]["eventID"]] for name, held in events.items()}


def test_a_record_with_a_number_that_is_none_is_an_event_with_a_problem(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    asked = {
        f"{word}, {form}": (word, form) for word in ("NaN", "Infinity", "-Infinity") for form in ("Records", "lines")
    }
    events, made, middle = fresh(asked), {}, {}
    for key, (word, form) in asked.items():
        spelled = [record(one) for one in events[key]]
        odd = b'"requestParameters":{"score":%b,"s":"NaN"}' % word.encode()
        spelled[1] = middle[key] = spelled[1].replace(b'"requestParameters":null', odd)
        made[key] = b'{"Records":[%b]}' % b",".join(spelled) if form == "Records" else b"\n".join(spelled)
    files = Files(tmp_path, made)
    for key, (word, _) in asked.items():
        with subtests.test(key):
            assert files.ids(key) == ids_of(events[key])
            row = files.events(key)[1]
            assert json.loads(row["requestParameters"])["score"] == word
            assert "NaN and Infinity, which are no JSON" in row["record_problem"]
            assert files.case.raw(row["eventID"]) == middle[key]


async def test_a_number_that_is_none_in_a_container_costs_no_event(tmp_path: Path) -> None:
    write(tmp_path, WRAPPINGS["lookup"][1](EVENTS).replace(b"1786000000.0", b"NaN", 1))
    case = await load_beside(tmp_path)
    assert event_ids(case) == IDS
    assert "NaN or Infinity" in evidence(case)["a.json"]["problem"]


async def test_each_odd_line_among_json_lines_is_counted(tmp_path: Path) -> None:
    spelled = [record(one) for one in EVENTS]
    write(tmp_path, b"\n".join([spelled[0], b"# one", b"  two, with commas", *spelled[1:], b"", b"three"]))
    row = evidence(await load_beside(tmp_path))["a.json"]
    assert (row["event_count"], row["record_count"], row["rejected_count"]) == (4, 7, 3)
    assert row["status"] == "damaged"


async def test_a_line_that_lost_its_beginning_is_counted(tmp_path: Path) -> None:
    spelled = [record(one) for one in EVENTS]
    spelled[1] = spelled[1][1:]
    write(tmp_path, b"\n".join(spelled))
    case = await load_beside(tmp_path)
    row = evidence(case)["a.json"]
    assert event_ids(case) == [IDS[0], *IDS[2:]]
    assert row["rejected_count"] == row["record_count"] - 3 > 0
