"""Talk to who sits at the terminal: on stderr, and nothing in it that a terminal would obey."""

from __future__ import annotations

import shutil
import sys
import textwrap

import click


def printable(text: str) -> str:
    """Text without control characters: what somebody wrote into a log must not steer a terminal."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def escaped(text: str) -> str:
    """JSON without characters that a terminal would obey or reorder by; it says the same."""

    def spell(char: str) -> str:
        code = ord(char)
        return f"\\u{code:04x}" if code < 0x10000 else "".join(f"\\u{half:04x}" for half in _surrogates(code))

    return "".join(char if char.isprintable() or char == "\n" else spell(char) for char in text)


def _surrogates(code: int) -> tuple[int, int]:
    return 0xD800 + (code - 0x10000 >> 10), 0xDC00 + (code - 0x10000 & 0x3FF)


def talk(text: str) -> None:
    """Say something on stderr."""
    click.echo(printable(text), err=True)


def talk_wrapped(text: str) -> None:
    """Say something longer on stderr; on a terminal no word is broken at its edge."""
    width = shutil.get_terminal_size().columns if sys.stderr.isatty() else sys.maxsize
    click.echo(textwrap.fill(printable(text), width, break_on_hyphens=False), err=True)
