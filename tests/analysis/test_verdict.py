"""The verdict and the containment list: yes with evidence, no only where the logs could have shown a yes."""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING, Any

import botocore.session
import pytest
from botocore import xform_name

import rootforensics as rf
from rootforensics.analysis.limits import SIGN_IN_REGIONS
from tests.analysis.blast.test_radius import at, did, made_key, user
from tests.builders import ABSENT, ACCOUNT, event, root_event, write_log
from tests.queries.test_root import sign_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rootforensics.analysis.answer import Verdict
    from rootforensics.analysis.steps import Step

    Told = tuple[dict[str, Verdict], list[Step]]
    Tell = Callable[..., Told]

ANOTHER = event(identity={"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/another"})
EVERYWHERE = [ANOTHER, *(event(awsRegion=region) for region in SIGN_IN_REGIONS)]


def _in_session(record: dict[str, Any]) -> dict[str, Any]:
    """A record as it is; where root would use the usual key, it has a session's: a long-term key is a way in."""
    usual = root_event()["userIdentity"]["accessKeyId"]
    identity = record["userIdentity"]
    if not isinstance(identity, dict):
        return record
    return (
        record | {"userIdentity": identity | {"accessKeyId": "ASIASESSION"}}
        if identity.get("accessKeyId") == usual
        else record
    )


@pytest.fixture
def tell(tmp_path: Path) -> Iterator[Tell]:
    made: list[rf.Case] = []

    def make(
        *records: dict[str, Any], whole: bool = True, load: dict[str, Any] | None = None, account_id: str = ""
    ) -> Told:
        folder = tmp_path / f"logs{len(made)}"
        write_log(folder, "log.json", [*map(_in_session, records), *(EVERYWHERE if whole else [])])
        case = rf.open_case(tmp_path / f"case{len(made)}.duckdb")
        case.load(folder, **load or {})
        made.append(case)
        (told,) = case.verdict(account_id=account_id)
        return {one.name: one for one in told.answers}, list(told.steps)

    yield make
    for case in made:
        case.close()


def test_the_sample_is_judged_as_its_story_has_it(sample_case: rf.Case) -> None:
    (told,) = sample_case.verdict(account_id="111122223333")
    steps = told.steps
    assert {one.name: one.answer for one in told.answers} == {
        "used_by_person": "yes",
        "with_mfa": "no",
        "password_changed": "yes",
        "access_keys": "yes",
        "mfa_removed": "yes",
        "way_in": "yes",
        "record_tampered": "yes",
        "data_exposed": "yes",
        "money_spent": "yes",
        "ownership_changed": "yes",
        "approved": "unknown",
    }
    text = "\n".join(step.command for step in steps)
    assert "update-access-key --access-key-id AKIA7P5O2MSTTEXAMPLE --status Inactive" in text
    assert "put-user-policy --user-name support-sync" in text
    assert "put-role-policy --role-name OrgAuditAccess" in text
    assert "terminate" not in text
    assert steps[0].what.startswith("Call AWS Support")


def test_every_answer_cites_events_that_exist(sample_case: rf.Case) -> None:
    told = sample_case.verdict("docs/examples/approvals.yaml")
    answers = [answer for one in told for answer in one.answers]
    steps = [step for one in told for step in one.steps]
    known = {row["eventID"] for row in sample_case.sql("SELECT eventID FROM events").rows}
    assert all(set(one.event_ids) <= known for one in answers)
    assert all(one.event_ids for one in answers if one.answer == "yes")
    assert all(one.missing for one in answers if one.answer == "unknown")
    assert {step.event_id for step in steps} <= known | {None}


def test_a_use_of_root_that_was_approved_is_approved(sample_case: rf.Case) -> None:
    told = {one.account_id: one.answers[-1] for one in sample_case.verdict("docs/examples/approvals.yaml")}
    assert (told["111122223333"].answer, told["444455556666"].answer) == ("no", "yes")
    assert told["444455556666"].event_ids == ("39bbb131-2391-43d5-ba19-393a2702f467",)


def test_whole_logs_without_root_say_no(tell: Tell) -> None:
    answers, steps = tell()
    said = {name: one.answer for name, one in answers.items()}
    no = ("used_by_person", "password_changed", "mfa_removed", "record_tampered", "money_spent", "ownership_changed")
    assert [said[name] for name in no] == ["no"] * 6
    # What logs cannot show is never denied.
    assert [said[name] for name in ("access_keys", "way_in", "data_exposed", "approved", "with_mfa")] == ["unknown"] * 5
    assert steps == []


@pytest.mark.parametrize("name", ["used_by_person", "password_changed", "ownership_changed"])
def test_without_the_regions_of_sign_ins_nothing_is_denied(name: str, tell: Tell) -> None:
    answers, _ = tell(event(awsRegion="us-east-1"), whole=False)
    assert answers[name].answer == "unknown"
    assert "us-east-2, us-west-2" in answers[name].missing[-1]


def test_another_partition_has_no_such_regions(tell: Tell) -> None:
    answers, _ = tell(*(one | {"awsRegion": "us-gov-west-1"} for one in (ANOTHER, event())), whole=False)
    assert (answers["used_by_person"].answer, answers["mfa_removed"].answer) == ("no", "no")
    assert not [gap for gap in answers["used_by_person"].missing if "sign-ins" in gap]


@pytest.mark.parametrize("name", ["money_spent", "record_tampered"])
def test_logs_of_one_region_deny_nothing_that_may_be_in_others(name: str, tell: Tell) -> None:
    answers, _ = tell(ANOTHER, event(awsRegion="us-east-1"), whole=False)
    assert (answers[name].answer, answers["mfa_removed"].answer) == ("unknown", "no")
    assert answers[name].missing == ("logs of other Regions: of this account the case holds those of us-east-1 alone",)


@pytest.mark.parametrize("name", ["money_spent", "record_tampered"])
def test_without_a_region_that_must_have_logs_nothing_is_denied(name: str, tell: Tell) -> None:
    elsewhere = [ANOTHER | {"awsRegion": "us-west-2"}, event(awsRegion="us-east-2")]
    answers, _ = tell(*elsewhere, whole=False)
    assert answers[name].answer == "unknown"
    assert answers[name].missing == ("logs of us-east-1, where it might be recorded",)
    switched_on = did("account:EnableRegion", 1, {"RegionName": "ap-east-1"})
    answers, _ = tell(switched_on)
    assert answers[name].answer == "unknown"
    assert answers[name].missing == ("logs of ap-east-1, where it might be recorded",)
    answers, _ = tell(switched_on, event(awsRegion="ap-east-1"))
    assert answers[name].answer == "no"


