"""An archive that is made to do harm is told and costs neither memory, disk nor the evidence beside it."""

from __future__ import annotations

import errno
import os
import random
import re
import struct
import tarfile
import tempfile
import zipfile
from typing import IO, TYPE_CHECKING, Any

import pytest

from rootforensics.case import Case
from rootforensics.ingest.archives.zips import ZipListing
from rootforensics.ingest.limits import Limits
from tests.builders import event, gz, record, records_file, write_log
from tests.ingest.checks import check_counts, event_ids, evidence, load, rows, tables
from tests.ingest.packing import tar_of, without_end, zip_of
from tests.ingest.side_by_side import Part, load_beside

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BOMB = b" " * 3_000_000
SMALL = Limits(max_inflated_bytes=1_000_000)


def fresh() -> tuple[dict[str, bytes], list[str]]:
    """Log files of an event each, as no other test has them, and their eventIDs."""
    events = [event() for _ in range(6)]
    return {f"{number}.json": record(one) for number, one in enumerate(events)}, [one["eventID"] for one in events]


async def _bombed(tmp_path: Path, packed: bytes, **options: Any) -> tuple[Part, dict[str, Any]]:
    """One archive in a case of many, and its rows of the ledger."""
    (tmp_path / "a").write_bytes(packed)
    case = await load_beside(tmp_path, tmp_path / "a", **options)
    return case, evidence(case)


def _bombed_alone(tmp_path: Path, packed: bytes, **options: Any) -> tuple[Case, dict[str, Any]]:
    (tmp_path / "a").write_bytes(packed)
    case = load(tmp_path, tmp_path / "a", **options)
    return case, evidence(case)


RATIO = Limits(max_ratio=20, ratio_from_bytes=100_000)


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("limits", "words", "method"),
    [
        (SMALL, "raise --max-inflated-bytes", zipfile.ZIP_DEFLATED),
        (SMALL, "raise --max-inflated-bytes", zipfile.ZIP_BZIP2),
        (RATIO, "raise --max-ratio", zipfile.ZIP_DEFLATED),
        pytest.param(RATIO, "raise --max-ratio", zipfile.ZIP_BZIP2, marks=pytest.mark.heavy),
    ],
)
def test_a_member_that_is_a_bomb_is_cut_and_its_neighbours_told(
    tmp_path: Path, method: int, limits: Limits, words: str
) -> None:
    logs, ids = fresh()
    case, found = _bombed_alone(tmp_path, zip_of({**logs, "bomb": BOMB}, method), limits=limits)
    assert event_ids(case) == ids
    assert (found["bomb"]["status"], found["bomb"]["sha256"], found["a"]["status"]) == ("damaged", None, "archive")
    assert words in found["bomb"]["problem"]
    before = tables(case)
    case.load(tmp_path / "a", limits=limits)
    assert tables(case) == before
    load(case, tmp_path / "a")
    assert evidence(case)["bomb"]["size_bytes"] == 3_000_000
    assert [row["status"] for row in rows(case, "SELECT status FROM evidence WHERE evidence_id = 1")] == ["archive"]


