"""Tables and log lines: rows become events, what they do not say stays NULL, and each row can be read again."""

from __future__ import annotations

import csv
import io
import json
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.ingest.containers.cells import struct_in
from rootforensics.ingest.filters import Filters
from rootforensics.schema import USER_IDENTITY
from tests.builders import event, gz, records_file, root_event
from tests.ingest.checks import Files, event_ids, evidence, rows
from tests.ingest.containers.wrappings import text
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from pathlib import Path

HISTORY = (
    "Event name,Event time,User name,Event source,Resource type,Read-only,AWS region,Event ID,AWS access key,"
    "Source IP address,Error code,Request ID"
)
SIGN_IN = (
    'ConsoleLogin,"August 05, 2026, 12:00:00 (UTC+02:00)",root,signin.amazonaws.com,,false,us-east-1,'
    "11111111-0000-4000-8000-000000000000,,203.0.113.9,,"
)
DENIED = (
    "CreateUser,2026-08-05T10:05:00Z,root,iam.amazonaws.com,AWS::IAM::User,false,us-east-1,"
    "22222222-0000-4000-8000-000000000000,AKIAEXAMPLEKEY000000,203.0.113.9,AccessDenied,=cmd()"
)
NO_ROOT = (
    "CreateUser,2026-08-05T10:06:00Z,FinanceRoot,iam.amazonaws.com,,false,us-east-1,"
    "33333333-0000-4000-8000-000000000000,,203.0.113.9,,"
)


def write(tmp_path: Path, data: str | bytes, name: str = "a.csv") -> None:
    (tmp_path / "logs").mkdir(exist_ok=True)
    (tmp_path / "logs" / name).write_bytes(data if isinstance(data, bytes) else data.encode())


