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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


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
    made.reset(new_session=False)
    InteractiveShell.clear_instance()


@dataclass(frozen=True)
class Ran:
    """A notebook that was run: what failed, and the files that were written."""

    failure: str
    path: Path

    @property
    def cells(self) -> list[dict[str, Any]]:
        """Its cells of code, as they were written."""
        cells: list[dict[str, Any]] = json.loads(self.path.read_text(encoding="utf-8"))["cells"]
        return [cell for cell in cells if cell["cell_type"] == "code"]

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
            ran[key] = Ran(run_notebook(named(name), parameters, target, page=True), target)
        return ran[key]

    with pytest.MonkeyPatch.context() as patch:
        for variable in ("TMPDIR", "IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "MPLCONFIGDIR"):
            (folder / variable).mkdir()
            patch.setenv(variable, str(folder / variable))
        patch.delenv("RF_CASE", raising=False)
        yield go
