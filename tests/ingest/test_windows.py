"""A long file is cut into windows; wherever the cuts fall, the records are the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.ingest import framing, streams
from rootforensics.ingest.containers import json_text
from rootforensics.ingest.seen import Framing
from rootforensics.sources.local import FoundObject
from tests.builders import event, gz, record, records_text, root_event, write_log
from tests.ingest.checks import event_ids, evidence
from tests.ingest.shapes import SHAPES, Shape, by_name, hostile_event
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIZES = [1, 2, 3, 7, 33, 100, 501, 1024, 1500, 4096]


def pieces(text: bytes, size: int) -> Iterator[bytes]:
    """A text in pieces of this size."""
    return (text[start : start + size] for start in range(0, len(text), size))


def framed(text: bytes, size: int, seen: framing.Framing) -> list[bytes]:
    """The records of a text that comes in windows of this size."""
    return [bytes(one) for values in framing.frame(pieces(text, size), seen) for one in values.texts]


PLAIN = [shape for shape in SHAPES if not shape.name.startswith("gzip")]


@pytest.mark.parametrize("shape", PLAIN, ids=by_name)
def test_windows_of_any_size_give_the_same_records(shape: Shape) -> None:
    text, spelled, _ = shape.build()
    for size in SIZES:
        seen = Framing()
        assert framed(text, size, seen) == spelled, f"windows of {size} bytes"
        assert not seen.damage, f"windows of {size} bytes"


@pytest.mark.parametrize("shape", PLAIN, ids=by_name)
def test_windows_that_fill_the_memory_allowed_give_the_same_records(
    monkeypatch: pytest.MonkeyPatch, shape: Shape
) -> None:
    text, spelled, _ = shape.build()
    for held in (1, 700, 2500):
        monkeypatch.setattr(json_text, "_MAX_HELD_BYTES", held)
        for size in (7, 100, 501, 1500):
            assert framed(text, size, Framing()) == spelled, f"windows of {size} bytes, {held} held"


@pytest.mark.parametrize("shape", [one for one in PLAIN if one.name in {"records", "ndjson", "array"}], ids=by_name)
def test_a_cut_at_every_byte_gives_the_same_records(shape: Shape) -> None:
    text, spelled, _ = shape.build()
    for cut in range(1, len(text)):
        seen = Framing()
        windows = iter((text[:cut], text[cut:]))
        found = [bytes(one) for values in framing.frame(windows, seen) for one in values.texts]
        assert found == spelled, f"cut after {cut} bytes"
        assert not seen.damage, f"cut after {cut} bytes"


@pytest.mark.parametrize("cut", [60, 1500, -2, -1])
@pytest.mark.parametrize("size", [33, 501, 1024, 1 << 20])
def test_a_long_list_that_is_cut_off_keeps_its_whole_records(size: int, cut: int) -> None:
    spelled = [record(hostile_event()) for _ in range(4)]
    text = records_text(spelled)[:cut]
    ends = [len(records_text(spelled[: count + 1])) - 2 for count in range(4)]
    seen = Framing()
    assert framed(text, size, seen) == spelled[: sum(end <= len(text) for end in ends)]
    assert "the text ends" in seen.damage


@pytest.mark.parametrize("size", [33, 501, 1024, 1 << 20])
@pytest.mark.parametrize("opening", [b"[", b'{"Records":['])
def test_one_broken_record_in_a_long_list_costs_no_neighbour(size: int, opening: bytes) -> None:
    spelled = [record(event()) for _ in range(6)]
    broken = spelled[2].replace(b'"eventName":', b'"eventName"', 1)
    closing = b"]" if opening == b"[" else b"]}"
    text = opening + b",".join([*spelled[:2], broken, *spelled[3:]]) + closing
    seen = Framing()
    assert framed(text, size, seen) == spelled[:2] + spelled[3:]
    assert "1 broken record(s) left out" in seen.damage
    assert f"byte {text.index(broken):,}" in seen.damage


@pytest.mark.parametrize("held", [1, 600, 3000])
def test_a_list_without_borders_goes_to_the_salvage_reader_and_loses_nothing(
    monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    monkeypatch.setattr(json_text, "_MAX_HELD_BYTES", held)
    spelled = [record(hostile_event()) for _ in range(5)]
    for size in SIZES:
        seen = Framing()
        assert framed(records_text(spelled), size, seen) == spelled, f"windows of {size} bytes"
        assert not seen.damage


@pytest.fixture
def tiny_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read in pieces of 200 bytes and inflated in windows of 1000."""
    monkeypatch.setattr(FoundObject.pieces, "__defaults__", (200,))
    monkeypatch.setattr(streams, "WINDOW_BYTES", 1000)
    monkeypatch.setattr(streams, "_PART_BYTES", 1000)


def _mixed_events(count: int) -> list[dict[str, Any]]:
    makers = (event, root_event, hostile_event)
    return [makers[index % 3]() for index in range(count)]


@pytest.mark.quick(1)
@pytest.mark.usefixtures("tiny_windows")
@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
async def test_index_and_raw_are_right_in_a_file_of_many_windows(tmp_path: Path, name: str) -> None:
    events = _mixed_events(40)
    write_log(tmp_path / "logs", name, events)
    case = await load_beside(tmp_path)
    assert event_ids(case) == [one["eventID"] for one in events]
    assert evidence(case)[name]["framing"] == "Records"
    for index, one in enumerate(events):
        assert case.raw(one["eventID"]) == case.raw(f"1:{index}") == record(one)


@pytest.mark.usefixtures("tiny_windows")
async def test_several_gzip_members_in_small_windows_are_all_read(tmp_path: Path) -> None:
    events = _mixed_events(12)
    packed = b"".join(gz(records_text([record(one)])) for one in events)
    (tmp_path / "a.gz").write_bytes(packed)
    case = await load_beside(tmp_path, tmp_path / "a.gz")
    assert event_ids(case) == [one["eventID"] for one in events]
    assert evidence(case)["a.gz"]["gzip_member_count"] == 12
    assert [case.raw(one["eventID"]) for one in events] == [record(one) for one in events]


@pytest.mark.usefixtures("tiny_windows")
async def test_the_hash_and_size_are_those_of_the_whole_file_even_where_reading_stopped_early(tmp_path: Path) -> None:
    import hashlib

    written = gz(records_text([record(mixed_event) for mixed_event in _mixed_events(20)])) + b"tail" * 500
    (tmp_path / "a.gz").write_bytes(written)
    case = await load_beside(tmp_path, tmp_path / "a.gz")
    row = evidence(case)["a.gz"]
    assert row["sha256"] == hashlib.sha256(written).hexdigest()
    assert row["size_bytes"] == len(written)
    assert row["status"] == "damaged"
    assert "2,000 bytes after the end of the gzip stream" in row["problem"]
    assert row["event_count"] == 20


@pytest.mark.parametrize("size", [33, 501, 1024, 1 << 20])
def test_a_second_list_of_records_is_not_hidden_in_a_long_file(size: int) -> None:
    spelled = [record(event()) for _ in range(4)]
    text = b'{"Records":[' + b",".join(spelled[:2]) + b'],"Records":[' + b",".join(spelled[2:]) + b"]}"
    seen = Framing()
    found = framed(text, size, seen)
    assert found == spelled or '"Records" stands more than once' in seen.damage
