"""A call that may touch the account's detective controls, and whose record lacks that by which it is judged: nobody knows."""

from __future__ import annotations

from typing import Any

import pytest

from tests.analysis.lineage.test_blast_radius import at, did, user
from tests.analysis.verdict.logs import tell
from tests.builders import ABSENT, event

ADMIN = user("admin")
TRAIL = did("cloudtrail:CreateTrail", 1, {"name": "main", "s3BucketName": "central", "isMultiRegionTrail": True}, who=ADMIN)  # fmt: skip
GOES_ON = event(eventTime=at(59), awsRegion="us-east-1")
#: Each may take nothing away or impair logging: that lies in a parameter.
JUDGED = [
    "access-analyzer:UpdateFindings",
    "firehose:DeleteDeliveryStream",
    "iam:DeleteRole",
    "iam:UpdateAssumeRolePolicy",
    "logs:PutRetentionPolicy",
    "logs:DeleteSubscriptionFilter",
    "organizations:DeregisterDelegatedAdministrator",
    "organizations:DisableAWSServiceAccess",
    "s3:DeleteBucketEncryption",
    "s3:DeleteObject",
    "s3:PutBucketLifecycle",
    "securityhub:BatchUpdateFindings",
    "securityhub:BatchUpdateFindingsV2",
    "securityhub:BatchUpdateStandardsControlAssociations",
    "securityhub:UpdateFindings",
    "sns:SetSubscriptionAttributes",
    "sns:SetTopicAttributes",
    "guardduty:UpdateDetector",
]


#: What CloudTrail writes for parameters that are too large.
TOO_LARGE = {"omitted": True, "originalSize": 200000, "reason": "too large"}


@pytest.mark.parametrize("lacking", [None, {}, ABSENT, TOO_LARGE], ids=["null", "empty", "absent", "too large"])
@pytest.mark.parametrize("call", JUDGED)
async def test_what_a_call_without_parameters_took_away_nobody_knows(call: str, lacking: Any) -> None:
    done = did(call, 10, requestParameters=lacking)
    told = (await tell(TRAIL, done, GOES_ON))[0]["logging_impaired"]
    assert (told.answer, told.event_ids) == ("unknown", (done["eventID"],))


async def test_what_a_call_lacks_that_tells_what_it_set_nobody_knows() -> None:
    for call, asked in (
        ("sns:SetTopicAttributes", {"topicArn": "t"}),
        ("s3:DeleteObject", {"bucketName": "central"}),
        ("access-analyzer:UpdateFindings", {"analyzerArn": "a"}),
    ):
        assert (await tell(TRAIL, did(call, 10, asked), GOES_ON))[0]["logging_impaired"].answer != "no", call


@pytest.mark.parametrize("call", ["s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:DeleteObjects"])
async def test_what_is_missing_since_a_bucket_of_no_name_was_touched(call: str) -> None:
    answers, _ = await tell(TRAIL, did(call, 10), GOES_ON)
    for name in ("password_changed", "mfa_removed", "money_spent", "ownership_changed"):
        assert answers[name].answer == "unknown", name
        assert any("bucket (not named)" in one for one in answers[name].missing)


async def test_what_others_did_without_parameters_is_no_impairment_of_roots() -> None:
    answers, _ = await tell(TRAIL, *(did(call, 10, who=ADMIN) for call in JUDGED if call.startswith("s3")), GOES_ON)
    assert answers["logging_impaired"].answer == "no"


async def test_how_often_findings_are_published_takes_nothing_from_the_record() -> None:
    answers, _ = await tell(did("guardduty:UpdateDetector", 10, {"detectorId": "d", "findingPublishingFrequency": "SIX_HOURS"}))  # fmt: skip
    assert answers["logging_impaired"].answer == "no"
