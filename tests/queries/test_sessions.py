"""Root's sessions: which events belong together, how each began, and why some belong to none."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from tests.builders import ABSENT, ACCOUNT, event, root_event, write_log
from tests.queries.test_root import NOISE, sign_in
from tests.stories import part_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.stories import Part

LOGIN_ARN = f"arn:aws:signin:us-east-1:{ACCOUNT}:session/0f3c"


def at(clock: str, day: int = 5) -> str:
    return f"2026-08-{day:02}T{clock}Z"


def call(when: str, key: str | None = None, created: str | None = None, **fields: Any) -> dict[str, Any]:
    """A call of root's with a key, in a session that was created at some time."""
    identity: dict[str, Any] = {"accessKeyId": key or ""}
    if created:
        identity["sessionContext"] = {"attributes": {"creationDate": created, "mfaAuthenticated": "false"}}
    else:
        identity["sessionContext"] = ABSENT
    identity |= fields.pop("identity", {})
    return root_event(identity=identity, eventTime=when, **fields)


def issue(
    name: str, key: str, when: str, make: Callable[..., dict[str, Any]] = root_event, **fields: Any
) -> dict[str, Any]:
    """A call that gives out a key."""
    given = {"accessKey": {"accessKeyId": key}} if name == "CreateAccessKey" else {"credentials": {"accessKeyId": key}}
    source = "iam.amazonaws.com" if name == "CreateAccessKey" else "sts.amazonaws.com"
    return make(eventSource=source, eventName=name, responseElements=given, eventTime=when, readOnly=False, **fields)


def sessions(case: rf.Case | Part) -> dict[str, dict[str, Any]]:
    return {row["session_id"]: row for row in case.query("root_sessions").rows}


def kinds(case: rf.Case | Part) -> list[tuple[str, int]]:
    return [(row["session_kind"], row["event_count"]) for row in case.query("root_sessions").rows]


def test_the_sessions_of_the_sample_are_those_of_its_plan(sample_case: rf.Case, expected: dict[str, Any]) -> None:
    found: dict[str, dict[str, int]] = {}
    for row in sample_case.query("root_sessions").rows:
        kind, begun, *key = row["session_id"].split("/")[1:]
        name = f"{kind}/{key[0] if kind == 'long_term_key' else begun}"
        found.setdefault(row["account_id"], {})[name] = row["event_count"]
    assert found == expected["root"]["sessions"]


def test_every_root_event_is_in_one_session_or_says_why_not(sample_case: rf.Case) -> None:
    rows = sample_case.query("root_session_events").rows
    assert (
        len(rows)
        == len({(row["evidence_id"], row["record_index"]) for row in rows})
        == len(sample_case.query("root_events").rows)
    )
    assert all((row["session_id"] is None) == (row["session_missing"] is not None) for row in rows)
    assert all(row["session_id"] is None for row in rows if row["origin_group"] == "noise")
    counted = Counter(row["session_id"] for row in rows if row["session_id"])
    assert counted == {name: row["event_count"] for name, row in sessions(sample_case).items()}


def test_the_counts_of_a_session_add_up_to_its_events(sample_case: rf.Case) -> None:
    for row in sessions(sample_case).values():
        parts = ("sign_in", "read", "write", "unknown", "denied", "failed")
        assert sum(row[f"{part}_count"] for part in parts) == row["event_count"]


