"""A damaged gzip file gives what lies before the damage, says so, and hurts no neighbour."""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.ingest.limits import Limits
from tests.builders import event, gz, record, records_file, write_log
from tests.ingest.checks import event_ids, evidence, load
from tests.ingest.shapes import hostile_event
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from pathlib import Path

HEAD = b'{"Records":['


def whole_records(text: bytes) -> int:
    """How many whole records stand at the beginning of a (cut) log file, counted without this package."""
    if not text.startswith(HEAD):
        return 0
    rest = text[len(HEAD) :].decode(errors="replace")
    count = 0
    decoder = json.JSONDecoder()
    while True:
        try:
            _, end = decoder.raw_decode(rest)
        except ValueError:
            return count
        count += 1
        rest = rest[end:].removeprefix(",")


def inflated_byte_by_byte(packed: bytes) -> bytes:
    """All that a gzip stream gives before zlib meets an error."""
    stream = zlib.decompressobj(31)
    out = b""
    for one in packed:
        try:
            out += stream.decompress(bytes([one]))
        except zlib.error:
            break
    return out


@pytest.fixture(scope="module")
def log() -> tuple[bytes, list[dict[str, Any]]]:
    """A gzip log of fourteen events, and the events."""
    events = [event() if index % 2 else hostile_event() for index in range(14)]
    return gz(records_file(events)), events


def test_a_truncated_file_gives_exactly_its_whole_records(
    tmp_path: Path, log: tuple[bytes, list[dict[str, Any]]]
) -> None:
    packed, _ = log
    neighbour = [event(), event()]
    write_log(tmp_path / "logs", "zz.json.gz", neighbour)
    cuts = [*range(2, 40), *range(40, len(packed) - 10, 29), *range(len(packed) - 10, len(packed))]
    for cut in cuts:
        (tmp_path / "logs" / f"{cut:06}").write_bytes(packed[:cut])
    case = load(tmp_path)
    ledger = evidence(case)
    found = {cut: ledger[f"{cut:06}"]["record_count"] for cut in cuts}
    expected = {cut: whole_records(zlib.decompressobj(31).decompress(packed[:cut])) for cut in cuts}
    assert found == expected
    assert len(set(expected.values())) > 8, "the cuts do not spread over the file"
    for cut in cuts:
        row = ledger[f"{cut:06}"]
        assert row["status"] == "damaged", cut
        assert "the gzip stream is cut off before its end" in row["problem"], cut
    assert event_ids(case, "zz.json.gz") == [one["eventID"] for one in neighbour]


