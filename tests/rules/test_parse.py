"""Filter patterns as text: what parses, what is refused and in which column, and that printing is stable."""

from __future__ import annotations

import random
import string

import pytest

from rootforensics.errors import PatternError
from rootforensics.rules.patterns.parse import CIS_ROOT, CIS_ROOT_WITHOUT_SESSIONS, parse
from rootforensics.rules.patterns.tree import (
    PLAIN_TEXT,
    And,
    Any,
    Compare,
    Node,
    Number,
    Or,
    Pattern,
    Regex,
    Selector,
    State,
    Text,
)
from tests.seeds import seeds


def test_the_cis_filter_is_a_tree_and_prints_as_it_is_written() -> None:
    pattern = parse(CIS_ROOT)
    assert pattern.root == And(
        (
            Compare(Selector(("userIdentity", "type")), "=", Text("Root")),
            State(Selector(("userIdentity", "invokedBy")), "NOT EXISTS"),
            Compare(Selector(("eventType",)), "!=", Text("AwsServiceEvent")),
        )
    )
    assert str(pattern) == CIS_ROOT
    assert str(parse(CIS_ROOT_WITHOUT_SESSIONS)) == CIS_ROOT_WITHOUT_SESSIONS


def test_and_binds_closer_than_or() -> None:
    a, b, c = (Compare(Selector((name,)), "=", Number("1")) for name in "abc")
    assert parse("{ $.a = 1 || $.b = 1 && $.c = 1 }").root == Or((a, And((b, c))))
    assert parse("{ ($.a = 1 || $.b = 1) && $.c = 1 }").root == And((Or((a, b)), c))
    assert parse("{((($.a=1)))}").root == a


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("$.a", ("a",)),
        ("$.users[0].id", ("users", 0, "id")),
        ("$.coordinates[0][1]", ("coordinates", 0, 1)),
        ("$.a-b_c", ("a-b_c",)),
        ("$.['cluster.name']", ("cluster.name",)),
        ("$.a['b.c'].d", ("a", "b.c", "d")),
        ("$.arrayKey[*]", ("arrayKey", Any.ITEM)),
        ("$.*", (Any.FIELD,)),
        ("$.a.*.b", ("a", Any.FIELD, "b")),
    ],
)
def test_selectors(text: str, steps: tuple[object, ...]) -> None:
    (condition,) = parse(f"{{ {text} = 1 }}").conditions
    assert condition.selector.steps == steps


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"UpdateTrail"', Text("UpdateTrail")),
        (r'"a \"b\" \\ \c"', Text('a "b" \\ \\c')),
        ('"12"', Text("12")),
        ("123.123.*", Text("123.123.*", quoted=False)),
        ("Root", Text("Root", quoted=False)),
        ("*", Text("*", quoted=False)),
        ("12", Number("12")),
        ("+1000", Number("+1000")),
        ("-5.5", Number("-5.5")),
        ("1e+3", Number("1e+3")),
        ("10E-3", Number("10E-3")),
        (r"%111\.111\.111\.1[0-9]{1,2}%", Regex(r"111\.111\.111\.1[0-9]{1,2}")),
    ],
)
def test_values(text: str, value: object) -> None:
    (condition,) = parse(f"{{$.x={text}}}").conditions
    assert isinstance(condition, Compare)
    assert condition.value == value


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("", 1, "does not begin with {"),
        ("ERROR", 1, "does not begin with {"),
        ("[ip, user]", 1, "does not begin with {"),
        ("{ }", 3, "begins with a selector"),
        ("{ eventName = 1 }", 3, "begins with a selector"),
        ("{ $ = 1 }", 4, "a field is wanted"),
        ("{ $.a.[0] = 1 }", 7, "in brackets"),
        ("{ $.a[x] = 1 }", 6, "in brackets"),
        ("{ $.a. = 1 }", 7, "name is wanted"),
        ("{ $.a EXISTS }", 7, "EXISTS is not supported"),
        ("{ $.a IS NOT NULL }", 7, "IS NOT is not supported"),
        ("{ $.a not exists }", 7, "capitals"),
        ("{ $.a }", 7, "an operator"),
        ("{ $.a == 1 }", 7, "no operator =="),
        ("{ $.a > x }", 9, "compares with a number"),
        ('{ $.a <= "1" }', 10, "compares with a number"),
        ("{ $.a = }", 9, "a value is wanted"),
        ("{ $.a = a@b }", 10, "in quotes"),
        ('{ $.a = "b }', 9, "does not end"),
        ("{ $.a = %b }", 9, "does not end"),
        ("{ $.a = %% }", 9, "empty"),
        ("{ $.a = %(b)% }", 9, "parentheses"),
        ("{ $.a = %b!% }", 9, "'!'"),
        (r"{ $.a = %\b% }", 9, r"\b"),
        ("{ $.a = %é% }", 9, "'é'"),
        ("{ $.a = %[b% }", 9, "does not parse"),
        ("{ $.a = 1", 10, "}"),
        ("{ ($.a = 1 }", 12, ")"),
        ("{ $.a = 1 } x", 13, "nothing may follow"),
        ("{ $.a = 1 & $.b = 1 }", 11, "&&"),
        ("{ $.a = 1 && }", 14, "begins with a selector"),
        ("{ $.a[*].b[*] = 1 }", 3, "one wildcard"),
        ("{ $.a[*]=1||$.b[*]=1||$.c[*]=1||$.d[*]=1 }", 1, "4 wildcard"),
        ("{ $.a = %b% || $.a = %c% || $.a = %d% }", 35, "2 regular expressions"),
        ("{ $.a = 1 " + " " * 1024 + "}", 1025, "1,024"),
        ('{ $.a = "b\0" }', 11, "no text"),
        ('{ $.a = "\udcff" }', 10, "no text"),
        ("{ " + "(" * 101, 104, "deep"),
    ],
)
def test_what_is_refused_says_where_and_why(text: str, column: int, words: str) -> None:
    with pytest.raises(PatternError) as refused:
        parse(text)
    assert refused.value.where == f"pattern, column {column}"
    assert words in str(refused.value)


