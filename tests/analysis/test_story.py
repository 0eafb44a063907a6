"""Root's story: it says what the records say, and what they cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import rootforensics as rf
from rootforensics.analysis.story import tell
from rootforensics.analysis.summary import summarize
from tests.builders import ACCOUNT, event, root_event, write_log

if TYPE_CHECKING:
    from pathlib import Path


def story_of(folder: Path, *records: dict[str, Any]) -> list[str]:
    """The sentences told of these records."""
    write_log(folder, "logs/a.json", list(records))
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "logs")
        return [statement.text for statement in tell(case)]


def test_every_sentence_of_the_sample_cites_events_that_exist(sample_case: rf.Case) -> None:
    known = {row["eventID"] for row in sample_case.query("root_timeline").rows}
    told = tell(sample_case)
    assert all(set(statement.event_ids) <= known for statement in told)
    assert all(len(statement.places) >= len(statement.event_ids) for statement in told)


def test_the_sample_tells_the_planned_incident(sample_case: rf.Case, expected: dict[str, Any]) -> None:
    told = [(statement.text, statement.level) for statement in tell(sample_case)]
    text = "\n".join(sentence for sentence, _ in told)
    planned = {step["event_name"] for step in expected["story"]}
    for name, words in (
        ("PasswordRecoveryRequested", "asked to recover root's password"),
        ("PasswordRecoveryCompleted", "set a new root password by recovery"),
        ("EmailUpdated", "changed root's e-mail address"),
        ("StopLogging", "stopped a trail"),
        ("CreateUser", "created an IAM user"),
        ("GetFederationToken", "federated session"),
        ("AssumeRoot", "opened a root session with AssumeRoot"),
    ):
        assert name in planned
        assert words in text
    assert f"failed {expected['root']['console_sign_ins']['failure']} times" in text
    unseen = (
        expected["root"]["activity"]
        - expected["root"]["by_origin"]["root_credentials"]
        - expected["root"]["by_origin"]["privileged_session"]
    )
    assert f"would not have seen {unseen} of {expected['root']['activity']} events" in text


def test_no_use_of_root_is_said_with_what_the_logs_cover(tmp_path: Path) -> None:
    told = story_of(tmp_path, event(awsRegion="eu-central-1"))
    assert told[0].startswith("These logs show no use of root by a person, but there may have been some; missing: ")
    assert "logs of us-east-1, us-east-2, us-west-2, where root's sign-ins are recorded" in told[0]
    assert any(
        "us-east-1, us-east-2, us-west-2: root sign-ins recorded there would not be seen" in text for text in told
    )


def test_an_empty_case_proves_nothing(empty_case: rf.Case) -> None:
    assert "proves nothing" in tell(empty_case)[-1].text


def test_a_failed_call_is_not_told_as_done(tmp_path: Path) -> None:
    told = story_of(tmp_path, root_event(eventName="CreateUser", readOnly=False, errorCode="AccessDenied"))
    assert not [text for text in told if "created an IAM user" in text]
    assert any("1 call as root" in text and "refused or failed" in text for text in told)


def test_a_key_for_root_itself_is_told_from_a_key_for_a_user(tmp_path: Path) -> None:
    told = story_of(
        tmp_path,
        root_event(eventName="CreateAccessKey", readOnly=False, requestParameters=None),
        root_event(eventName="CreateAccessKey", readOnly=False, requestParameters={"userName": "maria"}),
        root_event(eventName="CreateAccessKey", readOnly=False, requestParameters="odd"),
    )
    assert f"Root of {ACCOUNT} made an access key for root itself (CreateAccessKey), twice." in told
    assert f"Root of {ACCOUNT} made an access key for the IAM user maria (CreateAccessKey), once." in told


def test_noise_alone_is_no_use(tmp_path: Path) -> None:
    told = story_of(tmp_path, root_event(sourceIPAddress="AWS Internal"))
    assert told[0].startswith("These logs show no use of root by a person")


def test_many_sign_ins_are_told_in_one_sentence(tmp_path: Path) -> None:
    login = {
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "responseElements": {"ConsoleLogin": "Success"},
    }
    records = [
        root_event(**login, additionalEventData={"MFAUsed": "No"}, eventTime=f"2026-08-05T01:{minute:02}:00Z")
        for minute in range(40)
    ]
    told = story_of(tmp_path, *records)
    assert sum("signed in" in text for text in told) == 1
    assert any(f"root of {ACCOUNT} signed in to the console 40 times without MFA" in text for text in told)


def test_the_summary_counts_filtered_and_rejected(tmp_path: Path) -> None:
    write_log(tmp_path, "logs/a.json", [event(), event(eventTime="2020-01-01T00:00:00Z"), {"not": "an event"}])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs", filters=rf.Filters(regions=("us-east-1",), since=rf_time("2026-01-01")))
        events = summarize(case)["events"]
    assert (events["total"], events["filtered"], events["rejected"]) == (1, 1, 1)


def rf_time(text: str) -> Any:
    from rootforensics.ingest.filters import parse_time

    return parse_time(text)


def test_what_a_table_cannot_tell_of_the_alarm_is_not_told_as_unseen(tmp_path: Path) -> None:
    """The console's event history has neither a type nor an invoker: two rows of it, and one record that names one."""
    lines = ["Event name,Event time,User name,Event source,Event ID"]
    lines += [f"ListUsers,2026-08-05T10:00:0{n}Z,root,iam.amazonaws.com,x-{n}" for n in range(2)]
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "history.csv").write_text("\n".join(lines) + "\n")
    console = root_event(identity={"invokedBy": "signin.amazonaws.com"}, eventName="ListRoles")
    told = story_of(tmp_path, console, root_event())
    (unseen,) = [text for text in told if "would not have seen" in text]
    (untold,) = [text for text in told if "cannot tell" in text]
    assert "would not have seen 1 of 4 events" in unseen
    assert "would have seen 2 of 4 events" in untold
