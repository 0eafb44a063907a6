"""Sentences on a terminal: broken between words, hanging under their mark, citations short; in a pipe as they are."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Final

import click

from rootforensics.cli.style import styled
from rootforensics.cli.talk import printable, talk_wrapped
from rootforensics.phrases import short, some

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from rootforensics.analysis.narrative.section import Section

#: ``raw`` and ``note`` take the beginning of an eventID.
_EVENT_ID: Final = re.compile(r"\b([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
_WIDEST: Final = 120
#: A line that says how many more there are and where is shown whole.
_POINTER: Final = "and "
_PLACE: Final = re.compile(r"\(([0-9]+:[0-9]+)\)")
#: Letters of a word; a longer one is a name of AWS's.
_LONG: Final = 20


def write_sentence(lead: str, text: str, cited: str = "", *, one_row: bool = False) -> None:
    """Write a sentence to stdout.

    Args:
        lead: the mark before it, which may be styled.
        text: of logs, too: nothing in it is obeyed.
        cited: what it stands on, in brackets; empty for nothing.
        one_row: cut the text so that it takes one row of a terminal.
    """
    click.echo("\n".join(sentence_lines(lead, text, cited, one_row=one_row)))


def sentence_lines(lead: str, text: str, cited: str = "", *, one_row: bool = False) -> list[str]:
    """The lines that ``write_sentence`` writes."""
    text, cited = printable(text), printable(cited)
    if not sys.stdout.isatty():
        return [f"{lead}{text}{f' {cited}' if cited else ''}"]
    indent = max(len(click.unstyle(lead)), 2)
    cited = _EVENT_ID.sub(lambda found: found[1], f" {cited}") if cited else ""
    room = min(shutil.get_terminal_size().columns, _WIDEST) - indent
    words = (_cut(text, max(room - len(cited), 20)) if one_row else text) + cited
    lines = textwrap.wrap(words, max(room, 20), break_long_words=False, break_on_hyphens=False) or [""]
    return [f"{' ' * indent if number else lead}{line}" for number, line in enumerate(lines)]


def _cut(text: str, room: int) -> str:
    """A text cut between words, or within one that is long, such as an ARN."""
    cut = short(text, room)
    before, _, last = cut.rpartition(" ")
    return cut if cut == text or len(last) > _LONG else f"{before} …"


def write_sections(sections: Iterable[Section], shared: Collection[str]) -> None:
    """Write sentences under their headings; of the eventIDs that several events have, the place stands with them."""
    from rootforensics.analysis.narrative.section import Command
    from rootforensics.evidence.cite import cite

    marks = {"bad": styled("!", "bad"), "note": "-", "good": styled("+", "good")}
    places: list[str] = []
    for section in sections:
        if section.heading:
            write_heading(section.heading)
        for number, one in enumerate(section.statements, 1):
            cited = cite(one.event_ids, one.proofs, shared) if len(one.citations) <= 1 else ()
            shown = cited_in_brackets(cited)
            places.append(shown)
            mark = f"{number}." if isinstance(one, Command) else marks[one.level]
            is_cut = section.is_list and not one.text.startswith(_POINTER)
            write_sentence(f"{mark} ", one.text, shown, one_row=is_cut)
            if isinstance(one, Command) and one.command:
                click.echo(f"   {printable(one.command)}")
    explain_places(places)


def explain_places(cited: Iterable[str]) -> None:
    """Say on stderr what the place behind an eventID is, if a terminal shows one."""
    place = next((found[1] for one in cited if (found := _PLACE.search(one))), "")
    if place and sys.stdout.isatty():
        which = f"({place}) tells apart events that share an eventID"
        talk_wrapped(f"{which}: rootforensics raw CASE {place} prints the one that is meant")


def cited_in_brackets(ids: Sequence[str]) -> str:
    """The first of some citations and how many more there are; empty for none."""
    return f"[{some(ids, 1)}]" if ids else ""


def write_heading(text: str) -> None:
    """Write what stands above some sentences."""
    for line in sentence_lines("", text):
        click.secho(line, bold=True)
