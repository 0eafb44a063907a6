"""Every notebook runs as it stands, on the sample incident, and keeps the rules for notebooks."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from nbclient import NotebookClient

if TYPE_CHECKING:
    from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
#: A cell is read at one glance.
MOST_LINES = 9

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def _read(path: Path) -> NotebookNode:
    return nbformat.read(path, as_version=4)


def _code(notebook: NotebookNode) -> list[str]:
    """The code of each cell, IPython's magic lines blanked."""
    return [
        re.sub(r"^%.*$", "", cell.source, flags=re.MULTILINE) for cell in notebook.cells if cell.cell_type == "code"
    ]


def _run(path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, case: Path | None = None) -> NotebookNode:
    """Run a notebook in its own folder, while all that it writes goes to another."""
    for name in ("TMPDIR", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR"):
        (folder / name).mkdir()
        monkeypatch.setenv(name, str(folder / name))
    monkeypatch.delenv("RF_CASE", raising=False)
    if case:
        monkeypatch.setenv("RF_CASE", str(case))
    notebook = _read(path)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(path.parent)}}).execute()
    return notebook


def _outputs(notebook: NotebookNode) -> list[Any]:
    return [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]


def _text(notebook: NotebookNode) -> str:
    """All that a reader of the outputs sees, tags taken off."""
    shown: list[str] = []
    for output in _outputs(notebook):
        data = output.get("data", {})
        shown += [output.get("text", ""), data.get("text/html", data.get("text/plain", ""))]
    return re.sub(r"<[^>]+>", " ", "\n".join(shown))


def _files(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


@every_notebook
def test_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, expected: dict[str, Any]) -> None:
    before = _files(path.parent)
    done = _run(path, tmp_path, monkeypatch)
    assert _files(path.parent) == before, "a notebook leaves nothing beside itself"
    for output in _outputs(done):
        assert output.output_type != "error", output
        assert output.get("name") != "stderr", output.text
    text = re.sub(r"\s+", " ", _text(done))
    root = expected["root"]
    assert f"{root['activity']} activity + {root['noise']} noise = {root['total']} root events" in text
    for name, count in {
        "evidence.objects": expected["evidence"]["objects"],
        "events.total": expected["events"]["total"],
        "events.duplicates": expected["events"]["duplicates"],
        "root.cis_match": root["cis_match"],
        **{f"root.by_origin.{origin}": count for origin, count in root["by_origin"].items()},
        "root.console_sign_ins.success": root["console_sign_ins"]["success"],
        "root.console_sign_ins.failure": root["console_sign_ins"]["failure"],
    }.items():
        assert f"{name} {count} " in text
    assert f'"eventID": "{expected["story"][0]["event_id"]}"' in text, "the first use of root, from its file again"
    assert "event_id_conflict" in text
    assert any("image/png" in output.get("data", {}) for output in _outputs(done)), "a chart"


@every_notebook
def test_takes_a_case_that_exists(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample_path: Path
) -> None:
    size = sample_path.stat().st_size
    done = _run(path, tmp_path, monkeypatch, sample_path)
    assert f"<Case {sample_path}>" in "".join(output.get("data", {}).get("text/plain", "") for output in _outputs(done))
    assert sample_path.stat().st_size == size


@every_notebook
def test_is_stored_bare(path: Path) -> None:
    notebook = _read(path)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@every_notebook
def test_keeps_the_rules(path: Path) -> None:
    notebook = _read(path)
    assert notebook.cells[0].cell_type == "markdown"
    for source in _code(notebook):
        assert len(source.split("\n")) <= MOST_LINES, source
        for node in ast.walk(ast.parse(source)):
            assert not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda), source
            for name in _names(node):
                assert not any(part.startswith("_") for part in name.split(".")), f"{name} is not public"


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Attribute):
        return [node.attr]
    if isinstance(node, ast.ImportFrom):
        return [node.module or "", *(alias.name for alias in node.names)]
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return []


def test_the_first_notebook_is_there() -> None:
    assert "01_triage" in {path.stem for path in NOTEBOOKS}
