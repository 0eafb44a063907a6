"""The report as PDF: the page's parts on numbered sheets, the annex if it is asked for, and a word where nothing prints."""

from __future__ import annotations

import http.server
import re
import sys
import threading
from typing import TYPE_CHECKING, Any

import pypdfium2
import pytest

import rootforensics as rf
from rootforensics.analysis.analysis import analysis_of
from rootforensics.reports.forms import form_of, write_report
from rootforensics.reports.html import render_report
from rootforensics.reports.pdf import VARIABLE, pdf_of
from tests.analysis.lineage.test_blast_radius import did
from tests.analysis.test_accounts import of
from tests.builders import root_event, write_log
from tests.queries.test_root import sign_in
from tests.reports.page import annexed, texts_of
from tests.reports.tab import CHROMIUM

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.reports.forms import Paper

needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="/usr/bin/chromium is not installed")


@pytest.fixture(scope="module")
def printed(sample_source: str) -> pypdfium2.PdfDocument:
    """The sample's report."""
    return pypdfium2.PdfDocument(pdf_of(annexed(sample_source)))


@pytest.fixture(scope="module")
def sheets(printed: pypdfium2.PdfDocument) -> list[str]:
    """The text of each of its sheets."""
    return texts_of(printed)


@pytest.mark.heavy
@needs_chromium
def test_without_its_annex_it_is_short(sample_source: str) -> None:
    texts = texts_of(pypdfium2.PdfDocument(pdf_of(sample_source)))
    assert len(texts) <= 12
    whole = " ".join(texts)
    assert "likely takeover" in texts[0]
    for heading in ("Verdict", "Incident timeline", "Blast radius", "Containment and recovery", "Findings"):
        assert heading in whole
    assert "SELECT" not in whole
    # The verdict on each account, also on those that the page folds.
    assert whole.count("Was root used by a person?") == 3
    assert "possibly: bucket acme-ledger-archive changed (DeleteBucketPolicy)" in whole
    assert "folded on screen" not in whole


def brief_of(analysis: Analysis, paper: Paper, **more: Any) -> list[str]:
    """The text of each sheet of a brief."""
    told: list[str] = texts_of(
        pypdfium2.PdfDocument(pdf_of(render_report(analysis, is_brief=True, paper=paper, **more)))
    )
    return told


@pytest.mark.heavy
@needs_chromium
def test_the_brief_is_two_sheets(sample_analysis: Analysis, sample_approved: Analysis) -> None:
    assert len(brief_of(sample_analysis, "A4")) == 2
    sheets = brief_of(sample_approved, "letter")
    assert len(sheets) == 2
    assert "Approvals" in " ".join(sheets)
    assert "First steps" in sheets[1]
    assert "Scope and limits" in sheets[1]


@pytest.mark.heavy
@needs_chromium
def test_a_brief_of_many_accounts_is_two_sheets(tmp_path: Path) -> None:
    calls = ("iam:CreateAccessKey", "cloudtrail:StopLogging", "ec2:RunInstances", "account:PutAlternateContact")
    users = [did("iam:CreateUser", 9 + n, {"userName": f"u{n}"}, {"user": {"userName": f"u{n}"}}) for n in range(8)]
    own = [sign_in(), *(did(call, place, {}) for place, call in enumerate(calls)), *users]
    write_log(tmp_path / "logs", "one.json", [of(f"{number:012}", one) for number in range(1, 10) for one in own])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        sheets = brief_of(analysis_of(case), "letter", title="A long name of an incident of many accounts, " * 6)
    assert len(sheets) == 2
    text = " ".join(" ".join(sheets).split())
    assert "Account 000000000001: likely takeover" in text
    # One account is whole; of how many the rest is left out depends on the sheets, but none goes without a word.
    (cut,) = re.findall(r"more sentences on (\d+) accounts not shown here\. To read them", text)
    (left_out,) = re.findall(r"(\d+) more accounts are not shown here", text)
    assert 1 + int(cut) + int(left_out) == 9


@pytest.mark.heavy
@needs_chromium
def test_the_sheets_are_numbered_and_hold_all_parts(sheets: list[str]) -> None:
    text = "\n".join(sheets)
    for heading in (
        "Verdict",
        "Containment and recovery, in this order",
        "Findings",
        "Blast radius",
        "Timeline",
        "Evidence",
    ):
        assert heading in text
    for number, one in enumerate(sheets, 1):
        assert f"{number} / {len(sheets)}" in one
        assert "All times" in one
        assert "AWS root user report" in one
        assert "Sample incident" in one
    assert "Unfold all" not in text
    assert "Search the timeline" not in text
    assert "folded on screen" not in text