def test_a_no_says_what_would_prove_that_no_region_was_left_out(tell: Tell) -> None:
    """A Region without events and one that was left out look alike; digests are delivered for both."""
    wanted = "logs of other Regions than us-east-1, us-east-2, us-west-2 were left out: digest files of all Regions"
    answers, _ = tell()
    for name in ("used_by_person", "record_tampered", "money_spent"):
        assert answers[name].answer == "no"
        assert wanted in answers[name].missing[0]
    # What is recorded in known Regions is not missing in others.
    assert [answers[name].missing for name in ("mfa_removed", "password_changed", "ownership_changed")] == [()] * 3
    answers, _ = tell(did("cloudtrail:CreateTrail", 1, {"name": "t", "isMultiRegionTrail": True}, who=user("admin")))
    assert answers["money_spent"].answer == "no"
    assert (
        answers["money_spent"].missing[0].startswith("a trail records all Regions, but whether logs of other Regions")
    )


def test_events_of_one_identity_deny_nothing_of_others(tell: Tell) -> None:
    answers, _ = tell(*EVERYWHERE[1:], whole=False)
    said = {answers[name].answer for name in ("used_by_person", "mfa_removed", "money_spent", "record_tampered")}
    assert said == {"unknown"}
    assert answers["used_by_person"].missing == (
        f"events of others than arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/deploy: the case holds those of one identity alone",
    )


def test_without_the_region_of_iam_no_removal_of_mfa_is_denied(tell: Tell) -> None:
    records = [event(awsRegion="eu-west-1"), ANOTHER | {"awsRegion": "us-west-2"}]
    answers, _ = tell(*records, whole=False)
    assert answers["mfa_removed"].answer == "unknown"
    assert answers["mfa_removed"].missing == ("logs of us-east-1, where it would be recorded",)


def test_digests_tell_that_other_regions_were_recorded(tmp_path: Path) -> None:
    name = "AWSLogs/111122223333/CloudTrail{}/us-{}/2026/08/05/111122223333_CloudTrail{}_us-{}_"
    write_log(
        tmp_path,
        name.format("", "east-1", "", "east-1") + "20260805T1000Z_a.json",
        [ANOTHER, event(awsRegion="us-east-1")],
    )
    digest = tmp_path / (name.format("-Digest", "west-2", "-Digest", "west-2") + "main_us-east-1_20260805T100000Z.json")
    digest.parent.mkdir(parents=True)
    digest.write_text('{"digestEndTime":"x","logFiles":[]}', encoding="utf-8")
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "AWSLogs")
        (told,) = case.verdict(account_id=ACCOUNT)
    answers = {one.name: one for one in told.answers}
    assert (answers["money_spent"].answer, answers["money_spent"].missing) == ("no", ())


@pytest.mark.parametrize("name", ["used_by_person", "mfa_removed", "money_spent", "record_tampered"])
def test_what_was_left_out_is_not_denied(name: str, tell: Tell) -> None:
    from rootforensics.ingest.filters import Filters, parse_time

    answers, _ = tell(load={"filters": Filters(since=parse_time("2020-01-01"))})
    assert answers[name].answer == "unknown"
    assert "left out" in answers[name].missing[0]


@pytest.mark.parametrize(
    ("accounts", "said"), [((ACCOUNT,), "no"), ((ACCOUNT, "444455556666"), "no"), (("444455556666",), "unknown")]
)
def test_a_filter_that_lets_all_of_the_account_in_leaves_nothing_of_it_out(
    accounts: tuple[str, ...], said: str, tell: Tell
) -> None:
    from rootforensics.ingest.filters import Filters

    answers, _ = tell(load={"filters": Filters(accounts=accounts)}, account_id=ACCOUNT)
    assert [answers[name].answer for name in ("used_by_person", "mfa_removed", "money_spent")] == [said] * 3
    answers, _ = tell(load={"filters": Filters(accounts=accounts, root_only=True)}, account_id=ACCOUNT)
    assert answers["mfa_removed"].answer == "unknown"


def test_a_stopped_trail_is_a_gap(tell: Tell) -> None:
    answers, steps = tell(did("cloudtrail:StopLogging", 10, {"name": "main"}, who=user("admin")))
    assert (answers["used_by_person"].answer, answers["record_tampered"].answer) == ("unknown", "unknown")
    assert "trail main" in answers["used_by_person"].missing[0]
    assert steps == []


def test_a_trail_that_was_given_another_bucket_is_a_gap(tell: Tell) -> None:
    answers, _ = tell(did("cloudtrail:UpdateTrail", 10, {"name": "main", "s3BucketName": "elsewhere"}))
    no = ("mfa_removed", "money_spent", "ownership_changed")
    assert {answers[name].answer for name in no} == {"unknown"}
    assert answers["record_tampered"].answer == "yes"
    assert "what trail main delivered" in answers["money_spent"].missing[0]
    answers, _ = tell(did("cloudtrail:UpdateTrail", 10, {"name": "main", "snsTopicName": "t"}))
    assert {answers[name].answer for name in no} == {"no"}


def test_what_root_did_to_something_that_may_be_of_the_record_is_neither_shown_nor_denied(tell: Tell) -> None:
    lone = did("monitoring:PutMetricAlarm", 10, {"alarmName": "root", "threshold": 1000000})
    answers, _ = tell(lone)
    assert (answers["record_tampered"].answer, answers["record_tampered"].event_ids) == ("unknown", (lone["eventID"],))
    export = did("guardduty:DeletePublishingDestination", 11, {"detectorId": "d"})
    answers, _ = tell(lone, export)
    assert (answers["record_tampered"].answer, answers["record_tampered"].event_ids) == ("yes", (export["eventID"],))