async def test_the_keys_of_a_console_session_rotate_and_it_stays_one() -> None:
    begun = at("10:00:00")
    case = await part_of(
        sign_in(mfa="Yes", eventTime=begun),
        call(at("10:01:00"), "ASIAONE", begun, readOnly=True),
        call(at("10:09:00"), "ASIATWO", begun, readOnly=False),
        call(at("10:10:00"), "ASIATWO", None, eventType="AwsConsoleAction", eventName="Odd", readOnly=ABSENT),
        call(at("10:11:00"), "ASIATWO", begun, errorCode="AccessDenied", readOnly=True),
        call(at("10:12:00"), "ASIATWO", begun, errorCode="NoSuchBucket", readOnly=True),
        call(at("10:13:00"), "ASIAELSE", at("10:00:01")),
        call(at("10:14:00"), "ASIATWO", begun, **NOISE | {"identity": {"invokedBy": "autoscaling.amazonaws.com"}}),
    )
    found = sessions(case)
    assert set(found) == {f"{ACCOUNT}/console_sign_in/{begun}", f"{ACCOUNT}/unknown/{at('10:00:01')}"}
    one = found[f"{ACCOUNT}/console_sign_in/{begun}"]
    assert (one["event_count"], one["access_keys"], one["mfa_used"]) == (6, ["ASIAONE", "ASIATWO"], True)
    assert [one[f"{part}_count"] for part in ("sign_in", "read", "write", "unknown", "denied", "failed")] == [1] * 6
    assert one["duration_seconds"] == 12 * 60
    assert one["opener_eventID"] == one["first_eventID"]


async def test_a_session_over_midnight_is_one() -> None:
    begun = at("23:50:00")
    case = await part_of(
        sign_in(eventTime=begun), call(at("00:20:00", 6), "ASIAONE", begun), call(at("07:00:00", 6), "ASIATWO", begun)
    )
    assert kinds(case) == [("console_sign_in", 3)]


async def test_a_session_that_began_before_the_logs_has_no_opener() -> None:
    case = await part_of(call(at("00:20:00"), "ASIAONE", at("23:50:00", 4), sessionCredentialFromConsole="true"))
    (one,) = sessions(case).values()
    assert (one["session_kind"], one["opener_eventID"]) == ("console_sign_in", None)
    assert one["opened_time"] < one["first_time"]


async def test_a_console_session_of_the_older_form_is_one() -> None:
    begun = at("10:00:00")
    old = {"invokedBy": "signin.amazonaws.com"}
    case = await part_of(call(at("10:01:00"), "ASIAOLD", begun, identity=old), call(at("10:02:00"), "ASIAOLD", begun))
    assert kinds(case) == [("console_sign_in", 2)]


async def test_failed_sign_ins_and_recovery_belong_to_no_session() -> None:
    case = await part_of(
        sign_in("Failure", errorMessage="Failed authentication", eventTime=at("10:00:00")),
        sign_in(eventName="PasswordRecoveryRequested", responseElements={"PasswordRecoveryRequested": "Success"}),
        call(at("10:05:00"), None, eventName="GetAccountSummary"),
    )
    assert sessions(case) == {}
    missing = Counter(row["session_missing"] for row in case.query("root_session_events").rows)
    assert missing == {"before or beside a session: at the sign-in page": 2, "the record names no credential": 1}


async def test_a_long_term_key_that_rests_for_half_a_day_is_used_twice() -> None:
    case = await part_of(
        issue("CreateAccessKey", "AKIAROOT", at("08:00:00", 3)),
        call(at("08:00:00"), "AKIAROOT"),
        call(at("19:59:59"), "AKIAROOT"),
        call(at("08:00:00", 6), "AKIAROOT"),
        root_event(identity={"accessKeyId": "AKIAROOT"}, eventTime="2027-02-01T08:00:00Z"),
        call(at("09:00:00"), "AKIAOTHER"),
    )
    found = sessions(case)
    assert [row["event_count"] for name, row in found.items() if name.endswith("AKIAROOT")] == [2, 1, 1]
    assert all(row["opener_eventID"] for name, row in found.items() if name.endswith("AKIAROOT"))
    assert [row["opener_eventID"] for name, row in found.items() if name.endswith("AKIAOTHER")] == [None]


