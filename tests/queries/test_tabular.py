"""What a case answers is a table: for notebooks, for pandas, Polars, DuckDB and Arrow, and row by row."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from click.testing import CliRunner
from matplotlib.text import Text

import rootforensics as rf
from rootforensics.cli import cli
from rootforensics.errors import StorageError
from rootforensics.queries.result import Tabular
from tests.builders import root_event, write_log
from tests.conftest import ROOT
from tests.reports.page import Page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rootforensics.queries.result import Result

APPROVALS = ROOT / "docs" / "examples" / "approvals.yaml"
_ACCOUNT = "111122223333"
#: Every answer of a case that is a table.
ANSWERS: dict[str, Callable[[rf.Case], Tabular]] = {
    "story": lambda case: case.story(),
    "story with approvals": lambda case: case.story(APPROVALS),
    "summary": lambda case: case.summary(account_id=_ACCOUNT),
    "verdict": lambda case: case.verdict(),
    "verdict on one account": lambda case: case.verdict(APPROVALS, account_id=_ACCOUNT)[0],
    "containment": lambda case: case.containment(APPROVALS, account_id=_ACCOUNT),
    "blast_radius": lambda case: case.blast_radius(account_id=_ACCOUNT),
    "indicators": lambda case: case.indicators(account_id=_ACCOUNT),
    "timeline": lambda case: case.timeline(account_id=_ACCOUNT),
    "incident_timeline": lambda case: case.incident_timeline(APPROVALS, account_id=_ACCOUNT),
    "findings": lambda case: case.findings(account_id=_ACCOUNT),
    "sign_ins": lambda case: case.sign_ins(account_id=_ACCOUNT),
    "reconcile": lambda case: case.reconcile(APPROVALS, account_id=_ACCOUNT),
    "queries": lambda case: case.queries(),
    "tables": lambda case: case.tables(),
    "describe": lambda case: case.describe("root_signins"),
    "originals": lambda case: case.originals(["nothing", *case.sign_ins()["eventID"][:1]]),
    "approvals": lambda case: case.reconcile(APPROVALS).source,
    "sql": lambda case: case.sql("SELECT 1 AS a"),
}


@pytest.mark.heavy
@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.quick(2)
def test_every_answer_is_a_table_for_notebooks_terminals_and_data_frames(name: str, sample_case: rf.Case) -> None:
    """Verdict and blast radius were pages of Python in a notebook."""
    answer = ANSWERS[name](sample_case)
    rows = answer.result().rows
    assert rows
    assert len(answer.df()) == len(answer.pl()) == len(rows)
    assert list(answer.df().columns) == answer.pl().columns == list(rows[0])
    page = Page(answer._repr_html_())  # type: ignore[operator]
    assert [one.text for one in page.root.all("th")] == list(rows[0])
    assert len(page.root.all("tr")) == 1 + min(len(rows), 100)
    told = repr(answer).splitlines()
    assert told[0] == f"<{type(answer).__name__} {answer.result().name}: {len(rows):,} rows, {len(rows[0])} columns>"
    assert 2 <= len(told) <= 7
    assert max(map(len, told)) <= 120


def test_parameters_have_one_order_and_spelling() -> None:
    for name, method in inspect.getmembers(rf.Case, inspect.isfunction):
        parameters = inspect.signature(method).parameters
        if name.startswith("_"):
            continue
        if "account_id" in parameters:
            assert parameters["account_id"].kind is inspect.Parameter.KEYWORD_ONLY, name
            assert parameters["account_id"].default == "", name
        if "approvals" in parameters:
            assert parameters["approvals"].annotation.removesuffix(" | None") == "Granted", name
        assert "statement" not in name


@pytest.mark.heavy
def test_approvals_are_a_path_or_what_was_read_from_one(sample_case: rf.Case) -> None:
    read = sample_case.reconcile(APPROVALS).source
    for answer in (rf.Case.story, rf.Case.verdict, rf.Case.containment, rf.Case.incident_timeline, rf.Case.reconcile):
        by_path, by_object = answer(sample_case, APPROVALS), answer(sample_case, read)
        assert by_path.result().rows == by_object.result().rows


@pytest.mark.heavy
def test_verdicts_are_a_list_of_accounts(sample_case: rf.Case) -> None:
    verdicts = sample_case.verdict()
    assert {verdict.account_id for verdict in verdicts} == {"111122223333", "777788889999", "444455556666"}
    assert verdicts[0].account_id == _ACCOUNT, "it is a likely takeover"
    assert verdicts[0].answers[0].question == verdicts.df()["question"][0]
    assert len(verdicts.result()) == sum(len(one.answers) for one in verdicts)
    steps = sample_case.containment()
    assert list(steps["what"]) == [step.what for one in verdicts for step in one.steps]


@pytest.mark.heavy
def test_an_analysis_is_shown_as_its_verdict(sample_analysis: rf.Analysis) -> None:
    assert sample_analysis.df().equals(sample_analysis.verdicts.df())
    assert "Was root used by a person?" in sample_analysis._repr_html_()


def test_originals_that_cannot_be_read_say_why(sample_case: rf.Case) -> None:
    event_id = sample_case.sign_ins()["eventID"][0]
    absent, found = sample_case.originals(["nothing", event_id])
    assert absent == {"eventID": "nothing", "size_bytes": 0, "problem": "no event 'nothing' in the case", "record": ""}
    assert (found["problem"], found["record"].encode()) == ("", sample_case.raw(event_id))


@pytest.fixture
def signins(sample_case: rf.Case) -> Result[Any]:
    """Root's sign-ins; of one the record does not say whether there was MFA."""
    return sample_case.sign_ins()