STOPPED = {"eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "requestParameters": {"name": "main"}}


def test_a_namesake_of_what_root_made_is_not_what_root_made(tell: Tell) -> None:
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/audit"
    namesake = event(identity={"arn": arn, "principalId": "AROAEXAMPLEROLEID0000:audit"}, **STOPPED)
    answers, _ = tell(did("iam:CreateUser", 1, {"userName": "audit"}), namesake)
    assert answers["record_tampered"].answer == "unknown"
    assert answers["record_tampered"].event_ids == ()  # the trail did not record meanwhile


def test_what_a_user_of_roots_did_is_shown_and_what_a_changed_one_did_is_perhaps(tell: Tell) -> None:
    stopped = did("cloudtrail:StopLogging", 9, {"name": "main"}, who=user("mallory"))
    answers, _ = tell(did("iam:CreateUser", 1, {"userName": "mallory"}), stopped)
    assert (answers["record_tampered"].answer, answers["record_tampered"].event_ids) == ("yes", (stopped["eventID"],))
    changed = did(
        "iam:AttachUserPolicy", 1, {"userName": "mallory", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    )
    answers, _ = tell(changed, stopped)
    assert (answers["record_tampered"].answer, answers["record_tampered"].event_ids) == (
        "unknown",
        (stopped["eventID"],),
    )


def test_what_a_user_of_roots_bought_and_read_is_spent_and_exposed(tell: Tell) -> None:
    bought = did("ec2:RunInstances", 5, {"instanceType": "p4d.24xlarge"}, who=user("mallory"))
    read = did("secretsmanager:GetSecretValue", 6, {"secretId": "s"}, who=user("mallory"))
    answers, _ = tell(did("iam:CreateUser", 1, {"userName": "mallory"}), bought, read)
    assert (answers["money_spent"].answer, answers["money_spent"].event_ids) == ("yes", (bought["eventID"],))
    assert (answers["data_exposed"].answer, answers["data_exposed"].event_ids) == ("yes", (read["eventID"],))
    answers, _ = tell(did("iam:CreateUser", 1, {"userName": "another"}), bought, read)
    assert (answers["money_spent"].answer, answers["data_exposed"].answer) == ("no", "unknown")


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        ("sagemaker:CreateNotebookInstance", "yes"),
        ("sagemaker:CreateTrainingJob", "yes"),
        ("batch:SubmitJob", "yes"),
        ("ec2:RequestSpotInstances", "yes"),
        ("ec2:RequestSpotFleet", "yes"),
        ("ec2:CreateFleet", "yes"),
        ("eks:CreateCluster", "yes"),
        ("eks:CreateNodegroup", "yes"),
        ("elasticmapreduce:RunJobFlow", "yes"),
        ("bedrock:ConverseStream", "yes"),
        ("ecs:RunTask", "unknown"),  # on instances that are there already it costs nothing of its own
        ("ecs:CreateService", "unknown"),
        ("cloudformation:CreateStack", "unknown"),
        ("groundstation:ReserveContact", "unknown"),  # the catalogue does not know it
        ("account:EnableRegion", "no"),  # of no Region that is named
        ("budgets:DeleteBudget", "no"),
    ],
)
def test_money_was_spent_by_what_costs_and_perhaps_by_what_nobody_knows(call: str, answer: str, tell: Tell) -> None:
    made = did(call, 5, {"x": "y"})
    answers, _ = tell(made, did("groundstation:ListContacts", 6, readOnly=True))
    assert (answers["money_spent"].answer, answers["money_spent"].event_ids) == (
        answer,
        () if answer == "no" else (made["eventID"],),
    )
    assert (call in answers["money_spent"].because) is (answer == "unknown")


@pytest.mark.parametrize("call", ["ecs:RunTask", "ecs:CreateService"])
def test_a_container_on_fargate_is_paid_for_by_itself(call: str, tell: Tell) -> None:
    made = did(call, 5, {"launchType": "FARGATE"})
    answers, _ = tell(made)
    assert (answers["money_spent"].answer, answers["money_spent"].event_ids) == ("yes", (made["eventID"],))


def test_what_an_identity_bought_that_root_only_opened_is_perhaps_spent(tell: Tell) -> None:
    opened = did("iam:UpdateLoginProfile", 1, {"userName": "old"})
    bought = did("ec2:RunInstances", 5, {"instanceType": "p4d.24xlarge"}, who=user("old"))
    told = (tell(opened, bought)[0])["money_spent"]
    assert (told.answer, told.event_ids) == ("unknown", (bought["eventID"],))
    assert "ec2:RunInstances under identities that root only opened" in told.because
    assert told.missing[0] == "who acted under identities that root only opened or changed"
    refused = bought | {"errorCode": "AccessDenied"}
    listed = did("ec2:DescribeInstances", 6, who=user("old"), readOnly=True)
    before = bought | {"eventTime": at(0)}
    for harmless in (refused, listed, before):
        answers, _ = tell(opened, harmless)
        assert answers["money_spent"].answer == "no"
    answers, _ = tell(opened, bought, did("ec2:RunInstances", 7, {"instanceType": "m7i.large"}))
    assert answers["money_spent"].answer == "yes"


NOBODY = {"type": ABSENT, "arn": ABSENT, "principalId": ABSENT, "accessKeyId": ABSENT, "sessionContext": ABSENT}


@pytest.mark.parametrize(
    ("fields", "unknown"),
    [
        # A call that changes something, where IAM is recorded, may be any deed of root's.
        (
            {"readOnly": False},
            {"used_by_person", "password_changed", "mfa_removed", "money_spent", "ownership_changed"},
        ),
        # IAM is not recorded elsewhere, nor are root's sign-ins.
        ({"readOnly": False, "awsRegion": "us-west-1"}, {"used_by_person", "money_spent", "record_tampered"}),
        # What reads, or fails, is a use of root and changes nothing.
        ({"readOnly": True}, {"used_by_person"}),
        ({"readOnly": False, "errorCode": "AccessDenied"}, {"used_by_person"}),
    ],
)
def test_an_event_of_which_nobody_knows_who_acted_leaves_unknown_what_it_may_be(
    fields: dict[str, Any], unknown: set[str], tell: Tell
) -> None:
    nobodys = event(identity=NOBODY, **fields)
    answers, _ = tell(nobodys)
    could = {"used_by_person", "password_changed", "mfa_removed", "money_spent", "ownership_changed", "record_tampered"}
    said = {name for name in could if answers[name].answer == "unknown"}
    assert said == (could if "mfa_removed" in unknown else unknown)
    assert {answers[name].answer for name in could - said} <= {"no"}
    assert nobodys["eventID"] in answers["used_by_person"].missing[0]


@pytest.mark.parametrize("identity", ["root", [1], {"type": {"odd": 1}}, {"type": "Visitor"}])
def test_an_identity_that_could_not_be_read_is_nobodys(identity: Any, tell: Tell) -> None:
    odd = event(userIdentity=identity, readOnly=False)
    answers, _ = tell(odd)
    assert (answers["money_spent"].answer, answers["used_by_person"].answer) == ("unknown", "unknown")
    assert odd["eventID"] in answers["money_spent"].missing[0]


def test_an_event_of_nobody_concerns_its_own_account_alone(tell: Tell) -> None:
    nobodys = event(identity=NOBODY | {"accountId": "444455556666"}, recipientAccountId="444455556666", readOnly=False)
    answers, _ = tell(nobodys, account_id=ACCOUNT)
    assert {answers[name].answer for name in ("used_by_person", "mfa_removed", "money_spent")} == {"no"}
    answers, _ = tell(nobodys | {"recipientAccountId": None, "userIdentity": {}}, account_id=ACCOUNT)
    assert {answers[name].answer for name in ("used_by_person", "mfa_removed", "money_spent")} == {"unknown"}


ALL_BLOCKED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


@pytest.mark.parametrize(
    ("call", "closing", "opening"),
    [
        ("s3:PutBucketAcl", {"x-amz-acl": "private"}, {"x-amz-acl": "public-read"}),
        ("rds:ModifyDBInstance", {"allocatedStorage": 100}, {"publiclyAccessible": True}),
        (
            "ec2:ModifySnapshotAttribute",
            {"createVolumePermission": {"remove": {"items": [{"group": "all"}]}}},
            {"createVolumePermission": {"add": {"items": [{"group": "all"}]}}},
        ),
    ],
)
def test_what_closes_access_exposes_nothing(
    call: str, closing: dict[str, Any], opening: dict[str, Any], tell: Tell
) -> None:
    answers, _ = tell(did(call, 1, {"bucketName": "b"} | closing))
    assert answers["data_exposed"].answer == "unknown"
    answers, _ = tell(did(call, 1, {"bucketName": "b"} | opening))
    assert answers["data_exposed"].answer == "yes"


