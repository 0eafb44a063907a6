"""A row that carries its whole record beside fields taken out of it gives the record; one of another event it does not."""

from __future__ import annotations

import csv
import io
import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import pytest

from rootforensics.ingest.filters import Filters
from rootforensics.ingest.original import read_texts
from tests.builders import event, event_id, record, root_event
from tests.ingest.checks import Files, event_ids, rows
from tests.ingest.containers.wrappings import text
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from pathlib import Path

Event = dict[str, Any]
ROOT = root_event(requestParameters={"name": "t"}, sourceIPAddress="203.0.113.7")
FIELDS = ("eventName", "eventSource", "eventTime", "eventID")


def taken_out(one: Event) -> Event:
    """What a query took out of a record."""
    return {name: one[name] for name in FIELDS}


CARRIED = {
    "_raw": lambda one: {"_raw": text(one)},
    "Splunk": lambda one: {"preview": False, "result": {"_raw": text(one), **taken_out(one)}},
    "@message": lambda one: {"@message": text(one)},
    "message": lambda one: {"message": text(one)},
    "eventJson": lambda one: {"eventJson": text(one)},
    "event.original": lambda one: {"event": {"original": text(one), "kind": "event"}},
    "event.original, flat": lambda one: {"event.original": text(one)},
    "detail": lambda one: {"detail": one},
    "Body": lambda one: {"Body": json.dumps(text(one))},
    "a part of the identity": lambda one: {"userIdentity": {"type": "AWSService"}, "_raw": text(one)},
    "an identity of its own": lambda one: {"userIdentity.type": one["userIdentity"]["type"], "_raw": text(one)},
    "a version first": lambda one: {"eventVersion": "1.11", **taken_out(one), "message": text(one)},
}


def row_of(kind: str, one: Event) -> Event:
    made = CARRIED[kind](one)
    return made if "result" in made or "eventName" in made else {**{name: one[name] for name in FIELDS}, **made}


def pair() -> list[Event]:
    """An event and one of root, with fresh eventIDs."""
    return [event(), ROOT | {"eventID": event_id()}]


class Carried(NamedTuple):
    """Every kind of row that carries its record, in several shapes of file, with events of its own."""

    events: dict[str, list[Event]]
    whole: Files
    root: Files


def as_csv(column: str, events: list[Event]) -> bytes:
    """Rows with the record in a column."""
    out = io.StringIO()
    csv.writer(out).writerows([[*FIELDS, column], *([*taken_out(one).values(), text(one)] for one in events)])
    return out.getvalue().encode()


def as_stored(path: Path, column: str, events: list[Event]) -> bytes:
    """A stored table with the record in a column."""
    con = duckdb.connect()
    con.execute(f'CREATE TABLE t (eventName VARCHAR, eventID VARCHAR, "{column}" VARCHAR)')
    con.executemany("INSERT INTO t VALUES (?, ?, ?)", [[one["eventName"], one["eventID"], text(one)] for one in events])
    con.execute(f"COPY t TO '{path}' (FORMAT parquet)")
    con.close()
    return path.read_bytes()


CELLS = [f"csv, {column}" for column in ("detail", "event.original", "message", "Body")]
STORED = [f"parquet, {column}" for column in ("message", "Ticket")]
ROWS = [f"{shape}, {kind}" for shape in ("lines", "Records") for kind in CARRIED]


def made(folder: Path, key: str, events: list[Event]) -> bytes:
    """The file of a case."""
    form, _, kind = key.partition(", ")
    if form == "csv":
        return as_csv(kind, events)
    if form == "parquet":
        return as_stored(folder / key, kind, events)
    found = [row_of(kind, one) for one in events]
    return b"\n".join(map(record, found)) if form == "lines" else record({"Records": found})


