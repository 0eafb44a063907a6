"""Answers depend on the views and rules of this package, whatever somebody made of the copies in the case file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
import pytest

import rootforensics as rf
from rootforensics.queries.catalogue import views
from tests.builders import root_event, write_log

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

VIEWS = (*views(), "findings")
RULES = ("actions", "control_calls", "named_calls", "known_services")
EDITS = {
    "emptied": [
        *(f"CREATE OR REPLACE VIEW {name} AS SELECT eventID FROM events WHERE false" for name in VIEWS),
        *("DELETE FROM control_calls", "DELETE FROM named_calls", "UPDATE actions SET severity = 'info'"),
    ],
    "other columns": [
        *("ALTER TABLE actions DROP COLUMN costs", "ALTER TABLE control_calls RENAME call_name TO called"),
        "ALTER TABLE named_calls ALTER call_name TYPE BLOB",
    ],
    "removed": [*(f"DROP VIEW {name}" for name in VIEWS), *(f"DROP TABLE {name}" for name in RULES)],
}
ASKS: dict[str, Callable[[rf.Case], Any]] = {
    "question": lambda case: case.query("root_timeline"),
    "findings": lambda case: case.findings(),
    "sql": lambda case: case.sql("SELECT eventID FROM root_activity ORDER BY eventID"),
    "sql with a schema": lambda case: case.sql("SELECT eventID FROM main.root_actions ORDER BY eventID"),
    "a built name": lambda case: case.sql("SELECT eventID FROM query_table('root_' || 'actions') ORDER BY eventID"),
    "rules by name": lambda case: case.sql("SELECT count(*), min(severity) FROM actions"),
    "a statement as text": lambda case: case.sql("FROM query('SELECT count(*) FROM control_' || 'calls')"),
}


def _edited(whole: Path, folder: Path, *statements: str) -> Path:
    """A copy of the case after some edits."""
    path = folder / "incident.duckdb"
    path.write_bytes((whole / "case.duckdb").read_bytes())
    with duckdb.connect(str(path)) as writer:
        for statement in statements:
            writer.execute(statement)
    return path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a case in which root stopped a trail, and its log."""
    folder = tmp_path_factory.mktemp("definitions")
    stopped = root_event(
        eventSource="cloudtrail.amazonaws.com", eventName="StopLogging", requestParameters={"name": "trail"}
    )
    write_log(folder, "logs/log.json", [stopped])
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs")
    return folder


@pytest.fixture(scope="module")
def answers(whole: Path) -> dict[str, Any]:
    with rf.open_case(whole / "case.duckdb") as case:
        given = {name: ask(case).rows for name, ask in ASKS.items()}
    assert all(given.values())
    return given


@pytest.mark.parametrize(
    "edit", [pytest.param(edit, marks=() if edit == "emptied" else pytest.mark.heavy) for edit in EDITS]
)
@pytest.mark.quick(1)
def test_no_answer_depends_on_a_stored_view_or_rule(
    edit: str, whole: Path, answers: dict[str, Any], tmp_path: Path, subtests: pytest.Subtests
) -> None:
    with rf.open_case(_edited(whole, tmp_path, *EDITS[edit])) as case:
        for name, ask in ASKS.items():
            with subtests.test(name):
                assert ask(case).rows == answers[name]


@pytest.mark.heavy
def test_tables_and_views_are_listed_with_the_columns_of_the_package(whole: Path, tmp_path: Path) -> None:
    with rf.open_case(whole / "case.duckdb") as case:
        listed = case.tables().rows
    with rf.open_case(_edited(whole, tmp_path, *EDITS["emptied"], *EDITS["other columns"])) as case:
        assert case.tables().rows == listed
    with rf.open_case(_edited(whole, tmp_path, *EDITS["removed"])) as case:
        assert case.tables().rows == listed


def test_an_edited_view_that_is_named_with_its_database_is_refused(whole: Path, tmp_path: Path) -> None:
    statement = "SELECT count(*) AS count FROM incident.root_activity"
    assert rf.open_case(_edited(whole, tmp_path)).sql(statement).rows == [{"count": 1}]
    edit = "CREATE OR REPLACE VIEW root_activity AS SELECT eventID FROM events WHERE false"
    with rf.open_case(_edited(whole, tmp_path, edit)) as case:
        with pytest.raises(rf.QueryError, match="root_activity in the case file differs from"):
            case.sql(statement)
        assert case.sql(statement.replace("incident.", "")).rows == [{"count": 1}]
        with pytest.raises(rf.QueryError, match="root_activity in the case file differs from"):
            case.sql('SELECT 1 FROM "Incident" . main."ROOT_ACTIVITY"')
        assert case.sql("SELECT incident.eventName FROM root_activity AS incident").rows == [
            {"eventName": "StopLogging"}
        ]


def test_a_view_of_the_user_reads_the_views_of_the_package(whole: Path, tmp_path: Path) -> None:
    mine = "CREATE VIEW mine AS SELECT eventName FROM root_activity"
    edit = "CREATE OR REPLACE VIEW root_activity AS SELECT eventID, 'edited' AS eventName FROM events"
    with rf.open_case(_edited(whole, tmp_path, mine, edit)) as case:
        assert case.sql("FROM mine").rows == [{"eventName": "StopLogging"}]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE MACRO lower(text) AS 'nothing'",
        "CREATE MACRO duckdb_functions() AS TABLE SELECT 1 AS function_name WHERE false",
        "CREATE TYPE JSON AS VARCHAR",
        "CREATE SCHEMA userIdentity",
    ],
)
def test_a_case_with_functions_types_or_schemas_of_its_own_is_refused(
    statement: str, whole: Path, tmp_path: Path
) -> None:
    path = _edited(whole, tmp_path, statement)
    for ask in (lambda case: case.query("root_timeline"), lambda case: case.load(whole / "logs")):
        with rf.open_case(path) as case, pytest.raises(rf.CaseError, match="the case file was changed"):
            ask(case)


def test_a_load_and_a_verification_put_back_what_was_edited(whole: Path, tmp_path: Path) -> None:
    for act in (lambda case: case.load(whole / "logs"), lambda case: case.verify()):
        path = _edited(whole, tmp_path, *EDITS["emptied"])
        with rf.open_case(path) as case:
            act(case)
        with duckdb.connect(str(whole / "case.duckdb")) as before, duckdb.connect(str(path)) as after:
            for read in (
                "SELECT view_name, sql FROM duckdb_views() WHERE NOT internal ORDER BY 1",
                *(f"FROM {name} ORDER BY ALL" for name in RULES),
            ):
                assert after.execute(read).fetchall() == before.execute(read).fetchall()
