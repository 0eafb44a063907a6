"""Ways through the page in a real browser: links, keys, and what is left of a search on paper."""

from __future__ import annotations

import gzip
import json
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.conftest import SAMPLE_LOGS
from tests.reports.tab import CHROMIUM, opened

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from playwright.sync_api import Browser, Page

    from tests.reports.page import Page as Tree

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="/usr/bin/chromium is not installed"),
    pytest.mark.heavy,  # a page of this length takes seconds, which Chromium spends and no rule of the tests counts
]

DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
#: A heading at the top of the window, with the blank of its part above it.
_TOP = 120
_HEADING = """hash => {
    const at = document.getElementById(hash.slice(1));
    return (at.querySelector("h2") ?? at).getBoundingClientRect().top;
}"""


def settled(page: Page) -> None:
    """Wait until nothing moves any more: tables out of sight are laid out when they come near."""
    page.evaluate("""async () => {
        for (let last = -1, still = 0; still < 6; last = scrollY, await new Promise(requestAnimationFrame))
            still = scrollY === last ? still + 1 : 0;
    }""")


def top_of(page: Page, link: str) -> float:
    """How far below the top of the window the heading of a link's target stands."""
    settled(page)
    return float(page.evaluate(_HEADING, link))


@pytest.mark.parametrize(("by", "window"), [("mouse", DESK), ("key", PHONE)])
def test_a_link_to_a_part_leads_to_its_heading(by: str, window: Any, browser: Browser, path: Path) -> None:
    page, said, _ = opened(browser, path, viewport=window)
    links = page.locator("nav a")
    assert links.count() > 15
    tops = {}
    for place in range(links.count()):
        link = links.nth(place)
        if by == "mouse":
            link.click()
        else:
            link.focus()
            page.keyboard.press("Enter")
        to = str(link.get_attribute("href"))
        tops[to] = top_of(page, to)
    assert {to: top for to, top in tops.items() if not 0 <= top <= _TOP} == {}
    assert said == []


def test_links_within_the_text_lead_to_headings(browser: Browser, path: Path) -> None:
    page, _, _ = opened(browser, path, viewport=DESK)
    links = page.locator('main p a[href="#access"], main dd a[href="#access"], main a[href="#evidence"]')
    assert links.count() >= 2
    for place in range(links.count()):
        links.nth(place).click()
        assert 0 <= top_of(page, str(links.nth(place).get_attribute("href"))) <= _TOP


def test_the_skip_link_leads_to_the_first_part(browser: Browser, path: Path) -> None:
    page, _, _ = opened(browser, path, viewport=DESK)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    page.keyboard.press("Enter")
    assert 0 <= top_of(page, "#main") <= _TOP


def test_a_part_is_found_without_scripts(browser: Browser, path: Path) -> None:
    page, _, _ = opened(browser, path, viewport=DESK, java_script_enabled=False)
    for part in ("timeline", "cited", "evidence"):
        page.locator(f'nav a[href="#{part}"]').click()
        box = page.locator(f"#{part} h2").bounding_box()
        assert box is not None
        assert 0 <= box["y"] <= _TOP


@pytest.mark.parametrize("part", ["timeline", "coverage"])
def test_an_address_with_a_part_opens_at_its_heading(part: str, browser: Browser, path: Path) -> None:
    page, _, _ = opened(browser, path, f"#{part}", viewport=DESK)
    assert 0 <= top_of(page, f"#{part}") <= _TOP


def test_a_heading_is_not_under_the_bar_of_the_search(browser: Browser, path: Path) -> None:
    page, _, _ = opened(browser, path, viewport=DESK)
    page.evaluate("document.querySelectorAll('#timeline .day')[2].scrollIntoView()")
    page.locator('nav a[href="#timeline"]').evaluate("link => link.click()")
    assert 0 <= top_of(page, "#timeline") <= _TOP
    seen = "() => { const box = document.getElementById('timeline-heading').getBoundingClientRect();"
    seen += " return document.elementFromPoint(box.left + 5, box.top + 5).closest('h2') !== null }"
    assert page.evaluate(seen)


def middle_of(page: Page, anchor: str) -> float:
    """Where the middle of a line stands, as a share of the window's height."""
    settled(page)
    box = page.locator(f"tr:is({anchor}, :has({anchor}))").bounding_box()
    assert box is not None
    assert page.viewport_size is not None
    return (box["y"] + box["height"] / 2) / page.viewport_size["height"]


@pytest.mark.parametrize("window", [DESK, PHONE])
def test_a_line_is_centred_and_marked(window: Any, browser: Browser, path: Path) -> None:
    page, _, _ = opened(browser, path, viewport=window)
    for where in ("#timeline tr.people", "#timeline tr.noise", "#cited tr[id]"):
        lines = page.locator(where)
        anchor = f"#{lines.nth(lines.count() // 2).get_attribute('id')}"
        plain = page.locator("#timeline tr.people").first.evaluate("line => getComputedStyle(line).backgroundColor")
        page.evaluate("anchor => { location.hash = anchor }", anchor)
        assert middle_of(page, anchor) == pytest.approx(0.5, abs=0.1)
        row = page.locator(f"tr:is({anchor}, :has({anchor}))")
        assert row.evaluate("line => getComputedStyle(line).backgroundColor") != plain
    again, _, _ = opened(browser, path, anchor, viewport=window)
    assert middle_of(again, anchor) == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("words", ["createuser", "a word that stands in no line"])
