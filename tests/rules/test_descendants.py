"""Findings follow what root made: the doings of its descendants are told with the one who did it, those of others are not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

import rootforensics as rf
from rootforensics.rules.findings import detections
from tests.builders import ACCOUNT
from tests.rules.finding_cases import CASES, DENIED, other, root
from tests.rules.test_findings import found
from tests.stories import part_of

if TYPE_CHECKING:
    from tests.stories import Part

#: Detections that an identity can be found by that root made.
FOLLOWED: Final = (
    "back_door_user", "data_destruction", "guards_dropped", "logging_stopped_then_gap", "region_enabled_and_used",
    "trail_key_locked", "unused_region_used",
)  # fmt: skip


def user(name: str, key: str = "AKIAMADE", account: str = ACCOUNT) -> dict[str, Any]:
    """An IAM user's identity, as records hold it."""
    return {
        "type": "IAMUser", "userName": name, "accessKeyId": key, "accountId": account, "principalId": "AIDAEXAMPLE",
        "arn": f"arn:aws:iam::{account}:user/{name}", "sessionContext": None,
    }  # fmt: skip


def role(name: str, key: str, session: str = "s") -> dict[str, Any]:
    issuer = {"type": "Role", "userName": name, "accountId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:role/{name}"}
    return {
        "type": "AssumedRole", "accessKeyId": key, "accountId": ACCOUNT, "sessionContext": {"sessionIssuer": issuer},
        "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}",
    }  # fmt: skip


#: Root makes a key for a user who was there before.
KEY: Final = root(
    "00:00", "iam:CreateAccessKey", {"userName": "sync"}, day=1, responseElements={"accessKey": {"accessKeyId": "AKIAMADE"}}
)  # fmt: skip


def by(who: dict[str, Any], record: dict[str, Any]) -> dict[str, Any]:
    """The same action by somebody else than root."""
    return record | {"userIdentity": who} if record["userIdentity"]["type"] == "Root" else record


def stop(clock: str, **fields: Any) -> dict[str, Any]:
    """Somebody stops a trail; ``who`` says who."""
    who = fields.pop("who")
    return other(clock, "cloudtrail:StopLogging", {"name": "t"}, readOnly=False, userIdentity=who, **fields)


def actions(case: rf.Case | Part) -> list[tuple[str, str, str, list[str] | None]]:
    rows = case.findings().rows
    return [
        (row["finding"], row["result"], row["severity"], row["actors"])
        for row in rows
        if "descends from root" in row["explanation"]
    ]


@pytest.mark.parametrize("name", FOLLOWED)
async def test_a_descendant_is_found_by_the_same_sequence(name: str) -> None:
    hit, count, _ = CASES[name]
    who = user("sync")
    (row,) = found(await part_of(KEY, *(by(who, one) for one in hit)), name)
    assert (row["result"], row["event_count"], row["session_ids"]) == ("succeeded", count, None)
    assert row["actors"] == [f"arn:aws:iam::{ACCOUNT}:user/sync"]
    assert "an identity that root created" in row["explanation"]


@pytest.mark.parametrize("name", FOLLOWED)
async def test_a_near_miss_of_a_descendant_is_not_found(name: str) -> None:
    assert found(await part_of(KEY, *(by(user("sync"), case) for case in CASES[name][2])), name) == []


@pytest.mark.parametrize("name", FOLLOWED)
async def test_an_unrelated_user_is_not(name: str) -> None:
    hit = CASES[name][0]
    assert found(await part_of(KEY, *(by(user("sync", "AKIAELSE"), one) for one in hit)), name) == []


def test_only_such_detections_are_followed() -> None:
    follow = {name for name, one in detections().items() if "FROM followed_actions" in one.sql}
    assert follow == {*FOLLOWED, "contact_then_recovery", "email_then_recovery"}


async def test_a_grave_action_of_a_descendant_is_a_finding_and_a_try_is_no_action() -> None:
    sync = f"arn:aws:iam::{ACCOUNT}:user/sync"
    case = await part_of(KEY, stop("01:00", who=user("sync")), stop("01:01", who=user("sync"), **DENIED),
                    stop("01:02", who=user("sync", "AKIAELSE")), stop("01:03", who=user("sync")))  # fmt: skip
    assert actions(case) == [
        ("action:cloudtrail-stop-logging", "succeeded", "critical", [sync]),
        ("action:cloudtrail-stop-logging", "attempted", "high", [sync]),
    ]
    assert [
        row["event_count"] for row in case.findings().rows if row["finding"] == "action:cloudtrail-stop-logging"
    ] == [
        2,
        1,
    ]
    assert case.query("root_actions", severity="info").rows[0]["action_id"] == "iam-create-access-key"
    assert len(case.query("root_actions")) == 1


