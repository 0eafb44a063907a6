"""Answers of CloudTrail Lake and Athena, rows in their spelling, and events that Python printed."""

from __future__ import annotations

import datetime as dt
import json
import pprint
from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.ingest.containers.python_text import as_json, moment_of
from rootforensics.ingest.filters import Filters
from tests.builders import event, root_event
from tests.ingest.checks import event_ids, evidence, load, rows
from tests.ingest.containers.stored_files import PACKINGS
from tests.ingest.containers.wrappings import lookup_entry, text

if TYPE_CHECKING:
    from pathlib import Path

HEADER = ["eventtime", "eventname", "eventid", "useridentity", "requestparameters", "errorcode"]
ROOT = "{type=Root, principalid=1, arn=arn:aws:iam::111122223333:root, accountid=111122223333, username=null}"
ROWS: list[list[str | None]] = [
    ["2026-08-05T10:00:00Z", "CreateUser", "x-1", ROOT, '{"userName":"x"}', None],
    ["2026-08-05 10:00:01.000", "ListUsers", "x-2", "{type=IAMUser, username=root}", "null", "AccessDenied"],
]
FOUND = [
    {"eventID": "x-1", "eventName": "CreateUser", "at": "10:00:00", "kind": "Root", "named": "x", "errorCode": None},
    {
        "eventID": "x-2",
        "eventName": "ListUsers",
        "at": "10:00:01",
        "kind": "IAMUser",
        "named": None,
        "errorCode": "AccessDenied",
    },
]
TEXT = (
    "SELECT eventID, eventName, strftime(eventTime, '%H:%M:%S') AS at, userIdentity.type AS kind,"
    " requestParameters->>'$.userName' AS named, errorCode FROM events ORDER BY record_index"
)


def write(tmp_path: Path, data: bytes, name: str = "a") -> None:
    folder = tmp_path / "logs"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(data)


def athena(header: list[str], cells: list[list[str | None]], *, first: bool = True, described: bool = True) -> bytes:
    """A page of Athena's answer; NULL is a datum without a value."""
    listed = [[{} if cell is None else {"VarCharValue": cell} for cell in row] for row in cells]
    named: list[list[dict[str, str]]] = [[{"VarCharValue": name} for name in header]] if first else []
    answer: dict[str, Any] = {"UpdateCount": 0, "ResultSet": {"Rows": [{"Data": row} for row in (*named, *listed)]}}
    if described:
        columns = [{"CatalogName": "hive", "Name": name, "Type": "varchar"} for name in header]
        answer["ResultSet"]["ResultSetMetadata"] = {"ColumnInfo": columns}
    return json.dumps(answer, indent=4).encode()


def lake(header: list[str], cells: list[list[str | None]]) -> bytes:
    """CloudTrail Lake's answer: each row a list of maps with one key."""
    listed = [[{name: cell} for name, cell in zip(header, row, strict=True)] for row in cells]
    return json.dumps({"QueryStatus": "FINISHED", "QueryResultRows": listed, "NextToken": "x"}).encode()


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize(
    ("data", "container"),
    [
        (athena(HEADER, ROWS), "Athena results"),
        (athena(HEADER, ROWS, first=False), "Athena results"),
        (athena(HEADER, ROWS, described=False), "Athena results"),
        (json.dumps(json.loads(athena(HEADER, ROWS))["ResultSet"]).encode(), "Athena results"),
        (athena(HEADER, ROWS[:1]) + b"\n" + athena(HEADER, ROWS[1:], first=False), "Athena results"),
        (lake(HEADER, ROWS), "CloudTrail Lake results"),
        (json.dumps([json.loads(lake(HEADER, [row])) for row in ROWS]).encode(), "CloudTrail Lake results"),
    ],
    ids=["athena", "second page", "undescribed", "result set alone", "two pages", "lake", "pages of lake"],
)
def test_answers_of_queries(packing: str, data: bytes, container: str, tmp_path: Path) -> None:
    write(tmp_path, PACKINGS[packing](data))
    case = load(tmp_path)
    assert rows(case, TEXT) == FOUND
    row = evidence(case)["a"]
    assert (row["status"], row["container"]) == ("loaded", container)
    assert rows(case, "SELECT eventID FROM root_events") == [{"eventID": "x-1"}]
    assert json.loads(case.raw("x-1")) == dict(zip(HEADER, ROWS[0], strict=True))
    assert event_ids(load(tmp_path, name="root.duckdb", filters=Filters(root_only=True))) == ["x-1"]


def as_csv(header: list[str], cells: list[list[str | None]]) -> bytes:
    """Athena's CSV, in which NULL is an empty cell without quotes."""
    lines = [",".join("" if cell is None else f'"{cell}"' for cell in row) for row in (header, *cells)]
    return "\n".join(lines).encode()


@pytest.mark.parametrize("write_answer", [athena, lake, as_csv])
def test_an_answer_without_the_identity_says_what_is_missing(write_answer: Any, tmp_path: Path) -> None:
    write(tmp_path, write_answer(HEADER[:3], [row[:3] for row in ROWS]))
    case = load(tmp_path)
    assert event_ids(case) == ["x-1", "x-2"]
    problem = evidence(case)["a"]["problem"]
    assert problem.startswith("no column holds ")
    assert "userIdentity.arn, userIdentity.invokedBy, userIdentity.type; these are NULL" in problem
    assert "nobody can tell which of its events are root's" in problem


