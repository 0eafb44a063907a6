"""Files that are being fetched: they lie in ``<folder>/unfinished`` until they are whole; a kill leaves them there."""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Final

from rootforensics.sources.names import UNFINISHED_SUFFIX

if TYPE_CHECKING:
    from io import FileIO
    from pathlib import Path

_UNFINISHED: Final = "unfinished"
#: Another process can take the folder of what is unfinished away only when it ends.
_TRIES: Final = 20
#: A thread may have begun several files at a time.
_numbers = count()


def unfinished_path(folder: Path) -> Path:
    """A path that no other thread or process takes."""
    return folder / _UNFINISHED / f"{os.getpid()}-{next(_numbers)}{UNFINISHED_SUFFIX}"


def open_unfinished(part: Path) -> FileIO:
    """Open it without a buffer, so that a full disk shows as it is written, not as it is closed."""
    for _ in range(_TRIES):
        part.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):  # another process that ended has taken the empty folder away in between
            return part.open("wb", buffering=0)
    return part.open("wb", buffering=0)


def write_all(file: FileIO, piece: bytes) -> None:
    """Write all of it, however little the system takes at once."""
    left = memoryview(piece)
    while left:
        left = left[file.write(left) :]


def clear_unfinished(folder: Path) -> None:
    """Take away what processes left that were killed; those that run keep theirs."""
    with suppress(OSError):  # a folder that cannot be written is told when it has to be
        for part in (folder / _UNFINISHED).glob(f"*{UNFINISHED_SUFFIX}"):
            if not _runs(part.name.partition("-")[0]):
                part.unlink(missing_ok=True)
        (folder / _UNFINISHED).rmdir()


def _runs(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
