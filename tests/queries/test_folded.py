"""The folded timeline: every event of root's activity once, reads together, all else on a line of its own."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from tests.builders import event, root_event
from tests.queries.test_root import NOISE, sign_in
from tests.queries.test_sessions import at, call, issue
from tests.stories import part_of

if TYPE_CHECKING:
    import rootforensics as rf
    from tests.stories import Part


def told(case: rf.Case | Part, **given: object) -> list[tuple[str, str, int]]:
    rows = case.query("root_timeline_folded", **given).rows
    return [(row["line_kind"], row["what"], row["event_count"]) for row in rows]


def test_every_event_of_activity_stands_on_one_line(sample_case: rf.Case) -> None:
    timeline = [row for row in sample_case.query("root_timeline").rows if row["origin_group"] != "noise"]
    rows = sample_case.query("root_timeline_folded").rows
    cited = Counter(one for row in rows for one in row["eventIDs"])
    assert cited == Counter(row["eventID"] for row in timeline)
    assert all(len(row["eventIDs"]) == row["event_count"] for row in rows)
    assert len(rows) < len(timeline) / 2


async def test_reads_of_one_session_fold_until_something_else_happens() -> None:
    begun = at("10:00:00")
    reads = [
        call(at(f"10:0{minute}:00"), "ASIAONE", begun, readOnly=True, eventName="ListUsers")
        for minute in (1, 2, 3, 5, 6)
    ]
    case = await part_of(
        sign_in(eventTime=begun),
        *reads,
        call(at("10:04:00"), "ASIATWO", begun, readOnly=False, eventName="CreateUser"),
        call(at("10:05:30"), "ASIAELSE", at("10:05:00"), readOnly=True, eventName="ListRoles"),
        call(at("10:07:00"), "ASIATWO", begun, readOnly=True, errorCode="AccessDenied", eventName="ListKeys"),
        call(at("10:08:00"), "ASIATWO", begun, readOnly=True, eventName="ListKeys"),
        call(at("10:13:01"), "ASIATWO", begun, readOnly=True, eventName="ListKeys"),
        root_event(eventTime=at("10:02:30"), readOnly=True, **NOISE),
        event(eventTime=at("10:02:31"), readOnly=True),
    )
    assert told(case) == [
        ("sign_in", "ConsoleLogin", 1),
        ("reads", "3 reads of 1 service", 3),
        ("write", "CreateUser", 1),
        ("reads", "3 reads of 1 service", 3),
        ("reads", "ListRoles", 1),
        ("attempt", "ListKeys", 1),
        ("reads", "ListKeys", 1),
    ]
    assert told(case, pause_seconds=301)[3] == ("reads", "4 reads of 1 service", 4)


async def test_refused_reads_of_a_page_fold_beside_those_that_were_answered() -> None:
    begun = at("10:00:00")
    refused = {"readOnly": True, "errorCode": "AccessDenied"}
    case = await part_of(
        call(at("10:01:00"), "ASIAONE", begun, readOnly=True, eventName="ListUsers"),
        call(at("10:01:01"), "ASIAONE", begun, **refused, eventName="ListRoles"),
        call(at("10:01:02"), "ASIAONE", begun, readOnly=True, eventName="ListGroups"),
        call(at("10:01:03"), "ASIAONE", begun, **refused, eventName="ListPolicies"),
        call(at("10:02:00"), "ASIAONE", begun, readOnly=False, errorCode="AccessDenied", eventName="CreateUser"),
        call(at("10:02:01"), "ASIAONE", begun, readOnly=False, errorCode="AccessDenied", eventName="CreateUser"),
        call(at("10:02:02"), "ASIAONE", begun, **refused, eventName="ListRoles"),
    )
    assert told(case) == [
        ("reads", "2 reads of 1 service", 2),
        ("attempt", "2 refused reads of 1 service", 2),
        ("attempt", "CreateUser", 1),
        ("attempt", "CreateUser", 1),
        ("attempt", "ListRoles", 1),
    ]


async def test_an_opening_of_a_root_session_stands_in_it_once() -> None:
    case = await part_of(
        issue("AssumeRoot", "ASIANEW", at("10:00:00"), event),
        issue("AssumeRoot", "ASIAROOT", at("10:00:01")),
        issue("AssumeRoot", "ASIANONE", at("10:00:02"), event, errorCode="AccessDenied"),
    )
    assert sorted(told(case)) == [
        ("opening", "AssumeRoot", 1),
        ("opening", "AssumeRoot", 1),
        ("write", "AssumeRoot", 1),
    ]
