"""Tables that spreadsheets, consoles and other products save: what is no value, and what a name does not say."""

from __future__ import annotations

import json
from itertools import product
from typing import TYPE_CHECKING

import pytest

from tests.ingest.checks import Files, event_ids, evidence, rows
from tests.ingest.containers.test_tables import (
    DENIED,
    HISTORY,
    LAYOUTS,
    MATCHES,
    ROW,
    SIGN_IN,
    TYPED,
    own_row,
    table,
    write,
)
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from pathlib import Path


def test_a_table_as_a_spreadsheet_saves_it(tmp_path: Path, subtests: pytest.Subtests) -> None:
    header = ["Event time", "Event name", "Event ID", "Event source", "User name"]
    asked, made = {}, {}
    for delimiter, before in product((";", "\t", "|"), ("", "\ufeff", "sep={}\r\n", "\ufeffsep={}\r\n")):
        key = repr(before.format(delimiter)) + repr(delimiter)
        asked[key] = delimiter.join(own_row(len(asked)))
        made[key] = (before.format(delimiter) + "\r\n".join([delimiter.join(header), asked[key]])).encode()
    files = Files(tmp_path, made, "a.csv")
    for key, row in asked.items():
        with subtests.test(key):
            found = [(root_event["eventName"], root_event["eventSource"]) for root_event in files.root_events(key)]
            assert found == [("DeleteTrail", "cloudtrail.amazonaws.com")]
            assert files.case.raw(files.events(key)[0]["eventID"]).decode() == row
            assert files.row(key)["rejected_count"] == 0


def test_only_the_layout_of_the_console_tells_root_by_a_user_name(tmp_path: Path, subtests: pytest.Subtests) -> None:
    made = {}
    for number, (header, _) in enumerate(LAYOUTS):
        row = own_row(number)
        more = ["x"] * (header.count(",") + 1 - len(row))
        cells = [*more, *row] if header.startswith("User identity,") else [*row, *more]
        made[header] = f"{header}\n{','.join(cells)}\n".encode()
    files = Files(tmp_path, made, "a.csv")
    for header, is_history in LAYOUTS:
        with subtests.test(header):
            assert len(files.ids(header)) == 1
            assert len(files.root_events(header)) == is_history
            row = files.row(header)
            assert (row["container"] == "event history CSV") is is_history
            assert ("nobody can tell which of its events are root's" in row["problem"]) is not is_history


@pytest.mark.parametrize("more", ["User identity ARN", "User identity type"])
async def test_a_column_that_says_who_it_is_goes_before_the_name(more: str, tmp_path: Path) -> None:
    cell = "IAMUser" if more.endswith("type") else "arn:aws:iam::111122223333:user/root"
    header = f"Event time,Event name,Event ID,Event source,User name,{more}"
    write(tmp_path, f"{header}\n{','.join([*ROW, cell])}\n")
    case = await load_beside(tmp_path)
    assert len(event_ids(case)) == 1
    assert rows(case, "SELECT eventID FROM root_events") == []


async def test_a_cell_that_is_no_identity_is_kept_and_told_as_that(tmp_path: Path) -> None:
    write(tmp_path, f"Event time,Event name,Event ID,Event source,User name,User identity\n{','.join([*ROW, 'v'])}\n")
    case = await load_beside(tmp_path)
    (row,) = rows(case, "SELECT userIdentity.userName AS name, otherFields, record_problem FROM events")
    assert row["name"] == "root"
    assert '"userIdentity":"v"' in row["otherFields"]
    assert "userIdentity is 'v', no identity; kept in otherFields" in row["record_problem"]


async def test_the_resources_of_the_console_are_resources_without_empty_ones(tmp_path: Path) -> None:
    """The console and LookupEvents tell a resource by ``resourceType`` and ``resourceName``, which may be an ARN."""
    arn = "arn:aws:iam::111122223333:user/maria"
    told = [
        {"resourceType": "AWS::IAM::User", "resourceName": "maria"},
        {"resourceType": "AWS::IAM::User", "resourceName": arn},
        {"resourceName": "maria"},
    ]
    header = ["Event time", "Event name", "Event ID", "Event source", "User name", "Resources"]
    write(tmp_path, table(header, [*ROW, json.dumps(told)]))
    (row,) = rows(await load_beside(tmp_path), "SELECT resources, otherFields FROM events")
    found = [{name: value for name, value in one.items() if value} for one in row["resources"]]
    assert found == [{"type": "AWS::IAM::User"}, {"type": "AWS::IAM::User", "ARN": arn}]
    assert row["otherFields"].count('"resourceName":"maria"') == 2


async def test_a_header_among_the_rows_is_no_value_and_told(tmp_path: Path) -> None:
    write(tmp_path, "\n".join([HISTORY, SIGN_IN, HISTORY, DENIED]))
    case = await load_beside(tmp_path)
    row = evidence(case)["a.csv"]
    assert (row["status"], row["record_count"], row["event_count"], row["rejected_count"]) == ("loaded", 2, 2, 0)
    assert "a header stands among the rows too, as where tables were put together" in row["problem"]
    assert [case.raw(f"1:{place}").decode().strip() for place in range(2)] == [SIGN_IN, DENIED]


async def test_lines_before_a_table_are_counted(tmp_path: Path) -> None:
    write(tmp_path, "\n".join(["# exported on Monday", "", HISTORY, SIGN_IN]))
    row = evidence(await load_beside(tmp_path))["a.csv"]
    assert (row["status"], row["event_count"], row["rejected_count"]) == ("loaded", 1, 1)


async def test_an_account_number_that_a_spreadsheet_shortened_is_no_account(tmp_path: Path) -> None:
    header = "eventTime,eventName,eventID,userIdentity.type,userIdentity.accountId,recipientAccountId"
    write(tmp_path, f"{header}\n2026-08-05T10:00:00Z,X,x-1,Root,1.11122E+11,111122223333\n")
    found = rows(
        await load_beside(tmp_path), "SELECT account_id, contains(otherFields, '1.11122E+11') AS kept FROM root_events"
    )
    assert found == [{"account_id": "111122223333", "kept": True}]


async def test_columns_of_sentinel(tmp_path: Path) -> None:
    header = "TimeGenerated [UTC],EventName,AwsEventId,EventTypeName,UserIdentityType,SessionMfaAuthenticated,Type"
    write(tmp_path, f"{header}\n2026-08-05T10:00:00Z,X,x-1,AwsApiCall,Root,true,AWSCloudTrail\n")
    found = rows(
        await load_beside(tmp_path),
        "SELECT eventID, eventType, strftime(eventTime, '%H:%M') AS at, userIdentity.type AS kind,"
        " userIdentity.sessionContext.attributes.mfaAuthenticated AS mfa FROM root_events",
    )
    assert found == [{"eventID": "x-1", "eventType": "AwsApiCall", "at": "10:00", "kind": "Root", "mfa": "true"}]


def test_cis_match_says_no_more_than_the_table(tmp_path: Path) -> None:
    made = {
        f"{columns}: {cells}": f"{TYPED},{columns}\nX,2026-08-05T10:00:00Z,x-{number},Root,"
        f"arn:aws:iam::111122223333:root,{cells}\n".encode()
        for number, (columns, cells, _) in enumerate(MATCHES)
    }
    files = Files(tmp_path, made, "a.csv")
    found = {key: [row["cis_match"] for row in files.root_events(key)] for key in made}
    assert found == {f"{columns}: {cells}": [matches] for columns, cells, matches in MATCHES}
