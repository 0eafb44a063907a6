"""Answers of CloudTrail Lake and Athena, rows in their spelling, and events that Python printed."""

from __future__ import annotations

import datetime as dt
import json
import pprint
from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.ingest.containers.python_text import as_json, literal_in
from rootforensics.ingest.filters import Filters
from rootforensics.ingest.seen import Framing
from tests.builders import event, event_id, root_event
from tests.ingest.checks import Files, Row, event_ids, evidence, rows
from tests.ingest.containers.stored_files import PACKINGS
from tests.ingest.containers.wrappings import lookup_entry, text
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEADER = ["eventtime", "eventname", "eventid", "useridentity", "requestparameters", "errorcode"]
ROOT = "{type=Root, principalid=1, arn=arn:aws:iam::111122223333:root, accountid=111122223333, username=null}"
Cells = list[list[str | None]]


def two_rows() -> Cells:
    """A row of root's and one of a user's, with fresh eventIDs."""
    return [
        ["2026-08-05T10:00:00Z", "CreateUser", event_id(), ROOT, '{"userName":"x"}', None],
        ["2026-08-05 10:00:01.000", "ListUsers", event_id(), "{type=IAMUser, username=root}", "null", "AccessDenied"],
    ]


ROWS = two_rows()


def found_of(cells: Cells) -> list[dict[str, Any]]:
    """What the events of two such rows say."""
    root = {
        "eventID": cells[0][2],
        "eventName": "CreateUser",
        "at": "10:00:00",
        "kind": "Root",
        "named": "x",
        "errorCode": None,
    }
    user = {"eventName": "ListUsers", "at": "10:00:01", "kind": "IAMUser", "named": None, "errorCode": "AccessDenied"}
    return [root, {"eventID": cells[1][2]} | user]


def shown(events: list[Row]) -> list[dict[str, Any]]:
    """The same of events."""
    return [
        {"eventID": row["eventID"], "eventName": row["eventName"], "at": f"{row['eventTime']:%H:%M:%S}",
         "kind": row["userIdentity"]["type"], "named": (json.loads(row["requestParameters"] or "null") or {}).get("userName"),
         "errorCode": row["errorCode"]}
        for row in events
    ]  # fmt: skip


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


def answers(cells: Cells) -> dict[str, tuple[bytes, str]]:
    """What it is: the answer with these rows, and its container."""
    of_athena = {
        "athena": athena(HEADER, cells),
        "second page": athena(HEADER, cells, first=False),
        "undescribed": athena(HEADER, cells, described=False),
        "result set alone": json.dumps(json.loads(athena(HEADER, cells))["ResultSet"]).encode(),
        "two pages": athena(HEADER, cells[:1]) + b"\n" + athena(HEADER, cells[1:], first=False),
    }
    of_lake = {
        "lake": lake(HEADER, cells),
        "pages of lake": json.dumps([json.loads(lake(HEADER, [row])) for row in cells]).encode(),
    }
    return {kind: (data, "Athena results") for kind, data in of_athena.items()} | {
        kind: (data, "CloudTrail Lake results") for kind, data in of_lake.items()
    }


@pytest.mark.heavy
def test_answers_of_queries(tmp_path: Path, subtests: pytest.Subtests) -> None:
    asked = {f"{kind}, {packing}": (kind, packing) for kind in answers(ROWS) for packing in PACKINGS}
    cells = {key: two_rows() for key in asked}
    made = {key: answers(cells[key])[kind] for key, (kind, _) in asked.items()}
    data = {key: PACKINGS[packing](made[key][0]) for key, (_, packing) in asked.items()}
    files = Files(tmp_path / "whole", data, "a")
    root = Files(tmp_path / "root", data, "a", filters=Filters(root_related=True))
    for key in asked:
        with subtests.test(key):
            first = cells[key][0][2]
            assert first is not None
            assert shown(files.events(key)) == found_of(cells[key])
            assert (files.row(key)["status"], files.row(key)["container"]) == ("loaded", made[key][1])
            assert [row["eventID"] for row in files.root_events(key)] == root.ids(key) == [first]
            assert json.loads(files.case.raw(first)) == dict(zip(HEADER, cells[key][0], strict=True))


