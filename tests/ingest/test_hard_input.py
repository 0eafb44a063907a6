"""Input that costs memory or time, files that are not ours, and moments at which people press Ctrl-C."""

from __future__ import annotations

import io
import json
import random
import signal
import subprocess
import sys
import threading
from itertools import product
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from rootforensics.case import Case
from rootforensics.engines.duckdb import storage_errors
from rootforensics.errors import CaseError, QueryError, StorageError
from rootforensics.ingest import borders, streams
from rootforensics.ingest.ahead import AHEAD_TEXT_BYTES, Begun, ReadAhead
from rootforensics.ingest.batches import SCHEMA, Batch, in_larger_steps, record_batches
from rootforensics.ingest.decode import Decoded
from rootforensics.ingest.filters import Filters, parse_time
from rootforensics.ingest.limits import Limits
from rootforensics.ingest.plan import Task
from rootforensics.ingest.read import Reading
from rootforensics.ingest.values import Values
from rootforensics.queries.formats import write_jsonl
from rootforensics.sources.local import FoundObject
from tests.builders import event, record, records_file, root_event, write_log
from tests.ingest.checks import Files, event_ids, evidence, load, rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.mark.heavy
def test_many_records_of_megabytes_are_loaded(tmp_path: Path) -> None:
    dice = random.Random(1)
    events = [event(requestParameters={"text": dice.randbytes(2_500_000).hex()}) for _ in range(10)]
    for place, one in enumerate(events):
        write_log(tmp_path / "logs", f"{place}.json.gz", [one, root_event()])
    case = load(tmp_path)
    assert rows(case, "SELECT count(*) AS n, max(length(requestParameters)) > 5000000 AS big FROM events") == [
        {"n": 20, "big": True}
    ]


@pytest.mark.heavy
@pytest.mark.parametrize("root_related", [False, True])
def test_a_record_that_is_too_large_costs_no_neighbour(root_related: bool, tmp_path: Path) -> None:
    small = [root_event(), root_event()]
    write_log(tmp_path / "logs", "a.json", [small[0], root_event(requestParameters={"a": "a" * 30_000_000})])
    write_log(tmp_path / "logs", "b.json", [small[1]])
    case = load(tmp_path, filters=Filters(root_related=root_related))
    assert event_ids(case) == [one["eventID"] for one in small]
    row = evidence(case)["a.json"]
    assert (row["status"], row["record_count"], row["rejected_count"]) == ("damaged", 2, 1)
    assert "more than a record that is stored may have" in row["problem"]


def test_what_the_engine_takes_at_once_is_bounded_by_bytes() -> None:
    large = [b'{"eventName":"%s"}' % (b"x" * 1_000_000)] * 30
    small = [b'{"eventName":"x"}'] * 30_000
    for texts, most in ((large, 5), (small, 16_384)):
        steps = list(in_larger_steps(record_batches(1, Decoded(Values(texts), range(len(texts))))))
        assert sum(step.num_rows for step in steps) == len(texts)
        assert 0 < max(step.num_rows for step in steps) <= most


def test_steps_keep_every_batch() -> None:
    def batches() -> Iterator[Batch]:
        for size in (1, 5_000_000, 3, 30_000_000, 2):
            yield from record_batches(1, Decoded(Values([b'"' + b"x" * size + b'"' + b" " * 12]), range(1)))

    steps = list(in_larger_steps(batches()))
    assert sum(step.num_rows for step in steps) == 5
    assert all(step.schema == SCHEMA for step in steps)


