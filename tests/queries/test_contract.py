"""What holds for every question of the catalogue."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlglot

import rootforensics as rf
from rootforensics.engines.dialects import DIALECTS
from rootforensics.queries.catalogue import Query, analysis_questions, parse, question, questions, views

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootforensics.queries.result import Result

TESTS = Path(__file__).parent
every_question = pytest.mark.parametrize("query", questions().values(), ids=lambda query: query.name)
every_asked = pytest.mark.parametrize(
    "query", [*questions().values(), *analysis_questions().values()], ids=lambda query: query.name
)
every_statement = pytest.mark.parametrize(
    "query", [*questions().values(), *views().values()], ids=lambda query: query.name
)


@every_statement
def test_the_header_says_what_the_query_answers_and_misses(query: Query) -> None:
    assert query.title
    assert len(query.source) > 20
    assert all(re.fullmatch(r"T\d{4}(\.\d{3})?", technique) for technique in query.attack)


@every_asked
def test_parameters_and_columns_are_documented(query: Query) -> None:
    assert query.question.endswith("?")
    assert len(query.misses) > 20
    assert query.columns
    assert all(parameter.help and parameter.type for parameter in query.parameters)
    assert set(re.findall(r"\$(\w+)(?![\w.])", re.sub(r"'[^']*'", "''", query.sql))) == {
        parameter.name for parameter in query.parameters
    }


@pytest.mark.quick(1)
@every_asked
@pytest.mark.parametrize("filled", [True, False], ids=["sample", "empty"])
def test_the_result_has_the_declared_columns_and_types(
    query: Query, filled: bool, sample_case: rf.Case, sample_answer: Callable[[str], Result], empty_case: rf.Case
) -> None:
    case, answer = (sample_case, sample_answer) if filled else (empty_case, empty_case.query)
    names = {parameter.name: parameter.default for parameter in query.parameters}
    assert answer(query.name).columns == [column.name for column in query.columns]
    if filled:  # types do not hang on what a case holds
        return
    described = case._statement(f"DESCRIBE {query.sql}", **names).rows  # it reads the views that were worked out
    assert [(row["column_name"], row["column_type"]) for row in described] == [
        (column.name, column.type) for column in query.columns
    ]


@every_question
def test_no_answer_holds_a_command_whose_names_are_still_to_be_filled_in(
    query: Query, sample_answer: Callable[[str], Result]
) -> None:
    told = {str(value) for row in sample_answer(query.name).rows for value in row.values()}
    unfilled = {one for one in told if re.search(r"\{(each:)?(request|response)\w+\.", one)}
    assert bool(unfilled) == (query.name == "actions")


@pytest.mark.heavy
@every_question
@pytest.mark.quick(2)
def test_the_order_of_rows_is_total(query: Query, sample_case: rf.Case, sample_answer: Callable[[str], Result]) -> None:
    key = [
        re.sub(r"( DESC| NULLS (FIRST|LAST))+$", "", part.strip())
        for part in query.sql.rsplit("ORDER BY", 1)[1].split(",")
    ]
    columns = ", ".join(part.rsplit(".", 1)[-1] for part in key)
    names = {parameter.name: parameter.default for parameter in query.parameters}
    sample_answer(query.name)  # works the views out that it says it uses, which the statement then reads
    counted = sample_case._statement(
        f"SELECT count(*) AS n, count(DISTINCT ({columns})) AS places FROM ({query.sql})", **names
    )
    assert counted.rows[0]["n"] == counted.rows[0]["places"]


@cache
def _tests_of_answers() -> str:
    files = [path for part in ("queries", "integrity", "posture") for path in (TESTS.parent / part).glob("test_*.py")]
    return "".join(path.read_text(encoding="utf-8") for path in files if path.name != Path(__file__).name)


@every_question
def test_the_question_has_a_test_of_its_own(query: Query) -> None:
    assert f'"{query.name}"' in _tests_of_answers()


@pytest.mark.heavy
@every_statement
@pytest.mark.quick(5)
def test_the_statement_is_carried_to_other_engines(query: Query) -> None:
    sql = re.sub(r"\$(\w+)", "''", re.sub(r"'\$[^']*'", lambda path: path[0].replace("$", "\x00"), query.sql))
    (statement,) = sqlglot.parse(sql.replace("\x00", "$"), read="duckdb")
    assert statement is not None
    for dialect in (name for name in DIALECTS if name != "duckdb"):
        carried = statement.sql(dialect=dialect, unsupported_level=sqlglot.ErrorLevel.RAISE)
        assert sqlglot.parse_one(carried, read=dialect) is not None, dialect


def test_the_views_stand_on_views_that_exist() -> None:
    order = list(views())
    for view in views().values():
        assert all(order.index(used) < order.index(view.name) for used in view.uses)


@pytest.mark.heavy
def test_a_question_on_descendants_has_its_views_worked_out_once(sample_path: Path) -> None:
    """Each names the views that take longest, so that they are not worked out again at every mention."""
    for query in (*questions().values(), *analysis_questions().values()):
        words = set(re.findall(r"\w+", re.sub(r"'[^']*'", "", query.sql)))  # a view is never named in a text
        assert words & {"root_descendants", "descendant_acts", "descendant_events", "findings"} <= {*query.uses}, (
            query.name
        )
    with rf.open_case(sample_path) as case, case._reading() as reader:
        made = "SELECT count(*) FROM duckdb_tables() WHERE temporary AND table_name = 'descendant_acts'"
        case.query("root_signins")
        assert reader.execute(made).fetchall() == [(0,)]
        case.query("session_findings")
        assert reader.execute(made).fetchall() == [(1,)]


def test_the_catalogue_has_the_questions_that_scripts_rely_on() -> None:
    promised = (
        "coverage root_events root_activity root_noise root_summary root_signins root_api_calls root_by_ip"
        " root_by_user_agent root_errors root_first_last root_writes noise_by_service events_by_hour"
        " events_by_service evidence_problems"
    ).split()
    assert set(promised) <= questions().keys()


def test_python_holds_no_sql_but_what_is_made_while_it_runs() -> None:
    made = {"analysis/alarm/events.py", "reports/exports/parquet.py"}  # from a filter pattern; for a table and its days
    below_the_catalogue = {"evidence/notes.py", "evidence/originals.py"}
    package = Path(rf.__file__).parent
    found = {
        path.relative_to(package).as_posix()
        for folder in ("analysis", "charts", "evidence", "reports")
        for path in (package / folder).rglob("*.py")
        if any(map(_is_sql, ast.walk(ast.parse(path.read_text(encoding="utf-8")))))
    }
    assert found == made | below_the_catalogue


def _is_sql(node: ast.AST) -> bool:
    """Whether a node is a text that begins as a statement does and reads a table."""
    if isinstance(node, ast.JoinedStr):
        text = "".join(str(value.value) if isinstance(value, ast.Constant) else "{}" for value in node.values)
    else:
        text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
    return re.match(r"\s*(--.*\s*)*(SELECT|WITH|FROM)\s", text) is not None and re.search(r"\bFROM\b", text) is not None


def test_a_question_of_the_analysis_has_a_name_of_its_own_and_is_on_no_list() -> None:
    assert len(analysis_questions()) > 10
    assert not analysis_questions().keys() & questions().keys()
    assert question("read-regions") is analysis_questions()["read_regions"]
    with pytest.raises(rf.QueryError, match="unknown query"):
        question("read-regions", listed=True)


def test_items_of_a_parameter_are_given_as_a_list(sample_case: rf.Case) -> None:
    assert sample_case.query("filtered_events", whole=("[{}]",)).parameters == {"whole": ["[{}]"]}
    with pytest.raises(rf.QueryError, match=r"is not a valid VARCHAR\[\]"):
        sample_case.query("filtered_events", whole="[{}]")


def test_an_unknown_question_names_the_nearest() -> None:
    with pytest.raises(rf.QueryError, match="Did you mean root-signins"):
        question("root-signin")


def test_a_file_without_a_header_is_refused() -> None:
    with pytest.raises(rf.QueryError, match="header"):
        parse("bad", "SELECT 1")
    with pytest.raises(rf.QueryError, match="lacks title"):
        parse("bad", '/*\nquestion = "x?"\nattack = []\nsource = "s"\nmisses = "m"\n*/\nSELECT 1')


def test_an_unknown_parameter_is_refused(sample_case: rf.Case) -> None:
    with pytest.raises(rf.QueryError, match="account_id"):
        sample_case.query("root_signins", account="111122223333")


def test_parameters_are_values_and_never_sql(sample_case: rf.Case) -> None:
    assert len(sample_case.query("root_activity", calls="' OR 1=1 --")) == 0


def test_the_views_work_in_any_client(sample_path: Path, expected: dict[str, dict[str, int]]) -> None:
    import duckdb

    with duckdb.connect(str(sample_path), read_only=True) as client:
        counted = client.execute("SELECT count(*) FROM root_activity").fetchall()
    assert counted == [(expected["root"]["activity"],)]


def test_views_are_stored_in_a_case_of_every_kind(case_of: Callable[..., rf.Case]) -> None:
    case = case_of()
    assert {row["view_name"] for row in case.sql("SELECT view_name FROM duckdb_views() WHERE NOT internal").rows} == {
        *views(),
        "findings",
    }
