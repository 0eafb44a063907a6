"""What counts as a change, and whether a pattern names it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import duckdb
import pytest

from rootforensics.analysis.approved_tasks import is_change, is_task
from rootforensics.ingest.derived import IS_WRITE

if TYPE_CHECKING:
    import rootforensics as rf


def row(call: str, is_write: bool | None = True) -> dict[str, Any]:
    source, _, name = call.partition(":")
    return {"eventSource": f"{source}.amazonaws.com", "eventName": name, "is_write": is_write}


@pytest.mark.parametrize(
    ("call", "pattern"),
    [
        ("s3:DeleteBucketPolicy", "s3:DeleteBucketPolicy"),
        ("s3:DeleteBucketPolicy", "S3:deletebucketpolicy"),
        ("iam:DeactivateMFADevice", "iam:*"),
        ("iam:DeactivateMFADevice", "iam:*MFADevice"),
        ("iam:DeactivateMFADevice", "*:*"),
        ("s3:PutBucketAcl", "s3:Put?ucketAc?"),
        ("lambda:UpdateFunctionCode", "lambda:UpdateFunctionCode20150331v2"),
        ("cloudfront:CreateDistribution", "cloudfront:CreateDistribution2020_05_31"),
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


#: A call, its ``readOnly``, and whether it changes something; None where nobody knows.
WRITES: Final = (
    ("s3:DeleteBucketPolicy", False, True),
    ("s3:DeleteBucketPolicy", True, False),
    ("s3:DeleteBucketPolicy", None, True),
    ("ec2:RunInstances", None, True),
    ("lambda:CreateFunction20150331", None, True),
    ("iam:ListUsers", False, True),
    ("iam:ListUsers", None, False),
    ("iam:GenerateCredentialReport", True, False),
    ("glue:GetTags", None, False),
    ("glue:Gettysburg", None, None),
    ("billingconsole:SetAccountPreferences", None, True),
    # What the billing pages record says nothing of reading.
    ("billingconsole:GetTotalAmountForForecast", None, False),
    ("billingconsole:DownloadCommercialInvoice", None, False),
    ("billingconsole:FindECSVForBillingPeriod", None, False),
    ("billingconsole:ViewBilling", None, False),
    ("billingconsole:CloseAccount", None, None),
    ("taxconsole:DownloadTaxInvoice", None, False),
    ("payments:Instruments_List", None, False),
    ("payments:Financing_GetTerms", None, False),
    ("payments:Instruments_StartCreate", None, None),
    ("payments:Instruments_Delete", None, None),
    ("payments:Instruments_Listen", None, None),
    ("s3:Downloaded", None, None),
    ("s3:Starter", None, None),
    ("s3:", None, None),
    ("logs:StartQuery", None, None),
    ("sts:GetFederationToken", None, None),
    ("signin:PasswordUpdated", None, None),
)


def test_an_event_writes_as_it_says_or_as_its_name_tells_for_certain() -> None:
    for call, read_only, expected in WRITES:
        sql = f"SELECT {IS_WRITE} FROM (SELECT ?::BOOLEAN AS readOnly, ?::VARCHAR AS action)"
        found = duckdb.execute(sql, [read_only, call.partition(":")[2]]).fetchall()
        assert found == [(expected,)], (call, read_only)


def test_names_tell_what_public_records_say(sample_case: rf.Case) -> None:
    sql = f"""
        SELECT DISTINCT eventSource, eventName FROM (
            SELECT eventSource, eventName, is_write, {IS_WRITE} AS by_name
            FROM (SELECT * EXCLUDE (readOnly), CAST(NULL AS BOOLEAN) AS readOnly FROM events WHERE readOnly IS NOT NULL)
        ) WHERE by_name <> is_write
    """
    assert sample_case.sql(sql).rows == []


def test_what_may_be_a_write_is_a_change_and_signing_in_is_not() -> None:
    assert [is_change(row("s3:PutObject", is_write)) for is_write in (True, None, False)] == [True, True, False]
    assert [is_change(row(f"signin:{name}", True)) for name in ("ConsoleLogin", "CreateOAuth2Token")] == [False, False]
    assert is_change(row("signin:EmailUpdated", True))