@pytest.mark.parametrize("name", ["GetSessionToken", "AssumeRoot"])
async def test_a_session_is_joined_to_the_call_that_gave_out_its_key(name: str) -> None:
    opened = at("10:00:00")
    make = event if name == "AssumeRoot" else root_event
    task = {"taskPolicyArn": {"arn": "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"}}
    opening = issue(name, "ASIANEW", opened, make, requestParameters=task if name == "AssumeRoot" else None)
    case = await part_of(opening, call(at("10:00:30"), "ASIANEW", opened), call(at("10:00:40"), "ASIAELSE", opened))
    kind = "assume_root" if name == "AssumeRoot" else "get_session_token"
    one = sessions(case)[f"{ACCOUNT}/{kind}/{opened}/ASIANEW"]
    assert (one["event_count"], one["opener_eventID"]) == (1, opening["eventID"])
    assert one["opener"] == opening["userIdentity"]["arn"]
    assert one["mfa_used"] is (None if name == "AssumeRoot" else False)  # of AssumeRoot it is that of its caller
    assert one["task_policy"] == (task["taskPolicyArn"]["arn"] if name == "AssumeRoot" else None)


async def test_a_key_that_an_iam_user_got_is_no_session_of_root() -> None:
    case = await part_of(
        issue("GetSessionToken", "ASIAUSER", at("10:00:00"), event), event(identity={"accessKeyId": "ASIAUSER"})
    )
    assert sessions(case) == {}


async def test_accounts_do_not_mix() -> None:
    begun, other = at("10:00:00"), "444455556666"
    identity = {"accountId": other, "arn": f"arn:aws:iam::{other}:root"}
    case = await part_of(
        sign_in(eventTime=begun),
        call(at("10:01:00"), "ASIAONE", begun),
        sign_in(eventTime=begun, identity=identity),
        call(at("10:01:00"), "ASIATWO", begun, identity=identity),
        call(at("10:02:00"), "ASIATWO", begun, identity=identity),
    )
    assert {row["account_id"]: row["event_count"] for row in sessions(case).values()} == {ACCOUNT: 2, other: 3}


async def test_two_sessions_at_once_from_different_networks_name_each_other() -> None:
    one, two, three = at("10:00:00"), at("10:10:00"), at("12:00:00")
    case = await part_of(
        call(at("10:00:00"), "ASIAONE", one, sourceIPAddress="192.0.2.1"),
        call(at("10:30:00"), "ASIAONE", one, sourceIPAddress="192.0.2.1"),
        call(at("10:20:00"), "ASIATWO", two, sourceIPAddress="198.51.100.1"),
        call(at("10:25:00"), "ASIATWO", two, sourceIPAddress="198.51.100.1"),
        call(at("10:21:00"), "ASIASAME", at("10:21:00"), sourceIPAddress="192.0.2.1"),
        call(at("12:00:00"), "ASIALATE", three, sourceIPAddress="203.0.113.1"),
    )
    overlaps = {name.split("/")[2]: row["overlaps"] for name, row in sessions(case).items()}
    first, second = f"{ACCOUNT}/unknown/{one}", f"{ACCOUNT}/unknown/{two}"
    assert overlaps == {
        one: [second],
        two: [first, f"{ACCOUNT}/unknown/{at('10:21:00')}"],
        at("10:21:00"): [second],
        three: None,
    }


async def test_a_key_that_comes_back_after_months_is_a_use_of_its_own() -> None:
    case = await part_of(
        call("2026-01-31T23:59:59Z", "AKIAROOT"),
        call("2026-02-01T00:00:01Z", "AKIAROOT"),
        call("2026-08-05T10:00:00Z", "AKIAROOT", sourceIPAddress="203.0.113.5"),
    )
    assert kinds(case) == [("long_term_key", 2), ("long_term_key", 1)]
    assert len({row["session_id"] for row in case.query("root_sessions").rows}) == 2
    (found,) = case.findings("root_key_new_network").rows
    assert (found["event_count"], len(found["session_ids"])) == (2, 2)


