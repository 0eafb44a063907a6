"""Sentences on a terminal: broken between words, hanging under their mark, citations short; in a pipe as they are."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Final

import click

from rootforensics.cli.style import styled
from rootforensics.cli.talk import printable, talk_wrapped, write_out
from rootforensics.phrases import short, some

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from rootforensics.telling.section import Section

#: ``raw`` and ``note`` take the beginning of an eventID.
_EVENT_ID: Final = re.compile(r"\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_MORE: Final = re.compile(r" and ([0-9,]+) more\]$")
_WIDEST: Final = 120
#: Letters of a row and of a text at the least.
_LEAST: Final = 20
#: A line that says how many more there are and where is shown whole.
_POINTER: Final = "and "
_PLACE: Final = re.compile(r"\(([0-9]+:[0-9]+)\)")
#: Letters of a word; a longer one is a name of AWS's.
_LONG: Final = 20


def write_sentence(lead: str, text: str, cited: str = "", *, rows: int = 0) -> None:
    """Write a sentence to stdout.

    Args:
        lead: the mark before it, which may be styled.
        text: of logs, too: nothing in it is obeyed.
        cited: what it stands on, in brackets; empty for nothing.
        rows: of a terminal that it may take, the text is cut so far; all that it needs if 0.
    """
    write_out("\n".join(sentence_lines(lead, text, cited, rows=rows)))


def sentence_lines(lead: str, text: str, cited: str = "", *, rows: int = 0) -> list[str]:
    """The lines that ``write_sentence`` writes."""
    text, cited = printable(text), printable(cited)
    if not sys.stdout.isatty():
        return [f"{lead}{text}{f' {cited}' if cited else ''}"]
    indent = max(len(click.unstyle(lead)), 2)
    cited = _MORE.sub(r" +\1]", _EVENT_ID.sub(lambda found: found[1], f" {cited}")) if cited else ""
    room = max(min(shutil.get_terminal_size().columns, _WIDEST) - indent, _LEAST)
    lines = _wrapped(text + cited, room)
    length = max(rows * room - len(cited), _LEAST)
    while rows and len(lines) > rows and length >= _LEAST:
        lines = _wrapped(_cut(text, length) + cited, room)
        length -= 1
    return [f"{' ' * indent if number else lead}{line}" for number, line in enumerate(lines)]


def _wrapped(words: str, room: int) -> list[str]:
    return textwrap.wrap(words, room, break_long_words=False, break_on_hyphens=False) or [""]


def _cut(text: str, room: int) -> str:
    """A text cut between clauses or sentences if one fits, else between words, or within one that is long."""
    cut = short(text, room)
    if cut == text:
        return text
    for mark in ("; ", ". ", ", "):
        clauses, found, _ = cut.rpartition(mark)
        if found and len(clauses) > room / 3:
            return f"{clauses}{mark}…"
    before, _, last = cut.rpartition(" ")
    return cut if len(last) > _LONG else f"{before} …"


def write_sections(sections: Iterable[Section], shared: Collection[str]) -> list[str]:
    """Write sentences under their headings; of the eventIDs that several events have, the place stands with them.

    Returns:
        What was cited, in brackets.
    """
    from rootforensics.evidence.cite import cite
    from rootforensics.telling.section import Command

    marks = {"bad": styled("!", "bad"), "note": "-", "good": styled("+", "good")}
    citations: list[str] = []
    for section in sections:
        if section.heading:
            write_heading(section.heading)
        for number, one in enumerate(section.statements, 1):
            cited = cite(one.event_ids, one.citations, shared)
            shown = cited_in_brackets(cited)
            citations.append(shown)
            mark = f"{number}." if isinstance(one, Command) else marks[one.level]
            rows = 0 if one.text.startswith(_POINTER) else section.rows
            write_sentence(f"{mark} ", one.marked_text, shown, rows=rows)
            commands = one.command.splitlines() if isinstance(one, Command) else []
            # Where there is room for a few rows, a pointer below the steps says where all commands are.
            for command in commands if not section.rows or len(commands) == 1 else ():
                write_out(f"   {command}")
    return citations


def explain_places(cited: Iterable[str]) -> None:
    """Say on stderr how a terminal shows events, and what a place is if one of these citations has one."""
    shown = [*filter(None, cited)]
    if shown and sys.stdout.isatty():
        place = next((found[1] for one in shown if (found := _PLACE.search(one))), "")
        also = "; {} is record {} of file {}".format(place, *place.split(":")[::-1]) if place else ""
        marks = "! marks a problem. In brackets: how an eventID begins, and how many more there are."
        talk_wrapped(f"{marks} rootforensics raw CASE ID prints a record{also}")


def cited_in_brackets(ids: Sequence[str]) -> str:
    """The first of some citations and how many more there are; empty for none."""
    return f"[{some(ids, 1)}]" if ids else ""


def write_heading(text: str) -> None:
    """Write what stands above some sentences."""
    for line in sentence_lines("", text):
        write_out(click.style(line, bold=True))
