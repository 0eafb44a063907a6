"""Every shape of file gives all its events, each with its place and its exact bytes."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from rootforensics.case import Case
from tests.builders import event, gz, record, records_file, records_text, write_log
from tests.ingest.checks import Files, check_counts, event_ids, evidence, load, rows
from tests.ingest.shapes import SHAPES, Shape, by_name
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from pathlib import Path

Built = dict[str, tuple[bytes, list[bytes], list[dict[str, Any]]]]


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, Built]:
    """One case with a file of each shape."""
    folder = tmp_path_factory.mktemp("shapes")
    built = {shape.name: shape.build() for shape in SHAPES}
    (folder / "logs").mkdir()
    for name, (text, _, _) in built.items():
        (folder / "logs" / name).write_bytes(text)
    return load(folder), built


@pytest.mark.parametrize("shape", SHAPES, ids=by_name)
def test_a_file_of_this_shape_gives_all_its_events_in_order(shapes: tuple[Case, Built], shape: Shape) -> None:
    case, built = shapes
    events = built[shape.name][2]
    row = evidence(case)[shape.name]
    assert (row["status"], row["framing"], row["record_count"]) == ("loaded", shape.kind, len(events))
    found = rows(
        case,
        "SELECT record_index, eventID, userAgent FROM events WHERE evidence_id = $id ORDER BY record_index",
        id=row["evidence_id"],
    )
    assert [tuple(one.values()) for one in found] == [
        (index, one["eventID"], one["userAgent"]) for index, one in enumerate(events)
    ]


@pytest.mark.parametrize("shape", SHAPES, ids=by_name)
def test_raw_gives_the_exact_bytes_of_each_record(shapes: tuple[Case, Built], shape: Shape) -> None:
    case, built = shapes
    _, spelled, events = built[shape.name]
    assert [case.raw(one["eventID"]) for one in events] == spelled
    here = evidence(case)[shape.name]["evidence_id"]
    assert [case.raw(f"{here}:{index}") for index in range(len(spelled))] == spelled


def test_a_sound_file_has_no_problem(shapes: tuple[Case, Built]) -> None:
    told = {name: row["problem"] for name, row in evidence(shapes[0]).items() if row["problem"]}
    assert told.keys() == {"utf16-little", "utf16-big", "utf16-mark-alone"}
    assert all("UTF-16" in problem for problem in told.values())


def test_the_ledger_tells_the_compression_and_the_sizes(shapes: tuple[Case, Built]) -> None:
    case, built = shapes
    plain, packed = evidence(case)["records"], evidence(case)["gzip"]
    assert (plain["compression"], plain["gzip_member_count"]) == ("plain", None)
    assert plain["size_bytes"] == plain["inflated_bytes"] == len(built["records"][0])
    assert (packed["compression"], packed["gzip_member_count"]) == ("gzip", 1)
    assert packed["size_bytes"] == len(built["gzip"][0])
    assert packed["inflated_bytes"] == len(records_text(built["gzip"][1]))


@pytest.mark.parametrize("cut", [None, 20, 400], ids=["between-files", "in-the-head", "inside-a-record"])
async def test_several_gzip_members_are_all_read_and_reported(tmp_path: Path, cut: int | None) -> None:
    first, second = [event(), event()], [event()]
    text = records_file(first) + records_file(second)
    cut = len(records_file(first)) if cut is None else cut
    (tmp_path / "a.gz").write_bytes(gz(text[:cut]) + gz(text[cut:]))
    case = await load_beside(tmp_path, tmp_path / "a.gz")
    row = evidence(case)["a.gz"]
    assert event_ids(case) == [one["eventID"] for one in first + second]
    assert (row["status"], row["gzip_member_count"], row["framing"]) == ("loaded", 2, "concatenated")
    assert "2 gzip members" in row["problem"]
    assert case.raw(second[0]["eventID"]) == record(second[0])


async def test_an_empty_gzip_member_before_and_after_loses_nothing(tmp_path: Path) -> None:
    events = [event(), event()]
    (tmp_path / "a.gz").write_bytes(gz(b"") + gz(records_file(events)) + gz(b""))
    case = await load_beside(tmp_path, tmp_path / "a.gz")
    assert event_ids(case) == [one["eventID"] for one in events]
    assert "3 gzip members" in evidence(case)["a.gz"]["problem"]


@pytest.mark.parametrize("frames", [1, 2])
async def test_zstd_is_read_in_one_frame_and_in_several(tmp_path: Path, frames: int) -> None:
    events = [event() for _ in range(6)]
    size = len(events) // frames
    parts = [records_file(events[start : start + size]) for start in range(0, len(events), size)]
    packed = [pa.Codec("zstd").compress(part, asbytes=True) for part in parts]
    (tmp_path / "a.zst").write_bytes(b"".join(packed))
    case = await load_beside(tmp_path, tmp_path / "a.zst")
    row = evidence(case)["a.zst"]
    assert event_ids(case) == [one["eventID"] for one in events]
    assert (row["status"], row["compression"], row["inflated_bytes"]) == ("loaded", "zstd", sum(map(len, parts)))
    assert case.raw(events[5]["eventID"]) == record(events[5])


NO_RECORD: list[tuple[bytes, str, str | None]] = [
    (b"", "empty", "an empty file"),
    (gz(b""), "empty", "an empty file"),
    (b'{"Records":[]}', "empty", None),
    (b'{\n "Records" : [\n ]\n}\n', "empty", None),
    (b"[]", "empty", None),
    (gz(b'{"Records":[]}'), "empty", None),
    (b" \n\t\r\n ", "unsupported", "only blanks"),
    (b"\xef\xbb\xbf", "unsupported", "only blanks"),
]


def test_a_file_without_a_record_is_told_and_hurts_no_neighbour(tmp_path: Path, subtests: pytest.Subtests) -> None:
    neighbour = [event(), event()]
    made = {str(place): text for place, (text, _, _) in enumerate(NO_RECORD)}
    files = Files(tmp_path, {**made, "neighbour": records_file(neighbour)})
    for place, (text, status, words) in enumerate(NO_RECORD):
        with subtests.test(text=text):
            row = files.row(str(place))
            assert (row["status"], row["record_count"]) == (status, 0)
            assert row["problem"] == words
    assert files.ids("neighbour") == [one["eventID"] for one in neighbour]


async def test_a_second_list_of_records_in_one_object_is_not_hidden(tmp_path: Path) -> None:
    first, second = record(event()), record(event())
    (tmp_path / "a.json").write_bytes(b'{"Records":[' + first + b'],"Records":[' + second + b"]}")
    case = await load_beside(tmp_path, tmp_path / "a.json")
    row = evidence(case)["a.json"]
    assert row["status"] == "damaged"
    assert '"Records" stands more than once' in row["problem"]
    assert "2 records" in row["problem"]


async def test_records_beside_other_values_are_all_taken(tmp_path: Path) -> None:
    events = [event() for _ in range(4)]
    spelled = [record(one) for one in events]
    lines = [spelled[0], b"[" + spelled[1] + b"]", records_text([spelled[2]]), spelled[3]]
    (tmp_path / "a.json").write_bytes(b"\n".join(lines))
    case = await load_beside(tmp_path, tmp_path / "a.json")
    assert event_ids(case) == [one["eventID"] for one in events]
    assert [case.raw(one["eventID"]) for one in events] == spelled


async def test_a_name_says_account_region_and_time_of_delivery(tmp_path: Path) -> None:
    name = "444455556666_CloudTrail_eu-west-3_20260805T1005Z_0123456789abcdef.json.gz"
    write_log(tmp_path / "logs", name, [event()])
    case = await load_beside(tmp_path)
    row = evidence(case)[name]
    assert (row["account_id"], row["region"]) == ("444455556666", "eu-west-3")
    assert row["delivery_time"].isoformat() == "2026-08-05T10:05:00+00:00"


async def test_a_name_with_digits_that_are_no_time_has_no_time_of_delivery(tmp_path: Path) -> None:
    name = "444455556666_CloudTrail_eu-west-3_20261399T2561Z_0123456789abcdef.json.gz"
    write_log(tmp_path / "logs", name, [event()])
    row = evidence(await load_beside(tmp_path))[name]
    assert (row["status"], row["account_id"], row["delivery_time"]) == ("loaded", "444455556666", None)


async def test_a_file_of_many_records_is_counted_to_the_last(tmp_path: Path) -> None:
    events = [event() for _ in range(9000)]
    write_log(tmp_path / "logs", "a.json.gz", events)
    case = await load_beside(tmp_path)
    check_counts(case)
    assert event_ids(case) == [one["eventID"] for one in events]
    assert case.raw(events[8999]["eventID"]) == record(events[8999])


@pytest.mark.parametrize("records", [[], [event(), event()]], ids=["empty", "filled"])
@pytest.mark.parametrize("lines", [False, True], ids=["alone", "line"])
async def test_an_event_with_records_among_its_fields_stays_an_event(
    records: list[dict[str, Any]], lines: bool, tmp_path: Path
) -> None:
    odd = event(Records=records)
    beside = [event()] if lines else []
    (tmp_path / "a.json").write_bytes(b"\n".join(record(one) for one in [odd, *beside]))
    case = await load_beside(tmp_path, tmp_path / "a.json")
    assert event_ids(case) == [one["eventID"] for one in [odd, *records, *beside]]
    assert evidence(case)["a.json"]["status"] == "loaded"


async def test_a_wrapper_whose_records_come_late_in_its_line_is_opened(tmp_path: Path) -> None:
    late, plain = event(), event()
    lines = [record({"note": "x" * 10_000, "Records": [late]}), record(plain)]
    (tmp_path / "a.json").write_bytes(b"\n".join(lines))
    assert event_ids(await load_beside(tmp_path, tmp_path / "a.json")) == [late["eventID"], plain["eventID"]]


def test_a_sign_between_values_or_behind_the_last_is_no_value(tmp_path: Path, subtests: pytest.Subtests) -> None:
    signs = product((b"\0", b"\0\n", b"\n\x1e", b"\x1e"), (b"", b"\0", b"\n\x1a", b"\x1e\n"))
    events = {
        f"between: {between!r}, end: {end!r}": (between, end, [event() for _ in range(3)]) for between, end in signs
    }
    files = Files(
        tmp_path, {key: between.join(map(record, some)) + end for key, (between, end, some) in events.items()}
    )
    for key, (_, _, some) in events.items():
        with subtests.test(key):
            row = files.row(key)
            assert files.ids(key) == [one["eventID"] for one in some]
            assert (row["status"], row["rejected_count"], row["problem"]) == ("loaded", 0, None)


async def test_a_sign_behind_a_log_file_is_no_value(tmp_path: Path) -> None:
    one = event()
    (tmp_path / "a.json").write_bytes(records_text([record(one)]) + b"\x1a")
    row = evidence(await load_beside(tmp_path, tmp_path / "a.json"))["a.json"]
    assert (row["status"], row["event_count"], row["rejected_count"], row["problem"]) == ("loaded", 1, 0, None)


def test_a_hole_in_a_file_is_damage(tmp_path: Path, subtests: pytest.Subtests) -> None:
    holes = product((b"\0\0", b"\0" * 4096, b"\n\0\0\n", b"\0\x1a"), (1, 2))
    events = {f"{hole[:5]!r}, {place}": (hole, place, [event(), event()]) for hole, place in holes}
    made = {
        key: b"\n".join(map(record, some[:place])) + hole + b"\n".join(map(record, some[place:]))
        for key, (hole, place, some) in events.items()
    }
    files = Files(tmp_path, made)
    for key, (_, _, some) in events.items():
        with subtests.test(key):
            assert files.ids(key) == [one["eventID"] for one in some]
            assert (files.row(key)["status"], files.row(key)["rejected_count"]) == ("damaged", 1)
