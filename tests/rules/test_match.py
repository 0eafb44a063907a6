"""What a pattern matches: AWS's own examples, and the points on which its guide is silent."""

from __future__ import annotations

from typing import Any

import pytest

from rootforensics.rules.patterns.match import NULL_OR_ABSENT, UNKNOWN, Respelled, failing, matches
from rootforensics.rules.patterns.parse import CIS_ROOT, CIS_ROOT_WITHOUT_SESSIONS, parse
from tests.builders import ABSENT, root_event

# The objects of the guide's examples.
EVENT = {
    "eventType": "UpdateTrail",
    "sourceIPAddress": "111.111.111.111",
    "arrayKey": ["value", "another value"],
    "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
    "SomeObject": None,
    "cluster.name": "c",
    "ThisFlag": True,
}
USERS = {
    "user": {"id": 1, "email": "John.Stiles@example.com"},
    "users": [{"id": 2, "email": "John.Doe@example.com"}, {"id": 3, "email": "Jane.Doe@example.com"}],
    "actions": ["GET", "PUT", "DELETE"],
    "coordinates": [[0, 1, 2], [4, 5, 6], [7, 8, 9]],
}


@pytest.mark.parametrize(
    ("text", "record", "matched"),
    [
        ('{ $.eventType = "UpdateTrail" }', EVENT, True),
        ("{ $.sourceIPAddress != 123.123.* }", EVENT, True),
        ("{ $.sourceIPAddress != 111.111.* }", EVENT, False),
        ('{ $.arrayKey[0] = "value" }', EVENT, True),
        ('{ $.arrayKey[1] = "value" }', EVENT, False),
        ("{ $.objectList[1].id = 2 }", EVENT, True),
        ("{ $.eventType = %Trail% }", EVENT, True),
        ("{ $.arrayKey[*] = %val.{2}% }", EVENT, True),
        (r"{ $.* = %111\.111\.111\.1[0-9]{1,2}% }", EVENT, True),
        ("{ $.['cluster.name'] = \"c\" }", EVENT, True),
        ("{ $.SomeObject IS NULL }", EVENT, True),
        ("{ $.SomeOtherObject NOT EXISTS }", EVENT, True),
        ("{ $.ThisFlag IS TRUE }", EVENT, True),
        ("{ $.ThisFlag IS FALSE }", EVENT, False),
        ('{ ($.user.id = 1) && ($.users[0].email = "John.Doe@example.com") }', USERS, True),
        ('{ ($.user.id = 2 && $.users[0].email = "nonmatch") || $.actions[2] = "GET" }', USERS, False),
        (
            '{ $.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch" && $.actions[2] = "nonmatch" }',
            USERS,
            True,
        ),
        (
            '{ ($.user.email = "John.Stiles@example.com" || $.coordinates[0][1] = "nonmatch") && $.actions[2] = "nonmatch" }',
            USERS,
            False,
        ),
        ("{ $.users = 1 }", {"users": [1, 2, 3]}, False),
        ("{ $.users != 1 }", {"users": [1, 2, 3]}, False),
    ],
)
def test_the_guides_own_examples(text: str, record: Any, matched: bool) -> None:
    assert matches(parse(text), record) is matched


@pytest.mark.parametrize(
    ("text", "value", "matched"),
    [
        # absent, null, objects and arrays: no operator matches them, != neither
        ('{ $.x != "a" }', ABSENT, False),
        ('{ $.x != "a" }', None, False),
        ('{ $.x != "a" }', {}, False),
        ("{ $.x = * }", ABSENT, False),
        ("{ $.x NOT EXISTS }", ABSENT, True),
        ("{ $.x NOT EXISTS }", None, False),
        ("{ $.x NOT EXISTS }", "", False),
        ("{ $.x NOT EXISTS }", {}, False),
        ("{ $.x IS NULL }", ABSENT, False),
        ("{ $.x IS NULL }", None, True),
        ("{ $.x IS NULL }", "null", False),
        ("{ $.x.y NOT EXISTS }", None, True),
        ("{ $.x.y NOT EXISTS }", "text", True),
        ("{ $.x[0] NOT EXISTS }", [], True),
        ("{ $.x[*] NOT EXISTS }", [], True),
        ("{ $.x[*] NOT EXISTS }", [1], False),
        # booleans
        ("{ $.x IS TRUE }", "true", False),
        ("{ $.x IS TRUE }", 1, False),
        ("{ $.x = true }", True, False),
        ('{ $.x = "true" }', "true", True),
        # text: case, and * at the ends alone
        ('{ $.x = "root" }', "Root", False),
        ('{ $.x = "*Event" }', "PutEvent", True),
        ('{ $.x = "Event*" }', "EventName", True),
        ('{ $.x = "*Unauthorized*" }', "Client.UnauthorizedOperation", True),
        ('{ $.x = "Ev*ent" }', "Evilent", False),
        ('{ $.x = "Ev*ent" }', "Ev*ent", True),
        ("{ $.x = * }", "anything", True),
        ("{ $.x = * }", 0, True),
        ("{ $.x != * }", "anything", False),
        ('{ $.x = "" }', "", True),
        ('{ $.x = "**" }', "anything", True),
        (r'{ $.x = "a\"b" }', 'a"b', True),
        # numbers
        ("{ $.x = 400 }", 400, True),
        ("{ $.x = 400 }", 400.0, True),
        ("{ $.x = 4e2 }", 400, True),
        ("{ $.x != 1e-3 }", 0.001, False),
        ("{ $.x = 0.1 }", 0.1, True),
        ("{ $.x = 9007199254740993 }", 9007199254740992, False),
        ("{ $.x >= 400 }", 400, True),
        ("{ $.x < +1000 }", 1000, False),
        ("{ $.x > -1 }", -0.5, True),
        ("{ $.x <= 5 }", 5.01, False),
        ("{ $.x > 1 }", "2", False),
        ("{ $.x > 1 }", True, False),
        ("{ $.x = 4* }", 404, True),
        ('{ $.x = "404" }', 404, True),
        ("{ $.x = 111122223333 }", "111122223333", True),
        ("{ $.x = 1e3 }", "1000", False),
        # regular expressions
        ("{ $.x = %^starting|^initializing% }", "initializing", True),
        ("{ $.x = %^starting|^initializing% }", "not initializing", False),
        ("{ $.x != %rail% }", "Trail", False),
        ("{ $.x != %rail% }", ABSENT, False),
        (r"{ $.x = %\x28a\x29% }", "(a)", True),
        ("{ $.x = %a$% }", "a\n", False),
        (r"{ $.x = %^\w+$% }", "é", False),
        ("{ $.x = %[[]% }", "[", True),
        ("{ $.x = %4.4% }", 404, True),
        # wildcards of selectors: one is enough
        ('{ $.x[*].a = "b" }', [{"a": "c"}, {"a": "b"}], True),
        ('{ $.x[*].a != "b" }', [{"a": "b"}], False),
        ('{ $.x.*.a = "b" }', {"one": {"a": "b"}}, True),
        ("{ $.x[*] = 1 }", {"0": 1}, False),
        ("{ $.x[0] = 1 }", {"0": 1}, False),
    ],
)
def test_the_fine_print(text: str, value: Any, matched: bool) -> None:
    record = {} if value is ABSENT else {"x": value}
    assert matches(parse(text), record) is matched