@needs_chromium
@pytest.mark.parametrize(
    ("heading", "chart"),
    [
        ("Blast radius", "What root created and changed, and what is left"),
        ("Sign-ins", "Signing in as root"),
        ("Sessions", "Sessions of root"),
    ],
)
@pytest.mark.heavy
def test_no_heading_stands_on_a_sheet_without_its_chart(heading: str, chart: str, sheets: list[str]) -> None:
    texts = [" ".join(sheet.split()) for sheet in sheets]
    assert [text for text in texts if re.search(rf"\b\d+ {heading} ", text) and chart in text]


@pytest.mark.heavy
@needs_chromium
def test_an_answer_stands_apart_from_its_reason(sheets: list[str]) -> None:
    text = " ".join(sheets)
    assert re.findall(r"\bunknown[a-z]+", text) == []
    assert "unknown" in text


@pytest.mark.heavy
@needs_chromium
def test_no_fold_hides_a_hash_or_a_query(sheets: list[str], sample_case: rf.Case) -> None:
    text = re.sub(r"\s+", "", "".join(sheets))
    hashes = {row["sha256"] for row in sample_case.query("evidence").rows if row["sha256"]}
    assert len(hashes) > 1_000
    assert [one for one in hashes if one not in text] == []
    assert text.count("SELECT") > 10


@pytest.mark.heavy
@needs_chromium
def test_the_paper_is_the_one_asked_for(printed: pypdfium2.PdfDocument, tmp_path: Path) -> None:
    def sizes(document: pypdfium2.PdfDocument) -> set[tuple[int, int]]:
        return {(round(width), round(height)) for width, height in (sheet.get_size() for sheet in document)}

    assert {tuple(sorted(size)) for size in sizes(printed)} == {(595, 842)}
    write_log(tmp_path / "logs", "one.json", [root_event(userAgent="<img src='https://e.example/x.png'>")])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        title = 'L"; } </style> \\ é'
        assert case.report(tmp_path / "r.PDF", paper="letter", title=title, annex=True) == tmp_path / "r.PDF"
    document = pypdfium2.PdfDocument(tmp_path / "r.PDF")
    assert sizes(document) == {(612, 792), (792, 612)}
    assert document.get_metadata_value("Title") == f"{title}: root user report"
    assert b"/DisplayDocTitle true" in (tmp_path / "r.PDF").read_bytes()
    heads = [" ".join(text.split()) for text in texts_of(document)]
    assert [head for head in heads if title not in head or "AWS root user report" not in head] == []


@pytest.mark.heavy
@needs_chromium
def test_nothing_is_fetched_while_it_prints() -> None:
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        pdf_of(f"<html><body><img src='http://127.0.0.1:{server.server_port}/x.png'>here</body></html>")
        server.shutdown()
        thread.join()
    assert asked == []


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    with pytest.raises(rf.ReportError, match=r"needs playwright.*rootforensics\[pdf\]"):
        pdf_of("<p>x</p>")


def test_a_missing_browser_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "no-browser"))
    with pytest.raises(rf.ReportError, match=f"Chromium could not be started .*{VARIABLE}"):
        pdf_of("<p>x</p>")


def test_form_and_ending_have_to_agree(tmp_path: Path) -> None:
    told: dict[str, Any] = {"r.html": "html", "r.md": "md", "r.PDF": "pdf", "r": "html", "/dev/stdout": "html"}  # fmt: skip
    assert {name: form_of(name) for name in told} == told
    assert form_of("r.txt", "md") == "md"
    with pytest.raises(rf.ReportError, match=r"r\.jpg: a report cannot be written as \.jpg"):
        write_report("<p>x</p>", tmp_path / "r.jpg")
    with pytest.raises(rf.ReportError, match=r"r\.md: the file extension means md, but the format is pdf"):
        write_report("<p>x</p>", tmp_path / "r.md", "pdf")
    assert list(tmp_path.iterdir()) == []


def test_an_older_file_stays_if_nothing_can_be_printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "r.pdf").write_bytes(b"older")
    monkeypatch.setitem(sys.modules, "playwright.sync_api", None)
    with pytest.raises(rf.ReportError):
        write_report("<p>x</p>", tmp_path / "r.pdf")
    assert (tmp_path / "r.pdf").read_bytes() == b"older"


@pytest.mark.heavy
def test_the_paper_of_the_page_is_in_its_style(sample_analysis: Analysis) -> None:
    assert "@page { size: letter;" in render_report(sample_analysis, paper="letter")
