"""A condition of a policy, as the IAM User Guide tells it: met, not met, or nobody can tell."""

from __future__ import annotations

from typing import Any, Final

import pytest

from rootforensics.analysis.exposure.conditions import is_met, names

ROOT: Final = "arn:aws:iam::111122223333:root"
#: A request of which these keys are known.
KNOWN: Final = {"arn": (ROOT,), "secure": ("true",), "vpc": (None,), "service": ("false", None), "text": ("a[b]c",)}


@pytest.mark.parametrize(
    ("condition", "met"),
    [
        ({}, True),
        ({"StringEquals": {"arn": ROOT}}, True),
        ({"StringEquals": {"ARN": ["x", ROOT]}}, True),
        ({"StringEquals": {"arn": ROOT.upper()}}, False),
        ({"StringEqualsIgnoreCase": {"arn": ROOT.upper()}}, True),
        ({"StringEquals": {"arn": "arn:aws:iam::*:root"}}, False),
        ({"StringNotEquals": {"arn": ["x", ROOT]}}, False),
        ({"StringLike": {"arn": "*:ro?t"}}, True),
        ({"StringLike": {"text": "a[b]*"}}, True),
        ({"StringLike": {"text": "ab*"}}, False),
        ({"StringNotLike": {"arn": "*:user/*"}}, True),
        # Each of the six parts of an ARN for itself; of what is no ARN nobody can tell.
        *(({operator: {"arn": "arn:aws:iam::*:root"}}, True) for operator in ("ArnLike", "ArnEquals")),
        *(({operator: {"arn": "arn:*:iam::*:root"}}, False) for operator in ("ArnNotLike", "ArnNotEquals")),
        ({"ArnLike": {"arn": "arn:aws:iam::*:user/*"}}, False),
        ({"ArnLike": {"arn": "*:root"}}, None),
        ({"Bool": {"secure": True}}, True),
        ({"Bool": {"secure": "False"}}, False),
        ({"Bool": {"secure": "yes"}}, None),
        ({"Null": {"vpc": "true"}}, True),
        ({"Null": {"secure": True}}, False),
        # A key that the request lacks.
        ({"StringEquals": {"vpc": "a"}}, False),
        ({"StringNotEquals": {"vpc": "a"}}, True),
        ({"StringEqualsIfExists": {"vpc": "a"}}, True),
        ({"NotIpAddress": {"vpc": "192.0.2.0/24"}}, True),
        # One that it may lack.
        ({"Bool": {"service": "false"}}, None),
        ({"BoolIfExists": {"service": "false"}}, True),
        ({"Bool": {"service": "true"}}, False),
        # A variable, an operator or a key that is not known, and a value of an odd type.
        ({"StringEquals": {"arn": "arn:aws:iam::${aws:PrincipalAccount}:root"}}, None),
        ({"StringNotEquals": {"arn": ["${a}", ROOT]}}, False),
        ({"ForAnyValue:StringEquals": {"arn": ROOT}}, None),
        ({"StringMatches": {"arn": ROOT}}, None),
        ({"StringEquals": {"aws:SourceIp": "x"}}, None),
        *(({"StringEquals": {"arn": odd}}, None) for odd in (None, [], {}, [ROOT, None])),
        *((odd, None) for odd in (None, [1], "x", {"StringEquals": [1]})),
        # All of it has to hold.
        ({"Bool": {"secure": "true"}, "StringEquals": {"arn": ROOT, "other": "x"}}, None),
        ({"Bool": {"secure": "false"}, "StringEquals": {"other": "x"}}, False),
    ],
)
def test_a_condition_is_met_or_not_or_nobody_can_tell(condition: Any, met: bool | None) -> None:
    assert is_met({"condition": condition}, KNOWN) is met


def test_actions_and_resources_are_named_or_left_out() -> None:
    assert is_met({}, {}) is True
    told = {"action": ["SNS:*", "kms:Decrypt"], "notresource": "arn:aws:sns:*:*:Other"}
    assert names(told, "action", "sns:Publish") is names(told, "resource", "arn:aws:sns:a:b:other") is True
    assert names(told, "action", "kms:Encrypt") is names(told, "resource", "arn:aws:sns:a:b:Other") is False
    assert names({"resource": "arn:aws:s3:::${aws:username}"}, "resource", "arn:aws:s3:::a") is None
