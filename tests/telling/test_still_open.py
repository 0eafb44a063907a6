"""What is still open is told with what the logs know of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rootforensics.telling.standing import standing
from rootforensics.telling.still_open import still_open
from tests.analysis.lineage.test_blast_radius import did
from tests.stories import told_of

if TYPE_CHECKING:
    from rootforensics.analysis.analysis import Analysis

OLD_KEY = {"accessKeyId": "AKIAOLDKEY"}
PUBLIC = {"items": [{"ipRanges": {"items": [{"cidrIp": "0.0.0.0/0"}]}}]}


def open_texts(analysis: Analysis) -> list[str]:
    return [
        line.text
        for line in still_open(analysis, [(verdict, standing(analysis, verdict)) for verdict in analysis.verdicts])
    ]


@pytest.mark.parametrize(
    ("record", "text"),
    [
        (
            did("iam:ListUsers", 1, identity=OLD_KEY, readOnly=True),
            "access key AKIAOLDKEY, active, not created in these logs, first used at 2026-08-05 10:01:00 (ListUsers)",
        ),
        (
            did("ec2:AuthorizeSecurityGroupIngress", 1, {"groupId": "sg-1", "ipPermissions": PUBLIC}, identity=OLD_KEY),
            (
                "security group sg-1 in us-east-1, changed at 2026-08-05 10:01:00, not restored "
                "(AuthorizeSecurityGroupIngress); still open to everyone"
            ),
        ),
        (
            did("iam:CreateLoginProfile", 1, {"userName": "AWS ROOT USER"}, identity=OLD_KEY),
            "console password of root, created at 2026-08-05 10:01:00, not deleted (CreateLoginProfile)",
        ),
    ],
)
async def test_what_is_open_is_told_with_its_origin(record: dict[str, Any], text: str) -> None:
    assert text in await told_of(open_texts, record)