def _text(chance: random.Random) -> Text:
    chars = string.ascii_letters + string.digits + ' "\\*.@/é%{}()$&|\t'
    return Text("".join(chance.choices(chars, k=chance.randrange(8))))


def _value(chance: random.Random, operator: str) -> Text | Number:
    number = Number(chance.choice(["0", "-1", "+2.50", "1e3", "7E-2"]))
    bare = Text("".join(chance.choices("ab_.*-", k=3)), quoted=False)
    return chance.choice([number, _text(chance), bare]) if operator in ("=", "!=") else number


def _node(chance: random.Random, depth: int) -> Node:
    kind = chance.randrange(6) if depth else chance.randrange(3)
    if kind >= 3:
        parts = tuple(_node(chance, depth - 1) for _ in range(chance.randint(2, 3)))
        return And(parts) if kind == 3 else Or(parts)
    names = ["userIdentity", "a-b", "x.y", "it's", "é", 'say "x"']
    steps = tuple(chance.choice([*names, chance.randrange(20)]) for _ in range(chance.randint(1, 3)))
    selector = Selector(("field", *steps))
    if kind == 0:
        return State(selector, chance.choice(["IS NULL", "IS TRUE", "IS FALSE", "NOT EXISTS"]))
    operator = chance.choice(["=", "!=", "<", ">", "<=", ">="])
    return Compare(selector, operator, _value(chance, operator))


@seeds(200)
def test_what_is_printed_parses_to_the_same_tree(seed: int) -> None:
    pattern = Pattern(_node(random.Random(seed), 2))
    assert parse(str(pattern)) == pattern
    assert str(parse(str(pattern))) == str(pattern)


def test_the_trees_of_that_test_are_of_every_kind() -> None:
    found = [condition for seed in range(200) for condition in Pattern(_node(random.Random(seed), 2)).conditions]
    assert {type(one) for one in found} == {Compare, State}
    assert any(isinstance(one, Compare) and one.value == Text("", quoted=True) for one in found)
    assert all(
        PLAIN_TEXT.fullmatch(one.value.text)
        for one in found
        if isinstance(one, Compare) and isinstance(one.value, Text) and not one.value.quoted
    )


@seeds(200)
def test_odd_text_is_refused_or_parses_and_is_stable(seed: int) -> None:
    chance = random.Random(seed)
    pieces = [
        "{",
        "}",
        "(",
        ")",
        "$.a",
        "$.b[0]",
        "=",
        "!=",
        "<",
        "&&",
        "||",
        '"x"',
        "7",
        "IS NULL",
        "NOT EXISTS",
        "%a%",
        "é",
        "\0",
    ]
    text = "{ " + " ".join(chance.choices(pieces, k=chance.randint(1, 7))) + " }"
    refused = _refused(text)
    if refused:
        assert refused.startswith("pattern, column ")
    else:
        assert parse(str(parse(text))) == parse(text)


def _refused(text: str) -> str:
    """Where a text is refused; empty if it parses."""
    try:
        parse(text)
    except PatternError as error:
        return error.where
    return ""
