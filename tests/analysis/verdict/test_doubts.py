"""What a record or a file leaves open is not filled in: a blank field, a table without accounts, a file of insights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.places import SIGN_IN_REGIONS
from tests.analysis.lineage.test_blast_radius import at, did, made_key, role, user
from tests.analysis.verdict.logs import EVERYWHERE, tell
from tests.analysis.verdict.test_pauses import USED, logs
from tests.builders import ABSENT, ACCOUNT, event, root_event, write_log

if TYPE_CHECKING:
    from pathlib import Path

NO = ("mfa_removed", "money_spent", "ownership_changed")


async def test_a_contact_of_no_account_is_that_of_who_changed_it() -> None:
    changed = did("account:PutContactInformation", 3, {"accountId": "", "contactInformation": {}})
    told = (await tell(changed))[0]["ownership_changed"]
    assert (told.answer, told.event_ids) == ("yes", (changed["eventID"],))


async def test_a_bucket_that_nothing_ties_to_the_record_is_a_gap_only_if_the_record_ends_there() -> None:
    gone = did("s3:DeleteBucket", 20, {"bucketName": "holidays"}, resources=ABSENT)
    later = event(eventTime=at(59), awsRegion="us-east-1")
    answers, _ = await tell(gone, later)
    assert {answers[name].answer for name in NO} == {"no"}
    answers, _ = await tell(gone)
    assert {answers[name].answer for name in NO} == {"unknown"}


async def test_selectors_that_others_set_are_those_that_root_narrowed_twice() -> None:
    """What root itself said of the trail meanwhile is no measure of what root took away."""
    made = did("cloudtrail:CreateTrail", 1, {"name": "main", "s3BucketName": "safe", "isMultiRegionTrail": True}, who=user("admin"))  # fmt: skip
    twice = [did("cloudtrail:UpdateTrail", minute, {"name": "main", "isMultiRegionTrail": False}) for minute in (5, 6)]
    told = (await tell(made, *twice))[0]["logging_impaired"]
    assert (told.answer, set(told.event_ids)) == ("yes", {one["eventID"] for one in twice})


@pytest.mark.heavy
def test_what_a_table_without_accounts_and_identities_holds_may_be_of_any_account(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    write_log(tmp_path, "logs/a.json", [*EVERYWHERE, root_event(identity={"accessKeyId": "ASIASESSION"})])
    rows = (
        "eventTime,eventSource,eventName,awsRegion,eventID,readOnly\n{},s3.amazonaws.com,ListBuckets,us-east-1,e,true\n"
    )
    (tmp_path / "logs" / "b.csv").write_text(rows.format(at(5)), encoding="utf-8")
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        (told,) = case.verdict(account_id=ACCOUNT)
    answers = {answer.name: answer for answer in told.answers}
    assert {answers[name].answer for name in NO} == {"unknown"}
    assert any("who acted in 1 event of b.csv" in one for one in answers["mfa_removed"].missing)


async def test_a_file_of_insights_does_not_show_that_a_region_was_recorded() -> None:
    day = logs(lambda region, hour: region == "us-east-1" and 48 <= hour < 72)
    assert {one["awsRegion"] for one in day} == {*SIGN_IN_REGIONS}
    story = tell(*day, USED, whole=False)
    story.files[f"{ACCOUNT}_CloudTrail-Insight_us-east-1_20260805T1005Z_0123456789abcdef.json"] = []
    answers, _ = await story
    missing = answers["mfa_removed"].missing
    assert any("us-east-1 in 24 of 120 hours (2026-08-05 00:00 to 2026-08-06 00:00)" in one for one in missing)


def _without(record: dict[str, Any], path: str) -> dict[str, Any]:
    """A record without what stands at a path."""
    *steps, last = path.split(".")
    made = held = dict(record)
    for step in steps:
        held[step] = dict(held[step])
        held = held[step]
    del held[last]
    return made


OPENED = {
    "a password": (did("iam:UpdateLoginProfile", 1, {"userName": "carol"}), "requestParameters.userName"),
    "rights": (did("iam:AttachUserPolicy", 1, {"userName": "carol", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}), "requestParameters.userName"),
    "a role's rights": (did("iam:PutRolePolicy", 1, {"roleName": "ops", "policyName": "p"}), "requestParameters.roleName"),
    "a group's rights": (did("iam:AttachGroupPolicy", 1, {"groupName": "g", "policyArn": "arn:aws:iam::aws:policy/X"}), "requestParameters.groupName"),
    "a policy": (did("iam:CreatePolicyVersion", 1, {"policyArn": "arn:aws:iam::111122223333:policy/p", "setAsDefault": True}), "requestParameters.policyArn"),
    "a key that was off": (did("iam:UpdateAccessKey", 1, {"userName": "carol", "accessKeyId": "AKIACAROL", "status": "Active"}), "requestParameters.accessKeyId"),
    "a key, or not": (did("iam:UpdateAccessKey", 1, {"userName": "carol", "accessKeyId": "AKIACAROL", "status": "Active"}), "requestParameters.status"),
    "a session": (did("sts:GetFederationToken", 1, {"name": "x"}, {"credentials": {"accessKeyId": "ASIAX"}}), "responseElements.credentials"),
    "a function": (did("lambda:UpdateFunctionCode20150331v2", 1, {"functionName": "f"}), "requestParameters.functionName"),
    "an SSH key": (did("iam:UploadSSHPublicKey", 1, {"userName": "carol"}, {"sSHPublicKey": {"sSHPublicKeyId": "APKAX"}}), "requestParameters.userName"),
}  # fmt: skip


@pytest.mark.parametrize("opened", OPENED)
async def test_where_a_record_does_not_say_whom_root_let_in_nothing_is_denied(opened: str) -> None:
    record, path = OPENED[opened]
    answers, _ = await tell(_without(record, path))
    assert {answers[name].answer for name in NO} == {"unknown"}
    assert record["eventID"] in " ".join(answers["mfa_removed"].missing)


async def test_a_session_that_an_answer_does_not_name_is_that_of_what_root_made() -> None:
    made = [did("iam:CreateUser", 1, {"userName": "eve"}), made_key("AKIAEVE", 2, "eve")]
    asked = {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/Ops", "roleSessionName": "s"}
    took = did("sts:AssumeRole", 3, asked, who=user("eve", "AKIAEVE"), responseElements=ABSENT)
    answers, _ = await tell(*made, took)
    assert {answers[name].answer for name in NO} == {"unknown"}
    assert took["eventID"] in " ".join(answers["mfa_removed"].missing)


async def test_what_only_root_does_may_be_roots_where_nobody_knows_who_acted() -> None:
    stranger = {"type": "Unknown", "arn": None, "accountId": ACCOUNT, "accessKeyId": None, "sessionContext": None}
    done = did("signin:EmailUpdated", 1, None, {"EmailUpdated": "Success"}, who=stranger)
    told = (await tell(done, account_id=ACCOUNT))[0]
    assert {told[name].answer for name in ("used_by_person", *NO)} == {"unknown"}
    elsewhere = did("sso:ListApplications", 1, None, who=stranger, readOnly=True)
    told = (await tell(elsewhere, account_id=ACCOUNT))[0]
    assert {told[name].answer for name in ("used_by_person", *NO)} == {"no"}


async def test_where_nothing_only_reads_the_reads_were_left_out() -> None:
    """The console's download holds what changes something, unless it is told otherwise: no AssumeRole."""
    writes = [
        event(eventName="PutObject", readOnly=False, awsRegion=one["awsRegion"]) for one in EVERYWHERE for _ in range(7)
    ]
    told = (await tell(*writes, whole=False, account_id=ACCOUNT))[0]
    assert {told[name].answer for name in ("used_by_person", *NO)} == {"unknown"}
    assert "read-only calls, including AssumeRole" in " ".join(told["mfa_removed"].missing)
    told = (await tell(*writes, account_id=ACCOUNT))[0]
    assert {told[name].answer for name in ("used_by_person", *NO)} == {"no"}