def test_reading_ahead_stops_while_much_text_waits() -> None:
    begun: list[int] = []
    lock = threading.Lock()

    def begin(task: Task) -> Begun:
        with lock:
            begun.append(task.evidence_id)
        text = Values([b" " * (AHEAD_TEXT_BYTES // 2)])
        return Begun(task, Reading(None, iter(())), [Decoded(text, range(1))])  # type: ignore[arg-type]

    from concurrent.futures import ThreadPoolExecutor

    tasks = [Task(FoundObject(str(number), 1), (Filters(),), Limits(), evidence_id=number) for number in range(12)]
    with ThreadPoolExecutor(1) as pool:
        ahead = ReadAhead(pool, begin, tasks)
        seen = []
        for one in ahead:
            seen.append(one.task.evidence_id)
            assert len(begun) - len(seen) <= 3
        ahead.close()
    assert seen == list(range(12))


@pytest.mark.quick(2)
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIEW v AS SELECT 1",
        "CREATE SCHEMA s",
        "CREATE MACRO m(x) AS x",
        "CREATE TYPE t AS ENUM ('a')",
        "CREATE SEQUENCE q",
        "CREATE TABLE t (a INTEGER)",
    ],
)
def test_a_database_of_somebody_else_is_refused_and_stays_as_it_was(statement: str, tmp_path: Path) -> None:
    path = tmp_path / "theirs.duckdb"
    with duckdb.connect(str(path)) as theirs:
        theirs.execute(statement)
    before = path.read_bytes()
    write_log(tmp_path / "logs", "a.json", [event()])
    with pytest.raises(CaseError, match="not a case"):
        Case(path).load(tmp_path / "logs")
    assert path.read_bytes() == before


def test_an_engine_that_is_interrupted_is_ctrl_c(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), storage_errors(tmp_path):
        raise RuntimeError("Query interrupted")
    with pytest.raises(RuntimeError, match="other"), storage_errors(tmp_path):
        raise RuntimeError("other")
    with pytest.raises(StorageError, match="memory"), storage_errors(tmp_path):
        raise duckdb.OutOfMemoryException("Out of Memory Error: failed to allocate")


@pytest.mark.heavy
def test_ctrl_c_while_the_engine_works_ends_in_one_line(tmp_path: Path) -> None:
    for place in range(12):
        write_log(tmp_path / "logs", f"{place}.json.gz", [event() for _ in range(2000)])
    code = (
        "import signal, sys, threading, os, time\n"
        "import rootforensics.ingest.load as load\n"
        "from rootforensics.cli import main\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # it is ignored where a run is in the background
        "first = load._Load._note\n"
        "def note(self, task, facts):\n"
        "    first(self, task, facts)\n"
        "    if len(self._rows) == 6: os.kill(os.getpid(), signal.SIGINT)\n"
        "load._Load._note = note\n"
        f"sys.argv = ['rootforensics', 'load', {str(tmp_path / 'case.duckdb')!r}, {str(tmp_path / 'logs')!r}]\n"
        "main()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode in (130, -signal.SIGINT)
    assert not (tmp_path / "case.duckdb").exists()


@pytest.mark.heavy
def test_a_change_is_told_even_if_the_object_is_read_twice(tmp_path: Path) -> None:
    write_log(tmp_path / "logs", "a.json", [event()])
    case = load(tmp_path)
    write_log(tmp_path / "logs", "a.json", [event(eventTime="1999-01-01T00:00:00Z")])
    load(case)
    assert "changed since it was loaded as evidence 1" in evidence(case)["a.json"]["problem"]


@pytest.mark.heavy
def test_an_object_that_was_gone_for_a_while_leaves_no_problem(tmp_path: Path) -> None:
    write_log(tmp_path / "logs", "a.json", [event()])
    path = tmp_path / "logs" / "a.json"
    data = path.read_bytes()
    case = load(tmp_path, path)
    path.unlink()
    load(case, path)
    assert [row["status"] for row in case.query("evidence").rows] == ["loaded", "unreadable"]
    path.write_bytes(data)
    load(case, path)
    assert [row["status"] for row in case.query("evidence").rows] == ["loaded"]


def test_a_time_that_is_none_passes_the_filters_of_time(tmp_path: Path) -> None:
    times = ["1999-06-01T00:00:00Z", "2100-01-01T00:00:00Z", "2099-12-31T23:00:00-05:00", "bad"]
    odd = [event(eventTime=time) for time in times]
    write_log(tmp_path / "logs", "a.json", [event(eventTime="2026-08-05T10:00:00Z"), *odd])
    filters = Filters(since=parse_time("2026-09-01"), until=parse_time("2026-10-01"))
    case = load(tmp_path, filters=filters)
    found = rows(case, "SELECT eventID, eventTime FROM events ORDER BY record_index")
    assert found == [{"eventID": one["eventID"], "eventTime": None} for one in odd]


@pytest.mark.heavy
def test_lists_of_log_files_in_one_list_are_read(tmp_path: Path) -> None:
    events = [event() for _ in range(4)]
    (tmp_path / "a.json").write_bytes(record([{"Records": events[:2]}, {"Records": events[2:]}]))  # type: ignore[arg-type]
    (tmp_path / "b.json").write_bytes(json.dumps([[events[0]], [events[1], events[2]], events[3]]).encode())
    for name in ("a.json", "b.json"):
        case = load(tmp_path, tmp_path / name, name=f"{name}.duckdb")
        assert event_ids(case) == [one["eventID"] for one in events]
        assert [case.raw(one["eventID"]) for one in events] == [record(one) for one in events] or name == "b.json"


def test_records_named_twice_lose_none(tmp_path: Path) -> None:
    events = {text: event() for text in ('{"Records":[%s],"Records":null}', '{"Records":null,"Records":[%s]}')}
    files = Files(tmp_path, {text: text.encode() % record(one) for text, one in events.items()})
    found = {text: (files.ids(text), files.row(text)["status"]) for text in events}
    assert found == {text: ([one["eventID"]], "damaged") for text, one in events.items()}


def test_events_beside_the_list_of_records_are_read_too(tmp_path: Path, subtests: pytest.Subtests) -> None:
    beside = ('"More":[%s]', '"More":{"deeper":[{"x":%s}]}', '"note":{"a":1},"More":[%s]')
    pairs, made = {}, {}
    for more, first in product(beside, (True, False)):
        key = f"{more}, first: {first}"
        one, two = pairs[key] = (event(), event())
        parts = [f'"Records":[{record(one).decode()}]', more % record(two).decode()]
        made[key] = ("{" + ",".join(parts if first else parts[::-1]) + "}").encode()
    files = Files(tmp_path, made)
    for key, (one, two) in pairs.items():
        with subtests.test(key):
            assert files.ids(key) == [one["eventID"], two["eventID"]]
            row = files.row(key)
            assert (row["status"], row["rejected_count"]) == ("loaded", 0)
            assert "under More" in row["problem"]
            assert files.case.raw(two["eventID"]) == record(two)


@pytest.mark.heavy
def test_values_that_are_no_events_are_no_filtered_events(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(json.dumps([{"foo": number} for number in range(5)]).encode())
    row = evidence(load(tmp_path, tmp_path / "a.json", filters=Filters(root_related=True)))["a.json"]
    assert (row["status"], row["rejected_count"], row["filtered_count"]) == ("unsupported", 5, 0)


@pytest.mark.heavy
def test_long_files_with_objects_in_records_are_cut_at_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rootforensics.sources.local.PIECE_BYTES", 4096)
    monkeypatch.setattr(streams, "WINDOW_BYTES", 4096)
    monkeypatch.setattr(streams, "_PART_BYTES", 4096)
    decoded: list[int] = []
    decoder = borders._values_decoder

    class Counting:
        def decode(self, data: bytes) -> Any:
            decoded.append(len(data))
            return decoder.decode(data)

    monkeypatch.setattr(borders, "_values_decoder", Counting())
    nested = {"items": [{"id": number} for number in range(100)]}
    events = [event(requestParameters=nested) for _ in range(200)]
    data = records_file(events)
    write_log(tmp_path / "logs", "a.json.gz", events)
    case = load(tmp_path)
    assert event_ids(case) == [one["eventID"] for one in events]
    assert 0 < sum(decoded) < 8 * len(data)


def test_times_beyond_what_can_be_shown_are_an_error_in_words(tmp_path: Path, subtests: pytest.Subtests) -> None:
    write_log(tmp_path / "logs", "a.json", [event()])
    case = load(tmp_path)
    for text in ("DATE 'infinity'", "TIMESTAMP 'infinity'", "TIMESTAMP '294247-01-01'"):
        with subtests.test(text):
            result = case.sql(f"SELECT {text} AS d")
            with pytest.raises(QueryError, match="cannot be shown"):
                _ = result.rows
    with pytest.raises(QueryError, match="only reads"):
        case.sql("UPDATE EXTENSIONS")


def test_a_pivot_without_values_is_told_how_to_be_one(tmp_path: Path) -> None:
    write_log(tmp_path / "logs", "a.json", [event(awsRegion="eu-west-1")])
    case = load(tmp_path)
    with pytest.raises(QueryError, match="Give a PIVOT its values"):
        case.sql("PIVOT events ON awsRegion USING count(*)")
    pivoted = case.sql("PIVOT (SELECT awsRegion FROM events) ON awsRegion IN ('eu-west-1') USING count(*)")
    assert pivoted.rows == [{"eu-west-1": 1}]


def test_numbers_that_json_does_not_know_are_text(tmp_path: Path) -> None:
    write_log(tmp_path / "logs", "a.json", [event()])
    (row,) = (
        load(tmp_path).sql("SELECT 'nan'::DOUBLE AS a, 'inf'::DOUBLE AS b, '-inf'::DOUBLE AS c, 1.5::DOUBLE AS d").rows
    )
    text = io.StringIO()
    write_jsonl([row], text)
    assert json.loads(text.getvalue(), parse_constant=pytest.fail) == {
        "a": "NaN",
        "b": "Infinity",
        "c": "-Infinity",
        "d": 1.5,
    }
