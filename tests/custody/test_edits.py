"""No edit of a case file by another program passes: not of a row, a column, a view, a rule or the shape of a table."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from click.testing import CliRunner

import rootforensics as rf
from rootforensics.case import definitions, loader
from rootforensics.cli import cli
from rootforensics.custody.acts import Entry
from rootforensics.custody.bundle import check
from rootforensics.custody.chain import entries_of
from rootforensics.custody.comparing import compare_case
from rootforensics.queries.definitions import define
from tests.builders import event, root_event, write_log
from tests.integrity.bucket import Chain, Stored, key, write, write_keys
from tests.posture.answers import perfect
from tests.posture.answers import write as write_answers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Another value for a column, by its type.
OTHER = {
    "VARCHAR": "'edited'",
    "BOOLEAN": "true",
    "INTEGER": "77",
    "BIGINT": "77",
    "TIMESTAMP WITH TIME ZONE": "TIMESTAMPTZ '2001-02-03 04:05:06Z'",
    "JSON": """'{"edited": 1}'""",
    "VARCHAR[]": "['edited']",
}
#: Columns whose edits only the evidence shows, and two that are compared with nothing; the command says both.
SHOWN_BY_EVIDENCE = ("events", "duplicates")
NOT_COMPARED = {("evidence", "loaded_time"), ("evidence", "loaded_by")}
#: Everything in which a case may keep what was done or found; nothing extracts by an engine here.
EMPTY = {"extractions"}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a case that has rows in nearly all tables, and its evidence."""
    folder = tmp_path_factory.mktemp("edits")
    chain = Chain(count=3)
    chain.logs[0] = Stored(chain.logs[0].key, b'{"Records": []}')
    write(folder / "logs", [*chain.logs, chain.digests[0], chain.digests[2]])
    twice = root_event(eventID="one")
    write_log(folder, "logs/a.json.gz", [twice, event(eventID="two"), event(eventID="three")])
    write_log(folder, "logs/b.json.gz", [twice, event(eventID="four")])
    write_log(folder, "related/c.json.gz", [root_event(eventID="five"), event(eventID="six")])
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs")
        case.load(folder / "related", filters=rf.Filters(root_related=True))
        case.verify(write_keys(folder / "keys.json", [key()]))
        case.note("2026-08-05", "a note", tag="tag")
        case.note("one", "another note")
        case.keep_head("Title", "Maria")
        case.posture(from_folder=write_answers(folder / "answers", perfect()))
        assert case.verify_custody().is_proven
    return folder


def _entries(case: Path) -> list[Entry]:
    with rf.open_case(case) as opened:
        return entries_of(opened.custody().rows)


def _columns(case: Path) -> dict[str, dict[str, str]]:
    with duckdb.connect(str(case), read_only=True) as reader:
        rows = reader.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns()"
            " WHERE table_name IN (SELECT table_name FROM duckdb_tables()) ORDER BY table_name, column_index"
        )
        columns: dict[str, dict[str, str]] = {}
        for table, column, kind in rows.fetchall():
            columns.setdefault(table, {})[column] = kind
        return columns


def _edits(table: str, columns: dict[str, str], *, is_empty: bool) -> Iterator[tuple[str, str]]:
    """The column and the statement of each edit of a table."""
    for column, kind in columns.items():
        other = OTHER.get(kind, "NULL")
        if kind == "BOOLEAN" and not is_empty:
            other = f'("{column}" IS NOT TRUE)'
        if is_empty:
            yield column, f'INSERT INTO {table} ("{column}") VALUES ({other})'
        else:
            yield (
                column,
                (
                    f'UPDATE {table} SET "{column}" = {other}'
                    f' WHERE rowid = (SELECT max(rowid) FROM {table} WHERE "{column}" IS DISTINCT FROM {other})'
                ),
            )
    if not is_empty:
        yield "", f"DELETE FROM {table} WHERE rowid = (SELECT max(rowid) FROM {table})"
        yield "", f"INSERT INTO {table} SELECT * FROM {table} LIMIT 1"