def as_csv(header: list[str], cells: list[list[str | None]]) -> bytes:
    """Athena's CSV, in which NULL is an empty cell without quotes."""
    lines = [",".join("" if cell is None else f'"{cell}"' for cell in row) for row in (header, *cells)]
    return "\n".join(lines).encode()


def test_an_answer_without_the_identity_says_what_is_missing(tmp_path: Path, subtests: pytest.Subtests) -> None:
    cells = {write_answer: two_rows() for write_answer in (athena, lake, as_csv)}
    made = {one.__name__: one(HEADER[:3], [row[:3] for row in held]) for one, held in cells.items()}
    files = Files(tmp_path, made, "a")
    for one, held in cells.items():
        with subtests.test(one.__name__):
            assert files.ids(one.__name__) == [row[2] for row in held]
            problem = files.row(one.__name__)["problem"]
            assert problem.startswith("no column holds ")
            assert "userIdentity.arn, userIdentity.invokedBy, userIdentity.type; these are NULL" in problem
            assert "nobody can tell which of its events are root's" in problem


async def test_a_lake_answer_with_whole_records(tmp_path: Path) -> None:
    events = [event(), root_event()]
    write(tmp_path, lake(["eventJson"], [[text(one)] for one in events]))
    case = await load_beside(tmp_path)
    assert event_ids(case) == [one["eventID"] for one in events]
    assert case.raw(events[1]["eventID"]).decode() == text(events[1])
    assert evidence(case)["a"]["problem"] is None


def test_answers_of_other_questions(tmp_path: Path, subtests: pytest.Subtests) -> None:
    asked = [
        (athena(["n"], [["7"]]), "Athena query results without the columns of events"),
        (lake(["n"], [["7"]]), "CloudTrail Lake query results without the columns of events"),
        (b'{"ResultSet": 1}', "Athena query results"),
        (b'{"QueryResultRows": [[1]]}', "CloudTrail Lake query results"),
        (athena(["n"], [["7"]], described=False), "Athena query results without the columns of events"),
    ]
    files = Files(tmp_path, {str(place): data for place, (data, _) in enumerate(asked)}, "a")
    for place, (data, hint) in enumerate(asked):
        with subtests.test(data=data):
            row = files.row(str(place))
            assert row["status"] == "unsupported"
            assert hint in row["problem"]


def spelled_rows() -> list[dict[str, Any]]:
    """Two rows of root's in the spelling of Athena, with fresh eventIDs."""
    identity = {
        "type": "Root",
        "accountid": "111122223333",
        "sessioncontext": {"attributes": {"mfaauthenticated": "true"}},
    }
    return [
        {"eventtime": "2026-08-05T10:00:00Z", "eventname": "A", "eventid": event_id(), "eventsource": "iam.amazonaws.com",
         "useridentity": identity, "requestparameters": {"a": None}, "year": "2026"},
        {"eventtime": 1785924000, "eventname": "B", "eventid": event_id(), "eventsource": "iam.amazonaws.com",
         "useridentity": ROOT, "requestparameters": '{"n":1}', "year": None},
    ]  # fmt: skip


def test_rows_in_the_spelling_of_athena(tmp_path: Path, subtests: pytest.Subtests) -> None:
    asked = {f"{form}, {packing}": (form, packing) for form in ("lines", "list") for packing in PACKINGS}
    listed = {key: spelled_rows() for key in asked}
    made = {}
    for key, (form, packing) in asked.items():
        data = json.dumps(listed[key]) if form == "list" else "\n".join(map(json.dumps, listed[key]))
        made[key] = PACKINGS[packing](data.encode())
    files = Files(tmp_path, made, "a")
    for key, (first, second) in listed.items():
        with subtests.test(key):
            one, two = files.root_events(key)
            assert [one["eventID"], two["eventID"]] == [first["eventid"], second["eventid"]]
            assert {f"{row['eventTime']:%Y-%m-%d %H:%M:%S}" for row in (one, two)} == {"2026-08-05 10:00:00"}
            assert {row["userIdentity"]["accountId"] for row in (one, two)} == {"111122223333"}
            assert [one["requestParameters"], two["requestParameters"]] == ['{"a":null}', '{"n":1}']
            assert one["userIdentity"]["sessionContext"]["attributes"]["mfaAuthenticated"] == "true"
            assert (two["userIdentity"]["sessionContext"] or {}).get("attributes") is None
            assert [one["otherFields"], two["otherFields"]] == ['{"year":"2026"}', None]
            assert json.loads(files.case.raw(first["eventid"])) == first


