"""Tables that query APIs answer with as JSON, and those that pandas wrote: each row is the event that it was."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import pytest

from rootforensics.ingest.filters import Filters
from tests.builders import event, record, root_event
from tests.ingest.checks import Files, event_ids, evidence, load, rows
from tests.ingest.containers.wrappings import text

if TYPE_CHECKING:
    from pathlib import Path

    from tests.ingest.containers.wrappings import Events

TABLE: Final = "table of columns and rows"


def three_events() -> Events:
    """Three events with fresh eventIDs, the second not root's."""
    return [root_event(errorCode="AccessDenied"), event(errorCode="x"), root_event(errorCode="y")]


EVENTS: Final = three_events()
NAMES: Final = list(dict.fromkeys(name for one in EVENTS for name in one))
CELLS: Final = [[one.get(name) for name in NAMES] for one in EVENTS]
TYPED: Final = [{"name": name, "type": "string"} for name in NAMES]


def answers(events: Events) -> dict[str, tuple[Any, str]]:
    """What it is: the answer with these events, and its container."""
    cells = [[one.get(name) for name in NAMES] for one in events]
    return {
        "azure": (
            {"tables": [{"name": "PrimaryResult", "columns": TYPED, "rows": cells}]},
            f"object with tables > {TABLE}",
        ),
        "elasticsearch": ({"columns": TYPED, "rows": cells, "cursor": "x"}, TABLE),
        "opensearch": ({"schema": TYPED, "datarows": cells, "total": 3, "size": 3, "status": 200}, TABLE),
        "trino": ({"id": "1", "columns": TYPED, "data": cells, "stats": {}}, TABLE),
        "pandas split": ({"columns": NAMES, "index": [0, 1, 2], "data": cells}, TABLE),
        "pandas columns": (
            {name: {str(at): row[NAMES.index(name)] for at, row in enumerate(cells)} for name in NAMES},
            TABLE,
        ),
        "records in a column": (
            {"columns": ["time", "message"], "rows": [["x", text(one)] for one in events]},
            f"{TABLE} > log pipeline",
        ),
    }


def test_rows_are_the_events_that_they_were(tmp_path: Path, subtests: pytest.Subtests) -> None:
    events = {name: three_events() for name in answers(EVENTS)}
    made = {name: answers(some)[name] for name, some in events.items()}
    data = {name: record(answer) for name, (answer, _) in made.items()}
    table = Files(tmp_path / "table", data, "a")
    plain = Files(tmp_path / "plain", {name: b"\n".join(map(record, some)) for name, some in events.items()})
    root = Files(tmp_path / "root", data, "a", filters=Filters(root_only=True))
    for name, some in events.items():
        with subtests.test(name):
            row = table.row(name)
            assert (row["status"], row["container"], row["rejected_count"]) == ("loaded", made[name][1], 0)
            left_out = {"evidence_id", "record_index"}
            found, wanted = (
                [{key: value for key, value in one.items() if key not in left_out} for one in files.events(name)]
                for files in (table, plain)
            )
            assert found == wanted
            assert root.ids(name) == [some[0]["eventID"], some[2]["eventID"]]


@pytest.mark.parametrize("mark", ["", "_"])
def test_columns_in_other_spelling_are_rows_of_a_table(mark: str, tmp_path: Path) -> None:
    names = [re.sub("(?<=[a-z])(?=[A-Z])", mark, name).lower() for name in NAMES]
    (tmp_path / "a").write_bytes(record({"columns": names, "data": CELLS}))
    case = load(tmp_path, tmp_path / "a")
    found = rows(case, "SELECT eventID, eventName FROM root_events ORDER BY record_index")
    assert found == [{"eventID": EVENTS[at]["eventID"], "eventName": EVENTS[at]["eventName"]} for at in (0, 2)]
    assert evidence(case)["a"]["container"] == f"{TABLE} > row of a table"


OTHER_TABLES: list[Any] = [
    {"columns": ["a", "b"], "rows": [[1, 2]]},
    {"columns": NAMES, "rows": [CELLS[0][:-1]]},
    {"columns": [*NAMES[:-1], 5], "rows": CELLS},
    {"columns": NAMES, "rows": "x"},
    {"columns": {"a": 1}, "data": CELLS},
    {"a": {"0": 1}, "b": {"0": 2}},
]


def test_other_tables_hold_no_event(tmp_path: Path) -> None:
    files = Files(tmp_path, {str(place): record(value) for place, value in enumerate(OTHER_TABLES)}, "a")
    for place, value in enumerate(OTHER_TABLES):
        row = files.row(str(place))
        told = (row["event_count"], row["rejected_count"] > 0 or row["status"] == "empty")
        assert told == (0, True), value


def test_a_record_whose_fields_look_like_columns_is_a_record(tmp_path: Path) -> None:
    one = event(requestParameters={"columns": NAMES, "rows": CELLS})
    (tmp_path / "a").write_bytes(record(one))
    case = load(tmp_path, tmp_path / "a")
    assert event_ids(case) == [one["eventID"]]
    assert json.loads(case.raw(one["eventID"])) == one
