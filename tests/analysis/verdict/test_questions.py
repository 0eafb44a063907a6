"""Each question of the verdict, and one that nobody has heard of, wherever the product speaks of questions."""

from __future__ import annotations

import ast
from dataclasses import replace
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.analysis import Analysis
from rootforensics.analysis.containment import plan
from rootforensics.analysis.one_account import OneAccount
from rootforensics.analysis.verdict import questions
from rootforensics.analysis.verdict.question import Question, Reply, YesNo
from rootforensics.cli.verdict import _print
from rootforensics.reports.html import render_report
from rootforensics.reports.markdown import markdown_of
from rootforensics.reports.redaction.redactor import Redactor
from rootforensics.rules.entities import PERSISTENCE
from rootforensics.rules.undo import measures
from rootforensics.telling.brief import brief
from rootforensics.telling.story import tell
from rootforensics.telling.summary import summarize
from rootforensics.telling.triage import triage_sections
from tests.analysis.verdict.logs import EVERYWHERE
from tests.builders import ACCOUNT, root_event, write_log

if TYPE_CHECKING:
    from collections.abc import Iterator

NEW = Question(name="moon_painted", text="Was the moon painted?", about="a painted moon", short="moon painted")
#: What other sentences than those of the answers tell: the use itself, and what approvals say.
TOLD_ELSEWHERE = ("used_by_person", "used_without_approval")
#: Names of questions that are words for other things, too.
OTHER_WORDS = {"password_changed", "access_keys", "persistence"}
MANY = [f"44445555666{number}" for number in range(4)]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Iterator[rf.Case]:
    folder = tmp_path_factory.mktemp("questions")
    beside = [root_event(recipientAccountId=one, identity={"accountId": one}) for one in MANY]
    write_log(folder, "log.json", [root_event(), *EVERYWHERE, *beside])
    with rf.open_case(folder / "case.duckdb") as opened:
        opened.load(folder / "log.json")
        yield opened


def _giving(asked: Question, answer: YesNo) -> Question:
    return replace(asked, ask=lambda evidence: Reply(answer, f"because of {asked.name}", evidence.activity))


def _said(known: Analysis, capsys: pytest.CaptureFixture[str], *, page: bool) -> dict[str, str]:
    """All that is said of a case, place by place; the page, which takes longest, only if asked for."""
    analysis = Analysis(known)  # what the case answered stays, the verdict is another
    one = OneAccount(analysis, ACCOUNT)
    _print(analysis.verdict_of(ACCOUNT), "", analysis.shared_ids, None, {})
    written = render_report(analysis) if page else ""
    return ({"page": unescape(written), "markdown": unescape(markdown_of(written))} if page else {}) | {
        "story of many": "\n".join(told.text for told in tell(analysis)),
        "story": "\n".join(told.text for told in tell(one)),
        "triage": "\n".join(
            text for part in triage_sections(one) for text in (part.heading, *(told.text for told in part.statements))
        ),
        "brief": "\n".join(told.text for part in brief(one).sections() for told in part.statements),
        "summary": str(dict(summarize(one))),
        "terminal": capsys.readouterr().out,
        "redacted": str(Redactor("never-written.csv").value(analysis.verdict_of(ACCOUNT)).rows),
    }


@pytest.fixture(scope="module")
def known(case: rf.Case) -> Analysis:
    """The case, with what it answered."""
    return case.analysis()


@pytest.mark.quick(1)
@pytest.mark.parametrize("answer", ["yes", "no", "unknown"])
def test_each_question_is_told_everywhere_and_one_that_is_added(
    answer: YesNo, known: Analysis, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [_giving(one, answer) for one in (NEW, *questions.QUESTIONS) if not one.by_approvals]
    monkeypatch.setattr(questions, "QUESTIONS", [*asked, questions.used_without_approval])
    told = _said(known, capsys, page=answer == "unknown")
    for one in asked:
        wanted = {place: one.text for place in ("summary", "terminal", "redacted", "page", "markdown") if place in told}
        if answer != "yes":
            wanted |= dict.fromkeys(("story of many", "story"), one.about)
            wanted |= {"triage": one.about} if answer == "unknown" else {}
        elif one.name not in TOLD_ELSEWHERE:
            wanted |= {"story": f"{one.short} in account {ACCOUNT}", "triage": one.short}
            wanted["story of many"] = f"{one.short} in account {MANY[0]}"
        if one.name == NEW.name and answer != "no":
            wanted["brief"] = one.about if answer == "unknown" else one.short
        for place, words in wanted.items():
            assert words.lower() in told[place].lower(), (one.name, place)


@pytest.mark.parametrize("answer", ["yes", "no", "unknown"])
def test_nothing_is_said_by_the_name_of_a_question(
    answer: YesNo, known: Analysis, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [_giving(question, answer) for question in questions.QUESTIONS]
    others = {one.name: f"question_{number}" for number, one in enumerate(asked)}
    monkeypatch.setattr(questions, "QUESTIONS", asked)
    told = _said(known, capsys, page=False)
    monkeypatch.setattr(questions, "QUESTIONS", [replace(one, name=others[one.name]) for one in asked])
    rows = [
        {name: others.get(held, held) if isinstance(held, str) else held for name, held in row.items()}
        for row in measures("step")
    ]
    monkeypatch.setattr(plan, "measures", lambda part: rows if part == "step" else measures(part))
    for place, text in _said(known, capsys, page=False).items():
        for name, other in others.items():
            text = text.replace(f"'{other}'", f"'{name}'")  # noqa: PLW2901
        assert text == told[place], place


@pytest.mark.heavy
def test_no_other_module_names_a_question() -> None:
    names = {question.name for question in questions.QUESTIONS} - OTHER_WORDS
    found = [
        (path.name, node.value)
        for path in Path(str(files(rf))).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and node.value in names
    ]
    assert not found


def test_steps_after_a_bad_answer_are_of_questions_that_there_are() -> None:
    names = {question.name for question in questions.QUESTIONS}
    rows = [measure for measure in measures("step") if "question" in measure]
    assert {row["question"] for row in rows} | {one["cites"] for one in rows if "cites" in one} <= names
    with_calls = {one["question"] for one in rows if "calls" in one}
    assert with_calls == {one.name for one in questions.QUESTIONS if one.calls is not NEW.calls}


def test_what_is_open_is_led_by_what_the_verdict_calls_persistence(
    case: rf.Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    radius = case.blast_radius()
    rows: list[dict[str, Any]] = [
        {"entity_kind": kind, "severity": severity, "still_open": severity != "low", "accepted": None}
        for kind, severity in [
            ("bucket", "high"),
            *((kind, "info") for kind in PERSISTENCE),
            ("trail", "low"),
            ("instance", "critical"),
            (
                "MFA device",
                "critical",
            ),  # It helps somebody come back, and the verdict does not count it as persistence.
        ]
    ]
    monkeypatch.setattr(type(radius), "rows", rows)
    monkeypatch.setattr(type(radius), "keys", [])
    assert [row["entity_kind"] for row in radius.still_open] == ["MFA device", *PERSISTENCE, "instance", "bucket"]