async def test_objects_with_a_name_and_a_time_are_no_rows(tmp_path: Path) -> None:
    write(tmp_path, b'{"event_name":"click","event_time":"2026-08-05","event_source":"web","event_id":"1"}')
    assert evidence(await load_beside(tmp_path))["a"]["status"] == "unsupported"


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


PRINTED: dict[str, tuple[Callable[[list[dict[str, Any]]], str], str]] = {
    "list": (repr, "Python text"),
    "lines": (lambda events: "\n".join(map(repr, events)), "Python text"),
    "lists": (lambda events: "\n".join(repr([one]) for one in events), "Python text"),
    "a list in lines": (lambda events: "[\n" + ",\n".join(map(repr, events)) + "\n]\n", "Python text"),
    "pretty": (pprint.pformat, "Python text"),
    "records": (lambda events: repr({"Records": events}), "Python text"),
    "answer": (lambda events: repr(_answer(events)), "Python text > LookupEvents"),
    "python 2": (lambda events: repr(events).replace("'eventName'", "u'eventName'"), "Python text"),
}


def test_what_python_prints(tmp_path: Path, subtests: pytest.Subtests) -> None:
    asked = {f"{kind}, {packing}": (kind, packing) for kind in PRINTED for packing in PACKINGS}
    events = {key: [ODD | {"eventID": event_id()}, root_event()] for key in asked}
    made = {key: PACKINGS[packing](PRINTED[kind][0](events[key]).encode()) for key, (kind, packing) in asked.items()}
    files = Files(tmp_path, made, "a")
    for key, (kind, _) in asked.items():
        with subtests.test(key):
            row = files.row(key)
            assert (row["status"], row["container"], row["problem"]) == ("loaded", PRINTED[kind][1], None)
            assert files.ids(key) == [one["eventID"] for one in events[key]]
            odd = events[key][0]
            assert json.loads(files.case.raw(odd["eventID"])) == odd
            assert json.loads(files.events(key)[0]["requestParameters"]) == ODD["requestParameters"]


async def test_times_that_python_prints(tmp_path: Path) -> None:
    one = root_event(eventTime=dt.datetime(2026, 8, 5, 10, 0, 1, tzinfo=tzutc()))
    write(tmp_path, repr([one]).encode())
    assert rows(await load_beside(tmp_path), "SELECT eventTime::VARCHAR AS at FROM events") == [
        {"at": "2026-08-05 10:00:01+00"}
    ]


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        ("2026, 8, 5, 10, 0", "2026-08-05T10:00:00Z"),
        ("2026, 8, 5, 10, 0, 1, 500000, tzinfo=tzutc()", "2026-08-05T10:00:01.500000Z"),
        ("2026, 8, 5, 12, 0, tzinfo=tzoffset(None, 7200)", "2026-08-05T10:00:00Z"),
        ("2026, 8, 5, 12, 0, tzinfo=tzoffset('X', 7200)", "2026-08-05T10:00:00Z"),
        ("2026, 8, 5, 10, 0, tzinfo=datetime.timezone.utc", "2026-08-05T10:00:00Z"),
        (
            "2026, 8, 5, 6, 0, tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=72000))",
            "2026-08-05T10:00:00Z",
        ),
        ("2026, 8, 5, 10, 0, tzinfo=tzlocal()", "datetime.datetime(2026, 8, 5, 10, 0, tzinfo=tzlocal())"),
        ("2026, 13, 5, 10", "datetime.datetime(2026, 13, 5, 10)"),
        ("'soon'", "datetime.datetime('soon')"),
    ],
)
def test_moments(inside: str, told: str) -> None:
    assert literal_in(f"datetime.datetime({inside})") == told