@pytest.mark.parametrize(
    ("call", "request_"),
    [
        ("s3:DeleteBucketPolicy", {"bucketName": "b"}),
        ("s3:DeleteBucketPublicAccessBlock", {"bucketName": "b"}),
        ("s3:PutBucketPublicAccessBlock", {"bucketName": "b"}),
        ("ec2:DisableSnapshotBlockPublicAccess", None),
        ("ssm:GetParameter", {"name": "p"}),  # a password, or the name of an image
    ],
)
def test_what_a_record_does_not_show_is_perhaps_exposed(call: str, request_: dict[str, Any] | None, tell: Tell) -> None:
    """A policy that is deleted may have let somebody in or kept them out; a block guards only what something opens."""
    removed = did(call, 1, request_)
    answers, _ = tell(removed)
    exposed = answers["data_exposed"]
    assert (exposed.answer, exposed.event_ids) == ("unknown", (removed["eventID"],))
    assert exposed.missing[0].startswith("what their records do not show")
    opened = did("s3:PutBucketPolicy", 2, {"bucketName": "c"})
    answers, _ = tell(removed, opened)
    assert (answers["data_exposed"].answer, answers["data_exposed"].event_ids) == ("yes", (opened["eventID"],))


def test_a_bucket_that_was_only_closed_needs_no_look(tell: Tell) -> None:
    closed = did("s3:PutBucketPublicAccessBlock", 1, {"bucketName": "b", "PublicAccessBlockConfiguration": ALL_BLOCKED})
    _, steps = tell(closed)
    assert not [step for step in steps if "bucket b" in step.what]
    _, steps = tell(closed, did("s3:PutBucketPolicy", 2, {"bucketName": "b"}))
    assert [step for step in steps if "bucket b" in step.what]


def test_attempts_are_not_deeds(tell: Tell) -> None:
    refused = {"errorCode": "AccessDenied"}
    answers, steps = tell(
        did("iam:DeactivateMFADevice", 1, {"userName": "AWS ROOT USER"}, **refused),
        did("ec2:RunInstances", 2, {"instanceType": "p4d.24xlarge"}, **refused),
        did("cloudtrail:StopLogging", 3, {"name": "main"}, **refused),
        made_key("AKIANEW", 4, None, **refused),
    )
    assert {answers[name].answer for name in ("mfa_removed", "money_spent", "record_tampered")} == {"no"}
    # Nobody makes a call as root without credentials of root's.
    assert answers["used_by_person"].answer == "yes"
    assert "4 events of root's" in answers["used_by_person"].because
    assert "all of them refused or failed" in answers["used_by_person"].because
    assert [step.what.partition(":")[0] for step in steps] == ["Take root back", "Replace root's MFA"]


DEVICES = f"arn:aws:iam::{ACCOUNT}:"


@pytest.mark.parametrize(
    ("request_", "call"),
    [
        ({"serialNumber": f"{DEVICES}u2f/root-account/key-ABC"}, "DeactivateMFADevice"),
        ({"serialNumber": f"{DEVICES}mfa/MyPhone"}, "DeactivateMFADevice"),
        ({"userName": None, "serialNumber": "GAHT12345678"}, "DeactivateMFADevice"),
        ({"userName": "AWS ROOT USER", "serialNumber": "GAHT12345678"}, "DeactivateMFADevice"),
        ({"serialNumber": f"{DEVICES}mfa/root-account-mfa-device"}, "DeleteVirtualMFADevice"),
    ],
)
def test_whatever_device_is_taken_from_root_is_its_mfa(request_: dict[str, Any], call: str, tell: Tell) -> None:
    removed = did(f"iam:{call}", 1, request_)
    answers, _ = tell(removed)
    assert (answers["mfa_removed"].answer, answers["mfa_removed"].event_ids) == ("yes", (removed["eventID"],))


def test_a_device_of_a_users_is_not_roots(tell: Tell) -> None:
    answers, _ = tell(
        did("iam:DeactivateMFADevice", 1, {"userName": "alice", "serialNumber": f"{DEVICES}mfa/alice"}),
        did("iam:DeleteVirtualMFADevice", 2, {"serialNumber": f"{DEVICES}mfa/alice"}),
    )
    assert answers["mfa_removed"].answer == "no"


def test_who_was_kept_out_did_not_use_root(tell: Tell) -> None:
    answers, steps = tell(sign_in(outcome="Failure"), sign_in(outcome="Failure"))
    assert answers["used_by_person"].answer == "no"
    assert "2 attempts to sign in failed" in answers["used_by_person"].because
    assert (answers["with_mfa"].answer, answers["with_mfa"].missing) == ("unknown", ("a session of root",))
    assert steps == []


ASKED = {
    "eventName": "PasswordRecoveryRequested",
    "responseElements": {"PasswordRecoveryRequested": "Success"},
}


def test_who_asks_for_a_recovery_has_not_used_root(tell: Tell) -> None:
    answers, _ = tell(sign_in(**ASKED))
    assert answers["used_by_person"].answer == "no"
    assert "asked for 1 time, which anybody can do" in answers["used_by_person"].because
    call = did("ec2:DescribeInstances", 1, readOnly=True)
    answers, _ = tell(sign_in(**ASKED), call)
    assert (answers["used_by_person"].answer, answers["used_by_person"].event_ids) == ("yes", (call["eventID"],))


def test_a_sign_in_that_does_not_say_how_it_went_proves_no_use(tell: Tell) -> None:
    silent = sign_in(responseElements=None)
    answers, _ = tell(silent)
    assert (answers["used_by_person"].answer, answers["used_by_person"].event_ids) == ("unknown", (silent["eventID"],))
    answers, _ = tell(silent, did("ec2:DescribeInstances", 1, readOnly=True))
    assert answers["used_by_person"].answer == "yes"


def test_a_change_of_address_that_was_begun_is_no_change(tell: Tell) -> None:
    begun = did("account:StartPrimaryEmailUpdate", 1, {"primaryEmail": "x@example.com"})
    answers, _ = tell(begun)
    assert (answers["ownership_changed"].answer, answers["ownership_changed"].event_ids) == (
        "unknown",
        (begun["eventID"],),
    )
    answers, _ = tell(begun, did("account:AcceptPrimaryEmailUpdate", 2, {"primaryEmail": "x@example.com"}))
    assert answers["ownership_changed"].answer == "yes"


