"""``%%rootsql`` in a real shell of IPython."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

import rootforensics as rf
from rootforensics.errors import QueryError
from rootforensics.notebooks.words import read_words

if TYPE_CHECKING:
    from pathlib import Path

KEYS = "SELECT count(*) AS n FROM root_activity WHERE eventName = 'CreateAccessKey' AND errorCode IS NULL"


def _run(shell: Any, code: str) -> Any:
    return shell.run_cell(code, store_history=False).result


def _refused(shell: Any, code: str, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    done = shell.run_cell(code, store_history=False)
    assert not done.success
    said = "".join(capsys.readouterr())
    assert "Traceback" not in said
    return said


def test_a_path_then_the_case_of_the_last_use(shell: Any, sample_path: Path, expected: dict[str, Any]) -> None:
    counted = "SELECT count(*) AS n FROM root_events"
    assert _run(shell, f"%%rootsql {sample_path}\n{counted}").rows == [{"n": expected["root"]["total"]}]
    assert _run(shell, f"%%rootsql\n{counted}\n-- ends in a comment").rows == [{"n": expected["root"]["total"]}]
    assert _run(shell, f"%rootsql {counted}").rows == [{"n": expected["root"]["total"]}]
    assert _run(shell, f"rows = %rootsql {counted}") is None
    assert shell.user_ns["rows"].rows == [{"n": expected["root"]["total"]}]


def test_a_variable_may_hold_the_case_or_its_path(shell: Any, sample_path: Path, empty_path: Path) -> None:
    with rf.open_case(sample_path) as case:
        shell.user_ns.update(mine=case, place=empty_path)
        assert _run(shell, "%%rootsql mine\nSELECT count(*) > 0 AS any FROM events").rows == [{"any": True}]
        assert _run(shell, "%rootsql place SELECT count(*) AS n FROM events").rows == [{"n": 0}]
        assert _run(shell, "%rootsql mine") is case
        assert _run(shell, "%rootsql SELECT count(*) > 0 AS any FROM events").rows == [{"any": True}]


def test_without_a_name_the_variable_case_is_used(shell: Any, sample_path: Path, empty_path: Path) -> None:
    count = "%rootsql SELECT count(*) AS n FROM events"
    shell.user_ns["case"] = rf.open_case(empty_path)
    assert _run(shell, count).rows == [{"n": 0}]
    shell.user_ns["case"] = rf.open_case(sample_path)  # a cell that opens another case was run
    sample = _run(shell, count).rows
    assert sample[0]["n"] > 0
    _run(shell, f"%rootsql {empty_path}")
    assert _run(shell, count).rows == [{"n": 0}], "the case named last comes before a variable assigned earlier"
    shell.user_ns["case"] = rf.open_case(sample_path)
    assert _run(shell, count).rows == sample
    shell.user_ns["case"] = "text"
    assert _run(shell, count).rows == sample


def test_variables_with_tables_are_read_by_their_name(shell: Any, sample_path: Path) -> None:
    shell.user_ns.update(
        case=rf.open_case(sample_path),
        known=pd.DataFrame({"name": ["CreateAccessKey"]}),
        events=pd.DataFrame({"name": ["of the notebook"]}),
        unused="text",
    )
    found = _run(shell, "%rootsql SELECT DISTINCT eventName FROM events JOIN known ON name = eventName")
    assert found.rows == [{"eventName": "CreateAccessKey"}]
    # After a comma a name is a column, whatever the notebook calls so.
    shell.user_ns["calls"] = pd.DataFrame([[1, 2]], columns=["a", "A"])
    assert _run(shell, "%rootsql SELECT 1 AS n, calls FROM (SELECT 2 AS calls)").rows == [{"n": 1, "calls": 2}]
    assert _run(shell, "%rootsql WITH known AS (SELECT 7 AS n) FROM known").rows == [{"n": 7}]


def test_a_path_with_blanks_is_quoted(shell: Any, sample_path: Path, tmp_path: Path) -> None:
    (tmp_path / "my case.duckdb").write_bytes(sample_path.read_bytes())
    assert len(_run(shell, f"%%rootsql '{tmp_path}/my case.duckdb'\nFROM case_info")) > 0


def test_variables_are_values_and_never_text(shell: Any, sample_path: Path) -> None:
    # What would end the statement, or be anything but a value, if it were pasted.
    shell.user_ns.update(
        case=str(sample_path),
        name="x' OR 'a' = 'a",
        names=("CreateUser", "CreateAccessKey"),
        since=datetime(2026, 8, 5, tzinfo=UTC),
        most=np.int64(2),
        seen=pd.Series(["AssumeRoot"]),
        stamp=pd.Timestamp("2026-08-05", tz="UTC"),
    )
    assert _run(shell, "%rootsql case SELECT count(*) AS n FROM events WHERE eventName = $name").rows == [{"n": 0}]
    assert _run(shell, "%rootsql SELECT $name AS said").rows == [{"said": "x' OR 'a' = 'a"}]
    assert _run(shell, "%rootsql SELECT '{name} $name' AS said").rows == [{"said": "{name} $name"}]
    found = _run(
        shell,
        "%%rootsql\nSELECT DISTINCT eventName FROM root_activity\n"
        "WHERE list_contains($names, eventName) AND eventTime >= $since AND eventTime >= $stamp LIMIT $most",
    )
    assert {row["eventName"] for row in found.rows} == {"CreateUser", "CreateAccessKey"}
    assert _run(shell, "%rootsql SELECT count(*) > 0 AS any FROM events WHERE eventName IN $seen").rows


def test_what_pandas_has_not_is_null(shell: Any, sample_path: Path) -> None:
    shell.user_ns.update(case=str(sample_path), no_time=pd.NaT, nothing=pd.NA, some=pd.Series(["a", pd.NA]))
    shell.user_ns["times"] = [pd.NaT, pd.Timestamp("2026-08-05", tz="UTC")]
    assert _run(shell, "%rootsql case SELECT $no_time IS NULL AND $nothing IS NULL AS said").rows == [{"said": True}]
    assert _run(shell, "%rootsql SELECT $some AS said").rows == [{"said": ["a", None]}]
    assert _run(shell, "%rootsql SELECT $times[1] IS NULL AS said").rows == [{"said": True}]


def test_rows_go_to_a_variable(shell: Any, sample_path: Path) -> None:
    result = _run(shell, f"%%rootsql {sample_path} --out keys\n{KEYS}")
    assert isinstance(shell.user_ns["keys"], pd.DataFrame)
    assert shell.user_ns["keys"].to_dict("records") == result.rows


def test_dialects(shell: Any, sample_path: Path) -> None:
    shell.user_ns["wanted"] = "CreateUser"
    found = _run(
        shell,
        f"%%rootsql {sample_path} --dialect=athena\n"
        "SELECT json_extract_scalar(requestparameters, '$.userName') AS made FROM cloudtrail_logs "
        "WHERE eventname = 'CreateUser' AND useridentity.type = 'Root' ORDER BY eventtime",
    )
    assert [row["made"] for row in found.rows] == ["support-sync"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("%%rootsql\nSELECT 1", "no case was named"),
        ("%%rootsql nowhere.duckdb\nSELECT 1", "nowhere.duckdb: the case file does not exist"),
        ("%%rootsql number\nSELECT 1", "number holds no case and no path, but a int"),
        ("%%rootsql case\nSELECT nothing FROM events", 'Referenced column "nothing" not found'),
        ("%%rootsql case\nSELECT $absent", "the SQL names $absent, and the notebook has no variable absent"),
        ("%%rootsql case\nSELECT $case2", "the variable case2 holds a Case, which is no value"),
        (
            "%%rootsql case\nSELECT $table",
            "the variable table holds a table, which is no value. Name a column: ids = table",
        ),
        ("%%rootsql case\nDELETE FROM events", "a query only reads the case"),
        ("%%rootsql case\nSELECT * FROM read_text('/etc/passwd')", "A query reads the case and nothing else"),
        ("%rootsql case --out x", "there is no SQL to run"),
        ("%%rootsql case --form csv\nSELECT 1", "there is no option --form"),
        ("%%rootsql case --dialect mysql\nSELECT 1", "unknown dialect 'mysql'"),
        ("%%rootsql case --out\nSELECT 1", "--out wants a value"),
        ("%%rootsql case --out 1x\nSELECT 1", "'1x' is no name of a variable"),
        ("%%rootsql case --out class\nSELECT 1", "'class' is no name of a variable"),
        ("%%rootsql case other\nSELECT 1", "'other' would be a second"),
        ("%%rootsql 'case\nSELECT 1", "a quotation mark is not closed"),
        ("%rootsql --help", "Usage: %%rootsql [CASE]"),
    ],
)
def test_what_is_wrong_is_one_message(
    shell: Any, sample_path: Path, capsys: pytest.CaptureFixture[str], code: str, said: str
) -> None:
    shell.user_ns.update(
        case=str(sample_path), number=7, case2=rf.open_case(sample_path), table=pd.DataFrame({"a": [1]})
    )
    assert said in _refused(shell, code, capsys)


def test_a_refused_statement_does_not_change_the_case(
    shell: Any, sample_path: Path, empty_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _run(shell, f"%rootsql {empty_path}")
    _refused(shell, f"%%rootsql {sample_path}\nSELECT nothing FROM events", capsys)
    assert _run(shell, "%rootsql SELECT count(*) AS n FROM events").rows == [{"n": 0}]


def test_loaded_twice_there_is_one_of_each(shell: Any) -> None:
    shell.run_line_magic("reload_ext", "rootforensics")
    assert [custom_matcher.matcher_identifier for custom_matcher in shell.Completer.custom_matchers].count("rootsql") == 1


def test_importing_the_package_brings_no_shell() -> None:
    code = "import sys, rootforensics; print([name for name in ('IPython', 'duckdb', 'pandas') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_sql_begins_at_its_first_word() -> None:
    asked = read_words("mine --out df WITH a AS (SELECT 1) FROM a", None)
    assert (asked.case, asked.out, asked.sql) == ("mine", "df", "WITH a AS (SELECT 1) FROM a")
    assert read_words("./values/case.duckdb (SELECT 1)", None).sql == "(SELECT 1)"
    with pytest.raises(QueryError, match="second"):
        read_words("mine also SELECT 1", None)
