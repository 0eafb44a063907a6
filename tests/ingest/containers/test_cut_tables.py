"""A table of events in CSV that is cut off at any byte is damaged, and keeps its whole rows."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Final

import pytest

from tests.builders import event
from tests.ingest.checks import event_ids, evidence, load
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from pathlib import Path

EVENTS: Final = [event() for _ in range(3)]
WHOLE: Final = [json.dumps(one) for one in EVENTS]
PLAIN: Final = ("eventID", "eventName", "eventSource", "eventTime")
PARAMETERS: Final = '{"a":{"b":["c"]}}'
TABLES: Final[dict[str, list[list[str]]]] = {
    "record last": [["timestamp", "message"], *(["2026-08-05", one] for one in WHOLE)],
    "record first": [["eventjson", "year"], *([one, "2026"] for one in WHOLE)],
    "columns": [[*PLAIN, "requestParameters"], *([*(one[name] for name in PLAIN), PARAMETERS] for one in EVENTS)],
}


def table(name: str) -> bytes:
    """The table in CSV as Python writes it, with doubled quotes."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(TABLES[name])
    return out.getvalue().encode()


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.heavy if place else ()) for place, name in enumerate(TABLES)]
)
@pytest.mark.quick(1)
def test_a_table_that_is_cut_off_at_any_byte_of_its_last_row_is_damaged(name: str, tmp_path: Path) -> None:
    data = table(name)
    start, end = data.rstrip().rfind(b"\n") + 1, len(data.rstrip())
    # A number, and an empty last cell, may be all there is: nothing tells that something followed.
    open_end = {"record first": range(end - 4, end), "columns": [data.find(b',"{', start) + 1]}.get(name, [])
    (tmp_path / "logs").mkdir()
    cuts = [cut for cut in range(start + 1, end) if cut not in open_end]
    for cut in cuts:
        (tmp_path / "logs" / f"{cut:06}.csv").write_bytes(data[:cut])
    found = evidence(load(tmp_path))
    assert len(found) == len(cuts)
    assert {row["status"] for row in found.values()} == {"damaged"}
    assert all(row["event_count"] + row["duplicate_count"] >= 2 for row in found.values())


@pytest.mark.parametrize("name", TABLES)
async def test_a_table_without_a_last_line_end_is_whole(name: str, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.csv").write_bytes(table(name).rstrip())
    case = await load_beside(tmp_path)
    assert event_ids(case) == [one["eventID"] for one in EVENTS]
    assert evidence(case)["a.csv"]["status"] == "loaded"


async def test_the_lines_that_a_broken_quote_takes_along_are_counted(tmp_path: Path) -> None:
    lines = table("record last").splitlines(keepends=True)
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.csv").write_bytes(lines[0] + lines[1] + lines[2].replace(b'""}', b'"}') + lines[3])
    case = await load_beside(tmp_path)
    row = evidence(case)["a.csv"]
    assert event_ids(case) == [EVENTS[0]["eventID"]]
    assert row["status"] == "damaged"
    assert "after row 2 " in row["problem"]
    assert "the 2 lines that follow were not read" in row["problem"]


async def test_a_row_that_is_cut_inside_a_doubled_quote_is_told(tmp_path: Path) -> None:
    data = table("record last")
    (tmp_path / "logs").mkdir()
    at = data.rindex(b'""eventVersion')
    (tmp_path / "logs" / "half.csv").write_bytes(data[: at + 1])
    (tmp_path / "logs" / "both.csv").write_bytes(data[: at + 2])
    found = evidence(await load_beside(tmp_path))
    assert "row 4, the last of the table, is cut off" in found["half.csv"]["problem"]
    assert "cut off inside a quoted cell" in found["both.csv"]["problem"]
    assert "the line that follows was not read" in found["both.csv"]["problem"]


@pytest.mark.heavy
def test_a_byte_that_is_no_utf8_costs_no_more_than_its_row_wherever_it_stands(tmp_path: Path) -> None:
    """Such a byte in a row of JSON, or in the header of a table in CSV, used to end the load."""
    row = {**dict.fromkeys(PLAIN, "x"), "eventname": "A", "awsregion": "b", "useridentity": "{type=Root, arn=c}"}
    row |= {"requestparameters": '{"d":"e"}', "resources": '[{"ARN":"f"}]', "tlsdetails": {"g": "h"}, "other": "i"}
    texts = {
        "json": json.dumps({name.lower(): one for name, one in row.items()}).encode() + b"\n",
        "lake": json.dumps({"eventdata": row, "i": 1}).encode() + b"\n",
        "record": json.dumps({"eventJson": WHOLE[0], "i": 1}).encode() + b"\n",
        **{f"{name}.csv": table(name) for name in TABLES},
    }
    (tmp_path / "logs").mkdir()
    names = []
    for name, text in texts.items():
        for place in range(0, len(text) - 1, 5 if len(text) < 1000 else 41):
            names.append(f"{place:05}-{name}")
            (tmp_path / "logs" / names[-1]).write_bytes(text[:place] + b"\xba" + text[place + 1 :])
    found = evidence(load(tmp_path))
    assert sorted(found) == sorted(names)
    silent = [name for name, row in found.items() if not row["problem"] and not row["event_count"]]
    assert [name for name in silent if not found[name]["duplicate_count"]] == []
