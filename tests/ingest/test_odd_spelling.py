"""Bytes that are no text, half characters and keys that stand twice cost no event, and are told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.builders import event, record, records_text
from tests.ingest.checks import rows
from tests.ingest.odd_record import as_recorded, load_one, other, without_nulls
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from pathlib import Path


def test_bytes_that_are_not_utf8_are_kept_and_told(tmp_path: Path) -> None:
    one, neighbour = event(userAgent="caf\u00e9"), event()
    spelled = record(one).replace("\u00e9".encode(), b"\xe9")
    case, (row, beside) = load_one(tmp_path, spelled, record(neighbour))
    assert row["userAgent"] == "caf\ufffd"
    assert "bytes that are not UTF-8" in row["record_problem"]
    assert case.raw(one["eventID"]) == spelled
    assert as_recorded(beside) == without_nulls(neighbour)
    assert beside["record_problem"] is None


@pytest.mark.parametrize("wrap", [records_text, b"\n".join, b"".join], ids=["records", "ndjson", "glued"])
@pytest.mark.parametrize("count", [1, 2])
async def test_a_key_that_is_not_utf8_is_kept_and_told(tmp_path: Path, wrap: Any, count: int) -> None:
    events = [event(café=1, requestParameters={"caf\u00e9": 2}), event()][:count]
    spelled = [record(one).replace("\u00e9".encode(), b"\xe9") for one in events]
    (tmp_path / "a.json").write_bytes(wrap(spelled))
    case = await load_beside(tmp_path, tmp_path / "a.json")
    found = rows(case, "SELECT * FROM events ORDER BY record_index")
    assert [row["eventID"] for row in found] == [one["eventID"] for one in events]
    assert other(found[0]) == {"caf\ufffd": 1}
    assert json.loads(found[0]["requestParameters"]) == {"caf\ufffd": 2}
    assert "bytes that are not UTF-8" in found[0]["record_problem"]


HALVES = [
    (b"\\ud800", "\ufffd"),
    (b"\\udfff", "\ufffd"),
    (b"a\\uD83D b", "a\ufffd b"),
    (b"\\ud83d\\ude00", "\U0001f600"),
    (b"\\udc00\\ud800", "\ufffd\ufffd"),
    (b"\\ud83d\\ud83d\\ude00", "\ufffd\U0001f600"),
    (b"\\\\ud800", "\\ud800"),
    (b"\\\\\\ud800", "\\\ufffd"),
    (b"\\u0000x", "\0x"),
]


@pytest.mark.quick(1)
@pytest.mark.parametrize("name", ["userAgent", "requestParameters"])
def test_half_characters_are_shown_as_replacement_and_whole_ones_as_they_are(tmp_path: Path, name: str) -> None:
    value: Any = "MARK" if name == "userAgent" else {"text": "MARK", "MARK": 1}
    events = [event(**{name: value}) for _ in HALVES]
    neighbour = event()
    spelled = [record(one).replace(b"MARK", escaped) for one, (escaped, _) in zip(events, HALVES, strict=True)]
    case, (*found, beside) = load_one(tmp_path, *spelled, record(neighbour))
    shown = [row[name] if name == "userAgent" else json.loads(row[name])["text"] for row in found]
    assert shown == [text for _, text in HALVES]
    told = ["half characters" in (row["record_problem"] or "") for row in found]
    assert told == ["\ufffd" in text for _, text in HALVES]
    assert [case.raw(one["eventID"]) for one in events] == spelled
    assert as_recorded(beside) == without_nulls(neighbour)


@pytest.mark.quick(1)
@pytest.mark.parametrize("name", ["userAgent", "eventName", "errorCode"])
def test_a_key_that_stands_twice_loses_no_event(tmp_path: Path, name: str) -> None:
    one, neighbour = event(errorCode="first"), event()
    spelled = record(one)[:-1] + b',"' + name.encode() + b'":"second"}'
    case, (row, beside) = load_one(tmp_path, spelled, record(neighbour))
    assert row["eventID"] == one["eventID"]
    assert row[name] in {one[name], "second"}
    assert case.raw(one["eventID"]) == spelled
    assert beside["eventID"] == neighbour["eventID"]
