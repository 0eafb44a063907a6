"""Results, cases and findings as notebooks show them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import sync_playwright

import rootforensics as rf
from rootforensics.errors import QueryError
from rootforensics.notebooks.tables import interactive_html
from tests.builders import write_log
from tests.reports.page import Page, words
from tests.reports.tab import CHROMIUM, opened

if TYPE_CHECKING:
    from pathlib import Path

EVIL = "</script></td><script>alert(1)</script><img src=x onerror=alert(1)>"


def _page(shown: Any) -> Page:
    return Page(shown._repr_html_())


def _cells(shown: Any) -> list[list[str]]:
    return [[words(cell) for cell in row.all("td")] for row in _page(shown).root.all("tbody")[0].all("tr")]


def test_a_header_that_stays_and_numbers_to_the_right(sample_case: rf.Case) -> None:
    page = _page(sample_case.sql("SELECT 'a' AS name, 7 AS n"))
    assert [one.text for one in page.root.all("th")] == ["name", "n"]
    assert "position:sticky" in page.source
    assert [one.attributes.get("class") for one in page.root.all("td")] == [None, "rf-n"]
    assert "script" not in page.source
    assert "http" not in page.source


def test_rows_beyond_the_limit_are_told(sample_case: rf.Case, expected: dict[str, Any]) -> None:
    result = sample_case.query("root_events")
    assert len(_cells(result)) == 100
    assert f"{expected['root']['total']} rows, the first 100 shown: .show(rows=…)" in result._repr_html_()
    assert len(_cells(result.show(rows=7))) == 7
    assert len(_cells(result.show(rows=5000))) == expected["root"]["total"]
    assert "first" not in result.show(rows=5000).foot
    assert "No rows." in sample_case.sql("SELECT 1 AS a WHERE false")._repr_html_()


@pytest.mark.heavy
@pytest.mark.skipif(CHROMIUM is None, reason="/usr/bin/chromium is not installed")
def test_what_unfolds_shows_so_in_the_classic_notebook_too(sample_case: rf.Case, tmp_path: Path) -> None:
    """Its style (Bootstrap 3) makes every summary a block, and comes before or after ours."""
    table = sample_case.sql("SELECT repeat('long ', 90) AS text")._repr_html_()
    page = tmp_path / "page.html"
    page.write_text(f"{table}<style>details,summary{{display:block}}</style>", encoding="utf-8")
    asked = "one => [getComputedStyle(one).display, getComputedStyle(one).listStyleType]"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        tab, _, _ = opened(browser, page)
        summary = tab.locator("summary")
        assert summary.evaluate(asked) == ["list-item", "disclosure-closed"]
        summary.click()
        assert summary.evaluate(asked) == ["list-item", "disclosure-open"]
        browser.close()


def test_columns_are_chosen_by_name(sample_case: rf.Case) -> None:
    result = sample_case.sql("SELECT 1 AS a, 2 AS b, 3 AS c")
    assert _cells(result.show("c", "a")) == [["3", "1"]]
    with pytest.raises(QueryError, match="there is no column 'd'. There are a, b, c"):
        result.show("d")


def test_json_and_lists_unfold(sample_case: rf.Case) -> None:
    result = sample_case.sql(
        """SELECT '{"b": [1, 2], "a": {"deep": "' || repeat('x', 80) || '"}}' AS big, '{"a": 1}' AS small,
        ['one'] AS one, [repeat('y', 50), 'second', 'third'] AS several, {'a': NULL, 'b': 2} AS struct,
        '[no JSON' AS text, []::VARCHAR[] AS none, '{}' AS empty_json"""
    )
    page = _page(result)
    (big, small, one, several, struct, text, none, empty) = page.root.all("td")
    assert json.loads(big.all("pre")[0].text) == {"b": [1, 2], "a": {"deep": "x" * 80}}
    assert big.all("summary")[0].text.endswith("…")
    assert (words(small), words(one), words(struct), words(text)) == ('{"a": 1}', "one", '{"b": 2}', "[no JSON")
    assert several.all("summary")[0].text == "y" * 50 + " and 2 more"
    assert several.all("pre")[0].text.split("\n") == ["y" * 50, "second", "third"]
    assert words(none) == ""
    assert words(empty) == "{}"


def test_a_cell_that_is_too_long_says_so(sample_case: rf.Case) -> None:
    source = sample_case.sql("SELECT repeat('z', 30000) AS text")._repr_html_()
    assert "… 10,000 more characters" in source
    assert source.count("z") < 21_000


def test_local_time_stands_beside_utc(sample_case: rf.Case) -> None:
    result = sample_case.sql(
        "SELECT TIMESTAMPTZ '2026-08-05 01:19:47Z' AS summer, TIMESTAMPTZ '2026-12-05 23:30:00Z' AS winter, "
        "NULL::TIMESTAMPTZ AS never, 7 AS n"
    )
    shown = result.show(local="Europe/Berlin")
    assert [one.text for one in _page(shown).root.all("th")] == [
        *("summer", "summer Europe/Berlin", "winter", "winter Europe/Berlin", "never", "never Europe/Berlin", "n")
    ]
    assert _cells(shown) == [
        [
            *("2026-08-05 01:19:47", "2026-08-05 03:19:47 +0200"),
            *("2026-12-05 23:30:00", "2026-12-06 00:30:00 +0100"),
            *("", "", "7"),
        ]
    ]
    assert "Times are UTC, beside them Europe/Berlin." in shown.foot
    for zone in ("Europe/Berlim", "../etc/passwd", "Europe"):
        with pytest.raises(QueryError, match="unknown time zone"):
            result.show(local=zone)


def _attacked(folder: Path) -> rf.Case:
    record = {
        **{"eventVersion": "1.11", "eventTime": "2026-08-05T01:00:00Z", "eventSource": "iam.amazonaws.com"},
        **{"eventName": "CreateUser", "awsRegion": "us-east-1", "sourceIPAddress": "203.0.113.77", "userAgent": EVIL},
        **{"eventID": "3a2e6324-2b14-460a-9801-9b63f0ffdb70", "recipientAccountId": "111122223333"},
        "userIdentity": {"type": "Root", "accountId": "111122223333", "arn": "arn:aws:iam::111122223333:root"},
        "requestParameters": {"userName": EVIL, EVIL: [EVIL] * 9},
    }
    write_log(folder / "logs", "one.json.gz", [record])
    case = rf.open_case(folder / "case.duckdb")
    case.load(folder / "logs")
    return case


def test_hostile_text_is_text(tmp_path: Path) -> None:
    with _attacked(tmp_path) as case:
        result = case.sql("SELECT userAgent, requestParameters, userIdentity, [userAgent, userAgent] AS l FROM events")
        page = _page(result)
        assert not page.root.all("script")
        assert not page.root.all("img")
        assert words(page.root.all("td")[0]) == EVIL
        assert json.loads(page.root.all("td")[1].all("pre")[0].text)["userName"] == EVIL
        source = interactive_html(result.show())
        assert "<img" not in source
        assert "alert(1)</script>" not in source
        strange = case.sql(f'SELECT 1 AS "{EVIL}"')
        assert "<img" not in strange._repr_html_() + interactive_html(strange.show())


@pytest.mark.heavy
def test_findings_have_their_events_behind_the_first(sample_case: rf.Case) -> None:
    findings = sample_case.findings(severity="critical")
    page = _page(findings)
    place = findings.columns.index("eventIDs")
    row = next(one for one in findings.rows if len(one["eventIDs"]) > 2)
    line = page.root.all("tbody")[0].all("tr")[findings.rows.index(row)]
    assert line.all("td")[place].all("pre")[0].text.split("\n") == row["eventIDs"]


def test_a_case_shows_its_counts(sample_case: rf.Case, expected: dict[str, Any], tmp_path: Path) -> None:
    page = _page(sample_case)
    told = dict(zip(map(words, page.root.all("th")), map(words, page.root.all("td")), strict=True))
    assert told["files"].startswith(f"{expected['evidence']['objects']:,}: ")
    assert told["events"].startswith(f"{expected['events']['total']:,}, from 2026-")
    assert told["not counted"].startswith(f"{expected['events']['duplicates']:,} duplicates")
    assert told["root activity by people"] == str(expected["root"]["activity"])
    assert told["root activity by AWS services"] == str(expected["root"]["noise"])
    absent = rf.open_case(tmp_path / "<b>none</b>.duckdb")._repr_html_()
    assert "the case file does not exist" in absent
    assert "<b>none" not in absent


def test_a_case_without_events_shows_none(empty_case: rf.Case) -> None:
    assert ["0"] in [[words(cell)] for cell in _page(empty_case).root.all("td")]
    assert "from" not in _page(empty_case).source


def test_sorted_and_searched_without_a_network(sample_case: rf.Case, expected: dict[str, Any]) -> None:
    source = interactive_html(sample_case.query("root_events").show(local="Asia/Tokyo"))
    assert "<link" not in source
    assert "src=" not in source
    assert "import(" not in source.replace("await import(url)", "")
    assert f"{expected['root']['total']} rows." in source
    assert "eventTime Asia/Tokyo" in source
    assert "the first 3 shown" in interactive_html(sample_case.query("root_events").show(rows=3))
    assert "No rows" in interactive_html(sample_case.sql("SELECT 1 AS a WHERE false").show())


def test_a_shell_that_is_no_notebook_keeps_text(shell: Any, sample_case: rf.Case) -> None:
    data, _ = shell.display_formatter.format(sample_case.sql("SELECT 1 AS a"))
    assert "<script" not in data["text/html"]
    assert data["text/plain"].splitlines()[0] == "<Result sql: 1 rows, 1 columns>"
