"""Tables and JSON in one file: each part is read, whatever stands before it."""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.ingest.framing import frame
from rootforensics.ingest.seen import Framing
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


def test_json_behind_a_table_is_read(tmp_path: Path, subtests: pytest.Subtests) -> None:
    made, told = {}, {}
    for kind, start, between in product(JSON, BEFORE, ("", "\n\n")):
        key = f"{kind}, {start}, {between!r}"
        (before, odd), root, other = BEFORE[start], root_event(), event()
        names = [f"x-{len(made)}-{number}" for number in (1, 2)]
        made[key] = (before + HEADER + "".join(map(row, names)) + between + as_json(root, other)[kind]).encode()
        told[key] = ([*names, root["eventID"], other["eventID"]], root, odd)
    files = Files(tmp_path, made, "mixed.txt")
    for key, (ids, root, odd) in told.items():
        with subtests.test(key):
            assert files.ids(key) == ids
            assert (files.row(key)["status"], files.row(key)["rejected_count"]) == ("loaded", odd)
            assert "JSON stands behind the table" in files.row(key)["problem"]
            assert [one["eventID"] for one in files.root_events(key)] == [root["eventID"]]
            assert json.loads(files.case.raw(root["eventID"])) == root


async def test_json_that_is_cut_off_behind_a_table_is_damage(tmp_path: Path) -> None:
    cut = json.dumps({"Records": [ROOT, OTHER]})[:-40]
    case = await load_beside(tmp_path, write(tmp_path, HEADER + row("x-1") + cut))
    assert event_ids(case) == ["x-1", ROOT["eventID"]]
    assert evidence(case)["mixed.txt"]["status"] == "damaged"


def test_a_table_behind_json_is_read(tmp_path: Path, subtests: pytest.Subtests) -> None:
    made, told = {}, {}
    for kind, start in product(JSON, BEFORE):
        key = f"{kind}, {start}"
        (before, odd), root, other = BEFORE[start], root_event(), event()
        names = [f"x-{len(made)}-{number}" for number in (1, 2)]
        table = HEADER + "".join(map(row, names)) + json.dumps(root)
        made[key] = (before + as_json(root, other)[kind].rstrip() + "\n" + table).encode()
        told[key] = ([root["eventID"], other["eventID"], *names], odd)
    files = Files(tmp_path, made, "mixed.txt")
    for key, (ids, odd) in told.items():
        with subtests.test(key):
            assert files.ids(key) == ids
            found = files.row(key)
            assert (found["status"], found["rejected_count"], found["duplicate_count"]) == ("loaded", odd, 1)
            assert "a table stands behind the JSON" in found["problem"]
            assert files.case.raw(ids[3]).decode() == row(ids[3])


async def test_broken_json_before_a_table_is_damage_and_the_table_is_read(tmp_path: Path) -> None:
    text = JSON["lines"].replace('"eventVersion"', '"eventVersion', 1) + HEADER + row("x-1")
    case = await load_beside(tmp_path, write(tmp_path, text))
    assert event_ids(case) == [OTHER["eventID"], "x-1"]
    assert evidence(case)["mixed.txt"]["status"] == "damaged"


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


@pytest.mark.parametrize("kind", JSON)
def test_a_table_behind_json_is_read_whatever_windows_it_comes_in(kind: str) -> None:
    events = [event() for _ in range(8)]
    longer = {"file": json.dumps({"Records": events}), "lines": "\n".join(map(json.dumps, events))}
    text = longer.get(kind, JSON[kind]) + "\n" + HEADER + row("x-1") * 9
    expected = [values.texts for values in frame(iter((text.encode(),)), Framing())]
    named = [json.loads(bytes(one)).get("eventID") for texts in expected for one in texts]
    assert named[-9:] == ["x-1"] * 9
    for size in (7, 100, 501, 1500, 4096):
        seen = Framing()
        pieces = (text.encode()[start : start + size] for start in range(0, len(text), size))
        found = [bytes(one) for values in frame(pieces, seen) for one in values.texts]
        assert [json.loads(one).get("eventID") for one in found] == named, f"windows of {size} bytes"
        assert (seen.damage, "a table stands behind the JSON; it was read, too" in seen.notes) == ("", True)