@pytest.mark.heavy
def test_the_limit_holds_for_all_members_together_and_can_be_raised(tmp_path: Path) -> None:
    logs = {f"{number}.json": records_file([event() for _ in range(200)]) for number in range(8)}
    each = len(logs["0.json"])
    narrow, wide = Limits(max_inflated_bytes=each * 5 // 2), Limits(max_inflated_bytes=each * 10)
    case, found = _bombed_alone(tmp_path, zip_of(logs), limits=narrow, jobs=1)
    row = found["a"]
    assert row["status"] == "damaged"
    assert "inflates to more than" in row["problem"]
    assert row["member_count"] < 8
    assert f"{8 - row['member_count']} of its members were not read" in row["problem"]
    assert found["0.json"]["event_count"] == 200
    ids = rows(case, "SELECT uri, evidence_id FROM evidence ORDER BY evidence_id")
    case.load(tmp_path / "a", limits=narrow)
    assert rows(case, "SELECT uri, evidence_id FROM evidence ORDER BY evidence_id") == ids
    load(case, tmp_path / "a", limits=wide)
    again = rows(case, "SELECT uri, evidence_id, status, event_count FROM evidence ORDER BY evidence_id")
    assert [(one["uri"], one["evidence_id"]) for one in again[: len(ids)]] == [
        (o["uri"], o["evidence_id"]) for o in ids
    ]
    assert [(one["status"], one["event_count"]) for one in again] == [("archive", 0), *[("loaded", 200)] * 8]


@pytest.mark.heavy
def test_stored_members_and_a_plain_tar_are_as_long_as_they_are(tmp_path: Path) -> None:
    logs, ids = fresh()
    for pack in (lambda: zip_of({**logs, "x": BOMB}, zipfile.ZIP_STORED), lambda: tar_of({**logs, "x": BOMB})):
        case, found = _bombed_alone(tmp_path, pack(), limits=SMALL, name=f"{len(list(tmp_path.iterdir()))}.duckdb")
        assert found["a"]["status"] == "archive"
        assert event_ids(case) == ids


async def test_a_bomb_around_a_tar_gives_the_members_before_it(tmp_path: Path) -> None:
    logs, ids = fresh()
    case, found = await _bombed(tmp_path, gz(tar_of({**logs, "x": BOMB, "y.json": record(event())})), limits=SMALL)
    assert event_ids(case)[:6] == ids
    assert (found["a"]["status"], found["a"]["framing"]) == ("damaged", "tar")
    assert "raise --max-inflated-bytes" in found["a"]["problem"]


@pytest.mark.heavy
def test_bombs_in_an_archive_are_judged_together(tmp_path: Path) -> None:
    bombs = {f"{number}.gz": gz(b" " * 50_000) for number in range(400)}
    inner = zip_of(bombs, zipfile.ZIP_STORED)
    limits = Limits(max_ratio=100, ratio_from_bytes=1_000_000)
    for jobs in (1, 3):
        (tmp_path / str(jobs)).mkdir()
        case, found = _bombed_alone(tmp_path / str(jobs), zip_of({"in.zip": inner}), limits=limits, jobs=jobs)
        assert found["0.gz"]["status"] == "unsupported"
        assert found["a"]["status"] == "damaged"
        assert "raise --max-ratio" in found["a"]["problem"]
        read = found["in.zip"]["member_count"]
        assert 0 < read < 400
        assert f"{400 - read} of its members were not read" in found["in.zip"]["problem"]
        before = tables(case)
        case.load(tmp_path / str(jobs) / "a", limits=limits, jobs=jobs)
        assert tables(case) == before
        load(case, tmp_path / str(jobs) / "a")
        assert evidence(case)["in.zip"]["member_count"] == 400


def _with_entries(packed: bytes, *, copies: int) -> bytes:
    """A zip whose directory names its one member several times."""
    start, end = packed.index(b"PK\x01\x02"), packed.index(b"PK\x05\x06")
    entries = b"".join(packed[start:end].replace(b"0.json", b"%d.json" % number) for number in range(copies))
    record_ = bytearray(packed[end:])
    struct.pack_into("<2HI", record_, 8, copies, copies, len(entries))
    return packed[:start] + entries + bytes(record_)


async def test_members_that_overlap_are_refused(tmp_path: Path) -> None:
    logs, ids = fresh()
    case, found = await _bombed(tmp_path, _with_entries(zip_of({"0.json": logs["0.json"]}), copies=4))
    assert event_ids(case) == ids[:1]
    assert found["a"]["status"] == "damaged"
    assert "3 members overlap others" in found["a"]["problem"]
    assert sorted(found[f"{number}.json"]["status"] for number in range(4)) == ["loaded", *["unreadable"] * 3]


async def test_a_member_that_begins_in_the_last_bytes_of_another_is_refused(tmp_path: Path) -> None:
    """It begins behind the length of the other's header and content, and before the end of its content."""

    logs, ids = fresh()

    def parts(name: str, content: bytes) -> tuple[bytes, bytes, bytes]:
        packed = zip_of({name: content}, zipfile.ZIP_STORED)
        directory, end = packed.index(b"PK\x01\x02"), packed.index(b"PK\x05\x06")
        return packed[:directory], packed[directory:end], packed[end:]

    shared = 100
    local, listed, _ = parts("second.json", logs["1.json"])
    outer, outer_listed, end = parts("f" * 2 * shared, logs["0.json"] + b"\n" + local[:shared])
    entry = bytearray(listed)
    struct.pack_into("<I", entry, 42, len(outer) - shared)
    members, directory, last = outer + local[shared:], outer_listed + bytes(entry), bytearray(end)
    struct.pack_into("<2H2I", last, 8, 2, 2, len(directory), len(members))
    case, found = await _bombed(tmp_path, members + directory + bytes(last))
    assert event_ids(case) == ids[:1]
    assert "1 members overlap others" in found["a"]["problem"]
    assert found["second.json"]["status"] == "unreadable"


async def test_a_member_that_is_larger_than_the_archive_says(tmp_path: Path) -> None:
    logs, ids = fresh()
    packed = bytearray(zip_of({"0.json": logs["0.json"], "1.json": logs["1.json"]}))
    place = packed.index(b"PK\x01\x02")
    struct.pack_into("<I", packed, place + 24, 10)
    case, found = await _bombed(tmp_path, bytes(packed))
    assert event_ids(case) == ids[:2]
    assert found["0.json"]["status"] == "damaged"
    assert "larger than the 10 bytes that the archive says" in found["0.json"]["problem"]
    assert case.raw(ids[0]) == logs["0.json"]


@pytest.mark.parametrize("pack", [zip_of, tar_of])
async def test_archives_are_entered_to_a_depth(tmp_path: Path, pack: Callable[[dict[str, bytes]], bytes]) -> None:
    logs, _ = fresh()
    packed = logs["0.json"]
    for depth in range(12):
        packed = pack({"in": packed, f"{depth}.json": record(event())})
    case, _ = await _bombed(tmp_path, packed)
    found = rows(case, "SELECT * FROM evidence WHERE member_count IS NOT NULL ORDER BY evidence_id")
    assert [row["status"] for row in found] == [*["archive"] * 8, "damaged"]
    assert found[-1]["problem"] == "an archive in 8 others; its members were not read"
    assert len(event_ids(case)) == 8


async def test_compression_is_taken_off_to_a_depth(tmp_path: Path) -> None:
    logs, ids = fresh()
    packed = logs["0.json"]
    for _ in range(8):
        packed = gz(packed)
    (tmp_path / "eight").write_bytes(packed)
    (tmp_path / "nine").write_bytes(gz(packed))
    case = await load_beside(tmp_path, tmp_path / "eight", tmp_path / "nine")
    found = evidence(case)
    assert event_ids(case) == ids[:1]
    assert (found["eight"]["status"], found["eight"]["compression"]) == ("loaded", " > ".join(["gzip"] * 8))
    assert found["nine"]["status"] == "damaged"
    assert "compressed more than 8 times over" in found["nine"]["problem"]


def test_limits_hold_in_every_compression(tmp_path: Path) -> None:
    (tmp_path / "a.gz").write_bytes(gz(gz(gz(BOMB))))
    (tmp_path / "b.gz").write_bytes(gz(gz(b"\x1f\x8b" + BOMB)))
    found = evidence(load(tmp_path, tmp_path / "a.gz", tmp_path / "b.gz", limits=SMALL))
    assert "raise --max-inflated-bytes" in found["a.gz"]["problem"]
    assert "compression 3 of 3 (gzip)" in found["a.gz"]["problem"]
    assert found["b.gz"]["status"] == "damaged"


async def test_damage_inside_a_compression_keeps_what_comes_before_it(tmp_path: Path) -> None:
    log = records_file([event() for _ in range(300)])
    inner = gz(log)
    (tmp_path / "cut.gz").write_bytes(gz(inner[: len(inner) // 2]))
    broken = bytearray(inner)
    broken[len(inner) // 2] ^= 0xFF
    (tmp_path / "broken.gz").write_bytes(gz(bytes(broken)))
    (tmp_path / "outer.gz").write_bytes(gz(inner)[: len(inner) // 2])
    found = evidence(await load_beside(tmp_path, *sorted(tmp_path.glob("*.gz"))))
    assert "compression 2 of 2 (gzip): the gzip stream is cut off" in found["cut.gz"]["problem"]
    assert "compression 2 of 2 (gzip): the gzip stream is corrupt" in found["broken.gz"]["problem"]
    assert "compression 1 of 2 (gzip): the gzip stream is cut off" in found["outer.gz"]["problem"]
    for row in found.values():
        assert row["status"] == "damaged"
        assert row["event_count"] + row["duplicate_count"] > 20


def _header(name: str, size_field: bytes) -> bytes:
    """A tar header that tells a size in bytes of our own."""
    block = bytearray(tar_of({name: b""}, tarfile.USTAR_FORMAT)[:512])
    block[124:136] = size_field
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


@pytest.mark.parametrize(
    "size", [b"\xff" * 12, b"\x80" + b"\x7f" * 11, b"77777777777\0", b"not octal\0\0\0", b"-1\0" + b" " * 9]
)
async def test_sizes_in_a_tar_that_cannot_be(tmp_path: Path, size: bytes) -> None:
    logs, ids = fresh()
    packed = without_end(tar_of({"0.json": logs["0.json"]})) + _header("x", size) + tar_of({"1.json": logs["1.json"]})
    case, found = await _bombed(tmp_path, packed)
    assert ids[0] in event_ids(case)
    assert found["a"]["status"] == "damaged"


async def test_attributes_in_a_tar_that_are_too_large(tmp_path: Path) -> None:
    logs, ids = fresh()
    header = bytearray(_header("x", b"00077777777\0"))
    header[156:157] = b"x"
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    case, found = await _bombed(tmp_path, without_end(tar_of({"0.json": logs["0.json"]})) + bytes(header) + bytes(2048))
    assert event_ids(case) == ids[:1]
    assert "not understood" in found["a"]["problem"]


@pytest.mark.heavy
def test_whatever_bytes_change_nothing_ends_the_load(tmp_path: Path) -> None:
    logs, _ = fresh()
    seeded = random.Random(7)
    inner = zip_of({"i.json": record(event())})
    files = {**{name: gz(text) for name, text in logs.items()}, "in.zip": inner}
    kinds = [zip_of(files), zip_of(files, zipfile.ZIP_STORED, streamed=True), zip_of(files, zip64=True), tar_of(files)]
    kinds += [tar_of(files, tarfile.GNU_FORMAT), zip_of(files, zipfile.ZIP_BZIP2), tar_of(files, compression="gz")]
    (tmp_path / "logs").mkdir()
    for number in range(210):
        packed = bytearray(kinds[number % len(kinds)])
        for _ in range(seeded.choice([1, 3, 30])):
            packed[seeded.randrange(len(packed))] = seeded.randrange(256)
        if number % 5 == 0:
            del packed[seeded.randrange(len(packed)) :]
        (tmp_path / "logs" / f"{number:03}").write_bytes(packed)
    clean = event()
    write_log(tmp_path / "logs", "zzz.json", [clean])
    case = load(tmp_path)
    assert clean["eventID"] in event_ids(case)
    before = tables(case)
    load(case)
    assert tables(case) == before


@pytest.mark.heavy
def test_no_room_for_a_copy_is_told_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logs, ids = fresh()
    (tmp_path / "a.tar.gz").write_bytes(tar_of(logs, compression="gz"))
    (tmp_path / "b.json").write_bytes(record(event()))

    class _Full:
        def __init__(self, *_: object) -> None:
            pass

        def write(self, _: bytes) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        def close(self) -> None:
            pass

    with monkeypatch.context() as patched:
        patched.setattr(tempfile, "SpooledTemporaryFile", _Full)
        case = load(tmp_path, tmp_path / "a.tar.gz", tmp_path / "b.json")
    row = evidence(case)["a.tar.gz"]
    assert (row["status"], row["sha256"]) == ("unreadable", None)
    assert "no room for a copy of the archive in" in row["problem"]
    load(case, tmp_path / "a.tar.gz")
    assert [row["status"] for row in rows(case, "SELECT status FROM evidence WHERE uri LIKE '%a.tar.gz'")] == [
        "archive"
    ]
    assert set(ids) <= set(event_ids(case))


def test_copies_are_closed_when_they_have_been_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[IO[bytes]] = []
    make = tempfile.SpooledTemporaryFile

    def noted(*options: Any) -> IO[bytes]:
        opened.append(make(*options))
        return opened[-1]

    monkeypatch.setattr(tempfile, "SpooledTemporaryFile", noted)
    (tmp_path / "a").write_bytes(zip_of({f"{n}.tar": tar_of({f"{n}": record(event())}) for n in range(5)}))
    case = Case(tmp_path / "case.duckdb")
    case.load(tmp_path / "a")
    check_counts(case)
    assert len(opened) == 5
    assert all(file.closed for file in opened)


class _Counted:
    """The bytes of an archive, and how many of them were asked for."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.size = len(content)
        self.read_bytes = 0

    def read_at(self, place: int, length: int) -> bytes:
        self.read_bytes += length
        return self._content[place : place + length]


_HEADER = struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 8, 8, 0, 0, 0, 0, 0, 1, 0) + b"a"  # its sizes follow the member


@pytest.mark.parametrize(
    "content",
    [_HEADER + b"PK\7\x08" * 50_000, (_HEADER + b"x" * 8) * 5_000, _HEADER * 2_000 + b"PK\7\x08" * 20_000],
    ids=["marks of no member", "members without an end", "both"],
)
def test_ends_are_looked_for_in_a_few_times_the_bytes_of_a_zip(content: bytes) -> None:
    store = _Counted(content)
    assert sum(1 for _ in ZipListing(store).entries()) > 0  # type: ignore[arg-type]
    # A mark of four bytes is looked at with the sums behind it, and a block of a megabyte is read for each few marks.
    assert store.read_bytes < 50 * store.size + 20_000_000


async def test_what_is_wrong_with_an_archive_at_each_byte_is_told_in_a_few_sentences(tmp_path: Path) -> None:
    one = event()
    packed = zip_of({"a.json": record(one)})
    packed = packed[: packed.index(b"PK\x01\x02")] + b"".join(
        b"????" + _HEADER[:6] + bytes(24) + b"b" for _ in range(50)
    )
    (tmp_path / "a").write_bytes(packed)
    case = await load_beside(tmp_path, tmp_path / "a")
    (problem,) = [row["problem"] for row in rows(case, "SELECT problem FROM evidence WHERE framing = 'zip'")]
    assert event_ids(case) == [one["eventID"]]
    assert len(problem) < 2_000
    assert re.search(r"; no member begins at byte [\d,]+, where one should and \d+ more$", problem)
