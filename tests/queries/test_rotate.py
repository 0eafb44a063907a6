"""What to rotate: by name, and only what was given away or set."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any, Final

import botocore.session
import pytest

from rootforensics.queries.catalogue import question
from rootforensics.rules.actions import TABLE_FILE
from tests.builders import ABSENT, ACCOUNT, event, root_event
from tests.stories import part_of

OTHER, EVE = "444455556666", "AKIAEVE0000000000000"
HIDDEN: Final = {"masterUserPassword": "****"}
SET: Final = "password, key or token that a call set"
TAGGED: Final = {"key": "tag:x", "values": ["y"]}


def did(call: str, request: Any, answer: Any = None, **fields: Any) -> dict[str, Any]:
    source, name = call.split(":")
    return root_event(
        eventSource=f"{source}.amazonaws.com",
        eventName=name,
        requestParameters=request,
        responseElements=answer,
        **fields,
    )


@pytest.mark.parametrize(
    ("record", "kind", "name", "standing"),
    [
        (did("secretsmanager:GetSecretValue", {"secretId": "prod/db"}), "secret", "prod/db", "rotate"),
        (did("secretsmanager:GetSecretValue", ABSENT), "secret", "not recorded", "rotate"),
        (did("ssm:GetParameter", {"name": "/db", "withDecryption": True}), "parameter", "/db", "rotate"),
        (did("ssm:GetParameter", {"name": "/db", "withDecryption": False}), "parameter", "/db", "perhaps"),
        (did("ssm:GetParametersByPath", {"path": "/", "withDecryption": True}), "parameters below a path", "/", "rotate"),
        (
            did("ec2:DescribeInstanceAttribute", {"instanceId": "i-0a", "attribute": "userData"}),
            "user data of an instance", "i-0a", "rotate",
        ),
        # The record does not say which attribute was read.
        (did("ec2:DescribeInstanceAttribute", ABSENT), "user data of an instance", "not recorded", "perhaps"),
        (did("lambda:GetFunction20150331v2", {"functionName": "pay"}), "environment of a function", "pay", "rotate"),
        (did("ssm:SendCommand", {"targets": [TAGGED]}), "instance", '[{"key":"tag:x","values":["y"]}]', "rotate"),
        (did("ssm:ResumeSession", {"sessionId": "eve-1"}), "session on an instance", "eve-1", "rotate"),
        (did("ssm:PutParameter", {"name": "/db", "value": "HIDDEN"}), "parameter", "/db", "rotate"),
        (did("rds:CreateDBCluster", {"dBClusterIdentifier": "c", **HIDDEN}), "database password", "c", "rotate"),
        (did("redshift:CreateCluster", {"clusterIdentifier": "r", **HIDDEN}), "database password", "r", "rotate"),
        (
            did("iam:CreateVirtualMFADevice", {}, {"virtualMFADevice": {"serialNumber": "arn:mfa"}}),
            "MFA device", "arn:mfa", "rotate",
        ),
        (
            did("ec2:DescribeLaunchTemplateVersions", {"DescribeLaunchTemplateVersionsRequest": {"LaunchTemplateId": "lt-0"}}),
            "user data of a launch template", "lt-0", "perhaps",
        ),
        # No list knows these calls: the request has a password.
        (
            did("opensearch:UpdateDomainConfig", {"domainName": "d", "advancedSecurityOptions": {"masterUserOptions": HIDDEN}}),
            SET, "d", "rotate",
        ),
        (did("neptunedb:SetAnything", {"graphName": "g", "passwords": ["***"]}), SET, "g", "rotate"),
        (did("new:PutConnection", {"connectionId": "c-1", "authToken": "HIDDEN_DUE_TO_SECURITY_REASONS"}), SET, "c-1", "rotate"),
        (did("new:PutConnection", {"password": "***"}), SET, "not recorded", "rotate"),
        (did("ec2:DescribeVpnConnections", None), "shared key of a VPN", "not recorded", "rotate"),
        (did("lambda:ListFunctions20150331", None), "environment of functions", "all of the Region", "perhaps"),
        (
            did("iam:CreateAccessKey", {"userName": "eve"}, {"accessKey": {"accessKeyId": "AKIAEVE"}}),
            "access key", "AKIAEVE", "rotate",
        ),
    ],
)  # fmt: skip
async def test_what_was_given_away_is_named(record: Any, kind: str, name: str, standing: str) -> None:
    part = await part_of(record)
    rows = [row for row in part.query("rotate").rows if row["kind"] != "root user"]
    assert [(row["kind"], row["name"], row["standing"], row["eventIDs"]) for row in rows] == [
        (kind, name, standing, [record["eventID"]])
    ]


async def test_a_list_names_each() -> None:
    part = await part_of(
        did("secretsmanager:BatchGetSecretValue", {"secretIdList": ["one", "two"], "filters": [{"key": "name"}]}),
        did("ssm:GetParameters", {"names": ["/a", "/b"], "withDecryption": True}),
    )
    rows = part.query("rotate").rows
    assert [row["name"] for row in rows if row["kind"] != "root user"] == ["/a", "/b", "one", "two"]


async def test_what_was_denied_or_is_no_secret_is_not_named() -> None:
    part = await part_of(
        did("secretsmanager:GetSecretValue", {"secretId": "prod/db"}, errorCode="AccessDenied"),
        did("ec2:DescribeInstanceAttribute", {"instanceId": "i-0a", "attribute": "disableApiStop"}),
        did("rds:ModifyDBInstance", {"dBInstanceIdentifier": "shop", "allocatedStorage": 20}),
        did("rds:RestoreDBInstanceFromS3", {"dBInstanceIdentifier": "shop", "manageMasterUserPassword": True}),
        did("iam:UpdateAccountPasswordPolicy", {"allowUsersToChangePassword": True}),
        did("dms:CreateEndpoint", {"endpointIdentifier": "e", "secret": "arn:aws:secretsmanager:us-east-1:1:secret:x"}),
        did("new:ListThings", {"nextToken": "abc", "clientToken": "def", "secretId": "x"}),
        did("new:PutConnection", {"connectionId": "c", "password": "***"}, errorCode="AccessDenied"),
    )
    assert [row["kind"] for row in part.query("rotate").rows] == ["root user"]  # its key was used


def test_the_sample_names_what_its_plan_has_read(sample_case: Any) -> None:
    rows = sample_case.query("rotate", account_id="111122223333").rows
    read = {row["name"] for row in rows if row["kind"] == "secret"}
    assert read == {"prod/checkout/db", "prod/secret-4", "prod/secret-5"}
    assert {row["name"] for row in rows if row["kind"] == "EC2 key pair"} == {"x"}


async def test_what_root_of_an_account_had_read_in_another_is_named_for_both() -> None:
    part = await part_of(
        did("iam:CreateAccessKey", {"userName": "eve"}, {"accessKey": {"accessKeyId": EVE, "userName": "eve"}}),
        event(
            eventSource="secretsmanager.amazonaws.com",
            eventName="GetSecretValue",
            eventTime="2026-08-05T11:00:00Z",
            requestParameters={"secretId": "jewels"},
            recipientAccountId=OTHER,
            identity={"accessKeyId": EVE},
        ),
    )
    for account in (ACCOUNT, OTHER):
        rows = part.query("rotate", account_id=account).rows
        assert [(row["account_id"], row["name"]) for row in rows if row["kind"] == "secret"] == [(OTHER, "jewels")]


async def test_of_which_account_a_record_does_not_tell_stands_under_each() -> None:
    unnamed = {"accountId": ABSENT, "arn": ABSENT, "principalId": ABSENT}
    part = await part_of(
        did("secretsmanager:GetSecretValue", {"secretId": "jewels"}, recipientAccountId=ABSENT, identity=unnamed),
        did("secretsmanager:GetSecretValue", {"secretId": "other"}),
    )
    named = {
        account: {row["name"] for row in part.query("rotate", account_id=account).rows if row["kind"] == "secret"}
        for account in ("", ACCOUNT, OTHER)
    }
    assert named == {"": {"jewels", "other"}, ACCOUNT: {"jewels", "other"}, OTHER: {"jewels"}}


def listed() -> list[tuple[str, str]]:
    found = re.findall(r"^    \('([a-z0-9-]+)', '(\w+)', '[^']+', '", question("rotate").sql, re.MULTILINE)
    assert len(found) > 70
    return found


def test_what_the_catalogue_calls_a_credential_or_its_reading_is_listed() -> None:
    known = re.compile(r"T1552|T1555|T1098[.]00[14]")  # unsecured credentials, password stores, additional credentials
    calls = {
        (one["call_source"].partition(".")[0], re.sub(r"20\d{6}(v\d+)?$", "", one["call_name"]))
        for one in json.loads(files("rootforensics.rules").joinpath(TABLE_FILE).read_text())
        if known.search(one["techniques"] or "")
    }
    assert len(calls) > 15
    assert calls - {*listed()} == {("sts", "GetFederationToken")}  # its session ends by itself: containment tells


def test_each_call_is_one_of_awss() -> None:
    session = botocore.session.get_session()
    own = {source for source, _ in listed()} - {"sso-directory"}  # what only the console calls has no model
    models = {source: set(session.get_service_model(source).operation_names) for source in own}
    by_root = {"UploadCloudFrontPublicKey", "UpdateCloudFrontPublicKey"}  # keys of the console, withdrawn
    assert {call for source, call in listed() if source in own and call not in models[source]} == by_root
