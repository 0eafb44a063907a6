"""What is worked out once says the same as what is asked of the case each time."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import pytest

import rootforensics as rf
from rootforensics.analysis.analysis import Analysis
from rootforensics.analysis.lineage.blast_radius import blast_radius
from rootforensics.engines.duckdb import READER_MEMORY
from rootforensics.queries import runner
from rootforensics.queries.formats import json_text
from tests.builders import root_event, write_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

QUESTIONS = (
    "root_timeline", "root_signins", "root_sessions", "root_session_events", "root_actions", "root_activity",
    "root_noise", "root_summary", "root_timeline_folded", "root_events", "logging_impairment",
)  # fmt: skip


@pytest.fixture(scope="module")
def kept(sample_path: Path) -> Iterator[Analysis]:
    with rf.open_case(sample_path) as case:
        yield case.analysis()


@pytest.mark.quick(4)
@pytest.mark.parametrize("name", QUESTIONS)
def test_kept_views_answer_as_the_case_does(sample_path: Path, kept: Analysis, name: str) -> None:
    with rf.open_case(sample_path) as plain:
        assert kept.query(name).arrow().equals(plain.query(name).arrow())


@pytest.mark.heavy  # the last views take seconds to plan
def test_what_is_kept_is_what_the_views_give(
    sample_path: Path, kept: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Findings and story stand on these: the same statements on the same rows."""
    names = runner._KEPT
    assert names
    monkeypatch.setattr(runner, "_KEPT", ())
    with rf.open_case(sample_path) as plain:
        for name in names:
            asked = f"SELECT * FROM {name} ORDER BY ALL"
            assert kept._statement(asked).arrow().equals(plain._statement(asked).arrow()), name
        found = plain.findings("mfa_swap")
        with plain._reading() as reader:
            stored = reader.execute("SELECT table_name FROM duckdb_tables() WHERE temporary").fetchall()
            assert {name for (name,) in stored}.isdisjoint(names)
    assert len(found)
    assert kept.findings("mfa_swap").arrow().equals(found.arrow())


@pytest.mark.heavy
def test_the_blast_radius_is_the_same(sample_path: Path, kept: Analysis) -> None:
    with rf.open_case(sample_path) as plain:
        radius, again = blast_radius(plain), kept.radius
    assert (radius.rows, radius.edges) == (again.rows, again.edges)


@pytest.mark.heavy
def test_the_same_question_is_asked_once(sample_case: rf.Case) -> None:
    analysis = Analysis(sample_case)
    assert analysis.query("root_signins") is analysis.query("root_signins")
    assert analysis.query("root_signins", account_id="444455556666") is not analysis.query("root_signins")
    assert analysis.findings() is analysis.findings()
    assert analysis._statement("SELECT 1 AS a") is analysis._statement("SELECT 1 AS a")


@pytest.mark.heavy
def test_rows_of_an_analysis_take_a_fraction_of_what_dicts_take(tmp_path: Path) -> None:
    """Memory follows root's events: each row took 3 kB as a dict of its own texts and times."""
    events = [root_event(eventName=f"Get{number % 20}", userAgent="agent " * 20) for number in range(2_000)]
    with rf.open_case(tmp_path / "a.duckdb") as case:
        case.load(write_log(tmp_path, "a.json.gz", events))
        result = case.analysis().query("root_timeline")
        tracemalloc.start()
        told = [(row["eventTime"], row["eventName"], row["userAgent"], row["eventID"]) for row in result.rows]
        taken, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        plain = case.query("root_timeline").rows
    assert told == [(row["eventTime"], row["eventName"], row["userAgent"], row["eventID"]) for row in plain]
    assert taken < 500 * len(events)


def test_a_row_of_an_analysis_reads_as_a_dict(sample_path: Path) -> None:
    with rf.open_case(sample_path) as case:
        rows, plain = case.analysis().query("root_timeline").rows, case.query("root_timeline").rows
    assert rows == plain
    assert rows[0] | {"eventName": "other"} == plain[0] | {"eventName": "other"}
    assert (repr(rows[0]), {**rows[-1]}) == (repr(plain[0]), plain[-1])
    assert json_text(rows) == json_text(plain)
    with pytest.raises(KeyError):
        rows[0]["nothing"]


def test_the_same_question_of_all_accounts_is_asked_once(sample_path: Path) -> None:
    with rf.open_case(sample_path) as case:
        analysis = case.analysis()
        assert analysis.query("root_timeline") is analysis.query("root_timeline", account_id="")


@pytest.mark.heavy
def test_calls_are_planned_once_in_a_small_case(sample_path: Path) -> None:
    """Planning the view on events took longer than reading them, sixty times in a triage."""
    with rf.open_case(sample_path) as case:
        plan = case.analysis()._statement("EXPLAIN SELECT count(*) FROM api_calls").rows[0]["explain_value"]
    assert "superseded_events" not in plan
    assert "ANTI" not in plan


def test_names_of_actors_are_read_where_they_lie(sample_path: Path) -> None:
    """Of five million events a copy of all callers did not fit into memory: finding who acted took a minute."""
    with rf.open_case(sample_path) as case:
        rows = case.sql("EXPLAIN SELECT * FROM acting_names").rows
    assert "CTE Name: calls" not in rows[0]["explain_value"]


@pytest.mark.heavy
def test_statements_of_the_analysis_see_what_it_worked_out(sample_path: Path) -> None:
    """A view that each statement works out anew takes as long as all of the rest."""
    with rf.open_case(sample_path) as case:
        analysis = case.analysis()
        (told,) = analysis._statement("SELECT count(*) AS n FROM duckdb_tables() WHERE temporary").rows
        rows = analysis._statement("SELECT eventID FROM root_events ORDER BY ALL").rows
    assert told["n"] >= 1
    with rf.open_case(sample_path) as plain:
        assert rows == plain.sql("SELECT eventID FROM root_events ORDER BY ALL").rows


def test_a_reader_keeps_to_its_memory(sample_case: rf.Case) -> None:
    (told,) = sample_case.sql("SELECT current_setting('memory_limit') AS told").rows
    assert told["told"].replace(".0 ", "") == READER_MEMORY
