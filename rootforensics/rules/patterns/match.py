"""Match a pattern against a record, the way CloudWatch Logs does as far as that is known.

Where AWS's guide is silent, docs/reference/alarm.md says which way is taken and why.
"""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias

from rootforensics.rules.patterns.regex import compiled
from rootforensics.rules.patterns.tree import And, Any, Compare, Node, Number, Or, Pattern, Regex, State, Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rootforensics.rules.patterns.tree import Condition, Step

#: A decoded JSON value.
Json: TypeAlias = object


class Lost(Enum):
    """What a case file no longer tells of a record.

    ``NULL_OR_ABSENT``: a field without a value; ``UNKNOWN``: anything, at this place and inside it.
    """

    NULL_OR_ABSENT = 1
    UNKNOWN = 2


NULL_OR_ABSENT: Final = Lost.NULL_OR_ABSENT
UNKNOWN: Final = Lost.UNKNOWN


class Respelled(str):
    """Text that a case file holds in another spelling than the record, such as a time."""

    __slots__ = ()


def matches(pattern: Pattern, record: Json) -> bool | None:
    """Whether a pattern matches a record.

    Args:
        pattern: the pattern.
        record: a decoded JSON value. Where it was put together from a case file, ``Lost`` and ``Respelled`` stand
            for what is no longer known.

    Returns:
        None if that depends on what the case file no longer tells.
    """
    return _holds(pattern.root, record)


def failing(pattern: Pattern, record: Json) -> str:
    """The first condition of a pattern, joined by ``&&``, that a record does not meet; the whole if there is none."""
    parts = pattern.root.parts if isinstance(pattern.root, And) else (pattern.root,)
    for part in parts:
        if _holds(part, record) is False:
            return str(part)
    return str(pattern.root)


def nullable(pattern: Pattern) -> frozenset[str]:
    """The fields of which a pattern asks whether they are there or null, where that hangs on their names alone.

    Args:
        pattern: the pattern.

    Returns:
        Their names, of ASCII letters; none if it asks so of an item of an array, of any field, or of an odd name.
    """
    names = [condition.selector.steps[-1] for condition in pattern.conditions if isinstance(condition, State)]
    plain = [name for name in names if isinstance(name, str) and name.isascii() and name.isalpha()]
    return frozenset(plain) if len(plain) == len(names) else frozenset()


def _holds(node: Node, record: Json) -> bool | None:
    if isinstance(node, And):
        return _all(_holds(part, record) for part in node.parts)
    if isinstance(node, Or):
        return _any(_holds(part, record) for part in node.parts)
    return _any_node(node, list(_nodes(record, node.selector.steps)))


def _all(answers: Iterable[bool | None]) -> bool | None:
    unsure = False
    for answer in answers:
        if answer is False:
            return False
        unsure |= answer is None
    return None if unsure else True


def _any(answers: Iterable[bool | None]) -> bool | None:
    unsure = False
    for answer in answers:
        if answer:
            return True
        unsure |= answer is None
    return None if unsure else False


def _nodes(value: Json, steps: tuple[Step, ...]) -> Iterator[Json]:
    """The values that a selector leads to; none if there is no such field."""
    if not steps or value is UNKNOWN:
        yield value
        return
    step, rest = steps[0], steps[1:]
    if isinstance(step, Any):
        inner: Iterable[Json] = ()
        if step is Any.FIELD and isinstance(value, dict):
            inner = value.values()
        elif step is Any.ITEM and isinstance(value, list):
            inner = value
        for one in inner:
            yield from _nodes(one, rest)
    elif isinstance(step, int):
        if isinstance(value, list) and step < len(value):
            yield from _nodes(value[step], rest)
    elif isinstance(value, dict) and step in value:
        yield from _nodes(value[step], rest)


def _any_node(condition: Condition, nodes: list[Json]) -> bool | None:
    if isinstance(condition, Compare):
        return _any(_compares(node, condition) for node in nodes)
    if condition.state == "NOT EXISTS":
        return _all(None if isinstance(node, Lost) else False for node in nodes)
    return _any(_is(node, condition) for node in nodes)


def _is(node: Json, condition: State) -> bool | None:
    if node is UNKNOWN or (node is NULL_OR_ABSENT and condition.state == "IS NULL"):
        return None
    if condition.state == "IS NULL":
        return node is None
    return node is (condition.state == "IS TRUE")


def _compares(node: Json, condition: Compare) -> bool | None:
    """An operator needs a value node, text or a number; anything else matches neither ``=`` nor ``!=``."""
    if node is UNKNOWN:
        return None
    if isinstance(node, bool) or not isinstance(node, str | int | float | Decimal):
        return False
    if condition.operator not in ("=", "!="):
        return _ordered(node, condition)
    equal = _equals(node, condition.value)
    return equal if equal is None or condition.operator == "=" else not equal


def _equals(node: str | int | float | Decimal, value: Text | Number | Regex) -> bool | None:
    if isinstance(value, Text) and value.text == "*":
        return True
    if isinstance(node, Respelled):
        return None
    if isinstance(value, Number):
        return node == value.text if isinstance(node, str) else _decimal(node) == value.value
    text = str(node)
    if isinstance(value, Regex):
        return compiled(value.text).search(text) is not None
    return _like(text, value.text)


def _like(text: str, wanted: str) -> bool:
    """Whether text is the wanted one; only a ``*`` at the start or the end is a wildcard."""
    if wanted.startswith("*"):
        if wanted.endswith("*") and len(wanted) > 1:
            return wanted[1:-1] in text
        return text.endswith(wanted[1:])
    return text.startswith(wanted[:-1]) if wanted.endswith("*") else text == wanted


def _ordered(node: str | int | float | Decimal, condition: Compare) -> bool:
    """Order is for numbers: text is in none."""
    if isinstance(node, str) or not isinstance(condition.value, Number):
        return False
    number, other = _decimal(node), condition.value.value
    return {"<": number < other, ">": number > other, "<=": number <= other, ">=": number >= other}[condition.operator]


def _decimal(number: float | Decimal) -> Decimal:
    """The number as it was spelled: a float is the shortest decimal that reads as it."""
    return Decimal(repr(number)) if isinstance(number, float) else Decimal(number)
