"""How much the page shows: what is cut, folded or left out, and that it says so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.reports.parts import evidence, material
from tests.builders import root_event
from tests.reports.conftest import report
from tests.reports.page import Page, words
from tests.reports.test_html import check_links

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootforensics.analysis.analysis import Analysis

    PageOf = Callable[[list[dict[str, Any]]], Page]


@pytest.fixture
def short_timeline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(material, "ROWS_SHOWN", {"activity": 5, "opening": 1, "noise": 1})


def call(minute: int, name: str, source: str = "iam.amazonaws.com", **fields: Any) -> dict[str, Any]:
    time = f"2026-08-05T10:{minute:02}:00Z"
    return root_event(eventName=name, eventSource=source, eventTime=time, eventID=f"{name}-{minute}", **fields)


@pytest.mark.heavy
@pytest.mark.usefixtures("short_timeline")
def test_no_change_is_left_out_for_a_read(page_of: PageOf) -> None:
    secrets = [call(n, "GetSecretValue", "secretsmanager.amazonaws.com", readOnly=True) for n in range(8)]
    failed = [call(10, "DeleteUser", errorCode="AccessDenied", readOnly=False)]
    changes = [call(20 + n, "TagUser", readOnly=False) for n in range(3)] + [
        call(30, "CreateUser", readOnly=False),
        call(31, "StopLogging", "cloudtrail.amazonaws.com", readOnly=False),
    ]
    timeline = page_of([*secrets, *failed, *changes]).part("timeline")
    assert [change["eventID"] for change in changes if change["eventID"] not in timeline.text] == []


@pytest.mark.heavy
@pytest.mark.usefixtures("short_timeline")
def test_of_changes_the_most_severe_stay(page_of: PageOf) -> None:
    """StopLogging is critical in the catalogue, TagUser is not in it; twelve of one kind stand in one sentence."""
    tags = [call(n, "TagUser", readOnly=False) for n in range(12)]
    page = page_of([*tags, call(50, "StopLogging", "cloudtrail.amazonaws.com", readOnly=False)])
    assert "StopLogging-50" in page.part("timeline").text
    assert "TagUser-11" not in page.part("timeline").text


@pytest.mark.heavy
def test_long_timelines_are_cut_aloud(
    sample_case: rf.Case, sample_analysis: Analysis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(material, "ROWS_SHOWN", {"activity": 70, "opening": 20, "noise": 30})
    monkeypatch.setattr(evidence, "_OBJECTS_LISTED", 100)
    page = Page(report(sample_analysis))
    timeline = page.part("timeline")
    lines = {one.attributes["id"]: one.attributes["class"] for one in timeline.all("tr") if "id" in one.attributes}
    noise = sum(kind.startswith("noise") for kind in lines.values())
    people = len(lines) - noise
    told = {link.attributes["href"][1:] for link in page.root.all("a")}
    of_people = [name for name, kind in lines.items() if kind.startswith("people")]
    assert people >= 70 >= len(set(of_people) - told)
    assert noise >= 30
    assert f"{175 + 1 + 146 - len(lines)} lines are not on this page" in words(timeline)
    heads = "; ".join(words(one) for one in timeline.all("h3"))
    assert sum(map(int, re.findall(r"lines?, (\d+) of them not on", heads))) == 175 + 1 - people
    folds = "; ".join(words(one) for one in timeline.all("summary"))
    whole = [int(count) for count in re.findall(r"(\d+) events? of AWS services as root, none", words(timeline))]
    assert sum(map(int, re.findall(r"as root, (\d+) of them not on", folds))) + sum(whole) == 146 - noise
    severe = sample_case.query("root_writes").rows + sample_case.query("root_errors").rows
    assert 30 < len(severe) < 70
    assert [row["eventID"] for row in severe if row["eventID"] not in timeline.text] == []
    assert "of 1,346 files: those with" in words(page.part("evidence"))
    check_links(page)


@pytest.mark.heavy
def test_other_long_tables_are_cut_aloud(sample_analysis: Analysis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(material, "ROWS_LISTED", 5)
    page = Page(report(sample_analysis))
    text = words(page.part("signins"))
    assert len(page.table("Sign-ins, recoveries")) == 5
    assert "8 more rows are not shown here. To list all rows, run rootforensics query CASE root-signins." in text
    for name in ("numbers", "access", "changes"):
        assert "not shown here" in words(page.part(name))
    check_links(page)


@pytest.mark.heavy
def test_thousands_are_parted(page_of: PageOf) -> None:
    page = page_of([root_event(sourceIPAddress=f"203.0.{n // 250}.{n % 250 + 1}") for n in range(1_206)])
    assert "1,206 events" in words(page.part("brief"))
    assert "906 more rows are not shown here" in words(page.part("access"))
    assert re.findall(r"(?<![\w-])\d{4,} more", words(page.root)) == []  # not the end of an eventID


@pytest.mark.heavy
def test_tables_of_the_timeline_stay_small(page_of: PageOf) -> None:
    page = page_of([root_event() for _ in range(600)])
    sizes = [len(table.all("tr")) - 1 for table in page.part("timeline").all("table")]
    assert sizes == [250, 250, 100]
