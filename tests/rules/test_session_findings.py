"""Findings about sessions: what is meaningful and what is not, and which session each finding falls in."""

from __future__ import annotations

import pytest

import rootforensics as rf
from rootforensics.ingest.filters import Filters, parse_time
from tests.builders import ABSENT, ACCOUNT
from tests.rules.finding_cases import SIGN_IN_REGIONS, at, called, regions, root, sign_in
from tests.rules.test_findings import found
from tests.stories import part_of

UNOPENED = [called("02:00", "198.51.100.7", "01:00")]
AROUND = [*regions("00:00", *SIGN_IN_REGIONS), *regions("03:00", *SIGN_IN_REGIONS)]


@pytest.mark.parametrize(
    ("one", "other", "moved"),
    [
        ("2001:db8:1:2::5", "2001:db8:1:2:aaaa:bbbb:cccc:dddd", False),
        ("2001:db8:1:2::5", "2001:db8:1:3::5", True),
        ("2001:DB8::5", "2001:db8::6", False),
        ("198.51.100.7", "2001:db8:1:2::5", True),
        ("198.51.100.7", "10.0.0.1", False),
        ("198.51.100.7", "172.31.255.255", False),
        ("198.51.100.7", "172.32.0.1", True),
        ("198.51.100.7", "100.63.0.1", True),
    ],
)
async def test_neighbours_and_private_addresses_are_no_move(one: str, other: str, moved: bool) -> None:
    case = await part_of(called("01:05", one, "01:00"), called("01:06", other, "01:00"))
    assert bool(found(case, "session_moved")) == moved


async def test_a_sign_in_from_elsewhere_than_its_calls_is_a_move() -> None:
    case = await part_of(sign_in("01:00", sourceIPAddress="203.0.113.5"), called("01:05", "198.51.100.9", "01:00"))
    (row,) = found(case, "session_moved")
    assert (row["event_count"], row["session_ids"]) == (2, [f"{ACCOUNT}/console_sign_in/{at('01:00')}"])
    assert found(case, "session_moved", session_moved__networks=3) == []


@pytest.mark.parametrize("more", [True, False])
async def test_credentials_for_programs_in_two_programs(more: bool) -> None:
    issued = root("01:00", "sts:GetSessionToken", responseElements={"credentials": {"accessKeyId": "ASIA1"}})
    calls = [called(f"01:0{place}", "198.51.100.7", "01:00", agent) for place, agent in enumerate(
        ("aws-cli/2.1 a", "aws-cli/2.2 b", "[aws-cli/2.2]", "iam.amazonaws.com"), 1)]  # fmt: skip
    another = [called("01:09", "198.51.100.7", "01:00", "Boto3/1.40 x")] if more else []
    rows = found(await part_of(issued, *calls, *another), "session_agent_changed")
    assert [row["event_count"] for row in rows] == ([2] if more else [])


async def test_sessions_that_follow_upon_each_other_are_one_finding_and_a_gap_can_be_allowed() -> None:
    records = [
        called("01:00", "198.51.100.7", "01:00"), called("01:30", "198.51.100.7", "01:00"),
        called("01:20", "203.0.113.5", "01:20", key="ASIA2"), called("02:00", "203.0.113.5", "01:20", key="ASIA2"),
        called("01:50", "192.0.2.1", "01:50", key="ASIA3"), called("02:05", "192.0.2.1", "01:50", key="ASIA3"),
        called("09:00", "192.0.2.1", "09:00", key="ASIA4"), called("09:06", "203.0.113.5", "09:06", key="ASIA5"),
    ]  # fmt: skip
    case = await part_of(*records)
    assert [len(row["session_ids"]) for row in found(case, "sessions_at_once")] == [3]
    wider = found(case, "sessions_at_once", sessions_at_once__gap_minutes=6)
    assert [len(row["session_ids"]) for row in wider] == [3, 2]


@pytest.mark.parametrize("missing", [*SIGN_IN_REGIONS, None])
async def test_nothing_is_said_where_a_region_of_sign_ins_is_not_in_the_case(missing: str | None) -> None:
    rest = [name for name in SIGN_IN_REGIONS if name != missing]
    around = [*regions("00:00", *rest), *regions("03:00", *rest)]
    case = await part_of(*around, UNOPENED[0] | {"awsRegion": "eu-west-1"})
    assert len(found(case, "session_without_sign_in")) == (missing is None)


async def test_nothing_is_said_at_the_begin_of_the_load() -> None:
    case = await part_of(*regions("00:01", *SIGN_IN_REGIONS), *regions("03:00", *SIGN_IN_REGIONS), *UNOPENED)
    assert found(case, "session_without_sign_in") == []
    assert len(found(case, "session_without_sign_in", session_without_sign_in__margin_minutes=59)) == 1


async def test_nothing_is_said_at_the_end_of_the_load() -> None:
    case = await part_of(*regions("00:00", *SIGN_IN_REGIONS), *regions("00:59", *SIGN_IN_REGIONS), *UNOPENED)
    assert found(case, "session_without_sign_in") == []


async def test_nothing_is_said_after_a_filter() -> None:
    filtered = await part_of(*AROUND, *UNOPENED, filters=Filters(since=parse_time("2026-08-01")))
    assert found(filtered, "session_without_sign_in") == []


async def test_nothing_is_said_by_the_logs_of_another_account() -> None:
    elsewhere = [one | {"recipientAccountId": "444455556666"} for one in AROUND]
    assert found(await part_of(*elsewhere, *UNOPENED), "session_without_sign_in") == []


async def test_a_session_that_another_call_opened_needs_no_sign_in() -> None:
    token = root("00:59", "sts:GetSessionToken", responseElements={"credentials": {"accessKeyId": "ASIA1"}})
    assert found(await part_of(*AROUND, token, *UNOPENED), "session_without_sign_in") == []


async def test_what_tells_no_begin_of_a_session_needs_no_sign_in() -> None:
    undated = [root("02:00", "iam:ListUsers", identity={"accessKeyId": "ASIA9", "sessionContext": ABSENT})]
    assert found(await part_of(*AROUND, *undated), "session_without_sign_in") == []


@pytest.mark.heavy
def test_the_view_of_the_case_is_what_the_library_says(sample_case: rf.Case) -> None:
    assert sample_case.sql("SELECT * FROM findings").rows == sample_case.findings(severity="info").rows
    assert sample_case.sql("WITH findings AS (SELECT 1 AS one) SELECT * FROM findings").rows == [{"one": 1}]
