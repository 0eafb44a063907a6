"""The list of what calls make, change and remove."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

import botocore.session
import pytest

from rootforensics.errors import RuleError
from rootforensics.rules.entities import IDLE, KINDS, PERSISTENCE, entity_rules, parse_entities, shorten, values_at
from tools.docs.aws_models import has_path, is_list, operations

#: What the console of IAM Identity Center calls, as its user guide lists it, and the paths of its records: that of
#: members is in real ones; users of IAM Identity Center are named as in https://docs.aws.amazon.com/singlesignon/.
DIRECTORY: Final = {
    "sso-directory:AddMemberToGroup", "sso-directory:CompleteVirtualMfaDeviceRegistration",
    "sso-directory:CompleteWebAuthnDeviceRegistration", "sso-directory:CreateBearerToken", "sso-directory:CreateUser",
    "sso-directory:DeleteBearerToken", "sso-directory:DeleteMfaDeviceForUser", "sso-directory:DeleteProvisioningTenant",
    "sso-directory:DeleteUser", "sso-directory:DisableExternalIdPConfigurationForDirectory",
    "sso-directory:DisableUser", "sso-directory:EnableExternalIdPConfigurationForDirectory",
    "sso-directory:EnableUser", "sso-directory:ImportExternalIdPCertificate",
    "sso-directory:UpdateExternalIdPConfigurationForDirectory", "sso-directory:UpdatePassword",
    "sso-directory:UpdateUser", "sso:AssociateDirectory", "sso:DisassociateDirectory",
}  # fmt: skip
DIRECTORY_PATHS: Final = {
    "requestParameters.directoryId", "requestParameters.groupId", "requestParameters.identityStoreId",
    "requestParameters.member.memberId", "requestParameters.memberId", "requestParameters.tenantId",
    "requestParameters.userId", "responseElements.user.userId", "responseElements.userId",
}  # fmt: skip
#: Calls that are no operation of a public API: Amazon S3 records its blocks of public access under these names, the
#: console its switches of roles and changes of root's password and e-mail address, the latter formerly under IAM; IAM Roles Anywhere has its sessions in its user guide only (CreateSession); AWS Organizations tells in an event of its own what became of an account asked for.
NO_API: Final = {
    "s3:PutBucketPublicAccessBlock", "s3:DeleteBucketPublicAccessBlock", "signin:SwitchRole",
    "organizations:CreateAccountResult", "rolesanywhere:CreateSession", "signin:EmailUpdated",
    "signin:PasswordRecoveryCompleted", "signin:PasswordUpdated", "iam:UpdateAccountEmailAddress",
}  # fmt: skip


def test_no_effect_is_listed_twice() -> None:
    counted = Counter(
        (rule.call, rule.effect, rule.kind, rule.only, rule.absent, rule.present) for rule in entity_rules()
    )
    assert [place for place, count in counted.items() if count > 1] == []


def test_the_call_is_one_that_aws_documents() -> None:
    unknown = {rule.call for rule in entity_rules() if not operations(*rule.event)}
    assert unknown == NO_API | DIRECTORY


def test_paths_are_those_of_the_documented_record() -> None:
    for rule in entity_rules():
        for path in rule.paths:
            if _is_own(rule.call, path):
                continue
            held = [operation for operation in operations(*rule.event) if has_path(operation, path)]
            assert held, (rule.call, path)
            assert not any(is_list(one, path) for one in held), (rule.call, path)


def _is_own(call: str, path: str) -> bool:
    """Whether records of a service are shaped otherwise than its API: EC2 puts lists in ``items`` and
    newer calls in an element of their own, S3 has its own names. Every record has the account."""
    if path == "recipientAccountId":
        return True
    if call in DIRECTORY:
        return path in DIRECTORY_PATHS
    if call.startswith("s3:"):
        return path in ("requestParameters.bucketName", "requestParameters.bucketPolicy")
    if call.startswith("eks:") and path == "requestParameters.name":
        return True  # the cluster, as the address of the call has it
    if call == "signin:SwitchRole":
        return path in ("userIdentity.arn", "responseElements.SwitchRole")
    if call == "rolesanywhere:CreateSession":
        credentials = "responseElements.credentialSet[*].credentials."
        return path in (f"{credentials}accessKeyId", f"{credentials}expiration", "requestParameters.roleArn")
    if call == "organizations:CreateAccountResult":
        status = path.removeprefix("serviceEventDetails.")
        (create,) = operations("organizations.amazonaws.com", "CreateAccount")
        return status != path and has_path(create, f"responseElements.{status}")
    wrapped = f".{call.partition(':')[2]}Request." in path or f".{call.partition(':')[2]}Response." in path
    return call.startswith("ec2:") and (".items[*]" in path or path.endswith(".content") or wrapped)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[entity]", "TOML"),
        ("[[entity]]\neffect = 'creates'", "call is missing"),
        (
            "[[entity]]\ncall = 'iam:X'\neffect = 'creates'\nkind = 'x'\nname = ['requestParameters.x']\nodd = 1",
            "unknown key 'odd'",
        ),
        ("[[entity]]\ncall = 'iam:X'\neffect = 'makes'\nkind = 'x'\nname = ['requestParameters.x']", "unknown effect"),
        (
            "[[entity]]\ncall = 'iam.X'\neffect = 'creates'\nkind = 'x'\nname = ['requestParameters.x']",
            "service:eventName",
        ),
        ("[[entity]]\ncall = 'iam:X'\neffect = 'creates'\nkind = 'x'\nname = ['userName']", "no path"),
    ],
)
def test_a_wrong_rule_says_what_is_wrong(text: str, problem: str) -> None:
    with pytest.raises(RuleError, match=problem):
        parse_entities(text, "test.toml")


def test_values_are_found_in_lists_and_never_where_there_are_none() -> None:
    record = {
        "responseElements": {"set": {"items": [{"id": "a"}, {"id": ""}, {"other": 1}, {"id": 7}]}},
        "requestParameters": None,
    }
    assert values_at(record, "responseElements.set.items[*].id") == ["a", "7"]
    assert values_at(record, "responseElements.set.items.id") == []
    assert values_at(record, "requestParameters.userName") == []
    assert values_at(record, "responseElements.set") == [
        '{"items": [{"id": "a"}, {"id": ""}, {"other": 1}, {"id": 7}]}'
    ]


def test_arns_and_names_meet() -> None:
    assert (
        shorten("trail", "arn:aws-us-gov:cloudtrail:us-gov-west-1:1:trail/main") == shorten("trail", "main") == "main"
    )
    assert shorten("user", "arn:aws:cloudtrail:x:1:trail/main") == "arn:aws:cloudtrail:x:1:trail/main"


#: Services that are the same in all Regions and that the models of AWS do not mark so: S3 for the names of buckets.
#: Source: AWS whitepaper "AWS Fault Isolation Boundaries", global services, and the endpoints that each documents.
GLOBAL = ("route53domains", "s3", "signin", "sso", "sso-directory", "sts", "support")
#: What AWS calls the names that it chooses, and the settings with one part for each account or Region.
CHOSEN = re.compile(r"(?i)(id|ids|arn|url|identifier)(\[\*\])?(\.content)?$")
#: Of these the same key may be in several Regions, or its name is of something else.
NOT_CHOSEN = ("keyId", "modelId", "principalArn", "secretId")
#: Names that AWS chose under a key that does not say so; the address of a caller is one, too.
ALSO_CHOSEN = {
    ("API key", "requestParameters.apiKey"),
    ("ECS task", "requestParameters.task"),
    ("KMS key replica", "requestParameters.replicaRegion"),
    ("elastic address", "requestParameters.address"),
    ("event data store", "requestParameters.eventDataStore"),
    ("trust anchor", "requestParameters.name"),  # only where the answer is not recorded
}


def test_what_goes_without_its_region_has_a_name_of_its_own_in_all() -> None:
    """Whoever adds a kind need not think of it: a name that AWS did not choose is one of its Region."""
    partition = botocore.session.get_session().get_data("endpoints")["partitions"][0]
    services = partition["services"].items()
    everywhere = {name for name, service in services if service.get("isRegionalized") is False} | {*GLOBAL}
    assert {"iam", "organizations", "cloudfront", "route53"} <= everywhere
    wrong = [
        (rule.kind, rule.call, path)
        for rule in entity_rules()
        if not rule.regional and rule.call.split(":")[0] not in everywhere
        for path in (rule.among or rule.name)
        if not CHOSEN.search(path) or path.rpartition(".")[2] in NOT_CHOSEN
        if (rule.kind, path) not in ALSO_CHOSEN
    ]
    assert wrong == []


def test_each_kind_is_declared_once_and_known_to_calls() -> None:
    called = {rule.kind for rule in entity_rules()}
    names = [kind.name for kind in KINDS]
    assert len(names) == len(set(names))
    assert IDLE | {one.name for one in KINDS if not one.descendant} <= called
    assert IDLE.isdisjoint(PERSISTENCE)
    made = {rule.kind for rule in entity_rules() if rule.effect in ("creates", "changes", "enables")}
    assert set(PERSISTENCE) <= made
