"""The answers of AWS that belong to the sample incident, and the chart of controls."""

from __future__ import annotations

import re
from pathlib import Path
from shutil import copyfile

import pytest

import rootforensics as rf
from rootforensics.charts import posture_chart, posture_data
from rootforensics.posture.posture import controls
from rootforensics.telling.brief import brief
from rootforensics.telling.posture_now import now_beside
from tests.conftest import ROOT
from tools.sample_incident.posture import HIDDEN_KEY, write_answers

ANSWERS = ROOT / "docs" / "examples" / "posture"


@pytest.fixture(scope="module")
def case(sample_path: Path, tmp_path_factory: pytest.TempPathFactory) -> rf.Case:
    """The sample incident with the answers of AWS."""
    found = rf.Case(copyfile(sample_path, tmp_path_factory.mktemp("sample") / "case.duckdb"))
    assert found.posture(from_folder=ANSWERS).problems == ()
    return found


def test_the_examples_are_what_the_generator_writes(tmp_path: Path) -> None:
    write_answers(tmp_path / "made")
    made, held = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (tmp_path / "made", ANSWERS)
    )
    assert made == held


@pytest.mark.heavy
def test_contradictions_and_gaps_of_the_sample(case: rf.Case) -> None:
    rows = case.query("posture_findings").rows
    assert {row["account_id"] for row in rows} == {"111122223333"}
    [hidden] = [row for row in rows if row["standing"] == "contradiction"]
    assert (hidden["finding"], HIDDEN_KEY in hidden["why"]) == ("key_changed", True)
    assert {row["finding"] for row in rows if row["standing"] == "gap"} == {"password_used", "trail_silent"}
    calls = {row["eventID"]: row["eventName"] for row in case.sql("SELECT eventID, eventName FROM events").rows}
    confirmed = {(row["finding"], calls[row["eventIDs"][0]]) for row in rows if row["standing"] == "confirmed"}
    assert confirmed >= {
        ("password_changed", "PasswordRecoveryCompleted"),
        ("key_changed", "CreateAccessKey"),
        ("mfa_enabled", "EnableMFADevice"),
        ("contact_changed", "PutAlternateContact"),
    }
    assert {finding for finding, _ in confirmed} - {one for one, _ in confirmed if one != "alarm_silent"} == {
        "alarm_silent"
    }


@pytest.mark.heavy
def test_what_stands_beside_an_answer_names_its_controls_and_is_no_good_news(case: rf.Case) -> None:
    """The most severe first; of what was not answered the name is enough."""
    beside = now_beside(case)
    left = beside["111122223333", "persistence"]
    assert re.findall("root-[a-z-]+", left)[0] == "root-access-key"
    assert "root-certificate: The root user has no signing certificate" in left
    assert [text for text in beside.values() if "pass:" in text or "answers from AWS are missing" in text] == []
    assert beside["777788889999", "data_exposed"] == "not checked: access-analyzer"


@pytest.mark.heavy
def test_an_alarm_that_tells_nobody_detects_nothing(case: rf.Case) -> None:
    """What the usual filter would match is no detection, whether or not an alarm was deployed."""
    said = [statement.text for part in brief(case.analysis()).sections() for statement in part.statements]
    assert [text for text in said if "would have triggered a CIS root-usage alarm" in text]
    (detected,) = (text for text in said if text.startswith("Detection"))
    assert "none known" in detected
    assert "its topic has no confirmed subscription" in detected
    assert re.search(r"\(answer:[0-9]+\)$", detected)


@pytest.mark.heavy
def test_the_report_tells_what_was_not_read_once_an_account(case: rf.Case, tmp_path: Path) -> None:
    case.report(tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text()
    part = text[text.index("Current protection of the root user</h2>") :].partition("<section")[0]
    assert part.count("answers from AWS are missing") == 0
    assert re.findall(r"([0-9]+) other controls", part) == ["15", "24", "29"]
    assert "The root user has no access key</th>" not in part


@pytest.mark.heavy
def test_what_the_check_found_is_open_and_has_a_step(case: rf.Case) -> None:
    """The key that no log tells of has one, too: whoever follows all steps leaves none."""
    analysis = case.analysis()
    told = brief(analysis)
    shown = [one.text for one in told.still_open]
    (keys,) = (text for text in shown if text.startswith("the root user has an access key: "))
    assert "2 access keys" in keys
    assert any(HIDDEN_KEY in text and "answer:" in text for text in shown)
    steps = analysis.verdict_of("111122223333").steps
    (step,) = (one for one in steps if "aws iam list-access-keys" in one.what)
    assert "2 access keys" in step.why
    assert re.search(r"\(answer:[0-9]+", step.why)


def test_the_chart_has_each_control_and_account(case: rf.Case) -> None:
    rows = posture_data(case)
    figure = posture_chart(rows)
    told = {text.get_text() for axes in (figure.axes[0], *figure.axes[0].child_axes) for text in axes.texts}
    assert told >= {"111122223333", "444455556666", "777788889999", "The root user has MFA (critical)"}
    assert len(figure.axes[0].child_axes[0].patches) == len(rows) == len(controls()) * 3
    assert "fails 6, not known 72" in figure.get_label()
    assert {row["account_id"] for row in posture_data(case, account_id="444455556666")} == {"444455556666"}
    many = [dict(row, account_id=f"{number:012}") for number in range(200) for row in rows[:2]]
    assert re.search(r"200 accounts; \d+ accounts with fewer failures not drawn", str(posture_chart(many).get_label()))
