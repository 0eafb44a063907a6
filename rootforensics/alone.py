"""One at a time in a folder, among the threads and processes that ask for it."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from threading import Lock
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_threads: Final = Lock()


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep others who ask for this out of a folder; where it cannot be locked, other threads only.

    Raises:
        OSError: the folder cannot be opened.
    """
    with _threads:
        held = os.open(folder, os.O_RDONLY)
        try:
            # Windows has no such locks, nor have some file systems of a network.
            with suppress(ImportError, OSError):
                import fcntl

                fcntl.flock(held, fcntl.LOCK_EX)
            yield
        finally:
            os.close(held)
