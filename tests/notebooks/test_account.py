"""Each notebook keeps to the account that was asked for, or says where it does not."""

from __future__ import annotations

import html
import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from rootforensics.cli import cli
from rootforensics.notebooks.shipped import named, notebooks
from tests.conftest import ROOT
from tests.notebooks.test_rules import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.notebooks.conftest import Ran

    Run = Callable[..., Ran]

APPROVALS = str(ROOT / "docs" / "examples" / "approvals.yaml")
#: The management account is asked for; of the attacked one nothing may stand there.
ASKED, ATTACKED, KEY = "444455556666", "111122223333", "AKIA7P5O2MSTTEXAMPLE"
KEEPING = [name for name in NAMES if "ACCOUNT_ID" in named(name).parameters]


def _sections(path: Path) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Each cell of words, with the IDs of the cells of code below it."""
    words: dict[str, Any] = {}
    below: list[str] = []
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "markdown":
            if words:
                yield words, below
            words, below = cell, []
        else:
            below.append(cell["id"])
    yield words, below


def _of_whole_case(words: dict[str, Any]) -> bool:
    return "whole-case" in words["metadata"].get("tags", ())


def _shown(cell: dict[str, Any]) -> str:
    data = [one.get("data", {}) for one in cell["outputs"]]
    texts = ["".join(one.get("text", "")) for one in cell["outputs"]]
    texts += ["".join(one.get("text/html", one.get("text/plain", ""))) for one in data]
    return html.unescape(re.sub(r"<style>.*?</style>", "", "\n".join(texts), flags=re.DOTALL))


def test_all_but_the_load_from_s3_know_accounts() -> None:
    assert sorted({*NAMES} - {*KEEPING}) == ["07_from_s3_to_case"]


@pytest.mark.quick(2)
@pytest.mark.heavy
@pytest.mark.parametrize("name", KEEPING)
def test_nothing_of_another_accounts_root_is_shown(name: str, run_here: Run, sample_path: Path) -> None:
    """The account is given as papermill does, which takes digits for a number."""
    done = run_here(name, CASE=str(sample_path), ACCOUNT_ID=int(ASKED), APPROVALS=APPROVALS)
    assert done.failure == ""
    whole = {one for words, below in _sections(done.path) if _of_whole_case(words) for one in below}
    for cell in done.cells:
        if cell["id"] not in whole:
            shown = _shown(cell)
            assert KEY not in shown, cell["source"]
            assert ATTACKED not in shown, cell["source"]
    if name != "09_posture":  # of which the case of the sample holds nothing: AWS was not asked
        assert ASKED in done.text


@pytest.mark.parametrize("name", NAMES)
def test_what_is_of_the_whole_case_says_so(name: str) -> None:
    notebook = named(name)
    tagged = [words for words, _ in _sections(notebook.path) if _of_whole_case(words)]
    for words in tagged:
        assert "whole case" in "".join(words["source"])
    assert notebook.shows_whole_case == bool(tagged)
    if "ACCOUNT_ID" not in notebook.parameters:
        assert tagged


def test_every_chart_and_question_is_asked_for_the_account() -> None:
    """Of what draws or asks without a name of the account, a reader would not see that it is of all."""
    for name in KEEPING:
        for words, below in _sections(named(name).path):
            cells = {cell["id"]: "".join(cell["source"]) for cell in named(name).content["cells"]}
            for source in [] if _of_whole_case(words) else map(cells.__getitem__, below):
                asks = re.findall(
                    r"(?:_data|case\.(?:query|findings|analysis|blast_radius|indicators|verdict))\(.*", source
                )
                for ask in asks:
                    assert "ACCOUNT_ID" in ask or "session_id=" in ask, (name, source)
                if "FROM" in source and "duckdb_columns" not in source:
                    assert "$ACCOUNT_ID" in source or "account=ACCOUNT_ID" in source, (name, source)


@pytest.mark.heavy
def test_the_command_says_what_is_of_the_whole_case(
    sample_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rootforensics.notebooks.run.run_notebook", lambda *_args, **_more: "")
    words = ["notebook", str(sample_path), "all", "--account-id", ASKED, "--out", str(tmp_path)]
    said = CliRunner().invoke(cli, words).stderr.split("\n")
    whole = f"of the whole case, not of account {ASKED} alone"
    assert said[0] == f"{whole} (all of it): 07_from_s3_to_case"
    in_parts = [notebook.name for notebook in notebooks().values() if notebook.shows_whole_case][:-1]
    assert said[1] == f"{whole} (where they say so): {', '.join(in_parts)}"
    assert in_parts == ["01_triage", "05_evidence", "06_ad_hoc_sql"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("07", "--account-id", ASKED), "--account-id is not for the notebook 07_from_s3_to_case"),
        (("02", "--approvals", APPROVALS), "--approvals is not for the notebook 02_sessions_and_signins"),
    ],
)
def test_an_option_that_would_be_ignored_is_refused(
    words: tuple[str, ...], problem: str, sample_path: Path, tmp_path: Path
) -> None:
    done = CliRunner().invoke(cli, ["notebook", str(sample_path), *words, "--out", str(tmp_path)])
    assert done.exit_code == 2
    assert problem in done.stderr


def test_the_help_names_the_notebooks_that_take_approvals() -> None:
    shown = " ".join(CliRunner().invoke(cli, ["notebook", "--help"]).stdout.split())
    taking = [name[:2] for name in NAMES if "APPROVALS" in named(name).parameters]
    assert f"--approvals applies to {' and '.join(taking)}. 07 always shows the whole case." in shown
