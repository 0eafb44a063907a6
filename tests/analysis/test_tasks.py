"""What counts as a change, and whether a pattern names it."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import pytest

from rootforensics.analysis.tasks import READING_NAMES, is_change, is_task


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
        # What the billing pages record says nothing of reading.
        ("billingconsole:GetTotalAmountForForecast", None, False),
        ("billingconsole:DownloadCommercialInvoice", None, False),
        ("billingconsole:FindECSVForBillingPeriod", None, False),
        ("billingconsole:ViewBilling", None, False),
        ("billingconsole:CloseAccount", None, True),
        ("taxconsole:DownloadTaxInvoice", None, False),
        ("payments:Instruments_List", None, False),
        ("payments:Financing_GetTerms", None, False),
        ("payments:Instruments_StartCreate", None, True),
        ("payments:Instruments_Delete", None, True),
        ("payments:Instruments_Listen", None, True),
        ("s3:Downloaded", None, True),
        ("s3:", None, True),
        ("signin:ConsoleLogin", False, False),
        ("signin:CreateOAuth2Token", False, False),
        ("signin:EmailUpdated", False, True),
        ("signin:PasswordUpdated", None, True),
    ],
)
def test_writes_are_changes_and_signing_in_is_not(call: str, read_only: bool | None, expected: bool) -> None:
    assert is_change(row(call, read_only)) is expected


def test_the_view_holds_the_same_names() -> None:
    view = files("rootforensics.queries").joinpath("views/root_events.sql").read_text(encoding="utf-8")
    assert f"'{READING_NAMES}'" in view
