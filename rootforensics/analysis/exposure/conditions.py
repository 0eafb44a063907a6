"""Whether a condition of a policy holds for a request: True, False, or None if nobody can tell.

What is not understood, such as a policy variable, an operator or a value of an odd type, is None; so is a key of which
nothing is known. Source: AWS IAM User Guide, "IAM JSON policy elements: Condition operators".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    #: What a request or a policy holds, as JSON has it.
    Object = dict[str, Any]
    Known = bool | None
    Compare = Callable[[str, str], Known]
    #: By key in small letters, each value that the request may have of it; None if it may lack it.
    Request = Mapping[str, tuple[str | None, ...]]

#: An account lies in one partition, and its policies speak of that.
_PARTITION: Final = re.compile(r"^arn:aws[a-z-]*:")


class Comparison(NamedTuple):
    """What a condition compares: operator and key in small letters, and the values; none if one of them is odd."""

    operator: str
    key: str
    values: tuple[str, ...]


def all_of(found: Iterable[Known]) -> Known:
    """Whether all hold."""
    told = set(found)
    return False if False in told else None if None in told else True


def any_of(found: Iterable[Known]) -> Known:
    """Whether one of them holds."""
    told = set(found)
    return True if True in told else None if None in told else False


def none_of(found: Iterable[Known]) -> Known:
    """Whether none of them holds."""
    told = any_of(found)
    return None if told is None else not told


def comparisons(statement: Object) -> Iterator[Comparison]:
    """What the condition of a statement, with names in small letters, compares; all of it has to hold."""
    condition = statement.get("condition", {})
    for operator, keys in condition.items() if isinstance(condition, dict) else [("", None)]:
        for key, given in keys.items() if isinstance(keys, dict) else [("Condition", None)]:
            values = given if isinstance(given, list) else [given]
            is_plain = all(isinstance(one, (str, int, float)) for one in values)
            yield Comparison(operator.lower(), key.lower(), tuple(map(_text, values)) if is_plain else ())


def is_met(statement: Object, request: Request) -> Known:
    """Whether the condition of a statement holds for a request."""
    return all_of(holds(comparison, request) for comparison in comparisons(statement))


def holds(one: Comparison, request: Request) -> Known:
    """Whether it holds for a request."""
    found = {_holds(one, told) for told in request.get(one.key, ())} if one.values else set()
    return found.pop() if len(found) == 1 else None


def names(statement: Object, field: Literal["action", "resource"], wanted: str) -> Known:
    """Whether a statement, with names in small letters, is about an action, in whatever letters, or a resource."""
    spell, is_other = str.lower if field == "action" else str, f"not{field}" in statement
    told = listed(statement.get(f"not{field}" if is_other else field))
    return _is_any(_like, spell(wanted), map(spell, told), is_other=is_other)


def listed(named: Any) -> list[str]:  # noqa: ANN401 - any JSON
    """The texts of a list, or the one that stands for a list of it."""
    return [one for one in (named if isinstance(named, list) else [named]) if isinstance(one, str)]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _holds(one: Comparison, told: str | None) -> Known:
    """Whether it holds for a value, or without one."""
    operator = one.operator.removesuffix("ifexists")
    compare, is_other = _COMPARING.get(operator.replace("not", "", 1)), "not" in operator
    if operator == "null":
        told = _text(told is None)
    if compare and told is None:
        return is_other or operator != one.operator
    return _is_any(compare, told or "", one.values, is_other=is_other) if compare else None


def _is_any(compare: Compare, told: str, values: Iterable[str], *, is_other: bool) -> Known:
    """Whether a text is as one of some values, or as none of them; a policy variable may be any text."""
    here = _PARTITION.sub("arn:aws:", told)
    found = (None if "${" in one else compare(here, _PARTITION.sub("arn:aws:", one)) for one in values)
    return none_of(found) if is_other else any_of(found)


def _like(told: str, pattern: str) -> bool:
    """Whether a text is as a pattern: an asterisk stands for any letters, a question mark for one."""
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), told, re.DOTALL) is not None


def _like_arn(told: str, pattern: str) -> Known:
    """The same of an ARN, part by part; of what is none nobody can tell."""
    parts, wanted = told.split(":", 5), pattern.split(":", 5)
    return all(map(_like, parts, wanted)) if len(parts) == len(wanted) else None


def _same_flag(told: str, flag: str) -> Known:
    return told == flag.lower() if flag.lower() in ("true", "false") else None


#: By operator that names what must be, how a value of the request is held against one of the policy.
_COMPARING: Final[dict[str, Compare]] = {
    "stringequals": str.__eq__,
    "stringequalsignorecase": lambda told, value: told.lower() == value.lower(),
    "stringlike": _like,
    **dict.fromkeys(("arnequals", "arnlike"), _like_arn),
    **dict.fromkeys(("bool", "null"), _same_flag),
    "ipaddress": lambda *_: None,
}