def trusting(principal: Any, minute: int = 1, **statement: Any) -> dict[str, Any]:
    """Root has a role that was there before trust somebody."""
    trust = {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"} | statement]}
    return did("iam:UpdateAssumeRolePolicy", minute, {"roleName": "ops", "policyDocument": json.dumps(trust)})


@pytest.mark.parametrize(
    "record",
    [
        trusting({"AWS": "arn:aws:iam::999988887777:root"}),
        trusting({"AWS": "*"}),
        trusting("*"),
        trusting({"AWS": [f"arn:aws:iam::{ACCOUNT}:root", "999988887777"]}),
        trusting({"AWS": "*"}, Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}}),
        trusting({"Federated": "accounts.example.com"}),
        did("iam:UpdateLoginProfile", 1, {"userName": "old"}),
        did("iam:UpdateSAMLProvider", 1, {"sAMLProviderArn": f"arn:aws:iam::{ACCOUNT}:saml-provider/x"}),
    ],
)
def test_what_was_there_and_root_opened_is_a_way_in(record: dict[str, Any], tell: Tell) -> None:
    answers, steps = tell(record)
    assert (answers["way_in"].answer, answers["way_in"].event_ids) == ("yes", (record["eventID"],))
    assert [step.event_id for step in steps if step.command] == [record["eventID"]]


