"""Logging that is switched on, set up, kept or widened is not impaired; what is narrowed is; nobody knows what was before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.analysis.lineage.test_blast_radius import at, did, user
from tests.analysis.verdict.stories import stories_in, verdicts_by_account
from tests.builders import ABSENT, ACCOUNT

if TYPE_CHECKING:
    import rootforensics as rf

    Record = dict[str, Any]

ADMIN: Final = user("admin")
FULL: Final = {
    "name": "main",
    "s3BucketName": f"central-{ACCOUNT}",
    "isMultiRegionTrail": True,
    "enableLogFileValidation": True,
}
BUCKET_AGAIN: Final = {"s3BucketName": f"central-{ACCOUNT}"}
ALONE: Final = FULL | {"isMultiRegionTrail": False, "enableLogFileValidation": False}
BUCKET: Final = {"bucketName": f"central-{ACCOUNT}"}
WRITES: Final = {"readWriteType": "WriteOnly", "includeManagementEvents": True}
ALL: Final = {"readWriteType": "All", "includeManagementEvents": True}
NONE: Final = {"readWriteType": "All", "includeManagementEvents": False}
EMPTY: Final = {"dataResources": [], "excludeManagementEventSources": []}
LAMBDA: Final = {"type": "AWS::Lambda::Function", "values": ["arn:aws:lambda"]}
OBJECTS: Final = {"type": "AWS::S3::Object", "values": ["arn:aws:s3:::shop/"]}
DELIVERY: Final = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudtrail.amazonaws.com"},
    "Action": "s3:PutObject",
    "Resource": f"arn:aws:s3:::central-{ACCOUNT}/AWSLogs/{ACCOUNT}/*",
}
SOURCE: Final = {
    "StringEquals": {
        "s3:x-amz-acl": "bucket-owner-full-control",
        "aws:SourceArn": f"arn:aws:cloudtrail:us-east-1:{ACCOUNT}:trail/main",
    }
}
INSECURE: Final = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Resource": [f"arn:aws:s3:::central-{ACCOUNT}", f"arn:aws:s3:::central-{ACCOUNT}/*"],
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
SHUT: Final = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:PutObject",
    "Resource": f"arn:aws:s3:::central-{ACCOUNT}/*",
}
OWN: Final = DELIVERY | {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}


def made(minute: int, settings: Record = FULL, **fields: Any) -> Record:
    return did("cloudtrail:CreateTrail", minute, settings, **fields)


def set_to(minute: int, settings: Record | None, **fields: Any) -> Record:
    return did("cloudtrail:UpdateTrail", minute, settings and {"name": "main"} | settings, **fields)


def selected(minute: int, *selectors: Record, **fields: Any) -> Record:
    return did(
        "cloudtrail:PutEventSelectors", minute, {"trailName": "main", "eventSelectors": list(selectors)}, **fields
    )


def advanced(minute: int, *selectors: list[Record], **fields: Any) -> Record:
    request = {"trailName": "main", "advancedEventSelectors": [{"fieldSelectors": selector} for selector in selectors]}
    return did("cloudtrail:PutEventSelectors", minute, request, **fields)


def of_kind(kind: str, **more: list[str]) -> list[Record]:
    return [
        {"field": "eventCategory", "equals": [kind]},
        *({"field": name, "equals": held} for name, held in more.items()),
    ]


def insights(minute: int, *types: str, **fields: Any) -> Record:
    request = {"trailName": "main", "insightSelectors": [{"insightType": one} for one in types]}
    return did("cloudtrail:PutInsightSelectors", minute, request, **fields)


def expires(minute: int, days: int | None, status: str = "Enabled", **fields: Any) -> Record:
    rule = {"ID": "x", "Status": status} | ({"Expiration": {"Days": days}} if days else {"Transition": {"Days": 1}})
    return did("s3:PutBucketLifecycle", minute, BUCKET | {"LifecycleConfiguration": {"Rule": rule}}, **fields)


def deletes(minute: int, *rules: Record, **fields: Any) -> Record:
    return did("s3:PutBucketLifecycle", minute, BUCKET | {"LifecycleConfiguration": {"Rule": list(rules)}}, **fields)


def after(days: int, prefix: str = "") -> Record:
    """A rule of a lifecycle: objects whose names begin so are deleted after that many days."""
    return {"Status": "Enabled", "Filter": {"Prefix": prefix}, "Expiration": {"Days": days}}


def outdated(days: int) -> Record:
    return {"Status": "Enabled", "Filter": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": days}}


def on(day: str) -> Record:
    return {"Status": "Enabled", "Filter": {}, "Expiration": {"Date": f"{day}T00:00:00Z"}}


def policy(minute: int, *statements: Record, **fields: Any) -> Record:
    return did("s3:PutBucketPolicy", minute, BUCKET | {"bucketPolicy": {"Statement": list(statements)}}, **fields)


def writes_to(*places: str) -> Record:
    """A statement that lets CloudTrail write to these places of the bucket, and look at the bucket."""
    bucket = f"arn:aws:s3:::central-{ACCOUNT}"
    return DELIVERY | {"Resource": [bucket, *(bucket + place for place in places)]}


def delivered(minute: int) -> Record:
    service = {"type": "AWSService", "invokedBy": "cloudtrail.amazonaws.com"}
    return did("s3:PutObject", minute, BUCKET | {"key": "AWSLogs/x"}, userIdentity=service)


STARTED: Final = did("cloudtrail:StartLogging", 30, {"name": "main"})
BUCKET_MADE: Final = did("s3:CreateBucket", 1, BUCKET)
READ: Final = did("s3:ListBuckets", 9, readOnly=True)
RATE, ERRORS = "ApiCallRateInsight", "ApiErrorRateInsight"
TAKEN: Final = {"name": "main", "s3BucketName": "elsewhere"}
#: Whether the logging was impaired by root, and the story: a trail is set up.
SET_UP: Final[list[tuple[str, list[Record]]]] = [
    ("no", [made(2), STARTED]),
    ("no", [made(2), selected(3, ALL), insights(4, RATE), STARTED]),
    ("no", [BUCKET_MADE, policy(1, DELIVERY), expires(1, 365), made(2), STARTED, set_to(35, {"enableLogFileValidation": False})]),
    ("no", [made(2), STARTED, selected(31, WRITES), set_to(32, {"isMultiRegionTrail": False}), insights(33)]),
    ("no", [selected(2, WRITES), insights(2), made(2), did("cloudtrail:StartLogging", 2, {"name": "main"})]),
    ("no", [made(2, ALONE), set_to(3, TAKEN), set_to(4, {"cloudWatchLogsLogGroupArn": "arn:g", "cloudWatchLogsRoleArn": "arn:r"})]),
    ("no", [BUCKET_MADE, policy(2, SHUT), expires(2, 1), made(3)]),
    ("yes", [made(2), did("cloudtrail:StopLogging", 9, {"name": "main"})]),
    # By another, days later, or a trail that was there.
    ("yes", [made(2, who=ADMIN), set_to(9, {"isMultiRegionTrail": False})]),
    ("yes", [made(2), did("cloudtrail:UpdateTrail", 2, {"name": "main", "isMultiRegionTrail": False}, eventTime=at(2, day=8))]),
    ("yes", [did("cloudtrail:DeleteTrail", 1, {"name": "main"}), made(2), selected(3, WRITES)]),
    ("yes", [did("cloudtrail:GetTrail", 1, {"name": "main"}, {"trail": FULL}, who=ADMIN), made(2), selected(3, WRITES)]),
    # In one Region S3 says yes to who makes a bucket that he has.
    ("unknown", [made(1, who=ADMIN), did("s3:CreateBucket", 5, BUCKET), expires(6, None), did("s3:PutBucketPolicy", 7, BUCKET)]),
]  # fmt: skip
#: What the logs tell of before, and what root made of it; ``gap``: nothing, but others had it
#: record nothing for a while. What others have it keep of writes is none, whatever it recorded before.
COMPARED: Final[list[tuple[str, list[Record]]]] = [
    ("no", [made(1, ALONE, who=ADMIN), set_to(9, {"isMultiRegionTrail": True, "enableLogFileValidation": True})]),
    ("no", [made(1, who=ADMIN), set_to(9, FULL)]),
    ("no", [made(1, ALONE, who=ADMIN), set_to(9, ALONE)]),
    ("yes", [made(1, who=ADMIN), set_to(9, {"enableLogFileValidation": False})]),
    ("yes", [made(1, who=ADMIN), set_to(1, {"isMultiRegionTrail": False})]),  # records have whole seconds
    ("yes", [made(1, FULL | {"includeGlobalServiceEvents": True}, who=ADMIN), set_to(9, {"includeGlobalServiceEvents": False})]),
    ("yes", [made(1, who=ADMIN), set_to(9, TAKEN)]),
    # It names the bucket that it had since others made it again.
    ("gap", [made(1, who=ADMIN), did("cloudtrail:DeleteTrail", 2, {"name": "main"}, who=ADMIN), made(3, who=ADMIN), set_to(9, BUCKET_AGAIN)]),
    ("no", [made(1, who=ADMIN), set_to(9, {"snsTopicName": "t", "cloudWatchLogsLogGroupArn": "arn:g"})]),
    ("yes", [made(1, FULL | {"cloudWatchLogsLogGroupArn": "arn:g"}, who=ADMIN), set_to(9, {"cloudWatchLogsLogGroupArn": "arn:other"})]),
    ("yes", [made(1, FULL | {"cloudWatchLogsLogGroupArn": "arn:g"}, who=ADMIN), set_to(9, {"cloudWatchLogsLogGroupArn": ""})]),
    ("yes", [made(1, who=ADMIN), set_to(9, {"kmsKeyId": "arn:aws:kms:us-east-1:999988887777:key/k"})]),
    ("no", [made(1, FULL | {"kmsKeyId": "arn:k"}, who=ADMIN), set_to(9, {"kmsKeyId": "arn:k"})]),
    ("yes", [made(1, who=ADMIN), selected(9, WRITES)]),
    ("yes", [made(1, who=ADMIN), selected(9, NONE)]),
    ("no", [made(1, who=ADMIN), selected(9, ALL)]),
    ("no", [made(1, who=ADMIN), selected(9, ALL | {"dataResources": [OBJECTS]})]),
    # The console writes lists that hold nothing.
    ("yes", [made(1, who=ADMIN), selected(9, NONE | EMPTY)]),
    ("yes", [made(1, who=ADMIN), selected(9, ALL | EMPTY | {"readWriteType": "ReadOnly"})]),
    ("no", [made(1, who=ADMIN), selected(9, ALL | EMPTY)]),
    ("no", [made(1, who=ADMIN), selected(9, ALL | {"dataResources": [OBJECTS | {"values": []}]})]),
    ("no", [made(1, who=ADMIN), advanced(9, of_kind("Management"))]),
    ("no", [made(1, who=ADMIN), advanced(9, of_kind("Management", readOnly=["true"]), of_kind("Management", readOnly=["false"]), of_kind("Data"))]),
    ("yes", [made(1, who=ADMIN), advanced(9, of_kind("Management", readOnly=["true"]))]),
    ("yes", [made(1, who=ADMIN), advanced(9, of_kind("Data"))]),
    ("yes", [made(1, who=ADMIN), selected(9, ALL | {"excludeManagementEventSources": ["kms.amazonaws.com"]})]),
    ("no", [selected(1, WRITES, who=ADMIN), selected(9, WRITES)]),
    ("no", [selected(1, WRITES, who=ADMIN), selected(9, WRITES | {"dataResources": [OBJECTS]})]),
    ("no", [selected(1, WRITES, who=ADMIN), selected(9, ALL)]),
    ("yes", [selected(1, ALL | {"dataResources": [OBJECTS]}, who=ADMIN), selected(9, ALL)]),
    ("no", [selected(1, ALL | {"dataResources": [OBJECTS]}, who=ADMIN), selected(9, ALL | {"dataResources": [LAMBDA, OBJECTS]})]),
    ("unknown", [selected(1, ALL | {"dataResources": [OBJECTS]}, who=ADMIN), selected(9, ALL | {"dataResources": [LAMBDA]})]),
    ("yes", [selected(1, ALL | {"dataResources": [OBJECTS]}, who=ADMIN), selected(9, WRITES | {"dataResources": [OBJECTS]})]),
    # A refused call is no state, nor is another trail's.
    ("unknown", [selected(1, WRITES, who=ADMIN, errorCode="AccessDenied"), selected(9, WRITES)]),
    ("unknown", [made(1, FULL | {"name": "another"}, who=ADMIN), selected(9, WRITES)]),
    ("no", [insights(1, RATE, who=ADMIN), insights(9, RATE, ERRORS)]),
    ("no", [insights(1, RATE, who=ADMIN), insights(9, RATE)]),
    ("yes", [insights(1, RATE, ERRORS, who=ADMIN), insights(9, RATE)]),
    ("yes", [insights(1, RATE, who=ADMIN), insights(9)]),
    ("no", [made(1, who=ADMIN), expires(2, 30, who=ADMIN), expires(9, 3650)]),
    ("no", [made(1, who=ADMIN), expires(2, 30, who=ADMIN), expires(9, 30)]),
    ("yes", [made(1, who=ADMIN), expires(2, 3650, who=ADMIN), expires(9, 1)]),
    ("yes", [made(1, who=ADMIN), did("s3:DeleteBucketLifecycle", 2, BUCKET, who=ADMIN), expires(9, 3650)]),
    ("yes", [made(1, who=ADMIN), expires(2, 1, status="Disabled", who=ADMIN), expires(9, 1)]),
    ("no", [made(1, who=ADMIN), expires(9, None)]),
    ("no", [made(1, who=ADMIN), deletes(2, after(30), who=ADMIN), deletes(9, after(60))]),
    ("no", [made(1, who=ADMIN), deletes(2, after(30), who=ADMIN), deletes(9, after(30, "AWSLogs/"))]),
    ("no", [made(1, who=ADMIN), deletes(2, after(1, "tmp/"), who=ADMIN), deletes(9, after(1, "tmp/"))]),
    ("no", [made(1, who=ADMIN), deletes(2, after(1, "tmp/"), after(365), who=ADMIN), deletes(9, after(365), after(1, "tmp/"))]),
    ("yes", [made(1, who=ADMIN), deletes(2, after(30, "tmp/"), who=ADMIN), deletes(9, after(1))]),
    ("yes", [made(1, who=ADMIN), deletes(2, after(3650, "AWSLogs/"), who=ADMIN), deletes(9, after(1, "AWSLogs/"))]),
    # What only outdated versions lost before, the current ones lose.
    ("yes", [made(1, who=ADMIN), deletes(2, outdated(1), who=ADMIN), deletes(9, after(1))]),
    ("no", [made(1, who=ADMIN), deletes(2, after(30) | outdated(30), who=ADMIN), deletes(9, after(30) | outdated(60))]),
    # It deletes other objects than before.
    ("unknown", [made(1, who=ADMIN), deletes(2, after(1, "tmp/"), who=ADMIN), deletes(9, after(1))]),
    ("unknown", [made(1, who=ADMIN), deletes(2, after(1, "tmp/"), who=ADMIN), deletes(9, after(365))]),
    ("unknown", [made(1, who=ADMIN), deletes(2, after(1, "tmp/"), who=ADMIN), deletes(9, after(1, "AWSLogs/"))]),
    ("unknown", [made(1, who=ADMIN), deletes(2, after(1, "tmp/"), after(365), who=ADMIN), deletes(9, after(1))]),
    ("unknown", [made(1, who=ADMIN), deletes(2, after(1) | {"Filter": {"Tag": {"Key": "a", "Value": "b"}}}, who=ADMIN), deletes(9, after(1))]),
    ("unknown", [made(1, who=ADMIN), deletes(2, after(1) | {"Filter": "", "Prefix": "tmp/"}, who=ADMIN), deletes(9, after(1))]),
    ("unknown", [made(1, who=ADMIN), deletes(2, on("2040-01-01"), who=ADMIN), deletes(9, on("2026-08-06"))]),
    ("no", [made(1, who=ADMIN), policy(9, DELIVERY)]),
    ("no", [made(1, who=ADMIN), policy(9, DELIVERY | {"Condition": SOURCE}, INSECURE)]),
    ("no", [made(1, who=ADMIN), policy(9, writes_to("/*"))]),
    ("no", [made(1, who=ADMIN), policy(9, writes_to("/AWSLogs/*"))]),
    ("no", [made(1, who=ADMIN), policy(9, DELIVERY | {"Resource": "*"})]),
    ("no", [made(1, FULL | {"s3KeyPrefix": "x/y"}, who=ADMIN), policy(9, writes_to(f"/x/y/AWSLogs/{ACCOUNT}/*"))]),
    ("no", [made(1, FULL | {"isOrganizationTrail": True}, who=ADMIN), policy(9, writes_to("/AWSLogs/*"))]),
    # It may write, but not where it has to.
    ("unknown", [made(1, who=ADMIN), policy(9, writes_to("/nothing/*"))]),
    ("unknown", [made(1, who=ADMIN), policy(9, writes_to("/AWSLogs/999999999999/*"))]),
    ("unknown", [made(1, who=ADMIN), policy(9, writes_to(f"/AWSLogs/{ACCOUNT}/CloudTrail/us-east-1/*"))]),
    ("unknown", [made(1, FULL | {"s3KeyPrefix": "x"}, who=ADMIN), policy(9, DELIVERY)]),
    ("unknown", [made(1, who=ADMIN), policy(9, writes_to(f"/x/AWSLogs/{ACCOUNT}/*"))]),
    ("unknown", [made(1, FULL | {"isOrganizationTrail": True}, who=ADMIN), policy(9, DELIVERY)]),
    ("unknown", [made(1, FULL | {"isOrganizationTrail": True}, who=ADMIN), policy(9, writes_to("/AWSLogs/o-aaaaaaaaaa/*"))]),
    ("unknown", [made(1, who=ADMIN), policy(9, DELIVERY, SHUT | {"Action": "s3:*Object"})]),
    ("unknown", [made(1, who=ADMIN), policy(9, DELIVERY, SHUT | {"Action": ["s3:GetObject", "s3:PutObjectAcl"]})]),
    ("no", [made(1, who=ADMIN), policy(9, DELIVERY, SHUT | {"Action": ["s3:Delete*", "s3:PutBucketPolicy"]})]),
    ("yes", [made(1, who=ADMIN), policy(9, DELIVERY, SHUT)]),
    ("yes", [made(1, who=ADMIN), policy(9, OWN)]),
    ("unknown", [made(1, FULL | {"name": "other"}, who=ADMIN), policy(9, DELIVERY | {"Condition": SOURCE})]),
    ("unknown", [made(1, who=ADMIN), policy(9, DELIVERY, SHUT | {"Condition": {"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}})]),
    ("unknown", [made(1, who=ADMIN), policy(9, DELIVERY, SHUT | {"Action": None, "NotAction": "s3:GetObject"})]),
    ("unknown", [made(1, who=ADMIN), policy(9, DELIVERY | {"Resource": f"arn:aws:s3:::central-{ACCOUNT}/other"})]),
    ("unknown", [made(1, who=ADMIN), did("s3:PutBucketPolicy", 9, BUCKET)]),
    # Later deliveries prove it, unless the policy was written anew meanwhile: CloudTrail tries again for weeks.
    ("no", [made(1, who=ADMIN), did("s3:PutBucketPolicy", 9, BUCKET), delivered(20)]),
    ("unknown", [made(1, who=ADMIN), delivered(5), did("s3:PutBucketPolicy", 9, BUCKET)]),
    ("yes", [made(1, who=ADMIN), policy(9, OWN), policy(15, DELIVERY, who=ADMIN), delivered(20)]),
]  # fmt: skip
#: Nothing tells of before.
UNKNOWN: Final[list[tuple[str, list[Record]]]] = [
    # What others have a trail leave out of writes is missing, whatever it recorded before.
    ("unknown", [selected(1, NONE, who=ADMIN), READ]),
    ("unknown", [selected(1, ALL | {"readWriteType": "ReadOnly"}, who=ADMIN), READ]),
    ("unknown", [selected(1, ALL | {"excludeManagementEventSources": ["kms.amazonaws.com"]}, who=ADMIN), READ]),
    ("unknown", [did("cloudtrail:PutEventSelectors", 1, None, who=ADMIN), READ]),
    ("unknown", [set_to(9, {"isMultiRegionTrail": False})]),
    ("unknown", [set_to(9, TAKEN)]),
    ("unknown", [set_to(9, {"kmsKeyId": "k"})]),
    ("unknown", [set_to(9, None)]),
    ("unknown", [selected(9, WRITES)]),
    ("unknown", [selected(9, ALL)]),
    ("unknown", [did("cloudtrail:PutEventSelectors", 9, None)]),
    ("unknown", [insights(9)]),
    ("no", [insights(9, RATE, ERRORS)]),
    ("no", [set_to(9, {"isMultiRegionTrail": True})]),
    ("unknown", [made(1, who=ADMIN), expires(9, 1)]),
    ("unknown", [made(1, who=ADMIN), expires(9, 3650)]),
    ("unknown", [made(1, who=ADMIN), did("s3:PutBucketLifecycle", 9, BUCKET)]),
    ("unknown", [selected(1, WRITES, who=ADMIN), did("cloudtrail:PutEventSelectors", 9, None)]),
    # What stood between cannot be read: no answer for it.
    ("unknown", [selected(1, WRITES, who=ADMIN), did("cloudtrail:PutEventSelectors", 2, {"trailName": "main"}, who=ADMIN), selected(9, WRITES)]),
    ("unknown", [selected(1, WRITES, who=ADMIN), did("cloudtrail:PutEventSelectors", 2, None, who=ADMIN), selected(9, WRITES)]),
    ("unknown", [selected(1, WRITES, who=ADMIN), selected(2, ALL, who=ADMIN, eventTime=ABSENT), selected(9, WRITES)]),
    ("unknown", [made(1, ALONE, who=ADMIN), set_to(2, None, who=ADMIN), set_to(9, {"isMultiRegionTrail": False})]),
    ("unknown", [made(1, ALONE, who=ADMIN), set_to(2, {"isMultiRegionTrail": True}, who=ADMIN, eventTime=ABSENT), set_to(9, {"isMultiRegionTrail": False})]),
    ("unknown", [made(1, who=ADMIN), expires(2, 1, who=ADMIN), did("s3:DeleteBucketLifecycle", 3, None, who=ADMIN), expires(9, 1)]),
    ("yes", [made(1, who=ADMIN), policy(9, OWN), did("s3:PutBucketPolicy", 15, None, who=ADMIN), delivered(20)]),
]  # fmt: skip
STORIES: Final = [*SET_UP, *COMPARED, *UNKNOWN]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Any, list[Record]]]:
    """Of each story the answer, and the rows of the query."""
    case: rf.Case
    case, accounts = stories_in(tmp_path_factory.mktemp("compared"), [story for _, story in STORIES])
    verdicts = verdicts_by_account(case)
    rows = case.query("logging_impairment").rows
    case.close()
    answers = {
        account: next(answer for answer in verdicts[account].answers if answer.name == "logging_impaired")
        for account in accounts
    }
    return [(answers[account], [row for row in rows if row["account_id"] == account]) for account in accounts]


@pytest.mark.heavy
def test_logging_is_impaired_by_what_narrows_it_and_perhaps_by_what_nobody_can_compare(told: list[Any]) -> None:
    wrong = [
        (wanted, answer.answer, answer.because, [(one["eventName"], one["requestParameters"]) for one in story])
        for (wanted, story), (answer, _) in zip(STORIES, told, strict=True)
        if answer.answer != {"gap": "unknown"}.get(wanted, wanted)
    ]
    assert not wrong, "\n".join(map(str, wrong))


def test_the_query_lists_nothing_of_root_where_nothing_was_narrowed(told: list[Any]) -> None:
    for (wanted, story), (_, rows) in zip(STORIES, told, strict=True):
        certain = [row for row in rows if row["by_root"] and row["certainty"] == "certain"]
        assert bool(certain) == (wanted == "yes"), (story[-1]["eventName"], story[-1]["requestParameters"], rows)
        assert wanted not in ("no", "gap") or not [row for row in rows if row["by_root"]], story
