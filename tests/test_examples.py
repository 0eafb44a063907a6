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
#: The methods of a case that completion offers.
METHODS = {
    name: getattr(rf.Case, name) for name in dir(rf.open_case("any.duckdb")) if name[0] != "_" and name != "path"
}


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


def test_completion_offers_what_users_call() -> None:
    assert {"verdict", "brief", "sql", "query", "load", "report"} <= METHODS.keys()
    assert not {"brief_text", "keep_extraction", "keep_head", "log_act"} & METHODS.keys()


def test_a_method_has_its_parameters_and_what_it_returns() -> None:
    for name, method in METHODS.items():
        text = inspect.getdoc(method) or ""
        signature = inspect.signature(method)
        parameters = [parameter for parameter in signature.parameters if parameter not in ("self", "head")]
        arguments = text.partition("Args:\n")[2].partition("\n\n")[0]
        assert [one for one in parameters if not re.search(rf"^    {one}: ", arguments, re.MULTILINE)] == [], name
        assert signature.return_annotation == "None" or "\nReturns:\n" in text, name


#: Methods whose examples run in CI each time.
ALWAYS = ("query", "sql", "verdict", "export", "load")


@pytest.mark.heavy
@pytest.mark.usefixtures("_desk")
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in ALWAYS else pytest.mark.deep) for name in METHODS]
)
def test_examples_of_methods(name: str) -> None:
    with rf.open_case("incident/case.duckdb") as case:
        _run(name, inspect.getdoc(METHODS[name]) or "", case=case)
