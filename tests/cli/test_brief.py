"""``rootforensics brief``: on the terminal, and as a file of each form."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TYPE_CHECKING

import docx
import pytest

import rootforensics as rf
from rootforensics.reports.docx import docx_of
from rootforensics.reports.html import render_report
from tests.analysis.lineage.test_blast_radius import did
from tests.builders import write_log
from tests.cli.test_commands import run
from tests.reports.page import Page, words

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.analysis.analysis import Analysis


@pytest.mark.heavy
def test_the_terminal_gets_the_brief(sample_path: Path) -> None:
    done = run("brief", sample_path)
    assert done.returncode == 0
    headings = [line for line in done.stdout.splitlines() if line and line[0] not in "!-+ 1234567890"]
    assert [re.split(r",| \(account", line)[0] for line in headings] == [
        "Account 111122223333: likely takeover",
        "Account 444455556666: used",
        "Account 777788889999: privileged session (AssumeRoot)",
        "Timeline",
        "Still open at the end of the logs (2026-08-07 23:31:27): 14",
        "First steps",
        "Scope and limits",
    ]
    assert "aws s3api delete-bucket-lifecycle --bucket acme-cloudtrail-111122223333" in done.stdout


@pytest.mark.heavy
def test_one_account_alone(sample_path: Path) -> None:
    said = run("brief", sample_path, "--account-id", "444455556666").stdout
    assert "Account 444455556666: used" in said
    assert "111122223333" not in said


@pytest.mark.heavy
def test_a_page_alone_links_to_nothing_that_it_lacks(sample_path: Path, tmp_path: Path) -> None:
    assert run("brief", sample_path, "--out", tmp_path / "brief.html", "--title", "Night").returncode == 0
    page = Page((tmp_path / "brief.html").read_text(encoding="utf-8"))
    assert words(page.root.all("h1")[0]) == "Night"
    assert [link for link in page.links() if link[1:] not in page.ids] == []
    assert len(page.root.all("figure", **{"class": "chart"})) == 1
    assert not page.root.all("nav")
    moments = page.root.all("table", **{"class": "lines moments"})[0]
    assert words(moments).count("08:05:12") == 1  # the sentence tells the end of the window
    said = [words(one) for one in moments.all("small")]
    assert [one for one in said if one.endswith((";", ","))] == []


@pytest.mark.heavy
def test_markdown_and_word_say_the_same(sample_path: Path, tmp_path: Path) -> None:
    for name in ("brief.md", "brief.docx"):
        assert run("brief", sample_path, "--out", tmp_path / name).returncode == 0
    document = docx.Document(str(tmp_path / "brief.docx"))
    text = (tmp_path / "brief.md").read_text(encoding="utf-8")
    headings = [
        paragraph.text
        for paragraph in document.paragraphs
        if paragraph.style is not None and str(paragraph.style.name).startswith("Heading")
    ]
    of_text = [one.replace("\\", "") for one in re.findall(r"^#+ (.*)$", text, re.MULTILINE)]
    letters = [re.sub(r"[\W_]", "", one) for one in (*headings[:1], "Brief", *headings[1:])]  # a page of more has that
    assert letters == [re.sub(r"[\W_]", "", one) for one in of_text]
    (table,) = document.tables
    assert table.rows[0].cells[1].text == "What happened"
    assert len(table.rows) > 10
    assert len(document.inline_shapes) == 1
    assert any("signed in to the console without MFA, from 203.0.113.77" in one.text for one in document.paragraphs)


@pytest.mark.heavy
def test_a_word_document_holds_what_no_xml_can(tmp_path: Path) -> None:
    write_log(tmp_path / "logs", "a.json", [did("iam:CreateUser", 1, {"userName": "a\u0000b\u0008\ufffe<w:p>"})])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        case.report(tmp_path / "brief.docx", only_brief=True)
    document = docx.Document(str(tmp_path / "brief.docx"))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    assert any("<w:p>" in text for text in (*(paragraph.text for paragraph in document.paragraphs), *cells))


def test_a_word_document_has_parentheses_around_asides_and_further_citations() -> None:
    heading = '<h3>First steps <span class="service">6 of 21</span></h3>'
    sentence = '<p>Done. ab <details class="cites"><summary>2 more</summary>cd, ef</details></p>'
    document = docx.Document(BytesIO(docx_of(f"<html><body><main>{heading}{sentence}</main></body></html>", {})))
    assert [paragraph.text for paragraph in document.paragraphs] == [
        "First steps (6 of 21)",
        "Done. ab (2 more: cd, ef)",
    ]


@pytest.mark.heavy
@pytest.mark.parametrize("paper", ["A4", "letter"])
def test_the_paper_of_a_word_document(sample_analysis: Analysis, paper: str) -> None:
    page = "<html><head><title>T</title></head><body><main><p>said</p></main></body></html>"
    document = docx.Document(BytesIO(docx_of(page, {}, paper)))
    width = document.sections[0].page_width
    assert width is not None
    assert round(width.cm, 1) == {"A4": 21.0, "letter": 21.6}[paper]
    assert render_report(sample_analysis, is_brief=True).count('<figure class="chart"') == 1


@pytest.mark.heavy
def test_a_page_goes_to_stdout_and_a_file_tells_of_one_account(sample_path: Path, tmp_path: Path) -> None:
    one = ("--account-id", "444455556666")
    said = run("brief", sample_path, "--format", "md", *one).stdout
    assert said.splitlines()[2] == "# Unnamed case"
    assert "### Account 444455556666: used" in said
    assert "111122223333" not in said
    assert run("brief", sample_path, "--out", tmp_path / "b.md", *one).returncode == 0
    produced = re.compile("Report produced:.*")
    assert produced.sub("", (tmp_path / "b.md").read_text(encoding="utf-8")) == produced.sub("", said)


def test_wrong_use_is_told(sample_path: Path, tmp_path: Path) -> None:
    assert run("brief", sample_path, "--format", "pdf").returncode == 2
    done = run("report", sample_path, "--out", tmp_path / "r.docx")
    assert done.returncode == 1
    assert "only a brief can be written as docx" in done.stderr
    assert not list(tmp_path.iterdir())
