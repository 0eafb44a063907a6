"""The report is one file that loads nothing, whose links lead somewhere, and in which evidence stays text."""

from __future__ import annotations

import base64
import hashlib
import re
import sys
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.one_account import OneAccount
from rootforensics.queries.catalogue import questions
from rootforensics.reports import html
from rootforensics.reports.parts import parts
from tests.builders import ABSENT, event, root_event, write_log
from tests.kept_answers import _make_environment as own_environment
from tests.reports.conftest import report
from tests.reports.page import Page, words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rootforensics.analysis.analysis import Analysis

    PageOf = Callable[[list[dict[str, Any]]], Page]


def check_links(page: Page) -> None:
    assert len(set(page.ids)) == len(page.ids)
    assert [link for link in page.links() if not link.startswith("#") or link[1:] not in page.ids] == []


def test_every_link_has_its_target(sample_page: Page) -> None:
    check_links(sample_page)
    assert sum(link.startswith("#e-") for link in sample_page.links()) > 500


@pytest.mark.heavy
def test_the_report_of_one_account_says_so_and_has_no_event_of_root_of_another(sample_analysis: Analysis) -> None:
    source = report(OneAccount(sample_analysis, "444455556666"))
    check_links(Page(source))
    assert "Only 444455556666. The times, files and event counts above cover the whole case." in source
    rows = [
        row for row in sample_analysis.query("root_timeline").rows if row["eventID"] not in sample_analysis.shared_ids
    ]
    assert {row["account_id"] for row in rows if row["eventID"] in source} == {"444455556666"}


def test_nothing_is_loaded_or_run(sample_page: Page, sample_source: str) -> None:
    names = {name for element in sample_page.elements for name in element.attributes}
    assert not {"src", "srcset", "action", "poster", "background", "ping"} & names
    assert not {name for name in names if name.startswith("on")}
    tags = {one.tag for one in sample_page.elements}
    assert not {"link", "iframe", "object", "embed", "img", "base", "form"} & tags
    references = [one.attributes["xlink:href"] for one in sample_page.elements if "xlink:href" in one.attributes]
    assert references
    assert all(reference.startswith("#") for reference in references)
    styles = " ".join(one.text for one in sample_page.root.all("style"))
    assert "url(" not in styles
    assert "@import" not in styles
    (policy,) = [one for one in sample_page.root.all("meta") if "http-equiv" in one.attributes]
    (script,) = sample_page.root.all("script")
    digest = base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()
    assert script.attributes == {}
    assert policy.attributes["content"].startswith(
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; img-src data:;"
    )
    assert sample_source.startswith('<!doctype html>\n<html lang="en">')


def test_hostile_user_agents_are_text(sample_page: Page, sample_source: str) -> None:
    assert sample_source.count("<script") == 1
    assert "<script>alert(1)" in sample_page.part("timeline").text
    assert "<script>alert(1)" in sample_page.part("access").text


FIELDS = ("userAgent", "sourceIPAddress", "eventName", "eventSource", "errorMessage")
HOSTILE = "\"'><img src=x onerror=alert(1)></style></td>{{ 7 * 7 }}"


#: What root's own key of a user did is no line of root's timeline.
KEY = {"accessKey": {"userName": "x", "accessKeyId": "AKIAEXAMPLEMADE00001", "status": "Active"}}
USER = {
    "type": "IAMUser",
    "principalId": "AIDAEXAMPLE",
    "userName": "x",
    "accessKeyId": "AKIAEXAMPLEMADE00001",
    "arn": "arn:aws:iam::111122223333:user/x",
    "accountId": "111122223333",
}
LONG = "w" * 5_000
MADE = "3a2e6324-2b14-460a-9801-9b63f0ffdb7d"


