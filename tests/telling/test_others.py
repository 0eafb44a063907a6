"""What others did beside root: sessions that they opened with AssumeRoot, containment, and trails that they stopped."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.analysis import analysis_of
from rootforensics.analysis.one_account import OneAccount
from rootforensics.analysis.one_window import OneWindow
from rootforensics.telling.brief import Brief, brief
from rootforensics.telling.checks import worded
from rootforensics.telling.standing import Standing, standing
from rootforensics.telling.times import times_of
from tests.analysis.lineage.test_blast_radius import at, did, made_key, user
from tests.analysis.test_accounts import OTHER, everywhere
from tests.builders import ACCOUNT, write_log
from tests.queries.test_root import sign_in
from tests.stories import Story

if TYPE_CHECKING:
    from pathlib import Path

    from rootforensics.analysis.analysis import AccountVerdict, Analysis
    from rootforensics.queries.asking import Asks
    from tests.stories import Names

ADMIN = user("admin", "AKIAADMIN", account=OTHER)
#: Logs of both accounts, so that their answers are not unknown for want of them.
LOGS = [*everywhere(ACCOUNT), *everywhere(OTHER)]


@dataclass
class Told:
    verdict: AccountVerdict
    result: Standing
    because: dict[str, str]
    times: dict[str, str]
    brief: Brief


def told(*records: dict[str, Any], since: str = "") -> Story:
    """What is told of the account in which the session was opened."""

    def ask(case: Asks, names: Names) -> Told:
        analysis, account = analysis_of(case), names.in_case(ACCOUNT)
        whole: Analysis = OneAccount(analysis, account)
        if since:
            moment = datetime.fromisoformat(since)
            analysis, whole = OneWindow(analysis, moment, None), OneWindow(whole, moment, None)
        verdict = analysis.verdict_of(account)
        times = dict(one.text.split(": ", 1) for one in times_of(analysis, account))
        because = {answer.name: answer.told for answer in worded(analysis, verdict).answers}
        return Told(verdict, standing(analysis, verdict), because, times, brief(whole))

    return Story(list(records), ask)


def opened(minute: int, *, who: dict[str, Any] = ADMIN, policy: str = "IAMDeleteRootUserCredentials") -> dict[str, Any]:
    answer = {"credentials": {"accessKeyId": "ASIAOPENED"}}
    task = {"arn": f"arn:aws:iam::aws:policy/root-task/{policy}"}
    request = {"targetPrincipal": ACCOUNT, "taskPolicyArn": task}
    return did("sts:AssumeRoot", minute, request, answer, who=who, recipientAccountId=OTHER)


def within(call: str, minute: int, request: Any = None) -> dict[str, Any]:
    session = {"assumedRoot": "true", "attributes": {"creationDate": at(30)}}
    return did(call, minute, request, identity={"accessKeyId": "ASIAOPENED", "sessionContext": session})


CLEANED = [
    opened(30),
    within("iam:DeactivateMFADevice", 31, {"serialNumber": "mfa/phone"}),
    within("iam:DeleteLoginProfile", 32),
]
ENTERED = sign_in(eventTime=at(1), sourceIPAddress="203.0.113.66")


async def test_deleting_a_members_credentials_with_assume_root_is_no_takeover() -> None:
    said = await told(*LOGS, *CLEANED)
    assert (said.result.kind, said.result.is_bad) == ("privileged_session", True)
    assert said.because["mfa_removed"].endswith(f" in a session that user/admin of account {OTHER} opened (AssumeRoot)")
    assert said.because["used_by_person"].endswith(
        f", all of them in sessions that user/admin of account {OTHER} opened (AssumeRoot)"
    )
    assert said.times["First reversal by another user"] == "not in these logs"


async def test_a_session_that_an_identity_of_roots_opened_is_roots_own() -> None:
    evil = user("evil", "AKIAEVIL", account=OTHER)
    root = {"accountId": OTHER, "arn": f"arn:aws:iam::{OTHER}:root", "principalId": OTHER}
    made = made_key("AKIAEVIL", 3, "evil", identity=root, recipientAccountId=OTHER)
    said = await told(*LOGS, made, opened(30, who=evil), *CLEANED[1:])
    assert said.result.kind == "takeover"
    assert "AssumeRoot" not in said.because["mfa_removed"]


async def test_responders_who_delete_roots_key_with_assume_root_contain_it() -> None:
    key = made_key("AKIAROOTS", 2, None, sourceIPAddress="203.0.113.66")
    deleted = within("iam:DeleteAccessKey", 33, {"accessKeyId": "AKIAROOTS"})
    said = await told(*LOGS, ENTERED, key, *CLEANED, deleted)
    assert said.result.kind == "takeover"
    assert said.times["Last successful root event"].startswith("2026-08-05 10:02:00")
    assert (
        said.times["First reversal by another user"]
        == "2026-08-05 10:33:00 (access key AKIAROOTS deleted by root in a session of user/admin of account "
        f"{OTHER}; 32 min 0 s later)"
    )
    (account,) = [one for one in said.brief.accounts if one.standing == said.result]
    takeover, did_then, _, by_others, *_ = (sentence.text for sentence in account.sentences)
    assert "between 10:01 and 10:02 UTC, someone likely took over" in takeover
    assert "MFA device" not in did_then
    assert f"root was used in sessions that user/admin of account {OTHER} opened (3 events)" in by_others


async def test_a_session_to_make_a_password_or_of_an_unknown_opener_is_no_clean_up() -> None:
    said = await told(*LOGS, opened(30, policy="IAMCreateRootUserPassword"), within("iam:CreateLoginProfile", 31))
    assert said.result.kind == "takeover"
    said = await told(*LOGS, *CLEANED[1:])
    assert said.result.kind == "takeover"
    by_root = {"accountId": OTHER, "arn": f"arn:aws:iam::{OTHER}:root", "principalId": OTHER, "type": "Root"}
    said = await told(*LOGS, opened(30, who=by_root), *CLEANED[1:])
    assert said.result.kind == "takeover"


async def test_a_change_of_ownership_beside_a_clean_up_is_a_failed_check_and_no_takeover() -> None:
    changed = did("account:AcceptPrimaryEmailUpdate", 40, {"accountId": ACCOUNT}, who=ADMIN, recipientAccountId=OTHER)
    said = await told(*LOGS, *CLEANED, changed)
    assert (said.result.kind, said.result.is_bad) == ("privileged_session", True)
    assert "ownership changed" in " ".join(answer.asked.short for answer in said.result.bad)
    later = await told(*LOGS, ENTERED, made_key("AKIAROOTS", 2, None), *CLEANED, since=at(30))
    assert later.result.kind == "privileged_session"
    assert later.brief.accounts


async def test_how_many_of_what_was_made_others_ended_is_told_once() -> None:
    made = [did("iam:CreateUser", 2 + number, {"userName": f"u{number}"}) for number in range(3)]
    ends = [did("iam:DeleteUser", 20 + number, {"userName": f"u{number}"}, who=user("admin")) for number in range(3)]
    for count, words in (
        (3, ", all deleted by user/admin, the last at 10:22:00"),
        (2, ", 2 of 3 deleted by user/admin"),
    ):
        said = await told(*LOGS, ENTERED, *made, *ends[:count])
        (sentence,) = [
            one.text for account in said.brief.accounts for one in account.sentences if "3 IAM users" in one.text
        ]
        assert words in sentence


async def test_what_root_itself_switched_off_is_not_told_as_ended() -> None:
    stops = [did("cloudtrail:StopLogging", 2, {"name": "main"})]
    stops += [did("cloudtrail:StopLogging", 5, {"name": "main"}, who=user("admin"))]
    said = await told(*LOGS, ENTERED, *stops)
    assert "ended" not in said.because["logging_impaired"]
    (step,) = [step for step in said.verdict.steps if "main" in step.what]
    assert (step.event_id, step.ask) == (stops[0]["eventID"], "")
    assert not [limit for limit in said.brief.limits if "trail main" in limit.text]


async def test_who_removes_what_root_made_and_descends_from_root_contains_nothing() -> None:
    evil = user("evil", "AKIAEVIL")
    acts = [
        did("iam:CreateUser", 2, {"userName": "evil"}),
        made_key("AKIAEVIL", 3, "evil"),
        did("iam:CreateRole", 4, {"roleName": "back"}, who=evil),
        did("iam:DeleteRole", 5, {"roleName": "back"}, who=evil),
    ]
    said = await told(*LOGS, ENTERED, *acts)
    assert said.times["First reversal by another user"] == "not in these logs"
    by_admin = did("iam:DeleteUser", 9, {"userName": "evil"}, who=user("admin", "AKIAADMIN"))
    said = await told(*LOGS, ENTERED, *acts, by_admin)
    assert said.times["First reversal by another user"] == (
        "2026-08-05 10:09:00 (IAM user evil deleted by user/admin; 8 min 0 s later)"
    )


async def test_a_trail_that_others_stopped_has_a_step_that_asks_first_and_is_a_limit() -> None:
    by_admin = did("cloudtrail:StopLogging", 8, {"name": "second"}, who=user("admin", "AKIAADMIN"))
    again = did("cloudtrail:StartLogging", 9, {"name": "second"}, who=user("admin", "AKIAADMIN"))
    said = await told(*LOGS, ENTERED, by_admin)
    (step,) = [step for step in said.verdict.steps if step.citation and "second" in step.what]
    assert step.what == "Ask the owner first: root did not do this. Restart trail second"
    assert step.command.startswith("aws cloudtrail start-logging --name second")
    assert [limit.event_ids for limit in said.brief.limits if "second of account" in limit.text] == [
        (by_admin["eventID"],)
    ]
    said = await told(*LOGS, ENTERED, by_admin, again)
    assert not [step for step in said.verdict.steps if "second" in step.what]
    assert not [limit for limit in said.brief.limits if "second of account" in limit.text]


async def test_what_another_account_did_to_one_without_logs_is_told_and_in_its_timeline() -> None:
    records = [
        did("account:PutAlternateContact", 3, {"accountId": ACCOUNT, "alternateContactType": "SECURITY"}, who=ADMIN),
        did("organizations:RemoveAccountFromOrganization", 4, {"accountId": ACCOUNT}, who=ADMIN),
    ]
    records = [record | {"recipientAccountId": OTHER} for record in records]

    def ask(case: Asks, names: Names) -> Brief:
        return brief(OneAccount(analysis_of(case), names.in_case(ACCOUNT)))

    said = await Story([*everywhere(OTHER), *records], ask)
    sentences = [sentence.text for account in said.accounts for sentence in account.sentences]
    assert any(
        f"user/admin of account {OTHER} replaced the security contact of account {ACCOUNT} and removed account {ACCOUNT}"
        in text
        for text in sentences
    )
    assert [line.event_ids for line in said.moments] == [(record["eventID"],) for record in records]


def test_what_root_of_another_account_left_in_this_one_is_told_of_it(tmp_path: Path) -> None:
    session = {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/OrganizationAccountAccessRole/x",
        "accountId": ACCOUNT,
        "accessKeyId": "ASIAREACHED",
    }
    request = {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/OrganizationAccountAccessRole", "roleSessionName": "x"}
    statement = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999900001111:root"}, "Action": "sts:AssumeRole"}
    trust = {"roleName": "back", "assumeRolePolicyDocument": json.dumps({"Statement": [statement]})}
    root = {"userIdentity": {"type": "Root", "arn": f"arn:aws:iam::{OTHER}:root", "accountId": OTHER}}
    created = {"accessKey": {"accessKeyId": "AKIAEVE", "userName": "eve"}}
    eve, of_other = user("eve", "AKIAEVE", account=OTHER), {"recipientAccountId": OTHER}
    records = [
        did("iam:CreateUser", 1, {"userName": "eve"}, **root, **of_other),
        did("iam:CreateAccessKey", 2, {"userName": "eve"}, created, **root, **of_other),
        did("sts:AssumeRole", 3, request, {"credentials": {"accessKeyId": "ASIAREACHED"}}, who=eve, **of_other),
        did("iam:CreateRole", 4, trust, who=session),
        sign_in(eventTime=at(20), mfa="Yes"),
    ]
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(write_log(tmp_path, "log.json", records))
        analysis = case.analysis()
        (own,) = [account for account in brief(analysis).accounts if account.account_id == ACCOUNT]
    (reached,) = [sentence.text for sentence in own.sentences if "reached this account" in sentence.text]
    assert reached == (
        f"The root user of account {OTHER}, or its follow-on activity, reached this account: role back (still open)."
    )
    assert not analysis.verdict_of(ACCOUNT).is_takeover


@pytest.mark.parametrize(
    ("source", "is_inside"),
    [("10.1.2.3", True), ("172.31.0.9", True), ("192.168.7.7", True), ("100.64.0.1", True), ("fd00::1", True),
     ("172.32.0.9", False), ("100.128.0.1", False), ("203.0.113.9", False), ("cloudtrail.amazonaws.com", False)],
)  # fmt: skip
async def test_an_address_that_is_not_on_the_internet_is_called_so(source: str, *, is_inside: bool) -> None:
    said = await told(*LOGS, ENTERED | {"sourceIPAddress": source})
    sentences = [sentence.text for account in said.brief.accounts for sentence in account.sentences]
    assert (f"from non-public address {source}." in " ".join(sentences)) is is_inside


async def test_what_services_did_with_exposed_data_is_told_if_it_came_later() -> None:
    shared = did("ec2:ModifySnapshotAttribute", 5, {"snapshotId": "snap-1", "createVolumePermission": {"add": {"items": [
        {"userId": OTHER}]}}})  # fmt: skip
    service = {"eventType": "AwsServiceEvent", "sourceIPAddress": "AWS Internal", "userAgent": "AWS Internal"}
    before, after = (did("ec2:SharedSnapshotVolumeCreated", minute, None, **service) for minute in (4, 9))
    told_of = "AWS recorded that another account created a volume from a snapshot"
    for records, ids in (((before, shared), []), ((before, shared, after), [after["eventID"], before["eventID"]])):
        said = await told(*LOGS, ENTERED, *records)
        served = [
            sentence
            for account in said.brief.accounts
            for sentence in account.sentences
            if sentence.text.startswith(told_of)
        ]
        assert [event_id for one in served for event_id in one.event_ids] == ids


async def test_an_event_id_that_two_records_have_is_told_of_root() -> None:
    twin = did("iam:CreateUser", 6, {"userName": "one"})
    other = did("iam:CreateUser", 7, {"userName": "two"}) | {"eventID": twin["eventID"]}
    said = await told(*LOGS, ENTERED, twin, other)
    (doubt,) = [limit for limit in said.brief.limits if "Some may be forged" in limit.text]
    assert (doubt.level, doubt.event_ids) == ("bad", (twin["eventID"],) * 2)
