"""Corrections: of a record and the one that takes its place one counts, and none hides what it does not correct.

The shape of an addendum is that of the AWS CloudTrail User Guide, "Record contents".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.telling.story import tell
from rootforensics.telling.summary import summarize
from tests.builders import ABSENT, event, root_event, write_log
from tests.stories import part_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    CaseOf = Callable[..., rf.Case]

    from tests.stories import Part

OTHER = "444455556666"
STOP: dict[str, Any] = {"eventSource": "cloudtrail.amazonaws.com", "eventName": "StopLogging", "readOnly": False}


def stopped(**more: Any) -> dict[str, Any]:
    return root_event(**STOP | more)


def corrected(original: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A correction of an event, by which the call was refused."""
    addendum = {
        "reason": "UPDATED_DATA",
        "updatedFields": "errorCode",
        "originalRequestID": original.get("requestID"),
        "originalEventID": original.get("eventID"),
    }
    told = {"errorCode": "AccessDenied", "addendum": addendum, "requestID": original.get("requestID")}
    return stopped(**told | more)


def states(case: rf.Case | Part) -> dict[str, str]:
    return {row["eventID"]: row["state"] for row in case.query("addenda").rows}


def counted(case: rf.Case | Part) -> set[str]:
    return {row["eventID"] for row in case.query("root_events").rows}


@pytest.mark.heavy
def test_a_correction_counts_in_place_of_what_it_withdraws(case_of: CaseOf) -> None:
    first = stopped()
    second = corrected(first)
    case = case_of(first, second, event())
    assert [(row["eventID"], row["outcome"]) for row in case.query("root_writes").rows] == [
        (second["eventID"], "failure")
    ]
    (row,) = [row for row in case.query("addenda").rows if row["state"] == "superseded"]
    assert (row["eventID"], row["by_eventID"], row["reason"]) == (first["eventID"], second["eventID"], None)
    assert states(case) == {first["eventID"]: "superseded", second["eventID"]: "correction"}
    analysis = case.analysis()
    events = summarize(analysis)["events"]
    assert (events["total"], events["calls"], events["superseded"]) == (3, 2, 1)
    assert case.sql("SELECT count(*) AS n FROM events").rows == [{"n": 3}]
    (told,) = [one for one in tell(analysis) if "AWS corrected" in one.text]
    assert (told.event_ids, "1 event (StopLogging)" in told.text) == ((first["eventID"],), True)
    (impaired,) = [answer for answer in analysis.verdicts[0].answers if answer.name == "logging_impaired"]
    assert impaired.answer != "yes"


async def test_a_correction_under_the_same_id_is_a_correction() -> None:
    first = stopped()
    case = await part_of(first, corrected(first, eventID=first["eventID"]))
    assert [row["errorCode"] for row in case.query("root_events").rows] == ["AccessDenied"]


@pytest.mark.parametrize("withdrawn", [True, False])
async def test_what_was_withdrawn_tells_nothing_of_trails_and_sessions(withdrawn: bool) -> None:
    asked = {"name": "t", "s3BucketName": "elsewhere"}
    moved = stopped(eventName="UpdateTrail", requestParameters=asked, responseElements=asked)
    opened = stopped(
        eventSource="sts.amazonaws.com",
        eventName="GetSessionToken",
        responseElements={"credentials": {"accessKeyId": "ASIANEVERGIVEN000001"}},
    )
    refused = [
        corrected(one, eventSource=one["eventSource"], eventName=one["eventName"], requestParameters=None)
        for one in (moved, opened)
    ]
    acted = root_event(identity={"accessKeyId": "ASIANEVERGIVEN000001"})
    case = await part_of(moved, opened, *(refused if withdrawn else []), acted)
    settings = case.query("trail_settings").rows
    kinds = {row["session_kind"] for row in case.query("root_sessions").rows}
    assert [row["s3BucketName"] for row in settings] == ([] if withdrawn else ["elsewhere"])
    assert ("get_session_token" in kinds) == (not withdrawn)


@pytest.mark.heavy
def test_the_correction_may_come_in_another_file_before_or_after(tmp_path: Path) -> None:
    first = stopped()
    second = corrected(first)
    for order in ((first, second), (second, first)):
        with rf.open_case(tmp_path / f"{order[0]['eventID']}.duckdb") as case:
            for place, record in enumerate(order):
                folder = tmp_path / f"{order[0]['eventID']}{place}"
                write_log(folder, "log.json", [record])
                case.load(folder)
            assert counted(case) == {second["eventID"]}


