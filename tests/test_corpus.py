"""CloudTrail data that this project did not write, against counts that an independent program made.

The data lies beside a checkout, not in it; where it is absent, these tests skip.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from tests.conftest import CORPUS
from tests.ingest.checks import check_counts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus is not beside this checkout")

COUNTS: dict[str, Any] = (
    json.loads((CORPUS / "EXPECTED.json").read_text(encoding="utf-8")) if (CORPUS / "EXPECTED.json").is_file() else {}
)
# What of the corpus is no CloudTrail data: licence texts, database logs in a subscription payload, notes.
NO_EVENTS = {"EXPECTED.json", "LICENSE", "LICENSE.txt", "NOTICE", "README.md", "cloudwatch_rds_aurora.json"}


@pytest.fixture(scope="module", params=COUNTS)
def loaded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, rf.Case]]:
    """The name of one set of the corpus, and a case that holds it."""
    with rf.open_case(tmp_path_factory.mktemp("corpus") / "case.duckdb") as case:
        case.load(CORPUS / request.param)
        yield request.param, case


def count(case: rf.Case, sql: str) -> int:
    return int(next(iter(case.sql(sql).rows[0].values())))


def rows_in_lower_case(name: str) -> tuple[list[str], set[str]]:
    """The IDs of the lines of a set that spell CloudTrail's names in lower case, and the IDs of its other lines."""
    texts = [path.read_text(encoding="utf-8") for path in (CORPUS / name).rglob("*.ndjson")]
    lines = [json.loads(line) for text in texts for line in text.split("\n") if line.strip()]
    lower = [line["eventid"] for line in lines if "eventname" in line and "eventsource" in line]
    return lower, {line["eventID"] for line in lines if line.get("eventID")}


@pytest.mark.quick(3)
def test_a_set_holds_what_the_independent_count_says(loaded: tuple[str, rf.Case]) -> None:
    name, case = loaded
    wanted = COUNTS[name]
    check_counts(case)
    # The independent program does not take copies out: rows and copies together are its events.
    every = "(SELECT eventID FROM events UNION ALL SELECT eventID FROM duplicates)"
    # Nor does it know rows in Athena's spelling.
    lower, exact = rows_in_lower_case(name)
    assert count(case, f"SELECT count(*) FROM {every}") == wanted["events"] + len(lower)
    assert count(case, "SELECT count(DISTINCT eventID) FROM events") == (
        wanted["distinct_event_ids"] + len(set(lower) - exact)
    )
    first = case.sql("SELECT min(eventTime) AS first, max(eventTime) AS last FROM events").rows[0]
    if wanted["first"] and wanted["first"][0].isdigit() and wanted["last"][0].isdigit():
        assert first["first"].strftime("%Y-%m-%dT%H:%M:%SZ") == wanted["first"]
        assert first["last"].strftime("%Y-%m-%dT%H:%M:%SZ") == wanted["last"]


@pytest.mark.quick(3)
def test_root_is_counted_as_the_independent_count_says(loaded: tuple[str, rf.Case]) -> None:
    name, case = loaded
    wanted = COUNTS[name]
    # Copies are taken out of events; what they hold is added from the event that stays.
    copies = (
        "SELECT * FROM root_events UNION ALL BY NAME SELECT r.* FROM duplicates d JOIN root_events r"
        " ON r.evidence_id = d.kept_evidence_id AND r.record_index = d.kept_record_index"
    )
    assert count(case, f"SELECT count(*) FROM ({copies}) WHERE userIdentity.type = 'Root'") == wanted["root_events"]
    assert count(case, f"SELECT count(*) FROM ({copies}) WHERE cis_match") == wanted["root_cis_direct"]
    for outcome in ("success", "failure"):
        signed = f"SELECT count(*) FROM ({copies}) WHERE eventName = 'ConsoleLogin' AND lower(responseElements->>'$.ConsoleLogin') = '{outcome}'"
        assert count(case, signed) == wanted[f"root_console_login_{outcome}"]


@pytest.mark.heavy
def test_the_whole_corpus_loads_at_once_and_adds_up(tmp_path: Path) -> None:
    with rf.open_case(tmp_path / "case.duckdb") as case:
        result = case.load(CORPUS)
        check_counts(case)
        told = case.sql("SELECT DISTINCT parse_filename(uri) AS name FROM evidence WHERE status = 'unsupported'").rows
    assert {row["name"] for row in told} == NO_EVENTS
    assert result.object_count == sum(1 for path in CORPUS.rglob("*") if path.is_file())
