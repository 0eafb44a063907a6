"""A load keeps to the engine's memory, whatever is asked of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from rootforensics.engines import duckdb as engine
from rootforensics.engines.writing import as_readers_do
from rootforensics.ingest.filters import Filters
from tests.builders import ACCOUNT, REGION, event, root_event, write_log
from tests.ingest.checks import check_counts, evidence, load, rows

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        pytest.param(Filters(accounts=(ACCOUNT,)), 12_000, marks=pytest.mark.heavy),
        (Filters(regions=(REGION,), root_related=True), 6_000),
    ],
    ids=["accounts", "regions and root only"],
)
@pytest.mark.quick(1)
def test_a_filter_takes_no_more_memory_than_none(tmp_path: Path, filters: Filters, kept: int) -> None:
    one, root = event(), root_event()
    words = {"text": "lorem ipsum dolor " * 130}
    events = [
        {**one, "eventID": f"a{number}", "requestParameters": words}
        if number % 2
        else {**root, "eventID": f"b{number}", "requestParameters": words}
        for number in range(12_000)
    ]
    write_log(tmp_path / "logs", "a.json", events)
    case = load(tmp_path, filters=filters)
    check_counts(case, filtered=True)
    assert rows(case, "SELECT count(*) AS n FROM events") == [{"n": kept}]


@pytest.mark.heavy
def test_a_machine_of_many_processors_loads_within_the_same_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(engine._NO_EXTENSIONS, "threads", 16)
    one = event(requestParameters={"text": "lorem ipsum dolor " * 130})
    write_log(tmp_path / "logs", "a.json", [{**one, "eventID": f"a{number}"} for number in range(16_000)])
    case = load(tmp_path)
    check_counts(case)
    assert rows(case, "SELECT count(*) AS n FROM events") == [{"n": 16_000}]


@pytest.mark.heavy
def test_many_events_under_one_id_take_bounded_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """40 MB of text that differs in each event, one of them spelled twice, in 150 MiB."""
    settings = (*engine._WRITER_SETTINGS, "SET memory_limit = '150MiB'", "SET threads = 2")
    monkeypatch.setattr(engine, "_WRITER_SETTINGS", settings)
    one = event(requestParameters={"text": "lorem ipsum dolor " * 130, "and": 1})
    events = [{**one, "requestID": f"r{number}"} for number in range(12_000)]
    events.append({**events[7], "requestParameters": dict(reversed(one["requestParameters"].items()))})
    for first in range(0, len(events), 500):
        write_log(tmp_path / "logs", f"{first:06}.json.gz", events[first : first + 500])
    case = load(tmp_path)
    check_counts(case)
    assert rows(case, "SELECT count(*) AS n, count(DISTINCT requestID) AS ids FROM events") == [
        {"n": 12_000, "ids": 12_000}
    ]
    moved = rows(case, "SELECT record_index, kept_evidence_id, kept_record_index FROM duplicates")
    assert moved == [{"record_index": 0, "kept_evidence_id": 1, "kept_record_index": 7}]
    assert evidence(case)["012000.json.gz"]["duplicate_count"] == 1


def test_questions_of_a_load_are_planned_and_bounded_as_those_of_a_reader(tmp_path: Path) -> None:
    settings = "SELECT current_setting('memory_limit'), current_setting('disabled_optimizers')"
    with engine.open_writer(tmp_path / "case.duckdb") as writer:
        own = writer.execute(settings).fetchall()
        with as_readers_do(writer):
            asked = writer.execute(settings).fetchall()
        assert writer.execute(settings).fetchall() == own != asked
    with engine.open_reader(tmp_path / "case.duckdb") as reader:
        assert reader.execute(settings).fetchall() == asked


@pytest.mark.heavy
def test_what_descends_from_root_is_looked_for_in_the_memory_that_questions_have(tmp_path: Path) -> None:
    """The views over policies of full length take more than the writer has for storing."""
    actions = [f"s3:Get{number:06}" for number in range(800)]
    policy = json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
    )
    one = event(eventSource="iam.amazonaws.com", eventName="CreatePolicy", requestParameters={"policyDocument": policy})
    key = {"accessKey": {"userName": "eve", "accessKeyId": "AKIAEVE", "status": "Active"}}
    made = root_event(eventSource="iam.amazonaws.com", eventName="CreateAccessKey", responseElements=key)
    policies = [{**one, "eventID": f"a{number}"} for number in range(4_000)]
    write_log(tmp_path / "logs", "a.json.gz", [made, *policies, event(identity={"accessKeyId": "AKIAEVE"})])
    case = load(tmp_path, filters=Filters(root_related=True))
    check_counts(case, filtered=True)
    assert rows(case, "SELECT count(*) AS n FROM events") == [{"n": 4_002}]
