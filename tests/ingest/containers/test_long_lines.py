"""A line without an end fills no memory, and one that is only long loses nothing."""

from __future__ import annotations

import base64
import gzip
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from rootforensics.ingest.containers import text as container_text
from rootforensics.ingest.framing import frame
from rootforensics.ingest.seen import Framing
from tests.builders import event, record, records_file
from tests.ingest.checks import event_ids, evidence, load

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1024 * 1024


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    "piece", [bytes(8 * MIB), b"x" * 8 * MIB, b"odd\n" + b"x" * 8 * MIB], ids=["zeros", "x", "odd"]
)
def test_a_text_that_shows_no_json_is_not_held(piece: bytes) -> None:
    seen = Framing()
    tracemalloc.start()
    found = list(frame(iter([piece] * 16), seen))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found == []
    assert peak < 80 * MIB


@pytest.mark.quick(1)
@pytest.mark.parametrize("before", [b"odd line\n", b""])
def test_json_on_one_line_is_read_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: bytes) -> None:
    monkeypatch.setattr(container_text, "_MAX_LINE_BYTES", 20_000)
    monkeypatch.setattr(container_text, "_MAX_HEAD_BYTES", 10_000)
    events = [event() for _ in range(300)]
    (tmp_path / "a.json").write_bytes(before + records_file(events))
    case = load(tmp_path, tmp_path / "a.json")
    assert event_ids(case) == [one["eventID"] for one in events]
    assert evidence(case)["a.json"]["rejected_count"] == bool(before)


def test_a_long_line_of_base64_is_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container_text, "_MAX_HEAD_BYTES", 1000)
    events = [event() for _ in range(300)]
    (tmp_path / "a.b64").write_bytes(base64.b64encode(gzip.compress(records_file(events), mtime=0)) + b"\n")
    case = load(tmp_path, tmp_path / "a.b64")
    assert event_ids(case) == [one["eventID"] for one in events]


@pytest.mark.heavy
def test_a_text_without_a_border_is_held_in_few_copies() -> None:
    """It grows to 72 MiB, and takes that once more where it is put together."""
    piece, count = b" " * 8 * MIB, 8
    seen = Framing()
    tracemalloc.start()
    found = list(frame(iter([b'{"Records":[' + record(event()) + piece, *[piece] * count]), seen))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(len(values.texts) for values in found) == 1
    assert seen.damage == "the text ends inside the list of records"
    assert peak < 2.5 * (count + 1) * 8 * MIB
