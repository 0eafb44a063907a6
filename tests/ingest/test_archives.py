"""What lies in a zip or tar is evidence like what lies in a folder: member by member, each with a row of its own."""

from __future__ import annotations

import gzip
import hashlib
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from rootforensics.cli import cli
from rootforensics.errors import OriginalError
from rootforensics.ingest.filters import Filters
from tests.builders import event, gz, record, records_file, root_event, write_log
from tests.conftest import SAMPLE_LOGS
from tests.ingest.checks import Files, Row, event_ids, evidence, load, problems, rows, tables
from tests.ingest.packing import files_in, tar_of, zip_of
from tests.ingest.shapes import hostile_event
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rootforensics.case import Case

LOG = "AWSLogs/111122223333/CloudTrail/us-east-1/2026/08/05/111122223333_CloudTrail_us-east-1_20260805T1005Z_{}.json.gz"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Logs of many kinds: plain, gzip, digest, copies, damaged, empty, and what is no log."""
    top = tmp_path_factory.mktemp("archives") / "logs"
    shared = [event(), root_event(), hostile_event()]
    write_log(top, LOG.format("a" * 16), [event(), *shared])
    write_log(top, LOG.format("b" * 16), [*shared, root_event(eventTime="never")])
    write_log(top, "c.json", [])
    write_log(top, "deep/er/c.json", [event(responseElements=[1])])
    (top / "d.gz").write_bytes(gz(records_file(shared))[:-20])
    (top / "digest.json").write_bytes(b'{"digestEndTime":"x","logFiles":[]}')
    (top / "e.txt").write_bytes(b"words")
    (top / "empty").write_bytes(b"")
    (top / "odd [name] ü\n#2.json").write_bytes(record(event()))
    write_log(top, "z.json.gz", [*shared, event()])
    (top / "z.twin").write_bytes((top / "z.json.gz").read_bytes())
    return top


SHAPES: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "zip": zip_of,
    "zip-stored": lambda files: zip_of(files, zipfile.ZIP_STORED),
    "zip-bzip2": lambda files: zip_of(files, zipfile.ZIP_BZIP2),
    "zip-streamed": lambda files: zip_of(files, streamed=True),
    "zip64": lambda files: zip_of(files, zip64=True),
    "zip64-streamed": lambda files: zip_of(files, streamed=True, zip64=True),
    "tar": tar_of,
    "tar-gnu": lambda files: tar_of(files, tarfile.GNU_FORMAT),
    "tar-ustar": lambda files: tar_of(files, tarfile.USTAR_FORMAT),
    "tar.gz": lambda files: tar_of(files, compression="gz"),
    "zip.gz": lambda files: gz(zip_of(files)),
    "tar.gz.gz": lambda files: gz(gz(tar_of(files))),
    "zip-in-zip": lambda files: zip_of({"inner.zip": zip_of(files)}),
    "tar-in-tar.gz": lambda files: tar_of({"x/inner": tar_of(files)}, compression="gz"),
    "tar.gz-in-zip": lambda files: zip_of({"inner.tgz": tar_of(files, compression="gz")}),
}


def _by_member(case: Case, top: str) -> dict[str, Row]:
    """The ledger without archives, by the name of the file; what tells where it lay left out."""
    found = rows(case, "SELECT * FROM evidence WHERE member_count IS NULL ORDER BY evidence_id")
    own = ("evidence_id", "archive_id", "uri", "modified_time", "loaded_time")
    return {row["uri"].removeprefix(top): {name: row[name] for name in row if name not in own} for row in found}


def _events(case: Case) -> list[str]:
    """Every event with all its columns but where it lay, in an order of its own."""
    columns = "* EXCLUDE (evidence_id, record_index)"
    return sorted(map(repr, rows(case, f"SELECT {columns} FROM events")))


@pytest.fixture(scope="module")
def of_folder(folder: Path) -> tuple[dict[str, Row], list[str]]:
    """The ledger and the events of the folder itself."""
    case = load(folder.parent, name="folder.duckdb")
    return _by_member(case, f"file://{folder}/"), _events(case)


@pytest.mark.quick(2)
@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(shape, marks=() if shape in ("zip", "zip-streamed", "tar", "tar.gz-in-zip") else pytest.mark.heavy)
        for shape in SHAPES
    ],
)
def test_an_archive_gives_what_the_folder_gives(
    tmp_path: Path, folder: Path, of_folder: tuple[dict[str, Row], list[str]], shape: str
) -> None:
    (tmp_path / "evidence.bin").write_bytes(SHAPES[shape](files_in(folder)))
    case = load(tmp_path, tmp_path / "evidence.bin")
    archives = rows(case, "SELECT * FROM evidence WHERE member_count IS NOT NULL ORDER BY evidence_id")
    ledger = _by_member(case, f"{archives[-1]['uri']}!/")
    assert ledger.keys() == of_folder[0].keys()
    for name, row in of_folder[0].items():
        got, wanted = dict(ledger[name]), dict(row)
        got.pop("problem"), wanted.pop("problem")  # a copy names the other's evidence_id
        assert got == wanted, name
    assert _events(case) == of_folder[1]
    assert [(row["status"], row["problem"]) for row in archives] == [("archive", None)] * len(archives)
    assert archives[-1]["member_count"] == len(ledger)


async def test_rows_of_members_lead_to_their_archive_and_prove_their_bytes(tmp_path: Path) -> None:
    one, two = gz(records_file([event()])), records_file([root_event()])
    inner = zip_of({LOG.format("c" * 16): one})
    outer = tar_of({"inner.zip": inner, "two.json": two})
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a").write_bytes(outer)
    write_log(tmp_path / "logs", "b.json", [event()])
    case = await load_beside(tmp_path)
    found = rows(case, "SELECT * FROM evidence ORDER BY evidence_id")
    top = f"file://{tmp_path}/logs/a"
    sums = [hashlib.sha256(content).hexdigest() for content in (outer, inner, one, two)]
    assert [(row["uri"], row["sha256"], row["archive_id"], row["size_bytes"]) for row in found[:4]] == [
        (top, sums[0], None, len(outer)),
        (f"{top}!/inner.zip", sums[1], 1, len(inner)),
        (f"{top}!/inner.zip!/{LOG.format('c' * 16)}", sums[2], 2, len(one)),
        (f"{top}!/two.json", sums[3], 1, len(two)),
    ]
    assert found[4]["uri"].endswith("/b.json")
    assert [(row["account_id"], row["region"]) for row in found] == [
        (None, None), (None, None), ("111122223333", "us-east-1"), (None, None), (None, None),
    ]  # fmt: skip
    assert str(found[2]["delivery_time"]).startswith("2026-08-05 10:05")
    assert [row["framing"] for row in found] == ["tar", "zip", "Records", "Records", "Records"]
    assert problems(case, "object_archive") == []


@pytest.mark.heavy
def test_the_sample_incident_in_a_zip(tmp_path: Path, expected: dict[str, Any]) -> None:
    (tmp_path / "sample.zip").write_bytes(zip_of(files_in(SAMPLE_LOGS / "AWSLogs"), zipfile.ZIP_STORED))
    case = load(tmp_path, tmp_path / "sample.zip")
    assert rows(case, "SELECT count(*) AS n FROM events") == [{"n": expected["events"]["total"]}]


async def test_members_of_one_name_are_both_read(tmp_path: Path) -> None:
    first, second, third = event(), event(), event()
    files = [(name, record(one)) for name, one in (("x", first), ("x", second), ("y", third))]
    for name, archive in (("a.zip", zip_of(files)), ("b.tar", tar_of(files))):
        (tmp_path / name).write_bytes(archive)
        case = await load_beside(tmp_path, tmp_path / name)
        assert [row["uri"].split("!")[1] for row in rows(case, "SELECT uri FROM evidence ORDER BY 1")[1:]] == [
            "/x", "/x#2", "/y",
        ]  # fmt: skip
        assert event_ids(case) == [first["eventID"], second["eventID"], third["eventID"]]
        assert case.raw(second["eventID"]) == record(second)


def test_raw_reads_a_record_out_of_an_archive_again(tmp_path: Path, subtests: pytest.Subtests) -> None:
    wanted = {shape: hostile_event() for shape in SHAPES}
    made = {
        shape: pack({"other": record(event()), "x/a.json.gz": gz(records_file([event(), wanted[shape]]))})
        for shape, pack in SHAPES.items()
    }
    files = Files(tmp_path, made, "a")
    for shape, one in wanted.items():
        with subtests.test(shape):
            assert files.case.raw(one["eventID"]) == record(one)


def test_raw_refuses_a_member_that_changed_or_is_gone(tmp_path: Path) -> None:
    one = event()
    path = tmp_path / "a.zip"
    path.write_bytes(zip_of({"x": record(one)}))
    case = load(tmp_path, path)
    path.write_bytes(zip_of({"x": record({**one, "eventName": "Other"})}))
    with pytest.raises(OriginalError, match="has changed since it was loaded"):
        case.raw(one["eventID"])
    path.write_bytes(zip_of({"y": record(one)}))
    with pytest.raises(OriginalError, match="no longer in the archive"):
        case.raw(one["eventID"])
    path.write_bytes(record(one))
    with pytest.raises(OriginalError, match="no longer in the archive"):
        case.raw(one["eventID"])
    path.unlink()
    with pytest.raises(OriginalError, match="no such file"):
        case.raw(one["eventID"])


def test_raw_finds_a_copy_of_a_member_elsewhere(tmp_path: Path) -> None:
    one = event()
    (tmp_path / "a.json").write_bytes(record(one))
    (tmp_path / "b.tar.gz").write_bytes(tar_of({"a.json": record(one)}, compression="gz"))
    case = load(tmp_path, tmp_path / "a.json", tmp_path / "b.tar.gz")
    assert rows(case, "SELECT status FROM evidence ORDER BY evidence_id") == [
        {"status": "loaded"}, {"status": "archive"}, {"status": "duplicate"},
    ]  # fmt: skip
    (tmp_path / "a.json").unlink()
    assert case.raw(one["eventID"]) == record(one)


@pytest.mark.heavy
def test_loading_again_changes_nothing(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zip_of({"in.tar": tar_of(files_in(folder))}))
    case = load(tmp_path, tmp_path / "a.zip")
    before = tables(case)
    told: list[str] = []
    result = case.load(tmp_path / "a.zip", problems=lambda uri, *_: told.append(uri))
    count = len(files_in(folder))
    assert tables(case) == before
    assert (result.object_count, result.member_count, result.unchanged_count) == (1, count + 1, count + 2)
    assert (result.statuses, result.record_count) == ({}, 0)
    assert [uri.rsplit("/")[-1] for uri in told] == ["d.gz"]
    assert result.count_of("damaged") == 1


@pytest.mark.heavy
@pytest.mark.parametrize("pack", [zip_of, tar_of])
@pytest.mark.quick(1)
def test_wider_filters_read_members_again_under_the_same_ids(
    tmp_path: Path, pack: Callable[[dict[str, bytes]], bytes]
) -> None:
    one, two = [root_event(), event()], [event(), event()]
    path = tmp_path / "a"
    path.write_bytes(pack({"in.zip": zip_of({"one": records_file(one), "two": records_file(two)})}))
    case = load(tmp_path, path, filters=Filters(root_related=True))
    before = rows(case, "SELECT evidence_id, archive_id, uri, sha256 FROM evidence ORDER BY evidence_id")
    assert event_ids(case) == [one[0]["eventID"]]
    load(case, path, filtered=True)
    assert rows(case, "SELECT evidence_id, archive_id, uri, sha256 FROM evidence ORDER BY evidence_id") == before
    assert event_ids(case) == [shown["eventID"] for shown in (*one, *two)]
    result = case.load(path, filters=Filters(root_related=True))
    assert result.unchanged_count == 4


@pytest.mark.heavy
def test_a_changed_archive_is_told_and_both_stay(tmp_path: Path) -> None:
    one, two, three = event(), event(), event()
    path = tmp_path / "a.zip"
    path.write_bytes(zip_of({"same": record(one), "other": record(two)}))
    case = load(tmp_path, path)
    path.write_bytes(zip_of({"same": record(one), "other": record(three)}))
    load(case, path)
    found = rows(case, "SELECT * FROM evidence ORDER BY evidence_id")
    assert [row["status"] for row in found] == ["archive", "loaded", "loaded", "archive", "duplicate", "loaded"]
    assert [row["problem"] for row in found[3:]] == [
        "changed since it was loaded as evidence 1",
        "the same bytes as evidence 2",
        "changed since it was loaded as evidence 3",
    ]
    assert event_ids(case) == [one["eventID"], two["eventID"], three["eventID"]]
    again = tables(case)
    load(case, path)
    assert tables(case) == again


async def test_the_same_archive_twice_is_a_copy(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zip_of({"x": record(event())}))
    (tmp_path / "b.zip").write_bytes((tmp_path / "a.zip").read_bytes())
    case = await load_beside(tmp_path, tmp_path / "a.zip", tmp_path / "b.zip")
    found = rows(case, "SELECT status, problem FROM evidence ORDER BY evidence_id")
    assert [row["status"] for row in found] == ["archive", "loaded", "duplicate", "duplicate"]
    assert len(event_ids(case)) == 1


async def test_a_record_that_the_engine_refuses_is_read_again_out_of_its_archive(tmp_path: Path) -> None:
    deep = b'{"a":' * 900 + b"1" + b"}" * 900
    odd = record(event(responseElements="MARK")).replace(b'"MARK"', deep)
    files = {f"{name}.json": b"\n".join([record(event()), odd]) for name in "abc"}
    (tmp_path / "a.zip").write_bytes(zip_of({"in.tar.gz": tar_of(files, compression="gz"), **files}))
    plain = tmp_path / "plain"
    plain.mkdir()
    (plain / "a.json").write_bytes(files["a.json"])
    wanted = evidence(await load_beside(tmp_path, plain))["a.json"]["event_count"]
    case = await load_beside(tmp_path, tmp_path / "a.zip")
    found = rows(case, "SELECT event_count + duplicate_count AS n FROM evidence WHERE member_count IS NULL")
    assert [row["n"] for row in found] == [wanted] * 6


@pytest.mark.heavy
def test_names_that_lead_elsewhere_are_only_names(tmp_path: Path) -> None:
    names = ["/etc/passwd", "../../x", "a/../../b", "C:\\logs\\y", "0123456789"]
    packed = zip_of([(name, record(event())) for name in names]).replace(b"0123456789", b"\0\xff#2?\n/..x")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a").write_bytes(packed)
    (tmp_path / "logs" / "b").write_bytes(tar_of([(name, record(event())) for name in names]))
    before = set(tmp_path.parent.rglob("*"))
    case = load(tmp_path)
    assert set(tmp_path.parent.rglob("*")) - before == {tmp_path / "case.duckdb"}
    shown = ["/etc/passwd", "../../x", "a/../../b", "C:%5Clogs%5Cy"]
    uris = [row["uri"].split("!/")[1:] for row in rows(case, "SELECT uri FROM evidence ORDER BY evidence_id")]
    assert uris == [
        [],
        *([name] for name in [*shown, "%00%FF%232%3F%0A/..x"]),
        [],
        *([name] for name in [*shown, names[4]]),
    ]
    assert len(event_ids(case)) == 10


async def test_plain_gzip_files_of_a_mac_zip_make_no_damage(tmp_path: Path) -> None:
    log = gz(records_file([event()]))
    double = b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        " + bytes(300)
    files = {"logs/a.json.gz": log, "__MACOSX/logs/._a.json.gz": double, "logs/.DS_Store": b"\0\0\0\1Bud1" + bytes(99)}
    (tmp_path / "a.zip").write_bytes(zip_of(files))
    case = await load_beside(tmp_path, tmp_path / "a.zip")
    assert [row["status"] for row in rows(case, "SELECT status FROM evidence ORDER BY evidence_id")] == [
        "archive", "loaded", "unsupported", "unsupported",
    ]  # fmt: skip


async def test_a_text_cannot_pass_for_an_archive(tmp_path: Path) -> None:
    one = {"userAgent": "", **event()}
    start = len(b'{"userAgent":"')
    one["userAgent"] = "x" * (257 - start) + "ustar" + "x" * 300
    assert record(one)[257:262] == b"ustar"
    (tmp_path / "a.json").write_bytes(record(one))
    case = await load_beside(tmp_path, tmp_path / "a.json")
    assert [row["framing"] for row in rows(case, "SELECT framing FROM evidence")] == ["single"]
    assert event_ids(case) == [one["eventID"]]


async def test_compressed_in_compressed(tmp_path: Path) -> None:
    one = event()
    text = record(one)
    (tmp_path / "twice.gz").write_bytes(gz(gz(text)))
    (tmp_path / "members.gz").write_bytes(gz(gz(text) + gz(b"\n" + record(event()))))
    (tmp_path / "best.gz").write_bytes(gzip.compress(gz(gz(text)), 9))
    case = await load_beside(tmp_path, *sorted(tmp_path.glob("*.gz")))
    found = evidence(case)
    assert (found["twice.gz"]["compression"], found["best.gz"]["compression"]) == ("gzip > gzip", "gzip > gzip > gzip")
    assert found["members.gz"]["problem"] == "compression 2 of 2 (gzip): 2 gzip members, where CloudTrail writes one"
    assert found["members.gz"]["record_count"] == 2
    assert found["twice.gz"]["inflated_bytes"] == len(text)
    assert case.raw(one["eventID"]) == text


def test_a_dry_run_says_that_it_does_not_look_into_archives(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zip_of({"x": record(event())}))
    done = CliRunner().invoke(cli, ["load", str(tmp_path / "case.duckdb"), str(tmp_path / "a.zip"), "--dry-run"])
    assert done.exit_code == 0
    assert "1 file has the name of an archive; the contents are not counted here" in done.stderr
    assert not (tmp_path / "case.duckdb").exists()


@pytest.mark.parametrize("pack", [zip_of, tar_of])
async def test_what_was_half_fetched_when_a_folder_was_packed_is_told_and_not_read(tmp_path: Path, pack: Any) -> None:
    half = "kept/unfinished/12-0.rootforensics-unfinished"
    (tmp_path / "kept").write_bytes(pack({"kept/a.json": records_file([event()]), half: records_file([event()])}))
    case = await load_beside(tmp_path, tmp_path / "kept")
    row = evidence(case)[half.rpartition("/")[2]]
    assert (row["status"], row["event_count"]) == ("unreadable", 0)
    assert "a download that was stopped before its end" in row["problem"]
    assert len(event_ids(case)) == 1
