"""A condition in SQL that every event which a pattern may match meets, so that only few events are looked into.

It takes in too many rather than too few: fields that are not columns, values that did not fit their column
(``otherFields``), and fields of which the case no longer tells whether they were null or absent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final

from rootforensics.rules.patterns.tree import And, Or, Pattern, State, Text
from rootforensics.schema import EVENT_FIELDS, FLAG, FREE, TEXT, Field

if TYPE_CHECKING:
    from rootforensics.rules.patterns.tree import Condition, Node, Selector, Step

    Steps = tuple[Step, ...]

_ANY: Final = "true"
_NONE: Final = "false"


@dataclass(slots=True)
class Candidates:
    """Which events a pattern may match.

    Attributes:
        condition: SQL on the table ``events``.
        parameters: values for its ``$names``.
        columns: top-level columns that the pattern looks at, in the order of the schema, each with SQL on the table
            ``e`` that gives as much of it as the pattern looks at.
    """

    condition: str = _ANY
    parameters: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)

    def name(self, value: str) -> str:
        """A parameter's place in the SQL for a value."""
        name = f"pattern_{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"


def candidates(pattern: Pattern) -> Candidates:
    """Find the condition for a pattern.

    Args:
        pattern: the pattern.
    """
    out = Candidates()
    paths = [condition.selector.steps for condition in pattern.conditions]
    every = any(not isinstance(path[0], str) for path in paths)
    looked_at = EVENT_FIELDS if every else [name for name in EVENT_FIELDS if any(path[0] == name for path in paths)]
    out.columns = {
        name: f'e."{name}"' if every else _part(f'e."{name}"', EVENT_FIELDS[name], _after(name, paths))
        for name in looked_at
    }
    out.condition = _sql(pattern.root, out)
    used = set(re.findall(r"\$(\w+)", out.condition))
    out.parameters = {name: value for name, value in out.parameters.items() if name in used}
    return out


def _sql(node: Node, out: Candidates) -> str:
    if isinstance(node, And):
        parts = [part for part in (_sql(one, out) for one in node.parts) if part != _ANY]
        return _joined(parts, "AND", _ANY)
    if isinstance(node, Or):
        parts = [_sql(one, out) for one in node.parts]
        return _ANY if _ANY in parts else _joined([part for part in parts if part != _NONE], "OR", _NONE)
    return _leaf(node, out)


def _joined(parts: list[str], word: str, empty: str) -> str:
    if len(parts) < 2:
        return parts[0] if parts else empty
    return "(" + f" {word} ".join(parts) + ")"


def _leaf(condition: Condition, out: Candidates) -> str:
    names = _names(condition.selector)
    if not names:
        return _ANY
    column, kind, rest = _column(names)
    whole = len(names) == len(condition.selector.steps)
    if isinstance(condition, State) and condition.state == "NOT EXISTS":
        return f"{column} IS NULL" if column and whole and not rest else _ANY
    parts = [f"json_exists(otherFields, {out.name(_path(names))})"]
    if column:
        parts.append(_held(condition, column, kind, rest, out, whole=whole))
    return _joined([part for part in parts if part != _NONE], "OR", _NONE)


def _held(
    condition: Condition,
    column: str,
    kind: Field,
    rest: list[str],
    out: Candidates,
    *,
    whole: bool,
) -> str:
    """The condition on a column, apart from ``otherFields``."""
    if kind == FREE and rest:
        return f"json_exists({column}, {out.name(_path(rest))})"
    if isinstance(condition, State):
        if condition.state == "IS NULL":
            return f"({column} IS NULL OR json_type({column}) = 'NULL')" if kind == FREE else f"{column} IS NULL"
        return f"{column} IS NOT NULL" if kind in (FREE, FLAG) else _in_list(kind, column)
    if isinstance(kind, dict):  # an object matches nothing
        return _NONE if whole else f"{column} IS NOT NULL"
    if kind == TEXT and whole and condition.operator == "=" and isinstance(condition.value, Text):
        return _text(column, condition.value.text, out)
    return f"{column} IS NOT NULL"


def _in_list(kind: Field, column: str) -> str:
    return _NONE if isinstance(kind, str) else f"{column} IS NOT NULL"


def _text(column: str, wanted: str, out: Candidates) -> str:
    inner = wanted.strip("*")
    if not inner or wanted not in (inner, f"*{inner}", f"{inner}*", f"*{inner}*"):
        return f"{column} IS NOT NULL"
    if wanted == inner:
        return f"{column} = {out.name(inner)}"
    function = "contains" if wanted[0] == wanted[-1] == "*" else "ends_with" if wanted[0] == "*" else "starts_with"
    return f"{function}({column}, {out.name(inner)})"


def _part(column: str, kind: Field, paths: list[Steps]) -> str:
    """SQL for what the paths lead to inside a column; an object keeps only the fields that they name."""
    if not isinstance(kind, dict) or not all(path and isinstance(path[0], str) for path in paths):
        return column
    names = [name for name in kind if any(path[0] == name for path in paths)]
    if not names:
        return column
    inner = {name: _part(f'{column}."{name}"', kind[name], _after(name, paths)) for name in names}
    parts = ", ".join(f"'{name}': {part}" for name, part in inner.items())
    return f"CASE WHEN {column} IS NOT NULL THEN {{{parts}}} END"


def _after(name: str, paths: list[Steps]) -> list[Steps]:
    """How the paths that begin with a name go on."""
    return [path[1:] for path in paths if path[0] == name]


def _names(selector: Selector) -> list[str]:
    """The names at a selector's beginning that a path of JSON can spell."""
    found = takewhile(lambda step: isinstance(step, str) and '"' not in step and "\\" not in step, selector.steps)
    return [str(step) for step in found]


def _path(names: list[str]) -> str:
    return "$" + "".join(f'."{name}"' for name in names)


def _column(names: list[str]) -> tuple[str, Field, list[str]]:
    """The column that names lead to, its kind, and the names that lead on inside it; no column if there is none."""
    fields: Any = EVENT_FIELDS
    spelled: list[str] = []
    kind: Field = {}
    for place, name in enumerate(names):
        if name not in fields:
            return "", kind, []
        kind = fields[name]
        spelled.append(f'"{name}"')
        if not isinstance(kind, dict):
            rest = names[place + 1 :]
            if rest and kind != FREE:  # a field of what is no object
                return "", kind, []
            return ".".join(spelled), kind, rest
        fields = kind
    return ".".join(spelled), kind, []
