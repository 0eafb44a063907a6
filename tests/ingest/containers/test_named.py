"""Resources of the event history stand where a record would name them."""

from __future__ import annotations

from pathlib import Path

import rootforensics
from rootforensics.ingest.containers.named import name_by_resources, places_of_types
from rootforensics.rules.entities import entity_rules

COLUMNS = ("eventName", "errorCode", "resources")
HELPER = "arn:aws:iam::111122223333:user/staff/helper"


def named(*things: tuple[str, str], columns: tuple[str, ...] = COLUMNS, **fields: str) -> dict[str, object]:
    resources = [{"type": f"AWS::{kind}", "ARN" if "arn:" in name else "resourceName": name} for kind, name in things]
    event: dict[str, object] = {"resources": resources, **fields}
    name_by_resources(event, columns)
    return {name: event.get(name) for name in ("requestParameters", "responseElements") if name in event}


def test_one_resource_under_several_names_is_one() -> None:
    asked = {"requestParameters": {"userName": "helper"}}
    for names in (["helper"], [HELPER], ["helper", HELPER], ["AIDAHELPER0000000001", HELPER, "helper"]):
        assert named(*(("IAM::User", name) for name in names)) == asked, names
    key = "arn:aws:kms:us-east-1:111122223333:key/1"
    assert named(("KMS::Key", key))["requestParameters"] == {"keyId": key}


def test_several_are_all_named() -> None:
    assert named(("IAM::User", "a"), ("IAM::User", "b")) == {"requestParameters": {"userName": ["a", "b"]}}
    started = named(("EC2::Instance", "i-1"), ("EC2::Instance", "i-2"))["responseElements"]
    assert started == {"instancesSet": {"items": [{"instanceId": "i-1"}, {"instanceId": "i-2"}]}}


def test_an_answer_is_told_where_the_table_tells_of_errors_and_there_is_none() -> None:
    key = ("IAM::AccessKey", "AKIA1")
    asked = {"requestParameters": {"accessKeyId": "AKIA1"}}
    assert "responseElements" in named(key)
    assert named(key, errorCode="AccessDenied") == asked
    assert named(key, columns=("eventName", "resources")) == asked


def test_a_table_with_requests_is_left_as_it_is() -> None:
    assert named(("IAM::User", "helper"), columns=("eventName", "requestParameters")) == {}
    assert named(("IAM::User", "helper"), columns=("eventName", "responseElements")) == {}


def test_the_old_table_names_one_resource_in_two_columns() -> None:
    event = {"Resource type": "AWS::IAM::User", "Resource name": "helper"}
    name_by_resources(event, COLUMNS)
    assert event["requestParameters"] == {"userName": "helper"}


def test_every_place_is_one_that_a_rule_or_a_query_reads() -> None:
    read = {path for rule in entity_rules() for path in rule.paths}
    queries = "".join(path.read_text() for path in Path(rootforensics.__path__[0]).rglob("*.sql"))
    for kind, places in places_of_types().items():
        for place in places:
            assert place in read or f"$.{place.partition('.')[2]}'" in queries, (kind, place)
