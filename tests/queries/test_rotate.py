"""What to rotate: by name, and only what was given away or set."""

from __future__ import annotations

import re
from typing import Any

import botocore.session
import pytest

from rootforensics.queries.catalogue import question
from tests.builders import ABSENT, root_event
from tests.stories import part_of


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
        (did("lambda:ListFunctions20150331", None), "environment of functions", "all of the Region", "rotate"),
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
    )
    assert [row["kind"] for row in part.query("rotate").rows] == ["root user"]  # its key was used


def test_the_sample_names_what_its_plan_has_read(sample_case: Any) -> None:
    rows = sample_case.query("rotate", account_id="111122223333").rows
    read = {row["name"] for row in rows if row["kind"] == "secret"}
    assert read == {"prod/checkout/db", "prod/secret-4", "prod/secret-5"}
    assert {row["name"] for row in rows if row["kind"] == "EC2 key pair"} == {"x"}


def test_each_call_is_one_of_awss() -> None:
    session = botocore.session.get_session()
    listed = re.findall(r"^    \('([a-z-]+)', '(\w+)', '[^']+', '", question("rotate").sql, re.MULTILINE)
    assert len(listed) > 40
    own = {source for source, _ in listed} - {"sso-directory"}  # what only the console calls has no model
    models = {source: set(session.get_service_model(source).operation_names) for source in own}
    assert [call for source, call in listed if source in own and call not in models[source]] == []
