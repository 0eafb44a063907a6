"""A user that root reached and that got another name: who acts under the old one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.analysis.lineage.test_blast_radius import did, user
from tests.analysis.verdict.logs import tell

if TYPE_CHECKING:
    pass

RENAMED = did("iam:UpdateUser", 2, {"userName": "aa", "newUserName": "backup"})
SECOND = did("iam:CreateUser", 3, {"userName": "aa"}, who=user("admin"))


def removed(minute: int, who: str) -> dict[str, Any]:
    """A user deletes the detector, with a key that nobody saw being made."""
    return did("guardduty:DeleteDetector", minute, {"detectorId": "d"}, who=user(who, "AKIAOLD"))


@pytest.mark.parametrize(
    ("before", "action", "answer"),
    [
        ([did("iam:CreateUser", 1, {"userName": "aa"}), RENAMED, SECOND], removed(4, "aa"), "no"),
        ([did("iam:AttachUserPolicy", 1, {"userName": "aa", "policyArn": "p"}), RENAMED, SECOND], removed(4, "aa"), "no"),
        ([did("iam:AttachUserPolicy", 1, {"userName": "aa", "policyArn": "p"}), RENAMED], removed(4, "backup"), "unknown"),
        ([did("iam:AttachUserPolicy", 1, {"userName": "aa", "policyArn": "p"})], removed(4, "aa"), "unknown"),
        # Before its renaming it was called so.
        (
            [did("iam:AttachUserPolicy", 1, {"userName": "aa", "policyArn": "p"}), RENAMED | {"eventTime": "2026-08-05T10:09:00Z"}],
            removed(4, "aa"),
            "unknown",
        ),
    ],
)  # fmt: skip
async def test_a_name_that_a_user_gave_up_is_another_users(
    before: list[Any], action: dict[str, Any], answer: str
) -> None:
    told = (await tell(*before, action))[0]["logging_impaired"]
    assert (told.answer, told.event_ids) == (answer, (action["eventID"],) if answer == "unknown" else ())
