"""Events in texts that are no plain JSON: behind odd lines, in lines of a log, in output of commands, in UTF-16."""

from __future__ import annotations

import base64
import bz2
import io
import json
import lzma
import zipfile
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from rootforensics.ingest.limits import Limits
from tests.builders import event, gz, records_text, root_event
from tests.builders import record as spelled
from tests.ingest.checks import Files, event_ids, evidence, load, rows
from tests.ingest.containers.wrappings import text
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from pathlib import Path

Event = dict[str, Any]
MARK = "\ufeff"


def three_events() -> list[Event]:
    """Three events with fresh eventIDs."""
    return [event(userAgent='it\'s a {b} "q" \u00fc'), root_event(), event()]


def in_lines(texts: list[str], before: str, after: str = "") -> str:
    """Each event in a line, with something around it."""
    return "".join(f"{before}{one}{after}\n" for one in texts)


def quoted(one: str) -> str:
    """As a cell of CSV."""
    return '"' + one.replace('"', '""') + '"'


def odd(events: list[Event]) -> dict[str, tuple[str | bytes, int]]:
    """What it is: the text of these events, and how many values in it are no events."""
    texts = [text(one) for one in events]
    lines = "\n".join(texts) + "\n"
    pretty = "\n".join(json.dumps(one, indent=2) for one in events)
    return {
        "comment first": ("# jq -c .Records[]\n" + lines, 1),
        "prompt first": ("$ jq -c '.Records[]' *.json > /dev/stdout\n\nPS C:\\\\> \n" + lines, 2),
        "comment before pretty JSON": ("as sent by mail:\n" + pretty, 1),
        "header before a file": ("HTTP/1.1 200 OK\r\n\r\n" + records_text(map(spelled, events)).decode(), 1),
        "marks between lines": (MARK + MARK.join(f"{one}\n" for one in texts), 0),
        "marks between files": (MARK.join(["", *(records_text([spelled(one)]).decode() for one in events)]), 0),
        "grep": (in_lines(texts, "AWSLogs/a_b.json:"), 0),
        "grep with numbers": (in_lines(texts, "a.json:17:"), 0),
        "syslog": (in_lines(texts, "<14>Aug  5 10:00:00 host app[123]: "), 0),
        "level in brackets": (in_lines(texts, "[INFO] "), 0),
        "time in brackets": (in_lines(texts, "[2026-08-05 10:00:00,123] "), 0),
        "aws logs tail": (in_lines(texts, "2026-08-05T10:00:00.123000+00:00 111122223333_CloudTrail_us-east-1 "), 0),
        "aws logs tail, pretty": ("".join(f"2026-08-05T10:00:00+00:00 s {part}\n" for part in pretty.split("\n{")).replace(" s \n ", " s {\n "), 0),
        "logfmt": ("".join(f"level=info msg={json.dumps(one)} n=1\n" for one in texts), 0),
        "rows without a header": ("".join(f"1,{quoted(one)},x\n" for one in texts), 0),
        "Splunk CSV": ("_time,_raw,host\n" + "".join(f"1,{quoted(one)},x\n" for one in texts), 0),
        "Python logging": ("".join(f"INFO:root:{one!r}\n" for one in events), 0),
        "text output": ("".join(f"events\tAKIA\t{one}\tx\tListUsers\t1786000000.0\nRESOURCES\tAWS::IAM::User\tx\n" for one in texts), 3),
        "text output of a query": ("\t".join(texts) + "\n", 0),
        "JSON strings": ("\n".join(map(json.dumps, texts)), 0),
        "JSON string of a file": (json.dumps(records_text(map(spelled, events)).decode()), 0),
        "JSON text sequence": (in_lines(texts, "\x1e"), 0),
        "source code": ("const found = " + json.dumps({"Records": events}, indent=1) + ";\n", 0),
        "base64 of gzip": (base64.b64encode(gz(lines.encode())), 0),
        "UTF-16 with a mark": (lines.encode("utf-16"), 0),
        "UTF-16 without a mark": (lines.encode("utf-16-le"), 0),
        "big-endian UTF-16 without a mark": (lines.encode("utf-16-be"), 0),
        "UTF-16 of odd lines": (("# note\r\n" + lines.replace("\n", "\r\n")).encode("utf-16"), 1),
        "xz": (lzma.compress(lines.encode()), 0),
        "xz in two streams": (lzma.compress(lines[:99].encode()) + bytes(4) + lzma.compress(lines[99:].encode()), 0),
        "bzip2": (bz2.compress(lines.encode()), 0),
        "bzip2 in two streams": (bz2.compress(lines[:99].encode()) + bz2.compress(lines[99:].encode()), 0),
    }  # fmt: skip


ODD = list(odd(three_events()))


class Loaded(NamedTuple):
    """Each odd text with events of its own, all in one case."""

    events: dict[str, list[Event]]
    rejected: dict[str, int]
    files: Files


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """All odd texts in one case."""
    events = {kind: three_events() for kind in ODD}
    made = {kind: odd(held)[kind] for kind, held in events.items()}
    data = {kind: found.encode() if isinstance(found, str) else found for kind, (found, _) in made.items()}
    files = Files(tmp_path_factory.mktemp("odd"), data, "a.txt")
    return Loaded(events, {kind: count for kind, (_, count) in made.items()}, files)


