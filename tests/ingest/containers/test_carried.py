"""A row that carries its whole record beside fields taken out of it gives the record; one of another event it does not."""

from __future__ import annotations

import csv
import io
import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from rootforensics.ingest.filters import Filters
from rootforensics.ingest.original import read_texts
from tests.builders import event, record, root_event
from tests.ingest.checks import check_counts, event_ids, evidence, load, rows
from tests.ingest.containers.wrappings import text

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


@pytest.mark.parametrize("shape", ["lines", "Records"])
@pytest.mark.parametrize("kind", CARRIED)
def test_the_record_is_the_event(kind: str, shape: str, tmp_path: Path) -> None:
    other = event()
    made = [row_of(kind, other), row_of(kind, ROOT)]
    data = b"\n".join(map(record, made)) if shape == "lines" else record({"Records": made})
    check(tmp_path, "a.json", data, [other, ROOT])


def check(tmp_path: Path, name: str, data: bytes | None, expected: list[Event]) -> None:
    """The events of a file, of a full load and of a load of root alone, are the records."""
    (tmp_path / "logs").mkdir(exist_ok=True)
    if data is not None:
        (tmp_path / "logs" / name).write_bytes(data)
    case = load(tmp_path)
    check_counts(case)
    assert event_ids(case) == [one["eventID"] for one in expected]
    assert [json.loads(case.raw(one["eventID"])) for one in expected] == expected
    row = evidence(case)[name]
    assert (row["status"], row["record_count"], row["problem"]) == ("loaded", len(expected), None)
    root = load(tmp_path, name="root.duckdb", filters=Filters(root_only=True))
    check_counts(root, filtered=True)
    for one in (case, root):
        assert rows(one, "SELECT eventID, sourceIPAddress AS ip, requestParameters->>'$.name' AS name FROM root_events") == [
            {"eventID": ROOT["eventID"], "ip": "203.0.113.7", "name": "t"}
        ]  # fmt: skip
    assert json.loads(root.raw(ROOT["eventID"])) == ROOT


def test_the_record_is_read_again(tmp_path: Path) -> None:
    data = record({"Records": [row_of("a version first", event()), row_of("a version first", ROOT)]})
    (tmp_path / "a.json").write_bytes(data)
    again = read_texts([(tmp_path / "a.json").as_uri()], sha256(data).hexdigest(), [1])
    assert again.texts == {1: record(ROOT)}


@pytest.mark.parametrize("column", ["detail", "event.original", "message", "Body"])
def test_a_cell_of_csv_is_the_event(column: str, tmp_path: Path) -> None:
    other = event()
    out = io.StringIO()
    csv.writer(out).writerows([[*FIELDS, column], *([*taken_out(one).values(), text(one)] for one in (other, ROOT))])
    check(tmp_path, "a.csv", out.getvalue().encode(), [other, ROOT])


@pytest.mark.parametrize("kind", ["parquet", "duckdb"])
@pytest.mark.parametrize("column", ["message", "Ticket"])
def test_a_cell_of_a_stored_table_is_the_event(column: str, kind: str, tmp_path: Path) -> None:
    other = event()
    (tmp_path / "logs").mkdir()
    place = str(tmp_path / "logs" / f"a.{kind}")
    con = duckdb.connect(place if kind == "duckdb" else ":memory:")
    con.execute(f'CREATE TABLE t (eventName VARCHAR, eventID VARCHAR, "{column}" VARCHAR)')
    con.executemany("INSERT INTO t VALUES (?, ?, ?)", [[one["eventName"], one["eventID"], text(one)] for one in (other, ROOT)])  # fmt: skip
    if kind == "parquet":
        con.execute(f"COPY t TO '{place}' (FORMAT parquet)")
    con.close()
    if kind == "parquet":
        check(tmp_path, f"a.{kind}", None, [other, ROOT])
    else:
        case = load(tmp_path)
        assert [json.loads(case.raw(one["eventID"])) for one in (other, ROOT)] == [other, ROOT]


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


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_record_of_another_event_is_none(kind: str, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.json").write_bytes(record(FOREIGN[kind]))
    case = load(tmp_path)
    assert event_ids(case) == [FOREIGN[kind].get("eventID")]
    assert rows(case, "SELECT eventName FROM events") == [{"eventName": FOREIGN[kind]["eventName"]}]
    assert rows(case, "SELECT 1 FROM root_events") == []
    root = load(tmp_path, name="root.duckdb", filters=Filters(root_only=True))
    assert rows(root, "SELECT 1 FROM root_events") == []


def test_a_row_of_csv_with_another_record_is_told_by_its_columns(tmp_path: Path) -> None:
    one = event()
    out = io.StringIO()
    csv.writer(out).writerows([[*FIELDS, "message"], [*taken_out(one).values(), FORGED]])
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.csv").write_text(out.getvalue())
    case = load(tmp_path)
    assert event_ids(case) == [one["eventID"]]
    assert rows(case, "SELECT 1 FROM root_events") == []
