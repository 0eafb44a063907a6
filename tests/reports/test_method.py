"""The report names what ran: each statement that reached the engine, and under each table those that it stands on."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics import case as case_module
from rootforensics.analysis.analysis import Analysis
from tests.analysis.approvals.uses import USE, called, covered
from tests.builders import write_log
from tests.conftest import ROOT
from tests.reports.page import Page

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from rootforensics.queries.result import Result


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The SQL of every question and statement of this package's own, as it reaches the engine."""
    texts: list[str] = []

    def watch(name: str) -> None:
        run: Callable[..., Result] = getattr(case_module, name)

        def watched(*args: Any) -> Result:
            result = run(*args)
            texts.append(result.sql)
            return result

        monkeypatch.setattr(case_module, name, watched)

    watch("run_question")
    watch("run_statement")
    return texts


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("method")
    made = called("10:12:00", "iam:CreateUser", responseElements={"user": {"userName": "helper"}})
    write_log(folder, "log.json", [*covered(), *USE, made])
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "log.json")
    return folder / "case.duckdb"


def _digest(sql: str) -> str:
    return hashlib.sha256(sql.encode()).hexdigest()[:12]


def _made_from(page: Page, name: str) -> set[str]:
    """The digests of what a table says that it is made from, by way of the entries that it leads to."""
    (article,) = [one for one in page.part("method").all("article") if one.attributes.get("id") == name]
    anchors = [one.attributes["href"].removeprefix("#") for one in article.all("a")]
    assert len(anchors) == len(set(anchors)), name
    entries = {
        one.attributes["id"]: one.all("summary")[0].all("code")[0].text
        for one in (*page.part("method").all("article"), *page.part("method").all("details"))
        if "id" in one.attributes and one.all("summary")
    }
    return {entries[anchor] for anchor in anchors}


@pytest.mark.heavy
def test_the_report_names_all_that_ran_and_under_the_verdict_what_it_stands_on(
    path: Path, ran: list[str], tmp_path: Path
) -> None:
    approvals = ROOT / "docs" / "examples" / "approvals.yaml"
    with rf.open_case(path) as case:
        page = Page(case.report(tmp_path / "report.html", approvals=approvals).read_text(encoding="utf-8"))
    method = page.part("method")
    named = {one.text for summary in method.all("summary") for one in summary.all("code")}
    assert {_digest(sql) for sql in ran} == named
    printed = {one.text.strip() for one in method.all("pre")}
    assert {sql.strip() for sql in ran} == printed
    for name, ask in (("q-verdict", "verdicts"), ("q-blast_radius", "radius")):
        ran.clear()
        with rf.open_case(path) as case:
            getattr(case.analysis(approvals), ask)
        assert _made_from(page, name) == {_digest(sql) for sql in ran}, name
    assert _made_from(page, "q-containment") == _made_from(page, "q-verdict")
    assert _made_from(page, "q-incident") > _made_from(page, "q-blast_radius")


@pytest.mark.heavy
def test_who_draws_on_what_is_there_stands_on_it_as_well(path: Path) -> None:
    with rf.open_case(path) as case:
        _draws_twice(case.analysis())


def _draws_twice(analysis: Analysis) -> None:
    first, under = analysis.ran.noted(lambda: analysis.radius)
    assert analysis.ran.noted(lambda: analysis.radius) == (first, under)
    assert {one.digest for one in under} < {one.digest for one in analysis.ran.noted(lambda: analysis.verdicts)[1]}
    assert [one.name for one in analysis.ran.noted(lambda: analysis.query("notes"))[1]] == ["notes"]
    another = Analysis(analysis)
    assert [one.digest for one in another.ran.noted(lambda: another.radius)[1]] == [one.digest for one in under]