@pytest.mark.parametrize(
    ("record", "command"),
    [
        (trusting({"Service": "ec2.amazonaws.com"}), "aws iam get-role --role-name ops"),
        # Whom a role trusts, the principals say; an account in a condition comes in by none of these.
        (
            trusting(
                {"Service": "config.amazonaws.com"}, Condition={"StringEquals": {"aws:SourceAccount": "999988887777"}}
            ),
            "aws iam get-role --role-name ops",
        ),
        (
            trusting(
                {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Condition={"StringEquals": {"sts:ExternalId": "999988887777"}}
            ),
            "aws iam get-role --role-name ops",
        ),
        (
            trusting(
                {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, Resource="*", Condition={"ArnLike": {"aws:SourceArn": "*"}}
            ),
            "aws iam get-role --role-name ops",
        ),
        (trusting({"AWS": "arn:aws:iam::999988887777:root"}, Effect="Deny"), "aws iam get-role --role-name ops"),
        (trusting({"AWS": f"arn:aws:iam::{ACCOUNT}:role/a"}), "aws iam get-role --role-name ops"),
        (
            did(
                "iam:AttachUserPolicy",
                1,
                {"userName": "old", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
            ),
            "aws iam list-attached-user-policies --user-name old",
        ),
    ],
)
def test_what_was_there_and_root_changed_may_be_a_way_in_and_is_not_shut_unseen(
    record: dict[str, Any], command: str, tell: Tell
) -> None:
    answers, steps = tell(record)
    assert (answers["way_in"].answer, answers["way_in"].event_ids) == ("unknown", (record["eventID"],))
    assert [step.command for step in steps if step.command] == [command]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ('{"statement": {"effect": "Allow", "principal": {"aws": "999988887777"}}}', "yes"),
        ('{"Statement": [{"Effect": "Allow", "NotPrincipal": {"AWS": "111122223333"}}]}', "yes"),
        ('{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999988887777:ro', "yes"),  # cut off
        ('{"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Cond', "unknown"),
        ('{"Statement": [{"Effect": "Allow", "Principal": {"AWS": 1e999}}]}', "unknown"),
        ("{" * 5000, "unknown"),
    ],
)
def test_a_trust_is_read_however_odd_its_text_is(text: str, answer: str, tell: Tell) -> None:
    answers, _ = tell(did("iam:UpdateAssumeRolePolicy", 1, {"roleName": "ops", "policyDocument": text}))
    assert answers["way_in"].answer == answer


def test_selectors_that_keep_every_management_event_are_no_certain_tampering(tell: Tell) -> None:
    data = [{"type": "AWS::S3::Object", "values": ["arn:aws:s3"]}]
    selectors = [{"readWriteType": "All", "includeManagementEvents": True, "dataResources": data}]
    answers, steps = tell(did("cloudtrail:PutEventSelectors", 1, {"trailName": "t", "eventSelectors": selectors}))
    assert answers["record_tampered"].answer == "unknown"
    assert not [step for step in steps if "trail t" in step.what]


def test_digests_switched_on_are_no_tampering(tell: Tell) -> None:
    answers, _ = tell(did("cloudtrail:UpdateTrail", 1, {"name": "t", "enableLogFileValidation": True}))
    assert answers["record_tampered"].answer == "no"


STORE = f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:eventdatastore/EDS"


@pytest.mark.parametrize(
    ("call", "request_", "command"),
    [
        ("cloudtrail:StopLogging", {"name": "t"}, "cloudtrail start-logging --name t"),
        ("cloudtrail:UpdateTrail", {"name": "t", "isMultiRegionTrail": False}, "cloudtrail get-trail --name t"),
        ("cloudtrail:UpdateTrail", {"name": "t", "s3BucketName": "elsewhere"}, "cloudtrail get-trail --name t"),
        (
            "cloudtrail:PutEventSelectors",
            {"trailName": "t", "eventSelectors": [{"readWriteType": "WriteOnly", "includeManagementEvents": False}]},
            "cloudtrail get-event-selectors --trail-name t",
        ),
        (
            "cloudtrail:DeleteEventDataStore",
            {"eventDataStore": STORE},
            "cloudtrail restore-event-data-store --event-data-store EDS",
        ),
        (
            "config:StopConfigurationRecorder",
            {"configurationRecorderName": "default"},
            "configservice start-configuration-recorder --configuration-recorder-name default",
        ),
        ("guardduty:DeleteDetector", {"detectorId": "d1"}, "guardduty create-detector"),
        (
            "guardduty:UpdateDetector",
            {"detectorId": "d1", "enable": False},
            "guardduty update-detector --detector-id d1",
        ),
        ("securityhub:DisableSecurityHub", None, "securityhub enable-security-hub"),
    ],
)
def test_what_watched_is_had_to_watch_again(
    call: str, request_: dict[str, Any] | None, command: str, tell: Tell
) -> None:
    broken = did(call, 1, request_, awsRegion="eu-west-1")
    _, steps = tell(broken)
    (step,) = [step for step in steps if step.event_id == broken["eventID"] and step.command]
    flag = " --enable" if command.startswith("guardduty") else ""
    assert step.command == f"aws {command} --region eu-west-1{flag}"


def test_the_log_group_of_a_trail_is_made_again(tell: Tell) -> None:
    group = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:CT:*"
    _, steps = tell(
        did("cloudtrail:CreateTrail", 1, {"name": "t", "cloudWatchLogsLogGroupArn": group}, who=user("admin")),
        did("logs:DeleteLogGroup", 2, {"logGroupName": "CT"}, awsRegion="us-east-1"),
    )
    assert "aws logs create-log-group --log-group-name CT --region us-east-1" in [step.command for step in steps]


def test_a_trail_of_the_same_name_in_another_region_is_another_trail(tell: Tell) -> None:
    _, steps = tell(
        did("cloudtrail:StopLogging", 1, {"name": "t"}, awsRegion="eu-west-1"),
        did("cloudtrail:StartLogging", 2, {"name": "t"}, awsRegion="us-east-1", who=user("admin")),
    )
    assert "aws cloudtrail start-logging --name t --region eu-west-1" in [step.command for step in steps]


def test_what_is_deleted_has_no_other_step(tell: Tell) -> None:
    _, steps = tell(
        did("cloudtrail:UpdateTrail", 1, {"name": "t", "isMultiRegionTrail": False}),
        did("cloudtrail:StopLogging", 2, {"name": "t"}),
        did("cloudtrail:DeleteTrail", 3, {"name": "t"}),
    )
    assert [step.what.partition(",")[0] for step in steps if "trail t" in step.what] == [
        "Make the trail again",
        "Start the trail that was made again: trail t",
    ]


ASSIGNED = {
    "instanceArn": "arn:aws:sso:::instance/ssoins-1",
    "permissionSetArn": "arn:aws:sso:::permissionSet/ssoins-1/ps-1",
    "principalId": "u-1",
    "principalType": "USER",
    "targetId": ACCOUNT,
    "targetType": "AWS_ACCOUNT",
}


TAKEN_AWAY = (
    "aws sso-admin delete-account-assignment --instance-arn arn:aws:sso:::instance/ssoins-1"
    " --permission-set-arn arn:aws:sso:::permissionSet/ssoins-1/ps-1 --principal-id u-1 --principal-type USER"
    f" --target-id {ACCOUNT} --target-type AWS_ACCOUNT --region eu-west-1"
)


@pytest.mark.parametrize(
    ("record", "command"),
    [
        (
            did("iam:UploadSigningCertificate", 1, {"certificateBody": "x"}, {"certificate": {"certificateId": "C1"}}),
            "aws iam update-signing-certificate --certificate-id C1 --status Inactive",
        ),
        (
            did(
                "iam:CreateServiceSpecificCredential",
                1,
                {"userName": "svc", "serviceName": "bedrock.amazonaws.com"},
                {"serviceSpecificCredential": {"serviceSpecificCredentialId": "ACCA1"}},
            ),
            "aws iam update-service-specific-credential --user-name svc --service-specific-credential-id ACCA1 --status Inactive",
        ),
        (
            did("sso:CreateAccountAssignment", 1, ASSIGNED, awsRegion="eu-west-1"),
            TAKEN_AWAY,
        ),
        (did("sso:CreateAccountAssignment", 1, {"principalId": "u-1"}), ""),
    ],
)
def test_each_way_in_that_is_named_has_its_step(record: dict[str, Any], command: str, tell: Tell) -> None:
    answers, steps = tell(record)
    assert answers["way_in"].answer == "yes"
    assert [step.command for step in steps if step.event_id == record["eventID"]][-1] == command


@pytest.mark.parametrize(
    ("call", "step"),
    [
        ("organizations:AcceptHandshake", "Leave the organization that the account joined"),
        ("organizations:LeaveOrganization", "Invite the account that left"),
        ("organizations:RemoveAccountFromOrganization", "Invite the account that left"),
        ("billingconsole:CloseAccount", "Have AWS Support open the account again"),
        ("account:CloseAccount", "Have AWS Support open the account again"),
        ("account:PutContactInformation", "Call AWS Support: the account's e-mail address or contacts"),
    ],
)
def test_a_change_of_ownership_is_undone_as_what_it_was(call: str, step: str, tell: Tell) -> None:
    done = did(call, 1)
    answers, steps = tell(done)
    assert (answers["ownership_changed"].answer, answers["ownership_changed"].event_ids) == ("yes", (done["eventID"],))
    assert steps[0].what.startswith(step)
    assert [one.what.startswith("Take root back") for one in steps[:2]] == [False, True]


def test_what_a_management_account_does_to_another_changes_the_ownership_of_that_one(tell: Tell) -> None:
    admin = user("admin", account="444455556666")
    removed = did(
        "organizations:RemoveAccountFromOrganization",
        1,
        {"accountId": ACCOUNT},
        who=admin,
        recipientAccountId="444455556666",
    )
    refused = removed | {"errorCode": "AccessDenied", "eventID": "11111111-2222-4333-8444-555555555555"}
    answers, _ = tell(did("s3:ListBuckets", 2), removed, refused, account_id=ACCOUNT)
    assert (answers["ownership_changed"].answer, answers["ownership_changed"].event_ids) == (
        "yes",
        (removed["eventID"],),
    )


@pytest.mark.parametrize(("mfa", "answer"), [("Yes", "yes"), ("No", "no"), (None, "unknown")])
def test_mfa_is_judged_by_the_sign_in(mfa: str | None, answer: str, tell: Tell) -> None:
    answers, _ = tell(sign_in(mfa=mfa, eventTime=at(1)))
    assert answers["with_mfa"].answer == answer


def test_an_asked_recovery_alone_is_unknown(tell: Tell) -> None:
    asked = sign_in(eventName="PasswordRecoveryRequested", responseElements={"PasswordRecoveryRequested": "Success"})
    answers, _ = tell(asked)
    assert (answers["password_changed"].answer, answers["password_changed"].event_ids) == (
        "unknown",
        (asked["eventID"],),
    )


def test_a_change_that_does_not_say_of_what_is_neither_shown_nor_denied(tell: Tell) -> None:
    either = did("billingconsole:SetAccountPreferences", 1)
    answers, _ = tell(either)
    for name in ("password_changed", "ownership_changed"):
        assert (answers[name].answer, answers[name].event_ids) == ("unknown", (either["eventID"],))
        assert "does not say which" in answers[name].because
    changed = did("account:AcceptPrimaryEmailUpdate", 2, {"primaryEmail": "x@example.com"})
    answers, _ = tell(either, changed)
    assert (answers["ownership_changed"].answer, answers["password_changed"].answer) == ("yes", "unknown")


def test_what_was_removed_needs_no_undoing(tell: Tell) -> None:
    answers, steps = tell(
        made_key("AKIANEW", 1, "bob"),
        did("iam:DeleteAccessKey", 2, {"accessKeyId": "AKIANEW"}, who=user("admin")),
        did("cloudtrail:StopLogging", 3, {"name": "main"}),
        did("cloudtrail:StartLogging", 4, {"name": "main"}, who=user("admin")),
    )
    assert answers["way_in"].answer == "unknown"
    assert not [step for step in steps if step.command]


def test_a_renamed_user_and_its_own_key_are_called_by_their_names(tell: Tell) -> None:
    key = {"accessKey": {"accessKeyId": "AKIAX", "userName": "y"}}
    _, steps = tell(
        did("iam:CreateUser", 1, {"userName": "x"}),
        did("iam:UpdateUser", 2, {"userName": "x", "newUserName": "y"}),
        did("iam:CreateAccessKey", 3, None, key, who=user("y")),
    )
    named = [words[words.index("--user-name") + 1] for step in steps if (words := shlex.split(step.command))]
    assert named == ["y", "y"]


def test_what_may_be_gone_is_no_proof_of_a_way_in(tell: Tell) -> None:
    answers, _ = tell(did("iam:CreateUser", 1, {"userName": "x"}), did("iam:DeleteUser", 1, {"userName": "x"}))
    assert answers["way_in"].answer == "unknown"
    assert "user x" in answers["way_in"].because


def test_what_a_renamed_user_got_before_is_taken_by_its_present_name(tell: Tell) -> None:
    _, steps = tell(
        made_key("AKIAX", 1, "bad"),
        did("iam:CreateLoginProfile", 1, {"userName": "bad"}),
        did("iam:UpdateUser", 2, {"userName": "bad", "newUserName": "good"}, who=user("admin")),
    )
    assert [step.command for step in steps if step.command] == [
        "aws iam update-access-key --user-name good --access-key-id AKIAX --status Inactive",
        "aws iam delete-login-profile --user-name good",
    ]


def with_own_key(minute: int) -> dict[str, Any]:
    """A call of root's with a key that was there before."""
    return did("sts:GetCallerIdentity", minute) | {
        "userIdentity": root_event(identity={"accessKeyId": "AKIAOWN"})["userIdentity"]
    }


def test_a_key_of_roots_that_was_there_before_and_was_used_is_a_way_in(tell: Tell) -> None:
    used = with_own_key(1)
    answers, steps = tell(used)
    assert (answers["way_in"].answer, answers["way_in"].event_ids) == ("yes", (used["eventID"],))
    (step,) = [step for step in steps if "AKIAOWN" in step.what]
    assert "as root; by AssumeRoot (IAMDeleteRootUserCredentials) it can only be deleted" in step.what
    assert step.command == "aws iam update-access-key --access-key-id AKIAOWN --status Inactive"


def test_a_key_of_roots_that_was_used_and_deleted_is_said_to_be(tell: Tell) -> None:
    answers, steps = tell(with_own_key(1), did("iam:DeleteAccessKey", 2, {"accessKeyId": "AKIAOWN"}))
    assert (answers["access_keys"].answer, answers["way_in"].answer) == ("yes", "unknown")
    assert "AKIAOWN (deleted since)" in answers["access_keys"].because
    assert not [step for step in steps if "AKIAOWN" in step.what]


def test_a_key_that_root_made_and_the_record_does_not_name_is_there(tell: Tell) -> None:
    made = did("iam:CreateAccessKey", 1)
    answers, _ = tell(made)
    for name in ("access_keys", "way_in"):
        assert (answers[name].answer, answers[name].event_ids) == ("yes", (made["eventID"],))
        assert "one whose ID is not recorded" in answers[name].because


def test_the_key_of_a_user_needs_no_root(tell: Tell) -> None:
    _, steps = tell(made_key("AKIAUSER", 1, "bob"))
    (step,) = [step for step in steps if "AKIAUSER" in step.what]
    assert "root" not in step.what


def deleted_trail(*records: dict[str, Any], tell: Tell) -> tuple[Step, Step]:
    """What to do about a trail that root deleted, in two steps."""
    _, steps = tell(*records, did("cloudtrail:DeleteTrail", 9, {"name": "main"}, awsRegion="eu-west-1"))
    make, start = [step for step in steps if "trail main" in step.what]
    return make, start


ADMIN = user("admin")
GROUP = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:CT:*"
TRAIL = {
    "name": "main",
    "s3BucketName": "audit-logs",
    "s3KeyPrefix": "org",
    "snsTopicName": "told",
    "includeGlobalServiceEvents": True,
    "isMultiRegionTrail": True,
    "isOrganizationTrail": False,
    "cloudWatchLogsLogGroupArn": GROUP,
    "cloudWatchLogsRoleArn": f"arn:aws:iam::{ACCOUNT}:role/CT",
    "kmsKeyId": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/k-1",
}


def test_a_deleted_trail_of_which_nothing_is_known_has_no_command(tell: Tell) -> None:
    make, start = deleted_trail(tell=tell)
    assert (make.what, make.command) == ("Make the trail again, it was deleted: trail main", "")
    assert "not told by these logs: s3BucketName, isMultiRegionTrail" in make.why
    # What the AWS CLI creates does not record yet.
    assert start.command == "aws cloudtrail start-logging --name main --region eu-west-1"


def test_a_deleted_trail_is_made_again_as_it_was_before_root_touched_it(tell: Tell) -> None:
    answered = TRAIL | {
        "trailARN": f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/main",
        "logFileValidationEnabled": True,
    }
    created = did("cloudtrail:CreateTrail", 1, {"name": "main"}, answered, who=ADMIN, awsRegion="eu-west-1")
    moved = did(
        "cloudtrail:UpdateTrail", 2, {"name": "main", "s3BucketName": "audit-logs-2"}, who=ADMIN, awsRegion="eu-west-1"
    )
    elsewhere = did("cloudtrail:CreateTrail", 3, TRAIL | {"s3BucketName": "x"}, who=ADMIN, awsRegion="us-east-1")
    refused = did("cloudtrail:UpdateTrail", 4, {"name": "main", "s3BucketName": "y"}, who=ADMIN, awsRegion="eu-west-1", errorCode="AccessDenied")  # fmt: skip
    narrowed = did(
        "cloudtrail:UpdateTrail",
        5,
        {"name": "main", "isMultiRegionTrail": False, "s3BucketName": "thief"},
        awsRegion="eu-west-1",
    )
    seen = did(
        "cloudtrail:GetTrail",
        6,
        {"name": "main"},
        {"trail": answered | {"s3BucketName": "thief"}},
        awsRegion="eu-west-1",
    )
    make, _ = deleted_trail(created, moved, elsewhere, refused, narrowed, seen, tell=tell)
    assert shlex.split(make.command) == [
        "aws", "cloudtrail", "create-trail", "--name", "main", "--s3-bucket-name", "audit-logs-2", "--s3-key-prefix", "org",
        "--sns-topic-name", "told", "--kms-key-id", TRAIL["kmsKeyId"], "--cloud-watch-logs-log-group-arn", GROUP,
        "--cloud-watch-logs-role-arn", TRAIL["cloudWatchLogsRoleArn"], "--region", "eu-west-1",
        "--is-multi-region-trail", "--include-global-service-events", "--no-is-organization-trail",
        "--enable-log-file-validation",
    ]  # fmt: skip
    model = botocore.session.get_session().get_service_model("cloudtrail").operation_model("CreateTrail")
    options = {word.replace("--no-", "--") for word in shlex.split(make.command) if word.startswith("--")}
    assert options - {"--region"} <= {f"--{xform_name(member, '-')}" for member in model.input_shape.members}
    assert moved["eventID"] in make.why
    assert "not told" not in make.why


def test_a_deleted_trail_that_a_listing_shows_is_made_again_with_what_it_shows(tell: Tell) -> None:
    listed = [
        {"name": "other", "s3BucketName": "no", "homeRegion": "eu-west-1"},
        {"name": "main", "s3BucketName": "file://x", "homeRegion": "us-east-1"},
        {"name": "main", "s3BucketName": "audit-logs", "homeRegion": "eu-west-1", "isMultiRegionTrail": False},
    ]
    make, _ = deleted_trail(did("cloudtrail:DescribeTrails", 1, None, {"trailList": listed}, who=ADMIN), tell=tell)
    assert make.command == (
        "aws cloudtrail create-trail --name main --s3-bucket-name audit-logs --region eu-west-1 --no-is-multi-region-trail"
    )
    assert "includeGlobalServiceEvents" in make.why


@pytest.mark.parametrize(
    ("calls", "commands"),
    [
        (["DisableKey"], ["enable-key"]),
        (["ScheduleKeyDeletion"], ["cancel-key-deletion", "enable-key"]),
        (["ScheduleKeyDeletion", "CancelKeyDeletion"], ["enable-key"]),
        (["DisableKey", "EnableKey"], []),
    ],
)
def test_a_key_is_switched_on_again(calls: list[str], commands: list[str], tell: Tell) -> None:
    _, steps = tell(*(did(f"kms:{call}", minute, {"keyId": "k"}) for minute, call in enumerate(calls)))
    assert [words[2] for step in steps if (words := step.command.split())[1:2] == ["kms"]] == commands


HOSTILE = "x'; rm -rf / #$(id)`id`"


def test_names_of_attackers_stay_words_of_the_command(tell: Tell) -> None:
    _, steps = tell(
        did("iam:CreateUser", 1, {"userName": HOSTILE}),
        did("ec2:CreateKeyPair", 2, {"keyName": HOSTILE}, awsRegion="eu-west-1"),
        did("s3:PutBucketPolicy", 3, {"bucketName": HOSTILE}),
    )
    commands = [shlex.split(step.command) for step in steps if step.command]
    assert len(commands) == 3
    assert all(HOSTILE in words for words in commands)


def test_a_name_that_begins_as_an_option_does_is_no_option(tell: Tell) -> None:
    _, steps = tell(
        did("iam:CreateUser", 1, {"userName": "--profile"}),
        did("iam:CreateLoginProfile", 2, {"userName": "-x"}),
        did("ec2:CreateKeyPair", 3, {"keyName": "--debug"}, awsRegion="eu-west-1"),
    )
    words = [shlex.split(step.command) for step in steps if step.command]
    assert ["aws", "iam", "delete-login-profile", "--user-name=-x"] in words
    assert ["aws", "ec2", "delete-key-pair", "--key-name=--debug", "--region", "eu-west-1"] in words
    (quarantine,) = [one for one in words if "put-user-policy" in one]
    assert quarantine[3:6] == ["--user-name=--profile", "--policy-name", "Quarantine"]


def test_a_name_that_the_aws_cli_would_take_for_a_file_stands_in_no_command(tell: Tell) -> None:
    _, steps = tell(did("ec2:CreateKeyPair", 3, {"keyName": "file:///etc/passwd"}, awsRegion="eu-west-1"))
    (step,) = [step for step in steps if "file:///etc/passwd" in step.what]
    assert step.command == ""


def test_a_thing_without_a_region_has_a_command_without_one(tell: Tell) -> None:
    _, steps = tell(did("ec2:CreateKeyPair", 3, {"keyName": "k"}, awsRegion=ABSENT))
    (step,) = [step for step in steps if "EC2 key pair" in step.what]
    assert step.command == "aws ec2 delete-key-pair --key-name k"


MADE = [
    made_key("AKIANEW", 1, None),
    made_key("AKIAUSER", 1, "bob"),
    did("iam:CreateLoginProfile", 2, {"userName": "bob"}),
    did("iam:CreateUser", 3, {"userName": "mallory"}),
    did("iam:CreateRole", 4, {"roleName": "door"}),
    did("iam:CreateSAMLProvider", 5, None, {"sAMLProviderArn": f"arn:aws:iam::{ACCOUNT}:saml-provider/x"}),
    did("iam:CreateOpenIDConnectProvider", 5, None, {"openIDConnectProviderArn": f"arn:aws:iam::{ACCOUNT}:oidc-provider/x.org"}),
    did("rolesanywhere:CreateTrustAnchor", 6, {"name": "x"}),
    did("cloudtrail:StopLogging", 7, {"name": "main"}),
    did("ec2:CreateSnapshot", 8, None, {"snapshotId": "snap-1"}),
    did("ec2:CreateImage", 8, None, {"imageId": "ami-1"}),
    did("s3:PutBucketPolicy", 9, {"bucketName": "b"}),
    did("ram:CreateResourceShare", 10, None, {"resourceShare": {"resourceShareArn": "arn:aws:ram:us-east-1:1:resource-share/1"}}),
    did("ec2:RunInstances", 11, None, {"instancesSet": {"items": [{"instanceId": "i-0a"}]}}),
    did("lambda:CreateFunction20150331", 12, {"functionName": "f"}),
    did("ec2:CreateKeyPair", 13, {"keyName": "k"}),
    did("ec2:CreateSecurityGroup", 14, None, {"groupId": "sg-1"}),
    did("kms:ScheduleKeyDeletion", 15, {"keyId": "k"}),
    did("account:PutAlternateContact", 16, {"alternateContactType": "SECURITY"}),
]  # fmt: skip


def test_the_commands_are_commands_of_aws_with_known_options(tell: Tell) -> None:
    """Checked against the service models that the AWS CLI is made from."""
    _, steps = tell(*MADE)
    commands = [shlex.split(step.command) for step in steps if step.command]
    assert len(commands) == len(MADE) + 1  # a key has two
    session = botocore.session.get_session()
    for program, service, operation, *rest in commands:
        assert program == "aws"
        model = session.get_service_model({"s3api": "s3"}.get(service, service))
        names = {xform_name(name, "-"): name for name in model.operation_names}
        shape = model.operation_model(names[operation.replace("saml-provider", "saml-provider")]).input_shape
        known = {f"--{xform_name(member, '-')}" for member in shape.members}
        options = {word for word in rest if word.startswith("--")}
        assert options - {"--region"} <= {one.replace("--open-id-connect", "--open-id-connect") for one in known}, (
            operation
        )
        required = {f"--{xform_name(member, '-')}" for member in shape.required_members}
        assert required <= options, operation


def test_root_event_builders_make_root(tell: Tell) -> None:
    answers, _ = tell(root_event())
    assert answers["used_by_person"].answer == "yes"
