"""The report in a real browser, where one is installed: all that takes long; ``test_opens.py`` has the rest."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

import rootforensics as rf
from rootforensics.reports.html import render_report
from tests.builders import root_event, write_log
from tests.reports.page import annexed
from tests.reports.tab import CHROMIUM, opened

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="/usr/bin/chromium is not installed"),
    pytest.mark.heavy,  # a page of this length takes seconds, which Chromium spends and no rule of the tests counts
]


def test_it_is_whole_without_scripts(browser: Browser, path: Path) -> None:
    page, said, _ = opened(browser, path, java_script_enabled=False)
    assert page.locator('tr[id^="e-"]').count() == 322
    assert not page.locator("#search").is_visible()
    assert page.locator("button:visible").count() == 0
    assert said == []


@pytest.mark.parametrize("width", [390, 900])
def test_a_search_narrows_the_timeline_at_any_width(width: int, browser: Browser, path: Path) -> None:
    page, _, _ = opened(browser, path, viewport={"width": width, "height": 844})
    page.fill("#search-words", "stoplogging 203.0.113.78")
    expect(page.locator("#search-count")).to_have_text("1 of 322 lines")
    assert page.locator("#timeline tbody tr:visible").count() == 1


def test_a_link_opens_the_fold_that_it_leads_into(browser: Browser, path: Path) -> None:
    page, _, _ = opened(browser, path)
    anchor = page.locator("#timeline details.noise tbody tr").first.get_attribute("id")
    assert not page.locator(f"#{anchor}").is_visible()
    page.evaluate("anchor => { location.hash = anchor; }", anchor)
    expect(page.locator(f"#{anchor}")).to_be_visible()
    again, _, _ = opened(browser, path, f"#{anchor}")
    expect(again.locator(f"#{anchor}")).to_be_visible()


def test_a_link_leads_to_its_line_again_after_a_search(browser: Browser, path: Path) -> None:
    page, said, _ = opened(browser, path)
    link = page.locator("#brief a.cite[href^='#e-']").first
    line = page.locator(str(link.get_attribute("href")))
    link.click()
    expect(line).to_be_in_viewport()
    page.fill("#search-words", "a word that stands in no line")
    expect(line).to_be_hidden()
    link.click()
    expect(line).to_be_in_viewport()
    assert page.input_value("#search-words") == ""
    assert said == []


_CITED = """() => {
  const like = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/;
  return [...document.querySelectorAll("main code, main .citation")]
    .filter((one) => (one.matches(".citation") || like.test(one.dataset.id || one.textContent)) && !one.closest("pre, .request"))
    .map((one) => ({ text: one.textContent, link: one.closest("a")?.getAttribute("href") ?? "",
      own: one.closest("[id^='e-'], [id^='c-']") !== null, part: one.closest("section").id }));
}"""


def test_every_cited_event_id_is_a_link_to_its_line(browser: Browser, path: Path) -> None:
    page, _, _ = opened(browser, path)
    cited = [one for one in page.evaluate(_CITED) if not one["own"] and "/aws_login/" not in one["text"]]
    assert len({one["part"] for one in cited}) > 12
    objects = [one for one in cited if one["link"].startswith("#o-")]
    assert {one["part"] for one in objects} == {"evidence"}
    cited = [one for one in cited if one not in objects]
    assert [one for one in cited if not re.match("#[ec]-", one["link"])] == []
    lines = page.evaluate("links => links.map((one) => document.querySelector(one)?.closest('tr')?.textContent ?? '')",
                          [one["link"] for one in cited])  # fmt: skip
    assert [one for one, line in zip(cited, lines, strict=True) if one["text"].split("…")[0] not in line] == []


def test_a_long_text_goes_on_where_it_was_cut(browser: Browser, path: Path) -> None:
    page, _, _ = opened(browser, path)
    agent = page.locator("#access details.long").first
    whole = agent.evaluate("one => one.textContent")
    assert "…" in str(agent.evaluate("one => getComputedStyle(one.querySelector('summary'), '::after').content"))
    assert agent.inner_text() != whole
    agent.locator("summary").click()
    assert agent.inner_text() == whole


def test_a_part_is_unfolded_and_an_event_id_copied(browser: Browser, path: Path) -> None:
    page, said, _ = opened(browser, path)
    page.click("#verdict .unfold")
    assert page.locator("#verdict details:not([open]):not(.long)").count() == 0
    page.click("#verdict .unfold")
    assert page.locator("#verdict details[open]").count() == 0
    first = page.locator("#findings a > code").first
    first.hover()
    page.click("#findings .copy")
    expect(page.locator(".copy")).not_to_have_text("copy")
    assert page.evaluate("getSelection().toString()") == first.inner_text()
    assert said == []


@pytest.mark.parametrize("line", ["#findings a:has(> code)", "#timeline tr.people a.citation"])
def test_an_event_id_is_copied_by_keyboard(line: str, browser: Browser, path: Path) -> None:
    page, said, _ = opened(browser, path)
    link = page.locator(line).first
    link.focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "copy"
    page.keyboard.press("Enter")
    expect(page.locator(".copy")).not_to_have_text("copy")
    copied = str(page.locator(".copy").get_attribute("aria-label")).removeprefix("Copy eventID ")
    assert re.fullmatch("[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", copied)
    assert copied[:8] in link.locator("xpath=ancestor::*[self::tr or self::li][1]").inner_text()
    assert said == []


def test_long_values_make_the_page_no_wider_than_a_phone(browser: Browser, tmp_path: Path) -> None:
    """Whoever wrote the logs chose how long a Region, a name or an eventID is."""
    long = "w" * 400
    fields = ("awsRegion", "eventName", "eventSource", "userAgent", "sourceIPAddress", "errorCode", "errorMessage")
    accounts = [*(f"11112222{one:04}" for one in range(11)), long]
    events = [root_event(**dict.fromkeys(fields, long), eventID=long)]
    events += [
        root_event(eventID=f"e{place}", recipientAccountId=one, identity={"accountId": one})
        for place, one in enumerate(accounts)
    ]
    write_log(tmp_path, "logs/a.json", events)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        page_of = render_report(case.analysis(), title=long, investigator=long)
    (tmp_path / "report.html").write_text(annexed(page_of), encoding="utf-8")
    page, _, _ = opened(browser, tmp_path / "report.html", viewport={"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


#: Head cells that stand in a column too narrow for a word, or over the next one.
_CRUSHED = """() => [...document.querySelectorAll("table")].flatMap(table => {
    const heads = [...table.querySelectorAll("thead th")].filter(head => head.offsetWidth);
    return heads.filter((head, place) => {
        const words = document.createRange();
        words.selectNodeContents(head);
        const next = heads[place + 1];
        return head.offsetWidth < 44 && !head.classList.contains("n")
            || next && words.getBoundingClientRect().right > next.getBoundingClientRect().left + 1;
    }).map(head => `${table.className}: ${head.textContent} ${head.offsetWidth}`);
})"""


def test_no_column_is_crushed_at_any_width(browser: Browser, path: Path) -> None:
    page, _, _ = opened(browser, path)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    for width in (390, 700, 1000, 1100, 1200, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        assert page.evaluate(_CRUSHED) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


#: Takes out rows of tables that are built like one before them: they tell nothing new, and each is tried by every rule.
_ALIKE = """() => document.querySelectorAll("tbody").forEach(body => {
    const seen = {};
    [...body.rows].forEach(row => {
        const built = [row, ...row.querySelectorAll("*")].map(one => one.tagName + "." + one.className).join(" ");
        seen[built] = (seen[built] || 0) + 1;
        if (seen[built] > 1) { row.remove() }
    });
})"""


@pytest.mark.parametrize("look", [{}, {"color_scheme": "dark"}, {"viewport": {"width": 390, "height": 844}}])
@pytest.mark.quick(1)
def test_axe_finds_nothing_serious(browser: Browser, path: Path, look: dict[str, Any]) -> None:
    page, _, _ = opened(browser, path, **look)
    page.evaluate(_ALIKE)
    found = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")] == []
