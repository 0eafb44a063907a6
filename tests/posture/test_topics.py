"""The way from the alarm to a person: the topic takes what CloudWatch and EventBridge send, and its key lets them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.posture.answers import ACCOUNT, DENIED, TOPIC, TOPIC_POLICY, by_id, perfect, write
from tests.posture.test_live import Account, run

if TYPE_CHECKING:
    from pathlib import Path

ATTRIBUTES: Final = "us-east-1/sns/get-topic-attributes--root-usage-alarm"
KEY: Final = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/of-topics"
FIRST, EVENTS = TOPIC_POLICY["Statement"]
SERVICES: Final = {"Service": ["cloudwatch.amazonaws.com", "events.amazonaws.com"]}
USE: Final = {
    "Effect": "Allow",
    "Principal": SERVICES,
    "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
    "Resource": "*",
}
TLS: Final = {"Effect": "Deny", "Principal": "*", "Action": "sns:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": False}}}  # fmt: skip
ALARM: Final = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:*"


def _protecting(operation: str) -> str:
    named = {
        "DataDirection": "Inbound",
        "Principal": ["*"],
        "DataIdentifier": ["arn:aws:dataprotection::aws:data-identifier/IpAddress"],
    }
    return json.dumps({"Version": "2021-06-01", "Statement": [named | {"Operation": {operation: {}}}]})


def _statement(service: str, condition: Any = None, effect: str = "Allow") -> dict[str, Any]:
    told = {"Effect": effect, "Principal": {"Service": service}, "Action": "SNS:Publish", "Resource": TOPIC}
    return told | ({"Condition": condition} if condition else {})


@pytest.mark.parametrize(
    ("statements", "alarm", "words"),
    [
        ([FIRST, EVENTS], "pass", "to a confirmed subscriber"),
        ([EVENTS], "fail", "its topic policy does not allow CloudWatch to publish"),
        ([_statement("cloudwatch.amazonaws.com")], "pass", "to a confirmed subscriber"),
        ([{**_statement("cloudwatch.amazonaws.com"), "Resource": f"{TOPIC}-other"}], "fail", "does not allow CloudWatch to publish"),
        ([_statement("cloudwatch.amazonaws.com", {"ArnLike": {"aws:SourceArn": ALARM}}), TLS], "pass", "to a confirmed subscriber"),
        ([_statement("cloudwatch.amazonaws.com", {"StringEquals": {"aws:SourceAccount": "999999999999"}})], "fail", "does not allow"),
        ([_statement("cloudwatch.amazonaws.com", {"StringEquals": {"aws:SourceAccount": "${aws:PrincipalAccount}"}})], "unknown", "depends on conditions"),
        ([{**_statement("cloudwatch.amazonaws.com"), "Resource": "arn:aws:sns:*:${aws:PrincipalAccount}:*"}], "unknown", "depends on conditions"),
        ([_statement("cloudwatch.amazonaws.com", {"StringEquals": {"aws:SourceOrgID": "o-1"}})], "unknown", "depends on conditions"),
        ([FIRST, _statement("cloudwatch.amazonaws.com", effect="Deny")], "fail", "does not allow CloudWatch to publish"),
        ([FIRST, {**TLS, "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}}], "unknown", "depends on conditions"),
    ],
)  # fmt: skip
def test_cloudwatch_must_be_let_publish(
    statements: list[dict[str, Any]], alarm: str, words: str, tmp_path: Path
) -> None:
    answers = perfect()
    answers[ATTRIBUTES]["Attributes"]["Policy"] = json.dumps({"Statement": statements})
    told = by_id(write(tmp_path, answers))
    assert (told["root-alarm"].answer, words in told["root-alarm"].why) == (alarm, True), told["root-alarm"].why
    assert told["root-event-rule"].answer == ("pass" if EVENTS in statements else "warn")


@pytest.mark.parametrize(
    ("told", "answer", "words"),
    [
        ({"Attributes": {"FilterPolicy": "{}"}}, "pass", "to a confirmed subscriber"),
        ({"Attributes": {"FilterPolicy": '{"x": ["never"]}'}}, "unknown", "the filter policy of its subscription may withhold"),
        (DENIED, "unknown", "the subscribers of its topic could not be read"),
        ({"Error": {"Code": "NotFound", "Message": ""}}, "fail", "its topic has no confirmed subscription"),
    ],
)  # fmt: skip
def test_a_filter_policy_may_silence_a_subscription(
    told: dict[str, Any], answer: str, words: str, tmp_path: Path
) -> None:
    found = by_id(write(tmp_path, perfect() | {"us-east-1/sns/get-subscription-attributes--1": told}))
    assert (found["root-alarm"].answer, words in found["root-alarm"].why) == (answer, True), found["root-alarm"].why
    assert (found["root-event-rule"].answer == "pass") == (answer == "pass")


@pytest.mark.parametrize(
    ("told", "answer", "words"),
    [
        ({"DataProtectionPolicy": _protecting("Deny")}, "unknown", "the data protection policy of its topic may withhold"),
        ({"DataProtectionPolicy": _protecting("Audit")}, "pass", "to a confirmed subscriber"),
        ({"DataProtectionPolicy": None}, "pass", "to a confirmed subscriber"),
        ({"Error": {"Code": "NotFound", "Message": ""}}, "pass", "to a confirmed subscriber"),
        (DENIED, "unknown", "whether its topic allows CloudWatch to publish could not be read"),
    ],
)  # fmt: skip
def test_a_data_protection_policy_may_withhold_messages(
    told: dict[str, Any], answer: str, words: str, tmp_path: Path
) -> None:
    found = by_id(write(tmp_path, perfect() | {"us-east-1/sns/get-data-protection-policy--root-usage-alarm": told}))
    assert (found["root-alarm"].answer, words in found["root-alarm"].why) == (answer, True), found["root-alarm"].why


@pytest.mark.parametrize(
    ("key", "described", "policy", "answer", "words"),
    [
        ("alias/aws/sns", None, None, "fail", "key alias/aws/sns, which CloudWatch cannot use"),
        (KEY, {"KeyManager": "AWS"}, None, "fail", "AWS managed key alias/aws/sns"),
        (KEY, {"KeyState": "Disabled"}, None, "fail", "of its topic is Disabled"),
        (KEY, {}, [USE], "pass", "to a confirmed subscriber"),
        (KEY, {}, [{**USE, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}], "fail", "the key policy of its topic"),
        (KEY, {}, [{**USE, "Action": "kms:Decrypt"}], "fail", "does not allow CloudWatch to use the key"),
        (KEY, {}, [{**USE, "Condition": {"StringLike": {"kms:ViaService": "sns.*"}}}], "unknown", "depends on conditions"),
        (KEY, {}, None, "unknown", "could not be read"),
        (KEY, None, None, "unknown", "could not be read"),
    ],
)  # fmt: skip
def test_a_topic_that_is_encrypted_needs_a_key_that_lets_them(
    key: str, described: dict[str, Any] | None, policy: list[Any] | None, answer: str, words: str, tmp_path: Path
) -> None:
    answers = perfect()
    answers[ATTRIBUTES]["Attributes"]["KmsMasterKeyId"] = key
    if described is not None:
        told = {"Arn": KEY, "KeyState": "Enabled", "KeyManager": "CUSTOMER", **described}
        answers["us-east-1/kms/describe-key--of-topics"] = {"KeyMetadata": told}
    if policy is not None:
        answers["us-east-1/kms/get-key-policy--of-topics"] = {"Policy": json.dumps({"Statement": policy})}
    found = by_id(write(tmp_path, answers))
    assert (found["root-alarm"].answer, words in found["root-alarm"].why) == (answer, True), found["root-alarm"].why
    assert found["root-event-rule"].answer == {"fail": "warn"}.get(answer, answer)


def test_what_was_not_read_is_unknown(tmp_path: Path) -> None:
    answers = perfect()
    del answers[ATTRIBUTES]
    told = by_id(write(tmp_path, answers))
    for name in ("root-alarm", "root-event-rule"):
        assert told[name].answer == "unknown"
        assert told[name].missing == (f"sns:GetTopicAttributes for {TOPIC} (not saved)",)


@pytest.mark.heavy
def test_a_key_with_an_alias_is_asked_for_its_policy_by_its_arn() -> None:
    answers = perfect()
    answers[ATTRIBUTES]["Attributes"]["KmsMasterKeyId"] = "alias/ours"
    answers["us-east-1/kms/describe-key--alias_ours"] = {"KeyMetadata": {"Arn": KEY, "KeyId": "of-topics"}}
    _, asked = run(Account(answers))
    named = [
        (one.operation, json.loads(one.parameters.removeprefix("/ "))["KeyId"]) for one in asked if one.service == "kms"
    ]
    assert ("DescribeKey", "alias/ours") in named
    assert ("GetKeyPolicy", KEY) in named
    assert ("GetKeyPolicy", "alias/ours") not in named