@pytest.mark.deep
def test_an_edit_of_any_column_of_any_table_shows_or_is_named_as_not_compared(whole: Path) -> None:
    entries = _entries(whole / "case.duckdb")
    columns = _columns(whole / "case.duckdb")
    passed: set[tuple[str, str]] = set()
    edited = 0
    with duckdb.connect(str(whole / "case.duckdb")) as writer:
        define(writer, definitions)
        assert compare_case(writer, entries, loader(), "") == ([], [])
        empty = {name for name in columns if not writer.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0]}
        assert empty == EMPTY
        for table, kinds in columns.items():
            for column, statement in _edits(table, kinds, is_empty=table in empty):
                writer.execute("BEGIN")
                writer.execute(statement)
                rows = writer.execute("FROM custody ORDER BY custody_id")
                names = [name for name, *_ in rows.description or ()]
                now = entries_of([dict(zip(names, row, strict=True)) for row in rows.fetchall()])  # type: ignore[misc]
                problems, skipped = compare_case(writer, now, loader(), "")
                if not problems and not skipped:
                    passed.add((table, column))
                writer.execute("ROLLBACK")
                edited += 1
    assert edited > 250
    assert {one for one in passed if one[0] not in SHOWN_BY_EVIDENCE} == NOT_COMPARED
    assert passed.isdisjoint({("events", one) for one in ("service", "action", "account_id")})
    assert not {one for one in passed if one[1] == ""}  # neither do rows that were added or removed pass


def test_an_edit_of_any_view_or_rule_shows_and_other_versions_are_not_compared(whole: Path) -> None:
    entries = _entries(whole / "case.duckdb")
    with duckdb.connect(str(whole / "case.duckdb")) as writer:
        define(writer, definitions)
        edits = {
            name: f"DELETE FROM {name} WHERE rowid = 3"
            if one.columns
            else f"CREATE OR REPLACE VIEW {name} AS FROM events"
            for name, one in definitions().items()
        }
        assert {"root_activity", "findings", "actions", "control_calls", "named_calls"} < edits.keys()
        writer.execute("BEGIN")
        for statement in edits.values():
            writer.execute(statement)
        problems, skipped = compare_case(writer, entries, loader(), "")
        others = compare_case(writer, entries, "rootforensics 99", "")
        writer.execute("ROLLBACK")
    told = {problem.split(" was edited")[0].split()[-1] for problem in problems}
    assert (told, len(problems), skipped) == ({*edits}, len(edits), [])
    assert (others[0], [one.rpartition(" and ")[0] for one in others[1]]) == (
        [],
        [f"not compared: views and rule tables, because {loader()} wrote them"],
    )


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("column", "value"),
    [
        *(
            (column, "'other'")
            for column in ("service", "action", "account_id", "root_basis", "identity_type", "invoker")
        ),
        *((column, "NULL") for column in ("service", "action", "account_id", "outcome")),
        ("outcome", "'failure'"),
        ("is_write", "NOT is_write"),
    ],
)
def test_what_an_event_was_spelled_to_is_compared_without_the_evidence(column: str, value: str, whole: Path) -> None:
    entries = _entries(whole / "case.duckdb")
    with duckdb.connect(str(whole / "case.duckdb")) as writer:
        define(writer, definitions)
        writer.execute("BEGIN")
        writer.execute(f"UPDATE events SET {column} = {value} WHERE eventID = 'three'")
        problems, skipped = compare_case(writer, entries, loader(), "")
        writer.execute("UPDATE evidence SET loaded_by = 'rootforensics 99'")
        others = compare_case(writer, entries, loader(), "")
        writer.execute("ROLLBACK")
    text = f"1 event has a different {column} than the record, such as event three"
    assert (problems, skipped) == ([text], [])
    assert others == ([], [f"not compared: {text}; another version loaded each of them"])


