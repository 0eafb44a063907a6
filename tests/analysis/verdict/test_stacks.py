"""What root had CloudFormation do for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.analysis.blast.test_radius import did, user
from tests.analysis.verdict.logs import OPEN
from tests.builders import ACCOUNT

if TYPE_CHECKING:
    from tests.analysis.verdict.logs import Tell

DELETED = did("cloudformation:DeleteStack", 1, {"stackName": "security"})
CHANGED = did("cloudformation:UpdateStack", 1, {"stackName": "app"})


def by_stack(call: str, minute: int, request: Any = None, **fields: Any) -> dict[str, Any]:
    """A call of CloudFormation in root's name."""
    service = "cloudformation.amazonaws.com"
    called = {"identity": {"invokedBy": service}, "sourceIPAddress": service, "userAgent": service}
    return did(call, minute, request, **called | fields)


def test_what_the_deletion_of_a_stack_took_away_root_took_away(tell: Tell) -> None:
    removed = by_stack("guardduty:DeleteDetector", 2, {"detectorId": "d"})
    answers, steps = tell(DELETED, removed)
    told = answers["record_tampered"]
    assert (told.answer, told.event_ids) == ("yes", (removed["eventID"],))
    assert "by CloudFormation, on a stack of root's" in told.because
    assert [step.event_id for step in steps if "create-detector" in step.command] == [removed["eventID"]]


@pytest.mark.parametrize(
    ("call", "request_", "name", "answer"),
    [
        ("ec2:RunInstances", {"instanceType": "p4d.24xlarge"}, "money_spent", "yes"),
        ("s3:PutBucketPolicy", {"bucketName": "b", "bucketPolicy": OPEN}, "data_exposed", "yes"),
    ],
)
def test_what_a_stack_bought_or_opened_root_bought_or_opened(
    call: str, request_: Any, name: str, answer: str, tell: Tell
) -> None:
    made = by_stack(call, 2, request_)
    told = tell(CHANGED, made)[0][name]
    assert (told.answer, told.event_ids) == (answer, (made["eventID"],))
    assert "by CloudFormation" in told.because


def test_what_the_catalogue_does_not_know_is_perhaps_bought(tell: Tell) -> None:
    booked = by_stack("groundstation:CreateConfig", 2, {"x": "y"})
    told = tell(DELETED, booked)[0]["money_spent"]
    assert told.answer == "unknown"
    assert booked["eventID"] in told.event_ids


def test_the_users_that_a_stack_made_are_not_followed_and_not_denied(tell: Tell) -> None:
    made = by_stack("iam:CreateUser", 2, {"userName": "eve"})
    answers, _ = tell(DELETED, made)
    assert (answers["way_in"].answer, answers["way_in"].event_ids) == ("unknown", (made["eventID"],))
    assert "iam:CreateUser" in answers["way_in"].because
    for name in ("record_tampered", "money_spent", "data_exposed"):
        assert answers[name].answer == "unknown"
        assert any("CloudFormation made or changed" in gap for gap in answers[name].missing)


@pytest.mark.parametrize(
    ("before", "fields"),
    [
        ([], {}),
        ([DELETED | {"errorCode": "AccessDenied"}], {}),
        ([DELETED | {"awsRegion": "eu-west-1"}], {}),
        ([DELETED | {"eventTime": "2026-08-03T22:01:59Z"}], {}),  # one second more than 36 hours
        ([DELETED | {"eventTime": "2026-08-05T10:03:00Z"}], {}),
        ([DELETED], {"errorCode": "AccessDenied"}),
        ([DELETED], {"identity": {"invokedBy": "config.amazonaws.com"}}),
        ([did("cloudformation:DeleteStack", 1, {"stackName": "s"}, who=user("admin"))], {}),
        ([did("cloudformation:DescribeStacks", 1, readOnly=True)], {}),
    ],
)
def test_what_a_service_does_in_roots_name_of_itself_is_no_deed_of_roots(
    before: list[dict[str, Any]], fields: dict[str, Any], tell: Tell
) -> None:
    removed = by_stack("guardduty:DeleteDetector", 2, {"detectorId": "d"}, **fields)
    told = tell(*before, removed, account_id=ACCOUNT)[0]["record_tampered"]
    assert (told.answer, told.event_ids) == ("no", ())
