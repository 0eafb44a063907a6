"""What transport does to texts: other ends of lines, base64 broken into lines, texts that are cut in the middle."""

from __future__ import annotations

import base64
import json
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from tests.builders import event, gz, records_file, root_event
from tests.ingest.checks import Files, event_ids, evidence, load
from tests.ingest.containers.wrappings import packed, subscription

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEADER = "eventid,eventtime,eventsource,eventname,useragent"
ROWS = [f'x-{place},2026-08-05T10:00:00Z,iam.amazonaws.com,CreateUser,"a, ""b"""' for place in range(3)]


def one_file(tmp_path: Path, data: str | bytes, **options: Any) -> Any:
    (tmp_path / "a").write_bytes(data if isinstance(data, bytes) else data.encode())
    return load(tmp_path, tmp_path / "a", **options)


@pytest.mark.quick(1)
@pytest.mark.parametrize("end", ["", "\r"])
@pytest.mark.parametrize("pack", [bytes, gz], ids=["plain", "gzip"])
def test_lines_that_end_in_cr_alone(tmp_path: Path, end: str, pack: Any) -> None:
    case = one_file(tmp_path, pack(("\r".join([HEADER, *ROWS]) + end).encode()))
    assert event_ids(case) == ["x-0", "x-1", "x-2"]
    assert evidence(case)["a"]["status"] == "loaded"
    assert case.raw("x-1").decode() == ROWS[1] + "\r"


@pytest.mark.parametrize("before", [[], ["an odd line"]], ids=["at once", "behind an odd line"])
def test_json_in_lines_that_end_in_cr_alone(tmp_path: Path, before: list[str]) -> None:
    events = [root_event() for _ in range(3)]
    case = one_file(tmp_path, "\r".join([*before, *map(json.dumps, events)]) + "\r")
    assert event_ids(case) == [one["eventID"] for one in events]
    assert evidence(case)["a"]["rejected_count"] == len(before)


def broken(text: bytes, width: int, newline: bytes) -> bytes:
    """A text in lines of a width."""
    return newline.join(text[place : place + width] for place in range(0, len(text), width)) + newline


EVENTS = [root_event() for _ in range(40)]


def fresh(count: int = 40) -> list[dict[str, Any]]:
    """Events of root with fresh eventIDs."""
    return [root_event() for _ in range(count)]


def ids_of(events: list[dict[str, Any]]) -> list[str]:
    return [one["eventID"] for one in events]


@pytest.mark.heavy
def test_base64_in_lines_of_mime_is_one_text(tmp_path: Path, subtests: pytest.Subtests) -> None:
    packs: dict[str, Callable[[bytes], bytes]] = {"gzip": gz, "plain": bytes}
    made, events = {}, {}
    for width, newline, pack in product((64, 76), (b"\n", b"\r\n"), packs):
        key = f"{width}, {newline!r}, {pack}"
        events[key] = fresh()
        halves = (events[key][:20], events[key][20:])
        made[key] = b"".join(
            broken(base64.b64encode(packs[pack](records_file(half))), width, newline) for half in halves
        )
        if pack == "plain":  # nothing but a shorter line tells where such a text ends
            made[key] = broken(base64.b64encode(records_file(events[key])), width, newline)
    files = Files(tmp_path, made, "a")
    for key, some in events.items():
        with subtests.test(key):
            assert files.ids(key) == ids_of(some)
            assert len(files.root_events(key)) == len(some)


def test_one_text_in_base64_a_line_stays_so(tmp_path: Path) -> None:
    lines = [base64.b64encode(gz(records_file([one]))) for one in EVENTS[:4]]
    assert event_ids(one_file(tmp_path, b"\n".join(lines))) == [one["eventID"] for one in EVENTS[:4]]


def test_base64_in_lines_inside_json(tmp_path: Path) -> None:
    data = broken(packed(subscription(EVENTS)).encode(), 76, b"\n").decode()
    case = one_file(tmp_path, json.dumps({"awslogs": {"data": data}}))
    assert event_ids(case) == [one["eventID"] for one in EVENTS]


def test_packed_text_that_is_cut_gives_its_whole_events_and_is_damage(
    tmp_path: Path, subtests: pytest.Subtests
) -> None:
    made, events = {}, {}
    for lost, shape in product(range(4), ("awslogs", "kinesis", "base64")):
        some = events[f"{shape}, {lost}"] = fresh()
        text = packed(subscription(some))
        cut = text[: len(text) // 2 + lost]
        made[f"{shape}, {lost}"] = {
            "awslogs": json.dumps({"awslogs": {"data": cut}}),
            "kinesis": json.dumps({"Records": [{"eventSource": "aws:kinesis", "kinesis": {"data": cut}}]}),
            "base64": cut,
        }[shape].encode()
    files = Files(tmp_path, made, "a")
    for key, some in events.items():
        with subtests.test(key):
            row, found = files.row(key), files.ids(key)
            assert 1 < len(found) < len(some)
            assert found == ids_of(some[: len(found)])
            assert row["status"] == "damaged"
            assert "packed in base64 is cut off or broken" in row["problem"]


def test_a_token_that_looks_packed_is_no_damage(tmp_path: Path) -> None:
    tokens = ("eyJuZXh0IjogMX", "H4sIAAAAAAAAA", base64.b64encode(gz(b'{"a":1}')).decode()[:-5])
    page = {"Events": [], "Tokens": dict(zip("abc", tokens, strict=True)), "page": {"rows": [event()]}}
    row = evidence(one_file(tmp_path, json.dumps(page)))["a"]
    assert (row["status"], row["event_count"]) == ("loaded", 1)


PREFIXES = [
    "2026-08-05T10:00:00.000000+00:00 111122223333_CloudTrail_us-east-1 ",
    "2026-08-05T10:00:00 ",
    "/aws/trail 111122223333_CloudTrail_us-east-1_3 ",
    "[2026-08-05 10:00:00] stream: ",
]


def test_records_behind_the_prefix_of_a_tail(tmp_path: Path) -> None:
    made, wanted = {}, {}
    for prefix, indent in product(PREFIXES, (None, 2)):
        events = fresh(3)
        key = f"{prefix}, {indent}"
        made[key] = "".join(f"{prefix}{json.dumps(one, indent=indent)}\n" for one in events).encode()
        wanted[key] = ids_of(events)
    files = Files(tmp_path, made, "a")
    assert {key: files.ids(key) for key in made} == wanted
