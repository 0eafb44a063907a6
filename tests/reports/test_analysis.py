"""Verdict, steps, findings, blast radius, impairment, sessions and incident timeline stand in the report, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.reports.parts import incident, material, parts
from tests.analysis.lineage.test_blast_radius import did, made_key, user
from tests.analysis.test_accounts import OTHER, everywhere, of
from tests.builders import ACCOUNT, root_event, write_log
from tests.reports.conftest import report
from tests.reports.page import Page, words

if TYPE_CHECKING:
    from collections.abc import Callable

    from rootforensics.analysis.analysis import Analysis

    PageOf = Callable[[list[dict[str, Any]]], Page]

ORDER = ("active", "changed", "unknown", "back on", "undone", "disabled", "expired", "removed")
NAMES = ["verdict", "containment", "findings", "radius", "impairment", "sessions", "incident"]


def test_what_one_reads_stands_before_the_annex() -> None:
    order = [part.name for part in parts() if part.heading and not part.in_annex]
    assert order == ["brief", "verdict", "incident", "radius", "containment", "findings", "posture"]
    assert [part.in_annex for part in parts()] == sorted(part.in_annex for part in parts())


HERE, THERE = "198.51.100.7", "203.0.113.9"
ACTION = did(
    "cloudtrail:StopLogging", 1, {"name": "t"}, who=user("<img src=x onerror=alert(1)>\u202e"), sourceIPAddress=THERE
)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Page:
    """A call of root's, about which there is a note, an action of somebody else's from there, and tries to sign in."""
    folder = tmp_path_factory.mktemp("analysis")
    call = root_event(sourceIPAddress=THERE)
    tries = [
        sign_in(1, "Failure", HERE),
        sign_in(2, "Failure", THERE),
        sign_in(3, "Success", HERE),
        sign_in(4, "Success", HERE),
    ]
    write_log(folder / "logs", "a.json", [call, ACTION, *tries])
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs")
        case.note(call["eventID"], "<b>not ours</b>", author="maria")
        return Page(report(case))


@pytest.mark.heavy
def test_other_identities_stand_as_text_and_are_not_roots(page: Page) -> None:
    ((_, who, account, actions, _, _, shared, _),) = page.table("Identities that do not descend from root")
    assert who.startswith(f"{ACCOUNT}/<img src=x onerror=alert(1)>[U+202E]")
    assert (account, actions.startswith("critical: 1"), "StopLogging" in actions) == (ACCOUNT, True, True)
    assert "address 203.0.113.9" in shared
    assert page.cited(page.part("identities")) == {ACTION["eventID"]}
    assert "None of this is attributed to root." in words(page.part("identities"))
    assert not page.root.all("img")


def rows(page: Page, part: str) -> list[str]:
    return [words(row) for row in page.part(part).all("tr")]


@pytest.mark.heavy
def test_each_account_has_its_answers(sample_page: Page) -> None:
    captions = [words(one) for one in sample_page.part("verdict").all("caption")]
    assert [text[:20] for text in captions] == [f"Account {one}" for one in (ACCOUNT, OTHER, "777788889999")]
    answers = [words(one) for one in sample_page.part("verdict").all("span", **{"class": "answer bad"})]
    assert set(answers) == {"yes"}  # a yes is the problem in every question
    assert "Missing:" in sample_page.part("verdict").text
    (password,) = [text for text in rows(sample_page, "verdict") if "password recovered" in text and ACCOUNT not in text and "yes" in text]  # fmt: skip
    assert "d15d2bf8" in password


@pytest.mark.heavy
def test_steps_stand_in_order_with_their_commands(sample_page: Page) -> None:
    part = sample_page.part("containment")
    first = part.all("ol")[0].all("li")
    assert words(first[0]).startswith("At once, save the lifecycle rules of bucket")
    assert words(first[1]).startswith("An SCP denied root's last calls")
    commands = [one.text for one in part.all("pre")]
    assert "aws iam update-access-key --access-key-id AKIA7P5O2MSTTEXAMPLE --status Inactive" in commands
    assert "Nothing is run" in part.text


def sign_in(second: int, outcome: str, address: str) -> dict[str, Any]:
    return root_event(
        eventTime=f"2026-08-05T01:21:{second:02}Z", eventSource="signin.amazonaws.com", eventName="ConsoleLogin",
        identity={"accessKeyId": ""}, responseElements={"ConsoleLogin": outcome}, additionalEventData={"MFAUsed": "No"},
        sourceIPAddress=address,
    )  # fmt: skip


def test_sign_ins_tell_what_came_from_their_address_and_from_others(page: Page) -> None:
    _, _, _, first, second = rows(page, "signins")
    assert "1 failed within the hour" in first
    assert "1 failed from other addresses within the hour" in first
    assert "no earlier success from this address, but failures" in first
    assert "no earlier success" not in second


def test_findings_name_their_sessions_and_sessions_their_findings(sample_page: Page, sample_case: rf.Case) -> None:
    (swap,) = [row for row in sample_case.findings("mfa_swap").rows if row["result"] == "succeeded"]
    (session,) = swap["session_ids"]
    (item,) = [words(one) for one in sample_page.part("findings").all("tr") if "mfa_swap" in one.text]
    assert session in item
    (line,) = [text for text in rows(sample_page, "sessions") if session in text]
    assert "the most severe critical" in line
    known = {one for row in sample_case.findings().rows for one in row["session_ids"] or ()}
    assert sum("the most severe" in text for text in rows(sample_page, "sessions")) == len(known)


def test_findings_say_what_else_they_may_be(sample_page: Page) -> None:
    items = sample_page.part("findings").all("tr")[1:]
    (swap,) = [words(item) for item in items if "mfa_swap" in item.text]
    for text in ("critical", "ATT&CK", "Harmless explanation", "d1e2bca6"):
        assert text in swap
    severities = [words(one.all("td")[0]) for one in items]
    assert severities == sorted(severities, key=("critical", "high", "medium", "low", "info").index)


def test_what_is_still_open_stands_first(sample_page: Page, sample_analysis: Analysis) -> None:
    found = sample_page.table("Entities that root")
    opened = [row["entity_name"] for row in sample_analysis.radius.still_open]
    assert all(name in row[1] for name, row in zip(opened, found, strict=False))
    states = [next(state for state in ORDER if row[0].startswith(state)) for row in found[len(opened) :]]
    assert states == sorted(states, key=ORDER.index)
    assert "42 entities" in words(sample_page.part("radius"))
    assert "14 are still open" in words(sample_page.part("radius"))
    assert any("20 instances" in words(row) for row in sample_page.part("radius").all("tr"))


def test_the_page_has_the_whole_chart_and_paper_a_small_one(sample_page: Page) -> None:
    whole, paper = sample_page.part("brief").all("figure")
    accounts = {"111122223333", "444455556666", "777788889999"}
    assert {mark.attributes.get("data-account") for mark in whole.all("a")} >= accounts
    # On paper the chart has fewer sequences, and still each account.
    assert ("more account" in whole.text, "(3 of 11)" in whole.text) == (False, False)
    assert ("more account" in paper.text, "(3 of 11)" in paper.text) == (False, True)
    # What the subtitle counts does not depend on what there is room for.
    assert "47 findings (12 sequences, 35 single actions)" in whole.text
    assert "47 findings (12 sequences, 35 single actions)" in paper.text
    assert paper.attributes["class"] == "on-paper"


def test_use_that_is_not_tracked_is_not_called_unseen(sample_page: Page) -> None:
    opened = sample_page.table("Entities that root")[:14]
    use = {
        kind: row[4]
        for row in opened
        for kind in ("MFA device", "role", "snapshot", "security")
        if row[1].startswith(kind)
    }
    seen = {"role": "no use in the logs", "MFA device": "1 sign-in203.0.113.78"}
    assert use == {**seen, "snapshot": "not tracked", "security": "not tracked"}


def test_the_window_without_the_trail_is_told(sample_page: Page) -> None:
    windows = [words(one) for one in sample_page.part("impairment").all("li")]
    assert any("2026-08-05 04:58:30 to 2026-08-05 08:05:12" in text and "prod-trail" in text for text in windows)


def test_sessions_are_those_of_the_plan(sample_page: Page, expected: dict[str, Any]) -> None:
    planned = sum(len(sessions) for sessions in expected["root"]["sessions"].values())
    assert len(rows(sample_page, "sessions")) == planned + 1


def test_the_incident_timeline_has_every_planned_step(sample_page: Page, expected: dict[str, Any]) -> None:
    cited = sample_page.cited(sample_page.part("incident"))
    assert [step for step in expected["story"] if step["event_id"] not in cited] == []


def test_notes_stand_in_the_incident_timeline(page: Page) -> None:
    assert "maria: <b>not ours</b>" in page.part("incident").text


HOSTILE = "\"'><img src=x onerror=alert(1)></style></td>{{ 7 * 7 }}"


@pytest.mark.heavy
def test_markup_is_text_in_every_part(page_of: PageOf) -> None:
    agent = {"arn": f"arn:aws:iam::{ACCOUNT}:user/{HOSTILE}", "type": "IAMUser"}
    page = page_of(
        [
            did("iam:CreateUser", 1, {"userName": HOSTILE}),
            did("cloudtrail:StopLogging", 2, {"name": HOSTILE}),
            did("cloudtrail:StopLogging", 3, {"name": HOSTILE}, who=agent),
            root_event(eventName=HOSTILE, sourceIPAddress=HOSTILE, errorCode=HOSTILE),
        ]
    )
    assert not page.root.all("img")
    # A finding is told in our words and cites by eventID.
    assert [name for name in NAMES if HOSTILE not in page.part(name).text] == ["findings"]
    assert all(link[1:] in page.ids for link in page.links() if link.startswith("#"))


@pytest.mark.heavy
def test_long_lists_are_cut_and_counted(page_of: PageOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(material, "ROWS_LISTED", 2)
    monkeypatch.setattr(material, "ACCOUNTS_LISTED", 1)
    monkeypatch.setattr(incident, "LINES_SHOWN", 3)
    made = [made_key(f"AKIA{number}", number, f"user{number}") for number in range(5)]
    stopped = [did("cloudtrail:StopLogging", number, {"name": f"t{number}"}, who=user("x")) for number in range(5)]
    page = page_of([*everywhere(ACCOUNT), *made, *stopped, of(OTHER, root_event())])
    assert "1 more account is not shown here." in page.part("verdict").text
    assert "To list everything, run rootforensics verdict CASE" in page.part("containment").text
    # Five keys of users, and the key of its own that root of each account used.
    assert (
        "5 more rows are not shown here. To list everything, run rootforensics blast-radius CASE"
        in page.part("radius").text
    )
    assert "3 more rows are not shown here" in page.part("impairment").text
    assert "run rootforensics incident CASE" in page.part("incident").text


def test_parts_with_nothing_to_tell_say_so(empty_page: Page) -> None:
    page = empty_page
    for name in NAMES:
        assert words(page.part(name)), name
    assert "These logs show no root activity" in page.part("verdict").text
    assert "None: these logs show no" in page.part("findings").text


def test_what_several_questions_make_is_told_under_method(sample_page: Page) -> None:
    method = sample_page.part("method")
    asked = {one.attributes["id"] for one in method.all("article")}
    assert {"q-verdict", "q-containment", "q-blast_radius", "q-incident", "q-findings", "q-root_sessions"} <= asked
    (sql,) = [one.all("pre")[0].text for one in method.all("article") if one.attributes["id"] == "q-findings"]
    assert "root_actions" in sql