def test_a_search_leaves_no_line_out_of_a_print(words: str, browser: Browser, path: Path) -> None:
    """The plan has 176 lines in sight, and the fold that the reader opened holds some more."""
    page, _, _ = opened(browser, path, viewport=DESK)
    fold = page.locator("#timeline details.noise").last
    fold.evaluate("fold => { fold.open = true }")
    folded = fold.locator("tbody tr").count()
    page.fill("#search-words", words)
    expect(page.locator("#search-count")).to_contain_text(" of ")
    assert page.locator("#timeline tr.people:visible").count() < 10
    page.emulate_media(media="print")
    assert page.locator("#timeline tr.people:visible").count() == 176
    assert fold.locator("tbody tr:visible").count() == folded
    assert page.locator("#timeline .day:visible").count() == page.locator("#timeline .day").count()
    assert not page.locator("#search").is_visible()


def test_a_search_leaves_folds_as_the_reader_left_them(browser: Browser, path: Path) -> None:
    page, _, _ = opened(browser, path, viewport=DESK)
    mine = page.locator("#timeline details.noise").first
    mine.locator("summary").first.click()
    page.fill("#search-words", "a word that stands in no line")
    expect(page.locator("#search-count")).to_have_text("0 of 322 lines")
    page.select_option("#search-kind", "noise")
    page.fill("#search-words", "")
    expect(page.locator("#search-count")).to_have_text("146 of 322 lines")
    assert page.locator("#timeline details.noise:not([open])").count() == 0
    page.click("#search-clear")
    assert page.locator("#timeline details.noise[open]").count() == 1
    assert mine.get_attribute("open") is not None


def acted(records: Iterable[dict[str, Any]], words: str) -> set[str]:
    """The eventIDs of the records of root that hold the words in what says who acted, from where, and what it asked."""
    told = ("userIdentity", "requestParameters", "errorMessage", "awsRegion", "eventID")
    return {record["eventID"] for record in records if words in json.dumps([record.get(field) for field in told])}


@pytest.fixture(scope="module")
def records(sample_page: Tree) -> list[dict[str, Any]]:
    """The records of the lines, read from the logs by nothing but the standard library."""
    page_text = sample_page.part("timeline").text
    found = []
    for file in sorted(SAMPLE_LOGS.rglob("*.json.gz")):
        try:
            content = json.loads(gzip.decompress(file.read_bytes()))
        except (ValueError, EOFError, OSError, zlib.error):
            continue
        found += [one for one in content.get("Records", ()) if one["eventID"] in page_text]
    return found


def found_by(page: Page, words: str) -> set[str]:
    """The eventIDs of the lines that a search leaves."""
    page.fill("#search-words", words)
    expect(page.locator("#search-count")).to_contain_text(" of ")
    page.wait_for_timeout(300)
    ids = page.locator("#timeline tbody tr:not([hidden]) .id").all_text_contents()
    return set(ids)


def test_what_a_record_says_is_found(browser: Browser, path: Path, records: list[dict[str, Any]]) -> None:
    page, _, _ = opened(browser, path)
    said = ("AKIA7P5O2MSTTEXAMPLE", "support-sync", "us-west-2", "is not authorized to perform: iam:ListUsers")
    wanted = {words: acted(records, words) for words in said}
    assert all(wanted.values())
    assert {words: ids - found_by(page, words) for words, ids in wanted.items()} == {words: set() for words in said}


def test_a_key_a_session_a_file_and_a_place_are_found(browser: Browser, path: Path, expected: dict[str, Any]) -> None:
    page, said, _ = opened(browser, path)
    sessions = expected["root"]["sessions"]["111122223333"]
    assert len(found_by(page, "long_term_key akia7p5o2msttexample")) == 43
    name = "get_session_token/2026-08-05T02:15:07Z"
    assert len(found_by(page, f"111122223333/{name}")) == sessions[name] == 6
    line = page.locator("#timeline tr.people").first
    place = line.locator(".citation").inner_text()
    event_id = line.locator(".id").inner_text()
    assert event_id in found_by(page, place)
    assert found_by(page, event_id) == {event_id}
    page.click("#search-clear")
    number = place.split(":")[0]
    listed = page.locator(f"#o-{number}")
    file = listed.evaluate("row => row.cells[2].firstChild.data")
    folder = listed.evaluate("row => row.parentElement.rows[0].textContent.trim()")
    of_file = page.locator(f"#timeline .citation[href='#o-{number}']").count()
    assert len(found_by(page, file)) == of_file > 0
    assert len(found_by(page, file.split("_")[-1])) == of_file
    assert (folder.startswith("file://"), folder[-1], "/" in file) == (True, "/", False)
    assert len(found_by(page, folder + file)) == of_file
    assert len(found_by(page, "cloudtrail")) < 100
    assert said == []


def test_the_offer_to_copy_moves_nothing(browser: Browser, path: Path) -> None:
    for window in (DESK, PHONE):
        page, _, _ = opened(browser, path, viewport=window)
        for where in ("#timeline tr.people .id", "#sessions a > code", "#findings a > code"):
            one = page.locator(where).nth(3)
            one.scroll_into_view_if_needed()
            settled(page)
            size = "one => { const at = one.closest('tr, li').getBoundingClientRect(); return [at.width, at.height]; }"
            before = one.evaluate(size)
            one.hover()
            expect(page.locator(".copy")).to_be_visible()
            assert one.evaluate(size) == before
            assert page.evaluate("document.documentElement.scrollWidth") <= window["width"]
