"""Root's story: it says what the records say, and what they cannot."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.telling.story import tell
from rootforensics.telling.summary import summarize
from tests.analysis.lineage.test_blast_radius import did, made_key
from tests.analysis.test_accounts import OTHER, everywhere, of
from tests.builders import ACCOUNT, event, root_event, write_log
from tests.queries.test_root import sign_in
from tests.stories import Story, told_of

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.analysis.analysis import Analysis


def statements_of(*records: dict[str, Any]) -> Story:
    """What is told of these records."""
    return told_of(tell, *records)


def story_of(*records: dict[str, Any]) -> Story:
    """The sentences told of these records."""
    return told_of(lambda analysis: [statement.text for statement in tell(analysis)], *records)


def test_every_sentence_of_the_sample_cites_events_that_exist(sample_analysis: Analysis, sample_case: rf.Case) -> None:
    known = {row["eventID"] for row in sample_case.sql("SELECT eventID FROM events").rows}
    told = tell(sample_analysis)
    assert all(set(one.event_ids) <= known and len(one.citations) == len(one.event_ids) for one in told)
    assert all(one.event_ids for one in told if one.level == "bad" and one.stands_in != "coverage")


@pytest.mark.heavy
def test_the_table_is_in_order_of_time(sample_case: rf.Case, sample_analysis: Analysis) -> None:
    rows = sample_case.story().rows
    times = [row["text"][:19] for row in rows if row["detail"] and row["text"][:4] == "2026"]
    assert len(times) > 50
    assert times == sorted(times)
    assert sorted(row["text"] for row in rows) == sorted(one.text for one in tell(sample_analysis))


def test_the_sample_tells_the_planned_incident(sample_analysis: Analysis, expected: dict[str, Any]) -> None:
    told = [(statement.text, statement.level) for statement in tell(sample_analysis)]
    text = "\n".join(sentence for sentence, _ in told)
    planned = {step["event_name"] for step in expected["story"]}
    for name, words in (
        ("PasswordRecoveryRequested", "Someone requested recovery of root's password"),
        ("PasswordRecoveryCompleted", "Someone reset root's password through a recovery e-mail"),
        ("EmailUpdated", "Root changed root's e-mail address"),
        ("StopLogging", "Root stopped trail prod-trail"),
        ("CreateUser", "Root created IAM user support-sync"),
        ("GetFederationToken", "Root issued federated session"),
        ("AssumeRoot", "opened a privileged root session"),
    ):
        assert name in planned
        assert words in text
    failed = text.count("Someone tried to sign in to the console; failed")
    assert failed == expected["root"]["console_sign_ins"]["failure"]
    unseen = (
        expected["root"]["activity"]
        - expected["root"]["by_origin"]["root_credentials"]
        - expected["root"]["by_origin"]["privileged_session"]
    )
    assert f"misses {unseen} of {expected['root']['activity']} events" in text


def test_the_most_severe_answers_come_first_and_the_limits_before_the_details(sample_analysis: Analysis) -> None:
    told = tell(sample_analysis)
    taken = "account 111122223333"
    assert told[0].text.startswith(f"A{taken[1:]}: likely takeover, 9 of 9 checks failed. Root was used ")
    brief = [one for one in told if not one.detail]
    assert told == [*brief, *(one for one in told if one.detail)]
    timed = r"^(\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d: "
    texts = [re.sub(timed, "", one.text) for one in brief if one.event_ids and one.level == "bad"]
    bad = [text.split(": ")[0] for text in texts]
    *bad, off = bad
    assert off == "1 trail still off that root did not stop"
    assert texts[-1].partition(": ")[2].startswith("siem-export of account 111122223333 (stopped by ")
    assert bad[1:] == [
        f"Password changed in {taken}",
        f"Persistence not removed in {taken}",
        f"No valid MFA in {taken}",
        f"Access keys of root in {taken}",
        f"Data exposed in {taken}",
        f"MFA removed in {taken}",
        f"Money spent in {taken}",
        f"Ownership changed in {taken}",
        f"Logging impaired in {taken}",
    ]
    assert brief[-1].text.startswith("There are no logs from us-east-2 of account 777788889999")


def test_the_use_of_root_begins_with_its_first_use_and_has_the_number_of_the_verdict(sample_analysis: Analysis) -> None:
    told = tell(sample_analysis)
    for account in sample_analysis.verdicts:
        (use,) = [answer for answer in account.answers if answer.name == "used_by_person"]
        (said,) = [one for one in told if one.text.startswith(f"Account {account.account_id}: ")]
        assert set(said.event_ids) == set(use.event_ids)
        assert f"a person: {len(use.event_ids)} events (" in said.text
        assert f" from {use.first_time:%Y-%m-%d %H:%M:%S} to " in said.text


async def test_who_only_asked_for_a_recovery_did_not_use_root() -> None:
    asked = sign_in(eventName="PasswordRecoveryRequested", responseElements={"PasswordRecoveryRequested": "Success"})
    told = await story_of(*everywhere(ACCOUNT), asked)
    assert [text for text in told if "saw only requests to recover its password, which anyone can make: 1 ev" in text]
    assert not [text for text in told if "was used by a person" in text]


async def test_whether_anybody_got_in_is_told_as_unknown_where_it_is() -> None:
    """Two of the three Regions in which root signs in are missing, so the verdict does not say no."""
    told = await story_of(event(), sign_in(outcome="Failure"))
    assert [text for text in told if text.startswith(f"Account {ACCOUNT}: attempt, use by people unknown, ")]
    (unknown,) = [text for text in told if text.startswith("Inconclusive in")]
    assert unknown.startswith(f"Inconclusive in account {ACCOUNT}: MFA of each use, ")


def test_every_bad_answer_is_told_with_all_its_events(sample_analysis: Analysis) -> None:
    told = {one.event_ids for one in tell(sample_analysis) if one.level == "bad" and not one.detail}
    for account in sample_analysis.verdicts:
        for answer in account.answers:
            if answer.answer == "yes" and answer.name != "used_by_person":
                assert [ids for ids in told if set(answer.event_ids) <= set(ids)], answer.name


async def test_what_went_before_a_sign_in_is_cited_with_it() -> None:
    """Two failures from its address and a recovery count; one from elsewhere, an old one, one after it do not."""
    failed = [
        sign_in(outcome="Failure", eventTime=f"2026-08-05T0{time}Z", sourceIPAddress=source)
        for time, source in (
            ("0:58:00", "203.0.113.7"),
            ("1:10:00", "203.0.113.7"),
            ("1:20:00", "198.51.100.9"),
            ("1:30:00", "203.0.113.7"),
            ("2:10:00", "203.0.113.7"),
        )
    ]
    recovered = sign_in(
        eventName="PasswordRecoveryCompleted",
        responseElements={"PasswordRecoveryCompleted": "Success"},
        eventTime="2026-08-05T01:40:00Z",
    )
    gained_access = sign_in(
        eventTime="2026-08-05T02:00:00Z", sourceIPAddress="203.0.113.7", additionalEventData={"MFAUsed": "No"}
    )
    story = await statements_of(*failed, recovered, gained_access)
    expected = [one["eventID"] for one in (gained_access, failed[1], failed[3], recovered)]
    words = ", after 2 failures and a password recovery within the hour"
    (answer, step) = [one.event_ids for one in story if words in one.text]
    assert list(answer)[: len(expected)] == expected
    assert step == (gained_access["eventID"],)


async def test_a_request_that_anyone_can_send_is_no_recovery() -> None:
    requested = sign_in(
        eventName="PasswordRecoveryRequested",
        responseElements={"PasswordRecoveryRequested": "Success"},
        eventTime="2026-08-05T01:40:00Z",
    )
    entered = sign_in(eventTime="2026-08-05T02:00:00Z", additionalEventData={"MFAUsed": "No"})
    texts = " ".join(statement.text for statement in await statements_of(requested, entered))
    assert ", after a recovery request within the hour" in texts
    assert "password recovery within" not in texts
    assert "password recovered" not in texts


async def test_what_befell_an_account_without_root_is_told() -> None:
    """A management account can close another: that is a failed check, though root was active in no account."""
    closed = event(
        eventSource="organizations.amazonaws.com", eventName="CloseAccount", requestParameters={"accountId": OTHER}
    )
    said = await statements_of(*everywhere(ACCOUNT), *everywhere(OTHER), closed)
    assert said[0].text == "These logs show no use of root by a person."
    assert said[1].level == "bad"
    assert "Ownership changed: " in said[1].text
    assert said[1].event_ids == (closed["eventID"],)


async def test_a_member_that_was_taken_from_above_was_not_opened() -> None:
    said = await story_of(*everywhere(ACCOUNT), did("organizations:CloseAccount", 1, {"accountId": OTHER}))
    assert [text for text in said if f"Ownership changed in account {OTHER}" in text]
    assert not [text for text in said if "AssumeRoot" in text]


async def test_a_sign_in_that_does_not_say_how_it_went_is_no_use() -> None:
    said = await story_of(*everywhere(ACCOUNT), did("signin:ConsoleLogin", 1))
    assert [text for text in said if "Root saw sign-ins with an outcome that is not recorded: 1 event at " in text]
    (check,) = [text for text in said if "No valid MFA" in text]
    assert "someone tried to sign in to the console without MFA" in check
    assert check.endswith("; the outcome is not recorded.")
    assert not [text for text in said if "signed in" in text]


@pytest.mark.heavy
async def test_of_many_accounts_the_first_twenty_are_told_and_the_others_counted() -> None:
    """In each the trail is stopped; in the last two instances are started, too, so that they come first."""
    records = [record for number in range(30) for record in everywhere(f"{number:012}")]
    for number in range(30):
        stopped = of(f"{number:012}", did("cloudtrail:StopLogging", 1, {"name": "t"}))
        records += [stopped] + [of(f"{number:012}", did("ec2:RunInstances", 3, {}))] * (number >= 28)
    told = [one for one in await statements_of(*records) if not one.detail]
    results = [one.text for one in told if one.text.startswith("Account ")]
    assert [text[8:20] for text in results] == [f"{number:012}" for number in (28, 29, *range(18))]
    assert all("likely takeover, " in text for text in results)
    assert [one.text for one in told if one.text.startswith("and ")] == [
        "and 10 more accounts: problems in 10: rootforensics verdict CASE"
    ]
    impaired = [one for one in told if ": Logging impaired in account " in one.text]
    assert [len(one.event_ids) for one in impaired] == [1] * 20
    assert len([one for one in told if ": Money spent in account 00000000002" in one.text]) == 2


async def test_a_name_of_any_length_is_cut_in_a_sentence() -> None:
    long = "x" * 40_000
    login = {
        "eventSource": "signin.amazonaws.com",
        "eventName": "ConsoleLogin",
        "responseElements": {"ConsoleLogin": "Success"},
        "additionalEventData": {"MFAUsed": "No"},
        "sourceIPAddress": long,
    }
    made = made_key("AKIANEW", 1, long)
    told = await story_of(root_event(**login), made, root_event(sourceIPAddress=long, eventName="ListUsers"))
    assert any("x…" in text for text in told)
    assert max(map(len, told)) < 1_200


async def test_no_use_of_root_is_said_with_what_the_logs_cover() -> None:
    told = await story_of(event(awsRegion="eu-central-1"))
    assert told[0].startswith(
        f"Account {ACCOUNT}: no use in the logs. These logs show no use of root by a person, but they are incomplete. "
    )
    assert "logs from us-east-1, us-east-2, us-west-2, where root sign-ins may be recorded" in told[0]
    assert any("us-east-1, us-east-2, us-west-2, so root sign-ins there may be missing." in text for text in told)


def test_an_empty_case_proves_nothing(empty_case: rf.Case) -> None:
    told = tell(empty_case.analysis())
    assert "proves nothing" in told[0].text
    assert not [one.text for one in told if "unknown" in one.text]


async def test_a_failed_call_is_not_told_as_done() -> None:
    told = await story_of(root_event(eventName="CreateUser", readOnly=False, errorCode="AccessDenied"))
    assert not [text for text in told if "Root created" in text]
    assert any("Root tried to create an IAM user; denied (AccessDenied)" in text for text in told)


async def test_a_key_for_root_itself_is_told_from_a_key_for_a_user() -> None:
    told = await story_of(
        root_event(eventName="CreateAccessKey", readOnly=False, requestParameters=None),
        root_event(eventName="CreateAccessKey", readOnly=False, requestParameters={"userName": "maria"}),
        root_event(eventName="CreateAccessKey", readOnly=False, requestParameters="odd"),
    )
    steps = [text.partition(": ")[2] for text in told]
    assert sum(text.startswith("Root created an access key for root itself") for text in steps) == 2
    assert sum(text.startswith("Root created an access key, from") for text in steps) == 1


async def test_noise_alone_is_no_use() -> None:
    told = await story_of(root_event(sourceIPAddress="AWS Internal"))
    assert told[0].startswith(f"Account {ACCOUNT}: no use in the logs. These logs show no use of root by a person")
    assert "AWS services made 1 event as root; root-noise lists them." in told


async def test_noise_beside_activity_is_more() -> None:
    told = await story_of(root_event(sourceIPAddress="AWS Internal"), root_event())
    assert "AWS services made 1 more event as root; root-noise lists them." in told


async def test_events_without_a_time_are_of_no_time() -> None:
    told = await story_of(root_event(eventTime="garbage"), root_event(eventTime=None))
    assert [text for text in told if "Root was used by a person: 2 events at an unknown time, from" in text]
    (scope,) = [text for text in told if text.startswith("The logs in this case are")]
    assert "The logs in this case are at an unknown time, for Region us-east-1" in scope


async def test_events_without_a_time_are_told_apart_from_those_with_one() -> None:
    timed = [root_event(eventTime=f"2026-08-05T01:0{minute}:00Z") for minute in (0, 1)]
    told = await story_of(*timed, root_event(eventTime="garbage"), sign_in(eventTime=None))
    (used,) = [text for text in told if "was used by a person" in text]
    assert "a person: 4 events from 2026-08-05 01:00:00 to 01:01:00 (2 of them without a time), from" in used
    assert any(text.startswith("an unknown time: Root signed in to the console") for text in told)


@pytest.mark.heavy
def test_the_summary_counts_filtered_and_rejected(tmp_path: Path) -> None:
    write_log(tmp_path, "logs/a.json", [event(), event(eventTime="2020-01-01T00:00:00Z"), {"not": "an event"}])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs", filters=rf.Filters(regions=("us-east-1",), since=rf_time("2026-01-01")))
        events = summarize(case.analysis())["events"]
    assert (events["total"], events["filtered"], events["rejected"]) == (1, 1, 1)


def rf_time(text: str) -> Any:
    from rootforensics.ingest.filters import parse_time

    return parse_time(text)


@pytest.mark.heavy
def test_what_a_table_cannot_tell_of_the_alarm_is_not_told_as_unseen(tmp_path: Path) -> None:
    """The console's event history has neither a type nor an invoker: two rows of it, and one record that names one."""
    lines = ["Event name,Event time,User name,Event source,Event ID"]
    lines += [f"ListUsers,2026-08-05T10:00:0{n}Z,root,iam.amazonaws.com,x-{n}" for n in range(2)]
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "history.csv").write_text("\n".join(lines) + "\n")
    console = root_event(identity={"invokedBy": "signin.amazonaws.com"}, eventName="ListRoles")
    write_log(tmp_path / "logs", "a.json", [console, root_event()])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        told = [statement.text for statement in tell(case.analysis())]
    (unseen,) = [text for text in told if "misses" in text]
    (unknown,) = [text for text in told if "do not show whether" in text]
    assert "misses 1 of 4 events" in unseen
    assert "For 2 of 4 events of root activity, the records lack fields" in unknown