@pytest.fixture(scope="module")
def odd_case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[rf.Case]:
    """Root makes a key, its user stops a trail; then root's events of which each has one odd field."""
    odd: list[dict[str, Any]] = [{field: f"{HOSTILE}{field}", "errorCode": "X"} for field in FIELDS]
    odd += [{"userAgent": "aws\u202egnp.exe\u200b"}, {"userAgent": "x" * 5_000}, {}]
    odd += [{"eventTime": "soon", "eventID": ABSENT}, {"awsRegion": LONG, "recipientAccountId": LONG}]
    folder = tmp_path_factory.mktemp("odd")
    write_log(folder, "log.json", [
        root_event(eventName="CreateAccessKey", eventSource="iam.amazonaws.com", readOnly=False, eventID=MADE,
                   eventTime="2026-08-05T10:00:00Z", requestParameters={"userName": "x"}, responseElements=KEY),
        event(eventName="StopLogging", eventSource="cloudtrail.amazonaws.com", readOnly=False, identity=USER,
              eventTime="2026-08-05T10:05:00Z", requestParameters={"name": "t"}),
        *(root_event(**fields) for fields in odd),
    ])  # fmt: skip
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "log.json")
        yield case


@pytest.fixture(scope="module")
def odd_page(odd_case: rf.Case) -> Page:
    return Page(report(odd_case))


def test_markup_in_any_field_is_text(odd_page: Page) -> None:
    text = odd_page.part("timeline").text.lower()  # views give sources in small letters
    assert [field for field in FIELDS if f"{HOSTILE}{field}".lower() not in text] == []
    assert not odd_page.root.all("img")
    check_links(odd_page)


def test_unseen_characters_are_seen(odd_page: Page) -> None:
    assert "aws[U+202E]gnp.exe[U+200B]" in odd_page.part("timeline").text
    assert "\u202e" not in odd_page.source


def test_long_values_are_shortened_and_whole(odd_page: Page) -> None:
    (long,) = [one for one in odd_page.part("access").all("details") if "class" in one.attributes]
    assert long.all("summary")[0].text == "x" * 120
    assert long.text == "x" * 5_000


def test_the_cover_has_names_of_a_cover_s_length(odd_page: Page) -> None:
    (cover,) = odd_page.root.all("header")
    assert f"{'w' * 39}…" in words(cover)
    assert "w" * 40 not in words(cover)
    assert LONG in words(odd_page.part("evidence"))


def test_an_event_of_another_leads_to_the_cited_events(odd_page: Page) -> None:
    page = odd_page
    (said,) = [one for one in page.part("verdict").all("tr") if "Was logging impaired" in words(one)]
    (link,) = said.all("a")
    assert link.attributes["title"].endswith("record 1:1")
    (line,) = [one for one in page.part("cited").all("tr") if f"#{one.attributes.get('id')}" == link.attributes["href"]]
    assert [words(cell) for cell in line.children[:4]] == [
        "2026-08-05 10:05:00", "111122223333 us-east-1", "StopLogging cloudtrail", "user/x"]  # fmt: skip
    assert [one.attributes["href"] for one in line.all("a")] == ["#o-1"]
    check_links(page)


def test_the_annex_is_folded(sample_page: Page) -> None:
    (annex,) = sample_page.root.all("details", id="annex")
    assert "open" not in annex.attributes
    names = [one.attributes["id"] for one in annex.all("section") if "id" in one.attributes]
    assert names == [part.name for part in parts() if part.in_annex and part.name not in ("approvals", "notes")]


def test_each_table_tells_its_question_and_sql(sample_page: Page) -> None:
    method = sample_page.part("method")
    asked = [one.attributes["id"].removeprefix("q-") for one in method.all("article")]
    assert {"root_summary", "root_timeline", "root_signins", "evidence_problems", "coverage"} <= set(asked)
    for article, name in zip(method.all("article"), asked, strict=True):
        if name in questions():
            query = questions()[name]
            assert query.misses in article.text
            assert article.all("pre")[0].text == query.sql


