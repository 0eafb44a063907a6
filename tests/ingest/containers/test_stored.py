"""Parquet files: every row is an event, says what it said, and does no harm. DuckDB files are told."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from rootforensics.ingest.filters import Filters
from tests.builders import event, record, records_file, records_text, root_event
from tests.ingest.checks import Files, event_ids, evidence, load, problems, rows
from tests.ingest.containers.stored_files import PACKINGS, database, lake_rows, parquet, put
from tests.ingest.side_by_side import load_beside

CORE = "eventID, eventName, eventSource, awsRegion, sourceIPAddress, userAgent, errorCode, requestID, eventType"
IDENTITY = "to_json(userIdentity)::VARCHAR AS identity, requestParameters::VARCHAR AS asked, eventTime::VARCHAR AS at"


def said(events: list[dict[str, Any]], tmp_path: Path) -> list[dict[str, Any]]:
    """What the case says of the same events in a log file."""
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "a.json.gz").write_bytes(records_file(events))
    return rows(
        load(tmp_path, folder, name="plain.duckdb"), f"SELECT {CORE}, {IDENTITY} FROM events ORDER BY record_index"
    )


@pytest.mark.quick(1)
@pytest.mark.parametrize("packing", PACKINGS)
async def test_athena_rows_in_parquet_say_what_the_log_file_says(packing: str, tmp_path: Path) -> None:
    events = [event(requestParameters={"a": 1.50, "b": None}), root_event(errorCode="AccessDenied"), event(resources=[
        {"ARN": "arn:aws:s3:::b", "accountId": "111122223333", "type": "AWS::S3::Bucket"}])]  # fmt: skip
    data = parquet(tmp_path / "made" / "a.parquet", lake_rows(events))
    put(tmp_path, "part-0000", PACKINGS[packing](data))
    case = await load_beside(tmp_path)
    row = evidence(case)["part-0000"]
    assert (row["status"], row["framing"], row["container"]) == ("loaded", "parquet", "Parquet")
    assert row["record_count"] == 3
    assert rows(case, f"SELECT {CORE}, {IDENTITY} FROM events ORDER BY record_index") == said(events, tmp_path)
    assert rows(case, "SELECT resources[1].ARN AS arn FROM events WHERE record_index = 2") == [
        {"arn": "arn:aws:s3:::b"}
    ]
    assert rows(case, "SELECT root_basis, outcome, cis_match FROM root_events") == [
        {"root_basis": "userIdentity.type", "outcome": "failure", "cis_match": True}
    ]
    original = json.loads(case.raw(events[1]["eventID"]))
    assert original["useridentity"]["type"] == "Root"
    assert original["eventid"] == events[1]["eventID"]
    assert event_ids(await load_beside(tmp_path, filters=Filters(root_related=True))) == [events[1]["eventID"]]


async def test_typed_columns_in_any_spelling(tmp_path: Path) -> None:
    moment = datetime(2026, 8, 5, 10, tzinfo=UTC)
    session = {"attributes": {"creation_date": moment, "mfa_authenticated": "true"}}
    columns = {
        "event_time": pa.array([moment], pa.timestamp("us", tz="UTC")),
        "Event_Name": ["CreateUser"],
        "EVENT SOURCE": ["iam.amazonaws.com"],
        "event_id": ["x-1"],
        "read_only": [False],
        "user_identity": pa.array([{"type": "Root", "account_id": "111122223333", "session_context": session}]),
        "request_parameters": pa.array([[("userName", "x")]], pa.map_(pa.string(), pa.string())),
        "response_elements": pa.array([{"user": {"arn": "a"}, "group": None}]),
        "tls_details": ["{tlsversion=TLSv1.3, ciphersuite=X}"],
        "resources": ["[{arn=arn:aws:iam::1:user/x, accountid=1}, {arn=b}]"],
        "tp_index": ["111122223333"],
        "event_number": [7],
    }
    parquet(tmp_path / "logs" / "a", columns)
    case = await load_beside(tmp_path)
    found = rows(
        case,
        "SELECT eventTime::VARCHAR AS at, eventName, readOnly, userIdentity.accountId AS account,"
        " userIdentity.sessionContext.attributes.creationDate AS created,"
        " userIdentity.sessionContext.attributes.mfaAuthenticated AS mfa, requestParameters::VARCHAR AS asked,"
        " responseElements::VARCHAR AS answered, tlsDetails.tlsVersion AS tls, len(resources) AS things,"
        " resources[1].ARN AS arn, otherFields::VARCHAR AS other FROM root_events",
    )
    assert found == [
        {
            "at": "2026-08-05 10:00:00+00",
            "eventName": "CreateUser",
            "readOnly": False,
            "account": "111122223333",
            "created": "2026-08-05T10:00:00Z",
            "mfa": "true",
            "asked": '{"userName":"x"}',
            "answered": '{"user":{"arn":"a"}}',
            "tls": "TLSv1.3",
            "things": 2,
            "arn": "arn:aws:iam::1:user/x",
            "other": '{"event_number":7,"tp_index":"111122223333"}',
        }
    ]
    assert not problems(case, "record_problem")


async def test_null_is_absent_and_an_empty_text_is_not(tmp_path: Path) -> None:
    columns = {
        "eventname": ["A", "B"],
        "eventid": ["x-1", "x-2"],
        "errorcode": [None, ""],
        "requestparameters": pa.array([None, '{"a":null}'], pa.string()),
        "useridentity": pa.array([None, {"type": "Root", "invokedby": ""}]),
    }
    parquet(tmp_path / "logs" / "a", columns)
    found = rows(
        await load_beside(tmp_path),
        "SELECT errorCode, requestParameters::VARCHAR AS asked, userIdentity IS NULL AS nobody,"
        " userIdentity.invokedBy AS by FROM events ORDER BY record_index",
    )
    assert found == [
        {"errorCode": None, "asked": None, "nobody": True, "by": None},
        {"errorCode": "", "asked": '{"a":null}', "nobody": False, "by": None},
    ]


async def test_a_column_with_the_whole_record_is_the_record(tmp_path: Path) -> None:
    events = [event(), root_event()]
    texts = [json.dumps(one) for one in events]
    parquet(tmp_path / "logs" / "lake", {"eventjson": texts, "eventname": ["wrong", "wrong"]})
    case = await load_beside(tmp_path)
    assert event_ids(case) == [one["eventID"] for one in events]
    assert case.raw(events[1]["eventID"]).decode() == texts[1]


async def test_a_column_of_another_service_is_unwrapped(tmp_path: Path) -> None:
    events = [event(), root_event()]
    parquet(tmp_path / "logs" / "a", {"message": [json.dumps(one) for one in events], "n": [1, 2]})
    case = await load_beside(tmp_path)
    assert event_ids(case) == [one["eventID"] for one in events]
    assert evidence(case)["a"]["container"] == "Parquet > log pipeline"


async def test_a_table_without_the_identity_says_so(tmp_path: Path) -> None:
    parquet(tmp_path / "logs" / "a", {"eventname": ["A"], "eventtime": ["2026-08-05 10:00:00"], "eventid": ["x-1"]})
    case = await load_beside(tmp_path)
    problem = evidence(case)["a"]["problem"]
    assert "no column holds" in problem
    assert "userIdentity.arn" in problem
    assert "userIdentity.type" in problem
    assert "eventName" not in problem
    assert rows(case, "SELECT count(*) AS n FROM root_events") == [{"n": 0}]


async def test_a_picked_arn_tells_root_and_a_user_name_does_not(tmp_path: Path) -> None:
    columns = {
        "eventname": ["A", "B", "C"],
        "eventtime": ["2026-08-05T10:00:00Z"] * 3,
        "arn": ["arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/root", None],
        "username": [None, "root", "root"],
    }
    parquet(tmp_path / "logs" / "a", columns)
    case = await load_beside(tmp_path)
    assert rows(case, "SELECT eventName, root_basis FROM root_events") == [
        {"eventName": "A", "root_basis": "userIdentity.arn"}
    ]
    only = await load_beside(tmp_path, filters=Filters(root_related=True))
    assert rows(only, "SELECT eventName FROM root_events") == [{"eventName": "A"}]


async def test_the_console_table_in_parquet_tells_root_by_name(tmp_path: Path) -> None:
    columns = {"Event name": ["A"], "Event time": ["2026-08-05T10:00:00Z"], "User name": ["root"], "Event ID": ["x-1"]}
    parquet(tmp_path / "logs" / "a", columns)
    case = await load_beside(tmp_path)
    assert rows(case, "SELECT root_basis FROM root_events") == [{"root_basis": "userName"}]
    assert evidence(case)["a"]["container"] == "Parquet > event history CSV"


@pytest.mark.heavy
def test_the_events_of_another_case_are_what_they_were(tmp_path: Path) -> None:
    odd = event(readOnly="maybe", newField={"a": 1}, identity={"sessionContext": {"newer": "x"}})
    events = [event(responseElements=None), root_event(), odd]
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "a.json.gz").write_bytes(records_file(events))
    load(tmp_path, folder, name="first.duckdb").close()
    with duckdb.connect(str(tmp_path / "first.duckdb"), read_only=True) as connection:
        connection.execute(f"COPY (FROM events ORDER BY record_index) TO '{tmp_path / 'events.parquet'}'")
    case = load(tmp_path, folder, tmp_path / "events.parquet", name="second.duckdb")
    row = evidence(case)["events.parquet"]
    assert (row["container"], row["record_count"]) == ("rootforensics case", 3)
    assert "which of its rows came from an event history" in row["problem"]
    assert rows(case, "SELECT (FROM events SELECT count(*)) AS kept, (FROM duplicates SELECT count(*)) AS copies") == [
        {"kept": 3, "copies": 3}
    ]
    assert not problems(case, "event_id_conflict")
    alone = load(tmp_path, tmp_path / "events.parquet", name="third.duckdb")
    first = load(tmp_path, folder, name="first.duckdb")
    text = "SELECT * EXCLUDE (evidence_id, record_index) FROM events ORDER BY eventID"
    assert rows(alone, text) == rows(first, text)
    assert json.loads(alone.raw(odd["eventID"]))["eventID"] == odd["eventID"]


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("statement", ["CREATE TABLE b AS SELECT 'A' AS eventname, 'x-1' AS eventid", "SELECT 1"])
async def test_a_duckdb_file_is_not_opened_and_told_with_what_to_do(
    packing: str, statement: str, tmp_path: Path
) -> None:
    data = database(tmp_path / "made" / "a", statement)
    packed = PACKINGS[packing](data)
    put(tmp_path, "a.db", packed)
    put(tmp_path, "cut", data[:5000])
    found = evidence(await load_beside(tmp_path))
    for name in ("a.db", "cut"):
        assert (found[name]["status"], found[name]["event_count"]) == ("unsupported", 0)
        assert found[name]["problem"] == (
            "a DuckDB file, which is not opened, for it can hold code: write its tables of events as Parquet (COPY events"
            " TO 'events.parquet') and load that; it may hold events, which were not read"
        )
    assert found["a.db"]["sha256"] == hashlib.sha256(packed).hexdigest()


def test_a_case_does_not_load_itself(tmp_path: Path) -> None:
    put(tmp_path, "a.json.gz", records_file([event()]))
    case = load(tmp_path, tmp_path / "logs", name="logs/case.duckdb")
    case = load(case, tmp_path / "logs")
    assert list(evidence(case)) == ["a.json.gz"]


@pytest.mark.heavy
def test_a_column_of_any_name_with_records_is_told_by_its_content(tmp_path: Path, subtests: pytest.Subtests) -> None:
    events, made = {}, {}
    for column, kind in product(("raw", "line", "event", "body", "value", "data_", "message"), ("text", "bytes")):
        key = f"{column}, {kind}"
        events[key] = [event(), root_event(), event()]
        texts = [json.dumps(one, indent=1) for one in events[key]]
        cells = pa.array([text.encode() for text in texts] if kind == "bytes" else texts)
        made[key] = parquet(tmp_path / "made" / "a", {"day": pa.array(["05"] * 3), column: cells})
    files = Files(tmp_path, made, "a")
    for key, some in events.items():
        with subtests.test(key):
            assert files.ids(key) == [one["eventID"] for one in some]
            assert [row["eventName"] for row in files.root_events(key)] == ["ListUsers"]
            assert json.loads(files.case.raw(some[1]["eventID"])) == some[1]


async def test_records_far_down_a_table_are_found_and_other_rows_counted(tmp_path: Path) -> None:
    one = event()
    lines = ["nothing to see"] * 5000 + [record(one).decode(), None]
    parquet(tmp_path / "logs" / "a", {"line": pa.array(lines, pa.string())})
    parquet(tmp_path / "logs" / "b", {"text": ["where eventVersion is not null"]})
    case = await load_beside(tmp_path)
    assert event_ids(case) == [one["eventID"]]
    found = evidence(case)
    assert (found["a"]["record_count"], found["a"]["rejected_count"]) == (5002, 5001)
    assert found["b"]["status"] == "unsupported"


@pytest.mark.heavy
def test_records_of_nested_types_are_the_events_that_they_were(tmp_path: Path) -> None:
    attributes = {"creationDate": "2026-08-05T09:00:00Z", "mfaAuthenticated": "false"}
    first = root_event(eventTime="2026-08-05T10:00:00Z", requestParameters={"name": "t"})
    first["userIdentity"]["sessionContext"] = {"attributes": attributes}
    second = root_event(eventTime="2026-08-05T10:00:01Z", requestParameters={"bucket": "b"})
    (tmp_path / "a.json").write_bytes(records_text([record(first), record(second)]))
    # As read_json tells the types: times are times, and each record has the parameters of the other.
    made = "CREATE TABLE t AS SELECT Records FROM read_json('{}')".format(tmp_path / "a.json")
    connection = duckdb.connect()
    connection.execute(made)
    connection.execute(f"COPY t TO '{tmp_path / 'b.parquet'}' (FORMAT parquet)")
    connection.close()
    alone = load(tmp_path, tmp_path / "b.parquet", name="alone.duckdb")
    text = "SELECT userIdentity.sessionContext.attributes.creationDate AS at, requestParameters AS given FROM events"
    assert [(row["at"], json.loads(row["given"])) for row in rows(alone, f"{text} ORDER BY eventTime")] == [
        ("2026-08-05T09:00:00Z", {"name": "t"}),
        (None, {"bucket": "b"}),
    ]
    assert [json.loads(alone.raw(row["at"]))["eventID"] for row in rows(alone, PLACES)] == [
        first["eventID"],
        second["eventID"],
    ]
    both = load(tmp_path, tmp_path / "a.json", tmp_path / "b.parquet", name="both.duckdb")
    assert [row["duplicate_count"] for row in evidence(both).values()] == [0, 2]


PLACES = "SELECT evidence_id || ':' || record_index AS at FROM events ORDER BY record_index"


@pytest.mark.parametrize("rows_", ["r.*", "[r] AS Records"])
async def test_a_sign_in_out_of_nested_types_is_a_copy_of_the_one_in_the_log(rows_: str, tmp_path: Path) -> None:
    """At the console root has no key, and CloudTrail writes an empty text for it."""
    login = root_event(
        eventName="ConsoleLogin",
        eventSource="signin.amazonaws.com",
        identity={"accessKeyId": ""},
        responseElements={"ConsoleLogin": "Success"},
    )
    (tmp_path / "log.json").write_bytes(records_file([login]))
    duckdb.sql(
        f"COPY (SELECT {rows_} FROM (SELECT unnest(Records) AS r FROM read_json('{tmp_path / 'log.json'}')))"
        f" TO '{tmp_path / 'rows.parquet'}'"
    )
    case = await load_beside(tmp_path, tmp_path / "log.json", tmp_path / "rows.parquet")
    assert event_ids(case) == [login["eventID"]]
    assert len(rows(case, "SELECT * FROM duplicates")) == 1
