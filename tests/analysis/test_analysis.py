"""What is worked out once says the same as what is asked of the case each time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import rootforensics as rf
from rootforensics.analysis.assess import Analysis
from rootforensics.analysis.blast.radius import blast_radius
from rootforensics.engines.duckdb import READER_MEMORY
from rootforensics.queries import runner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

QUESTIONS = (
    "root_timeline", "root_signins", "root_sessions", "root_session_events", "root_actions", "root_activity",
    "root_noise", "root_summary", "root_timeline_folded", "root_events", "record_tampering",
)  # fmt: skip


@pytest.fixture(scope="module")
def kept(sample_path: Path) -> Iterator[Analysis]:
    with rf.open_case(sample_path) as case:
        yield case.analysis()


@pytest.mark.parametrize("name", QUESTIONS)
def test_kept_views_answer_as_the_case_does(sample_path: Path, kept: Analysis, name: str) -> None:
    with rf.open_case(sample_path) as plain:
        assert kept.query(name).arrow().equals(plain.query(name).arrow())


@pytest.mark.heavy  # the last views take seconds to plan
def test_what_is_kept_is_what_the_views_give(
    sample_path: Path, kept: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Findings and story stand on these: the same statements on the same rows."""
    monkeypatch.setattr(runner, "_MOST_KEPT", 0)
    with rf.open_case(sample_path) as plain:
        for name in runner._KEPT:
            asked = f"SELECT * FROM {name} ORDER BY ALL"
            assert kept.statement(asked).arrow().equals(plain.statement(asked).arrow()), name
        found = plain.findings("mfa_swap")
        assert not plain._readers.connection().execute("FROM duckdb_tables() WHERE temporary").fetchall()
    assert len(found)
    assert kept.findings("mfa_swap").arrow().equals(found.arrow())


def test_too_many_root_events_are_not_kept(sample_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "_MOST_KEPT", 0)
    with rf.open_case(sample_path) as case:
        rows = case.analysis().query("root_sessions").rows
        tables = case._readers.connection().execute("SELECT count(*) FROM duckdb_tables() WHERE temporary").fetchall()
    assert (len(rows), tables) == (9, [(0,)])


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
    assert analysis.statement("SELECT 1 AS a") is analysis.statement("SELECT 1 AS a")


def test_statements_of_the_analysis_see_what_it_worked_out(sample_path: Path) -> None:
    """A view that each statement works out anew takes as long as all of the rest."""
    with rf.open_case(sample_path) as case:
        analysis = case.analysis()
        (told,) = analysis.statement("SELECT count(*) AS n FROM duckdb_tables() WHERE temporary").rows
        rows = analysis.statement("SELECT eventID FROM root_events ORDER BY ALL").rows
    assert told["n"] >= 1
    with rf.open_case(sample_path) as plain:
        assert rows == plain.sql("SELECT eventID FROM root_events ORDER BY ALL").rows


def test_a_reader_keeps_to_its_memory(sample_case: rf.Case) -> None:
    (told,) = sample_case.sql("SELECT current_setting('memory_limit') AS told").rows
    assert told["told"].replace(".0 ", "") == READER_MEMORY