async def test_a_session_that_began_before_the_logs_keeps_its_begin() -> None:
    case = await part_of(
        call(at("00:00:00", 6), "ASIAONE", at("23:10:00")), call(at("00:05:00", 6), "ASIAONE", at("23:10:00"))
    )
    (one,) = sessions(case).values()
    assert (one["session_kind"], one["event_count"], one["opener_eventID"]) == ("unknown", 2, None)
    assert f"{one['opened_time']:%d %H:%M}" == "05 23:10"
    assert case.findings("session_without_sign_in").rows == []


async def test_ties_of_the_clock_are_ordered_by_the_event() -> None:
    begun = at("10:00:00")
    records = [sign_in(eventTime=begun), *(call(begun, "ASIAONE", begun) for _ in range(5))]
    for record, last in zip(records, "305124", strict=True):  # a story's eventIDs may differ at their end alone
        record["eventID"] = f"00000000-0000-4000-8000-00000000000{last}"
    (one,) = sessions(await part_of(*records[::-1])).values()
    ids = sorted(record["eventID"] for record in records)
    assert (one["event_count"], one["first_eventID"], one["last_eventID"]) == (6, ids[0], ids[-1])
    assert one["opener_eventID"] == records[0]["eventID"]
    assert one["duration_seconds"] == 0


async def test_a_session_known_by_events_without_time_alone_is_told_and_no_finding() -> None:
    case = await part_of(call("soon", "ASIAONE"), call(None, "ASIAONE", sourceIPAddress="203.0.113.5"))  # type: ignore[arg-type]
    (one,) = sessions(case).values()
    assert (one["event_count"], one["first_time"], one["session_kind"]) == (2, None, "unknown")
    assert [row["finding"] for row in case.findings().rows] == ["session_moved"]


async def test_events_without_time_stay_in_the_session_of_their_key() -> None:
    case = await part_of(call(at("10:00:00"), "AKIAROOT"), call("yesterday", "AKIAROOT"))
    assert kinds(case) == [("long_term_key", 2)]


@pytest.mark.heavy
def test_sessions_do_not_depend_on_order_split_or_copies(tmp_path: Path) -> None:
    begun = at("10:00:00")
    records = [
        sign_in(eventTime=begun),
        issue("GetSessionToken", "ASIANEW", at("10:03:00")),
        call(at("10:03:30"), "ASIANEW", at("10:03:00")),
    ]
    records += [call(at(f"10:{minute:02}:00"), f"ASIA{minute // 7}", begun) for minute in range(1, 40)]
    records += [call(at(f"{hour:02}:00:00", 6), "AKIAROOT") for hour in (0, 3, 16, 17)]
    told = []
    for seed in range(3):
        dice = random.Random(seed)
        mixed = records + dice.sample(records, 20)
        dice.shuffle(mixed)
        folder = tmp_path / str(seed)
        size = dice.randint(3, 30)
        for place in range(0, len(mixed), size):
            write_log(folder, f"{place}.json.gz", mixed[place : place + size])
        with rf.open_case(tmp_path / f"{seed}.duckdb") as case:
            case.load(folder)
            rows = case.query("root_sessions").rows  # the places are those of the files, which differ
            told.append([{name: value for name, value in row.items() if "citation" not in name} for row in rows])
    assert told[0] == told[1] == told[2]
    assert [row["event_count"] for row in told[0]] == [40, 1, 1, 2, 2]


def token(**fields: Any) -> dict[str, Any]:
    """A long-term key gets a session."""
    return issue("GetSessionToken", "ASIATOKEN", at("10:00:00"), identity={"accessKeyId": "AKIAONE"}, **fields)


CODE = {"requestParameters": {"serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/root-account-mfa-device"}}
WITH_MFA = {"attributes": {"creationDate": at("10:00:00"), "mfaAuthenticated": "true"}}
