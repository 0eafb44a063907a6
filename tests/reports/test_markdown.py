"""The report as Markdown says what the page says, and nothing that the logs hold is obeyed in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from markdown_it import MarkdownIt

import rootforensics as rf
from rootforensics.reports.markdown import markdown_of
from rootforensics.reports.tree import Element, tree_of
from tests.builders import root_event, write_log
from tests.reports.conftest import report
from tests.reports.page import annexed

if TYPE_CHECKING:
    from tests.reports.page import Page

HOSTILE = (
    "\"'><img src=x onerror=alert(1)> | `code` **bold** [link](javascript:1) &lt;b&gt; $x$ _a_ ~~b~~ http://e.example"
)


def read(text: str) -> Element:
    """Markdown as a reader with GitHub's tables and links shows it; HTML in it would be HTML."""
    reader = MarkdownIt("commonmark", {"html": True, "xhtmlOut": True}).enable(["table", "strikethrough"])
    return tree_of(reader.render(text))


def squashed(text: str) -> str:
    """The letters and digits of a text."""
    return re.sub(r"[\W_]+", "", text)


def rows(tree: Element) -> list[list[str]]:
    return [
        [squashed(shown(cell)) for cell in row.every("th", "td")]
        for table in tree.every("table")
        for row in table.every("tr")
    ]


def shown(element: Element | str) -> str:
    """The text of an element of the page."""
    return element if isinstance(element, str) else element.text


@pytest.fixture(scope="module")
def sample_text(sample_source: str) -> str:
    return markdown_of(annexed(sample_source))


@pytest.fixture(scope="module")
def sample_tree(sample_text: str) -> Element:
    return read(sample_text)


FIELDS = ("userAgent", "sourceIPAddress", "eventName", "errorMessage")
STARTS = ("=", "+", "-", "@")


@pytest.fixture(scope="module")
def odd_text(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The Markdown of a case that holds markup in several fields, addresses of pages, and what a sheet would run."""
    folder = tmp_path_factory.mktemp("markdown")
    odd = [{"errorCode": "X", field: f"{field}{HOSTILE}\n\n# heading\n- item\n<script>"} for field in FIELDS]
    odd += [{"userAgent": "see http://f.example and www.f.example"}]
    odd += [{"userAgent": f"{start}cmd|'/c calc'!A1"} for start in STARTS]
    write_log(folder / "logs", "one.json.gz", [root_event(**one) for one in odd])
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs")
        return markdown_of(annexed(report(case)))


@pytest.mark.heavy
def test_it_has_the_parts_of_the_page_in_order(sample_tree: Element, sample_source: str) -> None:
    headings = [squashed(one.text) for one in tree_of(sample_source).every("h1", "h2", "h3")]
    assert [squashed(one.text) for one in sample_tree.every("h1", "h2", "h3")] == headings
    assert len(headings) > 50


@pytest.mark.heavy
def test_the_annex_is_left_out_unless_it_is_unfolded(sample_source: str, sample_text: str) -> None:
    text = markdown_of(sample_source)
    assert "Method and queries" in sample_text
    assert "Method and queries" not in text
    assert "Findings" in text
    assert len(text) < len(sample_text) / 5


@pytest.mark.heavy
def test_each_row_of_the_page_is_a_row(sample_tree: Element, sample_source: str) -> None:
    of_page = [[cell for cell in row if cell] for row in rows(tree_of(sample_source))]
    assert [[cell for cell in row if cell] for row in rows(sample_tree)] == of_page
    assert len(of_page) > 2_000


def test_sentences_cite_their_evidence(sample_tree: Element, expected: dict[str, Any]) -> None:
    (said,) = [
        one.text for one in sample_tree.every("li") if "reset root's password through a recovery e-mail" in one.text
    ]
    assert "d15d2bf8" in said
    for step in expected["story"]:
        assert step["event_id"] in sample_tree.text


def test_each_query_stands_as_it_ran(sample_tree: Element, sample_source: str) -> None:
    of_page = [one.text.strip() for one in tree_of(sample_source).every("pre")]
    assert [one.text.strip() for one in sample_tree.every("pre")] == of_page
    assert any("SELECT" in one for one in of_page)


def test_it_claims_nothing_that_the_page_does_not(sample_tree: Element, sample_source: str) -> None:
    known = set(re.findall(r"\w+", re.sub(r"</?(?:summary|details)\b[^>]*>", "", sample_source)))
    assert set(re.findall(r"\w+", sample_tree.text)) - known <= {"Chart", "words", "query"}


@pytest.mark.heavy
def test_what_the_logs_hold_is_text(odd_text: str) -> None:
    tree = read(odd_text)
    assert [field for field in FIELDS if squashed(f"{field}{HOSTILE}") not in squashed(tree.text)] == []
    assert not list(tree.every("img", "script", "a", "s", "em"))
    assert "heading" not in [one.text for one in tree.every("h1")]


def test_no_reader_makes_links_of_addresses(odd_text: str) -> None:
    assert r"http\://f.example and www\.f.example" in odd_text
    assert not re.search(r"(?<!\\)://f.example|www.f.example", odd_text)


def test_no_cell_begins_like_a_formula(odd_text: str) -> None:
    tree = read(odd_text)
    cells = [cell.text for row in tree.every("tr") for cell in row.every("td")]
    for start in STARTS:
        assert any(cell.startswith(f"'{start}cmd|'/c calc'!A1") for cell in cells)
    assert not [cell for cell in cells if cell.startswith(STARTS)]


def test_fences_are_longer_than_what_they_hold() -> None:
    assert markdown_of("<pre><code>a\n````\nb</code></pre>") == "`````text\na\n````\nb\n`````\n"
    assert read(markdown_of("<p><code>a``b`</code></p>")).text.strip() == "a``b`"


def test_a_case_without_events_has_all_its_parts(empty_page: Page) -> None:
    text = markdown_of(annexed(empty_page.source))
    assert "it says nothing about root" in text
    assert "The timeline is empty" in text
