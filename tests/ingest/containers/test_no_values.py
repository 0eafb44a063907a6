"""What belongs to a container is no value: times beside lines, lines of a bulk format, headers that stand again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from rootforensics.ingest.filters import Filters
from tests.builders import event, record, root_event
from tests.ingest.checks import event_ids, evidence, load
from tests.ingest.containers.wrappings import text

if TYPE_CHECKING:
    from pathlib import Path

EVENTS: Final = [root_event(), event(), root_event()]
LABELS: Final = {"job": "cloudtrail", "count": "7"}
BULK: Final = (b'{"index":{}}\n', b'{"index":{"_index":"logs","_id":"1"}}\n', b'{"create":{"_index":"logs"}}\n')


def stream(*lines: str, more: tuple[Any, ...] = ()) -> dict[str, Any]:
    """A stream as Loki's API takes and gives it."""
    return {
        "stream": LABELS,
        "values": [[f"17860000000000000{place:02}", one, *more] for place, one in enumerate(lines)],
    }


SPELLED: Final = [text(one) for one in EVENTS]
HELD: Final[dict[str, tuple[bytes, str]]] = {
    "push": (record({"streams": [stream(*SPELLED)]}), "Loki"),
    "two streams": (record({"streams": [stream(SPELLED[0]), stream(*SPELLED[1:])]}), "Loki"),
    "metadata": (record({"streams": [stream(*SPELLED, more=({"trace": "1"},))]}), "Loki"),
    "answer": (
        record({"status": "success", "data": {"resultType": "streams", "result": [stream(*SPELLED)], "stats": {}}}),
        "object with data.result > Loki",
    ),
    "bulk": (
        b"".join(action + record(one) + b"\n" for action, one in zip(BULK, EVENTS, strict=True)),
        "OpenSearch bulk",
    ),
    "bulk of messages": (
        b"".join(action + record({"message": one}) + b"\n" for action, one in zip(BULK, SPELLED, strict=True)),
        "OpenSearch bulk, log pipeline",
    ),
}


@pytest.mark.parametrize("root_only", [False, True])
@pytest.mark.parametrize("name", HELD)
def test_what_belongs_to_a_container_is_not_counted(name: str, root_only: bool, tmp_path: Path) -> None:
    data, container = HELD[name]
    (tmp_path / "a").write_bytes(data)
    case = load(tmp_path, tmp_path / "a", filters=Filters(root_only=root_only))
    row = evidence(case)["a"]
    assert event_ids(case) == [
        one["eventID"] for one in EVENTS if not root_only or one["userIdentity"]["type"] == "Root"
    ]
    assert (row["status"], row["record_count"], row["rejected_count"]) == ("loaded", len(EVENTS), 0)
    assert (row["container"], row["problem"]) == (container, None)
    assert json.loads(case.raw(EVENTS[2]["eventID"])) == EVENTS[2]


def test_a_line_of_a_stream_that_is_no_event_is_counted(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(record({"streams": [stream(SPELLED[0], "GET / 200")]}))
    row = evidence(load(tmp_path, tmp_path / "a"))["a"]
    assert (row["status"], row["record_count"], row["rejected_count"]) == ("loaded", 2, 1)
    assert row["problem"] == "value 1: a string, not an object: 'GET / 200'"


@pytest.mark.parametrize(
    "value",
    [
        {
            "streams": [
                {"stream": LABELS, "values": [["17860000000000000001", 5], ["17860000000000000002", SPELLED[0]]]}
            ]
        },
        {"streams": [{"stream": LABELS, "values": SPELLED[0]}]},
        {"streams": [{"stream": "x", "values": [["yesterday", SPELLED[0]]]}]},
        {"stream": {}, "values": {"a": EVENTS[0]}},
        {"settings": {"index": {}}, "data": EVENTS[0]},
        {"index": {"_index": "x", "other": EVENTS[0]}},
    ],
    ids=["number for a line", "one text", "no labels", "no list", "settings", "an event in an action"],
)
def test_what_only_looks_like_such_a_container_is_searched(value: Any, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(record(value))
    assert event_ids(load(tmp_path, tmp_path / "a")) == [EVENTS[0]["eventID"]]


def test_an_action_alone_holds_no_event(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"".join(BULK))
    row = evidence(load(tmp_path, tmp_path / "a"))["a"]
    assert (row["status"], row["record_count"], row["container"]) == ("empty", 0, "OpenSearch bulk")


def test_lines_before_a_table_are_shown(tmp_path: Path) -> None:
    row = "2026-08-05T10:00:00Z,ConsoleLogin,x-1,signin.amazonaws.com,root"
    (tmp_path / "a").write_text(
        f"Report of CloudTrail\n\nEvent time,Event name,Event ID,Event source,User name\n{row}\n"
    )
    case = load(tmp_path, tmp_path / "a")
    told = evidence(case)["a"]
    assert (told["event_count"], told["rejected_count"]) == (1, 1)
    assert "value 0: a string, not an object: 'Report of CloudTrail'" in told["problem"]
    assert "before the events stand lines of something else" in told["problem"]