def test_a_result_iterates_and_has_rows_columns_and_parts(signins: Result[Any]) -> None:
    assert [row["eventID"] for row in signins] == signins["eventID"] == [row["eventID"] for row in signins.rows]
    assert (signins[0], signins[-1]) == (signins.rows[0], signins.rows[-1])
    assert signins[2:5].rows == signins.rows[2:5]
    assert signins[::-2].rows == signins.rows[::-2]
    assert signins[:2].query is signins.query
    failed = signins.where(outcome="failure", account_id=[_ACCOUNT, "000000000000"])
    assert failed.rows == [row for row in signins if (row["outcome"], row["account_id"]) == ("failure", _ACCOUNT)] != []
    assert (signins[:0].rows, signins.where(outcome="none").rows, signins[:0].where(outcome="none").rows) == (
        [],
        [],
        [],
    )
    assert signins[:0].columns == signins.columns
    with pytest.raises(IndexError):
        signins[len(signins)]
    with pytest.raises(KeyError, match="there is no column 'nothing'"):
        signins["nothing"]


def test_whoever_takes_arrow_takes_a_result_as_it_is(signins: Result[Any]) -> None:
    rows = len(signins)
    assert pa.table(signins).equals(signins.arrow())
    assert pl.DataFrame(signins).equals(signins.pl())
    assert duckdb.sql("SELECT count(*), count(DISTINCT eventID) FROM signins").fetchall() == [(rows, rows)]
    taken = pd.DataFrame(signins)
    assert (list(taken["eventID"]), list(taken.columns)) == (signins["eventID"], signins.columns)


def test_true_false_and_unknown_are_a_boolean_in_pandas(signins: Result[Any]) -> None:
    """With an unknown one among them they were objects, without one ``bool``."""
    frame = signins.df()
    assert {str(frame[name].dtype) for name in ("mfa_used", "ip_seen_before")} == {"boolean"}
    assert frame["mfa_used"].isna().sum() == signins["mfa_used"].count(None) > 0
    assert signins.pl()["mfa_used"].dtype == pl.Boolean


