"""The replay: when the alarm fires, how late it is, and what it never shows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.alarm import replay as alarm_replay
from rootforensics.analysis.alarm.replay import replay
from rootforensics.analysis.alarm.sentences import tell_replay
from rootforensics.analysis.alarm.settings import AlarmSettings
from rootforensics.analysis.alarm.tables import table
from rootforensics.errors import FilterError
from rootforensics.rules.patterns.parse import CIS_ROOT_WITHOUT_SESSIONS, parse
from tests.builders import ABSENT, ACCOUNT, event, root_event

if TYPE_CHECKING:
    from collections.abc import Callable

    CaseOf = Callable[..., rf.Case]

OTHER = "444455556666"
FEDERATED = {
    "type": "FederatedUser",
    "sessionContext": {"sessionIssuer": {"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root"}},
}


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-08-05T{clock}+00:00").astimezone(UTC)


def root_at(clock: str, **fields: Any) -> dict[str, Any]:
    return root_event(eventTime=f"2026-08-05T{clock}Z", **fields)


def fired(case: rf.Case, **settings: Any) -> list[tuple[str | None, str | None, str, str, int]]:
    """Each firing: account, Region, alarm and clear time, matches."""
    return [
        (*firing.place, f"{firing.alarm_time:%H:%M:%S}", f"{firing.clear_time:%H:%M:%S}", firing.event_count)
        for firing in replay(case, AlarmSettings(**settings)).firings
    ]


@pytest.mark.heavy
def test_the_alarm_fires_at_the_end_of_the_period_in_which_the_event_arrives(case_of: CaseOf) -> None:
    case = case_of(root_at("10:00:00"))
    # arrives at 10:05:00, so in the minute that ends at 10:06
    assert fired(case) == [(ACCOUNT, None, "10:06:00", "10:07:00", 1)]
    assert fired(case, delay_seconds=0) == [(ACCOUNT, None, "10:01:00", "10:02:00", 1)]
    assert fired(case, delay_seconds=299) == [(ACCOUNT, None, "10:05:00", "10:06:00", 1)]
    assert fired(case, delay_seconds=0, period_seconds=300) == [(ACCOUNT, None, "10:05:00", "10:10:00", 1)]


def test_it_fires_again_only_after_a_period_without_a_match(case_of: CaseOf) -> None:
    clocks = ("10:00:05", "10:00:59", "10:01:30", "10:03:00")
    assert fired(case_of(*map(root_at, clocks)), delay_seconds=0) == [
        (ACCOUNT, None, "10:01:00", "10:03:00", 3),
        (ACCOUNT, None, "10:04:00", "10:05:00", 1),
    ]


def test_a_threshold_needs_that_many_in_one_period(case_of: CaseOf) -> None:
    case = case_of(*map(root_at, ("10:00:05", "10:00:59", "10:01:30")))
    replayed = replay(case, AlarmSettings(threshold=2, delay_seconds=0))
    assert [(firing.alarm_time, firing.event_count) for firing in replayed.firings] == [(at("10:01:00"), 2)]
    assert [act.fate for act in replayed.acts] == ["shown", "shown", "below the threshold"]
    assert fired(case, threshold=3, delay_seconds=0) == []


@pytest.mark.heavy
def test_scopes_share_alarms_as_they_say(case_of: CaseOf) -> None:
    case = case_of(
        root_at("10:00:00"),
        root_at("10:01:00", awsRegion="eu-west-1"),
        root_at("10:02:00", recipientAccountId=OTHER, identity={"accountId": OTHER}),
    )
    known = {"delay_seconds": 0}
    assert fired(case, **known) == [
        (ACCOUNT, None, "10:01:00", "10:03:00", 2),
        (OTHER, None, "10:03:00", "10:04:00", 1),
    ]
    assert fired(case, scope="region", **known) == [
        (ACCOUNT, "us-east-1", "10:01:00", "10:02:00", 1),
        (ACCOUNT, "eu-west-1", "10:02:00", "10:03:00", 1),
        (OTHER, "us-east-1", "10:03:00", "10:04:00", 1),
    ]
    assert fired(case, scope="organization", **known) == [(None, None, "10:01:00", "10:04:00", 3)]


def test_each_reason_never_to_be_shown(case_of: CaseOf) -> None:
    large = {"x": "a" * 300_000}
    case = case_of(
        root_at("10:00:00", eventID="shown"),
        root_at("10:01:00", eventID="console", identity={"invokedBy": "signin.amazonaws.com"}),
        event(eventTime="2026-08-05T10:02:00Z", eventID="federated", identity=FEDERATED),
        root_at("10:03:00", eventID="region", awsRegion="ap-south-1"),
        root_at("10:04:00", eventID="account", recipientAccountId=OTHER),
        root_at("10:05:00", eventID="large", requestParameters=large),
        root_event(eventTime=ABSENT, eventID="timeless"),
        event(eventTime="2026-08-05T10:06:00Z", eventID="no root"),
        root_at("10:07:00", eventID="service", identity={"invokedBy": "autoscaling.amazonaws.com"}),
    )
    settings = AlarmSettings(regions=("us-east-1",), accounts=(ACCOUNT,))
    rows = {row["eventID"]: row for row in table(replay(case, settings), "acts").rows}
    assert {name: row["fate"] for name, row in rows.items()} == {
        "shown": "shown",
        "console": "not matched",
        "federated": "not matched",
        "region": "Region without the filter",
        "account": "account without the filter",
        "large": "too large",
        "timeless": "no time",
    }
    assert rows["console"]["unmet"] == "$.userIdentity.invokedBy NOT EXISTS"
    assert rows["federated"]["unmet"] == '$.userIdentity.type = "Root"'
    assert rows["shown"]["unmet"] is None
    assert {name for name, row in rows.items() if row["alarm_time"]} == {"shown"}


def test_what_is_shown_without_need_is_told_apart(case_of: CaseOf) -> None:
    session = {"sessionContext": {"assumedRoot": "true"}}
    case = case_of(
        root_at("10:00:00", eventID="person"),
        root_at("10:10:00", eventID="session", identity=session),
        root_at("10:20:00", eventID="aws", sourceIPAddress="AWS Internal"),
    )
    replayed = replay(case, AlarmSettings())
    assert [row["eventID"] for row in table(replayed, "unneeded").rows] == ["session", "aws"]
    assert [(firing.event_count, firing.act_count) for firing in replayed.firings] == [(1, 1), (1, 1), (1, 0)]
    spared = replay(case, AlarmSettings(pattern=parse(CIS_ROOT_WITHOUT_SESSIONS)))
    assert [row["eventID"] for row in table(spared, "unneeded").rows] == ["aws"]
    assert [act.fate for act in spared.acts] == ["shown", "not matched"]


def test_the_delay_counts_from_the_first_act_even_if_that_one_is_never_shown(case_of: CaseOf) -> None:
    case = case_of(
        root_at("10:00:00", eventID="a", identity={"invokedBy": "signin.amazonaws.com"}),
        root_at("10:30:30", eventID="b"),
        root_at("10:30:40", eventID="c", awsRegion="eu-west-1"),
        root_at("11:00:00", eventID="d", awsRegion="eu-north-1", identity={"invokedBy": "signin.amazonaws.com"}),
    )
    rows = table(replay(case, AlarmSettings()), "delays").rows
    told = [
        (row["awsRegion"], row["first_act_eventID"], row["minutes_to_alarm"], row["fired"], row["never_shown_count"])
        for row in rows
    ]
    assert told == [
        (None, "a", 36.0, True, 2),
        ("eu-north-1", "d", None, None, 1),
        ("eu-west-1", "c", 5.33, True, 0),
        ("us-east-1", "a", 36.0, True, 1),
    ]


def test_a_region_whose_act_meets_an_alarm_that_stands_fires_nothing(case_of: CaseOf) -> None:
    case = case_of(root_at("10:00:30"), root_at("10:01:30", awsRegion="eu-west-1"))
    rows = {row["awsRegion"]: row["fired"] for row in table(replay(case, AlarmSettings()), "delays").rows}
    assert rows == {None: True, "us-east-1": True, "eu-west-1": False}


def test_any_other_filter_is_replayed_too(case_of: CaseOf) -> None:
    case = case_of(
        root_at("10:00:00"),
        event(eventName="StopLogging", eventSource="cloudtrail.amazonaws.com", eventTime="2026-08-05T10:01:00Z"),
    )
    settings = AlarmSettings(parse('{ $.eventName = "StopLogging" }'), delay_seconds=0)
    replayed = replay(case, settings)
    (row,) = table(replayed, "alarms").rows
    assert (row["first_event_name"], row["event_count"], row["act_count"]) == ("StopLogging", 1, 0)
    assert [act.fate for act in replayed.acts] == ["not matched"]


def test_services_beyond_a_bound_are_counted_only(case_of: CaseOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarm_replay, "_MAX_OTHERS", 2)
    case = case_of(*(root_at("10:00:00", sourceIPAddress="AWS Internal") for _ in range(5)))
    replayed = replay(case, AlarmSettings())
    assert (len(replayed.others), replayed.others_left_out, replayed.match_count) == (2, 3, 5)
    assert any("3 more from services" in line for line in tell_replay(case, replayed))


@pytest.mark.parametrize(
    "wrong",
    [
        {"period_seconds": 30},
        {"period_seconds": 90},
        {"period_seconds": 0},
        {"period_seconds": 86_460},
        {"delay_seconds": -1},
        {"delay_seconds": 604_801},
        {"threshold": 0},
    ],
)
def test_alarms_that_cannot_be_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(FilterError):
        AlarmSettings(**wrong)  # type: ignore[arg-type]


def _planned(expected: dict[str, Any], *origins: str) -> int:
    return sum(expected["root"]["by_origin"][origin] for origin in origins)


def test_the_sample_is_replayed_as_its_plan_says(sample_case: rf.Case, expected: dict[str, Any]) -> None:
    replayed = replay(sample_case, AlarmSettings())
    assert len(replayed.acts) == expected["root"]["activity"]
    assert replayed.match_count == expected["root"]["cis_match"]
    never = [act for act in replayed.acts if act.fate != "shown"]
    assert {act.event.origin for act in never} == {"federated_session", "console"}
    assert len(never) == _planned(expected, "federated_session", "console")
    assert len(replayed.unneeded) == _planned(expected, "privileged_session", "aws_internal")
    first = min(step["time"] for step in expected["story"] if step["account"] == ACCOUNT)
    row = table(replayed, "delays").rows[0]
    assert (row["account_id"], row["first_act_time"]) == (ACCOUNT, datetime.fromisoformat(first))


def test_the_firings_of_the_sample_are_those_of_a_count_by_hand(sample_case: rf.Case) -> None:
    times = sample_case.sql("SELECT account_id, epoch(eventTime) AS at FROM root_events WHERE cis_match").rows
    minutes = {(row["account_id"], (row["at"] + 300) // 60) for row in times}
    starts = {(account, minute) for account, minute in minutes if (account, minute - 1) not in minutes}
    replayed = replay(sample_case, AlarmSettings())
    found = {(firing.place[0], firing.alarm_time.timestamp() / 60 - 1) for firing in replayed.firings}
    assert found == starts
    assert len(replayed.firings) == len(starts)


@pytest.mark.parametrize("name", ["delays", "alarms", "acts", "unneeded"])
def test_an_empty_case_gives_empty_tables_with_their_columns(name: str, empty_case: rf.Case) -> None:
    result = table(replay(empty_case, AlarmSettings()), name)
    assert len(result) == 0
    assert "account_id" in result.columns


def test_the_words_tell_what_was_assumed_and_what_was_not(case_of: CaseOf) -> None:
    case = case_of(
        root_at("10:00:00", eventID="first", eventName="ListKeys"),
        root_at("10:01:00", eventID="second", identity={"invokedBy": "signin.amazonaws.com"}),
        root_at("10:02:00", eventID="stop", eventName="StopLogging", eventSource="cloudtrail.amazonaws.com"),
    )
    settings = AlarmSettings(regions=("us-east-1",), accounts=(ACCOUNT,), originals="none")
    text = "\n".join(tell_replay(case, replay(case, settings)))
    for words in (
        "Sum >= 1 in 60 seconds",
        "300 seconds after",
        f"Accounts with the filter: {ACCOUNT}.",
        "Regions with the filter: us-east-1.",
        f"Account {ACCOUNT}: root activity began with ListKeys at 2026-08-05 10:00:00 [first].",
        "The alarm fired at 2026-08-05 10:06:00, 6 minutes later. It shows 2 of 3 events of root activity.",
        "The alarm never shows 1 of 3 events of root activity:",
        "1  not matched (console: $.userIdentity.invokedBy NOT EXISTS)",
        f"StopLogging in account {ACCOUNT} at 2026-08-05 10:02:00 [stop]",
        "The original records of 2 events were not read",
        "from logs in us-east-1",
    ):
        assert words in text


@pytest.mark.heavy
def test_the_words_tell_what_names_a_service_and_is_probably_a_persons(case_of: CaseOf) -> None:
    noise = {"invokedBy": "AWS Internal"}
    shown = root_at("10:00:00")
    case = case_of(
        shown,
        root_at("10:01:00", identity=noise, sourceIPAddress="203.0.113.9"),
        root_at("10:02:00", identity=noise, sourceIPAddress="AWS Internal"),
    )
    told = tell_replay(case, replay(case, AlarmSettings(originals="none")))
    (words,) = [line for line in told if line.startswith("Not counted: 1 root event that names an AWS service")]
    assert "The standard filter misses every event that names a service" in words
    ordinary = case_of(shown, root_at("10:02:00", identity=noise, sourceIPAddress="AWS Internal"))
    told = tell_replay(ordinary, replay(ordinary, AlarmSettings(originals="none")))
    assert not any("Not counted" in line for line in told)


def test_the_words_of_a_case_without_root(empty_case: rf.Case) -> None:
    text = "\n".join(tell_replay(empty_case, replay(empty_case, AlarmSettings())))
    assert "The case has no root activity." in text
    assert "The alarm never fired. 0 events reached it." in text


@pytest.mark.heavy
def test_a_region_or_account_that_the_case_does_not_know_is_told(case_of: CaseOf) -> None:
    case = case_of(root_at("10:00:00"))
    settings = AlarmSettings(regions=("us-east-1", "us-esat-1"), accounts=(ACCOUNT, "1" * 12))
    told = [line for line in tell_replay(case, replay(case, settings)) if "spelling" in line]
    assert [line.split(".")[0] for line in told] == [
        "The case has no event from us-esat-1",
        "The case has no event from 111111111111",
    ]
