"""CloudTrail Lake's rows with the fields of an event in ``eventData``, and OCSF records that lack or respell something."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from tests.builders import event, root_event
from tests.ingest.checks import event_ids, evidence, load, rows
from tests.ingest.containers.stored_files import parquet
from tests.ingest.containers.test_ocsf import CALL, SIGN_IN
from tests.ingest.containers.wrappings import text

if TYPE_CHECKING:
    from pathlib import Path

OUTSIDE = ("eventVersion", "eventID", "eventTime", "awsRegion", "recipientAccountId", "eventCategory", "eventType")


def exported(one: dict[str, Any], *, nested: bool) -> dict[str, Any]:
    """A row with the fields that stand outside, and the others in ``eventData``."""
    inner = {name: value for name, value in one.items() if name not in OUTSIDE}
    return {name: one[name] for name in OUTSIDE} | {"eventData": inner if nested else text(inner)}


@pytest.mark.parametrize("nested", [True, False], ids=["nested", "text"])
@pytest.mark.parametrize("stored", ["json", "parquet"])
def test_the_identity_in_event_data_tells_root(stored: str, nested: bool, tmp_path: Path) -> None:
    events = [event(), root_event(errorCode="AccessDenied")]
    found = [exported(one, nested=nested) for one in events]
    (tmp_path / "logs").mkdir()
    if stored == "json":
        data = b"\n".join(json.dumps(one).encode() for one in found)
    else:
        shown = [
            {**one, "eventData": {"eventName": inner["eventName"], "userIdentity": inner["userIdentity"],
                "eventSource": inner["eventSource"], "errorCode": inner.get("errorCode")} if nested else text(inner)}
            for one, inner in zip(found, events, strict=True)
        ]  # fmt: skip
        data = parquet(tmp_path / "made" / "a", {name: pa.array([one[name] for one in shown]) for name in shown[0]})
    (tmp_path / "logs" / "a").write_bytes(data)
    case = load(tmp_path)
    assert event_ids(case) == [one["eventID"] for one in events]
    assert rows(case, "SELECT eventName, errorCode, account_id, eventType FROM root_events") == [
        {"eventName": "ListUsers", "errorCode": "AccessDenied", "account_id": "111122223333", "eventType": "AwsApiCall"}
    ]
    assert "eventData" in json.loads(case.raw(events[1]["eventID"]))


def ocsf(tmp_path: Path, record: dict[str, Any], columns: str) -> dict[str, Any]:
    """Load an OCSF record; some columns of its event."""
    (tmp_path / "a").write_text(json.dumps(record))
    case = load(tmp_path, tmp_path / "a")
    assert evidence(case)["a"]["container"] == "OCSF"
    (row,) = rows(case, f"SELECT {columns} FROM events")
    return row


@pytest.mark.parametrize(
    "time", [1785924000, 1785924000000, 1785924000000000, 1785924000000000000, "1785924000000"], ids=str
)
def test_the_size_of_a_time_tells_its_unit(time: Any, tmp_path: Path) -> None:
    # 1785924000 seconds after 1970 are 10:00:00 on 2026-08-05
    row = ocsf(tmp_path, SIGN_IN | {"time": time}, "strftime(eventTime, '%Y-%m-%d %H:%M:%S') AS at")
    assert row == {"at": "2026-08-05 10:00:00"}


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ({"status": "Failure"}, "Failure"),
        ({"status_id": 2}, "Failure"),
        ({"status": "Failure", "status_code": "AccessDenied"}, "AccessDenied"),
        ({"status": "Success", "status_id": 1}, None),
        ({}, None),
    ],
    ids=str,
)
def test_a_failure_without_its_error_is_no_success(status: dict[str, Any], code: str | None, tmp_path: Path) -> None:
    record = copy.deepcopy(CALL)
    del record["api"]["response"]
    assert ocsf(tmp_path, record | status, "errorCode") == {"errorCode": code}


@pytest.mark.parametrize("form", ["object", "text", "pairs", "entries"])
def test_what_is_unmapped_comes_back_in_every_form(form: str, tmp_path: Path) -> None:
    unmapped = {"recipientAccountId": "111122223333", "readOnly": "false"}
    forms = {
        "object": unmapped,
        "text": json.dumps(unmapped),
        "pairs": [list(pair) for pair in unmapped.items()],
        "entries": [{"key": name, "value": value} for name, value in unmapped.items()],
    }
    record = CALL | {"unmapped": forms[form]}  # its cloud account is another one
    found = ocsf(tmp_path, record, "recipientAccountId, readOnly")
    assert found == {"recipientAccountId": "111122223333", "readOnly": False}


@pytest.mark.parametrize("name", [name for name in SIGN_IN if name not in ("class_uid", "metadata", "api")])
@pytest.mark.parametrize("value", [None, "", [], 7], ids=str)
def test_a_part_that_is_odd_costs_no_event(name: str, value: Any, tmp_path: Path) -> None:
    assert ocsf(tmp_path, SIGN_IN | {name: value}, "eventName") == {"eventName": "ConsoleLogin"}


def test_a_record_without_its_id_has_none(tmp_path: Path) -> None:
    record = copy.deepcopy(SIGN_IN)
    del record["metadata"]["uid"]
    assert ocsf(tmp_path, record, "eventID, eventName") == {"eventID": None, "eventName": "ConsoleLogin"}
