"""Temporary delegation: a product provider acts with the access of whoever accepted its request.

The identity of a delegate's record is as in AWS's one example, that of the identity which lent its access, with
``invokedByDelegate`` beside it. That the delegation behind a record is the one whose token was sent before is assumed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import pytest

from rootforensics.analysis.response.contained import contained
from tests.analysis.lineage.radius_story import radius_of
from tests.analysis.lineage.test_blast_radius import did, role, told, user
from tests.builders import ACCOUNT, event
from tests.stories import part_of, told_of

REQUEST: Final = {"delegationRequestId": "dr-0123456789abcdef"}
OTHER: Final = {"delegationRequestId": "dr-fedcba9876543210"}
PROVIDER: Final = "999900001111"
ADMIN: Final = user("admin", "AKIAADMIN")


def delegate(identity: dict[str, Any] | None = None) -> dict[str, Any]:
    return (identity or role("Admin", "setup")) | {"invokedByDelegate": {"accountId": PROVIDER}}


def created(name: str, minute: int, **fields: Any) -> dict[str, Any]:
    return did("iam:CreateUser", minute, {"userName": name}, who=delegate(), **fields)


ACCEPTED: Final = did("iam:AcceptDelegationRequest", 1, REQUEST)
SENT: Final = did("iam:SendDelegationToken", 2, REQUEST)


async def test_what_the_delegate_created_and_what_that_did_come_from_root() -> None:
    rows = await radius_of(
        ACCEPTED,
        SENT,
        created("helper", 5),
        did("s3:CreateBucket", 9, {"bucketName": "b"}, who=user("helper", "AKIAH")),
    )
    assert told(rows, "entity_kind", "entity_name", "depth", "certainty", "use_count") == [
        ("delegation", REQUEST["delegationRequestId"], 1, "certain", 1),
        ("user", "helper", 2, "certain", 1),
        ("bucket", "b", 3, "certain", None),
    ]


@pytest.mark.parametrize(
    ("records", "certainty"),
    [
        ([ACCEPTED, SENT, created("helper", 0, eventTime="2026-08-05T14:02:00Z")], "certain"),
        ([ACCEPTED, SENT, created("helper", 0, eventTime="2026-08-05T14:02:01Z")], "possible"),
        ([ACCEPTED, created("helper", 5)], "possible"),
        ([did("iam:AcceptDelegationRequest", 1, REQUEST, who=ADMIN), SENT, created("helper", 5)], "certain"),
        ([ACCEPTED, did("iam:SendDelegationToken", 2, REQUEST, who=ADMIN), created("helper", 5)], "certain"),
        ([ACCEPTED, SENT, did("iam:SendDelegationToken", 3, OTHER, who=ADMIN), created("helper", 5)], "possible"),
        ([ACCEPTED, SENT, did("iam:SendDelegationToken", 3, OTHER), created("helper", 5)], "certain"),
        ([did("iam:AcceptDelegationRequest", 1, None), did("iam:SendDelegationToken", 2, None), created("helper", 5)], "certain"),
        ([ACCEPTED, SENT, created("helper", 5) | {"eventTime": "never"}], "possible"),
    ],
    ids=[
        "within four hours", "later than root's access lasts", "no token sent", "accepted by another", "sent by another",
        "another's token fits, too", "another token of root's", "the request is not recorded", "no time",
    ],
)  # fmt: skip
async def test_it_is_certain_only_if_the_delegation_fits(records: list[dict[str, Any]], certainty: str) -> None:
    rows = [row for row in await radius_of(*records) if row["entity_kind"] == "user"]
    assert told(rows, "entity_name", "certainty") == [("helper", certainty)]


@pytest.mark.parametrize(
    "spelled", [{}, {"AccountId": PROVIDER}, {"accountId": ""}, PROVIDER, [{"accountId": PROVIDER}]]
)
async def test_what_a_delegate_did_whose_account_cannot_be_read_is_possibly_roots(spelled: Any) -> None:
    who = role("Admin", "setup") | {"invokedByDelegate": spelled}
    records = [ACCEPTED, SENT, did("iam:CreateUser", 5, {"userName": "helper"}, who=who)]
    rows = [row for row in await radius_of(*records) if row["entity_kind"] == "user"]
    assert told(rows, "entity_name", "certainty") == [("helper", "possible")]


async def test_what_another_delegation_explains_or_came_before_is_not_roots() -> None:
    later = "2026-08-07T10:00:00Z"
    rows = await radius_of(
        created("before", 0),
        ACCEPTED,
        SENT,
        did("iam:SendDelegationToken", 0, OTHER, who=ADMIN, eventTime="2026-08-07T09:00:00Z"),
        created("of-others", 0, eventTime=later),
        did("iam:CreateUser", 5, {"userName": "refused"}, who=delegate(), errorCode="AccessDenied"),
        did("iam:CreateUser", 6, {"userName": "admins"}, who=role("Admin", "setup")),
    )
    assert [row["entity_name"] for row in rows] == [REQUEST["delegationRequestId"]]


async def test_a_delegation_ends_by_itself_or_is_rejected_before_its_token_is_sent() -> None:
    end = event(eventTime="2026-08-06T10:00:00Z")
    assert told(await radius_of(ACCEPTED, SENT, end), "state", "still_open") == [("expired", False)]
    assert told(await radius_of(ACCEPTED, end), "state", "still_open") == [("active", True)]
    rejected = did("iam:RejectDelegationRequest", 2, REQUEST, who=ADMIN)
    assert told(await radius_of(ACCEPTED, rejected, end), "state", "still_open") == [("removed", False)]


@pytest.mark.parametrize("identity", [None, "root"])
async def test_the_provider_is_an_indicator(identity: str | None) -> None:
    """Also where the record has root as the identity that lent its access."""
    root = {"type": "Root", "arn": f"arn:aws:iam::{ACCOUNT}:root", "accountId": ACCOUNT, "principalId": ACCOUNT}
    act = did("iam:CreateUser", 5, {"userName": "helper"}, who=delegate(root if identity else None))
    case = await part_of(ACCEPTED, SENT, act)
    rows = [row for row in case.query("indicators", account_id=ACCOUNT).rows if row["kind"] == "account"]
    used_by = "root" if identity else "descendant"
    assert told(rows, "value", "used_by", "event_count") == [(PROVIDER, used_by, 1)]


async def test_a_delegate_is_one_of_the_accounts_that_were_let_in() -> None:
    """What it does after the containment is use by another account."""
    since = datetime(2026, 8, 5, 10, 20, tzinfo=UTC)
    rows = await told_of(
        lambda analysis: contained(analysis, since).rows,
        *(
            ACCEPTED,
            SENT,
            created("helper", 5),
            created("again", 30),
            did("iam:CreateUser", 40, {"userName": "b"}, who=ADMIN),
        ),
    )
    (provider,) = [row for row in rows if row["entity_kind"] == "other account"]
    assert (provider["entity_name"], provider["answer"], provider["used_count"]) == (PROVIDER, "used", 1)
