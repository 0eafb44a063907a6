"""A file that is cut off inside a text with events in it: the whole ones are read, the object is damaged."""

from __future__ import annotations

import base64
import gzip
import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from rootforensics.ingest.filters import Filters
from tests.builders import event, record, records_text, root_event
from tests.ingest.checks import event_ids, evidence, load
from tests.ingest.containers.wrappings import Events, sns, subscription

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EVENTS: Final = [root_event() if place % 2 else event() for place in range(12)]
IDS: Final = [one["eventID"] for one in EVENTS]


def stored(value: Any) -> str:
    """A value as gzip in base64, not made smaller, so that what is before a cut can be known."""
    return base64.b64encode(gzip.compress(json.dumps(value).encode(), 0)).decode()


def coded(value: Any) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def _file(events: Events) -> dict[str, Any]:
    return {"Records": events}


def _body(text: str) -> dict[str, Any]:
    return {"Messages": [{"MessageId": "1", "ReceiptHandle": "x", "Body": text}]}


#: A container with all events in one text.
HELD: Final[dict[str, Callable[[Events], Any]]] = {
    "subscription": lambda events: {"awslogs": {"data": stored(subscription(events))}},
    "kinesis": lambda events: {"Records": [{"Data": stored(subscription(events)), "SequenceNumber": "1"}]},
    "kinesis in lambda": lambda events: {"Records": [{"kinesis": {"data": stored(subscription(events))}}]},
    "firehose": lambda events: {
        "deliveryStreamArn": "a",
        "records": [{"recordId": "1", "data": stored(_file(events))}],
    },
    "body": lambda events: _body(json.dumps(_file(events))),
    "body in base64": lambda events: _body(coded(_file(events))),
    "body of list in base64": lambda events: _body(coded(events)),
    "notification in a body": lambda events: _body(json.dumps(sns(_file(events)))),
    "notification": lambda events: sns(_file(events)),
}


def cut(tmp_path: Path, data: bytes, *, root_only: bool = False) -> tuple[list[str | None], dict[str, Any]]:
    """The events of a file with these bytes, and its row in the ledger."""
    tmp_path.mkdir(exist_ok=True)
    (tmp_path / "a").write_bytes(data)
    case = load(tmp_path, tmp_path / "a", name=f"{root_only}.duckdb", filters=Filters(root_only=root_only))
    return event_ids(case), evidence(case)["a"]


@pytest.mark.parametrize("name", HELD)
def test_whole_events_before_a_cut_inside_a_text_are_read(name: str, tmp_path: Path) -> None:
    data = record(HELD[name](EVENTS))
    # Each record takes nearly the same share of the text: about half of them are whole in its half.
    found, row = cut(tmp_path, data[: len(data) // 2])
    assert found == IDS[: len(found)]
    assert len(IDS) // 2 - 2 <= len(found) <= len(IDS) // 2
    assert (row["status"], row["rejected_count"]) == ("damaged", 0)
    assert "cut off" in row["problem"] or "the text ends inside" in row["problem"]
    assert cut(tmp_path, data[: len(data) // 2], root_only=True)[0] == found[1::2]


@pytest.mark.parametrize("name", ["subscription", "notification in a body"])
def test_a_cut_at_any_place_raises_nothing_and_is_damage(name: str, tmp_path: Path) -> None:
    data = record(HELD[name](EVENTS[:3]))
    for end in range(len(data) // 2, len(data) - 1, 701):
        found, row = cut(tmp_path / f"{end}", data[:end])
        assert found == IDS[: len(found)], end
        assert row["status"] == "damaged", end


def test_a_line_that_is_cut_off_behind_whole_ones_gives_its_whole_events(tmp_path: Path) -> None:
    first, second = (record(HELD["subscription"](some)) for some in (EVENTS[:4], EVENTS[4:]))
    found, row = cut(tmp_path, first + b"\n" + second[: len(second) // 2])
    assert found == IDS[: len(found)]
    assert len(found) in (6, 7, 8)
    assert row["status"] == "damaged"


@pytest.mark.parametrize("text", [stored(_file(EVENTS)), coded(_file(EVENTS)), json.dumps(_file(EVENTS))])
@pytest.mark.parametrize("field", ["requestParameters", "errorMessage", "additionalEventData"])
def test_what_an_event_that_is_cut_off_carries_is_no_event(field: str, text: str, tmp_path: Path) -> None:
    whole, broken = event(), event(**{field: text if field == "errorMessage" else {"policy": text}})
    data = records_text([record(whole), record(broken)])
    start = data.index(json.dumps(text)[1:60].encode())
    found, row = cut(tmp_path, data[: start + len(text) // 2])
    assert (found, row["status"]) == ([whole["eventID"]], "damaged")


@pytest.mark.parametrize("text", ["SGVsbG8gd29ybGQ", "{not json", "H4sIAAAA", "eyJhIjoiYiI"])
def test_a_cut_inside_a_text_without_events_gives_none(text: str, tmp_path: Path) -> None:
    whole = event()
    found, row = cut(tmp_path, record(whole) + b'\n{"note": "%b' % text.encode())
    assert (found, row["status"], row["record_count"]) == ([whole["eventID"]], "damaged", 1)


@pytest.mark.parametrize("pack", [stored, coded])
def test_a_file_in_base64_without_a_whole_event_is_damaged(pack: Callable[[Any], str], tmp_path: Path) -> None:
    found, row = cut(tmp_path, pack(_file(EVENTS)).encode()[:700])
    assert (found, row["status"]) == ([], "damaged")
    assert "is cut off or broken" in row["problem"]


def test_an_escape_that_is_cut_off_costs_nothing_before_it(tmp_path: Path) -> None:
    one = event(userAgent="ü\U0001f511")
    data = record(_body(json.dumps(_file([one, event(userAgent="ü\U0001f511")]))))
    at = data.rindex(b"\\\\u")
    for end in range(at, at + 8):
        assert cut(tmp_path / f"{end}", data[:end])[0] == [one["eventID"]], end
