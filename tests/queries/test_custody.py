"""The question of the chain of custody."""

from __future__ import annotations

import getpass
import hashlib
import json
import socket
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import rootforensics as rf
from rootforensics.custody.acts import LEDGER
from tests.builders import event, write_log

if TYPE_CHECKING:
    from pathlib import Path


def test_a_load_is_a_row_with_who_what_and_the_evidence_before_and_after(tmp_path: Path) -> None:
    log = write_log(tmp_path, "a.json", [event(eventID="a"), event(eventID="b")])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(log)
        [row] = case.query("custody").rows
        [line] = case._statement(LEDGER, first=0, last=1).rows
        [head] = case.query("custody_head").rows
    assert (row["custody_id"], row["command"], row["tool"]) == (1, "load", f"rootforensics {rf.__version__}")
    assert (row["user_name"], row["host_name"]) == (getpass.getuser(), socket.gethostname())
    assert abs(datetime.now(UTC) - row["acted_time"]) < timedelta(minutes=5)
    assert json.loads(row["parameters"]) == {"sources": [str(log)]}
    assert json.loads(row["row_counts"]) == {"duplicates": 0, "events": 2, "evidence": 1, "notes": 0}
    assert row["evidence_sha256_before"] == hashlib.sha256(b"").hexdigest()
    block = hashlib.sha256(line["line"].encode()).hexdigest()
    assert row["evidence_sha256"] == hashlib.sha256(block.encode()).hexdigest()
    assert head == {name: row[name] for name in ("custody_id", "acted_time", "sha256")}
