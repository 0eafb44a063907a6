"""No is said only where the logs could have shown a yes; what they lack is named."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from tests.analysis.lineage.test_blast_radius import did, user
from tests.analysis.verdict.logs import ANOTHER, EVERYWHERE, tell
from tests.builders import ABSENT, ACCOUNT, event, write_log
from tests.stories import Names, Story, alone

if TYPE_CHECKING:
    from pathlib import Path


async def test_whole_logs_without_root_say_no() -> None:
    answers, steps = await tell()
    said = {name: one.answer for name, one in answers.items()}
    no = ("used_by_person", "password_changed", "mfa_removed", "logging_impaired", "money_spent", "ownership_changed")
    assert [said[name] for name in no] == ["no"] * 6
    # What logs cannot show is never denied.
    assert [said[name] for name in ("access_keys", "persistence", "data_exposed", "used_without_mfa")] == [
        "unknown"
    ] * 4
    assert said["used_without_approval"] == "not asked"
    assert steps == []


@pytest.mark.heavy
@pytest.mark.parametrize(
    "records",
    [[], [event(awsRegion="eu-west-1")], [did("cloudtrail:StopLogging", 10, {"name": "main"}, who=user("admin"))]],
)
@pytest.mark.quick(1)
def test_what_is_said_of_a_case_of_one_account_without_root_is_said_of_that_account(
    records: list[dict[str, Any]],
) -> None:
    """The tests of this module ask for the account; a user is told of the case."""

    def ask(analysis: Any, names: Names) -> Any:
        (whole,), own = analysis.verdicts, analysis.verdict_of(*names.accounts)
        assert (whole.account_id, own.account_id) == ("", *names.accounts)
        return [{answer.name: answer.answer for answer in told.answers} for told in (whole, own)]

    whole, own = alone(Story([*EVERYWHERE, *records], ask))
    assert whole == own


@pytest.mark.parametrize("name", ["used_by_person", "password_changed", "ownership_changed"])
async def test_without_the_regions_of_sign_ins_nothing_is_denied(name: str) -> None:
    answers, _ = await tell(event(awsRegion="us-east-1"), whole=False)
    assert answers[name].answer == "unknown"
    assert "us-east-2, us-west-2" in answers[name].missing[-1]


async def test_another_partition_has_no_such_regions() -> None:
    answers, _ = await tell(*(one | {"awsRegion": "us-gov-west-1"} for one in (ANOTHER, event())), whole=False)
    assert (answers["used_by_person"].answer, answers["mfa_removed"].answer) == ("no", "no")
    assert not [gap for gap in answers["used_by_person"].missing if "sign-ins" in gap]


@pytest.mark.parametrize("name", ["money_spent", "logging_impaired"])
async def test_logs_of_one_region_deny_nothing_that_may_be_in_others(name: str) -> None:
    answers, _ = await tell(ANOTHER, event(awsRegion="us-east-1"), whole=False)
    assert (answers[name].answer, answers["mfa_removed"].answer) == ("unknown", "no")
    assert answers[name].missing == ("logs from other Regions: the case has logs from us-east-1 only for this account",)


@pytest.mark.parametrize("name", ["money_spent", "logging_impaired"])
async def test_without_a_region_that_must_have_logs_nothing_is_denied(name: str) -> None:
    elsewhere = [ANOTHER | {"awsRegion": "us-west-2"}, event(awsRegion="us-east-2")]
    answers, _ = await tell(*elsewhere, whole=False)
    assert answers[name].answer == "unknown"
    assert answers[name].missing == ("logs from us-east-1, where more events may be recorded",)
    switched_on = did("account:EnableRegion", 1, {"RegionName": "ap-east-1"})
    answers, _ = await tell(switched_on)
    assert answers[name].answer == "unknown"
    assert answers[name].missing == ("logs from ap-east-1, where more events may be recorded",)
    answers, _ = await tell(switched_on, event(awsRegion="ap-east-1"))
    assert answers[name].answer == "no"


async def test_a_no_says_what_would_prove_that_no_region_was_left_out() -> None:
    """A Region without events and one that was left out look alike; digests are delivered for both."""
    wanted = "digest files of all Regions, or the complete folder of the trail: the case has logs only from us-east-1, us-east-2, us-west-2"
    answers, _ = await tell()
    for name in ("used_by_person", "logging_impaired", "money_spent"):
        assert answers[name].answer == "no"
        assert wanted in answers[name].missing[0]
    # What is recorded in known Regions is not missing in others.
    assert [answers[name].missing for name in ("mfa_removed", "password_changed", "ownership_changed")] == [()] * 3
    answers, _ = await tell(
        did("cloudtrail:CreateTrail", 1, {"name": "t", "isMultiRegionTrail": True}, who=user("admin"))
    )
    assert answers["money_spent"].answer == "no"
    assert answers["money_spent"].missing[0].endswith(", although a trail records all Regions")


async def test_events_of_one_identity_deny_nothing_of_others() -> None:
    answers, _ = await tell(*EVERYWHERE[1:], whole=False)
    said = {answers[name].answer for name in ("used_by_person", "mfa_removed", "money_spent", "logging_impaired")}
    assert said == {"unknown"}
    assert answers["used_by_person"].missing == (
        f"events by anyone except arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/deploy: the case has events by this identity only",
    )


async def test_without_the_region_of_iam_no_removal_of_mfa_is_denied() -> None:
    records = [event(awsRegion="eu-west-1"), ANOTHER | {"awsRegion": "us-west-2"}]
    answers, _ = await tell(*records, whole=False)
    assert answers["mfa_removed"].answer == "unknown"
    assert answers["mfa_removed"].missing == ("logs from us-east-1, where such events would be recorded",)


@pytest.mark.heavy
def test_a_digest_of_another_region_than_its_trails_home_tells_that_all_were_recorded(tmp_path: Path) -> None:
    name = "AWSLogs/111122223333/CloudTrail{}/us-{}/2026/08/05/111122223333_CloudTrail{}_us-{}_"
    write_log(
        tmp_path,
        name.format("", "east-1", "", "east-1") + "20260805T1000Z_a.json",
        [ANOTHER, event(awsRegion="us-east-1")],
    )
    key = name.format("-Digest", "west-2", "-Digest", "west-2") + "main_us-east-1_20260805T100000Z.json"
    digest = tmp_path / key
    digest.parent.mkdir(parents=True)
    told = {
        "awsAccountId": ACCOUNT, "digestStartTime": "2026-08-05T09:00:00Z", "digestEndTime": "2026-08-05T10:00:00Z",
        "digestS3Bucket": "logs", "digestS3Object": f"{key}.gz", "digestPublicKeyFingerprint": "f" * 32,
        "digestSignatureAlgorithm": "SHA256withRSA", "logFiles": [],
    }  # fmt: skip
    digest.write_text(json.dumps(told), encoding="utf-8")
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "AWSLogs")
        (told,) = case.verdict(account_id=ACCOUNT)
        rows = case.query("coverage_spans").rows
    answers = {answer.name: answer for answer in told.answers}
    assert answers["money_spent"].answer == "unknown"
    told = "logs from other Regions: the case has logs from us-east-1 only for this account"
    assert answers["money_spent"].missing == (told,)
    assert {row["region"] for row in rows if row["state"] == "unknown"} >= {"eu-west-3", "sa-east-1", "us-west-1"}


async def test_what_was_left_out_is_not_denied() -> None:
    from rootforensics.ingest.filters import Filters, parse_time

    answers, _ = await tell(load={"filters": Filters(since=parse_time("2020-01-01"))})
    for name in ("used_by_person", "mfa_removed", "money_spent", "logging_impaired"):
        assert answers[name].answer == "unknown", name
        assert "that the load filtered out" in answers[name].missing[0], name


@pytest.mark.quick(1)
@pytest.mark.parametrize(
    ("accounts", "said"), [(("444455556666",), "unknown"), ((ACCOUNT,), "no"), ((ACCOUNT, "444455556666"), "no")]
)
async def test_a_filter_that_lets_all_of_the_account_in_leaves_nothing_of_it_out(
    accounts: tuple[str, ...], said: str
) -> None:
    from rootforensics.ingest.filters import Filters

    answers, _ = await tell(load={"filters": Filters(accounts=accounts)}, account_id=ACCOUNT)
    assert [answers[name].answer for name in ("used_by_person", "mfa_removed", "money_spent")] == [said] * 3
    answers, _ = await tell(load={"filters": Filters(accounts=accounts, root_related=True)}, account_id=ACCOUNT)
    assert answers["mfa_removed"].answer == said


async def test_a_stopped_trail_is_a_gap() -> None:
    answers, steps = await tell(did("cloudtrail:StopLogging", 10, {"name": "main"}, who=user("admin")))
    assert (answers["used_by_person"].answer, answers["logging_impaired"].answer) == ("unknown", "unknown")
    assert "trail main" in answers["used_by_person"].missing[0]
    assert [step.what for step in steps] == ["Ask the owner first: root did not do this. Restart trail main"]


async def test_a_trail_without_the_events_of_global_services_is_a_gap() -> None:
    asked = {"name": "main", "includeGlobalServiceEvents": False}
    answers, _ = await tell(did("cloudtrail:UpdateTrail", 10, asked, who=user("admin")))
    assert answers["used_by_person"].answer == "unknown"
    assert "events that trail main would have recorded" in answers["used_by_person"].missing[0]


async def test_a_trail_that_was_given_another_bucket_is_a_gap() -> None:
    answers, _ = await tell(did("cloudtrail:UpdateTrail", 10, {"name": "main", "s3BucketName": "elsewhere"}))
    no = ("mfa_removed", "money_spent", "ownership_changed")
    assert {answers[name].answer for name in no} == {"unknown"}
    assert answers["logging_impaired"].answer == "unknown"  # no log tells what bucket it had
    assert "events that trail main delivered" in answers["money_spent"].missing[0]
    answers, _ = await tell(did("cloudtrail:UpdateTrail", 10, {"name": "main", "snsTopicName": "t"}))
    assert {answers[name].answer for name in no} == {"no"}


async def test_what_root_did_to_something_that_may_be_of_the_record_is_neither_shown_nor_denied() -> None:
    lone = did("monitoring:PutMetricAlarm", 10, {"alarmName": "root", "threshold": 1000000})
    answers, _ = await tell(lone)
    assert (answers["logging_impaired"].answer, answers["logging_impaired"].event_ids) == (
        "unknown",
        (lone["eventID"],),
    )
    export = did("guardduty:DeletePublishingDestination", 11, {"detectorId": "d"})
    answers, _ = await tell(lone, export)
    told = answers["logging_impaired"]
    # The remark names the other call, so that the answer cites it, too.
    assert (told.answer, told.event_ids) == ("yes", (lone["eventID"], export["eventID"]))
    assert "(PutMetricAlarm) may have impaired logging, too" in str(told)


NOBODY = {"type": ABSENT, "arn": ABSENT, "principalId": ABSENT, "accessKeyId": ABSENT, "sessionContext": ABSENT}


@pytest.mark.parametrize(
    ("fields", "unknown"),
    [
        # A call that changes something, where IAM is recorded, may be any action of root's.
        (
            {"readOnly": False},
            {"used_by_person", "password_changed", "mfa_removed", "money_spent", "ownership_changed"},
        ),
        # IAM is not recorded elsewhere, nor are root's sign-ins.
        ({"readOnly": False, "awsRegion": "us-west-1"}, {"used_by_person", "money_spent", "logging_impaired"}),
        # What reads, or fails, is a use of root and changes nothing.
        ({"readOnly": True}, {"used_by_person"}),
        ({"readOnly": False, "errorCode": "AccessDenied"}, {"used_by_person"}),
    ],
)
async def test_an_event_of_which_nobody_knows_who_acted_leaves_unknown_what_it_may_be(
    fields: dict[str, Any], unknown: set[str]
) -> None:
    nobodys = event(identity=NOBODY, **fields)
    answers, _ = await tell(nobodys)
    could = {
        "used_by_person",
        "password_changed",
        "mfa_removed",
        "money_spent",
        "ownership_changed",
        "logging_impaired",
    }
    said = {name for name in could if answers[name].answer == "unknown"}
    assert said == (could if "mfa_removed" in unknown else unknown)
    assert {answers[name].answer for name in could - said} <= {"no"}
    assert nobodys["eventID"] in answers["used_by_person"].missing[0]


@pytest.mark.parametrize("identity", ["root", [1], {"type": {"odd": 1}}, {"type": "Visitor"}])
async def test_an_identity_that_could_not_be_read_is_nobodys(identity: Any) -> None:
    odd = event(userIdentity=identity, readOnly=False)
    answers, _ = await tell(odd)
    assert (answers["money_spent"].answer, answers["used_by_person"].answer) == ("unknown", "unknown")
    assert odd["eventID"] in answers["money_spent"].missing[0]


async def test_an_event_of_nobody_concerns_its_own_account_alone() -> None:
    nobodys = event(identity=NOBODY | {"accountId": "444455556666"}, recipientAccountId="444455556666", readOnly=False)
    answers, _ = await tell(nobodys, account_id=ACCOUNT)
    assert {answers[name].answer for name in ("used_by_person", "mfa_removed", "money_spent")} == {"no"}
    answers, _ = await tell(nobodys | {"recipientAccountId": None, "userIdentity": {}}, account_id=ACCOUNT)
    assert {answers[name].answer for name in ("used_by_person", "mfa_removed", "money_spent")} == {"unknown"}


KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k-1"
TRAIL = did(
    "cloudtrail:CreateTrail",
    0,
    {"name": "main", "s3BucketName": "safe", "kmsKeyId": "alias/trail"},
    {"name": "main", "s3BucketName": "safe", "kmsKeyId": KEY, "isMultiRegionTrail": True},
    who=user("admin"),
)


@pytest.mark.parametrize(
    ("call", "request_", "said"),
    [
        ("s3:DeleteBucket", {"bucketName": "safe"}, "to bucket safe, which was deleted, from 2026-08-05 10:09:00 on"),
        ("s3:DeleteBucketPolicy", {"bucketName": "safe"}, "whose policy was deleted, from 2026-08-05 10:09:00 on"),
        ("s3:PutBucketPolicy", {"bucketName": "safe"}, "if its new policy blocks CloudTrail"),
        ("s3:DeleteObjects", {"bucketName": "safe"}, "events in files that were deleted from bucket safe"),
        ("kms:DisableKey", {"keyId": KEY}, "with key k-1, which was disabled, from 2026-08-05 10:09:00 on"),
        (
            "kms:ScheduleKeyDeletion",
            {"keyId": KEY},
            "with key k-1, which is scheduled for deletion, from 2026-08-05 10:09:00 on",
        ),
    ],
)
async def test_a_trail_that_cannot_deliver_is_a_gap(call: str, request_: dict[str, Any], said: str) -> None:
    action = did(call, 9, request_, resources=ABSENT)
    answers, _ = await tell(TRAIL, action)
    no = ("password_changed", "mfa_removed", "money_spent", "ownership_changed")
    assert {answers[name].answer for name in no} == {"unknown"}
    assert said in answers["money_spent"].missing[-1]
    # A policy that the record does not hold may let CloudTrail write as before.
    assert answers["logging_impaired"].answer == ("unknown" if call == "s3:PutBucketPolicy" else "yes")
    answers, _ = await tell(TRAIL, action | {"errorCode": "AccessDenied"})
    assert {answers[name].answer for name in no} == {"no"}


async def test_a_key_that_was_enabled_again_is_a_gap_until_then() -> None:
    off = did("kms:DisableKey", 9, {"keyId": KEY}, who=user("admin"), resources=ABSENT)
    answers, _ = await tell(TRAIL, off, did("kms:EnableKey", 12, {"keyId": KEY}, who=user("admin"), resources=ABSENT))
    assert "from 2026-08-05 10:09:00 to 2026-08-05 10:12:00" in answers["money_spent"].missing[0]


@pytest.mark.parametrize(
    ("call", "request_"),
    [
        ("s3:DeleteBucket", {"bucketName": "holidays"}),
        ("s3:PutBucketPolicy", {"bucketName": "safe"}),  # an admin's, as each day
        ("kms:DisableKey", {"keyId": KEY.replace("k-1", "k-2")}),
    ],
)
async def test_what_does_not_keep_a_trail_from_delivering_is_no_gap(call: str, request_: dict[str, Any]) -> None:
    answers, _ = await tell(TRAIL, did(call, 9, request_, who=user("admin"), resources=ABSENT))
    assert {answers[name].answer for name in ("password_changed", "mfa_removed", "money_spent")} == {"no"}
