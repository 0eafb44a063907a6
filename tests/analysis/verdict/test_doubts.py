"""What a record or a file leaves open is not filled in: a blank field, a table without accounts, a file of insights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rootforensics as rf
from rootforensics.analysis.limits import SIGN_IN_REGIONS
from tests.analysis.blast.test_radius import at, did, user
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
    told = (await tell(made, *twice))[0]["record_tampered"]
    assert (told.answer, set(told.event_ids)) == ("yes", {one["eventID"] for one in twice})


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
    answers = {one.name: one for one in told.answers}
    assert {answers[name].answer for name in NO} == {"unknown"}
    assert any("who acted in 1 event of b.csv" in one for one in answers["mfa_removed"].missing)


def test_a_file_of_insights_does_not_show_that_a_region_was_recorded(tmp_path: Path) -> None:
    day = logs(lambda region, hour: region == "us-east-1" and 48 <= hour < 72)
    assert {one["awsRegion"] for one in day} == {*SIGN_IN_REGIONS}
    write_log(tmp_path, "logs/a.json", [*day, USED])
    name = f"logs/{ACCOUNT}_CloudTrail-Insight_us-east-1_20260805T1005Z_0123456789abcdef.json"
    write_log(tmp_path, name, [])
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "logs")
        (told,) = case.verdict(account_id=ACCOUNT)
    (removed,) = [one for one in told.answers if one.name == "mfa_removed"]
    assert any("us-east-1 between 2026-08-04 23:15 and 2026-08-06 00:15" in one for one in removed.missing)