def test_spellings_that_a_load_folds_are_no_edits(tmp_path: Path) -> None:
    spellings: list[dict[str, Any]] = [
        {"eventSource": " IAM ", "eventName": "createuser", "recipientAccountId": "11122223333"},
        {"eventSource": None, "eventName": " GETUSER"},
        {"eventSource": "iam.amazonaws.com.cn", "eventName": "Sth_Else"},
        {"eventSource": "", "eventName": "", "recipientAccountId": ""},
    ]
    write_log(tmp_path, "a.json.gz", [event(eventID=f"e{number}", **each) for number, each in enumerate(spellings)])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "a.json.gz")
        services = case.sql("SELECT service, action FROM events ORDER BY eventID").rows
        assert tuple(services[0].values()) == ("iam.amazonaws.com", "CreateUser")
        assert case.verify_custody().is_proven


OTHERWISE = {
    "ALTER TABLE events ADD COLUMN more VARCHAR": "the table events is not as rootforensics creates it",
    "ALTER TABLE notes RENAME TO old; CREATE VIEW notes AS FROM old": "the table notes is missing",
    "DROP TABLE custody": "the table custody is missing",
    "CREATE VIEW mine AS FROM events": "not created by rootforensics: view mine",
    "CREATE TABLE mine AS SELECT 1 AS a": "not created by rootforensics: table mine",
    "CREATE MACRO sha256(a) AS 'x'": "the case file was changed: rootforensics did not create the function, type or schema",
    "DROP VIEW root_activity": "the view root_activity was edited or removed",
    "DROP TABLE named_calls": "the rule table named_calls was edited or removed",
    "UPDATE case_info SET content = 'Other' WHERE name = 'title'": "title in case_info differs from the chain",
    "UPDATE notes SET note_id = note_id + 1": "the rows of notes were renumbered",
}


@pytest.mark.heavy
def test_the_command_says_what_was_edited_and_what_it_did_not_compare(whole: Path, tmp_path: Path) -> None:
    run = CliRunner()
    path = tmp_path / "case.duckdb"
    shutil.copy(whole / "case.duckdb", path)
    plain = run.invoke(cli, ["custody", str(path), "--verify"], standalone_mode=False)
    assert plain.return_value == 0
    first, second = plain.output.split("Not compared: ", 1)
    assert first == "The chain of custody is intact (7 entries).\n"
    assert second.startswith("7 events and 1 duplicate")
    assert "--with-evidence does this" in " ".join(plain.output.split())
    for statement, said in OTHERWISE.items():
        shutil.copy(whole / "case.duckdb", path)
        with duckdb.connect(str(path)) as writer:
            writer.execute(statement)
        ran = run.invoke(cli, ["custody", str(path), "--verify"], standalone_mode=False)
        assert ran.return_value == 3, statement
        assert said in " ".join(ran.output.split()), (statement, ran.output)
        assert "The chain of custody is broken" in ran.output


#: What the events of the case are edited to, and what the evidence shows.
EVENTS: dict[str, tuple[str, str]] = {
    "a field": ("UPDATE events SET sourceIPAddress = '192.0.2.99' WHERE eventID = 'two'", "columns: sourceIPAddress"),
    "what was derived": ("UPDATE events SET inferred = 'eventSource' WHERE eventID = 'five'", "columns: inferred"),
    "one event for another": (
        "DELETE FROM events WHERE eventID = 'two'; INSERT INTO events SELECT * FROM events WHERE eventID = 'three'",
        "1 record is in the case twice, such as",
    ),
    "an event that is in no file": (
        "UPDATE events SET record_index = 99 WHERE eventID = 'two'",
        "1 event is not in the evidence, such as",
    ),
    "another duplicate": (
        "UPDATE duplicates SET kept_record_index = kept_record_index + 1",
        "1 duplicate differs from the event it repeats, such as",
    ),
}


@pytest.mark.heavy
@pytest.mark.parametrize("edit", EVENTS)
@pytest.mark.quick(2)
def test_the_evidence_shows_what_was_edited_in_an_event(edit: str, whole: Path, tmp_path: Path) -> None:
    statement, said = EVENTS[edit]
    path = tmp_path / "case.duckdb"
    shutil.copy(whole / "case.duckdb", path)
    with duckdb.connect(str(path)) as writer:
        writer.execute(statement)
    with rf.open_case(path) as case:
        assert case.verify_custody().is_proven
        found = case.verify_custody(with_evidence=True)
    assert len(found.problems) == 1
    assert said in found.problems[0]
    assert not found.is_whole


