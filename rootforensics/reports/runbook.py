"""A runbook for the use of root and for its misuse, in Markdown, from the results of controls; and what one lacks.

The template defines the required sections, and the points in bold in each. Text between ⟦ and ⟧ must be filled in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from rootforensics.analysis.containment.step import root_commands, worded
from rootforensics.rules.undo import measures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jinja2 import Template

#: Controls of which the table of accounts tells.
_TOLD: Final = ("root-password", "root-mfa-device", "root-access-key", "security-contact", "root-alarm")
_OPEN: Final = re.compile(r"⟦([^⟧]*)⟧")
_HEADING: Final = re.compile(r"##\s+(.+?)\s*#*")
_POINT: Final = re.compile(r"[-*]\s+\*\*(.+?):?\*\*:?\s*(.*)")


@dataclass(frozen=True, slots=True)
class Lacking:
    """What a runbook lacks.

    Attributes:
        line: where, from 1; 0 for what stands nowhere.
        what: in words.
    """

    line: int
    what: str


@dataclass(slots=True)
class _Section:
    """A section of a runbook: its line, its points, each with line and text, and whether it says anything."""

    line: int
    points: dict[str, tuple[int, str]] = field(default_factory=dict)
    is_filled: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """What a runbook is written from.

    Attributes:
        rows: answers to the controls: ``account_id``, ``control_id``, ``answer`` and ``why``.
        names: of accounts, by ID.
        management: the ID of the management account; empty if that is not known.
        checked: when AWS was asked, in words; empty if that is not known.
    """

    rows: tuple[dict[str, Any], ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    management: str = ""
    checked: str = ""

    @property
    def accounts(self) -> dict[str, dict[str, str]]:
        """By account what is said of each control, the first sentence."""
        found: dict[str, dict[str, str]] = {}
        for row in self.rows:
            own = found.setdefault(row["account_id"], dict.fromkeys(_TOLD, ""))
            own[row["control_id"]] = row["why"].partition(". ")[0].rstrip(".")
        return found


def runbook(known: Known, version: str = "") -> str:
    """Write a runbook.

    Args:
        known: what is filled in.
        version: of this package.
    """
    return _template().render(
        accounts=known.accounts,
        names=known.names,
        management=known.management,
        checked=known.checked,
        failing=[row for row in known.rows if row["answer"] == "fail"],
        written=f"{datetime.now(UTC):%Y-%m-%d}",
        version=version,
        never=measures("never"),
        recovery=[
            {
                **worded(row["what"], ""),
                "why": row["why"],
                "identity": row.get("identity", ""),
                "commands": root_commands(row.get("command", ""), "ACCOUNT").splitlines(),
            }
            for row in measures("step")
            if row.get("taken_over") and row.get("roles") != ["management"]
        ],
    )


def lacking(text: str, accounts: Iterable[str] = ()) -> list[Lacking]:
    """What a runbook lacks, by line.

    Args:
        text: of the runbook.
        accounts: that it must name.
    """
    found = _sections(text)
    missing = [
        Lacking(number, f"to fill in: {what}")
        for number, line in enumerate(text.splitlines(), 1)
        for what in _OPEN.findall(line)
    ]
    for name, wanted in _sections(runbook(Known())).items():
        held = found.get(name)
        if held is None:
            missing.append(Lacking(0, f"the section “{name}” is missing"))
        elif not held.is_filled:
            missing.append(Lacking(held.line, f"the section “{name}” is empty"))
        else:
            missing += _points_of(name, wanted, held)
    missing += [Lacking(0, f"account {account} is missing") for account in accounts if account and account not in text]
    return sorted(missing, key=lambda one: (one.line or len(text), one.what))


def _points_of(name: str, wanted: _Section, held: _Section) -> Iterator[Lacking]:
    """The points of a section that are not there, or say nothing; a table of accounts stands for their list."""
    for point in wanted.points:
        line, said = held.points.get(point, (0, ""))
        if not line and point != "Accounts":
            yield Lacking(held.line, f"the section “{name}” lacks the point: {point}")
        elif line and not said.strip(" .…-_"):
            yield Lacking(line, f"this point is empty: {point}")


def _sections(text: str) -> dict[str, _Section]:
    found: dict[str, _Section] = {}
    section: _Section | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if heading := _HEADING.fullmatch(line.rstrip()):
            section = found.setdefault(heading[1], _Section(number))
        elif section is not None and line.strip():
            section.is_filled = True
            if point := _POINT.fullmatch(line.strip()):
                section.points[point[1]] = (number, point[2])
    return found


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(  # noqa: S701 - Markdown; what AWS said is made harmless by finalize
        loader=PackageLoader("rootforensics.reports"),
        undefined=StrictUndefined,
        finalize=lambda value: value if isinstance(value, _Code) else harmless(value),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["code"] = _Code
    return environment.get_template("runbook.md.j2")


class _Code(str):
    """A command of this package, in which nothing is escaped."""


def harmless(value: object) -> object:
    """A text of AWS on one line, in which nothing is a mark of Markdown or HTML."""
    if not isinstance(value, str):
        return value
    one_line = "".join(char if char.isprintable() else " " for char in value)
    return re.sub(r"([\\`*\[\]<>|⟦⟧])", r"\\\1", one_line)
