"""An event inside the parameters of a record is no record, however the file around it is put together or broken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.ingest.filters import Filters
from rootforensics.ingest.heads import end_of_value
from tests.builders import event, gz, record, records_text, root_event
from tests.ingest.checks import evidence, rows
from tests.ingest.side_by_side import load_beside

if TYPE_CHECKING:
    from pathlib import Path

_INNER = {"items": [{"q": 1}, {"eventVersion": "1.0", "userIdentity": {"type": "Root"}}, {"eventVersion": "1.0"}]}


def _events() -> list[dict[str, Any]]:
    return [event(), event(requestParameters=_INNER), event(requestParameters=_INNER | {"long": "x" * 50_000}), event()]


def _file(events: list[dict[str, Any]]) -> bytes:
    return b'{"Records":[' + b",".join(map(record, events)) + b"]}"


def _made(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> dict[str, bytes]:
    one, other = _file(first), _file(second)
    return {
        "two members": gz(one) + gz(other),
        "two files in one": one + other,
        "a member cut in two": gz((one + other)[:500]) + gz((one + other)[500:]),
        "Records twice": one[:-1] + b"," + other[1:],
        "a comma too many": _file([*first, *second])[:-2] + b",]}",
        "cut off behind a record": _file([*first, *second])[:-2],
    }


@pytest.mark.parametrize("name", _made([], []))
async def test_each_record_is_one_event_and_nothing_else_is(tmp_path: Path, name: str) -> None:
    first, second = _events(), _events()
    (tmp_path / "a").write_bytes(_made(first, second)[name])
    case = await load_beside(tmp_path, tmp_path / "a")
    found = [row["eventID"] for row in rows(case, "SELECT eventID FROM events ORDER BY record_index")]
    assert found == [one["eventID"] for one in (*first, *second)]
    root = await load_beside(tmp_path, tmp_path / "a", filters=Filters(root_related=True))
    assert rows(root, "SELECT eventID FROM events") == []


async def test_a_record_that_never_ends_hides_no_record_behind_it(tmp_path: Path) -> None:
    first, last = event(), root_event()
    broken = record(event(requestParameters=_INNER)).replace(b'{"eventVersion": "1.0"}', b"").replace(b"}]}", b"}", 1)
    (tmp_path / "a").write_bytes(b'{"Records":[' + b",".join((record(first), broken[:-1], record(last))) + b"]}")
    case = await load_beside(tmp_path, tmp_path / "a")
    assert evidence(case)["a"]["status"] == "damaged"
    found = [row["eventID"] for row in rows(case, "SELECT eventID FROM events ORDER BY record_index")]
    assert first["eventID"] in found
    assert last["eventID"] in found


@pytest.mark.parametrize("size", [3, 4095, 4096, 4097, 40_000])
def test_the_end_of_a_value_is_found_at_any_size(size: int) -> None:
    value = b'{"a":"' + b"\xc3\xa9" * (size // 2) + b'","b":[1,-2.5e3]}'
    text = b"xx" + value + b',{"c":'
    assert end_of_value(text, 2, len(text)).place == 2 + len(value)
    assert end_of_value(text, 2, 2 + len(value)).place == 2 + len(value)
    cut_off = [(text, 2, len(value) + 1), (text[:-9], 2, len(text) - 9), (text, len(value) + 3, len(text))]
    assert [end_of_value(*one).place for one in cut_off] == [None] * 3
    assert all(end_of_value(*one).is_open for one in cut_off)


@pytest.mark.parametrize("word", [b"true", b"null", b"-12.5e-3", rb'"\ud83d\ude00"'])
def test_a_value_that_is_cut_inside_a_word_is_open_and_not_broken(word: bytes) -> None:
    text = b'{"a":' + word
    for cut in range(6, len(text)):
        found = end_of_value(text[:cut], 0, cut)
        assert (found.place, found.is_open) == (None, True), text[:cut]


@pytest.mark.parametrize("where", [1, 9])
@pytest.mark.parametrize("size", [10, pytest.param(56, marks=pytest.mark.heavy)])
async def test_a_long_record_of_a_broken_file_is_followed_to_its_end(tmp_path: Path, where: int, size: int) -> None:
    """Longer than what may be walked twice, or than a window, with events in its parameters."""
    mebibyte = ["x" * 4080] * 256
    inner = [root_event(), root_event()]
    before, behind = mebibyte * where, mebibyte * (size - where)
    parameters = {"before": before, "inner": inner, "wrapped": {"Records": inner}, "behind": behind}
    last = root_event()
    values = [b'{"eventVersion":"1.11",,}', record(event(requestParameters=parameters)), record(last)]
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.json").write_bytes(records_text(values))
    for filters in (None, Filters(root_related=True)):
        case = await load_beside(tmp_path, filters=filters)
        found = rows(case, "SELECT eventID, record_index FROM root_events")
        assert found == [{"eventID": last["eventID"], "record_index": 1}]
        told = rows(case, "SELECT status, record_count, rejected_count FROM evidence")
        # No record of more than 16 MiB is stored.
        assert told == [{"status": "damaged", "record_count": 2, "rejected_count": int(size > 16)}]