def marked(call: str, minute: int, address: str, service: str = "AWS Internal") -> dict[str, Any]:
    """A call that is attributed to root and the mark of a service."""
    return did(call, minute, identity={"invokedBy": service}, sourceIPAddress=address)


async def test_what_names_a_service_and_comes_from_a_network_address_is_told() -> None:
    persons = marked("iam:CreateUser", 1, "203.0.113.9")
    told = {one.text: one for one in await statements_of(persons, marked("kms:CreateGrant", 2, "AWS Internal"))}
    (text,) = [text for text in told if "Probably a person made them" in text]
    assert text.startswith("1 event of root names an AWS service as the caller")
    assert (told[text].event_ids, told[text].level) == ((persons["eventID"],), "bad")
    assert "AWS services made 1 event as root; root-noise lists them." in told


async def test_what_services_did_on_roots_order_is_told_and_what_they_do_all_day_is_not() -> None:
    ssm = "ssm.amazonaws.com"
    ordered = marked("guardduty:DeleteDetector", 2, ssm, ssm)
    started = did("ssm:StartAutomationExecution", 1)
    told = await statements_of(started, ordered, marked("ec2:CreateTags", 3, "backup.amazonaws.com"))
    words = f"AWS services made changes as root, after root called them: DeleteDetector (by {ssm})."
    assert [one.event_ids for one in told if one.text == words] == [(ordered["eventID"],)]
    assert not any("AWS services made changes as root" in text for text in await story_of(started))
