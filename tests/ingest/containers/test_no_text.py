"""Bytes that are no text, and escapes of half a character, in and around what holds events: nothing is lost for them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.builders import event, root_event
from tests.ingest.checks import event_ids, evidence
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from pathlib import Path

HALF, LATIN = b'"\\ud800"', b'"caf\xe9"'


def envelope(detail: bytes) -> bytes:
    return b'{"source":"aws.cloudtrail","detail-type":"AWS API Call via CloudTrail","detail":%b}' % detail


def text(record: bytes) -> bytes:
    return json.dumps(record.decode(errors="surrogateescape"), ensure_ascii=False).encode(errors="surrogateescape")


@pytest.mark.parametrize("odd", [HALF, LATIN], ids=["half a character", "Latin-1"])
@pytest.mark.parametrize(
    "packed",
    [
        "{envelope(one)}\n{envelope(two)}\n",
        "[{envelope(one)},{envelope(two)}]",
        '[{"eventData":ONE},{"eventData":TWO}]',
        '{"hits":{"hits":[{"_source":ONE},{"_source":TWO}]}}',
        '{"c":ODD,"items":[ONE,TWO]}',
        '{ODD:1,"items":[ONE,TWO]}',
        '{"Events":[{"EventId":"1","Username":ODD,"CloudTrailEvent":TEXT(ONE)},{"EventId":"2","CloudTrailEvent":TEXT(TWO)}]}',
        '{"messageType":"DATA_MESSAGE","logGroup":"g","logEvents":[{"id":"1","message":TEXT(ONE)},{"id":"2","message":TEXT(TWO)}]}',
    ],
)
async def test_every_event_of_a_container_is_read(tmp_path: Path, packed: str, odd: bytes) -> None:
    events: list[dict[str, Any]] = [root_event(userAgent="ODD"), event()]
    one, two = (json.dumps(one).encode().replace(b'"ODD"', odd) for one in events)
    written = packed.encode()
    for mark, put in (
        (b"{envelope(one)}", envelope(one)), (b"{envelope(two)}", envelope(two)), (b"TEXT(ONE)", text(one)),
        (b"TEXT(TWO)", text(two)), (b"ONE", one), (b"TWO", two), (b"ODD", odd),
    ):  # fmt: skip
        written = written.replace(mark, put)
    (tmp_path / "a.json").write_bytes(written)
    case = await load_beside(tmp_path, tmp_path / "a.json")
    assert event_ids(case) == [one["eventID"] for one in events]
    told = f"{evidence(case)['a.json']['problem']} {[row['record_problem'] for row in case.sql('FROM events').rows]}"
    assert "half characters" in told if odd == HALF else "not UTF-8" in told


@pytest.mark.parametrize("first", ['"Records"', '"\\u0052ecords"'])
@pytest.mark.parametrize("second", ['"Records"', '"\\u0052ecords"'])
async def test_both_lists_of_records_are_read_however_their_name_is_spelled(
    tmp_path: Path, first: str, second: str
) -> None:
    events = [root_event(), event()]
    one, two = map(json.dumps, events)
    (tmp_path / "a.json").write_text(f"{{{first}:[{one}],{second}:[{two}]}}", encoding="utf-8")
    case = await load_beside(tmp_path, tmp_path / "a.json")
    assert event_ids(case) == [one["eventID"] for one in events]


def doubled(record: str) -> str:
    return '"' + record.replace('"', '""') + '"'


#: Lines that hold two records, and how many of the two are read; what is not read is told.
LINES = {
    "two texts": (lambda one, two: f"host {json.dumps(one)} {json.dumps(two)}", 2),
    "bare, then a text": (lambda one, two: f"host {one} {json.dumps(two)}", 1),
    "cells": (lambda one, two: f"a,{doubled(one)},{doubled(two)}", 2),
    "a cell that is cut": (lambda one, two: f"a,{doubled(one)},{doubled(two[:-9])}", 1),
    "JSON, then Python": (lambda one, two: f"host {one} {json.loads(two)}", 1),
    "over several lines behind one": (lambda one, two: f"host {one} {json.dumps(json.loads(two), indent=1)}", 1),
    "a patch": (lambda one, two: f"host {one}\n" + json.dumps(json.loads(two), indent=1).replace("\n", "\n+"), 1),
}


@pytest.mark.parametrize("name", LINES)
async def test_no_record_of_a_line_is_lost_without_a_word(tmp_path: Path, name: str) -> None:
    written, count = LINES[name]
    events = [event(), root_event()]
    (tmp_path / "a.log").write_text(f"starting\n{written(*map(json.dumps, events))}\n", encoding="utf-8")
    case = await load_beside(tmp_path, tmp_path / "a.log")
    assert len(event_ids(case)) == count
    row = evidence(case)["a.log"]
    assert row["record_count"] - row["rejected_count"] == count
    assert (row["status"] == "damaged") == (count == 1), row["problem"]


@pytest.mark.parametrize("prefix", ["INFO ", "x "])
@pytest.mark.parametrize("whole", [True, False], ids=["whole", "a cut one behind"])
async def test_a_record_behind_a_word_is_read_in_a_text_as_in_a_line(tmp_path: Path, prefix: str, whole: bool) -> None:
    one = root_event()
    message = prefix + json.dumps(one) + ("" if whole else " " + json.dumps(event())[:-9])
    (tmp_path / "a.json").write_text(json.dumps({"message": message, "level": "info"}), encoding="utf-8")
    case = await load_beside(tmp_path, tmp_path / "a.json")
    assert event_ids(case) == [one["eventID"]]
    assert evidence(case)["a.json"]["status"] == ("loaded" if whole else "damaged")
