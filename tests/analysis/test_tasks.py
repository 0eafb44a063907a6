"""What counts as a change, and whether a pattern names it."""

from __future__ import annotations

from typing import Any

import pytest

from rootforensics.analysis.tasks import is_change, is_task


def row(call: str, read_only: bool | None = False) -> dict[str, Any]:
    source, _, name = call.partition(":")
    return {"eventSource": f"{source}.amazonaws.com", "eventName": name, "readOnly": read_only}


@pytest.mark.parametrize(
    ("call", "pattern"),
    [
        ("s3:DeleteBucketPolicy", "s3:DeleteBucketPolicy"),
        ("s3:DeleteBucketPolicy", "S3:deletebucketpolicy"),
        ("iam:DeactivateMFADevice", "iam:*"),
        ("iam:DeactivateMFADevice", "iam:*MFADevice"),
        ("iam:DeactivateMFADevice", "*:*"),
        ("s3:PutBucketAcl", "s3:Put?ucketAc?"),
        ("lambda:UpdateFunctionCode20150331v2", "lambda:UpdateFunctionCode"),
        ("cloudfront:CreateDistribution2020_05_31", "cloudfront:CreateDistribution"),
        ("monitoring:DeleteAlarms", "cloudwatch:DeleteAlarms"),
        ("monitoring:DeleteAlarms", "monitoring:DeleteAlarms"),
    ],
)
def test_a_pattern_names_a_call(call: str, pattern: str) -> None:
    assert is_task(row(call), [pattern])


@pytest.mark.parametrize(
    ("call", "pattern"),
    [
        ("s3:DeleteBucketPolicy", "s3:DeleteBucket"),
        ("s3:DeleteBucket", "s3:DeleteBucketPolicy"),
        ("s3control:DeleteBucketPolicy", "s3:*"),
        ("s3:PutBucketAcl", "s3:Put.ucketAcl"),
        ("iam:DeleteUser", "sts:*"),
    ],
)
def test_a_pattern_does_not_name_what_is_near(call: str, pattern: str) -> None:
    assert not is_task(row(call), [pattern])


def test_no_pattern_names_nothing() -> None:
    assert not is_task(row("s3:DeleteBucketPolicy"), [])
    assert not is_task({"eventSource": None, "eventName": None}, ["s3:*"])


@pytest.mark.parametrize(
    ("call", "read_only", "expected"),
    [
        ("s3:DeleteBucketPolicy", False, True),
        ("iam:ListUsers", True, False),
        ("iam:GenerateCredentialReport", True, False),
        ("glue:GetTags", None, False),
        ("iam:ListUsers", None, False),
        ("glue:Gettysburg", None, True),
        ("billingconsole:SetAccountPreferences", None, True),
        ("signin:ConsoleLogin", False, False),
        ("signin:CreateOAuth2Token", False, False),
        ("signin:EmailUpdated", False, True),
        ("signin:PasswordUpdated", None, True),
    ],
)
def test_writes_are_changes_and_signing_in_is_not(call: str, read_only: bool | None, expected: bool) -> None:
    assert is_change(row(call, read_only)) is expected
