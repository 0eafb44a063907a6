"""CloudTrail Lake's rows with the fields of an event in ``eventData``, and OCSF records that lack or respell something."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from tests.builders import event, root_event
from tests.ingest.checks import Files
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


def stored_rows(folder: Path, events: list[dict[str, Any]], form: str, *, nested: bool) -> bytes:
    """The rows as lines of JSON or as a Parquet file."""
    found = [exported(one, nested=nested) for one in events]
    if form == "json":
        return b"\n".join(json.dumps(one).encode() for one in found)
    shown = [
        {**one, "eventData": {"eventName": inner["eventName"], "userIdentity": inner["userIdentity"],
            "eventSource": inner["eventSource"], "errorCode": inner.get("errorCode")} if nested else text(inner)}
        for one, inner in zip(found, events, strict=True)
    ]  # fmt: skip
    return parquet(folder / f"{nested}", {name: pa.array([one[name] for one in shown]) for name in shown[0]})


def test_the_identity_in_event_data_tells_root(tmp_path: Path, subtests: pytest.Subtests) -> None:
    asked = {f"{form}, nested: {nested}": (form, nested) for form in ("json", "parquet") for nested in (True, False)}
    events = {key: [event(), root_event(errorCode="AccessDenied")] for key in asked}
    made = {
        key: stored_rows(tmp_path / "made", events[key], form, nested=nested) for key, (form, nested) in asked.items()
    }
    files = Files(tmp_path, made, "a")
    told = {
        "eventName": "ListUsers",
        "errorCode": "AccessDenied",
        "account_id": "111122223333",
        "eventType": "AwsApiCall",
    }
    for key, held in events.items():
        with subtests.test(key):
            assert files.ids(key) == [one["eventID"] for one in held]
            assert [{name: row[name] for name in told} for row in files.root_events(key)] == [told]
            assert "eventData" in json.loads(files.case.raw(held[1]["eventID"]))


Record = dict[str, Any]


def ocsf(tmp_path: Path, records: dict[str, Record]) -> dict[str, Record]:
    """Load OCSF records, each in a file of its own and with an ID of its own; their events."""
    made = {key: copy.deepcopy(one) for key, one in records.items()}
    for number, one in enumerate(made.values()):
        if isinstance(one.get("metadata"), dict) and "uid" in one["metadata"]:
            one["metadata"]["uid"] = f"x-{number}"
    files = Files(tmp_path, {key: json.dumps(one).encode() for key, one in made.items()}, "a")
    assert {files.row(key)["container"] for key in made} == {"OCSF"}
    found = {key: files.events(key) for key in made}
    assert {key: len(events) for key, events in found.items()} == dict.fromkeys(made, 1)
    return {key: events[0] for key, events in found.items()}


def test_the_size_of_a_time_tells_its_unit(tmp_path: Path) -> None:
    times: list[Any] = [1785924000, 1785924000000, 1785924000000000, 1785924000000000000, "1785924000000"]
    found = ocsf(tmp_path, {repr(time): SIGN_IN | {"time": time} for time in times})
    # 1785924000 seconds after 1970 are 10:00:00 on 2026-08-05
    at = {key: f"{row['eventTime']:%Y-%m-%d %H:%M:%S}" for key, row in found.items()}
    assert at == dict.fromkeys(map(repr, times), "2026-08-05 10:00:00")


STATUSES: list[tuple[Record, str | None]] = [
    ({"status": "Failure"}, "Failure"),
    ({"status_id": 2}, "Failure"),
    ({"status": "Failure", "status_code": "AccessDenied"}, "AccessDenied"),
    ({"status": "Success", "status_id": 1}, None),
    ({}, None),
]


@pytest.mark.heavy
def test_a_failure_without_its_error_is_no_success(tmp_path: Path) -> None:
    record = copy.deepcopy(CALL)
    del record["api"]["response"]
    found = ocsf(tmp_path, {str(status): record | status for status, _ in STATUSES})
    assert {key: row["errorCode"] for key, row in found.items()} == {str(status): code for status, code in STATUSES}


def test_what_is_unmapped_comes_back_in_every_form(tmp_path: Path) -> None:
    unmapped = {"recipientAccountId": "111122223333", "readOnly": "false"}
    forms: Record = {
        "object": unmapped,
        "text": json.dumps(unmapped),
        "pairs": [list(pair) for pair in unmapped.items()],
        "entries": [{"key": name, "value": value} for name, value in unmapped.items()],
    }
    # their cloud account is another one
    found = ocsf(tmp_path, {form: CALL | {"unmapped": value} for form, value in forms.items()})
    told = {form: (row["recipientAccountId"], row["readOnly"]) for form, row in found.items()}
    assert told == dict.fromkeys(forms, ("111122223333", False))


def test_a_part_that_is_odd_costs_no_event(tmp_path: Path) -> None:
    names = [name for name in SIGN_IN if name not in ("class_uid", "metadata", "api")]
    odd = {f"{name} is {value!r}": SIGN_IN | {name: value} for name in names for value in (None, "", [], 7)}
    found = ocsf(tmp_path, odd)
    assert {key: row["eventName"] for key, row in found.items()} == dict.fromkeys(odd, "ConsoleLogin")


def test_a_record_without_its_id_has_none(tmp_path: Path) -> None:
    record = copy.deepcopy(SIGN_IN)
    del record["metadata"]["uid"]
    row = ocsf(tmp_path, {"": record})[""]
    assert (row["eventID"], row["eventName"]) == (None, "ConsoleLogin")
