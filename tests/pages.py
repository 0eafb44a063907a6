"""The pages of the documentation, and the commands that stand in them with what they show of their output."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.docs.pages import DOCS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOT = DOCS.parent
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *DOCS.rglob("*.md")])
_FENCE = re.compile(r"^```(?P<kind>\w*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
#: A whole command in a sentence names a case; one without is the name of a command.
_IN_PROSE = re.compile(r"`(rootforensics [^`]*\.duckdb\b[^`]*)`")


@dataclass(frozen=True)
class Command:
    """One command line, and the lines of its output that the page shows below it."""

    page: Path
    line: str
    shown: tuple[str, ...] = ()

    @property
    def words(self) -> list[str]:
        """The arguments up to a pipe or a redirection."""
        lexer = shlex.shlex(self.line, posix=True, punctuation_chars="|>&;")
        lexer.whitespace_split = True
        words: list[str] = []
        for word in lexer:
            if word[0] in "|>&;":
                break
            words.append(word)
        return words[1:]


def name_of(path: Path) -> str:
    """A page as one finds it in the repository."""
    return str(path.relative_to(ROOT))


def read(path: Path) -> str:
    """The text of a page."""
    return path.read_text(encoding="utf-8")


def prose(path: Path) -> str:
    """A page without its blocks of code."""
    return _FENCE.sub("", read(path))


def commands(path: Path) -> Iterator[Command]:
    """Each ``rootforensics`` command of a page, in its order: those of shell blocks, continued lines joined; then those in sentences."""
    for fence in _FENCE.finditer(read(path)):
        if fence["kind"] not in ("bash", "console", "sh"):
            continue
        # What stands below a command in a block of the kind console, up to the next one, is what it prints.
        parts = (
            re.split(r"^\$ ", fence["body"], flags=re.MULTILINE)[1:] if fence["kind"] == "console" else [fence["body"]]
        )
        for part in parts:
            found, rest = _split(part.replace("\\\n", " ").split("\n"), path)
            if fence["kind"] == "console" and found:
                assert len(found) == 1, f"{path.name}: one command a prompt: {found}"
                yield Command(path, found[0], tuple(line for line in rest if line))
            else:
                yield from (Command(path, line) for line in found)
    yield from (Command(path, " ".join(found.split())) for found in _IN_PROSE.findall(prose(path)))


def _split(lines: list[str], path: Path) -> tuple[list[str], list[str]]:
    """The commands among lines, and the other lines."""
    found, rest, held = [], [], ""
    for line in lines:
        begun = line.strip().removeprefix(".venv/bin/")
        if not held and not begun.startswith("rootforensics "):
            rest.append(line)
            continue
        held = f"{held}\n{line}" if held else begun
        if _is_whole(held):
            found.append(held)
            held = ""
    assert not held, f"{path.name}: {held} does not end"
    return found, rest


def _is_whole(line: str) -> bool:
    try:
        shlex.split(line, comments=True)
    except ValueError:  # a quotation goes on in the next line
        return False
    return True
