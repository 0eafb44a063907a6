"""Tables that query APIs answer with as JSON, and those that pandas wrote: each row is the event that it was."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import pytest

from rootforensics.ingest.filters import Filters
from tests.builders import event, record, root_event
from tests.ingest.checks import event_ids, evidence, load, rows
from tests.ingest.containers.wrappings import text

if TYPE_CHECKING:
    from pathlib import Path

EVENTS: Final = [root_event(errorCode="AccessDenied"), event(errorCode="x"), root_event(errorCode="y")]
NAMES: Final = list(dict.fromkeys(name for one in EVENTS for name in one))
CELLS: Final = [[one.get(name) for name in NAMES] for one in EVENTS]
TABLE: Final = "table of columns and rows"
TYPED: Final = [{"name": name, "type": "string"} for name in NAMES]
ANSWERS: Final[dict[str, tuple[Any, str]]] = {
    "azure": (
        {"tables": [{"name": "PrimaryResult", "columns": TYPED, "rows": CELLS}]},
        f"object with tables > {TABLE}",
    ),
    "elasticsearch": ({"columns": TYPED, "rows": CELLS, "cursor": "x"}, TABLE),
    "opensearch": ({"schema": TYPED, "datarows": CELLS, "total": 3, "size": 3, "status": 200}, TABLE),
    "trino": ({"id": "1", "columns": TYPED, "data": CELLS, "stats": {}}, TABLE),
    "pandas split": ({"columns": NAMES, "index": [0, 1, 2], "data": CELLS}, TABLE),
    "pandas columns": (
        {name: {str(at): row[NAMES.index(name)] for at, row in enumerate(CELLS)} for name in NAMES},
        TABLE,
    ),
    "records in a column": (
        {"columns": ["time", "message"], "rows": [["x", text(one)] for one in EVENTS]},
        f"{TABLE} > log pipeline",
    ),
}
TEXT: Final = "SELECT * EXCLUDE (evidence_id, record_index) FROM events ORDER BY record_index"


@pytest.mark.parametrize("name", ANSWERS)
def test_rows_are_the_events_that_they_were(name: str, tmp_path: Path) -> None:
    answer, container = ANSWERS[name]
    (tmp_path / "a").write_bytes(record(answer))
    (tmp_path / "plain.json").write_bytes(b"\n".join(map(record, EVENTS)))
    case = load(tmp_path, tmp_path / "a")
    row = evidence(case)["a"]
    assert (row["status"], row["container"], row["rejected_count"]) == ("loaded", container, 0)
    assert rows(case, TEXT) == rows(load(tmp_path, tmp_path / "plain.json", name="plain.duckdb"), TEXT)
    only = load(tmp_path, tmp_path / "a", name="root.duckdb", filters=Filters(root_only=True))
    assert event_ids(only) == [EVENTS[0]["eventID"], EVENTS[2]["eventID"]]


@pytest.mark.parametrize("mark", ["", "_"])
def test_columns_in_other_spelling_are_rows_of_a_table(mark: str, tmp_path: Path) -> None:
    names = [re.sub("(?<=[a-z])(?=[A-Z])", mark, name).lower() for name in NAMES]
    (tmp_path / "a").write_bytes(record({"columns": names, "data": CELLS}))
    case = load(tmp_path, tmp_path / "a")
    found = rows(case, "SELECT eventID, eventName FROM root_events ORDER BY record_index")
    assert found == [{"eventID": EVENTS[at]["eventID"], "eventName": EVENTS[at]["eventName"]} for at in (0, 2)]
    assert evidence(case)["a"]["container"] == f"{TABLE} > row of a table"


@pytest.mark.parametrize(
    "value",
    [
        {"columns": ["a", "b"], "rows": [[1, 2]]},
        {"columns": NAMES, "rows": [CELLS[0][:-1]]},
        {"columns": [*NAMES[:-1], 5], "rows": CELLS},
        {"columns": NAMES, "rows": "x"},
        {"columns": {"a": 1}, "data": CELLS},
        {"a": {"0": 1}, "b": {"0": 2}},
    ],
)
def test_other_tables_hold_no_event(value: Any, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(record(value))
    row = evidence(load(tmp_path, tmp_path / "a"))["a"]
    assert (row["event_count"], row["rejected_count"] > 0 or row["status"] == "empty") == (0, True)


def test_a_record_whose_fields_look_like_columns_is_a_record(tmp_path: Path) -> None:
    one = event(requestParameters={"columns": NAMES, "rows": CELLS})
    (tmp_path / "a").write_bytes(record(one))
    case = load(tmp_path, tmp_path / "a")
    assert event_ids(case) == [one["eventID"]]
    assert json.loads(case.raw(one["eventID"])) == one
