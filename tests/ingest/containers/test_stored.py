"""Parquet and DuckDB files: every row is an event, says what it said, and does no harm."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from rootforensics.ingest.containers import sandbox
from rootforensics.ingest.filters import Filters
from rootforensics.ingest.inflate import Limits
from tests.builders import event, record, records_file, root_event
from tests.ingest.checks import event_ids, evidence, load, problems, rows
from tests.ingest.containers.stored_files import PACKINGS, database, lake_rows, parquet

CORE = "eventID, eventName, eventSource, awsRegion, sourceIPAddress, userAgent, errorCode, requestID, eventType"
IDENTITY = "to_json(userIdentity)::VARCHAR AS identity, requestParameters::VARCHAR AS asked, eventTime::VARCHAR AS at"


def put(tmp_path: Path, name: str, data: bytes) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)
    return folder / name


def said(events: list[dict[str, Any]], tmp_path: Path) -> list[dict[str, Any]]:
    """What the case says of the same events in a log file."""
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "a.json.gz").write_bytes(records_file(events))
    return rows(
        load(tmp_path, folder, name="plain.duckdb"), f"SELECT {CORE}, {IDENTITY} FROM events ORDER BY record_index"
    )


@pytest.mark.parametrize("packing", PACKINGS)
def test_athena_rows_in_parquet_say_what_the_log_file_says(packing: str, tmp_path: Path) -> None:
    events = [event(requestParameters={"a": 1.50, "b": None}), root_event(errorCode="AccessDenied"), event(resources=[
        {"ARN": "arn:aws:s3:::b", "accountId": "111122223333", "type": "AWS::S3::Bucket"}])]  # fmt: skip
    data = parquet(tmp_path / "made" / "a.parquet", lake_rows(events))
    put(tmp_path, "part-0000", PACKINGS[packing](data))
    case = load(tmp_path)
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
    assert event_ids(load(tmp_path, name="root.duckdb", filters=Filters(root_only=True))) == [events[1]["eventID"]]


def test_typed_columns_in_any_spelling(tmp_path: Path) -> None:
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
    case = load(tmp_path)
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
            "other": '{"tp_index":"111122223333","event_number":7}',
        }
    ]
    assert not problems(case, "record_problem")


def test_null_is_absent_and_an_empty_text_is_not(tmp_path: Path) -> None:
    columns = {
        "eventname": ["A", "B"],
        "eventid": ["x-1", "x-2"],
        "errorcode": [None, ""],
        "requestparameters": pa.array([None, '{"a":null}'], pa.string()),
        "useridentity": pa.array([None, {"type": "Root", "invokedby": ""}]),
    }
    parquet(tmp_path / "logs" / "a", columns)
    found = rows(
        load(tmp_path),
        "SELECT errorCode, requestParameters::VARCHAR AS asked, userIdentity IS NULL AS nobody,"
        " userIdentity.invokedBy AS by FROM events ORDER BY record_index",
    )
    assert found == [
        {"errorCode": None, "asked": None, "nobody": True, "by": None},
        {"errorCode": "", "asked": '{"a":null}', "nobody": False, "by": None},
    ]


def test_a_column_with_the_whole_record_is_the_record(tmp_path: Path) -> None:
    events = [event(), root_event()]
    texts = [json.dumps(one) for one in events]
    parquet(tmp_path / "logs" / "lake", {"eventjson": texts, "eventname": ["wrong", "wrong"]})
    case = load(tmp_path)
    assert event_ids(case) == [one["eventID"] for one in events]
    assert case.raw(events[1]["eventID"]).decode() == texts[1]


def test_a_column_of_another_service_is_unwrapped(tmp_path: Path) -> None:
    events = [event(), root_event()]
    parquet(tmp_path / "logs" / "a", {"message": [json.dumps(one) for one in events], "n": [1, 2]})
    case = load(tmp_path)
    assert event_ids(case) == [one["eventID"] for one in events]
    assert evidence(case)["a"]["container"] == "Parquet > log pipeline"


def test_a_table_without_the_identity_says_so(tmp_path: Path) -> None:
    parquet(tmp_path / "logs" / "a", {"eventname": ["A"], "eventtime": ["2026-08-05 10:00:00"], "eventid": ["x-1"]})
    case = load(tmp_path)
    problem = evidence(case)["a"]["problem"]
    assert "no column holds" in problem
    assert "userIdentity.arn" in problem
    assert "userIdentity.type" in problem
    assert "eventName" not in problem
    assert rows(case, "SELECT count(*) AS n FROM root_events") == [{"n": 0}]


def test_a_picked_arn_tells_root_and_a_user_name_does_not(tmp_path: Path) -> None:
    columns = {
        "eventname": ["A", "B", "C"],
        "eventtime": ["2026-08-05T10:00:00Z"] * 3,
        "arn": ["arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/root", None],
        "username": [None, "root", "root"],
    }
    parquet(tmp_path / "logs" / "a", columns)
    case = load(tmp_path)
    assert rows(case, "SELECT eventName, root_basis FROM root_events") == [
        {"eventName": "A", "root_basis": "userIdentity.arn"}
    ]
    only = load(tmp_path, name="root.duckdb", filters=Filters(root_only=True))
    assert rows(only, "SELECT eventName FROM root_events") == [{"eventName": "A"}]


def test_the_console_table_in_parquet_tells_root_by_name(tmp_path: Path) -> None:
    columns = {"Event name": ["A"], "Event time": ["2026-08-05T10:00:00Z"], "User name": ["root"], "Event ID": ["x-1"]}
    parquet(tmp_path / "logs" / "a", columns)
    case = load(tmp_path)
    assert rows(case, "SELECT root_basis FROM root_events") == [{"root_basis": "userName"}]
    assert evidence(case)["a"]["container"] == "Parquet > event history CSV"


def test_many_row_groups_are_read_in_bounded_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """300,000 rows of 600 bytes and more, of which the engine may hold but a part."""
    monkeypatch.setitem(sandbox._SETTINGS, "memory_limit", "64MB")
    count = 300_000
    path = tmp_path / "logs" / "a.parquet"
    path.parent.mkdir()
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT 'A' AS eventname, 'id-' || i AS eventid, repeat(md5(i::VARCHAR), 16) AS useragent,"
            f" {{'type': if(i % 1000 = 0, 'Root', 'IAMUser')}} AS useridentity FROM range({count}) AS r(i))"
            f" TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE 20000)"
        )
    case = load(tmp_path)
    row = evidence(case)["a.parquet"]
    assert (row["status"], row["record_count"], row["event_count"]) == ("loaded", count, count)
    assert rows(case, "SELECT count(DISTINCT eventID) AS n FROM events") == [{"n": count}]
    assert rows(case, "SELECT count(*) AS n FROM root_events") == [{"n": count // 1000}]
    assert json.loads(case.raw("id-299999"))["eventid"] == "id-299999"


def test_rows_without_end_stop_at_the_bound(tmp_path: Path) -> None:
    """Few bytes may stand for rows without end; the bound on inflated bytes holds for the text of rows."""
    columns = {"eventname": ["A"] * 10_000, "eventid": ["x"] * 10_000, "useragent": ["x" * 1000] * 10_000}
    parquet(tmp_path / "logs" / "a", columns)
    row = evidence(load(tmp_path, limits=Limits(max_inflated_bytes=5_000_000)))["a"]
    assert row["status"] == "damaged"
    assert "the text of its rows is more than 5,000,000 bytes and was read no further" in row["problem"]
    assert 0 < row["record_count"] < 10_000
    again = load(tmp_path, limits=Limits())
    assert evidence(again)["a"]["record_count"] == 10_000


def test_a_row_larger_than_the_memory_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sandbox._SETTINGS, "memory_limit", "32MB")
    sizes = [10] * 3000 + [200_000_000]
    path = tmp_path / "logs" / "a"
    path.parent.mkdir()
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT 'A' AS eventname, 'id-' || i AS eventid, repeat('x', n) AS useragent"
            f" FROM (SELECT unnest({sizes}) AS n, generate_subscripts({sizes}, 1) AS i)) TO '{path}' (FORMAT parquet)"
        )
    row = evidence(load(tmp_path))["a"]
    assert row["status"] == "damaged"
    assert "need more memory" in row["problem"]


@pytest.mark.parametrize("packing", PACKINGS)
def test_the_tables_of_a_database_that_hold_events(packing: str, tmp_path: Path) -> None:
    data = database(
        tmp_path / "made" / "a",
        "CREATE TABLE b (eventname VARCHAR, eventtime TIMESTAMP, eventid VARCHAR, requestparameters JSON,"
        ' useridentity STRUCT("type" VARCHAR))',
        "INSERT INTO b VALUES ('A', '2026-08-05 10:00:00', 'x-1', '{\"n\":1.50}', {'type': 'Root'})",
        "CREATE SCHEMA extra",
        'CREATE TABLE extra."a ""b" AS SELECT \'B\' AS "eventName", \'x-2\' AS "eventID", NULL AS other',
        "CREATE TABLE prices AS SELECT 1 AS price",
        "CREATE VIEW v AS SELECT * FROM b",
    )
    put(tmp_path, "a.db", PACKINGS[packing](data))
    case = load(tmp_path)
    row = evidence(case)["a.db"]
    assert (row["status"], row["framing"], row["container"]) == ("loaded", "duckdb", "DuckDB")
    assert 'read from its tables: b (1 rows), extra.a "b (1 rows); not read: prices' in row["problem"]
    assert rows(case, "SELECT eventID, record_index FROM events ORDER BY record_index") == [
        {"eventID": "x-1", "record_index": 0},
        {"eventID": "x-2", "record_index": 1},
    ]
    assert rows(case, "SELECT requestParameters::VARCHAR AS asked FROM root_events") == [{"asked": '{"n":1.5}'}]
    assert json.loads(case.raw("x-1"))["requestparameters"] == '{"n":1.50}'


def test_another_case_is_evidence_and_its_events_are_what_they_were(tmp_path: Path) -> None:
    odd = event(readOnly="maybe", newField={"a": 1}, identity={"sessionContext": {"newer": "x"}})
    events = [event(responseElements=None), root_event(), odd]
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "a.json.gz").write_bytes(records_file(events))
    (folder / "b.json.gz").write_bytes(records_file(events[:1]))
    first = load(tmp_path, folder, name="first.duckdb")
    first.close()
    case = load(tmp_path, folder, tmp_path / "first.duckdb", name="second.duckdb")
    row = evidence(case)["first.duckdb"]
    assert (row["container"], row["record_count"]) == ("rootforensics case", 3)
    assert rows(case, "SELECT (FROM events SELECT count(*)) AS kept, (FROM duplicates SELECT count(*)) AS copies") == [
        {"kept": 3, "copies": 4}
    ]
    assert "not read: actions, case_info, duplicates, evidence" in row["problem"]
    assert not problems(case, "event_id_conflict")
    alone = load(tmp_path, tmp_path / "first.duckdb", name="third.duckdb")
    text = "SELECT * EXCLUDE (evidence_id, record_index) FROM events ORDER BY eventID"
    assert rows(alone, text) == rows(first, text)
    assert json.loads(alone.raw(odd["eventID"]))["eventID"] == odd["eventID"]


def test_root_by_name_stays_root_in_another_case(tmp_path: Path) -> None:
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "a.csv").write_text("Event name,Event time,User name,Event ID\nA,2026-08-05T10:00:00Z,root,x-1\n")
    load(tmp_path, folder, name="first.duckdb").close()
    case = load(tmp_path, tmp_path / "first.duckdb", name="second.duckdb")
    assert rows(case, "SELECT eventID, root_basis FROM root_events") == [{"eventID": "x-1", "root_basis": "userName"}]


def test_a_case_does_not_load_itself(tmp_path: Path) -> None:
    put(tmp_path, "a.json.gz", records_file([event()]))
    case = load(tmp_path, tmp_path / "logs", name="logs/case.duckdb")
    case = load(case, tmp_path / "logs")
    assert list(evidence(case)) == ["a.json.gz"]


def test_a_log_beside_a_database_is_not_read_and_told(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    database(folder / "a.db", "CREATE TABLE b AS SELECT 'A' AS eventname, 'x-1' AS eventid")
    connection = duckdb.connect(str(folder / "a.db"))
    connection.execute("SET checkpoint_threshold = '1TB'")
    connection.execute("INSERT INTO b VALUES ('B', 'x-2')")
    held = (folder / "a.db.wal").read_bytes(), (folder / "a.db").read_bytes()
    connection.close()
    (folder / "a.db.wal").write_bytes(held[0])
    (folder / "a.db").write_bytes(held[1])
    case = load(tmp_path)
    assert event_ids(case, "a.db") == ["x-1"]
    assert "what is only in the .wal file beside it was not read" in evidence(case)["a.db"]["problem"]
    assert (folder / "a.db").read_bytes() == held[1]


@pytest.mark.parametrize("kind", ["parquet", "duckdb"])
@pytest.mark.parametrize("harm", ["cut", "noise", "head"])
def test_a_broken_file_is_told(kind: str, harm: str, tmp_path: Path) -> None:
    made = tmp_path / "made" / "a"
    if kind == "parquet":
        data = parquet(
            made, {"eventname": ["A"] * 5000, "eventid": [f"x-{n}" for n in range(5000)]}, row_group_size=1000
        )
    else:
        data = database(made, "CREATE TABLE b AS SELECT 'A' AS eventname, 'x-' || i AS eventid FROM range(5000) r(i)")
    middle = len(data) // 2
    broken = {
        "cut": data[:middle],
        "noise": data[: middle - 500] + b"\xa5" * 1000 + data[middle + 500 :],
        "head": data[:12],
    }[harm]
    put(tmp_path, "a", broken)
    put(tmp_path, "b.json.gz", records_file([event()]))
    case = load(tmp_path)
    row = evidence(case)["a"]
    assert row["status"] == ("unsupported" if (kind, harm) == ("duckdb", "head") else "damaged"), row["problem"]
    assert harm == "head" or "broken" in row["problem"]
    assert evidence(case)["b.json.gz"]["status"] == "loaded"


def test_a_database_of_another_version_is_told(tmp_path: Path) -> None:
    data = bytearray(database(tmp_path / "made" / "a", "CREATE TABLE b AS SELECT 'A' AS eventname, 'x-1' AS eventid"))
    data[12:20] = (9999).to_bytes(8, "little")
    put(tmp_path, "a", bytes(data))
    row = evidence(load(tmp_path))["a"]
    assert row["status"] in ("unsupported", "damaged")
    assert "version" in row["problem"] or "broken" in row["problem"]


def test_files_of_something_else_are_unsupported(tmp_path: Path) -> None:
    parquet(tmp_path / "logs" / "a", {"price": [1], "name": ["x"]})
    database(tmp_path / "logs" / "b", "CREATE TABLE prices AS SELECT 1 AS price")
    database(tmp_path / "logs" / "c")
    found = evidence(load(tmp_path))
    assert [found[name]["status"] for name in "abc"] == ["unsupported"] * 3
    assert found["a"]["problem"] == "a Parquet file, but its columns are not those of CloudTrail events: price, name"
    assert "no table in it has the columns of CloudTrail events: prices" in found["b"]["problem"]
    assert "it has no table" in found["c"]["problem"]


def test_an_empty_table_is_empty(tmp_path: Path) -> None:
    parquet(tmp_path / "logs" / "a", lake_rows([]))
    row = evidence(load(tmp_path))["a"]
    assert (row["status"], row["record_count"]) == ("empty", 0)


def test_a_hostile_database_reaches_nothing(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("eventname,eventid\nA,x-1\n")
    database(
        tmp_path / "logs" / "a",
        f"CREATE MACRO take() AS TABLE SELECT * FROM read_csv('{secret}')",
        f"CREATE VIEW events AS SELECT * FROM read_csv('{secret}')",
        "CREATE TABLE t (eventname VARCHAR, eventid VARCHAR, useragent VARCHAR AS (repeat(eventname, 2000000000)))",
        "INSERT INTO t VALUES ('A', 'x-9')",
    )
    case = load(tmp_path)
    assert "x-1" not in event_ids(case)
    row = evidence(case)["a"]
    assert row["status"] == "damaged"
    assert "row 1 and what follows need more memory" in row["problem"]


def test_the_engine_of_evidence_sees_one_file(tmp_path: Path) -> None:
    parquet(tmp_path / "evidence", {"eventname": ["A"]})
    (tmp_path / "other.csv").write_text("a\n1\n")
    with sandbox.opened(tmp_path / "evidence", "parquet") as tables:
        for text in (
            f"SELECT * FROM read_csv('{tmp_path / 'other.csv'}')",
            f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'",
            "INSTALL httpfs",
            "SET enable_external_access = true",
        ):
            with pytest.raises(duckdb.Error):
                tables[0]._connection.execute(text)
    assert not (tmp_path / "out.csv").exists()


def test_odd_values_lose_no_row(tmp_path: Path) -> None:
    columns = {
        "eventname": ["A", "B", "C"],
        "eventid": ["x-1", "x-2", "x-3"],
        "score": [float("nan"), float("inf"), 1.0],
        "useridentity": ["{type=Root, arn=a}", "no struct", '{"type":"Root","sessioncontext":{"attributes":{}}}'],
        "requestparameters": ["{", "[1]", "null"],
        "raw": [b"\xff", b"a", None],
    }
    parquet(tmp_path / "logs" / "a", columns)
    case = load(tmp_path)
    found = rows(
        case,
        "SELECT eventID, userIdentity.type AS kind, requestParameters::VARCHAR AS asked, record_problem FROM events"
        " ORDER BY 1",
    )
    assert [(one["eventID"], one["kind"], one["asked"]) for one in found] == [
        ("x-1", "Root", '{"text":"{"}'),
        ("x-2", None, "[1]"),
        ("x-3", "Root", None),
    ]
    assert found[1]["record_problem"] == "userIdentity is a string, not an object; kept in otherFields"


def test_temporary_copies_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "it's temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    data = parquet(tmp_path / "made" / "a", {"eventname": ["A"], "eventid": ["x-1"]})
    put(tmp_path, "a.gz", PACKINGS["gzip"](data))
    put(tmp_path, "we[i]rd*.parquet", data)
    put(tmp_path, "cut", data[:-20])
    case = load(tmp_path)
    assert event_ids(case) == ["x-1"]
    assert [row["status"] for row in evidence(case).values()] == ["loaded", "damaged", "loaded"]
    assert not list(folder.iterdir())


def test_a_copy_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = parquet(tmp_path / "made" / "a", {"eventname": ["A"], "eventid": ["x-1"]})
    put(tmp_path, "a.gz", PACKINGS["gzip"](data))
    usual = Path.open

    def full(self: Path, mode: str = "r", **options: Any) -> Any:
        if mode == "ab":
            raise OSError(28, "No space left on device")
        return usual(self, mode, **options)

    monkeypatch.setattr(Path, "open", full)
    row = evidence(load(tmp_path))["a.gz"]
    assert row["status"] == "damaged"
    assert "No space left" in row["problem"]
    assert len(row["sha256"]) == 64


@pytest.mark.parametrize("column", ["raw", "line", "event", "body", "value", "data_", "message"])
@pytest.mark.parametrize("kind", ["text", "bytes"])
def test_a_column_of_any_name_with_records_is_told_by_its_content(column: str, kind: str, tmp_path: Path) -> None:
    events = [event(), root_event(), event()]
    texts = [json.dumps(one, indent=1) for one in events]
    cells = pa.array([one.encode() for one in texts] if kind == "bytes" else texts)
    parquet(tmp_path / "logs" / "a", {"day": pa.array(["05"] * 3), column: cells})
    case = load(tmp_path)
    assert event_ids(case) == [one["eventID"] for one in events]
    assert rows(case, "SELECT eventName FROM root_events") == [{"eventName": "ListUsers"}]
    assert json.loads(case.raw(events[1]["eventID"])) == events[1]


def test_records_far_down_a_table_are_found_and_other_rows_counted(tmp_path: Path) -> None:
    one = event()
    database(
        tmp_path / "logs" / "a",
        "CREATE TABLE lines AS SELECT 'nothing to see' AS line FROM range(5000)",
        f"INSERT INTO lines VALUES ('{record(one).decode()}'), (NULL)",
        "CREATE TABLE rules (text VARCHAR)",
        "INSERT INTO rules VALUES ('where eventVersion is not null')",
    )
    case = load(tmp_path)
    assert event_ids(case) == [one["eventID"]]
    row = evidence(case)["a"]
    assert (row["record_count"], row["rejected_count"]) == (5002, 5001)
    assert "not read: rules" in row["problem"]
