"""An object without events is read so far and no further, however many values it holds; one with events to its end."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.ingest import density, values
from rootforensics.ingest.containers import embedded
from rootforensics.ingest.containers.python_text import as_json
from rootforensics.ingest.salvage import whole_values
from rootforensics.ingest.seen import Framing
from tests.builders import event, gz, record, records_file
from tests.ingest.checks import Files, check_counts, event_ids, evidence, load

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MOST = 2000
FEW = rf.Limits(max_other_values=MOST)
COUNT = 200_000
WORDS = f"no event among its first {MOST:,} values and lines; read no further (raise --max-other-values"
#: What is repeated, and what stands before it.
BOMBS: dict[str, tuple[bytes, bytes]] = {
    "lists in lines": (b"", b"[[]]\n"),
    "heads": (b"", b'{"Records":['),
    "braces in lines": (b"", b"{\n"),
    "broken lists": (b"", b'{"a":[}'),
    "objects": (b"[", b'{"a":12345678901234567890},'),
    "lines": (b"", b"x\n"),
    "line ends": (b"x", b"\n"),
    "log lines": (b"", b'x {"eventName":\n'),
    "rows": (b"eventName,eventTime,eventSource,awsRegion\n", b",\n"),
    "records in rows": (b"timestamp,message\n", b'2026-01-01,"{""a"":1}"\n'),
    "containers": (b"", b'{"events":[{"message":""}]}\n'),
    "base64": (b"", b"H4sI\n"),
    "what Python prints": (b"[", b"{'a':1},"),
    "UTF-16": (b"\xfe\xff", b"\0{\0}\0\n"),
}


@pytest.mark.heavy
def test_a_text_without_events_is_read_to_a_bound_that_is_told(tmp_path: Path, subtests: pytest.Subtests) -> None:
    packed = {name: gzip.compress(opening + unit * COUNT) for name, (opening, unit) in BOMBS.items()}
    neighbour = event()
    files = Files(tmp_path, packed | {"neighbour": gz(records_file([neighbour]))}, "a.gz", limits=FEW)
    for name, content in packed.items():
        with subtests.test(name):
            row = files.row(name)
            assert (row["status"], row["event_count"]) == ("damaged", 0)
            assert WORDS in row["problem"]
            assert MOST < row["record_count"] < COUNT
            assert (row["sha256"], row["size_bytes"]) == (hashlib.sha256(content).hexdigest(), len(content))
            assert row["gzip_member_count"] == 1
    assert event_ids(files.case) == [neighbour["eventID"]]


#: Lines that look as if a record were in them; each is opened to know that none is.
_IN_VAIN = {
    "the head of gzip": b"H4sIAAAA\n",
    "gzip": base64.b64encode(gz(b"{}")) + b"\n",
    "gzip in JSON": b'{"data":"%b"}\n' % base64.b64encode(gz(b"{}")),
    "a record cut off": b'x {"eventName"\n',
    "a broken record": b'x {"eventName"}\n',
    "what Python prints, broken": b"x {'eventName':}\n",
}


@pytest.mark.quick(1)
@pytest.mark.parametrize("name", _IN_VAIN)
def test_texts_are_not_opened_in_vain_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(values, "_LOOKED_AT_AT_ONCE", 100)
    opened = 0

    def counted(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*values: Any, **more: Any) -> Any:
            nonlocal opened
            opened += 1
            return function(*values, **more)

        return call

    for one in ("inflate", "whole_values"):
        monkeypatch.setattr(embedded, one, counted(getattr(embedded, one)))
    last = event()
    (tmp_path / "a.log").write_bytes(_IN_VAIN[name] * (MOST - 10) + record(last) + b"\n")
    case = load(tmp_path, tmp_path / "a.log", limits=FEW)
    row = evidence(case)["a.log"]
    assert opened <= MOST // 10 + 100
    assert event_ids(case) == [last["eventID"]] or (row["status"] == "damaged" and WORDS in row["problem"])
    case.load(tmp_path / "a.log", limits=rf.Limits(max_other_values=20 * MOST))
    assert event_ids(case) == [last["eventID"]]


@pytest.mark.heavy
def test_events_lift_the_bound_of_texts_that_are_opened(tmp_path: Path) -> None:
    packed = [event() for _ in range(1000)]
    lines = [base64.b64encode(gz(text)) for one in packed for text in (record(one), b'{"a":1}')]
    (tmp_path / "a.log").write_bytes(b"\n".join(lines))
    case = load(tmp_path, tmp_path / "a.log", limits=FEW)
    assert event_ids(case) == [one["eventID"] for one in packed]
    assert evidence(case)["a.log"]["record_count"] == 2000


@pytest.mark.heavy
def test_each_event_lifts_the_bound(tmp_path: Path) -> None:
    events = [event() for _ in range(200)]
    lines = [line for one in events for line in (record(one), *[b"{}"] * 900)]
    (tmp_path / "a.json").write_bytes(b"\n".join(lines))
    case = load(tmp_path, tmp_path / "a.json", limits=FEW)
    row = evidence(case)["a.json"]
    assert event_ids(case) == [one["eventID"] for one in events]
    assert (row["status"], row["record_count"]) == ("loaded", len(lines))


@pytest.mark.heavy
@pytest.mark.parametrize("other", [b"{}", b"x"])
@pytest.mark.quick(1)
def test_one_event_does_not_lift_the_bound_for_good(tmp_path: Path, other: bytes) -> None:
    first, last = event(), event()
    lines = [record(first), *[other] * COUNT, record(last)]
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.json.gz").write_bytes(gzip.compress(b"\n".join(lines)))
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs", limits=FEW)
        row = evidence(case)["a.json.gz"]
        assert event_ids(case) == [first["eventID"]]
        assert (row["status"], row["event_count"]) == ("damaged", 1)
        assert (
            f"1 event among {row['record_count']:,} values and lines; read no further (raise --max-other"
            in row["problem"]
        )
        assert MOST < row["record_count"] < COUNT
        check_counts(case)
        assert case.load(tmp_path / "logs", limits=FEW).unchanged_count == 1
        case.load(tmp_path / "logs", limits=rf.Limits(max_other_values=COUNT))
        assert event_ids(case) == [first["eventID"], last["eventID"]]
        check_counts(case)


@pytest.mark.heavy
def test_an_event_behind_the_bound_is_found_once_it_is_raised_and_stays(tmp_path: Path) -> None:
    last, other = event(awsRegion="us-east-1"), event(awsRegion="eu-west-1")
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "a.json").write_bytes(b"{}\n" * COUNT + record(last) + b"\n" + record(other))
    with rf.open_case(tmp_path / "case.duckdb") as case:
        regions = rf.Filters(regions=("us-east-1",))
        case.load(tmp_path / "logs", limits=FEW, filters=regions)
        assert WORDS in evidence(case)["a.json"]["problem"]
        assert case.load(tmp_path / "logs", limits=FEW, filters=regions).unchanged_count == 1
        case.load(tmp_path / "logs", limits=rf.Limits(max_other_values=COUNT), filters=regions)
        assert event_ids(case) == [last["eventID"]]
        assert evidence(case)["a.json"]["status"] == "loaded"
        case.load(tmp_path / "logs", limits=FEW)
        check_counts(case)
        assert event_ids(case) == [last["eventID"], other["eventID"]]


@pytest.mark.heavy
def test_a_record_of_a_long_file_is_read_from_its_evidence_whatever_stands_before_it(tmp_path: Path) -> None:
    last = event()
    (tmp_path / "a.json").write_bytes(b"{}\n" * 260_000 + record(last))
    case = load(tmp_path, tmp_path / "a.json", limits=rf.Limits(max_other_values=10**6))
    assert case.raw(last["eventID"]) == record(last)


def test_a_long_text_without_events_says_where_the_search_ended(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes((b"x" * 1_000_000 + b"\n") * 18)
    row = evidence(load(tmp_path, tmp_path / "a.log"))["a.log"]
    assert row["status"] == "unsupported"
    assert "its first 16,777,216 bytes hold no event; the rest was not searched" in row["problem"]


@pytest.mark.quick(1)
@pytest.mark.parametrize("unit", [b'{"a":[', b"["])
def test_a_text_in_a_message_with_more_brackets_than_events_have_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unit: bytes
) -> None:
    monkeypatch.setattr(density, "_PIECE_BYTES", 4096)
    assert whole_values(unit * 5000) == ([], density.OVERFULL)
    body = base64.b64encode(gz(unit * 5000)).decode()
    good = event()
    (tmp_path / "a.json").write_text(json.dumps({"Records": [{"messageId": "m", "body": body}, good]}))
    case = load(tmp_path, tmp_path / "a.json")
    assert event_ids(case) == [good["eventID"]]
    assert evidence(case)["a.json"]["status"] == "damaged"


def test_of_what_python_prints_no_event_is_lost_to_a_value_with_too_many_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(density, "_PIECE_BYTES", 4096)
    bomb, spelled = b"[{'a':" * 5000 + b"\n", event()
    told = Framing()
    assert [*as_json([bomb + repr(spelled).encode()], told)] == [bomb, record(spelled) + b"\n"]
    assert "print it as JSON" in told.damage
