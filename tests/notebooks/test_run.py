"""``rootforensics notebook``: what is written, what is refused, and what is told of a cell that fails."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbformat.sign import NotebookNotary

import rootforensics as rf
from click.testing import CliRunner, Result

from rootforensics.cli import cli
from rootforensics.errors import NotebookError, StorageError
from rootforensics.notebooks import run as running
from rootforensics.notebooks.index import index_page
from rootforensics.notebooks.page import as_page
from rootforensics.notebooks.shipped import Shipped, notebooks

if TYPE_CHECKING:
    from pathlib import Path


def _notebook(folder: Path, name: str, *cells: str) -> Shipped:
    content: dict[str, Any] = {
        "cells": [{"cell_type": "markdown", "id": "head", "metadata": {}, "source": [f"# {name}"]}],
        "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    for number, source in enumerate(('CASE = ""', *cells)):
        tags = {} if number else {"tags": ["parameters"]}
        cell = {"cell_type": "code", "id": f"c{number}", "metadata": tags, "source": [source]}
        content["cells"].append({**cell, "outputs": [], "execution_count": None})
    path = folder / f"{name}.ipynb"
    path.write_text(json.dumps(content), encoding="utf-8")
    return Shipped(path, content)


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Shipped]:
    """Two notebooks in place of those that are shipped: one fails in its SQL, one does not."""
    folder = tmp_path / "stock"
    folder.mkdir()
    failing = "%load_ext rootforensics\n%rootsql CASE SELECT nothing FROM events"
    made = {
        "01_fails": _notebook(folder, "01_fails", "print('before')", failing, "print('after')"),
        "02_runs": _notebook(folder, "02_runs", "print(CASE)"),
    }
    monkeypatch.setattr("rootforensics.notebooks.shipped.notebooks", lambda: made)
    return made


def _ask(*words: str | Path) -> Result:
    return CliRunner().invoke(cli, ["notebook", *map(str, words)])


@pytest.mark.heavy
def test_a_failing_cell_is_told_and_the_others_run(two: dict[str, Shipped], sample_path: Path, tmp_path: Path) -> None:
    assert two
    out, path = tmp_path / "out", shutil.copy(sample_path, tmp_path)
    done = _ask(path, "--out", out, "--html")
    assert done.exit_code == 1
    failed, written, listed = done.stderr.strip().split("\n")
    assert failed.startswith(f"failed: {out}/01_fails.ipynb: In [4]: MagicError: sql: Binder Error: ")
    assert 'column "nothing" not found' in failed
    assert written == f"written: {out}/02_runs.ipynb"
    assert listed == f"written: {out}/index.html"
    index = (out / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'<a href="([^"]+)">', index) == ["01_fails.html", "02_runs.html"]
    assert re.findall("Not complete. In .4.: MagicError|Complete", index) == [
        "Not complete. In [4]: MagicError",
        "Complete",
    ]
    with rf.open_case(path) as case:
        assert case.custody().rows[-2]["sha256"] in index
    assert str(path) in index
    assert isinstance(done.exception, NotebookError)
    assert "1 of 2 notebooks did not run to the end" in str(done.exception)
    kept = (out / "01_fails.ipynb").read_text(encoding="utf-8")
    assert "before" in kept
    assert "papermill-error" not in kept
    assert sorted(path.name for path in out.iterdir()) == [
        *("01_fails.html", "01_fails.ipynb", "02_runs.html", "02_runs.ipynb", "index.html")
    ]


@pytest.mark.heavy
def test_an_earlier_run_is_written_over(two: dict[str, Shipped], sample_path: Path, tmp_path: Path) -> None:
    assert two
    out, path = tmp_path / "out", shutil.copy(sample_path, tmp_path)
    for _ in range(2):
        done = _ask(path, "2", "--out", out, "--html")
        assert done.exit_code == 0, done.stderr
        assert str(path) in (out / "02_runs.ipynb").read_text(encoding="utf-8")
    with rf.open_case(path) as case:
        assert [row["command"] for row in case.custody().rows[-2:]] == ["notebook", "notebook"]


@pytest.mark.deep
@pytest.mark.heavy
def test_the_index_lists_pages_of_earlier_runs_apart(
    two: dict[str, Shipped], sample_path: Path, tmp_path: Path
) -> None:
    assert two
    out, path = tmp_path / "out", shutil.copy(sample_path, tmp_path)
    assert _ask(path, "2", "--out", out, "--html").exit_code == 0
    assert _ask(path, "1", "--out", out, "--html").exit_code == 1
    of_run, _, earlier = (out / "index.html").read_text(encoding="utf-8").partition("From earlier runs")
    assert ("01_fails.html" in of_run, "02_runs.html" in of_run) == (True, False)
    assert ("01_fails.html" in earlier, "02_runs.html" in earlier) == (False, True)


def test_the_index_has_the_question_of_every_notebook_but_the_first() -> None:
    known = notebooks()
    index = index_page("Case <b>", "0" * 64, {"Case": "a & b"}, [(one, "") for one in known.values()], [], known)
    rows = re.findall(r'<a href="(\w+)\.html">.*?<td>(.*?)</td>', index)
    assert [name for name, _ in rows] == list(known)
    assert [name for name, question in rows if not question] == ["00_start"]
    assert dict(rows)["08_reconciliation_with_approvals"] == "Was it approved?"
    assert "Case &lt;b&gt;" in index
    assert "a &amp; b" in index


def test_links_between_pages_lead_to_pages() -> None:
    start = notebooks()["00_start"]
    page = as_page(start.content, start.name, start.title)
    assert 'href="01_triage.html"' in page
    assert '.ipynb"' not in page


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("02_runs.ipynb", "my own notes"),
        ("02_runs.ipynb", '{"metadata": {"rootforensics": {"notebook": "01_fails"}}}'),
        ("02_runs.ipynb", "[]"),
        ("index.html", "my own page"),
        ("02_runs.html", "<!DOCTYPE html><!-- rootforensics: 01_fails -->"),
    ],
)
def test_nothing_else_is_written_over(
    two: dict[str, Shipped], sample_path: Path, tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    done = _ask(sample_path, "all", "--out", tmp_path, "--html")
    assert isinstance(done.exception, StorageError)
    run_of = "index" if name == "index.html" else "02_runs"
    assert f"{tmp_path / name}: this is no earlier run of {run_of}; it is not written over" in str(done.exception)
    assert (tmp_path / name).read_text(encoding="utf-8") == text
    assert not (tmp_path / "01_fails.ipynb").exists(), "told before the first is run"
    running.check_citation(tmp_path / "absent.ipynb", "02_runs")


def test_the_extra_is_named_where_it_is_missing(
    sample_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "find_spec", lambda name: None if name == "papermill" else name)
    done = _ask(sample_path, "--out", tmp_path / "out")
    assert str(done.exception) == (
        'notebook: papermill is not installed. Install it: python -m pip install "rootforensics[notebook]"'
    )
    assert not (tmp_path / "out").exists()


def test_a_wrong_case_or_name_writes_nothing(sample_path: Path, tmp_path: Path) -> None:
    for words in ((tmp_path / "no.duckdb",), (sample_path, "10_more"), (sample_path, "--approvals", "x", "02")):
        assert _ask(*words, "--out", tmp_path / "out").exit_code != 0
    assert not (tmp_path / "out").exists()


def test_the_help_lists_them() -> None:
    shown = _ask("--help").stdout
    assert "04_blast_radius_and_containment" in shown
    assert "Blast radius and containment" in shown


@pytest.mark.heavy
def test_a_run_is_signed(
    two: dict[str, Shipped], sample_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JupyterLab of the user who ran it trusts the outputs, and that of another user does not."""
    assert two
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "mine"))
    monkeypatch.setenv("JUPYTER_PATH", os.path.join(sys.prefix, "share", "jupyter"))
    assert _ask(shutil.copy(sample_path, tmp_path), "2", "--out", tmp_path / "out").exit_code == 0
    ran = nbformat.read(tmp_path / "out" / "02_runs.ipynb", as_version=4)
    assert NotebookNotary().check_signature(ran)
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "other"))
    assert not NotebookNotary().check_signature(ran)
