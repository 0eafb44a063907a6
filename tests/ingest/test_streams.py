"""Streams of each compression; what lies before a cut or a damage is kept, of zstd to the last whole block."""

from __future__ import annotations

import bz2
import gzip
import lzma
import random
import struct
import zlib
from typing import TYPE_CHECKING, Any

import pytest
import zstandard

from rootforensics.ingest.limits import Inflation
from rootforensics.ingest.streams import BZIP2, GZIP, XZ, ZSTD, Format, decompressed, format_of
from tests.builders import event, records_file
from tests.ingest.checks import event_ids, evidence
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from pathlib import Path

BLOCK_BYTES = 128 * 1024  # RFC 8878, 3.1.1.2.4: no block holds more


def skippable(content: bytes = b"size", nibble: int = 0) -> bytes:
    """A skippable frame (RFC 8878, 3.1.2)."""
    return struct.pack("<II", 0x184D2A50 + nibble, len(content)) + content


def packed(text: bytes, *, size: bool = True, checksum: bool = True) -> bytes:
    """One frame, with or without the size of its content and its checksum."""
    return zstandard.ZstdCompressor(write_content_size=size, write_checksum=checksum).compress(text)


def raw_frame(*blocks: bytes, window: int = 0x38) -> bytes:
    """A frame of blocks that lie plain in it, without size and checksum; a window of 128 KiB."""
    heads = [len(block) << 3 | (place == len(blocks)) for place, block in enumerate(blocks, 1)]
    return (
        b"\x28\xb5\x2f\xfd\0"
        + bytes([window])
        + b"".join(struct.pack("<I", head)[:3] + block for head, block in zip(heads, blocks, strict=True))
    )


def unpacked(stream: bytes, step: int = 1 << 20, form: Format = ZSTD) -> tuple[bytes, str]:
    """What is inflated of a stream, and the damage."""
    seen = Inflation(form.name)
    pieces = [stream[start : start + step] for start in range(0, len(stream), step)]
    return b"".join(decompressed(form, iter(pieces), seen, lambda: iter(pieces))), seen.damage


def text_of(events: int = 2000) -> bytes:
    """A file of many blocks."""
    return records_file([event() for _ in range(events)])


@pytest.mark.parametrize("step", [1, 7, 1 << 20])
@pytest.mark.parametrize("size", [True, False])
@pytest.mark.parametrize("checksum", [True, False])
def test_whole_frames_are_inflated_however_they_are_written(step: int, size: bool, checksum: bool) -> None:
    parts = [text_of(200), b"", b"x", text_of(100)]
    stream = b"".join(packed(part, size=size, checksum=checksum) for part in parts)
    assert unpacked(stream, step) == (b"".join(parts), "")


@pytest.mark.parametrize("nibble", [0, 10, 15])
async def test_skippable_frames_are_passed_over_before_between_and_behind(tmp_path: Path, nibble: int) -> None:
    events = [event() for _ in range(3)]
    text = records_file(events)
    first, second = text[:500], text[500:]
    mark = skippable(nibble=nibble)
    (tmp_path / "a.zst").write_bytes(mark + skippable(b"") + packed(first) + mark + packed(second) + mark)
    case = await load_beside(tmp_path, tmp_path / "a.zst")
    row = evidence(case)["a.zst"]
    assert event_ids(case) == [one["eventID"] for one in events]
    assert (row["status"], row["compression"], row["problem"]) == ("loaded", "zstd", None)


def test_a_skippable_frame_longer_than_the_first_bytes_hides_nothing() -> None:
    stream = skippable(b"a" * 5000) + packed(b"text")
    assert format_of(stream[:512]) is ZSTD
    assert format_of(stream) is ZSTD
    assert unpacked(stream, 600) == (b"text", "")
    assert format_of(skippable() + b"\x04\x22\x4d\x18") is None  # lz4
    assert format_of(b'{"Records":[]}') is None
    assert format_of(b"") is None


@pytest.mark.parametrize("cut", [0.5, 0.9])
async def test_all_blocks_before_a_cut_are_events(tmp_path: Path, cut: float) -> None:
    events = [event() for _ in range(2000)]
    text = records_file(events)
    stream = packed(text)
    stream = stream[: int(len(stream) * cut)]
    expected = b""  # a byte at a time the library itself gives each block as soon as it is whole
    independent = zstandard.ZstdDecompressor().decompressobj()
    for place in range(len(stream)):
        expected += independent.decompress(stream[place : place + 1])
    whole = expected.count(b'},{"eventVersion":')
    assert unpacked(stream) == (expected, "the zstd stream is cut off before its end")
    (tmp_path / "a.zst").write_bytes(stream)
    case = await load_beside(tmp_path, tmp_path / "a.zst")
    assert len(expected) % BLOCK_BYTES == 0
    assert whole > 100
    assert event_ids(case)[:whole] == [one["eventID"] for one in events[:whole]]
    assert evidence(case)["a.zst"]["status"] == "damaged"