def test_text_of_logs_steers_no_terminal(sample_case: rf.Case) -> None:
    told = repr(sample_case.sql("SELECT 'a' || chr(27) || '[31m' || chr(10) || 'b' AS text"))
    assert told.splitlines()[1:] == ["a [31m b"]


def test_tables_and_questions_are_listed_and_described(sample_case: rf.Case) -> None:
    questions = {row["name"]: row for row in sample_case.queries()}
    assert questions["root_signins"]["question"].endswith("?")
    assert "account_id" in questions["root_signins"]["parameters"]
    kinds = {row["name"]: row["kind"] for row in sample_case.tables()}
    assert (kinds["events"], kinds["evidence"], kinds["root_events"]) == ("table", "table", "view")
    assert all(row["holds"] for row in sample_case.tables())
    told = {row["column"]: row for row in sample_case.describe("evidence")}
    assert told["sha256"]["given_by"] == ["query", "table"]
    assert told["etag"]["given_by"] == ["table"]
    assert next(iter(told)) == sample_case.query("evidence").columns[0]
    assert sample_case.describe("events")["column"] == sample_case.sql("FROM events LIMIT 0").columns
    with pytest.raises(rf.QueryError, match="Did you mean root_signins"):
        sample_case.describe("root_signin")


def test_a_load_and_a_plan_are_shown_in_numbers(tmp_path: Path) -> None:
    write_log(tmp_path, "logs/<a>.json", [root_event()])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        for told, numbers in (
            (case.plan(tmp_path / "logs"), {"objects": "1", "request_count": "0"}),
            (case.load(tmp_path / "logs"), {"object_count": "1", "new_count": "1", "statuses": "1 loaded"}),
        ):
            shown = [row.text for row in Page(told._repr_html_()).root.all("tr")]
            assert {f"{name}{value}" for name, value in numbers.items()} <= {*shown}
            assert {name: str(told.df()[name][0]) for name in numbers} == numbers


@pytest.mark.heavy
def test_a_chart_is_drawn_by_its_name(sample_case: rf.Case) -> None:
    assert sample_case.chart("signins", account_id=_ACCOUNT).get_label()
    shown = {text.get_text() for text in sample_case.chart("incident", approvals=APPROVALS).findobj(Text)}
    assert any("BG-2026-031" in text for text in shown)
    assert sample_case.chart("signins")._repr_png_().startswith(b"\x89PNG")  # type: ignore[attr-defined]
    few = sample_case.chart("signins", title="The night", since="2026-08-05", until="2026-08-06", tz="Europe/Berlin")
    shown = {text.get_text() for text in few.findobj(Text)}
    assert "The night" in shown
    assert any("Only what is from 2026-08-05 02:00" in text for text in shown)
    with pytest.raises(rf.ChartError, match="Did you mean signins"):
        sample_case.chart("signin")


def test_a_csv_file_is_that_of_the_command_line(sample_path: Path, sample_case: rf.Case, tmp_path: Path) -> None:
    text = "SELECT '=1+1' AS formula, NULL AS nothing, eventTime, userIdentity FROM events ORDER BY ALL LIMIT 3"
    made = sample_case.sql(text).to_csv(tmp_path / "rows.csv")
    words = ["sql", str(sample_path), text, "--format", "csv", "--output", str(tmp_path / "cli.csv")]
    assert CliRunner().invoke(cli, words).exit_code == 0
    assert made.read_bytes() == (tmp_path / "cli.csv").read_bytes()
    assert b"'=1+1," in made.read_bytes()


def test_a_csv_file_is_never_overwritten(empty_case: rf.Case, tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("kept", encoding="utf-8")
    with pytest.raises(StorageError, match="exists and is not overwritten"):
        empty_case.sql("SELECT 1").to_csv(tmp_path / "rows.csv")
    assert (tmp_path / "rows.csv").read_text(encoding="utf-8") == "kept"
    with pytest.raises(StorageError, match="cannot write"):
        empty_case.sql("SELECT 1").to_csv(tmp_path / "absent" / "rows.csv")
