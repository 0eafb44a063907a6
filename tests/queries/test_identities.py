"""The questions about other identities: what they did, and how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.analysis.lineage.test_blast_radius import did, made_key, role, user
from tests.builders import ACCOUNT
from tests.stories import part_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import rootforensics as rf
    from tests.stories import Part

    CaseOf = Callable[..., rf.Case]


def names(case: rf.Case | Part, question: str = "identity_actions", **given: str) -> list[str]:
    return [row["eventName"] for row in case.query(question, **given).rows]


async def test_actions_are_those_of_the_identities_that_are_named() -> None:
    case = await part_of(
        did("iam:ByKey", 1, who=user("bob", "AKIAONE")),
        did("iam:ByOtherKey", 2, who=user("bob", "AKIATWO")),
        did("iam:ByNamesake", 3, who=user("bob", "AKIATHREE", "444455556666")),
        did("iam:ByRole", 4, who=role("door")),
        did("iam:ByInstance", 5, who=role("worker", "i-0a1b")),
        did("iam:ByRoot", 6),
    )
    assert names(case, access_keys="AKIAONE AKIATHREE") == ["ByKey", "ByNamesake"]
    assert names(case, users=f"{ACCOUNT}/bob") == ["ByKey", "ByOtherKey"]
    assert names(case, roles=f"{ACCOUNT}/door", instances="i-0a1b") == ["ByRole", "ByInstance"]
    assert names(case, users="111/nobody") == []
    assert len(names(case)) == 6
    assert names(case, calls="iam.amazonaws.com:ByRoot iam.amazonaws.com:ByKey ec2.amazonaws.com:ByRole") == [
        "ByKey",
        "ByRoot",
    ]
    assert names(case, "root_activity") == ["ByRoot"]
    assert names(case, "root_activity", calls="iam.amazonaws.com:ByKey") == []
    assert names(case, "root_activity", account_id="444455556666") == []


async def test_descendants_are_named_with_what_made_them_and_their_use() -> None:
    case = await part_of(
        did("iam:CreateUser", 1, {"userName": "bob"}),
        made_key("AKIABOB", 2, None, who=user("bob", "ASIABOB")),
        did("s3:CreateBucket", 3, {"bucketName": "b"}, who=user("bob", "AKIABOB")),
        did("s3:ListBuckets", 4, who=user("bob", "AKIABOB"), readOnly=True),
        did("s3:DeleteBucket", 5, {"bucketName": "b"}, who=user("bob", "ASIABOB"), errorCode="AccessDenied"),
        did("s3:CreateBucket", 6, {"bucketName": "c"}, who=user("eve", "AKIAEVE")),
    )
    columns = ("eventName", "identity_kind", "identity_name", "made_by", "generation", "certainty")
    by_user = ("user", f"{ACCOUNT}/bob", "CreateUser", 1, "certain")
    actions = case.query("descendant_actions").rows
    assert [tuple(row[name] for name in columns) for row in actions] == [
        ("CreateAccessKey", *by_user),
        ("CreateBucket", *by_user),
        ("ListBuckets", *by_user),
        ("DeleteBucket", *by_user),
    ]
    assert names(case, "descendant_actions", calls="s3.amazonaws.com:ListBuckets") == ["ListBuckets"]
    assert names(case, "descendant_actions", account_id="444455556666") == []
    used = case.query("descendant_use").rows
    counts = ("identity_name", "event_count", "write_count", "error_count")
    assert [tuple(row[name] for name in counts) for row in used] == [
        ("AKIABOB", 2, 1, 0),
        (f"{ACCOUNT}/bob", 4, 2, 1),
    ]
    assert case.query("descendant_use", account_id="444455556666").rows == []


@pytest.mark.heavy
def test_of_two_makings_at_one_moment_the_same_is_named_however_the_logs_came(case_of: CaseOf) -> None:
    issued = {"credentials": {"accessKeyId": "ASIATWICE"}}
    made = [
        did("sts:GetSessionToken", 1, None, issued, awsRegion=region, recipientAccountId=account)
        for region, account in (("us-west-2", ACCOUNT), ("eu-west-1", "444455556666"))
    ]
    used = did("ec2:RunInstances", 2, who=user("x", "ASIATWICE"))
    for records in ([*made, used], [*made[::-1], used]):
        case = case_of(*records)
        for question in ("descendant_actions", "descendant_use"):
            (row,) = case.query(question).rows
            told = row["made_by"], row["made_account_id"], row["made_region"]
            assert told == ("GetSessionToken", ACCOUNT, "us-west-2"), question