def test_empty_case(empty_page: Page) -> None:
    page = empty_page
    none = "No critical or high actions by identities that do not descend from root, in the logs loaded."
    assert none in words(page.part("identities"))
    assert "The case contains no API calls, so it says nothing about root." in words(page.part("brief"))
    assert "The timeline is empty" in words(page.part("timeline"))
    assert "no event with a time" in words(page.root.all("header")[0])
    assert page.root.all("svg") == []
    check_links(page)


@pytest.mark.heavy
def test_case_without_root_says_what_it_covers(page_of: PageOf) -> None:
    page = page_of([event(awsRegion="eu-west-3", recipientAccountId="999988887777")])
    text = words(page.part("brief"))
    assert "no use of root by a person, but they are incomplete. Missing:" in text
    assert "The logs in this case are at 2026-08-05 10:00:00, for Region eu-west-3." in text
    check_links(page)


@pytest.mark.heavy
def test_noise_alone_is_no_use(page_of: PageOf) -> None:
    noise = {"invokedBy": "support.amazonaws.com", "accessKeyId": ABSENT}
    page = page_of([root_event(identity=noise, sourceIPAddress="support.amazonaws.com")])
    assert "no use of root by a person" in words(page.part("brief"))
    ledger = words(page.part("numbers"))
    assert "0 by people root activity + plus 1 by AWS services service activity, or “noise”" in ledger
    assert "equals 1 event attributed to root" in ledger
    check_links(page)


def test_events_without_time_or_id(odd_page: Page) -> None:
    page = odd_page
    timeline = words(page.part("timeline"))
    assert "Without a time" in timeline
    assert "Root activity without a time" in timeline
    assert "Incident timeline without a time" in words(page.part("incident"))
    labels = [one.attributes["aria-label"] for one in page.root.all("section", **{"class": "day"})]
    assert [label for label in labels if "Without" in label] == []
    assert "Timeline of Wednesday, 2026-08-05" in labels
    assert "no eventID" in timeline
    assert "no event time" in words(page.part("evidence"))
    check_links(page)


@pytest.mark.heavy
def test_same_case_same_page(sample_case: rf.Case, sample_source: str) -> None:
    assert report(sample_case, "Sample incident") == sample_source


def test_parts_have_distinct_places() -> None:
    assert len({part.order for part in parts()}) == len({part.name for part in parts()}) == len(parts())
    assert [part.name for part in parts()][:2] == ["head", "brief"]


def test_tables_are_accessible(sample_page: Page) -> None:
    assert re.search(r"<th(?![^>]*scope=)(?=[ >])", sample_page.source) is None
    assert all(table.all("caption") for table in sample_page.root.all("table"))
    assert (
        len(sample_page.root.all("main"))
        == len(sample_page.root.all("header"))
        == len(sample_page.root.all("nav"))
        == 1
    )


@pytest.mark.heavy
def test_report_is_written_whole(sample_case: rf.Case, tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    target.write_text("older", encoding="utf-8")
    done = sample_case.report(target, title="T", investigator="M. Rossi")
    assert done == target
    assert target.read_text(encoding="utf-8").endswith("</html>")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_report_that_cannot_be_written(odd_case: rf.Case, tmp_path: Path) -> None:
    with pytest.raises(rf.StorageError, match="cannot write"):
        odd_case.report(tmp_path / "nowhere" / "report.html")


def test_templates_are_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They lie where Python keeps compiled modules; compiling them took a fifth of a second for each report."""
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    kept = Path(cache_from_source(html.__file__)).parent
    kept.mkdir(parents=True)
    own_environment().get_template("report.html.j2")
    written = {path: path.read_bytes() for path in kept.iterdir()}
    assert len(written) == 1
    compiled: list[str] = []
    again = own_environment()
    monkeypatch.setattr(again, "compile", lambda *texts: compiled.append(texts[1]))
    again.get_template("report.html.j2")
    assert not compiled
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert own_environment().bytecode_cache is None
