"""What belongs to a container is no value: times beside lines, headers that stand again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from rootforensics.ingest.filters import Filters
from tests.builders import event, event_id, record, root_event
from tests.ingest.checks import Files, event_ids, evidence
from tests.ingest.containers.wrappings import text
from tests.ingest.side_by_side import load_beside

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
}


def own(data: bytes, ids: list[str]) -> bytes:
    """A file with other eventIDs: the same event in several files of a case is one."""
    for one, new in zip(EVENTS, ids, strict=True):
        data = data.replace(one["eventID"].encode(), new.encode())
    return data


@pytest.mark.heavy
@pytest.mark.parametrize("root_related", [False, True])
def test_what_belongs_to_a_container_is_not_counted(
    root_related: bool, tmp_path: Path, subtests: pytest.Subtests
) -> None:
    ids = {name: [event_id() for _ in EVENTS] for name in HELD}
    made = {name: own(data, ids[name]) for name, (data, _) in HELD.items()}
    files = Files(tmp_path, made, "a", filters=Filters(root_related=root_related))
    for name, (_, container) in HELD.items():
        with subtests.test(name):
            row, first = files.row(name), ids[name]
            assert files.ids(name) == ([first[0], first[2]] if root_related else first)
            assert (row["status"], row["record_count"], row["rejected_count"]) == ("loaded", len(EVENTS), 0)
            assert (row["container"], row["problem"]) == (container, None)
            assert json.loads(files.case.raw(first[2])) == EVENTS[2] | {"eventID": first[2]}


async def test_a_line_of_a_stream_that_is_no_event_is_counted(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(record({"streams": [stream(SPELLED[0], "GET / 200")]}))
    row = evidence(await load_beside(tmp_path, tmp_path / "a"))["a"]
    assert (row["status"], row["record_count"], row["rejected_count"]) == ("loaded", 2, 1)
    assert row["problem"] == "value 1: a string, not an object: 'GET / 200'"


LOOKING_LIKE: Final[list[tuple[str, Any]]] = list(
    zip(
        ("number for a line", "one text", "no labels", "no list", "settings", "an event in an action"),
        (
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
        ),
        strict=True,
    )
)


def test_what_only_looks_like_such_a_container_is_searched(tmp_path: Path) -> None:
    ids = {name: [event_id() for _ in EVENTS] for name, _ in LOOKING_LIKE}
    files = Files(tmp_path, {name: own(record(value), ids[name]) for name, value in LOOKING_LIKE}, "a")
    assert {name: files.ids(name) for name in ids} == {name: some[:1] for name, some in ids.items()}


async def test_the_documents_of_a_bulk_format_are_read_and_its_actions_counted(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(
        b"".join(action + record(one) + b"\n" for action, one in zip(BULK, EVENTS, strict=True))
    )
    case = await load_beside(tmp_path, tmp_path / "a")
    row = evidence(case)["a"]
    assert event_ids(case) == [one["eventID"] for one in EVENTS]
    assert (row["status"], row["record_count"], row["rejected_count"]) == ("loaded", 6, 3)


async def test_lines_before_a_table_are_shown(tmp_path: Path) -> None:
    row = "2026-08-05T10:00:00Z,ConsoleLogin,x-1,signin.amazonaws.com,root"
    (tmp_path / "a").write_text(
        f"Report of CloudTrail\n\nEvent time,Event name,Event ID,Event source,User name\n{row}\n"
    )
    case = await load_beside(tmp_path, tmp_path / "a")
    told = evidence(case)["a"]
    assert (told["event_count"], told["rejected_count"]) == (1, 1)
    assert "value 0: a string, not an object: 'Report of CloudTrail'" in told["problem"]
    assert "before the events stand lines of something else" in told["problem"]
