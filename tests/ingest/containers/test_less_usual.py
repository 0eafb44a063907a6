"""Shapes that are met less often are read, or named with the word that they may hold events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rootforensics.ingest.containers.hints import MAY_HOLD_EVENTS
from rootforensics.ingest.filters import Filters
from tests.builders import record
from tests.ingest.checks import Files

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

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


@pytest.mark.heavy
def test_root_is_read_out_of_it(tmp_path: Path, subtests: pytest.Subtests) -> None:
    # Each at a second of its own: the same event in several files of a case is one.
    own = {
        kind: data.replace(b"00:00", b"00:%02d" % place).replace(b"stop-1", b"stop-%d" % place)
        for place, (kind, data) in enumerate(READ.items())
    }
    full = Files(tmp_path / "full", own, "a")
    root = Files(tmp_path / "root", own, "a", filters=Filters(root_related=True))
    for kind in READ:
        for files in (full, root):
            with subtests.test(kind):
                found = [(row["eventName"], f"{row['eventTime']:%H:%M}") for row in files.root_events(kind)]
                assert found == [("StopLogging", "10:00")]


NOT_READ = {
    "OCSF": b"metadata,time,api,actor,class_uid,unmapped\n\"{product={name=CloudTrail}}\",1,{},{},6003,{}\n",
    "YAML": b"Records:\n- awsRegion: us-east-1\n  eventName: StopLogging\n  eventSource: cloudtrail.amazonaws.com\n",
}  # fmt: skip


def test_what_is_not_read_may_hold_events(tmp_path: Path) -> None:
    files = Files(tmp_path, NOT_READ, "a")
    for kind in NOT_READ:
        row = files.row(kind)
        assert row["status"] == "unsupported", kind
        assert kind in row["problem"], kind
        assert MAY_HOLD_EVENTS in row["problem"], kind


OTHERS = {
    "another program's log": record({"EventTime": "2026-08-05T12:00:00Z", "EventName": "login", "Username": "root", "Host": "x"}),
    "settings": b"name: x\nimage: y\n",
}  # fmt: skip


def test_what_is_something_else_holds_no_event(tmp_path: Path) -> None:
    files = Files(tmp_path, OTHERS, "a")
    for kind in OTHERS:
        row = files.row(kind)
        assert row["status"] == "unsupported", kind
        assert MAY_HOLD_EVENTS not in row["problem"], kind
