"""A container that is cut or broken, or that odd lines stand beside, gives every entry that is whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.builders import event, record, root_event
from tests.ingest.checks import event_ids, evidence, load, rows
from tests.ingest.containers.wrappings import WRAPPINGS, lookup_entry, text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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


@pytest.mark.parametrize("kind", WRAPPINGS)
def test_an_odd_line_between_containers_costs_nothing_and_is_counted(kind: str, tmp_path: Path) -> None:
    wrap = WRAPPINGS[kind][1]
    write(tmp_path, wrap(EVENTS[:2]).rstrip() + THROTTLED + wrap(EVENTS[2:]))
    case = load(tmp_path)
    row = evidence(case)["a.json"]
    assert event_ids(case) == IDS
    assert (row["status"], row["record_count"], row["rejected_count"]) == ("damaged", 5, 1)
    assert "value 2: a string" in row["problem"]
    assert json.loads(case.raw(IDS[3])) == EVENTS[3]


@pytest.mark.parametrize("place", [0, 1, 3])
@pytest.mark.parametrize("kind", ["message", "lower case", "lookup", "envelope"])
def test_a_cut_line_costs_only_itself(kind: str, place: int, tmp_path: Path) -> None:
    wrap: dict[str, Callable[[dict[str, Any]], Any]] = {
        "message": lambda one: {"message": text(one)},
        "lower case": lambda one: {name.lower(): value for name, value in one.items()},
        "lookup": lookup_entry,
        "envelope": lambda one: {"detail-type": "AWS API Call via CloudTrail", "detail": one},
    }
    lines = [json.dumps(wrap[kind](one)).encode() for one in EVENTS]
    lines[place] = lines[place][:300]
    write(tmp_path, b"\n".join(lines) + b"\n")
    case = load(tmp_path)
    assert event_ids(case) == [one for index, one in enumerate(IDS) if index != place]
    row = evidence(case)["a.json"]
    assert row["status"] == "damaged"
    assert "left out" in row["problem"] or "ends inside" in row["problem"]


@pytest.mark.parametrize("cut", [2, 40, 400])
@pytest.mark.parametrize("kind", LISTS)
def test_a_container_that_is_cut_off_gives_its_whole_entries(kind: str, cut: int, tmp_path: Path) -> None:
    whole = LISTS[kind](EVENTS)
    write(tmp_path, whole[:-cut])
    case = load(tmp_path)
    ends = [LISTS[kind](EVENTS[:count]).rindex(one.encode()) for count, one in enumerate(IDS, 1)]
    found = event_ids(case)
    assert found == IDS[: len(found)]
    assert len(found) >= sum(end + 2000 < len(whole) - cut for end in ends)
    assert len(found) == len(IDS) or cut > 2
    row = evidence(case)["a.json"]
    assert row["status"] == "damaged"
    assert "the text ends" in row["problem"]


@pytest.mark.parametrize("kind", LISTS)
def test_what_is_broken_in_a_container_costs_one_entry_at_most(kind: str, tmp_path: Path) -> None:
    whole = LISTS[kind](EVENTS)
    half = IDS[1][:8].encode()
    for name, broken in {"quote": half + b'"', "escape": half + b"\\q", "line end": half + b"\n"}.items():
        write(tmp_path / name, whole.replace(half, broken, 1))
        case = load(tmp_path / name)
        assert event_ids(case) == [IDS[0], *IDS[2:]], name
        row = evidence(case)["a.json"]
        assert row["status"] == "damaged"
        assert "1 broken record(s) left out" in row["problem"], name


def test_a_missing_comma_between_entries_costs_none(tmp_path: Path) -> None:
    page = WRAPPINGS["lookup"][1](EVENTS)
    write(tmp_path, page.replace(b"    },\n    {\n", b"    }\n    {\n", 1))
    case = load(tmp_path)
    assert event_ids(case) == IDS
    assert "a comma is missing" in evidence(case)["a.json"]["problem"]


def test_a_record_that_was_cut_is_not_told_by_its_remains(tmp_path: Path) -> None:
    planted = {"n": 1} | {name: EVENTS[1][name] for name in ("eventVersion", "eventName", "eventSource", "eventTime")}
    items = {"filterSet": {"items": [planted, planted]}, "z": "z" * 100}
    for name, one in {"bare": EVENTS[0], "sorted": dict(sorted(EVENTS[0].items()))}.items():
        broken = json.dumps({"detail-type": "x", "detail": one | {"requestParameters": items}}).encode()
        write(tmp_path / name, record(EVENTS[2]) + b"\n" + broken[: broken.index(b"zzz")])
        assert event_ids(load(tmp_path / name)) == [IDS[2]]


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity"])
def test_a_record_with_a_number_that_is_none_is_an_event_with_a_problem(word: bytes, tmp_path: Path) -> None:
    spelled = [record(one) for one in EVENTS]
    spelled[1] = spelled[1].replace(b'"requestParameters":null', b'"requestParameters":{"score":%b,"s":"NaN"}' % word)
    for name, data in {"Records": b'{"Records":[%b]}' % b",".join(spelled), "lines": b"\n".join(spelled)}.items():
        write(tmp_path / name, data)
        case = load(tmp_path / name)
        assert event_ids(case) == IDS
        held = rows(
            case, "SELECT requestParameters->>'$.score' AS score, record_problem FROM events WHERE score NOTNULL"
        )
        assert held[0]["score"] == word.decode()
        assert "NaN and Infinity, which are no JSON" in held[0]["record_problem"]
        assert case.raw(IDS[1]) == spelled[1]


def test_a_number_that_is_none_in_a_container_costs_no_event(tmp_path: Path) -> None:
    write(tmp_path, WRAPPINGS["lookup"][1](EVENTS).replace(b"1786000000.0", b"NaN", 1))
    case = load(tmp_path)
    assert event_ids(case) == IDS
    assert "NaN or Infinity" in evidence(case)["a.json"]["problem"]


def test_each_odd_line_among_json_lines_is_counted(tmp_path: Path) -> None:
    spelled = [record(one) for one in EVENTS]
    write(tmp_path, b"\n".join([spelled[0], b"# one", b"  two, with commas", *spelled[1:], b"", b"three"]))
    row = evidence(load(tmp_path))["a.json"]
    assert (row["event_count"], row["record_count"], row["rejected_count"]) == (4, 7, 3)
    assert row["status"] == "damaged"


def test_a_line_that_lost_its_beginning_is_counted(tmp_path: Path) -> None:
    spelled = [record(one) for one in EVENTS]
    spelled[1] = spelled[1][1:]
    write(tmp_path, b"\n".join(spelled))
    case = load(tmp_path)
    row = evidence(case)["a.json"]
    assert event_ids(case) == [IDS[0], *IDS[2:]]
    assert row["rejected_count"] == row["record_count"] - 3 > 0