def test_a_lake_answer_with_whole_records(tmp_path: Path) -> None:
    events = [event(), root_event()]
    write(tmp_path, lake(["eventJson"], [[text(one)] for one in events]))
    case = load(tmp_path)
    assert event_ids(case) == [one["eventID"] for one in events]
    assert case.raw(events[1]["eventID"]).decode() == text(events[1])
    assert evidence(case)["a"]["problem"] is None


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        (athena(["n"], [["7"]]), "Athena query results without the columns of events"),
        (lake(["n"], [["7"]]), "CloudTrail Lake query results without the columns of events"),
        (b'{"ResultSet": 1}', "Athena query results"),
        (b'{"QueryResultRows": [[1]]}', "CloudTrail Lake query results"),
        (athena(["n"], [["7"]], described=False), "Athena query results without the columns of events"),
    ],
)
def test_answers_of_other_questions(data: bytes, hint: str, tmp_path: Path) -> None:
    write(tmp_path, data)
    row = evidence(load(tmp_path))["a"]
    assert row["status"] == "unsupported"
    assert hint in row["problem"]


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("form", ["lines", "list"])
def test_rows_in_the_spelling_of_athena(packing: str, form: str, tmp_path: Path) -> None:
    identity = {
        "type": "Root",
        "accountid": "111122223333",
        "sessioncontext": {"attributes": {"mfaauthenticated": "true"}},
    }
    listed = [
        {"eventtime": "2026-08-05T10:00:00Z", "eventname": "A", "eventid": "x-1", "eventsource": "iam.amazonaws.com",
         "useridentity": identity, "requestparameters": {"a": None}, "year": "2026"},
        {"eventtime": 1785924000, "eventname": "B", "eventid": "x-2", "eventsource": "iam.amazonaws.com",
         "useridentity": ROOT, "requestparameters": '{"n":1}', "year": None},
    ]  # fmt: skip
    data = json.dumps(listed) if form == "list" else "\n".join(map(json.dumps, listed))
    write(tmp_path, PACKINGS[packing](data.encode()))
    case = load(tmp_path)
    found = rows(
        case,
        "SELECT eventID, eventTime::VARCHAR AS at, requestParameters::VARCHAR AS asked, userIdentity.accountId AS account,"
        " userIdentity.sessionContext.attributes.mfaAuthenticated AS mfa, otherFields::VARCHAR AS other"
        " FROM root_events ORDER BY eventID",
    )
    at = "2026-08-05 10:00:00+00"
    account = "111122223333"
    assert found == [
        {"eventID": "x-1", "at": at, "asked": '{"a":null}', "account": account, "mfa": "true", "other": '{"year":"2026"}'},
        {"eventID": "x-2", "at": at, "asked": '{"n":1}', "account": account, "mfa": None, "other": None},
    ]  # fmt: skip
    assert json.loads(case.raw("x-1")) == listed[0]


def test_objects_with_a_name_and_a_time_are_no_rows(tmp_path: Path) -> None:
    write(tmp_path, b'{"event_name":"click","event_time":"2026-08-05","event_source":"web","event_id":"1"}')
    assert evidence(load(tmp_path))["a"]["status"] == "unsupported"


class tzutc(dt.tzinfo):  # noqa: N801 - prints as dateutil's does
    def utcoffset(self, moment: dt.datetime | None) -> dt.timedelta:  # noqa: ARG002
        return dt.timedelta(0)

    def __repr__(self) -> str:
        return "tzutc()"


def _answer(events: list[dict[str, Any]]) -> dict[str, Any]:
    when = dt.datetime(2026, 8, 5, 10, tzinfo=tzutc())
    entries = [lookup_entry(one) | {"EventTime": when} for one in events]
    return {"Events": entries, "ResponseMetadata": {"HTTPStatusCode": 200, "RetryAttempts": 0}}


ODD = event(
    requestParameters={"a": "it's", "b": 'say "x"\n\\', "c": None, "d": [True, False, 1.5, -2], "e": "é😀\x07", "f": {}}
)


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize(
    ("printed", "container"),
    [
        (repr, "Python text"),
        (lambda events: "\n".join(map(repr, events)), "Python text"),
        (pprint.pformat, "Python text"),
        (lambda events: repr({"Records": events}), "Python text"),
        (lambda events: repr(_answer(events)), "Python text > LookupEvents"),
        (lambda events: repr(events).replace("'eventName'", "u'eventName'"), "Python text"),
    ],
    ids=["list", "lines", "pretty", "records", "answer", "python 2"],
)
def test_what_python_prints(packing: str, printed: Any, container: str, tmp_path: Path) -> None:
    events = [ODD, root_event()]
    write(tmp_path, PACKINGS[packing](printed(events).encode()))
    case = load(tmp_path)
    row = evidence(case)["a"]
    assert (row["status"], row["container"], row["problem"]) == ("loaded", container, None)
    assert event_ids(case) == [one["eventID"] for one in events]
    assert json.loads(case.raw(ODD["eventID"])) == ODD
    (asked,) = rows(
        case, "SELECT requestParameters::VARCHAR AS asked FROM events WHERE eventID = $id", id=ODD["eventID"]
    )
    assert json.loads(asked["asked"]) == ODD["requestParameters"]


