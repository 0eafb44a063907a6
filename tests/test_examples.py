"""Examples in Python that pages and docstrings show: each is run on the sample and gives what is shown."""

from __future__ import annotations

import doctest
import inspect
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from tests.pages import PAGES, ROOT, name_of, read

if TYPE_CHECKING:
    from pathlib import Path

_PYTHON = re.compile(r"^```pycon\n(.*?)^```$", re.MULTILINE | re.DOTALL)
#: What is called while a case is built or asked, and needs AWS, an engine or the originals of a whole bucket.
METHODS = {
    name: one for name, one in inspect.getmembers(rf.Case, inspect.isfunction) if name in dir(rf.open_case("any.duckdb"))
}
PUBLIC = {name: one for name, one in METHODS.items() if not name.startswith("_")}


@pytest.fixture
def _desk(sample_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder as a reader has it: the case in ``incident``, the sample logs, and the pages with their examples."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "incident").mkdir()
    shutil.copy(sample_path, tmp_path / "incident/case.duckdb")
    for name in ("docs", "sample_logs"):
        (tmp_path / name).symlink_to(ROOT / name)


def _run(name: str, text: str, **variables: Any) -> None:
    examples = doctest.DocTestParser().get_doctest(text, {"rf": rf, **variables}, name, None, 0)
    assert examples.examples, f"{name} has no example"
    said: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(examples, out=said.append)
    assert not said, "".join(said)


@pytest.mark.heavy
@pytest.mark.usefixtures("_desk")
@pytest.mark.parametrize("path", [path for path in PAGES if _PYTHON.search(read(path))], ids=name_of)
def test_examples_of_pages(path: Path) -> None:
    _run(name_of(path), "\n".join(_PYTHON.findall(read(path))))
