"""Some sentences under a heading, and a step of containment as one of them."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from rootforensics.telling.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rootforensics.analysis.containment.step import Step


@dataclass(frozen=True, slots=True)
class Section:
    """Some lines under a heading.

    Attributes:
        heading: above them; empty for none.
        statements: the lines.
        rows: of a terminal that each may take, for all of it stands elsewhere; all that it needs if 0.
    """

    heading: str
    statements: tuple[Statement, ...]
    rows: int = 1


@dataclass(frozen=True, slots=True)
class Command(Statement):
    """A step of containment.

    Attributes:
        command: for the AWS CLI; empty where there is none.
    """

    command: str = ""


def step_line(step: Step, account_id: str = "") -> Command:
    """A step in words that name its account unless it is this one, with its command and its events."""
    event_ids, citations = step.proof
    return Command(step.text(account_id), event_ids=event_ids, citations=citations, command=step.command)


def sections_as_html(sections: Iterable[Section]) -> str:
    """Sentences under headings for a notebook, marked as on a terminal, each with its first event; all is text."""
    parts = []
    for section in sections:
        items = "".join(
            f"<li>{'<b>!</b> ' * (statement.level == 'bad')}{escape(statement.marked_text)}"
            f"{_first(statement)}{_command(statement)}</li>"
            for statement in section.statements
        )
        tag = "ol" if any(isinstance(one, Command) for one in section.statements) else "ul"
        parts.append(f"<h4>{escape(section.heading)}</h4><{tag}>{items}</{tag}>")
    return f'<div style="max-height:34em;overflow:auto">{"".join(parts)}</div>'


def _first(one: Statement) -> str:
    more = f" +{len(one.event_ids) - 1:,}" if len(one.event_ids) > 1 else ""
    return f" <code>{escape(one.event_ids[0])}{more}</code>" if one.event_ids else ""


def _command(one: Statement) -> str:
    return f"<pre>{escape(one.command)}</pre>" if isinstance(one, Command) and one.command else ""
