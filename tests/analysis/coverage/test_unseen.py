"""What lies unseen in evidence of which nothing is broken: no answer is no, and what is missing is named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.one_account import OneAccount
from rootforensics.telling.story import tell
from tests.analysis.verdict.logs import EVERYWHERE
from tests.analysis.verdict.logs import tell as verdict
from tests.builders import ACCOUNT, root_event, write_log
from tests.stories import Names, Story

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.analysis.verdict.question import Answer
    from rootforensics.telling.statement import Statement

NAMELESS = (
    '"eventtime","eventname","eventsource","eventid","recipientaccountid"\n'
    f'"2026-08-01T10:00:01Z","ConsoleLogin","signin.amazonaws.com","7-1","{ACCOUNT}"\n'
    f'"2026-08-01T10:00:02Z","DeactivateMFADevice","iam.amazonaws.com","7-2","{ACCOUNT}"\n'
)
WHO = "who acted in 2 events of a.csv: no column has userIdentity.type or userIdentity.arn"
DENIED = ("used_by_person", "password_changed", "mfa_removed", "logging_impaired", "money_spent", "ownership_changed")


def judged(name: str, data: str | bytes, **others: str | bytes) -> Story:
    """The answers on whole logs without root beside which objects lie, and the first sentence of the story."""

    def ask(analysis: Any, names: Names) -> tuple[dict[str, Answer], Statement]:
        own = OneAccount(analysis, names.in_case(ACCOUNT))
        (told,) = own.verdicts
        return {answer.name: answer for answer in told.answers}, tell(own)[0]

    return Story(EVERYWHERE, ask, files={name: data, **others})


def judged_whole(tmp_path: Path, name: str, data: bytes) -> tuple[dict[str, Answer], Statement]:
    """The same of a case: what such an object holds may be of any account."""
    write_log(tmp_path, "logs/log.json", EVERYWHERE)
    (tmp_path / "logs" / name).write_bytes(data)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        analysis = case.analysis()
        (told,) = analysis.verdicts
        return {answer.name: answer for answer in told.answers}, tell(analysis)[0]


async def test_a_table_that_does_not_say_who_acted_denies_nothing() -> None:
    answers, first = await judged("a.csv", NAMELESS)
    assert {answers[name].answer for name in DENIED} == {"unknown"}
    assert all(answers[name].missing == (WHO,) for name in DENIED)
    assert (first.level, WHO in first.text) == ("note", True)


async def test_a_table_of_another_account_is_no_gap_in_this_one() -> None:
    answers, _ = await judged("a.csv", NAMELESS.replace(ACCOUNT, "999988887777"))
    assert answers["mfa_removed"].missing == ()


async def test_a_table_that_has_the_arn_says_who_acted() -> None:
    named = NAMELESS.replace('"eventtime"', '"useridentity.arn","eventtime"').replace(
        '"2026', f'"arn:aws:iam::{ACCOUNT}:user/maria","2026'
    )
    answers, first = await judged("a.csv", named)
    assert {answers[name].answer for name in DENIED} == {"no"}
    assert (first.text, first.level) == (
        f"Account {ACCOUNT}: no use in the logs. These logs show no use of root by a person.",
        "good",
    )


@pytest.mark.parametrize(
    "data",
    [
        b"7z\xbc\xaf\x27\x1c\x00\x04",
        *(
            pytest.param(data, marks=pytest.mark.heavy)
            for data in (b"ORC\x08\x03", b"Obj\x01\x04\x16avro.codec", b"Rar!\x1a\x07\x01\x00")
        ),
    ],
)
@pytest.mark.quick(1)
def test_a_file_that_may_hold_logs_and_was_not_read_denies_nothing(tmp_path: Path, data: bytes) -> None:
    answers, first = judged_whole(tmp_path, "logs.bin", data)
    assert {answers[name].answer for name in DENIED} == {"unknown"}
    assert answers["used_by_person"].missing == ("1 file that was not read (logs.bin)",)
    assert (first.level, "1 file that was not read (logs.bin)" in first.text) == ("note", True)


async def test_what_is_no_log_leaves_the_answers_as_they_are() -> None:
    others = {
        "prose.bin": b"Dear colleague, the logs are in the other folder.\n",
        "config.bin": b'{"configurationItems":[],"fileVersion":"1.0"}',
        "notification.bin": b'{"s3Bucket":"b","s3ObjectKey":["k"]}',
    }
    answers, first = await judged("pdf.bin", b"%PDF-1.7\n", **others)
    assert {answers[name].answer for name in DENIED} == {"no"}
    assert first.level == "good"


async def test_trails_without_a_name_are_told_once() -> None:
    """The console's event history has no parameters, so what was stopped has no name there."""
    stops = [
        root_event(
            eventSource="cloudtrail.amazonaws.com",
            eventName="StopLogging",
            eventTime=f"2026-08-05T10:0{minute}:00Z",
            requestParameters=None,
        )
        for minute in (1, 2, 3)
    ]
    answers, _ = await verdict(*stops)
    assert answers["mfa_removed"].missing == (
        "events that an unnamed trail would have recorded from 2026-08-05 10:01:00 on",
    )
