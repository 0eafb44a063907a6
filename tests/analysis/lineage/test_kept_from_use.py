"""What is there and others keep from use: users and roles that are denied everything, roles left to AWS services."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from tests.analysis.lineage.radius_story import blast_of
from tests.analysis.lineage.test_blast_radius import did, user

ADMIN: Final = user("admin", "AKIAADMIN")
STRANGER: Final = "arn:aws:iam::999999999999:root"
EVE: Final = {"userName": "eve"}
KEY: Final = did("iam:CreateAccessKey", 2, EVE, {"accessKey": {"accessKeyId": "AKIAEVE", "userName": "eve"}})
PASSWORD: Final = did("iam:CreateLoginProfile", 3, EVE, {"loginProfile": EVE})
USER: Final = did("iam:CreateUser", 1, EVE, {"user": EVE})


def attached(name: str, minute: int = 5, call: str = "Attach", **more: Any) -> dict[str, Any]:
    asked = EVE | {"policyArn": f"arn:aws:iam::aws:policy/{name}"}
    return did(f"iam:{call}UserPolicy", minute, asked, **{"who": ADMIN} | more)


def written(minute: int = 5, call: str = "Put", **statement: Any) -> dict[str, Any]:
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"} | statement]}
    asked = EVE | {"policyName": "q"} | ({"policyDocument": json.dumps(policy)} if call == "Put" else {})
    return did(f"iam:{call}UserPolicy", minute, asked, who=ADMIN)


@pytest.mark.parametrize("made", [(USER, KEY, PASSWORD), (KEY, PASSWORD)])
@pytest.mark.parametrize(
    ("since", "how"),
    [
        ([attached("AWSDenyAll")], "AttachUserPolicy"),
        ([written()], "PutUserPolicy"),
        ([written(4), attached("AWSDenyAll"), written(6, "Delete")], "AttachUserPolicy"),
        ([attached("AWSCompromisedKeyQuarantineV3")], ""),
        ([attached("AWSCompromisedKeyQuarantineV2")], ""),
        ([attached("AWSDenyAll"), attached("AWSDenyAll", 6, "Detach")], ""),
        ([attached("AWSDenyAll"), attached("AWSDenyAll", 6, "Detach", who=user("stranger", "AKIAX"))], ""),
        ([written(), written(6, "Delete")], ""),
        ([written(), written(6, Effect="Allow")], ""),
        ([written(Action="s3:*")], ""),
        ([written(Resource="arn:aws:s3:::b/*")], ""),
        ([written(Condition={"DateLessThan": {"aws:TokenIssueTime": "2026-08-05T10:00:00Z"}})], ""),
        ([attached("AWSDenyAll", errorCode="AccessDenied")], ""),
    ],
)
async def test_credentials_of_a_user_who_is_denied_everything_are_quarantined_and_never_gone(
    made: tuple[dict[str, Any], ...], since: list[dict[str, Any]], how: str
) -> None:
    radius = await blast_of(*made, *since)
    rows = {row["entity_kind"]: row for row in radius.still_open}
    for kind in ("access key", "console password"):
        assert rows[kind]["state"] == "active"
        accepted = f"quarantined by user/admin at 2026-08-05 10:05:00 ({how})" if how else None
        assert rows[kind]["accepted"] == accepted


async def test_a_user_who_denies_itself_everything_is_not_quarantined() -> None:
    """Whoever has root, or what it made, takes such a policy away again."""
    radius = await blast_of(KEY, attached("AWSDenyAll", who=None))
    assert [row["accepted"] for row in radius.still_open if row["entity_kind"] == "access key"] == [None]


def trusts(minute: int, principal: Any, who: Any = None) -> dict[str, Any]:
    policy = {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}
    return did("iam:UpdateAssumeRolePolicy", minute, {"roleName": "r", "policyDocument": json.dumps(policy)}, who=who)


ROLE: Final = did(
    "iam:CreateRole", 1,
    {"roleName": "r", "assumeRolePolicyDocument": json.dumps(
        {"Statement": [{"Effect": "Allow", "Principal": {"AWS": STRANGER}, "Action": "sts:AssumeRole"}]})},
    {"role": {"roleName": "r"}},
)  # fmt: skip
LAMBDA: Final = {"Service": "lambda.amazonaws.com"}


@pytest.mark.parametrize(
    ("since", "accepted"),
    [
        ([trusts(5, LAMBDA, ADMIN)], "left to AWS services alone by user/admin at 2026-08-05 10:05:00 (UpdateAssumeRolePolicy)"),
        ([trusts(5, LAMBDA)], None),
        ([trusts(5, LAMBDA, ADMIN), trusts(6, {"AWS": STRANGER})], None),
        ([trusts(5, LAMBDA, ADMIN), trusts(5, LAMBDA)], None),
        ([trusts(5, {"AWS": "arn:aws:iam::111122223333:role/x"}, ADMIN)], None),
        ([trusts(5, {"Service": "ec2.amazonaws.com", "AWS": STRANGER}, ADMIN)], None),
        ([trusts(5, LAMBDA, ADMIN) | {"errorCode": "AccessDenied"}], None),
    ],
)  # fmt: skip
async def test_a_role_that_others_left_to_aws_services_is_listed_as_accepted(
    since: list[dict[str, Any]], accepted: str | None
) -> None:
    radius = await blast_of(ROLE, *since)
    assert [(row["entity_kind"], row["accepted"]) for row in radius.still_open] == [("role", accepted)]