@pytest.mark.heavy
def test_evidence_that_is_gone_is_named_and_the_rest_is_compared(whole: Path, tmp_path: Path) -> None:
    shutil.copytree(whole, tmp_path / "there")
    folder = tmp_path / "there"
    (folder / "case.duckdb").unlink()
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "related", folder / "logs" / "a.json.gz")
        assert case.verify_custody(with_evidence=True).is_proven
        (folder / "related" / "c.json.gz").unlink()
        found = case.verify_custody(with_evidence=True)
        ran = CliRunner().invoke(cli, ["custody", str(case.path), "--verify", "--with-evidence"], standalone_mode=False)
    assert (found.is_whole, found.is_proven, len(found.skipped)) == (True, False, 2)
    assert "related/c.json.gz (missing)" in found.skipped[0]
    assert found.skipped[1] == "not compared: 2 events and duplicates: the evidence could not be read again"
    assert ran.return_value == 3
    assert "intact as far as it could be compared" in ran.output


def test_places_that_somebody_wrote_into_the_list_are_not_opened(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "case.duckdb"
    shutil.copy(whole / "case.duckdb", path)
    with duckdb.connect(str(path)) as writer:
        writer.execute("UPDATE evidence SET uri = 'file:///etc/hostname' WHERE evidence_id = 1")
    opened: list[str] = []
    monkeypatch.setattr("rootforensics.custody.check.hash_pieces", lambda _: opened.append("") or "")
    found = rf.open_case(path).verify_custody(with_evidence=True)
    assert found.problems == ("the evidence list changed after the last entry, and the chain does not record it",)
    assert found.skipped[0].startswith(
        "not compared: events with their evidence, because the chain does not confirm where"
    )
    assert opened == []


@pytest.mark.heavy
def test_a_packed_case_with_edited_rules_does_not_pass(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rootforensics.reports.html.render_report", lambda *_, **__: "<p>a report</p>")
    monkeypatch.setattr(rf.Case, "analysis", lambda *_, **__: None)
    path = tmp_path / "case.duckdb"
    shutil.copy(whole / "case.duckdb", path)
    with duckdb.connect(str(path)) as writer:
        writer.execute("DELETE FROM control_calls")
    with rf.open_case(path) as case:
        assert not case.pack(tmp_path / "case.zip").is_proven
    found = check(tmp_path / "case.zip", None, tmp_path / "out", rf.open_case)
    assert [problem.split(": ", 1)[1][:40] for problem in found.problems] == [
        "the rule table control_calls was edited "
    ]
    assert not (tmp_path / "out").exists()
    shutil.copy(whole / "case.duckdb", path)
    with rf.open_case(path) as case:
        case.pack(tmp_path / "another.zip")
    monkeypatch.setattr("rootforensics.case.loader", lambda: "rootforensics 99")
    found = rf.check_bundle(tmp_path / "another.zip")
    assert (found.problems, found.is_proven, len(found.skipped)) == ((), False, 1)


def test_a_case_of_another_version_is_not_called_whole(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "case.duckdb"
    shutil.copy(whole / "case.duckdb", path)
    monkeypatch.setattr("rootforensics.case.loader", lambda: "rootforensics 99")
    ran: Any = CliRunner().invoke(cli, ["custody", str(path), "--verify"], standalone_mode=False)
    assert ran.return_value == 3
    assert "views and rule tables, because rootforensics" in " ".join(ran.output.split())
    assert "intact as far as it could be compared" in ran.output


def test_a_case_of_another_format_is_not_compared(whole: Path, tmp_path: Path) -> None:
    path = tmp_path / "case.duckdb"
    shutil.copy(whole / "case.duckdb", path)
    with duckdb.connect(str(path)) as writer:
        writer.execute("UPDATE case_info SET content = '3' WHERE name = 'format'")
    ran: Any = CliRunner().invoke(cli, ["custody", str(path), "--verify"], standalone_mode=False)
    assert ran.return_value == 3
    assert f"not compared: written by {loader()}: the case has format 3" in " ".join(ran.output.split())
    assert "The chain of custody could not be compared (0 entries)." in ran.output
