"""Tables and JSON in one file: what stands first is read, the rest is told; tables below one another are all read."""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from tests.builders import event, root_event
from tests.ingest.checks import Files, event_ids, evidence, rows
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "eventid,eventtime,eventsource,eventname,useragent\n"
PROSE = "Export of the trail\nby the team\n"
ROOT = root_event()
OTHER = event()


def as_json(*events: dict[str, Any]) -> dict[str, str]:
    """Events as JSON of several shapes."""
    return {
        "lines": "".join(json.dumps(one) + "\n" for one in events),
        "file": json.dumps({"Records": events}),
        "pretty": json.dumps({"Records": events}, indent=2) + "\n",
        "array": json.dumps(events, indent=1),
    }


JSON = as_json(ROOT, OTHER)


def row(name: str) -> str:
    return f'{name},2026-08-05T10:00:00Z,iam.amazonaws.com,CreateUser,"a, ""b"""\n'


def write(tmp_path: Path, text: str) -> Path:
    (tmp_path / "mixed.txt").write_text(text)
    return tmp_path / "mixed.txt"


BEFORE = {"at the start": ("", 0), "behind prose": (PROSE, 2)}


def test_json_behind_a_table_is_told_with_what_to_do(tmp_path: Path, subtests: pytest.Subtests) -> None:
    made, told = {}, {}
    for kind, start, between in product(JSON, BEFORE, ("", "\n\n")):
        key = f"{kind}, {start}, {between!r}"
        before, odd = BEFORE[start]
        names = [f"x-{len(made)}-{number}" for number in (1, 2)]
        json_text = as_json(root_event(), event())[kind]
        made[key] = (before + HEADER + "".join(map(row, names)) + between + json_text).encode()
        told[key] = (names, odd)
    files = Files(tmp_path, made, "mixed.txt")
    for key, (ids, odd) in told.items():
        with subtests.test(key):
            assert files.ids(key) == ids
            found = files.row(key)
            assert (found["status"], found["rejected_count"]) == ("damaged", odd)
            assert "JSON stands behind it: write that into a file of its own, and load it, too" in found["problem"]


def test_a_table_behind_json_is_damage_and_costs_no_record(tmp_path: Path, subtests: pytest.Subtests) -> None:
    made, told = {}, {}
    for kind, start in product(JSON, BEFORE):
        key = f"{kind}, {start}"
        (before, odd), root, other = BEFORE[start], root_event(), event()
        table = HEADER + row("x-1") + row("x-2")
        made[key] = (before + as_json(root, other)[kind].rstrip() + "\n" + table).encode()
        told[key] = ([root["eventID"], other["eventID"]], odd)
    files = Files(tmp_path, made, "mixed.txt")
    for key, (ids, odd) in told.items():
        with subtests.test(key):
            assert files.ids(key) == ids
            found = files.row(key)
            assert (found["status"], found["rejected_count"]) == ("damaged", odd + 3)
            assert "text stands that is no record" in found["problem"]


async def test_a_table_with_other_columns_below_another_is_read_by_its_own(tmp_path: Path) -> None:
    other = "useridentity,eventName,eventID,eventTime\n"
    rows_of_it = '"{type=Root, arn=arn:aws:iam::111122223333:root}",CreateUser,y-1,2026-08-05T11:00:00Z\n'
    case = await load_beside(tmp_path, write(tmp_path, HEADER + row("x-1") + other + rows_of_it + HEADER + row("x-2")))
    assert event_ids(case) == ["x-1", "y-1", "x-2"]
    told = evidence(case)["mixed.txt"]
    assert told["rejected_count"] == 0
    assert "a header stands among the rows too" in told["problem"]
    assert [one["eventID"] for one in rows(case, "SELECT eventID FROM root_events")] == ["y-1"]


async def test_a_row_with_more_cells_than_its_header_is_damage(tmp_path: Path) -> None:
    case = await load_beside(tmp_path, write(tmp_path, HEADER + row("x-1") + row("x-2").strip() + ",more\n"))
    told = evidence(case)["mixed.txt"]
    assert (told["status"], told["event_count"]) == ("damaged", 2)
    assert "row 3 of the table has more cells than its header" in told["problem"]


async def test_json_in_the_first_cell_of_a_row_is_a_cell(tmp_path: Path) -> None:
    header = "useridentity\teventid\teventtime\teventname\n"
    line = '{"type":"Root"}\tx-1\t2026-08-05T10:00:00Z\tCreateUser\n'
    case = await load_beside(tmp_path, write(tmp_path, header + line))
    assert rows(case, "SELECT eventID FROM root_events") == [{"eventID": "x-1"}]
