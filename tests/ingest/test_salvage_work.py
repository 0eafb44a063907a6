"""However broken a text is, the salvage reader's work stays in proportion to its size, and nothing whole is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.ingest import heads, salvage
from rootforensics.ingest.heads import End
from rootforensics.ingest.text import as_string
from tests.builders import event, record
from tests.ingest.shapes import hostile_event

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

PYTHON_LINE = b"{'eventVersion': '1.08', 'readOnly': True, 'eventName': 'ConsoleLogin', 'a': {'b': 1}}\n"
#: Opening and the piece that repeats.
BROKEN: dict[str, tuple[bytes, bytes]] = {
    "lines of Python": (b"", PYTHON_LINE),
    "lines without the last brace": (b"", b'{"eventVersion":"1.08","eventName":"x"\n'),
    "lines of unfinished strings": (b"", b'{"eventVersion":"\\'),
    "True for true, another first key": (b'{"Records":[', b'{"eventName":"a","readOnly":True},'),
    "a bare word in each record": (b'{"Records":[', b'{"eventName":"a"x},'),
    "a lost quote after each record": (b'{"Records":[', b'{"eventVersion":1},{"'),
    "lists in records in lists": (b'{"Records":[', b'{"eventVersion":['),
    "plain values, never closed": (b"", b'{"a":"b",'),
    "strings side by side": (b'{"Records":[', b'{"eventVersion":"a",""'),
    "containers in containers": (b"", b'{"Events":['),
    "containers in entries": (b'{"Events":[', b'{"Events":[{"a":1},'),
    "lines of containers that do not end": (b"", b'{"Events":[{"a":"b"},\n'),
    "entries without an end": (b'{"Events":[', b'{"EventId":"1","Resources":[],'),
    "rows without an end": (b'{"QueryResultRows":[', b'[{"eventID":"1"},{"a":'),
    "braces at the start of lines": (b"", b'{"a":\n{"b":\n'),
    "records behind colons": (b'{"Records":[', b'{"eventVersion":{"eventVersion":'),
    "lines of records behind colons": (b"", b'{"a":{"eventVersion":"1"},"b":{"eventVersion":"1"}\n'),
    "objects behind commas": (b'{"y":"', b'"},{"x":[{'),
    "broken lines, each with a key of its own": (b"", b"{'a'},{'b':1},{'c'\n"),
    "objects of unknown shape": (b"", b'{"x":[{"eventName":1},'),
}


class Counting:
    """A pattern that counts the bytes it looks at."""

    def __init__(self, pattern: re.Pattern[bytes]) -> None:
        self.pattern = pattern

    def _count(self, found: re.Match[bytes] | None, start: int, end: int) -> re.Match[bytes] | None:
        looked_to = found.end() if found and found.group() != b'"' else end
        Counting.seen += max(looked_to - start, 0)
        return found

    seen = 0

    def search(self, text: bytes, start: int = 0, end: int = 1 << 62) -> re.Match[bytes] | None:
        return self._count(self.pattern.search(text, start, end), start, min(end, len(text)))

    def match(self, text: bytes, start: int = 0) -> re.Match[bytes] | None:
        found = self.pattern.match(text, start)
        return self._count(found, start, start)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> type[Counting]:
    """Every byte that the reader's patterns look at, and every byte of a value that is tried, is counted."""
    Counting.seen = 0
    monkeypatch.setattr(salvage, "_MIN_REREAD_BYTES", 2000)
    for name in ("_BRACKET", "RECORDS_HEAD"):
        monkeypatch.setattr(salvage, name, Counting(getattr(salvage, name)))
    end_of_value, place_behind, learn = heads.end_of_value, heads.place_behind, heads.Starts.learn

    def sought(text: bytes, start: int, limit: int) -> End:
        end = end_of_value(text, start, limit)
        Counting.seen += (end.place or end.walked_to) - start
        return end

    def walked_over(text: bytes, place: int) -> int | None:
        end = place_behind(text, place)
        Counting.seen += (end or len(text)) - place
        return end

    def learnt(starts: heads.Starts, text: bytes, place: int, *, is_whole: bool = False) -> bool:
        is_news = learn(starts, text, place, is_whole=is_whole)
        if is_news:
            starts.again = Counting(starts.again)  # type: ignore[assignment]
        return is_news

    monkeypatch.setattr(heads.Starts, "learn", learnt)
    monkeypatch.setattr(heads, "end_of_value", sought)
    monkeypatch.setattr(salvage, "end_of_value", sought)
    monkeypatch.setattr(salvage, "place_behind", walked_over)
    return Counting


def _read(text: bytes, window: int = 1 << 30) -> tuple[list[bytes], Any]:
    reader = salvage.Salvage()
    found: list[bytes] = []
    for start in range(0, len(text), window):
        found += reader.items(text[start : start + window])
    return list(filter(None, [*found, *reader.finish()])), reader


