"""Sentences on a terminal: broken between words, hanging under their mark, citations short; in a pipe as they are."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from typing import Final

import click

from rootforensics.cli.output import printable

#: ``raw`` and ``note`` take the beginning of an eventID.
_EVENT_ID: Final = re.compile(r"\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_WIDEST: Final = 120


def write_sentence(lead: str, text: str, cited: str = "") -> None:
    """Write a sentence to stdout.

    Args:
        lead: the mark before it, which may be styled.
        text: of logs, too: nothing in it is obeyed.
        cited: what it stands on, in brackets; empty for nothing.
    """
    text, cited = printable(text), printable(cited)
    if not sys.stdout.isatty():
        click.echo(f"{lead}{text}{f' {cited}' if cited else ''}")
        return
    indent = max(len(click.unstyle(lead)), 2)
    words = f"{text} {_EVENT_ID.sub(lambda found: found[1], cited)}" if cited else text
    room = min(shutil.get_terminal_size().columns, _WIDEST) - indent
    lines = textwrap.wrap(words, max(room, 20), break_long_words=False, break_on_hyphens=False) or [""]
    click.echo(lead + f"\n{' ' * indent}".join(lines))


def write_heading(text: str) -> None:
    """Write what stands above some sentences."""
    click.secho(printable(text), bold=True)


def styled_answer(answer: str, *, alarming: bool, width: int) -> str:
    """Yes, no or unknown as a word in capitals, in a column of this width."""
    color = "red" if alarming else "yellow" if answer == "unknown" else "green"
    return click.style(answer.upper(), fg=color, bold=alarming) + " " * (width - len(answer))
