"""The list of what calls make, change and remove."""

from __future__ import annotations

from collections import Counter

import pytest

from rootforensics.errors import RuleError
from rootforensics.rules.things import parse_things, shorten, thing_rules, values_at


def test_no_effect_is_listed_twice() -> None:
    counted = Counter((rule.call, rule.effect, rule.kind) for rule in thing_rules())
    assert [place for place, count in counted.items() if count > 1] == []


def test_what_can_be_removed_can_be_reached() -> None:
    reached = {rule.kind for rule in thing_rules() if rule.effect != "removes"}
    removed_only = {rule.kind for rule in thing_rules()} - reached
    assert removed_only == {"flow log"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[[thing]", "TOML"),
        ("[[thing]]\neffect = 'creates'", "call is missing"),
        (
            "[[thing]]\ncall = 'iam:X'\neffect = 'creates'\nkind = 'x'\nname = ['requestParameters.x']\nodd = 1",
            "unknown key 'odd'",
        ),
        ("[[thing]]\ncall = 'iam:X'\neffect = 'makes'\nkind = 'x'\nname = ['requestParameters.x']", "unknown effect"),
        (
            "[[thing]]\ncall = 'iam.X'\neffect = 'creates'\nkind = 'x'\nname = ['requestParameters.x']",
            "service:eventName",
        ),
        ("[[thing]]\ncall = 'iam:X'\neffect = 'creates'\nkind = 'x'\nname = ['userName']", "no path"),
    ],
)
def test_a_wrong_rule_says_what_is_wrong(text: str, problem: str) -> None:
    with pytest.raises(RuleError, match=problem):
        parse_things(text, "test.toml")


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
