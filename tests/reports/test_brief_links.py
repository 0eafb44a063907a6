"""Each sentence of the brief leads to what shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import rootforensics as rf
from rootforensics.reports.html import render_report
from tests.conftest import ROOT
from tests.reports.page import Page, words

if TYPE_CHECKING:
    from pathlib import Path

APPROVALS = ROOT / "docs" / "examples" / "approvals.yaml"


def _led(page: Page) -> list[tuple[str, list[str]]]:
    """Each sentence, and where its links lead."""
    items = [item for listed in page.part("brief").all("ul") for item in listed.all("li")]
    return [(words(item), [link.attributes["href"].removeprefix("#") for link in item.all("a")]) for item in items]


def _check(page: Page) -> None:
    sentences = _led(page)
    assert len(sentences) > 5
    for text, links in sentences:
        assert links, text
        assert set(links) <= set(page.ids), text


@pytest.mark.heavy
def test_every_sentence_leads_to_what_shows_it(approved_page: Page) -> None:
    _check(approved_page)


@pytest.mark.parametrize("filters", [{"accounts": ("444455556666",)}, {"regions": ("us-west-2",)}])
@pytest.mark.heavy
def test_so_does_every_sentence_of_a_part_of_the_logs(filters: dict[str, tuple[str, ...]], tmp_path: Path) -> None:
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(ROOT / "sample_logs", filters=rf.Filters(**filters))
        _check(Page(render_report(case.analysis(APPROVALS))))
