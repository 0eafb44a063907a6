"""What root set going and nobody can follow: it rules a no out where something of its kind acted that may be it."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.analysis.lineage.test_beyond import BOB, EVE, INSTANCE, OTHER, TASK, center, scaled_out
from tests.analysis.lineage.test_blast_radius import did, role, user
from tests.analysis.verdict.logs import tell
from tests.builders import ACCOUNT
from tests.stories import alone

QUESTIONS: Final = ("logging_impaired", "money_spent", "ownership_changed")
SCALED: Final = did(
    "ec2:RunInstances",
    2,
    {"instanceType": "t3.micro"},
    {"instancesSet": {"items": [{"instanceId": INSTANCE}]}},
    who=role("AWSServiceRoleForAutoScaling", "AutoScaling") | {"invokedBy": "autoscaling.amazonaws.com"},
)
GROUP: Final = did("autoscaling:CreateAutoScalingGroup", 1, {"autoScalingGroupName": "g"})
RAN: Final = did("ec2:RunInstances", 0, {}, {"instancesSet": {"items": [{"instanceId": INSTANCE}]}})
#: Groups of any name start what a template says; records have whole seconds.
TEMPLATE: Final = did("ec2:ModifyLaunchTemplate", 2, {"ModifyLaunchTemplateRequest": {"LaunchTemplateName": "t"}})
TARGETS: Final = {"documentName": "AWS-RunShellScript", "targets": [{"key": "tag:Name", "values": ["web"]}]}
NO_ID: Final = {name: value for name, value in center("").items() if name != "onBehalfOf"}


def wrote(who: dict[str, Any], minute: int = 5, **fields: Any) -> dict[str, Any]:
    """An ordinary write, which answers no question."""
    return did("s3:PutObjectTagging", minute, {"bucketName": "b"}, who=who, **fields)


@pytest.mark.parametrize(
    ("records", "words"),
    [
        pytest.param([GROUP, SCALED, wrote(role("Web", INSTANCE))], "autoscaling:CreateAutoScalingGroup", id="group"),
        pytest.param([did("ssm:SendCommand", 1, TARGETS), wrote(role("Web", INSTANCE))], "ssm:SendCommand", id="targets"),
        pytest.param([did("ecs:UpdateService", 1, {"service": "s"}), wrote(role("T", TASK))], "ecs:UpdateService", id="service"),
        pytest.param(
            [did("identitystore:CreateUser", 1, {}, {"userId": EVE}), wrote(NO_ID)], "identitystore:CreateUser", id="no ID"
        ),
        pytest.param(
            [did("sso:PutInlinePolicyToPermissionSet", 1, {"permissionSetArn": "ps"}), wrote(center(BOB))],
            "sso:PutInlinePolicyToPermissionSet",
            id="permission set",
        ),
        pytest.param(
            [did("sso:PutInlinePolicyToPermissionSet", 1, {"permissionSetArn": "ps"}), wrote(NO_ID)],
            "sso:PutInlinePolicyToPermissionSet",
            id="permission set, no ID",
        ),
        pytest.param([did("ssm:SendCommand", 1, TARGETS), wrote(role("Web", INSTANCE), 1)], "ssm:SendCommand", id="within the second"),
        pytest.param([did("ssm:SendCommand", 1, TARGETS), wrote(role("Own", "mi-0123456789abcdef0"))], "ssm:SendCommand", id="own machine"),
        pytest.param([TEMPLATE, scaled_out(2, OTHER, "any"), wrote(role("Web", OTHER))], "ec2:ModifyLaunchTemplate", id="template"),
    ],
)  # fmt: skip
async def test_what_may_act_for_root_unfollowed_is_named_as_missing(records: list[dict[str, Any]], words: str) -> None:
    answers, _ = await tell(*records)
    asked = QUESTIONS[:1] + QUESTIONS[2:] if GROUP in records else QUESTIONS  # a group brings instances, which cost
    assert {name: answers[name].answer for name in asked} == dict.fromkeys(asked, "unknown")
    for name in asked:
        assert any(words in one for one in answers[name].missing)
    assert answers["used_by_person"].answer == "yes"
    assert answers["password_changed"].answer == "no"


@pytest.mark.parametrize(
    "records",
    [
        pytest.param([GROUP, SCALED], id="what it started did nothing"),
        pytest.param([GROUP, SCALED, wrote(role("Web", INSTANCE), readOnly=True)], id="it only read"),
        pytest.param([GROUP, SCALED, wrote(role("Web", OTHER))], id="an instance that was there"),
        pytest.param([GROUP, scaled_out(2, OTHER, "another"), wrote(role("Web", OTHER))], id="of another group"),
        pytest.param([wrote(role("Web", INSTANCE), 0), did("ssm:SendCommand", 1, TARGETS)], id="before"),
        pytest.param([did("ssm:SendCommand", 1, TARGETS, errorCode="AccessDenied"), wrote(role("Web", INSTANCE))], id="refused"),
        pytest.param([did("ssm:SendCommand", 1, TARGETS, who=user("admin")), wrote(role("Web", INSTANCE))], id="another's"),
        pytest.param(
            [did("ssm:SendCommand", 1, {"instanceIds": [INSTANCE]}), wrote(role("Web", OTHER))], id="names another instance"
        ),
        pytest.param([RAN, did("ssm:SendCommand", 1, TARGETS), wrote(role("Web", INSTANCE))], id="what root started is followed"),
        pytest.param([wrote(role("Web", INSTANCE)), wrote(NO_ID), wrote(role("T", TASK))], id="nothing was set going"),
    ],
)  # fmt: skip
async def test_what_is_known_not_to_act_for_root_leaves_a_no(records: list[dict[str, Any]]) -> None:
    answers, _ = await tell(did("s3:CreateBucket", 0, {"bucketName": "b"}), *records)
    told = {name: answers[name].answer for name in QUESTIONS}
    costs = {"money_spent": "yes"} if GROUP in records or RAN in records else {}
    assert told == dict.fromkeys(QUESTIONS, "no") | costs


@pytest.mark.heavy
def test_what_another_user_of_identity_center_did_leaves_a_no() -> None:
    """Who has no ID could have acted in any account, so that this one has a case of its own."""
    records = [did("identitystore:CreateUser", 1, {}, {"userId": EVE}), wrote(center(BOB))]
    answers, _ = alone(tell(did("s3:CreateBucket", 0, {"bucketName": "b"}), *records))
    assert {name: answers[name].answer for name in QUESTIONS} == dict.fromkeys(QUESTIONS, "no")


BUILDER: Final = "arn:aws:iam::111122223333:role/service-role/Builder"
FUNCTION: Final = "arn:aws:lambda:us-east-1:111122223333:function:s:live"
BUILD: Final = did("codebuild:StartBuild", 2, {"projectName": "site", "buildspecOverride": "…"})


def opened_by(service: str, minute: int) -> dict[str, Any]:
    """A service opened a session of the role."""
    given = {"credentials": {"accessKeyId": "ASIABUILD"}}
    service_itself = {"type": "AWSService", "invokedBy": f"{service}.amazonaws.com"}
    asked = {"roleArn": BUILDER, "roleSessionName": "s"}
    return did("sts:AssumeRole", minute, asked, given) | {"userIdentity": service_itself}


def session(minute: int, created: int = 3, **fields: Any) -> dict[str, Any]:
    """The session wrote."""
    begun = {"attributes": {"creationDate": f"2026-08-05T10:{created:02}:00Z"}}
    return wrote(role("Builder", "s") | {"accessKeyId": "ASIABUILD", "sessionContext": begun}, minute, **fields)


@pytest.mark.parametrize(
    "records",
    [
        pytest.param([BUILD, opened_by("codebuild", 3), session(4)], id="opened by the service"),
        pytest.param(
            [did("glue:CreateJob", 2, {"name": "j", "role": BUILDER}), session(4)],
            id="role named, opening not recorded",
        ),
        pytest.param([BUILD, opened_by("codebuild", 2), session(2)], id="within the second"),
    ],
)
async def test_a_role_in_the_hand_of_a_service_that_root_told_what_to_do_may_have_acted_for_root(
    records: list[dict[str, Any]],
) -> None:
    answers, _ = await tell(*records)
    asked = ("logging_impaired", "ownership_changed")
    for name in asked:
        assert answers[name].answer == "unknown"
        assert any("role Builder acted for root" in one for one in answers[name].missing)


@pytest.mark.parametrize(
    "records",
    [
        pytest.param([opened_by("codebuild", 1), session(4), BUILD], id="opened before"),
        pytest.param([BUILD, opened_by("glue", 3), session(4)], id="opened by another service"),
        pytest.param([BUILD, opened_by("codebuild", 3), session(4, readOnly=True)], id="it only read"),
        pytest.param([BUILD, opened_by("codebuild", 3), session(4, errorCode="AccessDenied")], id="refused"),
        pytest.param([BUILD | {"errorCode": "AccessDenied"}, opened_by("codebuild", 3), session(4)], id="the order refused"),
        pytest.param([did("codebuild:StartBuild", 2, {}, who=user("dev")), opened_by("codebuild", 3), session(4)], id="another's"),
        pytest.param([BUILD, session(4, created=1)], id="opening not recorded, begun before"),
        pytest.param([did("codebuild:StopBuild", 2, {"id": "site:1"}), session(4)], id="the order ends something"),
        pytest.param([did("lambda:Invoke", 2, {"functionName": "t"}), opened_by("lambda", 3), session(4)], id="another function"),
    ],
)  # fmt: skip
async def test_a_role_that_cannot_have_acted_for_root_leaves_a_no(records: list[dict[str, Any]]) -> None:
    answers, _ = await tell(did("s3:CreateBucket", 0, {"bucketName": "b"}), *records)
    asked = ("logging_impaired", "ownership_changed")
    assert {name: answers[name].answer for name in asked} == dict.fromkeys(asked, "no")


async def test_a_session_of_roles_anywhere_costs_nothing() -> None:
    anchor = {
        "trustAnchorId": "0f3c",
        "trustAnchorArn": "arn:aws:rolesanywhere:us-east-1:111122223333:trust-anchor/0f3c",
    }
    given = {"credentialSet": [{"credentials": {"accessKeyId": "ASIARA"}}]}
    stranger = {
        "type": "Unknown",
        "accountId": "111122223333",
        "arn": None,
        "accessKeyId": None,
        "sessionContext": None,
    }
    opened = did("rolesanywhere:CreateSession", 2, anchor, given, who=stranger)
    answers, _ = await tell(did("rolesanywhere:CreateTrustAnchor", 1, {}, {"trustAnchor": anchor}), opened)
    assert answers["money_spent"].answer == "no"
    assert "session ASIARA" in answers["persistence"].because


async def test_an_action_of_what_is_followed_is_told_as_such() -> None:
    made = did("identitystore:CreateUser", 1, {}, {"userId": EVE})
    cut = did("guardduty:DeleteDetector", 5, {"detectorId": "d"}, who=center(EVE))
    told = (await tell(made, cut))[0]["logging_impaired"]
    assert (told.answer, told.event_ids) == ("yes", (cut["eventID"],))
    reached = did("ssm:SendCommand", 1, {"instanceIds": [INSTANCE]})
    cut = cut | {"userIdentity": cut["userIdentity"] | role("Web", INSTANCE) | {"onBehalfOf": None}}
    told = (await tell(reached, cut))[0]["logging_impaired"]
    assert (told.answer, told.event_ids) == ("unknown", (cut["eventID"],))


BEGUN: Final = {"sessionContext": {"attributes": {"creationDate": "2026-08-05T10:03:00Z"}}}
GIVEN: Final = f"arn:aws:iam::{ACCOUNT}:role/service-role/Handed"


@pytest.mark.parametrize(
    ("call", "request_"),
    [
        ("cognito-identity:SetIdentityPoolRoles", {"identityPoolId": "p", "roles": {"unauthenticated": GIVEN}}),
        ("iot:CreateRoleAlias", {"roleAlias": "a", "roleArn": GIVEN}),
        ("eks:CreatePodIdentityAssociation", {"clusterName": "c", "roleArn": GIVEN}),
        ("bedrock:UpdateAgent", {"agentId": "a", "agentResourceRoleArn": GIVEN}),
    ],
)
async def test_any_service_may_do_something_with_the_role_that_it_is_given(call: str, request_: dict[str, Any]) -> None:
    gave = did(call, 2, request_)
    answers, _ = await tell(gave, wrote(role("Handed", "x") | BEGUN))
    assert {answers[name].answer for name in ("logging_impaired", "ownership_changed")} == {"unknown"}
    assert f"whether role Handed acted for root: {call}" in " ".join(answers["logging_impaired"].missing)
    if not call.startswith("iot"):  # which runs with several roles what is written in its rules
        answers, _ = await tell(gave, wrote(role("Another", "x") | BEGUN))
        assert {answers[name].answer for name in ("logging_impaired", "ownership_changed")} == {"no"}


@pytest.mark.parametrize(
    "records",
    [
        pytest.param([did("ssm:SendCommand", 1, TARGETS), wrote(role("Web", INSTANCE))], id="an instance"),
        pytest.param([did("glue:CreateJob", 2, {"name": "j", "role": BUILDER}), session(4)], id="a service"),
        pytest.param(
            [did("iam:AttachGroupPolicy", 1, {"groupName": "g", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
             did("ec2:AllocateHosts", 2, {}, who=user("bob"))],
            id="who holds a group",
        ),
    ],
)  # fmt: skip
async def test_where_others_were_only_counted_nobody_knows_who_acted_for_root(records: list[dict[str, Any]]) -> None:
    from rootforensics.ingest.filters import Filters

    answers, _ = await tell(*records, load={"filters": Filters(root_related=True)})
    asked = QUESTIONS if records[0]["eventName"] != "AttachGroupPolicy" else QUESTIONS[:2]  # of calls by any name
    for name in asked:
        assert answers[name].answer == "unknown"
        assert any("calls by others, which the load filtered out" in one for one in answers[name].missing)