def test_a_truncated_file_keeps_the_events_that_were_written_first(
    tmp_path: Path, log: tuple[bytes, list[dict[str, Any]]]
) -> None:
    packed, events = log
    cut = packed[: len(packed) * 2 // 3]
    count = whole_records(zlib.decompressobj(31).decompress(cut))
    (tmp_path / "a.json.gz").write_bytes(cut)
    case = load(tmp_path, tmp_path / "a.json.gz")
    assert 0 < count < len(events)
    assert event_ids(case) == [one["eventID"] for one in events[:count]]
    assert case.raw(events[count - 1]["eventID"]) == record(events[count - 1])


def test_a_corrupt_byte_costs_nothing_that_lies_before_it(
    tmp_path: Path, log: tuple[bytes, list[dict[str, Any]]]
) -> None:
    packed, _ = log
    neighbour = [event(), event()]
    write_log(tmp_path / "logs", "zz.json.gz", neighbour)
    expected: dict[str, int] = {}
    for place in range(15, len(packed) - 8, 41):
        broken = packed[:place] + bytes([packed[place] ^ 0x55]) + packed[place + 1 :]
        (tmp_path / "logs" / f"{place:06}").write_bytes(broken)
        expected[f"{place:06}"] = whole_records(inflated_byte_by_byte(broken[:place]))
    case = load(tmp_path)
    ledger = evidence(case)
    lost = {name: count for name, count in expected.items() if ledger[name]["record_count"] < count}
    assert not lost
    assert {ledger[name]["status"] for name in expected} == {"damaged"}
    assert event_ids(case, "zz.json.gz") == [one["eventID"] for one in neighbour]


@pytest.mark.parametrize("place", [-8, -4], ids=["checksum", "length"])
@pytest.mark.parametrize("count", [1, 2, 14, 400])
async def test_a_wrong_trailer_is_reported_and_every_event_kept(tmp_path: Path, place: int, count: int) -> None:
    events = [event() for _ in range(count)]
    packed = bytearray(gz(records_file(events)))
    packed[place] ^= 0xFF
    (tmp_path / "a.json.gz").write_bytes(packed)
    case = await load_beside(tmp_path, tmp_path / "a.json.gz")
    row = evidence(case)["a.json.gz"]
    assert row["status"] == "damaged"
    assert "checksum does not fit" in row["problem"]
    assert event_ids(case) == [one["eventID"] for one in events]
    assert case.raw(events[-1]["eventID"]) == record(events[-1])


@pytest.mark.parametrize("tail", [b"\n", b"\0" * 512, records_file([event()]), b"\x1f"], ids=["1", "512", "log", "1f"])
async def test_bytes_after_the_end_are_reported_and_not_read(tmp_path: Path, tail: bytes) -> None:
    events = [event(), event()]
    (tmp_path / "a.json.gz").write_bytes(gz(records_file(events)) + tail)
    case = await load_beside(tmp_path, tmp_path / "a.json.gz")
    row = evidence(case)["a.json.gz"]
    assert row["status"] == "damaged"
    count = f"{len(tail):,} byte{'s' if len(tail) > 1 else ''}"
    assert f"{count} after the end of the gzip stream, not read" in row["problem"]
    assert event_ids(case) == [one["eventID"] for one in events]


async def test_a_tail_that_ends_as_the_stream_does_is_reported(tmp_path: Path) -> None:
    packed = gz(records_file([event()]))
    for count in (4, 8):
        (tmp_path / f"{count}.json.gz").write_bytes(packed + b"hidden" + packed[-count:])
    case = await load_beside(tmp_path, tmp_path / "4.json.gz", tmp_path / "8.json.gz")
    for count in (4, 8):
        problem = evidence(case)[f"{count}.json.gz"]["problem"]
        assert f"{len('hidden') + count} bytes after the end of the gzip stream, not read" in problem


async def test_the_same_member_twice_is_two_members(tmp_path: Path) -> None:
    packed = gz(records_file([event()]))
    (tmp_path / "a.json.gz").write_bytes(packed + packed)
    row = evidence(await load_beside(tmp_path, tmp_path / "a.json.gz"))["a.json.gz"]
    assert row["gzip_member_count"] == 2
    assert (row["record_count"], row["event_count"], row["duplicate_count"]) == (2, 1, 1)


async def test_a_second_member_that_is_cut_off_keeps_the_first(tmp_path: Path) -> None:
    first, second = [event(), event()], [event(), event()]
    packed = gz(records_file(first)) + gz(records_file(second))[:-30]
    (tmp_path / "a.json.gz").write_bytes(packed)
    case = await load_beside(tmp_path, tmp_path / "a.json.gz")
    row = evidence(case)["a.json.gz"]
    assert row["status"] == "damaged"
    assert "cut off" in row["problem"]
    assert event_ids(case)[:2] == [one["eventID"] for one in first]


async def test_a_corrupt_second_member_keeps_the_first(tmp_path: Path) -> None:
    first, second = [event(), event()], [event(), event()]
    broken = bytearray(gz(records_file(second)))
    broken[12:20] = b"\xff" * 8
    (tmp_path / "a.json.gz").write_bytes(gz(records_file(first)) + broken)
    case = await load_beside(tmp_path, tmp_path / "a.json.gz")
    assert evidence(case)["a.json.gz"]["status"] == "damaged"
    assert event_ids(case)[:2] == [one["eventID"] for one in first]


@pytest.mark.parametrize("cut", [5, 40, 0.5, -1])
async def test_a_truncated_zstd_file_is_damaged_and_hurts_no_neighbour(tmp_path: Path, cut: float) -> None:
    import pyarrow as pa

    neighbour = [event()]
    write_log(tmp_path / "logs", "zz.json", neighbour)
    packed = pa.Codec("zstd").compress(records_file([event() for _ in range(300)]), asbytes=True)
    length = int(len(packed) * cut) if isinstance(cut, float) else cut
    (tmp_path / "logs" / "a.zst").write_bytes(packed[:length])
    case = await load_beside(tmp_path)
    row = evidence(case)["a.zst"]
    assert row["status"] == "damaged"
    assert "the zstd stream is cut off before its end" in row["problem"]
    assert event_ids(case, "zz.json") == [one["eventID"] for one in neighbour]


BOUNDS = [
    (Limits(max_inflated_bytes=200_000), "inflates to more than 200,000 bytes"),
    (Limits(max_ratio=5, ratio_from_bytes=100_000), "inflates to more than 5 times its size"),
]


@pytest.mark.quick(1)
@pytest.mark.parametrize(("limits", "words"), BOUNDS, ids=["size", "ratio"])
@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_a_compression_bomb_is_read_no_further_than_its_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: Limits, words: str, compression: str
) -> None:
    import pyarrow as pa

    from rootforensics.ingest import streams

    monkeypatch.setattr(streams, "WINDOW_BYTES", 50_000)
    monkeypatch.setattr(streams, "_PART_BYTES", 50_000)
    neighbour = [event()]
    write_log(tmp_path / "logs", "zz.json", neighbour)
    text = b'{"Records":[' + b" " * 30_000_000
    packed = gz(text) if compression == "gzip" else pa.Codec("zstd").compress(text, asbytes=True)
    (tmp_path / "logs" / "a").write_bytes(packed)
    case = load(tmp_path, limits=limits)
    row = evidence(case)["a"]
    assert row["status"] == "damaged"
    assert words in row["problem"]
    assert "raise --max-" in row["problem"]
    assert row["inflated_bytes"] <= 250_000
    assert event_ids(case, "zz.json") == [one["eventID"] for one in neighbour]


async def test_a_bomb_of_many_members_is_bounded_too(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gz(b" " * 1_000_000) * 200)
    case = await load_beside(tmp_path, tmp_path / "a.gz", limits=Limits(max_inflated_bytes=5_000_000))
    row = evidence(case)["a.gz"]
    assert row["status"] == "damaged"
    assert row["inflated_bytes"] <= 6_000_000


@pytest.mark.heavy
@pytest.mark.parametrize("limits", [bound[0] for bound in BOUNDS], ids=["size", "ratio"])
def test_a_bomb_that_is_genuine_is_read_whole_when_loaded_again_with_higher_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limits: Limits
) -> None:
    from rootforensics.ingest import streams

    events = [event(userAgent="a" * 10_000) for _ in range(50)]
    monkeypatch.setattr(streams, "WINDOW_BYTES", 50_000)
    monkeypatch.setattr(streams, "_PART_BYTES", 50_000)
    write_log(tmp_path / "logs", "a.json.gz", events)
    case = load(tmp_path, limits=limits)
    first = event_ids(case)
    assert 0 < len(first) < 50
    assert first == [one["eventID"] for one in events[: len(first)]]
    load(case)
    assert event_ids(case) == [one["eventID"] for one in events]
    row = evidence(case)["a.json.gz"]
    assert (row["status"], row["problem"], row["evidence_id"]) == ("loaded", None, 1)
