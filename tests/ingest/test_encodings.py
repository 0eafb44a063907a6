"""A file whose parts are written in different encodings gives the records of all, and nobody can forge such a part."""

from __future__ import annotations

import random
from itertools import product

import pytest

from rootforensics.ingest import encodings
from rootforensics.ingest.containers.unwrap import unwrap
from rootforensics.ingest.encodings import as_utf8
from rootforensics.ingest.framing import frame
from rootforensics.ingest.seen import Framing
from tests.builders import event, record, records_text

#: Bytes of text by the name of its encoding.
TEXTS = {
    "utf-8": lambda text: text.encode(),
    "utf-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16-le": lambda text: text.encode("utf-16-le"),
    "utf-16-be": lambda text: text.encode("utf-16-be"),
}
WIDE_FIRST = list(product(("utf-16", "utf-16-le", "utf-16-be"), ("utf-8", "utf-8 with a mark")))
NARROW_FIRST = [(second, first) for first, second in WIDE_FIRST]


def _read(text: bytes, window: int) -> tuple[list[bytes], Framing]:
    seen = Framing()
    windows = [text[start : start + window] for start in range(0, len(text), window)]
    return [
        bytes(one) for framed in frame(iter(windows), seen) for values in unwrap(framed, seen) for one in values.texts
    ], seen


@pytest.mark.parametrize("window", [7, 501, 1 << 30])
@pytest.mark.parametrize(("first", "second"), [*WIDE_FIRST, *NARROW_FIRST])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_text_behind_text_of_another_encoding_is_read(first: str, second: str, end: str, window: int) -> None:
    spelled = [record(event(userAgent="naïve 日本")) for _ in range(6)]
    parts = [records_text(spelled[:3]).decode() + end, records_text(spelled[3:]).decode() + end]
    found, seen = _read(TEXTS[first](parts[0]) + TEXTS[second](parts[1]), window)
    assert found == spelled
    name = "UTF-8" if second.startswith("utf-8") else "UTF-16"
    assert f"a part of it is written in {name}; read as such" in seen.notes
    assert not seen.damage


def test_three_parts_are_read() -> None:
    spelled = [record(event()) for _ in range(3)]
    lines = [one.decode() + "\n" for one in spelled]
    found, _ = _read(lines[0].encode() + lines[1].encode("utf-16-le") + lines[2].encode(), 1 << 30)
    assert found == spelled


def test_a_log_file_without_a_line_end_has_wide_text_behind_it() -> None:
    spelled = [record(event()) for _ in range(2)]
    found, _ = _read(records_text(spelled[:1]) + records_text(spelled[1:]).decode().encode("utf-16-le"), 1 << 30)
    assert found == spelled


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le"])
def test_characters_in_a_string_whose_bytes_spell_json_are_no_other_text(encoding: str) -> None:
    """Who makes a call chooses its user agent; the bytes of such characters in UTF-16 may be any text."""
    planted = b'","x":[' + record(event(eventID="planted")) + b"]   "
    planted += b" " * (len(planted) % 2)
    wide = planted.decode("utf-16-le" if encoding == "utf-32-le" else encoding)
    spelled = [record(event(userAgent=f"{before}{wide}")) for before in ("\u0a7b\u4e00", "\n", "}", "]}\n")]
    found, _ = _read(records_text(spelled).decode().encode(encoding), 1 << 30)
    assert found == spelled


def test_how_a_text_is_cut_into_windows_says_nothing_of_its_encodings() -> None:
    parts = (record(event()).decode()[:300], '{"a":1}', "x", "a line of a log, not JSON", "", "\0{}\0")
    for seed in range(300):
        chance = random.Random(seed)
        text = b"".join(
            TEXTS[chance.choice(list(TEXTS))](chance.choice(parts) + chance.choice(("\n", "", "}")))
            for _ in range(chance.randint(1, 4))
        )
        size = chance.choice((1, 2, 33, 49, 100))
        windows = [text[start : start + size] for start in range(0, len(text), size)]
        told, seen = Framing(), Framing()
        assert b"".join(as_utf8(iter(windows), seen)) == b"".join(as_utf8(iter((text,)), told)), seed
        assert seen.notes == told.notes


def test_values_with_nul_between_them_are_searched_in_one_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some programs send a NUL behind each value; a search that tries every place took four times as long as the rest."""
    spelled = [record(event()) for _ in range(50)]
    monkeypatch.setattr(encodings, "_WIDE_BEHIND", None)  # where none begins it is not asked
    found, seen = _read(b"\0".join(spelled), 1 << 30)
    assert found == spelled
    assert not any("UTF-16" in note for note in seen.notes)
