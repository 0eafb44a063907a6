"""Small files that hold millions of tiny values, as bombs do: bounded pieces, all counted, neighbours unharmed."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.ingest import decode, density, framing, read
from rootforensics.ingest.containers.embedded import values_in
from rootforensics.ingest.encodings import _HELD_BYTES, as_utf8
from rootforensics.ingest.seen import Framing
from tests.builders import event, gz, record, records_file, records_text, write_log
from tests.ingest.checks import Files, event_ids, evidence, load

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 20_000
PIECE = 4096
#: Text of ``COUNT`` tiny values, the framing.
DENSE: dict[str, tuple[bytes, str]] = {
    "numbers in Records": (b'{"Records":[' + b"1," * (COUNT - 1) + b"1]}", "Records"),
    "objects in Records": (b'{"Records":[' + b"{}," * (COUNT - 1) + b"{}]}", "Records"),
    "objects with a key": (b'{"Records":[' + b'{"a":1},' * (COUNT - 1) + b"{}]}", "Records"),
    "lists in a list": (b"[" + b"[]," * (COUNT - 1) + b"[]]", "array"),
    "strings in a list": (b"[" + b'"",' * (COUNT - 1) + b'""]', "array"),
    "lines": (b"{}\n" * COUNT, "ndjson"),
    "glued": (b"{}" * COUNT, "concatenated"),
    "words": (b"{} " + b"1 " * (COUNT - 1), "concatenated"),
}


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text is judged as if it were large."""
    monkeypatch.setattr(density, "_PIECE_BYTES", PIECE)


def _lists(text: bytes) -> tuple[list[int], framing.Framing]:
    seen = Framing()
    return [len(values.texts) for values in framing.frame(iter((text,)), seen)], seen


@pytest.mark.parametrize("name", DENSE)
def test_a_text_dense_with_values_is_cut_in_small_lists_that_hold_them_all(name: str) -> None:
    text, kind = DENSE[name]
    lengths, seen = _lists(text)
    assert sum(lengths) == COUNT
    assert max(lengths) <= 2 * PIECE
    assert (seen.kind, seen.damage) == (kind, "")


