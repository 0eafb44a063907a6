"""A real shell of IPython, with the extension loaded; and the notebooks, each run once."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.notebooks.run import run_notebook
from rootforensics.notebooks.shipped import named
from tests.kept_answers import pytest_runtest_call, pytest_runtest_setup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["Ran", "cells_of", "pytest_runtest_call", "pytest_runtest_setup"]


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """IPython's shell as a notebook has it, without a history of its own."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    config = Config()
    config.HistoryManager.enabled = False
    InteractiveShell.clear_instance()
    made = InteractiveShell.instance(config=config)
    made.run_line_magic("load_ext", "rootforensics")
    yield made
    made.displayhook.flush = lambda: None  # it looks for garbage in all that the tests have made so far
    made.reset(new_session=False)
    InteractiveShell.clear_instance()


@dataclass(frozen=True)
class Ran:
    """A notebook that was run: what failed, its cells of code with what they gave, and the file that was written."""

    failure: str
    cells: list[dict[str, Any]]
    path: Path

    @property
    def outputs(self) -> list[dict[str, Any]]:
        """What its cells gave."""
        return [output for cell in self.cells for output in cell["outputs"]]

    @property
    def text(self) -> str:
        """All that a reader of the outputs sees, tags and scripts taken off."""
        shown: list[str] = []
        for output in self.outputs:
            data = output.get("data", {})
            shown += ["".join(output.get("text", "")), "".join(data.get("text/html", data.get("text/plain", "")))]
        plain = re.sub(r"<style>.*?</style>|<[^>]+>", " ", "\n".join(shown), flags=re.DOTALL)
        return re.sub(r"\s+", " ", html.unescape(plain))


def cells_of(path: Path) -> list[dict[str, Any]]:
    """The cells of code of a notebook."""
    cells: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


@pytest.fixture
def run_here(shell: Any, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs the cells of a notebook in this process, which takes a fraction of what a kernel does."""

    def go(name: str, **parameters: Any) -> Ran:
        notebook, cells, failure = named(name), [], ""
        capsys.readouterr()
        for cell in cells_of(notebook.path):
            done = shell.run_cell("".join(cell["source"]))
            if "parameters" in cell["metadata"].get("tags", ()):
                shell.push({name: value for name, value in parameters.items() if name in notebook.parameters})
            said = capsys.readouterr()
            outputs: list[dict[str, Any]] = [
                {"output_type": "stream", "name": kind, "text": text}
                for kind, text in (("stdout", said.out), ("stderr", said.err))
                if text
            ]
            if done.result is not None:
                data, _ = shell.display_formatter.format(done.result)
                outputs.append({"output_type": "execute_result", "data": data})
            cells.append({**cell, "outputs": outputs})
            if not done.success:
                failure = repr(done.error_before_exec or done.error_in_exec)
                break
        return Ran(failure, cells, notebook.path)

    return go


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Ran]]:
    """Runs a notebook as the command does, once for each set of parameters; what it writes goes to folders of its own."""
    ran: dict[tuple[Any, ...], Ran] = {}
    folder = tmp_path_factory.mktemp("ran")

    def go(name: str, **parameters: Any) -> Ran:
        key = (name, *sorted(parameters.items()))
        if key not in ran:
            target = folder / str(len(ran)) / f"{name}.ipynb"
            target.parent.mkdir()
            failure = run_notebook(named(name), parameters, target, page=True)
            ran[key] = Ran(failure, cells_of(target), target)
        return ran[key]

    with pytest.MonkeyPatch.context() as patch:
        for variable in ("TMPDIR", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR"):
            (folder / variable).mkdir()
            patch.setenv(variable, str(folder / variable))
        patch.delenv("RF_CASE", raising=False)
        yield go
