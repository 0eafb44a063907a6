"""A filter pattern as a tree, and back as text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

#: So many characters CloudWatch Logs takes (its quotas).
MAX_LENGTH: Final = 1024
#: A name that needs no brackets.
PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_-]+")
#: A value that needs no quotes, as AWS's guide and its examples have it (``123.123.*``).
PLAIN_TEXT: Final = re.compile(r"[A-Za-z0-9_.*+:/-]+")
NUMBER: Final = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")


class Any(Enum):
    """The wildcard of a selector: ``.*`` for the fields of an object, ``[*]`` for the items of an array."""

    FIELD = ".*"
    ITEM = "[*]"


#: A field's name, an item's place, or a wildcard.
Step: TypeAlias = str | int | Any


@dataclass(frozen=True, slots=True)
class Selector:
    """What a condition looks at, such as ``$.users[0].id``.

    Attributes:
        steps: from the record inwards.
    """

    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return "$" + "".join(map(_step, self.steps))


def _step(step: Step) -> str:
    if isinstance(step, Any):
        return step.value
    if isinstance(step, int):
        return f"[{step}]"
    if PLAIN_NAME.fullmatch(step):
        return f".{step}"
    quote = '"' if "'" in step else "'"
    return f".[{quote}{step}{quote}]"


@dataclass(frozen=True, slots=True)
class Text:
    """Text to compare with; a ``*`` at its start or end stands for any text.

    Attributes:
        text: as it was meant, quotes and their escapes undone.
        quoted: whether it stood in quotes, which a number does not.
    """

    text: str
    quoted: bool = True

    def __str__(self) -> str:
        if not self.quoted:
            return self.text
        escaped = self.text.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'


@dataclass(frozen=True, slots=True)
class Number:
    """A number to compare with.

    Attributes:
        text: as it was spelled.
    """

    text: str

    @property
    def value(self) -> Decimal:
        """The number itself."""
        return Decimal(self.text)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Regex:
    """A regular expression of the kind that CloudWatch Logs takes.

    Attributes:
        text: what stood between the ``%``.
    """

    text: str

    def __str__(self) -> str:
        return f"%{self.text}%"


@dataclass(frozen=True, slots=True)
class Compare:
    """``$.field OPERATOR value``."""

    selector: Selector
    operator: str
    value: Text | Number | Regex

    def __str__(self) -> str:
        return f"{self.selector} {self.operator} {self.value}"


@dataclass(frozen=True, slots=True)
class State:
    """``$.field IS NULL``, ``IS TRUE``, ``IS FALSE`` or ``NOT EXISTS``."""

    selector: Selector
    state: str

    def __str__(self) -> str:
        return f"{self.selector} {self.state}"


@dataclass(frozen=True, slots=True)
class And:
    """True if all parts are."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " && ".join(f"({part})" if isinstance(part, And | Or) else str(part) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """True if any part is."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " || ".join(f"({part})" if isinstance(part, Or) else str(part) for part in self.parts)


Condition: TypeAlias = Compare | State
Node: TypeAlias = Condition | And | Or


@dataclass(frozen=True, slots=True)
class Pattern:
    """A whole pattern.

    Attributes:
        root: its expression.
        given: its text, as somebody wrote it.
    """

    root: Node
    given: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{{ {self.root} }}"

    @property
    def written(self) -> str:
        """Its text for CloudWatch Logs: as it was given where it would be too long in the usual spelling."""
        text = str(self)
        return self.given if self.given and len(text) > MAX_LENGTH else text

    @property
    def conditions(self) -> list[Condition]:
        """Its conditions, from left to right."""
        return list(_leaves(self.root))


def _leaves(node: Node) -> Iterator[Condition]:
    if isinstance(node, And | Or):
        for part in node.parts:
            yield from _leaves(part)
    else:
        yield node
