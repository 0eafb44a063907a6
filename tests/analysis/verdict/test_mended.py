"""What others mended is no persistence at the end of the logs, and has no step: the last word on an entity counts."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.analysis.lineage.test_blast_radius import did, user
from tests.analysis.verdict.logs import beside_root, tell

ADMIN: Final = user("admin", "AKIAADMIN")
DENY: Final = '{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'
DENY_ALL: Final = "arn:aws:iam::aws:policy/AWSDenyAll"
Record = dict[str, Any]


def _made() -> Record:
    return did("iam:CreateUser", 1, {"userName": "eve"}, {"user": {"userName": "eve"}})


def _by_admin(call: str, minute: int, **more: str) -> Record:
    return did(f"iam:{call}", minute, {"userName": "eve"} | more, who=ADMIN)


def _denied(minute: int = 2, document: str = DENY) -> Record:
    return _by_admin("PutUserPolicy", minute, policyName="Quarantine", policyDocument=document)


@pytest.mark.parametrize(
    ("since", "is_open"),
    [
        ([], True),
        ([_denied()], False),
        ([_by_admin("AttachUserPolicy", 2, policyArn=DENY_ALL)], False),
        ([_denied(), _by_admin("DeleteUserPolicy", 3, policyName="another")], False),
        ([_denied(), _by_admin("DeleteUserPolicy", 3, policyName="Quarantine")], True),
        ([_denied(), _by_admin("DeleteUserPolicy", 2, policyName="Quarantine")], True),
        ([_denied(), _denied(3, DENY.replace("Deny", "Allow"))], True),
        ([_denied(document=DENY.replace('"Action":"*"', '"Action":"s3:*"'))], True),
        ([_denied(document=DENY.replace("}]", ',"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]'))], True),
        ([_denied() | {"errorCode": "AccessDenied"}], True),
        (
            [
                _by_admin("AttachUserPolicy", 2, policyArn=DENY_ALL),
                _by_admin("DetachUserPolicy", 3, policyArn=DENY_ALL),
            ],
            True,
        ),
    ],
)
async def test_a_user_who_is_denied_everything_is_no_way_in(since: list[Record], *, is_open: bool) -> None:
    answers, steps = await tell(_made(), *since)
    assert answers["persistence"].answer == ("yes" if is_open else "unknown")
    assert ["Quarantine" in one.command for one in beside_root(steps)] == [True] * is_open


@pytest.mark.parametrize("call", ["CreateLoginProfile", "UpdateLoginProfile"])
@pytest.mark.parametrize(
    ("again", "others", "answer"), [((), (3,), "unknown"), ((), (1, 3), "unknown"), ((4,), (3,), "yes")]
)
async def test_a_password_that_others_set_anew_is_not_roots(
    call: str, again: tuple[int, ...], others: tuple[int, ...], answer: str
) -> None:
    first = did(f"iam:{call}", 2, {"userName": "eve"})
    own = [did("iam:UpdateLoginProfile", minute, {"userName": "eve"}) for minute in again]
    answers, steps = await tell(first, *(_by_admin("UpdateLoginProfile", minute) for minute in others), *own)
    assert (answers["persistence"].answer, bool(beside_root(steps))) == (answer, answer == "yes")


async def test_of_a_password_that_two_set_in_one_second_nobody_knows_whose_it_is() -> None:
    first = did("iam:UpdateLoginProfile", 2, {"userName": "eve"})
    answers, _ = await tell(first, _by_admin("UpdateLoginProfile", 2))
    assert (answers["persistence"].answer, answers["persistence"].event_ids) == ("unknown", (first["eventID"],))
