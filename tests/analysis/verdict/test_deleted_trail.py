"""How a trail that was deleted is made again: as it was before root touched it, as far as the logs tell."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

import botocore.session
from botocore import xform_name

from tests.analysis.lineage.test_blast_radius import did, user
from tests.analysis.verdict.logs import tell
from tests.builders import ACCOUNT

if TYPE_CHECKING:
    from rootforensics.analysis.containment.step import Step


async def deleted_trail(*records: dict[str, Any]) -> tuple[Step, Step]:
    """What to do about a trail that root deleted, in two steps."""
    _, steps = await tell(*records, did("cloudtrail:DeleteTrail", 9, {"name": "main"}, awsRegion="eu-west-1"))
    make, start = [step for step in steps if "trail main" in step.what]
    return make, start


ADMIN = user("admin")

GROUP = f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:CT:*"

TRAIL = {
    "name": "main",
    "s3BucketName": "audit-logs",
    "s3KeyPrefix": "org",
    "snsTopicName": "told",
    "includeGlobalServiceEvents": True,
    "isMultiRegionTrail": True,
    "isOrganizationTrail": False,
    "cloudWatchLogsLogGroupArn": GROUP,
    "cloudWatchLogsRoleArn": f"arn:aws:iam::{ACCOUNT}:role/CT",
    "kmsKeyId": f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/k-1",
}


async def test_a_deleted_trail_of_which_nothing_is_known_has_no_command() -> None:
    make, start = await deleted_trail()
    assert (make.what, make.command) == ("Recreate trail main", "")
    assert "These logs do not record s3BucketName, isMultiRegionTrail" in make.why
    # What the AWS CLI creates does not record yet.
    assert start.command == "aws cloudtrail start-logging --name main --region eu-west-1"


async def test_a_deleted_trail_is_made_again_as_it_was_before_root_touched_it() -> None:
    answered = TRAIL | {
        "trailARN": f"arn:aws:cloudtrail:eu-west-1:{ACCOUNT}:trail/main",
        "logFileValidationEnabled": True,
    }
    created = did("cloudtrail:CreateTrail", 1, {"name": "main"}, answered, who=ADMIN, awsRegion="eu-west-1")
    moved = did(
        "cloudtrail:UpdateTrail", 2, {"name": "main", "s3BucketName": "audit-logs-2"}, who=ADMIN, awsRegion="eu-west-1"
    )
    elsewhere = did("cloudtrail:CreateTrail", 3, TRAIL | {"s3BucketName": "x"}, who=ADMIN, awsRegion="us-east-1")
    refused = did("cloudtrail:UpdateTrail", 4, {"name": "main", "s3BucketName": "y"}, who=ADMIN, awsRegion="eu-west-1", errorCode="AccessDenied")  # fmt: skip
    narrowed = did(
        "cloudtrail:UpdateTrail",
        5,
        {"name": "main", "isMultiRegionTrail": False, "s3BucketName": "intruder"},
        awsRegion="eu-west-1",
    )
    seen = did(
        "cloudtrail:GetTrail",
        6,
        {"name": "main"},
        {"trail": answered | {"s3BucketName": "intruder"}},
        awsRegion="eu-west-1",
    )
    make, _ = await deleted_trail(created, moved, elsewhere, refused, narrowed, seen)
    assert shlex.split(make.command) == [
        "aws", "cloudtrail", "create-trail", "--name", "main", "--s3-bucket-name", "audit-logs-2", "--s3-key-prefix", "org",
        "--sns-topic-name", "told", "--kms-key-id", TRAIL["kmsKeyId"], "--cloud-watch-logs-log-group-arn", GROUP,
        "--cloud-watch-logs-role-arn", TRAIL["cloudWatchLogsRoleArn"], "--region", "eu-west-1",
        "--is-multi-region-trail", "--include-global-service-events", "--no-is-organization-trail",
        "--enable-log-file-validation",
    ]  # fmt: skip
    model = botocore.session.get_session().get_service_model("cloudtrail").operation_model("CreateTrail")
    options = {word.replace("--no-", "--") for word in shlex.split(make.command) if word.startswith("--")}
    assert options - {"--region"} <= {f"--{xform_name(member, '-')}" for member in model.input_shape.members}
    assert moved["eventID"] in make.why
    assert "not recorded" not in make.why


async def test_a_deleted_trail_that_a_listing_shows_is_made_again_with_what_it_shows() -> None:
    listed = [
        {"name": "other", "s3BucketName": "no", "homeRegion": "eu-west-1"},
        {"name": "main", "s3BucketName": "file://x", "homeRegion": "us-east-1"},
        {"name": "main", "s3BucketName": "audit-logs", "homeRegion": "eu-west-1", "isMultiRegionTrail": False},
    ]
    make, _ = await deleted_trail(did("cloudtrail:DescribeTrails", 1, None, {"trailList": listed}, who=ADMIN))
    assert make.command == (
        "aws cloudtrail create-trail --name main --s3-bucket-name audit-logs --region eu-west-1 --no-is-multi-region-trail"
    )
    assert "includeGlobalServiceEvents" in make.why
