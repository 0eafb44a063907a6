"""Logs from standard input: they are kept in a file, because evidence is read again later."""

from __future__ import annotations

import hashlib
import sys
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from pathlib import Path

#: The source that stands for standard input.
STDIN: Final = "-"
#: How the names of such files begin; what follows is the beginning of their SHA-256.
KEPT: Final = "stdin-"
_BLOCK_BYTES: Final = 1 << 20
_HASH_LETTERS: Final = 16


def kept_sources(sources: tuple[str, ...], folder: Path) -> tuple[str, ...]:
    """The sources, with a file in the place of ``-``; the same input is the same file.

    Args:
        sources: paths, patterns and addresses.
        folder: for the file; it is there.

    Raises:
        click.UsageError: nobody sends anything.
        StorageError: the file cannot be written.
    """
    if STDIN not in sources:
        return sources
    if sys.stdin.isatty():
        raise click.UsageError("- reads logs from standard input: send them through a pipe, or name a file.")
    from rootforensics.reports.files import replacing

    content, size, received = hashlib.sha256(), 0, folder / f"{KEPT}received"
    with replacing(received, "wb") as file:
        while block := sys.stdin.buffer.read(_BLOCK_BYTES):
            content.update(block)
            size += file.write(block)
    if not size:
        received.unlink()
        raise click.UsageError("Standard input is empty.")
    kept = received.replace(folder / f"{KEPT}{content.hexdigest()[:_HASH_LETTERS]}")
    return tuple(str(kept) if source == STDIN else source for source in sources)