async def test_a_chain_of_identities_is_followed_whatever_the_order_of_its_records() -> None:
    made = other("01:00", "iam:CreateUser", {"userName": "deep"}, userIdentity=user("sync"))
    key = other("01:01", "iam:CreateAccessKey", {"userName": "deep"}, userIdentity=user("sync"),
                responseElements={"accessKey": {"accessKeyId": "AKIADEEP"}})  # fmt: skip
    new = other("01:02", "iam:CreateRole", {"roleName": "door"}, userIdentity=user("deep", "AKIADEEP"))
    taken = other("01:03", "sts:AssumeRole", {"roleArn": "x"}, userIdentity=user("deep", "AKIADEEP"),
                  responseElements={"credentials": {"accessKeyId": "ASIAOLD"}})  # fmt: skip
    boxes = {"instancesSet": {"items": [{"instanceId": "i-0a"}, {"instanceId": "i-0b"}]}}
    start = other("01:04", "ec2:RunInstances", userIdentity=role("door", "ASIAX"), responseElements=boxes)
    ends = [
        stop("02:00", who=user("deep", "ASIACONSOLE")), stop("02:01", who=role("door", "ASIAX")),
        stop("02:02", who=role("existing", "ASIAOLD")), stop("02:03", who=role("worker", "ASIAY", "i-0b")),
    ]  # fmt: skip
    near = [
        stop("00:59", who=user("deep", "AKIADEEP")),  # before it was made
        stop("02:04", who=role("existing", "ASIANEW")), stop("02:05", who=role("worker", "ASIAY", "i-0c")),
        stop("02:06", who=user("deep", "AKIADEEP", "444455556666")
             | {"accessKeyId": "AKIAOTHER"}),
        stop("02:07", who=role("door", "ASIAX") | {"invokedBy": "cloudformation.amazonaws.com"}),
    ]  # fmt: skip
    case = await part_of(*near, *ends, start, taken, new, key, made, KEY)
    found = [row for row in case.findings().rows if row["finding"] == "action:cloudtrail-stop-logging"]
    stopped = [row for row in found if row["certainty"] == "certain"]
    by_service = [row["eventIDs"] for row in found if row["certainty"] == "possible"]
    assert by_service == [[near[-1]["eventID"]]]
    assert {one for row in stopped for one in row["eventIDs"]} == {end["eventID"] for end in ends}
    assert len(stopped) == 4


async def test_a_failed_making_makes_nobody() -> None:
    case = await part_of(KEY | DENIED, stop("01:00", who=user("sync")))
    assert actions(case) == []


async def test_what_a_service_did_in_roots_name_makes_no_descendant() -> None:
    service = KEY | {"userIdentity": KEY["userIdentity"] | {"invokedBy": "cloudformation.amazonaws.com"}}
    assert actions(await part_of(service, stop("01:00", who=user("sync")))) == []


async def test_identities_that_make_each_other_end() -> None:
    one = root("00:01", "iam:CreateUser", {"userName": "one"}, day=1)
    two = other("01:00", "iam:CreateUser", {"userName": "two"}, userIdentity=user("one"))
    again = other("01:01", "iam:CreateUser", {"userName": "one"}, userIdentity=user("two"))
    assert [row["finding"] for row in (await part_of(one, two, again)).findings("", severity="high").rows] == [
        "action:iam-create-user"
    ] * 3


async def test_words_about_roots_own_credentials_are_not_said_of_others() -> None:
    doing = [
        other("01:00", "iam:CreateAccessKey", None, userIdentity=user("sync"), readOnly=False),
        other("01:01", "sts:GetSessionToken", None, userIdentity=user("sync"), readOnly=False),
        other("01:02", "iam:ChangePassword", None, userIdentity=user("sync"), readOnly=False),
        other("01:03", "signin:ConsoleLogin", None, userIdentity=user("sync"), responseElements={"ConsoleLogin": "Success"},
              additionalEventData={"MFAUsed": "No"}),
    ]  # fmt: skip
    assert [row[0] for row in actions(await part_of(KEY, *doing))] == [
        "action:iam-create-access-key", "action:signin-console-login-of-user-without-mfa",
    ]  # fmt: skip


async def test_a_descendants_assume_root_is_told_once() -> None:
    opened = other("01:00", "sts:AssumeRoot", {"targetPrincipal": "444455556666"}, userIdentity=user("sync"))
    rows = [row for row in (await part_of(KEY, opened)).findings().rows if row["finding"] == "action:sts-assume-root"]
    assert [row["event_count"] for row in rows] == [1]
