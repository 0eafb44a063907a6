"""A limit that cut an object short can be raised later, and the object is then read whole."""

from __future__ import annotations

from pathlib import Path

import pytest

import rootforensics as rf
from tests.builders import event, write_log
from tests.ingest.checks import check_counts, evidence


def test_a_raised_limit_reads_the_object_again(tmp_path: Path) -> None:
    write_log(tmp_path, "logs/a.json.gz", [event() for _ in range(50)])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs", limits=rf.Limits(max_inflated_bytes=10))
        assert evidence(case)["a.json.gz"]["status"] == "damaged"
        result = case.load(tmp_path / "logs")
        row = evidence(case)["a.json.gz"]
        check_counts(case)
    assert (result.unchanged_count, row["status"], row["problem"], row["event_count"]) == (0, "loaded", None, 50)
    assert row["evidence_id"] == 1


@pytest.mark.heavy
def test_a_case_never_shrinks_when_read_again_under_narrower_limits(tmp_path: Path) -> None:
    write_log(tmp_path, "logs/a.json.gz", [event(), *(event(awsRegion="eu-west-1") for _ in range(49))])
    wide, narrow = rf.Limits(max_inflated_bytes=10**9), rf.Limits(max_inflated_bytes=10)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs", limits=wide, filters=rf.Filters(regions=("us-east-1",)))
        assert evidence(case)["a.json.gz"]["event_count"] == 1
        case.load(tmp_path / "logs", limits=narrow)
        row = evidence(case)["a.json.gz"]
        check_counts(case)
    assert (row["status"], row["event_count"]) == ("loaded", 50)
