"""Every notebook keeps the rules for notebooks, and comes with the package."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

import rootforensics as rf
import rootforensics.notebooks as offered
from rootforensics.errors import NotebookError
from rootforensics.notebooks.shipped import named, notebooks
from tests.conftest import ROOT

if TYPE_CHECKING:
    from nbformat import NotebookNode

#: A cell is read at one glance.
MOST_LINES = 9
NAMES = [
    "00_start",
    "01_triage",
    "02_sessions_and_signins",
    "03_incident_timeline",
    "04_blast_radius_and_containment",
    "05_evidence",
    "06_ad_hoc_sql",
    "07_from_s3_to_case",
    "08_reconciliation_with_approvals",
    "09_posture",
]

every_notebook = pytest.mark.parametrize("name", NAMES)


def _read(name: str) -> NotebookNode:
    return nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)


def _code(notebook: NotebookNode) -> list[str]:
    """The code of each cell, IPython's magic lines blanked; of a cell of SQL nothing but blank lines."""
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    cells = [re.sub(r"^.*$", "", cell, flags=re.MULTILINE) if cell.startswith("%%") else cell for cell in cells]
    return [re.sub(r"^%.*$", "", cell, flags=re.MULTILINE) for cell in cells]


def test_they_are_all_there_in_working_order() -> None:
    assert list(notebooks()) == NAMES
    assert {path.stem for path in (ROOT / "notebooks").iterdir()} == set(NAMES)


def test_they_are_found_by_name_and_number() -> None:
    for name in ("02_sessions_and_signins", "sessions-and-signins", "02", "2"):
        assert named(name).name == "02_sessions_and_signins"
    with pytest.raises(NotebookError, match="Did you mean evidence"):
        named("evidense")
    with pytest.raises(NotebookError, match="There are 00_start, "):
        named("99")


@every_notebook
def test_is_stored_bare(name: str) -> None:
    notebook = _read(name)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@every_notebook
def test_has_parameters(name: str) -> None:
    tagged = [cell for cell in _read(name).cells if "parameters" in cell.metadata.get("tags", ())]
    assert len(tagged) == 1
    assert named(name).parameters[0] == "CASE"
    assert [node.targets[0].id for node in ast.parse(tagged[0].source).body] == named(name).parameters


@every_notebook
def test_keeps_the_rules(name: str) -> None:
    notebook = _read(name)
    assert notebook.cells[0].cell_type == "markdown"
    assert notebook.cells[0].source.startswith("# ")
    for source in _code(notebook):
        assert len(source.split("\n")) <= MOST_LINES, source
        for node in ast.walk(ast.parse(source)):
            assert not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda), source
            for one in _names(node):
                assert not any(part.startswith("_") for part in one.split(".")), f"{one} is not public"


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Attribute):
        return [node.attr]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "", *(alias.name for alias in node.names)]
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return []


@every_notebook
def test_uses_public_names_only(name: str) -> None:
    """What a notebook does, a reader does after it: it imports nothing from the inside, and makes no table by hand."""
    for node in (node for source in _code(_read(name)) for node in ast.walk(ast.parse(source))):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("rootforensics"):
            public = {"rootforensics": rf.__all__, "rootforensics.notebooks": offered.__all__}[str(node.module)]
            assert {alias.name for alias in node.names} <= {*public}
        if isinstance(node, ast.Import):
            assert not any(alias.name.startswith("rootforensics.") for alias in node.names)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "case":
            assert hasattr(rf.Case, node.attr)
        assert not (isinstance(node, ast.Name) and node.id in ("Result", "DataFrame", "as_result"))


def test_the_gallery_has_thirty_queries() -> None:
    headings = [cell.source for cell in _read("06_ad_hoc_sql").cells if re.match(r"## \d+\. ", cell.source)]
    assert [int(heading.split(".")[0].removeprefix("## ")) for heading in headings] == list(range(1, 31))
    assert all(one.count("\n\n") == 1 for one in headings), "each says how to read it"