@pytest.mark.parametrize("kind", ODD)
def test_every_event_comes_out_and_the_rest_is_counted(kind: str, loaded: Loaded) -> None:
    events, count, files = loaded.events[kind], loaded.rejected[kind], loaded.files
    assert files.ids(kind) == [one["eventID"] for one in events]
    row = files.row(kind)
    assert (row["status"], row["record_count"], row["rejected_count"]) == ("loaded", 3 + count, count)
    for one in events:
        assert json.loads(files.case.raw(one["eventID"])) == one


@pytest.mark.parametrize("after", ["", ' {"a"'])
def test_a_key_without_a_name_makes_no_cell_of_a_record_in_a_line(tmp_path: Path, after: str) -> None:
    events = [event(requestParameters={"tags": {"": 1}}), event(requestParameters={"a,b": {"": {"c": 'q"'}}})]
    row = put(tmp_path, in_lines([text(one) for one in events], "INFO ", after).encode())
    assert (row["status"], row["event_count"], row["record_count"]) == ("loaded", 2, 2)


def put(tmp_path: Path, data: bytes) -> dict[str, Any]:
    """Load a file; its row in the ledger."""
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.bin").write_bytes(data)
    return evidence(load(tmp_path))["a.bin"]


KINDS = [
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive: unpack it"),
    (b"Rar!\x1a\x07\x00", "a RAR archive: unpack it"),
    (b"\x04\x22\x4d\x18", "data compressed with lz4: unpack it"),
    (b"\xff\x06\x00\x00sNaPpY", "data compressed with snappy: unpack it"),
    (b"SQLite format 3\0", "an SQLite database: export the records"),
    (b"\xd4\xc3\xb2\xa1\x02\0\x04\0", "a network capture"),
    (b"ElfFile\0", "a Windows event log"),
    (b"<!DOCTYPE html>", "a web page"),
]


def test_a_file_of_another_kind_is_named_with_what_to_do(tmp_path: Path, subtests: pytest.Subtests) -> None:
    files = Files(tmp_path, {told: start + bytes(600) for start, told in KINDS}, "a.bin")
    for _, told in KINDS:
        with subtests.test(told):
            row = files.row(told)
            assert (row["status"], row["record_count"]) == ("unsupported", 0)
            assert f"it looks like {told}" in row["problem"]


def test_a_workbook_is_named(tmp_path: Path) -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("xl/workbook.xml", "<?xml version='1.0'?>")
    assert "Excel workbook: save its sheets as CSV" in put(tmp_path, held.getvalue())["problem"]


def test_prose_with_braces_is_no_log(tmp_path: Path) -> None:
    row = put(tmp_path, b"Dear all, {hello}\nwe {saw} nothing\n")
    assert (row["status"], row["record_count"]) == ("unsupported", 0)


@pytest.mark.heavy
@pytest.mark.parametrize("pack", [lzma.compress, bz2.compress], ids=["xz", "bzip2"])
def test_what_stands_before_the_end_of_a_cut_stream_is_kept(pack: Any, tmp_path: Path) -> None:
    lines = "".join(text(event()) + "\n" for _ in range(2000))
    whole = pack(lines.encode())
    row = put(tmp_path, whole[: len(whole) * 3 // 4])
    assert row["status"] == "damaged"
    assert "stream is cut off before its end" in row["problem"]
    assert row["event_count"] > 250


@pytest.mark.parametrize("pack", [lzma.compress, bz2.compress], ids=["xz", "bzip2"])
async def test_bombs_are_bounded(pack: Any, tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(pack(bytes(20_000_000)))
    row = evidence(await load_beside(tmp_path, tmp_path / "a", limits=Limits(max_inflated_bytes=2_000_000)))["a"]
    assert row["status"] == "damaged"
    assert row["inflated_bytes"] < 8_000_000


async def test_a_record_that_never_closes_hides_no_later_line(tmp_path: Path) -> None:
    events = three_events()
    texts = [text(one) for one in events]
    cut = f"2026-08-05T10:00:00Z s {texts[0][:300]}\n"
    (tmp_path / "a").write_text(cut + in_lines(texts, "2026-08-05T10:00:00Z s "))
    case = await load_beside(tmp_path, tmp_path / "a")
    assert event_ids(case) == [one["eventID"] for one in events]
    assert rows(case, "SELECT rejected_count FROM evidence") == [{"rejected_count": 1}]


async def test_a_table_in_utf_16_says_so_beside_what_the_console_leaves_out(tmp_path: Path) -> None:
    table = (
        "Event name,Event time,User name,Event source\nConsoleLogin,2026-08-05T10:00:00Z,root,signin.amazonaws.com\n"
    )
    (tmp_path / "a.csv").write_bytes(table.encode("utf-16"))
    problem = evidence(await load_beside(tmp_path, tmp_path / "a.csv"))["a.csv"]["problem"]
    assert "written in UTF-16; read as such" in problem
    assert "the console leaves out read events" in problem