@pytest.mark.parametrize("inside", ["soon", "2026, 8, 5, 10, 0, tzinfo=<UTC>"])
def test_what_is_no_literal_is_not_guessed(inside: str) -> None:
    assert literal_in(f"datetime.datetime({inside})") is None


@pytest.mark.parametrize("size", [1, 3, 7, 64])
def test_the_windows_of_a_text_make_no_difference(size: int) -> None:
    data = repr([ODD, {"at": dt.datetime(2026, 8, 5, tzinfo=tzutc()), "n": (1,), "none": None}]).encode()
    whole = b"".join(as_json([data], Framing()))
    pieces = (data[place : place + size] for place in range(0, len(data), size))
    assert b"".join(as_json(pieces, Framing())) == whole
    assert json.loads(whole) == [ODD, {"at": "2026-08-05T00:00:00Z", "n": [1], "none": None}]


def test_of_a_list_that_python_printed_a_broken_member_costs_only_itself() -> None:
    seen, spelled = Framing(), [repr(one) for one in (ODD, event(), ODD)]
    spelled[1] = spelled[1].replace(":", "", 1)
    text = f"[{', '.join(spelled)}]".encode()
    assert json.loads(b"".join(as_json([text], seen))) == [ODD, ODD]
    assert "print it as JSON" in seen.damage


HOSTILE = [
    b"{'eventName': __import__('os').system('touch pwned')}",
    b"{'eventName': 'A', 'eventID': ",
    b"{'eventName': 'never closed",
    b"[" * 100_000 + b"'",
    b"{'a': <object at 0x7f>}",
    b"{'a': '\\ud800', 'b': b'\\xff', 'c': '\\N{DASH}', 'd': '\\U99999999'}",
    b"{'a': datetime.datetime(((((}",
    b"'" * 1001,
]


def test_hostile_python_harms_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, subtests: pytest.Subtests
) -> None:
    monkeypatch.chdir(tmp_path)
    files = Files(tmp_path, {str(place): hostile for place, hostile in enumerate(HOSTILE)}, "a")
    for place, hostile in enumerate(HOSTILE):
        with subtests.test(hostile=hostile[:60]):
            row = files.row(str(place))
            assert row["status"] in ("damaged", "unsupported")
            assert row["problem"]
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("written", [repr, lambda events: "\n".join(map(repr, events))], ids=["list", "lines"])
async def test_python_that_is_cut_off_is_told_with_what_to_do(written: Any, tmp_path: Path) -> None:
    """Only the one that is cut off is lost."""
    events = [event(), root_event(), event()]
    write(tmp_path, written(events).encode()[:-40])
    case = await load_beside(tmp_path)
    assert event_ids(case) == [one["eventID"] for one in events[:2]]
    row = evidence(case)["a"]
    assert row["status"] == "damaged"
    assert "print it as JSON (json.dumps(value, default=str))" in row["problem"]


async def test_a_page_without_its_columns_takes_those_of_the_page_before(tmp_path: Path) -> None:
    pages = [athena(HEADER, ROWS[:1], described=False), athena(HEADER, ROWS[1:], first=False, described=False)]
    write(tmp_path, b"\n".join(pages))
    assert shown(rows(await load_beside(tmp_path), "SELECT * FROM events ORDER BY record_index")) == found_of(ROWS)


async def test_a_page_of_which_nobody_knows_the_columns_is_told(tmp_path: Path) -> None:
    write(tmp_path, athena(HEADER, ROWS, first=False, described=False))
    row = evidence(await load_beside(tmp_path))["a"]
    assert (row["status"], row["rejected_count"]) == ("unsupported", 1)
    assert row["problem"] == (
        "JSON, but without CloudTrail events: a page of Athena query results without the names of its columns: these"
        " stand in the first page, so put all pages into one file, in order, or fetch them with ResultSetMetadata; it may"
        " hold events, which were not read"
    )


async def test_a_later_page_of_cloudtrail_lake_is_read_like_the_first(tmp_path: Path) -> None:
    for number, row in enumerate(ROWS):
        write(tmp_path, lake(HEADER, [row]), str(number))
    assert event_ids(await load_beside(tmp_path)) == [row[2] for row in ROWS]