def test_of_several_corrections_the_one_delivered_last_counts(tmp_path: Path) -> None:
    first = stopped()
    early, late = corrected(first), corrected(first)
    of_late = corrected(late)
    for stamp, records in (("1200", [late, of_late]), ("1100", [early]), ("1000", [first])):
        name = f"111122223333_CloudTrail_us-east-1_20260805T{stamp}Z_ABCDEFGHabcdefgh.json"
        write_log(tmp_path / "a", name, records)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "a")
        assert counted(case) == {of_late["eventID"]}
        gone = dict.fromkeys((first["eventID"], early["eventID"], late["eventID"]), "superseded")
        assert states(case) == gone | {of_late["eventID"]: "correction"}


def test_a_correction_that_was_delivered_later_counts_before_one_of_an_earlier_correction(tmp_path: Path) -> None:
    first = stopped()
    early, late = corrected(first), corrected(first)
    for stamp, records in (("1200", [late]), ("1100", [first, early, corrected(early)])):
        name = f"111122223333_CloudTrail_us-east-1_20260805T{stamp}Z_ABCDEFGHabcdefgh.json"
        write_log(tmp_path / str(9999 - int(stamp)), name, records)
    with rf.open_case(tmp_path / "case.duckdb") as case:
        case.load(tmp_path / "8799", tmp_path / "8899")
        assert counted(case) == {late["eventID"]}


async def test_a_correction_of_what_is_not_in_the_case_counts_alone() -> None:
    alone = corrected(stopped())
    case = await part_of(alone)
    assert (counted(case), states(case)) == ({alone["eventID"]}, {alone["eventID"]: "alone"})


async def test_the_request_tells_what_is_corrected_if_it_made_one_event() -> None:
    first = stopped(requestID="r-1")
    second = corrected(first, addendum={"reason": "UPDATED_DATA", "originalRequestID": "r-1"})
    case = await part_of(first, second)
    assert states(case) == {first["eventID"]: "superseded", second["eventID"]: "correction"}


async def test_the_request_tells_nothing_if_it_made_two_events() -> None:
    first = stopped(requestID="r-1")
    second = corrected(first, addendum={"reason": "UPDATED_DATA", "originalRequestID": "r-1"})
    case = await part_of(first, stopped(requestID="r-1"), second)
    assert (len(counted(case)), states(case)) == (3, {second["eventID"]: "not_followed"})


#: What makes a correction that of another event.
OTHERS = [
    {"recipientAccountId": OTHER},
    {"eventName": "DeleteTrail"},
    {"eventSource": "s3.amazonaws.com"},
    {"userIdentity": {"type": "IAMUser", "arn": f"arn:aws:iam::{OTHER}:user/eve", "userName": "eve"}},
    {"userIdentity": None},
    {"identity": {"arn": f"arn:aws:iam::{OTHER}:root"}},
]


@pytest.mark.heavy
def test_no_record_withdraws_what_is_not_its_own_and_a_late_event_is_the_only_one(case_of: CaseOf) -> None:
    victims, hostile = [], []
    for other in OTHERS:
        first, asked = stopped(), stopped()
        by_request = {"reason": "UPDATED_DATA", "originalRequestID": asked["requestID"]}
        victims += [first, asked]
        hostile += [corrected(first, **other), corrected(asked, addendum=by_request, **other)]
    late = [stopped(addendum={"reason": reason}) for reason in ("DELIVERY_DELAY", "SERVICE_OUTAGE")]
    late += [stopped(addendum=one["addendum"] | {"originalEventID": one["eventID"]}) for one in late]
    case = case_of(*victims, *hostile, *late)
    assert {one["eventID"] for one in (*victims, *late)} <= counted(case)
    assert states(case) == {one["eventID"]: "not_followed" for one in hostile} | {
        one["eventID"]: "late" for one in late
    }
    analysis = case.analysis()
    assert summarize(analysis)["events"]["superseded"] == 0
    said = tell(analysis)
    (told,) = [one for one in said if "call themselves corrections" in one.text]
    assert set(told.event_ids) == {one["eventID"] for one in hostile}
    assert not [one for one in said if "corrected" in one.text]


async def test_records_that_name_themselves_or_each_other_all_count() -> None:
    ring = [corrected(stopped()) for _ in range(3)]
    for record, named in zip(ring, [*ring[1:], ring[0]], strict=True):
        record["addendum"] |= {"originalEventID": named["eventID"]}
    itself = corrected(stopped())
    itself["addendum"] |= {"originalEventID": itself["eventID"]}
    case = await part_of(*ring, itself)
    ids = {record["eventID"] for record in (*ring, itself)}
    assert (counted(case), states(case)) == (ids, dict.fromkeys(ids, "not_followed"))


async def test_a_record_without_an_id_of_its_own_may_be_a_correction() -> None:
    first = stopped()
    case = await part_of(first, corrected(first, eventID=ABSENT))
    assert [row["errorCode"] for row in case.query("root_events").rows] == ["AccessDenied"]