@pytest.mark.parametrize("name", BROKEN)
def test_each_byte_is_looked_at_a_few_times_however_broken_the_text(name: str, counting: type[Counting]) -> None:
    opening, piece = BROKEN[name]
    text = opening + piece * (60_000 // len(piece))
    _, reader = _read(text)
    assert reader.damage
    assert counting.seen < 8 * len(text)


def test_an_open_value_is_not_walked_anew_with_each_window(counting: type[Counting]) -> None:
    text = b'{"Records":[{"a":[' + b'{"b":1},' * 40_000
    _, reader = _read(text, 4000)
    assert "ends inside a record" in reader.damage
    assert counting.seen < 4 * len(text) + 80 * 70_000  # the search for the next record begins anew with each window


@pytest.mark.parametrize("breaks", [lambda one: one[:-1], lambda one: one.replace(b'us-east-1"', b"us-east-1", 1)])
@pytest.mark.parametrize("lines", [True, False])
def test_whole_records_are_found_after_much_was_walked_in_vain(
    monkeypatch: pytest.MonkeyPatch, breaks: Callable[[bytes], bytes], lines: bool
) -> None:
    monkeypatch.setattr(salvage, "_MIN_REREAD_BYTES", 0)
    monkeypatch.setattr(salvage, "_REREAD_SHARE", 1 << 40)
    spelled = [record(hostile_event() if index % 2 else event()) for index in range(60)]
    broken = [breaks(one) if index % 5 == 2 else one for index, one in enumerate(spelled)]
    text = b"\n".join(broken) + b"\n" if lines else b'{"Records":[' + b",".join(broken) + b"]}"
    found, reader = _read(text)
    assert found == [one for index, one in enumerate(spelled) if index % 5 != 2]
    assert "12 broken record(s) left out, the first at byte" in reader.damage


def test_a_lost_quote_does_not_hold_the_whole_text_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(salvage, "_MAX_VALUE_BYTES", 5000)
    spelled = [record(event()) for _ in range(80)]
    broken = [spelled[0], spelled[1].replace(b'us-east-1"', b"us-east-1", 1), *spelled[2:]]
    text = b'{"Records":[' + b",".join(broken) + b"]}"
    reader = salvage.Salvage()
    early = list(filter(None, reader.items(text[: len(text) // 2])))
    assert len(early) > 30
    rest = list(filter(None, [*reader.items(text[len(text) // 2 :]), *reader.finish()]))
    assert [*early, *rest] == [spelled[0], *spelled[2:]]


def test_a_value_without_an_end_and_without_records_is_left_out_at_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(salvage, "_MAX_VALUE_BYTES", 20_000)
    last = record(event())
    text = b'[{"a":[' + b'"x",' * 10_000 + b"]}\n," + last + b"]"
    found, reader = _read(text, 3000)
    assert last in found
    assert "broken record(s) left out, the first at byte 1" in reader.damage


@pytest.mark.parametrize("tail", [b"\n]}\n", b'\n], "NextToken": "t"}\n'])
def test_a_whole_container_is_not_broken_for_being_long(tail: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(salvage, "_MAX_VALUE_BYTES", 5000)
    entries = [b'{"EventId": "%d", "CloudTrailEvent": %b}' % (n, as_string(record(event()))) for n in range(60)]
    found, reader = _read(b'{\n"Events": [\n' + b",\n".join(entries) + tail, 3000)
    assert found == entries
    assert reader.damage == ""


@pytest.mark.parametrize(
    ("whole", "broken"),
    [(b'"NextToken": "t"}', b""), (b'"59"', b'"59'), (b",\n", b"\n")],
    ids=["no brace at the end", "a lost quote", "no commas"],
)
def test_a_long_container_that_is_broken_is_told(whole: bytes, broken: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(salvage, "_MAX_VALUE_BYTES", 5000)
    entries = [b'{"EventId": "%d", "CloudTrailEvent": %b}' % (n, as_string(record(event()))) for n in range(60)]
    text = b'{\n"Events": [\n' + b",\n".join(entries) + b'\n], "NextToken": "t"}'
    assert whole in text
    _, reader = _read(text.replace(whole, broken), 3000)
    assert reader.damage


@pytest.mark.parametrize("window", [50, 333, 1000])
def test_what_follows_a_lost_beginning_is_no_record_wherever_the_windows_end(window: int) -> None:
    spelled = [record(hostile_event()) for _ in range(4)]
    headless = spelled[1][spelled[1].index(b'"userIdentity"') :]
    text = b'{"Records":[' + b",".join([spelled[0], headless, *spelled[2:]]) + b"]}"
    whole, _ = _read(text)
    assert _read(text, window)[0] == whole