def table(*lines: list[str]) -> str:
    """A table with every cell in quotes, as Athena writes one."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(lines)
    return out.getvalue()


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
async def test_the_event_history_gives_what_it_knows_and_no_more(tmp_path: Path, newline: str, packed: bool) -> None:
    data = newline.join([HISTORY, SIGN_IN, DENIED, NO_ROOT, ""]).encode()
    write(tmp_path, gz(data) if packed else data)
    case = await load_beside(tmp_path)
    row = evidence(case)["a.csv"]
    assert (row["status"], row["framing"], row["container"]) == ("loaded", "csv", "event history CSV")
    assert "read events" in row["problem"]
    found = rows(
        case,
        "SELECT strftime(eventTime, '%H:%M:%S') AS clock, eventName, origin, root_basis, cis_match, outcome, account_id,"
        " sourceIPAddress, userIdentity.accessKeyId AS key, requestID FROM root_events ORDER BY eventTime",
    )
    common = {"origin": "root_credentials", "root_basis": "userName", "cis_match": None, "account_id": None}
    assert [{name: one[name] for name in common} for one in found] == [common, common]
    assert [(one["clock"], one["eventName"], one["outcome"]) for one in found] == [
        ("10:00:00", "ConsoleLogin", None),
        ("10:05:00", "CreateUser", "failure"),
    ]
    assert (found[1]["key"], found[1]["requestID"]) == ("AKIAEXAMPLEKEY000000", "=cmd()")
    assert case.raw("11111111-0000-4000-8000-000000000000").decode() == SIGN_IN + newline


async def test_a_root_related_load_goes_by_the_name(tmp_path: Path) -> None:
    write(tmp_path, "\n".join([HISTORY, SIGN_IN, NO_ROOT.replace("CreateUser", "ListUsers"), DENIED]))
    case = await load_beside(tmp_path, filters=Filters(root_related=True))
    assert [one and one[0] for one in event_ids(case)] == ["1", "2"]


async def test_a_user_called_root_in_a_log_file_is_not_root(tmp_path: Path) -> None:
    one = event(identity={"type": "IAMUser", "userName": "root"})
    nameless = event()
    nameless["userIdentity"] = {"userName": "root"}
    write(tmp_path, records_file([one, nameless]), "a.json.gz")
    assert rows(await load_beside(tmp_path), "SELECT count(*) AS n FROM root_events") == [{"n": 0}]


async def test_columns_in_another_order_and_spelling_are_found(tmp_path: Path) -> None:
    write(tmp_path, "event_id,USERNAME,eventTime,Event-Name\nx-1,root,2026-08-05 10:00:00,DeleteTrail\n")
    found = rows(await load_beside(tmp_path), "SELECT eventID, eventName, eventTime::VARCHAR AS at FROM root_events")
    assert found == [{"eventID": "x-1", "eventName": "DeleteTrail", "at": "2026-08-05 10:00:00+00"}]


async def test_columns_that_nobody_knows_are_kept(tmp_path: Path) -> None:
    write(tmp_path, "Event ID,Event name,Event time,Ticket\nx-1,DeleteTrail,yesterday,INC-7\n")
    found = rows(
        await load_beside(tmp_path),
        "SELECT eventTime, otherFields->>'$.Ticket' AS t, otherFields->>'$.eventTime' AS at FROM events",
    )
    assert found == [{"eventTime": None, "t": "INC-7", "at": "yesterday"}]


async def test_rows_of_a_table_that_is_cut_off_are_kept(tmp_path: Path) -> None:
    write(tmp_path, "\n".join([HISTORY, SIGN_IN, DENIED[:40]]))
    case = await load_beside(tmp_path)
    row = evidence(case)["a.csv"]
    assert (row["status"], row["event_count"]) == ("damaged", 2)
    assert "row 3 of the table has fewer cells than its header" in row["problem"]


async def test_a_quote_that_never_closes_swallows_no_row_in_silence(tmp_path: Path) -> None:
    write(tmp_path, "\n".join([HISTORY, SIGN_IN, '"' + DENIED, NO_ROOT]))
    case = await load_beside(tmp_path)
    row = evidence(case)["a.csv"]
    assert (row["status"], row["event_count"]) == ("damaged", 1)
    assert "the table is broken after row 2" in row["problem"]


async def test_a_table_of_something_else_is_unsupported(tmp_path: Path) -> None:
    write(tmp_path, "Event ID,Price\n1,2\n")
    row = evidence(await load_beside(tmp_path))["a.csv"]
    assert (row["status"], row["problem"]) == ("unsupported", "not JSON: it begins with 'Event ID,Price'")


@pytest.mark.parametrize("column", ["eventjson", "@message", "message"])
async def test_a_column_with_the_whole_record_is_the_record(column: str, tmp_path: Path) -> None:
    events = [event(), root_event(), event()]
    write(tmp_path, table(["timestamp", column], *(["1", text(one)] for one in events), ["1", "START RequestId"]))
    case = await load_beside(tmp_path)
    assert event_ids(case) == [one["eventID"] for one in events]
    assert case.raw(events[1]["eventID"]).decode() == text(events[1])
    row = evidence(case)["a.csv"]
    assert (row["record_count"], row["rejected_count"]) == (4, 1)
    only = await load_beside(tmp_path, filters=Filters(root_related=True))
    assert event_ids(only) == [events[1]["eventID"]]


def test_a_row_without_its_record_is_told_by_its_other_columns(tmp_path: Path, subtests: pytest.Subtests) -> None:
    header = ["eventid", "eventtime", "eventname", "eventsource", "useridentity"]
    told, made = {}, {}
    for column, cell in product(("eventjson", "message", "raw"), ("", "User signed in")):
        key = f"{column}: {cell}"
        events = [event(), root_event(), event()]
        cells = [
            [
                one["eventID"],
                one["eventTime"],
                one["eventName"],
                one["eventSource"],
                text(one["userIdentity"]),
                text(one),
            ]
            for one in events
        ]
        cells[1][-1] = cell
        told[key] = (column, cell, events, table(cells[1]))
        made[key] = table([*header, column], *cells).encode()
    files = Files(tmp_path, made, "a.csv")
    for key, (column, cell, events, row_text) in told.items():
        with subtests.test(key):
            assert files.ids(key) == [one["eventID"] for one in events]
            row = files.row(key)
            assert (row["status"], row["record_count"], row["rejected_count"]) == ("loaded", 3, 0)
            (root,) = files.root_events(key)
            assert (root["root_basis"], root["eventName"]) == ("userIdentity.type", "ListUsers")
            assert files.case.raw(events[0]["eventID"]).decode() == text(events[0])
            assert files.case.raw(events[1]["eventID"]).decode() == row_text
            assert json.loads(root["otherFields"] or "{}").get(column) == (cell or None)


async def test_athena_rows_keep_the_identity_as_far_as_it_is_printed(tmp_path: Path) -> None:
    identity = (
        "{type=Root, principalid=111122223333, arn=arn:aws:iam::111122223333:root, accountid=111122223333, "
        "invokedby=null, accesskeyid=ASIAEXAMPLEKEY000000, username=null, sessioncontext={attributes="
        "{mfaauthenticated=true, creationdate=2026-08-05T09:00:00Z}, sessionissuer=null}}"
    )
    header = ["eventversion", "useridentity", "eventtime", "eventsource", "eventname", "requestparameters", "eventid"]
    cells = ["1.08", identity, "2026-08-05T10:00:00Z", "iam.amazonaws.com", "CreateUser", '{"userName":"x"}', "x-1"]
    write(tmp_path, table(header, cells))
    case = await load_beside(tmp_path)
    found = rows(
        case,
        "SELECT root_basis, cis_match, account_id, userIdentity.accessKeyId AS key,"
        " userIdentity.sessionContext.attributes.mfaAuthenticated AS mfa, requestParameters->>'$.userName' AS named"
        " FROM root_activity",
    )
    assert found == [
        {
            "root_basis": "userIdentity.type",
            "cis_match": True,
            "account_id": "111122223333",
            "key": "ASIAEXAMPLEKEY000000",
            "mfa": "true",
            "named": "x",
        }
    ]
    assert evidence(case)["a.csv"]["container"] == "Athena CSV"


@pytest.mark.parametrize(
    ("printed", "parsed"),
    [
        ("{type=Root, username=a, b}", {"type": "Root", "userName": "a, b"}),
        ("{type=Root}", {"type": "Root"}),
        ("{}", {}),
        ("{type=IAMUser, arn=x=y}", {"type": "IAMUser", "arn": "x=y"}),
        ("{type=Root", None),
        ("Root", None),
        ("{=}", None),
        ("{a=" * 50, None),
    ],
)
def test_printed_structs(printed: str, parsed: dict[str, Any] | None) -> None:
    assert struct_in(printed, USER_IDENTITY) == parsed


async def test_lines_of_a_log_export(tmp_path: Path) -> None:
    events = [event(), root_event()]
    lines = [f"2026-08-05T10:00:00.000Z {text(one)}" for one in events]
    write(tmp_path, gz("\n".join([*lines, "2026-08-05T10:00:00.000Z no json", ""]).encode()), "000000.gz")
    case = await load_beside(tmp_path)
    row = evidence(case)["000000.gz"]
    assert (row["framing"], row["container"]) == ("lines", "CloudWatch Logs export")
    assert (row["record_count"], row["rejected_count"]) == (3, 1)
    assert event_ids(case) == [one["eventID"] for one in events]
    assert case.raw(events[1]["eventID"]).decode() == text(events[1])


async def test_many_rows_are_counted_to_the_last(tmp_path: Path) -> None:
    lines = [f"DeleteTrail,2026-08-05T10:00:00Z,root,x.amazonaws.com,,false,us-east-1,id-{n},,," for n in range(9001)]
    write(tmp_path, "\n".join([HISTORY.removesuffix(",Request ID"), *lines]))
    case = await load_beside(tmp_path)
    assert event_ids(case) == [f"id-{n}" for n in range(9001)]
    assert case.raw("id-9000").decode() == lines[9000]


@pytest.mark.parametrize(
    ("printed", "kind", "name"),
    [
        ("{type=AssumedRole, principalid=AROAX:x,type=Root, arn=arn:aws:sts::1:assumed-role/R/x,type=Root, accountid=1}", "AssumedRole", "arn:aws:sts::1:assumed-role/R/x,type=Root"),
        ("{type=FederatedUser, principalid=1:x,type=IAMUser, arn=a, type=Root}", "FederatedUser", "a"),
    ],
)  # fmt: skip
def test_a_name_that_somebody_chose_does_not_say_who_it_is(printed: str, kind: str, name: str) -> None:
    parsed = struct_in(printed, USER_IDENTITY)
    assert parsed is not None
    assert (parsed["type"], parsed["arn"]) == (kind, name)


ROW = ["2026-08-05T10:00:00Z", "DeleteTrail", "x-1", "cloudtrail.amazonaws.com", "root"]


def own_row(number: int) -> list[str]:
    """The row with an eventID of its own."""
    return [f"x-{number}" if cell == "x-1" else cell for cell in ROW]


LAYOUTS: list[tuple[str, bool]] = [
    ("Event time,Event name,Event ID,Event source,User name", True),
    ("EVENT TIME,event-name,Event ID,Event source,User-Name", True),
    ("EventTime,EventName,EventId,EventSource,Username", True),
    ("EventTime,EventName,EventId2,EventSource,Username,Resource Name", True),
    ("eventTime,eventName,eventID,eventSource,userName", False),
    ("event_time,event_name,event_id,event_source,user_name", False),
    ("eventtime,eventname,eventid,eventsource,username", False),
    ("Event time,Event name,Event ID,Event source,User name,User agent", True),
    ("Event time,Event name,Event ID,Event source,User name,Recipient account ID", True),
    *(
        (f"Event time,Event name,Event ID,Event source,User name,{more}", True)
        for more in ("Event version", "Event type", "Event category", "Principal ID", "User identity")
    ),
    ("User identity,Event time,Event name,Event ID,Event source,User name", True),
    ("eventTime,eventName,eventID,eventSource,userName,userAgent,Resource name", True),
    ("Event time,Event name,Event ID,Event source,User Identity User Name", False),
]


TYPED = "eventname,eventtime,eventid,type,arn"
MATCHES = [
    ("eventtype,invokedby", "AwsApiCall,", True),
    ("eventtype,invokedby", "AwsServiceEvent,", False),
    ("eventtype,invokedby", "AwsApiCall,ec2.amazonaws.com", False),
    ("eventtype", "AwsApiCall", None),
    ("eventtype", "AwsServiceEvent", False),
    ("invokedby", "", True),  # as documented: rows of such a table are taken for calls
]
