"""Whom a policy lets in: a stranger, nobody, or somebody of whom nothing is known."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import rootforensics as rf
from rootforensics.analysis.exposure.requests import judged_by_content
from tests.builders import ACCOUNT, root_event, write_log

if TYPE_CHECKING:
    from pathlib import Path

OTHER: Final = "444455556666"
STRANGER: Final = {"AWS": f"arn:aws:iam::{OTHER}:root"}


def allow(principal: Any, condition: Any = None, **more: Any) -> dict[str, Any]:
    """A policy of one statement."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*"} | more
    return {"Version": "2012-10-17", "Statement": [statement | ({"Condition": condition} if condition else {})]}


#: Policies, and whether they give data away.
POLICIES: Final[list[tuple[Any, str]]] = [
    (allow("*"), "yes"),
    (allow({"AWS": "*"}), "yes"),
    (allow({"AWS": [f"arn:aws:iam::{ACCOUNT}:role/app", OTHER]}), "yes"),
    (allow(STRANGER), "yes"),
    (allow({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}), ""),
    (allow({"AWS": ACCOUNT}), ""),
    (allow({"Service": "cloudtrail.amazonaws.com"}), ""),
    (allow({"Federated": "accounts.google.com"}), "yes"),
    (allow({"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}), "perhaps"),
    (allow({"AWS": "AIDAEXAMPLEEXAMPLE000"}), "perhaps"),
    (allow({"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1"}), "perhaps"),
    # Who denies gives nothing, whomever.
    (allow("*", {"Bool": {"aws:SecureTransport": "false"}}, Effect="Deny"), ""),
    ({"Statement": [*allow("*", Effect="Deny")["Statement"], *allow(STRANGER)["Statement"]]}, "yes"),
    ({"Statement": {"effect": "allow", "NotPrincipal": {"AWS": OTHER}, "Action": "*", "Resource": "*"}}, "yes"),
    # What limits it to the account, and what does not.
    (allow("*", {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}), ""),
    (allow("*", {"StringEquals": {"aws:SourceAccount": [ACCOUNT]}}), ""),
    (allow("*", {"ArnLike": {"aws:SourceArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:topic"}}), ""),
    (allow("*", {"StringEquals": {"AWS:PrincipalAccount": [ACCOUNT, OTHER]}}), "yes"),
    (allow("*", {"StringEquals": {"aws:PrincipalAccount": [ACCOUNT, int(OTHER)]}}), "yes"),
    (allow("*", {"StringEquals": {"aws:PrincipalAccount": "${aws:ResourceAccount}"}}), "perhaps"),
    (allow("*", {"StringEquals": {"aws:PrincipalAccount": [ACCOUNT, None]}}), "yes"),
    (allow("*", {"StringEqualsIfExists": {"aws:PrincipalAccount": ACCOUNT}}), "yes"),
    (allow("*", {"StringNotEquals": {"aws:PrincipalAccount": ACCOUNT}}), "yes"),
    (allow("*", {"ForAllValues:StringEquals": {"aws:PrincipalAccount": ACCOUNT}}), "yes"),
    (allow("*", {"Bool": {"aws:SecureTransport": "true"}}), "yes"),
    (allow("*", {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), "yes"),
    # An organization, of which the record does not say whose it is.
    (allow("*", {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}), "perhaps"),
    (allow("*", {"StringLike": {"aws:PrincipalOrgID": "*"}}), "yes"),
    (allow("*", {"StringLike": {"aws:PrincipalOrgID": "o-*"}}), "yes"),
    # What only brings something takes nothing away.
    (allow("*", Action="sqs:SendMessage"), ""),
    (allow("*", Action=["SNS:Publish", "sns:Subscribe"]), "yes"),
    (allow({"CanonicalUser": "*"}), "yes"),
    # What is no policy.
    (None, "perhaps"),
    ("HIDDEN_DUE_TO_SECURITY_REASONS", "perhaps"),
    ({"Statement": []}, "perhaps"),
    ({"Statement": [{"Effect": "Maybe", "Principal": "*"}]}, "perhaps"),
    (allow(None), "perhaps"),
    (allow({}), "perhaps"),
    ("[" * 100_000, "perhaps"),
]
#: Other calls: where they carry their policy, as an object or as a text.
CALLS: Final = {
    "secretsmanager:PutResourcePolicy": lambda text: {"secretId": "s", "resourcePolicy": text},
    "sqs:SetQueueAttributes": lambda text: {"queueUrl": "q", "attributes": {"Policy": text}},
    "ecr:SetRepositoryPolicy": lambda text: {"repositoryName": "r", "policyText": text},
    "dynamodb:PutResourcePolicy": lambda text: {"resourceArn": "t", "policy": text},
    "elasticfilesystem:PutFileSystemPolicy": lambda text: {"fileSystemId": "fs-1", "policy": text},
    "sns:SetTopicAttributes": lambda text: {"topicArn": "t", "attributeName": "Policy", "attributeValue": text},
    "glacier:SetVaultAccessPolicy": lambda text: {"vaultName": "v", "policy": {"policy": text}},
    "backup:PutBackupVaultAccessPolicy": lambda text: {"backupVaultName": "v", "policy": text},
}


def called(call: str, request: dict[str, Any], name: str) -> dict[str, Any]:
    source, event_name = call.split(":")
    return root_event(
        eventSource=f"{source}.amazonaws.com", eventName=event_name, requestParameters=request, eventID=name
    )


def judged(folder: Path, records: list[dict[str, Any]]) -> dict[str, str]:
    """What each event gives away, by its ID; the catalogue says perhaps of all."""
    write_log(folder, "log.json", records)
    with rf.open_case(folder / "case.duckdb") as case:
        case.load(folder / "log.json")
        rows = case.sql("SELECT eventSource, eventName, eventID, evidence_id, record_index FROM api_calls").rows
        asked = [row | {"exposes": "perhaps"} for row in rows]
        return {row["eventID"]: row["exposes"] for row in judged_by_content(case, asked)}


def test_a_policy_exposes_what_it_lets_strangers_have(tmp_path: Path) -> None:
    records = [
        called("s3:PutBucketPolicy", {"bucketName": "b", "bucketPolicy": policy}, str(place))
        for place, (policy, _) in enumerate(POLICIES)
    ]
    told = judged(tmp_path, records)
    assert {POLICIES[int(place)][0].__repr__()[:200]: given for place, given in told.items()} == {
        policy.__repr__()[:200]: given for policy, given in POLICIES
    }


def test_the_policy_is_found_where_each_service_puts_it(tmp_path: Path) -> None:
    records = []
    for call, request in CALLS.items():
        records.append(called(call, request(json.dumps(allow(STRANGER))), f"{call} open"))
        records.append(called(call, request(json.dumps(allow({"AWS": ACCOUNT}))), f"{call} shut"))
        records.append(called(call, {}, f"{call} none"))
    told = judged(tmp_path, records)
    wanted = {"open": "yes", "shut": "", "none": "perhaps"}
    assert told == {f"{call} {kind}": given for call in CALLS for kind, given in wanted.items()}


def test_calls_without_a_policy_stay_as_the_catalogue_has_them(tmp_path: Path) -> None:
    assert judged(tmp_path, [called("s3:GetObject", {"bucketName": "b"}, "read")]) == {"read": "perhaps"}