def test_values_that_are_no_events_are_counted_and_the_first_few_told(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    packed = {name: gzip.compress(text) for name, (text, _) in DENSE.items()}
    neighbour = event()
    files = Files(tmp_path, packed | {"neighbour": gz(records_file([neighbour]))}, "a.gz")
    for name, (_, kind) in DENSE.items():
        with subtests.test(name):
            row = files.row(name)
            assert (row["record_count"], row["rejected_count"], row["event_count"]) == (COUNT, COUNT, 0)
            assert (row["status"], row["framing"]) == ("unsupported", kind)
    assert event_ids(files.case) == [neighbour["eventID"]]


def test_events_among_tiny_values_are_all_found_with_their_index(tmp_path: Path, subtests: pytest.Subtests) -> None:
    spellings = {
        "array": (b"[", b",", b"]"),
        "records": (b'{"Records":[', b",", b"]}"),
        "lines": (b"", b"\n", b"\n"),
        "glued": (b"", b"", b""),
    }
    events = {how: [event() for _ in range(5)] for how in spellings}
    texts = {}
    for how, (opening, comma, closing) in spellings.items():
        values = [b"{}"] * 9000
        for place, one in enumerate(events[how]):
            values[1 + place * 2000] = record(one)
        texts[how] = opening + comma.join(values) + closing
    files = Files(tmp_path, texts)
    for how in texts:
        with subtests.test(how):
            assert files.ids(how) == [one["eventID"] for one in events[how]]
            row = files.row(how)
            assert (row["status"], row["record_count"], row["rejected_count"]) == ("loaded", 9000, 8995)
            assert "8,992 more values that are not events" in row["problem"]
            assert [one["record_index"] for one in files.events(how)] == [1 + place * 2000 for place in range(5)]


def test_only_the_first_reasons_are_kept() -> None:
    out = decode.decode_each([b"1"] * 500 + [b'{"a":"%b"}' % (b"x" * 20)] * 500, range(1000))
    assert out.rejected_count == 1000
    assert out.rejected == [(index, "a number, not an object") for index in range(3)]


def test_a_value_that_is_overfull_is_left_closed_and_told(tmp_path: Path, subtests: pytest.Subtests) -> None:
    values = {
        "container": b'{"Events":[' + b"1," * COUNT + b"1]}",
        "wrapper": b'{"x":{},"Records":[' + b"[]," * COUNT + b"1]}",
        "event": b'{"eventVersion":"1.08","eventName":"x","unknown":[' + b"{}," * COUNT + b"1]}",
        "list": b"[" + b"1 ," * COUNT + b"1]",
    }
    good = {name: [event(), event()] for name in values}
    texts = {
        name: b"\n".join((record(good[name][0]), value, record(good[name][1]), b"")) for name, value in values.items()
    }
    files = Files(tmp_path, texts)
    for name in values:
        with subtests.test(name):
            row = files.row(name)
            assert files.ids(name) == [one["eventID"] for one in good[name]]
            assert (row["status"], row["record_count"], row["rejected_count"]) == ("damaged", 3, 1)
            assert "holds more values than events of that size can have" in row["problem"]


def test_a_message_with_a_bomb_in_it_is_not_opened() -> None:
    assert values_in(b"[" + b"1," * COUNT + b"1]") is None
    assert values_in(b"{} " + b"1 " * COUNT) is None
    spelled = [record(event()) for _ in range(20)]
    assert values_in(b"[" + b",".join(spelled) + b"]") == spelled


def test_ordinary_records_and_tables_of_them_are_neither_dense_nor_overfull() -> None:
    spelled = [record(event()) for _ in range(50)]
    rows = {"ResultSet": {"Rows": [{"Data": [{"VarCharValue": "us-east-1"}] * 20 + [{}] * 5}] * 100}}
    pretty = json.dumps(json.loads(records_text(spelled)), indent=4).encode()
    for text in (records_text(spelled), b"\n".join(spelled), pretty, json.dumps(rows).encode()):
        assert len(text) > 2 * PIECE
        assert not density.is_overfull(text)
    for text in (records_text(spelled), b"\n".join(spelled), pretty):
        assert list(density.in_small_pieces(iter((text,)))) == [text]


def test_base64_of_gzip_of_tiny_values_in_a_message_harms_nothing(tmp_path: Path) -> None:
    body = base64.b64encode(gzip.compress(b'{"Records":[' + b"1," * COUNT + b"1]}")).decode()
    good = event()
    text = json.dumps({"Records": [{"messageId": "m", "body": body}, good]})
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    case = load(tmp_path, tmp_path / "a.json")
    assert event_ids(case) == [good["eventID"]]
    assert evidence(case)["a.json"]["rejected_count"] == 1


@pytest.mark.quick(2)
@pytest.mark.parametrize("name", ["a.json", "a.json.gz"])
@pytest.mark.parametrize("place", ["frame", "decode_each", "decode_plain"])
def test_an_object_that_needs_too_much_memory_is_damaged_and_hurts_no_neighbour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, name: str
) -> None:
    content = records_text([record(event(odd=[1])), b"1"])
    written = gz(content) if name.endswith("gz") else content
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / name).write_bytes(written)
    neighbour = event(eventVersion="1.09")
    write_log(tmp_path / "logs", "b.json", [neighbour])
    real: Any = getattr(read, place)

    def short_of_memory(text: Any, *arguments: Any, **named: Any) -> Any:
        del arguments, named
        if place == "decode_plain" and text != content:
            return real(text)
        raise MemoryError

    monkeypatch.setattr(read, place, short_of_memory)
    case = load(tmp_path)
    row = evidence(case)[name]
    assert (row["status"], row["event_count"]) == ("damaged", 0)
    assert "needs more memory than available" in row["problem"]
    assert (row["sha256"], row["size_bytes"]) == (hashlib.sha256(written).hexdigest(), len(written))
    assert event_ids(case) == [neighbour["eventID"]]


@pytest.mark.parametrize("mark", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("size", [1, 3, 501, 4096])
def test_utf16_is_decoded_in_windows(mark: str, size: int) -> None:
    spelled = [record(event(note="naïve 𝄞 日本")) for _ in range(6)]
    bom = b"\xff\xfe" if mark == "utf-16-le" else b"\xfe\xff"
    text = bom + records_text(spelled).decode().encode(mark)
    seen = Framing()
    windows = list(as_utf8((text[start : start + size] for start in range(0, len(text), size)), seen))
    assert b"".join(windows) == records_text(spelled)
    assert max(map(len, windows)) <= 3 * max(size, _HELD_BYTES) + 4
    assert any("UTF-16" in note for note in seen.notes)


def test_utf16_that_is_cut_in_a_character_keeps_its_records() -> None:
    spelled = [record(event()) for _ in range(3)]
    text = b"\xff\xfe" + records_text(spelled).decode().encode("utf-16-le")
    seen = Framing()
    found = [bytes(one) for values in framing.frame(iter((text[:900], text[900:-3])), seen) for one in values.texts]
    assert found == spelled
    assert seen.damage
