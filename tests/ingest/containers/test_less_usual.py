"""Shapes that are met less often are read, or named with the word that they may hold events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rootforensics.ingest.filters import Filters
from rootforensics.ingest.hints import MAY_HOLD_EVENTS
from tests.builders import record
from tests.ingest.checks import evidence, load, rows

if TYPE_CHECKING:
    from pathlib import Path

ENTRY = {"EventTime": "2026-08-05T12:00:00+02:00", "EventName": "StopLogging", "Username": "root"}
HIVE = (
    '"logs.eventversion","logs.useridentity","logs.eventtime","logs.eventsource","logs.eventname","logs.eventid"\n'
    '"1.11","{type=Root, arn=arn:aws:iam::111122223333:root, accountid=111122223333}",'
    '"2026-08-05T10:00:00Z","cloudtrail.amazonaws.com","StopLogging","stop-1"\n'
)
READ = {
    "a table's name before each column": HIVE.encode(),
    "with a byte order mark": b"\xef\xbb\xbf" + HIVE.encode(),
    "entries that --query picked": record([ENTRY]),
    "entries, one a line": record(ENTRY),
    "entries as CSV": b"EventTime,EventName,Username\n2026-08-05T12:00:00+02:00,StopLogging,root\n",
    "rows in JSON with a table's name": record(
        {
            "logs.eventname": "StopLogging",
            "logs.eventtime": "2026-08-05T10:00:00Z",
            "logs.eventsource": "cloudtrail.amazonaws.com",
            "logs.useridentity": {"type": "Root"},
        }
    ),
}


@pytest.mark.parametrize("kind", READ)
def test_root_is_read_out_of_it(kind: str, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a").write_bytes(READ[kind])
    full = load(tmp_path)
    root = load(tmp_path, name="root.duckdb", filters=Filters(root_only=True))
    for case in (full, root):
        found = rows(case, "SELECT eventName, strftime(eventTime, '%H:%M') AS at FROM root_events")
        assert found == [{"eventName": "StopLogging", "at": "10:00"}]


NOT_READ = {
    "OCSF": b"metadata,time,api,actor,class_uid,unmapped\n\"{product={name=CloudTrail}}\",1,{},{},6003,{}\n",
    "YAML": b"Records:\n- awsRegion: us-east-1\n  eventName: StopLogging\n  eventSource: cloudtrail.amazonaws.com\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", NOT_READ)
def test_what_is_not_read_may_hold_events(kind: str, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a").write_bytes(NOT_READ[kind])
    row = evidence(load(tmp_path))["a"]
    assert row["status"] == "unsupported"
    assert kind in row["problem"]
    assert MAY_HOLD_EVENTS in row["problem"]


OTHERS = {
    "another program's log": record({"EventTime": "2026-08-05T12:00:00Z", "EventName": "login", "Username": "root", "Host": "x"}),
    "settings": b"name: x\nimage: y\n",
}  # fmt: skip


@pytest.mark.parametrize("kind", OTHERS)
def test_what_is_something_else_holds_no_event(kind: str, tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a").write_bytes(OTHERS[kind])
    row = evidence(load(tmp_path))["a"]
    assert row["status"] == "unsupported"
    assert MAY_HOLD_EVENTS not in row["problem"]
