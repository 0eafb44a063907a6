"""What root reached: followed through users, keys, roles and sessions, with what became of it."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

import rootforensics as rf
from rootforensics.analysis.lineage.blast_radius import COLUMNS
from tests.analysis.lineage.radius_story import radius_of
from tests.builders import ACCOUNT, event, root_event

if TYPE_CHECKING:
    from rootforensics.analysis.analysis import Analysis

    Rows = list[dict[str, Any]]

IAM, STS, EC2 = "iam.amazonaws.com", "sts.amazonaws.com", "ec2.amazonaws.com"


def at(minute: int, day: int = 5) -> str:
    return f"2026-08-{day:02}T10:{minute:02}:00Z"


def did(call: str, minute: int, request: Any = None, response: Any = None, **fields: Any) -> dict[str, Any]:
    """A call of root's; ``who`` is another's identity."""
    source, name = call.split(":")
    who = fields.pop("who", None)
    usual = {
        "eventSource": f"{source}.amazonaws.com",
        "eventName": name,
        "eventTime": at(minute),
        "requestParameters": request,
        "responseElements": response,
        "readOnly": False,
    }
    return event(identity=who, **usual | fields) if who else root_event(**usual | fields)


def user(name: str, key: str = "AKIAUSER", account: str = ACCOUNT) -> dict[str, Any]:
    arn = f"arn:aws:iam::{account}:user/{name}"
    return {"type": "IAMUser", "userName": name, "accessKeyId": key, "accountId": account, "arn": arn}


def role(name: str, session: str = "someone", key: str = "ASIAROLE") -> dict[str, Any]:
    issuer = {"type": "Role", "userName": name, "accountId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:role/{name}"}
    arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}"
    return {
        "type": "AssumedRole",
        "arn": arn,
        "accountId": ACCOUNT,
        "accessKeyId": key,
        "sessionContext": {"sessionIssuer": issuer},
    }


def made_key(key: str, minute: int, of: str | None, **fields: Any) -> dict[str, Any]:
    request = {"userName": of} if of else None
    return did("iam:CreateAccessKey", minute, request, {"accessKey": {"accessKeyId": key}}, **fields)


def told(rows: Rows, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in columns) for row in rows]


def test_the_sample_is_followed_as_its_plan_has_it(sample_analysis: Analysis) -> None:
    rows = sample_analysis.radius_of("111122223333").rows
    by_kind: dict[str, Rows] = {}
    for row in rows:
        by_kind.setdefault(row["entity_kind"], []).append(row)
    (made,) = by_kind["user"]
    assert (made["entity_name"], made["depth"], made["state"], made["use_count"]) == ("support-sync", 1, "active", 9)
    (trusted,) = by_kind["role"]
    assert (trusted["entity_name"], trusted["depth"], trusted["state"]) == ("OrgAuditAccess", 2, "active")
    # A role is followed, and nobody took this one on; of a snapshot no record tells who used it.
    assert (trusted["use_count"], by_kind["snapshot"][0]["use_count"]) == (0, None)
    taken_off, bound = by_kind["MFA device"]
    assert (taken_off["state"], taken_off["use_count"]) == ("removed", 0)
    assert (bound["state"], bound["use_count"], bound["first_use_eventID"]) == (
        "active",
        1,
        "bfdb05d8-fb73-4d89-adf5-26bb16ca9d50",
    )
    own, users = sorted(by_kind["access key"], key=lambda row: row["first_time"])
    assert (own["state"], own["use_count"]) == ("active", 43)
    assert (users["state"], users["ended_by"].rsplit("/", 1)[1]) == ("disabled", "farid.haddad@example.com")
    assert {row["state"] for row in by_kind["session"]} == {"expired"}
    miners = by_kind["instance"]
    assert (len(miners), {row["state"] for row in miners}) == (20, {"removed"})
    (trail,) = by_kind["trail"]
    assert (trail["effect"], trail["state"]) == ("disables", "back on")
    assert all(row["entity_kind"] != "detector" for row in rows)


def test_root_of_another_account_reaches_only_its_own(sample_analysis: Analysis) -> None:
    rows = sample_analysis.radius_of("444455556666").rows
    assert told(rows, "entity_kind", "entity_name", "effect") == [("bucket", "acme-ledger-archive", "changes")]


async def test_a_chain_is_followed_to_its_end() -> None:
    rows = await radius_of(
        did("iam:CreateUser", 1, {"userName": "one"}, {"user": {"userName": "one"}}),
        made_key("AKIAONE", 2, "one"),
        made_key("AKIATWO", 3, "two", who=user("one", "AKIAONE")),
        did("iam:CreateRole", 4, {"roleName": "door"}, who=user("two", "AKIATWO")),
        did(
            "sts:AssumeRole",
            5,
            {"roleArn": "x"},
            {"credentials": {"accessKeyId": "ASIADOOR"}},
            who=user("two", "AKIATWO"),
            readOnly=True,
        ),
        did(
            "ec2:RunInstances",
            6,
            {"instanceType": "p4"},
            {"instancesSet": {"items": [{"instanceId": "i-0a"}, {"instanceId": "i-0b"}]}},
            who=role("door", key="ASIADOOR"),
        ),
        did("s3:CreateBucket", 7, {"bucketName": "loot"}, who=role("worker", "i-0b", "ASIAMETA")),
    )
    assert told(rows, "entity_kind", "entity_name", "depth", "actor") == [
        ("user", "one", 1, f"root user ({ACCOUNT})"),
        ("access key", "AKIAONE", 1, f"root user ({ACCOUNT})"),
        ("access key", "AKIATWO", 2, f"access key AKIAONE ({ACCOUNT})"),
        ("role", "door", 3, f"access key AKIATWO ({ACCOUNT})"),
        ("session", "ASIADOOR", 3, f"access key AKIATWO ({ACCOUNT})"),
        ("instance", "i-0a", 4, f"session ASIADOOR ({ACCOUNT})"),
        ("instance", "i-0b", 4, f"session ASIADOOR ({ACCOUNT})"),
        ("bucket", "loot", 5, f"instance i-0b ({ACCOUNT})"),
    ]
    assert {row["certainty"] for row in rows} == {"certain"}


async def test_what_watches_the_account_is_reached_too() -> None:
    rows = await radius_of(
        did("logs:DeleteMetricFilter", 1, {"logGroupName": "trail", "filterName": "root-use"}),
        did("monitoring:DeleteAlarms", 2, {"alarmNames": ["root-use", "sign-in"]}),
        did("monitoring:DescribeAlarms", 3, {"alarmNames": ["spare"]}),
    )
    assert told(rows, "entity_kind", "entity_name", "effect", "state") == [
        ("metric filter", "us-east-1/root-use", "removes", "removed"),
        ("alarm", "us-east-1/root-use", "removes", "removed"),
        ("alarm", "us-east-1/sign-in", "removes", "removed"),
    ]


async def test_cycles_end() -> None:
    rows = await radius_of(
        did("iam:CreateUser", 1, {"userName": "one"}),
        did("iam:CreateUser", 2, {"userName": "two"}, who=user("one")),
        did("iam:AttachUserPolicy", 3, {"userName": "one", "policyArn": "arn:p"}, who=user("two")),
        made_key("AKIAONE", 4, "one", who=user("two")),
        made_key("AKIATWO", 5, "two", who=user("one", "AKIAONE")),
    )
    assert told(rows, "entity_name", "depth", "action_count") == [
        ("one", 1, 2),
        ("two", 2, 1),
        ("AKIAONE", 3, 1),
        ("AKIATWO", 2, 1),
    ]
    assert rows[0]["detail"] == "arn:p"


async def test_what_others_did_and_what_failed_is_no_part_of_it() -> None:
    rows = await radius_of(
        did("iam:CreateUser", 1, {"userName": "failed"}, errorCode="AccessDenied"),
        did("iam:CreateUser", 2, {"userName": "foreign"}, who=user("admin", "AKIAADMIN")),
        made_key("AKIAFOREIGN", 3, "foreign", who=user("admin", "AKIAADMIN")),
        did("iam:CreateUser", 4, {"userName": "mine"}),
        did("iam:CreateUser", 5, {"userName": "namesake-made"}, who=user("mine", account="444455556666")),
        did(
            "iam:CreateServiceLinkedRole",
            6,
            {"aWSServiceName": "x"},
            who=None,
            identity={"invokedBy": "autoscaling.amazonaws.com"},
            sourceIPAddress="autoscaling.amazonaws.com",
        ),
        did(
            "ec2:TerminateInstances",
            7,
            {"instancesSet": {"items": [{"instanceId": "i-0c"}]}},
            identity={"invokedBy": "autoscaling.amazonaws.com"},
            sourceIPAddress="autoscaling.amazonaws.com",
        ),
    )
    assert told(rows, "entity_name") == [("mine",)]


async def test_doings_before_the_creation_do_not_count() -> None:
    rows = await radius_of(
        did("s3:CreateBucket", 1, {"bucketName": "before"}, who=user("again")),
        did("iam:CreateUser", 2, {"userName": "again"}),
        did("s3:CreateBucket", 3, {"bucketName": "after"}, who=user("again")),
    )
    assert told(rows, "entity_name", "use_count") == [("again", 1), ("after", None)]


async def test_an_identity_that_was_only_opened_is_possible() -> None:
    rows = await radius_of(
        did("iam:UpdateAssumeRolePolicy", 2, {"roleName": "old", "policyDocument": "{}"}),
        did("iam:UpdateLoginProfile", 3, {"userName": "bob"}),
        did("iam:AttachUserPolicy", 4, {"userName": "eve", "policyArn": "arn:p"}),
        did("s3:CreateBucket", 5, {"bucketName": "by-role"}, who=role("old")),
        did("s3:CreateBucket", 6, {"bucketName": "by-user"}, who=user("bob")),
        did("s3:CreateBucket", 7, {"bucketName": "by-eve"}, who=user("eve")),
    )
    assert told(rows, "entity_name", "certainty", "state") == [
        ("old", "certain", "changed"),
        ("bob", "certain", "changed"),
        ("eve", "certain", "changed"),
        ("by-role", "possible", "active"),
        ("by-user", "possible", "active"),
        ("by-eve", "possible", "active"),
    ]


ENDS: Any = [
    ([], "active"),
    ([did("iam:UpdateAccessKey", 5, {"accessKeyId": "AKIANEW", "status": "Inactive"}, who=user("admin"))], "disabled"),
    ([did("iam:UpdateAccessKey", 5, {"accessKeyId": "AKIANEW", "status": "Inactive"}, who=user("admin")),
      did("iam:UpdateAccessKey", 6, {"accessKeyId": "AKIANEW", "status": "Active"}, who=user("admin"))], "active"),
    ([did("iam:DeleteAccessKey", 5, {"accessKeyId": "AKIANEW", "userName": "bob"}, who=user("admin"))], "removed"),
    ([did("iam:DeleteAccessKey", 5, {"accessKeyId": "AKIANEW"}, who=user("admin"), errorCode="AccessDenied")], "active"),
    ([did("iam:DeleteAccessKey", 5, {"accessKeyId": "AKIAOTHER"}, who=user("admin"))], "active"),
    ([did("iam:DeleteAccessKey", 5, {"accessKeyId": "AKIANEW"}, who=user("admin"), recipientAccountId="444455556666")], "active"),
    ([did("iam:DeleteAccessKey", 1, {"accessKeyId": "AKIANEW"}, who=user("admin"))], "active"),
    ([did("iam:DeleteUser", 5, {"userName": "bob"}, who=user("admin"))], "removed"),
    ([did("iam:DeleteAccessKey", 5, {"accessKeyId": "AKIANEW"})], "removed"),
]  # fmt: skip


@pytest.mark.parametrize(("after", "state"), ENDS)
async def test_the_end_of_an_entity_is_told_whoever_brought_it(after: Rows, state: str) -> None:
    rows = await radius_of(made_key("AKIANEW", 2, "bob"), *after)
    (one,) = [row for row in rows if row["entity_name"] == "AKIANEW"]
    assert one["state"] == state
    assert (one["ended_eventID"] is not None) == (state in ("removed", "disabled"))
    if one["ended_eventID"]:
        assert one["ended_eventID"] == after[-1]["eventID"]


@pytest.mark.keeps_to_itself  # what has ended, the last event of the case tells
@pytest.mark.parametrize(
    ("expiration", "state"),
    [
        ("Aug 5, 2026, 10:30:00 AM", "expired"),
        ("2026-08-05T10:30:00Z", "expired"),
        ("Aug 5, 2026, 11:30:00 AM", "active"),
        ("soon", "active"),
        (None, "active"),
    ],
)
async def test_a_session_ends_by_itself(expiration: str | None, state: str) -> None:
    given = {"credentials": {"accessKeyId": "ASIANEW", "expiration": expiration}}
    rows = await radius_of(did("sts:GetSessionToken", 1, None, given), event(eventTime=at(50)))
    assert told(rows, "entity_kind", "state") == [("session", state)]


@pytest.mark.parametrize(
    "request_text", [None, "a text", ["list"], {"userName": None}, {"userName": {"odd": 1}}, {"userName": "a b|c"}, {}]
)
async def test_odd_requests_do_no_harm(request_text: Any) -> None:
    rows = await radius_of(did("iam:CreateUser", 1, request_text), did("s3:CreateBucket", 2, {"bucketName": "x"}))
    assert rows[-1]["entity_name"] == "x"


async def test_a_trail_named_by_arn_or_name_is_one_entity() -> None:
    rows = await radius_of(
        did("cloudtrail:StopLogging", 1, {"name": f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/main"}),
        did("cloudtrail:StartLogging", 2, {"name": "main"}, who=user("admin")),
    )
    assert told(rows, "entity_name", "effect", "state") == [("us-east-1/main", "disables", "back on")]


def test_every_row_cites_events_that_exist_and_has_its_columns(sample_case: rf.Case) -> None:
    radius = sample_case.blast_radius()
    known = {row["eventID"] for row in sample_case.sql("SELECT eventID FROM events").rows}
    for row in radius.rows:
        assert list(row) == list(COLUMNS)
        assert {row["eventID"], *row["eventIDs"], *filter(None, [row["ended_eventID"]])} <= known
    assert radius.result().columns == list(COLUMNS)
    assert len(radius.result()) == len(radius.rows)
    assert {edge.target for edge in radius.edges} >= {
        edge.source for edge in radius.edges if edge.source.kind != "root"
    }


async def test_the_radius_does_not_depend_on_order_or_copies() -> None:
    records = [
        did("iam:CreateUser", 1, {"userName": "one"}),
        made_key("AKIAONE", 1, "one"),
        *(
            did("s3:CreateBucket", 2 + number, {"bucketName": f"b{number}"}, who=user("one", "AKIAONE"))
            for number in range(9)
        ),
        did("iam:DeleteUser", 20, {"userName": "one"}, who=user("admin")),
    ]
    told_each = []
    for seed in range(3):
        mixed = records + random.Random(seed).sample(records, 5)
        random.Random(seed).shuffle(mixed)
        rows = await radius_of(*mixed, apart=True)  # the places are those of the files, which lie in another order
        told_each.append([{k: v for k, v in row.items() if "citation" not in k} for row in rows])
    assert told_each[0] == told_each[1] == told_each[2]
    assert len(told_each[0]) == 11


def test_an_empty_case_has_none(empty_case: rf.Case) -> None:
    radius = empty_case.blast_radius()
    assert (radius.rows, radius.edges, len(radius.result())) == ([], [], 0)


def by_service(call: str, minute: int, request: Any, response: Any = None, **fields: Any) -> dict[str, Any]:
    """A call of Systems Manager as root."""
    service = "ssm.amazonaws.com"
    return did(call, minute, request, response, identity={"invokedBy": service}, sourceIPAddress=service, **fields)


async def test_what_a_service_made_in_roots_name_is_possibly_roots_and_followed() -> None:
    started = by_service("ec2:RunInstances", 4, {}, {"instancesSet": {"items": [{"instanceId": "i-0a"}]}})
    made = [
        by_service("iam:CreateUser", 2, {"userName": "eve"}),
        by_service("iam:CreateAccessKey", 3, {"userName": "eve"}, {"accessKey": {"accessKeyId": "AKIAEVE"}}),
        did("iam:CreateUser", 5, {"userName": "adam"}, who=user("eve", "AKIAEVE")),
        started,
    ]
    ordered = did("ssm:StartAutomationExecution", 1, {"documentName": "d"})
    columns = ("entity_kind", "entity_name", "depth", "certainty", "use_count")
    reached = [
        ("user", "eve", 1, "possible", 1),
        ("access key", "AKIAEVE", 1, "possible", 1),
        ("instance", "i-0a", 1, "possible", 0),
        ("user", "adam", 2, "possible", 0),
    ]
    # Systems Manager does nothing of itself, whether the logs hold the order or not.
    for order in ([ordered], []):
        assert told(await radius_of(*order, *made), *columns) == reached
    # Scaling starts instances of itself; nobody but who holds root's credentials has a service make users in its name.
    scaling = {"invokedBy": "autoscaling.amazonaws.com"}
    scaled = [record | {"userIdentity": record["userIdentity"] | scaling} for record in (made[0], made[1], started)]
    assert told(await radius_of(*scaled, made[2]), *columns) == [*reached[:2], reached[3]]
