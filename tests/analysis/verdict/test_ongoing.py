"""A trail that was stopped leaves a gap only where nothing shows that the account goes on being recorded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

import rootforensics as rf
from rootforensics.analysis.places import SIGN_IN_REGIONS
from tests.analysis.lineage.test_blast_radius import did, user
from tests.analysis.verdict.logs import tell
from tests.analysis.verdict.stories import moved
from tests.builders import ACCOUNT, event, write_log

if TYPE_CHECKING:
    from pathlib import Path

    Record = dict[str, Any]

ADMIN: Final = user("admin")
EVERYWHERE: Final = {"s3BucketName": "b", "isMultiRegionTrail": True, "includeGlobalServiceEvents": True}
GAP: Final = "events that trail main would have recorded from 2026-08-05 10:01:00 on"
ELSEWHERE: Final = f"{GAP} in Regions other than us-east-1"
NO: Final = ("used_by_person", "password_changed", "mfa_removed", "money_spent", "ownership_changed")


def made(name: str, settings: Record = EVERYWHERE, **fields: Any) -> Record:
    return did("cloudtrail:CreateTrail", 0, {"name": name} | settings, **{"who": ADMIN} | fields)


def after(*hours: int, regions: tuple[str, ...] = SIGN_IN_REGIONS, **fields: Any) -> list[Record]:
    """A write and a read at half past each hour of 5 August and the days after, in each Region."""
    return [
        event(
            eventTime=f"2026-08-{5 + hour // 24:02}T{hour % 24:02}:30:00Z", awsRegion=region, readOnly=read_only,
            eventName="DescribeTags" if read_only else "CreateTags", **fields,
        )
        for hour in hours for region in regions for read_only in (True, False)
    ]  # fmt: skip


STOPPED: Final = did("cloudtrail:StopLogging", 1, {"name": "main"}, who=ADMIN)
MAIN, SECOND = made("main"), made("second")
A_DAY: Final = after(*range(10, 36))


@pytest.mark.parametrize(
    "records",
    [
        after(10, 11),
        # What another trail records, and whether it does, its being made does not tell.
        [SECOND, *after(10, 11)],
        # The Regions fall as quiet as those whose logs are missing.
        after(10, 30),
        # It takes a day, of reads and writes of management.
        [*(one for one in A_DAY if one["readOnly"])],
        [*(one for one in A_DAY if not one["readOnly"])],
        after(*range(10, 36), eventCategory="Data", managementEvent=False),
    ],
)  # fmt: skip
async def test_where_nothing_shows_that_the_record_goes_on_it_is_missing(records: list[Record]) -> None:
    answers, _ = await tell(MAIN, STOPPED, *records)
    assert {name: answers[name].answer for name in NO[1:]} == dict.fromkeys(NO[1:], "unknown")
    assert all(any(text.startswith(GAP) for text in answers[name].missing) for name in NO[1:])


async def test_it_is_missing_in_regions_that_nothing_is_heard_of_any_more() -> None:
    answers, _ = await tell(MAIN, STOPPED, *after(*range(10, 36), regions=("us-east-1",)))
    assert answers["mfa_removed"].answer == "no"
    assert (answers["money_spent"].answer, answers["money_spent"].missing) == ("unknown", (ELSEWHERE,))


async def test_regions_that_are_busy_for_a_day_are_recorded_and_others_are_not_known() -> None:
    answers, _ = await tell(MAIN, STOPPED, *A_DAY)
    assert {answers[name].answer for name in ("mfa_removed", "password_changed", "ownership_changed")} == {"no"}
    assert answers["money_spent"].missing == (f"{GAP} in Regions other than us-east-1, us-east-2, us-west-2",)


async def test_a_busy_trail_that_was_narrowed_still_leaves_out_what_it_does_not_record() -> None:
    selectors = [{"readWriteType": "All", "includeManagementEvents": False}]
    narrowed = did(
        "cloudtrail:PutEventSelectors", 1, {"trailName": "main", "eventSelectors": selectors}, who=user("ops")
    )
    answers, _ = await tell(MAIN, narrowed, *A_DAY)
    assert {answers[name].missing for name in NO} == {(GAP,)}


async def test_a_trail_of_writes_lacks_reads_alone() -> None:
    selectors = [{"readWriteType": "WriteOnly", "includeManagementEvents": True}]
    narrowed = did(
        "cloudtrail:PutEventSelectors", 1, {"trailName": "main", "eventSelectors": selectors}, who=user("ops")
    )
    answers, _ = await tell(MAIN, narrowed)
    assert {answers[name].answer for name in NO if name != "used_by_person"} == {"no"}
    assert answers["used_by_person"].missing == (GAP,)
    assert GAP in answers["data_exposed"].missing


def history(folder: Path, name: str, records: list[Record]) -> None:
    entries = [{"EventId": record["eventID"], "CloudTrailEvent": json.dumps(record)} for record in records]
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps({"Events": entries}), encoding="utf-8")


@pytest.mark.heavy
def test_the_event_history_and_the_organization_s_trail_do_not_hang_on_a_trail_of_the_account(tmp_path: Path) -> None:
    pure, later, ended, member = (f"{222200000000 + number}" for number in range(4))
    logs = tmp_path / "logs"
    another = event(identity={"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/Deploy/another"})

    def of(account: str, *records: Record) -> list[Record]:
        return [moved(record, account) for record in records]

    before = [another, *(event(awsRegion=region) for region in SIGN_IN_REGIONS), STOPPED]
    # A Region that is quiet since is as complete as it was before.
    history(logs, "pure.json", of(pure, event(awsRegion="eu-west-3"), *before, *after(10, 11)))
    write_log(logs, "later.json", of(later, *before))
    history(logs, "later-history.json", of(later, *after(10, 11)))
    # The history was fetched before the trail was stopped.
    history(logs, "ended-history.json", of(ended, *before[:-1]))
    write_log(logs, "ended.json", of(ended, STOPPED, *after(10, 11)))
    write_log(logs, f"AWSLogs/o-abc1234567/{member}/CloudTrail/x.json", of(member, *before, *after(10, 11)))
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(logs)
        analysis = case.analysis()
        told = {
            account: {answer.name: answer for answer in analysis.verdict_of(account).answers}
            for account in (pure, later, ended, member)
        }
    for account in (pure, later, member):
        assert {told[account][name].answer for name in NO} == {"no"}, account
    assert {told[ended][name].answer for name in NO} == {"unknown"}
    assert GAP in told[ended]["mfa_removed"].missing