async def test_bytes_after_the_end_are_told_and_cost_no_record(tmp_path: Path) -> None:
    events = [event() for _ in range(3)]
    (tmp_path / "a.zst").write_bytes(packed(records_file(events)) + b"eighteen odd bytes")
    case = await load_beside(tmp_path, tmp_path / "a.zst")
    row = evidence(case)["a.zst"]
    assert event_ids(case) == [one["eventID"] for one in events]
    assert row["status"] == "damaged"
    assert "18 bytes after the end of the zstd stream, not read" in row["problem"]


def test_a_wrong_checksum_and_a_broken_block_lose_no_block_before() -> None:
    text = text_of()
    stream = bytearray(packed(text))
    stream[-1] ^= 1
    found, damage = unpacked(bytes(stream))
    assert found == text
    assert "checksum" in damage
    reserved = raw_frame(b"one", b"two")[:-6] + b"\x07\0\0" + b"two"
    assert unpacked(reserved)[0] == b"one"
    assert "corrupt" in unpacked(reserved)[1]


@pytest.mark.parametrize("length", range(1, 24))
def test_a_cut_at_any_byte_is_told(length: int) -> None:
    stream = raw_frame(b"one", b"two", b"three")
    found, damage = unpacked(stream[:length])
    assert b"onetwothree".startswith(found)
    assert damage == "the zstd stream is cut off before its end" or length >= len(stream)
    assert len(unpacked(skippable()[: length % 12 or 1])[1]) > 0


def test_a_frame_that_asks_for_a_huge_window_is_not_read() -> None:
    huge = raw_frame(b"one", window=(31 - 10) << 3)
    found, damage = unpacked(raw_frame(b"zero") + huge)
    assert found == b"zero"
    assert "a zstd frame asks for a window of more than 134,217,728 bytes" in damage
    assert unpacked(raw_frame(b"one", window=(27 - 10) << 3)) == (b"one", "")


def test_a_bomb_comes_in_bounded_windows() -> None:
    seen = Inflation("zstd")
    stream = packed(b" " * 40_000_000)
    lengths = [len(window) for window in decompressed(ZSTD, iter([stream]), seen, lambda: iter([stream]))]
    assert max(lengths) <= 4 * 1024 * 1024
    assert (sum(lengths), seen.damage) == (40_000_000, "")


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("form", "pack", "decompressor"),
    [(XZ, lzma.compress, lzma.LZMADecompressor), (BZIP2, bz2.compress, bz2.BZ2Decompressor)],
    ids=["xz", "bzip2"],
)
def test_xz_and_bzip2_give_each_byte_that_decodes_before_a_damage(form: Format, pack: Any, decompressor: Any) -> None:
    chance = random.Random(1)
    stream = pack(chance.randbytes(3000) + text_of(20))
    for _ in range(60):
        broken = bytearray(stream)
        broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        expected, independent = b"", decompressor()
        try:
            for byte in broken:
                expected += independent.decompress(bytes([byte]))
        except (lzma.LZMAError, OSError, EOFError):
            pass
        found, damage = unpacked(bytes(broken), form=form)
        assert found.startswith(expected)
        assert damage
    two = stream + bytes(4) + stream + bytes(8)
    assert unpacked(two, 4096, form) == (2 * unpacked(stream, form=form)[0], "")
    assert unpacked(two + b"more", 4096, form)[1] == f"4 bytes after the end of the {form.name} stream, not read"
    assert unpacked(two + b"m", 4096, form)[1] == f"1 byte after the end of the {form.name} stream, not read"


@pytest.mark.heavy
def test_gzip_gives_each_byte_that_zlib_gives_before_a_damage() -> None:
    chance = random.Random(2)
    for _ in range(400):
        broken = bytearray(gzip.compress(chance.randbytes(300) + text_of(20), chance.choice([1, 6, 9]), mtime=0))
        place = chance.randrange(10, len(broken) - 8)
        if chance.random() < 0.5:
            del broken[place:]
        broken[place : place + chance.choice([0, 1, 4])] = chance.randbytes(chance.choice([1, 4]))
        expected, independent = b"", zlib.decompressobj(31)
        try:
            for byte in broken:
                expected += independent.decompress(bytes([byte]))
        except zlib.error:
            pass
        assert unpacked(bytes(broken), form=GZIP)[0].startswith(expected)
