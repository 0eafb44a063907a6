"""What a table cannot say is not said of whole records that lie beside its rows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.builders import record, records_text, root_event
from tests.ingest.checks import evidence, rows
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from pathlib import Path

MATCHES = "SELECT eventID, cis_match FROM root_events ORDER BY eventID"


def athena_row(**fields: Any) -> bytes:
    """A row of Athena's table as JSON, with the columns that somebody chose."""
    base = {"eventtime": "2026-08-05T10:00:00Z", "eventsource": "iam.amazonaws.com", "eventname": "CreateUser"}
    return json.dumps(base | fields).encode()


async def test_a_row_without_an_identity_makes_no_neighbour_unknown(tmp_path: Path) -> None:
    sound = [record(root_event(eventID=name)) for name in ("a", "b")]
    (tmp_path / "a.ndjson").write_bytes(b"\n".join([sound[0], athena_row(eventid="row"), sound[1]]))
    case = await load_beside(tmp_path, tmp_path / "a.ndjson")
    assert [tuple(row.values()) for row in rows(case, MATCHES)] == [("a", True), ("b", True)]
    assert "userIdentity.invokedBy" in evidence(case)["a.ndjson"]["lacking"]


async def test_a_row_of_root_without_the_column_stays_unknown(tmp_path: Path) -> None:
    row = athena_row(eventid="row", useridentity={"type": "Root", "arn": "arn:aws:iam::111122223333:root"})
    lines = [row, record(root_event(eventID="whole", errorCode="AccessDenied"))]
    (tmp_path / "a.ndjson").write_bytes(b"\n".join(lines))
    found = dict(tuple(one.values()) for one in rows(await load_beside(tmp_path, tmp_path / "a.ndjson"), MATCHES))
    assert found["whole"] is True


@pytest.mark.parametrize("text", ["no column holds userIdentity.invokedBy", "no column holds eventType"])
async def test_what_a_record_says_is_not_taken_for_what_the_ledger_says(text: str, tmp_path: Path) -> None:
    events = [root_event(eventID="a", eventTime=text), root_event(eventID="b")]
    (tmp_path / "a.json").write_bytes(records_text([record(event) for event in events]))
    case = await load_beside(tmp_path, tmp_path / "a.json")
    assert [tuple(row.values()) for row in rows(case, MATCHES)] == [("a", True), ("b", True)]
    assert evidence(case)["a.json"]["lacking"] is None


async def test_a_row_without_a_column_for_errors_went_well_only_if_it_has_an_answer(tmp_path: Path) -> None:
    """AWS answers those that it grants something; a call that failed has no answer."""
    answered = athena_row(eventid="answered", responseelements={"user": {"userName": "eve"}})
    lines = [athena_row(eventid="silent"), answered, record(root_event(eventID="whole"))]
    (tmp_path / "a.ndjson").write_bytes(b"\n".join(lines))
    case = await load_beside(tmp_path, tmp_path / "a.ndjson")
    assert "errorCode" in evidence(case)["a.ndjson"]["lacking"]
    found = rows(case, "SELECT eventID, outcome FROM events")
    assert {row["eventID"]: row["outcome"] for row in found} == {
        "silent": None,
        "answered": "success",
        "whole": "success",
    }


async def test_a_type_of_event_alone_tells_a_record_from_a_row_without_that_column(tmp_path: Path) -> None:
    identity = {"useridentity.type": "Root", "useridentity.arn": "arn:aws:iam::111122223333:root"}
    row = athena_row(
        eventid="row", sourceipaddress="192.0.2.1", errorcode="", recipientaccountid="111122223333", **identity
    )
    (tmp_path / "a.ndjson").write_bytes(b"\n".join([row, record(root_event(eventID="whole"))]))
    case = await load_beside(tmp_path, tmp_path / "a.ndjson")
    assert {"eventType", "userIdentity.invokedBy"} <= set(evidence(case)["a.ndjson"]["lacking"])
    assert [tuple(one.values()) for one in rows(case, MATCHES)] == [("row", None), ("whole", True)]
