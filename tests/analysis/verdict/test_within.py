"""A verdict on a time: what happened then and what was there then; a no about it is no no about all time."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.verdict.questions import QUESTIONS
from tests.analysis.verdict.test_pauses import MONDAY, at, logs
from tests.builders import ACCOUNT, root_event, write_log
from tests.seeds import seeds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from rootforensics.analysis.analysis import Analysis

TUESDAY, WEDNESDAY, THURSDAY = (MONDAY + timedelta(days=number) for number in (1, 2, 3))
DONE = ("used_by_person", "mfa_removed", "money_spent")
NOT_DONE = ("password_changed", "ownership_changed")


def _root(hour: float, service: str, name: str, **more: Any) -> dict[str, Any]:
    """A write of root's in a console session."""
    return root_event(
        eventTime=at(hour),
        eventSource=f"{service}.amazonaws.com",
        eventName=name,
        readOnly=False,
        identity={"accessKeyId": "ASIASESSION"},
        **more,
    )


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Analysis]:
    """Five days of all Regions of sign-ins; on Wednesday root removes its MFA, launches an instance, creates a user."""
    folder = tmp_path_factory.mktemp("within")
    serial = f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"
    acts = [
        _root(58, "iam", "DeactivateMFADevice", requestParameters={"serialNumber": serial}),
        _root(
            59,
            "ec2",
            "RunInstances",
            requestParameters={"instanceType": "p4d.24xlarge"},
            responseElements={"instancesSet": {"items": [{"instanceId": "i-0123456789abcdef0"}]}},
        ),
        _root(
            60, "iam", "CreateAccessKey", requestParameters={},
            responseElements={"accessKey": {"accessKeyId": "AKIAMADEBYROOT000001", "userName": None}},
        ),
    ]  # fmt: skip
    write_log(folder, "logs/a.json", [*logs(), *acts])
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs")
        yield case.analysis()


def _answers(analysis: Analysis, since: datetime | None, until: datetime | None) -> dict[str, Any]:
    return {answer.name: answer for answer in analysis.verdict_within(ACCOUNT, since, until).answers}


def test_what_was_done_is_a_yes_in_its_time_and_a_no_before_and_behind(analysis: Analysis) -> None:
    spans = {"before": (None, WEDNESDAY), "on": (WEDNESDAY, THURSDAY), "behind": (THURSDAY, None)}
    told = {name: _answers(analysis, *span) for name, span in spans.items()}
    for question in DONE:
        said = {name: answers[question].answer for name, answers in told.items()}
        assert said == {"before": "no", "on": "yes", "behind": "no"}, question
    for question in NOT_DONE:
        assert {answers[question].answer for answers in told.values()} == {"no"}, question


def test_each_answer_on_a_time_says_so_and_the_verdict_names_it(analysis: Analysis) -> None:
    told = analysis.verdict_within(ACCOUNT, THURSDAY)
    assert told.time == "from 2026-08-06 00:00:00 UTC on"
    assert all(answer.because.startswith("for this time: ") for answer in told.answers)
    assert (told.as_dict()["since"], told.as_dict()["until"]) == ("2026-08-06T00:00:00+00:00", None)
    assert [step.what for step in told.steps] == [step.what for step in analysis.verdict_of(ACCOUNT).steps]
    whole = analysis.verdict_within(ACCOUNT)
    assert whole is analysis.verdict_of(ACCOUNT)
    assert whole.time == ""


def test_what_was_made_before_and_is_still_there_is_there_in_the_time_behind_it(analysis: Analysis) -> None:
    assert "AKIAMADEBYROOT000001" in _answers(analysis, THURSDAY, None)["persistence"].because
    assert _answers(analysis, THURSDAY, None)["access_keys"].answer == "yes"
    assert "AKIAMADEBYROOT000001" not in _answers(analysis, None, WEDNESDAY)["persistence"].because


@pytest.mark.parametrize(
    ("since", "until", "missing"),
    [
        (MONDAY - timedelta(days=9), TUESDAY, "logs before 2026-08-03"),
        (None, MONDAY - timedelta(days=2), "logs before 2026-08-03"),
        (THURSDAY, MONDAY + timedelta(days=30), "logs after 2026-08-07"),
        (MONDAY + timedelta(days=20), None, "logs after 2026-08-07"),
    ],
)
def test_a_time_that_reaches_beyond_the_logs_has_no_no(
    analysis: Analysis, since: datetime | None, until: datetime | None, missing: str
) -> None:
    answers = _answers(analysis, since, until)
    assert "no" not in {one.answer for name, one in answers.items() if name in (*DONE, *NOT_DONE)}
    assert all(any(one.startswith(missing) for one in answers[name].missing) for name in (*DONE, *NOT_DONE))


def test_what_aws_recorded_at_another_time_shows_no_yes_and_leaves_no_no(analysis: Analysis) -> None:
    """Logs that lack one event of a time that they cover may lack any."""
    row: Any = {
        "account_id": ACCOUNT, "finding": "mfa_enabled", "standing": "contradiction", "why": "Root has a device.",
        "answers": ["a.json"], "from_time": WEDNESDAY, "until_time": WEDNESDAY + timedelta(hours=1),
    }  # fmt: skip
    used = row | {"finding": "root_used"}
    evidence = replace(analysis._evidence_of(ACCOUNT), recorded=[row, used])
    answers = {question.name: question.answer(evidence.within(THURSDAY, None)).answer for question in QUESTIONS}
    assert {name: answers[name] for name in (*DONE, *NOT_DONE)} == dict.fromkeys((*DONE, *NOT_DONE), "unknown")
    assert next(one for one in QUESTIONS if one.tells_use).answer(evidence.within(WEDNESDAY, THURSDAY)).answer == "yes"


@seeds(4)
def test_two_halves_never_deny_what_the_whole_shows(seed: int, analysis: Analysis) -> None:
    """And what one half shows the whole shows."""
    whole = {answer.name: answer.answer for answer in analysis.verdict_of(ACCOUNT).answers}
    cut = MONDAY + timedelta(minutes=random.Random(seed).randrange(60, 119 * 60))
    halves = [_answers(analysis, *span) for span in ((None, cut), (cut, None))]
    for question in (*DONE, *NOT_DONE):
        said = [half[question].answer for half in halves]
        assert ("yes" in said) == (whole[question] == "yes"), (cut, question, said)


@pytest.mark.heavy
def test_a_time_in_which_an_hour_is_missing_has_no_no_and_another_has_one(tmp_path: Any) -> None:
    gone = logs(lambda region, hour: region == "us-east-1" and 50 <= hour < 60)
    write_log(tmp_path, "logs/a.json", gone)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        analysis = case.analysis()
        assert _answers(analysis, WEDNESDAY, THURSDAY)["mfa_removed"].answer == "unknown"
        assert _answers(analysis, THURSDAY, None)["mfa_removed"].answer == "no"
        assert _answers(analysis, None, None)["mfa_removed"].answer == "unknown"