async def test_a_call_without_its_key_may_be_of_the_session_that_came_from_root() -> None:
    made = [did("iam:CreateUser", 1, {"userName": "eve"}), made_key("AKIAEVE", 2, "eve")]
    asked = {"roleArn": f"arn:aws:iam::{ACCOUNT}:role/Ops", "roleSessionName": "s"}
    took = did("sts:AssumeRole", 3, asked, {"credentials": {"accessKeyId": "ASIAOPS"}}, who=user("eve", "AKIAEVE"))
    done = did("s3:PutObjectTagging", 4, {"bucketName": "b"}, who=role("Ops", "s", ""))
    answers, _ = await tell(*made, took, done)
    assert done["eventID"] in " ".join(answers["mfa_removed"].missing)
    other = did("s3:PutObjectTagging", 4, {"bucketName": "b"}, who=role("Another", "s", ""))
    answers, _ = await tell(*made, took, other)
    assert {answers[name].answer for name in NO} == {"no"}


async def test_a_session_without_an_arn_may_be_of_what_root_set_going() -> None:
    """The name of its session, by which an instance is known, is lost with it."""
    sent = did("ssm:SendCommand", 1, {"documentName": "AWS-RunShellScript", "instanceIds": ["i-0123456789abcdef0"]})
    done = _without(
        did("s3:PutObjectTagging", 2, {"bucketName": "b"}, who=role("Web", "i-0123456789abcdef0")), "userIdentity.arn"
    )
    answers, _ = await tell(sent, done)
    assert {answers[name].answer for name in NO} == {"unknown"}
    assert done["eventID"] in " ".join(answers["mfa_removed"].missing)
    answers, _ = await tell(
        sent, done | {"userIdentity": done["userIdentity"] | {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Web/i-0aaa"}}
    )
    assert {answers[name].answer for name in NO} == {"no"}
