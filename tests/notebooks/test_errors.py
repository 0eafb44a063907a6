"""What a cell shows if it fails: in a real kernel, with the extension loaded."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import duckdb
import nbformat
import pytest
from nbclient import NotebookClient

import rootforensics as rf
from tests.test_case import held_by

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def kernel() -> Iterator[Any]:
    """A kernel with the extension; runs a cell and gives the lines of its traceback."""
    book = nbformat.v4.new_notebook()
    client = NotebookClient(book, kernel_name="python3", allow_errors=True, timeout=120)
    with client.setup_kernel():

        def run(code: str) -> list[str]:
            book.cells.append(nbformat.v4.new_code_cell(code))
            cell = client.execute_cell(book.cells[-1], len(book.cells) - 1)
            [error] = [output for output in cell.outputs if output.output_type == "error"] or [{"traceback": []}]
            return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(error["traceback"])).split("\n")

        assert run("%load_ext rootforensics\nimport rootforensics as rf") == [""]
        yield run


@pytest.mark.heavy
def test_a_mistake_shows_the_own_line_and_the_message(kernel: Any, sample_path: Path, tmp_path: Path) -> None:
    kernel(f"case = rf.open_case({str(sample_path)!r})")
    absent = tmp_path / "absent.duckdb"
    cells = {
        f"rf.open_case({str(absent)!r}).verdict()": f"{absent}: the case file does not exist",
        'case.query("root_signin")': "unknown query 'root_signin'",
        "case.verdict(account_id=111122223333)": "111122223333 is not an account ID",
        'case.verdict("absent.csv")': "absent.csv: the file of approvals cannot be read",
        'case.sql("SELECT evntName FROM events")': 'sql: Binder Error: Referenced column "evntName" not found',
    }
    for code, said in cells.items():
        first, second, *_ = kernel(f"x = 1\n{code}")
        assert first == f"line 2: {code}"
        assert second.startswith(said)
    in_function = kernel('def ask():\n    return case.query("nothing_like_it")\n\nask()')
    assert in_function[:2] == ["line 4: ask()", 'line 2 of ask: return case.query("nothing_like_it")']
    assert len(in_function) == 3


@pytest.mark.heavy
def test_a_case_that_another_process_writes_or_another_version_wrote(
    kernel: Any, sample_path: Path, tmp_path: Path
) -> None:
    path = tmp_path / "case.duckdb"
    path.write_bytes(sample_path.read_bytes())
    kernel(f"other = rf.open_case({str(path)!r})")
    with held_by(path, "writer") as pid:
        line, said = kernel("other.brief()")
    assert line == "line 1: other.brief()"
    assert f"process {pid} " in said
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE case_info SET content = '1' WHERE name = 'format'")
    line, said, *more = kernel("other.brief()")
    assert (line, more) == ("line 1: other.brief()", [])
    assert said.startswith(str(path))


@pytest.mark.heavy
def test_the_magic_shows_the_message_alone(kernel: Any, sample_path: Path) -> None:
    said = kernel(f"%rootsql {sample_path} SELECT evntName FROM events")
    assert said[0].startswith('sql: Binder Error: Referenced column "evntName" not found')


@pytest.mark.heavy
def test_an_exception_of_python_looks_as_ever(kernel: Any) -> None:
    said = kernel("1 / 0")
    assert said[1].startswith("ZeroDivisionError")
    assert "Traceback (most recent call last)" in said[1]
    assert said[-1] == "ZeroDivisionError: division by zero"


def test_outside_a_notebook_there_is_a_traceback_of_python() -> None:
    code = "import rootforensics as rf; rf.open_case('absent.duckdb').brief()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback (most recent call last)")
    assert done.stderr.rstrip().endswith("absent.duckdb: the case file does not exist. rootforensics load creates one")


def test_control_characters_of_an_error_are_not_shown() -> None:
    assert rf.QueryError("a\x1b[31mb", where="c")._render_traceback_() == ["c: a[31mb"]
