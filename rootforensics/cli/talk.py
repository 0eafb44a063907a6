"""Talk to who sits at the terminal: on stderr, and nothing in it that a terminal would obey."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress as Bar
    from rich.status import Status

    from rootforensics.analysis.analysis import Analysis
    from rootforensics.case import Case
    from rootforensics.ingest.filters import Filters

#: The bars and stages that the terminal shows now.
shown_displays: Final[list[Bar | Status]] = []
#: So many lines of what a table cannot show.
_MOST_LINES: Final = 3
#: What ``click.style`` writes for the colors, the bold and the end of ``cli.style``.
_OWN_COLORS: Final = re.compile(r"(\x1b\[(?:[01]|3[0-7])m)")


def printable(text: str) -> str:
    """Text without control characters: what somebody wrote into a log must not steer a terminal."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def write_out(text: str = "", *, nl: bool = True) -> None:
    """Write lines to stdout. Every line for people goes through here, whatever it was made of.

    Of what a terminal obeys only line breaks and the colors of ``cli.style`` get through.

    Args:
        text: one or more lines.
        nl: end it with a line break.
    """
    click.echo(shown(text), nl=nl)


def shown(text: str) -> str:
    """Lines as ``write_out`` writes them."""
    parts = _OWN_COLORS.split(text)  # every other part is a color
    return "".join(
        part if number % 2 else "\n".join(map(printable, part.split("\n"))) for number, part in enumerate(parts)
    )


def escaped(text: str) -> str:
    """JSON without characters that a terminal would obey or reorder by; it says the same."""

    def spell(char: str) -> str:
        code = ord(char)
        return f"\\u{code:04x}" if code < 0x10000 else "".join(f"\\u{half:04x}" for half in _surrogates(code))

    return "".join(char if char.isprintable() or char == "\n" else spell(char) for char in text)


def _surrogates(code: int) -> tuple[int, int]:
    return 0xD800 + (code - 0x10000 >> 10), 0xDC00 + (code - 0x10000 & 0x3FF)


def as_typed(uri: str) -> str:
    """A path as a person writes it: below the folder where the command runs without that folder."""
    if not uri.startswith("file://"):
        return uri
    from rootforensics.sources.local import path_of_uri

    path = path_of_uri(uri)
    below = os.path.relpath(path)
    return path if below.startswith("..") else below


@contextmanager
def set_aside() -> Iterator[None]:
    """Erase the progress display while something else is written to the terminal."""
    displays = list(shown_displays)
    shown_displays.clear()  # within this context there is nothing to erase
    for display in displays:
        display.stop()
    try:
        yield
    finally:
        for display in displays:
            display.start()
        shown_displays.extend(displays)


def talk(text: str) -> None:
    """Say something on stderr."""
    with set_aside():
        click.echo(printable(text), err=True)


def talk_wrapped(text: str, rest: str = "") -> None:
    """Say something longer on stderr; on a terminal no word is broken at its edge.

    Args:
        text: what is said.
        rest: how to read all of it, if a terminal is to show some lines of it only; empty to show all.
    """
    width = shutil.get_terminal_size().columns if sys.stderr.isatty() else sys.maxsize
    lines = textwrap.wrap(printable(text), width, break_on_hyphens=False)
    if rest and len(lines) > _MOST_LINES:
        cut = textwrap.shorten(" ".join(lines[_MOST_LINES - 1 :]), width - len(rest) - 4, placeholder="")
        lines = [*lines[: _MOST_LINES - 1], f"{cut} … ({rest})"]
    with set_aside():
        click.echo("\n".join(lines), err=True)


def tell_unlogged(case: Case, analysis: Analysis) -> int:
    """Print on stderr which accounts in scope have no events in the case.

    Returns:
        The exit status: 3 if there are some.
    """
    from rootforensics.telling.counts import absent_events

    if unlogged := analysis.unlogged:
        whose = f" of account {', '.join(unlogged)}" if any(unlogged) else ""
        unknown = f"the case has no events{whose}, so it is unknown whether root was used there"
        talk_wrapped(absent_events(case, analysis.account_id) or unknown)
    return 3 if unlogged else 0


def _now(step: Callable[..., None], *given: object) -> None:
    step(*given)


def tell_absence(
    case: Case,
    account: str,
    row_count: int | None = None,
    wanted: Filters | None = None,
    later: Callable[..., None] = _now,
) -> None:
    """Print on stderr what limits an answer: the case has no events, has part of the logs, or what the logs cover.

    Args:
        case: the case.
        account: of the answer; empty for all.
        row_count: of the answer; None if the answer itself shows what the case contains.
        wanted: the period of the answer.
        later: calls a function with its arguments once the case is closed; immediately if not given.
    """
    from rootforensics.analysis.coverage.hours import covered
    from rootforensics.telling.counts import absent_events

    times = (wanted.since, wanted.until) if wanted else ()
    if said := absent_events(case, account) or ("" if row_count != 0 else covered(case, account, *times)):
        later(talk_wrapped, said)
    if row_count is not None:
        tell_part(case, later)


def tell_part(case: Case, later: Callable[..., None] = _now) -> None:
    """Print on stderr that the case has only part of the logs, if filters excluded something; ``later`` as before."""
    from rootforensics.analysis.coverage.scope import taken_in

    if filters := taken_in(case):
        later(talk_wrapped, f"The case contains only part of the logs: {'; or '.join(filters)}")
