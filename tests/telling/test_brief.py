"""The brief: whoever reads nothing else knows which account was taken over, since when, how, what is open, what comes first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

import rootforensics as rf
from rootforensics.analysis.analysis import analysis_of
from rootforensics.analysis.one_window import OneWindow
from rootforensics.phrases import iso
from rootforensics.telling.brief import Brief, brief
from rootforensics.telling.summary import summarize
from tests.analysis.lineage.test_blast_radius import did, made_key, user
from tests.analysis.test_accounts import OTHER, everywhere, of
from tests.builders import ACCOUNT, event, root_event, write_log
from tests.queries.test_root import sign_in
from tests.stories import Story, alone, told_of

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.queries.asking import Asks


def made(case: Asks) -> Brief:
    return brief(analysis_of(case))


def told(*records: dict[str, Any]) -> Story:
    return told_of(made, *records)


@pytest.fixture(scope="module")
def of_sample(sample_analysis: Analysis) -> Brief:
    return brief(sample_analysis)


def test_the_sample_tells_the_takeover_from_proper_use(of_sample: Brief) -> None:
    kinds = [(account.account_id, account.standing.kind, account.standing.is_bad) for account in of_sample.accounts]
    assert kinds == [
        ("111122223333", "takeover", True),
        ("444455556666", "use", False),
        ("777788889999", "privileged_session", False),
    ]
    texts = [sentence.text for sentence in of_sample.accounts[0].sentences]
    use, entry, second_entry, third_entry, more, persistence, *harm = texts[:-5]
    attempts, followed, device, is_open, served = texts[-5:]
    assert followed == (
        "Follow-on activity, by what root created or changed, lasted until 2026-08-05 06:11:02: user support-sync (9 calls), from 198.51.100.23."
        " It created role OrgAuditAccess that trusts account 999988887777."
    )
    assert device.startswith(
        "Root had an MFA device: it was deactivated at 2026-08-05 01:41:15, after a use without MFA."
    )
    assert use.startswith(
        "On 5 August 2026, between 01:12 and 05:13 UTC, someone likely took over and used the root user of account 1"
    )
    assert "from 203.0.113.77 (79), non-public address 100.127.8.67 (1), 198.51.100.23 (54), " in use
    assert attempts == (
        "5 other attempts to use root failed, "
        "from 203.0.113.91 (1 at 2026-08-03 22:41:09) and 203.0.113.77 (4 from 2026-08-05 01:03:41 to 01:21:10). "
        "Each would have triggered a CIS root-usage alarm."
    )
    for words in (
        "reset root's password through a recovery e-mail",
        "signed in to the console without MFA, from 203.0.113.77",
        "created access key AKIA7P5O2MSTTEXAMPLE for root itself",
    ):
        assert words in entry
    assert "deactivated MFA device root-account-mfa-device of root" in second_entry
    assert "changed root's e-mail address" in third_entry
    assert more.startswith("They also created a virtual MFA device, created a console password, ")
    assert more.endswith(", and signed in to the console with MFA (7 calls).")
    assert persistence == "They created IAM user support-sync and made it an administrator."
    for words in (
        "read 3 secrets (prod/checkout/db, prod/secret-4, prod/secret-5)",
        "shared snapshot snap-0fedcba9876543210 with account 999988887777",
        "put a policy on bucket acme-invoices-prod that gives account 999988887777 access",
        "launched 20 instances (",
        "stopped trail prod-trail",
    ):
        assert words in " ".join(harm)
    assert not any("ailed checks" in text for text in texts), "the sentences cite an event of each failed check"
    for name in ("access key AKIA7P5O2MSTTEXAMPLE", "user support-sync", "root e-mail address"):
        assert name in is_open
    assert served == (
        "AWS recorded that another account created a volume from a snapshot "
        "at 2026-08-06 16:20:09 (after data was exposed) and at 2026-08-03 16:20:09 (before). "
        "The records do not show who caused this or which snapshot it was."
    )


def test_words_that_are_ours_are_told_where_they_stand(of_sample: Brief) -> None:
    assert of_sample.limits[0].text.startswith("A failed check does not prove a takeover.")


def test_its_moments_are_those_of_the_plan(of_sample: Brief, expected: dict[str, Any]) -> None:
    planned = {step["event_id"]: step["event_name"] for step in expected["story"]}
    assert 10 <= len(of_sample.moments) <= 20
    times = [line.from_time for line in of_sample.moments]
    assert times == sorted(times)
    shown = {planned[one] for line in of_sample.moments for one in line.event_ids if one in planned}
    assert shown >= {
        "PasswordRecoveryCompleted",
        "ConsoleLogin",
        "CreateAccessKey",
        "DeactivateMFADevice",
        "AttachUserPolicy",
        "CreateUser",
        "ModifySnapshotAttribute",
        "RunInstances",
        "EmailUpdated",
        "StopLogging",
    }
    assert {line.account_id for line in of_sample.moments} == {"111122223333", "444455556666", "777788889999"}


def test_a_short_list_of_moments_keeps_what_the_first_steps_stand_on(
    of_sample: Brief, expected: dict[str, Any]
) -> None:
    planned = {step["event_id"]: step["event_name"] for step in expected["story"]}
    kept = of_sample.ranked[:10]  # what the shortest two sheets have
    assert {line.account_id for line in kept} == {"111122223333"}
    assert {planned.get(line.event_ids[0]) for line in kept} >= {"EmailUpdated", "DeactivateMFADevice", "StopLogging"}
    cited = {place for line in of_sample.ranked[:14] for place in line.citations}
    denied, *steps = sorted(of_sample.steps, key=lambda step: not step.what.startswith("An SCP denied"))
    assert cited >= {step.citation for step in steps}
    assert denied.citation not in cited  # a call that was denied is no key moment


def test_its_times_are_those_of_the_plan(of_sample: Brief, expected: dict[str, Any]) -> None:
    at = {step["event_id"]: step["time"] for step in expected["story"]}
    first, last, ended = of_sample.accounts[0].times
    assert iso(first.from_time) == at[first.event_ids[0]] == "2026-08-05T01:12:08Z"
    assert first.text.endswith(
        "(requested recovery of root's password, from 203.0.113.77; would have triggered a CIS root-usage alarm)"
    )
    assert iso(last.from_time) == "2026-08-05T05:13:40Z"
    assert ended.text == (
        "First reversal by another user: 2026-08-05 07:28:08 "
        "(bucket acme-invoices-prod changed by ana.souza@example.com; 6 h 16 min later)"
    )


def test_what_is_open_and_what_comes_first(of_sample: Brief) -> None:
    told = " / ".join(one.text for one in of_sample.still_open)
    assert "access key AKIA7P5O2MSTTEXAMPLE, created at 2026-08-05 01:34:26, not deactivated" in told
    # Others disabled its key and removed its password.
    assert "user support-sync, created at 2026-08-05 01:52:11, not deleted" in told
    assert "AKIALSWC6RQFSEXAMPLE, active" not in told  # the owners disabled it
    assert (
        "root password of account 111122223333, changed at 2026-08-05 01:19:47, not restored (PasswordRecoveryCompleted)"
        in told
    )
    assert "bucket acme-invoices-prod" not in told  # others put another policy back, which lets nobody in
    assert (
        "security group sg-0a1b2c3d4e5f60718 in eu-central-1, created at 2026-08-05 03:06:20, not deleted (CreateSecurityGroup); "
        "still open to everyone since 2026-08-05 03:06:31" in told
    )
    assert "of user support-sync); it trusts account 999988887777" in told
    assert of_sample.steps[0].what.startswith("At once, save the lifecycle rules of bucket")
    assert of_sample.steps[1].what.startswith("An SCP denied root's last calls")
    assert of_sample.step_count > len(of_sample.steps)


def test_what_is_open_is_the_same_wherever_it_is_told(of_sample: Brief, sample_analysis: Analysis) -> None:
    radius = sample_analysis.radius
    opened = {row["citation"]: set(row["citations"]) for row in radius.still_open}
    assert of_sample.open_count == len(radius.result(only_open=True)) == len(opened) == 14
    assert summarize(sample_analysis)["blast_radius"]["still_open"] == 14
    assert [said.citations[0] for said in of_sample.still_open] == list(opened)[:8]
    (told_of_it,) = [part for part in of_sample.sections() if "Still open" in part.heading]
    assert told_of_it.statements[-1].text == "and 6 more: rootforensics blast-radius CASE --open"
    # Containment has a step for each, its password included, and others for root itself alone.
    steps = [step for verdict in sample_analysis.verdicts for step in verdict.steps]
    assert all(any(step.citation in own for step in steps) for own in opened.values())
    beside = [step.what.partition(" ")[0] for step in steps if not any(step.citation in own for own in opened.values())]
    assert beside == ["An", "Rotate", "Ask", "Ask", "Ask"]
    persistence = next(
        answer for answer in sample_analysis.verdict_of("111122223333").answers if answer.name == "persistence"
    )
    first = radius.still_open[:6]
    assert [row["entity_kind"] for row in first] == [
        "root password",
        "access key",
        "MFA device",
        "user",
        "root e-mail address",
        "role",
    ]
    assert {*persistence.citations} == {row["citation"] for row in first}


async def test_what_root_switched_off_and_is_no_entity_is_open_until_it_is_on_again() -> None:
    off = did("securityhub:DisableSecurityHub", 1, None)
    found = await told(*everywhere(ACCOUNT), off)
    own, *more = found.still_open
    assert own.text.startswith("access key AKIAEXAMPLEROOTKEY00, active")  # root's own, by which it was used
    assert [one.event_ids for one in more] == [(off["eventID"],)]
    on = did("securityhub:EnableSecurityHub", 2, None, who=user("owner", "AKIAOWNER"))
    assert (await told(*everywhere(ACCOUNT), off, on)).still_open[1:] == ()


CHANGED_BACK = did("signin:EmailUpdated", 9, None, {"EmailUpdated": "Success"}, sourceIPAddress="192.0.2.10")


@pytest.mark.parametrize(
    ("call", "request_", "named"),
    [
        ("signin:EmailUpdated", None, ""),
        ("iam:UpdateAccountEmailAddress", None, ""),
        ("account:AcceptPrimaryEmailUpdate", {"otp": "HIDDEN_DUE_TO_SECURITY_REASONS"}, ""),
        ("account:AcceptPrimaryEmailUpdate", {"primaryEmail": "HIDDEN_DUE_TO_SECURITY_REASONS"}, ""),
        (
            "account:AcceptPrimaryEmailUpdate",
            {"primaryEmail": "new@example.net"},
            "; the request names new@example.net",
        ),
    ],
)
@pytest.mark.parametrize("later", [[], [CHANGED_BACK]], ids=["changed", "perhaps changed back"])
async def test_a_changed_address_of_root_is_open_whatever_it_is_changed_to_later(
    call: str, request_: Any, named: str, later: list[dict[str, Any]]
) -> None:
    changed = did(call, 1, request_, {"EmailUpdated": "Success"})
    found = await told(*everywhere(ACCOUNT), changed, *later)
    (line,) = [line for line in found.still_open if "e-mail" in line.text]
    assert line.event_ids == (changed["eventID"],)
    name = call.partition(":")[2]
    text = f"root e-mail address of account {ACCOUNT}, changed at 2026-08-05 10:01:00, not restored ({name}){named}"
    assert (line.text, line.level) == (text, "bad")
    refused = await told(*everywhere(ACCOUNT), changed | {"errorCode": "AccessDenied"})
    assert not [line for line in refused.still_open if "e-mail" in line.text]


@pytest.mark.heavy
def test_a_note_accepts_that_the_address_of_root_was_changed(tmp_path: Path) -> None:
    changed = did("signin:EmailUpdated", 1, None, {"EmailUpdated": "Success"})
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(write_log(tmp_path, "log.json", [*everywhere(ACCOUNT), changed]))
        case.note(changed["eventID"], "ours", tag="contained", author="maria")
        lines = brief(case.analysis()).still_open
    assert lines[-1].event_ids == (changed["eventID"],)  # what was accepted comes last
    assert lines[-1].level == "note"
    assert "(EmailUpdated); accepted: " in lines[-1].text


async def test_what_an_identity_switched_off_that_no_record_names_is_open() -> None:
    off = did("securityhub:DisableSecurityHub", 9, None, who=user("made", "AKIAMADE"))
    del off["userIdentity"]["arn"]
    found = await told(*everywhere(ACCOUNT), made_key("AKIAMADE", 1, "made"), off)
    (line,) = [one.text for one in found.still_open if one.event_ids == (off["eventID"],)]
    assert line.endswith("by an identity that the record does not name)")


@pytest.mark.parametrize(
    ("calls", "count"), [(["ScheduleKeyDeletion"], 1), (["ScheduleKeyDeletion", "CancelKeyDeletion", "EnableKey"], 0)]
)
async def test_a_key_that_is_to_be_deleted_is_open(calls: list[str], count: int) -> None:
    found = await told(
        *everywhere(ACCOUNT), *(did(f"kms:{call}", minute, {"keyId": "k"}) for minute, call in enumerate(calls))
    )
    assert found.open_count == count + 1  # with root's own key, by which it was used


def test_it_is_a_table_too(of_sample: Brief) -> None:
    """It was 50,000 letters of Python where it stood on a line of its own."""
    rows = of_sample.result().rows
    assert [row["section"] for row in rows][:4] == [of_sample.accounts[0].standing.heading] * 4
    assert len(of_sample.df()) == len(of_sample.pl()) == pa.table(of_sample).num_rows == len(rows)
    assert sum(row["command"] is not None for row in rows) == sum(bool(step.command) for step in of_sample.steps) > 0
    head, *lines = repr(of_sample).splitlines()
    assert head == f"<Brief brief: {len(rows)} rows, 7 columns>"
    assert len(lines) <= 6
    assert max(map(len, lines)) <= 120


def test_every_line_cites_events_of_the_case(of_sample: Brief, sample_case: rf.Case) -> None:
    known = {row["eventID"] for row in sample_case.sql("SELECT eventID FROM events").rows}
    said = [statement for section in of_sample.sections() for statement in section.statements]
    assert {one for each in said for one in each.event_ids} <= known
    without = [one.text for one in said if not one.event_ids and not one.stands_in and not one.text.startswith("and ")]
    assert without == []


def test_an_approved_use_is_none_to_answer_for(sample_approved: Analysis) -> None:
    of_account = {account.account_id: account.standing for account in brief(sample_approved).accounts}
    assert (of_account["444455556666"].kind, of_account["444455556666"].is_bad) == ("approved_use", False)
    assert of_account["111122223333"].is_bad


@pytest.mark.heavy
def test_nobody_used_root() -> None:
    found = alone(told(event(awsRegion="eu-west-3")))
    (account,) = found.accounts
    assert account.standing.kind == "unseen"
    assert "no use of root by a person" in account.sentences[0].text
    assert (account.times, found.moments, found.still_open, found.steps) == ((), (), (), ())


async def test_attempts_are_no_access() -> None:
    found = await told(*everywhere(ACCOUNT), sign_in(outcome="Failure"))
    (account,) = found.accounts
    assert account.standing.heading.startswith(f"Account {ACCOUNT}: attempt, no check failed")
    assert account.times == ()
    assert not any("session" in sentence.text for sentence in account.sentences)


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("call", "did_there"),
    [
        ("account:AcceptPrimaryEmailUpdate", f"completed a change of root's e-mail address of account {OTHER}"),
        ("organizations:CloseAccount", f"closed member account {OTHER}"),
        ("organizations:RemoveAccountFromOrganization", f"removed account {OTHER} from the organization"),
    ],
)
def test_what_another_account_changed_is_told_of_a_member_without_use(call: str, did_there: str) -> None:
    changed = did(call, 3, {"accountId": OTHER})
    found = alone(told(*everywhere(ACCOUNT), *everywhere(OTHER), changed))
    (member,) = [account for account in found.accounts if account.account_id == OTHER]
    first, *others = member.sentences
    assert first.text == f"On 5 August 2026, at 10:03 UTC, root of account {ACCOUNT} {did_there}."
    assert (first.level, first.event_ids) == ("bad", (changed["eventID"],))
    assert member.standing.bad, "the check fails, and the sentence on the act shows it"
    assert not any("ailed checks" in sentence.text for sentence in others)


@pytest.mark.heavy
def test_who_opened_a_session_in_a_member_is_told() -> None:
    admin = user("admin", "AKIAADMIN")
    opened = did("sts:AssumeRoot", 3, {"targetPrincipal": OTHER}, who=admin)
    started = did("account:StartPrimaryEmailUpdate", 4, {"accountId": OTHER}, who=admin)
    found = alone(told(*everywhere(ACCOUNT), *everywhere(OTHER), opened, started))
    (member,) = [account for account in found.accounts if account.account_id == OTHER]
    session, change, *_ = member.sentences
    assert session.text == (
        f"On 5 August 2026, at 10:03 UTC, user/admin of account {ACCOUNT} opened a root session "
        "(AssumeRoot), from 198.51.100.7."
    )
    assert change.text == (
        f"On 5 August 2026, at 10:04 UTC, user/admin of account {ACCOUNT} "
        f"started a change of root's e-mail address of account {OTHER}."
    )
    assert (session.event_ids, change.event_ids) == ((opened["eventID"],), (started["eventID"],))


@pytest.mark.heavy
def test_a_brief_of_a_time_has_no_change_of_another_time() -> None:
    def later(case: Asks) -> Brief:
        return brief(OneWindow(analysis_of(case), datetime(2026, 8, 6, tzinfo=UTC), None))

    closed = did("organizations:CloseAccount", 3, {"accountId": OTHER})
    found = alone(told_of(later, *everywhere(ACCOUNT), *everywhere(OTHER), closed))
    texts = [sentence.text for account in found.accounts for sentence in account.sentences]
    assert texts
    assert not any("closed" in text for text in texts)


async def test_addresses_that_nothing_links_are_told_separately() -> None:
    earlier = event(eventTime="2026-08-03T10:00:00Z")
    entered = sign_in(eventTime="2026-08-05T10:00:00Z", sourceIPAddress="203.0.113.66")
    elsewhere = sign_in(eventTime="2026-08-05T11:00:00Z", sourceIPAddress="192.0.2.200")
    (account,) = (await told(*everywhere(ACCOUNT), earlier, entered, elsewhere)).accounts
    takeover, other = [statement for statement in account.sentences if "1 event" in statement.text]
    assert (takeover.event_ids, other.event_ids) == ((elsewhere["eventID"],), (entered["eventID"],))
    # A network links the two.
    near = entered | {"sourceIPAddress": "192.0.2.199"}
    (account,) = (await told(*everywhere(ACCOUNT), earlier, near, elsewhere)).accounts
    (takeover,) = [statement for statement in account.sentences if "2 events" in statement.text]
    assert takeover.text.endswith("from 192.0.2.199 (1) and 192.0.2.200 (1).")


async def test_what_root_ended_itself_contains_nothing() -> None:
    """It takes back what it made: only what somebody else ended tells when it was contained."""
    made = did("iam:CreateUser", 1, {"userName": "eve"}, {"user": {"userName": "eve"}})
    gone = did("iam:DeleteUser", 2, {"userName": "eve"})
    found = await told(*everywhere(ACCOUNT), made, gone)
    assert found.accounts[0].times[-1].from_time is None
    owner = did("iam:DeleteUser", 3, {"userName": "eve"}, who=user("owner", "AKIAOWNER"))
    found = await told(*everywhere(ACCOUNT), made, owner)
    assert found.accounts[0].times[-1].event_ids == (owner["eventID"],)


async def test_what_others_did_to_the_logs_is_no_moment_of_root() -> None:
    stopped = did("cloudtrail:StopLogging", 2, {"name": "t"}, who=user("owner", "AKIAOWNER"))
    by_root = did("cloudtrail:StopLogging", 3, {"name": "t"})
    found = await told(*everywhere(ACCOUNT), stopped, by_root)
    assert [line.event_ids[0] for line in found.moments if "stopped trail t" in line.text] == [by_root["eventID"]]
    assert (await told(*everywhere(ACCOUNT), stopped)).moments == ()


async def test_events_that_name_other_objects_are_moments_of_their_own_and_long_lists_are_cut() -> None:
    records = [made_key(f"AKIA{number:03}", number % 60, f"user{number}") for number in range(30)]
    found = await told(*everywhere(ACCOUNT), *records, did("iam:DeleteUser", 59, {"userName": "bob"}))
    keys = [line for line in found.moments if "AKIA" in line.text]
    assert all(f"created access key AKIA{int(line.from_time.minute):03}" in line.text for line in keys)
    assert found.moment_count >= 31
    assert any("deleted IAM user bob" in line.text for line in found.moments)  # not crowded out by keys
    assert len(found.still_open) < found.open_count == 31  # with root's own key
    assert all(len(statement.text) < 700 for section in found.sections() for statement in section.statements)


async def test_events_that_differ_in_nothing_but_their_time_are_one_moment() -> None:
    found = await told(*everywhere(ACCOUNT), *(sign_in(eventTime=f"2026-08-05T10:0{n}:00Z") for n in range(3)))
    (line,) = [line for line in found.moments if line.kind == "sign_in"]
    assert line.text.endswith("; twice more until 2026-08-05 10:02:00")


async def test_each_sign_in_stands_under_the_address_that_made_it() -> None:
    """The owner's sign-in came first; the other one is not printed under the owner's address."""
    owner = sign_in(eventTime="2026-08-05T10:00:00Z", sourceIPAddress="192.0.2.10")
    other = sign_in(eventTime="2026-08-05T10:30:00Z", sourceIPAddress="203.0.113.66")
    found = await told(*everywhere(ACCOUNT), owner, other)
    lines = [(line.source_ips, line.event_ids) for line in found.moments if line.kind == "sign_in"]
    assert lines == [(("192.0.2.10",), (owner["eventID"],)), (("203.0.113.66",), (other["eventID"],))]


@pytest.mark.heavy
async def test_more_accounts_than_fit_are_counted() -> None:
    found = await told(*(of(f"{number:012}", root_event()) for number in range(1, 10)))
    assert (len(found.accounts), found.account_count) == (6, 9)


async def test_what_the_logs_hold_is_text_in_a_notebook() -> None:
    hostile = "<img src=x onerror=alert(1)>"
    found = await told(*everywhere(ACCOUNT), did("iam:CreateUser", 1, {"userName": hostile}))
    assert hostile not in found._repr_html_()
    assert "&lt;img" in found._repr_html_()


def test_an_empty_case_says_nothing_about_root(empty_case: rf.Case) -> None:
    found = empty_case.brief()
    assert found.accounts == ()
    assert OTHER not in found._repr_html_()


async def test_where_all_failed_no_event_is_said_to_have_worked() -> None:
    denied = root_event(
        eventName="ListUsers", errorCode="AccessDenied", identity={"accessKeyId": "AKIAEXAMPLEROOTKEY00"}
    )
    found = await told(*everywhere(ACCOUNT), denied)
    (account,) = found.accounts
    (worked,) = [time for time in account.times if time.text.startswith("Last successful root event: ")]
    assert (worked.from_time, worked.event_ids) == (None, ())


async def test_no_change_is_denied_where_root_changed_its_sign_in() -> None:
    """It is a change that CloudTrail records as one of the sign-in service."""
    changed = sign_in(eventName="EmailUpdated", responseElements={"EmailUpdated": "Success"})
    found = await told(*everywhere(ACCOUNT), sign_in(), changed)
    told_of_it = " ".join(sentence.text for sentence in found.accounts[0].sentences)
    assert "No change" not in told_of_it