def test_times_that_python_prints(tmp_path: Path) -> None:
    one = root_event(eventTime=dt.datetime(2026, 8, 5, 10, 0, 1, tzinfo=tzutc()))
    write(tmp_path, repr([one]).encode())
    assert rows(load(tmp_path), "SELECT eventTime::VARCHAR AS at FROM events") == [{"at": "2026-08-05 10:00:01+00"}]


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("2026, 8, 5, 10, 0", "2026-08-05T10:00:00Z"),
        ("2026, 8, 5, 10, 0, 1, 500000, tzinfo=tzutc()", "2026-08-05T10:00:01.500000Z"),
        ("2026, 8, 5, 12, 0, tzinfo=tzoffset(None, 7200)", "2026-08-05T10:00:00Z"),
        ("2026, 8, 5, 12, 0, tzinfo=tzoffset('X', 7200)", "2026-08-05T10:00:00Z"),
        ("2026, 8, 5, 10, 0, tzinfo=datetime.timezone.utc", "2026-08-05T10:00:00Z"),
        ("2026, 8, 5, 10, 0, tzinfo=<UTC>", "2026-08-05T10:00:00Z"),
        (
            "2026, 8, 5, 6, 0, tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=72000))",
            "2026-08-05T10:00:00Z",
        ),
        ("2026, 8, 5, 10, 0, tzinfo=tzlocal()", "datetime.datetime(2026, 8, 5, 10, 0, tzinfo=tzlocal())"),
        ("2026, 13, 5, 10", "datetime.datetime(2026, 13, 5, 10)"),
        ("soon", "datetime.datetime(soon)"),
    ],
)
def test_moments(inside: str, told: str) -> None:
    assert moment_of(inside) == told


@pytest.mark.parametrize("size", [1, 3, 7, 64])
def test_the_windows_of_a_text_make_no_difference(size: int) -> None:
    data = repr([ODD, {"at": dt.datetime(2026, 8, 5, tzinfo=tzutc()), "n": (1,), "none": None}]).encode()
    whole = b"".join(as_json([data]))
    pieces = (data[place : place + size] for place in range(0, len(data), size))
    assert b"".join(as_json(pieces)) == whole
    assert json.loads(whole) == [ODD, {"at": "2026-08-05T00:00:00Z", "n": [1], "none": None}]


@pytest.mark.parametrize(
    "hostile",
    [
        b"{'eventName': __import__('os').system('touch pwned')}",
        b"{'eventName': 'A', 'eventID': ",
        b"{'eventName': 'never closed",
        b"[" * 100_000 + b"'",
        b"{'a': <object at 0x7f>}",
        b"{'a': '\\ud800', 'b': b'\\xff', 'c': '\\N{DASH}', 'd': '\\U99999999'}",
        b"{'a': datetime.datetime(((((}",
        b"'" * 1001,
    ],
)
def test_hostile_python_harms_nobody(hostile: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, hostile)
    row = evidence(load(tmp_path))["a"]
    assert row["status"] in ("damaged", "unsupported")
    assert row["problem"]
    assert not (tmp_path / "pwned").exists()


def test_python_that_is_cut_off_keeps_what_is_whole(tmp_path: Path) -> None:
    events = [event(), root_event(), event()]
    write(tmp_path, repr(events).encode()[:-40])
    case = load(tmp_path)
    assert event_ids(case) == [one["eventID"] for one in events[:2]]
    assert evidence(case)["a"]["status"] == "damaged"


def test_a_page_without_its_columns_takes_those_of_the_page_before(tmp_path: Path) -> None:
    pages = [athena(HEADER, ROWS[:1], described=False), athena(HEADER, ROWS[1:], first=False, described=False)]
    write(tmp_path, b"\n".join(pages))
    assert rows(load(tmp_path), TEXT) == FOUND


def test_a_page_of_which_nobody_knows_the_columns_is_told(tmp_path: Path) -> None:
    write(tmp_path, athena(HEADER, ROWS, first=False, described=False))
    row = evidence(load(tmp_path))["a"]
    assert (row["status"], row["rejected_count"]) == ("unsupported", 1)
    assert row["problem"] == (
        "JSON, but no CloudTrail event in it: a page of Athena query results without the names of its columns: these"
        " stand in the first page, so put all pages into one file, in order, or fetch them with ResultSetMetadata; it may"
        " hold events, which were not read"
    )


def test_a_later_page_of_cloudtrail_lake_is_read_like_the_first(tmp_path: Path) -> None:
    for number, row in enumerate(ROWS):
        write(tmp_path, lake(HEADER, [row]), str(number))
    assert sorted(event_ids(load(tmp_path))) == ["x-1", "x-2"]
