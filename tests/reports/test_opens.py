"""The report opens in a real browser, where one is installed, and its timeline can be searched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from rootforensics.reports.html import render_report
from tests.reports.tab import CHROMIUM, opened

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser

    from rootforensics.analysis.analysis import Analysis

pytestmark = [pytest.mark.heavy, pytest.mark.skipif(CHROMIUM is None, reason="/usr/bin/chromium is not installed")]


def test_it_opens_without_complaint_and_asks_for_nothing(browser: Browser, path: Path) -> None:
    page, said, asked = opened(browser, path)
    assert "Account 111122223333: likely takeover" in page.inner_text("body")
    assert page.locator('tr[id^="e-"]').count() == 322
    assert said == []
    assert asked == [path.as_uri()]


def test_the_timeline_is_searched(browser: Browser, path: Path) -> None:
    page, said, _ = opened(browser, path)
    page.keyboard.press("/")
    page.keyboard.type("stoplogging 203.0.113.78")
    expect(page.locator("#search-count")).to_have_text("1 of 322 lines")
    shown = page.locator("#timeline tbody tr:visible")
    expect(shown).to_have_count(1)
    expect(shown).to_contain_text("StopLogging")
    page.select_option("#search-kind", "noise")
    assert page.inner_text("#search-count") == "0 of 322 lines"
    page.fill("#search-words", "")
    expect(page.locator("#search-count")).to_have_text("146 of 322 lines")
    assert page.locator("#timeline tbody tr:visible").count() == 146
    page.click("#search-clear")
    assert page.locator("#timeline tbody tr.people:visible").count() == 176
    assert said == []


def test_marks_of_a_chart_tell_their_events_and_lead_to_them(browser: Browser, path: Path) -> None:
    page, said, _ = opened(browser, path)
    for link in {str(mark.get_attribute("href")) for mark in page.locator("a.mark").all()}:
        assert page.locator(f'[id="{link[1:]}"]').count() == 1, link
    mark = page.locator('#brief a.mark[data-category="Persistence"]')
    mark.focus()
    expect(page.locator(".tip")).to_contain_text("CreateUser")
    mark.press("Enter")
    line = page.locator(str(mark.get_attribute("href")))
    expect(line).to_be_in_viewport()
    expect(line).to_contain_text("AttachUserPolicy")
    assert said == []


def test_marks_of_a_chart_are_filtered(browser: Browser, path: Path) -> None:
    page, said, _ = opened(browser, path)
    marks = page.locator("#brief a.mark:visible")
    every = marks.count()
    page.locator("#brief .filters").locator("select[name=account]").select_option("444455556666")
    of_one = page.locator('#brief a.mark[data-account="444455556666"]').count()
    assert 0 < of_one < every
    expect(marks).to_have_count(of_one)
    page.locator("#brief .filters").locator("select[name=account]").select_option("")
    page.locator("#brief .filters").locator("select[name=severity]").select_option("critical")
    expect(marks).to_have_count(page.locator('#brief a.mark[data-severity="critical"]').count())
    marks.first.focus()
    expect(page.locator(".tip")).to_be_visible()
    page.locator("#brief .filters select").first.dispatch_event("change")
    expect(page.locator(".tip")).to_have_count(0)
    assert said == []


def test_sequences_and_windows_follow_the_filter(browser: Browser, path: Path) -> None:
    page, said, _ = opened(browser, path)
    drawn = page.locator("#brief svg").filter(has_text="Root's MFA device replaced").first
    names = {
        one: drawn.locator("text").filter(has_text=one)
        for one in ("Root's MFA device replaced", "outside the task policies")
    }
    account = page.locator("#brief select[name=account]")
    category = page.locator("#brief select[name=category]")
    stripes = page.locator('#brief .mark[data-category="Defense evasion"]').filter(has_text="stopped trail prod-trail")
    assert stripes.count() > 0
    for chosen, of_takeover in (("777788889999", False), ("111122223333", True), ("", True)):
        account.select_option(chosen)
        expect(names["Root's MFA device replaced"]).to_be_visible(visible=of_takeover)
        expect(names["outside the task policies"]).to_be_visible(visible=chosen != "111122223333")
        expect(stripes.first).to_be_visible(visible=of_takeover)
    category.select_option("Sequences")
    assert set(page.locator("#brief .mark:visible").evaluate_all("all => all.map(one => one.dataset.category)")) == {
        "Sequences"
    }
    category.select_option("Sign-ins")
    expect(names["outside the task policies"]).to_be_hidden()
    mark = page.locator('#brief a.mark[data-category="Sequences"]').first
    category.select_option("")
    mark.focus()
    expect(page.locator(".tip")).to_contain_text(" to 2026-08-05")
    assert said == []


def test_no_button_of_a_brief_lies_over_its_head(browser: Browser, sample_analysis: Analysis, tmp_path: Path) -> None:
    (tmp_path / "brief.html").write_text(render_report(sample_analysis, is_brief=True), encoding="utf-8")
    page, said, _ = opened(browser, tmp_path / "brief.html")
    head, button = page.locator("header").bounding_box(), page.locator(".unfold").bounding_box()
    assert head is not None
    assert button is not None
    assert button["y"] >= head["y"] + head["height"]
    assert said == []
