"""What root changed but did not make: the change is undone, the entity stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.analysis.lineage.test_blast_radius import did
from tests.analysis.verdict.logs import beside_root, tell
from tests.builders import ACCOUNT

if TYPE_CHECKING:
    pass

ALLOWED = did(
    "lambda:AddPermission20150331v2", 2, {"functionName": "prod-checkout", "principal": "*", "statementId": "x"}
)
CONFIGURED = did("lambda:UpdateFunctionConfiguration20150331v2", 3, {"functionName": "prod-pay"})
MADE = did("lambda:CreateFunction20150331", 1, {"functionName": "prod-checkout"})
ENLARGED = did("ec2:ModifyInstanceAttribute", 2, {"instanceId": "i-1", "instanceType": {"value": "p5.48xlarge"}})
STARTED = did("ec2:StartInstances", 3, {"instancesSet": {"items": [{"instanceId": "i-1"}, {"instanceId": "i-2"}]}})
BOUGHT = did("ec2:RunInstances", 1, {}, {"instancesSet": {"items": [{"instanceId": "i-1"}]}})
PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/staff"
VOUCHING = did("iam:UpdateSAMLProvider", 2, {"sAMLProviderArn": PROVIDER, "sAMLMetadataDocument": "<x/>"})
REMOVING = "aws lambda remove-permission --function-name prod-checkout --statement-id x --region us-east-1"
SILENCING = (
    "aws lambda put-function-concurrency --function-name prod-checkout --reserved-concurrent-executions 0 "
    "--region us-east-1"
)
STOPPING = "aws ec2 stop-instances --instance-ids i-1 --region us-east-1"


def commands(told: Any) -> list[str]:
    """The commands, and what is said where there is none, but for those on root itself."""
    return [step.command or step.what for step in beside_root(told[1])]


@pytest.mark.parametrize(
    ("actions", "wanted"),
    [
        ([ALLOWED], [REMOVING]),
        ([CONFIGURED], ["aws lambda get-function --function-name prod-pay --region us-east-1"]),
        ([MADE, ALLOWED], [SILENCING]),
        ([ENLARGED], ["aws ec2 describe-instances --instance-ids i-1 --region us-east-1"]),
        ([STARTED], ["aws ec2 stop-instances --instance-ids i-1 i-2 --region us-east-1"]),
        ([BOUGHT, ENLARGED], [STOPPING]),
        ([VOUCHING], ["Upload the correct metadata again: identity provider " + PROVIDER]),
        (
            [did("iam:UpdateOpenIDConnectProviderThumbprint", 2, {"openIDConnectProviderArn": "arn:p"})],
            ["aws iam get-open-id-connect-provider --open-id-connect-provider-arn arn:p"],
        ),
        (
            [did("iam:CreateSAMLProvider", 1, None, {"sAMLProviderArn": PROVIDER}), VOUCHING],
            [f"aws iam delete-saml-provider --saml-provider-arn {PROVIDER}"],
        ),
    ],
)
async def test_what_was_there_before_is_not_ended(actions: list[Any], wanted: list[str]) -> None:
    assert commands(await tell(*actions)) == wanted


async def test_a_change_that_the_catalogue_knows_and_one_that_it_does_not_are_both_undone() -> None:
    configured = CONFIGURED | {"requestParameters": {"functionName": "prod-checkout"}}
    assert commands(await tell(ALLOWED, configured)) == [
        REMOVING,
        "aws lambda get-function --function-name prod-checkout --region us-east-1",
    ]


ANCHOR = {"trustAnchorId": "0f3c"}


@pytest.mark.parametrize(
    ("call", "request_", "answer", "named", "wanted"),
    [
        ("UpdateTrustAnchor", ANCHOR | {"source": {"sourceType": "CERTIFICATE_BUNDLE"}}, "yes", "trust anchor 0f3c",
         ["aws rolesanywhere disable-trust-anchor --trust-anchor-id 0f3c --region us-east-1"]),
        ("UpdateTrustAnchor", ANCHOR | {"name": "staff"}, "unknown", "no known persistence by root", []),
        ("EnableTrustAnchor", ANCHOR, "yes", "trust anchor 0f3c",
         ["aws rolesanywhere disable-trust-anchor --trust-anchor-id 0f3c --region us-east-1"]),
        ("UpdateProfile", {"profileId": "p", "roleArns": ["arn:r"]}, "unknown", "changed, which may let others use it: Roles Anywhere profile p",
         ["aws rolesanywhere disable-profile --profile-id p --region us-east-1"]),
        ("EnableProfile", {"profileId": "p"}, "yes", "Roles Anywhere profile p",
         ["aws rolesanywhere disable-profile --profile-id p --region us-east-1"]),
    ],
)  # fmt: skip
async def test_roles_anywhere_that_was_there_before_lets_strangers_in_by_another_authority(
    call: str, request_: Any, answer: str, named: str, wanted: list[str]
) -> None:
    told = await tell(did(f"rolesanywhere:{call}", 2, request_))
    assert told[0]["persistence"].answer == answer
    assert named in told[0]["persistence"].because
    assert commands(told) == wanted
