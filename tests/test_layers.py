"""No module of the package imports itself by way of others: not for types either, and not inside a function.

The layers are contracts of import-linter in ``pyproject.toml``; this also looks within a layer and within a folder.
"""

from __future__ import annotations

import re
import tomllib
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

import grimp

from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def circle(package: str) -> list[str]:
    """The modules of one circle of imports, each imported by the one behind it; empty if there is none.

    The package itself is left out: it names the types of what it offers, and modules take its version.
    """
    graph = grimp.build_graph(package, cache_dir=None)
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules if name != package}
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def test_the_page_on_design_has_every_layer() -> None:
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ][0]
    layers = {name for line in contract["layers"] for name in re.split(" [|:] ", line)}
    page = (ROOT / "docs" / "reference" / "design.md").read_text(encoding="utf-8")
    assert layers - set(re.findall(r"^  (\w+)(?:/|\.py)(?: |$)", page, re.MULTILINE)) == set()


def test_no_module_imports_itself_by_way_of_others() -> None:
    assert circle("rootforensics") == []


def test_one_import_by_name_goes_up_the_layers() -> None:
    """The contracts see no import by name; one in a function of the package would be hidden from them."""
    named = {
        (path.relative_to(ROOT / "rootforensics").as_posix(), module)
        for path in (ROOT / "rootforensics").rglob("*.py")
        for module in re.findall(r"import_module\(\s*f?\"rootforensics\.([\w.]+)", path.read_text(encoding="utf-8"))
        if path.relative_to(ROOT / "rootforensics").parts[0] != module.partition(".")[0]
    }
    assert named == {("queries/result.py", "charts.over_time"), ("__init__.py", "notebooks.magic")}


def test_a_circle_of_types_and_of_an_import_in_a_function_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "going_round"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "one.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from going_round import two\n"
    )
    (package / "two.py").write_text("def asked():\n    from going_round.one import TYPE_CHECKING\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert set(circle("going_round")) == {"going_round.one", "going_round.two"}
