"""Of a damaged archive all that is whole is read, and what is lost is told."""

from __future__ import annotations

import errno
import json
import random
import struct
import tarfile
import zipfile
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from rootforensics.case import Case
from rootforensics.sources.local import FoundObject
from tests.builders import event, gz, record, records_file
from tests.ingest.checks import Files, check_counts, event_ids, evidence, load, rows
from tests.ingest.packing import tar_of, tar_with, without_end, zip_of
from tests.ingest.side_by_side import Part, load_beside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_seeded = random.Random(1)


def noise() -> str:
    """Text that does not compress."""
    return _seeded.randbytes(4000).hex()


def fresh() -> tuple[dict[str, bytes], list[str]]:
    """Log files of an event each, as no other test has them, and their eventIDs."""
    events = [event() for _ in range(6)]
    return {f"{number}.json": record(one) for number, one in enumerate(events)}, [one["eventID"] for one in events]


def _told(case: Case | Part) -> tuple[dict[str, str], dict[str, str]]:
    """The status and the problem of each row by name."""
    found = evidence(case)
    return {name: row["status"] for name, row in found.items()}, {
        name: row["problem"] or "" for name, row in found.items()
    }  # fmt: skip


def _load_alone(tmp_path: Path, packed: bytes) -> tuple[Case, dict[str, str], dict[str, str]]:
    """A case with one archive, and what is told of it."""
    (tmp_path / "a").write_bytes(packed)
    case = load(tmp_path, tmp_path / "a")
    return case, *_told(case)


async def _load(tmp_path: Path, packed: bytes) -> tuple[Part, dict[str, str], dict[str, str]]:
    """One archive in a case of many, and what is told of it."""
    (tmp_path / "a").write_bytes(packed)
    case = await load_beside(tmp_path, tmp_path / "a")
    return case, *_told(case)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("how", [{}, {"streamed": True}, {"streamed": True, "zip64": True}])
async def test_a_truncated_zip_gives_its_whole_members(tmp_path: Path, method: int, how: dict[str, bool]) -> None:
    logs, ids = fresh()
    packed = zip_of(logs, method, **how)
    starts = [place for place in range(len(packed)) if packed.startswith(b"PK\x03\x04", place)]
    assert len(starts) == len(logs)
    case, statuses, problems = await _load(tmp_path, packed[: starts[4] + 150])
    assert event_ids(case) == ids[:4]
    assert statuses == {"a": "damaged", **dict.fromkeys(list(logs)[:4], "loaded"), "4.json": "damaged"}
    assert "directory is missing" in problems["a"]
    assert "no member begins" not in problems["a"]
    assert "cut off" in problems["4.json"] or "ends inside" in problems["4.json"]


async def test_a_zip_cut_between_two_members_gives_those_before(tmp_path: Path) -> None:
    logs, ids = fresh()
    packed = zip_of(logs)
    case, statuses, _ = await _load(
        tmp_path, packed[: packed.index(b"PK\x03\x04", packed.index(list(logs)[1].encode()))]
    )
    assert event_ids(case) == ids[:2]
    assert statuses == {"a": "damaged", **dict.fromkeys(list(logs)[:2], "loaded")}


async def test_a_zip_cut_in_its_directory_gives_all_members(tmp_path: Path) -> None:
    logs, ids = fresh()
    packed = zip_of(logs)
    case, statuses, _ = await _load(tmp_path, packed[: packed.index(b"PK\x01\x02") + 60])
    assert event_ids(case) == ids
    assert statuses == {"a": "damaged", **dict.fromkeys(logs, "loaded")}


@pytest.mark.parametrize("zip64", [False, True])
async def test_a_streamed_zip_without_its_directory_gives_empty_members_too(tmp_path: Path, zip64: bool) -> None:
    """Both sizes of an empty member, of four bytes each, read like one of eight."""
    logs, ids = fresh()
    files = {name: content for place, (name, content) in enumerate(logs.items()) for name, content in
             ((f"empty{place}", b""), (name, content))}  # fmt: skip
    packed = zip_of(files, streamed=True, zip64=zip64)
    case, statuses, problems = await _load(tmp_path, packed[: packed.index(b"PK\x01\x02")])
    assert event_ids(case) == ids
    assert {name: status for name, status in statuses.items() if name in logs} == dict.fromkeys(logs, "loaded")
    assert {status for name, status in statuses.items() if name.startswith("empty")} == {"empty"}
    assert "no member begins" not in problems["a"]