@pytest.mark.parametrize("record", [None, [], "text", 7, [{"x": 1}]])
def test_a_record_that_is_no_object_has_no_fields(record: Any) -> None:
    assert matches(parse("{ $.x = 1 }"), record) is False
    assert matches(parse("{ $.x NOT EXISTS }"), record) is True


@pytest.mark.parametrize(
    ("cis", "spared", "record"),
    [
        (True, True, root_event()),
        (True, True, root_event(sourceIPAddress="AWS Internal")),
        (True, False, root_event(identity={"sessionContext": {"assumedRoot": "true"}})),
        (False, False, root_event(identity={"invokedBy": "signin.amazonaws.com"})),
        (False, False, root_event(identity={"invokedBy": None})),
        (False, False, root_event(identity={"invokedBy": ""})),
        (False, False, root_event(eventType="AwsServiceEvent")),
        (False, False, root_event(eventType=ABSENT)),
        (True, True, root_event(eventType="awsserviceevent")),
        (False, False, root_event(identity={"type": "FederatedUser"})),
        (False, False, {}),
    ],
)
def test_the_cis_filter_and_the_one_that_spares_sessions(cis: bool, spared: bool, record: dict[str, Any]) -> None:
    assert matches(parse(CIS_ROOT), record) is cis
    assert matches(parse(CIS_ROOT_WITHOUT_SESSIONS), record) is spared


def test_silencing_sessions_with_unequal_would_kill_the_alarm() -> None:
    killed = parse(CIS_ROOT.replace(" }", ' && $.userIdentity.sessionContext.assumedRoot != "true" }'))
    assert matches(killed, root_event()) is False


@pytest.mark.parametrize(
    ("text", "matched"),
    [
        ("{ $.x NOT EXISTS }", None),
        ("{ $.x IS NULL }", None),
        ("{ $.x.y NOT EXISTS }", True),
        ('{ $.x != "a" }', False),
        ("{ $.x IS TRUE }", False),
        ("{ $.x NOT EXISTS && $.a = 2 }", False),
        ("{ $.x NOT EXISTS && $.a = 1 }", None),
        ("{ $.x NOT EXISTS || $.a = 1 }", True),
        ("{ $.x NOT EXISTS || $.a = 2 }", None),
        ("{ $.deep.y NOT EXISTS }", None),
        ('{ $.deep.y != "a" }', None),
        ("{ $.deep.y IS FALSE }", None),
        ("{ $.deep[*] = 1 }", None),
        ('{ $.time = "2026*" }', None),
        ("{ $.time = * }", True),
        ("{ $.time NOT EXISTS }", False),
    ],
)
def test_what_a_case_no_longer_tells_is_in_doubt_only_where_it_matters(text: str, matched: bool | None) -> None:
    record = {"x": NULL_OR_ABSENT, "a": 1, "deep": UNKNOWN, "time": Respelled("2026-08-05T10:00:00Z")}
    assert matches(parse(text), record) is matched


def test_the_first_condition_that_fails_is_named() -> None:
    pattern = parse(CIS_ROOT)
    assert failing(pattern, root_event(identity={"invokedBy": "x"})) == "$.userIdentity.invokedBy NOT EXISTS"
    assert failing(parse("{ $.a = 1 || $.b = 2 }"), {}) == "$.a = 1 || $.b = 2"