@pytest.fixture(scope="module")
def carried(tmp_path_factory: pytest.TempPathFactory) -> Carried:
    """All of them in one case, and in one that was loaded for root alone."""
    folder = tmp_path_factory.mktemp("stored")
    events = {key: pair() for key in (*CELLS, *STORED, *ROWS)}
    files = {key: made(folder, key, held) for key, held in events.items()}
    names = {key: {"csv": "a.csv", "parquet": "a.parquet"}.get(key.partition(",")[0], "a.json") for key in files}
    whole = Files(tmp_path_factory.mktemp("whole"), files, names)
    root = Files(tmp_path_factory.mktemp("root"), files, names, filters=Filters(root_related=True))
    return Carried(events, whole, root)


@pytest.mark.quick(8)
@pytest.mark.parametrize("key", [*ROWS, *CELLS, *STORED])
def test_the_record_is_the_event_in_a_full_load_and_in_one_of_root_alone(key: str, carried: Carried) -> None:
    events, whole, root = carried.events[key], carried.whole, carried.root
    assert whole.ids(key) == [one["eventID"] for one in events]
    assert [json.loads(whole.case.raw(one["eventID"])) for one in events] == events
    row = whole.row(key)
    assert (row["status"], row["record_count"], row["problem"]) == ("loaded", 2, None)
    for found in (whole, root):
        (one,) = found.root_events(key)
        assert (one["eventID"], one["sourceIPAddress"]) == (events[1]["eventID"], "203.0.113.7")
        assert json.loads(one["requestParameters"]) == {"name": "t"}
    assert json.loads(root.case.raw(events[1]["eventID"])) == events[1]


def test_the_record_is_read_again(tmp_path: Path) -> None:
    data = record({"Records": [row_of("a version first", event()), row_of("a version first", ROOT)]})
    (tmp_path / "a.json").write_bytes(data)
    again = read_texts([(tmp_path / "a.json").as_uri()], sha256(data).hexdigest(), [1])
    assert again.texts == {1: record(ROOT)}


FORGED = text(ROOT)
#: Each of another event than the record that it carries.
FOREIGN = {
    "a record of its own": event(message=FORGED),
    "without its version": {name: value for name, value in event(_raw=FORGED).items() if name != "eventVersion"},
    "another eventID": taken_out(event()) | {"message": FORGED},
    "another call": {
        "eventName": "Publish",
        "eventSource": "sns.amazonaws.com",
        "eventTime": "2026-08-05T10:00:00Z",
        "awsRegion": "us-east-1",
        "message": FORGED,
    },
    "in a parameter": {
        "eventName": ROOT["eventName"],
        "eventSource": ROOT["eventSource"],
        "eventTime": ROOT["eventTime"],
        "awsRegion": "us-east-1",
        "requestParameters": {"message": FORGED},
    },
    "in a parameter, flat": taken_out(event()) | {"userIdentity.type": "IAMUser", "requestParameters.message": FORGED},
}


@pytest.mark.heavy
def test_a_record_of_another_event_is_none(tmp_path: Path, subtests: pytest.Subtests) -> None:
    data = {kind: record(one) for kind, one in FOREIGN.items()}
    whole = Files(tmp_path / "whole", data)
    root = Files(tmp_path / "root", data, filters=Filters(root_related=True))
    for kind, one in FOREIGN.items():
        with subtests.test(kind):
            found = [(row["eventID"], row["eventName"]) for row in whole.events(kind)]
            assert found == [(one.get("eventID"), one["eventName"])]
            assert whole.root_events(kind) == root.root_events(kind) == []


async def test_a_row_of_csv_with_another_record_is_told_by_its_columns(tmp_path: Path) -> None:
    one = event()
    out = io.StringIO()
    csv.writer(out).writerows([[*FIELDS, "message"], [*taken_out(one).values(), FORGED]])
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.csv").write_text(out.getvalue())
    case = await load_beside(tmp_path)
    assert event_ids(case) == [one["eventID"]]
    assert rows(case, "SELECT 1 FROM root_events") == []
