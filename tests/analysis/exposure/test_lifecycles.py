"""Lifecycle rules as CloudTrail records them. Source: Amazon S3 API Reference, PutBucketLifecycleConfiguration."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rootforensics.analysis.exposure.lifecycles import lifecycle_effects

EVERY = {"Status": "Enabled", "Filter": {"Prefix": ""}}


@pytest.mark.parametrize(
    ("rules", "effects"),
    [
        ({"Status": "Enabled", "Prefix": "", "Expiration": {"Days": 1}}, ["deletes every object after 1 day"]),
        ([EVERY | {"Expiration": {"Days": "30"}}], ["deletes every object after 30 days"]),
        ({"Status": "Enabled", "Filter": "", "Expiration": {"Date": "2026-08-07T00:00:00.000Z"}},
         ["deletes every object on 2026-08-07"]),
        ({"Status": "Enabled", "Filter": {"Prefix": "AWSLogs/"}, "Expiration": {"Days": 2}},
         ["deletes objects with the prefix AWSLogs/ after 2 days"]),
        ({"Status": "Enabled", "Prefix": "{receiver}", "Expiration": {"Days": 2}},
         ["deletes objects with a certain prefix after 2 days"]),
        ({"Status": "Enabled", "Filter": {"And": {"Prefix": "a/", "Tag": {"Key": "k", "Value": "v"}}},
          "Expiration": {"Days": 2}}, ["deletes objects with the prefix a/ that match its filter after 2 days"]),
        ({"Status": "Enabled", "Filter": {"ObjectSizeGreaterThan": 500}, "Expiration": {"Days": 2}},
         ["deletes objects that match its filter after 2 days"]),
        (EVERY | {"Transition": [{"Days": 30, "StorageClass": "GLACIER"}, {"Days": 90, "StorageClass": "DEEP_ARCHIVE"}]},
         ["moves every object to GLACIER after 30 days and moves every object to DEEP_ARCHIVE after 90 days"]),
        (EVERY | {"NoncurrentVersionExpiration": {"NoncurrentDays": 1, "NewerNoncurrentVersions": 3}},
         ["deletes noncurrent versions of every object after 1 day, except the newest 3"]),
        (EVERY | {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}},
         ["aborts incomplete uploads of every object after 7 days"]),
        (EVERY | {"Expiration": {"ExpiredObjectDeleteMarker": True}},
         ["removes expired delete markers of every object"]),
        ([EVERY | {"Status": "Disabled", "Expiration": {"Days": 1}}, EVERY | {"Expiration": {"Days": 9}}],
         ["is disabled", "deletes every object after 9 days"]),
        (EVERY | {"Expiration": {"Days": "9" * 5_000}}, []),
        (EVERY, []),
        ([EVERY | {"Expiration": {"Days": 1}}, EVERY], []),
        ("", []),
        (None, []),
    ],
)  # fmt: skip
def test_each_rule_says_what_it_does(rules: Any, effects: list[str]) -> None:
    request = {"bucketName": "b", "lifecycle": "", "LifecycleConfiguration": {"Rule": rules}}
    assert lifecycle_effects(json.dumps(request)) == effects


@pytest.mark.parametrize("request_", [None, "", "{", "[]", '{"LifecycleConfiguration": ""}'])
def test_a_request_that_does_not_show_the_rules_says_nothing(request_: str | None) -> None:
    assert lifecycle_effects(request_) == []