def test_a_truncated_tar_gives_its_whole_members(tmp_path: Path, subtests: pytest.Subtests) -> None:
    made, told = {}, {}
    for cut in range(1, 40, 3):
        logs, _ = fresh()
        packed = tar_of(logs, tarfile.USTAR_FORMAT)
        size = cut * len(without_end(packed)) // 40
        each = len(without_end(packed)) // len(logs)
        whole = [name for number, name in enumerate(logs) if number * each + 512 + len(logs[name]) <= size]
        made[str(cut)], told[str(cut)] = (
            packed[:size],
            (size, [(name, json.loads(logs[name])["eventID"]) for name in whole]),
        )
    files = Files(tmp_path, made, "a")
    for cut, (size, whole) in told.items():
        with subtests.test(cut=cut):
            archive, *members = files.members(cut)
            assert files.ids(cut) == [one for _, one in whole]
            loaded = [row["uri"].rpartition("/")[2] for row in members if row["status"] == "loaded"]
            assert loaded == [name for name, _ in whole]
            if size >= 512:
                assert archive["status"] == "damaged"
                assert archive["problem"]


async def test_a_tar_cut_between_members_is_told(tmp_path: Path) -> None:
    logs, ids = fresh()
    packed = tar_of(logs, tarfile.USTAR_FORMAT)
    case, statuses, problems = await _load(tmp_path, packed[: len(without_end(packed)) // 2])
    assert event_ids(case) == ids[:3]
    assert statuses["a"] == "damaged"
    assert problems["a"] == "the archive ends without the mark of its end; it may be cut off"


async def test_a_truncated_tar_gz_gives_what_lies_before_the_cut(tmp_path: Path) -> None:
    logs, ids = fresh()
    logs = {name: record(event(eventID=shown, userAgent=noise())) for name, shown in zip(logs, ids, strict=True)}
    packed = tar_of(logs, compression="gz")
    case, statuses, problems = await _load(tmp_path, packed[: len(packed) * 2 // 3])
    assert statuses["a"] == "damaged"
    assert "the gzip stream is cut off before its end" in problems["a"]
    count = len(event_ids(case))
    assert 0 < count < 6
    assert event_ids(case) == ids[:count]


async def test_a_broken_header_in_a_tar_does_not_end_it(tmp_path: Path) -> None:
    logs, ids = fresh()
    packed = bytearray(tar_of(logs, tarfile.USTAR_FORMAT))
    each = len(without_end(bytes(packed))) // len(logs)
    packed[2 * each + 150] ^= 1
    case, statuses, problems = await _load(tmp_path, bytes(packed))
    assert event_ids(case) == ids[:2] + ids[3:]
    assert statuses["a"] == "damaged"
    assert f"no header at byte {2 * each:,}, where one should be: {each:,} bytes passed over" in problems["a"]


async def test_a_broken_first_header_still_makes_a_tar(tmp_path: Path) -> None:
    logs, ids = fresh()
    packed = bytearray(tar_of(logs, tarfile.USTAR_FORMAT))
    packed[150] ^= 1
    case, statuses, _ = await _load(tmp_path, bytes(packed))
    assert event_ids(case) == ids[1:]
    assert statuses["a"] == "damaged"


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2])
async def test_a_wrong_checksum_is_told_and_the_content_kept(tmp_path: Path, method: int) -> None:
    logs, ids = fresh()
    packed = bytearray(zip_of(logs, method))
    place = packed.index(b"PK\x01\x02")
    packed[place + 16 : place + 20] = b"\1\2\3\4"
    case, statuses, problems = await _load(tmp_path, bytes(packed))
    assert event_ids(case) == ids
    assert (statuses["0.json"], statuses["1.json"], statuses["a"]) == ("damaged", "loaded", "archive")
    assert "checksum does not fit its content" in problems["0.json"]
    assert case.raw(ids[0]) == logs["0.json"]


async def test_members_of_lzma_are_told_with_what_to_do(tmp_path: Path) -> None:
    logs, _ = fresh()
    case, statuses, problems = await _load(tmp_path, zip_of(logs, zipfile.ZIP_LZMA))
    assert (event_ids(case), {statuses[name] for name in logs}) == ([], {"unreadable"})
    assert problems["0.json"].startswith("compressed in a way that is not read here (LZMA): unpack the archive")


async def test_a_member_that_breaks_in_its_middle_is_kept_up_to_there(tmp_path: Path) -> None:
    logs, _ = fresh()
    log = records_file([event() for _ in range(400)])
    packed = bytearray(zip_of({"x.json": log, **logs}))
    start = packed.index(b"PK\x03\x04", 4) // 2
    packed[start : start + 8] = b"\xff" * 8
    case, statuses, problems = await _load(tmp_path, bytes(packed))
    assert statuses == {"a": "archive", "x.json": "damaged", **dict.fromkeys(logs, "loaded")}
    assert "the member is corrupt" in problems["x.json"] or "it is larger than" in problems["x.json"]
    assert evidence(case)["x.json"]["event_count"] > 20


async def test_what_a_directory_does_not_list_is_read_and_told(tmp_path: Path) -> None:
    logs, ids = fresh()
    first, second = zip_of({"hidden.json": logs["0.json"]}), zip_of({"shown.json": logs["1.json"]})
    hidden = first[: first.index(b"PK\x01\x02")]
    case, statuses, problems = await _load(tmp_path, hidden + second)
    assert sorted(event_ids(case)) == sorted(ids[:2])
    assert statuses == {"a": "archive", "shown.json": "loaded", "hidden.json": "loaded"}
    assert problems["a"] == "1 members that the archive's directory does not list were read, too"


@pytest.mark.heavy
def test_two_archives_joined_are_both_read(tmp_path: Path) -> None:
    logs, ids = fresh()
    halves = dict(list(logs.items())[:3]), dict(list(logs.items())[3:])
    (tmp_path / "zip").mkdir()
    case, statuses, _ = _load_alone(tmp_path / "zip", zip_of(halves[0]) + zip_of(halves[1]))
    assert sorted(event_ids(case)) == sorted(ids)
    assert statuses["a"] == "archive"
    (tmp_path / "tar").mkdir()
    case, statuses, problems = _load_alone(tmp_path / "tar", tar_of(halves[0]) + tar_of(halves[1]))
    assert event_ids(case) == ids
    assert statuses["a"] == "archive"
    assert "another tar archive begins at byte" in problems["a"]


@pytest.mark.heavy
def test_bytes_after_the_end_are_told(tmp_path: Path) -> None:
    logs, ids = fresh()
    (tmp_path / "zip").mkdir()
    case, statuses, problems = _load_alone(tmp_path / "zip", zip_of(logs) + b"more")
    assert (event_ids(case), statuses["a"], problems["a"]) == (ids, "archive", "4 bytes after the end of the archive")
    (tmp_path / "long").mkdir()
    case, statuses, _ = _load_alone(tmp_path / "long", zip_of(logs) + b"more" * 50_000)
    assert (event_ids(case), statuses["a"]) == (ids, "damaged")
    (tmp_path / "tar").mkdir()
    case, statuses, problems = _load_alone(tmp_path / "tar", tar_of(logs) + b"more" * 200)
    assert (event_ids(case), statuses["a"]) == (ids, "damaged")
    assert "800 bytes after the end of the archive are no tar; not read" in problems["a"]


async def test_what_cannot_be_read_has_a_row_that_says_so(tmp_path: Path) -> None:
    logs, ids = fresh()
    packed = bytearray(zip_of({"secret.json": logs["0.json"], "odd.json": logs["1.json"], "2.json": logs["2.json"]}))
    first = packed.index(b"PK\x01\x02")
    second = packed.index(b"PK\x01\x02", first + 4)
    packed[first + 8] |= 1
    packed[second + 10 : second + 12] = struct.pack("<H", 9)
    case, statuses, problems = await _load(tmp_path, bytes(packed))
    assert statuses == {"a": "archive", "secret.json": "unreadable", "odd.json": "unreadable", "2.json": "loaded"}
    assert problems["secret.json"].startswith("password-protected")
    assert "deflate64" in problems["odd.json"]
    assert event_ids(case) == [ids[2]]


async def test_links_devices_and_folders_in_a_tar(tmp_path: Path) -> None:
    logs, ids = fresh()

    def info(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
        made = tarfile.TarInfo(name)
        made.type, made.linkname = kind, target
        return made

    links = tar_with(
        info("logs", tarfile.DIRTYPE),
        info("logs/soft.json", tarfile.SYMTYPE, "../0.json"),
        info("logs/gone.json", tarfile.SYMTYPE, "/etc/passwd"),
        info("hard.json", tarfile.LNKTYPE, "1.json"),
        info("null", tarfile.CHRTYPE),
        info("pipe", tarfile.FIFOTYPE),
    )
    case, statuses, problems = await _load(tmp_path, without_end(tar_of(logs)) + links)
    assert statuses == {
        "a": "archive", **dict.fromkeys(logs, "loaded"), "soft.json": "duplicate", "hard.json": "duplicate",
        "gone.json": "unreadable", "null": "unreadable", "pipe": "unreadable",
    }  # fmt: skip
    assert problems["gone.json"] == "a symbolic link to '/etc/passwd', no file in this archive"
    assert event_ids(case) == ids


async def test_a_symbolic_link_and_a_folder_in_a_zip(tmp_path: Path) -> None:
    logs, _ = fresh()
    packed = bytearray(zip_of({"link": b"0.json", "folder/": b"", **logs}))
    place = packed.index(b"PK\x01\x02")
    packed[place + 5] = 3
    packed[place + 38 : place + 42] = struct.pack("<I", 0o120777 << 16)
    _, statuses, problems = await _load(tmp_path, bytes(packed))
    assert statuses == {"a": "archive", "link": "unreadable", **dict.fromkeys(logs, "loaded")}
    assert problems["link"] == "a symbolic link; links in a zip are not followed"


@pytest.mark.heavy
def test_archives_without_members(tmp_path: Path) -> None:
    for name, packed in (("zip", zip_of({})), ("tar", tar_with(_folder("only")))):
        (tmp_path / name).mkdir()
        case, statuses, problems = _load_alone(tmp_path / name, packed)
        assert (statuses, problems) == ({"a": "archive"}, {"a": ""})
        assert rows(case, "SELECT member_count FROM evidence") == [{"member_count": 0}]


HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\n\r\n"


@pytest.mark.heavy
def test_a_zip_behind_other_bytes_is_opened_and_none_behind_events_is_silent(tmp_path: Path) -> None:
    script, table = (
        b"#!/bin/sh\nunzip -q $0\nexit\n",
        b"eventVersion,eventTime,eventName\n1.08,2026-01-01T00:00:00Z,A\n",
    )
    logs = tmp_path / "logs"
    logs.mkdir()
    behind, before = {}, {}
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        for name, start in (
            ("http", HTTP),
            ("script", script),
            ("no event", b"[1, 2]\n"),
            ("long", b"\0\n" * 3_000_000),
        ):
            files, wanted = fresh()
            packed = start + zip_of(files, method)
            behind[f"{name}-{method}"] = wanted
            (logs / f"{name}-{method}").write_bytes(packed if method else gz(packed))
        for name, start in (("log", records_file([event(eventID=f"kept-{method}")])), ("table", table)):
            files, _ = fresh()
            before[f"{name}-{method}"] = zip_of(files, method)
            (logs / f"{name}-{method}").write_bytes(start + before[f"{name}-{method}"])
        files, _ = fresh()
        cut = zip_of(files, method)
        (logs / f"cut-{method}").write_bytes(HTTP + cut[: cut.index(b"PK\x01\x02")])
    with Case(tmp_path / "case.duckdb") as case:
        load(case, logs)
        check_counts(case)
        ledger = {unquote(row["uri"]).rpartition("/logs/")[2]: row for row in rows(case, "SELECT * FROM evidence")}
        for name, wanted in behind.items():
            assert (ledger[name]["status"], ledger[name]["member_count"]) == ("archive", len(wanted)), name
            assert "bytes beside the members" in ledger[name]["problem"]
            assert [json.loads(case.raw(one))["eventID"] for one in wanted] == wanted
        for name in before:
            assert (ledger[name]["status"], ledger[name]["member_count"]) == ("damaged", None), name
            place = (logs / name).read_bytes().index(b"PK\x03\x04")
            assert f"a zip begins at byte {place:,} and was not read" in ledger[name]["problem"]
        assert {"kept-0"} <= set(event_ids(case))
        assert ledger["cut-0"]["status"] == "damaged"  # its stored members are lines of a text
        assert ledger["cut-8"]["status"] == "unsupported"
        assert "a zip begins at byte" in ledger["cut-8"]["problem"]


def test_a_zip_that_begins_where_two_windows_meet_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rootforensics.sources.local.PIECE_BYTES", 4096)
    monkeypatch.setattr(FoundObject.pieces, "__defaults__", (4096,))
    files, _ = fresh()
    packed = zip_of(files)
    start = records_file([event(eventID="kept")])
    (tmp_path / "logs").mkdir()
    for cut in range(5):
        (tmp_path / "logs" / f"{cut}").write_bytes(start + b" " * (8192 - cut - len(start)) + packed)
    with Case(tmp_path / "case.duckdb") as case:
        load(case, tmp_path / "logs")
        told = [row["problem"] for row in rows(case, "SELECT problem FROM evidence ORDER BY uri")]
    assert all(f"a zip begins at byte {8192 - cut:,} and was not read" in told[cut] for cut in range(5))


def _folder(name: str) -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type = tarfile.DIRTYPE
    return made


async def test_an_old_tar_is_told_by_its_checksum(tmp_path: Path) -> None:
    logs, ids = fresh()
    packed = bytearray(tar_of({"0.json": logs["0.json"]}, tarfile.USTAR_FORMAT))
    packed[257:512] = bytes(255)
    packed[148:156] = b" " * 8
    packed[148:156] = b"%06o\0 " % sum(packed[:512])
    case, statuses, _ = await _load(tmp_path, bytes(packed))
    assert (event_ids(case), statuses) == (ids[:1], {"a": "archive", "0.json": "loaded"})


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
async def test_long_names_in_a_tar(tmp_path: Path, form: int) -> None:
    logs, ids = fresh()
    name = "/".join(["folder-of-some-length-ü"] * 20) + "/0.json"
    (tmp_path / "a").write_bytes(tar_of({name: logs["0.json"], "1.json": logs["1.json"]}, form))
    case = await load_beside(tmp_path, tmp_path / "a")
    uri = rows(case, "SELECT uri FROM evidence WHERE evidence_id = 2")[0]["uri"]
    assert uri.split("!/")[1] == name.replace("ü", "%C3%BC")
    assert case.raw(ids[0]) == logs["0.json"]


async def test_a_damaged_archive_in_an_archive_is_told_at_its_own_row(tmp_path: Path) -> None:
    logs, ids = fresh()
    inner = zip_of(logs)
    case, statuses, problems = await _load(
        tmp_path, tar_of({"in.zip": inner[: len(inner) // 2], "b.gz": gz(logs["5.json"])})
    )
    assert (statuses["a"], statuses["in.zip"], statuses["b.gz"]) == ("archive", "damaged", "loaded")
    assert "directory is missing" in problems["in.zip"]
    assert ids[0] in event_ids(case)
    assert event_ids(case)[-1] == ids[5]


def test_a_read_error_in_an_archive_loses_no_member_before_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    logs, ids = fresh()
    packed = tar_of(logs, tarfile.USTAR_FORMAT)
    half = len(without_end(packed)) // 2

    def broken(_: FoundObject) -> Iterator[bytes]:
        yield packed[:half]
        raise OSError(errno.EIO, "read error")

    (tmp_path / "a").write_bytes(packed)
    with monkeypatch.context() as patched:
        patched.setattr(FoundObject, "pieces", broken)
        case = load(tmp_path, tmp_path / "a")
    assert event_ids(case) == ids[:3]
    row = evidence(case)["a"]
    assert row["status"] == "damaged"
    assert "reading stopped: the disk reports a read error" in row["problem"]
    load(case, tmp_path / "a")
    assert sorted(event_ids(case)) == sorted(ids)
